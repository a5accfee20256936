//! Every key of a spec by itself: whether the program knows it, and takes its value.

use serde_json::{Map, Value};

use super::super::Model;
use super::super::options::{Effect, Program, ProgramOption};
use super::Finding;

pub(super) fn judge(program: &Program, sample: &Map<String, Value>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, value) in sample {
        if program.controls().any(|control| control == key) {
            control(program, key, value, &mut found);
        } else {
            top(program, key, value, &mut found);
        }
    }
    if program.model != Model::Transfer1 {
        let required = program.options.iter().filter(|option| {
            option.required
                && program
                    .spec_key(&option.key)
                    .is_some_and(|own| std::ptr::eq(own, *option))
        });
        for option in required.filter(|option| !sample.contains_key(&option.key)) {
            found.push(
                Finding::error(
                    "spec.missing-key",
                    format!("{} has to be there", option.key),
                )
                .at(&option.key),
            );
        }
    }
    found
}

fn top(program: &Program, key: &str, value: &Value, found: &mut Vec<Finding>) {
    let model = program.model;
    let own = program.spec_key(key).or_else(|| {
        // Transfer1 sets whatever attribute a key names, and its flags are attributes.
        program.flag(key).filter(|_| model == Model::Transfer1)
    });
    if let Some(option) = own {
        value_of(option, key, value, "spec", found);
        return;
    }
    let refused = match model {
        Model::Transfer1 => value.is_object(),
        Model::Transfer2_5 | Model::Cosmos3 => true,
    };
    let help = if program.flag(key).is_some() {
        Some(format!(
            "{key} is a flag of the program, not a key of its spec"
        ))
    } else {
        program
            .nearest(key)
            .map(|nearest| format!("did you mean {nearest}?"))
    };
    let finding = if refused {
        Finding::error(
            "spec.unknown-key",
            format!("{model} does not know {key} and refuses the spec"),
        )
    } else {
        Finding::warning(
            "spec.unknown-key",
            format!("{model} does not know {key} and ignores it"),
        )
    };
    found.push(Finding {
        help,
        ..finding.at(key)
    });
}

fn control(program: &Program, name: &str, value: &Value, found: &mut Vec<Finding>) {
    let model = program.model;
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Null if model != Model::Transfer1 => return,
        _ => {
            found.push(
                Finding::error(
                    "control.not-an-object",
                    format!("{name} is {value}, expected an object in braces"),
                )
                .at(name),
            );
            return;
        }
    };
    for (key, value) in fields {
        let full = format!("{name}.{key}");
        if let Some(option) = program.control_key(name, key) {
            value_of(option, &full, value, "control", found);
            continue;
        }
        let elsewhere = program.control_key_of_any(key);
        let help = match elsewhere {
            Some(option) => Some(format!("only {} takes it", option.controls.join(" and "))),
            None => program
                .nearest(&full)
                .map(|nearest| format!("did you mean {nearest}?")),
        };
        let finding = if model == Model::Cosmos3 {
            Finding::error(
                "control.unknown-key",
                format!("{model} does not know {key} in {name} and refuses the spec"),
            )
        } else {
            Finding::warning(
                "control.unknown-key",
                format!("{model} does not know {key} in {name} and ignores it"),
            )
        };
        found.push(Finding {
            help,
            ..finding.at(full)
        });
    }
}

fn value_of(
    option: &ProgramOption,
    key: &str,
    value: &Value,
    place: &str,
    found: &mut Vec<Finding>,
) {
    // A path that is null is a path that is not there, which Transfer1's code takes for any key it looks up so.
    if option.effect == Effect::Ignored && !value.is_null() {
        let code = if place == "spec" {
            "spec.no-effect"
        } else {
            "control.no-effect"
        };
        found.push(
            Finding::warning(code, format!("{key} has no effect"))
                .at(key)
                .help(option.help.clone()),
        );
    }
    // Nothing reads what has no effect, so Transfer1 cannot fail over it.
    let is_read = option.effect == Effect::Works || option.model != Model::Transfer1;
    if let (Err(_), true) = (option.check(value), is_read) {
        let code = if place == "spec" {
            "spec.value"
        } else {
            "control.value"
        };
        let finding = Finding::error(
            code,
            format!(
                "{key} is {}, expected {}",
                shortened(value),
                option.expected()
            ),
        );
        found.push(match option.model {
            Model::Transfer1 => finding
                .at(key)
                .help("the program does not look at it until it fails over it"),
            Model::Transfer2_5 | Model::Cosmos3 => finding.at(key),
        });
    }
}

/// A value for a message.
fn shortened(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}
