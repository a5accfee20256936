//! Scene-linear colors to display sRGB.
//!
//! A renderer writes light: floating-point colors without an upper end. A display shows code values from 0
//! to 255. This crate goes from one to the other the way artists saw it happen: with Blender's Standard, Filmic
//! and AgX views, the ACES 1 output transform, or no view at all.
//!
//! ```
//! use cosmos_color::{Chromaticities, Pixels, Transform, View};
//!
//! let transform = Transform::new(View::Filmic, 0.0, 1.0, &Chromaticities::REC709)?;
//! let middle_gray = [0.18, 0.18, 0.18];
//! let mut shown = [0; 3];
//! transform.apply_rgb8(Pixels::Rgb(&middle_gray), &mut shown)?;
//! assert_eq!(shown, [128, 128, 128]);
//! # Ok::<(), cosmos_color::ColorError>(())
//! ```
//!
//! # Exactness
//! Each view is compared with pictures that Blender itself saved (ACES with OpenColorIO) and stays within one
//! level of 8 bits for 99.9 of 100 colors; the tests hold that. Values round to nearest, without dithering, which Blender
//! has on by default: its own 8-bit files differ by up to two levels from ours until it is set to 0. NaN and negative
//! infinity count as 0, infinity shows as the most a display has.
//!
//! # Where the numbers come from
//! Standard, Raw and ACES are formulas from published standards. `src/tables/agx.u16` (120 KB) and
//! `src/tables/filmic.u16` (2 KB) are our own measurements: `make/blender.py` renders colors through Blender's views and
//! keeps what comes out. No table of Blender's, of OpenColorIO's or of a color configuration is part of this crate.

mod aces;
mod agx;
mod curve;
mod filmic;
mod primaries;
mod srgb;
mod transform;
mod view;

pub use primaries::Chromaticities;
pub use transform::{Pixels, Transform};
pub use view::{ParseViewError, View};

/// Why colors cannot be transformed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ColorError {
    /// Three primaries on one line, a white point with no luminance, or a number that is not finite.
    #[error("these chromaticities span no color space: red {red:?}, green {green:?}, blue {blue:?}, white {white:?}", red = .0.red, green = .0.green, blue = .0.blue, white = .0.white)]
    Chromaticities(Chromaticities),
    /// The exposure is not a finite number of stops between -64 and 64.
    #[error("exposure {0} is not between -64 and 64 stops")]
    Exposure(f32),
    /// The gamma is not between 0.01 and 100.
    #[error("gamma {0} is not between 0.01 and 100")]
    Gamma(f32),
    /// The three planes differ in length, or an interleaved slice ends inside a pixel.
    #[error("the colors are not whole pixels: {0}")]
    Ragged(String),
    /// The output is not three values a pixel.
    #[error("{pixels} pixels need room for {expected} values, not {found}")]
    OutputLength {
        /// Pixels in the input.
        pixels: usize,
        /// Values the output must hold.
        expected: usize,
        /// Values it holds.
        found: usize,
    },
}
