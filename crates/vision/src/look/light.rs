//! How bright and how contrasty a shot is, and which of its frames show anything.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{grid, luma, scene_pixels};

/// Pixels that are looked at along each side of a picture.
const GRID: u32 = 128;
/// A frame is taken as blurred if its edges have less than this share of the energy that the shot's sharper
/// frames have.
const BLURRED: f64 = 0.12;

/// How bright a shot is on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brightness {
    /// Nearly everything is dark, as at night.
    Night,
    /// Dark with lit parts.
    LowKey,
    /// Neither dark nor bright.
    Normal,
    /// Bright all over.
    HighKey,
}

/// How far dark and bright are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contrast {
    /// Nearly one level.
    Low,
    /// Neither low nor high.
    Normal,
    /// Deep shadows beside bright lights.
    High,
}

/// The light of a shot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Light {
    /// Mean luma (BT.601), 0 to 1.
    pub mean: f64,
    /// Standard deviation of luma, 0 to 0.5.
    pub deviation: f64,
    /// What that comes to.
    pub brightness: Brightness,
    /// How far dark and bright are apart.
    pub contrast: Contrast,
}

impl Light {
    /// Measures `pictures` together; `None` if they have no pixels.
    ///
    /// The limits of the classes are ours: photographers draw them by eye.
    #[must_use]
    pub fn measure<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Option<Self> {
        let levels = Levels::of(scene_pixels(pictures, GRID).into_iter())?;
        let (low, middle, high) = (levels.share(0.05), levels.share(0.5), levels.share(0.95));
        let brightness = if levels.mean < 0.14 && middle < 0.12 && high < 0.5 {
            Brightness::Night
        } else if levels.mean < 0.33 && middle < 0.28 {
            Brightness::LowKey
        } else if levels.mean > 0.7 && low > 0.35 {
            Brightness::HighKey
        } else {
            Brightness::Normal
        };
        let contrast = if levels.deviation > 0.29 || (low < 0.06 && high > 0.94) {
            Contrast::High
        } else if levels.deviation < 0.06 {
            Contrast::Low
        } else {
            Contrast::Normal
        };
        Some(Self {
            mean: levels.mean,
            deviation: levels.deviation,
            brightness,
            contrast,
        })
    }
}

/// Which of `pictures`, frames of one shot, show something: not those that are black, white or of one level,
/// nor those that are blurred where others are sharp. All of them, if none does.
#[must_use]
pub fn telling_frames(pictures: &[&RgbImage]) -> Vec<bool> {
    let sharpness: Vec<Option<f64>> = pictures.iter().map(|picture| sharpness(picture)).collect();
    let mut known: Vec<f64> = sharpness.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    // Not the sharpest, which may be a single frame of noise.
    let sharp = known.get(known.len() / 2).copied().unwrap_or(0.0);
    let telling: Vec<bool> = sharpness
        .iter()
        .map(|found| found.is_some_and(|found| found >= sharp * BLURRED))
        .collect();
    if telling.contains(&true) {
        telling
    } else {
        vec![true; pictures.len()]
    }
}

/// Mean square of the second derivative of luma; `None` for a picture without content.
fn sharpness(picture: &RgbImage) -> Option<f64> {
    let levels = Levels::of(grid(picture, GRID))?;
    let is_empty =
        levels.share(0.98) < 0.04 || levels.share(0.02) > 0.97 || levels.deviation < 0.01;
    let (width, height) = picture.dimensions();
    if is_empty || width < 3 || height < 3 {
        return (!is_empty).then_some(0.0);
    }
    // Once for each pixel, of which five sums make use.
    let lumas: Vec<f64> = picture.pixels().map(|it| f64::from(luma(it.0))).collect();
    let at = |x: u32, y: u32| lumas[y as usize * width as usize + x as usize];
    let mut sum = 0.0;
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let around = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
            sum += (around - 4.0 * at(x, y)).powi(2);
        }
    }
    Some(sum / f64::from(width - 2) / f64::from(height - 2))
}

/// Luma of many pixels, sorted.
struct Levels {
    sorted: Vec<f32>,
    mean: f64,
    deviation: f64,
}

impl Levels {
    fn of(pixels: impl Iterator<Item = [u8; 3]>) -> Option<Self> {
        let mut sorted: Vec<f32> = pixels.map(luma).collect();
        if sorted.is_empty() {
            return None;
        }
        sorted.sort_unstable_by(f32::total_cmp);
        let count = sorted.len() as f64;
        let mean = sorted.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let squares = sorted.iter().map(|&v| (f64::from(v) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        Some(Self {
            sorted,
            mean,
            deviation,
        })
    }

    /// The level that a share of the pixels lies below.
    fn share(&self, share: f64) -> f32 {
        let last = self.sorted.len() - 1;
        self.sorted[(last as f64 * share).round() as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn gray(level: impl Fn(u32, u32) -> u8) -> RgbImage {
        RgbImage::from_fn(160, 90, |x, y| Rgb([level(x, y); 3]))
    }

    #[test]
    fn light_is_classed_as_a_photographer_would() {
        let night = gray(|x, y| if x % 40 == 0 && y < 9 { 230 } else { 12 });
        let low_key = gray(|x, _| if x < 110 { 20 } else { 150 });
        let day = gray(|x, y| (60 + (x + y) / 2) as u8);
        let high_key = gray(|x, _| if x % 9 == 0 { 150 } else { 235 });
        let hard = gray(|x, _| if x % 2 == 0 { 0 } else { 255 });
        let fog = gray(|x, _| 140 + (x % 9) as u8);
        for (picture, brightness, contrast) in [
            (&night, Brightness::Night, Contrast::Low),
            (&low_key, Brightness::LowKey, Contrast::Normal),
            (&day, Brightness::Normal, Contrast::Normal),
            (&high_key, Brightness::HighKey, Contrast::Normal),
            (&hard, Brightness::Normal, Contrast::High),
            (&fog, Brightness::Normal, Contrast::Low),
        ] {
            let light = Light::measure([picture]).unwrap();
            let found = (light.brightness, light.contrast);
            assert_eq!(found, (brightness, contrast), "{light:?}");
        }
        // A lit thing on transparent ground, which lies on black, is no dark scene, and a dark one stays dark.
        for (level, brightness) in [(150, Brightness::Normal), (12, Brightness::Night)] {
            let inside = |x: u32, y: u32| (50..110).contains(&x) && (30..60).contains(&y);
            let on_black = gray(|x, y| if inside(x, y) { level } else { 0 });
            let light = Light::measure([&on_black]).unwrap();
            assert_eq!(light.brightness, brightness, "{light:?}");
        }
        assert_eq!(Light::measure([]), None);
        assert_eq!(Light::measure([&RgbImage::new(0, 0)]), None);
    }

    #[test]
    fn black_white_and_blurred_frames_tell_nothing() {
        let sharp = gray(|x, y| if (x / 7 + y / 5) % 2 == 0 { 60 } else { 190 });
        let blurred = image::imageops::blur(&sharp, 6.0);
        let (black, white) = (gray(|_, _| 3), gray(|_, _| 255));
        assert_eq!(
            telling_frames(&[&sharp, &black, &sharp, &blurred, &white]),
            [true, false, true, false, false]
        );
        assert_eq!(telling_frames(&[&black, &white]), [true, true]);
        assert_eq!(telling_frames(&[&blurred, &blurred]), [true, true]);
        assert_eq!(telling_frames(&[]), [false; 0]);
        let dot = RgbImage::from_pixel(1, 1, Rgb([90; 3]));
        assert_eq!(telling_frames(&[&dot]), [true]);
    }
}
