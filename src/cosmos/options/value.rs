//! Values of options: made of text, and judged as the program judges them.

use serde_json::{Number, Value, json};

use super::{Kind, OptionError, Place, ProgramOption};
use crate::specs::Model;

/// Longest piece of a value in a message, in characters.
const SHOWN: usize = 60;

impl ProgramOption {
    /// The JSON that the program takes for `text`, as it is typed on a command line or in a setting.
    ///
    /// Words are found whatever their case and with `-` for `_`; lists are separated by commas or are JSON; `null`
    /// is understood where the program takes it.
    ///
    /// # Errors
    /// [`OptionError::Value`].
    pub fn parse(&self, text: &str) -> Result<Value, OptionError> {
        let text = text.trim();
        if self.null && text == "null" {
            return Ok(Value::Null);
        }
        let value = self.read(text).ok_or_else(|| self.wrong(text))?;
        self.check(&value).map_err(|_| self.wrong(text))?;
        Ok(value)
    }

    /// Whether the program takes `value`. Transfer2.5 and Cosmos 3 turn texts into numbers where they need some;
    /// Transfer1 checks nothing of a spec and fails later, so there what would fail is refused here.
    ///
    /// # Errors
    /// [`OptionError::Value`].
    pub fn check(&self, value: &Value) -> Result<(), OptionError> {
        if self.takes(value) {
            Ok(())
        } else {
            Err(self.wrong(&value.to_string()))
        }
    }

    /// What the values are, for messages.
    #[must_use]
    pub fn expected(&self) -> String {
        if self.kind == Kind::Choice || !self.choices.is_empty() {
            return match &*self.choices {
                [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
                _ => self.choices.concat(),
            };
        }
        let range = match (self.min, self.max, self.above) {
            (Some(min), Some(max), false) => format!(" from {min} to {max}"),
            (Some(min), Some(max), true) => format!(" above {min} and up to {max}"),
            (Some(min), None, false) => format!(" of {min} or more"),
            (Some(min), None, true) => format!(" above {min}"),
            (None, Some(max), _) => format!(" up to {max}"),
            (None, None, _) => String::new(),
        };
        let what = match self.kind {
            Kind::Integer => "a whole number",
            Kind::Number => "a number",
            Kind::NumberText => "a number in quotes",
            Kind::Weight => return format!("a number{range} or the path of a .pt file"),
            Kind::Text | Kind::Choice => "a text",
            Kind::Boolean | Kind::Switch => "true or false",
            Kind::File => "the path of a file",
            Kind::Folder => "the path of a folder",
            Kind::Integers | Kind::Numbers => {
                let what = if self.kind == Kind::Integers {
                    "whole numbers"
                } else {
                    "numbers"
                };
                let count = self.length.map(|n| format!("{n} ")).unwrap_or_default();
                return format!("a list of {count}{what}{range}");
            }
            Kind::Texts => "a list of texts",
            Kind::Files => "a list of paths",
            Kind::Objects => "a list of objects",
            Kind::Object | Kind::Control => "an object in braces",
        };
        format!("{what}{range}")
    }

    /// The words that a checked value is on the command line; none for a switch that stays off.
    ///
    /// Cosmos 3 refuses the transfer keys of its spec as flags, and the other two programs have no flags for keys
    /// of controls: those belong into the spec.
    #[must_use]
    pub fn words(&self, value: &Value) -> Vec<String> {
        // Transfer1 spells flags with underscores, the other two with dashes.
        let name = match self.model {
            Model::Transfer1 => self.key.clone(),
            _ => self.key.replace('_', "-"),
        };
        let plain = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match (self.kind, value) {
            (_, Value::Null) => Vec::new(),
            (Kind::Switch, value) if *value != Value::Bool(true) => Vec::new(),
            (Kind::Switch, _) => vec![format!("--{name}")],
            (Kind::Boolean, Value::Bool(on)) if self.place == Place::Flag => {
                vec![format!("--{}{name}", if *on { "" } else { "no-" })]
            }
            // A spec key of Transfer2.5 or Cosmos 3 may be absent, so as a flag it wants a word.
            (Kind::Boolean, Value::Bool(on)) => {
                vec![
                    format!("--{name}"),
                    if *on { "True" } else { "False" }.into(),
                ]
            }
            (_, Value::Array(values)) => std::iter::once(format!("--{name}"))
                .chain(values.iter().map(plain))
                .collect(),
            // Joined, a value that starts with a dash cannot pass for a flag.
            (_, value) if self.model != Model::Transfer1 => {
                vec![format!("--{name}={}", plain(value))]
            }
            // Here a flag that is not a word of its own loses to the spec.
            (_, value) => vec![format!("--{name}"), plain(value)],
        }
    }

    fn wrong(&self, value: &str) -> OptionError {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push_str("...");
        }
        OptionError::Value {
            key: self.key.clone(),
            value: shown,
            expected: self.expected(),
        }
    }

    fn read(&self, text: &str) -> Option<Value> {
        match self.kind {
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Number => number(text).map(Value::Number),
            Kind::NumberText => number(text).map(|_| json!(text)),
            Kind::Weight => match number(text) {
                // The program takes the number 0 for no weight at all.
                Some(weight) if weight.as_f64() == Some(0.0) => Some(json!("0")),
                Some(weight) => Some(Value::Number(weight)),
                None => Some(json!(text)),
            },
            Kind::Choice => self.choice(text).map(|choice| json!(choice)),
            Kind::Boolean | Kind::Switch => truth(text).map(Value::Bool),
            Kind::Text | Kind::File | Kind::Folder => Some(json!(text)),
            Kind::Integers => list(text, |item| item.parse::<i64>().ok().map(Value::from)),
            Kind::Numbers => list(text, |item| number(item).map(Value::Number)),
            Kind::Texts | Kind::Files => list(text, |item| Some(json!(item))),
            Kind::Objects | Kind::Object | Kind::Control => serde_json::from_str(text).ok(),
        }
    }

    fn choice(&self, text: &str) -> Option<&String> {
        let plain = |text: &str| text.to_lowercase().replace('-', "_").replace(':', ",");
        let mut choices = self.choices.iter();
        choices.find(|choice| plain(choice) == plain(text))
    }

    fn takes(&self, value: &Value) -> bool {
        let coerces = self.model != Model::Transfer1;
        match (self.kind, value) {
            (_, Value::Null) => self.null,
            // Choices among numbers are compared as they are.
            (Kind::Integer, value) if !self.choices.is_empty() => {
                value.is_i64() && self.choices.contains(&value.to_string())
            }
            (Kind::Integer, value) => as_number(value, coerces)
                .is_some_and(|n| (coerces || !value.is_f64()) && n.fract() == 0.0 && self.holds(n)),
            (Kind::Number, value) => as_number(value, coerces).is_some_and(|n| self.holds(n)),
            (Kind::NumberText | Kind::Text | Kind::File | Kind::Folder, value) => value.is_string(),
            (Kind::Weight, Value::String(text)) => {
                text.ends_with(".pt") || finite(text).is_some_and(|n| self.holds(n))
            }
            (Kind::Weight, value) => as_number(value, false).is_some_and(|n| self.holds(n)),
            (Kind::Choice, Value::String(text)) => self.choices.contains(text),
            (Kind::Choice, _) => false,
            (Kind::Boolean, Value::Bool(_)) | (Kind::Switch, Value::Bool(_)) => true,
            (Kind::Boolean, Value::String(text)) => coerces && truth(text).is_some(),
            (Kind::Boolean, Value::Number(n)) => coerces && matches!(n.as_f64(), Some(0.0 | 1.0)),
            (Kind::Boolean | Kind::Switch, _) => false,
            (Kind::Integers | Kind::Numbers, Value::Array(items)) => {
                let whole = self.kind == Kind::Integers;
                let fits = |item| {
                    as_number(item, coerces)
                        .is_some_and(|n| self.holds(n) && (!whole || n.fract() == 0.0))
                };
                self.length.is_none_or(|length| length == items.len()) && items.iter().all(fits)
            }
            (Kind::Texts | Kind::Files, Value::Array(items)) => items.iter().all(Value::is_string),
            (Kind::Objects, Value::Array(items)) => items.iter().all(Value::is_object),
            (Kind::Integers | Kind::Numbers | Kind::Texts | Kind::Files | Kind::Objects, _) => {
                false
            }
            (Kind::Object | Kind::Control, value) => value.is_object(),
        }
    }

    fn holds(&self, number: f64) -> bool {
        let low = self.min.is_none_or(|min| {
            if self.above {
                number > min
            } else {
                number >= min
            }
        });
        low && self.max.is_none_or(|max| number <= max)
    }
}

/// A number of JSON; with `coerces` also one in quotes and a truth value, as pydantic takes them.
fn as_number(value: &Value, coerces: bool) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if coerces => finite(text),
        Value::Bool(on) if coerces => Some(f64::from(u8::from(*on))),
        _ => None,
    }
}

fn finite(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

/// With a decimal point whatever the text had: Transfer1 multiplies by a weight only where it has one.
fn number(text: &str) -> Option<Number> {
    finite(text).and_then(Number::from_f64)
}

fn truth(text: &str) -> Option<bool> {
    match &*text.to_lowercase() {
        "true" | "yes" | "on" | "t" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "f" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// A list in brackets as JSON has it, or separated by commas.
fn list(text: &str, item: impl Fn(&str) -> Option<Value>) -> Option<Value> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok().filter(Value::is_array);
    }
    let items = text.split(',').map(str::trim);
    items
        .map(item)
        .collect::<Option<Vec<_>>>()
        .map(Value::Array)
}
