//! Drives the built `cosmos` binary as a user does, in throw-away folders, and looks at what it leaves there.
//!
//! Videos are read back with the `ffmpeg` and `ffprobe` commands, not with the code under test. What a test
//! needs and does not find (those commands, a C compiler, `unshare`) fails it: nothing is skipped.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

mod at_once;
mod bad_input;
mod captioners;
mod completions;
mod config;
mod controls;
mod convert_sequence;
mod describe;
mod formats;
mod global_options;
mod interruption;
mod models;
mod names;
mod passes;
mod prepare_inference;
mod probe;
mod standard_output;
mod standardize;
mod storage;
mod support;
mod tables;
mod validate;
