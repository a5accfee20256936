//! What the GPU host has for a run, and what a run needs of it.
//!
//! [`survey`] asks the host everything with one command, [`inside`] says where on the host the container's folders
//! are, [`gpu`] reads `nvidia-smi`, and [`mod@judge`] compares the answer with [`Needs`](crate::cosmos::needs::Needs).
//! Nothing here talks to the host itself.

pub mod gpu;
pub mod inside;
pub mod judge;
pub mod survey;

pub use gpu::Gpu;
pub use inside::Inside;
pub use judge::{Code, Problem, judge};
pub use survey::{Checkout, Facts, Image, Now, Presence, Survey};
