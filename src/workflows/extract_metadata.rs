//! `probe`: what a video holds and looks like, and which layers an OpenEXR file has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cosmos_exr::cryptomatte::Manifest;
use cosmos_exr::{Control, Reader};
use serde::Serialize;

use crate::error::Error;
use crate::hash::sha256_of_file;
use crate::json_path;
use crate::layers::{LayersError, modality_of as modality_of_control, role_name};
use crate::metadata::VideoMetadata;
use crate::modality::Modality;
use crate::seen::Seen;
use crate::stats::FrameStats;
use crate::video::read::{VideoReader, probe};

/// Reads the facts about the video at `path` and measures the frame in its middle.
///
/// # Errors
/// [`Error::Read`] when the file is not a readable video.
pub fn extract_metadata(path: &Path) -> Result<VideoMetadata, Error> {
    let info = probe(path)?;
    let io_error = |source| Error::io("read", path, source);
    let middle = VideoReader::open(path)?.picture_at(info.duration / 2.0)?;
    Ok(VideoMetadata {
        file_path: path.to_owned(),
        duration: info.duration,
        fps: info.fps.as_f64(),
        frame_rate: info.fps,
        frame_count: info.frame_count,
        width: info.width,
        height: info.height,
        codec: info.codec,
        pixel_format: info.pixel_format,
        file_size: path.metadata().map_err(io_error)?.len(),
        hash: sha256_of_file(path).map_err(io_error)?,
        middle_frame_stats: FrameStats::measure(&middle.to_rgb()),
        seen: Seen::default(),
    })
}

/// What an OpenEXR file holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExrMetadata {
    /// The file.
    #[serde(serialize_with = "json_path::one")]
    pub file_path: PathBuf,
    /// Width of the display window in pixels.
    pub width: u32,
    /// Height of the display window in pixels.
    pub height: u32,
    /// The program that wrote it, if it says so.
    pub software: Option<String>,
    /// The parts.
    pub parts: Vec<ExrPart>,
    /// The layers of all parts, and what they hold.
    pub layers: Vec<ExrLayer>,
    /// Which layer would become which control.
    pub controls: BTreeMap<Modality, String>,
    /// The views of a stereo file.
    pub views: Vec<String>,
}

/// A part of an OpenEXR file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExrPart {
    /// Its name.
    pub name: Option<String>,
    /// How it is compressed.
    pub compression: String,
    /// Left, top, right and bottom of its data window, the last two inclusive.
    pub data_window: [i32; 4],
    /// Number of channels.
    pub channels: usize,
}

/// A layer of an OpenEXR file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExrLayer {
    /// Its name.
    pub name: String,
    /// What it holds, as far as its name tells; empty if it does not.
    pub holds: &'static str,
    /// Its channels with their types.
    pub channels: Vec<String>,
    /// The names in its Cryptomatte.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
    /// Why it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Reads the header of the OpenEXR file at `path`; `eye` is the view of a stereo file.
///
/// # Errors
/// [`Error::Layers`] when the file is no readable OpenEXR file.
pub fn probe_exr(path: &Path, eye: Option<&str>) -> Result<ExrMetadata, Error> {
    let reader = Reader::open(path).map_err(LayersError::Exr)?;
    let header = reader.header();
    let views = header.views();
    let eye = eye.or_else(|| views.first().map(String::as_str));
    let layout = reader.layout(eye).map_err(LayersError::Exr)?;
    let parts = header.parts.iter().map(|part| ExrPart {
        name: part.name.clone(),
        compression: part.compression.to_string(),
        data_window: [
            part.data_window.min.0,
            part.data_window.min.1,
            part.data_window.max.0,
            part.data_window.max.1,
        ],
        channels: part.channels.len(),
    });
    let layers = layout.layers.iter().map(|layer| {
        let channels = layer.channels.iter();
        let table = layer.cryptomatte.as_ref();
        let names = table.and_then(|table| Manifest::of(table, path).ok());
        ExrLayer {
            name: layer.name.clone(),
            holds: role_name(layer.role),
            channels: channels
                .map(|it| format!("{} {}", it.name, it.sample))
                .collect(),
            objects: names
                .iter()
                .flat_map(Manifest::iter)
                .map(|(name, _)| name.to_owned())
                .collect(),
            refused: layer.refusal.map(|refusal| refusal.to_string()),
        }
    });
    let controls = Control::ALL
        .into_iter()
        .filter_map(|control| Some((modality_of_control(control)?, layout.choose(control).layer?)));
    Ok(ExrMetadata {
        file_path: path.to_owned(),
        width: layout.width,
        height: layout.height,
        software: header.software(),
        parts: parts.collect(),
        layers: layers.collect(),
        controls: controls.collect(),
        views,
    })
}
