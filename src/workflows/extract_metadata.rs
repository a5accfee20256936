//! `probe`: what a video holds and looks like.

use std::path::Path;

use crate::error::Error;
use crate::hash::sha256_of_file;
use crate::metadata::VideoMetadata;
use crate::seen::Seen;
use crate::stats::FrameStats;
use crate::video::read::{VideoReader, probe};

/// Reads the facts about the video at `path` and measures the frame in its middle.
///
/// # Errors
/// [`Error::Read`] when the file is not a readable video.
pub fn extract_metadata(path: &Path) -> Result<VideoMetadata, Error> {
    let info = probe(path)?;
    let io_error = |source| Error::io("read", path, source);
    let middle = VideoReader::open(path)?.picture_at(info.duration / 2.0)?;
    Ok(VideoMetadata {
        file_path: path.to_owned(),
        duration: info.duration,
        fps: info.fps.as_f64(),
        frame_rate: info.fps,
        frame_count: info.frame_count,
        width: info.width,
        height: info.height,
        codec: info.codec,
        pixel_format: info.pixel_format,
        file_size: path.metadata().map_err(io_error)?.len(),
        hash: sha256_of_file(path).map_err(io_error)?,
        middle_frame_stats: FrameStats::measure(&middle.to_rgb()),
        seen: Seen::default(),
    })
}
