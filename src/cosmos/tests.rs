use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Map;

use super::*;
use crate::specs::{Parameters, Strength};
use crate::video::rate::FrameRate;
use crate::video::read::ColorTags;

fn prompt(controls: &[Modality]) -> PromptSpec {
    PromptSpec {
        id: "ps_0123456789ab".into(),
        name: "neon city".into(),
        prompt: "a neon city, \"rain\"; $(reboot)\nat night".into(),
        negative_prompt: "blurry".into(),
        input_video_path: Some("inputs/videos/city_20250101_120000/color.mp4".into()),
        control_inputs: controls
            .iter()
            .map(|&control| (control, format!("somewhere/else {control}.mp4").into()))
            .collect(),
        timestamp: String::new(),
        video_hashes: BTreeMap::new(),
        other: Map::new(),
    }
}

fn run(weights: [f64; 4]) -> RunSpec {
    RunSpec {
        id: "rs_ba9876543210".into(),
        prompt_id: "ps_0123456789ab".into(),
        name: "neon city".into(),
        control_weights: CONTROLS.into_iter().zip(weights).collect(),
        parameters: Parameters {
            num_steps: 35,
            guidance_scale: 3.0,
            seed: Some(7),
            fps: None,
            sigma_max: None,
            blur_strength: None,
            canny_threshold: None,
            other: Map::new(),
        },
        execution_status: Default::default(),
        output_path: Default::default(),
        timestamp: String::new(),
        start_time: None,
        end_time: None,
        error_message: None,
        model: None,
        prompt_path: None,
        other: Map::new(),
    }
}

fn video() -> VideoInfo {
    VideoInfo {
        codec: "h264".into(),
        width: 1920,
        height: 1080,
        pixel_format: "yuv420p".into(),
        fps: FrameRate::new(24000, 1001).unwrap(),
        frame_count: 96,
        duration: 4.0,
        color: ColorTags::default(),
    }
}

fn plan_of(
    model: Model,
    prompt: &PromptSpec,
    run: &RunSpec,
    options: &Options,
) -> Result<Plan, Refused> {
    let video = video();
    let request = Request {
        prompt,
        run,
        video: Some(&video),
        options,
    };
    plan(model, &request)
}

/// A plan as it is told to a user who wants to see it all.
fn shown(plan: &Plan) -> String {
    let mut text = String::new();
    for upload in &plan.uploads {
        text += &format!("upload {} -> {}\n", upload.modality, upload.path);
    }
    for job in std::iter::once(&plan.inference).chain(&plan.upscaling) {
        for file in &job.files {
            text += &format!("{}: {:#}\n", file.path, file.content);
        }
        for (name, value) in &job.env {
            text += &format!("{name}={value} ");
        }
        text += &job.argv.join(" ");
        text += &format!("\n-> {} {:?}\n", job.video, job.extra_outputs);
    }
    for note in &plan.notes {
        text += &format!("note: {note}\n");
    }
    text
}

const EVERYTHING: [Modality; 4] = CONTROLS;

#[test]
fn transfer1_with_every_control_and_upscaling() {
    let options = Options {
        num_gpu: 2,
        cuda_devices: "0,1".into(),
        upscale_weight: Some(0.5),
        offload_models: true,
        offload_vae: true,
    };
    let plan = plan_of(
        Model::Transfer1,
        &prompt(&EVERYTHING),
        &run([0.3, 0.4, 0.2, 0.1]),
        &options,
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload color -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload vis -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    upload edge -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    upload depth -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    upload segmentation -> inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 3.0,
      "seed": 7,
      "fps": 23,
      "vis": {
        "control_weight": 0.3,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4"
      },
      "edge": {
        "control_weight": 0.4,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4"
      },
      "depth": {
        "control_weight": 0.2,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4"
      },
      "seg": {
        "control_weight": 0.1,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4"
      }
    }
    CUDA_VISIBLE_DEVICES=0,1 PYTHONPATH=/workspace torchrun --nproc_per_node=2 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210 --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210.json --num_gpus 2 --offload_diffusion_transformer --offload_text_encoder_model --offload_guardrail_models
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    inputs/prompts/neon_city_rs_ba9876543210_upscaled.json: {
      "input_video_path": "outputs/neon_city_rs_ba9876543210/output.mp4",
      "upscale": {
        "control_weight": 0.5
      }
    }
    CUDA_VISIBLE_DEVICES=0,1 PYTHONPATH=/workspace torchrun --nproc_per_node=2 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210_upscaled --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210_upscaled.json --num_gpus 2 --num_steps 10 --offload_diffusion_transformer --offload_text_encoder_model --offload_guardrail_models
    -> outputs/neon_city_rs_ba9876543210_upscaled/output.mp4 ["outputs/neon_city_rs_ba9876543210_upscaled/output.txt"]
    note: offload_vae is left out: Cosmos-Transfer1 has no switch for it
    "##);
}

#[test]
fn transfer1_derives_what_has_no_video_and_leaves_out_what_has_no_weight() {
    let mut run = run([0.25, 0.5, 0.0, 0.0]);
    run.parameters.blur_strength = Some(Strength::High);
    run.parameters.canny_threshold = Some(Strength::VeryLow);
    run.parameters.fps = Some(30);
    run.parameters.other.insert("foo".into(), 1.into());
    let plan = plan_of(
        Model::Transfer1,
        &prompt(&[Modality::Edge, Modality::Depth]),
        &run,
        &Options::default(),
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload color -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload edge -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 3.0,
      "seed": 7,
      "fps": 30,
      "blur_strength": "high",
      "canny_threshold": "very_low",
      "vis": {
        "control_weight": 0.25
      },
      "edge": {
        "control_weight": 0.5,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4"
      }
    }
    CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace torchrun --nproc_per_node=1 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210 --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210.json --num_gpus 1
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    note: depth has the weight 0 and is left out
    note: vis has no video: Cosmos-Transfer1 derives it from the input video
    note: canny_threshold has no effect: no edge is derived from the input video
    note: parameters.foo is left out: it is not known for Cosmos-Transfer1
    "##);
}

#[test]
fn transfer2_5_counts_paths_from_its_spec() {
    let mut run = run([0.25, 0.5, 0.25, 0.25]);
    run.parameters.sigma_max = Some(70.0);
    run.parameters.canny_threshold = Some(Strength::Low);
    run.parameters.fps = Some(24);
    let options = Options {
        upscale_weight: Some(0.5),
        offload_models: true,
        offload_vae: true,
        ..Options::default()
    };
    let prompt = prompt(&[Modality::Vis, Modality::Depth, Modality::Segmentation]);
    let plan = plan_of(Model::Transfer2_5, &prompt, &run, &options);
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload color -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload vis -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    upload depth -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    upload segmentation -> inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "output",
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "video_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 3,
      "seed": 7,
      "sigma_max": "70",
      "vis": {
        "control_weight": 0.25,
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4"
      },
      "edge": {
        "control_weight": 0.5,
        "preset_edge_threshold": "low"
      },
      "depth": {
        "control_weight": 0.25,
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4"
      },
      "seg": {
        "control_weight": 0.25,
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4"
      }
    }
    CUDA_VISIBLE_DEVICES=0 python examples/inference.py -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/neon_city_rs_ba9876543210
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    note: edge has no video: Cosmos-Transfer2.5 derives it from the input video
    note: upscaling is left out: Cosmos-Transfer2.5 has none
    note: offload_models is left out: Cosmos-Transfer2.5 has no switch for it
    note: offload_vae is left out: Cosmos-Transfer2.5 has no switch for it
    note: fps is left out: Cosmos-Transfer2.5 keeps the rate of the input video
    "##);
}

#[test]
fn transfer2_5_on_several_gpus_goes_through_torchrun() {
    let options = Options {
        num_gpu: 4,
        cuda_devices: "0,1,2,3".into(),
        ..Options::default()
    };
    let plan = plan_of(
        Model::Transfer2_5,
        &prompt(&EVERYTHING),
        &run([1.0; 4]),
        &options,
    )
    .unwrap();
    let command = plan.inference.argv.join(" ");
    assert!(
        command.starts_with("torchrun --nproc_per_node=4 examples/inference.py -i "),
        "{command}"
    );
}

#[test]
fn cosmos3_takes_one_control_and_a_caption() {
    let mut run = run([0.5, 0.0, 0.0, 0.0]);
    run.parameters.sigma_max = Some(70.0);
    run.parameters.fps = Some(30);
    let options = Options {
        upscale_weight: Some(0.5),
        ..Options::default()
    };
    let plan = plan_of(Model::Cosmos3, &prompt(&EVERYTHING), &run, &options);
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload vis -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "neon_city_rs_ba9876543210",
      "model_mode": "video2video",
      "resolution": "720",
      "aspect_ratio": "16,9",
      "num_frames": 96,
      "fps": 23,
      "shift": 10.0,
      "num_steps": 35,
      "num_video_frames_per_chunk": 121,
      "num_conditional_frames": 1,
      "num_first_chunk_conditional_frames": 0,
      "share_vision_temporal_positions": true,
      "guidance": 3.0,
      "control_guidance": 1.5,
      "prompt_path": "neon_city_rs_ba9876543210.prompt.json",
      "negative_prompt_file": "neon_city_rs_ba9876543210.negative_prompt.json",
      "seed": 7,
      "blur": {
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4"
      }
    }
    inputs/prompts/neon_city_rs_ba9876543210.prompt.json: {
      "subjects": [
        {
          "description": "a neon city, \"rain\"; $(reboot)\nat night"
        }
      ]
    }
    inputs/prompts/neon_city_rs_ba9876543210.negative_prompt.json: {
      "subjects": [
        {
          "description": "blurry"
        }
      ]
    }
    CUDA_VISIBLE_DEVICES=0 torchrun --nproc-per-node=1 -m cosmos_framework.scripts.inference --parallelism-preset=latency -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/ --checkpoint-path Cosmos3-Nano --seed 7
    -> outputs/neon_city_rs_ba9876543210/vision.mp4 []
    note: edge has the weight 0 and is left out
    note: depth has the weight 0 and is left out
    note: segmentation has the weight 0 and is left out
    note: the weight 0.5 of vis is left out: a single control has none in Cosmos 3
    note: the input video is left out: Cosmos 3 sees only the control
    note: sigma_max is left out: Cosmos 3 has no word for it
    note: fps is 23: Cosmos 3 keeps the rate of the control
    note: upscaling is left out: Cosmos 3 has none
    "##);
}

#[test]
fn cosmos3_takes_a_caption_that_is_structured_already() {
    let structured = PromptSpec {
        prompt: r#"{"subjects": [{"description": "a tram", "action": "turns"}], "mood": "calm"}"#
            .into(),
        ..prompt(&EVERYTHING)
    };
    let plan = plan_of(
        Model::Cosmos3,
        &structured,
        &run([0.0, 0.0, 1.0, 0.0]),
        &Options::default(),
    );
    let caption = &plan.unwrap().inference.files[1].content;
    assert_eq!(
        caption.to_string(),
        structured.prompt.replace(": ", ":").replace(", \"", ",\"")
    );
}

#[test]
fn what_a_generation_cannot_do_is_refused_with_what_it_can() {
    let all = prompt(&EVERYTHING);
    let no_input = PromptSpec {
        input_video_path: None,
        ..prompt(&[Modality::Depth])
    };
    let weights = run([0.25; 4]);
    let depth_only = run([0.0, 0.0, 1.0, 0.0]);
    let with = |change: fn(&mut Parameters)| {
        let mut run = depth_only.clone();
        change(&mut run.parameters);
        run
    };
    let plain = Options::default();
    let devices = |num_gpu, cuda_devices: &str| Options {
        num_gpu,
        cuda_devices: cuda_devices.into(),
        ..Options::default()
    };
    let (one, two, three) = (Model::Transfer1, Model::Transfer2_5, Model::Cosmos3);
    for (model, prompt, run, options, expected) in [
        (
            one,
            &all,
            run([0.0; 4]),
            plain.clone(),
            "control_weights is 0 for every control, expected a weight above 0",
        ),
        (
            two,
            &all,
            run([0.0; 4]),
            plain.clone(),
            "control_weights is 0 for every control",
        ),
        (
            one,
            &no_input,
            weights.clone(),
            plain.clone(),
            "control_inputs is without vis, expected a video for each control",
        ),
        (
            one,
            &no_input,
            with(|p| p.sigma_max = Some(70.0)),
            plain.clone(),
            "sigma_max is 70, expected 80 or more without an input video",
        ),
        (
            two,
            &no_input,
            depth_only.clone(),
            plain.clone(),
            "input_video_path is missing, expected the input video",
        ),
        (
            two,
            &all,
            with(|p| p.guidance_scale = 8.0),
            plain.clone(),
            "guidance_scale is 8, expected a whole number from 0 to 7",
        ),
        (
            two,
            &all,
            with(|p| p.guidance_scale = 2.5),
            plain.clone(),
            "guidance_scale is 2.5, expected a whole number",
        ),
        (
            three,
            &all,
            weights.clone(),
            plain.clone(),
            "control_weights is above 0 for vis, edge, depth, segmentation, expected one control",
        ),
        (
            three,
            &no_input,
            run([0.0, 1.0, 0.0, 0.0]),
            plain.clone(),
            "control_inputs is without edge, expected a video for the control",
        ),
        (
            one,
            &all,
            weights.clone(),
            devices(2, "0"),
            "num_gpu is 2, expected 1, the number of devices in \"0\"",
        ),
        (
            one,
            &all,
            weights.clone(),
            devices(1, "0;reboot"),
            "cuda_devices is \"0;reboot\", expected GPU numbers",
        ),
        (
            one,
            &all,
            weights.clone(),
            Options {
                upscale_weight: Some(1.5),
                ..plain.clone()
            },
            "upscale_weight is 1.5, expected a number from 0 to 1",
        ),
    ] {
        let refused = plan_of(model, prompt, &run, &options).unwrap_err();
        let text = refused.to_string();
        assert!(
            text.starts_with(&format!("{model} cannot run this: {expected}")),
            "{text}\n{expected}"
        );
        assert!(!refused.hint().is_empty());
    }
    let without_input = plan_of(one, &no_input, &depth_only, &plain).unwrap();
    assert_eq!(without_input.inference.files[0].content["sigma_max"], 80.0);
    assert_eq!(
        without_input.notes,
        ["sigma_max is 80: there is no input video"]
    );
}

#[test]
fn a_run_that_does_not_say_gets_weights_its_generation_takes() {
    let given = |model, controls: &[Modality]| {
        let weights = default_weights(model, &prompt(controls));
        CONTROLS.map(|control| weights[&control])
    };
    assert_eq!(given(Model::Transfer1, &EVERYTHING), [0.25; 4]);
    assert_eq!(given(Model::Transfer1, &[]), [0.25; 4]);
    assert_eq!(
        given(Model::Transfer2_5, &[Modality::Depth]),
        [0.0, 0.0, 0.25, 0.0]
    );
    assert_eq!(given(Model::Cosmos3, &EVERYTHING), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(
        given(Model::Cosmos3, &[Modality::Vis]),
        [1.0, 0.0, 0.0, 0.0]
    );
    assert_eq!(default_guidance(Model::Transfer1, 8.0), 8.0);
    assert_eq!(default_guidance(Model::Transfer2_5, 8.0), 3.0);
    assert_eq!(default_guidance(Model::Transfer2_5, 5.0), 5.0);
}

#[test]
fn prompts_for_one_shot_share_its_videos_and_other_shots_do_not() {
    let hashed = |name: &str, hash: &str| PromptSpec {
        name: name.into(),
        video_hashes: BTreeMap::from([(Modality::Color, hash.into())]),
        ..prompt(&[])
    };
    let dir = videos_dir(&hashed("a", "00"));
    assert!(
        dir.starts_with("inputs/videos/city_20250101_120000_"),
        "{dir}"
    );
    assert_eq!(videos_dir(&hashed("b", "00")), dir);
    assert_ne!(videos_dir(&hashed("a", "01")), dir);
}
