//! The command line: options as types, and one file a command that turns them into a call of the library.
//!
//! Short help is one line an option; what needs more says it in long help (`--help`).

#![allow(
    rustdoc::invalid_html_tags,
    reason = "help is read in a terminal, where <name> stands for a name"
)]

mod ai_args;
mod cancel;
mod check;
mod clean;
mod completions;
mod convert_sequence;
mod create_run;
mod create_spec;
mod describe;
mod encode_args;
mod layer_args;
mod list;
mod logs;
mod models;
mod options;
mod prepare_inference;
mod probe;
mod run;
mod run_settings;
mod show;
mod standardize;
mod status;
mod usage;
mod validate;
mod words;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cosmos_workflow::Error;
use cosmos_workflow::ai::{Places, RuntimeOptions, keep_telemetry_off};
use cosmos_workflow::config::{Config, Environment};
use cosmos_workflow::progress::Cancel;
use cosmos_workflow::specs;

use crate::ui::{self, Output, Reporter, Written};

/// Prepares rendered frames for NVIDIA Cosmos, and runs Cosmos on a GPU host
#[derive(Parser)]
#[command(name = "cosmos", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(clap::Args)]
struct Global {
    /// Read settings from this file [default: $COSMOS_CONFIG, ./config.toml, the user's config folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    config: Option<PathBuf>,
    /// Print the result as JSON on standard output
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,
    /// Log what is done, and the causes of an error
    ///
    /// The environment variable COSMOS_LOG sets levels more finely: error, warn, info, debug, trace.
    #[arg(long, short, global = true, help_heading = "Global options")]
    verbose: bool,
}

#[derive(Subcommand)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, as long as the program runs"
)]
enum Command {
    PrepareInference(prepare_inference::Args),
    ConvertSequence(convert_sequence::Args),
    CreateSpec(create_spec::Args),
    CreateRun(create_run::Args),
    Run(run::Args),
    Inference(run::InferenceArgs),
    Upscale(run::UpscaleOnlyArgs),
    Status(status::Args),
    Logs(logs::Args),
    Cancel(cancel::Args),
    Clean(clean::Args),
    List(list::Args),
    Show(show::Args),
    Validate(validate::Args),
    Check(check::Args),
    Probe(probe::Args),
    Standardize(standardize::Args),
    Describe(describe::Args),
    Models(models::Args),
    Options(options::Args),
    Completions(completions::Args),
    /// Asked by the scripts of `completions`.
    #[command(hide = true)]
    Complete(completions::WordsArgs),
}

impl Command {
    /// Whether the networks that look at pictures may run.
    fn may_run_networks(&self) -> bool {
        matches!(
            self,
            Self::PrepareInference(_)
                | Self::ConvertSequence(_)
                | Self::Describe(_)
                | Self::Models(_)
        )
    }
}

/// What a command needs besides its own options.
struct Context {
    config: Config,
    output: Output,
    progress: Reporter,
    /// Raised by the first Ctrl-C.
    cancel: Cancel,
    /// Raised by the second, where there is a job on the host to be ended.
    end: Cancel,
    /// The user's home folder.
    home: Option<PathBuf>,
    /// `--config` as it was given.
    config_file: Option<PathBuf>,
}

impl Context {
    /// How the engine of the networks is to work.
    fn runtime_options(&self) -> RuntimeOptions {
        RuntimeOptions {
            device: self.config.ai.device,
            threads: NonZeroUsize::new(self.config.ai.threads),
            spinning: false,
            keep_graphs: self.config.ai.keep_graphs,
            places: Places::of_process(),
        }
    }

    /// The file of a prompt or a run: the file itself, or that of an id, the first digits of one, or a name.
    fn spec_file(&self, query: &Path) -> Result<PathBuf, Error> {
        let paths = &self.config.paths;
        let folders = [&*paths.local_prompts_dir, &*paths.local_runs_dir];
        Ok(specs::find_file(query, &folders)?)
    }

    /// Whether what is printed still arrives somewhere.
    fn is_heard(&self) -> bool {
        matches!(ui::written(), Written::All)
    }

    /// Ends what would go on for ever (`cosmos status --watch | head`) when nobody reads it any more.
    fn stop_unless_heard(&self) {
        if !self.is_heard() {
            self.cancel.cancel();
        }
    }

    /// A command of ours to be typed next, quoted for a shell, with the settings that this one had.
    fn next_command(&self, words: &[&str]) -> String {
        let config = self.config_file.as_ref().map(|file| file.to_string_lossy());
        let settings = config.iter().flat_map(|file| ["--config", &**file]);
        let words: Vec<&str> = std::iter::once("cosmos")
            .chain(settings)
            .chain(words.iter().copied())
            .collect();
        // Only a zero byte cannot be quoted, and none comes in through an argument or a path.
        shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "))
    }
}

/// `path` as an argument that cannot pass for an option.
fn path_argument(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.starts_with('-') {
        format!("./{text}")
    } else {
        text.into_owned()
    }
}

/// How a command ended that did not fail.
enum Outcome {
    Done,
    /// What was asked for came to nothing, or a check found problems; both are printed.
    Failed(cosmos_workflow::ExitCode),
}

impl Outcome {
    /// The exit code.
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed(code) => code as u8,
        }
    }
}

/// Parses the command line, runs the command, and reports how it went.
pub fn main() -> ExitCode {
    let (code, output) = match Cli::try_parse_from(usage::words()) {
        Ok(cli) => start(cli),
        Err(answer) => {
            let (outcome, output) = usage::say(answer);
            (outcome.code(), output)
        }
    };
    let code = match ui::written() {
        Written::Lost(error) => {
            output.unwritable(error);
            code.max(cosmos_workflow::ExitCode::Failure as u8)
        }
        Written::All | Written::Unread => code,
    };
    ExitCode::from(code)
}

/// Runs a command, and says with which exit code it ended and how it printed.
fn start(Cli { global, command }: Cli) -> (u8, Output) {
    ui::start_logging(global.verbose);
    if command.may_run_networks() {
        // Before there are threads.
        keep_telemetry_off();
    }
    let output = Output {
        json: global.json,
        verbose: global.verbose,
    };
    let code = match run(command, global, output) {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            output.error(&error);
            error.exit_code() as u8
        }
    };
    (code, output)
}

fn run(command: Command, global: Global, output: Output) -> Result<Outcome, Error> {
    // Neither needs settings, and a shell that completes has no use for what is wrong with them.
    let command = match command {
        Command::Completions(args) => return Ok(completions::run(&args)),
        Command::Complete(args) => return Ok(completions::words(args)),
        command => command,
    };
    let environment = Environment::of_process();
    let loaded = Config::load(global.config.as_deref(), &environment)?;
    if let Some(file) = &loaded.file {
        tracing::debug!("settings from {}", file.display());
    }
    let (cancel, end) = (Cancel::new(), Cancel::new());
    let has_job = matches!(
        command,
        Command::Run(_) | Command::Inference(_) | Command::Upscale(_)
    );
    ui::stop_on_signals(&cancel, has_job.then_some(&end));
    let context = Context {
        config: loaded.config,
        output,
        progress: Reporter::new(),
        cancel,
        end,
        home: environment.home,
        config_file: global.config,
    };
    match command {
        Command::PrepareInference(args) => prepare_inference::run(args, &context),
        Command::ConvertSequence(args) => convert_sequence::run(args, &context),
        Command::CreateSpec(args) => create_spec::run(args, &context),
        Command::CreateRun(args) => create_run::run(args, &context),
        Command::Run(args) => run::run(args, &context),
        Command::Inference(args) => run::inference(args, &context),
        Command::Upscale(args) => run::upscale(args, &context),
        Command::Status(args) => status::run(args, &context),
        Command::Logs(args) => logs::run(&args, &context),
        Command::Cancel(args) => cancel::run(&args, &context),
        Command::Clean(args) => clean::run(&args, &context),
        Command::List(args) => Ok(list::run(&args, &context)),
        Command::Show(args) => show::run(&args, &context),
        Command::Validate(args) => validate::run(&args, &context),
        Command::Check(args) => Ok(check::run(args, &context)),
        Command::Probe(args) => probe::run(&args, &context),
        Command::Standardize(args) => standardize::run(args, &context),
        Command::Describe(args) => describe::run(args, &context),
        Command::Models(args) => models::run(args, &context),
        Command::Options(args) => options::run(&args, &context),
        Command::Completions(args) => Ok(completions::run(&args)),
        Command::Complete(args) => Ok(completions::words(args)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn options_are_consistent() {
        Cli::command().debug_assert();
    }
}
