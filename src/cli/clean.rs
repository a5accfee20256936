use cosmos_workflow::Error;

use super::run::orchestrator;
use super::{Context, Outcome};

/// Remove what runs have left on the GPU host
///
/// Removes the containers that have ended of the runs in your runs folder. What runs is never touched, and nothing
/// that others have made.
#[derive(clap::Args)]
pub struct Args {
    /// Also the videos, specs and results on the host, of runs whose results are here or that failed
    #[arg(long)]
    files: bool,
    /// Also the containers of runs that are not in your runs folder
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let cleaned =
        orchestrator(context)?.clean(args.all, args.files, &context.cancel, &context.progress)?;
    context.output.cleaned(&cleaned);
    Ok(Outcome::Done)
}
