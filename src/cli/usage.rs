//! What is said instead of running a command: help, the version, and what is wrong with the command line.

use std::env;

use clap::error::ErrorKind;
use console::{colors_enabled, colors_enabled_stderr};
use cosmos_workflow::ExitCode;

use super::Outcome;
use crate::ui::{self, Output};

/// The advice where the parser of the command line has none.
const HINT: &str = "cosmos --help lists the commands, cosmos help COMMAND the options of one";

/// Says what `answer`, which the parser gave instead of a command, holds.
pub fn say(answer: &clap::Error) -> (Outcome, Output) {
    let output = Output {
        json: env::args_os()
            .skip(1)
            .take_while(|word| word != "--")
            .any(|word| word == "--json"),
        verbose: false,
    };
    let text = answer.render();
    if !answer.use_stderr() {
        if colors_enabled() {
            ui::write(format_args!("{}", text.ansi()));
        } else {
            ui::write(format_args!("{text}"));
        }
        return (Outcome::Done, output);
    }
    let colored = if colors_enabled_stderr() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    let (message, hint) = match answer.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("a command is missing".to_owned(), HINT.to_owned())
        }
        _ => message_and_hint(&text.to_string()),
    };
    output.usage(&message, &hint, &colored);
    (Outcome::Failed(ExitCode::Usage), output)
}

/// The first paragraph of what the parser says, in a line, and its tips.
fn message_and_hint(text: &str) -> (String, String) {
    let mut paragraphs = text.split("\n\n");
    let message = one_line(paragraphs.next().unwrap_or_default());
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let tips: Vec<String> = paragraphs
        .flat_map(str::lines)
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .map(one_line)
        .collect();
    let hint = if tips.is_empty() {
        HINT.to_owned()
    } else {
        tips.join("; ")
    };
    (message.to_owned(), hint)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
