//! Stands in for the programs that the Cosmos models come with, so that `cosmos run` can be tried and tested
//! without a GPU: called as `torchrun` or `python` it reads what the real program reads, refuses what that refuses,
//! passes over what that passes over, logs as it does, and writes what it writes. No model runs; the videos are gray.
//!
//! What the programs know is in the `.keys` files, and judged here alone: nothing of the library is used.
//! `cosmos_stand_in --list-keys MODEL` prints it as lines of JSON.
//!
//! `scripts/stand-in-image.sh` makes a Docker image of it. A file `stand_in_mode` in the working folder makes it
//! misbehave: words separated by blanks, each for every job, or for upscaling alone with `upscale:` before it.
//!
//! - `slow=N`: each step takes N milliseconds; Transfer1's are then counted in the log
//! - `fail`: ends with a traceback and exit code 1
//! - `killed`: ends half way as if it were killed
//! - `oom`: takes all memory there is
//! - `gpu-oom`: ends as when the GPU's memory is used up
//! - `blocked=prompt`, `blocked=negative`, `blocked=video` (or `blocked`): a guardrail objects, as far as the program
//!   asks one
//! - `no-boxes`: a segmentation to derive finds nothing (Transfer1)
//! - `missing-checkpoint`, `gated`: the weights are not there, or not for everybody
//! - `no-venv`: the shell finds no program, as where the image keeps it in a folder that is hidden
//! - `large`: makes the video 8 MB longer than it has to be
//! - `full`: fills the disk that the output folder is on

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is all about its log"
)]

mod console;
mod context;
mod cosmos3;
mod failure;
mod flags;
mod keys;
mod launch;
mod media;
mod mode;
mod mp4;
#[cfg(test)]
mod tests;
mod transfer1;
mod transfer2_5;
mod value;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use console::Console;
use context::Context;
use failure::Failure;
use keys::Model;
use mode::Modes;

fn main() -> ExitCode {
    let mut arguments = env::args();
    let program = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    if let [flag, model] = arguments.as_slice()
        && flag == "--list-keys"
    {
        let Some((_, model)) = Model::ALL.into_iter().find(|(name, _)| name == model) else {
            eprintln!("no such model: {model}");
            return ExitCode::from(2);
        };
        print!("{}", model.list());
        return ExitCode::SUCCESS;
    }
    let folder = env::current_dir().unwrap_or_default();
    let mut context = Context {
        modes: Modes::read(&folder),
        folder,
        env: env::vars().collect(),
        launched: None,
        console: Console::Terminal,
    };
    let called = Path::new(&program)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    ExitCode::from(start(&called, &arguments, &mut context))
}

/// What the shell is left with when it starts `program`.
fn start(program: &str, arguments: &[String], context: &mut Context) -> u8 {
    if context.modes.has("no-venv") {
        let says = format!("bash: line 1: exec: {program}: not found\n");
        context.console.err(&says);
        return 127;
    }
    let makes_weights = arguments.iter().any(|word| word.ends_with(WEIGHTS));
    if !makes_weights {
        let says = "stand-in for NVIDIA Cosmos: no model runs here, the result is gray\n";
        context.console.out(says);
    }
    let (script, outcome) = run(program, arguments, context);
    let Err(failure) = outcome else {
        return 0;
    };
    let Failure {
        message,
        traceback,
        code,
        reported,
    } = failure;
    // What the distributed package puts before each line of an exception once it is set up.
    let is_distributed = match script.as_str() {
        transfer2_5::SCRIPT => context.launched.is_some(),
        _ => context.processes() > 1,
    };
    let rank = if is_distributed && traceback {
        "[rank0]: "
    } else {
        ""
    };
    let mut text = String::new();
    if traceback {
        text += &format!("{rank}Traceback (most recent call last):\n");
        text += &format!(
            "{rank}  File \"{}\", line 1, in <module>\n",
            context.at(&script).display()
        );
    }
    for line in message.lines() {
        text += &format!("{rank}{line}\n");
    }
    context.console.err(&text);
    if context.launched.is_none() || !reported {
        return code;
    }
    context.console.err(&launch::report(&script, code));
    1
}

/// Runs what is asked for; its name, and what became of it.
fn run(
    program: &str,
    arguments: &[String],
    context: &mut Context,
) -> (String, Result<(), Failure>) {
    let (module, rest) = if program == "torchrun" {
        match launch::torchrun(arguments) {
            Ok(launch) => {
                context.launched = Some(launch.processes);
                (launch.module, launch.rest)
            }
            Err(failure) => return (String::new(), Err(failure)),
        }
    } else {
        match arguments {
            [m, rest @ ..] if m == "-m" => (true, rest),
            rest => (false, rest),
        }
    };
    let Some((script, options)) = rest.split_first() else {
        let failure = Failure::end("Python waits for a program, which the stand-in does not", 2);
        return (String::new(), Err(failure));
    };
    let outcome = match devices(context) {
        Err(failure) => Err(failure),
        Ok(()) if module && script == cosmos3::MODULE => cosmos3::run(context, options),
        Ok(()) if module => Err(Failure::error(format!(
            "ModuleNotFoundError: No module named '{script}'"
        ))),
        Ok(()) if !context.at(script).is_file() => Err(Failure::usage(format!(
            "python: can't open file '{}': [Errno 2] No such file or directory",
            context.at(script).display()
        ))),
        Ok(()) => match script.as_str() {
            transfer1::SCRIPT => transfer1::run(context, options),
            transfer2_5::SCRIPT => transfer2_5::run(context, options),
            weights if weights.ends_with(WEIGHTS) => write_weights(context, options),
            _ => Err(Failure::error(format!(
                "RuntimeError: the stand-in does not know what {script} does"
            ))),
        },
    };
    (script.clone(), outcome)
}

/// How the names of scripts end that make a weight map before the program starts.
const WEIGHTS: &str = "_weights.py";

/// Stands for such a script: its first argument names the mask, its last the map.
fn write_weights(context: &Context, options: &[String]) -> Result<(), Failure> {
    match options {
        [mask, .., _] if !context.at(mask).is_file() => Err(Failure::missing(mask)),
        [_, .., map] if map.ends_with(".pt") => transfer1::write_tensor(&context.at(map)),
        _ => Err(Failure::error(
            "TypeError: main() missing required positional arguments",
        )),
    }
}

/// Whether each process finds its GPU, as far as the environment says which there are.
fn devices(context: &Context) -> Result<(), Failure> {
    let Some(devices) = context.env("CUDA_VISIBLE_DEVICES") else {
        return Ok(());
    };
    let count = devices
        .split(',')
        .filter(|name| !name.trim().is_empty())
        .count();
    match count as u32 {
        0 => Err(Failure::error("RuntimeError: No CUDA GPUs are available")),
        count if count < context.processes() => Err(Failure::error(
            "torch.AcceleratorError: CUDA error: invalid device ordinal",
        )),
        _ => Ok(()),
    }
}
