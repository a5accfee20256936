use cosmos_workflow::{Error, ExitCode};

use super::run::orchestrator;
use super::{Context, Outcome};

/// Check the GPU host: connection, Docker, image, GPUs, disk, and what runs there
///
/// Says what to do about each thing that is wrong. Ends with exit code 4 if no run can be carried out.
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: &Args, context: &Context) -> Result<Outcome, Error> {
    let status = orchestrator(context)?.check_remote_status(&context.cancel, &context.progress)?;
    context.output.status(&status);
    Ok(if status.is_usable() {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::Host)
    })
}
