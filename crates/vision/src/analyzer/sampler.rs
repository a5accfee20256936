//! Takes what is needed of a shot's frames while they pass on their way to the encoder.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cosmos_core::modality::Modality;
use cosmos_core::picture::{Picture, Sampling};
use image::RgbImage;
use rayon::prelude::*;

use super::findings::Findings;
use super::{Analyzer, conclusion};
use crate::look::{Camera, DepthShares, Look, MotionFrame, MotionPair, count_labels, frame_pairs};
use crate::seen::Seen;

/// Frames of a shot that are looked at.
const LOOKS: usize = 5;
/// The shorter side of pictures that models look at, in pixels: enough for all of their inputs.
const SHORT_SIDE: u32 = 400;
/// The longer side of depth and segmentation frames that are measured, in pixels.
const MEASURED_SIDE: u32 = 320;

/// A frame that is to be looked at, made small.
pub struct View {
    pub(super) index: usize,
    pub(super) picture: RgbImage,
    /// Width and height that the frame had.
    pub(super) size: (u32, u32),
}

impl View {
    fn new(index: usize, frame: &Picture) -> Self {
        let (width, height) = (frame.width, frame.height);
        let short = width.min(height);
        let picture = if short <= SHORT_SIDE {
            frame.to_rgb()
        } else {
            let side =
                |length: u32| (u64::from(length) * u64::from(SHORT_SIDE) / u64::from(short)) as u32;
            frame.thumbnail((side(width), side(height)), Sampling::Smooth)
        };
        Self {
            index,
            picture,
            size: (width, height),
        }
    }
}

/// Takes what is needed of a shot's frames while they pass.
pub struct Sampler {
    /// Whose frames the models look at, and the camera is judged by.
    subject: Modality,
    frame_count: usize,
    looks: BTreeSet<usize>,
    pairs: Vec<MotionPair>,
    moving: BTreeSet<usize>,
    views: Mutex<Option<Sender<View>>>,
    taken: Mutex<Taken>,
}

/// What was taken beside the views.
#[derive(Default)]
struct Taken {
    aspect: f64,
    moving: BTreeMap<usize, MotionFrame>,
    depth: Vec<RgbImage>,
    segmentation: Vec<RgbImage>,
}

impl Sampler {
    /// For a shot of `frame_count` frames that is mostly seen by its `subject`; with the views to come.
    pub fn new(subject: Modality, frame_count: usize) -> (Self, Receiver<View>) {
        let (sender, views) = mpsc::channel();
        let pairs = frame_pairs(frame_count);
        let sampler = Self {
            subject,
            frame_count,
            // The middles of equal parts: titles and fades lie at the ends.
            looks: spread(frame_count, LOOKS).collect(),
            moving: pairs
                .iter()
                .flat_map(|pair| [pair.first, pair.second])
                .collect(),
            pairs,
            views: Mutex::new(Some(sender)),
            taken: Mutex::default(),
        };
        (sampler, views)
    }

    /// Whose frames the models look at.
    pub(super) fn subject(&self) -> Modality {
        self.subject
    }

    /// The frames that the models look at, in order.
    pub(super) fn looks(&self) -> Vec<usize> {
        self.looks.iter().copied().collect()
    }

    /// The frames that are needed, in order.
    pub fn wanted(&self) -> BTreeSet<usize> {
        self.looks.union(&self.moving).copied().collect()
    }

    /// Takes what is needed of a frame.
    pub fn observe(&self, modality: Modality, index: usize, picture: &Picture) {
        let moves = modality == self.subject && self.moving.contains(&index);
        let is_look = self.looks.contains(&index);
        let is_measured = is_look && matches!(modality, Modality::Depth | Modality::Segmentation);
        let is_viewed = is_look && modality == self.subject;
        if !(moves || is_measured || is_viewed) {
            return;
        }
        if moves {
            let small = MotionFrame::new(&picture.shrunk(MotionFrame::SIDE, Sampling::Smooth));
            let mut taken = lock(&self.taken);
            taken.aspect = f64::from(picture.height) / f64::from(picture.width.max(1));
            taken.moving.insert(index, small);
        }
        if is_measured {
            // Colors are copied: they are labels or distances.
            let small = picture.shrunk(MEASURED_SIDE, Sampling::Nearest);
            let mut taken = lock(&self.taken);
            match modality {
                Modality::Depth => taken.depth.push(small),
                _ => taken.segmentation.push(small),
            }
        }
        if is_viewed {
            let view = View::new(index, picture);
            if let Some(views) = &*lock(&self.views) {
                // Nobody looks any more when the work has failed.
                let _ = views.send(view);
            }
        }
    }

    /// No more frames come.
    pub fn close(&self) {
        *lock(&self.views) = None;
    }

    /// What all of it comes to. `number_of` gives the number of the frame at an index; there is none for a single
    /// picture.
    pub fn conclude(
        &self,
        findings: &Findings,
        analyzer: &Analyzer,
        number_of: Option<&dyn Fn(usize) -> u64>,
        frames_per_second: f64,
    ) -> Seen {
        let taken = mem::take(&mut *lock(&self.taken));
        let shifts: Vec<_> = self
            .pairs
            .par_iter()
            .map(|pair| {
                let frames = [pair.first, pair.second].map(|index| taken.moving.get(&index));
                let shift = match frames {
                    [Some(first), Some(second)] => first.shift_to(second),
                    _ => None,
                };
                (pair.second - pair.first, shift)
            })
            .collect();
        let camera =
            Camera::from_shifts(&shifts, self.frame_count, taken.aspect, frames_per_second);
        let measured = Look {
            camera,
            depth: DepthShares::measure(&taken.depth),
            segmentation_labels: (!taken.segmentation.is_empty())
                .then(|| count_labels(&taken.segmentation)),
            ..Look::default()
        };
        let has_color = matches!(self.subject, Modality::Color | Modality::Vis);
        conclusion::conclude(findings, analyzer, measured, has_color, number_of)
    }
}

/// The middles of equal parts of `count`, at most `wanted` of them.
pub(super) fn spread(count: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let parts = count.min(wanted);
    // The product of a hostile number of frames does not fit into 64 bits.
    let middle = move |part: usize| (2 * part as u128 + 1) * count as u128 / (2 * parts as u128);
    (0..parts).map(move |part| middle(part) as usize)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spread_lies_in_the_middles_of_equal_parts() {
        for (count, wanted, expected) in [
            (0, 3, vec![]),
            (1, 3, vec![0]),
            (2, 3, vec![0, 1]),
            (3, 3, vec![0, 1, 2]),
            (4, 3, vec![0, 2, 3]),
            (5, 3, vec![0, 2, 4]),
            (5, 1, vec![2]),
            (5, 0, vec![]),
            (usize::MAX, 1, vec![usize::MAX / 2]),
        ] {
            let found: Vec<usize> = spread(count, wanted).collect();
            assert_eq!(found, expected, "{wanted} of {count}");
        }
    }
}
