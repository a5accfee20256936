//! Blocks to planes.

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use exr::math::{RoundingMode, Vec2};
use exr::meta::BlockDescription;
use exr::meta::attribute::{
    ChannelDescription, IntegerBounds, LevelMode, SampleType as ExrSample, Text, TileDescription,
};
use exr::meta::header::Header as ExrHeader;
use rayon::prelude::*;

use super::blocks::{Block, BlockTable};
use super::guard;
use super::planes::Target;
use crate::header::{Compression, Header, Part, PartKind, SampleType};
use crate::source::Source;
use crate::{Error, Refusal, Result};

/// Blocks in flight for each thread when reading in parallel: enough to keep all busy, few enough to stay small.
const BATCH: usize = 2;

/// Decompresses each block once and spreads its channels over the planes.
pub(super) fn decode<R: Read + Seek>(
    source: &mut Source<R>,
    header: &Header,
    part_at: usize,
    table: &BlockTable,
    mut targets: Vec<Target<'_>>,
    parallel: bool,
) -> Result<()> {
    let part = &header.parts[part_at];
    let decoder = Decoder::new(part).map_err(|what| Error::Unsupported {
        path: source.path().to_owned(),
        what,
    })?;
    let path = source.path().to_owned();
    let failed = |block: &Block, (problem, cause): Failure| Error::BadBlock {
        path: path.clone(),
        part: part_at,
        block: block.index,
        problem,
        source: cause,
    };
    if !parallel {
        for block in &table.blocks {
            let bytes = block.fetch(source, header, part_at)?;
            let pixels = decoder
                .decompress(block, bytes)
                .map_err(|failure| failed(block, failure))?;
            for target in &mut targets {
                target.place(part, block, &pixels);
            }
        }
        return Ok(());
    }
    for batch in table
        .blocks
        .chunks((rayon::current_num_threads() * BATCH).max(1))
    {
        let fetched: Vec<Vec<u8>> = batch
            .iter()
            .map(|block| block.fetch(source, header, part_at))
            .collect::<Result<_>>()?;
        let pixels: Vec<Vec<u8>> = batch
            .par_iter()
            .zip(fetched)
            .map(|(block, bytes)| {
                decoder
                    .decompress(block, bytes)
                    .map_err(|failure| failed(block, failure))
            })
            .collect::<Result<_>>()?;
        targets.par_iter_mut().for_each(|target| {
            for (block, pixels) in batch.iter().zip(&pixels) {
                target.place(part, block, pixels);
            }
        });
    }
    Ok(())
}

/// What went wrong with a block, and what the decoder said.
type Failure = (String, Option<Box<dyn std::error::Error + Send + Sync>>);

/// The `exr` crate's decompression, given a header that holds only what it needs.
struct Decoder {
    header: ExrHeader,
    compression: Compression,
    pixel_bytes: u64,
}

impl Decoder {
    fn new(part: &Part) -> Result<Self, Refusal> {
        let channels = part
            .channels
            .iter()
            .map(|channel| ChannelDescription {
                name: Text::from_slice_unchecked(channel.name.as_bytes()),
                sample_type: match channel.sample {
                    SampleType::Uint => ExrSample::U32,
                    SampleType::Half => ExrSample::F16,
                    SampleType::Float => ExrSample::F32,
                },
                quantize_linearly: channel.linear,
                sampling: Vec2(1, 1),
            })
            .collect();
        let size = Vec2(
            part.data_window.width() as usize,
            part.data_window.height() as usize,
        );
        let mut header = ExrHeader::new(Text::from("part"), size, channels);
        header.blocks = match part.kind {
            PartKind::Tiles(tiles) => BlockDescription::Tiles(TileDescription {
                tile_size: Vec2(tiles.width as usize, tiles.height as usize),
                level_mode: LevelMode::Singular,
                rounding_mode: RoundingMode::Down,
            }),
            PartKind::ScanLines => BlockDescription::ScanLines,
            PartKind::DeepScanLines | PartKind::DeepTiles(_) => return Err(Refusal::Deep),
        };
        header.compression = match part.compression {
            Compression::None => exr::compression::Compression::Uncompressed,
            Compression::Rle => exr::compression::Compression::RLE,
            Compression::Zips => exr::compression::Compression::ZIP1,
            Compression::Zip => exr::compression::Compression::ZIP16,
            Compression::Piz => exr::compression::Compression::PIZ,
            Compression::Pxr24 => exr::compression::Compression::PXR24,
            Compression::B44 => exr::compression::Compression::B44,
            Compression::B44a => exr::compression::Compression::B44A,
            Compression::Dwaa => exr::compression::Compression::DWAA(None),
            Compression::Dwab => exr::compression::Compression::DWAB(None),
            unknown @ Compression::Unknown(_) => return Err(Refusal::Compression(unknown)),
        };
        Ok(Self {
            header,
            compression: part.compression,
            pixel_bytes: part.pixel_bytes(),
        })
    }

    fn decompress(&self, block: &Block, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let expected = block.width * block.height * self.pixel_bytes;
        guard::check(self.compression, block, &bytes, expected)
            .map_err(|problem| (problem, None))?;
        let size = Vec2(block.width as usize, block.height as usize);
        // Blocks lie at 0,0 for the decoder: the place matters only to subsampled channels.
        let bounds = IntegerBounds {
            position: Vec2(0, 0),
            size,
        };
        // The decoders of PIZ, B44, PXR24 and DWA index into tables that the file describes; a damaged block must
        // cost one frame, and not the program.
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            self.header.compression.decompress_image_section_from_le(
                &self.header,
                bytes,
                bounds,
                false,
            )
        }));
        match attempt {
            Ok(Ok(pixels)) => {
                if pixels.len() as u64 == expected {
                    Ok(pixels)
                } else {
                    Err((
                        format!("holds {} bytes and not {expected}", pixels.len()),
                        None,
                    ))
                }
            }
            Ok(Err(error)) => Err(("is damaged".to_owned(), Some(Box::new(error)))),
            Err(_panic) => Err((
                "is damaged in a way that stopped the decoder".to_owned(),
                None,
            )),
        }
    }
}
