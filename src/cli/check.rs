use std::path::PathBuf;

use cosmos_workflow::ExitCode;
use cosmos_workflow::cosmos::Model;
use cosmos_workflow::cosmos::check::Severity;
use cosmos_workflow::workflows::{CheckSpecsOptions, check_specs};

use super::{Context, Outcome, completions, words};

/// Check the JSON files of prompts, runs and NVIDIA's programs, without running anything
///
/// Takes the prompts and runs of cosmos, and the .json and .jsonl specs of NVIDIA's three programs; the keys in a spec
/// tell which program it is for. Says what would be refused or silently ignored, which files are missing, which videos
/// do not fit together, and which weights NVIDIA's cookbook warns of. The exit code is 2 if there is an error.
#[derive(clap::Args)]
pub struct Args {
    /// The specs; prompts and runs also by id or name
    #[arg(value_name = "SPEC", required = true, add = completions::prompts_and_runs())]
    specs: Vec<PathBuf>,
    /// Check for this model, whatever the keys of a spec say: transfer1, transfer2.5, cosmos3
    #[arg(long, value_name = "MODEL", value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
    /// Folder that relative paths in the specs of Cosmos-Transfer1 start from
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
    /// Check the specs as one batch, which the program computes in one go
    #[arg(long)]
    together: bool,
}

pub fn run(args: Args, context: &Context) -> Outcome {
    // What is no name of ours either is reported as the file that it was given as.
    let paths = args.specs.into_iter();
    let paths = paths.map(|path| context.spec_file(&path).unwrap_or(path));
    let report = check_specs(&CheckSpecsOptions {
        paths: paths.collect(),
        model: args.model,
        default_model: context.config.cosmos.model,
        root: args.root,
        together: args.together,
        prompts_dir: context.config.paths.local_prompts_dir.clone(),
    });
    context.output.checked_specs(&report);
    if report.count(Severity::Error) == 0 {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::Usage)
    }
}
