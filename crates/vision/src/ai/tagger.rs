//! Words for what a picture shows.

use cosmos_core::files;
use image::RgbImage;
use ort::value::TensorElementType;

use super::error::AiError;
use super::graph::{self, Network};
use super::models::{Input, Model, ModelStore, Task};
use super::picture;
use super::runtime::Runtime;
use crate::seen::Tag;

/// More words say nothing: behind the first ten a classifier has next to no confidence left.
const MAX_TAGS: usize = 10;

/// A classifier, ready to look at pictures. To look at several at once, open several.
#[derive(Debug)]
pub struct Tagger {
    network: Network,
    labels: Vec<String>,
}

impl Tagger {
    /// Loads the model in use for [`Task::Tags`] and checks it.
    ///
    /// # Errors
    /// Every [`AiError`] that a model can be the reason of.
    pub fn open(runtime: &Runtime, store: &ModelStore) -> Result<Self, AiError> {
        Self::open_model(runtime, store.model(Task::Tags)?)
    }

    /// Loads `model`, whether or not it is the one in use.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_model(runtime: &Runtime, model: &Model) -> Result<Self, AiError> {
        let (network, labels) = Network::open(runtime, model)?;
        let text =
            files::read_text(&labels).map_err(|source| AiError::io("read", &labels, source))?;
        let labels: Vec<String> = text.lines().map(first_synonym).collect();
        let classes = i64::try_from(labels.len()).unwrap_or(i64::MAX);
        let numbers = TensorElementType::Float32;
        let picture = shape(&network.input).map(i64::from);
        network.check(
            ("input", numbers, &picture),
            &[("logits", numbers, &[1, classes])],
        )?;
        Ok(Self { network, labels })
    }

    /// The model that answers.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.network.model
    }

    /// What `picture` shows: up to ten words, surest first, with scores that sum up to at most 1.
    ///
    /// # Errors
    /// [`AiError::Picture`], [`AiError::Run`] and [`AiError::NotFinite`].
    pub fn tags(&self, picture: &RgbImage) -> Result<Vec<Tag>, AiError> {
        let input = &self.network.input;
        let planes = normalized_planes(&picture::scaled(picture, input)?, input);
        let scores = (self.network).run("input", shape(input), &planes, |outputs| {
            Ok(softmax(graph::output(outputs, "logits")?))
        })?;
        Ok(self.surest(&scores))
    }

    fn surest(&self, scores: &[f64]) -> Vec<Tag> {
        let mut tags: Vec<Tag> = self
            .labels
            .iter()
            .zip(scores)
            .map(|(label, &score)| Tag {
                label: label.clone(),
                score,
            })
            .collect();
        tags.sort_by(|a, b| b.score.total_cmp(&a.score));
        tags.truncate(MAX_TAGS);
        tags
    }
}

/// One picture, plane by plane.
fn shape(input: &Input) -> [u32; 4] {
    [1, 3, input.height, input.width]
}

/// ImageNet's labels list synonyms, the usual word first.
fn first_synonym(line: &str) -> String {
    line.split(',').next().unwrap_or(line).trim().to_owned()
}

/// A plane of red, one of green and one of blue.
fn normalized_planes(samples: &[u8], input: &Input) -> Vec<f32> {
    let plane = |channel: usize| {
        samples
            .iter()
            .skip(channel)
            .step_by(3)
            .map(|&sample| (f32::from(sample) - input.mean) / input.scale)
    };
    (0..3).flat_map(plane).collect()
}

/// Shares of 1; `None` if an input is no number.
fn softmax(logits: &[f32]) -> Option<Vec<f64>> {
    if !logits.iter().all(|logit| logit.is_finite()) {
        return None;
    }
    let highest = f64::from(logits.iter().copied().fold(f32::MIN, f32::max));
    let powers: Vec<f64> = logits
        .iter()
        .map(|&logit| (f64::from(logit) - highest).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    Some(powers.iter().map(|power| power / sum).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_word_stands_for_its_synonyms() {
        for (line, word) in [
            ("tench, Tinca tinca", "tench"),
            ("tiger cat", "tiger cat"),
            ("", ""),
        ] {
            assert_eq!(first_synonym(line), word);
        }
    }

    #[test]
    fn shares_are_those_of_the_exponentials() {
        let shares = softmax(&[0.0, 3.0_f32.ln()]).unwrap();
        assert!((shares[0] - 0.25).abs() < 1e-6, "{shares:?}");
        assert!((shares[1] - 0.75).abs() < 1e-6, "{shares:?}");
    }

    #[test]
    fn an_answer_that_is_no_number_is_no_answer() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(softmax(&[0.0, bad]), None, "{bad}");
        }
    }

    #[test]
    fn samples_are_sorted_into_planes_and_normalized() {
        let input = Input {
            width: 2,
            height: 1,
            crop: None,
            mean: 127.0,
            scale: 128.0,
        };
        let planes = normalized_planes(&[255, 127, 0, 63, 0, 127], &input);
        assert_eq!(
            planes,
            [1.0, -0.5, 0.0, -127.0 / 128.0, -127.0 / 128.0, 0.0]
        );
    }

    proptest! {
        #[test]
        fn shares_of_finite_numbers_add_up_to_one(
            logits in proptest::collection::vec(-f32::MAX..f32::MAX, 1..50)
        ) {
            let shares = softmax(&logits).unwrap();
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }
}
