//! `standardize`: a video of any kind becomes one of a given rate and size, encoded like all others.

use std::path::PathBuf;

use serde::Serialize;

use super::encode::EncodeOptions;
use crate::error::Error;
use crate::hash::sha256_of_file;
use crate::json_path;
use crate::modality::Modality;
use crate::picture::Picture;
use crate::progress::{Cancel, Progress, Unit};
use crate::size::Size;
use crate::staging::StagedFile;
use crate::video::encoder::{EncoderFrame, VideoEncoder};
use crate::video::pipeline::PipelineError;
use crate::video::read::{VideoReader, probe};
use crate::video::scale::{Filter, Scaler};
use crate::video::verify::verify;
use crate::video::yuv::Converter;

/// By how much of a frame of the result a time stamp may be late and still count as on time: files round
/// time stamps, to a millisecond at worst.
const ROUNDED_TIME: f64 = 0.1;

/// What to standardise and how.
#[derive(Clone, Debug)]
pub struct StandardizeOptions {
    /// The video to read.
    pub input: PathBuf,
    /// The video to write.
    pub output: PathBuf,
    /// Rate, size and encoding. Depth range is not used.
    pub encode: EncodeOptions,
    /// Whether existing output may be replaced.
    pub overwrite: bool,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StandardizeReport {
    /// The video.
    #[serde(serialize_with = "json_path::one")]
    pub output: PathBuf,
    /// Frames of the source.
    pub source_frames: u64,
    /// Frames of the result.
    pub frame_count: u64,
    /// Length of the result in seconds.
    pub duration: f64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// Reads a video and writes it with another rate and size. A frame is shown for as long as before: where the
/// rate changes, frames are repeated or left out by their time stamps. Sound is left out.
///
/// # Errors
/// [`Error`]: an unreadable video, existing output, or a failure while encoding. No output appears then.
pub fn standardize_video(
    options: &StandardizeOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<StandardizeReport, Error> {
    let info = probe(&options.input)?;
    let staged = StagedFile::create(&options.output, options.overwrite)?;
    let encode = &options.encode;
    let source_size = Size::new(info.width, info.height);
    let (target, format) = encode.video_format(source_size, Modality::Color);
    let scaler = Scaler::new(
        source_size,
        target,
        encode.fit,
        Filter::Lanczos,
        encode.background.0,
    );
    let frame_count = (info.duration * encode.fps.as_f64()).round().max(1.0) as usize;

    let task = "frames";
    progress.begin(task, frame_count as u64, Unit::Frames);
    let mut encoder = VideoEncoder::create(staged.path(), &format, frame_count, encode.threads())
        .map_err(PipelineError::from)?;
    let mut converter = Converter::default();
    let mut write = |picture: &Picture| -> Result<(), Error> {
        let frame = EncoderFrame::from_picture(picture, &format, &mut converter)
            .map_err(PipelineError::from)?;
        encoder.send(frame).map_err(PipelineError::from)?;
        progress.advance(task, 1);
        Ok(())
    };
    let mut reader = VideoReader::open(&options.input)?;
    let mut shown: Option<Picture> = None;
    let mut start = None;
    let mut written = 0;
    while let Some(frame) = reader.next_frame()? {
        if cancel.is_cancelled() {
            return Err(PipelineError::Cancelled.into());
        }
        let time = frame.time - *start.get_or_insert(frame.time);
        // Frames due before this one appears show the one before it.
        let due = (time * encode.fps.as_f64() - ROUNDED_TIME).ceil().max(0.0) as usize;
        let due = due.min(frame_count);
        if let Some(picture) = &shown {
            for _ in written..due {
                write(picture)?;
            }
            written = written.max(due);
        }
        let picture = reader.to_picture(&frame)?;
        shown = Some(scaler.scale(picture).map_err(PipelineError::from)?);
    }
    if let Some(picture) = &shown {
        for _ in written..frame_count {
            write(picture)?;
        }
    }
    encoder.finish().map_err(PipelineError::from)?;
    progress.finish(task);

    let made = verify(staged.path(), &format, frame_count)?;
    let io_error = |source| Error::io("read", &options.output, source);
    let report = StandardizeReport {
        output: options.output.clone(),
        source_frames: info.frame_count,
        frame_count: made.frame_count,
        duration: made.duration,
        width: made.width,
        height: made.height,
        bytes: staged.path().metadata().map_err(io_error)?.len(),
        sha256: sha256_of_file(staged.path()).map_err(io_error)?,
    };
    staged.commit()?;
    Ok(report)
}
