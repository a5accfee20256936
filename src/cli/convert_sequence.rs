use std::path::PathBuf;
use std::time::Instant;

use cosmos_workflow::Error;
use cosmos_workflow::frames::FramePattern;
use cosmos_workflow::modality::Modality;
use cosmos_workflow::workflows::{ConvertOptions, convert_sequence, plan_sequence};

use super::ai_args::AiArgs;
use super::encode_args::{FrameArgs, ModelArgs, VideoArgs};
use super::layer_args::LayerArgs;
use super::{Context, Outcome, words};

/// Convert one sequence of frames to a video
///
/// Finds the sequence in INPUT_DIR whatever its padding, first frame and separator, checks every frame, and
/// encodes it to H.264 as Cosmos reads it (BT.709, limited range, constant frame rate).
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the frames
    input_dir: PathBuf,
    /// Video to write [default: <videos dir>/<folder name>/color.mp4]
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Which sequence, if the folder holds several: color.####.png, color.%04d.png, color.$F4.png
    #[arg(long)]
    pattern: Option<FramePattern>,
    /// What the frames show, if their names do not say: color, depth, segmentation, vis, edge
    #[arg(long, value_parser = words::modalities(), hide_possible_values = true)]
    modality: Option<Modality>,
    /// Describe the video in a JSON file beside it
    #[arg(long)]
    generate_metadata: bool,
    /// Describe it with AI models (implies --generate-metadata)
    #[arg(long)]
    ai_analysis: bool,
    /// Replace existing output
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
    layers: LayerArgs,
    #[command(flatten)]
    target: ModelArgs,
    #[command(flatten)]
    models: AiArgs,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = ConvertOptions {
        encode: args.frames.encode_options(
            &args.video,
            &context.config.video,
            args.target.target(&context.config.cosmos)?,
        ),
        exr: args.layers.options()?,
        scan: args.frames.scan_options(),
        input: args.input_dir,
        pattern: args.pattern,
        modality: args.modality,
        output: args.output,
        videos_dir: context.config.paths.local_videos_dir.clone(),
        metadata: args.generate_metadata,
        ai: args.ai_analysis.then(|| args.models.options(context)),
        overwrite: args.overwrite,
    };
    if args.dry_run {
        let plan = plan_sequence(&options, &context.cancel, &context.progress)?;
        context.output.would_convert(&plan);
        return Ok(Outcome::Done);
    }
    let started = Instant::now();
    let report = convert_sequence(&options, &context.cancel, &context.progress)?;
    context.output.converted(&report, started.elapsed());
    Ok(Outcome::Done)
}
