//! `run --dry-run`: what a run would do on the host, without doing any of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::{FolderOptions, prompt_of_folder};
use super::{RunOptions, WorkflowOrchestrator, folder_of, jobs, local_folder};
use crate::config::Paths;
use crate::cosmos::{Job, Model, Processing, SpecFile};
use crate::docker::{self, Launch};
use crate::error::Error;
use crate::progress::{Cancel, Progress};
use crate::remote::{Command, RemoteError};
use crate::runs::Step;
use crate::specs::RunSpec;

/// Everything that a run would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DryRun {
    /// The run.
    pub run: RunSpec,
    /// The host; empty while none is set.
    pub host: String,
    /// What would be done, in order.
    pub steps: Vec<DryStep>,
    /// How the model would work through the clip.
    pub processing: Option<Processing>,
    /// What the model has no word for.
    pub notes: Vec<String>,
}

/// A part of a run that would be carried out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum DryStep {
    /// A file goes to the host unless it is there.
    Upload {
        /// The file here.
        from: PathBuf,
        /// Its place there.
        to: String,
    },
    /// A file is written on the host.
    Write {
        /// Its place there.
        path: String,
        /// What it says.
        content: serde_json::Value,
    },
    /// A command is run on the host.
    Command {
        /// Which job it belongs to.
        job: Step,
        /// The line for the shell there.
        line: String,
    },
    /// A folder comes back from the host.
    Download {
        /// Its place there.
        from: String,
        /// The folder here.
        to: PathBuf,
    },
}

impl WorkflowOrchestrator {
    /// What [`run`](Self::run) would do with `file`. Nothing is written, and the host is not asked.
    ///
    /// # Errors
    /// [`Error`]: a specification that cannot be used, or a model that cannot do it.
    pub fn dry_run(
        &self,
        file: &Path,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<DryRun, Error> {
        let prepared = self.prepared_of(file, options, progress)?;
        let there = |model: Model, path: &str| {
            let root = self.config.remote_dir(model).trim_end_matches('/');
            format!("{root}/{path}")
        };
        let model = prepared.plan.model;
        let mut steps = Vec::new();
        if options.upload && options.inference {
            steps.extend(prepared.uploads.iter().map(|(from, to)| DryStep::Upload {
                from: from.clone(),
                to: there(model, to),
            }));
        }
        let folder = local_folder(&prepared.run, file, &self.config);
        let jobs: Vec<_> = jobs(&prepared.plan, options).collect();
        for (step, job) in &jobs {
            let files = job
                .files
                .iter()
                .map(|SpecFile { path, content }| DryStep::Write {
                    path: there(job.model, path),
                    content: content.clone(),
                });
            steps.extend(files);
            let after = (*step == Step::Upscaling).then_some(&prepared.plan.inference);
            let commands = self.commands(job, after, &prepared.run.id)?;
            steps.extend(commands.map(|line| DryStep::Command { job: *step, line }));
        }
        if options.download {
            steps.extend(jobs.iter().map(|(step, job)| DryStep::Download {
                from: there(job.model, &job.output_dir),
                to: folder_of(*step, &folder),
            }));
        }
        Ok(DryRun {
            run: prepared.run,
            host: self.target.name.clone(),
            steps,
            processing: prepared.plan.processing,
            notes: prepared.notes,
        })
    }

    /// The same for a folder and a text. Its prompt, and the videos of a render folder, are made in a temporary
    /// folder, so the paths and ids that they get are not those of a real run.
    ///
    /// # Errors
    /// As [`dry_run`](Self::dry_run) and [`prompt_of_folder`].
    pub fn dry_run_of_folder(
        &self,
        folder: &FolderOptions,
        options: &RunOptions,
        cancel: &Cancel,
        progress: &dyn Progress,
    ) -> Result<DryRun, Error> {
        let scratch = std::env::temp_dir().join(format!("cosmos-{}", std::process::id()));
        fs::create_dir(&scratch).map_err(|e| Error::io("create", &scratch, e))?;
        let folder = FolderOptions {
            paths: Paths {
                local_videos_dir: scratch.join("videos"),
                local_prompts_dir: scratch.join("prompts"),
                ..folder.paths.clone()
            },
            ..folder.clone()
        };
        let result = prompt_of_folder(&folder, cancel, progress)
            .and_then(|prompt| self.dry_run(&prompt, options, progress));
        fs::remove_dir_all(&scratch).map_err(|e| Error::io("remove", &scratch, e))?;
        result
    }

    /// The commands that start a job and follow it.
    fn commands(
        &self,
        job: &Job,
        after: Option<&Job>,
        run_id: &str,
    ) -> Result<impl Iterator<Item = String> + use<>, RemoteError> {
        let launch = Launch {
            settings: &self.config.docker,
            image: self.config.image(job.model),
            job,
            after,
            run_id,
            remote_dir: self.config.remote_dir(job.model),
            home: "~",
        };
        let folder = Command::new("mkdir")
            .args(["-p", "--", &job.output_dir])
            .current_dir(self.config.remote_dir(job.model));
        let logs = docker::logs(&docker::container_name(&job.name), true);
        let lines = [folder, launch.command()?, logs].map(|command| command.to_shell());
        let lines: Result<Vec<String>, RemoteError> = lines.into_iter().collect();
        Ok(lines?.into_iter())
    }
}
