//! `describe`: says what pictures and videos show, one by one: the offline tagging of an archive.
//!
//! A file that cannot be read is reported at the end, and the rest is done. What was found is kept in a cache by
//! the contents of the files, so that a second run, or one over moved files, asks no model.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use walkdir::WalkDir;

use super::{Advice, ModelsOptions, write_json};
use crate::ai::{ModelStore, Places};
use crate::analyzer::{Analyzer, Sampler, fingerprint_of};
use crate::contact_sheet::is_contact_sheet;
use crate::error::Error;
use crate::files;
use crate::frames::decode::{Alpha, DecodeOptions, FrameDecoder};
use crate::frames::{Fault, read_header};
use crate::hash::{sha256_of, sha256_of_file};
use crate::json_path;
use crate::look::Content;
use crate::modality::Modality;
use crate::naming::generate_smart_name;
use crate::picture::{Picture, Pixels};
use crate::progress::{Cancel, Progress, Unit};
use crate::seen::{Author, Seen};
use crate::staging::StagedFile;
use crate::video::pipeline::PipelineError;
use crate::video::read::{ReadError, VideoReader, probe};

/// Version of what is made of a file; grows when the same file would be described differently.
const DESCRIPTION_VERSION: u32 = 2;
/// Longest name that is suggested, in characters.
const NAME_LENGTH: usize = 20;
/// Files that are looked at at one time at most: the models, which all share, are busy with two.
const MAX_WORKERS: usize = 2;
/// Frames of a video that are rather skipped than decoded.
const SKIPPED: usize = 300;

const PICTURES: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "exr"];
const VIDEOS: &[&str] = &[
    "mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "mxf", "wmv", "gif",
];

/// What to describe and how.
#[derive(Clone, Debug, Default)]
pub struct DescribeOptions {
    /// Pictures, videos, and folders, of which every picture and video is described, at any depth.
    pub paths: Vec<PathBuf>,
    /// Where the models are.
    pub models: ModelsOptions,
    /// Whether to put a JSON file beside each file.
    pub write_sidecars: bool,
    /// Whether JSON files of an earlier run may be replaced.
    pub overwrite: bool,
    /// Where descriptions are kept; `None` keeps none.
    pub cache: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DescribeReport {
    /// The files that were described, in the order they were given, folders by name.
    pub files: Vec<DescribedFile>,
    /// The files that could not be.
    pub failed: Vec<FailedFile>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
}

/// A file and what it shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DescribedFile {
    /// The file.
    #[serde(serialize_with = "json_path::one")]
    pub path: PathBuf,
    /// What it shows.
    #[serde(flatten)]
    pub description: Description,
    /// The JSON file beside it, if one was asked for.
    #[serde(serialize_with = "json_path::optional")]
    pub sidecar: Option<PathBuf>,
    /// Whether this was known from an earlier run.
    pub cached: bool,
}

/// A file that could not be described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedFile {
    /// The file.
    #[serde(serialize_with = "json_path::one")]
    pub path: PathBuf,
    /// Why not.
    #[serde(flatten)]
    pub problem: Advice,
}

/// Whether a file holds one picture or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// One picture.
    Picture,
    /// A video.
    Video,
}

/// What a file shows. As a JSON file of its own it is told by its first field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Version of the layout and of what is made of a file.
    pub cosmos_description: u32,
    /// What the file holds.
    pub kind: FileKind,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of frames; 1 for a picture.
    pub frame_count: u64,
    /// What it holds if not a scene, such as a pass of a renderer; `None` for a scene.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// A file name made from the description.
    pub name: String,
    /// What the models and measurement say.
    #[serde(flatten)]
    pub seen: Seen,
}

/// The folder in which this user's descriptions are kept: `~/.cache/cosmos/descriptions` on Linux. `None` where
/// no home folder is known.
#[must_use]
pub fn description_cache() -> Option<PathBuf> {
    let cache = Places::of_process().cache_dir;
    cache.map(|folder| folder.join("descriptions"))
}

/// Describes every file.
///
/// # Errors
/// [`Error::Usage`] if a path does not exist or there is nothing to describe, and when it is interrupted. Files
/// that cannot be described are in the report.
pub fn describe_files(
    options: &DescribeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<DescribeReport, Error> {
    let mut report = DescribeReport::default();
    let files = find_files(&options.paths, &mut report.failed)?;
    let workers = thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MAX_WORKERS)
        .min(files.len());
    let mut models = options.models.clone();
    // With one worker nothing else works beside the models.
    models.runtime.spinning = workers == 1;
    let describer = Describer {
        options,
        models,
        cache: options
            .cache
            .as_deref()
            .map(|cache| cache.join(models_key(&options.models))),
        analyzer: OnceLock::new(),
        warnings: Mutex::default(),
    };
    let task = "describing";
    progress.begin(task, files.len() as u64, Unit::Items);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::with_capacity(files.len()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = Worker::default();
                while !cancel.is_cancelled() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = files.get(index) else {
                        break;
                    };
                    let outcome = describer.describe(path, &mut worker);
                    let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                    outcomes.push((index, outcome));
                    progress.advance(task, 1);
                }
            });
        }
    });
    progress.finish(task);
    if cancel.is_cancelled() {
        return Err(PipelineError::Cancelled.into());
    }
    let mut outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(index, _)| *index);
    for (index, outcome) in outcomes {
        match outcome {
            Ok(described) => report.files.push(described),
            Err(error) => report.failed.push(FailedFile {
                path: files[index].clone(),
                problem: Advice::from(&error),
            }),
        }
    }
    report.warnings = describer
        .warnings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(report)
}

/// The files to describe, each once.
fn find_files(paths: &[PathBuf], failed: &mut Vec<FailedFile>) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|source| Error::Usage {
            message: format!("cannot read {}: {source}", path.display()),
            hint: "pass pictures, videos, or folders with them".into(),
        })?;
        if !metadata.is_dir() {
            files.push(path.clone());
            continue;
        }
        let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
        let entries = WalkDir::new(path).sort_by_file_name().into_iter();
        let entries =
            entries.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        for entry in entries {
            match entry {
                Ok(entry) if kind_by_name(entry.path()).is_some() && entry.path().is_file() => {
                    files.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => failed.push(FailedFile {
                    path: error.path().unwrap_or(path).to_owned(),
                    problem: Advice {
                        message: format!("cannot read the folder: {error}"),
                        hint: Some("check that you may read it".into()),
                    },
                }),
            }
        }
    }
    let mut known = BTreeSet::new();
    files.retain(|file| known.insert(file.clone()));
    if files.is_empty() && failed.is_empty() {
        let names: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Error::Usage {
            message: format!("there is no picture and no video in {}", names.join(", ")),
            hint: format!(
                "files are told by their names: {}, {}",
                PICTURES.join(", "),
                VIDEOS.join(", ")
            ),
        });
    }
    Ok(files)
}

fn kind_by_name(path: &Path) -> Option<FileKind> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    if PICTURES.contains(&extension.as_str()) {
        Some(FileKind::Picture)
    } else if VIDEOS.contains(&extension.as_str()) {
        Some(FileKind::Video)
    } else {
        None
    }
}

/// What the name of a file says of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// Nothing.
    Nothing,
    /// It is called what only such a file is: `depth.0001.png`.
    Surely(Content),
    /// It has a word for it that may mean something else: `mask.png`, `shot_010_depth.png`, or a folder of that name.
    Perhaps(Content),
}

impl Named {
    fn of(path: &Path) -> Self {
        let text = |name: Option<&OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
        let stem = text(path.file_stem());
        let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit() || "._- ".contains(c));
        let word = stem.split(|c: char| !c.is_alphabetic()).next_back();
        let folder = text(path.parent().and_then(Path::file_name));
        let canonical = Modality::ALL
            .into_iter()
            .find(|modality| modality.name() == stem.to_lowercase());
        match canonical {
            Some(modality) => content_of_modality(modality).map_or(Self::Nothing, Self::Surely),
            None => [stem, word.unwrap_or_default(), folder.as_str()]
                .into_iter()
                .find_map(content_of_word)
                .map_or(Self::Nothing, Self::Perhaps),
        }
    }

    /// What alpha is good for in a picture of this name.
    const fn alpha(self) -> Alpha {
        match self {
            Self::Surely(Content::Edge) => Alpha::Lines,
            Self::Surely(Content::Depth | Content::Segmentation)
            | Self::Perhaps(Content::Depth | Content::Segmentation | Content::Mask) => {
                Alpha::Ignore
            }
            _ => Alpha::Composite,
        }
    }

    /// The content that a video of this name has, whose frames are not looked at for it.
    const fn of_video(self) -> Option<Content> {
        match self {
            Self::Surely(content) => Some(content),
            Self::Perhaps(_) | Self::Nothing => None,
        }
    }
}

/// The content that a pass of this name has: the modalities by all their names, and normals.
fn content_of_word(word: &str) -> Option<Content> {
    match word.to_lowercase().as_str() {
        "normal" | "normals" => Some(Content::Normals),
        "mask" | "masks" => Some(Content::Mask),
        word => content_of_modality(Modality::from_word(word)?),
    }
}

/// What a picture holds that is not a scene.
fn content_of_picture(named: Named, picture: &Picture) -> Option<Content> {
    let rgb = picture.to_rgb();
    if is_contact_sheet(&rgb) {
        return Some(Content::ContactSheet);
    }
    let bits = match &picture.pixels {
        Pixels::Gray8(_) => Some(8),
        Pixels::Gray16(_) => Some(16),
        Pixels::Rgb8(_) | Pixels::Rgbx8(_) => None,
    };
    match named {
        Named::Surely(content) => Some(content),
        // A mask in colors is a segmentation.
        Named::Perhaps(Content::Mask) if !Content::Mask.fits(&rgb) => Content::Segmentation
            .fits(&rgb)
            .then_some(Content::Segmentation),
        Named::Perhaps(content) if content.fits(&rgb) => Some(content),
        Named::Perhaps(_) | Named::Nothing => Content::of_pixels(&rgb, bits),
    }
}

/// Why a file that cannot be read cannot be, if its beginning tells.
fn told_by_beginning(path: &Path) -> Option<Error> {
    let fault = read_header(path).err()?;
    let is_called_video = kind_by_name(path) == Some(FileKind::Video);
    let (what, hint) = match &fault {
        Fault::Empty | Fault::Truncated { .. } => (fault.to_string(), "copy or render it again"),
        Fault::Unsupported { found } => (
            format!("is {found}, which describe cannot read"),
            "convert it to PNG, JPEG, TIFF, WebP or BMP, or to a video",
        ),
        Fault::NotAnImage { found } if *found != "unknown data" || !is_called_video => (
            format!("is neither a picture nor a video (found {found})"),
            "pass pictures (PNG, JPEG, TIFF, WebP, BMP), videos, or folders with them",
        ),
        _ => return None,
    };
    Some(Error::Usage {
        message: format!("{} {what}", path.display()),
        hint: hint.into(),
    })
}

/// Names the models that would be asked, and the version of what is made of their answers.
fn models_key(models: &ModelsOptions) -> String {
    let fingerprints = ModelStore::open(models.models_dir.as_deref())
        .map(|store| fingerprint_of(&store))
        .unwrap_or_default();
    let key = format!(
        "{DESCRIPTION_VERSION} {} {fingerprints}",
        models.runtime.device
    );
    sha256_of(key.as_bytes())[..16].to_owned()
}

/// What one thread keeps from file to file.
#[derive(Default)]
struct Worker {
    /// `None` until the first file that is not in the cache.
    analyzer: Option<Analyzer>,
    decoder: FrameDecoder,
}

/// What all threads share.
struct Describer<'a> {
    options: &'a DescribeOptions,
    models: ModelsOptions,
    /// The cache's folder for these models.
    cache: Option<PathBuf>,
    /// Opened for the first file that is not in the cache.
    analyzer: OnceLock<Analyzer>,
    warnings: Mutex<Vec<Advice>>,
}

impl Describer<'_> {
    fn describe(&self, path: &Path, worker: &mut Worker) -> Result<DescribedFile, Error> {
        let sha256 = sha256_of_file(path).map_err(|source| Error::io("read", path, source))?;
        let named = Named::of(path);
        let key = match named {
            Named::Nothing => format!("{sha256}.json"),
            named => format!(
                "{sha256}-{}.json",
                &sha256_of(format!("{named:?}").as_bytes())[..8]
            ),
        };
        let place = self.cache.as_ref().map(|cache| cache.join(key));
        let known = place.as_deref().and_then(recall);
        let cached = known.is_some();
        let description = match known {
            Some(known) => known,
            None => {
                let fresh = self.look_at(path, sha256, named, worker)?;
                let analyzer = worker.analyzer.as_ref();
                // With the models back, it would be described better.
                let is_whole = analyzer.is_none_or(|analyzer| analyzer.warnings().is_empty());
                if let Some(place) = place.as_deref().filter(|_| is_whole)
                    && let Err(error) = keep(place, &fresh)
                {
                    tracing::debug!("the description is not kept: {error}");
                }
                fresh
            }
        };
        let sidecar = match self.options.write_sidecars {
            true => Some(self.write_sidecar(path, &description)?),
            false => None,
        };
        Ok(DescribedFile {
            path: path.to_owned(),
            description,
            sidecar,
            cached,
        })
    }

    fn look_at(
        &self,
        path: &Path,
        sha256: String,
        named: Named,
        worker: &mut Worker,
    ) -> Result<Description, Error> {
        let looked = match kind_by_name(path) {
            Some(FileKind::Picture) => self.look_at_picture(path, named, worker),
            Some(FileKind::Video) => self.look_at_video(path, named, worker),
            None => self
                .look_at_picture(path, named, worker)
                .or_else(|_| self.look_at_video(path, named, worker)),
        };
        if let Some(analyzer) = &worker.analyzer {
            self.warn(analyzer.warnings());
        }
        let Looked {
            kind,
            size: (width, height),
            frame_count,
            content,
            seen,
        } = looked.map_err(|error| told_by_beginning(path).unwrap_or(error))?;
        let words = seen.analysis.as_ref().map_or("", |analysis| {
            (analysis.subject.as_deref()).unwrap_or(&analysis.description)
        });
        Ok(Description {
            cosmos_description: DESCRIPTION_VERSION,
            kind,
            sha256,
            width,
            height,
            frame_count,
            content,
            name: generate_smart_name(words, NAME_LENGTH),
            seen,
        })
    }

    fn look_at_picture(
        &self,
        path: &Path,
        named: Named,
        worker: &mut Worker,
    ) -> Result<Looked, Error> {
        let options = DecodeOptions {
            alpha: named.alpha(),
            ..DecodeOptions::default()
        };
        let picture = worker
            .decoder
            .decode(path, &options)
            .map_err(PipelineError::from)?;
        let content = content_of_picture(named, &picture);
        let looked = match content {
            None => look_at_picture(content, &picture, self.analyzer_of(worker)),
            // Models know photos: distances, labels and lines would only be mistaken for something.
            Some(_) => look_at_picture(content, &picture, &mut Analyzer::default()),
        };
        worker.decoder.recycle(picture);
        Ok(looked)
    }

    fn look_at_video(
        &self,
        path: &Path,
        named: Named,
        worker: &mut Worker,
    ) -> Result<Looked, Error> {
        match named.of_video() {
            None => look_at_video(path, None, self.analyzer_of(worker)),
            content => look_at_video(path, content, &mut Analyzer::default()),
        }
    }

    fn analyzer_of<'w>(&self, worker: &'w mut Worker) -> &'w mut Analyzer {
        worker.analyzer.get_or_insert_with(|| {
            let analyzer = self.analyzer.get_or_init(|| Analyzer::open(&self.models));
            analyzer.clone()
        })
    }

    /// Every thread has the same warnings about the models; they are kept once.
    fn warn(&self, about_models: &[Advice]) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in about_models {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
    }

    /// Puts `shot.mp4.json` beside `shot.mp4`, unless it is there already.
    fn write_sidecar(&self, path: &Path, description: &Description) -> Result<PathBuf, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".json");
        let sidecar = path.with_file_name(name);
        let replaces = sidecar.symlink_metadata().is_ok();
        if replaces {
            let Some(known) = read_description(&sidecar) else {
                return Err(Error::Usage {
                    message: format!(
                        "{} is not a description that cosmos wrote",
                        sidecar.display()
                    ),
                    hint: "move it away; it is never replaced".into(),
                });
            };
            if known == *description {
                return Ok(sidecar);
            }
        }
        let staged = StagedFile::create(&sidecar, self.options.overwrite)?;
        write_json(staged.path(), description)?;
        staged.commit()?;
        Ok(sidecar)
    }
}

/// The description in the file `path`; `None` if it holds none of this version.
fn read_description(path: &Path) -> Option<Description> {
    let text = files::read(path, files::MAX_TEXT).ok()?;
    let description: Description = serde_json::from_slice(&text).ok()?;
    (description.cosmos_description == DESCRIPTION_VERSION).then_some(description)
}

/// Puts a description into the cache, whole or not at all.
fn keep(place: &Path, description: &Description) -> Result<(), Error> {
    let folder = place.parent().unwrap_or(place);
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    let text = serde_json::to_string(description)
        .map_err(|source| Error::io("write", place, source.into()))?;
    let write = || -> io::Result<()> {
        // Removes itself where it cannot be written whole.
        let mut partial = NamedTempFile::new_in(folder)?;
        write!(partial, "{}\n{text}", sha256_of(text.as_bytes()))?;
        partial.persist(place)?;
        Ok(())
    };
    write().map_err(|source| Error::io("write", place, source))
}

/// The description that [`keep`] put into the cache; `None` if there is none, or it is not as it was.
fn recall(place: &Path) -> Option<Description> {
    let text = files::read_text(place).ok()?;
    let (hash, text) = text.split_once('\n')?;
    let is_sound = hash == sha256_of(text.as_bytes());
    is_sound.then(|| serde_json::from_str(text).ok())?
}

struct Looked {
    kind: FileKind,
    size: (u32, u32),
    frame_count: u64,
    content: Option<Content>,
    seen: Seen,
}

fn look_at_picture(content: Option<Content>, picture: &Picture, analyzer: &mut Analyzer) -> Looked {
    let modality = modality_of(content);
    let (sampler, views) = Sampler::new(modality, 1);
    sampler.observe(modality, 0, picture);
    sampler.close();
    let findings = analyzer.look(&sampler, views);
    let seen = sampler.conclude(&findings, analyzer, None, 1.0);
    Looked {
        kind: FileKind::Picture,
        size: (picture.width, picture.height),
        frame_count: 1,
        content,
        seen: with_sentence(seen, content),
    }
}

/// The modality as which something is measured.
const fn modality_of(content: Option<Content>) -> Modality {
    match content {
        Some(Content::Depth) => Modality::Depth,
        Some(Content::Segmentation | Content::Mask) => Modality::Segmentation,
        Some(Content::Edge) => Modality::Edge,
        Some(Content::Vis) => Modality::Vis,
        Some(Content::Normals | Content::ContactSheet) | None => Modality::Color,
    }
}

/// What the video or the frames of a control hold; `None` for color.
const fn content_of_modality(modality: Modality) -> Option<Content> {
    match modality {
        Modality::Color => None,
        Modality::Depth => Some(Content::Depth),
        Modality::Segmentation => Some(Content::Segmentation),
        Modality::Vis => Some(Content::Vis),
        Modality::Edge => Some(Content::Edge),
    }
}

/// `seen` with a sentence that says what it is, if it is no scene.
fn with_sentence(mut seen: Seen, content: Option<Content>) -> Seen {
    if let (Some(content), Some(analysis)) = (content, &mut seen.analysis) {
        content.sentence().clone_into(&mut analysis.description);
        analysis.described_by = Author::Measured;
    }
    seen
}

fn look_at_video(
    path: &Path,
    content: Option<Content>,
    analyzer: &mut Analyzer,
) -> Result<Looked, Error> {
    let modality = modality_of(content);
    let info = probe(path)?;
    let rate = info.fps.as_f64();
    let frame_count = usize::try_from(info.frame_count).unwrap_or(usize::MAX);
    let (sampler, views) = Sampler::new(modality, frame_count);
    let mut reader = VideoReader::open(path)?;
    let mut next = 0;
    'wanted: for index in sampler.wanted() {
        if index > next + SKIPPED {
            reader.seek(index as f64 / rate);
        }
        loop {
            let Some(frame) = reader.next_frame()? else {
                break 'wanted;
            };
            next = (reader.seconds_in(&frame) * rate).round() as usize + 1;
            if next > index {
                let picture = reader.to_picture(&frame)?;
                sampler.observe(modality, index, &picture);
                break;
            }
        }
    }
    sampler.close();
    let findings = analyzer.look(&sampler, views);
    if findings.is_empty() {
        return Err(ReadError::NoVideo {
            path: path.to_owned(),
        }
        .into());
    }
    let number_of = |index: usize| index as u64;
    Ok(Looked {
        kind: FileKind::Video,
        size: (info.width, info.height),
        frame_count: info.frame_count,
        content,
        seen: with_sentence(
            sampler.conclude(&findings, analyzer, Some(&number_of), rate),
            content,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_told_by_its_name_where_that_has_a_word_for_it() {
        use Content::{Depth, Edge, Mask, Normals, Segmentation};
        for (name, named) in [
            ("depth.mp4", Named::Surely(Depth)),
            ("Depth.0001.png", Named::Surely(Depth)),
            ("Depth 1049.png", Named::Surely(Depth)),
            ("segmentation_12.png", Named::Surely(Segmentation)),
            ("edge.mp4", Named::Surely(Edge)),
            ("z.0001.png", Named::Perhaps(Depth)),
            ("shot_010_depth.0001.png", Named::Perhaps(Depth)),
            ("depth/0001.png", Named::Perhaps(Depth)),
            ("mask 3.png", Named::Perhaps(Mask)),
            ("Normal.0001.png", Named::Perhaps(Normals)),
            ("color.mp4", Named::Nothing),
            ("edge_of_the_sea.jpg", Named::Nothing),
            ("depths.mp4", Named::Nothing),
            ("0001.png", Named::Nothing),
        ] {
            assert_eq!(Named::of(Path::new(name)), named, "{name}");
        }
    }

    #[test]
    fn a_description_that_cannot_be_kept_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("taken.json");
        fs::create_dir_all(place.join("by a folder")).unwrap();
        let description = Description {
            cosmos_description: DESCRIPTION_VERSION,
            kind: FileKind::Picture,
            sha256: String::new(),
            width: 1,
            height: 1,
            frame_count: 1,
            name: "a".into(),
            content: None,
            seen: Seen::default(),
        };
        keep(&place, &description).unwrap_err();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        let place = folder.path().join("free.json");
        keep(&place, &description).unwrap();
        assert_eq!(recall(&place), Some(description));
    }
}
