use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::{extract_metadata, probe_exr};

use super::{Context, Outcome};

/// Show what a video holds, or which layers an OpenEXR file has
#[derive(clap::Args)]
pub struct Args {
    /// The video or OpenEXR file
    video: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let is_exr = args
        .video
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("exr"));
    if is_exr {
        context.output.probed_exr(&probe_exr(&args.video, None)?);
        return Ok(Outcome::Done);
    }
    context.output.probed(&extract_metadata(&args.video)?);
    Ok(Outcome::Done)
}
