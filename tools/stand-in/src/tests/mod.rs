//! The programs as they are called: what they take, pass over and refuse, and what they leave behind.

mod cosmos3;
mod transfer1;
mod transfer2_5;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::console::Console;
use crate::context::Context;
use crate::keys::Model;
use crate::media;
use crate::mode::Modes;
use crate::mp4::{Facts, Rate};
use cosmos3::base3;
use transfer1::{SAVED, base1};
use transfer2_5::base2_5;

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

/// What NVIDIA's own classes say of their keys, and what stands in the stand-in's table, one line each.
#[test]
fn the_tables_hold_every_key_of_nvidias_programs_and_no_other() {
    let dumps = [
        include_str!("../../../../fixtures/cosmos_keys/transfer1.keys.json"),
        include_str!("../../../../fixtures/cosmos_keys/transfer2.5.keys.json"),
        include_str!("../../../../fixtures/cosmos_keys/cosmos3.keys.json"),
    ];
    for ((name, model), dump) in Model::ALL.into_iter().zip(dumps) {
        let dump: Value = serde_json::from_str(dump).unwrap();
        let of = |keys: &[Value]| -> Vec<String> {
            let mut keys: Vec<String> = keys
                .iter()
                .map(|key| {
                    let choices = key["choices"].as_array().into_iter().flatten();
                    let choices: Vec<String> = choices
                        .map(|choice| choice.to_string().replace('"', ""))
                        .collect();
                    // 0 or a range is a choice in the dump, and a range here.
                    let choices = choices.join(" ");
                    let choices = choices.strip_prefix("0").unwrap_or(&choices);
                    format!("{} {} {}", key["place"], key["name"], choices.trim())
                })
                .collect();
            keys.sort();
            keys.dedup();
            keys
        };
        let listed: Vec<Value> = model
            .list()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (ours, theirs) = (of(&listed), of(dump["keys"].as_array().unwrap()));
        let only_one_has: Vec<&String> = ours
            .iter()
            .filter(|key| !theirs.contains(key))
            .chain(theirs.iter().filter(|key| !ours.contains(key)))
            .collect();
        assert!(only_one_has.is_empty(), "{name}: {only_one_has:?}");
    }
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
        match *value == GONE {
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

const GONE: &str = "(gone)";

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
    let ended =
        checkout.call("python3 inputs/a_weights.py inputs/depth.mp4 0.5 121 inputs/maps/a.pt");
    // The program that follows says whom it stands in for.
    assert_eq!((ended.code, ended.said.as_str()), (0, ""));
    let ended =
        checkout.call("python inputs/a_weights.py inputs/absent.mp4 0.5 121 inputs/maps/a.pt");
    assert_eq!(ended.code, 1);
    ended.has(&["No such file or directory: 'inputs/absent.mp4'"]);
    let control =
        json!({"control_weight": "inputs/maps/a.pt", "input_control": "inputs/depth.mp4"});
    let ended = checkout.transfer1(&with(&base1(), json!({"depth": control})), "");
    ended.has(&[SAVED]);
    fs::write(checkout.at("inputs/maps/a.pt"), "words").unwrap();
    let ended = checkout.transfer1(&with(&base1(), json!({"depth": control})), "");
    ended.has(&["UnpicklingError"]);
}

/// A table that NVIDIA's own functions made.
fn table(name: &str) -> Vec<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cosmos_windows");
    serde_json::from_slice(&fs::read(path.join(name)).unwrap()).unwrap()
}

#[test]
fn windows_sizes_and_splits_are_those_of_nvidia_s_own_functions() {
    let whole = |value: &Value| value.as_u64().unwrap_or(0) as u32;
    for row in table("windows.json") {
        let [frames, window, overlap] = [1, 2, 3].map(|at| whole(&row[at]));
        let made = match row[0].as_str().unwrap() {
            "transfer1" => crate::transfer1::windows(frames),
            "transfer2.5" => crate::transfer2_5::chunks(frames, window, overlap).unwrap_or(0),
            _ => crate::cosmos3::chunks(frames, window, overlap).unwrap_or(0),
        };
        // Where fewer frames come back than went in, nothing is said of how many windows that took.
        if let Some(expected) = row[4].as_u64() {
            assert_eq!(u64::from(made), expected, "{row:?}");
        }
    }
    for row in table("tiers.json") {
        let tiers: &[crate::media::Tier] = match row[0].as_str().unwrap() {
            "transfer1" => &[crate::transfer1::TIER],
            "transfer2.5" => &crate::transfer2_5::TIERS,
            _ => &crate::cosmos3::TIERS,
        };
        let tier = tiers.iter().find(|tier| row[1] == tier.0);
        let shape = crate::media::Shape::named(row[2].as_str().unwrap()).unwrap();
        let size = tier.map(|tier| tier.size(shape));
        assert_eq!(size, Some((whole(&row[3]), whole(&row[4]))), "{row:?}");
    }
    for row in table("classes.json") {
        let shape = crate::media::Shape::of((whole(&row[0]), whole(&row[1])));
        assert_eq!(
            crate::media::Shape::named(row[2].as_str().unwrap()),
            Some(shape),
            "{row:?}"
        );
    }
    for row in table("splits.json") {
        let [frames, width, height] = [0, 1, 2].map(|at| whole(&row[at]));
        let works =
            |gpus: &u32| crate::transfer2_5::splits(*gpus, frames, false, (width, height)).is_ok();
        let working: Vec<u32> = (1..=32).filter(works).collect();
        assert_eq!(json!(working), row[3], "{row:?}");
    }
}
