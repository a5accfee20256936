//! The container that a job runs in on the GPU host: how it is started, looked at and ended, and why it failed.
//!
//! Builds commands and reads what Docker answers; who sends them is not known here. A container is named after
//! its job, so that a second one for the same job cannot start, and labelled with what it was made from
//! ([`Launch::digest`]), so that it is recognised later, from any machine. Images are never pulled: they are
//! tens of gigabytes, which nobody wants by surprise.

mod cause;
mod container;
mod error;
mod launch;
mod settings;

pub use cause::{Cause, Ended};
pub use container::{Container, Phase};
pub use error::{DockerError, is_absent};
pub use launch::{Launch, container_name};
pub use settings::DockerSettings;
pub(crate) use settings::KEYS;

use crate::remote::Command;

/// The label that tells whose run a container is: its value is the run's id.
pub const RUN_LABEL: &str = "cosmos-workflow.run";
/// The label with [`Launch::digest`].
pub const JOB_LABEL: &str = "cosmos-workflow.job";

/// What is asked of a container: one line, short enough to be written in one piece.
pub const FORMAT: &str = r#"{"Id":{{json .Id}},"Name":{{json .Name}},"State":{"Status":{{json .State.Status}},"ExitCode":{{json .State.ExitCode}},"OOMKilled":{{json .State.OOMKilled}},"Error":{{json .State.Error}},"StartedAt":{{json .State.StartedAt}}},"Config":{"Image":{{json .Config.Image}},"Labels":{"cosmos-workflow.run":{{json (index .Config.Labels "cosmos-workflow.run")}},"cosmos-workflow.job":{{json (index .Config.Labels "cosmos-workflow.job")}}}}}"#;

/// Asks for a container, as [`Container::read`] takes it.
#[must_use]
pub fn inspect(name: &str) -> Command {
    Command::new("docker").args(["container", "inspect", "--format", FORMAT, name])
}

/// Asks for all containers of ours, one a line.
#[must_use]
pub fn list() -> Command {
    Command::script(
        r#"ids=$(docker container ls --all --quiet --no-trunc --filter "label=$1") || exit
[ -z "$ids" ] || exec docker container inspect --format "$2" $ids"#,
    )
    .args([RUN_LABEL, FORMAT])
}

/// Writes to standard output what the container has said so far, and with `follow` what it is going to say until it
/// ends. What comes on standard error is Docker's own.
#[must_use]
pub fn logs(name: &str, follow: bool) -> Command {
    let command = Command::new("docker").args(["container", "logs"]);
    if follow {
        command.args(["--follow", name])
    } else {
        command.arg(name)
    }
}

/// Ends the container at once. What it was writing is of no use to anybody.
#[must_use]
pub fn kill(name: &str) -> Command {
    Command::new("docker").args(["container", "kill", name])
}

/// Removes a container that has ended, with the folders that go with it.
#[must_use]
pub fn remove(name: &str) -> Command {
    Command::new("docker").args(["container", "rm", "--volumes", name])
}
