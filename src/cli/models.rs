use std::path::PathBuf;

use clap::Subcommand;
use cosmos_workflow::ai::caption::AddOptions;
use cosmos_workflow::workflows::{
    ModelsOptions, add_model, list_models, remove_model, verify_models,
};
use cosmos_workflow::{Error, ExitCode};

use super::{Context, Outcome};

/// Show, check, add or remove the AI models that look at pictures
#[derive(clap::Args)]
pub struct Args {
    /// Look for models here first [default: $COSMOS_MODELS, ./models, the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    models_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the models there are, and the engine that runs them
    List,
    /// Check every file of every model, and run each model once
    ///
    /// Ends with 1 if something cannot be used.
    Verify,
    /// Add a captioner, which then writes the descriptions
    ///
    /// A captioner is a folder as Hugging Face Optimum and transformers.js publish it: config.json, tokenizer.json and
    /// so on, and ONNX graphs, which may lie in its folder onnx. ViT-GPT2 and its kin (vision-encoder-decoder) and
    /// BLIP are known. It is tried out once and copied into the folder of --models-dir, or into the user's data folder.
    Add {
        /// The captioner's folder
        folder: PathBuf,
        /// Call it so [default: the folder's name]
        #[arg(long)]
        name: Option<String>,
        /// Replace a captioner of this name
        #[arg(long)]
        overwrite: bool,
    },
    /// Remove a model from the folder of --models-dir, or from the user's data folder
    Remove {
        /// The model's name
        name: String,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = ModelsOptions {
        models_dir: args.models_dir,
        runtime: context.runtime_options(),
    };
    let output = context.output;
    match args.command {
        Command::List => output.models(&list_models(&options)?, "warning"),
        Command::Verify => {
            let report = verify_models(&options, &context.progress)?;
            output.models(&report, "error");
            if report.has_problems() {
                return Ok(Outcome::Failed(ExitCode::Failure));
            }
        }
        Command::Add {
            folder,
            name,
            overwrite,
        } => {
            let add = AddOptions { name, overwrite };
            output.model_added(&add_model(&folder, &add, &options)?);
        }
        Command::Remove { name } => output.model_removed(&remove_model(&name, &options)?),
    }
    Ok(Outcome::Done)
}
