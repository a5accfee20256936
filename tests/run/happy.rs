//! What happens when nothing goes wrong.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, assert_video, said};

#[test]
fn a_prompt_becomes_a_video_and_a_4k_video() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth", "seg", "vis", "edge"]);
    let report = desk.json(&["run", &prompt]);
    desk.assert_done(true);
    let run = &report["runs"][0];
    assert_eq!(run["run"]["execution_status"], "completed");
    assert_eq!(run["outputs"][0]["width"], 1280);
    assert_eq!(run["outputs"][1]["height"], 2112);
    let [first, _] = desk.outputs();
    let prompt = fs::read_to_string(first.join("output.txt")).unwrap();
    assert_eq!(prompt, desk.text());
    let history = desk.history();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].0, "completed");

    // Nothing is left to be done, so nothing is.
    let before = desk.run_spec();
    desk.ends(0, &["run", run["path"].as_str().unwrap()]);
    desk.assert_done(true);
    assert_eq!(desk.run_spec(), before);
    assert_eq!(desk.history().len(), 2);
}

#[test]
fn inference_and_upscaling_can_be_done_one_by_one() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["inference", &prompt]);
    desk.assert_done(false);
    // The result is taken from here when it is no longer on the host.
    let name = desk.outputs()[0].file_name().unwrap().to_owned();
    fs::remove_dir_all(desk.checkout.join("outputs").join(name)).unwrap();
    desk.ends(0, &["upscale", &prompt, "--upscale-weight", "0.7"]);
    let [_, second] = desk.outputs();
    assert_video(&second.join("output.mp4"), (3840, 2112), 5);
    let spec: Value = serde_json::from_slice(&fs::read(second.join("spec.json")).unwrap()).unwrap();
    assert_eq!(spec["upscale"]["control_weight"], 0.7);
}

#[test]
fn a_render_folder_becomes_a_video_in_one_go() {
    let desk = Desk::new();
    let folder = desk.render("my render", &["color", "depth"]);
    let said = desk.ends(2, &["run", &folder]);
    assert!(said.contains("--prompt"), "{said}");
    let text = desk.text();
    let command = ["run", &folder, "--prompt", &text, "--no-upscale"];
    desk.ends(0, &command);
    desk.assert_done(false);
    // Were it run again on the host, it would fail.
    desk.mode("fail");
    desk.ends(0, &command);
    desk.assert_done(false);
    assert_eq!(fs::read_dir(desk.path("inputs/videos")).unwrap().count(), 1);
}

#[test]
fn several_runs_are_carried_out_in_turn_and_summed_up() {
    let desk = Desk::new();
    let [a, b] = ["a", "b"].map(|name| desk.prompt(name, &["depth"]));
    let said = desk.ends(0, &["run", &a, &b, "--no-upscale"]);
    assert!(said.contains("2 done, 0 failed, 0 not started"), "{said}");
    desk.mode("fail");
    let [c, d] = ["c", "d"].map(|name| desk.prompt(name, &["depth"]));
    let said = desk.ends(4, &["run", &c, &d, "--no-upscale"]);
    assert!(said.contains("0 done, 1 failed, 1 not started"), "{said}");
    let said = desk.ends(4, &["run", &c, &d, &a, "--no-upscale", "--keep-going"]);
    assert!(said.contains("1 done, 2 failed, 0 not started"), "{said}");
}

#[test]
fn on_this_machine_a_run_needs_no_ssh() {
    let desk = Desk::new();
    let settings = fs::read_to_string(desk.path("config.toml")).unwrap();
    let (_, after) = settings.split_once("[paths]").unwrap();
    let local = format!("[remote]\nhost = \"local\"\n\n[paths]{after}");
    fs::write(desk.path("config.toml"), local).unwrap();
    let prompt = desk.prompt("city", &["depth"]);
    let run = |args: &[&str]| {
        let mut command = desk.cosmos(args);
        command.env("DOCKER_HOST", desk.engine.host());
        said(&command.output().unwrap(), 0)
    };
    // No key, no known host, and a server that takes nobody.
    fs::remove_dir_all(desk.sshd.home().join(".ssh")).unwrap();
    run(&["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
    let status = run(&["status"]);
    assert!(status.contains("local"), "{status}");
}
