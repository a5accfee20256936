use cosmos_workflow::workflows::list_specs;

use super::{Context, Outcome};

/// List the prompts and runs there are, the newest first
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: &Args, context: &Context) -> Outcome {
    let paths = &context.config.paths;
    let list = list_specs(&paths.local_prompts_dir, &paths.local_runs_dir);
    context.output.listed(&list);
    Outcome::Done
}
