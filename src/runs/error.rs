//! Why a run did not end with its result.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cosmos::log::Block;
use crate::docker::{Cause, DockerError};
use crate::host_facts::Problem;
use crate::remote::RemoteError;
use crate::specs::{ExecutionStatus, SpecError};
use crate::video::read::ReadError;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The videos go to the host.
    Upload,
    /// The model makes its video.
    Inference,
    /// The video becomes larger.
    Upscaling,
    /// The results come back.
    Download,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Upload => "upload",
            Self::Inference => "inference",
            Self::Upscaling => "upscaling",
            Self::Download => "download",
        })
    }
}

/// Why a run did not end with its result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Another process carries this run out.
    #[error("{run} is being carried out by another cosmos process")]
    InUse {
        /// Name and id of the run.
        run: String,
    },
    /// The host or the way to it failed.
    #[error("{step} of {run} failed: {source}")]
    Remote {
        /// What was being done.
        step: Step,
        /// Name and id of the run.
        run: String,
        /// What went wrong.
        #[source]
        source: Box<RemoteError>,
    },
    /// Docker failed.
    #[error("{step} of {run} failed: {source}")]
    Docker {
        /// What was being done.
        step: Step,
        /// Name and id of the run.
        run: String,
        /// What went wrong.
        #[source]
        source: DockerError,
    },
    /// The checkout is not where the settings say.
    #[error("{folder} is not a folder on {host}")]
    NoCheckout {
        /// The folder.
        folder: String,
        /// The host.
        host: String,
    },
    /// The host cannot do it, as it stands.
    #[error("{run} cannot run on {host}: {}", messages(problems))]
    NotReady {
        /// Name and id of the run.
        run: String,
        /// The host.
        host: String,
        /// What is wrong, at least one thing.
        problems: Vec<Problem>,
    },
    /// The job in the container failed.
    #[error(transparent)]
    Job(Box<FailedJob>),
    /// A guardrail of the model objected to what the job was given, or to what it made.
    #[error(transparent)]
    Blocked(Box<BlockedJob>),
    /// A container of the same name does something else.
    #[error("{container} on {host} runs the same run with other settings")]
    Busy {
        /// The container.
        container: String,
        /// The host.
        host: String,
        /// Name and id of the run.
        run: String,
    },
    /// The job goes on, and nobody follows it any more.
    #[error("{step} of {run} goes on on {host}{}", because(reason.as_deref()))]
    Left {
        /// Which job.
        step: Step,
        /// Name and id of the run.
        run: String,
        /// The host.
        host: String,
        /// The run's id.
        id: String,
        /// Why it is not followed; the user's wish if `None`.
        #[source]
        reason: Option<Box<RemoteError>>,
    },
    /// The user interrupted it while nothing ran on the host.
    #[error("interrupted during the {step} of {run}")]
    Interrupted {
        /// What was being done.
        step: Step,
        /// Name and id of the run.
        run: String,
    },
    /// The job was ended because the user said so.
    #[error("{step} of {run} was cancelled")]
    Cancelled {
        /// Which job.
        step: Step,
        /// Name and id of the run.
        run: String,
    },
    /// Upscaling was asked for, and there is nothing to upscale.
    #[error(
        "there is no result of {run} to upscale: {video} is not on {host}, and not here either"
    )]
    NothingToUpscale {
        /// Name and id of the run.
        run: String,
        /// The video, as seen from the checkout.
        video: String,
        /// The host.
        host: String,
    },
    /// There is no log of a run, here or on the host.
    #[error("there is no log of {run}, here or on {host}")]
    NoLog {
        /// Name and id of the run.
        run: String,
        /// The host.
        host: String,
    },
    /// The result came back and is no video.
    #[error("the result of {run} cannot be used: {source}")]
    BadResult {
        /// Name and id of the run.
        run: String,
        /// What is wrong with it.
        #[source]
        source: ReadError,
    },
    /// The result came back and is no picture.
    #[error("the result of {run}, {}, cannot be read as a picture: {source}", path.display())]
    BadPicture {
        /// Name and id of the run.
        run: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// How far the run is could not be written to its file.
    #[error("cannot write down that {run} is {status}: {source}")]
    NotRecorded {
        /// Name and id of the run.
        run: String,
        /// How far it is.
        status: ExecutionStatus,
        /// What went wrong.
        #[source]
        source: Box<SpecError>,
    },
    /// A file here could not be read or written.
    #[error("cannot {attempt} {}: {source}", path.display())]
    Io {
        /// What was attempted, worded to stand before the path.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A job that failed in its container.
#[derive(Debug, thiserror::Error)]
#[error("{step} of {run} failed on {host}: {cause} (exit code {code}, container {container})")]
pub struct FailedJob {
    /// Which job.
    pub step: Step,
    /// Name and id of the run.
    pub run: String,
    /// The host.
    pub host: String,
    /// The container, which is still there.
    pub container: String,
    /// Its exit code.
    pub code: i64,
    /// Why, as far as that can be told.
    pub cause: Cause,
    /// The log, on this machine.
    pub log: PathBuf,
    /// The last lines of it.
    pub tail: Vec<String>,
}

/// A job whose result a guardrail does not let out, or whose prompt it does not let in.
#[derive(Debug, thiserror::Error)]
#[error("{step} of {run} was blocked on {host}: {block}")]
pub struct BlockedJob {
    /// Which job.
    pub step: Step,
    /// Name and id of the run.
    pub run: String,
    /// The host.
    pub host: String,
    /// The container, which is still there.
    pub container: String,
    /// Its exit code, which may be 0.
    pub code: i64,
    /// Which guardrail objected, and to what.
    pub block: Block,
    /// The log, on this machine.
    pub log: PathBuf,
    /// The last lines of it.
    pub tail: Vec<String>,
}

fn because(reason: Option<&RemoteError>) -> String {
    reason.map_or_else(String::new, |reason| format!(", but {reason}"))
}

fn messages(problems: &[Problem]) -> String {
    let messages: Vec<&str> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    messages.join("; ")
}

impl RunError {
    /// What the user can do about it, for a `help:` line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::InUse { .. } => {
                "wait for it to end, or follow it with cosmos logs --follow".into()
            }
            Self::Remote { source, .. } => return source.hint(),
            Self::Docker { source, .. } => return source.hint(),
            Self::NoCheckout { .. } => {
                "set remote_dir under [paths] to the checkout of the model's repository".into()
            }
            Self::NotReady { problems, .. } => {
                let hints: Vec<&str> = problems.iter().filter_map(|p| p.hint.as_deref()).collect();
                format!("{}; or go ahead with --no-host-check", hints.join("; "))
            }
            Self::Job(job) => format!("{}; the log is {}", job.cause.hint(), job.log.display()),
            Self::Blocked(job) => format!("{}; the log is {}", job.block.hint(), job.log.display()),
            Self::Busy { run, .. } => {
                format!("wait for it to end, or end it: cosmos cancel {run}")
            }
            Self::Left { id, .. } => {
                format!("follow it with cosmos run {id}, end it with cosmos cancel {id}")
            }
            Self::Interrupted { .. } | Self::Cancelled { .. } => {
                "run the same command again to go on".into()
            }
            Self::NothingToUpscale { .. } => "make one first: cosmos inference".into(),
            Self::NoLog { .. } => "start it with cosmos run".into(),
            Self::BadResult { source, .. } => source.hint().into(),
            Self::BadPicture { .. } => "download it again: cosmos run with the same run".into(),
            Self::NotRecorded { .. } => {
                "make room for the file, and run the same command again: what is done is not done again"
                    .into()
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "the disk is full: free some space and run again".into()
            }
            Self::Io { .. } => return None,
        })
    }

    /// The last lines of the job's log, where that is what failed.
    #[must_use]
    pub fn log_tail(&self) -> &[String] {
        match self {
            Self::Job(job) => &job.tail,
            Self::Blocked(job) => &job.tail,
            _ => &[],
        }
    }

    /// The guardrail's objection, where that is what ended the run.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        match self {
            Self::Blocked(job) => Some(&job.block),
            _ => None,
        }
    }
}
