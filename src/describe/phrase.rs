//! What a shot shows as a phrase that fits a prompt: `a red car and a dog in the snow at night`.
//!
//! Only what is sure stands in it. How sure an aspect has to be was measured on renders of two renderers that the
//! captioner was not trained on (`models/judgement`): its words for materials, parts, shapes and views were wrong in
//! half of the cases however sure it was, so they are left out.

use std::collections::BTreeMap;

use image::RgbImage;
use image::imageops::crop_imm;

use super::nouns::NOUNS;
use super::sentence::one;
use crate::look::{Brightness, Light, palette};
use crate::metadata::{DetectedObject, Tag};

/// Scores from which on a captioner's words for weather, state, light and ground are said.
const SURE_OF_WEATHER: f64 = 0.7;
const SURE_OF_STATE: f64 = 0.8;
const SURE_OF_LIGHT: f64 = 0.9;
const SURE_OF_GROUND: f64 = 0.9;
/// The score from which on a picture is called a clay render, a wireframe or a normal map.
const SURE_OF_STYLE: f64 = 0.97;
/// The captioner's share of a noun from which on its other words are about that noun.
const SPEAKS_OF_IT: f64 = 0.3;

/// A color is an object's if it covers at least this share of the inner part of its box.
const MAIN_COLOR: f64 = 0.5;
/// The share of a box's width and height that is looked at for its color: corners mostly show what is behind.
const INNER: f64 = 0.6;
/// Kinds of things that people tell apart by their color.
const COLORED_KINDS: &[&str] = &[
    "aircraft",
    "container",
    "dish",
    "furniture",
    "object",
    "sphere",
    "vehicle",
    "vessel",
];

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
    /// Picks what is sure from the `aspects` that a captioner scored, of which `noun_score` is for the noun that is
    /// believed.
    #[must_use]
    pub fn of(aspects: &BTreeMap<String, Vec<Tag>>, noun_score: f64, light: Option<Light>) -> Self {
        let sure = |aspect: &str, needed: f64| {
            let words = aspects.get(aspect)?;
            let best = words.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
            (best.score >= needed).then_some(best.label.as_str())
        };
        let mut found = Self {
            style: match sure("mode", SURE_OF_STYLE) {
                Some("clay") => Some("clay render"),
                Some("wire") => Some("wireframe"),
                Some("normals") => Some("normal map"),
                _ => None,
            },
            ..Self::default()
        };
        let state = match sure("state", SURE_OF_STATE) {
            Some("destroyed") => Some("ruined"),
            state => state.filter(|state| !state.is_empty()),
        };
        found.before.extend(state.map(str::to_owned));
        let ground = sure("setting", SURE_OF_GROUND).filter(|_| noun_score >= SPEAKS_OF_IT);
        let ground = ground.filter(|ground| GROUNDS.contains(ground));
        found.behind.extend(ground.map(str::to_owned));
        let weather = match sure("weather", SURE_OF_WEATHER) {
            Some("fog") => Some("in fog"),
            Some("snow") => Some("in the snow"),
            _ => None,
        };
        found.behind.extend(weather.map(str::to_owned));
        let is_dark = light.is_some_and(|light| {
            matches!(light.brightness, Brightness::Night | Brightness::LowKey)
        });
        let lit = match sure("light", SURE_OF_LIGHT) {
            Some("night") if is_dark => Some("at night"),
            Some("neon") if is_dark => Some("in neon light"),
            Some("sunset") => Some("at sunset"),
            _ => None,
        };
        found.behind.extend(lit.map(str::to_owned));
        found
    }

    /// Adds the color of the noun, where its pixels have one.
    pub fn color(&mut self, color: Option<&str>) {
        self.before.extend(color.map(str::to_owned));
    }
}

/// What a thing can stand on or lie in that a caption can say without naming another thing wrongly.
const GROUNDS: &[&str] = &[
    "at sea",
    "in the sky",
    "on a wooden table",
    "on asphalt",
    "on concrete",
    "on grass",
    "on sand",
    "on the water",
];

/// `noun` with its attributes and what else is certainly there.
#[must_use]
pub fn phrase(noun: &str, attributes: &Attributes, others: &[String]) -> String {
    let mut words = attributes.before.clone();
    words.push(noun.to_owned());
    let mut text = match is_uncounted(noun) {
        true => words.join(" "),
        false => one(&words.join(" ")),
    };
    if let Some((last, rest)) = others.split_last() {
        text.push_str(" with ");
        if !rest.is_empty() {
            text.push_str(&format!("{} and ", rest.join(", ")));
        }
        text.push_str(last);
    }
    for words in &attributes.behind {
        text.push(' ');
        text.push_str(words);
    }
    text
}

/// Whether no article stands before a noun.
fn is_uncounted(noun: &str) -> bool {
    const PLURALS: &[&str] = &[
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
    ];
    PLURALS.contains(&noun)
}

/// The color that most pixels of the thing that `noun` means have, where the detector found it in `picture`.
#[must_use]
pub fn color_of(noun: &str, picture: &RgbImage, objects: &[DetectedObject]) -> Option<String> {
    let noun = NOUNS.iter().find(|known| known.name == noun)?;
    if !COLORED_KINDS.contains(&noun.kind) {
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
    (main.share >= MAIN_COLOR).then_some(main.name)
}
