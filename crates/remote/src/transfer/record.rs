//! What was downloaded into a folder, so that a later download can tell our files from the user's.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::staging::disk;
use serde::{Deserialize, Serialize};

use super::names::OURS;
use super::{RemoteError, chunks, local};

/// The downloads of a folder, in a hidden file there.
#[derive(Debug)]
pub struct Record {
    path: PathBuf,
    content: Content,
    is_saved: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    /// By name: the SHA-256 of each chunk of 64 MiB.
    files: BTreeMap<String, Vec<String>>,
}

impl Record {
    /// The record in `folder`. One that cannot be read is as good as none: files are then the user's.
    pub fn load(folder: &Path) -> Result<Self, RemoteError> {
        let path = folder.join(format!("{OURS}downloads.json"));
        let content = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|e| {
                tracing::warn!("{} is not used: {e}", path.display());
                Content::default()
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Content::default(),
            Err(e) => return Err(local("read", &path)(e)),
        };
        Ok(Self {
            path,
            content,
            is_saved: true,
        })
    }

    /// Whether the local file at `path` is what was downloaded as `name` and has not been changed since.
    pub fn is_ours(&self, name: &str, path: &Path) -> Result<bool, RemoteError> {
        let Some(recorded) = self.content.files.get(name) else {
            return Ok(false);
        };
        let size = path.metadata().map_err(local("look at", path))?.len();
        Ok(chunks::hashes_of(path, &chunks::chunks_of(size))? == *recorded)
    }

    /// Notes a download.
    pub fn note(&mut self, name: &str, hashes: Vec<String>) {
        self.content.files.insert(name.to_owned(), hashes);
        self.is_saved = false;
    }

    /// Writes what was noted, whole or not at all.
    pub fn save(&mut self) -> Result<(), RemoteError> {
        if self.is_saved {
            return Ok(());
        }
        let partial = self.path.with_extension("json.partial");
        let text = serde_json::to_vec_pretty(&self.content).map_err(io::Error::from);
        let saved = text
            .and_then(|text| fs::write(&partial, text))
            .and_then(|()| disk::flush_file(&partial))
            .and_then(|()| fs::rename(&partial, &self.path));
        if let Some(folder) = self.path.parent() {
            disk::flush_folder(folder);
        }
        self.is_saved = saved.is_ok();
        saved.map_err(|error| {
            // There may be nothing to remove.
            let _ = fs::remove_file(&partial);
            local("write", &self.path)(error)
        })
    }
}
