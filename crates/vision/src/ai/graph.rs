//! Opens a one-graph model and compares the graph with what its manifest says.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, PrimitiveTensorElementType, TensorElementType, TensorRef, ValueType};

use super::error::AiError;
use super::models::{Input, Model};
use super::ready::Loader;
use super::runtime::Runtime;

/// Checks the files of `model` while `load` loads them.
pub fn checked<T, E: From<AiError>>(
    runtime: &Runtime,
    model: &Model,
    load: impl FnOnce(&Loader<'_>) -> Result<T, E>,
) -> Result<T, E> {
    model.check_sizes()?;
    let loader = Loader::of_model(runtime, model);
    let (hashes, loaded) = thread::scope(|scope| {
        let hashes = scope.spawn(|| model.check_hashes());
        let loaded = load(&loader);
        (hashes.join(), loaded)
    });
    // What is wrong with a file says more than what the engine makes of it.
    hashes.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if loaded.is_ok() {
        loader.keep();
    }
    loaded
}

/// A model of one graph that takes pictures of one size, loaded.
#[derive(Debug)]
pub struct Network {
    session: Mutex<Session>,
    graph: PathBuf,
    pub model: Model,
    pub input: Input,
}

impl Network {
    /// Checks the files of `model` and loads its graph; with the file of the labels.
    pub fn open(runtime: &Runtime, model: &Model) -> Result<(Self, PathBuf), AiError> {
        let entry = &model.entry;
        let (Some(graph), Some(labels), Some(input)) = (&entry.graph, &entry.labels, entry.input)
        else {
            return Err(AiError::NoModel {
                task: entry.task,
                searched: vec![model.store.clone()],
            });
        };
        let folder = model.folder();
        let graph = folder.join(graph);
        let session = checked(runtime, model, |loader| loader.session(&graph))?;
        let network = Self {
            session: Mutex::new(session),
            graph,
            model: model.clone(),
            input,
        };
        Ok((network, folder.join(labels)))
    }

    /// Compares the graph's only input, and its outputs, with what the task of the model needs. A dimension that the
    /// graph leaves open fits everything, and so does an expected one of -1.
    pub fn check(&self, input: Expected<'_>, outputs: &[Expected<'_>]) -> Result<(), AiError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        self.compare("input", session.inputs(), true, input)?;
        outputs
            .iter()
            .try_for_each(|&output| self.compare("output", session.outputs(), false, output))
    }

    /// Runs the graph on the `samples` of a picture of `shape`. `read` makes sense of what it answers, or returns
    /// `None` where that has values that are no numbers.
    pub fn run<T: PrimitiveTensorElementType + Clone + Debug + 'static, R>(
        &self,
        input: &str,
        shape: [u32; 4],
        samples: &[T],
        read: impl FnOnce(&SessionOutputs<'_>) -> ort::Result<Option<R>>,
    ) -> Result<R, AiError> {
        let failed = |source| AiError::Run {
            path: self.graph.clone(),
            source,
        };
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = shape.map(i64::from);
        let tensor = TensorRef::from_array_view((shape, samples)).map_err(failed)?;
        let outputs = session.run(ort::inputs![input => tensor]).map_err(failed)?;
        read(&outputs)
            .map_err(failed)?
            .ok_or_else(|| AiError::NotFinite {
                path: self.graph.clone(),
            })
    }

    fn compare(
        &self,
        kind: &str,
        outlets: &[Outlet],
        only: bool,
        (name, ty, shape): Expected<'_>,
    ) -> Result<(), AiError> {
        let fits = |outlet: &Outlet| match outlet.dtype() {
            ValueType::Tensor {
                ty: found_ty,
                shape: found,
                ..
            } => {
                *found_ty == ty
                    && found.len() == shape.len()
                    && found
                        .iter()
                        .zip(shape)
                        .all(|(&found, &wanted)| found == wanted || found < 0 || wanted < 0)
            }
            _ => false,
        };
        let named = outlets.iter().find(|outlet| outlet.name() == name);
        if named.is_some_and(fits) && (!only || outlets.len() == 1) {
            return Ok(());
        }
        let found: Vec<String> = outlets
            .iter()
            .map(|outlet| format!("`{}` {}", outlet.name(), described(outlet.dtype())))
            .collect();
        Err(AiError::WrongGraph {
            path: self.graph.clone(),
            task: self.model.entry.task,
            expected: format!("the {kind} `{name}` {ty} {}", dimensions(shape)),
            found: if found.is_empty() {
                "none".to_owned()
            } else {
                found.join(", ")
            },
        })
    }
}

/// The name, the type and the dimensions of an input or output.
pub type Expected<'a> = (&'a str, TensorElementType, &'a [i64]);

fn described(ty: &ValueType) -> String {
    match ty {
        ValueType::Tensor { ty, shape, .. } => format!("{ty} {}", dimensions(shape)),
        other => other.to_string(),
    }
}

fn dimensions(shape: &[i64]) -> String {
    let dimensions: Vec<String> = shape
        .iter()
        .map(|&length| {
            if length < 0 {
                "n".to_owned()
            } else {
                length.to_string()
            }
        })
        .collect();
    format!("[{}]", dimensions.join(", "))
}

/// The numbers of the output `name`.
pub fn output<'a, T: PrimitiveTensorElementType>(
    outputs: &'a SessionOutputs<'_>,
    name: &str,
) -> ort::Result<&'a [T]> {
    let value = outputs
        .get(name)
        .ok_or_else(|| ort::Error::new(format!("there is no output `{name}`")))?;
    Ok(value.try_extract_tensor::<T>()?.1)
}
