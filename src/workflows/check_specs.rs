//! `check`: what the programs will make of specs, of ours and in NVIDIA's own forms.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cosmos::check::{
    Files, Finding, Form, Severity, VideoFacts, form_of, judge, judge_batch_line, judge_together,
    judge_weights,
};
use crate::cosmos::{self, Model, Options, Request};
use crate::files;
use crate::specs::{self, PromptSpec, Spec, SpecError, SpecKind};
use crate::video::read::probe;

/// The largest file that is taken for a spec, in bytes.
const LARGEST: u64 = 16 << 20;

/// What is to be checked.
#[derive(Clone, Debug)]
pub struct CheckSpecsOptions {
    /// The specs, of ours or of NVIDIA's forms.
    pub paths: Vec<PathBuf>,
    /// The program that they are for; told from their keys if `None`.
    pub model: Option<Model>,
    /// The generation of a run of ours that does not say.
    pub default_model: Model,
    /// The folder that Transfer1 runs in, which the paths of its specs count from.
    pub root: PathBuf,
    /// Whether one run of a program is to compute them all.
    pub together: bool,
    /// Where prompts of ours are looked for.
    pub prompts_dir: PathBuf,
}

/// What became of all of them.
#[derive(Clone, Debug, Serialize)]
pub struct CheckSpecsReport {
    /// Each spec, in the order given.
    pub specs: Vec<CheckedSpec>,
    /// What is wrong with them in one run.
    pub together: Vec<Finding>,
}

/// What became of one file.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedSpec {
    /// The file.
    #[serde(serialize_with = "crate::json_path::one")]
    pub path: PathBuf,
    /// Whose spec it is, as a phrase; empty where nobody can tell.
    pub form: String,
    /// The generation that it was checked for, unless it is a prompt of ours.
    pub model: Option<Model>,
    /// What was noticed, the worst first.
    pub findings: Vec<PlacedFinding>,
}

/// Something that was noticed, and where.
#[derive(Clone, Debug, Serialize)]
pub struct PlacedFinding {
    /// The line of a `.jsonl` file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What was noticed.
    #[serde(flatten)]
    pub finding: Finding,
}

impl CheckSpecsReport {
    /// How many findings are of `severity`.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let placed = self.specs.iter().flat_map(|spec| &spec.findings);
        placed
            .map(|placed| &placed.finding)
            .chain(&self.together)
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// Checks specs. What is wrong with one is in the report, also where the file cannot be read.
#[must_use]
pub fn check_specs(options: &CheckSpecsOptions) -> CheckSpecsReport {
    let files: Vec<Checked> = options
        .paths
        .iter()
        .map(|path| check_file(path, options))
        .collect();
    let mut together = Vec::new();
    if options.together {
        for model in Model::ALL {
            let of_model = files.iter().filter(|file| file.spec.model == Some(model));
            let samples: Vec<&Sample> = of_model.flat_map(|file| &file.samples).collect();
            together.extend(judge_samples(model, &samples));
        }
    }
    CheckSpecsReport {
        specs: files.into_iter().map(|file| file.spec).collect(),
        together,
    }
}

/// A file that was checked, with its samples if it is of a form of NVIDIA.
struct Checked {
    spec: CheckedSpec,
    samples: Vec<Sample>,
}

/// One object of a file.
struct Sample {
    /// The file, with the line of a `.jsonl` file.
    place: String,
    /// What Cosmos 3 calls it if it does not say.
    default_name: String,
    line: Option<usize>,
    fields: Map<String, Value>,
}

fn check_file(path: &Path, options: &CheckSpecsOptions) -> Checked {
    let mut findings = Vec::new();
    let mut samples = match read(path, &mut findings) {
        Ok(samples) => samples,
        Err(finding) => {
            findings.push(at(None, finding));
            Vec::new()
        }
    };
    let form = match (options.model, samples.first()) {
        (_, None) => None,
        (forced, Some(first)) => match (forced, form_of(&first.fields)) {
            (_, Some(ours @ Form::Ours(_))) => Some(ours),
            (Some(Model::Transfer1), Some(Form::Transfer1Batch)) => Some(Form::Transfer1Batch),
            (Some(model), _) => Some(Form::Program { model, or: None }),
            (None, told) => told,
        },
    };
    let (name, model) = match form {
        Some(Form::Ours(SpecKind::Prompt)) => ("a prompt of cosmos".to_owned(), None),
        Some(Form::Ours(SpecKind::Run)) => {
            let model = check_ours(path, options, &mut findings);
            (format!("a run of cosmos, for {model}"), Some(model))
        }
        Some(Form::Program { model, .. }) => (format!("a spec of {model}"), Some(model)),
        Some(Form::Transfer1Batch) => {
            let model = Model::Transfer1;
            (format!("a batch of {model}"), Some(model))
        }
        None => (String::new(), None),
    };
    match form {
        Some(Form::Ours(kind)) => {
            if kind == SpecKind::Prompt {
                check_prompt(path, &mut findings);
            }
            samples.clear();
        }
        Some(Form::Program { model, or }) => {
            check_program(model, path, &samples, options, &mut findings);
            if let Some(other) = or {
                findings.push(at(
                    None,
                    Finding::note("spec.form", format!("it may be a spec of {other} as well"))
                        .help("name the program with --model"),
                ));
            }
        }
        Some(Form::Transfer1Batch) => {
            for sample in &samples {
                let found = judge_batch_line(&sample.fields, &options.root, &Disk);
                findings.extend(found.into_iter().map(|finding| at(sample.line, finding)));
            }
        }
        None if !samples.is_empty() => findings.push(at(
            None,
            Finding::error("spec.form", "it has nothing that a spec has")
                .help("name the program with --model if it is one"),
        )),
        None => {}
    }
    findings.sort_by_key(|placed| std::cmp::Reverse(placed.finding.severity));
    Checked {
        spec: CheckedSpec {
            path: path.into(),
            form: name,
            model,
            findings,
        },
        samples,
    }
}

const fn at(line: Option<usize>, finding: Finding) -> PlacedFinding {
    PlacedFinding { line, finding }
}

/// The objects of a file: one, or one a line.
fn read(path: &Path, findings: &mut Vec<PlacedFinding>) -> Result<Vec<Sample>, Finding> {
    let unreadable =
        |why: String| Finding::error("file.unreadable", format!("it cannot be read: {why}"));
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if metadata.is_dir() {
        return Err(unreadable("it is a folder".to_owned()));
    }
    let size = metadata.len();
    if size > LARGEST {
        return Err(unreadable(format!(
            "it is {size} bytes long, which no spec is"
        )));
    }
    let ending = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    if ["yaml", "yml"].contains(&ending.as_str()) {
        return Err(
            Finding::error("file.yaml", "YAML is not checked here").help("convert it to JSON")
        );
    }
    let text = files::read_text(path).map_err(|error| unreadable(error.to_string()))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let shown = path.display();
    let mut samples = Vec::new();
    if ending != "jsonl" {
        samples.extend(parse(&text, None, findings).map(|fields| Sample {
            place: shown.to_string(),
            default_name: stem.to_string(),
            line: None,
            fields,
        }));
        return Ok(samples);
    }
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            // Cosmos 3 skips empty lines, and only those.
            findings.push(at(
                Some(i + 1),
                Finding::warning(
                    "file.blank-line",
                    "the line is blank, over which all programs but Cosmos 3 fail",
                ),
            ));
            continue;
        }
        samples.extend(parse(line, Some(i + 1), findings).map(|fields| Sample {
            place: format!("{shown}:{}", i + 1),
            default_name: format!("{stem}_{i}"),
            line: Some(i + 1),
            fields,
        }));
    }
    Ok(samples)
}

fn parse(
    text: &str,
    line: Option<usize>,
    findings: &mut Vec<PlacedFinding>,
) -> Option<Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => return Some(fields),
        Ok(_) => findings.push(at(
            line,
            Finding::error("file.syntax", "it holds no object in braces"),
        )),
        Err(error) => findings.push(at(
            line,
            Finding::error("file.syntax", format!("it is no JSON: {error}")),
        )),
    }
    None
}

fn check_program(
    model: Model,
    path: &Path,
    samples: &[Sample],
    options: &CheckSpecsOptions,
    findings: &mut Vec<PlacedFinding>,
) {
    let beside = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let folder = match model {
        Model::Transfer1 => &options.root,
        Model::Transfer2_5 | Model::Cosmos3 => &beside,
    };
    for sample in samples {
        let found = judge(model, &sample.fields, folder, &Disk);
        findings.extend(found.into_iter().map(|finding| at(sample.line, finding)));
    }
    let ending = path.extension().unwrap_or_default();
    let lines = samples.iter().any(|sample| sample.line.is_some());
    if model == Model::Transfer1 && lines {
        findings.push(at(
            None,
            Finding::error(
                "file.lines",
                format!("{model} reads one object, not one a line"),
            ),
        ));
    } else if model != Model::Transfer1 && ending != "json" && ending != "jsonl" {
        findings.push(at(
            None,
            Finding::error(
                "file.ending",
                format!("{model} reads .json and .jsonl files, not this one"),
            ),
        ));
    }
    if lines && !options.together {
        let all: Vec<&Sample> = samples.iter().collect();
        let found = judge_samples(model, &all);
        findings.extend(found.into_iter().map(|finding| at(None, finding)));
    }
}

fn judge_samples(model: Model, samples: &[&Sample]) -> Vec<Finding> {
    let samples: Vec<_> = samples
        .iter()
        .map(|sample| {
            (
                sample.place.clone(),
                sample.default_name.clone(),
                &sample.fields,
            )
        })
        .collect();
    judge_together(model, &samples)
}

fn check_prompt(path: &Path, findings: &mut Vec<PlacedFinding>) {
    let checked = PromptSpec::load(path)
        .and_then(|prompt| specs::check_videos(&prompt, |recorded| specs::resolve(recorded, path)));
    if let Err(error) = checked {
        findings.push(at(None, of_ours(&error)));
    }
}

/// Checks a run of ours, and returns the generation that it is for.
fn check_ours(
    path: &Path,
    options: &CheckSpecsOptions,
    findings: &mut Vec<PlacedFinding>,
) -> Model {
    let run = match Spec::load(path) {
        Ok(Spec::Run(run)) => run,
        Ok(Spec::Prompt(_)) => return options.default_model,
        Err(error) => {
            findings.push(at(None, of_ours(&error)));
            return options.model.unwrap_or(options.default_model);
        }
    };
    let model = options.model.or(run.model).unwrap_or(options.default_model);
    findings.extend(
        judge_weights(&run.control_weights)
            .into_iter()
            .map(|f| at(None, f)),
    );
    let prompt = specs::prompt_of(&run, path, &options.prompts_dir).and_then(|(path, prompt)| {
        let locate = |recorded: &Path| specs::resolve(recorded, &path);
        let video = specs::check_videos(&prompt, locate)?;
        let mask_frames = specs::check_assets(&run.parameters, locate)?;
        Ok((prompt, video, mask_frames))
    });
    match prompt {
        Ok((prompt, video, mask_frames)) => {
            let request = Request {
                prompt: &prompt,
                run: &run,
                video: video.as_ref(),
                mask_frames: &mask_frames,
                options: &Options::default(),
            };
            let found = planned(model, &request);
            findings.extend(found.into_iter().map(|finding| at(None, finding)));
        }
        Err(error) => findings.push(at(None, of_ours(&error))),
    }
    model
}

/// What planning the run says. The execution options are the defaults: a spec of ours does not hold any.
fn planned(model: Model, request: &Request<'_>) -> Vec<Finding> {
    match cosmos::plan(model, request) {
        Ok(plan) => {
            let notes = plan.notes.into_iter();
            notes.map(|note| Finding::note("run.note", note)).collect()
        }
        Err(refused) => {
            let finding = Finding::error("run.refused", refused.to_string()).help(refused.hint());
            vec![match refused.field() {
                Some(field) => finding.at(field),
                None => finding,
            }]
        }
    }
}

/// A specification of ours that cannot be used.
fn of_ours(error: &SpecError) -> Finding {
    let code = match error {
        SpecError::MissingVideo { .. } | SpecError::PromptNotFound { .. } => "file.missing",
        SpecError::VideosDiffer { .. } => "video.differ",
        SpecError::Video { .. } => "video.unreadable",
        SpecError::VideoChanged { .. } => "video.changed",
        _ => "spec.invalid",
    };
    Finding {
        help: error.hint(),
        ..Finding::error(code, error.to_string())
    }
}

/// What there really is.
struct Disk;

impl Files for Disk {
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn video(&self, path: &Path) -> Result<VideoFacts, String> {
        let info = probe(path).map_err(|error| error.to_string())?;
        Ok(VideoFacts {
            width: info.width,
            height: info.height,
            frames: info.frame_count,
            fps: info.fps,
        })
    }
}
