//! How long a clip and how high a frame rate each generation takes.

use std::ops::RangeInclusive;

use super::Model;
use crate::frame_rate::FrameRate;

/// Frames of a clip that a program reads: Transfer1 `di/inference_utils.py:NUM_MAX_FRAMES`, Transfer2.5
/// `x/inference/utils.py:NUM_MAX_FRAMES`, Cosmos 3 `inf/args.py:_TRANSFER_SAMPLE_DEFAULTS`. The last two have a key
/// `max_frames` for another number.
const FRAMES_READ: u64 = 5000;
/// The shortest length that NVIDIA publishes for Cosmos 3, in frames (`inf/args.py:MIN_NUM_FRAMES`).
const FEWEST_FRAMES: u64 = 24;

/// Frames of a clip that `model` reads; what lies behind them is ignored.
#[must_use]
pub const fn frames_read(model: Model) -> u64 {
    match model {
        Model::Transfer1 | Model::Transfer2_5 | Model::Cosmos3 => FRAMES_READ,
    }
}

/// The fewest and the most frames that NVIDIA publishes for a tier; the program warns of others, and runs.
/// `None` where nothing is published.
///
/// Cosmos 3: `inf/args.py:MAX_NUM_FRAMES`.
#[must_use]
pub fn published_lengths(model: Model, tier: &str) -> Option<(u64, u64)> {
    let most = match (model, tier) {
        (Model::Cosmos3, "256") => 400,
        (Model::Cosmos3, "480") => 300,
        (Model::Cosmos3, "704" | "720" | "768") => 200,
        _ => return None,
    };
    Some((FEWEST_FRAMES, most))
}

/// What a program makes of a video's frame rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateChange {
    /// It takes it as it is.
    None,
    /// It takes this many frames a second instead, so that the clip gets longer.
    Cut(u32),
    /// It takes it, but NVIDIA advises a rate from 10 to 30 frames a second.
    Unusual,
}

/// Frames a second that NVIDIA advises for Cosmos 3 (`inf/args.py:VisionDataOverrides`).
pub(super) const USUAL_RATES: RangeInclusive<f64> = 10.0..=30.0;

/// What `model` makes of a video of `rate` frames a second.
///
/// Transfer2.5 cuts it to a whole number (`x/inference/utils.py:read_video_or_image_into_frames_BCTHW`). Transfer1
/// and Cosmos 3 are told a rate, and we tell them the same whole number: Cosmos 3 takes no other.
#[must_use]
pub fn rate_change(model: Model, rate: FrameRate) -> RateChange {
    let whole = rate.cut_to_whole();
    match model {
        _ if rate.is_fractional() => RateChange::Cut(whole),
        Model::Cosmos3 if !USUAL_RATES.contains(&rate.as_f64()) => RateChange::Unusual,
        _ => RateChange::None,
    }
}
