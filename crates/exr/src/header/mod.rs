//! What the header of a file says: parts, channels, windows, compression, attributes, Cryptomattes.
//!
//! The header is parsed here and not by the `exr` crate, for three reasons: limits apply before anything is
//! allocated; an error names part and attribute; and a damaged header never reaches the decoder, which is given
//! only what was checked.

mod attribute;
mod compression;
mod parse;

pub(crate) use attribute::text;
pub use attribute::{Attribute, AttributeValue, Chromaticities};
pub use compression::Compression;
pub(crate) use parse::parse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a header may ask for. Checked before memory is allocated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of all headers together, manifests included. Default 64 MiB: a manifest of 32,000 names has 1.2 MB.
    pub header_bytes: u64,
    /// Width or height of a window, in pixels. Default 65,536.
    pub side: u64,
    /// Parts of a file. Default 1,024.
    pub parts: u64,
    /// Channels of all parts together. Default 16,384.
    pub channels: u64,
    /// Bytes of one block when decompressed. Default 1 GiB: 256 lines of 8K with 30 float channels take 943 MB.
    pub block_bytes: u64,
    /// Bytes of the planes of one frame. Default 4 GiB: 30 float channels of 4K take 1.06 GB.
    pub frame_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 64 << 20,
            side: 1 << 16,
            parts: 1 << 10,
            channels: 1 << 14,
            block_bytes: 1 << 30,
            frame_bytes: 4 << 30,
        }
    }
}

/// What the header of a file says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// The parts, in the order of the file; at least one.
    pub parts: Vec<Part>,
    /// Whether the file is of the multi-part kind (it may still have one part).
    pub multi_part: bool,
    /// The Cryptomattes that the attributes describe, by name. [`Layout`](crate::Layout) also finds those that only
    /// their channels show.
    pub cryptomattes: Vec<Cryptomatte>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Where the block tables start, in bytes.
    pub(crate) tables_at: u64,
}

impl Header {
    /// The display window, which all parts share: what the artist calls the picture.
    pub fn display_window(&self) -> Window {
        self.parts
            .first()
            .map_or(Window::default(), |part| part.display_window)
    }

    /// The views of a stereo or multi-view file in the order of the file, the default view first; empty if the
    /// file has no views.
    pub fn views(&self) -> Vec<String> {
        let mut views: Vec<String> = Vec::new();
        for part in &self.parts {
            let listed = part.multi_view.iter().flatten().chain(part.view.iter());
            for view in listed {
                if !views.contains(view) {
                    views.push(view.clone());
                }
            }
        }
        views
    }

    /// The first attribute of this name, in any part.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.parts.iter().find_map(|part| part.attribute(name))
    }

    /// The program that wrote the file, as far as an attribute tells: `Software`, `software`, `BlenderMultiChannel`,
    /// `renderer`, or a name that only one renderer gives to its attributes.
    pub fn software(&self) -> Option<String> {
        for name in [
            "Software",
            "software",
            "renderer",
            "Renderer",
            "BlenderMultiChannel",
        ] {
            if let Some(AttributeValue::Text(text)) = self.attribute(name) {
                return Some(text.clone());
            }
        }
        let prefixes = [
            ("unreal/", "Unreal Engine"),
            ("arnold/", "Arnold"),
            ("vray", "V-Ray"),
            ("cycles.", "Blender"),
        ];
        self.parts
            .iter()
            .flat_map(|part| &part.attributes)
            .find_map(|attribute| {
                let lower = attribute.name.to_ascii_lowercase();
                prefixes
                    .iter()
                    .find(|(prefix, _)| lower.starts_with(prefix))
                    .map(|(_, program)| (*program).to_owned())
            })
    }

    /// Frames a second as numerator and denominator, from the standard attribute `framesPerSecond`.
    pub fn frames_per_second(&self) -> Option<(i32, u32)> {
        match self.attribute("framesPerSecond") {
            Some(AttributeValue::Rational(numerator, denominator)) => {
                Some((*numerator, *denominator))
            }
            _ => None,
        }
    }

    /// The primaries and white point of the colors, where the file states them.
    pub fn chromaticities(&self) -> Option<Chromaticities> {
        match self.attribute("chromaticities") {
            Some(AttributeValue::Chromaticities(value)) => Some(*value),
            _ => None,
        }
    }
}

/// One part of a file. A file of a single part has one without a name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The part's name; always there in a multi-part file.
    pub name: Option<String>,
    /// The view that the part belongs to.
    pub view: Option<String>,
    /// The views of a file that keeps them in channels; the first one is the default.
    pub multi_view: Option<Vec<String>>,
    /// Scan lines or tiles, flat or deep.
    pub kind: PartKind,
    /// How the blocks are compressed.
    pub compression: Compression,
    /// The channels, in the order of the file.
    pub channels: Vec<Channel>,
    /// The pixels that are stored.
    pub data_window: Window,
    /// The pixels that are shown.
    pub display_window: Window,
    /// Width of a pixel divided by its height.
    pub pixel_aspect_ratio: f32,
    /// All other attributes but those of Cryptomattes, in the order of the file.
    pub attributes: Vec<Attribute>,
    /// Length of the part's block table as the file states it.
    pub(crate) chunk_count: Option<u64>,
}

impl Part {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| &attribute.value)
    }

    /// Whether the pixels have several samples each.
    pub fn is_deep(&self) -> bool {
        matches!(self.kind, PartKind::DeepScanLines | PartKind::DeepTiles(_))
    }

    /// Bytes of one pixel over all channels, when none is subsampled.
    pub(crate) fn pixel_bytes(&self) -> u64 {
        self.channels
            .iter()
            .map(|channel| channel.sample.bytes())
            .sum()
    }
}

/// How a part stores its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartKind {
    /// Blocks of whole lines.
    ScanLines,
    /// Blocks of a fixed size.
    Tiles(Tiles),
    /// Lines of deep pixels.
    DeepScanLines,
    /// Tiles of deep pixels.
    DeepTiles(Tiles),
}

impl PartKind {
    /// Whether a pixel may hold any number of samples.
    #[must_use]
    pub const fn is_deep(&self) -> bool {
        matches!(self, Self::DeepScanLines | Self::DeepTiles(_))
    }
}

/// Size and levels of tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tiles {
    /// Width of a tile in pixels.
    pub width: u32,
    /// Height of a tile in pixels.
    pub height: u32,
    /// Which smaller copies the part holds. Only the largest is read.
    pub levels: Levels,
    /// Whether the sizes of levels are rounded up.
    pub round_up: bool,
}

/// The resolutions that a tiled part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Levels {
    /// One.
    One,
    /// Halved in both directions at once.
    MipMap,
    /// Halved in each direction by itself.
    RipMap,
}

/// A channel of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Channel {
    /// Its full name, such as `ViewLayer.Combined.R`.
    pub name: String,
    /// Type of its samples.
    pub sample: SampleType,
    /// Pixels a sample covers, horizontally and vertically; (1, 1) unless subsampled.
    pub sampling: (u32, u32),
    /// Hint for B44 and DWA that values are perceived linearly.
    pub(crate) linear: bool,
}

/// Type of the samples of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SampleType {
    /// 32-bit unsigned integer.
    Uint,
    /// 16-bit float.
    Half,
    /// 32-bit float.
    Float,
}

impl SampleType {
    /// Bytes of one sample.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Half => 2,
            Self::Uint | Self::Float => 4,
        }
    }
}

impl std::fmt::Display for SampleType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Uint => "uint",
            Self::Half => "half",
            Self::Float => "float",
        })
    }
}

/// A rectangle of pixels; both corners are inside, and may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Left and upper pixel.
    pub min: (i32, i32),
    /// Right and lower pixel.
    pub max: (i32, i32),
}

impl Window {
    /// Width in pixels; 0 where the corners are crossed.
    pub fn width(&self) -> u64 {
        extent(self.min.0, self.max.0)
    }

    /// Height in pixels; 0 where the corners are crossed.
    pub fn height(&self) -> u64 {
        extent(self.min.1, self.max.1)
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}x{} at ({}, {})",
            self.width(),
            self.height(),
            self.min.0,
            self.min.1
        )
    }
}

fn extent(min: i32, max: i32) -> u64 {
    u64::try_from(i64::from(max) - i64::from(min) + 1).unwrap_or(0)
}

/// A Cryptomatte as the attributes `cryptomatte/ID/...` describe it (specification 1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cryptomatte {
    /// Part whose attributes describe it, from zero.
    pub part: usize,
    /// Its ID among the attributes: seven hexadecimal digits.
    pub id: String,
    /// Prefix of its channels, such as `ViewLayer.CryptoObject`.
    pub name: String,
    /// Hash of the names; `MurmurHash3_32` in every file known.
    pub hash: Option<String>,
    /// How a hash becomes a float; `uint32_to_float32` in every file known.
    pub conversion: Option<String>,
    /// Where the names are.
    pub manifest: ManifestSource,
}

/// Where the names of a Cryptomatte are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManifestSource {
    /// Nowhere: objects are known by their hashes alone.
    None,
    /// In the header, as JSON.
    Inline(Arc<str>),
    /// In a file of this path, relative to the image's folder.
    Sidecar(String),
}

/// Gathers `cryptomatte/ID/KEY` attributes of one part.
#[derive(Default)]
pub(crate) struct CryptomatteKeys(BTreeMap<String, BTreeMap<String, String>>);

impl CryptomatteKeys {
    /// Takes the attribute if it belongs to a Cryptomatte.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> bool {
        // Programs that copy the attributes of an image put `exr/` before them.
        let bare = name.strip_prefix("exr/").unwrap_or(name);
        let Some((id, key)) = bare
            .strip_prefix("cryptomatte/")
            .and_then(|rest| rest.split_once('/'))
        else {
            return false;
        };
        self.0
            .entry(id.to_owned())
            .or_default()
            .insert(key.to_owned(), value.to_owned());
        true
    }

    pub(crate) fn finish(self, part: usize, into: &mut Vec<Cryptomatte>) {
        let known: BTreeSet<String> = into.iter().map(|table| table.id.clone()).collect();
        for (id, mut keys) in self.0 {
            // Multi-part writers repeat the attributes in every part; the first one speaks for all.
            if known.contains(&id) {
                continue;
            }
            let manifest = match (keys.remove("manif_file"), keys.remove("manifest")) {
                (Some(file), _) if !file.is_empty() => ManifestSource::Sidecar(file),
                (_, Some(json)) if !json.is_empty() => ManifestSource::Inline(json.into()),
                _ => ManifestSource::None,
            };
            into.push(Cryptomatte {
                part,
                name: keys.remove("name").unwrap_or_default(),
                hash: keys.remove("hash"),
                conversion: keys.remove("conversion"),
                manifest,
                id,
            });
        }
        into.sort_by(|a, b| a.name.cmp(&b.name));
    }
}
