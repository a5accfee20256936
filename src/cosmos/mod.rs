//! What each Cosmos model is handed: the spec files its program reads, the command, and what it will write.
//!
//! [`plan`] is a pure function of a prompt, a run and the facts about the videos. Refuses what a program refuses
//! and what would change the result if it were left out; everything else that a program has no option for is left
//! out and said in [`Plan::notes`]. What the user did not set is left to the program, which has defaults for each
//! control and checkpoint; only Transfer1 gets the steps and the guidance of the settings.
//!
//! All paths are relative to the checkout on the GPU host, which is also the folder the command runs in:
//! videos under `inputs/videos`, spec files under `inputs/prompts`, results under `outputs`.

pub mod check;
mod controls;
mod cosmos3;
mod gpus;
mod handling;
mod invocation;
mod limits;
pub mod log;
pub mod needs;
pub mod options;
mod recipes;
mod refused;
mod sizes;
mod transfer1;
mod transfer2_5;
mod windows;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::hash::sha256_of;
use crate::modality::Modality;
use crate::naming::sanitize;
use crate::size::Size;
pub use crate::specs::Model;
use crate::specs::{Asset, PromptSpec, RunSpec};
use crate::video_info::VideoInfo;
pub use controls::{CONTROLS, control_key, default_weights, derives};
use controls::{Control, note_unused, weighted};
pub use gpus::{GpuCounts, Split, gpu_counts};
pub use handling::{Caution, Handling, Target, handling};
pub use invocation::checked_options;
use invocation::{Invocation, Overrides};
pub use limits::{RateChange, frames_read, published_lengths, rate_change};
pub use recipes::{Need, NeedKind, Recipe, nearest as nearest_recipe, recipe, recipes};
pub use refused::Refused;
pub use sizes::{
    Change, Resize, Shape, Tier, WorkingSize, default_tier, published_tiers, tiers, working_size,
};
use transfer1::{Upscaling, upscaling};
pub use windows::{Windows, default_window, largest_seed, windows};

/// Where the container has the checkout, and the folder that commands run in.
pub const WORKDIR: &str = "/workspace";
/// Where spec files lie, as seen from the checkout.
const PROMPTS: &str = "inputs/prompts";
/// Steps of a draft, which is to show composition and colors, not detail.
const DRAFT_STEPS: u32 = 10;

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The prompt.
    pub prompt: &'a PromptSpec,
    /// The run of it.
    pub run: &'a RunSpec,
    /// What the input video holds, or the controls where there is none; they are all alike.
    pub video: Option<&'a VideoInfo>,
    /// The number of frames of each mask; 1 for a picture.
    pub mask_frames: &'a BTreeMap<Modality, u64>,
    /// How it is executed.
    pub options: &'a Options,
}

/// How a run is executed, apart from what its specification says.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Number of GPUs, at least 1.
    pub num_gpu: u32,
    /// `CUDA_VISIBLE_DEVICES`: one name a GPU, separated by commas.
    pub cuda_devices: String,
    /// How the result becomes larger; `None` to leave it as it is.
    pub upscale: Option<Upscale>,
    /// Whether models leave GPU memory while they are idle.
    pub offload_models: bool,
    /// Denoising steps of a Transfer1 run that gives none.
    pub num_steps: u32,
    /// Guidance of a Transfer1 run that gives none.
    pub guidance_scale: f64,
    /// What the settings set for the model, by the names of its program.
    pub set: Map<String, Value>,
    /// Whether the host has a checkout of Transfer1 besides that of another model.
    pub has_upscaler: bool,
}

/// How a result becomes larger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upscale {
    /// How closely the larger version follows the result, 0 to 1.
    pub weight: f64,
    /// Denoising steps, at least 1; those of NVIDIA's example if `None`.
    pub steps: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            num_gpu: 1,
            cuda_devices: "0".to_owned(),
            upscale: None,
            offload_models: false,
            num_steps: 35,
            guidance_scale: 8.0,
            set: Map::new(),
            has_upscaler: false,
        }
    }
}

/// Everything that a run does on the GPU host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The model.
    pub model: Model,
    /// The videos that have to be there.
    pub uploads: Vec<Upload>,
    /// The first, and mostly only, job.
    pub inference: Job,
    /// The job that makes the result larger.
    pub upscaling: Option<Job>,
    /// How the clip is cut up, and at which size the model works; `None` without videos.
    pub processing: Option<Processing>,
    /// What the user should know: left out, derived, or chosen by the model, a sentence each.
    pub notes: Vec<String>,
}

/// How a model works through a clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Processing {
    /// The windows that the clip is cut into.
    pub windows: Windows,
    /// The size that the model works in.
    pub working_size: WorkingSize,
}

/// A file that has to be on the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// What it is.
    #[serde(flatten)]
    pub source: Source,
    /// Its path on the host.
    pub path: String,
}

/// Which of a run's files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The video of a modality; the input video under color.
    #[serde(rename = "modality")]
    Video(Modality),
    /// The mask of a control.
    #[serde(rename = "mask")]
    Mask(Modality),
    /// The picture whose style the result takes on.
    #[serde(rename = "style_image")]
    StyleImage(()),
    /// The video of what stays as it is.
    #[serde(rename = "protected_area")]
    ProtectedArea(()),
}

/// One command in the container.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// The model whose program it is.
    pub model: Model,
    /// Name of the job's folder under `outputs`.
    pub name: String,
    /// The files that it reads besides videos; the first is the one that the command names.
    pub files: Vec<SpecFile>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Commands that run in the container before the program, unquoted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prepare: Vec<Vec<String>>,
    /// The program and its arguments, unquoted.
    pub argv: Vec<String>,
    /// What of the command decides what comes out, and does not stand in the files: a checkpoint, an option.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<String>,
    /// The folder that it fills.
    pub output_dir: String,
    /// The video, or of a single frame the picture, that it writes if all goes well.
    pub video: String,
    /// What else it writes.
    pub extra_outputs: Vec<String>,
    /// Windows that it works through, if the length of the clip is known.
    pub windows: Option<u64>,
    /// Denoising steps of a window, where the program's log tells them.
    pub steps: Option<u32>,
    /// Whether the controls as the model saw them come home with the result.
    pub keep_controls: bool,
}

impl Job {
    /// Whether `file`, by its name in the output folder, is a copy of a control or something that was made on the
    /// way, and not the result.
    #[must_use]
    pub fn is_control_copy(&self, file: &str) -> bool {
        let name = file.rsplit('/').next().unwrap_or(file);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        match self.model {
            Model::Transfer1 => {
                extension == "pt"
                    || stem.contains("_input_control_")
                    || stem.starts_with("seg_control_weight_")
                    || stem.starts_with("regional_context_")
            }
            Model::Transfer2_5 => {
                let of_sample = stem.strip_prefix(transfer2_5::SAMPLE).unwrap_or_default();
                of_sample.starts_with("_control_") || of_sample.starts_with("_mask_")
            }
            Model::Cosmos3 => stem.starts_with("control_"),
        }
    }
}

/// A file for a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpecFile {
    /// Its path on the host.
    pub path: String,
    /// What it says: a text as it is, anything else as JSON.
    pub content: Value,
}

impl SpecFile {
    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            json => format!("{json:#}\n"),
        }
    }
}

/// What `model` has to be handed for `request`.
///
/// # Errors
/// [`Refused`] for what the model cannot do.
pub fn plan(model: Model, request: &Request<'_>) -> Result<Plan, Refused> {
    check_devices(model, request.options)?;
    if model != Model::Transfer1 && request.run.parameters.upscale_only {
        return Err(Refused::new(
            model,
            "upscaling",
            "all there is to do",
            Model::Transfer1.to_string(),
        ));
    }
    match model {
        Model::Transfer1 => transfer1::plan(request),
        Model::Transfer2_5 => transfer2_5::plan(request),
        Model::Cosmos3 => cosmos3::plan(request),
    }
}

/// The job that upscales what `inference` makes, if that is wanted. `fps` is the rate of what it makes.
fn upscaled(
    request: &Request<'_>,
    inference: &Job,
    fps: Option<Value>,
    wanted: bool,
) -> Result<Option<Job>, Refused> {
    let Some(upscale) = request.options.upscale.filter(|_| wanted) else {
        return Ok(None);
    };
    let job = upscaling(&Upscaling {
        name: format!("{}_upscaled", inference.name),
        run: request.run,
        prompt: request.prompt,
        video: &upscaling_input(inference),
        fps,
        upscale,
        options: request.options,
    })?;
    Ok(Some(job))
}

/// Notes that a result stays as it is because nothing on the host could upscale it.
fn note_no_upscaler(model: Model, options: &Options, notes: &mut Vec<String>) {
    if options.upscale.is_some() && !options.has_upscaler {
        notes.push(format!(
            "upscaling is left out: {model} has none, and no checkout of {} is set",
            Model::Transfer1
        ));
    }
}

/// Where upscaling reads the result of `inference`, as seen from the checkout of Transfer1: in that checkout it stays
/// where it is, and one of another model gets a place.
#[must_use]
pub fn upscaling_input(inference: &Job) -> String {
    if inference.model == Model::Transfer1 {
        return inference.video.clone();
    }
    let file = inference.video.rsplit('/').next().unwrap_or_default();
    format!("inputs/videos/{}/{file}", inference.name)
}

/// Folders in the container that the checkout's mount hides although the image needs them: the images of
/// Transfer2.5 and of Cosmos 3 have their Python in one (`Dockerfile` and `docs/setup.md` of both).
#[must_use]
pub const fn hidden_folders(model: Model) -> &'static [&'static str] {
    match model {
        Model::Transfer1 => &[],
        Model::Transfer2_5 | Model::Cosmos3 => &["/workspace/.venv"],
    }
}

/// The folder of a prompt's videos: named after the video and its content, so that prompts for one shot share
/// it, and two shots never do.
#[must_use]
pub fn videos_dir(prompt: &PromptSpec) -> String {
    let first = prompt.videos().next().map(|(_, path)| path);
    let stem = first.and_then(|path| {
        // Prepared folders have a telling name, and a color.mp4 that has not.
        let own = path.file_stem()?.to_string_lossy().into_owned();
        let of_modality = Modality::from_word(&own).is_some();
        let folder = path.parent().and_then(|parent| parent.file_name());
        Some(match folder {
            Some(folder) if of_modality => folder.to_string_lossy().into_owned(),
            _ => own,
        })
    });
    let name = stem.and_then(|stem| sanitize(&stem).ok());
    let content = if prompt.video_hashes.is_empty() {
        prompt.id.clone()
    } else {
        let hashes: Vec<&str> = prompt.video_hashes.values().map(String::as_str).collect();
        let digest = sha256_of(hashes.concat().as_bytes());
        digest.chars().take(12).collect()
    };
    format!(
        "inputs/videos/{}_{content}",
        name.as_deref().unwrap_or("shot")
    )
}

fn video_path(prompt: &PromptSpec, modality: Modality) -> String {
    format!("{}/{modality}.mp4", videos_dir(prompt))
}

/// Where a file of the run that is no video of its prompt lies on the host.
fn asset_path(request: &Request<'_>, label: &str, asset: &Asset) -> String {
    let content = match &asset.sha256 {
        Some(hash) => hash.chars().take(12).collect(),
        None => request.run.id.clone(),
    };
    let extension = asset
        .path
        .extension()
        .and_then(|extension| extension.to_str());
    let extension = extension.and_then(|extension| sanitize(extension).ok());
    let extension = extension.as_deref().unwrap_or("bin").to_lowercase();
    format!(
        "{}/{label}_{content}.{extension}",
        videos_dir(request.prompt)
    )
}

/// Where the mask of a control lies on the host.
fn mask_path(request: &Request<'_>, control: Modality) -> Option<String> {
    let asset = request.run.parameters.masks.get(&control)?;
    Some(asset_path(request, &format!("mask_{control}"), asset))
}

/// The files that the host needs: the input video if `with_input`, the videos of `controls`, and the run's own.
fn uploads(request: &Request<'_>, controls: &[Control], with_input: bool) -> Vec<Upload> {
    let prompt = request.prompt;
    let input = prompt.input_video_path.as_ref().filter(|_| with_input);
    let with_video = controls.iter().filter(|control| control.has_video);
    let videos = input
        .map(|_| Modality::Color)
        .into_iter()
        .chain(with_video.map(|control| control.modality))
        .map(|modality| Upload {
            source: Source::Video(modality),
            path: video_path(prompt, modality),
        });
    let masks = request.run.parameters.masks.keys().filter_map(|&control| {
        Some(Upload {
            source: Source::Mask(control),
            path: mask_path(request, control)?,
        })
    });
    let style = request
        .run
        .parameters
        .style_image
        .iter()
        .map(|asset| Upload {
            source: Source::StyleImage(()),
            path: asset_path(request, "style", asset),
        });
    let protected = request
        .run
        .parameters
        .protected_area
        .iter()
        .map(|asset| Upload {
            source: Source::ProtectedArea(()),
            path: asset_path(request, "protected", asset),
        });
    videos.chain(masks).chain(style).chain(protected).collect()
}

/// What [`processing`] asks of a run.
struct Settings<'a> {
    model: Model,
    checkpoint: Option<&'a str>,
    tier: &'a str,
    /// Frames that are computed at a time and that two windows share, where not the model's own.
    window: Option<u64>,
    overlap: Option<u64>,
    /// Frames of the clip that are used, where not all.
    max_frames: Option<u64>,
}

/// How the clip is cut up and at which size the model works.
fn processing(
    settings: &Settings<'_>,
    video: Option<&VideoInfo>,
    notes: &mut Vec<String>,
) -> Result<Option<Processing>, Refused> {
    let Some(video) = video else {
        return Ok(None);
    };
    let model = settings.model;
    let wanted = video
        .frame_count
        .min(settings.max_frames.unwrap_or(u64::MAX));
    let frames = match settings.max_frames {
        Some(_) => wanted,
        None => wanted.min(frames_read(model)),
    };
    if frames < wanted {
        notes.push(format!(
            "only the first {frames} of {wanted} frames are read"
        ));
    }
    let size = Size::new(video.width, video.height);
    let Some(cut) = windows(model, frames, settings.window, settings.overlap) else {
        return Err(Refused::new(
            model,
            "frames",
            format!(
                "{frames} in windows of {} that share {}",
                settings.window.unwrap_or_else(|| default_window(model)),
                settings.overlap.unwrap_or(1)
            ),
            "windows with more frames than they share",
        ));
    };
    let working_size = working_size(model, settings.checkpoint, settings.tier, size);
    let Some(working_size) = working_size else {
        return Ok(None);
    };
    let processing = Processing {
        windows: cut,
        working_size,
    };
    if !processing.working_size.trained {
        notes.push(format!(
            "NVIDIA has not published {} for resolution {}: results may be poor",
            settings
                .checkpoint
                .map_or_else(|| model.to_string(), str::to_owned),
            settings.tier
        ));
    }
    Ok(Some(processing))
}

/// Refuses a tier that the program does not know.
fn check_tier(model: Model, tier: &str) -> Result<(), Refused> {
    let known: Vec<&str> = tiers(model).iter().map(|tier| tier.name).collect();
    if known.contains(&tier) {
        return Ok(());
    }
    Err(Refused::new(
        model,
        "resolution_tier",
        tier,
        format!("one of {}", known.join(", ")),
    ))
}

/// Refuses a seed that the program would count past the largest that its random numbers take.
fn check_seed(
    model: Model,
    seed: Option<u64>,
    windows: Option<u64>,
    has_input: bool,
) -> Result<(), Refused> {
    let (Some(seed), Some(windows)) = (seed, windows) else {
        return Ok(());
    };
    let largest = largest_seed(model, windows, has_input);
    if seed <= u64::from(largest) {
        return Ok(());
    }
    Err(Refused::new(
        model,
        "seed",
        seed.to_string(),
        format!("{largest} or less: each of the {windows} windows counts it up by one"),
    ))
}

/// Parameters that nobody here knows.
fn note_unknown(model: Model, request: &Request<'_>, notes: &mut Vec<String>) {
    for name in request.run.parameters.other.keys() {
        notes.push(format!(
            "parameters.{name} is left out: it is not known for {model}"
        ));
    }
}

/// Refuses the first of these parameters that is given: the program has nothing like it.
fn refuse_given(model: Model, given: &[(&'static str, bool)]) -> Result<(), Refused> {
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((field, _)) => Err(Refused::new(
            model,
            field,
            "given",
            format!("nothing: {model} has no option for it"),
        )),
        None => Ok(()),
    }
}

fn check_devices(model: Model, options: &Options) -> Result<(), Refused> {
    let devices = options.cuda_devices.split(',');
    let is_device = |name: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/');
        !name.is_empty() && !name.starts_with('-') && name.bytes().all(plain)
    };
    if !devices.clone().all(is_device) {
        return Err(Refused::new(
            model,
            "cuda_devices",
            format!("{:?}", options.cuda_devices),
            "GPU numbers separated by commas, such as 0,1",
        ));
    }
    let count = devices.count();
    if usize::try_from(options.num_gpu).ok() != Some(count) {
        return Err(Refused::new(
            model,
            "num_gpu",
            options.num_gpu.to_string(),
            format!(
                "{count}, the number of devices in {:?}",
                options.cuda_devices
            ),
        ));
    }
    Ok(())
}

/// Refuses a number of GPUs that the program cannot split its work over.
fn check_gpus(num_gpu: u32, split: &Split<'_>) -> Result<(), Refused> {
    let counts = gpu_counts(split);
    if counts.contains(num_gpu) {
        return Ok(());
    }
    Err(Refused::new(
        split.model,
        "num_gpu",
        num_gpu.to_string(),
        format!("{counts}: {}", counts.reason),
    ))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[cfg(test)]
mod tests;
