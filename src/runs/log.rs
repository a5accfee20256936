//! The log of a job, written down as it comes, however often it has to be read again from its start.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Lines that are kept to be shown with an error.
const TAIL: usize = 15;

/// A log being written.
///
/// Docker tells a log from its start each time. What was told before is passed over, so that the file and
/// whoever watches get each line once.
#[derive(Debug)]
pub struct RunLog {
    file: Option<File>,
    path: PathBuf,
    lines: u64,
    passed_over: u64,
    tail: VecDeque<String>,
    failure: Option<io::Error>,
}

impl RunLog {
    /// Starts the log at `path` anew, and makes its folder. That it cannot be written is no reason to give up a
    /// job: it is kept for [`take_failure`](Self::take_failure).
    #[must_use]
    pub fn create(path: &Path) -> Self {
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        let (file, failure) = match parent.and_then(|()| File::create(path)) {
            Ok(file) => (Some(file), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            file,
            path: path.to_owned(),
            lines: 0,
            passed_over: 0,
            tail: VecDeque::new(),
            failure,
        }
    }

    /// The log is going to be told from its start again.
    pub fn from_start(&mut self) {
        self.passed_over = 0;
    }

    /// Takes the next line, and says whether it is new.
    pub fn push(&mut self, line: &str) -> bool {
        if self.passed_over < self.lines {
            self.passed_over += 1;
            return false;
        }
        self.passed_over += 1;
        self.lines += 1;
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(format!("{line}\n").as_bytes())
        {
            self.failure = Some(error);
            self.file = None;
        }
        true
    }

    /// The last lines.
    #[must_use]
    pub fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why the file could not be written, once.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_told_again_is_written_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/run.log");
        let mut log = RunLog::create(&path);
        let mut tell = |lines: &[&str]| {
            log.from_start();
            lines.iter().filter(|line| log.push(line)).count()
        };
        assert_eq!(tell(&["a", "b"]), 2);
        // The connection broke earlier this time.
        assert_eq!(tell(&["a"]), 0);
        assert_eq!(tell(&["a", "b", "b", "c"]), 2);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\nb\nc\n");
        assert_eq!(log.tail(), ["a", "b", "b", "c"]);
    }

    #[test]
    fn a_log_that_cannot_be_written_still_has_its_last_lines() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let mut log = RunLog::create(&file.join("run.log"));
        for number in 0..100 {
            log.push(&number.to_string());
        }
        assert!(log.take_failure().is_some());
        assert_eq!(log.tail().len(), TAIL);
        assert_eq!(log.tail().last().unwrap(), "99");
    }
}
