//! What the host has and lacks, told before it is too late.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, files};
use crate::engine::IMAGE;

/// The only thing here that is made up: this machine has no GPU.
const NVIDIA_SMI: &str = r#"case $1 in
'') echo '| NVIDIA-SMI 570.124.06    Driver Version: 570.124.06    CUDA Version: 12.8     |' ;;
*) echo '0, GPU-5f0c2d3e-1111, NVIDIA H100 80GB HBM3, 81559, 1024, 80000, 37, 41, 118.52, 700.00, 570.124.06, 9.0' ;;
esac"#;

impl Desk<'_> {
    /// Replaces part of the settings.
    pub fn set(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("config.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.path("config.toml"), text.replace(from, to)).unwrap();
    }

    /// The settings name an image that does not say that it brings its checkpoints.
    fn use_image_without_checkpoints(&self) {
        let name = "cosmos-stand-in-bare:1";
        let container = self.engine.docker(&["create", IMAGE]);
        let id = String::from_utf8(container.stdout).unwrap();
        let label = "LABEL cosmos-workflow.checkpoints=";
        let made = self
            .engine
            .docker(&["commit", "--change", label, id.trim(), name]);
        assert!(made.status.success(), "{made:?}");
        self.engine.docker(&["rm", id.trim()]);
        self.set(IMAGE, name);
    }

    fn uploads(&self) -> usize {
        files(&self.checkout.join("inputs"), "mp4").len()
    }
}

#[test]
fn status_tells_what_the_host_has() {
    let desk = Desk::new();
    desk.program("nvidia-smi", NVIDIA_SMI);
    desk.set("gpus = \"\"", "gpus = \"all\"");
    let status = desk.json(&["status"]);
    assert_eq!(status["usable"], true, "{status}");
    assert_eq!(status["problems"], Value::Array(Vec::new()));
    assert_eq!(status["machine"], std::env::consts::ARCH);
    assert_eq!(
        (&status["driver"], &status["cuda"]),
        (&"570.124.06".into(), &"12.8".into())
    );
    assert!(status["image_architecture"].is_string());
    let gpu = &status["gpus"][0];
    assert_eq!(
        (&gpu["celsius"], &gpu["free_mib"]),
        (&41.into(), &80000.into())
    );
    assert_eq!(gpu["capability"]["major"], 9);
    let said = desk.ends(0, &["status", "--model", "transfer2.5"]);
    for part in [
        "NVIDIA H100 80GB HBM3, Hopper (9.0)",
        "83.9 GB of 85.5 GB free, 37 % busy, 41 °C, 119 of 700 W",
        "570.124.06, for CUDA 12.8",
        "65.4 GB on each GPU",
        "ready",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    let facts = said
        .lines()
        .filter(|line| !line.contains(desk.checkout.to_str().unwrap()));
    let widest = facts.map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{said}");

    let said = desk.ends(4, &["status", "--cuda-devices", "0,1"]);
    assert!(
        said.contains("there is no GPU 1: the container gets 1 GPU"),
        "{said}"
    );
    assert!(!said.contains("ready"), "{said}");
}

#[test]
fn a_gpu_that_does_not_answer_costs_status_only_its_answer() {
    let desk = Desk::new();
    desk.program("nvidia-smi", "trap '' TERM; sleep 100");
    desk.set("gpus = \"\"", "gpus = \"all\"");
    let began = Instant::now();
    let said = desk.ends(0, &["status"]);
    assert!(
        said.contains("nvidia-smi did not answer within 10 s"),
        "{said}"
    );
    assert!(said.contains("docker      2"), "{said}");
    // Nor does one that nothing on the host can end.
    desk.program("timeout", "shift 3; exec \"$@\"");
    let said = desk.ends(0, &["status"]);
    assert!(
        said.contains("nvidia-smi did not answer within 10 s"),
        "{said}"
    );
    assert!(said.contains("docker      2"), "{said}");
    assert!(
        began.elapsed() < Duration::from_secs(45),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_docker_that_hangs_is_named_and_given_up() {
    let desk = Desk::new();
    let timeout = |from: u32, to: u32| {
        let setting = |seconds| format!("answer_timeout = {seconds}");
        desk.set(&setting(from), &setting(to));
    };
    desk.set(
        "connect_timeout = 5",
        "connect_timeout = 5\nanswer_timeout = 1",
    );
    let prompt = desk.prompt("city", &["depth"]);
    let hangs = |what: &str, seconds: u32, args: &[&str]| {
        desk.hang_docker(what);
        let said = desk.ends(4, args);
        for part in [
            &format!("docker {what} on 127.0.0.1 did not end within {seconds} s"),
            "help:  look there whether Docker or a disk hangs",
        ] {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
    };
    let run = ["run", &prompt, "--no-upscale"];
    for args in [&run[..], &["logs", "city"], &["cancel", "city"]] {
        hangs("container inspect", 1, args);
    }
    hangs("container ls", 1, &["clean"]);
    // These come after others, which need their time.
    timeout(1, 10);
    for what in ["container run", "container logs", "container rm"] {
        if what == "container logs" {
            // Not while the job runs: it may be silent for as long as it likes.
            desk.hang_docker("container logs cosmos_");
            let said = desk.ends(4, &run);
            assert!(
                said.contains("docker container logs on 127.0.0.1 did not end within 10 s"),
                "{said}"
            );
        } else {
            hangs(what, 10, &run);
        }
    }
    desk.hang_docker("nothing of it");
    desk.ends(0, &run);
    // The container that could not be removed then.
    desk.ends(0, &["clean"]);
    desk.assert_done(false);
}

#[test]
fn missing_checkpoints_end_a_run_before_its_upload() {
    let desk = Desk::new();
    desk.use_image_without_checkpoints();
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(4, &["run", &prompt, "--no-upscale"]);
    let base = "checkpoints/nvidia/Cosmos-Transfer1-7B/base_model.pt";
    let depth = "checkpoints/nvidia/Cosmos-Transfer1-7B/depth_control.pt";
    for part in [
        "the checkpoints are missing",
        base,
        depth,
        "download_checkpoints.py",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert_eq!(desk.uploads(), 0, "something was uploaded");
    assert_eq!(desk.status(), "failed");

    // What the run reads is looked for, and not what another one would.
    let run = desk.run_file();
    let status = desk
        .cosmos(&["--json", "status", run.to_str().unwrap()])
        .output()
        .unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let read: Vec<&str> = status["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|file| file["place"]["path"].as_str())
        .collect();
    assert!(read.contains(&depth), "{read:?}");
    assert!(
        !read.iter().any(|path| path.contains("vis_control")),
        "{read:?}"
    );
    assert_eq!(status["files"][0]["presence"], "missing");
    assert_eq!(status["problems"][0]["code"], "checkpoint_missing");
    assert_eq!(status["problems"][0]["prevents_runs"], true);

    // Once they are there it runs, here only to the eye: the stand-in reads none.
    for path in read {
        let path = desk.checkout.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "weights").unwrap();
    }
    desk.ends(0, &["run", &prompt, "--no-upscale"]);
    desk.assert_done(false);
}

#[test]
fn a_run_can_go_ahead_against_advice() {
    let desk = Desk::new();
    desk.use_image_without_checkpoints();
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["run", &prompt, "--no-upscale", "--no-host-check"]);
    desk.assert_done(false);
}

#[test]
fn a_download_that_a_run_begins_with_is_a_warning_and_offline_an_error() {
    let desk = Desk::new();
    desk.use_image_without_checkpoints();
    let cache = desk.path("hf");
    fs::create_dir_all(&cache).unwrap();
    let volume = format!(
        "volumes = [\"{}:/root/.cache/huggingface\"]",
        cache.display()
    );
    desk.set("volumes = []", &volume);
    let status = desk.json(&[
        "status",
        "--model",
        "cosmos3",
        "--checkpoint",
        "Cosmos3-Edge",
    ]);
    let problem = &status["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["prevents_runs"]),
        (&"download".into(), &false.into())
    );
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("nvidia/Cosmos3-Edge (8 GB)"), "{message}");
    assert_eq!(status["cache_dir"], cache.join("hub").to_str().unwrap());

    desk.set(
        &volume,
        &format!("{volume}\noptions = [\"--env=HF_HUB_OFFLINE=1\"]"),
    );
    let said = desk.ends(4, &["status", "--model", "cosmos3"]);
    assert!(
        said.contains("the container is offline: nvidia/Cosmos3-Nano (32 GB)"),
        "{said}"
    );
}

#[test]
fn a_run_for_a_gpu_that_is_not_there_uploads_nothing_and_one_that_runs_is_left_alone() {
    let desk = Desk::new();
    desk.program("nvidia-smi", NVIDIA_SMI);
    desk.set("gpus = \"\"", "gpus = \"all\"");
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(4, &["run", &prompt, "--no-upscale", "--cuda-devices", "3"]);
    assert!(
        said.contains("there is no GPU 3: the container gets 1 GPU"),
        "{said}"
    );
    assert_eq!(desk.uploads(), 0, "something was uploaded");

    desk.set("gpus = \"all\"", "gpus = \"\"");
    desk.mode("slow=50");
    desk.ends(0, &["run", &prompt, "--no-upscale", "--detach"]);
    desk.set("gpus = \"\"", "gpus = \"all\"");
    desk.ends(0, &["run", &prompt, "--no-upscale", "--cuda-devices", "3"]);
    desk.assert_done(false);
}

#[test]
fn watch_shows_what_runs_through_a_lost_connection_until_ctrl_c() {
    let desk = Desk::new();
    desk.program("nvidia-smi", NVIDIA_SMI);
    desk.mode("slow=300");
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["run", &prompt, "--no-upscale", "--detach"]);
    let watch = desk.start(&["--json", "status", "--watch", "--interval", "0.3"]);
    std::thread::sleep(Duration::from_secs(3));
    desk.relay.cut();
    std::thread::sleep(Duration::from_secs(5));
    watch.signal("INT");
    let said = watch.ends(0);
    desk.ends(0, &["cancel", "city"]);
    let moments: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(said.contains("was lost"), "{said}");
    assert!(moments.len() > 3, "{said}");
    assert_eq!(moments[0]["gpus"][0]["watts"], 118.52);
    let run = desk.run_spec()["id"].as_str().unwrap().to_owned();
    let job = moments
        .iter()
        .flat_map(|moment| moment["jobs"].as_array().unwrap());
    let ours: Vec<&Value> = job.filter(|job| job["run_id"] == run.as_str()).collect();
    assert!(
        ours.iter().any(|job| job["last_line"]
            .as_str()
            .is_some_and(|line| line.contains("step"))),
        "{said}"
    );
    // The connection was cut after three seconds.
    let age = |job: Option<&&Value>| job.unwrap()["age_seconds"].as_u64().unwrap();
    assert!(age(ours.last()) >= age(ours.first()) + 5, "{said}");
}

#[test]
fn watch_redraws_in_place_at_a_terminal() {
    let desk = Desk::new();
    desk.program("nvidia-smi", NVIDIA_SMI);
    let watch = desk.cosmos(&["status", "--watch", "--interval", "0.2"]);
    let words = std::iter::once(watch.get_program()).chain(watch.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
    let line = format!(
        "timeout --foreground --signal=INT 5 {}",
        shlex::try_join(words).unwrap()
    );
    let output = std::process::Command::new("script")
        .args(["--quiet", "--flush", "--command", &line, "/dev/null"])
        .current_dir(desk.path("."))
        .env("HOME", desk.sshd.home())
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.matches("\u{1b}[1;1H").count() > 1, "{said:?}");
    for part in ["gpu 0", "83.9 GB of 85.5 GB free", "41 °C"] {
        assert!(said.contains(part), "`{part}` is not in: {said:?}");
    }
}

#[test]
fn what_goes_on_for_ever_ends_quietly_when_its_reader_goes_away() {
    let desk = Desk::new();
    desk.mode("slow=300");
    let prompt = desk.prompt("city", &["depth"]);
    desk.ends(0, &["run", &prompt, "--no-upscale", "--detach"]);
    for args in [
        &["status", "--watch", "--interval", "0.2"][..],
        &["--json", "status", "--watch", "--interval", "0.2"],
        &["logs", "city", "--follow"],
    ] {
        let cosmos = desk.cosmos(args);
        let script = "{ timeout 20 \"$0\" \"$@\"; echo $? > code; } | head -n 1";
        let output = std::process::Command::new("sh")
            .args(["-c", script])
            .arg(cosmos.get_program())
            .args(cosmos.get_args())
            .current_dir(desk.path("."))
            .env("HOME", desk.sshd.home())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        let code = std::fs::read_to_string(desk.path("code")).unwrap();
        assert_eq!(code, "0\n", "{args:?}");
    }
    desk.ends(0, &["cancel", "city"]);
}
