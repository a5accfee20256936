//! Folders of models, good and bad, and the engine that runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cosmos_workflow::ai::{
    Input, Layout, Manifest, ModelEntry, ModelFile, Runtime, RuntimeOptions, Task,
};

use super::onnx::{F32, Graph, U8};

/// The models that come with the program.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// The engine as `scripts/setup.sh --tests` installs it.
pub fn engine() -> Runtime {
    Runtime::load(&RuntimeOptions::of_process())
        .unwrap_or_else(|error| panic!("{error}; run scripts/setup.sh --tests"))
}

/// Fills `folder` with links to the shipped models and a copy of their manifest.
pub fn link_shipped(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for entry in fs::read_dir(shipped()).unwrap() {
        let path = entry.unwrap().path();
        let place = folder.join(path.file_name().unwrap());
        if path.extension().is_some_and(|end| end == "toml") {
            fs::copy(&path, place).unwrap();
        } else {
            std::os::unix::fs::symlink(&path, place).unwrap();
        }
    }
}

/// Makes `folder` a folder of one tagger of three words, whose graph is `graph`.
pub fn write_tagger(folder: &Path, graph: &Graph) {
    let labels = "cat, house cat\ndog\nlorry, truck\n";
    write_model(folder, graph, labels, tagger_entry());
}

/// Makes `folder` a folder of one detector of three classes, whose graph is `graph`.
pub fn write_detector(folder: &Path, graph: &Graph) {
    let entry = ModelEntry {
        name: "small-detector".into(),
        task: Task::Objects,
        layout: Layout::BoxDetector,
        ..tagger_entry()
    };
    write_model(folder, graph, "1\tcat\n2\tdog\n", entry);
}

/// A tagger as it should be, which answers with `logits`.
pub fn tagger(logits: [f32; 3]) -> Graph {
    Graph::new()
        .input("input", F32, &[1, 3, 8, 8])
        .answer("logits", &[1, 3], &logits)
}

/// A detector as it should be, which answers with `boxes` (top, left, bottom, right) and for each of them the scores
/// of background, cat and dog.
pub fn detector(boxes: &[[f32; 4]], scores: &[[f32; 3]]) -> Graph {
    Graph::new()
        .input("image", U8, &[1, 8, 8, 3])
        .answer("boxes", &[1, boxes.len(), 4], boxes.as_flattened())
        .answer("scores", &[1, scores.len(), 3], scores.as_flattened())
}

fn tagger_entry() -> ModelEntry {
    ModelEntry {
        name: "small-tagger".into(),
        version: "1".into(),
        task: Task::Tags,
        layout: Layout::Classifier,
        license: "CC0-1.0".into(),
        source: "made by a test".into(),
        folder: PathBuf::new(),
        graph: Some("graph.onnx".into()),
        labels: Some("labels".into()),
        input: Some(Input {
            width: 8,
            height: 8,
            crop: None,
            mean: 0.0,
            scale: 1.0,
        }),
        files: BTreeMap::new(),
    }
}

fn write_model(folder: &Path, graph: &Graph, labels: &str, mut entry: ModelEntry) {
    fs::create_dir_all(folder).unwrap();
    graph.write(&folder.join("graph.onnx"));
    fs::write(folder.join("labels"), labels).unwrap();
    for file in ["graph.onnx", "labels"] {
        let description = ModelFile::of(&folder.join(file)).unwrap();
        entry.files.insert(file.into(), description);
    }
    let models = vec![entry];
    Manifest { models }.write(folder).unwrap();
}
