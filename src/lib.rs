//! Rendered frames in, NVIDIA Cosmos-ready videos out.
//!
//! Start at [`workflows`], whose functions are the commands of the `cosmos` binary; the other modules are
//! the rooms they are built from. `docs/architecture.md` draws how the rooms depend on each other.

pub mod frames;
pub mod modality;
pub mod progress;
