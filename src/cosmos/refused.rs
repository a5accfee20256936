//! Why a model cannot do what a run asks for.

use super::Model;
use super::options::OptionError;

/// A model cannot do what the specification asks for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A field or option has a value that the model's program refuses.
    #[error("{model} cannot run this: {} is {value}, expected {expected}", in_words(.field))]
    Value {
        /// The model.
        model: Model,
        /// The field or option.
        field: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// An option of the model's program that it does not have, or with a value that it does not take.
    #[error(transparent)]
    Option(#[from] OptionError),
}

impl Refused {
    pub(super) fn new(
        model: Model,
        field: &'static str,
        value: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Value {
            model,
            field,
            value: value.into(),
            expected: expected.into(),
        }
    }

    /// The field of the run that is refused; `None` for an option of the model's program.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Value { field, .. } => Some(field),
            Self::Option(_) => None,
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        let field = match self {
            Self::Option(error) => {
                return error
                    .hint()
                    .unwrap_or_else(|| "cosmos options MODEL shows what there is".into());
            }
            Self::Value { field, .. } => *field,
        };
        match field {
            "control_weights" => "make the run with create-run --weights ..., or choose another --model".into(),
            "num_steps" | "guidance_scale" | "sigma_max" | "seed" | "checkpoint"
            | "guardrails" | "style_image" | "protected_area" | "control_prompt" | "masks" => {
                let option = match field {
                    "masks" => "mask".to_owned(),
                    "protected_area" => "protect".to_owned(),
                    name => name.replace('_', "-"),
                };
                format!("make the run again with another --{option}, or without, or choose another --model")
            }
            "resolution_tier" => {
                "pass one of these as --resolution-tier, or choose another --model".into()
            }
            "num_gpu" | "cuda_devices" => {
                "pass a number that works, and a device for each: --num-gpu 2 --cuda-devices 0,1".into()
            }
            "upscale_weight" => "pass --upscale-weight 0.5".into(),
            "upscaling" => "set remote_dir under [cosmos.transfer1] to a checkout of Cosmos-Transfer1 on the host, or pass --no-upscale".into(),
            "frames" => "render more frames, or choose another --model".into(),
            _ => "make the prompt again with create-spec --video-path FOLDER, a folder that prepare-inference made".into(),
        }
    }
}

/// What a user calls a field that no option is named after.
fn in_words(field: &str) -> &str {
    match field {
        "control_inputs" => "the prompt",
        "input_video_path" => "the input video",
        "control_weights" => "the weight",
        "frames" => "the number of frames",
        "masks" => "the mask",
        field => field,
    }
}
