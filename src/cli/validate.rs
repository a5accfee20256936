use std::path::PathBuf;

use cosmos_workflow::frames::{FramePattern, check_sequence, check_shot};
use cosmos_workflow::workflows::{
    EncodeOptions, Inspection, LayersReport, inspect_frames, layers_of_shot, modality_of,
};
use cosmos_workflow::{Error, ExitCode};

use super::encode_args::{CheckArgs, ModelArgs, PixelArgs, ShotArgs};
use super::layer_args::LayerArgs;
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
    /// Decode every frame too, and judge the pixels: blank controls, clipped depth, damaged data
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    check: CheckArgs,
    #[command(flatten)]
    shot: ShotArgs,
    #[command(flatten)]
    pixels: PixelArgs,
    #[command(flatten)]
    layers: LayerArgs,
    #[command(flatten)]
    target: ModelArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let (cancel, progress) = (&context.cancel, &context.progress);
    let options = args
        .shot
        .apply(args.check.scan_options(), &args.dir, &context.config)?;
    let target = args.target.target(&context.config.cosmos)?;
    let encode = args
        .pixels
        .apply(EncodeOptions::from_config(&context.config.video, target));
    if args.pattern.is_none() {
        let report = check_shot(&args.dir, &options, cancel, progress);
        let no_modality = report
            .as_ref()
            .is_ok_and(|report| report.shot.sequences.is_empty());
        if !no_modality {
            let mut report = report?;
            let found = match report.is_ok() {
                true => layers_of_shot(&report.shot, &args.layers.options()?, &encode, progress)?,
                false => LayersReport::default(),
            };
            let mut inspection = if args.deep && report.is_ok() {
                let sequences = report.shot.sequences.iter();
                let sequences = sequences.map(|(&modality, sequence)| (modality, sequence));
                inspect_frames(sequences, &encode, cancel, progress)?
            } else {
                Inspection::default()
            };
            inspection.layers = found.layers;
            inspection.warnings.extend(found.advice);
            report.problems.extend(inspection.problems.iter().cloned());
            let first = report.shot.sequences.values().next();
            let handling = first.map(|sequence| encode.handling(sequence));
            context
                .output
                .checked_shot(&report, &inspection, handling.as_ref());
            return Ok(outcome(report.is_ok()));
        }
    }
    let mut report = check_sequence(&args.dir, args.pattern.as_ref(), &options, cancel, progress)?;
    let inspection = match &report.sequence {
        Some(sequence) if args.deep && report.is_ok() => {
            let modality = modality_of(sequence);
            inspect_frames([(modality, sequence)], &encode, cancel, progress)?
        }
        _ => Inspection::default(),
    };
    report.problems.extend(inspection.problems.iter().cloned());
    let handling = report.sequence.as_ref().map(|one| encode.handling(one));
    context
        .output
        .checked_sequence(&report, &inspection, handling.as_ref());
    Ok(outcome(report.is_ok()))
}

const fn outcome(is_ok: bool) -> Outcome {
    if is_ok {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::InvalidFrames)
    }
}
