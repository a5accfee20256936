//! `prepare-inference`: a render folder becomes a folder of aligned videos that Cosmos can be conditioned on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use image::{ImageFormat, RgbImage};
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::derive::DeriveOptions;
use super::encode::{EncodeOptions, Encoded, EncodedVideo, PlannedVideo, Source, encode, planned};
use super::layers::{self, ExrOptions};
use super::{Advice, ModelsOptions, folder_name, write_json};
use crate::analyzer::{Analyzer, Looked, Sampler, look_beside};
use crate::config::Video;
use crate::contact_sheet::{ContactSheet, THUMBNAIL_BOX, evenly_spaced};
use crate::cosmos::{Handling, Model, Target};
use crate::derivation::Derivation;
use crate::error::Error;
use crate::files::{self, MAX_TEXT};
use crate::frame_rate::FrameRate;
use crate::frames::{FrameRange, ScanOptions, Sequence, Shot, check_shot};
use crate::hash::sha256_of;
use crate::json_path;
use crate::layers::RenderLayers;
use crate::metadata::{
    self, DepthMetadata, EncoderMetadata, SCHEMA_VERSION, ShotMetadata, SourceRange, VideoFile,
};
use crate::modality::Modality;
use crate::naming::{generate_smart_name, sanitize, says_something};
use crate::picture::{Picture, Sampling};
use crate::progress::{Cancel, Progress};
use crate::seen::Seen;
use crate::size::Size;
use crate::staging::{FolderLock, StagedDir, StagingError};

/// Longest name made from a description, in characters.
const NAME_LENGTH: usize = 20;
/// Columns of the contact sheet.
const SHEET_COLUMNS: usize = 6;

/// What to prepare and how.
#[derive(Clone, Debug)]
pub struct PrepareOptions {
    /// The render folder.
    pub input: PathBuf,
    /// Name of the shot. If `None`, it is made from the description; if there is none either, from what the
    /// models see; without models, from the folder's name.
    pub name: Option<String>,
    /// What the shot shows; what models and measurement say of it if `None`.
    pub description: Option<String>,
    /// Folder under which the shot's folder is put.
    pub videos_dir: PathBuf,
    /// How frames become videos.
    pub encode: EncodeOptions,
    /// How the layers of OpenEXR frames become pictures.
    pub exr: ExrOptions,
    /// Which controls to make of color where nobody rendered them.
    pub derive: DeriveOptions,
    /// How strict to be with the frames.
    pub scan: ScanOptions,
    /// Where the models are that describe and name the shot; `None` to do without a look at it.
    pub ai: Option<ModelsOptions>,
    /// Whether an existing folder of that name may be replaced.
    pub overwrite: bool,
}

impl PrepareOptions {
    /// Makes the shot of the render folder `input` below `videos_dir`, for `target`, as `cosmos prepare-inference` does
    /// without settings and options, but without models.
    #[must_use]
    pub fn new(
        input: impl Into<PathBuf>,
        videos_dir: impl Into<PathBuf>,
        target: impl Into<Target>,
    ) -> Self {
        Self {
            input: input.into(),
            name: None,
            description: None,
            videos_dir: videos_dir.into(),
            encode: EncodeOptions::from_config(&Video::default(), target.into()),
            exr: ExrOptions::default(),
            derive: DeriveOptions::default(),
            scan: ScanOptions::default(),
            ai: None,
            overwrite: false,
        }
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrepareReport {
    /// The folder with everything in it.
    #[serde(serialize_with = "json_path::one")]
    pub output: PathBuf,
    /// `metadata.json` in it.
    #[serde(serialize_with = "json_path::one")]
    pub metadata_path: PathBuf,
    /// `preview.png` in it.
    #[serde(serialize_with = "json_path::one")]
    pub preview_path: PathBuf,
    /// What `metadata.json` says.
    pub metadata: ShotMetadata,
    /// The videos, color first.
    pub videos: Vec<EncodedVideo>,
    /// Modalities that were found under another name.
    pub aliases: Vec<(Modality, String)>,
    /// Frames that were left out, and why.
    pub dropped: Vec<String>,
    /// What was done that nobody asked for.
    pub notes: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
    /// What the model will do with the videos.
    pub cosmos: Option<Handling>,
}

/// What [`prepare_inference`] would make.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreparePlan {
    /// The render folder.
    #[serde(serialize_with = "json_path::one")]
    pub input: PathBuf,
    /// The folder that the shot's folder would be put into.
    #[serde(serialize_with = "json_path::one")]
    pub videos_dir: PathBuf,
    /// Name of the shot; `None` if the models that look at it would make it.
    pub name: Option<String>,
    /// Number of frames.
    pub frame_count: usize,
    /// The frame numbers that would go in.
    pub frame_range: FrameRange,
    /// Frames a second.
    pub frame_rate: FrameRate,
    /// The videos, color first.
    pub videos: Vec<PlannedVideo>,
    /// Modalities that were found under another name.
    pub aliases: Vec<(Modality, String)>,
    /// Frames that would be left out, and why.
    pub dropped: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
    /// What the model would do with the videos.
    pub cosmos: Option<Handling>,
}

/// Checks a render folder and says what [`prepare_inference`] would make of it. Nothing is written, no pixel is
/// decoded, and no model is asked.
///
/// # Errors
/// [`Error`]: invalid frames, or no encoder.
pub fn plan_inference(
    options: &PrepareOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<PreparePlan, Error> {
    let Checked {
        shot,
        derived,
        layers: _,
        said_name,
        folder_name,
        handling,
        dropped,
        warnings,
    } = check(options, cancel, progress)?;
    let videos: Vec<PlannedVideo> = shot
        .sequences
        .iter()
        .map(|(&modality, sequence)| {
            let derived = derived.get(&modality).copied();
            let source = sequence.pattern_below(&shot.folder);
            planned(
                modality,
                sequence,
                derived,
                source,
                video_name(modality),
                &options.encode,
            )
        })
        .collect::<Result<_, Error>>()?;
    let first = shot.sequences.values().next();
    Ok(PreparePlan {
        input: options.input.clone(),
        videos_dir: options.videos_dir.clone(),
        name: match options.ai {
            Some(_) => said_name,
            None => Some(said_name.unwrap_or(folder_name)),
        },
        frame_count: first.map_or(0, |sequence| sequence.frames.len()),
        frame_range: first.map_or(FrameRange::new(0, 0, 1), Sequence::range),
        frame_rate: options.encode.fps,
        videos,
        aliases: shot.aliases,
        dropped,
        warnings,
        cosmos: handling,
    })
}

/// A render folder that can be prepared.
struct Checked {
    shot: Shot,
    /// The controls that are made of color. Their sequence is that of color.
    derived: BTreeMap<Modality, Derivation>,
    /// The layers of what is OpenEXR.
    layers: BTreeMap<Modality, Arc<RenderLayers>>,
    /// The name that the user gave, or that is made from the description.
    said_name: Option<String>,
    /// The name that is made from the folder's.
    folder_name: String,
    handling: Option<Handling>,
    dropped: Vec<String>,
    warnings: Vec<Advice>,
}

fn check(
    options: &PrepareOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Checked, Error> {
    let given_name = options.name.as_deref().map(sanitize).transpose()?;
    let report = check_shot(&options.input, &options.scan, cancel, progress)?;
    let about_frames: Vec<Advice> = report.warnings.iter().map(Advice::from).collect();
    let dropped = report.dropped.iter().map(ToString::to_string).collect();
    let mut shot = report.into_shot()?;
    let found = layers::open(&mut shot, &options.exr, &options.encode, progress)?;
    let (derived, about_derived) = derive(&mut shot, options);
    let first = shot.sequences.values().next();
    let handling = first.map(|sequence| options.encode.handling(sequence));
    let cautions = handling.iter().flat_map(|handling| &handling.cautions);
    let mut warnings: Vec<Advice> = cautions.map(Advice::from).collect();
    warnings.extend(about_frames);
    warnings.extend(found.advice);
    warnings.extend(about_derived);
    let described = options.description.as_deref();
    Ok(Checked {
        said_name: given_name
            .or_else(|| described.map(|words| generate_smart_name(words, NAME_LENGTH))),
        folder_name: generate_smart_name(&folder_name(&options.input)?, NAME_LENGTH),
        shot,
        derived,
        layers: found.layers,
        handling,
        dropped,
        warnings,
    })
}

/// Puts the controls that are to be made of color into `shot`, each with the frames of color, and says how they are made.
/// What was rendered stays.
fn derive(
    shot: &mut Shot,
    options: &PrepareOptions,
) -> (BTreeMap<Modality, Derivation>, Vec<Advice>) {
    let (mut derived, mut advice) = (BTreeMap::new(), Vec::new());
    let Some(color) = shot.sequences.get(&Modality::Color).cloned() else {
        return (derived, advice);
    };
    for modality in Modality::ALL {
        let model = options.encode.target.model();
        let Some(derivation) = options.derive.derivation(modality, model) else {
            continue;
        };
        if shot.sequences.contains_key(&modality) {
            advice.push(Advice {
                message: format!("{modality} was rendered, so it is not made of color"),
                hint: Some(format!(
                    "leave {modality} out of --derive, or move its frames away"
                )),
            });
            continue;
        }
        advice.extend(derivation.note().map(|note| Advice {
            message: note.to_owned(),
            hint: None,
        }));
        shot.sequences.insert(modality, color.clone());
        derived.insert(modality, derivation);
    }
    let (width, height) = color.header.size();
    let (made, _) = options
        .encode
        .video_format(Size::new(width, height), Modality::Color);
    let worked = options.encode.target.working_size(made);
    // Transfer1 makes them of the video as it is.
    let is_scaled = options.encode.target.model() != Model::Transfer1 && made != worked;
    if is_scaled && !derived.is_empty() {
        advice.push(Advice {
            message: format!(
                "controls are made of color at {made}; {} would make them at {worked}",
                options.encode.target.model()
            ),
            hint: Some("pass --resolution cosmos".into()),
        });
    }
    (derived, advice)
}

/// Checks a render folder and encodes all of its modalities, aligned.
///
/// # Errors
/// [`Error`]: invalid frames, existing output, or a failure while encoding. No output appears then.
pub fn prepare_inference(
    options: &PrepareOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<PrepareReport, Error> {
    let Checked {
        shot,
        derived,
        layers,
        said_name,
        folder_name,
        handling,
        dropped,
        mut warnings,
    } = check(options, cancel, progress)?;
    let name = said_name.clone().unwrap_or(folder_name);
    let started = ZonedDateTime::now();
    let staged = loop {
        let output = free_folder(&options.videos_dir, &name, &started, options.overwrite);
        match StagedDir::create(&output, options.overwrite) {
            // Taken since it was looked for.
            Err(StagingError::AlreadyExists { .. }) if !options.overwrite => {}
            staged => break staged?,
        }
    };

    let first = shot.sequences.first_key_value();
    let frame_count = first.map_or(0, |(_, sequence)| sequence.frames.len());
    let columns = evenly_spaced(frame_count, SHEET_COLUMNS);
    let thumbnails = Thumbnails::default();
    let subject = first.map_or(Modality::Color, |(&modality, _)| modality);
    let (sampler, views) = Sampler::new(subject, frame_count);
    let looks = options.ai.is_some();
    let sources = shot
        .sequences
        .iter()
        .map(|(&modality, sequence)| Source {
            modality,
            sequence,
            derived: derived.get(&modality).copied(),
            layers: layers.get(&modality).cloned(),
            output: staged.path().join(video_name(modality)),
            observe: Box::new({
                let (columns, thumbnails, sampler) = (&columns, &thumbnails, &sampler);
                move |index, picture| {
                    if looks {
                        sampler.observe(modality, index, picture);
                    }
                    if columns.contains(&index) {
                        thumbnails.add(modality, index, picture);
                    }
                }
            }),
        })
        .collect();
    let work = || encode(&shot.folder, sources, &options.encode, cancel, progress);
    let (encoded, seen) = match &options.ai {
        None => (work()?, Seen::default()),
        Some(models) => {
            let Looked {
                made,
                findings,
                analyzer,
            } = look_beside(|| Analyzer::open(models), &sampler, views, work)?;
            warnings.extend_from_slice(analyzer.warnings());
            warnings.extend(findings.advice());
            let number_of = |index: usize| {
                first
                    .and_then(|(_, sequence)| sequence.frames.get(index))
                    .map_or(0, |frame| frame.number)
            };
            let fps = options.encode.fps.as_f64();
            (
                made,
                sampler.conclude(&findings, &analyzer, Some(&number_of), fps),
            )
        }
    };
    let Encoded {
        mut videos,
        depth,
        notes,
        warnings: about_pixels,
    } = encoded;
    warnings.extend(about_pixels);
    // From the choice of a name until the folder has it, so that no other process takes it.
    let _lock = FolderLock::take(&options.videos_dir)?;
    let name = match ai_name(&seen, &options.input) {
        Some(seen_name) if said_name.is_none() => free_name(&options.videos_dir, &seen_name),
        _ => name,
    };
    let output = free_folder(&options.videos_dir, &name, &started, options.overwrite);
    for video in &mut videos {
        video.path = output.join(video_name(video.modality));
    }

    let metadata = describe(
        &shot,
        &layers,
        &videos,
        &name,
        &output,
        &started.timestamp(),
        options,
        seen,
        &warnings,
        &dropped,
        depth,
    );
    write_json(&staged.path().join("metadata.json"), &metadata)?;
    let sheet = thumbnails.into_sheet(&shot, &columns, &title(&metadata));
    let preview = staged.path().join("preview.png");
    // Made in memory first: an image encoder hides what the system said of the file.
    let mut png = Cursor::new(Vec::new());
    sheet
        .write_to(&mut png, ImageFormat::Png)
        .map_err(io::Error::other)
        .and_then(|()| fs::write(&preview, png.into_inner()))
        .map_err(|source| Error::io("write", &preview, source))?;
    match output.file_name().and_then(OsStr::to_str) {
        Some(folder) => staged.commit_as(folder)?,
        None => staged.commit()?,
    }
    Ok(PrepareReport {
        metadata_path: output.join("metadata.json"),
        preview_path: output.join("preview.png"),
        output,
        metadata,
        videos,
        aliases: shot.aliases,
        dropped,
        notes,
        warnings,
        cosmos: handling,
    })
}

/// The name that the models give a shot; `None` where none could be asked, and where they know less than the name of
/// its `folder` says.
fn ai_name(seen: &Seen, folder: &Path) -> Option<String> {
    let analysis = seen.analysis.as_ref().filter(|a| !a.models.is_empty())?;
    let words = match (&analysis.subject, folder_name(folder)) {
        (Some(subject), _) => subject,
        (None, Ok(folder)) if says_something(&folder) => return None,
        (None, _) => &analysis.description,
    };
    Some(generate_smart_name(words, NAME_LENGTH))
}

/// `name`, numbered if a shot in `parent` has it already: by its folder's name or by its metadata.
fn free_name(parent: &Path, name: &str) -> String {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let taken: BTreeSet<String> = entries
        .flat_map(|entry| {
            let folder = entry.file_name().to_string_lossy().into_owned();
            let stated = files::read(&entry.path().join("metadata.json"), MAX_TEXT)
                .ok()
                .and_then(|text| serde_json::from_slice::<Named>(&text).ok());
            [
                without_time_stamp(&folder).map(str::to_owned),
                stated.map(|named| named.name),
            ]
        })
        .flatten()
        .collect();
    if !taken.contains(name) {
        return name.to_owned();
    }
    (2_u64..)
        .map(|number| {
            let ending = format!("_{number}");
            let room = NAME_LENGTH.saturating_sub(ending.len());
            let kept: String = name.chars().take(room).collect();
            format!("{}{ending}", kept.trim_end_matches('_'))
        })
        .find(|numbered| !taken.contains(numbered))
        .unwrap_or_else(|| name.to_owned())
}

/// The part of `metadata.json` that tells which name is taken.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// The name of a shot whose folder is `<name>_<YYYYMMDD_HHMMSS>` or that with a number behind it.
fn without_time_stamp(folder: &str) -> Option<&str> {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let mut parts: Vec<&str> = folder.split('_').collect();
    let is_stamp =
        |parts: &[&str]| matches!(parts, [_, .., day, time] if digits(day, 8) && digits(time, 6));
    if !is_stamp(&parts) {
        parts.pop()?.parse::<u64>().ok()?;
    }
    is_stamp(&parts).then(|| {
        let length = parts[..parts.len() - 2].join("_").len();
        &folder[..length]
    })
}

fn video_name(modality: Modality) -> String {
    format!("{modality}.mp4")
}

/// `<name>_<YYYYMMDD_HHMMSS>` in `parent`, numbered if two shots of one name are prepared in one second.
fn free_folder(parent: &Path, name: &str, now: &ZonedDateTime, overwrite: bool) -> PathBuf {
    let stem = format!("{name}_{}", now.strftime("%Y%m%d_%H%M%S"));
    let first = parent.join(&stem);
    if overwrite || !first.exists() {
        return first;
    }
    (2..)
        .map(|number| parent.join(format!("{stem}_{number}")))
        .find(|folder| !folder.exists())
        .unwrap_or(first)
}

#[expect(
    clippy::too_many_arguments,
    reason = "gathers what all steps have found out"
)]
fn describe(
    shot: &Shot,
    layers: &BTreeMap<Modality, Arc<RenderLayers>>,
    videos: &[EncodedVideo],
    name: &str,
    output: &Path,
    started: &Timestamp,
    options: &PrepareOptions,
    seen: Seen,
    warnings: &[Advice],
    dropped: &[String],
    depth: Option<DepthMetadata>,
) -> ShotMetadata {
    let contents: Vec<&str> = videos.iter().map(|video| video.sha256.as_str()).collect();
    let first = videos.first();
    let range = shot
        .sequences
        .values()
        .next()
        .map(|sequence| sequence.range());
    ShotMetadata {
        schema_version: SCHEMA_VERSION,
        id: sha256_of(contents.concat().as_bytes())[..12].to_owned(),
        name: name.to_owned(),
        description: options
            .description
            .clone()
            .or_else(|| Some(seen.analysis.as_ref()?.description.clone()))
            .unwrap_or_default(),
        seen,
        frame_count: first.map_or(0, |video| video.frame_count),
        fps: options.encode.fps.as_f64(),
        frame_rate: options.encode.fps,
        resolution: first.map_or([0; 2], |video| [video.width, video.height]),
        modalities: shot.sequences.keys().copied().collect(),
        video_path: output.join(video_name(Modality::Color)),
        control_inputs: Modality::CONTROLS
            .into_iter()
            .filter(|modality| shot.sequences.contains_key(modality))
            .map(|modality| (modality, output.join(video_name(modality))))
            .collect(),
        timestamp: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        source: metadata::Source {
            folder: shot.folder.clone(),
            frame_range: range.map_or(
                SourceRange {
                    first: 0,
                    last: 0,
                    step: 1,
                },
                |range| SourceRange {
                    first: range.first(),
                    last: range.last(),
                    step: range.step(),
                },
            ),
            patterns: shot
                .sequences
                .iter()
                .map(|(&modality, s)| (modality, s.pattern_below(&shot.folder)))
                .collect(),
            layers: layers
                .iter()
                .filter_map(|(&modality, layers)| {
                    let (_, used) = layers.uses().find(|(used, _)| *used == modality)?;
                    Some((modality, used.clone()))
                })
                .collect(),
            derived: videos
                .iter()
                .filter_map(|video| Some((video.modality, video.derived?)))
                .collect(),
            dropped: dropped.to_vec(),
        },
        warnings: warnings
            .iter()
            .map(|advice| advice.message.clone())
            .collect(),
        encoder: EncoderMetadata {
            codec: options.encode.codec,
            pixel_format: options.encode.pixel_format,
            color: "bt709".into(),
            color_range: "limited".into(),
            background: options.encode.background,
        },
        videos: videos
            .iter()
            .map(|video| {
                let file = VideoFile {
                    file: video_name(video.modality),
                    sha256: video.sha256.clone(),
                    bytes: video.bytes,
                    quality: video.quality,
                    preset: video.preset,
                    x264_options: video.x264_options.to_owned(),
                };
                (video.modality, file)
            })
            .collect(),
        depth,
    }
}

fn title(metadata: &ShotMetadata) -> String {
    let [width, height] = metadata.resolution;
    let SourceRange { first, last, .. } = metadata.source.frame_range;
    format!(
        "{}\nframes {first}-{last}   {width}x{height}   {} fps",
        metadata.name, metadata.frame_rate
    )
}

/// Small pictures of the frames on the contact sheet, taken while they pass through the pipeline.
#[derive(Default)]
struct Thumbnails(Mutex<BTreeMap<(Modality, usize), RgbImage>>);

impl Thumbnails {
    fn add(&self, modality: Modality, index: usize, frame: &Picture) {
        let sampling = match modality {
            Modality::Segmentation => Sampling::Nearest,
            _ => Sampling::Smooth,
        };
        let small = frame.thumbnail(THUMBNAIL_BOX, sampling);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((modality, index), small);
    }

    fn into_sheet(self, shot: &Shot, columns: &[usize], title: &str) -> RgbImage {
        let mut all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let numbers = shot
            .sequences
            .values()
            .next()
            .map_or_else(Vec::new, |sequence| {
                columns
                    .iter()
                    .map(|&index| sequence.frames[index].number)
                    .collect()
            });
        let sheet =
            shot.sequences
                .keys()
                .fold(ContactSheet::new(title, numbers), |sheet, &modality| {
                    let row = columns
                        .iter()
                        .filter_map(|&index| all.remove(&(modality, index)))
                        .collect();
                    sheet.row(modality.name(), row)
                });
        sheet.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stamp_is_told_from_a_name() {
        for (folder, name) in [
            ("city_20260102_030405", Some("city")),
            ("old_city_2_20260102_030405", Some("old_city_2")),
            ("city_20260102_030405_3", Some("city")),
            ("_20260102_030405", Some("")),
            ("20260102_030405", None),
            ("city_2026_030405", None),
            ("city", None),
            ("city_7", None),
            ("", None),
        ] {
            assert_eq!(without_time_stamp(folder), name, "{folder}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_numbered() {
        let dir = tempfile::tempdir().unwrap();
        let take = |folder: &str, name: Option<&str>| {
            fs::create_dir(dir.path().join(folder)).unwrap();
            if let Some(name) = name {
                let text = format!(r#"{{"name": "{name}"}}"#);
                fs::write(dir.path().join(folder).join("metadata.json"), text).unwrap();
            }
        };
        assert_eq!(free_name(dir.path(), "gray_tower"), "gray_tower");
        take("gray_tower_20260102_030405", None);
        assert_eq!(free_name(dir.path(), "gray_tower"), "gray_tower_2");
        take("renamed by hand", Some("gray_tower_2"));
        assert_eq!(free_name(dir.path(), "gray_tower"), "gray_tower_3");
        take("abcdefghij_lmnopqrst_20260102_030405", None);
        assert_eq!(
            free_name(dir.path(), "abcdefghij_lmnopqrst"),
            "abcdefghij_lmnopqr_2"
        );
        take("broken", Some("\\"));
        assert_eq!(free_name(&dir.path().join("nowhere"), "a"), "a");
    }
}
