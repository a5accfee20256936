//! Checks of compressed blocks that the `exr` crate leaves out, and that cannot be caught behind it: an allocation of
//! petabytes ends the program.

use super::blocks::Block;
use crate::header::Compression;

/// Counters at the start of a DWA block, eight bytes each (`DataSizesSingle` of the OpenEXR library).
const DWA_COUNTERS: usize = 11;

/// Whether the block's own sizes fit the pixels that it has to give. `raw` is their size in bytes.
pub(super) fn check(
    compression: Compression,
    block: &Block,
    bytes: &[u8],
    raw: u64,
) -> Result<(), String> {
    // Blocks that would grow are stored as they are.
    if bytes.len() as u64 == raw {
        return Ok(());
    }
    match compression {
        Compression::Rle => rle(bytes, raw),
        Compression::Dwaa | Compression::Dwab => dwa(block, bytes, raw),
        _ => Ok(()),
    }
}

/// Runs that give more than the block has would be unpacked to the end: 64 bytes for each one.
fn rle(bytes: &[u8], raw: u64) -> Result<(), String> {
    let mut given = 0_u64;
    let mut rest = bytes;
    while let [count, after @ ..] = rest {
        let count = count.cast_signed();
        let taken = if count < 0 {
            usize::from(count.unsigned_abs())
        } else {
            1
        };
        given += if count < 0 {
            taken as u64
        } else {
            u64::from(count.unsigned_abs()) + 1
        };
        rest = after.get(taken..).ok_or("ends within a run")?;
    }
    if given == raw {
        Ok(())
    } else {
        Err(format!("its runs give {given} bytes and not {raw}"))
    }
}

/// The counters say how much is allocated for each section.
fn dwa(block: &Block, bytes: &[u8], raw: u64) -> Result<(), String> {
    let counters: Vec<u64> = bytes
        .chunks_exact(8)
        .take(DWA_COUNTERS)
        .filter_map(|eight| eight.try_into().ok())
        .map(u64::from_le_bytes)
        .collect();
    let [_, unknown, _, _, _, _, rle, rle_raw, ac, dc, _] = counters[..] else {
        return Err("ends within its counters".to_owned());
    };
    // Values are made for whole squares of 8x8 pixels, and a run of RLE may take a byte more than it gives.
    let squares = block.width.next_multiple_of(8) * block.height.next_multiple_of(8);
    let most = raw
        .div_ceil(block.width * block.height)
        .saturating_mul(squares)
        .saturating_mul(2);
    match [unknown, rle, rle_raw, ac, dc]
        .into_iter()
        .find(|counter| *counter > most)
    {
        Some(counter) => Err(format!(
            "one of its sections is to hold {counter} values, of which there can be {most}"
        )),
        None => Ok(()),
    }
}
