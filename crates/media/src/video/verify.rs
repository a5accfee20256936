//! Checks a finished video against what was to be written, before anyone sees it.

use std::path::{Path, PathBuf};

use cosmos_core::video_info::{ColorTags, VideoInfo};

use super::encoder::VideoFormat;
use super::read::{ReadError, probe};

/// Why a video is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The video cannot be read back.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something about the video differs.
    #[error("{} came out with {what} {found} instead of {expected}", path.display())]
    Differs {
        /// The video file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What the file has.
        found: String,
        /// What it should have.
        expected: String,
    },
}

/// Reopens the video at `path` and compares it with `format` and `frame_count`.
///
/// # Errors
/// [`VerifyError`] for the first thing that differs.
pub fn verify(
    path: &Path,
    format: &VideoFormat,
    frame_count: usize,
) -> Result<VideoInfo, VerifyError> {
    let info = probe(path)?;
    let bt709 = || Some("bt709".to_owned());
    let tags = ColorTags {
        matrix: bt709(),
        primaries: bt709(),
        transfer: bt709(),
        range: Some("limited".to_owned()),
    };
    let size = |width, height| format!("{width}x{height}");
    let checks = [
        (
            "a frame count of",
            info.frame_count.to_string(),
            frame_count.to_string(),
        ),
        (
            "a size of",
            size(info.width, info.height),
            size(format.width, format.height),
        ),
        (
            "the codec",
            info.codec.clone(),
            format.codec.name().to_owned(),
        ),
        (
            "the pixel format",
            info.pixel_format.clone(),
            format.pixel_format.name().to_owned(),
        ),
        (
            "a frame rate of",
            info.fps.to_string(),
            format.rate.to_string(),
        ),
        (
            "the colour tags",
            format!("{:?}", info.color),
            format!("{tags:?}"),
        ),
    ];
    match checks
        .into_iter()
        .find(|(_, found, expected)| found != expected)
    {
        None => Ok(info),
        Some((what, found, expected)) => Err(VerifyError::Differs {
            path: path.to_owned(),
            what,
            found,
            expected,
        }),
    }
}
