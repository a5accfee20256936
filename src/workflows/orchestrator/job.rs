//! One job in its container: started, or picked up where it stands, and followed to its end.

use std::path::Path;
use std::time::Duration;

use super::followed::Followed;
use super::host::{Host, HostError};
use super::{Carried, Stop};
use crate::cosmos::Job;
use crate::docker::{self, Cause, Container, DockerError, Ended, Launch, Phase, container_name};
use crate::progress::Cancel;
use crate::remote::transfer::upload;
use crate::remote::{Command, ExitStatus, Line, RemoteError, Stream};
use crate::runs::{BlockedJob, FailedJob, RunError, RunLog, State, Step};

/// How often a job is begun before somebody else's doing counts as an error.
const ATTEMPTS: usize = 3;
/// How often a host whose Docker does not answer is asked again, and the time in between: it may be on its way up.
const ENGINE_ATTEMPTS: usize = 5;
const ENGINE_PAUSE: Duration = Duration::from_secs(2);
/// The exit code by which our scripts say that a folder is not there.
const NO_FOLDER: i32 = 66;
/// The exit code by which [`START`] says that things are not as they were seen.
const CHANGED: i32 = 75;

/// How `timeout` says that the time was over, and that it had to kill.
const TIMED_OUT: [i32; 2] = [124, 137];

/// Starts a container with the command `$5` if nothing has happened to its job since it was looked at: the container
/// `$3` is still the one with the id that `$4` begins with, and the mark of a finished job is still what `$4` ends
/// with. What an earlier attempt left goes first: it must not pass for the result of this one. One process at a time
/// does this, since two may follow the same run from two machines. It waits `$6` seconds for the other, and as long for
/// Docker.
const START: &str = r#"cd -- "$1" && mkdir -p -- "$2" || exit
if command -v flock >/dev/null 2>&1; then
    exec 9>>"$2/.cosmos-lock"
    # 1 says that somebody else has it, anything more that there are no locks here.
    flock -w "$6" 9 || [ $? -gt 1 ] || { echo 'another process is starting the same job' >&2; exit 1; }
fi
id=$(docker container inspect --format '{{.Id}}' "$3" 2>/dev/null) || id=
mark=$(cat -- "$2/.cosmos-finished" 2>/dev/null)
[ "$id $mark" = "$4" ] || exit 75
[ -z "$id" ] || said=$(docker container rm --volumes "$id" 2>&1) || case $said in
    *'No such container'* | *'already in progress'*) ;;
    *) printf '%s\n' "$said" >&2; exit 1 ;;
esac
rm -f -- "$2/.cosmos-finished" "$2/.cosmos-cancelled"
start=$5 seconds=$6
shift 6
rm -f -- "$@"
# One that hangs would keep the lock.
if command -v timeout >/dev/null 2>&1; then
    timeout -k 1 "$seconds" sh -c "$start"
else
    eval "$start"
fi"#;

/// What is on the host for a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub container: Option<Container>,
    /// Whether the video is there, and not empty.
    pub has_video: bool,
    /// The digest of the job that wrote it, if that ended well.
    pub finished: Option<String>,
    /// Whether `cosmos cancel` ended it.
    pub cancelled: bool,
}

/// What has to be done about a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Its container has to be made, and an older one removed.
    Start,
    /// It runs.
    Follow,
    /// It is done, and whether that is yet to be noted.
    Done { noted: bool },
    /// It has ended badly, and nobody was told so far.
    Failed { code: i64, out_of_memory: bool },
    /// Its container runs something else.
    Busy,
}

/// What has to be done about the job with `digest`; `told` is whether its failure was told already.
pub(super) fn decide(seen: &Seen, digest: &str, told: bool) -> Decision {
    let done = seen.has_video && seen.finished.as_deref() == Some(digest);
    match &seen.container {
        Some(container) if container.phase == Phase::Running => {
            if container.digest == digest {
                Decision::Follow
            } else {
                Decision::Busy
            }
        }
        _ if done => Decision::Done { noted: true },
        Some(container) if container.digest == digest => match container.phase {
            Phase::Exited { code: 0, .. } if seen.has_video => Decision::Done { noted: false },
            Phase::Exited {
                code,
                out_of_memory,
            } if !told => Decision::Failed {
                code,
                out_of_memory,
            },
            _ => Decision::Start,
        },
        _ => Decision::Start,
    }
}

/// One job of a run that is being carried out.
pub(super) struct Work<'a> {
    pub step: Step,
    pub job: &'a Job,
    pub run: &'a Carried<'a>,
    /// The job whose result it reads.
    pub after: Option<&'a Job>,
    /// The local folder of its results.
    pub folder: &'a Path,
}

impl Work<'_> {
    fn launch<'b>(&'b self, home: &'b str) -> Launch<'b> {
        Launch {
            settings: &self.run.config.docker,
            image: self.run.config.image(self.job.model),
            job: self.job,
            after: self.after,
            run_id: &self.run.id,
            remote_dir: self.remote_dir(),
            home,
        }
    }

    fn digest(&self) -> String {
        self.launch("").digest()
    }

    fn container(&self) -> String {
        container_name(&self.job.name)
    }

    /// The checkout that the job runs in.
    pub fn remote_dir(&self) -> &str {
        self.run.config.remote_dir(self.job.model)
    }

    /// The error that `error` means for this job.
    fn error(&self, error: impl Into<HostError>) -> RunError {
        self.run.error(self.step, error.into())
    }

    /// What has to be done, as things stand.
    pub fn look(&self, host: &mut Host<'_>) -> Result<Decision, RunError> {
        self.judge(&self.seen(host)?)
    }

    fn judge(&self, seen: &Seen) -> Result<Decision, RunError> {
        if seen.cancelled
            && let Some(Phase::Exited { .. }) = seen.container.as_ref().map(|c| &c.phase)
            && !self.has_told_failure()
        {
            return Err(RunError::Cancelled {
                step: self.step,
                run: self.run.name(),
            });
        }
        Ok(decide(seen, &self.digest(), self.has_told_failure()))
    }

    fn has_told_failure(&self) -> bool {
        self.run
            .journal
            .borrow()
            .has_told_failure(self.step, &self.digest())
    }

    fn seen(&self, host: &mut Host<'_>) -> Result<Seen, RunError> {
        // The container first: a job that ends in between has its video by then, and not the other way round.
        let container = self.patiently(host, |host| host.container(&self.container()))?;
        let script = Command::script(
            r#"cd -- "$1" || exit 66
[ ! -s "$3" ] || echo video
[ ! -e "$2/.cosmos-cancelled" ] || echo cancelled
[ ! -f "$2/.cosmos-finished" ] || { printf 'finished '; cat -- "$2/.cosmos-finished"; }"#,
        )
        .args([self.remote_dir(), &self.job.output_dir, &self.job.video]);
        let output = host
            .run(&script, "looking for the results")
            .map_err(|e| self.error(e))?;
        if output.status == ExitStatus::Code(NO_FOLDER) {
            return Err(RunError::NoCheckout {
                folder: self.remote_dir().to_owned(),
                host: host.name().to_owned(),
            });
        }
        let mut seen = Seen {
            container,
            ..Seen::default()
        };
        for line in output.stdout_text().lines() {
            match line.split_once(' ') {
                None if line == "video" => seen.has_video = true,
                None if line == "cancelled" => seen.cancelled = true,
                Some(("finished", digest)) => seen.finished = Some(digest.to_owned()),
                _ => {}
            }
        }
        Ok(seen)
    }

    /// Asks Docker something, and again for a while if it is not there: it may be on its way up.
    fn patiently<T>(
        &self,
        host: &mut Host<'_>,
        mut ask: impl FnMut(&mut Host<'_>) -> Result<T, HostError>,
    ) -> Result<T, RunError> {
        for _ in 1..ENGINE_ATTEMPTS {
            match ask(host) {
                Err(HostError::Docker(error @ DockerError::NotRunning { .. })) => {
                    host.progress().stage(&error.to_string());
                    host.wait(ENGINE_PAUSE).map_err(|e| self.error(e))?;
                }
                other => return other.map_err(|error| self.error(error)),
            }
        }
        ask(host).map_err(|error| self.error(error))
    }

    /// Brings the job to its end, or with `detach` to its start.
    ///
    /// Returns whether it is done.
    pub fn carry_out(
        &self,
        host: &mut Host<'_>,
        detach: bool,
        stop: &Stop,
    ) -> Result<bool, RunError> {
        let mut log = None;
        let mut attempts = 0;
        loop {
            let seen = self.seen(host)?;
            match self.judge(&seen)? {
                Decision::Done { noted } => {
                    self.run.running.set(None);
                    if self.finish(host, noted, &mut log)? {
                        return Ok(true);
                    }
                }
                Decision::Failed {
                    code,
                    out_of_memory,
                } => {
                    self.run.running.set(None);
                    return Err(self.failure(host, code, out_of_memory, log));
                }
                Decision::Busy => {
                    return Err(RunError::Busy {
                        container: self.container(),
                        host: host.name().to_owned(),
                        run: self.run.id.clone(),
                    });
                }
                Decision::Start => {
                    attempts += 1;
                    self.start(host, &seen, attempts == ATTEMPTS)?;
                    log = None;
                }
                Decision::Follow if detach => {
                    self.run.note(State::Left { step: self.step })?;
                    return Ok(false);
                }
                Decision::Follow => {
                    self.run.running.set(Some(self.step));
                    if let Err(error) = self.follow(host, &mut log) {
                        return Err(self.leave(host, error, stop));
                    }
                }
            }
        }
    }

    fn new_log<'h>(&self, host: &Host<'h>) -> Followed<'h> {
        let path = self.folder.join("run.log");
        Followed::create(&path, self.step, self.job, host.progress())
    }

    /// Makes the container, if all is as it was `seen`. That somebody else has made it meanwhile is an error only if
    /// this `is_last`.
    fn start(&self, host: &mut Host<'_>, seen: &Seen, is_last: bool) -> Result<(), RunError> {
        let container = self.container();
        self.run.begin()?;
        self.run.note(State::Starting {
            step: self.step,
            container: container.clone(),
            digest: self.digest(),
        })?;
        self.write_specs(host)?;

        let home = host.home().map_err(|e| self.error(e))?;
        let launch = self.launch(&home).command();
        let launch = launch.and_then(|command| command.to_shell());
        let id = seen
            .container
            .as_ref()
            .map_or("", |container| &container.id);
        let as_seen = format!("{id} {}", seen.finished.as_deref().unwrap_or_default());
        let command = Command::script(START)
            .args([
                self.remote_dir(),
                &self.job.output_dir,
                &container,
                &as_seen,
            ])
            .arg(launch.map_err(|e| self.error(e))?)
            .arg(host.answer_timeout().as_secs().to_string())
            .arg(&self.job.video)
            .args(&self.job.extra_outputs);
        // Not to be interrupted, because then nobody would know whether it runs.
        let what = "docker container run";
        let output = host
            .run_undisturbed(&command, what)
            .map_err(|e| self.error(e))?;
        if matches!(output.status, ExitStatus::Code(code) if TIMED_OUT.contains(&code)) {
            return Err(self.error(host.silent(what)));
        }
        if output.status.success() {
            return self.run.note(State::Running { step: self.step });
        }
        let said = output.stderr_text();
        let is_others = output.status == ExitStatus::Code(CHANGED)
            || said.contains("is already in use by container");
        if is_others && !is_last {
            return Ok(());
        }
        let error = DockerError::of(
            &output,
            "start the container",
            self.run.config.image(self.job.model),
        );
        if !is_others {
            // Docker keeps what it could not start. That this may fail too changes nothing.
            let _ = host.docker(&docker::remove(&container), "remove the container");
        }
        Err(self.error(error))
    }

    /// Puts what the job reads where it reads it, and a copy beside its results.
    fn write_specs(&self, host: &mut Host<'_>) -> Result<(), RunError> {
        let copy = format!("{}/spec.json", self.job.output_dir);
        let files = &self.job.files;
        let first = files.first().map(|file| (&copy, file));
        for (path, file) in files.iter().map(|file| (&file.path, file)).chain(first) {
            let path = format!("{}/{path}", self.remote_dir().trim_end_matches('/'));
            let text = file.text();
            host.with(|connection, _| connection.write_file(&path, text.as_bytes()))
                .map_err(|e| self.error(e))?;
        }
        Ok(())
    }

    /// Writes down the container's log until it ends, or until nobody wants to any more.
    fn follow<'h>(
        &self,
        host: &mut Host<'h>,
        log: &mut Option<Followed<'h>>,
    ) -> Result<(), RemoteError> {
        let container = self.container();
        let log = match log {
            Some(log) => {
                // Docker has stopped telling it and the job goes on: it may do so again at once.
                host.wait(ENGINE_PAUSE)?;
                log
            }
            none => {
                let place = format!("{container} on {}", host.name());
                host.progress()
                    .stage(&format!("{} runs in {place}", self.step));
                none.insert(self.new_log(host))
            }
        };
        self.tell(host, log, &docker::logs(&container, true), true)
    }

    /// Takes in what `command` tells of the log, which goes on if it `is_followed`.
    fn tell(
        &self,
        host: &mut Host<'_>,
        log: &mut Followed<'_>,
        command: &Command,
        is_followed: bool,
    ) -> Result<(), RemoteError> {
        let progress = host.progress();
        host.with(|connection, cancel| {
            log.log.from_start();
            let mut on_line = |line: Line<'_>| match line.stream {
                Stream::Stdout => log.push(line.text),
                // Docker itself, which the job has nothing to do with.
                Stream::Stderr => progress.note(line.text),
            };
            match is_followed {
                true => connection.stream(command, &mut on_line, cancel),
                false => connection.stream_all(command, &mut on_line, cancel),
            }
        })?;
        Ok(())
    }

    /// Ends the following of a job that goes on: because the user wishes it, or because the host is out of reach.
    fn leave(&self, host: &mut Host<'_>, error: RemoteError, stop: &Stop) -> RunError {
        match error {
            RemoteError::Cancelled => {
                host.progress().stage(&format!(
                    "the {} goes on on {}; press Ctrl-C again to end it there",
                    self.step,
                    host.name()
                ));
                if !stop.waits_for_second() {
                    return self.error(error);
                }
                host.listen_to(&Cancel::new());
                match end(host, self.remote_dir(), &self.job.name) {
                    Ok(()) => RunError::Cancelled {
                        step: self.step,
                        run: self.run.name(),
                    },
                    Err(error) => self.error(error),
                }
            }
            error => self.error(error),
        }
    }

    /// Unless that is `noted` already: keeps the log, notes that the job is done, and removes its container. Returns
    /// whether that is so; if not, things have changed and have to be looked at again.
    fn finish<'h>(
        &self,
        host: &mut Host<'h>,
        noted: bool,
        log: &mut Option<Followed<'h>>,
    ) -> Result<bool, RunError> {
        if noted {
            if log.take().is_some() {
                self.take_log_of_other(host);
            }
            return Ok(true);
        }
        let container = self.container();
        let followed = log.get_or_insert_with(|| self.new_log(host));
        self.tell(host, followed, &docker::logs(&container, false), false)
            .map_err(|e| self.error(e))?;
        // Where somebody else follows the run too, the container may be gone by now, and its log with it.
        if self.look(host)? != (Decision::Done { noted: false }) {
            return Ok(false);
        }
        self.keep(host, &mut followed.log);
        // The mark says that the result is whole, so the result has to be on the disk before it. What the container
        // wrote may be closed to the user, and is then flushed with everything else.
        let flush = Command::script(
            r#"cd -- "$1" && { find . -type f -exec sync -- {} + && sync -- . || sync; } 2>/dev/null"#,
        )
        .arg(self.there());
        host.succeed_long(&flush, "writing the result to the disk")
            .map_err(|e| self.error(e))?;
        let mark = format!("{}/.cosmos-finished", self.there());
        let digest = self.digest();
        host.with(|connection, _| connection.write_file(&mark, digest.as_bytes()))
            .map_err(|e| self.error(e))?;
        self.run.note(State::Finished { step: self.step })?;
        host.docker(&docker::remove(&container), "remove the container")
            .map_err(|e| self.error(e))?;
        Ok(true)
    }

    /// Completes the log here with the one that another process, which followed the same job, has kept on the host.
    fn take_log_of_other(&self, host: &mut Host<'_>) {
        let mut log = RunLog::create(&self.folder.join("run.log"));
        let command = Command::new("cat").args(["--", &format!("{}/run.log", self.there())]);
        let told = host.with(|connection, cancel| {
            log.from_start();
            let mut on_line = |line: Line<'_>| {
                if line.stream == Stream::Stdout {
                    log.push(line.text);
                }
            };
            connection.stream_all(&command, &mut on_line, cancel)
        });
        let failure = log.end().map(|error| error.to_string());
        if let Some(error) = told.err().map(|error| error.to_string()).or(failure) {
            let path = log.path().display();
            self.run
                .warn(format!("the log {path} is not whole: {error}"));
        }
    }

    /// Keeps the log here and on the host. That this cannot be done is no reason to give up a result.
    fn keep(&self, host: &mut Host<'_>, log: &mut RunLog) {
        let path = log.path().display().to_string();
        let failure = match log.end() {
            Some(error) => Some(error.to_string()),
            None => self.save_log(host, log.path()).err().map(|e| e.to_string()),
        };
        if let Some(error) = failure {
            self.run
                .warn(format!("the log {path} is not whole: {error}"));
        }
    }

    /// Keeps the log with the results on the host too.
    fn save_log(&self, host: &mut Host<'_>, log: &Path) -> Result<(), RunError> {
        let there = format!("{}/run.log", self.there());
        let progress = host.progress();
        host.with(|connection, cancel| upload(connection, log, &there, progress, cancel))
            .map_err(|e| self.error(e))?;
        Ok(())
    }

    /// Where the results are on the host.
    pub fn there(&self) -> String {
        let root = self.remote_dir().trim_end_matches('/');
        format!("{root}/{}", self.job.output_dir)
    }

    /// What the job's bad end means, with its log brought home: a failure, or the objection of a guardrail.
    fn failure<'h>(
        &self,
        host: &mut Host<'h>,
        code: i64,
        out_of_memory: bool,
        log: Option<Followed<'h>>,
    ) -> RunError {
        let mut log = log.unwrap_or_else(|| self.new_log(host));
        if let Err(error) = self.tell(
            host,
            &mut log,
            &docker::logs(&self.container(), false),
            false,
        ) {
            self.run.warn(format!("the log could not be read: {error}"));
        }
        let Followed { log, reader, .. } = &mut log;
        let tail = log.tail();
        let path = log.path().to_owned();
        self.keep(host, log);
        let (step, run, container) = (self.step, self.run.name(), self.container());
        let host = host.name().to_owned();
        if let Some(block) = reader.block(code) {
            return RunError::Blocked(Box::new(BlockedJob {
                step,
                run,
                host,
                container,
                code,
                block,
                log: path,
                tail,
            }));
        }
        let cause = Cause::of(Ended {
            code,
            out_of_memory,
            said: reader.cause(),
            exception: reader.exception().map(str::to_owned),
        });
        RunError::Job(Box::new(FailedJob {
            step,
            run,
            host,
            container,
            code,
            cause,
            log: path,
            tail,
        }))
    }
}

/// Ends a job on the host, so that whoever follows it knows that it was no accident.
pub(super) fn end(host: &mut Host<'_>, remote_dir: &str, job: &str) -> Result<(), HostError> {
    let mark = Command::new("touch")
        .args(["--", &format!("outputs/{job}/.cosmos-cancelled")])
        .current_dir(remote_dir);
    host.succeed(&mark, "noting that the job is cancelled")?;
    host.docker(&docker::kill(&container_name(job)), "end the container")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(phase: Option<Phase>, digest: &str, has_video: bool, finished: Option<&str>) -> Seen {
        Seen {
            container: phase.map(|phase| Container {
                id: "1".into(),
                name: "cosmos_a".into(),
                image: "i".into(),
                run_id: "rs_1".into(),
                digest: digest.into(),
                phase,
                started: String::new(),
            }),
            has_video,
            finished: finished.map(str::to_owned),
            cancelled: false,
        }
    }

    #[test]
    fn what_is_on_the_host_decides() {
        let exited = |code| {
            Some(Phase::Exited {
                code,
                out_of_memory: false,
            })
        };
        let created = Some(Phase::Created {
            error: "no gpu".into(),
        });
        let running = Some(Phase::Running);
        let failed = |code| Decision::Failed {
            code,
            out_of_memory: false,
        };
        for (seen, told, decision) in [
            // Nothing, or what something else left.
            (seen(None, "", false, None), false, Decision::Start),
            (seen(None, "", true, None), false, Decision::Start),
            (seen(None, "", true, Some("other")), false, Decision::Start),
            (seen(None, "", false, Some("d")), false, Decision::Start),
            (seen(exited(0), "other", true, None), false, Decision::Start),
            (seen(exited(1), "other", true, None), false, Decision::Start),
            (seen(created, "d", false, None), false, Decision::Start),
            // It runs, or something else does under its name.
            (
                seen(running.clone(), "d", false, None),
                false,
                Decision::Follow,
            ),
            (
                seen(running.clone(), "d", true, None),
                true,
                Decision::Follow,
            ),
            (
                seen(running.clone(), "other", false, None),
                false,
                Decision::Busy,
            ),
            (
                seen(running, "other", true, Some("d")),
                false,
                Decision::Busy,
            ),
            // It has ended well.
            (
                seen(None, "", true, Some("d")),
                true,
                Decision::Done { noted: true },
            ),
            (
                seen(exited(0), "d", true, None),
                false,
                Decision::Done { noted: false },
            ),
            (
                seen(exited(0), "d", true, Some("d")),
                false,
                Decision::Done { noted: true },
            ),
            // It has ended badly, which is told once.
            (seen(exited(1), "d", true, None), false, failed(1)),
            (seen(exited(0), "d", false, None), false, failed(0)),
            (seen(exited(1), "d", true, None), true, Decision::Start),
            (seen(exited(0), "d", false, None), true, Decision::Start),
        ] {
            assert_eq!(decide(&seen, "d", told), decision, "{seen:?}, told: {told}");
        }
    }
}
