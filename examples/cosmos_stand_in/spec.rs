//! What each generation's program reads: options, spec files, and the checks on both.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, Value};

use crate::Failure;
use crate::mp4::{Facts, facts};

/// What is to be made.
pub struct Sample {
    pub video: PathBuf,
    pub facts: Facts,
    pub steps: u32,
    /// Written beside the video where the program does that.
    pub prompt: Option<String>,
    pub upscales: bool,
}

/// Options of a program: `--name value`, or `--name` alone.
pub struct Flags(Vec<(String, Option<String>)>);

impl Flags {
    pub fn of(arguments: &[String]) -> Self {
        let mut flags: Vec<(String, Option<String>)> = Vec::new();
        for argument in arguments {
            match (argument.strip_prefix('-'), flags.last_mut()) {
                (Some(_), _) => match argument.split_once('=') {
                    Some((name, value)) => flags.push((name.to_owned(), Some(value.to_owned()))),
                    None => flags.push((argument.clone(), None)),
                },
                (None, Some((_, value))) if value.is_none() => *value = Some(argument.clone()),
                (None, _) => flags.push((argument.clone(), None)),
            }
        }
        Self(flags)
    }

    fn only(&self, with_value: &[&str], switches: &[&str]) -> Result<(), Failure> {
        for (name, value) in &self.0 {
            let known = match value {
                Some(_) => with_value.contains(&name.as_str()),
                None => switches.contains(&name.as_str()),
            };
            if !known {
                let value = value.as_deref().unwrap_or_default();
                return Err(Failure::usage(format!(
                    "error: unrecognized arguments: {name} {value}"
                )));
            }
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.as_deref())
    }

    fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| {
            Failure::usage(format!(
                "error: the following arguments are required: {name}"
            ))
        })
    }
}

const STRENGTHS: [&str; 5] = ["very_low", "low", "medium", "high", "very_high"];

/// Sizes that the models work in.
const SIZES: [(u32, u32); 5] = [(1280, 704), (960, 704), (960, 960), (704, 960), (704, 1280)];

/// The nearest of the sizes, by shape.
fn native(from: Facts) -> (u32, u32) {
    let shape = |(width, height): (u32, u32)| (f64::from(width) / f64::from(height)).ln();
    let wanted = shape((from.width, from.height.max(1)));
    let away = |size: &(u32, u32)| (shape(*size) - wanted).abs();
    SIZES
        .into_iter()
        .min_by(|a, b| away(a).total_cmp(&away(b)))
        .unwrap_or(SIZES[0])
}

fn object(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::error(format!(
            "TypeError: {} is no object",
            path.display()
        ))),
        Err(error) => Err(Failure::error(format!(
            "json.decoder.JSONDecodeError: {error}"
        ))),
    }
}

/// Worded as Python does; only "no such file" has words of its own, which users search for.
fn unreadable(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => missing(path),
        _ => Failure::error(format!("OSError: {error}: '{}'", path.display())),
    }
}

fn missing(path: &Path) -> Failure {
    Failure::error(format!(
        "FileNotFoundError: [Errno 2] No such file or directory: '{}'",
        path.display()
    ))
}

fn invalid(key: &str, value: &Value, expected: &str) -> Failure {
    Failure::error(format!("ValueError: {key} is {value}, expected {expected}"))
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, Failure> {
    value
        .as_str()
        .ok_or_else(|| invalid(key, value, "a string"))
}

/// A number in this range, whole or not.
fn number(key: &str, value: &Value, range: (f64, f64), whole: bool) -> Result<f64, Failure> {
    let expected = "a number in range";
    let number = if whole {
        value.as_u64().map(|number| number as f64)
    } else {
        value.as_f64()
    };
    number
        .filter(|number| (range.0..=range.1).contains(number))
        .ok_or_else(|| invalid(key, value, expected))
}

fn strength(key: &str, value: &Value) -> Result<(), Failure> {
    let known = value.as_str().is_some_and(|word| STRENGTHS.contains(&word));
    known
        .then_some(())
        .ok_or_else(|| invalid(key, value, "one of the strengths"))
}

/// The facts of the video that `value` names, as seen from `folder`.
fn video(key: &str, value: &Value, folder: &Path) -> Result<Facts, Failure> {
    let path = folder.join(text(key, value)?);
    if !path.is_file() {
        return Err(missing(&path));
    }
    if path.extension().is_none_or(|extension| extension != "mp4") {
        return Err(invalid(key, value, "an mp4 file"));
    }
    facts(&path).ok_or_else(|| Failure::error(format!("OSError: cannot read '{}'", path.display())))
}

/// The input video and the controls have to agree; the first says what the result is like.
fn agree(videos: &[(String, Facts)]) -> Result<Option<Facts>, Failure> {
    for (name, video) in videos {
        let (_, first) = &videos[0];
        if video.frames != first.frames {
            return Err(Failure::error(format!(
                "RuntimeError: {name} has {} frames, expected {}",
                video.frames, first.frames
            )));
        }
    }
    Ok(videos.first().map(|(_, facts)| *facts))
}

pub fn transfer1(flags: &Flags, processes: usize) -> Result<Sample, Failure> {
    const CONTROLS: [&str; 8] = [
        "vis", "seg", "edge", "depth", "keypoint", "upscale", "hdmap", "lidar",
    ];
    flags.only(
        &[
            "--checkpoint_dir",
            "--video_save_folder",
            "--video_save_name",
            "--controlnet_specs",
            "--num_gpus",
            "--num_steps",
            "--guidance",
            "--fps",
            "--seed",
            "--sigma_max",
            "--negative_prompt",
            "--prompt",
            "--input_video_path",
            "--blur_strength",
            "--canny_threshold",
        ],
        &[
            "--offload_diffusion_transformer",
            "--offload_text_encoder_model",
            "--offload_guardrail_models",
            "--offload_prompt_upsampler",
            "--upsample_prompt",
            "--use_distilled",
        ],
    )?;
    let here = std::env::current_dir().unwrap_or_default();
    if std::env::var_os("PYTHONPATH").is_none_or(|path| Path::new(&path) != here) {
        return Err(Failure::error(
            "ModuleNotFoundError: No module named 'cosmos_transfer1'",
        ));
    }
    let checkpoints = Path::new(flags.require("--checkpoint_dir")?);
    if !checkpoints.is_dir() {
        return Err(missing(&checkpoints.join("nvidia/Cosmos-Transfer1-7B")));
    }
    if flags.get("--num_gpus") != Some(&processes.to_string()) {
        return Err(Failure::error(
            "AssertionError: num_gpus is not the number of processes",
        ));
    }

    let mut steps = 35;
    let mut fps = 24;
    let mut sigma_max = 70.0;
    let mut prompt = String::new();
    let mut has_input = false;
    let mut upscales = false;
    let mut videos = Vec::new();
    let mut derived = Vec::new();
    // A flag on the command line beats the key of its name.
    let mut spec = object(Path::new(flags.require("--controlnet_specs")?))?;
    for (name, value) in &flags.0 {
        let key = name.trim_start_matches("--");
        let numeric = ["num_steps", "guidance", "fps", "seed", "sigma_max"].contains(&key);
        let worded = [
            "negative_prompt",
            "prompt",
            "input_video_path",
            "blur_strength",
            "canny_threshold",
        ]
        .contains(&key);
        if let Some(value) = value
            && (numeric || worded)
        {
            let value = match serde_json::from_str(value) {
                Ok(number) if numeric => number,
                _ => Value::String(value.clone()),
            };
            spec.insert(key.to_owned(), value);
        }
    }
    for (key, value) in &spec {
        match (key.as_str(), value) {
            (key, Value::Object(control)) if CONTROLS.contains(&key) => {
                for (field, value) in control {
                    match field.as_str() {
                        "control_weight" => {
                            number("control_weight", value, (0.0, f64::MAX), false)?;
                        }
                        "input_control" => {
                            videos.push((key.to_owned(), video(field, value, &here)?));
                        }
                        _ => return Err(invalid(key, value, "a field of a control")),
                    }
                }
                if !control.contains_key("control_weight") {
                    return Err(Failure::error(format!("KeyError: control_weight of {key}")));
                }
                if !control.contains_key("input_control") {
                    derived.push(key);
                }
                upscales |= key == "upscale";
            }
            (key, Value::Object(_)) => {
                return Err(Failure::error(format!(
                    "ValueError: Invalid hint_key: {key}"
                )));
            }
            ("prompt", value) => prompt = text(key, value)?.to_owned(),
            ("negative_prompt", value) => _ = text(key, value)?,
            ("input_video_path", value) => {
                videos.insert(0, (key.clone(), video(key, value, &here)?));
                has_input = true;
            }
            ("num_steps", value) => steps = number(key, value, (1.0, 1000.0), true)? as u32,
            ("fps", value) => fps = number(key, value, (1.0, 1000.0), true)? as u32,
            ("seed", value) => _ = number(key, value, (0.0, f64::from(u32::MAX)), true)?,
            ("guidance", value) => _ = number(key, value, (0.0, f64::MAX), false)?,
            ("sigma_max", value) => sigma_max = number(key, value, (0.0, 200.0), false)?,
            ("blur_strength" | "canny_threshold", value) => strength(key, value)?,
            (key, value) => return Err(invalid(key, value, "a key that is known")),
        }
    }
    if derived.is_empty() && videos.is_empty() {
        return Err(Failure::error("ValueError: no control"));
    }
    if !has_input && (sigma_max < 80.0 || !derived.is_empty()) {
        return Err(Failure::error(
            "AssertionError: without an input video sigma_max must be >= 80 and each control needs input_control",
        ));
    }
    let Some(source) = agree(&videos)? else {
        return Err(Failure::error("ValueError: no video"));
    };
    let (width, height) = native(source);
    let (width, height) = match upscales {
        true if source.height != 704 => {
            return Err(Failure::error(
                "AssertionError: the upscaler expects a video of 704 lines",
            ));
        }
        true => (width * 3, height * 3),
        false => (width, height),
    };
    let name = flags.get("--video_save_name").unwrap_or("output");
    Ok(Sample {
        video: Path::new(flags.get("--video_save_folder").unwrap_or("outputs"))
            .join(format!("{name}.mp4")),
        facts: Facts {
            width,
            height,
            frames: source.frames,
            fps,
        },
        steps,
        prompt: Some(prompt),
        upscales,
    })
}

pub fn transfer2_5(flags: &Flags) -> Result<Sample, Failure> {
    flags.only(&["-i", "-o"], &[])?;
    let path = Path::new(flags.require("-i")?);
    let output = Path::new(flags.require("-o")?);
    let folder = path.parent().unwrap_or(Path::new(""));
    let spec = object(path)?;
    let mut videos = Vec::new();
    let mut controls = 0;
    let mut steps = 35;
    let mut name = None;
    let mut prompt = None;
    for (key, value) in &spec {
        match key.as_str() {
            "name" => name = Some(text(key, value)?.to_owned()),
            "prompt" => prompt = Some(text(key, value)?.to_owned()),
            "negative_prompt" => _ = text(key, value)?,
            "prompt_path" => {
                let path = folder.join(text(key, value)?);
                prompt =
                    Some(fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?);
            }
            "video_path" => videos.insert(0, (key.clone(), video(key, value, folder)?)),
            "guidance" => _ = number(key, value, (0.0, 7.0), true)?,
            "seed" => _ = number(key, value, (0.0, f64::from(u32::MAX)), true)?,
            "num_steps" => steps = number(key, value, (1.0, 1000.0), true)? as u32,
            "sigma_max" => {
                let sigma = text(key, value)?.parse().unwrap_or(f64::NAN);
                if !(0.0..=200.0).contains(&sigma) {
                    return Err(invalid(key, value, "\"0\" to \"200\""));
                }
            }
            "edge" | "depth" | "vis" | "seg" => {
                let Value::Object(control) = value else {
                    return Err(invalid(key, value, "an object"));
                };
                controls += 1;
                for (field, value) in control {
                    match (key.as_str(), field.as_str()) {
                        (_, "control_path") => {
                            videos.push((key.clone(), video(field, value, folder)?));
                        }
                        (_, "control_weight") => _ = number(field, value, (0.0, 1.0), false)?,
                        ("edge", "preset_edge_threshold") | ("vis", "preset_blur_strength") => {
                            strength(field, value)?;
                        }
                        ("seg", "control_prompt") | (_, "mask_prompt") => _ = text(field, value)?,
                        _ => return Err(invalid(field, value, "a field of the control")),
                    }
                }
            }
            _ => {
                return Err(Failure::error(format!(
                    "pydantic_core.ValidationError: {key}: Extra inputs are not permitted"
                )));
            }
        }
    }
    let (Some(name), Some(prompt), Some((first, _))) = (name, prompt, videos.first()) else {
        return Err(Failure::error(
            "pydantic_core.ValidationError: name, prompt or video_path: Field required",
        ));
    };
    if first != "video_path" || controls == 0 {
        return Err(Failure::error(
            "pydantic_core.ValidationError: video_path and a control: Field required",
        ));
    }
    let Some(source) = agree(&videos)? else {
        return Err(Failure::error("ValueError: no video"));
    };
    let (width, height) = native(source);
    Ok(Sample {
        video: output.join(format!("{name}.mp4")),
        facts: Facts {
            width,
            height,
            ..source
        },
        steps,
        prompt: Some(prompt),
        upscales: false,
    })
}

pub fn cosmos3(flags: &Flags) -> Result<Sample, Failure> {
    flags.only(
        &[
            "--parallelism-preset",
            "-i",
            "-o",
            "--checkpoint-path",
            "--seed",
        ],
        &[],
    )?;
    flags.require("--checkpoint-path")?;
    let path = Path::new(flags.require("-i")?);
    let output = Path::new(flags.require("-o")?);
    let folder = path.parent().unwrap_or(Path::new(""));
    let spec = object(path)?;
    let mut videos = Vec::new();
    let mut steps = 50;
    let mut name = None;
    let mut described = false;
    let (mut frames, mut fps) = (None, None);
    for (key, value) in &spec {
        match key.as_str() {
            "name" => name = Some(text(key, value)?.to_owned()),
            "model_mode" if value == "video2video" => {}
            "resolution" if value == "720" => {}
            "aspect_ratio" => {
                if !["16,9", "4,3", "1,1", "3,4", "9,16"].contains(&text(key, value)?) {
                    return Err(invalid(key, value, "an aspect ratio"));
                }
            }
            "num_frames" => frames = Some(number(key, value, (1.0, 1e6), true)? as u32),
            "fps" => fps = Some(number(key, value, (1.0, 1000.0), true)? as u32),
            "num_steps" => steps = number(key, value, (1.0, 1000.0), true)? as u32,
            "seed"
            | "num_video_frames_per_chunk"
            | "num_conditional_frames"
            | "num_first_chunk_conditional_frames" => {
                number(key, value, (0.0, f64::from(u32::MAX)), true)?;
            }
            "shift" | "guidance" | "control_guidance" => {
                number(key, value, (0.0, f64::MAX), false)?;
            }
            "share_vision_temporal_positions" if value.is_boolean() => {}
            "prompt_path" | "negative_prompt_file" => {
                let caption = object(&folder.join(text(key, value)?))?;
                let subjects = caption.get("subjects").and_then(Value::as_array);
                if subjects.is_none_or(|subjects| !subjects.iter().all(Value::is_object)) {
                    return Err(Failure::error(
                        "pydantic_core.ValidationError: subjects: Field required",
                    ));
                }
                described |= key == "prompt_path";
            }
            "edge" | "blur" | "depth" | "seg" | "wsm" => {
                let Value::Object(control) = value else {
                    return Err(invalid(key, value, "an object"));
                };
                for (field, value) in control {
                    match (key.as_str(), field.as_str()) {
                        (_, "control_path") => {
                            videos.push((key.clone(), video(field, value, folder)?));
                        }
                        ("edge", "preset_edge_threshold") | ("blur", "preset_blur_strength") => {
                            strength(field, value)?;
                        }
                        _ => return Err(invalid(field, value, "a field of the control")),
                    }
                }
            }
            _ => return Err(invalid(key, value, "a key that is known")),
        }
    }
    let [(_, source)] = videos.as_slice() else {
        return Err(Failure::error("ValueError: exactly one control is needed"));
    };
    let (Some(name), true) = (name, described) else {
        return Err(Failure::error(
            "pydantic_core.ValidationError: name or prompt_path: Field required",
        ));
    };
    if (frames, fps) != (Some(source.frames), Some(source.fps)) {
        return Err(Failure::error(format!(
            "ValueError: the control has {} frames at {} a second",
            source.frames, source.fps
        )));
    }
    let (width, height) = native(*source);
    Ok(Sample {
        video: output.join(name).join("vision.mp4"),
        facts: Facts {
            width,
            height,
            ..*source
        },
        steps,
        prompt: None,
        upscales: false,
    })
}
