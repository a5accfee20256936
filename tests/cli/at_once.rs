//! The same command several times at once.

use std::fs;
use std::process::{Output, Stdio};

use cosmos_workflow::modality::Modality;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Sandbox, Shot};

/// How many processes start together.
const PROCESSES: usize = 8;

/// Starts the binary with each of `commands` at the same moment, and waits for all of them.
fn at_once(sandbox: &Sandbox, commands: &[String]) -> Vec<Output> {
    let mut waiting: Vec<_> = commands
        .iter()
        .map(|arguments| {
            sandbox
                .cosmos_in_shell("read _; exec \"$@\" </dev/null", arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for process in &mut waiting {
        drop(process.stdin.take());
    }
    let outputs = waiting
        .into_iter()
        .map(|process| process.wait_with_output());
    outputs.map(Result::unwrap).collect()
}

/// What each says as JSON; all have to succeed.
fn reports(outputs: &[Output]) -> Vec<Value> {
    let report = |output: &Output| {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    outputs.iter().map(report).collect()
}

#[test]
fn shots_of_one_name_all_get_a_folder() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .write(&sandbox.path("shot"));
    let command = "prepare-inference shot --name city --no-ai --threads 1 --json".to_owned();
    for round in 1..=3 {
        let reports = reports(&at_once(&sandbox, &vec![command.clone(); PROCESSES]));
        assert_eq!(
            sandbox.names_in("inputs/videos").len(),
            round * PROCESSES,
            "{reports:?}"
        );
        for report in reports {
            let folder = sandbox.path(report["output"].as_str().unwrap());
            let metadata = fs::read(folder.join("metadata.json")).unwrap();
            let metadata: Value = serde_json::from_slice(&metadata).unwrap();
            let video = sandbox.path(metadata["video_path"].as_str().unwrap());
            assert_eq!(video, folder.join("color.mp4"));
            assert!(video.exists() && folder.join("preview.png").exists());
        }
    }
    sandbox.assert_no_leftovers();
}

#[test]
fn a_video_and_its_description_belong_together() {
    let sandbox = Sandbox::new();
    let mut commands = Vec::new();
    for number in 1..=PROCESSES as u64 {
        // Each has other frames, and so another video.
        let folder = format!("frames{number}");
        Shot::new()
            .only(&[Modality::Color])
            .frames(number..=number + 3)
            .write(&sandbox.path(&folder));
        commands.push(format!(
            "convert-sequence {folder} -o city.mp4 --generate-metadata --overwrite --threads 1 --json"
        ));
    }
    for _ in 0..8 {
        reports(&at_once(&sandbox, &commands));
        let video = fs::read(sandbox.path("city.mp4")).unwrap();
        let digest = Sha256::digest(&video);
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let metadata = fs::read(sandbox.path("city_metadata.json")).unwrap();
        let metadata: Value = serde_json::from_slice(&metadata).unwrap();
        assert_eq!(metadata["hash"], hash);
    }
    sandbox.assert_no_leftovers();
}

#[test]
fn the_same_prompt_and_run_are_written_once() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("shot"));
    sandbox.done("convert-sequence shot -o city.mp4");
    for round in 1..=5 {
        for (command, folder) in [
            (
                format!("create-spec city{round} \"a city\" --video-path city.mp4 --json"),
                "inputs/prompts",
            ),
            (format!("create-run city{round} --json"), "inputs/runs"),
        ] {
            let reports = reports(&at_once(&sandbox, &vec![command; PROCESSES]));
            let paths: Vec<&str> = reports
                .iter()
                .map(|r| r["path"].as_str().unwrap())
                .collect();
            assert!(paths.iter().all(|path| *path == paths[0]), "{paths:?}");
            let new = reports.iter().filter(|report| report["existing"] == false);
            assert_eq!(new.count(), 1, "{reports:?}");
            let files = walkdir::WalkDir::new(sandbox.path(folder)).into_iter();
            let files = files.filter(|entry| entry.as_ref().unwrap().file_type().is_file());
            assert_eq!(files.count(), round);
        }
    }
    sandbox.assert_no_leftovers();
}
