//! A flat color for each object: fixed for a shot, the same in the next render of the same names, far from its
//! neighbours, never near black.
//!
//! Colors stand in a list in which each one is as far as possible from all before it, seen by a human (Oklab). A name's
//! hash picks a place among the first 64; where that is taken, further places follow from the hash, in ever longer
//! beginnings of the list. Names take turns in order of the alphabet, so the same names always get the same colors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::cryptomatte::{Id, hash_name};

/// An 8-bit sRGB color.
pub type Rgb = [u8; 3];

/// The color of no object.
pub const BLACK: Rgb = [0, 0, 0];

/// Lengths of the beginnings of the list, and how many places of each are tried: few collisions in a scene of few
/// objects, and colors that stay far apart.
const TIERS: [(u32, u32); 3] = [(64, 12), (256, 32), (1024, 128)];

/// The colors of a shot's objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColorTable {
    colors: BTreeMap<String, Rgb>,
}

impl ColorTable {
    /// Gives each name a color of its own. Order and repetition of names do not matter. A name of the form
    /// `#1a2b3c4d` counts as the object of that hash, so most objects keep their color when a manifest is missing.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: BTreeSet<String> = names
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .collect();
        let mut taken = BTreeSet::from([BLACK]);
        let mut colors = BTreeMap::new();
        for name in names {
            let color = pick(seed(&name), &taken);
            taken.insert(color);
            colors.insert(name, color);
        }
        Self { colors }
    }

    /// The color of a name.
    pub fn color(&self, name: &str) -> Option<Rgb> {
        self.colors.get(name).copied()
    }

    /// Names and colors in order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Rgb)> {
        self.colors
            .iter()
            .map(|(name, color)| (name.as_str(), *color))
    }
}

/// Paints labels with flat colors: three bytes a pixel, row by row. Labels without a color, and label 0, are black.
pub fn paint(labels: &[Id], colors: &BTreeMap<Id, Rgb>) -> Vec<u8> {
    let mut picture = Vec::with_capacity(labels.len() * 3);
    // Neighbours mostly share a label.
    let mut last = (0, BLACK);
    for label in labels {
        if *label != last.0 {
            let color = if *label == 0 {
                BLACK
            } else {
                colors.get(label).copied().unwrap_or(BLACK)
            };
            last = (*label, color);
        }
        picture.extend_from_slice(&last.1);
    }
    picture
}

fn seed(name: &str) -> u32 {
    let by_hash = name.strip_prefix('#').filter(|hex| hex.len() == 8);
    by_hash
        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .unwrap_or_else(|| hash_name(name))
}

fn pick(seed: u32, taken: &BTreeSet<Rgb>) -> Rgb {
    let list = palette();
    // An odd step reaches every place of a list whose length is a power of two.
    let first = scramble(seed);
    let step = scramble(first) | 1;
    for (length, tries) in TIERS {
        for turn in 0..tries {
            let place = first.wrapping_add(turn.wrapping_mul(step)) % length;
            match list.get(place as usize) {
                Some(color) if !taken.contains(color) => return *color,
                _ => {}
            }
        }
    }
    // More objects than well-separated colors: any color that is free and not dark.
    let any = (0..=u32::MAX)
        .map(|turn| scramble(first.wrapping_add(turn)).to_le_bytes())
        .map(|[r, g, b, _]| [r, g, b]);
    let is_bright = |color: &Rgb| color.iter().map(|value| u32::from(*value)).sum::<u32>() > 200;
    any.into_iter()
        .find(|color| is_bright(color) && !taken.contains(color))
        .unwrap_or([u8::MAX; 3])
}

/// Mixes the bits of a number (the last steps of `MurmurHash3`).
fn scramble(mut n: u32) -> u32 {
    n = (n ^ (n >> 16)).wrapping_mul(0x85eb_ca6b);
    n = (n ^ (n >> 13)).wrapping_mul(0xc2b2_ae35);
    n ^ (n >> 16)
}

/// 1,024 colors, each as far as possible from black and from all before it. Computed once, in some milliseconds, and
/// the same on every machine.
pub fn palette() -> &'static [Rgb] {
    static PALETTE: OnceLock<Vec<Rgb>> = OnceLock::new();
    PALETTE.get_or_init(|| {
        let level = |n: u32| (n * 17) as u8;
        let mut candidates: Vec<Candidate> = (0..4096_u32)
            .map(|n| [level(n >> 8 & 15), level(n >> 4 & 15), level(n & 15)])
            .map(|rgb| Candidate {
                rgb,
                lab: oklab(rgb),
                distance: i64::MAX,
            })
            // Dark colors drown in a video's black, and in the background that has no object.
            .filter(|candidate| candidate.lab[0] > DARKEST)
            .collect();
        let mut newest = oklab(BLACK);
        let mut chosen = Vec::new();
        while chosen.len() < 1024 {
            let mut best = 0;
            for at in 0..candidates.len() {
                candidates[at].distance = candidates[at]
                    .distance
                    .min(distance(candidates[at].lab, newest));
                if candidates[at].distance > candidates[best].distance {
                    best = at;
                }
            }
            newest = candidates[best].lab;
            chosen.push(candidates[best].rgb);
            candidates[best].distance = -1;
        }
        chosen
    })
}

/// A color that may join the list, and its squared distance from the nearest one there.
struct Candidate {
    rgb: Rgb,
    lab: [i64; 3],
    distance: i64,
}

/// Steps of each coordinate of Oklab. Whole numbers make the list the same everywhere, whatever a machine's cube root
/// does in its last bit.
const ONE: f64 = 4096.0;
/// Lightness below which a color is dark.
const DARKEST: i64 = 1434;

/// Squared distance of two colors in steps of Oklab; about (0.02 * 4096)^2 can just be seen.
fn distance(a: [i64; 3], b: [i64; 3]) -> i64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// sRGB to Oklab (Ottosson 2020, whose matrices these are), in steps.
fn oklab(rgb: Rgb) -> [i64; 3] {
    let [r, g, b] = rgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
    .map(|value| (value * ONE).round() as i64)
}
