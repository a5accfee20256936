//! What a shot shows, judged from all that the networks say of it.
//!
//! The score of a noun is a sum of what speaks for it: the captioner, the tagger and the detector, each by the
//! logarithm of its score over a floor below which it says nothing, and by how near it is to certainty. The confidences
//! of all nouns, and of none of them, are the softmax of these scores, so that agreement of two networks lowers what is
//! needed of each, and what one of them is sure of takes from what another one says. The weights are fitted by `models/judgement/fit.py`.

use std::collections::BTreeMap;

use super::nouns::{NOUNS, Noun};
use super::tags::{is_nameable, kind_of, mean_scores, pair};
use crate::seen::{Candidate, DetectedObject, Judgement, Tag};

/// The confidence from which on a noun is believed.
const BELIEVED: f64 = 0.7;
/// The most candidates that are kept, and the confidence below which none is.
const MAX_CANDIDATES: usize = 5;
const MIN_CONFIDENCE: f64 = 0.02;

/// How much a network's score counts.
struct Weight {
    /// The score up to which it says nothing.
    floor: f64,
    /// What the logarithm of the score over the floor is multiplied by.
    rise: f64,
    /// What the logarithm of the distance to certainty is multiplied by.
    sure: f64,
    /// The distance to certainty that no score comes below.
    margin: f64,
}

const CAPTIONER: Weight = Weight {
    floor: 0.1,
    rise: 2.45,
    sure: 0.63,
    margin: 0.1,
};
const TAGGER: Weight = Weight {
    floor: 0.02,
    rise: 1.77,
    sure: 0.31,
    margin: 0.1,
};
const DETECTOR: Weight = Weight {
    floor: 0.3,
    rise: 0.25,
    sure: 0.94,
    margin: 0.05,
};
/// Added for a noun that the captioner has no word for, and so could not have said.
const UNKNOWN_TO_CAPTIONER: f64 = -1.08;
/// The score of no noun at all.
const NONE: f64 = 1.67;
/// The captioner's word for what it has no noun for, and how much that speaks for no noun at all.
const NAMELESS: &str = "object";
const NAMELESS_RISE: f64 = 0.34;

/// Things that rooms are full of, with those rooms: where the networks cannot tell whether they see the thing or the
/// room, the thing is there.
const IN_ROOMS: &[(&str, &str)] = &[
    ("bathtub", "bathroom"),
    ("bed", "bedroom"),
    ("chair", "living room"),
    ("sink", "bathroom"),
    ("sofa", "living room"),
    ("table", "kitchen"),
    ("toilet", "bathroom"),
];
/// The share of such a thing from which on it is named rather than the room.
const RATHER_THE_THING: f64 = 0.2;

impl Weight {
    fn of(&self, score: f64) -> f64 {
        if score <= 0.0 {
            return 0.0;
        }
        self.rise * self.rise_of(score) - self.sure * (1.0 - score).max(self.margin).ln()
    }

    /// How far a score is above the floor.
    fn rise_of(&self, score: f64) -> f64 {
        (score.max(self.floor) / self.floor).ln()
    }
}

/// What the networks say of a shot, averaged over its frames and the views of them.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The captioner's nouns.
    pub nouns: BTreeMap<String, f64>,
    /// Classes of the tagger.
    pub tags: BTreeMap<String, f64>,
    /// Labels of the detector, each with the mean over the frames of its best score.
    pub labels: BTreeMap<String, f64>,
}

impl Evidence {
    /// Averages over what each view was said to show.
    #[must_use]
    pub fn of(nouns: &[&[Tag]], tags: &[&[Tag]], objects: &[&[DetectedObject]]) -> Self {
        let best = |objects: &[DetectedObject]| {
            let mut best = BTreeMap::<String, f64>::new();
            for object in objects {
                let score = best.entry(object.label.clone()).or_default();
                *score = score.max(object.score);
            }
            best
        };
        Self {
            nouns: mean_scores(nouns.iter().map(|tags| tags.iter().map(pair))),
            tags: mean_scores(tags.iter().map(|tags| tags.iter().map(pair))),
            labels: mean_scores(objects.iter().map(|objects| best(objects))),
        }
    }
}

/// Weighs the evidence.
#[must_use]
pub fn judge(evidence: &Evidence) -> Judgement {
    let listed = NOUNS.iter().map(|noun| Weighed::listed(noun, evidence));
    let scored: Vec<Weighed> = listed.chain(Weighed::unlisted(evidence)).collect();
    let nameless = evidence.nouns.get(NAMELESS).copied().unwrap_or_default();
    let none = NONE + NAMELESS_RISE * CAPTIONER.rise_of(nameless);
    let highest = scored.iter().map(|noun| noun.score).fold(none, f64::max);
    let power = |score: f64| (score - highest).exp();
    let sum = power(none) + scored.iter().map(|noun| power(noun.score)).sum::<f64>();
    let mut kinds = BTreeMap::<&'static str, f64>::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for mut noun in scored {
        noun.candidate.confidence = power(noun.score) / sum;
        if !noun.kind.is_empty() {
            *kinds.entry(noun.kind).or_default() += noun.candidate.confidence;
        }
        candidates.push(noun.candidate);
    }
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    candidates.truncate(MAX_CANDIDATES);
    candidates.retain(|candidate| candidate.confidence >= MIN_CONFIDENCE);
    let first = candidates.first();
    let believed = first.filter(|first| first.confidence >= BELIEVED);
    let wider = || kind_of_all(kinds).or_else(|| thing_or_room(&candidates));
    let (noun, confidence) = match believed {
        Some(first) => (Some(first.noun.clone()), first.confidence),
        None => match wider() {
            Some((noun, confidence)) => (Some(noun.to_owned()), confidence),
            None => (None, first.map_or(0.0, |first| first.confidence)),
        },
    };
    Judgement {
        noun,
        confidence,
        needed: BELIEVED,
        candidates,
    }
}

/// A noun with what speaks for it.
struct Weighed {
    kind: &'static str,
    candidate: Candidate,
    score: f64,
}

impl Weighed {
    fn listed(noun: &Noun, evidence: &Evidence) -> Self {
        let captioner = (!noun.caption.is_empty()).then(|| {
            evidence
                .nouns
                .get(noun.caption)
                .copied()
                .unwrap_or_default()
        });
        let tagged = evidence
            .tags
            .iter()
            .filter(|(class, _)| noun.is_tagged(class));
        let labelled = noun
            .labels
            .iter()
            .filter_map(|label| evidence.labels.get(*label));
        let tagger = tagged.fold(0.0, |sum, (_, score)| sum + score);
        let detector = labelled.copied().fold(0.0, f64::max);
        Self::new(noun.kind, noun.name, captioner, tagger, detector)
    }

    /// What the tagger and the detector have words for that no noun of the list stands for.
    fn unlisted(evidence: &Evidence) -> impl Iterator<Item = Self> {
        let mut found = BTreeMap::<String, (f64, f64)>::new();
        for (class, score) in &evidence.tags {
            if is_nameable(class) && !NOUNS.iter().any(|noun| noun.is_tagged(class)) {
                found.entry(kind_of(class).to_lowercase()).or_default().0 += score;
            }
        }
        for (label, score) in &evidence.labels {
            if !NOUNS
                .iter()
                .any(|noun| noun.labels.contains(label.as_str()))
            {
                found.entry(label.clone()).or_default().1 += score;
            }
        }
        let weighed = |(noun, (tagger, detector)): (String, (f64, f64))| {
            Self::new("", &noun, None, tagger, detector)
        };
        found.into_iter().map(weighed)
    }

    /// `captioner` is `None` where it has no word for the noun.
    fn new(
        kind: &'static str,
        noun: &str,
        captioner: Option<f64>,
        tagger: f64,
        detector: f64,
    ) -> Self {
        let said = captioner.map_or(UNKNOWN_TO_CAPTIONER, |score| CAPTIONER.of(score));
        Self {
            kind,
            score: said + TAGGER.of(tagger) + DETECTOR.of(detector),
            candidate: Candidate {
                noun: noun.to_owned(),
                confidence: 0.0,
                captioner: captioner.unwrap_or_default(),
                tagger,
                detector,
            },
        }
    }
}

/// The kind of thing that most of the confidence is in, where that is enough and says something.
fn kind_of_all(kinds: BTreeMap<&'static str, f64>) -> Option<(&'static str, f64)> {
    let likeliest = kinds.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (kind, confidence) = likeliest;
    (confidence >= BELIEVED && !UNNAMED_KINDS.contains(&kind)).then_some(likeliest)
}

fn thing_or_room(candidates: &[Candidate]) -> Option<(&'static str, f64)> {
    let confidence = |noun: &str| {
        let found = candidates.iter().find(|candidate| candidate.noun == noun);
        found.map_or(0.0, |candidate| candidate.confidence)
    };
    IN_ROOMS.iter().find_map(|&(thing, room)| {
        let (of_thing, of_room) = (confidence(thing), confidence(room));
        let named = if of_thing > RATHER_THE_THING {
            thing
        } else {
            room
        };
        (of_thing + of_room >= BELIEVED).then_some((named, of_thing + of_room))
    })
}

/// Kinds that say too little to name a shot by.
const UNNAMED_KINDS: &[&str] = &[
    "container",
    "figure",
    "fixture",
    "object",
    "space",
    "structure",
    "tool",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        nouns: &[(&str, f64)],
        tags: &[(&str, f64)],
        labels: &[(&str, f64)],
    ) -> Option<String> {
        let map = |words: &[(&str, f64)]| -> BTreeMap<String, f64> {
            words
                .iter()
                .map(|&(word, score)| (word.to_owned(), score))
                .collect()
        };
        judge(&Evidence {
            nouns: map(nouns),
            tags: map(tags),
            labels: map(labels),
        })
        .noun
    }

    #[test]
    fn two_networks_that_agree_need_less_than_one_alone() {
        assert_eq!(judged(&[("cup", 0.4), ("vase", 0.3)], &[], &[]), None);
        let cup = Some("cup".to_owned());
        assert_eq!(
            judged(
                &[("cup", 0.4), ("vase", 0.3)],
                &[("coffee mug", 0.3)],
                &[("cup", 0.9)]
            ),
            cup
        );
        // The captioner's second word, and one that it does not know.
        assert_eq!(
            judged(
                &[("spaceship", 0.4), ("cup", 0.3)],
                &[("cup", 0.4)],
                &[("cup", 0.95)]
            ),
            cup
        );
        let umbrella = judged(
            &[("car", 0.5)],
            &[("umbrella", 0.88)],
            &[("umbrella", 0.99)],
        );
        assert_eq!(umbrella.as_deref(), Some("umbrella"));
    }

    #[test]
    fn what_one_is_sure_of_takes_from_what_another_says() {
        let car = [("car", 0.97)];
        assert_eq!(
            judged(&car, &[("sports car", 0.1)], &[]).as_deref(),
            Some("car")
        );
        assert_eq!(judged(&car, &[("umbrella", 0.5)], &[]), None);
        // Alone, the captioner has to be sure.
        assert_eq!(judged(&car, &[], &[]).as_deref(), Some("car"));
        assert_eq!(judged(&[("car", 0.6), ("object", 0.3)], &[], &[]), None);
        assert_eq!(judged(&[("object", 0.97)], &[], &[]), None);
    }

    #[test]
    fn several_of_a_kind_are_called_by_it_and_rooms_by_what_stands_in_them() {
        let animals = [("tabby", 0.35), ("Siamese cat", 0.1), ("beagle", 0.4)];
        let boxes = [("cat", 0.9), ("dog", 0.9)];
        let animal = judged(&[], &animals, &boxes);
        assert_eq!(animal.as_deref(), Some("animal"));
        let bed = judged(
            &[("bedroom", 0.5), ("bed", 0.4)],
            &[("four-poster", 0.5)],
            &[("bed", 0.9)],
        );
        assert!(matches!(bed.as_deref(), Some("bed" | "bedroom")), "{bed:?}");
    }

    #[test]
    fn what_no_list_names_is_likely_and_not_believed_from_one_network_alone() {
        let tagged = |class: &str| {
            judge(&Evidence {
                tags: BTreeMap::from([(class.to_owned(), 0.97)]),
                ..Evidence::default()
            })
        };
        let accordion = tagged("accordion");
        assert_eq!(accordion.candidates[0].noun, "accordion");
        assert!(accordion.confidence > 0.6, "{}", accordion.confidence);
        assert_eq!(accordion.noun, None);
        assert!(tagged("web site").candidates.is_empty());
        assert_eq!(judged(&[], &[], &[]), None);
    }
}
