//! `create-spec`: a text and videos become a prompt specification.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::Map;

use super::Advice;
use crate::error::Error;
use crate::metadata::sha256_of_file;
use crate::modality::Modality;
use crate::naming::sanitize;
use crate::progress::Progress;
use crate::specs::{self, PromptSpec, Spec, Stored};
use crate::video::read::VideoInfo;

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

    let warnings = advice(&spec, video.as_ref());
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
            warnings,
        });
    }
    let path = specs::write_new(&spec, &options.prompts_dir, (&spec.name, &spec.id), &now)?;
    Ok(CreateSpecReport {
        path,
        existing: false,
        spec,
        warnings,
    })
}

/// `path` without the `.` parts that change nothing.
fn plain(path: &Path) -> PathBuf {
    let is_part = |part: &Component<'_>| part.as_os_str() != OsStr::new(".");
    path.components().filter(is_part).collect()
}

fn advice(spec: &PromptSpec, video: Option<&VideoInfo>) -> Vec<Advice> {
    let mut advice = Vec::new();
    match video {
        None => advice.push(Advice {
            message: "the prompt has no video, so nothing guides the result but the text".into(),
            hint: Some("pass --video-path FOLDER, a folder that prepare-inference made".into()),
        }),
        Some(video) if !matches!(video.codec.as_str(), "h264" | "hevc") => advice.push(Advice {
            message: format!(
                "the video is {}, which not every Cosmos release decodes",
                video.codec
            ),
            hint: Some("convert it to H.264 with cosmos standardize".into()),
        }),
        Some(video) => advice.extend(Advice::fractional_rate(video.fps)),
    }
    if spec.input_video_path.is_none() && !spec.control_inputs.is_empty() {
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
