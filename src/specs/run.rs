//! One run of a prompt: weights, parameters, and what became of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::id::{id_of, is_usable_id};
use super::prompt::{ID, is_path, is_usable_name};
use super::{ExecutionStatus, Model, SpecError, Strength};
use crate::modality::Modality;
use crate::naming::sanitize;

const TEXT: &str = "a text in quotes";
const FILLED: &str = "a text that is not empty";
const BOOLEAN: &str = "true or false";
const PATH: &str = "the path of a file, in quotes";
const STRENGTH: &str = "very_low, low, medium, high or very_high";

/// A run specification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSpec {
    /// `rs_` and twelve hexadecimal digits made from the content ([`RunSpec::content_id`]).
    pub id: String,
    /// The prompt it runs.
    pub prompt_id: String,
    /// What people call it.
    pub name: String,
    /// How strongly each control guides the result, 0 to 1; 0 leaves it out.
    pub control_weights: BTreeMap<Modality, f64>,
    /// The settings.
    pub parameters: Parameters,
    /// How far it has come.
    pub execution_status: ExecutionStatus,
    /// The local folder for its results.
    pub output_path: PathBuf,
    /// When it was made, in UTC (RFC 3339).
    pub timestamp: String,
    /// When it was started.
    pub start_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
    /// Why it failed, or what a guardrail objected to.
    pub error_message: Option<String>,
    /// The generation of models it is for; the configured one if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// The file of the prompt specification when the run was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_path: Option<PathBuf>,
    /// Fields that are not ours, kept as they are.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The settings of a run. What is `None` or empty is left to the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Parameters {
    /// Denoising steps, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_steps: Option<u32>,
    /// Classifier-free guidance, at least 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance_scale: Option<f64>,
    /// Start of the random numbers. NumPy, which the programs hand it to, takes 32 bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Frames a second of the result, a whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
    /// Noise that the input video starts from, 0 to 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_max: Option<f64>,
    /// Blur of a vis control that Cosmos makes itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blur_strength: Option<Strength>,
    /// Threshold of an edge control that Cosmos makes itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canny_threshold: Option<Strength>,
    /// The weights of the model: a name that its program knows, or a path on the GPU host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The size that the model works in, by the name its program has for it: `480`, `720`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_tier: Option<String>,
    /// Whether it is only to show what the run would be like, as cheaply as the model can.
    #[serde(skip_serializing_if = "is_false")]
    pub draft: bool,
    /// Whether the input video only becomes larger, and no model makes another one first.
    #[serde(skip_serializing_if = "is_false")]
    pub upscale_only: bool,
    /// Whether the model's guardrails check prompt and result; the model's own default if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrails: Option<bool>,
    /// Whether the controls as the model saw them come home with the result.
    #[serde(skip_serializing_if = "is_false")]
    pub keep_controls: bool,
    /// Where each control acts: a video or picture, white where it does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub masks: BTreeMap<Modality, Asset>,
    /// A picture whose style the result takes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_image: Option<Asset>,
    /// A video, white on what stays as it is in the input video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_area: Option<Asset>,
    /// What a segmentation that Cosmos makes itself tells apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_prompt: Option<String>,
    /// The recipe that weights and options were taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    /// Further options of the model's program, checked against what it takes: `depth.control_weight`, `shift`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// The same unchecked.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set_raw: Map<String, Value>,
    /// Parameters that are not ours, kept as they are.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A file that a run reads besides the videos of its prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenAsset")]
pub struct Asset {
    /// The file, found as the videos of a prompt are.
    pub path: PathBuf,
    /// Its SHA-256 when the run was made; `None` in a run written by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// An asset as a file has it: by hand it is just a path.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenAsset {
    Path(PathBuf),
    Recorded {
        path: PathBuf,
        sha256: Option<String>,
    },
}

impl From<WrittenAsset> for Asset {
    fn from(written: WrittenAsset) -> Self {
        match written {
            WrittenAsset::Path(path) => Self { path, sha256: None },
            WrittenAsset::Recorded { path, sha256 } => Self { path, sha256 },
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field by reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl Parameters {
    /// The files that the run reads besides the videos of its prompt, with the field that names each.
    pub fn assets(&self) -> impl Iterator<Item = (String, &Asset)> {
        let masks = self.masks.iter();
        masks
            .map(|(control, asset)| (format!("the mask of {control}"), asset))
            .chain(
                self.style_image
                    .iter()
                    .map(|asset| ("the style image".to_owned(), asset)),
            )
            .chain(
                self.protected_area
                    .iter()
                    .map(|asset| ("the protected area".to_owned(), asset)),
            )
    }

    fn from_fields(mut fields: Fields) -> Result<Self, SpecError> {
        let is_filled = |text: &String| !text.trim().is_empty();
        let has_path = |asset: &Asset| is_path(&asset.path);
        Ok(Self {
            num_steps: fields.take(&["num_steps"], "a whole number, 1 or more", |&n| n >= 1)?,
            guidance_scale: fields.take(
                &["guidance_scale", "guidance"],
                "a number, 0 or more",
                |n| (0.0..=f64::MAX).contains(n),
            )?,
            seed: fields.take(&["seed"], "a whole number from 0 to 4294967295", |_| true)?,
            fps: fields.take(&["fps"], "a whole number from 1 to 1000", |n| {
                (1..=1000).contains(n)
            })?,
            sigma_max: fields.take(&["sigma_max"], "a number from 0 to 200", |n| {
                (0.0..=200.0).contains(n)
            })?,
            blur_strength: fields.take(&["blur_strength"], STRENGTH, |_| true)?,
            canny_threshold: fields.take(&["canny_threshold"], STRENGTH, |_| true)?,
            checkpoint: fields.take(&["checkpoint"], FILLED, is_filled)?,
            resolution_tier: fields.take(&["resolution_tier"], FILLED, is_filled)?,
            draft: fields
                .take(&["draft"], BOOLEAN, |_| true)?
                .unwrap_or_default(),
            upscale_only: fields
                .take(&["upscale_only"], BOOLEAN, |_| true)?
                .unwrap_or_default(),
            guardrails: fields.take(&["guardrails"], BOOLEAN, |_| true)?,
            keep_controls: fields
                .take(&["keep_controls"], BOOLEAN, |_| true)?
                .unwrap_or_default(),
            masks: fields.object("masks")?.by_control(PATH, has_path)?,
            style_image: fields.take(&["style_image"], PATH, has_path)?,
            protected_area: fields.take(&["protected_area"], PATH, has_path)?,
            control_prompt: fields.take(&["control_prompt"], FILLED, is_filled)?,
            recipe: fields.take(&["recipe"], FILLED, is_filled)?,
            set: fields.object("set")?.rest(),
            set_raw: fields.object("set_raw")?.rest(),
            other: fields.rest(),
        })
    }
}

impl RunSpec {
    /// Reads a run specification.
    ///
    /// # Errors
    /// [`SpecError`] naming the field, its value and what would be right.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        let fields = Fields::of_file(path)?;
        if !fields.is_run() {
            return Err(SpecError::NotARun { path: path.into() });
        }
        Self::from_fields(fields)
    }

    /// The same run if every field has a value that a file may have.
    ///
    /// # Errors
    /// [`SpecError::InvalidField`] for the first that has not.
    pub fn checked(self) -> Result<Self, SpecError> {
        let value = serde_json::to_value(&self).unwrap_or_default();
        Self::from_fields(Fields::of_value("run", value)?)
    }

    pub(super) fn from_fields(mut fields: Fields) -> Result<Self, SpecError> {
        let id = fields.take(&["id"], ID, |id: &String| is_usable_id(id))?;
        let name = "a name with letters or digits, in quotes";
        let mut run = Self {
            id: String::new(),
            prompt_id: fields.require("prompt_id", ID, |id: &String| is_usable_id(id))?,
            name: fields.require("name", name, |name: &String| is_usable_name(name))?,
            control_weights: fields
                .object("control_weights")?
                .by_control("a number from 0 to 1", |weight| {
                    (0.0..=1.0).contains(weight)
                })?,
            parameters: Parameters::from_fields(fields.object("parameters")?)?,
            execution_status: fields
                .take(&["execution_status"], ExecutionStatus::NAMES, |_| true)?
                .unwrap_or_default(),
            output_path: fields
                .take(&["output_path"], "the path of a folder, in quotes", |_| {
                    true
                })?
                .unwrap_or_default(),
            timestamp: fields
                .take(&["timestamp"], TEXT, |_| true)?
                .unwrap_or_default(),
            start_time: fields.take(&["start_time"], TEXT, |_| true)?,
            end_time: fields.take(&["end_time"], TEXT, |_| true)?,
            error_message: fields.take(&["error_message"], TEXT, |_| true)?,
            model: fields.take(&["model"], "transfer1, transfer2.5 or cosmos3", |_| true)?,
            prompt_path: fields.take(&["prompt_path"], TEXT, |_| true)?,
            other: fields.rest(),
        };
        run.id = id.unwrap_or_else(|| run.content_id());
        Ok(run)
    }

    /// The id that the content gives: equal for equal prompt, name, weights, parameters and model, whenever the
    /// run was made and whatever has become of it.
    #[must_use]
    pub fn content_id(&self) -> String {
        let content = json!([
            self.prompt_id,
            self.name,
            self.control_weights,
            self.parameters,
            self.model
        ]);
        id_of("rs_", &content)
    }

    /// `<name>_<id>`: what the run's folders and files are called here and on the GPU host. One part of a path,
    /// whatever the file said.
    #[must_use]
    pub fn slug(&self) -> String {
        match sanitize(&self.name) {
            Ok(name) => format!("{name}_{}", self.id),
            Err(_) => self.id.clone(),
        }
    }

    /// Notes that the run has come to `status` at the time `now`: starting forgets what an earlier attempt left.
    pub fn advance(&mut self, status: ExecutionStatus, now: Timestamp, error: Option<String>) {
        let now = Some(now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        match status {
            ExecutionStatus::Pending => (self.start_time, self.end_time) = (None, None),
            ExecutionStatus::Running => (self.start_time, self.end_time) = (now, None),
            ExecutionStatus::Completed | ExecutionStatus::Failed | ExecutionStatus::Blocked => {
                self.end_time = now;
            }
        }
        self.execution_status = status;
        self.error_message = error;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RunSpec, SpecError> {
        RunSpec::from_fields(Fields::of_text("r.json", text)?)
    }

    #[test]
    fn files_of_the_older_tool_load() {
        let run = parse(
            r#"{"id": "rs_1", "prompt_id": "ps_1", "name": "city",
                "control_weights": {"vis": 0.25, "edge": 0.25, "depth": 0.25, "seg": 0.25},
                "parameters": {"num_steps": 50, "guidance": 7.0, "sigma_max": 70.0, "blur_strength": "medium",
                               "canny_threshold": "very_low", "fps": 24, "seed": 1, "zz": [1], "aa": 2},
                "timestamp": "2024-12-30T10:00:00Z", "execution_status": "success", "output_path": "outputs/x",
                "run_type": "inference"}"#,
        )
        .unwrap();
        assert_eq!(run.execution_status, ExecutionStatus::Completed);
        assert_eq!(run.control_weights[&Modality::Segmentation], 0.25);
        assert_eq!(run.parameters.guidance_scale, Some(7.0));
        assert_eq!(run.parameters.canny_threshold, Some(Strength::VeryLow));
        let saved = serde_json::to_string(&run).unwrap();
        for part in [
            r#""segmentation":0.25"#,
            r#""guidance_scale":7.0"#,
            r#""zz":[1],"aa":2}"#,
            r#""execution_status":"completed""#,
            r#""run_type":"inference""#,
        ] {
            assert!(saved.contains(part), "{part} in {saved}");
        }
        assert_eq!(parse(&saved).unwrap(), run);
    }

    #[test]
    fn a_value_out_of_range_is_named_with_what_would_be_right() {
        for (fields, expected) in [
            (
                r#""control_weights": {"vis": 1.5}"#,
                "control_weights.vis is 1.5, expected a number from 0 to 1",
            ),
            (
                r#""control_weights": {"vis": -0.1}"#,
                "control_weights.vis is -0.1, expected a number from 0 to 1",
            ),
            (
                r#""control_weights": {"vis": "high"}"#,
                "control_weights.vis is \"high\", expected a number from 0 to 1",
            ),
            (
                r#""control_weights": {"lidar": 1}"#,
                "control_weights names `lidar`, expected vis, edge, depth or segmentation",
            ),
            (
                r#""parameters": {"num_steps": 0}"#,
                "parameters.num_steps is 0, expected a whole number, 1 or more",
            ),
            (
                r#""parameters": {"num_steps": 2.5}"#,
                "parameters.num_steps is 2.5, expected a whole number, 1 or more",
            ),
            (
                r#""parameters": {"guidance": -1}"#,
                "parameters.guidance is -1, expected a number, 0 or more",
            ),
            (
                r#""parameters": {"seed": -1}"#,
                "parameters.seed is -1, expected a whole number from 0 to 4294967295",
            ),
            (
                r#""parameters": {"fps": 23.976}"#,
                "parameters.fps is 23.976, expected a whole number from 1 to 1000",
            ),
            (
                r#""parameters": {"sigma_max": 201}"#,
                "parameters.sigma_max is 201, expected a number from 0 to 200",
            ),
            (
                r#""parameters": {"blur_strength": "max"}"#,
                "parameters.blur_strength is \"max\", expected very_low, low, medium, high or very_high",
            ),
            (
                r#""execution_status": "done""#,
                "execution_status is \"done\", expected pending, running, completed, failed or blocked",
            ),
            (
                r#""model": "transfer2""#,
                "model is \"transfer2\", expected transfer1,",
            ),
        ] {
            let text = format!(r#"{{"prompt_id": "ps_1", "name": "a", {fields}}}"#);
            let error = parse(&text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("r.json: {expected}")),
                "{error}\n{expected}"
            );
        }
    }

    #[test]
    fn the_id_follows_what_is_run_and_not_how_it_went() {
        let base = parse(r#"{"prompt_id": "ps_1", "name": "a"}"#).unwrap();
        assert!(base.id.starts_with("rs_") && base.id.len() == 15);
        let mut ended = base.clone();
        ended.advance(ExecutionStatus::Running, Timestamp::UNIX_EPOCH, None);
        ended.advance(
            ExecutionStatus::Failed,
            Timestamp::UNIX_EPOCH,
            Some("out of memory".into()),
        );
        assert_eq!(ended.start_time.as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(ended.end_time, ended.start_time);
        assert_eq!(ended.content_id(), base.id);
        let other = RunSpec {
            parameters: Parameters {
                seed: Some(2),
                ..base.parameters.clone()
            },
            ..base.clone()
        };
        assert_ne!(other.content_id(), base.id);
    }

    #[test]
    fn a_slug_never_leaves_its_folder() {
        let run = RunSpec {
            name: "../../etc/pass wd".into(),
            ..parse(r#"{"prompt_id": "ps_1", "name": "a", "id": "rs_1"}"#).unwrap()
        };
        assert_eq!(run.slug(), "etc_pass_wd_rs_1");
    }
}
