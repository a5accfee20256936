//! The crate `cosmos-remote` against a real SSH server, and on this machine.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

#[path = "../support/sshd.rs"]
mod sshd;

mod commands;
mod hosts;
mod transfers;
