//! The first half of the one-shot `run`: a folder and a text become a prompt specification.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    CreateSpecOptions, EncodeOptions, PrepareOptions, PrepareReport, create_spec, prepare_inference,
};
use crate::config::Paths;
use crate::error::Error;
use crate::frames::ScanOptions;
use crate::naming::generate_smart_name;
use crate::progress::{Cancel, Progress};

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
            input: options.folder.clone(),
            name: Some(name.clone()),
            description: Some(options.prompt.clone()),
            videos_dir: options.paths.local_videos_dir.clone(),
            encode: options.encode,
            scan: options.scan,
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
    };
    Ok(create_spec(&options, progress)?.path)
}

/// A folder in `videos_dir` with the same name and videos as `made`.
fn earlier(videos_dir: &Path, made: &PrepareReport) -> Option<PathBuf> {
    let folders = fs::read_dir(videos_dir).ok()?;
    folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| *folder != made.output)
        .find(|folder| {
            let text = fs::read(folder.join("metadata.json")).unwrap_or_default();
            let found: Value = serde_json::from_slice(&text).unwrap_or_default();
            found["id"] == made.metadata.id && found["name"] == made.metadata.name
        })
}
