//! OpenCV's bilateral filter on interleaved RGB of 8 bits.
//!
//! Each new pixel is the mean of those in a disc around it, weighted by distance and by the sum of the channels'
//! absolute differences. Nearly all of the time of a blur goes into this: a disc of 31 pixels has 709, over the
//! frame 650 million. So a block of neighbors is summed up at a time, with four offsets in each pass, in loops of fixed
//! length that the compiler turns into vector instructions.

use crate::resize::Picture;

/// Neighboring pixels that are summed up at a time.
const BLOCK: usize = 64;

/// Planes that are kept from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// Each channel with a mirrored border.
    bytes: [Vec<u8>; 3],
    floats: [Vec<f32>; 3],
}

/// A filter of one size and strength.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bilateral {
    radius: usize,
    sigma_color: f64,
    sigma_space: f64,
}

/// A pixel of the disc: its distance in memory from the disc's upper left corner, and its weight by distance.
#[derive(Debug, Clone, Copy)]
struct Offset {
    place: usize,
    weight: f32,
}

impl Bilateral {
    /// A filter over a disc of `diameter` pixels, with standard deviations in summed levels and in pixels.
    pub(crate) fn new(diameter: usize, sigma_color: f64, sigma_space: f64) -> Self {
        Self {
            radius: (diameter / 2).max(1),
            sigma_color,
            sigma_space,
        }
    }

    pub(crate) fn apply(&self, source: &Picture, buffers: &mut Buffers) -> Picture {
        let (width, height, radius) = (source.width, source.height, self.radius);
        // The last block of a row may reach beyond it.
        let stride = width.next_multiple_of(BLOCK) + 2 * radius;
        pad(source, radius, stride, buffers);
        let offsets = self.offsets(stride);
        let by_color = self.by_color();

        let mut weights = [[0.0; BLOCK]; 4];
        let mut target = Picture {
            width,
            height,
            rgb: vec![0; 3 * width * height],
        };
        for (y, line) in target.rgb.chunks_exact_mut(3 * width).enumerate() {
            for (block, pixels) in line.chunks_mut(3 * BLOCK).enumerate() {
                let corner = y * stride + block * BLOCK;
                let mut sums = Sums::default();
                let own = block_of(&buffers.bytes, corner + radius * stride + radius);
                for offsets in &offsets {
                    for (weights, offset) in weights.iter_mut().zip(offsets) {
                        let place = corner + offset.place;
                        let other = block_of(&buffers.bytes, place);
                        weigh(own, other, offset.weight, &by_color, weights);
                    }
                    for (channel, sum) in sums.channels.iter_mut().enumerate() {
                        let values = [0, 1, 2, 3].map(|index| {
                            run(&buffers.floats[channel], corner + offsets[index].place)
                        });
                        add_weighted(sum, &weights, values);
                    }
                    add(&mut sums.weight, &weights);
                }
                sums.means(pixels);
            }
        }
        target
    }

    /// The disc's pixels in fours, the last ones with no weight. A pixel whose distance is the radius belongs to it.
    fn offsets(&self, stride: usize) -> Vec<[Offset; 4]> {
        let radius = self.radius as isize;
        let fall = -0.5 / (self.sigma_space * self.sigma_space);
        let square = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dy, dx)));
        let mut disc: Vec<Offset> = square
            .filter(|(dy, dx)| dx * dx + dy * dy <= radius * radius)
            .map(|(dy, dx)| Offset {
                place: (dy + radius) as usize * stride + (dx + radius) as usize,
                weight: ((dx * dx + dy * dy) as f64 * fall).exp() as f32,
            })
            .collect();
        disc.resize(
            disc.len().next_multiple_of(4),
            Offset {
                place: 0,
                weight: 0.0,
            },
        );
        disc.as_chunks().0.to_vec()
    }

    /// The weight of a summed difference of three channels, 0 to 765; as long as a power of two, so that the compiler
    /// sees that no index is beyond it.
    fn by_color(&self) -> [f32; 1024] {
        let fall = -0.5 / (self.sigma_color * self.sigma_color);
        std::array::from_fn(|difference| ((difference * difference) as f64 * fall).exp() as f32)
    }
}

/// A block's worth of a plane.
#[inline(always)]
fn run<T>(plane: &[T], start: usize) -> &[T; BLOCK] {
    match plane[start..].first_chunk() {
        Some(run) => run,
        // Planes are padded by a block.
        None => unreachable!("a block at {start} in a plane of {}", plane.len()),
    }
}

/// A block of three planes.
#[inline(always)]
fn block_of<T>([red, green, blue]: &[Vec<T>; 3], start: usize) -> [&[T; BLOCK]; 3] {
    [run(red, start), run(green, start), run(blue, start)]
}

/// The weights of a block's neighbors at one offset.
#[inline(always)]
fn weigh(
    own: [&[u8; BLOCK]; 3],
    other: [&[u8; BLOCK]; 3],
    by_distance: f32,
    by_color: &[f32; 1024],
    weights: &mut [f32; BLOCK],
) {
    let mut differences = [0u16; BLOCK];
    for pixel in 0..BLOCK {
        differences[pixel] = u16::from(own[0][pixel].abs_diff(other[0][pixel]))
            + u16::from(own[1][pixel].abs_diff(other[1][pixel]))
            + u16::from(own[2][pixel].abs_diff(other[2][pixel]));
    }
    for (weight, difference) in weights.iter_mut().zip(&differences) {
        *weight = by_distance * by_color[usize::from(*difference) & (by_color.len() - 1)];
    }
}

#[inline(always)]
fn add_weighted(sums: &mut [f32; BLOCK], weights: &[[f32; BLOCK]; 4], values: [&[f32; BLOCK]; 4]) {
    for pixel in 0..BLOCK {
        sums[pixel] += (weights[0][pixel] * values[0][pixel]
            + weights[1][pixel] * values[1][pixel])
            + (weights[2][pixel] * values[2][pixel] + weights[3][pixel] * values[3][pixel]);
    }
}

#[inline(always)]
fn add(sums: &mut [f32; BLOCK], weights: &[[f32; BLOCK]; 4]) {
    for pixel in 0..BLOCK {
        sums[pixel] +=
            (weights[0][pixel] + weights[1][pixel]) + (weights[2][pixel] + weights[3][pixel]);
    }
}

/// Weighted sums of three channels, and of the weights.
struct Sums {
    weight: [f32; BLOCK],
    channels: [[f32; BLOCK]; 3],
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            weight: [0.0; BLOCK],
            channels: [[0.0; BLOCK]; 3],
        }
    }
}

impl Sums {
    fn means(&self, pixels: &mut [u8]) {
        for (index, pixel) in pixels.chunks_exact_mut(3).enumerate() {
            let share = 1.0 / self.weight[index];
            for (value, sums) in pixel.iter_mut().zip(&self.channels) {
                *value = (sums[index] * share).round_ties_even() as u8;
            }
        }
    }
}

/// Splits a picture into planes with a border that mirrors it without repeating the outermost pixel.
fn pad(source: &Picture, radius: usize, stride: usize, buffers: &mut Buffers) {
    let (width, height) = (source.width, source.height);
    let columns: Vec<usize> = (0..width + 2 * radius)
        .map(|x| mirrored(x as isize - radius as isize, width))
        .collect();
    for channel in 0..3 {
        let plane = &mut buffers.bytes[channel];
        plane.clear();
        plane.resize(stride * (height + 2 * radius) + BLOCK, 0);
        for (y, line) in plane
            .chunks_exact_mut(stride)
            .take(height + 2 * radius)
            .enumerate()
        {
            let row = mirrored(y as isize - radius as isize, height);
            let pixels = &source.rgb[3 * width * row..3 * width * (row + 1)];
            for (value, column) in line.iter_mut().zip(&columns) {
                *value = pixels[3 * column + channel];
            }
        }
        let floats = &mut buffers.floats[channel];
        floats.clear();
        floats.extend(plane.iter().map(|&value| f32::from(value)));
    }
}

/// The pixel that a place outside of `0..size` mirrors.
fn mirrored(place: isize, size: usize) -> usize {
    if size == 1 {
        return 0;
    }
    let period = 2 * (size - 1);
    let place = place.rem_euclid(period as isize) as usize;
    place.min(period - place)
}
