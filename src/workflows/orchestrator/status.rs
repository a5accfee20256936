//! `status`: whether the host can do a run, and what to do where it cannot.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::WorkflowOrchestrator;
use super::host::{Host, Trouble};
use crate::docker::{self, Container, DockerError, Gpu};
use crate::error::Error;
use crate::progress::{Cancel, Progress};
use crate::remote::{Command, ExitStatus};

/// Less free room than this is worth a word: a 4K result and what comes with it takes some gigabytes.
const LITTLE_ROOM: u64 = 10 << 30;

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
    /// The version of Docker's engine.
    pub docker_version: Option<String>,
    /// The image that runs use.
    pub image: String,
    /// Whether the image is there; `None` if Docker does not say.
    pub image_present: Option<bool>,
    /// The GPUs.
    pub gpus: Vec<Gpu>,
    /// The checkout.
    pub remote_dir: String,
    /// Whether the checkout is there.
    pub remote_dir_present: bool,
    /// Free bytes on its disk.
    pub free_bytes: Option<u64>,
    /// Our containers.
    pub containers: Vec<Container>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether no run can be carried out until then.
    pub prevents_runs: bool,
}

impl HostStatus {
    /// Whether a run can be carried out.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.problems.iter().any(|problem| problem.prevents_runs)
    }

    fn complain(&mut self, message: String, hint: Option<String>, prevents_runs: bool) {
        self.problems.push(Problem {
            message,
            hint,
            prevents_runs,
        });
    }

    fn complain_of(&mut self, error: &DockerError) {
        self.complain(error.to_string(), error.hint(), true);
    }
}

impl WorkflowOrchestrator {
    /// Looks at everything on the host that a run needs.
    ///
    /// # Errors
    /// [`Error::Remote`] if the host cannot be reached or asked.
    pub fn check_remote_status(
        &self,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<HostStatus, Error> {
        let mut host = Host::new(&self.target, &self.login, Duration::ZERO, cancel, progress);
        let (docker, paths) = (&self.config.docker, &self.config.paths);
        // The first command connects.
        host.run(&Command::new("true"))?;
        let asked = Instant::now();
        host.run(&Command::new("true"))?;
        let mut status = HostStatus {
            host: self.target.name.clone(),
            user: self.target.user.clone(),
            port: self.target.port,
            latency_ms: asked.elapsed().as_secs_f64() * 1e3,
            docker_version: None,
            image: docker.image.clone(),
            image_present: None,
            gpus: Vec::new(),
            remote_dir: paths.remote_dir.clone(),
            remote_dir_present: false,
            free_bytes: None,
            containers: Vec::new(),
            problems: Vec::new(),
        };
        self.look_at_docker(&mut status, &mut host)?;
        self.look_at_gpus(&mut status, &mut host)?;

        let there = Command::new("test").args(["-d", &paths.remote_dir]);
        status.remote_dir_present = host.run(&there)?.status.success();
        if !status.remote_dir_present {
            status.complain(
                format!("{} is not a folder there", paths.remote_dir),
                Some("clone the model's repository there, or set remote_dir under [paths]".into()),
                true,
            );
        }
        let free = host.run(&docker::disk(&paths.remote_dir))?.stdout_text();
        status.free_bytes = free.parse().ok();
        if status.free_bytes.is_some_and(|free| free < LITTLE_ROOM) {
            status.complain(
                "there is little room on the disk".into(),
                Some("make some: cosmos clean --files, docker system prune on the host".into()),
                false,
            );
        }
        Ok(status)
    }

    fn look_at_docker(&self, status: &mut HostStatus, host: &mut Host<'_>) -> Result<(), Error> {
        let output = host.run(&docker::version())?;
        if !output.status.success() {
            status.complain_of(&DockerError::of(&output, "tell its version", ""));
            return Ok(());
        }
        status.docker_version = Some(output.stdout_text());
        let image = &self.config.docker.image;
        let output = host.run(&docker::image(image))?;
        status.image_present = Some(output.status.success());
        if !output.status.success() {
            status.complain_of(&DockerError::of(&output, "look at the image", image));
        }
        match host.containers() {
            Ok(containers) => status.containers = containers,
            Err(Trouble::Docker(error)) => status.complain_of(&error),
            Err(Trouble::Remote(error)) => return Err(error.into()),
        }
        Ok(())
    }

    fn look_at_gpus(&self, status: &mut HostStatus, host: &mut Host<'_>) -> Result<(), Error> {
        let output = host.run(&docker::gpus())?;
        status.gpus = output.stdout_text().lines().filter_map(Gpu::read).collect();
        if !status.gpus.is_empty() || self.config.docker.gpus.is_empty() {
            return Ok(());
        }
        let message = if output.status == ExitStatus::Code(127) {
            "there is no nvidia-smi, so probably no NVIDIA driver".to_owned()
        } else {
            "nvidia-smi shows no GPU".to_owned()
        };
        let hint = "install the NVIDIA driver, or set gpus = \"\" under [docker] to do without";
        status.complain(message, Some(hint.into()), true);
        Ok(())
    }
}
