//! What the frames of a control hold, gathered while they pass: whether they are blank, and how much of a depth pass
//! is clipped.
//!
//! A blank control steers a model to nothing, and no header tells: only pixels do. Most frames are judged by their
//! first few pixels. Limits are in levels of 255, since that is what a video keeps.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cosmos_core::modality::Modality;
use cosmos_core::picture::{Picture, Pixels, to_8_bits};

use crate::frames::{FrameNumbers, Problem, Sequence, Warning};

/// Color and vis are black up to this level: lossy formats leave some noise.
const BLACK: u8 = 2;
/// Lines are fainter than this where there are none.
const FAINT: u8 = 8;
/// Depth that spans no more levels is one value to a model.
const FLAT: u8 = 2;
/// Labels that span no more levels can hardly be told apart.
const FAINT_LABELS: u8 = 12;
/// Percent of the pixels of a depth pass that may be clipped, and of an edge pass that may be bright, without a word.
const MOST: u64 = 50;

/// What the frames of one control hold. Frames may come in any order, from several threads.
pub struct ControlStats {
    modality: Modality,
    frames: Mutex<BTreeMap<usize, FrameFacts>>,
}

/// What matters of one frame.
#[derive(Clone, Copy, Debug, Default)]
struct FrameFacts {
    /// Whether it holds nothing by itself.
    is_blank: bool,
    /// The lowest and the highest level, as far as it matters.
    levels: (u8, u8),
    /// Pixels at the lowest, and at the highest value there is. Counted for depth only.
    clipped: (u64, u64),
    /// Samples in the brighter half. Counted for edge only, of samples instead of pixels.
    bright: u64,
    /// All pixels, or samples.
    pixels: u64,
}

impl ControlStats {
    /// For the frames of `modality`.
    #[must_use]
    pub fn new(modality: Modality) -> Self {
        Self {
            modality,
            frames: Mutex::default(),
        }
    }

    /// Looks at the frame at `index`, as it goes to the encoder.
    pub fn observe(&self, index: usize, picture: &Picture) {
        let facts = match self.modality {
            Modality::Depth => depth_facts(picture),
            Modality::Segmentation => FrameFacts {
                levels: levels_of(picture),
                is_blank: has_one_color(picture),
                ..FrameFacts::default()
            },
            Modality::Color | Modality::Vis => picture_facts(picture),
            Modality::Edge => edge_facts(picture),
        };
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        frames.insert(index, facts);
    }

    /// What is wrong with the frames of `sequence`, which have all been observed.
    #[must_use]
    pub fn conclude(&self, sequence: &Sequence) -> ControlFindings {
        let frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings = ControlFindings::default();
        let lowest = frames.values().map(|f| f.levels.0).min().unwrap_or(0);
        let highest = frames.values().map(|f| f.levels.1).max().unwrap_or(0);
        let blank: Vec<usize> = frames
            .iter()
            .filter(|(_, facts)| facts.is_blank)
            .map(|(&index, _)| index)
            .collect();
        // Distances of flat frames may still change from frame to frame, as before a wall.
        let changes = self.modality == Modality::Depth && highest.abs_diff(lowest) > FLAT;
        if !frames.is_empty() && blank.len() == frames.len() && !changes {
            findings.problems.push(Problem::BlankControl {
                modality: self.modality,
                pattern: sequence.pattern_in_folder(),
                level: highest,
                is_flat: lowest == highest,
            });
            return findings;
        }
        if !blank.is_empty() {
            let numbers = blank
                .iter()
                .filter_map(|&index| sequence.frames.get(index))
                .map(|frame| frame.number);
            findings.warnings.push(Warning::BlankFrames {
                modality: self.modality,
                count: frames.len(),
                numbers: FrameNumbers::collect(numbers, sequence.range().step()),
            });
        }
        let sum = |of: fn(&FrameFacts) -> u64| frames.values().map(of).sum::<u64>();
        let pixels = sum(|f| f.pixels).max(1);
        let percent = |count: u64| u8::try_from(count * 100 / pixels).unwrap_or(100);
        let modality = self.modality;
        let [black, white] = [sum(|f| f.clipped.0), sum(|f| f.clipped.1)];
        if (black + white) * 100 > MOST * pixels {
            findings.warnings.push(Warning::ClippedDepth {
                modality,
                black: percent(black),
                white: percent(white),
            });
        }
        let bright = sum(|f| f.bright);
        if bright * 100 > MOST * pixels {
            findings.warnings.push(Warning::LightEdge {
                modality,
                bright: percent(bright),
            });
        }
        if modality == Modality::Segmentation && highest - lowest <= FAINT_LABELS {
            findings.warnings.push(Warning::FaintLabels {
                modality,
                lowest,
                highest,
            });
        }
        findings
    }
}

/// What is wrong with the pixels of a control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlFindings {
    /// What forbids its use.
    pub problems: Vec<Problem>,
    /// What does not.
    pub warnings: Vec<Warning>,
}

/// The lowest and the highest level of all samples.
fn levels_of(picture: &Picture) -> (u8, u8) {
    let (low, high) = picture.extremes();
    (to_8_bits(low), to_8_bits(high))
}

fn picture_facts(picture: &Picture) -> FrameFacts {
    let is_blank = !is_above(picture, BLACK);
    FrameFacts {
        is_blank,
        levels: if is_blank {
            levels_of(picture)
        } else {
            (0, u8::MAX)
        },
        ..FrameFacts::default()
    }
}

fn edge_facts(picture: &Picture) -> FrameFacts {
    let (low, high) = levels_of(picture);
    let (bright, samples) = match &picture.pixels {
        Pixels::Gray8(v) | Pixels::Rgb8(v) => (v.iter().filter(|&&v| v > 127).count(), v.len()),
        Pixels::Gray16(v) => (v.iter().filter(|&&v| v > 32_767).count(), v.len()),
        Pixels::Rgbx8(v) => {
            let pixels = v.as_chunks::<4>().0;
            let first = pixels.iter().filter(|p| p[0] > 127).count();
            (first, pixels.len())
        }
    };
    FrameFacts {
        is_blank: high <= FAINT || high - low <= BLACK,
        levels: (low, high),
        bright: bright as u64,
        pixels: samples as u64,
        ..FrameFacts::default()
    }
}

/// Whether any sample is above `level`.
fn is_above(picture: &Picture, level: u8) -> bool {
    match &picture.pixels {
        Pixels::Gray8(v) | Pixels::Rgb8(v) => v.iter().any(|&v| v > level),
        Pixels::Gray16(v) => v.iter().any(|&v| to_8_bits(v) > level),
        Pixels::Rgbx8(v) => {
            let pixels = v.as_chunks::<4>().0;
            pixels.iter().any(|p| p[..3].iter().any(|&v| v > level))
        }
    }
}

/// Whether all pixels are alike, up to the noise of lossy formats.
fn has_one_color(picture: &Picture) -> bool {
    fn alike<const N: usize>(samples: &[u8]) -> bool {
        let pixels = samples.as_chunks::<N>().0;
        let Some(first) = pixels.first() else {
            return true;
        };
        // The fourth byte has no meaning.
        let is_like = |p: &[u8; N]| {
            p.iter()
                .zip(first)
                .take(3)
                .all(|(a, b)| a.abs_diff(*b) <= BLACK)
        };
        pixels.iter().all(is_like)
    }
    match &picture.pixels {
        Pixels::Gray8(v) => alike::<1>(v),
        Pixels::Rgb8(v) => alike::<3>(v),
        Pixels::Rgbx8(v) => alike::<4>(v),
        Pixels::Gray16(v) => {
            let level = |value: &u16| i32::from(to_8_bits(*value));
            let first = v.first().map_or(0, level);
            v.iter()
                .all(|value| (level(value) - first).abs() <= i32::from(BLACK))
        }
    }
}

fn depth_facts(picture: &Picture) -> FrameFacts {
    let (low, high) = picture.extremes();
    let count = |is_at: &dyn Fn(u16) -> bool| -> u64 {
        let count = match &picture.pixels {
            Pixels::Gray8(v) => v.iter().filter(|&&v| is_at(u16::from(v) * 257)).count(),
            Pixels::Gray16(v) => v.iter().filter(|&&v| is_at(v)).count(),
            Pixels::Rgb8(v) => {
                let pixels = v.as_chunks::<3>().0.iter();
                pixels
                    .filter(|p| p.iter().all(|&v| is_at(u16::from(v) * 257)))
                    .count()
            }
            Pixels::Rgbx8(v) => {
                let pixels = v.as_chunks::<4>().0.iter();
                pixels
                    .filter(|p| p[..3].iter().all(|&v| is_at(u16::from(v) * 257)))
                    .count()
            }
        };
        count as u64
    };
    // Ends that no sample reaches need no count.
    let black = if low == 0 { count(&|v| v == 0) } else { 0 };
    let white = if high == u16::MAX {
        count(&|v| v == u16::MAX)
    } else {
        0
    };
    let levels = (to_8_bits(low), to_8_bits(high));
    FrameFacts {
        is_blank: levels.1 - levels.0 <= FLAT,
        levels,
        clipped: (black, white),
        bright: 0,
        pixels: u64::from(picture.width) * u64::from(picture.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: Pixels) -> Picture {
        Picture {
            width: 4,
            height: 1,
            pixels,
        }
    }

    #[test]
    fn frames_are_blank_by_what_their_modality_needs() {
        let labels = || picture(Pixels::Rgb8(vec![9, 9, 9, 9, 9, 9, 9, 9, 9, 200, 0, 0]));
        for (modality, pixels, expected) in [
            (
                Modality::Color,
                picture(Pixels::Gray8(vec![0, 1, 2, 0])),
                true,
            ),
            (Modality::Color, picture(Pixels::Gray8(vec![9; 4])), false),
            (Modality::Vis, picture(Pixels::Rgbx8(vec![0; 16])), true),
            // The byte without meaning does not count.
            (
                Modality::Edge,
                picture(Pixels::Rgbx8([0, 0, 0, 255].repeat(4))),
                true,
            ),
            (
                Modality::Edge,
                picture(Pixels::Gray8(vec![0, 0, 255, 0])),
                false,
            ),
            (Modality::Edge, picture(Pixels::Gray8(vec![255; 4])), true),
            (Modality::Segmentation, labels(), false),
            // Raw indices: a video shows one black.
            (
                Modality::Segmentation,
                picture(Pixels::Gray16(vec![0, 1, 2, 3])),
                true,
            ),
            (
                Modality::Segmentation,
                picture(Pixels::Gray16(vec![7; 4])),
                true,
            ),
            (
                Modality::Depth,
                picture(Pixels::Gray16(vec![65_535; 4])),
                true,
            ),
            (
                Modality::Depth,
                picture(Pixels::Gray16(vec![100, 400, 300, 500])),
                true,
            ),
            (
                Modality::Depth,
                picture(Pixels::Gray8(vec![0, 50, 90, 255])),
                false,
            ),
        ] {
            let stats = ControlStats::new(modality);
            stats.observe(0, &pixels);
            let frames = stats.frames.lock().expect("nobody panicked");
            let is_blank = frames.get(&0).map(|facts| facts.is_blank);
            assert_eq!(is_blank, Some(expected), "{modality} {pixels:?}");
        }
    }

    #[test]
    fn clipped_depth_is_counted_at_both_ends() {
        for pixels in [
            Pixels::Gray8(vec![0, 0, 255, 90]),
            Pixels::Gray16(vec![0, 0, 65_535, 90]),
            Pixels::Rgb8(vec![0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 9, 9]),
            Pixels::Rgbx8(vec![0, 0, 0, 9, 0, 0, 0, 9, 255, 255, 255, 9, 0, 9, 9, 9]),
        ] {
            let facts = depth_facts(&picture(pixels));
            assert_eq!((facts.clipped, facts.pixels), ((2, 1), 4));
        }
    }
}
