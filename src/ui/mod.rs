//! The only room that prints: results on standard output, everything else on standard error.

mod output;
mod progress;

use std::io::{IsTerminal, stderr};

pub use output::Output;
pub use progress::Reporter;

use cosmos_workflow::ExitCode;
use cosmos_workflow::progress::Cancel;
use tracing_subscriber::EnvFilter;

/// Environment variable with log levels, as `tracing` filters write them.
const LOG_VARIABLE: &str = "COSMOS_LOG";

/// Starts logging to standard error: warnings only, everything of ours if `verbose`, or what `COSMOS_LOG`
/// says.
pub fn start_logging(verbose: bool) {
    let levels = if verbose {
        "info,cosmos=debug,cosmos_workflow=debug"
    } else {
        "warn"
    };
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(levels));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .without_time()
        .init();
}

/// Lets the first Ctrl-C (or termination) stop the work cleanly, and the second end the process at once.
pub fn stop_on_signals(cancel: &Cancel) {
    let cancel = cancel.clone();
    let installed = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            #[expect(clippy::exit, reason = "the user has asked twice")]
            std::process::exit(i32::from(ExitCode::Interrupted as u8));
        }
        cancel.cancel();
    });
    if let Err(error) = installed {
        tracing::warn!("Ctrl-C will end the process without clearing up: {error}");
    }
}
