//! Controls as renderers write them by default, which must not come through wrong without a word.

use std::fs;
use std::path::Path;

use image::{ImageBuffer, Luma, Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::support::{Ends, Said, Sandbox, decode};

const SIZE: (u32, u32) = (64, 36);

/// Writes frames 1 to 3 of `pattern`, whose `#` stands for the number, as Blender's File Output node does: RGBA.
fn rgba(folder: &Path, pattern: &str, pixel: impl Fn(u32, u32, u32) -> [u8; 4]) {
    for number in 1..=3 {
        let path = folder.join(pattern.replace('#', &format!("{number:04}")));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let frame = RgbaImage::from_fn(SIZE.0, SIZE.1, |x, y| Rgba(pixel(x, y, number)));
        frame.save(path).unwrap();
    }
}

/// A value in all four channels, as a default File Output node writes a data pass.
fn value(folder: &Path, pattern: &str, value: impl Fn(u32, u32) -> u8) {
    rgba(folder, pattern, |x, y, _| [value(x, y); 4]);
}

fn color(folder: &Path, pattern: &str) {
    rgba(folder, pattern, |x, y, n| {
        [(x * 3) as u8, (y * 6) as u8, (n * 40) as u8, 255]
    });
}

/// A floor that comes nearer towards the bottom and a far background, with near dark: Blender's Mist.
fn mist(_: u32, y: u32) -> u8 {
    if y < 16 {
        250
    } else {
        (240 - 11 * (y - 16)) as u8
    }
}

/// The same with near bright.
fn disparity(x: u32, y: u32) -> u8 {
    255 - mist(x, y)
}

fn labels(x: u32, _: u32) -> u8 {
    if x < 32 { 36 } else { 200 }
}

/// Levels of the first frame of a video at the given places.
fn levels<const N: usize>(video: &Path, places: [(u32, u32); N]) -> [u8; N] {
    let frames = decode(video);
    places.map(|(x, y)| frames[0].get_pixel(x, y).0[1])
}

fn assert_near<const N: usize>(found: [u8; N], expected: [u8; N], what: &str) {
    let near = found
        .iter()
        .zip(&expected)
        .all(|(a, b)| a.abs_diff(*b) <= 6);
    assert!(near, "{what} is {found:?} instead of {expected:?}");
}

fn metadata(sandbox: &Sandbox) -> Value {
    let text = fs::read_to_string(sandbox.prepared().join("metadata.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn data_passes_keep_their_values_whatever_alpha_says() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    // Half transparent: color is composited over black.
    rgba(&shot, "Image#.png", |x, _, _| {
        [200, 200, 200, if x < 32 { 255 } else { 128 }]
    });
    value(&shot, "Depth#.png", disparity);
    value(&shot, "IndexOB#.png", labels);
    // Freestyle: black lines, nothing elsewhere.
    rgba(&shot, "Freestyle#.png", |x, _, _| match x {
        30..=33 => [1, 1, 1, 255],
        _ => [0, 0, 0, 0],
    });
    sandbox.done("prepare-inference shot --name x --no-ai");
    let video = |name: &str| sandbox.prepared().join(name);
    assert_near(
        levels(&video("color.mp4"), [(10, 18), (50, 18)]),
        [200, 100],
        "color",
    );
    let places = [(30, 4), (30, 18), (30, 34)];
    assert_near(
        levels(&video("depth.mp4"), places),
        places.map(|(x, y)| disparity(x, y)),
        "depth",
    );
    assert_near(
        levels(&video("segmentation.mp4"), [(8, 18), (56, 18)]),
        [36, 200],
        "segmentation",
    );
    assert_near(
        levels(&video("edge.mp4"), [(8, 18), (31, 18), (56, 18)]),
        [0, 255, 0],
        "edge",
    );
    // The preview shows what the model gets, and not the squares of it.
    let preview = image::open(video("preview.png")).unwrap().to_luma8();
    let has = |level: u8| preview.pixels().any(|p| p.0[0].abs_diff(level) <= 1);
    assert!(has(36) && has(200), "labels are in the preview");

    rgba(&sandbox.path("gray"), "edge.#.png", |x, _, _| {
        [if x == 32 { 120 } else { 0 }; 4]
    });
    sandbox.done("convert-sequence gray --output gray.mp4 --crf 1");
    let [line] = levels(&sandbox.path("gray.mp4"), [(32, 18)]);
    assert!(line > 90, "a gray line in all channels is {line}");
}

#[test]
fn data_passes_of_16_bits_keep_their_values_too() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    for number in 1..=2 {
        fs::create_dir_all(&shot).unwrap();
        let frame = ImageBuffer::from_fn(SIZE.0, SIZE.1, |x, y| {
            let level = 1000 + u16::from(disparity(x, y)) * 4;
            Rgba([level; 4])
        });
        let path = shot.join(format!("depth.{number:04}.png"));
        frame.save(path).unwrap();
    }
    sandbox.done("convert-sequence shot --output a.mp4 --depth-range auto");
    assert_near(
        levels(&sandbox.path("a.mp4"), [(9, 4), (9, 35)]),
        [0, 255],
        "stretched depth",
    );
}

#[test]
fn controls_that_hold_nothing_are_refused() {
    for (name, pixel, expected) in [
        (
            "Depth",
            [255; 4],
            ["depth is one value from end to end: white", "raw distances"],
        ),
        (
            "Freestyle",
            [0; 4],
            [
                "edge has no lines, it is black from end to end",
                "Freestyle",
            ],
        ),
        (
            "IndexOB",
            [255; 4],
            ["segmentation has one label on every frame", "pass index"],
        ),
        (
            "Image",
            [0, 0, 0, 255],
            ["color is black from end to end", "check the lights"],
        ),
    ] {
        let sandbox = Sandbox::new();
        let shot = sandbox.path("shot");
        color(&shot, "Image#.png");
        rgba(&shot, &format!("{name}#.png"), |_, _, _| pixel);
        let run = sandbox.refused(3, "prepare-inference shot --no-ai");
        run.warns(&expected).warns(&["--allow-blank", name]);
        sandbox.done("validate shot");
        let report = sandbox.cosmos("validate shot --deep --json").assert_code(3);
        let problem = report.json()["problems"][0].clone();
        assert_eq!(problem["kind"], "blank_control");
        assert!(problem["message"].as_str().unwrap().contains(expected[0]));
        sandbox
            .refused(
                3,
                &format!("convert-sequence shot --pattern '{name}####.png' --output a.mp4"),
            )
            .warns(&expected);
        sandbox
            .done("prepare-inference shot --no-ai --name x --allow-blank")
            .warns(&["warning:", expected[0]]);
        sandbox.done("validate shot --deep --allow-blank");
    }
}

#[test]
fn blank_frames_among_others_are_named() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    rgba(&shot, "Freestyle#.png", |x, _, number| {
        let line = number != 2 && x == 30;
        [0, 0, 0, if line { 255 } else { 0 }]
    });
    let expected = ["edge: frame 2 is without lines, the other 2 not (of 3 frames)"];
    sandbox.done("validate shot --deep").prints(&expected);
    let run = sandbox.done("prepare-inference shot --no-ai --name x");
    run.warns(&expected);
    let warnings = metadata(&sandbox)["warnings"].to_string();
    assert!(warnings.contains(expected[0]), "{warnings}");
}

#[test]
fn clipped_depth_is_a_warning_with_the_share() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    value(&shot, "Depth#.png", |_, y| match y {
        0..=26 => 0,
        _ => (y * 5) as u8,
    });
    sandbox
        .done("validate shot --deep")
        .prints(&["depth: most pixels are clipped (75 % black, 0 % white)"]);
}

#[test]
fn controls_that_say_little_are_warned_about() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    rgba(&shot, "edge#.png", |x, _, _| {
        let level = if x == 30 { 0 } else { 255 };
        [level, level, level, 255]
    });
    value(&shot, "IndexOB#.png", |x, _| (x / 10) as u8);
    sandbox.done("validate shot --deep").prints(&[
        "edge: 98 % of the pixels are bright; models read white lines on black",
        "segmentation: all labels lie between level 0 and 6 of 255",
    ]);
}

#[test]
fn deep_validation_finds_damage_behind_a_sound_header() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    let frame = shot.join("Image0002.png");
    let mut bytes = fs::read(&frame).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&frame, bytes).unwrap();
    sandbox.done("validate shot");
    sandbox
        .refused(3, "validate shot --deep")
        .warns(&["Image0002.png is damaged"]);
}

#[test]
fn depth_that_runs_the_other_way_is_turned_round() {
    let near = [(30, 35)];
    let far = [(30, 4)];
    for (name, pixel, options, is_bright, says, decided_by) in [
        (
            "Mist",
            mist as fn(u32, u32) -> u8,
            "",
            true,
            "its name and the picture say so",
            "name_and_picture",
        ),
        ("Depth", mist, "", true, "the picture says so", "picture"),
        ("Depth", mist, "--depth-near bright", false, "", "user"),
        ("Depth", disparity, "", true, "", "picture"),
        ("disparity", disparity, "", true, "", "name_and_picture"),
        (
            "Z",
            disparity,
            "",
            true,
            "its name says that near is dark, the picture that near is bright",
            "nothing",
        ),
        (
            "Mist",
            disparity,
            "--depth-near dark",
            false,
            "turned round as you asked",
            "user",
        ),
        (
            "Mist",
            mist,
            "--depth-range 250:20",
            true,
            "turned round",
            "user",
        ),
    ] {
        let sandbox = Sandbox::new();
        let shot = sandbox.path("shot");
        color(&shot, "Image#.png");
        value(&shot, &format!("{name}#.png"), pixel);
        let what = format!("{name} {options}");
        let run = sandbox.done(&format!(
            "prepare-inference shot --no-ai --name x {options}"
        ));
        assert!(run.err().contains(says), "{what}: {}", run.err());
        let video = sandbox.prepared().join("depth.mp4");
        let ([near], [far]) = (levels(&video, near), levels(&video, far));
        assert_eq!(near > far, is_bright, "{what}: {near} {far}");
        let depth = &metadata(&sandbox)["depth"];
        assert_eq!(depth["decided_by"], decided_by, "{what}");
    }
}

#[test]
fn what_became_of_depth_stands_in_the_metadata() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    value(&shot, "Mist#.png", mist);
    sandbox
        .done("validate shot --deep")
        .prints(&["turned round"]);
    let report = sandbox
        .done("prepare-inference shot --no-ai --name x --depth-range 30:250 --json")
        .json();
    let expected = json!({
        "near_in_frames": "dark",
        "decided_by": "name_and_picture",
        "inverted": true,
        "black": 250,
        "white": 30,
    });
    assert_eq!(metadata(&sandbox)["depth"], expected);
    assert_eq!(report["metadata"]["depth"], expected);
    assert!(
        report["notes"][0]
            .as_str()
            .unwrap()
            .contains("Mist####.png")
    );
    sandbox
        .refused(
            2,
            "prepare-inference shot --depth-range 250:30 --depth-near bright",
        )
        .warns(&["from high to low"]);
    sandbox
        .refused(2, "prepare-inference shot --depth-near sideways")
        .warns(&["expected auto, bright or dark"]);
}

#[test]
fn depth_that_does_not_tell_stays_as_it_is() {
    let sandbox = Sandbox::new();
    let shot = sandbox.path("shot");
    color(&shot, "Image#.png");
    for number in 1..=3 {
        let frame = ImageBuffer::from_fn(SIZE.0, SIZE.1, |x, _| Luma([(x * 1000) as u16]));
        frame
            .save(shot.join(format!("Mist{number:04}.png")))
            .unwrap();
    }
    sandbox
        .done("prepare-inference shot --no-ai --name x")
        .warns(&[
            "its name says that near is dark, and the picture does not tell",
            "--depth-near dark turns it round",
        ]);
    let video = sandbox.prepared().join("depth.mp4");
    assert_near(levels(&video, [(2, 18), (60, 18)]), [8, 233], "depth");
    assert_eq!(metadata(&sandbox)["depth"]["near_in_frames"], Value::Null);
}
