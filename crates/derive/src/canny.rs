//! OpenCV's Canny on color frames.
//!
//! A 3x3 Sobel filter runs over each channel, borders repeated; at every pixel the channel with the largest
//! |dx| + |dy| stands for all. Pixels above the lower threshold that are largest across their line are candidates, those
//! above the upper one start lines, and lines grow over candidates that touch.

/// Rows that are kept from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The three channels of the rows above, at and below, each with one pixel repeated at both ends.
    rows: [Vec<u8>; 3],
    /// Vertical sums and differences of one channel.
    sums: Vec<i16>,
    steps: Vec<i16>,
    /// Gradients of three rows, with a zero at both ends.
    gradients: [Gradients; 3],
    /// What each pixel is, with a border all around.
    map: Vec<u8>,
    /// Starts of lines whose neighbors have not been looked at.
    open: Vec<usize>,
}

#[derive(Debug, Default)]
struct Gradients {
    x: Vec<i16>,
    y: Vec<i16>,
    size: Vec<i16>,
}

const NOTHING: u8 = 0;
const CANDIDATE: u8 = 1;
const EDGE: u8 = 2;

/// tan 22.5 degrees in 15 bits, as OpenCV rounds it.
const TAN_22: i32 = 13573;

pub(crate) fn canny(
    rgb: &[u8],
    width: usize,
    height: usize,
    low: i32,
    high: i32,
    buffers: &mut Buffers,
) -> Vec<u8> {
    let stride = width + 2;
    buffers.map.clear();
    buffers.map.resize(stride * (height + 2), NOTHING);
    buffers.open.clear();
    for gradients in &mut buffers.gradients {
        for plane in [&mut gradients.x, &mut gradients.y, &mut gradients.size] {
            plane.clear();
            plane.resize(stride, 0);
        }
    }

    let row = |y: usize| &rgb[3 * width * y..3 * width * (y + 1)];
    split(row(0), &mut buffers.rows[0]);
    split(row(0), &mut buffers.rows[1]);
    for y in 0..height {
        split(row((y + 1).min(height - 1)), &mut buffers.rows[(y + 2) % 3]);
        let [above, at, below] = [0, 1, 2].map(|offset| &buffers.rows[(y + offset) % 3]);
        differentiate(
            [above, at, below],
            &mut buffers.sums,
            &mut buffers.steps,
            &mut buffers.gradients[y % 3],
        );
        if y > 0 {
            thin(y - 1, stride, low, high, buffers);
        }
    }
    buffers.gradients[height % 3].size.fill(0);
    thin(height - 1, stride, low, high, buffers);
    grow(stride, buffers);

    let lines = buffers.map.chunks_exact(stride).skip(1).take(height);
    lines
        .flat_map(|line| {
            line[1..=width]
                .iter()
                .map(|&pixel| if pixel == EDGE { 255 } else { 0 })
        })
        .collect()
}

/// One row as three planes, each with its first and last value repeated.
fn split(rgb: &[u8], planes: &mut Vec<u8>) {
    let width = rgb.len() / 3;
    let stride = width + 2;
    planes.resize(3 * stride, 0);
    for (channel, plane) in planes.chunks_exact_mut(stride).enumerate() {
        for (value, pixel) in plane[1..].iter_mut().zip(rgb.chunks_exact(3)) {
            *value = pixel[channel];
        }
        plane[0] = plane[1];
        plane[width + 1] = plane[width];
    }
}

/// The gradients of one row: at each pixel those of the channel that changes most, the first one if they are alike.
fn differentiate(
    rows: [&Vec<u8>; 3],
    sums: &mut Vec<i16>,
    steps: &mut Vec<i16>,
    gradients: &mut Gradients,
) {
    let stride = gradients.x.len();
    let width = stride - 2;
    sums.resize(stride, 0);
    steps.resize(stride, 0);
    for channel in 0..3 {
        let [above, at, below] = rows.map(|row| &row[channel * stride..(channel + 1) * stride]);
        for ((((sum, step), &above), &at), &below) in sums
            .iter_mut()
            .zip(&mut *steps)
            .zip(above)
            .zip(at)
            .zip(below)
        {
            *sum = i16::from(above) + 2 * i16::from(at) + i16::from(below);
            *step = i16::from(below) - i16::from(above);
        }
        let best = gradients.x[1..=width]
            .iter_mut()
            .zip(&mut gradients.y[1..=width])
            .zip(&mut gradients.size[1..=width]);
        let across = sums[..width].iter().zip(&sums[2..]);
        let down = steps[..width].iter().zip(&steps[1..]).zip(&steps[2..]);
        for (((best_x, best_y), best_size), ((left, right), ((a, b), c))) in
            best.zip(across.zip(down))
        {
            let (x, y) = (right - left, a + 2 * b + c);
            let size = x.abs() + y.abs();
            let better = channel == 0 || size > *best_size;
            *best_x = if better { x } else { *best_x };
            *best_y = if better { y } else { *best_y };
            *best_size = if better { size } else { *best_size };
        }
    }
}

/// Marks the candidates and the starts of lines in one row.
fn thin(y: usize, stride: usize, low: i32, high: i32, buffers: &mut Buffers) {
    let at = &buffers.gradients[y % 3];
    let below = &buffers.gradients[(y + 1) % 3].size;
    let above = &buffers.gradients[(y + 2) % 3].size;
    let map = &mut buffers.map[(y + 1) * stride..(y + 2) * stride];
    for x in 1..stride - 1 {
        let size = i32::from(at.size[x]);
        if size <= low {
            continue;
        }
        let (dx, dy) = (i32::from(at.x[x]), i32::from(at.y[x]));
        let across = dx.abs() * TAN_22;
        let down = dy.abs() << 15;
        let largest = if down < across {
            size > i32::from(at.size[x - 1]) && size >= i32::from(at.size[x + 1])
        } else if down > across + (dx.abs() << 16) {
            size > i32::from(above[x]) && size >= i32::from(below[x])
        } else if (dx ^ dy) < 0 {
            size > i32::from(above[x + 1]) && size > i32::from(below[x - 1])
        } else {
            size > i32::from(above[x - 1]) && size > i32::from(below[x + 1])
        };
        if !largest {
            continue;
        }
        if size > high {
            map[x] = EDGE;
            buffers.open.push((y + 1) * stride + x);
        } else {
            map[x] = CANDIDATE;
        }
    }
}

/// Lets lines grow over the candidates that touch them.
fn grow(stride: usize, buffers: &mut Buffers) {
    while let Some(place) = buffers.open.pop() {
        for row in [place - stride, place, place + stride] {
            for neighbor in row - 1..=row + 1 {
                if buffers.map[neighbor] == CANDIDATE {
                    buffers.map[neighbor] = EDGE;
                    buffers.open.push(neighbor);
                }
            }
        }
    }
}
