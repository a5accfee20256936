//! What the parts of the program say of their settings, for `config` to put together.

use std::path::Path;

/// A key of the settings `S`: what it takes, in words for messages, and as a check of what its type alone lets through.
pub(crate) struct Key<S> {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static str,
    pub(crate) is_usable: fn(&S) -> bool,
}

/// Whether `text` can be an argument of a remote command without passing for an option.
pub(crate) fn is_argument(text: &str) -> bool {
    !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether `path` names something, and not by another user's home folder, which is not looked up.
pub(crate) fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_foreign_home = text.starts_with('~') && !path.starts_with("~");
    !text.is_empty() && !is_foreign_home && !text.contains(char::is_control)
}
