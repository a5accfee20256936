use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::cosmos::Model;
use cosmos_workflow::specs::Strength;
use cosmos_workflow::workflows::{CreateRunOptions, create_run};

use super::{Context, Outcome, path_argument};

/// Give a prompt its weights and settings, ready to run
///
/// Checks that the model can do it, and writes <runs dir>/<date>/<name>_<time>_<id>.json. The same settings
/// again give the same id, and no second file.
#[derive(clap::Args)]
pub struct Args {
    /// The file that create-spec wrote
    prompt_file: PathBuf,
    /// How strongly each control guides the result, 0 to 1; 0 leaves it out [default: 0.25 each]
    ///
    /// Without this option each control that has a video gets 0.25. If none has, all four get it, and Cosmos
    /// derives them from the input video. Cosmos 3 takes a single control: the first there is of depth, edge,
    /// segmentation and vis.
    #[arg(long, num_args = 4, value_names = ["VIS", "EDGE", "DEPTH", "SEGMENTATION"], value_parser = weight, allow_negative_numbers = true)]
    weights: Option<Vec<f64>>,
    /// Denoising steps [default: 35]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    num_steps: Option<u32>,
    /// How closely the result follows the prompt [default: 8.0]
    #[arg(long, value_name = "SCALE", value_parser = guidance, allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// The number that the random noise starts from [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u32>,
    /// Frames a second of the result, a whole number [default: those of the input video]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), allow_negative_numbers = true)]
    fps: Option<u32>,
    /// Noise that the input video starts from, 0 to 200 [default: the model's own]
    #[arg(long, value_name = "SIGMA", value_parser = sigma, allow_negative_numbers = true)]
    sigma_max: Option<f64>,
    /// Blur of a vis control that Cosmos derives: very_low to very_high [default: the model's own]
    #[arg(long, value_name = "STRENGTH")]
    blur_strength: Option<Strength>,
    /// Threshold of an edge control that Cosmos derives: very_low to very_high [default: the model's own]
    #[arg(long, value_name = "STRENGTH")]
    canny_threshold: Option<Strength>,
    /// Folder for the results [default: <outputs dir>/<name>_<id>]
    #[arg(long, value_name = "FOLDER")]
    output_path: Option<PathBuf>,
    /// Generation of the model: transfer1, transfer2.5, cosmos3 [default: transfer1]
    #[arg(long)]
    model: Option<Model>,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let config = &context.config;
    let options = CreateRunOptions {
        prompt_file: args.prompt_file,
        weights: args.weights.and_then(|weights| weights.try_into().ok()),
        num_steps: args.num_steps,
        guidance_scale: args.guidance_scale,
        seed: args.seed,
        fps: args.fps,
        sigma_max: args.sigma_max,
        blur_strength: args.blur_strength,
        canny_threshold: args.canny_threshold,
        output_path: args.output_path,
        model: args.model,
        configured_model: config.cosmos.model,
        execution: config.execution.clone(),
        runs_dir: config.paths.local_runs_dir.clone(),
        outputs_dir: config.paths.local_outputs_dir.clone(),
    };
    let report = create_run(&options, &context.progress)?;
    let next = context.next_command(&["run", &path_argument(&report.path)]);
    context.output.run_created(&report, &next);
    Ok(Outcome::Done)
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
