//! What captions of several frames agree on.

use std::collections::BTreeSet;

/// Words that say nothing of what a picture shows.
const SMALL_WORDS: &[&str] = &[
    "a", "an", "and", "are", "at", "by", "from", "in", "into", "is", "it", "its", "near", "of",
    "on", "out", "over", "some", "that", "the", "there", "to", "under", "with",
];

/// What a captioner says of a frame, or of a shot.
#[derive(Clone, Debug, PartialEq)]
pub struct Saying {
    /// The sentence.
    pub text: String,
    /// How sure the captioner is, 0 to 1.
    pub confidence: f64,
}

/// The surest of the captions that agree, if most of them do, and how sure the captioner is of them on the average;
/// else the surest of all, as sure as it is of all on the average. `None` if none says anything.
///
/// The average, since a limit that was measured on single pictures would be passed too often by the best of several.
#[must_use]
pub fn agreed(captions: &[Saying]) -> Option<Saying> {
    let said: Vec<&Saying> = captions
        .iter()
        .filter(|caption| !caption.text.is_empty())
        .collect();
    let agreeing = |caption: &Saying| -> Vec<&Saying> {
        let others = said.iter().copied();
        others.filter(|other| agree(caption, other)).collect()
    };
    let groups = said.iter().map(|caption| agreeing(caption));
    let largest = groups.max_by(|a, b| {
        let by_size = a.len().cmp(&b.len());
        by_size.then(mean_confidence(a).total_cmp(&mean_confidence(b)))
    })?;
    let heard = if largest.len() * 2 > said.len() {
        largest
    } else {
        said
    };
    let surest = (heard.iter()).max_by(|a, b| a.confidence.total_cmp(&b.confidence))?;
    Some(Saying {
        text: surest.text.clone(),
        confidence: mean_confidence(&heard),
    })
}

fn mean_confidence(captions: &[&Saying]) -> f64 {
    let sum: f64 = captions.iter().map(|caption| caption.confidence).sum();
    sum / captions.len().max(1) as f64
}

/// Whether two captions have more of their main words in common than not.
fn agree(one: &Saying, other: &Saying) -> bool {
    let (one, other) = (main_words(&one.text), main_words(&other.text));
    let common = one.intersection(&other).count();
    one == other || common * 4 > one.len() + other.len()
}

fn main_words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !SMALL_WORDS.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(captions: &[(&str, f64)]) -> Option<(String, f64)> {
        let captions: Vec<Saying> = captions
            .iter()
            .map(|&(text, confidence)| Saying {
                text: text.into(),
                confidence,
            })
            .collect();
        let agreed = agreed(&captions)?;
        Some((agreed.text, (agreed.confidence * 1000.0).round() / 1000.0))
    }

    #[test]
    fn what_most_frames_show_is_said_and_as_surely_as_they_say_it() {
        let captions = [
            ("a wide street between buildings in a city", 0.8),
            ("a red car", 0.99),
            ("A wide street with buildings in the city.", 0.9),
        ];
        let expected = "A wide street with buildings in the city.";
        assert_eq!(of(&captions), Some((expected.into(), 0.85)));
    }

    #[test]
    fn where_frames_differ_the_surest_counts_no_more_than_all_of_them() {
        let captions = [("a red car", 0.9), ("a red house", 0.6), ("a cat", 0.6)];
        assert_eq!(of(&captions), Some(("a red car".into(), 0.7)));
        assert_eq!(of(&captions[..2]), Some(("a red car".into(), 0.75)));
    }

    #[test]
    fn a_single_caption_stands_for_itself_and_an_empty_one_for_nothing() {
        assert_eq!(of(&[("of", 0.4)]), Some(("of".into(), 0.4)));
        assert_eq!(
            of(&[("", 0.9), ("a cat", 0.5)]),
            Some(("a cat".into(), 0.5))
        );
        assert_eq!(of(&[("", 0.9)]), None);
        assert_eq!(of(&[]), None);
    }
}
