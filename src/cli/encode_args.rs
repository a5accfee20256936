use cosmos_workflow::Error;
use std::path::Path;

use cosmos_workflow::config::{self, Config};
use cosmos_workflow::cosmos::{Model, Target};
use cosmos_workflow::frame_rate::FrameRate;
use cosmos_workflow::frames::{MapRule, ScanOptions};
use cosmos_workflow::modality::Modality;
use cosmos_workflow::video::resolution::{Fit, Resolution};
use cosmos_workflow::video::settings::{Codec, Crf, PixelFormat, Preset, Rgb, Setting};
use cosmos_workflow::workflows::{DepthNear, DepthRange, EncodeOptions};

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
            depth_near: defaults.depth_near,
            allow_blank: defaults.allow_blank,
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
    #[command(flatten)]
    pixels: PixelArgs,
}

/// How the values of the frames are taken.
#[derive(clap::Args)]
pub struct PixelArgs {
    /// Depth values that become black and white: auto (the lowest and highest of all frames) or BLACK:WHITE
    ///
    /// Both are values as the files have them (0 to 255, or 0 to 65535 for 16 bits), or shares of the full range
    /// written with a decimal point (0.05:0.8). From high to low turns depth round.
    #[arg(long, value_name = "RANGE")]
    depth_range: Option<DepthRange>,
    /// Which end of depth is near: bright (what the models want), dark (turned round), auto [default: auto]
    ///
    /// auto turns depth round where its name and its picture, or the picture beyond doubt, say that near is dark.
    /// Where that is not certain it stays as it is, with a warning.
    #[arg(long, value_name = "END", value_parser = words::depth_ends(), hide_possible_values = true)]
    depth_near: Option<DepthNear>,
    /// Accept controls that hold nothing: depth of one value, edge without lines, one label, black color
    #[arg(long)]
    allow_blank: bool,
}

impl PixelArgs {
    /// `options`, with what was said of depth and blank frames.
    pub fn apply(&self, options: EncodeOptions) -> EncodeOptions {
        EncodeOptions {
            depth_range: self.depth_range.unwrap_or(options.depth_range),
            depth_near: self.depth_near.unwrap_or(options.depth_near),
            allow_blank: self.allow_blank,
            ..options
        }
    }
}

impl FrameArgs {
    pub fn scan_options(&self) -> ScanOptions {
        self.check.scan_options()
    }

    /// What `video` says, with what becomes of the values.
    pub fn encode_options(
        &self,
        video: &VideoArgs,
        config: &config::Video,
        target: Target,
    ) -> EncodeOptions {
        self.pixels.apply(video.options(config, target))
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

/// Which sequences make up the shot.
#[derive(clap::Args)]
#[command(next_help_heading = "Frame options")]
pub struct ShotArgs {
    /// Which sequence is which modality: depth='Mist####.png', color=Image (repeatable)
    ///
    /// NAME is a pattern of file names in single quotes, or the name of a sequence or of its folder. The section `map`
    /// of the settings, or of a file cosmos.toml in the render folder, says the same for good.
    #[arg(long, value_name = "MODALITY=NAME")]
    map: Vec<MapRule>,
    /// Which shot, if the folder holds several: words of its name
    #[arg(long, value_name = "NAME")]
    shot: Option<String>,
}

impl ShotArgs {
    /// `scan`, with what was said of the shot in `folder`, here and in the settings.
    pub fn apply(
        &self,
        scan: ScanOptions,
        folder: &Path,
        config: &Config,
    ) -> Result<ScanOptions, Error> {
        let twice = Modality::ALL.into_iter().find(|&modality| {
            self.map
                .iter()
                .filter(|rule| rule.modality == modality)
                .count()
                > 1
        });
        if let Some(modality) = twice {
            return Err(Error::Usage {
                message: format!("--map says twice what {modality} is"),
                hint: "map each modality to one sequence".into(),
            });
        }
        Ok(ScanOptions {
            map: config.map.rules_for(folder, &self.map)?,
            shot: self.shot.clone(),
            ..scan
        })
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
            ..ScanOptions::default()
        }
    }
}
