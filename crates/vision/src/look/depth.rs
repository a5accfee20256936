//! How much of a shot is near and how much is far, from its depth frames.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::grid;

/// Pixels that are looked at along each side of a picture.
const GRID: u32 = 96;
/// Frames whose levels span less than this (of 255) say nothing about near and far.
const MIN_SPAN: f64 = 24.0;
/// The lower part of a picture is this much (of the span) brighter or darker than the upper part where depth
/// says which end is near.
const MIN_SLOPE: f64 = 0.08;
/// From this much on the picture alone tells which end is near.
const SURE_SLOPE: f64 = 0.2;

/// Which end of gray is near the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Near {
    /// Near is bright, far is dark.
    Bright,
    /// Near is dark, far is bright.
    Dark,
}

/// Shares of a picture by distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepthShares {
    /// Share of the pixels in the third of the levels that is nearest, 0 to 1.
    pub near: f64,
    /// Share of the pixels in the third of the levels that is farthest, 0 to 1.
    pub far: f64,
    /// Which end of gray was taken as near. Renderers write both ways and no file says which, but what lies
    /// low in a picture is mostly nearer than what lies high in it.
    pub near_is: Near,
}

impl DepthShares {
    /// Measures the depth frames `pictures`; `None` where they are flat, or where nothing tells which end is
    /// near.
    #[must_use]
    pub fn measure<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Option<Self> {
        let Levels {
            all,
            min,
            max,
            slope,
        } = Levels::of(pictures)?;
        let near_is = near_of(slope)?;
        let span = max - min;
        let share = |is_in: &dyn Fn(f64) -> bool| {
            let inside = all.iter().filter(|&&v| is_in(f64::from(v))).count();
            inside as f64 / all.len() as f64
        };
        let bright = share(&|v| v > max - span / 3.0);
        let dark = share(&|v| v < min + span / 3.0);
        let (near, far) = match near_is {
            Near::Bright => (bright, dark),
            Near::Dark => (dark, bright),
        };
        Some(Self { near, far, near_is })
    }
}

/// Which end of gray is near, as far as frames tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearEnd {
    /// The end.
    pub near: Near,
    /// Whether the lower part of the frames is so much nearer, in every one of them that tells, that it can hardly be
    /// otherwise.
    pub is_sure: bool,
}

impl NearEnd {
    /// Judges the depth frames `pictures`; `None` where they do not tell.
    #[must_use]
    pub fn measure(pictures: &[RgbImage]) -> Option<Self> {
        let slope = Levels::of(pictures)?.slope;
        let near = near_of(slope)?;
        let agrees = |picture| {
            let alone = Levels::of([picture]).and_then(|levels| near_of(levels.slope));
            alone.is_none_or(|alone| alone == near)
        };
        Some(Self {
            near,
            is_sure: slope.abs() >= SURE_SLOPE && pictures.iter().all(agrees),
        })
    }
}

/// The levels of depth frames.
struct Levels {
    /// Those of a grid of pixels, ascending.
    all: Vec<u8>,
    /// The lowest without stray ones.
    min: f64,
    /// The highest without stray ones.
    max: f64,
    /// By how much of the span the lower half of the picture is brighter than the upper half.
    slope: f64,
}

impl Levels {
    /// `None` where `pictures` are flat.
    fn of<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Option<Self> {
        let mut all = Vec::new();
        let [mut upper, mut lower] = [(0.0, 0_usize); 2];
        for picture in pictures {
            let levels: Vec<u8> = grid(picture, GRID).map(|[level, ..]| level).collect();
            // The grid goes row by row.
            let (top, bottom) = levels.split_at(levels.len() / 2);
            for (half, levels) in [(&mut upper, top), (&mut lower, bottom)] {
                half.0 += levels.iter().map(|&v| f64::from(v)).sum::<f64>();
                half.1 += levels.len();
            }
            all.extend(levels);
        }
        all.sort_unstable();
        let quantile = |share: usize| all.get(all.len() * share / 100).copied().map(f64::from);
        let (min, max) = (quantile(1)?, quantile(99)?);
        let span = max - min;
        if span < MIN_SPAN {
            return None;
        }
        let slope = (lower.0 / lower.1.max(1) as f64 - upper.0 / upper.1.max(1) as f64) / span;
        Some(Self {
            all,
            min,
            max,
            slope,
        })
    }
}

/// The near end of a picture that is by `slope` brighter below.
fn near_of(slope: f64) -> Option<Near> {
    match slope {
        slope if slope.abs() < MIN_SLOPE => None,
        slope if slope > 0.0 => Some(Near::Bright),
        _ => Some(Near::Dark),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_floor_tells_which_end_is_near() {
        // A far sky over half of the picture, and a floor that comes nearer.
        let depth = |invert: bool| {
            RgbImage::from_fn(80, 80, |_, y| {
                let level = y.saturating_sub(40) * 6;
                Rgb([if invert {
                    255 - level as u8
                } else {
                    level as u8
                }; 3])
            })
        };
        let bright = DepthShares::measure([&depth(false)]).unwrap();
        let dark = DepthShares::measure([&depth(true)]).unwrap();
        assert_eq!((bright.near_is, dark.near_is), (Near::Bright, Near::Dark));
        for shares in [bright, dark] {
            assert!((shares.near - 1.0 / 6.0).abs() < 0.03, "{shares:?}");
            assert!((shares.far - 2.0 / 3.0).abs() < 0.03, "{shares:?}");
        }
    }

    #[test]
    fn one_frame_that_says_otherwise_makes_the_near_end_unsure() {
        let floor = RgbImage::from_fn(40, 40, |_, y| Rgb([255 - 6 * y as u8; 3]));
        let ceiling = RgbImage::from_fn(40, 40, |_, y| Rgb([6 * y as u8; 3]));
        let near = |pictures: &[&RgbImage]| {
            let pictures: Vec<RgbImage> = pictures.iter().map(|&p| p.clone()).collect();
            NearEnd::measure(&pictures).map(|end| (end.near, end.is_sure))
        };
        assert_eq!(near(&[&floor, &floor]), Some((Near::Dark, true)));
        assert_eq!(near(&[&floor, &floor, &ceiling]), Some((Near::Dark, false)));
        assert_eq!(near(&[&floor, &ceiling]), None);
        assert_eq!(near(&[]), None);
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let flat = RgbImage::from_pixel(40, 40, Rgb([90; 3]));
        let walls = RgbImage::from_fn(40, 40, |x, _| Rgb([(x * 6) as u8; 3]));
        for pictures in [&[][..], &[&flat], &[&walls], &[&RgbImage::new(0, 0)]] {
            assert_eq!(DepthShares::measure(pictures.iter().copied()), None);
        }
    }
}
