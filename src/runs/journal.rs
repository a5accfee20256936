//! How far a run is, as lines of JSON beside its file: each is on disk before what it announces begins.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RunError, Step};
use crate::files;
use crate::specs::Model;
use crate::staging::disk;

/// What happened to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// A process took it up.
    Started {
        /// The host.
        host: String,
        /// The checkout there.
        remote_dir: String,
        /// The generation of models.
        model: Model,
    },
    /// The videos are on their way.
    Uploading,
    /// The container is being made.
    Starting {
        /// Which job.
        step: Step,
        /// The container's name.
        container: String,
        /// What it is made from.
        digest: String,
    },
    /// The container runs.
    Running {
        /// Which job.
        step: Step,
    },
    /// The job has written its video.
    Finished {
        /// Which job.
        step: Step,
    },
    /// The results are on their way.
    Downloading,
    /// Everything that was asked for is here.
    Completed,
    /// It ended without.
    Failed {
        /// Where.
        step: Step,
        /// Why.
        message: String,
    },
    /// It ended without, because a guardrail objected.
    Blocked {
        /// Where.
        step: Step,
        /// To what.
        message: String,
    },
    /// The job goes on without this process.
    Left {
        /// Which job.
        step: Step,
    },
}

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written, in UTC (RFC 3339).
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub state: State,
}

/// The journal of a run, and the right to carry it out: while it is open, no other process can open it.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Journal {
    /// Where the journal of the run in the file `spec` lies.
    #[must_use]
    pub fn path_of(spec: &Path) -> PathBuf {
        spec.with_extension("journal")
    }

    /// Opens the journal of the run in the file `spec`, called `run` in messages.
    ///
    /// # Errors
    /// [`RunError::InUse`] while another process has it, and [`RunError::Io`].
    pub fn open(spec: &Path, run: &str) -> Result<Self, RunError> {
        let path = Self::path_of(spec);
        let failed = |attempt| {
            let path = path.clone();
            move |source| RunError::Io {
                attempt,
                path,
                source,
            }
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .map_err(failed("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RunError::InUse { run: run.into() });
            }
            // A file system without locks, which is no reason not to work.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed("lock")(error)),
        }
        let text = files::read(&path, files::MAX_TEXT).map_err(failed("read"))?;
        if text.is_empty()
            && let Some(folder) = path.parent()
        {
            disk::flush_folder(folder);
        }
        let mut journal = Self {
            file,
            entries: parse(&text),
            path,
        };
        if text.last().is_some_and(|&last| last != b'\n') {
            // Whoever wrote that was killed in the middle of a line.
            journal.append("\n")?;
        }
        Ok(journal)
    }

    /// What the journal of the run in the file `spec` says, whoever has it; nothing if there is none.
    #[must_use]
    pub fn read(spec: &Path) -> Vec<Entry> {
        files::read(&Self::path_of(spec), files::MAX_TEXT)
            .map_or_else(|_| Vec::new(), |text| parse(&text))
    }

    /// Writes down what happens now, for good.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn note(&mut self, state: State) -> Result<(), RunError> {
        let time = Timestamp::now().to_string();
        let entry = Entry { time, state };
        let line = serde_json::to_string(&entry).map_err(|error| RunError::Io {
            attempt: "write",
            path: self.path.clone(),
            source: error.into(),
        })?;
        self.append(&format!("{line}\n"))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Whether the latest container of `step` is one made from `digest` whose failure or block was told already.
    #[must_use]
    pub fn has_told_failure(&self, step: Step, digest: &str) -> bool {
        let started = self.entries.iter().rposition(
            |entry| matches!(&entry.state, State::Starting { step: of, .. } if *of == step),
        );
        let Some((start, after)) = started.and_then(|at| self.entries.get(at..)?.split_first())
        else {
            return false;
        };
        matches!(&start.state, State::Starting { digest: of, .. } if of == digest)
            && after.iter().any(|entry| {
                matches!(
                    &entry.state,
                    State::Failed { step: of, .. } | State::Blocked { step: of, .. } if *of == step
                )
            })
    }

    fn append(&mut self, text: &str) -> Result<(), RunError> {
        let length = self.file.metadata().map(|metadata| metadata.len());
        let written = self
            .file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data());
        if written.is_err()
            && let Ok(length) = length
        {
            // Half a line on a full disk would spoil the next one. Where it stays, so does that line.
            let _ = self.file.set_len(length);
        }
        written.map_err(|source| RunError::Io {
            attempt: "write",
            path: self.path.clone(),
            source,
        })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Closing alone leaves the lock to a child that is just being started, which has the file for a moment too.
        let _ = self.file.unlock();
    }
}

/// The entries in `text`; a line that was not finished is none.
fn parse(text: &[u8]) -> Vec<Entry> {
    text.split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn starting(digest: &str) -> State {
        State::Starting {
            step: Step::Inference,
            container: "cosmos_a".into(),
            digest: digest.into(),
        }
    }

    fn failed(step: Step) -> State {
        State::Failed {
            step,
            message: "x".into(),
        }
    }

    fn blocked(step: Step) -> State {
        State::Blocked {
            step,
            message: "x".into(),
        }
    }

    #[test]
    fn what_was_noted_is_there_after_a_crash_in_the_middle_of_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let spec = dir.path().join("run.json");
        let mut journal = Journal::open(&spec, "a").unwrap();
        journal.note(State::Uploading).unwrap();
        journal.note(starting("d1")).unwrap();
        drop(journal);
        let path = dir.path().join("run.journal");
        let mut text = fs::read(&path).unwrap();
        text.extend(br#"{"time": "2025-01-01T0"#);
        fs::write(&path, text).unwrap();
        let mut journal = Journal::open(&spec, "a").unwrap();
        journal.note(State::Completed).unwrap();
        let states: Vec<State> = Journal::read(&spec).into_iter().map(|e| e.state).collect();
        assert_eq!(states, [State::Uploading, starting("d1"), State::Completed]);
    }

    #[test]
    fn only_one_can_have_it() {
        let dir = tempfile::tempdir().unwrap();
        let spec = dir.path().join("run.json");
        let first = Journal::open(&spec, "a").unwrap();
        assert!(matches!(
            Journal::open(&spec, "a"),
            Err(RunError::InUse { .. })
        ));
        drop(first);
        Journal::open(&spec, "a").unwrap();
    }

    #[test]
    fn a_failure_is_told_once() {
        for (states, told) in [
            (vec![], false),
            (vec![starting("d1")], false),
            (vec![starting("d1"), failed(Step::Inference)], true),
            (vec![starting("d1"), blocked(Step::Inference)], true),
            (vec![starting("d1"), blocked(Step::Upscaling)], false),
            (vec![starting("d1"), failed(Step::Download)], false),
            (vec![starting("d2"), failed(Step::Inference)], false),
            (
                vec![starting("d1"), failed(Step::Inference), starting("d1")],
                false,
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let mut journal = Journal::open(&dir.path().join("run.json"), "a").unwrap();
            for state in &states {
                journal.note(state.clone()).unwrap();
            }
            assert_eq!(
                journal.has_told_failure(Step::Inference, "d1"),
                told,
                "{states:?}"
            );
        }
    }
}
