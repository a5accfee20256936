//! The vis control.

use crate::bilateral::Bilateral;
use crate::resize::{self, Picture};
use crate::resize_cubic;
use crate::{DeriveError, Program, Scratch, Strength, check};

/// The vis control (`blur` in Cosmos 3): the color frame without its detail.
///
/// Four steps: smaller by `first` (mean), bilateral filter, back (linear), smaller by `second` and back (bicubic). Each
/// program has its own numbers:
///
/// | | very_low | low | medium | high | very_high |
/// | --- | --- | --- | --- | --- | --- |
/// | `first`, all programs | 1 | 4 | 2 | 1 | 4 |
/// | diameter and deviations in color and space: Transfer1 | 15 100 50 | 15 100 50 | 30 150 100 | 50 300 150 | 50 300 150 |
/// | Transfer2.5 | 30 150 100 | 30 150 100 | 30 150 100 | 30 150 100 | 30 150 100 |
/// | Cosmos 3, times the longest reduced side / 720 | 30 150 100 | 30 150 100 | 30 150 100 | 30 150 100 | 30 150 100 |
/// | `second` | 4 | 4 | 10 | 16 | 16 |
///
/// They are those of `AddControlInputBlur` in cosmos-transfer2.5 (2ff49d0) and cosmos-framework (5eee9ed), and of
/// `VisControlModel` in cosmos-transfer1 (5005e82).
///
/// Transfer1 draws `second` at random from 4 to 17 for each clip, whatever the strength;
/// [`with_second`](Self::with_second) sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blur {
    program: Program,
    strength: Strength,
    second: u32,
}

impl Blur {
    /// A program's blur at a preset.
    #[must_use]
    pub const fn new(program: Program, strength: Strength) -> Self {
        let second = match strength {
            Strength::VeryLow | Strength::Low => 4,
            Strength::Medium => 10,
            Strength::High | Strength::VeryHigh => 16,
        };
        Self {
            program,
            strength,
            second,
        }
    }

    /// The same with another factor of the last reduction; 0 counts as 1, which leaves that step out.
    #[must_use]
    pub const fn with_second(self, second: u32) -> Self {
        Self {
            second: if second == 0 { 1 } else { second },
            ..self
        }
    }

    /// The blurred interleaved RGB frame of 8 bits, as large as the one handed in.
    ///
    /// Frames narrower or lower than a factor, which the programs cannot take, are reduced to one pixel.
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
        let mut picture = Picture {
            width,
            height,
            rgb: rgb.to_vec(),
        };
        let Scratch {
            bilateral, resize, ..
        } = scratch;

        let smaller = |factor: usize| ((width / factor).max(1), (height / factor).max(1));
        let first = self.first();
        if first > 1 {
            let (width, height) = smaller(first);
            picture = resize::area(&picture, width, height, resize);
        }
        picture = self
            .filter(picture.width.max(picture.height))
            .apply(&picture, bilateral);
        if first > 1 {
            picture = resize::linear(&picture, width, height, resize);
        }
        let second = smaller(self.second as usize);
        let cubic = match self.program {
            Program::Transfer1 | Program::Transfer25 => resize_cubic::torch,
            Program::Cosmos3 => resize_cubic::opencv,
        };
        let coarse = cubic(&picture, second.0, second.1, resize);
        Ok(cubic(&coarse, width, height, resize).rgb)
    }

    /// The factor of the first reduction.
    const fn first(&self) -> usize {
        match self.strength {
            Strength::VeryLow | Strength::High => 1,
            Strength::Medium => 2,
            Strength::Low | Strength::VeryHigh => 4,
        }
    }

    /// The filter for a frame whose longer side, after the first reduction, is that long.
    fn filter(&self, longest: usize) -> Bilateral {
        match (self.program, self.strength) {
            (Program::Transfer1, Strength::VeryLow | Strength::Low) => {
                Bilateral::new(15, 100.0, 50.0)
            }
            (Program::Transfer1, Strength::High | Strength::VeryHigh) => {
                Bilateral::new(50, 300.0, 150.0)
            }
            (Program::Transfer1, Strength::Medium) | (Program::Transfer25, _) => {
                Bilateral::new(30, 150.0, 100.0)
            }
            (Program::Cosmos3, _) => {
                let scale = longest as f64 / 720.0;
                let diameter = ((30.0 * scale).round_ties_even() as usize).max(1);
                Bilateral::new(
                    diameter | 1,
                    (150.0 * scale).max(1.0),
                    (100.0 * scale).max(1.0),
                )
            }
        }
    }
}
