//! Progress on standard error: bars on a terminal, a line when something begins or ends elsewhere.

use std::collections::HashMap;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use console::style;
use cosmos_workflow::progress::{Progress, Unit};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Draws what the library reports.
pub struct Reporter {
    bars: Option<MultiProgress>,
    tasks: Mutex<HashMap<String, Task>>,
}

struct Task {
    bar: ProgressBar,
    started: Instant,
    unit: Unit,
}

impl Reporter {
    /// Bars if standard error is a terminal.
    pub fn new() -> Self {
        Self {
            bars: stderr().is_terminal().then(MultiProgress::new),
            tasks: Mutex::default(),
        }
    }

    /// A line above the bars.
    fn print(&self, line: &str) {
        // Whoever read it has gone away, which is no reason to stop.
        let _ = match &self.bars {
            Some(bars) => bars.println(line),
            None => writeln!(stderr(), "{line}"),
        };
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Reporter {
    fn begin(&self, task: &str, total: u64, unit: Unit) {
        let bar = match &self.bars {
            Some(bars) => bars.add(
                ProgressBar::new(total)
                    .with_style(bar_style(unit))
                    .with_prefix(task.to_owned()),
            ),
            None => ProgressBar::hidden(),
        };
        bar.set_length(total);
        let started = Instant::now();
        self.tasks()
            .insert(task.to_owned(), Task { bar, started, unit });
    }

    fn advance(&self, task: &str, units: u64) {
        if let Some(task) = self.tasks().get(task) {
            task.bar.inc(units);
        }
    }

    fn finish(&self, task: &str) {
        let Some(Task { bar, started, unit }) = self.tasks().remove(task) else {
            return;
        };
        bar.finish();
        let (done, seconds) = (bar.position(), started.elapsed().as_secs_f64());
        let noun = match unit {
            Unit::Frames => "frames",
            Unit::Bytes => "bytes",
            Unit::Items => "items",
        };
        tracing::info!("{task}: {done} {noun} in {seconds:.1} s");
    }

    fn note(&self, line: &str) {
        tracing::info!("{line}");
    }

    fn stage(&self, line: &str) {
        self.print(&style(line).for_stderr().bold().to_string());
    }

    fn log(&self, line: &str) {
        // What a program writes must not steer the terminal.
        let plain: String = line
            .chars()
            .filter(|c| !c.is_control() || *c == '\t')
            .collect();
        self.print(&plain);
    }
}

fn bar_style(unit: Unit) -> ProgressStyle {
    let template = match unit {
        Unit::Bytes => "{prefix:>12} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        Unit::Frames | Unit::Items => "{prefix:>12} {bar:30} {pos}/{len} {per_sec} {eta} left",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
