//! From the layers of a file to the controls: what each layer holds, and which one makes which control.

mod choose;
mod layers;
mod names;
mod sort;

pub use choose::{Candidate, Choice, Reason};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::header::{Channel, Cryptomatte, Header, SampleType};
use crate::{Error, Refusal, Result};
use layers::last_name;
use names::Fit;

/// The layers of a file and what each becomes. All frames of a shot share one layout.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Layout {
    /// The layers of the chosen view, in the order of the file.
    pub layers: Vec<Layer>,
    /// The view that was chosen; `None` for a file without views.
    pub view: Option<String>,
    /// Width of the display window in pixels: the size of every plane.
    pub width: u32,
    /// Height of the display window in pixels.
    pub height: u32,
    path: PathBuf,
    /// Part, channel and type of all that the file holds, to compare frames by.
    signature: BTreeMap<String, SampleType>,
}

/// Channels that belong together: a pass.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Layer {
    /// Its name as the artist knows it, such as `ViewLayer.Depth`; `RGBA` for channels without a layer. With `part:` in
    /// front where two parts have a layer of this name.
    pub name: String,
    /// Its part, from zero.
    pub part: usize,
    /// What it holds.
    pub role: Role,
    /// Its channels: R G B A, X Y Z, or the ranks of a Cryptomatte (ID, coverage, ID, coverage ...).
    pub channels: Vec<Channel>,
    /// Why it cannot be read, if so.
    pub refusal: Option<Refusal>,
    /// The layer's table in the header, for a Cryptomatte that has one.
    pub cryptomatte: Option<Cryptomatte>,
    /// Indices of the channels among those of the part.
    pub(crate) indices: Vec<usize>,
    fit: Fit,
}

/// What a layer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The picture.
    Beauty,
    /// Distance from the camera in scene units, along the axis of view or along the ray.
    Depth,
    /// Distance that the renderer has brought to 0..1.
    Mist,
    /// Directions of surfaces.
    Normal,
    /// A number for each object.
    ObjectIndex,
    /// A number for each material.
    MaterialIndex,
    /// Names as hashes with coverage, several ranks.
    Cryptomatte(CryptomatteKind),
    /// Flat colors, one for each object or class.
    Labels,
    /// Lines.
    Edge,
    /// A picture with its detail taken away.
    Vis,
    /// Coverage of chosen objects.
    Mask,
    /// Anything else.
    Other,
}

/// What a Cryptomatte tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CryptomatteKind {
    /// Objects.
    Object,
    /// Assets: groups of objects under one parent or namespace.
    Asset,
    /// Materials.
    Material,
    /// What a user attribute says, or what the name does not tell.
    Other,
}

/// One of the five videos that guide a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Control {
    /// The picture itself.
    Color,
    /// Near bright, far dark.
    Depth,
    /// A flat color for each object.
    Segmentation,
    /// White lines on black.
    Edge,
    /// The picture with its detail taken away.
    Vis,
}

impl Control {
    /// All five, in the order of tables.
    pub const ALL: [Self; 5] = [
        Self::Color,
        Self::Depth,
        Self::Segmentation,
        Self::Edge,
        Self::Vis,
    ];
}

impl std::fmt::Display for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Color => "color",
            Self::Depth => "depth",
            Self::Segmentation => "segmentation",
            Self::Edge => "edge",
            Self::Vis => "vis",
        })
    }
}

impl Layout {
    /// Sorts the layers of one view. `path` is for messages.
    ///
    /// # Errors
    /// [`Error::View`]: the file has several views and `view` names none of them. A file of one view needs no name.
    pub fn new(path: &Path, header: &Header, view: Option<&str>) -> Result<Self> {
        let views = header.views();
        let chosen = match view {
            None if views.len() <= 1 => views.first().cloned(),
            Some(view) if views.iter().any(|known| known == view) => Some(view.to_owned()),
            _ => {
                return Err(Error::View {
                    path: path.to_owned(),
                    asked: view.map(str::to_owned),
                    views,
                });
            }
        };
        let groups = layers::group(header)
            .into_iter()
            .filter(|group| group.view.is_none() || chosen.is_none() || group.view == chosen)
            .collect();
        let layers = sort::sort(header, groups);
        let window = header.display_window();
        Ok(Self {
            layers,
            view: chosen,
            // The limits on windows keep both far below 2^32.
            width: u32::try_from(window.width()).unwrap_or(u32::MAX),
            height: u32::try_from(window.height()).unwrap_or(u32::MAX),
            path: path.to_owned(),
            signature: signature(header),
        })
    }

    /// Which layer makes the control, why, and what else might have.
    pub fn choose(&self, control: Control) -> Choice {
        choose::choose(self, control)
    }

    /// Takes the layer of this name for the control, whatever it seems to hold; see [`Layout::layer`].
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`], [`Error::AmbiguousLayer`], and [`Error::Unsupported`] for a layer that cannot be read.
    pub fn choose_named(&self, control: Control, name: &str) -> Result<Choice> {
        let layer = self.layer(name)?;
        match layer.refusal {
            Some(what) => Err(Error::Unsupported {
                path: self.path.clone(),
                what,
            }),
            None => Ok(choose::named(self, control, layer)),
        }
    }

    /// The layer of this name: its full name, or else the only one whose last component, or whose name without regard
    /// to case, is this one (`Depth` for `ViewLayer.Depth`).
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`] and [`Error::AmbiguousLayer`], with the names that there are.
    pub fn layer(&self, name: &str) -> Result<&Layer> {
        if let Some(exact) = self.layers.iter().find(|layer| layer.name == name) {
            return Ok(exact);
        }
        let tests: [fn(&str, &str) -> bool; 3] = [
            |full, name| full.eq_ignore_ascii_case(name),
            |full, name| last_name(full) == name,
            |full, name| last_name(full).eq_ignore_ascii_case(name),
        ];
        for test in tests {
            let fitting: Vec<&Layer> = self
                .layers
                .iter()
                .filter(|layer| test(&layer.name, name))
                .collect();
            match fitting[..] {
                [] => {}
                [only] => return Ok(only),
                _ => {
                    return Err(Error::AmbiguousLayer {
                        path: self.path.clone(),
                        layer: name.to_owned(),
                        fitting: fitting.iter().map(|layer| layer.name.clone()).collect(),
                    });
                }
            }
        }
        Err(Error::NoSuchLayer {
            path: self.path.clone(),
            layer: name.to_owned(),
            known: self.layers.iter().map(|layer| layer.name.clone()).collect(),
        })
    }

    /// Compares another frame's layout with this one, which is the shot's: channels, their types, and the size of the
    /// picture. Data windows may differ, as renderers crop each frame to what is in it.
    ///
    /// # Errors
    /// [`Error::LayoutDiffers`], about the other frame's file.
    pub fn check(&self, frame: &Self) -> Result<()> {
        let names =
            |map: &BTreeMap<String, SampleType>| map.keys().cloned().collect::<BTreeSet<_>>();
        let (shot, other) = (names(&self.signature), names(&frame.signature));
        let missing: Vec<String> = shot.difference(&other).cloned().collect();
        let unexpected: Vec<String> = other.difference(&shot).cloned().collect();
        let mut changed = Vec::new();
        for name in shot.intersection(&other) {
            let (is, was) = (frame.signature[name], self.signature[name]);
            if is != was {
                changed.push((name.clone(), was.to_string(), is.to_string()));
            }
        }
        if (self.width, self.height) != (frame.width, frame.height) {
            let size = |layout: &Self| format!("{}x{}", layout.width, layout.height);
            changed.push(("the picture".to_owned(), size(self), size(frame)));
        }
        if missing.is_empty() && unexpected.is_empty() && changed.is_empty() {
            return Ok(());
        }
        Err(Error::LayoutDiffers {
            path: frame.path.clone(),
            missing,
            unexpected,
            changed,
        })
    }
}

fn signature(header: &Header) -> BTreeMap<String, SampleType> {
    let many = header.parts.len() > 1;
    let mut signature = BTreeMap::new();
    for part in &header.parts {
        for channel in &part.channels {
            let name = match &part.name {
                Some(name) if many => format!("{name}:{}", channel.name),
                _ => channel.name.clone(),
            };
            signature.insert(name, channel.sample);
        }
    }
    signature
}

impl Layer {
    fn fit(&self) -> Fit {
        self.fit
    }

    /// Everything before the last component: a view layer of Blender.
    fn prefix(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(prefix, _)| prefix)
    }
}
