//! What a shot shows as a phrase that fits a prompt: `a red car and a dog in the snow at night`.
//!
//! Only what is sure stands in it. How sure an aspect has to be was measured on renders that the captioner was not
//! trained on (`models/judgement`): its words for views, shapes, parts and most materials were wrong in up to half of the
//! cases however sure it was, so they are left out.

use std::collections::BTreeMap;

use image::RgbImage;
use image::imageops::crop_imm;

use super::nouns::{NOUNS, kind_named};
use super::sentence::{enumeration, one};
use crate::look::{Brightness, Light, palette};
use crate::seen::{DetectedObject, Tag};

/// Scores from which on a captioner's words for weather, state, light, material and place are said.
const SURE_OF_WEATHER: f64 = 0.7;
const SURE_OF_STATE: f64 = 0.8;
const SURE_OF_LIGHT: f64 = 0.9;
const SURE_OF_MATERIAL: f64 = 0.9;
const SURE_OF_PLACE: f64 = 0.94;
/// The score from which on a picture is called a clay render, a wireframe or a normal map.
const SURE_OF_STYLE: f64 = 0.97;
/// The captioner's score of the noun from which on its words for material and place are about that noun.
const SPEAKS_OF_IT: f64 = 0.85;

/// What a captioner says of material and place that held on renders unknown to it.
const MATERIALS: &[(&str, &str)] = &[("brick", "brick"), ("stone", "stone"), ("wood", "wooden")];
const PLACES: &[&str] = &[
    "in a city",
    "in a garden",
    "on a wooden table",
    "over a river",
];
/// Kinds of things that stand in the light of day and night, where a single object only stands before something dark.
const LIT_KINDS: &[&str] = &[
    "aircraft",
    "building",
    "city",
    "interior",
    "landscape",
    "people",
    "person",
    "structure",
    "vehicle",
    "vessel",
];

/// A color is an object's if it covers at least this share of the inner part of its box.
const MAIN_COLOR: f64 = 0.6;
/// The share of a box's width and height that is looked at for its color: corners mostly show what is behind.
const INNER: f64 = 0.6;
/// Kinds of things that people tell apart by their color.
const COLORED_KINDS: &[&str] = &[
    "aircraft",
    "container",
    "dish",
    "furniture",
    "object",
    "shapes",
    "vehicle",
    "vessel",
];
/// What is rather the light's color than the object's, and what shows what is behind it.
const NO_COLORS: &[&str] = &["black", "gray"];
const TRANSPARENT: &[&str] = &["wine glass"];

/// What is certain of a shot besides its noun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Stands before the noun: `burning`, `red`.
    before: Vec<String>,
    /// Stands behind it: `on grass`, `in the snow`, `at night`.
    behind: Vec<String>,
    /// How the picture was made, unless it is an ordinary render: `clay render`.
    pub style: Option<&'static str>,
}

impl Attributes {
    /// Picks what is sure of `noun` from the `aspects` that a captioner scored, which gives `noun_score` to it.
    #[must_use]
    pub fn of(
        noun: &str,
        noun_score: f64,
        aspects: &BTreeMap<String, Vec<Tag>>,
        light: Option<Light>,
    ) -> Self {
        let sure = |aspect: &str, needed: f64| {
            let words = aspects.get(aspect)?;
            let best = words.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
            (best.score >= needed).then_some(best.label.as_str())
        };
        let speaks_of_it = noun_score >= SPEAKS_OF_IT;
        let state = match sure("state", SURE_OF_STATE) {
            Some("destroyed") => Some("ruined"),
            state => state.filter(|state| !state.is_empty()),
        };
        let material = sure("materials", SURE_OF_MATERIAL).filter(|_| speaks_of_it);
        let material = MATERIALS.iter().find(|(known, _)| material == Some(known));
        let place =
            sure("setting", SURE_OF_PLACE).filter(|place| speaks_of_it && PLACES.contains(place));
        let weather = match sure("weather", SURE_OF_WEATHER) {
            Some("fog") => Some("in fog"),
            Some("snow") => Some("in the snow"),
            _ => None,
        };
        let is_dark = light.is_some_and(|light| {
            matches!(light.brightness, Brightness::Night | Brightness::LowKey)
        });
        let is_lit = LIT_KINDS.contains(&kind_named(noun));
        let lit = match sure("light", SURE_OF_LIGHT).filter(|_| is_lit) {
            Some("night") if is_dark => Some("at night"),
            Some("neon") if is_dark => Some("in neon light"),
            Some("sunset") => Some("at sunset"),
            _ => None,
        };
        let material = material.map(|(_, adjective)| *adjective);
        let owned = |words: &[Option<&str>]| -> Vec<String> {
            words.iter().flatten().map(ToString::to_string).collect()
        };
        Self {
            before: owned(&[state, material]),
            behind: owned(&[place, weather, lit]),
            style: match sure("mode", SURE_OF_STYLE) {
                Some("clay") => Some("clay render"),
                Some("wire") => Some("wireframe"),
                Some("normals") => Some("normal map"),
                _ => None,
            },
        }
    }

    /// Adds the color of the noun, where its pixels have one.
    pub fn color(&mut self, color: &str) {
        // What it is made of stands nearest to it: a red wooden barrel.
        self.before.insert(0, color.to_owned());
    }
}

/// `noun` with its attributes and what else is certainly there.
#[must_use]
pub fn phrase(noun: &str, attributes: &Attributes, others: &[String]) -> String {
    let mut words = attributes.before.clone();
    words.push(noun.to_owned());
    let mut text = match is_uncounted(noun) {
        true => words.join(" "),
        false => one(&words.join(" ")),
    };
    let others = enumeration(others).map(|others| format!("with {others}"));
    for words in others.iter().chain(&attributes.behind) {
        text.push(' ');
        text.push_str(words);
    }
    text
}

/// Whether no article stands before a noun.
fn is_uncounted(noun: &str) -> bool {
    const UNCOUNTED: &[&str] = &[
        "furniture",
        "electronics",
        "food",
        "people",
        "rocks",
        "shapes",
        "spheres",
        "ruins",
        "pipes",
        "gears",
        "blocks",
        "bread",
        "columns",
        "cutlery",
        "dice",
        "grapes",
        "headphones",
        "hills",
        "scissors",
        "text",
    ];
    UNCOUNTED.contains(&noun)
}

/// The color that most pixels of the thing that `noun` means have, where the detector found it in `picture`.
#[must_use]
pub fn color_of(noun: &str, picture: &RgbImage, objects: &[DetectedObject]) -> Option<String> {
    let noun = NOUNS.iter().find(|known| known.name == noun)?;
    if !COLORED_KINDS.contains(&noun.kind) || TRANSPARENT.contains(&noun.name) {
        return None;
    }
    let meant = objects
        .iter()
        .filter(|object| noun.labels.contains(object.label.as_str()));
    let surest = meant.max_by(|a, b| a.score.total_cmp(&b.score))?;
    let [left, top, right, bottom] = surest.bounds;
    let inner = |from: f64, to: f64| {
        let margin = (to - from) * (1.0 - INNER) / 2.0;
        (
            (from + margin).max(0.0) as u32,
            ((to - from) * INNER).max(1.0) as u32,
        )
    };
    let ((x, width), (y, height)) = (inner(left, right), inner(top, bottom));
    let part = crop_imm(picture, x, y, width, height).to_image();
    let main = palette([&part]).into_iter().next()?;
    let is_its_own = main.share >= MAIN_COLOR && !NO_COLORS.contains(&main.name.as_str());
    is_its_own.then_some(main.name)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::look::Contrast;

    fn aspects(list: &[(&str, &str, f64)]) -> BTreeMap<String, Vec<Tag>> {
        let mut aspects = BTreeMap::<String, Vec<Tag>>::new();
        for &(aspect, word, score) in list {
            let label = word.to_owned();
            aspects
                .entry(aspect.to_owned())
                .or_default()
                .push(Tag { label, score });
        }
        aspects
    }

    fn light(brightness: Brightness) -> Option<Light> {
        Some(Light {
            mean: 0.2,
            deviation: 0.1,
            brightness,
            contrast: Contrast::Normal,
        })
    }

    #[test]
    fn what_is_unsure_is_left_out_and_the_noun_stays() {
        let sure = aspects(&[
            ("weather", "snow", 0.9),
            ("light", "night", 0.95),
            ("state", "burning", 0.9),
            ("materials", "wood", 0.95),
            ("mode", "clay", 0.9),
        ]);
        let dark = light(Brightness::Night);
        let say = |noun: &str, score: f64, light| {
            phrase(noun, &Attributes::of(noun, score, &sure, light), &[])
        };
        assert_eq!(
            say("house", 0.9, dark),
            "a burning wooden house in the snow at night"
        );
        // The captioner means something else, and the picture is bright.
        assert_eq!(
            say("house", 0.4, light(Brightness::Normal)),
            "a burning house in the snow"
        );
        // What stands before something dark is not out at night.
        assert_eq!(say("cup", 0.4, dark), "a burning cup in the snow");
        let unsure = aspects(&[("weather", "snow", 0.5), ("light", "night", 0.6)]);
        let attributes = Attributes::of("house", 0.9, &unsure, dark);
        assert_eq!(phrase("house", &attributes, &[]), "a house");
        assert_eq!(attributes.style, None);
    }

    #[test]
    fn other_things_stand_behind_the_noun() {
        let others = ["people".to_owned(), "a dog".to_owned(), "a car".to_owned()];
        let plain = Attributes::default();
        assert_eq!(
            phrase("street", &plain, &others),
            "a street with people, a dog and a car"
        );
        assert_eq!(
            phrase("spheres", &plain, &others[1..2]),
            "spheres with a dog"
        );
    }

    #[test]
    fn a_color_is_that_of_the_pixels_inside_the_box() {
        let picture = image::RgbImage::from_fn(200, 100, |x, _| {
            Rgb(if (50..150).contains(&x) {
                [200, 20, 30]
            } else {
                [20, 160, 40]
            })
        });
        let object = |label: &str, bounds| DetectedObject {
            label: label.to_owned(),
            score: 0.9,
            bounds,
        };
        let car = [object("car", [40.0, 0.0, 160.0, 100.0])];
        assert_eq!(color_of("car", &picture, &car).as_deref(), Some("red"));
        assert_eq!(color_of("cup", &picture, &car), None);
        // Half one color and half another is neither.
        let half = [object("car", [100.0, 0.0, 200.0, 100.0])];
        assert_eq!(color_of("car", &picture, &half), None);
        let outside = [object("car", [500.0, 500.0, 600.0, 600.0])];
        assert_eq!(color_of("car", &picture, &outside), None);
        let person = [object("person", [40.0, 0.0, 160.0, 100.0])];
        assert_eq!(color_of("person", &picture, &person), None);
    }
}
