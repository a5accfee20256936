//! Command lines, as `argparse` reads that of Transfer1 and `tyro` those of the others.

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::keys::{Default, Key, Kind, Model, Place};

/// What stands on a command line, by the names of the keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Flags {
    /// The values, and the defaults of all that is not given.
    pub values: Map<String, Value>,
    /// The names of the flags that are written out in full as words of their own.
    pub exact: Vec<String>,
    /// The names of those that are given at all.
    pub given: Vec<String>,
}

impl Flags {
    fn new(keys: &[Key]) -> Self {
        let defaults = keys.iter().filter_map(|key| match &key.default {
            Default::Is(value) => Some((key.name.to_owned(), value.clone())),
            Default::Required | Default::BuiltIn => None,
        });
        Self {
            values: defaults.collect(),
            exact: Vec::new(),
            given: Vec::new(),
        }
    }

    fn set(&mut self, key: &Key, value: Value) {
        self.values.insert(key.name.to_owned(), value);
        self.given.push(key.name.to_owned());
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    pub fn is(&self, name: &str) -> bool {
        self.values.get(name) == Some(&Value::Bool(true))
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.values.get(name).and_then(Value::as_f64)
    }

    pub fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.values.get(name).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}

fn flags_of(model: Model) -> Vec<Key> {
    let keys = model.keys().into_iter();
    keys.filter(|key| key.place == Place::Flag).collect()
}

fn is_option(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1 && word.parse::<f64>().is_err()
}

/// The command line of Transfer1.
pub fn argparse(program: &str, words: &[String]) -> Result<Flags, Failure> {
    let keys = flags_of(Model::Transfer1);
    let fail = |says: String| {
        let program = program.rsplit('/').next().unwrap_or_default();
        Failure::usage(format!(
            "usage: {program} [-h] --controlnet_specs CONTROLNET_SPECS ...\n{program}: error: {says}"
        ))
    };
    let mut flags = Flags::new(&keys);
    let mut unknown = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let wanted = name.strip_prefix("--").filter(|_| !word.contains(' '));
        // A beginning is enough where only one flag has it.
        let begins = |key: &&Key| wanted.is_some_and(|wanted| key.name.starts_with(wanted));
        let exact = keys.iter().find(|key| wanted == Some(key.name));
        let candidates: Vec<&Key> = match exact {
            Some(key) => vec![key],
            None => keys.iter().filter(begins).collect(),
        };
        let key = match candidates.as_slice() {
            [key] => *key,
            [] => {
                unknown.push(word.as_str());
                continue;
            }
            several => {
                let names: Vec<String> = several.iter().map(|k| format!("--{}", k.name)).collect();
                return Err(fail(format!(
                    "ambiguous option: {name} could match {}",
                    names.join(", ")
                )));
            }
        };
        let called = format!("--{}", key.name);
        if exact.is_some() && attached.is_none() {
            flags.exact.push(key.name.to_owned());
        }
        if key.kind == Kind::Switch {
            if let Some(value) = attached {
                return Err(fail(format!(
                    "argument {called}: ignored explicit argument '{value}'"
                )));
            }
            flags.set(key, json!(true));
            continue;
        }
        let is_value = |word: &&String| !is_option(word) || word.contains(' ');
        let value = match attached {
            Some(value) => value,
            None => match words.next_if(is_value) {
                Some(value) => value,
                None => return Err(fail(format!("argument {called}: expected one argument"))),
            },
        };
        let read = match key.kind {
            Kind::Int => python_int(value).map(|number| json!(number)),
            Kind::Float => value.trim().parse::<f64>().ok().map(|number| json!(number)),
            _ => Some(json!(value)),
        };
        let Some(read) = read else {
            let kind = if key.kind == Kind::Int {
                "int"
            } else {
                "float"
            };
            return Err(fail(format!(
                "argument {called}: invalid {kind} value: '{value}'"
            )));
        };
        let is_choice = |choice: &&str| *choice == value.trim();
        if !key.choices.is_empty() && !key.choices.iter().any(is_choice) {
            let quoted: Vec<String> = match key.kind {
                Kind::Text => key.choices.iter().map(|c| format!("'{c}'")).collect(),
                _ => key.choices.iter().map(|c| (*c).to_owned()).collect(),
            };
            return Err(fail(format!(
                "argument {called}: invalid choice: '{value}' (choose from {})",
                quoted.join(", ")
            )));
        }
        flags.set(key, read);
    }
    let missing = keys
        .iter()
        .find(|key| key.default == Default::Required && !flags.values.contains_key(key.name));
    if let Some(key) = missing {
        return Err(fail(format!(
            "the following arguments are required: --{}",
            key.name
        )));
    }
    if !unknown.is_empty() {
        return Err(fail(format!(
            "unrecognized arguments: {}",
            unknown.join(" ")
        )));
    }
    Ok(flags)
}

/// The command line of Transfer2.5 or Cosmos 3; `more_models` are further choices of `--model`.
pub fn tyro(
    model: Model,
    words: &[String],
    more_models: &[&'static str],
) -> Result<Flags, Failure> {
    let mut keys = flags_of(model);
    if model == Model::Transfer2_5
        && let Some(key) = keys.iter_mut().find(|key| key.name == "model")
    {
        key.choices.extend(more_models);
    }
    let fail = |says: String| Failure::usage(boxed(&says));
    let mut flags = Flags::new(&keys);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let plain = match name {
            "-i" => "input_files".to_owned(),
            "-o" => "output_dir".to_owned(),
            "-n" if model == Model::Cosmos3 => "num_outputs".to_owned(),
            _ => name
                .strip_prefix("--")
                .unwrap_or_default()
                .replace('-', "_"),
        };
        let switched_off = plain.strip_prefix("no_");
        let is_switch = |key: &Key| key.kind == Kind::Bool && !key.nullable;
        let found = keys.iter().find_map(|key| match switched_off {
            _ if key.name == plain => Some((key, true)),
            Some(plain) if is_switch(key) && key.name == plain => Some((key, false)),
            _ => None,
        });
        let Some((key, on)) = found else {
            return Err(fail(format!("Unrecognized options: {word}")));
        };
        let called = model.flag(key.name);
        flags.exact.push(key.name.to_owned());
        if is_switch(key) {
            if attached.is_some() {
                return Err(fail(format!(
                    "Argument {called}: ignored explicit argument"
                )));
            }
            flags.set(key, json!(on));
            continue;
        }
        let wanted = match key.kind {
            Kind::Texts | Kind::Paths | Kind::Ints => usize::MAX,
            Kind::IntPair | Kind::FloatPair => 2,
            _ => 1,
        };
        let mut given: Vec<&str> = attached.into_iter().collect();
        while given.len() < wanted
            && let Some(value) = words.next_if(|word| !is_option(word))
        {
            given.push(value);
        }
        if given.is_empty() || (wanted == 2 && given.len() < 2 && given != ["None"]) {
            let wanted = if wanted == 2 { 2 } else { 1 };
            return Err(fail(format!(
                "Missing value for argument '{called}'. Expected {wanted} values."
            )));
        }
        let value =
            worth(key, &given).map_err(|says| fail(format!("Argument {called}: {says}")))?;
        flags.set(key, value);
    }
    let missing = keys.iter().find(|key| {
        // Cosmos 3 checks for its output folder later, and by itself.
        key.default == Default::Required && !key.nullable && !flags.values.contains_key(key.name)
    });
    if let Some(key) = missing {
        return Err(fail(format!(
            "The following arguments are required: {}",
            model.flag(key.name)
        )));
    }
    Ok(flags)
}

fn worth(key: &Key, given: &[&str]) -> Result<Value, String> {
    if key.nullable && given == ["None"] {
        return Ok(Value::Null);
    }
    let int = |word: &str| {
        python_int(word)
            .map(|number| json!(number))
            .ok_or_else(|| format!("invalid literal for int() with base 10: '{word}'"))
    };
    let float = |word: &str| {
        let number = word.trim().parse::<f64>().ok();
        number
            .map(|number| json!(number))
            .ok_or_else(|| format!("could not convert string to float: '{word}'"))
    };
    let first = given.first().copied().unwrap_or_default();
    let choices: Vec<(String, &str)> = match key.kind {
        // The names of an enumeration's members, which are its values in capitals.
        Kind::Enum => key.choices.iter().map(|c| (c.to_uppercase(), *c)).collect(),
        Kind::Bool => vec![("True".into(), "true"), ("False".into(), "false")],
        _ => key.choices.iter().map(|c| ((*c).to_owned(), *c)).collect(),
    };
    if !choices.is_empty() {
        let Some((_, value)) = choices.iter().find(|(name, _)| name == first) else {
            let names: Vec<String> = choices
                .iter()
                .map(|(name, _)| format!("'{name}'"))
                .collect();
            return Err(format!(
                "invalid choice: '{first}' (choose from {})",
                names.join(", ")
            ));
        };
        return Ok(match key.kind {
            Kind::Bool => json!(*value == "true"),
            Kind::Int => int(value)?,
            _ => json!(value),
        });
    }
    match key.kind {
        Kind::Int => int(first),
        Kind::Float => float(first),
        Kind::Ints | Kind::IntPair => given.iter().copied().map(int).collect(),
        Kind::FloatPair => given.iter().copied().map(float).collect(),
        Kind::Texts | Kind::Paths => Ok(json!(given)),
        _ => Ok(json!(first)),
    }
}

fn python_int(word: &str) -> Option<i64> {
    word.trim().replace('_', "").parse().ok()
}

/// A message in a frame.
fn boxed(says: &str) -> String {
    let width = says.chars().count().max(16);
    let line = "─".repeat(width - 14);
    format!(
        "╭─ Parsing error {line}─╮\n│ {says:width$} │\n╰{}╯",
        "─".repeat(width + 2)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<String> {
        shlex::split(line).unwrap()
    }

    #[test]
    fn transfer1_s_flags_are_read_as_argparse_does() {
        let read = |line: &str| argparse("x/transfer.py", &split(line));
        let flags =
            read("--controlnet_specs a.json --num_s 10 --guidance=7 --fps 30 --seed -1").unwrap();
        assert_eq!(flags.number("num_steps"), Some(10.0));
        assert_eq!(flags.number("guidance"), Some(7.0));
        assert_eq!(flags.number("seed"), Some(-1.0));
        assert_eq!(flags.text("checkpoint_dir"), Some("checkpoints"));
        // Only these beat the spec.
        assert_eq!(flags.exact, ["controlnet_specs", "fps", "seed"]);
        for (line, says) in [
            (
                "--fps 24",
                "the following arguments are required: --controlnet_specs",
            ),
            (
                "--controlnet_specs a --fps 23.976",
                "argument --fps: invalid int value: '23.976'",
            ),
            (
                "--controlnet_specs a --fps",
                "argument --fps: expected one argument",
            ),
            (
                "--controlnet_specs a --bogus 1",
                "unrecognized arguments: --bogus 1",
            ),
            (
                "--controlnet_specs a --offload",
                "ambiguous option: --offload could match",
            ),
            (
                "--controlnet_specs a --blur_strength none",
                "invalid choice: 'none'",
            ),
            (
                "--controlnet_specs a --num_input_frames 9",
                "invalid choice: '9' (choose from 1)",
            ),
            (
                "--controlnet_specs a --use_distilled=1",
                "ignored explicit argument '1'",
            ),
        ] {
            let failure = read(line).unwrap_err();
            assert_eq!(failure.code, 2);
            assert!(
                failure.message.contains(says),
                "{line}: {}",
                failure.message
            );
        }
    }

    #[test]
    fn the_later_programs_flags_are_read_as_tyro_does() {
        let read = |line: &str| tyro(Model::Transfer2_5, &split(line), &[]);
        let flags = read(
            "-i a.json b.json -o out --disable-guardrails --no-keep-going --num_steps 5 --show-input True \
             --compile-tokenizer MODERATE --parallel-tokenizer-grid 2 4 --guided-generation-foreground-labels 1 2",
        )
        .unwrap();
        assert_eq!(flags.texts("input_files"), ["a.json", "b.json"]);
        assert!(flags.is("disable_guardrails") && !flags.is("keep_going"));
        assert!(flags.is("show_input"));
        assert_eq!(flags.number("num_steps"), Some(5.0));
        assert_eq!(flags.text("compile_tokenizer"), Some("moderate"));
        assert_eq!(flags.values["parallel_tokenizer_grid"], json!([2, 4]));
        assert_eq!(
            flags.values["guided_generation_foreground_labels"],
            json!([1, 2])
        );
        for line in [
            "-i a.json",
            "-o out",
            "-i a -o b --show-input",
            "-i a -o b --show-input true",
            "-i a -o b --compile-tokenizer moderate",
            "-i a -o b --num-steps 3.0",
            "-i a -o b --model edge/distilled",
            "-i a -o b --disable-guardrails=1",
            "-i a -o b --name x",
            "-i a -o b --num-st 3",
        ] {
            assert_eq!(read(line).unwrap_err().code, 2, "{line}");
        }
        let distilled = split("-i a -o b --model=edge/distilled");
        assert!(tyro(Model::Transfer2_5, &distilled, &["edge/distilled"]).is_ok());

        let read = |line: &str| tyro(Model::Cosmos3, &split(line), &[]);
        assert_eq!(read("-i a -o b").unwrap_err().code, 2);
        let flags = read("-i a --checkpoint-path Cosmos3-Nano --no-guardrails --seed 1").unwrap();
        assert!(!flags.is("guardrails") && flags.is("diffusion_cache"));
        assert!(read("-i a --checkpoint-path x --quantization-method fp8").is_err());
        assert!(read("-i a --checkpoint-path x --negative-metadata-mode SAME").is_ok());
        assert!(read("-i a --checkpoint-path x --negative-metadata-mode same").is_err());
    }
}
