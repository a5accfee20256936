//! The image buffer of the whole program: the pixels of one frame, and small copies of it.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// Pixels of one frame, row by row from the top, without padding between rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// One byte a pixel.
    Gray8(Vec<u8>),
    /// One 16-bit value a pixel.
    Gray16(Vec<u16>),
    /// Red, green, blue.
    Rgb8(Vec<u8>),
    /// Red, green, blue and a byte without meaning.
    Rgbx8(Vec<u8>),
}

/// One decoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Its pixels.
    pub pixels: Pixels,
}

impl Picture {
    /// The frame as 8-bit RGB.
    #[must_use]
    pub fn to_rgb(&self) -> RgbImage {
        let mut rgb = vec![0; self.width as usize * self.height as usize * 3];
        let out = rgb.as_chunks_mut::<3>().0.iter_mut();
        match &self.pixels {
            Pixels::Gray8(v) => out.zip(v).for_each(|(out, &gray)| *out = [gray; 3]),
            Pixels::Gray16(v) => out
                .zip(v)
                .for_each(|(out, &gray)| *out = [to_8_bits(gray); 3]),
            Pixels::Rgb8(v) => out
                .zip(v.as_chunks::<3>().0)
                .for_each(|(out, &pixel)| *out = pixel),
            Pixels::Rgbx8(v) => out
                .zip(v.as_chunks::<4>().0)
                .for_each(|(out, &[r, g, b, _])| *out = [r, g, b]),
        }
        RgbImage::from_raw(self.width, self.height, rgb).unwrap_or_default()
    }

    /// The lowest and the highest sample, in 16 bits.
    #[must_use]
    pub fn extremes(&self) -> (u16, u16) {
        let of_bytes = |samples: &mut dyn Iterator<Item = u8>| {
            let (min, max) = samples.fold((u8::MAX, 0), |(min, max), v| (v.min(min), v.max(max)));
            (to_16_bits(min), to_16_bits(max))
        };
        match &self.pixels {
            Pixels::Gray16(v) => v
                .iter()
                .fold((u16::MAX, 0), |(min, max), &v| (v.min(min), v.max(max))),
            Pixels::Gray8(v) | Pixels::Rgb8(v) => of_bytes(&mut v.iter().copied()),
            Pixels::Rgbx8(v) => {
                of_bytes(&mut v.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]))
            }
        }
    }

    /// The picture as RGB, scaled to fit `bounds` (width and height) as [`thumbnail`] does, without a copy of the
    /// whole as RGB in between.
    #[must_use]
    pub fn thumbnail(&self, bounds: (u32, u32), sampling: Sampling) -> RgbImage {
        let rounded: Vec<u8>;
        let samples = match &self.pixels {
            Pixels::Gray8(samples) => Samples::Gray(samples),
            Pixels::Gray16(words) => {
                rounded = words.iter().copied().map(to_8_bits).collect();
                Samples::Gray(&rounded)
            }
            Pixels::Rgb8(samples) => Samples::Rgb(samples),
            Pixels::Rgbx8(samples) => Samples::Rgbx(samples),
        };
        thumbnail_of(samples, (self.width, self.height), bounds, sampling)
    }

    /// The picture as RGB with sides of at most `longest` pixels; nothing is enlarged.
    #[must_use]
    pub fn shrunk(&self, longest: u32, sampling: Sampling) -> RgbImage {
        let bounds = (self.width.min(longest), self.height.min(longest));
        self.thumbnail(bounds, sampling)
    }
}

/// How the pixels of a thumbnail are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// The weighted mean of the pixels that a thumbnail's pixel covers.
    Smooth,
    /// One of the frame's pixels: keeps label colors as they are.
    Nearest,
}

/// `frame` scaled to fit `max_width` by `max_height`, its aspect ratio kept as far as whole pixels (and at
/// least one) allow. A frame smaller than that is enlarged with visible pixels. A frame without pixels
/// gives one black pixel.
#[must_use]
pub fn thumbnail(
    frame: &RgbImage,
    max_width: u32,
    max_height: u32,
    sampling: Sampling,
) -> RgbImage {
    let samples = Samples::Rgb(frame.as_raw());
    thumbnail_of(
        samples,
        frame.dimensions(),
        (max_width, max_height),
        sampling,
    )
}

/// Pixels of a frame, row by row, a byte a sample.
#[derive(Clone, Copy, Debug)]
enum Samples<'a> {
    /// One sample a pixel.
    Gray(&'a [u8]),
    /// Red, green, blue.
    Rgb(&'a [u8]),
    /// Red, green, blue and a byte without meaning.
    Rgbx(&'a [u8]),
}

/// The [`thumbnail`] of a frame of `size` (width and height) that fits into `bounds`, without a copy of the frame as
/// RGB.
fn thumbnail_of(
    samples: Samples<'_>,
    size: (u32, u32),
    bounds: (u32, u32),
    sampling: Sampling,
) -> RgbImage {
    let (width, height) = fit(size, bounds);
    let (bytes, pixel) = match samples {
        Samples::Gray(bytes) => (bytes, PixelType::U8),
        Samples::Rgb(bytes) => (bytes, PixelType::U8x3),
        Samples::Rgbx(bytes) => (bytes, PixelType::U8x4),
    };
    let mut thumb = Image::new(width, height, pixel);
    let shrinks = width < size.0 || height < size.1;
    let algorithm = match sampling {
        Sampling::Smooth if shrinks => ResizeAlg::Convolution(FilterType::Bilinear),
        _ => ResizeAlg::Nearest,
    };
    // The fourth byte is no alpha, by which the others would be multiplied.
    let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(false);
    let scaled = ImageRef::new(size.0, size.1, bytes, pixel)
        .is_ok_and(|frame| Resizer::new().resize(&frame, &mut thumb, &options).is_ok());
    debug_assert!(scaled, "a frame has the size that it says");
    let thumb = thumb.into_vec();
    let rgb = match samples {
        Samples::Gray(_) => thumb.into_iter().flat_map(|gray| [gray; 3]).collect(),
        Samples::Rgb(_) => thumb,
        Samples::Rgbx(_) => {
            let pixels = thumb.as_chunks::<4>().0.iter();
            pixels.flat_map(|&[r, g, b, _]| [r, g, b]).collect()
        }
    };
    RgbImage::from_raw(width, height, rgb).unwrap_or_default()
}

/// The largest size within `bounds` of the shape `size`, at least 1x1.
fn fit(size: (u32, u32), bounds: (u32, u32)) -> (u32, u32) {
    let [width, height, max_width, max_height] =
        [size.0, size.1, bounds.0, bounds.1].map(|length| u64::from(length.max(1)));
    let rounded = |a: u64, b: u64, c: u64| (a * b + c / 2) / c;
    let (fit_width, fit_height) = if width * max_height >= height * max_width {
        (max_width, rounded(height, max_width, width))
    } else {
        (rounded(width, max_height, height), max_height)
    };
    (fit_width.max(1) as u32, fit_height.max(1) as u32)
}

/// The 16-bit value an 8-bit one stands for: 0 stays 0 and 255 becomes 65535.
#[must_use]
pub fn to_16_bits(value: u8) -> u16 {
    u16::from(value) * 257
}

/// The nearest 8-bit value: `round(value / 257)`.
#[must_use]
pub fn to_8_bits(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32_895) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn flat(width: u32, height: u32, color: [u8; 3]) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb(color))
    }

    #[test]
    fn thumbnails_keep_the_shape_within_the_box() {
        for (size, expected) in [
            ((1920, 1080), (240, 135)),
            ((1080, 1920), (101, 180)),
            ((1000, 1000), (180, 180)),
            ((1, 1), (180, 180)),
            ((9000, 1), (240, 1)),
            ((1, 9000), (1, 180)),
            ((0, 0), (180, 180)),
        ] {
            let thumb = thumbnail(&flat(size.0, size.1, [9; 3]), 240, 180, Sampling::Smooth);
            assert_eq!(thumb.dimensions(), expected, "{size:?}");
            let color = if size == (0, 0) { [0; 3] } else { [9; 3] };
            assert!(thumb.pixels().all(|p| p.0 == color), "{size:?}");
        }
        assert_eq!(fit((u32::MAX, u32::MAX), (0, 0)), (1, 1));
        assert_eq!(fit((u32::MAX, 1), (u32::MAX, u32::MAX)), (u32::MAX, 1));
    }

    #[test]
    fn smooth_mixes_and_nearest_does_not() {
        let stripes =
            RgbImage::from_fn(960, 720, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        let smooth = thumbnail(&stripes, 240, 180, Sampling::Smooth);
        assert!(smooth.pixels().all(|p| (90..=110).contains(&p.0[0])));
        let nearest = thumbnail(&stripes, 240, 180, Sampling::Nearest);
        assert!(nearest.pixels().all(|p| p.0[0] == 0 || p.0[0] == 200));
    }

    #[test]
    fn pixels_of_every_kind_become_what_their_rgb_becomes() {
        let (width, height) = (97, 61);
        let count = width as usize * height as usize;
        let samples = |channels: usize| -> Vec<u8> {
            (0..count * channels)
                .map(|i| ((i * 37 + i / 11) % 256) as u8)
                .collect()
        };
        let words = (0..count).map(|i| (i * 7919 % 65_536) as u16).collect();
        for pixels in [
            Pixels::Gray8(samples(1)),
            Pixels::Gray16(words),
            Pixels::Rgb8(samples(3)),
            Pixels::Rgbx8(samples(4)),
        ] {
            let picture = Picture {
                width,
                height,
                pixels,
            };
            for sampling in [Sampling::Smooth, Sampling::Nearest] {
                for bounds in [(20, 20), (97, 61), (300, 300)] {
                    assert_eq!(
                        picture.thumbnail(bounds, sampling),
                        thumbnail(&picture.to_rgb(), bounds.0, bounds.1, sampling),
                        "{sampling:?} {bounds:?}"
                    );
                }
            }
        }
    }
}
