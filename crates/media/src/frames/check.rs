//! Checking a folder: every header read, every problem found, before anything is encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::modality::Modality;
use cosmos_core::progress::{Cancel, Progress, Unit};
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

/// The name of the task reported to [`Progress`].
const TASK: &str = "checking frames";

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
    let mut contents = scan::shot(dir, &options.map, cancel)?;
    contents.take_plain_color(dir);
    if let Some(shot) = &options.shot {
        contents.keep_shot(dir, shot)?;
    }
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
            // Beside frames that are read, a second set in another format is usual and harmless.
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
        let is_exr = |source: &Source| source.found.suffix.to_ascii_lowercase().ends_with(".exr");
        let (exr, others): (Vec<Source>, Vec<Source>) = readable.into_iter().partition(is_exr);
        let readable = match others.is_empty() {
            true => exr,
            // The same pass in OpenEXR and as a picture is usual too: the picture is what the artist saw.
            false => {
                for source in exr {
                    contents.add_unrelated(dir, &source.found);
                }
                others
            }
        };
        let (readable, beaten) = best(dir, readable);
        for source in beaten {
            contents.add_unrelated(dir, &source.found);
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
    problems.extend(different_shots(dir, &chosen));
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
            .map(|found| format!("`{}`", found.pattern()));
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
        warnings.splice(0..0, odd_size(first));
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

/// The source that is meant among those of one modality, and the others: what the user maps, else what is named best,
/// unless it may be of another shot. Without one, all of them and none.
fn best(dir: &Path, sources: Vec<Source>) -> (Vec<Source>, Vec<Source>) {
    let (mapped, others): (Vec<Source>, Vec<Source>) =
        sources.into_iter().partition(|source| source.is_mapped);
    if !mapped.is_empty() {
        return (mapped, others);
    }
    let Some(rank) = others.iter().map(Source::rank).min() else {
        return (others, Vec::new());
    };
    let (first, rest): (Vec<Source>, Vec<Source>) =
        others.into_iter().partition(|source| source.rank() == rank);
    let shots: Vec<Vec<String>> = first.iter().map(|source| source.shot_words(dir)).collect();
    let is_of_shot = |source: &Source| {
        let words = source.shot_words(dir);
        let mut own = shots.iter().flatten();
        own.all(|word| words.contains(word))
    };
    if first.len() == 1 && rest.iter().all(is_of_shot) {
        return (first, rest);
    }
    let mut all = first;
    all.extend(rest);
    all.sort_by_key(|source| source.found.full_pattern());
    (all, Vec::new())
}

/// Modalities whose names tell another shot than that of color, or of the first there is. What the user maps is taken
/// at his word.
fn different_shots(dir: &Path, chosen: &BTreeMap<Modality, Source>) -> Vec<Problem> {
    let told: Vec<(Modality, &Source, Vec<String>)> = chosen
        .iter()
        .filter(|(_, source)| !source.is_mapped)
        .map(|(&modality, source)| (modality, source, source.shot_words(dir)))
        .filter(|(_, _, words)| !words.is_empty())
        .collect();
    let Some(((reference, first, expected), others)) = told.split_first() else {
        return Vec::new();
    };
    let lacks = |some: &[String], words: &[String]| {
        let has = |word: &String| {
            some.iter()
                .any(|own| own.to_lowercase() == word.to_lowercase())
        };
        words.iter().any(|word| !has(word))
    };
    others
        .iter()
        .filter(|(_, _, words)| lacks(expected, words) && lacks(words, expected))
        .map(|(modality, source, words)| Problem::DifferentShots {
            modality: *modality,
            shot: words.join("_"),
            pattern: source.found.full_pattern(),
            reference: *reference,
            expected: expected.join("_"),
            reference_pattern: first.found.full_pattern(),
        })
        .collect()
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
        warnings.splice(0..0, odd_size(sequence));
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
    /// The problems of this sequence. With `partial`, [`keep_common`] has dealt with missing and bad frames.
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

/// What a video cannot have.
fn odd_size(sequence: &Sequence) -> Option<Warning> {
    let (width, height) = sequence.header.size();
    (width % 2 + height % 2 > 0).then_some(Warning::OddSize { width, height })
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use image::DynamicImage;
    use tempfile::TempDir;

    use super::*;
    use cosmos_core::progress::Silent;

    /// A folder of frames under construction.
    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().expect("a temporary folder"))
        }

        fn path(&self) -> &Path {
            self.0.path()
        }

        fn image(self, name: &str, image: &DynamicImage) -> Self {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            image.save(path).expect("an image");
            self
        }

        fn bytes(self, name: &str, bytes: &[u8]) -> Self {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            fs::write(path, bytes).expect("a file");
            self
        }

        /// Frames of 16x9 pixels; `#` in the pattern stands for the number, four digits wide.
        fn frames(self, pattern: &str, numbers: RangeInclusive<u64>) -> Self {
            numbers.fold(self, |folder, number| {
                let name = pattern.replace('#', &format!("{number:04}"));
                folder.image(&name, &DynamicImage::new_rgb8(16, 9))
            })
        }

        fn without(self, name: &str) -> Self {
            fs::remove_file(self.path().join(name)).expect("it was there");
            self
        }

        fn shot(&self, options: ScanOptions) -> Result<ShotReport, FramesError> {
            check_shot(self.path(), &options, &Cancel::new(), &Silent)
        }

        fn sequence(&self, pattern: Option<&str>) -> Result<SequenceReport, FramesError> {
            let pattern = pattern.map(|text| text.parse().expect("a pattern"));
            let options = ScanOptions::default();
            check_sequence(
                self.path(),
                pattern.as_ref(),
                &options,
                &Cancel::new(),
                &Silent,
            )
        }

        /// The report's lines, the folder's own path left out.
        fn lines(&self, lines: impl Iterator<Item = String>) -> Vec<String> {
            let prefix = format!("{}/", self.path().display());
            lines
                .map(|line| {
                    line.replace(&prefix, "")
                        .replace(self.path().to_str().unwrap_or("?"), "DIR")
                })
                .collect()
        }

        fn problems(&self, options: ScanOptions) -> Vec<String> {
            let report = self.shot(options).expect("a report");
            self.lines(report.problems.iter().map(ToString::to_string))
        }
    }

    const PLAIN: ScanOptions = ScanOptions {
        strict: false,
        allow_partial: false,
        shot: None,
        map: Vec::new(),
    };
    const STRICT: ScanOptions = ScanOptions {
        strict: true,
        allow_partial: false,
        shot: None,
        map: Vec::new(),
    };
    const PARTIAL: ScanOptions = ScanOptions {
        strict: false,
        allow_partial: true,
        shot: None,
        map: Vec::new(),
    };

    fn found(report: &ShotReport) -> Vec<String> {
        let describe = |(modality, sequence): (&Modality, &Sequence)| {
            format!("{modality} {} {}", sequence.pattern(), sequence.range())
        };
        report.shot.sequences.iter().map(describe).collect()
    }

    #[test]
    fn every_layout_is_found_without_being_told() {
        for (patterns, expected) in [
            (
                ["color.#.png", "depth.#.png"],
                ["color.####.png", "depth.####.png"],
            ),
            (
                ["s01_beauty_#.png", "s01_z-#.png"],
                ["s01_beauty_####.png", "s01_z-####.png"],
            ),
            (
                ["Image#.png", "Depth#.png"],
                ["Image####.png", "Depth####.png"],
            ),
            (
                ["color/#.png", "depth/beauty_depth.#.png"],
                ["####.png", "beauty_depth.####.png"],
            ),
            (
                ["render/color.#.png", "render/depth.#.png"],
                ["color.####.png", "depth.####.png"],
            ),
            (
                ["render/color/#.png", "render/depth/#.png"],
                ["####.png", "####.png"],
            ),
            (
                ["final/color.#.png", "final/depth.#.png"],
                ["color.####.png", "depth.####.png"],
            ),
            (
                ["color.#.png", "depth_v02/x.#.png"],
                ["color.####.png", "x.####.png"],
            ),
            (
                ["#_color.png", "#_depth.png"],
                ["####_color.png", "####_depth.png"],
            ),
        ] {
            let folder = Folder::new()
                .frames(patterns[0], 1001..=1003)
                .frames(patterns[1], 1001..=1003);
            let report = folder.shot(STRICT).expect("a report");
            let [color, depth] = expected;
            let expected = [
                format!("color {color} 1001-1003"),
                format!("depth {depth} 1001-1003"),
            ];
            assert_eq!(found(&report), expected);
            assert_eq!(report.problems, [], "{patterns:?}");
        }
    }

    #[test]
    fn an_alias_is_mapped_and_told() {
        let folder = Folder::new()
            .frames("beauty.#.png", 1..=2)
            .frames("mask/#.png", 1..=2);
        let shot = folder
            .shot(STRICT)
            .and_then(ShotReport::into_shot)
            .expect("a shot");
        assert_eq!(
            shot.aliases,
            [
                (Modality::Color, "beauty".to_owned()),
                (Modality::Segmentation, "mask".to_owned())
            ]
        );
    }

    #[test]
    fn two_sources_of_one_modality_are_both_named() {
        for (other, expected) in [
            (
                "beauty.#.png",
                "color has 2 sources: `beauty.####.png` and `color.####.png`",
            ),
            (
                "rgb/#.png",
                "color has 2 sources: `color.####.png` and `rgb/####.png`",
            ),
        ] {
            let folder = Folder::new()
                .frames("color.#.png", 1..=2)
                .frames(other, 1..=2);
            assert_eq!(folder.problems(PLAIN), [expected]);
        }
        let folder = Folder::new().frames("color.#.png", 1..=2);
        let folder = folder
            .frames("depth/a.#.png", 1..=2)
            .frames("depth/b.#.png", 1..=2);
        assert_eq!(
            folder.problems(PLAIN),
            ["depth has 2 sources: `depth/a.####.png` and `depth/b.####.png`"]
        );
    }

    #[test]
    fn in_a_modality_folder_the_one_sequence_that_names_it_is_meant() {
        let folder = Folder::new().frames("color/#.png", 1..=2);
        let folder = folder
            .frames("depth/s_depth.#.png", 1..=2)
            .frames("depth/s_beauty.#.png", 1..=2);
        let report = folder.shot(PLAIN).expect("a report");
        assert!(report.is_ok(), "{:?}", report.problems);
        assert_eq!(found(&report)[1], "depth s_depth.####.png 1-2");
        let warnings = folder.lines(report.warnings.iter().map(ToString::to_string));
        assert_eq!(
            warnings,
            [
                "16x9 has an odd side; its last row is repeated",
                "2 files unrelated to the shot: depth/s_beauty.####.png"
            ]
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=120)
            .without("color.0043.png")
            .frames("depth.#.png", 1..=119)
            .image("depth.0017.png", &DynamicImage::new_rgb8(8, 8))
            .image("depth.0018.png", &DynamicImage::new_rgb8(8, 8))
            .image("depth.0019.png", &DynamicImage::new_rgb16(16, 9))
            .bytes("depth.0100.png", b"")
            .bytes("depth.0101.png", b"")
            .bytes("depth.0102.png", b"hello")
            .frames("edge.#.png", 1..=120)
            .image("edge.0007.bmp", &DynamicImage::new_rgb8(16, 9));
        assert_eq!(
            folder.problems(PLAIN),
            [
                "color: frame 43 is missing from `color.####.png` (found 119 of 1-120)",
                "depth: `depth.0017.png` is 8x8; the sequence is 16x9, and so 2 frames in all: 17-18",
                "depth: `depth.0019.png` has 16 bits per channel; the sequence has 8",
                "depth: `depth.0100.png` is empty (0 bytes), and so 2 frames in all: 100-101",
                "depth: `depth.0102.png` is not an image (found text)",
                "edge: frame 7 is in two files: `edge.0007.bmp` and `edge.0007.png`",
                "depth has frames 1-119 but color has 1-120",
            ]
        );
        let error = folder
            .shot(PLAIN)
            .and_then(ShotReport::into_shot)
            .expect_err("invalid");
        let text = folder.lines([error.to_string()].into_iter());
        assert_eq!(text, ["the frames in `DIR` have 7 problems"]);
    }

    #[test]
    fn many_missing_frames_are_one_line() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=42)
            .frames("color.#.png", 9999..=10_000);
        assert_eq!(
            folder.problems(PLAIN),
            ["color: frames 43-9998 are missing from `color.####.png` (found 44 of 1-10000)"]
        );
        let report = folder.shot(PLAIN).expect("a report");
        assert_eq!(
            report.problems[0].hint(),
            "render `color.0043.png`, or pass --allow-partial to keep the frames all modalities have"
        );
    }

    #[test]
    fn sizes_must_agree_between_modalities() {
        let folder = Folder::new().frames("color.#.png", 1..=1);
        let folder = folder.image("depth.0001.png", &DynamicImage::new_luma16(8, 4));
        assert_eq!(
            folder.problems(PLAIN),
            ["depth is 8x4 (`depth.0001.png`) but color is 16x9"]
        );
        assert_eq!(folder.problems(PARTIAL), folder.problems(PLAIN));
    }

    #[test]
    fn color_is_required() {
        let folder = Folder::new()
            .frames("depth.#.png", 1..=2)
            .frames("normals.#.png", 1..=2);
        assert_eq!(
            folder.problems(PLAIN),
            ["color is missing in `DIR` (found depth, `normals.####.png`)"]
        );
        assert_eq!(folder.problems(PARTIAL), folder.problems(PLAIN));
    }

    #[test]
    fn partial_keeps_what_all_have_and_tells_what_it_dropped() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=10)
            .bytes("color.0002.png", b"")
            .frames("depth.#.png", 3..=9)
            .without("depth.0005.png")
            .frames("edge.#.png", 1..=9);
        let report = folder.shot(PARTIAL).expect("a report");
        assert_eq!(report.problems, []);
        for sequence in report.shot.sequences.values() {
            assert_eq!(sequence.numbers().collect::<Vec<_>>(), [3, 4, 6, 7, 8, 9]);
        }
        let dropped = folder.lines(report.dropped.iter().map(ToString::to_string));
        assert_eq!(
            dropped,
            [
                "color: dropped frame 2 (`color.0002.png` is empty (0 bytes))",
                "color: dropped frames 1, 5 (missing or unreadable in depth)",
                "color: dropped frame 10 (missing or unreadable in depth and edge)",
                "edge: dropped frame 2 (missing or unreadable in color and depth)",
                "edge: dropped frames 1, 5 (missing or unreadable in depth)",
            ]
        );
    }

    #[test]
    fn partial_with_nothing_in_common_is_a_problem() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=3)
            .frames("depth.#.png", 7..=9);
        assert_eq!(
            folder.problems(PARTIAL),
            ["no frame is readable in every modality (color 1-3, depth 7-9)"]
        );
    }

    #[test]
    fn a_modality_without_a_readable_frame_is_told_with_its_files() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=3)
            .bytes("depth.0001.png", b"");
        assert_eq!(
            folder.problems(PLAIN),
            ["depth: `depth.0001.png` is empty (0 bytes)"]
        );
        let partial = folder.problems(PARTIAL);
        assert!(partial.contains(&"depth: `depth.0001.png` is empty (0 bytes)".to_owned()));
    }

    #[test]
    fn unrelated_files_are_summed_up() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=2)
            .frames("normals.#.png", 1..=40);
        let folder = (0..8).fold(folder, |folder, n| {
            folder.bytes(&format!("note{n}.txt"), b"hi")
        });
        let folder = folder
            .bytes(".DS_Store", b"x")
            .bytes("Thumbs.db", b"x")
            .bytes("._color.0001.png", b"x");
        let expected = "48 files unrelated to the shot: normals.####.png, note0.txt, note1.txt, note2.txt, \
                        note3.txt, ...";
        assert_eq!(folder.problems(STRICT), [expected]);
        let report = folder.shot(PLAIN).expect("a report");
        assert!(report.is_ok());
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.to_string() == expected)
        );
    }

    #[test]
    fn formats_without_a_decoder_get_the_remedy() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=2)
            .bytes("depth.0001.tga", b"\x76\x2f\x31\x01");
        assert_eq!(
            folder.problems(PLAIN),
            ["depth is Targa, which cannot be read (`depth.####.tga`, 1 file)"]
        );
        let beside = folder.frames("depth.#.png", 1..=2);
        assert_eq!(beside.problems(PLAIN), Vec::<String>::new());
        let lone = Folder::new().bytes("frame0001.tga", b"?");
        for error in [
            lone.shot(PLAIN).expect_err("none"),
            lone.sequence(None).expect_err("none"),
        ] {
            assert!(error.to_string().contains("are Targa files"), "{error}");
            assert!(
                error
                    .hint()
                    .is_some_and(|hint| hint.contains("PNG, 16 bits"))
            );
        }
    }

    #[test]
    fn odd_sides_are_warned_about() {
        let folder = Folder::new();
        let folder = folder.image("color.1.png", &DynamicImage::new_rgb8(161, 40));
        let report = folder.shot(PLAIN).expect("a report");
        let warnings: Vec<String> = report.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            ["161x40 has an odd side; its last column is repeated"]
        );
    }

    #[test]
    fn a_misleading_extension_is_only_a_warning() {
        let folder = Folder::new();
        let jpeg = folder.path().join("color.0002.png");
        let folder = folder.frames("color.#.png", 1..=3);
        DynamicImage::new_rgb8(16, 9)
            .save_with_format(jpeg, image::ImageFormat::Jpeg)
            .expect("an image");
        let report = folder.shot(PLAIN).expect("a report");
        assert!(report.is_ok());
        let warnings = folder.lines(report.warnings.iter().map(ToString::to_string));
        assert!(
            warnings.contains(
                &"color: `color.0002.png` is a JPEG file in spite of its name".to_owned()
            ),
            "{warnings:?}"
        );
    }

    #[test]
    fn one_sequence_is_taken_in_numeric_order() {
        let folder = Folder::new();
        let folder = [10, 9, 1, 2, 3, 4, 5, 6, 7, 8]
            .into_iter()
            .fold(folder, |folder, n| {
                folder.image(&format!("frame_{n}.png"), &DynamicImage::new_rgb8(4, 2))
            });
        let sequence = folder
            .sequence(None)
            .and_then(SequenceReport::into_sequence)
            .expect("frames");
        assert_eq!(
            sequence.numbers().collect::<Vec<_>>(),
            (1..=10).collect::<Vec<_>>()
        );
        assert_eq!(sequence.pattern(), "frame_#.png");
        assert_eq!(sequence.padding.to_string(), "none");
        assert_eq!(sequence.name, "frame");
    }

    #[test]
    fn of_several_sequences_a_pattern_chooses() {
        let folder = Folder::new()
            .frames("it's a.#.png", 1..=2)
            .frames("b_#.png", 5..=7);
        let error = folder.sequence(None).expect_err("two of them");
        let hint = error.hint();
        assert_eq!(hint.as_deref(), Some("choose one: --pattern 'b_####.png'"));
        assert!(
            error
                .to_string()
                .ends_with(r"holds 2 sequences: 'b_####.png', 'it'\''s a.####.png'")
        );
        for (pattern, count) in [("b_$F4.png", 3), ("b_%04d.png", 3), ("it's a.####.png", 2)] {
            let report = folder.sequence(Some(pattern)).expect("it is there");
            assert_eq!(
                report.sequence.map(|s| s.frames.len()),
                Some(count),
                "{pattern}"
            );
        }
        let error = folder.sequence(Some("c.####.png")).expect_err("nothing");
        assert!(matches!(&error, FramesError::PatternMatchedNothing { .. }));
        assert_eq!(
            error.hint().as_deref(),
            Some(r"the folder holds 'b_####.png', 'it'\''s a.####.png'")
        );
    }

    #[test]
    fn a_pattern_takes_its_own_extension_only() {
        let folder = Folder::new()
            .frames("a.#.png", 1..=2)
            .frames("a.#.bmp", 1..=3);
        let report = folder.sequence(Some("a.####.bmp")).expect("it is there");
        let sequence = report.into_sequence().expect("fine");
        assert_eq!(
            (sequence.frames.len(), sequence.pattern().as_str()),
            (3, "a.####.bmp")
        );
    }

    #[test]
    fn folders_without_frames_say_what_they_hold() {
        for (folder, text, hint) in [
            (
                Folder::new(),
                "no frames in `DIR` (it is empty)",
                "frames are files with a number",
            ),
            (
                Folder::new().image("image.png", &DynamicImage::new_rgb8(1, 1)),
                "no frames in `DIR` (found image.png)",
                "frames are files with a number",
            ),
            (
                Folder::new().frames("depth/#.png", 1..=2),
                "no frames in `DIR` (found depth)",
                "its subfolders hold frames",
            ),
        ] {
            let error = folder.sequence(None).expect_err("nothing there");
            assert_eq!(folder.lines([error.to_string()].into_iter()), [text]);
            assert!(
                error.hint().is_some_and(|found| found.starts_with(hint)),
                "{:?}",
                error.hint()
            );
        }
        assert!(matches!(
            Folder::new().shot(PLAIN),
            Err(FramesError::NoFrames { .. })
        ));
    }

    #[test]
    fn a_wrong_path_is_told_with_the_nearest_name() {
        let folder = Folder::new().frames("shot_010/color.#.png", 1..=1);
        let check = |path: &str| {
            let error = check_shot(&folder.path().join(path), &PLAIN, &Cancel::new(), &Silent)
                .expect_err("not there");
            let hint = error.hint().unwrap_or_default();
            folder.lines([error.to_string(), hint].into_iter())
        };
        assert_eq!(
            check("shot_01"),
            [
                "folder `shot_01` does not exist",
                "did you mean `shot_010`?"
            ]
        );
        assert_eq!(
            check("no/such"),
            [
                "folder `no/such` does not exist, nor does `no`",
                "pass the folder that holds the frames"
            ]
        );
        assert_eq!(
            check("shot_010/color.0001.png"),
            [
                "`shot_010/color.0001.png` is not a folder",
                "pass the folder that holds the frames: `shot_010`"
            ]
        );
    }

    #[test]
    fn cancelling_stops_the_check() {
        let folder = Folder::new().frames("color.#.png", 1..=3);
        let cancel = Cancel::new();
        cancel.cancel();
        let stopped = check_shot(folder.path(), &PLAIN, &cancel, &Silent);
        assert!(matches!(stopped, Err(FramesError::Cancelled)));
    }

    #[test]
    fn problems_can_be_written_as_json() {
        let folder = Folder::new()
            .frames("color.#.png", 1..=3)
            .bytes("color.0002.png", b"hi");
        let report = folder.shot(PLAIN).expect("a report");
        let json = serde_json::to_value(&report.problems).expect("JSON");
        assert_eq!(json[0]["kind"], "bad_frames");
        assert_eq!(json[0]["modality"], "color");
        assert_eq!(json[0]["fault"], "not_an_image");
        assert_eq!(json[0]["numbers"][0]["first"], 2);
    }

    #[cfg(unix)]
    mod unix {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;

        use super::*;

        #[test]
        fn links_are_followed_and_loops_end() {
            let store = Folder::new().frames("x.#.png", 1..=2);
            let folder = Folder::new().frames("color.#.png", 1..=1);
            let link = |target: &Path, name: &str| {
                symlink(target, folder.path().join(name)).expect("a link");
            };
            link(&store.path().join("x.0002.png"), "color.0002.png");
            link(store.path(), "depth");
            link(folder.path(), "edge");
            link(Path::new("."), "vis");
            let report = folder.shot(PLAIN).expect("a report");
            assert!(report.is_ok(), "{:?}", report.problems);
            assert_eq!(
                found(&report),
                ["color color.####.png 1-2", "depth x.####.png 1-2"]
            );
            link(Path::new("nowhere.png"), "color.0003.png");
            assert_eq!(
                folder.problems(PLAIN)[0],
                "color: `color.0003.png` is a link to `nowhere.png`, which does not exist"
            );
        }

        #[test]
        fn a_pipe_named_like_a_frame_does_not_hang() {
            let folder = Folder::new().frames("color.#.png", 1..=1);
            let socket = folder.path().join("color.0002.png");
            let _listener = std::os::unix::net::UnixListener::bind(socket).expect("a socket");
            assert_eq!(
                folder.problems(PLAIN),
                ["color: `color.0002.png` is a socket, not a file"]
            );
        }

        #[test]
        fn names_of_any_bytes_stay_apart_and_print_on_one_line() {
            let folder = Folder::new();
            for stem in [&b"color\n\xff"[..], b"color\n\xfe"] {
                let name = [stem, b"_0001.png"].concat();
                fs::write(folder.path().join(OsStr::from_bytes(&name)), b"").expect("a file");
            }
            let lines = folder.problems(PLAIN);
            assert_eq!(
                lines[0],
                "color has 2 sources: `color\\n\u{fffd}_####.png` and `color\\n\u{fffd}_####.png`"
            );
            assert!(lines.iter().all(|line| !line.contains('\n')));
        }
    }
}
