//! Videos as the `ffmpeg` and `ffprobe` commands see them.

use std::fs;
use std::path::Path;
use std::process::Command;

use image::RgbImage;
use serde_json::Value;

fn run(program: &str, before: &[&str], video: &Path, after: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(before)
        .arg(video)
        .args(after)
        .output()
        .unwrap_or_else(|error| panic!("these tests need {program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    output.stdout
}

/// The frames as RGB, by the color tags that the file has.
pub fn decode(video: &Path) -> Vec<RgbImage> {
    let (width, height) = size(video);
    raw(video, "rgb24")
        .chunks_exact((width * height * 3) as usize)
        .map(|frame| RgbImage::from_raw(width, height, frame.to_vec()).unwrap())
        .collect()
}

/// The samples of all frames in FFmpeg's pixel format `format`.
pub fn raw(video: &Path, format: &str) -> Vec<u8> {
    let output = [
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        format,
        "-",
    ];
    run("ffmpeg", &["-nostdin", "-i"], video, &output)
}

/// What `ffprobe` says of the stream, with the number of decoded frames in `nb_read_frames`.
pub fn probe(video: &Path) -> Value {
    let before = ["-count_frames", "-show_streams", "-of", "json"];
    let mut said: Value = serde_json::from_slice(&run("ffprobe", &before, video, &[])).unwrap();
    let streams = said["streams"].as_array_mut().unwrap();
    assert_eq!(streams.len(), 1, "{streams:?}");
    streams.remove(0)
}

pub fn size(video: &Path) -> (u32, u32) {
    let stream = probe(video);
    let side = |key: &str| u32::try_from(stream[key].as_u64().unwrap()).unwrap();
    (side("width"), side("height"))
}

/// The times of all keyframes and of the end, in seconds.
pub fn keyframe_times(video: &Path) -> Vec<f64> {
    let before = [
        "-show_entries",
        "packet=pts_time,duration_time,flags",
        "-of",
        "json",
    ];
    let said: Value = serde_json::from_slice(&run("ffprobe", &before, video, &[])).unwrap();
    let packets = said["packets"].as_array().unwrap();
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let keys = packets
        .iter()
        .filter(|packet| packet["flags"].as_str().unwrap().starts_with('K'));
    let mut times: Vec<_> = keys.map(|packet| number(&packet["pts_time"])).collect();
    times.push(
        packets
            .iter()
            .map(|packet| number(&packet["pts_time"]) + number(&packet["duration_time"]))
            .fold(0.0, f64::max),
    );
    times
}

/// The names of the boxes that an MP4 file consists of, in order.
pub fn boxes(video: &Path) -> Vec<String> {
    let bytes = fs::read(video).unwrap();
    let mut rest = bytes.as_slice();
    let mut names = Vec::new();
    while let [a, b, c, d, name @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        assert!(length >= 8, "a box of {length} bytes");
        names.push(String::from_utf8_lossy(&name[..4]).into_owned());
        rest = rest.get(length..).unwrap_or_default();
    }
    names
}
