//! Cosmos 3.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Checkout, GONE, judge, with};

pub fn base3() -> Value {
    json!({
        "name": "x", "prompt": "a city", "seed": 1, "depth": {"control_path": "depth.mp4"},
    })
}

pub const DONE: &str = "Saved transfer outputs to '";

#[test]
fn cosmos3_takes_and_refuses_what_its_program_does() {
    let checkout = Checkout::new();
    let base = base3();
    let with = |fields| with(&base, fields);
    let cases = [
        // Taken.
        (base.clone(), "", 0, DONE),
        (
            with(
                json!({"model_mode": "video2video", "guidance": 7, "control_guidance": 10, "shift": 5}),
            ),
            "",
            0,
            DONE,
        ),
        (
            with(
                json!({"negative_prompt": "{\"subjects\": []}", "negative_prompt_file": "absent.json"}),
            ),
            "",
            0,
            DONE,
        ),
        (
            with(json!({"prompt": GONE, "prompt_path": "caption.json"})),
            "",
            0,
            "final user prompt: {\"subjects\":[]}",
        ),
        (with(json!({"prompt": GONE})), "", 0, DONE),
        (
            with(
                json!({"edge": {"control_path": "depth.mp4", "weight": 3}, "seg": {"control_path": "depth.mp4", "weight": 0}}),
            ),
            "",
            0,
            "control_seg.mp4",
        ),
        (
            with(
                json!({"vision_path": "color.mp4", "edge": {}, "blur": {"preset_blur_strength": "none"}}),
            ),
            "",
            0,
            "Computing blur control input on the fly",
        ),
        (
            with(json!({"vision_path": "color.mp4", "num_first_chunk_conditional_frames": 2})),
            "",
            0,
            DONE,
        ),
        (
            with(
                json!({"resolution": "480", "aspect_ratio": "9,16", "extra": {}, "guidance_interval": [0, 500]}),
            ),
            "",
            0,
            DONE,
        ),
        (
            base.clone(),
            "--no-guardrails --no-diffusion-cache --no-use-torch-compile --use-cuda-graphs --sampler=edm",
            0,
            DONE,
        ),
        (
            base.clone(),
            "--num-steps 5 --negative-metadata-mode SAME",
            0,
            DONE,
        ),
        // Refused.
        (
            with(json!({"sigma": 80})),
            "",
            1,
            "at sample 0\nParameters: {'name': 'x'",
        ),
        (
            with(json!({"sigma": 80})),
            "",
            1,
            "sigma\n  Extra inputs are not permitted",
        ),
        (
            with(json!({"depth": {"control_path": "depth.mp4", "control_weight": 1}})),
            "",
            1,
            "depth.control_weight\n  Extra inputs are not permitted",
        ),
        (
            with(json!({"vis": {}})),
            "",
            1,
            "vis\n  Extra inputs are not permitted",
        ),
        (
            with(json!({"guidance": 8.0})),
            "",
            1,
            "less than or equal to 7",
        ),
        (
            with(json!({"control_guidance": 11})),
            "",
            1,
            "less than or equal to 10",
        ),
        (
            with(json!({"resolution": "1080"})),
            "",
            1,
            "Input should be '256', '480', '704', '720' or '768'",
        ),
        (
            with(json!({"resolution": 720})),
            "",
            1,
            "resolution\n  Input should be",
        ),
        (
            with(json!({"aspect_ratio": "16:9"})),
            "",
            1,
            "aspect_ratio\n  Input should be",
        ),
        (
            with(json!({"fps": 23.976})),
            "",
            1,
            "got a number with a fractional part",
        ),
        (
            with(json!({"num_conditional_frames": -1})),
            "",
            1,
            "greater than or equal to 0",
        ),
        (
            with(json!({"depth": {"control_path": "absent.mp4"}})),
            "",
            1,
            "Value error, Path does not point to a file: absent.mp4",
        ),
        (
            with(json!({"depth": {}})),
            "",
            1,
            "requires 'vision_path' or a pre-computed 'control_path' (hint: depth)",
        ),
        (
            with(json!({"depth": {}, "vision_path": "color.mp4"})),
            "",
            1,
            "FileNotFoundError: Missing pre-computed control input for 'depth'",
        ),
        (
            with(json!({"depth": GONE, "show_input": true})),
            "",
            1,
            "requires at least one control hint",
        ),
        (
            with(json!({"depth": GONE, "control_guidance": 2.0})),
            "",
            1,
            "requires at least one control hint",
        ),
        (
            with(json!({"depth": {"control_path": "depth.mp4", "weight": -1}})),
            "",
            1,
            "AssertionError: control_weights must all be non-negative, got [-1.0]",
        ),
        (
            with(json!({"depth": {"control_path": "depth.mp4", "weight": 0}})),
            "",
            1,
            "control_weights must have a positive sum, got [0.0]",
        ),
        (
            with(json!({"edge": {"control_path": "depth.mp4", "preset_edge_threshold": "none"}})),
            "",
            1,
            "Input should be 'very_low', ",
        ),
        (
            with(json!({"num_first_chunk_conditional_frames": 1})),
            "",
            1,
            "requires 'vision_path' for first-chunk conditioning",
        ),
        (
            with(json!({"vision_path": "words.txt"})),
            "",
            1,
            "Invalid vision extension: .txt",
        ),
        (
            with(json!({"prompt": GONE, "prompt_path": "broken.json"})),
            "",
            1,
            "JSONDecodeError",
        ),
        (
            with(json!({"seed": 4294967296_u64})),
            "",
            1,
            "Seed must be between 0 and 2**32 - 1",
        ),
        (
            with(json!({"depth": {"control_path": "long.mp4"}, "seed": 4294967295_u64})),
            "",
            1,
            "Seed must be between 0 and 2**32 - 1",
        ),
        (
            with(json!({"depth": {"control_path": "one.mp4"}})),
            "",
            1,
            "Error generating sample 'x': ",
        ),
        (
            with(json!({"num_frames": 1})),
            "",
            1,
            "Error generating sample 'x': ",
        ),
        (
            base.clone(),
            "--checkpoint-path nvidia/Cosmos3-Nano",
            1,
            "Checkpoint directory does not exist: ",
        ),
        (
            base.clone(),
            "--num-iterations 2",
            1,
            "num_iterations > 1 requires benchmark=True",
        ),
        (base.clone(), "--guidance 8", 1, "less than or equal to 7"),
        // The launcher ends with 1 whatever its program ends with.
        (base.clone(), "--no-such-flag", 1, "Unrecognized options"),
        (
            base.clone(),
            "--negative-metadata-mode same",
            1,
            "exitcode  : 2",
        ),
    ];
    judge(&checkout, &cases, |spec, flags| {
        checkout.cosmos3(spec, flags)
    });
    checkout.spec(&base);
    let module = crate::cosmos3::MODULE;
    let ended = checkout.call(&format!(
        "python -m {module} -i inputs/spec.json -o outputs"
    ));
    assert_eq!(ended.code, 2);
    let ended = checkout.call(&format!(
        "python -m {module} -i inputs/spec.json --checkpoint-path Cosmos3-Nano"
    ));
    ended.has(&["ValueError: 'output_dir' is required"]);
}

#[test]
fn cosmos3_fills_in_what_is_tuned_for_a_single_control() {
    let checkout = Checkout::new();
    let args = |fields: Value, flags: &str| -> Value {
        checkout.clear();
        let ended = checkout.cosmos3(&with(&base3(), fields), flags);
        assert_eq!(ended.code, 0, "{}", ended.said);
        serde_json::from_slice(&fs::read(checkout.at("outputs/x/sample_args.json")).unwrap())
            .unwrap()
    };
    let control = json!({"control_path": "depth.mp4"});
    for (fields, guidance, control_guidance) in [
        (json!({}), 3.0, 1.5),
        (json!({"depth": GONE, "seg": control}), 3.0, 2.0),
        (json!({"depth": GONE, "wsm": control}), 1.0, 3.0),
        (json!({"seg": control}), 6.0, 1.0),
        (json!({"guidance": 2, "control_guidance": 1}), 2.0, 1.0),
    ] {
        let args = args(fields.clone(), "");
        assert_eq!(args["guidance"], guidance, "{fields}");
        assert_eq!(args["control_guidance"], control_guidance, "{fields}");
    }
    assert_eq!(args(json!({}), "")["resolution"], "720");
    assert_eq!(args(json!({}), "")["negative_metadata_mode"], "same");
    let published =
        json!({"negative_metadata_mode": "none", "negative_prompt_keep_metadata": false});
    assert_eq!(args(published, "")["negative_metadata_mode"], "none");
    let edge = args(json!({}), "--checkpoint-path Cosmos3-Edge");
    assert_eq!(
        (&edge["resolution"], &edge["num_frames"]),
        (&json!("480"), &json!(121))
    );
}

#[test]
fn cosmos3_writes_a_folder_for_each_sample() {
    let mut checkout = Checkout::new();
    let ended = checkout.cosmos3(&base3(), "--num-steps 4");
    ended.has(&[
        "|job=|INFO|cosmos_framework/inference/common/init.py:",
        "Console log saved to ",
        "Loaded 1 samples",
        "Downloading checkpoint nvidia/Cosmos3-Nano",
        "Saved sample args to '",
        "Loaded pre-computed depth control from ",
        "[transfer] final user prompt: a city",
        "\rSampling:   0%|          | 0/4 [00:00<?, ?it/s]",
        "\rSampling: 100%|██████████| 4/4 [",
        "Saved control video to '",
        DONE,
    ]);
    let files = [
        "control_depth.mp4",
        "sample_args.json",
        "sample_outputs.json",
        "vision.mp4",
    ];
    assert_eq!(checkout.files("outputs/x"), files);
    assert_eq!(checkout.files("outputs")[..2], ["console.log", "debug.log"]);
    let outputs: Value =
        serde_json::from_slice(&fs::read(checkout.at("outputs/x/sample_outputs.json")).unwrap())
            .unwrap();
    assert_eq!(outputs["status"], "success");
    let listed = outputs["outputs"][0]["files"].as_array().unwrap();
    assert!(
        listed
            .iter()
            .all(|file| Path::new(file.as_str().unwrap()).is_file())
    );
    assert_eq!(listed.len(), 2);

    for (fields, flags, expected) in [
        (json!({}), "", (1280, 720, 5, 24.0)),
        (
            json!({"fps": 30, "resolution": "480"}),
            "",
            (832, 480, 5, 30.0),
        ),
        // A control's own rate counts for nothing, that of the input for all.
        (
            json!({"depth": {"control_path": "ntsc.mp4"}}),
            "",
            (1280, 720, 5, 24.0),
        ),
        (
            json!({"vision_path": "ntsc.mp4", "fps": 10}),
            "",
            (1280, 720, 5, 29.97),
        ),
        (
            json!({"depth": {"control_path": "square.mp4"}, "resolution": "256"}),
            "",
            (256, 256, 5, 24.0),
        ),
        // Cropped to the ratio that is asked for, or to 16:9.
        (
            json!({"vision_path": "square.mp4"}),
            "",
            (1280, 720, 5, 24.0),
        ),
        (
            json!({"vision_path": "square.mp4", "aspect_ratio": "1,1"}),
            "",
            (960, 960, 5, 24.0),
        ),
        (
            json!({"vision_path": "color.mp4", "show_input": true, "show_control_condition": true}),
            "",
            (3840, 720, 5, 24.0),
        ),
        (
            json!({"depth": GONE, "wsm": {"control_path": "depth.mp4"}}),
            "",
            (1280, 720, 5, 10.0),
        ),
        // The first of the controls decides how long it is.
        (
            json!({"edge": {"control_path": "short.mp4"}}),
            "",
            (1280, 720, 3, 24.0),
        ),
        (
            json!({"seg": {"control_path": "short.mp4"}}),
            "",
            (1280, 720, 5, 24.0),
        ),
        (json!({"max_frames": 4}), "", (1280, 720, 4, 24.0)),
        (
            json!({"depth": {"control_path": "long.mp4"}}),
            "",
            (1280, 720, 130, 24.0),
        ),
        (
            json!({}),
            "--checkpoint-path=Cosmos3-Edge",
            (832, 480, 5, 24.0),
        ),
    ] {
        checkout.clear();
        let ended = checkout.cosmos3(&with(&base3(), fields), flags);
        assert_eq!(ended.code, 0, "{}", ended.said);
        assert_eq!(checkout.facts("outputs/x/vision.mp4"), expected);
    }
    let single = json!({"depth": {"control_path": "one.jpg"}, "num_frames": 1});
    assert_eq!(checkout.cosmos3(&with(&base3(), single), "").code, 0);
    assert_eq!(checkout.facts("outputs/x/vision.jpg"), (1280, 720, 1, 1.0));
    for (fields, bars) in [
        (json!({"depth": {"control_path": "long.mp4"}}), 2),
        (
            json!({"depth": {"control_path": "long.mp4"}, "num_video_frames_per_chunk": 130}),
            1,
        ),
        (json!({"depth": {"control_path": "longest.mp4"}}), 3),
        (
            json!({"depth": {"control_path": "longest.mp4"}, "num_video_frames_per_chunk": 121}),
            2,
        ),
    ] {
        let ended = checkout.cosmos3(&with(&base3(), fields), "");
        assert_eq!(ended.said.matches("Sampling:   0%").count(), bars);
    }
    checkout.env.insert("DISABLE_TQDM".into(), "1".into());
    assert!(!checkout.cosmos3(&base3(), "").said.contains("Sampling:"));
}

#[test]
fn cosmos3_has_no_guardrail_to_block_a_transfer() {
    let mut checkout = Checkout::new();
    for mode in ["blocked", "blocked=prompt", "blocked=negative"] {
        checkout.mode(mode);
        checkout.clear();
        checkout
            .cosmos3(&base3(), "")
            .has(&["safety classifier is disabled", DONE]);
        let ended = checkout.cosmos3(&base3(), "--no-guardrails");
        assert!(!ended.said.contains("safety classifier"));
    }
}

#[test]
fn cosmos3_goes_on_only_where_it_catches_what_went_wrong() {
    let checkout = Checkout::new();
    let bad = with(
        &base3(),
        json!({"depth": {"control_path": "one.mp4"}, "name": "a"}),
    );
    let lines = format!("{bad}\n\n{}\n", base3());
    fs::write(checkout.at("inputs/two.jsonl"), lines).unwrap();
    let call = |flags: &str| {
        let module = crate::cosmos3::MODULE;
        checkout.call(&format!(
            "python -m {module} -i inputs/two.jsonl -o outputs --checkpoint-path Cosmos3-Nano {flags}"
        ))
    };
    assert_eq!(call("").code, 1);
    let ended = call("--keep-going");
    assert_eq!(ended.code, 0, "{}", ended.said);
    ended.has(&["|ERROR|", "Error generating sample 'a': ", DONE]);
    let no_control = json!({"name": "a", "prompt": "x", "depth": {}});
    fs::write(
        checkout.at("inputs/two.jsonl"),
        format!("{no_control}\n{}", base3()),
    )
    .unwrap();
    assert_eq!(call("--keep-going").code, 1);
    let ended = call("--skip-invalid-samples");
    assert_eq!(ended.code, 0, "{}", ended.said);
    ended.has(&["Skipping sample 'a': transfer inference requires", DONE]);
    let skipped = fs::read_to_string(checkout.at("outputs/a/sample_outputs.json")).unwrap();
    assert!(skipped.contains(r#""status":"skip""#));
}

#[test]
fn a_checkpoint_may_be_a_folder() {
    let checkout = Checkout::new();
    let folder = checkout.at("sim");
    fs::create_dir(&folder).unwrap();
    let call = |flags: &str| checkout.cosmos3(&base3(), &format!("--checkpoint-path sim {flags}"));
    call("").has(&["Unknown checkpoint type: "]);
    fs::write(folder.join("model.safetensors"), "").unwrap();
    call("").has(&["Invalid Hugging Face checkpoint: "]);
    fs::write(folder.join("config.json"), "{}").unwrap();
    call("").has(&["Could not determine which model config describes checkpoint directory"]);
    fs::write(
        folder.join("config.json"),
        r#"{"model": {"config": {"fixed_step_sampler_config": {"t_list": [1.0]}}}}"#,
    )
    .unwrap();
    let ended = call("");
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(
        !ended.said.contains("Sampling:"),
        "a distilled model draws no bar"
    );
}
