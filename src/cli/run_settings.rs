//! The options that make up a run: shared by `create-run`, which writes it down, and `run`, which makes one of a
//! prompt or a folder.

use std::path::PathBuf;

use cosmos_workflow::modality::Modality;
use cosmos_workflow::specs::{Asset, Parameters, Strength};
use cosmos_workflow::workflows::RunSettings;
use serde_json::{Map, Value};

use super::words;

/// What a run is made with.
#[derive(clap::Args)]
pub struct RunSettingsArgs {
    /// How strongly each control guides the result, 0 to 1; 0 leaves it out [default: 1 for a single control, else 0.25 each]
    ///
    /// Without this option each control that has a video takes part. If none has, the model makes those that it can
    /// from the input video.
    #[arg(long, num_args = 4, value_names = ["VIS", "EDGE", "DEPTH", "SEGMENTATION"], value_parser = weight, allow_negative_numbers = true)]
    weights: Option<Vec<f64>>,
    /// Denoising steps [default: 35 with transfer1, else the model's own]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    num_steps: Option<u32>,
    /// How closely the result follows the prompt [default: 8.0 with transfer1, else the model's own]
    #[arg(long, value_name = "SCALE", value_parser = guidance, allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// The number that the random noise starts from [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u32>,
    /// How much noise is put on the input video before the first step, 0 to 200; transfer1 only [default: the model's own]
    #[arg(long, value_name = "SIGMA", value_parser = sigma, allow_negative_numbers = true)]
    sigma_max: Option<f64>,
    /// How much Cosmos blurs where it makes the vis control itself: very_low to very_high [default: the model's own]
    #[arg(long, value_name = "STRENGTH", value_parser = words::strengths(), hide_possible_values = true)]
    blur_strength: Option<Strength>,
    /// How strong an edge has to be where Cosmos makes the edge control itself: very_low to very_high [default: the model's own]
    #[arg(long, value_name = "STRENGTH", value_parser = words::strengths(), hide_possible_values = true)]
    canny_threshold: Option<Strength>,
    #[command(flatten)]
    model: ModelSettingsArgs,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Model options")]
struct ModelSettingsArgs {
    /// Weights of the model: Cosmos3-Nano, Cosmos3-Edge, Cosmos3-Super; distilled; or a path on the host
    #[arg(long, value_name = "NAME")]
    checkpoint: Option<String>,
    /// Size that the model works in, as NVIDIA names it: 256, 480, 720 ... [default: the checkpoint's own]
    #[arg(long, value_name = "TIER")]
    resolution_tier: Option<String>,
    /// A quick preview: few steps, only the first window of frames, a smaller size, no 4K version
    #[arg(long)]
    draft: bool,
    /// Weights and settings that NVIDIA publishes for a purpose: lighting, background ...
    ///
    /// docs/models-on-the-host.md lists them. What you set yourself beats the recipe.
    #[arg(long, value_name = "NAME", value_parser = words::recipe_names(), hide_possible_values = true)]
    recipe: Option<String>,
    /// Limit a control to the white parts of a video or picture; without CONTROL= all controls
    #[arg(long, value_name = "[CONTROL=]FILE", value_parser = mask)]
    mask: Vec<Mask>,
    /// A picture whose style the result takes on; transfer2.5 only
    #[arg(long, value_name = "FILE")]
    style_image: Option<PathBuf>,
    /// A video that is white where the result keeps the input video as it is; transfer2.5 only
    #[arg(long, value_name = "FILE")]
    protect: Option<PathBuf>,
    /// What to look for where Cosmos makes the segmentation itself: "car building tree"
    #[arg(long, value_name = "TEXT")]
    control_prompt: Option<String>,
    /// Whether NVIDIA's safety filters, the guardrails, check prompt and result: on, off [default: the model's own, which is on]
    #[arg(long, value_name = "ON|OFF", value_parser = ["on", "off"], hide_possible_values = true)]
    guardrails: Option<String>,
    /// Download the controls too, as the model saw them
    #[arg(long)]
    keep_controls: bool,
    /// Set any option of NVIDIA's program, checked against its list: num_steps=20, depth.control_weight=0.3
    ///
    /// cosmos options MODEL lists them. Paths are those on the host.
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Set an option that is not in that list, unchecked; --set-raw=--flag=value for the program's command line
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment, allow_hyphen_values = true)]
    set_raw: Vec<(String, String)>,
}

/// A mask, and the control that it is for.
#[derive(Clone)]
struct Mask {
    control: Option<Modality>,
    path: PathBuf,
}

impl RunSettingsArgs {
    /// The settings, with `fps` frames a second for the result.
    pub fn settings(self, fps: Option<u32>) -> RunSettings {
        let model = self.model;
        let asset = |path: PathBuf| Asset { path, sha256: None };
        let masks = model.mask.iter();
        let masks = masks.filter_map(|mask| Some((mask.control?, asset(mask.path.clone()))));
        let parameters = Parameters {
            num_steps: self.num_steps,
            guidance_scale: self.guidance_scale,
            seed: self.seed,
            fps,
            sigma_max: self.sigma_max,
            blur_strength: self.blur_strength,
            canny_threshold: self.canny_threshold,
            checkpoint: model.checkpoint,
            resolution_tier: model.resolution_tier,
            draft: model.draft,
            upscale_only: false,
            guardrails: model.guardrails.map(|word| word == "on"),
            keep_controls: model.keep_controls,
            masks: masks.collect(),
            style_image: model.style_image.map(asset),
            protected_area: model.protect.map(asset),
            control_prompt: model.control_prompt,
            recipe: model.recipe,
            set: model
                .set
                .into_iter()
                .map(|(key, value)| (key, Value::String(value)))
                .collect(),
            set_raw: raw(model.set_raw),
            other: Map::new(),
        };
        let for_all = model.mask.into_iter().find(|mask| mask.control.is_none());
        RunSettings {
            weights: self.weights.and_then(|weights| weights.try_into().ok()),
            parameters,
            mask: for_all.map(|mask| mask.path),
        }
    }
}

/// Values that are JSON as that, others as texts.
fn raw(assignments: Vec<(String, String)>) -> Map<String, Value> {
    assignments
        .into_iter()
        .map(|(key, text)| {
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            (key, value)
        })
        .collect()
}

fn mask(text: &str) -> Result<Mask, String> {
    let named = text.split_once('=').and_then(|(name, path)| {
        let control = Modality::from_word(name).filter(|&control| control != Modality::Color)?;
        Some((control, path))
    });
    let (control, path) = match named {
        Some((control, path)) => (Some(control), path),
        None => (None, text),
    };
    if path.is_empty() {
        return Err("expected FILE or CONTROL=FILE, such as depth=mask.mp4".into());
    }
    Ok(Mask {
        control,
        path: path.into(),
    })
}

fn assignment(text: &str) -> Result<(String, String), String> {
    // A flag may have dashes in front and no value.
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        None if text.starts_with("--") => Ok((text.to_owned(), "true".to_owned())),
        _ => Err("expected KEY=VALUE, such as num_steps=20".into()),
    }
}

fn weight(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1.0, "a number from 0 to 1")
}

fn guidance(text: &str) -> Result<f64, String> {
    number(text, 0.0, f64::MAX, "a number, 0 or more")
}

fn sigma(text: &str) -> Result<f64, String> {
    number(text, 0.0, 200.0, "a number from 0 to 200")
}

fn number(text: &str, min: f64, max: f64, expected: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| format!("expected {expected}"))
}
