//! What the commands do, step by step: the library's front door.
//!
//! Each function takes typed options, reports to a [`Progress`](crate::progress::Progress), stops when its
//! [`Cancel`](crate::progress::Cancel) is raised, and returns a report that serialises to JSON. Nothing is
//! printed here.

mod check_specs;
mod convert_sequence;
mod create_run;
mod create_spec;
mod depth;
mod derive;
mod describe_files;
mod encode;
mod extract_metadata;
mod inspect;
mod layers;
mod list_specs;
mod models;
mod one_shot;
mod orchestrator;
mod prepare_inference;
mod standardize;

use std::path::Path;
use std::{fs, io};

use serde::Serialize;

pub use crate::analyzer::ModelsOptions;
pub use check_specs::{
    CheckSpecsOptions, CheckSpecsReport, CheckedSpec, PlacedFinding, check_specs,
};
pub use convert_sequence::{
    ConvertOptions, ConvertPlan, ConvertReport, convert_sequence, modality_of, plan_sequence,
};
pub use create_run::{CreateRunOptions, CreateRunReport, RunSettings, create_run};
pub use create_spec::{CreateSpecOptions, CreateSpecReport, create_spec};
pub use depth::{DepthNear, DepthRange, InvalidDepthNear, InvalidDepthRange};
pub use derive::DeriveOptions;
pub use describe_files::{
    DescribeOptions, DescribeReport, DescribedFile, Description, FailedFile, FileKind,
    describe_files, description_cache,
};
pub use encode::{EncodeOptions, EncodedVideo, PlannedVideo};
pub use extract_metadata::{ExrLayer, ExrMetadata, ExrPart, extract_metadata, probe_exr};
pub use inspect::{Inspection, inspect_frames};
pub use layers::{ExrOptions, LayersReport, layers_of_shot};
pub use list_specs::{SpecDetails, SpecEntry, SpecList, list_specs, show_spec};
pub use models::{
    ModelReport, ModelState, ModelsReport, RuntimeReport, add_model, list_models, remove_model,
    verify_models,
};
pub use one_shot::{FolderOptions, UpscaleOptions, prompt_of_folder, run_of_video};
pub use orchestrator::{
    Cleaned, DryRun, DryStep, FileStatus, HostStatus, LiveStatus, OutputVideo, RunOptions,
    RunReport, RunningJob, StatusOptions, Stop, WorkflowOrchestrator,
};
pub use prepare_inference::{
    PrepareOptions, PreparePlan, PrepareReport, plan_inference, prepare_inference,
};
pub use standardize::{StandardizeOptions, StandardizeReport, standardize_video};

pub use crate::advice::Advice;
use crate::cosmos::Caution;
use crate::error::Error;

impl From<&Caution> for Advice {
    fn from(caution: &Caution) -> Self {
        Self {
            message: caution.to_string(),
            hint: caution.hint(),
        }
    }
}

impl From<&Error> for Advice {
    fn from(error: &Error) -> Self {
        Self {
            message: error.to_string(),
            hint: error.hint(),
        }
    }
}

/// The name of a folder, also where the path is `.` or ends in `..`.
fn folder_name(folder: &Path) -> Result<String, Error> {
    let absolute = folder
        .canonicalize()
        .map_err(|source| Error::io("look at", folder, source))?;
    let name = absolute
        .file_name()
        .map_or_else(|| "frames".into(), |name| name.to_string_lossy());
    Ok(name.into_owned())
}

/// Writes `value` as indented JSON with a line break at the end.
fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::io("write", path, io::Error::other(e)))?;
    text.push('\n');
    fs::write(path, text).map_err(|source| Error::io("write", path, source))
}
