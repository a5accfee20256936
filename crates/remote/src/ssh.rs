//! One SSH connection, and commands on it.
//!
//! The SSH library runs without blocking and this module waits on the socket itself, so that every wait ends
//! when the work is cancelled, when its time is over, or when the other side has gone silent. A host that sends
//! without a pause would keep the library reading; [`guard`] then closes the socket. Commands on one
//! connection run one at a time.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use cosmos_core::progress::Cancel;
use rustix::event::{PollFd, PollFlags};
use ssh2::{BlockDirections, Channel, ErrorCode, MethodType, Session};

use super::dialogue::{BLOCK, Dialogue, ExitStatus, GLANCE, Limit, Stream};
use super::login::Identity;
use super::wait::wait_for;
use super::{Login, RemoteError, Target, known_hosts};

/// The first of several pauses on a connection that does nothing.
const SHORT_PAUSE: Duration = Duration::from_millis(1);
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
/// Packets that a channel sends before others have their turn.
const PACKETS_AT_ONCE: usize = 16;

/// An SSH connection to the host, logged in. It closes when it is dropped.
pub struct Ssh {
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

impl Ssh {
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

    /// Runs all `dialogues`, at most `parallel` at a time, each on a channel of its own. The first failure
    /// ends them all.
    pub fn converse(
        &self,
        dialogues: &mut [&mut dyn Dialogue],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        guard(limit, &self.socket, &self.target, || {
            self.converse_unguarded(dialogues, parallel, limit)
        })
    }

    fn converse_unguarded(
        &self,
        dialogues: &mut [&mut dyn Dialogue],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        // Nobody has listened since the last time.
        self.pulse.set(Pulse::now());
        let mut slots: Vec<Slot<'_>> = Vec::new();
        let mut waiting: Vec<&mut dyn Dialogue> = Vec::with_capacity(dialogues.len());
        for dialogue in dialogues {
            waiting.push(&mut **dialogue);
        }
        let result = self.converse_in(&mut slots, &mut waiting.into_iter(), parallel, limit);
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

    fn converse_in<'d>(
        &self,
        slots: &mut Vec<Slot<'d>>,
        waiting: &mut dyn Iterator<Item = &'d mut dyn Dialogue>,
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        let mut block = vec![0; BLOCK];
        let mut pause = SHORT_PAUSE;
        let mut parallel = parallel;
        let mut turned_away: Option<Slot<'d>> = None;
        let mut moved_at = Instant::now();
        loop {
            // libssh2 opens one channel at a time.
            let is_opening = slots.iter().any(|slot| slot.phase == Phase::Opening);
            if !is_opening && slots.len() < parallel {
                if let Some(slot) = turned_away.take() {
                    slots.push(slot);
                } else if let Some(dialogue) = waiting.next() {
                    slots.push(Slot::new(dialogue, &self.target.name)?);
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
                    return Err(RemoteError::Silent {
                        command: slot.dialogue.command().shown(),
                        host: self.target.name.clone(),
                        after: silence,
                    });
                }
                // One channel's step may have taken in what another one waits for, which the socket then no
                // longer shows; hence the short pauses at first.
                self.idle(limit, pause)?;
                pause = GLANCE.min(pause * 2);
            }
        }
    }

    /// Does for a channel what can be done without waiting; whether that was anything.
    fn step(&self, slot: &mut Slot<'_>, block: &mut [u8]) -> Result<bool, RemoteError> {
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
                        match channel.stream(id_of(stream)).read(block) {
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
        guard(limit, &self.socket, &self.target, || {
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

impl Drop for Ssh {
    fn drop(&mut self) {
        // Politeness: the socket closes right after, and a host that is gone need not hear it.
        let _ = self.session.disconnect(None, "done", None);
    }
}

/// Does `work` within `limit` and closes `socket` if that goes on after the end, which is then what is returned.
fn guard<T, E: From<RemoteError>>(
    limit: Limit<'_>,
    socket: &TcpStream,
    target: &Target,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if limit.cancel.is_none() && limit.deadline.is_none() {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        let guard = scope.spawn(move || {
            let is_going_on = |time| is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            while is_going_on(GLANCE) {
                let ended = limit.check(target);
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

/// The number of the stream within a channel.
const fn id_of(stream: Stream) -> i32 {
    match stream {
        Stream::Stdout => 0,
        Stream::Stderr => ssh2::EXTENDED_DATA_STDERR,
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
struct Slot<'d> {
    dialogue: &'d mut dyn Dialogue,
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

impl<'d> Slot<'d> {
    fn new(dialogue: &'d mut dyn Dialogue, host: &str) -> Result<Self, RemoteError> {
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
        dialogue: &mut dyn Dialogue,
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
