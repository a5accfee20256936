use std::path::PathBuf;

use cosmos_workflow::ExitCode;
use cosmos_workflow::cosmos::Model;
use cosmos_workflow::cosmos::check::Severity;
use cosmos_workflow::workflows::{CheckSpecsOptions, check_specs};

use super::{Context, Outcome, words};

/// Say what the programs will make of specs, without running anything
///
/// Takes prompts and runs of ours and the specs of NVIDIA's three programs, .json or .jsonl; whose a spec is, is told
/// from its keys. Says what is refused, what is silently ignored, which files are not there, which videos do not fit
/// together, and which weightings NVIDIA's cookbook warns of. The exit code is 2 if there is an error.
#[derive(clap::Args)]
pub struct Args {
    /// The specs; prompts and runs also by id or name
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<PathBuf>,
    /// Take specs of NVIDIA for this program's, and runs of ours as for it: transfer1, transfer2.5, cosmos3
    #[arg(long, value_name = "MODEL", value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
    /// The folder that Cosmos-Transfer1 runs in, which paths in its specs count from
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
    /// The specs are to be computed in one run of the program
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
