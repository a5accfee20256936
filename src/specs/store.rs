//! Specifications on disk: a file each, in a folder a day, found again by id or name.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::ZonedDateTime;
use serde::Serialize;
use walkdir::WalkDir;

use super::fields::Fields;
use super::{PromptSpec, RunSpec, SpecError};
use crate::naming::sanitize;
use crate::staging::{FolderLock, StagedFile};

/// How deep below the folder of specifications their files lie: in a folder a day.
const DEPTH: usize = 3;
/// How alike a name has to be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.7;

/// A specification of either kind.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few at a time, and nearly all are runs"
)]
pub enum Spec {
    /// A prompt.
    Prompt(PromptSpec),
    /// A run.
    Run(RunSpec),
}

/// Which kind a specification is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpecKind {
    /// A prompt.
    Prompt,
    /// A run.
    Run,
}

impl Spec {
    /// Reads a specification of either kind: a run is one that has a `prompt_id` or `control_weights`.
    ///
    /// # Errors
    /// [`SpecError`] naming the field, its value and what would be right.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        Self::from_fields(Fields::of_file(path)?)
    }

    pub(super) fn from_fields(fields: Fields) -> Result<Self, SpecError> {
        if fields.is_run() {
            RunSpec::from_fields(fields).map(Self::Run)
        } else {
            PromptSpec::from_fields(fields).map(Self::Prompt)
        }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Prompt(spec) => &spec.id,
            Self::Run(spec) => &spec.id,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Prompt(spec) => &spec.name,
            Self::Run(spec) => &spec.name,
        }
    }

    /// When it was made, as the file says.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        match self {
            Self::Prompt(spec) => &spec.timestamp,
            Self::Run(spec) => &spec.timestamp,
        }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> SpecKind {
        match self {
            Self::Prompt(_) => SpecKind::Prompt,
            Self::Run(_) => SpecKind::Run,
        }
    }
}

/// A specification and its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub spec: Spec,
}

/// Everything in a folder of specifications.
#[derive(Debug, Default)]
pub struct Scan {
    /// What could be read, by file name.
    pub found: Vec<Stored>,
    /// Why the rest could not.
    pub unreadable: Vec<SpecError>,
}

/// Waits for the right to look into `dir`, which is made where it is missing, and to write there what it lacks. Without
/// it two processes would write the same.
///
/// # Errors
/// [`SpecError::Staging`] if the folder cannot be made.
pub(crate) fn lock(dir: &Path) -> Result<FolderLock, SpecError> {
    Ok(FolderLock::take(dir)?)
}

/// Writes `spec` to `<dir>/<YYYY-MM-DD>/<name>_<YYYYMMDD_HHMMSS>_<id>.json`, `now` being the time in it, and
/// returns that path.
///
/// # Errors
/// [`SpecError::Staging`] if the file exists or cannot be put there, and [`SpecError::Write`].
pub fn write_new(
    spec: &impl Serialize,
    dir: &Path,
    (name, id): (&str, &str),
    now: &ZonedDateTime,
) -> Result<PathBuf, SpecError> {
    let name = sanitize(name).unwrap_or_else(|_| "spec".to_owned());
    let file = format!("{name}_{}_{id}.json", now.strftime("%Y%m%d_%H%M%S"));
    let path = dir.join(now.strftime("%Y-%m-%d").to_string()).join(file);
    write(&path, spec, false)?;
    Ok(path)
}

/// Writes `spec` over the file at `path`, which holds either the old or the new text whatever happens, and the
/// new one for good when this returns.
///
/// # Errors
/// [`SpecError::Staging`] and [`SpecError::Write`].
pub fn save(path: &Path, spec: &impl Serialize) -> Result<(), SpecError> {
    write(path, spec, true)
}

fn write(path: &Path, spec: &impl Serialize, overwrite: bool) -> Result<(), SpecError> {
    let failed = |source| SpecError::Write {
        path: path.into(),
        source,
    };
    let mut text = serde_json::to_string_pretty(spec).map_err(|e| failed(e.into()))?;
    text.push('\n');
    let staged = StagedFile::create(path, overwrite)?;
    let mut file = File::create(staged.path()).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    staged.commit()?;
    Ok(())
}

/// The paths of the specification files below `dir`, by name; none if there is no such folder.
fn files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let walk = WalkDir::new(dir).max_depth(DEPTH).sort_by_file_name();
    walk.into_iter().flatten().filter_map(|entry| {
        let name = entry.file_name().to_str()?;
        let is_spec = name.ends_with(".json") && !name.starts_with('.') && entry.path().is_file();
        is_spec.then(|| entry.into_path())
    })
}

/// Reads every specification below the folders `dirs`.
#[must_use]
pub fn scan(dirs: &[&Path]) -> Scan {
    let mut scan = Scan::default();
    let mut seen = HashSet::new();
    for path in dirs.iter().flat_map(|dir| files(dir)) {
        if !seen.insert(path.clone()) {
            continue;
        }
        match Spec::load(&path) {
            Ok(spec) => scan.found.push(Stored { path, spec }),
            Err(error) => scan.unreadable.push(error),
        }
    }
    scan
}

/// The specification `id` in `dir`, told by the file's name, if it is there and can be read.
#[must_use]
pub fn existing(dir: &Path, id: &str) -> Option<Stored> {
    let ending = format!("_{id}.json");
    files(dir)
        .filter(|path| path.to_string_lossy().ends_with(&ending))
        .find_map(|path| {
            let spec = Spec::load(&path).ok()?;
            (spec.id() == id).then_some(Stored { path, spec })
        })
}

/// The prompt that `run`, read from `run_path`, belongs to: where the run says, else under its id in
/// `prompts_dir`.
///
/// # Errors
/// [`SpecError::PromptNotFound`] if it is in neither place.
pub fn prompt_of(
    run: &RunSpec,
    run_path: &Path,
    prompts_dir: &Path,
) -> Result<(PathBuf, PromptSpec), SpecError> {
    let recorded = run.prompt_path.as_ref().and_then(|path| {
        let path = resolve(path, run_path);
        let prompt = PromptSpec::load(&path).ok()?;
        (prompt.id == run.prompt_id).then_some((path, prompt))
    });
    let by_id = || {
        scan(&[prompts_dir])
            .found
            .into_iter()
            .find_map(|stored| match stored.spec {
                Spec::Prompt(prompt) if prompt.id == run.prompt_id => Some((stored.path, prompt)),
                _ => None,
            })
    };
    recorded
        .or_else(by_id)
        .ok_or_else(|| SpecError::PromptNotFound {
            prompt_id: run.prompt_id.clone(),
            run: run_path.into(),
            folder: prompts_dir.into(),
        })
}

/// Where `path`, as the specification `spec_path` records it, is: relative paths count from the current folder
/// or, if there is nothing, from the nearest folder above the specification in which there is. Returned as it
/// is if it is nowhere.
#[must_use]
pub fn resolve(path: &Path, spec_path: &Path) -> PathBuf {
    if path.is_absolute() || path.exists() {
        return path.into();
    }
    let spec_path = std::path::absolute(spec_path).unwrap_or_else(|_| spec_path.into());
    let above = spec_path.ancestors().skip(1);
    above
        .map(|folder| folder.join(path))
        .find(|candidate| candidate.exists())
        .unwrap_or_else(|| path.into())
}

/// What was asked for by id or name.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The specification itself.
    pub stored: Stored,
    /// The runs of it, if it is a prompt.
    pub runs: Vec<Stored>,
}

/// The one specification among `all` whose id begins with `query`, or whose name is `query`. A name that only a
/// prompt and its own runs share means the prompt.
///
/// # Errors
/// [`SpecError::Unknown`] and [`SpecError::Ambiguous`].
pub fn find(all: Vec<Stored>, query: &str) -> Result<Found, SpecError> {
    let exact = all.iter().any(|stored| stored.spec.id() == query);
    let matches = |stored: &Stored| {
        let (id, name) = (stored.spec.id(), stored.spec.name());
        if exact {
            id == query
        } else {
            (!query.is_empty() && id.starts_with(query)) || name == query
        }
    };
    let (mut matching, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(matches);
    let runs_of = |id: &str, from: Vec<Stored>| -> (Vec<Stored>, Vec<Stored>) {
        from.into_iter()
            .partition(|stored| matches!(&stored.spec, Spec::Run(run) if run.prompt_id == id))
    };
    let mut prompts = matching
        .iter()
        .enumerate()
        .filter(|(_, stored)| stored.spec.kind() == SpecKind::Prompt)
        .map(|(index, _)| index);
    let index = match (prompts.next(), prompts.next()) {
        (Some(only), None) => only,
        _ => 0,
    };
    if matching.is_empty() {
        let nearest = nearest(&rest, query);
        let query = query.to_owned();
        return Err(SpecError::Unknown { query, nearest });
    }
    let stored = matching.remove(index);
    let (mut runs, others) = runs_of(stored.spec.id(), matching);
    if !others.is_empty() {
        let all = std::iter::once(&stored).chain(&runs).chain(&others);
        return Err(SpecError::Ambiguous {
            query: query.to_owned(),
            candidates: all
                .map(|stored| format!("{} ({})", stored.spec.id(), stored.spec.name()))
                .collect(),
        });
    }
    runs.extend(runs_of(stored.spec.id(), rest).0);
    Ok(Found { stored, runs })
}

/// The file that `query` is: a file, or the id, its first digits or the name of a specification below the folders
/// `dirs`. A file beats a name, and a name a folder.
///
/// # Errors
/// [`SpecError::NotFound`], [`SpecError::Unknown`], [`SpecError::Ambiguous`], and [`SpecError::IsFolder`].
pub fn find_file(query: &Path, dirs: &[&Path]) -> Result<PathBuf, SpecError> {
    let is_folder = query.is_dir();
    if query.exists() && !is_folder {
        return Ok(query.to_owned());
    }
    let none = || {
        let path = query.to_owned();
        if is_folder {
            SpecError::IsFolder { path }
        } else {
            SpecError::NotFound { path }
        }
    };
    let text = query.to_str().filter(|text| !text.contains('/'));
    let text = text.ok_or_else(none)?;
    match find(scan(dirs).found, text) {
        Ok(found) => Ok(found.stored.path),
        // A misspelt file is no misspelt name.
        Err(SpecError::Unknown { .. }) if is_folder || text.contains('.') => Err(none()),
        Err(error) => Err(error),
    }
}

fn nearest(all: &[Stored], query: &str) -> Option<String> {
    let words = all
        .iter()
        .flat_map(|stored| [stored.spec.id(), stored.spec.name()]);
    words
        .map(|word| (strsim::jaro_winkler(word, query), word))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> Stored {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spec.json");
        std::fs::write(&path, text).unwrap();
        let spec = Spec::load(&path).unwrap();
        Stored { path, spec }
    }

    fn shelf() -> Vec<Stored> {
        [
            r#"{"id": "ps_aaa1", "name": "city", "prompt": "x"}"#,
            r#"{"id": "ps_aab2", "name": "town", "prompt": "x"}"#,
            r#"{"id": "rs_ccc3", "name": "city", "prompt_id": "ps_aaa1"}"#,
            r#"{"id": "rs_ccd4", "name": "sea", "prompt_id": "ps_gone"}"#,
            r#"{"id": "rs_cce5", "name": "sea", "prompt_id": "ps_gone"}"#,
        ]
        .map(stored)
        .into()
    }

    #[test]
    fn one_is_found_by_the_head_of_its_id_or_by_its_name() {
        for (query, id, runs) in [
            ("ps_aaa1", "ps_aaa1", 1),
            ("ps_aaa", "ps_aaa1", 1),
            ("town", "ps_aab2", 0),
            // The prompt and its own run share a name.
            ("city", "ps_aaa1", 1),
            ("rs_ccc", "rs_ccc3", 0),
            ("rs_cce5", "rs_cce5", 0),
        ] {
            let found = find(shelf(), query).unwrap();
            assert_eq!(found.stored.spec.id(), id, "{query}");
            assert_eq!(found.runs.len(), runs, "{query}");
        }
    }

    #[test]
    fn several_are_named_and_none_suggests_the_nearest() {
        for (query, names) in [
            ("ps_aa", &["ps_aaa1 (city)", "ps_aab2 (town)"][..]),
            ("sea", &["rs_ccd4 (sea)", "rs_cce5 (sea)"]),
            ("rs_", &["rs_ccc3", "rs_ccd4", "rs_cce5"]),
        ] {
            let error = find(shelf(), query).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, SpecError::Ambiguous { .. }), "{query}");
            assert!(names.iter().all(|name| text.contains(name)), "{text}");
        }
        let error = find(shelf(), "citty").unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean city?"));
        assert!(matches!(
            find(shelf(), ""),
            Err(SpecError::Unknown { nearest: None, .. })
        ));
    }

    #[test]
    fn a_file_lies_under_its_day_and_is_found_by_its_id() {
        let dir = tempfile::tempdir().unwrap();
        let now: ZonedDateTime = "2025-03-01T08:05:09[UTC]".parse().unwrap();
        let Spec::Prompt(mut prompt) =
            stored(r#"{"name": "a b/c", "prompt": "x", "keep": 1}"#).spec
        else {
            panic!("a prompt");
        };
        let path = write_new(&prompt, dir.path(), (&prompt.name, &prompt.id), &now).unwrap();
        let expected = format!("2025-03-01/a_b_c_20250301_080509_{}.json", prompt.id);
        assert_eq!(path, dir.path().join(expected));
        assert!(write_new(&prompt, dir.path(), (&prompt.name, &prompt.id), &now).is_err());
        prompt.prompt = "y".into();
        save(&path, &prompt).unwrap();
        assert_eq!(
            existing(dir.path(), &prompt.id).unwrap().spec,
            Spec::Prompt(prompt)
        );
        assert_eq!(existing(dir.path(), "ps_other"), None);
        // Nothing hidden is left beside it.
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_damaged_file_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.json"), "{").unwrap();
        std::fs::write(
            dir.path().join("good.json"),
            r#"{"name": "a", "prompt": "x"}"#,
        )
        .unwrap();
        std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
        let scan = scan(&[dir.path(), dir.path(), Path::new("absent")]);
        assert_eq!((scan.found.len(), scan.unreadable.len()), (1, 1));
    }

    #[test]
    fn paths_count_from_a_folder_above_the_specification() {
        let dir = tempfile::tempdir().unwrap();
        let spec = dir.path().join("inputs/prompts/2025-01-01/p.json");
        let video = dir.path().join("inputs/videos/v.mp4");
        std::fs::create_dir_all(spec.parent().unwrap()).unwrap();
        std::fs::create_dir_all(video.parent().unwrap()).unwrap();
        std::fs::write(&video, "").unwrap();
        assert_eq!(resolve(Path::new("inputs/videos/v.mp4"), &spec), video);
        assert_eq!(resolve(&video, &spec), video);
        let absent = Path::new("inputs/videos/w.mp4");
        assert_eq!(resolve(absent, &spec), absent);
    }
}
