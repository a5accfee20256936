use clap::CommandFactory;

use super::{Cli, Outcome};
use crate::ui;

/// Print a script that completes cosmos's commands and options in a shell
///
/// For bash: cosmos completions bash > ~/.local/share/bash-completion/completions/cosmos
#[derive(clap::Args)]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> Outcome {
    // The generator gives up on a closed pipe with a panic, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cosmos", &mut script);
    ui::write(format_args!("{}", String::from_utf8_lossy(&script)));
    Outcome::Done
}
