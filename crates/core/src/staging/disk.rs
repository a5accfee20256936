//! What has reached the disk and not only the system's memory.
//!
//! A system keeps what is written in memory for up to half a minute, and may write a new name to the disk
//! before the data that it names: after a power cut the file is there and empty. So data is flushed first,
//! then renamed, then the folder that has the new name is flushed.
//!
//! Not every file system can flush. One that says so has nothing to be waited for, which is no error; any
//! other answer is, since data that was taken may turn out not to fit only now.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::os;

/// Waits until the content of the file `path` is on the disk.
///
/// # Errors
/// The file cannot be opened, or what was written to it does not reach the disk.
pub fn flush_file(path: &Path) -> io::Result<()> {
    flush(&File::open(path)?)?;
    #[cfg(test)]
    tests::note_file(path);
    Ok(())
}

/// Waits until `folder` is on the disk with all that is below it. Links are not followed.
///
/// # Errors
/// As [`flush_file`], and a folder that cannot be listed.
pub fn flush_tree(folder: &Path) -> io::Result<()> {
    for entry in WalkDir::new(folder).contents_first(true) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            flush_folder(entry.path());
        } else if entry.file_type().is_file() {
            flush_file(entry.path())?;
        }
    }
    Ok(())
}

/// Waits until the names in `folder` are on the disk. The output is whole for every process that runs now,
/// so a refusal is not an error.
pub fn flush_folder(folder: &Path) {
    if let Err(error) = File::open(folder).and_then(|folder| flush(&folder)) {
        tracing::debug!("cannot flush {}: {error}", folder.display());
    }
    #[cfg(test)]
    tests::note_folder(folder);
}

/// Makes `folder` and its parents where they are missing, and waits until their names are on the disk.
///
/// # Errors
/// As [`fs::create_dir_all`].
pub fn create_folders(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    fs::create_dir_all(folder)?;
    for parent in missing.iter().filter_map(|folder| folder.parent()) {
        let is_here = parent.as_os_str().is_empty();
        flush_folder(if is_here { Path::new(".") } else { parent });
    }
    Ok(())
}

/// Waits until the content of an open file is on the disk.
///
/// # Errors
/// What was written to it does not reach the disk.
pub fn flush(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(e) if os::cannot_flush(&e) => Ok(()),
        done => done,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, HashMap};
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    use rustix::io::Errno;

    use super::*;

    /// What this thread has flushed, by inode number: the content of files, the names in folders.
    #[derive(Default)]
    struct Disk {
        files: HashMap<u64, Vec<u8>>,
        folders: HashMap<u64, BTreeMap<PathBuf, u64>>,
    }

    thread_local! {
        static DISK: RefCell<Disk> = RefCell::default();
    }

    fn inode(path: &Path) -> u64 {
        fs::symlink_metadata(path).unwrap().ino()
    }

    pub(super) fn note_file(path: &Path) {
        let content = fs::read(path).unwrap();
        DISK.with_borrow_mut(|disk| disk.files.insert(inode(path), content));
    }

    pub(super) fn note_folder(folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        let names = entries.map(|entry| {
            let entry = entry.unwrap();
            (PathBuf::from(entry.file_name()), inode(&entry.path()))
        });
        let names = names.collect();
        DISK.with_borrow_mut(|disk| disk.folders.insert(inode(folder), names));
    }

    /// The files below `folder` that a power cut at this moment would leave, by their paths in it; `None` for
    /// a file whose content it would take.
    pub(crate) fn after_power_cut(folder: &Path) -> BTreeMap<PathBuf, Option<String>> {
        fn walk(disk: &Disk, inode: u64, at: &Path, found: &mut BTreeMap<PathBuf, Option<String>>) {
            for (name, inode) in disk.folders.get(&inode).into_iter().flatten() {
                let path = at.join(name);
                if disk.folders.contains_key(inode) {
                    walk(disk, *inode, &path, found);
                } else {
                    let content = disk.files.get(inode);
                    let text = content.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                    found.insert(path, text);
                }
            }
        }
        let mut found = BTreeMap::new();
        DISK.with_borrow(|disk| walk(disk, inode(folder), Path::new(""), &mut found));
        found
    }

    #[test]
    fn only_a_file_system_that_cannot_flush_is_excused() {
        for (errno, excused) in [
            (Errno::INVAL, true),
            (Errno::NOTSUP, true),
            (Errno::NOSYS, true),
            (Errno::IO, false),
            (Errno::NOSPC, false),
            (Errno::DQUOT, false),
        ] {
            assert_eq!(os::cannot_flush(&errno.into()), excused, "{errno}");
        }
    }
}
