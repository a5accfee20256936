//! Makes one list of tags of those of several frames.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::seen::Tag;

/// The most tags that are kept, and the score below which none is.
const MAX_TAGS: usize = 8;
const MIN_SCORE: f64 = 0.02;
/// A class speaks for its kind if it has this share of the kind's score: then it is `tabby`, else `cat`.
const SPEAKS_FOR_KIND: f64 = 0.8;
/// Score from which on a tag is certain enough for a sentence.
const SURE: f64 = 0.9;
/// A frame bears a tag out from this score on, and more than half of the frames have to.
const BORNE_OUT: f64 = 0.3;

/// Class to kind; see the head of the file.
static KINDS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    include_str!("kinds.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(kind, classes)| classes.split(',').map(move |class| (class.trim(), kind)))
        .collect()
});

/// The kind that stands for classes which no sentence should name.
const NEVER_NAMED: &str = "-";

/// What the tags of several frames come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MergedTags {
    /// The tags, surest first. Scores are means over the frames.
    pub tags: Vec<Tag>,
    /// The first tag, if it is certain enough for a sentence: surer than not, borne out by most frames, and not
    /// one of the words that the classifier falls back to for flat and drawn pictures.
    pub sure: Option<String>,
}

/// Joins the tags of `frames`. Classes of one kind (the breeds of dogs, the sorts of cars) become one tag with
/// the sum of their scores; it is called by the class if that has most of the score, else by the kind.
#[must_use]
pub fn merge_tags(frames: &[&[Tag]]) -> MergedTags {
    let mut kinds = BTreeMap::<&str, BTreeMap<&str, f64>>::new();
    for tag in frames.iter().copied().flatten() {
        let classes = kinds.entry(kind_of(&tag.label)).or_default();
        *classes.entry(&tag.label).or_default() += tag.score / frames.len() as f64;
    }
    let mut merged: Vec<(Tag, &str)> = kinds
        .into_iter()
        .filter_map(|(kind, classes)| {
            let score = classes.values().sum::<f64>();
            let (class, most) = classes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            let label = if most >= score * SPEAKS_FOR_KIND {
                class
            } else {
                kind
            };
            let label = label.to_lowercase();
            (score >= MIN_SCORE).then_some((Tag { label, score }, kind))
        })
        .collect();
    merged.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    merged.truncate(MAX_TAGS);
    let sure = merged.first().filter(|(tag, kind)| {
        let bearing_out = frames.iter().filter(|tags| {
            let of_kind = tags.iter().filter(|tag| kind_of(&tag.label) == *kind);
            of_kind.map(|tag| tag.score).sum::<f64>() >= BORNE_OUT
        });
        tag.score >= SURE && bearing_out.count() * 2 > frames.len() && is_nameable(&tag.label)
    });
    MergedTags {
        sure: sure.map(|(tag, _)| tag.label.clone()),
        tags: merged.into_iter().map(|(tag, _)| tag).collect(),
    }
}

/// Score from which on a tag bears an object out.
const BEARS_OUT: f64 = 0.1;
/// Objects and the kinds that mean the same in the other model's words.
const SAME: &[(&str, &str)] = &[
    ("airplane", "aircraft"),
    ("apple", "fruit"),
    ("banana", "fruit"),
    ("boat", "ship"),
    ("cell phone", "telephone"),
    ("couch", "sofa"),
    ("cow", "cattle"),
    ("orange", "fruit"),
    ("potted plant", "pot"),
    ("sports ball", "ball"),
    ("tv", "television"),
    ("wine glass", "goblet"),
];

/// Whether the merged `tags` say too that there is an `object`.
pub(super) fn bear_out(tags: &[Tag], object: &str) -> bool {
    tags.iter().filter(|tag| tag.score >= BEARS_OUT).any(|tag| {
        let (label, kind) = (tag.label.as_str(), kind_of(&tag.label));
        let same = |(a, b): &(&str, &str)| *a == object && (*b == label || *b == kind);
        label.split([' ', '-']).any(|word| word == object)
            || label == object
            || kind == object
            || SAME.iter().any(same)
    })
}

/// The tags of one frame from those of several views of it: the mean scores, surest first.
#[must_use]
pub fn average_tags(views: &[Vec<Tag>]) -> Vec<Tag> {
    let views = views.iter().map(|tags| tags.iter().map(pair));
    let means = mean_scores(views).into_iter();
    let mut tags: Vec<Tag> = means.map(|(label, score)| Tag { label, score }).collect();
    tags.sort_by(|a, b| b.score.total_cmp(&a.score));
    tags
}

/// A tag as a word and its score.
pub(super) fn pair(tag: &Tag) -> (String, f64) {
    (tag.label.clone(), tag.score)
}

/// The mean over `views` of the score of each word, 0 where a view has not got it.
pub(super) fn mean_scores<I: IntoIterator<Item = (String, f64)>>(
    views: impl ExactSizeIterator<Item = I>,
) -> BTreeMap<String, f64> {
    let count = views.len() as f64;
    let mut means = BTreeMap::<String, f64>::new();
    for (word, score) in views.flatten() {
        *means.entry(word).or_default() += score / count;
    }
    means
}

/// Whether a sentence may name a class: the classifier does not fall back to it for flat, noisy and drawn pictures.
pub(super) fn is_nameable(class: &str) -> bool {
    KINDS.get(class) != Some(&NEVER_NAMED)
}

/// The kind that a class belongs to; its own where it has none.
pub(super) fn kind_of(class: &str) -> &str {
    match KINDS.get(class) {
        Some(&NEVER_NAMED) | None => class,
        Some(kind) => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &[(&str, f64)]) -> Vec<Tag> {
        list.iter()
            .map(|&(label, score)| Tag {
                label: label.to_owned(),
                score,
            })
            .collect()
    }

    fn merged(frames: &[&[(&str, f64)]]) -> (Vec<(String, i64)>, Option<String>) {
        let frames: Vec<_> = frames.iter().map(|frame| tags(frame)).collect();
        let frames: Vec<_> = frames.iter().map(Vec::as_slice).collect();
        let MergedTags { tags, sure } = merge_tags(&frames);
        let rounded = |score: f64| (score * 100.0).round() as i64;
        (
            tags.into_iter()
                .map(|tag| (tag.label, rounded(tag.score)))
                .collect(),
            sure,
        )
    }

    #[test]
    fn kinds_join_what_is_nearly_the_same() {
        let (tags, sure) = merged(&[
            &[
                ("tabby", 0.5),
                ("tiger cat", 0.4),
                ("Egyptian cat", 0.06),
                ("desk", 0.04),
            ],
            &[("tiger cat", 0.6), ("tabby", 0.3), ("desk", 0.02)],
        ]);
        assert_eq!(tags, [("cat".to_owned(), 93), ("desk".to_owned(), 3)]);
        assert_eq!(sure.as_deref(), Some("cat"));
    }

    #[test]
    fn a_class_that_leads_its_kind_keeps_its_name() {
        let (tags, sure) = merged(&[&[("sports car", 0.84), ("convertible", 0.1)]]);
        assert_eq!(tags, [("sports car".to_owned(), 94)]);
        assert_eq!(sure.as_deref(), Some("sports car"));
    }

    #[test]
    fn what_is_unsure_or_scattered_is_no_subject() {
        for frames in [
            &[&[("turnstile", 0.13), ("crate", 0.11), ("coil", 0.1)][..]][..],
            // Each frame is sure of something else.
            &[&[("palace", 0.9)], &[("goldfish", 0.9)], &[("pizza", 0.9)]],
            // One frame decides for the mean alone.
            &[&[("goldfish", 1.0)], &[("goldfish", 0.25)], &[]],
            // Words for flat and drawn pictures.
            &[&[("web site", 0.95)]],
            &[&[]],
            &[],
        ] {
            assert_eq!(merged(frames).1, None, "{frames:?}");
        }
    }

    #[test]
    fn every_class_has_one_kind() {
        let classes: Vec<_> = include_str!("kinds.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| line.split_once(':').unwrap().1.split(','))
            .collect();
        assert_eq!(classes.len(), KINDS.len());
        assert!(KINDS.len() > 300);
    }
}
