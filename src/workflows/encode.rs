//! From checked sequences to verified videos: the part that `convert_sequence` and `prepare_inference` share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::Advice;
use super::depth::{self, DepthNear, DepthPlan, DepthRange};
use super::derive::{ColorPictures, DerivedPictures, SharedColor};
use crate::config;
use crate::controls::{ControlFindings, ControlStats};
use crate::cosmos::{Handling, Target, handling};
use crate::derivation::Derivation;
use crate::error::Error;
use crate::frame_rate::FrameRate;
use crate::frames::decode::{Alpha, DecodeOptions, Levels};
use crate::frames::{FramesError, Problem, Sequence};
use crate::hash::sha256_of_file;
use crate::json_path;
use crate::layers::RenderLayers;
use crate::metadata::DepthMetadata;
use crate::modality::Modality;
use crate::picture::Picture;
use crate::progress::{Cancel, Progress};
use crate::size::Size;
use crate::video::encoder::{VideoFormat, require_encoder};
use crate::video::layers::LayerSources;
use crate::video::pipeline::{PipelineError, Track, encode_tracks};
use crate::video::resolution::{Fit, Resolution};
use crate::video::scale::{Filter, Scaler};
use crate::video::settings::{Codec, Crf, PixelFormat, Preset, Quality, Rgb, Setting};
use crate::video::source::{Files, PictureSource};
use crate::video::tuning;
use crate::video::verify::verify;

/// How frames become videos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodeOptions {
    /// Frames a second.
    pub fps: FrameRate,
    /// Size of the videos; the frames' own if `None`.
    pub resolution: Option<Resolution>,
    /// The model that they are for.
    pub target: Target,
    /// How frames of another shape come into that size.
    pub fit: Fit,
    /// The codec.
    pub codec: Codec,
    /// How samples are stored.
    pub pixel_format: PixelFormat,
    /// Quality.
    pub crf: Setting<Crf>,
    /// Encoder effort.
    pub preset: Setting<Preset>,
    /// What transparent pixels are put over, and the colour of bars.
    pub background: Rgb,
    /// Stretch of depth.
    pub depth_range: DepthRange,
    /// Which end of depth is near.
    pub depth_near: DepthNear,
    /// Whether controls that hold nothing become videos all the same.
    pub allow_blank: bool,
    /// Threads for everything together; all cores if `None`.
    pub threads: Option<usize>,
}

impl EncodeOptions {
    /// What the config says, at the frames' own size, for `target`.
    #[must_use]
    pub fn from_config(video: &config::Video, target: Target) -> Self {
        Self {
            fps: video.fps,
            resolution: None,
            target,
            fit: video.fit,
            codec: video.codec,
            pixel_format: video.pixel_format,
            crf: video.crf,
            preset: video.preset,
            background: video.background,
            depth_range: DepthRange::AsRendered,
            depth_near: DepthNear::Auto,
            allow_blank: false,
            threads: None,
        }
    }

    /// What the model will do with the video made of `sequence`.
    #[must_use]
    pub fn handling(&self, sequence: &Sequence) -> Handling {
        let (width, height) = sequence.header.size();
        let (_, video) = self.video_format(Size::new(width, height), Modality::Color);
        let size = Size::new(video.width, video.height);
        let numbers: Vec<u64> = sequence.numbers().collect();
        handling(&self.target, &numbers, size, self.fps)
    }

    /// The videos made of frames of `source` size: their size before odd sides are made even, and all the rest.
    pub(super) fn video_format(&self, source: Size, modality: Modality) -> (Size, VideoFormat) {
        let target = self.resolution.map_or(source, |resolution| {
            resolution.resolve(source, |size| self.target.working_size(size))
        });
        let even = |side: u32| match self.pixel_format {
            PixelFormat::Yuv420p => side.next_multiple_of(2),
            PixelFormat::Yuv444p => side,
        };
        let measured = tuning::measured(modality, self.codec);
        let format = VideoFormat {
            width: even(target.width),
            height: even(target.height),
            rate: self.fps,
            codec: self.codec,
            pixel_format: self.pixel_format,
            quality: match self.crf {
                Setting::Auto => measured.quality,
                Setting::Fixed(crf) => Quality::Crf(crf),
            },
            preset: self.preset.unwrap_or(measured.preset),
            x264_options: match self.preset {
                Setting::Auto => measured.x264_options,
                Setting::Fixed(_) => "",
            },
        };
        (target, format)
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }
}

/// A sequence that is to become a video.
pub(super) struct Source<'a> {
    pub modality: Modality,
    pub sequence: &'a Sequence,
    /// The file to write.
    pub output: PathBuf,
    /// How its pictures are made of those of color, if the sequence is that of color.
    pub derived: Option<Derivation>,
    /// The layers that its pictures are, if the frames are OpenEXR.
    pub layers: Option<Arc<RenderLayers>>,
    /// Called with the index and the pixels of each frame, on the thread that decoded it.
    pub observe: Observer<'a>,
}

/// Looks at decoded frames on their way to the encoder.
pub(super) type Observer<'a> = Box<dyn Fn(usize, &Picture) + Send + Sync + 'a>;

/// A finished video.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EncodedVideo {
    /// What it shows.
    pub modality: Modality,
    /// The file.
    #[serde(serialize_with = "json_path::one")]
    pub path: PathBuf,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of frames.
    pub frame_count: usize,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Quality held: `crf` or `qp`.
    #[serde(flatten)]
    pub quality: Quality,
    /// Preset used.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    pub x264_options: &'static str,
    /// How it was made of color, if nobody rendered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derivation>,
}

/// A video that would be made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedVideo {
    /// What it shows.
    pub modality: Modality,
    /// The name of the file.
    pub file: String,
    /// The pattern of the frames' names, with their folder below that of the shot.
    pub source: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of frames.
    pub frame_count: usize,
    /// The codec.
    pub codec: Codec,
    /// How samples are stored.
    pub pixel_format: PixelFormat,
    /// Quality held: `crf` or `qp`.
    #[serde(flatten)]
    pub quality: Quality,
    /// Preset used.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    pub x264_options: &'static str,
    /// How it would be made of color, if nobody rendered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derivation>,
}

/// The video called `file` that [`encode`] would make of `sequence`, whose frames are called `source`.
pub(super) fn planned(
    modality: Modality,
    sequence: &Sequence,
    derived: Option<Derivation>,
    source: String,
    file: String,
    options: &EncodeOptions,
) -> Result<PlannedVideo, Error> {
    require_encoder(options.codec).map_err(PipelineError::from)?;
    let (width, height) = sequence.header.size();
    let (_, format) = options.video_format(Size::new(width, height), modality);
    Ok(PlannedVideo {
        modality,
        file,
        source,
        width: format.width,
        height: format.height,
        frame_count: sequence.frames.len(),
        codec: format.codec,
        pixel_format: format.pixel_format,
        quality: format.quality,
        preset: format.preset,
        x264_options: format.x264_options,
        derived,
    })
}

/// What came of all sources.
pub(super) struct Encoded {
    /// A video for each source.
    pub videos: Vec<EncodedVideo>,
    /// What became of depth, if there was any.
    pub depth: Option<DepthMetadata>,
    /// What was done that nobody asked for.
    pub notes: Vec<String>,
    /// What the user should know about the pixels.
    pub warnings: Vec<Advice>,
}

/// Encodes each source of the shot in `folder` and checks the videos.
///
/// Controls that hold nothing are an error, which shows when all of their frames have passed.
pub(super) fn encode(
    folder: &Path,
    sources: Vec<Source<'_>>,
    options: &EncodeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Encoded, Error> {
    require_encoder(options.codec).map_err(PipelineError::from)?;
    let mut plans = Vec::new();
    for Source {
        modality,
        sequence,
        layers,
        ..
    } in &sources
    {
        plans.push(match layers {
            // Settled with the layers already.
            Some(_) => DepthPlan::as_it_is(),
            None => depth::plan(*modality, sequence, options, cancel, progress)?,
        });
    }
    let stats: Vec<ControlStats> = sources
        .iter()
        .map(|source| ControlStats::new(source.modality))
        .collect();
    let observers: Vec<Observer<'_>> = sources
        .iter()
        .zip(&stats)
        .map(|(source, stats)| -> Observer<'_> {
            Box::new(|index, picture| {
                stats.observe(index, picture);
                (source.observe)(index, picture);
            })
        })
        .collect();
    let (pictures, layers) = pictures_of(&sources, &plans, options);
    let tracks: Vec<Track<'_>> = sources
        .iter()
        .zip(pictures)
        .zip(&observers)
        .map(|((source, (pictures, size)), observe)| {
            track(source, pictures, size, observe, options)
        })
        .collect();
    encode_tracks(&tracks, options.threads(), cancel, progress)?;

    let mut pixels = PixelFindings::default();
    for (source, stats) in sources.iter().zip(&stats) {
        pixels.add(stats.conclude(source.sequence), options.allow_blank);
    }
    if !pixels.problems.is_empty() {
        return Err(FramesError::Invalid {
            folder: folder.to_owned(),
            problems: pixels.problems,
        }
        .into());
    }
    progress.note("checking the videos");
    let videos = sources
        .par_iter()
        .zip(&tracks)
        .map(|(source, track)| finished(source, track))
        .collect::<Result<_, Error>>()?;
    drop(tracks);
    let mut encoded = Encoded {
        videos,
        depth: None,
        notes: Vec::new(),
        warnings: pixels.warnings,
    };
    let repaired = layers.iter().filter_map(LayerSources::repairs);
    encoded.warnings.extend(repaired.map(|message| Advice {
        message,
        hint: Some("look for materials or lights that make NaN or infinity".into()),
    }));
    for plan in plans {
        encoded.depth = encoded.depth.or(plan.metadata);
        encoded.notes.extend(plan.note);
        encoded.warnings.extend(plan.warning);
    }
    Ok(encoded)
}

/// Where the pictures of a video come from, and their size.
type Pictures = (Box<dyn PictureSource>, Size);

/// Where the pictures of each source come from, and their size. What several are made of is read once.
fn pictures_of(
    sources: &[Source<'_>],
    plans: &[DepthPlan],
    options: &EncodeOptions,
) -> (Vec<Pictures>, Vec<LayerSources>) {
    // Enough that no thread waits for a file that another one reads, and few enough for large frames.
    let most = 2 * options.threads() + 2;
    let mut shared: Vec<(Arc<RenderLayers>, LayerSources)> = Vec::new();
    let mut of_layers = |layers: &Arc<RenderLayers>| {
        let known = shared.iter().find(|(known, _)| Arc::ptr_eq(known, layers));
        if let Some((_, sources)) = known {
            return sources.clone();
        }
        let same = |it: &&Source<'_>| {
            it.derived.is_none()
                && it
                    .layers
                    .as_ref()
                    .is_some_and(|own| Arc::ptr_eq(own, layers))
        };
        let wanted: Vec<Modality> = sources.iter().filter(same).map(|it| it.modality).collect();
        let fresh = LayerSources::new(Arc::clone(layers), &wanted, most);
        shared.push((Arc::clone(layers), fresh.clone()));
        fresh
    };
    let mut rendered = |source: &Source<'_>, levels| -> Box<dyn PictureSource> {
        match &source.layers {
            Some(layers) => Box::new(of_layers(layers).of(source.modality)),
            None => Box::new(files(source, levels, options)),
        }
    };
    let derived = sources.iter().filter(|it| it.derived.is_some()).count();
    let is_color = |it: &&Source<'_>| it.modality == Modality::Color;
    let color = sources.iter().find(is_color).filter(|_| derived > 0);
    let color =
        color.map(|color| SharedColor::new(rendered(color, Levels::FULL), derived + 1, most));
    let pictures = sources.iter().zip(plans).map(|(source, plan)| {
        let header = &source.sequence.header;
        let size = Size::new(header.width, header.height);
        match (&source.derived, &color) {
            // Made at the size of the video, where the program would make them.
            (Some(derivation), Some(color)) => {
                let (target, _) = options.video_format(size, source.modality);
                let background = options.background.0;
                let scaler = Scaler::new(size, target, options.fit, Filter::Lanczos, background);
                let pictures = DerivedPictures::new(Arc::clone(color), scaler, derivation);
                (Box::new(pictures) as Box<dyn PictureSource>, target)
            }
            (None, Some(color)) if is_color(&source) => {
                let pictures = ColorPictures(Arc::clone(color));
                (Box::new(pictures) as Box<dyn PictureSource>, size)
            }
            _ => (rendered(source, plan.levels), size),
        }
    });
    let pictures = pictures.collect();
    let sources = shared.into_iter().map(|(_, sources)| sources);
    (pictures, sources.collect())
}

fn files(source: &Source<'_>, levels: Levels, options: &EncodeOptions) -> Files {
    let frames = source.sequence.frames.iter();
    Files {
        paths: frames.map(|frame| frame.path.clone()).collect(),
        options: DecodeOptions {
            background: options.background.0,
            alpha: Alpha::of(source.modality),
            levels,
        },
    }
}

/// What the pixels of all controls come to.
#[derive(Default)]
pub(super) struct PixelFindings {
    /// What forbids their use.
    pub problems: Vec<Problem>,
    /// What does not, or was allowed.
    pub warnings: Vec<Advice>,
}

impl PixelFindings {
    /// Adds what was found in one control.
    pub fn add(&mut self, found: ControlFindings, allow_blank: bool) {
        if allow_blank {
            let allowed = found.problems.iter().map(|problem| Advice {
                message: problem.to_string(),
                hint: None,
            });
            self.warnings.extend(allowed);
        } else {
            self.problems.extend(found.problems);
        }
        self.warnings
            .extend(found.warnings.iter().map(Advice::from));
    }
}

fn track<'a>(
    source: &Source<'_>,
    pictures: Box<dyn PictureSource>,
    frame_size: Size,
    observe: &'a (dyn Fn(usize, &Picture) + Send + Sync),
    options: &EncodeOptions,
) -> Track<'a> {
    let header = &source.sequence.header;
    let rendered = Size::new(header.width, header.height);
    let (target, format) = options.video_format(rendered, source.modality);
    let filter = match source.modality {
        Modality::Segmentation => Filter::Nearest,
        _ => Filter::Lanczos,
    };
    Track {
        name: source.modality.to_string(),
        source: pictures,
        frame_size: (frame_size.width, frame_size.height),
        scaler: Scaler::new(
            frame_size,
            target,
            options.fit,
            filter,
            options.background.0,
        ),
        format,
        output: source.output.clone(),
        observe,
    }
}

fn finished(source: &Source<'_>, track: &Track<'_>) -> Result<EncodedVideo, Error> {
    let io_error = |source| Error::io("read", &track.output, source);
    verify(&track.output, &track.format, track.source.len())?;
    Ok(EncodedVideo {
        modality: source.modality,
        path: track.output.clone(),
        width: track.format.width,
        height: track.format.height,
        frame_count: track.source.len(),
        bytes: track.output.metadata().map_err(io_error)?.len(),
        sha256: sha256_of_file(&track.output).map_err(io_error)?,
        quality: track.format.quality,
        preset: track.format.preset,
        x264_options: track.format.x264_options,
        derived: source.derived,
    })
}
