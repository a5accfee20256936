//! Before anything is uploaded: whether the host can do what a run is about to ask of it.

use std::collections::BTreeMap;

use super::host::Host;
use super::{Carried, RunOptions, WorkflowOrchestrator};
use crate::config::Config;
use crate::cosmos::Job;
use crate::cosmos::needs::{Needs, needs, request_of};
use crate::cosmos::options::program;
use crate::host_facts::judge::Case;
use crate::host_facts::{Code, Facts, Inside, Problem, Survey, judge, survey};
use crate::remote::RemoteError;
use crate::runs::{RunError, Step};
use crate::workflows::Advice;

/// What is asked of the host for jobs of one model, and beside what the answer is put.
pub(super) struct Question<'a> {
    config: &'a Config,
    devices: &'a str,
    pub inside: Inside,
    pub needs: Needs,
}

impl<'a> Question<'a> {
    pub fn new(
        config: &'a Config,
        devices: &'a str,
        env: &BTreeMap<String, String>,
        needs: Needs,
    ) -> Self {
        Self {
            config,
            devices,
            inside: Inside::new(&config.docker, config.remote_dir(needs.model), env),
            needs,
        }
    }

    pub fn remote_dir(&self) -> &'a str {
        self.config.remote_dir(self.needs.model)
    }

    pub fn image(&self) -> &'a str {
        self.config.image(self.needs.model)
    }

    pub fn ask(&self, host: &mut Host<'_>) -> Result<Facts, RemoteError> {
        let since = self.needs.since.iter().map(|since| since.commit.as_str());
        let survey = Survey {
            remote_dir: self.remote_dir(),
            image: self.image(),
            inside: &self.inside,
            needs: &self.needs,
            commits: since
                .chain([program(self.needs.model).commit.as_str()])
                .collect(),
        };
        Ok(survey.read(&host.ask(&survey.command(), survey::LIMIT)?))
    }

    pub fn judge(&self, facts: &Facts) -> Vec<Problem> {
        judge(&Case {
            settings: &self.config.docker,
            image: self.image(),
            remote_dir: self.remote_dir(),
            inside: &self.inside,
            devices: self.devices,
            needs: &self.needs,
            facts,
        })
    }
}

impl WorkflowOrchestrator {
    /// What is to be asked before `jobs`, one question for each model.
    pub(super) fn questions<'a, 'j>(
        &'a self,
        jobs: impl Iterator<Item = &'j Job>,
        options: &'a RunOptions,
    ) -> Vec<Question<'a>> {
        let mut questions: Vec<Question<'a>> = Vec::new();
        for job in jobs {
            let more = needs(job.model, &request_of(job));
            match questions.iter_mut().find(|q| q.needs.model == job.model) {
                Some(question) => question.needs.add(more),
                None => {
                    let devices = &options.cuda_devices;
                    questions.push(Question::new(&self.config, devices, &job.env, more));
                }
            }
        }
        questions
    }

    /// Everything on the host that is in the way of `jobs`, with one command for each model.
    pub(super) fn preflight<'j>(
        &self,
        jobs: impl Iterator<Item = &'j Job>,
        options: &RunOptions,
        host: &mut Host<'_>,
    ) -> Result<Vec<Problem>, RemoteError> {
        let mut problems: Vec<Problem> = Vec::new();
        for question in self.questions(jobs, options) {
            let facts = question.ask(host)?;
            for problem in question.judge(&facts) {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        Ok(problems)
    }

    /// Ends a run before its videos are uploaded if the host cannot carry it out, and notes what is merely doubtful.
    pub(super) fn check_before<'j>(
        &self,
        run: &Carried<'_>,
        jobs: impl Iterator<Item = &'j Job>,
        options: &RunOptions,
        host: &mut Host<'_>,
    ) -> Result<(), RunError> {
        host.progress()
            .note("asking what the host has for this run");
        let problems = self
            .preflight(jobs, options, host)
            .map_err(|error| run.error(Step::Upload, error.into()))?;
        let (in_the_way, others): (Vec<Problem>, Vec<Problem>) =
            problems.into_iter().partition(is_in_the_way);
        let doubtful = others.into_iter().filter(|p| !p.prevents_runs);
        run.warnings.borrow_mut().extend(doubtful.map(|p| Advice {
            message: p.message,
            hint: p.hint,
        }));
        if in_the_way.is_empty() {
            return Ok(());
        }
        Err(RunError::NotReady {
            run: run.name(),
            host: host.name().to_owned(),
            problems: in_the_way,
        })
    }
}

/// Whether a run need not be begun. What Docker does not do, and whether it can give GPUs to a container, it says
/// best itself.
fn is_in_the_way(problem: &Problem) -> bool {
    problem.prevents_runs && !matches!(problem.code, Code::Docker | Code::Driver)
}
