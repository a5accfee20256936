//! What a job's container sees: where a path in it lies on the host, and its environment.

use std::collections::BTreeMap;

use crate::cosmos::WORKDIR;
use crate::cosmos::needs::{Cache, Place};
use crate::docker::DockerSettings;

/// The home folder of a container's user, which is root.
const HOME: &str = "/root";

/// The inside of a container that `docker run` makes with some settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Folders in the container, and the folder on the host that is mounted there; `None` for one that Docker
    /// keeps. A `~/` at the start is the home folder there.
    mounts: Vec<(String, Option<String>)>,
    /// Variables with their values; `None` for one that is handed on from the host.
    env: BTreeMap<String, Option<String>>,
    has_network: bool,
}

impl Inside {
    /// That of a job with `env` in a checkout.
    #[must_use]
    pub fn new(
        settings: &DockerSettings,
        remote_dir: &str,
        job_env: &BTreeMap<String, String>,
    ) -> Self {
        let option = |name: &'static str| {
            settings
                .options
                .iter()
                .filter_map(move |option| option.strip_prefix(name)?.strip_prefix('='))
        };
        let checkout = (WORKDIR.to_owned(), Some(remote_dir.to_owned()));
        let volumes = settings.volumes.iter().map(String::as_str);
        let mounts = std::iter::once(checkout)
            .chain(volumes.chain(option("--volume")).map(volume))
            .chain(option("--mount").filter_map(mount))
            .collect();
        let given = option("--env").map(|text| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (text.to_owned(), None),
        });
        let of_job = job_env
            .iter()
            .map(|(name, value)| (name.clone(), Some(value.clone())));
        Self {
            mounts,
            // The options come after the job's variables on the command line, and the last one counts.
            env: of_job.chain(given).collect(),
            has_network: option("--network").all(|network| network != "none"),
        }
    }

    /// The folder or file on the host that is at `path` in the container; `None` for one that is only in the image
    /// or in a volume that Docker keeps.
    #[must_use]
    pub fn on_host(&self, path: &str) -> Option<String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let absolute = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{WORKDIR}/{path}")
        };
        let (_, host, rest) = self
            .mounts
            .iter()
            .filter_map(|(at, host)| {
                let rest = absolute.strip_prefix(at.as_str())?;
                let is_below = rest.is_empty() || rest.starts_with('/') || at == "/";
                is_below.then_some((at.len(), host, rest))
            })
            // Of two for the same folder the later one counts.
            .max_by_key(|(length, ..)| *length)?;
        let host = host.as_ref()?;
        Some(format!("{}{rest}", host.trim_end_matches('/')))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.env.get(name)?.as_deref()
    }

    /// The folder of Hugging Face's library in the container.
    #[must_use]
    pub fn hf_home(&self) -> String {
        if let Some(home) = self.value("HF_HOME") {
            return home.to_owned();
        }
        let home = self.value("HOME").unwrap_or(HOME);
        match self.value("XDG_CACHE_HOME") {
            Some(cache) => format!("{cache}/huggingface"),
            None => format!("{home}/.cache/huggingface"),
        }
    }

    /// The folder of a cache in the container.
    #[must_use]
    pub fn cache(&self, cache: Cache) -> String {
        match cache {
            Cache::Hub => self
                .value("HF_HUB_CACHE")
                .or_else(|| self.value("HUGGINGFACE_HUB_CACHE"))
                .map_or_else(|| format!("{}/hub", self.hf_home()), str::to_owned),
            Cache::DepthModels => match (self.value("COSMOS_CACHE_DIR"), self.value("HF_HOME")) {
                (Some(folder), _) => format!("{folder}/depth_models"),
                (None, Some(home)) => format!("{home}/cosmos_depth_models"),
                (None, None) => {
                    let home = self.value("HOME").unwrap_or(HOME);
                    format!("{home}/.cache/cosmos_transfer2/depth_models")
                }
            },
        }
    }

    /// The path in the container that a job looks at for `place`.
    #[must_use]
    pub fn path_of(&self, place: &Place) -> String {
        match place {
            Place::Folder { path } => path.clone(),
            Place::HuggingFace { repo, cache, .. } => {
                let folder = self.cache(*cache);
                let own = match cache {
                    Cache::Hub => "",
                    // `video_depth_model.py:VideoDepthAnythingModel._get_or_download_weights`
                    Cache::DepthModels => "/video_depth_anything_vits",
                };
                format!("{folder}{own}/models--{}", repo.replace('/', "--"))
            }
        }
    }

    /// Whether nothing can be downloaded in the container.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        let is_set = |name| {
            self.value(name).is_some_and(|value| {
                matches!(value.to_uppercase().as_str(), "1" | "ON" | "YES" | "TRUE")
            })
        };
        !self.has_network || is_set("HF_HUB_OFFLINE") || is_set("TRANSFORMERS_OFFLINE")
    }

    /// How a token for huggingface.co comes into the container, as far as the settings tell.
    #[must_use]
    pub fn token(&self) -> TokenSource {
        match self.env.get("HF_TOKEN") {
            Some(Some(value)) if !value.is_empty() => TokenSource::Setting,
            Some(None) => TokenSource::Host,
            _ => TokenSource::Nowhere,
        }
    }
}

/// Where a token comes from, besides a file in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The settings hold it.
    Setting,
    /// The host's environment.
    Host,
    /// It is not handed in.
    Nowhere,
}

/// `<there>:<in the container>[:<options>]`, or only the latter.
fn volume(text: &str) -> (String, Option<String>) {
    let mut parts = text.split(':');
    match (parts.next(), parts.next()) {
        (Some(host), Some(at)) => (at.trim_end_matches('/').to_owned(), folder(host)),
        _ => (text.trim_end_matches('/').to_owned(), None),
    }
}

/// `type=bind,source=...,target=...`.
fn mount(text: &str) -> Option<(String, Option<String>)> {
    let field = |names: &[&str]| {
        text.split(',')
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| names.contains(name))
            .map(|(_, value)| value)
    };
    let at = field(&["target", "destination", "dst"])?;
    let host = field(&["source", "src"]).and_then(folder);
    Some((at.trim_end_matches('/').to_owned(), host))
}

/// What is a folder of the host, and not the name of a volume.
fn folder(text: &str) -> Option<String> {
    (text.starts_with('/') || text.starts_with("~/")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(volumes: &[&str], options: &[&str]) -> Inside {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let settings = DockerSettings {
            volumes: owned(volumes),
            options: owned(options),
            ..DockerSettings::default()
        };
        Inside::new(&settings, "/srv/transfer1", &BTreeMap::new())
    }

    #[test]
    fn a_path_in_the_container_is_found_under_the_deepest_mount() {
        let inside = inside(
            &[
                "/data/checkpoints:/workspace/checkpoints:ro",
                "/workspace/.venv",
                "~/.cache:/root/.cache",
            ],
            &[
                "--mount=type=bind,source=/data/own,target=/own",
                "--volume=kept:/kept",
            ],
        );
        for (path, host) in [
            ("checkpoints/a.pt", Some("/data/checkpoints/a.pt")),
            ("./checkpoints", Some("/data/checkpoints")),
            (
                "checkpoints2/a.pt",
                Some("/srv/transfer1/checkpoints2/a.pt"),
            ),
            (
                "/root/.cache/huggingface/hub",
                Some("~/.cache/huggingface/hub"),
            ),
            ("/own/x", Some("/own/x")),
            ("/workspace/.venv/bin", None),
            ("/kept/x", None),
            ("/opt/x", None),
        ] {
            let host = host.map(|host| host.replace("/own/x", "/data/own/x"));
            assert_eq!(inside.on_host(path), host, "{path}");
        }
    }

    #[test]
    fn the_cache_of_hugging_face_follows_the_environment() {
        assert_eq!(
            inside(&[], &[]).cache(Cache::Hub),
            "/root/.cache/huggingface/hub"
        );
        let moved = inside(&[], &["--env=HF_HOME=/hf", "--env=HF_TOKEN"]);
        assert_eq!(moved.cache(Cache::Hub), "/hf/hub");
        assert_eq!(moved.cache(Cache::DepthModels), "/hf/cosmos_depth_models");
        assert_eq!(moved.token(), TokenSource::Host);
        assert_eq!(
            inside(&[], &["--env=HF_HUB_CACHE=/hub"]).cache(Cache::Hub),
            "/hub"
        );
        assert_eq!(
            inside(&[], &[]).cache(Cache::DepthModels),
            "/root/.cache/cosmos_transfer2/depth_models"
        );
    }

    #[test]
    fn a_container_is_offline_if_told_so_or_without_a_network() {
        assert!(!inside(&[], &[]).is_offline());
        assert!(!inside(&[], &["--env=HF_HUB_OFFLINE=0"]).is_offline());
        assert!(inside(&[], &["--env=HF_HUB_OFFLINE=1"]).is_offline());
        assert!(inside(&[], &["--network=none"]).is_offline());
    }
}
