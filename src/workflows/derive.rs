//! Controls that nobody rendered, made from the color frames as the programs of the models make them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cosmos_derive::{Blur, Edge, Program, Scratch, Strength};

use crate::cosmos::Model;
use crate::derivation::{Derivation, Method};
use crate::frames::decode::{DecodeError, FrameDecoder};
use crate::modality::Modality;
use crate::picture::{Picture, Pixels};
use crate::video::scale::Scaler;
use crate::video::source::{PictureSource, Shared};

/// Which controls to make of color where they were not rendered, and how strong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeriveOptions {
    /// Of [`Modality::Edge`] and [`Modality::Vis`], which to make.
    pub controls: Vec<Modality>,
    /// Of edges.
    pub edge_strength: Strength,
    /// Of the blur.
    pub vis_strength: Strength,
}

impl DeriveOptions {
    /// How `modality` is made for `model`; `None` if it is not to be made.
    pub(super) fn derivation(&self, modality: Modality, model: Model) -> Option<Derivation> {
        let (method, strength) = match modality {
            Modality::Edge => (Method::Canny, self.edge_strength),
            Modality::Vis => (Method::Blur, self.vis_strength),
            _ => return None,
        };
        self.controls.contains(&modality).then_some(Derivation {
            method,
            strength,
            model,
        })
    }
}

fn filter_of(derivation: &Derivation) -> Filter {
    let program = match derivation.model {
        Model::Transfer1 => Program::Transfer1,
        Model::Transfer2_5 => Program::Transfer25,
        Model::Cosmos3 => Program::Cosmos3,
    };
    match derivation.method {
        Method::Canny => Filter::Edge(Edge::new(derivation.strength)),
        Method::Blur => Filter::Blur(Blur::new(program, derivation.strength)),
    }
}

enum Filter {
    Edge(Edge),
    Blur(Blur),
}

/// The color frames, which several videos are made of: each is decoded once.
pub(super) struct SharedColor {
    files: Box<dyn PictureSource>,
    decoded: Shared<Picture>,
}

impl SharedColor {
    /// For `takers` videos; at most `most` frames are kept.
    pub(super) fn new(files: Box<dyn PictureSource>, takers: usize, most: usize) -> Arc<Self> {
        Arc::new(Self {
            files,
            decoded: Shared::new(takers, most),
        })
    }

    fn decoded(
        &self,
        index: usize,
        decoder: &mut FrameDecoder,
    ) -> Result<Arc<Picture>, DecodeError> {
        self.decoded
            .get(index, || self.files.picture(index, decoder))
    }
}

/// The color video itself.
pub(super) struct ColorPictures(pub Arc<SharedColor>);

impl PictureSource for ColorPictures {
    fn len(&self) -> usize {
        self.0.files.len()
    }

    fn path(&self, index: usize) -> &Path {
        self.0.files.path(index)
    }

    fn picture(&self, index: usize, decoder: &mut FrameDecoder) -> Result<Picture, DecodeError> {
        let picture = self.0.decoded(index, decoder)?;
        Ok(Arc::try_unwrap(picture).unwrap_or_else(|shared| (*shared).clone()))
    }
}

/// A control made of color at the size of its video.
pub(super) struct DerivedPictures {
    color: Arc<SharedColor>,
    scaler: Scaler,
    filter: Filter,
    /// Memory that one thread after the other works in.
    scratch: Mutex<Vec<Scratch>>,
}

impl DerivedPictures {
    /// `scaler` brings color to the size of the video.
    pub(super) fn new(color: Arc<SharedColor>, scaler: Scaler, derivation: &Derivation) -> Self {
        Self {
            color,
            scaler,
            filter: filter_of(derivation),
            scratch: Mutex::default(),
        }
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PictureSource for DerivedPictures {
    fn len(&self) -> usize {
        self.color.files.len()
    }

    fn path(&self, index: usize) -> &Path {
        self.color.files.path(index)
    }

    fn picture(&self, index: usize, decoder: &mut FrameDecoder) -> Result<Picture, DecodeError> {
        let refused = |problem: String| DecodeError::Derive {
            path: self.path(index).to_owned(),
            problem,
        };
        let color = self.color.decoded(index, decoder)?;
        let scaled = self
            .scaler
            .scale((*color).clone())
            .map_err(|error| refused(error.to_string()))?;
        let rgb = scaled.to_rgb();
        let (width, height) = rgb.dimensions();
        let (w, h) = (width as usize, height as usize);
        let mut scratch = self.spare().pop().unwrap_or_default();
        let pixels = match &self.filter {
            Filter::Edge(edge) => edge
                .apply(rgb.as_raw(), w, h, &mut scratch)
                .map(Pixels::Gray8),
            Filter::Blur(blur) => blur
                .apply(rgb.as_raw(), w, h, &mut scratch)
                .map(Pixels::Rgb8),
        };
        self.spare().push(scratch);
        Ok(Picture {
            width,
            height,
            pixels: pixels.map_err(|error| refused(error.to_string()))?,
        })
    }
}
