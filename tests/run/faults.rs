//! What goes wrong on a host and on the way there, and that the same command then goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::{Desk, assert_video, files};
use crate::engine::Engine;

/// Long enough to do something meanwhile.
const SLOW: &str = "slow=60";
/// The size of a transfer that can be cut in its middle.
const MEGABYTES: u32 = 8 << 20;

#[test]
fn a_connection_cut_during_the_upload_is_made_again() {
    let desk = Desk::new();
    let prompt = desk.prompt_of_size("city", &["depth"], MEGABYTES);
    desk.relay.cut_after(3 << 20);
    let said = desk.ends(0, &["run", &prompt, "--no-upscale"]);
    assert!(said.contains("trying again"), "{said}");
    desk.assert_done(false);
}

#[test]
fn a_connection_cut_during_the_run_is_made_again_and_the_log_is_whole() {
    let desk = Desk::new();
    desk.mode(SLOW);
    let prompt = desk.prompt("city", &["depth"]);
    let run = desk.start(&["run", &prompt]);
    for step in ["step 5/", "step 20/"] {
        desk.wait_for_log(step);
        desk.relay.cut();
    }
    let said = run.ends(0);
    assert!(said.contains("trying again"), "{said}");
    assert_eq!(said.matches("step 3/35").count(), 1, "{said}");
    desk.assert_done(true);
}

#[test]
fn a_connection_cut_during_the_download_is_made_again() {
    let desk = Desk::new();
    desk.mode("large");
    let prompt = desk.prompt("city", &["depth"]);
    desk.relay.cut_after(3 << 20);
    let said = desk.ends(0, &["run", &prompt, "--no-upscale"]);
    assert!(said.contains("trying again"), "{said}");
    desk.assert_done(false);
}

#[test]
fn a_host_out_of_reach_keeps_its_job_and_the_run_can_be_joined_again() {
    let desk = Desk::new();
    desk.mode("slow=300");
    let prompt = desk.prompt("city", &["depth"]);
    let text = fs::read_to_string(desk.path("config.toml")).unwrap();
    let text = text.replace("reconnect_timeout = 20", "reconnect_timeout = 2");
    fs::write(
        desk.path("config.toml"),
        text.replace("connect_timeout = 5", "connect_timeout = 1"),
    )
    .unwrap();
    let run = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 2/");
    desk.relay.stall(true);
    desk.relay.cut();
    let said = run.ends(4);
    assert!(said.contains("goes on on 127.0.0.1, but"), "{said}");
    assert!(said.contains("help:  follow it with cosmos run"), "{said}");
    assert_eq!(desk.status(), "running");
    desk.relay.stall(false);
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
}

#[test]
fn a_process_killed_at_any_step_is_followed_by_one_that_goes_on() {
    for state in [
        "\"uploading\"",
        "\"starting\"",
        "\"running\"",
        "step 20/",
        "\"finished\"",
        "\"downloading\"",
    ] {
        let desk = Desk::new();
        desk.mode("slow=20");
        let prompt = desk.prompt("city", &["depth"]);
        let run = desk.start(&["run", &prompt]);
        if state.starts_with('"') {
            desk.wait_for_state(state);
        } else {
            desk.wait_for_log(state);
        }
        run.kill();
        // Not a state that claims more than there is.
        assert!(["running", "completed"].contains(&desk.status().as_str()));
        desk.ends(0, &["run", &prompt]);
        desk.assert_done(true);
    }
}

#[test]
fn a_stopped_docker_is_named_and_the_run_is_done_once_it_is_back() {
    let engine = Engine::start();
    let desk = Desk::with_engine(&engine);
    desk.mode("slow=100");
    let prompt = desk.prompt("city", &["depth"]);
    let run = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 5/");
    engine.stop();
    let said = run.ends(4);
    assert!(said.contains("inference of city_rs_"), "{said}");
    assert!(said.contains("Docker does not run on the host"), "{said}");
    assert!(said.contains("help:  start it on the host"), "{said}");
    assert_eq!(desk.status(), "failed");
    let said = desk.ends(4, &["status"]);
    assert!(said.contains("Docker does not run"), "{said}");
    engine.start_again();
    desk.mode("");
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
}

/// Runs `prompt`, which has to fail on the host; then again with nothing in the way, which has to succeed.
fn fails_once(desk: &Desk<'_>, said_to_be: &[&str], mend: impl FnOnce()) {
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(4, &["run", &prompt, "--no-upscale"]);
    for part in said_to_be {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(said.contains("help:"), "{said}");
    let spec = desk.run_spec();
    assert_eq!(spec["execution_status"], "failed");
    let message = spec["error_message"].as_str().unwrap();
    assert!(message.contains(said_to_be[0]), "{message}");
    let history = desk.history();
    assert_eq!(history[0].0, "failed");
    assert!(history[0].1.contains(said_to_be[0]), "{history:?}");
    // No output may pass for a result.
    assert!(files(&desk.outputs()[0], "mp4").is_empty());
    mend();
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
    assert_eq!(desk.history()[1].0, "completed");
}

#[test]
fn a_program_that_fails_is_quoted() {
    let desk = Desk::new();
    desk.mode("fail");
    let said = [
        "the model's program failed: RuntimeError: this is what was asked for (exit code 1",
        "  RuntimeError: this is what was asked for",
        "Traceback",
        "run.log",
    ];
    fails_once(&desk, &said, || {
        let log = fs::read_to_string(desk.outputs()[0].join("run.log")).unwrap();
        assert!(
            log.contains("\nRuntimeError: this is what was asked for\n"),
            "{log}"
        );
        assert_eq!(desk.containers().len(), 1);
        desk.mode("");
    });
}

#[test]
fn a_container_without_memory_is_told_from_one_that_was_killed() {
    let desk = Desk::new();
    desk.configure("options = [\"--memory=48m\"]");
    desk.mode("oom");
    fails_once(
        &desk,
        &["the host ran out of memory (exit code 137"],
        || desk.mode(""),
    );

    let desk = Desk::new();
    desk.mode("killed");
    fails_once(&desk, &["it was killed (exit code 137"], || desk.mode(""));

    let desk = Desk::new();
    desk.mode("gpu-oom");
    fails_once(
        &desk,
        &["the GPU ran out of memory (exit code 1", "--num-gpu"],
        || desk.mode(""),
    );
}

#[test]
fn gpus_that_docker_cannot_give_are_named() {
    let desk = Desk::new();
    let text = fs::read_to_string(desk.path("config.toml")).unwrap();
    fs::write(
        desk.path("config.toml"),
        text.replace("gpus = \"\"", "gpus = \"all\""),
    )
    .unwrap();
    let said = [
        "Docker on the host cannot give GPUs to a container: could not select device driver",
        "NVIDIA Container Toolkit",
    ];
    fails_once(&desk, &said, || desk.configure(""));
}

#[test]
fn what_is_missing_on_the_host_is_named() {
    let desk = Desk::new();
    let text = fs::read_to_string(desk.path("config.toml")).unwrap();
    fs::write(
        desk.path("config.toml"),
        text.replace("stand-in:latest", "absent:1"),
    )
    .unwrap();
    fails_once(
        &desk,
        &[
            "the image cosmos-absent:1 is not on the host",
            "docker pull",
        ],
        || {
            desk.configure("");
        },
    );

    let desk = Desk::new();
    fs::remove_dir(desk.checkout.join("checkpoints")).unwrap();
    fails_once(&desk, &["the checkpoints are missing"], || {
        fs::create_dir(desk.checkout.join("checkpoints")).unwrap();
    });

    let desk = Desk::new();
    let program = desk
        .checkout
        .join("cosmos_transfer1/diffusion/inference/transfer.py");
    fs::remove_file(&program).unwrap();
    fails_once(
        &desk,
        &["the model's program is not in the checkout"],
        || {
            fs::write(&program, "").unwrap();
        },
    );

    let desk = Desk::new();
    let elsewhere = desk.checkout.with_file_name("elsewhere");
    fs::rename(&desk.checkout, &elsewhere).unwrap();
    fails_once(
        &desk,
        &["is not a folder on 127.0.0.1", "remote_dir"],
        || {
            fs::rename(&elsewhere, &desk.checkout).unwrap();
        },
    );
}

#[test]
fn a_full_disk_on_the_host_is_named_and_leaves_nothing_half() {
    let desk = Desk::new();
    let prompt = desk.prompt_of_size("city", &["depth"], MEGABYTES);
    let disk = Desk::small_disk(&desk.checkout.join("inputs"), "1m");
    let said = desk.ends(4, &["run", &prompt, "--no-upscale"]);
    assert!(said.contains("upload of city_rs_"), "{said}");
    assert!(said.to_lowercase().contains("no space left"), "{said}");
    assert!(files(&desk.checkout.join("inputs"), "mp4").is_empty());
    assert_eq!(desk.status(), "failed");
    drop(disk);
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);

    let desk = Desk::new();
    let disk = Desk::small_disk(&desk.checkout.join("outputs"), "1m");
    desk.mode("full");
    fails_once(
        &desk,
        &["the disk of the host is full (exit code 1"],
        || {
            drop(disk);
            desk.mode("");
        },
    );
}

#[test]
fn a_full_disk_here_costs_no_result() {
    let desk = Desk::new();
    desk.mode("large");
    let prompt = desk.prompt("city", &["depth"]);
    let disk = Desk::small_disk(&desk.path("outputs"), "1m");
    let said = desk.ends(1, &["run", &prompt, "--no-upscale"]);
    assert!(said.contains("download of city_rs_"), "{said}");
    assert!(said.contains("help:  the disk is full"), "{said}");
    assert!(files(&desk.path("outputs"), "mp4").is_empty());
    assert_eq!(desk.status(), "failed");
    drop(disk);
    // Were it done again, it would fail.
    desk.mode("fail");
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    assert_video(&desk.outputs()[0].join("output.mp4"), (1280, 704), 5);
}

#[test]
fn a_disk_that_fills_before_the_record_of_a_result_costs_only_the_record() {
    let desk = Desk::new();
    desk.mode(SLOW);
    let prompt = desk.prompt("city", &["depth"]);
    let disk = Desk::small_disk(&desk.path("inputs/runs"), "64k");
    let run = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 2/");
    let filler = desk.path("inputs/runs/filler");
    fs::write(&filler, vec![0; 1 << 20]).unwrap_err();
    let said = run.ends(1);
    for part in [
        "cannot write down that city_rs_",
        "is completed",
        "No space left on device",
        "help:  make room",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    // The result is here, and nothing says so that is not written down.
    assert!(desk.outputs()[0].join("output.mp4").exists());
    assert_eq!(desk.status(), "running");
    let statuses: Vec<String> = desk
        .history()
        .into_iter()
        .map(|(status, _)| status)
        .collect();
    assert_eq!(statuses, ["running"]);
    fs::remove_file(filler).unwrap();
    // Were it done again, it would fail.
    desk.mode("fail");
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
    assert_eq!(desk.history().last().unwrap().0, "completed");
    drop(disk);
}

/// A copy of the user's folder, as on another machine.
fn another_machine(desk: &Desk<'_>, name: &str) -> PathBuf {
    let copy = desk.path("..").join(name);
    let copied = Command::new("cp")
        .arg("-a")
        .arg(desk.path("."))
        .arg(&copy)
        .status();
    assert!(copied.unwrap().success());
    copy
}

#[test]
fn a_run_followed_from_two_machines_ends_well_on_both() {
    let desk = Desk::new();
    let prompt = desk.prompt_of_size("city", &["depth"], MEGABYTES);
    for round in 0..4 {
        let made = desk.json(&["create-run", &prompt, "--seed", &round.to_string()]);
        let run = made["path"].as_str().unwrap();
        let output = made["spec"]["output_path"].as_str().unwrap();
        let folders = [
            another_machine(&desk, &format!("first{round}")),
            another_machine(&desk, &format!("second{round}")),
        ];
        let args = ["run", run, "--no-upscale"];
        let both = [0, 1].map(|at| desk.start_in(&folders[at], &args));
        let said = both.map(|process| process.ends(0));
        for folder in &folders {
            assert_video(&folder.join(output).join("output.mp4"), (1280, 704), 5);
            let spec = fs::read_to_string(folder.join(run)).unwrap();
            assert!(
                spec.contains("\"execution_status\": \"completed\""),
                "{spec}"
            );
            let log = fs::read_to_string(folder.join(output).join("run.log")).unwrap();
            for line in ["stand-in for", "Saved video to "] {
                assert_eq!(log.matches(line).count(), 1, "{log}\n{said:?}");
            }
        }
        let _ = fs::remove_dir_all(desk.checkout.join("inputs/videos"));
    }
}

#[test]
fn two_runs_of_one_shot_started_together_both_end_well() {
    let desk = Desk::new();
    // Large enough to be sent in chunks.
    let prompt = desk.prompt_of_size("city", &["depth"], 40 << 20);
    for round in 0..2 {
        let runs = [1, 2].map(|seed| {
            let seed = (10 * round + seed).to_string();
            let made = desk.json(&["create-run", &prompt, "--seed", &seed]);
            made["path"].as_str().unwrap().to_owned()
        });
        let both = runs
            .each_ref()
            .map(|run| desk.start(&["run", run, "--no-upscale"]));
        for process in both {
            process.ends(0);
        }
        let sent = files(&desk.checkout.join("inputs/videos"), "mp4");
        assert_eq!(sent.len(), 2, "{sent:?}");
        fs::remove_dir_all(desk.checkout.join("inputs/videos")).unwrap();
    }
}

#[test]
fn an_upscaling_that_fails_costs_no_result_of_inference() {
    let desk = Desk::new();
    desk.mode("upscale:fail");
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(4, &["run", &prompt]);
    assert!(said.contains("upscaling of city_rs_"), "{said}");
    assert_video(&desk.outputs()[0].join("output.mp4"), (1280, 704), 5);
    // Were inference done again, it would fail.
    desk.mode("fail upscale:");
    let said = desk.ends(4, &["run", &prompt]);
    assert!(said.contains("upscaling of city_rs_"), "{said}");
    desk.mode("");
    desk.ends(0, &["run", &prompt]);
    desk.assert_done(true);
}

#[test]
fn two_processes_cannot_carry_out_one_run() {
    let desk = Desk::new();
    desk.mode(SLOW);
    let prompt = desk.prompt("city", &["depth"]);
    let first = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 2/");
    let said = desk.ends(1, &["run", &prompt, "--no-upscale"]);
    assert!(
        said.contains("is being carried out by another cosmos process"),
        "{said}"
    );
    assert_eq!(desk.status(), "running");
    first.ends(0);
    desk.assert_done(false);
}

#[test]
fn the_same_run_with_other_settings_waits_for_the_first() {
    let desk = Desk::new();
    desk.mode("slow=200");
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["run", &prompt, "--no-upscale", "--detach"]);
    // The same image under another name could be another one.
    let text = fs::read_to_string(desk.path("config.toml")).unwrap();
    fs::write(desk.path("config.toml"), text.replace(":latest", "")).unwrap();
    let said = desk.ends(4, &["run", &prompt, "--no-upscale"]);
    assert!(
        said.contains("runs the same run with other settings"),
        "{said}"
    );
    assert!(said.contains("help:  wait for it to end"), "{said}");
}

#[test]
fn hostile_names_are_only_names() {
    let desk = Desk::new();
    let name = "--rm; $(touch owned) `touch owned` 'a\"b";
    let render = desk.render("-r $(touch owned)", &["color", "depth"]);
    let name_option = format!("--name={name}");
    let prepared = desk.json(&["prepare-inference", &name_option, "--no-ai", "--", &render]);
    let folder = prepared["output"].as_str().unwrap();
    let text = "-x'; touch owned; \n$(touch owned) \\ é \u{1f307}";
    let made = desk.json(&["create-spec", "--video-path", folder, "--", name, text]);
    let prompt = made["path"].as_str().unwrap();
    let run = desk.json(&[
        "create-run",
        "--output-path",
        "out $(touch owned)",
        "--",
        prompt,
    ]);
    desk.ends(
        0,
        &["run", "--no-upscale", "--", run["path"].as_str().unwrap()],
    );
    desk.assert_done(false);
    let written = fs::read_to_string(desk.outputs()[0].join("output.txt")).unwrap();
    assert_eq!(written, text);

    for (field, hostile) in [
        ("id", "../../x"),
        ("id", "a b"),
        ("prompt_id", "$(touch owned)"),
    ] {
        let mut spec = desk.run_spec();
        spec[field] = hostile.into();
        let path = desk.path("hostile.json");
        fs::write(&path, spec.to_string()).unwrap();
        desk.ends(2, &["run", path.to_str().unwrap()]);
    }
    for devices in ["0;touch owned", "$(touch owned)", "-1"] {
        let argument = format!("--cuda-devices={devices}");
        let said = desk.ends(2, &["run", run["path"].as_str().unwrap(), &argument]);
        assert!(said.contains("cuda_devices"), "{said}");
    }
    desk.assert_nothing_owned();
}

#[test]
fn a_closed_port_and_a_wrong_key_are_named() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth"]);
    let config = fs::read_to_string(desk.path("config.toml")).unwrap();
    let port = desk.relay.port().to_string();
    let free = crate::sshd::free_port().to_string();
    fs::write(desk.path("config.toml"), config.replace(&port, &free)).unwrap();
    let said = desk.ends(4, &["run", &prompt]);
    assert!(said.contains("cannot connect to 127.0.0.1"), "{said}");
    assert_eq!(desk.status(), "failed");

    let other = desk.path("other");
    crate::sshd::make_key(&other, "ed25519", "");
    let key = desk.sshd.key().display().to_string();
    let text = config.replace(&key, Path::new(&other).to_str().unwrap());
    fs::write(desk.path("config.toml"), text).unwrap();
    fs::remove_file(desk.sshd.key()).unwrap();
    let said = desk.ends(4, &["run", &prompt]);
    assert!(said.contains("does not let"), "{said}");
}
