//! Channels to layers: which channels belong together, and to which view.

use std::collections::HashMap;

use crate::header::{Header, Part};

/// Channels of one part that share a prefix, before their role is known.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) part: usize,
    /// Name without the view, or empty for the file's nameless layer.
    pub(super) name: String,
    pub(super) view: Option<String>,
    /// Index of each channel among the part's, in the order R G B A, X Y Z, then the file's.
    pub(super) channels: Vec<usize>,
}

/// Groups the channels of all parts.
pub(super) fn group(header: &Header) -> Vec<Group> {
    let views = header.views();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<(usize, String, Option<String>), usize> = HashMap::new();
    for (part_at, part) in header.parts.iter().enumerate() {
        let vector = ["X", "Y", "Z"]
            .iter()
            .all(|name| part.channels.iter().any(|channel| channel.name == *name));
        for (at, channel) in part.channels.iter().enumerate() {
            let (prefix, last) = match channel.name.rsplit_once('.') {
                Some((prefix, last)) => (prefix, last),
                None => ("", channel.name.as_str()),
            };
            let (prefix, view_in_name) = without_view(prefix, &views);
            let full = layer_name(header, part, &prefix, last, vector);
            let (full, view_in_part) = without_view(&full, &views);
            let view = view_in_name
                .or(view_in_part)
                .or_else(|| part.view.clone())
                .or_else(|| {
                    // A channel that names no view belongs to the default one.
                    part.multi_view
                        .as_ref()
                        .and_then(|views| views.first().cloned())
                });
            let place = *places
                .entry((part_at, full.clone(), view.clone()))
                .or_insert_with(|| {
                    groups.push(Group {
                        part: part_at,
                        name: full,
                        view,
                        channels: Vec::new(),
                    });
                    groups.len() - 1
                });
            groups[place].channels.push(at);
        }
    }
    for group in &mut groups {
        let channels = &header.parts[group.part].channels;
        group
            .channels
            .sort_by_key(|at| (order(last_name(&channels[*at].name)), *at));
    }
    groups
}

/// Name of a channel without its layer.
pub(super) fn last_name(channel: &str) -> &str {
    channel.rsplit_once('.').map_or(channel, |(_, last)| last)
}

/// Place of a channel within its layer.
fn order(last: &str) -> usize {
    match last.to_ascii_lowercase().as_str() {
        "r" | "red" | "x" | "u" => 0,
        "g" | "green" | "grn" | "y" | "v" => 1,
        "b" | "blue" | "blu" | "z" => 2,
        "a" | "alpha" | "w" => 3,
        _ => 4,
    }
}

/// The layer that a channel belongs to.
fn layer_name(header: &Header, part: &Part, prefix: &str, last: &str, vector: bool) -> String {
    if !prefix.is_empty() {
        return prefix.to_owned();
    }
    let component = matches!(
        last.to_ascii_lowercase().as_str(),
        "r" | "g"
            | "b"
            | "a"
            | "red"
            | "green"
            | "blue"
            | "alpha"
            | "y"
            | "ry"
            | "by"
            | "grn"
            | "blu"
            | "v"
    ) || (vector && matches!(last, "X" | "Z"));
    // The parts of a file are its layers where the channels carry no name of their own.
    let part_name = part
        .name
        .as_deref()
        .filter(|_| header.parts.len() > 1)
        .unwrap_or_default();
    if component {
        return part_name.to_owned();
    }
    // `Z` beside `R G B` is a layer of its own. In a part that holds nothing else, the part may have the better name.
    let alone = part.channels.len() == 1;
    if alone && !part_name.is_empty() && super::names::role_of(part_name).is_some() {
        return part_name.to_owned();
    }
    last.to_owned()
}

/// Takes the component that is a view's name out of a layer's name. Writers put the view last, or first, or put it
/// behind a part's name with a dot.
fn without_view(name: &str, views: &[String]) -> (String, Option<String>) {
    let found = views
        .iter()
        .find(|view| name.split('.').any(|component| component == view.as_str()));
    match found {
        Some(view) => {
            let rest: Vec<&str> = name
                .split('.')
                .filter(|component| component != view)
                .collect();
            (rest.join("."), Some(view.clone()))
        }
        None => (name.to_owned(), None),
    }
}
