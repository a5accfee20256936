//! What is to be generated: a text, the input video, and a video for each control.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::SpecError;
use super::fields::{self, Fields};
use super::id::{id_of, is_usable_id};
use crate::modality::Modality;
use crate::naming::sanitize;

const TEXT: &str = "a text in quotes";
const NAME: &str = "a name with letters or digits, in quotes";
const PATH: &str = "the path of a video, in quotes";
pub(super) const ID: &str = "letters, digits, - and _, in quotes";

/// A prompt specification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptSpec {
    /// `ps_` and twelve hexadecimal digits made from the content ([`PromptSpec::content_id`]).
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What the result shows.
    pub prompt: String,
    /// What the result is not to show; empty for the model's own default.
    pub negative_prompt: String,
    /// The video that inference starts from.
    pub input_video_path: Option<PathBuf>,
    /// The video of each control, never of color.
    pub control_inputs: BTreeMap<Modality, PathBuf>,
    /// When it was made, in UTC (RFC 3339).
    pub timestamp: String,
    /// SHA-256 of each video, that of the input under `color`; empty in files of older tools.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub video_hashes: BTreeMap<Modality, String>,
    /// Fields that are not ours, kept as they are.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl PromptSpec {
    /// Reads a prompt specification.
    ///
    /// # Errors
    /// [`SpecError`] naming the field, its value and what would be right.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        let fields = Fields::of_file(path)?;
        if fields.is_run() {
            return Err(SpecError::NotAPrompt { path: path.into() });
        }
        Self::from_fields(fields)
    }

    pub(super) fn from_fields(mut fields: Fields) -> Result<Self, SpecError> {
        let name: String = fields.require("name", NAME, |name: &String| is_usable_name(name))?;
        let prompt: String =
            fields.require("prompt", "a text that is not empty", |text: &String| {
                is_filled(text)
            })?;
        let id = fields.take(&["id"], ID, |id: &String| is_usable_id(id))?;
        let mut spec = Self {
            id: String::new(),
            name,
            prompt,
            negative_prompt: fields
                .take(&["negative_prompt"], TEXT, |_| true)?
                .unwrap_or_default(),
            input_video_path: fields
                .take(&["input_video_path"], PATH, |path: &PathBuf| is_path(path))?,
            control_inputs: fields
                .object("control_inputs")?
                .by_control(PATH, |path: &PathBuf| is_path(path))?,
            timestamp: fields
                .take(&["timestamp"], TEXT, |_| true)?
                .unwrap_or_default(),
            video_hashes: fields
                .take(&["video_hashes"], "a SHA-256 for each video", |_| true)?
                .unwrap_or_default(),
            other: fields.rest(),
        };
        spec.id = id.unwrap_or_else(|| spec.content_id());
        Ok(spec)
    }

    /// The id that the content gives: equal for equal name, texts, video paths and video hashes, whenever the
    /// specification was made.
    #[must_use]
    pub fn content_id(&self) -> String {
        let videos: Vec<_> = self
            .videos()
            .map(|(modality, path)| json!([modality, path.to_string_lossy()]))
            .collect();
        let content = json!([
            self.name,
            self.prompt,
            self.negative_prompt,
            videos,
            self.video_hashes
        ]);
        id_of("ps_", &content)
    }

    /// The input video under [`Modality::Color`], then those of the controls, with their paths as recorded.
    pub fn videos(&self) -> impl Iterator<Item = (Modality, &Path)> {
        let input = self.input_video_path.iter();
        let controls = self.control_inputs.iter();
        input
            .map(|path| (Modality::Color, path.as_path()))
            .chain(controls.map(|(&control, path)| (control, path.as_path())))
    }

    /// The field that names the video of `modality`, for messages.
    #[must_use]
    pub fn field(modality: Modality) -> String {
        match modality {
            Modality::Color => "the input video".to_owned(),
            control => format!("the video of {control}"),
        }
    }
}

impl Fields {
    /// Whether these are the fields of a run: a prompt never has them.
    pub(super) fn is_run(&self) -> bool {
        self.has("prompt_id") || self.has("control_weights")
    }
}

/// The videos of a folder that `prepare-inference` made.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedVideos {
    /// The color video.
    pub input: PathBuf,
    /// The video of each control.
    pub controls: BTreeMap<Modality, PathBuf>,
}

/// Reads which videos the prepared folder `folder` has. Folders get moved and copied, so a video of the
/// recorded name inside `folder` is taken before the path that was recorded.
///
/// # Errors
/// [`SpecError`]: no `metadata.json`, or one that cannot be used.
pub fn prepared_videos(folder: &Path) -> Result<PreparedVideos, SpecError> {
    let metadata = folder.join("metadata.json");
    let fields = Fields::of_file(&metadata).map_err(|error| match error {
        SpecError::NotFound { .. } => SpecError::NotPrepared {
            folder: folder.into(),
        },
        other => other,
    })?;
    videos_in(folder, fields)
}

/// The videos that the metadata of `folder` has in `fields`.
pub(super) fn videos_in(folder: &Path, mut fields: Fields) -> Result<PreparedVideos, SpecError> {
    let here = |recorded: PathBuf| {
        let inside = recorded.file_name().map(|name| folder.join(name));
        inside.filter(|path| path.exists()).unwrap_or(recorded)
    };
    let input: PathBuf = fields.require("video_path", PATH, |path: &PathBuf| is_path(path))?;
    let controls = fields
        .object("control_inputs")?
        .by_control(PATH, |path: &PathBuf| is_path(path))?;
    Ok(PreparedVideos {
        input: here(input),
        controls: controls
            .into_iter()
            .map(|(control, path)| (control, here(path)))
            .collect(),
    })
}

/// Reads control videos from `text`, as `--control-inputs` takes them: a JSON object, or the path of a file
/// with one.
///
/// # Errors
/// [`SpecError`] naming the file or `--control-inputs`, and the field.
pub fn control_inputs(text: &str) -> Result<BTreeMap<Modality, PathBuf>, SpecError> {
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    let (origin, text) = if is_json {
        ("--control-inputs", text.to_owned())
    } else {
        (text, fields::read(Path::new(text))?)
    };
    let name_of_it = "the JSON";
    let fields = Fields::of_text(origin, &text)?;
    if let Some(name) = fields::repeated_name(&text) {
        return Err(SpecError::RepeatedControl {
            origin: origin.to_owned(),
            field: name_of_it.to_owned(),
            name,
        });
    }
    fields
        .called(name_of_it)
        .by_control(PATH, |path: &PathBuf| is_path(path))
}

pub(super) fn is_usable_name(name: &str) -> bool {
    sanitize(name).is_ok()
}

fn is_filled(text: &str) -> bool {
    !text.trim().is_empty()
}

pub(super) fn is_path(path: &Path) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    !text.is_empty() && !text.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<PromptSpec, SpecError> {
        PromptSpec::from_fields(Fields::of_text("p.json", text)?)
    }

    #[test]
    fn files_of_the_older_tool_load_and_keep_what_only_it_knows() {
        let text = r#"{
          "zeta": {"b": 1, "a": [2]},
          "id": "ps_0123456789ab", "name": "city", "prompt": "a city", "negative_prompt": "blurry",
          "input_video_path": "inputs/videos/city/color.mp4",
          "control_inputs": {"depth": "d.mp4", "seg": "s.mp4"},
          "timestamp": "2024-12-30T10:00:00Z",
          "is_upsampled": true, "parent_prompt_text": null, "alpha": 1
        }"#;
        let spec = parse(text).unwrap();
        assert_eq!(spec.id, "ps_0123456789ab");
        assert_eq!(
            spec.control_inputs[&Modality::Segmentation],
            Path::new("s.mp4")
        );
        let saved = serde_json::to_string(&spec).unwrap();
        let unknown: Vec<&String> = spec.other.keys().collect();
        assert_eq!(
            unknown,
            ["zeta", "is_upsampled", "parent_prompt_text", "alpha"]
        );
        assert!(
            saved.ends_with(
                r#""zeta":{"b":1,"a":[2]},"is_upsampled":true,"parent_prompt_text":null,"alpha":1}"#
            ),
            "{saved}"
        );
        assert_eq!(parse(&saved).unwrap(), spec);
    }

    #[test]
    fn the_id_follows_the_content_and_nothing_else() {
        let base = parse(r#"{"name": "a", "prompt": "b", "timestamp": "1", "x": 1}"#).unwrap();
        let digits = base.id.strip_prefix("ps_").unwrap();
        assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let later = parse(r#"{"prompt": "b", "name": "a", "timestamp": "2"}"#).unwrap();
        assert_eq!(base.id, later.id);
        for other in [
            r#"{"name": "a2", "prompt": "b"}"#,
            r#"{"name": "a", "prompt": "b2"}"#,
            r#"{"name": "a", "prompt": "b", "negative_prompt": "c"}"#,
            r#"{"name": "a", "prompt": "b", "input_video_path": "v.mp4"}"#,
            r#"{"name": "a", "prompt": "b", "control_inputs": {"vis": "v.mp4"}}"#,
            r#"{"name": "a", "prompt": "b", "video_hashes": {"color": "00"}}"#,
        ] {
            assert_ne!(parse(other).unwrap().id, base.id, "{other}");
        }
    }

    #[test]
    fn a_bad_field_is_named_with_its_value_and_what_would_be_right() {
        for (text, expected) in [
            (
                "{\"name\": \"a\",\n  prompt: 1}",
                "p.json:2:3: key must be a string",
            ),
            ("", "p.json:1:0: EOF while parsing a value"),
            ("[1]", "p.json: found [1], expected an object in braces"),
            ("{}", "p.json: name is missing, expected a name"),
            (
                r#"{"name": "a"}"#,
                "p.json: prompt is missing, expected a text",
            ),
            (
                r#"{"name": "..", "prompt": "b"}"#,
                "p.json: name is \"..\", expected a name",
            ),
            (
                r#"{"name": "a", "prompt": " "}"#,
                "p.json: prompt is \" \", expected a text",
            ),
            (
                r#"{"name": "a", "prompt": 7}"#,
                "p.json: prompt is 7, expected a text",
            ),
            (
                r#"{"name": "a", "prompt": "b", "id": "../x"}"#,
                "p.json: id is \"../x\", expected letters",
            ),
            (
                r#"{"name": "a", "prompt": "b", "control_inputs": []}"#,
                "p.json: control_inputs is [], expected an object",
            ),
            (
                r#"{"name": "a", "prompt": "b", "control_inputs": {"normals": "n.mp4"}}"#,
                "p.json: control_inputs names `normals`, expected vis, edge, depth or segmentation",
            ),
            (
                r#"{"name": "a", "prompt": "b", "control_inputs": {"color": "n.mp4"}}"#,
                "p.json: control_inputs names `color`, expected vis,",
            ),
            (
                r#"{"name": "a", "prompt": "b", "control_inputs": {"depth": 3}}"#,
                "p.json: control_inputs.depth is 3, expected the path of a video",
            ),
            (
                r#"{"name": "a", "prompt": "b", "control_inputs": {"seg": "a", "segmentation": "b"}}"#,
                "p.json: control_inputs names segmentation twice",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.to_string().starts_with(expected),
                "{error}\n{expected}"
            );
            assert!(!error.is_failure());
        }
    }

    #[test]
    fn control_inputs_come_as_json_or_from_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("controls.json");
        std::fs::write(&file, r#"{"seg": "s.mp4"}"#).unwrap();
        let from_file = control_inputs(file.to_str().unwrap()).unwrap();
        assert_eq!(
            from_file,
            control_inputs(r#" {"segmentation": "s.mp4"}"#).unwrap()
        );
        let twice = r#"{"depth": "a.mp4", "seg": "s.mp4", "depth": "b.mp4"}"#;
        std::fs::write(&file, twice).unwrap();
        for (text, origin) in [
            (twice, "--control-inputs"),
            (file.to_str().unwrap(), file.to_str().unwrap()),
        ] {
            let error = control_inputs(text).unwrap_err().to_string();
            assert_eq!(error, format!("{origin}: the JSON names depth twice"));
        }
        let error = control_inputs("[]").unwrap_err().to_string();
        assert_eq!(
            error,
            "--control-inputs: found [], expected an object in braces"
        );
        assert!(matches!(
            control_inputs("absent.json"),
            Err(SpecError::NotFound { .. })
        ));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}|\\{(\"(name|prompt|control_inputs|id)\": ?(\"\\PC{0,5}\"|[0-9]|\\{\\}),?){0,4}\\}") {
            let _ = parse(&text);
            let _ = control_inputs(&text);
        }
    }
}
