//! What fuzzing and property tests feed with text: no public API.

use std::path::Path;

use super::fields::Fields;
use super::prompt::videos_in;
use super::{PreparedVideos, Spec, SpecError};

/// Reads a specification.
///
/// # Errors
/// As [`Spec::load`].
pub fn spec(text: &str) -> Result<Spec, SpecError> {
    Spec::from_fields(Fields::of_text("spec.json", text)?)
}

/// Reads the videos that a `metadata.json` lists.
///
/// # Errors
/// As [`prepared_videos`](super::prepared_videos).
pub fn metadata(text: &str) -> Result<PreparedVideos, SpecError> {
    videos_in(Path::new("/"), Fields::of_text("metadata.json", text)?)
}
