use std::path::{Path, PathBuf};

use cosmos_core::naming::UnusableName;

use crate::ai::AiError;

/// Why a captioner cannot be used, or cannot caption.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptionError {
    /// The engine, a graph or a file fails.
    #[error(transparent)]
    Ai(#[from] AiError),
    /// A model cannot be called so.
    #[error(transparent)]
    Name(#[from] UnusableName),
    /// There is no folder where a captioner should be.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// It is not known where models are to be put.
    #[error("there is no folder to put models into: this user has no home folder")]
    NoOwnFolder,
    /// A model of this name is there already.
    #[error("there is a model called `{name}` in {}", folder.display())]
    NameTaken {
        /// The name.
        name: String,
        /// The folder of models.
        folder: PathBuf,
    },
    /// A folder lacks a file that a captioner has.
    #[error("{} has no {file}, so it is no captioner as Optimum or transformers.js publish it", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file, or how the files are called of which one would do.
        file: &'static str,
    },
    /// A configuration is not the JSON that it should be.
    #[error("{}: {source}", file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// The model is of a kind that is not known here.
    #[error("{}: a model of the type `{found}`, expected `vision-encoder-decoder` or `blip`", file.display())]
    UnsupportedKind {
        /// The configuration.
        file: PathBuf,
        /// Its `model_type`.
        found: String,
    },
    /// Pictures would have to be prepared in a way that is not known here.
    #[error("{}: an image processor `{found}`, expected one of {expected}", file.display())]
    UnsupportedProcessor {
        /// The configuration.
        file: PathBuf,
        /// Its `image_processor_type`.
        found: String,
        /// Those that are known.
        expected: String,
    },
    /// A setting has a value that cannot be used.
    #[error("{}: `{key}` is {found}, expected {expected}", file.display())]
    Setting {
        /// The configuration.
        file: PathBuf,
        /// The setting.
        key: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A setting would change the captions and is not known here.
    #[error("{}: `{key}` is set, which is not supported", file.display())]
    UnknownSetting {
        /// The configuration.
        file: PathBuf,
        /// The setting.
        key: &'static str,
    },
    /// The configuration does not belong to the graph.
    #[error("{} says {configured} for the {what}, but {} has {found}", config.display(), graph.display())]
    Contradiction {
        /// The configuration.
        config: PathBuf,
        /// The graph.
        graph: PathBuf,
        /// What they differ in.
        what: &'static str,
        /// What the configuration says.
        configured: usize,
        /// What the graph has.
        found: i64,
    },
    /// The tokenizer cannot be read, or cannot make words of tokens.
    #[error("{}: {source}", file.display())]
    Tokenizer {
        /// The file.
        file: PathBuf,
        /// What the tokenizer says.
        source: tokenizers::Error,
    },
    /// The tokenizer has no token that captions begin or end with.
    #[error("{} has no token {id}, which is the {role} token", file.display())]
    NoToken {
        /// The tokenizer.
        file: PathBuf,
        /// `start` or `end`.
        role: &'static str,
        /// The token.
        id: u32,
    },
    /// A graph answered with another number of values than one for each word and sentence.
    #[error("{} answered with {found} values for {sequences} sentences", graph.display())]
    Answer {
        /// The graph.
        graph: PathBuf,
        /// Values it answered with.
        found: usize,
        /// Sentences it was asked about.
        sequences: usize,
    },
}

impl CaptionError {
    pub(super) fn json(file: &Path, source: serde_json::Error) -> Self {
        Self::Json {
            file: file.to_owned(),
            source,
        }
    }

    /// What the user can do about it, if it is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Ai(error) => return error.hint(),
            Self::Name(_) => "choose another name with --name".into(),
            Self::NoOwnFolder => "pass --models-dir".into(),
            Self::NameTaken { .. } => {
                "choose another name with --name, or pass --overwrite to replace a captioner".into()
            }
            Self::NotAFolder { .. } | Self::Missing { .. } => {
                "name the folder with config.json in it; the graphs may lie in its folder onnx".into()
            }
            Self::UnsupportedKind { .. } => {
                "captioners are ViT-GPT2 and its kin (vision-encoder-decoder) and BLIP; see docs/models.md".into()
            }
            Self::Contradiction { .. } | Self::NoToken { .. } | Self::Answer { .. } => {
                "the files are of different models: export or download them together".into()
            }
            Self::UnknownSetting { key, .. } => format!("remove `{key}` from the file, and compare the captions"),
            Self::UnsupportedProcessor { .. } => {
                "export the model with one of these, if it was trained with pictures prepared so".into()
            }
            Self::Json { .. } | Self::Setting { .. } | Self::Tokenizer { .. } => {
                "correct the file, or export or download the captioner again".into()
            }
        })
    }

    /// Whether the fault is in what the user typed rather than in the captioner.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Ai(error) => error.is_usage(),
            Self::Name(_)
            | Self::NotAFolder { .. }
            | Self::NoOwnFolder
            | Self::NameTaken { .. } => true,
            _ => false,
        }
    }
}
