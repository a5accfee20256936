#![allow(warnings)]
use cosmos_workflow::{
    frames::decode::*,
    video::{encoder::*, rate::*, settings::*, yuv::*},
};
use std::time::Instant;
// trial DIR MODALITY n  preset crf params out
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut files: Vec<_> = std::fs::read_dir(&a[1])
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with(&a[2]))
        .collect();
    files.sort();
    let n = files.len();
    let mut d = FrameDecoder::default();
    let mut c = Converter::default();
    let o = DecodeOptions::default();
    let (mut td, mut tc, mut te) = (0., 0., 0.);
    let mut enc = None;
    for f in &files {
        let t = Instant::now();
        let p = d.decode(f, &o).unwrap();
        td += t.elapsed().as_secs_f64();
        let t = Instant::now();
        let vf = VideoFormat {
            width: p.width.next_multiple_of(2),
            height: p.height.next_multiple_of(2),
            rate: FrameRate::FILM,
            codec: Codec::H264,
            pixel_format: PixelFormat::Yuv420p,
            crf: a[4].parse().unwrap(),
            preset: a[3].parse().unwrap(),
        };
        let fr = EncoderFrame::from_picture(&p, &vf, &mut c).unwrap();
        tc += t.elapsed().as_secs_f64();
        let t = Instant::now();
        if enc.is_none() {
            enc = Some(VideoEncoder::create(a[6].as_ref(), &vf, n, 1).unwrap());
        }
        enc.as_mut().unwrap().send(fr).unwrap();
        te += t.elapsed().as_secs_f64();
        d.recycle(p);
    }
    let t = Instant::now();
    enc.unwrap().finish().unwrap();
    te += t.elapsed().as_secs_f64();
    let k = 1e3 / n as f64;
    println!(
        "{} {} {}: decode {:.2} convert {:.2} encode {:.2} ms/frame, {} bytes",
        a[2],
        a[3],
        a[4],
        td * k,
        tc * k,
        te * k,
        std::fs::metadata(&a[6]).unwrap().len()
    );
}
