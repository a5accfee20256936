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
    printf "%s\n" "$said" | grep -e "^arch=" -e "^CUDA_VERSION="' sh "$image" \
    'arch={{.Architecture}}{{range .Config.Env}}{{println}}{{.}}{{end}}' &
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
        let hub = self.inside.on_host(&self.inside.cache(Cache::Hub));
        let home = self.inside.on_host(&self.inside.hf_home());
        let mut command = Command::script(SURVEY)
            .arg(PATIENCE.to_string())
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
            image: image
                .of_docker("look at the image", self.image)
                .map(|()| read_image(&image.lines)),
            containers: containers.containers(),
            gpus: gpu.gpus(),
            cuda: cuda.lines.first().map(|&line| line.to_owned()),
            checkout: word("checkout").map(|state| state == "yes"),
            clone: read_clone(&git.lines),
            free: number(&disk),
            free_cache: number(&cache),
            has_token: files.lines.contains(&"token environment"),
            has_token_file: files.lines.contains(&"token file"),
            files: self.presence(&files.lines),
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
