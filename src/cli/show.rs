use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::show_spec;

use super::{Context, Outcome, completions};

/// Show one prompt or run: its state, age, output, and what its file says
#[derive(clap::Args)]
pub struct Args {
    /// The id or the first digits of it, the name, or the file
    #[arg(value_name = "ID", add = completions::prompts_and_runs())]
    query: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let paths = &context.config.paths;
    let details = show_spec(&paths.local_prompts_dir, &paths.local_runs_dir, &args.query)?;
    context.output.shown(&details);
    Ok(Outcome::Done)
}
