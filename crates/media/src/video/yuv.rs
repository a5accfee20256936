//! Turns decoded frames into the planes an encoder takes: BT.709, limited range, 4:2:0 or 4:4:4.
//!
//! Gray becomes luma by one table look-up, from 16 bits directly where there are 16. For colour the full
//! resolution Y'CbCr comes from the `yuv` crate; reducing the chroma is done here, because how it is done
//! decides how close the RGB that is read from the video comes to the frames.
//!
//! Each chroma sample is the mean of the 2x2 pixels that players spread it over again. At edges between
//! colours that is wrong for all four, which also makes them brighter or darker than they were; this part of
//! the error is taken back in luma, which has full resolution.

use yuv::{BufferStoreMut, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix};

use cosmos_core::picture::{Picture, Pixels};

/// Chroma value of gray.
const NEUTRAL: u8 = 128;
/// Rows converted at a time, so that the full-resolution chroma between the two steps stays in the cache.
const STRIP_ROWS: usize = 16;

/// Memory for one converted frame: luma, cb and cr, in this order.
pub trait PlaneBuffers {
    /// The samples of plane `index` (0 to 2), row by row, and the distance between rows in samples.
    fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize);
}

/// The shape of a converted frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaneLayout {
    /// Width of the luma plane in pixels; even if `subsampled`.
    pub width: usize,
    /// Height of the luma plane in pixels; even if `subsampled`.
    pub height: usize,
    /// Whether cb and cr have half the width and height (4:2:0) or the full size (4:4:4).
    pub subsampled: bool,
}

/// Buffers kept from one conversion to the next.
#[derive(Debug, Default)]
pub struct Converter {
    chroma: [Vec<u8>; 2],
    reduced: Vec<i16>,
}

impl Converter {
    /// Fills `planes` with `picture`. Where `layout` is larger, the last column and row are repeated.
    ///
    /// # Errors
    /// The `yuv` crate's own error, if buffer sizes contradict each other.
    pub fn convert(
        &mut self,
        picture: &Picture,
        layout: PlaneLayout,
        planes: &mut dyn PlaneBuffers,
    ) -> Result<(), yuv::YuvError> {
        let size = (picture.width as usize, picture.height as usize);
        match &picture.pixels {
            Pixels::Gray8(samples) => {
                let table: [u8; 256] =
                    std::array::from_fn(|v| luma_of_gray(v as u32 * 257, layout));
                fill_gray(samples, size, layout, planes, |v| table[usize::from(v)]);
            }
            Pixels::Gray16(samples) => {
                fill_gray(samples, size, layout, planes, |v| {
                    luma_of_gray(u32::from(v), layout)
                });
            }
            Pixels::Rgb8(samples) => self.fill_color::<3>(samples, size, layout, planes)?,
            Pixels::Rgbx8(samples) => self.fill_color::<4>(samples, size, layout, planes)?,
        }
        Ok(())
    }

    fn fill_color<const N: usize>(
        &mut self,
        samples: &[u8],
        (width, height): (usize, usize),
        layout: PlaneLayout,
        planes: &mut dyn PlaneBuffers,
    ) -> Result<(), yuv::YuvError> {
        for top in (0..height).step_by(STRIP_ROWS) {
            let rows = STRIP_ROWS.min(height - top);
            // The last strip of an odd height is one row higher in the output.
            let out_rows = if top + rows == height {
                layout.height - top
            } else {
                rows
            };
            let strip = &samples[top * width * N..][..rows * width * N];
            let [cb, cr] = &mut self.chroma;
            for plane in [&mut *cb, &mut *cr] {
                plane.resize(layout.width * (STRIP_ROWS + 1), NEUTRAL);
            }
            let (luma, stride) = planes.plane_mut(0);
            let luma = &mut luma[top * stride..];
            full_resolution::<N>(strip, (width, rows), (luma, stride), (cb, cr, layout.width))?;
            let (from, to) = ((width, rows), (layout.width, out_rows));
            repeat_edges(luma, stride, from, to);
            for (full, index) in [(&mut *cb, 1), (&mut *cr, 2)] {
                repeat_edges(full, layout.width, from, to);
                let (out, stride) = planes.plane_mut(index);
                let full = &full[..layout.width * out_rows];
                if layout.subsampled {
                    reduce_chroma(full, layout.width, &mut out[top / 2 * stride..], stride);
                } else {
                    copy_rows(full, layout.width, &mut out[top * stride..], stride);
                }
            }
            if layout.subsampled {
                for row in (0..out_rows).step_by(2) {
                    let reduced = &mut self.reduced;
                    weigh_reduced_row(reduced, layout.width, planes, (top + row) / 2);
                    let (luma, stride) = planes.plane_mut(0);
                    for row in row..row + 2 {
                        let full = row * layout.width..(row + 1) * layout.width;
                        let luma = &mut luma[(top + row) * stride..];
                        compensate(luma, &cb[full.clone()], &cr[full], reduced);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Added to gray before it becomes a whole step of luma: half a step, which rounds.
const ROUNDING: u32 = 65_535 / 2;

/// The same for 4:2:0, where it is 0.42 steps more.
///
/// The common readers (FFmpeg's default conversion, so OpenCV, imageio and Cosmos itself) do not round when
/// they make RGB of 4:2:0 but cut off, which darkens by half an RGB level on average: 0.42 steps of luma. With
/// it the frames they get are right on average, and no more than one level off for readers that round.
const ROUNDING_FOR_420: u32 = (65_535.0 * 0.92) as u32;

/// Limited-range luma of a 16-bit gray value: `16 + 219 * v / 65535` (ITU-R BT.709, 3.4).
fn luma_of_gray(value: u32, layout: PlaneLayout) -> u8 {
    let rounding = if layout.subsampled {
        ROUNDING_FOR_420
    } else {
        ROUNDING
    };
    (16 + (value * 219 + rounding) / 65_535) as u8
}

fn fill_gray<T: Copy>(
    samples: &[T],
    (width, height): (usize, usize),
    layout: PlaneLayout,
    planes: &mut dyn PlaneBuffers,
    luma_of: impl Fn(T) -> u8,
) {
    let (luma, stride) = planes.plane_mut(0);
    for (from, to) in samples.chunks_exact(width).zip(luma.chunks_mut(stride)) {
        for (out, &sample) in to.iter_mut().zip(from) {
            *out = luma_of(sample);
        }
    }
    repeat_edges(luma, stride, (width, height), (layout.width, layout.height));
    for index in [1, 2] {
        planes.plane_mut(index).0.fill(NEUTRAL);
    }
}

/// Full-resolution Y'CbCr of interleaved RGB (`N` = 3) or RGBX (`N` = 4) of `size` columns and rows.
fn full_resolution<const N: usize>(
    samples: &[u8],
    size: (usize, usize),
    (luma, luma_stride): (&mut [u8], usize),
    (cb, cr, chroma_stride): (&mut [u8], &mut [u8], usize),
) -> Result<(), yuv::YuvError> {
    let mut target = YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(luma),
        y_stride: luma_stride as u32,
        u_plane: BufferStoreMut::Borrowed(cb),
        u_stride: chroma_stride as u32,
        v_plane: BufferStoreMut::Borrowed(cr),
        v_stride: chroma_stride as u32,
        width: size.0 as u32,
        height: size.1 as u32,
    };
    let convert = if N == 4 {
        yuv::rgba_to_yuv444
    } else {
        yuv::rgb_to_yuv444
    };
    convert(
        &mut target,
        samples,
        (size.0 * N) as u32,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Professional,
    )
}

/// Repeats the last column and the last row of a plane until it is `to` large.
fn repeat_edges(plane: &mut [u8], stride: usize, from: (usize, usize), to: (usize, usize)) {
    if to.0 > from.0 {
        for row in plane.chunks_mut(stride).take(from.1) {
            let last = row[from.0 - 1];
            row[from.0..to.0].fill(last);
        }
    }
    for row in from.1..to.1 {
        plane.copy_within(
            (from.1 - 1) * stride..(from.1 - 1) * stride + to.0,
            row * stride,
        );
    }
}

fn copy_rows(from: &[u8], width: usize, to: &mut [u8], stride: usize) {
    for (from, to) in from.chunks_exact(width).zip(to.chunks_mut(stride)) {
        to[..width].copy_from_slice(from);
    }
}

/// Halves a full-resolution chroma plane in both directions, each output sample the mean of 2x2 inputs.
fn reduce_chroma(full: &[u8], width: usize, out: &mut [u8], stride: usize) {
    for (pair, out) in full.chunks_exact(2 * width).zip(out.chunks_mut(stride)) {
        let (upper, lower) = pair.split_at(width);
        let blocks = upper
            .as_chunks::<2>()
            .0
            .iter()
            .zip(lower.as_chunks::<2>().0);
        for (out, (a, b)) in out.iter_mut().zip(blocks) {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            *out = ((sum + 2) >> 2) as u8;
        }
    }
}

/// What one step of chroma does to the mean of red, green and blue, in steps of luma and in 64ths: from the
/// inverse matrix of ITU-R BT.709 (red +1.5748 cr; green -0.1873 cb - 0.4681 cr; blue +1.8556 cb), by the
/// ranges of luma (219) and chroma (224).
const CB_IN_LUMA: i16 = 35;
const CR_IN_LUMA: i16 = 23;
/// Smallest correction that is made, in steps of luma. One step less would mostly follow rounding, which costs
/// bytes and helps nobody.
const LEAST_CORRECTION: i16 = 2;

/// The effect of one row of reduced chroma on the mean of RGB, spread over `width` pixels as players do it:
/// each sample covers two.
fn weigh_reduced_row(
    weights: &mut Vec<i16>,
    width: usize,
    planes: &mut dyn PlaneBuffers,
    row: usize,
) {
    weights.resize(width, 0);
    let pairs = weights.as_chunks_mut::<2>().0;
    let (cb, stride) = planes.plane_mut(1);
    for (pair, &cb) in pairs.iter_mut().zip(&cb[row * stride..]) {
        *pair = [CB_IN_LUMA * i16::from(cb); 2];
    }
    let (cr, stride) = planes.plane_mut(2);
    for (pair, &cr) in pairs.iter_mut().zip(&cr[row * stride..]) {
        let weight = pair[0] + CR_IN_LUMA * i16::from(cr);
        *pair = [weight; 2];
    }
}

/// Takes back in one row of luma what the reduction of chroma did to the brightness of its pixels.
fn compensate(luma: &mut [u8], cb: &[u8], cr: &[u8], reduced: &[i16]) {
    // Slices of one length let the compiler drop the bounds checks and use vector instructions.
    let width = reduced.len();
    let (luma, cb, cr) = (&mut luma[..width], &cb[..width], &cr[..width]);
    for x in 0..width {
        let exact = CB_IN_LUMA * i16::from(cb[x]) + CR_IN_LUMA * i16::from(cr[x]);
        let excess = (reduced[x] - exact + 32) >> 6;
        let excess = if excess.abs() < LEAST_CORRECTION {
            0
        } else {
            excess
        };
        luma[x] = (i16::from(luma[x]) - excess).clamp(16, 235) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Planes([(Vec<u8>, usize); 3]);

    impl Planes {
        /// Planes with a stride above their width, filled with a value that no conversion writes.
        fn new(layout: PlaneLayout) -> Self {
            let plane = |width: usize, height: usize| (vec![255; (width + 3) * height], width + 3);
            let half = if layout.subsampled { 2 } else { 1 };
            let chroma = || plane(layout.width / half, layout.height / half);
            Self([plane(layout.width, layout.height), chroma(), chroma()])
        }

        fn rows(&self, index: usize, width: usize) -> Vec<&[u8]> {
            let (samples, stride) = &self.0[index];
            samples.chunks(*stride).map(|row| &row[..width]).collect()
        }
    }

    impl PlaneBuffers for Planes {
        fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize) {
            let (samples, stride) = &mut self.0[index];
            (samples, *stride)
        }
    }

    fn convert(width: u32, height: u32, pixels: Pixels, subsampled: bool) -> Planes {
        let even = |side: u32| {
            (if subsampled {
                side.next_multiple_of(2)
            } else {
                side
            }) as usize
        };
        let layout = PlaneLayout {
            width: even(width),
            height: even(height),
            subsampled,
        };
        let mut planes = Planes::new(layout);
        let picture = Picture {
            width,
            height,
            pixels,
        };
        Converter::default()
            .convert(&picture, layout, &mut planes)
            .unwrap();
        planes
    }

    #[test]
    fn colors_become_the_codes_of_bt709() {
        // From ITU-R BT.709, 3.3 and 3.4, for full red, green, blue, white and black in 8 bits.
        for (rgb, expected) in [
            ([255, 0, 0], [63, 102, 240]),
            ([0, 255, 0], [173, 42, 26]),
            ([0, 0, 255], [32, 240, 118]),
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
        ] {
            for subsampled in [false, true] {
                let [r, g, b] = rgb;
                for pixels in [
                    Pixels::Rgb8(rgb.repeat(16 * 4)),
                    Pixels::Rgbx8([r, g, b, 77].repeat(16 * 4)),
                ] {
                    let planes = convert(16, 4, pixels, subsampled);
                    for (index, &code) in expected.iter().enumerate() {
                        let width = if subsampled && index > 0 { 8 } else { 16 };
                        for row in planes.rows(index, width) {
                            assert!(
                                row.iter().all(|sample| sample.abs_diff(code) <= 1),
                                "{rgb:?} plane {index}: {row:?}, not {code}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn gray_runs_from_16_to_235_and_has_no_color() {
        let ramp: Vec<u16> = (0..64).map(|x| (x * 65_535 / 63) as u16).collect();
        let planes = convert(64, 2, Pixels::Gray16(ramp.repeat(2)), true);
        let luma = planes.rows(0, 64);
        assert_eq!((luma[0][0], luma[0][63]), (16, 235));
        assert!(luma[0].is_sorted());
        assert!(planes.rows(1, 32).concat().iter().all(|&cb| cb == 128));
        assert!(planes.rows(2, 32).concat().iter().all(|&cr| cr == 128));
        let bytes = ramp.iter().map(|v| (v / 257) as u8).collect::<Vec<_>>();
        let of_bytes = convert(64, 1, Pixels::Gray8(bytes), false);
        let of_words = convert(64, 1, Pixels::Gray16(ramp), false);
        for (a, b) in of_bytes.rows(0, 64)[0].iter().zip(of_words.rows(0, 64)[0]) {
            assert!(a.abs_diff(*b) <= 1);
        }
    }

    #[test]
    fn odd_sides_are_filled_with_the_last_pixels() {
        // 17 rows are more than one strip.
        let pixels: Vec<u8> = (0..17u8)
            .flat_map(|y| (0..3u8).flat_map(move |x| [x * 40, y * 14, 200]))
            .collect();
        let planes = convert(3, 17, Pixels::Rgb8(pixels), true);
        let luma = planes.rows(0, 4);
        assert_eq!(luma.len(), 18);
        for row in &luma {
            assert!(row[2].abs_diff(row[3]) <= 1, "{row:?}");
        }
        for (a, b) in luma[16].iter().zip(luma[17]) {
            assert!(a.abs_diff(*b) <= 1);
        }
        for index in [1, 2] {
            assert!(planes.rows(index, 2).concat().iter().all(|&c| c != 255));
        }
    }

    #[test]
    fn a_color_edge_keeps_its_brightness_on_average() {
        // Red and blue columns that do not lie on the grid of chroma.
        let row: Vec<u8> = (0..32u32)
            .flat_map(|x| {
                if (x + 1) % 4 < 2 {
                    [255, 0, 0]
                } else {
                    [0, 0, 255]
                }
            })
            .collect();
        let planes = convert(32, 8, Pixels::Rgb8(row.repeat(8)), true);
        let (luma, cb, cr) = (planes.rows(0, 32), planes.rows(1, 16), planes.rows(2, 16));
        let mut sum = 0.0;
        for (y, row) in luma.iter().enumerate() {
            for (x, &sample) in row.iter().enumerate() {
                let y_part = (f64::from(sample) - 16.0) / 219.0;
                let cb = (f64::from(cb[y / 2][x / 2]) - 128.0) / 224.0;
                let cr = (f64::from(cr[y / 2][x / 2]) - 128.0) / 224.0;
                sum += y_part + (1.5748 * cr - 0.1873 * cb - 0.4681 * cr + 1.8556 * cb) / 3.0;
            }
        }
        let mean = 255.0 * sum / (32.0 * 8.0);
        assert!((mean - 85.0).abs() < 2.0, "mean of RGB {mean}, not 85");
    }
}
