//! What an artist can choose about the encoding, and what is chosen for those who do not.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::modality::Modality;

/// The video codec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// H.264 through libx264, which everything reads. The default.
    #[default]
    H264,
    /// H.265 through libx265: smaller files, slower to make.
    Hevc,
}

impl Codec {
    /// Every codec, the default first.
    pub const ALL: [Self; 2] = [Self::H264, Self::Hevc];

    /// FFmpeg's name of the codec, also the word for it on the command line and in the config.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::Hevc => "hevc",
        }
    }

    /// FFmpeg's name of the encoder used for it.
    #[must_use]
    pub const fn encoder_name(self) -> &'static str {
        match self {
            Self::H264 => "libx264",
            Self::Hevc => "libx265",
        }
    }
}

/// How samples are stored in the video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PixelFormat {
    /// 8 bits, chroma at half width and height: what every player and Cosmos itself reads. The default.
    #[default]
    Yuv420p,
    /// 8 bits, full chroma: exact label edges, for tools that read H.264 High 4:4:4.
    Yuv444p,
}

impl PixelFormat {
    /// Every pixel format, the default first.
    pub const ALL: [Self; 2] = [Self::Yuv420p, Self::Yuv444p];

    /// FFmpeg's name of the format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yuv420p => "yuv420p",
            Self::Yuv444p => "yuv444p",
        }
    }

    /// Whether cb and cr have half the width and height of luma.
    #[must_use]
    pub const fn is_subsampled(self) -> bool {
        matches!(self, Self::Yuv420p)
    }
}

/// How much time the encoder spends on finding a smaller representation, by x264's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "x264's own names, from fastest to slowest")]
pub enum Preset {
    Ultrafast,
    Superfast,
    Veryfast,
    Faster,
    Fast,
    Medium,
    Slow,
    Slower,
    Veryslow,
}

impl Preset {
    /// Every preset, the fastest first.
    pub const ALL: [Self; 9] = [
        Self::Ultrafast,
        Self::Superfast,
        Self::Veryfast,
        Self::Faster,
        Self::Fast,
        Self::Medium,
        Self::Slow,
        Self::Slower,
        Self::Veryslow,
    ];

    /// The name that x264 and x265 know the preset by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Fast => "fast",
            Self::Medium => "medium",
            Self::Slow => "slow",
            Self::Slower => "slower",
            Self::Veryslow => "veryslow",
        }
    }
}

/// A word that names none of the choices there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {what} ({})", choices.join(", "))]
pub struct UnknownChoice {
    /// What was to be chosen.
    pub what: &'static str,
    /// The word that was given.
    pub word: String,
    /// The words that would have been right.
    pub choices: Vec<&'static str>,
}

macro_rules! by_name {
    ($type:ty, $what:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = UnknownChoice;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .into_iter()
                    .find(|choice| choice.name().eq_ignore_ascii_case(word.trim()))
                    .ok_or_else(|| UnknownChoice {
                        what: $what,
                        word: word.to_owned(),
                        choices: Self::ALL.iter().map(|choice| choice.name()).collect(),
                    })
            }
        }
    };
}

by_name!(Codec, "codec");
by_name!(PixelFormat, "pixel format");
by_name!(Preset, "preset");
