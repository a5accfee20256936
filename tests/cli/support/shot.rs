//! Small shots whose frames tell which modality and which number they are.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use cosmos_workflow::modality::Modality;
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

use super::video;

/// A shot to be written. By default: frames 1 to 4 of all modalities, 64x36, named `color.0001.png`.
pub struct Shot {
    modalities: Vec<Modality>,
    frames: RangeInclusive<u64>,
    ranges: Vec<(Modality, RangeInclusive<u64>)>,
    missing: Vec<(Modality, u64)>,
    size: (u32, u32),
    sizes: Vec<(Modality, u64, (u32, u32))>,
    name: Box<dyn Fn(Modality, u64) -> String>,
}

impl Shot {
    pub fn new() -> Self {
        Self {
            modalities: Modality::ALL.into(),
            frames: 1..=4,
            ranges: Vec::new(),
            missing: Vec::new(),
            size: (64, 36),
            sizes: Vec::new(),
            name: Box::new(|modality, number| format!("{modality}.{number:04}.png")),
        }
    }

    pub fn only(mut self, modalities: &[Modality]) -> Self {
        self.modalities = modalities.into();
        self
    }

    pub fn frames(mut self, frames: RangeInclusive<u64>) -> Self {
        self.frames = frames;
        self
    }

    /// `modality` has `frames` instead of those of the shot.
    pub fn range(mut self, modality: Modality, frames: RangeInclusive<u64>) -> Self {
        self.ranges.push((modality, frames));
        self
    }

    pub fn missing(mut self, modality: Modality, number: u64) -> Self {
        self.missing.push((modality, number));
        self
    }

    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// One frame is of another size than the shot.
    pub fn stray_size(mut self, modality: Modality, number: u64, size: (u32, u32)) -> Self {
        self.sizes.push((modality, number, size));
        self
    }

    /// Files are called what `name` says, which may have folders in it; the extension decides the format.
    pub fn named(mut self, name: impl Fn(Modality, u64) -> String + 'static) -> Self {
        self.name = Box::new(name);
        self
    }

    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for &modality in &self.modalities {
            let range = self.ranges.iter().find(|(m, _)| *m == modality);
            let frames = range.map_or(&self.frames, |(_, frames)| frames);
            for number in frames.clone() {
                if self.missing.contains(&(modality, number)) {
                    continue;
                }
                let stray = self
                    .sizes
                    .iter()
                    .find(|(m, n, _)| (*m, *n) == (modality, number));
                let size = stray.map_or(self.size, |(_, _, size)| *size);
                let path = folder.join((self.name)(modality, number));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                paint(modality, number, size).save(&path).unwrap();
            }
        }
    }
}

/// A frame whose left half has the gray level of its number and whose right half that of its modality.
fn paint(modality: Modality, number: u64, (width, height): (u32, u32)) -> DynamicImage {
    let level = |x: u32, _: u32| {
        if x < width.div_ceil(2) {
            number_level(number)
        } else {
            modality_level(modality)
        }
    };
    let gray = GrayImage::from_fn(width, height, |x, y| Luma([level(x, y)]));
    match modality {
        Modality::Depth => DynamicImage::ImageLuma8(gray).into_luma16().into(),
        _ => DynamicImage::ImageLuma8(gray).into_rgb8().into(),
    }
}

fn number_level(number: u64) -> u8 {
    40 + 10 * (number % 20) as u8
}

fn modality_level(modality: Modality) -> u8 {
    let index = Modality::ALL.iter().position(|&m| m == modality);
    50 + 40 * index.unwrap() as u8
}

/// The video holds exactly the frames `numbers` of `modality`, in this order.
pub fn assert_frames(path: &Path, modality: Modality, numbers: impl IntoIterator<Item = u64>) {
    let levels = |frame: &RgbImage| {
        let (width, middle) = (frame.width(), frame.height() / 2);
        [width / 4, width * 3 / 4].map(|x| frame.get_pixel(x, middle).0[1])
    };
    let found: Vec<_> = video::decode(path).iter().map(levels).collect();
    let expected: Vec<_> = numbers
        .into_iter()
        .map(|number| [number_level(number), modality_level(modality)])
        .collect();
    assert_eq!(found.len(), expected.len(), "{path:?}");
    for (found, expected) in found.iter().zip(&expected) {
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 4);
        assert!(near, "{modality} has {found:?} where {expected:?} belongs");
    }
}

/// A picture that does not compress; another one for each `seed`.
pub fn noise(width: u32, height: u32, seed: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(2_654_435_761);
    RgbImage::from_fn(width, height, |_, _| {
        // The generator of Numerical Recipes; its upper bits are the random ones.
        Rgb([16, 20, 24].map(|shift| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> shift) as u8
        }))
    })
}

/// Saturated and neutral colors for [`flat_patches`].
pub const PATCH_COLORS: [[u8; 3]; 12] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 0],
    [255, 255, 255],
    [0, 0, 0],
    [128, 128, 128],
    [230, 120, 20],
    [70, 10, 130],
    [12, 90, 60],
];

/// Side of a patch in pixels.
pub const PATCH: u32 = 64;

/// A picture of 4 by 3 flat patches.
pub fn flat_patches(colors: &[[u8; 3]; 12]) -> RgbImage {
    RgbImage::from_fn(4 * PATCH, 3 * PATCH, |x, y| {
        Rgb(colors[(y / PATCH * 4 + x / PATCH) as usize])
    })
}

/// Every patch of `colors` has come back in `frame` within `tolerance` levels. `frame` may have been scaled.
/// The outer quarters of patches are left out, where the encoder and scaling mix neighbours.
pub fn assert_patches(frame: &RgbImage, colors: &[[u8; 3]; 12], tolerance: u8, what: &str) {
    let (width, height) = (frame.width() / 4, frame.height() / 3);
    for (index, color) in colors.iter().enumerate() {
        let (left, top) = (index as u32 % 4 * width, index as u32 / 4 * height);
        for (x, y) in [
            (2, 2),
            (4, 2),
            (6, 2),
            (2, 4),
            (4, 4),
            (6, 4),
            (2, 6),
            (4, 6),
            (6, 6),
        ] {
            let found = frame
                .get_pixel(left + width * x / 8, top + height * y / 8)
                .0;
            let near = found
                .iter()
                .zip(color)
                .all(|(a, b)| a.abs_diff(*b) <= tolerance);
            assert!(
                near,
                "{what}: patch {index} is {found:?} instead of {color:?}"
            );
        }
    }
}
