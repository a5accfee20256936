//! What holds for a whole shot: found in the headers of all frames and the pixels of a few.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cosmos_color::{Chromaticities, Transform, View};
use cosmos_core::modality::Modality;
use cosmos_exr::colors::{ColorTable, Rgb};
use cosmos_exr::cryptomatte::{Manifest, Ranks};
use cosmos_exr::depth::{DepthRange, DepthSummary, PERCENTILES};
use cosmos_exr::{Choice, Control, Header, Layer, Layout, Reader, Request, Role};
use rayon::prelude::*;

use super::convert::Conversion;
use super::{LayerOptions, LayerUse, LayersError, RenderLayers, because, modality_of};

/// Frames of which depth and objects are measured, evenly spread over the shot.
const MEASURED: usize = 24;

/// The header of a frame, and its layers.
struct Head {
    header: Header,
    layout: Layout,
}

fn head(path: &Path, eye: Option<&str>) -> Result<Head, LayersError> {
    let reader = Reader::open(path)?;
    let layout = reader.layout(eye)?;
    Ok(Head {
        header: reader.header().clone(),
        layout,
    })
}

pub(super) fn open(
    paths: Vec<PathBuf>,
    wanted: &[Modality],
    options: &LayerOptions,
) -> Result<RenderLayers, LayersError> {
    let eye = options.eye.as_deref();
    let first = paths.first().ok_or(LayersError::Empty)?;
    let Head { header, layout } = head(first, eye)?;
    let heads: Vec<Head> = paths
        .par_iter()
        .skip(1)
        .map(|path| {
            let other = head(path, eye)?;
            layout.check(&other.layout)?;
            Ok(other)
        })
        .collect::<Result<_, LayersError>>()?;
    let mut shot = Survey {
        path: first.clone(),
        header: &header,
        heads: &heads,
        paths: &paths,
        layout: &layout,
        options,
        notes: Vec::new(),
    };
    let mut uses = BTreeMap::new();
    for control in Control::ALL {
        let Some(modality) = modality_of(control) else {
            continue;
        };
        if !wanted.is_empty() && !wanted.contains(&modality) {
            continue;
        }
        let choice = match options.chosen.get(&modality) {
            Some(name) => layout.choose_named(control, name)?,
            None => {
                let usual = layout.choose(control);
                match &layout.layers[..] {
                    // A pass in a file of its own is what its file is called.
                    [only] if usual.layer.is_none() && wanted.len() == 1 => {
                        layout.choose_named(control, &only.name)?
                    }
                    _ => usual,
                }
            }
        };
        if let Some(used) = shot.settle(modality, &choice)? {
            uses.insert(modality, used);
        }
    }
    let notes = shot.notes;
    Ok(RenderLayers {
        eye: options.eye.clone(),
        background: options.background,
        paths,
        layout,
        uses,
        notes,
    })
}

struct Survey<'a> {
    path: PathBuf,
    header: &'a Header,
    /// Of all frames but the first.
    heads: &'a [Head],
    paths: &'a [PathBuf],
    layout: &'a Layout,
    options: &'a LayerOptions,
    notes: Vec<String>,
}

impl Survey<'_> {
    fn settle(
        &mut self,
        modality: Modality,
        choice: &Choice,
    ) -> Result<Option<(LayerUse, Conversion)>, LayersError> {
        let Some(name) = &choice.layer else {
            if let cosmos_exr::Reason::Refused(refusal) = &choice.reason {
                // Without color there is no shot.
                if modality == Modality::Color {
                    return Err(LayersError::Exr(cosmos_exr::Error::Unsupported {
                        path: self.path.clone(),
                        what: *refusal,
                    }));
                }
                self.notes
                    .push(format!("no {modality}: {refusal}; {}", refusal.remedy()));
            }
            return Ok(None);
        };
        let layer = self.layout.layer(name)?;
        let mut used = LayerUse {
            layer: layer.name.clone(),
            because: because(&choice.reason),
            conversion: String::new(),
            others: choice.others.iter().map(|it| it.layer.clone()).collect(),
            depth_ends: None,
            colors: BTreeMap::new(),
        };
        let conversion = match (modality, layer.role) {
            (Modality::Color | Modality::Vis, _) => self.color(&mut used)?,
            (Modality::Depth, Role::Mist) => {
                used.conversion = "mist, turned so that near is bright".into();
                Conversion::Mist
            }
            (Modality::Depth, _) => self.depth(layer, &mut used)?,
            (Modality::Segmentation, Role::Cryptomatte(_)) => self.objects(layer, &mut used)?,
            (Modality::Segmentation, Role::ObjectIndex | Role::MaterialIndex) => {
                self.indices(layer, &mut used)?
            }
            (Modality::Segmentation, _) => {
                used.conversion = "as it is".into();
                Conversion::Display
            }
            (Modality::Edge, _) => {
                used.conversion = "white lines on black".into();
                Conversion::Lines
            }
        };
        Ok(Some((used, conversion)))
    }

    fn color(&mut self, used: &mut LayerUse) -> Result<Conversion, LayersError> {
        let view = self.options.view.unwrap_or_else(|| self.usual_view());
        let source = self
            .header
            .chromaticities()
            .map_or(Chromaticities::REC709, |given| {
                let pair = |(x, y): (f32, f32)| [x, y];
                Chromaticities {
                    red: pair(given.red),
                    green: pair(given.green),
                    blue: pair(given.blue),
                    white: pair(given.white),
                }
            });
        let transform = Transform::new(view, self.options.exposure, 1.0, &source);
        let transform = transform.map_err(|source| LayersError::Color {
            path: self.path.clone(),
            source,
        })?;
        used.conversion = match self.options.exposure {
            0.0 => format!("linear, shown with the view {view}"),
            stops => format!("linear, shown with the view {view}, exposure {stops:+}"),
        };
        Ok(Conversion::Color(Box::new(transform)))
    }

    /// The view that the artist most likely saw, with a note that it is assumed.
    fn usual_view(&mut self) -> View {
        let software = self.header.software().unwrap_or_default();
        let software = software.to_lowercase();
        // Blender 5 writes `Blender 5.0.1`; older ones `Blender V2.55.1 and newer`, whichever they are.
        let blender = software.strip_prefix("blender ").and_then(|version| {
            let (major, _) = version.split_once('.')?;
            major.parse::<u32>().ok()
        });
        let (view, why) = match software {
            _ if blender.is_some_and(|major| major >= 4) => (View::Agx, "Blender's default"),
            name if name.contains("blender") => (
                View::Filmic,
                "Blender's default up to 3.6; since 4.0 it is agx",
            ),
            name if name.contains("unreal") => (View::Aces, "close to Unreal's default"),
            _ => (View::Standard, "plain sRGB"),
        };
        let note = format!(
            "color is linear light, and the file does not say how it was viewed: shown with --view {view} ({why})"
        );
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        view
    }

    /// Evenly spread frames, with the pixels of one layer.
    fn measured<T: Send>(
        &self,
        layer: &Layer,
        measure: impl Fn(&cosmos_exr::LayerPixels) -> Option<T> + Sync,
    ) -> Result<Vec<T>, LayersError> {
        let chosen = crate::contact_sheet::evenly_spaced(self.paths.len(), MEASURED);
        let request = {
            let mut request = Request::layers([layer.name.as_str()]);
            request.view.clone_from(&self.options.eye);
            request
        };
        let found: Result<Vec<Option<T>>, LayersError> = chosen
            .par_iter()
            .map(|&index| {
                let frame = cosmos_exr::read(&self.paths[index], &request)?;
                Ok(frame.layer(&layer.name).and_then(&measure))
            })
            .collect();
        Ok(found?.into_iter().flatten().collect())
    }

    fn depth(&mut self, layer: &Layer, used: &mut LayerUse) -> Result<Conversion, LayersError> {
        let frames = self.measured(layer, |pixels| {
            Some(DepthSummary::of(pixels.planes.first()?.floats()?))
        })?;
        let mut summary = DepthSummary::of(&[]);
        for frame in &frames {
            summary.merge(frame);
        }
        let range = match self.options.depth_ends {
            Some((near, far)) => {
                DepthRange::new(near, far).ok_or(LayersError::DepthEnds { near, far })?
            }
            None => summary.range(PERCENTILES.0, PERCENTILES.1).ok_or_else(|| {
                LayersError::FlatDepth {
                    path: self.path.clone(),
                    layer: layer.name.clone(),
                }
            })?,
        };
        if summary.is_normalized() {
            self.notes.push(format!(
                "no distance in {} lies beyond 1: if the renderer brought it to 0..1, depth comes out bent; save distances in scene units",
                layer.name
            ));
        }
        if summary.negative + summary.nan > 0 {
            self.notes.push(format!(
                "{} distances in {} are negative or no numbers; they count as farthest",
                summary.negative + summary.nan,
                layer.name
            ));
        }
        let (before, behind) = range.clipped(&summary);
        if before.max(behind) > 0.25 {
            self.notes.push(format!(
                "{:.0} % of the surface lie before {} and {:.0} % behind {}, where depth tells nothing apart",
                before * 100.0,
                range.near(),
                behind * 100.0,
                range.far()
            ));
        }
        used.conversion = format!(
            "inverse distance, {} white to {} black",
            range.near(),
            range.far()
        );
        used.depth_ends = Some((range.near(), range.far()));
        Ok(Conversion::Depth(range))
    }

    fn objects(&mut self, layer: &Layer, used: &mut LayerUse) -> Result<Conversion, LayersError> {
        let mut manifest = Manifest::default();
        let others = self.heads.iter().zip(self.paths.iter().skip(1));
        let others =
            others.filter_map(|(head, path)| Some((head.layout.layer(&layer.name).ok()?, path)));
        for (layer, path) in std::iter::once((layer, &self.path)).chain(others) {
            let Some(table) = &layer.cryptomatte else {
                continue;
            };
            match Manifest::of(table, path) {
                Ok(names) => manifest.merge(&names),
                Err(error) => {
                    let note = format!("{error}; objects go by their hashes");
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
                }
            }
        }
        let seen = self.measured(layer, |pixels| Some(Ranks::new(pixels)?.shares()))?;
        let present: BTreeSet<u32> = seen
            .iter()
            .flat_map(|shares| shares.keys().copied())
            .collect();
        let names: BTreeMap<u32, String> = present
            .into_iter()
            .chain(manifest.iter().map(|(_, id)| id))
            .filter(|id| *id != 0)
            .map(|id| (id, manifest.name(id)))
            .collect();
        if manifest.is_empty() {
            self.notes.push(format!(
                "{} has no manifest, so its objects go by their hashes",
                layer.name
            ));
        }
        used.conversion = format!("{} objects, one flat color each", names.len());
        Ok(Conversion::Cryptomatte(colors(&names, used)))
    }

    fn indices(&mut self, layer: &Layer, used: &mut LayerUse) -> Result<Conversion, LayersError> {
        let seen = self.measured(layer, |pixels| {
            let (labels, _) = pixels.planes.first()?.labels();
            Some(labels.into_iter().collect::<BTreeSet<u32>>())
        })?;
        let names: BTreeMap<u32, String> = seen
            .into_iter()
            .flatten()
            .filter(|id| *id != 0)
            .map(|id| (id, id.to_string()))
            .collect();
        used.conversion = format!("{} indices, one flat color each", names.len());
        Ok(Conversion::Index(colors(&names, used)))
    }
}

/// The color of each object, the same wherever it has the same name.
fn colors(names: &BTreeMap<u32, String>, used: &mut LayerUse) -> BTreeMap<u32, Rgb> {
    let table = ColorTable::new(names.values());
    let mut colors = BTreeMap::new();
    for (id, name) in names {
        if let Some(color) = table.color(name) {
            let [r, g, b] = color;
            used.colors
                .insert(name.clone(), format!("{r:02x}{g:02x}{b:02x}"));
            colors.insert(*id, color);
        }
    }
    colors
}
