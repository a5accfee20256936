//! How far a job is, from the lines of its log.
//!
//! The programs tell different things. Transfer1 logs what it does to each window, and never a diffusion step;
//! Transfer2.5 numbers its windows ("chunks") and draws a bar of steps for each, on every process; Cosmos 3 draws
//! that bar alone, so that its windows have to be counted by the bars.

use std::fmt;
use std::time::Duration;

use super::line::{Bar, Level, Line};
use crate::specs::Model;

/// A day, after which the time in the log begins anew.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a program is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It starts, or reads checkpoints.
    #[default]
    Loading,
    /// It fetches checkpoints, which takes long the first time.
    Downloading,
    /// It reads videos, or derives controls from them.
    Preparing,
    /// Texts or videos become what the network works on.
    Encoding,
    /// The network works.
    Sampling,
    /// Its result becomes a video.
    Decoding,
    /// A guardrail looks at a text or at the video.
    Guardrail,
    /// The video is written.
    Saving,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Loading => "loading",
            Self::Downloading => "downloading checkpoints",
            Self::Preparing => "preparing the videos",
            Self::Encoding => "encoding",
            Self::Sampling => "sampling",
            Self::Decoding => "decoding",
            Self::Guardrail => "guardrail",
            Self::Saving => "saving",
        })
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The window it is at, from 1; 0 before the first.
    pub window: u64,
    /// How many there are, if that is known.
    pub windows: Option<u64>,
    /// Diffusion steps that are done in this window, if the program tells.
    pub step: Option<u32>,
    /// How many there are in a window, if the program tells.
    pub steps: Option<u32>,
    /// What it is doing.
    pub phase: Phase,
    /// How long the windows are going to take yet, measured by what they took so far.
    pub left: Option<Duration>,
}

impl Position {
    /// How much of all windows is done, 0 to 1, if it is known how many there are.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let windows = self.windows.filter(|windows| *windows > 0)?;
        let within = match (self.step, self.steps) {
            _ if matches!(self.phase, Phase::Saving) => 1.0,
            (Some(step), Some(steps)) if steps > 0 => f64::from(step) / f64::from(steps),
            _ => 0.0,
        };
        let done = self.window.saturating_sub(1) as f64 + within;
        Some((done / windows as f64).min(1.0))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.window, self.windows) {
            (0, _) => return write!(f, "{}", self.phase),
            (window, Some(windows)) => write!(f, "window {window}/{windows}")?,
            (window, None) => write!(f, "window {window}")?,
        }
        match (self.phase, self.step, self.steps) {
            (Phase::Sampling, Some(step), Some(steps)) => write!(f, "  step {step}/{steps}"),
            (phase, ..) => write!(f, "  {phase}"),
        }
    }
}

/// What a line means for the progress of a job: how it begins, and what the program does then.
type Signs = &'static [(&'static str, Phase)];

/// `diffusion/inference/transfer.py:demo`, `preprocessors.py`, `world_generation_pipeline.py:generate` and
/// `_run_model` of Transfer1.
const TRANSFER1: Signs = &[
    ("running preprocessor", Phase::Preparing),
    ("no input_control provided for", Phase::Preparing),
    ("reading control input", Phase::Preparing),
    ("Starting data augmentation", Phase::Preparing),
    ("Upsampling prompt", Phase::Encoding),
    ("Running guardrail checks on all prompts", Phase::Guardrail),
    ("Running text embedding on all prompts", Phase::Encoding),
    ("Starting latent encoding", Phase::Encoding),
    ("Starting diffusion sampling", Phase::Sampling),
    ("Starting VAE decode", Phase::Decoding),
    ("Run guardrail on generated videos", Phase::Guardrail),
    ("Saved video to", Phase::Saving),
];
/// `inference.py:Control2WorldInference` and `inference_pipeline.py:generate_img2world` of Transfer2.5.
const TRANSFER2_5: Signs = &[
    ("Downloading checkpoint", Phase::Downloading),
    ("Loading base model", Phase::Loading),
    ("Saved config to", Phase::Loading),
    ("Running guardrail check on prompt...", Phase::Guardrail),
    ("Loading input video...", Phase::Preparing),
    ("Computing prompt text embeddings...", Phase::Encoding),
    ("Loading control inputs...", Phase::Preparing),
    ("Generating chunk", Phase::Encoding),
    ("Running guardrail check on video...", Phase::Guardrail),
    ("Generated video saved to", Phase::Saving),
];
/// `inference/inference.py:_generate_transfer_batch` and `inference/transfer.py` of Cosmos 3.
const COSMOS3: Signs = &[
    ("Downloading checkpoint", Phase::Downloading),
    ("Loaded pre-computed", Phase::Preparing),
    ("Computing edge control input", Phase::Preparing),
    ("Computing blur control input", Phase::Preparing),
    ("Saved sample args to", Phase::Preparing),
    ("[transfer] final user prompt:", Phase::Encoding),
    ("Saved control video to", Phase::Saving),
    ("Saved transfer outputs to", Phase::Saving),
];

/// Follows the progress of a job by its log.
#[derive(Clone, Debug)]
pub struct JobProgress {
    model: Model,
    at: Position,
    /// The last state of the bar of this window's steps.
    bar: Option<(u64, u64)>,
    /// Whether the log numbers the windows, so that bars need not be counted.
    is_numbered: bool,
    /// Whether a bar without a name is that of the windows.
    is_generating: bool,
    /// When this window began, by the clock of the log.
    began: Option<Duration>,
    /// How long a whole window took.
    window_took: Option<Duration>,
    /// How long a step takes.
    step_takes: Option<Duration>,
}

impl JobProgress {
    /// Follows a job of `model` that is expected to have so many `windows` and so many `steps` in each.
    #[must_use]
    pub fn new(model: Model, windows: Option<u64>, steps: Option<u32>) -> Self {
        Self {
            model,
            at: Position {
                windows,
                // Transfer1 tells no steps.
                steps: steps.filter(|_| model != Model::Transfer1),
                ..Position::default()
            },
            bar: None,
            is_numbered: false,
            is_generating: false,
            began: None,
            window_took: None,
            step_takes: None,
        }
    }

    /// Takes the next line. Returns how far the job is, if that has changed.
    pub fn push(&mut self, line: &str) -> Option<Position> {
        let before = self.at;
        match Bar::of(line) {
            Some(bar) => self.push_bar(&bar),
            None => self.push_message(&Line::of(line)),
        }
        self.at.left = self.left();
        (self.at != before).then_some(self.at)
    }

    fn push_message(&mut self, line: &Line<'_>) {
        if line.level != Some(Level::Normal) {
            return;
        }
        let message = line.message.as_ref();
        let signs = match self.model {
            Model::Transfer1 => TRANSFER1,
            Model::Transfer2_5 => TRANSFER2_5,
            Model::Cosmos3 => COSMOS3,
        };
        let Some((sign, phase)) = signs.iter().find(|(sign, _)| message.starts_with(sign)) else {
            // `<control> control video saved to <path>`, Transfer2.5.
            if self.model == Model::Transfer2_5 && message.contains(" control video saved to ") {
                self.at.phase = Phase::Saving;
            }
            return;
        };
        self.at.phase = *phase;
        match (self.model, *sign) {
            (Model::Transfer1, "Starting data augmentation") => self.is_generating = true,
            (Model::Transfer1, "Starting latent encoding") => {
                self.begin_window(self.at.window.saturating_add(1), line.time);
            }
            (Model::Transfer1, "Run guardrail on generated videos") => self.is_generating = false,
            (Model::Transfer2_5, "Generating chunk") => {
                let numbers = message
                    .rsplit(' ')
                    .next()
                    .and_then(|text| text.split_once('/'));
                let numbers = numbers.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
                if let Some((window, windows)) = numbers {
                    self.is_numbered = true;
                    self.at.windows = Some(windows);
                    self.begin_window(window, line.time);
                }
            }
            _ => {}
        }
    }

    fn push_bar(&mut self, bar: &Bar<'_>) {
        match (self.model, bar.name) {
            (Model::Transfer1, "") if self.is_generating => {
                self.at.windows = Some(bar.total);
                // The bar's clock counts all windows.
                if let (Some(elapsed), 1..) = (bar.elapsed, bar.done) {
                    self.window_took = divided(elapsed, bar.done).or(self.window_took);
                }
            }
            (Model::Transfer2_5, "Generating samples") | (Model::Cosmos3, "Sampling") => {
                self.push_steps(bar);
            }
            _ => {}
        }
    }

    /// A state of a window's steps, which each process of Transfer2.5 tells.
    fn push_steps(&mut self, bar: &Bar<'_>) {
        let is_first = bar.done == 0;
        let is_new = match self.bar {
            None => is_first,
            // Another process may begin its bar a moment later than the first has, but not after it has ended.
            Some((done, total)) => is_first && done == total && !self.is_numbered,
        };
        if is_new && !self.is_numbered {
            self.begin_window(self.at.window.saturating_add(1), None);
        }
        let known = match (self.bar, is_new) {
            (_, true) => 0,
            (Some((done, _)), false) => done,
            // The rest of the bar before this window's.
            (None, false) => return,
        };
        if bar.done < known {
            return;
        }
        self.bar = Some((bar.done, bar.total));
        self.at.step = u32::try_from(bar.done).ok();
        self.at.steps = u32::try_from(bar.total).ok();
        if let (Some(elapsed), 1..) = (bar.elapsed, bar.done) {
            self.step_takes = divided(elapsed, bar.done);
        }
        self.at.phase = if bar.done == bar.total {
            Phase::Decoding
        } else {
            Phase::Sampling
        };
    }

    fn begin_window(&mut self, window: u64, time: Option<Duration>) {
        if let (Some(began), Some(time)) = (self.began, time)
            && self.at.window > 0
        {
            self.window_took = Some(since(began, time));
        }
        self.began = time.or(self.began);
        self.at.window = window;
        self.at.step = None;
        self.bar = None;
        if self.at.windows.is_some_and(|windows| windows < window) {
            // More than was expected: better none than a wrong number.
            self.at.windows = None;
        }
    }

    /// How long the windows are going to take yet.
    fn left(&self) -> Option<Duration> {
        let whole = self.at.windows?.checked_sub(self.at.window)?;
        let whole = u32::try_from(whole).ok()?;
        if self.at.window == 0 || matches!(self.at.phase, Phase::Guardrail | Phase::Saving) {
            return None;
        }
        let steps = |count: u32| Some(self.step_takes?.saturating_mul(count));
        let window = self.window_took.or_else(|| steps(self.at.steps?));
        let this = match (self.at.phase, self.at.step, self.at.steps) {
            (Phase::Sampling, Some(step), Some(all)) => steps(all.saturating_sub(step))?,
            (Phase::Decoding, ..) => Duration::ZERO,
            _ => window?,
        };
        Some(this.saturating_add(window?.saturating_mul(whole)))
    }
}

fn divided(time: Duration, parts: u64) -> Option<Duration> {
    time.checked_div(u32::try_from(parts).ok()?)
}

/// The time from `start` to `end`, of which the days are not known.
fn since(start: Duration, end: Duration) -> Duration {
    end.checked_sub(start)
        .unwrap_or_else(|| end.saturating_add(DAY).saturating_sub(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(time: &str, message: &str) -> String {
        format!("[11-25 {time}|INFO|cosmos/a.py:583:_run_model] {message}")
    }

    fn bar(name: &str, done: u32, total: u32, elapsed: &str) -> String {
        let percent = done * 100 / total;
        format!("{name}{percent:3}%|####      | {done}/{total} [{elapsed}<01:11,  3.26s/it]")
    }

    /// What each line tells, as text with the seconds left; nothing where it tells nothing new.
    fn told(progress: &mut JobProgress, lines: &[String]) -> Vec<String> {
        lines
            .iter()
            .filter_map(|line| progress.push(line))
            .map(|at| match at.left {
                Some(left) => format!("{at}, {} s", left.as_secs()),
                None => at.to_string(),
            })
            .collect()
    }

    #[test]
    fn transfer1_tells_windows_and_no_steps() {
        let mut progress = JobProgress::new(Model::Transfer1, None, Some(35));
        let lines = [
            logged("10:00:00", "running preprocessor"),
            // Not the windows' bar.
            bar("", 3, 9, "00:02"),
            logged("10:00:10", "Running guardrail checks on all prompts"),
            logged("10:00:20", "Starting data augmentation"),
            logged("10:00:30", "Completed data augmentation"),
            bar("", 0, 2, "00:00"),
            // The second process.
            bar("", 0, 2, "00:00"),
            logged("10:00:30", "Starting latent encoding"),
            logged("10:00:40", "Completed latent encoding"),
            logged("10:00:40", "Starting diffusion sampling"),
            logged("10:09:40", "Completed diffusion sampling"),
            logged("10:09:40", "Starting VAE decode"),
            logged("10:10:30", "Completed VAE decode"),
            bar("", 1, 2, "10:00"),
            logged("10:10:30", "Starting latent encoding"),
            logged("10:10:40", "Starting diffusion sampling"),
            logged("10:19:40", "Starting VAE decode"),
            bar("", 2, 2, "20:00"),
            logged("10:20:30", "Run guardrail on generated videos"),
            logged("10:20:40", "Saved video to outputs/a/output.mp4"),
        ];
        assert_eq!(
            told(&mut progress, &lines),
            [
                "preparing the videos",
                "guardrail",
                "preparing the videos",
                "preparing the videos",
                "window 1/2  encoding",
                "window 1/2  sampling",
                "window 1/2  decoding",
                "window 1/2  decoding, 600 s",
                "window 2/2  encoding, 600 s",
                "window 2/2  sampling, 600 s",
                "window 2/2  decoding, 0 s",
                "window 2/2  guardrail",
                "window 2/2  saving",
            ]
        );
    }

    #[test]
    fn transfer2_5_numbers_its_windows_and_every_process_draws_the_steps() {
        let mut progress = JobProgress::new(Model::Transfer2_5, Some(2), Some(3));
        let steps = |done, elapsed| bar("Generating samples: ", done, 3, elapsed);
        let mut lines = vec![
            logged(
                "23:59:00",
                "Downloading checkpoint nvidia/Cosmos-Transfer2.5-2B",
            ),
            logged("23:59:10", "Running guardrail check on prompt..."),
            logged("23:59:20", "Generating chunk 1/2"),
        ];
        for (done, elapsed) in [(0, "00:00"), (1, "00:10"), (2, "00:20"), (3, "00:30")] {
            lines.extend([steps(done, elapsed), steps(done, elapsed)]);
        }
        lines.push(logged("00:00:20", "Generating chunk 2/2"));
        // The slower process still tells of the first window.
        lines.push(steps(3, "00:31"));
        lines.extend([
            steps(0, "00:00"),
            steps(1, "00:10"),
            steps(0, "00:00"),
            steps(3, "00:30"),
        ]);
        lines.extend([
            logged(
                "00:01:20",
                "depth control video saved to outputs/a/output_control_depth.mp4",
            ),
            logged("00:01:30", "Running guardrail check on video..."),
            logged("00:01:40", "Generated video saved to outputs/a/output.mp4"),
        ]);
        assert_eq!(
            told(&mut progress, &lines),
            [
                "downloading checkpoints",
                "guardrail",
                "window 1/2  encoding",
                "window 1/2  step 0/3",
                "window 1/2  step 1/3, 50 s",
                "window 1/2  step 2/3, 40 s",
                "window 1/2  decoding, 30 s",
                "window 2/2  encoding, 60 s",
                "window 2/2  step 0/3, 30 s",
                "window 2/2  step 1/3, 20 s",
                "window 2/2  decoding, 0 s",
                "window 2/2  saving",
                "window 2/2  guardrail",
                "window 2/2  saving",
            ]
        );
    }

    #[test]
    fn windows_without_a_number_are_counted_by_their_bars() {
        for (model, name) in [
            (Model::Cosmos3, "Sampling: "),
            (Model::Transfer2_5, "Generating samples: "),
        ] {
            let mut progress = JobProgress::new(model, Some(2), None);
            let steps = |done, elapsed| bar(name, done, 2, elapsed);
            let lines = [
                steps(0, "00:00"),
                steps(1, "00:10"),
                steps(2, "00:20"),
                steps(0, "00:00"),
                steps(2, "00:20"),
            ];
            assert_eq!(
                told(&mut progress, &lines),
                [
                    "window 1/2  step 0/2",
                    "window 1/2  step 1/2, 30 s",
                    "window 1/2  decoding, 20 s",
                    "window 2/2  step 0/2, 20 s",
                    "window 2/2  decoding, 0 s",
                ]
            );
        }
    }

    #[test]
    fn more_windows_than_expected_are_told_without_a_total() {
        let mut progress = JobProgress::new(Model::Cosmos3, Some(1), None);
        let lines = [
            bar("Sampling: ", 0, 1, "00:00"),
            bar("Sampling: ", 1, 1, "00:10"),
            bar("Sampling: ", 0, 1, "00:00"),
        ];
        let told = told(&mut progress, &lines);
        assert_eq!(told.last().unwrap(), "window 2  step 0/1");
        assert_eq!(progress.at.fraction(), None);
    }

    #[test]
    fn the_fraction_counts_windows_and_steps() {
        let at = |window, step| Position {
            window,
            windows: Some(4),
            step,
            steps: Some(10),
            phase: Phase::Sampling,
            left: None,
        };
        assert_eq!(at(0, None).fraction(), Some(0.0));
        assert_eq!(at(1, Some(5)).fraction(), Some(0.125));
        assert_eq!(at(4, Some(10)).fraction(), Some(1.0));
    }

    #[test]
    fn numbers_of_any_size_are_only_numbers() {
        let most = u64::MAX;
        let clock = "307445734561825860:00";
        for model in [Model::Transfer1, Model::Transfer2_5, Model::Cosmos3] {
            let mut progress = JobProgress::new(model, Some(most), Some(u32::MAX));
            for message in [
                "Starting data augmentation".to_owned(),
                format!("Generating chunk {most}/{most}"),
                "Starting latent encoding".to_owned(),
            ] {
                for time in ["00:00:01", clock] {
                    progress.push(&logged(time, &message));
                }
            }
            for name in ["", "Generating samples", "Sampling"] {
                for (done, total) in [(0, most), (1, most), (most, most), (0, 3), (1, 3)] {
                    let name = if name.is_empty() {
                        String::new()
                    } else {
                        format!("{name}: ")
                    };
                    let bar = format!("{name}  1%|#| {done}/{total} [{clock}<00:01,  1.00s/it]");
                    progress.push(&bar);
                }
            }
            let at = progress
                .push(&logged("00:00:02", "Starting VAE decode"))
                .unwrap_or_default();
            assert!(at.fraction().is_none_or(|fraction| fraction <= 1.0));
        }
    }

    #[test]
    fn the_users_words_move_nothing() {
        let mut progress = JobProgress::new(Model::Transfer2_5, None, None);
        for line in ["Generating chunk 7/9", "a 50%|x| 3/4 day", ""] {
            assert_eq!(progress.push(line), None, "{line}");
        }
    }
}
