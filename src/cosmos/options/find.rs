//! Finding an option by its name.

use super::{Kind, OptionError, Place, Program, ProgramOption};
use crate::specs::Model;

/// An option that was asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The option.
    pub option: &'a ProgramOption,
    /// The control that it is set for. `None` outside controls, and for a key that several controls take and that
    /// was named without one.
    pub control: Option<&'a str>,
}

impl Found<'_> {
    /// The full name: `num_steps`, `depth.control_weight`.
    #[must_use]
    pub fn name(&self) -> String {
        self.control.map_or_else(
            || self.option.key.clone(),
            |control| format!("{control}.{}", self.option.key),
        )
    }

    /// Whether a user may set it by name.
    ///
    /// # Errors
    /// [`OptionError::Owned`] for texts, paths and names, which follow from the prompt and the run.
    pub fn settable(&self) -> Result<(), OptionError> {
        self.option.owner().map_or(Ok(()), |by| {
            Err(OptionError::Owned {
                key: self.name(),
                by: by.to_owned(),
            })
        })
    }
}

/// One thing in the words of Transfer1, Transfer2.5 and Cosmos 3; a dash where one has no such thing.
const SYNONYMS: [[&str; 3]; 12] = [
    ["input_video_path", "video_path", "vision_path"],
    ["input_control", "control_path", "control_path"],
    ["control_weight", "control_weight", "weight"],
    ["input_control_prompt", "control_prompt", "-"],
    ["control_weight_prompt", "mask_prompt", "-"],
    [
        "canny_threshold",
        "preset_edge_threshold",
        "preset_edge_threshold",
    ],
    [
        "blur_strength",
        "preset_blur_strength",
        "preset_blur_strength",
    ],
    ["vis", "vis", "blur"],
    ["video_save_folder", "output_dir", "output_dir"],
    ["video_save_name", "name", "name"],
    ["num_gpus", "context_parallel_size", "cp_size"],
    ["controlnet_specs", "input_files", "input_files"],
];

impl Program {
    /// The option called `key`, such as `num_steps`, `depth.control_weight` or `--offload-guardrail-models`: case,
    /// and dashes or underscores, make no difference. Our names of controls are understood too. Where a spec key and
    /// a flag share a name, the spec key is found.
    ///
    /// # Errors
    /// [`OptionError::Unknown`] with the name that comes closest, or [`OptionError::NotForControl`].
    pub fn find(&self, key: &str) -> Result<Found<'_>, OptionError> {
        let name = plain(key);
        let unknown = || OptionError::Unknown {
            model: self.model,
            key: key.trim().to_owned(),
            nearest: self.nearest(&name),
        };
        let Some((control, name)) = name.split_once('.') else {
            let option = self.outside(&name).or_else(|| self.of_any_control(&name));
            return option
                .map(|option| Found {
                    option,
                    control: match &*option.controls {
                        [only] => Some(only),
                        _ => None,
                    },
                })
                .ok_or_else(unknown);
        };
        let control = self.control(control).ok_or_else(unknown)?;
        if let Some(option) = self.inside(control, name) {
            return Ok(Found {
                option,
                control: Some(control),
            });
        }
        Err(self
            .of_any_control(name)
            .map_or_else(unknown, |option| OptionError::NotForControl {
                model: self.model,
                key: option.key.clone(),
                control: control.to_owned(),
                controls: option.controls.clone(),
            }))
    }

    /// The controls, in the program's words.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        let controls = self.options.iter().filter(|o| o.kind == Kind::Control);
        controls.map(|option| &*option.key)
    }

    /// The option called exactly `key` at the top of a spec.
    #[must_use]
    pub fn spec_key(&self, key: &str) -> Option<&ProgramOption> {
        let mut options = self.options.iter();
        options.find(|option| option.place == Place::Spec && option.key == key)
    }

    /// The option called exactly `key` inside `control`.
    #[must_use]
    pub fn control_key(&self, control: &str, key: &str) -> Option<&ProgramOption> {
        self.options.iter().find(|option| {
            option.place == Place::Control
                && option.key == key
                && option.controls.iter().any(|name| name == control)
        })
    }

    /// The option called exactly `key` inside any control.
    #[must_use]
    pub fn control_key_of_any(&self, key: &str) -> Option<&ProgramOption> {
        let mut options = self.options.iter();
        options.find(|option| option.place == Place::Control && option.key == key)
    }

    /// Whether the program reads `key` at the top of a spec. Transfer1 reads its flags there too.
    #[must_use]
    pub fn takes_at_top(&self, key: &str) -> bool {
        self.spec_key(key).is_some() || self.model == Model::Transfer1 && self.flag(key).is_some()
    }

    /// The flag called exactly `key`, without dashes in front and with underscores.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<&ProgramOption> {
        let mut options = self.options.iter();
        options.find(|option| option.place == Place::Flag && option.key == key)
    }

    /// The program's word for a control, which may be given in ours.
    fn control(&self, name: &str) -> Option<&str> {
        let own = |name: &str| self.controls().find(|control| *control == name);
        own(name).or_else(|| match name {
            "segmentation" => own("seg"),
            "vis" => own("blur"),
            "blur" => own("vis"),
            _ => None,
        })
    }

    fn outside(&self, name: &str) -> Option<&ProgramOption> {
        let mut options = self.options.iter();
        options.find(|option| option.place != Place::Control && plain(&option.key) == name)
    }

    fn inside(&self, control: &str, name: &str) -> Option<&ProgramOption> {
        self.options.iter().find(|option| {
            plain(&option.key) == name && option.controls.iter().any(|own| own == control)
        })
    }

    fn of_any_control(&self, name: &str) -> Option<&ProgramOption> {
        let mut options = self.options.iter();
        options.find(|option| option.place == Place::Control && plain(&option.key) == name)
    }

    /// The full name most like `name`: another program's word for the same thing, else by letters.
    pub(in crate::cosmos) fn nearest(&self, name: &str) -> Option<String> {
        let (control, key) = match name.split_once('.') {
            Some((control, key)) => (self.control(control), key),
            None => (None, name),
        };
        let with_control = |option: &ProgramOption, control: Option<&str>| match (
            option.place,
            control.or_else(|| option.controls.first().map(String::as_str)),
        ) {
            (Place::Control, Some(control)) => format!("{control}.{}", option.key),
            _ => option.key.clone(),
        };
        let same = SYNONYMS
            .iter()
            .filter(|words| words.contains(&key))
            .find_map(|words| {
                let word = match self.model {
                    Model::Transfer1 => words[0],
                    Model::Transfer2_5 => words[1],
                    Model::Cosmos3 => words[2],
                };
                let own = control.and_then(|control| self.inside(control, word));
                own.or_else(|| self.outside(word))
                    .or_else(|| self.of_any_control(word))
            });
        if let Some(option) = same {
            return Some(with_control(option, control));
        }
        let similarity = |option: &ProgramOption| {
            let own = plain(&option.key);
            strsim::normalized_damerau_levenshtein(key, &own) + strsim::sorensen_dice(key, &own)
        };
        let fits = |option: &&ProgramOption| {
            control.is_none_or(|control| {
                option.place == Place::Control && option.controls.iter().any(|own| own == control)
            })
        };
        let options = self.options.iter().filter(fits);
        options
            .max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
            .filter(|option| similarity(option) > ALIKE)
            .map(|option| with_control(option, control))
    }
}

/// How alike two names must be, of 2, for one to be suggested for the other.
const ALIKE: f64 = 0.6;

/// A name as it is compared.
fn plain(key: &str) -> String {
    let key = key.trim();
    key.strip_prefix("--")
        .unwrap_or(key)
        .to_lowercase()
        .replace('-', "_")
}
