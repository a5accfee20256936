//! What a command takes for a prompt, a run or a video: files, names and ids, and what is said of anything else.

use std::fs;

use cosmos_workflow::modality::Modality;
use serde_json::Value;

use assert_cmd::assert::OutputAssertExt;

use crate::support::{Ends, Said, Sandbox, Shot};

/// A sandbox with a video `color.mp4`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    sandbox.done("convert-sequence frames --output color.mp4");
    sandbox
}

/// The same with a prompt `city`; its file and id.
fn desk() -> (Sandbox, String, String) {
    let sandbox = sandbox();
    let report = sandbox
        .done("create-spec city \"a neon city\" --video-path color.mp4 --json")
        .json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (file, id) = (text(&report["path"]), text(&report["spec"]["id"]));
    (sandbox, file, id)
}

#[test]
fn a_prompt_is_known_by_its_file_its_id_and_its_name_in_every_command() {
    let (sandbox, file, id) = desk();
    for query in ["city", &file, &id, &id[..8]] {
        for command in [
            "create-run",
            "run --dry-run",
            "inference --dry-run",
            "show",
            "check",
        ] {
            sandbox
                .cosmos(&format!("{command} {query}"))
                .assert_code(0)
                .prints(&["city"]);
        }
    }
    assert_eq!(sandbox.names_in("inputs/runs").len(), 1);
}

#[test]
fn a_name_may_have_a_dot_and_beats_a_folder() {
    let sandbox = sandbox();
    sandbox.done("create-spec city.v2 \"a neon city\" --video-path color.mp4");
    fs::create_dir(sandbox.path("city.v2")).unwrap();
    sandbox
        .done("create-run city.v2")
        .prints(&["city.v2", "next"]);
}

#[test]
fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
    let (sandbox, ..) = desk();
    for command in ["create-run", "run --dry-run", "show"] {
        sandbox
            .refused(2, &format!("{command} citty"))
            .warns(&["no prompt or run is called `citty`", "did you mean city?"]);
    }
}

#[test]
fn a_folder_where_a_file_is_meant_is_called_a_folder() {
    let (sandbox, ..) = desk();
    fs::create_dir(sandbox.path("shots")).unwrap();
    fs::create_dir(sandbox.path("shots.mp4")).unwrap();
    fs::write(
        sandbox.path("host.toml"),
        "[remote]\nhost = \"127.0.0.1\"\nport = 1\n",
    )
    .unwrap();
    let mut untold = Vec::new();
    for line in [
        "create-run shots",
        "run shots --dry-run",
        "inference shots --dry-run",
        "show shots",
        "check shots",
        "probe shots",
        "probe shots.mp4",
        "standardize shots.mp4 out.mp4",
        "--config shots list",
        "create-spec town \"a town\" --video-path shots.mp4",
        "create-spec town \"a town\" --control-inputs shots",
        "create-spec town \"a town\" --control-inputs '{\"depth\": \"shots.mp4\"}'",
        "create-run city --mask shots",
        "create-run city --mask shots.mp4",
        "create-run city --style-image shots --model transfer2.5",
        "upscale shots.mp4 --prompt x",
        "--config host.toml logs shots",
        "--config host.toml cancel shots",
        "--config host.toml status shots",
        "standardize color.mp4 shots.mp4",
        "convert-sequence color.mp4",
        "prepare-inference color.mp4",
        "validate color.mp4",
    ] {
        let run = sandbox.cosmos(line).assert().failure();
        let said = format!("{}{}", run.out(), run.err());
        assert!(!said.contains("os error"), "{line}: {said}");
        let words = ["folder", "holds no metadata.json"];
        let is_told = words.iter().any(|word| said.contains(word));
        if said.contains("os error") || !is_told {
            untold.push(format!("{line}: {said}"));
        }
    }
    assert!(untold.is_empty(), "{}", untold.concat());
}

#[test]
fn a_run_speaks_of_its_file_before_it_speaks_of_the_host() {
    let sandbox = Sandbox::new();
    for command in ["run", "run --dry-run", "inference", "inference --dry-run"] {
        sandbox
            .refused(2, &format!("{command} nosuch.json"))
            .warns(&["nosuch.json does not exist"]);
    }
}

#[test]
fn a_dry_run_needs_no_gpu_host() {
    let (sandbox, ..) = desk();
    sandbox
        .done("run city --dry-run")
        .prints(&["no GPU host is set", "docker"]);
    let report = sandbox.done("run city --dry-run --json").json();
    assert_eq!(report["host"], "");
    assert!(!report["steps"].as_array().unwrap().is_empty());
    sandbox.refused(2, "run city").warns(&["host"]);
}

#[test]
fn the_options_of_the_python_tool_are_understood() {
    let (sandbox, ..) = desk();
    let video = "--video-path color.mp4";
    for line in [
        format!("create-spec town \"a town\" --negative-prompt \"blurry, low quality\" {video} --verbose"),
        "create-spec town \"a town\" --control-inputs '{\"depth\": \"color.mp4\"}'".to_owned(),
        "create-run city --weights 0.3 0.4 0.2 0.1 --num-steps 50 --guidance-scale 10.0 --output-path out --verbose".to_owned(),
        "convert-sequence frames --output out.mp4 --fps 30 --resolution 64x36 --generate-metadata --ai-analysis --verbose".to_owned(),
        "prepare-inference frames --name urban_scene --fps 24 --description \"a street\" --use-ai --verbose".to_owned(),
        "prepare-inference frames --name urban_scene --use-ai false".to_owned(),
        "run city --videos-subdir shot --no-upscale --upscale-weight 0.7 --num-gpu 2 --cuda-devices \"0,1\" --dry-run --verbose".to_owned(),
    ] {
        fs::create_dir_all(sandbox.path("inputs/videos/shot")).unwrap();
        fs::copy(sandbox.path("color.mp4"), sandbox.path("inputs/videos/shot/color.mp4")).unwrap();
        sandbox.cosmos(&line).assert_code(0);
    }
    // It stops at the missing host, not at an option.
    let said = sandbox.cosmos("status --verbose").assert().failure().err();
    assert!(!said.contains("unexpected argument"), "{said}");

    // Where it belongs to another command, that is named.
    for (line, command) in [
        ("create-spec a b --videos-subdir x", "run"),
        ("create-run city --use-ai true", "prepare-inference"),
        ("list --num-gpu 2", "status"),
    ] {
        let said = sandbox.refused(2, line).err();
        assert!(
            said.contains(command) && said.contains("is an option of"),
            "{line}: {said}"
        );
        assert!(!said.contains("similar"), "{line}: {said}");
    }
}
