//! What the pipeline could reach at best: CPU seconds of each stage alone, on one thread, beside the wall time
//! of all stages together.
//!
//!     cargo bench --bench stages -- FOLDER_OF_A_SHOT

#![expect(clippy::print_stdout, reason = "a report is what it is for")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cosmos_workflow::frame_rate::FrameRate;
use cosmos_workflow::frames::decode::{DecodeOptions, FrameDecoder};
use cosmos_workflow::frames::{ScanOptions, Sequence, check_shot};
use cosmos_workflow::modality::Modality;
use cosmos_workflow::progress::{Cancel, Silent};
use cosmos_workflow::size::Size;
use cosmos_workflow::video::encoder::{EncoderFrame, VideoEncoder, VideoFormat};
use cosmos_workflow::video::pipeline::{Track, encode_tracks};
use cosmos_workflow::video::resolution::Fit;
use cosmos_workflow::video::scale::{Filter, Scaler};
use cosmos_workflow::video::settings::{Codec, PixelFormat};
use cosmos_workflow::video::source::Files;
use cosmos_workflow::video::tuning;
use cosmos_workflow::video::yuv::Converter;
use rustix::time::{ClockId, clock_gettime};

type Failure = Box<dyn std::error::Error>;

/// CPU time of decoding, conversion and encoding.
#[derive(Clone, Copy, Default)]
struct Stages([Duration; 3]);

fn main() -> Result<(), Failure> {
    // Cargo passes `--bench` itself.
    let Some(folder) = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"))
    else {
        println!("pass the folder of a shot: cargo bench --bench stages -- FOLDER");
        return Ok(());
    };
    let report = check_shot(
        folder.as_ref(),
        &ScanOptions::default(),
        &Cancel::new(),
        &Silent,
    )?;
    let shot = report.into_shot()?;
    let out = tempfile::tempdir()?;
    let cores = std::thread::available_parallelism()?.get();

    println!(
        "{:<14} {:>8} {:>8} {:>8}  CPU seconds on one thread",
        "", "decode", "convert", "encode"
    );
    let mut all = Duration::ZERO;
    for (&modality, sequence) in &shot.sequences {
        let Stages(stages) = alone(modality, sequence, out.path().join("alone.mp4"))?;
        let [decode, convert, encode] = stages.map(|stage| stage.as_secs_f64());
        println!(
            "{:<14} {decode:>8.2} {convert:>8.2} {encode:>8.2}",
            modality.name()
        );
        all += stages.iter().sum::<Duration>();
    }
    let observe = |_: usize, _: &_| {};
    let tracks: Vec<Track<'_>> = shot
        .sequences
        .iter()
        .map(|(&modality, sequence)| {
            let format = format(modality, sequence);
            let size = Size::new(format.width, format.height);
            Track {
                name: modality.to_string(),
                source: Box::new(Files {
                    paths: sequence
                        .frames
                        .iter()
                        .map(|frame| frame.path.clone())
                        .collect(),
                    options: DecodeOptions::default(),
                }),
                frame_size: (format.width, format.height),
                scaler: Scaler::new(size, size, Fit::Pad, Filter::Lanczos, [0; 3]),
                format,
                output: out.path().join(format!("{modality}.mp4")),
                observe: &observe,
            }
        })
        .collect();
    let started = Instant::now();
    encode_tracks(&tracks, cores, &Cancel::new(), &Silent)?;
    let wall = started.elapsed().as_secs_f64();
    let limit = all.as_secs_f64() / cores as f64;
    println!(
        "sum {:.2} s, over {cores} cores {limit:.2} s; all together {wall:.2} s: {:.2} of the limit",
        all.as_secs_f64(),
        wall / limit
    );
    Ok(())
}

fn format(modality: Modality, sequence: &Sequence) -> VideoFormat {
    let measured = tuning::measured(modality, Codec::H264);
    VideoFormat {
        width: sequence.header.width.next_multiple_of(2),
        height: sequence.header.height.next_multiple_of(2),
        rate: FrameRate::FILM,
        codec: Codec::H264,
        pixel_format: PixelFormat::Yuv420p,
        quality: measured.quality,
        preset: measured.preset,
        x264_options: measured.x264_options,
    }
}

fn alone(modality: Modality, sequence: &Sequence, output: PathBuf) -> Result<Stages, Failure> {
    let format = format(modality, sequence);
    let mut encoder = VideoEncoder::create(&output, &format, sequence.frames.len(), 1)?;
    let mut decoder = FrameDecoder::default();
    let mut converter = Converter::default();
    let options = DecodeOptions::default();
    let mut stages = Stages::default();
    let Stages([decode, convert, encode]) = &mut stages;
    for frame in &sequence.frames {
        let picture = timed(decode, || decoder.decode(&frame.path, &options))?;
        let converted = timed(convert, || {
            EncoderFrame::from_picture(&picture, &format, &mut converter)
        })?;
        decoder.recycle(picture);
        timed(encode, || encoder.send(converted))?;
    }
    timed(encode, || encoder.finish())?;
    Ok(stages)
}

/// Adds the CPU time that `work` takes on this thread to `total`.
fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let started = now();
    let result = work();
    *total += now().saturating_sub(started);
    result
}
