//! A real Docker engine of the tests' own, with the image of the stand-in for Cosmos.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The image of the stand-in.
pub const IMAGE: &str = "cosmos-stand-in:latest";

/// Starts and stops the engine as it is told on standard input, and clears up when that ends: with the process that
/// holds the other end, however that ends.
const KEEPER: &str = r#"
dir=$1 group=$2
# In a container the control groups have to be handed on before one can run in it.
if [ -e /sys/fs/cgroup/cgroup.type ] && [ -w /sys/fs/cgroup/cgroup.procs ]; then
    mkdir -p /sys/fs/cgroup/init
    for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$pid" >/sys/fs/cgroup/init/cgroup.procs || :; done
    sed 's/ / +/g; s/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control || :
fi 2>/dev/null
[ ! -e /.dockerenv ] || export container=docker
start() {
    dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" --host "unix://$dir/docker.sock" \
        --containerd-namespace "cosmos-$$" --containerd-plugins-namespace "cosmos-plugins-$$" --group "$group" \
        --iptables=false --ip6tables=false --bridge=none --ip-forward=false --ip-masq=false \
        --shutdown-timeout 1 >>"$dir/log" 2>&1 </dev/null &
    pid=$!
}
stop() {
    kill "$pid"
    wait "$pid"
    rm -f "$dir/docker.sock"
}
start
while read -r command; do "$command"; done
stop
rm -rf "$dir"
"#;

/// An engine that nobody else uses. It ends when this is dropped.
pub struct Engine {
    dir: PathBuf,
    keeper: Child,
    orders: Option<Mutex<ChildStdin>>,
}

/// The engine that all tests share which do not stop it. It ends with the process.
pub fn shared() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(Engine::start)
}

impl Engine {
    /// Starts an engine and imports the image.
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap().keep();
        let group = output(Command::new("id").arg("-g"));
        let mut command = if output(Command::new("id").arg("-u")) == "0" {
            Command::new("sh")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "sh"]);
            sudo
        };
        let path = std::env::var("PATH").unwrap_or_default();
        let mut keeper = command
            .args(["-c", KEEPER, "sh"])
            .arg(&dir)
            .arg(group)
            // Daemons lie where only root looks.
            .env("PATH", format!("{path}:/usr/local/sbin:/usr/sbin:/sbin"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = keeper.stdin.take().map(Mutex::new);
        let engine = Self {
            dir,
            keeper,
            orders,
        };
        engine.wait_until_up();
        engine.import(&[IMAGE]);
        engine
    }

    /// Makes an image with the script's arguments.
    pub fn import(&self, args: &[&str]) {
        let mut script = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT));
        let imported = script
            .args(args)
            .env("DOCKER_HOST", self.host())
            .output()
            .unwrap();
        assert!(imported.status.success(), "{imported:?}");
    }

    /// What `DOCKER_HOST` has to be.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.dir.display())
    }

    /// A `docker` command on this engine.
    pub fn docker(&self, args: &[&str]) -> Output {
        Command::new("docker")
            .args(args)
            .env("DOCKER_HOST", self.host())
            .output()
            .unwrap_or_else(|e| panic!("cannot run docker (run scripts/setup.sh --tests): {e}"))
    }

    /// Stops the engine, and with it all containers.
    pub fn stop(&self) {
        self.order("stop");
        self.wait_until(false);
    }

    /// Starts it again.
    pub fn start_again(&self) {
        self.order("start");
        self.wait_until_up();
    }

    fn order(&self, word: &str) {
        let orders = self.orders.as_ref().unwrap();
        let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(orders, "{word}").unwrap();
    }

    fn wait_until_up(&self) {
        self.wait_until(true);
    }

    fn wait_until(&self, up: bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.docker(&["version"]).status.success() != up {
            let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
            assert!(
                Instant::now() < end,
                "the engine does not {}: {log}",
                if up { "start" } else { "stop" }
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.orders = None;
        // Ended already, then.
        let _ = self.keeper.wait();
    }
}

/// The script that makes the image, and the files that a checkout has to have.
pub const SCRIPT: &str = "scripts/stand-in-image.sh";

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
