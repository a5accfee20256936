//! The sentence about a shot.

use super::tags::MergedTags;
use crate::look::{Brightness, Camera, Contrast, Look, Motion, Pace};

/// The most things that a sentence names.
const MAX_THINGS: usize = 3;
/// The most colors that a sentence names.
const MAX_COLORS: usize = 2;

/// What a shot is about, in words: `A cat and cups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(pub String);

/// The things that are certain: the sure tag, and the objects that stay, which are given with how many of them
/// are seen at once. `None` if nothing is.
#[must_use]
pub fn subject(tags: &MergedTags, objects: &[(String, usize)]) -> Option<Subject> {
    let mut named: Vec<String> = Vec::new();
    // A tag says again what an object is, more or less finely; the object has been counted.
    let is_named = |tag: &str| {
        objects.iter().any(|(label, _)| {
            let mut words = tag.split([' ', '-']);
            words.any(|word| word == label) || label.split(' ').any(|word| word == tag)
        })
    };
    if let Some(tag) = tags.sure.as_deref().filter(|tag| !is_named(tag)) {
        named.push(one(tag));
    }
    named.extend(things(objects));
    named.truncate(MAX_THINGS);
    enumeration(&named).map(Subject)
}

/// `a cat, a cup and people`; `None` of nothing.
pub(super) fn enumeration(things: &[String]) -> Option<String> {
    let (last, rest) = things.split_last()?;
    Some(if rest.is_empty() {
        last.clone()
    } else {
        format!("{} and {last}", rest.join(", "))
    })
}

/// Objects, which are given with how many of them are seen at once, in words: `a cup`, `people`.
#[must_use]
pub fn things(objects: &[(String, usize)]) -> Vec<String> {
    let words = objects.iter().map(|(label, count)| match count {
        0 | 1 => one(label),
        _ => several(label),
    });
    words.collect()
}

/// A sentence: the subject, if there is one, how the picture was made, where that is no ordinary render, and what was
/// measured. Empty if there is nothing to say.
#[must_use]
pub fn compose(subject: Option<&Subject>, style: Option<&str>, look: &Look) -> String {
    let mut parts: Vec<String> = subject
        .map(|subject| subject.0.clone())
        .into_iter()
        .chain(style.map(str::to_owned))
        .collect();
    let light = look
        .light
        .and_then(|light| match (light.brightness, light.contrast) {
            (Brightness::Night, _) => Some("dark scene"),
            (Brightness::LowKey, _) => Some("low-key scene"),
            (Brightness::HighKey, _) => Some("bright scene"),
            (Brightness::Normal, Contrast::High) => Some("high contrast"),
            (Brightness::Normal, Contrast::Low) => Some("low contrast"),
            (Brightness::Normal, Contrast::Normal) => None,
        });
    parts.extend(light.map(str::to_owned));
    let colors: Vec<_> = look
        .palette
        .iter()
        .take(MAX_COLORS)
        .map(|color| color.name.as_str())
        .collect();
    if !colors.is_empty() {
        parts.push(format!("{} tones", colors.join(" and ")));
    }
    parts.extend(look.camera.as_ref().and_then(move_words));
    let sentence = parts.join(", ");
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

fn move_words(camera: &Camera) -> Option<String> {
    let words: Vec<_> = camera
        .motion
        .iter()
        .take(2)
        .map(|motion| match motion {
            Motion::Static => "static camera",
            Motion::PanLeft => "pan left",
            Motion::PanRight => "pan right",
            Motion::TiltUp => "tilt up",
            Motion::TiltDown => "tilt down",
            Motion::PushIn => "push in",
            Motion::PullOut => "pull out",
            Motion::Roll => "roll",
            Motion::Shifting => "moving camera",
        })
        .collect();
    let has_pace = !matches!(camera.motion.first()?, Motion::Static | Motion::Shifting);
    let pace = match camera.pace {
        Pace::Slow if has_pace => "slow ",
        Pace::Fast if has_pace => "fast ",
        _ => "",
    };
    Some(format!("{pace}{}", words.join(" and ")))
}

/// `a cat`, `an umbrella`, `scissors`.
pub(super) fn one(label: &str) -> String {
    let article = match label.chars().next() {
        _ if ["scissors", "skis", "sheep"].contains(&label) => return label.to_owned(),
        _ if label.starts_with("uni") => "a",
        Some('a' | 'e' | 'i' | 'o' | 'u') => "an",
        _ => "a",
    };
    format!("{article} {label}")
}

/// `people`, `buses`, `wine glasses`.
fn several(label: &str) -> String {
    match label {
        "person" => return "people".to_owned(),
        "scissors" | "skis" | "sheep" | "broccoli" => return label.to_owned(),
        "mouse" => return "mice".to_owned(),
        "knife" => return "knives".to_owned(),
        _ => {}
    }
    let hisses = ["s", "sh", "ch", "x"]
        .iter()
        .any(|end| label.ends_with(end));
    format!("{label}{}", if hisses { "es" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::{Light, NamedColor};

    fn look(colors: &[&str], brightness: Brightness, camera: Option<(Motion, Pace)>) -> Look {
        Look {
            palette: colors
                .iter()
                .map(|&name| NamedColor {
                    name: name.to_owned(),
                    share: 0.3,
                })
                .collect(),
            light: Some(Light {
                mean: 0.5,
                deviation: 0.2,
                brightness,
                contrast: Contrast::Normal,
            }),
            camera: camera.map(|(motion, pace)| Camera {
                motion: vec![motion],
                pace,
                widths_per_second: 0.1,
            }),
            ..Look::default()
        }
    }

    fn subject_of(tag: Option<&str>, objects: &[(&str, usize)]) -> Option<String> {
        let tags = MergedTags {
            tags: Vec::new(),
            sure: tag.map(str::to_owned),
        };
        let objects: Vec<_> = objects.iter().map(|&(l, n)| (l.to_owned(), n)).collect();
        subject(&tags, &objects).map(|subject| subject.0)
    }

    #[test]
    fn a_subject_names_each_thing_once() {
        for (tag, objects, expected) in [
            (None, &[][..], None),
            (Some("alp"), &[], Some("an alp")),
            (Some("sports car"), &[("car", 2)], Some("cars")),
            (
                Some("cat"),
                &[("cat", 1), ("cup", 1)],
                Some("a cat and a cup"),
            ),
            (
                None,
                &[("person", 3), ("bus", 2), ("dog", 1), ("kite", 1)],
                Some("people, buses and a dog"),
            ),
            (
                Some("palace"),
                &[("person", 1)],
                Some("a palace and a person"),
            ),
        ] {
            assert_eq!(
                subject_of(tag, objects).as_deref(),
                expected,
                "{tag:?} {objects:?}"
            );
        }
    }

    #[test]
    fn without_a_subject_there_is_what_was_measured() {
        let night = look(
            &["brown", "black", "gray"],
            Brightness::Night,
            Some((Motion::PanLeft, Pace::Slow)),
        );
        assert_eq!(
            compose(None, None, &night),
            "Dark scene, brown and black tones, slow pan left."
        );
        let day = look(
            &["teal"],
            Brightness::Normal,
            Some((Motion::Static, Pace::Slow)),
        );
        assert_eq!(compose(None, None, &day), "Teal tones, static camera.");
        let subject = Subject("an owl".to_owned());
        assert_eq!(
            compose(
                Some(&subject),
                Some("clay render"),
                &look(&["teal"], Brightness::HighKey, None)
            ),
            "An owl, clay render, bright scene, teal tones."
        );
        assert_eq!(compose(None, None, &Look::default()), "");
    }
}
