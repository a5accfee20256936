//! What is said instead of running a command: help, the version, and what is wrong with the command line.

use std::env;
use std::ffi::OsString;

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use console::{colors_enabled, colors_enabled_stderr};
use cosmos_workflow::ExitCode;

use super::{Cli, Outcome};
use crate::ui::{self, Output};

/// The advice where the parser of the command line has none.
const HINT: &str = "cosmos --help lists the commands, cosmos help COMMAND the options of one";

/// The words of the command line, with those together that the older tool took apart: `--use-ai false`. Here that
/// option may stand without a value, before the folder, so only a truth value is one.
pub fn words() -> Vec<OsString> {
    join_values(env::args_os())
}

fn join_values(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    let mut are_options = true;
    for word in words {
        are_options &= word != "--";
        match joined.last_mut() {
            Some(option)
                if are_options && option == "--use-ai" && (word == "true" || word == "false") =>
            {
                option.push("=");
                option.push(word);
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// Says what `answer`, which the parser gave instead of a command, holds.
pub fn say(mut answer: clap::Error) -> (Outcome, Output) {
    name_commands_with_the_option(&mut answer);
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

/// An option that other commands take is told with those commands, and not with one that is merely spelt alike.
fn name_commands_with_the_option(answer: &mut clap::Error) {
    let Some(ContextValue::String(option)) = answer.get(ContextKind::InvalidArg) else {
        return;
    };
    let Some(name) = option.strip_prefix("--") else {
        return;
    };
    let name = name.split('=').next().unwrap_or(name);
    let cli = Cli::command();
    let commands: Vec<&str> = cli
        .get_subcommands()
        .filter(|command| {
            let mut options = command.get_arguments();
            options.any(|option| option.get_long() == Some(name))
        })
        .map(clap::Command::get_name)
        .collect();
    if answer.kind() != ErrorKind::UnknownArgument || commands.is_empty() {
        return;
    }
    let tip = StyledStr::from(format!("--{name} is an option of {}", list(&commands)));
    answer.remove(ContextKind::SuggestedArg);
    answer.remove(ContextKind::SuggestedCommand);
    answer.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truth_value_belongs_to_the_option_before_it_and_a_folder_does_not() {
        for (line, expected) in [
            ("x --use-ai true dir", "x --use-ai=true dir"),
            ("x dir --use-ai false", "x dir --use-ai=false"),
            ("x --use-ai dir", "x --use-ai dir"),
            ("x --use-ai=false true", "x --use-ai=false true"),
            ("x -- --use-ai true", "x -- --use-ai true"),
            ("x --name true --use-ai", "x --name true --use-ai"),
        ] {
            let words = join_values(line.split(' ').map(OsString::from));
            let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            assert_eq!(words.join(" "), expected);
        }
    }
}
