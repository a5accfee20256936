//! What is kept of a run while it is carried out and afterwards: how far it is, its log, and the history of all.
//!
//! Everything is on disk before the next step begins, so that a run whose process was killed is picked up where
//! it stands. Refuses a second process on the same run.

mod error;
mod history;
mod journal;
mod log;

pub use error::{BlockedJob, FailedJob, RunError, Step};
pub use history::Line;
pub use journal::{Entry, Journal, State};
pub use log::RunLog;
