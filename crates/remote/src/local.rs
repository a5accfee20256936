//! Commands on this machine, in place of a host: `host = "local"`.
//!
//! They run in the user's home folder by `sh`, as SSH would run them, each in a process group of its own: Ctrl-C in a
//! terminal is for us to answer.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{self, Child, ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, kill_process_group};

use super::dialogue::{BLOCK, Dialogue, ExitStatus, GLANCE, Limit, Stream};
use super::wait::wait_for;
use super::{RemoteError, Target};

/// This machine.
pub struct Local {
    target: Target,
    block: usize,
}

impl Local {
    pub fn new(target: &Target) -> Self {
        Self {
            target: target.clone(),
            block: BLOCK,
        }
    }

    /// Runs all `dialogues`, at most `parallel` at a time, each in a process of its own. The first failure ends them
    /// all.
    pub fn converse(
        &self,
        dialogues: &mut [&mut dyn Dialogue],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        let mut waiting = dialogues.iter_mut();
        let mut running: Vec<Running<'_>> = Vec::new();
        let mut block = vec![0; self.block];
        let mut moved_at = Instant::now();
        loop {
            while running.len() < parallel.max(1) {
                let Some(dialogue) = waiting.next() else {
                    break;
                };
                running.push(Running::start(&mut **dialogue)?);
            }
            if running.is_empty() {
                return Ok(());
            }
            limit.check(&self.target)?;
            let mut moved = false;
            for one in &mut running {
                moved |= one.step(&mut block)?;
            }
            running.retain(|one| !one.has_ended);
            if moved {
                moved_at = Instant::now();
                continue;
            }
            if let (Some(silence), Some(one)) = (limit.silence, running.first())
                && moved_at.elapsed() > silence
            {
                return Err(RemoteError::Silent {
                    command: one.dialogue.command().shown(),
                    host: self.target.name.clone(),
                    after: silence,
                });
            }
            let mut pipes: Vec<PollFd<'_>> = running.iter().flat_map(Running::pipes).collect();
            wait_for(&mut pipes, GLANCE).map_err(|source| failed("wait for", source))?;
        }
    }
}

fn failed(attempt: &'static str, source: io::Error) -> RemoteError {
    RemoteError::Local {
        attempt,
        path: PathBuf::from("sh"),
        source,
    }
}

/// A shell that runs `line` as SSH would.
pub fn shell(line: &str) -> process::Command {
    let mut command = process::Command::new("sh");
    command.args(["-c", line]).process_group(0);
    if let Some(home) = std::env::home_dir().filter(|home| home.is_dir()) {
        command.current_dir(home);
    }
    command
}

/// A command at work.
struct Running<'d> {
    dialogue: &'d mut dyn Dialogue,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// Input on its way, and the part of it that is still to be written.
    outgoing: Vec<u8>,
    left: Range<usize>,
    has_ended: bool,
}

impl<'d> Running<'d> {
    fn start(dialogue: &'d mut dyn Dialogue) -> Result<Self, RemoteError> {
        let line = dialogue.command().to_shell()?;
        tracing::debug!("local: {line}");
        let mut child = shell(&line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| failed("run", source))?;
        let running = Self {
            dialogue,
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
            outgoing: Vec::new(),
            left: 0..0,
            has_ended: false,
        };
        let without_waiting = |pipe: io::Result<()>| pipe.map_err(|source| failed("run", source));
        for pipe in running.stdin.iter() {
            without_waiting(ioctl_fionbio(pipe, true).map_err(Into::into))?;
        }
        for pipe in running.stdout.iter() {
            without_waiting(ioctl_fionbio(pipe, true).map_err(Into::into))?;
        }
        for pipe in running.stderr.iter() {
            without_waiting(ioctl_fionbio(pipe, true).map_err(Into::into))?;
        }
        Ok(running)
    }

    fn pipes(&self) -> impl Iterator<Item = PollFd<'_>> {
        let stdin = self.stdin.iter().map(|p| PollFd::new(p, PollFlags::OUT));
        let stdout = self.stdout.iter().map(|p| PollFd::new(p, PollFlags::IN));
        let stderr = self.stderr.iter().map(|p| PollFd::new(p, PollFlags::IN));
        stdin.chain(stdout).chain(stderr)
    }

    /// Does what can be done without waiting; whether that was anything.
    fn step(&mut self, block: &mut [u8]) -> Result<bool, RemoteError> {
        let mut moved = self.give()?;
        moved |= take(&mut self.stdout, Stream::Stdout, self.dialogue, block)?;
        moved |= take(&mut self.stderr, Stream::Stderr, self.dialogue, block)?;
        if self.stdout.is_none() && self.stderr.is_none() {
            // Whoever closes both has nothing more to say, and reads nothing that matters.
            self.stdin = None;
            let status = self
                .child
                .wait()
                .map_err(|source| failed("wait for", source))?;
            self.has_ended = true;
            self.dialogue.end(match (status.code(), status.signal()) {
                (Some(code), _) => ExitStatus::Code(code),
                (None, signal) => ExitStatus::Signal(name_of(signal.unwrap_or_default())),
            })?;
            moved = true;
        }
        Ok(moved)
    }

    /// Passes on the next piece of the input; whether anything moved.
    fn give(&mut self) -> Result<bool, RemoteError> {
        let Some(stdin) = &mut self.stdin else {
            return Ok(false);
        };
        if self.left.is_empty() {
            self.outgoing.resize(BLOCK, 0);
            self.left = 0..self.dialogue.give(&mut self.outgoing)?;
            if self.left.is_empty() {
                self.stdin = None;
                return Ok(true);
            }
        }
        let bytes = self.outgoing.get(self.left.clone()).unwrap_or_default();
        match stdin.write(bytes) {
            Ok(length) => {
                self.left.start += length;
                Ok(length > 0)
            }
            Err(e) if is_pause(&e) => Ok(false),
            // It wants no more input; how it ends says whether that is right.
            Err(_) => {
                self.stdin = None;
                Ok(true)
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Ended already, then.
            let _ = kill_process_group(group, Signal::TERM);
        }
        // What does not listen to that is left to itself, and not waited for.
        let _ = self.child.try_wait();
    }
}

/// Hands on what has come out of `pipe`, which is closed when it has ended; whether anything has.
fn take(
    pipe: &mut Option<impl Read>,
    stream: Stream,
    dialogue: &mut dyn Dialogue,
    block: &mut [u8],
) -> Result<bool, RemoteError> {
    let Some(open) = pipe else {
        return Ok(false);
    };
    match open.read(block) {
        Ok(0) => {
            *pipe = None;
            Ok(true)
        }
        Ok(length) => {
            dialogue.take(stream, block.get(..length).unwrap_or_default())?;
            Ok(true)
        }
        Err(e) if is_pause(&e) => Ok(false),
        Err(source) => Err(failed("hear from", source)),
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// The name of a signal, as in `KILL`; its number where it has none of the usual ones.
fn name_of(signal: i32) -> String {
    let name = match signal {
        1 => "HUP",
        2 => "INT",
        6 => "ABRT",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        15 => "TERM",
        _ => return signal.to_string(),
    };
    name.to_owned()
}
