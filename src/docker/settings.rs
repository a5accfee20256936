//! `[docker]` of the settings.

use serde::{Deserialize, Serialize};

use crate::settings::{Key, is_argument};

/// `[docker]`: the container on the GPU host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DockerSettings {
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

impl Default for DockerSettings {
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

/// Every key, in the order of the shipped file.
pub(crate) const KEYS: &[Key<DockerSettings>] = &[
    Key {
        name: "image",
        takes: "an image's name in quotes",
        is_usable: |s| !s.image.is_empty() && is_argument(&s.image),
    },
    Key {
        name: "shm_size",
        takes: "a number with b, k, m or g in quotes, such as \"8g\"",
        is_usable: |s| is_memory_size(&s.shm_size),
    },
    Key {
        name: "ipc_mode",
        takes: "\"host\", \"private\", \"shareable\", \"none\" or \"container:<name>\"",
        is_usable: |s| is_ipc_mode(&s.ipc_mode),
    },
    Key {
        name: "gpus",
        takes: "\"all\", a number or \"device=0,1\" in quotes; \"\" for none",
        is_usable: |s| is_argument(&s.gpus),
    },
    Key {
        name: "volumes",
        takes: "a list of \"<folder on the host>:<folder in the container>\", or \"<folder in the container>\"",
        is_usable: |s| s.volumes.iter().all(|volume| is_volume(volume)),
    },
    Key {
        name: "options",
        takes: "a list of options of docker run, such as [\"--memory=64g\"]",
        is_usable: |s| s.options.iter().all(|option| is_option(option)),
    },
];

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
