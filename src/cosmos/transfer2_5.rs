//! Cosmos-Transfer2.5: `examples/inference.py` reads a JSON file without a key too many, with paths that count
//! from the file itself, and writes `<output folder>/<name of the sample>.mp4`, or a `.jpg` of a single frame.

use serde_json::{Value, json};

use super::{
    Control, Invocation, Job, Model, Overrides, PROMPTS, Plan, Refused, Request, Settings,
    SpecFile, Split, WORKDIR, asset_path, check_gpus, check_tier, control_key, default_tier,
    mask_path, note_no_upscaler, note_unknown, note_unused, processing, uploads, upscaled,
    video_path, weighted, words,
};
use crate::modality::Modality;
use crate::size::Size;

const MODEL: Model = Model::Transfer2_5;
/// The name of the sample, so that the result is `output.mp4` as with Transfer1.
pub(super) const SAMPLE: &str = "output";
/// Frames of a window, which is what the networks were trained on.
const WINDOW: u64 = 93;
/// Steps of a run that does not say (`config.py:InferenceArguments`), and of the distilled network.
const STEPS: u32 = 35;
const DISTILLED_STEPS: u32 = 4;
/// The checkpoint that needs four steps, as we and as the program call it.
const DISTILLED: [&str; 2] = ["distilled", "edge/distilled"];

/// Whether the program takes this guidance: a whole number from 0 to 7.
fn takes_guidance(guidance: f64) -> bool {
    (0.0..=7.0).contains(&guidance) && guidance.fract() == 0.0
}

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let parameters = &run.parameters;
    if prompt.input_video_path.is_none() {
        return Err(Refused::new(MODEL, "input_video_path", "missing", "one"));
    }
    if let Some(guidance) = parameters.guidance_scale
        && !takes_guidance(guidance)
    {
        return Err(Refused::new(
            MODEL,
            "guidance_scale",
            guidance.to_string(),
            "a whole number from 0 to 7 (its own default is 3)",
        ));
    }
    let overrides = Overrides::of(MODEL, request)?;
    let controls = weighted(MODEL, request, &mut notes)?;
    note_unused(parameters, &controls, &mut notes);
    note_unknown(MODEL, request, &mut notes);
    if parameters.fps.is_some() {
        notes.push(format!(
            "fps is left out: {MODEL} keeps the rate of the input video"
        ));
    }
    if parameters.sigma_max.is_some() {
        notes.push(format!(
            "sigma_max is left out: {MODEL} takes it and ignores it"
        ));
    }
    note_no_upscaler(MODEL, options, &mut notes);
    check_style(request, &overrides, &controls)?;
    check_masks(request)?;

    let tier = overrides
        .text("resolution")
        .or(parameters.resolution_tier.as_deref())
        .unwrap_or_else(|| default_tier(MODEL, None));
    check_tier(MODEL, tier)?;
    let mut call = Invocation::new(options);
    let is_distilled = checkpoint(request, &overrides, &controls, &mut call, &mut notes)?;

    let all_frames = request.video.map(|video| video.frame_count);
    let is_still = all_frames == Some(1);
    let steps = match (parameters.num_steps, parameters.draft) {
        (None, true) if !is_distilled => Some(super::DRAFT_STEPS),
        (given, _) => given,
    };
    let mut max_frames = overrides.number("max_frames");
    if parameters.draft && max_frames.is_none() && all_frames.is_some_and(|all| all > WINDOW) {
        max_frames = Some(WINDOW);
        notes.push(format!("draft: the first {WINDOW} frames only"));
    }
    if parameters.draft && steps == Some(super::DRAFT_STEPS) {
        notes.push(format!(
            "draft: {} steps instead of {STEPS}",
            super::DRAFT_STEPS
        ));
    }
    let window = match is_still {
        true => Some(1),
        false => overrides.number("num_video_frames_per_chunk"),
    };
    let overlap = match is_still {
        true => Some(0),
        false => overrides.number("num_conditional_frames"),
    };
    let settings = Settings {
        model: MODEL,
        checkpoint: None,
        tier,
        window,
        overlap,
        max_frames,
    };
    let processing = processing(&settings, request.video, &mut notes)?;
    check_gpus(
        options.num_gpu,
        &Split {
            model: MODEL,
            checkpoint: None,
            distilled: is_distilled,
            regional_prompts: false,
            throughput: false,
            window,
            size: processing
                .as_ref()
                .map_or(Size::new(1280, 704), |of| of.working_size.size),
        },
    )?;
    let frames = processing
        .as_ref()
        .map(|processing| processing.windows.frames);
    let windows = processing
        .as_ref()
        .map(|processing| processing.windows.count);
    if is_distilled && frames.is_some_and(|frames| frames > WINDOW) {
        notes.push(format!(
            "the distilled checkpoint was not trained for more than {WINDOW} frames"
        ));
    }
    let will_upscale =
        options.upscale.is_some() && options.has_upscaler && !parameters.draft && !is_still;

    let from_spec = |path: String| format!("../../{path}");
    call.set("name", SAMPLE);
    call.set("prompt", &prompt.prompt);
    // Without text the program keeps its own; an empty one is blocked by its guardrail.
    if !prompt.negative_prompt.is_empty() {
        call.set("negative_prompt", &prompt.negative_prompt);
    }
    call.set("video_path", from_spec(video_path(prompt, Modality::Color)));
    call.set("num_steps", steps);
    call.set(
        "guidance",
        parameters.guidance_scale.map(|guidance| guidance as u8),
    );
    call.set("seed", parameters.seed);
    call.set("resolution", parameters.resolution_tier.as_deref());
    call.set("max_frames", max_frames);
    if is_still {
        // Otherwise the program repeats the picture until a window is full, and computes all of it.
        call.set("max_frames", 1);
        call.set("num_video_frames_per_chunk", 1);
        call.set("num_conditional_frames", 0);
    }
    if will_upscale {
        // What is upscaled is best as the model made it, and not stretched to the input's size before.
        call.set("keep_input_resolution", false);
    }
    if let Some(style) = &parameters.style_image {
        call.set(
            "image_context_path",
            from_spec(asset_path(request, "style", style)),
        );
    }
    if let Some(area) = &parameters.protected_area {
        call.set(
            "guided_generation_mask",
            from_spec(asset_path(request, "protected", area)),
        );
    }
    for control in &controls {
        call.set(
            control_key(MODEL, control.modality),
            control_object(request, control),
        );
    }
    if parameters.guardrails == Some(false) {
        call.switch("--disable-guardrails");
    }
    if options.offload_models && parameters.guardrails != Some(false) {
        call.switch("--offload-guardrail-models");
    }
    // Otherwise what a guardrail says, and which window is computed, stands in a file of the program only
    // (`cosmos_oss/init.py:_console_filter`).
    call.env("COSMOS_VERBOSE", "1");
    // The image does not hold the program's own package, and a host without a network cannot install it.
    call.env("PYTHONPATH", WORKDIR);
    if overrides
        .text("model")
        .is_some_and(|model| model.ends_with("distilled"))
    {
        call.env("COSMOS_EXPERIMENTAL_CHECKPOINTS", "1");
    }
    call.apply(&overrides, &mut notes)?;

    let identity = call.identity();
    let name = run.slug();
    let path = format!("{PROMPTS}/{name}.json");
    let output_dir = format!("outputs/{name}");
    let mut argv = match options.num_gpu {
        1 => words(&["python"]),
        gpus => words(&["torchrun", &format!("--nproc_per_node={gpus}")]),
    };
    argv.extend(words(&[
        "examples/inference.py",
        "-i",
        &path,
        "-o",
        &output_dir,
    ]));
    argv.extend(call.flag_words());
    let extension = if is_still { "jpg" } else { "mp4" };
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
        video: format!("{output_dir}/{SAMPLE}.{extension}"),
        extra_outputs: vec![format!("{output_dir}/{SAMPLE}.txt")],
        output_dir,
        name,
        windows,
        steps: Some(match (overrides.number("num_steps"), steps) {
            (Some(set), _) => u32::try_from(set).unwrap_or(u32::MAX),
            (None, Some(steps)) => steps,
            (None, None) if is_distilled => DISTILLED_STEPS,
            (None, None) => STEPS,
        }),
        keep_controls: parameters.keep_controls,
    };
    let fps = request.video.map(|video| json!(video.fps.cut_to_whole()));
    let upscaling = upscaled(request, &inference, fps, will_upscale)?;
    Ok(Plan {
        model: MODEL,
        uploads: uploads(request, &controls, true),
        inference,
        upscaling,
        processing,
        notes,
    })
}

/// Adds what chooses the network's weights. Returns whether they are those that need four steps.
fn checkpoint(
    request: &Request<'_>,
    overrides: &Overrides,
    controls: &[Control],
    call: &mut Invocation,
    notes: &mut Vec<String>,
) -> Result<bool, Refused> {
    let by_name = overrides
        .text("model")
        .filter(|name| DISTILLED.contains(name));
    let given = request.run.parameters.checkpoint.as_deref();
    let Some(checkpoint) = given.or(by_name) else {
        return Ok(false);
    };
    let [only] = controls else {
        return Err(Refused::new(
            MODEL,
            "checkpoint",
            format!("{checkpoint:?}"),
            "a single control with a weight: several controls use a network of their own",
        ));
    };
    if DISTILLED.contains(&checkpoint) {
        if only.modality != Modality::Edge {
            return Err(Refused::new(
                MODEL,
                "checkpoint",
                format!("{checkpoint:?}"),
                "edge as the only control with a weight",
            ));
        }
        call.flag("--model", DISTILLED[1]);
        call.env("COSMOS_EXPERIMENTAL_CHECKPOINTS", "1");
        notes.push("the distilled checkpoint ignores guidance and the negative prompt".into());
        return Ok(true);
    }
    if !checkpoint.contains(['/', '.']) {
        return Err(Refused::new(
            MODEL,
            "checkpoint",
            format!("{checkpoint:?}"),
            "\"distilled\", or the path of a checkpoint on the host",
        ));
    }
    call.flag("--model", control_key(MODEL, only.modality));
    call.flag("--checkpoint-path", checkpoint);
    Ok(false)
}

/// Refuses a style picture where the networks have no input for it.
fn check_style(
    request: &Request<'_>,
    overrides: &Overrides,
    controls: &[Control],
) -> Result<(), Refused> {
    let has_style = request.run.parameters.style_image.is_some()
        || overrides.get("image_context_path").is_some();
    if !has_style {
        return Ok(());
    }
    let expected = match controls {
        [only] if only.modality == Modality::Vis => {
            "another control than vis, which shows the style itself"
        }
        [_] => return Ok(()),
        _ => "a single control with a weight: the network of several has no input for a picture",
    };
    Err(Refused::new(MODEL, "style_image", "given", expected))
}

/// Refuses a mask that is shorter or longer than the shot.
fn check_masks(request: &Request<'_>) -> Result<(), Refused> {
    let Some(video) = request.video else {
        return Ok(());
    };
    let other = request
        .mask_frames
        .iter()
        .find(|(_, frames)| **frames != video.frame_count);
    match other {
        Some((control, frames)) => Err(Refused::new(
            MODEL,
            "masks",
            format!("of {frames} frames for {control}"),
            format!("{} frames, as the shot has", video.frame_count),
        )),
        None => Ok(()),
    }
}

fn control_object(request: &Request<'_>, control: &Control) -> Value {
    let parameters = &request.run.parameters;
    let from_spec = |path: String| format!("../../{path}");
    let mut object = json!({"control_weight": control.weight});
    if control.has_video {
        object["control_path"] = json!(from_spec(video_path(request.prompt, control.modality)));
    } else {
        match control.modality {
            Modality::Vis if parameters.blur_strength.is_some() => {
                object["preset_blur_strength"] = json!(parameters.blur_strength);
            }
            Modality::Edge if parameters.canny_threshold.is_some() => {
                object["preset_edge_threshold"] = json!(parameters.canny_threshold);
            }
            Modality::Segmentation if parameters.control_prompt.is_some() => {
                object["control_prompt"] = json!(parameters.control_prompt);
            }
            _ => {}
        }
    }
    if let Some(mask) = mask_path(request, control.modality) {
        object["mask_path"] = json!(from_spec(mask));
    }
    object
}
