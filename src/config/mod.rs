//! Settings: built-in defaults, then one `config.toml`, then the environment.
//!
//! [`Config::load`] finds the file and puts the layers together; flags of a command go on top and are the
//! command's business. Refuses unknown keys, sections and `COSMOS_<SECTION>_...` variables, and values that no
//! run could use, naming the file, line and the key that was probably meant. The shipped `config.toml` documents
//! every key.

mod load;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ai::Device;
use crate::specs::Model;
use crate::video::rate::FrameRate;
use crate::video::resolution::Fit;
use crate::video::settings::{Codec, Crf, PixelFormat, Preset, Rgb, Setting};

pub use load::{ConfigError, Environment, Loaded, Origin};

/// Every setting. [`Config::default`] equals the shipped `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The GPU host.
    pub remote: Remote,
    /// Folders here and on the GPU host.
    pub paths: Paths,
    /// The container that Cosmos runs in.
    pub docker: Docker,
    /// The models that run.
    pub cosmos: Cosmos,
    /// Defaults of a run.
    pub execution: Execution,
    /// Defaults of an encoded video.
    pub video: Video,
    /// The networks that look at pictures.
    pub ai: Ai,
}

/// `[remote]`: how to reach the GPU host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Remote {
    /// Host name or address; empty while none is set. Read it through [`Config::remote_host`].
    pub host: String,
    /// The user to log in as.
    pub user: String,
    /// The private key file.
    pub ssh_key: PathBuf,
    /// The SSH port, never 0.
    pub port: u16,
    /// What becomes of a host whose key is unknown.
    pub host_key_policy: HostKeyPolicy,
    /// Seconds that connecting may take, at least 1.
    pub connect_timeout: u32,
    /// Seconds for which a lost connection is tried for again.
    pub reconnect_timeout: u32,
    /// Seconds that a command on the host may take which only asks or changes little.
    pub answer_timeout: u32,
}

/// What becomes of a host whose key is not in the known hosts. A changed key is always refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKeyPolicy {
    /// It is refused.
    #[default]
    Strict,
    /// It is trusted, and its key becomes a known one.
    AcceptNew,
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

/// `[docker]`: the container on the GPU host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Docker {
    /// The image's name.
    pub image: String,
    /// `--shm-size`: a number with an optional unit `b`, `k`, `m` or `g`.
    pub shm_size: String,
    /// `--ipc`: `host`, `private`, `shareable`, `none` or `container:<name>`.
    pub ipc_mode: String,
    /// `--gpus`: `all`, a number, or `device=...`; empty for none.
    pub gpus: String,
    /// `--volume`: folders of the host besides the checkout, `<there>:<in the container>`, where a `~/` at the start
    /// is the home folder there; or a folder of the container alone, which goes with it.
    pub volumes: Vec<String>,
    /// Further options of `docker run`, each in one piece: `--memory=64g`.
    pub options: Vec<String>,
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

/// `[ai]`: the networks that look at pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ai {
    /// What they are computed on.
    pub device: Device,
    /// Threads that a network computes with, up to 64; 0 for half of the processors, but no more than 4.
    pub threads: usize,
    /// Whether networks are kept as they were made ready for this processor, in the user's cache folder.
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

impl Default for Remote {
    fn default() -> Self {
        Self {
            host: String::new(),
            user: "ubuntu".to_owned(),
            ssh_key: "~/.ssh/key.pem".into(),
            port: 22,
            host_key_policy: HostKeyPolicy::default(),
            connect_timeout: 15,
            reconnect_timeout: 600,
            answer_timeout: 120,
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

impl Default for Docker {
    fn default() -> Self {
        Self {
            image: "nvcr.io/ubuntu/cosmos-transfer1:latest".to_owned(),
            shm_size: "8g".to_owned(),
            ipc_mode: "host".to_owned(),
            gpus: "all".to_owned(),
            volumes: vec!["~/.cache/huggingface:/root/.cache/huggingface".to_owned()],
            options: Vec::new(),
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

    /// The GPU host's name or address.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoHost`] while none is set.
    pub fn remote_host(&self) -> Result<&str, ConfigError> {
        Some(self.remote.host.as_str())
            .filter(|host| !host.is_empty())
            .ok_or(ConfigError::NoHost)
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

/// What a key takes: in words for messages, and as a check of what its type alone lets through.
struct Key {
    section: &'static str,
    name: &'static str,
    takes: &'static str,
    is_usable: fn(&Config) -> bool,
}

/// `remote_dir` in a model's own section.
const fn model_remote_dir(section: &'static str, is_usable: fn(&Config) -> bool) -> Key {
    Key {
        section,
        name: "remote_dir",
        takes: "a folder on the GPU host in quotes, starting with /, or \"\" for that of [paths]",
        is_usable,
    }
}

/// `image` in a model's own section.
const fn model_image(section: &'static str, is_usable: fn(&Config) -> bool) -> Key {
    Key {
        section,
        name: "image",
        takes: "an image's name in quotes, or \"\" for that of [docker]",
        is_usable,
    }
}

/// `set` in a model's own section; its options are checked when a run is planned.
const fn model_set(section: &'static str) -> Key {
    Key {
        section,
        name: "set",
        takes: "a table of options of the model's program",
        is_usable: |_| true,
    }
}

/// Every key, in the order of the shipped file.
const KEYS: &[Key] = &[
    Key {
        section: "remote",
        name: "host",
        takes: "a host name or address in quotes",
        is_usable: |c| is_argument(&c.remote.host),
    },
    Key {
        section: "remote",
        name: "user",
        takes: "a user name in quotes",
        is_usable: |c| !c.remote.user.is_empty() && is_argument(&c.remote.user),
    },
    Key {
        section: "remote",
        name: "ssh_key",
        takes: "a file in quotes, such as \"~/.ssh/key.pem\"",
        is_usable: |c| is_path(&c.remote.ssh_key),
    },
    Key {
        section: "remote",
        name: "port",
        takes: "a whole number from 1 to 65535",
        is_usable: |c| c.remote.port != 0,
    },
    Key {
        section: "remote",
        name: "host_key_policy",
        takes: "\"strict\" or \"accept-new\"",
        is_usable: |_| true,
    },
    Key {
        section: "remote",
        name: "connect_timeout",
        takes: "a whole number of seconds from 1 to 3600",
        is_usable: |c| (1..=3600).contains(&c.remote.connect_timeout),
    },
    Key {
        section: "remote",
        name: "reconnect_timeout",
        takes: "a whole number of seconds, 0 or more",
        is_usable: |_| true,
    },
    Key {
        section: "remote",
        name: "answer_timeout",
        takes: "a whole number of seconds from 1 to 3600",
        is_usable: |c| (1..=3600).contains(&c.remote.answer_timeout),
    },
    Key {
        section: "paths",
        name: "remote_dir",
        takes: "a folder on the GPU host in quotes, starting with /",
        is_usable: |c| is_remote_dir(&c.paths.remote_dir),
    },
    Key {
        section: "paths",
        name: "local_prompts_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_prompts_dir),
    },
    Key {
        section: "paths",
        name: "local_runs_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_runs_dir),
    },
    Key {
        section: "paths",
        name: "local_videos_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_videos_dir),
    },
    Key {
        section: "paths",
        name: "local_outputs_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_outputs_dir),
    },
    Key {
        section: "paths",
        name: "local_notes_dir",
        takes: FOLDER,
        is_usable: |c| is_path(&c.paths.local_notes_dir),
    },
    Key {
        section: "docker",
        name: "image",
        takes: "an image's name in quotes",
        is_usable: |c| !c.docker.image.is_empty() && is_argument(&c.docker.image),
    },
    Key {
        section: "docker",
        name: "shm_size",
        takes: "a number with b, k, m or g in quotes, such as \"8g\"",
        is_usable: |c| is_memory_size(&c.docker.shm_size),
    },
    Key {
        section: "docker",
        name: "ipc_mode",
        takes: "\"host\", \"private\", \"shareable\", \"none\" or \"container:<name>\"",
        is_usable: |c| is_ipc_mode(&c.docker.ipc_mode),
    },
    Key {
        section: "docker",
        name: "gpus",
        takes: "\"all\", a number or \"device=0,1\" in quotes; \"\" for none",
        is_usable: |c| is_argument(&c.docker.gpus),
    },
    Key {
        section: "docker",
        name: "volumes",
        takes: "a list of \"<folder on the host>:<folder in the container>\", or \"<folder in the container>\"",
        is_usable: |c| c.docker.volumes.iter().all(|volume| is_volume(volume)),
    },
    Key {
        section: "docker",
        name: "options",
        takes: "a list of options of docker run, such as [\"--memory=64g\"]",
        is_usable: |c| c.docker.options.iter().all(|option| is_option(option)),
    },
    Key {
        section: "cosmos",
        name: "model",
        takes: "\"transfer1\", \"transfer2.5\" or \"cosmos3\"",
        is_usable: |_| true,
    },
    model_remote_dir("cosmos.transfer1", |c| {
        is_model_remote_dir(&c.cosmos.transfer1.remote_dir)
    }),
    model_image("cosmos.transfer1", |c| {
        is_argument(&c.cosmos.transfer1.image)
    }),
    model_set("cosmos.transfer1"),
    model_remote_dir("cosmos.transfer2.5", |c| {
        is_model_remote_dir(&c.cosmos.transfer2_5.remote_dir)
    }),
    model_image("cosmos.transfer2.5", |c| {
        is_argument(&c.cosmos.transfer2_5.image)
    }),
    model_set("cosmos.transfer2.5"),
    model_remote_dir("cosmos.cosmos3", |c| {
        is_model_remote_dir(&c.cosmos.cosmos3.remote_dir)
    }),
    model_image("cosmos.cosmos3", |c| is_argument(&c.cosmos.cosmos3.image)),
    model_set("cosmos.cosmos3"),
    Key {
        section: "execution",
        name: "default_num_steps",
        takes: "a whole number, 1 or more",
        is_usable: |c| c.execution.default_num_steps != 0,
    },
    Key {
        section: "execution",
        name: "default_guidance_scale",
        takes: "a number, 0 or more",
        is_usable: |c| (0.0..=f64::MAX).contains(&c.execution.default_guidance_scale),
    },
    Key {
        section: "execution",
        name: "default_seed",
        takes: "a whole number from 0 to 4294967295",
        is_usable: |_| true,
    },
    Key {
        section: "execution",
        name: "default_upscale_weight",
        takes: "a number from 0 to 1",
        is_usable: |c| (0.0..=1.0).contains(&c.execution.default_upscale_weight),
    },
    Key {
        section: "execution",
        name: "offload_models",
        takes: "true or false",
        is_usable: |_| true,
    },
    Key {
        section: "execution",
        name: "offload_vae",
        takes: "true or false",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "fps",
        takes: "frames a second from 1/60 to 1000, such as \"24\", \"23.976\" or \"24000/1001\"",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "codec",
        takes: "\"h264\" or \"hevc\"",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "pixel_format",
        takes: "\"yuv420p\" or \"yuv444p\"",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "crf",
        takes: "\"auto\" or a whole number from 0 (best) to 51",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "preset",
        takes: "\"auto\", \"ultrafast\", \"superfast\", \"veryfast\", \"faster\", \"fast\", \"medium\", \"slow\", \
                \"slower\", \"veryslow\" or \"placebo\"",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "background",
        takes: "six hexadecimal digits in quotes, such as \"000000\" for black",
        is_usable: |_| true,
    },
    Key {
        section: "video",
        name: "fit",
        takes: "\"pad\", \"crop\" or \"stretch\"",
        is_usable: |_| true,
    },
    Key {
        section: "ai",
        name: "device",
        takes: "\"cpu\" or \"cuda\"",
        is_usable: |_| true,
    },
    Key {
        section: "ai",
        name: "threads",
        takes: "a whole number from 0 to 64",
        is_usable: |c| c.ai.threads <= 64,
    },
    Key {
        section: "ai",
        name: "keep_graphs",
        takes: "true or false",
        is_usable: |_| true,
    },
];

const FOLDER: &str = "a folder in quotes, such as \"./outputs\" or \"~/shots\"";

/// Whether `text` can be an argument of a remote command without passing for an option.
fn is_argument(text: &str) -> bool {
    !text.starts_with('-') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether `path` names something, and not by another user's home folder, which is not looked up.
fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_foreign_home = text.starts_with('~') && !path.starts_with("~");
    !text.is_empty() && !is_foreign_home && !text.contains(char::is_control)
}

/// Whether `text` is a model's own folder on the GPU host, or empty for the common one.
fn is_model_remote_dir(text: &str) -> bool {
    text.is_empty() || is_remote_dir(text)
}

/// Whether `text` can be the checkout on the GPU host. A colon would end it where Docker reads a volume.
fn is_remote_dir(text: &str) -> bool {
    text.starts_with('/') && !text.contains(|c: char| c.is_control() || c == ':')
}

/// Whether `docker run --shm-size` takes `text`.
fn is_memory_size(text: &str) -> bool {
    let number = text
        .strip_suffix(['b', 'k', 'm', 'g', 'B', 'K', 'M', 'G'])
        .unwrap_or(text);
    number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u64>().is_ok_and(|n| n > 0)
}

/// Whether `docker run --ipc` takes `text`.
fn is_ipc_mode(text: &str) -> bool {
    let container = text.strip_prefix("container:");
    matches!(text, "host" | "private" | "shareable" | "none")
        || container.is_some_and(|name| !name.is_empty() && is_argument(name))
}

/// Whether `docker run --volume` takes `text`: a folder of the host, or one of the container alone, which goes with
/// it, but no volume that Docker keeps.
fn is_volume(text: &str) -> bool {
    let mut parts = text.split(':');
    let is_rooted = |folder: &str| folder.starts_with('/');
    let is_usable = match (parts.next(), parts.next()) {
        (Some(alone), None) => is_rooted(alone),
        (Some(from), Some(to)) => {
            (is_rooted(from) || from.starts_with("~/")) && is_rooted(to) && parts.count() <= 1
        }
        _ => false,
    };
    is_usable && !text.contains(char::is_control)
}

/// Whether `text` is one option with its value, so that what follows is not taken for that.
fn is_option(text: &str) -> bool {
    text.starts_with("--") && text.len() > 2 && !text.contains(char::is_control)
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
        for key in KEYS {
            assert!((key.is_usable)(&Config::default()), "{}", key.name);
            // These words follow COSMOS_ in variables that have a meaning of their own.
            assert!(!["config", "log", "models"].contains(&key.section));
        }
    }

    #[test]
    fn a_run_without_a_host_is_told_where_to_set_one() {
        let mut config = Config::default();
        let error = config.remote_host().unwrap_err();
        assert!(error.to_string().contains("no GPU host is set"), "{error}");
        assert!(error.hint().unwrap().contains("[remote]"));
        config.remote.host = "gpu01".to_owned();
        assert_eq!(config.remote_host().unwrap(), "gpu01");
    }
}
