//! `status --watch`: what the GPUs do and what runs, again and again.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::WorkflowOrchestrator;
use crate::docker::{Container, Phase};
use crate::error::Error;
use crate::host_facts::survey::{NoGpus, PATIENCE};
use crate::host_facts::{Gpu, Now, survey};
use crate::progress::{Cancel, Progress};
use crate::remote::RemoteError;

/// What the host does at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LiveStatus {
    /// Its name.
    pub host: String,
    /// The moment, by the host's clock (RFC 3339).
    pub time: Option<String>,
    /// The GPUs.
    pub gpus: Vec<Gpu>,
    /// Our containers, running ones first.
    pub jobs: Vec<RunningJob>,
    /// What could not be asked, a sentence each.
    pub problems: Vec<String>,
}

/// A container of ours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunningJob {
    /// The container.
    #[serde(flatten)]
    pub container: Container,
    /// How long ago it was started, in seconds; `None` if it was not.
    pub age_seconds: Option<u64>,
    /// The last line that it has written, if it runs.
    pub last_line: Option<String>,
}

impl WorkflowOrchestrator {
    /// Hands on what the host does, every `interval` until `cancel` is raised. A lost connection is made again.
    ///
    /// # Errors
    /// [`Error::Remote`] if the host cannot be reached, for too long or at all.
    pub fn watch(
        &self,
        interval: Duration,
        on_moment: &mut dyn FnMut(&LiveStatus),
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let mut host = self.host(cancel, progress);
        let question = survey::now();
        loop {
            let began = Instant::now();
            let moment = host.ask(&question, survey::LIMIT).and_then(|answer| {
                on_moment(&self.live(survey::read_now(&answer)));
                host.wait(interval.saturating_sub(began.elapsed()))
            });
            match moment {
                Ok(()) => {}
                Err(RemoteError::Cancelled) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn live(&self, now: Now) -> LiveStatus {
        let mut problems = Vec::new();
        let uses_gpus = !self.config.docker.gpus.is_empty();
        let gpus = now.gpus.unwrap_or_else(|none| {
            match none {
                NoGpus::Silent => {
                    problems.push(format!("nvidia-smi did not answer within {PATIENCE} s"));
                }
                NoGpus::Said(said) if uses_gpus => {
                    problems.push(format!("nvidia-smi shows no GPU: {said}"));
                }
                NoGpus::NoProgram if uses_gpus => problems.push("there is no nvidia-smi".into()),
                _ => {}
            }
            Vec::new()
        });
        let containers = now.containers.unwrap_or_else(|error| {
            problems.push(error.to_string());
            Vec::new()
        });
        let mut jobs: Vec<RunningJob> = containers
            .into_iter()
            .map(|container| RunningJob {
                age_seconds: age(&container, now.clock),
                last_line: now
                    .last_lines
                    .get(&container.name)
                    .filter(|l| !l.is_empty())
                    .cloned(),
                container,
            })
            .collect();
        jobs.sort_by_key(|job| (job.container.phase != Phase::Running, job.age_seconds));
        LiveStatus {
            host: self.target.name.clone(),
            time: now
                .clock
                .and_then(|clock| Timestamp::from_second(clock).ok())
                .map(|time| time.to_string()),
            gpus,
            jobs,
            problems,
        }
    }
}

/// How long ago a container was started, by the clock of its host.
fn age(container: &Container, clock: Option<i64>) -> Option<u64> {
    let started: Timestamp = container.started.parse().ok()?;
    // Docker writes the year 1 for a container that was never started.
    (started.as_second() > 0).then_some(())?;
    u64::try_from(clock?.checked_sub(started.as_second())?).ok()
}
