//! What is known of a video file. `video::read` measures it.

use serde::{Deserialize, Serialize};

use crate::frame_rate::FrameRate;

/// How a video says its samples are to be read, in FFmpeg's words; `None` where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColorTags {
    /// Matrix from RGB to Y'CbCr, for example `bt709`.
    pub matrix: Option<String>,
    /// Colour primaries, for example `bt709`.
    pub primaries: Option<String>,
    /// Transfer characteristic, for example `bt709`.
    pub transfer: Option<String>,
    /// `limited` or `full`.
    pub range: Option<String>,
}

/// What a video file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoInfo {
    /// FFmpeg's name of the codec, for example `h264`.
    pub codec: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// FFmpeg's name of the pixel format, for example `yuv420p`.
    pub pixel_format: String,
    /// Frames a second, on average.
    pub fps: FrameRate,
    /// Number of frames, counted.
    pub frame_count: u64,
    /// Length in seconds.
    pub duration: f64,
    /// How its samples are to be read.
    pub color: ColorTags,
}
