//! What a check found: problems that forbid encoding, and warnings that do not.

use std::path::PathBuf;

use cosmos_core::advice::Advice;
use cosmos_core::json_path;
use cosmos_core::lists;
use cosmos_core::modality::Modality;
use serde::Serialize;

use super::choice::MapRule;
use super::error::{FramesError, UNSUPPORTED_HINT};
use super::header::{Channels, Fault, FileFormat};
use super::name::Shown;
use super::sequence::{FrameNumbers, FrameRange, Sequence, Shot};

/// How strict a check is, and what the user says about the shot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanOptions {
    /// Unrelated files are a problem instead of a warning. Default: off.
    pub strict: bool,
    /// Frames that are missing or unreadable in one modality are dropped from all, instead of being a
    /// problem. Default: off.
    pub allow_partial: bool,
    /// Which of several shots is meant, by words of its name. Default: there is only one.
    pub shot: Option<String>,
    /// Which sequence is which modality; the rest is told by the names. Default: none.
    pub map: Vec<MapRule>,
}

/// Something that forbids encoding. It prints as one line; frames with the same problem share one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// The shot has no color frames.
    #[error("color is missing in `{}`{}", Shown(.folder), found_instead(.found))]
    ColorMissing {
        /// The shot.
        #[serde(serialize_with = "json_path::one")]
        folder: PathBuf,
        /// The modalities and patterns that were found.
        found: Vec<String>,
    },
    /// Two sequences claim one modality.
    #[error("{modality} has {} sources: {}", .sources.len(), quoted(.sources))]
    SeveralSources {
        /// The modality.
        modality: Modality,
        /// The patterns of all its sources, with their folders.
        sources: Vec<String>,
    },
    /// Two modalities are of different shots.
    #[error(
        "{reference} is of shot `{expected}` (`{reference_pattern}`) but {modality} of `{shot}` (`{pattern}`)"
    )]
    DifferentShots {
        /// The modality.
        modality: Modality,
        /// The shot that its names tell.
        shot: String,
        /// Its pattern, with its folder.
        pattern: String,
        /// What it is compared with: color, unless that is missing.
        reference: Modality,
        /// The shot of that.
        expected: String,
        /// The pattern of that, with its folder.
        reference_pattern: String,
    },
    /// The only frames of a modality are in a format that is not read.
    #[error("{modality} is {format}, which cannot be read (`{pattern}`, {})", counted_files(*.count))]
    UnsupportedFormat {
        /// The modality.
        modality: Modality,
        /// Name of the format.
        format: &'static str,
        /// The file names as a pattern, with their folder.
        pattern: String,
        /// How many files there are.
        count: usize,
    },
    /// Two files of a sequence have one frame number.
    #[error("{}frame {number} is in two files: `{}` and `{}`{}", of(.modality), Shown(.first), Shown(.second), and_more(.numbers))]
    DuplicateFrames {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first frame number that is there twice.
        number: u64,
        /// One file.
        #[serde(serialize_with = "json_path::one")]
        first: PathBuf,
        /// The other.
        #[serde(serialize_with = "json_path::one")]
        second: PathBuf,
        /// All frame numbers that are there more than once.
        numbers: FrameNumbers,
    },
    /// Numbers are missing inside a sequence.
    #[error("{}{} missing from `{pattern}` (found {found} of {range})", of(.modality), frames_are(.missing))]
    MissingFrames {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The file names as a pattern, with their folder.
        pattern: String,
        /// The first file that is missing.
        example: String,
        /// What is missing.
        missing: FrameNumbers,
        /// How many frames there are.
        found: usize,
        /// The range that they span.
        range: FrameRange,
    },
    /// Files that cannot be a frame, all for the same reason.
    #[error("{}`{}` {fault}{}", of(.modality), Shown(.file), and_more(.numbers))]
    BadFrames {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// What is wrong with it.
        #[serde(flatten)]
        fault: Fault,
        /// The frame numbers of all such files.
        numbers: FrameNumbers,
    },
    /// Frames of another size than the rest of their sequence.
    #[error("{}`{}` is {}; the sequence is {}{}", of(.modality), Shown(.file), by(.found), by(.expected), and_more(.numbers))]
    SizeChanges {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// Width and height of most frames.
        expected: (u32, u32),
        /// Width and height of this file.
        found: (u32, u32),
        /// All frame numbers whose size differs from most.
        numbers: FrameNumbers,
    },
    /// Frames of another bit depth than the rest of their sequence.
    #[error("{}`{}` has {found} bits per channel; the sequence has {expected}{}", of(.modality), Shown(.file), and_more(.numbers))]
    BitDepthChanges {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// Bits per channel of most frames.
        expected: u8,
        /// Bits per channel of this file.
        found: u8,
        /// All frame numbers whose bit depth differs from most.
        numbers: FrameNumbers,
    },
    /// A modality spans other frames than the one it must be aligned with.
    #[error("{modality} has frames {range} but {reference} has {expected}")]
    RangeDiffers {
        /// The modality.
        modality: Modality,
        /// Its frames.
        range: FrameRange,
        /// What it is compared with: color, unless that is missing.
        reference: Modality,
        /// The frames of that.
        expected: FrameRange,
    },
    /// A modality has another size than the one it must be aligned with.
    #[error("{modality} is {} (`{}`) but {reference} is {}", by(.size), Shown(.file), by(.expected))]
    SizeDiffers {
        /// The modality.
        modality: Modality,
        /// Its first file of that size.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// Its width and height.
        size: (u32, u32),
        /// What it is compared with: color, unless that is missing.
        reference: Modality,
        /// Width and height of that.
        expected: (u32, u32),
    },
    /// No frame number is readable in every modality, so `allow_partial` leaves nothing.
    #[error("no frame is readable in every modality ({})", .ranges.join(", "))]
    NothingInCommon {
        /// The modalities with their ranges.
        ranges: Vec<String>,
    },
    /// The frames of a modality hold nothing that a model could follow.
    #[error("{modality} {} (`{pattern}`)", blank_words(*.modality, *.level, *.is_flat))]
    BlankControl {
        /// The modality.
        modality: Modality,
        /// The file names as a pattern, with their folder.
        pattern: String,
        /// The highest level of all pixels, of 255.
        level: u8,
        /// Whether all pixels are of that very level.
        is_flat: bool,
    },
    /// A subfolder that may hold frames cannot be listed.
    #[error("folder `{}` cannot be read ({reason})", Shown(.path))]
    UnreadableFolder {
        /// The folder.
        #[serde(serialize_with = "json_path::one")]
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// Files that belong to no sequence of the shot, in a strict check.
    #[error("{unrelated}")]
    Unrelated {
        /// The files.
        #[serde(flatten)]
        unrelated: Unrelated,
    },
}

impl Problem {
    /// The modality it concerns, if it is one modality's.
    #[must_use]
    pub const fn modality(&self) -> Option<Modality> {
        match self {
            Self::ColorMissing { .. } => Some(Modality::Color),
            Self::SeveralSources { modality, .. }
            | Self::UnsupportedFormat { modality, .. }
            | Self::BlankControl { modality, .. }
            | Self::DifferentShots { modality, .. }
            | Self::RangeDiffers { modality, .. }
            | Self::SizeDiffers { modality, .. } => Some(*modality),
            Self::DuplicateFrames { modality, .. }
            | Self::MissingFrames { modality, .. }
            | Self::BadFrames { modality, .. }
            | Self::SizeChanges { modality, .. }
            | Self::BitDepthChanges { modality, .. } => *modality,
            Self::NothingInCommon { .. }
            | Self::UnreadableFolder { .. }
            | Self::Unrelated { .. } => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ColorMissing { .. } => {
                "name the color frames color.####.png or put them into a folder \
                 `color`; for one sequence of any name there is convert-sequence"
                    .to_owned()
            }
            Self::SeveralSources { modality, sources } => {
                let name = |pattern: &String| {
                    let file = pattern
                        .rsplit_once('/')
                        .map_or(pattern.as_str(), |(_, file)| file);
                    file.to_owned()
                };
                let first = sources.first().map(name).unwrap_or_default();
                let is_told = sources.iter().skip(1).map(name).all(|other| other != first);
                let example = match sources.first() {
                    Some(whole) if !is_told => whole.clone(),
                    _ => first,
                };
                format!(
                    "say which one with --map {modality}='{example}', pick one of several shots with --shot, or keep \
                     one source and move the others away"
                )
            }
            Self::DifferentShots { expected, .. } => format!(
                "pass the folder of one shot, pick one with --shot '{expected}', or say with --map which sequences \
                 belong together"
            ),
            Self::UnsupportedFormat { .. } => UNSUPPORTED_HINT.to_owned(),
            Self::DuplicateFrames { .. } => "keep one file a frame".to_owned(),
            Self::MissingFrames {
                modality, example, ..
            } => match modality {
                Some(_) => format!(
                    "render `{example}`, or pass --allow-partial to keep the frames all modalities have"
                ),
                None => format!("render `{example}`, or pass --allow-partial to go on without"),
            },
            Self::BadFrames { fault, .. } => fault.hint().to_owned(),
            Self::SizeChanges { .. } => {
                "every frame of a sequence must share one size; render it again".to_owned()
            }
            Self::BitDepthChanges { .. } => {
                "every frame of a sequence must share one bit depth; render it again".to_owned()
            }
            Self::RangeDiffers { .. } => {
                "all modalities must share one range; render what is missing, or \
                 pass --allow-partial to keep the frames all modalities have"
                    .to_owned()
            }
            Self::SizeDiffers { .. } => {
                "all modalities must share one size; render them at the same resolution".to_owned()
            }
            Self::NothingInCommon { .. } => {
                "check that all modalities were rendered with the same frame numbers".to_owned()
            }
            Self::BlankControl {
                modality,
                level,
                is_flat,
                ..
            } => format!(
                "{}; --allow-blank goes on with it as it is",
                blank_remedy(*modality, *level, *is_flat)
            ),
            Self::UnreadableFolder { .. } => "check the permissions of the folder".to_owned(),
            Self::Unrelated { .. } => "move them away, or leave out --strict".to_owned(),
        }
    }
}

/// Something worth knowing that does not forbid encoding. It prints as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Sides that video formats cannot have.
    #[error("{width}x{height} has an odd side; its last {} repeated", match (.width % 2, .height % 2) { (0, _) => "row is", (_, 0) => "column is", _ => "column and row are" })]
    OddSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Files that belong to no sequence of the shot.
    #[error("{unrelated}")]
    Unrelated {
        /// The files.
        #[serde(flatten)]
        unrelated: Unrelated,
    },
    /// Files whose extension says something else than their content, which is what counts.
    #[error("{}`{}` is a {format} file in spite of its name{}", of(.modality), Shown(.file), and_more(.numbers))]
    WrongExtension {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// What it is.
        format: FileFormat,
        /// All frame numbers whose extension misleads.
        numbers: FrameNumbers,
    },
    /// Frames in another file format than the rest of their sequence.
    #[error("{}`{}` is a {found} file; the sequence is {expected}{}", of(.modality), Shown(.file), and_more(.numbers))]
    FormatChanges {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// The format of most frames.
        expected: FileFormat,
        /// The format of this file.
        found: FileFormat,
        /// All frame numbers whose format differs from most.
        numbers: FrameNumbers,
    },
    /// Frames with other channels than the rest of their sequence.
    #[error("{}`{}` is {found}; the sequence is {expected}{}", of(.modality), Shown(.file), and_more(.numbers))]
    ChannelsChange {
        /// The modality, if it is known.
        modality: Option<Modality>,
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// The channels of most frames.
        expected: Channels,
        /// The channels of this file.
        found: Channels,
        /// All frame numbers whose channels differ from most.
        numbers: FrameNumbers,
    },
    /// Frames that hold nothing, in a modality that does on others.
    #[error("{modality}: {} {}, the other {} not (of {count} frames)", frames_are(.numbers), match .modality { Modality::Depth => "one value", Modality::Segmentation => "one label", Modality::Edge => "without lines", Modality::Color | Modality::Vis => "black" }, (*.count as u64).saturating_sub(.numbers.len()))]
    BlankFrames {
        /// The modality.
        modality: Modality,
        /// All frames of it.
        count: usize,
        /// The numbers of the blank ones.
        numbers: FrameNumbers,
    },
    /// Depth that lost most of what it had at the ends of the range.
    #[error("{modality}: most pixels are clipped ({black} % black, {white} % white)")]
    ClippedDepth {
        /// The modality, which is depth.
        modality: Modality,
        /// Pixels that are fully black, in percent.
        black: u8,
        /// Pixels that are fully white, in percent.
        white: u8,
    },
    /// Lines that are dark on bright.
    #[error("{modality}: {bright} % of the pixels are bright; models read white lines on black")]
    LightEdge {
        /// The modality, which is edge.
        modality: Modality,
        /// Pixels in the brighter half, in percent.
        bright: u8,
    },
    /// Labels that are so alike that they can hardly be told apart.
    #[error("{modality}: all labels lie between level {lowest} and {highest} of 255")]
    FaintLabels {
        /// The modality, which is segmentation.
        modality: Modality,
        /// The lowest level of all pixels, of 255.
        lowest: u8,
        /// The highest level of all pixels, of 255.
        highest: u8,
    },
}

impl Warning {
    /// The modality it concerns, if it is one modality's.
    #[must_use]
    pub const fn modality(&self) -> Option<Modality> {
        match self {
            Self::WrongExtension { modality, .. }
            | Self::FormatChanges { modality, .. }
            | Self::ChannelsChange { modality, .. } => *modality,
            Self::BlankFrames { modality, .. }
            | Self::ClippedDepth { modality, .. }
            | Self::LightEdge { modality, .. }
            | Self::FaintLabels { modality, .. } => Some(*modality),
            Self::OddSize { .. } | Self::Unrelated { .. } => None,
        }
    }

    /// What can be done about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OddSize { width, height } => Some(format!(
                "render at {}x{}",
                width + width % 2,
                height + height % 2
            )),
            Self::WrongExtension { format, .. } => format.extensions().first().map(|extension| {
                format!("its content counts; the name should end in .{extension}")
            }),
            Self::BlankFrames { .. } => {
                Some("look at these frames, and render them again if that is not meant".to_owned())
            }
            Self::ClippedDepth { .. } => Some(
                "set the range of the depth pass to that of the scene (Blender: a Map Range node before the file \
                 output, or the start and depth of the Mist pass)"
                    .to_owned(),
            ),
            Self::LightEdge { .. } => {
                Some("write the pass inverted (Blender: an Invert node before the file output)".to_owned())
            }
            Self::FaintLabels { .. } => Some(
                "divide the indices by the highest one before the file output, or give each object a flat color"
                    .to_owned(),
            ),
            Self::Unrelated { .. } | Self::FormatChanges { .. } | Self::ChannelsChange { .. } => {
                None
            }
        }
    }
}

/// Files that belong to no sequence of the shot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{} unrelated to the shot: {}{}", counted_files(*.count), .names.join(", "), if .names.len() < *.entries { ", ..." } else { "" })]
pub struct Unrelated {
    /// The first few: names, and patterns for sequences.
    pub names: Vec<String>,
    /// How many names there would be.
    pub entries: usize,
    /// How many files there are; a folder that was not looked into counts as one.
    pub count: usize,
}

impl Unrelated {
    const SHOWN: usize = 5;

    /// Adds `count` files that go by `name`.
    pub(super) fn add(&mut self, name: String, count: usize) {
        if self.names.len() < Self::SHOWN {
            self.names.push(name);
        }
        self.entries += 1;
        self.count += count;
    }

    /// Takes out `count` files that go by `name`.
    pub(super) fn remove(&mut self, name: &str, count: usize) {
        self.names.retain(|known| known != name);
        self.entries = self.entries.saturating_sub(1);
        self.count = self.count.saturating_sub(count);
    }
}

/// Why `allow_partial` dropped frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DropReason {
    /// The file cannot be a frame.
    #[error("`{}` {fault}", Shown(.file))]
    Bad {
        /// The first such file.
        #[serde(serialize_with = "json_path::one")]
        file: PathBuf,
        /// What is wrong with it.
        #[serde(flatten)]
        fault: Fault,
    },
    /// Other modalities lack the frame, or cannot give it.
    #[error("missing or unreadable in {}", words(.modalities))]
    MissingElsewhere {
        /// Those modalities.
        modalities: Vec<Modality>,
    },
}

/// Frames that `allow_partial` dropped from one modality for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}dropped {} ({reason})", of(.modality), numbered(.numbers))]
pub struct Dropped {
    /// The modality, if it is known.
    pub modality: Option<Modality>,
    /// The numbers of the dropped frames.
    pub numbers: FrameNumbers,
    /// Why.
    #[serde(flatten)]
    pub reason: DropReason,
}

/// What a check found in a folder of modalities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShotReport {
    /// The sequences with at least one readable frame. Fit for encoding only if [`ShotReport::is_ok`].
    pub shot: Shot,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub warnings: Vec<Warning>,
    /// What `allow_partial` left out.
    pub dropped: Vec<Dropped>,
}

impl ShotReport {
    /// Whether the shot may be encoded.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// The shot, whose sequences share frame numbers and size.
    ///
    /// # Errors
    /// [`FramesError::Invalid`] with all problems, if there are any.
    pub fn into_shot(self) -> Result<Shot, FramesError> {
        if self.is_ok() {
            return Ok(self.shot);
        }
        Err(FramesError::Invalid {
            folder: self.shot.folder,
            problems: self.problems,
        })
    }
}

/// What a check found in a folder with one sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceReport {
    /// The folder that was checked.
    pub folder: PathBuf,
    /// The sequence, if any of its frames is readable. Fit for encoding only if [`SequenceReport::is_ok`].
    pub sequence: Option<Sequence>,
    /// Everything that is wrong. Not empty when there is no sequence.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub warnings: Vec<Warning>,
    /// What `allow_partial` left out.
    pub dropped: Vec<Dropped>,
}

impl SequenceReport {
    /// Whether the sequence may be encoded.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.sequence.is_some()
    }

    /// The sequence.
    ///
    /// # Errors
    /// [`FramesError::Invalid`] with all problems, if there are any.
    pub fn into_sequence(self) -> Result<Sequence, FramesError> {
        match self.sequence {
            Some(sequence) if self.problems.is_empty() => Ok(sequence),
            _ => Err(FramesError::Invalid {
                folder: self.folder,
                problems: self.problems,
            }),
        }
    }
}

/// What a blank modality is, worded to stand behind its name.
fn blank_words(modality: Modality, level: u8, is_flat: bool) -> String {
    let gray = match level {
        0 => "black".to_owned(),
        255 => "white".to_owned(),
        level => format!("level {level} of 255"),
    };
    match modality {
        Modality::Depth if is_flat => format!("is one value from end to end: {gray}"),
        Modality::Depth => "is nearly one value from end to end".to_owned(),
        Modality::Segmentation if is_flat || level > 12 => {
            "has one label on every frame".to_owned()
        }
        Modality::Segmentation => {
            format!("has labels that cannot be told apart, none is above level {level} of 255")
        }
        Modality::Edge if level > 8 => {
            format!("has no lines, it is one value on every frame: {gray}")
        }
        Modality::Edge => "has no lines, it is black from end to end".to_owned(),
        Modality::Color | Modality::Vis => "is black from end to end".to_owned(),
    }
}

/// What the renderer probably did, and what to set.
fn blank_remedy(modality: Modality, level: u8, is_flat: bool) -> &'static str {
    match (modality, level) {
        (Modality::Depth, _) if !is_flat => {
            "the distances take a small part of the range: stretch them with --depth-range auto"
        }
        (Modality::Depth, 255) => {
            "the renderer probably wrote raw distances, which a PNG cuts off at 1.0: write the Mist pass, or put a \
             Map Range or Normalize node before the file output"
        }
        (Modality::Depth, _) => {
            "check that the depth pass is switched on and connected, and that its range is that of the scene"
        }
        (Modality::Segmentation, _) => {
            "the renderer probably wrote raw indices, which a PNG cuts off at 1, or no object has an index: set the \
             pass index of each object and divide by the highest, or give each object a flat color"
        }
        (Modality::Edge, _) => {
            "switch on the line pass and write it (Blender: View Layer > Freestyle > As Render Pass), or leave edge \
             away and let the model find edges in color"
        }
        (Modality::Color | Modality::Vis, _) => {
            "check the lights, the camera, and which pass the file output is connected to"
        }
    }
}

fn of(modality: &Option<Modality>) -> String {
    modality.map_or_else(String::new, |modality| format!("{modality}: "))
}

fn by((width, height): &(u32, u32)) -> String {
    format!("{width}x{height}")
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [one, other] => format!("{one} and {other}"),
        names => lists::shown(names),
    }
}

fn words(modalities: &[Modality]) -> String {
    let names: Vec<&str> = modalities.iter().map(|modality| modality.name()).collect();
    names.join(" and ")
}

pub(super) fn counted_files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        _ => format!("{count} files"),
    }
}

fn numbered(numbers: &FrameNumbers) -> String {
    match numbers.len() {
        1 => format!("frame {numbers}"),
        _ => format!("frames {numbers}"),
    }
}

fn frames_are(numbers: &FrameNumbers) -> String {
    match numbers.len() {
        1 => format!("frame {numbers} is"),
        _ => format!("frames {numbers} are"),
    }
}

fn and_more(numbers: &FrameNumbers) -> String {
    match numbers.len() {
        0 | 1 => String::new(),
        count => format!(", and so {count} frames in all: {numbers}"),
    }
}

fn found_instead(found: &[String]) -> String {
    if found.is_empty() {
        String::new()
    } else {
        format!(" (found {})", lists::shown(found))
    }
}

impl From<&Warning> for Advice {
    fn from(warning: &Warning) -> Self {
        Self {
            message: warning.to_string(),
            hint: warning.hint(),
        }
    }
}
