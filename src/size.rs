//! Width and height of pictures, and the sizes that Cosmos works in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest side of a frame or a video, in pixels: libx264 refuses longer ones.
pub const MAX_SIDE: u32 = 16384;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Size {
    /// A size of `width` by `height` pixels.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Width over height.
    #[must_use]
    pub fn aspect(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }

    /// How many times longer one direction gets relative to the other when a picture of this size is stretched
    /// to `other`: 1 for the same shape, 2 when it becomes twice as wide or twice as high for its other side.
    #[must_use]
    pub fn distortion_to(self, other: Self) -> f64 {
        let ratio = self.aspect() / other.aspect();
        ratio.max(ratio.recip())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x{}", self.width, self.height))
    }
}

/// The sizes Cosmos-Transfer works in: it stretches every control to the one nearest in shape.
pub const NATIVE_SIZES: [Size; 5] = [
    Size::new(1280, 704),
    Size::new(960, 704),
    Size::new(960, 960),
    Size::new(704, 960),
    Size::new(704, 1280),
];

/// The native size nearest in shape to `source`, that is the one which distorts it least: aspect ratios are
/// compared on a logarithmic scale, so that portrait and landscape are treated alike.
#[must_use]
pub fn nearest_native_size(source: Size) -> Size {
    let [first, rest @ ..] = NATIVE_SIZES;
    rest.into_iter().fold(first, |nearest, size| {
        if source.distortion_to(size) < source.distortion_to(nearest) {
            size
        } else {
            nearest
        }
    })
}
