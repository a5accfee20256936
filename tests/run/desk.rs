//! A user's folder, a GPU host that is this machine, and a connection between them that can be cut.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use image::RgbImage;
use serde_json::Value;
use tempfile::TempDir;

use crate::engine::{Engine, IMAGE, SCRIPT, shared};
use crate::sshd::Sshd;
use delay_proxy::Relay;

/// How long a test waits for something to happen.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Desk<'e> {
    dir: TempDir,
    pub sshd: Sshd,
    pub relay: Relay,
    pub checkout: PathBuf,
    pub engine: &'e Engine,
}

/// A process that is ended with the test.
pub struct Running(Child);

impl Desk<'static> {
    /// A desk whose host has the engine that all tests share.
    pub fn new() -> Self {
        Self::with_engine(shared())
    }
}

impl<'e> Desk<'e> {
    /// A desk whose host has this engine.
    pub fn with_engine(engine: &'e Engine) -> Self {
        let dir = TempDir::new().unwrap();
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let path = std::env::var("PATH").unwrap();
        let sshd = Sshd::with_settings(&format!(
            "SetEnv DOCKER_HOST={} \"PATH={}:{path}\"",
            engine.host(),
            bin.display()
        ));
        let relay = Relay::start(sshd.port(), Duration::ZERO).unwrap();
        sshd.trust(relay.port());
        // A name that a shell must not see unquoted.
        let checkout = dir.path().join("host/it's $(here)");
        let made = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT))
            .arg("--checkout")
            .arg(&checkout)
            .status()
            .unwrap();
        assert!(made.success());
        let desk = Self {
            dir,
            sshd,
            relay,
            checkout,
            engine,
        };
        desk.configure("");
        desk
    }

    /// Writes the settings, with `docker` as further lines of its section.
    pub fn configure(&self, docker: &str) {
        let text = format!(
            "{}reconnect_timeout = 20\nconnect_timeout = 5\n\n[paths]\nremote_dir = \"{}\"\n\n\
             [docker]\nimage = \"{IMAGE}\"\nshm_size = \"16m\"\nipc_mode = \"private\"\ngpus = \"\"\n\
             volumes = []\n{docker}\n",
            self.sshd.settings(self.relay.port()),
            self.checkout.display()
        );
        fs::write(self.path("config.toml"), text).unwrap();
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join("desk").join(relative).also(|path| {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).unwrap();
            }
        })
    }

    /// Makes the host's docker hang whenever its arguments contain `what`.
    pub fn hang_docker(&self, what: &str) {
        let script = format!(
            "case \"$*\" in *'{what}'*) exec sleep 1000 ;; esac\nPATH=${{PATH#*:}} exec docker \"$@\""
        );
        self.program("docker", &script);
    }

    /// Puts a program before all others of that name on the host: for what this machine cannot have.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.dir.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes the stand-in behave so.
    pub fn mode(&self, mode: &str) {
        fs::write(self.checkout.join("stand_in_mode"), mode).unwrap();
    }

    pub fn cosmos(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cosmos"));
        command
            .current_dir(self.path("."))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.sshd.home())
            // About 100 MB for each test.
            .env("COSMOS_AI_KEEP_GRAPHS", "false")
            .args(args)
            .stdin(Stdio::null());
        command
    }

    /// What the command says on both streams; it has to end with `code`.
    pub fn ends(&self, code: i32, args: &[&str]) -> String {
        said(&self.cosmos(args).output().unwrap(), code)
    }

    /// What the command prints as JSON; it has to succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.cosmos(&[&["--json"], args].concat()).output().unwrap();
        said(&output, 0);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn start(&self, args: &[&str]) -> Running {
        self.start_in(&self.path("."), args)
    }

    /// Starts it as on another machine, whose user's folder is `folder`.
    pub fn start_in(&self, folder: &Path, args: &[&str]) -> Running {
        let mut command = self.cosmos(args);
        command.current_dir(folder);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// A render folder with five frames of each of these modalities.
    pub fn render(&self, folder: &str, modalities: &[&str]) -> String {
        for modality in modalities {
            for frame in 1..=5_u32 {
                let picture = RgbImage::from_fn(64, 36, |x, y| {
                    image::Rgb([x as u8 * 3, y as u8 * 6, frame as u8 * 40])
                });
                let name = format!("{folder}/{modality}.{frame:04}.png");
                picture.save(self.path(name)).unwrap();
            }
        }
        folder.to_owned()
    }

    /// A prompt called `name`, with a video of color and of these controls.
    pub fn prompt(&self, name: &str, controls: &[&str]) -> String {
        self.prompt_of_size(name, controls, 0)
    }

    /// The text of its prompts, which no other desk has: all share one engine, and the same run is the same
    /// container.
    pub fn text(&self) -> String {
        let own = self.dir.path().file_name().unwrap().to_str().unwrap();
        format!("a neon city; it's \"raining\" {own} $(touch owned)")
    }

    /// A prompt with videos of at least `bytes`.
    pub fn prompt_of_size(&self, name: &str, controls: &[&str], bytes: u32) -> String {
        let render = self.render(&format!("render/{name}"), &[&["color"], controls].concat());
        let prepared = self.json(&["prepare-inference", &render, "--name", name, "--no-ai"]);
        let folder = prepared["output"].as_str().unwrap();
        for video in files(&self.path(folder), "mp4") {
            make_larger(&video, bytes);
        }
        let text = self.text();
        let made = self.json(&["create-spec", name, &text, "--video-path", folder]);
        made["path"].as_str().unwrap().to_owned()
    }

    /// The only run there is.
    pub fn run_file(&self) -> PathBuf {
        let mut runs = files(&self.path("inputs/runs"), "json");
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    pub fn run_spec(&self) -> Value {
        serde_json::from_slice(&fs::read(self.run_file()).unwrap()).unwrap()
    }

    pub fn status(&self) -> String {
        self.run_spec()["execution_status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Waits until `what` is in some log of a run here.
    pub fn wait_for_log(&self, what: &str) {
        wait_until(what, || {
            let logs = files(&self.path("outputs"), "log");
            logs.iter()
                .any(|log| fs::read_to_string(log).unwrap_or_default().contains(what))
        });
    }

    /// Waits until the journal of the only run says `what`.
    pub fn wait_for_state(&self, what: &str) {
        wait_until(what, || {
            let journals = files(&self.path("inputs/runs"), "journal");
            journals
                .iter()
                .any(|path| fs::read_to_string(path).unwrap_or_default().contains(what))
        });
    }

    /// Our containers that are still there, ended or not.
    pub fn containers(&self) -> Vec<String> {
        let spec = self.run_spec();
        let label = format!("label=cosmos-workflow.run={}", spec["id"].as_str().unwrap());
        let args = ["ps", "--all", "--filter", &label, "--format", "{{.Names}}"];
        let output = self.engine.docker(&args);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The folder of the results of the only run, and of its upscaling.
    pub fn outputs(&self) -> [PathBuf; 2] {
        let spec = self.run_spec();
        let first = self.path(spec["output_path"].as_str().unwrap());
        let upscaled = PathBuf::from(format!("{}_upscaled", first.display()));
        [first, upscaled]
    }

    /// The run is done, and everything is where it should be: here, on the host, and in what the files say.
    pub fn assert_done(&self, upscaled: bool) {
        let spec = self.run_spec();
        assert_eq!(spec["execution_status"], "completed", "{spec}");
        assert_eq!(spec["error_message"], Value::Null);
        assert!(spec["start_time"].is_string() && spec["end_time"].is_string());
        let [first, second] = self.outputs();
        assert_video(&first.join("output.mp4"), (1280, 704), 5);
        self.assert_log(&first);
        if upscaled {
            assert_video(&second.join("output.mp4"), (3840, 2112), 5);
            self.assert_log(&second);
        } else {
            assert!(!second.exists());
        }
        assert_eq!(self.containers(), [""; 0]);
        self.assert_nothing_owned();
    }

    /// The log is here and on the host, whole and each line once.
    fn assert_log(&self, folder: &Path) {
        let log = fs::read_to_string(folder.join("run.log")).unwrap();
        assert_eq!(log.matches("stand-in for").count(), 1, "{log}");
        assert_eq!(
            log.matches("Starting diffusion sampling").count(),
            1,
            "{log}"
        );
        assert_eq!(log.matches("Saved video to ").count(), 1, "{log}");
        let id = self.run_spec()["id"].as_str().unwrap().to_owned();
        let is_upscaled = folder.to_str().unwrap().ends_with("_upscaled");
        let ending = if is_upscaled { id + "_upscaled" } else { id };
        let there = fs::read_dir(self.checkout.join("outputs")).unwrap();
        let there = there
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_str().unwrap().ends_with(&ending))
            .unwrap();
        assert_eq!(fs::read_to_string(there.join("run.log")).unwrap(), log);
        assert!(there.join("spec.json").exists() && folder.join("spec.json").exists());
    }

    /// No text that was meant as such was run by a shell.
    pub fn assert_nothing_owned(&self) {
        for folder in [self.path("."), self.checkout.clone(), self.sshd.home()] {
            assert!(!folder.join("owned").exists());
        }
    }

    /// A small disk under `folder`, until the result is dropped.
    pub fn small_disk(folder: &Path, size: &str) -> SmallDisk {
        let folder = folder.to_owned();
        fs::create_dir_all(&folder).unwrap();
        let options = format!("size={size},mode=0777");
        as_root(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs"], &folder);
        SmallDisk(folder)
    }

    /// The lines of the history, as status and remark.
    pub fn history(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.path("notes/run_history.log")).unwrap();
        let fields = |line: &str| -> (String, String) {
            let fields: Vec<&str> = line.split('\t').collect();
            (fields[4].to_owned(), fields[6].to_owned())
        };
        text.lines().map(fields).collect()
    }
}

impl Running {
    pub fn ends(mut self, code: i32) -> String {
        wait_until("the end of the process", || {
            self.0.try_wait().unwrap().is_some()
        });
        let mut output = Output {
            status: self.0.wait().unwrap(),
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        std::io::copy(self.0.stdout.as_mut().unwrap(), &mut output.stdout).unwrap();
        std::io::copy(self.0.stderr.as_mut().unwrap(), &mut output.stderr).unwrap();
        said(&output, code)
    }

    pub fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// As the power goes off.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A small disk, which goes with its contents.
pub struct SmallDisk(PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        as_root(&["umount"], &self.0);
    }
}

fn as_root(words: &[&str], last: &Path) {
    let sudo: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    let words = [sudo, words].concat();
    let status = Command::new(words[0]).args(&words[1..]).arg(last).status();
    assert!(status.unwrap().success(), "{words:?}");
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

trait Also: Sized {
    fn also(self, and: impl FnOnce(&Self)) -> Self {
        and(&self);
        self
    }
}

impl Also for PathBuf {}

/// Appends a box that players pass over.
fn make_larger(video: &Path, bytes: u32) {
    if bytes == 0 {
        return;
    }
    let mut file = fs::OpenOptions::new().append(true).open(video).unwrap();
    let mut noise = (bytes + 8).to_be_bytes().to_vec();
    noise.extend(b"free");
    let mut state = 1_u32;
    noise.extend(std::iter::repeat_n((), bytes as usize).map(|()| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    file.write_all(&noise).unwrap();
}

pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

pub fn said(output: &Output, code: i32) -> String {
    let streams = [&output.stdout, &output.stderr];
    let text = streams.map(|bytes| String::from_utf8_lossy(bytes)).concat();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// The files below `folder` with this extension, by name.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

/// The video plays and is of this size and length.
pub fn assert_video(path: &Path, (width, height): (u32, u32), frames: u32) {
    let entries = "stream=width,height,nb_read_frames";
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-of", "csv=p=0"])
        .args(["-show_entries", entries])
        .arg(path)
        .output()
        .unwrap();
    let text = said(&output, 0);
    assert_eq!(
        text.trim(),
        format!("{width},{height},{frames}"),
        "{}",
        path.display()
    );
}
