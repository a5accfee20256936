//! Names of files on both sides, relative to the folder that is transferred, with `/` between folders.

use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::{RemoteError, local};

/// What every hidden file and folder of ours starts with, here and on the host.
pub const OURS: &str = ".cosmos-";

/// A local file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    pub name: String,
    pub path: PathBuf,
    pub size: u64,
}

/// The files in `folder`, by name.
pub fn local_files(folder: &Path) -> Result<Vec<LocalFile>, RemoteError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|e| {
            let path = e.path().unwrap_or(folder).to_owned();
            let source = e
                .into_io_error()
                .unwrap_or_else(|| std::io::Error::other("symbolic links lead in a circle"));
            local("list", &path)(source)
        })?;
        let path = entry.path();
        let is_ours = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(OURS.as_bytes());
        if entry.file_type().is_dir() || is_ours {
            continue;
        }
        let relative = path.strip_prefix(folder).unwrap_or(path);
        let name = relative.to_str().ok_or_else(|| RemoteError::BadName {
            name: relative.to_string_lossy().into_owned(),
            problem: "is not UTF-8",
        })?;
        files.push(local_file(name, path)?);
    }
    Ok(files)
}

/// The file at `path` under the name that it is sent as.
pub fn local_file(name: &str, path: &Path) -> Result<LocalFile, RemoteError> {
    check(name)?;
    let metadata = path.metadata().map_err(local("look at", path))?;
    if !metadata.is_file() {
        return Err(RemoteError::BadName {
            name: name.to_owned(),
            problem: "is neither a file nor a folder",
        });
    }
    Ok(LocalFile {
        name: name.to_owned(),
        path: path.to_owned(),
        size: metadata.len(),
    })
}

/// Refuses a relative name that leads elsewhere or that a terminal must not show.
pub fn check(name: &str) -> Result<(), RemoteError> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let problem = if name.contains(char::is_control) {
        "has control characters"
    } else if name.is_empty() || !Path::new(name).components().all(is_plain) {
        "leads out of its folder"
    } else if name.split('/').any(|part| part.is_empty() || part == ".") {
        "is not written as a plain path"
    } else {
        return Ok(());
    };
    Err(RemoteError::BadName {
        name: name.to_owned(),
        problem,
    })
}

/// The folder and the last part of an absolute path on the host.
pub fn split(remote: &str) -> Result<(&str, &str), RemoteError> {
    let bad = |problem| RemoteError::BadName {
        name: remote.to_owned(),
        problem,
    };
    let path = remote.trim_end_matches('/');
    let relative = path
        .strip_prefix('/')
        .ok_or_else(|| bad("does not start with /"))?;
    check(relative)?;
    Ok(match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(parts) => parts,
        None => ("/", path),
    })
}

/// `folder/name`, where the folder may be the root.
pub fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// The hidden file beside `path` that collects the chunks of what has the hash `content`, and what the names of all
/// such files for `path` begin with. Two processes that send the same fill the same file, with the same bytes; two
/// that do not never meet.
pub fn part_of(path: &str, content: &str) -> (String, String) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let short = |hash: &str| hash.chars().take(16).collect::<String>();
    let digest = cosmos_core::hash::sha256_of(name.as_bytes());
    let prefix = format!("{OURS}{}-", short(&digest));
    (format!("{folder}/{prefix}{}.part", short(content)), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_stay_inside_pass() {
        for name in ["a", "a/b.mp4", "it's $(x) ü", "-rf", "..a", "a/...", "\\"] {
            assert!(check(name).is_ok(), "{name:?}");
        }
        for name in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            ".",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "a\nb",
            "a\u{1b}[2J",
            "a\0b",
            "a\rb",
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn remote_paths_are_absolute_and_plain() {
        assert_eq!(split("/a/b c").unwrap(), ("/a", "b c"));
        assert_eq!(split("/a/b/").unwrap(), ("/a", "b"));
        assert_eq!(split("/a").unwrap(), ("/", "a"));
        for path in ["", "a", "/", "/a/../b", "~/a"] {
            assert!(split(path).is_err(), "{path}");
        }
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/a", "b"), "/a/b");
    }
}
