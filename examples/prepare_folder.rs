//! Makes the videos of a render folder, and says how far it is.
//!
//! ```sh
//! cargo run --example prepare_folder -- renders/shot010 videos
//! ```

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::sync::atomic::{AtomicU64, Ordering};

use cosmos_workflow::cosmos::Model;
use cosmos_workflow::progress::{Cancel, Progress, Unit};
use cosmos_workflow::workflows::{PrepareOptions, prepare_inference};

/// Counts frames over all videos.
#[derive(Default)]
struct Counter {
    total: AtomicU64,
    done: AtomicU64,
}

impl Progress for Counter {
    fn begin(&self, _task: &str, total: u64, _unit: Unit) {
        self.total.fetch_add(total, Ordering::Relaxed);
    }

    fn advance(&self, _task: &str, units: u64) {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        let total = self.total.load(Ordering::Relaxed);
        // Whoever does not want to read it does not have to.
        let _ = write!(stderr(), "\r{done} of {total} frames");
    }

    fn finish(&self, _task: &str) {}

    fn note(&self, _line: &str) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(videos)) = (arguments.next(), arguments.next()) else {
        return Err("usage: prepare_folder RENDER_FOLDER VIDEOS_FOLDER".into());
    };
    let options = PrepareOptions::new(folder, videos, Model::Transfer1);
    let report = prepare_inference(&options, &Cancel::new(), &Counter::default())?;
    for warning in &report.warnings {
        writeln!(stderr(), "\nwarning: {}", warning.message)?;
    }
    writeln!(stdout(), "{}", report.output.display())?;
    Ok(())
}
