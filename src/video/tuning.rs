//! Quality and effort for each modality, where the user leaves them to us.
//!
//! The aim: RGB as close to the frames as `libx264 -crf 18` at its `medium` preset comes, in every modality,
//! in as little time as possible, at no more than four times its bytes. `benches/compare.sh` prints the
//! figures.

use super::settings::{Codec, Crf, Preset};
use crate::modality::Modality;

/// An encoder's settings for one modality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Constant rate factor.
    pub crf: Crf,
    /// Preset.
    pub preset: Preset,
    /// Changes to the preset, as x264 writes them; empty for none.
    pub x264_options: &'static str,
}

/// What x264's `ultrafast` leaves out and smooth shading needs: a first step of sub-pixel motion, the 8x8
/// transform, and small intra blocks. For a third more encoding time vis gains 0.4 dB at 6 per cent fewer
/// bytes. (Color would gain 0.3 dB at a quarter fewer, but has both to spare.)
const SMOOTH: &str = "subme=1:8x8dct=1:partitions=i4x4,i8x8";

/// The settings for a modality.
#[must_use]
pub const fn measured(modality: Modality, codec: Codec) -> Tuning {
    let (crf, x264_options) = match (codec, modality) {
        (Codec::H264, Modality::Color) => (18, ""),
        // Blurred pictures show every error: there is no texture to hide it.
        (Codec::H264, Modality::Vis) => (14, SMOOTH),
        (Codec::H264, Modality::Depth) => (17, ""),
        // Labels and outlines are flat with sharp edges, which chroma subsampling blurs more than any CRF.
        (Codec::H264, Modality::Segmentation) => (19, ""),
        (Codec::H264, Modality::Edge) => (20, ""),
        (Codec::Hevc, Modality::Vis | Modality::Depth) => (14, ""),
        (Codec::Hevc, _) => (18, ""),
    };
    Tuning {
        crf: Crf::literal(crf),
        preset: Preset::Ultrafast,
        x264_options,
    }
}
