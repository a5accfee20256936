//! Cosmos-Transfer2.5: `examples/inference.py` reads a JSON file without a key too many, with paths that count
//! from the file itself, and writes `<output folder>/<name of the sample>.mp4`.

use serde_json::{Map, Value, json};

use super::{
    Job, Model, PROMPTS, Plan, Refused, Request, SpecFile, derive_missing, drop_transfer1_options,
    drop_unknown, environment, transfer_key, unused_strengths, uploads, video_path,
    weighted_controls, words,
};
use crate::modality::Modality;

const MODEL: Model = Model::Transfer2_5;
/// The program's own guidance.
pub(super) const GUIDANCE: f64 = 3.0;
/// The name of the sample, so that the result is `output.mp4` as with Transfer1.
const SAMPLE: &str = "output";

/// Whether the program takes this guidance: a whole number from 0 to 7.
pub(super) fn takes_guidance(guidance: f64) -> bool {
    (0.0..=7.0).contains(&guidance) && guidance.fract() == 0.0
}

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let parameters = &run.parameters;
    if prompt.input_video_path.is_none() {
        return Err(Refused {
            model: MODEL,
            field: "input_video_path",
            value: "missing".into(),
            expected: "the input video".into(),
        });
    }
    if !takes_guidance(parameters.guidance_scale) {
        return Err(Refused {
            model: MODEL,
            field: "guidance_scale",
            value: parameters.guidance_scale.to_string(),
            expected: "a whole number from 0 to 7 (its own default is 3)".into(),
        });
    }
    let controls = weighted_controls(MODEL, request, &mut notes)?;
    derive_missing(MODEL, request, &controls, &mut notes)?;
    unused_strengths(request, &controls, &mut notes);
    drop_unknown(MODEL, request, &mut notes);
    drop_transfer1_options(MODEL, options, &mut notes);
    if parameters.fps.is_some() {
        notes.push(format!(
            "fps is left out: {MODEL} keeps the rate of the input video"
        ));
    }

    let from_spec = |modality| format!("../../{}", video_path(prompt, modality));
    let mut spec = Map::new();
    let mut set = |key: &str, value: Value| {
        if !value.is_null() {
            spec.insert(key.to_owned(), value);
        }
    };
    set("name", json!(SAMPLE));
    set("prompt", json!(prompt.prompt));
    if !prompt.negative_prompt.is_empty() {
        set("negative_prompt", json!(prompt.negative_prompt));
    }
    set("video_path", json!(from_spec(Modality::Color)));
    set("num_steps", json!(parameters.num_steps));
    set("guidance", json!(parameters.guidance_scale as u8));
    set("seed", json!(parameters.seed));
    // The program wants this number as a text.
    set(
        "sigma_max",
        json!(parameters.sigma_max.map(|sigma| sigma.to_string())),
    );
    for control in &controls {
        let mut object = json!({"control_weight": control.weight});
        if control.has_video {
            object["control_path"] = json!(from_spec(control.modality));
        } else {
            match control.modality {
                Modality::Vis if parameters.blur_strength.is_some() => {
                    object["preset_blur_strength"] = json!(parameters.blur_strength);
                }
                Modality::Edge if parameters.canny_threshold.is_some() => {
                    object["preset_edge_threshold"] = json!(parameters.canny_threshold);
                }
                _ => {}
            }
        }
        set(transfer_key(control.modality), object);
    }

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
    let inference = Job {
        files: vec![SpecFile {
            path,
            content: Value::Object(spec),
        }],
        env: environment(options),
        argv,
        video: format!("{output_dir}/{SAMPLE}.mp4"),
        extra_outputs: vec![format!("{output_dir}/{SAMPLE}.txt")],
        output_dir,
        name,
        model: MODEL,
        windows: None,
        steps: None,
    };
    Ok(Plan {
        model: MODEL,
        uploads: uploads(prompt, &controls),
        inference,
        upscaling: None,
        notes,
    })
}
