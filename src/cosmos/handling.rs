//! What a generation will do with a clip, before anything is sent to it: the size it works in, the windows it
//! computes, and what of that the user should know.

use serde::Serialize;

use super::limits::{RateChange, USUAL_RATES, frames_read, published_lengths, rate_change};
use super::sizes::{Change, Resize, Tier, WorkingSize, default_tier, published_tiers, tiers};
use super::windows::{Windows, windows};
use super::{Model, Refused, Shape};
use crate::frame_rate::FrameRate;
use crate::frames::FrameRange;
use crate::size::Size;

/// By how many percent a picture may be stretched without a word: 16:9 becomes 2.3 percent wider in 1280x704.
const UNSEEN_STRETCH: f64 = 5.0;
/// The part of a side that may be cut off without a word.
const UNSEEN_CROP: f64 = 0.01;
/// The part of a window that may be padding without a word.
const UNSEEN_PADDING: f64 = 0.1;

/// The model that clips are made for, as far as its sizes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    model: Model,
    tier: &'static Tier,
    published: Option<&'static [&'static str]>,
}

impl Target {
    /// `model`, with a checkpoint and a tier where they are not its defaults.
    ///
    /// # Errors
    /// [`Refused`] for a tier that the model does not have.
    pub fn new(
        model: Model,
        checkpoint: Option<&str>,
        tier: Option<&str>,
    ) -> Result<Self, Refused> {
        let name = tier.unwrap_or_else(|| default_tier(model, checkpoint));
        let tier = tiers(model).iter().find(|known| known.name == name);
        let tier = tier.ok_or_else(|| {
            let known = one_of(tiers(model).iter().map(|known| known.name));
            Refused::new(model, "resolution_tier", name, known)
        })?;
        Ok(Self {
            model,
            tier,
            published: published_tiers(model, checkpoint),
        })
    }

    /// The generation.
    #[must_use]
    pub const fn model(&self) -> Model {
        self.model
    }

    /// The size that it computes a video of `source`'s size in.
    #[must_use]
    pub fn working_size(&self, source: Size) -> Size {
        self.tier.size(Shape::of(source))
    }
}

impl From<Model> for Target {
    /// The model with its own checkpoint and tier.
    fn from(model: Model) -> Self {
        let name = default_tier(model, None);
        let all = tiers(model);
        let tier = all.iter().find(|known| known.name == name);
        Self {
            model,
            tier: tier.unwrap_or(&all[0]),
            published: published_tiers(model, None),
        }
    }
}

/// What a model will do with a clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Handling {
    /// The generation.
    pub model: Model,
    /// The tier of sizes.
    pub tier: &'static str,
    /// The size that it computes in.
    pub working_size: Size,
    /// How frames of another size come into it.
    pub resize: Resize,
    /// How the frames that it reads are cut up; `None` where there are none.
    pub windows: Option<Windows>,
    /// The number of the first new frame of each window but the first, as the files are numbered.
    pub seam_frames: Vec<u64>,
    /// What the user should know.
    #[serde(skip)]
    pub cautions: Vec<Caution>,
}

/// What `target` will do with a video of `source` size whose frames have these `numbers`, at `rate` frames a second.
#[must_use]
pub fn handling(target: &Target, numbers: &[u64], source: Size, rate: FrameRate) -> Handling {
    let Target { model, tier, .. } = *target;
    let frames = numbers.len() as u64;
    let read = frames_read(model);
    let windows = windows(model, frames.min(read), None, None);
    let number_at = |index: u64| {
        let index = usize::try_from(index).ok()?;
        numbers.get(index).copied()
    };
    let seams = windows.iter().flat_map(|cut| cut.seams.iter().copied());
    let seam_frames: Vec<u64> = seams.filter_map(number_at).collect();
    let working = WorkingSize {
        tier: tier.name,
        size: target.working_size(source),
        resize: Resize::of(model),
        trained: target
            .published
            .is_none_or(|tiers| tiers.contains(&tier.name)),
    };
    let mut cautions = Vec::new();
    let step = FrameRange::spanning(numbers.iter().copied()).map_or(1, FrameRange::step);
    if step > 1 {
        cautions.push(Caution::FrameStep { step, frames, rate });
    }
    if frames == 1 {
        cautions.push(Caution::OneFrame { model });
    } else if let Some(cut) = &windows {
        cautions.extend(padding(model, cut, &seam_frames));
    }
    if let Some(number) = number_at(read) {
        cautions.push(Caution::Unread {
            model,
            frames,
            read,
            number,
        });
    }
    if let Some((fewest, most)) = published_lengths(model, tier.name)
        && frames > most
    {
        cautions.push(Caution::UnpublishedLength {
            model,
            tier: tier.name,
            frames,
            fewest,
            most,
        });
    }
    if !working.trained {
        cautions.push(Caution::UntrainedTier {
            model,
            tier: tier.name,
            published: one_of(target.published.unwrap_or_default().iter().copied()),
        });
    }
    cautions.extend(resizing(model, &working, source));
    cautions.extend(match rate_change(model, rate) {
        RateChange::None => None,
        RateChange::Cut(whole) => Some(Caution::RateCut { model, rate, whole }),
        RateChange::Unusual => Some(Caution::UnusualRate { model, rate }),
    });
    Handling {
        model,
        tier: tier.name,
        working_size: working.size,
        resize: working.resize,
        windows,
        seam_frames,
        cautions,
    }
}

fn padding(model: Model, cut: &Windows, seam_frames: &[u64]) -> Option<Caution> {
    let part = cut.padding as f64 / cut.window as f64;
    (part > UNSEEN_PADDING).then(|| {
        let (shorter, longer) = cut.full_lengths();
        Caution::Padding {
            model,
            frames: cut.frames,
            window: cut.window,
            count: cut.count,
            padding: cut.padding,
            last_seam: seam_frames.last().copied(),
            full: [shorter, longer].into_iter().flatten().collect(),
        }
    })
}

fn resizing(model: Model, working: &WorkingSize, source: Size) -> Option<Caution> {
    match working.change(source) {
        Change::Stretched { percent } => {
            // As much for twice as high as for twice as wide.
            let factor = 1.0 + percent / 100.0;
            let seen = factor.max(factor.recip()) > 1.0 + UNSEEN_STRETCH / 100.0;
            seen.then_some(Caution::Stretched {
                model,
                size: source,
                working: working.size,
                percent,
            })
        }
        Change::Cropped { columns, rows } => {
            let seen = columns > f64::from(source.width) * UNSEEN_CROP
                || rows > f64::from(source.height) * UNSEEN_CROP;
            seen.then_some(Caution::Cropped {
                model,
                size: source,
                working: working.size,
                columns,
                rows,
            })
        }
        Change::None => None,
    }
}

/// Something about a clip that the user should know before a model gets it. It prints as one line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Caution {
    /// Frames were left out on purpose, so that the video plays faster than the scene.
    #[error("frame step {step}: {frames} frames play for {} at {rate} fps, {step} times as fast as the scene", seconds(*.frames, *.rate))]
    FrameStep {
        /// The distance between frame numbers, at least 2.
        step: u64,
        /// Frames of the clip.
        frames: u64,
        /// Frames a second.
        rate: FrameRate,
    },
    /// A clip of one frame, which Transfer1 can do nothing with.
    #[error("1 frame only: {model} {}", match .model {
        Model::Transfer2_5 | Model::Cosmos3 => "makes a still picture of it",
        Model::Transfer1 => "fails on a single frame",
    })]
    OneFrame {
        /// The generation.
        model: Model,
    },
    /// Much of what is computed is cut off again.
    #[error("{}", padding_line(*.model, *.frames, *.window, *.count, *.padding, *.last_seam))]
    Padding {
        /// The generation.
        model: Model,
        /// Frames of the clip.
        frames: u64,
        /// Frames of a window.
        window: u64,
        /// Number of windows.
        count: u64,
        /// Frames that are cut off again.
        padding: u64,
        /// The number of the frame that the last window starts with, if there are several.
        last_seam: Option<u64>,
        /// The nearest lengths without padding, in frames.
        full: Vec<u64>,
    },
    /// A clip that is longer than what the program reads.
    #[error(
        "{frames} frames: {model} reads the first {read} and leaves out the rest, from frame {number} on"
    )]
    Unread {
        /// The generation.
        model: Model,
        /// Frames of the clip.
        frames: u64,
        /// Frames that are read.
        read: u64,
        /// The number of the first frame that is not.
        number: u64,
    },
    /// A length that NVIDIA does not publish the tier for.
    #[error(
        "{frames} frames: NVIDIA publishes {model} for {fewest} to {most} frames at tier {tier}; others may look worse"
    )]
    UnpublishedLength {
        /// The generation.
        model: Model,
        /// The tier.
        tier: &'static str,
        /// Frames of the clip.
        frames: u64,
        /// The fewest published.
        fewest: u64,
        /// The most published.
        most: u64,
    },
    /// A tier that NVIDIA does not publish the checkpoint for.
    #[error(
        "tier {tier} is not one that NVIDIA publishes this checkpoint of {model} for; the result may look worse"
    )]
    UntrainedTier {
        /// The generation.
        model: Model,
        /// The tier.
        tier: &'static str,
        /// Those that are.
        published: String,
    },
    /// A shape that will be distorted.
    #[error("{size} is stretched to {working} by {model}, which makes everything {:.0} % {}", .percent.abs(), if *.percent < 0.0 { "narrower" } else { "wider" })]
    Stretched {
        /// The generation.
        model: Model,
        /// The size of the frames.
        size: Size,
        /// The size that it computes in.
        working: Size,
        /// Above 0 for wider.
        percent: f64,
    },
    /// A shape of which something is cut off.
    #[error("{size} is cropped to {working} by {model}, which cuts off {}", cut_off(*.columns, *.rows))]
    Cropped {
        /// The generation.
        model: Model,
        /// The size of the frames.
        size: Size,
        /// The size that it computes in.
        working: Size,
        /// Columns of the source that are lost, on both sides together.
        columns: f64,
        /// Rows of the source that are lost, on both sides together.
        rows: f64,
    },
    /// A rate that the program cuts to a whole number.
    #[error("{rate} frames a second is not a whole number: {model} takes it as {whole}, and the result gets {:.1} % longer", (.rate.as_f64() / f64::from(*.whole) - 1.0) * 100.0)]
    RateCut {
        /// The generation.
        model: Model,
        /// The rate of the clip.
        rate: FrameRate,
        /// That of the result.
        whole: u32,
    },
    /// A rate outside of what NVIDIA advises.
    #[error("{rate} frames a second: NVIDIA advises {} to {} for {model}; others may look worse", USUAL_RATES.start(), USUAL_RATES.end())]
    UnusualRate {
        /// The generation.
        model: Model,
        /// The rate of the clip.
        rate: FrameRate,
    },
}

impl Caution {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::FrameStep { step, rate, .. } => {
                let slower = u32::try_from(*step).ok().and_then(|step| {
                    FrameRate::new(rate.num(), rate.den().checked_mul(step)?).ok()
                });
                match slower {
                    Some(slower) => format!(
                        "render every frame, or pass --fps {slower} for the speed of the scene"
                    ),
                    None => "render every frame".to_owned(),
                }
            }
            Self::OneFrame {
                model: Model::Transfer2_5 | Model::Cosmos3,
            } => return None,
            Self::OneFrame { model } => format!(
                "render {} frames to fill one window, or use {} for a still",
                super::default_window(*model),
                Model::Transfer2_5
            ),
            Self::Padding { count: 1, full, .. } => {
                format!("render {} frames to fill one window", lengths(full))
            }
            Self::Padding { full, .. } => {
                format!("{} frames fill the windows", lengths(full))
            }
            Self::Unread { read, .. } => {
                format!("split it into shots of no more than {read} frames")
            }
            Self::UnpublishedLength { fewest, most, .. } => {
                format!("make a shot of {fewest} to {most} frames, or take another tier")
            }
            Self::UntrainedTier { published, .. } => format!("take {published}"),
            Self::Stretched { working, .. } | Self::Cropped { working, .. } => format!(
                "render at {working}, or pass --resolution cosmos with --fit pad or --fit crop"
            ),
            Self::RateCut { .. } => {
                "pass a whole --fps unless the result must keep this rate".into()
            }
            Self::UnusualRate { .. } => "pass another --fps".into(),
        })
    }
}

/// How long `frames` play, in words.
fn seconds(frames: u64, rate: FrameRate) -> String {
    format!("{:.2} s", frames as f64 / rate.as_f64())
}

fn padding_line(
    model: Model,
    frames: u64,
    window: u64,
    count: u64,
    padding: u64,
    last_seam: Option<u64>,
) -> String {
    match last_seam {
        None => format!(
            "{frames} frames only: {model} works on {window} frames at a time and fills up the missing {padding}"
        ),
        Some(seam) => format!(
            "{frames} frames: {model} makes {count} windows of {window} frames and pads the last one, from frame {seam} on, with {padding}"
        ),
    }
}

fn cut_off(columns: f64, rows: f64) -> String {
    let side = |lost: f64, unit: &str, sides: &str| {
        let each = (lost / 2.0).round().max(1.0);
        let ending = if each == 1.0 { "" } else { "s" };
        (lost >= 0.01).then(|| format!("{each} {unit}{ending} {sides}"))
    };
    let sides = [
        side(columns, "column", "on the left and on the right"),
        side(rows, "row", "at the top and at the bottom"),
    ];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    sides.join(" and ")
}

fn lengths(full: &[u64]) -> String {
    let all: Vec<String> = full.iter().map(u64::to_string).collect();
    all.join(" or ")
}

/// `a, b or c`.
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: Size = Size::new(1920, 1080);

    fn clip(target: Target, frames: u64, source: Size, rate: &str) -> Handling {
        let numbers: Vec<u64> = (1001..1001 + frames).collect();
        handling(&target, &numbers, source, rate.parse().expect("a rate"))
    }

    fn lines(target: impl Into<Target>, frames: u64, source: Size, rate: &str) -> Vec<String> {
        let handling = clip(target.into(), frames, source, rate);
        handling.cautions.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_is_said_where_everything_fits() {
        for (model, frames) in [
            (Model::Transfer1, 121),
            (Model::Transfer1, 120),
            (Model::Transfer1, 241),
            (Model::Transfer2_5, 93),
            (Model::Transfer2_5, 185),
            (Model::Cosmos3, 121),
        ] {
            assert_eq!(
                lines(model, frames, HD, "24"),
                Vec::<String>::new(),
                "{model} {frames}"
            );
        }
    }

    #[test]
    fn a_frame_step_says_how_long_the_video_plays() {
        let numbers: Vec<u64> = (0..121).map(|n| 1 + 2 * n).collect();
        let rate = "24".parse().expect("a rate");
        let handling = handling(&Model::Transfer1.into(), &numbers, HD, rate);
        let [caution] = handling.cautions.as_slice() else {
            panic!("one caution: {:?}", handling.cautions);
        };
        assert_eq!(
            caution.to_string(),
            "frame step 2: 121 frames play for 5.04 s at 24 fps, 2 times as fast as the scene"
        );
        assert_eq!(
            caution.hint().as_deref(),
            Some("render every frame, or pass --fps 12 for the speed of the scene")
        );
    }

    #[test]
    fn padding_names_the_seam_as_the_files_are_numbered_and_the_lengths_without() {
        let handling = clip(Model::Transfer1.into(), 130, HD, "24");
        assert_eq!(handling.seam_frames, [1122]);
        let caution = handling.cautions.first().expect("a caution");
        assert_eq!(
            caution.to_string(),
            "130 frames: Cosmos-Transfer1 makes 2 windows of 121 frames and pads the last one, from frame 1122 on, with 111"
        );
        assert_eq!(
            caution.hint().as_deref(),
            Some("121 or 241 frames fill the windows")
        );
        assert_eq!(
            lines(Model::Transfer2_5, 24, HD, "24"),
            [
                "24 frames only: Cosmos-Transfer2.5 works on 93 frames at a time and fills up the missing 69"
            ]
        );
    }

    #[test]
    fn single_frames_and_what_is_not_read_are_told() {
        for (model, expected) in [
            (
                Model::Transfer1,
                "1 frame only: Cosmos-Transfer1 fails on a single frame",
            ),
            (
                Model::Transfer2_5,
                "1 frame only: Cosmos-Transfer2.5 makes a still picture of it",
            ),
            (
                Model::Cosmos3,
                "1 frame only: Cosmos 3 makes a still picture of it",
            ),
        ] {
            assert_eq!(lines(model, 1, HD, "24"), [expected]);
        }
        let long = clip(Model::Transfer1.into(), 6000, HD, "24");
        assert_eq!(
            long.cautions.last().map(ToString::to_string).as_deref(),
            Some(
                "6000 frames: Cosmos-Transfer1 reads the first 5000 and leaves out the rest, from frame 6001 on"
            )
        );
        assert_eq!(long.windows.map(|cut| cut.frames), Some(5000));
    }

    #[test]
    fn stretching_and_cropping_are_told_in_percent_and_in_pixels() {
        let scope = Size::new(2048, 858);
        assert_eq!(
            lines(Model::Transfer2_5, 93, scope, "24"),
            [
                "2048x858 is stretched to 1280x704 by Cosmos-Transfer2.5, which makes everything 24 % narrower"
            ]
        );
        assert_eq!(
            lines(Model::Cosmos3, 121, scope, "24"),
            [
                "2048x858 is cropped to 1280x720 by Cosmos 3, which cuts off 261 columns on the left and on the right"
            ]
        );
        let tall = Size::new(1080, 2400);
        assert_eq!(
            lines(Model::Cosmos3, 121, tall, "24"),
            [
                "1080x2400 is cropped to 720x1280 by Cosmos 3, which cuts off 240 rows at the top and at the bottom"
            ]
        );
    }

    #[test]
    fn rates_lengths_and_tiers_outside_of_what_is_published_are_told() {
        assert_eq!(
            lines(Model::Transfer2_5, 93, HD, "23.976"),
            [
                "24000/1001 frames a second is not a whole number: Cosmos-Transfer2.5 takes it as 23, and the result gets 4.2 % longer"
            ]
        );
        assert_eq!(
            lines(Model::Cosmos3, 121, HD, "60"),
            ["60 frames a second: NVIDIA advises 10 to 30 for Cosmos 3; others may look worse"]
        );
        assert_eq!(
            lines(Model::Cosmos3, 241, HD, "24"),
            [
                "241 frames: NVIDIA publishes Cosmos 3 for 24 to 200 frames at tier 720; others may look worse"
            ]
        );
        let untrained = Target::new(Model::Cosmos3, Some("Cosmos3-Edge"), Some("720"));
        assert_eq!(
            lines(untrained.expect("a tier"), 121, HD, "24"),
            [
                "tier 720 is not one that NVIDIA publishes this checkpoint of Cosmos 3 for; the result may look worse"
            ]
        );
        let edge = Target::new(Model::Cosmos3, Some("Cosmos3-Edge"), None).expect("a tier");
        assert_eq!(edge.working_size(HD), Size::new(832, 480));
        let refused = Target::new(Model::Cosmos3, None, Some("1080")).expect_err("no such tier");
        assert_eq!(
            refused.to_string(),
            "Cosmos 3 cannot run this: resolution_tier is 1080, expected 256, 480, 704, 720 or 768"
        );
    }
}
