//! The GPU host: commands on it, and files to and fro, over SSH or on this machine.
//!
//! A [`Target`] says where to go and how (settings and `~/.ssh/config`), a [`Login`] who we are, and
//! [`Connection::open`] brings both together. Every argument that reaches the host's shell passes through
//! [`Command`], the only place that quotes.
//!
//! Refuses hosts whose key is unknown (unless told otherwise), changed or revoked, jump hosts, and arguments
//! with a zero byte. Assumes of the host a POSIX shell and GNU coreutils and tar.

/// The shell function `flush`, which waits until its files and folders are on the host's disk. Where that
/// cannot be asked for a single file, it is for all of them.
macro_rules! flush {
    () => {
        r#"flush() {
            said=$(LC_ALL=C sync -- "$@" 2>&1) && return
            case $said in
                *'Invalid argument'* | *'not supported'*) sync ;;
                *) printf '%s\n' "$said" >&2; return 1 ;;
            esac
        }
        "#
    };
}

mod command;
mod connection;
mod dialogue;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod known_hosts;
mod local;
mod login;
mod pattern;
mod pump;
mod settings;
mod ssh;
mod ssh_config;
mod target;
pub mod transfer;
mod wait;

pub use command::Command;
pub use connection::Connection;
pub use dialogue::{ExitStatus, Line, Output, Stream};
pub use error::RemoteError;
pub use login::Login;
pub use settings::KEYS;
pub use settings::{Chosen, HostKeyPolicy, RemoteSettings};
pub use target::Target;
