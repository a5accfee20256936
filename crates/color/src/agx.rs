//! Blender's AgX: log2 light in a wide gamut through a table.

use crate::ColorError;
use crate::curve::{EvenCurve, between, log2};
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
            encode: EvenCurve::new(|value| gamma(srgb::encode(value.powf(2.4)))),
        }
    }

    pub(crate) fn render(&self, chunk: &mut Chunk) {
        for plane in chunk.planes() {
            for value in plane {
                let log = log2(between(*value, f32::MIN_POSITIVE, f32::MAX));
                // Between 64 and 128 the upper bits of the mantissa are the whole part, the lower 17 the rest.
                *value = 64.0 + between((log - LOWEST) * (STEPS / STOPS), 0.0, TOP as f32 - 0.001);
            }
        }
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let shown = self.interpolate([*red, *green, *blue].map(f32::to_bits));
            *red = self.encode.at(shown[0]);
            *green = self.encode.at(shown[1]);
            *blue = self.encode.at(shown[2]);
        }
    }

    /// Between four corners of a cell: from its lowest to its highest, along the axis with the longest part first.
    ///
    /// Takes the bits of places along the axes, to which 64 has been added.
    #[inline(always)]
    fn interpolate(&self, bits: [u32; 3]) -> [f32; 4] {
        const STRIDES: [usize; 3] = [SIDE * SIDE, SIDE, 1];
        const HIGHEST: usize = STRIDES[0] + STRIDES[1] + STRIDES[2];
        let whole = bits.map(|bits| ((bits >> 17) & 0x3f) as usize);
        let part = bits.map(|bits| f32::from_bits((bits << 6) & 0x007f_ffff | 0x3f80_0000) - 1.0);
        let lowest = whole[0] * STRIDES[0] + whole[1] * STRIDES[1] + whole[2];

        let red_first = part[0] >= part[1];
        let (most, first) = if red_first {
            (part[0], STRIDES[0])
        } else {
            (part[1], STRIDES[1])
        };
        let (least, last) = if red_first {
            (part[1], STRIDES[1])
        } else {
            (part[0], STRIDES[0])
        };
        let (most, first) = if part[2] > most {
            (part[2], STRIDES[2])
        } else {
            (most, first)
        };
        let (least, last) = if part[2] <= least {
            (part[2], STRIDES[2])
        } else {
            (least, last)
        };
        let middle = part[0] + part[1] + part[2] - most - least;

        let Some(cell) = self.lattice.get(lowest..=lowest + HIGHEST) else {
            return [0.0; 4];
        };
        let (a, b, c, d) = (cell[0], cell[first], cell[HIGHEST - last], cell[HIGHEST]);
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
