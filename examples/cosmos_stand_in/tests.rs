//! The programs as they are called: what they take, pass over and refuse, and what they leave behind.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::console::Console;
use crate::context::Context;
use crate::media;
use crate::mode::Modes;
use crate::mp4::{Facts, Rate};

/// A checkout with videos in it.
struct Checkout {
    dir: TempDir,
    env: BTreeMap<String, String>,
    modes: Modes,
}

/// What became of a program.
struct Ended {
    code: u8,
    said: String,
}

const T1: &str = "cosmos_transfer1/diffusion/inference/transfer.py";
const T2_5: &str = "examples/inference.py";

impl Checkout {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in [
            "checkpoints",
            "inputs",
            "examples",
            "cosmos_transfer1/diffusion/inference",
        ] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for script in [T1, T2_5] {
            fs::write(dir.path().join(script), "").unwrap();
        }
        let path = dir.path().display().to_string();
        let checkout = Self {
            dir,
            env: BTreeMap::from([("PYTHONPATH".to_owned(), path)]),
            modes: Modes::default(),
        };
        for (name, size, frames, rate) in [
            ("color", (640, 360), 5, Rate::whole(24)),
            ("depth", (640, 360), 5, Rate::whole(24)),
            ("short", (640, 360), 3, Rate::whole(24)),
            ("square", (512, 512), 5, Rate::whole(24)),
            ("ntsc", (640, 360), 5, Rate::of(29.97)),
            ("long", (640, 360), 130, Rate::whole(24)),
            ("longest", (640, 360), 241, Rate::whole(24)),
            ("odd", (642, 362), 5, Rate::whole(30)),
            ("one", (640, 360), 1, Rate::whole(24)),
        ] {
            checkout.video(name, size, frames, rate);
        }
        fs::write(checkout.at("inputs/caption.json"), r#"{"subjects":[]}"#).unwrap();
        fs::write(checkout.at("inputs/broken.json"), "{").unwrap();
        fs::write(checkout.at("inputs/words.txt"), " words\n").unwrap();
        fs::write(checkout.at("inputs/map.npz"), "PK").unwrap();
        crate::transfer1::write_tensor(&checkout.at("inputs/map.pt")).unwrap();
        checkout
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.dir.path().join(path)
    }

    fn video(&self, name: &str, (width, height): (u32, u32), frames: u32, rate: Rate) {
        let facts = Facts {
            width,
            height,
            frames,
            rate,
        };
        media::write(&self.at(&format!("inputs/{name}")), facts, 0).unwrap();
        // One frame as a video, beside the picture.
        crate::mp4::write(&self.at(&format!("inputs/{name}.mp4")), facts, 0).unwrap();
    }

    fn mode(&mut self, words: &str) {
        self.modes = Modes::of(words);
    }

    fn call(&self, line: &str) -> Ended {
        let mut words = shlex::split(line).unwrap();
        let program = words.remove(0);
        let mut context = Context {
            folder: self.dir.path().to_owned(),
            env: self.env.clone(),
            launched: None,
            modes: self.modes.clone(),
            console: Console::Memory(RefCell::default()),
        };
        let code = crate::start(&program, &words, &mut context);
        let Console::Memory(said) = context.console else {
            unreachable!("the console of a test is memory");
        };
        Ended {
            code,
            said: said.into_inner(),
        }
    }

    fn spec(&self, spec: &Value) {
        fs::write(self.at("inputs/spec.json"), spec.to_string()).unwrap();
    }

    fn transfer1(&self, spec: &Value, flags: &str) -> Ended {
        self.spec(spec);
        self.call(&format!(
            "python {T1} --controlnet_specs inputs/spec.json --video_save_folder outputs/a {flags}"
        ))
    }

    fn transfer2_5(&self, spec: &Value, flags: &str) -> Ended {
        self.spec(spec);
        self.call(&format!(
            "python {T2_5} -i inputs/spec.json -o outputs/a {flags}"
        ))
    }

    fn cosmos3(&self, spec: &Value, flags: &str) -> Ended {
        self.spec(spec);
        let module = crate::cosmos3::MODULE;
        self.call(&format!(
            "torchrun --nproc-per-node=1 -m {module} -i inputs/spec.json -o outputs --checkpoint-path Cosmos3-Nano {flags}"
        ))
    }

    fn facts(&self, path: &str) -> (u32, u32, u32, f64) {
        let facts = media::read(&self.at(path), path).unwrap();
        (facts.width, facts.height, facts.frames, facts.rate.value())
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let folder = self.at(folder);
        let mut names: Vec<String> = walkdir::WalkDir::new(&folder)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&folder).unwrap();
                path.display().to_string()
            })
            .collect();
        names.sort();
        names
    }

    fn clear(&self) {
        let _ = fs::remove_dir_all(self.at("outputs"));
    }
}

impl Ended {
    fn has(&self, parts: &[&str]) -> &Self {
        let mut rest = self.said.as_str();
        for part in parts {
            let Some(at) = rest.find(part) else {
                panic!("`{part}` is not there, or not in this order: {}", self.said);
            };
            rest = &rest[at + part.len()..];
        }
        self
    }
}

/// `base` with these fields in place of its own.
fn with(base: &Value, fields: Value) -> Value {
    let mut spec = base.clone();
    for (name, value) in fields.as_object().unwrap() {
        match value == "(gone)" {
            true => _ = spec.as_object_mut().unwrap().remove(name),
            false => spec[name] = value.clone(),
        }
    }
    spec
}

/// Each case is judged with the code and the words that it has to end with.
fn judge(
    checkout: &Checkout,
    cases: &[(Value, &str, u8, &str)],
    call: impl Fn(&Value, &str) -> Ended,
) {
    for (spec, flags, code, says) in cases {
        checkout.clear();
        let ended = call(spec, flags);
        assert_eq!(ended.code, *code, "{spec} {flags}: {}", ended.said);
        ended.has(&[says]);
    }
}

fn base1() -> Value {
    json!({
        "prompt": "a city", "input_video_path": "inputs/color.mp4",
        "depth": {"control_weight": 0.5, "input_control": "inputs/depth.mp4"},
    })
}

const SAVED: &str = "Saved video to outputs/a/output.mp4";
const NO_INPUT: &str = "(gone)";

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
            with(control(json!({"control_weight": "(gone)"}))),
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
            with(json!({"input_video_path": NO_INPUT, "sigma_max": 80})),
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
            with(json!({"depth": NO_INPUT, "edge": {"control_weight": 1.0}})),
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
        (with(json!({"depth": NO_INPUT})), "", 1, "KeyError"),
        (
            with(json!({"input_video_path": NO_INPUT})),
            "",
            1,
            "Must have 'input_video' specified if sigma_max < 80",
        ),
        (
            with(json!({"input_video_path": NO_INPUT, "sigma_max": 80, "depth": {}})),
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
        json!({"input_video_path": "(gone)", "sigma_max": 80}),
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

#[test]
fn several_gpus_share_the_work_as_each_program_can() {
    let checkout = Checkout::new();
    checkout.spec(&base1());
    for (gpus, expected) in [
        (2, None),
        (4, None),
        (16, None),
        (3, Some(3)),
        (5, Some(5)),
        (32, Some(32)),
    ] {
        let ended = checkout.call(&format!(
            "torchrun --nproc_per_node={gpus} --nnodes=1 --node_rank=0 {T1} --controlnet_specs inputs/spec.json \
             --num_gpus {gpus}"
        ));
        assert_eq!(ended.code, u8::from(expected.is_some()), "{}", ended.said);
        if expected.is_some() {
            ended.has(&[
                &format!("[rank0]: AssertionError: 16 cannot divide cp_size {gpus}"),
                "ChildFailedError",
                "exitcode  : 1",
            ]);
        }
    }
    let ended = checkout.call(&format!(
        "torchrun --nproc_per_node=2 {T1} --controlnet_specs inputs/spec.json --num_gpus 4"
    ));
    ended.has(&["world_size (2) is not divisible by 4"]);
    let regions = with(
        &base1(),
        json!({"regional_prompts": [{"prompt": "a", "region_definitions_path": [0, 0, 1, 1]}]}),
    );
    checkout.spec(&regions);
    let ended = checkout.call(&format!(
        "torchrun --nproc_per_node=2 {T1} --controlnet_specs inputs/spec.json --num_gpus 2"
    ));
    ended.has(&["121 cannot divide cp_size 2"]);

    checkout.spec(&base2_5());
    for (gpus, says) in [
        (1, ""),
        (2, ""),
        (4, ""),
        (8, ""),
        (16, ""),
        (3, "heads"),
        (5, "Split by width dimension"),
        (6, "heads"),
        (7, "Split by width dimension"),
    ] {
        let ended = checkout.call(&format!(
            "torchrun --nproc_per_node={gpus} --master_port=12341 {T2_5} -i inputs/spec.json -o outputs/a"
        ));
        assert_eq!(
            ended.code,
            u8::from(!says.is_empty()),
            "{gpus}: {}",
            ended.said
        );
        ended.has(&[says]);
    }

    checkout.spec(&base3());
    let call = |gpus: u32, flags: &str| {
        let module = crate::cosmos3::MODULE;
        checkout.call(&format!(
            "torchrun --nproc-per-node={gpus} -m {module} -i inputs/spec.json -o outputs --checkpoint-path {flags}"
        ))
    };
    for (gpus, flags, says) in [
        (1, "Cosmos3-Nano", ""),
        (4, "Cosmos3-Nano --dp-shard-size=1", ""),
        (
            3,
            "Cosmos3-Nano",
            "cp_size(1) * cfgp_size(2) must divide WORLD_SIZE(3)",
        ),
        (3, "Cosmos3-Nano --cp-size=1 --cfgp-size=1", ""),
        (3, "Cosmos3-Nano --parallelism-preset=throughput", ""),
        (
            6,
            "Cosmos3-Nano",
            "Query heads (32) must be divisible by context parallel world size (3)",
        ),
        (16, "Cosmos3-Nano", ""),
        (
            2,
            "Cosmos3-Nano --cp-size=4",
            "cp_size(4) * cfgp_size(2) must be <= WORLD_SIZE(2)",
        ),
        (
            4,
            "Cosmos3-Nano --dp-shard-size=3",
            "dp_shard_size(3) * dp_replicate_size(1) must divide WORLD_SIZE(4)",
        ),
        (2, "Cosmos3-Nano --cp-size=64", "less than or equal to 32"),
        (2, "Cosmos3-Nano --quantization-method=nvfp4", "not sharded"),
        (
            2,
            "Cosmos3-Nano --quantization-method=nvfp4 --dp-shard-size=1",
            "",
        ),
    ] {
        let ended = call(gpus, flags);
        assert_eq!(
            ended.code,
            u8::from(!says.is_empty()),
            "{gpus} {flags}: {}",
            ended.said
        );
        ended.has(&[says]);
    }
}

fn base2_5() -> Value {
    json!({
        "name": "x", "prompt": "a city", "video_path": "color.mp4",
        "depth": {"control_weight": 0.5, "control_path": "depth.mp4"},
    })
}

const GENERATED: &str = "Generated video saved to outputs/a/x.mp4";

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
            with(json!({"prompt": NO_INPUT, "prompt_path": "words.txt"})),
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
        (
            with(json!({"name": NO_INPUT})),
            "",
            1,
            "name\n  Field required",
        ),
        (
            with(json!({"prompt": NO_INPUT})),
            "",
            1,
            "prompt\n  Field required",
        ),
        (
            with(json!({"prompt": NO_INPUT, "prompt_path": "absent.txt"})),
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
        (
            with(json!({"depth": NO_INPUT})),
            "",
            1,
            "No controls provided",
        ),
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
        json!({"depth": "(gone)", "edge": {}, "negative_prompt": ""}),
    );
    let ended = checkout.transfer2_5(&edge, "--model=edge/distilled");
    assert_eq!(ended.code, 0);
    ended.has(&["| 4/4 ["]);
    let ended = checkout.transfer2_5(&base2_5(), "--model=edge/distilled");
    ended.has(&["KeyError: ModelKey(variant='depth', distilled=True)"]);
}

fn base3() -> Value {
    json!({
        "name": "x", "prompt": "a city", "seed": 1, "depth": {"control_path": "depth.mp4"},
    })
}

const DONE: &str = "Saved transfer outputs to '";

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
            with(json!({"prompt": NO_INPUT, "prompt_path": "caption.json"})),
            "",
            0,
            "final user prompt: {\"subjects\":[]}",
        ),
        (with(json!({"prompt": NO_INPUT})), "", 0, DONE),
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
            with(json!({"depth": NO_INPUT, "show_input": true})),
            "",
            1,
            "requires at least one control hint",
        ),
        (
            with(json!({"depth": NO_INPUT, "control_guidance": 2.0})),
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
            with(json!({"prompt": NO_INPUT, "prompt_path": "broken.json"})),
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
        (json!({"depth": NO_INPUT, "seg": control}), 3.0, 2.0),
        (json!({"depth": NO_INPUT, "wsm": control}), 1.0, 3.0),
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
            json!({"depth": "(gone)", "wsm": {"control_path": "depth.mp4"}}),
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

#[test]
fn what_is_asked_for_goes_wrong_in_each_program() {
    let mut checkout = Checkout::new();
    let (a, b, c) = (base1(), base2_5(), base3());
    let all = |checkout: &Checkout| {
        checkout.clear();
        [
            checkout.transfer1(&a, ""),
            checkout.transfer2_5(&b, ""),
            checkout.cosmos3(&c, ""),
        ]
    };
    for (mode, code, says) in [
        ("fail", 1, "RuntimeError: this is what was asked for"),
        (
            "gpu-oom",
            1,
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate",
        ),
        ("killed", 137, ""),
        ("no-venv", 127, ": not found"),
    ] {
        checkout.mode(mode);
        for ended in all(&checkout) {
            assert_eq!(ended.code, code, "{}", ended.said);
            ended.has(&[says]);
        }
        let videos = checkout.files("outputs");
        assert!(
            !videos.iter().any(|name| name.ends_with(".mp4")),
            "{videos:?}"
        );
    }
    checkout.mode("gated");
    let [first, second, third] = all(&checkout);
    first.has(&[
        "OSError: You are trying to access a gated repo.",
        "401 Client Error",
    ]);
    second.has(&[
        "Downloading checkpoint",
        "GatedRepoError",
        "subprocess.CalledProcessError: Command '['uvx'",
    ]);
    third.has(&[
        "Downloading checkpoint",
        "GatedRepoError",
        "subprocess.CalledProcessError: Command '['uv'",
    ]);
    checkout.mode("missing-checkpoint");
    let [first, second, _] = all(&checkout);
    first.has(&[
        "No such file or directory: 'checkpoints/nvidia/Cosmos-Transfer1-7B/base_model.pt'",
    ]);
    second.has(&["LocalEntryNotFoundError", "CalledProcessError"]);

    checkout.mode("upscale:fail slow=1");
    let ended = checkout.transfer1(&a, "--num_steps 3");
    ended.has(&["stand-in: step 1/3\n", "stand-in: step 3/3\n", SAVED]);
    let upscale = json!({"input_video_path": "inputs/color.mp4", "upscale": {}});
    assert_eq!(checkout.transfer1(&upscale, "").code, 1);
    checkout.mode("large");
    checkout.transfer1(&a, "");
    assert!(
        fs::metadata(checkout.at("outputs/a/output.mp4"))
            .unwrap()
            .len()
            > 8 << 20
    );
}

#[test]
fn a_program_that_is_not_there_is_named_as_python_does() {
    let mut checkout = Checkout::new();
    fs::remove_file(checkout.at(T1)).unwrap();
    let ended = checkout.transfer1(&base1(), "");
    assert_eq!(ended.code, 2);
    ended.has(&["can't open file '", "[Errno 2] No such file or directory"]);
    let ended = checkout.call(&format!(
        "torchrun --nproc_per_node=1 {T1} --controlnet_specs a"
    ));
    assert_eq!(ended.code, 1);
    ended.has(&["can't open file '", "ChildFailedError", "exitcode  : 2"]);
    let ended = checkout.call("python -m cosmos_framework.scripts.absent");
    ended.has(&["ModuleNotFoundError: No module named"]);
    checkout
        .env
        .insert("CUDA_VISIBLE_DEVICES".into(), "0".into());
    let ended = checkout.call(&format!("torchrun --nproc_per_node=2 {T2_5} -i a -o b"));
    ended.has(&["invalid device ordinal"]);
}

#[test]
fn a_weight_map_is_made_before_the_program() {
    let checkout = Checkout::new();
    fs::write(checkout.at("inputs/a_weights.py"), "").unwrap();
    let ended = checkout.call("python3 inputs/a_weights.py inputs/depth.mp4 0.5 inputs/maps/a.pt");
    assert_eq!(ended.code, 0, "{}", ended.said);
    let control =
        json!({"control_weight": "inputs/maps/a.pt", "input_control": "inputs/depth.mp4"});
    let ended = checkout.transfer1(&with(&base1(), json!({"depth": control})), "");
    ended.has(&[SAVED]);
    fs::write(checkout.at("inputs/maps/a.pt"), "words").unwrap();
    let ended = checkout.transfer1(&with(&base1(), json!({"depth": control})), "");
    ended.has(&["UnpicklingError"]);
}
