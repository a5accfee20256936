//! Before anything is uploaded: whether the host can do what a run is about to ask of it.

use super::host::Host;
use super::{Carried, RunOptions, WorkflowOrchestrator, jobs};
use crate::config::Config;
use crate::cosmos::needs::{Needs, needs, read_from, request_of};
use crate::cosmos::{Model, Plan};
use crate::host_facts::judge::Case;
use crate::host_facts::{Code, Facts, Inside, Problem, Survey, judge, survey};
use crate::remote::RemoteError;
use crate::runs::{RunError, Step};
use crate::workflows::Advice;

/// What is asked of the host for some jobs, and beside what the answer is put.
pub(super) struct Question<'a> {
    pub config: &'a Config,
    /// Whose checkout and image it is about.
    pub model: Model,
    pub inside: Inside,
    pub devices: String,
    pub needs: Needs,
}

impl Question<'_> {
    pub fn ask(&self, host: &mut Host<'_>) -> Result<Facts, RemoteError> {
        let since = self.needs.since.iter().map(|since| since.commit);
        let survey = Survey {
            remote_dir: self.config.remote_dir(self.model),
            image: self.config.image(self.model),
            inside: &self.inside,
            needs: &self.needs,
            commits: since.chain([read_from(self.needs.model)]).collect(),
        };
        Ok(survey.read(&host.ask(&survey.command(), survey::LIMIT)?))
    }

    pub fn judge(&self, facts: &Facts) -> Vec<Problem> {
        judge(&Case {
            settings: &self.config.docker,
            remote_dir: self.config.remote_dir(self.model),
            inside: &self.inside,
            devices: &self.devices,
            needs: &self.needs,
            facts,
        })
    }
}

impl WorkflowOrchestrator {
    /// What the jobs of `plan` that `options` ask for need.
    pub(super) fn question_of(&self, plan: &Plan, options: &RunOptions) -> Question<'_> {
        let mut all: Option<Needs> = None;
        let mut env = &plan.inference.env;
        let first = jobs(plan, options).next();
        let model = first.map_or(plan.model, |(_, job)| job.model);
        let checkout = self.config.remote_dir(model);
        // What upscales in another checkout is asked for when its turn comes.
        let here =
            jobs(plan, options).filter(|(_, job)| self.config.remote_dir(job.model) == checkout);
        for (_, job) in here {
            let more = needs(job.model, &request_of(job.model, job));
            all = Some(match all {
                None => {
                    env = &job.env;
                    more
                }
                Some(before) => before.and(more),
            });
        }
        Question {
            config: &self.config,
            model,
            inside: Inside::new(&self.config.docker, checkout, env),
            devices: options.cuda_devices.clone(),
            needs: all
                .unwrap_or_else(|| needs(plan.model, &request_of(plan.model, &plan.inference))),
        }
    }

    /// Everything on the host that is in the way of the jobs of `plan`, with one command.
    pub(super) fn preflight(
        &self,
        plan: &Plan,
        options: &RunOptions,
        host: &mut Host<'_>,
    ) -> Result<Vec<Problem>, RemoteError> {
        let question = self.question_of(plan, options);
        let facts = question.ask(host)?;
        Ok(question.judge(&facts))
    }

    /// Ends a run before its videos are uploaded if the host cannot carry it out, and notes what is merely doubtful.
    pub(super) fn check_before(
        &self,
        run: &Carried<'_>,
        plan: &Plan,
        options: &RunOptions,
        host: &mut Host<'_>,
    ) -> Result<(), RunError> {
        host.progress()
            .note("asking what the host has for this run");
        let problems = self
            .preflight(plan, options, host)
            .map_err(|error| run.error(Step::Upload, error.into()))?;
        let (in_the_way, doubtful): (Vec<Problem>, Vec<Problem>) =
            problems.into_iter().partition(is_in_the_way);
        run.warnings
            .borrow_mut()
            .extend(
                doubtful
                    .into_iter()
                    .filter(|p| !p.prevents_runs)
                    .map(|p| Advice {
                        message: p.message,
                        hint: p.hint,
                    }),
            );
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
