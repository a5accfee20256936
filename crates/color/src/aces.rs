//! The ACES 1 output transform for sRGB displays at 100 nits in dim surround, as a formula.
//!
//! The steps and constants are those of the Academy's reference rendering and output device transforms
//! (aces-dev 1.0.3 to 1.3); `ocio-aces.u8` of the fixtures holds this module to OpenColorIO's version of them.

use crate::ColorError;
use crate::curve::{EvenCurve, OctaveCurve, between, exp2_near_zero, log2};
use crate::primaries::{Chromaticities, Matrix, multiply};
use crate::srgb;
use crate::transform::{CHUNK, Chunk};

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
        let display = DisplayCurve::new();
        Ok(Self {
            to_working: single(&Chromaticities::ACES2065_1.to(working)?),
            saturate_scene: single(&saturation(0.96, luminance)),
            luminance: luminance.map(|weight| weight as f32),
            to_display: single(&to_display),
            redness: EvenCurve::new(|place| redness(2.0 * place - 1.0)),
            tone: OctaveCurve::new(-20, 16, |light| display.at(project(light))),
            encode: OctaveCurve::new(-12, 0, |light| gamma(srgb::encode(light))),
        })
    }

    pub(crate) fn render(&self, chunk: &mut Chunk) {
        self.sweeten(chunk);
        chunk.mix(&self.to_working);
        for plane in chunk.planes() {
            for value in plane {
                *value = between(*value, 0.0, MOST_LIGHT);
            }
        }
        chunk.mix(&self.saturate_scene);
        for plane in chunk.planes() {
            for value in plane {
                *value = self.tone.at(*value);
            }
        }
        self.dim(chunk);
        chunk.mix(&self.to_display);
        for plane in chunk.planes() {
            for value in plane {
                *value = self.encode.at(*value);
            }
        }
    }

    /// Adds a glow to dark saturated colors and takes some strength from reds, in ACES2065-1; no negative is left.
    fn sweeten(&self, chunk: &mut Chunk) {
        // Three loops, because only those without a table run on several pixels at once.
        let mut around = [0.0; CHUNK];
        let mut strength = [0.0; CHUNK];
        let planes = chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue);
        for (((red, green), blue), (around, strength)) in
            planes.zip(around.iter_mut().zip(&mut strength))
        {
            let (r, g, b) = (*red, *green, *blue);
            let chroma = between(b * (b - g) + g * (g - r) + r * (r - b), 0.0, f32::MAX).sqrt();
            let brightness = (r + g + b + 1.75 * chroma) * (1.0 / 3.0);
            let glow = 1.0 + glow(brightness, saturation_of(r, g, b));
            let (r, g, b) = (r * glow, g * glow, b * glow);

            // An angle without a trigonometric function: around a diamond instead of a circle. Left of its middle
            // and where all channels are alike there is no red to weaken.
            let (x, y) = (2.0 * r - g - b, 1.732_050_8 * (g - b));
            *around = 0.5 + 0.5 * y / between(x.abs() + y.abs(), f32::MIN_POSITIVE, f32::MAX);
            *strength = if x > 0.0 {
                saturation_of(r, g, b) * (1.0 - 0.82)
            } else {
                0.0
            };
            [*red, *green, *blue] = [r, g, b];
        }
        for (around, strength) in around.iter().zip(&mut strength) {
            *strength *= self.redness.at(*around);
        }
        for (red, strength) in chunk.red.iter_mut().zip(&strength) {
            *red += strength * (0.03 - *red);
        }
        for plane in chunk.planes() {
            for value in plane {
                *value = between(*value, 0.0, f32::MAX);
            }
        }
    }

    /// Lifts dark display colors a little, to make up for a dim surround: luminance to the power 0.9811.
    fn dim(&self, chunk: &mut Chunk) {
        let weights = self.luminance;
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let y = weights[0] * *red + weights[1] * *green + weights[2] * *blue;
            let factor = exp2_near_zero(log2(between(y, 1e-10, 1.0)) * (0.9811 - 1.0));
            *red *= factor;
            *green *= factor;
            *blue *= factor;
        }
    }
}

/// How saturated a color is, 0 to 1.
#[inline(always)]
fn saturation_of(r: f32, g: f32, b: f32) -> f32 {
    let high = if r > g { r } else { g };
    let low = if r > g { g } else { r };
    let most = between(b, high, f32::MAX);
    let least = between(b, f32::MIN, low);
    (between(most, 1e-10, f32::MAX) - between(least, 1e-10, f32::MAX))
        / between(most, 1e-2, f32::MAX)
}

/// How much brighter a color gets: at most 5 in 100, for saturated colors darker than 0.16.
#[inline(always)]
fn glow(brightness: f32, saturation: f32) -> f32 {
    const MIDDLE: f32 = 0.08;
    let x = (saturation - 0.4) * 5.0;
    let rest = between(1.0 - (x * 0.5).abs(), 0.0, 1.0);
    let bend = (1.0 - rest * rest).copysign(x);
    let gain = 0.05 * (1.0 + bend) * 0.5;
    gain * between(MIDDLE / between(brightness, 1e-9, f32::MAX) - 0.5, 0.0, 1.0)
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
fn project(light: f64) -> f64 {
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

/// The light of an ideal projector to that of a 48-nit one, 0 to 1 between its black and white.
struct DisplayCurve {
    black: f64,
    middle: f64,
    white: f64,
}

impl DisplayCurve {
    fn new() -> Self {
        Self {
            black: project(0.18 * 2f64.powf(-6.5)).log10(),
            middle: project(0.18).log10(),
            white: project(0.18 * 2f64.powf(6.5)).log10(),
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
