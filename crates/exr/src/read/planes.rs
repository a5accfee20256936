//! Planes of the size of the picture, and how the samples of a block get there.

use std::path::{Path, PathBuf};

use half::slice::HalfFloatSliceExt;

use super::blocks::Block;
use crate::header::{Header, Part, SampleType};
use crate::layout::{Layer, Layout, Role};

/// The layers of one file that were asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Frame {
    /// The file.
    pub path: PathBuf,
    /// Width of every plane in pixels: that of the display window.
    pub width: u32,
    /// Height of every plane in pixels.
    pub height: u32,
    /// The layers in the order of the request, each one once.
    pub layers: Vec<LayerPixels>,
}

impl Frame {
    /// The layer of this full name.
    pub fn layer(&self, name: &str) -> Option<&LayerPixels> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    pub(super) fn new(layout: &Layout, wanted: &[&Layer], header: &Header, path: &Path) -> Self {
        let pixels = layout.width as usize * layout.height as usize;
        let layers = wanted
            .iter()
            .map(|layer| {
                let planes = layer
                    .channels
                    .iter()
                    .enumerate()
                    .map(|(at, channel)| Plane {
                        name: channel.name.clone(),
                        samples: blank(layer.role, channel.sample, at, pixels),
                    });
                let window = header.parts[layer.part].data_window;
                LayerPixels {
                    name: layer.name.clone(),
                    role: layer.role,
                    planes: planes.collect(),
                    is_cropped: !covers(window, header.display_window()),
                }
            })
            .collect();
        Self {
            path: path.to_owned(),
            width: layout.width,
            height: layout.height,
            layers,
        }
    }
}

fn covers(data: crate::Window, display: crate::Window) -> bool {
    data.min.0 <= display.min.0
        && data.min.1 <= display.min.1
        && data.max.0 >= display.max.0
        && data.max.1 >= display.max.1
}

/// What stands where the file has no pixels: no color, no object, and a depth that is infinitely far.
fn blank(role: Role, sample: SampleType, at: usize, pixels: usize) -> Samples {
    match (role, sample) {
        // IDs and coverage take turns.
        (Role::Cryptomatte(_), _) if at.is_multiple_of(2) => Samples::Uint(vec![0; pixels]),
        (_, SampleType::Uint) => Samples::Uint(vec![0; pixels]),
        (Role::Depth, _) => Samples::Float(vec![f32::INFINITY; pixels]),
        // Whether a mist grows or shrinks with distance is not known here, so neither end will do.
        (Role::Mist, _) => Samples::Float(vec![f32::NAN; pixels]),
        _ => Samples::Float(vec![0.0; pixels]),
    }
}

/// The pixels of one layer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LayerPixels {
    /// The layer's full name.
    pub name: String,
    /// What it holds.
    pub role: Role,
    /// One plane a channel, in the order of [`Layer::channels`].
    pub planes: Vec<Plane>,
    /// Whether the data window leaves parts of the picture free. They hold 0 (color, IDs), infinity
    /// ([`Role::Depth`]) or NaN ([`Role::Mist`]).
    pub is_cropped: bool,
}

/// The samples of one channel, row by row from above.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plane {
    /// The channel's full name.
    pub name: String,
    /// `width * height` samples.
    pub samples: Samples,
}

/// Samples of a plane.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Samples {
    /// Values of half and float channels.
    Float(Vec<f32>),
    /// Values of uint channels, and the bits of the IDs of a Cryptomatte.
    Uint(Vec<u32>),
}

impl Plane {
    /// The values of a half or float channel.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.samples {
            Samples::Float(values) => Some(values),
            Samples::Uint(_) => None,
        }
    }

    /// The values of a half or float channel, to change.
    pub fn floats_mut(&mut self) -> Option<&mut [f32]> {
        match &mut self.samples {
            Samples::Float(values) => Some(values),
            Samples::Uint(_) => None,
        }
    }

    /// The values of a uint channel or of IDs.
    pub fn uints(&self) -> Option<&[u32]> {
        match &self.samples {
            Samples::Uint(values) => Some(values),
            Samples::Float(_) => None,
        }
    }

    /// Object or material indices as labels: a float is rounded, and what is no index (negative, NaN, above 2^24, where
    /// floats skip numbers) becomes 0. Also returns how many were none.
    pub fn labels(&self) -> (Vec<u32>, u64) {
        let values = match &self.samples {
            Samples::Uint(values) => return (values.clone(), 0),
            Samples::Float(values) => values,
        };
        let mut refused = 0;
        let labels = values
            .iter()
            .map(|value| {
                let rounded = value.round();
                if (0.0..=16_777_216.0).contains(&rounded) {
                    rounded as u32
                } else {
                    refused += 1;
                    0
                }
            })
            .collect();
        (labels, refused)
    }
}

/// A plane that a part's blocks write to.
pub(super) struct Target<'a> {
    samples: &'a mut Samples,
    width: i64,
    height: i64,
    /// Index of the channel in the part.
    channel: usize,
}

impl<'a> Target<'a> {
    /// The planes that one part fills.
    pub(super) fn of_part(frame: &'a mut Frame, wanted: &[&Layer], part: usize) -> Vec<Self> {
        let (width, height) = (i64::from(frame.width), i64::from(frame.height));
        frame
            .layers
            .iter_mut()
            .zip(wanted)
            .filter(|(_, layer)| layer.part == part)
            .flat_map(|(pixels, layer)| pixels.planes.iter_mut().zip(&layer.indices))
            .map(|(plane, channel)| Self {
                samples: &mut plane.samples,
                width,
                height,
                channel: *channel,
            })
            .collect()
    }

    /// Copies this channel out of a decompressed block: for each line, all samples of one channel stand together, the
    /// channels in the order of the header.
    pub(super) fn place(&mut self, part: &Part, block: &Block, pixels: &[u8]) {
        let before: u64 = part.channels[..self.channel]
            .iter()
            .map(|channel| channel.sample.bytes())
            .sum();
        let sample = part.channels[self.channel].sample;
        let line_bytes = (part.pixel_bytes() * block.width) as usize;
        let start = (before * block.width) as usize;
        let length = (sample.bytes() * block.width) as usize;
        // Place of the block's first pixel in the picture.
        let left = i64::from(part.data_window.min.0) - i64::from(part.display_window.min.0)
            + block.x as i64;
        let top = i64::from(part.data_window.min.1) - i64::from(part.display_window.min.1)
            + block.y as i64;
        let from = left.max(0);
        let to = (left + block.width as i64).min(self.width);
        if from >= to {
            return;
        }
        let skip = (from - left) as usize;
        let count = (to - from) as usize;
        for (row, line) in pixels.chunks_exact(line_bytes).enumerate() {
            let y = top + row as i64;
            if !(0..self.height).contains(&y) {
                continue;
            }
            let at = (y * self.width + from) as usize;
            let bytes = &line[start..start + length];
            match (&mut *self.samples, sample) {
                (Samples::Float(plane), SampleType::Half) => {
                    halves(&bytes[skip * 2..], &mut plane[at..at + count])
                }
                (Samples::Float(plane), _) => words(
                    &bytes[skip * 4..],
                    &mut plane[at..at + count],
                    f32::from_bits,
                ),
                (Samples::Uint(plane), _) => {
                    words(&bytes[skip * 4..], &mut plane[at..at + count], |bits| bits)
                }
            }
        }
    }
}

fn halves(bytes: &[u8], plane: &mut [f32]) {
    // Converted in runs, so that the processor's instruction for eight at once can be used.
    let mut run = [half::f16::ZERO; 64];
    for (bytes, plane) in bytes.chunks(2 * run.len()).zip(plane.chunks_mut(run.len())) {
        for (half, two) in run.iter_mut().zip(bytes.chunks_exact(2)) {
            *half = half::f16::from_ne_bytes([two[0], two[1]]);
        }
        run[..plane.len()].convert_to_f32_slice(plane);
    }
}

fn words<T>(bytes: &[u8], plane: &mut [T], convert: impl Fn(u32) -> T) {
    for (value, four) in plane.iter_mut().zip(bytes.chunks_exact(4)) {
        *value = convert(u32::from_ne_bytes([four[0], four[1], four[2], four[3]]));
    }
}
