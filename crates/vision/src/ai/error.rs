use std::fmt;
use std::io;
use std::path::PathBuf;

use cosmos_core::staging::StagingError;

use super::models::Task;

/// The oldest onnxruntime that serves: the one whose C interface the `api-24` feature of `ort` speaks.
pub(super) const OLDEST_RUNTIME: &str = "1.24";

/// What is wrong with the engine, a model or a picture.
///
/// None of these is a reason to give up an encode: the caller goes on without what the models would have said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AiError {
    /// The engine's library is in none of its places.
    #[error(
        "onnxruntime, which runs the AI models, is not installed (looked for {} {})",
        super::runtime::LIBRARY,
        places(searched)
    )]
    RuntimeMissing {
        /// The folders that were looked into.
        searched: Vec<PathBuf>,
    },
    /// `ORT_DYLIB_PATH` names a file that does not exist.
    #[error("onnxruntime is not at {}, where ORT_DYLIB_PATH says", path.display())]
    RuntimeNotThere {
        /// The path that was named.
        path: PathBuf,
    },
    /// The file that should be the engine's library is something else, or damaged.
    #[error("{} cannot be used as onnxruntime: {defect}", path.display())]
    RuntimeBroken {
        /// The library.
        path: PathBuf,
        /// What is wrong with it.
        defect: LibraryDefect,
    },
    /// The engine is older than what this program speaks.
    #[error("{} is onnxruntime {found}, expected {OLDEST_RUNTIME} or newer", path.display())]
    RuntimeTooOld {
        /// The library.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// The engine refused to be set up.
    #[error("onnxruntime did not start: {}", one_line(source))]
    Engine {
        /// What the engine said.
        source: ort::Error,
    },
    /// A folder that was named for models is not there.
    #[error("the folder of models {} does not exist (named by {named_by})", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// Who named it: `--models-dir` or `$COSMOS_MODELS`.
        named_by: &'static str,
    },
    /// A folder that was named for models has no manifest.
    #[error("{} has no manifest.toml, so it is no folder of models (named by {named_by})", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
        /// Who named it: `--models-dir` or `$COSMOS_MODELS`.
        named_by: &'static str,
    },
    /// A manifest is not what a manifest should be.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong and where.
        problem: String,
    },
    /// No folder has a model for this task.
    #[error("no model for {task} is installed (looked {})", places(searched))]
    NoModel {
        /// What the model would be for.
        task: Task,
        /// The folders that were looked into.
        searched: Vec<PathBuf>,
    },
    /// There is no model of this name.
    #[error("there is no model called `{name}`")]
    UnknownModel {
        /// The name as given.
        name: String,
        /// The models there are.
        known: Vec<String>,
    },
    /// A model is in a folder that is not changed without being named.
    #[error("the model `{name}` belongs to {}", folder.display())]
    NotOwn {
        /// The model.
        name: String,
        /// Its folder of models.
        folder: PathBuf,
    },
    /// An output could not be put in its place.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A file of a model is missing.
    #[error("{} is missing, which the model `{model}` needs", path.display())]
    FileMissing {
        /// The model.
        model: String,
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {attempt} {}: {source}", path.display())]
    Io {
        /// What was attempted, worded to stand before the path.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What should be a model is the text that Git LFS puts in its place.
    #[error("{} is a Git LFS pointer, not a model ({bytes} bytes)", path.display())]
    LfsPointer {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A file has another size than its manifest says.
    #[error("{} has {found} bytes, expected {expected}", path.display())]
    WrongSize {
        /// The file.
        path: PathBuf,
        /// Bytes in the manifest.
        expected: u64,
        /// Bytes on disk.
        found: u64,
    },
    /// A file has another content than its manifest says.
    #[error("{} has the SHA-256 {found:.12}..., expected {expected:.12}...", path.display())]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// The hash in the manifest, in hexadecimal digits.
        expected: String,
        /// The hash of the file.
        found: String,
    },
    /// A graph is of a later ONNX than the engine reads.
    #[error("{} is a newer kind of ONNX than this onnxruntime reads: {}", path.display(), one_line(source))]
    TooNew {
        /// The graph.
        path: PathBuf,
        /// What the engine said.
        source: ort::Error,
    },
    /// The engine does not take a graph.
    #[error("{} cannot be loaded: {}", path.display(), one_line(source))]
    Load {
        /// The graph.
        path: PathBuf,
        /// What the engine said.
        source: ort::Error,
    },
    /// A graph does not do what its manifest says.
    #[error("{} is no model for {task}: expected {expected}, found {found}", path.display())]
    WrongGraph {
        /// The graph.
        path: PathBuf,
        /// What it should be for.
        task: Task,
        /// The input or output that was expected.
        expected: String,
        /// What the graph has there.
        found: String,
    },
    /// A file of labels does not fit its graph.
    #[error("{}: {problem}", path.display())]
    Labels {
        /// The file of labels.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A run ended with an error.
    #[error("the model {} failed on a picture: {}", path.display(), one_line(source))]
    Run {
        /// The graph.
        path: PathBuf,
        /// What the engine said.
        source: ort::Error,
    },
    /// A model answered with something that is no number.
    #[error("the model {} answered with values that are no numbers", path.display())]
    NotFinite {
        /// The graph.
        path: PathBuf,
    },
    /// A picture has no pixels, or cannot be brought to the model's size.
    #[error("a picture of {width}x{height} pixels cannot be looked at")]
    Picture {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// What is wrong with a file that should be onnxruntime.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LibraryDefect {
    /// It is no shared library of this system.
    NotALibrary,
    /// It is shorter than its own header says.
    Truncated {
        /// Bytes that the header promises at least.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// It is for another kind of processor.
    WrongArchitecture {
        /// This machine's.
        expected: &'static str,
        /// The library's.
        found: String,
    },
    /// It is a library, but not onnxruntime: `OrtGetApiBase` is missing.
    NoEntryPoint,
    /// The system does not load it.
    NotLoadable(String),
    /// It loads but does not behave like onnxruntime.
    Misbehaves,
}

impl fmt::Display for LibraryDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALibrary => f.write_str("it is not a shared library"),
            Self::Truncated { expected, found } => {
                write!(
                    f,
                    "it is cut off ({found} bytes, expected {expected} or more)"
                )
            }
            Self::WrongArchitecture { expected, found } => {
                write!(f, "it is for {found}, expected {expected}")
            }
            Self::NoEntryPoint => f.write_str("it has no function OrtGetApiBase"),
            Self::NotLoadable(why) => f.write_str(why),
            Self::Misbehaves => f.write_str("it does not answer as onnxruntime does"),
        }
    }
}

impl AiError {
    pub(super) fn io(attempt: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        Self::Io {
            attempt,
            path: path.to_owned(),
            source,
        }
    }

    /// What the user can do about it, if it is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::RuntimeMissing { .. } => {
                "run scripts/setup.sh, or set ORT_DYLIB_PATH to libonnxruntime.so; without it everything but AI works"
                    .into()
            }
            Self::RuntimeNotThere { .. } => {
                "correct or unset ORT_DYLIB_PATH; scripts/setup.sh installs onnxruntime where it is found by itself"
                    .into()
            }
            Self::RuntimeBroken { .. } | Self::RuntimeTooOld { .. } => {
                "remove it and run scripts/setup.sh, or set ORT_DYLIB_PATH to another libonnxruntime.so".into()
            }
            Self::NoFolder { .. } => "check the path; without one the usual places are searched".into(),
            Self::NoManifest { .. } => "name the folder that manifest.toml lies in".into(),
            Self::NoModel { task: Task::Captions, .. } => {
                "install one with `cosmos models add FOLDER`; docs/models.md says which".into()
            }
            Self::NoModel { .. } => {
                "run scripts/setup.sh, or name the folder `models` of the checkout with --models-dir or COSMOS_MODELS".into()
            }
            Self::NotOwn { folder, .. } => format!("to remove it there, pass --models-dir {}", folder.display()),
            Self::Staging(error) => return error.hint().map(Into::into),
            Self::UnknownModel { known, .. } if known.is_empty() => "no model is installed".into(),
            Self::UnknownModel { known, .. } => format!("there are: {}", known.join(", ")),
            Self::LfsPointer { .. } => "run `git lfs pull`".into(),
            Self::FileMissing { .. } | Self::WrongSize { .. } | Self::WrongHash { .. } => {
                "put the original file back, for example with git; `cosmos models verify` checks all".into()
            }
            Self::TooNew { .. } => "install a newer onnxruntime, or export the model with a lower opset".into(),
            Self::Load { .. } | Self::WrongGraph { .. } | Self::Labels { .. } | Self::NotFinite { .. } => {
                "`cosmos models verify` checks all models; `cosmos models remove` removes one".into()
            }
            Self::Manifest { .. } => "correct the manifest, or put the original back; docs/models.md describes it".into(),
            Self::Io { .. }
            | Self::Engine { .. }
            | Self::Run { .. }
            | Self::Picture { .. } => return None,
        })
    }

    /// Whether the fault is in what the user typed rather than in what is installed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoFolder { .. }
                | Self::NoManifest { .. }
                | Self::UnknownModel { .. }
                | Self::NotOwn { .. }
        )
    }
}

/// The engine's messages may have several lines.
fn one_line(error: &ort::Error) -> String {
    error
        .message()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn places(folders: &[PathBuf]) -> String {
    if folders.is_empty() {
        return "nowhere".to_owned();
    }
    let folders: Vec<_> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    format!("in {}", folders.join(", "))
}
