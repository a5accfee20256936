//! What the user says about a shot: which sequence is which modality, and which shot is meant.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use cosmos_core::modality::{Modality, UnknownModality};

use super::pattern::{FramePattern, PatternError};
use super::scan::Found;

/// One sequence that is a modality, whatever its name says: `depth=Mist####.png`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRule {
    /// What the sequence is.
    pub modality: Modality,
    /// A pattern of file names (`Mist####.png`), or the name of a sequence or of its folder (`Mist`). Either may have
    /// folders before it, from the render folder on (`passes/Mist####.png`).
    pub name: String,
    /// Whether a folder without such a sequence is refused. What holds for all folders is not.
    pub is_required: bool,
    pattern: Option<FramePattern>,
}

impl MapRule {
    /// The sequence called `name` is `modality`, and must be there.
    ///
    /// # Errors
    /// [`InvalidMapRule`] for a name that names nothing.
    pub fn new(modality: Modality, name: &str) -> Result<Self, InvalidMapRule> {
        let (_, file) = split_folder(name);
        if file.is_empty() {
            return Err(InvalidMapRule::NoName(modality));
        }
        let pattern = match file.parse::<FramePattern>() {
            Ok(pattern) => Some(pattern),
            // A plain name has no place for a number.
            Err(PatternError::NoPlaceholder(_)) => None,
            Err(error) => return Err(InvalidMapRule::Pattern(error)),
        };
        Ok(Self {
            modality,
            name: name.to_owned(),
            is_required: true,
            pattern,
        })
    }

    /// The same rule, for folders that may do without.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            is_required: false,
            ..self
        }
    }

    /// Whether it means `found`, in a shot in `root`.
    pub(super) fn fits(&self, root: &Path, found: &Found) -> bool {
        let (folder, file) = split_folder(&self.name);
        let folder_of_found = found.folder.strip_prefix(root).unwrap_or(Path::new(""));
        let is_there = folder.is_empty() || folder_of_found == Path::new(folder);
        match &self.pattern {
            Some(pattern) => {
                let first = found.files.first().and_then(|file| file.path.file_name());
                is_there && first.is_some_and(|name| pattern.frame_number(name).is_some())
            }
            None => {
                let is_named = |name: &str| name.to_lowercase() == file.to_lowercase();
                let is_file = is_there && is_named(found.name());
                let own = folder_of_found.file_name().unwrap_or_default();
                let parent = folder_of_found.parent().unwrap_or(Path::new(""));
                let is_folder = is_named(&own.to_string_lossy())
                    && (folder.is_empty() || parent == Path::new(folder));
                is_file || is_folder
            }
        }
    }
}

/// The folders and the last part of `name`, which may be a path.
fn split_folder(name: &str) -> (&str, &str) {
    let name = name.trim().trim_start_matches("./").trim_end_matches('/');
    name.rsplit_once('/').unwrap_or(("", name))
}

impl fmt::Display for MapRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.modality, self.name)
    }
}

/// Why a text does not say which sequence is which.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMapRule {
    /// There is no `=` in it.
    #[error("`{0}` is not of the form MODALITY=NAME, as in depth='Mist####.png'")]
    NoModality(String),
    /// What stands before it is no modality.
    #[error(transparent)]
    Modality(#[from] UnknownModality),
    /// Nothing stands behind it.
    #[error(
        "{0} is mapped to nothing: write {0}='NAME####.png', or the name of a sequence or folder"
    )]
    NoName(Modality),
    /// What stands behind it is a pattern that cannot be used.
    #[error("{0}: write the frame number as ####, and no wildcards")]
    Pattern(PatternError),
}

impl FromStr for MapRule {
    type Err = InvalidMapRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (modality, name) = text
            .split_once('=')
            .ok_or_else(|| InvalidMapRule::NoModality(text.to_owned()))?;
        Self::new(modality.trim().parse()?, name.trim())
    }
}

/// Whether the shot called `wanted` is the one with these `words`: all its words are among them.
pub(super) fn shot_fits(wanted: &str, words: &[String]) -> bool {
    let mut wanted = wanted
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    wanted.peek().is_some()
        && wanted.all(|wanted| {
            let is_it = |word: &String| word.to_lowercase() == wanted.to_lowercase();
            words.iter().any(is_it)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_or_refused_with_its_reason() {
        let rule: MapRule = "seg = passes/Crypto Object".parse().expect("a rule");
        assert_eq!(rule.modality, Modality::Segmentation);
        assert_eq!(rule.to_string(), "segmentation=passes/Crypto Object");
        for (text, expected) in [
            ("Mist", "is not of the form"),
            ("normals=N", "is not a modality"),
            ("depth=", "is mapped to nothing"),
            ("depth=Mist*.png", "is a wildcard"),
        ] {
            let error = text.parse::<MapRule>().expect_err(text);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn a_shot_is_known_by_its_words() {
        let words = ["proj".to_owned(), "sh010".to_owned()];
        for (wanted, expected) in [
            ("sh010", true),
            ("proj_SH010", true),
            ("sh01", false),
            ("sh020", false),
            ("", false),
        ] {
            assert_eq!(shot_fits(wanted, &words), expected, "{wanted}");
        }
    }
}
