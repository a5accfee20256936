//! The JSON files that describe a video and a prepared shot.
//!
//! Field names are those of the Python tool this one replaces, so that its files and ours can be read by the
//! same scripts; what it did not have is added beside them.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;
use crate::json_path;
use crate::look::Look;
use crate::modality::Modality;
use crate::stats::FrameStats;
use crate::video::rate::FrameRate;
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

/// What models and measurement say of pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// What the pictures show, surest first; empty without a model.
    pub ai_tags: Vec<Tag>,
    /// A sentence about the pictures, by a captioner that was sure enough; `None` without one.
    pub ai_caption: Option<String>,
    /// Things found in the pictures; empty without a model.
    pub detected_objects: Vec<ObjectInFrame>,
    /// What was measured; `None` where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// How all of this came about; `None` where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
}

/// An object and the frame that it was found in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectInFrame {
    /// The object.
    #[serde(flatten)]
    pub object: DetectedObject,
    /// Number of the frame; counted from 0 in a video, `None` for a single picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
}

/// Which frames were looked at by what, and what was made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The sentence of what was certain enough: a caption, or one composed of tags, objects and measurements.
    pub description: String,
    /// Who wrote it.
    pub described_by: Author,
    /// The frames that were looked at, numbered as those of the objects; empty for a single picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<u64>,
    /// Those among them that were black, white or blurred and did not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames_left_out: Vec<u64>,
    /// The models that answered.
    pub models: Vec<ModelUsed>,
    /// The engine that ran them, with its version; `None` if none did.
    pub runtime: Option<String>,
    /// How sure the captioner was of its sentence, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption_confidence: Option<f64>,
    /// What the shot shows in words that fit a prompt: the description without measurements and without words on how
    /// the picture was made. `None` where nothing is certain enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What all networks together make of the main thing in the shot; `None` where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
    /// What did not work, and what was done instead.
    pub fallbacks: Vec<String>,
}

/// What the networks together take the main thing in a shot for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The noun that is believed: a candidate, or the kind of thing that the candidates have in common; `None` if the
    /// networks are too unsure or contradict each other.
    pub noun: Option<String>,
    /// How sure all of them together are of it, 0 to 1; of the first candidate where none is believed.
    pub confidence: f64,
    /// The confidence that is needed to believe it.
    pub needed: f64,
    /// The likeliest nouns, surest first.
    pub candidates: Vec<Candidate>,
}

/// A noun that a shot may show, and how far each network says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The noun.
    pub noun: String,
    /// How sure all networks together are, 0 to 1.
    pub confidence: f64,
    /// The captioner's score, 0 to 1.
    pub captioner: f64,
    /// The sum of the tagger's scores for classes that mean it, 0 to 1.
    pub tagger: f64,
    /// The detector's best score for a label that means it, 0 to 1.
    pub detector: f64,
}

/// Who wrote a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A captioner.
    Captioner,
    /// Put together from tags, objects and measurements.
    Composed,
    /// Put together from measurements alone.
    Measured,
}

/// A model that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUsed {
    /// What it was asked for: `tags`, `objects` or `caption`.
    pub task: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its network, in hexadecimal digits.
    pub sha256: String,
}

/// A word for what a picture shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The word.
    pub label: String,
    /// How sure the model is, 0 to 1.
    pub score: f64,
}

/// A thing found in a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectedObject {
    /// What it is.
    pub label: String,
    /// How sure the model is, 0 to 1.
    pub score: f64,
    /// Left, top, right and bottom edge, in pixels of the source.
    #[serde(rename = "box")]
    pub bounds: [f64; 4],
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

/// SHA-256 of the file at `path`, in hexadecimal digits.
///
/// # Errors
/// What the system says of the file.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = files::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&hasher.finalize())),
            length => hasher.update(&block[..length]),
        }
    }
}

/// SHA-256 of `bytes`, in hexadecimal digits.
#[must_use]
pub fn sha256_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
