//! `create-run`: a prompt specification gets weights and parameters, and becomes a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::Map;

use super::Advice;
use crate::config;
use crate::cosmos::{self, CONTROLS, Model, Need, NeedKind, Processing, Recipe};
use crate::error::Error;
use crate::progress::Progress;
use crate::specs::{self, Asset, ExecutionStatus, Parameters, PromptSpec, RunSpec, Spec, Stored};

/// What a run is to have. What is `None` comes from the settings, or is left to the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunSettings {
    /// Weights of vis, edge, depth and segmentation, 0 to 1. Without, those of the recipe, else every control that
    /// has a video gets the same ([`cosmos::default_weights`]).
    pub weights: Option<[f64; 4]>,
    /// The rest.
    pub parameters: Parameters,
    /// A mask for every control with a weight that has none in `parameters`.
    pub mask: Option<PathBuf>,
}

/// What to run and how.
#[derive(Clone, Debug)]
pub struct CreateRunOptions {
    /// The prompt specification.
    pub prompt_file: PathBuf,
    /// What the run is to have.
    pub settings: RunSettings,
    /// The local folder for the results; one named after the run under `outputs_dir` if `None`.
    pub output_path: Option<PathBuf>,
    /// The model, if it is not to be the configured one.
    pub model: Option<Model>,
    /// The configured model.
    pub configured_model: Model,
    /// Defaults.
    pub execution: config::Execution,
    /// What the settings set for each model, by the names of its program.
    pub cosmos: config::Cosmos,
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
    /// The model that it was checked against.
    pub checked_for: Model,
    /// How that model works through the clip; `None` without videos.
    pub processing: Option<Processing>,
    /// What that model will leave out, or decide for itself.
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
            settings: RunSettings::default(),
            output_path: None,
            model: None,
            configured_model: config.cosmos.model,
            execution: config.execution.clone(),
            cosmos: config.cosmos.clone(),
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
    processing: Option<Processing>,
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
        processing,
        notes,
        warnings,
        made,
        ..
    } = draft(options, progress)?;
    let _lock = specs::lock(&options.runs_dir)?;
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
        processing,
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
    let settings = &options.settings;
    let mut parameters = settings.parameters.clone();
    let recipe = recipe_of(&parameters, model)?;
    let control_weights = match (settings.weights, recipe) {
        _ if parameters.upscale_only => BTreeMap::new(),
        (Some(weights), _) => CONTROLS.into_iter().zip(weights).collect(),
        (None, Some(recipe)) if !recipe.weights.is_empty() => recipe.weights.clone(),
        _ => cosmos::default_weights(model, &prompt),
    };
    if let Some(recipe) = recipe {
        follow(recipe, &mut parameters);
    }
    parameters.set = cosmos::checked_options(model, &parameters.set)?;
    if let Some(mask) = &settings.mask {
        let weighted = control_weights.iter().filter(|(_, weight)| **weight > 0.0);
        for (&control, _) in weighted {
            let path = mask.clone();
            let asset = Asset { path, sha256: None };
            parameters.masks.entry(control).or_insert(asset);
        }
    }
    if let Some(recipe) = recipe {
        check_needs(recipe, &parameters, &prompt)?;
    }
    parameters.seed.get_or_insert(defaults.default_seed);
    // The others have defaults of their own for each control and checkpoint, which what is written down would hide.
    if model == Model::Transfer1 && !parameters.upscale_only {
        parameters
            .guidance_scale
            .get_or_insert(defaults.default_guidance_scale);
        if !parameters.draft && parameters.checkpoint.is_none() {
            parameters
                .num_steps
                .get_or_insert(defaults.default_num_steps);
        }
    }
    let locate = |path: &Path| specs::resolve(path, &options.prompt_file);
    let mask_frames = specs::check_assets(&parameters, locate)?;
    specs::record_hashes(&mut parameters, locate)?;
    let run = RunSpec {
        id: String::new(),
        prompt_id: prompt.id.clone(),
        name: prompt.name.clone(),
        control_weights,
        parameters,
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
            mask_frames: &mask_frames,
            options: &cosmos::Options {
                set: options.cosmos.of(model).set.clone(),
                ..cosmos::Options::default()
            },
        },
    )?;
    let mut warnings = Vec::new();
    warnings.extend(ignored_defaults(model, defaults));

    Ok(Draft {
        run,
        prompt,
        model,
        processing: plan.processing,
        notes: plan.notes,
        warnings,
        made: now,
    })
}

/// The recipe that `parameters` name.
fn recipe_of(parameters: &Parameters, model: Model) -> Result<Option<&'static Recipe>, Error> {
    let Some(name) = &parameters.recipe else {
        return Ok(None);
    };
    let Some(recipe) = cosmos::recipe(name) else {
        return Err(Error::Usage {
            message: format!("there is no recipe {name:?}"),
            hint: cosmos::nearest_recipe(name).map_or_else(
                || "docs/models-on-the-host.md lists them".into(),
                |recipe| format!("did you mean {}?", recipe.name),
            ),
        });
    };
    if !recipe.is_for(model) {
        let models: Vec<&str> = recipe.models.iter().map(|model| model.name()).collect();
        return Err(Error::Usage {
            message: format!("the recipe {name} is not for {model}"),
            hint: format!("pass --model {}", models.join(" or ")),
        });
    }
    Ok(Some(recipe))
}

/// Sets what the recipe sets, unless the user has set it: by the program's name for it, or as a parameter of ours.
fn follow(recipe: &Recipe, parameters: &mut Parameters) {
    for (key, value) in &recipe.set {
        let number = value.as_f64();
        match (key.as_str(), number) {
            _ if parameters.set.contains_key(key) => {}
            ("num_steps", _) if parameters.draft => {}
            ("num_steps", Some(steps)) => _ = parameters.num_steps.get_or_insert(steps as u32),
            ("guidance", Some(guidance)) => _ = parameters.guidance_scale.get_or_insert(guidance),
            ("sigma_max", Some(sigma)) => _ = parameters.sigma_max.get_or_insert(sigma),
            _ => _ = parameters.set.insert(key.clone(), value.clone()),
        }
    }
}

/// Refuses a recipe that lacks something it cannot do without.
fn check_needs(recipe: &Recipe, parameters: &Parameters, prompt: &PromptSpec) -> Result<(), Error> {
    let is_there = |need: &Need| match (need.what, need.control) {
        (NeedKind::Mask, Some(control)) => parameters.masks.contains_key(&control),
        (NeedKind::Mask, None) => !parameters.masks.is_empty(),
        (NeedKind::Video, Some(control)) => prompt.control_inputs.contains_key(&control),
        (NeedKind::Video, None) => !prompt.control_inputs.is_empty(),
        (NeedKind::StyleImage, _) => parameters.style_image.is_some(),
        (NeedKind::ProtectedArea, _) => parameters.protected_area.is_some(),
    };
    let Some(need) = recipe.needs.iter().find(|need| !is_there(need)) else {
        return Ok(());
    };
    let control = need
        .control
        .map_or_else(String::new, |control| format!("{control}="));
    let hint = match need.what {
        NeedKind::Mask => format!("pass --mask {control}FILE"),
        NeedKind::Video => "make the prompt with create-spec --control-inputs".into(),
        NeedKind::StyleImage => "pass --style-image FILE".into(),
        NeedKind::ProtectedArea => "pass --protect FILE".into(),
    };
    Err(Error::Usage {
        message: format!("the recipe {} needs {need}", recipe.name),
        hint,
    })
}

/// Says that the defaults of the settings are for Transfer1 where somebody has changed them for another model.
fn ignored_defaults(model: Model, defaults: &config::Execution) -> Option<Advice> {
    let built_in = config::Execution::default();
    let is_changed = defaults.default_num_steps != built_in.default_num_steps
        || defaults.default_guidance_scale != built_in.default_guidance_scale;
    (model != Model::Transfer1 && is_changed).then(|| Advice {
        message: format!(
            "default_num_steps and default_guidance_scale under [execution] are for {}: {model} has defaults of its own",
            Model::Transfer1
        ),
        hint: Some(format!(
            "set num_steps and guidance under [cosmos.\"{}\".set] instead",
            model.name()
        )),
    })
}
