//! Looks at pictures with neural networks, offline: words for the whole picture, and things with their place.
//!
//! [`Runtime`] loads the engine (onnxruntime) at run time, so that a machine without it can do everything else.
//! [`ModelStore`] finds the models and checks that they are what their manifest says. [`Tagger`] and
//! [`Detector`] run them. Refuses engines and models that are missing, damaged, too old or too new, graphs that
//! do something else than their manifest says, and answers that are no numbers: always as an [`AiError`], never
//! with a panic.

pub mod caption;
mod detector;
mod error;
mod graph;
mod library;
mod models;
mod picture;
mod places;
mod ready;
mod runtime;
mod tagger;

pub use detector::Detector;
pub use error::{AiError, LibraryDefect};
pub use models::{Input, Layout, Manifest, Model, ModelEntry, ModelFile, ModelStore, Task};
pub use places::Places;
pub use runtime::{Device, Runtime, RuntimeOptions, keep_telemetry_off};
pub use tagger::Tagger;
