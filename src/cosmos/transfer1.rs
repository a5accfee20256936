//! Cosmos-Transfer1: `transfer.py` reads a controlnet spec whose plain keys set flags and whose objects are
//! controls. It is the one model that upscales, as a second run with a spec of its own, and it upscales the results
//! of the others too.

use serde_json::{Value, json};

use super::{
    Invocation, Job, Model, Options, Overrides, PROMPTS, Plan, Refused, Request, Settings, Shape,
    SpecFile, Split, Upscale, WORKDIR, check_gpus, check_seed, check_tier, control_key, mask_path,
    note_unknown, note_unused, processing, refuse_given, tiers, uploads, upscaled, video_path,
    weighted, words,
};
use crate::modality::Modality;
use crate::size::Size;
use crate::specs::{PromptSpec, RunSpec};
use crate::video_info::VideoInfo;

const MODEL: Model = Model::Transfer1;
/// Below this the program wants an input video to start from.
const SIGMA_WITHOUT_INPUT: f64 = 80.0;
/// Frames of a window. A map of control weights covers one window
/// (`inference_utils.py:load_spatial_temporal_weights`).
const WINDOW: u64 = 121;
/// New frames of each window but the first.
const STRIDE: u64 = WINDOW - 1;
/// The name of the checkpoint that needs one step (`--use_distilled`).
const DISTILLED: &str = "distilled";
/// The only size tier.
const TIER: &str = "720";
/// Steps of upscaling; the example of the program's documentation uses ten.
const UPSCALING_STEPS: u32 = 10;
/// How closely the larger version follows the video where nobody says: as in the program's example.
const UPSCALING_WEIGHT: f64 = 0.5;
/// Makes a map of control weights of a mask, in the container, where torch is.
const WEIGHT_MAP_SCRIPT: &str = include_str!("weight_map.py");

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    if request.run.parameters.upscale_only {
        return plan_upscaling(request);
    }
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let parameters = &run.parameters;
    refuse_given(
        MODEL,
        &[
            ("style_image", parameters.style_image.is_some()),
            ("protected_area", parameters.protected_area.is_some()),
        ],
    )?;
    if parameters.guardrails == Some(false) {
        return Err(Refused::new(
            MODEL,
            "guardrails",
            "off",
            "on: the program cannot do without",
        ));
    }
    let overrides = Overrides::of(MODEL, request)?;
    let controls = weighted(MODEL, request, &mut notes)?;
    note_unused(parameters, &controls, &mut notes);
    note_unknown(MODEL, request, &mut notes);
    let tier = parameters.resolution_tier.as_deref().unwrap_or(TIER);
    check_tier(MODEL, tier)?;
    let is_distilled = match parameters.checkpoint.as_deref() {
        None => overrides.is_on("use_distilled"),
        Some(DISTILLED) => true,
        Some(other) => {
            return Err(Refused::new(
                MODEL,
                "checkpoint",
                format!("{other:?}"),
                format!(
                    "{DISTILLED:?}; the checkpoint of one control is set with <control>.ckpt_path"
                ),
            ));
        }
    };
    if is_distilled {
        if !matches!(controls.as_slice(), [only] if only.modality == Modality::Edge) {
            return Err(Refused::new(
                MODEL,
                "checkpoint",
                format!("{DISTILLED:?}"),
                "edge as the only control with a weight",
            ));
        }
        notes.push(
            "the distilled checkpoint ignores guidance, the negative prompt and the input video"
                .into(),
        );
    }

    let has_input = prompt.input_video_path.is_some();
    let sigma_max = match parameters.sigma_max {
        Some(sigma) if !has_input && sigma < SIGMA_WITHOUT_INPUT => {
            return Err(Refused::new(
                MODEL,
                "sigma_max",
                sigma.to_string(),
                format!("{SIGMA_WITHOUT_INPUT} or more without an input video"),
            ));
        }
        None if !has_input => {
            notes.push(format!(
                "sigma_max is {SIGMA_WITHOUT_INPUT}: there is no input video"
            ));
            Some(SIGMA_WITHOUT_INPUT)
        }
        given => given,
    };
    let frames = request.video.map(|video| video.frame_count);
    if frames == Some(1) {
        return Err(one_frame());
    }
    let processing = processing(&settings(tier), request.video, &mut notes)?;
    check_gpus(
        options.num_gpu,
        &split(overrides.get("regional_prompts").is_some()),
    )?;
    let windows = processing
        .as_ref()
        .map(|processing| processing.windows.count);
    check_seed(MODEL, overrides.seed(parameters), windows, has_input)?;
    let fps = match parameters.fps {
        Some(fps) => Some(json!(fps)),
        None => request.video.map(rate),
    };
    let num_steps = match parameters.num_steps {
        Some(steps) => steps,
        // The distilled network was made for a single step.
        None if is_distilled => 1,
        None if parameters.draft => {
            notes.push(format!(
                "draft: {} steps instead of {}, and no 4K version",
                super::DRAFT_STEPS,
                options.num_steps
            ));
            super::DRAFT_STEPS
        }
        None => options.num_steps,
    };

    let mut call = Invocation::new(options);
    call.set("prompt", &prompt.prompt);
    // Without text the program keeps its own; it fails on an empty one.
    if !prompt.negative_prompt.is_empty() {
        call.set("negative_prompt", &prompt.negative_prompt);
    }
    if has_input {
        call.set("input_video_path", video_path(prompt, Modality::Color));
    }
    call.set("num_steps", num_steps);
    call.set(
        "guidance",
        parameters.guidance_scale.unwrap_or(options.guidance_scale),
    );
    call.set("seed", parameters.seed);
    call.set("fps", &fps);
    call.set("sigma_max", sigma_max);
    call.set("blur_strength", parameters.blur_strength);
    call.set("canny_threshold", parameters.canny_threshold);
    let name = run.slug();
    let mut maps = WeightMaps::new(&name);
    for control in &controls {
        let mut object = json!({"control_weight": control.weight});
        if control.has_video {
            object["input_control"] = json!(video_path(prompt, control.modality));
        } else if control.modality == Modality::Segmentation
            && let Some(text) = &parameters.control_prompt
        {
            object["input_control_prompt"] = json!(text);
        }
        if let Some(mask) = mask_path(request, control.modality) {
            check_mask(request, control.modality, frames)?;
            object["control_weight"] = json!(maps.add(control.modality, &mask, control.weight));
        }
        call.set(control_key(MODEL, control.modality), object);
    }
    if is_distilled {
        call.switch("--use_distilled");
    }
    offload(&mut call, options);
    if overrides.is_on("upsample_prompt") && options.offload_models {
        call.switch("--offload_prompt_upsampler");
    }
    call.apply(&overrides, &mut notes)?;

    let WeightMaps {
        script, commands, ..
    } = maps;
    let mut inference = job(name.clone(), call, options, parameters.keep_controls);
    inference.windows = windows;
    inference.prepare = commands;
    inference.files.extend(script);
    let upscaling = upscaled(request, &inference, fps, !parameters.draft)?;
    Ok(Plan {
        model: MODEL,
        uploads: uploads(request, &controls, true),
        inference,
        upscaling,
        processing,
        notes,
    })
}

fn settings(tier: &str) -> Settings<'_> {
    Settings {
        model: MODEL,
        checkpoint: None,
        tier,
        window: None,
        overlap: None,
        max_frames: None,
    }
}

fn split(regional_prompts: bool) -> Split<'static> {
    Split {
        model: MODEL,
        checkpoint: None,
        distilled: false,
        regional_prompts,
        throughput: false,
        window: None,
        size: tiers(MODEL)[0].size(Shape::Wide),
    }
}

/// Frames a second of a video. The program takes a fraction in a spec, though not as an option of its command, and
/// its writer keeps two digits of it.
fn rate(video: &VideoInfo) -> Value {
    if video.fps.is_fractional() {
        json!((video.fps.as_f64() * 1000.0).round() / 1000.0)
    } else {
        json!(video.fps.num() / video.fps.den())
    }
}

/// Refuses a mask that the program would stretch over other frames than it was made for.
fn check_mask(
    request: &Request<'_>,
    control: Modality,
    frames: Option<u64>,
) -> Result<(), Refused> {
    let (Some(frames), Some(&of_mask)) = (frames, request.mask_frames.get(&control)) else {
        return Ok(());
    };
    let refused =
        |value: String, expected: String| Err(Refused::new(MODEL, "masks", value, expected));
    if of_mask > 1 && frames > WINDOW {
        return refused(
            format!("a video for {control}, and the shot has {frames} frames"),
            format!(
                "a picture: the program stretches a map of several frames over the first window of {WINDOW}, \
                 so a mask that moves needs a shot of {WINDOW} frames or less"
            ),
        );
    }
    if frames > WINDOW && (frames - 1) % STRIDE == 0 {
        return refused(
            format!("for {control}, and the shot has {frames} frames"),
            format!(
                "another length, {} say: the program fails with a mask at this one",
                frames - 1
            ),
        );
    }
    if of_mask > 1 && of_mask != frames {
        return refused(
            format!("a video of {of_mask} frames for {control}"),
            format!("{frames} frames, as the shot has"),
        );
    }
    Ok(())
}

/// The maps of control weights that are made in the container before the program starts.
struct WeightMaps<'a> {
    job: &'a str,
    script: Option<SpecFile>,
    commands: Vec<Vec<String>>,
}

impl<'a> WeightMaps<'a> {
    fn new(job: &'a str) -> Self {
        Self {
            job,
            script: None,
            commands: Vec::new(),
        }
    }

    /// Adds the map of a control. Returns its path.
    fn add(&mut self, control: Modality, mask: &str, weight: f64) -> String {
        let script = self.script.get_or_insert_with(|| SpecFile {
            path: format!("{PROMPTS}/{}_weights.py", self.job),
            content: Value::String(WEIGHT_MAP_SCRIPT.to_owned()),
        });
        let map = format!("outputs/{}/{control}_weights.pt", self.job);
        let (weight, frames) = (weight.to_string(), WINDOW.to_string());
        self.commands.push(words(&[
            "python",
            &script.path,
            mask,
            &weight,
            &frames,
            &map,
        ]));
        map
    }
}

/// What upscaling is made from.
#[derive(Clone, Debug)]
pub struct Upscaling<'a> {
    /// What the job is called.
    pub name: String,
    /// The run whose result it is.
    pub run: &'a RunSpec,
    /// Its prompt. The program's own would pull the result towards a photograph.
    pub prompt: &'a PromptSpec,
    /// The result, as seen from the checkout of Transfer1.
    pub video: &'a str,
    /// Its frames a second, a number; the program's own 24 if `None`.
    pub fps: Option<Value>,
    /// How it is done.
    pub upscale: Upscale,
    /// How it is executed.
    pub options: &'a Options,
}

/// The job that upscales a video to 4K. The program stretches any video to its working size,
/// 704 lines for landscape, and makes three times that of it.
///
/// # Errors
/// [`Refused`] for a weight that is not 0 to 1, and a number of GPUs that Transfer1 cannot split a clip over.
pub fn upscaling(of: &Upscaling<'_>) -> Result<Job, Refused> {
    let weight = of.upscale.weight;
    if !(0.0..=1.0).contains(&weight) {
        return Err(Refused::new(
            MODEL,
            "upscale_weight",
            weight.to_string(),
            "a number from 0 to 1",
        ));
    }
    check_gpus(of.options.num_gpu, &split(false))?;
    let mut call = Invocation::new(of.options);
    call.set("prompt", &of.prompt.prompt);
    if !of.prompt.negative_prompt.is_empty() {
        call.set("negative_prompt", &of.prompt.negative_prompt);
    }
    call.set("input_video_path", of.video);
    call.set("num_steps", of.upscale.steps.unwrap_or(UPSCALING_STEPS));
    call.set("seed", of.run.parameters.seed);
    call.set("fps", &of.fps);
    call.set("upscale", json!({"control_weight": weight}));
    offload(&mut call, of.options);
    Ok(job(of.name.clone(), call, of.options, false))
}

/// The plan of a run that makes nothing but a larger version of its input video.
fn plan_upscaling(request: &Request<'_>) -> Result<Plan, Refused> {
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let Some(video) = request.video.filter(|_| prompt.input_video_path.is_some()) else {
        return Err(Refused::new(
            MODEL,
            "input_video_path",
            "missing",
            "the video to upscale",
        ));
    };
    let mut notes = Vec::new();
    let processing = processing(&settings(TIER), request.video, &mut notes)?;
    if video.frame_count == 1 {
        return Err(one_frame());
    }
    let size = Size::new(video.width, video.height);
    if let Some(processing) = &processing
        && processing.working_size.size != size
    {
        notes.push(format!(
            "{size} is stretched to {} before it is upscaled",
            processing.working_size.size
        ));
    }
    let upscale = options.upscale.unwrap_or(Upscale {
        weight: UPSCALING_WEIGHT,
        steps: None,
    });
    let mut inference = upscaling(&Upscaling {
        // It is the only job of its run.
        name: run.slug(),
        run,
        prompt,
        video: &video_path(prompt, Modality::Color),
        fps: Some(match run.parameters.fps {
            Some(fps) => json!(fps),
            None => rate(video),
        }),
        upscale,
        options,
    })?;
    inference.windows = processing
        .as_ref()
        .map(|processing| processing.windows.count);
    Ok(Plan {
        model: MODEL,
        uploads: uploads(request, &[], true),
        inference,
        upscaling: None,
        processing,
        notes,
    })
}

fn one_frame() -> Refused {
    Refused::new(
        MODEL,
        "frames",
        "1",
        "2 or more: the program makes no stills",
    )
}

fn offload(call: &mut Invocation, options: &Options) {
    if options.offload_models {
        for switch in [
            "--offload_diffusion_transformer",
            "--offload_text_encoder_model",
            "--offload_guardrail_models",
        ] {
            call.switch(switch);
        }
    }
}

fn job(name: String, mut call: Invocation, options: &Options, keep_controls: bool) -> Job {
    let path = format!("{PROMPTS}/{name}.json");
    let output_dir = format!("outputs/{name}");
    let gpus = options.num_gpu.to_string();
    let mut argv = words(&[
        "torchrun",
        &format!("--nproc_per_node={gpus}"),
        "--nnodes=1",
        "--node_rank=0",
        "cosmos_transfer1/diffusion/inference/transfer.py",
        "--checkpoint_dir",
        "./checkpoints",
        "--video_save_folder",
        &output_dir,
        "--controlnet_specs",
        &path,
        "--num_gpus",
        &gpus,
    ]);
    argv.extend(call.flag_words());
    let identity = call.identity();
    // The program imports its own package from the checkout.
    call.env("PYTHONPATH", WORKDIR);
    Job {
        model: MODEL,
        files: vec![SpecFile {
            path,
            content: Value::Object(call.spec),
        }],
        env: call.env,
        prepare: Vec::new(),
        argv,
        identity,
        video: format!("{output_dir}/output.mp4"),
        extra_outputs: vec![format!("{output_dir}/output.txt")],
        output_dir,
        name,
        windows: None,
        // Its log tells windows only.
        steps: None,
        keep_controls,
    }
}
