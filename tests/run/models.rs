//! What the programs of the three models can do, each on the stand-in that is as strict as they are.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, assert_video, files};
use crate::engine::SCRIPT;

#[test]
fn the_later_models_are_run_as_they_want_to_be() {
    // Transfer2.5 gives the input's size back, Cosmos 3 its own.
    for (model, video, size) in [
        ("transfer2.5", "output.mp4", (64, 36)),
        ("cosmos3", "vision.mp4", (1280, 720)),
    ] {
        let desk = Desk::new();
        let prompt = desk.prompt("city", &["depth", "edge"]);
        let said = desk.ends(0, &["run", &prompt, "--model", model]);
        assert!(said.contains("upscaling is left out"), "{said}");
        let [first, second] = desk.outputs();
        assert_video(&first.join(video), size, 5);
        assert!(!second.exists());
        assert_eq!(desk.status(), "completed");
        let refused = desk.ends(2, &["upscale", "city", "--model", model]);
        assert!(
            refused.contains("a checkout of Cosmos-Transfer1"),
            "{refused}"
        );
    }
}

#[test]
fn results_of_another_model_are_upscaled_in_the_checkout_of_transfer1_beside_it() {
    let desk = Desk::new();
    let beside = desk.path("host of transfer1");
    let made = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT))
        .arg("--checkout")
        .arg(&beside)
        .status()
        .unwrap();
    assert!(made.success());
    let settings = fs::read_to_string(desk.path("config.toml")).unwrap();
    let upscaler = format!(
        "[cosmos.transfer1]\nremote_dir = \"{}\"\n",
        beside.display()
    );
    fs::write(desk.path("config.toml"), format!("{settings}\n{upscaler}")).unwrap();

    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["run", &prompt, "--model", "cosmos3"]);
    let [first, second] = desk.outputs();
    assert_video(&first.join("vision.mp4"), (1280, 720), 5);
    assert_video(&second.join("output.mp4"), (3840, 2112), 5);
    assert_eq!(desk.status(), "completed");
    assert_eq!(desk.containers(), [""; 0]);
    // Each result lies in the checkout whose program made it, until it is cleaned.
    let name = first.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(desk.checkout.join("outputs").join(&name).is_dir());
    assert!(
        beside
            .join("outputs")
            .join(format!("{name}_upscaled"))
            .is_dir()
    );
    desk.ends(0, &["clean", "--files"]);
    assert!(files(&beside, "mp4").is_empty());
    assert!(files(&desk.checkout, "mp4").is_empty());
}

#[test]
fn a_single_frame_comes_back_as_the_picture_that_it_is() {
    for (model, picture, size) in [
        ("transfer2.5", "output.jpg", (64, 36)),
        ("cosmos3", "vision.jpg", (1280, 720)),
    ] {
        let desk = Desk::new();
        let render = desk.render("still", &["color", "edge"]);
        for frame in 2..=5 {
            for modality in ["color", "edge"] {
                fs::remove_file(desk.path(format!("still/{modality}.{frame:04}.png"))).unwrap();
            }
        }
        let text = desk.text();
        let run = ["run", &render, "--prompt", &text, "--no-upscale", "--model"];
        let refused = desk.ends(2, &[&run[..], &["transfer1"]].concat());
        assert!(
            refused.contains("frames is 1, expected 2 or more"),
            "{refused}"
        );
        fs::remove_dir_all(desk.path("inputs")).unwrap();
        desk.ends(0, &[&run[..], &[model]].concat());
        let [first, _] = desk.outputs();
        assert_eq!(image::image_dimensions(first.join(picture)).unwrap(), size);
        assert_eq!(desk.status(), "completed");
    }
}

#[test]
fn a_mask_becomes_a_weight_map_for_transfer1_and_a_mask_video_for_transfer2_5() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth", "edge"]);
    let mask = files(&desk.path("inputs/videos"), "mp4").remove(0);
    let mask = format!("depth={}", mask.display());
    for model in ["transfer1", "transfer2.5"] {
        fs::remove_dir_all(desk.path("inputs/runs")).unwrap_or_default();
        let args = [
            "run",
            &prompt,
            "--mask",
            &mask,
            "--no-upscale",
            "--model",
            model,
        ];
        desk.ends(0, &args);
        let [first, _] = desk.outputs();
        let spec = fs::read_to_string(first.join("spec.json")).unwrap();
        match model {
            "transfer1" => assert!(spec.contains("/depth_weights.pt\""), "{spec}"),
            _ => assert!(
                spec.contains("\"mask_path\": \"../../inputs/videos/"),
                "{spec}"
            ),
        }
        assert!(files(&first, "pt").is_empty(), "a weight map is no result");
    }
}

#[test]
fn controls_as_the_model_saw_them_come_home_when_asked_for() {
    for (model, copies) in [
        ("transfer1", ["edge_input_control_0.mp4"]),
        ("transfer2.5", ["output_control_edge.mp4"]),
        ("cosmos3", ["control_edge.mp4"]),
    ] {
        for keep in [false, true] {
            let desk = Desk::new();
            // Without a video of edge it is derived from the input video.
            let prompt = desk.prompt("city", &["depth"]);
            let weights = ["--weights", "0", "1", "0", "0"];
            let args = ["run", &prompt, "--no-upscale", "--model", model];
            let more: &[&str] = if keep { &["--keep-controls"] } else { &[] };
            desk.ends(0, &[&args[..], &weights, more].concat());
            let [first, _] = desk.outputs();
            for copy in copies {
                assert_eq!(first.join(copy).is_file(), keep, "{model}: {copy}");
            }
        }
    }
}

#[test]
fn an_image_with_python_in_the_checkout_works_and_leaves_nothing() {
    let desk = Desk::new();
    desk.engine.import(&["--venv", "cosmos-stand-in:venv"]);
    let settings = fs::read_to_string(desk.path("config.toml")).unwrap();
    let settings = settings.replace("cosmos-stand-in:latest", "cosmos-stand-in:venv");
    fs::write(desk.path("config.toml"), settings).unwrap();
    let volumes = || {
        let listed = desk.engine.docker(&["volume", "ls", "--quiet"]);
        String::from_utf8(listed.stdout).unwrap().lines().count()
    };
    let before = volumes();
    for model in ["transfer2.5", "cosmos3"] {
        fs::remove_dir_all(desk.path("inputs/runs")).unwrap_or_default();
        let name = format!("city {model}");
        let prompt = desk.prompt(&name, &["edge"]);
        desk.ends(0, &["run", &prompt, "--model", model]);
        assert_eq!(desk.status(), "completed");
    }
    assert!(volumes() <= before, "a volume is left");
    // The program of Transfer1 is nowhere in its image's path, which is told.
    fs::remove_dir_all(desk.path("inputs/runs")).unwrap_or_default();
    let prompt = desk.prompt("city", &["edge"]);
    let said = desk.ends(4, &["run", &prompt, "--no-upscale"]);
    assert!(said.contains("the image"), "{said}");
}

#[test]
fn any_video_is_upscaled_with_a_word_about_what_it_shows() {
    let desk = Desk::new();
    let render = desk.render("render/plate", &["color"]);
    desk.json(&[
        "convert-sequence",
        &render,
        "--output",
        "plate.mp4",
        "--fps",
        "30",
    ]);
    let refused = desk.ends(2, &["upscale", "plate.mp4"]);
    assert!(refused.contains("--prompt"), "{refused}");
    let text = desk.text();
    let command = [
        "upscale",
        "plate.mp4",
        "--prompt",
        &text,
        "--upscale-weight",
        "0.7",
    ];
    let said = desk.ends(0, &command);
    assert!(said.contains("64x36 is stretched to 1280x704"), "{said}");
    let [result, none] = desk.outputs();
    assert_video(&result.join("output.mp4"), (3840, 2112), 5);
    assert!(!none.exists());
    let spec = fs::read_to_string(result.join("spec.json")).unwrap();
    assert!(
        spec.contains("\"fps\": 30") && spec.contains("\"control_weight\": 0.7"),
        "{spec}"
    );
    // Nothing is done twice.
    desk.mode("fail");
    desk.ends(0, &command);
}
