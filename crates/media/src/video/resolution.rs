//! Target sizes of videos and how a frame of another shape is placed in them. Pure arithmetic: no pixels here.
//!
//! Refuses sides of zero and sides above [`MAX_SIDE`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use cosmos_core::size::{MAX_SIDE, Size};

/// The size a user asks for: a named one, `WxH`, or `cosmos`.
///
/// ```
/// use cosmos_core::size::Size;
/// use cosmos_media::video::resolution::Resolution;
///
/// let working_size = |_frames| Size::new(1280, 704);
/// let resolution: Resolution = "cosmos".parse()?;
/// assert_eq!(resolution.resolve(Size::new(1920, 1080), working_size), Size::new(1280, 704));
/// # Ok::<(), cosmos_media::video::resolution::ResolutionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// This size, whatever the source's shape.
    Exact(Size),
    /// The size that the model works in for the source.
    Cosmos,
}

impl Resolution {
    /// 1280x720, written `720p`.
    pub const HD: Self = Self::Exact(Size::new(1280, 720));
    /// 1920x1080, written `1080p`.
    pub const FULL_HD: Self = Self::Exact(Size::new(1920, 1080));
    /// 3840x2160, written `4k`.
    pub const UHD: Self = Self::Exact(Size::new(3840, 2160));

    /// The size in pixels for frames of `source`'s size, where `working_size` is what the model makes of a size.
    #[must_use]
    pub fn resolve(self, source: Size, working_size: impl FnOnce(Size) -> Size) -> Size {
        match self {
            Self::Exact(size) => size,
            Self::Cosmos => working_size(source),
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(size) => size.fmt(f),
            Self::Cosmos => f.pad("cosmos"),
        }
    }
}

/// The text is not a resolution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolutionError {
    /// Neither a known name nor two numbers.
    #[error(
        "`{text}` is not a resolution: expected 720p, 1080p, 4k, cosmos, or width x height such as 1920x1080"
    )]
    Unknown {
        /// What was given.
        text: String,
    },
    /// Two numbers, of which at least one is zero or too large.
    #[error(
        "a resolution of {text} is out of range: expected sides of 1 to {MAX_SIDE} pixels, such as 1920x1080"
    )]
    OutOfRange {
        /// What was given.
        text: String,
    },
}

impl FromStr for Resolution {
    type Err = ResolutionError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let text = s.trim();
        let unknown = || ResolutionError::Unknown {
            text: text.to_owned(),
        };
        match text.to_lowercase().as_str() {
            "720p" => Ok(Self::HD),
            "1080p" => Ok(Self::FULL_HD),
            "4k" => Ok(Self::UHD),
            "cosmos" => Ok(Self::Cosmos),
            size => {
                let (width, height) = size.split_once(['x', '×']).ok_or_else(unknown)?;
                let sides = [width, height].map(|side| parse_side(side.trim()));
                let [Some(width), Some(height)] = sides else {
                    return Err(unknown());
                };
                if [width, height]
                    .iter()
                    .all(|side| (1..=MAX_SIDE).contains(side))
                {
                    Ok(Self::Exact(Size { width, height }))
                } else {
                    Err(ResolutionError::OutOfRange {
                        text: text.to_owned(),
                    })
                }
            }
        }
    }
}

/// Reads a whole number, negative or not; one that no `u32` holds comes back as 0, which is out of range too.
fn parse_side(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(0))
}

/// What to do with a frame whose shape is not the target's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Keep all of it and its shape, with bars of the background beside or above it.
    #[default]
    Pad,
    /// Keep its shape and fill the target, cutting off what sticks out on both sides alike.
    Crop,
    /// Keep all of it and fill the target, changing its shape.
    Stretch,
}

impl Fit {
    /// Every way to fit, the default first.
    pub const ALL: [Self; 3] = [Self::Pad, Self::Crop, Self::Stretch];

    /// The name on the command line and in `config.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pad => "pad",
            Self::Crop => "crop",
            Self::Stretch => "stretch",
        }
    }

    /// Which part of a `source` frame goes where in a `target` frame. Both must have sides of at least 1.
    ///
    /// With [`Fit::Pad`] the edges of the placed picture fall on even pixels wherever the target's own edges
    /// do, because a chroma sample of 4:2:0 video spans two pixels and an edge between them would bleed
    /// colour into the bar; this costs at most one pixel of the picture's shape. Bars of a single pixel are
    /// not drawn: the picture covers them.
    #[must_use]
    pub fn place(self, source: Size, target: Size) -> Placement {
        let (sw, sh) = (u64::from(source.width), u64::from(source.height));
        let (tw, th) = (u64::from(target.width), u64::from(target.height));
        let mut placement = Placement {
            crop: Crop {
                left: 0.0,
                top: 0.0,
                width: f64::from(source.width),
                height: f64::from(source.height),
            },
            left: 0,
            top: 0,
            size: target,
        };
        match self {
            Self::Stretch => {}
            Self::Crop if sw * th > sh * tw => {
                placement.crop.width = f64::from(source.height) * target.aspect();
                placement.crop.left = (f64::from(source.width) - placement.crop.width) / 2.0;
            }
            Self::Crop => {
                placement.crop.height = f64::from(source.width) / target.aspect();
                placement.crop.top = (f64::from(source.height) - placement.crop.height) / 2.0;
            }
            Self::Pad if sw * th > sh * tw => {
                (placement.top, placement.size.height) = padded(sh * tw, sw, target.height);
            }
            Self::Pad => {
                (placement.left, placement.size.width) = padded(sw * th, sh, target.width);
            }
        }
        placement
    }
}

/// Offset and length, both even, of a picture `num / den` pixels long centred in `room` pixels; the whole of
/// `room` where less than two pixels would be left over.
fn padded(num: u64, den: u64, room: u32) -> (u32, u32) {
    let nearest_even = (num.saturating_add(den) / den.saturating_mul(2).max(1)).max(1) * 2;
    match u32::try_from(nearest_even) {
        Ok(length) if length.saturating_add(2) <= room => (((room - length) / 2) & !1, length),
        _ => (0, room),
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text names no way to fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a way to fit a frame: expected pad, crop or stretch")]
pub struct UnknownFit(pub String);

impl FromStr for Fit {
    type Err = UnknownFit;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|fit| fit.name().eq_ignore_ascii_case(s.trim()))
            .ok_or_else(|| UnknownFit(s.to_owned()))
    }
}

/// The part of a source frame that is used, in source pixels. Edges may fall inside a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Distance from the source's left edge.
    pub left: f64,
    /// Distance from the source's top edge.
    pub top: f64,
    /// Pixels across.
    pub width: f64,
    /// Pixels down.
    pub height: f64,
}

/// Where a source frame goes in a target frame: `crop` is scaled to `size` and put at `left`, `top`; the rest
/// of the target is background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The part of the source that is used.
    pub crop: Crop,
    /// Target pixels between the target's left edge and the picture.
    pub left: u32,
    /// Target pixels between the target's top edge and the picture.
    pub top: u32,
    /// The picture's size in target pixels.
    pub size: Size,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn resolutions_as_artists_type_them() {
        let source = Size::new(2048, 858);
        for (text, expected) in [
            ("720p", "1280x720"),
            ("720P", "1280x720"),
            (" 1080p ", "1920x1080"),
            ("4K", "3840x2160"),
            ("1280x704", "1280x704"),
            ("1280X704", "1280x704"),
            ("1280×704", "1280x704"),
            ("1280 x 704", "1280x704"),
            ("1x1", "1x1"),
            ("1921x1081", "1921x1081"),
            ("16384x16384", "16384x16384"),
            ("Cosmos", "1280x704"),
        ] {
            let resolution: Resolution = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            let size = resolution.resolve(source, |_| Size::new(1280, 704));
            assert_eq!(size.to_string(), expected, "{text}");
            assert_eq!(resolution.to_string().parse(), Ok(resolution));
        }
    }

    #[test]
    fn what_is_no_resolution_is_refused_with_an_example_of_one() {
        for text in [
            "",
            "7x",
            "x7",
            "x",
            "abc",
            "1280",
            "1280x",
            "1280x704x3",
            "1280,704",
            "12.5x7",
            "8k",
            "+7x7",
            "0x1f",
        ] {
            let error = text.parse::<Resolution>().unwrap_err();
            assert!(
                matches!(error, ResolutionError::Unknown { .. }),
                "{text}: {error}"
            );
            assert!(
                error
                    .to_string()
                    .contains("expected 720p, 1080p, 4k, cosmos")
            );
        }
        for text in [
            "0x0",
            "0x720",
            "1280x0",
            "-1x5",
            "16385x2",
            "100000x100000",
            "99999999999999999999x1",
        ] {
            let error = text.parse::<Resolution>().unwrap_err();
            assert!(error.to_string().contains(text), "{text}: {error}");
            assert!(error.to_string().contains("1 to 16384"), "{text}: {error}");
        }
    }

    #[test]
    fn padding_centres_the_picture_between_even_bars() {
        for (source, target, (left, top, size)) in [
            // The same shape fills the target.
            ((1920, 1080), (1280, 720), (0, 0, (1280, 720))),
            // Square in 16:9: bars left and right.
            ((1080, 1080), (1920, 1080), (420, 0, (1080, 1080))),
            // Scope in 16:9: bars above and below.
            ((2048, 858), (1920, 1080), (0, 138, (1920, 804))),
            // 16:9 in Cosmos's 1280x704.
            ((1920, 1080), (1280, 704), (14, 0, (1252, 704))),
            // A sliver stays visible.
            ((1, 16384), (1280, 720), (638, 0, (2, 720))),
            // Less than two pixels are left over: no bar.
            ((1919, 1080), (1920, 1080), (0, 0, (1920, 1080))),
            ((1, 1), (1, 1), (0, 0, (1, 1))),
            ((1, 1), (3, 1), (0, 0, (3, 1))),
        ] {
            let placement =
                Fit::Pad.place(Size::new(source.0, source.1), Size::new(target.0, target.1));
            assert_eq!(
                (placement.left, placement.top, placement.size),
                (left, top, Size::new(size.0, size.1)),
                "{source:?} in {target:?}"
            );
        }
    }

    #[test]
    fn cropping_cuts_both_sides_alike() {
        let placement = Fit::Crop.place(Size::new(2000, 1000), Size::new(500, 500));
        assert_eq!(
            placement.crop,
            Crop {
                left: 500.0,
                top: 0.0,
                width: 1000.0,
                height: 1000.0
            }
        );
        assert_eq!(placement.size, Size::new(500, 500));
        let placement = Fit::Crop.place(Size::new(1000, 2000), Size::new(1280, 640));
        assert_eq!(
            placement.crop,
            Crop {
                left: 0.0,
                top: 750.0,
                width: 1000.0,
                height: 500.0
            }
        );
    }

    #[test]
    fn fits_by_name() {
        for fit in Fit::ALL {
            assert_eq!(fit.to_string().to_uppercase().parse(), Ok(fit));
        }
        let error = "fill".parse::<Fit>().unwrap_err().to_string();
        assert!(error.contains("pad, crop or stretch"), "{error}");
    }

    fn size() -> impl Strategy<Value = Size> {
        (1..=MAX_SIDE, 1..=MAX_SIDE).prop_map(|(width, height)| Size { width, height })
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[-0-9xX×]{0,24}") {
            if let Ok(Resolution::Exact(size)) = text.parse() {
                prop_assert!((1..=MAX_SIDE).contains(&size.width) && (1..=MAX_SIDE).contains(&size.height));
            }
        }

        #[test]
        fn a_placement_lies_inside_source_and_target(source in size(), target in size(), fit in 0..3_usize) {
            let fit = Fit::ALL[fit];
            let placement = fit.place(source, target);
            let Crop { left, top, width, height } = placement.crop;
            prop_assert!(left >= 0.0 && top >= 0.0 && width > 0.0 && height > 0.0);
            prop_assert!(left + width <= f64::from(source.width) + 1e-6);
            prop_assert!(top + height <= f64::from(source.height) + 1e-6);
            let placed = placement.size;
            prop_assert!(placed.width >= 1 && placed.height >= 1);
            prop_assert!(placement.left + placed.width <= target.width);
            prop_assert!(placement.top + placed.height <= target.height);
            if fit != Fit::Pad {
                prop_assert_eq!(placed, target);
            }
            for (offset, length, room) in [
                (placement.left, placed.width, target.width),
                (placement.top, placed.height, target.height),
            ] {
                prop_assert!(offset % 2 == 0 && (length % 2 == 0 || length == room));
                // Centred to within the evenness.
                prop_assert!((room - offset - length).abs_diff(offset) <= 3);
            }
        }

        #[test]
        fn padding_keeps_the_shape_to_the_pixel(source in size(), target in size()) {
            let placed = Fit::Pad.place(source, target).size;
            let scale = (f64::from(target.width) / f64::from(source.width))
                .min(f64::from(target.height) / f64::from(source.height));
            prop_assert!((f64::from(placed.width) - f64::from(source.width) * scale).abs() <= 2.0);
            prop_assert!((f64::from(placed.height) - f64::from(source.height) * scale).abs() <= 2.0);
        }
    }
}
