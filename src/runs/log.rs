//! The log of a job, written down as it comes, however often it has to be read again from its start.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::cosmos::log::{bar_name, begins_launcher_report};
use crate::staging::{disk, rename_to_free_name};

/// Lines that are kept to be shown with an error.
const TAIL: usize = 15;
/// What is compared with an earlier log at once, in bytes.
const COMPARED: usize = 64 << 10;
/// The longest log that is kept, 1 GiB: a job that writes more would fill the disk for nothing.
const LONGEST: u64 = if cfg!(test) { 1 << 20 } else { 1 << 30 };
/// Earlier logs that are kept beside one of other content.
const EARLIER: u32 = 1000;
/// Progress bars that are held back at a time; downloads draw several side by side.
const BARS: usize = 64;

/// A log being written.
///
/// Docker tells a log from its start each time. What was told before is passed over, so that the file and
/// whoever watches get each line once. Of a progress bar, which the program draws anew with each step, only the last
/// state is written, once something else follows.
///
/// A file that is there already is not truncated. It is gone through as long as it says the same, so that the
/// same job's log goes on where it was left; one that says something else is kept as `run.1.log` (or the next
/// free number). Links are not followed.
#[derive(Debug)]
pub struct RunLog {
    file: Option<Kept>,
    path: PathBuf,
    lines: u64,
    passed_over: u64,
    tail: VecDeque<String>,
    /// Whether the launcher reports that the program has failed, which is of no use to anybody.
    is_launchers: bool,
    /// Names and last states of progress bars that have not been written yet.
    bars: Vec<(String, String)>,
    failure: Option<io::Error>,
}

impl RunLog {
    /// Begins the log at `path`, and makes its folder. That it cannot be written is no reason to give up a
    /// job: it is kept for [`end`](Self::end).
    #[must_use]
    pub fn create(path: &Path) -> Self {
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        let (file, failure) = match parent.and_then(|()| Kept::open(path)) {
            Ok(file) => (Some(file), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            file,
            path: path.to_owned(),
            lines: 0,
            passed_over: 0,
            tail: VecDeque::new(),
            is_launchers: false,
            bars: Vec::new(),
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
        match bar_name(line) {
            Some(name) => self.hold(name, line),
            None => {
                self.write_bars();
                self.write(line);
            }
        }
        true
    }

    /// Keeps a state of the bar called `name` in place of the one before.
    fn hold(&mut self, name: &str, line: &str) {
        let is_full = |line: &str| line.contains("100%|");
        let held = self.bars.iter().find(|(of, _)| of == name);
        let begins_anew = held.is_some_and(|(_, state)| is_full(state) && !is_full(line));
        if begins_anew || (held.is_none() && self.bars.len() == BARS) {
            self.write_bars();
        }
        match self.bars.iter_mut().find(|(of, _)| of == name) {
            Some((_, state)) => line.clone_into(state),
            None => self.bars.push((name.to_owned(), line.to_owned())),
        }
    }

    fn write_bars(&mut self) {
        for (_, state) in std::mem::take(&mut self.bars) {
            self.write(&state);
        }
    }

    fn write(&mut self, line: &str) {
        if !self.is_launchers {
            if self.tail.len() == TAIL {
                self.tail.pop_front();
            }
            self.tail.push_back(line.to_owned());
        }
        self.is_launchers |= begins_launcher_report(line);
        if let Some(file) = &mut self.file
            && let Err(error) = file.write(&self.path, format!("{line}\n").as_bytes())
        {
            self.failure = Some(error);
            self.file = None;
        }
    }

    /// The last lines of the program, up to the first of what its launcher says of its end.
    #[must_use]
    pub fn tail(&self) -> Vec<String> {
        let held = self.bars.iter().map(|(_, state)| state);
        let lines: Vec<&String> = self.tail.iter().chain(held).collect();
        let start = lines.len().saturating_sub(TAIL);
        lines.into_iter().skip(start).cloned().collect()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what was held back. Returns why the file could not be written, once.
    pub fn end(&mut self) -> Option<io::Error> {
        self.write_bars();
        if let Some(file) = &self.file
            && let Err(error) = file.flush(&self.path)
        {
            self.failure = Some(error);
        }
        self.failure.take()
    }
}

/// The file of a log, with what it said before.
#[derive(Debug)]
struct Kept {
    file: File,
    /// How many bytes of it are the same as what was written now.
    same: u64,
    /// Whether there may be more of an earlier log.
    has_earlier: bool,
}

impl Kept {
    fn open(path: &Path) -> io::Result<Self> {
        // A device or a pipe is not waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(flags.bits().cast_signed())
            .open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        Ok(Self {
            file,
            same: 0,
            has_earlier: metadata.len() > 0,
        })
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.same.saturating_add(bytes.len() as u64) > LONGEST {
            return Err(io::Error::other("it is too long to be kept"));
        }
        if self.has_earlier {
            let mut earlier = vec![0; bytes.len()];
            let length = read_full_at(&self.file, &mut earlier, self.same)?;
            earlier.truncate(length);
            if earlier == bytes {
                self.same += length as u64;
                return Ok(());
            }
            if !earlier.is_empty() {
                self.put_aside(path)?;
            }
            self.has_earlier = false;
        }
        self.file.write_all_at(bytes, self.same)?;
        self.same += bytes.len() as u64;
        Ok(())
    }

    /// Gives the earlier log another name, and goes on in a new file with what both have.
    fn put_aside(&mut self, path: &Path) -> io::Result<()> {
        let taken = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        let mut renamed = Err(io::ErrorKind::AlreadyExists.into());
        for number in 1..=EARLIER {
            renamed = rename_to_free_name(path, &path.with_extension(format!("{number}.log")));
            if !renamed.as_ref().is_err_and(taken) {
                break;
            }
        }
        renamed?;
        let mut file = File::create_new(path)?;
        let mut block = vec![0; COMPARED];
        let mut copied = 0;
        while copied < self.same {
            let left = usize::try_from(self.same - copied).unwrap_or(COMPARED);
            let most = block.get_mut(..left.min(COMPARED)).unwrap_or_default();
            let length = read_full_at(&self.file, most, copied)?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            file.write_all(most.get(..length).unwrap_or_default())?;
            copied += length as u64;
        }
        self.file = file;
        Ok(())
    }

    /// Waits until the log is on the disk.
    fn flush(&self, path: &Path) -> io::Result<()> {
        disk::flush(&self.file)?;
        if let Some(folder) = path.parent() {
            disk::flush_folder(folder);
        }
        Ok(())
    }
}

/// Fills `block` from `offset` on, as far as the file goes. Returns how far that was.
fn read_full_at(file: &File, block: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = block.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + done as u64) {
            Ok(0) => break,
            Ok(length) => done += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

impl Drop for RunLog {
    fn drop(&mut self) {
        self.write_bars();
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

    fn told(path: &Path, lines: &[&str]) -> Option<io::Error> {
        let mut log = RunLog::create(path);
        for line in lines {
            log.push(line);
        }
        log.end()
    }

    #[test]
    fn a_log_that_is_there_goes_on_or_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let log = path("run.log");
        let said = |name: &str| fs::read_to_string(path(name)).unwrap();
        fs::write(&log, "a\nb\n").unwrap();
        // Nothing, less, and more of the same.
        for (lines, expected) in [
            (&[][..], "a\nb\n"),
            (&["a"], "a\nb\n"),
            (&["a", "b", "c"], "a\nb\nc\n"),
        ] {
            assert!(told(&log, lines).is_none());
            assert_eq!(said("run.log"), expected);
        }
        assert!(!path("run.1.log").exists());
        // Others, from the start and from the middle on.
        assert!(told(&log, &["x"]).is_none());
        assert_eq!(
            (said("run.log"), said("run.1.log")),
            ("x\n".into(), "a\nb\nc\n".into())
        );
        assert!(told(&log, &["x", "y", "z"]).is_none());
        assert!(told(&log, &["x", "other", "z"]).is_none());
        assert_eq!(said("run.log"), "x\nother\nz\n");
        assert_eq!(said("run.2.log"), "x\ny\nz\n");
        assert_eq!(said("run.1.log"), "a\nb\nc\n");
    }

    #[test]
    fn a_log_is_never_written_through_a_link_or_into_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("theirs"), "kept").unwrap();
        std::os::unix::fs::symlink("theirs", path("run.log")).unwrap();
        assert!(told(&path("run.log"), &["a"]).is_some());
        assert_eq!(fs::read_to_string(path("theirs")).unwrap(), "kept");
        assert!(path("run.log").is_symlink());
        fs::create_dir(path("folder")).unwrap();
        assert!(told(&path("folder"), &["a"]).is_some());
        assert!(told(Path::new("/dev/zero"), &["a"]).is_some());
    }

    #[test]
    fn of_a_progress_bar_the_last_state_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log");
        let mut log = RunLog::create(&path);
        let bar = |name: &str, done| {
            let percent = done * 50;
            format!("{name}: {percent:3}%|#  | {done}/2 [00:0{done}<00:01,  1.00s/it]")
        };
        let sampling = |done| bar("Sampling", done);
        let lines = [
            "begins".to_owned(),
            // Two processes, then a second window without a line in between, and a file beside it.
            sampling(0),
            sampling(0),
            sampling(1),
            sampling(2),
            sampling(2),
            sampling(0),
            bar("a.pt", 1),
            sampling(1),
            "boom".to_owned(),
            sampling(0),
        ];
        let mut tell = |lines: &[String]| {
            log.from_start();
            lines.iter().filter(|line| log.push(line)).count()
        };
        assert_eq!(tell(&lines[..5]), 5);
        assert_eq!(tell(&lines), 6);
        let kept = [
            "begins".to_owned(),
            sampling(2),
            sampling(1),
            bar("a.pt", 1),
            "boom".to_owned(),
            sampling(0),
        ];
        assert_eq!(log.tail(), kept);
        drop(log);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), kept);
    }

    #[test]
    fn the_last_lines_are_those_of_the_program_and_not_of_its_launcher() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log");
        let mut log = RunLog::create(&path);
        let lines = [
            "RuntimeError: boom",
            "E1126 12:00:00 1 torch/distributed/elastic/multiprocessing/api.py:874] failed (exitcode: 1) local_rank: 0",
            "Traceback (most recent call last):",
            "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
        ];
        for line in lines {
            log.push(line);
        }
        assert_eq!(log.tail(), lines[..2]);
        drop(log);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
    }

    #[test]
    fn a_log_without_end_does_not_fill_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log");
        let mut log = RunLog::create(&path);
        let line = "x".repeat(1000);
        for _ in 0..=LONGEST / 1000 {
            assert!(log.push(&line));
        }
        log.push("the end");
        assert_eq!(log.tail().last().unwrap(), "the end");
        assert!(log.end().unwrap().to_string().contains("too long"));
        let length = path.metadata().unwrap().len();
        assert!(length <= LONGEST && length > LONGEST - 2000, "{length}");
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
        assert!(log.end().is_some());
        assert_eq!(log.tail().len(), TAIL);
        assert_eq!(log.tail().last().unwrap(), "99");
    }
}
