//! The log of a job as it comes: written down, read for what it tells, and shown.

use std::path::Path;

use crate::cosmos::Job;
use crate::cosmos::log::{JobProgress, Phase, Position, Reader, bar_name};
use crate::progress::{At, Progress};
use crate::runs::{RunLog, Step};

/// A log that is being followed, however often it has to be told again from its start.
pub(super) struct Followed<'a> {
    pub log: RunLog,
    pub reader: Reader,
    job_progress: JobProgress,
    progress: &'a dyn Progress,
    /// What the job is called where its progress is shown.
    task: String,
    /// The last position that was shown.
    shown: Option<Position>,
}

impl<'a> Followed<'a> {
    /// Begins the log of `job` at `path`.
    pub fn create(path: &Path, step: Step, job: &Job, progress: &'a dyn Progress) -> Self {
        Self {
            log: RunLog::create(path),
            reader: Reader::new(job.model),
            job_progress: JobProgress::new(job.model, job.windows, job.steps),
            progress,
            task: step.to_string(),
            shown: None,
        }
    }

    /// Takes the next line; what was told before is passed over.
    pub fn push(&mut self, line: &str) {
        if !self.log.push(line) {
            return;
        }
        self.reader.push(line);
        if let Some(position) = self.job_progress.push(line) {
            self.show(position);
        }
        // A bar is drawn as what it means, and would otherwise be a line for each of its steps.
        if bar_name(line).is_none() {
            self.progress.log(line);
        }
    }

    fn show(&mut self, position: Position) {
        let begins_part = match self.shown {
            None => true,
            Some(before) => {
                before.window != position.window
                    || (before.phase != position.phase && position.phase == Phase::Downloading)
            }
        };
        self.shown = Some(position);
        self.progress.at(
            &self.task,
            &At {
                place: &position.to_string(),
                fraction: position.fraction(),
                left: position.left,
                begins_part,
            },
        );
    }
}

impl Drop for Followed<'_> {
    fn drop(&mut self) {
        if self.shown.is_some() {
            self.progress.finish(&self.task);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::sync::Mutex;

    use super::*;
    use crate::cosmos::Model;
    use crate::progress::Unit;

    #[derive(Default)]
    struct Seen(Mutex<Vec<String>>);

    impl Seen {
        fn add(&self, line: String) {
            self.0.lock().unwrap().push(line);
        }
    }

    impl Progress for Seen {
        fn begin(&self, _: &str, _: u64, _: Unit) {}
        fn advance(&self, _: &str, _: u64) {}
        fn finish(&self, task: &str) {
            self.add(format!("{task} ends"));
        }
        fn note(&self, _: &str) {}
        fn at(&self, task: &str, at: &At<'_>) {
            let part = if at.begins_part { " begins" } else { "" };
            self.add(format!("{task}: {}{part}", at.place));
        }
        fn log(&self, line: &str) {
            self.add(line.to_owned());
        }
    }

    #[test]
    fn bars_become_progress_and_other_lines_are_shown_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log");
        let job = Job {
            name: "a".into(),
            model: Model::Cosmos3,
            windows: Some(1),
            steps: Some(2),
            files: Vec::new(),
            env: BTreeMap::new(),
            prepare: Vec::new(),
            identity: Vec::new(),
            keep_controls: false,
            argv: Vec::new(),
            output_dir: "outputs/a".into(),
            video: "outputs/a/vision.mp4".into(),
            extra_outputs: Vec::new(),
        };
        let lines = [
            "Loaded 1 samples",
            "Sampling:   0%|   | 0/2 [00:00<?, ?it/s]",
            "Sampling:  50%|#  | 1/2 [00:10<00:10, 10.0s/it]",
            "Sampling: 100%|###| 2/2 [00:20<00:00, 10.0s/it]",
            "[11-25 10:00:00|SUCCESS|a.py:1:f] Saved transfer outputs to 'x'",
        ];
        let seen = Seen::default();
        let mut followed = Followed::create(&path, Step::Inference, &job, &seen);
        lines[..3].iter().for_each(|line| followed.push(line));
        followed.log.from_start();
        lines.iter().for_each(|line| followed.push(line));
        drop(followed);
        assert_eq!(
            *seen.0.lock().unwrap(),
            [
                lines[0],
                "inference: window 1/1  step 0/2 begins",
                "inference: window 1/1  step 1/2",
                "inference: window 1/1  decoding",
                "inference: window 1/1  saving",
                lines[4],
                "inference ends",
            ]
        );
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [lines[0], lines[3], lines[4]]
        );
    }
}
