use std::path::PathBuf;

use cosmos_workflow::Error;

use super::run::orchestrator;
use super::{Context, Outcome, completions};

/// Print the log of a run
#[derive(clap::Args)]
pub struct Args {
    /// The run: its file, its id or the first digits of it, or its name
    #[arg(add = completions::runs())]
    run: PathBuf,
    /// Print new lines as they come, until the run ends
    #[arg(long, short)]
    follow: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let told = orchestrator(context)?.logs(
        &args.run,
        args.follow,
        &mut |line| {
            context.output.line(line);
            context.stop_unless_heard();
        },
        &context.cancel,
        &context.progress,
    );
    if context.is_heard() {
        told?;
    }
    Ok(Outcome::Done)
}
