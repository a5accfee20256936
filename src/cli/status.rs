use std::path::PathBuf;
use std::time::Duration;

use cosmos_workflow::cosmos::Model;
use cosmos_workflow::workflows::{RunOptions, StatusOptions};
use cosmos_workflow::{Error, ExitCode};

use super::run::{devices, orchestrator};
use super::{Context, Outcome, completions, words};

/// Check the GPU host: connection, Docker, image, GPUs, checkpoints, disk, and what runs there
///
/// Says what to do about each thing that is wrong. With RUN it looks for the files that this run needs, else for those
/// that every run of the model needs. The exit code is 4 if the host cannot carry out a run.
#[derive(clap::Args)]
pub struct Args {
    /// A run or a prompt: its file, its id or the first digits of it, or its name
    #[arg(value_name = "RUN", add = completions::prompts_and_runs())]
    run: Option<PathBuf>,
    /// The model: transfer1, transfer2.5, cosmos3 [default: that of the run, or the configured one]
    #[arg(long, value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
    /// The checkpoint that is looked for [default: that of the run, or the model's own]
    #[arg(long, value_name = "NAME")]
    checkpoint: Option<String>,
    /// Number of GPUs [default: 1, or as many as there are --cuda-devices]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), allow_negative_numbers = true)]
    num_gpu: Option<u32>,
    /// The GPUs, by number [default: the first ones]
    #[arg(long, value_name = "IDS")]
    cuda_devices: Option<String>,
    /// Keep showing load, memory, temperature and power of the GPUs and the jobs, until Ctrl-C
    #[arg(long, conflicts_with_all = ["run", "model", "checkpoint", "num_gpu", "cuda_devices"])]
    watch: bool,
    /// Seconds from one look to the next
    #[arg(long, value_name = "S", requires = "watch", default_value_t = 2.0, value_parser = seconds)]
    interval: f64,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let orchestrator = orchestrator(context)?;
    let output = context.output;
    if args.watch {
        orchestrator.watch(
            Duration::from_secs_f64(args.interval),
            &mut |moment| {
                output.live_status(moment);
                context.stop_unless_heard();
            },
            &context.cancel,
            &context.progress,
        )?;
        return Ok(Outcome::Done);
    }
    let (num_gpu, cuda_devices) = devices(args.num_gpu, args.cuda_devices.as_deref());
    let options = StatusOptions {
        run: args.run,
        checkpoint: args.checkpoint,
        options: RunOptions {
            model: args.model,
            num_gpu,
            cuda_devices,
            ..RunOptions::default()
        },
    };
    let status =
        orchestrator.check_remote_status_for(&options, &context.cancel, &context.progress)?;
    output.status(&status);
    Ok(if status.is_usable() {
        Outcome::Done
    } else {
        Outcome::Failed(ExitCode::Host)
    })
}

/// From a tenth of a second to an hour.
fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|seconds| (0.1..=3600.0).contains(seconds))
        .ok_or_else(|| "expected a number of seconds from 0.1 to 3600".to_owned())
}
