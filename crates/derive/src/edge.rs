//! The edge control.

use crate::{DeriveError, Scratch, Strength, canny, check};

/// The edge control: white lines of one pixel on black, by OpenCV's Canny on RGB.
///
/// Transfer2.5 and Cosmos 3 derive edges with these presets. Transfer1 draws its two thresholds at random from the
/// run's seed (the lower from 20 to 99, the upper 50 to 149 above it and at most 255) whatever preset is set; a
/// control made here and given to it as a file stands in for that with a known strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    low: i32,
    high: i32,
}

impl Edge {
    /// Edges at a preset, as thresholds of |dx| + |dy| of a 3x3 Sobel filter: 20 and 50, 50 and 100, 100 and 200, 200
    /// and 300, 300 and 400.
    ///
    /// The numbers are those of `AddControlInputEdge` in cosmos-transfer2.5 (2ff49d0) and cosmos-framework (5eee9ed).
    #[must_use]
    pub const fn new(strength: Strength) -> Self {
        let (low, high) = match strength {
            Strength::VeryLow => (20, 50),
            Strength::Low => (50, 100),
            Strength::Medium => (100, 200),
            Strength::High => (200, 300),
            Strength::VeryHigh => (300, 400),
        };
        Self { low, high }
    }

    /// Edges at thresholds of one's own, 0 to 2040; the larger one starts a line, the smaller one continues it.
    #[must_use]
    pub const fn with_thresholds(one: u16, other: u16) -> Self {
        let (low, high) = if one < other {
            (one, other)
        } else {
            (other, one)
        };
        Self {
            low: low as i32,
            high: high as i32,
        }
    }

    /// The edges of an interleaved RGB frame of 8 bits: one byte a pixel, 0 or 255, `width * height` in all.
    ///
    /// The programs hand the model three equal channels of it.
    ///
    /// # Errors
    /// [`DeriveError`] for a frame without pixels, over 65535 on a side, or whose length is not
    /// `3 * width * height`.
    pub fn apply(
        &self,
        rgb: &[u8],
        width: usize,
        height: usize,
        scratch: &mut Scratch,
    ) -> Result<Vec<u8>, DeriveError> {
        check(rgb, width, height)?;
        Ok(canny::canny(
            rgb,
            width,
            height,
            self.low,
            self.high,
            &mut scratch.canny,
        ))
    }
}
