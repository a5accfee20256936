use std::path::PathBuf;
use std::time::Instant;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::{PrepareOptions, PrepareReport, prepare_inference};

use super::ai_args::AiArgs;
use super::encode_args::{FrameArgs, ModelArgs, VideoArgs};
use super::{Context, Outcome, path_argument};

/// Turn a render folder into videos that Cosmos can be conditioned on
///
/// Finds the modalities color, depth, segmentation, vis and edge in INPUT_DIR (side by side or a folder each,
/// also under names like beauty, z, mask, blur, canny), checks that they are complete and of one range and
/// size, and writes a folder with a video each, metadata.json and the contact sheet preview.png.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the frames of all modalities
    input_dir: PathBuf,
    /// Name of the shot [default: made from the description; without AI, from the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// What the shot shows [default: what AI models and measurement say of it]
    #[arg(long)]
    description: Option<String>,
    /// Whether AI models name and describe the shot
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true")]
    use_ai: bool,
    /// The same as --use-ai=false
    #[arg(long)]
    no_ai: bool,
    /// Replace an existing folder of the same name
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    video: VideoArgs,
    #[command(flatten)]
    frames: FrameArgs,
    #[command(flatten)]
    target: ModelArgs,
    #[command(flatten)]
    models: AiArgs,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = PrepareOptions {
        encode: args.frames.encode_options(
            &args.video,
            &context.config.video,
            args.target.target(&context.config.cosmos)?,
        ),
        scan: args.frames.scan_options(),
        input: args.input_dir,
        name: args.name,
        description: args.description,
        videos_dir: context.config.paths.local_videos_dir.clone(),
        ai: (args.use_ai && !args.no_ai).then(|| args.models.options(context)),
        overwrite: args.overwrite,
    };
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
