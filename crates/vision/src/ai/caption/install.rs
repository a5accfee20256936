//! Puts a captioner into a folder of models, after it has captioned once.

use std::fs;
use std::path::{Component, Path};

use cosmos_core::files;
use cosmos_core::naming::sanitize;
use cosmos_core::staging::StagedDir;
use image::{Rgb, RgbImage};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::layout::read_json;
use super::{Caption, CaptionError, Captioner};
use crate::ai::{
    AiError, Layout, Manifest, Model, ModelEntry, ModelFile, ModelStore, Runtime, Task,
};

/// What a manifest says of a license that is not known.
const UNKNOWN: &str = "unknown";

/// How a captioner is to be added.
#[derive(Clone, Debug, Default)]
pub struct AddOptions {
    /// Its name; `None` for that of its folder.
    pub name: Option<String>,
    /// Whether to replace a model of this name.
    pub overwrite: bool,
}

impl Captioner {
    /// Captions a picture that is made up, to see whether the captioner works.
    ///
    /// # Errors
    /// As [`caption`](Self::caption).
    pub fn try_out(&self) -> Result<Caption, CaptionError> {
        let ramp = |i: u32| (i % 256) as u8;
        let picture = RgbImage::from_fn(320, 240, |x, y| Rgb([ramp(x), ramp(y), ramp(x + y)]));
        self.caption(&picture)
    }
}

/// Copies the captioner in `folder` into the [own folder](ModelStore::own_folder) of `store`, where it comes before
/// all others, once it has captioned a picture.
///
/// The copy appears whole or not at all, and the manifest after it.
///
/// # Errors
/// Every [`CaptionError`].
pub fn add(
    store: &ModelStore,
    runtime: &Runtime,
    folder: &Path,
    options: &AddOptions,
) -> Result<Model, CaptionError> {
    if !folder.is_dir() {
        return Err(CaptionError::NotAFolder {
            path: folder.to_owned(),
        });
    }
    let own = store.own_folder().ok_or(CaptionError::NoOwnFolder)?;
    let name = match &options.name {
        Some(name) => name.clone(),
        None => folder_name(folder)?,
    };
    let name = sanitize(&name)?;
    let mut manifest = Manifest::read(own)?.unwrap_or_default();
    if let Some(taken) = manifest.models.iter().find(|model| model.name == name)
        && (!options.overwrite || taken.layout != Layout::Optimum)
    {
        return Err(CaptionError::NameTaken {
            name,
            folder: own.to_owned(),
        });
    }

    let captioner = Captioner::open(runtime, folder)?;
    captioner.try_out()?;
    let staged = StagedDir::create(&own.join(&name), options.overwrite).map_err(AiError::from)?;
    let mut entry = ModelEntry {
        version: String::new(),
        task: Task::Captions,
        layout: Layout::Optimum,
        license: license(folder).unwrap_or_else(|| UNKNOWN.to_owned()),
        source: source(&captioner, folder)?,
        folder: name.clone().into(),
        graph: None,
        labels: None,
        input: None,
        files: Default::default(),
        name,
    };
    let mut content = Sha256::new();
    for file in captioner.files() {
        let copy = staged.path().join(&file);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent).map_err(|source| AiError::io("create", parent, source))?;
        }
        let original = folder.join(&file);
        fs::copy(&original, &copy).map_err(|source| AiError::io("copy", &original, source))?;
        let described = ModelFile::of(&copy)?;
        content.update(&described.sha256);
        entry.files.insert(file, described);
    }
    // Nothing in such a folder is a version, so the content is one.
    entry.version = content
        .finalize()
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    staged.commit().map_err(AiError::from)?;
    manifest.models.retain(|model| model.name != entry.name);
    manifest.models.insert(0, entry.clone());
    manifest.write(own)?;
    Ok(Model {
        entry,
        store: own.to_owned(),
        in_use: true,
    })
}

/// The last part of the path that is a name. `.` and `..` have to be resolved for that.
fn folder_name(folder: &Path) -> Result<String, CaptionError> {
    let resolved;
    let named = match folder.components().next_back() {
        Some(Component::Normal(_)) => folder,
        _ => {
            resolved = folder
                .canonicalize()
                .map_err(|source| AiError::io("read", folder, source))?;
            &resolved
        }
    };
    Ok(named
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned())
}

/// The model's name where it was published, if its configuration has it, else where it was added from.
fn source(captioner: &Captioner, folder: &Path) -> Result<String, CaptionError> {
    let config: Map<String, Value> = read_json(&captioner.files.config)?;
    let published = config.get("_name_or_path").and_then(Value::as_str);
    Ok(published
        .filter(|name| !name.is_empty())
        .map_or_else(|| folder.display().to_string(), str::to_owned))
}

/// What the head of the model card (`README.md`) says: YAML between two lines of dashes.
fn license(folder: &Path) -> Option<String> {
    let card = files::read_text(&folder.join("README.md")).ok()?;
    let head = card.strip_prefix("---")?.split("\n---").next()?;
    let license = head
        .lines()
        .find_map(|line| line.strip_prefix("license:"))?;
    let license = license.trim().trim_matches(['"', '\'']);
    (!license.is_empty()).then(|| license.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_license_is_that_of_the_model_card() {
        let cases = [
            (
                "---\ntags:\n- image-to-text\nlicense: apache-2.0\n---\n# Model\n",
                Some("apache-2.0"),
            ),
            (
                "---\nlicense: \"bsd-3-clause\"\n---\n",
                Some("bsd-3-clause"),
            ),
            ("---\nlicense:\n- mit\n---\n", None),
            ("# Model\nlicense: mit\n", None),
            ("---\ntags: []\n---\nlicense: mit\n", None),
        ];
        for (card, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("README.md"), card).unwrap();
            assert_eq!(license(folder.path()).as_deref(), expected, "{card}");
        }
        assert_eq!(license(Path::new("/nowhere")), None);
    }
}
