//! The `cosmos` command: see `cosmos --help`.

mod cli;
mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
