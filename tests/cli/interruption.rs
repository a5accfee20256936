//! Runs that are ended from outside, while they write.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Sandbox, noise, probe};

/// Frames enough to be busy with for much longer than it takes to interrupt.
const FRAMES: usize = 300;
const SLOW: &str = "--preset placebo --threads 1";

fn long_shot() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    noise(320, 180, 1)
        .save(sandbox.path("picture.png"))
        .unwrap();
    for modality in [Modality::Color, Modality::Edge] {
        for number in 0..FRAMES {
            let name = sandbox.path(format!("shot/{modality}.{number:04}.png"));
            fs::hard_link(sandbox.path("picture.png"), name).unwrap();
        }
    }
    sandbox
}

const RUNS: [&str; 2] = [
    "convert-sequence shot --pattern color.####.png -o videos/out.mp4",
    "prepare-inference shot --name x",
];

/// What is being written, as soon as there is something.
fn partials(sandbox: &Sandbox) -> Vec<PathBuf> {
    let paths = sandbox.tree().into_keys();
    paths
        .filter(|path| path.to_string_lossy().contains(".partial-"))
        .collect()
}

/// Starts `line` and lets it come to the middle of its work.
fn start(sandbox: &Sandbox, line: &str) -> Child {
    let child = sandbox
        .cosmos(&format!("{line} {SLOW}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while partials(sandbox).is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing is written"
        );
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(300));
    child
}

fn signal(sandbox: &Sandbox, child: &Child, name: &str) {
    let line = format!("kill -{name} {}", child.id());
    sandbox.program("sh").args(["-c", &line]).assert_code(0);
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    for line in RUNS {
        for name in ["INT", "TERM"] {
            let sandbox = long_shot();
            let before = sandbox.tree();
            let child = start(&sandbox, line);
            signal(&sandbox, &child, name);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{line}: {}", said(&output));
            assert!(
                said(&output).contains("error: interrupted"),
                "{}",
                said(&output)
            );
            assert!(output.stdout.is_empty());
            assert!(before == sandbox.tree(), "{:?}", sandbox.tree());
        }
    }
}

#[test]
fn what_a_killed_run_leaves_is_hidden_and_removed_by_the_next() {
    let line = RUNS[0];
    let sandbox = long_shot();
    let mut child = start(&sandbox, line);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!partials(&sandbox).is_empty());
    assert!(
        sandbox
            .names_in("videos")
            .iter()
            .all(|name| name.starts_with('.'))
    );
    sandbox
        .cosmos(&format!("{line} --preset ultrafast"))
        .assert_code(0);
    assert_eq!(sandbox.names_in("videos"), ["out.mp4"]);
    assert_eq!(
        probe(&sandbox.path("videos/out.mp4"))["nb_read_frames"],
        FRAMES.to_string()
    );
}

#[test]
fn a_killed_preparation_does_not_disturb_the_next() {
    let sandbox = long_shot();
    let mut child = start(&sandbox, RUNS[1]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        sandbox
            .names_in("inputs/videos")
            .iter()
            .all(|name| name.starts_with('.'))
    );
    sandbox
        .cosmos(&format!("{} --preset ultrafast", RUNS[1]))
        .assert_code(0);
    let names = sandbox.names_in("inputs/videos");
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("x_"));
}

/// What another run is busy with is no leftover.
#[test]
fn two_runs_side_by_side_leave_each_other_alone() {
    let sandbox = long_shot();
    let mut slow = start(&sandbox, RUNS[0]);
    sandbox
        .cosmos(&format!("{} --preset ultrafast", RUNS[0]))
        .assert_code(0);
    assert_eq!(partials(&sandbox).len(), 1);
    signal(&sandbox, &slow, "INT");
    slow.wait().unwrap();
    assert_eq!(sandbox.names_in("videos"), ["out.mp4"]);
}
