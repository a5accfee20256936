//! What a frame looks like in numbers: brightness, contrast, histogram, dominant colors.
//!
//! The same pixels always give the same numbers.

use std::collections::BTreeMap;

use image::RgbImage;
use serde::{Deserialize, Serialize};

/// Clusters that dominant colors are sought in.
const DOMINANT_COLORS: usize = 5;
/// Dominant colors are taken from a grid of at most this many columns and rows, so that a large frame costs
/// no more than a small one.
const GRID: u32 = 128;
/// K-means is stopped after this many rounds, when colors have long stopped moving by a visible step.
const MAX_ROUNDS: usize = 20;

/// Statistics of one frame with 8 bits per channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameStats {
    /// Mean luma, 0 to 255. Luma is BT.601, rounded to whole levels, as OpenCV's `COLOR_RGB2GRAY` gives it.
    pub brightness: f64,
    /// Standard deviation of luma (of the whole population), 0 to 127.5.
    pub contrast: f64,
    /// Pixels per level of each channel.
    pub histogram: Histogram,
    /// Up to five different colors as red, green, blue; the one that stands for most pixels first. A frame
    /// of fewer colors has fewer.
    pub dominant_colors: Vec<[u8; 3]>,
}

/// A frame's histogram, channel by channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Pixels per level of red.
    pub red: Levels,
    /// Pixels per level of green.
    pub green: Levels,
    /// Pixels per level of blue.
    pub blue: Levels,
}

/// How many pixels have each of the levels 0 to 255; serialized as an array of 256 counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u64>", into = "Vec<u64>")]
pub struct Levels(pub [u64; 256]);

impl TryFrom<Vec<u64>> for Levels {
    type Error = WrongLevelCount;

    fn try_from(counts: Vec<u64>) -> Result<Self, Self::Error> {
        counts
            .try_into()
            .map(Self)
            .map_err(|counts: Vec<u64>| WrongLevelCount(counts.len()))
    }
}

impl From<Levels> for Vec<u64> {
    fn from(levels: Levels) -> Self {
        levels.0.to_vec()
    }
}

/// A serialized histogram has another number of levels than 8 bits give.
#[derive(Debug, thiserror::Error)]
#[error("histogram has {0} levels, expected 256")]
pub struct WrongLevelCount(pub usize);

impl FrameStats {
    /// Measures `frame`. A frame without pixels has brightness and contrast 0.
    #[must_use]
    pub fn measure(frame: &RgbImage) -> Self {
        let [mut red, mut green, mut blue, mut luma] = [[0_u64; 256]; 4];
        for &[r, g, b] in frame.as_raw().as_chunks::<3>().0 {
            red[usize::from(r)] += 1;
            green[usize::from(g)] += 1;
            blue[usize::from(b)] += 1;
            luma[usize::from(luma_bt601([r, g, b]))] += 1;
        }
        let (brightness, contrast) = mean_and_deviation(&luma);
        Self {
            brightness,
            contrast,
            histogram: Histogram {
                red: Levels(red),
                green: Levels(green),
                blue: Levels(blue),
            },
            dominant_colors: dominant_colors(frame),
        }
    }
}

/// BT.601 luma with OpenCV's weights: 0.299, 0.587 and 0.114 in 15-bit fixed point, rounded.
fn luma_bt601(rgb: [u8; 3]) -> u8 {
    const WEIGHTS: [u32; 3] = [9798, 19235, 3735];
    const _: () = assert!(WEIGHTS[0] + WEIGHTS[1] + WEIGHTS[2] == 1 << 15);
    let [r, g, b] = rgb.map(u32::from);
    let sum = r * WEIGHTS[0] + g * WEIGHTS[1] + b * WEIGHTS[2];
    ((sum + (1 << 14)) >> 15) as u8
}

fn mean_and_deviation(counts: &[u64; 256]) -> (f64, f64) {
    let levels = || {
        counts
            .iter()
            .zip(0_u32..)
            .map(|(&n, level)| (n as f64, f64::from(level)))
    };
    let total: f64 = levels().map(|(n, _)| n).sum();
    if total == 0.0 {
        return (0.0, 0.0);
    }
    let mean = levels().map(|(n, level)| n * level).sum::<f64>() / total;
    let variance = levels()
        .map(|(n, level)| n * (level - mean).powi(2))
        .sum::<f64>()
        / total;
    (mean, variance.sqrt())
}

/// A color and how many sampled pixels it stands for.
#[derive(Clone, Copy, Debug)]
struct Weighted<C> {
    color: C,
    pixels: u64,
}

/// The mean colors of the clusters that k-means finds, largest cluster first.
///
/// The first center is the most frequent color and each further one the color that weighs most by pixels
/// and squared distance to the centers so far: the choice that k-means++ makes likely, made certain.
fn dominant_colors(frame: &RgbImage) -> Vec<[u8; 3]> {
    let samples = sample(frame);
    let mut clusters = samples.clone();
    if samples.len() > DOMINANT_COLORS {
        let mut centers = first_centers(&samples);
        for _ in 0..MAX_ROUNDS {
            clusters = cluster_means(&samples, &centers);
            let moved: Vec<_> = clusters.iter().map(|c| c.color).collect();
            if moved == centers {
                break;
            }
            centers = moved;
        }
    }
    let mut merged = BTreeMap::<[u8; 3], u64>::new();
    for cluster in clusters {
        *merged
            .entry(cluster.color.map(|c| c.round() as u8))
            .or_default() += cluster.pixels;
    }
    let mut colors: Vec<_> = merged.into_iter().collect();
    colors.sort_by_key(|&(color, pixels)| (std::cmp::Reverse(pixels), color));
    colors.into_iter().map(|(color, _)| color).collect()
}

/// The different colors of `frame` on a regular grid, in the order of their values.
fn sample(frame: &RgbImage) -> Vec<Weighted<[f64; 3]>> {
    let grid = |length: u32| {
        let points = u64::from(length.min(GRID));
        (0..points).map(move |i| ((2 * i + 1) * u64::from(length) / (2 * points)) as u32)
    };
    let mut counts = BTreeMap::<[u8; 3], u64>::new();
    for y in grid(frame.height()) {
        for x in grid(frame.width()) {
            *counts.entry(frame.get_pixel(x, y).0).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|(color, pixels)| Weighted {
            color: color.map(f64::from),
            pixels,
        })
        .collect()
}

fn squared_distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

fn first_centers(samples: &[Weighted<[f64; 3]>]) -> Vec<[f64; 3]> {
    let mut centers: Vec<[f64; 3]> = Vec::with_capacity(DOMINANT_COLORS);
    let mut nearest = vec![1.0_f64; samples.len()];
    while centers.len() < DOMINANT_COLORS {
        let weights = samples
            .iter()
            .zip(&nearest)
            .map(|(s, d)| s.pixels as f64 * d);
        let heaviest = samples
            .iter()
            .zip(weights)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((&Weighted { color, .. }, _)) = heaviest else {
            break;
        };
        for (sample, distance) in samples.iter().zip(&mut nearest) {
            let to_center = squared_distance(sample.color, color);
            *distance = if centers.is_empty() {
                to_center
            } else {
                distance.min(to_center)
            };
        }
        centers.push(color);
    }
    centers
}

/// Gives each sample to its nearest center and returns the clusters that got any.
fn cluster_means(samples: &[Weighted<[f64; 3]>], centers: &[[f64; 3]]) -> Vec<Weighted<[f64; 3]>> {
    let empty = Weighted {
        color: [0.0; 3],
        pixels: 0,
    };
    let mut sums = vec![empty; centers.len()];
    for sample in samples {
        let by_distance = centers.iter().zip(&mut sums).min_by(|(a, _), (b, _)| {
            squared_distance(**a, sample.color).total_cmp(&squared_distance(**b, sample.color))
        });
        if let Some((_, sum)) = by_distance {
            sum.pixels += sample.pixels;
            for (sum, channel) in sum.color.iter_mut().zip(sample.color) {
                *sum += channel * sample.pixels as f64;
            }
        }
    }
    sums.retain(|sum| sum.pixels > 0);
    for sum in &mut sums {
        sum.color = sum.color.map(|channel| channel / sum.pixels as f64);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_of(bands: &[([u8; 3], u32)]) -> RgbImage {
        let rows: Vec<_> = bands
            .iter()
            .flat_map(|&(color, rows)| std::iter::repeat_n(image::Rgb(color), rows as usize))
            .collect();
        RgbImage::from_fn(40, rows.len() as u32, |_, y| rows[y as usize])
    }

    #[test]
    fn luma_is_what_opencv_gives() {
        // Levels that cv2.cvtColor(..., cv2.COLOR_RGB2GRAY) gives.
        for (rgb, gray) in [
            ([0, 0, 0], 0),
            ([255, 255, 255], 255),
            ([255, 0, 0], 76),
            ([0, 255, 0], 150),
            ([0, 0, 255], 29),
            ([10, 200, 30], 124),
        ] {
            assert_eq!(luma_bt601(rgb), gray, "{rgb:?}");
        }
    }

    #[test]
    fn half_black_half_white() {
        let stats = FrameStats::measure(&frame_of(&[([0; 3], 20), ([255; 3], 20)]));
        assert!((stats.brightness - 127.5).abs() < 1e-9);
        assert!((stats.contrast - 127.5).abs() < 1e-9);
        for channel in [
            &stats.histogram.red,
            &stats.histogram.green,
            &stats.histogram.blue,
        ] {
            assert_eq!((channel.0[0], channel.0[255]), (800, 800));
            assert_eq!(channel.0.iter().sum::<u64>(), 1600);
        }
        assert_eq!(stats.dominant_colors, [[0; 3], [255; 3]]);
    }

    #[test]
    fn the_most_frequent_color_comes_first() {
        let bands = [
            ([200, 30, 30], 5),
            ([20, 20, 220], 30),
            ([240, 240, 10], 10),
            ([5, 5, 5], 20),
            ([30, 180, 40], 15),
        ];
        let colors = FrameStats::measure(&frame_of(&bands)).dominant_colors;
        let mut expected = bands;
        expected.sort_by_key(|&(_, rows)| std::cmp::Reverse(rows));
        assert_eq!(colors, expected.map(|(color, _)| color));
    }

    #[test]
    fn noise_around_five_colors_gives_back_the_five() {
        let bands = [
            ([120, 40, 40], 50),
            ([40, 40, 200], 40),
            ([220, 220, 60], 30),
            ([60, 200, 80], 20),
            ([230, 230, 230], 10),
        ];
        let mut frame = frame_of(&bands);
        for (x, y, pixel) in frame.enumerate_pixels_mut() {
            let wobble = ((x * 7 + y * 13) % 9) as u8;
            pixel.0 = pixel.0.map(|c| c - 4 + wobble);
        }
        let colors = FrameStats::measure(&frame).dominant_colors;
        assert_eq!(colors.len(), 5);
        for (found, (expected, _)) in colors.iter().zip(bands) {
            for (a, b) in found.iter().zip(expected) {
                assert!(a.abs_diff(b) <= 1, "{found:?} is not {expected:?}");
            }
        }
        assert_eq!(colors, FrameStats::measure(&frame).dominant_colors);
    }

    #[test]
    fn any_size_is_measured() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (129, 127)] {
            let frame = RgbImage::from_pixel(width, height, image::Rgb([7, 8, 9]));
            let stats = FrameStats::measure(&frame);
            assert_eq!(stats.dominant_colors, [[7, 8, 9]], "{width}x{height}");
            assert_eq!(stats.contrast, 0.0);
            assert_eq!(stats.histogram.green.0[8], u64::from(width * height));
        }
        let nothing = FrameStats::measure(&RgbImage::new(0, 0));
        assert_eq!(
            (nothing.brightness, nothing.dominant_colors.len()),
            (0.0, 0)
        );
    }

    #[test]
    fn json_comes_back_as_it_was() {
        let stats = FrameStats::measure(&frame_of(&[([1, 2, 3], 3), ([250, 9, 90], 4)]));
        let mut json = serde_json::to_value(&stats).unwrap();
        assert_eq!(json["histogram"]["red"].as_array().unwrap().len(), 256);
        assert_eq!(json["dominant_colors"][0], serde_json::json!([250, 9, 90]));
        assert_eq!(
            serde_json::from_value::<FrameStats>(json.clone()).unwrap(),
            stats
        );
        json["histogram"]["red"].as_array_mut().unwrap().pop();
        let error = serde_json::from_value::<FrameStats>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains("255 levels, expected 256"), "{error}");
    }
}
