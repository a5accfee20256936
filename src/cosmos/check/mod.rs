//! What a program of NVIDIA will make of a spec: what it refuses, what it ignores without a word, what is not there,
//! and what NVIDIA's cookbook warns of.
//!
//! [`form_of`] tells whose spec it is from its keys, [`judge`] says what becomes of one sample, [`judge_together`]
//! what becomes of several in one run. All three are pure: files are seen through [`Files`].

mod form;
mod keys;
mod rules;
mod sample;
mod together;
mod videos;
mod weights;

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Model, options};
use crate::frame_rate::FrameRate;
use crate::modality::Modality;
pub use form::{Form, form_of};
use sample::Sample;
pub use together::judge_together;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It runs, and hardly as it was meant.
    Warning,
    /// It is refused, or fails.
    Error,
}

impl Severity {
    /// The word in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something that was noticed about a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a word that does not change: `spec.unknown-key`.
    pub code: &'static str,
    /// The key that it is about, with its control: `depth.control_path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was noticed.
    pub message: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            key: None,
            message: message.into(),
            help: None,
        }
    }

    /// Something that is refused, or fails.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Something that runs, and hardly as it was meant.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something worth knowing.
    #[must_use]
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// The same about `key`.
    #[must_use]
    pub fn at(self, key: impl Into<String>) -> Self {
        Self {
            key: Some(key.into()),
            ..self
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// What there is on disk.
pub trait Files {
    /// Whether there is a file at `path`.
    fn is_file(&self, path: &Path) -> bool;

    /// What the video at `path` holds.
    ///
    /// # Errors
    /// Why it cannot be read, in a phrase.
    fn video(&self, path: &Path) -> Result<VideoFacts, String>;
}

/// What a video holds, as far as specs are concerned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoFacts {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of frames.
    pub frames: u64,
    /// Frames a second.
    pub fps: FrameRate,
}

/// What `model`'s program will make of `sample`, the object of a spec. Relative paths count from `folder`: for
/// Transfer1 the one that it runs in, for the others the one with the spec.
#[must_use]
pub fn judge(
    model: Model,
    sample: &Map<String, Value>,
    folder: &Path,
    files: &dyn Files,
) -> Vec<Finding> {
    let program = options::program(model);
    let mut found = keys::judge(program, sample);
    let sample = Sample::new(program, sample);
    rules::judge(&sample, &mut found);
    if model == Model::Cosmos3 && sample.controls.is_empty() {
        // Another mode, in which keys do what they do not do on a transfer; of its rules we know nothing.
        found.retain(|finding| finding.code != "spec.no-effect");
        return found;
    }
    let clip = videos::judge(&sample, folder, files, &mut found);
    rules::judge_seed(&sample, clip, &mut found);
    weights::judge(&sample.active(), &mut found);
    found
}

/// What Transfer1 will make of a line of a batch, which overrides parts of the spec that goes with it.
#[must_use]
pub fn judge_batch_line(
    line: &Map<String, Value>,
    folder: &Path,
    files: &dyn Files,
) -> Vec<Finding> {
    let (mut sample, mut found) = (Map::new(), Vec::new());
    for (key, value) in line {
        match (key.as_str(), value) {
            ("prompt", value) => drop(sample.insert("prompt".into(), value.clone())),
            ("visual_input", value) => {
                drop(sample.insert("input_video_path".into(), value.clone()))
            }
            ("control_overrides", Value::Object(controls)) => sample.extend(controls.clone()),
            ("control_overrides", _) => found.push(
                Finding::error("spec.value", "control_overrides is no object in braces").at(key),
            ),
            _ => found.push(
                Finding::warning(
                    "spec.unknown-key",
                    format!("a batch has no {key}: it is ignored"),
                )
                .at(key)
                .help("it holds for the whole run: put it into the spec"),
            ),
        }
    }
    // What the line leaves out, the spec has.
    let of_the_spec = ["controls.none", "weight.default"];
    let judged = judge(Model::Transfer1, &sample, folder, files).into_iter();
    let judged = judged.filter(|finding| !of_the_spec.contains(&finding.code));
    found.extend(judged.map(|mut finding| {
        if finding.key.as_deref() == Some("input_video_path") {
            finding.key = Some("visual_input".into());
        }
        finding
    }));
    found
}

/// What NVIDIA's cookbook says against the weights of a run of ours, which has no masks.
#[must_use]
pub fn judge_weights<'a>(
    weights: impl IntoIterator<Item = (&'a Modality, &'a f64)>,
) -> Vec<Finding> {
    let active: Vec<_> = weights
        .into_iter()
        .filter(|&(_, &weight)| weight > 0.0)
        .map(|(&modality, &weight)| weights::Active {
            modality,
            weight: Some(weight),
            masked: false,
        })
        .collect();
    let mut found = Vec::new();
    weights::judge(&active, &mut found);
    found
}

#[cfg(test)]
mod tests;
