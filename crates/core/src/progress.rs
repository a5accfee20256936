//! How long-running work tells its caller how far it is, and how the caller stops it.
//!
//! The library never draws and never prints: it reports to a [`Progress`], and checks a [`Cancel`] between
//! frames, blocks and polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a unit of a task's length is, so that a display can word rate and total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Video frames.
    Frames,
    /// Bytes of a transfer.
    Bytes,
    /// Anything else that is counted.
    Items,
}

/// How far a task is that does not come further in units, such as a job of which only its log is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At<'a> {
    /// Where it is, in words, for example `window 2/3  step 13/35`.
    pub place: &'a str,
    /// How much of it is done, 0 to 1, if that is known.
    pub fraction: Option<f64>,
    /// How long it is going to take yet, if that can be estimated.
    pub left: Option<Duration>,
    /// Whether another part of it begins, which is worth a line even where nothing is drawn.
    pub begins_part: bool,
}

/// A receiver of progress. Every method may be called from any thread.
pub trait Progress: Send + Sync {
    /// A task called `task` begins, `total` units long. Tasks may run side by side.
    fn begin(&self, task: &str, total: u64, unit: Unit);
    /// `task` has come `units` further.
    fn advance(&self, task: &str, units: u64);
    /// `task` is done (or given up).
    fn finish(&self, task: &str);
    /// A line worth reading in a log, for example a stage that begins.
    fn note(&self, line: &str);
    /// Something has begun that takes long, and that the user should see without asking.
    fn stage(&self, line: &str) {
        self.note(line);
    }
    /// `task` is that far; [`finish`](Self::finish) follows.
    fn at(&self, _task: &str, _at: &At<'_>) {}
    /// A line that the program on the GPU host has written.
    fn log(&self, _line: &str) {}
}

/// A [`Progress`] that says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64, _: Unit) {}
    fn advance(&self, _: &str, _: u64) {}
    fn finish(&self, _: &str) {}
    fn note(&self, _: &str) {}
}

/// A flag that a signal handler or another thread raises to stop work. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop at its next check.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
