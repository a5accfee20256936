//! Multilayer OpenEXR, as Blender wrote it (`crates/exr/tests/fixtures`).

use std::fs;
use std::path::{Path, PathBuf};

use cosmos_workflow::modality::Modality;
use cosmos_workflow::video::read::VideoReader;
use image::RgbImage;
use serde_json::{Value, json};

use assert_cmd::assert::OutputAssertExt;

use crate::support::{Said, Sandbox};

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/exr/tests/fixtures");
    folder.join(format!("{name}.exr"))
}

/// A folder `shot` with frames of these fixtures, in this order.
fn shot(sandbox: &Sandbox, fixtures: &[&str]) {
    fs::create_dir_all(sandbox.path("shot")).unwrap();
    for (index, name) in fixtures.iter().enumerate() {
        let frame = sandbox.path(format!("shot/render_{:04}.exr", index + 1));
        fs::copy(fixture(name), frame).unwrap();
    }
}

const BLENDER: [&str; 2] = ["blender_multilayer.0001", "blender_multilayer.0002"];

fn metadata(sandbox: &Sandbox) -> Value {
    let text = fs::read_to_string(sandbox.prepared().join("metadata.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn first_picture(sandbox: &Sandbox, modality: Modality) -> RgbImage {
    let video = sandbox.prepared().join(format!("{modality}.mp4"));
    let reader = VideoReader::open(&video).unwrap();
    reader.picture_at(0.0).unwrap().to_rgb()
}

#[test]
fn one_multilayer_file_a_frame_becomes_every_control_that_is_in_it() {
    let sandbox = Sandbox::new();
    shot(&sandbox, &BLENDER);
    let run = sandbox.done("prepare-inference shot --name robot --no-ai");
    run.prints(&[
        "layer `ViewLayer.Combined`",
        "layer `ViewLayer.Depth`",
        "layer `ViewLayer.CryptoObject`",
    ])
    .warns(&["linear", "--view filmic"]);
    let metadata = metadata(&sandbox);
    assert_eq!(
        metadata["modalities"],
        json!(["color", "depth", "segmentation"])
    );
    let layers = &metadata["source"]["layers"];
    assert_eq!(layers["depth"]["layer"], "ViewLayer.Depth");
    let [near, far] = [0, 1].map(|end| layers["depth"]["depth_ends"][end].as_f64().unwrap());
    assert!(0.0 < near && near < far, "{near} {far}");
    let colors = layers["segmentation"]["colors"].as_object().unwrap();
    assert!(colors.len() >= 2, "{colors:?}");

    // Near is bright, and every label is one of the flat colors.
    let depth = first_picture(&sandbox, Modality::Depth);
    let levels: Vec<u8> = depth.pixels().map(|pixel| pixel.0[0]).collect();
    assert!(levels.iter().max().unwrap() > &200 && levels.iter().min().unwrap() < &30);
    let segmentation = first_picture(&sandbox, Modality::Segmentation);
    let mut flat: Vec<[u8; 3]> = colors
        .values()
        .map(|color| {
            let value = u32::from_str_radix(color.as_str().unwrap(), 16).unwrap();
            let [_, r, g, b] = value.to_be_bytes();
            [r, g, b]
        })
        .collect();
    flat.push([0; 3]);
    let near_flat = |pixel: [u8; 3]| {
        let distance = |color: &[u8; 3]| -> u32 {
            let pairs = pixel.iter().zip(color);
            pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).max().unwrap()
        };
        flat.iter().map(distance).min().unwrap() <= 24
    };
    let pure = segmentation.pixels().filter(|p| near_flat(p.0)).count();
    assert!(
        pure * 10 >= segmentation.pixels().len() * 8,
        "{pure} flat pixels"
    );
}

#[test]
fn view_layer_and_range_can_be_chosen() {
    let sandbox = Sandbox::new();
    shot(&sandbox, &BLENDER);
    let command = "prepare-inference shot --name a --no-ai --view standard --exposure 1 \
                   --layer depth=Mist --layer segmentation=IndexOB";
    sandbox.done(command);
    let layers = &metadata(&sandbox)["source"]["layers"];
    assert_eq!(
        layers["color"]["conversion"],
        "linear, shown with the view standard, exposure +1"
    );
    assert_eq!(layers["depth"]["layer"], "ViewLayer.Mist");
    assert_eq!(layers["segmentation"]["layer"], "ViewLayer.IndexOB");

    let sandbox = Sandbox::new();
    shot(&sandbox, &BLENDER);
    sandbox.done("prepare-inference shot --name b --no-ai --depth-range 20:2.5");
    let layers = &metadata(&sandbox)["source"]["layers"];
    assert_eq!(layers["depth"]["depth_ends"], json!([2.5, 20.0]));

    for (wrong, code) in [
        ("--layer depth=Nowhere", 3),
        ("--layer depth", 2),
        ("--layer tables=Mist", 2),
        ("--view pretty", 2),
    ] {
        let command = format!("prepare-inference shot --no-ai --name c {wrong}");
        sandbox.refused(code, command.as_str());
    }
}

#[test]
fn a_layer_is_a_sequence_to_convert_and_a_picture_to_describe() {
    let sandbox = Sandbox::new();
    shot(&sandbox, &BLENDER);
    sandbox
        .done("convert-sequence shot --modality depth -o depth.mp4")
        .prints(&["2 frames"]);
    let reader = VideoReader::open(&sandbox.path("depth.mp4")).unwrap();
    let picture = reader.picture_at(0.0).unwrap();
    assert_eq!((picture.width, picture.height), (64, 48));
    let described = sandbox.done("--json describe shot/render_0001.exr").json();
    assert_eq!(described["files"][0]["width"], 64);
    let probed = sandbox.done("--json probe shot/render_0001.exr").json();
    assert_eq!(probed["controls"]["color"], "ViewLayer.Combined");
    let checked = sandbox.done("--json validate shot").json();
    assert_eq!(checked["layers"]["depth"]["layer"], "ViewLayer.Depth");
}

#[test]
fn what_is_wrong_with_the_files_is_named_and_nothing_is_written() {
    for (fixtures, words) in [
        (&["blender_multilayer.0001", "few"][..], "render_0002.exr"),
        (&["subsampled"], "luminance/chroma"),
        (&["deep"], "deep data"),
        (&["views_parts"], "left, right"),
    ] {
        let sandbox = Sandbox::new();
        shot(&sandbox, fixtures);
        for command in ["prepare-inference shot --no-ai", "validate shot"] {
            let run = sandbox.cosmos(command).assert().code(3);
            let said = run.err() + &run.out();
            assert!(said.contains(words), "{command}: {said}");
        }
        sandbox.refused(3, "prepare-inference shot --no-ai");
    }
    let sandbox = Sandbox::new();
    shot(&sandbox, &BLENDER);
    let whole = fs::read(fixture(BLENDER[1])).unwrap();
    fs::write(
        sandbox.path("shot/render_0002.exr"),
        &whole[..whole.len() / 2],
    )
    .unwrap();
    sandbox
        .refused(3, "prepare-inference shot --no-ai")
        .warns(&["render_0002.exr", "cut off"]);
}

#[test]
fn passes_in_files_of_their_own_go_with_pictures() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    for frame in 1..=2 {
        let color = RgbImage::from_fn(24, 34, |x, y| image::Rgb([x as u8 * 9, y as u8 * 7, 90]));
        color
            .save(sandbox.path(format!("shot/color.{frame:04}.png")))
            .unwrap();
        let depth = sandbox.path(format!("shot/depth.{frame:04}.exr"));
        fs::copy(fixture("few"), depth).unwrap();
    }
    sandbox.done("prepare-inference shot --no-ai --name mixed");
    let metadata = metadata(&sandbox);
    assert_eq!(metadata["modalities"], json!(["color", "depth"]));
    assert_eq!(metadata["source"]["layers"]["depth"]["layer"], "depth");
}

#[test]
fn what_is_no_number_is_said() {
    let sandbox = Sandbox::new();
    shot(&sandbox, &["flaws"]);
    sandbox
        .done("prepare-inference shot --no-ai --name flaws")
        .warns(&["no numbers or infinite"]);
}
