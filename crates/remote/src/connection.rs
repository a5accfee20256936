//! A host that commands run on: one that SSH leads to, or this machine.

use std::fmt;
use std::time::Duration;

use cosmos_core::progress::Cancel;

use super::dialogue::{Dialogue, ExitStatus, Follow, Limit, Line, Output, Script, last_words};
use super::local::Local;
use super::ssh::Ssh;
use super::{Command, Login, RemoteError, Target};

/// The way to the host. It closes when it is dropped; what was started detached lives on.
pub struct Connection {
    target: Target,
    transport: Transport,
}

/// How commands get to the host.
pub(super) enum Transport {
    /// Over SSH.
    Ssh(Ssh),
    /// They run here.
    Local(Local),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("host", &self.target.name)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to the host, checks its key, and logs in. This machine needs none of that.
    ///
    /// # Errors
    /// Nearly every [`RemoteError`]; [`RemoteError::Cancelled`] soon after `cancel` was raised.
    pub fn open(target: &Target, login: &Login, cancel: &Cancel) -> Result<Self, RemoteError> {
        let transport = match target.is_local {
            true => Transport::Local(Local::new(target)),
            false => Transport::Ssh(Ssh::open(target, login, cancel)?),
        };
        Ok(Self {
            target: target.clone(),
            transport,
        })
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
        match self.converse(&mut [&mut script], 1, limit) {
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
        self.converse(&mut [&mut script], 1, limit)?;
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
        let mut follow = Follow::new(command.clone(), on_line);
        self.converse(&mut [&mut follow], 1, limit)?;
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
        match self.converse(&mut [&mut script], 1, limit) {
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

    /// Runs all `dialogues`, at most `parallel` at a time. The first failure ends them all.
    pub(super) fn converse(
        &self,
        dialogues: &mut [&mut dyn Dialogue],
        parallel: usize,
        limit: Limit<'_>,
    ) -> Result<(), RemoteError> {
        match &self.transport {
            Transport::Ssh(ssh) => ssh.converse(dialogues, parallel, limit),
            Transport::Local(local) => local.converse(dialogues, parallel, limit),
        }
    }

    /// How long a question to the host takes at best, measured with every channel that was opened.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        match &self.transport {
            Transport::Ssh(ssh) => ssh.round_trip(),
            Transport::Local(_) => Duration::ZERO,
        }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn lost(&self, reason: String) -> RemoteError {
        RemoteError::Lost {
            host: self.target.name.clone(),
            reason,
        }
    }
}
