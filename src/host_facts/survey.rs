//! One question to the host about everything that a run needs, and the answer.
//!
//! Each part of the script is asked on its own, all at the same time, and tags its lines with its name. So a program
//! that hangs (Docker at odds with a disk, a GPU that has fallen off its bus) costs its own answer and no other.

use std::collections::BTreeMap;
use std::time::Duration;

use super::gpu::{FIELDS, Gpu};
use super::inside::Inside;
use crate::cosmos::needs::{Cache, Need, Needs, Place};
use crate::docker::{Container, DockerError, FORMAT, RUN_LABEL};
use crate::remote::{Command, ExitStatus};

/// Seconds that a part of the question may take.
pub const PATIENCE: u64 = 10;
/// How long the whole answer is waited for: `timeout` ends what can be ended before that.
pub const LIMIT: Duration = Duration::from_secs(PATIENCE + 3);

/// The head of every question: `tag` and `ask`.
macro_rules! asking {
    ($script:literal) => {
        concat!(
            r#"patience=$1; shift
tag() { while IFS= read -r line || [ -n "$line" ]; do printf '%s %s\n' "$1" "$line"; done; }
ask() {
    name=$1; shift
    {
        if command -v timeout >/dev/null 2>&1; then timeout -k 1 "$patience" "$@"; else "$@"; fi </dev/null 2>&1
        printf '\nexit=%s\n' "$?"
    } | tag "$name"
}
gpus() {
    ask gpu sh -c 'nvidia-smi --query-gpu="$1,compute_cap" --format=csv,noheader,nounits ||
        nvidia-smi --query-gpu="$1" --format=csv,noheader,nounits' sh "$1"
}
containers() {
    ask container sh -c 'ids=$(docker container ls --all --quiet --no-trunc --filter "label=$1") || exit
        [ -z "$ids" ] || exec docker container inspect --format "$2" $ids' sh "$1" "$2"
}
"#,
            $script
        )
    };
}

const SURVEY: &str = asking!(
    r#"dir=$1 image=$2 label=$3 format=$4 fields=$5 hub=$6 home=$7 commits=$8; shift 8
at_home() { case $1 in "~/"*) printf %s "$HOME/${1#??}";; *) printf %s "$1";; esac; }
# yes, no, link (it leads to where only the container can go), or closed (this user may not look).
state() {
    if [ -e "$1" ]; then echo yes; return; fi
    at=$1
    while [ ! -e "$at" ] && [ ! -L "$at" ] && [ -n "$at" ]; do at=${at%/*}; done
    if [ -L "$at" ] && [ ! -e "$at" ]; then echo link
    elif [ -x "${at:-/}" ]; then echo no
    else echo closed
    fi
}
cached() {
    if [ ! -x "$1" ]; then
        state "$1"
    elif [ "$2" = '*' ]; then
        for file in "$1"/blobs/*.incomplete; do [ ! -e "$file" ] || { echo partly; return; }; done
        for file in "$1"/snapshots/*/*; do [ ! -e "$file" ] || { echo yes; return; }; done
        echo no
    else
        for file in "$1"/snapshots/*/"$2"; do [ ! -e "$file" ] || { echo yes; return; }; done
        echo no
    fi
}
free() {
    ask "$1" sh -c 'folder=$1
        while [ ! -d "$folder" ] && [ -n "${folder#/}" ]; do folder=${folder%/*}; done
        df --output=avail -B1 -- "${folder:-/}" | tail -n 1' sh "$2"
}
files() {
    printf 'checkout %s\n' "$(state "$dir")"
    [ -z "$HF_TOKEN" ] || echo 'token environment'
    [ -z "$home" ] || [ ! -s "$(at_home "$home")/token" ] || echo 'token file'
    while [ $# -gt 2 ]; do
        path=$(at_home "$2")
        case $3 in -) found=$(state "$path");; *) found=$(cached "$path" "$3");; esac
        printf 'file %s %s\n' "$1" "$found"
        shift 3
    done
    echo exit=0
}
clone() {
    [ -e "$dir/.git" ] || return 0
    ask git sh -c 'g() { git -c "safe.directory=*" --git-dir="$dir/.git" "$@"; }
        dir=$1
        g show --no-patch --format="head %H %cI" HEAD || exit
        g rev-parse --is-shallow-repository | sed "s/^/shallow /"
        for commit in $2; do
            g cat-file -e "$commit^{commit}" 2>/dev/null || { echo "has $commit unknown"; continue; }
            if g merge-base --is-ancestor "$commit" HEAD; then echo "has $commit yes"; else echo "has $commit no"; fi
        done' sh "$dir" "$commits"
}
printf 'machine %s\n' "$(uname -m)"
while read -r key value rest; do
    case $key in MemTotal: | MemAvailable:) printf 'memory %s %s\n' "$key" "$value";; esac
done </proc/meminfo
printf 'clock %s\n' "$(date +%s)"
ask docker docker version --format '{{.Server.Version}}' &
ask image sh -c 'said=$(docker image inspect --format "$2" "$1" 2>&1) || { code=$?; printf "%s\n" "$said"; exit "$code"; }
    printf "%s\n" "$said" | grep -e "^arch=" -e "^CUDA_VERSION=" -e "^checkpoints="' sh "$image" \
    'arch={{.Architecture}}{{range .Config.Env}}{{println}}{{.}}{{end}}{{with .Config.Labels}}{{println}}checkpoints={{index . "cosmos-workflow.checkpoints"}}{{end}}' &
containers "$label" "$format" &
gpus "$fields" &
ask cuda sh -c 'nvidia-smi | sed -n "s/.*CUDA [A-Z ]*Version: *\([0-9.]*\).*/\1/p"' &
free disk "$dir" &
[ -z "$hub" ] || free cache "$(at_home "$hub")" &
clone &
files "$@" | tag files &
wait"#
);

const GLANCE: &str = asking!(
    r#"label=$1 format=$2 fields=$3
printf 'clock %s\n' "$(date +%s)"
running() {
    ask log sh -c 'docker container ls --no-trunc --filter "label=$1" --format "{{.Names}}" |
        while read -r name; do
            printf "%s %s\n" "$name" "$(docker container logs --tail 1 "$name" 2>/dev/null | tail -c 400 |
                tr "\r" "\n" | sed "/^[[:space:]]*$/d" | tail -n 1)"
        done' sh "$1"
}
containers "$label" "$format" &
gpus "$fields" &
running "$label" &
wait"#
);

/// A question to the host about what jobs need.
#[derive(Clone, Debug)]
pub struct Survey<'a> {
    /// The checkout.
    pub remote_dir: &'a str,
    /// The image.
    pub image: &'a str,
    /// The inside of the jobs' containers.
    pub inside: &'a Inside,
    /// What they need.
    pub needs: &'a Needs,
    /// The commits that are looked for in the checkout.
    pub commits: Vec<&'a str>,
}

/// Whether a file that a job reads is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is.
    There,
    /// It is not.
    Missing,
    /// Its download was begun and not finished.
    Partly,
    /// It is in a folder that only the container sees: a part of the image, a volume that Docker keeps, or a link to
    /// such.
    InContainer,
    /// The image says that it brings it.
    InImage,
    /// The user on the host may not look there.
    Closed,
    /// The host did not answer in time.
    Unknown,
}

/// An image on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// What it runs on, in Docker's words: `amd64`.
    pub architecture: String,
    /// The version of CUDA in it, if it says so.
    pub cuda: Option<String>,
    /// Whether it says that it brings its checkpoints, with the label `cosmos-workflow.checkpoints=included`.
    pub brings_checkpoints: bool,
}

/// Why no GPU is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoGpus {
    /// There is no `nvidia-smi`.
    NoProgram,
    /// It did not answer in time.
    Silent,
    /// It said this.
    Said(String),
}

/// The checkout as `git` sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// The commit that is checked out.
    pub commit: String,
    /// When that was made (RFC 3339).
    pub date: String,
    /// Whether its history was cut off, so that an older commit may be in it unseen.
    pub is_shallow: bool,
    /// Commits that were looked for, and whether they are in the history.
    pub has: BTreeMap<String, bool>,
}

/// What the host answered.
#[derive(Debug)]
pub struct Facts {
    /// `uname -m`.
    pub machine: Option<String>,
    /// All memory of the machine, and what is free of it, in bytes.
    pub memory: Option<(u64, u64)>,
    /// The host's clock, in seconds since 1970.
    pub clock: Option<i64>,
    /// The version of Docker's engine.
    pub docker: Result<String, DockerError>,
    /// The image.
    pub image: Result<Image, DockerError>,
    /// Our containers.
    pub containers: Result<Vec<Container>, DockerError>,
    /// The GPUs.
    pub gpus: Result<Vec<Gpu>, NoGpus>,
    /// The version of CUDA that the driver is made for.
    pub cuda: Option<String>,
    /// Whether the checkout is there; `None` if the disk did not answer in time.
    pub checkout: Option<bool>,
    /// The checkout's history; `None` if it is no clone.
    pub clone: Option<Checkout>,
    /// Free bytes on the checkout's disk.
    pub free: Option<u64>,
    /// Free bytes on the disk of Hugging Face's cache, where that is on the host.
    pub free_cache: Option<u64>,
    /// Whether the host's environment holds a token for huggingface.co.
    pub has_token: bool,
    /// Whether the cache holds one.
    pub has_token_file: bool,
    /// For each file of the needs, whether it is there.
    pub files: Vec<Presence>,
    /// The parts that did not answer in time, in words.
    pub silent: Vec<&'static str>,
}

/// One part of an answer.
#[derive(Debug, Default)]
struct Part<'t> {
    lines: Vec<&'t str>,
    code: Option<i32>,
}

impl Part<'_> {
    /// Whether it did not end by itself: `timeout` says 124, or 137 for what it had to kill.
    fn is_silent(&self) -> bool {
        matches!(self.code, None | Some(124 | 137))
    }

    fn said(&self) -> String {
        self.lines.join("\n")
    }

    fn status(&self) -> ExitStatus {
        ExitStatus::Code(self.code.unwrap_or_default())
    }

    /// Its only answer, or what Docker had to say instead.
    fn of_docker(&self, attempt: &str, image: &str) -> Result<(), DockerError> {
        if self.is_silent() {
            return Err(DockerError::Silent { seconds: PATIENCE });
        }
        if self.code == Some(0) {
            return Ok(());
        }
        Err(DockerError::of_text(
            &self.said(),
            self.status(),
            attempt,
            image,
        ))
    }

    fn containers(&self) -> Result<Vec<Container>, DockerError> {
        // One that is removed meanwhile fails the command, and not the others.
        let gone = self
            .lines
            .iter()
            .any(|line| line.contains("No such container"));
        if !gone {
            self.of_docker("list its containers", "")?;
        }
        let lines = self.lines.iter().filter(|line| line.starts_with('{'));
        lines.map(|line| Container::read(line)).collect()
    }

    fn gpus(&self) -> Result<Vec<Gpu>, NoGpus> {
        let gpus: Vec<Gpu> = self
            .lines
            .iter()
            .filter_map(|line| Gpu::read(line))
            .collect();
        if !gpus.is_empty() {
            return Ok(gpus);
        }
        Err(if self.is_silent() {
            NoGpus::Silent
        } else if self.code == Some(127) {
            NoGpus::NoProgram
        } else {
            NoGpus::Said(self.lines.first().map_or("", |line| line).to_owned())
        })
    }
}

/// The parts of an answer by name. Whatever is not there has not answered.
fn parts(text: &str) -> BTreeMap<&str, Part<'_>> {
    let mut parts: BTreeMap<&str, Part<'_>> = BTreeMap::new();
    for (name, line) in text.lines().filter_map(|line| line.split_once(' ')) {
        let part = parts.entry(name).or_default();
        match line
            .strip_prefix("exit=")
            .and_then(|code| code.parse().ok())
        {
            Some(code) => part.code = Some(code),
            None if line.trim().is_empty() => {}
            None => part.lines.push(line.trim_end()),
        }
    }
    parts
}

impl Survey<'_> {
    /// The command to be run, for at most [`LIMIT`].
    #[must_use]
    pub fn command(&self) -> Command {
        self.command_within(PATIENCE)
    }

    fn command_within(&self, patience: u64) -> Command {
        let hub = self.inside.on_host(&self.inside.cache(Cache::Hub));
        let home = self.inside.on_host(&self.inside.hf_home());
        let mut command = Command::script(SURVEY)
            .arg(patience.to_string())
            .args([self.remote_dir, self.image, RUN_LABEL, FORMAT, FIELDS])
            .arg(hub.unwrap_or_default())
            .arg(home.unwrap_or_default())
            .arg(self.commits.join(" "));
        for (index, need) in self.needs.files.iter().enumerate() {
            if let Some((path, file)) = self.looked_for(need) {
                command = command.arg(index.to_string()).args([path, file]);
            }
        }
        command
    }

    /// The path on the host of what is needed, and the file below it: `-` for the path itself, `*` for anything.
    fn looked_for(&self, need: &Need) -> Option<(String, String)> {
        let path = self.inside.on_host(&self.inside.path_of(&need.place))?;
        let file = match &need.place {
            Place::Folder { .. } => "-",
            Place::HuggingFace { file, .. } => file.as_deref().unwrap_or("*"),
        };
        Some((path, file.to_owned()))
    }

    /// Reads what the command wrote, or had written when its time was over.
    #[must_use]
    pub fn read(&self, text: &str) -> Facts {
        let mut parts = parts(text);
        let mut take = |name: &str| parts.remove(name).unwrap_or_default();
        let number = |part: &Part<'_>| part.lines.first().and_then(|line| line.trim().parse().ok());
        let (docker, image, containers) = (take("docker"), take("image"), take("container"));
        let (gpu, cuda, git, files) = (take("gpu"), take("cuda"), take("git"), take("files"));
        let (disk, cache) = (take("disk"), take("cache"));
        let word = |key: &str| {
            let mut words = files.lines.iter().filter_map(|line| line.split_once(' '));
            words.find(|(word, _)| *word == key).map(|(_, rest)| rest)
        };
        let kibibytes = |part: &Part<'_>, key: &str| {
            let mut words = part.lines.iter().filter_map(|line| line.split_once(' '));
            let (_, value) = words.find(|(word, _)| *word == key)?;
            value.trim().parse::<u64>().ok()?.checked_mul(1 << 10)
        };
        let memory = take("memory");
        let mut silent = Vec::new();
        for (part, name) in [
            (&disk, "the disk of the checkout"),
            (&files, "the disk of the checkout"),
        ] {
            if part.is_silent() && !silent.contains(&name) {
                silent.push(name);
            }
        }
        let image = image
            .of_docker("look at the image", self.image)
            .map(|()| read_image(&image.lines));
        let mut presence = self.presence(&files.lines);
        if image.as_ref().is_ok_and(|image| image.brings_checkpoints) {
            presence.fill(Presence::InImage);
        }
        Facts {
            machine: take("machine").lines.first().map(|&line| line.to_owned()),
            memory: kibibytes(&memory, "MemTotal:").zip(kibibytes(&memory, "MemAvailable:")),
            clock: take("clock")
                .lines
                .first()
                .and_then(|line| line.parse().ok()),
            docker: docker
                .of_docker("tell its version", "")
                .map(|()| docker.lines.last().copied().unwrap_or_default().to_owned()),
            image,
            containers: containers.containers(),
            gpus: gpu.gpus(),
            cuda: cuda.lines.first().map(|&line| line.to_owned()),
            checkout: word("checkout").map(|state| state == "yes"),
            clone: read_clone(&git.lines),
            free: number(&disk),
            free_cache: number(&cache),
            has_token: files.lines.contains(&"token environment"),
            has_token_file: files.lines.contains(&"token file"),
            files: presence,
            silent,
        }
    }

    fn presence(&self, lines: &[&str]) -> Vec<Presence> {
        let mut found = BTreeMap::new();
        for line in lines {
            if let Some((index, state)) = line
                .strip_prefix("file ")
                .and_then(|line| line.split_once(' '))
                && let Ok(index) = index.parse::<usize>()
            {
                found.insert(index, state);
            }
        }
        let of = |(index, need): (usize, &Need)| match found.get(&index) {
            None if self.looked_for(need).is_none() => Presence::InContainer,
            None => Presence::Unknown,
            Some(&"yes") => Presence::There,
            Some(&"no") => Presence::Missing,
            Some(&"partly") => Presence::Partly,
            Some(&"link") => Presence::InContainer,
            Some(&"closed") => Presence::Closed,
            Some(_) => Presence::Unknown,
        };
        self.needs.files.iter().enumerate().map(of).collect()
    }
}

fn read_image(lines: &[&str]) -> Image {
    let value = |name: &str| {
        let mut values = lines.iter().filter_map(|line| line.strip_prefix(name));
        values.next().map(str::to_owned)
    };
    Image {
        architecture: value("arch=").unwrap_or_default(),
        cuda: value("CUDA_VERSION="),
        brings_checkpoints: value("checkpoints=").as_deref() == Some("included"),
    }
}

fn read_clone(lines: &[&str]) -> Option<Checkout> {
    let mut clone = Checkout::default();
    for line in lines {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("head"), Some(commit), Some(date)) => {
                clone.commit = commit.to_owned();
                clone.date = date.to_owned();
            }
            (Some("shallow"), Some(answer), _) => clone.is_shallow = answer == "true",
            (Some("has"), Some(commit), Some(answer)) => {
                clone.has.insert(commit.to_owned(), answer == "yes");
            }
            _ => {}
        }
    }
    (!clone.commit.is_empty()).then_some(clone)
}

/// What a host does at the moment.
#[derive(Debug)]
pub struct Now {
    /// The host's clock, in seconds since 1970.
    pub clock: Option<i64>,
    /// The GPUs.
    pub gpus: Result<Vec<Gpu>, NoGpus>,
    /// Our containers.
    pub containers: Result<Vec<Container>, DockerError>,
    /// The last line that each running container has written, by its name.
    pub last_lines: BTreeMap<String, String>,
}

/// Asks what the host does at the moment, as [`read_now`] takes it.
#[must_use]
pub fn now() -> Command {
    Command::script(GLANCE)
        .arg(PATIENCE.to_string())
        .args([RUN_LABEL, FORMAT, FIELDS])
}

/// Reads what [`now`] wrote, or had written when its time was over.
#[must_use]
pub fn read_now(text: &str) -> Now {
    let mut parts = parts(text);
    let mut take = |name: &str| parts.remove(name).unwrap_or_default();
    let log = take("log");
    let last_lines = log.lines.iter().filter_map(|line| {
        let (name, line) = line.split_once(' ')?;
        let plain: String = line.chars().filter(|c| !c.is_control()).collect();
        Some((name.to_owned(), plain.trim().to_owned()))
    });
    Now {
        last_lines: last_lines.collect(),
        clock: take("clock")
            .lines
            .first()
            .and_then(|line| line.parse().ok()),
        gpus: take("gpu").gpus(),
        containers: take("container").containers(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process;

    use tempfile::TempDir;

    use super::super::gpu::tests::{GB10, H100};
    use super::*;
    use crate::cosmos::needs::{NeedsRequest, needs};
    use crate::docker::DockerSettings;
    use crate::modality::Modality;
    use crate::specs::Model;

    const IMAGE: &str = "echo arch=amd64; echo PATH=/bin; echo CUDA_VERSION=12.8.1";
    const CONTAINER: &str = r#"{"Id":"7","Name":"/cosmos_a","State":{"Status":"running","ExitCode":0,"OOMKilled":false,"Error":"","StartedAt":"2026-06-07T08:00:00Z"},"Config":{"Image":"i","Labels":{"cosmos-workflow.run":"rs_1","cosmos-workflow.job":"d"}}}"#;

    /// A host of programs that say what a test wants, with a checkout and a cache.
    struct Place(TempDir);

    impl Place {
        fn new() -> Self {
            let place = Self(TempDir::new().unwrap());
            place.program("docker", &docker(IMAGE));
            place.program("nvidia-smi", &nvidia_smi(H100));
            place.folder("my checkout/checkpoints");
            place
        }

        fn path(&self, name: &str) -> String {
            self.0.path().join(name).to_str().unwrap().to_owned()
        }

        fn folder(&self, name: &str) {
            fs::create_dir_all(self.path(name)).unwrap();
        }

        fn file(&self, name: &str) {
            self.folder(Path::new(name).parent().unwrap().to_str().unwrap());
            fs::write(self.path(name), "x").unwrap();
        }

        fn program(&self, name: &str, script: &str) {
            self.file(&format!("bin/{name}"));
            let path = self.path(&format!("bin/{name}"));
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }

        fn ask(&self, model: Model, request: &NeedsRequest, commits: &[&str]) -> Facts {
            let settings = DockerSettings {
                volumes: vec!["~/hf:/root/.cache/huggingface".into()],
                ..DockerSettings::default()
            };
            let inside = Inside::new(&settings, &self.path("my checkout"), &BTreeMap::new());
            let survey = Survey {
                remote_dir: &self.path("my checkout"),
                image: "cosmos:1",
                inside: &inside,
                needs: &needs(model, request),
                commits: commits.to_vec(),
            };
            survey.read(&self.answer(&survey.command_within(1)))
        }

        fn answer(&self, command: &Command) -> String {
            let path = std::env::var("PATH").unwrap();
            let output = process::Command::new("sh")
                .args(["-c", &command.to_shell().unwrap()])
                .env("PATH", format!("{}:{path}", self.path("bin")))
                .env("HOME", self.path(""))
                .env_remove("HF_TOKEN")
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
            String::from_utf8(output.stdout).unwrap()
        }
    }

    fn docker(image: &str) -> String {
        format!(
            "case \"$1 $2\" in 'version --format') echo 'WARNING: no swap' >&2; echo 29.0.1;;\n'image inspect') {image};;\n\
             'container ls') echo 7;;\n'container inspect') echo '{CONTAINER}';;\n\
             'container logs') printf 'loading\\rSampling: 10%%\\rSampling: 37%%';;\nesac"
        )
    }

    fn nvidia_smi(line: &str) -> String {
        format!(
            "case $1 in '') echo '| NVIDIA-SMI 570.124.06   Driver Version: 570.124.06   CUDA Version: 12.8  |';;\n\
             *) echo '{line}';; esac"
        )
    }

    #[test]
    fn a_host_tells_all_that_it_has_in_one_answer() {
        let place = Place::new();
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert_eq!(facts.machine.as_deref(), Some(std::env::consts::ARCH));
        assert!(
            facts
                .memory
                .is_some_and(|(all, free)| all >= free && free > 0)
        );
        assert_eq!(facts.docker.unwrap(), "29.0.1");
        let image = facts.image.unwrap();
        assert_eq!(image.architecture, "amd64");
        assert_eq!(image.cuda.as_deref(), Some("12.8.1"));
        assert_eq!(facts.containers.unwrap()[0].name, "cosmos_a");
        assert_eq!(facts.gpus.unwrap(), [Gpu::read(H100).unwrap()]);
        assert_eq!(facts.cuda.as_deref(), Some("12.8"));
        assert_eq!(facts.checkout, Some(true));
        assert!(facts.clone.is_none() && facts.free.is_some_and(|free| free > 0));
        assert!(facts.silent.is_empty(), "{:?}", facts.silent);
    }

    #[test]
    fn what_hangs_costs_only_its_own_answer() {
        let place = Place::new();
        place.program("nvidia-smi", "sleep 30");
        place.program("docker", "sleep 30");
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert!(matches!(facts.docker, Err(DockerError::Silent { .. })));
        assert!(matches!(facts.image, Err(DockerError::Silent { .. })));
        assert_eq!(facts.gpus, Err(NoGpus::Silent));
        assert_eq!(facts.checkout, Some(true));
    }

    #[test]
    fn an_answer_that_was_cut_off_counts_as_far_as_it_goes() {
        let place = Place::new();
        let inside = Inside::new(&DockerSettings::default(), "/srv", &BTreeMap::new());
        let needs = needs(Model::Transfer1, &NeedsRequest::default());
        let survey = Survey {
            remote_dir: "/srv",
            image: "i",
            inside: &inside,
            needs: &needs,
            commits: Vec::new(),
        };
        drop(place);
        let facts =
            survey.read("machine aarch64\ndocker 29.0.1\ndocker exit=0\ngpu 0, GPU-1, NVID");
        assert_eq!(facts.docker.unwrap(), "29.0.1");
        assert!(matches!(facts.image, Err(DockerError::Silent { .. })));
        assert_eq!(facts.checkout, None);
        assert_eq!(facts.silent, ["the disk of the checkout"]);
        assert!(facts.files.iter().all(|file| *file == Presence::Unknown));
    }

    #[test]
    fn a_gpu_without_memory_of_its_own_and_a_driver_that_fails_are_told() {
        let place = Place::new();
        place.program("nvidia-smi", &nvidia_smi(GB10));
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert_eq!(facts.gpus.unwrap()[0].memory_mib, None);

        // A driver before R510 refuses the field that it does not know.
        let old = "case $1 in *compute_cap*) echo 'Field \"compute_cap\" is not a valid field to query.'; exit 2;;\n\
                   *) echo '0, GPU-1, Tesla T4, 15109, 0, 15109, 0, 40, 9.9, 70.0, 470.57.02';; esac";
        place.program("nvidia-smi", old);
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert_eq!(facts.gpus.unwrap()[0].name, "Tesla T4");

        let failed =
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
        place.program("nvidia-smi", &format!("echo \"{failed}\"; exit 9"));
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert_eq!(facts.gpus, Err(NoGpus::Said(failed.into())));

        place.program("nvidia-smi", "exit 127");
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert_eq!(facts.gpus, Err(NoGpus::NoProgram));
    }

    #[test]
    fn what_docker_complains_of_is_understood() {
        let place = Place::new();
        place.program(
            "docker",
            "echo 'Cannot connect to the Docker daemon at unix:///run/d.sock. Is the docker daemon running?' >&2; exit 1",
        );
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert!(matches!(facts.docker, Err(DockerError::NotRunning { .. })));
        place.program(
            "docker",
            &docker("echo 'Error response from daemon: No such image: cosmos:1' >&2; exit 1"),
        );
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert!(matches!(facts.image, Err(DockerError::NoImage { .. })));
    }

    #[test]
    fn an_image_may_say_that_it_brings_its_checkpoints() {
        let place = Place::new();
        place.program(
            "docker",
            &docker("echo arch=amd64; echo checkpoints=included"),
        );
        let facts = place.ask(Model::Transfer1, &NeedsRequest::default(), &[]);
        assert!(facts.files.iter().all(|file| *file == Presence::InImage));
    }

    #[test]
    fn checkpoints_are_found_where_the_container_will_look() {
        let place = Place::new();
        let request = NeedsRequest {
            controls: vec![(Modality::Depth, true)],
            ..NeedsRequest::default()
        };
        place.file("my checkout/checkpoints/nvidia/Cosmos-Transfer1-7B/base_model.pt");
        symlink(
            "/only/in/the/container",
            place.path("my checkout/checkpoints/google-t5"),
        )
        .unwrap();
        place.file(
            "hf/hub/models--depth-anything--Depth-Anything-V2-Small-hf/snapshots/abc/config.json",
        );
        let facts = place.ask(Model::Transfer1, &request, &[]);
        use Presence::{InContainer, Missing, There};
        assert_eq!(
            facts.files,
            [
                There,
                Missing,
                Missing,
                InContainer,
                Missing,
                Missing,
                There
            ]
        );
        assert!(!facts.has_token_file);
        assert!(facts.free_cache.is_some());

        let request = NeedsRequest {
            controls: vec![(Modality::Edge, false)],
            guardrails: false,
            ..NeedsRequest::default()
        };
        let network = "general/edge/61f5694b-0ad5-4ecd-8ad7-c8545627d125_ema_bf16.pt";
        place.file(&format!(
            "hf/hub/models--nvidia--Cosmos-Transfer2.5-2B/snapshots/r/{network}"
        ));
        place.file("hf/hub/models--nvidia--Cosmos-Reason1-7B/snapshots/r/config.json");
        place.file("hf/hub/models--nvidia--Cosmos-Reason1-7B/blobs/0af3.incomplete");
        place.file("hf/token");
        let facts = place.ask(Model::Transfer2_5, &request, &[]);
        assert_eq!(facts.files, [There, Presence::Partly, Missing, Missing]);
        assert!(facts.has_token_file);
    }

    #[test]
    fn a_checkout_tells_its_commit_and_what_is_in_its_history() {
        let place = Place::new();
        let git = |args: &[&str]| {
            let output = process::Command::new("git")
                .args(["-C", &place.path("my checkout")])
                .args(["-c", "user.name=a", "-c", "user.email=a@b"])
                .args(args)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        git(&["init", "--quiet"]);
        git(&["commit", "--quiet", "--allow-empty", "--message=1"]);
        let first = git(&["rev-parse", "HEAD"]);
        git(&["commit", "--quiet", "--allow-empty", "--message=2"]);
        let second = git(&["rev-parse", "HEAD"]);
        git(&["checkout", "--quiet", &first]);
        let absent = "24300b4109b7c11809dd50c4058e561695d36c60";
        let facts = place.ask(
            Model::Cosmos3,
            &NeedsRequest::default(),
            &[&first, &second, absent],
        );
        let clone = facts.clone.unwrap();
        assert_eq!(clone.commit, first);
        assert!(clone.date.starts_with("20") && !clone.is_shallow);
        let has: Vec<bool> = [first.as_str(), &second, absent]
            .map(|c| clone.has[c])
            .into();
        assert_eq!(has, [true, false, false]);
    }

    #[test]
    fn a_moment_tells_gpus_jobs_and_their_last_lines() {
        let place = Place::new();
        place.program("docker", &docker(IMAGE).replace("echo 7", "echo cosmos_a"));
        let now = read_now(&place.answer(&now()));
        assert_eq!(now.gpus.unwrap()[0].load_percent, Some(37));
        assert_eq!(now.containers.unwrap()[0].run_id, "rs_1");
        assert_eq!(now.last_lines["cosmos_a"], "Sampling: 37%");
        assert!(now.clock.is_some());
    }
}
