//! Undoes PNG's row filters (PNG specification, section 9).
//!
//! A pixel depends on its left neighbour, so one row can only be undone pixel by pixel, and most of a frame's
//! decoding would be this. Two things make it quicker: rows that differ little from the row above are mostly
//! copied, and where the CPU has AVX2 several rows are undone together (`wavefront`).

#[cfg(target_arch = "x86_64")]
mod wavefront;

/// Bytes of the filter's type in front of each row.
const FILTER_TYPE: usize = 1;

const NONE: u8 = 0;
const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

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
        && row_bytes.is_multiple_of(pixel_bytes)
        && filtered.len() == rows * (FILTER_TYPE + row_bytes)
        && out.len() == rows * row_bytes
        && filtered
            .chunks_exact(FILTER_TYPE + row_bytes)
            .all(|row| row[0] <= PAETH);
    if !fits {
        return false;
    }
    let above_first = vec![0; row_bytes];
    let mut row = 0;
    while row < rows {
        let (done, rest) = out.split_at_mut(row * row_bytes);
        let above = match row {
            0 => &above_first[..],
            _ => &done[(row - 1) * row_bytes..],
        };
        let filtered = &filtered[row * (FILTER_TYPE + row_bytes)..];
        let several = if leans_on_its_left(&filtered[..FILTER_TYPE + row_bytes]) {
            undo_several_rows(filtered, above, pixel_bytes, rest)
        } else {
            0
        };
        if several == 0 {
            let (filter, samples) = (filtered[0], &filtered[FILTER_TYPE..][..row_bytes]);
            undo_row(filter, samples, above, pixel_bytes, &mut rest[..row_bytes]);
        }
        row += several.max(1);
    }
    true
}

/// Whether undoing this row takes many steps from pixel to pixel.
fn leans_on_its_left(filtered: &[u8]) -> bool {
    /// Bytes that are compared with zero at once.
    const BLOCK: usize = 32;
    match filtered[0] {
        NONE | UP => false,
        PAETH => {
            let blocks = filtered[FILTER_TYPE..].as_chunks::<BLOCK>().0;
            let changed = blocks.iter().filter(|&block| block != &[0; BLOCK]).count();
            changed * 16 > blocks.len()
        }
        _ => true,
    }
}

/// Undoes the first rows of `filtered` together, if the CPU can, and answers how many.
fn undo_several_rows(filtered: &[u8], above: &[u8], pixel_bytes: usize, out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(
            unsafe_code,
            reason = "a function for a CPU feature can only be called so"
        )]
        // SAFETY: the CPU has the feature, as was asked just above.
        return unsafe { wavefront::undo_rows(filtered, above, pixel_bytes, out) };
    }
    0
}

fn undo_row(filter: u8, samples: &[u8], above: &[u8], pixel_bytes: usize, out: &mut [u8]) {
    match pixel_bytes {
        1 => undo_row_of::<1>(filter, samples, above, out),
        2 => undo_row_of::<2>(filter, samples, above, out),
        3 => undo_row_of::<3>(filter, samples, above, out),
        4 => undo_row_of::<4>(filter, samples, above, out),
        6 => undo_row_of::<6>(filter, samples, above, out),
        _ => undo_row_of::<8>(filter, samples, above, out),
    }
}

/// A row of pixels of `BYTES` bytes.
fn undo_row_of<const BYTES: usize>(filter: u8, samples: &[u8], above: &[u8], out: &mut [u8]) {
    let pixels = samples.as_chunks::<BYTES>().0;
    let above_pixels = above.as_chunks::<BYTES>().0;
    match filter {
        NONE => out.copy_from_slice(samples),
        UP => {
            for ((out, &sample), &above) in out.iter_mut().zip(samples).zip(above) {
                *out = sample.wrapping_add(above);
            }
        }
        PAETH => undo_paeth(pixels, above_pixels, out.as_chunks_mut().0),
        _ => {
            let mut left = [0; BYTES];
            let places = out.as_chunks_mut::<BYTES>().0;
            for ((place, pixel), above) in places.iter_mut().zip(pixels).zip(above_pixels) {
                for byte in 0..BYTES {
                    let predicted = match filter {
                        SUB => left[byte],
                        _ => ((u16::from(left[byte]) + u16::from(above[byte])) / 2) as u8,
                    };
                    left[byte] = pixel[byte].wrapping_add(predicted);
                }
                *place = left;
            }
        }
    }
}

/// A row with Paeth's filter.
///
/// Where the pixel to the left equals the one above it, the prediction is the pixel above; if it is right, the
/// same holds for the next pixel. So pictures with flat areas are copied from row to row in long runs.
fn undo_paeth<const BYTES: usize>(
    samples: &[[u8; BYTES]],
    above: &[[u8; BYTES]],
    out: &mut [[u8; BYTES]],
) {
    let (mut left, mut up_left) = ([0; BYTES], [0; BYTES]);
    let mut x = 0;
    while x < samples.len() {
        if left == up_left {
            let run = zeros(&samples[x..]);
            if run > 0 {
                out[x..x + run].copy_from_slice(&above[x..x + run]);
                x += run;
                left = above[x - 1];
                up_left = left;
                continue;
            }
        }
        for byte in 0..BYTES {
            let predicted = nearest(left[byte], above[x][byte], up_left[byte]);
            left[byte] = samples[x][byte].wrapping_add(predicted);
        }
        out[x] = left;
        up_left = above[x];
        x += 1;
    }
}

/// How many pixels at the start of `samples` are zero.
fn zeros<const BYTES: usize>(samples: &[[u8; BYTES]]) -> usize {
    const BLOCK: usize = 16;
    let is_zero = |pixel: &[u8; BYTES]| pixel == &[0; BYTES];
    let (blocks, _) = samples.as_chunks::<BLOCK>();
    let in_blocks = blocks
        .iter()
        .take_while(|block| block.as_flattened().iter().fold(0, |all, byte| all | byte) == 0)
        .count()
        * BLOCK;
    let rest = samples[in_blocks..].iter();
    in_blocks + rest.take_while(|pixel| is_zero(pixel)).count()
}

/// Paeth's predictor: the one of left, up and up-left that is nearest to left + up - up-left.
fn nearest(left: u8, up: u8, up_left: u8) -> u8 {
    let [a, b, c] = [left, up, up_left].map(i16::from);
    let (to_left, to_up, to_up_left) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
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
            width in 1usize..150,
            types in prop::collection::vec(0u8..=4, 1..40),
            mostly_paeth in any::<bool>(),
            // From noise to flat areas with an edge here and there.
            changed in prop::sample::select(vec![1u64, 3, 60]),
            seed in any::<u64>(),
        ) {
            let row_bytes = width * pixel_bytes;
            let mut state = seed | 1;
            let mut filtered = Vec::new();
            for (row, &filter) in types.iter().enumerate() {
                filtered.push(if mostly_paeth && row % 9 != 0 { PAETH } else { filter });
                for _ in 0..row_bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    filtered.push(if (state >> 32) % changed == 0 { (state >> 56) as u8 } else { 0 });
                }
            }
            let expected = by_the_book(&filtered, row_bytes, types.len(), pixel_bytes);
            let mut out = vec![0; row_bytes * types.len()];
            prop_assert!(unfilter(&filtered, row_bytes, types.len(), pixel_bytes, &mut out));
            prop_assert_eq!(&out, &expected);
            out.fill(0);
            for (row, filtered) in filtered.chunks_exact(1 + row_bytes).enumerate() {
                let (done, rest) = out.split_at_mut(row * row_bytes);
                let above_first = vec![0; row_bytes];
                let above = if row == 0 { &above_first } else { &done[(row - 1) * row_bytes..] };
                undo_row(filtered[0], &filtered[1..], above, pixel_bytes, &mut rest[..row_bytes]);
            }
            prop_assert_eq!(&out, &expected);
        }
    }

    #[test]
    fn a_filter_that_does_not_exist_is_refused() {
        assert!(!unfilter(&[5, 1, 2], 2, 1, 1, &mut [0; 2]));
        assert!(!unfilter(&[0, 1], 2, 1, 1, &mut [0; 2]));
    }
}
