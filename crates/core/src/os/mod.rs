//! What depends on the operating system. Each function means the same everywhere; the rest of the crate knows no system.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::{File, FileType, Metadata};
use std::io;
use std::path::Path;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Opens `path` to be read, and waits for nobody: a pipe that no one writes to is open at once, and a terminal does not
/// become ours.
///
/// # Errors
/// What the system says.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    system::open_without_waiting(path)
}

/// Whether this is the device that is always empty.
#[must_use]
pub fn is_null_device(metadata: &Metadata) -> bool {
    system::is_null_device(metadata)
}

/// Whether this is a socket in the file system.
#[must_use]
pub fn is_socket(kind: FileType) -> bool {
    system::is_socket(kind)
}

/// What something is called that is neither a file nor a folder: `pipe`, `socket` or `device`.
#[must_use]
pub fn special_kind(kind: FileType) -> &'static str {
    system::special_kind(kind)
}

/// Renames `from` to `to` in one step that fails with [`io::ErrorKind::AlreadyExists`] where `to` exists. `None` where
/// the system or the file system has no such step; nothing has happened then.
#[must_use]
pub fn rename_without_replacing(from: &Path, to: &Path) -> Option<io::Result<()>> {
    system::rename_without_replacing(from, to)
}

/// Gives `first` the name of `second` and the other way round, in one step. `None` where the system or the file system
/// has no such step; nothing has happened then.
#[must_use]
pub fn exchange(first: &Path, second: &Path) -> Option<io::Result<()>> {
    system::exchange(first, second)
}

/// Whether the system says that this file system cannot be asked to write to the disk now, which is no failure to write.
#[must_use]
pub fn cannot_flush(error: &io::Error) -> bool {
    system::cannot_flush(error)
}
