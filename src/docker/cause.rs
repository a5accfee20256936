//! Why a job failed, from how its container ended and the last it said.

use std::fmt;

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    /// Exit code of the container.
    pub code: i64,
    /// Whether the kernel ended something in it for want of memory.
    pub out_of_memory: bool,
    /// Whether the video that the job is for is there, and not empty.
    pub has_video: bool,
    /// The last lines of its log.
    pub log: &'a str,
}

/// Why a job failed, as far as that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`Display` says it in full")]
pub enum Cause {
    OutOfMemory,
    OutOfGpuMemory,
    Killed,
    NoGpu,
    DiskFull,
    NotACheckout,
    NotAnImage,
    NoCheckpoints,
    NoAccess,
    Blocked,
    NoVideo,
    Program,
}

/// What in a log means what. The first that is found counts.
const WORDS: [(&str, Cause); 19] = [
    ("cuda out of memory", Cause::OutOfGpuMemory),
    ("outofmemoryerror", Cause::OutOfGpuMemory),
    ("cublas_status_alloc_failed", Cause::OutOfGpuMemory),
    ("no space left on device", Cause::DiskFull),
    ("disk quota exceeded", Cause::DiskFull),
    ("can't open file", Cause::NotACheckout),
    ("no module named 'cosmos", Cause::NotACheckout),
    ("torchrun: command not found", Cause::NotAnImage),
    ("python: command not found", Cause::NotAnImage),
    ("gatedrepoerror", Cause::NoAccess),
    ("401 client error", Cause::NoAccess),
    ("403 client error", Cause::NoAccess),
    (
        "no such file or directory: 'checkpoints",
        Cause::NoCheckpoints,
    ),
    (
        "no such file or directory: './checkpoints",
        Cause::NoCheckpoints,
    ),
    ("no cuda gpus are available", Cause::NoGpu),
    ("found no nvidia driver", Cause::NoGpu),
    ("no cuda-capable device", Cause::NoGpu),
    ("signal 9 (sigkill)", Cause::OutOfMemory),
    ("exitcode: -9", Cause::OutOfMemory),
];

/// What a process that was killed leaves as exit code: 128 and the number of the signal.
const KILLED: i64 = 128 + 9;

impl Cause {
    /// Why the job failed; `None` if it did not.
    #[must_use]
    pub fn of(ended: &Ended<'_>) -> Option<Self> {
        let log = ended.log.to_lowercase();
        let in_log = WORDS.iter().find(|(word, _)| log.contains(word));
        match (ended.code, ended.has_video) {
            (0, true) => None,
            (0, false) if log.contains("guardrail") || log.contains("blocked") => {
                Some(Self::Blocked)
            }
            (0, false) => Some(Self::NoVideo),
            _ if ended.out_of_memory => Some(Self::OutOfMemory),
            (KILLED, _) => Some(Self::Killed),
            _ => Some(in_log.map_or(Self::Program, |(_, cause)| *cause)),
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::OutOfMemory => {
                "use a host with more memory, stop what else runs there, or raise a limit set in options under [docker]"
            }
            Self::OutOfGpuMemory => {
                "set offload_models = true under [execution], use more GPUs with --num-gpu, or stop what else runs on the GPU"
            }
            Self::Killed => {
                "somebody stopped the container or Docker, or the host ran out of memory (dmesg there says so); run again"
            }
            Self::NoGpu => "check nvidia-smi on the host, gpus under [docker], and --cuda-devices",
            Self::DiskFull => {
                "free some space on the host: cosmos clean --files, docker system prune"
            }
            Self::NotACheckout => {
                "set remote_dir under [paths] to a checkout of the model's repository, and model under [cosmos] to what it holds"
            }
            Self::NotAnImage => {
                "set image under [docker] to the one that the model's repository builds"
            }
            Self::NoCheckpoints => {
                "download the checkpoints on the host as the model's repository says"
            }
            Self::NoAccess => {
                "accept the model's licence on huggingface.co and log in on the host with huggingface-cli login"
            }
            Self::Blocked => {
                "the guardrail objects to the prompt or to the result: change the prompt or the input"
            }
            Self::NoVideo => "often a guardrail blocked the result; see the log",
            Self::Program => "see the log; docs/gpu-host.md lists what often goes wrong",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OutOfMemory => "the host ran out of memory",
            Self::OutOfGpuMemory => "the GPU ran out of memory",
            Self::Killed => "it was killed",
            Self::NoGpu => "it found no GPU",
            Self::DiskFull => "the disk of the host is full",
            Self::NotACheckout => "the model's program is not in the checkout",
            Self::NotAnImage => "the image lacks the model's programs",
            Self::NoCheckpoints => "the checkpoints are missing",
            Self::NoAccess => "the host has no access to the model's files",
            Self::Blocked => "a guardrail blocked the result",
            Self::NoVideo => "it ended well and wrote no video",
            Self::Program => "the model's program failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_causes_are_recognised() {
        let cause = |code, out_of_memory, has_video, log| {
            Cause::of(&Ended {
                code,
                out_of_memory,
                has_video,
                log,
            })
        };
        for (found, expected) in [
            (cause(0, false, true, "saved"), None),
            // Something small was killed, and the job went on without it.
            (cause(0, true, true, ""), None),
            (cause(0, false, false, ""), Some(Cause::NoVideo)),
            (
                cause(0, false, false, "Generation is blocked by guardrail."),
                Some(Cause::Blocked),
            ),
            (cause(137, true, false, ""), Some(Cause::OutOfMemory)),
            // What torchrun makes of a child that the kernel has killed.
            (
                cause(1, false, false, "failed (exitcode: -9) local_rank: 0"),
                Some(Cause::OutOfMemory),
            ),
            (cause(137, false, false, ""), Some(Cause::Killed)),
            (cause(137, false, true, ""), Some(Cause::Killed)),
            (
                cause(
                    1,
                    false,
                    false,
                    "torch.OutOfMemoryError: CUDA out of memory. Tried",
                ),
                Some(Cause::OutOfGpuMemory),
            ),
            (
                cause(
                    1,
                    false,
                    false,
                    "OSError: [Errno 28] No space left on device",
                ),
                Some(Cause::DiskFull),
            ),
            (
                cause(
                    1,
                    false,
                    false,
                    "FileNotFoundError: [Errno 2] No such file or directory: './checkpoints/x'",
                ),
                Some(Cause::NoCheckpoints),
            ),
            (
                cause(
                    2,
                    false,
                    false,
                    "can't open file 'x.py': [Errno 2] No such file or directory",
                ),
                Some(Cause::NotACheckout),
            ),
            (
                cause(127, false, false, "bash: torchrun: command not found"),
                Some(Cause::NotAnImage),
            ),
            (cause(1, false, false, "boom"), Some(Cause::Program)),
        ] {
            assert_eq!(found, expected);
        }
    }
}
