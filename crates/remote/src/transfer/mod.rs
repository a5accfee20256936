//! Files and folders to the host and back.
//!
//! A file appears under its final name only when it is whole and its SHA-256 is the same on both sides. What
//! is there already is not sent again; what was cut off goes on where it stopped, also in the middle of a
//! file. Small files travel as one tar stream. Large ones travel in chunks: one after the other through the system's
//! `ssh` where the host is near, several at a time where it is far, since one SSH channel carries no more than its
//! window (2 MiB at OpenSSH) a round trip.
//!
//! Any number of processes may send the same files to the same place at once: each ends with them there.
//!
//! What has its final name is on the disk of the side that has it: a power cut takes nothing of it.
//!
//! Refuses names with control characters or that are not UTF-8, names from the host that would lead out of
//! the folder, and to replace a local file that is not what was downloaded before. Links on the host are
//! passed over; local ones are followed when sending and never when receiving.

mod chunks;
mod download;
mod names;
mod record;
mod small;
mod upload;

use std::path::Path;
use std::time::Duration;

use cosmos_core::progress::{Cancel, Progress, Silent};

use super::dialogue::{Dialogue, Limit, Output, Script};
use super::{Command, Connection, RemoteError};

pub(super) use download::unpack_listed;
pub use download::{download, download_some};
pub use upload::upload;

/// Files of at least this size travel in chunks, 32 MiB.
const LARGE: u64 = 32 << 20;
/// The largest file that is received, 1 TiB: a thousand times a long video, and few enough chunks to keep.
const MOST_RECEIVED: u64 = 1 << 40;
/// The most channels in use at a time. OpenSSH allows ten a connection (`MaxSessions`).
const MAX_CHANNELS: u32 = 6;
/// The round trip that another channel pays off for: OpenSSH's window of 2 MiB in this time are 170 MB/s.
const ROUND_TRIP_A_CHANNEL: Duration = Duration::from_millis(12);

/// What a transfer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transferred {
    /// Files that were sent or received.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Files that were there already.
    pub skipped: usize,
}

/// What both directions need.
struct Transfer<'a> {
    connection: &'a Connection,
    progress: &'a dyn Progress,
    /// The name of the task that is shown.
    task: &'a str,
    cancel: &'a Cancel,
}

impl Transfer<'_> {
    fn converse(&self, dialogues: &mut [&mut dyn Dialogue]) -> Result<(), RemoteError> {
        let limit = Limit::cancel(self.cancel);
        self.connection.converse(dialogues, self.channels(), limit)
    }

    fn converse_all(&self, dialogues: &mut [impl Dialogue]) -> Result<(), RemoteError> {
        let mut all: Vec<&mut dyn Dialogue> = Vec::with_capacity(dialogues.len());
        for dialogue in dialogues {
            all.push(dialogue);
        }
        self.converse(&mut all)
    }

    /// Whether the window of a single SSH channel fills the network.
    fn is_near(&self) -> Result<bool, RemoteError> {
        /// A host opens the first channel of a connection slowly, and every one while it is busy.
        const QUESTIONS: u32 = 3;
        let is_near = || self.connection.round_trip() < ROUND_TRIP_A_CHANNEL;
        for _ in 0..QUESTIONS {
            if is_near() {
                break;
            }
            self.run(Command::new("true"), &[])?;
        }
        Ok(is_near())
    }

    /// How many channels the distance asks for: two at least, so that one sends while the other is hashed.
    fn channels(&self) -> usize {
        let round_trips =
            self.connection.round_trip().as_millis() / ROUND_TRIP_A_CHANNEL.as_millis();
        let channels = u32::try_from(round_trips).unwrap_or(MAX_CHANNELS);
        channels.clamp(2, MAX_CHANNELS) as usize
    }

    /// Runs all `commands`, which have to succeed.
    fn run_all(
        &self,
        commands: Vec<Command>,
        attempt: impl Fn() -> String,
    ) -> Result<Vec<Output>, RemoteError> {
        let host = self.connection.host();
        let mut scripts: Vec<_> = commands
            .into_iter()
            .map(|command| Script::new(command, &[], host))
            .collect();
        self.converse_all(&mut scripts)?;
        scripts
            .into_iter()
            .map(|script| self.connection.expect_success(script.output, &attempt))
            .collect()
    }

    fn run(&self, command: Command, input: &[u8]) -> Result<Output, RemoteError> {
        self.connection
            .run_cancellable(&command, input, self.cancel)
    }

    /// Removes what is of no use any more. An error that made it so is on its way to the user: this one would hide it.
    fn clear(&self, command: &Command) {
        const PATIENCE: Duration = Duration::from_secs(10);
        let cleared = self
            .connection
            .run_within(command, PATIENCE, &Cancel::new());
        if let Err(error) = cleared {
            tracing::debug!("cannot clear up: {error}");
        }
    }

    /// The same, but nobody sees it.
    fn unseen(&self) -> Self {
        Self {
            progress: &Silent,
            ..*self
        }
    }

    fn advance(&self, bytes: u64) {
        self.progress.advance(self.task, bytes);
    }
}

/// An error about a local file.
fn local(attempt: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RemoteError {
    let path = path.to_owned();
    move |source| RemoteError::Local {
        attempt,
        path,
        source,
    }
}
