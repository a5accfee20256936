use std::fs;
use std::os::unix::ffi::OsStrExt;

use std::ffi::OsStr;

use cosmos_workflow::modality::Modality;
use serde_json::json;

use crate::support::{Said, Sandbox, Shot};

fn with_video(options: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=6)
        .write(&sandbox.path("frames"));
    sandbox.done(&format!("convert-sequence frames -o in.mp4 {options}"));
    sandbox
}

#[test]
fn a_video_is_described() {
    let sandbox = with_video("--fps 12");
    sandbox.done("probe in.mp4").prints(&[
        "in.mp4",
        "h264 yuv420p",
        "64x36",
        "6 frames, 0.500 s at 12 fps",
        "sha256",
        "brightness",
    ]);
    let facts = sandbox.done("probe in.mp4 --json").json();
    for (key, expected) in [
        ("file_path", json!("in.mp4")),
        ("frame_count", json!(6)),
        ("duration", json!(0.5)),
        ("fps", json!(12.0)),
        ("frame_rate", json!("12")),
        ("width", json!(64)),
        ("height", json!(36)),
        ("codec", json!("h264")),
        ("pixel_format", json!("yuv420p")),
    ] {
        assert_eq!(facts[key], expected, "{key}");
    }
    // Half of frame 4 (the middle one) has level 80, the other half that of color, 50.
    let brightness = facts["middle_frame_stats"]["brightness"].as_f64().unwrap();
    assert!((brightness - 65.0).abs() < 3.0, "{brightness}");
    let contrast = facts["middle_frame_stats"]["contrast"].as_f64().unwrap();
    assert!((contrast - 15.0).abs() < 3.0, "{contrast}");
}

#[test]
fn what_is_no_video_is_refused_by_name() {
    let sandbox = with_video("");
    fs::write(sandbox.path("notes.txt"), "no video").unwrap();
    fs::write(sandbox.path("empty.mp4"), "").unwrap();
    let video = fs::read(sandbox.path("in.mp4")).unwrap();
    fs::write(sandbox.path("cut.mp4"), &video[..200]).unwrap();
    for name in [
        "notes.txt",
        "empty.mp4",
        "cut.mp4",
        "missing.mp4",
        "frames",
        "frames/color.0001.png/x",
    ] {
        sandbox
            .refused(1, &format!("probe {name}"))
            .warns(&["error:", name]);
        sandbox
            .refused(1, &format!("standardize {name} out.mp4"))
            .warns(&["error:", name]);
    }
}

#[test]
fn names_that_mean_something_to_ffmpeg_are_just_names() {
    let sandbox = with_video("");
    for name in [
        "concat:in.mp4".as_bytes(),
        b"file:in.mp4",
        b"-in.mp4",
        b"%d.mp4",
        b"in\xff\n'.mp4",
    ] {
        let name = OsStr::from_bytes(name);
        fs::rename(sandbox.path("in.mp4"), sandbox.path(name)).unwrap();
        sandbox
            .done(["probe".as_ref(), "--".as_ref(), name])
            .prints(&["64x36"]);
        let facts = sandbox
            .done(["probe".as_ref(), "--json".as_ref(), "--".as_ref(), name])
            .json();
        assert_eq!(facts["width"], 64);
        fs::rename(sandbox.path(name), sandbox.path("in.mp4")).unwrap();
    }
}
