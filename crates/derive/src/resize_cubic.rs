//! Bicubic resizes: OpenCV's, in whole numbers and without antialiasing, and PyTorch's, in floats and with it.

use crate::resize::{Buffers, ONE, Picture, center};

/// OpenCV's INTER_CUBIC: four old pixels each way, at whatever scale.
pub(crate) fn opencv(
    source: &Picture,
    width: usize,
    height: usize,
    buffers: &mut Buffers,
) -> Picture {
    if (source.width, source.height) == (width, height) {
        return source.clone();
    }
    let across = taps(source.width, width);
    let down = taps(source.height, height);
    let mut target = Picture {
        width,
        height,
        rgb: vec![0; 3 * width * height],
    };
    let cached = &mut buffers.across;
    cached.resize(4, Vec::new());
    let mut rows = [usize::MAX; 4];
    for (line, (places, weights)) in target.rgb.chunks_exact_mut(3 * width).zip(&down) {
        // Four neighboring rows fall in four slots, so that each is resized across once.
        for &y in places {
            if rows[y % 4] != y {
                stretch(
                    &source.rgb[3 * source.width * y..],
                    &across,
                    &mut cached[y % 4],
                );
                rows[y % 4] = y;
            }
        }
        let [a, b, c, d] = places.map(|y| &cached[y % 4]);
        // OpenCV leaves whole numbers here, and rounds halves to even.
        let [wa, wb, wc, wd] = weights.map(|weight| weight as f32 / (ONE * ONE));
        for ((((pixel, &a), &b), &c), &d) in line.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let sum = a as f32 * wa + (b as f32 * wb + (c as f32 * wc + d as f32 * wd));
            *pixel = whole(sum);
        }
    }
    target
}

/// To the nearest whole number, halves to the even one, within 0 to 255.
fn whole(value: f32) -> u8 {
    // Adding a number without fractions rounds; a cast of what is left cannot overflow.
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    (value + 8_388_608.0).to_bits() as u8
}

/// For each new pixel, four old ones and their weights with 11 fractional bits. Borders repeat.
fn taps(from: usize, to: usize) -> Vec<([usize; 4], [i32; 4])> {
    (0..to)
        .map(|new| {
            let (before, part) = center(new, from as f64 / to as f64);
            let places =
                [-1, 0, 1, 2].map(|offset| (before + offset).clamp(0, from as isize - 1) as usize);
            (
                places,
                opencv_weights(part).map(|weight| (weight * ONE).round_ties_even() as i32),
            )
        })
        .collect()
}

/// Keys' cubic with a = -0.75 at 1 + x, x, 1 - x and 2 - x.
fn opencv_weights(x: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let outer = |x: f32| ((A * (x + 1.0) - 5.0 * A) * (x + 1.0) + 8.0 * A) * (x + 1.0) - 4.0 * A;
    let inner = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let [a, b, c] = [outer(x), inner(x), inner(1.0 - x)];
    [a, b, c, 1.0 - a - b - c]
}

fn stretch(pixels: &[u8], across: &[([usize; 4], [i32; 4])], row: &mut Vec<i32>) {
    row.resize(3 * across.len(), 0);
    for (value, (places, weights)) in row.chunks_exact_mut(3).zip(across) {
        for (channel, value) in value.iter_mut().enumerate() {
            *value = places
                .iter()
                .zip(weights)
                .map(|(x, weight)| i32::from(pixels[3 * x + channel]) * weight)
                .sum();
        }
    }
}

/// PyTorch's bicubic with antialiasing: a kernel as wide as the reduction, cut and scaled to sum 1 at the borders.
pub(crate) fn torch(
    source: &Picture,
    width: usize,
    height: usize,
    buffers: &mut Buffers,
) -> Picture {
    // torchvision resizes in floats and rounds at the end; where sizes are equal it returns the picture.
    if (source.width, source.height) == (width, height) {
        return source.clone();
    }
    let across = kernels(source.width, width);
    let down = kernels(source.height, height);

    // All rows resized across, one after the other.
    let rows = &mut buffers.sums;
    rows.clear();
    for pixels in source.rgb.chunks_exact(3 * source.width) {
        for (first, weights) in &across {
            let mut sum = [0.0; 3];
            for (pixel, weight) in pixels[3 * first..].chunks_exact(3).zip(weights) {
                for (sum, &value) in sum.iter_mut().zip(pixel) {
                    *sum += f32::from(value) * weight;
                }
            }
            rows.extend(sum);
        }
    }

    let mut target = Picture {
        width,
        height,
        rgb: vec![0; 3 * width * height],
    };
    let line_sums = &mut buffers.row;
    for (line, (first, weights)) in target.rgb.chunks_exact_mut(3 * width).zip(&down) {
        line_sums.clear();
        line_sums.resize(3 * width, 0.0);
        for (row, weight) in rows[3 * width * first..]
            .chunks_exact(3 * width)
            .zip(weights)
        {
            for (sum, value) in line_sums.iter_mut().zip(row) {
                *sum += value * weight;
            }
        }
        for (pixel, &sum) in line.iter_mut().zip(&*line_sums) {
            *pixel = whole(sum);
        }
    }
    target
}

/// For each new pixel, the first old one it draws on and the weights from there on.
fn kernels(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let scale = from as f32 / to as f32;
    let widened = scale.max(1.0);
    let reach = 2.0 * widened;
    (0..to)
        .map(|new| {
            let center = scale * (new as f32 + 0.5);
            let first = ((center - reach + 0.5) as isize).max(0) as usize;
            let end = ((center + reach + 0.5) as usize).min(from).max(first + 1);
            let raw: Vec<f32> = (first..end)
                .map(|old| cubic((old as f32 - center + 0.5) / widened))
                .collect();
            let sum: f32 = raw.iter().sum();
            let sum = if sum == 0.0 { 1.0 } else { sum };
            (first, raw.into_iter().map(|weight| weight / sum).collect())
        })
        .collect()
}

/// Keys' cubic with a = -0.5.
fn cubic(x: f32) -> f32 {
    const A: f32 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((x - 5.0) * x + 8.0) * x * A - 4.0 * A
    } else {
        0.0
    }
}
