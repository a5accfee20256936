//! Cosmos 3: `python -m cosmos_framework.scripts.inference`, as far as it makes samples with controls.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::console::{Bar, Console, Level, Log};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{Flags, tyro};
use crate::keys::{Key, Model, Place};
use crate::media::{self, Shape, Size, Tier};
use crate::mode::{Modes, Pace};
use crate::mp4::{Facts, Rate};
use crate::transfer1::MAX_SEED;
use crate::transfer2_5::failed_download;
use crate::value::{self, Issue, report, repr};

/// The module that is run.
pub const MODULE: &str = "cosmos_framework.scripts.inference";

const INIT: &str = "cosmos_framework/inference/common/init.py:139:_init_log_files";
const SCRIPT: &str = "cosmos_framework/scripts/inference.py:46:inference";
const DOWNLOAD: &str = "cosmos_framework/utils/checkpoint_db.py:338:download";
const GUARD: &str =
    "cosmos_framework/auxiliary/guardrail/common/presets.py:30:create_video_guardrail_runner";
const VISION: &str = "cosmos_framework/inference/args.py:535:_build_vision_data";
const BATCH: &str = "cosmos_framework/inference/inference.py:1843:_generate_transfer_batch";
const TRANSFER: &str = "cosmos_framework/inference/transfer.py:117:load_transfer_control_frames";
const ERROR: &str = "cosmos_framework/inference/common/inference.py:258:_handle_sample_exception";

/// The controls in the program's order (`args.py:TransferHintKey`).
const CONTROLS: [&str; 5] = ["edge", "blur", "depth", "seg", "wsm"];
/// `data/generator/utils.py:VIDEO_RES_SIZE_INFO`, as far as `args.py:Resolution` lets it be chosen.
pub const TIERS: [Tier; 5] = [
    Tier("256", [(320, 192), (320, 256), (256, 256)]),
    Tier("480", [(832, 480), (736, 544), (640, 640)]),
    Tier("704", [(1280, 704), (1088, 832), (960, 960)]),
    Tier("720", [(1280, 720), (1104, 832), (960, 960)]),
    Tier("768", [(1360, 768), (1184, 880), (1024, 1024)]),
];
/// Frames that are compressed to one; a chunk is one more than so many of them.
const TEMPORAL: u32 = 4;
/// What a `vision_path` may be (`common/args.py:MEDIA_EXTENSIONS`), and what is then read (`vision.py`).
const VISION_PICTURES: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
const READABLE: [&str; 8] = ["mp4", "avi", "mov", "mkv", "webm", "png", "jpg", "jpeg"];

/// A model that the program knows by name (`args.py:_CHECKPOINTS`).
struct Checkpoint {
    name: &'static str,
    resolution: &'static str,
    /// Heads of attention, which several GPUs share.
    heads: u32,
    frames: u32,
    distilled: bool,
}

const fn checkpoint(name: &'static str, resolution: &'static str, heads: u32) -> Checkpoint {
    Checkpoint {
        name,
        resolution,
        heads,
        frames: 189,
        distilled: false,
    }
}

const CHECKPOINTS: [Checkpoint; 7] = [
    checkpoint("Cosmos3-Nano", "720", 32),
    Checkpoint {
        frames: 121,
        ..checkpoint("Cosmos3-Edge", "480", 16)
    },
    checkpoint("Cosmos3-Super", "720", 64),
    checkpoint("Cosmos3-Super-Image2Video", "720", 64),
    checkpoint("Cosmos3-Super-Text2Image", "720", 64),
    Checkpoint {
        distilled: true,
        ..checkpoint("Cosmos3-Super-Text2Image-4Step", "768", 64)
    },
    Checkpoint {
        distilled: true,
        ..checkpoint("Cosmos3-Super-Image2Video-4Step", "480", 64)
    },
];

struct Job<'a> {
    context: &'a Context,
    modes: Modes,
    flags: Flags,
    checkpoint: Checkpoint,
    context_parallel: u32,
    output: PathBuf,
}

pub fn run(context: &Context, options: &[String]) -> Result<(), Failure> {
    let verbose = context.is_on("COSMOS_VERBOSE", false);
    let mut log = Log::new(&context.console, "job=|", verbose);
    let mut flags = tyro(Model::Cosmos3, options, &[])?;
    let overrides = check_flags(context, &mut flags)?;
    let Some(output) = flags.text("output_dir").map(|path| context.at(path)) else {
        return Err(Failure::error("ValueError: 'output_dir' is required"));
    };
    if flags.number("num_iterations") > Some(1.0) && !flags.is("benchmark") {
        return Err(Failure::error(
            "ValueError: num_iterations > 1 requires benchmark=True",
        ));
    }
    let checkpoint = find_checkpoint(context, &flags)?;
    let context_parallel = parallelism(context, &flags)?;
    fs::create_dir_all(&output).map_err(|e| Failure::system(&e, &output.display().to_string()))?;
    for name in ["Console", "Debug"] {
        let file = output.join(format!("{}.log", name.to_lowercase()));
        log.info(INIT, format!("{name} log saved to {}", file.display()));
    }
    log.open(&output)?;
    let samples = read_files(context, &flags, &overrides)?;
    log.info(SCRIPT, format!("Loaded {} samples", samples.len()));
    for sample in &samples {
        vision_kind(sample).map_err(|says| Failure::error(format!("ValueError: {says}")))?;
    }
    let job = Job {
        context,
        modes: context.modes.of_job(false),
        flags,
        checkpoint,
        context_parallel,
        output,
    };
    job.start(&mut log)?;
    let mut built = Vec::new();
    for sample in samples {
        match job.build(sample.clone(), &mut log) {
            Ok(sample) => built.push(sample),
            Err(says) if job.flags.is("skip_invalid_samples") => {
                job.skip(&sample, &says, &mut log)?;
            }
            Err(says) => return Err(Failure::error(says)),
        }
    }
    for sample in &built {
        job.make(sample, &mut log)?;
    }
    if job.flags.is("benchmark") {
        let path = job.output.join("benchmark.json");
        fs::write(&path, "{}\n").map_err(|error| Failure::system(&error, "benchmark.json"))?;
        log.say(
            Level::Success,
            SCRIPT,
            format!("Saved benchmark to '{}'", path.display()),
        );
    }
    Ok(())
}

/// Judges the flags; those that stand for keys of the specs.
fn check_flags(context: &Context, flags: &mut Flags) -> Result<Map<String, Value>, Failure> {
    let keys = Model::Cosmos3.keys();
    let (mut issues, mut overrides) = (Vec::new(), Map::new());
    for name in flags.given.clone() {
        let flag = keys
            .iter()
            .find(|key| key.place == Place::Flag && key.name == name);
        let (Some(flag), Some(value)) = (flag, flags.values.get(&name)) else {
            continue;
        };
        let is_override = keys
            .iter()
            .any(|key| key.place == Place::Spec && key.name == name);
        match value::take(flag, value, &name, &context.folder) {
            Ok(value) if is_override && !value.is_null() && name != "output_dir" => {
                overrides.insert(name, value);
            }
            Ok(value) => _ = flags.values.insert(name, value),
            Err(more) => issues.extend(more),
        }
    }
    match issues.is_empty() {
        true => Ok(overrides),
        false => Err(Failure::error(format!(
            "pydantic_core._pydantic_core.ValidationError: {}",
            report("OmniSetupOverrides", &issues)
        ))),
    }
}

/// A model by its name or folder (`common/args.py:CheckpointOverrides._build_checkpoint`).
fn find_checkpoint(context: &Context, flags: &Flags) -> Result<Checkpoint, Failure> {
    let wanted = flags.text("checkpoint_path").unwrap_or_default();
    let named = |name: &str| {
        CHECKPOINTS
            .into_iter()
            .find(|checkpoint| checkpoint.name == name)
    };
    if let Some(found) = named(wanted) {
        return Ok(found);
    }
    let fail = |says: String| Err(Failure::error(format!("ValueError: {says}")));
    let mut folder = context.at(wanted);
    if !folder.is_dir() {
        return fail(format!(
            "Checkpoint directory does not exist: {}",
            folder.display()
        ));
    }
    if folder.join("model").is_dir() {
        folder.push("model");
    }
    let has = |folder: &Path, ending: &str| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .into_iter()
            .any(|entry| entry.file_name().to_string_lossy().ends_with(ending))
    };
    let transformer = folder.join("transformer");
    let has_weights =
        |folder: &Path| has(folder, ".safetensors") || has(folder, ".safetensors.index.json");
    let in_parts = folder.join("model_index.json").is_file() && has_weights(&transformer);
    if !has_weights(&folder) && !in_parts {
        return fail(format!("Unknown checkpoint type: {}", folder.display()));
    }
    let config = folder.join("config.json");
    let has_config = config.is_file() || (in_parts && transformer.join("config.json").is_file());
    if !has_config {
        return fail(format!(
            "Invalid Hugging Face checkpoint: {}",
            folder.display()
        ));
    }
    let read = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let origin = read("modular_model_index.json");
    let mut origins = origin
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, part)| part.get(2)?.get("pretrained_model_name_or_path")?.as_str());
    let origin = origins
        .next()
        .filter(|first| origins.all(|other| other == *first));
    if let Some(found) = origin.and_then(|origin| named(origin.strip_prefix("nvidia/")?)) {
        return Ok(found);
    }
    let config = read("config.json");
    if !config["model"].is_object() {
        return fail(format!(
            "Could not determine which model config describes checkpoint directory: {}.",
            folder.display()
        ));
    }
    Ok(Checkpoint {
        name: "",
        distilled: config
            .to_string()
            .contains("\"fixed_step_sampler_config\":{"),
        ..checkpoint("", "480", 32)
    })
}

/// How the GPUs share the work (`args.py:OmniSetupOverrides`); over how many a chunk is split.
fn parallelism(context: &Context, flags: &Flags) -> Result<u32, Failure> {
    let world = context.launched.unwrap_or(0);
    let given = |name: &str| flags.number(name).filter(|n| *n > 0.0).map(|n| n as u32);
    let is_latency = flags.text("parallelism_preset") == Some("latency");
    let shard = given("dp_shard_size").unwrap_or(world.max(1));
    let replicate = given("dp_replicate_size").unwrap_or_else(|| (world / shard).max(1));
    let guidance = given("cfgp_size").unwrap_or(if is_latency { world.clamp(1, 2) } else { 1 });
    let split = given("cp_size").unwrap_or(match is_latency {
        true => (world / guidance).clamp(1, 32),
        false => 1,
    });
    for (names, (a, b)) in [
        (("dp_shard_size", "dp_replicate_size"), (shard, replicate)),
        (("cp_size", "cfgp_size"), (split, guidance)),
    ] {
        let product = format!("{}({a}) * {}({b})", names.0, names.1);
        let says = match a.checked_mul(b) {
            _ if world == 0 => continue,
            Some(both) if both > world => format!("{product} must be <= WORLD_SIZE({world})"),
            Some(both) if world.is_multiple_of(both) => continue,
            _ => format!("{product} must divide WORLD_SIZE({world})"),
        };
        let issue = Issue::own(says, &Map::new());
        return Err(Failure::error(format!(
            "pydantic_core._pydantic_core.ValidationError: {}",
            report("OmniSetupArgs", &[issue])
        )));
    }
    if flags.text("quantization_method").is_some() && shard > 1 {
        return Err(Failure::error(
            "ValueError: quantization needs weights that are not sharded: dp_shard_size must be 1",
        ));
    }
    Ok(split)
}

type Sample = Map<String, Value>;

fn read_files(
    context: &Context,
    flags: &Flags,
    overrides: &Map<String, Value>,
) -> Result<Vec<Sample>, Failure> {
    let mut paths = Vec::new();
    for name in flags.texts("input_files") {
        if name.contains('*') {
            let pattern = context.at(name).display().to_string();
            paths.extend(glob::glob(&pattern).into_iter().flatten().flatten());
        } else {
            paths.push(context.at(name));
        }
    }
    paths.sort();
    paths.dedup();
    let mut samples = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let read = || fs::read_to_string(&path).map_err(|error| Failure::system(&error, &name));
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        let texts: Vec<String> = match extension {
            "json" => vec![read()?],
            "jsonl" => read()?
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            // What this subset of YAML cannot be, the stand-in does not read.
            "yaml" | "yml" => vec![read()?],
            _ => {
                return Err(Failure::error(format!(
                    "ValueError: Unsupported file extension: {name}"
                )));
            }
        };
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        for (at, text) in texts.iter().enumerate() {
            let data = serde_json::from_str(text).map_err(|error| {
                Failure::error(format!("json.decoder.JSONDecodeError: {error}"))
            })?;
            let Value::Object(mut data) = data else {
                return Err(Failure::error(
                    "AttributeError: 'list' object has no attribute 'copy'",
                ));
            };
            data.extend(overrides.clone());
            let folder = path.parent().unwrap_or(Path::new(""));
            let mut sample = check(&data, folder).map_err(|issues| {
                Failure::error(format!(
                    "ValueError: Error validating parameters from '{name}' at sample {at}\nParameters: {}\n{}",
                    repr(&Value::Object(data.clone())),
                    report("OmniSampleOverrides", &issues)
                ))
            })?;
            if sample
                .get("name")
                .is_none_or(|name| name.as_str().is_none_or(str::is_empty))
            {
                let name = match extension {
                    "jsonl" => format!("{stem}_{at}"),
                    _ => stem.clone(),
                };
                sample.insert("name".into(), json!(name));
            }
            samples.push(sample);
        }
    }
    if samples.is_empty() {
        return Err(Failure::error("ValueError: No inference parameter files"));
    }
    Ok(samples)
}

/// What is given, as the program reads it, without what is null; or all that is wrong with it.
fn check(data: &Map<String, Value>, folder: &Path) -> Result<Sample, Vec<Issue>> {
    let keys = Model::Cosmos3.keys();
    let spec: Vec<&Key> = keys.iter().filter(|key| key.place == Place::Spec).collect();
    let mut issues = Vec::new();
    let mut sample = given(data, &spec, "", folder, &mut issues);
    for name in CONTROLS {
        if let Some(Value::Object(control)) = data.get(name) {
            let of_control: Vec<&Key> = keys
                .iter()
                .filter(|key| key.controls.contains(&name))
                .collect();
            let read = given(
                control,
                &of_control,
                &format!("{name}."),
                folder,
                &mut issues,
            );
            sample.insert(name.into(), Value::Object(read));
        }
    }
    // Without a control the keys of controls have no meaning; this is the one that every sample has.
    let has_control = CONTROLS.iter().any(|name| sample.contains_key(*name));
    let of_transfer = [
        "control_guidance_interval",
        "negative_prompt_file",
        "num_video_frames_per_chunk",
        "num_conditional_frames",
        "max_frames",
        "show_control_condition",
        "show_input",
        "num_first_chunk_conditional_frames",
        "share_vision_temporal_positions",
        "emphasize_control_in_prompt",
    ];
    let guides = sample
        .get("control_guidance")
        .is_some_and(|guidance| guidance != 1.0);
    let configured = guides || of_transfer.iter().any(|key| sample.contains_key(*key));
    if issues.is_empty() && configured && !has_control {
        issues.push(Issue::own(
            format!(
                "transfer inference requires at least one control hint ({})",
                CONTROLS.join(", ")
            ),
            data,
        ));
    }
    if issues.is_empty() {
        Ok(sample)
    } else {
        Err(issues)
    }
}

/// The fields that are given, which may not be others than those of `keys`.
fn given(
    object: &Map<String, Value>,
    keys: &[&Key],
    prefix: &str,
    folder: &Path,
    issues: &mut Vec<Issue>,
) -> Map<String, Value> {
    let mut read = Map::new();
    for (name, value) in object {
        let place = format!("{prefix}{name}");
        match keys.iter().find(|key| key.name == name) {
            None => issues.push(Issue::new(
                place,
                "Extra inputs are not permitted",
                "extra_forbidden",
                value.clone(),
            )),
            Some(key) => match value::take(key, value, &place, folder) {
                Ok(Value::Null) => {}
                Ok(value) => _ = read.insert(name.clone(), value),
                Err(more) => issues.extend(more),
            },
        }
    }
    read
}

/// Whether `vision_path` is a picture; `None` without one.
fn vision_kind(sample: &Sample) -> Result<Option<bool>, String> {
    let Some(path) = sample.get("vision_path").and_then(Value::as_str) else {
        return Ok(None);
    };
    let extension = Path::new(path).extension().and_then(|e| e.to_str());
    let extension = extension.unwrap_or_default().to_lowercase();
    match extension.as_str() {
        "mp4" => Ok(Some(false)),
        picture if VISION_PICTURES.contains(&picture) => Ok(Some(true)),
        _ => Err(format!("Invalid vision extension: .{extension}")),
    }
}

fn controls_of(sample: &Sample) -> Vec<&'static str> {
    let controls = CONTROLS.into_iter();
    controls.filter(|name| sample.contains_key(*name)).collect()
}

impl Job<'_> {
    /// Guardrails and networks.
    fn start(&self, log: &mut Log<'_>) -> Result<(), Failure> {
        const COMMAND: &str = "'uv', 'run', '--isolated', 'hf', 'download'";
        let download = |name: &str, log: &mut Log<'_>| {
            log.info(DOWNLOAD, format!("Downloading checkpoint {name}"));
            failed_download(&self.modes, self.context, COMMAND, name)
        };
        if self.flags.is("guardrails") {
            download("nvidia/Cosmos-Guardrail1", log)?;
            log.say(
                Level::Warning,
                GUARD,
                "Video content safety classifier is disabled in this release",
            );
        }
        match self.checkpoint.name {
            "" => Ok(()),
            name => download(&format!("nvidia/{name}"), log),
        }
    }

    /// The sample with all that is not given (`args.py:OmniSampleOverrides.build_sample`), or the exception.
    fn build(&self, mut sample: Sample, log: &mut Log<'_>) -> Result<Sample, String> {
        let user: Vec<String> = sample.keys().cloned().collect();
        let default = |sample: &mut Sample, key: &str, value: Value| {
            sample.entry(key).or_insert(value);
        };
        let one = sample.get("num_frames").and_then(Value::as_u64) == Some(1);
        let vision = vision_kind(&sample).map_err(|says| format!("ValueError: {says}"))?;
        let input = match vision {
            None => "text",
            Some(true) => "image",
            Some(false) => "video",
        };
        let mode = format!("{input}2{}", if one { "image" } else { "video" });
        if !user.contains(&"model_mode".to_owned()) && mode == "video2image" {
            return Err("ValueError: 'video2image' is not a valid ModelMode".into());
        }
        default(&mut sample, "model_mode", json!(mode));
        let is_image = sample["model_mode"]
            .as_str()
            .is_some_and(|mode| mode.ends_with("2image"));
        let of_image = |image: Value, video: Value| if is_image { image } else { video };
        for (key, value) in [
            ("num_steps", of_image(json!(50), json!(35))),
            ("guidance", of_image(json!(4.0), json!(6.0))),
            ("shift", of_image(json!(3.0), json!(10.0))),
            ("sigma_max", json!(80.0)),
            ("normalize_cfg", json!(false)),
            ("negative_prompt", json!("(built in)")),
            ("negative_metadata_mode", json!("none")),
            ("negative_prompt_keep_metadata", json!(true)),
            ("aspect_ratio", of_image(json!("1,1"), json!("16,9"))),
            ("fps", json!(24)),
            (
                "num_frames",
                of_image(json!(1), json!(self.checkpoint.frames)),
            ),
            ("video_save_quality", json!(10)),
            ("image_save_quality", json!(95)),
            ("enable_sound", json!(false)),
            ("num_outputs", json!(1)),
            ("resolution", json!(self.checkpoint.resolution)),
            ("control_guidance", json!(1.0)),
        ] {
            default(&mut sample, key, value);
        }
        if self.context.is_on("COSMOS_SMOKE", false) {
            sample.insert("num_steps".into(), json!(1));
        }
        if !sample.contains_key("prompt") {
            let prompt = match sample.get("prompt_path").and_then(Value::as_str) {
                None => String::new(),
                Some(path) => {
                    let text = fs::read_to_string(path).unwrap_or_default();
                    match path.to_lowercase().ends_with(".json") {
                        false => text.trim().to_owned(),
                        true => serde_json::from_str::<Value>(&text)
                            .map_err(|error| format!("json.decoder.JSONDecodeError: {error}"))?
                            .to_string(),
                    }
                }
            };
            sample.insert("prompt".into(), json!(prompt));
        }
        if sample["negative_prompt_keep_metadata"] == true
            && sample["negative_metadata_mode"] == "none"
        {
            sample.insert("negative_metadata_mode".into(), json!("same"));
        }
        self.warn_of_ranges(&sample, log);
        let frames = sample["num_frames"].as_u64().unwrap_or(1) as u32;
        sample.insert("num_frames".into(), json!(rounded_up(frames)));
        let controls = controls_of(&sample);
        if controls.is_empty() {
            return Err("RuntimeError: the stand-in makes nothing without a control".into());
        }
        for (key, value) in [
            ("num_video_frames_per_chunk", json!(93)),
            ("num_conditional_frames", json!(1)),
            ("max_frames", json!(5000)),
            ("show_control_condition", json!(false)),
            ("show_input", json!(false)),
            ("num_first_chunk_conditional_frames", json!(0)),
            ("share_vision_temporal_positions", json!(true)),
            ("emphasize_control_in_prompt", json!(true)),
        ] {
            default(&mut sample, key, value);
        }
        for name in &controls {
            let preset = match *name {
                "edge" => Some("preset_edge_threshold"),
                "blur" => Some("preset_blur_strength"),
                _ => None,
            };
            let Some(Value::Object(control)) = sample.get_mut(*name) else {
                continue;
            };
            if let Some(preset) = preset {
                control.entry(preset).or_insert(json!("medium"));
            }
            control.entry("weight").or_insert(json!(1.0));
            let has_file = control.contains_key("control_path");
            if !has_file && vision.is_none() {
                return Err(format!(
                    "ValueError: transfer inference requires 'vision_path' or a pre-computed 'control_path' (hint: {name})"
                ));
            }
        }
        if let [only] = controls.as_slice() {
            let mut tuned = match *only {
                "seg" => json!({"guidance": 3.0, "control_guidance": 2.0}),
                "wsm" => json!({
                    "guidance": 1.0, "control_guidance": 3.0, "num_frames": 101, "fps": 10,
                    "num_video_frames_per_chunk": 101,
                }),
                _ => json!({"guidance": 3.0, "control_guidance": 1.5}),
            };
            tuned["shift"] = json!(10.0);
            for (key, value) in tuned.as_object().into_iter().flatten() {
                if !user.contains(key) {
                    sample.insert(key.clone(), value.clone());
                }
            }
        }
        let folder = self
            .output
            .join(sample["name"].as_str().unwrap_or_default());
        sample.insert("output_dir".into(), json!(folder.display().to_string()));
        Ok(sample)
    }

    fn warn_of_ranges(&self, sample: &Sample, log: &mut Log<'_>) {
        let whole = |key: &str| sample[key].as_u64().unwrap_or_default();
        let (fps, frames) = (whole("fps"), whole("num_frames"));
        if !(10..=30).contains(&fps) {
            let says = format!("FPS {fps} is outside the recommended range [10, 30].");
            log.say(Level::Warning, VISION, says);
        }
        let most = match sample["resolution"].as_str() {
            Some("256") => 400,
            Some("480") => 300,
            _ => 200,
        };
        if frames > 1 && !(24..=most).contains(&frames) {
            let says =
                format!("Number of frames {frames} is outside the recommended range [24, {most}].");
            log.say(Level::Warning, VISION, says);
        }
    }

    fn folder(&self, sample: &Sample) -> Result<PathBuf, Failure> {
        let name = sample
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let folder = self.output.join(name);
        fs::create_dir_all(&folder)
            .map_err(|e| Failure::system(&e, &folder.display().to_string()))?;
        Ok(folder)
    }

    fn skip(&self, sample: &Sample, says: &str, log: &mut Log<'_>) -> Result<(), Failure> {
        let name = sample
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let says = says.split_once(": ").map_or(says, |(_, says)| says);
        let message = format!("Skipping sample '{name}': {says}");
        log.say(Level::Warning, SCRIPT, &message);
        let outputs = json!({
            "args": sample, "status": "skip", "message": message, "stack_trace": null, "outputs": [],
        });
        write(&self.folder(sample)?.join("sample_outputs.json"), &outputs)
    }

    fn make(&self, sample: &Sample, log: &mut Log<'_>) -> Result<(), Failure> {
        let folder = self.folder(sample)?;
        let path = folder.join("sample_args.json");
        write(&path, &json!(sample))?;
        log.info(BATCH, format!("Saved sample args to '{}'", path.display()));
        // Nothing that goes wrong in here is caught, whatever is to be kept going.
        let made = self.generate(sample, &folder, log)?;
        match self.save(sample, &folder, made, log) {
            Ok(()) => Ok(()),
            Err(failure) => {
                let name = sample["name"].as_str().unwrap_or_default();
                let says = failure
                    .message
                    .split_once(": ")
                    .map_or("", |(_, says)| says);
                let message = format!("Error generating sample '{name}': {says}");
                match self.flags.is("keep_going") {
                    true => {
                        log.say(Level::Error, ERROR, message);
                        Ok(())
                    }
                    false => Err(Failure::error(format!("ValueError: {message}"))),
                }
            }
        }
    }

    fn read(&self, path: &str) -> Result<Facts, Failure> {
        let extension = Path::new(path)
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        let extension = extension.to_lowercase();
        if !READABLE.contains(&extension.as_str()) {
            return Err(Failure::error(format!(
                "ValueError: Unsupported media extension: .{extension}"
            )));
        }
        if path.contains("://") {
            return Err(Failure::error(format!(
                "RuntimeError: Failed to download {path} after 6 attempt(s)"
            )));
        }
        media::read(Path::new(path), path)
    }

    /// Reads what is given and makes the chunks one after the other; what each part of the result holds.
    fn generate(
        &self,
        sample: &Sample,
        folder: &Path,
        log: &mut Log<'_>,
    ) -> Result<Facts, Failure> {
        let whole = |key: &str| sample[key].as_u64().unwrap_or_default() as u32;
        let tier = TIERS
            .iter()
            .find(|Tier(name, _)| sample["resolution"] == *name);
        let tier = tier.ok_or_else(|| Failure::error("KeyError: 'resolution'"))?;
        let controls = controls_of(sample);
        let path_of = |name: &str| sample[name].get("control_path").and_then(Value::as_str);
        let vision = sample.get("vision_path").and_then(Value::as_str);
        let vision = vision.map(|path| self.read(path)).transpose()?;
        let of_file = |facts: Facts| Shape::of((facts.width, facts.height));
        let shape = match (vision, controls.iter().find_map(|name| path_of(name))) {
            (Some(facts), _) => {
                let named = sample["aspect_ratio"].as_str().and_then(Shape::named);
                named.unwrap_or_else(|| of_file(facts))
            }
            (None, Some(path)) => of_file(self.read(path)?),
            (None, None) => return Err(Failure::error("AssertionError")),
        };
        let first_frames = whole("num_first_chunk_conditional_frames");
        if first_frames > 0 && vision.is_none() {
            return Err(Failure::error(
                "ValueError: num_first_chunk_conditional_frames > 0 requires 'vision_path' for first-chunk conditioning",
            ));
        }
        let mut frames = None;
        for name in &controls {
            let length = match (path_of(name), vision) {
                (Some(path), _) => {
                    let facts = self.read(path)?;
                    log.info(
                        TRANSFER,
                        format!("Loaded pre-computed {name} control from {path}"),
                    );
                    facts.frames
                }
                (None, Some(facts)) if ["edge", "blur"].contains(name) => {
                    log.info(
                        TRANSFER,
                        format!("Computing {name} control input on the fly"),
                    );
                    facts.frames
                }
                _ => {
                    return Err(Failure::error(format!(
                        "FileNotFoundError: Missing pre-computed control input for '{name}'. Provide a control_path in \
                         the transfer config."
                    )));
                }
            };
            frames.get_or_insert(length.min(whole("max_frames")));
        }
        let frames = frames.unwrap_or_default();
        let prompt = sample["prompt"].as_str().unwrap_or_default();
        let more = match sample["emphasize_control_in_prompt"] == true {
            true => format!(" Follow {}.", controls.join(", ")),
            false => String::new(),
        };
        log.info(
            TRANSFER,
            format!("[transfer] final user prompt: {prompt}{more}"),
        );

        let chunk = whole("num_video_frames_per_chunk");
        let chunks = chunks(frames, chunk, whole("num_conditional_frames"))?;
        self.chunks(sample, chunks, &controls, folder)?;
        let (width, height): Size = tier.size(shape);
        let rate = match vision {
            Some(facts) => facts.rate,
            None => Rate::whole(whole("fps")),
        };
        Ok(Facts {
            width,
            height,
            frames,
            rate,
        })
    }

    fn chunks(
        &self,
        sample: &Sample,
        chunks: u32,
        controls: &[&str],
        folder: &Path,
    ) -> Result<(), Failure> {
        let distilled = self.checkpoint.distilled;
        let steps = if distilled {
            4
        } else {
            sample["num_steps"].as_u64().unwrap_or_default() as u32
        };
        let is_silent = distilled
            || self.flags.text("sampler") == Some("edm")
            || self.flags.is("benchmark")
            || self.context.is_on("DISABLE_TQDM", false);
        let bar_console: Option<&Console> = (!is_silent).then_some(&self.context.console);
        let weights: Vec<f64> = controls
            .iter()
            .map(|name| sample[*name]["weight"].as_f64().unwrap_or(1.0))
            .collect();
        let listed = repr(&json!(weights));
        let mut pace = Pace::new(&self.modes, chunks * steps);
        for at in 0..chunks {
            if weights.iter().any(|weight| *weight < 0.0) {
                return Err(Failure::error(format!(
                    "AssertionError: control_weights must all be non-negative, got {listed}"
                )));
            }
            if weights.iter().sum::<f64>() <= 0.0 {
                return Err(Failure::error(format!(
                    "AssertionError: control_weights must have a positive sum, got {listed}"
                )));
            }
            // Without a seed the program draws one below 10001.
            let seed = sample
                .get("seed")
                .and_then(Value::as_f64)
                .unwrap_or_default()
                + f64::from(at);
            if !(0.0..=MAX_SEED).contains(&seed) {
                return Err(Failure::error(
                    "ValueError: Seed must be between 0 and 2**32 - 1",
                ));
            }
            let (heads, split) = (self.checkpoint.heads, self.context_parallel);
            if !heads.is_multiple_of(split) {
                return Err(Failure::error(format!(
                    "AssertionError: Query heads ({heads}) must be divisible by context parallel world size ({split})"
                )));
            }
            let mut bar = Bar::new(bar_console, "Sampling", steps);
            for _ in 0..steps {
                pace.step(folder)?;
                bar.step();
            }
        }
        Ok(())
    }

    fn save(
        &self,
        sample: &Sample,
        folder: &Path,
        made: Facts,
        log: &mut Log<'_>,
    ) -> Result<(), Failure> {
        let controls = controls_of(sample);
        let is_shown = |key: &str| sample[key] == true;
        let beside =
            1 + if is_shown("show_control_condition") {
                controls.len() as u32
            } else {
                0
            } + u32::from(is_shown("show_input") && sample.contains_key("vision_path"));
        let whole = Facts {
            width: made.width * beside,
            ..made
        };
        media::write(&folder.join("vision"), whole, self.modes.padding())?;
        // The program expects what the spec says, not what it has just written.
        let extension = if sample["num_frames"] == 1 {
            "jpg"
        } else {
            "mp4"
        };
        let vision = folder.join(format!("vision.{extension}"));
        if !vision.is_file() {
            return Err(Failure::error(format!(
                "AssertionError: {}",
                vision.display()
            )));
        }
        let mut files = vec![vision.display().to_string()];
        for name in &controls {
            media::write(&folder.join(format!("control_{name}")), made, 0)?;
            let file = folder.join(format!("control_{name}.{extension}"));
            log.info(
                BATCH,
                format!("Saved control video to '{}'", file.display()),
            );
            files.push(file.display().to_string());
        }
        let outputs = json!({
            "args": sample, "status": "success", "message": null, "stack_trace": null,
            "outputs": [{"content": {}, "files": files}],
        });
        let path = folder.join("sample_outputs.json");
        write(&path, &outputs)?;
        log.say(
            Level::Success,
            BATCH,
            format!("Saved transfer outputs to '{}'", path.display()),
        );
        Ok(())
    }
}

fn write(path: &Path, content: &Value) -> Result<(), Failure> {
    fs::write(path, content.to_string())
        .map_err(|e| Failure::system(&e, &path.display().to_string()))
}

/// How many chunks so many frames take.
pub fn chunks(frames: u32, chunk: u32, overlap: u32) -> Result<u32, Failure> {
    let chunk = if frames == 1 { 1 } else { rounded_up(chunk) };
    match frames > chunk {
        false => Ok(1),
        true if overlap >= chunk => Err(Failure::error(
            "ValueError: num_conditional_frames must be smaller than num_video_frames_per_chunk",
        )),
        true => Ok(1 + (frames - chunk).div_ceil(chunk - overlap)),
    }
}

/// The next length that compresses to whole frames.
fn rounded_up(frames: u32) -> u32 {
    frames.saturating_sub(1).div_ceil(TEMPORAL) * TEMPORAL + 1
}
