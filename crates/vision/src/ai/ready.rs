//! Graphs as the engine has made them ready for this processor, kept from run to run.
//!
//! Most of the time that a network takes to load goes into folding constants and laying out weights anew, with the
//! same result every time. The engine writes that result to a file in the user's cache folder, named by the contents
//! of the model, the engine and the processor, and loads it from there the next time. Beside it lies its SHA-256:
//! weights that changed on the disk would answer, but something else. What cannot be kept, or read, or is not as it
//! was, is made again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use cosmos_core::files;
use cosmos_core::hash::{sha256_of, sha256_of_file};
use ort::session::Session;

use super::error::AiError;
use super::models::Model;
use super::runtime::Runtime;

/// Version of what is kept; grows when older files are of no use any more.
const VERSION: u32 = 1;
/// Files that were of no use for so long are removed.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Loads the graphs of a model.
pub struct Loader<'a> {
    runtime: &'a Runtime,
    /// The model, where its graphs are kept, and what tells apart where they were made.
    keeps: Option<(&'a Model, &'a Path, String)>,
    made: Mutex<Vec<Made>>,
}

/// A file that was made and is not kept yet. It is removed when this is dropped.
struct Made {
    partial: PathBuf,
    place: PathBuf,
}

impl Drop for Made {
    fn drop(&mut self) {
        // Renamed, or never written.
        let _ = fs::remove_file(&self.partial);
    }
}

impl<'a> Loader<'a> {
    /// Keeps nothing.
    pub fn of_files(runtime: &'a Runtime) -> Self {
        Self {
            runtime,
            keeps: None,
            made: Mutex::default(),
        }
    }

    /// Keeps the graphs of `model` if `runtime` is told to, and if the processor says what it can do.
    pub fn of_model(runtime: &'a Runtime, model: &'a Model) -> Self {
        let keeps = runtime.kept_graphs().zip(ABILITIES.as_ref());
        let keeps = keeps.map(|(folder, abilities)| {
            let made_by = format!("{VERSION} {} {abilities}", runtime.version());
            (model, folder, made_by)
        });
        Self {
            keeps,
            ..Self::of_files(runtime)
        }
    }

    /// Loads the graph in `file`.
    ///
    /// # Errors
    /// As [`Runtime::session`].
    pub fn session(&self, file: &Path) -> Result<Session, AiError> {
        let Some(place) = self.place_of(file) else {
            return self.runtime.session(file);
        };
        if is_as_kept(&place) {
            match self.runtime.ready_session(&place) {
                Ok(session) => {
                    for file in [&place, &hash_place(&place)] {
                        // Tells that it is used; whether it can does not matter for long.
                        let _ = files::open(file).map(|file| file.set_modified(SystemTime::now()));
                    }
                    return Ok(session);
                }
                Err(error) => tracing::debug!("{} is made again: {error}", place.display()),
            }
        }
        let made = Made {
            partial: place.with_extension(format!("{}.partial", std::process::id())),
            place,
        };
        let folder = made.place.parent().unwrap_or(&made.place);
        let session = fs::create_dir_all(folder)
            .map_err(ort::Error::wrap)
            .and_then(|()| self.runtime.session_that_writes(file, &made.partial));
        match session {
            Ok(session) => {
                let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(made);
                Ok(session)
            }
            Err(error) => {
                tracing::debug!("{} is not kept: {error}", file.display());
                self.runtime.session(file)
            }
        }
    }

    /// Keeps what was made. To be called when the files of the model have turned out to be what they should be.
    pub fn keep(self) {
        let made = self.made.into_inner();
        let made = made.unwrap_or_else(PoisonError::into_inner);
        if let Some((_, folder, _)) = self.keeps.filter(|_| !made.is_empty()) {
            remove_unused(folder);
        }
        for made in made {
            let kept = sha256_of_file(&made.partial)
                .and_then(|hash| fs::write(hash_place(&made.place), hash))
                .and_then(|()| fs::rename(&made.partial, &made.place));
            if let Err(error) = kept {
                tracing::debug!("{} is not kept: {error}", made.place.display());
            }
        }
    }

    /// Where the graph in `file` is kept; `None` if it is not.
    fn place_of(&self, file: &Path) -> Option<PathBuf> {
        let (model, folder, made_by) = self.keeps.as_ref()?;
        let name = file.strip_prefix(model.folder()).ok()?;
        let expected = model.entry.files.get(name)?;
        let key = sha256_of(format!("{} {made_by}", expected.sha256).as_bytes());
        Some(folder.join(format!("{}.onnx", key.get(..32)?)))
    }
}

/// Where the SHA-256 of the graph at `place` is.
fn hash_place(place: &Path) -> PathBuf {
    place.with_extension("sha256")
}

/// Whether the graph at `place` is there, byte for byte as it was kept.
fn is_as_kept(place: &Path) -> bool {
    let (Ok(expected), Ok(found)) = (files::read_text(&hash_place(place)), sha256_of_file(place))
    else {
        return false;
    };
    if expected != found {
        tracing::debug!("{} has changed and is made again", place.display());
    }
    expected == found
}

fn remove_unused(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let used = entry.metadata().and_then(|metadata| metadata.modified());
        let is_unused = used.is_ok_and(|used| used.elapsed().is_ok_and(|age| age > UNUSED));
        if is_unused && let Err(error) = fs::remove_file(entry.path()) {
            tracing::debug!("cannot remove {}: {error}", entry.path().display());
        }
    }
}

/// The instructions that the processor has, on which the layout of weights depends, as Linux lists them.
static ABILITIES: LazyLock<Option<String>> = LazyLock::new(|| {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let lists = |line: &&str| line.starts_with("flags") || line.starts_with("Features");
    text.lines().find(lists).map(str::to_owned)
});
