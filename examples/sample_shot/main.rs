//! Renders the sample shot: a procedural city in five aligned modalities, as PNG files.

mod renderer;

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;

use renderer::{Layer, Layout, Look, Shot};

/// Render a small procedural city, seen by a moving camera, as the five modalities of a shot.
#[derive(Parser)]
#[command(name = "sample_shot")]
struct Arguments {
    /// Folder to write the frames to; made if it is missing.
    out_dir: PathBuf,
    /// How many frames to write.
    #[arg(long, default_value_t = 48)]
    frames: u32,
    /// Number of the first frame.
    #[arg(long, default_value_t = 1)]
    start: u64,
    /// Digits in a frame's number, at least.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=20))]
    padding: u8,
    /// From one frame's number to the next.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    step: u32,
    /// Width and height in pixels.
    #[arg(long, default_value = "640x360", value_name = "WxH", value_parser = size)]
    size: (u32, u32),
    /// All modalities side by side, or a folder for each.
    #[arg(long, default_value = "flat")]
    layout: LayoutName,
    /// The modalities to write.
    #[arg(long, value_delimiter = ',', default_value = "color,depth,segmentation,edge,vis", value_parser = layer)]
    modalities: Vec<Layer>,
    /// Grain of an unfinished path-traced picture: 0 is clean, 0.2 a quick preview.
    #[arg(long, default_value_t = 0.0, value_parser = noise)]
    noise: f32,
    /// Leave the sky out of color (alpha 0).
    #[arg(long)]
    alpha_sky: bool,
    /// Another number grows another city.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Replace frames that are there already.
    #[arg(long)]
    overwrite: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutName {
    Flat,
    Folders,
}

fn size(word: &str) -> Result<(u32, u32), String> {
    let side = |side: &str| side.parse().ok().filter(|s| (1..=16_384).contains(s));
    word.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "expected WIDTHxHEIGHT, each from 1 to 16384".to_owned())
}

fn layer(word: &str) -> Result<Layer, String> {
    Layer::ALL
        .into_iter()
        .find(|layer| layer.name() == word)
        .ok_or_else(|| "expected color, depth, segmentation, edge or vis".to_owned())
}

fn noise(word: &str) -> Result<f32, String> {
    word.parse()
        .ok()
        .filter(|amount| (0.0..=1.0).contains(amount))
        .ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

#[expect(
    clippy::print_stdout,
    reason = "the summary is what the program is for telling"
)]
fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let (width, height) = arguments.size;
    let shot = Shot {
        seed: arguments.seed,
        width,
        height,
        frames: arguments.frames,
        start: arguments.start,
        step: arguments.step,
        padding: usize::from(arguments.padding),
        layout: match arguments.layout {
            LayoutName::Flat => Layout::Flat,
            LayoutName::Folders => Layout::Folders,
        },
        layers: arguments.modalities,
        look: Look {
            noise: arguments.noise,
            transparent_sky: arguments.alpha_sky,
        },
        overwrite: arguments.overwrite,
    };
    let started = Instant::now();
    let written = shot.write(&arguments.out_dir)?;
    println!(
        "wrote {} files ({:.1} MB) of {width}x{height} to {} in {:.1} s",
        written.files,
        written.bytes as f64 / 1e6,
        arguments.out_dir.display(),
        started.elapsed().as_secs_f64(),
    );
    Ok(())
}
