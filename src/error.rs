//! Everything that can go wrong in the library, with advice and the exit code that belongs to it.

use std::io;
use std::path::{Path, PathBuf};

use crate::ai::AiError;
use crate::ai::caption::CaptionError;
use crate::config::ConfigError;
use crate::cosmos::Refused;
use crate::cosmos::log::Block;
use crate::cosmos::options::OptionError;
use crate::docker::DockerError;
use crate::frames::decode::DecodeError;
use crate::frames::{FramesError, Problem};
use crate::layers::LayersError;
use crate::naming::UnusableName;
use crate::remote::RemoteError;
use crate::runs::RunError;
use crate::specs::SpecError;
use crate::staging::StagingError;
use crate::video::pipeline::PipelineError;
use crate::video::read::ReadError;
use crate::video::verify::VerifyError;

/// Why a workflow could not do its work.
///
/// `Display` is the one line that a user reads; [`Error::hint`] says what to do, and `source` leads to what
/// lies behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The render folder or its frames cannot be used.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// The layers of OpenEXR frames do not become videos.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// A name that was given cannot be used for a file.
    #[error(transparent)]
    Name(#[from] UnusableName),
    /// The frames could not be turned into videos.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// A video could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A finished video is not what it should be.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The output could not be put in its place.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A prompt or run specification cannot be used.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Docker on the GPU host did not do what it was told.
    #[error(transparent)]
    Docker(#[from] DockerError),
    /// A run on the GPU host did not end with its result.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The generation of Cosmos models cannot do what a run asks for.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A program of NVIDIA has no such option, or it cannot have that value.
    #[error(transparent)]
    ProgramOption(#[from] OptionError),
    /// The AI engine or a model cannot be used.
    #[error(transparent)]
    Ai(#[from] AiError),
    /// A captioner cannot be used.
    #[error(transparent)]
    Caption(#[from] CaptionError),
    /// The GPU host could not be reached, or did not do what it was told.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// Options that contradict each other or cannot be used.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What would be right.
        hint: String,
    },
    /// A file that belongs to the output could not be read or written.
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

/// What a process that ends with an error tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Something failed that was not the user's doing.
    Failure = 1,
    /// Wrong options, a wrong path or a wrong setting.
    Usage = 2,
    /// The frames are incomplete, inconsistent or damaged.
    InvalidFrames = 3,
    /// The GPU host or its container failed.
    Host = 4,
    /// The user interrupted the work.
    Interrupted = 130,
}

impl Error {
    pub(crate) fn io(attempt: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            attempt,
            path: path.to_owned(),
            source,
        }
    }

    /// What the user can do about it, if it is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Config(e) => e.hint(),
            Self::Frames(e) => e.hint(),
            Self::Layers(e) => e.hint(),
            Self::Name(_) => Some("use letters and digits".into()),
            Self::Pipeline(PipelineError::Decode(e)) => Some(e.hint()),
            Self::Pipeline(PipelineError::Encode(e)) => e.hint(),
            Self::Read(e) => Some(e.hint().into()),
            Self::Staging(e) => e.hint().map(Into::into),
            Self::Spec(e) => e.hint(),
            Self::Refused(e) => Some(e.hint()),
            Self::ProgramOption(e) => e.hint(),
            Self::Ai(e) => e.hint(),
            Self::Caption(e) => e.hint(),
            Self::Remote(e) => e.hint(),
            Self::Docker(e) => e.hint(),
            Self::Run(e) => e.hint(),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("the disk is full: free some space and run again".into())
            }
            Self::Pipeline(_) | Self::Verify(_) | Self::Io { .. } => None,
        }
    }

    /// The exit code of a process that ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Frames(FramesError::Cancelled) | Self::Pipeline(PipelineError::Cancelled) => {
                ExitCode::Interrupted
            }
            Self::Frames(
                FramesError::NotFound { .. }
                | FramesError::NotADirectory { .. }
                | FramesError::SeveralSequences { .. }
                | FramesError::PatternMatchedNothing { .. }
                | FramesError::MapMatchedNothing { .. }
                | FramesError::NoSuchShot { .. },
            )
            | Self::Config(_)
            | Self::Name(_)
            | Self::Refused(_)
            | Self::ProgramOption(_)
            | Self::Usage { .. } => ExitCode::Usage,
            Self::Remote(e) => of_remote(e),
            Self::Docker(_) => ExitCode::Host,
            Self::Run(e) => match e {
                RunError::Interrupted { .. }
                | RunError::Cancelled { .. }
                | RunError::Left { reason: None, .. } => ExitCode::Interrupted,
                RunError::Remote { source, .. } => of_remote(source),
                RunError::InUse { .. }
                | RunError::BadResult { .. }
                | RunError::NotRecorded { .. }
                | RunError::Io { .. } => ExitCode::Failure,
                _ => ExitCode::Host,
            },
            Self::Spec(e) if !e.is_failure() => ExitCode::Usage,
            Self::Ai(e) if e.is_usage() => ExitCode::Usage,
            Self::Caption(e) if e.is_usage() => ExitCode::Usage,
            Self::Pipeline(PipelineError::Decode(DecodeError::Memory { .. })) => ExitCode::Failure,
            Self::Layers(LayersError::DepthEnds { .. }) => ExitCode::Usage,
            Self::Frames(_) | Self::Layers(_) | Self::Pipeline(PipelineError::Decode(_)) => {
                ExitCode::InvalidFrames
            }
            _ => ExitCode::Failure,
        }
    }

    /// The last lines of the log of a job on the GPU host, where that is what failed.
    #[must_use]
    pub fn log_tail(&self) -> &[String] {
        match self {
            Self::Run(e) => e.log_tail(),
            _ => &[],
        }
    }

    /// The objection of a guardrail, where that is what ended a run.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        match self {
            Self::Run(e) => e.block(),
            _ => None,
        }
    }

    /// The problems of the frames, where that is what the error is about.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Frames(FramesError::Invalid { problems, .. }) => problems,
            _ => &[],
        }
    }
}

const fn of_remote(error: &RemoteError) -> ExitCode {
    match error {
        RemoteError::Cancelled => ExitCode::Interrupted,
        RemoteError::NoHost => ExitCode::Usage,
        RemoteError::Local { .. } => ExitCode::Failure,
        _ => ExitCode::Host,
    }
}
