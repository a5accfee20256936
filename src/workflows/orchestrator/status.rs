//! `status`: whether the host can do a run, and what to do where it cannot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::host::Host;
use super::preflight::Question;
use super::{Prepared, RunOptions, WorkflowOrchestrator, draft, jobs, refuse_settings};
use crate::cosmos::needs::{Cache, Capability, Memory, Need, NeedsRequest, needs, request_of};
use crate::docker::{Container, DockerError};
use crate::error::Error;
use crate::host_facts::{Checkout, Gpu, Presence, Problem};
use crate::progress::{Cancel, Progress};
use crate::remote::Command;
use crate::specs::{Model, Spec};

/// What `status` looks at besides the host itself.
#[derive(Clone, Debug, Default)]
pub struct StatusOptions {
    /// A run, or a prompt: what it would read is looked for. Without one, what every run of the model reads.
    pub run: Option<PathBuf>,
    /// The checkpoint; the one of the run, or else the model's default, if `None`.
    pub checkpoint: Option<String>,
    /// Model, GPUs and steps of the run.
    pub options: RunOptions,
}

/// What the host is like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostStatus {
    /// Its name.
    pub host: String,
    /// The user there, and the port.
    pub user: String,
    /// The port of its SSH server.
    pub port: u16,
    /// The time that a command takes there and back, in milliseconds.
    pub latency_ms: f64,
    /// What its processors are, as `uname -m` says it.
    pub machine: Option<String>,
    /// All of its memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// The memory that a program can have, in bytes.
    pub memory_free_bytes: Option<u64>,
    /// The version of Docker's engine.
    pub docker_version: Option<String>,
    /// The image that runs use.
    pub image: String,
    /// Whether the image is there; `None` if Docker does not say.
    pub image_present: Option<bool>,
    /// What the image is made for, in Docker's words: `amd64`.
    pub image_architecture: Option<String>,
    /// The version of CUDA in the image, if it says so.
    pub image_cuda: Option<String>,
    /// The version of the NVIDIA driver.
    pub driver: Option<String>,
    /// The version of CUDA that the driver is made for.
    pub cuda: Option<String>,
    /// The GPUs.
    pub gpus: Vec<Gpu>,
    /// The checkout.
    pub remote_dir: String,
    /// Whether the checkout is there.
    pub remote_dir_present: bool,
    /// The commit of the checkout, where it is a clone.
    pub commit: Option<String>,
    /// When that commit was made (RFC 3339).
    pub commit_date: Option<String>,
    /// Free bytes on its disk.
    pub free_bytes: Option<u64>,
    /// The cache of Hugging Face as seen from the host, if it is there.
    pub cache_dir: Option<String>,
    /// Free bytes on the disk of that cache.
    pub cache_free_bytes: Option<u64>,
    /// Whether the container can download nothing.
    pub is_offline: bool,
    /// The model that was looked for.
    pub model: Model,
    /// The run that was looked for, by name and id.
    pub run: Option<String>,
    /// The memory that it needs on each GPU, where the model states it.
    pub memory_needed: Option<Memory>,
    /// The compute capability that its GPUs need, where the model states it.
    pub capability_needed: Option<Capability>,
    /// What it reads.
    pub files: Vec<FileStatus>,
    /// Our containers.
    pub containers: Vec<Container>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something that a run reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileStatus {
    /// What it is, and where a job looks for it.
    #[serde(flatten)]
    pub need: Need,
    /// Its place on the host, if it has one.
    pub path: Option<String>,
    /// Whether it is there.
    pub presence: Presence,
}

impl HostStatus {
    /// Whether a run can be carried out.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.problems.iter().any(|problem| problem.prevents_runs)
    }
}

impl WorkflowOrchestrator {
    /// Looks at everything on the host that every run of the configured model needs.
    ///
    /// # Errors
    /// [`Error::Remote`] if the host cannot be reached or asked.
    pub fn check_remote_status(
        &self,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<HostStatus, Error> {
        self.check_remote_status_for(&StatusOptions::default(), cancel, progress)
    }

    /// The same for another model or checkpoint, or for one run.
    ///
    /// # Errors
    /// As [`check_remote_status`](Self::check_remote_status), and other [`Error`]s if there is no such run, or none
    /// that the model can do.
    pub fn check_remote_status_for(
        &self,
        options: &StatusOptions,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<HostStatus, Error> {
        let (questions, run) = self.status_questions(options, progress)?;
        let mut host = Host::new(&self.target, &self.login, Duration::ZERO, cancel, progress);
        let mut answers = Vec::new();
        for question in &questions {
            // The first command connects.
            answers.push((question, question.ask(&mut host)?));
        }
        let asked = Instant::now();
        host.run(&Command::new("true"), "true")?;
        let latency_ms = asked.elapsed().as_secs_f64() * 1e3;

        let mut problems: Vec<Problem> = Vec::new();
        let mut files = Vec::new();
        for (question, facts) in &answers {
            let more = question.judge(facts);
            problems.extend(
                more.into_iter()
                    .filter(|problem| !problems.contains(problem))
                    .collect::<Vec<_>>(),
            );
            let inside = &question.inside;
            let found = question.needs.files.iter().zip(&facts.files);
            files.extend(found.map(|(need, presence)| FileStatus {
                path: inside.on_host(&inside.path_of(&need.place)),
                need: need.clone(),
                presence: *presence,
            }));
        }
        let Some((question, facts)) = answers.into_iter().next() else {
            return Err(Error::Usage {
                message: "there is nothing to be done in this run".into(),
                hint: "leave the run out".into(),
            });
        };
        let image_present = match &facts.image {
            _ if facts.docker.is_err() => None,
            Ok(_) => Some(true),
            Err(DockerError::Silent { .. }) => None,
            Err(_) => Some(false),
        };
        let image = facts.image.ok();
        let gpus = facts.gpus.unwrap_or_default();
        let Checkout { commit, date, .. } = facts.clone.unwrap_or_default();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let (inside, needs) = (&question.inside, &question.needs);
        Ok(HostStatus {
            host: self.target.name.clone(),
            user: self.target.user.clone(),
            port: self.target.port,
            latency_ms,
            machine: facts.machine,
            memory_bytes: facts.memory.map(|(total, _)| total),
            memory_free_bytes: facts.memory.map(|(_, free)| free),
            docker_version: facts.docker.ok(),
            image: question.image().to_owned(),
            image_present,
            image_architecture: image.as_ref().and_then(|i| some(i.architecture.clone())),
            image_cuda: image.and_then(|image| image.cuda),
            driver: gpus.first().and_then(|gpu| some(gpu.driver.clone())),
            cuda: facts.cuda,
            gpus,
            remote_dir: question.remote_dir().to_owned(),
            remote_dir_present: facts.checkout == Some(true),
            commit: some(commit),
            commit_date: some(date),
            free_bytes: facts.free,
            cache_dir: inside.on_host(&inside.cache(Cache::Hub)),
            cache_free_bytes: facts.free_cache,
            is_offline: inside.is_offline(),
            model: needs.model,
            run,
            memory_needed: needs.memory,
            capability_needed: needs.capability.map(|(capability, _)| capability),
            files,
            containers: facts.containers.unwrap_or_default(),
            problems,
        })
    }

    /// What is asked, and the run that it is asked for.
    fn status_questions<'a>(
        &'a self,
        options: &'a StatusOptions,
        progress: &dyn Progress,
    ) -> Result<(Vec<Question<'a>>, Option<String>), Error> {
        let run_options = &options.options;
        let Some(query) = &options.run else {
            let model = run_options.model.unwrap_or(self.config.cosmos.model);
            let request = NeedsRequest {
                checkpoint: options.checkpoint.clone(),
                num_gpu: run_options.num_gpu,
                ..NeedsRequest::default()
            };
            let (env, needs) = (BTreeMap::new(), needs(model, &request));
            let devices = &run_options.cuda_devices;
            return Ok((
                vec![Question::new(&self.config, devices, &env, needs)],
                None,
            ));
        };
        let prepared = self.prepared_of(&self.find_file(query)?, run_options, progress)?;
        let jobs = jobs(&prepared.plan, run_options).map(|(_, job)| job);
        let mut questions = self.questions(jobs, run_options);
        if let (Some(checkpoint), Some(first)) = (&options.checkpoint, questions.first_mut()) {
            let request = NeedsRequest {
                checkpoint: Some(checkpoint.clone()),
                ..request_of(&prepared.plan.inference)
            };
            first.needs = needs(prepared.plan.model, &request);
        }
        Ok((questions, Some(prepared.run.slug())))
    }

    /// The run that `file` is, or one of the prompt that it is. Nothing is written.
    pub(super) fn prepared_of(
        &self,
        file: &Path,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<Prepared, Error> {
        match Spec::load(file)? {
            Spec::Run(_) => {
                refuse_settings(file, options)?;
                self.prepare(file, options, progress)
            }
            Spec::Prompt(_) => {
                let draft = draft(&self.create_run_options(file, options), progress)?;
                self.prepare_from(draft.run, file, draft.prompt, options, progress)
            }
        }
    }
}
