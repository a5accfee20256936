//! Prompt and run specifications: what Cosmos is to make, with which settings, and what became of it.
//!
//! A [`PromptSpec`] names the text and the videos, a [`RunSpec`] the weights and parameters of one run of it.
//! Both are JSON files that people and scripts edit, so every field is checked on loading and unknown fields
//! are kept. Refuses invalid JSON, values out of range, unknown modalities, and videos that are absent or do
//! not match each other.

mod error;
mod fields;
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod prompt;
mod run;
mod store;
mod values;
mod videos;

pub use error::SpecError;
pub use prompt::{PreparedVideos, PromptSpec, control_inputs, prepared_videos};
pub use run::{Asset, Parameters, RunSpec};
pub(crate) use store::lock;
pub use store::{
    Found, Scan, Spec, SpecKind, Stored, existing, find, find_file, prompt_of, resolve, save, scan,
    write_new,
};
pub use values::{ExecutionStatus, Model, Strength};
pub use videos::{check_assets, check_videos, picture_size, record_hashes};
