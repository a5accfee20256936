//! What plain measurement tells about a shot from a few of its frames: named colors, light, the camera's move,
//! near and far, labels.
//!
//! Pure functions over small pictures: the same pixels give the same answer, and no model is asked. What the
//! pixels do not tell (a move in a picture without texture, the near end of a flat depth) stays `None`.

mod content;
mod depth;
mod labels;
mod light;
mod motion;
mod palette;

use image::RgbImage;
use serde::{Deserialize, Serialize};

pub use content::Content;
pub use depth::{DepthShares, Near, NearEnd};
pub use labels::count_labels;
pub use light::{Brightness, Contrast, Light, telling_frames};
pub use motion::{Camera, Motion, MotionFrame, MotionPair, Pace, Shift, frame_pairs};
pub use palette::{NamedColor, color_name, palette};

/// What measurement tells about a shot, a video or a single picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The colors that cover most of it, largest share first.
    pub palette: Vec<NamedColor>,
    /// Brightness and contrast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light: Option<Light>,
    /// What the camera does; `None` for a single picture and where it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<Camera>,
    /// Near and far; `None` without depth frames and where they do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<DepthShares>,
    /// How many labels the segmentation has; `None` without segmentation frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segmentation_labels: Option<usize>,
}

/// Luma (BT.601) of an sRGB color, 0 to 1.
fn luma([r, g, b]: [u8; 3]) -> f32 {
    (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)) / 255.0
}

/// Pure black is a backdrop where more than this share of a picture's border has it.
const BACKDROP_BORDER: f64 = 0.6;

/// The pixels of `pictures` on regular grids of at most `side` columns and rows, without backdrops: transparent pixels
/// lie on black, bars above and below a picture are black, and neither makes a scene dark.
fn scene_pixels<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>, side: u32) -> Vec<[u8; 3]> {
    let is_black = |pixel: &[u8; 3]| *pixel == [0; 3];
    let scene = |picture: &'a RgbImage| {
        let (right, bottom) = (
            picture.width().saturating_sub(1),
            picture.height().saturating_sub(1),
        );
        let border = picture
            .enumerate_pixels()
            .filter(|&(x, y, _)| x == 0 || y == 0 || x == right || y == bottom);
        let (mut black, mut all) = (0_usize, 0_usize);
        for (_, _, pixel) in border {
            all += 1;
            black += usize::from(is_black(&pixel.0));
        }
        let mut pixels: Vec<_> = grid(picture, side).collect();
        let has_backdrop = black as f64 > all as f64 * BACKDROP_BORDER;
        if has_backdrop && !pixels.iter().all(is_black) {
            pixels.retain(|pixel| !is_black(pixel));
        }
        pixels
    };
    pictures.into_iter().flat_map(scene).collect()
}

/// The pixels of `picture` on a regular grid of at most `side` columns and rows, row by row.
fn grid(picture: &RgbImage, side: u32) -> impl Iterator<Item = [u8; 3]> {
    let points = move |length: u32| {
        let points = length.min(side);
        let place =
            move |i: u32| (2 * u64::from(i) + 1) * u64::from(length) / (2 * u64::from(points));
        (0..points).map(move |i| place(i) as u32)
    };
    points(picture.height())
        .flat_map(move |y| points(picture.width()).map(move |x| picture.get_pixel(x, y).0))
}
