//! The crates and the modules of the library import each other as docs/architecture.md says, and in no circle.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

type Imports = BTreeMap<String, BTreeSet<String>>;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The modules of `src/lib.rs`.
fn modules() -> BTreeSet<String> {
    let text = read("src/lib.rs");
    let names = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    names.map(str::to_owned).collect()
}

/// The crate that each name is from which `src/lib.rs` takes from one of ours.
fn names_of_crates() -> BTreeMap<String, String> {
    let text = read("src/lib.rs");
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("//"))
        .collect();
    let text = code.join("\n");
    let mut names = BTreeMap::new();
    for statement in text.split(';') {
        let Some((_, used)) = statement.split_once("use cosmos_") else {
            continue;
        };
        let word = |c: char| !c.is_alphanumeric() && c != '_';
        let mut words = used.split(word).filter(|word| !word.is_empty());
        let from = words.next().unwrap();
        for name in words.filter(|word| *word != "as") {
            names.insert(name.to_owned(), from.to_owned());
        }
    }
    names
}

/// What each module names of the others and of our crates, outside of tests and comments.
fn imports_in_source() -> Imports {
    let (modules, names) = (modules(), names_of_crates());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut imports: Imports = modules
        .iter()
        .map(|name| (name.clone(), BTreeSet::new()))
        .collect();
    for entry in WalkDir::new(&source) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&source).unwrap();
        let is_code = path.extension().is_some_and(|end| end == "rs");
        if !is_code || path.ends_with("tests.rs") {
            continue;
        }
        let first = path.components().next().unwrap();
        let module = first.as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let Some(imported) = imports.get_mut(module) else {
            continue;
        };
        let text = fs::read_to_string(entry.path()).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            assert!(!line.contains("crate::{"), "{}: {line}", path.display());
            for part in line.split("crate::").skip(1) {
                let name: String = part
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if name != module && modules.contains(&name) {
                    imported.insert(name);
                } else if let Some(from) = names.get(&name) {
                    imported.insert(from.clone());
                }
            }
        }
    }
    imports
}

/// The rows of a table of docs/architecture.md, which begins with `head`: the name in the first column, and the names in
/// the last.
fn table(head: &str) -> Imports {
    let text = read("docs/architecture.md");
    let rows = text.lines().skip_while(|line| *line != head).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let columns: Vec<&str> = row.trim_matches('|').split(" |").collect();
            let name = columns[0].trim().trim_matches('`').to_owned();
            let last = columns.last().unwrap();
            let imported = last.split('`').skip(1).step_by(2).map(str::to_owned);
            (name, imported.collect())
        })
        .collect()
}

#[test]
fn modules_import_what_the_architecture_says() {
    let (found, mut said) = (imports_in_source(), table("| module | does | imports |"));
    said.retain(|name, _| found.contains_key(name));
    let everything = said.get_mut("workflows").unwrap();
    assert!(everything.is_empty());
    everything.extend(found["workflows"].iter().cloned());
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        said.keys().collect::<Vec<_>>(),
        "modules of the source and of the document"
    );
    for (module, imported) in &found {
        assert_eq!(
            imported, &said[module],
            "imports of `{module}`: source and document"
        );
    }
}

#[test]
fn crates_depend_on_what_the_architecture_says() {
    let said = table("| crate | does | foreign engines, only here | imports |");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut found = Imports::new();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().unwrap();
        let ours = manifest["dependencies"]
            .as_table()
            .unwrap()
            .keys()
            .filter_map(|dependency| dependency.strip_prefix("cosmos-"));
        found.insert(name, ours.map(str::to_owned).collect());
    }
    assert_eq!(found, said);
}

#[test]
fn imports_form_no_circle() {
    let mut left = imports_in_source();
    while !left.is_empty() {
        let free: Vec<String> = left
            .iter()
            .filter(|(_, imported)| imported.iter().all(|name| !left.contains_key(name)))
            .map(|(module, _)| module.clone())
            .collect();
        assert!(!free.is_empty(), "a circle of {:?}", left.keys());
        left.retain(|module, _| !free.contains(module));
    }
}
