//! Which depth values become black and white, and which end of them is near.
//!
//! The models want near bright and far dark. Renderers write both ways and no file says which, so a pass is turned
//! round only where its name and its picture say so, or where the picture alone says it beyond doubt. Where they
//! contradict each other it stays as it is, and the user is asked.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use super::Advice;
use super::encode::EncodeOptions;
use crate::contact_sheet::evenly_spaced;
use crate::error::Error;
use crate::frames::decode::{Alpha, DecodeOptions, FrameDecoder, Levels};
use crate::frames::{Sequence, words_in_name};
use crate::look::{Near, NearEnd};
use crate::metadata::{DepthMetadata, NearDecidedBy};
use crate::modality::Modality;
use crate::picture::{Picture, Sampling};
use crate::progress::{Cancel, Progress, Unit};
use crate::video::pipeline::PipelineError;

/// Frames of which the near end is judged.
const JUDGED: usize = 5;
/// The longer side of the pictures that it is judged by, in pixels.
const JUDGED_SIDE: u32 = 320;

/// Which depth values become black and white.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DepthRange {
    /// Values stay as the renderer wrote them.
    #[default]
    AsRendered,
    /// From the lowest to the highest value of the whole sequence.
    Auto,
    /// From the value that becomes black to the one that becomes white, given in the frames' own units (0 to 255 or
    /// 0 to 65535), or as shares of the full range if they were written with a decimal point. From high to low turns
    /// depth round.
    Between(DepthValue, DepthValue),
}

/// One end of a depth range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DepthValue {
    /// A sample value as the file has it.
    Sample(u16),
    /// A share of the full range, 0 to 1; in OpenEXR frames a distance in scene units.
    Share(f64),
    /// A distance in scene units above 1, which only OpenEXR frames have.
    Distance(f64),
}

impl DepthValue {
    fn in_16_bits(self, bits: u8) -> u16 {
        match self {
            Self::Sample(value) if bits <= 8 => {
                u16::from(u8::try_from(value).unwrap_or(u8::MAX)) * 257
            }
            Self::Sample(value) => value,
            Self::Share(share) => (share * 65_535.0).round() as u16,
            Self::Distance(_) => u16::MAX,
        }
    }
}

/// The text gives no depth range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a depth range: expected auto or two ends, as in 1200:48000 or 0.05:0.8")]
pub struct InvalidDepthRange(String);

impl FromStr for DepthRange {
    type Err = InvalidDepthRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        let value = |text: &str| {
            let text = text.trim();
            match text.parse() {
                Ok(sample) => Some(DepthValue::Sample(sample)),
                Err(_) => text.parse().ok().and_then(|value: f64| match value {
                    0.0..=1.0 => Some(DepthValue::Share(value)),
                    _ if value > 1.0 && value.is_finite() => Some(DepthValue::Distance(value)),
                    _ => None,
                }),
            }
        };
        let ends = text
            .split_once(':')
            .and_then(|(min, max)| Some((value(min)?, value(max)?)));
        match ends {
            Some((min, max)) if min != max => Ok(Self::Between(min, max)),
            _ => Err(InvalidDepthRange(text.to_owned())),
        }
    }
}

/// Which end of the gray in the depth frames is near the camera. The models want near bright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DepthNear {
    /// Told from the names and the pictures; what is not sure stays as it is.
    #[default]
    Auto,
    /// Bright: the frames are as the models want them.
    Bright,
    /// Dark: the frames are turned round.
    Dark,
}

impl fmt::Display for DepthNear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Bright => "bright",
            Self::Dark => "dark",
        })
    }
}

/// The text names no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an end of gray: expected auto, bright or dark")]
pub struct InvalidDepthNear(String);

impl FromStr for DepthNear {
    type Err = InvalidDepthNear;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Auto, Self::Bright, Self::Dark]
            .into_iter()
            .find(|end| end.to_string().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| InvalidDepthNear(text.to_owned()))
    }
}

/// What becomes of the values of one sequence.
pub(super) struct DepthPlan {
    pub levels: Levels,
    /// What the metadata say of it; `None` for anything but depth.
    pub metadata: Option<DepthMetadata>,
    /// That it was turned round.
    pub note: Option<String>,
    /// That it is not certain which end is near.
    pub warning: Option<Advice>,
}

impl DepthPlan {
    /// Values stay as they are.
    pub(super) const fn as_it_is() -> Self {
        Self {
            levels: Levels::FULL,
            metadata: None,
            note: None,
            warning: None,
        }
    }
}

/// Decides what becomes of the values of `sequence`: nothing, unless it is depth. A few frames are decoded for it, and
/// all of them for [`DepthRange::Auto`].
pub(super) fn plan(
    modality: Modality,
    sequence: &Sequence,
    options: &EncodeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<DepthPlan, Error> {
    if modality != Modality::Depth {
        return Ok(DepthPlan::as_it_is());
    }
    let bits = sequence.header.bits;
    if let DepthRange::Between(black, white) = options.depth_range {
        let has_distance = [black, white]
            .iter()
            .any(|end| matches!(end, DepthValue::Distance(_)));
        if has_distance || black.in_16_bits(bits) == white.in_16_bits(bits) {
            return Err(Error::Usage {
                message: format!(
                    "the depth range does not fit frames of {bits} bits (`{}`)",
                    sequence.pattern_in_folder()
                ),
                hint: "give two values of the frames, or shares from 0.0 to 1.0; distances are for OpenEXR".into(),
            });
        }
    }
    let (mut levels, is_reversed) = match options.depth_range {
        DepthRange::AsRendered => (Levels::FULL, false),
        DepthRange::Auto => (measure_levels(sequence, cancel, progress)?, false),
        DepthRange::Between(black, white) => {
            let (black, white) = (black.in_16_bits(bits), white.in_16_bits(bits));
            let levels = Levels {
                min: black.min(white),
                max: black.max(white),
                inverted: false,
            };
            (levels, black > white)
        }
    };
    let shown = sequence.pattern_in_folder();
    let mut note = None;
    let mut warning = None;
    let (near, decided_by) = match options.depth_near {
        DepthNear::Bright if is_reversed => {
            return Err(Error::Usage {
                message: "--depth-near bright says that depth is right, and a --depth-range from high to low turns it \
                          round"
                    .into(),
                hint: "give the range from low to high, or leave out --depth-near".into(),
            });
        }
        DepthNear::Bright => (Some(Near::Bright), NearDecidedBy::User),
        DepthNear::Dark => (Some(Near::Dark), NearDecidedBy::User),
        DepthNear::Auto if is_reversed => (Some(Near::Dark), NearDecidedBy::User),
        DepthNear::Auto => {
            let named = near_in_name(sequence);
            let pictures = judged_pictures(sequence, levels, cancel)?;
            let verdict = judge(named, NearEnd::measure(&pictures));
            note = verdict.turned.map(|why| {
                format!(
                    "depth: near is dark in `{shown}` ({why}); turned round, so that near is bright"
                )
            });
            // A blank pass has no ends; that is said elsewhere.
            let has_ends = pictures.iter().any(|picture| {
                let levels = || picture.pixels().map(|pixel| pixel.0[0]);
                levels().max().unwrap_or(0) - levels().min().unwrap_or(0) > 2
            });
            warning = verdict.doubt.filter(|_| has_ends).map(|doubt| Advice {
                message: format!("depth: {doubt} (`{shown}`); left as it is"),
                hint: Some(
                    "the models want near bright: --depth-near dark turns it round, --depth-near bright says that it \
                     is right"
                        .into(),
                ),
            });
            (verdict.near, verdict.decided_by)
        }
    };
    levels.inverted = near == Some(Near::Dark);
    if levels.inverted && note.is_none() {
        note = Some(format!(
            "depth: `{shown}` is turned round as you asked, so that near is bright"
        ));
    }
    let own = |value: u16| if bits <= 8 { value / 257 } else { value };
    let (black, white) = match levels.inverted {
        false => (own(levels.min), own(levels.max)),
        true => (own(levels.max), own(levels.min)),
    };
    Ok(DepthPlan {
        levels,
        metadata: Some(DepthMetadata {
            near_in_frames: near,
            decided_by,
            inverted: levels.inverted,
            black,
            white,
        }),
        note,
        warning,
    })
}

/// What name and picture come to.
struct Verdict {
    /// The near end of the frames, where it is certain.
    near: Option<Near>,
    decided_by: NearDecidedBy,
    /// Why the frames are turned round.
    turned: Option<&'static str>,
    /// What the user has to decide.
    doubt: Option<&'static str>,
}

fn judge(named: Option<Near>, seen: Option<NearEnd>) -> Verdict {
    use Near::{Bright, Dark};
    let certain = |near, decided_by| Verdict {
        near: Some(near),
        decided_by,
        turned: match (near, decided_by) {
            (Bright, _) => None,
            (Dark, NearDecidedBy::Picture) => Some("the picture says so"),
            (Dark, _) => Some("its name and the picture say so"),
        },
        doubt: None,
    };
    let doubtful = |doubt| Verdict {
        near: None,
        decided_by: NearDecidedBy::Nothing,
        turned: None,
        doubt: Some(doubt),
    };
    match (named, seen.map(|seen| (seen.near, seen.is_sure))) {
        (Some(named), Some((seen, _))) if named == seen => {
            certain(named, NearDecidedBy::NameAndPicture)
        }
        (Some(Dark), Some(_)) => {
            doubtful("its name says that near is dark, the picture that near is bright")
        }
        (Some(Bright), Some(_)) => {
            doubtful("its name says that near is bright, the picture that near is dark")
        }
        (Some(Bright), None) => certain(Bright, NearDecidedBy::Name),
        (Some(Dark), None) => {
            doubtful("its name says that near is dark, and the picture does not tell")
        }
        (None, Some((Bright, _))) => certain(Bright, NearDecidedBy::Picture),
        (None, Some((Dark, true))) => certain(Dark, NearDecidedBy::Picture),
        (None, Some((Dark, false))) => {
            doubtful("it looks as if near were dark, but that is not certain")
        }
        (None, None) => doubtful("nothing tells which end is near"),
    }
}

/// Words for what grows with the distance.
const FAR_IS_BRIGHT: [&str; 12] = [
    "z",
    "zdepth",
    "zbuffer",
    "zpass",
    "pz",
    "dpz",
    "hitpz",
    "mist",
    "distance",
    "raydepth",
    "worlddepth",
    "scenedepth",
];

/// Words for what shrinks with it.
const NEAR_IS_BRIGHT: [&str; 5] = ["disparity", "inverse", "inverted", "inv", "invdepth"];

/// The near end that the name of `sequence` tells, else that of its folder.
fn near_in_name(sequence: &Sequence) -> Option<Near> {
    let folder = sequence.folder.file_name().unwrap_or_default();
    [sequence.name.as_str(), &folder.to_string_lossy()]
        .into_iter()
        .find_map(|name| {
            let words = words_in_name(name);
            let pairs = words.windows(2).map(<[String]>::concat);
            let all: Vec<String> = pairs.chain(words.iter().cloned()).collect();
            let has = |known: &[&str]| all.iter().any(|word| known.contains(&word.as_str()));
            if has(&NEAR_IS_BRIGHT) {
                Some(Near::Bright)
            } else {
                has(&FAR_IS_BRIGHT).then_some(Near::Dark)
            }
        })
}

/// How depth frames are read before anything is decided.
const fn reading(levels: Levels) -> DecodeOptions {
    DecodeOptions {
        background: [0; 3],
        alpha: Alpha::of(Modality::Depth),
        levels,
    }
}

/// Small copies of a few frames.
fn judged_pictures(
    sequence: &Sequence,
    levels: Levels,
    cancel: &Cancel,
) -> Result<Vec<image::RgbImage>, Error> {
    let judged = evenly_spaced(sequence.frames.len(), JUDGED);
    let frames: Vec<_> = judged
        .into_iter()
        .filter_map(|index| sequence.frames.get(index))
        .collect();
    let small = |picture: &Picture| picture.shrunk(JUDGED_SIDE, Sampling::Nearest);
    let pictures = frames
        .par_iter()
        .map_init(FrameDecoder::default, |decoder, frame| {
            if cancel.is_cancelled() {
                return Err(PipelineError::Cancelled);
            }
            Ok(small(&decoder.decode(&frame.path, &reading(levels))?))
        });
    Ok(pictures.collect::<Result<_, PipelineError>>()?)
}

/// The lowest and highest value of a whole sequence, which takes decoding all of it.
fn measure_levels(
    sequence: &Sequence,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Levels, Error> {
    let task = "depth range";
    progress.begin(task, sequence.frames.len() as u64, Unit::Frames);
    let options = reading(Levels::FULL);
    let extremes = sequence
        .frames
        .par_iter()
        .map_init(FrameDecoder::default, |decoder, frame| {
            if cancel.is_cancelled() {
                return Err(PipelineError::Cancelled);
            }
            let picture = decoder.decode(&frame.path, &options)?;
            let extremes = picture.extremes();
            decoder.recycle(picture);
            progress.advance(task, 1);
            Ok(extremes)
        })
        .try_reduce(|| (u16::MAX, 0), |a, b| Ok((a.0.min(b.0), a.1.max(b.1))))?;
    progress.finish(task);
    Ok(match extremes {
        (min, max) if min < max => Levels {
            min,
            max,
            inverted: false,
        },
        _ => Levels::FULL,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_turned_round() {
        use Near::{Bright, Dark};
        for (named, seen, near, is_doubtful) in [
            (Some(Dark), Some((Dark, false)), Some(Dark), false),
            (Some(Dark), Some((Bright, true)), None, true),
            (Some(Dark), None, None, true),
            (Some(Bright), Some((Dark, true)), None, true),
            (Some(Bright), None, Some(Bright), false),
            (None, Some((Dark, true)), Some(Dark), false),
            (None, Some((Dark, false)), None, true),
            (None, Some((Bright, false)), Some(Bright), false),
            (None, None, None, true),
        ] {
            let seen = seen.map(|(near, is_sure)| NearEnd { near, is_sure });
            let verdict = judge(named, seen);
            assert_eq!(verdict.near, near, "{named:?} {seen:?}");
            assert_eq!(verdict.doubt.is_some(), is_doubtful, "{named:?} {seen:?}");
            assert_eq!(verdict.turned.is_some(), near == Some(Dark));
        }
    }

    #[test]
    fn a_depth_range_takes_its_ends_in_either_order() {
        let share = DepthValue::Share;
        for (text, expected) in [
            ("auto", Some(DepthRange::Auto)),
            (
                "1200:48000",
                Some(DepthRange::Between(
                    DepthValue::Sample(1200),
                    DepthValue::Sample(48_000),
                )),
            ),
            (
                "0.8:0.05",
                Some(DepthRange::Between(share(0.8), share(0.05))),
            ),
            ("7:7", None),
            ("0.5", None),
            ("a:b", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }
}
