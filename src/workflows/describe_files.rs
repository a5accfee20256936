//! `describe`: says what pictures and videos show, one by one: the offline tagging of an archive.
//!
//! A file that cannot be read is reported at the end, and the rest is done. What was found is kept in a cache by
//! the contents of the files, so that a second run, or one over moved files, asks no model.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::analysis::{Eyes, Sampler, fingerprint_of};
use super::{Advice, ModelsOptions, write_json};
use crate::ai::{ModelStore, Places};
use crate::error::Error;
use crate::files;
use crate::frames::decode::{DecodeOptions, FrameDecoder};
use crate::json_path;
use crate::metadata::{Seen, sha256_of, sha256_of_file};
use crate::modality::Modality;
use crate::naming::generate_smart_name;
use crate::progress::{Cancel, Progress, Unit};
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

const PICTURES: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp"];
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
        eyes: OnceLock::new(),
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
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
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

/// What a file named `depth.mp4` or `depth.0001.png` shows; everything else is taken as color.
fn modality_of(path: &Path) -> Modality {
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let name = stem.trim_end_matches(|c: char| c.is_ascii_digit() || "._-".contains(c));
    Modality::ALL
        .into_iter()
        .find(|modality| modality.name() == name)
        .unwrap_or(Modality::Color)
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
    eyes: Option<Eyes>,
    decoder: FrameDecoder,
}

/// What all threads share.
struct Describer<'a> {
    options: &'a DescribeOptions,
    models: ModelsOptions,
    /// The cache's folder for these models.
    cache: Option<PathBuf>,
    /// Opened for the first file that is not in the cache.
    eyes: OnceLock<Eyes>,
    warnings: Mutex<Vec<Advice>>,
}

impl Describer<'_> {
    fn describe(&self, path: &Path, worker: &mut Worker) -> Result<DescribedFile, Error> {
        let sha256 = sha256_of_file(path).map_err(|source| Error::io("read", path, source))?;
        let modality = modality_of(path);
        let key = format!("{sha256}-{modality}.json");
        let place = self.cache.as_ref().map(|cache| cache.join(key));
        let known = place.as_deref().and_then(recall);
        let cached = known.is_some();
        let description = match known {
            Some(known) => known,
            None => {
                let fresh = self.look_at(path, sha256, modality, worker)?;
                let eyes = worker.eyes.as_ref();
                // With the models back, it would be described better.
                let is_whole = eyes.is_none_or(|eyes| eyes.troubles().is_empty());
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
        modality: Modality,
        worker: &mut Worker,
    ) -> Result<Description, Error> {
        // Models know photos: distances, labels and lines would only be mistaken for something.
        let mut blind = Eyes::default();
        let eyes = match modality {
            Modality::Color => worker.eyes.get_or_insert_with(|| {
                let eyes = self.eyes.get_or_init(|| Eyes::open(&self.models));
                eyes.clone()
            }),
            _ => &mut blind,
        };
        let looked = match kind_by_name(path) {
            Some(FileKind::Picture) => look_at_picture(path, modality, &mut worker.decoder, eyes),
            Some(FileKind::Video) => look_at_video(path, modality, eyes),
            None => look_at_picture(path, modality, &mut worker.decoder, eyes)
                .or_else(|_| look_at_video(path, modality, eyes)),
        };
        self.warn(eyes.troubles());
        let Looked {
            kind,
            size: (width, height),
            frame_count,
            seen,
        } = looked?;
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
            name: generate_smart_name(words, NAME_LENGTH),
            seen,
        })
    }

    /// Every thread has the same troubles with the models; they are told once.
    fn warn(&self, troubles: &[Advice]) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for trouble in troubles {
            if !warnings.contains(trouble) {
                warnings.push(trouble.clone());
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
    let thread = format!("{:?}", thread::current().id());
    let partial = format!(".{}-{}", std::process::id(), sha256_of(thread.as_bytes()));
    let partial = folder.join(partial);
    let text = serde_json::to_string(description)
        .map_err(|source| Error::io("write", place, source.into()))?;
    fs::write(&partial, format!("{}\n{text}", sha256_of(text.as_bytes())))
        .and_then(|()| fs::rename(&partial, place))
        .map_err(|source| Error::io("write", place, source))
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
    seen: Seen,
}

fn look_at_picture(
    path: &Path,
    modality: Modality,
    decoder: &mut FrameDecoder,
    eyes: &mut Eyes,
) -> Result<Looked, Error> {
    let picture = decoder
        .decode(path, &DecodeOptions::default())
        .map_err(PipelineError::from)?;
    let size = (picture.width, picture.height);
    let (sampler, views) = Sampler::new(modality, 1);
    sampler.observe(modality, 0, &picture);
    sampler.close();
    decoder.recycle(picture);
    let sight = eyes.look(&sampler, views);
    Ok(Looked {
        kind: FileKind::Picture,
        size,
        frame_count: 1,
        seen: sampler.conclude(&sight, eyes, None, 1.0),
    })
}

fn look_at_video(path: &Path, modality: Modality, eyes: &mut Eyes) -> Result<Looked, Error> {
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
    let sight = eyes.look(&sampler, views);
    if sight.is_empty() {
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
        seen: sampler.conclude(&sight, eyes, Some(&number_of), rate),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_shows_is_told_by_a_name_of_ours_only() {
        for (name, modality) in [
            ("depth.mp4", Modality::Depth),
            ("Depth.0001.png", Modality::Depth),
            ("segmentation_12.png", Modality::Segmentation),
            ("edge.mp4", Modality::Edge),
            ("color.mp4", Modality::Color),
            ("edge_of_the_sea.jpg", Modality::Color),
            ("depths.mp4", Modality::Color),
            ("0001.png", Modality::Color),
        ] {
            assert_eq!(modality_of(Path::new(name)), modality, "{name}");
        }
    }
}
