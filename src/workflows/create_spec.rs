//! `create-spec`: a text and videos become a prompt specification.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::Map;

use super::Advice;
use crate::cosmos::{self, CONTROLS, Model};
use crate::error::Error;
use crate::frame_rate::FrameRate;
use crate::hash::sha256_of_file;
use crate::modality::Modality;
use crate::naming::sanitize;
use crate::progress::Progress;
use crate::specs::{self, ExecutionStatus, Parameters, PromptSpec, RunSpec, Spec, Stored};
use crate::video_info::VideoInfo;

/// What the prompt is.
#[derive(Clone, Debug)]
pub struct CreateSpecOptions {
    /// What to call it.
    pub name: String,
    /// What the result shows.
    pub prompt: String,
    /// What the result is not to show.
    pub negative_prompt: String,
    /// The input video, or a folder that `prepare-inference` made.
    pub video: Option<PathBuf>,
    /// Control videos as a JSON object, or the path of a file with one; beats what the folder says.
    pub control_inputs: Option<String>,
    /// Folder under which prompt specifications are put.
    pub prompts_dir: PathBuf,
    /// The model that a run of it would be for.
    pub model: Model,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CreateSpecReport {
    /// The file.
    pub path: PathBuf,
    /// Whether the file was there already, with the same content.
    pub existing: bool,
    /// What it says.
    pub spec: PromptSpec,
    /// Which controls have no video, and what becomes of them.
    pub notes: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
}

/// Checks the videos of a prompt and writes its specification; the same prompt again is not written twice.
///
/// # Errors
/// [`Error`]: a name, text or control that cannot be used, videos that are absent or differ, or a failure to
/// write.
pub fn create_spec(
    options: &CreateSpecOptions,
    progress: &dyn Progress,
) -> Result<CreateSpecReport, Error> {
    sanitize(&options.name)?;
    if options.prompt.trim().is_empty() {
        return Err(Error::Usage {
            message: "the prompt is empty".into(),
            hint: "say what the result shows: \"a rainy street at night, neon signs\"".into(),
        });
    }
    let (input, mut controls) = match &options.video {
        Some(folder) if folder.is_dir() => {
            let prepared = specs::prepared_videos(folder)?;
            (Some(prepared.input), prepared.controls)
        }
        video => (video.clone(), BTreeMap::new()),
    };
    if let Some(text) = &options.control_inputs {
        controls.extend(specs::control_inputs(text)?);
    }
    let now = ZonedDateTime::now();
    let mut spec = PromptSpec {
        id: String::new(),
        name: options.name.clone(),
        prompt: options.prompt.clone(),
        negative_prompt: options.negative_prompt.clone(),
        input_video_path: input.map(|path| plain(&path)),
        control_inputs: controls
            .into_iter()
            .map(|(control, path)| (control, plain(&path)))
            .collect(),
        timestamp: now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        video_hashes: BTreeMap::new(),
        other: Map::new(),
    };
    if let Some((_, path)) = spec.videos().find(|(_, path)| path.to_str().is_none()) {
        return Err(Error::Usage {
            message: format!(
                "the name of {} is not UTF-8, which JSON needs",
                path.display()
            ),
            hint: "rename it".into(),
        });
    }

    progress.note("checking the videos");
    let video = specs::check_videos(&spec, Path::to_path_buf)?;
    spec.video_hashes = spec
        .videos()
        .map(|(modality, path)| {
            let hash = sha256_of_file(path).map_err(|e| Error::io("read", path, e))?;
            Ok((modality, hash))
        })
        .collect::<Result<_, Error>>()?;
    spec.id = spec.content_id();

    let warnings = advice(options.model, &spec, video.as_ref());
    let notes = controls_without_video(options.model, &spec);
    let _lock = specs::lock(&options.prompts_dir)?;
    let known = specs::existing(&options.prompts_dir, &spec.id);
    if let Some(Stored {
        path,
        spec: Spec::Prompt(spec),
    }) = known
    {
        return Ok(CreateSpecReport {
            path,
            existing: true,
            spec,
            notes,
            warnings,
        });
    }
    let path = specs::write_new(&spec, &options.prompts_dir, (&spec.name, &spec.id), &now)?;
    Ok(CreateSpecReport {
        path,
        existing: false,
        spec,
        notes,
        warnings,
    })
}

/// `path` without the `.` parts that change nothing.
fn plain(path: &Path) -> PathBuf {
    let is_part = |part: &Component<'_>| part.as_os_str() != OsStr::new(".");
    path.components().filter(is_part).collect()
}

/// Why `model` would refuse a run of this prompt that sets nothing.
fn refused(model: Model, spec: &PromptSpec, video: Option<&VideoInfo>) -> Option<Advice> {
    if spec.videos().next().is_none() {
        return Some(Advice {
            message: "the prompt has no video yet, and a run needs one".into(),
            hint: Some(
                "make it again with --video-path FOLDER (a folder that prepare-inference made) or --video-path VIDEO"
                    .into(),
            ),
        });
    }
    let run = RunSpec {
        id: spec.id.clone(),
        prompt_id: spec.id.clone(),
        name: spec.name.clone(),
        control_weights: cosmos::default_weights(model, spec),
        parameters: Parameters::default(),
        execution_status: ExecutionStatus::Pending,
        output_path: PathBuf::new(),
        timestamp: spec.timestamp.clone(),
        start_time: None,
        end_time: None,
        error_message: None,
        model: None,
        prompt_path: None,
        other: Map::new(),
    };
    let request = cosmos::Request {
        prompt: spec,
        run: &run,
        video,
        mask_frames: &BTreeMap::new(),
        options: &cosmos::Options::default(),
    };
    let refusal = cosmos::plan(model, &request).err()?;
    Some(Advice {
        message: refusal.to_string(),
        hint: Some(refusal.hint()),
    })
}

/// What becomes of the controls that have no video.
fn controls_without_video(model: Model, spec: &PromptSpec) -> Vec<String> {
    if spec.input_video_path.is_none() {
        return Vec::new();
    }
    let absent = CONTROLS
        .into_iter()
        .filter(|control| !spec.control_inputs.contains_key(control));
    let (derived, lacking): (Vec<Modality>, Vec<Modality>) =
        absent.partition(|&control| cosmos::derives(model, control));
    let mut notes = Vec::new();
    if !derived.is_empty() {
        // Without any video of a control, a run has all that the model can make.
        let condition = match spec.control_inputs.is_empty() {
            true => "",
            false => " where create-run --weights asks for it",
        };
        notes.push(format!(
            "no video of {}: {model} makes it from the input video{condition}",
            list(&derived)
        ));
    }
    if !lacking.is_empty() {
        let lacking = list(&lacking);
        notes.push(format!(
            "no video of {lacking}: {model} cannot make it, so it takes part only with a video from --control-inputs"
        ));
    }
    notes
}

fn list(modalities: &[Modality]) -> String {
    let names: Vec<&str> = modalities.iter().map(|modality| modality.name()).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// Transfer2.5 and Cosmos 3 cut a frame rate to a whole number, which plays the video slower than it was rendered.
fn fractional_rate(rate: FrameRate) -> Option<Advice> {
    rate.is_fractional().then(|| Advice {
        message: format!(
            "{rate} frames a second is not a whole number: {} and {} take it as {}",
            Model::Transfer2_5,
            Model::Cosmos3,
            rate.cut_to_whole()
        ),
        hint: Some("pass a whole --fps unless the result must keep this rate".into()),
    })
}

fn advice(model: Model, spec: &PromptSpec, video: Option<&VideoInfo>) -> Vec<Advice> {
    let mut advice: Vec<Advice> = refused(model, spec, video).into_iter().collect();
    match video {
        None => {}
        Some(video) if !matches!(video.codec.as_str(), "h264" | "hevc") => advice.push(Advice {
            message: format!(
                "the video is {}, which not every Cosmos release decodes",
                video.codec
            ),
            hint: Some("convert it to H.264 with cosmos standardize".into()),
        }),
        Some(video) => advice.extend(fractional_rate(video.fps)),
    }
    if advice.is_empty() && spec.input_video_path.is_none() {
        advice.push(Advice {
            message: format!(
                "there are controls, but no input video ({})",
                Modality::Color
            ),
            hint: Some(
                "pass --video-path unless the result is to be made from the controls alone".into(),
            ),
        });
    }
    advice
}
