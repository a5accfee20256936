//! Weightings that NVIDIA's cookbook warns of.
//!
//! Its page `docs/core_concepts/control_modalities/overview.md` (commit 48a30c0), section Best Practices, is about
//! Transfer2.5, whose controls the other two programs share.

use super::Finding;
use crate::modality::Modality;

/// The page, for people.
const PAGE: &str = "NVIDIA's cookbook, core concepts, control modalities";
/// The highest weight that the page gives for vis beside other controls.
const HIGH_VIS: f64 = 0.6;

/// A control that guides the result.
pub(super) struct Active {
    pub modality: Modality,
    /// `None` for a weight map.
    pub weight: Option<f64>,
    /// Whether it is limited to a part of the picture.
    pub masked: bool,
}

pub(super) fn judge(active: &[Active], found: &mut Vec<Finding>) {
    let of = |modality| active.iter().find(|control| control.modality == modality);
    let (seg, vis) = (of(Modality::Segmentation), of(Modality::Vis));
    let has_edge = of(Modality::Edge).is_some();
    if seg.is_some() && active.len() == 1 {
        found.push(
            Finding::warning(
                "weights.segmentation-alone",
                "segmentation alone makes unrealistic results",
            )
            .help(format!("add edge ({PAGE})")),
        );
    }
    if seg.is_some() && vis.is_some() && !has_edge {
        found.push(
            Finding::warning(
                "weights.without-edge",
                "segmentation and vis without edge make results that cannot be foreseen",
            )
            .help(format!("add edge ({PAGE})")),
        );
    }
    if vis.is_some_and(|vis| vis.masked) {
        found.push(
            Finding::warning(
                "weights.masked-vis",
                "a vis control with a mask invents things",
            )
            .help(format!("use vis everywhere with a low weight ({PAGE})")),
        );
    }
    if let (Some(weight), true) = (vis.and_then(|vis| vis.weight), active.len() > 1) {
        // Where all weigh the same, the weight says nothing of vis.
        let others = active
            .iter()
            .filter(|control| control.modality != Modality::Vis);
        let most = others
            .filter_map(|control| control.weight)
            .fold(0.0, f64::max);
        if weight > HIGH_VIS && weight > most {
            found.push(
                Finding::note(
                    "weights.high-vis",
                    format!("vis has the weight {weight}: the result stays close to the input"),
                )
                .help(format!("{HIGH_VIS} or less changes more ({PAGE})")),
            );
        }
    }
}
