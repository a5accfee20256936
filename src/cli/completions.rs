use std::io;

use clap::CommandFactory;

use super::{Cli, Outcome};

/// Print a script that completes cosmos's commands and options in a shell
///
/// For bash: cosmos completions bash > ~/.local/share/bash-completion/completions/cosmos
#[derive(clap::Args)]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> Outcome {
    clap_complete::generate(args.shell, &mut Cli::command(), "cosmos", &mut io::stdout());
    Outcome::Done
}
