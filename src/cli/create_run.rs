use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::cosmos::Model;
use cosmos_workflow::workflows::{CreateRunOptions, create_run};

use super::run_settings::RunSettingsArgs;
use super::{Context, Outcome, completions, path_argument, words};

/// Make a run of a prompt: its weights and settings
///
/// Checks that the model can do it, and writes <runs dir>/<date>/<name>_<time>_<id>.json. The same settings
/// again give the same id, and no second file.
#[derive(clap::Args)]
pub struct Args {
    /// The prompt: the file that create-spec wrote, its id or the first digits of it, or its name
    #[arg(add = completions::prompts())]
    prompt_file: PathBuf,
    #[command(flatten)]
    settings: RunSettingsArgs,
    /// Frames a second of the result, a whole number [default: those of the input video]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), allow_negative_numbers = true)]
    fps: Option<u32>,
    /// Folder for the results [default: <outputs dir>/<name>_<id>]
    #[arg(long, value_name = "FOLDER")]
    output_path: Option<PathBuf>,
    /// The model: transfer1, transfer2.5, cosmos3 [default: transfer1]
    #[arg(long, value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let config = &context.config;
    let options = CreateRunOptions {
        prompt_file: context.spec_file(&args.prompt_file)?,
        settings: args.settings.settings(args.fps),
        output_path: args.output_path,
        model: args.model,
        configured_model: config.cosmos.model,
        execution: config.execution.clone(),
        cosmos: config.cosmos.clone(),
        runs_dir: config.paths.local_runs_dir.clone(),
        outputs_dir: config.paths.local_outputs_dir.clone(),
    };
    let report = create_run(&options, &context.progress)?;
    let next = context.next_command(&["run", &path_argument(&report.path)]);
    context.output.run_created(&report, &next);
    Ok(Outcome::Done)
}
