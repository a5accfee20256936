//! Encodes several sequences at once: one bounded, ordered pipeline on one pool of threads.
//!
//! The unit of work is a *step* of one track: decode and convert its next frame, then encode every frame of
//! the track that is due, unless another thread is doing so. A step starts only when a place in the track's
//! window is free, and never blocks: a thread that has nothing to do for one track serves another. So order
//! is kept, no thread waits for an encoder, and memory is bounded by the windows, whatever the number of
//! frames.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cosmos_core::picture::Picture;
use cosmos_core::progress::{Cancel, Progress, Unit};
use rayon::ScopeFifo;

use super::encoder::{EncodeError, EncoderFrame, VideoEncoder, VideoFormat};
use super::scale::{ScaleError, Scaler};
use super::source::PictureSource;
use super::yuv::Converter;
use crate::frames::decode::{DecodeError, FrameDecoder};

/// Frames of one track that may be decoded or waiting for the encoder at one time, beyond one a thread.
const WINDOW: usize = 2;

/// One video to be made of one sequence.
pub struct Track<'a> {
    /// Name under which progress is reported.
    pub name: String,
    /// Where its pictures come from.
    pub source: Box<dyn PictureSource + 'a>,
    /// Width and height that every frame must have, in pixels.
    pub frame_size: (u32, u32),
    /// How frames come to the video's size.
    pub scaler: Scaler,
    /// The video's size, rate and encoding.
    pub format: VideoFormat,
    /// The file to write.
    pub output: PathBuf,
    /// Called with the index and the pixels of each decoded frame, on the thread that decoded it.
    pub observe: &'a (dyn Fn(usize, &Picture) + Send + Sync),
}

/// Why the videos could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A frame could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A frame could not be brought to the video's size.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// A video could not be encoded or written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No threads could be started.
    #[error("cannot start {threads} threads")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What went wrong.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
    /// The caller asked to stop.
    #[error("interrupted")]
    Cancelled,
}

/// Encodes `tracks` side by side on `threads` threads and returns when all files are complete.
///
/// # Errors
/// The first [`PipelineError`] that any track meets; the others are stopped. Files written so far stay where
/// they are, incomplete.
pub fn encode_tracks(
    tracks: &[Track<'_>],
    threads: usize,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<(), PipelineError> {
    let threads = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("frames-{index}"))
        .build()
        .map_err(|source| PipelineError::Threads { threads, source })?;
    let encoder_threads = threads.div_ceil(tracks.len().max(1));
    let lanes = tracks
        .iter()
        .map(|track| Lane::open(track, encoder_threads))
        .collect::<Result<Vec<_>, _>>()?;
    let run = Run {
        scratch: (0..threads).map(|_| Mutex::default()).collect(),
        failure: Mutex::new(None),
        stopped: AtomicBool::new(false),
        window: WINDOW + threads.div_ceil(tracks.len().max(1)),
        cancel,
        progress,
    };
    for track in tracks {
        progress.begin(&track.name, track.source.len() as u64, Unit::Frames);
    }
    pool.scope_fifo(|scope| {
        // Round robin, so that all tracks advance together and none is left to finish alone.
        for _ in 0..run.window {
            for lane in &lanes {
                scope.spawn_fifo(|scope| run.step(lane, scope));
            }
        }
    });
    for track in tracks {
        progress.finish(&track.name);
    }
    match lock(&run.failure).take() {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// What one thread keeps from frame to frame.
#[derive(Default)]
struct Scratch {
    decoder: FrameDecoder,
    converter: Converter,
}

/// A track and how far it has come.
struct Lane<'a> {
    track: &'a Track<'a>,
    state: Mutex<LaneState>,
}

struct LaneState {
    /// Index of the next frame to decode.
    next_to_decode: usize,
    /// Index of the next frame to encode.
    next_to_encode: usize,
    /// Converted frames that are not due yet, by index.
    waiting: BTreeMap<usize, EncoderFrame>,
    /// The encoder; `None` while a thread is using it and after the last frame.
    encoder: Option<VideoEncoder>,
}

impl<'a> Lane<'a> {
    fn open(track: &'a Track<'a>, encoder_threads: usize) -> Result<Self, EncodeError> {
        let encoder = VideoEncoder::create(
            &track.output,
            &track.format,
            track.source.len(),
            encoder_threads,
        )?;
        Ok(Self {
            track,
            state: Mutex::new(LaneState {
                next_to_decode: 0,
                next_to_encode: 0,
                waiting: BTreeMap::new(),
                encoder: Some(encoder),
            }),
        })
    }
}

/// What all steps of one call share.
struct Run<'a> {
    scratch: Vec<Mutex<Scratch>>,
    failure: Mutex<Option<PipelineError>>,
    stopped: AtomicBool,
    window: usize,
    cancel: &'a Cancel,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    /// Does one step of `lane` and spawns the steps that it makes room for.
    fn step<'s>(&'s self, lane: &'s Lane<'s>, scope: &ScopeFifo<'s>) {
        if self.cancel.is_cancelled() {
            self.fail(PipelineError::Cancelled);
        }
        if self.stopped.load(Ordering::Relaxed) {
            return;
        }
        let index = {
            let mut state = lock(&lane.state);
            if state.next_to_decode == lane.track.source.len() {
                return;
            }
            state.next_to_decode += 1;
            state.next_to_decode - 1
        };
        let result = self
            .prepare(lane.track, index)
            .and_then(|frame| self.encode_due(lane, index, frame, scope));
        if let Err(failure) = result {
            self.fail(failure);
        }
    }

    /// Reads frame `index` and brings it into the encoder's format.
    fn prepare(&self, track: &Track<'_>, index: usize) -> Result<EncoderFrame, PipelineError> {
        // One scratch a thread of the pool, so the lock is always free.
        let mut scratch = lock(&self.scratch[rayon::current_thread_index().unwrap_or(0)]);
        let Scratch { decoder, converter } = &mut *scratch;
        let picture = track.source.picture(index, decoder)?;
        if (picture.width, picture.height) != track.frame_size {
            return Err(PipelineError::Decode(DecodeError::Size {
                path: track.source.path(index).to_owned(),
                found: (picture.width, picture.height),
                expected: track.frame_size,
            }));
        }
        (track.observe)(index, &picture);
        let picture = track.scaler.scale(picture)?;
        let frame = EncoderFrame::from_picture(&picture, &track.format, converter)?;
        decoder.recycle(picture);
        Ok(frame)
    }

    /// Puts a frame in its place and encodes what is due, unless another thread is at it already.
    fn encode_due<'s>(
        &'s self,
        lane: &'s Lane<'s>,
        index: usize,
        frame: EncoderFrame,
        scope: &ScopeFifo<'s>,
    ) -> Result<(), PipelineError> {
        let mut state = lock(&lane.state);
        state.waiting.insert(index, frame);
        while let Some(due) = state.take_due() {
            let (mut encoder, frame) = due;
            drop(state);
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            encoder.send(frame)?;
            self.progress.advance(&lane.track.name, 1);
            scope.spawn_fifo(|scope| self.step(lane, scope));
            state = lock(&lane.state);
            state.next_to_encode += 1;
            if state.next_to_encode == lane.track.source.len() {
                drop(state);
                return Ok(encoder.finish()?);
            }
            state.encoder = Some(encoder);
        }
        Ok(())
    }

    /// Stops all tracks. The first failure is the one that is reported.
    fn fail(&self, failure: PipelineError) {
        lock(&self.failure).get_or_insert(failure);
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl LaneState {
    /// The encoder and the next frame in order, if both are there.
    fn take_due(&mut self) -> Option<(VideoEncoder, EncoderFrame)> {
        if !self.waiting.contains_key(&self.next_to_encode) {
            return None;
        }
        let encoder = self.encoder.take()?;
        let frame = self.waiting.remove(&self.next_to_encode)?;
        Some((encoder, frame))
    }
}

/// Locks `mutex`; what a panicking thread left behind is only read on the way to reporting that panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::decode::DecodeOptions;
    use crate::video::read::VideoReader;
    use crate::video::resolution::Fit;
    use crate::video::scale::Filter;
    use crate::video::settings::{Codec, Crf, PixelFormat, Preset, Quality};
    use crate::video::source::Files;
    use cosmos_core::frame_rate::FrameRate;
    use cosmos_core::progress::Silent;
    use cosmos_core::size::Size;

    const SIDE: u32 = 32;

    /// Gray frames, each brighter than the one before.
    fn frames(folder: &std::path::Path, name: &str, count: usize) -> Vec<PathBuf> {
        (0..count)
            .map(|index| {
                let path = folder.join(format!("{name}.{index}.png"));
                let gray = image::Luma([(index * 255 / count) as u8]);
                image::GrayImage::from_pixel(SIDE, SIDE, gray)
                    .save(&path)
                    .unwrap();
                path
            })
            .collect()
    }

    fn track<'a>(
        frames: Vec<PathBuf>,
        output: PathBuf,
        observe: &'a (dyn Fn(usize, &Picture) + Send + Sync),
    ) -> Track<'a> {
        let size = Size::new(SIDE, SIDE);
        Track {
            name: output.display().to_string(),
            source: Box::new(Files {
                paths: frames,
                options: DecodeOptions::default(),
            }),
            frame_size: (SIDE, SIDE),
            scaler: Scaler::new(size, size, Fit::Pad, Filter::Lanczos, [0; 3]),
            format: VideoFormat {
                width: SIDE,
                height: SIDE,
                rate: FrameRate::FILM,
                codec: Codec::H264,
                pixel_format: PixelFormat::Yuv420p,
                quality: Quality::Qp(Crf::literal(10)),
                preset: Preset::Ultrafast,
                x264_options: "",
            },
            output,
            observe,
        }
    }

    /// Mean brightness of each frame of a video.
    fn brightness(path: &std::path::Path) -> Vec<f64> {
        let mut reader = VideoReader::open(path).unwrap();
        let mut means = Vec::new();
        while let Some(frame) = reader.next_frame().unwrap() {
            let rgb = reader.to_picture(&frame).unwrap().to_rgb();
            let sum: u64 = rgb.as_raw().iter().map(|&v| u64::from(v)).sum();
            means.push(sum as f64 / rgb.as_raw().len() as f64);
        }
        means
    }

    #[test]
    fn frames_come_out_in_order_however_many_threads_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let (short, long) = (
            frames(folder.path(), "a", 5),
            frames(folder.path(), "b", 40),
        );
        for threads in [1, 2, 7] {
            let seen = Mutex::new(Vec::new());
            let observe = |index: usize, _: &Picture| lock(&seen).push(index);
            let outputs = [folder.path().join("a.mp4"), folder.path().join("b.mp4")];
            let tracks = [
                track(short.clone(), outputs[0].clone(), &|_, _| {}),
                track(long.clone(), outputs[1].clone(), &observe),
            ];
            encode_tracks(&tracks, threads, &Cancel::new(), &Silent).unwrap();
            for (output, count) in outputs.iter().zip([5, 40]) {
                let means = brightness(output);
                assert_eq!(means.len(), count);
                assert!(means.is_sorted(), "{threads} threads: {means:?}");
                for (index, mean) in means.iter().enumerate() {
                    let wanted = (index * 255 / count) as f64;
                    assert!(
                        (mean - wanted).abs() <= 2.0,
                        "frame {index}: {mean}, not {wanted}"
                    );
                }
            }
            let mut seen = lock(&seen).clone();
            seen.sort_unstable();
            assert_eq!(seen, (0..40).collect::<Vec<_>>(), "each frame is seen once");
        }
    }

    #[test]
    fn a_bad_frame_stops_all_tracks_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let good = frames(folder.path(), "a", 400);
        let mut bad = frames(folder.path(), "b", 6);
        std::fs::write(&bad[3], "no picture").unwrap();
        let encoded = Mutex::new(0);
        let count = |_: usize, _: &Picture| *lock(&encoded) += 1;
        let tracks = [
            track(good, folder.path().join("a.mp4"), &count),
            track(bad.clone(), folder.path().join("b.mp4"), &|_, _| {}),
        ];
        let failure = encode_tracks(&tracks, 2, &Cancel::new(), &Silent).unwrap_err();
        assert!(failure.to_string().contains("b.3.png"), "{failure}");
        assert!(*lock(&encoded) < 400, "the other track went on to its end");

        bad[3] = folder.path().join("small.png");
        image::GrayImage::new(8, 8).save(&bad[3]).unwrap();
        let tracks = [track(bad, folder.path().join("b.mp4"), &|_, _| {})];
        let failure = encode_tracks(&tracks, 2, &Cancel::new(), &Silent).unwrap_err();
        assert!(failure.to_string().contains("8x8"), "{failure}");
    }

    #[test]
    fn cancelling_stops_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Cancel::new();
        let stop_at_third = |index: usize, _: &Picture| {
            if index == 2 {
                cancel.cancel();
            }
        };
        let frames = frames(folder.path(), "a", 300);
        let tracks = [track(frames, folder.path().join("a.mp4"), &stop_at_third)];
        let failure = encode_tracks(&tracks, 2, &cancel, &Silent).unwrap_err();
        assert!(matches!(failure, PipelineError::Cancelled));
    }
}
