//! Brings a frame to the video's size: scaled, cropped or padded, in one go.

use cosmos_core::picture::{Picture, Pixels};
use cosmos_core::size::Size;
use fast_image_resize::images::{TypedCroppedImageMut, TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3, U8x4, U16};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::resolution::{Fit, Placement};

/// How new pixels are made from old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Copies the nearest pixel, so that no new colour appears: for labels.
    Nearest,
    /// Lanczos with three lobes, widened when shrinking so that every source pixel counts: for pictures.
    Lanczos,
}

/// Why a frame could not be scaled.
#[derive(Debug, thiserror::Error)]
#[error("cannot scale a frame of {}x{}", size.0, size.1)]
pub struct ScaleError {
    size: (u32, u32),
    #[source]
    source: Failure,
}

/// The scaler has an error type for each of its steps, none of which tells a user more than another.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Scales every frame of a sequence alike.
#[derive(Clone, Copy, Debug)]
pub struct Scaler {
    /// `None` where the frames have the video's size already.
    placement: Option<Placement>,
    target: Size,
    filter: Filter,
    background: [u8; 3],
}

impl Scaler {
    /// Frames of `source` size become frames of `target` size. `background` fills the bars of [`Fit::Pad`].
    #[must_use]
    pub fn new(source: Size, target: Size, fit: Fit, filter: Filter, background: [u8; 3]) -> Self {
        Self {
            placement: (source != target).then(|| fit.place(source, target)),
            target,
            filter,
            background,
        }
    }

    /// Scales one frame; one that needs no scaling comes back as it is.
    ///
    /// # Errors
    /// [`ScaleError`], when the picture's buffer does not have the size it claims.
    pub fn scale(&self, picture: Picture) -> Result<Picture, ScaleError> {
        let Some(placement) = self.placement else {
            return Ok(picture);
        };
        let size = (picture.width, picture.height);
        let picture = self.with_room_for_bars(picture, &placement);
        self.resize(&picture, &placement)
            .map(|pixels| Picture {
                width: self.target.width,
                height: self.target.height,
                pixels,
            })
            .map_err(|source| ScaleError { size, source })
    }

    /// A gray picture whose bars are to be coloured must become a colour picture first.
    fn with_room_for_bars(&self, picture: Picture, placement: &Placement) -> Picture {
        let gray = matches!(picture.pixels, Pixels::Gray8(_) | Pixels::Gray16(_));
        let [r, g, b] = self.background;
        if gray && placement.size != self.target && (r != g || g != b) {
            let pixels = Pixels::Rgb8(picture.to_rgb().into_raw());
            Picture { pixels, ..picture }
        } else {
            picture
        }
    }

    fn resize(&self, picture: &Picture, placement: &Placement) -> Result<Pixels, Failure> {
        let [r, g, b] = self.background;
        let source = (picture.width, picture.height);
        Ok(match &picture.pixels {
            Pixels::Gray8(v) => {
                Pixels::Gray8(self.resize_bytes::<U8, 1>(v, source, placement, [r])?)
            }
            Pixels::Rgb8(v) => {
                Pixels::Rgb8(self.resize_bytes::<U8x3, 3>(v, source, placement, [r, g, b])?)
            }
            Pixels::Rgbx8(v) => {
                Pixels::Rgbx8(self.resize_bytes::<U8x4, 4>(v, source, placement, [r, g, b, 0])?)
            }
            Pixels::Gray16(v) => {
                let pixels: Vec<_> = v.iter().map(|&v| U16::new(v)).collect();
                let view = TypedImageRef::new(source.0, source.1, &pixels)?;
                let bars = vec![U16::new(u16::from(r) * 257); self.target_pixels()];
                let mut target =
                    TypedImage::from_pixels(self.target.width, self.target.height, bars)?;
                self.place(&view, &mut target, placement)?;
                Pixels::Gray16(target.pixels().iter().map(|pixel| pixel.0).collect())
            }
        })
    }

    fn resize_bytes<P: PixelTrait, const N: usize>(
        &self,
        samples: &[u8],
        (width, height): (u32, u32),
        placement: &Placement,
        bar: [u8; N],
    ) -> Result<Vec<u8>, Failure> {
        let view = TypedImageRef::<P>::from_buffer(width, height, samples)?;
        let mut out = bar.repeat(self.target_pixels());
        let mut target =
            TypedImage::<P>::from_buffer(self.target.width, self.target.height, &mut out)?;
        self.place(&view, &mut target, placement)?;
        Ok(out)
    }

    fn place<P: PixelTrait>(
        &self,
        source: &TypedImageRef<'_, P>,
        target: &mut TypedImage<'_, P>,
        placement: &Placement,
    ) -> Result<(), Failure> {
        let Placement {
            crop,
            left,
            top,
            size,
        } = *placement;
        let mut window =
            TypedCroppedImageMut::from_ref(target, left, top, size.width, size.height)?;
        let algorithm = match self.filter {
            Filter::Nearest => ResizeAlg::Nearest,
            Filter::Lanczos => ResizeAlg::Convolution(FilterType::Lanczos3),
        };
        let options = ResizeOptions::new()
            .resize_alg(algorithm)
            .use_alpha(false)
            .crop(crop.left, crop.top, crop.width, crop.height);
        Ok(Resizer::new().resize_typed(source, &mut window, &options)?)
    }

    fn target_pixels(&self) -> usize {
        self.target.width as usize * self.target.height as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(
        (width, height): (u32, u32),
        pixels: Pixels,
        target: (u32, u32),
        fit: Fit,
        filter: Filter,
        background: [u8; 3],
    ) -> Picture {
        let sizes = (Size::new(width, height), Size::new(target.0, target.1));
        Scaler::new(sizes.0, sizes.1, fit, filter, background)
            .scale(Picture {
                width,
                height,
                pixels,
            })
            .unwrap()
    }

    #[test]
    fn a_frame_of_the_right_size_is_left_alone() {
        let pixels = Pixels::Gray16(vec![1, 20, 300, 4000]);
        let out = scaled(
            (2, 2),
            pixels.clone(),
            (2, 2),
            Fit::Pad,
            Filter::Lanczos,
            [9; 3],
        );
        assert_eq!(out.pixels, pixels);
    }

    #[test]
    fn labels_keep_their_colors() {
        let labels = [[200, 10, 10], [10, 200, 10], [10, 10, 200]];
        let frame: Vec<u8> = (0..30 * 20).flat_map(|i| labels[i / 7 % 3]).collect();
        for target in [(61, 43), (11, 7)] {
            let pixels = Pixels::Rgb8(frame.clone());
            let out = scaled(
                (30, 20),
                pixels,
                target,
                Fit::Stretch,
                Filter::Nearest,
                [0; 3],
            );
            let Pixels::Rgb8(out) = out.pixels else {
                panic!("another kind of pixels")
            };
            assert_eq!(out.len(), (target.0 * target.1 * 3) as usize);
            for pixel in out.as_chunks::<3>().0 {
                assert!(labels.contains(pixel), "a new color: {pixel:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_pixels_keeps_a_flat_value() {
        for pixels in [
            Pixels::Gray8(vec![77; 12]),
            Pixels::Gray16(vec![30_000; 12]),
            Pixels::Rgb8([10, 20, 30].repeat(12)),
            Pixels::Rgbx8([10, 20, 30, 40].repeat(12)),
        ] {
            let out = scaled(
                (4, 3),
                pixels.clone(),
                (16, 12),
                Fit::Stretch,
                Filter::Lanczos,
                [0; 3],
            );
            match (out.pixels, pixels) {
                (Pixels::Gray8(a), Pixels::Gray8(b)) => assert!(a.iter().all(|v| *v == b[0])),
                (Pixels::Gray16(a), Pixels::Gray16(b)) => assert!(a.iter().all(|v| *v == b[0])),
                (Pixels::Rgb8(a), Pixels::Rgb8(b)) => assert_eq!(a, b[..3].repeat(192)),
                (Pixels::Rgbx8(a), Pixels::Rgbx8(b)) => assert_eq!(a, b[..4].repeat(192)),
                (a, _) => panic!("another kind of pixels: {a:?}"),
            }
        }
    }

    #[test]
    fn bars_have_the_background_also_around_gray() {
        let frame = Pixels::Gray8(vec![100; 16]);
        let out = scaled(
            (4, 4),
            frame,
            (8, 4),
            Fit::Pad,
            Filter::Lanczos,
            [255, 0, 0],
        )
        .to_rgb();
        for y in 0..4 {
            assert_eq!(out.get_pixel(0, y).0, [255, 0, 0]);
            assert_eq!(out.get_pixel(3, y).0, [100; 3]);
            assert_eq!(out.get_pixel(7, y).0, [255, 0, 0]);
        }
    }

    #[test]
    fn cropping_takes_the_middle() {
        let frame: Vec<u8> = [0, 0, 150, 150, 150, 150, 0, 0].repeat(4);
        let out = scaled(
            (8, 4),
            Pixels::Gray8(frame),
            (4, 4),
            Fit::Crop,
            Filter::Nearest,
            [0; 3],
        );
        assert_eq!(out.pixels, Pixels::Gray8(vec![150; 16]));
    }

    #[test]
    fn a_buffer_of_another_size_is_an_error() {
        let scaler = Scaler::new(
            Size::new(4, 4),
            Size::new(8, 8),
            Fit::Pad,
            Filter::Lanczos,
            [0; 3],
        );
        let picture = Picture {
            width: 4,
            height: 4,
            pixels: Pixels::Gray8(vec![0; 3]),
        };
        let message = scaler.scale(picture).unwrap_err().to_string();
        assert_eq!(message, "cannot scale a frame of 4x4");
    }
}
