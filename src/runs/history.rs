//! `run_history.log`: a line for every run, whatever became of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::RunError;
use crate::specs::ExecutionStatus;

/// The name of the file.
const FILE: &str = "run_history.log";

/// A line of the history.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The run's id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The host.
    pub host: &'a str,
    /// How far it came.
    pub status: ExecutionStatus,
    /// How long it took this time.
    pub took: Duration,
    /// Where the result is, or what went wrong.
    pub remark: &'a str,
}

impl Line<'_> {
    /// Appends the line to the history in the folder `notes`, which is made if it is not there.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn append(&self, notes: &Path) -> Result<(), RunError> {
        let path = notes.join(FILE);
        let seconds = self.took.as_secs();
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        // One line, and one that splits at its tabs, whatever is in the texts.
        let plain = |text: &str| text.replace(|c: char| c.is_control(), " ");
        let line = format!(
            "{now}\t{}\t{}\t{}\t{}\t{seconds} s\t{}\n",
            self.id,
            plain(self.name),
            plain(self.host),
            self.status,
            plain(self.remark),
        );
        fs::create_dir_all(notes)
            .and_then(|()| append(&path, line))
            .map_err(|source| RunError::Io {
                attempt: "write",
                path,
                source,
            })
    }
}

/// Appends `line` in one write, and on a line of its own where a full disk has cut the one before.
fn append(path: &Path, mut line: String) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.create(true).append(true).read(true).open(path)?;
    let mut last = [b'\n'];
    if let Some(at) = file.metadata()?.len().checked_sub(1) {
        file.read_exact_at(&mut last, at)?;
    }
    if last != *b"\n" {
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_is_one_line() {
        let dir = tempfile::tempdir().unwrap();
        let notes = dir.path().join("notes");
        for (status, remark) in [
            (ExecutionStatus::Failed, "boom\nbang"),
            (ExecutionStatus::Completed, "outputs/a"),
        ] {
            let line = Line {
                id: "rs_1",
                name: "a\tb",
                host: "gpu01",
                status,
                took: Duration::from_secs(61),
                remark,
            };
            line.append(&notes).unwrap();
        }
        // As a full disk leaves it.
        append(&notes.join(FILE), "cut".into()).unwrap();
        append(&notes.join(FILE), "whole\n".into()).unwrap();
        let text = fs::read_to_string(notes.join(FILE)).unwrap();
        let text = text.strip_suffix("cut\nwhole\n").unwrap();
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0][1..],
            ["rs_1", "a b", "gpu01", "failed", "61 s", "boom bang"]
        );
        assert_eq!(lines[1][4], "completed");
    }
}
