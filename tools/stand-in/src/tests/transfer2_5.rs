//! Cosmos-Transfer2.5.

use std::fs;

use serde_json::{Value, json};

use super::{Checkout, GONE, T2_5, judge, with};

pub fn base2_5() -> Value {
    json!({
        "name": "x", "prompt": "a city", "video_path": "color.mp4",
        "depth": {"control_weight": 0.5, "control_path": "depth.mp4"},
    })
}

pub const GENERATED: &str = "Generated video saved to outputs/a/x.mp4";

#[test]
fn transfer2_5_takes_ignores_and_refuses_what_its_program_does() {
    let checkout = Checkout::new();
    let base = base2_5();
    let with = |fields| with(&base, fields);
    let control = |fields: Value| json!({"depth": self::with(&base["depth"], fields)});
    let cases = [
        // Taken.
        (base.clone(), "", 0, GENERATED),
        (
            with(
                json!({"guidance": 3.0, "num_steps": "5", "sigma_max": "200", "resolution": "480p"}),
            ),
            "",
            0,
            GENERATED,
        ),
        (
            with(json!({"prompt": GONE, "prompt_path": "words.txt"})),
            "",
            0,
            GENERATED,
        ),
        (
            with(
                json!({"edge": {"preset_edge_threshold": "low"}, "vis": {}, "seg": {"control_prompt": "a"}}),
            ),
            "",
            0,
            "Loading the multicontrol model",
        ),
        (
            with(control(json!({"mask_path": "color.mp4"}))),
            "",
            0,
            GENERATED,
        ),
        (
            with(control(json!({"mask_prompt": "car"}))),
            "",
            0,
            "Mask for depth saved to outputs/a/x_mask_depth.mp4",
        ),
        (
            with(
                json!({"guided_generation_mask": "color.mp4", "guided_generation_step_threshold": 10}),
            ),
            "",
            0,
            "Mask for guided_generation saved",
        ),
        (
            with(
                json!({"guided_generation_mask": "map.npz", "guided_generation_foreground_labels": [1, 2]}),
            ),
            "",
            0,
            GENERATED,
        ),
        (
            with(json!({"image_context_path": "one.jpg"})),
            "",
            0,
            GENERATED,
        ),
        (with(json!({"context_frame_index": 4})), "", 0, GENERATED),
        (
            base.clone(),
            "--disable-guardrails",
            0,
            "Guardrail checks on prompt are disabled",
        ),
        (
            with(json!({"negative_prompt": ""})),
            "--disable-guardrails",
            0,
            GENERATED,
        ),
        (
            base.clone(),
            "--guidance 7 --seed 1 --keep-input-resolution False",
            0,
            GENERATED,
        ),
        (base.clone(), "--compile-tokenizer AGGRESSIVE", 0, GENERATED),
        // Passed over.
        (
            with(control(
                json!({"input_control": "absent.mp4", "weight": "x"}),
            )),
            "",
            0,
            GENERATED,
        ),
        (
            with(json!({"edge": {"control_prompt": 7}})),
            "",
            0,
            GENERATED,
        ),
        // Refused.
        (
            with(json!({"fps": 24})),
            "",
            1,
            "at line 0\n1 validation error for InferenceArguments\nfps\n  Extra inputs are not permitted",
        ),
        (
            with(json!({"blur": {}})),
            "",
            1,
            "Extra inputs are not permitted",
        ),
        (
            with(json!({"guidance": 3.5})),
            "",
            1,
            "got a number with a fractional part",
        ),
        (
            with(json!({"guidance": 8})),
            "",
            1,
            "less than or equal to 7",
        ),
        (
            with(json!({"resolution": 720})),
            "",
            1,
            "Input should be a valid string",
        ),
        (
            with(json!({"resolution": "1440"})),
            "",
            1,
            "KeyError: '1440'",
        ),
        (
            with(json!({"sigma_max": 80})),
            "",
            1,
            "Input should be a valid string",
        ),
        (
            with(json!({"sigma_max": "much"})),
            "",
            1,
            "could not convert string to float: 'much'",
        ),
        (
            with(json!({"context_frame_index": 0})),
            "",
            1,
            "Input should be greater than 0",
        ),
        (
            with(json!({"context_frame_index": 5})),
            "",
            1,
            "index 5 is out of bounds",
        ),
        (
            with(json!({"num_conditional_frames": 3})),
            "",
            1,
            "Input should be 0, 1 or 2",
        ),
        (
            with(json!({"num_steps": 0})),
            "",
            1,
            "Input should be greater than 0",
        ),
        (with(json!({"name": GONE})), "", 1, "name\n  Field required"),
        (
            with(json!({"prompt": GONE})),
            "",
            1,
            "prompt\n  Field required",
        ),
        (
            with(json!({"prompt": GONE, "prompt_path": "absent.txt"})),
            "",
            1,
            "FileNotFoundError",
        ),
        (
            with(json!({"negative_prompt": null})),
            "",
            1,
            "Input should be a valid string",
        ),
        (
            with(json!({"video_path": "absent.mp4"})),
            "",
            1,
            "Path does not point to a file",
        ),
        (
            with(json!({"video_path": "inputs/color.mp4"})),
            "",
            1,
            "Path does not point to a file",
        ),
        (with(json!({"depth": GONE})), "", 1, "No controls provided"),
        (with(json!({"depth": null})), "", 1, "No controls provided"),
        (with(json!({"depth": 1})), "", 1, "validation error"),
        (
            with(json!({"vis": {}, "image_context_path": "one.jpg"})),
            "",
            1,
            "both used to transfer style",
        ),
        (
            with(json!({"image_context_path": "words.txt"})),
            "",
            1,
            "Invalid image context extension: .txt",
        ),
        (
            with(control(json!({"control_weight": 1.1}))),
            "",
            1,
            "depth.control_weight\n  Input should be less than or equal to 1",
        ),
        (
            with(control(json!({"control_path": "absent.mp4"}))),
            "",
            1,
            "depth.control_path\n  Path does not point to a file",
        ),
        (
            with(json!({"edge": {"preset_edge_threshold": "none"}})),
            "",
            1,
            "Input should be 'very_low', 'low', 'medium', 'high' or 'very_high'",
        ),
        (
            with(control(json!({"control_path": "square.mp4"}))),
            "",
            1,
            "must match the size of tensor",
        ),
        (
            with(json!({"guided_generation_mask": "."})),
            "",
            1,
            "not a mp4 or npz file",
        ),
        (base.clone(), "--model=edge/distilled", 2, "invalid choice"),
        (base.clone(), "--guidance 8", 1, "less than or equal to 7"),
        (
            base.clone(),
            "--guidance 3.0",
            2,
            "invalid literal for int()",
        ),
        (base.clone(), "--name y", 2, "Unrecognized options"),
        (
            base.clone(),
            "--depth.control-weight 1",
            2,
            "Unrecognized options",
        ),
        (json!([]), "", 1, "TypeError"),
    ];
    judge(&checkout, &cases, |spec, flags| {
        checkout.transfer2_5(spec, flags)
    });
    let lines = format!("{}\n{}\n", base, with(json!({"name": "y"})));
    fs::write(checkout.at("inputs/two.jsonl"), &lines).unwrap();
    checkout
        .call(&format!("python {T2_5} -i inputs/two.jsonl -o outputs"))
        .has(&[
            "Generating 2 samples: ['x', 'y']",
            "[1/2] Processing sample x",
            "[2/2] Processing sample y",
        ]);
    let ended = checkout.call(&format!(
        "python {T2_5} -i inputs/two.jsonl inputs/spec.json -o outputs"
    ));
    assert_eq!(ended.code, 1);
    fs::write(checkout.at("inputs/twice.jsonl"), format!("{base}\n{base}")).unwrap();
    let ended = checkout.call(&format!("python {T2_5} -i inputs/twice.jsonl -o outputs"));
    ended.has(&["Error: Inference samplename x is not unique"]);
    fs::write(checkout.at("inputs/blank.jsonl"), format!("{base}\n\n")).unwrap();
    let ended = checkout.call(&format!("python {T2_5} -i inputs/blank.jsonl -o outputs"));
    ended.has(&["JSONDecodeError"]);
    fs::write(checkout.at("inputs/spec.yaml"), "name: x").unwrap();
    let ended = checkout.call(&format!("python {T2_5} -i inputs/spec.yaml -o outputs"));
    ended.has(&["ValueError: Unsupported file extension: .yaml"]);
}

#[test]
fn transfer2_5_keeps_the_input_s_size_and_cuts_its_rate() {
    let mut checkout = Checkout::new();
    let ended = checkout.transfer2_5(&base2_5(), "--num-steps 4");
    assert_eq!(ended.code, 0, "{}", ended.said);
    ended.has(&[
        "Log saved to outputs/a/console.log",
        "Downloading checkpoint",
        "Saved config to outputs/a/config.yaml",
        "[1/1] Processing sample x",
        "Saved arguments to outputs/a/x.json",
        "Running guardrail check on prompt...",
        "|SUCCESS|cosmos_transfer2/inference.py:",
        "Passed guardrail on prompt",
        "Passed guardrail on negative prompt",
        "\rGenerating samples:   0%|          | 0/4 [00:00<?, ?it/s]",
        "\rGenerating samples: 100%|██████████| 4/4 [",
        "depth control video saved to outputs/a/x_control_depth.mp4",
        "Running guardrail check on video...",
        "Passed guardrail on generated video",
        GENERATED,
    ]);
    // The console hears nothing of the pipeline.
    assert!(!ended.said.contains("Generating chunk"));
    let debug = fs::read_to_string(checkout.at("outputs/a/debug.log")).unwrap();
    assert!(debug.contains("Generating chunk 1/1") && debug.contains(GENERATED));
    let files = [
        "config.yaml",
        "console.log",
        "debug.log",
        "x.json",
        "x.mp4",
        "x.txt",
        "x_control_depth.mp4",
    ];
    assert_eq!(checkout.files("outputs/a"), files);
    assert_eq!(checkout.facts("outputs/a/x.mp4"), (640, 360, 5, 24.0));
    assert_eq!(
        checkout.facts("outputs/a/x_control_depth.mp4"),
        (640, 360, 5, 24.0)
    );
    checkout.env.insert("COSMOS_VERBOSE".into(), "1".into());
    checkout
        .transfer2_5(&base2_5(), "")
        .has(&["Generating chunk 1/1"]);

    for (fields, flags, expected) in [
        (json!({"video_path": "ntsc.mp4"}), "", (640, 360, 5, 29.0)),
        (
            json!({"keep_input_resolution": false}),
            "",
            (1280, 704, 5, 24.0),
        ),
        (
            json!({"keep_input_resolution": false, "resolution": "480"}),
            "",
            (768, 432, 5, 24.0),
        ),
        (json!({"max_frames": 3}), "", (640, 360, 3, 24.0)),
        (
            json!({"show_input": true, "show_control_condition": true}),
            "",
            (1920, 360, 5, 24.0),
        ),
        (
            json!({"show_input": true}),
            "--show-input False",
            (640, 360, 5, 24.0),
        ),
        (
            json!({"video_path": "long.mp4", "depth": {}}),
            "",
            (640, 360, 130, 24.0),
        ),
    ] {
        checkout.clear();
        let ended = checkout.transfer2_5(&with(&base2_5(), fields), flags);
        assert_eq!(ended.code, 0, "{}", ended.said);
        assert_eq!(checkout.facts("outputs/a/x.mp4"), expected);
    }
    checkout.clear();
    let picture = with(&base2_5(), json!({"video_path": "one.jpg", "depth": {}}));
    checkout
        .transfer2_5(&picture, "")
        .has(&["Generated video saved to outputs/a/x.jpg"]);
    assert_eq!(checkout.facts("outputs/a/x.jpg"), (640, 360, 1, 1.0));
    assert!(
        checkout
            .files("outputs/a")
            .contains(&"x_control_depth.jpg".to_owned())
    );
}

#[test]
fn transfer2_5_s_controls_have_to_reach_every_chunk() {
    let checkout = Checkout::new();
    let spec = |video: &str, control: &str, more: Value| {
        let fields = json!({"video_path": format!("{video}.mp4"), "depth": {"control_path": format!("{control}.mp4")}});
        with(&with(&base2_5(), fields), more)
    };
    for (spec, bars) in [
        (spec("color", "short", json!({})), 1),
        (spec("long", "long", json!({})), 2),
        (spec("longest", "longest", json!({})), 3),
        (
            spec("long", "longest", json!({"num_video_frames_per_chunk": 65})),
            3,
        ),
    ] {
        let ended = checkout.transfer2_5(&spec, "");
        assert_eq!(ended.code, 0, "{}", ended.said);
        assert_eq!(ended.said.matches("Generating samples:   0%").count(), bars);
    }
    let ended = checkout.transfer2_5(&spec("long", "short", json!({})), "");
    assert_eq!(ended.code, 1);
    ended.has(&["100%", "ValueError: No input frames; cannot pad."]);
    assert_eq!(
        checkout.facts("outputs/a/x.mp4").2,
        130,
        "that of the run before"
    );
    let ended = checkout.transfer2_5(
        &spec(
            "long",
            "long",
            json!({"num_video_frames_per_chunk": 2, "num_conditional_frames": 2}),
        ),
        "",
    );
    ended.has(&["ZeroDivisionError"]);
}

#[test]
fn transfer2_5_s_blocks_end_well_and_without_a_video() {
    let mut checkout = Checkout::new();
    for (mode, says, files) in [
        (
            "blocked=prompt",
            "Guardrail blocked generation. Prompt: a city",
            4,
        ),
        (
            "blocked=negative",
            "Guardrail blocked generation. Negative prompt: ",
            4,
        ),
        ("blocked=video", "Running guardrail check on video...", 5),
    ] {
        checkout.clear();
        checkout.mode(mode);
        let ended = checkout.transfer2_5(&base2_5(), "");
        assert_eq!(ended.code, 0, "{}", ended.said);
        ended.has(&[says]);
        assert!(!ended.said.contains("GUARDRAIL BLOCKED"));
        let debug = fs::read_to_string(checkout.at("outputs/a/debug.log")).unwrap();
        assert!(debug.contains("GUARDRAIL BLOCKED: "));
        assert_eq!(checkout.files("outputs/a").len(), files);
        assert!(!checkout.at("outputs/a/x.mp4").exists());
        let ended = checkout.transfer2_5(&base2_5(), "--no-keep-going");
        assert_eq!(ended.code, 1);
        ended.has(&["Traceback", "Exception: Guardrail blocked "]);
        assert_eq!(
            checkout
                .transfer2_5(&base2_5(), "--disable-guardrails")
                .code,
            0
        );
        assert!(checkout.at("outputs/a/x.mp4").exists());
    }
    checkout.mode("");
    for empty in ["prompt", "negative_prompt"] {
        checkout.clear();
        let ended = checkout.transfer2_5(&with(&base2_5(), json!({empty: ""})), "");
        assert_eq!(ended.code, 0);
        ended.has(&["Guardrail blocked generation."]);
    }
}

#[test]
fn transfer2_5_s_distilled_model_takes_edge_alone() {
    let mut checkout = Checkout::new();
    checkout
        .env
        .insert("COSMOS_EXPERIMENTAL_CHECKPOINTS".into(), "1".into());
    let edge = with(
        &base2_5(),
        json!({"depth": GONE, "edge": {}, "negative_prompt": ""}),
    );
    let ended = checkout.transfer2_5(&edge, "--model=edge/distilled");
    assert_eq!(ended.code, 0);
    ended.has(&["| 4/4 ["]);
    let ended = checkout.transfer2_5(&base2_5(), "--model=edge/distilled");
    ended.has(&["KeyError: ModelKey(variant='depth', distilled=True)"]);
}
