//! Quality and effort for each modality, where the user leaves them to us.
//!
//! The aim: RGB as close to the frames as `libx264 -crf 18` at its `medium` preset comes, in every modality,
//! in as little time as possible, at no more than four times its bytes. A constant quantizer takes a quarter
//! less time than a constant rate factor, which has to look at each frame twice, and controls are read by a
//! model, not by an eye that could be fooled. `benches/compare.sh` prints the figures.

use cosmos_core::modality::Modality;

use super::settings::{Codec, Crf, Preset, Quality};

/// An encoder's settings for one modality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Quality to hold.
    pub quality: Quality,
    /// Preset.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    pub x264_options: &'static str,
}

/// What x264's `ultrafast` leaves out and smooth shading needs: a first step of sub-pixel motion, the 8x8
/// transform, and small intra blocks.
const SMOOTH: &str = "subme=1:8x8dct=1:partitions=i4x4,i8x8";

/// The settings for a modality.
#[must_use]
pub const fn measured(modality: Modality, codec: Codec) -> Tuning {
    match codec {
        Codec::H264 => {
            let (qp, x264_options) = match modality {
                Modality::Color => (19, ""),
                // Blurred pictures show every error: there is no texture to hide it.
                Modality::Vis => (12, SMOOTH),
                // A pass with soft grain is where a constant rate factor does best.
                Modality::Depth => (11, SMOOTH),
                // Labels and outlines are flat with sharp edges, which chroma subsampling blurs more than any
                // quantizer.
                Modality::Segmentation => (18, ""),
                Modality::Edge => (19, ""),
            };
            Tuning {
                quality: Quality::Qp(Crf::literal(qp)),
                preset: Preset::Ultrafast,
                x264_options,
            }
        }
        Codec::Hevc => {
            let crf = match modality {
                Modality::Vis | Modality::Depth => 14,
                Modality::Color | Modality::Segmentation | Modality::Edge => 18,
            };
            Tuning {
                quality: Quality::Crf(Crf::literal(crf)),
                preset: Preset::Ultrafast,
                x264_options: "",
            }
        }
    }
}
