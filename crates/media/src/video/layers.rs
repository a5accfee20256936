//! The pictures of multilayer OpenEXR frames, as sources of videos that share what they read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cosmos_core::modality::Modality;
use cosmos_core::picture::Picture;
use cosmos_exr::Request;
use cosmos_exr::beauty::Repairs;

use super::source::{PictureSource, Shared};
use crate::frames::decode::{DecodeError, FrameDecoder};
use crate::layers::RenderLayers;

/// What is read of a shot's frames.
struct Reading {
    layers: Arc<RenderLayers>,
    wanted: Vec<Modality>,
    request: Request,
    frames: Shared<Made>,
    repairs: Mutex<Repairs>,
}

/// The pictures of one frame, each until it is taken. They need a small part of the room that the layers take, so all are
/// made as soon as a file is read.
struct Made(BTreeMap<Modality, Mutex<Option<Picture>>>);

impl Reading {
    fn make(&self, path: &Path) -> Result<Made, DecodeError> {
        let frame = cosmos_exr::read(path, &self.request).map_err(DecodeError::exr)?;
        let mut pictures = BTreeMap::new();
        for &modality in &self.wanted {
            let (picture, repairs) =
                self.layers
                    .picture(modality, &frame)
                    .ok_or_else(|| DecodeError::Derive {
                        path: path.to_owned(),
                        problem: format!("it has no layer for {modality}"),
                    })?;
            lock(&self.repairs).merge(repairs);
            pictures.insert(modality, Mutex::new(Some(picture)));
        }
        Ok(Made(pictures))
    }

    fn picture(&self, modality: Modality, index: usize) -> Result<Picture, DecodeError> {
        let path = &self.layers.paths()[index];
        let made = self.frames.get(index, || self.make(path))?;
        let taken = made
            .0
            .get(&modality)
            .and_then(|picture| lock(picture).take());
        match taken {
            Some(picture) => Ok(picture),
            // Whoever asks twice gets it made again.
            None => self
                .make(path)?
                .0
                .remove(&modality)
                .and_then(|picture| lock(&picture).take())
                .ok_or_else(|| DecodeError::Derive {
                    path: path.clone(),
                    problem: format!("{modality} was not asked for"),
                }),
        }
    }
}

/// The sources of one shot.
#[derive(Clone)]
pub struct LayerSources(Arc<Reading>);

impl LayerSources {
    /// Sources for `wanted`, which share what they read; at most `most` frames are kept.
    #[must_use]
    pub fn new(layers: Arc<RenderLayers>, wanted: &[Modality], most: usize) -> Self {
        Self(Arc::new(Reading {
            request: layers.request(wanted),
            wanted: wanted.to_vec(),
            layers,
            frames: Shared::new(wanted.len(), most),
            repairs: Mutex::default(),
        }))
    }

    /// The pictures of `modality`, which has to be one that was asked for.
    #[must_use]
    pub fn of(&self, modality: Modality) -> LayerPictures {
        LayerPictures {
            reading: Arc::clone(&self.0),
            modality,
        }
    }

    /// What was found in the pictures so far that is no number; `None` for nothing.
    #[must_use]
    pub fn repairs(&self) -> Option<String> {
        let repairs = *lock(&self.0.repairs);
        repairs.any().then(|| {
            format!(
                "{} values of color are no numbers or infinite; they became black or the brightest there is",
                repairs.nan + repairs.infinite
            )
        })
    }
}

/// The pictures of one modality.
pub struct LayerPictures {
    reading: Arc<Reading>,
    modality: Modality,
}

impl PictureSource for LayerPictures {
    fn len(&self) -> usize {
        self.reading.layers.paths().len()
    }

    fn path(&self, index: usize) -> &Path {
        &self.reading.layers.paths()[index]
    }

    fn picture(&self, index: usize, _: &mut FrameDecoder) -> Result<Picture, DecodeError> {
        self.reading.picture(self.modality, index)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
