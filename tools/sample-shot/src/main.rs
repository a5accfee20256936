//! Renders the sample shot: a procedural city in five aligned modalities, as PNG files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use sample_shot::{Layer, Layout, Look, Shot};

/// Render a small procedural city, seen by a moving camera, as the five modalities of a shot.
#[derive(Parser)]
#[command(name = "sample_shot")]
struct Arguments {
    /// Folder to write the frames to; made if it is missing.
    out_dir: PathBuf,
    /// How many frames to write.
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u32).range(1..))]
    frames: u32,
    /// Number of the first frame.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..1 << 62))]
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
    clippy::print_stderr,
    reason = "a program tells its user what it did, or why not"
)]
fn main() -> ExitCode {
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
    match shot.write(&arguments.out_dir) {
        Ok(written) => {
            println!(
                "wrote {} files ({:.1} MB) of {width}x{height} to {} in {:.1} s",
                written.files,
                written.bytes as f64 / 1e6,
                arguments.out_dir.display(),
                started.elapsed().as_secs_f64(),
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use sample_shot::{City, Layer, Layout, Look, SKY_LABEL, Shot};

    fn shot(width: u32, height: u32) -> Shot {
        Shot {
            width,
            height,
            frames: 2,
            ..Shot::default()
        }
    }

    #[test]
    fn sky_is_the_same_pixels_in_every_modality() {
        let city = City::new(1);
        for (width, height) in [(64, 36), (33, 17), (1, 1), (1, 40), (40, 1)] {
            let shot = Shot {
                look: Look {
                    transparent_sky: true,
                    ..Look::default()
                },
                ..shot(width, height)
            };
            let frame = shot.render_frame(&city, 40);
            let mut sky = 0;
            for (x, y, label) in frame.segmentation.enumerate_pixels() {
                let is_sky = label.0 == SKY_LABEL;
                assert_eq!(frame.depth.get_pixel(x, y).0[0] == 0, is_sky, "at {x}, {y}");
                if frame.color.get_pixel(x, y).0[3] == 0 {
                    assert!(is_sky, "a thing at {x}, {y} is transparent");
                }
                sky += u32::from(is_sky);
            }
            if (width, height) == (64, 36) {
                assert!((100..1200).contains(&sky), "{sky} pixels of sky");
            }
            assert_eq!(frame.vis.dimensions(), (width, height));
            assert_eq!(frame.edge.dimensions(), (width, height));
        }
    }

    #[test]
    fn labels_are_flat_and_outlined() {
        let frame = shot(128, 72).render_frame(&City::new(1), 0);
        let labels: std::collections::HashSet<_> = frame.segmentation.pixels().collect();
        assert!((8..40).contains(&labels.len()), "{} labels", labels.len());
        for (x, y, label) in frame.segmentation.enumerate_pixels() {
            let next = frame.segmentation.get_pixel((x + 1).min(127), y);
            // Labels beside each other are parted by a line, however faint the fog makes it.
            if label != next {
                assert!(
                    frame.edge.get_pixel(x, y).0[0] > 0,
                    "no outline at {x}, {y}"
                );
            }
        }
    }

    #[test]
    fn the_same_shot_is_the_same_picture_and_moves() {
        let noisy = Shot {
            look: Look {
                noise: 0.2,
                ..Look::default()
            },
            ..shot(64, 36)
        };
        let render = |shot: &Shot, index| shot.render_frame(&City::new(shot.seed), index).color;
        assert_eq!(render(&noisy, 1), render(&noisy, 1));
        assert_ne!(render(&noisy, 0), render(&noisy, 1));
        assert_ne!(render(&noisy, 1), render(&shot(64, 36), 1));
    }

    #[test]
    fn frames_are_named_as_asked_and_never_replaced_unasked() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let shot = Shot {
            start: 1001,
            step: 2,
            padding: 6,
            layout: Layout::Folders,
            layers: vec![Layer::Depth],
            ..shot(8, 8)
        };
        let written = shot.write(dir.path())?;
        assert_eq!(written.files, 2);
        let first = dir.path().join("depth/depth.001001.png");
        let second = dir.path().join("depth/depth.001003.png");
        assert_eq!(
            fs::metadata(&first)?.len() + fs::metadata(&second)?.len(),
            written.bytes
        );
        assert_eq!(fs::read_dir(dir.path().join("depth"))?.count(), 2);

        fs::write(&first, "mine")?;
        let refused = shot.write(dir.path()).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&first)?, b"mine");
        let replacing = Shot {
            overwrite: true,
            ..shot
        };
        assert_eq!(replacing.write(dir.path())?, written);
        assert_ne!(fs::read(&first)?, b"mine");
        Ok(())
    }
}
