//! The room `remote` against a real SSH server.

#[path = "../support/relay.rs"]
mod relay;
#[path = "../support/sshd.rs"]
mod sshd;

mod commands;
mod hosts;
mod transfers;
