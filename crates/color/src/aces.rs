//! The ACES 1 output transform for sRGB displays at 100 nits in dim surround, as a formula.
//!
//! The steps and constants are those of the Academy's reference rendering and output device transforms
//! (aces-dev 1.0.3 to 1.3); `ocio-aces.u8` of the fixtures holds this module to OpenColorIO's version of them.

use crate::ColorError;
use crate::curve::{EvenCurve, OctaveCurve};
use crate::primaries::{Chromaticities, Matrix, multiply};
use crate::srgb;
use crate::transform::Chunk;

/// From a color space to ACES2065-1.
pub(crate) fn matrix(source: Chromaticities) -> Result<Matrix, ColorError> {
    source.to(Chromaticities::ACES2065_1)
}

/// Most light that the transform tells apart: the largest half float in practice.
const MOST_LIGHT: f32 = 65504.0;
/// Width of the hue band around red that is darkened, in degrees.
const RED_WIDTH: f64 = 135.0;

#[derive(Debug, Clone)]
pub(crate) struct Aces {
    /// ACES2065-1 to ACEScg.
    to_working: [[f32; 3]; 3],
    /// Rows of the saturation step before the tone curves, in ACEScg.
    saturate_scene: [[f32; 3]; 3],
    /// Luminance weights of ACEScg.
    luminance: [f32; 3],
    /// Saturation step after the tone curves, and on to linear Rec.709.
    to_display: [[f32; 3]; 3],
    /// How red a hue is, by its place between -45 and 45 degrees of a diamond: 0 to 0.5 and beyond.
    redness: EvenCurve,
    /// Scene light to display light from 0 to 1, both tone curves in one.
    tone: OctaveCurve,
    /// What a luminance is multiplied by to make up for a dim surround.
    surround: OctaveCurve,
    /// Linear to sRGB.
    encode: OctaveCurve,
}

impl Aces {
    pub(crate) fn new(gamma: impl Fn(f64) -> f64) -> Result<Self, ColorError> {
        let working = Chromaticities::ACESCG;
        let luminance = working.to_xyz()?[1];
        let to_display = multiply(
            &working.to(Chromaticities::REC709)?,
            &saturation(0.93, luminance),
        );
        let scene = SceneCurve::new();
        let display = DisplayCurve::new(&scene);
        Ok(Self {
            to_working: single(&Chromaticities::ACES2065_1.to(working)?),
            saturate_scene: single(&saturation(0.96, luminance)),
            luminance: luminance.map(|weight| weight as f32),
            to_display: single(&to_display),
            redness: EvenCurve::new(512, |place| redness(2.0 * place - 1.0)),
            tone: OctaveCurve::new(-20, 16, |light| display.at(scene.at(light))),
            surround: OctaveCurve::new(-24, 1, |y| y.max(1e-10).powf(0.9811 - 1.0)),
            encode: OctaveCurve::new(-12, 0, |light| gamma(srgb::encode(light))),
        })
    }

    pub(crate) fn render(&self, chunk: &mut Chunk) {
        self.sweeten(chunk);
        chunk.mix(&self.to_working);
        for plane in [&mut chunk.red, &mut chunk.green, &mut chunk.blue] {
            for value in plane.iter_mut() {
                *value = value.max(0.0).min(MOST_LIGHT);
            }
        }
        chunk.mix(&self.saturate_scene);
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let display = [
                self.tone.at(*red),
                self.tone.at(*green),
                self.tone.at(*blue),
            ];
            let y = self.luminance[0] * display[0]
                + self.luminance[1] * display[1]
                + self.luminance[2] * display[2];
            let factor = self.surround.at(y);
            [*red, *green, *blue] = display.map(|value| value * factor);
        }
        chunk.mix(&self.to_display);
        for plane in [&mut chunk.red, &mut chunk.green, &mut chunk.blue] {
            for value in plane.iter_mut() {
                *value = self.encode.at(*value);
            }
        }
    }

    /// Adds a glow to dark saturated colors and takes some strength from reds, in ACES2065-1; no negative is left.
    fn sweeten(&self, chunk: &mut Chunk) {
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let (r, g, b) = (*red, *green, *blue);
            let chroma = (b * (b - g) + g * (g - r) + r * (r - b)).max(0.0).sqrt();
            let brightness = (r + g + b + 1.75 * chroma) * (1.0 / 3.0);
            let glow = 1.0 + glow(brightness, saturation_of(r, g, b));
            let (r, g, b) = (r * glow, g * glow, b * glow);

            // An angle without a trigonometric function: around a diamond instead of a circle.
            let (x, y) = (2.0 * r - g - b, 1.732_050_8 * (g - b));
            let around = y / (x.abs() + y.abs()).max(f32::MIN_POSITIVE);
            let weight = if x > 0.0 {
                self.redness.at(0.5 + 0.5 * around)
            } else {
                0.0
            };
            let weight = if chroma > 0.0 { weight } else { 0.0 };

            *red = (r + weight * saturation_of(r, g, b) * (0.03 - r) * (1.0 - 0.82)).max(0.0);
            *green = g.max(0.0);
            *blue = b.max(0.0);
        }
    }
}

/// How saturated a color is, 0 to 1.
#[inline(always)]
fn saturation_of(r: f32, g: f32, b: f32) -> f32 {
    let most = r.max(g).max(b);
    let least = r.min(g).min(b);
    (most.max(1e-10) - least.max(1e-10)) / most.max(1e-2)
}

/// How much brighter a color gets: at most 5 in 100, for saturated colors darker than 0.16.
#[inline(always)]
fn glow(brightness: f32, saturation: f32) -> f32 {
    const MIDDLE: f32 = 0.08;
    let x = (saturation - 0.4) * 5.0;
    let rest = (1.0 - (x * 0.5).abs()).max(0.0);
    let bend = (1.0 - rest * rest).copysign(x);
    let gain = 0.05 * (1.0 + bend) * 0.5;
    let fade = (MIDDLE / brightness.max(1e-9) - 0.5).max(0.0).min(1.0);
    gain * fade
}

/// How red a hue is, by its place on the right half of a diamond from -1 to 1: a cubic B-spline over the width.
fn redness(place: f64) -> f64 {
    let degrees = place.atan2(1.0 - place.abs()).to_degrees();
    let knot = (degrees / RED_WIDTH + 0.5) * 4.0;
    let t = knot - knot.floor();
    let piece = match knot.floor() as i64 {
        0 => t * t * t,
        1 => ((-3.0 * t + 3.0) * t + 3.0) * t + 1.0,
        2 => (3.0 * t - 6.0) * t * t + 4.0,
        3 => (1.0 - t) * (1.0 - t) * (1.0 - t),
        _ => 0.0,
    };
    piece / 6.0 * 1.5
}

/// The matrix that moves colors towards their luminance: 1 changes nothing, 0 leaves gray.
fn saturation(amount: f64, luminance: [f64; 3]) -> Matrix {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            (1.0 - amount) * luminance[column] + if row == column { amount } else { 0.0 }
        })
    })
}

fn single(matrix: &Matrix) -> [[f32; 3]; 3] {
    matrix.map(|row| row.map(|value| value as f32))
}

/// A tone curve in log10: two quadratic B-splines of evenly spaced coefficients, from black over a middle to white.
struct Spline<'a> {
    low: &'a [f64],
    high: &'a [f64],
    /// log10 of light in and out.
    black: [f64; 2],
    middle: [f64; 2],
    white: [f64; 2],
    /// Slope beyond white.
    beyond: f64,
}

impl Spline<'_> {
    fn at(&self, light: f64) -> f64 {
        let log = light.max(1e-10).log10();
        let shown = if log <= self.black[0] {
            self.black[1]
        } else if log < self.middle[0] {
            piece(
                self.low,
                (log - self.black[0]) / (self.middle[0] - self.black[0]),
            )
        } else if log < self.white[0] {
            piece(
                self.high,
                (log - self.middle[0]) / (self.white[0] - self.middle[0]),
            )
        } else {
            self.white[1] + self.beyond * (log - self.white[0])
        };
        10f64.powf(shown)
    }
}

/// A quadratic B-spline over 0 to 1.
fn piece(coefficients: &[f64], place: f64) -> f64 {
    let pieces = coefficients.len() - 2;
    let knot = place * pieces as f64;
    let first = (knot as usize).min(pieces - 1);
    let t = knot - first as f64;
    let [a, b, c] = [
        coefficients[first],
        coefficients[first + 1],
        coefficients[first + 2],
    ];
    (0.5 * a - b + 0.5 * c) * t * t + (b - a) * t + 0.5 * (a + b)
}

/// Scene light to the light of an ideal projector.
struct SceneCurve;

impl SceneCurve {
    fn new() -> Self {
        Self
    }

    fn at(&self, light: f64) -> f64 {
        Spline {
            low: &[-4.0, -4.0, -3.1573765773, -0.4852499958, 1.8477324706],
            high: &[-0.7185482425, 2.0810307172, 3.6681241237, 4.0, 4.0],
            black: [(0.18 * 2f64.powi(-15)).log10(), -4.0],
            middle: [0.18f64.log10(), 4.8f64.log10()],
            white: [(0.18 * 2f64.powi(18)).log10(), 4.0],
            beyond: 0.0,
        }
        .at(light)
    }
}

/// The light of an ideal projector to that of a 48-nit one, 0 to 1 between its black and white.
struct DisplayCurve {
    black: f64,
    middle: f64,
    white: f64,
}

impl DisplayCurve {
    fn new(scene: &SceneCurve) -> Self {
        Self {
            black: scene.at(0.18 * 2f64.powf(-6.5)).log10(),
            middle: scene.at(0.18).log10(),
            white: scene.at(0.18 * 2f64.powf(6.5)).log10(),
        }
    }

    fn at(&self, light: f64) -> f64 {
        let shown = Spline {
            low: &[
                -1.6989700043,
                -1.6989700043,
                -1.4779,
                -1.2291,
                -0.8648,
                -0.448,
                0.00518,
                0.4511080334,
                0.9113744414,
            ],
            high: &[
                0.5154386965,
                0.8470437783,
                1.1358,
                1.3802,
                1.5197,
                1.5985,
                1.6467,
                1.6746091357,
                1.6878733390,
            ],
            black: [self.black, 0.02f64.log10()],
            middle: [self.middle, 4.8f64.log10()],
            white: [self.white, 48f64.log10()],
            beyond: 0.04,
        }
        .at(light);
        (shown - 0.02) / (48.0 - 0.02)
    }
}
