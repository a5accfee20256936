//! A spec and a command line in the making: what a planner decides, and on top what the user sets by the names of
//! the model's program.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::options::{Found, OptionError, Place, ProgramOption, program};
use super::{Model, Options, Refused, Request};
use crate::specs::Parameters;

/// Parts of names of options and variables that change nothing about the result.
const BESIDE_THE_RESULT: [&str; 7] = [
    "offload",
    "parallelism",
    "shard",
    "CUDA_VISIBLE_DEVICES",
    "PYTHONPATH",
    "VERBOSE",
    "keep-going",
];

/// The options in `set` as the program of `model` takes them: known, of the right type, and each under one name.
///
/// # Errors
/// [`OptionError`] for an option that it does not have, or a value that it does not take.
pub fn checked_options(
    model: Model,
    set: &Map<String, Value>,
) -> Result<Map<String, Value>, Refused> {
    set.iter()
        .map(|(key, value)| {
            let (found, value) = look_up(model, key, value)?;
            Ok((found.name(), value))
        })
        .collect()
}

fn look_up(model: Model, key: &str, value: &Value) -> Result<(Found<'static>, Value), OptionError> {
    let found = program(model).find(key)?;
    found.settable()?;
    let value = match value {
        Value::String(text) => found.option.parse(text)?,
        other => {
            found.option.check(other)?;
            other.clone()
        }
    };
    Ok((found, value))
}

/// Options that the user sets by the names of the model's program, the later ones counting.
pub(super) struct Overrides {
    model: Model,
    checked: Vec<Override>,
    raw: Vec<(String, Value)>,
}

struct Override {
    option: &'static ProgramOption,
    control: Option<String>,
    value: Value,
    /// Whether the settings file has it, and not the run: it then counts only for controls that the run has.
    is_default: bool,
}

impl Overrides {
    /// What `request` sets, checked against what the program takes.
    pub fn of(model: Model, request: &Request<'_>) -> Result<Self, Refused> {
        let parameters = &request.run.parameters;
        let configured = request.options.set.iter().map(|entry| (entry, true));
        let of_run = parameters.set.iter().map(|entry| (entry, false));
        let mut checked: Vec<Override> = Vec::new();
        for ((key, value), is_default) in configured.chain(of_run) {
            let (found, value) = look_up(model, key, value)?;
            let control = found.control.map(str::to_owned);
            checked.retain(|known| {
                !(known.option.key == found.option.key && known.control == control)
            });
            checked.push(Override {
                option: found.option,
                control,
                value,
                is_default,
            });
        }
        let raw = parameters.set_raw.iter();
        Ok(Self {
            model,
            checked,
            raw: raw
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        })
    }

    /// The value that is set for a key of the spec.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let found = |known: &&Override| known.control.is_none() && known.option.key == key;
        self.checked.iter().rfind(found).map(|known| &known.value)
    }

    /// The whole number that is set for a key.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_u64()
    }

    /// The seed that counts.
    pub fn seed(&self, parameters: &Parameters) -> Option<u64> {
        self.number("seed").or(parameters.seed.map(u64::from))
    }

    /// The text that is set for a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Whether a switch is set.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }
}

/// What a program is handed.
pub(super) struct Invocation {
    /// The spec file's object.
    pub spec: Map<String, Value>,
    /// Options of the command by name, each with its words, in order.
    flags: Vec<(String, Vec<String>)>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

impl Invocation {
    /// An empty spec, and the GPUs of `options` in the environment.
    pub fn new(options: &Options) -> Self {
        let devices = options.cuda_devices.clone();
        Self {
            spec: Map::new(),
            flags: Vec::new(),
            env: BTreeMap::from([("CUDA_VISIBLE_DEVICES".to_owned(), devices)]),
        }
    }

    /// Sets a key of the spec, unless the value is `None`.
    pub fn set(&mut self, key: &str, value: impl Serialize) {
        let value = json!(value);
        if !value.is_null() {
            self.spec.insert(key.to_owned(), value);
        }
    }

    /// Adds an option with a value.
    pub fn flag(&mut self, name: &str, value: &str) {
        self.put_flag(name, vec![name.to_owned(), value.to_owned()]);
    }

    /// Adds a switch.
    pub fn switch(&mut self, name: &str) {
        self.put_flag(name, vec![name.to_owned()]);
    }

    /// Puts the words of an option in place of those that it had.
    fn put_flag(&mut self, name: &str, words: Vec<String>) {
        self.flags.retain(|(known, _)| known != name);
        self.flags.push((name.to_owned(), words));
    }

    /// Sets an environment variable.
    pub fn env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Lays `overrides` over what is there, with a note for each value that gives way to another.
    pub fn apply(&mut self, overrides: &Overrides, notes: &mut Vec<String>) -> Result<(), Refused> {
        for set in &overrides.checked {
            let key = &set.option.key;
            match (set.option.place, &set.control) {
                (Place::Control, Some(control)) => {
                    self.set_control(overrides.model, set, control)?
                }
                (Place::Flag, _) => {
                    let words = set.option.words(&set.value);
                    let name = format!("--{}", set.option.key);
                    let dashed = name.replace('_', "-");
                    // What the planner has added stands under one of these names.
                    self.flags.retain(|(known, _)| *known != dashed);
                    self.put_flag(&name, words);
                }
                (Place::Env, _) => self.env(key, &plain(&set.value)),
                _ => {
                    let before = self.spec.insert(key.clone(), set.value.clone());
                    if let Some(before) = before.filter(|before| *before != set.value) {
                        notes.push(format!("{key} is {} instead of {before}", set.value));
                    }
                }
            }
        }
        for (key, value) in &overrides.raw {
            self.set_raw(key, value);
        }
        Ok(())
    }

    fn set_control(&mut self, model: Model, set: &Override, control: &str) -> Result<(), Refused> {
        let key = &set.option.key;
        match self.spec.get_mut(control).and_then(Value::as_object_mut) {
            Some(object) => {
                object.insert(key.clone(), set.value.clone());
            }
            None if set.is_default => {}
            // Controls that no renderer writes: the program derives them, and nothing else could name them.
            None if control == "keypoint" => {
                self.spec
                    .insert(control.to_owned(), json!({key.as_str(): set.value}));
            }
            None => {
                return Err(Refused::new(
                    model,
                    "control_weights",
                    format!("0 for {control}, for which {control}.{key} is set"),
                    "a weight above 0",
                ));
            }
        }
        Ok(())
    }

    fn set_raw(&mut self, key: &str, value: &Value) {
        if key.starts_with("--") {
            let mut words = vec![key.to_owned()];
            if *value != Value::Bool(true) {
                words.push(plain(value));
            }
            return self.put_flag(key, words);
        }
        let (object, key) = match key.split_once('.') {
            Some((control, key)) => {
                let entry = self.spec.entry(control).or_insert_with(|| json!({}));
                match entry.as_object_mut() {
                    Some(object) => (object, key),
                    None => (&mut self.spec, key),
                }
            }
            None => (&mut self.spec, key),
        };
        object.insert(key.to_owned(), value.clone());
    }

    /// The options and variables that decide what comes out: not how memory and GPUs are used, or what is logged.
    pub fn identity(&self) -> Vec<String> {
        let is_part = |name: &str| !BESIDE_THE_RESULT.iter().any(|known| name.contains(known));
        let flags = self.flags.iter().filter(|(name, _)| is_part(name));
        let env = self.env.iter().filter(|(name, _)| is_part(name));
        flags
            .flat_map(|(_, words)| words.clone())
            .chain(env.map(|(name, value)| format!("{name}={value}")))
            .collect()
    }

    /// The words of all options.
    pub fn flag_words(&self) -> impl Iterator<Item = String> {
        self.flags.iter().flat_map(|(_, words)| words.clone())
    }
}

/// A value as a word of a command line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
