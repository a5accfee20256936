//! Linux, and what is like it.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{CWD, OFlags, RenameFlags, major, minor, renameat_with};
use rustix::io::Errno;

/// The number of `/dev/null`, the same on every Linux.
const NULL_DEVICE: (u32, u32) = (1, 3);

pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
}

pub fn is_null_device(metadata: &Metadata) -> bool {
    let device = (major(metadata.rdev()), minor(metadata.rdev()));
    metadata.file_type().is_char_device() && device == NULL_DEVICE
}

pub fn is_socket(kind: FileType) -> bool {
    kind.is_socket()
}

pub fn special_kind(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "pipe"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}

pub fn rename_without_replacing(from: &Path, to: &Path) -> Option<io::Result<()>> {
    rename_with(from, to, RenameFlags::NOREPLACE)
}

pub fn exchange(first: &Path, second: &Path) -> Option<io::Result<()>> {
    rename_with(first, second, RenameFlags::EXCHANGE)
}

/// `None` if the kernel or the file system does not know the flags.
fn rename_with(from: &Path, to: &Path, flags: RenameFlags) -> Option<io::Result<()>> {
    match renameat_with(CWD, from, CWD, to, flags) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        done => Some(done.map_err(io::Error::from)),
    }
}

pub fn cannot_flush(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS)
    )
}
