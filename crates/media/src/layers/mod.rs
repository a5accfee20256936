//! The controls in multilayer OpenEXR frames: which layer becomes which modality, and its pictures.
//!
//! [`RenderLayers::open`] looks at the headers of all frames and at the pixels of a few, and settles what holds for the
//! whole shot: the view of color, one stretch of depth, one color for each object. [`RenderLayers::picture`] then makes
//! the pictures of a frame that was read; `video::layers` reads each file once for all of its modalities.

mod convert;
mod survey;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cosmos_color::ColorError;
pub use cosmos_color::View;
use cosmos_core::modality::Modality;
use cosmos_core::picture::Picture;
use cosmos_exr::beauty::Repairs;
use cosmos_exr::{Control, Frame, Layout, Reason, Request, Role};
use serde::{Deserialize, Serialize};

use self::convert::Conversion;

/// How layers become pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerOptions {
    /// The view of linear color; if `None` the one that the renderer shows by default, as far as the file tells.
    pub view: Option<View>,
    /// Stops by which color is made brighter before the view.
    pub exposure: f32,
    /// The layer to take for a modality, by its name, where the usual choice is not wanted.
    pub chosen: BTreeMap<Modality, String>,
    /// Nearest and farthest distance in scene units that depth tells apart; measured if `None`.
    pub depth_ends: Option<(f32, f32)>,
    /// The view of a stereo file.
    pub eye: Option<String>,
    /// 8-bit RGB behind transparent color.
    pub background: [u8; 3],
}

/// Why the layers of a shot cannot become pictures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayersError {
    /// A file cannot be read, or differs from the others.
    #[error(transparent)]
    Exr(#[from] cosmos_exr::Error),
    /// The primaries or the exposure cannot be used.
    #[error("{}: {source}", path.display())]
    Color {
        /// The first frame.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: ColorError,
    },
    /// No surface, or all of it at one distance.
    #[error("{}: {layer} holds no depth: all of it lies at one distance, or there is no surface", path.display())]
    FlatDepth {
        /// The first frame.
        path: PathBuf,
        /// The layer.
        layer: String,
    },
    /// The ends of depth are no two distances.
    #[error("{near} and {far} are no two distances from the camera in scene units")]
    DepthEnds {
        /// One end.
        near: f32,
        /// The other.
        far: f32,
    },
    /// No layer becomes a picture.
    #[error("{} has no layer that shows color, depth, objects or lines", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
    },
    /// The frames that are to be a modality have no layer for it.
    #[error("{} has no layer for {modality}", path.display())]
    Lacks {
        /// The first frame.
        path: PathBuf,
        /// The modality.
        modality: Modality,
    },
    /// There are no frames.
    #[error("there are no frames")]
    Empty,
}

impl LayersError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exr(error) => error.remedy().map(str::to_owned),
            Self::FlatDepth { .. } => {
                Some("check the camera's clip range and that the Z or Depth pass is on".into())
            }
            Self::Lacks { .. } => {
                Some("`cosmos probe` lists its layers; name one with --layer".into())
            }
            Self::DepthEnds { .. } => Some("give two different numbers above 0".into()),
            _ => None,
        }
    }
}

/// What a modality is made of, for tables and metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerUse {
    /// The layer's name in the file.
    pub layer: String,
    /// Why this one.
    pub because: String,
    /// How its values became a picture.
    pub conversion: String,
    /// Other layers that could have been taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// For depth, the distances that became white and black, in scene units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_ends: Option<(f32, f32)>,
    /// For segmentation, the color of each object by its name, as hexadecimal digits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub colors: BTreeMap<String, String>,
}

/// The layers of a shot's frames, settled for the whole shot.
pub struct RenderLayers {
    paths: Vec<PathBuf>,
    layout: Layout,
    eye: Option<String>,
    uses: BTreeMap<Modality, (LayerUse, Conversion)>,
    notes: Vec<String>,
    background: [u8; 3],
}

/// The modality that a control of OpenEXR's layers becomes.
#[must_use]
pub const fn modality_of(control: Control) -> Option<Modality> {
    match control {
        Control::Color => Some(Modality::Color),
        Control::Depth => Some(Modality::Depth),
        Control::Segmentation => Some(Modality::Segmentation),
        Control::Edge => Some(Modality::Edge),
        Control::Vis => Some(Modality::Vis),
        _ => None,
    }
}

impl RenderLayers {
    /// Settles what `wanted` modalities are made of in the frames at `paths`; all that there are if it is empty.
    ///
    /// # Errors
    /// [`LayersError`]: about the first frame that cannot be read or has other layers than the first.
    pub fn open(
        paths: Vec<PathBuf>,
        wanted: &[Modality],
        options: &LayerOptions,
    ) -> Result<Self, LayersError> {
        survey::open(paths, wanted, options)
    }

    /// The modalities that these frames hold, and what each is made of.
    pub fn uses(&self) -> impl Iterator<Item = (Modality, &LayerUse)> {
        self.uses
            .iter()
            .map(|(&modality, (used, _))| (modality, used))
    }

    /// What the user should know: a view that was assumed, names that are missing.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Width and height of every picture.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.layout.width, self.layout.height)
    }

    /// The frames in order.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// What has to be read of a frame for `wanted`.
    #[must_use]
    pub fn request(&self, wanted: &[Modality]) -> Request {
        let mut layers: Vec<String> = Vec::new();
        for modality in wanted {
            if let Some((used, _)) = self.uses.get(modality)
                && !layers.contains(&used.layer)
            {
                layers.push(used.layer.clone());
            }
        }
        let mut request = Request::layers(layers).expect(self.layout.clone());
        request.view.clone_from(&self.eye);
        request
    }

    /// The picture of `modality` in a frame that was read; `None` if it was not asked for. Counts what was no number.
    #[must_use]
    pub fn picture(&self, modality: Modality, frame: &Frame) -> Option<(Picture, Repairs)> {
        let (used, conversion) = self.uses.get(&modality)?;
        let layer = frame.layer(&used.layer)?;
        let (pixels, repairs) = conversion.pixels(layer, self.background)?;
        let picture = Picture {
            width: frame.width,
            height: frame.height,
            pixels,
        };
        Some((picture, repairs))
    }
}

/// What a single file shows: its color, or else the first of its modalities that there is.
///
/// # Errors
/// [`LayersError`].
pub fn picture_of_file(path: &Path, options: &LayerOptions) -> Result<Picture, LayersError> {
    let layers = RenderLayers::open(vec![path.to_owned()], &[], options)?;
    let nothing = || LayersError::Nothing {
        path: path.to_owned(),
    };
    let modality = layers.uses.keys().next().copied().ok_or_else(nothing)?;
    let frame = cosmos_exr::read(path, &layers.request(&[modality]))?;
    let picture = layers.picture(modality, &frame);
    picture.map(|(picture, _)| picture).ok_or_else(nothing)
}

/// Why a layer was taken, in words.
fn because(reason: &Reason) -> String {
    reason.to_string()
}

/// What a role is called in tables.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Beauty => "color",
        Role::Depth => "distance",
        Role::Mist => "mist",
        Role::Normal => "normals",
        Role::ObjectIndex => "object index",
        Role::MaterialIndex => "material index",
        Role::Cryptomatte(_) => "Cryptomatte",
        Role::Labels => "labels",
        Role::Edge => "lines",
        Role::Vis => "blur",
        Role::Mask => "mask",
        _ => "",
    }
}
