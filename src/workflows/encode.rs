//! From checked sequences to verified videos: the part that `convert_sequence` and `prepare_inference` share.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::derive::{ColorPictures, DerivedPictures, SharedColor};
use crate::config;
use crate::cosmos::{Handling, Target, handling};
use crate::derivation::Derivation;
use crate::error::Error;
use crate::frame_rate::FrameRate;
use crate::frames::Sequence;
use crate::frames::decode::{DecodeOptions, FrameDecoder, Levels};
use crate::hash::sha256_of_file;
use crate::json_path;
use crate::modality::Modality;
use crate::picture::Picture;
use crate::progress::{Cancel, Progress, Unit};
use crate::size::Size;
use crate::video::encoder::{VideoFormat, require_encoder};
use crate::video::pipeline::{PipelineError, Track, encode_tracks};
use crate::video::resolution::{Fit, Resolution};
use crate::video::scale::{Filter, Scaler};
use crate::video::settings::{Codec, Crf, PixelFormat, Preset, Quality, Rgb, Setting};
use crate::video::source::{Files, PictureSource};
use crate::video::tuning;
use crate::video::verify::verify;

/// Which depth values become black and white.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DepthRange {
    /// Values stay as the renderer wrote them.
    #[default]
    AsRendered,
    /// From the lowest to the highest value of the whole sequence.
    Auto,
    /// Between two values, given in the frames' own units (0 to 255 or 0 to 65535), or as shares of the full
    /// range if they were written with a decimal point.
    Between(DepthValue, DepthValue),
}

/// One end of a depth range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DepthValue {
    /// A sample value as the file has it.
    Sample(u16),
    /// A share of the full range, 0 to 1.
    Share(f64),
}

impl DepthValue {
    fn in_16_bits(self, bits: u8) -> u16 {
        match self {
            Self::Sample(value) if bits <= 8 => {
                u16::from(u8::try_from(value).unwrap_or(u8::MAX)) * 257
            }
            Self::Sample(value) => value,
            Self::Share(share) => (share * 65_535.0).round() as u16,
        }
    }
}

/// The text gives no depth range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a depth range: expected auto or MIN:MAX, as in 1200:48000 or 0.05:0.8")]
pub struct InvalidDepthRange(String);

impl FromStr for DepthRange {
    type Err = InvalidDepthRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        let value = |text: &str| {
            let text = text.trim();
            match text.parse() {
                Ok(sample) => Some(DepthValue::Sample(sample)),
                Err(_) => text
                    .parse()
                    .ok()
                    .filter(|share| (0.0..=1.0).contains(share))
                    .map(DepthValue::Share),
            }
        };
        let ends = text
            .split_once(':')
            .and_then(|(min, max)| Some((value(min)?, value(max)?)));
        match ends {
            Some((min, max)) if min.in_16_bits(16) < max.in_16_bits(16) => {
                Ok(Self::Between(min, max))
            }
            _ => Err(InvalidDepthRange(text.to_owned())),
        }
    }
}

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
    /// The pattern of the frames' names.
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

/// The video called `file` that [`encode`] would make of `sequence`.
pub(super) fn planned(
    modality: Modality,
    sequence: &Sequence,
    derived: Option<Derivation>,
    file: String,
    options: &EncodeOptions,
) -> Result<PlannedVideo, Error> {
    require_encoder(options.codec).map_err(PipelineError::from)?;
    let (width, height) = sequence.header.size();
    let (_, format) = options.video_format(Size::new(width, height), modality);
    Ok(PlannedVideo {
        modality,
        file,
        source: sequence.pattern(),
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

/// Encodes each source and checks the videos.
pub(super) fn encode(
    sources: Vec<Source<'_>>,
    options: &EncodeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Vec<EncodedVideo>, Error> {
    require_encoder(options.codec).map_err(PipelineError::from)?;
    let derived = sources.iter().filter(|it| it.derived.is_some()).count();
    let color = sources.iter().find(|it| it.modality == Modality::Color);
    let color = color.filter(|_| derived > 0).map(|color| {
        // Enough that no thread waits for the file that another one reads, and few enough for large frames.
        let most = 2 * options.threads() + 2;
        SharedColor::new(
            files(color.sequence, Levels::FULL, options),
            derived + 1,
            most,
        )
    });
    let mut tracks = Vec::new();
    for source in &sources {
        let levels = depth_levels(source, options, cancel, progress)?;
        tracks.push(track(source, levels, color.as_ref(), options));
    }
    encode_tracks(&tracks, options.threads(), cancel, progress)?;
    progress.note("checking the videos");
    sources
        .par_iter()
        .zip(&tracks)
        .map(|(source, track)| finished(source, track))
        .collect()
}

fn files(sequence: &Sequence, levels: Levels, options: &EncodeOptions) -> Files {
    let frames = sequence.frames.iter();
    Files {
        paths: frames.map(|frame| frame.path.clone()).collect(),
        options: DecodeOptions {
            background: options.background.0,
            levels,
        },
    }
}

fn track<'a>(
    source: &'a Source<'_>,
    levels: Levels,
    color: Option<&Arc<SharedColor>>,
    options: &EncodeOptions,
) -> Track<'a> {
    let header = &source.sequence.header;
    let frame_size = Size::new(header.width, header.height);
    let (target, format) = options.video_format(frame_size, source.modality);
    let filter = match source.modality {
        Modality::Segmentation => Filter::Nearest,
        _ => Filter::Lanczos,
    };
    let scaler =
        |from, filter| Scaler::new(from, target, options.fit, filter, options.background.0);
    let is_color = source.modality == Modality::Color;
    let (pictures, frame_size): (Box<dyn PictureSource>, Size) = match (&source.derived, color) {
        // Made at the size of the video, where the program would make them.
        (Some(derivation), Some(color)) => {
            let to_video = scaler(frame_size, filter);
            let pictures = DerivedPictures::new(Arc::clone(color), to_video, derivation);
            (Box::new(pictures), target)
        }
        (None, Some(color)) if is_color => (Box::new(ColorPictures(Arc::clone(color))), frame_size),
        _ => (
            Box::new(files(source.sequence, levels, options)),
            frame_size,
        ),
    };
    Track {
        name: source.modality.to_string(),
        source: pictures,
        frame_size: (frame_size.width, frame_size.height),
        scaler: scaler(frame_size, filter),
        format,
        output: source.output.clone(),
        observe: &source.observe,
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

/// The stretch for one sequence: none, unless it is depth and a range was asked for.
fn depth_levels(
    source: &Source<'_>,
    options: &EncodeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Levels, Error> {
    if source.modality != Modality::Depth {
        return Ok(Levels::FULL);
    }
    let bits = source.sequence.header.bits;
    match options.depth_range {
        DepthRange::AsRendered => Ok(Levels::FULL),
        DepthRange::Between(min, max) => Ok(Levels {
            min: min.in_16_bits(bits),
            max: max.in_16_bits(bits),
        }),
        DepthRange::Auto => measure_levels(source.sequence, options.background, cancel, progress),
    }
}

/// The lowest and highest value of a whole sequence, which takes decoding all of it.
fn measure_levels(
    sequence: &Sequence,
    background: Rgb,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Levels, Error> {
    let task = "depth range";
    progress.begin(task, sequence.frames.len() as u64, Unit::Frames);
    let options = DecodeOptions {
        background: background.0,
        levels: Levels::FULL,
    };
    let extremes = sequence
        .frames
        .par_iter()
        .map_init(FrameDecoder::default, |decoder, frame| {
            if cancel.is_cancelled() {
                return Err(PipelineError::Cancelled);
            }
            let picture = decoder.decode(&frame.path, &options)?;
            let extremes = picture.extremes();
            decoder.recycle(picture);
            progress.advance(task, 1);
            Ok(extremes)
        })
        .try_reduce(|| (u16::MAX, 0), |a, b| Ok((a.0.min(b.0), a.1.max(b.1))))?;
    progress.finish(task);
    Ok(match extremes {
        (min, max) if min < max => Levels { min, max },
        _ => Levels::FULL,
    })
}
