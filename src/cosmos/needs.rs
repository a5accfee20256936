//! What a job reads on the GPU host besides the videos: checkpoints, and what it asks of GPU and checkout.
//!
//! Pure: [`request_of`] reads what a job is handed, [`needs`] says what follows from that. Every entry names the
//! symbol of the program that it was read from; what a program does not state is `None` here, and nobody guesses.

use serde::Serialize;
use serde_json::Value;

use super::options::program;
use super::{Job, Model};
use crate::modality::Modality;

/// 10⁹ bytes, in which the programs state memory.
const GB: u64 = 1_000_000_000;

/// What decides which files a job reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsRequest {
    /// The controls, each with whether the program derives it from the input video.
    pub controls: Vec<(Modality, bool)>,
    /// Whether human keypoints are a control (Transfer1).
    pub keypoint: bool,
    /// A checkpoint by name, or a folder in the container; the program's own default if `None`.
    pub checkpoint: Option<String>,
    /// Whether the distilled network runs.
    pub distilled: bool,
    /// Whether the job is the upscaling to 4K.
    pub upscales: bool,
    /// Whether the program rewrites the prompt first (Transfer1).
    pub upsample_prompt: bool,
    /// Whether guardrails are loaded.
    pub guardrails: bool,
    /// Whether objects are looked for by words: a mask, or the weight of a control.
    pub finds_objects: bool,
    /// Whether weights are made smaller at load time (Cosmos 3).
    pub quantized: bool,
    /// Whether every GPU holds all weights instead of its part of them (Cosmos 3).
    pub replicated: bool,
    /// What is asked for that older checkouts do not have.
    pub since: Vec<Since>,
    /// Number of GPUs, at least 1.
    pub num_gpu: u32,
}

impl Default for NeedsRequest {
    fn default() -> Self {
        Self {
            controls: Vec::new(),
            keypoint: false,
            checkpoint: None,
            distilled: false,
            upscales: false,
            upsample_prompt: false,
            guardrails: true,
            finds_objects: false,
            quantized: false,
            replicated: false,
            since: Vec::new(),
            num_gpu: 1,
        }
    }
}

impl NeedsRequest {
    fn has(&self, control: Modality) -> bool {
        self.controls.iter().any(|(of, _)| *of == control)
    }

    fn derives(&self, control: Modality) -> bool {
        self.controls.contains(&(control, true))
    }
}

/// Where a job looks for something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Place {
    /// In the container; what does not start with `/` is below the checkout.
    Folder {
        /// The path.
        path: String,
    },
    /// In a cache of Hugging Face's library.
    HuggingFace {
        /// `organization/name`.
        repo: &'static str,
        /// A file in it; all of it if `None`.
        file: Option<String>,
        /// Which cache.
        cache: Cache,
    },
}

impl Place {
    /// Whether it is in a cache of Hugging Face's library.
    #[must_use]
    pub const fn is_cached(&self) -> bool {
        matches!(self, Self::HuggingFace { .. })
    }

    /// The repository, or the end of the path: enough for a person.
    #[must_use]
    pub fn short(&self) -> &str {
        match self {
            Self::HuggingFace { repo, .. } => repo,
            Self::Folder { path } => path.rsplit('/').next().unwrap_or(path),
        }
    }
}

/// A folder in which Hugging Face's library keeps what it has downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// `$HF_HOME/hub`.
    Hub,
    /// The one that Transfer2.5 keeps for Video-Depth-Anything
    /// (`transfer2/auxiliary/depth_anything/model_utils.py:get_cache_dir`).
    DepthModels,
}

/// Something that a job reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// What it is for, in a few words.
    pub what: &'static str,
    /// Where it is looked for.
    pub place: Place,
    /// Its size in bytes, where the program states it.
    pub bytes: Option<u64>,
    /// Whether the program fetches it from huggingface.co where it is missing.
    pub downloads: bool,
    /// Whether huggingface.co hands it only to users who have accepted its terms.
    pub gated: bool,
}

/// Memory that a job needs on the GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Bytes on each of the GPUs.
    pub bytes_per_gpu: u64,
    /// Whether that is the weights alone, to which the work itself comes on top. Otherwise it is all.
    pub weights_only: bool,
}

/// Something that older checkouts of the program do not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Since {
    /// What, worded to stand before "needs".
    pub what: String,
    /// The commit that brought it, or its first digits.
    pub commit: String,
}

/// What a job needs on the host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needs {
    /// The generation.
    pub model: Model,
    /// The files.
    pub files: Vec<Need>,
    /// The memory; `None` where the program states none.
    pub memory: Option<Memory>,
    /// The compute capability that a GPU has to have at least, and what that is called.
    pub capability: Option<(Capability, &'static str)>,
    /// The oldest driver, where the program states it.
    pub driver: Option<&'static str>,
    /// Bytes on disk that the first run takes, where the program states it.
    pub first_run_bytes: Option<u64>,
    /// What older checkouts lack.
    pub since: Vec<Since>,
    /// Number of GPUs.
    pub num_gpu: u32,
}

impl Needs {
    /// Adds what another job of the same model needs.
    pub fn add(&mut self, other: Self) {
        for need in other.files {
            if self.files.iter().all(|own| own.place != need.place) {
                self.files.push(need);
            }
        }
        let bytes = |memory: &Option<Memory>| memory.map_or(0, |memory| memory.bytes_per_gpu);
        if bytes(&self.memory) < bytes(&other.memory) {
            self.memory = other.memory;
        }
        self.capability = self.capability.max(other.capability);
        self.since.extend(other.since);
    }
}

/// NVIDIA's number for what a GPU can do: 8.0 is Ampere, 9.0 Hopper, 10.0 Blackwell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Capability {
    /// Before the dot.
    pub major: u32,
    /// After it.
    pub minor: u32,
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for Capability {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self {
            major: major.parse()?,
            minor: minor.parse()?,
        })
    }
}

/// A100, RTX 30.
const AMPERE: Capability = Capability { major: 8, minor: 0 };
/// B200, RTX 50, GB10.
const BLACKWELL: Capability = Capability {
    major: 10,
    minor: 0,
};

/// A checkpoint of Cosmos 3.
struct Checkpoint {
    name: &'static str,
    repo: &'static str,
    weights: u64,
}

/// `inference/args.py:_CHECKPOINTS`; the sizes are those of its `_MODEL_MEMORY_FACTOR`.
const COSMOS3: [Checkpoint; 7] = [
    checkpoint("Cosmos3-Nano", "nvidia/Cosmos3-Nano", 32),
    checkpoint("Cosmos3-Edge", "nvidia/Cosmos3-Edge", 8),
    checkpoint("Cosmos3-Super", "nvidia/Cosmos3-Super", 128),
    checkpoint(
        "Cosmos3-Super-Image2Video",
        "nvidia/Cosmos3-Super-Image2Video",
        128,
    ),
    checkpoint(
        "Cosmos3-Super-Text2Image",
        "nvidia/Cosmos3-Super-Text2Image",
        128,
    ),
    checkpoint(
        "Cosmos3-Super-Text2Image-4Step",
        "nvidia/Cosmos3-Super-Text2Image-4Step",
        128,
    ),
    checkpoint(
        "Cosmos3-Super-Image2Video-4Step",
        "nvidia/Cosmos3-Super-Image2Video-4Step",
        128,
    ),
];
/// `inference/args.py:DEFAULT_CHECKPOINT_NAME`, which the command always names.
const COSMOS3_DEFAULT: &str = "Cosmos3-Nano";
/// The checkpoint whose folder has no decoder for sound (`inference/configs/model/Cosmos3-Edge.yaml`).
const COSMOS3_SILENT: &str = "Cosmos3-Edge";

/// The commit that brought several controls with weights to the Cosmos framework.
const SEVERAL_CONTROLS: &str = "24300b4";

const fn checkpoint(name: &'static str, repo: &'static str, gigabytes: u64) -> Checkpoint {
    Checkpoint {
        name,
        repo,
        weights: gigabytes * GB,
    }
}

/// What `job` is asked to do, as far as it decides what is read.
#[must_use]
pub fn request_of(job: &Job) -> NeedsRequest {
    let model = job.model;
    let spec = job.files.first().map(|file| &file.content);
    let object = |key: &str| {
        spec.and_then(|spec| spec.get(key))
            .filter(|v| v.is_object())
    };
    let keys: [(Modality, &str); 4] = match model {
        Model::Cosmos3 => [
            (Modality::Edge, "edge"),
            (Modality::Vis, "blur"),
            (Modality::Depth, "depth"),
            (Modality::Segmentation, "seg"),
        ],
        _ => [
            (Modality::Vis, "vis"),
            (Modality::Edge, "edge"),
            (Modality::Depth, "depth"),
            (Modality::Segmentation, "seg"),
        ],
    };
    let file_key = match model {
        Model::Transfer1 => "input_control",
        _ => "control_path",
    };
    let controls: Vec<(Modality, bool)> = keys
        .into_iter()
        .filter_map(|(modality, key)| {
            let file = object(key)?.get(file_key).and_then(Value::as_str);
            Some((modality, file.is_none_or(str::is_empty)))
        })
        .collect();
    let in_controls = |key: &str| {
        let fields = spec.and_then(Value::as_object).into_iter().flatten();
        fields
            .filter_map(|(_, control)| control.get(key))
            .any(|v| !v.is_null())
    };
    let regions = spec
        .and_then(|spec| spec.get("regional_prompts"))
        .and_then(Value::as_array);
    let in_regions = regions
        .into_iter()
        .flatten()
        .any(|region| region.get("mask_prompt").is_some_and(Value::is_string));
    let has = |flag: &str| job.argv.iter().any(|word| word == flag);
    let value = |flag: &str| value_of(&job.argv, flag);
    let network = value("--model");
    NeedsRequest {
        since: newer_options(job, controls.len()),
        controls,
        keypoint: object("keypoint").is_some(),
        checkpoint: value("--checkpoint-path").map(str::to_owned),
        distilled: has("--use_distilled")
            || network.is_some_and(|name| name.ends_with("/distilled")),
        upscales: object("upscale").is_some(),
        upsample_prompt: has("--upsample_prompt"),
        guardrails: !has("--disable-guardrails") && !has("--no-guardrails"),
        finds_objects: in_regions
            || in_controls("mask_prompt")
            || in_controls("control_weight_prompt"),
        quantized: value("--quantization-method").is_some(),
        replicated: value("--dp-shard-size") == Some("1"),
        num_gpu: value("--nproc_per_node")
            .or_else(|| value("--nproc-per-node"))
            .and_then(|count| count.parse().ok())
            .unwrap_or(1),
    }
}

/// The options that `job` uses and that the program has not always had, one for each commit.
fn newer_options(job: &Job, controls: usize) -> Vec<Since> {
    let mut newer = Vec::new();
    if job.model == Model::Cosmos3 && controls > 1 {
        newer.push(Since {
            what: "more than one control".into(),
            commit: SEVERAL_CONTROLS.into(),
        });
    }
    let program = program(job.model);
    let spec = job.files.first().and_then(|file| file.content.as_object());
    let keys = spec.into_iter().flatten().flat_map(|(key, value)| {
        let inside = value.as_object().into_iter().flatten();
        let inside = inside.map(move |(name, _)| format!("{key}.{name}"));
        std::iter::once(key.clone()).chain(inside)
    });
    let flags = job.argv.iter().filter(|word| word.starts_with("--"));
    let flags = flags.map(|flag| flag.split('=').next().unwrap_or(flag).to_owned());
    for key in keys.chain(flags) {
        let Ok(found) = program.find(&key) else {
            continue;
        };
        if let Some(commit) = &found.option.since
            && newer.iter().all(|other| other.commit != *commit)
        {
            newer.push(Since {
                what: key,
                commit: commit.clone(),
            });
        }
    }
    newer
}

/// What follows `flag` in `argv`, as `--flag value` or `--flag=value`. The last one counts, as in the programs.
fn value_of<'a>(argv: &'a [String], flag: &str) -> Option<&'a str> {
    argv.iter().enumerate().rev().find_map(|(at, word)| {
        let rest = word.strip_prefix(flag)?;
        if rest.is_empty() {
            return argv.get(at + 1).map(String::as_str);
        }
        rest.strip_prefix('=')
    })
}

/// What a job needs on the host.
#[must_use]
pub fn needs(model: Model, request: &NeedsRequest) -> Needs {
    match model {
        Model::Transfer1 => transfer1(request),
        Model::Transfer2_5 => transfer2_5(request),
        Model::Cosmos3 => cosmos3(request),
    }
}

/// Something in the cache of Hugging Face's library, which downloads it.
fn cached(what: &'static str, repo: &'static str, file: Option<&str>) -> Need {
    Need {
        what,
        place: Place::HuggingFace {
            repo,
            file: file.map(str::to_owned),
            cache: Cache::Hub,
        },
        bytes: None,
        downloads: true,
        gated: repo == GUARDRAIL,
    }
}

/// Whether a program takes a checkpoint's name for a path: `checkpoint_db.py:_is_path`, which knows addresses and
/// unique ids besides.
fn is_path(name: &str) -> bool {
    let is_id = name.len() == 36 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    !name.contains("://") && !is_id
}

/// A file or folder that has to be there.
fn placed(what: &'static str, path: impl Into<String>) -> Need {
    Need {
        what,
        place: Place::Folder { path: path.into() },
        bytes: None,
        downloads: false,
        gated: false,
    }
}

/// Its terms have to be accepted (docs/setup.md of Transfer2.5, docs/faq.md of the Cosmos framework).
const GUARDRAIL: &str = "nvidia/Cosmos-Guardrail1";

/// `cosmos_transfer1/checkpoints.py`, and the classes that load them. The repository states neither memory nor an
/// architecture for inference.
fn transfer1(request: &NeedsRequest) -> Needs {
    let network = |file: &str| format!("checkpoints/nvidia/Cosmos-Transfer1-7B/{file}");
    let mut files = Vec::new();
    if request.distilled {
        // `transfer.py:demo`: the base network is in the same file.
        files.push(placed(
            "distilled network",
            network("edge_control_distilled.pt"),
        ));
    } else {
        files.push(placed("base network", network("base_model.pt")));
        for (control, what, file) in [
            (Modality::Vis, "network of vis", "vis_control.pt"),
            (Modality::Edge, "network of edge", "edge_control.pt"),
            (Modality::Depth, "network of depth", "depth_control.pt"),
            (
                Modality::Segmentation,
                "network of segmentation",
                "seg_control.pt",
            ),
        ] {
            if request.has(control) {
                files.push(placed(what, network(file)));
            }
        }
        if request.keypoint {
            files.push(placed(
                "network of keypoint",
                network("keypoint_control.pt"),
            ));
        }
        if request.upscales {
            files.push(placed(
                "network of upscaling",
                network("4kupscaler_control.pt"),
            ));
        }
    }
    files.push(placed(
        "video tokenizer",
        "checkpoints/nvidia/Cosmos-Tokenize1-CV8x8x8-720p",
    ));
    // `t5_text_encoder.py:CosmosT5TextEncoder` falls back to the hub.
    files.push(Need {
        downloads: true,
        ..placed("text encoder", "checkpoints/google-t5/t5-11b")
    });
    // Nothing switches the guardrails off.
    files.push(placed("guardrail", "checkpoints/nvidia/Cosmos-Guardrail1"));
    files.push(placed(
        "guardrail for text",
        "checkpoints/meta-llama/Llama-Guard-3-8B",
    ));
    if request.upsample_prompt {
        files.push(placed(
            "prompt upsampler",
            "checkpoints/nvidia/Cosmos-UpsamplePrompt1-12B-Transfer",
        ));
    }
    if request.derives(Modality::Segmentation) || request.finds_objects {
        files.push(cached("object tracker", "facebook/sam2-hiera-large", None));
        files.push(cached(
            "object detector",
            "IDEA-Research/grounding-dino-tiny",
            None,
        ));
    }
    if request.derives(Modality::Depth) {
        files.push(cached(
            "depth estimator",
            "depth-anything/Depth-Anything-V2-Small-hf",
            None,
        ));
    }
    Needs {
        model: Model::Transfer1,
        files,
        memory: None,
        capability: None,
        driver: None,
        first_run_bytes: None,
        since: request.since.clone(),
        num_gpu: request.num_gpu,
    }
}

/// `config.py:MODEL_CHECKPOINTS`, `cosmos_oss/checkpoints_transfer2.py`, `cosmos_oss/checkpoints.py`.
fn transfer2_5(request: &NeedsRequest) -> Needs {
    const NETWORKS: [(Modality, &str, &str); 4] = [
        (
            Modality::Edge,
            "network of edge",
            "general/edge/61f5694b-0ad5-4ecd-8ad7-c8545627d125_ema_bf16.pt",
        ),
        (
            Modality::Vis,
            "network of vis",
            "general/blur/ba2f44f2-c726-4fe7-949f-597069d9b91c_ema_bf16.pt",
        ),
        (
            Modality::Depth,
            "network of depth",
            "general/depth/626e6618-bfcd-4d9a-a077-1409e2ce353f_ema_bf16.pt",
        ),
        (
            Modality::Segmentation,
            "network of segmentation",
            "general/seg/5136ef49-6d8d-42e8-8abf-7dac722a304a_ema_bf16.pt",
        ),
    ];
    const REPO: &str = "nvidia/Cosmos-Transfer2.5-2B";
    let mut files = Vec::new();
    // `inference.py:Control2WorldInference`: more than one control loads all four.
    let several = request.controls.len() > 1;
    match &request.checkpoint {
        Some(own) if !several && !is_path(own) => {}
        Some(own) if !several => files.push(placed("checkpoint", own.clone())),
        _ if request.distilled => files.push(cached(
            "distilled network",
            REPO,
            Some("distilled/general/edge/41f07f13-f2e4-4e34-ba4c-86f595acbc20_ema_bf16.pt"),
        )),
        _ => {
            for (control, what, file) in NETWORKS {
                if several || request.has(control) {
                    files.push(cached(what, REPO, Some(file)));
                }
            }
        }
    }
    files.push(cached("text encoder", "nvidia/Cosmos-Reason1-7B", None));
    files.push(cached(
        "video tokenizer",
        "nvidia/Cosmos-Predict2.5-2B",
        Some("tokenizer.pth"),
    ));
    if !several && !request.distilled {
        // `experiment_list.py`: the experiments of a single control have the conditioner with a picture, which
        // loads its encoder whether or not there is one (`siglip2_image_context.py:SigLip2EmbImgContext`).
        files.push(cached(
            "style encoder",
            "google/siglip2-so400m-patch16-naflex",
            None,
        ));
    }
    if request.guardrails {
        files.push(cached("guardrail", GUARDRAIL, None));
        files.push(cached(
            "guardrail for text",
            "Qwen/Qwen3Guard-Gen-0.6B",
            None,
        ));
        files.push(cached(
            "guardrail for video",
            "google/siglip-so400m-patch14-384",
            None,
        ));
    }
    if request.derives(Modality::Segmentation) || request.finds_objects {
        files.push(cached("object tracker", "facebook/sam2-hiera-large", None));
        files.push(cached(
            "object detector",
            "IDEA-Research/grounding-dino-base",
            None,
        ));
    }
    if request.derives(Modality::Depth) {
        files.push(Need {
            place: Place::HuggingFace {
                repo: "depth-anything/Video-Depth-Anything-Small",
                file: Some("video_depth_anything_vits.pth".into()),
                cache: Cache::DepthModels,
            },
            ..cached("depth estimator", "", None)
        });
    }
    Needs {
        model: Model::Transfer2_5,
        files,
        // docs/inference.md, for a single GPU; for more there is no figure.
        memory: (request.num_gpu == 1).then_some(Memory {
            bytes_per_gpu: 65_400_000_000,
            weights_only: false,
        }),
        // docs/setup.md
        capability: Some((AMPERE, "Ampere")),
        driver: Some("570.124.06"),
        first_run_bytes: None,
        since: request.since.clone(),
        num_gpu: request.num_gpu,
    }
}

/// `inference/args.py:_CHECKPOINTS`, `inference/common/checkpoints.py:register_checkpoints`.
fn cosmos3(request: &NeedsRequest) -> Needs {
    let name = request.checkpoint.as_deref().unwrap_or(COSMOS3_DEFAULT);
    let known = COSMOS3.iter().find(|checkpoint| checkpoint.name == name);
    let mut files = Vec::new();
    match known {
        Some(checkpoint) => files.push(Need {
            bytes: Some(checkpoint.weights),
            ..cached("checkpoint", checkpoint.repo, None)
        }),
        // Anything else is a folder for the program, also what is the id of a repository.
        None if is_path(name) => files.push(placed("checkpoint", name)),
        None => {}
    }
    files.push(cached(
        "video tokenizer",
        "Wan-AI/Wan2.2-TI2V-5B",
        Some("Wan2.2_VAE.pth"),
    ));
    let has_sound = known.is_some_and(|checkpoint| checkpoint.name != COSMOS3_SILENT);
    if has_sound && name != COSMOS3_DEFAULT {
        // Loaded with the model, though transfer makes no sound (`inference/configs/model/*.yaml:sound_gen`).
        files.push(cached(
            "sound tokenizer",
            "nvidia/Cosmos3-Nano",
            Some("sound_tokenizer/config.json"),
        ));
    }
    if request.guardrails {
        files.push(cached("guardrail", GUARDRAIL, None));
        files.push(cached(
            "guardrail for text",
            "Qwen/Qwen3Guard-Gen-0.6B",
            None,
        ));
    }
    // `args.py:OmniSetupOverrides._build_model_parallelism`: sharded over all GPUs unless told otherwise.
    let share = if request.replicated {
        1
    } else {
        u64::from(request.num_gpu.max(1))
    };
    let capability = if request.quantized {
        // `common/args.py:QuantizationOverrides`
        (BLACKWELL, "Blackwell")
    } else {
        // docs/setup.md
        (AMPERE, "Ampere")
    };
    Needs {
        model: Model::Cosmos3,
        files,
        memory: known
            .filter(|_| !request.quantized)
            .map(|checkpoint| Memory {
                bytes_per_gpu: checkpoint.weights.div_ceil(share),
                weights_only: true,
            }),
        capability: Some(capability),
        driver: None,
        // docs/faq.md: "~150 GiB"
        first_run_bytes: Some(150 << 30),
        since: request.since.clone(),
        num_gpu: request.num_gpu,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::cosmos::SpecFile;

    fn names(needs: &Needs) -> Vec<String> {
        let name = |need: &Need| match &need.place {
            Place::Folder { path } => path.clone(),
            Place::HuggingFace { repo, file, .. } => match file {
                Some(file) => format!("hf {repo} {file}"),
                None => format!("hf {repo}"),
            },
        };
        needs.files.iter().map(name).collect()
    }

    fn job(model: Model, spec: Value, argv: &[&str]) -> Job {
        Job {
            model,
            prepare: Vec::new(),
            identity: Vec::new(),
            windows: None,
            steps: None,
            keep_controls: false,
            name: "city".into(),
            files: vec![SpecFile {
                path: "inputs/prompts/city.json".into(),
                content: spec,
            }],
            env: BTreeMap::new(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            output_dir: "outputs/city".into(),
            video: "outputs/city/output.mp4".into(),
            extra_outputs: Vec::new(),
        }
    }

    #[test]
    fn transfer1_reads_the_networks_of_its_controls_and_the_hub_only_for_derived_ones() {
        let job = job(
            Model::Transfer1,
            json!({
                "prompt": "a city",
                "depth": {"control_weight": 0.5, "input_control": "inputs/videos/a/depth.mp4"},
                "seg": {"control_weight": 0.5},
            }),
            &["torchrun", "--nproc_per_node=2", "transfer.py"],
        );
        let request = request_of(&job);
        assert_eq!(
            request.controls,
            [(Modality::Depth, false), (Modality::Segmentation, true)]
        );
        assert_eq!(request.num_gpu, 2);
        let needs = needs(Model::Transfer1, &request);
        assert_eq!(
            names(&needs),
            [
                "checkpoints/nvidia/Cosmos-Transfer1-7B/base_model.pt",
                "checkpoints/nvidia/Cosmos-Transfer1-7B/depth_control.pt",
                "checkpoints/nvidia/Cosmos-Transfer1-7B/seg_control.pt",
                "checkpoints/nvidia/Cosmos-Tokenize1-CV8x8x8-720p",
                "checkpoints/google-t5/t5-11b",
                "checkpoints/nvidia/Cosmos-Guardrail1",
                "checkpoints/meta-llama/Llama-Guard-3-8B",
                "hf facebook/sam2-hiera-large",
                "hf IDEA-Research/grounding-dino-tiny",
            ]
        );
        assert_eq!(needs.memory, None, "no figure is stated");
    }

    #[test]
    fn words_for_a_mask_are_looked_for_by_networks_of_their_own() {
        for spec in [
            json!({"edge": {"control_weight": 1.0, "control_weight_prompt": "car"}}),
            json!({"edge": {"mask_prompt": "car"}}),
            json!({"edge": {}, "regional_prompts": [{"prompt": "red", "mask_prompt": "car"}]}),
        ] {
            let request = request_of(&job(Model::Transfer1, spec, &["torchrun"]));
            let all = names(&needs(Model::Transfer1, &request));
            assert!(
                all.contains(&"hf facebook/sam2-hiera-large".into()),
                "{all:?}"
            );
        }
    }

    #[test]
    fn upscaling_distillation_and_prompt_upsampling_have_networks_of_their_own() {
        let upscale = job(
            Model::Transfer1,
            json!({"upscale": {"control_weight": 0.5}}),
            &["torchrun"],
        );
        let upscaling = needs(Model::Transfer1, &request_of(&upscale));
        let names_of = names(&upscaling);
        assert!(
            names_of[1].ends_with("4kupscaler_control.pt"),
            "{names_of:?}"
        );
        let distilled = job(
            Model::Transfer1,
            json!({"edge": {"control_weight": 1.0}}),
            &["torchrun", "--use_distilled", "--upsample_prompt"],
        );
        let distilled = names(&needs(Model::Transfer1, &request_of(&distilled)));
        assert!(distilled[0].ends_with("edge_control_distilled.pt"));
        assert!(!distilled.iter().any(|name| name.ends_with("base_model.pt")));
        assert!(distilled.iter().any(|name| name.ends_with("12B-Transfer")));
    }

    #[test]
    fn transfer2_5_loads_one_network_for_one_control_and_all_four_for_two() {
        let networks = |spec: Value| {
            let request = request_of(&job(Model::Transfer2_5, spec, &["python"]));
            let all = names(&needs(Model::Transfer2_5, &request));
            let ours = all.into_iter().filter(|name| name.contains("Transfer2.5"));
            ours.count()
        };
        let file = json!({"control_path": "../videos/edge.mp4"});
        assert_eq!(networks(json!({"edge": file})), 1);
        assert_eq!(networks(json!({"edge": file, "depth": file})), 4);
    }

    #[test]
    fn transfer2_5_without_guardrails_reads_none_and_derived_depth_has_a_cache_of_its_own() {
        let job = job(
            Model::Transfer2_5,
            json!({"depth": {}}),
            &["python", "examples/inference.py", "--disable-guardrails"],
        );
        let needs = needs(Model::Transfer2_5, &request_of(&job));
        assert!(!names(&needs).iter().any(|name| name.contains("uard")));
        let depth = needs.files.last().unwrap();
        assert!(matches!(
            depth.place,
            Place::HuggingFace {
                cache: Cache::DepthModels,
                ..
            }
        ));
        assert_eq!(needs.memory.unwrap().bytes_per_gpu, 65_400_000_000);
    }

    #[test]
    fn weights_of_cosmos3_are_shared_by_the_gpus_unless_each_holds_all() {
        let memory = |argv: &[&str]| {
            let job = job(
                Model::Cosmos3,
                json!({"edge": {"control_path": "a.mp4"}}),
                argv,
            );
            let needs = needs(Model::Cosmos3, &request_of(&job));
            needs.memory.map(|memory| memory.bytes_per_gpu / GB)
        };
        let super_ = ["--checkpoint-path", "Cosmos3-Super", "--nproc-per-node=4"];
        assert_eq!(memory(&[]), Some(32));
        assert_eq!(memory(&super_), Some(32));
        assert_eq!(
            memory(&[&super_[..], &["--dp-shard-size=1"]].concat()),
            Some(128)
        );
        assert_eq!(memory(&["--checkpoint-path=Cosmos3-Edge"]), Some(8));
        assert_eq!(memory(&["--checkpoint-path", "/data/own"]), None);
    }

    #[test]
    fn a_checkpoint_of_cosmos3_is_a_repository_by_name_and_else_a_folder() {
        let first = |name: &str| {
            let request = NeedsRequest {
                checkpoint: Some(name.into()),
                ..NeedsRequest::default()
            };
            names(&needs(Model::Cosmos3, &request)).remove(0)
        };
        assert_eq!(first("Cosmos3-Edge"), "hf nvidia/Cosmos3-Edge");
        assert_eq!(first("nvidia/Cosmos3-Edge"), "nvidia/Cosmos3-Edge");
        assert_eq!(first("/data/sim-transfer"), "/data/sim-transfer");
        assert!(first("s3://bucket/model").contains("Wan2.2"));
    }

    #[test]
    fn several_controls_of_cosmos3_need_a_newer_checkout_and_quantisation_blackwell() {
        let file = json!({"control_path": "a.mp4"});
        let job = job(
            Model::Cosmos3,
            json!({"edge": file, "blur": file}),
            &["--quantization-method", "mxfp8", "--no-guardrails"],
        );
        let needs = needs(Model::Cosmos3, &request_of(&job));
        assert!(needs.since[0].commit.starts_with("24300b4"));
        assert_eq!(needs.capability, Some((BLACKWELL, "Blackwell")));
        assert!(!names(&needs).iter().any(|name| name.contains("uard")));
    }

    #[test]
    fn capabilities_compare_as_numbers() {
        let of = |text: &str| text.parse::<Capability>().unwrap();
        assert!(of("10.0") > of("9.0") && of("12.1") > of("8.9"));
        assert!("[N/A]".parse::<Capability>().is_err());
    }
}
