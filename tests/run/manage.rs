//! Leaving a job, joining it again, ending it, and looking at what there is.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::desk::{Desk, wait_until};

#[test]
fn ctrl_c_leaves_the_job_running_and_the_next_run_joins_it() {
    let desk = Desk::new();
    desk.mode("slow=100");
    let prompt = desk.prompt("city", &["depth"]);
    let run = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 3/");
    run.signal("INT");
    let said = run.ends(130);
    assert!(said.contains("goes on on 127.0.0.1"), "{said}");
    assert!(said.contains("help:  follow it with cosmos run"), "{said}");
    assert_eq!(desk.status(), "running");
    assert_eq!(desk.containers().len(), 1);
    let log = desk.ends(0, &["logs", "city"]);
    assert!(
        log.contains("step 3/35") && !log.contains("Saved video"),
        "{log}"
    );
    let followed = desk.start(&["logs", "city", "--follow"]);
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    let followed = followed.ends(0);
    assert!(
        followed.contains("step 1/35") && followed.contains("Saved video"),
        "{followed}"
    );
    desk.assert_done(false);
    assert!(desk.ends(0, &["logs", "city"]).contains("Saved video"));
}

#[test]
fn a_second_ctrl_c_at_a_terminal_ends_the_job_too() {
    let desk = Desk::new();
    desk.mode("slow=300");
    let prompt = desk.prompt("city", &["depth"]);
    let run = desk.cosmos(&["run", &prompt, "--no-upscale"]);
    let words: Vec<String> = std::iter::once(run.get_program())
        .chain(run.get_args())
        .map(|word| word.to_str().unwrap().to_owned())
        .collect();
    let line = shlex::try_join(words.iter().map(String::as_str)).unwrap();
    let mut terminal = Command::new("script");
    terminal
        .args([
            "--quiet",
            "--return",
            "--flush",
            "--command",
            &line,
            "/dev/null",
        ])
        .current_dir(desk.path("."))
        .env("HOME", desk.sshd.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut terminal = terminal.spawn().unwrap();
    let mut keys = terminal.stdin.take().unwrap();
    desk.wait_for_log("step 2/");
    keys.write_all(b"\x03").unwrap();
    // Two at once might be taken for one.
    std::thread::sleep(std::time::Duration::from_millis(500));
    keys.write_all(b"\x03").unwrap();
    let output = terminal.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains("press Ctrl-C again to end it there"),
        "{said}"
    );
    assert!(said.contains("was cancelled"), "{said}");
    assert_eq!(desk.status(), "failed");
    wait_until("the end of the container", || {
        let running = desk
            .engine
            .docker(&["ps", "--quiet", "--filter", "name=cosmos_city"]);
        let id = desk.run_spec()["id"].as_str().unwrap().to_owned();
        let ours = desk
            .engine
            .docker(&["ps", "--quiet", "--filter", &format!("name={id}")]);
        running.status.success() && ours.stdout.is_empty()
    });
    desk.mode("");
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
}

#[test]
fn a_detached_run_is_finished_by_the_same_command() {
    let desk = Desk::new();
    desk.mode("slow=50");
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(0, &["run", &prompt, "--detach"]);
    assert!(said.contains("inference runs on 127.0.0.1"), "{said}");
    assert_eq!(desk.status(), "running");
    let next = said
        .lines()
        .find_map(|line| line.strip_prefix("next"))
        .unwrap();
    let words = shlex::split(next).unwrap();
    assert_eq!(words[..2], ["cosmos", "run"]);
    desk.ends(0, &["run", &words[2]]);
    desk.assert_done(true);
}

#[test]
fn a_run_is_cancelled_from_elsewhere() {
    let desk = Desk::new();
    desk.mode("slow=300");
    let prompt = desk.prompt("city", &["depth"]);
    let run = desk.start(&["run", &prompt, "--no-upscale"]);
    desk.wait_for_log("step 2/");
    let said = desk.ends(0, &["cancel", "city"]);
    assert!(said.contains("ended cosmos_city_rs_"), "{said}");
    let said = run.ends(130);
    assert!(
        said.contains("inference of city_rs_") && said.contains("was cancelled"),
        "{said}"
    );
    assert_eq!(desk.status(), "failed");
    let said = desk.ends(0, &["cancel", "city"]);
    assert!(said.contains("the run has no job"), "{said}");

    // Nobody follows it, so the command itself writes down what became of it.
    desk.ends(0, &["run", &prompt, "--no-upscale", "--detach"]);
    assert_eq!(desk.status(), "running");
    desk.ends(0, &["cancel", "city"]);
    assert_eq!(desk.status(), "failed");
    desk.mode("");
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
}

#[test]
fn status_says_what_there_is_and_what_is_wrong() {
    let desk = Desk::new();
    desk.mode("fail");
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(4, &["run", &prompt]);
    let status = desk.json(&["status"]);
    assert_eq!(status["usable"], true);
    assert_eq!(status["image_present"], true);
    assert_eq!(status["remote_dir_present"], true);
    assert!(status["free_bytes"].as_u64().unwrap() > 0);
    assert!(status["latency_ms"].as_f64().unwrap() > 0.0);
    let said = desk.ends(0, &["status", "--verbose"]);
    let name = &desk.containers()[0];
    assert!(
        said.contains(&format!("{name} ended with exit code 1")),
        "{said}"
    );
    assert!(said.contains("ready"), "{said}");

    let text = fs::read_to_string(desk.path("config.toml")).unwrap();
    let text = text
        .replace("gpus = \"\"", "gpus = \"all\"")
        .replace("stand-in:latest", "absent:1");
    fs::write(desk.path("config.toml"), text).unwrap();
    let said = desk.ends(4, &["status"]);
    for part in [
        "the image cosmos-absent:1 is not on the host",
        "docker pull",
        "NVIDIA driver",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(!said.contains("ready"), "{said}");
}

#[test]
fn clean_removes_what_is_ours_and_nothing_else() {
    let desk = Desk::new();
    desk.mode("fail");
    let [a, b] = ["a", "b"].map(|name| desk.prompt(name, &["depth"]));
    desk.ends(4, &["run", &a]);
    let id = desk.run_spec()["id"].as_str().unwrap().to_owned();
    desk.mode("");
    desk.ends(0, &["run", &b, "--no-upscale"]);
    let foreign = format!("foreign_{id}");
    let args = [
        "run",
        "--name",
        &foreign,
        "--detach",
        crate::engine::IMAGE,
        "bash",
        "-c",
        ":",
    ];
    assert!(desk.engine.docker(&args).status.success());
    let others = desk.checkout.join("outputs/others.mp4");
    fs::write(&others, "x").unwrap();

    let cleaned = desk.json(&["clean"]);
    assert_eq!(
        cleaned["containers"].as_array().unwrap().len(),
        1,
        "{cleaned}"
    );
    assert_eq!(cleaned["files"].as_array().unwrap().len(), 0, "{cleaned}");
    let cleaned = desk.json(&["clean", "--files"]);
    assert!(cleaned["files"].as_array().unwrap().len() >= 4, "{cleaned}");
    let left = crate::desk::files(&desk.checkout, "mp4");
    assert_eq!(left, [others]);
    let names = desk
        .engine
        .docker(&["ps", "--all", "--format", "{{.Names}}"]);
    assert!(String::from_utf8(names.stdout).unwrap().contains(&foreign));
    desk.engine.docker(&["rm", &foreign]);
    // The results are here all the same, and the run is still known to be done.
    desk.ends(0, &["list"]);
}

#[test]
fn a_dry_run_prints_every_step_and_does_none() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth", "seg"]);
    let tree = |folder: &std::path::Path| -> Vec<_> {
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
        walk.into_iter()
            .map(|entry| entry.unwrap().into_path())
            .collect()
    };
    let before = [tree(&desk.path(".")), tree(&desk.checkout)];
    // Nobody is asked.
    let config = fs::read_to_string(desk.path("config.toml")).unwrap();
    let free = crate::sshd::free_port().to_string();
    let text = config.replace(&desk.relay.port().to_string(), &free);
    fs::write(desk.path("config.toml"), text).unwrap();
    let said = desk.ends(0, &["run", &prompt, "--dry-run", "--num-gpu", "2"]);
    for part in [
        "upload ",
        "/color.mp4",
        "\"seg\"",
        "$ docker container run --detach",
        "--name=cosmos_city_rs_",
        "CUDA_VISIBLE_DEVICES=0,1",
        "--nproc_per_node=2",
        "\"upscale\"",
        "download ",
        "_upscaled",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    let folder = ["run", "render/city", "--prompt", "dawn", "--dry-run"];
    let said_of_folder = desk.ends(0, &folder);
    assert!(
        said_of_folder.contains("$ docker container run"),
        "{said_of_folder}"
    );
    assert_eq!([tree(&desk.path(".")), tree(&desk.checkout)], before);
    let json = desk.json(&["run", &prompt, "--dry-run"]);
    assert!(json["steps"].as_array().unwrap().len() > 8);
}

#[test]
fn the_videos_can_be_taken_from_another_folder() {
    let desk = Desk::new();
    let prompt = desk.prompt("city", &["depth"]);
    let other = desk.prompt("other", &["depth"]);
    let spec: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path(&other)).unwrap()).unwrap();
    let video = desk.path(spec["input_video_path"].as_str().unwrap());
    let folder = video
        .parent()
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap();
    desk.ends(
        0,
        &["run", &prompt, "--no-upscale", "--videos-subdir", folder],
    );
    desk.assert_done(false);
    let uploaded = crate::desk::files(&desk.checkout.join("inputs"), "mp4");
    assert_eq!(uploaded.len(), 2);
    assert!(
        uploaded
            .iter()
            .all(|path| path.to_str().unwrap().contains("other")),
        "{uploaded:?}"
    );
    let said = desk.ends(2, &["run", &prompt, "--videos-subdir", "absent"]);
    assert!(said.contains("does not exist"), "{said}");
}
