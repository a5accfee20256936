use std::path::PathBuf;

use cosmos_workflow::Error;
use cosmos_workflow::workflows::{StandardizeOptions, standardize_video};

use super::encode_args::{ModelArgs, VideoArgs};
use super::{Context, Outcome};

/// Write a video again with another frame rate or size
///
/// The length in seconds is kept: frames are repeated or left out by their time stamps. Sound is left out.
#[derive(clap::Args)]
pub struct Args {
    /// The video to read
    input: PathBuf,
    /// The video to write
    output: PathBuf,
    /// Replace existing output
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    video: VideoArgs,
    #[command(flatten)]
    target: ModelArgs,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = StandardizeOptions {
        encode: args.video.options(
            &context.config.video,
            args.target.target(&context.config.cosmos)?,
        ),
        input: args.input,
        output: args.output,
        overwrite: args.overwrite,
    };
    let report = standardize_video(&options, &context.cancel, &context.progress)?;
    context.output.standardized(&report);
    Ok(Outcome::Done)
}
