use std::fs;
use std::path::Path;
use std::process::Command;

use cosmos_workflow::modality::Modality;
use serde_json::json;

use crate::support::shot::assert_frames;
use crate::support::{Ends, Said, Sandbox, Shot, probe};

fn with_video(frames: u64, options: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=frames)
        .write(&sandbox.path("frames"));
    sandbox.done(&format!("convert-sequence frames -o in.mp4 {options}"));
    sandbox
}

fn duration(video: &Path) -> f64 {
    probe(video)["duration"].as_str().unwrap().parse().unwrap()
}

/// A frame of the result is the one that the source shows at that time.
#[test]
fn frames_are_repeated_or_dropped_by_time_stamp() {
    let cases: [(u64, &str, &str, Vec<u64>); 5] = [
        (8, "24", "12", vec![1, 3, 5, 7]),
        (4, "12", "24", vec![1, 1, 2, 2, 3, 3, 4, 4]),
        (8, "24", "30", vec![1, 1, 2, 3, 4, 5, 5, 6, 7, 8]),
        (8, "24", "24", (1..=8).collect()),
        (8, "23.976", "24", (1..=8).collect()),
    ];
    for (frames, from, to, expected) in cases {
        let sandbox = with_video(frames, &format!("--fps {from}"));
        sandbox.done(&format!("standardize in.mp4 out.mp4 --fps {to}"));
        let (source, made) = (sandbox.path("in.mp4"), sandbox.path("out.mp4"));
        assert_frames(&made, Modality::Color, expected);
        let frame = 1.0 / to.parse::<f64>().unwrap();
        let difference = (duration(&source) - duration(&made)).abs();
        assert!(
            difference <= frame / 2.0 + 0.001,
            "{from} to {to}: {difference}"
        );
        assert_eq!(probe(&made)["r_frame_rate"], format!("{to}/1"));
    }
}

#[test]
fn a_second_at_23_976_and_at_24_has_one_frame_more() {
    let sandbox = Sandbox::new();
    // 1001 frames at 24000/1001 last 41.708 s, which is 1001.98 frames at 24.
    sandbox
        .program("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i"])
        .args([
            "color=gray:size=16x16:rate=24000/1001",
            "-frames:v",
            "1001",
            "long.mp4",
        ])
        .assert_code(0);
    let report = sandbox
        .done("standardize long.mp4 out.mp4 --fps 24 --json")
        .json();
    assert_eq!(report["source_frames"], 1001);
    assert_eq!(report["frame_count"], 1002);
    assert!((duration(&sandbox.path("out.mp4")) - 41.75).abs() < 1e-3);
}

#[test]
fn sizes_and_encoder_settings_are_those_asked_for() {
    let sandbox = with_video(3, "");
    let report = sandbox
        .done("standardize in.mp4 out.mp4 --resolution 96x96 --fit crop --codec hevc --pixel-format yuv444p --json")
        .json();
    assert_eq!(
        (&report["width"], &report["height"]),
        (&json!(96), &json!(96))
    );
    let stream = probe(&sandbox.path("out.mp4"));
    for (key, expected) in [
        ("width", json!(96)),
        ("codec_name", json!("hevc")),
        ("pix_fmt", json!("yuv444p")),
        ("color_space", json!("bt709")),
        ("color_range", json!("tv")),
        ("nb_read_frames", json!("3")),
    ] {
        assert_eq!(stream[key], expected, "{key}");
    }
}

#[test]
fn videos_of_other_kinds_are_read() {
    let sandbox = with_video(5, "");
    for (name, options) in [
        ("a.mkv", "-c:v ffv1 -pix_fmt rgb48le"),
        ("a.mov", "-c:v mjpeg -q:v 2 -pix_fmt yuvj444p"),
        ("a.avi", "-c:v rawvideo -pix_fmt bgr24"),
        ("a.webm", "-c:v libvpx -b:v 4M"),
        (
            "b.mp4",
            "-c:v libx264 -bf 3 -crf 5 -vf scale=out_color_matrix=bt601:out_range=full -color_range pc -colorspace smpte170m",
        ),
    ] {
        let made = Command::new("ffmpeg")
            .current_dir(sandbox.path(""))
            .args(["-v", "error", "-nostdin", "-i", "in.mp4"])
            .args(options.split(' '))
            .arg(name)
            .status()
            .unwrap();
        assert!(made.success(), "{name}");
        sandbox.done(&format!("standardize {name} out.mp4 --fps 24"));
        assert_frames(&sandbox.path("out.mp4"), Modality::Color, 1..=5);
        fs::remove_file(sandbox.path("out.mp4")).unwrap();
    }
}

#[test]
fn existing_output_is_replaced_only_when_asked() {
    let sandbox = with_video(3, "");
    fs::write(sandbox.path("out.mp4"), "mine").unwrap();
    sandbox
        .refused(1, "standardize in.mp4 out.mp4")
        .warns(&["out.mp4 already exists", "--overwrite"]);
    sandbox
        .cosmos("standardize in.mp4 out.mp4 --overwrite")
        .assert_code(0);
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, 1..=3);
    // The video is read to its end before it is replaced.
    sandbox
        .cosmos("standardize out.mp4 out.mp4 --overwrite")
        .assert_code(0);
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, 1..=3);
    sandbox.assert_no_leftovers();
}
