//! Cosmos 3: the Cosmos Framework reads a sample with exactly one control and no input video, the prompt as a
//! structured caption in a file of its own, and writes `<output folder>/<name of the sample>/vision.mp4`.

use serde_json::{Value, json};

use super::{
    Job, Model, PROMPTS, Plan, Refused, Request, SpecFile, Upload, drop_transfer1_options,
    drop_unknown, environment, video_path, weighted_controls, words,
};
use crate::modality::Modality;
use crate::size::{NATIVE_SIZES, Size, nearest_native_size};

const MODEL: Model = Model::Cosmos3;
/// Frames generated in one go, as in every published sample.
const CHUNK: u32 = 121;
/// The shapes that the framework names, in the order of [`NATIVE_SIZES`].
const ASPECT_RATIOS: [&str; 5] = ["16,9", "4,3", "1,1", "3,4", "9,16"];

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let parameters = &run.parameters;
    let controls = weighted_controls(MODEL, request, &mut notes)?;
    let [control] = controls.as_slice() else {
        let names: Vec<_> = controls.iter().map(|c| c.modality.name()).collect();
        return Err(Refused {
            model: MODEL,
            field: "control_weights",
            value: format!("above 0 for {}", names.join(", ")),
            expected: "one control with a weight, and 0 for the others".into(),
        });
    };
    let (true, Some(video)) = (control.has_video, request.video) else {
        return Err(Refused {
            model: MODEL,
            field: "control_inputs",
            value: format!("without {}", control.modality),
            expected: "a video for the control that has a weight".into(),
        });
    };
    if control.weight != 1.0 {
        notes.push(format!(
            "the weight {} of {} is left out: a single control has none in {MODEL}",
            control.weight, control.modality
        ));
    }
    if prompt.input_video_path.is_some() {
        notes.push(format!(
            "the input video is left out: {MODEL} sees only the control"
        ));
    }
    for (field, given) in [
        ("sigma_max", parameters.sigma_max.is_some()),
        ("blur_strength", parameters.blur_strength.is_some()),
        ("canny_threshold", parameters.canny_threshold.is_some()),
    ] {
        if given {
            notes.push(format!("{field} is left out: {MODEL} has no word for it"));
        }
    }
    let fps = (video.fps.num() / video.fps.den()).max(1);
    if parameters.fps.is_some_and(|given| given != fps) {
        notes.push(format!(
            "fps is {fps}: {MODEL} keeps the rate of the control"
        ));
    }
    drop_unknown(MODEL, request, &mut notes);
    drop_transfer1_options(MODEL, options, &mut notes);

    let name = run.slug();
    let path = format!("{PROMPTS}/{name}.json");
    // The framework reads paths as seen from the sample, which lies beside these two.
    let caption_file = format!("{name}.prompt.json");
    let negative_file = format!("{name}.negative_prompt.json");
    let control_path = video_path(prompt, control.modality);
    let mut spec = json!({
        "name": name,
        "model_mode": "video2video",
        "resolution": "720",
        "aspect_ratio": aspect_ratio(Size::new(video.width, video.height)),
        "num_frames": video.frame_count,
        "fps": fps,
        "shift": 10.0,
        "num_steps": parameters.num_steps,
        "num_video_frames_per_chunk": CHUNK,
        "num_conditional_frames": 1,
        "num_first_chunk_conditional_frames": 0,
        "share_vision_temporal_positions": true,
        "guidance": parameters.guidance_scale,
        "control_guidance": 1.5,
        "prompt_path": caption_file,
    });
    let mut files = vec![beside(&caption_file, caption(&prompt.prompt))];
    if !prompt.negative_prompt.is_empty() {
        spec["negative_prompt_file"] = json!(negative_file);
        files.push(beside(&negative_file, caption(&prompt.negative_prompt)));
    }
    let mut argv = words(&[
        "torchrun",
        &format!("--nproc-per-node={}", options.num_gpu),
        "-m",
        "cosmos_framework.scripts.inference",
        "--parallelism-preset=latency",
        "-i",
        &path,
        "-o",
        "outputs/",
        "--checkpoint-path",
        "Cosmos3-Nano",
    ]);
    if let Some(seed) = parameters.seed {
        spec["seed"] = json!(seed);
        argv.extend(words(&["--seed", &seed.to_string()]));
    }
    spec[key(control.modality)] = json!({"control_path": format!("../../{control_path}")});
    files.insert(
        0,
        SpecFile {
            path,
            content: spec,
        },
    );
    let output_dir = format!("outputs/{name}");
    Ok(Plan {
        model: MODEL,
        uploads: vec![Upload {
            modality: control.modality,
            path: control_path,
        }],
        inference: Job {
            files,
            env: environment(options),
            argv,
            video: format!("{output_dir}/vision.mp4"),
            extra_outputs: Vec::new(),
            output_dir,
            name,
            model: MODEL,
            windows: None,
            steps: None,
        },
        upscaling: None,
        notes,
    })
}

/// What earlier generations call vis is blur here.
const fn key(control: Modality) -> &'static str {
    match control {
        Modality::Vis => "blur",
        other => super::transfer_key(other),
    }
}

fn beside(name: &str, content: Value) -> SpecFile {
    SpecFile {
        path: format!("{PROMPTS}/{name}"),
        content,
    }
}

/// `text` as a structured caption: as it is if it is one already, otherwise as the description of one subject.
fn caption(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(caption)) if caption.contains_key("subjects") => Value::Object(caption),
        _ => json!({"subjects": [{"description": text}]}),
    }
}

fn aspect_ratio(size: Size) -> &'static str {
    let native = nearest_native_size(size);
    NATIVE_SIZES
        .iter()
        .zip(ASPECT_RATIOS)
        .find(|(known, _)| **known == native)
        .map_or("16,9", |(_, ratio)| ratio)
}
