//! Cosmos 3: the Cosmos Framework reads a sample with one or several controls, refuses every key that it does not
//! know, and writes `<output folder>/<name of the sample>/vision.mp4`, or a `.jpg` of a single frame.

use serde_json::{Map, Value, json};

use super::{
    Control, Invocation, Job, Model, Overrides, PROMPTS, Plan, Refused, Request, Settings, Shape,
    SpecFile, Split, check_gpus, check_seed, check_tier, control_key, default_tier,
    note_no_upscaler, note_unknown, note_unused, processing, refuse_given, uploads, upscaled,
    video_path, weighted, words,
};
use crate::modality::Modality;
use crate::size::Size;

const MODEL: Model = Model::Cosmos3;
/// Frames generated in one go, as in every sample that NVIDIA publishes for these controls.
const WINDOW: u64 = 121;
/// Steps of a run that does not say (`defaults/video2video/sample_args.json`).
const STEPS: u32 = 35;
/// What the program takes for a single control (`args.py:_TRANSFER_DEFAULTS`). For several it would take its
/// defaults for videos without controls.
const GUIDANCE: f64 = 3.0;
const CONTROL_GUIDANCE: f64 = 1.5;
/// The checkpoints that the program knows by name and that take controls, ours first, and what they are also called.
const CHECKPOINTS: [(&str, &str); 3] = [
    ("Cosmos3-Nano", "nano"),
    ("Cosmos3-Edge", "edge"),
    ("Cosmos3-Super", "super"),
];
/// A checkpoint that is given as a folder and has rules of its own: one control, one GPU.
const SIM_TRANSFER: &str = "Sim-Transfer";

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let parameters = &run.parameters;
    refuse_given(
        MODEL,
        &[
            ("masks", !parameters.masks.is_empty()),
            ("style_image", parameters.style_image.is_some()),
            ("protected_area", parameters.protected_area.is_some()),
            ("control_prompt", parameters.control_prompt.is_some()),
        ],
    )?;
    if let Some(guidance) = parameters.guidance_scale
        && !(0.0..=7.0).contains(&guidance)
    {
        return Err(Refused::new(
            MODEL,
            "guidance_scale",
            guidance.to_string(),
            "a number from 0 to 7 (its own default with a single control is 3)",
        ));
    }
    let overrides = Overrides::of(MODEL, request)?;
    let controls = weighted(MODEL, request, &mut notes)?;
    note_unused(parameters, &controls, &mut notes);
    note_unknown(MODEL, request, &mut notes);
    if parameters.sigma_max.is_some() {
        notes.push(format!(
            "sigma_max is left out: the sampler of {MODEL} does not use it"
        ));
    }
    note_no_upscaler(MODEL, options, &mut notes);
    let checkpoint = checkpoint(parameters.checkpoint.as_deref())?;
    let is_sim = checkpoint.contains(SIM_TRANSFER);
    if is_sim && options.num_gpu > 1 {
        return Err(Refused::new(
            MODEL,
            "num_gpu",
            options.num_gpu.to_string(),
            "1 for this checkpoint",
        ));
    }
    if is_sim && controls.len() > 1 {
        return Err(Refused::new(
            MODEL,
            "control_weights",
            format!("above 0 for {} controls", controls.len()),
            "one control for this checkpoint",
        ));
    }
    let Some(video) = request.video else {
        return Err(Refused::new(
            MODEL,
            "control_inputs",
            "without a video",
            "one of a control at least",
        ));
    };

    let own_tier = default_tier(MODEL, Some(&checkpoint));
    let tier = match (
        overrides.text("resolution"),
        parameters.resolution_tier.as_deref(),
    ) {
        (Some(tier), _) | (None, Some(tier)) => tier,
        (None, None) if parameters.draft => {
            let smaller = if own_tier == "720" { "480" } else { "256" };
            notes.push(format!("draft: resolution {smaller} instead of {own_tier}"));
            smaller
        }
        (None, None) => own_tier,
    };
    check_tier(MODEL, tier)?;
    let steps = match (parameters.num_steps, parameters.draft && !is_sim) {
        (None, true) => {
            notes.push(format!(
                "draft: {} steps instead of {STEPS}",
                super::DRAFT_STEPS
            ));
            Some(super::DRAFT_STEPS)
        }
        (given, _) => given,
    };
    let mut max_frames = overrides.number("max_frames");
    if parameters.draft && max_frames.is_none() && video.frame_count > WINDOW {
        max_frames = Some(WINDOW);
        notes.push(format!("draft: the first {WINDOW} frames only"));
    }
    let settings = Settings {
        model: MODEL,
        checkpoint: Some(&checkpoint),
        tier,
        window: overrides.number("num_video_frames_per_chunk"),
        overlap: overrides.number("num_conditional_frames"),
        max_frames,
    };
    let processing = processing(&settings, request.video, &mut notes)?;
    check_gpus(
        options.num_gpu,
        &Split {
            model: MODEL,
            checkpoint: Some(&checkpoint),
            distilled: false,
            regional_prompts: false,
            throughput: overrides.text("parallelism_preset") == Some("throughput"),
            window: settings.window,
            size: processing
                .as_ref()
                .map_or(Size::new(1280, 720), |of| of.working_size.size),
        },
    )?;
    let frames = processing
        .as_ref()
        .map_or(video.frame_count, |of| of.windows.frames);
    let windows = processing
        .as_ref()
        .map(|processing| processing.windows.count);
    // The real video is needed to derive a control from it, and to start from its own first frames.
    let first_frames = overrides
        .number("num_first_chunk_conditional_frames")
        .unwrap_or(0);
    let needs_input = first_frames > 0 || controls.iter().any(|control| !control.has_video);
    if needs_input && prompt.input_video_path.is_none() {
        return Err(Refused::new(
            MODEL,
            "input_video_path",
            "missing",
            "one, as the result is to start from its first frames",
        ));
    }
    if prompt.input_video_path.is_some() && !needs_input {
        notes.push(format!(
            "the input video is not used: {MODEL} is guided by the controls alone"
        ));
    }
    check_seed(MODEL, overrides.seed(parameters), windows, needs_input)?;
    let own_rate = video.fps.cut_to_whole();
    let fps = match parameters.fps {
        Some(given) if needs_input && given != own_rate => {
            notes.push(format!(
                "fps is left out: {MODEL} keeps the rate of the input video"
            ));
            own_rate
        }
        given => given.unwrap_or(own_rate),
    };

    let name = run.slug();
    let path = format!("{PROMPTS}/{name}.json");
    let mut call = Invocation::new(options);
    call.flag("--parallelism-preset", "latency");
    call.flag("-i", &path);
    call.flag("-o", "outputs/");
    call.flag("--checkpoint-path", &checkpoint);
    call.set("name", &name);
    call.set("model_mode", "video2video");
    call.set("prompt", caption(&prompt.prompt));
    if !prompt.negative_prompt.is_empty() {
        call.set("negative_prompt", caption(&prompt.negative_prompt));
    }
    // As in the published samples: the negative prompt stays as it is written.
    call.set("negative_metadata_mode", "none");
    call.set("negative_prompt_keep_metadata", false);
    if tier != own_tier {
        call.set("resolution", tier);
    }
    let shape = Shape::of(Size::new(video.width, video.height));
    call.set("aspect_ratio", shape.key());
    call.set("num_frames", frames);
    call.set("max_frames", max_frames);
    call.set("fps", fps);
    call.set("num_steps", steps);
    call.set("seed", parameters.seed);
    call.set("num_video_frames_per_chunk", WINDOW);
    call.set("num_conditional_frames", 1);
    call.set("num_first_chunk_conditional_frames", 0);
    call.set("share_vision_temporal_positions", true);
    call.set("guidance", parameters.guidance_scale);
    if controls.len() > 1 {
        if parameters.guidance_scale.is_none() {
            call.set("guidance", GUIDANCE);
        }
        call.set("control_guidance", CONTROL_GUIDANCE);
    }
    let from_spec = |modality| format!("../../{}", video_path(prompt, modality));
    if needs_input {
        call.set("vision_path", from_spec(Modality::Color));
    }
    for control in &controls {
        call.set(
            control_key(MODEL, control.modality),
            control_object(request, control, controls.len() > 1),
        );
    }
    if parameters.guardrails == Some(false) {
        call.switch("--no-guardrails");
    } else if options.offload_models {
        call.switch("--offload-guardrail-models");
    }
    if options.num_gpu > 1 && !checkpoint.contains("Super") {
        // As the documentation wants it on several GPUs: each then holds all weights, for which Super is too large.
        call.flag("--dp-shard-size", "1");
    }
    call.apply(&overrides, &mut notes)?;

    let identity = call.identity();
    let mut argv = words(&[
        "torchrun",
        &format!("--nproc-per-node={}", options.num_gpu),
        "-m",
        "cosmos_framework.scripts.inference",
    ]);
    argv.extend(call.flag_words());
    let output_dir = format!("outputs/{name}");
    let extension = if frames == 1 { "jpg" } else { "mp4" };
    let job_steps = overrides
        .number("num_steps")
        .and_then(|set| u32::try_from(set).ok());
    let inference = Job {
        model: MODEL,
        files: vec![SpecFile {
            path,
            content: Value::Object(call.spec),
        }],
        env: call.env,
        prepare: Vec::new(),
        argv,
        identity,
        video: format!("{output_dir}/vision.{extension}"),
        extra_outputs: Vec::new(),
        output_dir,
        name,
        windows,
        steps: job_steps.or(steps).or(Some(STEPS)).filter(|_| !is_sim),
        keep_controls: parameters.keep_controls,
    };
    let will_upscale = options.has_upscaler && !parameters.draft && frames > 1;
    let upscaling = upscaled(request, &inference, Some(json!(fps)), will_upscale)?;
    Ok(Plan {
        model: MODEL,
        uploads: uploads(request, &controls, needs_input),
        inference,
        upscaling,
        processing,
        notes,
    })
}

/// What the program is told to load.
fn checkpoint(given: Option<&str>) -> Result<String, Refused> {
    let Some(given) = given else {
        return Ok(CHECKPOINTS[0].0.to_owned());
    };
    let known = CHECKPOINTS.iter().find(|(name, short)| {
        given.eq_ignore_ascii_case(name) || given.eq_ignore_ascii_case(short)
    });
    match known {
        Some((name, _)) => Ok((*name).to_owned()),
        // A name of the Hugging Face hub would pass for a folder that is not there.
        None if given.contains('/') && !given.starts_with("nvidia/") => Ok(given.to_owned()),
        None => Err(Refused::new(
            MODEL,
            "checkpoint",
            format!("{given:?}"),
            "Cosmos3-Nano, Cosmos3-Edge, Cosmos3-Super, or the path of a folder on the host",
        )),
    }
}

fn control_object(request: &Request<'_>, control: &Control, is_one_of_several: bool) -> Value {
    let parameters = &request.run.parameters;
    let mut object = Map::new();
    if control.has_video {
        let path = video_path(request.prompt, control.modality);
        object.insert("control_path".into(), json!(format!("../../{path}")));
    } else if let (Modality::Vis, Some(strength)) = (control.modality, parameters.blur_strength) {
        object.insert("preset_blur_strength".into(), json!(strength));
    } else if let (Modality::Edge, Some(strength)) = (control.modality, parameters.canny_threshold)
    {
        object.insert("preset_edge_threshold".into(), json!(strength));
    }
    if is_one_of_several {
        object.insert("weight".into(), json!(control.weight));
    }
    Value::Object(object)
}

/// `text` as the program reads it: a structured caption on one line, any other text as it is.
fn caption(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(caption)) => Value::Object(caption).to_string(),
        _ => text.to_owned(),
    }
}
