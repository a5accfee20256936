//! One-dimensional curves that are quick on every value.

/// A curve over 0 to a given end, straight between points that lie denser towards 0.
///
/// A hundred and twenty-eight points an octave, where an octave is one of `x + offset`: the bits of a float, shifted,
/// are the place in the table, so that no logarithm is taken. Below `offset` the points are evenly spaced.
#[derive(Debug, Clone)]
pub(crate) struct OctaveCurve {
    offset: f32,
    end: f32,
    first: u32,
    /// Value at a point, and the step to the next.
    points: Vec<[f32; 2]>,
}

const POINTS_LOG2: u32 = 7;
const SHIFT: u32 = 23 - POINTS_LOG2;

impl OctaveCurve {
    /// Samples `curve` from 0 to `2^end_log2`, fine down to `2^offset_log2`.
    pub(crate) fn new(offset_log2: i32, end_log2: i32, curve: impl Fn(f64) -> f64) -> Self {
        let offset = 2f32.powi(offset_log2);
        let end = 2f32.powi(end_log2);
        let first = offset.to_bits() >> SHIFT;
        let last = (end + offset).to_bits() >> SHIFT;
        let at = |place: u32| curve(f64::from(f32::from_bits(place << SHIFT)) - f64::from(offset));
        let points = (first..=last)
            .map(|place| {
                let value = at(place);
                [value as f32, (at(place + 1) - value) as f32]
            })
            .collect();
        Self {
            offset,
            end,
            first,
            points,
        }
    }

    /// The curve at `x`, which is taken as 0 below 0 and as the end above it.
    #[inline(always)]
    pub(crate) fn at(&self, x: f32) -> f32 {
        let bits = (between(x, 0.0, self.end) + self.offset).to_bits();
        let part = f32::from_bits((bits << POINTS_LOG2) & 0x007f_ffff | 0x3f80_0000) - 1.0;
        let place = ((bits >> SHIFT) - self.first) as usize;
        let [value, step] = self.points.get(place).copied().unwrap_or_default();
        value + part * step
    }
}

/// A curve over 0 to 1, straight between 1025 evenly spaced points.
#[derive(Debug, Clone)]
pub(crate) struct EvenCurve {
    points: Vec<[f32; 2]>,
}

impl EvenCurve {
    const STEPS_LOG2: u32 = 10;

    /// Samples `curve` from 0 to 1.
    pub(crate) fn new(curve: impl Fn(f64) -> f64) -> Self {
        let steps = 1 << Self::STEPS_LOG2;
        let at = |step: usize| curve(step.min(steps) as f64 / steps as f64);
        let points = (0..=steps)
            .map(|step| [at(step) as f32, (at(step + 1) - at(step)) as f32])
            .collect();
        Self { points }
    }

    /// The curve at `x`, which is taken as 0 below 0 and as 1 above it.
    #[inline(always)]
    pub(crate) fn at(&self, x: f32) -> f32 {
        // Between 1 and 2 the bits of a float are evenly spaced.
        let bits = (between(x, 0.0, 1.0) + 1.0).to_bits() - 1f32.to_bits();
        let part = f32::from_bits((bits << Self::STEPS_LOG2) & 0x007f_ffff | 0x3f80_0000) - 1.0;
        let [value, step] = self
            .points
            .get((bits >> (23 - Self::STEPS_LOG2)) as usize)
            .copied()
            .unwrap_or_default();
        value + part * step
    }
}

/// `x` kept between two numbers, NaN taken for the lower one. Two instructions, unlike `clamp`, which keeps NaN.
#[inline(always)]
pub(crate) fn between(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > low { x } else { low };
    if x < high { x } else { high }
}

/// log2, within 3e-6 for positive normal numbers, without branches so that it runs on whole vectors.
///
/// The mantissa is taken between 2/3 and 4/3, where the series of the inverse hyperbolic tangent needs
/// four terms.
#[inline(always)]
pub(crate) fn log2(x: f32) -> f32 {
    const LOWEST: i32 = 0x3f2a_aaab;
    let bits = x.to_bits() as i32;
    let exponent = (bits - LOWEST) >> 23;
    let mantissa = f32::from_bits((bits - (exponent << 23)) as u32);
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = 2.885_39 + square * (0.961_796_7 + square * (0.577_078 + square * 0.412_198_6));
    exponent as f32 + ratio * series
}

/// 2 to the power of `x`, within 2e-5, for -0.5 to 1.
#[inline(always)]
pub(crate) fn exp2_near_zero(x: f32) -> f32 {
    let x = x * std::f32::consts::LN_2;
    1.0 + x
        * (1.0
            + x * (0.5
                + x * (0.166_666_67
                    + x * (0.041_666_67 + x * (0.008_333_334 + x * 0.001_388_889)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_follow_a_curve_down_to_zero() {
        let curve = OctaveCurve::new(-12, 4, |x| x.powf(1.0 / 2.4));
        for step in 0..10_000 {
            let x = 16.0 * (step as f32 / 10_000.0).powi(4);
            let expected = f64::from(x).powf(1.0 / 2.4);
            let tolerance = if x < 2e-4 { 0.01 } else { 1e-4 };
            assert!(
                (f64::from(curve.at(x)) - expected).abs() < tolerance,
                "{x}: {} {expected}",
                curve.at(x)
            );
        }
        assert_eq!(curve.at(-1.0), 0.0);
        assert!((curve.at(1e9) - 16f32.powf(1.0 / 2.4)).abs() < 1e-4);
    }

    #[test]
    fn exp2_is_close() {
        for step in -500..=1000 {
            let x = step as f32 / 1000.0;
            assert!(
                (exp2_near_zero(x) - x.exp2()).abs() < 2e-5,
                "{x}: {} {}",
                exp2_near_zero(x),
                x.exp2()
            );
        }
    }

    #[test]
    fn log2_is_close() {
        for step in -3000..3000 {
            let x = (step as f32 / 100.0).exp2() * 1.0003;
            assert!(
                (log2(x) - x.log2()).abs() < 4e-6,
                "{x}: {} {}",
                log2(x),
                x.log2()
            );
        }
    }
}
