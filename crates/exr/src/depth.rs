//! Metric depth to the depth that the models read: near bright, far dark, as inverse distance, one stretch for a shot.
//!
//! The models' own depth networks give disparity and stretch it over the whole clip. A renderer's Z is a distance; its
//! inverse is what disparity means. The ends come from percentiles over all frames, gathered in one pass, so that a sky
//! at 1e10 or a speck before the lens takes nothing of the range.

use std::ops::RangeInclusive;

/// Distances from here on are sky, in scene units. Blender writes 1e10 where nothing was hit, others 1e15, 1e20, 1e30
/// or infinity; scenes in millimetres reach 1e8 over 100 km.
pub const SKY: f32 = 1.0e9;

/// What Blender's EEVEE writes where nothing was hit: the largest half, which no renderer gives a surface exactly.
const EEVEE_SKY: f32 = 65_504.0;

/// Whether this distance is that of a surface before the camera. False for NaN.
fn is_surface(z: f32) -> bool {
    z > 0.0 && z < SKY && z != EEVEE_SKY
}

/// Steps of the histogram for each doubling of distance: one step is 0.54 % of a distance.
const STEPS: f32 = 128.0;
/// Smallest and largest power of two that are told apart; what lies beyond goes to the first or last step.
const POWERS: RangeInclusive<f32> = -24.0..=30.0;

/// What the depth of a shot holds. Frames are measured on any thread and merged in any order with the same result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DepthSummary {
    /// Pixels with a distance above 0 and below [`SKY`].
    pub surface: u64,
    /// Pixels at infinity or beyond [`SKY`].
    pub sky: u64,
    /// Pixels of exactly 0, which some renderers write where nothing was hit.
    pub zero: u64,
    /// Pixels behind the camera. A pass where all are is a camera space that looks down its negative axis.
    pub negative: u64,
    /// Pixels that are not a number.
    pub nan: u64,
    /// Bits of the smallest and largest distance; bits of positive floats are ordered as the floats are.
    nearest: u32,
    farthest: u32,
    steps: Vec<u64>,
}

impl Default for DepthSummary {
    fn default() -> Self {
        let steps = ((POWERS.end() - POWERS.start()) * STEPS) as usize + 1;
        Self {
            surface: 0,
            sky: 0,
            zero: 0,
            negative: 0,
            nan: 0,
            nearest: f32::INFINITY.to_bits(),
            farthest: 0,
            steps: vec![0; steps],
        }
    }
}

impl DepthSummary {
    /// Measures one frame, or a part of it.
    pub fn of(depth: &[f32]) -> Self {
        let mut summary = Self::default();
        summary.add(depth);
        summary
    }

    /// Measures more pixels.
    pub fn add(&mut self, depth: &[f32]) {
        for z in depth {
            let z = *z;
            if is_surface(z) {
                self.surface += 1;
                self.nearest = self.nearest.min(z.to_bits());
                self.farthest = self.farthest.max(z.to_bits());
                self.steps[step(z)] += 1;
            } else if z >= SKY || z == EEVEE_SKY {
                self.sky += 1;
            } else if z == 0.0 {
                self.zero += 1;
            } else if z < 0.0 {
                self.negative += 1;
            } else {
                self.nan += 1;
            }
        }
    }

    /// Adds what another frame holds.
    pub fn merge(&mut self, other: &Self) {
        self.surface += other.surface;
        self.sky += other.sky;
        self.zero += other.zero;
        self.negative += other.negative;
        self.nan += other.nan;
        self.nearest = self.nearest.min(other.nearest);
        self.farthest = self.farthest.max(other.farthest);
        for (mine, other) in self.steps.iter_mut().zip(&other.steps) {
            *mine += other;
        }
    }

    /// Whether no surface lies beyond 1: a hint that the renderer has brought the distance to 0..1 already, as V-Ray's Z
    /// depth does by default, so that inverse depth would be wrong.
    pub fn is_normalized(&self) -> bool {
        self.extremes().is_some_and(|(_, farthest)| farthest <= 1.0) && self.sky == 0
    }

    /// All pixels measured.
    pub fn pixels(&self) -> u64 {
        self.surface + self.sky + self.zero + self.negative + self.nan
    }

    /// The nearest and the farthest surface in scene units. `None`: there is no surface.
    pub fn extremes(&self) -> Option<(f32, f32)> {
        (self.surface > 0).then(|| (f32::from_bits(self.nearest), f32::from_bits(self.farthest)))
    }

    /// The distance, in scene units, below which this share of all surface pixels lies; `share` from 0 to 1. Right to
    /// half a step of 0.54 %. `None`: there is no surface.
    pub fn percentile(&self, share: f64) -> Option<f32> {
        let (nearest, farthest) = self.extremes()?;
        if share <= 0.0 {
            return Some(nearest);
        }
        if share >= 1.0 {
            return Some(farthest);
        }
        let wanted = share * self.surface as f64;
        let mut below = 0.0;
        for (at, count) in self
            .steps
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let count = *count as f64;
            if below + count >= wanted {
                let within = ((wanted - below) / count) as f32;
                let power = POWERS.start() + (at as f32 + within) / STEPS;
                return Some(power.exp2().clamp(nearest, farthest));
            }
            below += count;
        }
        Some(farthest)
    }

    /// The ends for the shot: percentiles `near` and `far` of the surface, as shares of 0 to 1. `None`: there is no
    /// surface, or all of it lies at one distance, which makes no control.
    pub fn range(&self, near: f64, far: f64) -> Option<DepthRange> {
        DepthRange::new(self.percentile(near)?, self.percentile(far)?)
    }
}

fn step(z: f32) -> usize {
    let power = z.log2().clamp(*POWERS.start(), *POWERS.end());
    ((power - POWERS.start()) * STEPS) as usize
}

/// Shares of the surface that [`DepthSummary::range`] is meant for: one pixel in two hundred may be cut off at either
/// end, which keeps a grass blade before the lens or one far hill from taking the range.
pub const PERCENTILES: (f64, f64) = (0.005, 0.995);

/// The ends of the stretch, in scene units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthRange {
    near: f32,
    far: f32,
}

impl DepthRange {
    /// Ends in either order. `None`: an end is not above 0, not finite, or both are equal.
    pub fn new(one: f32, other: f32) -> Option<Self> {
        let (near, far) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        (near > 0.0 && far.is_finite() && near < far && 1.0 / near > 1.0 / far)
            .then_some(Self { near, far })
    }

    /// The distance that becomes 1.
    pub fn near(&self) -> f32 {
        self.near
    }

    /// The distance that becomes 0.
    pub fn far(&self) -> f32 {
        self.far
    }

    /// Distances to brightness of 0 to 1, in place: 1 at `near` and before, 0 at `far` and behind, and for sky, 0, what
    /// lies behind the camera and what is not a number.
    pub fn apply(&self, depth: &mut [f32]) {
        let bottom = 1.0 / self.far;
        let scale = 1.0 / (1.0 / self.near - bottom);
        for z in depth {
            let bright = (1.0 / *z - bottom) * scale;
            *z = if is_surface(*z) {
                bright.clamp(0.0, 1.0)
            } else {
                0.0
            };
        }
    }

    /// Shares of the surface that lie before `near` and behind `far`.
    pub fn clipped(&self, summary: &DepthSummary) -> (f64, f64) {
        let surface = summary.surface.max(1) as f64;
        let (near, far) = (step(self.near), step(self.far));
        let before: u64 = summary.steps[..near].iter().sum();
        let behind: u64 = summary.steps[far + 1..].iter().sum();
        (before as f64 / surface, behind as f64 / surface)
    }
}

/// A mist pass (0 near, 1 far, as Blender writes it) to brightness, in place: near bright. With `near_is_bright` it
/// already runs that way. Values are clamped to 0..1; what is not a number becomes 0, as far as can be.
pub fn apply_mist(mist: &mut [f32], near_is_bright: bool) {
    for value in mist {
        let clamped = value.clamp(0.0, 1.0);
        *value = if value.is_nan() {
            0.0
        } else if near_is_bright {
            clamped
        } else {
            1.0 - clamped
        };
    }
}
