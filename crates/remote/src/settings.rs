//! `[remote]` of the settings.

use std::path::PathBuf;

use cosmos_core::settings::{Key, is_argument, is_path};
use serde::{Deserialize, Serialize};

use super::RemoteError;

/// `[remote]`: how to reach the GPU host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteSettings {
    /// Host name or address; empty while none is set. Read it through [`RemoteSettings::host`].
    pub host: String,
    /// The user to log in as.
    pub user: String,
    /// The private key file.
    pub ssh_key: PathBuf,
    /// The SSH port, never 0.
    pub port: u16,
    /// What becomes of a host whose key is unknown.
    pub host_key_policy: HostKeyPolicy,
    /// Seconds that connecting may take, at least 1.
    pub connect_timeout: u32,
    /// Seconds for which a lost connection is tried for again.
    pub reconnect_timeout: u32,
    /// Seconds that a command on the host may take which only asks or changes little.
    pub answer_timeout: u32,
    /// What somebody has set, also where it is the default.
    #[serde(skip)]
    pub chosen: Chosen,
}

/// The settings that somebody has chosen, so that they beat `~/.ssh/config` even where they are the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// [`RemoteSettings::user`].
    pub user: bool,
    /// [`RemoteSettings::port`].
    pub port: bool,
}

/// What becomes of a host whose key is not in the known hosts. A changed key is always refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKeyPolicy {
    /// It is refused.
    #[default]
    Strict,
    /// It is trusted, and its key becomes a known one.
    AcceptNew,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            user: "ubuntu".to_owned(),
            ssh_key: "~/.ssh/key.pem".into(),
            port: 22,
            host_key_policy: HostKeyPolicy::default(),
            connect_timeout: 15,
            reconnect_timeout: 600,
            answer_timeout: 120,
            chosen: Chosen::default(),
        }
    }
}

impl RemoteSettings {
    /// The GPU host's name or address.
    ///
    /// # Errors
    /// [`RemoteError::NoHost`] while none is set.
    pub fn host(&self) -> Result<&str, RemoteError> {
        Some(self.host.as_str())
            .filter(|host| !host.is_empty())
            .ok_or(RemoteError::NoHost)
    }
}

/// Every key, in the order of the shipped file.
pub const KEYS: &[Key<RemoteSettings>] = &[
    Key {
        name: "host",
        takes: "a host name or address in quotes, or \"local\" for this machine",
        is_usable: |s| is_argument(&s.host),
    },
    Key {
        name: "user",
        takes: "a user name in quotes",
        is_usable: |s| !s.user.is_empty() && is_argument(&s.user),
    },
    Key {
        name: "ssh_key",
        takes: "a file in quotes, such as \"~/.ssh/key.pem\"",
        is_usable: |s| is_path(&s.ssh_key),
    },
    Key {
        name: "port",
        takes: "a whole number from 1 to 65535",
        is_usable: |s| s.port != 0,
    },
    Key {
        name: "host_key_policy",
        takes: "\"strict\" or \"accept-new\"",
        is_usable: |_| true,
    },
    Key {
        name: "connect_timeout",
        takes: "a whole number of seconds from 1 to 3600",
        is_usable: |s| (1..=3600).contains(&s.connect_timeout),
    },
    Key {
        name: "reconnect_timeout",
        takes: "a whole number of seconds, 0 or more",
        is_usable: |_| true,
    },
    Key {
        name: "answer_timeout",
        takes: "a whole number of seconds from 1 to 3600",
        is_usable: |s| (1..=3600).contains(&s.answer_timeout),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_host_is_told_where_to_set_one() {
        let mut settings = RemoteSettings::default();
        let error = settings.host().unwrap_err();
        assert!(error.to_string().contains("no GPU host is set"), "{error}");
        assert!(error.hint().unwrap().contains("[remote]"));
        settings.host = "gpu01".to_owned();
        assert_eq!(settings.host().unwrap(), "gpu01");
    }
}
