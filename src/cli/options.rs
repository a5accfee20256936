use cosmos_workflow::Error;
use cosmos_workflow::cosmos::{Model, options};

use super::{Context, Outcome, words};

/// List the options of NVIDIA's program for a model
///
/// Shows the values and the default of each option, which option of cosmos sets it, and where it stands in the source
/// of the program. Any of them can be set with --set KEY=VALUE.
#[derive(clap::Args)]
pub struct Args {
    /// The model: transfer1, transfer2.5, cosmos3
    #[arg(value_parser = words::models(), hide_possible_values = true)]
    model: Model,
    /// Show this option alone: num_steps, depth.control_weight, --offload-guardrail-models
    #[arg(allow_hyphen_values = true)]
    key: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<Outcome, Error> {
    let program = options::program(args.model);
    match &args.key {
        None => context.output.options(program),
        Some(key) => context.output.option(program, &program.find(key)?),
    }
    Ok(Outcome::Done)
}
