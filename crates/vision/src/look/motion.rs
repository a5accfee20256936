//! What the camera does, told from pairs of frames that lie close together.
//!
//! Each pair gives the similarity (shift, zoom and turn) that brings one frame onto the other: a search over
//! shifts of very small pictures, refined by Gauss-Newton steps from coarse to fine (Lucas and Kanade's method)
//! with weights that leave out what moves by itself. A pair that does not match after that, or whose texture
//! does not fix the shift, tells nothing; where too few pairs tell anything, the move is unknown. A camera that
//! pans and one that travels sideways look alike here: both are called a pan.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::luma;

/// Shortest side of a picture whose motion can be told.
const MIN_SIDE: u32 = 8;
/// Pairs of frames that are compared at most.
const MAX_PAIRS: usize = 16;
/// Frames from the first to the second of a pair at most: about a quarter of a second.
const MAX_GAP: usize = 6;
/// Longest side of the pictures that shifts are searched in, and the share of it that is searched to each side.
const SEARCH_SIDE: u32 = 32;
const SEARCH_SHARE: f64 = 0.25;
/// Standard deviation of luma below which a picture counts as flat: two levels of 255.
const FLAT: f32 = 2.0 / 255.0;
/// The weaker direction of a picture's gradients has at least this share of the stronger one's energy; with
/// less (stripes), a shift along the other direction does not show.
const MIN_TEXTURE: f64 = 0.005;
/// Correlation at which two frames count as matched.
const MATCHED: f64 = 0.65;
/// A step that changes the match by less than this, in pixels, is the last: a tenth of the least move of a pair of the
/// largest pictures.
const SETTLED: f64 = 0.005;
/// A pair that moves this many times as fast as the middle one spans a cut or was matched wrongly.
const JUMP: f64 = 5.0;
/// A camera whose picture moves less than this over the whole shot stands still: share of the width.
const STILL: f64 = 0.004;
/// The same for what one pair shows on the average, below which nothing can be measured.
const STILL_PAIR: f64 = 0.0004;
/// Share of a path that is made good, from which on the path has a direction.
const STEADY: f64 = 0.6;
/// A move counts beside the strongest one from this share of it on.
const BESIDE: f64 = 0.5;
/// Shares of the width a second below which a move is slow, and above which it is fast.
const SLOW: f64 = 0.08;
const FAST: f64 = 0.5;

/// A move of the camera, as it shows in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// It stands still.
    Static,
    /// It turns or travels left.
    PanLeft,
    /// It turns or travels right.
    PanRight,
    /// It turns or travels up.
    TiltUp,
    /// It turns or travels down.
    TiltDown,
    /// It comes nearer, or zooms in.
    PushIn,
    /// It goes back, or zooms out.
    PullOut,
    /// It turns about its own axis.
    Roll,
    /// It moves, but in no one direction.
    Shifting,
}

/// How fast the picture moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Less than a twelfth of the width a second.
    Slow,
    /// Between slow and fast.
    Medium,
    /// More than half of the width a second.
    Fast,
}

/// What the camera does over a shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// Its moves, the strongest first; never empty.
    pub motion: Vec<Motion>,
    /// How fast.
    pub pace: Pace,
    /// How far the picture moves on the average, in picture widths a second.
    pub widths_per_second: f64,
}

/// Two frames that are to be compared, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MotionPair {
    /// The earlier frame.
    pub first: usize,
    /// The later frame.
    pub second: usize,
}

/// Which of `count` frames are to be compared: pairs of frames that lie close together, spread over the range.
#[must_use]
pub fn frame_pairs(count: usize) -> Vec<MotionPair> {
    let steps = count.saturating_sub(1);
    let gap = (steps / MAX_PAIRS).clamp(1, MAX_GAP);
    let pairs = (steps / gap).min(MAX_PAIRS);
    (0..pairs)
        .map(|pair| {
            let last_start = (steps - gap) as u128;
            let first = (last_start * pair as u128 / (pairs - 1).max(1) as u128) as usize;
            MotionPair {
                first,
                second: first + gap,
            }
        })
        .collect()
}

/// How a picture moves from one frame to another. The point at `(x, y)`, counted from the middle of the
/// picture to the right and down in picture widths, goes to
/// `(x + right + zoom * x - turn * y, y + down + turn * x + zoom * y)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shift {
    /// To the right, in widths.
    pub right: f64,
    /// Down, in widths.
    pub down: f64,
    /// Growth: 0.1 makes everything a tenth larger.
    pub zoom: f64,
    /// Turn, clockwise, in radians (for small angles).
    pub turn: f64,
}

/// A frame made small and gray for comparison.
#[derive(Clone, Debug)]
pub struct MotionFrame(Vec<Plane>);

impl MotionFrame {
    /// Longest side of the pictures that are compared, in pixels. A larger frame is made smaller, which is left
    /// to the caller where there is a quicker way.
    pub const SIDE: u32 = 128;

    /// Takes what is needed of `frame`, which may be of any size.
    #[must_use]
    pub fn new(frame: &RgbImage) -> Self {
        let mut planes = vec![Plane::of(frame)];
        while let Some(plane) = planes.last().filter(|plane| plane.longest() > SEARCH_SIDE) {
            let half = plane.halved();
            planes.push(half);
        }
        Self(planes)
    }

    /// How the picture moves from this frame to `later`; `None` where that cannot be told.
    #[must_use]
    pub fn shift_to(&self, later: &Self) -> Option<Shift> {
        let pairs: Vec<(&Plane, &Plane)> = self.0.iter().zip(&later.0).collect();
        let (coarse_0, coarse_1) = *pairs.last()?;
        let (fine_0, fine_1) = *pairs.first()?;
        let same = self.0.len() == later.0.len() && fine_0.is_as_large_as(fine_1);
        if !same || fine_0.is_flat || fine_1.is_flat || !fine_0.has_texture() {
            return None;
        }
        let mut shift = search(coarse_0, coarse_1);
        for (first, second) in pairs.iter().rev() {
            shift = refine(first, second, shift)?;
        }
        // Half as large, the grain of a path tracer has gone and the picture has not.
        let (judged_0, judged_1) = pairs.get(1).copied().unwrap_or((fine_0, fine_1));
        (correlation(judged_0, judged_1, shift) >= MATCHED).then_some(shift)
    }
}

impl Camera {
    /// What the shifts of `pairs`, with the frames from one to the other, say of a shot of `frame_count`
    /// frames of `aspect` (height by width) at `frames_per_second`. `None` where more than half of them are
    /// unknown, or there are none.
    #[must_use]
    pub fn from_shifts(
        pairs: &[(usize, Option<Shift>)],
        frame_count: usize,
        aspect: f64,
        frames_per_second: f64,
    ) -> Option<Self> {
        let known: Vec<(f64, Shift)> = pairs
            .iter()
            .filter_map(|&(gap, shift)| Some((gap.max(1) as f64, shift?)))
            .collect();
        if known.is_empty() || known.len() * 2 < pairs.len() {
            return None;
        }
        // Zoom and turn move a point the farther, the farther out it lies: by this much on the average
        // (root mean square). It makes them comparable with shifts.
        let radius = ((1.0 + aspect * aspect) / 12.0).sqrt();
        let parts = |shift: &Shift| {
            [
                shift.right,
                shift.down,
                shift.zoom * radius,
                shift.turn * radius,
            ]
        };
        let length = |parts: [f64; 4]| parts.iter().map(|part| part.powi(2)).sum::<f64>().sqrt();
        let speed = |(gap, shift): &(f64, Shift)| length(parts(shift)) / gap;
        let mut speeds: Vec<f64> = known.iter().map(speed).collect();
        speeds.sort_by(f64::total_cmp);
        let limit = speeds[speeds.len() / 2] * JUMP + STILL_PAIR;
        let known: Vec<_> = known
            .into_iter()
            .filter(|pair| speed(pair) <= limit)
            .collect();
        let count = known.len() as f64;
        let [mut way, mut path] = [[0.0; 4]; 2];
        let mut pair_path = 0.0;
        for (gap, shift) in &known {
            for (index, part) in parts(shift).into_iter().enumerate() {
                way[index] += part / gap / count;
                path[index] += part.abs() / gap / count;
            }
            pair_path += length(parts(shift)) / count;
        }
        let frames = frame_count.saturating_sub(1) as f64;
        let widths_per_second = length(path) * frames_per_second;
        let motion = if length(path) * frames < STILL || pair_path < STILL_PAIR {
            vec![Motion::Static]
        } else {
            moves(way, path)
        };
        let pace = match widths_per_second {
            pace if pace < SLOW => Pace::Slow,
            pace if pace > FAST => Pace::Fast,
            _ => Pace::Medium,
        };
        Some(Self {
            motion,
            pace,
            widths_per_second,
        })
    }
}

/// The moves with a direction, strongest first; a shift without one if there is none.
fn moves(way: [f64; 4], path: [f64; 4]) -> Vec<Motion> {
    let names = [
        (Motion::PanLeft, Motion::PanRight),
        (Motion::TiltUp, Motion::TiltDown),
        (Motion::PushIn, Motion::PullOut),
        (Motion::Roll, Motion::Roll),
    ];
    let strongest = path.iter().copied().fold(0.0, f64::max);
    let mut moves: Vec<(f64, Motion)> = way
        .into_iter()
        .zip(path)
        .zip(names)
        .filter(|((way, path), _)| way.abs() >= path * STEADY && way.abs() >= strongest * BESIDE)
        .map(|((way, _), (forth, back))| (way.abs(), if way > 0.0 { forth } else { back }))
        .collect();
    moves.sort_by(|a, b| b.0.total_cmp(&a.0));
    if moves.is_empty() {
        return vec![Motion::Shifting];
    }
    moves.into_iter().map(|(_, motion)| motion).collect()
}

/// A small gray picture whose luma has mean 0 and standard deviation 1.
#[derive(Clone, Debug)]
struct Plane {
    width: u32,
    height: u32,
    luma: Vec<f32>,
    is_flat: bool,
}

impl Plane {
    /// The mean luma of the pixels that fall into each of its own.
    fn of(frame: &RgbImage) -> Self {
        let (width, height) = frame.dimensions();
        let longest = width.max(height).max(1);
        let side = |length: u32| match longest {
            0..=MotionFrame::SIDE => length,
            _ => ((u64::from(length) * u64::from(MotionFrame::SIDE)) / u64::from(longest)).max(1)
                as u32,
        };
        let (small_width, small_height) = (side(width), side(height));
        let mut sums = vec![(0.0_f32, 0_u32); small_width as usize * small_height as usize];
        for (x, y, pixel) in frame.enumerate_pixels() {
            let column = u64::from(x) * u64::from(small_width) / u64::from(width);
            let row = u64::from(y) * u64::from(small_height) / u64::from(height);
            if let Some(sum) = sums.get_mut((row * u64::from(small_width) + column) as usize) {
                *sum = (sum.0 + luma(pixel.0), sum.1 + 1);
            }
        }
        let luma = sums.iter().map(|&(sum, n)| sum / n.max(1) as f32).collect();
        Self::normalized(small_width, small_height, luma)
    }

    fn normalized(width: u32, height: u32, mut luma: Vec<f32>) -> Self {
        let count = luma.len().max(1) as f32;
        let mean = luma.iter().sum::<f32>() / count;
        let variance = luma.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count;
        let deviation = variance.sqrt();
        for value in &mut luma {
            *value = (*value - mean) / deviation.max(FLAT);
        }
        Self {
            width,
            height,
            luma,
            is_flat: deviation < FLAT,
        }
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (2 * x, 2 * y)));
        let luma = pixels
            .map(|(x, y)| {
                let (right, below) = ((x + 1).min(self.width - 1), (y + 1).min(self.height - 1));
                (self.at(x, y) + self.at(right, y) + self.at(x, below) + self.at(right, below))
                    / 4.0
            })
            .collect();
        Self {
            width,
            height,
            luma,
            is_flat: self.is_flat,
        }
    }

    fn shortest(&self) -> u32 {
        self.width.min(self.height)
    }

    fn longest(&self) -> u32 {
        self.width.max(self.height)
    }

    fn is_as_large_as(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    fn at(&self, x: u32, y: u32) -> f32 {
        self.luma[(y * self.width + x) as usize]
    }

    /// Bilinear sample; `None` outside.
    fn sample(&self, x: f32, y: f32) -> Option<f32> {
        let inside =
            x >= 0.0 && y >= 0.0 && x <= (self.width - 1) as f32 && y <= (self.height - 1) as f32;
        if !inside {
            return None;
        }
        let (left, top) = (x as u32, y as u32);
        let (right, bottom) = (
            (left + 1).min(self.width - 1),
            (top + 1).min(self.height - 1),
        );
        let (u, v) = (x - left as f32, y - top as f32);
        let upper = self.at(left, top) * (1.0 - u) + self.at(right, top) * u;
        let lower = self.at(left, bottom) * (1.0 - u) + self.at(right, bottom) * u;
        Some(upper * (1.0 - v) + lower * v)
    }

    /// The pixels that have neighbours on all sides, with the gradient of luma a pixel.
    fn gradients(&self) -> impl Iterator<Item = (u32, u32, f32, f32)> {
        let inner = |side: u32| 1..side.saturating_sub(1).max(1);
        inner(self.height).flat_map(move |y| {
            inner(self.width).map(move |x| {
                let across = (self.at(x + 1, y) - self.at(x - 1, y)) / 2.0;
                let along = (self.at(x, y + 1) - self.at(x, y - 1)) / 2.0;
                (x, y, across, along)
            })
        })
    }

    /// Whether the gradients fix a shift in every direction.
    fn has_texture(&self) -> bool {
        if self.shortest() < MIN_SIDE {
            return false;
        }
        let [mut xx, mut xy, mut yy] = [0.0_f64; 3];
        for (_, _, gx, gy) in self.gradients() {
            let (gx, gy) = (f64::from(gx), f64::from(gy));
            xx += gx * gx;
            xy += gx * gy;
            yy += gy * gy;
        }
        let spread = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
        let (weaker, stronger) = ((xx + yy - spread) / 2.0, (xx + yy + spread) / 2.0);
        weaker > stronger * MIN_TEXTURE
    }

    /// Where the pixel `(x, y)` lies, in pixels from the middle.
    fn off_middle(&self, x: u32, y: u32) -> (f64, f64) {
        let from_middle = |at: u32, side: u32| f64::from(at) - f64::from(side - 1) / 2.0;
        (from_middle(x, self.width), from_middle(y, self.height))
    }

    /// The sample that the pixel `(x, y)` of the earlier frame moves to.
    fn moved(&self, x: u32, y: u32, shift: Shift) -> Option<f32> {
        let (px, py) = self.off_middle(x, y);
        let width = f64::from(self.width);
        let right = shift.right * width + shift.zoom * px - shift.turn * py;
        let down = shift.down * width + shift.turn * px + shift.zoom * py;
        self.sample((f64::from(x) + right) as f32, (f64::from(y) + down) as f32)
    }
}

/// The shift by whole pixels at which two very small pictures are most alike.
fn search(first: &Plane, second: &Plane) -> Shift {
    let width = f64::from(first.width);
    let reach = |side: u32| (f64::from(side) * SEARCH_SHARE) as i32;
    let (reach_x, reach_y) = (reach(first.width), reach(first.height));
    let mut best = (f64::NEG_INFINITY, Shift::default());
    for down in -reach_y..=reach_y {
        for right in -reach_x..=reach_x {
            let shift = Shift {
                right: f64::from(right) / width,
                down: f64::from(down) / width,
                ..Shift::default()
            };
            // Patterns that repeat match at many shifts; the shortest is the likeliest.
            let distance = f64::from(right * right + down * down).sqrt();
            let likeness = likeness(first, second, shift, |_, _| 1.0) - 0.004 * distance;
            if likeness > best.0 {
                best = (likeness, shift);
            }
        }
    }
    best.1
}

/// Correlation of the moved frames, where edges count more than surfaces.
fn correlation(first: &Plane, second: &Plane, shift: Shift) -> f64 {
    likeness(first, second, shift, |gx, gy| gx.hypot(gy))
}

/// Weighted correlation of the earlier frame and the later one moved back by `shift`, -1 to 1. Less than half
/// of the picture in common counts as unlike.
fn likeness(first: &Plane, second: &Plane, shift: Shift, weight: impl Fn(f32, f32) -> f32) -> f64 {
    let [mut w_sum, mut a_sum, mut b_sum, mut aa, mut bb, mut ab] = [0.0_f64; 6];
    let (mut seen, mut all) = (0_u32, 0_u32);
    for (x, y, gx, gy) in first.gradients() {
        all += 1;
        let Some(b) = second.moved(x, y, shift) else {
            continue;
        };
        seen += 1;
        let (w, a, b) = (
            f64::from(weight(gx, gy)),
            f64::from(first.at(x, y)),
            f64::from(b),
        );
        w_sum += w;
        a_sum += w * a;
        b_sum += w * b;
        aa += w * a * a;
        bb += w * b * b;
        ab += w * a * b;
    }
    if seen * 2 < all || w_sum <= 0.0 {
        return -1.0;
    }
    let (a_mean, b_mean) = (a_sum / w_sum, b_sum / w_sum);
    let covariance = ab / w_sum - a_mean * b_mean;
    let variances = (aa / w_sum - a_mean * a_mean) * (bb / w_sum - b_mean * b_mean);
    if variances > 1e-9 {
        covariance / variances.sqrt()
    } else {
        -1.0
    }
}

/// Gauss-Newton steps towards the shift with the least difference; `None` where the pictures do not fix one.
fn refine(first: &Plane, second: &Plane, start: Shift) -> Option<Shift> {
    let width = f64::from(first.width);
    let gradients: Vec<_> = first.gradients().collect();
    let mut shift = start;
    for _ in 0..10 {
        let differences: Vec<_> = gradients
            .iter()
            .filter_map(|&(x, y, gx, gy)| {
                let error = second.moved(x, y, shift)? - first.at(x, y);
                Some((x, y, gx, gy, error))
            })
            .collect();
        if differences.is_empty() || differences.len() * 2 < gradients.len() {
            return None;
        }
        let mut sizes: Vec<f32> = differences.iter().map(|(.., error)| error.abs()).collect();
        let middle = sizes.len() / 2;
        let (_, &mut typical, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
        // Twice the deviation that a normal distribution of that median has.
        let scale = (2.0 * 1.4826 * typical).max(0.02);
        let (mut matrix, mut vector) = ([[0.0_f64; 4]; 4], [0.0_f64; 4]);
        for (x, y, gx, gy, error) in differences {
            let weight = f64::from(1.0 / (1.0 + (error / scale).powi(2)).powi(2));
            let (px, py) = first.off_middle(x, y);
            let (gx, gy) = (f64::from(gx), f64::from(gy));
            let slope = [gx * width, gy * width, gx * px + gy * py, gy * px - gx * py];
            for (row, a) in slope.iter().enumerate() {
                vector[row] += weight * a * f64::from(error);
                for (column, b) in slope.iter().enumerate() {
                    matrix[row][column] += weight * a * b;
                }
            }
        }
        let [right, down, zoom, turn] = solve(matrix, vector)?;
        shift = Shift {
            right: shift.right - right,
            down: shift.down - down,
            zoom: shift.zoom - zoom,
            turn: shift.turn - turn,
        };
        let is_plausible =
            shift.zoom.abs() < 0.5 && shift.turn.abs() < 0.8 && shift.right.hypot(shift.down) < 0.5;
        if !is_plausible {
            return None;
        }
        if [right, down, zoom, turn]
            .iter()
            .all(|step| step.abs() * width < SETTLED)
        {
            break;
        }
    }
    Some(shift)
}

/// Solves a symmetric positive definite system; `None` where it is too near to having many solutions.
fn solve(mut matrix: [[f64; 4]; 4], mut vector: [f64; 4]) -> Option<[f64; 4]> {
    let largest = (0..4).map(|i| matrix[i][i]).fold(0.0, f64::max);
    for pivot in 0..4 {
        if matrix[pivot][pivot] <= largest * 1e-7 {
            return None;
        }
        for row in pivot + 1..4 {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let taken = matrix[pivot];
            for (value, taken) in matrix[row].iter_mut().zip(taken) {
                *value -= factor * taken;
            }
            vector[row] -= factor * vector[pivot];
        }
    }
    for row in (0..4).rev() {
        for column in row + 1..4 {
            vector[row] -= matrix[row][column] * vector[column];
        }
        vector[row] /= matrix[row][row];
    }
    Some(vector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    /// A smooth random field with detail of many sizes, the same at the same place.
    fn texture(seed: u32, x: f64, y: f64) -> f64 {
        let corner = |x: i64, y: i64, octave: u32| {
            let mut hash = (x as u32).wrapping_mul(0x9E37_79B1)
                ^ (y as u32).wrapping_mul(0x85EB_CA77)
                ^ seed.wrapping_add(octave).wrapping_mul(0xC2B2_AE3D);
            for _ in 0..2 {
                hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
            }
            f64::from(hash >> 8) / f64::from(1 << 24)
        };
        (0..5)
            .map(|octave| {
                let scale = 4.0 * f64::from(1 << octave);
                let (x, y) = (x * scale, y * scale);
                let (u, v) = (x - x.floor(), y - y.floor());
                let (left, top) = (x.floor() as i64, y.floor() as i64);
                let ease = |t: f64| t * t * (3.0 - 2.0 * t);
                let mix = |a: f64, b: f64, t: f64| a + (b - a) * ease(t);
                let upper = mix(corner(left, top, octave), corner(left + 1, top, octave), u);
                let lower = mix(
                    corner(left, top + 1, octave),
                    corner(left + 1, top + 1, octave),
                    u,
                );
                mix(upper, lower, v) / f64::from(1 + octave)
            })
            .sum::<f64>()
            / 2.3
    }

    /// What a camera over the texture sees whose picture has moved by `shift` since frame 0.
    fn view(seed: u32, shift: Shift, (width, height): (u32, u32)) -> RgbImage {
        let determinant = (1.0 + shift.zoom).powi(2) + shift.turn.powi(2);
        RgbImage::from_fn(width, height, |x, y| {
            let w = f64::from(width);
            let px = (f64::from(x) - f64::from(width - 1) / 2.0) / w - shift.right;
            let py = (f64::from(y) - f64::from(height - 1) / 2.0) / w - shift.down;
            let back_x = ((1.0 + shift.zoom) * px + shift.turn * py) / determinant;
            let back_y = ((1.0 + shift.zoom) * py - shift.turn * px) / determinant;
            Rgb([(texture(seed, back_x + 9.0, back_y + 9.0) * 255.0) as u8; 3])
        })
    }

    fn camera_of(frames: &[RgbImage]) -> Option<Camera> {
        let frames: Vec<_> = frames.iter().map(MotionFrame::new).collect();
        let shifts: Vec<_> = frame_pairs(frames.len())
            .iter()
            .map(|pair| {
                let shift = frames[pair.first].shift_to(&frames[pair.second]);
                (pair.second - pair.first, shift)
            })
            .collect();
        Camera::from_shifts(&shifts, frames.len(), 9.0 / 16.0, 24.0)
    }

    fn motion_of(frames: &[RgbImage]) -> Option<Vec<Motion>> {
        camera_of(frames).map(|camera| camera.motion)
    }

    fn moving(seed: u32, count: u32, at: impl Fn(f64) -> Shift) -> Vec<RgbImage> {
        (0..count)
            .map(|frame| view(seed, at(f64::from(frame)), (160, 90)))
            .collect()
    }

    fn noise(seed: u32) -> RgbImage {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        RgbImage::from_fn(160, 90, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            Rgb([(state >> 24) as u8; 3])
        })
    }

    #[test]
    fn pairs_lie_close_and_cover_the_range() {
        let pairs = |count| {
            let pairs = frame_pairs(count);
            pairs
                .iter()
                .map(|p| (p.first, p.second))
                .collect::<Vec<_>>()
        };
        assert_eq!(pairs(0), []);
        assert_eq!(pairs(1), []);
        assert_eq!(pairs(2), [(0, 1)]);
        assert_eq!(pairs(4), [(0, 1), (1, 2), (2, 3)]);
        for count in [17, 33, 120, 5000, usize::MAX] {
            let pairs = pairs(count);
            assert_eq!(pairs.len(), MAX_PAIRS, "{count}");
            assert_eq!(pairs[0].0, 0);
            assert_eq!(pairs[MAX_PAIRS - 1].1, count - 1);
            assert!(pairs.iter().all(|(a, b)| b - a <= MAX_GAP && a < b));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn a_move_is_called_by_its_name(
            seed in any::<u32>(),
            which in 0_usize..8,
            a_frame in 0.005_f64..0.05,
        ) {
            let (motion, shift) = [
                (Motion::PanLeft, Shift { right: a_frame, ..Shift::default() }),
                (Motion::PanRight, Shift { right: -a_frame, ..Shift::default() }),
                (Motion::TiltUp, Shift { down: a_frame, ..Shift::default() }),
                (Motion::TiltDown, Shift { down: -a_frame, ..Shift::default() }),
                (Motion::PushIn, Shift { zoom: a_frame, ..Shift::default() }),
                (Motion::PullOut, Shift { zoom: -a_frame, ..Shift::default() }),
                (Motion::Roll, Shift { turn: a_frame, ..Shift::default() }),
                (Motion::Roll, Shift { turn: -a_frame, ..Shift::default() }),
            ][which];
            let frames = moving(seed, 5, |frame| Shift {
                right: shift.right * frame,
                down: shift.down * frame,
                zoom: shift.zoom * frame,
                turn: shift.turn * frame,
            });
            prop_assert_eq!(motion_of(&frames), Some(vec![motion]));
        }

        #[test]
        fn a_camera_that_stands_is_static(seed in any::<u32>(), grain in 0_u8..8) {
            let still = view(seed, Shift::default(), (160, 90));
            let frames: Vec<_> = (0..6)
                .map(|frame| {
                    let grains = noise(seed ^ frame);
                    let mut picture = still.clone();
                    for (pixel, noise) in picture.pixels_mut().zip(grains.pixels()) {
                        let grain = i16::from(grain);
                        let wobble = i16::from(noise.0[0]) * (2 * grain + 1) / 256 - grain;
                        pixel.0 = pixel.0.map(|v| (i16::from(v) + wobble).clamp(0, 255) as u8);
                    }
                    picture
                })
                .collect();
            prop_assert_eq!(motion_of(&frames), Some(vec![Motion::Static]));
        }

        #[test]
        fn noise_has_no_motion(seed in any::<u32>()) {
            let frames: Vec<_> = (0..6).map(|frame| noise(seed ^ (frame << 8))).collect();
            prop_assert_eq!(motion_of(&frames), None);
        }

        #[test]
        fn any_sizes_are_compared_without_nonsense(
            seed in any::<u32>(), width in 1_u32..300, height in 1_u32..300,
        ) {
            let first = MotionFrame::new(&view(seed, Shift::default(), (width, height)));
            if let Some(shift) = first.shift_to(&first) {
                prop_assert!(shift.right.hypot(shift.down) < 1e-3, "{:?}", shift);
                prop_assert!(shift.zoom.hypot(shift.turn) < 1e-3, "{:?}", shift);
            }
            let other = MotionFrame::new(&view(seed, Shift::default(), (height, width)));
            prop_assert!(width == height || first.shift_to(&other).is_none());
        }
    }

    #[test]
    fn what_shows_no_move_has_none() {
        let flat = RgbImage::from_pixel(160, 90, Rgb([80; 3]));
        let stripes =
            |phase: u32| RgbImage::from_fn(160, 90, |_, y| Rgb([((y + phase) * 9 % 200) as u8; 3]));
        let picture = view(3, Shift::default(), (160, 90));
        for frames in [
            vec![],
            vec![picture.clone()],
            vec![flat.clone(); 5],
            vec![stripes(0), stripes(2), stripes(4)],
            vec![RgbImage::new(0, 0); 3],
            vec![picture, flat, noise(7)],
        ] {
            assert_eq!(motion_of(&frames), None);
        }
    }

    #[test]
    fn a_cut_does_not_decide() {
        let mut frames = moving(5, 6, |frame| Shift {
            right: 0.02 * frame,
            ..Shift::default()
        });
        frames.extend(moving(77, 6, |frame| Shift {
            right: 0.02 * frame,
            ..Shift::default()
        }));
        assert_eq!(motion_of(&frames), Some(vec![Motion::PanLeft]));
    }

    #[test]
    fn a_hand_held_camera_goes_nowhere() {
        let frames = moving(11, 12, |frame| Shift {
            right: 0.02 * (frame * 2.1).sin(),
            down: 0.02 * (frame * 1.7).cos(),
            ..Shift::default()
        });
        assert_eq!(motion_of(&frames), Some(vec![Motion::Shifting]));
    }

    #[test]
    fn two_moves_at_once_are_both_named() {
        let frames = moving(23, 8, |frame| Shift {
            right: 0.01 * frame,
            zoom: 0.025 * frame,
            ..Shift::default()
        });
        assert_eq!(
            motion_of(&frames),
            Some(vec![Motion::PanLeft, Motion::PushIn])
        );
    }

    #[test]
    fn something_that_walks_by_is_not_the_camera() {
        let still = view(31, Shift::default(), (160, 90));
        let walker = view(32, Shift::default(), (160, 90));
        let frames: Vec<_> = (0..8)
            .map(|frame| {
                RgbImage::from_fn(160, 90, |x, y| {
                    let at = x.wrapping_sub(20 + 9 * frame);
                    let is_walker = at < 40 && y > 30;
                    *if is_walker {
                        walker.get_pixel(at, y)
                    } else {
                        still.get_pixel(x, y)
                    }
                })
            })
            .collect();
        assert_eq!(motion_of(&frames), Some(vec![Motion::Static]));
    }

    #[test]
    fn pace_is_told_by_widths_a_second() {
        for (a_frame, pace) in [
            (0.002, Pace::Slow),
            (0.01, Pace::Medium),
            (0.04, Pace::Fast),
        ] {
            let frames = moving(41, 8, |frame| Shift {
                right: a_frame * frame,
                ..Shift::default()
            });
            let camera = camera_of(&frames).unwrap();
            assert_eq!(camera.pace, pace);
            let expected = a_frame * 24.0;
            assert!(
                (camera.widths_per_second / expected - 1.0).abs() < 0.2,
                "{camera:?}"
            );
        }
    }
}
