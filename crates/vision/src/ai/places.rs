//! Where the engine and the models are looked for.

use std::env;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

/// What a search depends on outside the files themselves.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The engine's library as `ORT_DYLIB_PATH` names it.
    pub ort_dylib_path: Option<PathBuf>,
    /// The folder of models that `COSMOS_MODELS` names.
    pub cosmos_models: Option<PathBuf>,
    /// The folder that `./models` counts from; empty for the process's current directory.
    pub current_dir: PathBuf,
    /// The user's data folder of `cosmos`: `~/.local/share/cosmos` on Linux.
    pub data_dir: Option<PathBuf>,
    /// The user's cache folder of `cosmos`: `~/.cache/cosmos` on Linux.
    pub cache_dir: Option<PathBuf>,
    /// The folder of the running program.
    pub binary_dir: Option<PathBuf>,
}

impl Places {
    /// The places of this process and its user. A variable that is set to nothing counts as not set.
    #[must_use]
    pub fn of_process() -> Self {
        let variable = |name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let binary = env::current_exe().and_then(|binary| binary.canonicalize());
        let user = BaseDirs::new();
        Self {
            ort_dylib_path: variable("ORT_DYLIB_PATH"),
            cosmos_models: variable("COSMOS_MODELS"),
            current_dir: PathBuf::new(),
            data_dir: user.as_ref().map(|user| user.data_dir().join("cosmos")),
            cache_dir: user.as_ref().map(|user| user.cache_dir().join("cosmos")),
            binary_dir: binary
                .ok()
                .and_then(|binary| binary.parent().map(Path::to_owned)),
        }
    }

    /// The folder that the user's own models are put into; `None` where no home folder is known.
    #[must_use]
    pub fn user_models(&self) -> Option<PathBuf> {
        self.data_dir.as_ref().map(|folder| folder.join("models"))
    }

    /// The cache folder of the graphs that were optimized for this processor; `None` where no home folder is known.
    pub(super) fn kept_graphs(&self) -> Option<PathBuf> {
        self.cache_dir.as_ref().map(|folder| folder.join("graphs"))
    }

    /// The folder that `scripts/setup.sh` puts the models into that come with the program; `None` where no home
    /// folder is known.
    #[must_use]
    pub fn shipped_models(&self) -> Option<PathBuf> {
        let folder = self.data_dir.as_ref()?;
        Some(folder.join("shipped-models"))
    }
}
