//! `MurmurHash3_32`, by which a name becomes an ID.

use super::{Id, canonical};

/// The ID of a name: `MurmurHash3_32` of its UTF-8 bytes with seed 0, made fit for a float.
///
/// ```
/// // From the tests of the reference implementation.
/// assert_eq!(f32::from_bits(cosmos_exr::cryptomatte::hash_name("hello")), 6.0705627102400005616e-17);
/// ```
pub fn hash_name(name: &str) -> Id {
    canonical(murmur3_32(name.as_bytes(), 0))
}

/// `MurmurHash3_x86_32` by Austin Appleby, whose constants these are.
pub fn murmur3_32(bytes: &[u8], seed: u32) -> u32 {
    let mix = |word: u32| {
        word.wrapping_mul(0xcc9e_2d51)
            .rotate_left(15)
            .wrapping_mul(0x1b87_3593)
    };
    let mut hash = seed;
    let (words, tail) = bytes.as_chunks::<4>();
    for word in words {
        hash ^= mix(u32::from_le_bytes(*word));
        hash = hash
            .rotate_left(13)
            .wrapping_mul(5)
            .wrapping_add(0xe654_6b64);
    }
    if !tail.is_empty() {
        let mut last = [0; 4];
        last[..tail.len()].copy_from_slice(tail);
        hash ^= mix(u32::from_le_bytes(last));
    }
    // Names are far shorter than 4 GiB; the algorithm takes the length modulo 2^32.
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
