//! The names that renderers give to their layers, and what each one holds.
//!
//! A name is compared in lower case and without spaces, hyphens, underscores and colons. A whole name that stands in
//! the table beats a name that only contains a known word, and a name further up in its list beats one further down.

use super::{CryptomatteKind, Role};

/// Whole names of each role, best first.
///
/// Sources: the manuals of Blender (Render Layers, passes), Houdini (Mantra image planes, Karma Standard Render Vars),
/// Arnold (AOVs), Redshift (AOVs), V-Ray (render elements), Octane (render AOVs), Unreal Engine (Movie Render Queue:
/// the pass name and, for a post-process material, the material's name behind it), RenderMan and Nuke.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Beauty,
        &[
            "composite.combined",
            "combined",
            "beauty",
            "rgba",
            "rgb",
            "image",
            "finalimage",
            "c",
            "ci",
            "cf",
            "color",
            "master",
            "main",
            "masterbeauty",
            "rgbcolor",
            "composite",
            "denoisedbeauty",
            "beautydenoised",
            "effectsresult",
            "denoiser",
        ],
    ),
    (
        Role::Depth,
        &[
            "depth",
            "z",
            "worlddepth",
            "scenedepth",
            "pz",
            "hitpz",
            "zdepth",
            "vrayzdepth",
            "depthz",
            "cameradepth",
            "depthcamera",
            "depthpass",
            "zpass",
            "zbuffer",
            "distance",
            "linearzdepth",
            "zfront",
        ],
    ),
    (
        Role::Mist,
        &[
            "mist",
            "normalizeddepth",
            "depthnormalized",
            "depthnorm",
            "znorm",
            "fog",
        ],
    ),
    (
        Role::Normal,
        &[
            "normal",
            "normals",
            "n",
            "nn",
            "hitn",
            "ng",
            "nworld",
            "worldnormal",
            "worldnormals",
            "shadingnormal",
            "geometricnormal",
            "smoothnormal",
            "bumpnormal",
            "bumpnormals",
            "vraynormals",
            "vraybumpnormals",
            "snormal",
            "cameranormal",
        ],
    ),
    (
        Role::ObjectIndex,
        &[
            "indexob",
            "objectindex",
            "objectid",
            "objid",
            "id",
            "vrayobjectid",
            "vraynodeid",
            "nodeid",
            "primid",
            "instanceid",
            "instid",
            "elementid",
            "objectlayerid",
            "renderlayerid",
            "uniqueid",
        ],
    ),
    (
        Role::MaterialIndex,
        &[
            "indexma",
            "materialindex",
            "materialid",
            "matid",
            "mtlid",
            "vraymtlid",
            "vraymaterialid",
            "shaderid",
        ],
    ),
    (
        Role::Labels,
        &[
            "segmentation",
            "semanticsegmentation",
            "instancesegmentation",
            "shadedseg",
            "seg",
            "labels",
            "renderid",
            "vrayrenderid",
            "objectlayer",
            "randomcolorpass",
        ],
    ),
    (
        Role::Edge,
        &[
            "edge",
            "edges",
            "freestyle",
            "line",
            "lines",
            "lineart",
            "outline",
            "outlines",
            "contour",
            "contours",
            "toon",
            "vraytoon",
            "wire",
            "wireframe",
        ],
    ),
    (Role::Vis, &["vis", "blur", "blurred"]),
    (
        Role::Mask,
        &[
            "mask",
            "matte",
            "multimatte",
            "vraymultimatte",
            "puzzlematte",
            "puzzle",
            "idmask",
            "objectmask",
            "stencil",
        ],
    ),
];

/// Words inside a longer name, for names that no table lists (`Robot Depth`, `shadow_mask`).
const WORDS: &[(Role, &[&str])] = &[
    (Role::Depth, &["depth", "zdepth"]),
    (Role::Mist, &["mist"]),
    (Role::Normal, &["normal", "normals"]),
    (Role::Beauty, &["beauty", "combined", "image"]),
    (Role::ObjectIndex, &["indexob", "objectid", "objectindex"]),
    (
        Role::MaterialIndex,
        &["indexma", "materialid", "materialindex", "matid"],
    ),
    (Role::Labels, &["segmentation", "seg"]),
    (
        Role::Edge,
        &["edge", "edges", "freestyle", "outline", "wireframe"],
    ),
    (Role::Mask, &["mask", "matte", "multimatte", "puzzlematte"]),
];

/// How well a name fits its role. Less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    /// Words that the name has beside the known one; 0 for a whole name of the table.
    extra_words: usize,
    /// Place in the role's list.
    place: usize,
}

impl Fit {
    /// For what is known by other means than its name.
    pub(super) const CERTAIN: Self = Self {
        extra_words: 0,
        place: 0,
    };

    /// Whether the whole name is in the table.
    pub(super) fn is_exact(self) -> bool {
        self.extra_words == 0
    }
}

/// What a layer of this name holds. `name` is the layer's full name, view removed, components joined by dots.
pub(super) fn role_of(name: &str) -> Option<(Role, Fit)> {
    // "composite.combined" is two components; all other names are the last one.
    let last = name.rsplit('.').next().unwrap_or_default();
    let pass = unreal(last).unwrap_or(last);
    for form in [name, last, pass].map(squash) {
        for (role, names) in NAMES {
            if let Some(place) = names.iter().position(|known| *known == form) {
                return Some((
                    *role,
                    Fit {
                        extra_words: 0,
                        place,
                    },
                ));
            }
        }
    }
    let words = words(pass);
    WORDS.iter().enumerate().find_map(|(place, (role, known))| {
        let fits = words.iter().any(|word| known.contains(&word.as_str()));
        fits.then_some((
            *role,
            Fit {
                extra_words: words.len().max(2) - 1,
                place,
            },
        ))
    })
}

/// Which kind of objects a Cryptomatte of this name tells apart.
pub(super) fn cryptomatte_kind(name: &str) -> CryptomatteKind {
    let lower = squash(name.rsplit('.').next().unwrap_or_default());
    if lower.contains("material") || lower.contains("mtl") || lower.contains("shader") {
        CryptomatteKind::Material
    } else if lower.contains("asset") {
        CryptomatteKind::Asset
    } else if lower.contains("object")
        || lower.contains("node")
        || lower.contains("actorhitproxymask")
    {
        CryptomatteKind::Object
    } else {
        CryptomatteKind::Other
    }
}

/// Whether a layer without a table in the header is a Cryptomatte by its name: `crypto` and two digits at the end.
pub(super) fn cryptomatte_rank(layer: &str) -> Option<(&str, usize)> {
    let digits = layer.len() - layer.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (name, rank) = layer.split_at_checked(digits)?;
    let last = squash(name.rsplit('.').next().unwrap_or_default());
    let named = last.contains("crypto") || last == "actorhitproxymask";
    (named && (1..=3).contains(&rank.len()))
        .then(|| rank.parse().ok().map(|rank| (name, rank)))
        .flatten()
}

/// The material of a pass of Unreal, which puts `FinalImage` (the pass) before the name of a post-process material and,
/// between them, often `MovieRenderQueue_`; `PPM_` marks materials of one's own. A camera's name follows `_` at once.
fn unreal(last: &str) -> Option<&str> {
    let material = last
        .strip_prefix("FinalImage")
        .filter(|rest| !rest.starts_with('_'))?;
    let material = material
        .strip_prefix("MovieRenderQueue_")
        .unwrap_or(material);
    let material = material.strip_prefix("PPM_").unwrap_or(material);
    (!material.is_empty()).then_some(material)
}

fn squash(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | ':'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words of a name, in lower case: cut at everything but letters, and before an upper-case letter that follows a
/// lower-case one (`DenoisingDepth`).
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.extend_last(c);
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Adds a letter to the word being built.
trait ExtendLast {
    fn extend_last(&mut self, c: char);
}

impl ExtendLast for Vec<String> {
    fn extend_last(&mut self, c: char) {
        if let Some(last) = self.last_mut() {
            last.extend(c.to_lowercase());
        }
    }
}
