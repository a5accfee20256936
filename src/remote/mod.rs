//! The GPU host: one SSH connection, commands on it, and files to and fro.
//!
//! A [`Target`] says where to go and how (settings and `~/.ssh/config`), a [`Login`] who we are, and
//! [`Connection::open`] brings both together. Every argument that reaches the host's shell passes through
//! [`Command`], the only place that quotes.
//!
//! Refuses hosts whose key is unknown (unless told otherwise), changed or revoked, jump hosts, and arguments
//! with a zero byte. Assumes of the host a POSIX shell and GNU coreutils and tar.

mod command;
mod connection;
mod error;
mod known_hosts;
mod login;
mod pattern;
mod pump;
mod ssh_config;
mod target;
pub mod transfer;

pub use command::Command;
pub use connection::{Connection, ExitStatus, Line, Output, Stream};
pub use error::RemoteError;
pub use login::Login;
pub use target::Target;
