//! Cosmos-Transfer1: `cosmos_transfer1/diffusion/inference/transfer.py`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::console::{Bar, Level, Log};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::argparse;
use crate::keys::{Key, Kind, Model, Place};
use crate::media::{self, MAX_FRAMES, Shape, Size, Tier};
use crate::mode::{Blocked, Modes, Pace};
use crate::mp4::{Facts, Rate};
use crate::value::{python_type, repr};

/// Where the program lies in its checkout.
pub const SCRIPT: &str = "cosmos_transfer1/diffusion/inference/transfer.py";

const PARSE: &str = "cosmos_transfer1/diffusion/inference/transfer.py:176:parse_arguments";
const DEMO: &str = "cosmos_transfer1/diffusion/inference/transfer.py:297:demo";
const VALIDATE: &str =
    "cosmos_transfer1/diffusion/inference/inference_utils.py:1245:validate_controlnet_specs";
const LOAD: &str =
    "cosmos_transfer1/diffusion/inference/world_generation_pipeline.py:345:_load_network";
const UPSAMPLE: &str = "cosmos_transfer1/diffusion/inference/world_generation_pipeline.py:298:_process_prompt_upsampler";
const GENERATE: &str =
    "cosmos_transfer1/diffusion/inference/world_generation_pipeline.py:728:generate";
const RUN: &str =
    "cosmos_transfer1/diffusion/inference/world_generation_pipeline.py:583:_run_model";
const READ: &str = "cosmos_transfer1/diffusion/inference/inference_utils.py:605:get_ctrl_batch";
const PREPROCESS: &str =
    "cosmos_transfer1/diffusion/inference/preprocessors.py:130:gen_input_control";
const GUARD: &str = "cosmos_transfer1/auxiliary/guardrail/common/presets.py:59:run_text_guardrail";

/// The one tier (`inference_utils.py:VIDEO_RES_SIZE_INFO`).
pub const TIER: Tier = Tier("720", [(1280, 704), (960, 704), (960, 960)]);
/// Frames of a window, of which the first is the last of the one before.
const WINDOW: u32 = 121;
/// From here on the input video counts for nothing, so that it may be left out.
const SIGMA_WITHOUT_INPUT: f64 = 80.0;
/// Latent frames of a window, which are what several GPUs share.
const LATENT_FRAMES: u32 = 16;
/// The largest seed that NumPy takes.
pub const MAX_SEED: f64 = 4_294_967_295.0;
/// What derives a control, by its name in the log.
const DERIVED_BY: [(&str, &str); 5] = [
    ("seg", "SAM"),
    ("depth", "DepthAnythingModel"),
    ("vis", "VisControlModel"),
    ("edge", "EdgeControlModel"),
    ("keypoint", "Openpose"),
];
/// Frames of a control that is derived for the prompt upsampler alone.
const UPSAMPLER_FRAMES: u32 = 10;
/// Frames a second of a derived control.
const DERIVED_RATE: u32 = 30;

/// One result to make.
struct Sample {
    prompt: Value,
    input: String,
    controls: Checked,
    /// The controls that have no file in the spec.
    derived: Vec<String>,
    folder: String,
    /// The files of the result, without their endings.
    video: String,
    prompt_file: String,
}

/// What the program was told.
struct Job<'a> {
    context: &'a Context,
    modes: Modes,
    config: Map<String, Value>,
    regions: Vec<Map<String, Value>>,
    upscales: bool,
}

pub fn run(context: &Context, options: &[String]) -> Result<(), Failure> {
    if context
        .env("PYTHONPATH")
        .is_none_or(|path| !path.split(':').any(|p| Path::new(p) == context.folder))
    {
        return Err(Failure::error(
            "ModuleNotFoundError: No module named 'cosmos_transfer1'",
        ));
    }
    let mut log = Log::new(&context.console, "", true);
    let flags = argparse(SCRIPT, options)?;
    let path = flags.text("controlnet_specs").unwrap_or_default();
    let (controls, from_spec) = load(context, path)?;
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let as_object =
        |controls: &[(String, Value)]| Value::Object(controls.iter().cloned().collect());
    log.info(
        PARSE,
        format!("control_inputs: {}", pretty(&as_object(&controls))),
    );
    log.info(
        PARSE,
        format!("args in json: {}", pretty(&json!(from_spec))),
    );
    let mut config = flags.values.clone();
    for (key, value) in from_spec {
        // Only what is a word of its own on the command line beats the spec.
        if !flags.exact.contains(&key) {
            config.insert(key, value);
        }
    }
    log.info(PARSE, format!("final args: {}", pretty(&json!(config))));

    let controls = validate(&config, controls, &mut log)?;
    let upscales = controls.iter().any(|(name, _)| name == "upscale");
    let modes = context.modes.of_job(upscales);
    let regions = regions(&config)?;
    let job = Job {
        context,
        modes,
        config,
        regions,
        upscales,
    };
    job.check_seed(0)?;
    job.start(&controls, &mut log)?;
    let samples = job.samples(controls)?;
    let repeats = if job.is("benchmark") { 4 } else { 1 };
    for sample in samples {
        job.make(sample, repeats, &mut log)?;
    }
    Ok(())
}

/// The controls of a spec, in its order.
type Controls = Vec<(String, Value)>;
/// The same once each is known to be an object with a weight.
type Checked = Vec<(String, Map<String, Value>)>;

/// The spec file: its controls, and what stands for flags.
fn load(context: &Context, path: &str) -> Result<(Controls, Map<String, Value>), Failure> {
    let text =
        fs::read_to_string(context.at(path)).map_err(|error| Failure::system(&error, path))?;
    let spec = match serde_json::from_str(&text) {
        Ok(Value::Object(spec)) => spec,
        Ok(other) => {
            return Err(Failure::error(format!(
                "AttributeError: '{}' object has no attribute 'items'",
                python_type(&other)
            )));
        }
        Err(error) => {
            return Err(Failure::error(format!(
                "json.decoder.JSONDecodeError: {error}"
            )));
        }
    };
    let known = Model::Transfer1.keys();
    let is_control = |name: &str| {
        known
            .iter()
            .any(|key| key.kind == Kind::Control && key.name == name)
    };
    let (mut controls, mut rest) = (Vec::new(), Map::new());
    for (key, value) in spec {
        if is_control(&key) {
            controls.push((key, value));
        } else if value.is_object() {
            let names = known.iter().filter(|key| key.kind == Kind::Control);
            let names: Vec<String> = names.map(|key| format!("'{}'", key.name)).collect();
            return Err(Failure::error(format!(
                "ValueError: Invalid hint_key: {key}. Must be one of {{{}}}",
                names.join(", ")
            )));
        } else {
            rest.insert(key, value);
        }
    }
    Ok((controls, rest))
}

/// Whether Python takes it for true.
fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(given)) => *given,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
    }
}

fn validate(
    config: &Map<String, Value>,
    controls: Controls,
    log: &mut Log<'_>,
) -> Result<Checked, Failure> {
    let has_input = truthy(config.get("input_video_path"));
    let mut checked = Vec::new();
    for (name, control) in controls {
        let kind = python_type(&control);
        let Value::Object(mut control) = control else {
            return Err(Failure::error(match kind {
                "str" | "list" => {
                    format!("TypeError: '{kind}' object does not support item assignment")
                }
                _ => format!("TypeError: argument of type '{kind}' is not iterable"),
            }));
        };
        if !has_input && number(config, "sigma_max", "<")? < SIGMA_WITHOUT_INPUT {
            return Err(Failure::error(
                "ValueError: Must have 'input_video' specified if sigma_max < 80",
            ));
        }
        if !has_input && !control.contains_key("input_control") {
            return Err(Failure::error(format!(
                "ValueError: {name} controlnet must have 'input_control' video specified if no 'input_video' specified."
            )));
        }
        if !control.contains_key("ckpt_path") {
            log.info(
                VALIDATE,
                format!("No checkpoint path specified for {name}. Using default."),
            );
            let path = default_checkpoint(&name, config)?;
            log.info(VALIDATE, format!("Using default checkpoint path: {path}"));
        }
        match control.get("control_weight") {
            None => {
                log.say(
                    Level::Warning,
                    VALIDATE,
                    format!("No control weight specified for {name}. Setting to 0.5."),
                );
                control.insert("control_weight".into(), json!("0.5"));
            }
            Some(weight) => check_weight(&name, weight)?,
        }
        checked.push((name, control));
    }
    Ok(checked)
}

/// Where the weights of a control lie that names no file of its own.
fn default_checkpoint(name: &str, config: &Map<String, Value>) -> Result<String, Failure> {
    let distilled = truthy(config.get("use_distilled"));
    let file = match name {
        "edge" if distilled => "Cosmos-Transfer1-7B/edge_control_distilled.pt".to_owned(),
        _ if distilled => {
            return Err(Failure::error(format!(
                "ValueError: No default distilled checkpoint for {name}. Users must specify ckpt_path in config."
            )));
        }
        "upscale" => "Cosmos-Transfer1-7B/4kupscaler_control.pt".to_owned(),
        "hdmap" | "lidar" => format!("Cosmos-Transfer1-7B-Sample-AV/{name}_control.pt"),
        _ => format!("Cosmos-Transfer1-7B/{name}_control.pt"),
    };
    let folder = words(config, "checkpoint_dir")?;
    Ok(format!("{folder}/nvidia/{file}"))
}

/// A weight is a number, written as one or in a text, or the path of a weight map.
fn check_weight(name: &str, weight: &Value) -> Result<(), Failure> {
    let scalar = match weight {
        Value::String(path) if path.ends_with(".pt") => return Ok(()),
        Value::Bool(given) => Some(f64::from(u8::from(*given))),
        Value::Number(given) => given.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        other => {
            return Err(Failure::error(format!(
                "TypeError: float() argument must be a string or a real number, not '{}'",
                python_type(other)
            )));
        }
    };
    // NaN is not negative, here as there.
    match scalar.is_none_or(|scalar| scalar < 0.0) {
        true => Err(Failure::error(format!(
            "ValueError: Control weight for {name} must be a valid non-negative float or a path to a .pt file."
        ))),
        false => Ok(()),
    }
}

/// A number among the settings, which nothing has checked so far.
fn number(config: &Map<String, Value>, key: &str, operation: &str) -> Result<f64, Failure> {
    match config.get(key) {
        Some(Value::Number(number)) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        Some(Value::Bool(given)) => Ok(f64::from(u8::from(*given))),
        other => Err(Failure::error(format!(
            "TypeError: {operation} not supported for {key}: '{}' and 'int'",
            other.map_or("NoneType", python_type)
        ))),
    }
}

fn words(config: &Map<String, Value>, key: &str) -> Result<String, Failure> {
    match config.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        None => Ok(String::new()),
        Some(other) => Err(Failure::error(format!(
            "TypeError: expected str, bytes or os.PathLike object, not {}",
            python_type(other)
        ))),
    }
}

fn regions(config: &Map<String, Value>) -> Result<Vec<Map<String, Value>>, Failure> {
    let regions = match config.get("regional_prompts") {
        Some(Value::Array(regions)) => regions,
        given if !truthy(given) => return Ok(Vec::new()),
        _ => {
            return Err(Failure::error(
                "TypeError: string indices must be integers, not 'str'",
            ));
        }
    };
    let required: Vec<Key> = Model::Transfer1.keys();
    let required = required.iter().filter(|key| key.place == Place::Region);
    let required: Vec<&str> = required
        .filter(|key| key.default == crate::keys::Default::Required)
        .map(|key| key.name)
        .collect();
    let read = regions.iter().map(|region| {
        let Value::Object(region) = region else {
            return Err(Failure::error(
                "TypeError: string indices must be integers, not 'str'",
            ));
        };
        match required.iter().find(|name| !region.contains_key(**name)) {
            Some(name) => Err(Failure::error(format!("KeyError: '{name}'"))),
            None => Ok(region.clone()),
        }
    });
    read.collect()
}

impl Job<'_> {
    fn is(&self, key: &str) -> bool {
        truthy(self.config.get(key))
    }

    fn number(&self, key: &str) -> Result<f64, Failure> {
        number(&self.config, key, "this")
    }

    fn gpus(&self) -> Result<u32, Failure> {
        Ok(self.number("num_gpus")? as u32)
    }

    fn check_seed(&self, window: u32) -> Result<(), Failure> {
        let seed = self.number("seed")? + f64::from(window);
        match (0.0..=MAX_SEED).contains(&seed) {
            true => Ok(()),
            false => Err(Failure::error(
                "ValueError: Seed must be between 0 and 2**32 - 1",
            )),
        }
    }

    /// Processes, checkpoints and networks.
    fn start(&self, controls: &Checked, log: &mut Log<'_>) -> Result<(), Failure> {
        let (gpus, processes) = (self.gpus()?, self.context.processes());
        if gpus > 1 && self.context.launched.is_none() {
            return Err(Failure::error(
                "ValueError: Error initializing torch.distributed using env:// rendezvous: environment variable RANK \
                 expected, but not set",
            ));
        }
        if gpus > 1 && processes % gpus != 0 {
            return Err(Failure::error(format!(
                "RuntimeError: world_size ({processes}) is not divisible by {gpus}"
            )));
        }
        if gpus <= 1 && processes > 1 {
            return Err(Failure::error(format!(
                "RuntimeError: the stand-in does not do the same work {processes} times: num_gpus is {gpus}"
            )));
        }
        let distilled = self.is("use_distilled");
        if distilled && (self.is("is_av_sample") || self.is("save_input_noise")) {
            return Err(Failure::error("AssertionError"));
        }
        let checkpoints = words(&self.config, "checkpoint_dir")?;
        let kind = if self.is("is_av_sample") {
            "-Sample-AV"
        } else {
            ""
        };
        let base = format!("{checkpoints}/nvidia/Cosmos-Transfer1-7B{kind}/base_model.pt");
        if !self.context.at(&checkpoints).is_dir() || self.modes.has("missing-checkpoint") {
            return Err(Failure::missing(&base));
        }
        if self.modes.has("gated") {
            const MODEL: &str = "meta-llama/Llama-Guard-3-8B";
            return Err(Failure::error(format!(
                "OSError: You are trying to access a gated repo.\nMake sure to have access to it at \
                 https://huggingface.co/{MODEL}.\n401 Client Error. (Request ID: Root=1-0)\n\nCannot access gated repo \
                 for url https://huggingface.co/{MODEL}/resolve/main/config.json.\nAccess to model {MODEL} is \
                 restricted. You must have access to it and be authenticated to access it. Please log in."
            )));
        }
        if distilled && controls.len() > 1 {
            return Err(Failure::error(
                "AssertionError: Distilled model only supports single control input",
            ));
        }
        for (name, control) in controls {
            let own = control.get("ckpt_path").and_then(Value::as_str);
            let path = match own {
                Some(path) => path.to_owned(),
                None => default_checkpoint(name, &self.config)?,
            };
            log.info(LOAD, format!("Loading ctrl model from ckpt_path: {path}"));
            // The checkout of the stand-in has no checkpoints of its own.
            if own.is_some() && !self.context.at(&path).is_file() {
                return Err(Failure::missing(&match controls.len() {
                    1 => format!("{checkpoints}/{path}"),
                    _ => path,
                }));
            }
        }
        if gpus > 1 {
            log.info(LOAD, "Enabling CP in base model");
        }
        if self.is("upsample_prompt") && self.context.launched.is_none() {
            return Err(Failure::error("KeyError: 'RANK'"));
        }
        Ok(())
    }

    /// The one sample of the spec, or those of a batch.
    fn samples(&self, controls: Checked) -> Result<Vec<Sample>, Failure> {
        let folder = words(&self.config, "video_save_folder")?;
        let folder = folder.trim_end_matches('/').to_owned();
        let batch = words_or_none(&self.config, "batch_input_path");
        let Some(batch) = batch else {
            let name = words(&self.config, "video_save_name")?;
            return Ok(vec![Sample {
                prompt: self
                    .config
                    .get("prompt")
                    .cloned()
                    .unwrap_or_else(|| json!("(built in)")),
                input: words(&self.config, "input_video_path")?,
                derived: derived(&controls),
                controls,
                video: format!("{folder}/{name}"),
                prompt_file: format!("{folder}/{name}.txt"),
                folder,
            }]);
        };
        let text = fs::read_to_string(self.context.at(&batch))
            .map_err(|error| Failure::system(&error, &batch))?;
        let samples = text.lines().enumerate().map(|(at, line)| {
            let Ok(Value::Object(line)) = serde_json::from_str(line) else {
                return Err(Failure::error(
                    "json.decoder.JSONDecodeError: Expecting value",
                ));
            };
            let folder = format!("{folder}/video_{at}");
            let mut controls = controls.clone();
            let overrides = line.get("control_overrides").and_then(Value::as_object);
            for (name, fields) in overrides.into_iter().flatten() {
                let control = controls.iter_mut().find(|(known, _)| known == name);
                if let (Some((_, control)), Some(fields)) = (control, fields.as_object()) {
                    control.extend(fields.clone());
                }
            }
            Ok(Sample {
                prompt: line.get("prompt").cloned().unwrap_or_default(),
                input: words_or_none(&line, "visual_input").unwrap_or_default(),
                derived: derived(&controls),
                controls,
                video: format!("{folder}/output"),
                prompt_file: format!("{folder}/prompt.txt"),
                folder,
            })
        });
        samples.collect()
    }

    fn make(&self, mut sample: Sample, repeats: u32, log: &mut Log<'_>) -> Result<(), Failure> {
        let folder = self.context.at(&sample.folder);
        fs::create_dir_all(&folder).map_err(|error| Failure::system(&error, &sample.folder))?;
        log.info(DEMO, "running preprocessor");
        self.preprocess(&mut sample, log)?;
        let mut result = None;
        for _ in 0..repeats {
            result = self.generate(&mut sample, log)?;
            if result.is_none() {
                log.say(
                    Level::Critical,
                    DEMO,
                    "Guardrail blocked generation for entire batch.",
                );
            }
        }
        let Some(facts) = result else {
            return Err(Failure::error(
                "TypeError: cannot unpack non-iterable NoneType object",
            ));
        };
        let video = format!("{}.mp4", sample.video);
        let path = self.context.at(&video);
        crate::mp4::write(&path, facts, self.modes.padding())
            .map_err(|error| Failure::system(&error, &video))?;
        log.info(DEMO, format!("Saved video to {video}"));
        let prompt = sample.prompt.as_str().unwrap_or_default();
        fs::write(self.context.at(&sample.prompt_file), prompt)
            .map_err(|error| Failure::system(&error, &sample.prompt_file))?;
        log.info(DEMO, format!("Saved prompt to {}", sample.prompt_file));
        if self.is("save_input_noise") {
            let noise = format!("{}/noise.pickle", sample.folder);
            fs::write(self.context.at(&noise), [])
                .map_err(|error| Failure::system(&error, &noise))?;
            log.info(DEMO, format!("Saved input noise to {noise}"));
        }
        if self.is("benchmark") {
            log.say(
                Level::Critical,
                DEMO,
                "The benchmarked generation time for Cosmos-Transfer1 is 0.0 seconds.",
            );
        }
        Ok(())
    }

    /// Derives what has no file: controls, weight maps and regions, each process for itself.
    fn preprocess(&self, sample: &mut Sample, log: &mut Log<'_>) -> Result<(), Failure> {
        let ranks = self.context.processes();
        let Sample {
            input,
            prompt,
            controls,
            folder,
            ..
        } = sample;
        for (name, control) in controls {
            let has_file = control
                .get("input_control")
                .is_some_and(|path| !path.is_null());
            let derived_by = DERIVED_BY.iter().find(|(known, _)| known == name);
            if let (Some((_, by)), false) = (derived_by, has_file) {
                let words = control.get("input_control_prompt").unwrap_or(prompt);
                let says = match name.as_str() {
                    "seg" => format!(" using prompt={}", repr(words)),
                    _ => String::new(),
                };
                log.info(
                    PREPROCESS,
                    format!(
                        "no input_control provided for {name}. generating input control video with {by}{says}"
                    ),
                );
                let facts = media::read(&self.context.at(&*input), input)?;
                if name == "seg" {
                    self.segment(words)?;
                }
                for rank in 0..ranks {
                    let path = format!("{folder}/{name}_input_control_{rank}.mp4");
                    self.write_derived(&path, facts)?;
                }
                let own = format!("{folder}/{name}_input_control_0.mp4");
                control.insert("input_control".into(), json!(own));
            }
            let masked = control
                .get("control_weight_prompt")
                .filter(|words| !words.is_null());
            if let (Some(words), "seg") = (masked, name.as_str()) {
                log.info(
                    PREPROCESS,
                    format!(
                        "{name}: generating control weight tensor with SAM using prompt={}",
                        repr(words)
                    ),
                );
                let facts = media::read(&self.context.at(&*input), input)?;
                self.segment(words)?;
                for rank in 0..ranks {
                    let stem = format!("{folder}/{name}_control_weight_{rank}");
                    self.write_derived(&format!("{stem}.mp4"), facts)?;
                    write_tensor(&self.context.at(format!("{stem}.pt")))?;
                }
                let own = format!("{folder}/{name}_control_weight_0.pt");
                control.insert("control_weight".into(), json!(own));
            }
        }
        for (at, region) in self.regions.iter().enumerate() {
            log.info(
                PREPROCESS,
                format!("generating regional context for {}", repr(&json!(region))),
            );
            for rank in 0..ranks {
                let stem = format!("{folder}/regional_context_r{rank}_{at}");
                let tensor = self.context.at(format!("{stem}.pt"));
                if let Some(words) = region.get("mask_prompt") {
                    let facts = media::read(&self.context.at(&*input), input)?;
                    self.segment(words)?;
                    self.write_derived(&format!("{stem}.mp4"), facts)?;
                    write_tensor(&tensor)?;
                } else if let Some(Value::String(path)) = region.get("region_definitions_path") {
                    let extension = Path::new(path).extension().and_then(|e| e.to_str());
                    let is_video = ["mp4", "mov", "avi", "mkv", "webm"];
                    let exists = self.context.at(path).is_file();
                    if !exists || extension.is_none_or(|e| !is_video.contains(&e)) {
                        return Err(Failure::error(format!(
                            "ValueError: Invalid video file: {path}"
                        )));
                    }
                    write_tensor(&tensor)?;
                }
            }
        }
        Ok(())
    }

    /// Looks for what `words` name.
    fn segment(&self, words: &Value) -> Result<(), Failure> {
        let Some(words) = words.as_str() else {
            return Err(Failure::error(format!(
                "AttributeError: '{}' object has no attribute 'split'",
                python_type(words)
            )));
        };
        if !self.modes.has("no-boxes") {
            return Ok(());
        }
        let console = &self.context.console;
        console.out(&format!(
            "No boxes detected for prompt: '{words}'. Trying with lower thresholds...\n"
        ));
        console.out("No boxes detected. Exiting.\n");
        Err(Failure::error("IndexError: list index out of range"))
    }

    /// A derived video has the size of the input, but for sides that have to be multiples of 8.
    fn write_derived(&self, path: &str, input: Facts) -> Result<(), Failure> {
        let facts = Facts {
            width: input.width.next_multiple_of(8),
            height: input.height.next_multiple_of(8),
            rate: Rate::whole(DERIVED_RATE),
            ..input
        };
        crate::mp4::write(&self.context.at(path), facts, 0)
            .map_err(|error| Failure::system(&error, path))
    }

    /// What the result holds; `None` where a guardrail objects.
    fn generate(&self, sample: &mut Sample, log: &mut Log<'_>) -> Result<Option<Facts>, Failure> {
        log.info(GENERATE, "Running batch generation with batch_size=1");
        if self.is("upsample_prompt") {
            self.upsample(sample, log)?;
        }
        log.info(GENERATE, "Running guardrail checks on all prompts");
        let reason = match &sample.prompt {
            Value::String(prompt) if prompt.is_empty() => Some("Input is empty"),
            _ if self.modes.blocked() == Some(Blocked::Prompt) => {
                Some("Prompt blocked by censorship: Censored Prompt: ***")
            }
            _ => None,
        };
        if let Some(reason) = reason {
            log.say(
                Level::Critical,
                GUARD,
                format!("GUARDRAIL BLOCKED: BLOCKLIST: {reason}"),
            );
            log.say(Level::Critical, GENERATE, "Input text prompt 1 is not safe");
            log.say(
                Level::Critical,
                GENERATE,
                "All prompts failed safety checks",
            );
            return Ok(None);
        }
        log.info(GENERATE, "Running text embedding on all prompts");
        log.info(GENERATE, "Starting T5 compute");
        log.info(GENERATE, "Completed T5 compute");
        log.info(GENERATE, "Finish text embedding on prompt");
        log.info(GENERATE, "Run generation");
        let negative = self.config.get("negative_prompt");
        if negative.is_some() && !truthy(negative) {
            return Err(Failure::error(
                "TypeError: expected Tensor as element 0 in argument 0, but got NoneType",
            ));
        }
        let facts = self.run_model(sample, log)?;
        log.info(GENERATE, "Finish generation");
        log.info(GENERATE, "Run guardrail on generated videos");
        if self.modes.blocked() == Some(Blocked::Video) {
            log.say(
                Level::Critical,
                GUARD,
                "GUARDRAIL BLOCKED: VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
            );
            log.say(Level::Critical, GENERATE, "Generated video 1 is not safe");
            log.say(
                Level::Critical,
                GENERATE,
                "All generated videos failed safety checks",
            );
            return Ok(None);
        }
        Ok(Some(facts))
    }

    fn upsample(&self, sample: &mut Sample, log: &mut Log<'_>) -> Result<(), Failure> {
        let folder = format!("{}/video_0", sample.folder);
        fs::create_dir_all(self.context.at(&folder))
            .map_err(|error| Failure::system(&error, &folder))?;
        let is_used = |name: &&str| sample.controls.iter().any(|(known, _)| known == name);
        // Without any of these the program keeps the prompt.
        let Some(key) = ["vis", "edge", "seg", "depth"].into_iter().find(is_used) else {
            return Ok(());
        };
        log.info(
            UPSAMPLE,
            format!("Upsampling prompt with controlnet: {key}"),
        );
        if sample.derived.iter().any(|name| name == key) {
            // What the preprocessor has made of these is not handed on.
            if ["seg", "depth"].contains(&key) {
                return Err(Failure::error(
                    "TypeError: 'NoneType' object is not iterable",
                ));
            }
            let path = format!("{folder}/control_input_{key}_upsampler.mp4");
            let input = media::read(&self.context.at(&sample.input), &sample.input)?;
            let frames = input.frames.min(UPSAMPLER_FRAMES);
            self.write_derived(&path, Facts { frames, ..input })?;
        }
        let text = sample.prompt.as_str().unwrap_or_default();
        let text = format!("{text} (upsampled by the stand-in)");
        log.info(
            GENERATE,
            format!(
                "Upsampled prompt 1: {}...",
                text.chars().take(50).collect::<String>()
            ),
        );
        sample.prompt = json!(text);
        Ok(())
    }

    /// Reads all videos and makes the windows one after the other.
    fn run_model(&self, sample: &Sample, log: &mut Log<'_>) -> Result<Facts, Failure> {
        log.info(RUN, "Starting data augmentation");
        let (size, frames) = self.read_videos(sample, log)?;
        let mut has_map = false;
        for (_, control) in &sample.controls {
            let Some(Value::String(path)) = control.get("control_weight") else {
                continue;
            };
            if path.ends_with(".pt") {
                has_map = true;
                check_tensor(&self.context.at(path), path)?;
            }
        }
        if !self.regions.is_empty() && size != TIER.size(Shape::Wide) {
            return Err(Failure::error(format!(
                "RuntimeError: shape mismatch: regions are 1280x704, the video is {}x{}",
                size.0, size.1
            )));
        }
        log.info(RUN, "Completed data augmentation");

        let windows = windows(frames);
        let distilled = self.is("use_distilled");
        let steps = if distilled {
            1.0
        } else {
            self.number("num_steps")?
        };
        if steps < 1.0 || steps.fract() != 0.0 {
            return Err(Failure::error(format!(
                "TypeError: num_steps cannot be {steps}"
            )));
        }
        self.number("guidance")?;
        let rate = self.number("fps")?;
        if rate <= 0.0 {
            return Err(Failure::error(format!(
                "OSError: [Errno 32] Broken pipe: ffmpeg takes no fps {rate}"
            )));
        }
        let steps = steps as u32;
        let gpus = self.gpus()?;
        let folder = self.context.at(&sample.folder);
        let has_input = !sample.input.is_empty();
        let mut pace = Pace::new(&self.modes, windows * steps);
        let mut bar = Bar::new(Some(&self.context.console), "", windows);
        for window in 0..windows {
            log.info(RUN, "Starting latent encoding");
            log.info(RUN, "Completed latent encoding");
            // All weights lie in the first window where no frame has to be padded.
            if has_map && window == 1 && (frames - 1).is_multiple_of(WINDOW - 1) {
                return Err(Failure::error("AssertionError"));
            }
            log.info(RUN, "Starting diffusion sampling");
            if !has_input {
                self.check_seed(window)?;
            }
            if gpus > 1 && !self.regions.is_empty() {
                return Err(Failure::error(format!(
                    "AssertionError: {WINDOW} cannot divide cp_size {gpus}"
                )));
            }
            if !LATENT_FRAMES.is_multiple_of(gpus.max(1)) {
                return Err(Failure::error(format!(
                    "AssertionError: {LATENT_FRAMES} cannot divide cp_size {gpus}"
                )));
            }
            for _ in 0..steps {
                let done = pace.step(&folder)?;
                // The program says nothing between its windows, so that only these lines tell how far a slow job is.
                if self.modes.pause().is_some() {
                    let total = windows * steps;
                    self.context
                        .console
                        .out(&format!("stand-in: step {done}/{total}\n"));
                }
            }
            log.info(RUN, "Completed diffusion sampling");
            log.info(RUN, "Starting VAE decode");
            log.info(RUN, "Completed VAE decode");
            bar.step();
        }
        drop(bar);
        if windows == 0 {
            return Err(Failure::error(
                "RuntimeError: torch.cat(): expected a non-empty list of Tensors",
            ));
        }
        let times = if self.upscales { 3 } else { 1 };
        Ok(Facts {
            width: size.0 * times,
            height: size.1 * times,
            frames,
            rate: Rate::of(rate),
        })
    }

    /// The size that the videos are brought to, and the length of the shortest.
    fn read_videos(&self, sample: &Sample, log: &mut Log<'_>) -> Result<(Size, u32), Failure> {
        if sample.controls.is_empty() {
            return Err(Failure::error("KeyError: 'control_input_'"));
        }
        let mut first: Option<Size> = None;
        let mut length = MAX_FRAMES;
        let mut add = |path: &str| {
            let facts = media::read(&self.context.at(path), path)?;
            let size = TIER.size(Shape::of((facts.width, facts.height)));
            length = length.min(facts.frames);
            let known = *first.get_or_insert(size);
            match known == size {
                true => Ok(()),
                false => Err(Failure::error(format!(
                    "RuntimeError: The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton \
                     dimension 4",
                    known.0 / 8,
                    size.0 / 8
                ))),
            }
        };
        if !sample.input.is_empty() {
            add(&sample.input)?;
        }
        for (name, control) in &sample.controls {
            match control.get("input_control") {
                Some(Value::String(path)) => {
                    log.info(
                        READ,
                        format!("reading control input {path} for hint {name}"),
                    );
                    add(path)?;
                }
                Some(other) => {
                    return Err(Failure::error(format!(
                        "AttributeError: '{}' object has no attribute 'endswith'",
                        python_type(other)
                    )));
                }
                None if name == "upscale" => {}
                None => return Err(Failure::error(format!("KeyError: 'control_input_{name}'"))),
            }
        }
        if self.upscales && sample.input.is_empty() {
            return Err(Failure::error(
                "UnboundLocalError: cannot access local variable 'input_frames' where it is not associated with a value",
            ));
        }
        if self.upscales && sample.controls.len() > 1 {
            return Err(Failure::error(
                "RuntimeError: Tensors must have same number of dimensions: got 5 and 4",
            ));
        }
        // Looked up whether or not anything is derived with it; nobody looks at canny_threshold.
        let keys = Model::Transfer1.keys();
        let key = keys.iter().find(|key| key.name == "blur_strength");
        let given = self
            .config
            .get("blur_strength")
            .cloned()
            .unwrap_or_default();
        let is_choice = |key: &Key| key.choices.iter().any(|choice| given == *choice);
        if !key.is_some_and(is_choice) {
            return Err(Failure::error(format!("KeyError: {}", repr(&given))));
        }
        log.info(
            READ,
            format!("Making all control and input videos to be length of {length} frames."),
        );
        let size = first.unwrap_or_else(|| TIER.size(Shape::Wide));
        Ok((size, length))
    }
}

/// The controls without a file.
fn derived(controls: &Checked) -> Vec<String> {
    let has_file = |control: &Map<String, Value>| {
        let path = control.get("input_control");
        path.is_some_and(|path| !path.is_null())
    };
    let without = controls.iter().filter(|(_, control)| !has_file(control));
    without.map(|(name, _)| name.clone()).collect()
}

/// How many windows so many frames take; none for a single one.
pub fn windows(frames: u32) -> u32 {
    frames.saturating_sub(1).div_ceil(WINDOW - 1)
}

fn words_or_none(object: &Map<String, Value>, key: &str) -> Option<String> {
    object
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// An empty archive, which is what PyTorch's files are.
const EMPTY_ARCHIVE: [u8; 22] = {
    let mut bytes = [0; 22];
    (bytes[0], bytes[1], bytes[2], bytes[3]) = (b'P', b'K', 5, 6);
    bytes
};

/// Writes something that stands for a tensor.
pub fn write_tensor(path: &Path) -> Result<(), Failure> {
    let path: PathBuf = path.to_owned();
    let written = match path.parent() {
        Some(parent) => fs::create_dir_all(parent).and_then(|()| fs::write(&path, EMPTY_ARCHIVE)),
        None => fs::write(&path, EMPTY_ARCHIVE),
    };
    written.map_err(|error| Failure::system(&error, &path.display().to_string()))
}

/// Whether the file may be a tensor: an archive, or a pickle as PyTorch once wrote it.
fn check_tensor(path: &Path, name: &str) -> Result<(), Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::system(&error, name))?;
    match bytes.as_slice() {
        [b'P', b'K', ..] | [0x80, ..] => Ok(()),
        [] => Err(Failure::error("EOFError: Ran out of input")),
        [first, ..] => Err(Failure::error(format!(
            "_pickle.UnpicklingError: invalid load key, '\\x{first:02x}'."
        ))),
    }
}
