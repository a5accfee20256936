//! Outputs that appear whole or not at all.
//!
//! A [`StagedDir`] or [`StagedFile`] is written under a hidden name beside its final place
//! (`.shot.partial-XXXXXXXX`, `.color.partial-XXXXXXXX.mp4`) and renamed by `commit`. Dropped without a commit,
//! it is removed, and so are the parent folders made for it. What a killed process left behind is removed
//! by the next one that stages an output in the same folder: each partial is guarded by a locked file
//! (`.shot.lock-XXXXXXXX`), and the kernel gives a lock back when its process ends, however it ends. Where
//! the file system has no locks nothing is known to be dead, so nothing is removed.
//!
//! What has its final name is on the disk: a power cut after `commit` takes nothing of it.
//!
//! Refuses to replace anything unless asked, and even when asked refuses to replace a folder by a file or
//! the reverse, a device, or a folder that the process works in.

pub mod disk;

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use crate::os;

/// Why an output could not be staged or put in its place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StagingError {
    /// The final path is taken and replacing it was not asked for.
    #[error("{} already exists", path.display())]
    AlreadyExists {
        /// The final path.
        path: PathBuf,
    },
    /// The path is empty or ends in `.`, `..`, `/` or (for a file) a slash.
    #[error("`{}` does not name a {expected} to write", path.display())]
    NoName {
        /// The path as given.
        path: PathBuf,
        /// `file` or `folder`.
        expected: &'static str,
    },
    /// The final path is taken by something that a rename must not replace.
    #[error("{} is a {found}, not a {expected}", path.display())]
    WrongKind {
        /// The final path.
        path: PathBuf,
        /// `file` or `folder`.
        expected: &'static str,
        /// `file`, `folder` or `special file`.
        found: &'static str,
    },
    /// The final path is a symbolic link whose target does not exist.
    #[error("{} is a symbolic link to something that does not exist", path.display())]
    DanglingLink {
        /// The link.
        path: PathBuf,
    },
    /// The folder to replace is, or holds, the working folder.
    #[error("{} holds the working folder and is not replaced", path.display())]
    InUse {
        /// The final path.
        path: PathBuf,
    },
    /// The file system refused a step.
    #[error("cannot {attempt} {}: {source}", path.display())]
    Io {
        /// What was attempted, worded to stand before the path.
        attempt: &'static str,
        /// The file or folder that it was attempted on.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl StagingError {
    fn io(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            attempt,
            path,
            source,
        }
    }

    /// What the user can do about it, for a `help:` line.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        use io::ErrorKind::{
            InvalidFilename, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
            StorageFull,
        };
        match self {
            Self::AlreadyExists { .. } => {
                Some("pass --overwrite to replace it, or choose another name or output")
            }
            Self::NoName { .. } | Self::WrongKind { .. } => Some("choose another output path"),
            Self::DanglingLink { .. } => Some("remove the link, or choose another output path"),
            Self::InUse { .. } => Some("run from another folder, or choose another output path"),
            Self::Io { source, .. } => match source.kind() {
                StorageFull | QuotaExceeded => {
                    Some("free some space on that disk, or choose an output on another one")
                }
                ReadOnlyFilesystem => {
                    Some("that file system is mounted read-only; choose an output elsewhere")
                }
                PermissionDenied => {
                    Some("make the folder writable for this user, or choose an output elsewhere")
                }
                InvalidFilename => Some("choose a shorter name"),
                NotADirectory => Some("a part of the path is a file; choose another output path"),
                _ => None,
            },
        }
    }
}

/// A folder being filled, which appears under its final name on [`commit`](Self::commit).
#[derive(Debug)]
pub struct StagedDir(Staging);

impl StagedDir {
    /// Makes an empty hidden folder beside `final_path`, and its parent folders where they are missing. If
    /// `final_path` is a symbolic link to a folder, that folder is the one to replace.
    ///
    /// With `overwrite`, an existing folder is replaced *as a whole* on commit: the caller makes sure that
    /// none of its inputs lies inside.
    ///
    /// # Errors
    /// Every [`StagingError`]; in particular `AlreadyExists` before any work is done.
    pub fn create(final_path: &Path, overwrite: bool) -> Result<Self, StagingError> {
        let staging = Staging::create(final_path, overwrite, Kind::Folder)?;
        fs::create_dir(staging.path()).map_err(StagingError::io("create", staging.path()))?;
        Ok(Self(staging))
    }

    /// The hidden folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts the folder in its final place. On failure the folder that was there stays, and this one is
    /// removed.
    ///
    /// # Errors
    /// `AlreadyExists` if the final path was taken in the meantime and `overwrite` was not asked for;
    /// otherwise as [`create`](Self::create).
    pub fn commit(self) -> Result<(), StagingError> {
        self.0.commit(swap_folders)
    }

    /// Puts the folder beside its final place instead, under the name `name`, which is known only now.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); `NoName` for what is no name of a folder.
    pub fn commit_as(mut self, name: &str) -> Result<(), StagingError> {
        let beside = self.0.target.with_file_name(name);
        let target = resolve(&beside, Kind::Folder)?;
        if target.parent() != self.0.target.parent() {
            return Err(StagingError::NoName {
                path: beside,
                expected: Kind::Folder.noun(),
            });
        }
        self.0.target = target;
        self.commit()
    }
}

/// A file being written, which appears under its final name on [`commit`](Self::commit).
#[derive(Debug)]
pub struct StagedFile(Staging);

impl StagedFile {
    /// Makes an empty hidden file beside `final_path`, with the same extension so that a muxer guesses the
    /// same format, and its parent folders where they are missing. If `final_path` is a symbolic link to a
    /// file, that file is the one to replace.
    ///
    /// # Errors
    /// Every [`StagingError`]; in particular `AlreadyExists` before any work is done.
    pub fn create(final_path: &Path, overwrite: bool) -> Result<Self, StagingError> {
        let staging = Staging::create(final_path, overwrite, Kind::File)?;
        File::create_new(staging.path()).map_err(StagingError::io("create", staging.path()))?;
        Ok(Self(staging))
    }

    /// The hidden file to write to; it may be truncated or replaced.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts the file in its final place. On failure the file that was there stays, and this one is removed.
    ///
    /// # Errors
    /// `AlreadyExists` if the final path was taken in the meantime and `overwrite` was not asked for;
    /// otherwise as [`create`](Self::create).
    pub fn commit(self) -> Result<(), StagingError> {
        self.0.commit(|partial, target| fs::rename(partial, target))
    }

    /// Puts the file in its final place, and then `about`, a file that describes it, in its own. Of several processes
    /// that do so with the same files at once, one after the other does. A description of the file that was there is
    /// removed before that is replaced: wherever this is broken off, no description lies beside a file that it is not
    /// about.
    ///
    /// # Errors
    /// As [`commit`](Self::commit), for either file. What can be told before the first is moved is.
    pub fn commit_with(self, about: Self) -> Result<(), StagingError> {
        let folder = self.0.target.parent().unwrap_or_else(|| Path::new("/"));
        let _lock = FolderLock::take(folder)?;
        is_replacement(&self.0.target, Kind::File, self.0.overwrite)?;
        for file in [&self, &about] {
            disk::flush_file(file.path()).map_err(StagingError::io("flush", &file.0.target))?;
        }
        let description = &about.0.target;
        if is_replacement(description, Kind::File, about.0.overwrite)? {
            fs::remove_file(description).map_err(StagingError::io("replace", description))?;
            disk::flush_folder(description.parent().unwrap_or(folder));
        }
        self.commit()?;
        about.commit()
    }
}

/// The right to put things into a folder, which one process at a time has. The kernel gives it back when that ends,
/// however it ends. Where the file system has no locks everybody has it.
#[derive(Debug)]
pub struct FolderLock {
    _file: Option<File>,
    _new_folders: NewParents,
}

impl FolderLock {
    /// Waits for the right to `folder`, which is made where it is missing, and removed again if it stays empty.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn take(folder: &Path) -> Result<Self, StagingError> {
        let new_folders = NewParents::create(folder)?;
        let file = File::open(folder).ok();
        if let Some(Err(error)) = file.as_ref().map(File::lock) {
            tracing::debug!("cannot lock {}: {error}", folder.display());
        }
        Ok(Self {
            _file: file,
            _new_folders: new_folders,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
        }
    }
}

/// What both kinds share. Dropping it removes what lies under the partial name, then the lock, then the
/// parent folders that are still empty, so a commit only has to rename: it leaves nothing under the partial
/// name, or the output that was replaced.
#[derive(Debug)]
struct Staging {
    partial: RemovedOnDrop,
    _lock: Lock,
    target: PathBuf,
    kind: Kind,
    overwrite: bool,
    _new_parents: NewParents,
}

impl Staging {
    fn create(final_path: &Path, overwrite: bool, kind: Kind) -> Result<Self, StagingError> {
        let target = resolve(final_path, kind)?;
        is_replacement(&target, kind, overwrite)?;
        let no_name = || StagingError::NoName {
            path: final_path.to_path_buf(),
            expected: kind.noun(),
        };
        let parent = target.parent().ok_or_else(no_name)?;
        let names = Names::of(&target, kind).ok_or_else(no_name)?;
        let new_parents = NewParents::create(parent)?;
        names.remove_dead_partials(parent);
        let lock = names
            .lock(parent)
            .map_err(StagingError::io("write in", parent))?;
        let partial = names
            .partial_of(&lock.path.0)
            .map(RemovedOnDrop)
            .ok_or_else(no_name)?;
        Ok(Self {
            partial,
            _lock: lock,
            target,
            kind,
            overwrite,
            _new_parents: new_parents,
        })
    }

    fn path(&self) -> &Path {
        &self.partial.0
    }

    fn commit(self, replace: impl Fn(&Path, &Path) -> io::Result<()>) -> Result<(), StagingError> {
        let target = &self.target;
        let flushed = match self.kind {
            Kind::File => disk::flush_file(self.path()),
            Kind::Folder => disk::flush_tree(self.path()),
        };
        flushed.map_err(StagingError::io("flush", target))?;
        let renamed = loop {
            if is_replacement(target, self.kind, self.overwrite)? {
                break replace(self.path(), target);
            }
            match rename_to_free_name(self.path(), target) {
                // Another process was quicker, and what it made may be replaced too.
                Err(error) if self.overwrite && error.kind() == io::ErrorKind::AlreadyExists => {}
                renamed => break renamed,
            }
        };
        renamed.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => StagingError::AlreadyExists {
                path: target.clone(),
            },
            _ => StagingError::io("put the finished output at", target)(source),
        })?;
        if let Some(parent) = target.parent() {
            disk::flush_folder(parent);
        }
        Ok(())
    }
}

/// `path` made absolute, and the target of the symbolic link if it is one.
fn resolve(path: &Path, kind: Kind) -> Result<PathBuf, StagingError> {
    let ends_in_slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if path.file_name().is_none() || (kind == Kind::File && ends_in_slash) {
        return Err(StagingError::NoName {
            path: path.to_path_buf(),
            expected: kind.noun(),
        });
    }
    let io = |source| StagingError::io("look at", path)(source);
    let absolute: PathBuf = std::path::absolute(path)
        .map_err(io)?
        .components()
        .collect();
    if !absolute.is_symlink() {
        return Ok(absolute);
    }
    match fs::canonicalize(&absolute) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Err(StagingError::DanglingLink { path: absolute })
        }
        resolved => resolved.map_err(io),
    }
}

/// Whether `target` exists and may be replaced; an error if it exists and may not.
fn is_replacement(target: &Path, kind: Kind, overwrite: bool) -> Result<bool, StagingError> {
    let path = || target.to_path_buf();
    let found = match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => Kind::File.noun(),
        Ok(metadata) if metadata.is_dir() => Kind::Folder.noun(),
        Ok(_) => "special file",
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(StagingError::io("look at", target)(e)),
    };
    if found != kind.noun() {
        return Err(StagingError::WrongKind {
            path: path(),
            expected: kind.noun(),
            found,
        });
    }
    if !overwrite {
        return Err(StagingError::AlreadyExists { path: path() });
    }
    let holds_working_folder = || {
        let target = fs::canonicalize(target).ok()?;
        Some(std::env::current_dir().ok()?.starts_with(target))
    };
    if kind == Kind::Folder && holds_working_folder() == Some(true) {
        return Err(StagingError::InUse { path: path() });
    }
    Ok(true)
}

/// Longest part of a final name, in bytes, that its hidden names repeat; with what is added to it they stay
/// below the 255 bytes that common file systems allow.
const KEPT_NAME_BYTES: usize = 200;
/// The same for the extension, which a muxer must recognise.
const KEPT_EXTENSION_BYTES: usize = 16;
/// Hexadecimal digits that tell the partials of one output apart.
const TOKEN_CHARS: usize = 8;

/// The hidden names that belong to one output.
struct Names {
    lock_prefix: String,
    partial_prefix: String,
    partial_suffix: String,
}

impl Names {
    fn of(target: &Path, kind: Kind) -> Option<Self> {
        let name = target.file_name()?;
        let (stem, extension) = match kind {
            Kind::File => (target.file_stem()?, target.extension()),
            Kind::Folder => (name, None),
        };
        Some(Self {
            lock_prefix: format!(".{}.lock-", shorten(name, KEPT_NAME_BYTES)),
            partial_prefix: format!(".{}.partial-", shorten(stem, KEPT_NAME_BYTES)),
            partial_suffix: extension
                .map(|e| format!(".{}", shorten(e, KEPT_EXTENSION_BYTES)))
                .unwrap_or_default(),
        })
    }

    /// The partial that the lock file `lock` guards; `None` if it is not a lock file of this output.
    fn partial_of(&self, lock: &Path) -> Option<PathBuf> {
        let token = lock
            .file_name()?
            .to_str()?
            .strip_prefix(&self.lock_prefix)?;
        let is_token = token.len() == TOKEN_CHARS && token.bytes().all(|b| b.is_ascii_hexdigit());
        let Self {
            partial_prefix,
            partial_suffix,
            ..
        } = self;
        is_token.then(|| lock.with_file_name(format!("{partial_prefix}{token}{partial_suffix}")))
    }

    /// What the lock file `lock` may guard, for this output or another; nothing if it is no lock file.
    fn guarded_by(&self, lock: &Path) -> Vec<PathBuf> {
        if let Some(partial) = self.partial_of(lock) {
            return vec![partial];
        }
        let name = lock.file_name().and_then(OsStr::to_str);
        let output = name.and_then(|name| name.strip_prefix('.')?.rsplit_once(".lock-"));
        // A name that may have been shortened does not tell the extension.
        let Some((output, _)) = output.filter(|(output, _)| output.len() < KEPT_NAME_BYTES) else {
            return Vec::new();
        };
        [Kind::File, Kind::Folder]
            .into_iter()
            .filter_map(|kind| Names::of(Path::new(output), kind)?.partial_of(lock))
            .collect()
    }

    /// Makes a lock file of a new name in `parent` and locks it.
    fn lock(&self, parent: &Path) -> io::Result<Lock> {
        loop {
            let token = RandomState::new().hash_one(()) as u32;
            let path = parent.join(format!("{}{token:08x}", self.lock_prefix));
            let file = match File::create_new(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                created => created?,
            };
            let path = RemovedOnDrop(path);
            // Another process that is clearing up can get hold of the file before it is locked here, and
            // takes it for a dead one.
            let taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if !taken && path.0.exists() {
                return Ok(Lock { path, _file: file });
            }
        }
    }

    /// Removes what processes that no longer live left in `parent`. Failures are left to the next run:
    /// leftovers do not disturb, and whether `parent` can be written to shows in the next step.
    fn remove_dead_partials(&self, parent: &Path) {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let lock = entry.path();
            let partials = self.guarded_by(&lock);
            if partials.is_empty() || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            // Some network file systems lock only files that are open for writing.
            let Ok(file) = File::options().read(true).write(true).open(&lock) else {
                continue;
            };
            if file.try_lock().is_ok() {
                for partial in partials {
                    remove(&partial);
                }
                remove(&lock);
            }
        }
    }
}

/// `text` as UTF-8, cut at a character so that at most `max_bytes` are left.
fn shorten(text: &OsStr, max_bytes: usize) -> String {
    let mut text = text.to_string_lossy().into_owned();
    while text.len() > max_bytes {
        text.pop();
    }
    text
}

/// Removes the file, link or folder at `path`, if it is there and can be removed.
fn remove(path: &Path) {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|m| m.is_dir());
    let _ = if is_folder {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}

#[derive(Debug)]
struct RemovedOnDrop(PathBuf);

impl Drop for RemovedOnDrop {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// A lock file that is locked as long as this lives.
#[derive(Debug)]
struct Lock {
    path: RemovedOnDrop,
    _file: File,
}

/// Folders that were made to hold an output, deepest first; on drop those that are empty are removed.
#[derive(Debug)]
struct NewParents(Vec<PathBuf>);

impl NewParents {
    fn create(parent: &Path) -> Result<Self, StagingError> {
        let missing = parent
            .ancestors()
            .take_while(|folder| !folder.exists())
            .map(Path::to_path_buf)
            .collect();
        let new_parents = Self(missing);
        disk::create_folders(parent).map_err(StagingError::io("create the folder", parent))?;
        Ok(new_parents)
    }
}

impl Drop for NewParents {
    fn drop(&mut self) {
        for folder in &self.0 {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Renames `from` to `to` unless `to` exists.
pub fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    os::rename_without_replacing(from, to).unwrap_or_else(|| link_or_rename(from, to))
}

/// The same where one call cannot do it (NFS, some FUSE file systems): a hard link never replaces its
/// target. A folder cannot be linked, but a rename replaces only an empty one.
fn link_or_rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Puts the folder `new` at `target` and what was there at `new`.
fn swap_folders(new: &Path, target: &Path) -> io::Result<()> {
    os::exchange(new, target).unwrap_or_else(|| swap_by_renames(new, target))
}

/// The same where one call cannot do it. Until the new folder is in place the old one has a name that does
/// not count as a leftover, so that a kill half way loses neither.
fn swap_by_renames(new: &Path, target: &Path) -> io::Result<()> {
    let mut name = new.file_name().unwrap_or_default().to_os_string();
    name.push(".replaced");
    let aside = new.with_file_name(name);
    fs::rename(target, &aside)?;
    if let Err(e) = fs::rename(new, target) {
        fs::rename(&aside, target)?;
        return Err(e);
    }
    // The new folder is in place; an old one that stays aside does not make that a failure.
    let _ = fs::rename(&aside, new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use rustix::io::Errno;

    use super::*;

    fn tempdir() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Makes the folder `path` with a file that says `text`.
    fn folder_saying(path: &Path, text: &str) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("says.txt"), text).unwrap();
    }

    fn said_in(path: &Path) -> String {
        fs::read_to_string(path.join("says.txt")).unwrap()
    }

    #[test]
    fn an_output_appears_on_commit_and_alone() {
        let dir = tempdir();
        let (shot, video) = (
            dir.path().join("new/shot"),
            dir.path().join("new/color.mp4"),
        );
        let staged_dir = StagedDir::create(&shot, false).unwrap();
        let staged_file = StagedFile::create(&video, false).unwrap();
        assert_eq!(staged_file.path().extension().unwrap(), "mp4");
        fs::write(staged_dir.path().join("says.txt"), "whole").unwrap();
        fs::write(staged_file.path(), "video").unwrap();
        assert!(
            names_in(&dir.path().join("new"))
                .iter()
                .all(|name| name.starts_with('.'))
        );
        staged_dir.commit().unwrap();
        staged_file.commit().unwrap();
        assert_eq!(names_in(&dir.path().join("new")), ["color.mp4", "shot"]);
        assert_eq!(said_in(&shot), "whole");
        assert_eq!(fs::read_to_string(video).unwrap(), "video");
    }

    #[test]
    fn an_output_that_stands_survives_a_power_cut() {
        let dir = tempdir();
        let path = |name: &str| dir.path().join(name);
        let left = || -> Vec<(String, String)> {
            let files = disk::tests::after_power_cut(dir.path()).into_iter();
            let texts = files.map(|(path, text)| {
                let lost = || "lost".to_owned();
                (
                    path.to_string_lossy().into_owned(),
                    text.unwrap_or_else(lost),
                )
            });
            // Locks and partials may be left: the next run removes them.
            texts.filter(|(path, _)| !path.contains("/.")).collect()
        };
        for text in ["first", "second"] {
            let shot = StagedDir::create(&path("new/sub/shot"), true).unwrap();
            folder_saying(&shot.path().join("deep"), text);
            let video = StagedFile::create(&path("new/color.mp4"), true).unwrap();
            fs::write(video.path(), text).unwrap();
            shot.commit().unwrap();
            video.commit().unwrap();
            let expected = ["new/color.mp4", "new/sub/shot/deep/says.txt"];
            assert_eq!(
                left(),
                expected.map(|name| (name.to_owned(), text.to_owned()))
            );
        }
    }

    #[test]
    fn dropped_without_commit_nothing_is_left() {
        let dir = tempdir();
        let staged = StagedDir::create(&dir.path().join("a/b/shot"), false).unwrap();
        folder_saying(&staged.path().join("sub"), "half");
        let beside = StagedFile::create(&dir.path().join("a/meta.json"), false).unwrap();
        drop(beside);
        assert!(staged.path().is_dir());
        drop(staged);
        assert!(
            names_in(dir.path()).is_empty(),
            "a and a/b were made for it"
        );
    }

    #[test]
    fn an_existing_output_is_refused_before_work_and_at_commit() {
        let dir = tempdir();
        let (shot, video) = (dir.path().join("shot"), dir.path().join("color.mp4"));
        let staged_dir = StagedDir::create(&shot, false).unwrap();
        let staged_file = StagedFile::create(&video, false).unwrap();
        folder_saying(&shot, "theirs");
        fs::write(&video, "theirs").unwrap();
        for refused in [
            staged_dir.commit(),
            staged_file.commit(),
            StagedDir::create(&shot, false).map(drop),
            StagedFile::create(&video, false).map(drop),
        ] {
            let error = refused.unwrap_err();
            assert!(
                matches!(error, StagingError::AlreadyExists { .. }),
                "{error}"
            );
            assert!(error.hint().unwrap().contains("--overwrite"));
        }
        assert_eq!(said_in(&shot), "theirs");
        assert_eq!(fs::read_to_string(&video).unwrap(), "theirs");
        assert_eq!(names_in(dir.path()), ["color.mp4", "shot"]);
    }

    #[test]
    fn a_free_name_is_taken_only_while_it_is_free() {
        let dir = tempdir();
        let path = |name: &str| dir.path().join(name);
        for rename in [rename_to_free_name, link_or_rename] {
            fs::write(path("from"), "new").unwrap();
            fs::write(path("to"), "old").unwrap();
            folder_saying(&path("from_dir"), "new");
            folder_saying(&path("to_dir"), "old");
            for (from, to) in [("from", "to"), ("from_dir", "to_dir"), ("from", "to_dir")] {
                let error = rename(&path(from), &path(to)).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{from} {to}");
            }
            assert_eq!(fs::read_to_string(path("to")).unwrap(), "old");
            assert_eq!(said_in(&path("to_dir")), "old");
            rename(&path("from"), &path("free")).unwrap();
            rename(&path("from_dir"), &path("free_dir")).unwrap();
            assert_eq!(names_in(dir.path()), ["free", "free_dir", "to", "to_dir"]);
            fs::remove_file(path("free")).unwrap();
            fs::remove_dir_all(path("free_dir")).unwrap();
        }
    }

    #[test]
    fn overwrite_replaces_the_whole_output_at_commit() {
        let dir = tempdir();
        let (shot, video) = (dir.path().join("shot"), dir.path().join("color.mp4"));
        folder_saying(&shot, "old");
        fs::write(shot.join("stale.mp4"), "old").unwrap();
        fs::write(&video, "old").unwrap();
        let staged_dir = StagedDir::create(&shot, true).unwrap();
        let staged_file = StagedFile::create(&video, true).unwrap();
        fs::write(staged_dir.path().join("says.txt"), "new").unwrap();
        fs::write(staged_file.path(), "new").unwrap();
        assert_eq!(said_in(&shot), "old");
        staged_dir.commit().unwrap();
        staged_file.commit().unwrap();
        assert_eq!(names_in(&shot), ["says.txt"]);
        assert_eq!(said_in(&shot), "new");
        assert_eq!(fs::read_to_string(&video).unwrap(), "new");
        assert_eq!(names_in(dir.path()), ["color.mp4", "shot"]);
    }

    #[test]
    fn a_swap_that_fails_keeps_the_old_folder() {
        let dir = tempdir();
        let (new, old) = (
            dir.path().join(".shot.partial-00000000"),
            dir.path().join("shot"),
        );
        folder_saying(&old, "old");
        for swap in [swap_folders, swap_by_renames] {
            assert!(swap(&new, &old).is_err());
            assert_eq!(names_in(dir.path()), ["shot"]);
            assert_eq!(said_in(&old), "old");
        }
        folder_saying(&new, "new");
        for swap in [swap_folders, swap_by_renames] {
            swap(&new, &old).unwrap();
        }
        assert_eq!(
            (said_in(&old), said_in(&new)),
            ("old".to_owned(), "new".to_owned())
        );

        let staged = StagedDir::create(&old, true).unwrap();
        fs::remove_dir(staged.path()).unwrap();
        staged.commit().unwrap_err();
        assert_eq!(said_in(&old), "old");
    }

    const DIE_IN: &str = "COSMOS_TEST_DIE_IN";

    #[test]
    fn leftovers_of_a_killed_run_are_removed_by_the_next() {
        if let Some(folder) = std::env::var_os(DIE_IN) {
            let folder = Path::new(&folder);
            let shot = StagedDir::create(&folder.join("shot"), false).unwrap();
            let _video = StagedFile::create(&folder.join("color.mp4"), false).unwrap();
            folder_saying(&shot.path().join("sub"), "half");
            std::process::abort();
        }
        let dir = tempdir();
        let this = "staging::tests::leftovers_of_a_killed_run_are_removed_by_the_next";
        let killed = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this])
            .env(DIE_IN, dir.path())
            .output()
            .unwrap();
        assert!(!killed.status.success());
        assert_eq!(names_in(dir.path()).len(), 4);
        StagedDir::create(&dir.path().join("other"), false)
            .unwrap()
            .commit()
            .unwrap();
        assert_eq!(names_in(dir.path()), ["other"]);
    }

    #[test]
    fn what_lives_or_is_not_ours_is_kept() {
        let dir = tempdir();
        let shot = dir.path().join("shot");
        let live = StagedDir::create(&shot, false).unwrap();
        let kept = [
            ".shot.lock-short",
            ".shot.partial-0123abcd",
            ".shot.lock-0123wxyz",
        ];
        for name in kept {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let second = StagedDir::create(&shot, false).unwrap();
        assert!(live.path().exists());
        assert_ne!(live.path(), second.path());
        second.commit().unwrap();
        assert!(matches!(
            live.commit(),
            Err(StagingError::AlreadyExists { .. })
        ));
        for name in kept {
            assert!(dir.path().join(name).exists(), "{name}");
        }
    }

    #[test]
    fn permissions_are_those_of_any_new_file() {
        let dir = tempdir();
        let path = |name: &str| dir.path().join(name);
        let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode();
        fs::write(path("plain"), "").unwrap();
        fs::create_dir(path("plain_dir")).unwrap();
        StagedFile::create(&path("staged"), false)
            .unwrap()
            .commit()
            .unwrap();
        StagedDir::create(&path("staged_dir"), false)
            .unwrap()
            .commit()
            .unwrap();
        assert_eq!(mode("staged"), mode("plain"));
        assert_eq!(mode("staged_dir"), mode("plain_dir"));
    }

    #[test]
    fn links_are_followed_if_they_lead_somewhere() {
        let dir = tempdir();
        let path = |name: &str| dir.path().join(name);
        folder_saying(&path("real"), "old");
        symlink("real", path("link")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        let refused = StagedDir::create(&path("link"), false).unwrap_err();
        assert!(matches!(refused, StagingError::AlreadyExists { .. }));
        for overwrite in [false, true] {
            let refused = StagedFile::create(&path("dangling"), overwrite).unwrap_err();
            assert!(matches!(refused, StagingError::DanglingLink { .. }));
        }
        let staged = StagedDir::create(&path("link"), true).unwrap();
        fs::write(staged.path().join("says.txt"), "new").unwrap();
        staged.commit().unwrap();
        assert!(path("link").is_symlink());
        assert_eq!(said_in(&path("real")), "new");
    }

    #[test]
    fn paths_that_cannot_be_an_output_are_refused() {
        let dir = tempdir();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("file"), "").unwrap();
        fs::create_dir(path("folder")).unwrap();
        let message = |result: Result<(), StagingError>| {
            let error = result.unwrap_err();
            assert!(error.hint().is_some(), "{error}");
            error.to_string()
        };
        for name in ["", ".", "..", "/", "folder/.."] {
            let error = message(StagedDir::create(Path::new(name), true).map(drop));
            assert_eq!(error, format!("`{name}` does not name a folder to write"));
        }
        message(StagedFile::create(&path("new/"), false).map(drop));
        for overwrite in [false, true] {
            let error = message(StagedFile::create(&path("folder"), overwrite).map(drop));
            assert!(error.ends_with("folder is a folder, not a file"), "{error}");
            let error = message(StagedDir::create(&path("file"), overwrite).map(drop));
            assert!(error.ends_with("file is a file, not a folder"), "{error}");
        }
        let error = message(StagedFile::create(Path::new("/dev/null"), true).map(drop));
        assert_eq!(error, "/dev/null is a special file, not a file");
        let working_folder = std::env::current_dir().unwrap();
        let error = message(StagedDir::create(&working_folder, true).map(drop));
        assert!(error.contains("working folder"), "{error}");
        let error = message(StagedFile::create(&path("file/below.mp4"), false).map(drop));
        assert!(error.contains("below.mp4"), "{error}");
        assert_eq!(names_in(dir.path()), ["file", "folder"]);
    }

    #[test]
    fn any_name_that_the_file_system_takes_can_be_staged() {
        let dir = tempdir();
        let wide = "\u{6771}".repeat(85);
        for name in [
            &*"n".repeat(255),
            &*wide,
            "two\nlines '\"",
            ".hidden",
            "a.b.c",
            "-x",
        ] {
            StagedDir::create(&dir.path().join(name), false)
                .unwrap()
                .commit()
                .unwrap();
            StagedFile::create(&dir.path().join(name).join(name), false)
                .unwrap()
                .commit()
                .unwrap();
            assert!(dir.path().join(name).join(name).is_file(), "{name}");
        }
        let too_long = StagedDir::create(&dir.path().join("n".repeat(256)), false).unwrap_err();
        assert_eq!(too_long.hint(), Some("choose a shorter name"));
    }

    #[test]
    fn an_error_of_the_system_keeps_its_cause_and_comes_with_advice() {
        for (errno, hint) in [
            (Errno::NOSPC, "free some space"),
            (Errno::DQUOT, "free some space"),
            (Errno::ROFS, "read-only"),
            (Errno::ACCESS, "writable"),
            (Errno::PERM, "writable"),
        ] {
            let error = StagingError::io("write in", Path::new("out"))(errno.into());
            assert!(error.hint().unwrap().contains(hint), "{error}");
            assert!(
                error.to_string().starts_with("cannot write in out: "),
                "{error}"
            );
            let source = std::error::Error::source(&error)
                .unwrap()
                .downcast_ref::<io::Error>();
            assert_eq!(source.unwrap().raw_os_error(), Some(errno.raw_os_error()));
        }
    }
}
