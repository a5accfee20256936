//! A small procedural city, ray-traced into the five modalities of a shot.
//!
//! Everything is analytic: boxes and spheres in a grid of blocks, walked cell by cell, so that a 1080p
//! frame takes well under a second. The city repeats itself every sixteen blocks, far behind the fog.
//! The same seed, size and frame always give the same bytes. The module leans on nothing of the crate
//! around it, so tests and benches can include it by path.
//!
//! A shot is refused only when writing it: a folder that holds one of its frames already is an error unless
//! overwriting was asked for.

mod city;
mod frame;
mod geometry;
mod shading;
mod shot;

pub use city::City;
pub use frame::{Frame, Look};
pub use shot::{Layer, Layout, Shot, Written};
