//! Why a program failed, from the lines of its log.

use std::fmt;

use super::line::{Line, begins_launcher_report};
use crate::specs::Model;

/// What a log says went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`Display` says it in full")]
pub enum Cause {
    OutOfGpuMemory,
    WorkerKilled,
    DiskFull,
    SpecRefused,
    CommandRefused,
    GpuCount,
    NothingToSegment,
    ControlTooShort,
    NoAccess,
    NoNetwork,
    DownloadFailed,
    NoCheckpoints,
    NoGpu,
    OldDriver,
    UnsupportedGpu,
    HiddenEnvironment,
    NotACheckout,
    NotAnImage,
    GpusOutOfTouch,
}

/// The models of a row, all of them if empty.
type Models = &'static [Model];
const ANY: Models = &[];
const T1: Models = &[Model::Transfer1];
/// Their images keep Python in the folder that the checkout is mounted on (`Dockerfile` of both).
const WITH_ENVIRONMENT: Models = &[Model::Transfer2_5, Model::Cosmos3];

/// What in a line, in small letters, means what: a line that holds all words of a row. The cause that stands
/// first counts, wherever in the log its line is: one failure often brings about those that stand below it.
const WORDS: &[(&[&str], Models, Cause)] = &[
    (&["cuda out of memory"], ANY, Cause::OutOfGpuMemory),
    (&["outofmemoryerror"], ANY, Cause::OutOfGpuMemory),
    (&["cublas_status_alloc_failed"], ANY, Cause::OutOfGpuMemory),
    (&["no space left on device"], ANY, Cause::DiskFull),
    (&["disk quota exceeded"], ANY, Cause::DiskFull),
    // Transfer2.5 config.py:_from_file, Cosmos 3 inference/common/args.py:_from_file.
    (
        &["error validating parameters from"],
        ANY,
        Cause::SpecRefused,
    ),
    (&["error: inference samplename"], ANY, Cause::SpecRefused),
    // Transfer1, diffusion/inference/inference_utils.py:validate_controlnet_specs.
    (&["valueerror: invalid hint_key"], T1, Cause::SpecRefused),
    (
        &["must be a valid non-negative float"],
        T1,
        Cause::SpecRefused,
    ),
    // argparse and tyro.
    (
        &["error: unrecognized arguments"],
        ANY,
        Cause::CommandRefused,
    ),
    (&["error: argument "], ANY, Cause::CommandRefused),
    (&["unrecognized options"], ANY, Cause::CommandRefused),
    // Transfer1 module/parallel.py, Transfer2.5 utils/context_parallel.py:split_inputs_cp and find_split,
    // Cosmos 3 model/generator/mot/context_parallel_utils.py and inference/args.py.
    (&["cannot divide cp_size"], ANY, Cause::GpuCount),
    (
        &["must be divisible by context parallel world size"],
        ANY,
        Cause::GpuCount,
    ),
    (&["must divide world_size"], ANY, Cause::GpuCount),
    (
        &["split by width dimension is not currently supported"],
        ANY,
        Cause::GpuCount,
    ),
    // Transfer1 auxiliary/sam2/sam2_model.py.
    (
        &["no boxes detected. exiting."],
        T1,
        Cause::NothingToSegment,
    ),
    // Transfer2.5 inference_pipeline.py:_pad_input_frames.
    (
        &["no input frames; cannot pad"],
        ANY,
        Cause::ControlTooShort,
    ),
    (&["gatedrepoerror"], ANY, Cause::NoAccess),
    (&["cannot access gated repo"], ANY, Cause::NoAccess),
    (&["401 client error"], ANY, Cause::NoAccess),
    (&["403 client error"], ANY, Cause::NoAccess),
    (&["repository not found for url"], ANY, Cause::NoAccess),
    (&["invalid user token"], ANY, Cause::NoAccess),
    (&["name or service not known"], ANY, Cause::NoNetwork),
    (
        &["temporary failure in name resolution"],
        ANY,
        Cause::NoNetwork,
    ),
    (
        &["failed to lookup address information"],
        ANY,
        Cause::NoNetwork,
    ),
    (&["network is unreachable"], ANY, Cause::NoNetwork),
    (&["max retries exceeded with url"], ANY, Cause::NoNetwork),
    (&["localentrynotfounderror"], ANY, Cause::NoNetwork),
    (&["offlinemodeisenabled"], ANY, Cause::NoNetwork),
    // The downloads of Transfer2.5 and Cosmos 3, utils/checkpoint_db.py:_hf_download.
    (&["calledprocesserror", "'uvx'"], ANY, Cause::DownloadFailed),
    (
        &["calledprocesserror", "'download'"],
        ANY,
        Cause::DownloadFailed,
    ),
    // With one control, Transfer1 may write the path twice over.
    (
        &["no such file or directory", "checkpoints/"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["no such file or directory", "nvidia/"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["no such file or directory: 'checkpoints"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["no such file or directory", "google-t5/"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["checkpoint directory does not exist"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["checkpoint path", "does not exist"],
        ANY,
        Cause::NoCheckpoints,
    ),
    (
        &["nvidia driver on your system is too old"],
        ANY,
        Cause::OldDriver,
    ),
    (
        &["cuda driver version is insufficient"],
        ANY,
        Cause::OldDriver,
    ),
    (
        &["unsupported display driver / cuda driver"],
        ANY,
        Cause::OldDriver,
    ),
    (
        &["no kernel image is available"],
        ANY,
        Cause::UnsupportedGpu,
    ),
    (&["no cuda gpus are available"], ANY, Cause::NoGpu),
    (&["found no nvidia driver"], ANY, Cause::NoGpu),
    (&["no cuda-capable device"], ANY, Cause::NoGpu),
    (&["invalid device ordinal"], ANY, Cause::NoGpu),
    (&["can't open file"], ANY, Cause::NotACheckout),
    (
        &["torchrun: command not found"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["python: command not found"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["torchrun: not found"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["python: not found"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["torchrun", "no such file or directory"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["modulenotfounderror: no module named"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (
        &["no module named"],
        WITH_ENVIRONMENT,
        Cause::HiddenEnvironment,
    ),
    (&["no module named 'cosmos"], ANY, Cause::NotACheckout),
    (&["torchrun: command not found"], ANY, Cause::NotAnImage),
    (&["python: command not found"], ANY, Cause::NotAnImage),
    (&["torchrun: not found"], ANY, Cause::NotAnImage),
    (&["python: not found"], ANY, Cause::NotAnImage),
    (
        &["modulenotfounderror: no module named"],
        ANY,
        Cause::NotAnImage,
    ),
    // What torchrun makes of a worker that the kernel has killed.
    (&["signal 9 (sigkill)"], ANY, Cause::WorkerKilled),
    (&["exitcode: -9"], ANY, Cause::WorkerKilled),
    (
        &["watchdog caught collective operation timeout"],
        ANY,
        Cause::GpusOutOfTouch,
    ),
    (&["ncclsystemerror"], ANY, Cause::GpusOutOfTouch),
    (&["ncclunhandledcudaerror"], ANY, Cause::GpusOutOfTouch),
    (&["distbackenderror"], ANY, Cause::GpusOutOfTouch),
];

impl Cause {
    /// What the user can do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::OutOfGpuMemory => {
                "set offload_models = true under [execution], use more GPUs with --num-gpu, or stop what else runs on the GPU"
            }
            Self::WorkerKilled => {
                "use a host with more memory, stop what else runs there, or raise a limit set in options under [docker]"
            }
            Self::DiskFull => {
                "free some space on the host: cosmos clean --files, docker system prune"
            }
            Self::SpecRefused | Self::CommandRefused => {
                "the program is newer or older than the one that cosmos knows, or cosmos has a bug: compare the commit of the checkout with docs/models-on-the-host.md, and report the line"
            }
            Self::GpuCount => "use 1, 2, 4 or 8 GPUs: --num-gpu",
            Self::NothingToSegment => {
                "render a segmentation, name what is in the first frame, or leave segmentation out with the weight 0"
            }
            Self::ControlTooShort => {
                "make all videos equally long: prepare-inference does, and says which sequence is shorter"
            }
            Self::NoAccess => {
                "accept the licences of the models on huggingface.co, and give the host a token: huggingface-cli login, or --env=HF_TOKEN in options under [docker]"
            }
            Self::NoNetwork => {
                "download the model's files on the host beforehand, or let its containers reach huggingface.co"
            }
            Self::DownloadFailed => {
                "see the log: either the host cannot reach huggingface.co, or the licence is not accepted there, or HF_TOKEN is missing"
            }
            Self::NoCheckpoints => {
                "download the checkpoints on the host as the model's repository says"
            }
            Self::NoGpu => "check nvidia-smi on the host, gpus under [docker], and --cuda-devices",
            Self::OldDriver => {
                "update the NVIDIA driver on the host; nvidia-smi shows the newest CUDA that it knows"
            }
            Self::UnsupportedGpu => {
                "use a GPU that the image was built for (Ampere or newer), or an image for this GPU"
            }
            Self::HiddenEnvironment => {
                "set image under [docker] to the one that the model's repository builds; it keeps Python in /workspace/.venv, which volumes and options there must not hide"
            }
            Self::NotACheckout => {
                "set remote_dir under [paths] to a checkout of the model's repository, and model under [cosmos] to what it holds"
            }
            Self::NotAnImage => {
                "set image under [docker] to the one that the model's repository builds"
            }
            Self::GpusOutOfTouch => {
                "see the log for what one of the GPUs failed at first; try with --num-gpu 1, and check nvidia-smi on the host"
            }
        }
    }

    /// Whether the line of the log says more than the cause itself.
    #[must_use]
    pub const fn needs_line(self) -> bool {
        matches!(
            self,
            Self::SpecRefused
                | Self::CommandRefused
                | Self::GpuCount
                | Self::NoCheckpoints
                | Self::HiddenEnvironment
                | Self::NotAnImage
                | Self::DownloadFailed
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OutOfGpuMemory => "the GPU ran out of memory",
            Self::WorkerKilled => "the host ran out of memory",
            Self::DiskFull => "the disk of the host is full",
            Self::SpecRefused => "the model's program refuses the spec",
            Self::CommandRefused => "the model's program refuses its options",
            Self::GpuCount => "the model cannot be split over so many GPUs",
            Self::NothingToSegment => "it found nothing to segment in the first frame",
            Self::ControlTooShort => "a control video is shorter than the input video",
            Self::NoAccess => "the host has no access to the model's files",
            Self::NoNetwork => "the host cannot reach the network to download the model's files",
            Self::DownloadFailed => "the model's files could not be downloaded",
            Self::NoCheckpoints => "the checkpoints are missing",
            Self::NoGpu => "it found no GPU",
            Self::OldDriver => "the NVIDIA driver of the host is too old",
            Self::UnsupportedGpu => "the image does not support this GPU",
            Self::HiddenEnvironment => "the image's Python environment is not there",
            Self::NotACheckout => "the model's program is not in the checkout",
            Self::NotAnImage => "the image lacks the model's programs",
            Self::GpusOutOfTouch => "the GPUs lost touch with each other",
        })
    }
}

/// Lines after a refused spec in which the reason is looked for: a heading, the parameters, and pairs of a field
/// and what is wrong with it.
const REASON_LINES: usize = 12;
/// Characters of a line that are kept.
const LONGEST: usize = 300;

/// What a log has told about a failure so far.
#[derive(Clone, Debug)]
pub(super) struct Causes {
    model: Model,
    /// The row of the words that were found, and their line.
    found: Option<(usize, String)>,
    /// The lines after that of a refused spec, as long as they may be its reason.
    reason: Vec<String>,
    reason_left: usize,
    /// The last exception, until the launcher raises its own.
    exception: Option<String>,
    is_launchers: bool,
}

impl Causes {
    pub fn new(model: Model) -> Self {
        Self {
            model,
            found: None,
            reason: Vec::new(),
            reason_left: 0,
            exception: None,
            is_launchers: false,
        }
    }

    pub fn push(&mut self, line: &str) {
        let line = Line::of(line);
        // A quotation mark begins a line of JSON, which a program logs with the user's words in it.
        if !line.may_be_bad() || line.message.trim_start().starts_with('"') {
            return;
        }
        self.is_launchers |= begins_launcher_report(&line.message);
        if !self.is_launchers && line.level.is_none() && is_exception(&line.message) {
            self.exception = Some(cut(&line.message));
        }
        if self.reason_left > 0 {
            self.reason_left -= 1;
            self.reason.push(cut(&line.message));
        }
        let text = line.message.to_lowercase();
        let before = self.found.as_ref().map_or(WORDS.len(), |(row, _)| *row);
        let row = WORDS.iter().take(before).position(|(words, models, _)| {
            (models.is_empty() || models.contains(&self.model))
                && words.iter().all(|word| text.contains(word))
        });
        if let Some(row) = row {
            let is_spec = WORDS
                .get(row)
                .is_some_and(|(_, _, cause)| *cause == Cause::SpecRefused);
            self.reason_left = if is_spec { REASON_LINES } else { 0 };
            self.reason.clear();
            self.found = Some((row, cut(line.message.trim())));
        }
    }

    /// The cause, and the line that tells it: of a refused spec the field and what is wrong with it.
    pub fn found(&self) -> Option<(Cause, String)> {
        let (row, line) = self.found.as_ref()?;
        let (_, _, cause) = WORDS.get(*row)?;
        let line = match self.refused_field() {
            Some(field) if *cause == Cause::SpecRefused => field,
            _ => line.clone(),
        };
        Some((*cause, line))
    }

    pub fn exception(&self) -> Option<&str> {
        self.exception.as_deref()
    }

    /// `field: what is wrong`, as pydantic writes it in two lines, the second of which is indented.
    fn refused_field(&self) -> Option<String> {
        let pairs = self.reason.iter().zip(self.reason.iter().skip(1));
        let (field, what) = pairs
            .filter(|(field, _)| !field.starts_with([' ', '\t']))
            .find(|(_, what)| what.starts_with("  ") && what.contains('['))?;
        let what = what
            .rsplit_once(" [type=")
            .map_or(what.as_str(), |(what, _)| what);
        Some(format!("{}: {}", field.trim(), what.trim()))
    }
}

/// Whether a traceback ends with `text`: `package.SomeError: what is wrong`.
fn is_exception(text: &str) -> bool {
    let name = text.split_once(": ").map_or(text, |(name, _)| name);
    (name.ends_with("Error") || name.ends_with("Exception"))
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause_of(model: Model, log: &str) -> Option<(Cause, String)> {
        let mut causes = Causes::new(model);
        log.lines().for_each(|line| causes.push(line));
        causes.found()
    }

    #[test]
    fn the_usual_failures_are_recognised() {
        use Model::*;
        for (model, log, cause) in [
            (
                Transfer1,
                "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB",
                Cause::OutOfGpuMemory,
            ),
            (
                Transfer1,
                "OSError: [Errno 28] No space left on device",
                Cause::DiskFull,
            ),
            (
                Transfer1,
                "ValueError: Invalid hint_key: foo. Must be one of {'vis'}",
                Cause::SpecRefused,
            ),
            (
                Transfer1,
                "transfer.py: error: unrecognized arguments: --new",
                Cause::CommandRefused,
            ),
            (
                Transfer1,
                "AssertionError: 16 cannot divide cp_size 3",
                Cause::GpuCount,
            ),
            (
                Transfer1,
                "No boxes detected. Exiting.\nIndexError: list index out of range",
                Cause::NothingToSegment,
            ),
            (
                Transfer1,
                "FileNotFoundError: [Errno 2] No such file or directory: 'checkpoints/nvidia/Cosmos-Transfer1-7B/checkpoints/nvidia/Cosmos-Transfer1-7B/depth_control.pt'",
                Cause::NoCheckpoints,
            ),
            (
                Transfer1,
                "FileNotFoundError: [Errno 2] No such file or directory: './checkpoints/x'",
                Cause::NoCheckpoints,
            ),
            (
                Transfer1,
                "python: can't open file '/workspace/a.py': [Errno 2] No such file or directory",
                Cause::NotACheckout,
            ),
            (
                Transfer1,
                "bash: line 1: torchrun: command not found",
                Cause::NotAnImage,
            ),
            (
                Transfer1,
                "bash: line 11: exec: torchrun: not found",
                Cause::NotAnImage,
            ),
            (
                Transfer1,
                "ModuleNotFoundError: No module named 'cosmos_transfer1'",
                Cause::NotACheckout,
            ),
            (
                Transfer1,
                "ModuleNotFoundError: No module named 'megatron'",
                Cause::NotAnImage,
            ),
            (
                Transfer1,
                "failed (exitcode: -9) local_rank: 0 (pid: 77)",
                Cause::WorkerKilled,
            ),
            (
                Transfer2_5,
                "ValueError: No input frames; cannot pad. Verify that video frame counts match.",
                Cause::ControlTooShort,
            ),
            (
                Transfer2_5,
                "bash: line 1: torchrun: command not found",
                Cause::HiddenEnvironment,
            ),
            (
                Transfer2_5,
                "ModuleNotFoundError: No module named 'tyro'",
                Cause::HiddenEnvironment,
            ),
            (
                Transfer2_5,
                "Cannot access gated repo for url https://huggingface.co/nvidia/Cosmos-Guardrail1.\nsubprocess.CalledProcessError: Command '['uvx', 'hf@1', 'download', 'x']' returned non-zero exit status 1.",
                Cause::NoAccess,
            ),
            (
                Transfer2_5,
                "  dns error: failed to lookup address information: Temporary failure in name resolution\nsubprocess.CalledProcessError: Command '['uvx', 'hf@1', 'download', 'x']' returned non-zero exit status 1.",
                Cause::NoNetwork,
            ),
            (
                Cosmos3,
                "subprocess.CalledProcessError: Command '['uv', 'run', '--isolated', 'hf', 'download', 'x']' returned non-zero exit status 1.",
                Cause::DownloadFailed,
            ),
            (
                Cosmos3,
                "ValueError: Checkpoint directory does not exist: nvidia/Cosmos3-Nano",
                Cause::NoCheckpoints,
            ),
            (
                Cosmos3,
                "ValueError: cp_size(1) * cfgp_size(2) must divide WORLD_SIZE(3)",
                Cause::GpuCount,
            ),
            (
                Cosmos3,
                "Query heads (32) must be divisible by context parallel world size (3)",
                Cause::GpuCount,
            ),
            (
                Cosmos3,
                "RuntimeError: The NVIDIA driver on your system is too old (found version 12020).",
                Cause::OldDriver,
            ),
            // What a single rank met first counts, not what the others made of its silence.
            (
                Transfer2_5,
                "[rank1]: Watchdog caught collective operation timeout\n[rank0]: torch.OutOfMemoryError: CUDA out of memory.",
                Cause::OutOfGpuMemory,
            ),
            (
                Transfer2_5,
                "[rank1]:[E] [PG ID 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=3)",
                Cause::GpusOutOfTouch,
            ),
        ] {
            assert_eq!(
                cause_of(model, log).map(|(cause, _)| cause),
                Some(cause),
                "{log}"
            );
        }
    }

    #[test]
    fn what_the_program_merely_does_is_no_failure() {
        for log in [
            "[11-25 09:12:01|INFO|a.py:1:f] [transfer] final user prompt: CUDA out of memory, a poem",
            "[11-25 09:12:01|DEBUG|a.py:1:f] InferenceArguments(prompt='no space left on device')",
            "[11-25 09:12:01|INFO|a.py:1:f] args in json: {\n  \"prompt\": \"CUDA out of memory\"\n}",
            "boom",
        ] {
            assert_eq!(cause_of(Model::Cosmos3, log), None, "{log}");
        }
    }

    #[test]
    fn a_refused_spec_is_told_with_its_field() {
        let log = "Error validating parameters from '/workspace/inputs/prompts/a.json' at line 0
2 validation errors for InferenceArguments
guidance
  Input should be less than or equal to 7 [type=less_than_equal, input_value=8.0, input_type=float]
    For further information visit https://errors.pydantic.dev/2.11/v/less_than_equal
depth.weight
  Extra inputs are not permitted [type=extra_forbidden]";
        assert_eq!(
            cause_of(Model::Transfer2_5, log),
            Some((
                Cause::SpecRefused,
                "guidance: Input should be less than or equal to 7".into()
            ))
        );
        let log = "[rank0]: ValueError: Error validating parameters from '/w/a.json' at sample 0
[rank0]: Parameters: {'name': 'a', 'guidance': 8.0}
[rank0]: 1 validation error for OmniSampleOverrides
[rank0]: guidance
[rank0]:   Input should be less than or equal to 7 [type=less_than_equal, input_value=8.0, input_type=float]";
        let (_, line) = cause_of(Model::Cosmos3, log).unwrap();
        assert_eq!(line, "guidance: Input should be less than or equal to 7");
    }

    #[test]
    fn the_programs_own_exception_is_told_and_not_the_launchers() {
        let mut causes = Causes::new(Model::Transfer1);
        for line in [
            "ValueError",
            "  File \"a.py\", line 1, in <module>",
            "[rank0]: my.pack_age.RuntimeError: this is wrong",
            "[11-25 09:12:01|ERROR|a.py:1:f] KeyError: logged and no end",
            "Some text: KeyError: x",
            "E1126 12:00:00.000001 1 torch/distributed/elastic/multiprocessing/api.py:874] failed (exitcode: 1) local_rank: 0",
            "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
        ] {
            causes.push(line);
        }
        assert_eq!(
            causes.exception(),
            Some("my.pack_age.RuntimeError: this is wrong")
        );
        assert_eq!(causes.found(), None);
    }

    #[test]
    fn every_word_can_be_found_and_every_cause_has_words() {
        for (row, (words, models, cause)) in WORDS.iter().enumerate() {
            assert!(words.iter().all(|word| *word == word.to_lowercase()));
            let model = models.first().copied().unwrap_or(Model::Transfer1);
            // `join` may let a row above match, which then is what counts.
            let (found, _) = cause_of(model, &words.join(" ")).unwrap();
            let first = WORDS.iter().position(|(_, _, of)| *of == found).unwrap();
            assert!(found == *cause || first < row, "{words:?}");
        }
    }
}
