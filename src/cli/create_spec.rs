use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::{CreateSpecOptions, create_spec};

use super::{Context, Outcome, completions, path_argument};

/// Make a prompt: a text, and the videos that guide the result
///
/// Checks that the videos are there and match frame by frame, and writes
/// <prompts dir>/<date>/<name>_<time>_<id>.json. The same prompt again gives the same id, and no second file.
#[derive(clap::Args)]
pub struct Args {
    /// Name of the prompt
    name: String,
    /// What the result shows
    prompt: String,
    /// What the result is not to show [default: the model's own]
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    negative_prompt: String,
    /// The input video, or a folder that prepare-inference made, which gives the controls too
    #[arg(long, value_name = "PATH", add = completions::shot_folders())]
    video_path: Option<PathBuf>,
    /// Control videos, as JSON or a file with it: '{"depth": "depth.mp4", "edge": "edge.mp4"}'
    ///
    /// The controls are vis, edge, depth and segmentation. What is given here beats what the folder says.
    #[arg(long, value_name = "JSON")]
    control_inputs: Option<String>,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = CreateSpecOptions {
        name: args.name,
        prompt: args.prompt,
        negative_prompt: args.negative_prompt,
        video: args.video_path,
        control_inputs: args.control_inputs,
        prompts_dir: context.config.paths.local_prompts_dir.clone(),
        model: context.config.cosmos.model,
    };
    let report = create_spec(&options, &context.progress)?;
    let next = match report.spec.videos().next() {
        Some(_) => context.next_command(&["create-run", &path_argument(&report.path)]),
        None => {
            let (name, prompt) = (&*report.spec.name, &*report.spec.prompt);
            context.next_command(&["create-spec", "--video-path", "FOLDER", "--", name, prompt])
        }
    };
    context.output.prompt_created(&report, &next);
    Ok(Outcome::Done)
}
