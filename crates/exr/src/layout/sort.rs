//! Groups of channels to layers: their names, their roles, and why some cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use super::layers::{Group, last_name};
use super::names::{self, Fit};
use super::{Layer, Role};
use crate::Refusal;
use crate::header::{Channel, Cryptomatte, Header, SampleType};

/// Part and name of a Cryptomatte.
type Key = (usize, String);

/// The groups of one Cryptomatte by rank, and its table.
#[derive(Default)]
struct Ranked<'a> {
    table: Option<&'a Cryptomatte>,
    groups: BTreeMap<usize, Group>,
}

enum Entry {
    Plain(Group),
    Ranked(Key),
}

/// Gives each group its role; the ranks of a Cryptomatte become one layer.
pub(super) fn sort(header: &Header, groups: Vec<Group>) -> Vec<Layer> {
    let mut ranked: BTreeMap<Key, Ranked<'_>> = BTreeMap::new();
    let mut order: Vec<Entry> = Vec::new();
    for group in groups {
        let Some((name, rank, table)) = ranks(header, &group) else {
            order.push(Entry::Plain(group));
            continue;
        };
        let key = (group.part, name);
        if !ranked.contains_key(&key) {
            order.push(Entry::Ranked(key.clone()));
        }
        let known = ranked.entry(key).or_default();
        known.table = known.table.take().or(table);
        known.groups.insert(rank, group);
    }
    let names: BTreeSet<String> = ranked.keys().map(|(_, name)| name.clone()).collect();
    let tables: BTreeSet<&str> = header
        .cryptomattes
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    let is_preview =
        |group: &Group| names.contains(&group.name) || tables.contains(group.name.as_str());
    let mut layers: Vec<Layer> = order
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Plain(group) => {
                let is_preview = is_preview(&group);
                Some(plain(header, group, is_preview))
            }
            Entry::Ranked(key) => {
                let known = ranked.remove(&key)?;
                Some(cryptomatte(header, key, known))
            }
        })
        .collect();
    tell_apart(header, &mut layers);
    layers
}

/// The Cryptomatte that a group of channels is a rank of. Channels of a table are its name and digits
/// (specification 1.2); files whose table got lost are known by their name.
fn ranks<'a>(
    header: &'a Header,
    group: &Group,
) -> Option<(String, usize, Option<&'a Cryptomatte>)> {
    if group.channels.len() < 2 {
        return None;
    }
    let by_table = header.cryptomattes.iter().find_map(|table| {
        let digits = group
            .name
            .strip_prefix(&table.name)
            .filter(|_| !table.name.is_empty())?;
        let rank = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())??;
        Some((table.name.clone(), rank, Some(table)))
    });
    by_table.or_else(|| {
        names::cryptomatte_rank(&group.name).map(|(name, rank)| (name.to_owned(), rank, None))
    })
}

/// A layer as it stands. Some renderers add a picture to a Cryptomatte, for the eye alone, under its bare name.
fn plain(header: &Header, group: Group, is_preview: bool) -> Layer {
    let part = &header.parts[group.part];
    let channels: Vec<Channel> = group
        .channels
        .iter()
        .map(|at| part.channels[*at].clone())
        .collect();
    let colors = channels
        .iter()
        .filter(|channel| is_color(last_name(&channel.name)))
        .count();
    let (role, fit) = if is_preview {
        (Role::Other, Fit::CERTAIN)
    } else if group.name.is_empty() {
        // Channels without a layer are the picture.
        (Role::Beauty, Fit::CERTAIN)
    } else {
        match names::role_of(&group.name).unwrap_or((Role::Other, Fit::CERTAIN)) {
            // `Image.V` or a lone `c` is no picture.
            (Role::Beauty, _) if colors < 3 => (Role::Other, Fit::CERTAIN),
            // A normal is a direction; Houdini's `N` has three components, Nuke's `n` may be anything.
            (Role::Normal, _) if channels.len() < 3 => (Role::Other, Fit::CERTAIN),
            found => found,
        }
    };
    let lossy = channels
        .iter()
        .find(|channel| part.compression.changes(channel));
    let refusal = if part.is_deep() {
        Some(Refusal::Deep)
    } else if channels.iter().any(|channel| channel.sampling != (1, 1))
        || is_subsampled(header, group.part)
    {
        Some(Refusal::Subsampled)
    } else if part.compression.lines().is_none() {
        Some(Refusal::Compression(part.compression))
    } else if lossy.is_some() && matches!(role, Role::ObjectIndex | Role::MaterialIndex) {
        Some(Refusal::LossyIds(part.compression))
    } else {
        None
    };
    let name = match group.name {
        name if is_preview => format!("{name} (preview)"),
        name if !name.is_empty() => name,
        _ if colors > 0 => "RGBA".to_owned(),
        _ => channels
            .iter()
            .map(|channel| channel.name.as_str())
            .collect(),
    };
    Layer {
        name,
        part: group.part,
        role,
        channels,
        refusal,
        cryptomatte: None,
        indices: group.channels,
        fit,
    }
}

/// One subsampled channel changes the layout of a block, and with it the place of all others.
fn is_subsampled(header: &Header, part: usize) -> bool {
    header.parts[part]
        .channels
        .iter()
        .any(|channel| channel.sampling != (1, 1))
}

fn is_color(last: &str) -> bool {
    matches!(
        last.to_ascii_lowercase().as_str(),
        "r" | "g" | "b" | "red" | "green" | "blue" | "grn" | "blu"
    )
}

fn cryptomatte(header: &Header, (part_at, name): Key, ranked: Ranked<'_>) -> Layer {
    let part = &header.parts[part_at];
    let indices: Vec<usize> = ranked
        .groups
        .into_values()
        .flat_map(|group| pairs(part_at, header, &group))
        .collect();
    let channels: Vec<Channel> = indices
        .iter()
        .map(|at| part.channels[*at].clone())
        .collect();
    let refusal = if part.is_deep() {
        Some(Refusal::Deep)
    } else if is_subsampled(header, part_at) {
        Some(Refusal::Subsampled)
    } else if part.compression.lines().is_none() {
        Some(Refusal::Compression(part.compression))
    } else if channels
        .iter()
        .step_by(2)
        .any(|id| id.sample != SampleType::Float)
    {
        Some(Refusal::HalfIds)
    } else if channels
        .iter()
        .step_by(2)
        .any(|id| part.compression.changes(id))
    {
        Some(Refusal::LossyIds(part.compression))
    } else {
        None
    };
    let role = Role::Cryptomatte(names::cryptomatte_kind(&name));
    Layer {
        name,
        part: part_at,
        role,
        channels,
        refusal,
        cryptomatte: ranked.table.cloned(),
        indices,
        fit: Fit::CERTAIN,
    }
}

/// A rank's channels as pairs of ID and coverage; a fourth channel that is missing drops its ID.
fn pairs(part: usize, header: &Header, group: &Group) -> Vec<usize> {
    let channels = &header.parts[part].channels;
    let known: Vec<usize> = group
        .channels
        .iter()
        .copied()
        .filter(|at| {
            is_color(last_name(&channels[*at].name))
                || matches!(
                    last_name(&channels[*at].name).to_ascii_lowercase().as_str(),
                    "a" | "alpha"
                )
        })
        .collect();
    known.chunks_exact(2).flatten().copied().collect()
}

/// Puts the part in front of names that several parts have.
fn tell_apart(header: &Header, layers: &mut [Layer]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for layer in layers.iter() {
        *count.entry(layer.name.clone()).or_default() += 1;
    }
    for layer in layers {
        if count[&layer.name] > 1 {
            let part = header.parts[layer.part]
                .name
                .clone()
                .unwrap_or_else(|| layer.part.to_string());
            layer.name = format!("{part}:{}", layer.name);
        }
    }
}
