//! One sample of a spec, in words that all three programs share.

use serde_json::{Map, Value};

use super::super::Model;
use super::super::options::Program;
use super::weights::Active;
use crate::modality::Modality;

/// One sample.
pub(super) struct Sample<'a> {
    pub model: Model,
    pub fields: &'a Map<String, Value>,
    /// The controls, in the program's order.
    pub controls: Vec<Control<'a>>,
}

/// A control of a sample.
pub(super) struct Control<'a> {
    /// The program's word for it.
    pub name: &'a str,
    pub fields: &'a Map<String, Value>,
}

impl<'a> Sample<'a> {
    pub fn new(program: &'a Program, fields: &'a Map<String, Value>) -> Self {
        let controls = program.controls().filter_map(|name| {
            let fields = fields.get(name)?.as_object()?;
            Some(Control { name, fields })
        });
        Self {
            model: program.model,
            fields,
            controls: controls.collect(),
        }
    }

    /// The key with the path of the input video.
    pub const fn input_key(&self) -> &'static str {
        match self.model {
            Model::Transfer1 => "input_video_path",
            Model::Transfer2_5 => "video_path",
            Model::Cosmos3 => "vision_path",
        }
    }

    /// The key with the path of a control.
    pub const fn control_key(&self) -> &'static str {
        match self.model {
            Model::Transfer1 => "input_control",
            Model::Transfer2_5 | Model::Cosmos3 => "control_path",
        }
    }

    /// The key with the weight of a control.
    pub const fn weight_key(&self) -> &'static str {
        match self.model {
            Model::Transfer1 | Model::Transfer2_5 => "control_weight",
            Model::Cosmos3 => "weight",
        }
    }

    /// The path of the input video, if there is one.
    pub fn input(&self) -> Option<&'a str> {
        text(self.fields, self.input_key())
    }

    /// Whether `key` is there with a value.
    pub fn has(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(|value| !value.is_null())
    }

    /// A whole number of the spec.
    pub fn whole(&self, key: &str) -> Option<u64> {
        self.number(key)
            .filter(|n| n.fract() == 0.0 && (0.0..1e15).contains(n))
            .map(|n| n as u64)
    }

    /// A number of the spec, also in quotes where the program takes that.
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.fields.get(key)? {
            Value::String(text) if self.model != Model::Transfer1 => text.trim().parse().ok(),
            value => value.as_f64(),
        }
    }

    pub fn control(&self, name: &str) -> Option<&Control<'a>> {
        self.controls.iter().find(|control| control.name == name)
    }

    /// The path of a control's video, if there is one.
    pub fn path_of(&self, control: &Control<'a>) -> Option<&'a str> {
        text(control.fields, self.control_key())
    }

    /// The weight of a control as the program reads it; `None` for a weight map and for what is no weight.
    pub fn weight_of(&self, control: &Control<'_>) -> Option<f64> {
        match control.fields.get(self.weight_key()) {
            None | Some(Value::Null) => Some(match self.model {
                Model::Transfer1 => 0.5,
                Model::Transfer2_5 | Model::Cosmos3 => 1.0,
            }),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_f64(),
        }
    }

    /// Whether a control is limited to a part of the picture.
    pub fn is_masked(&self, control: &Control<'_>) -> bool {
        let has = |key: &str| {
            control
                .fields
                .get(key)
                .is_some_and(|value| !value.is_null())
        };
        match self.model {
            Model::Transfer1 => {
                has("control_weight_prompt") && control.name == "seg"
                    || text(control.fields, "control_weight").is_some_and(|w| w.ends_with(".pt"))
            }
            Model::Transfer2_5 => has("mask_path") || has("mask_prompt"),
            Model::Cosmos3 => false,
        }
    }

    /// The controls that guide the result.
    pub fn active(&self) -> Vec<Active> {
        let controls = self.controls.iter();
        controls
            .filter_map(|control| {
                let weight = self.weight_of(control);
                let modality = match control.name {
                    "blur" => Modality::Vis,
                    "seg" => Modality::Segmentation,
                    "vis" => Modality::Vis,
                    "edge" => Modality::Edge,
                    "depth" => Modality::Depth,
                    _ => return None,
                };
                weight.is_none_or(|weight| weight > 0.0).then(|| Active {
                    modality,
                    weight,
                    masked: self.is_masked(control),
                })
            })
            .collect()
    }
}

/// A text that is not empty.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    fields
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}
