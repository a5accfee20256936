//! Why a job failed, from how its container ended and what its program said.

use std::fmt;

use crate::cosmos::log;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Exit code of the container.
    pub code: i64,
    /// Whether the kernel ended something in it for want of memory.
    pub out_of_memory: bool,
    /// What its log says went wrong, and the line that says so.
    pub said: Option<(log::Cause, String)>,
    /// The last exception of the program.
    pub exception: Option<String>,
}

/// Why a job failed, as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`Display` says it in full")]
pub enum Cause {
    OutOfMemory,
    Killed,
    NoVideo,
    /// What the program says itself.
    Said {
        /// What it comes to.
        cause: log::Cause,
        /// The line of the log.
        line: String,
    },
    Program {
        /// The exception that ended it, as far as its log tells.
        exception: Option<String>,
    },
}

/// What a process that was killed leaves as exit code: 128 and the number of the signal.
const KILLED: i64 = 128 + 9;

impl Cause {
    /// Why a job failed that has ended so, without a video or with an exit code other than 0.
    #[must_use]
    pub fn of(ended: Ended) -> Self {
        match ended {
            Ended { code: 0, .. } => Self::NoVideo,
            Ended {
                out_of_memory: true,
                ..
            }
            | Ended {
                said: Some((log::Cause::WorkerKilled, _)),
                ..
            } => Self::OutOfMemory,
            Ended { code: KILLED, .. } => Self::Killed,
            Ended {
                said: Some((cause, line)),
                ..
            } => Self::Said { cause, line },
            Ended {
                said: None,
                exception,
                ..
            } => Self::Program { exception },
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::OutOfMemory => log::Cause::WorkerKilled.hint(),
            Self::Killed => {
                "somebody stopped the container or Docker, or the host ran out of memory (dmesg there says so); run again"
            }
            Self::NoVideo => {
                "the log says how far it came; report it if it ends as if all were well"
            }
            Self::Said { cause, .. } => cause.hint(),
            Self::Program { .. } => "see the log; docs/gpu-host.md lists what often goes wrong",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory => log::Cause::WorkerKilled.fmt(f),
            Self::Killed => f.pad("it was killed"),
            Self::NoVideo => f.pad("it ended well and wrote no video"),
            Self::Said { cause, line } if cause.needs_line() => write!(f, "{cause}: {line}"),
            Self::Said { cause, .. } => cause.fmt(f),
            Self::Program { exception: None } => f.pad("the model's program failed"),
            Self::Program {
                exception: Some(exception),
            } => write!(f, "the model's program failed: {exception}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_knows_counts_more_than_what_the_program_said() {
        let gpu = (log::Cause::OutOfGpuMemory, "CUDA out of memory".to_owned());
        let worker = (log::Cause::WorkerKilled, "exitcode: -9".to_owned());
        for (code, out_of_memory, said, expected) in [
            (0, false, None, "it ended well and wrote no video"),
            (137, true, None, "the host ran out of memory"),
            (1, true, Some(gpu.clone()), "the host ran out of memory"),
            (1, false, Some(worker), "the host ran out of memory"),
            (137, false, None, "it was killed"),
            (137, false, Some(gpu.clone()), "it was killed"),
            (1, false, Some(gpu), "the GPU ran out of memory"),
            (
                1,
                false,
                None,
                "the model's program failed: RuntimeError: boom",
            ),
            (
                1,
                false,
                Some((log::Cause::SpecRefused, "guidance: too large".to_owned())),
                "the model's program refuses the spec: guidance: too large",
            ),
        ] {
            let cause = Cause::of(Ended {
                code,
                out_of_memory,
                said,
                exception: Some("RuntimeError: boom".to_owned()),
            });
            assert_eq!(cause.to_string(), expected);
            assert!(!cause.hint().is_empty());
        }
    }
}
