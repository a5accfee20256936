//! Pictures as the networks take them: cut out, and scaled as Pillow's bilinear filter does.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::error::AiError;
use super::models::Input;

/// The samples of `picture` at the size of `input`: rows of red, green and blue.
pub fn scaled(picture: &RgbImage, input: &Input) -> Result<Vec<u8>, AiError> {
    let (width, height) = picture.dimensions();
    let refused = || AiError::Picture { width, height };
    let source =
        ImageRef::new(width, height, picture.as_raw(), PixelType::U8x3).map_err(|_| refused())?;
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    if let Some(share) = input.crop {
        let (left, top, side) = middle_square(width, height, share);
        options = options.crop(left, top, side, side);
    }
    let mut target = Image::new(input.width, input.height, PixelType::U8x3);
    if width == 0 || height == 0 {
        return Err(refused());
    }
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|_| refused())?;
    Ok(target.into_vec())
}

/// Left, top and side of the square in the middle, in whole pixels and at least one.
fn middle_square(width: u32, height: u32, share: f64) -> (f64, f64, f64) {
    let side = (f64::from(width.min(height)) * share).floor().max(1.0);
    let start = |length: u32| ((f64::from(length) - side) / 2.0).floor();
    (start(width), start(height), side)
}
