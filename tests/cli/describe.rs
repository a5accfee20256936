use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use assert_cmd::assert::OutputAssertExt;
use cosmos_workflow::ai::{Layout, Manifest, ModelEntry, ModelFile, Task};
use cosmos_workflow::hash::sha256_of_file;
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::Value;

use crate::support::models::{detector, engine, tagger, write_detector, write_tagger};
use crate::support::{Ends, Said, Sandbox, noise};

/// Scores of a tagger that is sure of a cat.
const SURE: [f32; 3] = [9.0, 0.0, 0.0];
/// Scores of a tagger that knows nothing.
const UNSURE: [f32; 3] = [0.2, 0.1, 0.0];

fn with_engine(sandbox: &Sandbox, arguments: &str) -> Command {
    let mut command = sandbox.cosmos(arguments);
    command.env("ORT_DYLIB_PATH", engine().library());
    command
}

fn save(sandbox: &Sandbox, name: &str, picture: impl Into<DynamicImage>) {
    let path = sandbox.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.into().save(path).unwrap();
}

fn brown(seed: u8) -> RgbImage {
    RgbImage::from_fn(96, 64, |x, y| {
        let level = ((x / 6 + y / 4) % 3) as u8 * 24;
        Rgb([100 + level + seed, 56 + level, 26 + level])
    })
}

fn description(file: &Value) -> &str {
    file["analysis"]["description"].as_str().unwrap()
}

fn describe(sandbox: &Sandbox, code: i32, arguments: &str) -> Value {
    with_engine(
        sandbox,
        &format!("describe --json --models-dir models {arguments}"),
    )
    .assert_code(code)
    .json()
}

#[test]
fn a_sure_tag_is_named_and_an_unsure_one_is_not() {
    for (scores, subject) in [(SURE, Some("A cat")), (UNSURE, None)] {
        let sandbox = Sandbox::new();
        write_tagger(&sandbox.path("models"), &tagger(scores));
        save(&sandbox, "photo.png", brown(0));
        let report = describe(&sandbox, 0, "photo.png");
        let file = &report["files"][0];
        assert_eq!(file["path"], "photo.png");
        assert_eq!(file["kind"], "picture");
        assert_eq!(file["ai_tags"][0]["label"], "cat");
        assert_eq!(file["analysis"]["models"][0]["name"], "small-tagger");
        assert_eq!(file["look"]["palette"][0]["name"], "brown");
        let words = description(file);
        match subject {
            Some(subject) => {
                assert_eq!(words, format!("{subject}, brown tones."));
                assert_eq!(file["name"], "cat");
                assert_eq!(file["analysis"]["subject"], "a cat");
                assert_eq!(file["analysis"]["judgement"]["noun"], "cat");
                assert_eq!(file["analysis"]["described_by"], "composed");
            }
            None => {
                assert_eq!(words, "Brown tones.");
                assert_eq!(file["analysis"]["described_by"], "measured");
            }
        }
    }
}

#[test]
fn boxes_are_in_pixels_of_the_file() {
    let sandbox = Sandbox::new();
    let half = detector(&[[0.5, 0.25, 1.0, 0.75]], &[[0.0, 0.9, 0.0]]);
    write_detector(&sandbox.path("models"), &half);
    save(
        &sandbox,
        "large.png",
        RgbImage::from_pixel(2000, 1200, Rgb([90, 90, 200])),
    );
    let report = describe(&sandbox, 0, "large.png");
    let object = &report["files"][0]["detected_objects"][0];
    assert_eq!(object["label"], "cat");
    let bounds: Vec<f64> = serde_json::from_value(object["box"].clone()).unwrap();
    for (found, expected) in bounds.iter().zip([500.0, 600.0, 1500.0, 1200.0]) {
        assert!((found - expected).abs() < 2.0, "{bounds:?}");
    }
}

#[test]
fn a_damaged_file_is_reported_at_the_end_and_the_rest_is_done() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    for (name, seed) in [("a/1.png", 1), ("a/2.png", 2), ("b/deep/4.png", 4)] {
        save(&sandbox, &format!("archive/{name}"), brown(seed));
    }
    fs::write(sandbox.path("archive/a/3.mp4"), noise(64, 64, 1).as_raw()).unwrap();
    let whole = fs::read(sandbox.path("archive/a/1.png")).unwrap();
    fs::write(sandbox.path("archive/b/cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(sandbox.path("archive/notes.txt"), "not a picture").unwrap();
    save(&sandbox, "archive/.hidden/5.png", brown(5));
    let run = with_engine(&sandbox, "describe --json --models-dir models archive").assert_code(1);
    let report = run.json();
    let paths = |list: &str| -> Vec<String> {
        let files = report[list].as_array().unwrap().iter();
        files
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        paths("files"),
        ["archive/a/1.png", "archive/a/2.png", "archive/b/deep/4.png"]
    );
    assert_eq!(paths("failed"), ["archive/a/3.mp4", "archive/b/cut.png"]);
    run.warns(&["3.mp4", "cut.png", "help:"]);
}

#[test]
fn what_is_known_is_not_looked_at_again() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    let half = detector(&[[0.0, 0.0, 1.0, 1.0]], &[[0.0, 0.0, 0.9]]);
    write_detector(&sandbox.path("home/.local/share/cosmos/models"), &half);
    save(&sandbox, "photo.png", brown(0));
    let first = describe(&sandbox, 0, "photo.png");
    assert_eq!(first["files"][0]["cached"], false, "{first}");
    fs::rename(sandbox.path("photo.png"), sandbox.path("moved.png")).unwrap();
    let second = describe(&sandbox, 0, "moved.png");
    assert_eq!(second["files"][0]["cached"], true, "{second}");
    assert_eq!(second["files"][0]["ai_tags"], first["files"][0]["ai_tags"]);
    assert_eq!(description(&second["files"][0]), "A cat, brown tones.");

    fs::remove_dir_all(sandbox.path("models")).unwrap();
    write_tagger(&sandbox.path("models"), &tagger([0.0, 0.0, 9.0]));
    let other = describe(&sandbox, 0, "moved.png");
    assert_eq!(other["files"][0]["cached"], false);
    assert_eq!(other["files"][0]["ai_tags"][0]["label"], "lorry");

    // One letter, so that it is a description as before, of something else.
    let lorry_to_sorry = |text: String| text.replace("lorry", "sorry");
    for damage in [|_: String| "{".to_owned(), lorry_to_sorry] {
        for entry in walkdir::WalkDir::new(sandbox.path("home/.cache/cosmos/descriptions")) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = fs::read_to_string(entry.path()).unwrap();
                fs::write(entry.path(), damage(text)).unwrap();
            }
        }
        let anew = describe(&sandbox, 0, "moved.png");
        assert_eq!(anew["files"][0]["cached"], false);
        assert_eq!(anew["files"][0]["ai_tags"][0]["label"], "lorry");
        let again = describe(&sandbox, 0, "moved.png");
        assert_eq!(again["files"][0]["cached"], true);
    }
}

#[test]
fn graphs_are_kept_ready_and_made_again_where_they_are_not_what_they_were() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    save(&sandbox, "photo.png", brown(0));
    let look = || {
        // What was found is forgotten, so that a model is asked.
        let _ = fs::remove_dir_all(sandbox.path("home/.cache/cosmos/descriptions"));
        with_engine(&sandbox, "describe --json --models-dir models photo.png")
            .env("COSMOS_AI_KEEP_GRAPHS", "true")
            .assert_code(0)
            .json()["files"]
            .take()
    };
    let graphs = sandbox.path("home/.cache/cosmos/graphs");
    let kept = || -> Vec<PathBuf> {
        let entries = fs::read_dir(&graphs).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        // Beside each graph is its hash.
        paths
            .filter(|path| path.extension().is_some_and(|it| it == "onnx"))
            .collect()
    };
    fs::create_dir_all(&graphs).unwrap();
    let unused = fs::File::create(graphs.join("unused.onnx")).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(40 * 24 * 60 * 60);
    unused.set_modified(long_ago).unwrap();

    let first = look();
    let [graph] = &kept()[..] else {
        panic!("{:?}", kept());
    };
    assert_ne!(graph.file_name().unwrap(), "unused.onnx");
    let whole = fs::read(graph).unwrap();
    assert_eq!(look(), first);
    assert_eq!(kept(), std::slice::from_ref(graph));

    // Another graph in its place, with its hash, shows that it is the one that is loaded.
    let other = Sandbox::new();
    write_tagger(&other.path("models"), &tagger(UNSURE));
    let other_graph = other.path("models/graph.onnx");
    fs::copy(&other_graph, graph).unwrap();
    fs::write(
        graph.with_extension("sha256"),
        sha256_of_file(&other_graph).unwrap(),
    )
    .unwrap();
    assert_ne!(look(), first);
    // Without its hash, it is weights that changed on the disk.
    fs::remove_file(graph.with_extension("sha256")).unwrap();
    assert_eq!(look(), first);
    fs::copy(&other_graph, graph).unwrap();
    assert_eq!(look(), first);
    for broken in [&whole[..whole.len() / 2], b"", b"nonsense"] {
        fs::write(graph, broken).unwrap();
        assert_eq!(look(), first);
        assert_eq!(kept(), std::slice::from_ref(graph));
        assert!(fs::read(graph).unwrap() == whole);
    }

    // Of a file that is not what it should be nothing is kept.
    fs::remove_file(graph).unwrap();
    fs::copy(&other_graph, sandbox.path("models/graph.onnx")).unwrap();
    assert_ne!(look(), first);
    assert!(kept().is_empty(), "{:?}", kept());
}

#[test]
fn sidecars_never_replace_what_is_not_theirs() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    save(&sandbox, "in/photo.png", brown(0));
    save(&sandbox, "in/other.png", brown(3));
    fs::write(sandbox.path("in/other.png.json"), r#"{"mine": true}"#).unwrap();
    let report = describe(&sandbox, 1, "in --write-sidecars");
    assert_eq!(report["files"][0]["sidecar"], "in/photo.png.json");
    let failed = report["failed"][0]["message"].as_str().unwrap();
    assert!(failed.contains("other.png.json"), "{failed}");
    let read = |name: &str| fs::read_to_string(sandbox.path(name)).unwrap();
    let written: Value = serde_json::from_str(&read("in/photo.png.json")).unwrap();
    assert_eq!(written["ai_tags"][0]["label"], "cat");
    assert_eq!(written["cosmos_description"], 2);

    // The same again is no reason to complain; something else is, unless it may be replaced.
    describe(&sandbox, 0, "in/photo.png --write-sidecars");
    fs::remove_dir_all(sandbox.path("models")).unwrap();
    write_tagger(&sandbox.path("models"), &tagger([0.0, 0.0, 9.0]));
    let report = describe(&sandbox, 1, "in/photo.png --write-sidecars");
    let failed = &report["failed"][0];
    assert!(
        failed["hint"].as_str().unwrap().contains("--overwrite"),
        "{failed}"
    );
    describe(&sandbox, 1, "in --write-sidecars --overwrite");
    assert!(read("in/photo.png.json").contains("lorry"));
    assert_eq!(read("in/other.png.json"), r#"{"mine": true}"#);
    sandbox.assert_no_leftovers();
}

#[test]
fn a_video_is_described_as_a_whole() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    // A wall that passes to the right, with a black frame in it.
    let wall = image::imageops::blur(&noise(400, 90, 7), 2.5);
    for frame in 0..12_u32 {
        let view = image::imageops::crop_imm(&wall, 200 - 8 * frame, 0, 160, 90).to_image();
        let view = if frame == 6 {
            RgbImage::new(160, 90)
        } else {
            view
        };
        save(&sandbox, &format!("frames/color.{frame:04}.png"), view);
    }
    sandbox.done("convert-sequence frames -o clips/wall.mp4 --crf 10");
    fs::copy(
        sandbox.path("clips/wall.mp4"),
        sandbox.path("clips/depth.mp4"),
    )
    .unwrap();
    let report = describe(&sandbox, 0, "clips");
    let [depth, wall] = &report["files"].as_array().unwrap()[..] else {
        panic!("{report}");
    };
    assert_eq!(
        (&wall["kind"], &wall["frame_count"]),
        (&"video".into(), &12.into())
    );
    assert_eq!(wall["look"]["camera"]["motion"][0], "pan_left");
    assert_eq!(
        wall["analysis"]["frames"],
        serde_json::json!([1, 3, 6, 8, 10])
    );
    assert_eq!(wall["analysis"]["frames_left_out"], serde_json::json!([6]));
    assert!(description(wall).starts_with("A cat"), "{wall}");
    assert_eq!(depth["ai_tags"], serde_json::json!([]), "depth is no photo");
    assert_eq!(depth["look"]["camera"]["motion"][0], "pan_left");
}

#[test]
fn odd_pictures_are_described_without_nonsense() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(UNSURE));
    save(&sandbox, "in/black.png", RgbImage::new(64, 64));
    save(
        &sandbox,
        "in/clear.png",
        RgbaImage::from_pixel(32, 32, Rgba([255, 255, 255, 0])),
    );
    save(
        &sandbox,
        "in/dot.png",
        GrayImage::from_pixel(1, 1, Luma([128])),
    );
    save(
        &sandbox,
        "in/line.png",
        GrayImage::from_pixel(9000, 1, Luma([128])),
    );
    save(
        &sandbox,
        "in/white.png",
        RgbImage::from_pixel(64, 64, Rgb([255; 3])),
    );
    let report = describe(&sandbox, 0, "in");
    let words: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(description)
        .collect();
    assert_eq!(
        words,
        [
            "Dark scene, black tones.",
            "Dark scene, black tones.",
            "Low contrast, gray tones.",
            "Low contrast, gray tones.",
            "Bright scene, white tones.",
        ]
    );
}

#[test]
fn without_an_engine_there_is_what_was_measured() {
    let sandbox = Sandbox::new();
    save(&sandbox, "photo.png", brown(0));
    let mut command = sandbox.cosmos("describe photo.png --json");
    command.env("ORT_DYLIB_PATH", sandbox.path("nowhere.so"));
    let run = command
        .assert_code(0)
        .warns(&["no AI model looks at the pictures", "help:"]);
    let report = run.json();
    let analysis = &report["files"][0]["analysis"];
    assert_eq!(analysis["description"], "Brown tones.");
    assert_eq!(analysis["fallbacks"].as_array().unwrap().len(), 1);
    assert_eq!(analysis["runtime"], Value::Null);
    let kept = Path::new("home/.cache/cosmos");
    assert!(
        !sandbox.path(kept).exists(),
        "it would be kept when the engine is back"
    );
}

#[test]
fn a_model_that_breaks_down_is_not_asked_again() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger([f32::NAN; 3]));
    save(&sandbox, "in/1.png", brown(0));
    save(&sandbox, "in/2.png", brown(1));
    let run = with_engine(&sandbox, "describe --models-dir models in")
        .assert()
        .code(0);
    let said = run.err();
    assert_eq!(
        said.matches("no AI model tags the pictures").count(),
        1,
        "{said}"
    );
    run.prints(&["Brown tones.", "2 described"]);
}

/// Makes `folder` a folder of one captioner with random weights that says of itself how sure it has to be.
fn write_captioner(folder: &Path, min_confidence: f64) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/captioners/merged");
    fs::create_dir_all(folder).unwrap();
    let mut files = BTreeMap::new();
    for name in [
        "config.json",
        "generation_config.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "encoder_model.onnx",
        "decoder_model_merged.onnx",
    ] {
        let mut bytes = fs::read(from.join(name)).unwrap();
        if name == "config.json" {
            let mut config: Value = serde_json::from_slice(&bytes).unwrap();
            config["min_confidence"] = min_confidence.into();
            bytes = config.to_string().into_bytes();
        }
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        files.insert(name.into(), ModelFile::of(&path).unwrap());
    }
    let entry = ModelEntry {
        name: "babbler".into(),
        version: "3".into(),
        task: Task::Captions,
        layout: Layout::Optimum,
        license: "CC0-1.0".into(),
        source: "made by a test".into(),
        folder: PathBuf::new(),
        graph: None,
        labels: None,
        input: None,
        files,
    };
    let models = vec![entry];
    Manifest { models }.write(folder).unwrap();
}

#[test]
fn a_captioner_writes_the_sentence_where_it_is_sure_enough() {
    for (min_confidence, is_taken) in [(0.0, true), (1.0, false)] {
        let sandbox = Sandbox::new();
        write_captioner(&sandbox.path("models"), min_confidence);
        save(&sandbox, "photo.png", brown(0));
        let file = &describe(&sandbox, 0, "photo.png")["files"][0];
        let analysis = &file["analysis"];
        let confidence = analysis["caption_confidence"].as_f64().unwrap();
        assert!(confidence > 0.0 && confidence < 1.0);
        let fallbacks = analysis["fallbacks"].to_string();
        assert_eq!(
            fallbacks.contains("not sure that"),
            !is_taken,
            "{fallbacks}"
        );
        if is_taken {
            assert_eq!(analysis["described_by"], "captioner");
            assert_eq!(file["ai_caption"], analysis["description"]);
            assert!(!description(file).is_empty());
            let model = analysis["models"].as_array().unwrap().last().unwrap();
            assert_eq!(model["name"], "babbler");
        } else {
            assert_eq!(analysis["described_by"], "measured");
            assert_eq!(file["ai_caption"], Value::Null);
            assert_eq!(description(file), "Brown tones.");
        }
    }
}

#[test]
fn paths_that_hold_nothing_are_wrong_usage() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox
        .refused(2, "describe nowhere.png")
        .warns(&["nowhere.png"]);
    sandbox
        .refused(2, "describe empty")
        .warns(&["no picture and no video in empty"]);
    sandbox.refused(2, "describe");
    sandbox
        .refused(2, "describe empty --overwrite")
        .warns(&["--write-sidecars"]);
}

#[test]
fn a_pass_is_called_what_it_is_and_no_model_guesses_at_it() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    let ramp = GrayImage::from_fn(96, 64, |x, y| Luma([(2 * x + y / 2) as u8]));
    let ramp = DynamicImage::ImageLuma8(ramp);
    let labels = RgbImage::from_fn(96, 64, |x, _| {
        Rgb([[200, 20, 20], [20, 200, 20], [20, 20, 200]][x as usize / 32])
    });
    let normals = RgbImage::from_fn(96, 64, |x, y| {
        let (x, y) = (f64::from(x) / 96.0 - 0.5, f64::from(y) / 64.0 - 0.5);
        let z = (1.0 - x * x - y * y).sqrt();
        Rgb([x, y, z].map(|v| ((v + 1.0) * 127.5).round() as u8))
    });
    let lines = GrayImage::from_fn(96, 64, |x, y| {
        Luma([if (x + y).is_multiple_of(12) { 255 } else { 0 }])
    });
    let matte = GrayImage::from_fn(96, 64, |x, _| Luma([if x < 40 { 255 } else { 0 }]));
    for (name, picture, content, words) in [
        ("Depth 1049.png", ramp.clone(), "depth", "A depth pass"),
        ("sh010_z.0001.png", ramp.clone(), "depth", "A depth pass"),
        (
            "plain16.png",
            ramp.to_luma16().into(),
            "depth",
            "A depth pass",
        ),
        (
            "cryptomatte.0001.png",
            labels.clone().into(),
            "segmentation",
            "A segmentation pass",
        ),
        (
            "unnamed.png",
            labels.into(),
            "segmentation",
            "A segmentation pass",
        ),
        (
            "Normal.0001.png",
            normals.clone().into(),
            "normals",
            "A normal pass",
        ),
        (
            "unnamed_too.png",
            normals.into(),
            "normals",
            "A normal pass",
        ),
        (
            "edge.0001.png",
            lines.clone().into(),
            "edge",
            "An edge pass",
        ),
        ("drawn.png", lines.into(), "edge", "An edge pass"),
        ("mask.png", matte.into(), "mask", "A mask"),
    ] {
        save(&sandbox, name, picture);
        let report = describe(&sandbox, 0, &format!("'{name}'"));
        let file = &report["files"][0];
        assert_eq!(file["content"], content, "{name}: {file}");
        assert!(description(file).starts_with(words), "{name}: {file}");
        assert_eq!(file["ai_tags"], serde_json::json!([]), "{name}");
    }

    // A photograph stays one, whatever word its name or folder has.
    for name in ["mask.png", "depth/view.png", "edge_of_the_sea.png"] {
        let photo = RgbImage::from_fn(96, 64, |x, y| {
            Rgb([x as u8 * 2, y as u8 * 3, (x + y) as u8])
        });
        save(&sandbox, &format!("photos/{name}"), photo);
        let report = describe(&sandbox, 0, &format!("photos/{name}"));
        let file = &report["files"][0];
        assert_eq!(file["content"], Value::Null, "{file}");
        assert!(description(file).starts_with("A cat"), "{file}");
    }
}

#[test]
fn the_preview_of_a_shot_is_called_a_contact_sheet() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger(SURE));
    for frame in 1..=3 {
        save(
            &sandbox,
            &format!("shot/color.{frame:04}.png"),
            brown(frame),
        );
    }
    sandbox.done("prepare-inference shot --no-ai");
    let preview = sandbox.prepared().join("preview.png");
    fs::copy(preview, sandbox.path("copy.png")).unwrap();
    let file = &describe(&sandbox, 0, "copy.png")["files"][0];
    assert_eq!(file["content"], "contact_sheet");
    assert!(description(file).starts_with("A contact sheet of cosmos prepare-inference"));
    assert_eq!(file["ai_tags"], serde_json::json!([]));
}

#[test]
fn a_file_that_cannot_be_described_is_called_what_it_is() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("notes.txt"), "not a picture").unwrap();
    fs::write(sandbox.path("really_text.png"), "not a picture").unwrap();
    fs::write(
        sandbox.path("beauty.exr"),
        [0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0],
    )
    .unwrap();
    fs::write(sandbox.path("archive.bin"), b"PK\x03\x04 and so on").unwrap();
    fs::write(sandbox.path("empty.png"), "").unwrap();
    fs::write(sandbox.path("empty.mp4"), "").unwrap();
    for (name, words) in [
        (
            "notes.txt",
            "notes.txt is neither a picture nor a video (found text)",
        ),
        (
            "really_text.png",
            "really_text.png is neither a picture nor a video (found text)",
        ),
        (
            "beauty.exr",
            "beauty.exr is cut off: the end of the OpenEXR file is missing",
        ),
        (
            "archive.bin",
            "archive.bin is neither a picture nor a video (found a ZIP archive)",
        ),
        ("empty.png", "empty.png is empty (0 bytes)"),
        ("empty.mp4", "empty.mp4 is empty (0 bytes)"),
    ] {
        let run = sandbox.cosmos(&format!("describe {name}")).assert_code(1);
        run.warns(&[words, "help:"]);
    }
}

#[test]
fn networks_that_agree_name_a_thing_and_those_that_differ_what_is_common_to_both() {
    // Class 1 of the detector is a cat, class 2 a dog.
    let whole = [[0.1, 0.1, 0.9, 0.9]];
    let half_sure = [1.0, 0.4, 0.0];
    for (found, named) in [
        (None, None),
        (Some([0.0, 0.97, 0.0]), Some("cat")),
        // Of two kinds of animals it is neither, but an animal.
        (Some([0.0, 0.0, 0.85]), Some("animal")),
    ] {
        let sandbox = Sandbox::new();
        write_tagger(&sandbox.path("models"), &tagger(half_sure));
        let scores = found.map_or([0.0; 3], |scores| scores);
        let beside = sandbox.path("home/.local/share/cosmos/models");
        write_detector(&beside, &detector(&whole, &[scores]));
        save(&sandbox, "photo.png", brown(0));
        let report = describe(&sandbox, 0, "photo.png");
        let analysis = &report["files"][0]["analysis"];
        let judgement = &analysis["judgement"];
        assert_eq!(judgement["noun"].as_str(), named, "{judgement}");
        let candidate = &judgement["candidates"][0];
        assert!(
            candidate["tagger"].is_f64() && candidate["detector"].is_f64(),
            "{judgement}"
        );
        assert_eq!(
            analysis["subject"].as_str().is_some(),
            named.is_some(),
            "{analysis}"
        );
    }
}

/// A mirrored, zoomed or dimmed copy of a picture shows the same.
#[test]
fn copies_of_a_picture_are_called_the_same() {
    let sandbox = Sandbox::new();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    for name in ["cat.jpg", "coffee.jpg"] {
        let photo = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/photos")
            .join(name);
        let photo = image::open(photo).unwrap().into_rgb8();
        let (width, height) = photo.dimensions();
        let (x, y) = (width * 3 / 100, height * 3 / 100);
        let zoomed =
            image::imageops::crop_imm(&photo, x, y, width - 2 * x, height - 2 * y).to_image();
        let mut dimmed = photo.clone();
        for sample in dimmed.iter_mut() {
            *sample = (u16::from(*sample) * 3 / 4) as u8;
        }
        save(
            &sandbox,
            &format!("{name}/mirrored.png"),
            image::imageops::flip_horizontal(&photo),
        );
        save(&sandbox, &format!("{name}/zoomed.png"), zoomed);
        save(&sandbox, &format!("{name}/dimmed.png"), dimmed);
        save(&sandbox, &format!("{name}/plain.png"), photo);
    }
    let arguments = format!(
        "describe --json --models-dir '{}' cat.jpg coffee.jpg",
        shipped.display()
    );
    let report = with_engine(&sandbox, &arguments).assert_code(0).json();
    for file in report["files"].as_array().unwrap() {
        let expected = match file["path"].as_str().unwrap().starts_with("cat") {
            true => "cat",
            false => "cup",
        };
        assert_eq!(file["analysis"]["judgement"]["noun"], expected, "{file}");
    }
    assert_eq!(report["files"].as_array().unwrap().len(), 8);
}
