//! What the program of each generation says in its log: that a guardrail has blocked it, why it failed, and how
//! far it is.
//!
//! Reads one line at a time, so that a line counts wherever in a long log it stands. Lines are expected without
//! `\n` and `\r`; a progress bar is a line for each of its states.

mod blocked;
mod cause;
mod line;
mod progress;

pub use blocked::{Block, Guardrail, On, blocked};
pub use cause::Cause;
pub use line::{bar_name, begins_launcher_report};
pub use progress::{JobProgress, Phase, Position};

use self::blocked::Blocks;
use self::cause::Causes;
use super::Model;

/// What a log tells about the end of its job.
#[derive(Clone, Debug)]
pub struct Reader {
    blocks: Blocks,
    causes: Causes,
}

impl Reader {
    /// Reads the log of the program of `model`.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self {
            blocks: Blocks::new(model),
            causes: Causes::new(model),
        }
    }

    /// Takes the next line.
    pub fn push(&mut self, line: &str) {
        self.blocks.push(line);
        self.causes.push(line);
    }

    /// The guardrail's objection, of a job that has ended without its video. `exit_code` is that of the program.
    #[must_use]
    pub fn block(&self, exit_code: i64) -> Option<Block> {
        self.blocks.found(exit_code)
    }

    /// What the log says went wrong, and the line that says so.
    #[must_use]
    pub fn cause(&self) -> Option<(Cause, String)> {
        self.causes.found()
    }

    /// The last exception of the program itself, which may or may not be what ended it.
    #[must_use]
    pub fn exception(&self) -> Option<&str> {
        self.causes.exception()
    }
}
