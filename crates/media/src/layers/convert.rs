//! From the planes of a layer to the pixels that a model reads.

use std::collections::BTreeMap;

use cosmos_color::{Pixels as Colors, Transform};
use cosmos_core::picture::Pixels;
use cosmos_exr::LayerPixels;
use cosmos_exr::beauty::{Repairs, repair};
use cosmos_exr::colors::{Rgb, palette};
use cosmos_exr::cryptomatte::Ranks;
use cosmos_exr::depth::{DepthRange, apply_mist};

/// How the values of a layer become a picture, the same for every frame.
pub(super) enum Conversion {
    /// Linear color through a view.
    Color(Box<Transform>),
    /// Values that are meant for the screen already, 0 to 1.
    Display,
    /// Distances, near bright.
    Depth(DepthRange),
    /// A mist pass, turned so that near is bright.
    Mist,
    /// The object that covers most of each pixel, in its color.
    Cryptomatte(BTreeMap<u32, Rgb>),
    /// Numbers of objects or materials, in their colors.
    Index(BTreeMap<u32, Rgb>),
    /// Lines: white on black, also where they are dark on a transparent ground.
    Lines,
}

impl Conversion {
    /// The pixels of `layer`; `None` if its channels are not those that this takes. Color that is transparent lies over
    /// `background`.
    pub(super) fn pixels(
        &self,
        layer: &LayerPixels,
        background: [u8; 3],
    ) -> Option<(Pixels, Repairs)> {
        match self {
            Self::Color(transform) => color(layer, Some(transform), background),
            Self::Display => color(layer, None, background),
            Self::Depth(range) => {
                let mut values = first(layer)?.to_vec();
                range.apply(&mut values);
                Some((gray16(&values), Repairs::default()))
            }
            Self::Mist => {
                let mut values = first(layer)?.to_vec();
                apply_mist(&mut values, false);
                Some((gray16(&values), Repairs::default()))
            }
            Self::Cryptomatte(colors) => {
                let labels = Ranks::new(layer)?.hard_labels();
                Some((painted(&labels.ids, colors), Repairs::default()))
            }
            Self::Index(colors) => {
                let (labels, _) = layer.planes.first()?.labels();
                Some((painted(&labels, colors), Repairs::default()))
            }
            Self::Lines => lines(layer),
        }
    }
}

fn first(layer: &LayerPixels) -> Option<&[f32]> {
    layer.planes.first()?.floats()
}

/// The planes of red, green and blue, and of alpha where there is one: a single channel is gray.
fn planes(layer: &LayerPixels) -> Option<([Vec<f32>; 3], Option<Vec<f32>>)> {
    let plane =
        |index: usize| -> Option<Vec<f32>> { Some(layer.planes.get(index)?.floats()?.to_vec()) };
    match layer.planes.len() {
        0 => None,
        1 | 2 => {
            let gray = plane(0)?;
            Some(([gray.clone(), gray.clone(), gray], plane(1)))
        }
        _ => Some(([plane(0)?, plane(1)?, plane(2)?], plane(3))),
    }
}

fn color(
    layer: &LayerPixels,
    transform: Option<&Transform>,
    background: [u8; 3],
) -> Option<(Pixels, Repairs)> {
    let ([mut red, mut green, mut blue], alpha) = planes(layer)?;
    let mut repairs = Repairs::default();
    for plane in [&mut red, &mut green, &mut blue] {
        repairs.merge(repair(plane));
    }
    let mut rgb = vec![0; red.len() * 3];
    match transform {
        Some(transform) => transform
            .apply_rgb8(Colors::Planes([&red, &green, &blue]), &mut rgb)
            .ok()?,
        None => {
            let pixels = red.iter().zip(&green).zip(&blue);
            for (out, ((r, g), b)) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                *out = [*r, *g, *b].map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8);
            }
        }
    }
    if let Some(alpha) = alpha.filter(|_| background != [0; 3]) {
        // Color is multiplied by alpha in the file, so what is left of a pixel is the background's.
        for (out, alpha) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(alpha) {
            let left = 1.0 - alpha.clamp(0.0, 1.0);
            for (sample, back) in out.iter_mut().zip(background) {
                let value = f32::from(*sample) + f32::from(back) * left;
                *sample = value.round().min(255.0) as u8;
            }
        }
    }
    Some((Pixels::Rgb8(rgb), repairs))
}

fn gray16(values: &[f32]) -> Pixels {
    let words = values
        .iter()
        .map(|value| (value.clamp(0.0, 1.0) * 65_535.0).round() as u16);
    Pixels::Gray16(words.collect())
}

/// A color for each label: that of the table, or for one that came up later one by its number.
fn painted(labels: &[u32], colors: &BTreeMap<u32, Rgb>) -> Pixels {
    let palette = palette();
    let color = |label: u32| match colors.get(&label) {
        Some(color) => *color,
        None => palette
            .get(label as usize % palette.len().max(1))
            .copied()
            .unwrap_or([255; 3]),
    };
    let mut rgb = Vec::with_capacity(labels.len() * 3);
    let mut last = (0, [0; 3]);
    for &label in labels {
        if label != last.0 {
            last = (label, if label == 0 { [0; 3] } else { color(label) });
        }
        rgb.extend_from_slice(&last.1);
    }
    Pixels::Rgb8(rgb)
}

fn lines(layer: &LayerPixels) -> Option<(Pixels, Repairs)> {
    let ([red, green, blue], alpha) = planes(layer)?;
    let to_byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let transparent = alpha
        .as_ref()
        .is_some_and(|alpha| alpha.iter().any(|alpha| *alpha < 0.5));
    let gray = match alpha.filter(|_| transparent) {
        // What is drawn is the line, whatever its color.
        Some(alpha) => alpha.into_iter().map(to_byte).collect(),
        None => {
            let pixels = red.into_iter().zip(green).zip(blue);
            pixels
                .map(|((r, g), b)| to_byte(0.2126 * r + 0.7152 * g + 0.0722 * b))
                .collect()
        }
    };
    Some((Pixels::Gray8(gray), Repairs::default()))
}
