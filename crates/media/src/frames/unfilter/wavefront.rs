//! Several rows of a PNG at a time, with AVX2.
//!
//! The pixel up and to the left is enough of a head start for the row below, so rows are undone in a wavefront,
//! each one pixel behind the row above: one vector holds a pixel of each of them, in lanes of 16 bits. Pixels
//! are read and written in blocks that are as many pixels wide as there are rows, and turned in registers.

use std::arch::x86_64::*;
use std::array;

use super::{AVERAGE, FILTER_TYPE, PAETH, SUB, UP};

/// Bytes in the vectors that pixels are read into.
const VECTOR: usize = 16;

/// Undoes as many rows at the start of `filtered`, each behind its filter's type, as go together, writes them
/// to `out`, and answers how many: 0 where fewer are left. `above` is the finished row above, of the same length.
#[target_feature(enable = "avx2")]
pub(super) fn undo_rows(
    filtered: &[u8],
    above: &[u8],
    pixel_bytes: usize,
    out: &mut [u8],
) -> usize {
    // A vector's sixteen lanes; a pixel of three or six bytes is given the lanes of four or eight.
    match pixel_bytes {
        1 => undo::<1, 1, 16, 16>(filtered, above, out),
        2 => undo::<2, 2, 8, 16>(filtered, above, out),
        3 => undo::<3, 4, 4, 12>(filtered, above, out),
        4 => undo::<4, 4, 4, 16>(filtered, above, out),
        6 => undo::<6, 8, 2, 12>(filtered, above, out),
        8 => undo::<8, 8, 2, 16>(filtered, above, out),
        _ => 0,
    }
}

/// Pixels of `BYTES` bytes in `LANES` lanes, `ROWS` rows together, in blocks of `BLOCK` = `BYTES * ROWS` bytes.
#[target_feature(enable = "avx2")]
fn undo<const BYTES: usize, const LANES: usize, const ROWS: usize, const BLOCK: usize>(
    filtered: &[u8],
    above: &[u8],
    out: &mut [u8],
) -> usize {
    let mut rows = filtered.chunks_exact(FILTER_TYPE + above.len());
    if rows.len() < ROWS {
        return 0;
    }
    let rows: [&[u8]; ROWS] = array::from_fn(|_| rows.next().unwrap_or_default());
    let mut places = out.chunks_exact_mut(above.len());
    let group = Group::<BYTES, LANES, ROWS, BLOCK> {
        sources: rows.map(|row| &row[FILTER_TYPE..]),
        above,
        targets: array::from_fn(|_| places.next().unwrap_or_default()),
    };
    let types = rows.map(|row| row[0]);
    let filters = Filters::new::<LANES>(&types);
    if types == [PAETH; ROWS] {
        group.undo::<false>(&filters);
    } else {
        group.undo::<true>(&filters);
    }
    ROWS
}

/// Rows that are undone together, top row first.
struct Group<'a, const BYTES: usize, const LANES: usize, const ROWS: usize, const BLOCK: usize> {
    sources: [&'a [u8]; ROWS],
    above: &'a [u8],
    targets: [&'a mut [u8]; ROWS],
}

impl<const BYTES: usize, const LANES: usize, const ROWS: usize, const BLOCK: usize>
    Group<'_, BYTES, LANES, ROWS, BLOCK>
{
    /// In step `t`, row `r` is at pixel `t - r`. `MIXED`: not all rows have Paeth's filter.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn undo<const MIXED: bool>(mut self, filters: &Filters) {
        let width = self.above.len() / BYTES;
        let mut front = Front::new();
        // In the first and the last steps some rows are outside of the picture.
        let lead_in = ROWS - 1;
        let blocks = width.saturating_sub(lead_in) / ROWS;
        for step in 0..lead_in {
            self.undo_step::<MIXED>(step, &mut front, filters);
        }
        for block in 0..blocks {
            self.undo_block::<MIXED>(block * BLOCK, &mut front, filters);
        }
        for step in lead_in + blocks * ROWS..width + ROWS - 1 {
            self.undo_step::<MIXED>(step, &mut front, filters);
        }
    }

    /// One step, of those rows that have a pixel in it.
    #[target_feature(enable = "avx2")]
    fn undo_step<const MIXED: bool>(&mut self, step: usize, front: &mut Front, filters: &Filters) {
        let pixel = |row: usize| {
            let start = step.checked_sub(row)? * BYTES;
            (start < self.above.len()).then_some(start..start + BYTES)
        };
        let mut samples = [0; VECTOR];
        for (row, source) in self.sources.iter().enumerate() {
            if let Some(pixel) = pixel(row) {
                samples[row * LANES..][..BYTES].copy_from_slice(&source[pixel]);
            }
        }
        let mut above = [0; 8];
        if let Some(pixel) = pixel(0) {
            above[..BYTES].copy_from_slice(&self.above[pixel]);
        }
        let above = _mm_cvtsi64_si128(i64::from_le_bytes(above));
        let mut pixels = [0; VECTOR];
        store(
            front.advance::<LANES, MIXED>(load(&samples), above, filters),
            &mut pixels,
        );
        for (row, target) in self.targets.iter_mut().enumerate() {
            if let Some(pixel) = pixel(row) {
                target[pixel].copy_from_slice(&pixels[row * LANES..][..BYTES]);
            }
        }
    }

    /// `ROWS` steps. The bottom row's pixels begin at byte `start`, those of each row above one pixel further.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn undo_block<const MIXED: bool>(
        &mut self,
        start: usize,
        front: &mut Front,
        filters: &Filters,
    ) {
        let starts: [usize; ROWS] = array::from_fn(|row| start + (ROWS - 1 - row) * BYTES);
        let mut samples = [_mm_setzero_si128(); ROWS];
        for row in 0..ROWS {
            let mut block = [0; VECTOR];
            block[..BLOCK].copy_from_slice(&self.sources[row][starts[row]..][..BLOCK]);
            samples[row] = spread::<BYTES>(load(&block));
        }
        let above = &self.above[starts[0]..][..BLOCK];
        let samples = turn::<LANES, ROWS>(samples);
        let mut pixels = [_mm_setzero_si128(); ROWS];
        for step in 0..ROWS {
            let mut word = [0; 8];
            word[..BYTES].copy_from_slice(&above[step * BYTES..][..BYTES]);
            let above = _mm_cvtsi64_si128(i64::from_le_bytes(word));
            pixels[step] = front.advance::<LANES, MIXED>(samples[step], above, filters);
        }
        let pixels = turn::<LANES, ROWS>(pixels);
        for row in 0..ROWS {
            let mut block = [0; VECTOR];
            store(gather::<BYTES>(pixels[row]), &mut block);
            self.targets[row][starts[row]..][..BLOCK].copy_from_slice(&block[..BLOCK]);
        }
    }
}

/// The pixels of the last step, and those above them.
struct Front {
    left: __m256i,
    up: __m256i,
}

impl Front {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self {
            left: _mm256_setzero_si256(),
            up: _mm256_setzero_si256(),
        }
    }

    /// Moves all rows on by one pixel and answers these pixels. `above` is the one above the first row's.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn advance<const LANES: usize, const MIXED: bool>(
        &mut self,
        samples: __m128i,
        above: __m128i,
        filters: &Filters,
    ) -> __m128i {
        // Above a pixel is what the row above it had one step ago: the lanes before it.
        let lower_half = _mm256_permute2x128_si256::<0x08>(self.left, self.left);
        let of_rows_above = match LANES {
            1 => _mm256_alignr_epi8::<14>(self.left, lower_half),
            2 => _mm256_alignr_epi8::<12>(self.left, lower_half),
            4 => _mm256_alignr_epi8::<8>(self.left, lower_half),
            _ => lower_half,
        };
        let above = _mm256_zextsi128_si256(_mm_cvtepu8_epi16(above));
        let up = _mm256_or_si256(of_rows_above, above);
        let paeth = nearest(self.left, up, self.up);
        let predicted = if MIXED {
            filters.choose(self.left, up, paeth)
        } else {
            paeth
        };
        // Byte by byte, so that sums wrap within the lower half of their lane.
        self.left = _mm256_add_epi8(_mm256_cvtepu8_epi16(samples), predicted);
        self.up = up;
        _mm_packus_epi16(
            _mm256_castsi256_si128(self.left),
            _mm256_extracti128_si256::<1>(self.left),
        )
    }
}

/// For each filter but None: all bits set in the lanes of the rows that have it.
struct Filters {
    sub: __m256i,
    up: __m256i,
    average: __m256i,
    paeth: __m256i,
}

impl Filters {
    #[target_feature(enable = "avx2")]
    fn new<const LANES: usize>(types: &[u8]) -> Self {
        let lanes_of = |filter: u8| {
            let mut lanes = [0; VECTOR];
            for (lanes, _) in lanes
                .chunks_exact_mut(LANES)
                .zip(types)
                .filter(|&(_, &of_row)| of_row == filter)
            {
                lanes.fill(0xff);
            }
            _mm256_cvtepi8_epi16(load(&lanes))
        };
        Self {
            sub: lanes_of(SUB),
            up: lanes_of(UP),
            average: lanes_of(AVERAGE),
            paeth: lanes_of(PAETH),
        }
    }

    /// What each row's filter predicts.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn choose(&self, left: __m256i, up: __m256i, paeth: __m256i) -> __m256i {
        let average = _mm256_srli_epi16::<1>(_mm256_add_epi16(left, up));
        let of_two = |a, lanes_a, b, lanes_b| {
            _mm256_or_si256(_mm256_and_si256(a, lanes_a), _mm256_and_si256(b, lanes_b))
        };
        _mm256_or_si256(
            of_two(left, self.sub, up, self.up),
            of_two(average, self.average, paeth, self.paeth),
        )
    }
}

/// Paeth's predictor. With `t` = 3 up-left - left - up, it is the lower of left and up if `t` is at or above the
/// higher, the higher if `t` is at or below the lower, else up-left.
#[inline]
#[target_feature(enable = "avx2")]
fn nearest(left: __m256i, up: __m256i, up_left: __m256i) -> __m256i {
    let triple = _mm256_add_epi16(_mm256_add_epi16(up_left, up_left), up_left);
    let threshold = _mm256_sub_epi16(_mm256_sub_epi16(triple, up), left);
    let lower = _mm256_min_epi16(left, up);
    let higher = _mm256_max_epi16(left, up);
    let is_below_higher = _mm256_cmpgt_epi16(higher, threshold);
    let lower_or_up_left = _mm256_blendv_epi8(lower, up_left, is_below_higher);
    _mm256_blendv_epi8(
        higher,
        lower_or_up_left,
        _mm256_cmpgt_epi16(threshold, lower),
    )
}

/// Moves pixels apart that follow one another, so that each has the bytes of its lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn spread<const BYTES: usize>(pixels: __m128i) -> __m128i {
    let places = match BYTES {
        3 => _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1),
        6 => _mm_setr_epi8(0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1),
        _ => return pixels,
    };
    _mm_shuffle_epi8(pixels, places)
}

/// The reverse of [`spread`].
#[inline]
#[target_feature(enable = "avx2")]
fn gather<const BYTES: usize>(pixels: __m128i) -> __m128i {
    let places = match BYTES {
        3 => _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1),
        6 => _mm_setr_epi8(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, -1, -1, -1, -1),
        _ => return pixels,
    };
    _mm_shuffle_epi8(pixels, places)
}

/// Turns vectors of one row's pixels in `ROWS` steps into vectors of one step's pixels in `ROWS` rows, or back:
/// interleaves the upper half of the vectors with the lower half until every pixel has come round.
#[inline]
#[target_feature(enable = "avx2")]
fn turn<const LANES: usize, const ROWS: usize>(mut vectors: [__m128i; ROWS]) -> [__m128i; ROWS] {
    for _ in 0..ROWS.ilog2() {
        let from = vectors;
        for pair in 0..ROWS / 2 {
            let (a, b) = (from[pair], from[pair + ROWS / 2]);
            (vectors[2 * pair], vectors[2 * pair + 1]) = match LANES {
                1 => (_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)),
                2 => (_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)),
                4 => (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)),
                _ => (_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)),
            };
        }
    }
    vectors
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; VECTOR]) -> __m128i {
    #[expect(unsafe_code, reason = "vectors are read through pointers")]
    // SAFETY: the reference covers the sixteen bytes that are read, and they need no alignment.
    unsafe {
        _mm_loadu_si128(bytes.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(vector: __m128i, bytes: &mut [u8; VECTOR]) {
    #[expect(unsafe_code, reason = "vectors are written through pointers")]
    // SAFETY: the reference covers the sixteen bytes that are written, and they need no alignment.
    unsafe {
        _mm_storeu_si128(bytes.as_mut_ptr().cast(), vector);
    }
}
