//! Rendered frames in, NVIDIA Cosmos-ready videos out.
//!
//! Start at [`workflows`], whose functions are the commands of the `cosmos` binary; the other modules are
//! what they are built from. `docs/architecture.md` draws how the modules depend on each other.
//!
//! ```no_run
//! use cosmos_workflow::cosmos::Model;
//! use cosmos_workflow::progress::{Cancel, Silent};
//! use cosmos_workflow::workflows::{PrepareOptions, prepare_inference};
//!
//! let options = PrepareOptions::new("renders/shot010", "videos", Model::Transfer2_5);
//! let report = prepare_inference(&options, &Cancel::new(), &Silent)?;
//! for video in &report.videos {
//!     println!("{video:?}");
//! }
//! # Ok::<(), cosmos_workflow::Error>(())
//! ```
//!
//! `examples/` has three programs that use it: one prepares a folder and shows how far it is, one describes pictures
//! with models that stay warm, and one carries out a run.

pub mod config;
pub mod cosmos;
pub mod derivation;
pub mod docker;
pub mod error;
pub mod host_facts;
pub mod metadata;
pub mod runs;
pub mod specs;
pub mod workflows;

pub use cosmos_core::{
    advice, frame_rate, hash, modality, naming, picture, progress, size, staging, video_info,
};
use cosmos_core::{files, json_path, lists, settings};
pub use cosmos_media::{contact_sheet, controls, frames, layers, video};
pub use cosmos_remote as remote;
pub use cosmos_vision::{ai, analyzer, describe, look, seen, stats};
pub use error::{Error, ExitCode};
