//! The five picture streams of a shot, and the names renderers give them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the picture streams that Cosmos is conditioned on.
///
/// `Color` is the input video; the other four are controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// The beauty render: the video that inference starts from.
    Color,
    /// Distance from the camera as gray.
    Depth,
    /// One flat colour per object or class.
    Segmentation,
    /// A blurred version of color.
    Vis,
    /// Outlines, white on black.
    Edge,
}

impl Modality {
    /// Every modality, color first, in the order used by reports and contact sheets.
    pub const ALL: [Self; 5] = [
        Self::Color,
        Self::Depth,
        Self::Segmentation,
        Self::Vis,
        Self::Edge,
    ];

    /// The controls: everything but color, in the order of [`Modality::ALL`].
    pub const CONTROLS: [Self; 4] = [Self::Depth, Self::Segmentation, Self::Vis, Self::Edge];

    /// The canonical lower-case name, also the stem of the modality's video file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Depth => "depth",
            Self::Segmentation => "segmentation",
            Self::Vis => "vis",
            Self::Edge => "edge",
        }
    }

    /// Other names under which renderers and older tools write this modality, all lower case.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Color => &[
                "colour",
                "rgb",
                "rgba",
                "beauty",
                "combined",
                "diffuse",
                "image",
                "final",
                "finalimage",
                "master",
                "effectsresult",
                "ci",
                "cf",
            ],
            Self::Depth => &[
                "z",
                "zdepth",
                "zbuffer",
                "zpass",
                "depthmap",
                "disparity",
                "pz",
                "dpz",
                "hitpz",
                "mist",
                "distance",
                "raydepth",
                "worlddepth",
                "scenedepth",
            ],
            Self::Segmentation => &[
                "seg",
                "mask",
                "masks",
                "segment",
                "semantic",
                "label",
                "labels",
                "id",
                "objectid",
                "objectids",
                "objid",
                "objectindex",
                "indexob",
                "instanceid",
                "nodeid",
                "renderid",
                "primid",
                "materialid",
                "materialindex",
                "matid",
                "mtlid",
                "indexma",
                "crypto",
                "cryptomatte",
                "cryptoobject",
                "cryptomaterial",
                "cryptoasset",
                "multimatte",
                "puzzlematte",
                "wirecolor",
                "objectlayercolor",
                "shadedseg",
            ],
            Self::Vis => &["blur", "blurred", "visual"],
            Self::Edge => &[
                "edges",
                "canny",
                "outline",
                "contour",
                "contours",
                "lineart",
                "freestyle",
            ],
        }
    }

    /// The modality called `word`, by canonical name or alias, ignoring case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|m| m.name() == word || m.aliases().contains(&word.as_str()))
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text named no modality.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a modality (color, depth, segmentation, vis, edge)")]
pub struct UnknownModality(pub String);

impl FromStr for Modality {
    type Err = UnknownModality;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::from_word(s).ok_or_else(|| UnknownModality(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_alias_names_two_modalities() {
        let mut seen = std::collections::HashMap::new();
        for modality in Modality::ALL {
            for word in modality.aliases().iter().copied().chain([modality.name()]) {
                assert_eq!(seen.insert(word, modality), None, "{word} is listed twice");
                assert_eq!(Modality::from_word(&word.to_uppercase()), Some(modality));
            }
        }
        assert_eq!(Modality::from_word("normals"), None);
    }
}
