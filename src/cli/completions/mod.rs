//! Completion in a shell: scripts that ask this binary, and what it answers.

mod names;

use std::env;
use std::ffi::OsString;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};

use super::{Cli, Outcome};
use crate::ui;

pub use names::{prompts, prompts_and_runs, runs, shot_folders, shots};

/// Stands for the files that the shell itself completes; no word can be this.
const FILES: &str = "\0";

/// Print the script for completion in a shell: of commands, options, values, names of prompts and runs
///
/// For bash: cosmos completions bash > ~/.local/share/bash-completion/completions/cosmos
///
/// For zsh: cosmos completions zsh > DIR/_cosmos, where DIR is a folder in $fpath
///
/// For fish: cosmos completions fish > ~/.config/fish/completions/cosmos.fish
#[derive(clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Print what could stand in the place of the last word
#[derive(clap::Args)]
pub struct WordsArgs {
    /// The command line up to the cursor
    #[arg(last = true, required = true)]
    words: Vec<OsString>,
}

/// Prints the script for a shell.
pub fn run(args: &Args) -> Outcome {
    let script = match args.shell {
        Shell::Bash => include_str!("cosmos.bash").to_owned(),
        Shell::Zsh => include_str!("cosmos.zsh").to_owned(),
        Shell::Fish => include_str!("cosmos.fish").to_owned(),
        other => {
            // The generator gives up on a closed pipe with a panic, so it writes to memory.
            let mut script = Vec::new();
            clap_complete::generate(other, &mut Cli::command(), "cosmos", &mut script);
            String::from_utf8_lossy(&script).into_owned()
        }
    };
    ui::write(format_args!("{script}"));
    Outcome::Done
}

/// Prints what could stand in the place of the last word, each on a line with a tab and what it is. Nothing where only
/// files could.
pub fn words(args: WordsArgs) -> Outcome {
    let mut command = Cli::command().mut_subcommands(files_by_shell);
    let current_dir = env::current_dir().ok();
    let last = args.words.len().saturating_sub(1);
    let is_option = args
        .words
        .last()
        .is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let mut found =
        complete(&mut command, args.words, last, current_dir.as_deref()).unwrap_or_default();
    // Where a value may stand, options are not offered before they are begun.
    let is_wanted = |candidate: &CompletionCandidate| {
        is_option || !candidate.get_value().as_encoded_bytes().starts_with(b"-")
    };
    if found.iter().any(is_wanted) {
        found.retain(is_wanted);
    }
    for candidate in found {
        let value = candidate.get_value().to_string_lossy();
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.as_deref().and_then(|help| help.lines().next());
        if !value.ends_with(FILES) {
            ui::write(format_args!("{value}\t{}\n", help.unwrap_or_default()));
        }
    }
    Outcome::Done
}

/// Leaves files to the shell, which knows how it quotes them.
fn files_by_shell(command: clap::Command) -> clap::Command {
    command
        .mut_subcommands(files_by_shell)
        .mut_args(|option| match option.get_value_hint() {
            clap::ValueHint::AnyPath if option.get::<ArgValueCompleter>().is_none() => {
                option.add(ArgValueCompleter::new(files))
            }
            _ => option,
        })
}

fn files(_: &std::ffi::OsStr) -> Vec<CompletionCandidate> {
    vec![CompletionCandidate::new(FILES)]
}
