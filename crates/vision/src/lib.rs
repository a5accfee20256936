//! What a picture shows: networks that run offline, measurement, and what both together say of a shot.
//!
//! The only crate that knows ONNX Runtime and tokenizers.

pub mod ai;
pub mod analyzer;
pub mod describe;
pub mod look;
pub mod seen;
pub mod stats;
