use cosmos_workflow::Error;
use cosmos_workflow::config;
use cosmos_workflow::cosmos::{Model, Target};
use cosmos_workflow::frame_rate::FrameRate;
use cosmos_workflow::frames::ScanOptions;
use cosmos_workflow::video::resolution::{Fit, Resolution};
use cosmos_workflow::video::settings::{Codec, Crf, PixelFormat, Preset, Rgb, Setting};
use cosmos_workflow::workflows::{DepthRange, EncodeOptions};

use super::words;

/// How videos are encoded; what is not given comes from `[video]` in the config.
#[derive(clap::Args)]
#[command(next_help_heading = "Video options")]
pub struct VideoArgs {
    /// Frames a second: 24, 23.976, 24000/1001 [default: 24]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    fps: Option<FrameRate>,
    /// Size of the videos: 720p, 1080p, 4k, WIDTHxHEIGHT, cosmos [default: that of the frames]
    ///
    /// `cosmos` is the size that the model works in for frames of this shape.
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = words::resolutions(), hide_possible_values = true)]
    resolution: Option<Resolution>,
    /// What to do with frames of another shape: pad, crop, stretch [default: pad]
    #[arg(long, value_parser = words::fits(), hide_possible_values = true)]
    fit: Option<Fit>,
    /// Colour behind transparent pixels and in bars, as RRGGBB [default: 000000]
    #[arg(long, value_name = "RRGGBB")]
    background: Option<Rgb>,
    /// Quality from 0 (best) to 51, or auto: what measured best for the modality [default: auto]
    #[arg(long, allow_negative_numbers = true)]
    crf: Option<Setting<Crf>>,
    /// Encoder effort, ultrafast to placebo, or auto: what measured best for the modality [default: auto]
    #[arg(long, value_parser = words::presets(), hide_possible_values = true)]
    preset: Option<Setting<Preset>>,
    /// h264 or hevc [default: h264]
    #[arg(long, value_parser = words::codecs(), hide_possible_values = true)]
    codec: Option<Codec>,
    /// yuv420p or yuv444p [default: yuv420p]
    #[arg(long, value_name = "FORMAT", value_parser = words::pixel_formats(), hide_possible_values = true)]
    pixel_format: Option<PixelFormat>,
    /// Threads to use [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl VideoArgs {
    pub fn options(&self, config: &config::Video, target: Target) -> EncodeOptions {
        let defaults = EncodeOptions::from_config(config, target);
        EncodeOptions {
            fps: self.fps.unwrap_or(defaults.fps),
            resolution: self.resolution.or(defaults.resolution),
            target,
            fit: self.fit.unwrap_or(defaults.fit),
            codec: self.codec.unwrap_or(defaults.codec),
            pixel_format: self.pixel_format.unwrap_or(defaults.pixel_format),
            crf: self.crf.unwrap_or(defaults.crf),
            preset: self.preset.unwrap_or(defaults.preset),
            background: self.background.unwrap_or(defaults.background),
            depth_range: defaults.depth_range,
            threads: self.threads.map(usize::from),
        }
    }
}

/// How frames are checked and read.
#[derive(clap::Args)]
#[command(next_help_heading = "Frame options")]
pub struct FrameArgs {
    #[command(flatten)]
    check: CheckArgs,
    /// Depth values that become black and white: auto (the lowest and highest of all frames) or MIN:MAX
    ///
    /// MIN and MAX are values as the files have them (0 to 255, or 0 to 65535 for 16 bits), or shares of the
    /// full range written with a decimal point (0.05:0.8).
    #[arg(long, value_name = "RANGE")]
    depth_range: Option<DepthRange>,
}

impl FrameArgs {
    pub fn scan_options(&self) -> ScanOptions {
        self.check.scan_options()
    }

    /// What `video` says, with the stretch of depth.
    pub fn encode_options(
        &self,
        video: &VideoArgs,
        config: &config::Video,
        target: Target,
    ) -> EncodeOptions {
        EncodeOptions {
            depth_range: self.depth_range.unwrap_or_default(),
            ..video.options(config, target)
        }
    }
}

/// The model that the videos are for.
#[derive(clap::Args)]
#[command(next_help_heading = "Model options")]
pub struct ModelArgs {
    /// The model that the videos are for: transfer1, transfer2.5, cosmos3 [default: transfer1]
    #[arg(long, value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
    /// Checkpoint of the model: Cosmos3-Nano, Cosmos3-Edge, Cosmos3-Super, a folder [default: the model's own]
    #[arg(long, value_name = "NAME")]
    checkpoint: Option<String>,
    /// Size that the model works in, as NVIDIA names it: 480, 720 ... [default: the checkpoint's own]
    #[arg(long, value_name = "TIER")]
    resolution_tier: Option<String>,
}

impl ModelArgs {
    /// The model, or that of the settings.
    pub fn target(&self, config: &config::Cosmos) -> Result<Target, Error> {
        Ok(Target::new(
            self.model.unwrap_or(config.model),
            self.checkpoint.as_deref(),
            self.resolution_tier.as_deref(),
        )?)
    }
}

/// How strict a check is.
#[derive(clap::Args)]
pub struct CheckArgs {
    /// Treat files that belong to no sequence as an error
    #[arg(long)]
    strict: bool,
    /// Use only the frame numbers that are there in every modality
    #[arg(long)]
    allow_partial: bool,
}

impl CheckArgs {
    pub fn scan_options(&self) -> ScanOptions {
        ScanOptions {
            strict: self.strict,
            allow_partial: self.allow_partial,
        }
    }
}
