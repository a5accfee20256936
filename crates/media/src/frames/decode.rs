//! Reads one frame file into pixels the encoders can use.
//!
//! Every colour type and bit depth ends as gray (8 or 16 bits) or as 8-bit RGB. What alpha does depends on what the
//! frame is ([`Alpha`]): a picture is composited over a background, data keeps its values. 16-bit colour is rounded,
//! never truncated. Embedded profiles and gamma chunks are not applied: renderers write display-referred frames, and
//! labels must come through unchanged.
//! A file whose pixels cannot be had whole is an error; nothing is patched up.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use cosmos_core::files;
use cosmos_core::modality::Modality;
use cosmos_core::picture::{Picture, Pixels, to_8_bits, to_16_bits};
use cosmos_core::size::MAX_SIDE;
use image::{DynamicImage, ImageDecoder, ImageReader};

use super::header::DEFLATE_MAX_RATIO;
use super::jpeg_scan::{JpegDamage, check_jpeg_data};
use super::plain_png::PlainPngReader;
use crate::layers::{LayerOptions, LayersError, picture_of_file};

/// What an OpenEXR file begins with.
const EXR_MAGIC: [u8; 4] = [0x76, 0x2f, 0x31, 0x01];
/// Longest file that is read as a frame, in bytes: twice the largest picture without compression.
const MAX_FILE: u64 = 4 << 30;
/// Less memory than this is taken without asking whether it is there, in bytes.
const SMALL: u64 = 64 << 20;
/// What becomes of a pixel after it is decoded takes no more than this at once: RGB, its scaled copy, and the
/// planes of a video frame, in bytes.
const AFTER_DECODING: u64 = 8;

/// Why a frame's pixels could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file could not be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The frame file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The PNG is damaged or cut short.
    #[error("{} is damaged or cut short: {source}", path.display())]
    Png {
        /// The frame file.
        path: PathBuf,
        /// What the PNG decoder said.
        #[source]
        source: png::DecodingError,
    },
    /// Part of the JPEG's picture data is missing or was changed.
    #[error("{} is damaged or cut short: {source}", path.display())]
    Jpeg {
        /// The frame file.
        path: PathBuf,
        /// What is wrong with its data.
        #[source]
        source: JpegDamage,
    },
    /// A file of another format is damaged, cut short or of an unknown kind.
    #[error("{} is damaged, cut short or not an image: {source}", path.display())]
    Image {
        /// The frame file.
        path: PathBuf,
        /// What the image decoder said.
        #[source]
        source: image::ImageError,
    },
    /// The header promises more pixels than the file can hold or than a video frame may have.
    #[error("{} claims to be {width}x{height}, which its {length} bytes cannot hold", path.display())]
    Implausible {
        /// The frame file.
        path: PathBuf,
        /// Width in pixels that the header gives.
        width: u32,
        /// Height in pixels that the header gives.
        height: u32,
        /// Length of the file in bytes.
        length: u64,
    },
    /// The system does not give the memory that the picture takes.
    #[error("{}: its {width}x{height} pixels take {:.1} GB of memory, which cannot be had", path.display(), *bytes as f64 / 1e9)]
    Memory {
        /// The frame file.
        path: PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Memory that decoding and what follows would take, in bytes.
        bytes: u64,
    },
    /// An OpenEXR file is damaged, or has other layers than the shot.
    #[error("{source}")]
    Exr {
        /// The frame file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<cosmos_exr::Error>,
    },
    /// Nothing can be made of the frame's pixels.
    #[error("{}: {problem}", path.display())]
    Derive {
        /// The frame file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The frame is not of the size that its sequence has.
    #[error("{} is {}x{}; its sequence is {}x{}", path.display(), found.0, found.1, expected.0, expected.1)]
    Size {
        /// The frame file.
        path: PathBuf,
        /// Width and height found.
        found: (u32, u32),
        /// Width and height expected.
        expected: (u32, u32),
    },
}

impl DecodeError {
    /// The error of the layers of the OpenEXR file `path`.
    #[must_use]
    pub fn layers(path: &Path, error: LayersError) -> Self {
        match error {
            LayersError::Exr(source) => Self::exr(source),
            error => Self::Derive {
                path: path.to_owned(),
                problem: error.to_string(),
            },
        }
    }

    /// The error of an OpenEXR file.
    #[must_use]
    pub fn exr(source: cosmos_exr::Error) -> Self {
        Self::Exr {
            path: source.path().to_owned(),
            source: Box::new(source),
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Io { .. } => "check that the file exists and that you may read it".into(),
            Self::Size { .. } => {
                "every frame of a sequence must share one size; render it again".into()
            }
            Self::Memory { .. } => {
                "free memory or raise the limit (ulimit -v), try --threads 1, or render smaller frames"
                    .into()
            }
            Self::Exr { source, .. } if source.remedy().is_some() => {
                source.remedy().unwrap_or_default().into()
            }
            _ => "render this frame again, or delete it and pass --allow-partial".into(),
        }
    }
}

/// Part of the 16-bit value range that is stretched to full black and white.
///
/// 8-bit samples count as their 16-bit equivalents (`v * 257`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Value that becomes black, 0 to 65535.
    pub min: u16,
    /// Value that becomes white, 0 to 65535, above `min`.
    pub max: u16,
    /// Whether black and white change places afterwards.
    pub inverted: bool,
}

impl Levels {
    /// Every value as it is.
    pub const FULL: Self = Self {
        min: 0,
        max: u16::MAX,
        inverted: false,
    };

    fn apply(self, value: u16) -> u16 {
        let span = u32::from(self.max.saturating_sub(self.min)).max(1);
        let above = u32::from(value.clamp(self.min, self.max) - self.min);
        let stretched = ((above * 65_535 + span / 2) / span) as u16;
        if self.inverted {
            u16::MAX - stretched
        } else {
            stretched
        }
    }
}

/// What the alpha of a frame is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpha {
    /// Coverage: the frame is a picture, and is composited over the background.
    #[default]
    Composite,
    /// Nothing: the frame is data, and its other samples are taken as they are. Renderers that write a value into
    /// every channel write it into this one too, and compositing would square it.
    Ignore,
    /// As `Ignore`, but lines on a transparent ground become white lines on black, whatever their own color.
    Lines,
}

impl Alpha {
    /// What it is good for in frames of `modality`: only color and its blurred copy are pictures.
    #[must_use]
    pub const fn of(modality: Modality) -> Self {
        match modality {
            Modality::Color | Modality::Vis => Self::Composite,
            Modality::Depth | Modality::Segmentation => Self::Ignore,
            Modality::Edge => Self::Lines,
        }
    }
}

/// How samples become pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    /// 8-bit RGB that shows through where alpha is below opaque.
    pub background: [u8; 3],
    /// What becomes of alpha.
    pub alpha: Alpha,
    /// Stretch applied in 16 bits before any reduction; used for depth.
    pub levels: Levels,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            background: [0; 3],
            alpha: Alpha::Composite,
            levels: Levels::FULL,
        }
    }
}

/// Decodes frames one after another, keeping its buffers between them.
#[derive(Default)]
pub struct FrameDecoder {
    file: Vec<u8>,
    plain_png: PlainPngReader,
    spare_bytes: Vec<u8>,
    spare_words: Vec<u16>,
}

impl FrameDecoder {
    /// Reads and decodes the frame at `path`. The content decides the format, not the file's name.
    ///
    /// # Errors
    /// [`DecodeError`] when the file cannot be read or its pixels are not all there.
    pub fn decode(&mut self, path: &Path, options: &DecodeOptions) -> Result<Picture, DecodeError> {
        let io_error = |source| DecodeError::Io {
            path: path.to_owned(),
            source,
        };
        self.file.clear();
        files::read_into(&mut self.file, path, MAX_FILE).map_err(io_error)?;
        if self.file.starts_with(b"\x89PNG\r\n\x1a\n") {
            self.decode_png(path, options)
        } else if self.file.starts_with(&EXR_MAGIC) {
            let options = LayerOptions {
                background: options.background,
                ..LayerOptions::default()
            };
            picture_of_file(path, &options).map_err(|error| DecodeError::layers(path, error))
        } else {
            self.decode_other(path, options)
        }
    }

    /// Takes back the buffer of a picture that is no longer needed.
    pub fn recycle(&mut self, picture: Picture) {
        match picture.pixels {
            Pixels::Gray16(words) => self.spare_words = words,
            Pixels::Gray8(bytes) | Pixels::Rgb8(bytes) | Pixels::Rgbx8(bytes) => {
                self.spare_bytes = bytes
            }
        }
    }

    fn decode_png(&mut self, path: &Path, options: &DecodeOptions) -> Result<Picture, DecodeError> {
        let mut samples = std::mem::take(&mut self.spare_bytes);
        if let Some(png) = self.plain_png.read(&self.file, &mut samples) {
            let pixels = self.png_pixels(samples, (png.color, png.wide), options);
            return Ok(Picture {
                width: png.width,
                height: png.height,
                pixels,
            });
        }
        let png_error = |source| DecodeError::Png {
            path: path.to_owned(),
            source,
        };
        let mut decoder = png::Decoder::new(Cursor::new(&self.file));
        // It would pass over a wrong Adler-32 of the pixels.
        decoder.ignore_checksums(false);
        decoder.set_transformations(png::Transformations::EXPAND);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let mut reader = decoder.read_info().map_err(png_error)?;
        let (width, height) = (reader.info().width, reader.info().height);
        let length = self.file.len() as u64;
        let size = reader.output_buffer_size().filter(|&size| {
            width <= MAX_SIDE
                && height <= MAX_SIDE
                // Samples of one bit have been expanded to eight.
                && size as u64 / 8 <= length.saturating_mul(DEFLATE_MAX_RATIO)
        });
        let Some(size) = size else {
            return Err(DecodeError::Implausible {
                path: path.to_owned(),
                width,
                height,
                length,
            });
        };
        let extra = size.saturating_sub(samples.capacity()) as u64;
        need_memory(path, (width, height), extra)?;
        samples.resize(size, 0);
        reader.next_frame(&mut samples).map_err(png_error)?;
        // Chunks after the pixels are read too, so that a file without its end is noticed.
        reader.finish().map_err(png_error)?;
        let (color, depth) = reader.output_color_type();
        drop(reader);
        let pixels = self.png_pixels(samples, (color, depth == png::BitDepth::Sixteen), options);
        Ok(Picture {
            width,
            height,
            pixels,
        })
    }

    /// Makes pixels of samples of 8 bits, or of 16 bits (`wide`) with the most significant byte first.
    fn png_pixels(
        &mut self,
        samples: Vec<u8>,
        (color, wide): (png::ColorType, bool),
        options: &DecodeOptions,
    ) -> Pixels {
        let pixels = match (color, wide) {
            (png::ColorType::Grayscale, true) => {
                let mut words = std::mem::take(&mut self.spare_words);
                words.clear();
                words.extend(
                    samples
                        .as_chunks::<2>()
                        .0
                        .iter()
                        .map(|&b| u16::from_be_bytes(b)),
                );
                gray16(words, options)
            }
            (png::ColorType::Grayscale, false) => return gray8(samples, options),
            (png::ColorType::Rgba, false) => return rgba8(samples, options),
            (png::ColorType::GrayscaleAlpha, true) => over_16(&samples, options, |p: &[u8; 4]| {
                let [gray, alpha] = [[p[0], p[1]], [p[2], p[3]]].map(u16::from_be_bytes);
                ([gray; 3], alpha)
            }),
            (png::ColorType::GrayscaleAlpha, false) => over_16(&samples, options, |p: &[u8; 2]| {
                let [gray, alpha] = p.map(to_16_bits);
                ([gray; 3], alpha)
            }),
            (png::ColorType::Rgba, true) => over_16(&samples, options, |p: &[u8; 8]| {
                let [r, g, b, a] = [[p[0], p[1]], [p[2], p[3]], [p[4], p[5]], [p[6], p[7]]]
                    .map(u16::from_be_bytes);
                ([r, g, b], a)
            }),
            (_, true) => over_16(&samples, options, |p: &[u8; 6]| {
                let rgb = [[p[0], p[1]], [p[2], p[3]], [p[4], p[5]]].map(u16::from_be_bytes);
                (rgb, u16::MAX)
            }),
            (_, false) => return rgb8(samples, options),
        };
        self.spare_bytes = samples;
        pixels
    }

    fn decode_other(&self, path: &Path, options: &DecodeOptions) -> Result<Picture, DecodeError> {
        let image_error = |source| DecodeError::Image {
            path: path.to_owned(),
            source,
        };
        if self.file.starts_with(b"\xff\xd8") {
            check_jpeg_data(&self.file).map_err(|source| DecodeError::Jpeg {
                path: path.to_owned(),
                source,
            })?;
        }
        let mut reader = ImageReader::new(Cursor::new(&self.file))
            .with_guessed_format()
            .map_err(|e| image_error(e.into()))?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(4 << 30);
        reader.limits(limits.clone());
        let decoder = reader.into_decoder().map_err(image_error)?;
        let (width, height) = decoder.dimensions();
        limits.reserve(decoder.total_bytes()).map_err(image_error)?;
        // Decoders hold the pixels, or their coefficients, once more.
        need_memory(
            path,
            (width, height),
            decoder.total_bytes().saturating_mul(2),
        )?;
        let image = DynamicImage::from_decoder(decoder).map_err(image_error)?;
        let opaque = |c: [u16; 3]| (c, u16::MAX);
        let pixels = match image {
            DynamicImage::ImageLuma8(i) => gray8(i.into_raw(), options),
            DynamicImage::ImageLuma16(i) => gray16(i.into_raw(), options),
            DynamicImage::ImageRgb8(i) => rgb8(i.into_raw(), options),
            DynamicImage::ImageRgba8(i) => rgba8(i.into_raw(), options),
            DynamicImage::ImageLumaA8(i) => over_16(&i, options, |p: &[u8; 2]| {
                let [gray, alpha] = p.map(to_16_bits);
                ([gray; 3], alpha)
            }),
            DynamicImage::ImageLumaA16(i) => {
                over_16(&i, options, |&[gray, alpha]: &[u16; 2]| ([gray; 3], alpha))
            }
            DynamicImage::ImageRgb16(i) => over_16(&i, options, |&c: &[u16; 3]| opaque(c)),
            DynamicImage::ImageRgba16(i) => {
                over_16(&i, options, |&[r, g, b, a]: &[u16; 4]| ([r, g, b], a))
            }
            other => over_16(&other.into_rgba16(), options, |&[r, g, b, a]: &[u16; 4]| {
                ([r, g, b], a)
            }),
        };
        Ok(Picture {
            width,
            height,
            pixels,
        })
    }
}

/// Whether the system gives `bytes` of memory. An allocation that fails later would end the process.
pub(super) fn has_memory(bytes: u64) -> bool {
    if bytes < SMALL {
        return true;
    }
    let mut memory = Vec::<u8>::new();
    let reserved =
        usize::try_from(bytes).is_ok_and(|bytes| memory.try_reserve_exact(bytes).is_ok());
    // Memory that is not looked at need not be asked for.
    std::hint::black_box(&mut memory);
    reserved
}

/// What a picture takes besides `decoder_bytes`, in all.
pub(super) fn needed_memory((width, height): (u32, u32), decoder_bytes: u64) -> u64 {
    let after = u64::from(width) * u64::from(height) * AFTER_DECODING;
    decoder_bytes.saturating_add(after)
}

fn need_memory(path: &Path, size: (u32, u32), decoder_bytes: u64) -> Result<(), DecodeError> {
    let bytes = needed_memory(size, decoder_bytes);
    if has_memory(bytes) {
        return Ok(());
    }
    Err(DecodeError::Memory {
        path: path.to_owned(),
        width: size.0,
        height: size.1,
        bytes,
    })
}

fn gray16(mut words: Vec<u16>, options: &DecodeOptions) -> Pixels {
    if options.levels != Levels::FULL {
        for word in &mut words {
            *word = options.levels.apply(*word);
        }
    }
    Pixels::Gray16(words)
}

fn gray8(samples: Vec<u8>, options: &DecodeOptions) -> Pixels {
    if options.levels == Levels::FULL {
        return Pixels::Gray8(samples);
    }
    // Stretched 8-bit values fall between 8-bit steps, so they are kept in 16 bits.
    Pixels::Gray16(
        samples
            .iter()
            .map(|&v| options.levels.apply(to_16_bits(v)))
            .collect(),
    )
}

fn rgb8(mut samples: Vec<u8>, options: &DecodeOptions) -> Pixels {
    if options.levels != Levels::FULL {
        for sample in &mut samples {
            *sample = to_8_bits(options.levels.apply(to_16_bits(*sample)));
        }
    }
    Pixels::Rgb8(samples)
}

fn rgba8(mut samples: Vec<u8>, options: &DecodeOptions) -> Pixels {
    let stretch = options.levels != Levels::FULL;
    // Most renders are opaque; looking is much cheaper than compositing.
    let opaque = samples
        .as_chunks::<4>()
        .0
        .iter()
        .fold(u8::MAX, |least, p| least.min(p[3]))
        == u8::MAX;
    if options.alpha == Alpha::Lines && !opaque {
        whiten_lines(&mut samples);
    }
    let composites = options.alpha == Alpha::Composite && !opaque;
    if !composites && !stretch {
        return Pixels::Rgbx8(samples);
    }
    for pixel in samples.as_chunks_mut::<4>().0 {
        if stretch {
            for sample in &mut pixel[..3] {
                *sample = to_8_bits(options.levels.apply(to_16_bits(*sample)));
            }
        }
        if composites {
            let alpha = pixel[3];
            for (sample, back) in pixel[..3].iter_mut().zip(options.background) {
                *sample = mixed(*sample, back, alpha);
            }
        }
    }
    Pixels::Rgbx8(samples)
}

/// `sample` over `back`, rounded.
fn mixed(sample: u8, back: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    let sum = u32::from(sample) * alpha + u32::from(back) * (255 - alpha) + 127;
    // Division by 255, exact for every sum that two bytes can make.
    ((sum + 1 + (sum >> 8)) >> 8) as u8
}

/// Makes the lines of an RGBA frame white on black if its ground is transparent; else the frame stays as it is.
///
/// A frame that is a value in all four channels has no ground.
fn whiten_lines(samples: &mut [u8]) {
    let pixels = samples.as_chunks_mut::<4>().0;
    let is_value = |&[r, g, b, a]: &[u8; 4]| r == g && g == b && b.abs_diff(a) <= 1;
    let has_ground = pixels.iter().any(|p| p[3] == 0);
    if !has_ground || pixels.iter().all(is_value) {
        return;
    }
    let luma = |&[r, g, b, _]: &[u8; 4]| (u32::from(r) + 2 * u32::from(g) + u32::from(b)) / 4;
    let (light, weight) = pixels.iter().fold((0, 0), |(light, weight), pixel| {
        let alpha = u64::from(pixel[3]);
        (light + u64::from(luma(pixel)) * alpha, weight + alpha)
    });
    let dark_lines = light < 128 * weight;
    for pixel in pixels {
        let light = luma(pixel).min(255) as u8;
        let line = if dark_lines { 255 - light } else { light };
        let value = mixed(line, 0, pixel[3]);
        *pixel = [value, value, value, u8::MAX];
    }
}

/// Brings pixels of 16 bits to 8, alpha composited or left out as `options` say.
///
/// `split` takes one pixel of `N` samples apart into 16-bit colour and alpha. A gray frame whose background
/// is gray stays gray.
fn over_16<T, const N: usize>(
    samples: &[T],
    options: &DecodeOptions,
    split: impl Fn(&[T; N]) -> ([u16; 3], u16),
) -> Pixels {
    let pixels = samples.as_chunks::<N>().0;
    match options.alpha {
        Alpha::Composite => {}
        Alpha::Ignore => {
            let is_gray = |pixel| matches!(split(pixel).0, [r, g, b] if r == g && g == b);
            // Distances keep their 16 bits until they are stretched.
            if pixels.iter().all(is_gray) {
                return gray16(pixels.iter().map(|p| split(p).0[0]).collect(), options);
            }
        }
        Alpha::Lines => {
            let bytes = pixels.iter().flat_map(|pixel| {
                let ([r, g, b], alpha) = split(pixel);
                [r, g, b, alpha].map(to_8_bits)
            });
            return rgba8(bytes.collect(), options);
        }
    }
    let background = options.background.map(|c| u64::from(to_16_bits(c)));
    let mut rgb = Vec::with_capacity(pixels.len() * 3);
    for pixel in pixels {
        let (color, alpha) = split(pixel);
        let alpha = match options.alpha {
            Alpha::Composite => u64::from(alpha),
            Alpha::Ignore | Alpha::Lines => 65_535,
        };
        for (sample, back) in color.into_iter().zip(background) {
            let sample = u64::from(options.levels.apply(sample));
            let over = (sample * alpha + back * (65_535 - alpha) + 32_767) / 65_535;
            rgb.push(to_8_bits(over as u16));
        }
    }
    Pixels::Rgb8(rgb)
}
