//! The pictures of multilayer OpenEXR frames, as sources of videos that share what they read.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cosmos_core::modality::Modality;
use cosmos_core::picture::Picture;
use cosmos_exr::beauty::Repairs;
use cosmos_exr::{Frame, Request};

use super::source::{PictureSource, Shared};
use crate::frames::decode::{DecodeError, FrameDecoder};
use crate::layers::RenderLayers;

/// What is read of a shot's frames.
struct Reading {
    layers: Arc<RenderLayers>,
    request: Request,
    frames: Shared<Frame>,
    repairs: Mutex<Repairs>,
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
        let path = self.path(index);
        let reading = &*self.reading;
        let frame = reading
            .frames
            .get(index, || cosmos_exr::read(path, &reading.request))
            .map_err(DecodeError::exr)?;
        let missing = || DecodeError::Derive {
            path: path.to_owned(),
            problem: format!("it has no layer for {}", self.modality),
        };
        let (picture, repairs) = reading
            .layers
            .picture(self.modality, &frame)
            .ok_or_else(missing)?;
        lock(&reading.repairs).merge(repairs);
        Ok(picture)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
