//! The nouns that a shot can be named by, and what each network calls them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::tags::kind_of;

/// A noun, and the words of each network that speak for it.
#[derive(Debug)]
pub struct Noun {
    /// The noun, as the captioner has it where it knows it.
    pub name: &'static str,
    /// The kind of thing that it is one of; itself where there is no wider word.
    pub kind: &'static str,
    /// The captioner's word for it; empty where it has none.
    pub caption: &'static str,
    /// Classes of the tagger, or kinds of them.
    tags: BTreeSet<&'static str>,
    /// Labels of the detector.
    pub labels: BTreeSet<&'static str>,
}

impl Noun {
    /// Whether the tagger's `class` speaks for it.
    pub fn is_tagged(&self, class: &str) -> bool {
        self.tags.contains(class) || self.tags.contains(kind_of(class))
    }
}

/// All nouns, in the order of the file.
pub static NOUNS: LazyLock<Vec<Noun>> = LazyLock::new(|| {
    let list = |words: &'static str| -> BTreeSet<&'static str> {
        let words = words.split(',').map(str::trim);
        words.filter(|word| !word.is_empty()).collect()
    };
    include_str!("nouns.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split(';').map(str::trim);
            Some(Noun {
                name: columns.next()?,
                kind: columns.next()?,
                caption: columns.next()?,
                tags: list(columns.next()?),
                labels: list(columns.next()?),
            })
        })
        .collect()
});

/// The kind of thing that `noun` is: itself where it is a kind.
#[must_use]
pub fn kind_named(noun: &str) -> &str {
    let known = NOUNS.iter().find(|known| known.name == noun);
    known.map_or(noun, |known| known.kind)
}

/// Whether the detector's `label` means `noun`.
#[must_use]
pub fn means(noun: &str, label: &str) -> bool {
    let noun = NOUNS.iter().find(|known| known.name == noun);
    noun.is_some_and(|noun| noun.labels.contains(label))
}

/// The first noun that `text` names; the longest of those that begin there.
#[must_use]
pub fn noun_in(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let begins = |noun: &Noun, words: &[&str]| {
        let parts: Vec<&str> = noun.name.split(' ').collect();
        let last = parts.len().checked_sub(1);
        parts.iter().enumerate().all(|(i, part)| {
            words.get(i).is_some_and(|word| {
                word == part || (Some(i) == last && word.strip_suffix('s') == Some(part))
            })
        })
    };
    let mut starts = (0..words.len()).filter_map(|start| words.get(start..));
    starts.find_map(|words| {
        let named = NOUNS.iter().filter(|noun| begins(noun, words));
        named
            .max_by_key(|noun| noun.name.len())
            .map(|noun| noun.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_noun_is_listed_once_and_its_tags_are_the_tagger_s() {
        let classes: BTreeSet<&str> = include_str!("../../../../models/imagenet1k_labels.txt")
            .lines()
            .filter_map(|line| line.split(',').next())
            .map(str::trim)
            .collect();
        let mut names = BTreeSet::new();
        for noun in NOUNS.iter() {
            assert!(names.insert(noun.name), "{}", noun.name);
            assert!(!noun.kind.is_empty(), "{}", noun.name);
            for tag in &noun.tags {
                let means_one = classes
                    .iter()
                    .any(|class| class == tag || kind_of(class) == *tag);
                assert!(means_one, "{}: {tag}", noun.name);
            }
        }
        assert!(names.len() > 120);
    }

    #[test]
    fn the_main_noun_of_a_caption_is_its_first() {
        for (text, noun) in [
            ("a red sports car on a road", Some("car")),
            ("A close-up of two robot arms.", Some("robot arm")),
            ("three spheres", Some("spheres")),
            ("nothing in particular", None),
        ] {
            assert_eq!(noun_in(text), noun, "{text}");
        }
    }
}
