use std::path::PathBuf;

use cosmos_workflow::frames::{FramePattern, check_sequence, check_shot};
use cosmos_workflow::{Error, ExitCode};

use super::encode_args::CheckArgs;
use super::{Context, Outcome};

/// Check a render folder without encoding anything
///
/// Prints what was found and every problem. A folder without any of the modalities is checked as one
/// sequence, as convert-sequence would. The exit code is 3 if there are problems.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the frames
    dir: PathBuf,
    /// Check this one sequence: color.####.png, color.%04d.png, color.$F4.png
    #[arg(long)]
    pattern: Option<FramePattern>,
    #[command(flatten)]
    check: CheckArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let (cancel, progress) = (&context.cancel, &context.progress);
    let options = args.check.scan_options();
    if args.pattern.is_none() {
        let report = check_shot(&args.dir, &options, cancel, progress);
        let no_modality = report
            .as_ref()
            .is_ok_and(|report| report.shot.sequences.is_empty());
        if !no_modality {
            let report = report?;
            context.output.checked_shot(&report);
            return Ok(outcome(report.is_ok()));
        }
    }
    let report = check_sequence(&args.dir, args.pattern.as_ref(), &options, cancel, progress)?;
    context.output.checked_sequence(&report);
    Ok(outcome(report.is_ok()))
}

const fn outcome(is_ok: bool) -> Outcome {
    if is_ok {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::InvalidFrames)
    }
}
