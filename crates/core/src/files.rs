//! Files that a user or another program names, opened only if they are files.
//!
//! A pipe that nobody writes to would be waited for without end, and a device like `/dev/zero` has no end. So
//! both are refused, and what is read whole has a limit. `/dev/null` is an empty file: many a setting of SSH
//! names it to have none.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

use crate::os;

/// Most bytes of a text: of settings, keys, lists of hosts, metadata.
pub const MAX_TEXT: u64 = 16 << 20;

/// Opens the file at `path` to be read. Waits for nobody.
///
/// # Errors
/// What the system says, and for what is no regular file what it is instead.
pub fn open(path: &Path) -> io::Result<File> {
    let file = os::open_without_waiting(path).map_err(|error| match fs::metadata(path) {
        // Opening one is answered with "no such device".
        Ok(metadata) if os::is_socket(metadata.file_type()) => not_a_file(metadata.file_type()),
        _ => error,
    })?;
    let metadata = file.metadata()?;
    if metadata.is_file() || os::is_null_device(&metadata) {
        Ok(file)
    } else {
        Err(not_a_file(metadata.file_type()))
    }
}

/// Reads the file at `path`, which has at most `limit` bytes.
///
/// # Errors
/// As [`open`], and for a longer file.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_into(&mut bytes, path, limit)?;
    Ok(bytes)
}

/// Reads the file at `path`, which has at most `limit` bytes, behind what `bytes` holds.
///
/// # Errors
/// As [`open`], and for a longer file.
pub fn read_into(bytes: &mut Vec<u8>, path: &Path, limit: u64) -> io::Result<()> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    let too_large = |length: u64| {
        let text = format!("it has {length} bytes, and no more than {limit} are read");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, text))
    };
    if length > limit {
        return too_large(length);
    }
    let capacity = usize::try_from(length).map_err(io::Error::other)?;
    bytes.try_reserve_exact(capacity)?;
    // The length of what the system makes up, as in `/proc`, is not known before.
    let read = file.take(limit + 1).read_to_end(bytes)? as u64;
    if read > limit {
        too_large(read)
    } else {
        Ok(())
    }
}

/// Reads the text file at `path`, which has at most [`MAX_TEXT`] bytes.
///
/// # Errors
/// As [`read`], and for what is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path, MAX_TEXT)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// What something of this kind, which is no regular file, is called.
pub fn kind_in_words(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "folder"
    } else {
        os::special_kind(kind)
    }
}

fn not_a_file(kind: FileType) -> io::Error {
    let error = match kind.is_dir() {
        true => io::ErrorKind::IsADirectory,
        false => io::ErrorKind::InvalidInput,
    };
    io::Error::new(
        error,
        format!("it is a {}, not a file", kind_in_words(kind)),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_no_file_is_named_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, socket] = ["pipe", "socket"].map(|name| folder.path().join(name));
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        for (path, expected) in [
            (pipe.as_path(), "it is a pipe, not a file"),
            (&socket, "it is a socket, not a file"),
            (folder.path(), "it is a folder, not a file"),
            (Path::new("/dev/zero"), "it is a device, not a file"),
        ] {
            assert_eq!(open(path).unwrap_err().to_string(), expected);
        }
        assert_eq!(read_text(Path::new("/dev/null")).unwrap(), "");
        // Made up by the system, with a length of 0.
        assert!(
            !read_text(Path::new("/proc/self/status"))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "12345").unwrap();
        assert_eq!(read(file.path(), 5).unwrap(), b"12345");
        let error = read(file.path(), 4).unwrap_err().to_string();
        assert_eq!(error, "it has 5 bytes, and no more than 4 are read");
    }
}
