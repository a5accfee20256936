//! The only module that prints: results on standard output, everything else on standard error.

mod escape;
mod output;
mod programs;
mod progress;
mod standard_output;
mod status;
mod table;

use std::io::{IsTerminal, stderr, stdin};
use std::path::Path;

pub use output::Output;
pub use progress::Reporter;
pub use standard_output::{Written, write, written};

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
        .with_writer(|| escape::Escaped)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .without_time()
        .init();
}

/// Lets the first Ctrl-C (or termination) raise `cancel`, which stops the work cleanly, the next one raise `end` if
/// there is such, and the one after that end the process at once.
pub fn stop_on_signals(cancel: &Cancel, end: Option<&Cancel>) {
    let flags: Vec<Cancel> = std::iter::once(cancel).chain(end).cloned().collect();
    let installed =
        ctrlc::set_handler(
            move || match flags.iter().find(|flag| !flag.is_cancelled()) {
                Some(flag) => flag.cancel(),
                None => {
                    #[expect(clippy::exit, reason = "the user has asked often enough")]
                    std::process::exit(i32::from(ExitCode::Interrupted as u8));
                }
            },
        );
    if let Err(error) = installed {
        tracing::warn!("Ctrl-C will end the process without clearing up: {error}");
    }
}

/// Whether a person sits in front of this process.
pub fn is_terminal() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks the user for the passphrase of a key file, if there is a user.
pub fn ask_passphrase(key: &Path) -> Option<String> {
    if !is_terminal() {
        return None;
    }
    rpassword::prompt_password(format!("passphrase of {}: ", key.display())).ok()
}
