//! Reads videos back: what is in them, and their frames.
//!
//! Files are opened by the system, not by FFmpeg, so a name like `concat:a` or one that is not UTF-8 is just a
//! name. Audio and further streams are ignored.

use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::files;
use cosmos_core::frame_rate::FrameRate;
use cosmos_core::picture::{Picture, Pixels};
use cosmos_core::video_info::{ColorTags, VideoInfo};
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::StreamIo;
use ffmpeg_next::software::scaling;
use ffmpeg_next::util::error::EAGAIN;

use super::encoder::init_ffmpeg;

/// Bytes read from the file at a time.
const READ_BUFFER: usize = 1 << 18;

/// Why a video could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be opened.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The video file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// FFmpeg does not know the file's format, or has no decoder for it.
    #[error("{} is not a video that FFmpeg can read", path.display())]
    NotAVideo {
        /// The video file.
        path: PathBuf,
        /// What FFmpeg said.
        #[source]
        source: ffmpeg::Error,
    },
    /// The file has no video in it.
    #[error("{} holds no video", path.display())]
    NoVideo {
        /// The file.
        path: PathBuf,
    },
    /// The video breaks off or is damaged.
    #[error("{} is damaged: {source}", path.display())]
    Damaged {
        /// The video file.
        path: PathBuf,
        /// What FFmpeg said.
        #[source]
        source: ffmpeg::Error,
    },
}

impl ReadError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::IsADirectory => {
                "pass one video; cosmos describe takes folders"
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::InvalidInput => {
                "write it to a file first"
            }
            Self::Io { .. } => "check that the file exists and that you may read it",
            Self::NotAVideo { .. } | Self::NoVideo { .. } => {
                "pass a video file, for example the color.mp4 that convert-sequence wrote"
            }
            Self::Damaged { .. } => "make the video again",
        }
    }
}

/// Reads what `path` holds. All packets are counted; none is decoded.
///
/// # Errors
/// [`ReadError`] when the file is not a readable video.
pub fn probe(path: &Path) -> Result<VideoInfo, ReadError> {
    VideoReader::open(path)?.into_info()
}

/// An open video, read frame by frame.
pub struct VideoReader {
    path: PathBuf,
    input: ffmpeg::format::context::Input,
    stream: usize,
    time_base: f64,
    /// Time stamp of the first frame, in seconds.
    start: f64,
    average_rate: ffmpeg::Rational,
    decoder: ffmpeg::decoder::Video,
    to_rgb: Option<(FrameShape, scaling::Context)>,
    ended: bool,
}

/// One decoded frame and when it is shown, in seconds of the file's own clock.
pub struct VideoFrame {
    /// When the frame is shown.
    pub time: f64,
    frame: ffmpeg::frame::Video,
}

/// All that the conversion to RGB depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FrameShape {
    format: ffmpeg::format::Pixel,
    width: u32,
    height: u32,
    space: ffmpeg::color::Space,
    range: ffmpeg::color::Range,
}

impl VideoReader {
    /// Opens the video at `path`.
    ///
    /// # Errors
    /// [`ReadError`] when the file is not a readable video.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        init_ffmpeg();
        let not_a_video = |source| ReadError::NotAVideo {
            path: path.to_owned(),
            source,
        };
        let file = files::open(path).map_err(|source| ReadError::Io {
            path: path.to_owned(),
            source,
        })?;
        let source =
            StreamIo::from_read_seek_with_capacity(file, READ_BUFFER).map_err(not_a_video)?;
        let input = ffmpeg::format::input_from_stream(source, None, None).map_err(not_a_video)?;
        let no_video = || ReadError::NoVideo {
            path: path.to_owned(),
        };
        let stream = input
            .streams()
            .best(ffmpeg::media::Type::Video)
            .ok_or_else(no_video)?;
        let decoder = ffmpeg::codec::Context::from_parameters(stream.parameters())
            .and_then(|context| context.decoder().video())
            .map_err(not_a_video)?;
        if decoder.width() == 0 || decoder.height() == 0 {
            return Err(no_video());
        }
        let time_base = f64::from(stream.time_base());
        Ok(Self {
            path: path.to_owned(),
            stream: stream.index(),
            time_base,
            start: match stream.start_time() {
                ffmpeg::ffi::AV_NOPTS_VALUE => 0.0,
                start => start as f64 * time_base,
            },
            average_rate: stream.avg_frame_rate(),
            decoder,
            to_rgb: None,
            ended: false,
            input,
        })
    }

    /// Seconds from the first frame of the video to `frame`.
    #[must_use]
    pub fn seconds_in(&self, frame: &VideoFrame) -> f64 {
        frame.time - self.start
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.decoder.width(), self.decoder.height())
    }

    fn into_info(mut self) -> Result<VideoInfo, ReadError> {
        let mut frame_count = 0;
        let (mut start, mut end) = (f64::INFINITY, f64::NEG_INFINITY);
        for (stream, packet) in self.input.packets() {
            if stream.index() != self.stream {
                continue;
            }
            frame_count += 1;
            if let Some(shown) = packet.pts().or(packet.dts()) {
                start = start.min(shown as f64 * self.time_base);
                end = end.max((shown + packet.duration()) as f64 * self.time_base);
            }
        }
        if frame_count == 0 {
            return Err(ReadError::NoVideo { path: self.path });
        }
        let duration = (end - start).max(0.0);
        let fps = self.rate(frame_count, duration);
        let color = ColorTags {
            matrix: self.decoder.color_space().name().map(str::to_owned),
            primaries: self.decoder.color_primaries().name().map(str::to_owned),
            transfer: self
                .decoder
                .color_transfer_characteristic()
                .name()
                .map(str::to_owned),
            range: match self.decoder.color_range() {
                ffmpeg::color::Range::MPEG => Some("limited".to_owned()),
                ffmpeg::color::Range::JPEG => Some("full".to_owned()),
                ffmpeg::color::Range::Unspecified => None,
            },
        };
        Ok(VideoInfo {
            codec: self.decoder.id().name().to_owned(),
            width: self.decoder.width(),
            height: self.decoder.height(),
            pixel_format: self
                .decoder
                .format()
                .descriptor()
                .map_or("unknown", |d| d.name())
                .to_owned(),
            fps,
            frame_count,
            duration,
            color,
        })
    }

    /// The average rate that the file states; where it states none, the one that its length gives.
    fn rate(&self, frame_count: u64, duration: f64) -> FrameRate {
        let stated = (
            u32::try_from(self.average_rate.numerator()),
            u32::try_from(self.average_rate.denominator()),
        );
        if let (Ok(num), Ok(den)) = stated
            && let Ok(rate) = FrameRate::new(num, den)
        {
            return rate;
        }
        format!("{:.3}", frame_count as f64 / duration)
            .parse()
            .unwrap_or(FrameRate::FILM)
    }

    /// Decodes the next frame; `None` after the last.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where the video cannot be decoded.
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, ReadError> {
        let mut frame = ffmpeg::frame::Video::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    let time = frame.timestamp().unwrap_or(0) as f64 * self.time_base;
                    return Ok(Some(VideoFrame { time, frame }));
                }
                Err(ffmpeg::Error::Eof) => return Ok(None),
                Err(ffmpeg::Error::Other { errno: EAGAIN }) if !self.ended => {}
                Err(source) => return Err(self.damaged(source)),
            }
            let fed = match self.next_packet()? {
                Some(packet) => self.decoder.send_packet(&packet),
                None => {
                    self.ended = true;
                    self.decoder.send_eof()
                }
            };
            fed.map_err(|source| self.damaged(source))?;
        }
    }

    fn next_packet(&mut self) -> Result<Option<ffmpeg::Packet>, ReadError> {
        let mut packet = ffmpeg::Packet::empty();
        loop {
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => return Ok(Some(packet)),
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => return Ok(None),
                Err(source) => return Err(self.damaged(source)),
            }
        }
    }

    fn damaged(&self, source: ffmpeg::Error) -> ReadError {
        ReadError::Damaged {
            path: self.path.clone(),
            source,
        }
    }

    /// Converts a frame to 8-bit RGB by the matrix and range that the video states. Video that states none is
    /// read as players do: limited range, BT.709 from 720 lines up and BT.601 below.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] for a frame in a pixel format that cannot be converted.
    pub fn to_picture(&mut self, frame: &VideoFrame) -> Result<Picture, ReadError> {
        let frame = &frame.frame;
        let shape = FrameShape {
            format: frame.format(),
            width: frame.width(),
            height: frame.height(),
            space: frame.color_space(),
            range: frame.color_range(),
        };
        if self
            .to_rgb
            .as_ref()
            .is_none_or(|(known, _)| *known != shape)
        {
            let context = shape
                .rgb_converter()
                .map_err(|source| self.damaged(source))?;
            self.to_rgb = Some((shape, context));
        }
        let mut rgb = ffmpeg::frame::Video::empty();
        if let Some((_, context)) = &mut self.to_rgb {
            context
                .run(frame, &mut rgb)
                .map_err(|source| ReadError::Damaged {
                    path: self.path.clone(),
                    source,
                })?;
        }
        let row = shape.width as usize * 3;
        let pixels = match rgb.planes() {
            0 => return Err(self.damaged(ffmpeg::Error::InvalidData)),
            _ => rgb
                .data(0)
                .chunks(rgb.stride(0))
                .flat_map(|line| &line[..row])
                .copied()
                .collect(),
        };
        Ok(Picture {
            width: shape.width,
            height: shape.height,
            pixels: Pixels::Rgb8(pixels),
        })
    }

    /// Goes on from the keyframe before the frame that is shown `seconds` after the first, which saves decoding
    /// what lies before it. Where the file cannot be searched, nothing happens.
    pub fn seek(&mut self, seconds: f64) {
        let jump = ((self.start + seconds) * f64::from(ffmpeg::ffi::AV_TIME_BASE)) as i64;
        if self.input.seek(jump, ..jump).is_ok() {
            self.decoder.flush();
            self.ended = false;
        }
    }

    /// The frame that is shown `seconds` after the first, or the last one before the video ends.
    ///
    /// # Errors
    /// [`ReadError`] where the video cannot be decoded.
    pub fn picture_at(mut self, seconds: f64) -> Result<Picture, ReadError> {
        let target = self.start + seconds;
        self.seek(seconds);
        let mut shown = None;
        while let Some(frame) = self.next_frame()? {
            if shown.is_some() && frame.time > target {
                break;
            }
            shown = Some(frame);
        }
        match shown {
            Some(frame) => self.to_picture(&frame),
            None => Err(ReadError::NoVideo { path: self.path }),
        }
    }
}

impl FrameShape {
    fn rgb_converter(&self) -> Result<scaling::Context, ffmpeg::Error> {
        let mut context = scaling::Context::get(
            self.format,
            self.width,
            self.height,
            ffmpeg::format::Pixel::RGB24,
            self.width,
            self.height,
            scaling::Flags::BICUBIC | scaling::Flags::ACCURATE_RND | scaling::Flags::FULL_CHR_H_INT,
        )?;
        let matrix = match self.space {
            ffmpeg::color::Space::Unspecified if self.height >= 720 => ffmpeg::color::Space::BT709,
            ffmpeg::color::Space::Unspecified => ffmpeg::color::Space::SMPTE170M,
            stated => stated,
        };
        let full = i32::from(self.range == ffmpeg::color::Range::JPEG);
        set_matrix(&mut context, matrix, full);
        Ok(context)
    }
}

/// Tells the scaler by which matrix and range the source is to be read; without this it assumes BT.601.
#[expect(
    unsafe_code,
    reason = "the bindings have no safe call for the scaler's colour details"
)]
fn set_matrix(context: &mut scaling::Context, matrix: ffmpeg::color::Space, full_range: i32) {
    use ffmpeg::ffi::{AVColorSpace, sws_getCoefficients, sws_setColorspaceDetails};
    const ONE: i32 = 1 << 16;
    let matrix = AVColorSpace::from(matrix) as i32;
    // SAFETY: the context is alive for the call, and the tables are static arrays of the library, which
    // answers an unknown matrix with its default table. A refusal (for sources that are RGB) is harmless.
    unsafe {
        let table = sws_getCoefficients(matrix);
        sws_setColorspaceDetails(
            context.as_mut_ptr(),
            table,
            full_range,
            table,
            1,
            0,
            ONE,
            ONE,
        );
    }
}
