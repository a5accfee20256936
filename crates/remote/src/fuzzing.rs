//! What fuzzing and property tests feed with bytes: no public API.

use std::path::Path;

use super::{RemoteError, RemoteSettings, Target, known_hosts, ssh_config, transfer};

/// Looks a host up in the text of an `.ssh/config`. Its `Include` lines are refused.
///
/// # Errors
/// As connecting with that file would.
pub fn ssh_config(text: &str, host: &str) -> Result<(), RemoteError> {
    ssh_config::look_up_in_text(text, host).map(drop)
}

/// How many keys the text of a `known_hosts` file has for `host`.
#[must_use]
pub fn known_hosts(text: &str, host: &str) -> usize {
    let target = Target {
        host: host.to_owned(),
        ..Target::unresolved(&RemoteSettings::default())
    };
    known_hosts::entries(text, Path::new("known_hosts"), &target).count()
}

/// Reads what the host says it has, and the tar stream of it. How many files arrived is returned.
///
/// # Errors
/// As a download would.
pub fn tar_stream(listing: &[u8], stream: &[u8], folder: &Path) -> Result<usize, RemoteError> {
    transfer::unpack_listed(listing, stream, folder)
}
