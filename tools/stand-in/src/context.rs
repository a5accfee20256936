//! What a program is started in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::mode::Modes;

/// Folder, environment, launcher and streams of a program.
pub struct Context {
    /// The folder that relative paths start at.
    pub folder: PathBuf,
    pub env: BTreeMap<String, String>,
    /// Processes that torchrun has started; `None` where Python runs the program.
    pub launched: Option<u32>,
    pub modes: Modes,
    pub console: Console,
}

impl Context {
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.join(path)
    }

    pub fn processes(&self) -> u32 {
        self.launched.unwrap_or(1)
    }

    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    /// Whether a switch of NVIDIA's is on (`flags.py:_get_bool`).
    pub fn is_on(&self, name: &str, default: bool) -> bool {
        match self.env(name).unwrap_or_default() {
            "" => default,
            word => ["true", "1", "yes", "y"].contains(&word.to_lowercase().as_str()),
        }
    }
}
