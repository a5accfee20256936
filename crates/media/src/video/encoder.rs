//! Writes one video: converted frames in, an MP4 file out.
//!
//! BT.709, limited range, tagged as such; a constant, exact frame rate; a keyframe at least every second; the
//! index in front of the pictures, so that a player can start before it has the whole file. The file is
//! written where it is told; making it appear under its final name is the caller's business.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Once;

use cosmos_core::frame_rate::FrameRate;
use cosmos_core::picture::Picture;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::StreamIo;
use ffmpeg_next::util::error::EAGAIN;

use super::settings::{Codec, PixelFormat, Preset, Quality};
use super::yuv::{Converter, PlaneBuffers, PlaneLayout};

/// Bytes collected before they are written to the file.
const WRITE_BUFFER: usize = 1 << 20;
/// Room kept in front of the pictures for the index, in bytes: the fixed boxes, and for each frame its size
/// (4), chunk offset (8), chunk map (12), time offset (8), duration (8) and keyframe (4) at worst.
const INDEX_BASE: usize = 4096;
const INDEX_PER_FRAME: usize = 44;

/// Why a video could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The FFmpeg libraries on this machine were built without the encoder.
    #[error("the FFmpeg libraries here have no {encoder} encoder")]
    NoEncoder {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
    },
    /// The encoder refused its settings.
    #[error("{encoder} refuses {width}x{height} {format} at {rate} frames a second")]
    Refused {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The pixel format.
        format: PixelFormat,
        /// The frame rate.
        rate: FrameRate,
        /// What FFmpeg said.
        #[source]
        source: ffmpeg::Error,
    },
    /// The file could not be created or written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The video file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// FFmpeg failed while encoding or writing.
    #[error("cannot encode {}: {source}", path.display())]
    Ffmpeg {
        /// The video file.
        path: PathBuf,
        /// What FFmpeg said.
        #[source]
        source: ffmpeg::Error,
    },
    /// A frame could not be converted to the video's pixel format.
    #[error("cannot convert a frame of {}x{} for the video", size.0, size.1)]
    Convert {
        /// Width and height of the frame.
        size: (u32, u32),
        /// What the converter said.
        #[source]
        source: yuv::YuvError,
    },
    /// There was no memory for a frame.
    #[error("no memory for a video frame of {width}x{height}")]
    OutOfMemory {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

impl EncodeError {
    /// What the user can do about it, if it is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoEncoder { encoder } => Some(format!(
                "install an FFmpeg that has it (Debian and Ubuntu: apt install libavcodec-extra {})",
                if *encoder == "libx265" {
                    "libx265-dev, or use --codec h264"
                } else {
                    "libx264-dev"
                }
            )),
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    Some("the disk is full: free some space and run again".into())
                }
                io::ErrorKind::PermissionDenied => {
                    Some("choose a folder that you may write to".into())
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    Some("choose a folder on a disk that can be written".into())
                }
                _ => None,
            },
            Self::OutOfMemory { .. } | Self::Refused { .. } => {
                Some("use a smaller --resolution".into())
            }
            _ => None,
        }
    }
}

/// Everything about a video that is decided before its first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoFormat {
    /// Width in pixels; even for a subsampled pixel format.
    pub width: u32,
    /// Height in pixels; even for a subsampled pixel format.
    pub height: u32,
    /// Frames a second.
    pub rate: FrameRate,
    /// The codec.
    pub codec: Codec,
    /// How samples are stored.
    pub pixel_format: PixelFormat,
    /// Quality to hold.
    pub quality: Quality,
    /// How hard the encoder tries to save bytes.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    pub x264_options: &'static str,
}

/// Starts the FFmpeg libraries, once, and keeps them from printing: what they say comes back as errors.
pub(super) fn init_ffmpeg() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let level = if tracing::enabled!(target: "ffmpeg", tracing::Level::DEBUG) {
            ffmpeg::log::Level::Info
        } else {
            ffmpeg::log::Level::Quiet
        };
        ffmpeg::log::set_level(level);
    });
}

/// Whether the FFmpeg libraries here can encode `codec`.
///
/// # Errors
/// [`EncodeError::NoEncoder`] when they cannot.
pub fn require_encoder(codec: Codec) -> Result<(), EncodeError> {
    find_encoder(codec).map(drop)
}

/// FFmpeg's name of the encoder for `codec`.
#[must_use]
pub const fn encoder_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "libx264",
        Codec::Hevc => "libx265",
    }
}

fn find_encoder(codec: Codec) -> Result<ffmpeg::Codec, EncodeError> {
    init_ffmpeg();
    let encoder = encoder_name(codec);
    ffmpeg::encoder::find_by_name(encoder).ok_or(EncodeError::NoEncoder { encoder })
}

/// A frame in the encoder's own pixel format.
pub struct EncoderFrame(ffmpeg::frame::Video);

impl EncoderFrame {
    /// Converts `picture` for a video of `format`. The picture may be one column and one row short of it.
    ///
    /// # Errors
    /// [`EncodeError::OutOfMemory`] and [`EncodeError::Convert`].
    pub fn from_picture(
        picture: &Picture,
        format: &VideoFormat,
        converter: &mut Converter,
    ) -> Result<Self, EncodeError> {
        let VideoFormat { width, height, .. } = *format;
        let mut frame = Self(ffmpeg::frame::Video::new(format.pixel(), width, height));
        if frame.0.planes() < 3 {
            return Err(EncodeError::OutOfMemory { width, height });
        }
        let layout = PlaneLayout {
            width: width as usize,
            height: height as usize,
            subsampled: format.pixel_format == PixelFormat::Yuv420p,
        };
        converter
            .convert(picture, layout, &mut frame)
            .map_err(|source| EncodeError::Convert {
                size: (picture.width, picture.height),
                source,
            })?;
        Ok(frame)
    }
}

impl PlaneBuffers for EncoderFrame {
    fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize) {
        let stride = self.0.stride(index);
        (self.0.data_mut(index), stride)
    }
}

/// An encoder and the MP4 file it writes to.
pub struct VideoEncoder {
    path: PathBuf,
    encoder: ffmpeg::encoder::video::Encoder,
    muxer: ffmpeg::format::context::Output,
    /// Time base of the encoder: one frame.
    frame_time: ffmpeg::Rational,
    /// Time base that the muxer chose for the stream.
    stream_time: ffmpeg::Rational,
    frames_sent: i64,
}

impl VideoEncoder {
    /// Opens an encoder for `frame_count` frames that writes to `path`, replacing what is there.
    ///
    /// The encoder uses `threads` threads.
    ///
    /// # Errors
    /// [`EncodeError`]: no such encoder, settings it refuses, or a file that cannot be created.
    pub fn create(
        path: &Path,
        format: &VideoFormat,
        frame_count: usize,
        threads: usize,
    ) -> Result<Self, EncodeError> {
        let codec = find_encoder(format.codec)?;
        let refused = |source| EncodeError::Refused {
            encoder: encoder_name(format.codec),
            width: format.width,
            height: format.height,
            format: format.pixel_format,
            rate: format.rate,
            source,
        };
        let failed = |source| ffmpeg_error(path, source);
        let encoder = format.open(codec, threads).map_err(refused)?;

        let file = File::create(path).map_err(|source| EncodeError::Write {
            path: path.to_owned(),
            source,
        })?;
        let output = StreamIo::from_write_seek_with_capacity(file, WRITE_BUFFER).map_err(failed)?;
        let mut muxer =
            ffmpeg::format::output_to_stream(output, None, Some("mp4")).map_err(failed)?;
        let frame_time = rational(format.rate).invert();
        let mut stream = muxer.add_stream_with(&encoder).map_err(failed)?;
        stream.set_time_base(frame_time);
        stream.set_avg_frame_rate(rational(format.rate));
        if format.codec == Codec::Hevc {
            tag_for_quicktime(&mut stream);
        }
        let mut options = ffmpeg::Dictionary::new();
        options.set(
            "moov_size",
            &(INDEX_BASE + INDEX_PER_FRAME * frame_count).to_string(),
        );
        muxer.write_header_with(options).map_err(failed)?;
        // The muxer may have chosen another time base while it wrote the header.
        let stream_time = muxer
            .stream(0)
            .map_or(frame_time, |stream| stream.time_base());
        Ok(Self {
            path: path.to_owned(),
            encoder,
            muxer,
            frame_time,
            stream_time,
            frames_sent: 0,
        })
    }

    /// Encodes the next frame.
    ///
    /// # Errors
    /// [`EncodeError`] when the encoder or the disk fails.
    pub fn send(&mut self, mut frame: EncoderFrame) -> Result<(), EncodeError> {
        frame.0.set_pts(Some(self.frames_sent));
        self.frames_sent += 1;
        self.encoder
            .send_frame(&frame.0)
            .map_err(|source| ffmpeg_error(&self.path, source))?;
        self.write_packets()
    }

    /// Encodes what the encoder still holds and completes the file.
    ///
    /// # Errors
    /// [`EncodeError`] when the encoder or the disk fails.
    pub fn finish(mut self) -> Result<(), EncodeError> {
        self.encoder
            .send_eof()
            .map_err(|source| ffmpeg_error(&self.path, source))?;
        self.write_packets()?;
        self.muxer
            .write_trailer()
            .map_err(|source| ffmpeg_error(&self.path, source))
    }

    fn write_packets(&mut self) -> Result<(), EncodeError> {
        let failed = |source| ffmpeg_error(&self.path, source);
        let mut packet = ffmpeg::Packet::empty();
        loop {
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {
                    packet.set_stream(0);
                    packet.set_duration(1);
                    packet.rescale_ts(self.frame_time, self.stream_time);
                    packet.write_interleaved(&mut self.muxer).map_err(failed)?;
                }
                Err(ffmpeg::Error::Other { errno: EAGAIN } | ffmpeg::Error::Eof) => return Ok(()),
                Err(source) => return Err(failed(source)),
            }
        }
    }
}

impl VideoFormat {
    fn pixel(&self) -> ffmpeg::format::Pixel {
        match self.pixel_format {
            PixelFormat::Yuv420p => ffmpeg::format::Pixel::YUV420P,
            PixelFormat::Yuv444p => ffmpeg::format::Pixel::YUV444P,
        }
    }

    fn open(
        &self,
        codec: ffmpeg::Codec,
        threads: usize,
    ) -> Result<ffmpeg::encoder::video::Encoder, ffmpeg::Error> {
        let rate = rational(self.rate);
        let mut encoder = ffmpeg::codec::Context::new_with_codec(codec)
            .encoder()
            .video()?;
        encoder.set_width(self.width);
        encoder.set_height(self.height);
        encoder.set_format(self.pixel());
        encoder.set_time_base(rate.invert());
        encoder.set_frame_rate(Some(rate));
        encoder.set_colorspace(ffmpeg::color::Space::BT709);
        encoder.set_color_primaries(ffmpeg::color::Primaries::BT709);
        encoder.set_color_transfer_characteristic(ffmpeg::color::TransferCharacteristic::BT709);
        encoder.set_color_range(ffmpeg::color::Range::MPEG);
        // At least one keyframe a second: the largest whole number of frames that fits into it.
        encoder.set_gop(self.rate.cut_to_whole());
        encoder.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER);
        let mut options = ffmpeg::Dictionary::new();
        options.set("preset", self.preset.name());
        match self.quality {
            Quality::Crf(crf) => options.set("crf", &crf.to_string()),
            Quality::Qp(qp) => options.set("qp", &qp.to_string()),
        }
        match self.codec {
            Codec::H264 => {
                let threading = format!("threads={threads}");
                let parameters = match self.x264_options {
                    "" => threading,
                    changes => format!("{threading}:{changes}"),
                };
                options.set("x264-params", &parameters);
            }
            Codec::Hevc => {
                let threading = format!("pools={threads}:frame-threads=1:log-level=none");
                options.set("x265-params", &threading);
            }
        }
        encoder.open_with(options)
    }
}

fn rational(rate: FrameRate) -> ffmpeg::Rational {
    // A frame rate's terms fit into an i32.
    ffmpeg::Rational::new(rate.num() as i32, rate.den() as i32)
}

/// Names the stream `hvc1`, without which QuickTime and Safari do not play HEVC.
#[expect(
    unsafe_code,
    reason = "the bindings have no safe call for a stream's tag"
)]
fn tag_for_quicktime(stream: &mut ffmpeg::StreamMut<'_>) {
    // SAFETY: the stream belongs to the muxer and lives as long as the borrow; its parameters were allocated
    // with it.
    unsafe {
        let parameters = (*stream.as_mut_ptr()).codecpar;
        (*parameters).codec_tag = u32::from_le_bytes(*b"hvc1");
    }
}

/// FFmpeg passes on what the operating system said of the file; everything else is its own.
fn ffmpeg_error(path: &Path, source: ffmpeg::Error) -> EncodeError {
    match source {
        ffmpeg::Error::Other { errno } => EncodeError::Write {
            path: path.to_owned(),
            source: io::Error::from_raw_os_error(errno),
        },
        source => EncodeError::Ffmpeg {
            path: path.to_owned(),
            source,
        },
    }
}
