//! `cosmos options` and `cosmos check` as a user meets them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::{Value, json};
use tempfile::TempDir;

fn cosmos(folder: &TempDir, args: &[&str]) -> Output {
    let mut command = cargo_bin_cmd!("cosmos");
    let command = command.current_dir(folder.path()).args(args);
    let command = command
        .env("HOME", folder.path())
        .env_remove("COSMOS_CONFIG");
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(folder: &TempDir, name: &str, content: &Value) {
    std::fs::write(folder.path().join(name), content.to_string()).unwrap();
}

#[test]
fn the_options_of_a_program_say_what_they_are_and_where_they_were_read() {
    let folder = tempfile::tempdir().unwrap();
    let output = cosmos(&folder, &["options", "cosmos3"]);
    assert!(output.status.success());
    let list = text(&output);
    for part in [
        "NVIDIA/cosmos-framework at 5eee9ed of 2026-08-21",
        "guidance  number; 0 to 7; default 6.0",
        "[inference/args.py:SamplingOverrides]",
    ] {
        assert!(list.contains(part), "no {part} in\n{list}");
    }
    let options = json_of(&cosmos(&folder, &["options", "transfer1", "--json"]));
    assert_eq!(options["date"], "2026-06-07");
    assert!(options["options"].as_array().unwrap().len() > 40);
}

#[test]
fn one_option_is_shown_and_an_unknown_one_is_an_error_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let output = cosmos(
        &folder,
        &["options", "transfer2.5", "depth.control-weight", "--json"],
    );
    let option = json_of(&output);
    assert_eq!(option["name"], "depth.control_weight");
    assert_eq!((&option["min"], &option["max"]), (&json!(0.0), &json!(1.0)));
    let output = cosmos(&folder, &["options", "transfer2.5", "depth.control_wait"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        message.contains("did you mean depth.control_weight?"),
        "{message}"
    );
}

#[test]
fn a_spec_that_is_refused_ends_with_2_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder,
        "shot.json",
        &json!({"name": "shot", "prompt": "a street", "video_path": "no.mp4", "guidance": 3.5,
            "depth": {"input_control": "depth.mp4"}}),
    );
    let output = cosmos(&folder, &["check", "shot.json"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output);
    for part in [
        "shot.json: a spec of Cosmos-Transfer2.5",
        "error: guidance is 3.5, expected a whole number from 0 to 7 [spec.value]",
        "no.mp4 is not there [file.missing]",
        "did you mean depth.control_path?",
        "2 errors, 1 warning",
    ] {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }
    let report = json_of(&cosmos(&folder, &["check", "shot.json", "--json"]));
    assert_eq!(
        (&report["errors"], &report["warnings"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(report["specs"][0]["model"], "transfer2.5");
    // For another program it is another spec.
    let report = json_of(&cosmos(
        &folder,
        &["check", "shot.json", "--model", "cosmos3", "--json"],
    ));
    assert_eq!(report["specs"][0]["model"], "cosmos3");
}

#[test]
fn warnings_alone_end_with_0() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder,
        "spec.json",
        &json!({"prompt": "a street", "sigma_max": 80, "steps": 35,
            "depth": {"input_control": "https://example.com/depth.mp4"}}),
    );
    let output = cosmos(&folder, &["check", "spec.json", "--model", "transfer1"]);
    let said = text(&output);
    assert!(said.contains("[spec.unknown-key]"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn every_line_of_a_file_with_lines_is_judged_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let line = |seed: Value| {
        json!({"name": "shot", "prompt": "a", "seed": seed,
            "depth": {"control_path": "https://example.com/a.mp4"}, "control_guidance": 1.5})
    };
    let lines = format!("{}\n\n{}\n", line(json!(1)), line(json!("one")));
    std::fs::write(folder.path().join("shots.jsonl"), lines).unwrap();
    let report = json_of(&cosmos(&folder, &["check", "shots.jsonl", "--json"]));
    let found: Vec<(Option<u64>, &str)> = report["specs"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["line"].as_u64(), finding["code"].as_str().unwrap()))
        .collect();
    for expected in [
        (Some(3), "spec.value"),
        (Some(2), "file.blank-line"),
        (None, "batch.name"),
    ] {
        assert!(found.contains(&expected), "no {expected:?} in {found:?}");
    }
}

#[test]
fn what_is_no_spec_is_said_and_does_not_keep_others_from_being_checked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.json"), "not JSON").unwrap();
    write(&folder, "other.json", &json!({"name": "a", "version": 1}));
    write(&folder, "spec.yaml", &json!({}));
    write(
        &folder,
        "run.json",
        &json!({"name": "a", "prompt_id": "ps_0123456789ab", "control_weights": {"segmentation": 1},
            "parameters": {}, "output_path": "out"}),
    );
    let args = [
        "check",
        "notes.json",
        "other.json",
        "spec.yaml",
        "gone.json",
        "run.json",
        "--json",
    ];
    let output = cosmos(&folder, &args);
    assert_eq!(output.status.code(), Some(2));
    let report = json_of(&output);
    let codes: Vec<Vec<&str>> = report["specs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|spec| {
            let findings = spec["findings"].as_array().unwrap().iter();
            findings
                .map(|finding| finding["code"].as_str().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(
        codes,
        [
            vec!["file.syntax"],
            vec!["spec.form"],
            vec!["file.yaml"],
            vec!["file.unreadable"],
            vec!["file.missing", "weights.segmentation-alone"],
        ]
    );
}
