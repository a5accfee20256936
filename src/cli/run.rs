use std::path::{Path, PathBuf};
use std::time::Duration;

use cosmos_workflow::Error;
use cosmos_workflow::cosmos::{Model, Target};
use cosmos_workflow::remote::Login;
use cosmos_workflow::workflows::{
    FolderOptions, RunOptions, Stop, UpscaleOptions, WorkflowOrchestrator, prompt_of_folder,
    run_of_video,
};

use super::encode_args::{FrameArgs, ShotArgs, VideoArgs};
use super::run_settings::RunSettingsArgs;
use super::{Context, Outcome, completions, words};
use crate::ui;

/// How long a user at a terminal has for the second Ctrl-C, which ends the job on the host too.
const PATIENCE: Duration = Duration::from_secs(5);

/// Run prompts on the GPU host, from upload to the finished video
///
/// Takes prompts and runs: the files that create-spec and create-run wrote, or their ids or names. Several are run one
/// after the other. Or takes one folder, a render folder or one that prepare-inference made, with --prompt; then the
/// videos, the prompt and the run are made first.
///
/// What is done already is not done again: after an interruption the same command goes on where it stopped. The first
/// Ctrl-C leaves the job running on the host, the second ends it.
#[derive(clap::Args)]
pub struct Args {
    /// Prompts or runs, or one folder with --prompt
    #[arg(required = true, value_name = "PROMPT_FILE", add = completions::prompts_and_runs())]
    files: Vec<PathBuf>,
    /// What the result shows, if a folder is given
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// What the result is not to show, if a folder is given
    #[arg(
        long,
        value_name = "TEXT",
        requires = "prompt",
        default_value = "",
        hide_default_value = true
    )]
    negative_prompt: String,
    /// Name of the shot and the prompt, if a folder is given [default: made from the prompt]
    #[arg(long, requires = "prompt")]
    name: Option<String>,
    /// Do not upscale the result
    #[arg(long)]
    no_upscale: bool,
    #[command(flatten)]
    upscale: UpscaleArgs,
    #[command(flatten)]
    execution: ExecutionArgs,
    #[command(
        flatten,
        next_help_heading = "Options of the run, if a prompt or a folder is given"
    )]
    settings: RunSettingsArgs,
    #[command(flatten)]
    video: VideoArgs,
    #[command(flatten)]
    frames: FrameArgs,
    #[command(flatten)]
    shot: ShotArgs,
}

/// Run prompts on the GPU host without upscaling
///
/// The same as run --no-upscale.
#[derive(clap::Args)]
pub struct InferenceArgs {
    /// Prompts or runs
    #[arg(required = true, value_name = "PROMPT_FILE", add = completions::prompts_and_runs())]
    files: Vec<PathBuf>,
    #[command(flatten)]
    execution: ExecutionArgs,
}

/// Upscale the result of runs, or any video, to 4K on the GPU host
///
/// The result of inference has to be on the host or here. Cosmos-Transfer1 does it, for the results of the other models
/// too, so its checkout has to be on the host. The video is stretched to 1280x704, or to a similar size for its shape,
/// and comes back three times as large.
#[derive(clap::Args)]
pub struct UpscaleOnlyArgs {
    /// Runs, or prompts with one run; or videos with --prompt
    #[arg(required = true, value_name = "PROMPT_FILE|VIDEO", add = completions::prompts_and_runs())]
    files: Vec<PathBuf>,
    /// What the video shows, if one is given
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// What the result is not to show, if a video is given
    #[arg(
        long,
        value_name = "TEXT",
        requires = "prompt",
        default_value = "",
        hide_default_value = true
    )]
    negative_prompt: String,
    #[command(flatten)]
    upscale: UpscaleArgs,
    #[command(flatten)]
    execution: ExecutionArgs,
}

#[derive(clap::Args)]
struct UpscaleArgs {
    /// How closely the 4K version follows the first result, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true)]
    upscale_weight: Option<f64>,
    /// Denoising steps of the 4K version [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    upscale_steps: Option<u32>,
}

/// How runs are carried out.
#[derive(clap::Args)]
#[command(next_help_heading = "Run options")]
struct ExecutionArgs {
    /// Use the videos of this folder instead of the prompt's: a path, or a name in the videos folder
    #[arg(long, value_name = "FOLDER", add = completions::shots())]
    videos_subdir: Option<PathBuf>,
    /// Number of GPUs [default: 1, or as many as there are --cuda-devices]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), allow_negative_numbers = true)]
    num_gpu: Option<u32>,
    /// The GPUs, by number [default: the first ones]
    #[arg(long, value_name = "IDS")]
    cuda_devices: Option<String>,
    /// The model: transfer1, transfer2.5, cosmos3 [default: transfer1]
    #[arg(long, value_parser = words::models(), hide_possible_values = true)]
    model: Option<Model>,
    /// Print every step and the spec for the model, but do nothing
    #[arg(long)]
    dry_run: bool,
    /// Start without checking first whether the host can carry the run out
    #[arg(long)]
    no_host_check: bool,
    /// Return as soon as the job runs on the host; the same command later waits for it and gets the result
    #[arg(long)]
    detach: bool,
    /// Go on with the others when one fails
    #[arg(long)]
    keep_going: bool,
}

pub fn run(args: Args, context: &Context) -> Result<Outcome, Error> {
    let options = RunOptions {
        upscale: !args.no_upscale,
        settings: args.settings.settings(None),
        ..args.execution.options(Some(&args.upscale), context)
    };
    let mut files = args.files;
    if let [folder] = files.as_slice()
        && folder.is_dir()
    {
        let Some(prompt) = args.prompt else {
            return Err(Error::Usage {
                message: format!("{} is a folder, and there is no prompt", folder.display()),
                hint: "say what the result shows: --prompt \"a rainy street at night\"".into(),
            });
        };
        let config = &context.config;
        let of_run = &options.settings.parameters;
        let target = Target::new(
            args.execution.model.unwrap_or(config.cosmos.model),
            of_run.checkpoint.as_deref(),
            of_run.resolution_tier.as_deref(),
        )?;
        let folder = FolderOptions {
            folder: folder.clone(),
            prompt,
            negative_prompt: args.negative_prompt,
            name: args.name,
            encode: args
                .frames
                .encode_options(&args.video, &config.video, target),
            scan: args
                .shot
                .apply(args.frames.scan_options(), folder, config)?,
            paths: context.config.paths.clone(),
        };
        if args.execution.dry_run {
            let dry_run = WorkflowOrchestrator::without_host(config.clone()).dry_run_of_folder(
                &folder,
                &options,
                &context.cancel,
                &context.progress,
            )?;
            context.output.dry_run(&dry_run);
            return Ok(Outcome::Done);
        }
        files = vec![prompt_of_folder(
            &folder,
            &context.cancel,
            &context.progress,
        )?];
    } else if args.prompt.is_some() {
        return Err(Error::Usage {
            message: "--prompt goes with one folder".into(),
            hint: "pass a render folder, or one that prepare-inference made".into(),
        });
    }
    carry_out(&files, &args.execution, &options, context)
}

pub fn inference(args: InferenceArgs, context: &Context) -> Result<Outcome, Error> {
    let options = RunOptions {
        upscale: false,
        ..args.execution.options(None, context)
    };
    carry_out(&args.files, &args.execution, &options, context)
}

pub fn upscale(args: UpscaleOnlyArgs, context: &Context) -> Result<Outcome, Error> {
    let options = args.execution.options(Some(&args.upscale), context);
    let is_video = |file: &PathBuf| {
        let extension = file.extension();
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("mp4"))
    };
    if !args.files.iter().any(is_video) {
        let options = RunOptions {
            inference: false,
            ..options
        };
        return carry_out(&args.files, &args.execution, &options, context);
    }
    let Some(prompt) = args.prompt.filter(|_| args.files.iter().all(is_video)) else {
        return Err(Error::Usage {
            message: "a video is to be upscaled, and nothing says what it shows".into(),
            hint: "pass videos only, and what they show: --prompt \"a rainy street at night\""
                .into(),
        });
    };
    let runs: Result<Vec<PathBuf>, Error> = args
        .files
        .iter()
        .map(|video| {
            let of_video = UpscaleOptions {
                video: video.clone(),
                prompt: prompt.clone(),
                negative_prompt: args.negative_prompt.clone(),
            };
            run_of_video(&of_video, &context.config, &context.progress)
        })
        .collect();
    carry_out(&runs?, &args.execution, &options, context)
}

impl ExecutionArgs {
    fn options(&self, upscale: Option<&UpscaleArgs>, context: &Context) -> RunOptions {
        let (num_gpu, cuda_devices) = devices(self.num_gpu, self.cuda_devices.as_deref());
        RunOptions {
            upscale_weight: upscale.and_then(|upscale| upscale.upscale_weight),
            upscale_steps: upscale.and_then(|upscale| upscale.upscale_steps),
            num_gpu,
            cuda_devices,
            model: self.model,
            videos: self.videos_subdir.as_ref().map(|folder| {
                let inside = context.config.paths.local_videos_dir.join(folder);
                if inside.is_dir() {
                    inside
                } else {
                    folder.clone()
                }
            }),
            detach: self.detach,
            check_host: !self.no_host_check,
            ..RunOptions::default()
        }
    }
}

/// The number of GPUs and their names, of which either may be left out.
pub fn devices(num_gpu: Option<u32>, cuda_devices: Option<&str>) -> (u32, String) {
    match (num_gpu, cuda_devices) {
        (num_gpu, None) => {
            let num_gpu = num_gpu.unwrap_or(1);
            let devices: Vec<String> = (0..num_gpu).map(|device| device.to_string()).collect();
            (num_gpu, devices.join(","))
        }
        (Some(num_gpu), Some(devices)) => (num_gpu, devices.to_owned()),
        (None, Some(devices)) => {
            let count = devices.split(',').count();
            (u32::try_from(count).unwrap_or(u32::MAX), devices.to_owned())
        }
    }
}

fn carry_out(
    files: &[PathBuf],
    execution: &ExecutionArgs,
    options: &RunOptions,
    context: &Context,
) -> Result<Outcome, Error> {
    let files = files
        .iter()
        .map(|file| context.spec_file(file))
        .collect::<Result<Vec<_>, _>>()?;
    if execution.dry_run {
        let orchestrator = WorkflowOrchestrator::without_host(context.config.clone());
        for file in &files {
            let dry_run = orchestrator.dry_run(file, options, &context.progress)?;
            context.output.dry_run(&dry_run);
        }
        return Ok(Outcome::Done);
    }
    let orchestrator = orchestrator(context)?;
    let stop = Stop {
        leave: context.cancel.clone(),
        end: context.end.clone(),
        patience: if ui::is_terminal() {
            PATIENCE
        } else {
            Duration::ZERO
        },
    };
    let mut results = Vec::new();
    for file in &files {
        let result = orchestrator.run(file, options, &stop, &context.progress);
        let failed = result.is_err();
        match result {
            Err(error) if files.len() == 1 => return Err(error),
            result => results.push((file.as_path(), result)),
        }
        if failed && (!execution.keep_going || stop.leave.is_cancelled()) {
            break;
        }
    }
    let next = |path: &Path| context.next_command(&["run", &super::path_argument(path)]);
    context.output.ran(&results, files.len(), &next);
    let first_failure = results.iter().find_map(|(_, result)| result.as_ref().err());
    Ok(first_failure.map_or(Outcome::Done, |error| Outcome::Failed(error.exit_code())))
}

/// The orchestrator of the configured host.
pub fn orchestrator(context: &Context) -> Result<WorkflowOrchestrator, Error> {
    let login = Login::of_process(ui::ask_passphrase);
    let orchestrator =
        WorkflowOrchestrator::new(context.config.clone(), login, context.home.as_deref())?;
    Ok(orchestrator)
}
