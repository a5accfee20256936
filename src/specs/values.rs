//! The values that specifications and the command line spell with a word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::settings::UnknownValue;

/// A generation of Cosmos models, each with a program and a file format of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// Cosmos-Transfer1.
    #[default]
    #[serde(rename = "transfer1")]
    Transfer1,
    /// Cosmos-Transfer2.5.
    #[serde(rename = "transfer2.5")]
    Transfer2_5,
    /// Cosmos 3, run by the Cosmos Framework.
    #[serde(rename = "cosmos3")]
    Cosmos3,
}

impl Model {
    /// Every generation, oldest first.
    pub const ALL: [Self; 3] = [Self::Transfer1, Self::Transfer2_5, Self::Cosmos3];

    /// The name in settings and specifications.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfer1 => "transfer1",
            Self::Transfer2_5 => "transfer2.5",
            Self::Cosmos3 => "cosmos3",
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Transfer1 => "Cosmos-Transfer1",
            Self::Transfer2_5 => "Cosmos-Transfer2.5",
            Self::Cosmos3 => "Cosmos 3",
        })
    }
}

impl FromStr for Model {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|model| model.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownValue {
                text: text.to_owned(),
                what: "model",
                expected: "transfer1, transfer2.5 or cosmos3",
            })
    }
}

/// How strongly a control is derived from the input video: blur for vis, the Canny threshold for edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of Cosmos and say it all")]
pub enum Strength {
    VeryLow,
    Low,
    Medium,
    High,
    VeryHigh,
}

impl Strength {
    /// Every strength, weakest first.
    pub const ALL: [Self; 5] = [
        Self::VeryLow,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::VeryHigh,
    ];

    /// What all of them are called, for messages.
    pub(crate) const NAMES: &str = "very_low, low, medium, high or very_high";

    /// Cosmos's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VeryLow => "very_low",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very_high",
        }
    }
}

impl FromStr for Strength {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|strength| strength.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownValue {
                text: text.to_owned(),
                what: "strength",
                expected: Self::NAMES,
            })
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionStatus {
    /// Not started.
    #[default]
    Pending,
    /// Started, and not known to have ended.
    Running,
    /// Ended with a video. Older files say `success`.
    #[serde(alias = "success")]
    Completed,
    /// Ended without one.
    Failed,
    /// Ended without one because a guardrail objected.
    Blocked,
}

impl ExecutionStatus {
    /// What all of them are called, for messages.
    pub(crate) const NAMES: &str = "pending, running, completed, failed or blocked";

    /// The word in specifications.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }
}

impl fmt::Display for ExecutionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
