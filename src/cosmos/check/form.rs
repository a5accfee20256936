//! Whose spec it is, told from its keys.

use serde_json::{Map, Value};

use super::super::{Model, options};
use crate::specs::SpecKind;

/// What a file with a spec is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A prompt or a run of ours.
    Ours(SpecKind),
    /// A spec of a program of NVIDIA.
    Program {
        /// The program.
        model: Model,
        /// Another program whose spec it may be just as well.
        or: Option<Model>,
    },
    /// A line of a batch of Transfer1, which overrides parts of a spec.
    Transfer1Batch,
}

/// What a key at the top counts, where one inside a control counts 1.
const TOP: i32 = 2;

/// Whose spec `object` is; `None` if it has nothing that a spec has.
#[must_use]
pub fn form_of(object: &Map<String, Value>) -> Option<Form> {
    // The same two keys by which a run of ours is known when it is loaded.
    if object.contains_key("prompt_id")
        || object.get("control_weights").is_some_and(Value::is_object)
    {
        return Some(Form::Ours(SpecKind::Run));
    }
    let ours = ["control_inputs", "video_hashes", "timestamp"];
    if ours.iter().any(|key| object.contains_key(*key)) {
        return Some(Form::Ours(SpecKind::Prompt));
    }
    if object.contains_key("visual_input") || object.contains_key("control_overrides") {
        return Some(Form::Transfer1Batch);
    }
    let is_control = |key: &String| {
        let mut programs = Model::ALL.into_iter().map(options::program);
        programs.any(|program| program.controls().any(|control| control == key))
    };
    let tells = [
        "prompt",
        "prompt_path",
        "video_path",
        "vision_path",
        "input_video_path",
    ];
    if !object
        .keys()
        .any(|key| is_control(key) || tells.contains(&key.as_str()))
    {
        return None;
    }
    let mut scores: Vec<(i32, Model)> = Model::ALL
        .into_iter()
        .map(|model| (score(model, object), model))
        .collect();
    // Among equals the one that needs the fewest keys comes first: 2.5 cannot do without a video and a name.
    scores.sort_by_key(|&(score, model)| {
        let needs = match model {
            Model::Cosmos3 => 0,
            Model::Transfer1 => 1,
            Model::Transfer2_5 => 2,
        };
        (-score, needs)
    });
    let [(best, model), (next, other), ..] = *scores.as_slice() else {
        return None;
    };
    Some(Form::Program {
        model,
        or: (best == next).then_some(other),
    })
}

/// How many keys of `object` the program knows, less those that it does not.
fn score(model: Model, object: &Map<String, Value>) -> i32 {
    let program = options::program(model);
    let sign = |known: bool| if known { 1 } else { -1 };
    let mut score = 0;
    for (key, value) in object {
        let is_control = program.controls().any(|control| control == key);
        score += TOP * sign(is_control || program.takes_at_top(key));
        if let (true, Value::Object(inside)) = (is_control, value) {
            let known = |key: &String| program.control_key_of_any(key).is_some();
            score += inside.keys().map(|key| sign(known(key))).sum::<i32>();
        }
    }
    // Without its required keys a spec is more likely another's.
    if model == Model::Transfer2_5 && !object.contains_key("video_path") {
        score -= TOP;
    }
    score
}
