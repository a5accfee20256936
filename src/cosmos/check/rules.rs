//! What keys mean for each other, program by program. The sources are those of the options; the reference for the
//! order of events is Transfer1 `diffusion/inference/inference_utils.py:validate_controlnet_specs`, Transfer2.5
//! `config.py:InferenceArguments.model_post_init`, Cosmos 3 `inference/args.py:TransferDataOverrides`.

use serde_json::Value;

use super::super::{Model, largest_seed};
use super::Finding;
use super::sample::{Control, Sample, text};
use super::videos::Clip;

/// Noise from which on Transfer1 runs without an input video.
const SIGMA_WITHOUT_INPUT: f64 = 80.0;
/// Transfer1's noise level if the spec does not say.
const DEFAULT_SIGMA: f64 = 70.0;

pub(super) fn judge(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    no_control(sample, found);
    empty_texts(sample, found);
    match sample.model {
        Model::Transfer1 => transfer1(sample, found),
        Model::Transfer2_5 => transfer2_5(sample, found),
        Model::Cosmos3 => cosmos3(sample, found),
    }
}

/// Whether each window's seed can be told to the random numbers.
pub(super) fn judge_seed(sample: &Sample<'_>, clip: Clip, found: &mut Vec<Finding>) {
    let model = sample.model;
    if model == Model::Cosmos3 && !sample.has("seed") {
        found.push(
            Finding::warning(
                "seed.missing",
                "without a seed the result depends on what ran before",
            )
            .at("seed")
            .help("give one, to get the same result again"),
        );
    }
    let (Some(seed), Some(windows)) = (sample.whole("seed"), clip.windows) else {
        return;
    };
    let largest = u64::from(largest_seed(model, windows, sample.input().is_some()));
    // What does not even fit by itself is said of its value.
    if seed > largest && seed <= u64::from(u32::MAX) {
        found.push(
            Finding::error(
                "seed.too-large",
                format!("the seed {seed} is too large for {windows} windows"),
            )
            .at("seed")
            .help(format!(
                "{largest} is the largest that works for this length"
            )),
        );
    }
}

fn no_control(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    if !sample.controls.is_empty() {
        return;
    }
    let finding = match sample.model {
        Model::Transfer1 => Finding::error(
            "controls.none",
            "there is no control: the program accepts the spec and fails later",
        ),
        Model::Transfer2_5 => Finding::error(
            "controls.none",
            "there is no control, which the program refuses",
        ),
        Model::Cosmos3 => {
            Finding::warning("controls.none", "there is no control: this is no transfer")
        }
    };
    found.push(finding);
    let of_transfer = "inference/args.py:TransferDataOverrides";
    let program = super::options::program(sample.model);
    let lost = program.options.iter().find(|option| {
        sample.model == Model::Cosmos3
            && option.source == of_transfer
            && sample.has(&option.key)
            // The value that means "off" is let through.
            && !(option.key == "control_guidance" && sample.number(&option.key) == Some(1.0))
    });
    if let Some(option) = lost {
        found.push(
            Finding::error(
                "controls.needed",
                format!(
                    "{} needs a control, the program refuses it without",
                    option.key
                ),
            )
            .at(&option.key),
        );
    }
}

fn empty_texts(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    let is_empty = |key: &str| {
        let text = sample.fields.get(key).and_then(Value::as_str);
        text.is_some_and(|text| text.trim().is_empty())
    };
    if sample.model == Model::Cosmos3 {
        return;
    }
    if is_empty("prompt") {
        found.push(
            Finding::error("prompt.empty", "the guardrail blocks an empty prompt").at("prompt"),
        );
    }
    if is_empty("negative_prompt") {
        let what = match sample.model {
            Model::Transfer1 => "the program fails over an empty negative prompt",
            Model::Transfer2_5 | Model::Cosmos3 => "the guardrail blocks an empty negative prompt",
        };
        found.push(
            Finding::error("prompt.empty", what)
                .at("negative_prompt")
                .help("leave it out for the program's own"),
        );
    }
}

fn transfer1(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    let has_input = sample.input().is_some();
    let sigma = sample.number("sigma_max").unwrap_or(DEFAULT_SIGMA);
    if !has_input && !sample.controls.is_empty() {
        if sigma < SIGMA_WITHOUT_INPUT {
            found.push(
                Finding::error(
                    "input.missing",
                    format!("there is no input_video_path, and sigma_max is {sigma}"),
                )
                .at("input_video_path")
                .help(format!(
                    "without an input video sigma_max has to be {SIGMA_WITHOUT_INPUT} or more"
                )),
            );
        }
        for control in &sample.controls {
            needs_video(sample, control, found);
        }
    }
    let upscales = sample.control("upscale").is_some();
    if upscales && sample.controls.len() > 1 {
        found.push(
            Finding::error("controls.upscale", "upscale works only as the one control")
                .at("upscale"),
        );
    }
    let is_on = |key: &str| sample.fields.get(key) == Some(&Value::Bool(true));
    for control in &sample.controls {
        if ["hdmap", "lidar"].contains(&control.name) && !is_on("is_av_sample") {
            found.push(
                Finding::warning(
                    "controls.driving",
                    format!("{} works only with is_av_sample", control.name),
                )
                .at(control.name),
            );
        }
        if is_on("use_distilled")
            && control.name != "edge"
            && text(control.fields, "ckpt_path").is_none()
        {
            found.push(
                Finding::error(
                    "controls.distilled",
                    format!("there is no distilled checkpoint for {}", control.name),
                )
                .at(control.name)
                .help("use_distilled goes with edge alone"),
            );
        }
    }
    transfer1_weights(sample, found);
    transfer1_regions(sample, found);
}

fn needs_video(sample: &Sample<'_>, control: &Control<'_>, found: &mut Vec<Finding>) {
    if sample.path_of(control).is_none() {
        let key = format!("{}.{}", control.name, sample.control_key());
        found.push(
            Finding::error(
                "control.needs-video",
                format!(
                    "{} has no video and nothing to derive it from",
                    control.name
                ),
            )
            .at(key),
        );
    }
}

fn transfer1_weights(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    let has_map = sample.controls.iter().any(|control| {
        let prompt =
            control.name == "seg" && text(control.fields, "control_weight_prompt").is_some();
        prompt
            || text(control.fields, "control_weight").is_some_and(|weight| weight.ends_with(".pt"))
    });
    let mut sum = 0.0;
    for control in &sample.controls {
        let key = format!("{}.control_weight", control.name);
        sum += sample.weight_of(control).unwrap_or_default();
        let given = control.fields.get("control_weight");
        if has_map && given.and_then(Value::as_f64) == Some(0.0) {
            found.push(
                Finding::warning(
                    "weight.zero",
                    "beside a weight map the number 0 counts as 1",
                )
                .at(&key)
                .help("write \"0\" in quotes"),
            );
        }
        let scales = matches!(given, Some(Value::Number(number)) if number.is_f64());
        if control.name == "seg"
            && text(control.fields, "control_weight_prompt").is_some()
            && !scales
        {
            found.push(
                Finding::warning(
                    "weight.scaler",
                    "control_weight_prompt takes 1 for a weight without a decimal point",
                )
                .at(&key)
                .help("write it as 0.5 or 1.0, without quotes"),
            );
        }
        if given.is_none() {
            found.push(
                Finding::note(
                    "weight.default",
                    format!("{} has no weight and gets 0.5", control.name),
                )
                .at(&key),
            );
        }
    }
    if sum > 1.0 && !has_map && sample.controls.len() > 1 {
        found.push(Finding::note(
            "weight.scaled",
            format!("the weights sum to {sum:.3} and are scaled down to 1"),
        ));
    }
}

fn transfer1_regions(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    let Some(regions) = sample
        .fields
        .get("regional_prompts")
        .and_then(Value::as_array)
    else {
        return;
    };
    if sample.number("num_gpus").is_some_and(|count| count > 1.0) {
        found.push(Finding::error("regions.gpus", "regional prompts need one GPU").at("num_gpus"));
    }
    for (i, region) in regions.iter().enumerate() {
        let key = format!("regional_prompts[{i}]");
        let has = |name: &str| region.get(name).is_some();
        if !has("prompt") {
            found.push(Finding::error("regions.prompt", "the region has no prompt").at(&key));
        }
        if !has("region_definitions_path") && !has("mask_prompt") {
            found.push(
                Finding::warning("regions.place", "the region says nowhere where it is")
                    .at(&key)
                    .help("give it region_definitions_path or mask_prompt"),
            );
        }
        let path = region
            .get("region_definitions_path")
            .and_then(Value::as_str);
        if let Some(path) = path.filter(|path| path.ends_with(".pt") || path.ends_with(".json")) {
            found.push(
                Finding::error(
                    "regions.file",
                    format!("{path} is no video, which the program refuses"),
                )
                .at(key)
                .help("give the corners as [x1, y1, x2, y2], or a video"),
            );
        }
    }
}

fn transfer2_5(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    if !sample.has("prompt") && !sample.has("prompt_path") {
        found.push(
            Finding::error("spec.missing-key", "prompt or prompt_path has to be there")
                .at("prompt"),
        );
    }
    one_of_two(sample, "prompt", "prompt_path", found);
    one_of_two(sample, "context_frame_index", "image_context_path", found);
    let has_style = sample.has("image_context_path") || sample.has("context_frame_index");
    if sample.has("image_context_path") && sample.control("vis").is_some() {
        found.push(
            Finding::error(
                "style.vis",
                "image_context_path and vis both set the style, which the program refuses",
            )
            .at("image_context_path"),
        );
    } else if has_style && sample.controls.len() > 1 {
        found.push(Finding::warning(
            "style.several-controls",
            "a style picture has no effect with several controls",
        ));
    }
    for control in &sample.controls {
        let has = |key: &str| {
            control
                .fields
                .get(key)
                .is_some_and(|value| !value.is_null())
        };
        if has("mask_path") && has("mask_prompt") {
            found.push(
                Finding::note("mask.both", "mask_path wins over mask_prompt")
                    .at(format!("{}.mask_prompt", control.name)),
            );
        }
        derived_only(sample, control, found);
    }
    let sum: f64 = sample
        .controls
        .iter()
        .filter_map(|control| sample.weight_of(control))
        .sum();
    let masked = sample
        .controls
        .iter()
        .any(|control| sample.is_masked(control));
    if sum > 1.0 && sample.controls.len() > 1 && !masked {
        found.push(
            Finding::warning(
                "weight.sum",
                format!(
                    "the weights sum to {sum:.3}: without a mask they add up and are not scaled"
                ),
            )
            .help("keep their sum at 1 or below"),
        );
    }
    let mask = text(sample.fields, "guided_generation_mask");
    if let Some(mask) = mask.filter(|mask| !mask.ends_with(".mp4") && !mask.ends_with(".npz")) {
        found.push(
            Finding::error(
                "file.ending",
                format!("{mask} is neither an .mp4 nor an .npz file"),
            )
            .at("guided_generation_mask"),
        );
    }
}

fn cosmos3(sample: &Sample<'_>, found: &mut Vec<Finding>) {
    let has_input = sample.input().is_some();
    one_of_two(sample, "prompt", "prompt_path", found);
    for control in &sample.controls {
        let derivable = ["edge", "blur"].contains(&control.name);
        if !(derivable && has_input) {
            needs_video(sample, control, found);
        }
        derived_only(sample, control, found);
    }
    match &*sample.controls {
        [] => {}
        [only] => {
            if only
                .fields
                .get("weight")
                .is_some_and(|weight| !weight.is_null())
            {
                found.push(
                    Finding::note(
                        "weight.alone",
                        "the weight of a lone control has no effect; control_guidance has",
                    )
                    .at(format!("{}.weight", only.name)),
                );
            }
        }
        several => {
            let sum: f64 = several
                .iter()
                .filter_map(|control| sample.weight_of(control))
                .sum();
            if sum == 0.0 {
                found.push(Finding::error(
                    "weight.sum",
                    "all weights are 0, which the program fails over",
                ));
            }
            for (key, base) in [
                ("guidance", "6.0"),
                ("control_guidance", "1.0, which is off"),
            ] {
                if !sample.has(key) {
                    found.push(
                        Finding::warning(
                            "guidance.untuned",
                            format!("with several controls {key} is {base}"),
                        )
                        .at(key)
                        .help("only a lone control gets tuned values: write one"),
                    );
                }
            }
        }
    }
    if sample
        .number("num_first_chunk_conditional_frames")
        .is_some_and(|n| n > 0.0)
        && !has_input
    {
        found.push(
            Finding::error(
                "input.missing",
                "num_first_chunk_conditional_frames needs vision_path",
            )
            .at("num_first_chunk_conditional_frames"),
        );
    }
    let keeps = sample.fields.get("negative_prompt_keep_metadata");
    if text(sample.fields, "negative_metadata_mode") == Some("none")
        && keeps != Some(&Value::Bool(false))
    {
        found.push(
            Finding::note("prompt.metadata", "negative_metadata_mode becomes same")
                .at("negative_metadata_mode")
                .help("set negative_prompt_keep_metadata to false"),
        );
    }
    if sample.whole("num_frames").is_some_and(|frames| frames != 1) {
        found.push(
            Finding::note(
                "length.ignored",
                "the length is that of the first control, whatever num_frames says",
            )
            .at("num_frames"),
        );
    }
    if sample.has("aspect_ratio") && !has_input {
        found.push(
            Finding::note(
                "aspect.ignored",
                "the first control decides the shape, whatever aspect_ratio says",
            )
            .at("aspect_ratio"),
        );
    }
}

/// A note that of two keys for one thing the first wins.
fn one_of_two(sample: &Sample<'_>, first: &str, second: &str, found: &mut Vec<Finding>) {
    if sample.has(first) && sample.has(second) {
        found.push(Finding::note("spec.both", format!("{first} wins over {second}")).at(second));
    }
}

/// A note on keys that act only where the control is derived.
fn derived_only(sample: &Sample<'_>, control: &Control<'_>, found: &mut Vec<Finding>) {
    if sample.path_of(control).is_none() {
        return;
    }
    for key in [
        "preset_edge_threshold",
        "preset_blur_strength",
        "control_prompt",
    ] {
        if control
            .fields
            .get(key)
            .is_some_and(|value| !value.is_null())
        {
            found.push(
                Finding::note(
                    "control.not-derived",
                    format!("{key} has no effect: {} has a video", control.name),
                )
                .at(format!("{}.{key}", control.name)),
            );
        }
    }
}
