//! Progress on standard error: bars on a terminal, a line when something begins or ends elsewhere.

use std::collections::HashMap;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::style;
use cosmos_workflow::progress::{At, Progress, Unit};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::escape::shown;

/// Where nothing is drawn, the time between two lines about one job.
const LINE_PAUSE: Duration = Duration::from_secs(60);
/// Parts of a bar of a job, whose length is a fraction.
const PARTS: u64 = 1000;
/// How often the time left is drawn anew.
const TICK: Duration = Duration::from_secs(1);

/// Draws what the library reports.
pub struct Reporter {
    bars: Option<MultiProgress>,
    tasks: Mutex<HashMap<String, Task>>,
    jobs: Mutex<HashMap<String, Shown>>,
}

struct Task {
    bar: ProgressBar,
    started: Instant,
    unit: Unit,
}

/// A job whose progress is shown.
struct Shown {
    bar: ProgressBar,
    /// When it is likely to be done.
    end: Arc<Mutex<Option<Instant>>>,
    lines: Lines,
}

/// When there was a line about a job.
#[derive(Default)]
struct Lines {
    last: Option<Instant>,
}

impl Lines {
    /// Whether there is to be another line now: for each part that begins, and now and then.
    fn are_due(&mut self, begins_part: bool, now: Instant) -> bool {
        let is_due = begins_part
            || self
                .last
                .is_none_or(|last| now.duration_since(last) >= LINE_PAUSE);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

impl Reporter {
    /// Bars if standard error is a terminal.
    pub fn new() -> Self {
        Self {
            bars: stderr().is_terminal().then(MultiProgress::new),
            tasks: Mutex::default(),
            jobs: Mutex::default(),
        }
    }

    /// A line above the bars.
    fn print(&self, line: &str) {
        // Whoever read it has gone away, which is no reason to stop.
        let line = shown(line);
        let _ = match &self.bars {
            Some(bars) => bars.println(line),
            None => writeln!(stderr(), "{line}"),
        };
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_job(&self, task: &str) -> Shown {
        let end = Arc::new(Mutex::new(None));
        let bar = match &self.bars {
            Some(bars) => bars.add(
                ProgressBar::new(PARTS)
                    .with_style(job_style(Arc::clone(&end)))
                    .with_prefix(task.to_owned()),
            ),
            None => ProgressBar::hidden(),
        };
        if self.bars.is_some() {
            bar.enable_steady_tick(TICK);
        }
        Shown {
            bar,
            end,
            lines: Lines::default(),
        }
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
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.remove(task) {
            job.bar.finish_and_clear();
            return;
        }
        drop(jobs);
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

    fn at(&self, task: &str, at: &At<'_>) {
        let now = Instant::now();
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = jobs
            .entry(task.to_owned())
            .or_insert_with(|| self.new_job(task));
        if self.bars.is_some() {
            *job.end.lock().unwrap_or_else(PoisonError::into_inner) =
                at.left.and_then(|left| now.checked_add(left));
            job.bar.set_message(shown(at.place).into_owned());
            if let Some(fraction) = at.fraction {
                job.bar.set_position((fraction * PARTS as f64) as u64);
            }
            return;
        }
        if job.lines.are_due(at.begins_part, now) {
            let left = at
                .left
                .map_or_else(String::new, |left| format!("  {}", time_left(left)));
            self.print(&format!("{task}  {}{left}", at.place));
        }
    }

    fn log(&self, line: &str) {
        self.print(line);
    }
}

fn bar_style(unit: Unit) -> ProgressStyle {
    let template = match unit {
        Unit::Bytes => "{prefix:>12} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        Unit::Frames | Unit::Items => "{prefix:>12} {bar:30} {pos}/{len} {rate} {eta} left",
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "rate",
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // There is nobody to tell that a bar cannot be drawn.
                let _ = text.write_str(&rate(state.per_sec()));
            },
        )
}

/// Frames or items a second, as exactly as it is steady.
fn rate(per_second: f64) -> String {
    format!("{per_second:.1}/s")
}

/// A bar with what is being done, and the time until `end`.
fn job_style(end: Arc<Mutex<Option<Instant>>>) -> ProgressStyle {
    ProgressStyle::with_template("{prefix:>12} {bar:20} {msg}{left}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "left",
            move |_: &ProgressState, text: &mut dyn std::fmt::Write| {
                let end = *end.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(end) = end {
                    let left = end.saturating_duration_since(Instant::now());
                    // There is nobody to tell that a bar cannot be drawn.
                    let _ = write!(text, "  {}", time_left(left));
                }
            },
        )
}

/// A duration as exactly as an estimate is.
fn time_left(left: Duration) -> String {
    let seconds = left.as_secs();
    let minutes = (seconds + 30) / 60;
    match seconds {
        0..90 => format!("{seconds} s left"),
        90..5400 => format!("{minutes} min left"),
        _ => format!("{} h {} min left", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_gets_a_line_for_each_part_and_one_a_minute() {
        let start = Instant::now();
        let mut lines = Lines::default();
        for (second, begins_part, is_due) in [
            (0, false, true),
            (1, false, false),
            (2, true, true),
            (3, true, true),
            (62, false, false),
            (63, false, true),
            (64, false, false),
        ] {
            let now = start + Duration::from_secs(second);
            assert_eq!(lines.are_due(begins_part, now), is_due, "{second}");
        }
    }

    #[test]
    fn a_rate_has_one_decimal() {
        for (per_second, text) in [(0.0, "0.0/s"), (157.204_3, "157.2/s"), (9.96, "10.0/s")] {
            assert_eq!(rate(per_second), text);
        }
    }

    #[test]
    fn the_time_left_is_told_as_exactly_as_it_is_known() {
        for (seconds, text) in [
            (0, "0 s left"),
            (89, "89 s left"),
            (239, "4 min left"),
            (5399, "90 min left"),
            (5400, "1 h 30 min left"),
            (7200, "2 h 0 min left"),
        ] {
            assert_eq!(time_left(Duration::from_secs(seconds)), text);
        }
    }
}
