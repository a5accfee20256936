//! What some captioners find in a picture before they put it into words: a score for each word that they know, by
//! the aspect that it describes.
//!
//! An encoder with an output `concepts` has them, and `concepts.json` beside it says what each value is about.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::CaptionError;
use super::layout::read_json;
use crate::seen::Tag;

/// The words of each aspect (`noun`, `light`, `materials` and so on) with their scores, 0 to 1, in the order of the
/// captioner.
pub type Concepts = BTreeMap<String, Vec<Tag>>;

/// One aspect of a picture.
#[derive(Clone, Debug, Deserialize)]
struct Aspect {
    name: String,
    words: Vec<String>,
    /// Whether several words can hold at once.
    several: bool,
}

/// What the values of an encoder's output `concepts` are about.
#[derive(Clone, Debug)]
pub struct Vocabulary(Vec<Aspect>);

impl Vocabulary {
    /// Reads `concepts.json`.
    pub fn read(file: &Path) -> Result<Self, CaptionError> {
        read_json(file).map(Self)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|aspect| aspect.words.len()).sum()
    }

    /// The scores of all words: where one word of an aspect holds they sum up to 1, else each stands for itself.
    /// `None` if a value is no number.
    pub fn scores(&self, logits: &[f32]) -> Option<Concepts> {
        if logits.len() != self.len() || !logits.iter().all(|logit| logit.is_finite()) {
            return None;
        }
        let mut values = logits.iter().map(|&logit| f64::from(logit));
        let scored = self.0.iter().map(|aspect| {
            let logits: Vec<f64> = values.by_ref().take(aspect.words.len()).collect();
            let scores: Vec<f64> = if aspect.several {
                logits
                    .iter()
                    .map(|logit| 1.0 / (1.0 + (-logit).exp()))
                    .collect()
            } else {
                let highest = logits.iter().copied().fold(f64::MIN, f64::max);
                let powers: Vec<f64> = logits.iter().map(|logit| (logit - highest).exp()).collect();
                let sum: f64 = powers.iter().sum();
                powers.iter().map(|power| power / sum).collect()
            };
            let words = aspect.words.iter().zip(scores);
            let tags = words.map(|(word, score)| Tag {
                label: word.clone(),
                score,
            });
            (aspect.name.clone(), tags.collect())
        });
        Some(scored.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_an_aspect_or_each_for_itself() {
        let vocabulary = Vocabulary(vec![
            Aspect {
                name: "noun".into(),
                words: vec!["car".into(), "bus".into()],
                several: false,
            },
            Aspect {
                name: "materials".into(),
                words: vec!["wood".into()],
                several: true,
            },
        ]);
        let concepts = vocabulary.scores(&[3f32.ln(), 0.0, 0.0]).unwrap();
        let rounded = |tag: &Tag| (tag.label.clone(), (tag.score * 1000.0).round());
        let words = |aspect: &str| concepts[aspect].iter().map(rounded).collect::<Vec<_>>();
        assert_eq!(
            words("noun"),
            [("car".into(), 750.0), ("bus".into(), 250.0)]
        );
        assert_eq!(words("materials"), [("wood".into(), 500.0)]);
        assert_eq!(vocabulary.scores(&[0.0, 0.0]), None);
        assert_eq!(vocabulary.scores(&[0.0, f32::NAN, 0.0]), None);
    }
}
