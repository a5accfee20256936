//! Settings: built-in defaults, then one `config.toml`, then the environment.
//!
//! [`Config::load`] finds the file and puts the layers together; flags of a command go on top and are the
//! command's business. Refuses unknown keys, sections and `COSMOS_<SECTION>_...` variables, and values that no
//! run could use, naming the file, line and the key that was probably meant. The shipped `config.toml` documents
//! every key.

mod load;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ai::Device;
use crate::docker::{self, DockerSettings};
use crate::frame_rate::FrameRate;
use crate::frames::MapRule;
use crate::modality::Modality;
use crate::remote::{self, RemoteSettings};
use crate::settings::{Key, is_argument, is_path};
use crate::specs::Model;
use crate::video::resolution::Fit;
use crate::video::settings::{Codec, Crf, PixelFormat, Preset, Rgb, Setting};

pub use load::{ConfigError, Environment, Loaded, Origin};

/// Every setting. [`Config::default`] equals the shipped `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The GPU host.
    pub remote: RemoteSettings,
    /// Folders here and on the GPU host.
    pub paths: Paths,
    /// The container that Cosmos runs in.
    pub docker: DockerSettings,
    /// The models that run.
    pub cosmos: Cosmos,
    /// Defaults of a run.
    pub execution: Execution,
    /// Defaults of an encoded video.
    pub video: Video,
    /// Which sequence is which modality.
    pub map: ShotMap,
    /// The networks that look at pictures.
    pub ai: Ai,
}

/// `[paths]`: folders. Relative local folders count from the current directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// The Cosmos checkout on the GPU host, an absolute path there.
    pub remote_dir: String,
    /// Prompt specifications.
    pub local_prompts_dir: PathBuf,
    /// Run specifications.
    pub local_runs_dir: PathBuf,
    /// Encoded videos, a folder a shot.
    pub local_videos_dir: PathBuf,
    /// Results of runs.
    pub local_outputs_dir: PathBuf,
    /// Notes.
    pub local_notes_dir: PathBuf,
}

/// `[cosmos]`: the models on the GPU host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cosmos {
    /// The model that is installed there.
    pub model: Model,
    /// What holds for Cosmos-Transfer1 alone.
    pub transfer1: ModelSettings,
    /// What holds for Cosmos-Transfer2.5 alone.
    #[serde(rename = "transfer2.5")]
    pub transfer2_5: ModelSettings,
    /// What holds for Cosmos 3 alone.
    pub cosmos3: ModelSettings,
}

/// `[cosmos.<model>]`: what holds for one model alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Its checkout on the GPU host; that of `[paths]` if empty.
    pub remote_dir: String,
    /// Its image; that of `[docker]` if empty.
    pub image: String,
    /// Options of its program for every run, by the names of the program.
    pub set: Map<String, Value>,
}

impl Cosmos {
    /// What holds for `model` alone.
    #[must_use]
    pub const fn of(&self, model: Model) -> &ModelSettings {
        match model {
            Model::Transfer1 => &self.transfer1,
            Model::Transfer2_5 => &self.transfer2_5,
            Model::Cosmos3 => &self.cosmos3,
        }
    }
}

/// `[execution]`: what a run uses when it does not say otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Execution {
    /// Denoising steps of Transfer1, at least 1. The others have defaults of their own for each control.
    pub default_num_steps: u32,
    /// Classifier-free guidance of Transfer1, at least 0.
    pub default_guidance_scale: f64,
    /// Start of the random numbers.
    pub default_seed: u32,
    /// Control weight of upscaling, 0 to 1.
    pub default_upscale_weight: f64,
    /// Whether models leave GPU memory while they are idle.
    pub offload_models: bool,
    /// Kept for settings of the older tool: no program of NVIDIA's can move its VAE out of GPU memory.
    pub offload_vae: bool,
}

/// `[video]`: how frames become videos.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Video {
    /// Frames a second.
    pub fps: FrameRate,
    /// The codec.
    pub codec: Codec,
    /// How color is stored.
    pub pixel_format: PixelFormat,
    /// Quality, or what measured best for each modality.
    pub crf: Setting<Crf>,
    /// Encoder effort, or what measured best for each modality.
    pub preset: Setting<Preset>,
    /// The color behind transparent pixels and in bars.
    pub background: Rgb,
    /// How frames of another shape are placed in the video.
    pub fit: Fit,
}

/// `[map]`: which sequence of a render folder is which modality; empty where its name tells.
///
/// A pattern of file names (`Mist####.png`), or the name of a sequence or of its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShotMap {
    /// The beauty render.
    pub color: String,
    /// Distance from the camera.
    pub depth: String,
    /// One flat color an object.
    pub segmentation: String,
    /// Blurred color.
    pub vis: String,
    /// Outlines.
    pub edge: String,
}

impl ShotMap {
    /// What each modality is mapped to, where it is.
    fn entries(&self) -> impl Iterator<Item = (Modality, &str)> {
        Modality::ALL
            .into_iter()
            .map(|modality| {
                let name = match modality {
                    Modality::Color => &self.color,
                    Modality::Depth => &self.depth,
                    Modality::Segmentation => &self.segmentation,
                    Modality::Vis => &self.vis,
                    Modality::Edge => &self.edge,
                };
                (modality, name.as_str())
            })
            .filter(|(_, name)| !name.is_empty())
    }

    /// The rules, of which those that cannot be used are left out: loading has refused them.
    #[must_use]
    pub fn rules(&self) -> Vec<MapRule> {
        self.entries()
            .filter_map(|(modality, name)| MapRule::new(modality, name).ok())
            .collect()
    }

    /// The rules for the render folder `folder`: those given with the command (`explicit`), then those of its
    /// `cosmos.toml`, then these, which may name sequences that the folder does not have.
    ///
    /// # Errors
    /// [`ConfigError`] for a `cosmos.toml` that cannot be read or used.
    pub fn rules_for(
        &self,
        folder: &Path,
        explicit: &[MapRule],
    ) -> Result<Vec<MapRule>, ConfigError> {
        let of_folder = load::shot_map_of(folder)?;
        let general = self.rules().into_iter().map(MapRule::optional);
        let mut rules: Vec<MapRule> = explicit.to_vec();
        for rule in of_folder.rules().into_iter().chain(general) {
            if rules.iter().all(|known| known.modality != rule.modality) {
                rules.push(rule);
            }
        }
        Ok(rules)
    }
}

/// `[ai]`: the networks that look at pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ai {
    /// What they are computed on.
    pub device: Device,
    /// Threads that a network computes with, up to 64; 0 for half of the processors, but no more than 4.
    pub threads: usize,
    /// Whether the graphs of networks, optimised for this processor, are cached in the user's cache folder.
    pub keep_graphs: bool,
}

impl Default for Ai {
    fn default() -> Self {
        Self {
            device: Device::default(),
            threads: 0,
            keep_graphs: true,
        }
    }
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            remote_dir: "/home/ubuntu/NatsFS/cosmos-transfer1".to_owned(),
            local_prompts_dir: "./inputs/prompts".into(),
            local_runs_dir: "./inputs/runs".into(),
            local_videos_dir: "./inputs/videos".into(),
            local_outputs_dir: "./outputs".into(),
            local_notes_dir: "./notes".into(),
        }
    }
}

impl Default for Execution {
    fn default() -> Self {
        Self {
            default_num_steps: 35,
            default_guidance_scale: 8.0,
            default_seed: 1,
            default_upscale_weight: 0.5,
            offload_models: true,
            offload_vae: true,
        }
    }
}

impl Config {
    /// The checkout of `model` on the GPU host.
    #[must_use]
    pub fn remote_dir(&self, model: Model) -> &str {
        match self.cosmos.of(model).remote_dir.as_str() {
            "" => &self.paths.remote_dir,
            own => own,
        }
    }

    /// The image that jobs of `model` run in.
    #[must_use]
    pub fn image(&self, model: Model) -> &str {
        match self.cosmos.of(model).image.as_str() {
            "" => &self.docker.image,
            own => own,
        }
    }

    /// Whether results of `model` can go through the upscaler, which is Transfer1's: it is that model, or has a
    /// checkout of Transfer1 beside it.
    #[must_use]
    pub fn has_upscaler(&self, model: Model) -> bool {
        model == Model::Transfer1 || !self.cosmos.transfer1.remote_dir.is_empty()
    }

    /// Every path on this machine.
    fn local_paths_mut(&mut self) -> [&mut PathBuf; 6] {
        let paths = &mut self.paths;
        [
            &mut self.remote.ssh_key,
            &mut paths.local_prompts_dir,
            &mut paths.local_runs_dir,
            &mut paths.local_videos_dir,
            &mut paths.local_outputs_dir,
            &mut paths.local_notes_dir,
        ]
    }
}

/// A key and the section that it stands in.
struct SectionKey {
    section: &'static str,
    name: &'static str,
    takes: &'static str,
    is_usable: Box<dyn Fn(&Config) -> bool + Send + Sync>,
}

/// The keys of a part of the program that stand in `section`, of which `part` has the values.
fn keys_of<S: 'static>(
    section: &'static str,
    keys: &'static [Key<S>],
    part: fn(&Config) -> &S,
) -> impl Iterator<Item = SectionKey> {
    keys.iter().map(move |key| SectionKey {
        section,
        name: key.name,
        takes: key.takes,
        is_usable: Box::new(move |config| (key.is_usable)(part(config))),
    })
}

/// The keys of a model's own section. Its options are checked when a run is planned.
const MODEL_KEYS: &[Key<ModelSettings>] = &[
    Key {
        name: "remote_dir",
        takes: "a folder on the GPU host in quotes, starting with /, or \"\" for that of [paths]",
        is_usable: |s| s.remote_dir.is_empty() || is_remote_dir(&s.remote_dir),
    },
    Key {
        name: "image",
        takes: "an image's name in quotes, or \"\" for that of [docker]",
        is_usable: |s| is_argument(&s.image),
    },
    Key {
        name: "set",
        takes: "a table of options of the model's program",
        is_usable: |_| true,
    },
];

const PATHS_KEYS: &[Key<Config>] = &[
    Key {
        name: "remote_dir",
        takes: "a folder on the GPU host in quotes, starting with /",
        is_usable: |c| is_remote_dir(&c.paths.remote_dir),
    },
    Key {
        name: "local_prompts_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_prompts_dir),
    },
    Key {
        name: "local_runs_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_runs_dir),
    },
    Key {
        name: "local_videos_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_videos_dir),
    },
    Key {
        name: "local_outputs_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_outputs_dir),
    },
    Key {
        name: "local_notes_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_notes_dir),
    },
];

const COSMOS_KEYS: &[Key<Config>] = &[Key {
    name: "model",
    takes: "\"transfer1\", \"transfer2.5\" or \"cosmos3\"",
    is_usable: |_| true,
}];

const EXECUTION_KEYS: &[Key<Config>] = &[
    Key {
        name: "default_num_steps",
        takes: "a whole number, 1 or more",
        is_usable: |c| c.execution.default_num_steps != 0,
    },
    Key {
        name: "default_guidance_scale",
        takes: "a number, 0 or more",
        is_usable: |c| (0.0..=f64::MAX).contains(&c.execution.default_guidance_scale),
    },
    Key {
        name: "default_seed",
        takes: "a whole number from 0 to 4294967295",
        is_usable: |_| true,
    },
    Key {
        name: "default_upscale_weight",
        takes: "a number from 0 to 1",
        is_usable: |c| (0.0..=1.0).contains(&c.execution.default_upscale_weight),
    },
    Key {
        name: "offload_models",
        takes: "true or false",
        is_usable: |_| true,
    },
    Key {
        name: "offload_vae",
        takes: "true or false",
        is_usable: |_| true,
    },
];

const VIDEO_KEYS: &[Key<Config>] = &[
    Key {
        name: "fps",
        takes: "frames a second from 1/60 to 1000, such as \"24\", \"23.976\" or \"24000/1001\"",
        is_usable: |_| true,
    },
    Key {
        name: "codec",
        takes: "\"h264\" or \"hevc\"",
        is_usable: |_| true,
    },
    Key {
        name: "pixel_format",
        takes: "\"yuv420p\" or \"yuv444p\"",
        is_usable: |_| true,
    },
    Key {
        name: "crf",
        takes: "\"auto\" or a whole number from 0 (best) to 51",
        is_usable: |_| true,
    },
    Key {
        name: "preset",
        takes: "\"auto\", \"ultrafast\", \"superfast\", \"veryfast\", \"faster\", \"fast\", \"medium\", \"slow\", \
                \"slower\", \"veryslow\" or \"placebo\"",
        is_usable: |_| true,
    },
    Key {
        name: "background",
        takes: "six hexadecimal digits in quotes, such as \"000000\" for black",
        is_usable: |_| true,
    },
    Key {
        name: "fit",
        takes: "\"pad\", \"crop\" or \"stretch\"",
        is_usable: |_| true,
    },
];

const MAP_KEYS: &[Key<ShotMap>] = &[
    Key {
        name: "color",
        takes: SEQUENCE,
        is_usable: |m| is_sequence(&m.color),
    },
    Key {
        name: "depth",
        takes: SEQUENCE,
        is_usable: |m| is_sequence(&m.depth),
    },
    Key {
        name: "segmentation",
        takes: SEQUENCE,
        is_usable: |m| is_sequence(&m.segmentation),
    },
    Key {
        name: "vis",
        takes: SEQUENCE,
        is_usable: |m| is_sequence(&m.vis),
    },
    Key {
        name: "edge",
        takes: SEQUENCE,
        is_usable: |m| is_sequence(&m.edge),
    },
];

const AI_KEYS: &[Key<Config>] = &[
    Key {
        name: "device",
        takes: "\"cpu\" or \"cuda\"",
        is_usable: |_| true,
    },
    Key {
        name: "threads",
        takes: "a whole number from 0 to 64",
        is_usable: |c| c.ai.threads <= 64,
    },
    Key {
        name: "keep_graphs",
        takes: "true or false",
        is_usable: |_| true,
    },
];

/// Every key, in the order of the shipped file.
static KEYS: LazyLock<Vec<SectionKey>> = LazyLock::new(|| {
    keys_of("remote", remote::KEYS, |c| &c.remote)
        .chain(keys_of("paths", PATHS_KEYS, |c| c))
        .chain(keys_of("docker", docker::KEYS, |c| &c.docker))
        .chain(keys_of("cosmos", COSMOS_KEYS, |c| c))
        .chain(keys_of("cosmos.transfer1", MODEL_KEYS, |c| {
            &c.cosmos.transfer1
        }))
        .chain(keys_of("cosmos.transfer2.5", MODEL_KEYS, |c| {
            &c.cosmos.transfer2_5
        }))
        .chain(keys_of("cosmos.cosmos3", MODEL_KEYS, |c| &c.cosmos.cosmos3))
        .chain(keys_of("execution", EXECUTION_KEYS, |c| c))
        .chain(keys_of("video", VIDEO_KEYS, |c| c))
        .chain(keys_of("map", MAP_KEYS, |c| &c.map))
        .chain(keys_of("ai", AI_KEYS, |c| c))
        .collect()
});

const FOLDER: &str = "a folder in quotes, such as \"./outputs\" or \"~/shots\"";

const SEQUENCE: &str =
    "a pattern in quotes, such as \"Mist####.png\", or the name of a sequence or folder";

/// Whether `text` can say which sequence is meant, or says nothing.
fn is_sequence(text: &str) -> bool {
    // Which modality it is does not matter.
    text.is_empty() || MapRule::new(Modality::Color, text).is_ok()
}

/// Whether `text` can be the checkout on the GPU host. A colon would end it where Docker reads a volume.
fn is_remote_dir(text: &str) -> bool {
    text.starts_with('/') && !text.contains(|c: char| c.is_control() || c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../config.toml");

    /// Section, key and default of everything in `Config`, as serde sees it.
    fn fields() -> Vec<(String, String, toml::Value)> {
        let table = toml::Table::try_from(Config::default()).unwrap();
        let mut fields = Vec::new();
        for (name, section) in table {
            let keys: toml::Table = section.try_into().unwrap();
            for (key, value) in keys {
                match value {
                    toml::Value::Table(inner) => {
                        let section = format!("{name}.{key}");
                        let keys = inner.into_iter();
                        fields.extend(keys.map(|(key, value)| (section.clone(), key, value)));
                    }
                    value => fields.push((name.clone(), key, value)),
                }
            }
        }
        fields
    }

    #[test]
    fn the_shipped_file_equals_the_defaults_and_holds_every_key() {
        assert_eq!(
            toml::from_str::<Config>(SHIPPED).unwrap(),
            Config::default()
        );
        let shipped: toml::Table = SHIPPED.parse().unwrap();
        assert_eq!(shipped, toml::Table::try_from(Config::default()).unwrap());
    }

    #[test]
    fn the_shipped_file_explains_every_key_and_states_its_default() {
        let lines: Vec<&str> = SHIPPED.lines().collect();
        for (section, key, value) in fields() {
            let start = lines
                .iter()
                .position(|line| line.replace('"', "") == format!("[{section}]"))
                .unwrap();
            let at = start
                + lines[start..]
                    .iter()
                    .position(|line| line.starts_with(&format!("{key} =")))
                    .unwrap();
            assert_eq!(lines[at], format!("{key} = {value}"));
            assert_eq!(
                lines[at - 1],
                format!("# Default: {value}"),
                "above {key} in [{section}]"
            );
            assert!(
                lines[at - 2].starts_with("# "),
                "{key} in [{section}] is not explained"
            );
        }
    }

    #[test]
    fn every_key_says_what_it_takes_and_takes_its_default() {
        let mut known: Vec<_> = KEYS
            .iter()
            .map(|key| (key.section.to_owned(), key.name.to_owned()))
            .collect();
        known.sort();
        let mut in_config: Vec<_> = fields()
            .into_iter()
            .map(|(section, key, _)| (section, key))
            .collect();
        in_config.sort();
        assert_eq!(known, in_config);
        for key in KEYS.iter() {
            assert!((key.is_usable)(&Config::default()), "{}", key.name);
            // These words follow COSMOS_ in variables that have a meaning of their own.
            assert!(!["config", "log", "models"].contains(&key.section));
        }
    }
}
