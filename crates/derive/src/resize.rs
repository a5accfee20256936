//! OpenCV's INTER_AREA and INTER_LINEAR on interleaved RGB of 8 bits.

/// Rows that are kept from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// Single-precision rows.
    pub(crate) sums: Vec<f32>,
    pub(crate) row: Vec<f32>,
    /// Integer rows that are already resized across.
    pub(crate) across: Vec<Vec<i32>>,
}

/// An interleaved RGB picture of 8 bits.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    fn black(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            rgb: vec![0; 3 * width * height],
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.rgb[3 * self.width * y..3 * self.width * (y + 1)]
    }
}

/// To the nearest whole number, halves to the even one, within 0 to 255.
fn rounded(value: f32) -> u8 {
    value.round_ties_even().clamp(0.0, 255.0) as u8
}

/// Makes a picture smaller: each new pixel is the mean of what it covers.
pub(crate) fn area(
    source: &Picture,
    width: usize,
    height: usize,
    buffers: &mut Buffers,
) -> Picture {
    if source.width.is_multiple_of(width) && source.height.is_multiple_of(height) {
        return blocks(source, width, height);
    }
    let across = covered(source.width, width);
    let down = covered(source.height, height);
    let mut target = Picture::black(width, height);
    let Buffers { sums, row, .. } = buffers;
    for (shares, line) in down.iter().zip(target.rgb.chunks_exact_mut(3 * width)) {
        sums.clear();
        sums.resize(3 * width, 0.0);
        for &(y, share) in shares {
            row.clear();
            row.resize(3 * width, 0.0);
            let pixels = source.row(y);
            for (value, shares) in row.chunks_exact_mut(3).zip(&across) {
                for &(x, share) in shares {
                    for (value, &channel) in value.iter_mut().zip(&pixels[3 * x..3 * x + 3]) {
                        *value += f32::from(channel) * share;
                    }
                }
            }
            for (sum, value) in sums.iter_mut().zip(&*row) {
                *sum += share * value;
            }
        }
        for (pixel, &sum) in line.iter_mut().zip(&*sums) {
            *pixel = rounded(sum);
        }
    }
    target
}

/// The mean of whole blocks of pixels. Blocks of 2x2 round halves up, others to even, as in OpenCV.
fn blocks(source: &Picture, width: usize, height: usize) -> Picture {
    let (across, down) = (source.width / width, source.height / height);
    let mut target = Picture::black(width, height);
    let share = 1.0 / (across * down) as f32;
    for (y, line) in target.rgb.chunks_exact_mut(3 * width).enumerate() {
        for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
            for (channel, value) in pixel.iter_mut().enumerate() {
                let block = (0..down).flat_map(|row| {
                    let start = 3 * x * across + channel;
                    source.row(y * down + row)[start..]
                        .iter()
                        .step_by(3)
                        .take(across)
                });
                let sum: u32 = block.map(|&value| u32::from(value)).sum();
                *value = if (across, down) == (2, 2) {
                    ((sum + 2) >> 2) as u8
                } else {
                    rounded(sum as f32 * share)
                };
            }
        }
    }
    target
}

/// For each new pixel, the old ones it covers and their shares.
fn covered(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = from as f64 / to as f64;
    // What is thinner than this is left out, as OpenCV does.
    const THIN: f64 = 1e-3;
    (0..to)
        .map(|new| {
            let start = new as f64 * scale;
            let end = start + scale;
            let extent = scale.min(from as f64 - start);
            let last = (end.floor() as usize).min(from - 1);
            let first = (start.ceil() as usize).min(last);
            let mut shares = Vec::new();
            if first as f64 - start > THIN {
                shares.push((first - 1, ((first as f64 - start) / extent) as f32));
            }
            shares.extend((first..last).map(|old| (old, (1.0 / extent) as f32)));
            if end - last as f64 > THIN {
                shares.push((
                    last,
                    ((end - last as f64).min(1.0).min(extent) / extent) as f32,
                ));
            }
            shares
        })
        .collect()
}

/// Weights have 11 fractional bits.
const ONE: f32 = 2048.0;

/// Where a new pixel's center lies among the old ones: the one before it, and the way to the next from 0 to 1.
pub(crate) fn center(new: usize, scale: f64) -> (isize, f32) {
    let place = ((new as f64 + 0.5) * scale - 0.5) as f32;
    let before = place.floor();
    (before as isize, place - before)
}

/// Resizes between the two nearest pixels each way, in whole numbers.
pub(crate) fn linear(
    source: &Picture,
    width: usize,
    height: usize,
    buffers: &mut Buffers,
) -> Picture {
    if (source.width, source.height) == (width, height) {
        return source.clone();
    }
    let weights = |part: f32| {
        [
            ((1.0 - part) * ONE).round_ties_even() as i32,
            (part * ONE).round_ties_even() as i32,
        ]
    };
    let inside = |place: isize, size: usize| place.clamp(0, size as isize - 1) as usize;

    let across: Vec<([usize; 2], [i32; 2])> = (0..width)
        .map(|x| {
            let (before, part) = center(x, source.width as f64 / width as f64);
            let part = if before < 0 || before >= source.width as isize - 1 {
                0.0
            } else {
                part
            };
            (
                [
                    3 * inside(before, source.width),
                    3 * inside(before + 1, source.width),
                ],
                weights(part),
            )
        })
        .collect();

    let mut target = Picture::black(width, height);
    // Two old rows resized across, and which rows they are.
    let mut rows = [usize::MAX; 2];
    let cached = &mut buffers.across;
    cached.resize(4, Vec::new());
    for (y, line) in target.rgb.chunks_exact_mut(3 * width).enumerate() {
        let (before, part) = center(y, source.height as f64 / height as f64);
        let [upper, lower] = weights(part);
        let needed = [
            inside(before, source.height),
            inside(before + 1, source.height),
        ];
        if rows[1] == needed[0] {
            cached.swap(0, 1);
            rows.swap(0, 1);
        }
        for slot in 0..2 {
            if rows[slot] != needed[slot] {
                stretch(source.row(needed[slot]), &across, &mut cached[slot]);
                rows[slot] = needed[slot];
            }
        }
        for ((pixel, a), b) in line.iter_mut().zip(&cached[0]).zip(&cached[1]) {
            let sum = ((upper * (a >> 4)) >> 16) + ((lower * (b >> 4)) >> 16);
            *pixel = ((sum + 2) >> 2) as u8;
        }
    }
    target
}

/// One row resized across: values with 11 fractional bits.
fn stretch(pixels: &[u8], across: &[([usize; 2], [i32; 2])], row: &mut Vec<i32>) {
    row.resize(3 * across.len(), 0);
    for (value, ([left, right], weights)) in row.chunks_exact_mut(3).zip(across) {
        for (channel, value) in value.iter_mut().enumerate() {
            *value = i32::from(pixels[left + channel]) * weights[0]
                + i32::from(pixels[right + channel]) * weights[1];
        }
    }
}
