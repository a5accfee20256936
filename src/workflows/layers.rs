//! OpenEXR frames of a shot: which modalities their layers are.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::Advice;
use super::depth::{DepthRange, DepthValue};
use super::encode::EncodeOptions;
use crate::error::Error;
use crate::frames::{FileFormat, Sequence, Shot};
use crate::layers::{LayerOptions, LayerUse, LayersError, RenderLayers};
use crate::modality::Modality;
use crate::progress::Progress;

/// How the layers of OpenEXR frames become pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExrOptions {
    /// The view of linear color; the renderer's own, as far as the file tells, if `None`.
    pub view: Option<crate::layers::View>,
    /// Stops by which color is made brighter before the view.
    pub exposure: f32,
    /// The layer to take for a modality, by its name.
    pub chosen: BTreeMap<Modality, String>,
    /// The view of a stereo file.
    pub eye: Option<String>,
}

impl ExrOptions {
    fn for_layers(&self, encode: &EncodeOptions) -> LayerOptions {
        let units = |value| match value {
            DepthValue::Sample(sample) => f32::from(sample),
            DepthValue::Share(units) | DepthValue::Distance(units) => units as f32,
        };
        LayerOptions {
            view: self.view,
            exposure: self.exposure,
            chosen: self.chosen.clone(),
            depth_ends: match encode.depth_range {
                DepthRange::Between(one, other) => Some((units(one), units(other))),
                DepthRange::AsRendered | DepthRange::Auto => None,
            },
            eye: self.eye.clone(),
            background: encode.background.0,
        }
    }
}

/// The layers of the shot's modalities that are OpenEXR, and what the user should know of them.
#[derive(Default)]
pub(super) struct ShotLayers {
    pub layers: BTreeMap<Modality, Arc<RenderLayers>>,
    pub advice: Vec<Advice>,
}

/// Looks into the OpenEXR frames of `shot`. The layers of color that are other modalities come into the shot with the
/// frames of color, unless they have frames of their own.
pub(super) fn open(
    shot: &mut Shot,
    options: &ExrOptions,
    encode: &EncodeOptions,
    progress: &dyn Progress,
) -> Result<ShotLayers, Error> {
    let mut found = ShotLayers::default();
    let options = options.for_layers(encode);
    let rendered: Vec<(Modality, Sequence)> = shot
        .sequences
        .iter()
        .filter(|(_, sequence)| is_exr(sequence))
        .map(|(&modality, sequence)| (modality, sequence.clone()))
        .collect();
    if !rendered.is_empty() {
        progress.note("looking at the layers");
    }
    for (modality, sequence) in rendered {
        let wanted = match modality {
            Modality::Color => vec![],
            other => vec![other],
        };
        let layers = Arc::new(RenderLayers::open(paths_of(&sequence), &wanted, &options)?);
        if !layers.uses().any(|(used, _)| used == modality) {
            return Err(LayersError::Lacks {
                path: sequence
                    .frames
                    .first()
                    .map(|frame| frame.path.clone())
                    .unwrap_or_default(),
                modality,
            }
            .into());
        }
        for (used, _) in layers.uses() {
            if used == modality || !shot.sequences.contains_key(&used) {
                shot.sequences.insert(used, sequence.clone());
                found.layers.insert(used, Arc::clone(&layers));
            }
        }
        for advice in notes_of(&layers) {
            if !found.advice.contains(&advice) {
                found.advice.push(advice);
            }
        }
    }
    Ok(found)
}

/// What the user should know of `layers`.
pub(super) fn notes_of(layers: &RenderLayers) -> impl Iterator<Item = Advice> {
    layers.notes().iter().map(|note| Advice {
        message: note.clone(),
        hint: None,
    })
}

/// What the layers of a shot's OpenEXR frames become.
///
/// # Errors
/// [`Error`]: a frame that cannot be read, or has other layers than the first.
pub fn layers_of_shot(
    shot: &Shot,
    options: &ExrOptions,
    encode: &EncodeOptions,
    progress: &dyn Progress,
) -> Result<LayersReport, Error> {
    let mut shot = shot.clone();
    let found = open(&mut shot, options, encode, progress)?;
    let used = found.layers.iter().filter_map(|(&modality, layers)| {
        let (_, used) = layers.uses().find(|(used, _)| *used == modality)?;
        Some((modality, used.clone()))
    });
    Ok(LayersReport {
        layers: used.collect(),
        advice: found.advice,
    })
}

/// What [`layers_of_shot`] finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LayersReport {
    /// What each modality is made of.
    pub layers: BTreeMap<Modality, LayerUse>,
    /// What the user should know.
    pub advice: Vec<Advice>,
}

pub(super) fn is_exr(sequence: &Sequence) -> bool {
    sequence.header.format == FileFormat::Exr
}

/// The layers of a sequence that is one modality.
pub(super) fn open_one(
    modality: Modality,
    sequence: &Sequence,
    options: &ExrOptions,
    encode: &EncodeOptions,
) -> Result<Option<Arc<RenderLayers>>, Error> {
    if !is_exr(sequence) {
        return Ok(None);
    }
    let options = options.for_layers(encode);
    let layers = RenderLayers::open(paths_of(sequence), &[modality], &options)?;
    if !layers.uses().any(|(used, _)| used == modality) {
        return Err(LayersError::Lacks {
            path: sequence
                .frames
                .first()
                .map(|frame| frame.path.clone())
                .unwrap_or_default(),
            modality,
        }
        .into());
    }
    Ok(Some(Arc::new(layers)))
}

fn paths_of(sequence: &Sequence) -> Vec<PathBuf> {
    let frames = sequence.frames.iter();
    frames.map(|frame| frame.path.clone()).collect()
}
