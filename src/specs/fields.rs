//! Takes a JSON object apart field by field, so that a wrong value is refused with its name and what would be
//! right, and what nobody asked for is left over to be kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use serde::de::{DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::SpecError;
use crate::files;
use crate::modality::Modality;

/// The largest file that is read as a specification.
const MAX_BYTES: u64 = 16 << 20;
/// Characters of a value that are quoted in a message.
const MAX_QUOTED: usize = 80;

/// What is left of an object.
pub(super) struct Fields {
    origin: String,
    /// `control_weights.` inside the object of that name.
    prefix: String,
    left: Map<String, Value>,
}

impl Fields {
    pub fn of_file(path: &Path) -> Result<Self, SpecError> {
        let text = read(path)?;
        Self::of_text(&path.display().to_string(), &text)
    }

    /// `origin` stands before every message.
    pub fn of_text(origin: &str, text: &str) -> Result<Self, SpecError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str(text).map_err(|source| SpecError::Syntax {
            origin: origin.to_owned(),
            source,
        })?;
        Self::of_value(origin, value)
    }

    pub fn of_value(origin: &str, value: Value) -> Result<Self, SpecError> {
        match value {
            Value::Object(left) => Ok(Self {
                origin: origin.to_owned(),
                prefix: String::new(),
                left,
            }),
            other => Err(SpecError::NotAnObject {
                origin: origin.to_owned(),
                value: quoted(&other),
            }),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// What nobody has taken, in the order of the file.
    pub fn rest(self) -> Map<String, Value> {
        self.left
    }

    /// Takes the first of `names` that is there. `null` counts as absent.
    pub fn take<T: DeserializeOwned>(
        &mut self,
        names: &[&str],
        expected: &'static str,
        fits: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, SpecError> {
        for name in names {
            // Not `remove`, which would change the order of what stays.
            let Some(value) = self.left.shift_remove(*name) else {
                continue;
            };
            if value.is_null() {
                continue;
            }
            return match serde_json::from_value(value.clone()) {
                Ok(taken) if fits(&taken) => Ok(Some(taken)),
                _ => Err(self.invalid(name, &value, expected)),
            };
        }
        Ok(None)
    }

    /// Takes a field that has to be there.
    pub fn require<T: DeserializeOwned>(
        &mut self,
        name: &str,
        expected: &'static str,
        fits: impl Fn(&T) -> bool,
    ) -> Result<T, SpecError> {
        self.take(&[name], expected, fits)?
            .ok_or_else(|| SpecError::MissingField {
                origin: self.origin.clone(),
                field: format!("{}{name}", self.prefix),
                expected,
            })
    }

    /// Takes the object `name`; an empty one if it is absent.
    pub fn object(&mut self, name: &str) -> Result<Self, SpecError> {
        let left = self.take(&[name], "an object in braces", |_| true)?;
        Ok(Self {
            origin: self.origin.clone(),
            prefix: format!("{}{name}.", self.prefix),
            left: left.unwrap_or_default(),
        })
    }

    /// Takes everything, with a control for each name.
    pub fn by_control<T: DeserializeOwned>(
        mut self,
        expected: &'static str,
        fits: impl Fn(&T) -> bool,
    ) -> Result<BTreeMap<Modality, T>, SpecError> {
        let mut found = BTreeMap::new();
        let names: Vec<String> = self.left.keys().cloned().collect();
        for name in names {
            let field = self.prefix.trim_end_matches('.').to_owned();
            let origin = self.origin.clone();
            let control = Modality::from_word(&name).filter(|&control| control != Modality::Color);
            let Some(control) = control else {
                return Err(SpecError::UnknownControl {
                    origin,
                    field,
                    name,
                });
            };
            if let Some(value) = self.take(&[&name], expected, &fits)?
                && found.insert(control, value).is_some()
            {
                let name = control.to_string();
                return Err(SpecError::RepeatedControl {
                    origin,
                    field,
                    name,
                });
            }
        }
        Ok(found)
    }

    /// The same fields under another name in messages.
    pub fn called(mut self, prefix: &str) -> Self {
        self.prefix = format!("{prefix}.");
        self
    }

    fn invalid(&self, name: &str, value: &Value, expected: &'static str) -> SpecError {
        SpecError::InvalidField {
            origin: self.origin.clone(),
            field: format!("{}{name}", self.prefix),
            value: quoted(value),
            expected,
        }
    }
}

/// A name that the object in `text` has more than once. Of such fields only the last would count. `None` also
/// for what is no object.
pub(super) fn repeated_name(text: &str) -> Option<String> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut names = BTreeSet::new();
            let mut repeated = None;
            while let Some((name, IgnoredAny)) = map.next_entry::<String, _>()? {
                if let Some(name) = names.replace(name) {
                    repeated.get_or_insert(name);
                }
            }
            Ok(repeated)
        }
    }

    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Names).ok().flatten()
}

/// The text of a file that may be a specification.
pub(super) fn read(path: &Path) -> Result<String, SpecError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => SpecError::NotFound { path: path.into() },
        io::ErrorKind::IsADirectory => SpecError::IsFolder { path: path.into() },
        _ => SpecError::Read {
            path: path.into(),
            source,
        },
    };
    let file = files::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes > MAX_BYTES {
        return Err(SpecError::TooLarge {
            path: path.into(),
            bytes,
        });
    }
    let mut text = String::new();
    file.take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}

fn quoted(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
