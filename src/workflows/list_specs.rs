//! `list` and `show`: which prompts and runs there are, and what became of them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::Advice;
use crate::error::Error;
use crate::specs::{self, ExecutionStatus, Spec, SpecKind, Stored};

/// A specification at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpecEntry {
    /// Prompt or run.
    pub kind: SpecKind,
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// How far a run has come; `None` for a prompt.
    pub state: Option<ExecutionStatus>,
    /// When it was made, as the file says.
    pub timestamp: String,
    /// How long ago that was, in seconds; `None` if the file does not say.
    pub age_seconds: Option<u64>,
    /// The local folder for the results of a run.
    pub output: Option<PathBuf>,
    /// Whether that folder is there.
    pub output_exists: bool,
    /// The file.
    pub path: PathBuf,
}

/// All specifications.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpecList {
    /// The newest first.
    pub specs: Vec<SpecEntry>,
    /// Files that could not be read.
    pub warnings: Vec<Advice>,
}

/// One specification in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpecDetails {
    /// At a glance.
    #[serde(flatten)]
    pub entry: SpecEntry,
    /// What the file says.
    pub spec: serde_json::Value,
    /// The runs of a prompt, the newest first; empty for a run.
    pub runs: Vec<SpecEntry>,
}

/// Lists the prompts and runs in their folders. Files that cannot be read are warned of.
#[must_use]
pub fn list_specs(prompts_dir: &Path, runs_dir: &Path) -> SpecList {
    let scan = specs::scan(&[prompts_dir, runs_dir]);
    SpecList {
        specs: entries(&scan.found),
        warnings: scan
            .unreadable
            .iter()
            .map(|error| Advice {
                message: error.to_string(),
                hint: error.hint(),
            })
            .collect(),
    }
}

/// Finds one prompt or run by its file, by the head of its id, or by its name.
///
/// # Errors
/// [`Error::Spec`] if there is none, or if there are several.
pub fn show_spec(prompts_dir: &Path, runs_dir: &Path, query: &Path) -> Result<SpecDetails, Error> {
    let folders = [prompts_dir, runs_dir];
    let path = specs::find_file(query, &folders)?;
    let spec = Spec::load(&path)?;
    let mut runs = specs::scan(&folders).found;
    runs.retain(|stored| matches!(&stored.spec, Spec::Run(run) if run.prompt_id == spec.id()));
    let stored = Stored { path, spec };
    let spec = match &stored.spec {
        Spec::Prompt(prompt) => serde_json::to_value(prompt),
        Spec::Run(run) => serde_json::to_value(run),
    };
    Ok(SpecDetails {
        entry: entry(&stored, Timestamp::now()),
        spec: spec.unwrap_or_default(),
        runs: entries(&runs),
    })
}

fn entries(stored: &[Stored]) -> Vec<SpecEntry> {
    let now = Timestamp::now();
    let mut entries: Vec<_> = stored.iter().map(|stored| entry(stored, now)).collect();
    entries.sort_by_key(|entry| entry.age_seconds.unwrap_or(u64::MAX));
    entries
}

fn entry(stored: &Stored, now: Timestamp) -> SpecEntry {
    let Stored { path, spec } = stored;
    let made: Option<Timestamp> = spec.timestamp().parse().ok();
    let age = made.map(|made| now.as_second().saturating_sub(made.as_second()));
    let (state, output) = match spec {
        Spec::Prompt(_) => (None, None),
        Spec::Run(run) => (
            Some(run.execution_status),
            Some(&run.output_path)
                .filter(|output| !output.as_os_str().is_empty())
                .map(|output| specs::resolve(output, path)),
        ),
    };
    SpecEntry {
        kind: spec.kind(),
        id: spec.id().to_owned(),
        name: spec.name().to_owned(),
        state,
        timestamp: spec.timestamp().to_owned(),
        // A clock that was set back makes nothing younger than now.
        age_seconds: age.map(|age| u64::try_from(age).unwrap_or(0)),
        output_exists: output.as_ref().is_some_and(|output| output.is_dir()),
        output,
        path: path.clone(),
    }
}
