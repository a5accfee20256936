//! Several samples in one run of a program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::{Model, options};
use super::Finding;
use super::sample::{Sample, text};

/// What becomes of `samples` when one run of `model`'s program computes them all. Each comes with its place, for
/// messages, and with the name that it has if it has no `name`.
#[must_use]
pub fn judge_together(
    model: Model,
    samples: &[(String, String, &Map<String, Value>)],
) -> Vec<Finding> {
    let mut found = Vec::new();
    if model == Model::Transfer1 {
        return found;
    }
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut sets = BTreeSet::new();
    let program = options::program(model);
    for (place, default_name, sample) in samples {
        let name = text(sample, "name").unwrap_or(default_name);
        names.entry(name).or_default().push(place);
        let sample = Sample::new(program, sample);
        sets.insert(
            sample
                .controls
                .iter()
                .map(|control| control.name)
                .collect::<Vec<_>>(),
        );
    }
    for (name, places) in names.into_iter().filter(|(_, places)| places.len() > 1) {
        let finding = match model {
            Model::Cosmos3 => Finding::warning(
                "batch.name",
                format!(
                    "{} are all called {name}: the last overwrites the others",
                    places.join(", ")
                ),
            ),
            Model::Transfer1 | Model::Transfer2_5 => Finding::error(
                "batch.name",
                format!(
                    "{} are all called {name}, which the program refuses",
                    places.join(", ")
                ),
            ),
        };
        found.push(finding.at("name"));
    }
    if model == Model::Transfer2_5 && sets.len() > 1 {
        let sets: Vec<String> = sets.iter().map(|set| set.join(" and ")).collect();
        found.push(
            Finding::warning(
                "batch.controls",
                format!(
                    "the samples have different controls ({}), so some weights get lost",
                    sets.join("; ")
                ),
            )
            .help("run the samples of each set of controls by themselves"),
        );
    }
    found
}
