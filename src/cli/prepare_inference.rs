use std::path::PathBuf;
use std::time::Instant;

use cosmos_workflow::Error;
use cosmos_workflow::derivation::Strength;
use cosmos_workflow::modality::Modality;
use cosmos_workflow::workflows::{
    DeriveOptions, PrepareOptions, PrepareReport, plan_inference, prepare_inference,
};

use super::ai_args::AiArgs;
use super::encode_args::{FrameArgs, ModelArgs, ShotArgs, VideoArgs};
use super::layer_args::LayerArgs;
use super::{Context, Outcome, path_argument};

/// Turn a folder of rendered frames into the videos that Cosmos takes
///
/// Finds the frames of color, depth, segmentation, vis (blurred color) and edge in INPUT_DIR, side by side or in a
/// folder each, also under names like beauty, z, mask, blur or canny. Checks that no frame is missing and that all
/// have the same numbers and size. Then writes a folder with one video for each, metadata.json, and preview.png with
/// small pictures of all of them.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the rendered frames of color, depth and so on
    input_dir: PathBuf,
    /// Name of the shot [default: made from the description; without AI, from the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// What the shot shows [default: what the AI models see]
    #[arg(long)]
    description: Option<String>,
    /// Let AI models name and describe the shot
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true")]
    use_ai: bool,
    /// The same as --use-ai=false
    #[arg(long)]
    no_ai: bool,
    #[command(flatten)]
    layers: LayerArgs,
    /// Make controls that nobody rendered of color, as the model's own program would: edge, vis or both
    #[arg(long, value_name = "CONTROLS", value_delimiter = ',', value_parser = derivable)]
    derive: Vec<Modality>,
    /// How strong derived edges are: very_low, low, medium, high or very_high; stronger means fewer lines
    #[arg(long, value_name = "STRENGTH", default_value = "medium")]
    edge_strength: Strength,
    /// How strong derived blur is: very_low, low, medium, high or very_high
    #[arg(long, value_name = "STRENGTH", default_value = "medium")]
    vis_strength: Strength,
    /// Replace an existing folder of the same name
    #[arg(long)]
    overwrite: bool,
    /// Check the frames and say what would be written, but write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    video: VideoArgs,
    #[command(flatten)]
    frames: FrameArgs,
    #[command(flatten)]
    shot: ShotArgs,
    #[command(flatten)]
    target: ModelArgs,
    #[command(flatten)]
    models: AiArgs,
}

/// A control that can be made of color.
fn derivable(name: &str) -> Result<Modality, String> {
    match name.parse() {
        Ok(modality @ (Modality::Edge | Modality::Vis)) => Ok(modality),
        _ => Err("only edge and vis can be made of color".to_owned()),
    }
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = PrepareOptions {
        encode: args.frames.encode_options(
            &args.video,
            &context.config.video,
            args.target.target(&context.config.cosmos)?,
        ),
        exr: args.layers.options()?,
        derive: DeriveOptions {
            controls: args.derive,
            edge_strength: args.edge_strength,
            vis_strength: args.vis_strength,
        },
        scan: args
            .shot
            .apply(args.frames.scan_options(), &args.input_dir, &context.config)?,
        input: args.input_dir,
        name: args.name,
        description: args.description,
        videos_dir: context.config.paths.local_videos_dir.clone(),
        ai: (args.use_ai && !args.no_ai).then(|| args.models.options(context)),
        overwrite: args.overwrite,
    };
    if args.dry_run {
        let plan = plan_inference(&options, &context.cancel, &context.progress)?;
        context.output.would_prepare(&plan);
        return Ok(Outcome::Done);
    }
    let started = Instant::now();
    let report = prepare_inference(&options, &context.cancel, &context.progress)?;
    let next = next_command(&report, context);
    context.output.prepared(&report, &next, started.elapsed());
    Ok(Outcome::Done)
}

/// The `create-spec` of what was prepared.
fn next_command(report: &PrepareReport, context: &Context) -> String {
    let name = report.metadata.name.as_str();
    let folder = path_argument(&report.output);
    let description = report.metadata.description.trim();
    let analysis = report.metadata.seen.analysis.as_ref();
    // Colors, a camera move and the style of a render do not prompt for anything.
    let prompt = match analysis {
        Some(analysis) if analysis.description == description => analysis.subject.as_deref(),
        _ => Some(description).filter(|description| !description.is_empty()),
    };
    let prompt = prompt.unwrap_or("describe the result you want");
    if prompt.starts_with('-') {
        context.next_command(&["create-spec", "--video-path", &folder, "--", name, prompt])
    } else {
        context.next_command(&["create-spec", name, prompt, "--video-path", &folder])
    }
}
