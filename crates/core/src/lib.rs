//! What every part of cosmos stands on: values, and services that need no foreign engine.
//!
//! Values: [`size`], [`frame_rate`], [`modality`], [`video_info`], [`picture`]. Services: outputs that appear whole
//! ([`staging`]), hashes ([`hash`]), safe names ([`naming`]), and how long work reports and is stopped ([`progress`]).

pub mod advice;
pub mod files;
pub mod frame_rate;
pub mod hash;
pub mod json_path;
pub mod lists;
pub mod modality;
pub mod naming;
pub mod os;
pub mod picture;
pub mod progress;
pub mod settings;
pub mod size;
pub mod staging;
pub mod video_info;
