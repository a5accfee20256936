//! Stands in for the programs that the Cosmos models come with, so that `cosmos run` can be tried and tested
//! without a GPU: called as `torchrun` or `python` it reads what the real program reads, refuses what that
//! refuses, logs as it does, and writes a video of the right size and length. No model runs; the video is gray.
//!
//! `scripts/stand-in-image.sh` makes a Docker image of it. A file `stand_in_mode` in the working folder makes it
//! misbehave: words separated by blanks, each for every job, or for upscaling alone with `upscale:` before it.
//!
//! - `slow=N`: each step takes N milliseconds
//! - `fail`: ends with a traceback and exit code 1
//! - `killed`: ends half way as if it were killed
//! - `oom`: takes all memory there is
//! - `gpu-oom`: ends as when the GPU's memory is used up
//! - `blocked`: writes no video and ends with 0, as when a guardrail objects
//! - `large`: makes the video 8 MB longer than it has to be
//! - `full`: fills the disk that the output folder is on

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is all about its log"
)]

mod mp4;
mod spec;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use mp4::Facts;
use spec::{Flags, Sample, cosmos3, transfer1, transfer2_5};

/// What ends the program before its time: the last line of a traceback, and the exit code.
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Of Python code.
    fn error(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// Of the reading of options.
    fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = env::args();
    let program = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    println!("stand-in for NVIDIA Cosmos: no model runs here, the result is gray");
    match run(&program, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            if code == 1 {
                eprintln!("Traceback (most recent call last):");
            }
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn run(program: &str, arguments: &[String]) -> Result<(), Failure> {
    let launched = Path::new(program)
        .file_name()
        .is_some_and(|name| name == "torchrun");
    let (launcher, rest) = split(arguments);
    let processes = if launched { launch(launcher)? } else { 1 };
    if !launched && !launcher.is_empty() {
        return Err(Failure::usage(format!("unknown option {launcher:?}")));
    }
    let devices = env::var("CUDA_VISIBLE_DEVICES").unwrap_or_default();
    if devices.split(',').filter(|name| !name.is_empty()).count() != processes {
        return Err(Failure::error(format!(
            "RuntimeError: {processes} processes on the devices {devices:?}"
        )));
    }
    let (script, options) = match rest {
        [m, module, options @ ..] if m == "-m" => (module.as_str(), options),
        [script, options @ ..] => (script.as_str(), options),
        [] => return Err(Failure::usage("nothing to run")),
    };
    let sample = match script {
        "cosmos_transfer1/diffusion/inference/transfer.py" => {
            present(script)?;
            transfer1(&Flags::of(options), processes)?
        }
        "examples/inference.py" => {
            present(script)?;
            transfer2_5(&Flags::of(options))?
        }
        "cosmos_framework.scripts.inference" if launched => cosmos3(&Flags::of(options))?,
        _ => {
            return Err(Failure::usage(format!(
                "can't open file '{script}': [Errno 2] No such file or directory"
            )));
        }
    };
    generate(&sample)
}

/// The options of the launcher, and what it launches.
fn split(arguments: &[String]) -> (&[String], &[String]) {
    let is_option = |argument: &String| argument.starts_with("--");
    let count = arguments.iter().take_while(|a| is_option(a)).count();
    arguments.split_at(count)
}

/// How many processes `torchrun` starts.
fn launch(options: &[String]) -> Result<usize, Failure> {
    let mut processes = 1;
    for option in options {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match (name.replace('_', "-").as_str(), value.parse()) {
            ("--nproc-per-node", Ok(count)) => processes = count,
            ("--nnodes", Ok(1)) | ("--node-rank", Ok(0)) => {}
            _ => return Err(Failure::usage(format!("torchrun: error: {option}"))),
        }
    }
    Ok(processes)
}

fn present(script: &str) -> Result<(), Failure> {
    if Path::new(script).is_file() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "can't open file '{script}': [Errno 2] No such file or directory"
    )))
}

/// The steps of a job, and its video if all goes well.
fn generate(sample: &Sample) -> Result<(), Failure> {
    let modes = fs::read_to_string("stand_in_mode").unwrap_or_default();
    let modes: Vec<&str> = modes
        .split_whitespace()
        .filter_map(|word| match word.strip_prefix("upscale:") {
            Some(word) => sample.upscales.then_some(word),
            None => Some(word),
        })
        .collect();
    let pause = modes
        .iter()
        .find_map(|mode| mode.strip_prefix("slow=")?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_millis);
    for step in 1..=sample.steps {
        println!("step {step}/{} of {}", sample.steps, sample.video.display());
        thread::sleep(pause);
        if step == sample.steps.div_ceil(2) {
            misbehave(&modes, &sample.video)?;
        }
    }
    if modes.contains(&"blocked") {
        println!("Generation is blocked by guardrail.");
        return Ok(());
    }
    let failed = |path: &PathBuf| {
        let path = path.display().to_string();
        move |error: std::io::Error| Failure::error(format!("OSError: {error}: '{path}'"))
    };
    if let Some(folder) = sample.video.parent() {
        fs::create_dir_all(folder).map_err(failed(&sample.video))?;
    }
    let padding = if modes.contains(&"large") { 8 << 20 } else { 0 };
    mp4::write(&sample.video, sample.facts, padding).map_err(failed(&sample.video))?;
    if let Some(prompt) = &sample.prompt {
        let text = sample.video.with_extension("txt");
        fs::write(&text, prompt).map_err(failed(&text))?;
    }
    let Facts {
        width,
        height,
        frames,
        ..
    } = sample.facts;
    println!(
        "saved {} ({width}x{height}, {frames} frames)",
        sample.video.display()
    );
    Ok(())
}

fn misbehave(modes: &[&str], video: &Path) -> Result<(), Failure> {
    for mode in modes {
        match *mode {
            "fail" => return Err(Failure::error("RuntimeError: this is what was asked for")),
            "gpu-oom" => {
                return Err(Failure::error(
                    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.",
                ));
            }
            "killed" => {
                return Err(Failure {
                    message: String::new(),
                    code: 137,
                });
            }
            "oom" => {
                let mut taken = Vec::new();
                loop {
                    // Not zero, so that it is there and not only promised.
                    taken.push(vec![1_u8; 1 << 20]);
                }
            }
            "full" => {
                let path = video.with_extension("filling");
                let mut file = fs::File::create(&path)
                    .map_err(|error| Failure::error(format!("OSError: {error}")))?;
                let written =
                    std::iter::repeat_with(|| file.write_all(&[1; 1 << 16])).find_map(Result::err);
                let said = written.map_or_else(String::new, |error| error.to_string());
                return Err(Failure::error(format!(
                    "OSError: [Errno 28] {said}: '{}'",
                    path.display()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}
