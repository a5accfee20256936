//! Cosmos-Transfer1: `transfer.py` reads a controlnet spec whose plain keys set flags and whose objects are
//! controls. It is the one generation that upscales, as a second run with a spec of its own.

use serde_json::{Map, Value, json};

use super::{
    Job, Model, Options, PROMPTS, Plan, Refused, Request, SpecFile, WORKDIR, derive_missing,
    drop_offload_vae, drop_unknown, environment, transfer_key, unused_strengths, uploads,
    video_path, weighted_controls, words,
};
use crate::modality::Modality;

const MODEL: Model = Model::Transfer1;
/// Below this the program wants an input video to start from.
const SIGMA_WITHOUT_INPUT: f64 = 80.0;
/// Steps of upscaling; the model card uses ten.
const UPSCALING_STEPS: &str = "10";

pub(super) fn plan(request: &Request<'_>) -> Result<Plan, Refused> {
    let mut notes = Vec::new();
    let (prompt, run, options) = (request.prompt, request.run, request.options);
    let controls = weighted_controls(MODEL, request, &mut notes)?;
    derive_missing(MODEL, request, &controls, &mut notes)?;
    unused_strengths(request, &controls, &mut notes);
    drop_unknown(MODEL, request, &mut notes);
    drop_offload_vae(MODEL, options, &mut notes);

    let parameters = &run.parameters;
    let has_input = prompt.input_video_path.is_some();
    let sigma_max = match parameters.sigma_max {
        Some(sigma) if !has_input && sigma < SIGMA_WITHOUT_INPUT => {
            return Err(Refused {
                model: MODEL,
                field: "sigma_max",
                value: sigma.to_string(),
                expected: format!("{SIGMA_WITHOUT_INPUT} or more without an input video"),
            });
        }
        None if !has_input => {
            notes.push(format!(
                "sigma_max is {SIGMA_WITHOUT_INPUT}: there is no input video"
            ));
            Some(SIGMA_WITHOUT_INPUT)
        }
        given => given,
    };
    let fps = parameters.fps.or_else(|| {
        // The program cuts the rate of what it reads the same way.
        request
            .video
            .map(|video| (video.fps.num() / video.fps.den()).max(1))
    });

    let mut spec = Map::new();
    let mut set = |key: &str, value: Value| {
        if !value.is_null() {
            spec.insert(key.to_owned(), value);
        }
    };
    set("prompt", json!(prompt.prompt));
    if !prompt.negative_prompt.is_empty() {
        set("negative_prompt", json!(prompt.negative_prompt));
    }
    if has_input {
        set(
            "input_video_path",
            json!(video_path(prompt, Modality::Color)),
        );
    }
    set("num_steps", json!(parameters.num_steps));
    set("guidance", json!(parameters.guidance_scale));
    set("seed", json!(parameters.seed));
    set("fps", json!(fps));
    set("sigma_max", json!(sigma_max));
    set("blur_strength", json!(parameters.blur_strength));
    set("canny_threshold", json!(parameters.canny_threshold));
    for control in &controls {
        let mut object = json!({"control_weight": control.weight});
        if control.has_video {
            object["input_control"] = json!(video_path(prompt, control.modality));
        }
        set(transfer_key(control.modality), object);
    }

    let inference = job(run.slug(), Value::Object(spec), &[], options);
    let upscaling = match options.upscale_weight {
        Some(weight) => Some(upscaling(&run.slug(), &inference.video, weight, options)?),
        None => None,
    };
    Ok(Plan {
        model: MODEL,
        uploads: uploads(prompt, &controls),
        inference,
        upscaling,
        notes,
    })
}

/// The job that upscales `video`, a result with 704 lines on the host, to 4K as `<name>_upscaled`.
///
/// # Errors
/// [`Refused`] for a `weight` that is not 0 to 1.
pub fn upscaling(name: &str, video: &str, weight: f64, options: &Options) -> Result<Job, Refused> {
    if !(0.0..=1.0).contains(&weight) {
        return Err(Refused {
            model: MODEL,
            field: "upscale_weight",
            value: weight.to_string(),
            expected: "a number from 0 to 1".into(),
        });
    }
    let spec = json!({
        "input_video_path": video,
        "upscale": {"control_weight": weight},
    });
    let steps = ["--num_steps", UPSCALING_STEPS];
    Ok(job(format!("{name}_upscaled"), spec, &steps, options))
}

fn job(name: String, spec: Value, flags: &[&str], options: &Options) -> Job {
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
    argv.extend(words(flags));
    if options.offload_models {
        argv.extend(words(&[
            "--offload_diffusion_transformer",
            "--offload_text_encoder_model",
            "--offload_guardrail_models",
        ]));
    }
    let mut env = environment(options);
    // The program imports its own package from the checkout.
    env.insert("PYTHONPATH", WORKDIR.to_owned());
    Job {
        files: vec![SpecFile {
            path,
            content: spec,
        }],
        env,
        argv,
        video: format!("{output_dir}/output.mp4"),
        extra_outputs: vec![format!("{output_dir}/output.txt")],
        output_dir,
        name,
        model: MODEL,
        windows: None,
        steps: None,
    }
}
