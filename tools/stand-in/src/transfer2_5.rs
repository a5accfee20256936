//! Cosmos-Transfer2.5: `examples/inference.py`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::console::{Bar, Level, Log};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{Flags, tyro};
use crate::keys::{Key, Model, Place};
use crate::media::{self, MAX_FRAMES, Shape, Size, Tier};
use crate::mode::{Blocked, Modes, Pace};
use crate::mp4::{Facts, Rate};
use crate::value::{self, Issue, report, repr};

/// Where the program lies in its checkout.
pub const SCRIPT: &str = "examples/inference.py";

const INIT: &str = "packages/cosmos-oss/cosmos_oss/init.py:84:_init_log_files";
const SETUP: &str = "cosmos_transfer2/inference.py:150:__init__";
const SAMPLE: &str = "cosmos_transfer2/inference.py:186:_generate_sample";
const GENERATE: &str = "cosmos_transfer2/inference.py:165:generate";
const DOWNLOAD: &str = "cosmos_transfer2/_src/imaginaire/utils/checkpoint_db.py:297:download";
const GUARD: &str =
    "cosmos_transfer2/_src/imaginaire/auxiliary/guardrail/common/presets.py:58:run_text_guardrail";
const PIPELINE: &str =
    "cosmos_transfer2/_src/transfer2/inference/inference_pipeline.py:560:generate_img2world";
const READ: &str =
    "cosmos_transfer2/_src/transfer2/inference/utils.py:480:read_and_process_control_input";

/// The controls in the program's order (`config.py:CONTROL_KEYS`).
const CONTROLS: [&str; 4] = ["edge", "vis", "depth", "seg"];
const DISTILLED: &str = "edge/distilled";
/// Steps of the distilled model.
const DISTILLED_STEPS: u32 = 4;
/// Frames that the models are trained for, and what they are compressed to.
const TRAINED_FRAMES: u32 = 93;
const TRAINED_LATENT: u32 = 24;
const FRAMES_PER_LATENT: u32 = 4;
/// Pixels of a side that become one row of patches.
const PIXELS_PER_PATCH: u32 = 16;
/// Heads of attention.
const HEADS: u32 = 16;
/// `_src/predict2/datasets/utils.py:VIDEO_RES_SIZE_INFO`.
pub const TIERS: [Tier; 9] = [
    Tier("1080", [(1920, 1056), (1440, 1056), (1024, 1024)]),
    Tier("1024", [(1280, 768), (1280, 1024), (1024, 1024)]),
    Tier("720", [(1280, 704), (960, 704), (960, 960)]),
    Tier("512", [(640, 384), (640, 512), (512, 512)]),
    Tier("480", [(768, 432), (640, 480), (480, 480)]),
    Tier("480p", [(832, 480), (640, 480), (640, 640)]),
    Tier("720p", [(1280, 720), (960, 720), (960, 960)]),
    Tier("720robocasa", [(1280, 720), (960, 720), (720, 720)]),
    Tier("256", [(320, 192), (320, 256), (256, 256)]),
];
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];
const VIDEOS: [&str; 5] = ["mp4", "avi", "mov", "mkv", "webm"];

/// What the program was told.
struct Job<'a> {
    context: &'a Context,
    modes: Modes,
    flags: Flags,
    guardrails: bool,
    distilled: bool,
    output: PathBuf,
    /// The folder as it is written on the command line, for the log.
    output_name: String,
}

pub fn run(context: &Context, options: &[String]) -> Result<(), Failure> {
    let experimental = context.is_on("COSMOS_EXPERIMENTAL_CHECKPOINTS", false);
    let more_models: &[&str] = if experimental { &[DISTILLED] } else { &[] };
    let flags = tyro(Model::Transfer2_5, options, more_models)?;
    let (setup_issues, overrides) = check_flags(context, &flags);
    if !setup_issues.is_empty() {
        return Err(Failure::refusal(report("SetupArguments", &setup_issues)));
    }
    let mut samples = Vec::new();
    for path in flags.texts("input_files") {
        samples.extend(read_file(context, path, &overrides)?);
    }
    if samples.is_empty() {
        return Err(Failure::refusal("Error: No inference samples"));
    }
    let names: Vec<Value> = samples
        .iter()
        .map(|sample| sample["name"].clone())
        .collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            let name = name.as_str().unwrap_or_default();
            return Err(Failure::refusal(format!(
                "Error: Inference samplename {name} is not unique"
            )));
        }
    }
    let smoke = context.is_on("COSMOS_SMOKE", false);
    let verbose = context.is_on("COSMOS_VERBOSE", false);
    let mut log = Log::new(&context.console, "", verbose);
    let output_name = flags.text("output_dir").unwrap_or_default().to_owned();
    let output = context.at(&output_name);
    fs::create_dir_all(&output).map_err(|error| Failure::system(&error, &output_name))?;
    log.info(INIT, format!("Log saved to {output_name}/console.log"));
    log.open(&output)?;
    let job = Job {
        context,
        modes: context.modes.of_job(false),
        guardrails: !flags.is("disable_guardrails") && !smoke,
        distilled: flags.text("model") == Some(DISTILLED),
        flags,
        output,
        output_name,
    };
    if smoke {
        samples.truncate(1);
    }
    if job.flags.is("benchmark") && samples.len() == 1 {
        samples = vec![samples[0].clone(); 4];
    }
    let used = |name: &&str| samples.iter().any(|sample| sample[*name].is_object());
    let controls: Vec<&str> = CONTROLS.into_iter().filter(used).collect();
    job.start(&controls, &mut log)?;
    let names = names
        .iter()
        .take(samples.len())
        .map(repr)
        .collect::<Vec<_>>();
    log.info(
        GENERATE,
        format!(
            "Generating {} samples: [{}]",
            samples.len(),
            names.join(", ")
        ),
    );
    for (at, sample) in samples.iter().enumerate() {
        let name = sample["name"].as_str().unwrap_or_default();
        log.info(
            GENERATE,
            format!("[{}/{}] Processing sample {name}", at + 1, samples.len()),
        );
        job.make(sample, smoke, &mut log)?;
    }
    if job.flags.is("profile") {
        let path = job.output.join("profile.pyisession");
        fs::write(&path, []).map_err(|error| Failure::system(&error, "profile.pyisession"))?;
        log.info(
            INIT,
            format!("Profile saved to {}/profile.pyisession", job.output_name),
        );
    }
    Ok(())
}

/// What is wrong with the flags, and those that stand for keys of the specs.
fn check_flags(context: &Context, flags: &Flags) -> (Vec<Issue>, Map<String, Value>) {
    let keys = Model::Transfer2_5.keys();
    let in_spec = |key: &&Key| key.place == Place::Spec;
    let (mut issues, mut overrides) = (Vec::new(), Map::new());
    for name in &flags.given {
        let flag = keys
            .iter()
            .find(|key| key.place == Place::Flag && key.name == name);
        let (Some(flag), Some(value)) = (flag, flags.values.get(name)) else {
            continue;
        };
        let is_override = keys.iter().filter(in_spec).any(|key| key.name == name);
        // The choices of these are judged where the command line is read, with those of the environment.
        let judged = if name == "model" {
            Ok(value.clone())
        } else {
            value::take(flag, value, name, &context.folder)
        };
        match judged {
            Ok(value) if is_override && !value.is_null() => {
                _ = overrides.insert(name.clone(), value)
            }
            Ok(_) => {}
            Err(more) => issues.extend(more),
        }
    }
    (issues, overrides)
}

/// The samples in a file, checked and with all defaults.
fn read_file(
    context: &Context,
    name: &str,
    overrides: &Map<String, Value>,
) -> Result<Vec<Value>, Failure> {
    let path = context.at(name);
    let read = || fs::read_to_string(&path).map_err(|error| Failure::system(&error, name));
    let texts: Vec<String> = match path.extension().and_then(|e| e.to_str()) {
        Some("json") => vec![read()?],
        Some("jsonl") => read()?.lines().map(str::to_owned).collect(),
        extension => {
            let extension = extension.map_or_else(String::new, |e| format!(".{e}"));
            return Err(Failure::error(format!(
                "ValueError: Unsupported file extension: {extension}"
            )));
        }
    };
    let data = texts.iter().map(|text| {
        serde_json::from_str::<Value>(text)
            .map_err(|error| Failure::error(format!("json.decoder.JSONDecodeError: {error}")))
    });
    let data = data.collect::<Result<Vec<_>, _>>()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let samples = data.into_iter().enumerate().map(|(at, data)| {
        let Value::Object(mut data) = data else {
            return Err(Failure::error(
                "TypeError: unsupported operand type(s) for |: 'list' and 'dict'",
            ));
        };
        data.extend(overrides.clone());
        let sample = check(data, folder)?;
        sample.map(Value::Object).map_err(|issues| {
            Failure::refusal(format!(
                "Error validating parameters from '{name}' at line {at}\n{}",
                report("InferenceArguments", &issues)
            ))
        })
    });
    samples.collect()
}

/// The sample as the program goes on with it (`config.py:InferenceArguments`), or all that is wrong with it.
fn check(
    mut data: Map<String, Value>,
    folder: &Path,
) -> Result<Result<Map<String, Value>, Vec<Issue>>, Failure> {
    let has =
        |data: &Map<String, Value>, key: &str| data.get(key).is_some_and(|value| !value.is_null());
    if !has(&data, "prompt") && has(&data, "prompt_path") {
        // Read before anything is checked.
        let path = data["prompt_path"].as_str().unwrap_or_default();
        let text =
            fs::read_to_string(folder.join(path)).map_err(|error| Failure::system(&error, path))?;
        data.insert("prompt".into(), json!(text.trim()));
    }
    let keys = Model::Transfer2_5.keys();
    let spec: Vec<&Key> = keys.iter().filter(|key| key.place == Place::Spec).collect();
    let mut issues = Vec::new();
    let mut sample = value::fields(&data, &spec, "", folder, &mut issues);
    for name in CONTROLS {
        if let Some(Value::Object(control)) = data.get(name) {
            let of_control = keys.iter().filter(|key| key.controls.contains(&name));
            let of_control: Vec<&Key> = of_control.collect();
            let prefix = format!("{name}.");
            // Whatever else is in it goes unseen.
            let read = value::fields(control, &of_control, &prefix, folder, &mut issues);
            sample.insert(name.into(), Value::Object(read));
        }
    }
    for (name, value) in &data {
        if !spec.iter().any(|key| key.name == name) {
            issues.push(Issue::new(
                name,
                "Extra inputs are not permitted",
                "extra_forbidden",
                value.clone(),
            ));
        }
    }
    if issues.is_empty() {
        if !CONTROLS
            .iter()
            .any(|name| sample.get(*name).is_some_and(Value::is_object))
        {
            issues.push(Issue::own(
                "No controls provided, please provide at least one control key (edge, blur, depth, seg)",
                &data,
            ));
        } else if has(&sample, "vis") && has(&sample, "image_context_path") {
            issues.push(Issue::own(
                "vis control and image_context_path are both used to transfer style: please only provide one",
                &data,
            ));
        }
    }
    sample
        .entry("negative_prompt")
        .or_insert_with(|| json!("(built in)"));
    Ok(if issues.is_empty() {
        Ok(sample)
    } else {
        Err(issues)
    })
}

/// A frame's size, and how many there are to a second.
struct Input {
    facts: Facts,
    working: Size,
    frames: u32,
    rate: u32,
}

impl Job<'_> {
    /// Processes and networks.
    fn start(&self, controls: &[&str], log: &mut Log<'_>) -> Result<(), Failure> {
        let world = self.context.processes();
        let size = self
            .flags
            .number("context_parallel_size")
            .map_or(world, |size| size as u32);
        if size > 1 && self.context.launched.is_none() {
            return Err(Failure::error(
                "ValueError: Error initializing torch.distributed using env:// rendezvous: environment variable RANK \
                 expected, but not set",
            ));
        }
        if !world.is_multiple_of(size) {
            return Err(Failure::error(format!(
                "RuntimeError: world_size ({world}) is not divisible by {size}"
            )));
        }
        let networks: Vec<&str> = match controls {
            [one] => vec![one],
            _ => CONTROLS.to_vec(),
        };
        if let (true, Some(other)) = (
            self.distilled,
            networks.iter().find(|name| **name != "edge"),
        ) {
            return Err(Failure::error(format!(
                "KeyError: ModelKey(variant='{other}', distilled=True)"
            )));
        }
        if let Some(path) = self.flags.text("checkpoint_path")
            && !path.contains("://")
            && !self.context.at(path).exists()
        {
            return Err(Failure::error(format!(
                "ValueError: Checkpoint path {path} does not exist."
            )));
        }
        for name in networks {
            self.download(&format!("nvidia/Cosmos-Transfer2.5-2B/general/{name}"), log)?;
        }
        log.info(
            SETUP,
            format!("Found {} hint keys across all samples", controls.len()),
        );
        if controls.len() > 1 {
            log.say(
                Level::Warning,
                SETUP,
                "Loading the multicontrol model. Multicontrol inference is not strictly equal to single control",
            );
        }
        let path = self.output.join("config.yaml");
        fs::write(&path, "stand_in: true\n")
            .map_err(|error| Failure::system(&error, "config.yaml"))?;
        log.info(
            SETUP,
            format!("Saved config to {}/config.yaml", self.output_name),
        );
        Ok(())
    }

    fn download(&self, name: &str, log: &mut Log<'_>) -> Result<(), Failure> {
        log.info(DOWNLOAD, format!("Downloading checkpoint {name}"));
        failed_download(
            &self.modes,
            self.context,
            "'uvx', 'hf>=1.0', 'download'",
            name,
        )
    }

    fn make(&self, sample: &Value, smoke: bool, log: &mut Log<'_>) -> Result<(), Failure> {
        let name = sample["name"].as_str().unwrap_or_default();
        let shown = format!("{}/{name}", self.output_name);
        let stem = self.output.join(name);
        let ending = |ending: &str| {
            let mut path = stem.as_os_str().to_owned();
            path.push(ending);
            PathBuf::from(path)
        };
        let write = |path: PathBuf, text: String| {
            fs::write(&path, text)
                .map_err(|error| Failure::system(&error, &path.display().to_string()))
        };
        write(ending(".json"), sample.to_string())?;
        log.info(SAMPLE, format!("Saved arguments to {shown}.json"));
        let prompt = sample["prompt"].as_str().unwrap_or_default();
        if !self.passes_prompts(sample, log)? {
            return Ok(());
        }
        log.info(
            SAMPLE,
            format!("Processing the following paths: {}", repr(&paths(sample))),
        );

        let input = self.read_input(sample)?;
        let controls: Vec<&str> = CONTROLS
            .into_iter()
            .filter(|name| sample[*name].is_object())
            .collect();
        let lengths = self.read_controls(sample, &controls, &input, log)?;
        let made = self.chunks(sample, smoke, &input, &lengths, log)?;
        let facts = Facts {
            rate: Rate::whole(input.rate),
            frames: made,
            width: 0,
            height: 0,
        };
        let (width, height) = match sample["keep_input_resolution"] == true {
            true => (input.facts.width & !1, input.facts.height & !1),
            false => input.working,
        };
        if self.distilled && made > TRAINED_FRAMES {
            log.say(
                Level::Warning,
                SAMPLE,
                format!("Generated output has {made} frames (> {TRAINED_FRAMES})."),
            );
        }
        let one = Facts {
            width,
            height,
            ..facts
        };
        for control in &controls {
            let extension = media::write(&ending(&format!("_control_{control}")), one, 0)?;
            log.info(
                SAMPLE,
                format!("{control} control video saved to {shown}_control_{control}.{extension}"),
            );
        }
        // Only what the program has made itself is shown.
        let masked = controls
            .iter()
            .filter(|control| sample[**control]["mask_prompt"].is_string());
        let guided = (!sample["guided_generation_mask"].is_null()).then_some(&"guided_generation");
        for mask in masked.chain(guided) {
            let mask_facts = Facts {
                width: input.working.0,
                height: input.working.1,
                ..facts
            };
            let extension = media::write(&ending(&format!("_mask_{mask}")), mask_facts, 0)?;
            log.info(
                SAMPLE,
                format!("Mask for {mask} saved to {shown}_mask_{mask}.{extension}"),
            );
        }
        if !self.guardrails {
            log.say(
                Level::Warning,
                SAMPLE,
                "Guardrail checks on video are disabled",
            );
        } else {
            log.info(SAMPLE, "Running guardrail check on video...");
            if self.modes.blocked() == Some(Blocked::Video) {
                log.hidden(
                    Level::Critical,
                    GUARD,
                    "GUARDRAIL BLOCKED: VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
                );
                return self.blocked("Guardrail blocked video2world generation.");
            }
            log.say(
                Level::Success,
                SAMPLE,
                "Passed guardrail on generated video",
            );
        }
        let beside =
            1 + if sample["show_control_condition"] == true {
                controls.len() as u32
            } else {
                0
            } + u32::from(sample["show_input"] == true);
        let whole = Facts {
            width: width * beside,
            ..one
        };
        let extension = media::write(&stem, whole, self.modes.padding())?;
        write(ending(".txt"), prompt.to_owned())?;
        log.say(
            Level::Success,
            SAMPLE,
            format!("Generated video saved to {shown}.{extension}"),
        );
        Ok(())
    }

    /// A block ends the sample, and the program too unless it is to go on.
    fn blocked(&self, says: &str) -> Result<(), Failure> {
        match self.flags.is("keep_going") {
            true => Ok(()),
            false => Err(Failure::error(format!("Exception: {says}"))),
        }
    }

    fn passes_prompts(&self, sample: &Value, log: &mut Log<'_>) -> Result<bool, Failure> {
        if !self.guardrails {
            log.say(
                Level::Warning,
                SAMPLE,
                "Guardrail checks on prompt are disabled",
            );
            return Ok(true);
        }
        log.info(SAMPLE, "Running guardrail check on prompt...");
        for (key, called, title, blocked) in [
            ("prompt", "prompt", "Prompt", Blocked::Prompt),
            (
                "negative_prompt",
                "negative prompt",
                "Negative prompt",
                Blocked::Negative,
            ),
        ] {
            if self.distilled && blocked == Blocked::Negative {
                continue;
            }
            let text = sample[key].as_str().unwrap_or_default();
            let reason = match text {
                "" => Some("Input is empty"),
                _ if self.modes.blocked() == Some(blocked) => {
                    Some("Prompt blocked by censorship: Censored Prompt: ***")
                }
                _ => None,
            };
            if let Some(reason) = reason {
                log.hidden(
                    Level::Critical,
                    GUARD,
                    format!("GUARDRAIL BLOCKED: BLOCKLIST: {reason}"),
                );
                let says = format!("Guardrail blocked generation. {title}: {text}");
                log.say(Level::Critical, SAMPLE, &says);
                return self.blocked(&says).map(|()| false);
            }
            log.say(
                Level::Success,
                SAMPLE,
                format!("Passed guardrail on {called}"),
            );
        }
        Ok(true)
    }

    fn tier(&self, sample: &Value) -> Result<&'static Tier, Failure> {
        let wanted = sample["resolution"].as_str().unwrap_or_default();
        let tier = TIERS.iter().find(|Tier(name, _)| *name == wanted);
        tier.ok_or_else(|| Failure::error(format!("KeyError: '{wanted}'")))
    }

    fn read(&self, path: &Value) -> Result<Facts, Failure> {
        let name = path.as_str().unwrap_or_default();
        let extension = Path::new(name)
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        if extension == "mkv" {
            return Err(Failure::error(format!(
                "ValueError: Unsupported format: {extension}"
            )));
        }
        media::read(Path::new(name), name)
    }

    fn read_input(&self, sample: &Value) -> Result<Input, Failure> {
        let name = sample["video_path"].as_str().unwrap_or_default();
        let extension = Path::new(name)
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        if !PICTURES.contains(&extension) && !VIDEOS.contains(&extension) {
            return Err(Failure::error(format!(
                "ValueError: Invalid video extension: .{extension}"
            )));
        }
        let facts = self.read(&sample["video_path"])?;
        let tier = self.tier(sample)?;
        let most = sample["max_frames"]
            .as_u64()
            .map_or(MAX_FRAMES, |most| most as u32);
        let frames = facts.frames.min(most);
        if frames == 0 {
            return Err(Failure::error("ValueError: Input video is empty"));
        }
        let rate = facts.rate.value() as u32;
        Ok(Input {
            facts,
            working: tier.size(Shape::of((facts.width, facts.height))),
            frames,
            rate: rate.max(1),
        })
    }

    /// The lengths of what is cut into chunks beside the input.
    fn read_controls(
        &self,
        sample: &Value,
        controls: &[&str],
        input: &Input,
        log: &mut Log<'_>,
    ) -> Result<Vec<u32>, Failure> {
        let mut lengths = Vec::new();
        let tier = self.tier(sample)?;
        let style = match sample["context_frame_index"].as_u64() {
            Some(at) => Some((&sample["video_path"], at)),
            None => Some((&sample["image_context_path"], 0)).filter(|(path, _)| path.is_string()),
        };
        if let Some((path, at)) = style {
            let extension = Path::new(path.as_str().unwrap_or_default()).extension();
            let extension = extension
                .and_then(|e| e.to_str())
                .unwrap_or_default()
                .to_lowercase();
            if !PICTURES.contains(&&*extension) && !VIDEOS.contains(&&*extension) {
                return Err(Failure::error(format!(
                    "ValueError: Invalid image context extension: .{extension}"
                )));
            }
            let frames = self.read(path)?.frames;
            if at >= u64::from(frames) {
                return Err(Failure::error(format!(
                    "IndexError: index {at} is out of bounds for dimension 2 with size {frames}"
                )));
            }
        }
        if let Some(path) = sample["guided_generation_mask"].as_str() {
            let length = match Path::new(path).extension().and_then(|e| e.to_str()) {
                Some("mp4") => self.read(&sample["guided_generation_mask"])?.frames,
                // What is in it takes more than the stand-in knows; it is taken to be long enough.
                Some("npz") if Path::new(path).is_file() => input.frames,
                _ => {
                    return Err(Failure::error(format!(
                        "ValueError: Unknown video mask format: {path} not a mp4 or npz file"
                    )));
                }
            };
            lengths.push(length.min(input.frames));
        }
        for control in controls {
            let given = &sample[*control];
            for (key, is_mask) in [("control_path", false), ("mask_path", true)] {
                if given[key].is_string() {
                    let facts = self.read(&given[key])?;
                    let size = tier.size(Shape::of((facts.width, facts.height)));
                    if size != input.working {
                        return Err(Failure::error(format!(
                            "RuntimeError: The size of tensor a ({}) must match the size of tensor b ({}) at \
                             non-singleton dimension 4",
                            input.working.0 / 8,
                            size.0 / 8
                        )));
                    }
                    lengths.push(facts.frames.min(MAX_FRAMES));
                } else if !is_mask {
                    log.hidden(
                        Level::Info,
                        READ,
                        format!("No {control} control input file found, will compute online.."),
                    );
                }
            }
        }
        Ok(lengths)
    }

    /// Makes the chunks one after the other; how many frames there are in the end.
    fn chunks(
        &self,
        sample: &Value,
        smoke: bool,
        input: &Input,
        lengths: &[u32],
        log: &mut Log<'_>,
    ) -> Result<u32, Failure> {
        let whole = |key: &str| sample[key].as_u64().unwrap_or_default() as u32;
        let (chunk, overlap) = (
            whole("num_video_frames_per_chunk"),
            whole("num_conditional_frames"),
        );
        let stride = chunk.saturating_sub(overlap);
        let chunks = chunks(input.frames, chunk, overlap)?;
        let steps = match (self.distilled, smoke) {
            (_, true) => 1,
            (true, _) => DISTILLED_STEPS,
            _ => whole("num_steps"),
        };
        let gpus = self.context.processes();
        if let Some(sigma) = sample["sigma_max"].as_str()
            && sigma.trim().parse::<f64>().is_err()
        {
            return Err(Failure::error(format!(
                "ValueError: could not convert string to float: '{sigma}'"
            )));
        }
        let mut pace = Pace::new(&self.modes, chunks * steps);
        for at in 0..chunks {
            log.hidden(
                Level::Info,
                PIPELINE,
                format!("Generating chunk {}/{chunks}", at + 1),
            );
            if lengths.iter().any(|length| *length <= at * stride) {
                return Err(Failure::error(
                    "ValueError: No input frames; cannot pad. Verify that video frame counts match.",
                ));
            }
            // The program draws it from the one before.
            log.hidden(
                Level::Info,
                PIPELINE,
                format!("Seed: {}", whole("seed") + at),
            );
            splits(gpus, chunk, self.distilled, input.working)?;
            let mut bar = Bar::new(Some(&self.context.console), "Generating samples", steps);
            for _ in 0..steps {
                pace.step(&self.output)?;
                bar.step();
            }
        }
        log.hidden(Level::Info, PIPELINE, "Average time per chunk: 0.0");
        let made = match chunk {
            1 => 1,
            _ => input.frames,
        };
        Ok(made)
    }
}

/// How many chunks so many frames take.
pub fn chunks(frames: u32, chunk: u32, overlap: u32) -> Result<u32, Failure> {
    match (frames > chunk && chunk > 1, chunk.saturating_sub(overlap)) {
        (false, _) => Ok(1),
        (true, 0) => Err(Failure::error(
            "ZeroDivisionError: integer division or modulo by zero",
        )),
        (true, stride) => Ok(1 + (frames - chunk).div_ceil(stride)),
    }
}

/// Whether so many GPUs can share a chunk: over time where that goes, otherwise over time and rows (the conditioners'
/// `broadcast` and `generate_samples_from_batch`, which ask `context_parallel.py:find_split`), and over heads.
pub fn splits(gpus: u32, chunk: u32, distilled: bool, (_, height): Size) -> Result<(), Failure> {
    if gpus == 1 {
        return Ok(());
    }
    let latent = (chunk - 1) / FRAMES_PER_LATENT + 1;
    let split = |frames: u32| {
        let rest = gpus / greatest_divisor(frames, gpus);
        let rest = rest / greatest_divisor(height / PIXELS_PER_PATCH, rest);
        match rest {
            1 => Ok(()),
            _ => Err(Failure::error(format!(
                "ValueError: Split by width dimension is not currently supported due to quality issues. Width \
                 dimension would be split by a factor of {rest}. Lower the CP size to avoid splitting by width."
            ))),
        }
    };
    if !latent.is_multiple_of(gpus) {
        split(latent)?;
    }
    // What is longer than the models are trained for counts as several views, what is shorter as none.
    let views = latent / TRAINED_LATENT;
    let Some(per_view) = latent.checked_div(views) else {
        return Err(Failure::error(
            "ZeroDivisionError: integer division or modulo by zero",
        ));
    };
    if !per_view.is_multiple_of(gpus) {
        if !latent.is_multiple_of(views) {
            return Err(Failure::error("AssertionError"));
        }
        split(per_view)?;
    }
    if !HEADS.is_multiple_of(gpus) || (distilled && !TRAINED_LATENT.is_multiple_of(gpus)) {
        return Err(Failure::error(format!(
            "AssertionError: {HEADS} heads of attention cannot be split over {gpus} GPUs"
        )));
    }
    Ok(())
}

fn greatest_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_divisor(b, a % b)
    }
}

/// The files of the controls, as they are logged.
fn paths(sample: &Value) -> Value {
    let mut paths = Map::new();
    for name in CONTROLS {
        let control = &sample[name];
        if control.is_object() {
            paths.insert(name.into(), control["control_path"].clone());
            paths.insert(format!("{name}_mask"), control["mask_path"].clone());
            paths.insert(
                format!("{name}_mask_prompt"),
                control["mask_prompt"].clone(),
            );
        }
    }
    Value::Object(paths)
}

/// Ends as when Hugging Face's program does not bring what is wanted, if that is asked for.
pub fn failed_download(
    modes: &Modes,
    context: &Context,
    command: &str,
    name: &str,
) -> Result<(), Failure> {
    let repository = name.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
    let says = if modes.has("gated") {
        format!(
            "huggingface_hub.errors.GatedRepoError: 403 Client Error. (Request ID: Root=1-0)\n\nCannot access gated repo \
             for url https://huggingface.co/api/models/{repository}/revision/main.\nAccess to model {repository} is \
             restricted and you are not in the authorized list."
        )
    } else if modes.has("missing-checkpoint") {
        "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder for the \
         specified revision on the local disk and outgoing traffic has been disabled."
            .to_owned()
    } else {
        return Ok(());
    };
    context.console.err(&format!("{says}\n"));
    Err(Failure::error(format!(
        "subprocess.CalledProcessError: Command '[{command}, '{repository}']' returned non-zero exit status 1."
    )))
}
