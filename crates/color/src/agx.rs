//! Blender's AgX: log2 light in a wide gamut through a table.

use crate::ColorError;
use crate::curve::{EvenCurve, log2};
use crate::primaries::{Chromaticities, Matrix, invert, multiply};
use crate::srgb;
use crate::transform::Chunk;

/// What Blender 4.2 renders at the points of the lattice (`make/blender.py`), gamma 2.4, 16 bits, in the order of
/// `points`.
static TABLE: &[u8] = include_bytes!("tables/agx.u16");

/// log2 of the light at the first point of an axis: 10 stops below middle gray.
const LOWEST: f32 = -12.473_93;
/// Stops from there to the last point, 15 above middle gray, and steps in between.
const STOPS: f32 = 25.0;
const STEPS: f32 = 56.0;
/// The last point of an axis that the table has; beyond it hardly anything changes.
const TOP: i32 = 44;
/// Points an axis.
const SIDE: usize = TOP as usize + 1;
/// How far from green, in points, the table goes in red and in blue. Colors of Rec.709 and nearly all of ACEScg are
/// inside.
const RED: std::ops::RangeInclusive<i32> = -24..=12;
const BLUE: std::ops::RangeInclusive<i32> = -10..=6;

/// FilmLight's E-Gamut to CIE XYZ at D65, as FilmLight publishes it.
const E_GAMUT_TO_XYZ: Matrix = [
    [0.7053968501, 0.1640413283, 0.08101774865],
    [0.2801307241, 0.8202066415, -0.1003373656],
    [-0.1037815116, -0.07290725703, 1.265746519],
];

/// From a color space to E-Gamut.
pub(crate) fn matrix(source: Chromaticities) -> Result<Matrix, ColorError> {
    let xyz = multiply(
        &Chromaticities::REC709.to_xyz()?,
        &source.to(Chromaticities::REC709)?,
    );
    let gamut = invert(&E_GAMUT_TO_XYZ).ok_or(ColorError::Chromaticities(source))?;
    Ok(multiply(&gamut, &xyz))
}

#[derive(Debug, Clone)]
pub(crate) struct Agx {
    /// Display values of gamma 2.4 from 0 to 1: red outermost, blue innermost; the fourth value is padding.
    lattice: Vec<[f32; 4]>,
    /// Gamma 2.4 to sRGB.
    encode: EvenCurve,
}

impl Agx {
    pub(crate) fn new(gamma: impl Fn(f64) -> f64) -> Self {
        let mut lattice = vec![[f32::NAN; 4]; SIDE * SIDE * SIDE];
        for ((red, green, blue), bytes) in points().zip(TABLE.chunks_exact(6)) {
            let value = |channel: usize| {
                f32::from(u16::from_le_bytes([
                    bytes[2 * channel],
                    bytes[2 * channel + 1],
                ])) / f32::from(u16::MAX)
            };
            lattice[place(red, green, blue)] = [value(0), value(1), value(2), 0.0];
        }
        // Colors beyond the table show as the nearest ones in it.
        for (red, green, blue) in every_point() {
            let inside = lattice[place(
                red.clamp(green + RED.start(), green + RED.end()),
                green,
                blue.clamp(green + BLUE.start(), green + BLUE.end()),
            )];
            lattice[place(red, green, blue)] = inside;
        }
        Self {
            lattice,
            encode: EvenCurve::new(1024, |value| gamma(srgb::encode(value.powf(2.4)))),
        }
    }

    pub(crate) fn render(&self, chunk: &mut Chunk) {
        for plane in [&mut chunk.red, &mut chunk.green, &mut chunk.blue] {
            for value in plane.iter_mut() {
                let log = log2(value.max(f32::MIN_POSITIVE));
                *value = ((log - LOWEST) * (STEPS / STOPS))
                    .max(0.0)
                    .min(TOP as f32 - 0.001);
            }
        }
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let shown = self.interpolate([*red, *green, *blue]);
            *red = self.encode.at(shown[0]);
            *green = self.encode.at(shown[1]);
            *blue = self.encode.at(shown[2]);
        }
    }

    /// Between the four corners of a cell that lie on the way from its lowest to its highest along the longest parts
    /// first.
    #[inline(always)]
    fn interpolate(&self, [red, green, blue]: [f32; 3]) -> [f32; 4] {
        const STRIDES: [usize; 3] = [SIDE * SIDE, SIDE, 1];
        let (r, g, b) = (red as i32, green as i32, blue as i32);
        let lowest = r as usize * STRIDES[0] + g as usize * STRIDES[1] + b as usize;
        let part = [red - r as f32, green - g as f32, blue - b as f32];

        let (high, low, first, last) = if part[0] >= part[1] {
            (part[0], part[1], STRIDES[0], STRIDES[1])
        } else {
            (part[1], part[0], STRIDES[1], STRIDES[0])
        };
        let (most, first) = if part[2] > high {
            (part[2], STRIDES[2])
        } else {
            (high, first)
        };
        let (least, last) = if part[2] <= low {
            (part[2], STRIDES[2])
        } else {
            (low, last)
        };
        let middle = part[0] + part[1] + part[2] - most - least;

        let highest = lowest + STRIDES[0] + STRIDES[1] + STRIDES[2];
        let Some(cell) = self.lattice.get(lowest..=highest) else {
            return [0.0; 4];
        };
        let last = highest - lowest - last;
        let (a, b, c, d) = (cell[0], cell[first], cell[last], cell[cell.len() - 1]);
        std::array::from_fn(|channel| {
            a[channel] * (1.0 - most)
                + b[channel] * (most - middle)
                + c[channel] * (middle - least)
                + d[channel] * least
        })
    }
}

fn place(red: i32, green: i32, blue: i32) -> usize {
    let inside = |point: i32| point.clamp(0, TOP) as usize;
    (inside(red) * SIDE + inside(green)) * SIDE + inside(blue)
}

/// The points of the table in the order of the file.
fn points() -> impl Iterator<Item = (i32, i32, i32)> {
    RED.flat_map(|red| BLUE.map(move |blue| (red, blue)))
        .flat_map(|(red, blue)| {
            let first = 0.max(-red).max(-blue);
            let last = TOP.min(TOP - red).min(TOP - blue);
            (first..=last).map(move |green| (green + red, green, green + blue))
        })
}

fn every_point() -> impl Iterator<Item = (i32, i32, i32)> {
    (0..=TOP).flat_map(|red| {
        (0..=TOP).flat_map(move |green| (0..=TOP).map(move |blue| (red, green, blue)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_its_points_and_the_lattice_no_gaps() {
        assert_eq!(points().count() * 6, TABLE.len());
        let agx = Agx::new(|value| value);
        assert!(
            agx.lattice
                .iter()
                .flatten()
                .all(|value| (0.0..=1.0).contains(value))
        );
    }
}
