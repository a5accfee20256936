//! Commands on the host with what goes in and what comes out, however they get there.

use std::fmt;
use std::io::Read;
use std::time::{Duration, Instant};

use cosmos_core::progress::Cancel;

use super::{Command, RemoteError, Target};

/// What a [`Script`] keeps of each stream.
const MAX_OUTPUT: usize = 16 << 20;
/// A longer line is handed on in pieces.
const MAX_LINE: usize = 64 << 10;
/// What is given to a command or taken from it at once.
pub(super) const BLOCK: usize = 256 << 10;
/// How often a wait looks at its [`Cancel`] and its clock.
pub(super) const GLANCE: Duration = Duration::from_millis(100);

/// How a command on the host ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// With this code; 0 is success.
    Code(i32),
    /// By this signal, named as in `KILL`.
    Signal(String),
}

impl Default for ExitStatus {
    fn default() -> Self {
        Self::Code(0)
    }
}

impl ExitStatus {
    /// Whether the command succeeded.
    #[must_use]
    pub fn success(&self) -> bool {
        *self == Self::Code(0)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(name) => write!(f, "signal {name}"),
        }
    }
}

/// What a command wrote, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Standard output as text, without white space around it.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }

    /// Standard error as text, without white space around it.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }

    /// Keeps the start of what a command writes beside its data: hashes, or a complaint.
    pub(super) fn keep(&mut self, stream: Stream, bytes: &[u8]) {
        const MOST: usize = 1 << 20;
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let room = MOST.saturating_sub(kept.len());
        kept.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }
}

/// Where a command wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line that a command wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it wrote it.
    pub stream: Stream,
    /// The line, without its end; a carriage return ends one too, as progress bars use it. What is not UTF-8
    /// is replaced, and more than 64 KiB come in pieces.
    pub text: &'a str,
}

/// How long a wait may take, and who may end it.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) cancel: Option<&'a Cancel>,
    /// The end, the time allowed until it, and what is waited for.
    pub(super) deadline: Option<(Instant, Duration, &'static str)>,
    /// How long no command may move on.
    pub(super) silence: Option<Duration>,
}

impl<'a> Limit<'a> {
    pub(super) fn within(timeout: Duration, during: &'static str, cancel: &'a Cancel) -> Self {
        Self {
            cancel: Some(cancel),
            deadline: Some((Instant::now() + timeout, timeout, during)),
            silence: None,
        }
    }

    pub(super) fn cancel(cancel: &'a Cancel) -> Self {
        Self {
            cancel: Some(cancel),
            ..Self::none()
        }
    }

    pub(super) fn none() -> Self {
        Self {
            cancel: None,
            deadline: None,
            silence: None,
        }
    }

    /// The same end for another part of what is waited for.
    pub(super) fn during(mut self, part: &'static str) -> Self {
        if let Some((_, _, during)) = &mut self.deadline {
            *during = part;
        }
        self
    }

    /// Whether the wait may go on.
    pub(super) fn check(self, target: &Target) -> Result<(), RemoteError> {
        if self.cancel.is_some_and(Cancel::is_cancelled) {
            return Err(RemoteError::Cancelled);
        }
        match self.deadline {
            Some((end, after, during)) if Instant::now() >= end => Err(RemoteError::Timeout {
                address: target.address(),
                during,
                after,
            }),
            _ => Ok(()),
        }
    }
}

/// A command with something to say to it and to hear from it.
pub(super) trait Dialogue {
    /// The command. Asked for once, when its turn has come.
    fn command(&self) -> Command;
    /// Fills the start of `block` with the next input; 0 bytes are its end.
    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError>;
    /// Takes what the command wrote.
    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError>;
    /// Hears how the command ended.
    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError>;
}

/// A command with little input and output.
pub(super) struct Script<'a> {
    command: Command,
    input: &'a [u8],
    host: &'a str,
    /// What it wrote.
    pub output: Output,
}

impl<'a> Script<'a> {
    pub fn new(command: Command, input: &'a [u8], host: &'a str) -> Self {
        Self {
            command,
            input,
            host,
            output: Output::default(),
        }
    }
}

impl Dialogue for Script<'_> {
    fn command(&self) -> Command {
        self.command.clone()
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        Ok(self.input.read(block).unwrap_or_default())
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        let kept = match stream {
            Stream::Stdout => &mut self.output.stdout,
            Stream::Stderr => &mut self.output.stderr,
        };
        if kept.len() + bytes.len() > MAX_OUTPUT {
            return Err(RemoteError::TooMuchOutput {
                host: self.host.to_owned(),
                program: self.command.program().to_owned(),
                limit: MAX_OUTPUT,
            });
        }
        kept.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        Ok(())
    }
}

/// A command whose lines are handed on.
pub(super) struct Follow<'a> {
    command: Command,
    stdout: Lines,
    stderr: Lines,
    on_line: &'a mut dyn FnMut(Line<'_>),
    /// How it ended.
    pub status: ExitStatus,
}

impl<'a> Follow<'a> {
    pub fn new(command: Command, on_line: &'a mut dyn FnMut(Line<'_>)) -> Self {
        Self {
            command,
            stdout: Lines::new(Stream::Stdout),
            stderr: Lines::new(Stream::Stderr),
            on_line,
            status: ExitStatus::default(),
        }
    }
}

impl Dialogue for Follow<'_> {
    fn command(&self) -> Command {
        self.command.clone()
    }

    fn give(&mut self, _: &mut [u8]) -> Result<usize, RemoteError> {
        Ok(0)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        match stream {
            Stream::Stdout => self.stdout.push(bytes, self.on_line),
            Stream::Stderr => self.stderr.push(bytes, self.on_line),
        }
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.stdout.end(self.on_line);
        self.stderr.end(self.on_line);
        self.status = status;
        Ok(())
    }
}

/// Cuts what a command writes into lines.
struct Lines {
    stream: Stream,
    pending: Vec<u8>,
}

impl Lines {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            pending: Vec::new(),
        }
    }

    fn push(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(Line<'_>)) {
        for &byte in bytes {
            match byte {
                b'\n' | b'\r' => self.end(on_line),
                _ => self.pending.push(byte),
            }
            if self.pending.len() >= MAX_LINE {
                self.end(on_line);
            }
        }
    }

    /// Hands on what is pending. Empty lines are not lines: `\r\n` ends only one.
    fn end(&mut self, on_line: &mut dyn FnMut(Line<'_>)) {
        if !self.pending.is_empty() {
            on_line(Line {
                stream: self.stream,
                text: &String::from_utf8_lossy(&self.pending),
            });
            self.pending.clear();
        }
    }
}

/// The end of what a failed command wrote, on one line.
pub(super) fn last_words(stderr: &[u8]) -> String {
    const KEPT: usize = 600;
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let joined = lines.join("; ");
    let skipped = joined.chars().count().saturating_sub(KEPT);
    let end: String = joined.chars().skip(skipped).collect();
    end.replace(char::is_control, " ")
}
