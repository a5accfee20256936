//! The names that complete: of prompts, of runs, and of the folders that `prepare-inference` made.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use cosmos_workflow::config::{Config, Environment, Paths};
use cosmos_workflow::specs::SpecKind;
use cosmos_workflow::workflows::{SpecEntry, list_specs};

use super::FILES;

/// Where a prompt is expected.
pub fn prompts() -> ArgValueCompleter {
    ArgValueCompleter::new(|word: &OsStr| specs(word, &[SpecKind::Prompt]))
}

/// Where a run is expected.
pub fn runs() -> ArgValueCompleter {
    ArgValueCompleter::new(|word: &OsStr| specs(word, &[SpecKind::Run]))
}

/// Where either is expected.
pub fn prompts_and_runs() -> ArgValueCompleter {
    ArgValueCompleter::new(|word: &OsStr| specs(word, &[SpecKind::Prompt, SpecKind::Run]))
}

/// Where the name of a prepared folder among the videos is expected.
pub fn shots() -> ArgValueCompleter {
    ArgValueCompleter::new(|word: &OsStr| {
        let found = prepared().into_iter();
        matching(
            word,
            found.filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned())),
        )
    })
}

/// Where the path of a prepared folder is expected, or another path.
pub fn shot_folders() -> ArgValueCompleter {
    ArgValueCompleter::new(|word: &OsStr| {
        let found = prepared().into_iter();
        matching(
            word,
            found.filter_map(|folder| {
                let folder = folder.strip_prefix(".").unwrap_or(&folder);
                Some(folder.to_str()?.to_owned())
            }),
        )
    })
}

fn matching(word: &OsStr, words: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let word = word.to_string_lossy();
    let found = words.filter(|found| found.starts_with(&*word) && is_plain(found));
    std::iter::once(CompletionCandidate::new(FILES))
        .chain(
            found.map(|found| CompletionCandidate::new(found).help(Some("a prepared shot".into()))),
        )
        .collect()
}

/// The folders that `prepare-inference` made, the newest last.
fn prepared() -> Vec<PathBuf> {
    let entries = paths().and_then(|paths| fs::read_dir(paths.local_videos_dir).ok());
    let entries = entries.into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|folder| folder.join("metadata.json").is_file())
        .collect();
    folders.sort();
    folders
}

/// The names of prompts and runs that stand for one of `kinds`, and the ids of those whose name does not, or that
/// `word` begins.
fn specs(word: &OsStr, kinds: &[SpecKind]) -> Vec<CompletionCandidate> {
    let word = word.to_string_lossy();
    let entries = paths().map_or_else(Vec::new, |paths| {
        list_specs(&paths.local_prompts_dir, &paths.local_runs_dir).specs
    });
    let mut by_name: BTreeMap<&str, Vec<&SpecEntry>> = BTreeMap::new();
    for entry in &entries {
        by_name.entry(&entry.name).or_default().push(entry);
    }
    // A name that a prompt shares with its runs means the prompt, or its only run where runs are asked for.
    let named = |entry: &SpecEntry| {
        let of_name = by_name.get(&*entry.name).map_or(&[][..], Vec::as_slice);
        let count = |kind| of_name.iter().filter(|one| one.kind == kind).count();
        let is_meant = match entry.kind {
            SpecKind::Prompt => count(SpecKind::Prompt) == 1,
            SpecKind::Run if kinds.contains(&SpecKind::Prompt) => of_name.len() == 1,
            SpecKind::Run => count(SpecKind::Run) == 1 && count(SpecKind::Prompt) <= 1,
        };
        is_meant && is_plain(&entry.name)
    };
    let mut found = vec![CompletionCandidate::new(FILES)];
    for entry in entries.iter().filter(|entry| kinds.contains(&entry.kind)) {
        let has_name = named(entry);
        if has_name && entry.name.starts_with(&*word) {
            found.push(
                CompletionCandidate::new(&entry.name).help(Some(facts(entry, &entry.id).into())),
            );
        }
        if entry.id.starts_with(&*word) && is_plain(&entry.id) && !(has_name && word.is_empty()) {
            found.push(
                CompletionCandidate::new(&entry.id).help(Some(facts(entry, &entry.name).into())),
            );
        }
    }
    found
}

/// What an entry is, in a few words.
fn facts(entry: &SpecEntry, other: &str) -> String {
    let other = other.replace(char::is_control, " ");
    match entry.state {
        Some(state) => format!("run {other}, {state}"),
        None => format!("prompt {other}"),
    }
}

/// Whether a shell takes this as one word without quotes.
fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./+,@%".contains(c);
    text.starts_with(|c: char| c.is_alphanumeric() || "_./".contains(c))
        && text.chars().all(is_plain)
}

/// The folders of the settings, with those of `--config` if the command line has it.
fn paths() -> Option<Paths> {
    let words: Vec<String> = env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let given =
        words
            .iter()
            .enumerate()
            .find_map(|(index, word)| match word.strip_prefix("--config") {
                Some("") => words.get(index + 1).cloned(),
                Some(rest) => rest.strip_prefix('=').map(str::to_owned),
                None => None,
            });
    // As it was typed, with the shell's quotes.
    let given = given.and_then(|file| shlex::split(&file)?.pop());
    let loaded = Config::load(given.as_deref().map(Path::new), &Environment::of_process());
    Some(loaded.ok()?.config.paths)
}
