//! What Docker could not do.

use crate::remote::{ExitStatus, Output};

/// Why a `docker` command on the host failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DockerError {
    /// There is no `docker` program.
    #[error("docker is not installed on the host")]
    NotInstalled,
    /// The program is there, and the engine does not answer it.
    #[error("Docker does not run on the host: {message}")]
    NotRunning {
        /// What the program said.
        message: String,
    },
    /// It takes too long to answer.
    #[error("Docker did not answer within {seconds} s")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The user may not talk to the engine.
    #[error("the user on the host may not use Docker")]
    Denied,
    /// The image is not on the host.
    #[error("the image {image} is not on the host")]
    NoImage {
        /// The image's name.
        image: String,
    },
    /// Docker cannot give GPUs to a container.
    #[error("Docker on the host cannot give GPUs to a container: {message}")]
    NoGpus {
        /// What Docker said.
        message: String,
    },
    /// The disk is full.
    #[error("the disk of the host is full: {message}")]
    DiskFull {
        /// What Docker said.
        message: String,
    },
    /// Something that is not known here.
    #[error("Docker could not {attempt} ({status}): {message}")]
    Failed {
        /// What was attempted, worded to stand after "could not".
        attempt: String,
        /// How the command ended.
        status: ExitStatus,
        /// What it said.
        message: String,
    },
    /// Docker answered with something that could not be read.
    #[error("{of} answered with something unexpected")]
    Answer {
        /// The command.
        of: &'static str,
        /// What is wrong with the answer.
        #[source]
        source: serde_json::Error,
    },
}

/// What in Docker's words means what. The first that is found counts.
const GPU_WORDS: [&str; 4] = [
    "could not select device driver",
    "nvidia-container-cli",
    "unknown or invalid runtime name: nvidia",
    "libnvidia-ml",
];

impl DockerError {
    /// What the failure of a `docker` command means. `attempt` stands after "could not"; `image` is the one that
    /// the command named.
    #[must_use]
    pub fn of(output: &Output, attempt: &str, image: &str) -> Self {
        let said = output.stderr_text();
        Self::of_text(&said, output.status.clone(), attempt, image)
    }

    pub(crate) fn of_text(said: &str, status: ExitStatus, attempt: &str, image: &str) -> Self {
        let has = |word: &str| said.to_lowercase().contains(&word.to_lowercase());
        let message = essence(said);
        if status == ExitStatus::Code(127) && (has("not found") || said.is_empty()) {
            Self::NotInstalled
        } else if has("permission denied while trying to connect") {
            Self::Denied
        } else if has("cannot connect to the docker daemon")
            || has("is the docker daemon running")
            || has("failed to connect to the docker api")
        {
            Self::NotRunning { message }
        } else if GPU_WORDS.iter().any(|word| has(word)) {
            Self::NoGpus { message }
        } else if has("no such image") || has("unable to find image") {
            Self::NoImage {
                image: image.to_owned(),
            }
        } else if has("no space left on device") {
            Self::DiskFull { message }
        } else {
            Self::Failed {
                attempt: attempt.to_owned(),
                status,
                message,
            }
        }
    }

    /// What a container that was made and could not be started says.
    #[must_use]
    pub fn of_start(error: &str) -> Self {
        Self::of_text(error, ExitStatus::Code(125), "start the container", "")
    }

    /// What the user can do about it, for a `help:` line.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotInstalled => "install Docker on the host; docs/gpu-host.md says how",
            Self::NotRunning { .. } => "start it on the host: sudo systemctl start docker",
            Self::Silent { .. } => {
                "look at it on the host: docker ps; sudo systemctl restart docker ends what runs"
            }
            Self::Denied => "on the host: sudo usermod -aG docker $USER, then log out and in again",
            Self::NoImage { image } => {
                return Some(format!(
                    "on the host: docker pull {image}; or set image under [docker] in config.toml"
                ));
            }
            Self::NoGpus { .. } => {
                "install the NVIDIA driver and the NVIDIA Container Toolkit on the host and restart Docker; \
                 gpus = \"\" under [docker] does without GPUs"
            }
            Self::DiskFull { .. } => {
                "free some space on the host: cosmos clean --files, docker system prune"
            }
            Self::Failed { .. } | Self::Answer { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// Whether a `docker` command failed because the container that it named is not there, or does not run, which is
/// all the same to who wanted it to end.
#[must_use]
pub fn is_absent(output: &Output) -> bool {
    let said = output.stderr_text();
    let words = [
        "No such container",
        "No such object",
        "is not running",
        // Somebody else has asked for it.
        "is already in progress",
    ];
    !output.status.success() && words.iter().any(|word| said.contains(word))
}

/// The line that says what is wrong, without what Docker puts before and after it.
fn essence(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| {
        !line.is_empty() && !line.starts_with("WARNING") && !line.starts_with("Run 'docker")
    });
    let line = lines.next_back().unwrap_or_default();
    ["docker: ", "Error response from daemon: "]
        .iter()
        .fold(line, |line, prefix| {
            line.strip_prefix(prefix).unwrap_or(line)
        })
        .trim_end_matches(". See 'docker run --help'.")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_says_is_understood() {
        let expected = |text: &str, code| {
            let status = ExitStatus::Code(code);
            DockerError::of_text(text, status, "start the container", "i:1").to_string()
        };
        for (text, code, message) in [
            (
                "sh: 1: docker: not found",
                127,
                "docker is not installed on the host",
            ),
            (
                "Cannot connect to the Docker daemon at unix:///run/d.sock. Is the docker daemon running?",
                1,
                "Docker does not run on the host: Cannot connect to the Docker daemon at unix:///run/d.sock. \
                 Is the docker daemon running?",
            ),
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///x: Get \"y\"",
                1,
                "the user on the host may not use Docker",
            ),
            (
                "docker: Error response from daemon: No such image: i:1\n\nRun 'docker run --help' for more information",
                125,
                "the image i:1 is not on the host",
            ),
            (
                "WARNING: IPv4 forwarding is disabled. Networking will not work.\n\
                 docker: Error response from daemon: could not select device driver \"\" with capabilities: [[gpu]]\n\n\
                 Run 'docker run --help' for more information",
                125,
                "Docker on the host cannot give GPUs to a container: could not select device driver \"\" with \
                 capabilities: [[gpu]]",
            ),
            (
                "docker: Error response from daemon: mkdir /x: no space left on device. See 'docker run --help'.",
                125,
                "the disk of the host is full: mkdir /x: no space left on device",
            ),
            (
                "docker: Error response from daemon: something else",
                125,
                "Docker could not start the container (exit code 125): something else",
            ),
        ] {
            assert_eq!(expected(text, code), message);
        }
    }
}
