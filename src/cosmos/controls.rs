//! The controls of a run: which have a weight, which have a video, and which the model derives.

use std::collections::BTreeMap;

use super::{Model, Refused, Request};
use crate::modality::Modality;
use crate::specs::{Parameters, PromptSpec};

/// The controls in the order in which the command line takes their weights.
pub const CONTROLS: [Modality; 4] = [
    Modality::Vis,
    Modality::Edge,
    Modality::Depth,
    Modality::Segmentation,
];
/// Weight of each of several controls of a run that does not say.
const SHARED_WEIGHT: f64 = 0.25;
/// Weight of a single control, as in every spec with one control that NVIDIA publishes.
const SINGLE_WEIGHT: f64 = 1.0;

/// The weights of a run of `prompt` that gives none: the same for each control that has a video, and all of it
/// for a single one. Without such, the same for all that `model` derives from the input video.
#[must_use]
pub fn default_weights(model: Model, prompt: &PromptSpec) -> BTreeMap<Modality, f64> {
    let has_video = |control: &Modality| prompt.control_inputs.contains_key(control);
    let chosen: Vec<Modality> = if CONTROLS.iter().any(has_video) {
        CONTROLS.into_iter().filter(has_video).collect()
    } else {
        CONTROLS
            .into_iter()
            .filter(|&control| derives(model, control))
            .collect()
    };
    let weight = match chosen.len() {
        1 => SINGLE_WEIGHT,
        _ => SHARED_WEIGHT,
    };
    CONTROLS
        .into_iter()
        .map(|control| {
            let weight = if chosen.contains(&control) {
                weight
            } else {
                0.0
            };
            (control, weight)
        })
        .collect()
}

/// Whether the program of `model` makes this control from the input video where there is no video of it.
#[must_use]
pub const fn derives(model: Model, control: Modality) -> bool {
    match model {
        Model::Transfer1 | Model::Transfer2_5 => true,
        Model::Cosmos3 => matches!(control, Modality::Vis | Modality::Edge),
    }
}

/// What the program of `model` calls a control.
#[must_use]
pub const fn control_key(model: Model, control: Modality) -> &'static str {
    match (model, control) {
        (_, Modality::Segmentation) => "seg",
        (Model::Cosmos3, Modality::Vis) => "blur",
        (_, other) => other.name(),
    }
}

/// A control that is to guide the result.
pub(super) struct Control {
    pub modality: Modality,
    pub weight: f64,
    /// Whether there is a video of it; otherwise the model derives it from the input video.
    pub has_video: bool,
}

/// The controls that have a weight, in the order of [`CONTROLS`], with a note for each video left out. Refuses a run
/// without any, and a control that has neither a video nor an input video that the model could derive it from.
pub(super) fn weighted(
    model: Model,
    request: &Request<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<Control>, Refused> {
    let mut controls = Vec::new();
    for modality in CONTROLS {
        let weight = request.run.control_weights.get(&modality).copied();
        let has_video = request.prompt.control_inputs.contains_key(&modality);
        match weight {
            Some(weight) if weight > 0.0 => controls.push(Control {
                modality,
                weight,
                has_video,
            }),
            Some(_) if has_video => {
                notes.push(format!("{modality} has the weight 0 and is left out"));
            }
            None if has_video => notes.push(format!("{modality} has no weight and is left out")),
            _ => {}
        }
    }
    if controls.is_empty() {
        return Err(Refused::new(
            model,
            "control_weights",
            "0 for every control",
            "a weight above 0 for at least one",
        ));
    }
    if request.prompt.videos().next().is_none() {
        let value = "without a video";
        return Err(Refused::new(
            model,
            "control_inputs",
            value,
            "an input video",
        ));
    }
    for control in controls.iter().filter(|control| !control.has_video) {
        let modality = control.modality;
        if !derives(model, modality) {
            return Err(Refused::new(
                model,
                "control_inputs",
                format!("without a video of {modality}"),
                format!("one, as {model} cannot make it from the input video"),
            ));
        }
        if request.prompt.input_video_path.is_none() {
            return Err(Refused::new(
                model,
                "control_inputs",
                format!("without a video of {modality}, and without an input video"),
                "one of them: the model can make it from the input video",
            ));
        }
        notes.push(format!(
            "{modality} has no video: {model} derives it from the input video"
        ));
    }
    check_masks(model, &request.run.parameters, &controls)?;
    Ok(controls)
}

/// Refuses a mask of a control that does not guide the result.
fn check_masks(model: Model, parameters: &Parameters, controls: &[Control]) -> Result<(), Refused> {
    let unused = parameters
        .masks
        .keys()
        .find(|masked| !controls.iter().any(|control| control.modality == **masked));
    match unused {
        Some(masked) => Err(Refused::new(
            model,
            "masks",
            format!("for {masked}"),
            "a mask for controls with a weight above 0",
        )),
        None => Ok(()),
    }
}

/// Notes each parameter of a derived control where no such control is derived.
pub(super) fn note_unused(parameters: &Parameters, controls: &[Control], notes: &mut Vec<String>) {
    for (field, modality, given) in [
        (
            "blur_strength",
            Modality::Vis,
            parameters.blur_strength.is_some(),
        ),
        (
            "canny_threshold",
            Modality::Edge,
            parameters.canny_threshold.is_some(),
        ),
        (
            "control_prompt",
            Modality::Segmentation,
            parameters.control_prompt.is_some(),
        ),
    ] {
        let derived = controls
            .iter()
            .any(|control| control.modality == modality && !control.has_video);
        if given && !derived {
            notes.push(format!(
                "{field} has no effect: no {modality} is derived from the input video"
            ));
        }
    }
}
