//! Things in a picture and where they are.

use std::collections::BTreeMap;
use std::path::Path;

use cosmos_core::files;
use image::RgbImage;
use ort::value::TensorElementType;

use super::error::AiError;
use super::graph::{self, Network};
use super::models::{Input, Model, ModelStore, Task};
use super::picture;
use super::runtime::Runtime;
use crate::seen::DetectedObject;

/// A thing is reported above this score, as the Python tool did with DETR.
const MIN_SCORE: f32 = 0.5;

/// Of two boxes of one class that overlap by more than this share of their union, the surer one stays: the value
/// of the detector's own configuration in TensorFlow's detection zoo.
const MAX_OVERLAP: f32 = 0.6;

/// A detector, ready to look at pictures. To look at several at once, open several.
#[derive(Debug)]
pub struct Detector {
    network: Network,
    labels: BTreeMap<usize, String>,
}

impl Detector {
    /// Loads the model in use for [`Task::Objects`] and checks it.
    ///
    /// # Errors
    /// Every [`AiError`] that a model can be the reason of.
    pub fn open(runtime: &Runtime, store: &ModelStore) -> Result<Self, AiError> {
        Self::open_model(runtime, store.model(Task::Objects)?)
    }

    /// Loads `model`, whether or not it is the one in use.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_model(runtime: &Runtime, model: &Model) -> Result<Self, AiError> {
        let (network, labels) = Network::open(runtime, model)?;
        let labels = read_labels(&labels)?;
        let (bytes, numbers) = (TensorElementType::Uint8, TensorElementType::Float32);
        let image = shape(&network.input).map(i64::from);
        network.check(
            ("image", bytes, &image),
            &[
                ("boxes", numbers, &[1, -1, 4]),
                ("scores", numbers, &[1, -1, -1]),
            ],
        )?;
        Ok(Self { network, labels })
    }

    /// The model that answers.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.network.model
    }

    /// The things in `picture` that the model is more sure of than not, surest first, with boxes in pixels of
    /// `picture`.
    ///
    /// # Errors
    /// [`AiError::Picture`], [`AiError::Run`] and [`AiError::NotFinite`].
    pub fn objects(&self, picture: &RgbImage) -> Result<Vec<DetectedObject>, AiError> {
        let input = &self.network.input;
        let samples = picture::scaled(picture, input)?;
        let candidates = (self.network).run("image", shape(input), &samples, |outputs| {
            let boxes = graph::output::<f32>(outputs, "boxes")?;
            Ok(candidates(boxes, graph::output(outputs, "scores")?))
        })?;
        let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
        let objects = without_overlaps(candidates).into_iter();
        Ok(objects
            .filter_map(|found| {
                let [top, left, bottom, right] = found.bounds.map(f64::from);
                Some(DetectedObject {
                    label: self.labels.get(&found.class)?.clone(),
                    score: f64::from(found.score),
                    bounds: [left * width, top * height, right * width, bottom * height],
                })
            })
            .collect())
    }
}

/// One picture, row by row.
fn shape(input: &Input) -> [u32; 4] {
    [1, input.height, input.width, 3]
}

/// A class number, a tab and a label a line.
fn read_labels(path: &Path) -> Result<BTreeMap<usize, String>, AiError> {
    let text = files::read_text(path).map_err(|source| AiError::io("read", path, source))?;
    let parsed = text.lines().enumerate().map(|(index, line)| {
        let entry = line.split_once('\t').and_then(|(number, label)| {
            Some((number.parse::<usize>().ok()?, label.trim().to_owned()))
        });
        entry.ok_or_else(|| AiError::Labels {
            path: path.to_owned(),
            problem: format!("line {} is not a number, a tab and a label", index + 1),
        })
    });
    parsed.collect()
}

/// A box of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    class: usize,
    score: f32,
    /// Top, left, bottom, right; 0 to 1.
    bounds: [f32; 4],
}

/// Every box and class with enough confidence, clipped to the picture; `None` if a number is none.
fn candidates(boxes: &[f32], scores: &[f32]) -> Option<Vec<Candidate>> {
    if !boxes.iter().chain(scores).all(|value| value.is_finite()) {
        return None;
    }
    let (boxes, _) = boxes.as_chunks::<4>();
    let classes = scores.len().checked_div(boxes.len()).filter(|&n| n > 0);
    let Some(classes) = classes else {
        return Some(Vec::new());
    };
    let mut found = Vec::new();
    for (bounds, scores) in boxes.iter().zip(scores.chunks_exact(classes)) {
        let bounds = bounds.map(|edge| edge.clamp(0.0, 1.0));
        if area(bounds) <= 0.0 {
            continue;
        }
        // Class 0 is the background.
        for (class, &score) in scores.iter().enumerate().skip(1) {
            if score > MIN_SCORE {
                found.push(Candidate {
                    class,
                    score: score.min(1.0),
                    bounds,
                });
            }
        }
    }
    Some(found)
}

/// Greedy non-maximum suppression within each class, surest first.
fn without_overlaps(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let hidden = kept.iter().any(|better| {
            better.class == candidate.class
                && overlap(better.bounds, candidate.bounds) > MAX_OVERLAP
        });
        if !hidden {
            kept.push(candidate);
        }
    }
    kept
}

/// Intersection over union.
fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let common = area([
        a[0].max(b[0]),
        a[1].max(b[1]),
        a[2].min(b[2]),
        a[3].min(b[3]),
    ]);
    common / (area(a) + area(b) - common)
}

/// 0 for a box that is turned inside out.
fn area([top, left, bottom, right]: [f32; 4]) -> f32 {
    (bottom - top).max(0.0) * (right - left).max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(class: usize, score: f32, bounds: [f32; 4]) -> Candidate {
        Candidate {
            class,
            score,
            bounds,
        }
    }

    #[test]
    fn of_overlapping_boxes_of_a_class_the_surest_stays() {
        let kept = without_overlaps(vec![
            candidate(1, 0.7, [0.0, 0.0, 0.5, 0.5]),
            candidate(1, 0.9, [0.0, 0.0, 0.5, 0.55]),
            candidate(2, 0.6, [0.0, 0.0, 0.5, 0.5]),
            candidate(1, 0.8, [0.5, 0.5, 1.0, 1.0]),
        ]);
        let scores: Vec<f32> = kept.iter().map(|kept| kept.score).collect();
        assert_eq!(scores, [0.9, 0.8, 0.6]);
    }

    #[test]
    fn overlap_is_intersection_over_union() {
        let square = [0.0, 0.0, 1.0, 1.0];
        for (other, expected) in [
            (square, 1.0),
            ([0.0, 0.0, 1.0, 0.5], 0.5),
            ([0.0, 0.5, 1.0, 1.5], 1.0 / 3.0),
            ([2.0, 2.0, 3.0, 3.0], 0.0),
        ] {
            assert!(
                (overlap(square, other) - expected).abs() < 1e-6,
                "{other:?}"
            );
        }
    }

    #[test]
    fn only_what_is_more_likely_than_not_counts_and_never_the_background() {
        let boxes = [0.0, 0.0, 1.0, 1.0];
        let found = candidates(&boxes, &[0.99, 0.5, 0.51, 0.2]).unwrap();
        assert_eq!(found, [candidate(2, 0.51, boxes)]);
    }

    #[test]
    fn boxes_end_at_the_edge_of_the_picture_and_empty_ones_go() {
        let boxes = [-0.5, -0.1, 1.5, 0.5, 0.7, 0.2, 0.3, 0.4, 1.1, 1.1, 1.4, 1.4];
        let found = candidates(&boxes, &[0.0, 0.9, 0.0, 0.9, 0.0, 0.9]).unwrap();
        assert_eq!(found, [candidate(1, 0.9, [0.0, 0.0, 1.0, 0.5])]);
    }

    #[test]
    fn nothing_at_all_is_nothing_found() {
        assert_eq!(candidates(&[], &[]), Some(Vec::new()));
        assert_eq!(candidates(&[0.0; 4], &[]), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn whatever_a_network_says_boxes_are_in_the_picture_and_apart(
            boxes in proptest::collection::vec(any::<f32>(), 0..80),
            scores in proptest::collection::vec(any::<f32>(), 0..80),
        ) {
            let is_finite = boxes.iter().chain(&scores).all(|value| value.is_finite());
            let found = candidates(&boxes, &scores);
            prop_assert_eq!(found.is_some(), is_finite);
            let kept = without_overlaps(found.unwrap_or_default());
            for (index, found) in kept.iter().enumerate() {
                prop_assert!(found.bounds.iter().all(|edge| (0.0..=1.0).contains(edge)));
                prop_assert!(found.score > MIN_SCORE && found.score <= 1.0);
                for other in kept.iter().skip(index + 1).filter(|other| other.class == found.class) {
                    prop_assert!(overlap(found.bounds, other.bounds) <= MAX_OVERLAP);
                }
            }
        }
    }
}
