//! The quick way through PNG files as renderers write them: gray or RGB with or without alpha, 8 or 16 bits,
//! not interlaced. Checksums are checked.
//!
//! Everything else, and everything that is not in order, is left to the `png` crate, which also words the
//! errors. In return the common case takes 0.6 of its time: data is inflated in one piece by libdeflate, and
//! filters are undone by [`unfilter`].

use cosmos_core::size::MAX_SIDE;
use libdeflater::{Crc, Decompressor};
use png::ColorType;

use super::decode::{has_memory, needed_memory};
use super::header::DEFLATE_MAX_RATIO;
use super::unfilter::unfilter;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a plain PNG says of its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlainPng {
    pub width: u32,
    pub height: u32,
    pub color: ColorType,
    /// 16 bits a sample, most significant byte first, instead of 8.
    pub wide: bool,
}

impl PlainPng {
    /// The header's facts, if it is of a file that can be read here.
    fn from_header(header: &[u8]) -> Option<Self> {
        let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, color, 0, 0, 0] = header else {
            return None;
        };
        let plain = Self {
            width: u32::from_be_bytes([w0, w1, w2, w3]),
            height: u32::from_be_bytes([h0, h1, h2, h3]),
            color: ColorType::from_u8(color).filter(|&color| color != ColorType::Indexed)?,
            wide: match depth {
                8 => false,
                16 => true,
                _ => return None,
            },
        };
        let sides = [plain.width, plain.height];
        sides
            .iter()
            .all(|side| (1..=MAX_SIDE).contains(side))
            .then_some(plain)
    }

    fn pixel_bytes(self) -> usize {
        self.color.samples() * if self.wide { 2 } else { 1 }
    }

    fn row_bytes(self) -> usize {
        self.width as usize * self.pixel_bytes()
    }
}

/// Reads plain PNGs one after another, keeping its buffers between them.
pub(super) struct PlainPngReader {
    inflater: Decompressor,
    compressed: Vec<u8>,
    filtered: Vec<u8>,
}

impl Default for PlainPngReader {
    fn default() -> Self {
        Self {
            inflater: Decompressor::new(),
            compressed: Vec::new(),
            filtered: Vec::new(),
        }
    }
}

impl PlainPngReader {
    /// Decodes `file` into `samples`, rows without padding; `None` if it is not a plain PNG in perfect order.
    pub fn read(&mut self, file: &[u8], samples: &mut Vec<u8>) -> Option<PlainPng> {
        let png = self.collect_data(file)?;
        let (row_bytes, rows) = (png.row_bytes(), png.height as usize);
        let inflated = (row_bytes + 1) * rows;
        if inflated as u64 / DEFLATE_MAX_RATIO > self.compressed.len() as u64 {
            return None;
        }
        let held = self.filtered.capacity() + samples.capacity();
        let extra = (inflated + row_bytes * rows).saturating_sub(held) as u64;
        if !has_memory(needed_memory((png.width, png.height), extra)) {
            return None;
        }
        self.filtered.resize(inflated, 0);
        let length = self
            .inflater
            .zlib_decompress(&self.compressed, &mut self.filtered)
            .ok()?;
        if length != inflated {
            return None;
        }
        samples.resize(row_bytes * rows, 0);
        unfilter(&self.filtered, row_bytes, rows, png.pixel_bytes(), samples).then_some(png)
    }

    /// Walks over the chunks, from the header to the end, and puts the compressed data together.
    fn collect_data(&mut self, file: &[u8]) -> Option<PlainPng> {
        let mut rest = file.strip_prefix(SIGNATURE)?;
        let mut header = None;
        self.compressed.clear();
        loop {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = u32::from_be_bytes(*length) as usize;
            let (checked, after) = after.split_at_checked(length.checked_add(4)?)?;
            let (checksum, after) = after.split_first_chunk::<4>()?;
            let mut crc = Crc::new();
            crc.update(checked);
            if crc.sum() != u32::from_be_bytes(*checksum) {
                return None;
            }
            let (kind, data) = checked.split_first_chunk::<4>()?;
            match (kind, header) {
                (b"IHDR", None) => header = Some(PlainPng::from_header(data)?),
                (_, None) => return None,
                (b"IDAT", _) => self.compressed.extend_from_slice(data),
                (b"IEND", _) => return header,
                // Transparency by colour, animation, and what must be understood but is not known here. A
                // palette is only a suggestion in files that are not indexed.
                (b"tRNS" | b"acTL", _) => return None,
                ([first, ..], _) if first.is_ascii_uppercase() && kind != b"PLTE" => return None,
                _ => {}
            }
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use png::{BitDepth, Filter};
    use proptest::prelude::*;

    fn encode(
        color: ColorType,
        depth: BitDepth,
        (width, height): (u32, u32),
        filter: Filter,
        seed: u8,
    ) -> (Vec<u8>, Vec<u8>) {
        let bytes = color.samples() * if depth == BitDepth::Sixteen { 2 } else { 1 };
        let samples: Vec<u8> = (0..width as usize * height as usize * bytes)
            .map(|i| (i * i / 7) as u8 ^ seed)
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        encoder.set_filter(filter);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&samples)
            .unwrap();
        (file, samples)
    }

    proptest! {
        #[test]
        fn pixels_are_those_that_were_written(
            color in prop::sample::select(vec![
                ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba,
            ]),
            depth in prop::sample::select(vec![BitDepth::Eight, BitDepth::Sixteen]),
            filter in prop::sample::select(vec![
                Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive,
            ]),
            size in (1u32..50, 1u32..50),
            seed in any::<u8>(),
        ) {
            let (file, expected) = encode(color, depth, size, filter, seed);
            let mut samples = vec![1, 2, 3];
            let png = PlainPngReader::default().read(&file, &mut samples).unwrap();
            prop_assert_eq!(&samples, &expected);
            prop_assert_eq!((png.width, png.height, png.color), (size.0, size.1, color));
        }

        #[test]
        fn a_file_that_is_cut_or_changed_is_left_to_the_careful_reader(
            cut in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let (mut file, expected) = encode(ColorType::Rgba, BitDepth::Eight, (20, 20), Filter::Adaptive, 0);
            let (at, mut samples) = (cut.index(file.len()), Vec::new());
            prop_assert_eq!(PlainPngReader::default().read(&file[..at], &mut samples), None);
            file[at] ^= 1 << bit;
            if PlainPngReader::default().read(&file, &mut samples).is_some() {
                prop_assert_eq!(&samples, &expected);
            }
        }
    }
}
