//! How each generation cuts a clip into windows, and what that means for its length and its seeds.
//!
//! A model computes a fixed number of frames at a time. Each window after the first starts with the last frames
//! of the one before, so that they join; the last window is filled up with repeated or mirrored frames, which
//! are computed and cut off again. The arithmetic is that of the programs:
//! Transfer1 `di/world_generation_pipeline.py:_run_model`, Transfer2.5
//! `x/inference/inference_pipeline.py:_get_num_chunks`, Cosmos 3
//! `inf/transfer.py:_get_num_chunks, generate_transfer_sample`.

use serde::Serialize;

use super::Model;

/// Frames of Transfer1's only window (`di/world_generation_pipeline.py`, `num_video_frames`).
const TRANSFER1_WINDOW: u64 = 121;
/// Frames of Transfer2.5's window: the length it was trained with (`config.py:InferenceArguments`).
const TRANSFER2_5_WINDOW: u64 = 93;
/// Frames of the window that we ask Cosmos 3 for, as NVIDIA's published transfer specs do
/// (`cookbooks/cosmos3/generator/transfer/specs`). The program itself takes 93 if it is not told.
const COSMOS3_WINDOW: u64 = 121;
/// Frames that two windows share, unless told otherwise: the same for all three programs.
const OVERLAP: u64 = 1;
/// The longest clip that is cut up, in frames: half a day at 24 a second.
const LONGEST: u64 = 1 << 20;
/// Cosmos 3 computes 4n + 1 frames at a time: one for itself, then groups of this many.
const COSMOS3_GROUP: u64 = 4;

/// How a clip is cut up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// Frames of the clip.
    pub frames: u64,
    /// Frames that are computed at a time.
    pub window: u64,
    /// Frames at the start of each window but the first that are those at the end of the one before.
    pub overlap: u64,
    /// How many windows there are. 0 for a single frame in Transfer1, whose program then fails.
    pub count: u64,
    /// Frames that are computed and cut off again.
    pub padding: u64,
    /// Index of the first new frame of each window but the first, counted from 0.
    pub seams: Vec<u64>,
}

impl Windows {
    /// The longest clip up to this one's length that leaves no padding, and the shortest beyond it, in frames.
    /// The first is absent where not even one window is filled; both are where nothing is padded.
    #[must_use]
    pub fn full_lengths(&self) -> (Option<u64>, Option<u64>) {
        if self.padding == 0 {
            return (None, None);
        }
        let longer = self.frames.checked_add(self.padding);
        let step = self.window.saturating_sub(self.overlap);
        let shorter = (self.count > 1)
            .then(|| longer?.checked_sub(step))
            .flatten();
        (shorter, longer)
    }
}

/// Frames that `model` computes at a time unless it is told otherwise.
#[must_use]
pub const fn default_window(model: Model) -> u64 {
    match model {
        Model::Transfer1 => TRANSFER1_WINDOW,
        Model::Transfer2_5 => TRANSFER2_5_WINDOW,
        Model::Cosmos3 => COSMOS3_WINDOW,
    }
}

/// How `model` cuts up a clip of `frames` frames. `window` and `overlap` are frames; what is absent is what we
/// send to the program ([`default_window`], and an overlap of 1). Cosmos 3 rounds a window up to 4n + 1.
///
/// A model does not read more than [`frames_read`](super::frames_read) frames: pass no more than that.
///
/// `None` for zero frames and more than 2²⁰, for a window of zero, and where a second window is needed but has no
/// new frames.
#[must_use]
pub fn windows(
    model: Model,
    frames: u64,
    window: Option<u64>,
    overlap: Option<u64>,
) -> Option<Windows> {
    let window = window.unwrap_or_else(|| default_window(model));
    let overlap = overlap.unwrap_or(OVERLAP);
    if frames == 0 || frames > LONGEST || window == 0 {
        return None;
    }
    let window = match model {
        Model::Transfer1 | Model::Transfer2_5 => window,
        // A picture is computed as one.
        Model::Cosmos3 if frames == 1 => 1,
        Model::Cosmos3 => (window - 1)
            .checked_next_multiple_of(COSMOS3_GROUP)?
            .checked_add(1)?,
    };
    let new_frames = window.checked_sub(overlap).filter(|&new| new > 0);
    let count = match model {
        // Transfer1 counts the frames after the shared one, so a clip of nothing else has no window.
        Model::Transfer1 => frames.saturating_sub(overlap).div_ceil(new_frames?),
        _ if frames <= window => 1,
        // A window of one frame is a picture for Transfer2.5: it makes one, however long the clip is.
        Model::Transfer2_5 if window == 1 => return None,
        _ => 1 + (frames - window).div_ceil(new_frames?),
    };
    let step = new_frames.unwrap_or_default();
    let seams: Vec<u64> = (1..count)
        .map(|i| Some(window.checked_add(step.checked_mul(i - 1)?)?))
        .collect::<Option<_>>()?;
    let computed = match seams.last() {
        Some(&last) => last.checked_add(step)?,
        None if count == 0 => frames,
        None => window,
    };
    Some(Windows {
        frames,
        window,
        overlap,
        count,
        padding: computed.saturating_sub(frames),
        seams,
    })
}

/// The largest seed that works for so many windows.
///
/// Each window of Transfer1 and Cosmos 3 has the seed plus its number, from 0. Where noise is drawn by NumPy
/// (`utils/misc.py:arch_invariant_rand`), the sum must stay below 2³²: always in Cosmos 3, and in Transfer1
/// where there is no input video to start from.
#[must_use]
pub fn largest_seed(model: Model, windows: u64, has_input: bool) -> u32 {
    let adds_window_number = match model {
        Model::Transfer1 => !has_input,
        Model::Transfer2_5 => false,
        Model::Cosmos3 => true,
    };
    if adds_window_number {
        let last = u32::try_from(windows.saturating_sub(1)).unwrap_or(u32::MAX);
        u32::MAX - last
    } else {
        u32::MAX
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// Model, frames, window, overlap, windows, padding.
    #[derive(Debug, Deserialize)]
    struct Case(
        Model,
        u64,
        Option<u64>,
        Option<u64>,
        Option<u64>,
        Option<u64>,
    );

    #[test]
    fn windows_and_padding_are_those_of_nvidias_own_functions() {
        let text = include_str!("../../fixtures/cosmos_windows/windows.json");
        let cases: Vec<Case> = serde_json::from_str(text).expect("a table");
        assert!(cases.len() > 500);
        for case in cases {
            let Case(model, frames, window, overlap, count, padding) = case;
            let cut = windows(model, frames, window, overlap);
            assert_eq!(
                cut.as_ref().map(|cut| (cut.count, cut.padding)),
                count.zip(padding),
                "{model} {frames} {window:?} {overlap:?}"
            );
        }
    }

    #[test]
    fn seams_are_the_first_new_frames_of_later_windows() {
        let seams = |model, frames, window| {
            let cut = windows(model, frames, window, None).expect("windows");
            assert_eq!(cut.seams.len() as u64 + 1, cut.count);
            cut.seams
        };
        assert_eq!(seams(Model::Transfer1, 121, None), [0; 0]);
        assert_eq!(seams(Model::Transfer1, 122, None), [121]);
        assert_eq!(seams(Model::Transfer1, 300, None), [121, 241]);
        assert_eq!(seams(Model::Transfer2_5, 241, None), [93, 185]);
        assert_eq!(seams(Model::Cosmos3, 241, Some(93)), [93, 185]);
        assert_eq!(seams(Model::Cosmos3, 241, None), [121]);
    }

    #[test]
    fn lengths_that_fill_the_windows_surround_those_that_do_not() {
        for model in Model::ALL {
            for frames in 2..800 {
                let cut = windows(model, frames, None, None).expect("windows");
                let (shorter, longer) = cut.full_lengths();
                for length in [shorter, longer].into_iter().flatten() {
                    let full = windows(model, length, None, None).expect("windows");
                    assert_eq!(full.padding, 0, "{model} {frames} {length}");
                }
                assert_eq!(longer.is_some(), cut.padding > 0, "{model} {frames}");
                assert!(shorter.is_none_or(|shorter| shorter < frames));
                assert!(longer.is_none_or(|longer| longer > frames));
            }
        }
        let cut = windows(Model::Transfer1, 130, None, None).expect("windows");
        assert_eq!(cut.full_lengths(), (Some(121), Some(241)));
        assert_eq!(
            windows(Model::Transfer1, 48, None, None).map(|cut| cut.full_lengths()),
            Some((None, Some(121)))
        );
    }

    #[test]
    fn what_cannot_be_cut_has_no_windows() {
        for model in Model::ALL {
            assert_eq!(windows(model, 0, None, None), None);
            assert_eq!(windows(model, 10, Some(0), None), None);
            assert_eq!(windows(model, 1000, Some(5), Some(5)), None);
            assert_eq!(windows(model, 1000, Some(5), Some(9)), None);
            assert_eq!(windows(model, u64::MAX, None, None), None);
            let wide = windows(model, 10, Some(u64::MAX), None);
            assert_eq!(wide.is_some(), model != Model::Cosmos3, "{model}");
        }
        let still = windows(Model::Transfer1, 1, None, None).expect("an answer");
        assert_eq!((still.count, still.padding), (0, 0));
    }

    #[test]
    fn seeds_leave_room_for_the_number_of_the_last_window() {
        assert_eq!(largest_seed(Model::Cosmos3, 1, true), 4_294_967_295);
        assert_eq!(largest_seed(Model::Cosmos3, 3, true), 4_294_967_293);
        assert_eq!(largest_seed(Model::Transfer1, 2, false), 4_294_967_294);
        assert_eq!(largest_seed(Model::Transfer1, 2, true), 4_294_967_295);
        assert_eq!(largest_seed(Model::Transfer2_5, 50, true), 4_294_967_295);
        assert_eq!(largest_seed(Model::Cosmos3, u64::MAX, true), 0);
    }
}
