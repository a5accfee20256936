//! Why a specification cannot be used.

use std::io;
use std::path::PathBuf;

use crate::lists;
use crate::staging::StagingError;
use crate::video::read::ReadError;

/// Why a specification could not be read, written or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// There is no such file.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The file asked for.
        path: PathBuf,
    },
    /// A folder was given for a specification.
    #[error("{} is a folder, expected the file of a prompt or a run", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is far larger than any specification.
    #[error("{} is {bytes} bytes long, which no specification is", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The text is not JSON.
    #[error("{origin}:{}:{}: {}", .source.line(), .source.column(), without_place(.source))]
    Syntax {
        /// The file or option that the text comes from.
        origin: String,
        /// What the parser says, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// The text is JSON, but no object.
    #[error("{origin}: found {value}, expected an object in braces")]
    NotAnObject {
        /// The file or option that the text comes from.
        origin: String,
        /// What was found, shortened if it is long.
        value: String,
    },
    /// A field that has to be there is not.
    #[error("{origin}: {field} is missing, expected {expected}")]
    MissingField {
        /// The file or option.
        origin: String,
        /// The field.
        field: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A field has a value that it cannot take.
    #[error("{origin}: {field} is {value}, expected {expected}")]
    InvalidField {
        /// The file or option.
        origin: String,
        /// The field, with the object that holds it: `control_weights.vis`.
        field: String,
        /// The value as JSON, shortened if it is long.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A control is named that Cosmos does not have.
    #[error("{origin}: {field} names `{name}`, expected vis, edge, depth or segmentation")]
    UnknownControl {
        /// The file or option.
        origin: String,
        /// The field that holds the names.
        field: String,
        /// The name.
        name: String,
    },
    /// A control is named twice, under two names.
    #[error("{origin}: {field} names {name} twice")]
    RepeatedControl {
        /// The file or option.
        origin: String,
        /// The field that holds the names.
        field: String,
        /// The control.
        name: String,
    },
    /// A folder was given for the video, and `prepare-inference` did not make it.
    #[error("{} holds no metadata.json, expected a video or a folder that prepare-inference made", folder.display())]
    NotPrepared {
        /// The folder.
        folder: PathBuf,
    },
    /// A video that the specification names is not there.
    #[error("{field} is {}, which does not exist", path.display())]
    MissingVideo {
        /// The field.
        field: String,
        /// The path as the specification has it.
        path: PathBuf,
    },
    /// A video is not in the format that Cosmos opens.
    #[error("{field} is {}, expected an .mp4 file", path.display())]
    NotMp4 {
        /// The field.
        field: String,
        /// The path as the specification has it.
        path: PathBuf,
    },
    /// A file that is to be a picture or a video is neither.
    #[error("{field} is {}, expected a picture or an .mp4 file: {source}", path.display())]
    NotAPicture {
        /// The field.
        field: String,
        /// The path as the specification has it.
        path: PathBuf,
        /// Why it cannot be read as a picture.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A video is there and cannot be read.
    #[error("{field}: {source}")]
    Video {
        /// The field.
        field: String,
        /// What is wrong with the video.
        #[source]
        source: ReadError,
    },
    /// Control videos differ from the input video; each difference is a sentence.
    #[error("{}", differences.join("; "))]
    VideosDiffer {
        /// What differs, never empty.
        differences: Vec<String>,
    },
    /// A video is not the one that the specification was made for.
    #[error("{field} is {}, which has changed since the prompt was made", path.display())]
    VideoChanged {
        /// The field.
        field: String,
        /// The path as the specification has it.
        path: PathBuf,
    },
    /// A prompt specification was needed.
    #[error("{} is a run specification, expected a prompt specification", path.display())]
    NotAPrompt {
        /// The file.
        path: PathBuf,
    },
    /// A run specification was needed.
    #[error("{} is a prompt specification, expected a run specification", path.display())]
    NotARun {
        /// The file.
        path: PathBuf,
    },
    /// The prompt specification that a run belongs to is not to be found.
    #[error("the prompt {prompt_id} of {} is not there (looked in {})", run.display(), folder.display())]
    PromptNotFound {
        /// The prompt's id.
        prompt_id: String,
        /// The run specification.
        run: PathBuf,
        /// Where prompts are looked for.
        folder: PathBuf,
    },
    /// No specification has that id or name.
    #[error("no prompt or run is called `{query}`")]
    Unknown {
        /// What was asked for.
        query: String,
        /// Names and ids that come close.
        nearest: Option<String>,
    },
    /// Several specifications have that id or name.
    #[error("`{query}` could be {}", lists::shown(candidates))]
    Ambiguous {
        /// What was asked for.
        query: String,
        /// The ids, each with its name.
        candidates: Vec<String>,
    },
    /// The file could not be put in its place.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl SpecError {
    /// What the user can do about it, if it is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => {
                Some("cosmos list shows the specifications that there are".into())
            }
            Self::IsFolder { .. } => {
                Some("cosmos list shows the prompts and runs that there are".into())
            }
            Self::TooLarge { .. } => Some("pass the JSON file that create-spec wrote".into()),
            Self::UnknownControl { name, .. } if name.eq_ignore_ascii_case("color") => Some(
                "the color video is the input video, not a control: give it as --video-path".into(),
            ),
            Self::NotPrepared { .. } => {
                Some("run cosmos prepare-inference on the render folder first".into())
            }
            Self::MissingVideo { .. } => Some(
                "relative paths count from the folder you are in, or from a folder above the specification".into(),
            ),
            Self::NotMp4 { path, .. } => Some(format!(
                "convert it: cosmos standardize {} {}",
                path.display(),
                path.with_extension("mp4").display()
            )),
            Self::Video { source, .. } => Some(source.hint().into()),
            Self::VideosDiffer { .. } => Some(
                "a control has to match the input video frame by frame: encode both from the same frames with prepare-inference".into(),
            ),
            Self::VideoChanged { .. } => Some("make the prompt again with cosmos create-spec".into()),
            Self::NotAPrompt { .. } => Some("pass the file that create-spec wrote".into()),
            Self::NotARun { .. } => Some("make a run of it with cosmos create-run".into()),
            Self::PromptNotFound { .. } => {
                Some("put the prompt specification back, or make both again".into())
            }
            Self::Unknown { nearest, .. } => Some(nearest.as_ref().map_or_else(
                || "cosmos list shows what there is".into(),
                |nearest| format!("did you mean {nearest}?"),
            )),
            Self::Ambiguous { .. } => Some("give more digits of the id".into()),
            Self::Staging(error) => error.hint().map(Into::into),
            _ => None,
        }
    }

    /// Whether the system failed, and not what the user gave.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Read { .. } | Self::Video { .. } | Self::Staging(_) | Self::Write { .. }
        )
    }
}

/// The parser's message without the line and column at its end, which stand in front here.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(text, _)| text)
        .to_owned()
}
