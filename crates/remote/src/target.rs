//! Where to connect: the settings in `[remote]`, and what `~/.ssh/config` says about the name there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::settings::{HostKeyPolicy, RemoteSettings};
use super::{RemoteError, ssh_config};

/// Several times shorter than the minutes after which routers forget a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The name that stands for this machine.
pub const LOCAL: &str = "local";

/// A host and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name in the settings, which may be an alias.
    pub name: String,
    /// Whether it is this machine, which needs no connection.
    pub is_local: bool,
    /// The name or address to connect to.
    pub host: String,
    /// The name that `known_hosts` files know the host by.
    pub host_key_alias: Option<String>,
    /// The port, never 0.
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// Private key files to try; those that do not exist are passed over.
    pub keys: Vec<PathBuf>,
    /// Files with known host keys. The first one takes new ones.
    pub known_hosts: Vec<PathBuf>,
    /// What becomes of a host whose key is unknown.
    pub host_key_policy: HostKeyPolicy,
    /// How long connecting and each question of the login may take.
    pub connect_timeout: Duration,
    /// How long a command may take that only asks or changes little.
    pub answer_timeout: Duration,
    /// After how much silence the host is asked for a sign of life, 15 s. After three times as much the
    /// connection counts as lost.
    pub keep_alive: Duration,
}

impl Target {
    /// The host of `settings`, completed from `.ssh/config` in `home`. What somebody has set in `[remote]` beats
    /// `.ssh/config`; keys of both are tried.
    ///
    /// # Errors
    /// [`RemoteError::NoHost`] if no host is set, [`RemoteError::SshConfig`] and [`RemoteError::Jump`] for
    /// what `.ssh/config` says.
    pub fn of_settings(remote: &RemoteSettings, home: Option<&Path>) -> Result<Self, RemoteError> {
        let name = remote.host()?.to_owned();
        if name == LOCAL {
            return Ok(Self {
                is_local: true,
                ..Self::unresolved(remote)
            });
        }
        let user_config = home.map(|home| home.join(".ssh/config"));
        let alias = match &user_config {
            Some(path) => ssh_config::look_up(path, home, &name)?,
            None => ssh_config::Alias::default(),
        };
        let default = RemoteSettings::default();
        let mut known_hosts = alias.user_known_hosts;
        if known_hosts.is_empty() {
            let names = [".ssh/known_hosts", ".ssh/known_hosts2"];
            known_hosts.extend(
                home.iter()
                    .flat_map(|home| names.map(|name| home.join(name))),
            );
        }
        known_hosts
            .extend(["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"].map(Into::into));
        let mut keys = vec![remote.ssh_key.clone()];
        keys.extend(alias.identity_files);
        Ok(Self {
            is_local: false,
            host: alias.host_name.unwrap_or_else(|| name.clone()),
            host_key_alias: alias.host_key_alias,
            port: set(&remote.port, &default.port, remote.chosen.port)
                .or(alias.port)
                .unwrap_or(remote.port),
            user: set(&remote.user, &default.user, remote.chosen.user)
                .or(alias.user)
                .unwrap_or_else(|| remote.user.clone()),
            keys,
            known_hosts,
            host_key_policy: remote.host_key_policy,
            connect_timeout: Duration::from_secs(remote.connect_timeout.into()),
            answer_timeout: Duration::from_secs(remote.answer_timeout.into()),
            keep_alive: KEEP_ALIVE,
            name,
        })
    }

    /// What the settings say of the host, which need not be set, without what `.ssh/config` says of it: for what is not
    /// connected to.
    #[must_use]
    pub fn unresolved(remote: &RemoteSettings) -> Self {
        Self {
            name: remote.host.clone(),
            is_local: remote.host == LOCAL,
            host: remote.host.clone(),
            host_key_alias: None,
            port: remote.port,
            user: remote.user.clone(),
            keys: vec![remote.ssh_key.clone()],
            known_hosts: Vec::new(),
            host_key_policy: remote.host_key_policy,
            connect_timeout: Duration::from_secs(remote.connect_timeout.into()),
            answer_timeout: Duration::from_secs(remote.answer_timeout.into()),
            keep_alive: KEEP_ALIVE,
        }
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The host as `known_hosts` files write it.
    pub(super) fn known_as(&self) -> String {
        let name = self
            .host_key_alias
            .as_ref()
            .unwrap_or(&self.host)
            .to_lowercase();
        if self.port == 22 || self.host_key_alias.is_some() {
            name
        } else {
            format!("[{name}]:{}", self.port)
        }
    }

    /// The host as a `known_hosts` file may have it besides: its name without a port that it is reached by.
    pub(super) fn known_without_port(&self) -> Option<String> {
        (self.port != 22 && self.host_key_alias.is_none()).then(|| self.host.to_lowercase())
    }
}

/// `value` if somebody set it.
fn set<T: Clone + PartialEq>(value: &T, default: &T, is_chosen: bool) -> Option<T> {
    (is_chosen || value != default).then(|| value.clone())
}
