//! How a container is started.

use serde_json::json;

use super::DockerSettings;
use super::{JOB_LABEL, RUN_LABEL};
use crate::cosmos::{Job, WORKDIR, hidden_folders};
use crate::hash::sha256_of;
use crate::remote::{Command, RemoteError};

/// Digits of a digest: it tells apart the few things that one container's name can stand for.
const DIGITS: usize = 16;

/// Runs its arguments as a program, and ends with its exit code. What the program writes on both streams becomes one,
/// because Docker does not keep the order of two, in which each state of a progress bar is a line of its own: bars
/// end theirs with a carriage return, and Docker hands on nothing before a line ends.
///
/// The shell waits for the rest of the lines 5 s at most: a process that the program has left behind holds them open
/// for good. An image without GNU coreutils does without all this.
const RUN: &str = r#"exec 2>&1
if command -v stdbuf >/dev/null && command -v tr >/dev/null; then
    exec 3> >(stdbuf -oL tr '\r' '\n' || exec cat)
    lines=$!
    "$@" >&3 2>&3 3>&-
    code=$?
    exec 3>&-
    (sleep 5; kill "$lines") >/dev/null 2>&1 &
    wait "$lines"
    exit "$code"
fi
exec "$@""#;

/// A job that is to run in a container.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// Memory, GPUs and folders.
    pub settings: &'a DockerSettings,
    /// The image.
    pub image: &'a str,
    /// What is run.
    pub job: &'a Job,
    /// The job whose result it reads, if there is one.
    pub after: Option<&'a Job>,
    /// The run that it belongs to.
    pub run_id: &'a str,
    /// The checkout on the host.
    pub remote_dir: &'a str,
    /// What `~` at the start of a volume stands for on the host.
    pub home: &'a str,
}

/// The container of the job called `job`.
#[must_use]
pub fn container_name(job: &str) -> String {
    format!("cosmos_{job}")
}

impl Launch<'_> {
    /// A short text that is equal for what gives the same result: the same specs, image and checkout. With which
    /// GPUs it is made does not matter.
    #[must_use]
    pub fn digest(&self) -> String {
        let before = self.after.map(|job| &job.files);
        let mut content = json!([self.image, self.remote_dir, self.job.files, before]);
        if let (Some(parts), false) = (content.as_array_mut(), self.job.identity.is_empty()) {
            parts.push(json!(self.job.identity));
        }
        let digest = sha256_of(content.to_string().as_bytes());
        digest.chars().take(DIGITS).collect()
    }

    /// Starts the container, which then runs whether or not anybody is there, and writes its id.
    ///
    /// # Errors
    /// [`RemoteError::BadCommand`] for an argument that no shell takes.
    pub fn command(&self) -> Result<Command, RemoteError> {
        let settings = self.settings;
        let mut command = Command::new("docker")
            .args(["container", "run", "--detach", "--pull=never"])
            .arg(format!("--name={}", container_name(&self.job.name)))
            .arg(format!("--label={RUN_LABEL}={}", self.run_id))
            .arg(format!("--label={JOB_LABEL}={}", self.digest()))
            .arg(format!("--shm-size={}", settings.shm_size))
            .arg(format!("--ipc={}", settings.ipc_mode));
        match settings.gpus.as_str() {
            "" => {}
            // Docker reads a list of options here, and a comma would begin the next.
            devices if devices.contains(',') => {
                command = command.arg(format!("--gpus=\"{devices}\""))
            }
            gpus => command = command.arg(format!("--gpus={gpus}")),
        }
        let checkout = format!("{}:{WORKDIR}", self.remote_dir);
        let volumes = settings.volumes.iter().map(|volume| self.at_home(volume));
        let hidden = hidden_folders(self.job.model).iter();
        let hidden = hidden.filter(|folder| !self.mounts(folder));
        for volume in std::iter::once(checkout)
            .chain(volumes)
            .chain(hidden.map(|folder| (*folder).to_owned()))
        {
            command = command.arg(format!("--volume={volume}"));
        }
        for (name, value) in &self.job.env {
            command = command.arg(format!("--env={name}={value}"));
        }
        // A login shell where the image sets up its environment there; elsewhere one could lose the PATH of the image,
        // which names the folder that Python is in.
        let shell = match hidden_folders(self.job.model) {
            [] => "-lc",
            _ => "-c",
        };
        command = command
            .args(&settings.options)
            .arg(format!("--workdir={WORKDIR}"))
            .arg(self.image)
            .args(["bash", shell, RUN, "bash"]);
        if self.job.prepare.is_empty() {
            return Ok(command.args(&self.job.argv));
        }
        let mut script = String::new();
        for words in &self.job.prepare {
            script += &format!("{} && ", shell_line(words)?);
        }
        script += &format!("exec {}", shell_line(&self.job.argv)?);
        Ok(command.args(["bash", "-c", &script]))
    }

    /// Whether the settings put something at `folder` of the container.
    fn mounts(&self, folder: &str) -> bool {
        let settings = self.settings;
        settings
            .volumes
            .iter()
            .chain(&settings.options)
            .any(|text| text.split([':', ',', '=']).any(|part| part == folder))
    }

    fn at_home(&self, volume: &str) -> String {
        match volume.strip_prefix("~/") {
            Some(rest) => format!("{}/{rest}", self.home.trim_end_matches('/')),
            None => volume.to_owned(),
        }
    }
}

/// The words of a command as a line for a shell.
fn shell_line(words: &[String]) -> Result<String, RemoteError> {
    let mut words = words.iter();
    let program = words.next().map_or("", String::as_str);
    Command::new(program).args(words).to_shell()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosmos::{Model, SpecFile};
    use std::collections::BTreeMap;

    fn job() -> Job {
        Job {
            model: Model::Transfer1,
            name: "city_rs_1".into(),
            files: Vec::new(),
            prepare: Vec::new(),
            identity: Vec::new(),
            windows: None,
            steps: None,
            keep_controls: false,
            env: BTreeMap::from([("CUDA_VISIBLE_DEVICES".to_owned(), "0,1".to_owned())]),
            argv: ["torchrun", "a.py", "--text", "it's $(here)"]
                .map(Into::into)
                .into(),
            output_dir: "outputs/city_rs_1".into(),
            video: "outputs/city_rs_1/output.mp4".into(),
            extra_outputs: Vec::new(),
        }
    }

    fn shell(settings: &DockerSettings, job: &Job) -> String {
        let launch = Launch {
            settings,
            image: &settings.image,
            job,
            after: None,
            run_id: "rs_1",
            remote_dir: "/srv/my checkout",
            home: "/home/ada",
        };
        launch.command().unwrap().to_shell().unwrap()
    }

    #[test]
    fn a_container_is_named_labelled_and_given_what_the_settings_say() {
        let settings = DockerSettings {
            volumes: vec!["~/.cache/x:/root/.cache/x".into(), "/data:/data:ro".into()],
            options: vec!["--memory=64g".into()],
            ..DockerSettings::default()
        };
        let mut words = shlex::split(&shell(&settings, &job())).unwrap();
        assert!(words.remove(7).starts_with("--label=cosmos-workflow.job="));
        assert_eq!(
            words,
            [
                "docker",
                "container",
                "run",
                "--detach",
                "--pull=never",
                "--name=cosmos_city_rs_1",
                "--label=cosmos-workflow.run=rs_1",
                "--shm-size=8g",
                "--ipc=host",
                "--gpus=all",
                "--volume=/srv/my checkout:/workspace",
                "--volume=/home/ada/.cache/x:/root/.cache/x",
                "--volume=/data:/data:ro",
                "--env=CUDA_VISIBLE_DEVICES=0,1",
                "--memory=64g",
                "--workdir=/workspace",
                "nvcr.io/ubuntu/cosmos-transfer1:latest",
                "bash",
                "-lc",
                RUN,
                "bash",
                "torchrun",
                "a.py",
                "--text",
                "it's $(here)",
            ]
        );
    }

    #[test]
    fn the_python_of_an_image_is_not_hidden_by_the_checkout() {
        let volume = "--volume=/workspace/.venv";
        let words = |settings: &DockerSettings, model| {
            let job = Job { model, ..job() };
            shlex::split(&shell(settings, &job)).unwrap()
        };
        let plain = DockerSettings::default();
        assert!(!words(&plain, Model::Transfer1).contains(&volume.to_owned()));
        for model in [Model::Transfer2_5, Model::Cosmos3] {
            assert!(words(&plain, model).contains(&volume.to_owned()));
        }
        let own = DockerSettings {
            volumes: vec!["/opt/venv:/workspace/.venv:ro".into()],
            ..plain
        };
        assert!(!words(&own, Model::Cosmos3).contains(&volume.to_owned()));
    }

    #[test]
    fn what_prepares_a_job_runs_before_its_program() {
        let job = Job {
            prepare: vec![["python", "it's.py"].map(Into::into).into()],
            ..job()
        };
        let words = shlex::split(&shell(&DockerSettings::default(), &job)).unwrap();
        let script = words.last().unwrap();
        assert!(
            script.starts_with("python \"it's.py\" && exec torchrun a.py "),
            "{script}"
        );
    }

    #[test]
    fn each_state_of_a_progress_bar_is_a_line_and_the_exit_code_is_the_programs() {
        let script = r#"printf 'a\rb\r\nc\n' >&2; printf '%s\n' "$1"; printf d; exit 7"#;
        let output = std::process::Command::new("bash")
            .args([
                "-c",
                RUN,
                "bash",
                "bash",
                "-c",
                script,
                "bash",
                "it's $(here)",
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(7));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "a\nb\n\nc\nit's $(here)\nd");
        assert_eq!(output.stderr, b"");
    }

    #[test]
    fn gpus_are_asked_for_as_docker_reads_them() {
        for (gpus, option) in [
            ("", None),
            ("2", Some("--gpus=2")),
            ("device=0,1", Some("--gpus=\"device=0,1\"")),
        ] {
            let settings = DockerSettings {
                gpus: gpus.into(),
                ..DockerSettings::default()
            };
            let words = shlex::split(&shell(&settings, &job())).unwrap();
            let found = words.iter().find(|word| word.starts_with("--gpus"));
            assert_eq!(found.map(String::as_str), option);
        }
    }

    #[test]
    fn the_digest_follows_the_job_and_the_image() {
        let settings = DockerSettings::default();
        let other_image = DockerSettings {
            image: "other".into(),
            ..settings.clone()
        };
        let slower = DockerSettings {
            shm_size: "1g".into(),
            ..settings.clone()
        };
        let mut other_job = job();
        other_job.files.push(SpecFile {
            path: "a.json".into(),
            content: json!({"seed": 2}),
        });
        let mut more_gpus = job();
        more_gpus.argv.push("--num_gpus".into());
        let distilled = Job {
            identity: vec!["--use_distilled".into()],
            ..job()
        };
        let digest = |settings: &DockerSettings, job: &Job, after| {
            Launch {
                settings,
                image: &settings.image,
                job,
                after,
                run_id: "rs_1",
                remote_dir: "/srv",
                home: "/",
            }
            .digest()
        };
        let base = digest(&settings, &job(), None);
        assert_eq!(base.len(), DIGITS);
        assert_eq!(digest(&slower, &job(), None), base);
        assert_eq!(digest(&settings, &more_gpus, None), base);
        assert_ne!(digest(&other_image, &job(), None), base);
        assert_ne!(digest(&settings, &other_job, None), base);
        assert_ne!(digest(&settings, &distilled, None), base);
        assert_ne!(
            digest(&settings, &job(), Some(&job())),
            digest(&settings, &job(), Some(&other_job))
        );
    }
}
