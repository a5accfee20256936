//! Controls that nobody rendered, made from the color frames as NVIDIA's programs make them.
//!
//! Cosmos derives two controls from the color video alone when no file is given: `edge` with OpenCV's Canny, and
//! `vis` (`blur` in Cosmos 3) with a bilateral filter between resizes. [`Edge`] and [`Blur`] do the same, step by
//! step, so that what a model will be fed can be seen, filtered and kept before the run.
//!
//! ```
//! use cosmos_derive::{Blur, Edge, Program, Scratch, Strength};
//!
//! // Two halves, black and white: one line of edge pixels between them.
//! let (width, height) = (8, 4);
//! let frame: Vec<u8> = (0..3 * width * height).map(|index| if index / 3 % width < 4 { 0 } else { 255 }).collect();
//!
//! let mut scratch = Scratch::default();
//! let edge = Edge::new(Strength::Medium).apply(&frame, width, height, &mut scratch)?;
//! assert_eq!(edge[..8], [0, 0, 0, 255, 0, 0, 0, 0]);
//! let vis = Blur::new(Program::Transfer25, Strength::Medium).apply(&frame, width, height, &mut scratch)?;
//! assert_eq!(vis.len(), frame.len());
//! # Ok::<(), cosmos_derive::DeriveError>(())
//! ```
//!
//! # The size of the frames
//! Transfer1 derives from the frames in their original size and resizes the control afterwards; Transfer2.5 and Cosmos 3
//! resize the color frames to the working size first (1280x704, 1280x720 and so on) and derive from those. Both
//! controls depend on the size, so frames are to be handed in at the size the program would use.
//!
//! # Exactness
//! Edges equal OpenCV's bit for bit. Blur equals that of OpenCV and PyTorch except for fewer than 6 of 10,000 values at
//! 1280x720, which are off by one level of 255, two at worst: sums of floats depend on their order. The tests hold both
//! to pictures that OpenCV and PyTorch made; `make/witness.py` makes them again.

mod bilateral;
mod blur;
mod canny;
mod edge;
mod resize;
mod resize_cubic;

pub use blur::Blur;
pub use edge::Edge;

/// How strong a control is: Cosmos' five presets.
///
/// For edges, stronger means fewer lines; for blur, a coarser picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Strength {
    /// `very_low`.
    VeryLow,
    /// `low`.
    Low,
    /// `medium`, what every program takes when nothing is said.
    #[default]
    Medium,
    /// `high`.
    High,
    /// `very_high`.
    VeryHigh,
}

impl Strength {
    /// All presets, weakest first.
    pub const ALL: [Strength; 5] = [
        Strength::VeryLow,
        Strength::Low,
        Strength::Medium,
        Strength::High,
        Strength::VeryHigh,
    ];

    /// The name in the programs' specs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Strength::VeryLow => "very_low",
            Strength::Low => "low",
            Strength::Medium => "medium",
            Strength::High => "high",
            Strength::VeryHigh => "very_high",
        }
    }
}

impl std::fmt::Display for Strength {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}

/// A name that is no strength's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no strength is called {0:?}: it is very_low, low, medium, high or very_high")]
pub struct ParseStrengthError(String);

impl std::str::FromStr for Strength {
    type Err = ParseStrengthError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Strength::ALL
            .into_iter()
            .find(|strength| strength.name() == name)
            .ok_or_else(|| ParseStrengthError(name.to_owned()))
    }
}

/// The program whose control is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Program {
    /// Cosmos-Transfer1.
    Transfer1,
    /// Cosmos-Transfer2.5.
    Transfer25,
    /// The Cosmos 3 framework.
    Cosmos3,
}

/// Memory that is kept from frame to frame. One for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    canny: canny::Buffers,
    bilateral: bilateral::Buffers,
    resize: resize::Buffers,
}

/// Why no control can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The frame has no pixels.
    #[error("a frame of {width}x{height} has no pixels")]
    Empty {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// The slice is not three bytes for each pixel.
    #[error("a frame of {width}x{height} has {expected} bytes of RGB, not {found}")]
    Length {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Bytes that three channels of 8 bits take.
        expected: usize,
        /// Bytes handed in.
        found: usize,
    },
    /// The frame is larger than any video: over 65535 pixels wide or high.
    #[error("a frame of {width}x{height} is larger than 65535 pixels on a side")]
    TooLarge {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
}

/// Refuses frames whose bytes and sides disagree.
fn check(rgb: &[u8], width: usize, height: usize) -> Result<(), DeriveError> {
    if width == 0 || height == 0 {
        return Err(DeriveError::Empty { width, height });
    }
    if width > 65535 || height > 65535 {
        return Err(DeriveError::TooLarge { width, height });
    }
    let expected = 3 * width * height;
    if rgb.len() == expected {
        Ok(())
    } else {
        Err(DeriveError::Length {
            width,
            height,
            expected,
            found: rgb.len(),
        })
    }
}
