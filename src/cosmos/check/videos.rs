//! The files of a sample: whether they are there, and whether they fit together.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::options::{self, Effect, Kind, Place};
use super::super::{Model, RateChange, Shape, frames_read, rate_change, windows};
use super::sample::{Sample, text};
use super::{Files, Finding, VideoFacts};
use crate::size::Size;

/// Rates closer than this are one rate: containers round them.
const RATE_TOLERANCE: f64 = 0.0005;
/// Frames a second of a result of Transfer1 and, without an input video, Cosmos 3.
const DEFAULT_RATE: f64 = 24.0;
/// The same of Cosmos 3 with a world map alone (`inference/args.py:_TRANSFER_DEFAULTS`).
const WSM_RATE: f64 = 10.0;
/// Frames of a chunk of Cosmos 3 unless the spec says (`inference/args.py:_TRANSFER_SAMPLE_DEFAULTS`).
const COSMOS3_CHUNK: u64 = 93;
/// The same with a world map alone.
const WSM_CHUNK: u64 = 101;
/// Endings of pictures.
const PICTURES: [&str; 4] = ["png", "jpg", "jpeg", "webp"];

/// What is generated, as far as the files tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clip {
    /// Windows of the result.
    pub windows: Option<u64>,
}

/// A video that was looked at.
struct Seen {
    /// The key with its path.
    key: String,
    facts: VideoFacts,
}

pub(super) fn judge(
    sample: &Sample<'_>,
    folder: &Path,
    files: &dyn Files,
    found: &mut Vec<Finding>,
) -> Clip {
    let look = Look {
        sample,
        folder,
        files,
    };
    look.missing(found);
    let input = look.video(sample.input_key().to_owned(), sample.input(), found);
    let controls: Vec<Seen> = sample
        .controls
        .iter()
        .filter_map(|control| {
            let key = format!("{}.{}", control.name, sample.control_key());
            look.video(key, sample.path_of(control), found)
        })
        .collect();
    if sample.model == Model::Cosmos3 && sample.input().is_some_and(is_picture) {
        found.push(
            Finding::warning(
                "video.picture",
                "with a picture for vision_path the result has 1 frame a second",
            )
            .at("vision_path"),
        );
    }
    shapes(sample.model, input.as_ref(), &controls, found);
    rates(sample, input.as_ref(), &controls, found);
    lengths(sample, input.as_ref(), &controls, found)
}

/// Where the files of a sample are looked for.
struct Look<'a> {
    sample: &'a Sample<'a>,
    folder: &'a Path,
    files: &'a dyn Files,
}

impl Look<'_> {
    /// The file that a path of the spec names; `None` for an address and for another user's home.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let is_elsewhere = path.contains("://") || path.starts_with('~');
        (!is_elsewhere).then(|| self.folder.join(path))
    }

    fn is_missing(&self, path: &str) -> bool {
        let located = self.locate(path);
        located.is_some_and(|path| !self.files.is_file(&path))
    }

    /// Says of every file that is not there.
    fn missing(&self, found: &mut Vec<Finding>) {
        let program = options::program(self.sample.model);
        let files = program.options.iter().filter(|option| {
            matches!(option.kind, Kind::File | Kind::Weight) && option.effect == Effect::Works
        });
        let mut say = |key: String, path: &str| {
            // A weight is a file only with this ending.
            if self.is_missing(path) {
                let looked = self.folder.join(path);
                found.push(
                    Finding::error("file.missing", format!("{path} is not there"))
                        .at(key)
                        .help(format!("looked for {}", looked.display())),
                );
            }
        };
        for option in files {
            let is_path = |path: &&str| option.kind == Kind::File || path.ends_with(".pt");
            match option.place {
                Place::Control => {
                    for control in &self.sample.controls {
                        let takes = option.controls.iter().any(|name| name == control.name);
                        let path = text(control.fields, &option.key).filter(is_path);
                        if let (true, Some(path)) = (takes, path) {
                            say(format!("{}.{}", control.name, option.key), path);
                        }
                    }
                }
                Place::Spec => {
                    if let Some(path) = text(self.sample.fields, &option.key).filter(is_path) {
                        say(option.key.clone(), path);
                    }
                }
                Place::Flag | Place::Env => {}
            }
        }
        let regions = self.sample.fields.get("regional_prompts");
        let regions = regions.and_then(Value::as_array).into_iter().flatten();
        for (i, region) in regions.enumerate() {
            let path = region
                .get("region_definitions_path")
                .and_then(Value::as_str);
            // Of other endings it is said that they are no videos.
            if let Some(path) =
                path.filter(|path| !path.ends_with(".pt") && !path.ends_with(".json"))
            {
                say(
                    format!("regional_prompts[{i}].region_definitions_path"),
                    path,
                );
            }
        }
    }

    /// What the video at `path` holds, if there is one that the program opens.
    fn video(&self, key: String, path: Option<&str>, found: &mut Vec<Finding>) -> Option<Seen> {
        let path = path?;
        if let Some(expected) = wrong_ending(self.sample.model, &key, path) {
            found.push(
                Finding::error(
                    "file.ending",
                    format!("{path} is a file that the program does not open"),
                )
                .at(key)
                .help(format!("it opens {expected}")),
            );
            return None;
        }
        let located = self.locate(path).filter(|path| self.files.is_file(path))?;
        if is_picture(path) {
            return None;
        }
        match self.files.video(&located) {
            Ok(facts) => Some(Seen { key, facts }),
            Err(why) => {
                found.push(
                    Finding::error("video.unreadable", format!("{path} cannot be read: {why}"))
                        .at(key),
                );
                None
            }
        }
    }
}

/// The endings that the program opens, if `path` has none of them. Transfer2.5
/// `x/inference/utils.py:_VIDEO_EXTENSIONS` also names mkv, which its reader then refuses; Cosmos 3
/// `inference/common/args.py:VIDEO_EXTENSIONS` and `inference/transfer.py:load_transfer_control_frames`.
fn wrong_ending(model: Model, key: &str, path: &str) -> Option<&'static str> {
    let (endings, words): (&[&str], _) = match model {
        Model::Transfer1 => return None,
        Model::Transfer2_5 => (
            &["mp4", "avi", "mov", "webm", "png", "jpg", "jpeg"],
            "mp4, avi, mov, webm, png, jpg and jpeg",
        ),
        Model::Cosmos3 if key == "vision_path" => (
            &["mp4", "png", "jpg", "jpeg", "webp"],
            "mp4, png, jpg, jpeg and webp",
        ),
        Model::Cosmos3 => (
            &["mp4", "avi", "mov", "mkv", "webm", "png", "jpg", "jpeg"],
            "mp4, avi, mov, mkv, webm, png, jpg and jpeg",
        ),
    };
    let ending = ending(path);
    (!endings.contains(&ending.as_str())).then_some(words)
}

fn ending(path: &str) -> String {
    let extension = Path::new(path).extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

fn is_picture(path: &str) -> bool {
    PICTURES.contains(&ending(path).as_str())
}

fn shapes(model: Model, input: Option<&Seen>, controls: &[Seen], found: &mut Vec<Finding>) {
    let mut all = input.into_iter().chain(controls);
    let Some(first) = all.next() else { return };
    let size = |seen: &Seen| Size::new(seen.facts.width, seen.facts.height);
    for other in all.filter(|other| size(other) != size(first)) {
        let (own, reference) = (size(other), size(first));
        let sizes = format!(
            "{} is {}x{} and {} {}x{}",
            other.key, own.width, own.height, first.key, reference.width, reference.height
        );
        found.push(if Shape::of(own) == Shape::of(reference) {
            let how = match model {
                Model::Transfer1 | Model::Transfer2_5 => "both are stretched to one size",
                Model::Cosmos3 => "both are scaled and cropped to one size",
            };
            Finding::note("video.size", format!("{sizes}: {how}")).at(&other.key)
        } else if model == Model::Cosmos3 {
            Finding::warning(
                "video.shape",
                format!("{sizes}: one of them is cropped to the shape of the other"),
            )
            .at(&other.key)
        } else {
            Finding::error(
                "video.shape",
                format!("{sizes}: the program cannot bring them to one size"),
            )
            .at(&other.key)
            .help("make both from the same frames")
        });
    }
}

fn rates(sample: &Sample<'_>, input: Option<&Seen>, controls: &[Seen], found: &mut Vec<Finding>) {
    let model = sample.model;
    let differ = |a: f64, b: f64| (a - b).abs() > b.abs() * RATE_TOLERANCE;
    let Some(first) = input.or_else(|| controls.first()) else {
        return;
    };
    let rate = first.facts.fps.as_f64();
    // Where the program does not read the rate of what it is given.
    let told = match model {
        Model::Transfer1 => Some(DEFAULT_RATE),
        Model::Cosmos3 if sample.input().is_none() => {
            let wsm_alone = sample.controls.len() == 1 && sample.control("wsm").is_some();
            Some(if wsm_alone { WSM_RATE } else { DEFAULT_RATE })
        }
        Model::Transfer2_5 | Model::Cosmos3 => None,
    };
    if let Some(default) = told {
        let fps = sample.number("fps").unwrap_or(default);
        if differ(rate, fps) {
            found.push(
                Finding::warning(
                    "video.rate",
                    format!(
                        "{} has {} frames a second, the result gets {fps}",
                        first.key, first.facts.fps
                    ),
                )
                .at("fps")
                .help("set fps to the rate of the video"),
            );
        }
    } else {
        match rate_change(model, first.facts.fps) {
            RateChange::Cut(whole) if model == Model::Transfer2_5 => found.push(
                Finding::warning(
                    "video.rate-cut",
                    format!("{} frames a second become {whole}, so the result plays slower", first.facts.fps),
                )
                .at(&first.key),
            ),
            RateChange::Unusual => found.push(
                Finding::warning(
                    "video.rate-unusual",
                    format!("{} frames a second are outside of what the model was trained for, 10 to 30", first.facts.fps),
                )
                .at(&first.key),
            ),
            RateChange::Cut(_) | RateChange::None => {}
        }
    }
    let others = controls.iter().filter(|control| control.key != first.key);
    for other in others.filter(|other| differ(other.facts.fps.as_f64(), rate)) {
        found.push(
            Finding::warning(
                "video.rates-differ",
                format!(
                    "{} has {} frames a second and {} {}: frames are paired by number, not by time",
                    other.key, other.facts.fps, first.key, first.facts.fps
                ),
            )
            .at(&other.key),
        );
    }
}

fn lengths(
    sample: &Sample<'_>,
    input: Option<&Seen>,
    controls: &[Seen],
    found: &mut Vec<Finding>,
) -> Clip {
    let model = sample.model;
    let all = || input.into_iter().chain(controls);
    let leading = match model {
        Model::Transfer1 => all().min_by_key(|seen| seen.facts.frames),
        Model::Transfer2_5 => input,
        // A derived control is as long as what it is derived from.
        Model::Cosmos3 => match sample.controls.first() {
            Some(control) if sample.path_of(control).is_some() => controls
                .iter()
                .find(|seen| seen.key.starts_with(&format!("{}.", control.name))),
            _ => input,
        },
    };
    let Some(leading) = leading else {
        return Clip::default();
    };
    let limit = sample
        .whole("max_frames")
        .filter(|_| model != Model::Transfer1);
    let limit = limit.unwrap_or(u64::MAX).min(frames_read(model));
    let frames = leading.facts.frames.min(limit);
    if leading.facts.frames > frames_read(model) {
        found.push(
            Finding::warning(
                "video.too-long",
                format!(
                    "{} has {} frames, of which {} are read",
                    leading.key,
                    leading.facts.frames,
                    frames_read(model)
                ),
            )
            .at(&leading.key),
        );
    }
    if frames == 1 {
        one_frame(sample, &leading.key, found);
        return Clip {
            windows: (model != Model::Transfer1).then_some(1),
        };
    }
    let window = match model {
        Model::Transfer1 => None,
        Model::Transfer2_5 => sample.whole("num_video_frames_per_chunk"),
        Model::Cosmos3 => {
            let wsm_alone = sample.controls.len() == 1 && sample.control("wsm").is_some();
            let default = if wsm_alone { WSM_CHUNK } else { COSMOS3_CHUNK };
            Some(
                sample
                    .whole("num_video_frames_per_chunk")
                    .unwrap_or(default),
            )
        }
    };
    let overlap = sample
        .whole("num_conditional_frames")
        .filter(|_| model != Model::Transfer1);
    let Some(cut) = windows(model, frames, window, overlap) else {
        found.push(
            Finding::error(
                "chunk.overlap",
                "a chunk has no frames of its own besides those of the one before",
            )
            .at("num_video_frames_per_chunk")
            .help("it has to be longer than num_conditional_frames"),
        );
        return Clip::default();
    };
    if cut.padding > 0 {
        let windows = if cut.count == 1 { "window" } else { "windows" };
        found.push(Finding::note(
            "length.padding",
            format!(
                "{frames} frames are {} {windows} of {}: {} frames are computed and cut off again",
                cut.count, cut.window, cut.padding
            ),
        ));
    }
    let last_start = (cut.count - 1) * (cut.window - cut.overlap);
    for other in all().filter(|other| other.key != leading.key) {
        let length = other.facts.frames.min(limit);
        if length == frames {
            continue;
        }
        let lengths = format!(
            "{} has {} frames and {} {}",
            other.key, other.facts.frames, leading.key, leading.facts.frames
        );
        let finding = match model {
            Model::Transfer1 => Finding::warning(
                "video.length",
                format!("{lengths}: all are cut to the shortest"),
            ),
            Model::Transfer2_5 if length > frames => Finding::note(
                "video.length",
                format!("{lengths}: the surplus is not read"),
            ),
            Model::Transfer2_5 if length <= last_start => Finding::error(
                "video.length",
                format!("{lengths}: the last chunk finds no frames, and the program fails"),
            ),
            Model::Transfer2_5 => {
                Finding::warning("video.length", format!("{lengths}: the rest is mirrored"))
            }
            Model::Cosmos3 if length > frames => {
                Finding::warning("video.length", format!("{lengths}: the surplus is cut off"))
            }
            Model::Cosmos3 => {
                Finding::warning("video.length", format!("{lengths}: the rest is mirrored"))
            }
        };
        found.push(finding.at(&other.key));
    }
    Clip {
        windows: Some(cut.count),
    }
}

fn one_frame(sample: &Sample<'_>, key: &str, found: &mut Vec<Finding>) {
    let finding = match sample.model {
        Model::Transfer1 => Finding::error(
            "video.one-frame",
            "a single frame is no window: the program fails",
        ),
        Model::Transfer2_5 => Finding::note(
            "video.one-frame",
            "a single frame becomes a picture, a .jpg file",
        )
        .help("with max_frames 1 and num_video_frames_per_chunk 1 no other frames are computed"),
        Model::Cosmos3 if sample.whole("num_frames") == Some(1) => Finding::note(
            "video.one-frame",
            "a single frame becomes a picture, a .jpg file",
        ),
        Model::Cosmos3 => Finding::error(
            "video.one-frame",
            "the program writes a picture and fails over the missing video",
        )
        .help("set num_frames to 1"),
    };
    found.push(finding.at(key));
}
