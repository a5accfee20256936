//! The keys that hosts are known by: files in the format of `sshd(8)`.
//!
//! Understands names with patterns and ports, hashed names, and `@revoked`; lines with `@cert-authority` and
//! lines that make no sense are passed over, as OpenSSH does. What stands for a port other than 22 decides alone;
//! only where nothing does, the name without its port can confirm a key. A key that is revoked under either name
//! is refused, where OpenSSH asks only for the first. A file is only ever appended to.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use cosmos_core::files;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::pattern::any_matches;
use super::{HostKeyPolicy, RemoteError, Target};

/// What is known about one host.
pub struct Known {
    keys: Vec<Entry>,
}

pub struct Entry {
    file: PathBuf,
    line: usize,
    revoked: bool,
    /// Whether it stands for the host and its port; one for the name alone can only confirm.
    names_port: bool,
    key_type: String,
    key: Vec<u8>,
}

/// Reads what the target's files say about it.
pub fn read(target: &Target) -> Result<Known, RemoteError> {
    let mut keys = Vec::new();
    for path in &target.known_hosts {
        let text = match files::read(path, files::MAX_TEXT) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                continue;
            }
            Err(source) => {
                return Err(RemoteError::Local {
                    attempt: "read the known hosts in",
                    path: path.clone(),
                    source,
                });
            }
        };
        keys.extend(entries(&text, path, target));
    }
    Ok(Known { keys })
}

/// The entries about `target` in `text`, which is that of `file`.
pub fn entries(text: &str, file: &Path, target: &Target) -> impl Iterator<Item = Entry> {
    let lines = (1..).zip(text.lines());
    lines.filter_map(|(number, line)| parse(line, number, file, target))
}

/// The entry on a line, if there is one and it is about `target`.
fn parse(line: &str, number: usize, file: &Path, target: &Target) -> Option<Entry> {
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut names = words.next().filter(|word| !word.starts_with('#'))?;
    let revoked = names == "@revoked";
    if revoked {
        names = words.next()?;
    } else if names.starts_with('@') {
        return None;
    }
    let names_port = is_named(names, &target.known_as());
    let is_named = || {
        target
            .known_without_port()
            .is_some_and(|name| is_named(names, &name))
    };
    if !names_port && !is_named() {
        return None;
    }
    let word = words.next()?;
    let key = STANDARD.decode(words.next()?).ok()?;
    let key_type = type_of(&key);
    is_word_for(word, &key_type).then(|| Entry {
        file: file.to_owned(),
        line: number,
        revoked,
        names_port,
        key_type,
        key,
    })
}

/// Whether `word` on a line stands for keys of `key_type`, as OpenSSH reads it: their type, or one of its signatures.
fn is_word_for(word: &str, key_type: &str) -> bool {
    word == key_type || (key_type == "ssh-rsa" && matches!(word, "rsa-sha2-256" | "rsa-sha2-512"))
}

/// Whether the first word of a line stands for `host`: patterns, or `|1|salt|HMAC-SHA1 of the host`.
fn is_named(names: &str, host: &str) -> bool {
    /// The length of a salt: that of SHA-1.
    const SALT: usize = 20;
    if !names.starts_with('|') {
        let names = names.to_lowercase();
        return any_matches(names.split(','), host);
    }
    let hashed = names
        .strip_prefix("|1|")
        .and_then(|rest| rest.split_once('|'));
    let Some((salt, hash)) = hashed else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else {
        return false;
    };
    salt.len() == SALT
        && Hmac::<Sha1>::new_from_slice(&salt)
            .is_ok_and(|hmac| hmac.chain_update(host).verify_slice(&hash).is_ok())
}

impl Known {
    /// The entries that decide about a key: those with the port if there are any.
    fn deciding(&self) -> impl Iterator<Item = &Entry> {
        let trusted = || self.keys.iter().filter(|known| !known.revoked);
        let with_port = trusted().any(|known| known.names_port);
        trusted().filter(move |known| known.names_port == with_port)
    }

    /// The signature algorithms for the keys that are known, so that the host shows one of those.
    pub fn preferred_algorithms(&self) -> Vec<String> {
        let mut algorithms = Vec::new();
        for entry in self.deciding() {
            let names: &[&str] = match entry.key_type.as_str() {
                "ssh-rsa" => &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
                other => &[other],
            };
            algorithms.extend(names.iter().map(|&name| name.to_owned()));
        }
        algorithms
    }

    /// Whether the host may be trusted that shows `key`; a new one is stored if the target says so.
    pub fn check(&self, target: &Target, key: &[u8]) -> Result<(), RemoteError> {
        let key_type = type_of(key);
        let host = target.known_as();
        if let Some(revoked) = self
            .keys
            .iter()
            .find(|known| known.revoked && known.key == key)
        {
            return Err(RemoteError::HostKeyRevoked {
                host,
                fingerprint: fingerprint(key),
                known_hosts: revoked.file.clone(),
                line: revoked.line,
            });
        }
        if self.deciding().any(|known| known.key == key) {
            return Ok(());
        }
        // Of the same type if there is one: that is the key it took the place of.
        let mut others: Vec<&Entry> = self.deciding().filter(|known| known.names_port).collect();
        others.sort_by_key(|known| known.key_type != key_type);
        if let Some(known) = others.first() {
            return Err(RemoteError::HostKeyChanged {
                host,
                found: format!("{key_type} {}", fingerprint(key)),
                known: format!("{} {}", known.key_type, fingerprint(&known.key)),
                known_hosts: known.file.clone(),
                line: known.line,
            });
        }
        let file = target.known_hosts.first().cloned().unwrap_or_default();
        match target.host_key_policy {
            HostKeyPolicy::Strict => Err(RemoteError::UnknownHost {
                host,
                key_type,
                fingerprint: fingerprint(key),
                port: target.port,
                name: target.host.clone(),
            }),
            HostKeyPolicy::AcceptNew => {
                tracing::info!("{host} is new: its key is {key_type} {}", fingerprint(key));
                append(&file, &format!("{host} {}\n", public_key(key))).map_err(|source| {
                    RemoteError::Local {
                        attempt: "store the host key in",
                        path: file.clone(),
                        source,
                    }
                })
            }
        }
    }
}

/// A public key in its wire form as OpenSSH's files have it: its type and base64.
pub fn public_key(key: &[u8]) -> String {
    format!("{} {}", type_of(key), STANDARD.encode(key))
}

/// Adds a line in one write, so that lines of two processes do not mix.
fn append(file: &Path, line: &str) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(folder) = file.parent().filter(|folder| !folder.exists()) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let ends_in_line = match files::read(file, files::MAX_TEXT) {
        Ok(bytes) => bytes.last().is_none_or(|byte| *byte == b'\n'),
        Err(_) => true,
    };
    let line = if ends_in_line {
        line.to_owned()
    } else {
        format!("\n{line}")
    };
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// The type at the start of a key's wire form (RFC 4253, section 6.6): a length of four bytes and a name.
fn type_of(key: &[u8]) -> String {
    let name = key.split_first_chunk::<4>().and_then(|(length, rest)| {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        std::str::from_utf8(rest.get(..length)?).ok()
    });
    name.unwrap_or("unknown").to_owned()
}

/// A key's fingerprint as OpenSSH prints it.
fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}
