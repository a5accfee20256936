//! Opens a one-graph model and compares the graph with what its manifest says.

use std::path::{Path, PathBuf};
use std::thread;

use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, PrimitiveTensorElementType, TensorElementType, ValueType};

use super::error::AiError;
use super::models::{Input, Model, Task};
use super::runtime::Runtime;

/// A graph that is loaded, and what is needed to use it.
pub struct Opened {
    pub session: Session,
    pub graph: PathBuf,
    pub labels: PathBuf,
    pub input: Input,
}

/// Checks the files of `model` and loads its graph.
pub fn open(runtime: &Runtime, model: &Model) -> Result<Opened, AiError> {
    let entry = &model.entry;
    let (Some(graph), Some(labels), Some(input)) = (&entry.graph, &entry.labels, entry.input)
    else {
        return Err(AiError::NoModel {
            task: entry.task,
            searched: vec![model.store.clone()],
        });
    };
    model.check_sizes()?;
    let folder = model.folder();
    let graph = folder.join(graph);
    let (hashes, session) = thread::scope(|scope| {
        let hashes = scope.spawn(|| model.check_hashes());
        let session = runtime.session(&graph);
        (hashes.join(), session)
    });
    // What is wrong with a file says more than what the engine makes of it.
    hashes.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Opened {
        session: session?,
        labels: folder.join(labels),
        graph,
        input,
    })
}

/// Compares a graph's inputs and outputs with those that a task needs.
pub struct Check<'a> {
    session: &'a Session,
    path: &'a Path,
    task: Task,
}

impl<'a> Check<'a> {
    pub fn new(session: &'a Session, path: &'a Path, task: Task) -> Self {
        Self {
            session,
            path,
            task,
        }
    }

    /// The only input.
    pub fn input(&self, name: &str, ty: TensorElementType, shape: &[i64]) -> Result<(), AiError> {
        self.compare("input", self.session.inputs(), true, name, ty, shape)
    }

    /// One of the outputs.
    pub fn output(&self, name: &str, ty: TensorElementType, shape: &[i64]) -> Result<(), AiError> {
        self.compare("output", self.session.outputs(), false, name, ty, shape)
    }

    /// A dimension that the graph leaves open fits everything, and so does an expected one of -1.
    fn compare(
        &self,
        kind: &str,
        outlets: &[Outlet],
        only: bool,
        name: &str,
        ty: TensorElementType,
        shape: &[i64],
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
            path: self.path.to_owned(),
            task: self.task,
            expected: format!("the {kind} `{name}` {ty} {}", dimensions(shape)),
            found: if found.is_empty() {
                "none".to_owned()
            } else {
                found.join(", ")
            },
        })
    }
}

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
