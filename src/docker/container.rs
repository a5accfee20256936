//! What Docker says of a container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DockerError, JOB_LABEL, RUN_LABEL};

/// A container of ours, at the moment it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Docker's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image that it was made from.
    pub image: String,
    /// The run that it belongs to.
    pub run_id: String,
    /// What it was made from ([`Launch::digest`](super::Launch::digest)).
    pub digest: String,
    /// How far it is.
    pub phase: Phase,
    /// When it was started (RFC 3339).
    pub started: String,
}

/// How far a container is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Made and not started, mostly because Docker could not.
    Created {
        /// What was in the way; empty if nobody tried.
        error: String,
    },
    /// Started and not ended.
    Running,
    /// Ended.
    Exited {
        /// The exit code.
        code: i64,
        /// Whether the kernel ended it for want of memory.
        out_of_memory: bool,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    id: String,
    name: String,
    state: State,
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    exit_code: i64,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    started_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
    labels: Option<BTreeMap<String, String>>,
}

impl Container {
    /// Reads one line of what [`inspect`](super::inspect) or [`list`](super::list) gives.
    ///
    /// # Errors
    /// [`DockerError::Answer`] if it is not what Docker writes.
    pub fn read(line: &str) -> Result<Self, DockerError> {
        let answer: Answer = serde_json::from_str(line).map_err(|source| DockerError::Answer {
            of: "docker container inspect",
            source,
        })?;
        let mut labels = answer.config.labels.unwrap_or_default();
        let State {
            status,
            exit_code: code,
            oom_killed: out_of_memory,
            error,
            started_at: started,
        } = answer.state;
        Ok(Self {
            id: answer.id,
            name: answer.name.trim_start_matches('/').to_owned(),
            image: answer.config.image,
            run_id: labels.remove(RUN_LABEL).unwrap_or_default(),
            digest: labels.remove(JOB_LABEL).unwrap_or_default(),
            phase: match status.as_str() {
                "created" => Phase::Created { error },
                "running" | "paused" | "restarting" => Phase::Running,
                _ => Phase::Exited {
                    code,
                    out_of_memory,
                },
            },
            started,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(state: &str) -> Phase {
        let line = format!(
            r#"{{"Id": "7805", "Name": "/cosmos_a", "Args": [], "State": {state},
                "Config": {{"Image": "i", "Labels": {{"cosmos-workflow.run": "rs_1"}}}}}}"#
        );
        let container = Container::read(&line).unwrap();
        assert_eq!(
            (container.name.as_str(), container.run_id.as_str()),
            ("cosmos_a", "rs_1")
        );
        container.phase
    }

    #[test]
    fn a_container_is_made_running_or_ended() {
        for (state, expected) in [
            (
                r#"{"Status": "running", "ExitCode": 0, "OOMKilled": false, "Pid": 7}"#,
                Phase::Running,
            ),
            (
                r#"{"Status": "exited", "ExitCode": 137, "OOMKilled": true, "Error": ""}"#,
                Phase::Exited {
                    code: 137,
                    out_of_memory: true,
                },
            ),
            (
                r#"{"Status": "created", "ExitCode": 128, "OOMKilled": false, "Error": "no [[gpu]]"}"#,
                Phase::Created {
                    error: "no [[gpu]]".into(),
                },
            ),
        ] {
            assert_eq!(phase(state), expected);
        }
    }

    #[test]
    fn an_answer_that_is_none_is_an_error() {
        for line in ["", "[]", "{}", "Error: No such object: x"] {
            let error = Container::read(line).unwrap_err();
            assert!(matches!(error, DockerError::Answer { .. }), "{line}");
        }
    }
}
