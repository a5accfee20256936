use std::path::PathBuf;

use cosmos_workflow::Error;

use super::run::orchestrator;
use super::{Context, Outcome, completions};

/// Stop a run on the GPU host
#[derive(clap::Args)]
pub struct Args {
    /// The run: its file, its id or the first digits of it, or its name
    #[arg(add = completions::runs())]
    run: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let ended = orchestrator(context)?.cancel(&args.run, &context.cancel, &context.progress)?;
    context.output.cancelled(&ended);
    Ok(Outcome::Done)
}
