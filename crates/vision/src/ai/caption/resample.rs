//! Scales pictures as Pillow does, bit for bit: captions hang on single levels where words are nearly as likely.
//!
//! The arithmetic is that of `Resample.c` and of the nearest-neighbour path in `Geometry.c` of Pillow 13: antialiased
//! filters with weights of 22 bits, one direction after the other, rounded to 8 bits after each.

use std::f64::consts::PI;

/// Bits behind the point of a weight: 32, less 8 of a sample and 2 for what overshoots.
const WEIGHT_BITS: u32 = 22;

/// How new pixels are made of old ones: the filters of `PIL.Image.Resampling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Nearest,
    Lanczos,
    Bilinear,
    Bicubic,
    Box,
    Hamming,
}

impl Filter {
    /// The filter that Pillow has this number for.
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Nearest,
            1 => Self::Lanczos,
            2 => Self::Bilinear,
            3 => Self::Bicubic,
            4 => Self::Box,
            5 => Self::Hamming,
            _ => return None,
        })
    }

    /// How many old pixels to each side count, where pictures are not shrunk.
    fn support(self) -> f64 {
        match self {
            Self::Nearest | Self::Box => 0.5,
            Self::Bilinear | Self::Hamming => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let sinc = |x: f64| {
            if x == 0.0 {
                1.0
            } else {
                (x * PI).sin() / (x * PI)
            }
        };
        let distance = x.abs();
        match self {
            Self::Nearest | Self::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
            Self::Bilinear => (1.0 - distance).max(0.0),
            Self::Hamming if distance >= 1.0 => 0.0,
            Self::Hamming => sinc(x) * (0.54 + 0.46 * (distance * PI).cos()),
            Self::Bicubic if distance < 1.0 => (1.5 * distance - 2.5) * distance * distance + 1.0,
            Self::Bicubic if distance < 2.0 => {
                (((distance - 5.0) * distance + 8.0) * distance - 4.0) * -0.5
            }
            Self::Bicubic => 0.0,
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Self::Lanczos => 0.0,
        }
    }
}

/// Width and height in pixels.
pub type Size = (usize, usize);

/// `samples`, rows of red, green and blue of a picture of the size `from`, at the size `to`. No side is 0.
pub fn resample(samples: &[u8], from: Size, to: Size, filter: Filter) -> Vec<u8> {
    let columns = Weights::new(from.0, to.0, filter);
    let rows = Weights::new(from.1, to.1, filter);
    let lost = |from: usize, to: usize| from as i64 - to as i64;
    if to.1 < from.1 && lost(from.1, to.1) > 2 * lost(from.0, to.0) {
        across(&down(samples, from.0, &rows), from.0, &columns)
    } else {
        down(&across(samples, from.0, &columns), to.0, &rows)
    }
}

/// Which old pixels of a row or column make each new one, and how much each counts. Empty if none change.
struct Weights(Vec<(usize, Vec<i32>)>);

impl Weights {
    fn new(from: usize, to: usize, filter: Filter) -> Self {
        if from == to {
            return Self(Vec::new());
        }
        let scale = from as f64 / to as f64;
        if filter == Filter::Nearest {
            // Added up and not multiplied, as Pillow has it.
            let mut center = scale * 0.5;
            let nearest = (0..to).map(|_| {
                let index = (center as usize).min(from - 1);
                center += scale;
                (index, vec![1 << WEIGHT_BITS])
            });
            return Self(nearest.collect());
        }
        let widened = scale.max(1.0);
        let support = filter.support() * widened;
        let new_pixel = |index: usize| {
            let center = (index as f64 + 0.5) * scale;
            // Casts cut off towards 0, and below it.
            let first = (center - support + 0.5) as usize;
            let end = ((center + support + 0.5) as usize).min(from);
            let weights: Vec<f64> = (first..end)
                .map(|old| filter.weight((old as f64 - center + 0.5) * (1.0 / widened)))
                .collect();
            let sum: f64 = weights.iter().sum();
            let sum = if sum == 0.0 { 1.0 } else { sum };
            let fixed = weights.iter().map(|weight| {
                let weight = weight / sum * f64::from(1 << WEIGHT_BITS);
                (weight + 0.5_f64.copysign(weight)) as i32
            });
            (first, fixed.collect())
        };
        Self((0..to).map(new_pixel).collect())
    }
}

/// Scales each row of a picture `width` wide.
fn across(samples: &[u8], width: usize, weights: &Weights) -> Vec<u8> {
    if weights.0.is_empty() {
        return samples.to_vec();
    }
    let mut scaled = Vec::with_capacity(samples.len() / width * weights.0.len());
    for row in samples.chunks_exact(3 * width) {
        for (first, weights) in &weights.0 {
            let mut sums = [1 << (WEIGHT_BITS - 1); 3];
            for (pixel, weight) in row.chunks_exact(3).skip(*first).zip(weights) {
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(sample) * weight;
                }
            }
            scaled.extend(sums.map(rounded));
        }
    }
    scaled
}

/// Scales each column of a picture `width` wide.
fn down(samples: &[u8], width: usize, weights: &Weights) -> Vec<u8> {
    if weights.0.is_empty() {
        return samples.to_vec();
    }
    let mut scaled = Vec::with_capacity(3 * width * weights.0.len());
    for (first, weights) in &weights.0 {
        let mut sums = vec![1 << (WEIGHT_BITS - 1); 3 * width];
        for (row, weight) in samples.chunks_exact(3 * width).skip(*first).zip(weights) {
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += i32::from(sample) * weight;
            }
        }
        scaled.extend(sums.into_iter().map(rounded));
    }
    scaled
}

fn rounded(sum: i32) -> u8 {
    (sum >> WEIGHT_BITS).clamp(0, 255) as u8
}
