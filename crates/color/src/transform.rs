//! From colors of a renderer to display values, view by view.

use crate::aces::{self, Aces};
use crate::agx::{self, Agx};
use crate::curve::OctaveCurve;
use crate::filmic::Filmic;
use crate::primaries::{Chromaticities, IDENTITY};
use crate::srgb;
use crate::{ColorError, View};

/// Scene-linear colors in memory.
///
/// Alpha, where there is one, is not looked at: OpenEXR's colors are multiplied by it already, so that leaving
/// it out shows them over black.
#[derive(Debug, Clone, Copy)]
pub enum Pixels<'a> {
    /// Red, green and blue one after the other; the length is three times the number of pixels.
    Rgb(&'a [f32]),
    /// Red, green, blue and alpha one after the other; the length is four times the number of pixels.
    Rgba(&'a [f32]),
    /// A plane of red, one of green and one of blue, each as long as there are pixels.
    Planes([&'a [f32]; 3]),
}

impl Pixels<'_> {
    /// The number of pixels.
    ///
    /// # Errors
    /// [`ColorError::Ragged`] if the slices are no whole pixels.
    pub fn count(&self) -> Result<usize, ColorError> {
        match self {
            Pixels::Rgb(values) => whole(values.len(), 3),
            Pixels::Rgba(values) => whole(values.len(), 4),
            Pixels::Planes([red, green, blue])
                if red.len() == green.len() && red.len() == blue.len() =>
            {
                Ok(red.len())
            }
            Pixels::Planes(planes) => {
                let [red, green, blue] = planes.map(<[f32]>::len);
                Err(ColorError::Ragged(format!(
                    "planes of {red}, {green} and {blue} values"
                )))
            }
        }
    }
}

fn whole(length: usize, channels: usize) -> Result<usize, ColorError> {
    if length.is_multiple_of(channels) {
        Ok(length / channels)
    } else {
        Err(ColorError::Ragged(format!(
            "{length} values of {channels} channels"
        )))
    }
}

/// Pixels worked on at a time: all of them stay in the innermost cache.
pub(crate) const CHUNK: usize = 256;

/// Light beyond this shows as the same white; matrices of such values stay finite.
const MOST: f32 = 1e18;

/// A few pixels, plane by plane, so that the compiler can take several at once.
pub(crate) struct Chunk {
    pub(crate) red: [f32; CHUNK],
    pub(crate) green: [f32; CHUNK],
    pub(crate) blue: [f32; CHUNK],
}

impl Chunk {
    /// Red, green and blue.
    pub(crate) fn planes(&mut self) -> [&mut [f32; CHUNK]; 3] {
        [&mut self.red, &mut self.green, &mut self.blue]
    }

    /// Multiplies every pixel by a matrix.
    pub(crate) fn mix(&mut self, m: &[[f32; 3]; 3]) {
        for ((red, green), blue) in self.red.iter_mut().zip(&mut self.green).zip(&mut self.blue) {
            let (r, g, b) = (*red, *green, *blue);
            *red = m[0][0] * r + m[0][1] * g + m[0][2] * b;
            *green = m[1][0] * r + m[1][1] * g + m[1][2] * b;
            *blue = m[2][0] * r + m[2][1] * g + m[2][2] * b;
        }
    }

    /// Takes in up to `CHUNK` pixels from `start` on.
    fn load(&mut self, pixels: &Pixels<'_>, start: usize, count: usize) {
        let Chunk { red, green, blue } = self;
        let planes = red.iter_mut().zip(green).zip(blue);
        match pixels {
            Pixels::Rgb(values) => {
                for (((red, green), blue), pixel) in planes.zip(values[3 * start..].chunks_exact(3))
                {
                    [*red, *green, *blue] = [usable(pixel[0]), usable(pixel[1]), usable(pixel[2])];
                }
            }
            Pixels::Rgba(values) => {
                for (((red, green), blue), pixel) in planes.zip(values[4 * start..].chunks_exact(4))
                {
                    [*red, *green, *blue] = [usable(pixel[0]), usable(pixel[1]), usable(pixel[2])];
                }
            }
            Pixels::Planes(sources) => {
                for (plane, source) in [&mut self.red, &mut self.green, &mut self.blue]
                    .into_iter()
                    .zip(sources)
                {
                    for (value, source) in plane.iter_mut().zip(&source[start..start + count]) {
                        *value = usable(*source);
                    }
                }
            }
        }
    }

    /// Hands out display values from 0 to 1 as whole numbers up to `most`, which is below 2^22.
    #[inline(always)]
    fn store<T>(&self, most: f32, output: &mut [T], convert: impl Fn(u32) -> T) {
        // Beyond 2^23 a float has no fraction, so that the sum is rounded and its lower bits are the number. A cast
        // would check for what cannot be here.
        let whole = |shown: f32| convert((shown * most + 8_388_608.0).to_bits() & 0x003f_ffff);
        let planes = self.red.iter().zip(&self.green).zip(&self.blue);
        for (pixel, ((red, green), blue)) in output.chunks_exact_mut(3).zip(planes) {
            pixel[0] = whole(*red);
            pixel[1] = whole(*green);
            pixel[2] = whole(*blue);
        }
    }
}

/// A number to calculate with: neither NaN nor infinite.
#[inline(always)]
fn usable(value: f32) -> f32 {
    let value = if value > -MOST { value } else { 0.0 };
    if value < MOST { value } else { MOST }
}

/// A view with its settings, ready for any number of frames.
///
/// Making one takes a few milliseconds, because its tables are filled; it can be shared between threads.
#[derive(Debug, Clone)]
pub struct Transform {
    view: View,
    matrix: [[f32; 3]; 3],
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    /// Standard and Raw: one curve on each channel.
    Curve(Box<OctaveCurve>),
    Filmic(Box<Filmic>),
    Agx(Box<Agx>),
    Aces(Box<Aces>),
}

impl Transform {
    /// A view of colors with the given primaries.
    ///
    /// `exposure` is in stops and acts on the light: +1 doubles it. `gamma` acts on the display value, which is raised to
    /// the power 1/`gamma`. Both are Blender's settings of that name, 0 and 1 by default. `Raw` shows the
    /// values as they are and does not look at `source`.
    ///
    /// # Errors
    /// [`ColorError`] for an exposure beyond 64 stops, a gamma outside 0.01 to 100, or chromaticities that span no
    /// color space.
    pub fn new(
        view: View,
        exposure: f32,
        gamma: f32,
        source: &Chromaticities,
    ) -> Result<Self, ColorError> {
        if !(-64.0..=64.0).contains(&exposure) {
            return Err(ColorError::Exposure(exposure));
        }
        if !(0.01..=100.0).contains(&gamma) {
            return Err(ColorError::Gamma(gamma));
        }
        let power = 1.0 / f64::from(gamma);
        let bend = move |value: f64| {
            if power == 1.0 {
                value
            } else {
                value.clamp(0.0, 1.0).powf(power)
            }
        };
        let matrix = match view {
            View::Raw => IDENTITY,
            View::Standard | View::Filmic => source.to(Chromaticities::REC709)?,
            View::Agx => agx::matrix(*source)?,
            View::Aces => aces::matrix(*source)?,
        };
        let stage = match view {
            View::Raw => Stage::Curve(Box::new(OctaveCurve::new(-12, 0, bend))),
            View::Standard => Stage::Curve(Box::new(OctaveCurve::new(-12, 0, |linear| {
                bend(srgb::encode(linear))
            }))),
            View::Filmic => Stage::Filmic(Box::new(Filmic::new(bend))),
            View::Agx => Stage::Agx(Box::new(Agx::new(bend))),
            View::Aces => Stage::Aces(Box::new(Aces::new(bend)?)),
        };
        let scale = f64::from(exposure).exp2();
        Ok(Self {
            view,
            matrix: matrix.map(|row| row.map(|value| (value * scale) as f32)),
            stage,
        })
    }

    /// The view.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// Shows colors as interleaved RGB of 8 bits, 0 to 255.
    ///
    /// # Errors
    /// [`ColorError::Ragged`] if the input is no whole pixels, [`ColorError::OutputLength`] if `output` does not hold
    /// three values a pixel.
    pub fn apply_rgb8(&self, pixels: Pixels<'_>, output: &mut [u8]) -> Result<(), ColorError> {
        self.run(pixels, output, |chunk, output| {
            chunk.store(255.0, output, |value| value as u8)
        })
    }

    /// Shows colors as interleaved RGB of 16 bits, 0 to 65535.
    ///
    /// # Errors
    /// As [`apply_rgb8`](Self::apply_rgb8).
    pub fn apply_rgb16(&self, pixels: Pixels<'_>, output: &mut [u16]) -> Result<(), ColorError> {
        self.run(pixels, output, |chunk, output| {
            chunk.store(65535.0, output, |value| value as u16)
        })
    }

    fn run<T>(
        &self,
        pixels: Pixels<'_>,
        output: &mut [T],
        store: impl Fn(&Chunk, &mut [T]),
    ) -> Result<(), ColorError> {
        let count = pixels.count()?;
        if output.len() != 3 * count {
            return Err(ColorError::OutputLength {
                pixels: count,
                expected: 3 * count,
                found: output.len(),
            });
        }
        let mut chunk = Chunk {
            red: [0.0; CHUNK],
            green: [0.0; CHUNK],
            blue: [0.0; CHUNK],
        };
        for (index, output) in output.chunks_mut(3 * CHUNK).enumerate() {
            chunk.load(&pixels, index * CHUNK, output.len() / 3);
            chunk.mix(&self.matrix);
            match &self.stage {
                Stage::Curve(curve) => {
                    for plane in chunk.planes() {
                        for value in plane {
                            *value = curve.at(*value);
                        }
                    }
                }
                Stage::Filmic(filmic) => filmic.render(&mut chunk),
                Stage::Agx(agx) => agx.render(&mut chunk),
                Stage::Aces(aces) => aces.render(&mut chunk),
            }
            store(&chunk, output);
        }
        Ok(())
    }
}
