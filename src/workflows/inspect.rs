//! A look at all pixels of a shot before anything is encoded: what `validate --deep` does.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Advice;
use super::depth;
use super::encode::{EncodeOptions, PixelFindings};
use super::layers;
use crate::controls::ControlStats;
use crate::error::Error;
use crate::frames::decode::{Alpha, DecodeOptions, FrameDecoder};
use crate::frames::{Problem, Sequence};
use crate::layers::LayerUse;
use crate::modality::Modality;
use crate::progress::{Cancel, Progress, Unit};
use crate::video::pipeline::PipelineError;

/// What the pixels of a shot tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// What would keep the shot from being prepared.
    pub problems: Vec<Problem>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
    /// What would be done without being asked for.
    pub notes: Vec<String>,
    /// What the modalities of OpenEXR frames are made of.
    pub layers: BTreeMap<Modality, LayerUse>,
}

/// Decodes every frame of `sequences` and judges the pixels as [`prepare_inference`](super::prepare_inference) would.
/// Nothing is encoded or written.
///
/// # Errors
/// [`Error`]: a frame that cannot be decoded, or an interruption.
pub fn inspect_frames<'a>(
    sequences: impl IntoIterator<Item = (Modality, &'a Sequence)>,
    options: &EncodeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Inspection, Error> {
    let mut pixels = PixelFindings::default();
    let mut inspection = Inspection::default();
    for (modality, sequence) in sequences {
        // Their layers were looked at already, and make the pictures that `prepare-inference` takes.
        if layers::is_exr(sequence) {
            continue;
        }
        let plan = depth::plan(modality, sequence, options, cancel, progress)?;
        let decode = DecodeOptions {
            background: options.background.0,
            alpha: Alpha::of(modality),
            levels: plan.levels,
        };
        let stats = ControlStats::new(modality);
        let task = modality.name();
        progress.begin(task, sequence.frames.len() as u64, Unit::Frames);
        sequence
            .frames
            .par_iter()
            .enumerate()
            .map_init(FrameDecoder::default, |decoder, (index, frame)| {
                if cancel.is_cancelled() {
                    return Err(PipelineError::Cancelled);
                }
                let picture = decoder.decode(&frame.path, &decode)?;
                stats.observe(index, &picture);
                decoder.recycle(picture);
                progress.advance(task, 1);
                Ok(())
            })
            .collect::<Result<(), PipelineError>>()?;
        progress.finish(task);
        pixels.add(stats.conclude(sequence), options.allow_blank);
        inspection.notes.extend(plan.note);
        inspection.warnings.extend(plan.warning);
    }
    inspection.problems = pixels.problems;
    inspection.warnings.splice(0..0, pixels.warnings);
    Ok(inspection)
}
