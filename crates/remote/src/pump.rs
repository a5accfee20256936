//! The system's `ssh` program as a second way to the host, for a large file on a fast network. On this machine, where
//! there is no way to go, it is the shell.
//!
//! libssh2 encrypts in steps of 16 bytes, which keeps a processor busy long before the network is; OpenSSH takes
//! a whole packet at a time, and reads and writes the file itself. The program asks nobody anything and trusts
//! nothing new: it goes to the address of the open [`Connection`], takes only the host key that was checked
//! there, logs in with the key that was let in there, and reads no settings of its own. Where it is not
//! installed, or not let in, the caller does without.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Child, ChildStderr, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use cosmos_core::progress::Cancel;
use rustix::event::{PollFd, PollFlags};
use rustix::io::ioctl_fionbio;
use tempfile::TempDir;

use super::connection::{Connection, Transport};
use super::dialogue::{ExitStatus, GLANCE, Output, Stream};
use super::local::shell;
use super::login::Identity;
use super::ssh::Ssh;
use super::wait::wait_for;
use super::{Command, RemoteError, known_hosts};

/// What the host says on standard error before the command starts, to show that it let us in.
const GREETING: &str = "cosmos-was-let-in";
/// The name of the host in our file of known hosts.
const ALIAS: &str = "cosmos-host";
/// What is read at once.
const BLOCK: usize = 4 << 10;
/// The code by which `ssh` tells its own failure, see `ssh(1)`.
const SSH_FAILED: i32 = 255;

/// The file that passes through, from the position on at which it stands. `ssh` moves that position.
pub enum Data {
    /// Read by the command as its standard input.
    Sent(File),
    /// Written by the command as its standard output.
    Received(File),
}

/// Runs `command` on the host of `connection` with `data` passing through `ssh`. Returns what else it wrote;
/// `None` if `ssh` cannot be had or is not let in, and nothing has moved. Calls `on_glance` several times a second once it
/// is let in.
///
/// # Errors
/// A lost connection; [`RemoteError::Cancelled`]; what `on_glance` returns, which ends the command.
pub fn pump(
    connection: &Connection,
    command: Command,
    data: Data,
    mut on_glance: impl FnMut() -> Result<(), RemoteError>,
    cancel: &Cancel,
) -> Result<Option<Output>, RemoteError> {
    let without = |why: &dyn std::fmt::Display| {
        tracing::debug!("no ssh program for the data: {why}");
        Ok(None)
    };
    let mut program = match Program::start(connection, command, data) {
        Ok(program) => program,
        Err(error) => return without(&error),
    };
    let lost = |error: io::Error| connection.lost(error.to_string());
    let target = connection.target();
    // For connecting, and for the login.
    let patience = Instant::now() + 2 * target.connect_timeout;
    let mut is_let_in = false;
    let mut asked = Instant::now();
    let mut output = Output::default();
    while program.stdout.is_some() || program.stderr.is_some() {
        if cancel.is_cancelled() {
            return Err(RemoteError::Cancelled);
        }
        if !is_let_in && Instant::now() > patience {
            return without(&"it was not let in in time");
        }
        if asked.elapsed() > target.keep_alive {
            // The open connection would otherwise be forgotten on the way, or found silent.
            connection.run_cancellable(&Command::new("true"), &[], cancel)?;
            asked = Instant::now();
        }
        program.wait().map_err(lost)?;
        program.listen(&mut output).map_err(lost)?;
        is_let_in = is_let_in || strip_greeting(&mut output.stderr);
        if is_let_in {
            on_glance()?;
        }
    }
    let status = program.child.wait().map_err(lost)?;
    if !is_let_in {
        return without(&last_line(&output.stderr));
    }
    on_glance()?;
    let is_ssh = matches!(connection.transport(), Transport::Ssh(_));
    output.status = match status.code() {
        None => return Err(connection.lost(last_line(&output.stderr))),
        Some(SSH_FAILED) if is_ssh => return Err(connection.lost(last_line(&output.stderr))),
        Some(code) => ExitStatus::Code(code),
    };
    Ok(Some(output))
}

/// Removes the greeting and what came before it; whether it was there.
fn strip_greeting(stderr: &mut Vec<u8>) -> bool {
    let greeting = format!("{GREETING}\n");
    let found = stderr
        .windows(greeting.len())
        .position(|window| window == greeting.as_bytes());
    if let Some(start) = found {
        stderr.drain(..start + greeting.len());
    }
    found.is_some()
}

fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    let last = last.unwrap_or("the ssh program ended");
    last.replace(char::is_control, " ")
}

/// The program at work. It ends when this is dropped.
struct Program {
    child: Child,
    /// `None` where it is the data, and once it has ended.
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// What `ssh` reads while it logs in.
    _folder: Option<TempDir>,
}

impl Program {
    fn start(connection: &Connection, command: Command, data: Data) -> io::Result<Self> {
        let line = Command::script("echo \"$1\" >&2")
            .arg(GREETING)
            .and(command);
        let line = line.to_shell().map_err(io::Error::other)?;
        let (stdin, stdout) = match data {
            Data::Sent(file) => (file.into(), Stdio::piped()),
            Data::Received(file) => (Stdio::null(), file.into()),
        };
        let (mut program, folder) = match connection.transport() {
            Transport::Local(_) => (shell(&line), None),
            Transport::Ssh(ssh) => {
                let folder = TempDir::new()?;
                let mut program = process::Command::new("ssh");
                program
                    .args(options(ssh, folder.path())?)
                    .args([ALIAS, &line])
                    // Ctrl-C in a terminal is for us to answer.
                    .process_group(0);
                (program, Some(folder))
            }
        };
        let mut child = program
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()?;
        let program = Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
            _folder: folder,
        };
        if let Some(stdout) = &program.stdout {
            ioctl_fionbio(stdout, true)?;
        }
        if let Some(stderr) = &program.stderr {
            ioctl_fionbio(stderr, true)?;
        }
        Ok(program)
    }

    /// Waits until there is something to read, or for a glance.
    fn wait(&self) -> io::Result<()> {
        let stdout = self.stdout.iter().map(|p| PollFd::new(p, PollFlags::IN));
        let stderr = self.stderr.iter().map(|p| PollFd::new(p, PollFlags::IN));
        let mut pipes: Vec<PollFd<'_>> = stdout.chain(stderr).collect();
        wait_for(&mut pipes, GLANCE).map(drop)
    }

    /// Reads what there is.
    fn listen(&mut self, output: &mut Output) -> io::Result<()> {
        let mut block = [0; BLOCK];
        output.keep(Stream::Stdout, read(&mut self.stdout, &mut block)?);
        output.keep(Stream::Stderr, read(&mut self.stderr, &mut block)?);
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended already, then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What makes the program go where `connection` went, and trust what it trusts. Files that it takes come to lie in
/// `folder`.
fn options(connection: &Ssh, folder: &Path) -> io::Result<Vec<OsString>> {
    let target = connection.target();
    let address = connection.peer_address()?;
    let mut options: Vec<OsString> = ["-F", "/dev/null", "-T", "-l"].map(Into::into).into();
    options.push(target.user.clone().into());
    let mut set = |key: &str, value: &str| {
        options.push("-o".into());
        options.push(format!("{key}={value}").into());
    };
    for (key, value) in [
        ("BatchMode", "yes"),
        ("CheckHostIP", "no"),
        // In front of the others: processors have instructions for it.
        ("Ciphers", "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"),
        ("GlobalKnownHostsFile", "/dev/null"),
        ("HostKeyAlias", ALIAS),
        ("LogLevel", "ERROR"),
        ("PreferredAuthentications", "publickey"),
        ("StrictHostKeyChecking", "yes"),
        ("UpdateHostKeys", "no"),
    ] {
        set(key, value);
    }
    set("HostName", &address.ip().to_string());
    set("Port", &address.port().to_string());
    let known_hosts = folder.join("known_hosts");
    fs::write(
        &known_hosts,
        format!(
            "{ALIAS} {}\n",
            known_hosts::public_key(&connection.host_key())
        ),
    )?;
    set("UserKnownHostsFile", plain(&known_hosts)?);
    set("IdentitiesOnly", "yes");
    set("ConnectTimeout", &seconds(target.connect_timeout));
    set("ServerAliveInterval", &seconds(target.keep_alive));
    match connection.identity() {
        Some(Identity::KeyFile(path)) => {
            set("IdentityAgent", "none");
            set("IdentityFile", plain(path)?);
        }
        Some(Identity::Agent { public_key }) => {
            let path = folder.join("key.pub");
            fs::write(&path, known_hosts::public_key(public_key))?;
            set("IdentityFile", plain(&path)?);
        }
        Some(Identity::EncryptedKeyFile) | None => {
            return Err(io::Error::other("it would ask for the passphrase"));
        }
    }
    Ok(options)
}

fn seconds(duration: Duration) -> String {
    duration.as_secs().max(1).to_string()
}

/// `path`, if `ssh` reads nothing else into it.
fn plain(path: &Path) -> io::Result<&str> {
    let text = path.to_str().filter(|text| {
        !text.contains(['"', '\'', '\\', '%', '$', '~', '#']) && !text.contains(char::is_whitespace)
    });
    text.ok_or_else(|| io::Error::other(format!("it would misread {}", path.display())))
}

/// What has come out of `pipe`, which is closed when it has ended.
fn read<'b>(pipe: &mut Option<impl Read>, block: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let Some(open) = pipe else {
        return Ok(&[]);
    };
    match open.read(block) {
        Ok(0) => {
            *pipe = None;
            Ok(&[])
        }
        Ok(length) => Ok(block.get(..length).unwrap_or_default()),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(&[])
        }
        Err(e) => Err(e),
    }
}
