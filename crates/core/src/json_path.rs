//! Paths in JSON: text, which paths need not be. Bytes that are not UTF-8 are replaced, so that such a name
//! does not cost the user the result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// Writes one path.
pub fn one<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Writes a path or `null`.
pub fn optional<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref()
        .map(|path| path.to_string_lossy())
        .serialize(serializer)
}

/// Writes a map to paths.
pub fn map<K: Serialize, S: Serializer>(
    paths: &BTreeMap<K, PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        paths
            .iter()
            .map(|(key, path)| (key, path.to_string_lossy())),
    )
}

/// Writes a list of paths.
pub fn list<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.to_string_lossy()))
}
