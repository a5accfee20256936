//! Misbehaviour on demand: the words of the file `stand_in_mode`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Modes {
    /// The words, and whether they are for upscaling alone.
    words: Vec<(bool, String)>,
}

/// What a guardrail objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    Prompt,
    Negative,
    Video,
}

impl Modes {
    pub fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("stand_in_mode")).unwrap_or_default();
        Self::of(&text)
    }

    pub fn of(text: &str) -> Self {
        let words = text
            .split_whitespace()
            .map(|word| match word.strip_prefix("upscale:") {
                Some(word) => (true, word.to_owned()),
                None => (false, word.to_owned()),
            });
        Self {
            words: words.collect(),
        }
    }

    /// Those for a job that upscales, or does not.
    pub fn of_job(&self, upscales: bool) -> Self {
        let mut modes = self.clone();
        modes
            .words
            .retain(|(only_upscaling, _)| !only_upscaling || upscales);
        modes
    }

    pub fn has(&self, wanted: &str) -> bool {
        self.words.iter().any(|(_, word)| word == wanted)
    }

    pub fn blocked(&self) -> Option<Blocked> {
        self.words.iter().find_map(|(_, word)| match word.as_str() {
            "blocked=prompt" => Some(Blocked::Prompt),
            "blocked=negative" => Some(Blocked::Negative),
            "blocked" | "blocked=video" => Some(Blocked::Video),
            _ => None,
        })
    }

    /// How long a step takes, if it is to take any time.
    pub fn pause(&self) -> Option<Duration> {
        let pause = self
            .words
            .iter()
            .find_map(|(_, word)| word.strip_prefix("slow="));
        pause
            .and_then(|pause| pause.parse().ok())
            .map(Duration::from_millis)
    }

    /// Bytes that the video is longer than it has to be.
    pub fn padding(&self) -> usize {
        if self.has("large") { 8 << 20 } else { 0 }
    }
}

/// The steps of a job.
pub struct Pace<'a> {
    modes: &'a Modes,
    total: u32,
    done: u32,
}

impl<'a> Pace<'a> {
    pub fn new(modes: &'a Modes, total: u32) -> Self {
        Self {
            modes,
            total,
            done: 0,
        }
    }

    /// One step, and in the middle of all steps whatever is to go wrong. `folder` is that of the result.
    pub fn step(&mut self, folder: &Path) -> Result<u32, Failure> {
        self.done += 1;
        if let Some(pause) = self.modes.pause() {
            thread::sleep(pause);
        }
        if self.done == self.total.div_ceil(2) {
            misbehave(self.modes, folder)?;
        }
        Ok(self.done)
    }
}

fn misbehave(modes: &Modes, folder: &Path) -> Result<(), Failure> {
    for (_, mode) in &modes.words {
        match mode.as_str() {
            "fail" => return Err(Failure::error("RuntimeError: this is what was asked for")),
            "gpu-oom" => {
                return Err(Failure::error(
                    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.",
                ));
            }
            "killed" => return Err(Failure::end("", 137)),
            "oom" => {
                let mut taken = Vec::new();
                loop {
                    // Not zero, so that it is there and not only promised.
                    taken.push(vec![1_u8; 1 << 20]);
                }
            }
            "full" => {
                let path = folder.join("filling");
                let name = path.display().to_string();
                let mut file = fs::create_dir_all(folder)
                    .and_then(|()| fs::File::create(&path))
                    .map_err(|error| Failure::system(&error, &name))?;
                let written =
                    std::iter::repeat_with(|| file.write_all(&[1; 1 << 16])).find_map(Result::err);
                if let Some(error) = written {
                    return Err(Failure::system(&error, &name));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
