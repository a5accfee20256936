//! Render frames on disk: finding the sequences of a shot, and checking them before anything is encoded.
//!
//! [`check_shot`] takes a folder of modalities, [`check_sequence`] a folder with one sequence. Both read the
//! header of every file, in parallel, and report everything that is wrong at once. A frame number is what
//! the file name says (a `u64`); an index into [`Sequence::frames`] counts from zero.
//!
//! Refused here: frames that are empty, cut off, not a picture, in a format without a decoder (DPX and
//! other float formats), or with a side of 0 or more than [`MAX_SIDE`](cosmos_core::size::MAX_SIDE) pixels. Pixels are not decoded, so a
//! picture that is broken behind a sound header is found by whoever decodes it. Nothing is ever skipped in
//! silence: what is not part of a shot is listed as unrelated.

mod check;
mod choice;
pub mod decode;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod jpeg_scan;
mod name;
mod pattern;
mod plain_png;
mod report;
mod scan;
mod sequence;
mod unfilter;

pub use check::{check_sequence, check_shot};
pub use choice::{InvalidMapRule, MapRule};
pub use error::FramesError;
pub use header::{Channels, Fault, FileFormat, ImageHeader, read_header};
pub use jpeg_scan::JpegDamage;
pub use name::{Shown, modality_in_name, words_in_name};
pub use pattern::{FramePattern, PatternError};
pub use report::{
    DropReason, Dropped, Problem, ScanOptions, SequenceReport, ShotReport, Unrelated, Warning,
};
pub use sequence::{Frame, FrameNumbers, FrameRange, Padding, Sequence, Shot};
