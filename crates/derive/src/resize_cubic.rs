//! Bicubic resizes: OpenCV's without antialiasing, and PyTorch's with it. Both in floats, rounded at the end.

use crate::resize::{Buffers, Picture, center};

/// For each new pixel, the first old one it draws on and the weights from there on.
type Kernels = Vec<(usize, Vec<f32>)>;

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
    // OpenCV's own code rounds the weights to 11 bits. The builds that Python installs on x86, on which the programs run,
    // hand this case to Intel's IPP, which does not, except for pictures that are smaller than its kernel.
    let rounded = source.width.min(source.height) < 4;
    let kernels = |from, to| repeated(from, to, rounded);
    resize(
        source,
        &kernels(source.width, width),
        &kernels(source.height, height),
        buffers,
    )
}

/// PyTorch's bicubic with antialiasing: a kernel as wide as the reduction.
pub(crate) fn torch(
    source: &Picture,
    width: usize,
    height: usize,
    buffers: &mut Buffers,
) -> Picture {
    if (source.width, source.height) == (width, height) {
        return source.clone();
    }
    resize(
        source,
        &widened(source.width, width),
        &widened(source.height, height),
        buffers,
    )
}

fn resize(source: &Picture, across: &Kernels, down: &Kernels, buffers: &mut Buffers) -> Picture {
    let (width, height) = (across.len(), down.len());
    // All rows resized across, one after the other.
    let rows = &mut buffers.sums;
    rows.clear();
    for pixels in source.rgb.chunks_exact(3 * source.width) {
        for (first, weights) in across {
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
    let sums = &mut buffers.row;
    for (line, (first, weights)) in target.rgb.chunks_exact_mut(3 * width).zip(down) {
        sums.clear();
        sums.resize(3 * width, 0.0);
        for (row, weight) in rows[3 * width * first..]
            .chunks_exact(3 * width)
            .zip(weights)
        {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value * weight;
            }
        }
        for (pixel, &sum) in line.iter_mut().zip(&*sums) {
            *pixel = whole(sum);
        }
    }
    target
}

/// To the nearest whole number, halves to the even one, within 0 to 255.
fn whole(value: f32) -> u8 {
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    // Beyond 2^23 a float has no fraction: the sum is rounded, and its lowest byte is the number.
    (value + 8_388_608.0).to_bits() as u8
}

/// OpenCV's kernels: Keys' cubic with a = -0.75 over four pixels; borders repeat.
fn repeated(from: usize, to: usize, rounded: bool) -> Kernels {
    const A: f32 = -0.75;
    let outer = |x: f32| ((A * (x + 1.0) - 5.0 * A) * (x + 1.0) + 8.0 * A) * (x + 1.0) - 4.0 * A;
    let inner = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    (0..to)
        .map(|new| {
            let (before, x) = center(new, from as f64 / to as f64);
            let [a, b, c] = [outer(x), inner(x), inner(1.0 - x)];
            let inside = |offset: isize| (before + offset).clamp(0, from as isize - 1) as usize;
            let first = inside(-1);
            let mut weights = vec![0.0; inside(2) - first + 1];
            for (offset, weight) in [(-1, a), (0, b), (1, c), (2, 1.0 - a - b - c)] {
                let weight = if rounded {
                    (weight * 2048.0).round_ties_even() / 2048.0
                } else {
                    weight
                };
                weights[inside(offset) - first] += weight;
            }
            (first, weights)
        })
        .collect()
}

/// PyTorch's kernels: Keys' cubic with a = -0.5, widened by the reduction, cut at the borders and scaled to sum 1.
fn widened(from: usize, to: usize) -> Kernels {
    let scale = from as f32 / to as f32;
    let widening = scale.max(1.0);
    let reach = 2.0 * widening;
    (0..to)
        .map(|new| {
            let center = scale * (new as f32 + 0.5);
            let first = ((center - reach + 0.5) as isize).max(0) as usize;
            let end = ((center + reach + 0.5) as usize).min(from).max(first + 1);
            let raw: Vec<f32> = (first..end)
                .map(|old| cubic((old as f32 - center + 0.5) / widening))
                .collect();
            let sum: f32 = raw.iter().sum();
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
