//! Undoes PNG's row filters (PNG specification, section 9), several rows at a time.
//!
//! A pixel depends on its left neighbour, so one row can only be undone pixel by pixel. The pixel up and to
//! the left of it is enough of a head start for the row below, though: rows are undone in a wavefront, each
//! one pixel behind the row above, and one vector step serves a pixel of each. That takes half the time of
//! going row by row, and most of a frame's decoding was this.

/// Bytes of one pixel's filter type in front of each row.
const FILTER_TYPE: usize = 1;

/// Undoes the filters of `rows` rows of `row_bytes` bytes, each behind the byte that names its filter, and
/// writes them one after another to `out`. A pixel takes `pixel_bytes` bytes: 1, 2, 3, 4, 6 or 8.
///
/// Answers `false`, with `out` in an undefined state, for filter types that do not exist and for lengths that
/// contradict each other.
#[must_use]
pub(super) fn unfilter(
    filtered: &[u8],
    row_bytes: usize,
    rows: usize,
    pixel_bytes: usize,
    out: &mut [u8],
) -> bool {
    let fits = row_bytes > 0
        && filtered.len() == rows * (FILTER_TYPE + row_bytes)
        && out.len() == rows * row_bytes
        && filtered
            .chunks_exact(FILTER_TYPE + row_bytes)
            .all(|row| row[0] <= PAETH);
    if !fits {
        return false;
    }
    let image = Image {
        filtered,
        row_bytes,
        rows,
    };
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(
            unsafe_code,
            reason = "a function for a CPU feature can only be called so"
        )]
        // SAFETY: the CPU has the feature, as was asked just above.
        return unsafe { unfilter_avx2(&image, pixel_bytes, out) };
    }
    unfilter_any(&image, pixel_bytes, out)
}

/// The same code, compiled for wider vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn unfilter_avx2(image: &Image<'_>, pixel_bytes: usize, out: &mut [u8]) -> bool {
    unfilter_any(image, pixel_bytes, out)
}

#[inline(always)]
fn unfilter_any(image: &Image<'_>, pixel_bytes: usize, out: &mut [u8]) -> bool {
    // Sixteen lanes of 16 bits are one vector of AVX2; a pixel of three bytes is given the lanes of four.
    match pixel_bytes {
        1 => image.unfilter::<1, 1, 16>(out),
        2 => image.unfilter::<2, 2, 8>(out),
        3 => image.unfilter::<3, 4, 4>(out),
        4 => image.unfilter::<4, 4, 4>(out),
        6 => image.unfilter::<6, 8, 2>(out),
        8 => image.unfilter::<8, 8, 2>(out),
        _ => return false,
    }
    true
}

const LANES: usize = 16;
type Vector = [i16; LANES];

const NONE: u8 = 0;
const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

struct Image<'a> {
    filtered: &'a [u8],
    row_bytes: usize,
    rows: usize,
}

impl Image<'_> {
    /// Pixels of `BYTES` bytes in `PIXEL` lanes, `ROWS` rows at a time.
    #[inline(always)]
    fn unfilter<const BYTES: usize, const PIXEL: usize, const ROWS: usize>(&self, out: &mut [u8]) {
        let above_first = vec![0; self.row_bytes];
        let mut row = 0;
        while row < self.rows {
            let (done, rest) = out.split_at_mut(row * self.row_bytes);
            let above = match row {
                0 => &above_first[..],
                _ => &done[(row - 1) * self.row_bytes..],
            };
            let filtered = &self.filtered[row * (FILTER_TYPE + self.row_bytes)..];
            let (filter, samples) = (filtered[0], &filtered[FILTER_TYPE..][..self.row_bytes]);
            row += match filter {
                // Rows that do not lean on their own pixels need no wavefront.
                NONE => {
                    rest[..self.row_bytes].copy_from_slice(samples);
                    1
                }
                UP => {
                    for ((out, &sample), &above) in
                        rest[..self.row_bytes].iter_mut().zip(samples).zip(above)
                    {
                        *out = sample.wrapping_add(above);
                    }
                    1
                }
                _ if row + ROWS <= self.rows => {
                    let types: [u8; ROWS] =
                        std::array::from_fn(|row| filtered[row * (FILTER_TYPE + self.row_bytes)]);
                    if types == [PAETH; ROWS] {
                        self.wavefront::<BYTES, PIXEL, ROWS, false>(filtered, &types, above, rest);
                    } else {
                        self.wavefront::<BYTES, PIXEL, ROWS, true>(filtered, &types, above, rest);
                    }
                    ROWS
                }
                _ => {
                    self.wavefront::<BYTES, PIXEL, 1, true>(filtered, &[filter], above, rest);
                    1
                }
            };
        }
    }

    /// Undoes `ROWS` rows together. In step `t`, row `r` is at pixel `t - r`, and its lanes follow those of the
    /// row above: what is above a pixel is what the lanes before it held one step ago.
    #[inline(always)]
    fn wavefront<const BYTES: usize, const PIXEL: usize, const ROWS: usize, const MIXED: bool>(
        &self,
        filtered: &[u8],
        types: &[u8; ROWS],
        above: &[u8],
        out: &mut [u8],
    ) {
        let width = self.row_bytes / BYTES;
        let masks = if MIXED {
            masks::<BYTES, PIXEL, ROWS>(types)
        } else {
            [[0; LANES]; 4]
        };
        let source = |row: usize, pixel: usize| {
            row * (FILTER_TYPE + self.row_bytes) + FILTER_TYPE + pixel * BYTES
        };
        let target = |row: usize, pixel: usize| row * self.row_bytes + pixel * BYTES;
        let mut left: Vector = [0; LANES];
        let mut up: Vector = [0; LANES];
        for step in 0..width + ROWS - 1 {
            let up_left = up;
            for lane in (PIXEL..LANES).rev() {
                up[lane] = left[lane - PIXEL];
            }
            if step < width {
                for byte in 0..BYTES {
                    up[byte] = i16::from(above[step * BYTES + byte]);
                }
            }
            // At both ends some rows are outside of the picture.
            let all_inside = step + 1 >= ROWS && step < width;
            let is_inside = |row: usize| all_inside || (step >= row && step - row < width);
            let mut pixels: Vector = [0; LANES];
            for row in 0..ROWS {
                if is_inside(row) {
                    let sample = &filtered[source(row, step - row)..][..BYTES];
                    for byte in 0..BYTES {
                        pixels[row * PIXEL + byte] = i16::from(sample[byte]);
                    }
                }
            }
            for lane in 0..LANES {
                let (a, b, c) = (left[lane], up[lane], up_left[lane]);
                let predicted = if MIXED {
                    (a & masks[0][lane])
                        | (b & masks[1][lane])
                        | (((a + b) >> 1) & masks[2][lane])
                        | (nearest(a, b, c) & masks[3][lane])
                } else {
                    nearest(a, b, c)
                };
                left[lane] = (pixels[lane] + predicted) & 0xff;
            }
            for row in 0..ROWS {
                if is_inside(row) {
                    let place = &mut out[target(row, step - row)..][..BYTES];
                    for byte in 0..BYTES {
                        place[byte] = left[row * PIXEL + byte] as u8;
                    }
                }
            }
        }
    }
}

/// For the filters Sub, Up, Average and Paeth: all bits set in the lanes of the rows that have it.
#[inline(always)]
fn masks<const BYTES: usize, const PIXEL: usize, const ROWS: usize>(
    types: &[u8; ROWS],
) -> [Vector; 4] {
    let mut masks = [[0; LANES]; 4];
    for (row, filter) in types.iter().enumerate() {
        for (mask, of) in masks.iter_mut().zip([SUB, UP, AVERAGE, PAETH]) {
            if *filter == of {
                mask[row * PIXEL..][..BYTES].fill(-1);
            }
        }
    }
    masks
}

/// Paeth's predictor: the one of left, up and up-left that is nearest to left + up - up-left.
#[inline(always)]
fn nearest(left: i16, up: i16, up_left: i16) -> i16 {
    let (to_left, to_up) = (up - up_left, left - up_left);
    let to_up_left = (to_left + to_up).abs();
    let (to_left, to_up) = (to_left.abs(), to_up.abs());
    if to_left <= to_up && to_left <= to_up_left {
        left
    } else if to_up <= to_up_left {
        up
    } else {
        up_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The filters as the specification words them, a byte at a time.
    fn by_the_book(filtered: &[u8], row_bytes: usize, rows: usize, pixel_bytes: usize) -> Vec<u8> {
        let mut out = vec![0; row_bytes * rows];
        for row in 0..rows {
            let source = &filtered[row * (1 + row_bytes)..];
            for x in 0..row_bytes {
                let at = |out: &[u8], up: bool, left: bool| {
                    let inside = (!up || row > 0) && (!left || x >= pixel_bytes);
                    let row = if up { row.wrapping_sub(1) } else { row };
                    let x = if left { x.wrapping_sub(pixel_bytes) } else { x };
                    if inside {
                        i16::from(out[row * row_bytes + x])
                    } else {
                        0
                    }
                };
                let (a, b, c) = (
                    at(&out, false, true),
                    at(&out, true, false),
                    at(&out, true, true),
                );
                let predicted = match source[0] {
                    0 => 0,
                    1 => a,
                    2 => b,
                    3 => (a + b) / 2,
                    _ => {
                        let p = a + b - c;
                        [a, b, c].into_iter().min_by_key(|v| (p - v).abs()).unwrap()
                    }
                };
                out[row * row_bytes + x] = source[1 + x].wrapping_add(predicted as u8);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn every_mix_of_filters_comes_out_as_the_specification_says(
            pixel_bytes in prop::sample::select(vec![1usize, 2, 3, 4, 6, 8]),
            width in 1usize..40,
            types in prop::collection::vec(0u8..=4, 1..40),
            mostly_paeth in any::<bool>(),
            seed in any::<u64>(),
        ) {
            let row_bytes = width * pixel_bytes;
            let mut state = seed | 1;
            let mut filtered = Vec::new();
            for (row, &filter) in types.iter().enumerate() {
                filtered.push(if mostly_paeth && row % 9 != 0 { PAETH } else { filter });
                for _ in 0..row_bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    filtered.push((state >> 56) as u8);
                }
            }
            let expected = by_the_book(&filtered, row_bytes, types.len(), pixel_bytes);
            let mut out = vec![0; row_bytes * types.len()];
            prop_assert!(unfilter(&filtered, row_bytes, types.len(), pixel_bytes, &mut out));
            prop_assert_eq!(&out, &expected);
            let image = Image { filtered: &filtered, row_bytes, rows: types.len() };
            out.fill(0);
            prop_assert!(unfilter_any(&image, pixel_bytes, &mut out));
            prop_assert_eq!(&out, &expected);
        }
    }

    #[test]
    fn a_filter_that_does_not_exist_is_refused() {
        assert!(!unfilter(&[5, 1, 2], 2, 1, 1, &mut [0; 2]));
        assert!(!unfilter(&[0, 1], 2, 1, 1, &mut [0; 2]));
    }
}
