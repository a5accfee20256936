//! Blender's Filmic: 16.5 stops through a tone curve, and bright saturated light pulled towards white.

use crate::curve::{EvenCurve, OctaveCurve, between, log2};
use crate::transform::Chunk;

/// Display values at 1025 even steps over the 16.5 stops, as Blender 3.4 renders them (`make/blender.py`).
static CURVE: &[u8; 2050] = include_bytes!("tables/filmic.u16");

/// log2 of the darkest light that is told from black: 10 stops below middle gray.
const LOWEST: f64 = -12.473_931_188;
/// Stops from there to the end of the tone curve.
const CURVE_STOPS: f64 = 16.5;
/// Stops over which saturated light turns white, on 64 even steps.
const STOPS: f64 = 25.0;
const STEPS: usize = 64;

/// The share of the brightest channel that is mixed into the others, at the steps from `FIRST_MIXED` on.
///
/// Measured in Blender 3.4 (`make/blender.py`): pure colors at these steps, seen through `Filmic Log`.
/// Beyond the last one every channel is past the end of the tone curve.
const MIXED: [f64; 14] = [
    0.000000e+00,
    7.269114e-06,
    3.048867e-04,
    7.502309e-04,
    1.373309e-03,
    2.230965e-03,
    3.401622e-03,
    4.994335e-03,
    7.152607e-03,
    1.007379e-02,
    1.402214e-02,
    1.935451e-02,
    2.655150e-02,
    3.625942e-02,
];
const FIRST_MIXED: usize = 40;

#[derive(Debug, Clone)]
pub(crate) struct Filmic {
    /// Light to display, for pixels without bright channels.
    direct: OctaveCurve,
    /// Place on the tone curve to display.
    tone: EvenCurve,
    /// Place on the tone curve of a channel at one step when the brightest channel is at another.
    bright: Vec<[f32; STEPS + 1]>,
    /// Light from which on channels are mixed.
    threshold: f32,
}

impl Filmic {
    pub(crate) fn new(gamma: impl Fn(f64) -> f64) -> Self {
        let tone = |place: f64| {
            let scaled = place.clamp(0.0, 1.0) * 1024.0;
            let step = (scaled as usize).min(1023);
            let at = |step: usize| {
                f64::from(u16::from_le_bytes([CURVE[2 * step], CURVE[2 * step + 1]])) / 65535.0
            };
            gamma(at(step) + (scaled - step as f64) * (at(step + 1) - at(step)))
        };
        let linear = |step: usize| (step as f64 / STEPS as f64 * STOPS + LOWEST).exp2();
        let bright = (0..=STEPS)
            .map(|most| {
                std::array::from_fn(|own| {
                    let share = most
                        .checked_sub(FIRST_MIXED)
                        .map_or(0.0, |step| MIXED[step.min(MIXED.len() - 1)]);
                    let own = own.min(most);
                    let mixed = linear(own) + share * (linear(most) - linear(own));
                    ((mixed.log2() - LOWEST) / CURVE_STOPS) as f32
                })
            })
            .collect();
        Self {
            direct: OctaveCurve::new(-13, 5, |light| {
                tone(if light > 0.0 {
                    (light.log2() - LOWEST) / CURVE_STOPS
                } else {
                    0.0
                })
            }),
            tone: EvenCurve::new(tone),
            bright,
            threshold: linear(FIRST_MIXED) as f32,
        }
    }

    pub(crate) fn render(&self, chunk: &mut Chunk) {
        let brightest = [&chunk.red, &chunk.green, &chunk.blue]
            .into_iter()
            .flatten()
            .fold(0.0, |most, &value| if value > most { value } else { most });
        if brightest <= self.threshold {
            for plane in chunk.planes() {
                for value in plane {
                    *value = self.direct.at(*value);
                }
            }
            return;
        }
        for ((red, green), blue) in chunk
            .red
            .iter_mut()
            .zip(&mut chunk.green)
            .zip(&mut chunk.blue)
        {
            let light = [*red, *green, *blue];
            let bright = light.iter().any(|&value| value > self.threshold);
            [*red, *green, *blue] = if bright {
                self.highlight(light)
            } else {
                light.map(|x| self.direct.at(x))
            };
        }
    }

    /// A pixel with a bright channel: interpolated between four corners of a cell of log2 light, as Blender does.
    fn highlight(&self, light: [f32; 3]) -> [f32; 3] {
        let scaled = light.map(|x| {
            let log = log2(between(x, f32::MIN_POSITIVE, f32::MAX));
            between(
                (log - LOWEST as f32) * (STEPS as f32 / STOPS as f32),
                0.0,
                STEPS as f32,
            )
        });
        let mut corner = scaled.map(|x| (x as usize).min(STEPS - 1));
        let part: [f32; 3] = std::array::from_fn(|axis| scaled[axis] - corner[axis] as f32);
        let mut order = [0, 1, 2];
        order.sort_by(|&a, &b| part[b].total_cmp(&part[a]));
        let places = |corner: [usize; 3]| {
            let most = corner[0].max(corner[1]).max(corner[2]);
            corner.map(|own| self.bright[most][own])
        };
        let mut before = places(corner);
        let mut sum = before;
        for axis in order {
            corner[axis] += 1;
            let after = places(corner);
            for channel in 0..3 {
                sum[channel] += part[axis] * (after[channel] - before[channel]);
            }
            before = after;
        }
        sum.map(|place| self.tone.at(place))
    }
}
