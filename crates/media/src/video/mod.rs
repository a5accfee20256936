//! Videos: what goes into them, how they are written, how they are read back.

pub mod encoder;
pub mod layers;
pub mod pipeline;
pub mod read;
pub mod resolution;
pub mod scale;
pub mod settings;
pub mod source;
pub mod tuning;
pub mod verify;
pub mod yuv;
