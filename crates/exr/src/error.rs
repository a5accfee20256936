//! What can be wrong with a file, a request or a frame.

use std::path::{Path, PathBuf};

use crate::header::Compression;

/// Shorthand for this crate's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with a file, a request or a frame.
///
/// Every variant names the file. Errors of other libraries are kept as boxed sources.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system could not open or read the file.
    #[error("{}: cannot be read", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not begin with OpenEXR's magic number.
    #[error("{}: is no OpenEXR file", path.display())]
    NotExr {
        /// The file.
        path: PathBuf,
    },
    /// The file ends before what it promises: a copy or a render was cut off.
    #[error("{}: ends early, in {place} ({needed} bytes needed, {found} there)", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        place: Place,
        /// Bytes that this place needs, counted from the start of the file.
        needed: u64,
        /// Bytes that the file has.
        found: u64,
    },
    /// The header contradicts itself or the format.
    #[error("{}: {place}: {problem}", path.display())]
    BadHeader {
        /// The file.
        path: PathBuf,
        /// Where in the header.
        place: Place,
        /// What is wrong there.
        problem: String,
    },
    /// The header promises more than the caller's [`Limits`](crate::Limits) allow.
    #[error("{}: {what} is {value}, above the limit of {limit}", path.display())]
    OverLimit {
        /// The file.
        path: PathBuf,
        /// The quantity, with its unit.
        what: &'static str,
        /// What the file asks for.
        value: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A block of pixels cannot be found, or does not hold what the header says.
    #[error("{}: part {part}, block {block}: {problem}", path.display())]
    BadBlock {
        /// The file.
        path: PathBuf,
        /// Part, from zero.
        part: usize,
        /// Block in the part's table, from zero.
        block: usize,
        /// What is wrong with it.
        problem: String,
        /// What the decoder said.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The file uses a feature that has no place in a control video.
    #[error("{}: {what}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it uses.
        what: Refusal,
    },
    /// The file holds several views and the request names none, or one that is not there.
    #[error("{}: {} (views: {})", path.display(), view_problem(asked.as_deref()), views.join(", "))]
    View {
        /// The file.
        path: PathBuf,
        /// The view of the request.
        asked: Option<String>,
        /// The views of the file.
        views: Vec<String>,
    },
    /// A layer that was asked for is not in the file.
    #[error("{}: no layer {layer:?} (layers: {})", path.display(), known.join(", "))]
    NoSuchLayer {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        layer: String,
        /// The layers of the file.
        known: Vec<String>,
    },
    /// A name fits layers of several parts or view layers.
    #[error("{}: layer {layer:?} may be any of {}", path.display(), fitting.join(", "))]
    AmbiguousLayer {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        layer: String,
        /// The full names that fit.
        fitting: Vec<String>,
    },
    /// One frame's layers are not those of the shot.
    #[error("{}: {}", path.display(), difference(missing, unexpected, changed))]
    LayoutDiffers {
        /// The file.
        path: PathBuf,
        /// Channels that the shot has and this frame lacks.
        missing: Vec<String>,
        /// Channels that only this frame has.
        unexpected: Vec<String>,
        /// Channels or windows that are of another type or size: name, shot's, this frame's.
        changed: Vec<(String, String, String)>,
    },
    /// A manifest of Cryptomatte names cannot be read.
    #[error("{}: manifest of {name:?}: {problem}", path.display())]
    BadManifest {
        /// The file that holds the manifest.
        path: PathBuf,
        /// The Cryptomatte's name.
        name: String,
        /// What is wrong.
        problem: String,
        /// What the parser or the system said.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// The file that the error is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::NotExr { path }
            | Self::Truncated { path, .. }
            | Self::BadHeader { path, .. }
            | Self::OverLimit { path, .. }
            | Self::BadBlock { path, .. }
            | Self::Unsupported { path, .. }
            | Self::View { path, .. }
            | Self::NoSuchLayer { path, .. }
            | Self::AmbiguousLayer { path, .. }
            | Self::LayoutDiffers { path, .. }
            | Self::BadManifest { path, .. } => path,
        }
    }

    /// What the artist can do about it, where there is one answer.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Truncated { .. } | Self::BadBlock { .. } => {
                Some("render or copy this frame again")
            }
            Self::Unsupported { what, .. } => Some(what.remedy()),
            Self::View { .. } => Some("name the view to use"),
            Self::LayoutDiffers { .. } => {
                Some("render all frames with the same passes and the same size")
            }
            _ => None,
        }
    }
}

fn view_problem(asked: Option<&str>) -> String {
    match asked {
        Some(view) => format!("has no view {view:?}"),
        None => "holds several views and none was named".to_owned(),
    }
}

fn difference(
    missing: &[String],
    unexpected: &[String],
    changed: &[(String, String, String)],
) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("lacks {}", missing.join(", ")));
    }
    if !unexpected.is_empty() {
        parts.push(format!("has {} more", unexpected.join(", ")));
    }
    for (name, shot, frame) in changed {
        parts.push(format!("{name} is {frame}, {shot} in the shot"));
    }
    format!("layers differ from those of the shot: {}", parts.join("; "))
}

/// Where in a file something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Magic number and version.
    Start,
    /// A part's list of attributes.
    Header {
        /// Part, from zero.
        part: usize,
    },
    /// One attribute.
    Attribute {
        /// Part, from zero.
        part: usize,
        /// The attribute's name.
        name: String,
    },
    /// A part's table of block offsets.
    BlockTable {
        /// Part, from zero.
        part: usize,
    },
    /// One block of pixels.
    Block {
        /// Part, from zero.
        part: usize,
        /// Block in the part's table, from zero.
        block: usize,
    },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => f.write_str("the first bytes"),
            Self::Header { part } => write!(f, "the header of part {part}"),
            Self::Attribute { part, name } => write!(f, "attribute {name:?} of part {part}"),
            Self::BlockTable { part } => write!(f, "the block table of part {part}"),
            Self::Block { part, block } => write!(f, "block {block} of part {part}"),
        }
    }
}

/// A feature of OpenEXR that is refused, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Several samples a pixel.
    Deep,
    /// Channels of fewer pixels than the picture, as in luminance/chroma files.
    Subsampled,
    /// IDs went through a compression that changes values.
    LossyIds(Compression),
    /// IDs are stored as 16-bit floats, which cannot hold them.
    HalfIds,
    /// No decoder for this compression.
    Compression(Compression),
}

impl Refusal {
    /// What to set in the renderer instead.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Deep => "render flat images (scan lines or tiles) instead of deep ones",
            Self::Subsampled => "save RGB instead of luminance/chroma (Y, RY, BY)",
            Self::LossyIds(_) => "save this pass with ZIP, ZIPS, PIZ or RLE compression",
            Self::HalfIds => "save this pass as 32-bit float",
            Self::Compression(_) => "save with ZIP, ZIPS, PIZ or RLE compression",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deep => f.write_str("deep data, with several samples a pixel, makes no control"),
            Self::Subsampled => {
                f.write_str("subsampled channels (luminance/chroma) cannot be read")
            }
            Self::LossyIds(compression) => {
                write!(
                    f,
                    "{compression} compression changes values, so IDs in it mean nothing"
                )
            }
            Self::HalfIds => f.write_str("16-bit floats cannot hold the IDs of a Cryptomatte"),
            Self::Compression(compression) => {
                write!(f, "{compression} compression cannot be decoded")
            }
        }
    }
}
