//! Small pictures of decoded frames, made without a large copy in between.

use image::RgbImage;

use crate::contact_sheet::{Samples, Sampling, thumbnail_of};
use crate::frames::decode::{Picture, Pixels, to_8_bits};

/// `picture` as RGB, scaled as [`thumbnail_of`] does to fit `bounds`.
pub(super) fn thumbnail_of_picture(
    picture: &Picture,
    bounds: (u32, u32),
    sampling: Sampling,
) -> RgbImage {
    let rounded: Vec<u8>;
    let samples = match &picture.pixels {
        Pixels::Gray8(samples) => Samples::Gray(samples),
        Pixels::Gray16(words) => {
            rounded = words.iter().copied().map(to_8_bits).collect();
            Samples::Gray(&rounded)
        }
        Pixels::Rgb8(samples) => Samples::Rgb(samples),
        Pixels::Rgbx8(samples) => Samples::Rgbx(samples),
    };
    thumbnail_of(samples, (picture.width, picture.height), bounds, sampling)
}

/// `picture` as RGB with sides of at most `longest` pixels; nothing is enlarged.
pub(super) fn shrunk(picture: &Picture, longest: u32, sampling: Sampling) -> RgbImage {
    let bounds = (picture.width.min(longest), picture.height.min(longest));
    thumbnail_of_picture(picture, bounds, sampling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact_sheet::thumbnail;

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
                        thumbnail_of_picture(&picture, bounds, sampling),
                        thumbnail(&picture.to_rgb(), bounds.0, bounds.1, sampling),
                        "{sampling:?} {bounds:?}"
                    );
                }
            }
        }
    }
}
