//! Weightings and settings that NVIDIA publishes for one purpose each, by name.
//!
//! They stand in `recipes.toml`, each with where it comes from, and are compiled in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Model;
use crate::modality::Modality;

/// The recipes as they are written down.
const TEXT: &str = include_str!("recipes.toml");
/// How alike a name has to be to be meant, 0 to 1.
const ALIKE: f64 = 0.8;

// That the text can be read is a test: whatever it lacks, no run may end because of it.
static RECIPES: LazyLock<Vec<Recipe>> = LazyLock::new(|| read(TEXT).unwrap_or_default());

/// What NVIDIA sets for one purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Its name, unique among all models: lower-case words with hyphens.
    pub name: String,
    /// The models that the source gives it for, at least one.
    pub models: Vec<Model>,
    /// What it is for, without a capital at the start or a full stop at the end.
    pub help: String,
    /// Repository, commit, file and heading that the numbers come from.
    pub source: String,
    /// The weight of every control, 0 to 1; 0 leaves it out.
    pub weights: BTreeMap<Modality, f64>,
    /// Settings by the program's own keys (`guidance`, `edge.preset_edge_threshold`).
    #[serde(default)]
    pub set: BTreeMap<String, Value>,
    /// What the purpose cannot do without, besides the prompt and the videos of a shot.
    #[serde(default)]
    pub needs: Vec<Need>,
}

impl Recipe {
    /// Whether the source gives it for `model`.
    #[must_use]
    pub fn is_for(&self, model: Model) -> bool {
        self.models.contains(&model)
    }
}

/// Something that a recipe cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// What it is.
    pub what: NeedKind,
    /// The control that it belongs to, for a mask and a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Modality>,
    /// What it has to show, to be read after its name.
    pub help: String,
}

impl fmt::Display for Need {
    /// `a mask for segmentation, white on the background`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.name())?;
        if let Some(control) = self.control {
            let word = match self.what {
                NeedKind::Video => "of",
                _ => "for",
            };
            write!(f, " {word} {control}")?;
        }
        write!(f, ", {}", self.help)
    }
}

/// The kinds of things that recipes need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedKind {
    /// A mask video for a control, white where the control acts.
    Mask,
    /// A video of a control, made beforehand: what the model would derive is not enough.
    Video,
    /// A picture that gives the style.
    StyleImage,
    /// A mask video, white on what stays as it is in the input video.
    ProtectedArea,
}

impl NeedKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Mask => "a mask",
            Self::Video => "a video",
            Self::StyleImage => "a style image",
            Self::ProtectedArea => "a mask of the protected area",
        }
    }
}

/// All recipes, in the order of the documentation.
#[must_use]
pub fn recipes() -> &'static [Recipe] {
    &RECIPES
}

/// The recipe called `name`, whatever the case.
#[must_use]
pub fn recipe(name: &str) -> Option<&'static Recipe> {
    recipes()
        .iter()
        .find(|recipe| recipe.name.eq_ignore_ascii_case(name))
}

/// The recipe that `name` is the start of, if it is the only one; else the one whose name is most like it, if one is
/// much like it.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Recipe> {
    let name = name.to_lowercase();
    let mut begin_so = recipes()
        .iter()
        .filter(|recipe| recipe.name.starts_with(&name));
    if let (Some(only), None) = (begin_so.next(), begin_so.next()) {
        return Some(only);
    }
    let likeness = |recipe: &Recipe| strsim::jaro_winkler(&recipe.name, &name);
    recipes()
        .iter()
        .filter(|recipe| likeness(recipe) >= ALIKE)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

fn read(text: &str) -> Result<Vec<Recipe>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Recipes {
        recipe: Vec<Recipe>,
    }

    toml::from_str::<Recipes>(text).map(|file| file.recipe)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cosmos::CONTROLS;
    use crate::cosmos::options::program;

    const DOCS: &str = include_str!("../../docs/models-on-the-host.md");

    #[test]
    fn every_recipe_weights_all_four_controls_from_0_to_1_and_at_least_one_above_0() {
        let recipes = read(TEXT).unwrap();
        assert!(!recipes.is_empty());
        for recipe in recipes {
            let (name, weights) = (&recipe.name, &recipe.weights);
            assert_eq!(weights.len(), CONTROLS.len(), "{name}");
            assert!(CONTROLS.iter().all(|c| weights.contains_key(c)), "{name}");
            assert!(
                weights.values().all(|weight| (0.0..=1.0).contains(weight)),
                "{name}"
            );
            assert!(weights.values().any(|weight| *weight > 0.0), "{name}");
        }
    }

    #[test]
    fn a_name_stands_for_one_recipe_and_can_be_typed() {
        let mut seen = BTreeSet::new();
        for recipe in recipes() {
            let letters = |b: u8| b.is_ascii_lowercase() || b == b'-';
            assert!(recipe.name.bytes().all(letters), "{}", recipe.name);
            assert!(seen.insert(&recipe.name), "{} is there twice", recipe.name);
        }
    }

    #[test]
    fn every_recipe_says_for_which_model_it_is_and_where_it_comes_from() {
        for recipe in recipes() {
            let name = &recipe.name;
            assert!(!recipe.models.is_empty(), "{name}");
            let help = &recipe.help;
            assert!(!help.is_empty() && !help.ends_with('.'), "{name}");
            let [repository, commit, file] = recipe.source.splitn(3, ' ').collect::<Vec<_>>()[..]
            else {
                panic!("{name}: {}", recipe.source);
            };
            assert!(repository.contains("cosmos"), "{name}");
            let hexadecimal = commit.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(commit.len() == 7 && hexadecimal, "{name}");
            assert!(file.contains('/'), "{name}");
        }
    }

    #[test]
    fn masks_and_videos_belong_to_a_control_that_has_a_weight() {
        for recipe in recipes() {
            for need in &recipe.needs {
                let of_control = matches!(need.what, NeedKind::Mask | NeedKind::Video);
                assert_eq!(of_control, need.control.is_some(), "{}", recipe.name);
                if let Some(control) = need.control {
                    assert!(recipe.weights[&control] > 0.0, "{}", recipe.name);
                }
            }
        }
    }

    #[test]
    fn what_a_recipe_sets_is_what_the_program_takes_for_a_control_with_a_weight() {
        for recipe in recipes() {
            for (&model, (key, value)) in recipe
                .models
                .iter()
                .flat_map(|model| recipe.set.iter().map(move |entry| (model, entry)))
            {
                let name = &recipe.name;
                let found = program(model)
                    .find(key)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(found.settable(), Ok(()), "{name}");
                assert_eq!(found.option.check(value), Ok(()), "{name}: {key}");
                if let Some(control) = found.control.and_then(Modality::from_word) {
                    assert!(recipe.weights[&control] > 0.0, "{name}: {key}");
                }
            }
        }
    }

    #[test]
    fn a_recipe_is_found_by_its_name_whatever_the_case() {
        let lighting = recipe("Lighting").unwrap();
        assert_eq!(lighting.weights[&Modality::Edge], 1.0);
        assert_eq!(lighting.weights[&Modality::Vis], 0.2);
        assert_eq!(lighting.set["guidance"], 3);
        assert!(lighting.is_for(Model::Transfer2_5));
        assert!(!lighting.is_for(Model::Transfer1));
        assert_eq!(recipe("sunshine"), None);
    }

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        for (typed, meant) in [
            ("lightning", Some("lighting")),
            ("backround", Some("background")),
            ("Objects", Some("object")),
            ("published-seg", Some("published-segmentation")),
            ("xyzzy", None),
            ("", None),
        ] {
            let found = nearest(typed).map(|recipe| recipe.name.as_str());
            assert_eq!(found, meant, "{typed}");
        }
    }

    #[test]
    fn what_a_recipe_needs_is_said_in_words() {
        let needs: Vec<_> = recipe("background")
            .unwrap()
            .needs
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            needs,
            [
                "a video of edge, with the outlines of what stays, and no others",
                "a mask for segmentation, white on the background, black on what stays",
            ]
        );
        let style = &recipe("style").unwrap().needs[0];
        assert_eq!(
            style.to_string(),
            "a style image, a JPEG or PNG whose light fits the scene"
        );
    }

    /// How a row of the documentation's tables starts: name, weights of vis, edge, depth and segmentation.
    fn row(recipe: &Recipe) -> String {
        let weights = CONTROLS.map(|control| match recipe.weights[&control] {
            0.0 => "-".to_owned(),
            weight => weight.to_string(),
        });
        format!("| `{}` | {} |", recipe.name, weights.join(" | "))
    }

    #[test]
    fn the_documentation_lists_every_recipe_with_its_weights() {
        let section = DOCS.split_once("\n## Recipes\n").unwrap().1;
        for recipe in recipes() {
            let row = row(recipe);
            assert!(section.contains(&row), "not in the documentation: {row}");
        }
        let weights = |rest: &str| rest.starts_with(['-', '0', '1']);
        let listed = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter(|(name, rest)| weights(rest) && recipe(name).is_some())
            .count();
        assert_eq!(listed, recipes().len());
    }
}
