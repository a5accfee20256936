//! Standard output: the one place that writes to it, and that knows whether all of it arrived.

use std::fmt;
use std::io::{self, ErrorKind, Write, stdout};
use std::sync::OnceLock;

/// Why the first text that got lost did. Nothing is written after it, so that no line is missing amid others.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// What has become of all that was written.
#[derive(Clone, Copy, Debug)]
pub enum Written {
    /// It is where it belongs.
    All,
    /// Its reader went away (`cosmos list | head`), which is nobody's mistake.
    Unread,
    /// Some of it is lost, and this is why.
    Lost(&'static io::Error),
}

/// Writes `text`, a line or more. What becomes of it, [`written`] says.
pub fn write(text: fmt::Arguments<'_>) {
    if LOST.get().is_none() {
        keep(stdout().write_fmt(text));
    }
}

/// What has become of all that was written up to now.
pub fn written() -> Written {
    if LOST.get().is_none() {
        keep(stdout().flush());
    }
    match LOST.get() {
        None => Written::All,
        Some(error) if error.kind() == ErrorKind::BrokenPipe => Written::Unread,
        Some(error) => Written::Lost(error),
    }
}

fn keep(result: io::Result<()>) {
    if let Err(error) = result {
        // Only the first one counts.
        let _ = LOST.set(error);
    }
}
