//! The compressions of OpenEXR and what they do to values.

use super::{Channel, SampleType};

/// How the blocks of a part are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// Runs of equal bytes.
    Rle,
    /// Deflate, a line at a time.
    Zips,
    /// Deflate, 16 lines at a time.
    Zip,
    /// Wavelets and Huffman codes, 32 lines.
    Piz,
    /// Deflate of 24-bit floats, 16 lines. Changes float channels.
    Pxr24,
    /// Blocks of 4x4, 32 lines. Changes half channels.
    B44,
    /// As B44, with flat blocks smaller. Changes half channels.
    B44a,
    /// Discrete cosine transform, 32 lines. Changes color channels.
    Dwaa,
    /// As DWAA, 256 lines.
    Dwab,
    /// A number that this crate does not know, such as those of HTJ2K.
    Unknown(u8),
}

impl Compression {
    /// From the number in a header.
    pub(crate) fn from_code(code: u8) -> Self {
        match code {
            0 => Self::None,
            1 => Self::Rle,
            2 => Self::Zips,
            3 => Self::Zip,
            4 => Self::Piz,
            5 => Self::Pxr24,
            6 => Self::B44,
            7 => Self::B44a,
            8 => Self::Dwaa,
            9 => Self::Dwab,
            other => Self::Unknown(other),
        }
    }

    /// Lines in a block of a scan line part; `None` for an unknown compression.
    pub(crate) fn lines(self) -> Option<u64> {
        match self {
            Self::None | Self::Rle | Self::Zips => Some(1),
            Self::Zip | Self::Pxr24 => Some(16),
            Self::Piz | Self::B44 | Self::B44a | Self::Dwaa => Some(32),
            Self::Dwab => Some(256),
            Self::Unknown(_) => None,
        }
    }

    /// Most bytes that one compressed byte can stand for, where the method has a bound: deflate gives 258 bytes for
    /// two bits, a run of RLE 128 bytes for two.
    pub(crate) fn largest_ratio(self) -> Option<u64> {
        match self {
            Self::None => Some(1),
            Self::Rle => Some(64),
            Self::Zips | Self::Zip => Some(1032),
            // PXR24 drops one byte of four of a float before it deflates.
            Self::Pxr24 => Some(1376),
            _ => None,
        }
    }

    /// Whether values of the channel may come back changed.
    ///
    /// PXR24 rounds floats to 24 bits; B44 packs halves and leaves float and uint alone; DWA transforms half and float
    /// channels whose last name is one of R, G, B, Y, RY, BY (and, in older files, their spelled-out or lower-case
    /// forms) and keeps all others exactly.
    pub fn changes(self, channel: &Channel) -> bool {
        match self {
            Self::None | Self::Rle | Self::Zips | Self::Zip | Self::Piz => false,
            Self::Pxr24 => channel.sample == SampleType::Float,
            Self::B44 | Self::B44a => channel.sample == SampleType::Half,
            Self::Dwaa | Self::Dwab => {
                let last = channel
                    .name
                    .rsplit('.')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                let transformed = [
                    "r", "g", "b", "y", "ry", "by", "red", "grn", "green", "blu", "blue",
                ]
                .contains(&last.as_str());
                channel.sample != SampleType::Uint && transformed
            }
            Self::Unknown(_) => true,
        }
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "NONE",
            Self::Rle => "RLE",
            Self::Zips => "ZIPS",
            Self::Zip => "ZIP",
            Self::Piz => "PIZ",
            Self::Pxr24 => "PXR24",
            Self::B44 => "B44",
            Self::B44a => "B44A",
            Self::Dwaa => "DWAA",
            Self::Dwab => "DWAB",
            Self::Unknown(code) => return write!(f, "unknown ({code})"),
        })
    }
}
