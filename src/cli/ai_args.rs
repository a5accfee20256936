use std::path::PathBuf;

use cosmos_workflow::workflows::ModelsOptions;

use super::Context;

/// Where the AI models are.
#[derive(clap::Args)]
#[command(next_help_heading = "AI options")]
pub struct AiArgs {
    /// Look for models here first [default: $COSMOS_MODELS, ./models, the user's data folder]
    #[arg(long, value_name = "DIR")]
    models_dir: Option<PathBuf>,
}

impl AiArgs {
    pub fn options(self, context: &Context) -> ModelsOptions {
        ModelsOptions {
            models_dir: self.models_dir,
            runtime: context.runtime_options(),
        }
    }
}
