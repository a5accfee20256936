use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::extract_metadata;

use super::{Context, Outcome};

/// Show what a video holds
#[derive(clap::Args)]
pub struct Args {
    /// The video
    video: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    context.output.probed(&extract_metadata(&args.video)?);
    Ok(Outcome::Done)
}
