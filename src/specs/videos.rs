//! Whether the videos of a prompt, and the other files of a run, are there and match each other.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use image::{ImageError, ImageReader};

use super::{Parameters, PromptSpec, SpecError};
use crate::files;
use crate::hash::sha256_of_file;
use crate::modality::Modality;
use crate::video::read::probe;
use crate::video_info::VideoInfo;

/// Rates closer than this are one rate: containers round them. 24 and 23.976 are twice as far apart.
const RATE_TOLERANCE: f64 = 0.0005;

/// Probes every video of `prompt`, found by `locate`, and compares the controls with the input video (or,
/// without one, with the first control): the number of frames, the size and the rate have to be equal. A video
/// whose hash the prompt records has to have it still.
///
/// Returns what the input video holds, or the first control without one; nothing for a prompt without videos.
///
/// # Errors
/// [`SpecError`]: a video is absent, no MP4 file, unreadable, different, or has changed. All differences are told at once.
pub fn check_videos(
    prompt: &PromptSpec,
    locate: impl Fn(&Path) -> PathBuf,
) -> Result<Option<VideoInfo>, SpecError> {
    let mut located = Vec::new();
    let mut reference: Option<(Modality, VideoInfo)> = None;
    let mut differences = Vec::new();
    for (modality, recorded) in prompt.videos() {
        let path = locate(recorded);
        let info = probed(modality, recorded, &path)?;
        located.push((modality, recorded, path));
        match &reference {
            None => reference = Some((modality, info)),
            Some((of, expected)) => {
                differences.extend(differences_between(modality, &info, *of, expected));
            }
        }
    }
    if !differences.is_empty() {
        return Err(SpecError::VideosDiffer { differences });
    }
    for (modality, recorded, path) in located {
        if let Some(known) = prompt.video_hashes.get(&modality)
            && hash(&path)? != *known
        {
            return Err(SpecError::VideoChanged {
                field: PromptSpec::field(modality),
                path: recorded.into(),
            });
        }
    }
    Ok(reference.map(|(_, info)| info))
}

/// Looks at the files that a run reads besides the videos of its prompt, found by `locate`: each has to be there, and
/// be the one that was recorded. Returns the number of frames of each mask, 1 for a picture.
///
/// # Errors
/// [`SpecError`]: a file is absent, neither an MP4 file nor a picture, or has changed.
pub fn check_assets(
    parameters: &Parameters,
    locate: impl Fn(&Path) -> PathBuf,
) -> Result<BTreeMap<Modality, u64>, SpecError> {
    for (field, asset) in parameters.assets() {
        let path = locate(&asset.path);
        if !path.is_file() {
            let path = asset.path.clone();
            return Err(SpecError::MissingVideo { field, path });
        }
        if let Some(known) = &asset.sha256
            && hash(&path)? != *known
        {
            let path = asset.path.clone();
            return Err(SpecError::VideoChanged { field, path });
        }
    }
    if let Some(asset) = &parameters.style_image {
        is_picture("the style image", &asset.path, &locate(&asset.path))?;
    }
    let masks = parameters.masks.iter();
    masks
        .map(|(&control, asset)| {
            let field = format!("the mask of {control}");
            let path = locate(&asset.path);
            let frames = if is_mp4(&path) {
                let source = probe(&path);
                source
                    .map_err(|source| SpecError::Video { field, source })?
                    .frame_count
            } else {
                is_picture(&field, &asset.path, &path)?;
                1
            };
            Ok((control, frames))
        })
        .collect()
}

/// Notes the SHA-256 of each of these files, found by `locate`, that has none yet.
///
/// # Errors
/// [`SpecError::Read`].
pub fn record_hashes(
    parameters: &mut Parameters,
    locate: impl Fn(&Path) -> PathBuf,
) -> Result<(), SpecError> {
    let masks = parameters.masks.values_mut();
    let others = parameters.style_image.iter_mut();
    for asset in masks.chain(others).chain(&mut parameters.protected_area) {
        if asset.sha256.is_none() {
            asset.sha256 = Some(hash(&locate(&asset.path))?);
        }
    }
    Ok(())
}

fn hash(path: &Path) -> Result<String, SpecError> {
    sha256_of_file(path).map_err(|source| SpecError::Read {
        path: path.to_owned(),
        source,
    })
}

fn is_mp4(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("mp4"))
}

/// Refuses a file that does not begin as a picture does.
fn is_picture(field: &str, recorded: &Path, path: &Path) -> Result<(), SpecError> {
    picture_size(path).map_err(|source| SpecError::NotAPicture {
        field: field.to_owned(),
        path: recorded.to_owned(),
        source: Box::new(source),
    })?;
    Ok(())
}

/// Width and height of the picture in the file `path`, whatever it is called.
///
/// # Errors
/// [`ImageError`] when it is no picture, or no file.
pub fn picture_size(path: &Path) -> Result<(u32, u32), ImageError> {
    let reader = ImageReader::new(BufReader::new(files::open(path)?));
    reader.with_guessed_format()?.into_dimensions()
}

fn probed(modality: Modality, recorded: &Path, path: &Path) -> Result<VideoInfo, SpecError> {
    let field = PromptSpec::field(modality);
    if !path.exists() {
        let path = recorded.into();
        return Err(SpecError::MissingVideo { field, path });
    }
    if !is_mp4(path) {
        let path = recorded.into();
        return Err(SpecError::NotMp4 { field, path });
    }
    probe(path).map_err(|source| SpecError::Video { field, source })
}

fn differences_between(
    modality: Modality,
    found: &VideoInfo,
    reference: Modality,
    expected: &VideoInfo,
) -> Vec<String> {
    let field = PromptSpec::field(modality);
    let reference = PromptSpec::field(reference);
    let (rate, expected_rate) = (found.fps.as_f64(), expected.fps.as_f64());
    let facts = [
        (
            found.frame_count == expected.frame_count,
            format!("has {} frames", found.frame_count),
            expected.frame_count.to_string(),
        ),
        (
            (found.width, found.height) == (expected.width, expected.height),
            format!("is {}x{}", found.width, found.height),
            format!("{}x{}", expected.width, expected.height),
        ),
        (
            (rate - expected_rate).abs() <= expected_rate * RATE_TOLERANCE,
            format!("has {} frames a second", found.fps),
            expected.fps.to_string(),
        ),
    ];
    facts
        .into_iter()
        .filter(|(equal, ..)| !equal)
        .map(|(_, found, expected)| {
            format!("{field} {found}, expected {expected}, as in {reference}")
        })
        .collect()
}
