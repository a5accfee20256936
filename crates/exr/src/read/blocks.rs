//! Where the blocks of a part are. The table is checked before planes are allocated, each block when it is fetched.

use std::io::{Read, Seek};

use crate::header::{Header, Levels, Limits, Part, PartKind, Tiles};
use crate::source::Source;
use crate::{Error, Place, Result};

/// The blocks of the largest level of a part, in the order of the file.
#[derive(Debug)]
pub(super) struct BlockTable {
    pub(super) blocks: Vec<Block>,
}

/// One compressed block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Place in the part's table.
    pub(super) index: usize,
    /// Left and upper pixel, counted from those of the data window.
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    /// Where its head starts, in bytes.
    pub(super) at: u64,
}

impl BlockTable {
    /// Reads the table of a flat part: that every block can be in the file, and large enough for its pixels.
    pub(super) fn read<R: Read + Seek>(
        source: &mut Source<R>,
        header: &Header,
        part_at: usize,
        limits: &Limits,
    ) -> Result<Self> {
        let path = source.path().to_owned();
        let part = &header.parts[part_at];
        let place = Place::BlockTable { part: part_at };
        let bad = |problem: String| Error::BadHeader {
            path: path.clone(),
            place: place.clone(),
            problem,
        };
        let mut at = header.tables_at;
        for (before, part) in header.parts[..part_at].iter().enumerate() {
            let count = table_length(part).ok_or_else(|| {
                let problem = format!("the length of the table of part {before} is not known");
                Error::BadHeader {
                    path: path.clone(),
                    place: Place::BlockTable { part: before },
                    problem,
                }
            })?;
            at = at.saturating_add(count.saturating_mul(8));
        }
        let total = table_length(part).ok_or_else(|| bad("its length is not known".to_owned()))?;
        source.seek(at)?;
        source.require(total.saturating_mul(8), &place)?;
        if let Some(stated) = part.chunk_count.filter(|stated| *stated != total) {
            return Err(bad(format!(
                "the header states {stated} blocks, its windows and tiles make {total}"
            )));
        }
        let mut blocks = geometry(part);
        let largest = blocks
            .iter()
            .map(|block| block.width.saturating_mul(block.height))
            .max()
            .unwrap_or(0);
        let block_bytes = largest.saturating_mul(part.pixel_bytes());
        if block_bytes > limits.block_bytes {
            let what = "the size of a decompressed block in bytes";
            return Err(Error::OverLimit {
                path,
                what,
                value: block_bytes,
                limit: limits.block_bytes,
            });
        }
        // Levels follow each other, the largest one first.
        let offsets = source.bytes(blocks.len() as u64 * 8, &place)?;
        for (block, bytes) in blocks.iter_mut().zip(offsets.chunks_exact(8)) {
            block.at = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        blocks.sort_by_key(|block| block.at);
        let next: Vec<Option<(usize, u64)>> = blocks
            .iter()
            .skip(1)
            .map(|block| Some((block.index, block.at)))
            .chain([None])
            .collect();
        for (block, next) in blocks.iter().zip(next) {
            let bad = |problem: String| Error::BadBlock {
                path: path.clone(),
                part: part_at,
                block: block.index,
                problem,
                source: None,
            };
            if block.at == 0 {
                return Err(bad("was never written: the render was cut off".to_owned()));
            }
            if block.at < header.tables_at {
                return Err(bad(format!(
                    "starts at byte {}, within the header",
                    block.at
                )));
            }
            let head = head_bytes(header, part);
            match next {
                Some((other, at)) if at == block.at => {
                    return Err(bad(format!("starts where block {other} does")));
                }
                Some((_, at)) => {
                    fits(part, block, (at - block.at).saturating_sub(head)).map_err(bad)?
                }
                None => {
                    let least = head
                        + block
                            .raw_bytes(part)
                            .div_ceil(part.compression.largest_ratio().unwrap_or(u64::MAX));
                    source.require_at(
                        block.at,
                        least,
                        &Place::Block {
                            part: part_at,
                            block: block.index,
                        },
                    )?;
                }
            }
        }
        Ok(Self { blocks })
    }
}

/// Bytes before those of the pixels: part, place and size.
fn head_bytes(header: &Header, part: &Part) -> u64 {
    let place = if matches!(part.kind, PartKind::Tiles(_)) {
        16
    } else {
        4
    };
    place + if header.multi_part { 8 } else { 4 }
}

/// Whether so many bytes can hold the pixels of the block, for compressions with a bound.
fn fits(part: &Part, block: &Block, bytes: u64) -> Result<(), String> {
    let raw = block.raw_bytes(part);
    match part.compression.largest_ratio() {
        Some(ratio) if bytes.saturating_mul(ratio) < raw => {
            let compression = part.compression;
            Err(format!(
                "has {bytes} bytes for {raw}, which are more than {compression} can pack ({ratio}:1)"
            ))
        }
        _ => Ok(()),
    }
}

impl Block {
    /// Bytes of its pixels when decompressed.
    pub(super) fn raw_bytes(&self, part: &Part) -> u64 {
        self.width * self.height * part.pixel_bytes()
    }

    /// Reads its compressed bytes, after checking its head: that it is where and what the table says, and whole.
    pub(super) fn fetch<R: Read + Seek>(
        &self,
        source: &mut Source<R>,
        header: &Header,
        part_at: usize,
    ) -> Result<Vec<u8>> {
        let path = source.path().to_owned();
        let part = &header.parts[part_at];
        let place = Place::Block {
            part: part_at,
            block: self.index,
        };
        let bad = |problem: String| Error::BadBlock {
            path: path.clone(),
            part: part_at,
            block: self.index,
            problem,
            source: None,
        };
        source.seek(self.at)?;
        if header.multi_part {
            let stated = source.i32(&place)?;
            if usize::try_from(stated).ok() != Some(part_at) {
                return Err(bad(format!("belongs to part {stated}")));
            }
        }
        match part.kind {
            PartKind::Tiles(tiles) => {
                let found = [
                    source.i32(&place)?,
                    source.i32(&place)?,
                    source.i32(&place)?,
                    source.i32(&place)?,
                ];
                let expected = [
                    self.x / u64::from(tiles.width),
                    self.y / u64::from(tiles.height),
                    0,
                    0,
                ];
                if found.map(|n| u64::try_from(n).ok()) != expected.map(Some) {
                    let problem =
                        format!("is tile {found:?} and not {expected:?} (column, row, levels)");
                    return Err(bad(problem));
                }
            }
            _ => {
                let found = i64::from(source.i32(&place)?);
                let expected = i64::from(part.data_window.min.1) + self.y as i64;
                if found != expected {
                    return Err(bad(format!("starts at line {found} and not {expected}")));
                }
            }
        }
        let stated = source.i32(&place)?;
        let raw = self.raw_bytes(part);
        // A block that would grow is stored as it is, so nothing is larger than that.
        let bytes = u64::try_from(stated)
            .ok()
            .filter(|bytes| (1..=raw).contains(bytes));
        let bytes = bytes.ok_or_else(|| {
            bad(format!(
                "states {stated} bytes, of which there can be 1 to {raw}"
            ))
        })?;
        fits(part, self, bytes).map_err(bad)?;
        source.bytes(bytes, &place)
    }
}

/// The blocks of the largest level in the order of the table: row by row from above.
fn geometry(part: &Part) -> Vec<Block> {
    let (width, height) = (part.data_window.width(), part.data_window.height());
    let (step_x, step_y) = match part.kind {
        PartKind::Tiles(tiles) | PartKind::DeepTiles(tiles) => {
            (u64::from(tiles.width), u64::from(tiles.height))
        }
        _ => (width, part.compression.lines().unwrap_or(1)),
    };
    let columns = width.div_ceil(step_x);
    let rows = height.div_ceil(step_y);
    let mut blocks = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (column * step_x, row * step_y);
            let (width, height) = (step_x.min(width - x), step_y.min(height - y));
            blocks.push(Block {
                index: blocks.len(),
                x,
                y,
                width,
                height,
                at: 0,
            });
        }
    }
    blocks
}

/// Entries in a part's table, over all levels. `None` for an unknown compression without a stated count.
fn table_length(part: &Part) -> Option<u64> {
    let (width, height) = (part.data_window.width(), part.data_window.height());
    match part.kind {
        PartKind::ScanLines => part
            .compression
            .lines()
            .map(|lines| height.div_ceil(lines))
            .or(part.chunk_count),
        PartKind::Tiles(tiles) | PartKind::DeepTiles(tiles) => {
            let in_x = |size: u64| size.div_ceil(u64::from(tiles.width));
            let in_y = |size: u64| size.div_ceil(u64::from(tiles.height));
            let across = levels(width, &tiles);
            let down = levels(height, &tiles);
            Some(match tiles.levels {
                Levels::One => in_x(width) * in_y(height),
                Levels::MipMap => {
                    let count = across.len().max(down.len());
                    let at = |sizes: &[u64], level: usize| sizes.get(level).copied().unwrap_or(1);
                    (0..count)
                        .map(|level| in_x(at(&across, level)) * in_y(at(&down, level)))
                        .sum()
                }
                Levels::RipMap => {
                    let columns: u64 = across.into_iter().map(in_x).sum();
                    let rows: u64 = down.into_iter().map(in_y).sum();
                    columns * rows
                }
            })
        }
        // Deep blocks hold as many lines as flat ones of the same compression.
        PartKind::DeepScanLines => part
            .chunk_count
            .or(part.compression.lines().map(|lines| height.div_ceil(lines))),
    }
}

/// Size of each level in one direction, the largest first.
fn levels(size: u64, tiles: &Tiles) -> Vec<u64> {
    let mut sizes = vec![size];
    let mut now = size;
    while now > 1 {
        now = if tiles.round_up {
            now.div_ceil(2)
        } else {
            now / 2
        };
        sizes.push(now);
    }
    sizes
}
