//! What each generation of Cosmos is handed: the spec files it reads, the command, and what it will write.
//!
//! [`plan`] is a pure function of a prompt, a run and the facts about the videos. Refuses what a generation
//! cannot do and what would change the result if it were left out; everything else that a generation has no
//! word for is left out and said in [`Plan::notes`].
//!
//! All paths are relative to the checkout on the GPU host, which is also the folder the command runs in:
//! videos under `inputs/videos`, spec files under `inputs/prompts`, results under `outputs`.

mod cosmos3;
pub mod needs;
mod transfer1;
mod transfer2_5;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::metadata::sha256_of;
use crate::modality::Modality;
use crate::naming::sanitize;
pub use crate::specs::Model;
use crate::specs::{PromptSpec, RunSpec};
use crate::video::read::VideoInfo;
pub use transfer1::upscaling;

/// The controls in the order in which the command line takes their weights.
pub const CONTROLS: [Modality; 4] = [
    Modality::Vis,
    Modality::Edge,
    Modality::Depth,
    Modality::Segmentation,
];
/// Weight of each control of a run that does not say.
const DEFAULT_WEIGHT: f64 = 0.25;
/// Where the container has the checkout, and the folder that commands run in.
pub const WORKDIR: &str = "/workspace";
/// Where spec files lie, as seen from the checkout.
const PROMPTS: &str = "inputs/prompts";

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The prompt.
    pub prompt: &'a PromptSpec,
    /// The run of it.
    pub run: &'a RunSpec,
    /// What the input video holds, or the controls where there is none; they are all alike.
    pub video: Option<&'a VideoInfo>,
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
    /// Control weight of upscaling to 4K, 0 to 1; `None` to leave the result as it is.
    pub upscale_weight: Option<f64>,
    /// Whether models leave GPU memory while they are idle.
    pub offload_models: bool,
    /// Whether the VAE does too.
    pub offload_vae: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            num_gpu: 1,
            cuda_devices: "0".to_owned(),
            upscale_weight: None,
            offload_models: false,
            offload_vae: false,
        }
    }
}

/// Everything that a run does on the GPU host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The generation.
    pub model: Model,
    /// The videos that have to be there.
    pub uploads: Vec<Upload>,
    /// The first, and mostly only, job.
    pub inference: Job,
    /// The job that makes the result larger.
    pub upscaling: Option<Job>,
    /// What was left out or changed because the generation has no word for it, a sentence each.
    pub notes: Vec<String>,
}

/// A video that has to be on the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// Which video of the prompt.
    pub modality: Modality,
    /// Its path on the host.
    pub path: String,
}

/// One command in the container.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Name of the job's folder under `outputs`.
    pub name: String,
    /// The files that it reads besides videos; the first is the one that the command names.
    pub files: Vec<SpecFile>,
    /// Environment variables.
    pub env: BTreeMap<&'static str, String>,
    /// The program and its arguments, unquoted.
    pub argv: Vec<String>,
    /// The folder that it fills.
    pub output_dir: String,
    /// The video that it writes if all goes well.
    pub video: String,
    /// What else it writes.
    pub extra_outputs: Vec<String>,
}

/// A file for a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpecFile {
    /// Its path on the host.
    pub path: String,
    /// What it says.
    pub content: Value,
}

/// A generation cannot do what the specification asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{model} cannot run this: {field} is {value}, expected {expected}")]
pub struct Refused {
    /// The generation.
    pub model: Model,
    /// The field or option.
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What would be right.
    pub expected: String,
}

impl Refused {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self.field {
            "guidance_scale" | "sigma_max" | "control_weights" => format!(
                "make the run with create-run --{} ..., or choose another --model",
                match self.field {
                    "control_weights" => "weights",
                    "sigma_max" => "sigma-max",
                    _ => "guidance-scale",
                }
            ),
            "num_gpu" | "cuda_devices" => "name one device for each GPU: --num-gpu 2 --cuda-devices 0,1".into(),
            "upscale_weight" => "pass --upscale-weight 0.5".into(),
            _ => "make the prompt again with create-spec --video-path FOLDER, a folder that prepare-inference made".into(),
        }
    }
}

/// What `model` has to be handed for `request`.
///
/// # Errors
/// [`Refused`] for what the generation cannot do.
pub fn plan(model: Model, request: &Request<'_>) -> Result<Plan, Refused> {
    check_devices(model, request.options)?;
    match model {
        Model::Transfer1 => transfer1::plan(request),
        Model::Transfer2_5 => transfer2_5::plan(request),
        Model::Cosmos3 => cosmos3::plan(request),
    }
}

/// The weights of a run of `prompt` that does not give any: the same for each control that has a video. Without
/// such, the same for all four, which Cosmos then derives from the input video. Cosmos 3 takes one control, so
/// there it is the one that fixes the most: depth, else edge, segmentation, vis.
#[must_use]
pub fn default_weights(model: Model, prompt: &PromptSpec) -> BTreeMap<Modality, f64> {
    let has_video = |control: &Modality| prompt.control_inputs.contains_key(control);
    let single = [
        Modality::Depth,
        Modality::Edge,
        Modality::Segmentation,
        Modality::Vis,
    ]
    .into_iter()
    .find(has_video);
    CONTROLS
        .into_iter()
        .map(|control| {
            let weight = match model {
                Model::Cosmos3 if single == Some(control) => 1.0,
                Model::Cosmos3 => 0.0,
                _ if single.is_none() || has_video(&control) => DEFAULT_WEIGHT,
                _ => 0.0,
            };
            (control, weight)
        })
        .collect()
}

/// The guidance of a run that does not give any: `configured`, or the generation's own default where it does
/// not take that.
#[must_use]
pub fn default_guidance(model: Model, configured: f64) -> f64 {
    match model {
        Model::Transfer2_5 if !transfer2_5::takes_guidance(configured) => transfer2_5::GUIDANCE,
        _ => configured,
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

/// A control that is to guide the result.
struct Control {
    modality: Modality,
    weight: f64,
    /// Whether there is a video of it; otherwise Cosmos derives it from the input video.
    has_video: bool,
}

/// The controls that have a weight, in the order of [`CONTROLS`], with a note for each video left out.
fn weighted_controls(
    model: Model,
    request: &Request<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<Control>, Refused> {
    let mut controls = Vec::new();
    for modality in CONTROLS {
        let weight = request.run.control_weights.get(&modality).copied();
        let has_video = request.prompt.control_inputs.contains_key(&modality);
        match weight {
            Some(weight) if weight > 0.0 => controls.push(Control {
                modality,
                weight,
                has_video,
            }),
            Some(_) if has_video => {
                notes.push(format!("{modality} has the weight 0 and is left out"))
            }
            None if has_video => notes.push(format!("{modality} has no weight and is left out")),
            _ => {}
        }
    }
    if controls.is_empty() {
        return Err(Refused {
            model,
            field: "control_weights",
            value: "0 for every control".into(),
            expected: "a weight above 0 for at least one".into(),
        });
    }
    Ok(controls)
}

/// Refuses or notes controls without a video, which are derived from the input video.
fn derive_missing(
    model: Model,
    request: &Request<'_>,
    controls: &[Control],
    notes: &mut Vec<String>,
) -> Result<(), Refused> {
    for control in controls.iter().filter(|control| !control.has_video) {
        if request.prompt.input_video_path.is_none() {
            return Err(Refused {
                model,
                field: "control_inputs",
                value: format!("without {}", control.modality),
                expected: "a video for each control that has a weight, or an input video to derive it from".into(),
            });
        }
        notes.push(format!(
            "{} has no video: {model} derives it from the input video",
            control.modality
        ));
    }
    Ok(())
}

/// Notes a strength that has no control to act on.
fn unused_strengths(request: &Request<'_>, controls: &[Control], notes: &mut Vec<String>) {
    let parameters = &request.run.parameters;
    for (field, modality, given) in [
        (
            "blur_strength",
            Modality::Vis,
            parameters.blur_strength.is_some(),
        ),
        (
            "canny_threshold",
            Modality::Edge,
            parameters.canny_threshold.is_some(),
        ),
    ] {
        let derived = controls
            .iter()
            .any(|control| control.modality == modality && !control.has_video);
        if given && !derived {
            notes.push(format!(
                "{field} has no effect: no {modality} is derived from the input video"
            ));
        }
    }
}

/// The videos that the host needs: the input video, and those of `controls`.
fn uploads(prompt: &PromptSpec, controls: &[Control]) -> Vec<Upload> {
    let input = prompt.input_video_path.as_ref().map(|_| Modality::Color);
    let with_video = controls.iter().filter(|control| control.has_video);
    input
        .into_iter()
        .chain(with_video.map(|control| control.modality))
        .map(|modality| Upload {
            modality,
            path: video_path(prompt, modality),
        })
        .collect()
}

/// What every generation but the first has no word for.
fn drop_transfer1_options(model: Model, options: &Options, notes: &mut Vec<String>) {
    if options.upscale_weight.is_some() {
        notes.push(format!("upscaling is left out: {model} has none"));
    }
    if options.offload_models {
        notes.push(format!(
            "offload_models is left out: {model} has no switch for it"
        ));
    }
    drop_offload_vae(model, options, notes);
}

/// No generation can move the VAE out of GPU memory.
fn drop_offload_vae(model: Model, options: &Options, notes: &mut Vec<String>) {
    if options.offload_vae {
        notes.push(format!(
            "offload_vae is left out: {model} has no switch for it"
        ));
    }
}

/// Parameters that nobody here knows.
fn drop_unknown(model: Model, request: &Request<'_>, notes: &mut Vec<String>) {
    for name in request.run.parameters.other.keys() {
        notes.push(format!(
            "parameters.{name} is left out: it is not known for {model}"
        ));
    }
}

fn check_devices(model: Model, options: &Options) -> Result<(), Refused> {
    let devices = options.cuda_devices.split(',');
    let is_device = |name: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/');
        !name.is_empty() && !name.starts_with('-') && name.bytes().all(plain)
    };
    if !devices.clone().all(is_device) {
        return Err(Refused {
            model,
            field: "cuda_devices",
            value: format!("{:?}", options.cuda_devices),
            expected: "GPU numbers separated by commas, such as 0,1".into(),
        });
    }
    let count = devices.count();
    if usize::try_from(options.num_gpu).ok() != Some(count) {
        return Err(Refused {
            model,
            field: "num_gpu",
            value: options.num_gpu.to_string(),
            expected: format!(
                "{count}, the number of devices in {:?}",
                options.cuda_devices
            ),
        });
    }
    Ok(())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// What every job has in its environment.
fn environment(options: &Options) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("CUDA_VISIBLE_DEVICES", options.cuda_devices.clone())])
}

/// The name of a control in the files of the two Transfer generations.
const fn transfer_key(control: Modality) -> &'static str {
    match control {
        Modality::Segmentation => "seg",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests;
