//! `models`: which models there are, whether they work, adding a captioner and removing a model.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use serde::Serialize;

use super::{Advice, ModelsOptions};
use crate::ai::caption::{self, AddOptions, CaptionError, Captioner};
use crate::ai::{
    AiError, Detector, Device, Model, ModelStore, Runtime, RuntimeOptions, Tagger, Task,
};
use crate::error::Error;
use crate::json_path;
use crate::progress::{Progress, Unit};

/// The engine and the models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelsReport {
    /// The engine.
    pub runtime: RuntimeReport,
    /// The models, those in use for their task first.
    pub models: Vec<ModelReport>,
    /// The folders that were looked into, in order.
    #[serde(serialize_with = "json_path::list")]
    pub folders: Vec<PathBuf>,
}

impl ModelsReport {
    /// Whether the engine or a model cannot be used.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        self.runtime.problem.is_some() || self.models.iter().any(|model| model.problem.is_some())
    }
}

/// The engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuntimeReport {
    /// Its library; `None` if there is none that works.
    #[serde(serialize_with = "json_path::optional")]
    pub library: Option<PathBuf>,
    /// Its version.
    pub version: Option<String>,
    /// What it computes on.
    pub device: Option<Device>,
    /// Threads a network computes with.
    pub threads: Option<usize>,
    /// Why the processor is used although the GPU was asked for.
    pub warning: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<Advice>,
}

/// What is known of a model's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelState {
    /// Its files are there and have the right size; nothing else was asked.
    Present,
    /// Its files are what the manifest says; it was not run.
    Intact,
    /// It was run.
    Works,
    /// It cannot be used.
    Broken,
}

/// A model at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelReport {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for.
    pub task: Task,
    /// Whether it is the one that is used for its task.
    pub in_use: bool,
    /// Bytes of all its files.
    pub bytes: u64,
    /// What its license allows.
    pub license: String,
    /// Where it comes from.
    pub source: String,
    /// The folder of its files.
    #[serde(serialize_with = "json_path::one")]
    pub folder: PathBuf,
    /// What is known of it.
    pub state: ModelState,
    /// Why it cannot be used.
    pub problem: Option<Advice>,
}

/// Lists the models, of whose files only presence and size are looked at.
///
/// # Errors
/// [`Error::Ai`] if a folder or a manifest cannot be used. An engine or a model that cannot be used is part of
/// the result.
pub fn list_models(options: &ModelsOptions) -> Result<ModelsReport, Error> {
    let store = open_store(options)?;
    let check = |model: &Model| {
        model.check_sizes()?;
        Ok(ModelState::Present)
    };
    Ok(ModelsReport {
        runtime: runtime_report(Runtime::load(&options.runtime).as_ref()),
        models: reports(&store, check),
        folders: store.folders().to_vec(),
    })
}

/// Checks the files of every model, and runs each one once.
///
/// # Errors
/// As [`list_models`].
pub fn verify_models(
    options: &ModelsOptions,
    progress: &dyn Progress,
) -> Result<ModelsReport, Error> {
    const TASK: &str = "models";
    let store = open_store(options)?;
    // The files are to be checked, not what was once made of them.
    let runtime = Runtime::load(&RuntimeOptions {
        keep_graphs: false,
        ..options.runtime.clone()
    });
    progress.begin(TASK, store.models().len() as u64, Unit::Items);
    let check = |model: &Model| {
        let state = verify(model, runtime.as_ref().ok());
        progress.advance(TASK, 1);
        state
    };
    let models = reports(&store, check);
    progress.finish(TASK);
    Ok(ModelsReport {
        runtime: runtime_report(runtime.as_ref()),
        models,
        folders: store.folders().to_vec(),
    })
}

/// Adds the captioner in `folder` to the models, if it works, and makes it the one in use: into the folder that was
/// named, or else the user's own.
///
/// # Errors
/// [`Error::Ai`] if the engine or a folder of models cannot be used, [`Error::Caption`] if the captioner cannot.
pub fn add_model(
    folder: &Path,
    add: &AddOptions,
    options: &ModelsOptions,
) -> Result<ModelReport, Error> {
    let places = &options.runtime.places;
    let store = ModelStore::open_to_add(options.models_dir.as_deref(), places)?;
    let runtime = Runtime::load(&options.runtime)?;
    let model = caption::add(&store, &runtime, folder, add)?;
    Ok(report(&model, Ok(ModelState::Works)))
}

/// Removes the model `name` and its files. Only the folder that was named, or else the user's own, is changed.
///
/// # Errors
/// [`Error::Ai`].
pub fn remove_model(name: &str, options: &ModelsOptions) -> Result<ModelReport, Error> {
    let model = open_store(options)?.remove(name)?;
    Ok(report(&model, Ok(ModelState::Present)))
}

fn open_store(options: &ModelsOptions) -> Result<ModelStore, AiError> {
    ModelStore::open_in(options.models_dir.as_deref(), &options.runtime.places)
}

fn verify(model: &Model, runtime: Option<&Runtime>) -> Result<ModelState, CaptionError> {
    model.check_sizes()?;
    let Some(runtime) = runtime else {
        model.check_hashes()?;
        return Ok(ModelState::Intact);
    };
    let picture = RgbImage::from_fn(64, 48, |x, y| Rgb([4 * x as u8, 5 * y as u8, 128]));
    match model.entry.task {
        Task::Tags => drop(Tagger::open_model(runtime, model)?.tags(&picture)?),
        Task::Objects => drop(Detector::open_model(runtime, model)?.objects(&picture)?),
        Task::Captions => drop(Captioner::open_model(runtime, model)?.try_out()?),
    }
    Ok(ModelState::Works)
}

fn reports(
    store: &ModelStore,
    check: impl Fn(&Model) -> Result<ModelState, CaptionError>,
) -> Vec<ModelReport> {
    let models = store.models().iter();
    models.map(|model| report(model, check(model))).collect()
}

fn report(model: &Model, state: Result<ModelState, CaptionError>) -> ModelReport {
    let (state, problem) = match state {
        Ok(state) => (state, None),
        Err(error) => (
            ModelState::Broken,
            Some(Advice {
                message: error.to_string(),
                hint: error.hint(),
            }),
        ),
    };
    let entry = &model.entry;
    ModelReport {
        name: entry.name.clone(),
        version: entry.version.clone(),
        task: entry.task,
        in_use: model.in_use,
        bytes: model.bytes(),
        license: entry.license.clone(),
        source: entry.source.clone(),
        folder: model.folder(),
        state,
        problem,
    }
}

fn runtime_report(runtime: Result<&Runtime, &AiError>) -> RuntimeReport {
    let problem = runtime.err().map(|error| Advice {
        message: error.to_string(),
        hint: error.hint(),
    });
    let runtime = runtime.ok();
    RuntimeReport {
        library: runtime.map(|runtime| runtime.library().to_owned()),
        version: runtime.map(|runtime| runtime.version().to_owned()),
        device: runtime.map(Runtime::device),
        threads: runtime.map(Runtime::threads),
        warning: runtime.and_then(Runtime::warning).map(str::to_owned),
        problem,
    }
}
