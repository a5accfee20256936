use cosmos_workflow::Error;
use cosmos_workflow::cosmos::{Model, options};

use super::{Context, Outcome, words};

/// Show what one of NVIDIA's programs can be told: the keys of its specs, its flags, its environment
///
/// Says of each option what its values are, the default, what of ours sets it, and where in the program's source
/// it was read; and which commit of the program the list is of.
#[derive(clap::Args)]
pub struct Args {
    /// Generation of the model: transfer1, transfer2.5, cosmos3
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
