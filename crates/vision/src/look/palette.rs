//! The colors of a picture by their names: few, plain and the same for the same picture.

use std::collections::BTreeMap;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::scene_pixels;

/// A color covers at least this share of the picture to be named.
const MIN_SHARE: f64 = 0.08;
/// The most colors that are named.
const MAX_COLORS: usize = 4;
/// Pixels that are looked at along each side of a picture.
const GRID: u32 = 96;

/// A color and how much of the picture it covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedColor {
    /// Its name: one of black, gray, white, red, pink, orange, brown, beige, yellow, olive, green, teal, cyan,
    /// blue, navy, purple.
    pub name: String,
    /// Share of the pixels, 0 to 1.
    pub share: f64,
}

/// The colors that cover most of `pictures`, largest share first; empty if there are no pixels.
#[must_use]
pub fn palette<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> Vec<NamedColor> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for pixel in scene_pixels(pictures, GRID) {
        *counts.entry(color_name(pixel)).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let mut colors: Vec<_> = counts
        .into_iter()
        .map(|(name, count)| NamedColor {
            name: name.to_owned(),
            share: count as f64 / total as f64,
        })
        .filter(|color| color.share >= MIN_SHARE)
        .collect();
    // The map is in the order of names, which stays where shares are equal.
    colors.sort_by(|a, b| b.share.total_cmp(&a.share));
    colors.truncate(MAX_COLORS);
    colors
}

/// The name of an sRGB color, by lightness, chroma and hue in Oklab (Björn Ottosson, 2020), where steps are
/// as large as they look. The limits between names are ours, drawn around the CSS colors of those names.
#[must_use]
pub fn color_name(rgb: [u8; 3]) -> &'static str {
    let [lightness, a, b] = oklab(rgb);
    let chroma = a.hypot(b);
    let hue = b.atan2(a).to_degrees().rem_euclid(360.0);
    if lightness < 0.2 || (lightness < 0.3 && chroma < 0.05) {
        return "black";
    }
    if chroma < 0.035 {
        return if lightness > 0.92 { "white" } else { "gray" };
    }
    match hue {
        _ if lightness > 0.94 && chroma < 0.05 => "white",
        h if !(15.0..340.0).contains(&h) && lightness > 0.68 => "pink",
        h if !(35.0..340.0).contains(&h) => "red",
        h if h < 110.0 && lightness > 0.65 && chroma < 0.095 => "beige",
        h if h < 80.0 && (lightness < 0.62 || chroma < 0.095) => "brown",
        h if h < 75.0 => "orange",
        h if h < 95.0 && lightness < 0.6 => "brown",
        h if h < 118.0 && lightness > 0.7 => "yellow",
        h if h < 118.0 => "olive",
        h if h < 166.0 => "green",
        h if h < 218.0 && lightness < 0.75 => "teal",
        h if h < 218.0 => "cyan",
        h if h < 285.0 && lightness < 0.33 => "navy",
        h if h < 285.0 => "blue",
        h if h > 320.0 && lightness > 0.75 => "pink",
        _ => "purple",
    }
}

/// Lightness (0 to 1) and the two color axes of an sRGB color in Oklab.
fn oklab(rgb: [u8; 3]) -> [f64; 3] {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn colors_have_the_names_that_people_give_them() {
        for (name, colors) in [
            ("black", &[0x000000, 0x101014, 0x1a1a1a, 0x05080f][..]),
            ("gray", &[0x808080, 0x4d4d52, 0xb4b4b0, 0x708078]),
            ("white", &[0xffffff, 0xf5f5f5, 0xfffdf5]),
            ("red", &[0xff0000, 0xb22222, 0x8b0000, 0xcc3020]),
            ("pink", &[0xffb6c1, 0xff69b4]),
            ("orange", &[0xff8000, 0xffa500, 0xe87818]),
            ("brown", &[0x8b4513, 0x5a3a22, 0x6b4a30, 0x3b2a1a]),
            ("beige", &[0xf5deb3, 0xd2b48c, 0xc8ad86]),
            ("yellow", &[0xffff00, 0xf0d020]),
            ("olive", &[0x808000, 0x6b6b1e]),
            ("green", &[0x00ff00, 0x228b22, 0x3a5f3a, 0x006400]),
            ("teal", &[0x008080, 0x1f6f78, 0x2f5f5f]),
            ("cyan", &[0x00ffff, 0x40e0d0]),
            ("blue", &[0x0000ff, 0x4169e1, 0x87ceeb, 0x3060a0]),
            ("navy", &[0x000080, 0x0a1e50]),
            ("purple", &[0x800080, 0x8a2be2, 0x5a2a7a]),
        ] {
            for &hex in colors {
                let [_, r, g, b] = u32::to_be_bytes(hex);
                assert_eq!(color_name([r, g, b]), name, "#{hex:06x}");
            }
        }
    }

    #[test]
    fn what_covers_little_is_not_named() {
        let picture = RgbImage::from_fn(100, 100, |_, y| {
            Rgb(match y {
                0..60 => [0; 3],
                60..95 => [139, 69, 19],
                _ => [255, 0, 0],
            })
        });
        let colors = palette([&picture]);
        let names: Vec<_> = colors.iter().map(|color| color.name.as_str()).collect();
        assert_eq!(names, ["black", "brown"]);
        assert!((colors[0].share - 0.6).abs() < 0.02);
    }

    #[test]
    fn pictures_of_any_size_have_colors() {
        let dot = RgbImage::from_pixel(1, 1, Rgb([0, 0, 255]));
        let line = RgbImage::from_pixel(16_000, 1, Rgb([0, 0, 255]));
        assert_eq!(palette([&dot]), palette([&line]));
        assert_eq!(palette([&RgbImage::new(0, 0)]), []);
        assert_eq!(palette([]), []);
    }
}
