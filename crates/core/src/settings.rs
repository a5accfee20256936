//! What the parts of the program say of their settings, for `config` to put together.

use std::path::Path;

/// The text is not one of the values that are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: expected {expected}")]
pub struct UnknownValue {
    /// What was given.
    pub text: String,
    /// What it should have been, in a word or two.
    pub what: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

/// A key of the settings `S`: what it takes, in words for messages, and as a check of what its type alone lets through.
pub struct Key<S> {
    /// As `config.toml` spells it.
    pub name: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    /// Whether the value that the settings have can be used.
    pub is_usable: fn(&S) -> bool,
}

/// Whether `text` can be an argument of a remote command without passing for an option.
pub fn is_argument(text: &str) -> bool {
    !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether `path` names something, and not by another user's home folder, which is not looked up.
pub fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_foreign_home = text.starts_with('~') && !path.starts_with("~");
    !text.is_empty() && !is_foreign_home && !text.contains(char::is_control)
}
