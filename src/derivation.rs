//! How a control was made of color, as a value.

pub use cosmos_derive::Strength;
use serde::{Deserialize, Serialize};

use crate::cosmos::Model;

/// How a control was made of color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    /// `canny` or `blur`.
    pub method: Method,
    /// The model's preset.
    #[serde(with = "strength")]
    pub strength: Strength,
    /// The model whose program makes it so.
    pub model: Model,
}

/// What makes a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// OpenCV's Canny.
    Canny,
    /// The program's blur.
    Blur,
}

mod strength {
    use cosmos_derive::Strength;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(strength: &Strength, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(strength.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Strength, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Derivation {
    /// What the user should know: why the model's program would make another one.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        match (self.model, self.method) {
            (Model::Transfer1, Method::Canny) => Some(
                "Cosmos-Transfer1 draws the thresholds of its own edges at random; these are made with the preset of the later models",
            ),
            (Model::Transfer1, Method::Blur) => Some(
                "Cosmos-Transfer1 draws the last factor of its own blur at random; this one is made with a fixed factor",
            ),
            _ => None,
        }
    }
}
