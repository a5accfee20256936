//! What the user should know although the work goes on.

use serde::Serialize;

/// Something that does not stop the work, but that the user should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What was noticed.
    pub message: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
