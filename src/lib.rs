//! Rendered frames in, NVIDIA Cosmos-ready videos out.
//!
//! Start at [`workflows`], whose functions are the commands of the `cosmos` binary; the other modules are
//! what they are built from. `docs/architecture.md` draws how the modules depend on each other.

pub mod ai;
pub mod config;
pub mod contact_sheet;
pub mod cosmos;
pub mod describe;
pub mod docker;
pub mod error;
mod files;
pub mod frame_rate;
pub mod frames;
pub mod hash;
pub mod host_facts;
mod json_path;
mod lists;
pub mod look;
pub mod metadata;
pub mod modality;
pub mod naming;
pub mod progress;
pub mod remote;
pub mod runs;
pub mod seen;
mod settings;
pub mod size;
pub mod specs;
pub mod staging;
pub mod stats;
pub mod video;
pub mod video_info;
pub mod workflows;

pub use error::{Error, ExitCode};
