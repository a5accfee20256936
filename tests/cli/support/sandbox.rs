//! A folder of its own for every test, and the binary run in it with a clean environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

const COSMOS: &str = env!("CARGO_BIN_EXE_cosmos");

/// Arguments of a command: a line as a shell reads it, or a list.
pub trait Arguments {
    fn list(self) -> Vec<OsString>;
}

impl Arguments for &str {
    fn list(self) -> Vec<OsString> {
        let words = shlex::split(self).unwrap();
        words.into_iter().map(OsString::from).collect()
    }
}

impl Arguments for &String {
    fn list(self) -> Vec<OsString> {
        self.as_str().list()
    }
}

impl<const N: usize> Arguments for [&OsStr; N] {
    fn list(self) -> Vec<OsString> {
        self.map(OsStr::to_owned).into()
    }
}

/// A throw-away folder that commands run in.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(relative)
    }

    /// The names in a folder of the sandbox, sorted.
    pub fn names_in(&self, folder: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The only folder in `inputs/videos`, where `prepare-inference` puts what it makes.
    pub fn prepared(&self) -> PathBuf {
        let names = self.names_in("inputs/videos");
        assert_eq!(names.len(), 1, "{names:?}");
        self.path("inputs/videos").join(&names[0])
    }

    /// `program` with the sandbox as its working folder and home, and nothing of the caller's environment.
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            // About 100 MB for each test.
            .env("COSMOS_AI_KEEP_GRAPHS", "false");
        command
    }

    /// The binary with `arguments`.
    pub fn cosmos(&self, arguments: impl Arguments) -> Command {
        let mut command = self.program(COSMOS);
        command.args(arguments.list());
        command
    }

    /// The binary with `arguments`, started by the shell script `script` as `"$@"`.
    pub fn cosmos_in_shell(&self, script: &str, arguments: impl Arguments) -> Command {
        let mut command = self.program("sh");
        command
            .args(["-c", script, "sh", COSMOS])
            .args(arguments.list());
        command
    }

    /// The binary without the rights by which root passes over permissions.
    pub fn cosmos_unprivileged(&self, arguments: impl Arguments) -> Command {
        if !is_root() {
            return self.cosmos(arguments);
        }
        let mut command = self.program("setpriv");
        command
            .args(["--bounding-set=-all", "--inh-caps=-all", "--", COSMOS])
            .args(arguments.list());
        command
    }

    /// The binary in a name space where `mount` may be called, after the shell script `mounts` and before
    /// the script `after`.
    pub fn cosmos_with_mounts(
        &self,
        mounts: &str,
        after: &str,
        arguments: impl Arguments,
    ) -> Command {
        let mut command = self.program("unshare");
        let script = format!("set -e; {mounts}; set +e; \"$@\"; code=$?; {after}; exit $code");
        command
            .arg(if is_root() { "-m" } else { "-rm" })
            .args(["sh", "-c", &script, "sh", COSMOS])
            .args(arguments.list());
        command
    }

    /// Runs the binary, which must succeed, change no file that was there, and leave nothing hidden.
    pub fn done(&self, arguments: impl Arguments) -> Assert {
        let before = self.tree();
        let run = self.cosmos(arguments).assert().code(0);
        let after = self.tree();
        for (path, entry) in &before {
            assert!(after.get(path) == Some(entry), "{path:?} was changed");
        }
        self.assert_no_leftovers();
        run
    }

    /// Runs the binary, which must end with `code`, say what can be done, and leave everything as it was.
    pub fn refused(&self, code: i32, arguments: impl Arguments) -> Assert {
        self.leaves_no_trace(code, &mut self.cosmos(arguments))
    }

    /// The same for a command that was put together elsewhere.
    pub fn leaves_no_trace(&self, code: i32, command: &mut Command) -> Assert {
        let before = self.tree();
        let run = command.assert().code(code);
        let said = run.err();
        assert!(!said.contains("panicked"), "{said}");
        let has_remedy = ["help:", "For more information, try"]
            .iter()
            .any(|word| said.contains(word));
        assert!(has_remedy, "no remedy in: {said}");
        let after = self.tree();
        assert!(
            before == after,
            "{arguments:?} left traces: {before:?} became {after:?}",
            arguments = command
        );
        run
    }

    pub fn assert_no_leftovers(&self) {
        for path in self.tree().keys() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_leftover = name.contains(".partial-") || name.contains(".lock-");
            assert!(!is_leftover, "{path:?} was left behind");
        }
    }

    /// Everything in the sandbox.
    pub fn tree(&self) -> BTreeMap<PathBuf, Entry> {
        let entries = WalkDir::new(self.0.path()).into_iter();
        entries
            .map(|entry| {
                let path = entry.unwrap().into_path();
                let entry = Entry::read(&path);
                (path, entry)
            })
            .collect()
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// What lies under a path.
#[derive(PartialEq, Eq)]
pub enum Entry {
    Folder,
    Link(PathBuf),
    File(Vec<u8>),
    Other,
}

impl Entry {
    fn read(path: &Path) -> Self {
        let kind = fs::symlink_metadata(path).unwrap().file_type();
        if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            Self::Link(fs::read_link(path).unwrap())
        } else if kind.is_file() {
            Self::File(fs::read(path).unwrap_or_default())
        } else {
            Self::Other
        }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder => write!(f, "folder"),
            Self::Link(target) => write!(f, "link to {target:?}"),
            Self::File(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Other => write!(f, "other"),
        }
    }
}

/// What a finished command said.
pub trait Said {
    fn out(&self) -> String;
    fn err(&self) -> String;
    /// Standard error has each of `parts`.
    fn warns(self, parts: &[&str]) -> Self;
    /// Standard output has each of `parts`.
    fn prints(self, parts: &[&str]) -> Self;
    /// Standard output is one JSON value and nothing else.
    fn json(&self) -> Value;
}

impl Said for Assert {
    fn out(&self) -> String {
        String::from_utf8(self.get_output().stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.get_output().stderr.clone()).unwrap()
    }

    fn warns(self, parts: &[&str]) -> Self {
        let said = self.err();
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
        self
    }

    fn prints(self, parts: &[&str]) -> Self {
        let said = self.out();
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
        self
    }

    fn json(&self) -> Value {
        let said = self.out();
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

/// A command that is run for its exit code.
pub trait Ends {
    fn assert_code(&mut self, code: i32) -> Assert;
}

impl Ends for Command {
    fn assert_code(&mut self, code: i32) -> Assert {
        self.assert().code(code)
    }
}
