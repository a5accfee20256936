//! From a picture to the encoder's input, as `preprocessor_config.json` says and transformers' image processors do it:
//! scale, crop, rescale, normalize, in this order.
//!
//! Refuses processors that do more than that.

use std::borrow::Cow;
use std::path::Path;

use image::RgbImage;
use serde::Deserialize;

use super::CaptionError;
use super::layout::read_json;
use super::resample::{Filter, resample};
use crate::ai::AiError;

/// The largest side that a picture is scaled to, in pixels: far above all published captioners.
const LARGEST_SIDE: u32 = 2048;

/// How a picture is prepared.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessor {
    resize: Option<(Resize, Filter)>,
    /// Height and width of what is cut out of the middle; black is added where the picture is smaller.
    crop: Option<(u32, u32)>,
    /// What samples of 0 to 255 are multiplied with.
    factor: f64,
    mean: [f32; 3],
    std: [f32; 3],
}

/// The size that a picture is scaled to, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resize {
    Exact {
        height: u32,
        width: u32,
    },
    /// The other side follows from the picture's shape.
    ShortestEdge(u32),
}

/// A picture as an encoder takes it: a plane of red, one of green and one of blue.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    pub height: usize,
    pub width: usize,
    pub planes: Vec<f32>,
}

/// `preprocessor_config.json` as it is written.
#[derive(Deserialize)]
struct Written {
    #[serde(alias = "feature_extractor_type")]
    image_processor_type: Option<String>,
    do_resize: Option<bool>,
    size: Option<WrittenSize>,
    resample: Option<u8>,
    do_center_crop: Option<bool>,
    crop_size: Option<WrittenSize>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f64>,
    do_normalize: Option<bool>,
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number of pixels, or height and width, or shortest_edge"
)]
enum WrittenSize {
    Side(u32),
    Exact { height: u32, width: u32 },
    ShortestEdge { shortest_edge: u32 },
}

/// What a processor of transformers does where its configuration does not say: `image_processing_*.py` of 4.57.
struct Defaults {
    name: &'static str,
    size: Resize,
    resample: u8,
    crop: Option<u32>,
    normal: ([f32; 3], [f32; 3]),
}

/// `IMAGENET_STANDARD_MEAN` and `..._STD` of transformers.
const HALF: ([f32; 3], [f32; 3]) = ([0.5; 3], [0.5; 3]);

/// `OPENAI_CLIP_MEAN` and `..._STD` of transformers.
const CLIP: ([f32; 3], [f32; 3]) = (
    [0.481_454_66, 0.457_827_5, 0.408_210_73],
    [0.268_629_54, 0.261_302_6, 0.275_777_1],
);

const PROCESSORS: [Defaults; 5] = [
    Defaults {
        name: "ViT",
        size: Resize::square(224),
        resample: 2,
        crop: None,
        normal: HALF,
    },
    Defaults {
        name: "Blip",
        size: Resize::square(384),
        resample: 3,
        crop: None,
        normal: CLIP,
    },
    Defaults {
        name: "DeiT",
        size: Resize::square(256),
        resample: 3,
        crop: Some(224),
        normal: HALF,
    },
    Defaults {
        name: "CLIP",
        size: Resize::ShortestEdge(224),
        resample: 3,
        crop: Some(224),
        normal: CLIP,
    },
    Defaults {
        name: "Bit",
        size: Resize::ShortestEdge(224),
        resample: 3,
        crop: Some(224),
        normal: CLIP,
    },
];

impl Resize {
    const fn square(side: u32) -> Self {
        Self::Exact {
            height: side,
            width: side,
        }
    }

    /// Height and width that a picture of `height` and `width` is scaled to.
    fn of(self, height: u32, width: u32) -> (u32, u32) {
        let long_side = |short: u32, long: u32, wanted: u32| {
            let scaled = u64::from(wanted) * u64::from(long) / u64::from(short.max(1));
            u32::try_from(scaled).unwrap_or(u32::MAX)
        };
        match self {
            Self::Exact { height, width } => (height, width),
            Self::ShortestEdge(edge) if width <= height => (long_side(width, height, edge), edge),
            Self::ShortestEdge(edge) => (edge, long_side(height, width, edge)),
        }
    }
}

impl Preprocessor {
    /// Reads `preprocessor_config.json`.
    pub fn read(file: &Path) -> Result<Self, CaptionError> {
        Self::from_written(file, read_json(file)?)
    }

    fn from_written(file: &Path, written: Written) -> Result<Self, CaptionError> {
        let name = written.image_processor_type.unwrap_or_default();
        let defaults = ["ImageProcessor", "ImageProcessorFast", "FeatureExtractor"]
            .iter()
            .find_map(|kind| {
                let family = name.strip_suffix(kind)?;
                PROCESSORS.iter().find(|processor| processor.name == family)
            })
            .ok_or_else(|| CaptionError::UnsupportedProcessor {
                file: file.to_owned(),
                found: name.clone(),
                expected: PROCESSORS.map(|processor| processor.name).join(", "),
            })?;
        let setting = |key, found: String, expected| CaptionError::Setting {
            file: file.to_owned(),
            key,
            found,
            expected,
        };
        let usable = |key, side: u32| match side {
            1..=LARGEST_SIDE => Ok(()),
            _ => Err(setting(key, side.to_string(), "1 to 2048 pixels")),
        };

        let size = match written.size {
            None => defaults.size,
            Some(WrittenSize::Exact { height, width }) => Resize::Exact { height, width },
            Some(WrittenSize::ShortestEdge { shortest_edge }) => {
                Resize::ShortestEdge(shortest_edge)
            }
            Some(WrittenSize::Side(side)) => match defaults.size {
                Resize::Exact { .. } => Resize::square(side),
                Resize::ShortestEdge(_) => Resize::ShortestEdge(side),
            },
        };
        let sides = match size {
            Resize::Exact { height, width } => [height, width],
            Resize::ShortestEdge(edge) => [edge, edge],
        };
        for side in sides {
            usable("size", side)?;
        }
        let code = written.resample.unwrap_or(defaults.resample);
        let filter = Filter::from_code(code)
            .ok_or_else(|| setting("resample", code.to_string(), "0 to 5"))?;
        let crop = match written.crop_size {
            None => defaults.crop.map(|side| (side, side)),
            Some(WrittenSize::Exact { height, width }) => Some((height, width)),
            Some(WrittenSize::Side(side)) => Some((side, side)),
            Some(WrittenSize::ShortestEdge { .. }) => {
                return Err(setting(
                    "crop_size",
                    "shortest_edge".into(),
                    "height and width",
                ));
            }
        };
        // The other processors have no such setting and read over it.
        let crops = defaults.crop.is_some() && written.do_center_crop.unwrap_or(true);
        let crop = crop.filter(|_| crops);
        if let Some((height, width)) = crop {
            usable("crop_size", height)?;
            usable("crop_size", width)?;
        }
        let normalizes = written.do_normalize.unwrap_or(true);
        let mean = written.image_mean.unwrap_or(defaults.normal.0);
        let std = written.image_std.unwrap_or(defaults.normal.1);
        if let Some(zero) = std.iter().find(|std| !std.is_normal()) {
            return Err(setting(
                "image_std",
                zero.to_string(),
                "numbers other than 0",
            ));
        }
        Ok(Self {
            resize: written.do_resize.unwrap_or(true).then_some((size, filter)),
            crop,
            factor: match written.do_rescale.unwrap_or(true) {
                true => written.rescale_factor.unwrap_or(1.0 / 255.0),
                false => 1.0,
            },
            mean: if normalizes { mean } else { [0.0; 3] },
            std: if normalizes { std } else { [1.0; 3] },
        })
    }

    /// Height and width of every prepared picture, if it does not depend on the picture.
    pub fn fixed_size(&self) -> Option<(u32, u32)> {
        self.crop.or(match self.resize {
            Some((Resize::Exact { height, width }, _)) => Some((height, width)),
            _ => None,
        })
    }

    /// What one of 255 levels becomes in a channel.
    #[cfg(test)]
    pub fn step(&self, channel: usize) -> f32 {
        self.factor as f32 / self.std[channel]
    }

    /// Prepares `picture`.
    ///
    /// # Errors
    /// [`AiError::Picture`] if it has no pixels or would become too large.
    pub fn prepare(&self, picture: &RgbImage) -> Result<Pixels, AiError> {
        let (width, height) = picture.dimensions();
        let refused = || AiError::Picture { width, height };
        if width == 0 || height == 0 {
            return Err(refused());
        }
        let (rows, columns, samples) = match self.resize {
            Some((size, filter)) if size.of(height, width) != (height, width) => {
                let (rows, columns) = size.of(height, width);
                // Only a strip of which the middle is taken may be longer.
                if rows.min(columns) == 0 || rows.max(columns) > 16 * LARGEST_SIDE {
                    return Err(refused());
                }
                let pixels = |width: u32, height: u32| (width as usize, height as usize);
                let samples = resample(
                    picture.as_raw(),
                    pixels(width, height),
                    pixels(columns, rows),
                    filter,
                );
                (rows, columns, Cow::Owned(samples))
            }
            _ => (height, width, Cow::Borrowed(picture.as_raw().as_slice())),
        };
        Ok(self.crop_and_normalize(rows as usize, columns as usize, &samples))
    }

    /// `samples` are rows of red, green and blue.
    fn crop_and_normalize(&self, rows: usize, columns: usize, samples: &[u8]) -> Pixels {
        let (height, width) = self.crop.map_or((rows, columns), |(height, width)| {
            (height as usize, width as usize)
        });
        let at = |row: Option<usize>, column: Option<usize>, channel: usize| {
            let (row, column) = (row?, column.filter(|&column| column < columns)?);
            samples.get((row * columns + column) * 3 + channel).copied()
        };
        let mut planes = Vec::with_capacity(3 * height * width);
        for (channel, (mean, std)) in self.mean.iter().zip(self.std).enumerate() {
            for row in 0..height {
                for column in 0..width {
                    let sample = at(
                        source_index(row, rows, height),
                        source_index(column, columns, width),
                        channel,
                    );
                    let sample = f64::from(sample.unwrap_or(0));
                    planes.push(((sample * self.factor) as f32 - mean) / std);
                }
            }
        }
        Pixels {
            height,
            width,
            planes,
        }
    }
}

/// Where the pixel `index` of `wanted` comes from, of `there` pixels of which the middle is taken or around which black
/// is added; `None` before the first. Rounds as transformers' `center_crop` does.
fn source_index(index: usize, there: usize, wanted: usize) -> Option<usize> {
    if there >= wanted {
        Some(index + (there - wanted) / 2)
    } else {
        index.checked_sub((wanted - there).div_ceil(2))
    }
}
