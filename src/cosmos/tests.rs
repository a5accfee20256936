use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Map;

use super::*;
use crate::frame_rate::FrameRate;
use crate::specs::{Parameters, Strength};
use crate::video_info::ColorTags;

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
            seed: Some(7),
            ..Parameters::default()
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

/// A run with these weights and one more change.
fn run_with(weights: [f64; 4], change: impl FnOnce(&mut Parameters)) -> RunSpec {
    let mut run = run(weights);
    change(&mut run.parameters);
    run
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
    plan_of_video(model, prompt, run, options, &video())
}

fn plan_of_video(
    model: Model,
    prompt: &PromptSpec,
    run: &RunSpec,
    options: &Options,
    video: &VideoInfo,
) -> Result<Plan, Refused> {
    let masks = run.parameters.masks.keys();
    let mask_frames = masks.map(|&control| (control, video.frame_count)).collect();
    let request = Request {
        prompt,
        run,
        video: Some(video),
        mask_frames: &mask_frames,
        options,
    };
    plan(model, &request)
}

/// A video with this many frames.
fn long(frame_count: u64) -> VideoInfo {
    VideoInfo {
        frame_count,
        ..video()
    }
}

/// The spec that the first job reads.
fn spec(plan: &Plan) -> &Value {
    &plan.inference.files[0].content
}

/// A plan as it is told to a user who wants to see it all.
fn shown(plan: &Plan) -> String {
    let mut text = String::new();
    for upload in &plan.uploads {
        text += &format!("upload {:?} -> {}\n", upload.source, upload.path);
    }
    for job in std::iter::once(&plan.inference).chain(&plan.upscaling) {
        for file in &job.files {
            text += &match &file.content {
                Value::String(_) => format!("{}\n", file.path),
                json => format!("{}: {json:#}\n", file.path),
            };
        }
        for (name, value) in &job.env {
            text += &format!("{name}={value} ");
        }
        for words in &job.prepare {
            text += &format!("{} && ", words.join(" "));
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
        upscale: Some(Upscale {
            weight: 0.5,
            steps: None,
        }),
        offload_models: true,
        ..Options::default()
    };
    let plan = plan_of(
        Model::Transfer1,
        &prompt(&EVERYTHING),
        &run([0.3, 0.4, 0.2, 0.1]),
        &options,
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Vis) -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    upload Video(Edge) -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    upload Video(Depth) -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    upload Video(Segmentation) -> inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 8.0,
      "seed": 7,
      "fps": 23.976,
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
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "outputs/neon_city_rs_ba9876543210/output.mp4",
      "num_steps": 10,
      "seed": 7,
      "fps": 23.976,
      "upscale": {
        "control_weight": 0.5
      }
    }
    CUDA_VISIBLE_DEVICES=0,1 PYTHONPATH=/workspace torchrun --nproc_per_node=2 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210_upscaled --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210_upscaled.json --num_gpus 2 --offload_diffusion_transformer --offload_text_encoder_model --offload_guardrail_models
    -> outputs/neon_city_rs_ba9876543210_upscaled/output.mp4 ["outputs/neon_city_rs_ba9876543210_upscaled/output.txt"]
    "##);
}

#[test]
fn transfer1_derives_what_has_no_video_and_leaves_out_what_has_no_weight() {
    let run = run_with([0.25, 0.5, 0.0, 0.1], |parameters| {
        parameters.blur_strength = Some(Strength::High);
        parameters.canny_threshold = Some(Strength::VeryLow);
        parameters.control_prompt = Some("car . tree".into());
        parameters.fps = Some(30);
        parameters.other.insert("foo".into(), 1.into());
    });
    let plan = plan_of(
        Model::Transfer1,
        &prompt(&[Modality::Edge, Modality::Depth]),
        &run,
        &Options::default(),
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Edge) -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 8.0,
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
      },
      "seg": {
        "control_weight": 0.1,
        "input_control_prompt": "car . tree"
      }
    }
    CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace torchrun --nproc_per_node=1 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210 --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210.json --num_gpus 1
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    note: depth has the weight 0 and is left out
    note: vis has no video: Cosmos-Transfer1 derives it from the input video
    note: segmentation has no video: Cosmos-Transfer1 derives it from the input video
    note: canny_threshold has no effect: no edge is derived from the input video
    note: parameters.foo is left out: it is not known for Cosmos-Transfer1
    "##);
}

#[test]
fn transfer1_makes_a_weight_map_of_a_mask_before_it_starts() {
    let masked = run_with([0.0, 0.5, 0.5, 0.0], |parameters| {
        let path = "masks/roof.mp4".into();
        let sha256 = Some("0123456789abcdef".into());
        let mask = Asset { path, sha256 };
        parameters.masks.insert(Modality::Depth, mask);
    });
    let shot = prompt(&[Modality::Edge, Modality::Depth]);
    let short = plan_of(Model::Transfer1, &shot, &masked, &Options::default());
    assert_snapshot!(shown(&short.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Edge) -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    upload Video(Depth) -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    upload Mask(Depth) -> inputs/videos/city_20250101_120000_ps_0123456789ab/mask_depth_0123456789ab.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "num_steps": 35,
      "guidance": 8.0,
      "seed": 7,
      "fps": 23.976,
      "edge": {
        "control_weight": 0.5,
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4"
      },
      "depth": {
        "control_weight": "outputs/neon_city_rs_ba9876543210/depth_weights.pt",
        "input_control": "inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4"
      }
    }
    inputs/prompts/neon_city_rs_ba9876543210_weights.py
    CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace python inputs/prompts/neon_city_rs_ba9876543210_weights.py inputs/videos/city_20250101_120000_ps_0123456789ab/mask_depth_0123456789ab.mp4 0.5 121 outputs/neon_city_rs_ba9876543210/depth_weights.pt && torchrun --nproc_per_node=1 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210 --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210.json --num_gpus 1
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    "##);

    // The program stretches a map of several frames over its first window.
    let of_video = |frames| {
        let of_frames = long(frames);
        plan_of_video(
            Model::Transfer1,
            &shot,
            &masked,
            &Options::default(),
            &of_frames,
        )
    };
    assert!(of_video(121).is_ok());
    let refused = of_video(130).unwrap_err().to_string();
    assert!(
        refused.contains("a video for depth, and the shot has 130 frames, expected a picture"),
        "{refused}"
    );
    let still = |frames| {
        let of_frames = long(frames);
        let mask_frames = BTreeMap::from([(Modality::Depth, 1)]);
        let request = Request {
            prompt: &shot,
            run: &masked,
            video: Some(&of_frames),
            mask_frames: &mask_frames,
            options: &Options::default(),
        };
        plan(Model::Transfer1, &request)
    };
    assert!(still(130).is_ok());
    let refused = still(241).unwrap_err().to_string();
    assert!(
        refused.contains("the shot has 241 frames, expected another length, 240 say"),
        "{refused}"
    );
}

#[test]
fn transfer2_5_counts_paths_from_its_spec_and_keeps_its_own_defaults() {
    let run = run_with([0.25, 0.5, 0.25, 0.25], |parameters| {
        parameters.sigma_max = Some(70.0);
        parameters.canny_threshold = Some(Strength::Low);
        parameters.fps = Some(24);
    });
    let options = Options {
        upscale: Some(Upscale {
            weight: 0.5,
            steps: None,
        }),
        offload_models: true,
        ..Options::default()
    };
    let prompt = prompt(&[Modality::Vis, Modality::Depth, Modality::Segmentation]);
    let plan = plan_of(Model::Transfer2_5, &prompt, &run, &options);
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Vis) -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    upload Video(Depth) -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    upload Video(Segmentation) -> inputs/videos/city_20250101_120000_ps_0123456789ab/segmentation.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "output",
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "video_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "seed": 7,
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
    COSMOS_VERBOSE=1 CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace python examples/inference.py -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/neon_city_rs_ba9876543210 --offload-guardrail-models
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    note: edge has no video: Cosmos-Transfer2.5 derives it from the input video
    note: fps is left out: Cosmos-Transfer2.5 keeps the rate of the input video
    note: sigma_max is left out: Cosmos-Transfer2.5 takes it and ignores it
    note: upscaling is left out: Cosmos-Transfer2.5 has none, and no checkout of Cosmos-Transfer1 is set
    "##);
}

#[test]
fn transfer2_5_with_masks_a_style_and_an_upscaler_beside_it() {
    let asset = |path: &str| Asset {
        path: path.into(),
        sha256: Some("0123456789abcdef".into()),
    };
    let run = run_with([0.0, 1.0, 0.0, 0.0], |parameters| {
        parameters.masks.insert(Modality::Edge, asset("m.mp4"));
        parameters.style_image = Some(asset("s.PNG"));
        parameters.protected_area = Some(asset("p.mp4"));
        parameters.guardrails = Some(false);
        parameters
            .set
            .insert("num_conditional_frames".into(), 2.into());
        parameters
            .set
            .insert("compile_tokenizer".into(), "moderate".into());
    });
    let options = Options {
        upscale: Some(Upscale {
            weight: 0.5,
            steps: Some(20),
        }),
        has_upscaler: true,
        ..Options::default()
    };
    let plan = plan_of(
        Model::Transfer2_5,
        &prompt(&[Modality::Edge]),
        &run,
        &options,
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Edge) -> inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4
    upload Mask(Edge) -> inputs/videos/city_20250101_120000_ps_0123456789ab/mask_edge_0123456789ab.mp4
    upload StyleImage(()) -> inputs/videos/city_20250101_120000_ps_0123456789ab/style_0123456789ab.png
    upload ProtectedArea(()) -> inputs/videos/city_20250101_120000_ps_0123456789ab/protected_0123456789ab.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "output",
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "video_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "seed": 7,
      "keep_input_resolution": false,
      "image_context_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/style_0123456789ab.png",
      "guided_generation_mask": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/protected_0123456789ab.mp4",
      "edge": {
        "control_weight": 1.0,
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/edge.mp4",
        "mask_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/mask_edge_0123456789ab.mp4"
      },
      "num_conditional_frames": 2
    }
    COSMOS_VERBOSE=1 CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace python examples/inference.py -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/neon_city_rs_ba9876543210 --disable-guardrails --compile-tokenizer=MODERATE
    -> outputs/neon_city_rs_ba9876543210/output.mp4 ["outputs/neon_city_rs_ba9876543210/output.txt"]
    inputs/prompts/neon_city_rs_ba9876543210_upscaled.json: {
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "input_video_path": "inputs/videos/neon_city_rs_ba9876543210/output.mp4",
      "num_steps": 20,
      "seed": 7,
      "fps": 23,
      "upscale": {
        "control_weight": 0.5
      }
    }
    CUDA_VISIBLE_DEVICES=0 PYTHONPATH=/workspace torchrun --nproc_per_node=1 --nnodes=1 --node_rank=0 cosmos_transfer1/diffusion/inference/transfer.py --checkpoint_dir ./checkpoints --video_save_folder outputs/neon_city_rs_ba9876543210_upscaled --controlnet_specs inputs/prompts/neon_city_rs_ba9876543210_upscaled.json --num_gpus 1
    -> outputs/neon_city_rs_ba9876543210_upscaled/output.mp4 ["outputs/neon_city_rs_ba9876543210_upscaled/output.txt"]
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
fn cosmos3_takes_one_control_with_its_tuned_defaults() {
    let run = run_with([0.5, 0.0, 0.0, 0.0], |parameters| {
        parameters.sigma_max = Some(70.0);
        parameters.fps = Some(30);
    });
    let options = Options {
        upscale: Some(Upscale {
            weight: 0.5,
            steps: None,
        }),
        ..Options::default()
    };
    let plan = plan_of(Model::Cosmos3, &prompt(&EVERYTHING), &run, &options);
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Vis) -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "neon_city_rs_ba9876543210",
      "model_mode": "video2video",
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "negative_metadata_mode": "none",
      "negative_prompt_keep_metadata": false,
      "aspect_ratio": "16,9",
      "num_frames": 96,
      "fps": 30,
      "seed": 7,
      "num_video_frames_per_chunk": 121,
      "num_conditional_frames": 1,
      "num_first_chunk_conditional_frames": 0,
      "share_vision_temporal_positions": true,
      "blur": {
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4"
      }
    }
    CUDA_VISIBLE_DEVICES=0 torchrun --nproc-per-node=1 -m cosmos_framework.scripts.inference --parallelism-preset latency -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/ --checkpoint-path Cosmos3-Nano
    -> outputs/neon_city_rs_ba9876543210/vision.mp4 []
    note: edge has the weight 0 and is left out
    note: depth has the weight 0 and is left out
    note: segmentation has the weight 0 and is left out
    note: sigma_max is left out: the sampler of Cosmos 3 does not use it
    note: upscaling is left out: Cosmos 3 has none, and no checkout of Cosmos-Transfer1 is set
    note: the input video is not used: Cosmos 3 is guided by the controls alone
    "##);
}

#[test]
fn cosmos3_takes_several_controls_and_derives_some_from_the_input_video() {
    let run = run_with([0.25, 0.5, 1.0, 0.0], |parameters| {
        parameters.canny_threshold = Some(Strength::High);
        parameters.checkpoint = Some("edge".into());
    });
    let options = Options {
        num_gpu: 2,
        cuda_devices: "0,1".into(),
        offload_models: true,
        ..Options::default()
    };
    let plan = plan_of(
        Model::Cosmos3,
        &prompt(&[Modality::Vis, Modality::Depth]),
        &run,
        &options,
    );
    assert_snapshot!(shown(&plan.unwrap()), @r##"
    upload Video(Color) -> inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4
    upload Video(Vis) -> inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4
    upload Video(Depth) -> inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4
    inputs/prompts/neon_city_rs_ba9876543210.json: {
      "name": "neon_city_rs_ba9876543210",
      "model_mode": "video2video",
      "prompt": "a neon city, \"rain\"; $(reboot)\nat night",
      "negative_prompt": "blurry",
      "negative_metadata_mode": "none",
      "negative_prompt_keep_metadata": false,
      "aspect_ratio": "16,9",
      "num_frames": 96,
      "fps": 23,
      "seed": 7,
      "num_video_frames_per_chunk": 121,
      "num_conditional_frames": 1,
      "num_first_chunk_conditional_frames": 0,
      "share_vision_temporal_positions": true,
      "guidance": 3.0,
      "control_guidance": 1.5,
      "vision_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/color.mp4",
      "blur": {
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/vis.mp4",
        "weight": 0.25
      },
      "edge": {
        "preset_edge_threshold": "high",
        "weight": 0.5
      },
      "depth": {
        "control_path": "../../inputs/videos/city_20250101_120000_ps_0123456789ab/depth.mp4",
        "weight": 1.0
      }
    }
    CUDA_VISIBLE_DEVICES=0,1 torchrun --nproc-per-node=2 -m cosmos_framework.scripts.inference --parallelism-preset latency -i inputs/prompts/neon_city_rs_ba9876543210.json -o outputs/ --checkpoint-path Cosmos3-Edge --offload-guardrail-models --dp-shard-size 1
    -> outputs/neon_city_rs_ba9876543210/vision.mp4 []
    note: edge has no video: Cosmos 3 derives it from the input video
    "##);
}

#[test]
fn cosmos3_takes_a_caption_that_is_structured_already() {
    let structured = PromptSpec {
        prompt: r#"{"subjects": [{"description": "a tram", "action": "turns"}], "mood": "calm"}"#
            .into(),
        negative_prompt: "blurry".into(),
        ..prompt(&EVERYTHING)
    };
    let run = run([0.0, 0.0, 1.0, 0.0]);
    let plan = plan_of(Model::Cosmos3, &structured, &run, &Options::default()).unwrap();
    let caption = spec(&plan)["prompt"].as_str().unwrap();
    assert_eq!(
        caption,
        structured.prompt.replace(": ", ":").replace(", \"", ",\"")
    );
    // The program reads it from here, and never from a file of its own.
    assert_eq!(spec(&plan)["negative_prompt"], "blurry");
    assert_eq!(plan.inference.files.len(), 1);
}

#[test]
fn what_the_user_did_not_set_is_left_to_the_program() {
    let keys = |model, weights| {
        let plan = plan_of(
            model,
            &prompt(&EVERYTHING),
            &run(weights),
            &Options::default(),
        );
        let plan = plan.unwrap();
        let spec = spec(&plan).as_object().unwrap().clone();
        ["num_steps", "guidance", "control_guidance", "shift"]
            .into_iter()
            .filter(|key| spec.contains_key(*key))
            .collect::<Vec<_>>()
    };
    let one = [0.0, 0.0, 0.0, 1.0];
    assert_eq!(keys(Model::Transfer1, one), ["num_steps", "guidance"]);
    assert!(keys(Model::Transfer2_5, one).is_empty());
    assert!(keys(Model::Transfer2_5, [0.25; 4]).is_empty());
    assert!(keys(Model::Cosmos3, one).is_empty());
    // For several controls the program would take what it takes without any.
    assert_eq!(
        keys(Model::Cosmos3, [0.25; 4]),
        ["guidance", "control_guidance"]
    );
    let plan = plan_of(
        Model::Transfer1,
        &prompt(&EVERYTHING),
        &run(one),
        &Options::default(),
    );
    let plan = plan.unwrap();
    assert_eq!(
        (&spec(&plan)["num_steps"], &spec(&plan)["guidance"]),
        (&35.into(), &8.0.into())
    );
}

#[test]
fn a_4k_version_is_made_of_the_same_text_rate_and_seed() {
    let options = Options {
        upscale: Some(Upscale {
            weight: 0.5,
            steps: Some(20),
        }),
        ..Options::default()
    };
    let run = run_with([0.25; 4], |parameters| parameters.fps = Some(30));
    let plan = plan_of(Model::Transfer1, &prompt(&EVERYTHING), &run, &options).unwrap();
    let upscaling = &plan.upscaling.unwrap().files[0].content;
    let first = &plan.inference.files[0].content;
    for key in ["prompt", "negative_prompt", "seed", "fps"] {
        assert_eq!(upscaling[key], first[key], "{key}");
    }
    assert_eq!(upscaling["fps"], 30);
    assert_eq!(upscaling["num_steps"], 20);
}

#[test]
fn a_single_frame_is_refused_or_comes_back_as_a_picture() {
    let plan_of_one = |model| {
        let shot = prompt(&[Modality::Edge]);
        plan_of_video(
            model,
            &shot,
            &run([0.0, 1.0, 0.0, 0.0]),
            &Options::default(),
            &long(1),
        )
    };
    let refused = plan_of_one(Model::Transfer1).unwrap_err().to_string();
    assert!(
        refused.contains("the number of frames is 1, expected 2 or more"),
        "{refused}"
    );
    let still = plan_of_one(Model::Transfer2_5).unwrap();
    assert!(still.inference.video.ends_with("/output.jpg"));
    assert_eq!(spec(&still)["max_frames"], 1);
    assert_eq!(spec(&still)["num_video_frames_per_chunk"], 1);
    let still = plan_of_one(Model::Cosmos3).unwrap();
    assert!(still.inference.video.ends_with("/vision.jpg"));
    assert_eq!(spec(&still)["num_frames"], 1);
}

#[test]
fn only_gpus_that_the_program_can_split_over_are_taken() {
    for (model, works, fails) in [
        (
            Model::Transfer1,
            &[1, 2, 4, 8, 16][..],
            &[3, 5, 6, 7, 12][..],
        ),
        (Model::Transfer2_5, &[1, 2, 4, 8, 16], &[3, 5, 6, 7, 12]),
        (Model::Cosmos3, &[1, 2, 4, 8, 16], &[3, 5, 6, 7]),
    ] {
        let plan_on = |count: u32| {
            let devices: Vec<String> = (0..count).map(|device| device.to_string()).collect();
            let options = Options {
                num_gpu: count,
                cuda_devices: devices.join(","),
                ..Options::default()
            };
            plan_of(model, &prompt(&EVERYTHING), &run([0.25; 4]), &options)
        };
        for &count in works {
            assert!(plan_on(count).is_ok(), "{model} on {count}");
        }
        for &count in fails {
            let refused = plan_on(count).unwrap_err().to_string();
            let expected = format!("num_gpu is {count}, expected 1, 2, 4, 8");
            assert!(refused.contains(&expected), "{refused}");
        }
    }
    let on_two = |checkpoint: &str| {
        let options = Options {
            num_gpu: 2,
            cuda_devices: "0,1".into(),
            ..Options::default()
        };
        let run = run_with([0.25; 4], |p| p.checkpoint = Some(checkpoint.into()));
        let plan = plan_of(Model::Cosmos3, &prompt(&EVERYTHING), &run, &options).unwrap();
        plan.inference.argv.join(" ")
    };
    assert!(on_two("nano").contains("--dp-shard-size 1"));
    // Each of the two would have to hold all of it.
    assert!(!on_two("super").contains("--dp-shard-size"));
}

#[test]
fn a_seed_leaves_room_for_the_windows_that_count_it_up() {
    let with_seed = |frames, seed| {
        let run = run_with([0.0, 0.0, 1.0, 0.0], |p| p.seed = Some(seed));
        let shot = prompt(&EVERYTHING);
        plan_of_video(
            Model::Cosmos3,
            &shot,
            &run,
            &Options::default(),
            &long(frames),
        )
    };
    assert!(with_seed(121, u32::MAX).is_ok());
    let refused = with_seed(241, u32::MAX).unwrap_err().to_string();
    assert!(
        refused.contains("seed is 4294967295, expected 4294967294 or less: each of the 2 windows"),
        "{refused}"
    );
    assert!(with_seed(241, u32::MAX - 1).is_ok());
}

#[test]
fn options_go_where_the_program_reads_them() {
    let set = |model, key: &str, value: Value| {
        let run = run_with([0.0, 0.0, 1.0, 0.0], |parameters| {
            parameters.set.insert(key.into(), value);
        });
        plan_of(model, &prompt(&EVERYTHING), &run, &Options::default())
    };
    let plan = set(Model::Cosmos3, "depth.weight", 0.5.into()).unwrap();
    assert_eq!(spec(&plan)["depth"]["weight"], 0.5);
    let plan = set(Model::Cosmos3, "control_guidance", 2.into()).unwrap();
    assert_eq!(spec(&plan)["control_guidance"], 2);
    let plan = set(Model::Transfer1, "upsample_prompt", true.into()).unwrap();
    assert!(
        plan.inference
            .argv
            .contains(&"--upsample_prompt".to_owned())
    );
    let plan = set(Model::Transfer1, "keypoint.control_weight", 0.3.into()).unwrap();
    assert_eq!(spec(&plan)["keypoint"]["control_weight"], 0.3);

    for (model, key, value, expected) in [
        (
            Model::Cosmos3,
            "gidance",
            3.into(),
            "Cosmos 3 has no option `gidance`",
        ),
        (
            Model::Cosmos3,
            "guidance",
            8.into(),
            "guidance is 8, expected a number from 0 to 7",
        ),
        (Model::Cosmos3, "name", "x".into(), "name is set by cosmos"),
        (
            Model::Cosmos3,
            "edge.weight",
            1.into(),
            "the weight is 0 for edge, for which edge.weight is set",
        ),
        (
            Model::Transfer2_5,
            "guidance",
            3.5.into(),
            "guidance is 3.5, expected a whole number",
        ),
    ] {
        let refused = set(model, key, value).unwrap_err();
        assert!(
            refused.to_string().contains(expected),
            "{refused}\n{expected}"
        );
    }
    let nearest = set(Model::Cosmos3, "gidance", 3.into()).unwrap_err().hint();
    assert!(nearest.contains("guidance"), "{nearest}");

    let raw = run_with([0.0, 0.0, 1.0, 0.0], |parameters| {
        parameters
            .set_raw
            .insert("depth.brand_new".into(), 1.into());
        parameters.set_raw.insert("--brand-new".into(), true.into());
    });
    let plan = plan_of(
        Model::Cosmos3,
        &prompt(&EVERYTHING),
        &raw,
        &Options::default(),
    )
    .unwrap();
    assert_eq!(spec(&plan)["depth"]["brand_new"], 1);
    assert!(plan.inference.argv.contains(&"--brand-new".to_owned()));
}

#[test]
fn what_the_settings_set_counts_for_the_controls_there_are_and_gives_way_to_the_run() {
    let mut set = Map::new();
    set.insert("edge.preset_edge_threshold".into(), "low".into());
    set.insert("seg.control_weight".into(), 0.5.into());
    set.insert("num_steps".into(), 20.into());
    let options = Options {
        set,
        ..Options::default()
    };
    let run = run_with([0.0, 1.0, 0.0, 0.0], |parameters| {
        parameters.set.insert("num_steps".into(), 30.into());
    });
    let plan = plan_of(Model::Transfer2_5, &prompt(&[]), &run, &options).unwrap();
    assert_eq!(spec(&plan)["edge"]["preset_edge_threshold"], "low");
    assert_eq!(spec(&plan)["num_steps"], 30);
    assert!(spec(&plan).get("seg").is_none());
}

#[test]
fn a_draft_is_short_and_says_so() {
    let draft = |model, checkpoint: Option<&str>| {
        let run = run_with([0.0, 1.0, 0.0, 0.0], |parameters| {
            parameters.draft = true;
            parameters.checkpoint = checkpoint.map(Into::into);
        });
        let options = Options {
            upscale: Some(Upscale {
                weight: 0.5,
                steps: None,
            }),
            has_upscaler: true,
            ..Options::default()
        };
        let shot = prompt(&[Modality::Edge]);
        let plan = plan_of_video(model, &shot, &run, &options, &long(300)).unwrap();
        assert_eq!(plan.upscaling, None);
        assert!(plan.notes.iter().any(|note| note.starts_with("draft: ")));
        spec(&plan).clone()
    };
    assert_eq!(draft(Model::Transfer1, None)["num_steps"], 10);
    let two = draft(Model::Transfer2_5, None);
    assert_eq!(
        (&two["num_steps"], &two["max_frames"]),
        (&10.into(), &93.into())
    );
    let three = draft(Model::Cosmos3, None);
    assert_eq!(
        (&three["resolution"], &three["max_frames"]),
        (&"480".into(), &121.into())
    );
    assert_eq!(draft(Model::Cosmos3, Some("edge"))["resolution"], "256");
}

#[test]
fn copies_of_controls_are_told_from_results() {
    let job = |model| {
        let plan = plan_of(
            model,
            &prompt(&EVERYTHING),
            &run([0.25; 4]),
            &Options::default(),
        );
        plan.unwrap().inference
    };
    for (model, copies, results) in [
        (
            Model::Transfer1,
            &[
                "edge_input_control_0.mp4",
                "depth_weights.pt",
                "seg_control_weight_0.mp4",
            ][..],
            &["output.mp4", "output.txt", "run.log", "spec.json"][..],
        ),
        (
            Model::Transfer2_5,
            &[
                "output_control_edge.mp4",
                "output_mask_depth.mp4",
                "output_control_vis.jpg",
            ],
            &[
                "output.mp4",
                "output.jpg",
                "output.json",
                "config.yaml",
                "debug.log",
            ],
        ),
        (
            Model::Cosmos3,
            &["control_edge.mp4"],
            &["vision.mp4", "sample_args.json", "sample_outputs.json"],
        ),
    ] {
        for name in copies {
            assert!(job(model).is_control_copy(name), "{name}");
        }
        for name in results {
            assert!(!job(model).is_control_copy(name), "{name}");
        }
    }
}

#[test]
fn what_a_model_cannot_do_is_refused_with_what_it_can() {
    let all = prompt(&EVERYTHING);
    let no_input = PromptSpec {
        input_video_path: None,
        ..prompt(&[Modality::Depth])
    };
    let weights = run([0.25; 4]);
    let depth_only = run([0.0, 0.0, 1.0, 0.0]);
    let with = |change: fn(&mut Parameters)| run_with([0.0, 0.0, 1.0, 0.0], change);
    let asset = |path: &str| Asset {
        path: path.into(),
        sha256: None,
    };
    let plain = Options::default();
    let devices = |num_gpu, cuda_devices: &str| Options {
        num_gpu,
        cuda_devices: cuda_devices.into(),
        ..Options::default()
    };
    let (one, two, three) = (Model::Transfer1, Model::Transfer2_5, Model::Cosmos3);
    let styled = run_with([0.25; 4], |p| p.style_image = Some(asset("s.png")));
    let masked = run_with([0.0, 0.0, 1.0, 0.0], |p| {
        p.masks.insert(Modality::Edge, asset("m.mp4"));
    });
    for (model, prompt, run, options, expected) in [
        (
            one,
            &all,
            run([0.0; 4]),
            plain.clone(),
            "the weight is 0 for every control, expected a weight above 0",
        ),
        (
            two,
            &all,
            run([0.0; 4]),
            plain.clone(),
            "the weight is 0 for every control",
        ),
        (
            one,
            &no_input,
            weights.clone(),
            plain.clone(),
            "the prompt is without a video of vis, and without an input video, expected one of them",
        ),
        (
            one,
            &no_input,
            with(|p| p.sigma_max = Some(70.0)),
            plain.clone(),
            "sigma_max is 70, expected 80 or more without an input video",
        ),
        (
            one,
            &all,
            with(|p| p.guardrails = Some(false)),
            plain.clone(),
            "guardrails is off, expected on: the program cannot do without",
        ),
        (
            one,
            &all,
            with(|p| p.resolution_tier = Some("480".into())),
            plain.clone(),
            "resolution_tier is 480, expected one of 720",
        ),
        (
            one,
            &all,
            with(|p| p.checkpoint = Some("distilled".into())),
            plain.clone(),
            "checkpoint is \"distilled\", expected edge as the only control",
        ),
        (
            one,
            &all,
            styled.clone(),
            plain.clone(),
            "style_image is given, expected nothing",
        ),
        (
            one,
            &all,
            masked.clone(),
            plain.clone(),
            "the mask is for edge, expected a mask for controls with a weight above 0",
        ),
        (
            two,
            &no_input,
            depth_only.clone(),
            plain.clone(),
            "the input video is missing, expected one",
        ),
        (
            two,
            &all,
            with(|p| p.guidance_scale = Some(8.0)),
            plain.clone(),
            "guidance_scale is 8, expected a whole number from 0 to 7",
        ),
        (
            two,
            &all,
            with(|p| p.guidance_scale = Some(2.5)),
            plain.clone(),
            "guidance_scale is 2.5, expected a whole number",
        ),
        (
            two,
            &all,
            styled,
            plain.clone(),
            "style_image is given, expected a single control with a weight",
        ),
        (
            two,
            &all,
            with(|p| p.resolution_tier = Some("704".into())),
            plain.clone(),
            "resolution_tier is 704, expected one of 256, 480",
        ),
        (
            three,
            &all,
            with(|p| p.guidance_scale = Some(7.5)),
            plain.clone(),
            "guidance_scale is 7.5, expected a number from 0 to 7",
        ),
        (
            three,
            &no_input,
            run([0.0, 1.0, 0.0, 0.0]),
            plain.clone(),
            "the prompt is without a video of edge, and without an input video",
        ),
        (
            three,
            &no_input,
            run([0.0, 0.0, 0.0, 1.0]),
            plain.clone(),
            "the prompt is without a video of segmentation, expected one, as Cosmos 3 cannot make it from the input video",
        ),
        (
            three,
            &all,
            with(|p| p.checkpoint = Some("nvidia/Cosmos3-Nano".into())),
            plain.clone(),
            "checkpoint is \"nvidia/Cosmos3-Nano\", expected Cosmos3-Nano,",
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
                upscale: Some(Upscale {
                    weight: 1.5,
                    steps: None,
                }),
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
fn a_run_that_does_not_say_gets_weights_its_model_takes() {
    let given = |model, controls: &[Modality]| {
        let weights = default_weights(model, &prompt(controls));
        CONTROLS.map(|control| weights[&control])
    };
    for model in Model::ALL {
        assert_eq!(given(model, &EVERYTHING), [0.25; 4]);
        assert_eq!(given(model, &[Modality::Depth]), [0.0, 0.0, 1.0, 0.0]);
    }
    assert_eq!(given(Model::Transfer1, &[]), [0.25; 4]);
    assert_eq!(given(Model::Cosmos3, &[]), [0.25, 0.25, 0.0, 0.0]);
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
