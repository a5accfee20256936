//! Windows. It compiles; nobody has run it yet.

use std::fs::{File, FileType, Metadata};
use std::io;
use std::path::Path;

pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    // A pipe has a name outside of the file system, and opens at once or not at all.
    File::open(path)
}

pub fn is_null_device(_metadata: &Metadata) -> bool {
    false
}

pub fn is_socket(_kind: FileType) -> bool {
    false
}

pub fn special_kind(_kind: FileType) -> &'static str {
    "device"
}

pub fn rename_without_replacing(_from: &Path, _to: &Path) -> Option<io::Result<()>> {
    // The standard library's rename replaces; the caller's way by a hard link does not.
    None
}

pub fn exchange(_first: &Path, _second: &Path) -> Option<io::Result<()>> {
    None
}

pub fn cannot_flush(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
