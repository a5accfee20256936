//! `convert-sequence`: one sequence of frames becomes one video.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::encode::{EncodeOptions, Encoded, EncodedVideo, PlannedVideo, Source, encode, planned};
use super::layers::{self, ExrOptions};
use super::{Advice, ModelsOptions, extract_metadata, write_json};
use crate::analyzer::{Analyzer, Looked, Sampler, look_beside};
use crate::cosmos::Handling;
use crate::error::Error;
use crate::frame_rate::FrameRate;
use crate::frames::{
    FramePattern, FrameRange, ScanOptions, Sequence, check_sequence, modality_in_name,
};
use crate::json_path;
use crate::metadata::{DepthMetadata, VideoMetadata};
use crate::modality::Modality;
use crate::progress::{Cancel, Progress};
use crate::seen::Seen;
use crate::staging::{StagedFile, StagingError};

/// What to convert, how, and where to.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// The folder with the frames.
    pub input: PathBuf,
    /// Which of the folder's sequences; the only one if `None`.
    pub pattern: Option<FramePattern>,
    /// What the frames show; told from their names if `None`.
    pub modality: Option<Modality>,
    /// The video to write; `<videos_dir>/<folder name>/color.mp4` if `None`.
    pub output: Option<PathBuf>,
    /// Folder under which videos are put that were given no place.
    pub videos_dir: PathBuf,
    /// How the layers of OpenEXR frames become pictures.
    pub exr: ExrOptions,
    /// How frames become a video.
    pub encode: EncodeOptions,
    /// How strict to be with the frames.
    pub scan: ScanOptions,
    /// Whether to describe the video in a JSON file beside it.
    pub metadata: bool,
    /// Where the models are that look at the frames for the description; `None` to do without.
    pub ai: Option<ModelsOptions>,
    /// Whether existing output may be replaced.
    pub overwrite: bool,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConvertReport {
    /// The description beside the video, if one was asked for.
    #[serde(serialize_with = "json_path::optional")]
    pub metadata_path: Option<PathBuf>,
    /// What the description says.
    pub metadata: Option<VideoMetadata>,
    /// The pattern of the frames' names.
    pub source: String,
    /// The frame numbers that went in.
    pub frame_range: FrameRange,
    /// The video.
    pub video: EncodedVideo,
    /// Frames that were left out, and why.
    pub dropped: Vec<String>,
    /// What was done that nobody asked for.
    pub notes: Vec<String>,
    /// What became of the values of depth; `None` for anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<DepthMetadata>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
}

/// What [`convert_sequence`] would make.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConvertPlan {
    /// The video that would be written.
    #[serde(serialize_with = "json_path::one")]
    pub output: PathBuf,
    /// The description that would be written beside it, if one was asked for.
    #[serde(serialize_with = "json_path::optional")]
    pub metadata_path: Option<PathBuf>,
    /// The frame numbers that would go in.
    pub frame_range: FrameRange,
    /// Frames a second.
    pub frame_rate: FrameRate,
    /// The video.
    pub video: PlannedVideo,
    /// Frames that would be left out, and why.
    pub dropped: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
    /// What the model would do with the video.
    pub cosmos: Handling,
}

/// Checks one sequence of frames and says what [`convert_sequence`] would make of it. Nothing is written, and no
/// pixel is decoded.
///
/// # Errors
/// [`Error`]: invalid frames, existing output, or no encoder.
pub fn plan_sequence(
    options: &ConvertOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<ConvertPlan, Error> {
    let checked = check(options, cancel, progress)?;
    let outputs = [Some(&checked.output), checked.metadata_path.as_ref()];
    for path in outputs.into_iter().flatten() {
        if !options.overwrite && path.symlink_metadata().is_ok() {
            let path = path.clone();
            return Err(StagingError::AlreadyExists { path }.into());
        }
    }
    let file = checked.output.file_name().unwrap_or_default();
    Ok(ConvertPlan {
        video: planned(
            checked.modality,
            &checked.sequence,
            None,
            checked.sequence.pattern(),
            file.to_string_lossy().into_owned(),
            &options.encode,
        )?,
        frame_range: checked.sequence.range(),
        frame_rate: options.encode.fps,
        output: checked.output,
        metadata_path: checked.metadata_path,
        dropped: checked.dropped,
        warnings: checked.warnings,
        cosmos: checked.handling,
    })
}

/// A sequence that can be converted.
struct Checked {
    sequence: Sequence,
    modality: Modality,
    output: PathBuf,
    metadata_path: Option<PathBuf>,
    handling: Handling,
    dropped: Vec<String>,
    warnings: Vec<Advice>,
}

fn check(
    options: &ConvertOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Checked, Error> {
    let report = check_sequence(
        &options.input,
        options.pattern.as_ref(),
        &options.scan,
        cancel,
        progress,
    )?;
    let about_frames: Vec<Advice> = report.warnings.iter().map(Advice::from).collect();
    let dropped = report.dropped.iter().map(ToString::to_string).collect();
    let sequence = report.into_sequence()?;
    let handling = options.encode.handling(&sequence);
    let mut warnings: Vec<Advice> = handling.cautions.iter().map(Advice::from).collect();
    warnings.extend(about_frames);
    let output = output_path(options)?;
    let is_described = options.metadata || options.ai.is_some();
    Ok(Checked {
        modality: options.modality.unwrap_or_else(|| modality_of(&sequence)),
        metadata_path: is_described.then(|| metadata_path(&output)),
        sequence,
        output,
        handling,
        dropped,
        warnings,
    })
}

/// Checks one sequence of frames and encodes it.
///
/// # Errors
/// [`Error`]: invalid frames, existing output, or a failure while encoding. No output appears then.
pub fn convert_sequence(
    options: &ConvertOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<ConvertReport, Error> {
    let Checked {
        sequence,
        modality,
        output,
        metadata_path,
        dropped,
        mut warnings,
        ..
    } = check(options, cancel, progress)?;
    let layers = layers::open_one(modality, &sequence, &options.exr, &options.encode)?;
    if let Some(layers) = &layers {
        warnings.extend(layers::notes_of(layers));
    }
    let staged_video = StagedFile::create(&output, options.overwrite)?;
    let staged_metadata = match &metadata_path {
        Some(path) => Some(StagedFile::create(path, options.overwrite)?),
        None => None,
    };

    let (sampler, views) = Sampler::new(modality, sequence.frames.len());
    let looks = options.ai.is_some();
    let source = Source {
        derived: None,
        layers,
        modality,
        sequence: &sequence,
        output: staged_video.path().to_owned(),
        observe: Box::new(|index, picture| {
            if looks {
                sampler.observe(modality, index, picture);
            }
        }),
    };
    let work = || {
        encode(
            &options.input,
            vec![source],
            &options.encode,
            cancel,
            progress,
        )
    };
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
            // The video's own count: it is what the description lies beside.
            let number_of = |index: usize| index as u64;
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
    // One source makes one video.
    let mut video = videos.remove(0);
    video.path.clone_from(&output);

    let mut metadata = None;
    if let Some(staged) = &staged_metadata {
        let described = VideoMetadata {
            file_path: output.clone(),
            seen,
            ..extract_metadata(staged_video.path())?
        };
        write_json(staged.path(), &described)?;
        metadata = Some(described);
    }
    match staged_metadata {
        Some(staged_metadata) => staged_video.commit_with(staged_metadata)?,
        None => staged_video.commit()?,
    }
    Ok(ConvertReport {
        metadata_path,
        metadata,
        source: sequence.pattern(),
        frame_range: sequence.range(),
        video,
        dropped,
        notes,
        depth,
        warnings,
    })
}

/// What the sequence's own name says it shows, else its folder's; color if neither says anything.
#[must_use]
pub fn modality_of(sequence: &Sequence) -> Modality {
    let folder = sequence
        .folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    [Some(sequence.name.clone()), folder]
        .into_iter()
        .flatten()
        .find_map(|name| modality_in_name(&name))
        .map_or(Modality::Color, |(modality, _)| modality)
}

fn output_path(options: &ConvertOptions) -> Result<PathBuf, Error> {
    let Some(output) = &options.output else {
        let name = super::folder_name(&options.input)?;
        return Ok(options.videos_dir.join(name).join("color.mp4"));
    };
    let names_a_folder = output.is_dir() || output.as_os_str().as_encoded_bytes().ends_with(b"/");
    let output = if names_a_folder {
        output.join("color.mp4")
    } else {
        output.clone()
    };
    match output.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("mp4") => Ok(output),
        _ => Err(Error::Usage {
            message: format!("`{}` is not the name of an MP4 file", output.display()),
            hint: "videos are written as .mp4, the format that Cosmos reads".into(),
        }),
    }
}

/// `color_metadata.json` beside `color.mp4`.
fn metadata_path(video: &Path) -> PathBuf {
    let mut name = video.file_stem().unwrap_or_default().to_owned();
    name.push("_metadata.json");
    video.with_file_name(name)
}
