//! `cosmos run` and its relatives against a real SSH server, a real Docker engine, and a stand-in for the model.
//!
//! The host is this machine, reached over loopback through a relay that can cut the connection. What a test needs
//! and does not find (sshd, dockerd, ffprobe) fails it: nothing is skipped.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

#[path = "../support/engine.rs"]
mod engine;
#[path = "../support/sshd.rs"]
mod sshd;

mod blocked;
mod desk;
mod faults;
mod happy;
mod host;
mod manage;
mod models;
