//! The first half of the one-shot `run` and `upscale`: a folder or a video, and a text, become specifications.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    CreateRunOptions, CreateSpecOptions, DeriveOptions, EncodeOptions, ExrOptions, PrepareOptions,
    PrepareReport, RunSettings, create_run, create_spec, prepare_inference,
};
use crate::config::{Config, Paths};
use crate::cosmos::Model;
use crate::error::Error;
use crate::files::{self, MAX_TEXT};
use crate::frames::ScanOptions;
use crate::naming::generate_smart_name;
use crate::progress::{Cancel, Progress};
use crate::specs::Parameters;

/// Longest name made from the prompt, in characters.
const NAME_LENGTH: usize = 20;

/// A folder, and what is to be made of it.
#[derive(Clone, Debug)]
pub struct FolderOptions {
    /// A render folder, or one that `prepare-inference` made.
    pub folder: PathBuf,
    /// What the result shows.
    pub prompt: String,
    /// What the result is not to show.
    pub negative_prompt: String,
    /// What to call it; made from the prompt if `None`.
    pub name: Option<String>,
    /// How frames become videos.
    pub encode: EncodeOptions,
    /// How strict to be with the frames.
    pub scan: ScanOptions,
    /// Where videos and prompts are put.
    pub paths: Paths,
}

/// The file of the prompt specification for a folder. A render folder is prepared first.
///
/// # Errors
/// [`Error`]: frames or a name that cannot be used, or a failure to encode or write.
pub fn prompt_of_folder(
    options: &FolderOptions,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let name = options
        .name
        .clone()
        .unwrap_or_else(|| generate_smart_name(&options.prompt, NAME_LENGTH));
    let folder = if options.folder.join("metadata.json").is_file() {
        options.folder.clone()
    } else {
        let options = PrepareOptions {
            exr: ExrOptions::default(),
            derive: DeriveOptions::default(),
            input: options.folder.clone(),
            name: Some(name.clone()),
            description: Some(options.prompt.clone()),
            videos_dir: options.paths.local_videos_dir.clone(),
            encode: options.encode,
            scan: options.scan.clone(),
            ai: None,
            overwrite: false,
        };
        let prepared = prepare_inference(&options, cancel, progress)?;
        match earlier(&options.videos_dir, &prepared) {
            // The same videos in two places would be two prompts, and so two runs on the host.
            Some(folder) => {
                fs::remove_dir_all(&prepared.output)
                    .map_err(|e| Error::io("remove", &prepared.output, e))?;
                folder
            }
            None => prepared.output,
        }
    };
    let options = CreateSpecOptions {
        name,
        prompt: options.prompt.clone(),
        negative_prompt: options.negative_prompt.clone(),
        video: Some(folder),
        control_inputs: None,
        prompts_dir: options.paths.local_prompts_dir.clone(),
        model: options.encode.target.model(),
    };
    Ok(create_spec(&options, progress)?.path)
}

/// A video that is to become larger, and what it shows.
#[derive(Clone, Debug)]
pub struct UpscaleOptions {
    /// The video.
    pub video: PathBuf,
    /// What it shows. Without it the program would pull any look towards a photograph.
    pub prompt: String,
    /// What the result is not to show.
    pub negative_prompt: String,
}

/// The file of a run that upscales a video of any model, or of none.
///
/// # Errors
/// [`Error`]: a video, name or text that cannot be used, or a failure to write.
pub fn run_of_video(
    options: &UpscaleOptions,
    config: &Config,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let stem = options.video.file_stem().unwrap_or_default();
    let spec = CreateSpecOptions {
        name: stem.to_string_lossy().into_owned(),
        prompt: options.prompt.clone(),
        negative_prompt: options.negative_prompt.clone(),
        video: Some(options.video.clone()),
        control_inputs: None,
        prompts_dir: config.paths.local_prompts_dir.clone(),
        model: Model::Transfer1,
    };
    let prompt = create_spec(&spec, progress)?.path;
    let run = CreateRunOptions {
        model: Some(Model::Transfer1),
        settings: RunSettings {
            parameters: Parameters {
                upscale_only: true,
                ..Parameters::default()
            },
            ..RunSettings::default()
        },
        ..CreateRunOptions::of_config(prompt, config)
    };
    Ok(create_run(&run, progress)?.path)
}

/// A folder in `videos_dir` with the same name and videos as `made`.
fn earlier(videos_dir: &Path, made: &PrepareReport) -> Option<PathBuf> {
    let folders = fs::read_dir(videos_dir).ok()?;
    folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| *folder != made.output)
        .find(|folder| {
            let text = files::read(&folder.join("metadata.json"), MAX_TEXT).unwrap_or_default();
            let found: Value = serde_json::from_slice(&text).unwrap_or_default();
            found["id"] == made.metadata.id && found["name"] == made.metadata.name
        })
}
