//! Which layer makes which control.

use super::{Control, CryptomatteKind, Layer, Layout, Role};
use crate::Refusal;

/// Which layer makes a control, and what else might have.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// The control.
    pub control: Control,
    /// Name of the layer that is taken.
    pub layer: Option<String>,
    /// Why this one, or why none.
    pub reason: Reason,
    /// Layers that could also have been taken, best first.
    pub others: Vec<Candidate>,
}

/// A layer that was not taken.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// Its name.
    pub layer: String,
    /// What it holds.
    pub role: Role,
    /// Why it cannot be taken at all, if so.
    pub refusal: Option<Refusal>,
}

/// Why a layer was taken, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is the only one of its kind.
    Only,
    /// Its whole name says what it is; the others' names have more words, stand for something weaker, or come later.
    BestName,
    /// It holds the best source that this control can have, before those of another role.
    BestRole,
    /// Nothing better is there: its name only contains a known word.
    PartOfName,
    /// The caller named it.
    Named,
    /// No layer of the file can make this control.
    Missing,
    /// Layers for it are there, and none can be used; the first one's reason.
    Refused(Refusal),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Only => f.write_str("the only one"),
            Self::BestName => f.write_str("the best fitting name"),
            Self::BestRole => f.write_str("the best source"),
            Self::PartOfName => f.write_str("part of its name fits"),
            Self::Named => f.write_str("named by the caller"),
            Self::Missing => f.write_str("no layer for it"),
            Self::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

/// Rank of a role as source of a control; less is better.
fn rank(control: Control, role: Role) -> Option<usize> {
    let sources: &[Role] = match control {
        Control::Color => &[Role::Beauty],
        Control::Depth => &[Role::Depth, Role::Mist],
        Control::Segmentation => &[
            Role::Cryptomatte(CryptomatteKind::Object),
            Role::Cryptomatte(CryptomatteKind::Asset),
            Role::Cryptomatte(CryptomatteKind::Other),
            Role::ObjectIndex,
            Role::Cryptomatte(CryptomatteKind::Material),
            Role::MaterialIndex,
            Role::Labels,
        ],
        Control::Edge => &[Role::Edge],
        Control::Vis => &[Role::Vis],
    };
    sources.iter().position(|source| *source == role)
}

pub(super) fn named(layout: &Layout, control: Control, layer: &Layer) -> Choice {
    let usual = choose(layout, control);
    let rival = usual
        .layer
        .and_then(|name| layout.layers.iter().find(|layer| layer.name == name))
        .map(candidate);
    let mut others: Vec<Candidate> = rival.into_iter().chain(usual.others).collect();
    others.retain(|other| other.layer != layer.name);
    Choice {
        control,
        layer: Some(layer.name.clone()),
        reason: Reason::Named,
        others,
    }
}

fn candidate(layer: &Layer) -> Candidate {
    Candidate {
        layer: layer.name.clone(),
        role: layer.role,
        refusal: layer.refusal,
    }
}

pub(super) fn choose(layout: &Layout, control: Control) -> Choice {
    let beauty = (control != Control::Color)
        .then(|| choose(layout, Control::Color).layer)
        .flatten();
    let view_layer = beauty
        .and_then(|name| layout.layers.iter().find(|layer| layer.name == name))
        .map(|layer| layer.prefix().to_owned());
    // A pass of the picture's own view layer fits best, where both have one.
    let elsewhere = |layer: &Layer| {
        view_layer
            .as_deref()
            .is_some_and(|prefix| prefix != layer.prefix())
    };
    let mut fitting: Vec<(usize, &Layer)> = layout
        .layers
        .iter()
        .filter_map(|layer| rank(control, layer.role).map(|rank| (rank, layer)))
        .collect();
    fitting.sort_by_key(|(rank, layer)| {
        let exact = layer.fit().is_exact();
        (
            layer.refusal.is_some(),
            !exact,
            *rank,
            elsewhere(layer),
            layer.fit(),
        )
    });
    let usable = fitting.first().filter(|(_, layer)| layer.refusal.is_none());
    let reason = match (usable, fitting.first()) {
        (None, None) => Reason::Missing,
        (None, Some((_, refused))) => refused.refusal.map_or(Reason::Missing, Reason::Refused),
        (Some((_, layer)), _) if !layer.fit().is_exact() => Reason::PartOfName,
        (Some((rank, _)), _) => {
            let rivals: Vec<usize> = fitting[1..].iter().map(|(rival, _)| *rival).collect();
            if rivals.is_empty() {
                Reason::Only
            } else if rivals.iter().all(|rival| rival != rank) {
                Reason::BestRole
            } else {
                Reason::BestName
            }
        }
    };
    let taken = usable.map(|(_, layer)| layer.name.clone());
    let others = fitting
        .iter()
        .filter(|(_, layer)| Some(&layer.name) != taken.as_ref())
        .map(|(_, layer)| candidate(layer))
        .collect();
    Choice {
        control,
        layer: taken,
        reason,
        others,
    }
}
