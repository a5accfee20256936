//! How a program ends before its time.

/// What it says last, and its exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The last lines on standard error; those of an exception begin with its name.
    pub message: String,
    /// Whether a Python traceback stands before them.
    pub traceback: bool,
    /// Exit code of the program itself.
    pub code: u8,
    /// Whether the launcher says what became of it, and ends with 1. It does not when it ends itself.
    pub reported: bool,
}

impl Failure {
    /// An exception that nobody catches.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            traceback: true,
            code: 1,
            reported: true,
        }
    }

    /// `sys.exit(1)` after these words.
    pub fn refusal(message: impl Into<String>) -> Self {
        Self {
            traceback: false,
            ..Self::error(message)
        }
    }

    /// Options that cannot be read.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            traceback: false,
            code: 2,
            ..Self::error(message)
        }
    }

    /// The launcher and all is gone, or never was.
    pub fn end(message: impl Into<String>, code: u8) -> Self {
        Self {
            message: message.into(),
            traceback: false,
            code,
            reported: false,
        }
    }

    /// Python's words for a file that is not there.
    pub fn missing(path: &str) -> Self {
        Self::error(format!(
            "FileNotFoundError: [Errno 2] No such file or directory: '{path}'"
        ))
    }

    /// Python's words for what the system refused; for a full disk with its number, which users search for.
    pub fn system(error: &std::io::Error, path: &str) -> Self {
        let number = error.raw_os_error().unwrap_or_default();
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::missing(path),
            std::io::ErrorKind::StorageFull => Self::error(format!(
                "OSError: [Errno {number}] No space left on device: '{path}'"
            )),
            _ => Self::error(format!("OSError: [Errno {number}] {error}: '{path}'")),
        }
    }
}
