//! What an image file's header says, and whether the file can be a frame at all.
//!
//! The content decides on the format, never the extension. Little is read: the header, and for PNG and JPEG
//! the end of the file, where a file that was cut off shows. No size in a header leads to an allocation.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use image::{ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};
use serde::Serialize;

use cosmos_core::files;
use cosmos_core::size::MAX_SIDE;

/// Most bytes that one byte of a deflate stream can stand for, rounded up (zlib's technical notes give 1032).
pub(super) const DEFLATE_MAX_RATIO: u64 = 1_100;

/// No decoder may allocate more than this to read a header.
const HEADER_MEMORY: u64 = 16 << 20;

/// The image formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// TIFF with whole numbers as samples.
    Tiff,
    /// WebP, lossy or lossless.
    Webp,
    /// Windows bitmap.
    Bmp,
    /// OpenEXR, one layer or many.
    Exr,
}

impl FileFormat {
    /// The extensions such a file goes by, lower case, the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Tiff => &["tif", "tiff"],
            Self::Webp => &["webp"],
            Self::Bmp => &["bmp", "dib"],
            Self::Exr => &["exr"],
        }
    }

    /// The format that files with this lower-case extension should have.
    pub(super) fn of_extension(extension: &str) -> Option<Self> {
        [
            Self::Png,
            Self::Jpeg,
            Self::Tiff,
            Self::Webp,
            Self::Bmp,
            Self::Exr,
        ]
        .into_iter()
        .find(|format| format.extensions().contains(&extension))
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::Webp => "WebP",
            Self::Bmp => "BMP",
            Self::Exr => "OpenEXR",
        })
    }
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Gray.
    Gray,
    /// Gray and alpha.
    GrayAlpha,
    /// Red, green and blue, or what converts to it (YCbCr, CMYK).
    Rgb,
    /// Red, green, blue and alpha.
    Rgba,
    /// An index into a palette of 8-bit colors.
    Indexed,
    /// Whatever the layers of an OpenEXR file hold.
    Layers,
}

impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gray => "gray",
            Self::GrayAlpha => "gray with alpha",
            Self::Rgb => "RGB",
            Self::Rgba => "RGBA",
            Self::Indexed => "indexed",
            Self::Layers => "layers",
        })
    }
}

/// What the header of an image file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ImageHeader {
    /// Width in pixels, 1 to [`MAX_SIDE`].
    pub width: u32,
    /// Height in pixels, 1 to [`MAX_SIDE`].
    pub height: u32,
    /// Bits per channel as stored: 1, 2, 4, 8, 16 or 32; of OpenEXR the most that a channel has.
    pub bits: u8,
    /// What the channels are.
    pub channels: Channels,
    /// Whether there is transparency: an alpha channel, or a transparent color or palette entry.
    pub alpha: bool,
    /// The format that the content has, whatever the file is called.
    pub format: FileFormat,
}

impl ImageHeader {
    /// Bits per channel once decoded: 8 or 16. Fewer than 8 are only a way to store 8 in less room.
    #[must_use]
    pub const fn decoded_bits(&self) -> u8 {
        if self.bits > 8 { 16 } else { 8 }
    }

    /// Width and height, in pixels.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }
}

/// Why a file cannot be a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// It has no bytes.
    #[error("is empty (0 bytes)")]
    Empty,
    /// It ends before its picture does.
    #[error("is cut off: the end of the {format} file is missing")]
    Truncated {
        /// The format that its beginning has.
        format: FileFormat,
    },
    /// It is something else than a picture.
    #[error("is not an image (found {found})")]
    NotAnImage {
        /// What it looks like instead.
        found: &'static str,
    },
    /// It is a picture of a kind that is not read.
    #[error("is {found}, which cannot be read")]
    Unsupported {
        /// The kind of picture.
        found: String,
    },
    /// Its header gives a size that no frame has.
    #[error("has a header that says {width}x{height}; sides of 1 to {MAX_SIDE} are possible")]
    AbsurdSize {
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
    },
    /// Its header makes no sense.
    #[error("is a damaged {format} file ({detail})")]
    Damaged {
        /// The format that its beginning has.
        format: FileFormat,
        /// What the decoder said.
        detail: String,
    },
    /// The operating system will not give its content.
    #[error("cannot be read ({reason})")]
    Unreadable {
        /// What the operating system said.
        reason: String,
    },
    /// It is a link to something that does not exist.
    #[error("is a link to `{target}`, which does not exist")]
    DanglingLink {
        /// Where the link points.
        target: String,
    },
    /// It is a pipe, socket or device.
    #[error("is a {found}, not a file")]
    NotAFile {
        /// Which of these it is.
        found: &'static str,
    },
}

impl Fault {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "wait until the render has finished, or render the frame again",
            Self::Truncated { .. } | Self::Damaged { .. } | Self::AbsurdSize { .. } => {
                "copy or render the frame again"
            }
            Self::NotAnImage { .. } | Self::NotAFile { .. } => {
                "move the file away, or render the frame in its place"
            }
            Self::Unsupported { .. } => {
                "write the frames as PNG, 16 bits per channel where precision matters"
            }
            Self::Unreadable { .. } => "check the permissions of the file and its folder",
            Self::DanglingLink { .. } => "restore the file that the link points to",
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable {
            reason: reason(&error),
        }
    }
}

/// What an I/O error says, without the number that Rust puts behind it.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// Reads the header of the image file at `path`.
///
/// # Errors
/// The [`Fault`] for which the file cannot be a frame.
pub fn read_header(path: &Path) -> Result<ImageHeader, Fault> {
    read_from(BufReader::new(files::open(path)?))
}

/// Reads the header of an image from its beginning.
pub(super) fn read_from<R: BufRead + Seek>(mut reader: R) -> Result<ImageHeader, Fault> {
    let mut start = Vec::with_capacity(SNIFFED_BYTES as usize);
    (&mut reader).take(SNIFFED_BYTES).read_to_end(&mut start)?;
    reader.rewind()?;
    let format = sniff(&start)?;
    match format {
        FileFormat::Png => png_header(reader, &start),
        FileFormat::Jpeg => jpeg_header(reader),
        FileFormat::Tiff => decoder_header(reader, format, ImageFormat::Tiff),
        FileFormat::Webp => {
            // The RIFF header counts the bytes that follow its first eight.
            let claimed = le_u32(&start, 4).map_or(0, |length| u64::from(length) + 8);
            if length_of(&mut reader)? < claimed {
                return Err(Fault::Truncated { format });
            }
            decoder_header(reader, format, ImageFormat::WebP)
        }
        FileFormat::Bmp => decoder_header(reader, format, ImageFormat::Bmp),
        FileFormat::Exr => exr_header(reader),
    }
}

/// So many bytes are looked at to tell what a file is.
const SNIFFED_BYTES: u64 = 512;

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The format that `start`, the first [`SNIFFED_BYTES`] of a file, belongs to.
fn sniff(start: &[u8]) -> Result<FileFormat, Fault> {
    let unsupported = |found: &str| {
        Err(Fault::Unsupported {
            found: found.to_owned(),
        })
    };
    match start {
        [] => Err(Fault::Empty),
        _ if start.starts_with(PNG_SIGNATURE) => Ok(FileFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Ok(FileFormat::Jpeg),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(FileFormat::Tiff),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Ok(FileFormat::Webp),
        // Two letters are little to go by: the sizes of a bitmap's known info headers settle it.
        [b'B', b'M', ..]
            if matches!(le_u32(start, 14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124)) =>
        {
            Ok(FileFormat::Bmp)
        }
        _ if PNG_SIGNATURE.starts_with(start) => Err(Fault::Truncated {
            format: FileFormat::Png,
        }),
        [0x76, 0x2f, 0x31, 0x01, ..] => Ok(FileFormat::Exr),
        [b'#', b'?', b'R', ..] => unsupported("Radiance HDR"),
        [b'S', b'D', b'P', b'X', ..] | [b'X', b'P', b'D', b'S', ..] => unsupported("DPX"),
        [b'G', b'I', b'F', b'8', ..] => unsupported("GIF"),
        [b'8', b'B', b'P', b'S', ..] => unsupported("a Photoshop document"),
        [0xff, 0x4f, 0xff, 0x51, ..] | [0, 0, 0, 12, b'j', b'P', ..] => unsupported("JPEG 2000"),
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', ..] => unsupported("JPEG XL"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a' | b'h' | b'm', ..] => unsupported("AVIF or HEIF"),
        [b'P', b'K', 3, 4, ..] => Err(Fault::NotAnImage {
            found: "a ZIP archive",
        }),
        _ => Err(Fault::NotAnImage {
            found: if start.iter().all(|&byte| byte == 0) {
                "only zero bytes"
            } else if is_text(start) {
                "text"
            } else {
                "unknown data"
            },
        }),
    }
}

/// Whether `start` is text, though its last character may be cut.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars()
        .all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*word))
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*word))
}

fn length_of(reader: &mut impl Seek) -> io::Result<u64> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    Ok(length)
}

fn check_size(width: u32, height: u32) -> Result<(), Fault> {
    let possible = 1..=MAX_SIDE;
    if possible.contains(&width) && possible.contains(&height) {
        Ok(())
    } else {
        Err(Fault::AbsurdSize { width, height })
    }
}

/// The header of an OpenEXR file that has room for all of its blocks. Which layers it has is looked at for the whole shot.
fn exr_header<R: BufRead + Seek>(reader: R) -> Result<ImageHeader, Fault> {
    let format = FileFormat::Exr;
    let fault = |error: cosmos_exr::Error| match error {
        cosmos_exr::Error::Truncated { .. } => Fault::Truncated { format },
        cosmos_exr::Error::Unsupported { what, .. } => Fault::Unsupported {
            found: format!("OpenEXR with {what}"),
        },
        error => Fault::Damaged {
            format,
            // Without the path, which the caller knows.
            detail: error.to_string().trim_start_matches(": ").to_owned(),
        },
    };
    let limits = cosmos_exr::Limits::default();
    let mut file = cosmos_exr::Reader::from_parts(reader, Path::new(""), limits).map_err(fault)?;
    file.check_blocks().map_err(fault)?;
    let window = file.header().display_window();
    let side = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
    let (width, height) = (side(window.width()), side(window.height()));
    check_size(width, height)?;
    let parts = file.header().parts.iter();
    let is_half = |channel: &cosmos_exr::Channel| channel.sample == cosmos_exr::SampleType::Half;
    let all_half = parts.flat_map(|part| &part.channels).all(is_half);
    Ok(ImageHeader {
        width,
        height,
        bits: if all_half { 16 } else { 32 },
        channels: Channels::Layers,
        alpha: false,
        format,
    })
}

fn png_header<R: BufRead + Seek>(mut reader: R, start: &[u8]) -> Result<ImageHeader, Fault> {
    let format = FileFormat::Png;
    // IHDR always comes first. Its size is looked at before the decoder sees it and sizes its buffers.
    if start.get(12..16) == Some(b"IHDR")
        && let (Some(width), Some(height)) = (be_u32(start, 16), be_u32(start, 20))
    {
        check_size(width, height)?;
    }
    if !png_is_whole(&mut reader)? {
        return Err(Fault::Truncated { format });
    }
    let length = length_of(&mut reader)?;
    let limits = png::Limits {
        bytes: usize::try_from(HEADER_MEMORY).unwrap_or(usize::MAX),
    };
    let mut decoder = png::Decoder::new_with_limits(reader, limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let decoder = decoder.read_info().map_err(|error| match error {
        png::DecodingError::IoError(error) => from_decoder_io(error, format),
        other => Fault::Damaged {
            format,
            detail: other.to_string(),
        },
    })?;
    let info = decoder.info();
    check_size(info.width, info.height)?;
    if info.raw_bytes() as u64 > length.saturating_mul(DEFLATE_MAX_RATIO) {
        return Err(Fault::Damaged {
            format,
            detail: format!(
                "a picture of {}x{} does not fit in {length} bytes",
                info.width, info.height
            ),
        });
    }
    let transparent = info.trns.is_some();
    let (channels, alpha) = match info.color_type {
        png::ColorType::Grayscale => (Channels::Gray, transparent),
        png::ColorType::GrayscaleAlpha => (Channels::GrayAlpha, true),
        png::ColorType::Rgb => (Channels::Rgb, transparent),
        png::ColorType::Rgba => (Channels::Rgba, true),
        png::ColorType::Indexed => (Channels::Indexed, transparent),
    };
    Ok(ImageHeader {
        width: info.width,
        height: info.height,
        bits: info.bit_depth as u8,
        channels,
        alpha,
        format,
    })
}

/// Whether the PNG file has its last chunk. Bytes behind that chunk are legal.
fn png_is_whole<R: BufRead + Seek>(reader: &mut R) -> io::Result<bool> {
    const END_CHUNK: [u8; 12] = *b"\0\0\0\0IEND\xae\x42\x60\x82";
    let length = length_of(reader)?;
    let mut end = [0; END_CHUNK.len()];
    if let Some(at) = length.checked_sub(end.len() as u64) {
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut end)?;
        if end == END_CHUNK {
            return Ok(true);
        }
    }
    let mut at = PNG_SIGNATURE.len() as u64;
    // A chunk is its length, its type, the data and a checksum: 12 bytes and the data.
    while at.checked_add(12).is_some_and(|end| end <= length) {
        reader.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        reader.read_exact(&mut head)?;
        if head.ends_with(b"IEND") {
            return Ok(true);
        }
        at += 12 + u64::from(be_u32(&head, 0).unwrap_or_default());
    }
    Ok(false)
}

/// Walks the segments of a JPEG file to the frame header: the decoder behind `image` would read all of the
/// file first. Segment layout and marker codes: ITU-T T.81, annex B.
fn jpeg_header<R: BufRead + Seek>(mut reader: R) -> Result<ImageHeader, Fault> {
    let format = FileFormat::Jpeg;
    let damaged = |detail: &str| Fault::Damaged {
        format,
        detail: detail.to_owned(),
    };
    let cut_off = |error| from_decoder_io(error, format);
    let mut byte = [0];
    let mut next = |reader: &mut R| {
        reader.read_exact(&mut byte).map_err(cut_off)?;
        Ok::<u8, Fault>(byte[0])
    };
    let mut header = None;
    reader.seek(SeekFrom::Start(2))?;
    loop {
        if next(&mut reader)? != 0xff {
            return Err(damaged("no marker where one should be"));
        }
        let mut marker = 0xff;
        while marker == 0xff {
            marker = next(&mut reader)?;
        }
        if matches!(marker, 0x01 | 0xd0..=0xd7) {
            continue;
        }
        if marker == 0xd9 {
            return Err(damaged("it ends before its picture"));
        }
        let length = u16::from_be_bytes([next(&mut reader)?, next(&mut reader)?]);
        let Some(length) = length.checked_sub(2) else {
            return Err(damaged("a segment is too short"));
        };
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let mut frame = [0; 6];
            if usize::from(length) < frame.len() {
                return Err(damaged("the frame header is too short"));
            }
            reader.read_exact(&mut frame).map_err(cut_off)?;
            let [bits, h1, h0, w1, w0, components] = frame;
            let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
            check_size(width.into(), height.into())?;
            let unsupported = |found: String| Fault::Unsupported { found };
            if bits != 8 {
                return Err(unsupported(format!("a {bits}-bit JPEG")));
            }
            if !matches!(marker, 0xc0..=0xc2) {
                return Err(unsupported("a lossless or arithmetic JPEG".to_owned()));
            }
            let channels = match components {
                1 => Channels::Gray,
                3 | 4 => Channels::Rgb,
                n => return Err(unsupported(format!("a JPEG of {n} channels"))),
            };
            header = Some(ImageHeader {
                width: width.into(),
                height: height.into(),
                bits,
                channels,
                alpha: false,
                format,
            });
            reader.seek_relative(i64::from(length) - frame.len() as i64)?;
        } else if marker == 0xda {
            let header = header.ok_or_else(|| damaged("it has no frame header"))?;
            return if has_end_marker(&mut reader)? {
                Ok(header)
            } else {
                Err(Fault::Truncated { format })
            };
        } else {
            reader.seek_relative(length.into())?;
        }
    }
}

/// Whether the end-of-image marker stands at the end of the file or, as bytes after it are legal, anywhere in
/// what is left of it: in picture data a 255 is never followed by that code.
fn has_end_marker<R: BufRead + Seek>(reader: &mut R) -> io::Result<bool> {
    let here = reader.stream_position()?;
    let mut end = [0; 2];
    if reader.seek(SeekFrom::End(-2)).is_ok() {
        reader.read_exact(&mut end)?;
        if end == [0xff, 0xd9] {
            return Ok(true);
        }
    }
    reader.seek(SeekFrom::Start(here))?;
    let mut previous = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(false);
        }
        for &byte in block {
            if (previous, byte) == (0xff, 0xd9) {
                return Ok(true);
            }
            previous = byte;
        }
        let length = block.len();
        reader.consume(length);
    }
}

/// Reads a header with the decoders of the `image` crate.
fn decoder_header<R: BufRead + Seek>(
    reader: R,
    format: FileFormat,
    image_format: ImageFormat,
) -> Result<ImageHeader, Fault> {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(HEADER_MEMORY);
    let mut image_reader = ImageReader::with_format(reader, image_format);
    image_reader.limits(limits);
    let decoder = image_reader.into_decoder().map_err(|error| match error {
        ImageError::IoError(error) => from_decoder_io(error, format),
        ImageError::Unsupported(_) => Fault::Unsupported {
            found: format!("an unusual {format} file ({error})"),
        },
        other => from_image_error(&other, format),
    })?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let (bits, channels) = match decoder.original_color_type() {
        ExtendedColorType::L1 => (1, Channels::Gray),
        ExtendedColorType::L8 => (8, Channels::Gray),
        ExtendedColorType::L16 => (16, Channels::Gray),
        ExtendedColorType::La8 => (8, Channels::GrayAlpha),
        ExtendedColorType::La16 => (16, Channels::GrayAlpha),
        ExtendedColorType::Rgb8 | ExtendedColorType::Cmyk8 => (8, Channels::Rgb),
        ExtendedColorType::Rgb16 | ExtendedColorType::Cmyk16 => (16, Channels::Rgb),
        ExtendedColorType::Rgba8 => (8, Channels::Rgba),
        ExtendedColorType::Rgba16 => (16, Channels::Rgba),
        ExtendedColorType::Rgb32F | ExtendedColorType::Rgba32F => {
            return Err(Fault::Unsupported {
                found: format!("a floating-point {format}"),
            });
        }
        other => {
            return Err(Fault::Unsupported {
                found: format!("a {format} of type {other:?}"),
            });
        }
    };
    Ok(ImageHeader {
        width,
        height,
        bits,
        channels,
        alpha: matches!(channels, Channels::GrayAlpha | Channels::Rgba),
        format,
    })
}

/// A file that ends inside its header was cut off; everything else is the operating system's word.
fn from_decoder_io(error: io::Error, format: FileFormat) -> Fault {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Fault::Truncated { format }
    } else {
        error.into()
    }
}

/// The decoders wrap an early end of the file in errors of their own.
fn from_image_error(error: &ImageError, format: FileFormat) -> Fault {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = source {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::UnexpectedEof) {
            return Fault::Truncated { format };
        }
        source = cause.source();
    }
    Fault::Damaged {
        format,
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageBuffer};
    use proptest::prelude::*;

    use super::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    }

    fn header(bytes: &[u8]) -> Result<ImageHeader, Fault> {
        read_from(Cursor::new(bytes))
    }

    fn noise() -> DynamicImage {
        let pixel =
            |x: u32, y: u32| image::Rgb([(x * 37) ^ (y * 101), x * y, x + y].map(|v| v as u8));
        ImageBuffer::from_fn(31, 17, pixel).into()
    }

    fn raw_png(color: png::ColorType, depth: png::BitDepth, data: &[u8], trns: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![1, 2, 3]);
        }
        if !trns.is_empty() {
            encoder.set_trns(trns.to_vec());
        }
        let mut writer = encoder.write_header().expect("header");
        writer.write_image_data(data).expect("data");
        writer.finish().expect("end");
        bytes
    }

    #[test]
    fn every_format_and_pixel_type_is_told() {
        use DynamicImage as D;
        for (image, format, channels, bits, expected) in [
            (
                D::new_luma8(5, 3),
                ImageFormat::Png,
                Channels::Gray,
                8,
                FileFormat::Png,
            ),
            (
                D::new_luma16(5, 3),
                ImageFormat::Png,
                Channels::Gray,
                16,
                FileFormat::Png,
            ),
            (
                D::new_luma_a8(5, 3),
                ImageFormat::Png,
                Channels::GrayAlpha,
                8,
                FileFormat::Png,
            ),
            (
                D::new_rgb16(5, 3),
                ImageFormat::Png,
                Channels::Rgb,
                16,
                FileFormat::Png,
            ),
            (
                D::new_rgba8(5, 3),
                ImageFormat::Png,
                Channels::Rgba,
                8,
                FileFormat::Png,
            ),
            (
                D::new_rgb8(5, 3),
                ImageFormat::Jpeg,
                Channels::Rgb,
                8,
                FileFormat::Jpeg,
            ),
            (
                D::new_luma8(5, 3),
                ImageFormat::Jpeg,
                Channels::Gray,
                8,
                FileFormat::Jpeg,
            ),
            (
                D::new_luma16(5, 3),
                ImageFormat::Tiff,
                Channels::Gray,
                16,
                FileFormat::Tiff,
            ),
            (
                D::new_rgba16(5, 3),
                ImageFormat::Tiff,
                Channels::Rgba,
                16,
                FileFormat::Tiff,
            ),
            (
                D::new_rgb8(5, 3),
                ImageFormat::WebP,
                Channels::Rgb,
                8,
                FileFormat::Webp,
            ),
            (
                D::new_rgba8(5, 3),
                ImageFormat::WebP,
                Channels::Rgba,
                8,
                FileFormat::Webp,
            ),
            (
                D::new_rgb8(5, 3),
                ImageFormat::Bmp,
                Channels::Rgb,
                8,
                FileFormat::Bmp,
            ),
        ] {
            let found = header(&encoded(&image, format)).expect("a header");
            let alpha = image.color().has_alpha();
            assert_eq!(
                (
                    found.size(),
                    found.channels,
                    found.bits,
                    found.alpha,
                    found.format
                ),
                ((5, 3), channels, bits, alpha, expected),
            );
        }
    }

    #[test]
    fn palettes_and_transparent_colors_are_told() {
        use png::{BitDepth, ColorType};
        for (bytes, expected) in [
            (
                raw_png(ColorType::Indexed, BitDepth::Two, &[0], &[]),
                (Channels::Indexed, 2, false),
            ),
            (
                raw_png(ColorType::Indexed, BitDepth::Eight, &[0], &[9]),
                (Channels::Indexed, 8, true),
            ),
            (
                raw_png(ColorType::Grayscale, BitDepth::One, &[0], &[]),
                (Channels::Gray, 1, false),
            ),
            (
                raw_png(ColorType::Grayscale, BitDepth::Four, &[0], &[0, 1]),
                (Channels::Gray, 4, true),
            ),
        ] {
            let found = header(&bytes).expect("a header");
            assert_eq!((found.channels, found.bits, found.alpha), expected);
            assert_eq!(found.decoded_bits(), 8);
        }
    }

    #[test]
    fn a_cut_png_or_jpeg_is_truncated_wherever_it_is_cut() {
        for (format, image_format) in [
            (FileFormat::Png, ImageFormat::Png),
            (FileFormat::Jpeg, ImageFormat::Jpeg),
            (FileFormat::Webp, ImageFormat::WebP),
        ] {
            let whole = encoded(&noise(), image_format);
            for length in (12..whole.len()).step_by(7).chain([whole.len() - 1]) {
                assert_eq!(
                    header(&whole[..length]),
                    Err(Fault::Truncated { format }),
                    "{length}"
                );
            }
        }
        assert!(header(b"\x89PN").is_err_and(|fault| matches!(fault, Fault::Truncated { .. })));
    }

    #[test]
    fn bytes_behind_the_end_are_legal() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let mut bytes = encoded(&noise(), format);
            bytes.extend_from_slice(b"watermark of an asset manager");
            assert_eq!(header(&bytes).map(|found| found.size()), Ok((31, 17)));
        }
    }

    #[test]
    fn what_is_no_frame_is_named() {
        for (bytes, expected) in [
            (&b""[..], "is empty (0 bytes)"),
            (
                b"render failed: no license\n",
                "is not an image (found text)",
            ),
            (
                "Bildbeschreibung für é".as_bytes(),
                "is not an image (found text)",
            ),
            (&[0; 900], "is not an image (found only zero bytes)"),
            (b"\x01\x02\x03\xfe", "is not an image (found unknown data)"),
            (
                b"BM is how this note begins",
                "is not an image (found text)",
            ),
            (
                b"\x76\x2f\x31\x01\x02\0\0\0",
                "is cut off: the end of the OpenEXR file is missing",
            ),
            (b"GIF89a", "is GIF, which cannot be read"),
        ] {
            let fault = header(bytes).expect_err("no frame");
            assert_eq!(fault.to_string(), expected);
        }
        let float = DynamicImage::new_rgb32f(2, 2);
        let fault = header(&encoded(&float, ImageFormat::Tiff)).expect_err("refused");
        assert_eq!(
            fault.to_string(),
            "is a floating-point TIFF, which cannot be read"
        );
        assert_eq!(
            fault.hint(),
            "write the frames as PNG, 16 bits per channel where precision matters"
        );
    }

    #[test]
    fn absurd_sizes_are_refused_with_the_size_they_claim() {
        let whole = encoded(&noise(), ImageFormat::Png);
        for (width, height) in [(0, 17), (31, 0), (16_385, 17), (u32::MAX, u32::MAX)] {
            let mut bytes = whole.clone();
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            assert_eq!(header(&bytes), Err(Fault::AbsurdSize { width, height }));
        }
        let mut jpeg = encoded(&noise(), ImageFormat::Jpeg);
        let frame = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .expect("SOF0");
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
        let (width, height) = (65_535, 65_535);
        assert_eq!(header(&jpeg), Err(Fault::AbsurdSize { width, height }));
    }

    #[test]
    fn a_damaged_header_is_not_taken_for_a_picture() {
        let mut bytes = encoded(&noise(), ImageFormat::Png);
        bytes[25] = 77; // the color type, now at odds with the checksum too
        let fault = header(&bytes).expect_err("damaged");
        assert!(
            matches!(
                fault,
                Fault::Damaged {
                    format: FileFormat::Png,
                    ..
                }
            ),
            "{fault}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_bytes_upset_the_reader(which in 0_usize..6, tail in prop::collection::vec(any::<u8>(), 0..400)) {
            let magic: [&[u8]; 6] =
                [PNG_SIGNATURE, &[0xff, 0xd8, 0xff], b"II*\0", b"MM\0*", b"RIFF\xff\0\0\0WEBP", b"BM"];
            let bytes = [magic[which], &tail].concat();
            if let Ok(found) = header(&bytes) {
                prop_assert!(check_size(found.width, found.height).is_ok());
            }
        }

        #[test]
        fn no_damage_upsets_the_reader(
            which in 0_usize..5,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let format = [
                ImageFormat::Png,
                ImageFormat::Jpeg,
                ImageFormat::Tiff,
                ImageFormat::WebP,
                ImageFormat::Bmp,
            ][which];
            let mut bytes = encoded(&noise(), format);
            for (at, byte) in damage {
                // Headers stand in front, but a TIFF file's may stand at the end.
                let at = at.index(if which == 2 { bytes.len() } else { bytes.len().min(120) });
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(4 * bytes.len()).max(1));
            if let Ok(found) = header(&bytes) {
                prop_assert!(check_size(found.width, found.height).is_ok());
            }
        }
    }
}
