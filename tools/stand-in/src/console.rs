//! What the programs print: lines as loguru writes them, bars as tqdm draws them.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::ZonedDateTime;

use crate::failure::Failure;

/// Where words go.
pub enum Console {
    Terminal,
    /// For tests, both streams in one.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests listen"))]
    Memory(RefCell<String>),
}

impl Console {
    pub fn out(&self, text: &str) {
        match self {
            Self::Terminal => print!("{text}"),
            Self::Memory(heard) => heard.borrow_mut().push_str(text),
        }
        self.flush();
    }

    pub fn err(&self, text: &str) {
        match self {
            Self::Terminal => eprint!("{text}"),
            Self::Memory(heard) => heard.borrow_mut().push_str(text),
        }
    }

    fn flush(&self) {
        if matches!(self, Self::Terminal) {
            // A reader that went away is no reason to stop.
            let _ = std::io::stdout().flush();
        }
    }
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Success,
    Warning,
    Error,
    Critical,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Success => "SUCCESS",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

/// A program's log, on the console and, once they are there, in its two files.
pub struct Log<'a> {
    console: &'a Console,
    /// What stands between the time and the level.
    extra: &'static str,
    /// Whether lines that are for `debug.log` alone go to the console too.
    verbose: bool,
    files: Option<[File; 2]>,
}

impl<'a> Log<'a> {
    pub fn new(console: &'a Console, extra: &'static str, verbose: bool) -> Self {
        Self {
            console,
            extra,
            verbose,
            files: None,
        }
    }

    /// Begins `console.log` and `debug.log` in `folder`, over what is there.
    pub fn open(&mut self, folder: &Path) -> Result<(), Failure> {
        let create = |name: &str| {
            let path = folder.join(name);
            let opened = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .open(&path);
            opened.map_err(|error| Failure::system(&error, &path.display().to_string()))
        };
        self.files = Some([create("console.log")?, create("debug.log")?]);
        Ok(())
    }

    /// A line for everybody; `at` is `file:line:function`.
    pub fn say(&mut self, level: Level, at: &str, message: impl AsRef<str>) {
        let line = self.line(level, at, message.as_ref());
        self.console.out(&line);
        self.file(&line, &[0, 1]);
    }

    pub fn info(&mut self, at: &str, message: impl AsRef<str>) {
        self.say(Level::Info, at, message);
    }

    /// A line of a module that the console does not listen to.
    pub fn hidden(&mut self, level: Level, at: &str, message: impl AsRef<str>) {
        let line = self.line(level, at, message.as_ref());
        if self.verbose {
            self.console.out(&line);
        }
        self.file(&line, &[1]);
    }

    fn line(&self, level: Level, at: &str, message: &str) -> String {
        let time = ZonedDateTime::now().strftime("%m-%d %H:%M:%S").to_string();
        format!("[{time}|{}{}|{at}] {message}\n", self.extra, level.name())
    }

    fn file(&mut self, line: &str, which: &[usize]) {
        for (at, file) in self.files.iter_mut().flatten().enumerate() {
            if which.contains(&at) {
                // As with loguru, a log that cannot be written stops nothing.
                let _ = file.write_all(line.as_bytes());
            }
        }
    }
}

/// A bar on standard error, drawn over itself at most ten times a second. It ends with its line.
pub struct Bar<'a> {
    console: Option<&'a Console>,
    name: &'static str,
    total: u32,
    done: u32,
    began: Instant,
    drawn: Instant,
    drawn_at: u32,
}

impl<'a> Bar<'a> {
    /// A bar called `name`; none at all without a `console`.
    pub fn new(console: Option<&'a Console>, name: &'static str, total: u32) -> Self {
        let now = Instant::now();
        let mut bar = Self {
            console,
            name,
            total,
            done: 0,
            began: now,
            drawn: now,
            drawn_at: 0,
        };
        bar.draw();
        bar
    }

    pub fn step(&mut self) {
        self.done += 1;
        if self.drawn.elapsed() >= Duration::from_millis(100) {
            self.draw();
        }
    }

    fn draw(&mut self) {
        (self.drawn, self.drawn_at) = (Instant::now(), self.done);
        if let Some(console) = self.console {
            let text = drawn(self.name, self.done, self.total, self.began.elapsed());
            console.err(&format!("\r{text}"));
        }
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if self.drawn_at != self.done {
            self.draw();
        }
        if let Some(console) = self.console {
            console.err("\n");
        }
    }
}

/// The bar after `done` of `total` steps.
fn drawn(name: &str, done: u32, total: u32, elapsed: Duration) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let part = f64::from(done) / f64::from(total.max(1));
    let eighths = (part * 80.0) as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar += EIGHTHS[eighths % 8];
    let clock = |seconds: f64| {
        let seconds = seconds as u64;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        match hours {
            0 => format!("{minutes:02}:{:02}", seconds % 60),
            _ => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
        }
    };
    let seconds = elapsed.as_secs_f64().max(1e-3);
    let (left, rate) = match done {
        0 => ("?".to_owned(), "?it/s".to_owned()),
        _ => {
            let each = seconds / f64::from(done);
            let rate = match each > 1.0 {
                true => format!("{each:5.2}s/it"),
                false => format!("{:5.2}it/s", 1.0 / each),
            };
            (clock(each * f64::from(total - done)), rate)
        }
    };
    let colon = if name.is_empty() { "" } else { ": " };
    format!(
        "{name}{colon}{:3.0}%|{bar:10}| {done}/{total} [{}<{left}, {rate}]",
        part * 100.0,
        clock(seconds)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_reads_as_tqdm_s() {
        let at = |done, seconds| drawn("Sampling", done, 35, Duration::from_secs(seconds));
        assert_eq!(at(0, 0), "Sampling:   0%|          | 0/35 [00:00<?, ?it/s]");
        assert_eq!(
            at(13, 26),
            "Sampling:  37%|███▋      | 13/35 [00:26<00:44,  2.00s/it]"
        );
        assert_eq!(
            at(35, 7),
            "Sampling: 100%|██████████| 35/35 [00:07<00:00,  5.00it/s]"
        );
    }

    #[test]
    fn hidden_lines_are_for_the_debug_log() {
        let folder = tempfile::tempdir().unwrap();
        let console = Console::Memory(RefCell::default());
        let mut log = Log::new(&console, "job=|", false);
        log.open(folder.path()).unwrap();
        log.info("a.py:1:f", "for all");
        log.hidden(Level::Critical, "b.py:2:g", "for few");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let Console::Memory(heard) = &console else {
            return;
        };
        assert!(heard.borrow().ends_with("|job=|INFO|a.py:1:f] for all\n"));
        assert_eq!(read("console.log"), *heard.borrow());
        assert!(read("debug.log").ends_with("|job=|CRITICAL|b.py:2:g] for few\n"));
    }
}
