//! The models on this machine: folders with a `manifest.toml`, searched in a fixed order.
//!
//! Refuses manifests with unknown or missing keys and with paths that lead out of their folder, and files that
//! are not byte for byte what the manifest says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use cosmos_core::files;
use cosmos_core::hash::sha256_of_file;
use cosmos_core::staging::StagedFile;
use serde::{Deserialize, Serialize};

use super::error::AiError;
use super::places::Places;

const MANIFEST: &str = "manifest.toml";

/// The first words of the text that Git LFS keeps in place of a file (Git LFS specification, version 1).
const LFS_HEADER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Words for a whole picture.
    Tags,
    /// Things and where they are.
    Objects,
    /// A sentence.
    Captions,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tags => "tags",
            Self::Objects => "objects",
            Self::Captions => "captions",
        })
    }
}

/// What a model's files are and how its graph is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One graph: `input` f32 \[1, 3, height, width\] to `logits` f32 \[1, classes\]; a label a line.
    Classifier,
    /// One graph: `image` u8 \[1, height, width, 3\] to `boxes` f32 \[1, n, 4\] (top, left, bottom, right, 0 to 1)
    /// and `scores` f32 \[1, n, classes\] (0 to 1, class 0 is nothing); a class number, a tab and a label a line.
    BoxDetector,
    /// The folder that Hugging Face Optimum and transformers.js publish.
    Optimum,
}

/// A manifest: the models of one folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The models. Of several for one task the first is used.
    #[serde(default, rename = "model")]
    pub models: Vec<ModelEntry>,
}

/// A model as its manifest describes it. Paths are relative to [`folder`](Self::folder).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Its name, unique in its folder.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for.
    pub task: Task,
    /// What its files are.
    pub layout: Layout,
    /// What its license allows, as an SPDX expression where there is one.
    pub license: String,
    /// Where it comes from.
    pub source: String,
    /// The folder of the files, relative to the manifest; empty for the same folder.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub folder: PathBuf,
    /// The graph of a one-graph layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<PathBuf>,
    /// The labels of a one-graph layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// How a picture becomes the graph's input, in a one-graph layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Every file, graph and labels included.
    pub files: BTreeMap<PathBuf, ModelFile>,
}

/// How a picture becomes the input of a graph: cropped, scaled (bilinear), normalized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Side of the square that is cut from the middle, as a share of the picture's shorter side; `None` takes
    /// the whole picture and distorts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<f64>,
    /// What is subtracted from a sample of 0 to 255.
    #[serde(default)]
    pub mean: f32,
    /// What it is then divided by.
    #[serde(default = "one")]
    pub scale: f32,
}

fn one() -> f32 {
    1.0
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}

/// What a file has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

impl ModelFile {
    /// Describes the file at `path`.
    ///
    /// # Errors
    /// [`AiError::Io`].
    pub fn of(path: &Path) -> Result<Self, AiError> {
        let read = |source| AiError::io("read", path, source);
        Ok(Self {
            bytes: fs::metadata(path).map_err(read)?.len(),
            sha256: sha256_of_file(path).map_err(read)?,
        })
    }
}

impl Manifest {
    /// Reads the manifest of `folder`; `None` if there is none.
    ///
    /// # Errors
    /// [`AiError::Io`] and [`AiError::Manifest`].
    pub fn read(folder: &Path) -> Result<Option<Self>, AiError> {
        let path = folder.join(MANIFEST);
        let text = match files::read_text(&path) {
            Ok(text) => text,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(source) => return Err(AiError::io("read", &path, source)),
        };
        let refused = |problem: String| AiError::Manifest {
            path: path.clone(),
            problem,
        };
        let manifest: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| {
                1 + text
                    .bytes()
                    .take(span.start)
                    .filter(|&byte| byte == b'\n')
                    .count()
            });
            let place = line.map_or_else(String::new, |line| format!("line {line}: "));
            refused(format!("{place}{}", error.message()))
        })?;
        for model in &manifest.models {
            if let Some(problem) = model.problem() {
                return Err(refused(format!("model `{}`: {problem}", model.name)));
            }
        }
        Ok(Some(manifest))
    }

    /// Writes the manifest of `folder`, whole, in place of the one that is there.
    ///
    /// # Errors
    /// [`AiError::Manifest`], [`AiError::Staging`] and [`AiError::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), AiError> {
        let path = folder.join(MANIFEST);
        let text = toml::to_string(self).map_err(|error| AiError::Manifest {
            path: path.clone(),
            problem: error.to_string(),
        })?;
        let staged = StagedFile::create(&path, true)?;
        fs::write(staged.path(), text)
            .map_err(|source| AiError::io("write", staged.path(), source))?;
        Ok(staged.commit()?)
    }
}

impl ModelEntry {
    /// What keeps this entry from being used.
    fn problem(&self) -> Option<String> {
        let paths = self
            .files
            .keys()
            .chain(self.graph.iter())
            .chain(self.labels.iter());
        if let Some(path) = paths.chain([&self.folder]).find(|path| !is_inside(path)) {
            return Some(format!("`{}` leads out of its folder", path.display()));
        }
        if let Some(path) = self
            .graph
            .iter()
            .chain(self.labels.iter())
            .find(|path| !self.files.contains_key(*path))
        {
            return Some(format!("`{}` is not among its files", path.display()));
        }
        let layout_fits = match self.layout {
            Layout::Classifier => self.task == Task::Tags,
            Layout::BoxDetector => self.task == Task::Objects,
            Layout::Optimum => self.task == Task::Captions,
        };
        if !layout_fits {
            return Some(format!("its layout is not one for {}", self.task));
        }
        if self.layout == Layout::Optimum {
            return None;
        }
        let missing = [
            ("graph", self.graph.is_none()),
            ("labels", self.labels.is_none()),
            ("input", self.input.is_none()),
        ];
        if let Some((key, _)) = missing.iter().find(|(_, is_missing)| *is_missing) {
            return Some(format!("it has no `{key}`"));
        }
        let input = self.input?;
        let usable_side = 1..=4096;
        let usable = usable_side.contains(&input.width)
            && usable_side.contains(&input.height)
            && input.crop.is_none_or(|crop| crop > 0.0 && crop <= 1.0)
            && input.mean.is_finite()
            && input.scale.is_normal();
        (!usable).then(|| {
            "`input` takes sides of 1 to 4096 pixels, a crop above 0 and up to 1, and a scale other than 0".to_owned()
        })
    }
}

/// Whether `path` stays in the folder that it is relative to.
fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
}

/// A model that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What its manifest says.
    pub entry: ModelEntry,
    /// The folder of models it belongs to.
    pub store: PathBuf,
    /// Whether it is the one that is used for its task.
    pub in_use: bool,
}

impl Model {
    /// The folder of its files.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.store.join(&self.entry.folder)
    }

    /// Checks what costs no time: every file is there, is no Git LFS pointer and has the right size.
    ///
    /// # Errors
    /// [`AiError::FileMissing`], [`AiError::LfsPointer`], [`AiError::WrongSize`] and [`AiError::Io`].
    pub fn check_sizes(&self) -> Result<(), AiError> {
        for (name, expected) in &self.entry.files {
            let path = self.folder().join(name);
            let found = match fs::metadata(&path) {
                Ok(metadata) => metadata.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(AiError::FileMissing {
                        model: self.entry.name.clone(),
                        path,
                    });
                }
                Err(source) => return Err(AiError::io("read", &path, source)),
            };
            if found == expected.bytes {
                continue;
            }
            if is_lfs_pointer(&path).map_err(|source| AiError::io("read", &path, source))? {
                return Err(AiError::LfsPointer { path, bytes: found });
            }
            return Err(AiError::WrongSize {
                path,
                expected: expected.bytes,
                found,
            });
        }
        Ok(())
    }

    /// Checks the contents of every file.
    ///
    /// # Errors
    /// [`AiError::WrongHash`] and [`AiError::Io`].
    pub fn check_hashes(&self) -> Result<(), AiError> {
        for (name, expected) in &self.entry.files {
            let path = self.folder().join(name);
            let found =
                sha256_of_file(&path).map_err(|source| AiError::io("read", &path, source))?;
            if !found.eq_ignore_ascii_case(&expected.sha256) {
                return Err(AiError::WrongHash {
                    path,
                    expected: expected.sha256.clone(),
                    found,
                });
            }
        }
        Ok(())
    }

    /// Bytes of all files together, as the manifest has them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entry
            .files
            .values()
            .fold(0, |sum, file| sum.saturating_add(file.bytes))
    }
}

/// Whether the file at `path` is the text that Git LFS puts in place of a file.
pub(super) fn is_lfs_pointer(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    files::open(path)?
        .take(LFS_HEADER.len() as u64)
        .read_to_end(&mut start)?;
    Ok(start == LFS_HEADER)
}

/// The models of all folders.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folders: Vec<PathBuf>,
    models: Vec<Model>,
    /// Who named the first of the folders, if anybody did.
    named: Option<&'static str>,
    /// The folder that models are added to.
    own: Option<PathBuf>,
}

impl ModelStore {
    /// Reads the manifests: of `dir` (`--models-dir`) or else the folder that `COSMOS_MODELS` names, `./models`, `models`
    /// and `shipped-models` in the user's data folder, and `models` beside the program. The first model for a task is
    /// the one in use; but a captioner in the user's `models` was added by them, and comes before all that nobody named.
    ///
    /// # Errors
    /// [`AiError::NoFolder`] and [`AiError::NoManifest`] for a folder that was named, [`AiError::Manifest`] and
    /// [`AiError::Io`].
    pub fn open(dir: Option<&Path>) -> Result<Self, AiError> {
        Self::open_in(dir, &Places::of_process())
    }

    /// The same with other places than those of this process.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in(dir: Option<&Path>, places: &Places) -> Result<Self, AiError> {
        let store = Self::open_to_add(dir, places)?;
        match (&store.named, store.folders.first()) {
            (&Some(named_by), Some(folder)) if Manifest::read(folder)?.is_none() => {
                Err(AiError::NoManifest {
                    folder: folder.clone(),
                    named_by,
                })
            }
            _ => Ok(store),
        }
    }

    /// The same, but a folder that was named needs no manifest yet.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_to_add(dir: Option<&Path>, places: &Places) -> Result<Self, AiError> {
        let named = dir
            .map(|folder| (folder.to_owned(), "--models-dir"))
            .or_else(|| {
                places
                    .cosmos_models
                    .clone()
                    .map(|folder| (folder, "$COSMOS_MODELS"))
            });
        let mut folders = Vec::new();
        if let Some((folder, named_by)) = &named {
            if !folder.is_dir() {
                return Err(AiError::NoFolder {
                    folder: folder.clone(),
                    named_by,
                });
            }
            folders.push(folder.clone());
        }
        let user = places.user_models();
        let beside_binary = places
            .binary_dir
            .as_ref()
            .map(|folder| folder.join("models"));
        folders.push(places.current_dir.join("models"));
        folders.extend(user.clone());
        folders.extend(places.shipped_models());
        folders.extend(beside_binary);
        let mut known = BTreeSet::new();
        folders.retain(|folder| {
            known.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone()))
        });

        let mut models: Vec<Model> = Vec::new();
        for folder in &folders {
            let manifest = Manifest::read(folder)?.unwrap_or_default();
            models.extend(manifest.models.into_iter().map(|entry| Model {
                entry,
                store: folder.clone(),
                in_use: false,
            }));
        }
        let named_folder = named.as_ref().map(|(folder, _)| folder);
        let rank = |model: &Model| match model.entry.task {
            Task::Captions if Some(&model.store) == named_folder => 0,
            Task::Captions if Some(&model.store) == user.as_ref() => 1,
            _ => 2,
        };
        for task in [Task::Tags, Task::Objects, Task::Captions] {
            let of_task = models.iter_mut().filter(|model| model.entry.task == task);
            if let Some(first) = of_task.min_by_key(|model| rank(model)) {
                first.in_use = true;
            }
        }
        models.sort_by_key(|model| !model.in_use);
        Ok(Self {
            named: named.as_ref().map(|&(_, named_by)| named_by),
            own: named.map(|(folder, _)| folder).or(user),
            folders,
            models,
        })
    }

    /// Every model, those in use first.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The folders that were looked into, in order.
    #[must_use]
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The folder that models are added to and removed from: the one that was named, else the user's own.
    #[must_use]
    pub fn own_folder(&self) -> Option<&Path> {
        self.own.as_deref()
    }

    /// The model in use for `task`.
    ///
    /// # Errors
    /// [`AiError::NoModel`].
    pub fn model(&self, task: Task) -> Result<&Model, AiError> {
        self.models
            .iter()
            .find(|model| model.in_use && model.entry.task == task)
            .ok_or_else(|| AiError::NoModel {
                task,
                searched: self.folders.clone(),
            })
    }

    /// The captioner in use; `None` while none is installed.
    #[must_use]
    pub fn captioner(&self) -> Option<&Model> {
        self.model(Task::Captions).ok()
    }

    /// Removes the model `name` from the [own folder](Self::own_folder): from the manifest, and then its files.
    ///
    /// # Errors
    /// [`AiError::UnknownModel`]; [`AiError::NotOwn`] if it is in another folder; what reading and writing the
    /// manifest and removing the files can bring.
    pub fn remove(&self, name: &str) -> Result<Model, AiError> {
        let named = |model: &&Model| model.entry.name == name;
        let own = self.own_folder();
        let model = self.models.iter().filter(named);
        let Some(model) = model.clone().find(|model| Some(&*model.store) == own) else {
            return Err(match model.into_iter().next() {
                Some(model) => AiError::NotOwn {
                    name: name.to_owned(),
                    folder: model.store.clone(),
                },
                None => AiError::UnknownModel {
                    name: name.to_owned(),
                    known: self
                        .models
                        .iter()
                        .map(|model| model.entry.name.clone())
                        .collect(),
                },
            });
        };
        let mut manifest = Manifest::read(&model.store)?.unwrap_or_default();
        manifest.models.retain(|entry| entry.name != name);
        manifest.write(&model.store)?;
        let folder = model.folder();
        for file in model.entry.files.keys() {
            let path = folder.join(file);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(AiError::io("remove", &path, source));
                }
                _ => {}
            }
        }
        if !is_empty(&model.entry.folder) {
            // Left where something of somebody else's lies in it.
            let folders = model.entry.files.keys().filter_map(|file| file.parent());
            for inner in folders.chain([Path::new("")]) {
                let _ = fs::remove_dir(folder.join(inner));
            }
        }
        Ok(model.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"
        [[model]]
        name = "words"
        version = "1"
        task = "tags"
        layout = "classifier"
        license = "CC0-1.0"
        source = "here"
        graph = "a.onnx"
        labels = "a.txt"
        input = { width = 8, height = 8 }
        files = { "a.onnx" = { bytes = 1, sha256 = "00" }, "a.txt" = { bytes = 1, sha256 = "00" } }
    "#;

    fn read(text: &str) -> Result<Manifest, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), text).unwrap();
        match Manifest::read(folder.path()) {
            Ok(manifest) => Ok(manifest.unwrap()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_manifest_comes_back_as_it_was_written() {
        let manifest = read(ENTRY).unwrap();
        let folder = tempfile::tempdir().unwrap();
        manifest.write(folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Some(manifest));
    }

    #[test]
    fn a_folder_without_a_manifest_has_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), None);
        assert_eq!(
            Manifest::read(&folder.path().join("nowhere")).unwrap(),
            None
        );
    }

    #[test]
    fn entries_that_cannot_be_used_are_refused() {
        for (from, to, expected) in [
            ("graph = \"a.onnx\"", "", "it has no `graph`"),
            (
                "labels = \"a.txt\"",
                "labels = \"b.txt\"",
                "`b.txt` is not among its files",
            ),
            (
                "\"a.txt\" = {",
                "\"/etc/passwd\" = {",
                "`/etc/passwd` leads out",
            ),
            (
                "name = \"words\"",
                "name = \"words\"\nfolder = \"../..\"",
                "`../..` leads out",
            ),
            (
                "\"classifier\"",
                "\"box-detector\"",
                "its layout is not one for tags",
            ),
            ("\"classifier\"", "\"oracle\"", "oracle"),
            ("height = 8", "height = 8, crop = 0.0", "a crop above 0"),
            ("height = 8", "height = 8, crop = nan", "a crop above 0"),
            ("height = 8", "height = 100000", "sides of 1 to 4096"),
            ("height = 8", "height = 8, mean = inf", "`input` takes"),
            ("bytes = 1", "bytes = -1", "line"),
        ] {
            assert!(ENTRY.contains(from), "{from}");
            let refused = read(&ENTRY.replacen(from, to, 1)).unwrap_err();
            assert!(refused.contains(expected), "{to}: {refused}");
        }
    }

    #[test]
    fn the_shipped_manifest_describes_the_shipped_files() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let store = ModelStore::open_in(Some(&shipped), &Places::default()).unwrap();
        for task in [Task::Tags, Task::Objects, Task::Captions] {
            let model = store.model(task).unwrap();
            model.check_sizes().unwrap();
            model.check_hashes().unwrap();
        }
    }
}
