//! The numbers of GPUs that each program can split its work over.

use std::fmt;

use super::Model;
use super::sizes::Checkpoint;
use super::windows::default_window;
use crate::size::Size;

/// The most GPUs that are considered.
const MOST: u32 = 64;
/// Frames of the latent video in a window of Transfer1, over which it splits (121 frames, 8 to 1, and the first).
const TRANSFER1_LATENT_FRAMES: u32 = 16;
/// Attention heads of Transfer2.5 (`x/configs/vid2vid_transfer/defaults/net.py`, 2B).
const TRANSFER2_5_HEADS: u32 = 16;
/// Frames of the latent video in the window that Transfer2.5 was trained with (`state_t`).
const TRANSFER2_5_LATENT_FRAMES: u64 = 24;
/// Frames of a video that become one latent frame, after the first, in Transfer2.5.
const FRAMES_PER_LATENT: u64 = 4;
/// Pixels of a side that become one row or column of a patch in Transfer2.5: 8 in the VAE, 2 in the network.
const PIXELS_PER_PATCH: u32 = 16;
/// Heads for keys and values in every checkpoint of Cosmos 3.
const COSMOS3_KEY_HEADS: u32 = 8;

/// What is to be split.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    /// The generation.
    pub model: Model,
    /// The checkpoint of Cosmos 3; its default if `None`.
    pub checkpoint: Option<&'a str>,
    /// Whether Transfer2.5 runs its distilled network.
    pub distilled: bool,
    /// Whether Transfer1 has regional prompts.
    pub regional_prompts: bool,
    /// Whether Cosmos 3 runs with `--parallelism-preset=throughput` instead of `latency`.
    pub throughput: bool,
    /// Frames of a window, where not the default.
    pub window: Option<u64>,
    /// The working size.
    pub size: Size,
}

/// The numbers of GPUs that work, and why no others do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuCounts {
    /// The numbers up to 64, ascending.
    pub counts: Vec<u32>,
    /// Why only these, as half a sentence; empty where every number works.
    pub reason: String,
}

impl GpuCounts {
    /// Whether so many GPUs work.
    #[must_use]
    pub fn contains(&self, count: u32) -> bool {
        self.counts.contains(&count)
    }
}

impl fmt::Display for GpuCounts {
    /// The numbers as words: `1, 2, 4, 8 or 16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.counts.iter().map(u32::to_string).collect();
        match all.as_slice() {
            _ if self.reason.is_empty() => f.write_str("any number"),
            [] => f.write_str("none"),
            [one] => f.write_str(one),
            [first @ .., last] => write!(f, "{} or {last}", first.join(", ")),
        }
    }
}

/// The numbers of GPUs that work for `split`.
///
/// Sources: Transfer1 `diffusion/module/parallel.py:split_inputs_cp`; Transfer2.5
/// `_src/imaginaire/utils/context_parallel.py:find_split`, and around its calls; Cosmos 3
/// `inf/common/args.py:ParallelismOverrides`, `model/generator/mot/context_parallel_utils.py`.
#[must_use]
pub fn gpu_counts(split: &Split<'_>) -> GpuCounts {
    let (works, reason): (&dyn Fn(u32) -> bool, String) = match split.model {
        Model::Transfer1 if split.regional_prompts => (
            &|count| count == 1,
            "regional prompts cannot be split".into(),
        ),
        Model::Transfer1 => (
            &|count| TRANSFER1_LATENT_FRAMES.is_multiple_of(count),
            format!("it splits {TRANSFER1_LATENT_FRAMES} latent frames into equal parts"),
        ),
        Model::Transfer2_5 if split.distilled => (
            &|count| {
                transfer2_5_splits(split, count)
                    && TRANSFER2_5_LATENT_FRAMES.is_multiple_of(u64::from(count))
            },
            format!(
                "it splits {TRANSFER2_5_LATENT_FRAMES} latent frames and {TRANSFER2_5_HEADS} attention heads into equal parts"
            ),
        ),
        Model::Transfer2_5 => (
            &|count| transfer2_5_splits(split, count),
            format!(
                "it splits {TRANSFER2_5_HEADS} attention heads, and {} latent frames of {} rows, into equal parts",
                latent_frames(split),
                split.size.height / PIXELS_PER_PATCH
            ),
        ),
        Model::Cosmos3 if split.throughput => (&|_| true, String::new()),
        Model::Cosmos3 => (
            &|count| cosmos3_splits(split, count),
            format!(
                "it splits guidance in two, and {} attention heads into equal parts",
                cosmos3_heads(split)
            ),
        ),
    };
    GpuCounts {
        counts: (1..=MOST).filter(|&count| works(count)).collect(),
        reason,
    }
}

fn latent_frames(split: &Split<'_>) -> u64 {
    let window = split.window.unwrap_or_else(|| default_window(split.model));
    window.saturating_sub(1) / FRAMES_PER_LATENT + 1
}

fn transfer2_5_splits(split: &Split<'_>, count: u32) -> bool {
    if count == 1 {
        return true;
    }
    let frames = latent_frames(split);
    // A window much longer than the trained one is taken for several cameras, and a shorter one for none.
    let views = frames / TRANSFER2_5_LATENT_FRAMES;
    let rows = u64::from(split.size.height / PIXELS_PER_PATCH);
    let splits = |views: u64| {
        let per_view = frames / views;
        let left = u64::from(count) / gcd(per_view, u64::from(count));
        let in_time = u64::from(count) <= per_view && per_view.is_multiple_of(u64::from(count));
        in_time || (frames.is_multiple_of(views) && gcd(rows, left) == left)
    };
    TRANSFER2_5_HEADS.is_multiple_of(count) && views > 0 && splits(views) && splits(1)
}

/// Attention heads of a checkpoint; those of Cosmos3-Nano for one that is not NVIDIA's.
fn cosmos3_heads(split: &Split<'_>) -> u32 {
    match Checkpoint::of(split.checkpoint) {
        Checkpoint::Nano | Checkpoint::NanoSimTransfer | Checkpoint::Other => 32,
        Checkpoint::Super => 64,
        Checkpoint::Edge => 16,
    }
}

fn cosmos3_splits(split: &Split<'_>, count: u32) -> bool {
    if count == 1 {
        return true;
    }
    // With and without guidance on one half of the GPUs each; the heads are split within a half.
    let half = count / 2;
    let key_heads = COSMOS3_KEY_HEADS * (half / COSMOS3_KEY_HEADS).max(1);
    count.is_multiple_of(2)
        && cosmos3_heads(split).is_multiple_of(half)
        && key_heads.is_multiple_of(half)
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(model: Model) -> Split<'static> {
        Split {
            model,
            checkpoint: None,
            distilled: false,
            regional_prompts: false,
            throughput: false,
            window: None,
            size: Size::new(1280, 704),
        }
    }

    #[test]
    fn a_usual_run_splits_over_powers_of_two() {
        for model in [Model::Transfer1, Model::Transfer2_5] {
            let counts = gpu_counts(&of(model));
            assert_eq!(counts.counts, [1, 2, 4, 8, 16], "{model}");
            assert_eq!(counts.to_string(), "1, 2, 4, 8 or 16");
            assert!(!counts.contains(3) && counts.reason.contains("latent frames"));
        }
        let nano = gpu_counts(&of(Model::Cosmos3));
        assert_eq!(nano.counts, [1, 2, 4, 8, 16, 32, 64]);
        assert!(!nano.contains(6));
        assert!(nano.reason.contains("32 attention heads"));
        let edge = gpu_counts(&Split {
            checkpoint: Some("Cosmos3-Edge"),
            ..of(Model::Cosmos3)
        });
        assert_eq!(edge.counts, [1, 2, 4, 8, 16, 32]);
    }

    #[test]
    fn special_runs_split_over_fewer_or_any() {
        let regional = gpu_counts(&Split {
            regional_prompts: true,
            ..of(Model::Transfer1)
        });
        assert_eq!(regional.to_string(), "1");
        let distilled = gpu_counts(&Split {
            distilled: true,
            ..of(Model::Transfer2_5)
        });
        assert_eq!(distilled.to_string(), "1, 2, 4 or 8");
        let any = gpu_counts(&Split {
            throughput: true,
            ..of(Model::Cosmos3)
        });
        assert_eq!(any.to_string(), "any number");
        assert!(any.contains(3) && any.contains(7));
    }

    #[test]
    fn transfer2_5_splits_as_nvidias_own_function_does() {
        let text = include_str!("../../fixtures/cosmos_windows/splits.json");
        let cases: Vec<(u64, u32, u32, Vec<u32>)> = serde_json::from_str(text).expect("a table");
        for (window, width, height, theirs) in cases {
            let counts = gpu_counts(&Split {
                window: Some(window),
                size: Size::new(width, height),
                ..of(Model::Transfer2_5)
            });
            assert_eq!(counts.counts, theirs, "{window} frames of {width}x{height}");
        }
    }
}
