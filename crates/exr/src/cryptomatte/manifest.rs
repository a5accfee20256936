//! Names and IDs of a Cryptomatte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::{Id, canonical, hash_name};
use crate::header::{Cryptomatte, ManifestSource};
use crate::{Error, Result};

/// Most bytes of a sidecar manifest that are read: 64 MiB, some 1.7 million names.
const SIDECAR_BYTES: u64 = 64 << 20;

/// Most names of a manifest. A million takes some 300 MB.
const NAMES: usize = 1_000_000;

/// Names and IDs of a Cryptomatte. Without a manifest it is empty, and objects go by `#` and their hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    ids: BTreeMap<String, Id>,
    names: BTreeMap<Id, String>,
}

impl Manifest {
    /// Finds and reads the manifest of a Cryptomatte. `path` is that of the image, in whose folder a sidecar is looked
    /// for.
    ///
    /// # Errors
    /// [`Error::BadManifest`]: the JSON is damaged, or the sidecar is missing, too large, or named by a path that leads
    /// out of the image's folder. A caller may go on without names: [`Manifest::default`].
    pub fn of(table: &Cryptomatte, path: &Path) -> Result<Self> {
        match &table.manifest {
            ManifestSource::None => Ok(Self::default()),
            ManifestSource::Inline(json) => Self::parse(json, &table.name, path),
            ManifestSource::Sidecar(file) => Self::sidecar(file, &table.name, path),
        }
    }

    fn sidecar(file: &str, name: &str, path: &Path) -> Result<Self> {
        let bad = |path: &Path,
                   problem: String,
                   source: Option<Box<dyn std::error::Error + Send + Sync>>| {
            Error::BadManifest {
                path: path.to_owned(),
                name: name.to_owned(),
                problem,
                source,
            }
        };
        let relative = Path::new(file);
        // The specification asks for a path relative to the image, with slashes. A file from outside must not make the
        // program read what it likes.
        let stays = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !stays || file.contains('\\') {
            let problem = format!("its file {file:?} is not in the image's folder");
            return Err(bad(path, problem, None));
        }
        let sidecar = path.parent().unwrap_or(Path::new("")).join(relative);
        let read = std::fs::metadata(&sidecar).and_then(|facts| {
            if facts.len() > SIDECAR_BYTES {
                return Err(std::io::Error::other(format!(
                    "has more than {SIDECAR_BYTES} bytes"
                )));
            }
            std::fs::read_to_string(&sidecar)
        });
        match read {
            Ok(json) => Self::parse(&json, name, &sidecar),
            Err(source) => Err(bad(
                &sidecar,
                "cannot be read".to_owned(),
                Some(Box::new(source)),
            )),
        }
    }

    /// Reads JSON of the form `{"name": "1a2b3c4d", ...}`: IDs as eight hexadecimal digits. `name` and `path` are for
    /// messages.
    ///
    /// # Errors
    /// [`Error::BadManifest`].
    pub fn parse(json: &str, name: &str, path: &Path) -> Result<Self> {
        let bad = |problem: String, source: Option<Box<dyn std::error::Error + Send + Sync>>| {
            Error::BadManifest {
                path: path.to_owned(),
                name: name.to_owned(),
                problem,
                source,
            }
        };
        let Entries(entries) = serde_json::from_str(json).map_err(|source| {
            bad(
                "is not JSON of names and IDs".to_owned(),
                Some(Box::new(source)),
            )
        })?;
        let mut manifest = Self::default();
        for (object, id) in entries {
            manifest.insert(object, id);
        }
        Ok(manifest)
    }

    /// A manifest of names whose IDs are their hashes.
    pub fn of_names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut manifest = Self::default();
        for name in names {
            let name = name.into();
            let id = hash_name(&name);
            manifest.insert(name, id);
        }
        manifest
    }

    /// Adds the names of another frame's manifest: objects come and go within a shot.
    pub fn merge(&mut self, other: &Self) {
        for (name, id) in &other.ids {
            self.insert(name.clone(), *id);
        }
    }

    fn insert(&mut self, name: String, id: Id) {
        // Two names of one hash: the first in order of the alphabet stays, so that every frame agrees.
        match self.names.get(&id) {
            Some(known) if *known <= name => {}
            _ => {
                self.names.insert(id, name.clone());
            }
        }
        self.ids.insert(name, id);
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether no name is known.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The names in order of the alphabet, with their IDs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Id)> {
        self.ids.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// The ID of a name: as the manifest says, or of `#` and eight hexadecimal digits.
    pub fn id(&self, name: &str) -> Option<Id> {
        let by_hash = || {
            let hex = name.strip_prefix('#').filter(|hex| hex.len() == 8)?;
            Some(canonical(u32::from_str_radix(hex, 16).ok()?))
        };
        self.ids.get(name).copied().or_else(by_hash)
    }

    /// The name of an ID, or `#` and eight hexadecimal digits.
    pub fn name(&self, id: Id) -> String {
        self.names
            .get(&id)
            .cloned()
            .unwrap_or_else(|| format!("#{id:08x}"))
    }

    /// Of `present`, the IDs whose names the caller's pattern accepts. Objects without a name are asked for as `#` and
    /// their hash.
    pub fn select(
        &self,
        present: impl IntoIterator<Item = Id>,
        accepts: impl Fn(&str) -> bool,
    ) -> BTreeSet<Id> {
        present
            .into_iter()
            .filter(|id| *id != 0 && accepts(&self.name(*id)))
            .collect()
    }
}

/// JSON of names and IDs, counted and converted while it is read.
struct Entries(BTreeMap<String, Id>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("names with IDs of eight hexadecimal digits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, hex)) = map.next_entry::<String, String>()? {
            if entries.len() == NAMES {
                return Err(A::Error::custom(format!(
                    "there are more than {NAMES} names"
                )));
            }
            let digits = hex.strip_prefix("0x").unwrap_or(&hex);
            let id = u32::from_str_radix(digits, 16).map_err(|source| {
                A::Error::custom(format!("{name:?} has the ID {hex:?}: {source}"))
            })?;
            entries.insert(name, canonical(id));
        }
        Ok(Entries(entries))
    }
}
