//! A real OpenSSH server on loopback with keys, port and settings of its own, as any user.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// The server. It ends, with its connections, when this is dropped.
pub struct Sshd {
    dir: TempDir,
    server: Child,
    port: u16,
}

impl Sshd {
    /// Starts a server that lets the current user in with [`key`](Self::key).
    pub fn start() -> Self {
        Self::launch("", None)
    }

    /// The same with lines for `sshd_config` on top.
    pub fn with_settings(settings: &str) -> Self {
        Self::launch(settings, None)
    }

    /// The same, with a disk of `size` on the folder [`disk`](Self::disk), which only the server sees.
    pub fn with_small_disk(size: &str) -> Self {
        Self::launch("", Some(size))
    }

    fn launch(settings: &str, disk_size: Option<&str>) -> Self {
        let dir = TempDir::new().unwrap();
        let path = |name: &str| dir.path().join(name);
        let home = path("home/.ssh");
        fs::create_dir_all(&home).unwrap();
        for key in ["host_ed25519", "host_rsa", "home/.ssh/id"] {
            let kind = if key.ends_with("rsa") {
                "rsa"
            } else {
                "ed25519"
            };
            make_key(&path(key), kind, "");
        }
        fs::copy(path("home/.ssh/id.pub"), path("authorized_keys")).unwrap();
        if is_root() {
            // Where sshd started by root locks its unprivileged child in.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let port = free_port();
        let folder = dir.path().display();
        let config = format!(
            "{settings}\n\
             Port {port}\n\
             ListenAddress 127.0.0.1\n\
             HostKey {folder}/host_ed25519\n\
             HostKey {folder}/host_rsa\n\
             AuthorizedKeysFile {folder}/authorized_keys\n\
             PidFile none\n\
             StrictModes no\n\
             UsePAM no\n\
             PasswordAuthentication no\n\
             KbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\n\
             MaxStartups 100\n\
             SetEnv HOME={folder}/home\n\
             Subsystem sftp internal-sftp\n"
        );
        fs::write(path("sshd_config"), config).unwrap();
        let log = fs::File::create(path("sshd.log")).unwrap();
        fs::create_dir(path("disk")).unwrap();
        let mut command = match disk_size {
            None => Command::new(SSHD),
            Some(size) => on_small_disk(size, &path("disk")),
        };
        let server = command
            .arg("-D")
            .arg("-e")
            .arg("-f")
            .arg(path("sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {SSHD} (run scripts/setup.sh --tests): {e}"));
        let mut sshd = Self { dir, server, port };
        sshd.wait_until_it_listens();
        sshd.trust(port);
        sshd
    }

    /// Takes no further connections. Those that are open stay so.
    pub fn stop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// How often somebody was let in.
    pub fn logins(&self) -> usize {
        self.log().matches("Accepted publickey").count()
    }

    fn wait_until_it_listens(&mut self) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.server.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < end,
                "sshd does not listen: {}",
                fs::read_to_string(self.path("sshd.log")).unwrap()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A file beside the server's settings.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A home folder whose `.ssh/known_hosts` knows the server.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The private key that the server lets in.
    pub fn key(&self) -> PathBuf {
        self.path("home/.ssh/id")
    }

    /// See [`with_small_disk`](Self::with_small_disk).
    pub fn disk(&self) -> PathBuf {
        self.path("disk")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("sshd.log")).unwrap()
    }

    /// The public key of the server: type and base64.
    pub fn host_key(&self, kind: &str) -> String {
        let line = fs::read_to_string(self.path(format!("host_{kind}.pub"))).unwrap();
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        words.join(" ")
    }

    /// Makes the server known under another port too, such as that of a relay.
    pub fn trust(&self, port: u16) {
        let file = self.home().join(".ssh/known_hosts");
        let mut lines = fs::read_to_string(&file).unwrap_or_default();
        lines.push_str(&format!(
            "[127.0.0.1]:{port} {}\n",
            self.host_key("ed25519")
        ));
        fs::write(file, lines).unwrap();
    }

    /// The section `[remote]` of a `config.toml` for a server on `port`.
    pub fn settings(&self, port: u16) -> String {
        format!(
            "[remote]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{}\"\nssh_key = \"{}\"\n",
            user(),
            self.key().display()
        )
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // Ended already, then.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A command that runs the server where a disk of `size` is mounted on `disk`.
fn on_small_disk(size: &str, disk: &Path) -> Command {
    let mut command = Command::new("unshare");
    let is_root = is_root();
    command
        .arg(if is_root { "-m" } else { "-rm" })
        .args(["sh", "-c"])
        .arg("mount -t tmpfs -o size=\"$1\" none \"$2\" && shift 2 && exec \"$@\"")
        .args(["sh", size])
        .arg(disk);
    if !is_root {
        // Mounting takes a root of one's own, which the server must not believe to be.
        let id = |flag| output_of(Command::new("id").arg(flag));
        command
            .args(["unshare", "--user"])
            .arg(format!("--map-user={}", id("-u")))
            .arg(format!("--map-group={}", id("-g")));
    }
    command.arg(SSHD);
    command
}

fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes a key pair at `path` and `path.pub`, encrypted unless `passphrase` is empty.
pub fn make_key(path: &Path, kind: &str, passphrase: &str) {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"])
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The user that runs the tests.
pub fn user() -> String {
    output_of(Command::new("id").arg("-un"))
}

fn is_root() -> bool {
    user() == "root"
}
