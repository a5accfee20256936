use cosmos_workflow::Error;

use super::run::orchestrator;
use super::{Context, Outcome};

/// Clean up what finished runs have left on the GPU host
///
/// Removes the finished containers of the runs in your runs folder. Jobs that still run, and what others have made, are
/// never touched.
#[derive(clap::Args)]
pub struct Args {
    /// Remove videos, specs and results too, of runs that failed or whose results are on this machine
    #[arg(long)]
    files: bool,
    /// Remove the containers of runs that are not in your runs folder too
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let cleaned =
        orchestrator(context)?.clean(args.all, args.files, &context.cancel, &context.progress)?;
    context.output.cleaned(&cleaned);
    Ok(Outcome::Done)
}
