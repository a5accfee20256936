//! What networks and measurement say of pictures, as the JSON files have it.

use serde::{Deserialize, Serialize};

use crate::look::Look;

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
