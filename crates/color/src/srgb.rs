//! The sRGB curve.

/// Linear 0 to 1 as an sRGB display value (IEC 61966-2-1).
pub(crate) fn encode(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}
