//! One SSH connection: commands with their input and output, and small files.
//!
//! The SSH library runs without blocking and this module waits on the socket itself, so that every wait ends
//! when the work is cancelled, when its time is over, or when the other side has gone silent. A host that sends
//! without a pause would keep the library reading; [`Limit::guard`] then closes the socket. Commands on one
//! connection run one at a time.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use cosmos_core::progress::Cancel;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, ErrorCode, MethodType, Session};

use super::login::Identity;
use super::{Command, Login, RemoteError, Target, known_hosts};

/// The first of several pauses on a connection that does nothing.
const SHORT_PAUSE: Duration = Duration::from_millis(1);
/// How often a wait looks at its [`Cancel`] and its clock.
pub(super) const GLANCE: Duration = Duration::from_millis(100);
/// How long after its end work may go on before its socket is closed.
const GRACE: Duration = Duration::from_millis(500);
/// How many questions for a sign of life a host may leave unanswered, each for [`Target::keep_alive`].
const QUESTIONS: u32 = 2;
/// How long a host may refuse the only channel that is wanted.
const CHANNEL_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that the host may send ahead of our reading on each channel, all of which libssh2 may have to keep.
/// Its own 2 MiB allow no more than 40 MB/s at a round trip of 50 ms.
const RECEIVE_WINDOW: u32 = 8 << 20;
/// The largest packet that we take, which is what OpenSSH sends.
const PACKET: u32 = 32 << 10;
/// What [`Connection::run`] keeps of each stream.
const MAX_OUTPUT: usize = 16 << 20;
/// A longer line is handed on in pieces.
const MAX_LINE: usize = 64 << 10;
/// Packets that a channel sends before others have their turn.
const PACKETS_AT_ONCE: usize = 16;
/// What is read from or written to a channel at once.
const BLOCK: usize = 256 << 10;

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

impl Stream {
    /// The number of the stream within a channel.
    const fn id(self) -> i32 {
        match self {
            Self::Stdout => 0,
            Self::Stderr => ssh2::EXTENDED_DATA_STDERR,
        }
    }
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

/// A connection to the host, logged in. It closes when it is dropped; what was started detached lives on.
pub struct Connection {
    target: Target,
    /// `None` until somebody is logged in.
    identity: Option<Identity>,
    session: Session,
    socket: Arc<TcpStream>,
    pulse: Cell<Pulse>,
    /// The shortest round trip so far.
    round_trip: Cell<Duration>,
}

/// When the host last gave a sign of life, and how it was asked for one since.
#[derive(Clone, Copy)]
struct Pulse {
    heard: Instant,
    /// When it was last asked; as `heard`, if it was not.
    asked: Instant,
    unanswered: u32,
}

impl Pulse {
    fn now() -> Self {
        let now = Instant::now();
        Self {
            heard: now,
            asked: now,
            unanswered: 0,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("host", &self.target.name)
            .finish_non_exhaustive()
    }
}

/// How long a wait may take, and who may end it.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    cancel: Option<&'a Cancel>,
    /// The end, the time allowed until it, and what is waited for.
    deadline: Option<(Instant, Duration, &'static str)>,
    /// How long no command may move on.
    silence: Option<Duration>,
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

    fn none() -> Self {
        Self {
            cancel: None,
            deadline: None,
            silence: None,
        }
    }

    /// The same end for another part of what is waited for.
    fn during(mut self, part: &'static str) -> Self {
        if let Some((_, _, during)) = &mut self.deadline {
            *during = part;
        }
        self
    }

    /// Whether the wait may go on.
    fn check(self, target: &Target) -> Result<(), RemoteError> {
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

    /// Does `work` and closes `socket` if that goes on after the end, which is then what is returned.
    fn guard<T, E: From<RemoteError>>(
        self,
        socket: &TcpStream,
        target: &Target,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if self.cancel.is_none() && self.deadline.is_none() {
            return work();
        }
        thread::scope(|scope| {
            let (done, is_done) = channel::<()>();
            let guard = scope.spawn(move || {
                let is_going_on =
                    |time| is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
                while is_going_on(GLANCE) {
                    let ended = self.check(target);
                    if ended.is_err() && is_going_on(GRACE) {
                        // Closed already, then.
                        let _ = socket.shutdown(Shutdown::Both);
                        return ended;
                    }
                }
                Ok(())
            });
            let result = work();
            drop(done);
            match (result, guard.join()) {
                (Err(_), Ok(Err(ended))) => Err(ended.into()),
                (result, _) => result,
            }
        })
    }
}

impl Connection {
    /// Connects to the host, checks its key, and logs in.
    ///
    /// # Errors
    /// Nearly every [`RemoteError`]; [`RemoteError::Cancelled`] soon after `cancel` was raised.
    pub fn open(target: &Target, login: &Login, cancel: &Cancel) -> Result<Self, RemoteError> {
        let timeout = target.connect_timeout;
        let limit = Limit::within(timeout, "TCP connection", cancel);
        let socket = Arc::new(connect(target, limit)?);
        let address = target.address();
        let handshake = |source| RemoteError::Handshake {
            address: address.clone(),
            source,
        };
        let mut session = Session::new().map_err(handshake)?;
        let known = known_hosts::read(target)?;
        prefer(&session, MethodType::HostKey, &known.preferred_algorithms()).map_err(handshake)?;
        for cipher in [MethodType::CryptCs, MethodType::CryptSc] {
            prefer(&session, cipher, &FAST_CIPHERS.map(str::to_owned)).map_err(handshake)?;
        }
        session.set_tcp_stream(Arc::clone(&socket));
        session.set_blocking(false);
        session.set_keepalive(true, 1);
        let mut connection = Self {
            target: target.clone(),
            identity: None,
            session: session.clone(),
            socket,
            pulse: Cell::new(Pulse::now()),
            round_trip: Cell::new(timeout),
        };
        connection
            .wait(limit.during("SSH handshake"), || session.handshake())
            .map_err(|ended| match ended {
                Ended::Ssh(source) => handshake(source),
                Ended::Other(error) => *error,
            })?;
        known.check(target, &connection.host_key())?;
        // The passphrase may be typed in, so the clock starts again with every question to the host.
        connection.identity = Some(login.log_in(&connection, target, cancel)?);
        Ok(connection)
    }

    /// The host's name, as it was configured.
    #[must_use]
    pub fn host(&self) -> &str {
        let Target { name, .. } = &self.target;
        name
    }

    /// Runs `command` to its end and keeps what it writes, up to 16 MiB of each stream. A command that fails
    /// is not an error here.
    ///
    /// # Errors
    /// A lost connection, a command that cannot be sent, too much output.
    pub fn run(&self, command: &Command) -> Result<Output, RemoteError> {
        self.run_with(command, &[], Limit::none())
    }

    /// The same, with `input` on its standard input, and ending soon after `cancel` was raised.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`RemoteError::Cancelled`].
    pub fn run_cancellable(
        &self,
        command: &Command,
        input: &[u8],
        cancel: &Cancel,
    ) -> Result<Output, RemoteError> {
        self.run_with(command, input, Limit::cancel(cancel))
    }

    /// Runs `command` for at most `time`. Returns what it wrote until then, and whether it has ended; one that has
    /// not finds its output closed.
    ///
    /// # Errors
    /// As [`run_cancellable`](Self::run_cancellable).
    pub fn run_within(
        &self,
        command: &Command,
        time: Duration,
        cancel: &Cancel,
    ) -> Result<(Output, bool), RemoteError> {
        let mut script = Script::new(command.clone(), &[], self.host());
        let limit = Limit::within(time, "answer", cancel);
        match self.converse(std::slice::from_mut(&mut script), 1, limit) {
            Ok(()) => Ok((script.output, true)),
            Err(RemoteError::Timeout { .. }) => Ok((script.output, false)),
            Err(error) => Err(error),
        }
    }

    /// The same for a command that has to end in `time`; `what` names it if it does not.
    ///
    /// # Errors
    /// As [`run_cancellable`](Self::run_cancellable), and [`RemoteError::Silent`].
    pub fn run_to_end(
        &self,
        command: &Command,
        what: &str,
        time: Duration,
        cancel: &Cancel,
    ) -> Result<Output, RemoteError> {
        match self.run_within(command, time, cancel)? {
            (output, true) => Ok(output),
            (_, false) => Err(self.silent(what.to_owned(), time)),
        }
    }

    fn run_with(
        &self,
        command: &Command,
        input: &[u8],
        limit: Limit<'_>,
    ) -> Result<Output, RemoteError> {
        let mut script = Script::new(command.clone(), input, self.host());
        self.converse(std::slice::from_mut(&mut script), 1, limit)?;
        Ok(script.output)
    }

    /// Runs `command` and hands on each line as it comes. Ends soon after `cancel` was raised; the command
    /// then finds its output closed.
    ///
    /// # Errors
    /// A lost connection, a command that cannot be sent, [`RemoteError::Cancelled`].
    pub fn stream(
        &self,
        command: &Command,
        on_line: &mut dyn FnMut(Line<'_>),
        cancel: &Cancel,
    ) -> Result<ExitStatus, RemoteError> {
        self.stream_with(command, on_line, Limit::cancel(cancel))
    }

    /// The same for a command that has all of its lines already: it may not stay silent for longer than hosts may take
    /// for an answer.
    ///
    /// # Errors
    /// As [`stream`](Self::stream), and [`RemoteError::Silent`].
    pub fn stream_all(
        &self,
        command: &Command,
        on_line: &mut dyn FnMut(Line<'_>),
        cancel: &Cancel,
    ) -> Result<ExitStatus, RemoteError> {
        let limit = Limit {
            silence: Some(self.target.answer_timeout),
            ..Limit::cancel(cancel)
        };
        self.stream_with(command, on_line, limit)
    }

    fn stream_with(
        &self,
        command: &Command,
        on_line: &mut dyn FnMut(Line<'_>),
        limit: Limit<'_>,
    ) -> Result<ExitStatus, RemoteError> {
        let mut follow = Follow {
            command: command.clone(),
            stdout: Lines::new(Stream::Stdout),
            stderr: Lines::new(Stream::Stderr),
            on_line,
            status: ExitStatus::default(),
        };
        self.converse(std::slice::from_mut(&mut follow), 1, limit)?;
        Ok(follow.status)
    }

    /// Writes a small file: whole, or not at all. Its folder is made if it is missing; a file of that name is
    /// replaced.
    ///
    /// # Errors
    /// [`RemoteError::Failed`] with what the host said; [`RemoteError::Silent`]; a lost connection.
    pub fn write_file(&self, path: &str, bytes: &[u8]) -> Result<(), RemoteError> {
        const WRITE: &str = concat!(
            flush!(),
            r#"set -e
            partial=$1.partial-$$
            trap 'rm -f -- "$partial"' EXIT
            mkdir -p -- "$3"
            cat > "$partial"
            if [ "$(stat -c %s -- "$partial")" != "$2" ]; then echo 'input ended early' >&2; exit 1; fi
            flush "$partial"
            mv -f -T -- "$partial" "$1"
            flush "$3""#
        );
        let parent = match path.rsplit_once('/') {
            Some(("", _)) => "/",
            Some((parent, _)) => parent,
            None => ".",
        };
        let command = Command::script(WRITE).args([path, &bytes.len().to_string(), parent]);
        let time = self.target.answer_timeout;
        let cancel = Cancel::new();
        let mut script = Script::new(command, bytes, self.host());
        let limit = Limit::within(time, "writing a file", &cancel);
        match self.converse(std::slice::from_mut(&mut script), 1, limit) {
            Err(RemoteError::Timeout { after, .. }) => {
                return Err(self.silent(format!("writing {path}"), after));
            }
            done => done?,
        }
        let output = script.output;
        self.expect_success(output, || format!("writing {path}"))?;
        Ok(())
    }

    /// Reads a small file (up to 16 MiB); `None` if there is none.
    ///
    /// # Errors
    /// [`RemoteError::Failed`] with what the host said; too much of it; a lost connection.
    pub fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, RemoteError> {
        const MISSING: i32 = 66;
        let command = Command::script(r#"[ -e "$1" ] || exit 66; exec cat -- "$1""#).arg(path);
        let output = self.run(&command)?;
        if output.status == ExitStatus::Code(MISSING) {
            return Ok(None);
        }
        let output = self.expect_success(output, || format!("reading {path}"))?;
        Ok(Some(output.stdout))
    }

    /// `output`, or an error that names `attempt` if the command failed.
    ///
    /// # Errors
    /// [`RemoteError::Failed`].
    pub fn expect_success(
        &self,
        output: Output,
        attempt: impl FnOnce() -> String,
    ) -> Result<Output, RemoteError> {
        if output.status.success() {
            return Ok(output);
        }
        Err(self.failure(&output, attempt()))
    }

    /// The error of a command that does not end.
    fn silent(&self, command: String, after: Duration) -> RemoteError {
        RemoteError::Silent {
            command,
            host: self.target.name.clone(),
            after,
        }
    }

    /// The error of a command that did not do what was attempted.
    pub(super) fn failure(&self, output: &Output, attempt: String) -> RemoteError {
        RemoteError::Failed {
            host: self.target.name.clone(),
            attempt,
            status: output.status.clone(),
            message: last_words(&output.stderr),
        }
    }

    /// Runs all `dialogues`, at most `parallel` at a time, each on a channel of its own. The first failure
    /// ends them all.
    pub(super) fn converse<D: Dialogue>(
        &self,
        dialogues: &mut [D],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        limit.guard(&self.socket, &self.target, || {
            self.converse_unguarded(dialogues, parallel, limit)
        })
    }

    fn converse_unguarded<D: Dialogue>(
        &self,
        dialogues: &mut [D],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        // Nobody has listened since the last time.
        self.pulse.set(Pulse::now());
        let mut slots: Vec<Slot<'_, D>> = Vec::new();
        let result = self.converse_in(&mut slots, dialogues.iter_mut(), parallel, limit);
        if result.is_err() {
            // Tells the host to stop; whether it hears that does not change what is reported.
            let end = Instant::now() + GLANCE;
            for slot in &mut slots {
                let limit = Limit {
                    deadline: Some((end, GLANCE, "close")),
                    ..Limit::none()
                };
                if let Some(channel) = &mut slot.channel {
                    let _ = self.wait_unguarded(limit, || channel.close());
                }
            }
        }
        result
    }

    fn converse_in<'d, D: Dialogue>(
        &self,
        slots: &mut Vec<Slot<'d, D>>,
        mut waiting: std::slice::IterMut<'d, D>,
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        let mut block = vec![0; BLOCK];
        let mut pause = SHORT_PAUSE;
        let mut parallel = parallel;
        let mut turned_away: Option<Slot<'d, D>> = None;
        let mut moved_at = Instant::now();
        loop {
            // libssh2 opens one channel at a time.
            let is_opening = slots.iter().any(|slot| slot.phase == Phase::Opening);
            if !is_opening && slots.len() < parallel {
                if let Some(slot) = turned_away.take() {
                    slots.push(slot);
                } else if let Some(dialogue) = waiting.next() {
                    slots.push(Slot::new(dialogue, self.host())?);
                } else if slots.is_empty() {
                    return Ok(());
                }
            }
            let mut moved = false;
            let mut is_turned_away = false;
            let open = slots.iter().filter(|slot| slot.channel.is_some()).count();
            for slot in slots.iter_mut() {
                moved |= match self.step(slot, &mut block) {
                    // The host allows fewer channels than are wanted (`MaxSessions`), or has not yet noticed the
                    // end of an earlier one.
                    Err(error)
                        if slot.phase == Phase::Opening
                            && is_refusal(&error)
                            && (open > 0 || slot.since.elapsed() < CHANNEL_PATIENCE) =>
                    {
                        is_turned_away = true;
                        if open > 0 {
                            slot.since = Instant::now();
                        }
                        parallel = open.max(1);
                        false
                    }
                    moved => moved?,
                };
                // libssh2 takes no other packet before a half-sent one is finished.
                while self.is_sending() {
                    self.idle(limit, GLANCE)?;
                    moved |= self.step(slot, &mut block)?;
                }
            }
            if is_turned_away {
                // What is opening is always the last.
                turned_away = slots.pop();
            }
            slots.retain(|slot| slot.phase != Phase::Done);
            if moved {
                moved_at = Instant::now();
                self.pulse.set(Pulse::now());
                limit.check(&self.target)?;
                pause = SHORT_PAUSE;
            } else {
                if let (Some(silence), Some(slot)) = (limit.silence, slots.first())
                    && moved_at.elapsed() > silence
                {
                    return Err(self.silent(slot.dialogue.command().shown(), silence));
                }
                // One channel's step may have taken in what another one waits for, which the socket then no
                // longer shows; hence the short pauses at first.
                self.idle(limit, pause)?;
                pause = GLANCE.min(pause * 2);
            }
        }
    }

    /// Does for a channel what can be done without waiting; whether that was anything.
    fn step<D: Dialogue>(
        &self,
        slot: &mut Slot<'_, D>,
        block: &mut [u8],
    ) -> Result<bool, RemoteError> {
        let result = match (&mut slot.channel, slot.phase) {
            (None, _) => {
                let opened = self
                    .session
                    .channel_open("session", RECEIVE_WINDOW, PACKET, None);
                opened.map(|channel| {
                    let took = slot.since.elapsed();
                    self.round_trip.set(self.round_trip.get().min(took));
                    slot.channel = Some(channel);
                    slot.phase = Phase::Starting;
                })
            }
            (Some(channel), Phase::Opening | Phase::Starting) => channel
                .exec(&slot.line)
                .map(|()| slot.phase = Phase::Talking),
            (Some(channel), Phase::Talking) => {
                let mut moved = false;
                // libssh2 sends one packet a call, and each of its reads costs a system call.
                for _ in 0..PACKETS_AT_ONCE {
                    let sent = slot.outgoing.send(channel, slot.dialogue)?;
                    if !sent.map_err(|e| self.lost(e.to_string()))? {
                        break;
                    }
                    moved = true;
                }
                if !self.is_sending() {
                    for stream in [Stream::Stdout, Stream::Stderr] {
                        match channel.stream(stream.id()).read(block) {
                            Ok(0) => {}
                            Ok(length) => {
                                let bytes = block.get(..length).unwrap_or_default();
                                slot.dialogue.take(stream, bytes)?;
                                moved = true;
                            }
                            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                            Err(e) => return Err(self.lost(e.to_string())),
                        }
                    }
                    if channel.eof() {
                        slot.phase = Phase::Closing;
                        moved = true;
                    }
                }
                return Ok(moved);
            }
            (Some(channel), Phase::Closing) => channel.close().map(|()| slot.phase = Phase::Closed),
            (Some(channel), Phase::Closed | Phase::Done) => match channel.wait_close() {
                Ok(()) => {
                    let signal = channel.exit_signal().ok().and_then(|s| s.exit_signal);
                    let code = channel
                        .exit_status()
                        .map_err(|source| self.refused("end a command", source))?;
                    slot.phase = Phase::Done;
                    slot.dialogue
                        .end(signal.map_or(ExitStatus::Code(code), ExitStatus::Signal))?;
                    Ok(())
                }
                Err(e) => Err(e),
            },
        };
        match result {
            Ok(()) => Ok(true),
            Err(e) if e.code() == ErrorCode::Session(EAGAIN) => Ok(false),
            Err(e) if is_loss(&e) => Err(self.lost(e.message().to_owned())),
            Err(e) => Err(self.refused(slot.phase.attempt(), e)),
        }
    }

    /// Whether a packet waits for the socket to take the rest of it.
    fn is_sending(&self) -> bool {
        matches!(
            self.session.block_directions(),
            BlockDirections::Outbound | BlockDirections::Both
        )
    }

    /// Repeats `step` until it no longer would block.
    pub(super) fn wait<T>(
        &self,
        limit: Limit<'_>,
        step: impl FnMut() -> Result<T, ssh2::Error>,
    ) -> Result<T, Ended> {
        limit.guard(&self.socket, &self.target, || {
            self.wait_unguarded(limit, step)
        })
    }

    fn wait_unguarded<T>(
        &self,
        limit: Limit<'_>,
        mut step: impl FnMut() -> Result<T, ssh2::Error>,
    ) -> Result<T, Ended> {
        self.pulse.set(Pulse::now());
        loop {
            match step() {
                Ok(value) => return Ok(value),
                Err(e) if e.code() == ErrorCode::Session(EAGAIN) => {
                    self.idle(limit, GLANCE)?;
                }
                Err(e) if is_loss(&e) => return Err(self.lost(e.message().to_owned()).into()),
                Err(e) => return Err(Ended::Ssh(e)),
            }
        }
    }

    fn refused(&self, attempt: &'static str, source: ssh2::Error) -> RemoteError {
        RemoteError::Ssh {
            host: self.target.name.clone(),
            attempt,
            source,
        }
    }

    /// Waits until the socket is ready, at most `pause`, and keeps the connection alive meanwhile.
    fn idle(&self, limit: Limit<'_>, pause: Duration) -> Result<(), RemoteError> {
        loop {
            limit.check(&self.target)?;
            let flags = match self.session.block_directions() {
                BlockDirections::Outbound => PollFlags::OUT,
                BlockDirections::Both => PollFlags::IN | PollFlags::OUT,
                BlockDirections::Inbound | BlockDirections::None => PollFlags::IN,
            };
            let mut sockets = [PollFd::new(&*self.socket, flags)];
            if wait_for(&mut sockets, pause).map_err(|e| self.lost(e.to_string()))? {
                self.pulse.set(Pulse::now());
                return Ok(());
            }
            // The answer to a question has to be seen here: a step of libssh2 takes it in without a word.
            if !self.ask_when_silent()? {
                return Ok(());
            }
        }
    }

    /// Asks a host that has said nothing for long for a sign of life; whether an answer is outstanding.
    fn ask_when_silent(&self) -> Result<bool, RemoteError> {
        let mut pulse = self.pulse.get();
        if pulse.asked.elapsed() > self.target.keep_alive {
            if pulse.unanswered == QUESTIONS {
                let silent = pulse.heard.elapsed().as_secs();
                return Err(self.lost(format!("it has said nothing for {silent} s")));
            }
            pulse.asked = Instant::now();
            pulse.unanswered += 1;
            self.pulse.set(pulse);
            // What waits to be sent, or a login, asks enough.
            if self.session.authenticated() && !self.is_sending() {
                // A dead connection shows in the next step or in its silence.
                let _ = self.session.keepalive_send();
            }
        }
        Ok(pulse.unanswered > 0)
    }

    /// How long a question to the host takes at best, measured with every channel that was opened.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        self.round_trip.get()
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The key that the host has let in.
    pub(super) fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The host's key in its wire form, which was checked.
    pub(super) fn host_key(&self) -> Vec<u8> {
        let key = self.session.host_key().map(|(key, _)| key);
        key.unwrap_or_default().to_vec()
    }

    /// Where the connection leads.
    pub(super) fn peer_address(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    pub(super) fn lost(&self, reason: String) -> RemoteError {
        RemoteError::Lost {
            host: self.target.name.clone(),
            reason,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Politeness: the socket closes right after, and a host that is gone need not hear it.
        let _ = self.session.disconnect(None, "done", None);
    }
}

/// Why a wait ended without a result.
pub(super) enum Ended {
    /// The SSH library refused.
    Ssh(ssh2::Error),
    /// Cancelled, timed out or lost.
    Other(Box<RemoteError>),
}

impl From<RemoteError> for Ended {
    fn from(error: RemoteError) -> Self {
        Self::Other(Box::new(error))
    }
}

/// `LIBSSH2_ERROR_EAGAIN`.
const EAGAIN: i32 = -37;

/// Whether the library says that the connection is gone: `LIBSSH2_ERROR_SOCKET_SEND`, `TIMEOUT`,
/// `SOCKET_DISCONNECT`, `SOCKET_TIMEOUT`, `SOCKET_RECV`, `BAD_SOCKET` in `libssh2.h`.
fn is_loss(error: &ssh2::Error) -> bool {
    matches!(
        error.code(),
        ErrorCode::Session(-7 | -9 | -13 | -30 | -43 | -45)
    )
}

/// Whether the host does not let another channel open: `LIBSSH2_ERROR_CHANNEL_FAILURE`.
fn is_refusal(error: &RemoteError) -> bool {
    matches!(error, RemoteError::Ssh { source, .. } if source.code() == ErrorCode::Session(-21))
}

/// Waits until one of `polled` is ready, at most `pause`, which is less than a second; whether one is.
pub(super) fn wait_for(polled: &mut [PollFd<'_>], pause: Duration) -> io::Result<bool> {
    let timeout = Timespec {
        tv_sec: 0,
        tv_nsec: i64::from(pause.subsec_nanos()),
    };
    match poll(polled, Some(&timeout)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Ciphers that processors have instructions for, quickest first.
const FAST_CIPHERS: [&str; 3] = [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
];

/// Puts `first` in front of what the library supports of `method`.
fn prefer(session: &Session, method: MethodType, first: &[String]) -> Result<(), ssh2::Error> {
    let supported = session.supported_algs(method)?;
    let known = first.iter().map(String::as_str);
    let mut order: Vec<&str> = known.filter(|name| supported.contains(name)).collect();
    for name in supported {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    session.method_pref(method, &order.join(","))
}

/// A TCP connection to the host. Neither the resolver nor the system can be told to stop, so they are left behind in
/// a thread of their own when `limit` is over.
fn connect(target: &Target, limit: Limit<'_>) -> Result<TcpStream, RemoteError> {
    let (sender, receiver) = channel();
    let end = Instant::now() + target.connect_timeout;
    let for_thread = target.clone();
    thread::spawn(move || sender.send(connect_before(&for_thread, end)));
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(connected) => return connected,
            Err(RecvTimeoutError::Timeout) => limit.check(target)?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(RemoteError::Connect {
                    address: target.address(),
                    source: io::Error::other("the connecting thread ended"),
                });
            }
        }
    }
}

/// A TCP connection to the first address of the host that takes one before `end`.
fn connect_before(target: &Target, end: Instant) -> Result<TcpStream, RemoteError> {
    let address = target.address();
    let resolved = (target.host.as_str(), target.port).to_socket_addrs();
    let addresses = resolved.map_err(|source| RemoteError::Unresolved {
        host: target.host.clone(),
        source,
    })?;
    let mut refusal = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for socket_address in addresses {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            refusal = io::ErrorKind::TimedOut.into();
            break;
        }
        match TcpStream::connect_timeout(&socket_address, left) {
            Ok(socket) => {
                let ready = socket
                    .set_nonblocking(true)
                    .and_then(|()| socket.set_nodelay(true));
                return match ready {
                    Ok(()) => Ok(socket),
                    Err(source) => Err(RemoteError::Connect { address, source }),
                };
            }
            Err(e) => refusal = e,
        }
    }
    Err(match refusal.kind() {
        io::ErrorKind::TimedOut => RemoteError::Timeout {
            address,
            during: "TCP connection",
            after: target.connect_timeout,
        },
        _ => RemoteError::Connect {
            address,
            source: refusal,
        },
    })
}

/// A command at work on a channel of its own.
struct Slot<'d, D> {
    dialogue: &'d mut D,
    line: String,
    since: Instant,
    channel: Option<Channel>,
    phase: Phase,
    outgoing: Outgoing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Starting,
    Talking,
    Closing,
    Closed,
    Done,
}

impl Phase {
    const fn attempt(self) -> &'static str {
        match self {
            Self::Opening => "open a channel",
            Self::Starting => "run a command",
            Self::Talking => "pass data",
            Self::Closing | Self::Closed | Self::Done => "close a channel",
        }
    }
}

impl<'d, D: Dialogue> Slot<'d, D> {
    fn new(dialogue: &'d mut D, host: &str) -> Result<Self, RemoteError> {
        let line = dialogue.command().to_shell()?;
        tracing::debug!("{host}: {line}");
        Ok(Self {
            dialogue,
            line,
            since: Instant::now(),
            channel: None,
            phase: Phase::Opening,
            outgoing: Outgoing::default(),
        })
    }
}

/// Input on its way to a command.
#[derive(Default)]
struct Outgoing {
    block: Vec<u8>,
    /// The part of `block` that is still to be sent.
    left: Range<usize>,
    state: OutgoingState,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum OutgoingState {
    #[default]
    Reading,
    Ending,
    Ended,
}

impl Outgoing {
    /// Sends the next piece; whether anything moved.
    fn send(
        &mut self,
        channel: &mut Channel,
        dialogue: &mut impl Dialogue,
    ) -> Result<io::Result<bool>, RemoteError> {
        if self.state == OutgoingState::Reading && self.left.is_empty() {
            self.block.resize(BLOCK, 0);
            self.left = 0..dialogue.give(&mut self.block)?;
            if self.left.is_empty() {
                self.state = OutgoingState::Ending;
            }
        }
        let sent = match self.state {
            OutgoingState::Reading => {
                let bytes = self.block.get(self.left.clone()).unwrap_or_default();
                channel.write(bytes).map(|length| {
                    self.left.start += length;
                    length > 0
                })
            }
            OutgoingState::Ending => channel.send_eof().map_err(io::Error::from).map(|()| {
                self.state = OutgoingState::Ended;
                true
            }),
            OutgoingState::Ended => Ok(false),
        };
        Ok(match sent {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
            sent => sent,
        })
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

impl<D: Dialogue + ?Sized> Dialogue for &mut D {
    fn command(&self) -> Command {
        (**self).command()
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        (**self).give(block)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        (**self).take(stream, bytes)
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        (**self).end(status)
    }
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
struct Follow<'a> {
    command: Command,
    stdout: Lines,
    stderr: Lines,
    on_line: &'a mut dyn FnMut(Line<'_>),
    status: ExitStatus,
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
fn last_words(stderr: &[u8]) -> String {
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
