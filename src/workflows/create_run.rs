//! `create-run`: a prompt specification gets weights and parameters, and becomes a run.

use std::path::PathBuf;

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::Map;

use super::Advice;
use crate::config;
use crate::cosmos::{self, CONTROLS, Model};
use crate::error::Error;
use crate::progress::Progress;
use crate::specs::{
    self, ExecutionStatus, Parameters, PromptSpec, RunSpec, Spec, Stored, Strength,
};

/// What to run and how. What is `None` comes from `execution`, or is left to the model.
#[derive(Clone, Debug)]
pub struct CreateRunOptions {
    /// The prompt specification.
    pub prompt_file: PathBuf,
    /// Weights of vis, edge, depth and segmentation, 0 to 1. Without, every control that has a video gets the
    /// same ([`cosmos::default_weights`]).
    pub weights: Option<[f64; 4]>,
    /// Denoising steps.
    pub num_steps: Option<u32>,
    /// Classifier-free guidance.
    pub guidance_scale: Option<f64>,
    /// Start of the random numbers.
    pub seed: Option<u32>,
    /// Frames a second of the result; those of the input video if `None`.
    pub fps: Option<u32>,
    /// Noise that the input video starts from.
    pub sigma_max: Option<f64>,
    /// Blur of a vis control that Cosmos makes itself.
    pub blur_strength: Option<Strength>,
    /// Threshold of an edge control that Cosmos makes itself.
    pub canny_threshold: Option<Strength>,
    /// The local folder for the results; one named after the run under `outputs_dir` if `None`.
    pub output_path: Option<PathBuf>,
    /// The generation of models, if it is not to be the configured one.
    pub model: Option<Model>,
    /// The configured generation.
    pub configured_model: Model,
    /// Defaults.
    pub execution: config::Execution,
    /// Folder under which run specifications are put.
    pub runs_dir: PathBuf,
    /// Folder under which results are put.
    pub outputs_dir: PathBuf,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CreateRunReport {
    /// The file.
    pub path: PathBuf,
    /// Whether the file was there already: the same run, whatever has become of it.
    pub existing: bool,
    /// What it says.
    pub spec: RunSpec,
    /// The generation that it was checked against.
    pub checked_for: Model,
    /// What that generation will leave out, or decide for itself.
    pub notes: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<Advice>,
}

impl CreateRunOptions {
    /// A run of the prompt in `prompt_file` that says nothing itself.
    #[must_use]
    pub fn of_config(prompt_file: PathBuf, config: &config::Config) -> Self {
        Self {
            prompt_file,
            weights: None,
            num_steps: None,
            guidance_scale: None,
            seed: None,
            fps: None,
            sigma_max: None,
            blur_strength: None,
            canny_threshold: None,
            output_path: None,
            model: None,
            configured_model: config.cosmos.model,
            execution: config.execution.clone(),
            runs_dir: config.paths.local_runs_dir.clone(),
            outputs_dir: config.paths.local_outputs_dir.clone(),
        }
    }
}

/// A run that is not written down yet.
pub(super) struct Draft {
    pub run: RunSpec,
    pub prompt: PromptSpec,
    model: Model,
    notes: Vec<String>,
    warnings: Vec<Advice>,
    made: ZonedDateTime,
}

/// Writes a run of a prompt after checking that its videos still match and that the model can do it; the same
/// run again is not written twice.
///
/// # Errors
/// [`Error`]: a prompt specification, video or value that cannot be used, or a failure to write.
pub fn create_run(
    options: &CreateRunOptions,
    progress: &dyn Progress,
) -> Result<CreateRunReport, Error> {
    let Draft {
        run,
        model,
        notes,
        warnings,
        made,
        ..
    } = draft(options, progress)?;
    let known = specs::existing(&options.runs_dir, &run.id);
    let (path, existing, spec) = match known {
        Some(Stored {
            path,
            spec: Spec::Run(known),
        }) => {
            if options.output_path.is_some() && known.output_path != run.output_path {
                return Err(Error::Usage {
                    message: format!(
                        "this run is there already, with its output in {}: {}",
                        known.output_path.display(),
                        path.display()
                    ),
                    hint: "leave --output-path out, or make another run with another --seed".into(),
                });
            }
            (path, true, known)
        }
        _ => {
            let names = (run.name.as_str(), run.id.as_str());
            let path = specs::write_new(&run, &options.runs_dir, names, &made)?;
            (path, false, run)
        }
    };
    Ok(CreateRunReport {
        path,
        existing,
        spec,
        checked_for: model,
        notes,
        warnings,
    })
}

/// The run that [`create_run`] would write.
pub(super) fn draft(options: &CreateRunOptions, progress: &dyn Progress) -> Result<Draft, Error> {
    let prompt = PromptSpec::load(&options.prompt_file)?;
    progress.note("checking the videos");
    let video = specs::check_videos(&prompt, |path| specs::resolve(path, &options.prompt_file))?;

    let model = options.model.unwrap_or(options.configured_model);
    let defaults = &options.execution;
    let now = ZonedDateTime::now();
    let mut warnings = Vec::new();
    let guidance_scale = options.guidance_scale.unwrap_or_else(|| {
        let configured = defaults.default_guidance_scale;
        let guidance = cosmos::default_guidance(model, configured);
        if guidance != configured {
            warnings.push(Advice {
                message: format!(
                    "guidance is {guidance}: {model} does not take the default of {configured}"
                ),
                hint: Some("pass --guidance-scale to choose it".into()),
            });
        }
        guidance
    });
    let run = RunSpec {
        id: String::new(),
        prompt_id: prompt.id.clone(),
        name: prompt.name.clone(),
        control_weights: options.weights.map_or_else(
            || cosmos::default_weights(model, &prompt),
            |weights| CONTROLS.into_iter().zip(weights).collect(),
        ),
        parameters: Parameters {
            num_steps: options.num_steps.unwrap_or(defaults.default_num_steps),
            guidance_scale,
            seed: Some(options.seed.unwrap_or(defaults.default_seed)),
            fps: options.fps,
            sigma_max: options.sigma_max,
            blur_strength: options.blur_strength,
            canny_threshold: options.canny_threshold,
            other: Map::new(),
        },
        execution_status: ExecutionStatus::Pending,
        output_path: PathBuf::new(),
        timestamp: now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        start_time: None,
        end_time: None,
        error_message: None,
        model: options.model,
        prompt_path: Some(options.prompt_file.clone()),
        other: Map::new(),
    };
    let mut run = RunSpec {
        id: run.content_id(),
        ..run
    }
    .checked()?;
    run.output_path = match &options.output_path {
        Some(path) => path.clone(),
        None => options.outputs_dir.join(run.slug()),
    };
    let plan = cosmos::plan(
        model,
        &cosmos::Request {
            prompt: &prompt,
            run: &run,
            video: video.as_ref(),
            options: &cosmos::Options::default(),
        },
    )?;

    Ok(Draft {
        run,
        prompt,
        model,
        notes: plan.notes,
        warnings,
        made: now,
    })
}
