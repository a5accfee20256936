//! What each program of NVIDIA's can be told: every key of its spec, every flag, the environment variables of use.
//!
//! One TOML file a program says what there is, of which kind, and where in the program's source it was read. A
//! key is found by [`Program::find`], a value made of text by [`ProgramOption::parse`], and one from a spec judged
//! by [`ProgramOption::check`].

mod error;
mod find;
mod value;

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::specs::Model;
pub use error::OptionError;
pub use find::Found;

/// What sets the keys that are never set by name: paths, names and folders.
const COSMOS: &str = "cosmos";
/// What sets the texts.
const THE_PROMPT: &str = "the prompt";
/// What sets how many processes there are, which several keys have to agree with.
const NUM_GPU: &str = "--num-gpu";

/// One program and all of its options.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    /// The generation that it runs.
    pub model: Model,
    /// Its repository on GitHub.
    pub repository: String,
    /// The commit that the list was read from, in full.
    pub commit: String,
    /// The day of that commit, as `2026-06-07`.
    pub date: String,
    /// The options: spec keys first, then keys of controls, flags and variables, mostly.
    pub options: Vec<ProgramOption>,
}

/// Something that a program can be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramOption {
    /// Whose it is.
    #[serde(skip)]
    pub model: Model,
    /// Its name, as the program spells it; a flag without dashes in front, and with underscores.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// The controls that take it, in the program's words; empty for what is not inside a control.
    #[serde(default)]
    pub controls: Vec<String>,
    /// What its values are.
    pub kind: Kind,
    /// Whether the program refuses to run without it.
    #[serde(default)]
    pub required: bool,
    /// Whether its value in a spec may be `null`.
    #[serde(default)]
    pub null: bool,
    /// The number of entries of a list, where it is fixed.
    #[serde(default)]
    pub length: Option<usize>,
    /// The smallest number, also of each entry of a list.
    #[serde(default)]
    pub min: Option<f64>,
    /// Whether `min` itself is too small.
    #[serde(default)]
    pub above: bool,
    /// The largest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// All values, where there are few.
    #[serde(default)]
    pub choices: Vec<String>,
    /// What the program uses without it; empty for nothing, in parentheses where it is too long to be shown.
    #[serde(default)]
    pub default: String,
    /// What replaces the default in some cases, as a phrase.
    #[serde(default)]
    pub tuned: Option<String>,
    /// What it does, its unit and its traps.
    pub help: String,
    /// Where it was read, as `file:symbol`.
    pub source: String,
    /// The commit that brought it, if the program had transfer before.
    #[serde(default)]
    pub since: Option<String>,
    /// What of ours sets it: an option, a setting, the prompt, or nobody but cosmos.
    #[serde(default)]
    pub set_by: Option<String>,
    /// What became of it in the program.
    #[serde(default)]
    pub effect: Effect,
}

/// Where an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the spec file, at the top.
    Spec,
    /// In the spec file, inside the object of a control.
    Control,
    /// On the command line.
    Flag,
    /// In the environment.
    Env,
}

impl Place {
    /// The word in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Control => "control",
            Self::Flag => "flag",
            Self::Env => "env",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the values of an option are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A whole number.
    #[serde(rename = "integer")]
    Integer,
    /// A number, with or without a fraction.
    #[serde(rename = "number")]
    Number,
    /// A number that has to be in quotes in the spec.
    #[serde(rename = "number as text")]
    NumberText,
    /// A number, or the path of a weight map.
    #[serde(rename = "weight")]
    Weight,
    /// Any text.
    #[serde(rename = "text")]
    Text,
    /// One of a few words.
    #[serde(rename = "choice")]
    Choice,
    /// True or false; as a flag `--key` or `--no-key`.
    #[serde(rename = "boolean")]
    Boolean,
    /// A flag that is there or not.
    #[serde(rename = "switch")]
    Switch,
    /// The path of a file on the host.
    #[serde(rename = "file")]
    File,
    /// The path of a folder on the host.
    #[serde(rename = "folder")]
    Folder,
    /// Whole numbers.
    #[serde(rename = "list of integers")]
    Integers,
    /// Numbers.
    #[serde(rename = "list of numbers")]
    Numbers,
    /// Texts.
    #[serde(rename = "list of texts")]
    Texts,
    /// Paths of files on the host.
    #[serde(rename = "list of files")]
    Files,
    /// JSON objects.
    #[serde(rename = "list of objects")]
    Objects,
    /// A JSON object.
    #[serde(rename = "object")]
    Object,
    /// The object of a control, with keys of its own.
    #[serde(rename = "control")]
    Control,
}

impl Kind {
    /// The words in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::NumberText => "number as text",
            Self::Weight => "weight",
            Self::Text => "text",
            Self::Choice => "choice",
            Self::Boolean => "boolean",
            Self::Switch => "switch",
            Self::File => "file",
            Self::Folder => "folder",
            Self::Integers => "list of integers",
            Self::Numbers => "list of numbers",
            Self::Texts => "list of texts",
            Self::Files => "list of files",
            Self::Objects => "list of objects",
            Self::Object => "object",
            Self::Control => "control",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What became of an option in the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It does what it says.
    #[default]
    Works,
    /// It is accepted and does nothing on a transfer.
    Ignored,
}

impl ProgramOption {
    /// The range or the choices in a few words; empty where everything goes.
    #[must_use]
    pub fn range(&self) -> String {
        if !self.choices.is_empty() {
            return self.choices.join(", ");
        }
        let above = if self.above { "above " } else { "" };
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{above}{min} to {max}"),
            (Some(min), None) if self.above => format!("above {min}"),
            (Some(min), None) => format!("{min} or more"),
            (None, Some(max)) => format!("up to {max}"),
            (None, None) => String::new(),
        }
    }

    /// Who alone may set it, if it is not to be set by name.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        let set_by = self.set_by.as_deref()?;
        [COSMOS, THE_PROMPT, NUM_GPU]
            .contains(&set_by)
            .then_some(set_by)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    program: Head,
    option: Vec<ProgramOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    repository: String,
    commit: String,
    date: String,
}

/// The program that runs `model`.
#[must_use]
pub fn program(model: Model) -> &'static Program {
    static TRANSFER1: LazyLock<Program> =
        LazyLock::new(|| built_in(Model::Transfer1, include_str!("transfer1.toml")));
    static TRANSFER2_5: LazyLock<Program> =
        LazyLock::new(|| built_in(Model::Transfer2_5, include_str!("transfer2.5.toml")));
    static COSMOS3: LazyLock<Program> =
        LazyLock::new(|| built_in(Model::Cosmos3, include_str!("cosmos3.toml")));
    match model {
        Model::Transfer1 => &TRANSFER1,
        Model::Transfer2_5 => &TRANSFER2_5,
        Model::Cosmos3 => &COSMOS3,
    }
}

/// Reads a file that is part of this program, so that a mistake in it is one of ours; the tests read them all.
fn built_in(model: Model, text: &str) -> Program {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => unreachable!("the built-in options of {model}: {error}"),
    };
    let options = file.option.into_iter();
    Program {
        model,
        repository: file.program.repository,
        commit: file.program.commit,
        date: file.program.date,
        options: options
            .map(|option| ProgramOption { model, ..option })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
