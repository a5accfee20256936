//! `prepare-inference`: a render folder becomes a folder of aligned videos that Cosmos can be conditioned on.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::{ImageFormat, RgbImage};
use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;

use super::encode::{EncodeOptions, EncodedVideo, Source, encode};
use super::{Advice, folder_name, write_json};
use crate::contact_sheet::{ContactSheet, Sampling, THUMBNAIL_BOX, evenly_spaced, thumbnail};
use crate::error::Error;
use crate::frames::{ScanOptions, Shot, check_shot};
use crate::json_path;
use crate::metadata::{
    self, EncoderMetadata, SCHEMA_VERSION, ShotMetadata, SourceRange, VideoFile,
};
use crate::modality::Modality;
use crate::naming::{generate_smart_name, sanitize};
use crate::progress::{Cancel, Progress};
use crate::staging::StagedDir;

/// Longest name made from a description, in characters.
const NAME_LENGTH: usize = 20;
/// Columns of the contact sheet.
const SHEET_COLUMNS: usize = 6;

/// What to prepare and how.
#[derive(Clone, Debug)]
pub struct PrepareOptions {
    /// The render folder.
    pub input: PathBuf,
    /// Name of the shot; made from the description, else from the folder's name, if `None`.
    pub name: Option<String>,
    /// What the shot shows.
    pub description: Option<String>,
    /// Folder under which the shot's folder is put.
    pub videos_dir: PathBuf,
    /// How frames become videos.
    pub encode: EncodeOptions,
    /// How strict to be with the frames.
    pub scan: ScanOptions,
    /// Whether a model may name and describe the shot.
    pub ai: bool,
    /// Whether an existing folder of that name may be replaced.
    pub overwrite: bool,
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
    /// What the user should know.
    pub warnings: Vec<Advice>,
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
    let given_name = options.name.as_deref().map(sanitize).transpose()?;
    let report = check_shot(&options.input, &options.scan, cancel, progress)?;
    let mut warnings: Vec<Advice> = report.warnings.iter().map(Advice::from).collect();
    warnings.extend(Advice::fractional_rate(options.encode.fps));
    if options.ai {
        warnings.push(Advice::no_model());
    }
    let dropped: Vec<String> = report.dropped.iter().map(ToString::to_string).collect();
    let shot = report.into_shot()?;

    let name = match (given_name, &options.description) {
        (Some(name), _) => name,
        (None, Some(description)) => generate_smart_name(description, NAME_LENGTH),
        (None, None) => generate_smart_name(&folder_name(&options.input)?, NAME_LENGTH),
    };
    let started = ZonedDateTime::now();
    let output = free_folder(&options.videos_dir, &name, &started, options.overwrite);
    let staged = StagedDir::create(&output, options.overwrite)?;

    let columns = evenly_spaced(
        shot.sequences.values().next().map_or(0, |s| s.frames.len()),
        SHEET_COLUMNS,
    );
    let thumbnails = Thumbnails::default();
    let sources = shot
        .sequences
        .iter()
        .map(|(&modality, sequence)| Source {
            modality,
            sequence,
            output: staged.path().join(video_name(modality)),
            observe: Box::new({
                let (columns, thumbnails) = (&columns, &thumbnails);
                move |index, picture| {
                    if columns.contains(&index) {
                        thumbnails.add(modality, index, &picture.to_rgb());
                    }
                }
            }),
        })
        .collect();
    let mut videos = encode(sources, &options.encode, cancel, progress)?;
    for video in &mut videos {
        video.path = output.join(video_name(video.modality));
    }

    let metadata = describe(
        &shot,
        &videos,
        &name,
        &output,
        &started.timestamp(),
        options,
        &warnings,
        &dropped,
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
    staged.commit()?;
    Ok(PrepareReport {
        metadata_path: output.join("metadata.json"),
        preview_path: output.join("preview.png"),
        output,
        metadata,
        videos,
        aliases: shot.aliases,
        dropped,
        warnings,
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
    videos: &[EncodedVideo],
    name: &str,
    output: &Path,
    started: &Timestamp,
    options: &PrepareOptions,
    warnings: &[Advice],
    dropped: &[String],
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
        id: metadata::sha256_of(contents.concat().as_bytes())[..12].to_owned(),
        name: name.to_owned(),
        description: options.description.clone().unwrap_or_default(),
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
                .map(|(&modality, s)| (modality, s.pattern()))
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
    fn add(&self, modality: Modality, index: usize, frame: &RgbImage) {
        let sampling = match modality {
            Modality::Segmentation => Sampling::Nearest,
            _ => Sampling::Smooth,
        };
        let (width, height) = THUMBNAIL_BOX;
        let small = thumbnail(frame, width, height, sampling);
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
