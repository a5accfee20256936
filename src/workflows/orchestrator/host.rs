//! The host as a run sees it: commands that survive a dropped connection.

use std::thread;
use std::time::{Duration, Instant};

use crate::docker::{self, Container, DockerError};
use crate::progress::{Cancel, Progress};
use crate::remote::{Command, Connection, Login, Output, RemoteError, Target};

/// The first wait before connecting again, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A connection that held this long was a good one: what comes after its loss is a new trouble.
const GOOD: Duration = Duration::from_secs(60);
/// How many times as long a command may take that moves data from disk to disk.
const LONG: u32 = 10;
/// How much longer a command is waited for that keeps its time itself.
const KEPT_TIME: Duration = Duration::from_secs(5);
/// How often a wait looks whether it was cancelled.
const GLANCE: Duration = Duration::from_millis(50);

/// The host, connected to again whenever the connection is lost.
pub(super) struct Host<'a> {
    target: &'a Target,
    login: &'a Login,
    progress: &'a dyn Progress,
    /// How long to go on trying.
    patience: Duration,
    cancel: Cancel,
    connection: Option<(Connection, Instant)>,
    /// Whether there was a connection at all: one that was never made is not tried for again.
    was_connected: bool,
    home: Option<String>,
}

/// What can go wrong with a `docker` command on the host.
#[derive(Debug, thiserror::Error)]
pub(super) enum HostError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Docker(#[from] DockerError),
}

impl<'a> Host<'a> {
    pub fn new(
        target: &'a Target,
        login: &'a Login,
        patience: Duration,
        cancel: &Cancel,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            target,
            login,
            progress,
            patience,
            cancel: cancel.clone(),
            connection: None,
            was_connected: false,
            home: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.target.name
    }

    /// From now on only `cancel` ends what is being done.
    pub fn listen_to(&mut self, cancel: &Cancel) {
        self.cancel = cancel.clone();
    }

    pub fn progress(&self) -> &'a dyn Progress {
        self.progress
    }

    /// Does `work`, again from its start whenever the connection is lost, until that has lasted too long.
    pub fn with<T>(
        &mut self,
        mut work: impl FnMut(&Connection, &Cancel) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let mut pause = FIRST_PAUSE;
        let mut since: Option<Instant> = None;
        loop {
            let error = match self.attempt(&mut work) {
                Err(error) if error.is_lost() && self.was_connected => error,
                other => return other,
            };
            let held = self.connection.take().map(|(_, start)| start.elapsed());
            if held.is_some_and(|held| held >= GOOD) {
                (pause, since) = (FIRST_PAUSE, None);
            }
            if since.get_or_insert_with(Instant::now).elapsed() + pause > self.patience {
                return Err(error);
            }
            self.progress
                .stage(&format!("{error}; trying again in {} s", pause.as_secs()));
            self.wait(pause)?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt<T>(
        &mut self,
        work: &mut impl FnMut(&Connection, &Cancel) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let (connection, _) = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let connection = Connection::open(self.target, self.login, &self.cancel)?;
                self.was_connected = true;
                none.insert((connection, Instant::now()))
            }
        };
        work(connection, &self.cancel)
    }

    /// Waits, unless the work is cancelled meanwhile.
    pub fn wait(&self, pause: Duration) -> Result<(), RemoteError> {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            if self.cancel.is_cancelled() {
                return Err(RemoteError::Cancelled);
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Runs `command`, which asks or changes little; `what` names it if it does not end.
    pub fn run(&mut self, command: &Command, what: &str) -> Result<Output, RemoteError> {
        let time = self.target.answer_timeout;
        self.with(|connection, cancel| connection.run_to_end(command, what, time, cancel))
    }

    /// The same where data is moved from disk to disk.
    pub fn run_long(&mut self, command: &Command, what: &str) -> Result<Output, RemoteError> {
        let time = self.target.answer_timeout * LONG;
        self.with(|connection, cancel| connection.run_to_end(command, what, time, cancel))
    }

    /// How long a command may take that asks or changes little.
    pub fn answer_timeout(&self) -> Duration {
        self.target.answer_timeout
    }

    /// The error of a command that has taken longer.
    pub fn silent(&self, what: &str) -> RemoteError {
        RemoteError::Silent {
            command: what.to_owned(),
            host: self.target.name.clone(),
            after: self.answer_timeout(),
        }
    }

    /// The same for a command that is not to be interrupted, and that keeps the time itself while it waits for two
    /// things.
    pub fn run_undisturbed(
        &mut self,
        command: &Command,
        what: &str,
    ) -> Result<Output, RemoteError> {
        let time = self.answer_timeout() * 2 + KEPT_TIME;
        let never = Cancel::new();
        self.with(|connection, _| connection.run_to_end(command, what, time, &never))
    }

    /// What `command` writes within `time`.
    pub fn ask(&mut self, command: &Command, time: Duration) -> Result<String, RemoteError> {
        let (output, _) =
            self.with(|connection, cancel| connection.run_within(command, time, cancel))?;
        Ok(output.stdout_text())
    }

    /// Runs `command`, which has to succeed; `attempt` names it in the error.
    pub fn succeed(&mut self, command: &Command, attempt: &str) -> Result<Output, RemoteError> {
        self.succeed_within(command, attempt, self.target.answer_timeout)
    }

    /// The same where data is moved from disk to disk.
    pub fn succeed_long(
        &mut self,
        command: &Command,
        attempt: &str,
    ) -> Result<Output, RemoteError> {
        self.succeed_within(command, attempt, self.target.answer_timeout * LONG)
    }

    fn succeed_within(
        &mut self,
        command: &Command,
        attempt: &str,
        time: Duration,
    ) -> Result<Output, RemoteError> {
        self.with(|connection, cancel| {
            let output = connection.run_to_end(command, attempt, time, cancel)?;
            connection.expect_success(output, || attempt.to_owned())
        })
    }

    /// The user's home folder on the host.
    pub fn home(&mut self) -> Result<String, RemoteError> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let command = Command::script(r#"printf %s "$HOME""#);
        let output = self.succeed(&command, "asking for the home folder")?;
        let home = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(self.home.insert(home).clone())
    }

    /// The container called `name`, if it is there.
    pub fn container(&mut self, name: &str) -> Result<Option<Container>, HostError> {
        let command = docker::inspect(name);
        let output = self.run(&command, &command.shown())?;
        if docker::is_absent(&output) {
            return Ok(None);
        }
        if !output.status.success() {
            return Err(DockerError::of(&output, "look at the container", "").into());
        }
        Ok(Some(Container::read(&output.stdout_text())?))
    }

    /// All containers of ours.
    pub fn containers(&mut self) -> Result<Vec<Container>, HostError> {
        let output = self.run(&docker::list(), "docker container ls")?;
        if !output.status.success() {
            return Err(DockerError::of(&output, "list its containers", "").into());
        }
        let text = output.stdout_text();
        let containers: Result<_, _> = text.lines().map(Container::read).collect();
        Ok(containers?)
    }

    /// Runs a `docker` command that has to succeed, except that its object may be gone.
    pub fn docker(&mut self, command: &Command, attempt: &str) -> Result<(), HostError> {
        let output = self.run(command, &command.shown())?;
        if output.status.success() || docker::is_absent(&output) {
            return Ok(());
        }
        Err(DockerError::of(&output, attempt, "").into())
    }
}
