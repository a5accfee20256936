//! Why a folder cannot be used for frames at all.

use std::io;
use std::path::PathBuf;

use cosmos_core::lists;

use super::header::reason;
use super::name::Shown;
use super::report::{Problem, counted_files};

/// Why checking a folder came to nothing, or found a shot that must not be encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FramesError {
    /// There is no such folder (wrong usage).
    #[error("folder `{}` does not exist{}", Shown(.path), parent_note(.missing_parent.as_ref()))]
    NotFound {
        /// The folder asked for.
        path: PathBuf,
        /// The parent, when that does not exist either.
        missing_parent: Option<PathBuf>,
        /// A folder beside it whose name is close.
        nearest: Option<PathBuf>,
    },
    /// A file was given for a folder (wrong usage).
    #[error("`{}` is not a folder", Shown(.path))]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// The folder cannot be listed.
    #[error("folder `{}` cannot be read ({})", Shown(.path), reason(.source))]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder holds no numbered frames that can be read.
    #[error("no frames in `{}`{}", Shown(.folder), found_note(.found))]
    NoFrames {
        /// The folder.
        folder: PathBuf,
        /// What it holds instead: a few names.
        found: Vec<String>,
        /// Subfolders that do hold sequences.
        subfolders: Vec<PathBuf>,
    },
    /// The frames are in a format that is not read.
    #[error("the frames in `{}` are {format} files, which cannot be read ({pattern}, {})", Shown(.folder), counted_files(*.count))]
    UnsupportedFormat {
        /// The folder.
        folder: PathBuf,
        /// Name of the format.
        format: &'static str,
        /// The file names as a pattern.
        pattern: String,
        /// How many files there are.
        count: usize,
    },
    /// The folder holds more than one sequence, and no pattern says which is meant.
    #[error("`{}` holds {} sequences: {}", Shown(.folder), .patterns.len(), lists::shown(.patterns))]
    SeveralSequences {
        /// The folder.
        folder: PathBuf,
        /// Patterns for the sequences, quoted for a shell.
        patterns: Vec<String>,
    },
    /// No file in the folder fits the pattern.
    #[error("no file in `{}` fits the pattern `{pattern}`", Shown(.folder))]
    PatternMatchedNothing {
        /// The folder.
        folder: PathBuf,
        /// The pattern asked for.
        pattern: String,
        /// Patterns that would fit something, quoted for a shell.
        patterns: Vec<String>,
    },
    /// A sequence that the user maps to a modality is not there.
    #[error("no sequence in `{}` fits `{rule}`", Shown(.folder))]
    MapMatchedNothing {
        /// The folder.
        folder: PathBuf,
        /// The modality and the name asked for.
        rule: String,
        /// Patterns of the sequences that are there.
        patterns: Vec<String>,
    },
    /// The folder does not hold the shot that the user picks.
    #[error("`{}` holds no shot called `{shot}`", Shown(.folder))]
    NoSuchShot {
        /// The folder.
        folder: PathBuf,
        /// The shot asked for.
        shot: String,
        /// Names of the shots that are there.
        shots: Vec<String>,
    },
    /// The frames have problems and must not be encoded.
    #[error("the frames in `{}` have {}", Shown(.folder), problem_count(.problems.len()))]
    Invalid {
        /// The folder.
        folder: PathBuf,
        /// Everything that is wrong, never empty.
        problems: Vec<Problem>,
    },
    /// The work was asked to stop.
    #[error("cancelled while checking frames")]
    Cancelled,
}

fn parent_note(missing_parent: Option<&PathBuf>) -> String {
    missing_parent.map_or_else(String::new, |parent| {
        format!(", nor does `{}`", Shown(parent))
    })
}

fn found_note(found: &[String]) -> String {
    if found.is_empty() {
        " (it is empty)".to_owned()
    } else {
        format!(" (found {})", lists::shown(found))
    }
}

fn problem_count(count: usize) -> String {
    match count {
        1 => "1 problem".to_owned(),
        _ => format!("{count} problems"),
    }
}

impl FramesError {
    /// What to do about it. The problems of [`FramesError::Invalid`] have hints of their own.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest, .. } => Some(nearest.as_ref().map_or_else(
                || "pass the folder that holds the frames".to_owned(),
                |path| format!("did you mean `{}`?", Shown(path)),
            )),
            Self::NotADirectory { path } => path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .map(|parent| format!("pass the folder that holds the frames: `{}`", Shown(parent)))
                .or_else(|| Some("pass the folder that holds the frames".to_owned())),
            Self::Unreadable { .. } => Some("check the permissions of the folder".to_owned()),
            Self::NoFrames { subfolders, .. } => Some(match subfolders.as_slice() {
                [] => NAMES_HINT.to_owned(),
                [first, ..] => format!(
                    "its subfolders hold frames: pass one of them (`{}`), or run prepare-inference on all",
                    Shown(first)
                ),
            }),
            Self::UnsupportedFormat { .. } => Some(UNSUPPORTED_HINT.to_owned()),
            Self::SeveralSequences { patterns, .. } => patterns
                .first()
                .map(|pattern| format!("choose one: --pattern {pattern}")),
            Self::PatternMatchedNothing { patterns, .. } => Some(match patterns.as_slice() {
                [] => NAMES_HINT.to_owned(),
                patterns => format!("the folder holds {}", lists::shown(patterns)),
            }),
            Self::MapMatchedNothing { patterns, .. } => Some(match patterns.as_slice() {
                [] => NAMES_HINT.to_owned(),
                patterns => format!("the folder holds {}", lists::shown(patterns)),
            }),
            Self::NoSuchShot { shots, .. } => Some(match shots.as_slice() {
                [] => "leave out --shot: no name in the folder tells a shot".to_owned(),
                shots => format!("the folder holds {}", lists::shown(shots)),
            }),
            Self::Invalid { .. } | Self::Cancelled => None,
        }
    }
}

const NAMES_HINT: &str = "frames are files with a number in their names (color.0001.png); pass the folder that holds them";

/// The remedy for formats that are not read.
pub(super) const UNSUPPORTED_HINT: &str =
    "write the frames as PNG, 16 bits per channel where precision matters";
