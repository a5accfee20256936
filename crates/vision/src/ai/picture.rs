//! Pictures as the networks take them: cut out, and scaled as Pillow's bilinear filter does.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::error::AiError;
use super::models::Input;

/// The samples of `picture` at the size of `input`: rows of red, green and blue.
pub fn scaled(picture: &RgbImage, input: &Input) -> Result<Vec<u8>, AiError> {
    let (width, height) = picture.dimensions();
    let refused = || AiError::Picture { width, height };
    if width == 0 || height == 0 {
        return Err(refused());
    }
    let source = ImageRef::new(width, height, picture.as_raw(), PixelType::U8x3)
        .ok()
        .ok_or_else(refused)?;
    let (left, top, crop_width, crop_height) = match input.crop {
        Some(share) => middle_square(width, height, share),
        None => (0, 0, width, height),
    };
    // Not the crop of `ResizeOptions`, which lets pixels from outside in at the edges.
    let source = CroppedImage::new(&source, left, top, crop_width, crop_height)
        .ok()
        .ok_or_else(refused)?;
    let mut target = Image::new(input.width, input.height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .ok()
        .ok_or_else(refused)?;
    Ok(target.into_vec())
}

/// Left, top, width and height of the square in the middle, at least one pixel wide.
fn middle_square(width: u32, height: u32, share: f64) -> (u32, u32, u32, u32) {
    let shorter = width.min(height);
    let side = ((f64::from(shorter) * share) as u32).clamp(1, shorter);
    ((width - side) / 2, (height - side) / 2, side, side)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn input(width: u32, height: u32, crop: Option<f64>) -> Input {
        Input {
            width,
            height,
            crop,
            mean: 0.0,
            scale: 1.0,
        }
    }

    #[test]
    fn the_square_is_in_the_middle_in_whole_pixels() {
        for ((width, height), expected) in [
            ((400, 300), (69, 19, 262, 262)),
            ((300, 451), (19, 94, 262, 262)),
            ((1, 1), (0, 0, 1, 1)),
            ((1, 5000), (0, 2499, 1, 1)),
        ] {
            assert_eq!(middle_square(width, height, 0.875), expected);
        }
    }

    #[test]
    fn what_is_outside_the_square_is_not_seen() {
        // The square is 70 pixels wide, from 45 to 115.
        let picture = RgbImage::from_fn(160, 80, |x, y| {
            let inside = (45..115).contains(&x) && (5..75).contains(&y);
            Rgb(if inside { [10, 20, 30] } else { [255; 3] })
        });
        let samples = scaled(&picture, &input(8, 8, Some(0.875))).unwrap();
        assert!(samples.chunks_exact(3).all(|pixel| pixel == [10, 20, 30]));
    }

    /// The reference is Pillow 13.0.0: `Image.fromarray(a).resize((2, 2), Image.BILINEAR)`.
    #[test]
    fn scaling_down_counts_every_pixel_as_pillow_does() {
        let picture = RgbImage::from_fn(5, 4, |x, y| {
            let value = (x * 50 + y * 13) as u8;
            Rgb([value, 255 - value, 7])
        });
        let samples = scaled(&picture, &input(2, 2, None)).unwrap();
        let red: Vec<u8> = samples.iter().step_by(3).copied().collect();
        assert_eq!(red, [59, 159, 80, 180]);
    }

    #[test]
    fn pictures_of_any_shape_become_the_size_that_is_wanted() {
        for (width, height) in [(1, 1), (1, 300), (4000, 2), (3, 3)] {
            let picture = RgbImage::from_pixel(width, height, Rgb([9, 8, 7]));
            for crop in [None, Some(0.875)] {
                let samples = scaled(&picture, &input(6, 4, crop)).unwrap();
                assert_eq!(samples.len(), 6 * 4 * 3);
                assert!(samples.chunks_exact(3).all(|pixel| pixel == [9, 8, 7]));
            }
        }
    }

    #[test]
    fn a_picture_without_pixels_is_refused() {
        for (width, height) in [(0, 0), (5, 0), (0, 5)] {
            let refused = scaled(&RgbImage::new(width, height), &input(6, 4, Some(0.5)));
            assert!(matches!(refused, Err(AiError::Picture { .. })));
        }
    }
}
