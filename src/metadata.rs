//! The JSON files that describe a video and a prepared shot.
//!
//! Field names are those of the Python tool this one replaces, so that its files and ours can be read by the
//! same scripts; what it did not have is added beside them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::derivation::Derivation;
use crate::frame_rate::FrameRate;
use crate::json_path;
use crate::layers::LayerUse;
use crate::look::Near;
use crate::modality::Modality;
use crate::seen::Seen;
use crate::stats::FrameStats;
use crate::video::settings::{Codec, PixelFormat, Preset, Quality, Rgb};

/// Version of the layout of `metadata.json`; grows when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// What is known about one video file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoMetadata {
    /// The video file.
    #[serde(serialize_with = "json_path::one")]
    pub file_path: PathBuf,
    /// Length in seconds.
    pub duration: f64,
    /// Frames a second.
    pub fps: f64,
    /// The same, exactly: `24` or `24000/1001`.
    pub frame_rate: FrameRate,
    /// Number of frames.
    pub frame_count: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// FFmpeg's name of the pixel format.
    pub pixel_format: String,
    /// Size of the file in bytes.
    pub file_size: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub hash: String,
    /// Measurements of the frame in the middle.
    pub middle_frame_stats: FrameStats,
    /// What the pictures show.
    #[serde(flatten)]
    pub seen: Seen,
}

/// `metadata.json`: a shot that is ready for inference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShotMetadata {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Twelve hexadecimal digits made from the contents of the videos: the same frames and settings give the
    /// same id.
    pub id: String,
    /// The shot's name.
    pub name: String,
    /// What the shot shows: what the user said, else what the analysis made of it; empty if nobody said.
    pub description: String,
    /// What the pictures show.
    #[serde(flatten)]
    pub seen: Seen,
    /// Number of frames, the same in every video.
    pub frame_count: usize,
    /// Frames a second.
    pub fps: f64,
    /// The same, exactly.
    pub frame_rate: FrameRate,
    /// Width and height of the videos in pixels.
    pub resolution: [u32; 2],
    /// The modalities, color first.
    pub modalities: Vec<Modality>,
    /// The color video.
    #[serde(serialize_with = "json_path::one")]
    pub video_path: PathBuf,
    /// The video of each control.
    #[serde(serialize_with = "json_path::map")]
    pub control_inputs: BTreeMap<Modality, PathBuf>,
    /// When the shot was prepared, in UTC (RFC 3339).
    pub timestamp: String,
    /// Where the frames came from.
    pub source: Source,
    /// What the user was warned about.
    pub warnings: Vec<String>,
    /// How the videos were encoded.
    pub encoder: EncoderMetadata,
    /// Facts about each video file.
    pub videos: BTreeMap<Modality, VideoFile>,
    /// What became of the values of depth; `None` without depth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<DepthMetadata>,
}

/// How depth came from the frames into the video, where near is to be bright.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepthMetadata {
    /// Which end is near in the frames; `None` where nothing tells for certain.
    pub near_in_frames: Option<Near>,
    /// What told so.
    pub decided_by: NearDecidedBy,
    /// Whether black and white changed places.
    pub inverted: bool,
    /// The value of the frames that is black in the video, 0 to 255 or, for 16 bits, 0 to 65535.
    pub black: u16,
    /// The value of the frames that is white in the video.
    pub white: u16,
}

/// What told which end of depth is near.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NearDecidedBy {
    /// The user.
    User,
    /// The name of the frames and the picture, which agree.
    NameAndPicture,
    /// The picture alone.
    Picture,
    /// The name alone.
    Name,
    /// Nothing: depth stayed as it was.
    Nothing,
}

/// Where the frames of a shot came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The render folder.
    #[serde(serialize_with = "json_path::one")]
    pub folder: PathBuf,
    /// The frames of color.
    pub frame_range: SourceRange,
    /// How each modality's frames are named.
    pub patterns: BTreeMap<Modality, String>,
    /// The layers of OpenEXR frames that the modalities are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<Modality, LayerUse>,
    /// How the controls were made that nobody rendered: their patterns are those of color.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub derived: BTreeMap<Modality, Derivation>,
    /// Frames that were left out, and why; empty unless `--allow-partial` was given.
    pub dropped: Vec<String>,
}

/// Frame numbers as the files have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRange {
    /// The first frame number.
    pub first: u64,
    /// The last frame number.
    pub last: u64,
    /// The distance from one frame number to the next.
    pub step: u64,
}

/// What all videos of a shot have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncoderMetadata {
    /// The codec.
    pub codec: Codec,
    /// How samples are stored.
    pub pixel_format: PixelFormat,
    /// Matrix, primaries and transfer characteristic.
    pub color: String,
    /// Value range of the samples.
    pub color_range: String,
    /// What transparent pixels were put over.
    pub background: Rgb,
}

/// One video of a shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoFile {
    /// Its name in the folder of the shot.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Quality: `crf` or `qp`.
    #[serde(flatten)]
    pub quality: Quality,
    /// Encoder preset.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    #[serde(default)]
    pub x264_options: String,
}
