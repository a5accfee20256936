//! Cosmos-Transfer1.

use std::fs;

use serde_json::{Value, json};

use super::{Checkout, GONE, T1, judge, with};

pub fn base1() -> Value {
    json!({
        "prompt": "a city", "input_video_path": "inputs/color.mp4",
        "depth": {"control_weight": 0.5, "input_control": "inputs/depth.mp4"},
    })
}

pub const SAVED: &str = "Saved video to outputs/a/output.mp4";
#[test]
fn transfer1_takes_ignores_and_refuses_what_its_program_does() {
    let checkout = Checkout::new();
    let base = base1();
    let with = |fields| with(&base, fields);
    let control = |fields: Value| json!({"depth": self::with(&base["depth"], fields)});
    let cases = [
        // Taken.
        (base.clone(), "", 0, SAVED),
        (
            with(json!({"num_steps": 10, "guidance": 8.0, "seed": 4294967295_u64})),
            "",
            0,
            SAVED,
        ),
        (with(control(json!({"control_weight": 5}))), "", 0, SAVED),
        (with(control(json!({"control_weight": "0"}))), "", 0, SAVED),
        (
            with(control(json!({"control_weight": GONE}))),
            "",
            0,
            "Setting to 0.5",
        ),
        (
            with(control(json!({"control_weight": "inputs/map.pt"}))),
            "",
            0,
            SAVED,
        ),
        (
            with(json!({"input_video_path": GONE, "sigma_max": 80})),
            "",
            0,
            SAVED,
        ),
        (
            with(
                json!({"edge": {}, "vis": {}, "keypoint": {}, "seg": {"input_control_prompt": "a . b"}}),
            ),
            "",
            0,
            SAVED,
        ),
        (
            with(
                json!({"seg": {"control_weight_prompt": "a", "input_control": "inputs/depth.mp4"}}),
            ),
            "",
            0,
            "SAM using prompt='a'",
        ),
        (
            with(json!({"regional_prompts": [
                {"prompt": "a", "region_definitions_path": [0, 0, 0.5, 1]},
                {"prompt": "b", "mask_prompt": "c"},
                {"prompt": "b", "region_definitions_path": "inputs/depth.mp4"},
            ]})),
            "",
            0,
            SAVED,
        ),
        (
            with(json!({"depth": GONE, "edge": {"control_weight": 1.0}})),
            "--use_distilled",
            0,
            SAVED,
        ),
        // Passed over.
        (
            with(json!({"no_such_key": 1, "depth_weight": [1], "canny_threshold": "none"})),
            "",
            0,
            SAVED,
        ),
        (with(control(json!({"no_such_field": {}}))), "", 0, SAVED),
        // Refused.
        (
            with(json!({"depht": {}})),
            "",
            1,
            "ValueError: Invalid hint_key: depht. Must be one of",
        ),
        (
            with(json!({"depth": 0.5})),
            "",
            1,
            "TypeError: argument of type 'float' is not iterable",
        ),
        (with(json!({"depth": null})), "", 1, "TypeError"),
        (with(json!({"depth": GONE})), "", 1, "KeyError"),
        (
            with(json!({"input_video_path": GONE})),
            "",
            1,
            "Must have 'input_video' specified if sigma_max < 80",
        ),
        (
            with(json!({"input_video_path": GONE, "sigma_max": 80, "depth": {}})),
            "",
            1,
            "must have 'input_control' video specified",
        ),
        (
            with(control(json!({"control_weight": -1}))),
            "",
            1,
            "must be a valid non-negative float or a path to a .pt file",
        ),
        (
            with(control(json!({"control_weight": "high"}))),
            "",
            1,
            "must be a valid non-negative float",
        ),
        (
            with(control(json!({"control_weight": "inputs/absent.pt"}))),
            "",
            1,
            "FileNotFoundError",
        ),
        (
            with(control(json!({"control_weight": "inputs/words.pt"}))),
            "",
            1,
            "FileNotFoundError",
        ),
        (
            with(control(json!({"input_control": "inputs/absent.mp4"}))),
            "",
            1,
            "No such file or directory: 'inputs/absent.mp4'",
        ),
        (
            with(control(json!({"input_control": "inputs/square.mp4"}))),
            "",
            1,
            "must match the size of tensor",
        ),
        (
            with(json!({"negative_prompt": ""})),
            "",
            1,
            "expected Tensor as element 0",
        ),
        (
            with(json!({"prompt": ""})),
            "",
            1,
            "GUARDRAIL BLOCKED: BLOCKLIST: Input is empty",
        ),
        (
            with(json!({"blur_strength": "none"})),
            "",
            1,
            "KeyError: 'none'",
        ),
        (with(json!({"num_steps": "35"})), "", 1, "TypeError"),
        (
            with(json!({"seed": 4294967296_u64})),
            "",
            1,
            "Seed must be between 0 and 2**32 - 1",
        ),
        (with(json!({"seed": -1})), "", 1, "Seed must be between"),
        (
            with(json!({"input_video_path": "inputs/one.mp4"})),
            "",
            1,
            "torch.cat(): expected a non-empty list of Tensors",
        ),
        (
            with(
                json!({"regional_prompts": [{"prompt": "a", "region_definitions_path": "inputs/map.pt"}]}),
            ),
            "",
            1,
            "Invalid video file",
        ),
        (
            with(json!({"regional_prompts": [{"mask_prompt": "a"}]})),
            "",
            1,
            "KeyError: 'prompt'",
        ),
        (
            base.clone(),
            "--use_distilled",
            1,
            "No default distilled checkpoint for depth",
        ),
        (base.clone(), "--upsample_prompt", 1, "KeyError: 'RANK'"),
        (
            base.clone(),
            "--checkpoint_dir nowhere",
            1,
            "No such file or directory: 'nowhere/nvidia",
        ),
        (
            base.clone(),
            "--fps 23.976",
            2,
            "argument --fps: invalid int value",
        ),
        (base.clone(), "--blur_strength none", 2, "invalid choice"),
        (
            base.clone(),
            "--no_such_flag",
            2,
            "unrecognized arguments: --no_such_flag",
        ),
        (
            json!([]),
            "",
            1,
            "AttributeError: 'list' object has no attribute 'items'",
        ),
    ];
    judge(&checkout, &cases, |spec, flags| {
        checkout.transfer1(spec, flags)
    });
    let ended = checkout.call(&format!(
        "python {T1} --controlnet_specs inputs/broken.json"
    ));
    ended.has(&["json.decoder.JSONDecodeError"]);
    let mut elsewhere = Checkout::new();
    elsewhere.env.clear();
    elsewhere
        .transfer1(&base, "")
        .has(&["No module named 'cosmos_transfer1'"]);
}

#[test]
fn transfer1_writes_its_own_size_rate_and_length() {
    let checkout = Checkout::new();
    let ended = checkout.transfer1(&base1(), "");
    ended.has(&[
        "|INFO|cosmos_transfer1/diffusion/inference/transfer.py:",
        "running preprocessor",
        "reading control input inputs/depth.mp4 for hint depth",
        "  0%|          | 0/1 [00:00<?, ?it/s]",
        "Starting latent encoding",
        "Completed latent encoding",
        "Starting diffusion sampling",
        "Completed diffusion sampling",
        "Starting VAE decode",
        "Completed VAE decode",
        "100%|██████████| 1/1 [",
        "Run guardrail on generated videos",
        "Saved video to outputs/a/output.mp4",
        "Saved prompt to outputs/a/output.txt",
    ]);
    assert_eq!(checkout.files("outputs/a"), ["output.mp4", "output.txt"]);
    // Neither the size nor the rate of the input.
    assert_eq!(checkout.facts("outputs/a/output.mp4"), (1280, 704, 5, 24.0));
    let text = fs::read_to_string(checkout.at("outputs/a/output.txt")).unwrap();
    assert_eq!(text, "a city");

    let spec = json!({
        "prompt": "x", "input_video_path": "inputs/ntsc.mp4", "fps": 23.976,
        "depth": {"control_weight": 1, "input_control": "inputs/short.mp4"}, "edge": {}, "seg": {"control_weight": 0.2},
    });
    checkout.clear();
    assert_eq!(checkout.transfer1(&spec, "--video_save_name b").code, 0);
    // The shortest counts.
    assert_eq!(checkout.facts("outputs/a/b.mp4"), (1280, 704, 3, 23.976));
    assert_eq!(
        checkout.files("outputs/a"),
        [
            "b.mp4",
            "b.txt",
            "edge_input_control_0.mp4",
            "seg_input_control_0.mp4"
        ]
    );
    assert_eq!(
        checkout.facts("outputs/a/edge_input_control_0.mp4"),
        (640, 360, 5, 30.0)
    );

    // The upsampled prompt is the one that is written down.
    checkout.clear();
    let call = |spec: &Value| {
        checkout.spec(spec);
        checkout.call(&format!(
            "torchrun {T1} --controlnet_specs inputs/spec.json --video_save_folder outputs/a --upsample_prompt"
        ))
    };
    let ended = call(&with(&base1(), json!({"edge": {}})));
    ended.has(&[
        "Upsampling prompt with controlnet: edge",
        "Upsampled prompt 1: a city",
        SAVED,
    ]);
    let text = fs::read_to_string(checkout.at("outputs/a/output.txt")).unwrap();
    assert!(text.starts_with("a city ") && text.len() > "a city ".len());
    assert!(
        checkout
            .at("outputs/a/video_0/control_input_edge_upsampler.mp4")
            .exists()
    );
    call(&with(&base1(), json!({"depth": {}})))
        .has(&["TypeError: 'NoneType' object is not iterable"]);

    // A flag that is a word of its own beats the spec, one with its value attached does not.
    checkout.clear();
    checkout.transfer1(&with(&base1(), json!({"fps": 10})), "--fps 12");
    assert_eq!(checkout.facts("outputs/a/output.mp4").3, 12.0);
    checkout.transfer1(&with(&base1(), json!({"fps": 10})), "--fps=12");
    assert_eq!(checkout.facts("outputs/a/output.mp4").3, 10.0);

    let upscale =
        json!({"input_video_path": "outputs/a/output.mp4", "upscale": {"control_weight": 0.5}});
    assert_eq!(
        checkout
            .transfer1(&upscale, "--num_steps 10 --video_save_name up")
            .code,
        0
    );
    assert_eq!(checkout.facts("outputs/a/up.mp4"), (3840, 2112, 5, 24.0));
}

#[test]
fn transfer1_works_in_windows_of_121_frames() {
    let checkout = Checkout::new();
    let spec = |frames: &str, weight: Value| {
        json!({
            "prompt": "x", "input_video_path": format!("inputs/{frames}.mp4"), "seed": 4294967295_u64,
            "depth": {"control_weight": weight, "input_control": format!("inputs/{frames}.mp4")},
        })
    };
    for (frames, windows) in [("color", 1), ("long", 2), ("longest", 2)] {
        let ended = checkout.transfer1(&spec(frames, json!(1)), "");
        // With an input video the seed never reaches NumPy again.
        assert_eq!(ended.code, 0, "{}", ended.said);
        assert_eq!(
            ended.said.matches("Starting diffusion sampling").count(),
            windows
        );
        ended.has(&[&format!("| {windows}/{windows} [")]);
    }
    let no_input = with(
        &spec("long", json!(1)),
        json!({"input_video_path": GONE, "sigma_max": 80}),
    );
    let ended = checkout.transfer1(&no_input, "");
    ended.has(&[
        "Completed VAE decode",
        "Seed must be between 0 and 2**32 - 1",
    ]);
    // A map over whole windows lies in the first alone.
    assert_eq!(
        checkout
            .transfer1(&spec("long", json!("inputs/map.pt")), "")
            .code,
        0
    );
    let ended = checkout.transfer1(&spec("longest", json!("inputs/map.pt")), "");
    ended.has(&["Completed VAE decode", "AssertionError"]);
}

#[test]
fn transfer1_s_blocks_end_with_a_type_error() {
    let mut checkout = Checkout::new();
    for (mode, said) in [
        (
            "blocked=prompt",
            [
                "GUARDRAIL BLOCKED: BLOCKLIST: ",
                "Input text prompt 1 is not safe",
                "All prompts failed safety checks",
            ],
        ),
        (
            "blocked",
            [
                "GUARDRAIL BLOCKED: VIDEO",
                "Generated video 1 is not safe",
                "All generated videos failed safety checks",
            ],
        ),
    ] {
        checkout.clear();
        checkout.mode(mode);
        let ended = checkout.transfer1(&base1(), "");
        assert_eq!(ended.code, 1);
        ended.has(&said).has(&[
            "|CRITICAL|",
            "Guardrail blocked generation for entire batch.",
            "Traceback",
            "TypeError: cannot unpack non-iterable NoneType object",
        ]);
        assert!(checkout.files("outputs").is_empty());
    }
    // Nobody asks for the negative prompt.
    checkout.mode("blocked=negative");
    assert_eq!(checkout.transfer1(&base1(), "").code, 0);
    checkout.mode("no-boxes");
    assert_eq!(checkout.transfer1(&base1(), "").code, 0);
    let derived = with(&base1(), json!({"seg": {}}));
    checkout.clear();
    let ended = checkout.transfer1(&derived, "");
    ended.has(&[
        "No boxes detected. Exiting.",
        "IndexError: list index out of range",
    ]);
}
