//! Writes specs and command lines as cosmos makes them, one folder each, to be judged by NVIDIA's own parsers:
//!
//! ```sh
//! cargo run -p spec-cases -- cases
//! scripts/check-with-nvidia.sh CHECKOUT... -- cases
//! ```
//!
//! Every option of every program with its extremes, awkward prompts, lengths around the windows, numbers of GPUs; and
//! what has to be refused, handed on unchecked.

#![allow(clippy::print_stdout, reason = "a program that says what it wrote")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use cosmos_workflow::cosmos::options::{Effect, Kind, Place, ProgramOption, program};
use cosmos_workflow::cosmos::{
    self, CONTROLS, Job, Model, Options, Plan, Request, Upscale, control_key, default_weights,
};
use cosmos_workflow::frame_rate::FrameRate;
use cosmos_workflow::modality::Modality;
use cosmos_workflow::specs::{Asset, ExecutionStatus, Parameters, PromptSpec, RunSpec, Strength};
use cosmos_workflow::video_info::{ColorTags, VideoInfo};
use serde_json::{Map, Value, json};

/// Prompts that a shell, JSON or a parser could stumble over.
const AWKWARD: [&str; 9] = [
    "a neon city",
    "a \"quoted\" and 'single' $(reboot) `ls` \\ back\\slash",
    "line one\nline two\r\n\ttabbed",
    "--prompt -o /etc/passwd",
    "ünïcödé 霓虹 🌆 \u{202e}rtl",
    "{\"subjects\": [{\"description\": \"a tram\", \"action\": \"turns\"}], \"lighting\": \"night\"}",
    "{not json",
    "null",
    "{prompt} {0} %s",
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: spec_cases FOLDER")?;
    let mut cases = Cases {
        folder: folder.clone().into(),
        count: 0,
    };
    for model in Model::ALL {
        every_control(&mut cases, model)?;
        prompts(&mut cases, model)?;
        lengths_and_sizes(&mut cases, model)?;
        first_class(&mut cases, model)?;
        gpus(&mut cases, model)?;
        every_option(&mut cases, model)?;
        refused(&mut cases, model)?;
    }
    println!("{} cases in {folder}", cases.count);
    Ok(())
}

/// Where cases go.
struct Cases {
    folder: std::path::PathBuf,
    count: usize,
}

impl Cases {
    /// Writes what `scene` comes to. What the planner refuses is an error here, unless it `may_be_refused`.
    fn accepted(&mut self, name: &str, scene: &Scene) -> Result<(), Box<dyn Error>> {
        let plan = scene
            .plan()
            .map_err(|refused| format!("{name}: {refused}"))?;
        self.write(name, scene, &plan.inference, None)?;
        if let Some(upscaling) = &plan.upscaling {
            self.write(&format!("{name}-upscaling"), scene, upscaling, None)?;
        }
        Ok(())
    }

    /// Writes a scene that the program has to refuse, and that the planner only lets through unchecked.
    /// `says` is a part of its message.
    fn refused(&mut self, name: &str, scene: &Scene, says: &str) -> Result<(), Box<dyn Error>> {
        let plan = scene
            .plan()
            .map_err(|refused| format!("{name}: {refused}"))?;
        self.write(name, scene, &plan.inference, Some(says))
    }

    fn write(
        &mut self,
        name: &str,
        scene: &Scene,
        job: &Job,
        refusal: Option<&str>,
    ) -> Result<(), Box<dyn Error>> {
        let name = format!("{}-{name}", scene.model.name());
        let files: Map<String, Value> = job
            .files
            .iter()
            .map(|file| (file.path.clone(), file.content.clone()))
            .collect();
        let mut videos: Vec<String> = scene
            .plan()?
            .uploads
            .iter()
            .map(|upload| upload.path.clone())
            .collect();
        videos.extend(["inputs/extra.mp4", "inputs/extra.png"].map(Into::into));
        // What the first job writes, the second reads.
        for key in ["input_video_path", "video_path"] {
            if let Some(Value::String(path)) = job.files[0].content.get(key) {
                videos.push(path.trim_start_matches("../").to_owned());
            }
        }
        // What the container makes before the program starts.
        for words in &job.prepare {
            videos.extend(words.last().cloned());
        }
        let mut case = json!({
            "name": name,
            "model": job.model.name(),
            "argv": job.argv,
            "env": job.env,
            "files": files,
            "videos": videos,
            "frames": scene.video.frame_count,
            "expect": if refusal.is_some() { "refused" } else { "accepted" },
        });
        if let Some(says) = refusal {
            case["says"] = json!(says);
        }
        let folder = self.folder.join(&name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("case.json"), format!("{case:#}\n"))?;
        self.count += 1;
        Ok(())
    }
}

/// A prompt, a run and a video.
#[derive(Clone)]
struct Scene {
    model: Model,
    prompt: PromptSpec,
    run: RunSpec,
    video: VideoInfo,
    mask_frames: BTreeMap<Modality, u64>,
    options: Options,
}

impl Scene {
    fn new(model: Model, controls: &[Modality]) -> Self {
        let prompt = PromptSpec {
            id: "ps_0123456789ab".into(),
            name: "neon city".into(),
            prompt: AWKWARD[0].into(),
            negative_prompt: String::new(),
            input_video_path: Some("shots/city/color.mp4".into()),
            control_inputs: controls
                .iter()
                .map(|&control| (control, format!("shots/city/{control}.mp4").into()))
                .collect(),
            timestamp: String::new(),
            video_hashes: BTreeMap::new(),
            other: Map::new(),
        };
        let run = RunSpec {
            id: "rs_ba9876543210".into(),
            prompt_id: prompt.id.clone(),
            name: prompt.name.clone(),
            control_weights: default_weights(model, &prompt),
            parameters: Parameters {
                seed: Some(1),
                ..Parameters::default()
            },
            execution_status: ExecutionStatus::Pending,
            output_path: Default::default(),
            timestamp: String::new(),
            start_time: None,
            end_time: None,
            error_message: None,
            model: Some(model),
            prompt_path: None,
            other: Map::new(),
        };
        Self {
            model,
            prompt,
            run,
            video: VideoInfo {
                codec: "h264".into(),
                width: 1280,
                height: 704,
                pixel_format: "yuv420p".into(),
                fps: FrameRate::new(24, 1).unwrap_or_default(),
                frame_count: 96,
                duration: 4.0,
                color: ColorTags::default(),
            },
            mask_frames: BTreeMap::new(),
            options: Options::default(),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn plan(&self) -> Result<Plan, cosmos::Refused> {
        cosmos::plan(
            self.model,
            &Request {
                prompt: &self.prompt,
                run: &self.run,
                video: Some(&self.video),
                mask_frames: &self.mask_frames,
                options: &self.options,
            },
        )
    }
}

fn every_control(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    for control in CONTROLS {
        cases.accepted(&format!("only-{control}"), &Scene::new(model, &[control]))?;
    }
    cases.accepted("all-controls", &Scene::new(model, &CONTROLS))?;
    cases.accepted("all-derived", &Scene::new(model, &[]))?;
    cases.accepted(
        "derived-with-strengths",
        &Scene::new(model, &[]).with(|scene| {
            scene.run.parameters.blur_strength = Some(Strength::VeryHigh);
            scene.run.parameters.canny_threshold = Some(Strength::VeryLow);
        }),
    )?;
    if model != Model::Transfer2_5 {
        let without_input = Scene::new(model, &[Modality::Depth]);
        cases.accepted(
            "without-input",
            &without_input.with(|scene| scene.prompt.input_video_path = None),
        )?;
    }
    Ok(())
}

fn prompts(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    for (number, text) in AWKWARD.into_iter().enumerate() {
        let scene = Scene::new(model, &[Modality::Depth]).with(|scene| {
            scene.prompt.prompt = text.into();
            scene.prompt.negative_prompt = text.into();
        });
        cases.accepted(&format!("prompt-{number}"), &scene)?;
    }
    let long = Scene::new(model, &[Modality::Edge]);
    cases.accepted(
        "prompt-long",
        &long.with(|scene| scene.prompt.prompt = "a very long street ".repeat(2000)),
    )
}

fn lengths_and_sizes(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    for frames in [1, 2, 93, 94, 121, 122, 241, 5001] {
        if frames == 1 && model == Model::Transfer1 {
            continue;
        }
        let scene = Scene::new(model, &[Modality::Edge]);
        cases.accepted(
            &format!("frames-{frames}"),
            &scene.with(|scene| scene.video.frame_count = frames),
        )?;
    }
    for (width, height) in [
        (1920, 1080),
        (640, 480),
        (512, 512),
        (480, 640),
        (1080, 1920),
        (4096, 1716),
    ] {
        let scene = Scene::new(model, &CONTROLS);
        cases.accepted(
            &format!("size-{width}x{height}"),
            &scene.with(|scene| (scene.video.width, scene.video.height) = (width, height)),
        )?;
    }
    for (num, den) in [(24000, 1001), (60, 1), (1, 2), (30000, 1001)] {
        let scene = Scene::new(model, &[Modality::Vis]);
        cases.accepted(
            &format!("rate-{num}-{den}"),
            &scene.with(|scene| scene.video.fps = FrameRate::new(num, den).unwrap_or_default()),
        )?;
    }
    Ok(())
}

fn first_class(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    let with = |change: &dyn Fn(&mut Scene)| Scene::new(model, &CONTROLS).with(change);
    cases.accepted(
        "steps-1",
        &with(&|scene| scene.run.parameters.num_steps = Some(1)),
    )?;
    cases.accepted(
        "guidance-7",
        &with(&|scene| scene.run.parameters.guidance_scale = Some(7.0)),
    )?;
    cases.accepted(
        "guidance-0",
        &with(&|scene| scene.run.parameters.guidance_scale = Some(0.0)),
    )?;
    cases.accepted(
        "seed-0",
        &with(&|scene| scene.run.parameters.seed = Some(0)),
    )?;
    cases.accepted(
        "seed-largest",
        &with(&|scene| scene.run.parameters.seed = Some(u32::MAX)),
    )?;
    cases.accepted(
        "sigma",
        &with(&|scene| scene.run.parameters.sigma_max = Some(90.5)),
    )?;
    cases.accepted("draft", &with(&|scene| scene.run.parameters.draft = true))?;
    cases.accepted(
        "keep-controls",
        &with(&|scene| scene.run.parameters.keep_controls = true),
    )?;
    cases.accepted(
        "offloaded",
        &with(&|scene| scene.options.offload_models = true),
    )?;
    cases.accepted(
        "upscaled",
        &with(&|scene| {
            scene.options.upscale = Some(Upscale {
                weight: 0.5,
                steps: Some(12),
            });
            scene.options.has_upscaler = true;
            scene.prompt.negative_prompt = "blurry".into();
        }),
    )?;
    let asset = |path: &str| Asset {
        path: path.into(),
        sha256: None,
    };
    match model {
        Model::Transfer1 => {
            let masked = with(&|scene| {
                scene
                    .run
                    .parameters
                    .masks
                    .insert(Modality::Depth, asset("m.mp4"));
                scene.mask_frames.insert(Modality::Depth, 96);
            });
            cases.accepted("mask", &masked)?;
            let distilled = Scene::new(model, &[Modality::Edge]);
            cases.accepted(
                "distilled",
                &distilled.with(|scene| scene.run.parameters.checkpoint = Some("distilled".into())),
            )?;
            let words = Scene::new(model, &[]);
            cases.accepted(
                "control-prompt",
                &words
                    .with(|scene| scene.run.parameters.control_prompt = Some("car . tree".into())),
            )?;
        }
        Model::Transfer2_5 => {
            let masked = with(&|scene| {
                scene
                    .run
                    .parameters
                    .masks
                    .insert(Modality::Depth, asset("m.mp4"));
                scene.mask_frames.insert(Modality::Depth, 96);
                scene.run.parameters.protected_area = Some(asset("p.mp4"));
            });
            cases.accepted("masks", &masked)?;
            let one = Scene::new(model, &[Modality::Edge]);
            let parameters = |change: &dyn Fn(&mut Parameters)| {
                one.clone().with(|scene| change(&mut scene.run.parameters))
            };
            cases.accepted(
                "style",
                &parameters(&|p| p.style_image = Some(asset("s.png"))),
            )?;
            cases.accepted(
                "distilled",
                &parameters(&|p| p.checkpoint = Some("distilled".into())),
            )?;
            cases.accepted(
                "guardrails-off",
                &parameters(&|p| p.guardrails = Some(false)),
            )?;
            cases.accepted("guardrails-on", &parameters(&|p| p.guardrails = Some(true)))?;
            let words = Scene::new(model, &[]);
            cases.accepted(
                "control-prompt",
                &words.with(|scene| scene.run.parameters.control_prompt = Some("car tree".into())),
            )?;
        }
        Model::Cosmos3 => {
            for checkpoint in ["Cosmos3-Nano", "edge", "Cosmos3-Super"] {
                cases.accepted(
                    &format!("checkpoint-{checkpoint}"),
                    &with(&|scene| {
                        scene.run.parameters.checkpoint = Some(checkpoint.into());
                        scene.options.num_gpu = 4;
                        scene.options.cuda_devices = "0,1,2,3".into();
                    }),
                )?;
            }
            cases.accepted(
                "guardrails-off",
                &with(&|scene| scene.run.parameters.guardrails = Some(false)),
            )?;
            cases.accepted(
                "first-frames",
                &with(&|scene| {
                    let key = "num_first_chunk_conditional_frames".to_owned();
                    scene.run.parameters.set.insert(key, json!(1));
                }),
            )?;
        }
    }
    let tiers: Vec<&str> = cosmos::tiers(model).iter().map(|tier| tier.name).collect();
    for tier in tiers {
        cases.accepted(
            &format!("tier-{tier}"),
            &with(&|scene| scene.run.parameters.resolution_tier = Some(tier.into())),
        )?;
    }
    Ok(())
}

fn gpus(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    for count in 1_u32..=16 {
        let scene = Scene::new(model, &CONTROLS).with(|scene| {
            scene.options.num_gpu = count;
            let devices: Vec<String> = (0..count).map(|device| device.to_string()).collect();
            scene.options.cuda_devices = devices.join(",");
        });
        if scene.plan().is_ok() {
            cases.accepted(&format!("gpus-{count}"), &scene)?;
        }
    }
    Ok(())
}

/// Each option of the program by its own name, with its extremes.
fn every_option(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    for option in &program(model).options {
        if option.owner().is_some() || option.place == Place::Env || !is_for_transfer(option) {
            continue;
        }
        for (number, value) in samples(option).into_iter().enumerate() {
            let Some(scene) = scene_for(model, option, &value) else {
                continue;
            };
            // What a combination forbids is the planner's to know, and tested there.
            if scene.plan().is_ok() {
                let (place, key) = (option.place, &option.key);
                cases.accepted(&format!("set-{place}-{key}-{number}"), &scene)?;
            }
        }
    }
    Ok(())
}

/// Options that work on a transfer, and whose values are not files of a kind of their own.
fn is_for_transfer(option: &ProgramOption) -> bool {
    option.effect == Effect::Works && !["config_file", "defaults_file"].contains(&&*option.key)
}

fn scene_for(model: Model, option: &ProgramOption, value: &Value) -> Option<Scene> {
    let scene = Scene::new(model, &CONTROLS);
    let key = match option.place {
        Place::Control => {
            let control = option.controls.first().map(String::as_str);
            let known = CONTROLS
                .into_iter()
                .map(|control| control_key(model, control))
                .find(|known| control.is_none_or(|control| control == *known));
            format!("{}.{}", known?, option.key)
        }
        _ => option.key.clone(),
    };
    Some(scene.with(|scene| {
        scene.run.parameters.set.insert(key, value.clone());
    }))
}

fn samples(option: &ProgramOption) -> Vec<Value> {
    let bounds = || {
        let mut found: Vec<f64> = option.min.into_iter().chain(option.max).collect();
        if option.above {
            found = found.into_iter().map(|bound| bound.max(1.0)).collect();
        }
        if found.is_empty() {
            found.push(1.0);
        }
        found
    };
    let whole = |bound: f64| json!(bound as i64);
    if !option.choices.is_empty() && option.kind != Kind::Integers {
        return option
            .choices
            .iter()
            .filter_map(|choice| option.parse(choice).ok())
            .collect();
    }
    match option.kind {
        _ if option.key == "checkpoint_path" => vec![match option.model {
            Model::Cosmos3 => json!("Cosmos3-Edge"),
            _ => json!("inputs/extra.mp4"),
        }],
        Kind::Integer => bounds().into_iter().map(whole).collect(),
        Kind::Number | Kind::Weight => bounds().into_iter().map(|bound| json!(bound)).collect(),
        Kind::NumberText => bounds()
            .into_iter()
            .map(|bound| json!(bound.to_string()))
            .collect(),
        Kind::Text => vec![json!("a \"quoted\" tree, 'and' a $car")],
        Kind::Boolean => vec![json!(true), json!(false)],
        Kind::Switch => vec![json!(true)],
        Kind::File if option.place == Place::Flag => vec![json!("inputs/extra.mp4")],
        Kind::File => vec![json!("../extra.mp4")],
        _ => Vec::new(),
    }
}

/// What the programs refuse, handed on unchecked: the parsers have to be the real ones.
fn refused(cases: &mut Cases, model: Model) -> Result<(), Box<dyn Error>> {
    let raw: &[(&str, Value, &str)] = match model {
        Model::Transfer1 => &[
            ("nonsense.control_weight", json!(1), "Invalid hint_key"),
            (
                "depth.control_weight",
                json!(-1),
                "must be a valid non-negative float",
            ),
            ("--nonsense", json!(true), "unrecognized arguments"),
        ],
        Model::Transfer2_5 => &[
            ("guidance", json!(3.5), "valid integer"),
            ("guidance", json!(8), "less than or equal to 7"),
            ("nonsense", json!(1), "Extra inputs are not permitted"),
            ("sigma_max", json!(70), "valid string"),
            ("resolution", json!(720), "valid string"),
            (
                "depth.control_weight",
                json!(1.5),
                "less than or equal to 1",
            ),
            (
                "video_path",
                json!("nowhere.mp4"),
                "does not point to a file",
            ),
            ("--nonsense", json!(true), "nonsense"),
        ],
        Model::Cosmos3 => &[
            ("guidance", json!(8.0), "less than or equal to 7"),
            ("guidance", json!(7.5), "less than or equal to 7"),
            ("nonsense", json!(1), "Extra inputs are not permitted"),
            ("depth.nonsense", json!(1), "Extra inputs are not permitted"),
            ("resolution", json!("1080"), "Input should be"),
            ("fps", json!(23.976), "valid integer"),
            ("--nonsense", json!(true), "nonsense"),
        ],
    };
    for (number, (key, value, says)) in raw.iter().enumerate() {
        let scene = Scene::new(model, &CONTROLS).with(|scene| {
            let set_raw = &mut scene.run.parameters.set_raw;
            set_raw.insert((*key).to_owned(), value.clone());
        });
        cases.refused(&format!("refused-{number}-{}", plain(key)), &scene, says)?;
    }
    Ok(())
}

fn plain(key: &str) -> String {
    let name = Path::new(key).display().to_string();
    name.replace(['.', '-'], "_").trim_matches('_').to_owned()
}
