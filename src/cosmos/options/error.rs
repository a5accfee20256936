//! Why an option cannot be used.

use crate::specs::Model;

/// Why an option of a program cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// The program has no such option.
    #[error("{model} has no option `{key}`")]
    Unknown {
        /// The program.
        model: Model,
        /// What was asked for.
        key: String,
        /// The name that comes closest.
        nearest: Option<String>,
    },
    /// The option cannot have that value.
    #[error("{key} is {value}, expected {expected}")]
    Value {
        /// The option, with its control: `depth.control_weight`.
        key: String,
        /// The value as JSON or as it was given.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// The option is filled in from what is run.
    #[error("{key} is set by {by}")]
    Owned {
        /// The option.
        key: String,
        /// What sets it.
        by: String,
    },
    /// The control does not take the option.
    #[error("{model} has no `{key}` in {control}, expected it in {}", controls.join(" or "))]
    NotForControl {
        /// The program.
        model: Model,
        /// The option, without a control.
        key: String,
        /// The control that was named.
        control: String,
        /// The controls that take it.
        controls: Vec<String>,
    },
}

impl OptionError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean {nearest}?")),
            Self::Unknown { model, .. } => Some(format!(
                "cosmos options {} shows what there is",
                model.name()
            )),
            Self::Value { .. } => None,
            Self::Owned { by, .. } if by == super::THE_PROMPT => {
                Some("make another prompt with cosmos create-spec".into())
            }
            Self::Owned { .. } => {
                Some("leave it out: it follows from the prompt and the run".into())
            }
            Self::NotForControl { key, controls, .. } => controls
                .first()
                .map(|control| format!("did you mean {control}.{key}?")),
        }
    }
}
