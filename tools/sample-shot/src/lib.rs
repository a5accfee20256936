//! A small procedural city, ray-traced into the five modalities of a shot.
//!
//! Everything is analytic: boxes and spheres in a grid of blocks, walked cell by cell, so that a 1080p
//! frame takes well under a second. The city repeats itself every sixteen blocks, far behind the fog.
//! The same seed, size and frame always give the same bytes.
//!
//! ```no_run
//! use sample_shot::{City, Shot};
//!
//! let shot = Shot { width: 64, height: 36, frames: 5, start: 1001, ..Shot::default() };
//! shot.write("renders/city".as_ref())?;
//! let first = shot.render_frame(&City::new(shot.seed), 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A shot is refused only when it is written: a folder that holds one of its frames already is an error
//! unless overwriting was asked for.

mod city;
mod frame;
mod geometry;
mod shading;
mod shot;

pub use city::City;
pub use frame::{Frame, Look};
pub use shading::SKY_LABEL;
pub use shot::{Layer, Layout, Shot, Written};
