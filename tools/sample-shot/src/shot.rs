//! A run of frames, and its files: `color.0001.png` side by side or a folder a modality.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use image::EncodableLayout;
use png::{BitDepth, ColorType, DeflateCompression, Filter};
use rayon::prelude::*;

use super::city::City;
use super::frame::{Frame, Look, render};

/// One of the pictures made of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// What the camera sees.
    Color,
    /// Near bright, far dark, 16 bits.
    Depth,
    /// A flat color for each object.
    Segmentation,
    /// White outlines on black.
    Edge,
    /// A blurred copy of color.
    Vis,
}

impl Layer {
    /// All of them, in the order they are written.
    pub const ALL: [Self; 5] = [
        Self::Color,
        Self::Depth,
        Self::Segmentation,
        Self::Edge,
        Self::Vis,
    ];

    /// The word that file and folder names start with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Depth => "depth",
            Self::Segmentation => "segmentation",
            Self::Edge => "edge",
            Self::Vis => "vis",
        }
    }
}

/// How frames are laid out on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// `color.0001.png`, all modalities side by side.
    #[default]
    Flat,
    /// `color/color.0001.png`.
    Folders,
}

/// A shot to render: set what differs from [`Shot::default`], which is 48 frames of 640x360 from frame 1.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Another number grows another city.
    pub seed: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How many frames are written.
    pub frames: u32,
    /// The number in the first frame's name.
    pub start: u64,
    /// From one frame's number to the next; frames between are skipped, so the camera moves faster.
    pub step: u32,
    /// Digits in a frame's number, at least.
    pub padding: usize,
    /// Where files lie.
    pub layout: Layout,
    /// The pictures to write of each frame.
    pub layers: Vec<Layer>,
    /// Grain and sky.
    pub look: Look,
    /// Whether files of the same names are replaced.
    pub overwrite: bool,
}

impl Default for Shot {
    fn default() -> Self {
        Self {
            seed: 1,
            width: 640,
            height: 360,
            frames: 48,
            start: 1,
            step: 1,
            padding: 4,
            layout: Layout::Flat,
            layers: Layer::ALL.to_vec(),
            look: Look::default(),
            overwrite: false,
        }
    }
}

/// What [`Shot::write`] left on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Number of files.
    pub files: u64,
    /// Their length in bytes.
    pub bytes: u64,
}

/// Frames a second of the camera's clock.
const RATE: f32 = 24.0;

impl Shot {
    /// Renders the frame at `index`, counted from zero, in a city grown from the shot's seed.
    #[must_use]
    pub fn render_frame(&self, city: &City, index: u32) -> Frame {
        let seconds = index as f32 * self.step as f32 / RATE;
        render(city, (self.width, self.height), seconds, self.look)
    }

    /// The file of one layer of the frame at `index`.
    #[must_use]
    pub fn path(&self, dir: &Path, layer: Layer, index: u32) -> PathBuf {
        let number = self.start + u64::from(index) * u64::from(self.step);
        let name = format!(
            "{}.{number:0padding$}.png",
            layer.name(),
            padding = self.padding
        );
        match self.layout {
            Layout::Flat => dir.join(name),
            Layout::Folders => dir.join(layer.name()).join(name),
        }
    }

    /// Renders every frame and writes its layers as PNG files into `dir`, which is made if it is missing.
    ///
    /// # Errors
    /// When a file cannot be written, or, before anything is rendered, with
    /// [`io::ErrorKind::AlreadyExists`] when one is there already and `overwrite` is off.
    pub fn write(&self, dir: &Path) -> io::Result<Written> {
        for &layer in &self.layers {
            let taken = (0..self.frames)
                .map(|index| self.path(dir, layer, index))
                .find(|path| !self.overwrite && path.exists());
            if let Some(path) = taken {
                return Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    format!("{} exists already", path.display()),
                ));
            }
        }
        for &layer in &self.layers {
            if let Some(parent) = self.path(dir, layer, 0).parent() {
                fs::create_dir_all(parent).map_err(|error| about(parent, &error))?;
            }
        }
        let city = City::new(self.seed);
        (0..self.frames)
            .into_par_iter()
            .map(|index| {
                let frame = self.render_frame(&city, index);
                self.layers
                    .iter()
                    .try_fold(Written::default(), |sum, &layer| {
                        let bytes = write_whole(&self.path(dir, layer, index), &frame, layer)?;
                        Ok(sum.and(Written { files: 1, bytes }))
                    })
            })
            .try_reduce(Written::default, |a, b| Ok(a.and(b)))
    }
}

impl Written {
    fn and(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
        }
    }
}

/// Writes beside `path`, then renames, so that the file is there whole or not at all. Returns its size.
fn write_whole(path: &Path, frame: &Frame, layer: Layer) -> io::Result<u64> {
    let beside = path.with_extension("png.part");
    let written = encode(File::create(&beside)?, frame, layer)
        .and_then(|()| fs::metadata(&beside))
        .and_then(|metadata| fs::rename(&beside, path).map(|()| metadata.len()));
    if written.is_err() {
        // The first error is the one worth telling; the leftover may be impossible to remove for the same reason.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|error| about(path, &error))
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn encode(file: File, frame: &Frame, layer: Layer) -> io::Result<()> {
    let (color, bits, bytes): (_, _, &[u8]) = match layer {
        Layer::Color => (ColorType::Rgba, BitDepth::Eight, frame.color.as_bytes()),
        Layer::Depth => {
            // PNG is big-endian.
            let bytes: Vec<u8> = frame.depth.iter().flat_map(|v| v.to_be_bytes()).collect();
            return encode_as(
                file,
                frame,
                (ColorType::Grayscale, BitDepth::Sixteen),
                &bytes,
            );
        }
        Layer::Segmentation => (
            ColorType::Rgb,
            BitDepth::Eight,
            frame.segmentation.as_bytes(),
        ),
        Layer::Edge => (ColorType::Grayscale, BitDepth::Eight, frame.edge.as_bytes()),
        Layer::Vis => (ColorType::Rgb, BitDepth::Eight, frame.vis.as_bytes()),
    };
    encode_as(file, frame, (color, bits), bytes)
}

/// Writes as renderers do: a filter chosen a row at a time, and a middling effort, which comes within some
/// hundredths of the default's size in far less time.
fn encode_as(
    file: File,
    frame: &Frame,
    (color, bits): (ColorType, BitDepth),
    bytes: &[u8],
) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    let mut encoder = png::Encoder::new(&mut file, frame.color.width(), frame.color.height());
    encoder.set_color(color);
    encoder.set_depth(bits);
    encoder.set_deflate_compression(DeflateCompression::Level(4));
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(bytes)?;
    writer.finish()?;
    file.flush()
}
