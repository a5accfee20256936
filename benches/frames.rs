//! How long single frames take: decoding, conversion, and checking the headers of a whole folder.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use cosmos_workflow::frame_rate::FrameRate;
use cosmos_workflow::frames::decode::{DecodeOptions, FrameDecoder};
use cosmos_workflow::frames::{ScanOptions, check_sequence};
use cosmos_workflow::modality::Modality;
use cosmos_workflow::progress::{Cancel, Silent};
use cosmos_workflow::video::encoder::{EncoderFrame, VideoFormat};
use cosmos_workflow::video::settings::{Codec, PixelFormat};
use cosmos_workflow::video::tuning;
use cosmos_workflow::video::yuv::Converter;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sample_shot::{Layer, Shot};

const LAYERS: [(Layer, Modality); 5] = [
    (Layer::Color, Modality::Color),
    (Layer::Depth, Modality::Depth),
    (Layer::Segmentation, Modality::Segmentation),
    (Layer::Vis, Modality::Vis),
    (Layer::Edge, Modality::Edge),
];

fn one_frame(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shot = Shot {
        width: 1920,
        height: 1080,
        frames: 1,
        ..Shot::default()
    };
    shot.write(folder.path()).expect("the sample shot");
    let mut group = c.benchmark_group("1080p");
    group.throughput(Throughput::Elements(1));
    let mut decoder = FrameDecoder::default();
    let options = DecodeOptions::default();
    let mut converter = Converter::default();
    for (layer, modality) in LAYERS {
        let path = shot.path(folder.path(), layer, 0);
        group.bench_function(format!("decode {modality}"), |b| {
            b.iter(|| {
                let picture = decoder.decode(&path, &options).expect("a frame");
                decoder.recycle(black_box(picture));
            });
        });
        let picture = decoder.decode(&path, &options).expect("a frame");
        let measured = tuning::measured(modality, Codec::H264);
        let format = VideoFormat {
            width: picture.width,
            height: picture.height,
            rate: FrameRate::FILM,
            codec: Codec::H264,
            pixel_format: PixelFormat::Yuv420p,
            quality: measured.quality,
            preset: measured.preset,
            x264_options: measured.x264_options,
        };
        group.bench_function(format!("convert {modality}"), |b| {
            b.iter(|| {
                EncoderFrame::from_picture(&picture, &format, &mut converter).expect("a frame")
            });
        });
    }
    group.finish();
}

fn headers(c: &mut Criterion) {
    const FILES: u64 = 5000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shot = Shot {
        width: 320,
        height: 180,
        frames: 1,
        layers: vec![Layer::Color],
        ..Shot::default()
    };
    shot.write(folder.path()).expect("the sample shot");
    let first = shot.path(folder.path(), Layer::Color, 0);
    let frame = fs::read(&first).expect("a frame");
    for number in 2..=FILES {
        let path: PathBuf = folder.path().join(format!("color.{number:04}.png"));
        fs::write(path, &frame).expect("a copy");
    }
    let mut group = c.benchmark_group("headers");
    group.throughput(Throughput::Elements(FILES));
    group.bench_function("check 5000 files", |b| {
        b.iter(|| {
            check_sequence(
                folder.path(),
                None,
                &ScanOptions::default(),
                &Cancel::new(),
                &Silent,
            )
            .expect("a report")
        });
    });
    group.finish();
}

criterion_group!(benches, one_frame, headers);
criterion_main!(benches);
