//! What can go wrong between here and the GPU host.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the host could not be reached or did not do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The GPU host is needed and not set.
    #[error("no GPU host is set")]
    NoHost,
    /// A file in `ssh_config(5)` format cannot be used.
    #[error("{}:{line}: {problem}", path.display())]
    SshConfig {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The host is reached through another one.
    #[error("{host} is reached through {through} ({} in {}), which is not supported", keyword, path.display())]
    Jump {
        /// The name that was asked for.
        host: String,
        /// The other host or the command.
        through: String,
        /// `ProxyJump` or `ProxyCommand`.
        keyword: &'static str,
        /// Where that is said.
        path: PathBuf,
    },
    /// The name of the host has no address.
    #[error("{host} has no address: {source}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// No TCP connection was made.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The host did not answer in time while the connection was being made.
    #[error("{address} did not answer within {} s ({during})", after.as_secs())]
    Timeout {
        /// Host and port.
        address: String,
        /// What was waited for.
        during: &'static str,
        /// How long.
        after: Duration,
    },
    /// The two sides found no common ground, or what answers is no SSH server.
    #[error("{address} does not speak SSH as expected: {}", source.message())]
    Handshake {
        /// Host and port.
        address: String,
        /// What the SSH library said.
        source: ssh2::Error,
    },
    /// The host's key is not in the known hosts.
    #[error("the host key of {host} is unknown: {key_type} {fingerprint}")]
    UnknownHost {
        /// The host as `known_hosts` names it.
        host: String,
        /// The type of its key.
        key_type: String,
        /// The key's fingerprint, `SHA256:` and base64.
        fingerprint: String,
        /// Its port.
        port: u16,
        /// Its name without the port.
        name: String,
    },
    /// The host has another key than the known one.
    #[error("the host key of {host} has changed: it is {found}, but {}:{line} has {known}", known_hosts.display())]
    HostKeyChanged {
        /// The host as `known_hosts` names it.
        host: String,
        /// The key it showed: type and fingerprint.
        found: String,
        /// The key it should have: type and fingerprint.
        known: String,
        /// The file with the known key.
        known_hosts: PathBuf,
        /// Its line, counted from 1.
        line: usize,
    },
    /// The host's key was declared invalid.
    #[error("the host key of {host} is revoked by {}:{line}: {fingerprint}", known_hosts.display())]
    HostKeyRevoked {
        /// The host as `known_hosts` names it.
        host: String,
        /// The key's fingerprint.
        fingerprint: String,
        /// The file that says so.
        known_hosts: PathBuf,
        /// Its line, counted from 1.
        line: usize,
    },
    /// There is nothing to log in with.
    #[error("no key to log in to {host} with: {} does not exist and the SSH agent has none", key.display())]
    NoKey {
        /// The host.
        host: String,
        /// The key file of the settings.
        key: PathBuf,
    },
    /// A private key file cannot be used.
    #[error("cannot use the private key {}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// A private key is encrypted, and nobody gave the passphrase.
    #[error("the private key {} is encrypted and no passphrase was given", path.display())]
    NoPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A private key did not open with the passphrase.
    #[error("the passphrase does not open the private key {}", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The host does not let us in.
    #[error("{host} does not let {user} in (tried {tried})")]
    Denied {
        /// The host.
        host: String,
        /// The user.
        user: String,
        /// The keys that were offered.
        tried: String,
    },
    /// The connection is gone. See [`RemoteError::is_lost`].
    #[error("the connection to {host} was lost: {reason}")]
    Lost {
        /// The host.
        host: String,
        /// What was noticed.
        reason: String,
    },
    /// The SSH library refused an operation on a working connection.
    #[error("{host} refused to {attempt}: {}", source.message())]
    Ssh {
        /// The host.
        host: String,
        /// What was attempted.
        attempt: &'static str,
        /// What the SSH library said.
        source: ssh2::Error,
    },
    /// A command cannot be sent.
    #[error("the command {program:?} {problem}")]
    BadCommand {
        /// Its program.
        program: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A command wrote more than is kept.
    #[error("the command {program:?} on {host} wrote more than {limit} bytes")]
    TooMuchOutput {
        /// The host.
        host: String,
        /// Its program.
        program: String,
        /// What is kept.
        limit: usize,
    },
    /// A command did not end in time. It may still do so: that is not known.
    #[error("{command} on {host} did not end within {} s", after.as_secs())]
    Silent {
        /// The command, or what it does.
        command: String,
        /// The host.
        host: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// A command that had to succeed did not.
    #[error("{attempt} on {host} failed ({status}){}", said(message))]
    Failed {
        /// The host.
        host: String,
        /// What was attempted.
        attempt: String,
        /// How the command ended.
        status: super::ExitStatus,
        /// What it wrote to standard error, shortened.
        message: String,
    },
    /// There is nothing to download.
    #[error("{path} does not exist on {host}")]
    Missing {
        /// The host.
        host: String,
        /// The path there.
        path: String,
    },
    /// A name cannot be transferred.
    #[error("the name {name:?} {problem}")]
    BadName {
        /// The name.
        name: String,
        /// Why not.
        problem: &'static str,
    },
    /// A local file, link or folder is in the way of a download and is not an older one.
    #[error("{} is in the way and is not an older download", path.display())]
    Occupied {
        /// The local path.
        path: PathBuf,
    },
    /// Another process downloads into the same folder.
    #[error("another download into {} is going on", path.display())]
    Busy {
        /// The local folder.
        path: PathBuf,
    },
    /// A file changed while it was read.
    #[error("{path} changed while it was transferred")]
    Changed {
        /// Its path, here or on the host.
        path: String,
    },
    /// What arrived is not what was sent.
    #[error("{path} did not arrive as it was sent: the SHA-256 differs")]
    Damaged {
        /// The file.
        path: String,
    },
    /// Another part of the work failed, which has the reason.
    #[doc(hidden)]
    #[error("stopped")]
    Stopped,
    /// A file here could not be read or written.
    #[error("cannot {attempt} {}: {source}", path.display())]
    Local {
        /// What was attempted, worded to stand before the path.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The work was cancelled.
    #[error("interrupted")]
    Cancelled,
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

impl RemoteError {
    /// Whether the connection is gone or was never made because the network is in the way: the same may
    /// succeed over a new [`Connection`](super::Connection) later.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::Lost { .. }
                | Self::Timeout { .. }
                | Self::Unresolved { .. }
                | Self::Connect { .. }
        )
    }

    /// What the user can do about it, for a `help:` line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoHost => {
                "set host under [remote] in config.toml, or the environment variable COSMOS_REMOTE_HOST".into()
            }
            Self::Jump { .. } => {
                "forward a port with `ssh -L` and set host and port in [remote] to its end here".into()
            }
            Self::Unresolved { .. } => "check host in [remote] and your network".into(),
            Self::Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
                "check host and port in [remote], and that the machine runs an SSH server".into()
            }
            Self::Connect { .. } | Self::Timeout { .. } => {
                "check host and port in [remote], that the machine is on, and that no firewall is in between"
                    .into()
            }
            Self::UnknownHost { port, name, .. } => format!(
                "compare the fingerprint with the provider's, then run `ssh -p {port} {name}` once, \
                 or set host_key_policy = \"accept-new\" in [remote]"
            ),
            Self::HostKeyChanged {
                host, known_hosts, ..
            } => format!(
                "somebody may be listening in; if the machine was set up anew, run \
                 `ssh-keygen -f {} -R {host}`",
                known_hosts.display()
            ),
            Self::NoKey { .. } => "set ssh_key in [remote], or add a key to the SSH agent".into(),
            Self::NoPassphrase { .. } | Self::WrongPassphrase { .. } => {
                "set COSMOS_SSH_PASSPHRASE, or add the key to the agent with `ssh-add`".into()
            }
            Self::Denied { .. } => {
                "check user and ssh_key in [remote], and authorized_keys on the host".into()
            }
            Self::Occupied { .. } => "move it away, or choose another folder".into(),
            Self::Busy { .. } => "wait until it is done".into(),
            Self::Changed { .. } | Self::Damaged { .. } => {
                "run again when nothing writes to the file any more".into()
            }
            Self::Failed { message, .. } if message.contains("No space left on device") => {
                "the disk of the host is full: free some space there and run again".into()
            }
            Self::Lost { .. } => "run the same command again to go on".into(),
            Self::Silent { .. } => {
                "look there whether Docker or a disk hangs (docker ps, df), then run the same command again; \
                 a host that is only slow needs a larger answer_timeout in [remote]"
                    .into()
            }
            Self::Local { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "the disk is full: free some space and run again".into()
            }
            _ => return None,
        };
        Some(hint)
    }
}
