//! Frames and videos: find, check and decode frames, encode and read videos, draw the contact sheet.
//!
//! The only crate that knows FFmpeg and the decoders of picture formats.

pub mod contact_sheet;
pub mod controls;
pub mod frames;
pub mod layers;
pub mod video;
