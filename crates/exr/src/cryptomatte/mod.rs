//! Cryptomatte: names as hashes, with coverage (specification 1.2 by Friedman and Jones, Psyop).
//!
//! A pixel has ranks: pairs of an object's ID and the share of the pixel that it covers, the largest share first. An
//! ID is a hash whose bits are stored as those of a float; this crate keeps the bits.

mod manifest;
mod murmur;

pub use manifest::Manifest;
pub use murmur::{hash_name, murmur3_32};

use std::collections::BTreeMap;

use crate::layout::Role;
use crate::read::LayerPixels;

/// The bits of an ID. 0 is no object.
pub type Id = u32;

/// Bits of the exponent of a 32-bit float.
const EXPONENT: u32 = 0x7f80_0000;
/// Lowest bit of the exponent.
const LOWEST: u32 = 0x0080_0000;

/// An ID as pixels can hold it: one bit of an exponent that would make the float infinite, not a number or subnormal is
/// turned (`uint32_to_float32` of the specification). Blender's manifests state the hash before this step.
pub fn canonical(id: Id) -> Id {
    match id & EXPONENT {
        0 | EXPONENT if id != 0 => id ^ LOWEST,
        _ => id,
    }
}

/// The ranks of a Cryptomatte in one frame.
#[derive(Debug, Clone)]
pub struct Ranks<'a> {
    ranks: Vec<(&'a [Id], &'a [f32])>,
}

/// The object that covers most of each pixel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HardLabels {
    /// ID of each pixel, row by row; 0 for none.
    pub ids: Vec<Id>,
    /// Share of the pixel that it covers, 0 to 1.
    pub coverage: Vec<f32>,
}

impl<'a> Ranks<'a> {
    /// The ranks of a layer that was read. `None`: it is no Cryptomatte.
    pub fn new(layer: &'a LayerPixels) -> Option<Self> {
        if !matches!(layer.role, Role::Cryptomatte(_)) {
            return None;
        }
        let ranks = layer
            .planes
            .chunks_exact(2)
            .map(|pair| pair[0].uints().zip(pair[1].floats()))
            .collect::<Option<Vec<_>>>()?;
        (!ranks.is_empty()).then_some(Self { ranks })
    }

    /// Number of ranks: how many objects a pixel can name.
    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// Whether there are no ranks; never so for a layer that was read.
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// The object that covers most of each pixel. The first rank, but for writers that do not sort: ranks are compared,
    /// and the first of equals wins. Where more of a pixel is empty than any object covers, no object is named.
    pub fn hard_labels(&self) -> HardLabels {
        let pixels = self.ranks.first().map_or(0, |(ids, _)| ids.len());
        let mut ids = vec![0; pixels];
        let mut coverage = vec![0.0; pixels];
        let mut sum = vec![0.0; pixels];
        for (rank_ids, rank_coverage) in &self.ranks {
            for pixel in 0..pixels {
                let share = share(rank_coverage[pixel]);
                if rank_ids[pixel] != 0 {
                    sum[pixel] += share;
                    if share > coverage[pixel] {
                        ids[pixel] = rank_ids[pixel];
                        coverage[pixel] = share;
                    }
                }
            }
        }
        for pixel in 0..pixels {
            if 1.0 - sum[pixel] > coverage[pixel] {
                ids[pixel] = 0;
                coverage[pixel] = 0.0;
            }
        }
        HardLabels { ids, coverage }
    }

    /// Share of each pixel, 0 to 1, that the chosen objects cover together: an anti-aliased mask.
    pub fn coverage(&self, chosen: impl Fn(Id) -> bool) -> Vec<f32> {
        let pixels = self.ranks.first().map_or(0, |(ids, _)| ids.len());
        let mut mask = vec![0.0_f32; pixels];
        for (ids, coverage) in &self.ranks {
            for ((mask, id), coverage) in mask.iter_mut().zip(*ids).zip(*coverage) {
                if *id != 0 && *coverage > 0.0 && chosen(*id) {
                    *mask += share(*coverage);
                }
            }
        }
        for value in &mut mask {
            // Shares are rounded in files of half coverage, and may add up to a little more than a pixel.
            *value = value.min(1.0);
        }
        mask
    }

    /// The share of the picture that each object covers, 0 to 1, over all ranks.
    pub fn shares(&self) -> BTreeMap<Id, f64> {
        let mut shares: BTreeMap<Id, f64> = BTreeMap::new();
        for (ids, coverage) in &self.ranks {
            // Neighbours mostly belong to one object, so runs are added up before the map is asked.
            let mut run = (0, 0.0_f64);
            for (id, coverage) in ids.iter().zip(*coverage) {
                if *id != run.0 {
                    if run.1 > 0.0 {
                        *shares.entry(run.0).or_default() += run.1;
                    }
                    run = (*id, 0.0);
                }
                if *id != 0 {
                    run.1 += f64::from(share(*coverage));
                }
            }
            if run.1 > 0.0 {
                *shares.entry(run.0).or_default() += run.1;
            }
        }
        let pixels = self.ranks.first().map_or(1, |(ids, _)| ids.len().max(1)) as f64;
        shares.values_mut().for_each(|share| *share /= pixels);
        shares
    }
}

/// A coverage brought to 0..1. What is no number covers nothing.
fn share(coverage: f32) -> f32 {
    if coverage.is_nan() {
        0.0
    } else {
        coverage.clamp(0.0, 1.0)
    }
}
