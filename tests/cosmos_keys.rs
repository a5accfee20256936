//! Our lists of options against the keys that NVIDIA's own classes and argument parsers have.

use std::collections::HashSet;

use cosmos_workflow::cosmos::Model;
use cosmos_workflow::cosmos::options::{Kind, Place, Program, ProgramOption, program};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Dump {
    commit: String,
    repository: String,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    name: String,
    place: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    nullable: Option<bool>,
    #[serde(default)]
    required: Option<bool>,
    #[serde(default)]
    controls: Vec<String>,
    #[serde(default)]
    choices: Vec<Value>,
    #[serde(default)]
    range: Range,
    #[serde(default)]
    default: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Range {
    ge: Option<f64>,
    gt: Option<f64>,
    le: Option<f64>,
}

fn dump(model: Model) -> Dump {
    let text = match model {
        Model::Transfer1 => include_str!("../fixtures/cosmos_keys/transfer1.keys.json"),
        Model::Transfer2_5 => include_str!("../fixtures/cosmos_keys/transfer2.5.keys.json"),
        Model::Cosmos3 => include_str!("../fixtures/cosmos_keys/cosmos3.keys.json"),
    };
    serde_json::from_str(text).expect("a dump")
}

/// The option that `key` is listed as: programs take a spec key as a flag too, and the other way round in Transfer1.
fn listed<'a>(program: &'a Program, key: &Key) -> Option<&'a ProgramOption> {
    let name = key.name.trim_start_matches('-').replace('-', "_");
    let places = match key.place.as_str() {
        "control" if key.kind.as_deref() == Some("object") => [Place::Spec, Place::Spec],
        "control" => [Place::Control, Place::Control],
        "spec" => [Place::Spec, Place::Flag],
        "flag" => [Place::Flag, Place::Spec],
        other => panic!("{other} is no place"),
    };
    places.into_iter().find_map(|place| {
        let mut options = program.options.iter();
        options.find(|option| option.place == place && option.key == name)
    })
}

/// Keys of objects that have no list of their own: those of a batch of Transfer1, which we do not write, and those
/// of a region, which its option tells of.
fn is_nested(key: &Key) -> bool {
    ["batch", "region"].contains(&key.place.as_str())
}

#[test]
fn every_key_of_nvidias_programs_is_listed_and_no_other() {
    for model in Model::ALL {
        let (program, dump) = (program(model), dump(model));
        assert!(program.commit.starts_with(&dump.commit), "{model}");
        assert_eq!(program.repository, dump.repository);
        let mut seen = HashSet::new();
        for key in dump.keys.iter().filter(|key| !is_nested(key)) {
            let option = listed(program, key);
            let option = option.unwrap_or_else(|| panic!("{model}: {} is missing", key.name));
            seen.insert((option.place, option.key.as_str()));
        }
        for option in program.options.iter().filter(|o| o.place != Place::Env) {
            assert!(
                seen.contains(&(option.place, option.key.as_str())),
                "{model}: the program has no {} {}",
                option.place,
                option.key
            );
        }
    }
}

#[test]
fn the_keys_of_a_region_are_told_where_regions_are() {
    let found = program(Model::Transfer1).find("regional_prompts").unwrap();
    for key in dump(Model::Transfer1).keys {
        if key.place == "region" {
            assert!(found.option.help.contains(&key.name), "{}", key.name);
        }
    }
}

#[test]
fn kinds_are_those_of_the_program() {
    for (model, key, option) in pairs() {
        let Some(kind) = &key.kind else { continue };
        let fits = match option.kind {
            Kind::Integer => kind == "integer",
            // The flag takes whole numbers alone, the spec any.
            Kind::Number if option.key == "fps" => kind == "integer",
            Kind::Number => kind == "number",
            Kind::NumberText | Kind::Choice => kind == "string",
            Kind::Boolean | Kind::Switch => kind == "boolean",
            Kind::Object | Kind::Control => kind == "object",
            Kind::Integers => kind.contains("list") && kind.contains("(integer)"),
            Kind::Numbers => kind.contains("list") && kind.contains("(number)"),
            Kind::Texts => kind == "list (string)",
            Kind::Files => kind == "list (path)",
            // A path is not always checked, and then no more than a text.
            Kind::Text => kind == "string",
            Kind::File => {
                ["file", "file or URL", "file or folder", "path", "string"].contains(&kind.as_str())
            }
            Kind::Folder => ["path", "string"].contains(&kind.as_str()),
            Kind::Weight | Kind::Objects => false,
        };
        assert!(fits, "{model} {}: {} is {kind}", key.name, option.kind);
        let length = kind.strip_prefix("list of ").and_then(|rest| {
            let (length, _) = rest.split_once(' ')?;
            length.parse().ok()
        });
        assert_eq!(option.length, length, "{model} {}", key.name);
    }
}

#[test]
fn ranges_and_choices_are_those_of_the_program() {
    for (model, key, option) in pairs() {
        let name = format!("{model} {}", key.name);
        let whole = option.kind == Kind::Integer;
        if let Some(low) = key.range.ge.or(key.range.gt) {
            // Whole numbers above 0 are those from 1.
            let (low, above) = match (key.range.gt.is_some(), whole) {
                (true, true) => (low + 1.0, false),
                (is_above, _) => (low, is_above),
            };
            // What is 0 or within a range is listed as one range.
            let low = if key.choices == [Value::from(0)] {
                0.0
            } else {
                low
            };
            assert_eq!((option.min, option.above), (Some(low), above), "{name}");
        }
        if let Some(high) = key.range.le {
            assert_eq!(option.max, Some(high), "{name}");
        }
        // Edge/distilled is there only with an environment variable, and single values are ranges here.
        let is_list = key.choices.len() > 1;
        if is_list && key.place != "flag" {
            let choices: Vec<String> = key.choices.iter().map(text).collect();
            assert_eq!(sorted(&option.choices), sorted(&choices), "{name}");
        } else if is_list {
            for choice in &key.choices {
                let choice = text(choice).to_lowercase();
                let mut choices = option.choices.iter();
                assert!(
                    choices.any(|own| own.to_lowercase() == choice),
                    "{name}: {choice}"
                );
            }
        }
    }
}

#[test]
fn defaults_and_what_may_be_null_are_those_of_the_program() {
    for (model, key, option) in pairs() {
        let name = format!("{model} {}", key.name);
        let own_place = key.place == option.place.name();
        if let (Some(nullable), true) = (key.nullable, own_place) {
            assert_eq!(option.null, nullable, "{name}");
        }
        if let (Some(true), true) = (key.required, own_place) {
            // The text of a prompt may come from its file instead.
            assert!(option.required || option.key == "prompt", "{name}");
        }
        // Cosmos 3 has its defaults elsewhere: its classes leave everything open.
        let Some(default) = key.default.filter(|default| !default.is_null()) else {
            continue;
        };
        if default == "" || default == serde_json::json!([]) || option.default.starts_with('(') {
            continue;
        }
        if option.key == "diffusion_cache" {
            continue; // The class says false, the program sets it.
        }
        let own = option.parse(&option.default).unwrap_or_default();
        let equal = own == default || own.as_f64().is_some_and(|n| Some(n) == default.as_f64());
        assert!(
            equal || option.default == text(&default),
            "{name}: {own}, {default}"
        );
    }
}

#[test]
fn controls_are_those_of_the_program() {
    for (model, key, option) in pairs() {
        if key.place == "control" && option.place == Place::Control {
            assert_eq!(
                sorted(&option.controls),
                sorted(&key.controls),
                "{model} {}",
                key.name
            );
        }
    }
}

fn pairs() -> impl Iterator<Item = (Model, Key, &'static ProgramOption)> {
    Model::ALL.into_iter().flat_map(|model| {
        let keys = dump(model).keys.into_iter().filter(|key| !is_nested(key));
        keys.filter_map(move |key| {
            let option = listed(program(model), &key)?;
            Some((model, key, option))
        })
    })
}

fn sorted(texts: &[String]) -> Vec<&str> {
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.sort_unstable();
    texts
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
