//! What the tests share: a place to run the binary in, shots to give it, and eyes for what it makes.

pub mod models;
pub mod onnx;
pub mod png;
pub mod sandbox;
pub mod shot;
pub mod video;

pub use sandbox::{Ends, Said, Sandbox};
pub use shot::{Shot, flat_patches, noise};
pub use video::{decode, probe};
