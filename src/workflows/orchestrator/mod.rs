//! `run`: a specification goes to the GPU host and comes back as a video.
//!
//! A run is a row of steps, each of which looks at how things stand before it does anything: what is on the host
//! decides, so a run that was broken off anywhere, by anything, goes on from there. The run's file and its
//! journal say how far it is before the next step begins.

mod dry_run;
mod followed;
mod host;
mod job;
mod manage;
mod preflight;
mod status;
mod watch;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use self::host::{Host, HostError};
use self::job::{Decision, Work};
use super::create_run::draft;
use super::{Advice, CreateRunOptions, RunSettings};
use crate::config::Config;
use crate::cosmos::{self, Job, Model, Plan, Refused, Source};
use crate::error::Error;
use crate::hash::sha256_of_file;
use crate::json_path;
use crate::modality::Modality;
use crate::progress::{Cancel, Progress};
use crate::remote::transfer::{download_some, upload};
use crate::remote::{Command, Login, RemoteError, Target};
use crate::runs::{Journal, Line, RunError, State, Step};
use crate::specs::{self, ExecutionStatus, PromptSpec, RunSpec, Spec, picture_size};
use crate::video::read::probe;
pub use dry_run::{DryRun, DryStep};
pub use manage::Cleaned;
pub use status::{FileStatus, HostStatus, StatusOptions};
pub use watch::{LiveStatus, RunningJob};

/// How often a wait for the second Ctrl-C looks for it.
const GLANCE: Duration = Duration::from_millis(50);

/// Which steps of a run are carried out, and how.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Whether the model makes its video.
    pub inference: bool,
    /// Whether that becomes larger.
    pub upscale: bool,
    /// Whether the videos go to the host; without, they have to be there.
    pub upload: bool,
    /// Whether the results come back.
    pub download: bool,
    /// Control weight of upscaling, 0 to 1; the configured one if `None`.
    pub upscale_weight: Option<f64>,
    /// Denoising steps of upscaling, at least 1; those of NVIDIA's example if `None`.
    pub upscale_steps: Option<u32>,
    /// Number of GPUs, at least 1.
    pub num_gpu: u32,
    /// Their names, separated by commas.
    pub cuda_devices: String,
    /// The generation of models; that of the run, or else the configured one, if `None`.
    pub model: Option<Model>,
    /// What the run is to have, where it is made of a prompt.
    pub settings: RunSettings,
    /// A folder whose videos, named after their modalities, are taken instead of those of the prompt.
    pub videos: Option<PathBuf>,
    /// Whether to come back as soon as a job runs.
    pub detach: bool,
    /// Whether the host is asked first whether it can do it.
    pub check_host: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            inference: true,
            upscale: true,
            upload: true,
            download: true,
            upscale_weight: None,
            upscale_steps: None,
            num_gpu: 1,
            cuda_devices: "0".to_owned(),
            model: None,
            settings: RunSettings::default(),
            videos: None,
            detach: false,
            check_host: true,
        }
    }
}

/// How the user ends the work. While a job runs on the host there are two ways: to leave it, and to end it too.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Raised by the first Ctrl-C: the job goes on.
    pub leave: Cancel,
    /// Raised by the second: the job ends.
    pub end: Cancel,
    /// How long after the first the second is waited for.
    pub patience: Duration,
}

impl Stop {
    fn waits_for_second(&self) -> bool {
        let end = Instant::now() + self.patience;
        while !self.end.is_cancelled() && Instant::now() < end {
            thread::sleep(GLANCE);
        }
        self.end.is_cancelled()
    }
}

/// What a run has come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// The run's file.
    #[serde(serialize_with = "json_path::one")]
    pub path: PathBuf,
    /// What it says now.
    pub run: RunSpec,
    /// The host.
    pub host: String,
    /// The videos that are here now.
    pub outputs: Vec<OutputVideo>,
    /// The job that goes on on the host, if the run was left there.
    pub left: Option<Step>,
    /// What the model has no word for.
    pub notes: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
    /// How long it took this time.
    pub seconds: f64,
}

/// A result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputVideo {
    /// Which job made it.
    pub step: Step,
    /// The file.
    #[serde(serialize_with = "json_path::one")]
    pub path: PathBuf,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Its number of frames.
    pub frame_count: u64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Carries out runs on the GPU host of a configuration.
#[derive(Debug)]
pub struct WorkflowOrchestrator {
    config: Config,
    target: Target,
    login: Login,
}

/// A run that is being carried out.
struct Carried<'a> {
    config: &'a Config,
    target: &'a Target,
    path: &'a Path,
    id: String,
    slug: String,
    spec: RefCell<RunSpec>,
    journal: RefCell<Journal>,
    warnings: RefCell<Vec<Advice>>,
    /// The job that runs on the host, as far as we know.
    running: Cell<Option<Step>>,
}

impl Carried<'_> {
    fn name(&self) -> String {
        self.slug.clone()
    }

    fn note(&self, state: State) -> Result<(), RunError> {
        self.journal.borrow_mut().note(state)
    }

    fn warn(&self, message: String) {
        let hint = None;
        self.warnings.borrow_mut().push(Advice { message, hint });
    }

    /// Notes in the run's file that something is being done, unless it says so.
    fn begin(&self) -> Result<(), RunError> {
        if self.spec.borrow().execution_status == ExecutionStatus::Running {
            return Ok(());
        }
        self.advance(ExecutionStatus::Running, None)
    }

    fn advance(&self, status: ExecutionStatus, error: Option<String>) -> Result<(), RunError> {
        let mut spec = self.spec.borrow().clone();
        spec.advance(status, Timestamp::now(), error);
        specs::save(self.path, &spec).map_err(|source| RunError::NotRecorded {
            run: self.name(),
            status,
            source: Box::new(source),
        })?;
        // What is not written down is not so for anybody else either.
        self.spec.replace(spec);
        Ok(())
    }

    /// What `error` during `step` means: while a job runs on the host, that goes on.
    fn error(&self, step: Step, error: HostError) -> RunError {
        let run = self.name();
        let left = |step, reason| RunError::Left {
            step,
            run: self.name(),
            host: self.target.name.clone(),
            id: self.id.clone(),
            reason,
        };
        match (error, self.running.get()) {
            (HostError::Remote(RemoteError::Cancelled), Some(running)) => left(running, None),
            (HostError::Remote(RemoteError::Cancelled), None) => {
                RunError::Interrupted { step, run }
            }
            (HostError::Remote(source), Some(running)) if source.is_lost() => {
                left(running, Some(Box::new(source)))
            }
            (HostError::Remote(source), _) => RunError::Remote {
                step,
                run,
                source: Box::new(source),
            },
            (HostError::Docker(source), _) => RunError::Docker { step, run, source },
        }
    }
}

/// A run, its prompt, and what it comes to on the host.
struct Prepared {
    run: RunSpec,
    plan: Plan,
    /// The videos here that go to the host, with their places there.
    uploads: Vec<(PathBuf, String)>,
    notes: Vec<String>,
}

impl WorkflowOrchestrator {
    /// Carries out runs on the host of `config`; `home` is the user's home folder, where the settings of SSH are.
    ///
    /// # Errors
    /// [`RemoteError`] if no host is set, or if the settings of SSH cannot be used.
    pub fn new(config: Config, login: Login, home: Option<&Path>) -> Result<Self, RemoteError> {
        Ok(Self {
            target: Target::of_settings(&config.remote, home)?,
            config,
            login,
        })
    }

    /// For [`dry_run`](Self::dry_run) and [`dry_run_of_folder`](Self::dry_run_of_folder) alone, which ask no host
    /// and so need none to be set.
    #[must_use]
    pub fn without_host(config: Config) -> Self {
        Self {
            target: Target::unresolved(&config.remote),
            login: Login::of_process(|_| None),
            config,
        }
    }

    fn host<'a>(&'a self, cancel: &Cancel, progress: &'a dyn Progress) -> Host<'a> {
        let patience = Duration::from_secs(u64::from(self.config.remote.reconnect_timeout));
        Host::new(&self.target, &self.login, patience, cancel, progress)
    }

    /// Carries out the run in `file`, or a run with the configured settings of the prompt in it.
    ///
    /// What is there already is not done again: videos that are on the host, a job that runs or has ended there,
    /// results that are here.
    ///
    /// # Errors
    /// [`Error`]: a specification that cannot be used, a model that cannot do it, and [`RunError`].
    pub fn run(
        &self,
        file: &Path,
        options: &RunOptions,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RunReport, Error> {
        let path = self.run_file(file, options, progress)?;
        let started = Instant::now();
        let prepared = self.prepare(&path, options, progress)?;
        let slug = prepared.run.slug();
        let journal = Journal::open(&path, &slug)?;
        let run = Carried {
            config: &self.config,
            target: &self.target,
            path: &path,
            id: prepared.run.id.clone(),
            slug,
            // Whoever had the journal may have changed it.
            spec: RefCell::new(RunSpec::load(&path)?),
            journal: RefCell::new(journal),
            warnings: RefCell::default(),
            running: Cell::new(None),
        };
        run.note(State::Started {
            host: self.target.name.clone(),
            remote_dir: self.config.remote_dir(prepared.plan.model).to_owned(),
            model: prepared.plan.model,
        })?;
        if run.spec.borrow().execution_status != ExecutionStatus::Completed {
            run.begin()?;
        }
        let mut host = self.host(&stop.leave, progress);
        let result = self.carry_out(&run, &prepared, options, stop, &mut host);
        let result = self.settle(&run, result);
        let took = started.elapsed();
        let output = run.spec.borrow().output_path.display().to_string();
        let remark = match &result {
            Ok(_) => output,
            Err(error) => error.to_string(),
        };
        let line = Line {
            id: &run.id,
            name: &prepared.run.name,
            host: &self.target.name,
            status: run.spec.borrow().execution_status,
            took,
            remark: &remark,
        };
        if let Err(error) = line.append(&self.config.paths.local_notes_dir) {
            run.warn(error.to_string());
        }
        let (outputs, left) = match result {
            Ok(come_to) => come_to,
            Err(error) => {
                for advice in run.warnings.take() {
                    tracing::warn!("{}", advice.message);
                }
                return Err(error.into());
            }
        };
        Ok(RunReport {
            run: run.spec.into_inner(),
            host: self.target.name.clone(),
            outputs,
            left,
            notes: prepared.notes,
            warnings: run.warnings.into_inner(),
            seconds: took.as_secs_f64(),
            path,
        })
    }

    /// Every step: inference, and upscaling where the model has it.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_full_cycle(
        &self,
        file: &Path,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RunReport, Error> {
        self.run(file, &RunOptions::default(), stop, progress)
    }

    /// Every step but upscaling.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_inference_only(
        &self,
        file: &Path,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RunReport, Error> {
        let options = RunOptions {
            upscale: false,
            ..RunOptions::default()
        };
        self.run(file, &options, stop, progress)
    }

    /// Upscales the result of a run, which is on the host or here.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`RunError::NothingToUpscale`].
    pub fn run_upscaling_only(
        &self,
        file: &Path,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RunReport, Error> {
        let options = RunOptions {
            inference: false,
            ..RunOptions::default()
        };
        self.run(file, &options, stop, progress)
    }

    /// The run that `file` is, or one of the prompt that it is, which is made if it is not there.
    fn run_file(
        &self,
        file: &Path,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<PathBuf, Error> {
        Ok(match Spec::load(file)? {
            Spec::Run(_) => {
                refuse_settings(file, options)?;
                file.to_owned()
            }
            Spec::Prompt(_) => {
                let options = self.create_run_options(file, options);
                super::create_run(&options, progress)?.path
            }
        })
    }

    fn create_run_options(&self, file: &Path, options: &RunOptions) -> CreateRunOptions {
        CreateRunOptions {
            model: options.model,
            settings: options.settings.clone(),
            ..CreateRunOptions::of_config(file.to_owned(), &self.config)
        }
    }

    /// Checks the run in `path`, and works out what it comes to.
    fn prepare(
        &self,
        path: &Path,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<Prepared, Error> {
        let run = RunSpec::load(path)?;
        let prompts = &self.config.paths.local_prompts_dir;
        let (prompt_path, prompt) = specs::prompt_of(&run, path, prompts)?;
        self.prepare_from(run, &prompt_path, prompt, options, progress)
    }

    fn prepare_from(
        &self,
        run: RunSpec,
        prompt_path: &Path,
        mut prompt: PromptSpec,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<Prepared, Error> {
        progress.note("checking the videos");
        if let Some(folder) = &options.videos {
            take_videos_of(folder, &mut prompt)?;
        }
        let locate = |path: &Path| specs::resolve(path, prompt_path);
        let video = specs::check_videos(&prompt, locate)?;
        let mask_frames = specs::check_assets(&run.parameters, locate)?;
        let execution = &self.config.execution;
        let model = options
            .model
            .or(run.model)
            .unwrap_or(self.config.cosmos.model);
        let cosmos_options = cosmos::Options {
            num_gpu: options.num_gpu,
            cuda_devices: options.cuda_devices.clone(),
            upscale: options.upscale.then(|| cosmos::Upscale {
                weight: options
                    .upscale_weight
                    .unwrap_or(execution.default_upscale_weight),
                steps: options.upscale_steps,
            }),
            offload_models: execution.offload_models,
            num_steps: execution.default_num_steps,
            guidance_scale: execution.default_guidance_scale,
            set: self.config.cosmos.of(model).set.clone(),
            has_upscaler: self.config.has_upscaler(model),
        };
        let request = cosmos::Request {
            prompt: &prompt,
            run: &run,
            video: video.as_ref(),
            mask_frames: &mask_frames,
            options: &cosmos_options,
        };
        let plan = cosmos::plan(model, &request)?;
        if !options.inference && plan.upscaling.is_none() {
            return Err(Refused::Value {
                model,
                field: "upscaling",
                value: "asked for".into(),
                expected:
                    "a result that can be upscaled: a video, and a checkout of Cosmos-Transfer1"
                        .into(),
            }
            .into());
        }
        let parameters = &run.parameters;
        let uploads = plan
            .uploads
            .iter()
            .filter_map(|upload| {
                let local = match upload.source {
                    Source::Video(modality) => prompt.videos().find(|(of, _)| *of == modality)?.1,
                    Source::Mask(control) => &parameters.masks.get(&control)?.path,
                    Source::StyleImage(()) => &parameters.style_image.as_ref()?.path,
                    Source::ProtectedArea(()) => &parameters.protected_area.as_ref()?.path,
                };
                Some((locate(local), upload.path.clone()))
            })
            .collect();
        Ok(Prepared {
            run,
            notes: plan.notes.clone(),
            plan,
            uploads,
        })
    }

    /// The results that are here at the end, and the job that was left running.
    fn carry_out(
        &self,
        run: &Carried<'_>,
        prepared: &Prepared,
        options: &RunOptions,
        stop: &Stop,
        host: &mut Host<'_>,
    ) -> Result<(Vec<OutputVideo>, Option<Step>), RunError> {
        let works = self.works(run, &prepared.plan, options);
        let works: Vec<Work<'_>> = works
            .iter()
            .map(|(step, job, folder)| Work {
                step: *step,
                job,
                after: (*step == Step::Upscaling).then_some(&prepared.plan.inference),
                run,
                folder,
            })
            .collect();
        let result = self.do_works(run, prepared, &works, options, stop, host);
        match result {
            Ok(None) if options.download => Ok((self.fetch(run, &works, host)?, None)),
            Ok(left) => Ok((Vec::new(), left)),
            Err(error) => {
                let on_the_host = matches!(
                    error,
                    RunError::Job(_)
                        | RunError::Blocked(_)
                        | RunError::Cancelled { .. }
                        | RunError::Docker { .. }
                );
                if on_the_host && options.download {
                    self.rescue(run, &works, host);
                }
                Err(error)
            }
        }
    }

    /// The jobs to be done, each with the local folder of its results.
    fn works<'p>(
        &self,
        run: &Carried<'_>,
        plan: &'p Plan,
        options: &RunOptions,
    ) -> Vec<(Step, &'p Job, PathBuf)> {
        let folder = local_folder(&run.spec.borrow(), run.path, &self.config);
        jobs(plan, options)
            .map(|(step, job)| (step, job, folder_of(step, &folder)))
            .collect()
    }

    /// Does what has to be done on the host. Returns the job that was left running.
    fn do_works(
        &self,
        run: &Carried<'_>,
        prepared: &Prepared,
        works: &[Work<'_>],
        options: &RunOptions,
        stop: &Stop,
        host: &mut Host<'_>,
    ) -> Result<Option<Step>, RunError> {
        let mut is_checked = !options.check_host;
        for (at, work) in works.iter().enumerate() {
            // Nothing has to go to the host for what runs there already, or has.
            if work.look(host)? == Decision::Start {
                if !is_checked {
                    let jobs = works.iter().skip(at).map(|work| work.job);
                    self.check_before(run, jobs, options, host)?;
                    is_checked = true;
                }
                let uploads = match work.step {
                    Step::Upscaling => self.upscaling_input(run, &prepared.plan, work, host)?,
                    _ => prepared.uploads.clone(),
                };
                if options.upload && !uploads.is_empty() {
                    run.note(State::Uploading)?;
                    self.upload(work.job.model, &uploads, host)
                        .map_err(|error| run.error(Step::Upload, error.into()))?;
                }
            }
            if !work.carry_out(host, options.detach, stop)? {
                return Ok(Some(work.step));
            }
        }
        Ok(None)
    }

    /// Puts the result of inference where upscaling reads it, if it is on the host in another model's checkout.
    /// Returns the upload that does it if it is here and no longer on the host.
    fn upscaling_input(
        &self,
        run: &Carried<'_>,
        plan: &Plan,
        work: &Work<'_>,
        host: &mut Host<'_>,
    ) -> Result<Vec<(PathBuf, String)>, RunError> {
        let video = &plan.inference.video;
        let made = self.in_checkout(plan.model, video);
        let read = self.in_checkout(work.job.model, &cosmos::upscaling_input(&plan.inference));
        let copy = Command::script(
            r#"[ -s "$1" ] || { echo missing; exit; }
[ "$1" = "$2" ] || {
    partial=$2.partial-$$
    trap 'rm -f -- "$partial"' EXIT
    mkdir -p -- "${2%/*}" && cp -- "$1" "$partial" && mv -f -T -- "$partial" "$2"
}"#,
        )
        .args([&made, &read]);
        let output = host
            .succeed_long(&copy, "copying the result to the checkout that upscales it")
            .map_err(|error| run.error(Step::Upscaling, error.into()))?;
        if output.stdout_text() != "missing" {
            return Ok(Vec::new());
        }
        let folder = local_folder(&run.spec.borrow(), run.path, &self.config);
        let here = video.rsplit('/').next().map(|name| folder.join(name));
        match here.filter(|path| path.is_file()) {
            Some(path) => Ok(vec![(path, cosmos::upscaling_input(&plan.inference))]),
            None => Err(RunError::NothingToUpscale {
                run: run.name(),
                video: video.clone(),
                host: host.name().to_owned(),
            }),
        }
    }

    /// The path of `path` in the checkout of `model`.
    fn in_checkout(&self, model: Model, path: &str) -> String {
        format!(
            "{}/{path}",
            self.config.remote_dir(model).trim_end_matches('/')
        )
    }

    fn upload(
        &self,
        model: Model,
        uploads: &[(PathBuf, String)],
        host: &mut Host<'_>,
    ) -> Result<(), RemoteError> {
        let progress = host.progress();
        for (local, remote) in uploads {
            let remote = self.in_checkout(model, remote);
            host.with(|connection, cancel| upload(connection, local, &remote, progress, cancel))?;
        }
        Ok(())
    }

    /// Brings the results home and looks at them.
    fn fetch(
        &self,
        run: &Carried<'_>,
        works: &[Work<'_>],
        host: &mut Host<'_>,
    ) -> Result<Vec<OutputVideo>, RunError> {
        run.note(State::Downloading)?;
        works
            .iter()
            .map(|work| {
                self.download(work, host)
                    .map_err(|error| run.error(Step::Download, error.into()))?;
                output_video(run, work)
            })
            .collect()
    }

    /// Brings home what there is of a run that failed. It has failed already, so this may too.
    fn rescue(&self, run: &Carried<'_>, works: &[Work<'_>], host: &mut Host<'_>) {
        host.listen_to(&Cancel::new());
        for work in works {
            if let Err(error) = self.download(work, host) {
                let error = run.error(Step::Download, error.into());
                host.progress().note(&error.to_string());
            }
        }
    }

    fn download(&self, work: &Work<'_>, host: &mut Host<'_>) -> Result<(), RemoteError> {
        let remote = work.there();
        let is_wanted = |name: &str| work.job.keep_controls || !work.job.is_control_copy(name);
        let progress = host.progress();
        host.with(|connection, cancel| {
            download_some(
                connection,
                &remote,
                work.folder,
                &is_wanted,
                progress,
                cancel,
            )
        })?;
        Ok(())
    }

    /// Writes down how the run has ended.
    fn settle(
        &self,
        run: &Carried<'_>,
        result: Result<(Vec<OutputVideo>, Option<Step>), RunError>,
    ) -> Result<(Vec<OutputVideo>, Option<Step>), RunError> {
        match &result {
            Ok((_, Some(_))) => {}
            Ok((_, None)) => {
                if run.spec.borrow().execution_status != ExecutionStatus::Completed {
                    run.advance(ExecutionStatus::Completed, None)?;
                }
                run.note(State::Completed)?;
            }
            Err(RunError::Left { step, .. }) => run.note(State::Left { step: *step })?,
            Err(error) => {
                let message = error.to_string();
                let step = step_of(error);
                let (status, state) = match error {
                    RunError::Blocked(_) => (
                        ExecutionStatus::Blocked,
                        State::Blocked {
                            step,
                            message: message.clone(),
                        },
                    ),
                    _ => (
                        ExecutionStatus::Failed,
                        State::Failed {
                            step,
                            message: message.clone(),
                        },
                    ),
                };
                // What was completed and not begun anew is as complete as before.
                if run.spec.borrow().execution_status != ExecutionStatus::Completed {
                    run.advance(status, Some(message))?;
                }
                run.note(state)?;
            }
        }
        result
    }
}

/// Refuses settings for a run that is written down already, which has its own.
fn refuse_settings(file: &Path, options: &RunOptions) -> Result<(), Error> {
    if options.settings == RunSettings::default() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("{} is a run, which has settings of its own", file.display()),
        hint: "make another run of its prompt, with these settings: cosmos create-run".into(),
    })
}

/// The step that an error is about.
fn step_of(error: &RunError) -> Step {
    match error {
        RunError::Remote { step, .. }
        | RunError::Docker { step, .. }
        | RunError::Left { step, .. }
        | RunError::Interrupted { step, .. }
        | RunError::Cancelled { step, .. } => *step,
        RunError::Job(job) => job.step,
        RunError::Blocked(job) => job.step,
        RunError::NothingToUpscale { .. } => Step::Upscaling,
        RunError::BadResult { .. } | RunError::BadPicture { .. } => Step::Download,
        _ => Step::Upload,
    }
}

/// The jobs of `plan` that `options` ask for, in the order in which they are done.
fn jobs<'p>(plan: &'p Plan, options: &RunOptions) -> impl Iterator<Item = (Step, &'p Job)> {
    let inference = options
        .inference
        .then_some((Step::Inference, &plan.inference));
    let upscaling = plan.upscaling.as_ref().filter(|_| options.upscale);
    inference
        .into_iter()
        .chain(upscaling.map(|job| (Step::Upscaling, job)))
}

/// The local folder for the results of a run's first job.
fn local_folder(run: &RunSpec, path: &Path, config: &Config) -> PathBuf {
    if run.output_path.as_os_str().is_empty() {
        config.paths.local_outputs_dir.join(run.slug())
    } else {
        specs::resolve(&run.output_path, path)
    }
}

/// The local folder for the results of `step`, given that of the first.
fn folder_of(step: Step, first: &Path) -> PathBuf {
    match (step, first.file_name()) {
        (Step::Upscaling, Some(name)) => {
            let mut name = name.to_owned();
            name.push("_upscaled");
            first.with_file_name(name)
        }
        _ => first.to_owned(),
    }
}

/// Takes the videos in `folder` instead of those of the prompt.
fn take_videos_of(folder: &Path, prompt: &mut PromptSpec) -> Result<(), Error> {
    let video = |modality: Modality| folder.join(format!("{modality}.mp4"));
    if let Some(path) = &mut prompt.input_video_path {
        *path = video(Modality::Color);
    }
    for (&control, path) in &mut prompt.control_inputs {
        *path = video(control);
    }
    prompt.video_hashes = prompt
        .videos()
        .filter(|(_, path)| path.exists())
        .map(|(modality, path)| {
            let hash = sha256_of_file(path).map_err(|e| Error::io("read", path, e))?;
            Ok((modality, hash))
        })
        .collect::<Result<_, Error>>()?;
    Ok(())
}

/// The result of a job, which is here.
fn output_video(run: &Carried<'_>, work: &Work<'_>) -> Result<OutputVideo, RunError> {
    let name = work.job.video.rsplit('/').next().unwrap_or_default();
    let path = work.folder.join(name);
    let is_picture = path.extension().is_some_and(|extension| extension == "jpg");
    let (width, height, frame_count) = if is_picture {
        let (width, height) = picture_size(&path).map_err(|source| RunError::BadPicture {
            run: run.name(),
            path: path.clone(),
            source: Box::new(source),
        })?;
        (width, height, 1)
    } else {
        let info = probe(&path).map_err(|source| RunError::BadResult {
            run: run.name(),
            source,
        })?;
        (info.width, info.height, info.frame_count)
    };
    let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    Ok(OutputVideo {
        step: work.step,
        path,
        width,
        height,
        frame_count,
        bytes,
    })
}
