//! Who we are to the host: keys in files and in the SSH agent.
//!
//! A key file that needs no passphrase comes first, then the agent, then an encrypted key file. Only public
//! keys; no passwords, which no unattended run could type.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cosmos_core::files;
use cosmos_core::progress::Cancel;
use ssh2::ErrorCode;

use super::dialogue::Limit;
use super::ssh::{Ended, Ssh};
use super::{RemoteError, Target};

/// The key that the host has let in.
pub(super) enum Identity {
    /// That of a file which needs no passphrase.
    KeyFile(PathBuf),
    /// That of a file which needs one.
    EncryptedKeyFile,
    /// One of the agent's.
    Agent {
        /// Its public half in wire form.
        public_key: Vec<u8>,
    },
}

/// Environment variable with the passphrase of the key file.
pub const PASSPHRASE_VARIABLE: &str = "COSMOS_SSH_PASSPHRASE";

/// Answers with the passphrase of a key file, or with nothing.
type Prompt = dyn Fn(&Path) -> Option<String> + Send + Sync;

/// Answers for a passphrase. Keeps those that were typed in, so that a reconnection asks nobody.
pub struct Login {
    passphrase: Option<String>,
    prompt: Box<Prompt>,
    typed: Mutex<HashMap<PathBuf, String>>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

impl Login {
    /// `passphrase` opens encrypted key files; without one `prompt` is asked for it, given the key file.
    #[must_use]
    pub fn new(
        passphrase: Option<String>,
        prompt: impl Fn(&Path) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            passphrase: passphrase.filter(|text| !text.is_empty()),
            prompt: Box::new(prompt),
            typed: Mutex::default(),
        }
    }

    /// The passphrase in `COSMOS_SSH_PASSPHRASE`, or else what `prompt` answers.
    #[must_use]
    pub fn of_process(prompt: impl Fn(&Path) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::new(std::env::var(PASSPHRASE_VARIABLE).ok(), prompt)
    }

    pub(super) fn log_in(
        &self,
        connection: &Ssh,
        target: &Target,
        cancel: &Cancel,
    ) -> Result<Identity, RemoteError> {
        let attempt = Attempt {
            connection,
            target,
            limit: || Limit::within(target.connect_timeout, "login", cancel),
        };
        let mut tried = Vec::new();
        let mut encrypted = Vec::new();
        for path in &target.keys {
            let key = match files::read_text(path) {
                Ok(key) => key,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => {
                    return Err(RemoteError::Key {
                        path: path.clone(),
                        problem: e.to_string(),
                    });
                }
            };
            if is_encrypted(&key) {
                encrypted.push((path, key));
                continue;
            }
            tried.push(path.display().to_string());
            if attempt.with_key(path, &key, None)? {
                return Ok(Identity::KeyFile(path.clone()));
            }
        }
        if let Some(public_key) = attempt.with_agent(&mut tried)? {
            return Ok(Identity::Agent { public_key });
        }
        for (path, key) in &encrypted {
            let passphrase = self.passphrase_of(path)?;
            tried.push(path.display().to_string());
            if attempt.with_key(path, key, Some(&passphrase))? {
                self.typed().insert(path.to_path_buf(), passphrase);
                return Ok(Identity::EncryptedKeyFile);
            }
        }
        if tried.is_empty() {
            return Err(RemoteError::NoKey {
                host: target.name.clone(),
                key: target.keys.first().cloned().unwrap_or_default(),
            });
        }
        Err(RemoteError::Denied {
            host: target.name.clone(),
            user: target.user.clone(),
            tried: tried.join(", "),
        })
    }

    fn typed(&self) -> MutexGuard<'_, HashMap<PathBuf, String>> {
        self.typed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn passphrase_of(&self, path: &Path) -> Result<String, RemoteError> {
        let known = self.passphrase.clone();
        known
            .or_else(|| self.typed().get(path).cloned())
            .or_else(|| (self.prompt)(path))
            .ok_or_else(|| RemoteError::NoPassphrase {
                path: path.to_owned(),
            })
    }
}

/// One login, key after key.
struct Attempt<'a, L> {
    connection: &'a Ssh,
    target: &'a Target,
    limit: L,
}

impl<'c, L: Fn() -> Limit<'c>> Attempt<'_, L> {
    /// Whether the host lets the key in.
    fn with_key(
        &self,
        path: &Path,
        key: &str,
        passphrase: Option<&str>,
    ) -> Result<bool, RemoteError> {
        let session = self.connection.session();
        let result = self.connection.wait((self.limit)(), || {
            session.userauth_pubkey_memory(&self.target.user, None, key, passphrase)
        });
        match result {
            Ok(()) => Ok(session.authenticated()),
            Err(Ended::Other(error)) => Err(*error),
            Err(Ended::Ssh(e)) => match e.code() {
                ErrorCode::Session(AUTHENTICATION_FAILED | PUBLICKEY_UNVERIFIED) => Ok(false),
                _ if passphrase.is_some() => Err(RemoteError::WrongPassphrase {
                    path: path.to_owned(),
                }),
                _ => Err(RemoteError::Key {
                    path: path.to_owned(),
                    problem: e.message().to_owned(),
                }),
            },
        }
    }

    /// The public half of the agent's key that the host lets in. No agent is as good as an empty one.
    fn with_agent(&self, tried: &mut Vec<String>) -> Result<Option<Vec<u8>>, RemoteError> {
        /// OpenSSH ends the connection after six keys (`MaxAuthTries`), and files may have used some.
        const MOST: usize = 4;
        let Ok(mut agent) = self.connection.session().agent() else {
            return Ok(None);
        };
        if agent.connect().is_err() || agent.list_identities().is_err() {
            return Ok(None);
        }
        for identity in agent.identities().unwrap_or_default().iter().take(MOST) {
            tried.push(format!("{} from the agent", identity.comment()));
            let result = self.connection.wait((self.limit)(), || {
                agent.userauth(&self.target.user, identity)
            });
            match result {
                Ok(()) => return Ok(Some(identity.blob().to_vec())),
                Err(Ended::Other(error)) => return Err(*error),
                Err(Ended::Ssh(_)) => {}
            }
        }
        Ok(None)
    }
}

/// `LIBSSH2_ERROR_AUTHENTICATION_FAILED`.
const AUTHENTICATION_FAILED: i32 = -18;
/// `LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED`.
const PUBLICKEY_UNVERIFIED: i32 = -19;

/// Whether a private key needs a passphrase: PEM says so in its head, OpenSSH's format names its cipher after
/// the magic bytes `openssh-key-v1\0` (`PROTOCOL.key`).
fn is_encrypted(key: &str) -> bool {
    if key.contains("BEGIN ENCRYPTED PRIVATE KEY") || key.contains("Proc-Type: 4,ENCRYPTED") {
        return true;
    }
    let mut lines = key.lines().map(str::trim);
    if !lines.any(|line| line == "-----BEGIN OPENSSH PRIVATE KEY-----") {
        return false;
    }
    let body: String = lines.take_while(|line| !line.starts_with('-')).collect();
    let Ok(bytes) = STANDARD.decode(body) else {
        return false;
    };
    bytes
        .strip_prefix(b"openssh-key-v1\0")
        .is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
}
