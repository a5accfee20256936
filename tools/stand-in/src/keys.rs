//! The keys and flags that each program knows, read from the `.keys` files beside this one.

use serde_json::{Map, Value, json};

/// One of NVIDIA's three programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Transfer1,
    Transfer2_5,
    Cosmos3,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of a spec.
    Spec,
    /// In a control of a spec.
    Control,
    /// In one of the `regional_prompts`.
    Region,
    /// In a line of the file of a batch.
    Batch,
    /// On the command line.
    Flag,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Float,
    Bool,
    /// A flag without a value.
    Switch,
    /// A file that exists.
    Path,
    /// Any path.
    Folder,
    Paths,
    PathOrFolder,
    PathOrUrl,
    Ints,
    Texts,
    IntPair,
    FloatPair,
    /// A word of `choices`; on the command line its name in capitals.
    Enum,
    Object,
    Control,
    /// A number, or the path of a weight map.
    Weight,
    Regions,
    BoxOrPath,
}

impl Kind {
    /// What the tables and the list call them.
    const NAMES: [(&'static str, &'static str, Self); 20] = [
        ("text", "string", Self::Text),
        ("int", "integer", Self::Int),
        ("float", "number", Self::Float),
        ("bool", "boolean", Self::Bool),
        ("switch", "boolean", Self::Switch),
        ("path", "file", Self::Path),
        ("folder", "path", Self::Folder),
        ("paths", "list (path)", Self::Paths),
        ("path-or-folder", "file or folder", Self::PathOrFolder),
        ("path-or-url", "file or URL", Self::PathOrUrl),
        ("ints", "list (integer)", Self::Ints),
        ("texts", "list (string)", Self::Texts),
        ("int-pair", "list of 2 (integer)", Self::IntPair),
        ("float-pair", "list of 2 (number)", Self::FloatPair),
        ("enum", "string", Self::Enum),
        ("object", "object", Self::Object),
        ("control", "object", Self::Control),
        ("weight", "number or file", Self::Weight),
        ("regions", "list (object)", Self::Regions),
        ("box-or-path", "list (number) or file", Self::BoxOrPath),
    ];

    fn of(name: &str) -> Option<Self> {
        let found = Self::NAMES.into_iter().find(|(known, _, _)| *known == name);
        found.map(|(_, _, kind)| kind)
    }

    fn listed(self) -> &'static str {
        let found = Self::NAMES.into_iter().find(|(_, _, kind)| *kind == self);
        found.map_or("", |(_, name, _)| name)
    }
}

/// What is so when the key is left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// It cannot be.
    Required,
    /// The program holds a text, or works it out.
    BuiltIn,
    Is(Value),
}

/// A key as one place knows it.
#[derive(Clone, Debug)]
pub struct Key {
    pub place: Place,
    pub name: &'static str,
    /// The controls that have it; empty outside controls.
    pub controls: Vec<&'static str>,
    pub kind: Kind,
    pub nullable: bool,
    pub default: Default,
    pub min: Option<f64>,
    /// Whether `min` itself is too little.
    pub above_min: bool,
    pub max: Option<f64>,
    pub choices: Vec<&'static str>,
}

impl Model {
    pub const ALL: [(&'static str, Self); 3] = [
        ("transfer1", Self::Transfer1),
        ("transfer2.5", Self::Transfer2_5),
        ("cosmos3", Self::Cosmos3),
    ];

    fn table(self) -> &'static str {
        match self {
            Self::Transfer1 => include_str!("transfer1.keys"),
            Self::Transfer2_5 => include_str!("transfer2.5.keys"),
            Self::Cosmos3 => include_str!("cosmos3.keys"),
        }
    }

    /// All that the program knows.
    pub fn keys(self) -> Vec<Key> {
        let lines = self.table().lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .flat_map(|line| keys_of(self, line))
            .collect()
    }

    /// The flag of a key, as it is written on the command line.
    pub fn flag(self, name: &str) -> String {
        match self {
            Self::Transfer1 => format!("--{name}"),
            Self::Transfer2_5 | Self::Cosmos3 => format!("--{}", name.replace('_', "-")),
        }
    }

    /// A line of JSON for each key and flag.
    pub fn list(self) -> String {
        let lines = self.keys().into_iter().map(|key| {
            let mut line = Map::new();
            let (place, name) = match key.place {
                Place::Spec if key.kind == Kind::Control => ("control", key.name.to_owned()),
                Place::Spec => ("spec", key.name.to_owned()),
                Place::Control => ("control", key.name.to_owned()),
                Place::Region => ("region", key.name.to_owned()),
                Place::Batch => ("batch", key.name.to_owned()),
                Place::Flag => ("flag", self.flag(key.name)),
            };
            line.insert("place".into(), json!(place));
            line.insert("name".into(), json!(name));
            if key.kind == Kind::Control {
                line.insert("controls".into(), json!([key.name]));
            } else if !key.controls.is_empty() {
                line.insert("controls".into(), json!(key.controls));
            }
            line.insert("type".into(), json!(key.kind.listed()));
            line.insert("nullable".into(), json!(key.nullable));
            // On the command line the names of an enumeration count, which are its values in capitals.
            let has_names = key.kind == Kind::Enum && key.place == Place::Flag;
            let named = |value: &Value| match value.as_str() {
                Some(word) if has_names => json!(word.to_uppercase()),
                _ => value.clone(),
            };
            match &key.default {
                Default::Required => _ = line.insert("required".into(), json!(true)),
                Default::BuiltIn => _ = line.insert("default".into(), json!("(built in)")),
                Default::Is(value) => _ = line.insert("default".into(), named(value)),
            }
            if let Some(min) = key.min {
                line.insert("min".into(), json!(min));
            }
            if key.above_min {
                line.insert("above_min".into(), json!(true));
            }
            if let Some(max) = key.max {
                line.insert("max".into(), json!(max));
            }
            if !key.choices.is_empty() {
                let choices = key.choices.iter().map(|choice| named(&json!(choice)));
                line.insert("choices".into(), choices.collect());
            }
            format!("{}\n", Value::Object(line))
        });
        lines.collect()
    }
}

/// The keys in one line of a table; several where it stands in several places. A table is part of this program, and a
/// test reads all of it, so that what cannot be read becomes the widest meaning.
fn keys_of(model: Model, line: &'static str) -> Vec<Key> {
    let mut cells = line.split('|').map(str::trim);
    let mut cell = || cells.next().unwrap_or_default();
    let (places, name, controls, kind, default, range, choices) =
        (cell(), cell(), cell(), cell(), cell(), cell(), cell());
    let (kind, nullable) = match kind.strip_suffix('?') {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let (low, high) = range.split_once("..").unwrap_or_default();
    let key = Key {
        place: Place::Spec,
        name,
        controls: controls.split_whitespace().collect(),
        kind: Kind::of(kind).unwrap_or(Kind::Text),
        nullable,
        default: match default {
            "!" => Default::Required,
            "~" => Default::BuiltIn,
            value => Default::Is(serde_json::from_str(value).unwrap_or_default()),
        },
        min: low.trim_start_matches('>').parse().ok(),
        above_min: low.starts_with('>'),
        max: high.parse().ok(),
        choices: choices.split_whitespace().collect(),
    };
    let places = places.split('+').map(|place| match place {
        "control" => Place::Control,
        "region" => Place::Region,
        "batch" => Place::Batch,
        "flag" => Place::Flag,
        _ => Place::Spec,
    });
    let places: Vec<Place> = places.collect();
    let also_in_spec = places.contains(&Place::Spec);
    let in_place = |place: &Place| {
        let mut key = Key {
            place: *place,
            ..key.clone()
        };
        // A flag that stands for a key of the spec is not given unless it is given.
        if *place == Place::Flag && also_in_spec && model != Model::Transfer1 {
            key.nullable = true;
            key.default = Default::Is(Value::Null);
        }
        key
    };
    places.iter().map(in_place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_understood() {
        for (name, model) in Model::ALL {
            for line in model.table().lines() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                assert!((5..=7).contains(&cells.len()), "{name}: {line}");
                let kind = cells[3].trim_end_matches('?');
                assert!(Kind::of(kind).is_some(), "{line}");
                let default = cells[4];
                let is_json = serde_json::from_str::<Value>(default).is_ok();
                assert!(is_json || ["!", "~"].contains(&default), "{line}");
                assert!(
                    cells
                        .get(5)
                        .is_none_or(|r| r.is_empty() || r.contains(".."))
                );
                let in_control = cells[0] == "control";
                assert_eq!(in_control, !cells[2].is_empty(), "{line}");
            }
        }
    }

    #[test]
    fn the_list_names_every_key_once_in_each_place() {
        for (_, model) in Model::ALL {
            let text = model.list();
            let mut seen = Vec::new();
            for line in text.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let id = (
                    line["place"].clone(),
                    line["name"].clone(),
                    line["controls"].clone(),
                );
                assert!(!seen.contains(&id), "{id:?}");
                seen.push(id);
            }
        }
        let list = Model::Cosmos3.list();
        assert!(list.contains(
            r#"{"place":"spec","name":"guidance","type":"number","nullable":true,"default":6.0,"min":0.0,"max":7.0}"#
        ));
        assert!(list.contains(r#"{"place":"flag","name":"--dp-shard-size","#));
        assert!(Model::Transfer1.list().contains(r#""name":"--num_gpus""#));
    }
}
