//! Checking a folder: every header read, every problem found, before anything is encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::FramesError;
use super::header::{Fault, FileFormat, ImageHeader, read_header};
use super::name::{Shown, split_extension};
use super::pattern::FramePattern;
use super::report::{
    DropReason, Dropped, Problem, ScanOptions, SequenceReport, ShotReport, Unrelated, Warning,
};
use super::scan::{self, Found, FoundFile, Listing, Source};
use super::sequence::{Frame, FrameNumbers, FrameRange, Sequence, Shot};
use crate::modality::Modality;
use crate::progress::{Cancel, Progress, Unit};

/// The five sizes that Cosmos-Transfer1 resizes its controls to, width and height in pixels.
pub const NATIVE_SIZES: [(u32, u32); 5] =
    [(1280, 704), (960, 704), (960, 960), (704, 960), (704, 1280)];

/// The number of frames that Cosmos-Transfer1 works on at once.
pub const WINDOW_FRAMES: usize = 121;

/// How far the aspect ratio may be from a native one before a warning: 16:9 is 2 per cent from 1280x704.
const ASPECT_TOLERANCE: f64 = 0.05;

/// The name of the task reported to [`Progress`].
const TASK: &str = "checking frames";

/// The one of [`NATIVE_SIZES`] whose shape is nearest to `width` by `height` pixels.
#[must_use]
pub fn nearest_native_size(width: u32, height: u32) -> (u32, u32) {
    NATIVE_SIZES
        .into_iter()
        .min_by(|&a, &b| {
            aspect_distance((width, height), a).total_cmp(&aspect_distance((width, height), b))
        })
        .unwrap_or((width, height))
}

/// By which part the aspect ratio of `a` differs from that of `b`, whichever is the wider.
fn aspect_distance(a: (u32, u32), b: (u32, u32)) -> f64 {
    let ratio = |(width, height): (u32, u32)| f64::from(width.max(1)) / f64::from(height.max(1));
    (ratio(a) / ratio(b)).ln().abs().exp() - 1.0
}

/// Finds the modalities in `dir` and checks all their frames.
///
/// # Errors
/// When the folder cannot be used: it does not exist, is a file, cannot be listed or holds no images with a
/// number; or when `cancel` is raised. What is wrong with the frames is in the report.
pub fn check_shot(
    dir: &Path,
    options: &ScanOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<ShotReport, FramesError> {
    require_folder(dir)?;
    let mut contents = scan::shot(dir, cancel)?;
    if contents.sources.is_empty() && contents.unnamed.is_empty() && contents.problems.is_empty() {
        let folder = dir.to_owned();
        return Err(match contents.unnamed_foreign.into_iter().next() {
            Some((pattern, format, count)) => FramesError::UnsupportedFormat {
                folder,
                format,
                pattern,
                count,
            },
            None => FramesError::NoFrames {
                folder,
                found: contents.unrelated.names,
                subfolders: Vec::new(),
            },
        });
    }
    let mut problems = std::mem::take(&mut contents.problems);
    let mut chosen = BTreeMap::new();
    for modality in Modality::ALL {
        let (mine, rest) = std::mem::take(&mut contents.sources)
            .into_iter()
            .partition(|source| source.modality == modality);
        contents.sources = rest;
        let (readable, foreign): (Vec<Source>, Vec<Source>) =
            Vec::into_iter(mine).partition(|source| source.foreign.is_none());
        for source in foreign {
            // Beside frames that are read, a second set in OpenEXR is usual and harmless.
            match source.foreign {
                Some(format) if readable.is_empty() => problems.push(Problem::UnsupportedFormat {
                    modality,
                    format,
                    pattern: source.found.full_pattern(),
                    count: source.found.files.len(),
                }),
                _ => contents.add_unrelated(dir, &source.found),
            }
        }
        if readable.len() > 1 {
            problems.push(Problem::SeveralSources {
                modality,
                sources: readable.iter().map(|s| s.found.full_pattern()).collect(),
            });
        }
        if let Some(first) = readable.into_iter().next() {
            chosen.insert(modality, first);
        }
    }
    let mut aliases = Vec::new();
    let mut founds = Vec::new();
    for (modality, source) in chosen {
        if source.word != modality.name() {
            aliases.push((modality, source.word));
        }
        founds.push((Some(modality), source.found));
    }
    let has_color = |problem: &Problem| problem.modality() == Some(Modality::Color);
    let color_found =
        founds.iter().any(|(m, _)| *m == Some(Modality::Color)) || problems.iter().any(has_color);
    if !color_found {
        let modalities = founds.iter().filter_map(|(modality, _)| *modality);
        let unnamed = contents
            .unnamed
            .iter()
            .map(|pattern| format!("`{pattern}`"));
        problems.insert(
            0,
            Problem::ColorMissing {
                folder: dir.to_owned(),
                found: modalities
                    .map(|m| m.name().to_owned())
                    .chain(unnamed)
                    .collect(),
            },
        );
    }

    let mut examined = examine(founds, cancel, progress)?;
    let mut warnings = Vec::new();
    let mut dropped = Vec::new();
    if options.allow_partial {
        dropped = keep_common(&mut examined, &mut problems);
    }
    let mut sequences = BTreeMap::new();
    for one in examined {
        problems.extend(one.problems(options.allow_partial));
        warnings.extend(one.warnings);
        if let (Some(modality), Some(sequence)) = (one.modality, one.sequence) {
            sequences.insert(modality, sequence);
        }
    }
    problems.extend(misaligned(&sequences, options.allow_partial));
    if let Some(first) = sequences.values().next() {
        warnings.splice(0..0, cosmos_warnings(first));
    }
    report_unrelated(contents.unrelated, options, &mut problems, &mut warnings);
    Ok(ShotReport {
        shot: Shot {
            folder: dir.to_owned(),
            sequences,
            aliases,
        },
        problems,
        warnings,
        dropped,
    })
}

/// Checks the only sequence in `dir`, or the one that `pattern` names. Subfolders are not looked into.
///
/// # Errors
/// When it is not clear what to check: the folder does not exist, is a file, cannot be listed, holds no
/// images with a number or several sequences of them, or nothing that fits the pattern; or when `cancel` is
/// raised. What is wrong with the frames is in the report.
pub fn check_sequence(
    dir: &Path,
    pattern: Option<&FramePattern>,
    options: &ScanOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<SequenceReport, FramesError> {
    require_folder(dir)?;
    let mut listing = scan::list(dir, pattern, cancel)?;
    if listing.sequences.len() > 1 {
        return Err(FramesError::SeveralSequences {
            folder: dir.to_owned(),
            patterns: shell_patterns(&listing),
        });
    }
    let Some(found) = listing.sequences.pop() else {
        return Err(match pattern {
            Some(pattern) => FramesError::PatternMatchedNothing {
                folder: dir.to_owned(),
                pattern: pattern.to_string(),
                patterns: shell_patterns(&scan::list(dir, None, cancel)?),
            },
            None => no_sequence(dir, listing, cancel),
        });
    };
    let mut unrelated = Unrelated::default();
    // With a pattern, the user has said which of many files are meant.
    if pattern.is_none() {
        for (found, _) in &listing.foreign {
            unrelated.add(found.pattern(), found.files.len());
        }
        for path in &listing.others {
            unrelated.add(file_name(path), 1);
        }
    }

    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let mut dropped = Vec::new();
    let mut sequence = None;
    let mut examined = examine(vec![(None, found)], cancel, progress)?;
    if options.allow_partial {
        dropped = keep_common(&mut examined, &mut problems);
    }
    for one in examined {
        problems.extend(one.problems(options.allow_partial));
        warnings.extend(one.warnings);
        sequence = one.sequence;
    }
    if let Some(sequence) = &sequence {
        warnings.splice(0..0, cosmos_warnings(sequence));
    }
    report_unrelated(unrelated, options, &mut problems, &mut warnings);
    Ok(SequenceReport {
        folder: dir.to_owned(),
        sequence,
        problems,
        warnings,
        dropped,
    })
}

fn shell_patterns(listing: &Listing) -> Vec<String> {
    listing.sequences.iter().map(Found::shell_pattern).collect()
}

/// Why a folder without a readable sequence is refused.
fn no_sequence(dir: &Path, listing: Listing, cancel: &Cancel) -> FramesError {
    let folder = dir.to_owned();
    if let Some((foreign, format)) = listing.foreign.first() {
        return FramesError::UnsupportedFormat {
            folder,
            format,
            pattern: foreign.pattern(),
            count: foreign.files.len(),
        };
    }
    let mut found = Unrelated::default();
    for path in listing.others.iter().chain(&listing.folders) {
        found.add(file_name(path), 1);
    }
    let holds_frames = |path: &PathBuf| {
        scan::list(path, None, cancel).is_ok_and(|below| !below.sequences.is_empty())
    };
    FramesError::NoFrames {
        folder,
        found: found.names,
        subfolders: listing.folders.into_iter().filter(holds_frames).collect(),
    }
}

fn file_name(path: &Path) -> String {
    Shown(Path::new(path.file_name().unwrap_or_default())).to_string()
}

fn report_unrelated(
    unrelated: Unrelated,
    options: &ScanOptions,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Warning>,
) {
    if unrelated.entries == 0 {
    } else if options.strict {
        problems.push(Problem::Unrelated { unrelated });
    } else {
        warnings.push(Warning::Unrelated { unrelated });
    }
}

/// Fails unless `dir` is a folder.
fn require_folder(dir: &Path) -> Result<(), FramesError> {
    let path = dir.to_owned();
    match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(FramesError::NotADirectory { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = match dir.parent() {
                Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
                Some(parent) => parent,
                None => dir,
            };
            Err(FramesError::NotFound {
                missing_parent: (!parent.exists()).then(|| parent.to_owned()),
                nearest: nearest_folder(parent, dir),
                path,
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(FramesError::NotFound {
            missing_parent: None,
            nearest: None,
            path,
        }),
        Err(source) => Err(FramesError::Unreadable { path, source }),
    }
}

/// The folder in `parent` whose name is most like that of `dir`, if it is much like it.
fn nearest_folder(parent: &Path, dir: &Path) -> Option<PathBuf> {
    const MUCH_ALIKE: f64 = 0.8;
    let wanted = dir.file_name()?.to_string_lossy().to_lowercase();
    let likeness = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        strsim::jaro_winkler(&wanted, &name.to_lowercase())
    };
    fs::read_dir(parent)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| likeness(path) >= MUCH_ALIKE && path.is_dir())
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then_with(|| b.cmp(a)))
        .map(|path| dir.with_file_name(path.file_name().unwrap_or_default()))
}

/// A sequence whose headers have been read.
struct Examined {
    modality: Option<Modality>,
    /// `None` when no frame is readable.
    sequence: Option<Sequence>,
    bad: Vec<BadFile>,
    /// Problems that dropping frames does not solve.
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

struct BadFile {
    number: u64,
    path: PathBuf,
    fault: Fault,
}

/// Reads all headers and judges each sequence by itself.
fn examine(
    founds: Vec<(Option<Modality>, Found)>,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Vec<Examined>, FramesError> {
    let total: usize = founds.iter().map(|(_, found)| found.files.len()).sum();
    progress.begin(TASK, total as u64, Unit::Frames);
    let examined = founds
        .into_iter()
        .map(|(modality, found)| {
            let headers = read_headers(&found.files, cancel, progress)?;
            Ok(examine_one(modality, found, headers))
        })
        .collect();
    progress.finish(TASK);
    examined
}

fn read_headers(
    files: &[FoundFile],
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Vec<Result<ImageHeader, Fault>>, FramesError> {
    files
        .par_iter()
        .map(|file| {
            if cancel.is_cancelled() {
                return Err(FramesError::Cancelled);
            }
            let header = match &file.fault {
                Some(fault) => Err(fault.clone()),
                None => read_header(&file.path),
            };
            progress.advance(TASK, 1);
            Ok(header)
        })
        .collect()
}

fn examine_one(
    modality: Option<Modality>,
    found: Found,
    headers: Vec<Result<ImageHeader, Fault>>,
) -> Examined {
    let padding = found.padding();
    let around = found.around();
    let name = found.name().to_owned();
    let mut problems = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut readable: Vec<(Frame, ImageHeader)> = Vec::new();
    let mut bad = Vec::new();
    let mut doubles: Vec<(u64, PathBuf, PathBuf)> = Vec::new();
    for (FoundFile { number, path, .. }, header) in found.files.into_iter().zip(headers) {
        match frames.last() {
            Some(last) if last.number == number => {
                doubles.push((number, last.path.clone(), path));
                continue;
            }
            _ => frames.push(Frame {
                number,
                path: path.clone(),
            }),
        }
        match header {
            Ok(header) => readable.push((Frame { number, path }, header)),
            Err(fault) => bad.push(BadFile {
                number,
                path,
                fault,
            }),
        }
    }
    let step =
        FrameRange::spanning(frames.iter().map(|frame| frame.number)).map_or(1, FrameRange::step);
    if let Some((number, first, second)) = doubles.first() {
        let mut twice: Vec<u64> = doubles.iter().map(|(number, ..)| *number).collect();
        twice.dedup();
        problems.push(Problem::DuplicateFrames {
            modality,
            number: *number,
            first: first.clone(),
            second: second.clone(),
            numbers: FrameNumbers::collect(twice, step),
        });
    }
    let Some(header) = most_common(&readable) else {
        return Examined {
            modality,
            sequence: None,
            bad,
            problems,
            warnings: Vec::new(),
        };
    };

    let strays = |differs: &dyn Fn(&ImageHeader, &Path) -> bool| {
        let mut strays = readable
            .iter()
            .filter(|(frame, header)| differs(header, &frame.path));
        let first = strays.clone().next();
        let numbers = FrameNumbers::collect(strays.by_ref().map(|(frame, _)| frame.number), step);
        first.map(|(frame, header)| (frame.path.clone(), *header, numbers))
    };
    if let Some((file, stray, numbers)) = strays(&|one, _| one.size() != header.size()) {
        problems.push(Problem::SizeChanges {
            modality,
            file,
            expected: header.size(),
            found: stray.size(),
            numbers,
        });
    }
    let expected = header.decoded_bits();
    if let Some((file, stray, numbers)) = strays(&|one, _| one.decoded_bits() != expected) {
        problems.push(Problem::BitDepthChanges {
            modality,
            file,
            expected,
            found: stray.decoded_bits(),
            numbers,
        });
    }
    let mut warnings = Vec::new();
    if let Some((file, stray, numbers)) = strays(&|one, path| misnamed(path, one.format)) {
        warnings.push(Warning::WrongExtension {
            modality,
            file,
            format: stray.format,
            numbers,
        });
    }
    if let Some((file, stray, numbers)) = strays(&|one, _| one.format != header.format) {
        warnings.push(Warning::FormatChanges {
            modality,
            file,
            expected: header.format,
            found: stray.format,
            numbers,
        });
    }
    if let Some((file, stray, numbers)) = strays(&|one, _| one.channels != header.channels) {
        warnings.push(Warning::ChannelsChange {
            modality,
            file,
            expected: header.channels,
            found: stray.channels,
            numbers,
        });
    }
    Examined {
        modality,
        sequence: Some(Sequence {
            name,
            folder: found.folder,
            frames,
            padding,
            header,
            around,
        }),
        bad,
        problems,
        warnings,
    }
}

/// The header of the first frame that has the size and bit depth which most frames have, so that one stray
/// frame is the one that is named, even if it comes first.
fn most_common(readable: &[(Frame, ImageHeader)]) -> Option<ImageHeader> {
    let kind = |header: &ImageHeader| (header.size(), header.decoded_bits());
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for (_, header) in readable {
        *counts.entry(kind(header)).or_default() += 1;
    }
    let most = counts.values().max()?;
    readable
        .iter()
        .map(|(_, header)| *header)
        .find(|header| counts.get(&kind(header)) == Some(most))
}

fn misnamed(path: &Path, format: FileFormat) -> bool {
    let (_, extension) = split_extension(path.file_name().unwrap_or_default());
    !format.extensions().contains(&extension.as_str())
}

impl Examined {
    /// The problems of this sequence, those first that [`keep_common`] has not taken care of.
    fn problems(&self, partial: bool) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        let step = self.sequence.as_ref().map_or(1, |s| s.range().step());
        if let (Some(sequence), false) = (&self.sequence, partial) {
            let range = sequence.range();
            let missing = FrameNumbers::gaps(sequence.numbers(), range.step());
            if let Some(first) = missing.first() {
                problems.push(Problem::MissingFrames {
                    modality: self.modality,
                    pattern: Shown(&sequence.folder.join(sequence.pattern())).to_string(),
                    example: Shown(Path::new(&sequence.file_name(first))).to_string(),
                    missing,
                    found: sequence.frames.len(),
                    range,
                });
            }
        }
        if !partial || self.sequence.is_none() {
            for (file, fault, numbers) in by_fault(&self.bad, step) {
                problems.push(Problem::BadFrames {
                    modality: self.modality,
                    file: file.to_owned(),
                    fault: fault.clone(),
                    numbers,
                });
            }
        }
        problems
    }
}

/// Bad files with the same fault together, by their first number.
fn by_fault(bad: &[BadFile], step: u64) -> Vec<(&Path, &Fault, FrameNumbers)> {
    let mut groups: Vec<(&Path, &Fault, Vec<u64>)> = Vec::new();
    for BadFile {
        number,
        path,
        fault,
    } in bad
    {
        match groups.iter_mut().find(|(_, known, _)| *known == fault) {
            Some((_, _, numbers)) => numbers.push(*number),
            None => groups.push((path, fault, vec![*number])),
        }
    }
    groups
        .into_iter()
        .map(|(path, fault, numbers)| (path, fault, FrameNumbers::collect(numbers, step)))
        .collect()
}

/// Reduces all sequences to the frame numbers that are readable in each, and says what that dropped. When
/// nothing is left, that is a problem and the sequences stay as they are.
fn keep_common(examined: &mut [Examined], problems: &mut Vec<Problem>) -> Vec<Dropped> {
    let usable: Vec<BTreeSet<u64>> = examined
        .iter()
        .map(|one| {
            let bad: BTreeSet<u64> = one.bad.iter().map(|bad| bad.number).collect();
            let numbers = one.sequence.iter().flat_map(Sequence::numbers);
            numbers.filter(|number| !bad.contains(number)).collect()
        })
        .collect();
    let common = usable
        .iter()
        .cloned()
        .reduce(|common, one| common.intersection(&one).copied().collect())
        .unwrap_or_default();
    if common.is_empty() {
        // One sequence of bad files only is told by their problems.
        if examined.len() > 1 {
            let range = |one: &Examined| {
                let name = one.modality.map_or("", Modality::name);
                match &one.sequence {
                    Some(sequence) => format!("{name} {}", sequence.range()),
                    None => format!("{name} none"),
                }
            };
            problems.push(Problem::NothingInCommon {
                ranges: examined.iter().map(range).collect(),
            });
        }
        return Vec::new();
    }
    let modalities: Vec<Option<Modality>> = examined.iter().map(|one| one.modality).collect();
    let mut dropped = Vec::new();
    for (one, readable) in examined.iter_mut().zip(&usable) {
        let modality = one.modality;
        let Some(sequence) = &mut one.sequence else {
            continue;
        };
        let step = sequence.range().step();
        for (file, fault, numbers) in by_fault(&one.bad, step) {
            dropped.push(Dropped {
                modality,
                numbers,
                reason: DropReason::Bad {
                    file: file.to_owned(),
                    fault: fault.clone(),
                },
            });
        }
        let mut lonely: BTreeMap<Vec<Modality>, Vec<u64>> = BTreeMap::new();
        for &number in readable.difference(&common) {
            let lacking = modalities.iter().zip(&usable);
            let lacking = lacking
                .filter(|(_, usable)| !usable.contains(&number))
                .filter_map(|(modality, _)| *modality);
            lonely.entry(lacking.collect()).or_default().push(number);
        }
        for (modalities, numbers) in lonely {
            dropped.push(Dropped {
                modality,
                numbers: FrameNumbers::collect(numbers, step),
                reason: DropReason::MissingElsewhere { modalities },
            });
        }
        sequence
            .frames
            .retain(|frame| common.contains(&frame.number));
    }
    dropped
}

/// What keeps the sequences from lying on top of each other, seen from color (or the first there is).
fn misaligned(sequences: &BTreeMap<Modality, Sequence>, partial: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut sequences = sequences.iter();
    let Some((&reference, first)) = sequences.next() else {
        return problems;
    };
    for (&modality, sequence) in sequences {
        let (range, expected) = (sequence.range(), first.range());
        if range != expected && !partial {
            problems.push(Problem::RangeDiffers {
                modality,
                range,
                reference,
                expected,
            });
        }
        if sequence.header.size() != first.header.size() {
            let file = sequence.frames.first().map(|frame| frame.path.clone());
            problems.push(Problem::SizeDiffers {
                modality,
                file: file.unwrap_or_default(),
                size: sequence.header.size(),
                reference,
                expected: first.header.size(),
            });
        }
    }
    problems
}

/// What Cosmos will do with frames like those of `sequence`.
fn cosmos_warnings(sequence: &Sequence) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let frames = sequence.frames.len();
    if frames < WINDOW_FRAMES {
        warnings.push(Warning::FewFrames {
            frames,
            window: WINDOW_FRAMES,
        });
    }
    let (width, height) = sequence.header.size();
    let nearest = nearest_native_size(width, height);
    if aspect_distance((width, height), nearest) > ASPECT_TOLERANCE {
        warnings.push(Warning::FarShape {
            width,
            height,
            nearest,
        });
    }
    if width % 2 + height % 2 > 0 {
        warnings.push(Warning::OddSize { width, height });
    }
    warnings
}
