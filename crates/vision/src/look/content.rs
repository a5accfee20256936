//! Whether a picture shows a scene, or is data about one: a pass of a renderer, a mask.

use std::collections::BTreeSet;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::grid;

/// Columns and rows of the grid that is looked at.
const SIDE: u32 = 256;
/// More flat colors than this are no segmentation.
const MOST_LABELS: usize = 64;
/// Share of the pixels that has to fit, so that single odd ones do not decide.
const NEARLY_ALL: f64 = 0.98;

/// What a picture holds that is not the picture of a scene. Networks know scenes only, and would take it for something
/// else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Distance from the camera as gray.
    Depth,
    /// One flat color for each object or class.
    Segmentation,
    /// Outlines, white on black.
    Edge,
    /// A blurred copy of a scene.
    Vis,
    /// The direction of each surface as color.
    Normals,
    /// Black and white areas.
    Mask,
    /// A sheet of small pictures that `prepare-inference` made.
    ContactSheet,
}

impl Content {
    /// A sentence that says what the picture is.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Depth => "A depth pass: the distance from the camera in shades of gray.",
            Self::Segmentation => "A segmentation pass: one flat color for each object or class.",
            Self::Edge => "An edge pass: white outlines on black.",
            Self::Vis => "A blurred copy of the color pass.",
            Self::Normals => "A normal pass: the direction of each surface as a color.",
            Self::Mask => "A mask: black and white areas.",
            Self::ContactSheet => {
                "A contact sheet of cosmos prepare-inference: small pictures of a shot's frames."
            }
        }
    }

    /// The pass that `picture` is by its pixels alone, if they can hardly be anything else. `bits` are those of a
    /// sample, for a picture that is stored as gray.
    #[must_use]
    pub fn of_pixels(picture: &RgbImage, bits: Option<u8>) -> Option<Self> {
        if is_normals(picture) {
            Some(Self::Normals)
        } else if is_black_and_white(picture) {
            Some(if is_thin(picture) {
                Self::Edge
            } else {
                Self::Mask
            })
        } else if has_flat_hues(picture) {
            Some(Self::Segmentation)
        } else {
            // Nobody writes photographs so.
            (bits == Some(16)).then_some(Self::Depth)
        }
    }

    /// Whether `picture` could be this, where its name says so.
    #[must_use]
    pub fn fits(self, picture: &RgbImage) -> bool {
        let is_gray = || share(picture, |[r, g, b]| r.abs_diff(g).max(g.abs_diff(b)) <= 2);
        match self {
            Self::Depth | Self::Edge | Self::Mask => is_gray() >= NEARLY_ALL,
            Self::Segmentation => colors(picture).len() <= MOST_LABELS,
            Self::Normals => is_normals(picture),
            Self::Vis => true,
            Self::ContactSheet => false,
        }
    }
}

/// The share of the pixels that `is_so`, 0 to 1.
fn share(picture: &RgbImage, is_so: impl Fn([u8; 3]) -> bool) -> f64 {
    let (mut all, mut so) = (0_u32, 0_u32);
    for pixel in grid(picture, SIDE) {
        all += 1;
        so += u32::from(is_so(pixel));
    }
    f64::from(so) / f64::from(all.max(1))
}

/// The colors, at most one more than [`MOST_LABELS`].
fn colors(picture: &RgbImage) -> BTreeSet<[u8; 3]> {
    let mut found = BTreeSet::new();
    for pixel in grid(picture, SIDE) {
        found.insert(pixel);
        if found.len() > MOST_LABELS {
            break;
        }
    }
    found
}

/// Whether the colors are unit vectors, and more than one of them. What is behind all surfaces is black.
fn is_normals(picture: &RgbImage) -> bool {
    let is_unit = |pixel: [u8; 3]| {
        let [x, y, z] = pixel.map(|v| f64::from(v) / 127.5 - 1.0);
        ((x * x + y * y + z * z).sqrt() - 1.0).abs() < 0.06
    };
    let empty = share(picture, |pixel| pixel == [0; 3]);
    let unit = share(picture, is_unit);
    let faces_camera = share(picture, |[_, _, z]| z >= 128);
    colors(picture).len() > 2
        && unit > 0.1
        && unit + empty >= NEARLY_ALL
        && faces_camera + empty >= NEARLY_ALL
}

/// Whether there is black and white, and hardly anything else.
fn is_black_and_white(picture: &RgbImage) -> bool {
    let (black, white) = (
        share(picture, |pixel| pixel.iter().all(|&v| v <= 8)),
        share(picture, |pixel| pixel.iter().all(|&v| v >= 247)),
    );
    black + white >= NEARLY_ALL && black > 0.01 && white > 0.01
}

/// Whether the white parts of a black and white picture are lines: black is never far.
fn is_thin(picture: &RgbImage) -> bool {
    const REACH: u32 = 4;
    let (width, height) = picture.dimensions();
    let is_white = |x: u32, y: u32| {
        picture
            .get_pixel_checked(x, y)
            .is_some_and(|p| p.0[0] > 127)
    };
    let (mut white, mut thin) = (0_u32, 0_u32);
    for y in (0..height).step_by((height / SIDE).max(1) as usize) {
        for x in (0..width).step_by((width / SIDE).max(1) as usize) {
            if is_white(x, y) {
                white += 1;
                let ends = |on: &dyn Fn(u32) -> bool| (1..=REACH).any(|step| !on(step));
                let across = ends(&|step| is_white(x + step, y))
                    && ends(&|step| x >= step && is_white(x - step, y));
                let down = ends(&|step| is_white(x, y + step))
                    && ends(&|step| y >= step && is_white(x, y - step));
                thin += u32::from(across || down);
            }
        }
    }
    f64::from(thin) >= NEARLY_ALL * f64::from(white)
}

/// Whether there are a few flat colors of at least three hues and nothing between them.
fn has_flat_hues(picture: &RgbImage) -> bool {
    let colors = colors(picture);
    let hues: BTreeSet<u8> = colors.iter().filter_map(|&color| hue(color)).collect();
    colors.len() <= MOST_LABELS && hues.len() >= 3
}

/// The sixth of the circle of colors that a strong color is in.
fn hue([r, g, b]: [u8; 3]) -> Option<u8> {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let is_high = |v: u8| u16::from(v) * 2 > u16::from(most) + u16::from(least);
    (most - least >= 96)
        .then(|| u8::from(is_high(r)) | u8::from(is_high(g)) << 1 | u8::from(is_high(b)) << 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn picture(color: impl Fn(f64, f64) -> [u8; 3]) -> RgbImage {
        RgbImage::from_fn(160, 90, |x, y| {
            Rgb(color(f64::from(x) / 160.0, f64::from(y) / 90.0))
        })
    }

    fn gray(level: f64) -> [u8; 3] {
        [(level * 255.0) as u8; 3]
    }

    /// A sphere's normals before nothing.
    fn normals() -> RgbImage {
        picture(|x, y| {
            let (x, y) = (2.0 * x - 1.0, 2.0 * y - 1.0);
            match 1.0 - x * x - y * y {
                z if z > 0.0 => [x, -y, z.sqrt()].map(|v| ((v + 1.0) * 127.5).round() as u8),
                _ => [0; 3],
            }
        })
    }

    fn labels() -> RgbImage {
        let colors = [[200, 20, 20], [20, 200, 20], [20, 20, 200], [90, 90, 90]];
        picture(|x, _| colors[(x * 4.0) as usize])
    }

    #[test]
    fn passes_are_told_from_scenes_by_their_pixels() {
        let ramp = picture(|x, y| gray(x * 0.6 + y * 0.3));
        let wave = picture(|x, y| [x, y, x * y].map(|v| ((20.0 * v).sin().abs() * 250.0) as u8));
        let lines = picture(|x, y| {
            gray(f64::from(u8::from(
                (((x + y) * 40.0) as u32).is_multiple_of(8),
            )))
        });
        let disc = picture(|x, y| gray(f64::from(u8::from((x - 0.5).hypot(y - 0.5) < 0.3))));
        for (what, picture, bits, expected) in [
            ("normals", normals(), None, Some(Content::Normals)),
            ("labels", labels(), None, Some(Content::Segmentation)),
            ("lines", lines, None, Some(Content::Edge)),
            ("disc", disc, None, Some(Content::Mask)),
            ("deep gray", ramp.clone(), Some(16), Some(Content::Depth)),
            ("a gray photo", ramp, Some(8), None),
            ("a photo", wave, None, None),
            ("black", picture(|_, _| [0; 3]), None, None),
            ("white", picture(|_, _| [255; 3]), None, None),
            ("one color", picture(|_, _| [128, 128, 255]), None, None),
            ("nothing", RgbImage::new(0, 0), None, None),
        ] {
            assert_eq!(Content::of_pixels(&picture, bits), expected, "{what}");
        }
    }

    #[test]
    fn a_name_is_believed_where_the_pixels_agree() {
        let ramp = picture(|x, _| gray(x));
        assert!(Content::Depth.fits(&ramp));
        assert!(!Content::Depth.fits(&labels()));
        assert!(Content::Segmentation.fits(&labels()));
        assert!(!Content::Segmentation.fits(&ramp));
        assert!(Content::Normals.fits(&normals()));
        assert!(!Content::Normals.fits(&ramp));
    }
}
