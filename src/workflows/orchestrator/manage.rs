//! `logs`, `cancel` and `clean`: what was started earlier.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::host::{Host, HostError};
use super::job::end;
use super::{WorkflowOrchestrator, folder_of, local_folder};
use crate::cosmos::{Model, videos_dir};
use crate::docker::{self, Container, Phase, container_name};
use crate::error::Error;
use crate::progress::{Cancel, Progress};
use crate::remote::{Command, Line};
use crate::runs::{Journal, RunError, State, Step};
use crate::specs::{self, ExecutionStatus, RunSpec, Spec, SpecError};
use crate::staging::disk;

/// The steps that have a job on the host.
const JOBS: [Step; 2] = [Step::Inference, Step::Upscaling];

/// What `clean` has removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// Containers, by name.
    pub containers: Vec<String>,
    /// Folders and files on the host, as seen from the checkout.
    pub files: Vec<String>,
    /// What was left alone, and why.
    pub kept: Vec<String>,
}

impl WorkflowOrchestrator {
    /// The specification that `query` is: its file, its id or the head of it, or its name.
    ///
    /// # Errors
    /// [`Error::Spec`] if there is none, or several.
    pub fn find_file(&self, query: &Path) -> Result<PathBuf, Error> {
        let paths = &self.config.paths;
        let folders = [&*paths.local_prompts_dir, &*paths.local_runs_dir];
        Ok(specs::find_file(query, &folders)?)
    }

    /// The run that `query` is: its file, its id or the head of it, or its name.
    ///
    /// # Errors
    /// [`Error::Spec`] if there is none, or several, or if it is a prompt with other than one run.
    pub fn find_run(&self, query: &Path) -> Result<(PathBuf, RunSpec), Error> {
        let file = self.find_file(query)?;
        match Spec::load(&file)? {
            Spec::Run(run) => Ok((file, run)),
            Spec::Prompt(prompt) => {
                let all = specs::scan(&[&self.config.paths.local_runs_dir]).found;
                let runs: Vec<_> = all
                    .into_iter()
                    .filter_map(|stored| match stored.spec {
                        Spec::Run(run) if run.prompt_id == prompt.id => Some((stored.path, run)),
                        _ => None,
                    })
                    .collect();
                match <[_; 1]>::try_from(runs) {
                    Ok([only]) => Ok(only),
                    Err(none) if none.is_empty() => Err(SpecError::NotARun { path: file }.into()),
                    Err(several) => Err(SpecError::Ambiguous {
                        query: query.display().to_string(),
                        candidates: several.into_iter().map(|(_, run)| run.id).collect(),
                    }
                    .into()),
                }
            }
        }
    }

    /// Hands the log of a run to `on_line`, inference first. Of a run that has ended it is the log here, else the
    /// one on the host; with `follow` until the job that runs there ends.
    ///
    /// # Errors
    /// [`Error`]: no such run, no log, or trouble with the host.
    pub fn logs(
        &self,
        query: &Path,
        follow: bool,
        on_line: &mut dyn FnMut(&str),
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let (path, run) = self.find_run(query)?;
        let first = local_folder(&run, &path, &self.config);
        let here = |step| folder_of(step, &first).join("run.log");
        if run.execution_status != ExecutionStatus::Running && here(Step::Inference).exists() {
            for log in JOBS.map(here).iter().filter(|log| log.exists()) {
                let text = fs::read(log).map_err(|e| Error::io("read", log, e))?;
                String::from_utf8_lossy(&text)
                    .lines()
                    .for_each(&mut *on_line);
            }
            return Ok(());
        }
        let mut host = self.host(cancel, progress);
        let mut has_log = false;
        for step in JOBS {
            has_log |= self.log_there(&run, step, follow, on_line, &mut host)?;
        }
        if has_log {
            return Ok(());
        }
        Err(RunError::NoLog {
            run: run.slug(),
            host: host.name().to_owned(),
        }
        .into())
    }

    /// Hands on the log that the host has of a job, if it has one.
    fn log_there(
        &self,
        run: &RunSpec,
        step: Step,
        follow: bool,
        on_line: &mut dyn FnMut(&str),
        host: &mut Host<'_>,
    ) -> Result<bool, Error> {
        let job = job_name(run, step);
        let container = host
            .container(&container_name(&job))
            .map_err(|error| error_of_run(error, step, run))?;
        let is_followed = follow && container.is_some();
        let command = match container {
            Some(container) => docker::logs(&container.name, follow),
            None => {
                let log = format!("outputs/{job}/run.log");
                let Some(checkout) = self.checkout_with(&log, host)? else {
                    return Ok(false);
                };
                Command::new("cat").args(["--", &log]).current_dir(checkout)
            }
        };
        let mut told = 0_u64;
        host.with(|connection, cancel| {
            let mut line_number = 0;
            let mut on_line = |line: Line<'_>| {
                line_number += 1;
                // After a lost connection the log is told from its start again.
                if line_number > told {
                    told = line_number;
                    on_line(line.text);
                }
            };
            match is_followed {
                true => connection.stream(&command, &mut on_line, cancel),
                false => connection.stream_all(&command, &mut on_line, cancel),
            }
        })?;
        Ok(true)
    }

    /// The checkouts that jobs run in, each once.
    fn checkouts(&self) -> Vec<&str> {
        let mut checkouts: Vec<&str> = Model::ALL
            .into_iter()
            .map(|model| self.config.remote_dir(model))
            .collect();
        checkouts.sort_unstable();
        checkouts.dedup();
        checkouts
    }

    /// The checkout that has `path`.
    fn checkout_with(&self, path: &str, host: &mut Host<'_>) -> Result<Option<&str>, Error> {
        for checkout in self.checkouts() {
            let there = Command::new("test")
                .args(["-e", path])
                .current_dir(checkout);
            if host
                .run(&there, "looking for the results")?
                .status
                .success()
            {
                return Ok(Some(checkout));
            }
        }
        Ok(None)
    }

    /// Ends what runs of a run on the host. Returns the names of the containers.
    ///
    /// # Errors
    /// [`Error`]: no such run, or trouble with the host.
    pub fn cancel(
        &self,
        query: &Path,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, Error> {
        let (path, run) = self.find_run(query)?;
        let mut host = self.host(cancel, progress);
        let mut ended = Vec::new();
        for step in JOBS {
            let job = job_name(&run, step);
            let name = container_name(&job);
            let container = host
                .container(&name)
                .map_err(|error| error_of_run(error, step, &run))?;
            if container.is_some_and(|container| container.phase == Phase::Running) {
                let checkout = self.checkout_with(&format!("outputs/{job}"), &mut host)?;
                let checkout = checkout.unwrap_or(&self.config.paths.remote_dir);
                end(&mut host, checkout, &job).map_err(|error| error_of_run(error, step, &run))?;
                ended.push(name);
                note_cancelled(&path, &run, step)?;
            }
        }
        Ok(ended)
    }

    /// Removes the containers that have ended: those of the runs here, or with `all` those of everybody; and with
    /// `files` also what the runs here have on the host, if their results are here or there are none.
    ///
    /// # Errors
    /// [`Error`] for trouble with the host.
    pub fn clean(
        &self,
        all: bool,
        files: bool,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<Cleaned, Error> {
        let mut host = self.host(cancel, progress);
        let runs: Vec<(PathBuf, RunSpec)> = specs::scan(&[&self.config.paths.local_runs_dir])
            .found
            .into_iter()
            .filter_map(|stored| match stored.spec {
                Spec::Run(run) => Some((stored.path, run)),
                Spec::Prompt(_) => None,
            })
            .collect();
        let is_ours =
            |container: &Container| all || runs.iter().any(|(_, run)| run.id == container.run_id);
        let mut cleaned = Cleaned::default();
        let mut busy = BTreeSet::new();
        let containers = host.containers().map_err(error_of_host)?;
        for container in containers.into_iter().filter(is_ours) {
            if container.phase == Phase::Running {
                cleaned.kept.push(format!("{} runs", container.name));
                busy.insert(container.run_id);
                continue;
            }
            host.docker(&docker::remove(&container.name), "remove a container")
                .map_err(error_of_host)?;
            cleaned.containers.push(container.name);
        }
        if files {
            for (path, run) in &runs {
                if busy.contains(&run.id) {
                    continue;
                }
                self.clean_files(path, run, &mut host, &mut cleaned)?;
            }
        }
        Ok(cleaned)
    }

    fn clean_files(
        &self,
        path: &Path,
        run: &RunSpec,
        host: &mut Host<'_>,
        cleaned: &mut Cleaned,
    ) -> Result<(), Error> {
        let first = local_folder(run, path, &self.config);
        let has_results = match run.execution_status {
            ExecutionStatus::Completed => fs::read_dir(&first).is_ok_and(|mut entries| {
                entries.any(|entry| {
                    entry.is_ok_and(|e| {
                        let is_filled = e.metadata().is_ok_and(|metadata| metadata.len() > 0);
                        is_filled
                            && e.path()
                                .extension()
                                .is_some_and(|x| x == "mp4" || x == "jpg")
                    })
                })
            }),
            ExecutionStatus::Failed | ExecutionStatus::Blocked => true,
            ExecutionStatus::Pending => return Ok(()),
            ExecutionStatus::Running => false,
        };
        let slug = run.slug();
        if !has_results {
            cleaned
                .kept
                .push(format!("the files of {slug}: its results are not here"));
            return Ok(());
        }
        // The host has the only other copy. Nothing may be here of a run that has failed.
        for folder in JOBS.map(|step| folder_of(step, &first)) {
            if folder.exists() {
                disk::flush_tree(&folder).map_err(|e| Error::io("flush", &folder, e))?;
            }
        }
        let mut names = Vec::new();
        for step in JOBS {
            let job = job_name(run, step);
            names.push(format!("outputs/{job}"));
            names.push(format!("inputs/prompts/{job}.json"));
        }
        // What else a job reads, and the result of one model that another upscales.
        names.push(format!("inputs/prompts/{slug}_weights.py"));
        names.push(format!("inputs/videos/{slug}"));
        let prompts = &self.config.paths.local_prompts_dir;
        if let Ok((_, prompt)) = specs::prompt_of(run, path, prompts) {
            names.push(videos_dir(&prompt));
        }
        for checkout in self.checkouts() {
            let command = Command::script(
                r#"cd -- "$1" || exit
shift
for name do
    [ ! -e "$name" ] || { rm -rf -- "$name" && printf '%s\n' "$name"; }
done"#,
            )
            .arg(checkout)
            .args(&names);
            let output = host.run_long(&command, "removing the files of a run")?;
            let removed = output.stdout_text();
            cleaned.files.extend(removed.lines().map(str::to_owned));
            if !output.stderr.is_empty() {
                cleaned
                    .kept
                    .push(format!("some files of {slug}: {}", output.stderr_text()));
            }
        }
        Ok(())
    }
}

/// The name of the job of a step; cosmos::Plan names it so.
fn job_name(run: &RunSpec, step: Step) -> String {
    match step {
        Step::Upscaling => format!("{}_upscaled", run.slug()),
        _ => run.slug(),
    }
}

fn error_of_run(error: HostError, step: Step, run: &RunSpec) -> Error {
    match error {
        HostError::Remote(error) => error.into(),
        HostError::Docker(source) => RunError::Docker {
            step,
            run: run.slug(),
            source,
        }
        .into(),
    }
}

fn error_of_host(error: HostError) -> Error {
    match error {
        HostError::Remote(error) => error.into(),
        HostError::Docker(error) => error.into(),
    }
}

/// Writes down that a run was cancelled, unless the process that follows it does.
fn note_cancelled(path: &Path, run: &RunSpec, step: Step) -> Result<(), Error> {
    let slug = run.slug();
    let mut journal = match Journal::open(path, &slug) {
        Err(RunError::InUse { .. }) => return Ok(()),
        other => other?,
    };
    let message = RunError::Cancelled { step, run: slug }.to_string();
    let mut run = RunSpec::load(path)?;
    run.advance(
        ExecutionStatus::Failed,
        Timestamp::now(),
        Some(message.clone()),
    );
    specs::save(path, &run)?;
    journal.note(State::Failed { step, message })?;
    Ok(())
}
