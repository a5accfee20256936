use std::path::PathBuf;
use std::time::Instant;

use cosmos_workflow::workflows::{DescribeOptions, describe_files, description_cache};
use cosmos_workflow::{Error, ExitCode};

use super::ai_args::AiArgs;
use super::{Context, Outcome};

/// Say what pictures and videos show
///
/// Every picture and video in a folder, at any depth, is described by itself: tags, objects, colors, light, the
/// camera's move. Nothing leaves this machine. What is known from an earlier run is not looked at again. A file
/// that cannot be read is reported at the end, and the exit code is 1 then.
#[derive(clap::Args)]
pub struct Args {
    /// Pictures, videos, or folders with them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Put a JSON file beside each file: shot.mp4.json beside shot.mp4
    #[arg(long)]
    write_sidecars: bool,
    /// Replace the JSON files of an earlier run; those of others never are
    #[arg(long, requires = "write_sidecars")]
    overwrite: bool,
    #[command(flatten)]
    models: AiArgs,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = DescribeOptions {
        paths: args.paths,
        models: args.models.options(context),
        write_sidecars: args.write_sidecars,
        overwrite: args.overwrite,
        cache: description_cache(),
    };
    let started = Instant::now();
    let report = describe_files(&options, &context.cancel, &context.progress)?;
    context.output.described(&report, started.elapsed());
    Ok(if report.failed.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::Failure)
    })
}
