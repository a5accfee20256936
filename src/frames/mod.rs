//! Frames.
pub mod decode;
