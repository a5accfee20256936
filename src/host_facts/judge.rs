//! What stands between a host and a run: the answer of the host beside what the run needs.

use serde::Serialize;

use super::gpu::{Gpu, NoSuchGpu, chosen};
use super::inside::{Inside, TokenSource};
use super::survey::{Facts, NoGpus, PATIENCE, Presence};
use crate::cosmos::needs::{Memory, Need, Needs, Place};
use crate::cosmos::options::program;
use crate::docker::DockerError;
use crate::docker::DockerSettings;
use crate::specs::Model;

/// Less free room than this is worth a word: a 4K result and what comes with it takes some gigabytes.
const LITTLE_ROOM: u64 = 10 << 30;
const MIB: u64 = 1 << 20;
/// How many names a message holds.
const NAMES: usize = 3;

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Docker cannot be used.
    Docker,
    /// The image is not there, or cannot be looked at.
    Image,
    /// The image is made for machines of another kind.
    ImageArchitecture,
    /// No GPU is known.
    Driver,
    /// The driver is older than what the model or the image asks for.
    DriverOld,
    /// A device that a job names is not there.
    GpuMissing,
    /// A GPU has too little memory.
    GpuMemory,
    /// A GPU's memory is taken by something else.
    GpuBusy,
    /// A GPU is of too old a generation.
    GpuGeneration,
    /// The checkout is not there.
    Checkout,
    /// The checkout is older than what a job uses.
    CheckoutOld,
    /// A file is missing, and nothing will bring it.
    CheckpointMissing,
    /// A file is missing, and the job downloads it first.
    Download,
    /// What is downloaded is lost with the container.
    CacheNotKept,
    /// It cannot be seen whether a file is there.
    Unseen,
    /// A download needs a token, and there is none.
    Token,
    /// The disk is nearly full.
    Disk,
    /// A part of the host did not answer.
    NoAnswer,
}

/// Something that is wrong with the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of thing it is.
    pub code: Code,
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether no run can be carried out until then.
    pub prevents_runs: bool,
}

/// A host's answer and a run, side by side.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// How containers are started.
    pub settings: &'a DockerSettings,
    /// The image.
    pub image: &'a str,
    /// The checkout.
    pub remote_dir: &'a str,
    /// What a container sees.
    pub inside: &'a Inside,
    /// `CUDA_VISIBLE_DEVICES` of the jobs.
    pub devices: &'a str,
    /// What they need.
    pub needs: &'a Needs,
    /// What the host has.
    pub facts: &'a Facts,
}

/// Everything that is wrong, what prevents runs and what does not, in the order in which it would be met.
#[must_use]
pub fn judge(case: &Case<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    case.docker(&mut problems);
    case.gpus(&mut problems);
    case.checkout(&mut problems);
    case.files(&mut problems);
    case.disk(&mut problems);
    problems
}

fn error(code: Code, message: String, hint: impl Into<Option<String>>) -> Problem {
    Problem {
        code,
        message,
        hint: hint.into(),
        prevents_runs: true,
    }
}

fn warning(code: Code, message: String, hint: impl Into<Option<String>>) -> Problem {
    Problem {
        prevents_runs: false,
        ..error(code, message, hint)
    }
}

impl Case<'_> {
    fn docker(&self, problems: &mut Vec<Problem>) {
        let facts = self.facts;
        let of_docker =
            |code, failure: &DockerError| error(code, failure.to_string(), failure.hint());
        if let Err(failure) = &facts.docker {
            problems.push(of_docker(Code::Docker, failure));
            return;
        }
        match (&facts.image, facts.machine.as_deref()) {
            (Err(failure), _) => problems.push(of_docker(Code::Image, failure)),
            (Ok(image), Some(machine)) => {
                let own = match machine {
                    "x86_64" => "amd64",
                    "aarch64" => "arm64",
                    other => other,
                };
                if !image.architecture.is_empty() && image.architecture != own {
                    problems.push(error(
                        Code::ImageArchitecture,
                        format!(
                            "the image {} is made for {}, and the host is {own}",
                            self.image, image.architecture
                        ),
                        "build or pull the image on the host itself".to_owned(),
                    ));
                }
            }
            (Ok(_), None) => {}
        }
        if let Err(failure) = &facts.containers {
            problems.push(of_docker(Code::Docker, failure));
        }
    }

    /// Whether containers get GPUs at all.
    fn has_gpus(&self) -> bool {
        let options = &self.settings.options;
        !self.settings.gpus.is_empty() || options.iter().any(|option| option == "--runtime=nvidia")
    }

    fn gpus(&self, problems: &mut Vec<Problem>) {
        if !self.has_gpus() {
            return;
        }
        let gpus = match &self.facts.gpus {
            Ok(gpus) => gpus,
            Err(NoGpus::Silent) => {
                problems.push(warning(
                    Code::NoAnswer,
                    format!("nvidia-smi did not answer within {PATIENCE} s"),
                    "a GPU may have failed: look at dmesg on the host".to_owned(),
                ));
                return;
            }
            Err(none) => {
                let message = match none {
                    NoGpus::NoProgram => {
                        "there is no nvidia-smi, so probably no NVIDIA driver".to_owned()
                    }
                    NoGpus::Said(said) if !said.is_empty() => {
                        format!("nvidia-smi shows no GPU: {said}")
                    }
                    _ => "nvidia-smi shows no GPU".to_owned(),
                };
                let hint =
                    "install the NVIDIA driver, or set gpus = \"\" under [docker] to do without";
                problems.push(error(Code::Driver, message, hint.to_owned()));
                return;
            }
        };
        self.driver(gpus, problems);
        match chosen(gpus, &self.settings.gpus, self.devices) {
            Ok(chosen) => chosen.iter().for_each(|gpu| self.gpu(gpu, problems)),
            Err(NoSuchGpu { device, count }) => problems.push(error(
                Code::GpuMissing,
                format!(
                    "there is no GPU {device}: the container gets {}",
                    counted(count, "GPU")
                ),
                "choose others with --cuda-devices, or set gpus under [docker]".to_owned(),
            )),
        }
    }

    fn driver(&self, gpus: &[Gpu], problems: &mut Vec<Problem>) {
        let driver = gpus.first().map_or("", |gpu| gpu.driver.as_str());
        let hint = "update the NVIDIA driver of the host".to_owned();
        if let Some(wanted) = self.needs.driver
            && is_older(driver, wanted)
        {
            problems.push(warning(
                Code::DriverOld,
                format!(
                    "the NVIDIA driver is {driver}, and {} asks for {wanted} or newer",
                    self.needs.model
                ),
                hint.clone(),
            ));
        }
        if let (Ok(image), Some(cuda)) = (&self.facts.image, &self.facts.cuda)
            && let Some(wanted) = &image.cuda
            && is_older(cuda, &two_numbers(wanted))
        {
            problems.push(warning(
                Code::DriverOld,
                format!("the image is made for CUDA {wanted}, and the driver for {cuda}"),
                format!("{hint}, or make the image for CUDA {cuda}"),
            ));
        }
    }

    fn gpu(&self, gpu: &Gpu, problems: &mut Vec<Problem>) {
        let (index, name, model) = (gpu.index, &gpu.name, self.needs.model);
        if let (Some((wanted, called)), Some(own)) = (self.needs.capability, gpu.capability)
            && own < wanted
        {
            problems.push(warning(
                Code::GpuGeneration,
                format!(
                    "GPU {index} ({name}) is {}{own}, and this run asks for {called} ({wanted}) or newer",
                    gpu.architecture().map_or_else(String::new, |own| format!("{own}, "))
                ),
                None,
            ));
        }
        // A GPU without memory of its own has that of the machine.
        let total = gpu.memory_mib.map(|mib| mib * MIB);
        let total = total.or(self.facts.memory.map(|(total, _)| total));
        let free = match gpu.memory_mib {
            Some(all) => gpu
                .free_mib
                .or_else(|| all.checked_sub(gpu.used_mib?))
                .map(|mib| mib * MIB),
            None => self.facts.memory.map(|(_, free)| free),
        };
        let (Some(total), Some(free)) = (total, free) else {
            return;
        };
        let look = "see what runs there: cosmos status --watch, or nvidia-smi on the host";
        let Some(Memory {
            bytes_per_gpu: needed,
            weights_only,
        }) = self.needs.memory
        else {
            // No figure is stated, and somebody who has taken most of it is in the way of every model.
            if free < total / 2 {
                problems.push(warning(
                    Code::GpuBusy,
                    format!("GPU {index} has {} of {} free", gb(free), gb(total)),
                    look.to_owned(),
                ));
            }
            return;
        };
        let of_what = if weights_only {
            "the weights alone take"
        } else {
            "the model is said to need"
        };
        if total < needed {
            let message = format!(
                "GPU {index} ({name}) has {} of memory, and {of_what} {} there",
                gb(total),
                gb(needed)
            );
            problems.push(if weights_only {
                let count = needed
                    .saturating_mul(u64::from(self.needs.num_gpu))
                    .div_ceil(total.max(1));
                let hint =
                    format!("{count} GPUs or more like it share the weights of {model}: --num-gpu");
                error(Code::GpuMemory, message, hint)
            } else {
                warning(Code::GpuMemory, message, None)
            });
        } else if free < needed {
            problems.push(warning(
                Code::GpuBusy,
                format!(
                    "GPU {index} has {} of {} free, and {of_what} {}",
                    gb(free),
                    gb(total),
                    gb(needed)
                ),
                look.to_owned(),
            ));
        }
    }

    fn checkout(&self, problems: &mut Vec<Problem>) {
        if self.facts.checkout == Some(false) {
            problems.push(error(
                Code::Checkout,
                format!("{} is not a folder there", self.remote_dir),
                "clone the model's repository there, or set remote_dir under [paths]".to_owned(),
            ));
        }
        for part in &self.facts.silent {
            problems.push(warning(
                Code::NoAnswer,
                format!("{part} did not answer within {PATIENCE} s"),
                None,
            ));
        }
        let Some(clone) = &self.facts.clone else {
            return;
        };
        let lacks = |commit: &str| !clone.is_shallow && clone.has.get(commit) == Some(&false);
        let at = format!(
            "is at {} of {}",
            short(&clone.commit),
            clone.date.split('T').next().unwrap_or_default()
        );
        let hint = "update it: git pull, in the checkout".to_owned();
        let newer = self.needs.since.iter().find(|since| lacks(&since.commit));
        if let Some(since) = newer {
            problems.push(warning(
                Code::CheckoutOld,
                format!(
                    "the checkout {at}, and {} needs {} of it",
                    since.what,
                    short(&since.commit)
                ),
                hint,
            ));
        } else if lacks(&program(self.needs.model).commit) {
            problems.push(warning(
                Code::CheckoutOld,
                format!(
                    "the checkout {at}, without {}, which is what cosmos knows of {}",
                    short(&program(self.needs.model).commit),
                    self.needs.model
                ),
                format!("{hint}; until then an option may be refused that is newer"),
            ));
        }
    }

    /// The files of the needs that are `found` so.
    fn found(&self, found: impl Fn(Presence) -> bool) -> Vec<&Need> {
        let files = self.needs.files.iter().zip(&self.facts.files);
        files
            .filter(|(_, is)| found(**is))
            .map(|(need, _)| need)
            .collect()
    }

    fn files(&self, problems: &mut Vec<Problem>) {
        if self.facts.checkout == Some(false) {
            return;
        }
        let missing = self.found(|is| matches!(is, Presence::Missing | Presence::Partly));
        let (fetched, lost): (Vec<&Need>, Vec<&Need>) =
            missing.into_iter().partition(|need| need.downloads);
        if !lost.is_empty() {
            let hint = match self.needs.model {
                Model::Transfer1 => {
                    "download them on the host with scripts/download_checkpoints.py of the checkout"
                }
                _ => "name a checkpoint that the model knows, or a folder that the container sees",
            };
            problems.push(error(
                Code::CheckpointMissing,
                format!("the checkpoints are missing: {}", names(&lost)),
                hint.to_owned(),
            ));
        }
        if !fetched.is_empty() && self.inside.is_offline() {
            let list = fetched
                .iter()
                .filter_map(|need| repo(need))
                .collect::<Vec<_>>();
            problems.push(error(
                Code::CheckpointMissing,
                format!(
                    "the checkpoints are missing and the container is offline: {}",
                    names(&fetched)
                ),
                list.first().map(|repo| {
                    format!("on the host: hf download {repo}; or let one run download them")
                }),
            ));
        } else if !fetched.is_empty() {
            problems.push(warning(
                Code::Download,
                format!(
                    "the run downloads first what is missing: {}",
                    names(&fetched)
                ),
                None,
            ));
            self.token(&fetched, problems);
        }
        let in_container = self.found(|is| is == Presence::InContainer);
        let kept_nowhere = in_container
            .iter()
            .find(|need| matches!(need.place, Place::HuggingFace { .. }));
        if let Some(need) = kept_nowhere
            && let Place::HuggingFace { cache, .. } = &need.place
        {
            let folder = self.inside.cache(*cache);
            problems.push(warning(
                Code::CacheNotKept,
                format!(
                    "{folder} of the container is not a folder of the host: what is downloaded there is lost with \
                     the container, unless the image holds it"
                ),
                format!("add a folder for it to volumes under [docker]: \"/data/cache:{folder}\""),
            ));
        }
        let closed = self.found(|is| is == Presence::Closed);
        if !closed.is_empty() {
            problems.push(warning(
                Code::Unseen,
                format!(
                    "the user on the host may not look whether these are there: {}",
                    names(&closed)
                ),
                None,
            ));
        }
    }

    fn token(&self, fetched: &[&Need], problems: &mut Vec<Problem>) {
        let has_token = match self.inside.token() {
            TokenSource::Setting => true,
            TokenSource::Host => self.facts.has_token || self.facts.has_token_file,
            TokenSource::Nowhere => self.facts.has_token_file,
        };
        let gated = fetched.iter().find(|need| need.gated);
        if let Some(repo) = gated.and_then(|need| repo(need))
            && !has_token
        {
            problems.push(warning(
                Code::Token,
                format!("no token for huggingface.co reaches the container, and {repo} asks for one"),
                "accept its terms there, then hf auth login on the host, or options = [\"--env=HF_TOKEN\"] under \
                 [docker]"
                    .to_owned(),
            ));
        }
    }

    fn disk(&self, problems: &mut Vec<Problem>) {
        let facts = self.facts;
        if let Some(free) = facts.free.filter(|free| *free < LITTLE_ROOM) {
            problems.push(warning(
                Code::Disk,
                format!(
                    "there is little room on the disk of the checkout: {}",
                    gb(free)
                ),
                "make some: cosmos clean --files, docker system prune on the host".to_owned(),
            ));
        }
        let fetched = self.found(|is| matches!(is, Presence::Missing | Presence::Partly));
        let fetched: Vec<_> = fetched.iter().filter(|need| need.downloads).collect();
        let stated: u64 = fetched.iter().filter_map(|need| need.bytes).sum();
        // The figure for a first run holds where the main checkpoint is yet to come.
        let wanted = self
            .needs
            .first_run_bytes
            .filter(|_| stated > 0)
            .unwrap_or(stated)
            .max(stated);
        if let Some(free) = facts.free_cache.filter(|free| *free < wanted) {
            problems.push(warning(
                Code::Disk,
                format!(
                    "{} are free on the disk of the cache of Hugging Face, and the first run is said to take {}",
                    gb(free),
                    gb(wanted)
                ),
                "make room there, or set HF_HOME to a folder on another disk".to_owned(),
            ));
        }
    }
}

fn repo(need: &Need) -> Option<String> {
    match &need.place {
        Place::HuggingFace { repo, .. } => Some((*repo).to_owned()),
        // Transfer1's folders are named after the repositories.
        Place::Folder { path } => path.strip_prefix("checkpoints/").map(str::to_owned),
    }
}

/// The first few of them by name.
fn names(needs: &[&Need]) -> String {
    let name = |need: &&Need| {
        let place = match &need.place {
            Place::Folder { path } => path.clone(),
            Place::HuggingFace { repo, .. } => (*repo).to_owned(),
        };
        match need.bytes {
            Some(bytes) => format!("{place} ({})", gb(bytes)),
            None => place,
        }
    };
    let mut all: Vec<String> = needs.iter().map(name).collect();
    all.dedup();
    let more = all.len().saturating_sub(NAMES);
    all.truncate(NAMES);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", all.join(", "))
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// The first digits of a commit.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// `bytes` in GB, in which the models' authors count.
#[must_use]
pub fn gb(bytes: u64) -> String {
    let text = format!("{:.1}", bytes as f64 / 1e9);
    format!("{} GB", text.strip_suffix(".0").unwrap_or(&text))
}

/// The first two numbers of a version.
fn two_numbers(version: &str) -> String {
    let numbers: Vec<&str> = version.split('.').take(2).collect();
    numbers.join(".")
}

/// Whether a version comes before another; one that cannot be read comes before none.
fn is_older(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        text.split('.').map(|number| number.parse().ok()).collect()
    };
    match (numbers(version), numbers(than)) {
        (Some(version), Some(than)) => version < than,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::gpu::tests::{GB10, H100};
    use super::super::survey::{Checkout, Image};
    use super::*;
    use crate::cosmos::needs::{NeedsRequest, needs};

    fn facts() -> Facts {
        Facts {
            machine: Some("x86_64".into()),
            memory: Some((128_000_000_000, 120_000_000_000)),
            clock: None,
            docker: Ok("29.0.1".into()),
            image: Ok(Image {
                architecture: "amd64".into(),
                cuda: Some("12.8.1".into()),
                ..Image::default()
            }),
            containers: Ok(Vec::new()),
            gpus: Ok(Gpu::read(H100).into_iter().collect()),
            cuda: Some("12.8".into()),
            checkout: Some(true),
            clone: None,
            free: Some(500 << 30),
            free_cache: Some(500 << 30),
            has_token: false,
            has_token_file: true,
            files: Vec::new(),
            silent: Vec::new(),
        }
    }

    /// A host on which everything is there, after `change`.
    fn problems_of(
        model: Model,
        request: &NeedsRequest,
        docker: &DockerSettings,
        change: impl FnOnce(&mut Facts),
    ) -> Vec<Problem> {
        let needs = needs(model, request);
        let mut facts = facts();
        facts.files = vec![Presence::There; needs.files.len()];
        change(&mut facts);
        let inside = Inside::new(docker, "/srv", &BTreeMap::new());
        judge(&Case {
            settings: docker,
            image: &docker.image,
            remote_dir: "/srv",
            inside: &inside,
            devices: "0",
            needs: &needs,
            facts: &facts,
        })
    }

    fn problems(model: Model, change: impl FnOnce(&mut Facts)) -> Vec<Problem> {
        let docker = DockerSettings::default();
        problems_of(model, &NeedsRequest::default(), &docker, change)
    }

    fn only(problems: Vec<Problem>) -> (Code, bool, String) {
        assert_eq!(problems.len(), 1, "{problems:?}");
        let problem = problems.into_iter().next().unwrap();
        (problem.code, problem.prevents_runs, problem.message)
    }

    #[test]
    fn a_host_that_has_everything_has_no_problem() {
        for model in [Model::Transfer1, Model::Transfer2_5, Model::Cosmos3] {
            assert_eq!(problems(model, |_| {}), []);
        }
    }

    #[test]
    fn an_image_for_other_processors_prevents_runs() {
        let (code, prevents, message) = only(problems(Model::Transfer1, |facts| {
            facts.machine = Some("aarch64".into())
        }));
        assert_eq!((code, prevents), (Code::ImageArchitecture, true));
        assert!(
            message.contains("is made for amd64, and the host is arm64"),
            "{message}"
        );
    }

    #[test]
    fn checkpoints_that_nothing_brings_prevent_runs_and_others_are_downloaded() {
        let all_missing = |facts: &mut Facts| facts.files.fill(Presence::Missing);
        let found = problems(Model::Transfer1, all_missing);
        assert_eq!(found[0].code, Code::CheckpointMissing);
        assert!(found[0].prevents_runs);
        assert!(
            found[0]
                .message
                .starts_with("the checkpoints are missing: checkpoints/nvidia/"),
            "{}",
            found[0].message
        );
        // Its text encoder comes from the hub.
        assert_eq!(found[1].code, Code::Download);

        let (code, prevents, message) = only(problems(Model::Cosmos3, all_missing));
        assert_eq!((code, prevents), (Code::Download, false));
        assert!(message.contains("nvidia/Cosmos3-Nano (32 GB)"), "{message}");
        assert!(message.ends_with("and 1 more"), "{message}");
    }

    #[test]
    fn offline_a_missing_checkpoint_prevents_runs() {
        let offline = DockerSettings {
            options: vec!["--env=HF_HUB_OFFLINE=1".into()],
            ..DockerSettings::default()
        };
        let found = problems_of(
            Model::Cosmos3,
            &NeedsRequest::default(),
            &offline,
            |facts| facts.files.fill(Presence::Missing),
        );
        let (code, prevents, message) = only(found);
        assert_eq!((code, prevents), (Code::CheckpointMissing, true));
        assert!(message.contains("offline"), "{message}");
    }

    #[test]
    fn a_download_needs_room_and_a_token() {
        let found = problems(Model::Cosmos3, |facts| {
            facts.files.fill(Presence::Missing);
            facts.free_cache = Some(100_000_000_000);
            facts.has_token_file = false;
        });
        let codes: Vec<Code> = found.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::Download, Code::Token, Code::Disk]);
        assert!(found[1].message.contains("nvidia/Cosmos-Guardrail1"));
        assert!(
            found[2].message.contains("100 GB are free"),
            "{}",
            found[2].message
        );
        assert!(found.iter().all(|problem| !problem.prevents_runs));
    }

    #[test]
    fn weights_that_do_not_fit_prevent_runs_and_a_busy_gpu_does_not() {
        let request = |num_gpu| NeedsRequest {
            checkpoint: Some("Cosmos3-Super".into()),
            num_gpu,
            ..NeedsRequest::default()
        };
        let docker = DockerSettings::default();
        let (code, prevents, message) =
            only(problems_of(Model::Cosmos3, &request(1), &docker, |_| {}));
        assert_eq!((code, prevents), (Code::GpuMemory, true));
        assert!(
            message.contains("has 85.5 GB of memory, and the weights alone take 128 GB"),
            "{message}"
        );
        assert_eq!(
            problems_of(Model::Cosmos3, &request(4), &docker, |_| {}),
            []
        );

        let (code, prevents, message) = only(problems(Model::Transfer2_5, |facts| {
            facts.gpus.as_mut().unwrap()[0].free_mib = Some(20_000);
        }));
        assert_eq!((code, prevents), (Code::GpuBusy, false));
        assert!(
            message.contains("GPU 0 has 21 GB of 85.5 GB free"),
            "{message}"
        );
        // Transfer1 states no figure, so only a GPU that is mostly taken is worth a word.
        let (code, ..) = only(problems(Model::Transfer1, |facts| {
            facts.gpus.as_mut().unwrap()[0].free_mib = Some(20_000);
        }));
        assert_eq!(code, Code::GpuBusy);
    }

    #[test]
    fn a_gpu_that_shares_the_memory_of_the_machine_is_judged_by_that() {
        let gb10 = |facts: &mut Facts| {
            facts.gpus = Ok(Gpu::read(GB10).into_iter().collect());
            facts.cuda = Some("13.0".into());
        };
        assert_eq!(problems(Model::Transfer2_5, gb10), []);
        let (code, ..) = only(problems(Model::Transfer2_5, |facts| {
            gb10(facts);
            facts.memory = Some((128_000_000_000, 30_000_000_000));
        }));
        assert_eq!(code, Code::GpuBusy);
    }

    #[test]
    fn a_device_that_is_not_there_prevents_runs() {
        let docker = DockerSettings {
            gpus: "device=7".into(),
            ..DockerSettings::default()
        };
        let found = problems_of(Model::Transfer1, &NeedsRequest::default(), &docker, |_| {});
        let (code, prevents, message) = only(found);
        assert_eq!((code, prevents), (Code::GpuMissing, true));
        assert_eq!(message, "there is no GPU 0: the container gets no GPU");
        // Without GPUs nobody asks for them.
        let none = DockerSettings {
            gpus: String::new(),
            ..docker
        };
        let found = problems_of(Model::Transfer1, &NeedsRequest::default(), &none, |facts| {
            facts.gpus = Err(NoGpus::NoProgram);
        });
        assert_eq!(found, []);
    }

    #[test]
    fn old_gpus_drivers_and_checkouts_are_warned_of() {
        let found = problems(Model::Transfer2_5, |facts| {
            let gpu = &mut facts.gpus.as_mut().unwrap()[0];
            gpu.driver = "535.183.01".into();
            gpu.capability = "7.5".parse().ok();
            facts.cuda = Some("12.2".into());
            facts.clone = Some(Checkout {
                commit: "1bd5fdc0000".into(),
                date: "2026-05-31T10:00:00+02:00".into(),
                is_shallow: false,
                has: BTreeMap::from([(program(Model::Transfer2_5).commit.clone(), false)]),
            });
        });
        let codes: Vec<Code> = found.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            [
                Code::DriverOld,
                Code::DriverOld,
                Code::GpuGeneration,
                Code::CheckoutOld
            ]
        );
        assert!(found[0].message.contains("asks for 570.124.06 or newer"));
        assert!(
            found[3].message.contains("is at 1bd5fdc of 2026-05-31"),
            "{}",
            found[3].message
        );
        assert!(found.iter().all(|problem| !problem.prevents_runs));
    }

    #[test]
    fn several_controls_on_an_old_checkout_of_cosmos3_are_named() {
        let request = NeedsRequest {
            controls: vec![
                (crate::modality::Modality::Edge, false),
                (crate::modality::Modality::Depth, false),
            ],
            since: vec![crate::cosmos::needs::Since {
                what: "more than one control".into(),
                commit: "24300b4".into(),
            }],
            ..NeedsRequest::default()
        };
        let old = |is_shallow| {
            move |facts: &mut Facts| {
                let commits = ["24300b4", program(Model::Cosmos3).commit.as_str()];
                facts.clone = Some(Checkout {
                    commit: "469c102c19b6".into(),
                    date: "2026-06-29T00:00:00Z".into(),
                    is_shallow,
                    has: commits.map(|commit| (commit.to_owned(), false)).into(),
                });
            }
        };
        let docker = DockerSettings::default();
        let found = problems_of(Model::Cosmos3, &request, &docker, old(false));
        let (code, prevents, message) = only(found);
        assert_eq!((code, prevents), (Code::CheckoutOld, false));
        assert!(
            message.contains("more than one control needs 24300b4"),
            "{message}"
        );
        // A history that was cut off proves nothing.
        assert_eq!(
            problems_of(Model::Cosmos3, &request, &docker, old(true)),
            []
        );
    }

    #[test]
    fn a_cache_that_goes_with_the_container_is_warned_of() {
        let docker = DockerSettings {
            volumes: Vec::new(),
            ..DockerSettings::default()
        };
        let found = problems_of(Model::Cosmos3, &NeedsRequest::default(), &docker, |facts| {
            facts.files.fill(Presence::InContainer);
        });
        let (code, prevents, message) = only(found);
        assert_eq!((code, prevents), (Code::CacheNotKept, false));
        assert!(
            message.starts_with("/root/.cache/huggingface/hub of the container"),
            "{message}"
        );
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(is_older("535.183.01", "570.124.06"));
        assert!(is_older("12.8", "13.0") && !is_older("12.10", "12.8"));
        assert!(!is_older("", "570") && !is_older("n/a", "570"));
    }
}
