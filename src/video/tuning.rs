//! Quality and effort for each modality, where the user leaves them to us.

use super::settings::{Codec, Crf, Preset};
use crate::modality::Modality;

/// An encoder's settings as measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Constant rate factor.
    pub crf: Crf,
    /// Preset.
    pub preset: Preset,
}

/// The settings for a modality.
#[must_use]
pub const fn measured(modality: Modality, codec: Codec) -> Tuning {
    let _ = (modality, codec);
    Tuning {
        crf: Crf::literal(17),
        preset: Preset::Ultrafast,
    }
}
