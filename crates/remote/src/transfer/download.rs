//! Files and folders from the host.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::progress::{Cancel, Progress, Silent, Unit};
use cosmos_core::staging::{disk, rename_to_free_name};
use rayon::prelude::*;

use super::chunks::{self, Between, Chunk, chunks_of};
use super::names::{self, LocalFile, OURS, join};
use super::record::Record;
use super::{LARGE, MOST_RECEIVED, Transfer, Transferred, local, small};
use crate::ExitStatus;
use crate::{Command, Connection, RemoteError};

/// Downloads the file at the absolute path `remote` as `local_path`, or the contents of the folder `remote`
/// into the folder `local_path`. Local files stay, except those that an earlier download wrote and nobody
/// changed since; a hidden `.cosmos-downloads.json` remembers them.
///
/// # Errors
/// Every [`RemoteError`]; [`RemoteError::Missing`] if there is nothing at `remote`, and
/// [`RemoteError::Occupied`] for a local file that is not ours, before anything is transferred. Where
/// [`RemoteError::is_lost`] says so, the same call over a new connection goes on where this one stopped.
pub fn download(
    connection: &Connection,
    remote: &str,
    local_path: &Path,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Transferred, RemoteError> {
    download_some(connection, remote, local_path, &|_| true, progress, cancel)
}

/// As [`download`], but of a folder only the files that `is_wanted`, by their names in it.
///
/// # Errors
/// As [`download`].
pub fn download_some(
    connection: &Connection,
    remote: &str,
    local_path: &Path,
    is_wanted: &dyn Fn(&str) -> bool,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Transferred, RemoteError> {
    let (parent, name) = names::split(remote)?;
    let task = format!("download {name}");
    let transfer = Transfer {
        connection,
        progress,
        task: &task,
        cancel,
    };
    let source = list(&transfer, remote)?;
    let (remote_folder, local_folder, files) = match source {
        Source::Folder(mut files) => {
            files.retain(|file| is_wanted(&file.name));
            (join(parent, name), local_path.to_owned(), files)
        }
        Source::File(file) => {
            let (folder, local_name) = local_path
                .parent()
                .zip(local_path.file_name().and_then(|name| name.to_str()))
                .ok_or_else(|| RemoteError::BadName {
                    name: local_path.display().to_string(),
                    problem: "does not name a file",
                })?;
            let file = RemoteFile {
                name: name.to_owned(),
                local_name: local_name.to_owned(),
                ..file
            };
            (parent.to_owned(), folder.to_owned(), vec![file])
        }
    };
    progress.begin(&task, files.iter().map(|file| file.size).sum(), Unit::Bytes);
    let result = Download::prepare(&transfer, remote_folder, &local_folder)
        .and_then(|mut download| download.receive_all(&files));
    progress.finish(&task);
    result
}

/// A file on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RemoteFile {
    /// Its name in the folder there.
    name: String,
    /// Its name in the folder here.
    local_name: String,
    size: u64,
    /// When it was changed, in seconds since 1970.
    modified: String,
}

enum Source {
    File(RemoteFile),
    Folder(Vec<RemoteFile>),
}

/// Says what is at `remote`, with all files within.
fn list(transfer: &Transfer<'_>, remote: &str) -> Result<Source, RemoteError> {
    const MISSING: i32 = 66;
    // Names that a pattern does not match stay patterns, which stat does not find.
    const LIST: &str = r#"walk() {
            stat --printf '%f %s %Y %n\0' -- "$1"/* "$1"/.[!.]* "$1"/..?* 2>/dev/null
            [ $? -le 1 ] || exit 1
            for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
                if [ -d "$entry" ] && [ ! -L "$entry" ]; then walk "$entry"; fi
            done
        }
        if [ -d "$1" ]; then cd -- "$1" && walk .
        elif [ -f "$1" ]; then stat -L --printf '%f %s %Y \0' -- "$1"
        else exit 66; fi"#;
    let output = transfer.run(Command::script(LIST).arg(remote), &[])?;
    if output.status == ExitStatus::Code(MISSING) {
        return Err(RemoteError::Missing {
            host: transfer.connection.host().to_owned(),
            path: remote.to_owned(),
        });
    }
    let output = transfer
        .connection
        .expect_success(output, || format!("listing {remote}"))?;
    parse_list(&output.stdout)
}

/// Reads what the script above wrote. The host is not trusted with names.
fn parse_list(output: &[u8]) -> Result<Source, RemoteError> {
    let mut files = Vec::new();
    for record in output
        .split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
    {
        let shown = || String::from_utf8_lossy(record).into_owned();
        let bad = |problem| RemoteError::BadName {
            name: shown(),
            problem,
        };
        let text = std::str::from_utf8(record).map_err(|_where| bad("is not UTF-8"))?;
        let mut fields = text.splitn(4, ' ');
        let (Some(mode), Some(size), Some(modified), Some(name)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(bad("is no entry of a folder"));
        };
        // The type of a file in its mode: S_IFMT and S_IFREG of stat(2).
        let is_file = u32::from_str_radix(mode, 16).is_ok_and(|mode| mode & 0o170_000 == 0o100_000);
        let size = size.parse().map_err(|_why| bad("has no size"))?;
        // Memory, room on the disk and time are asked for by this number.
        if is_file && size > MOST_RECEIVED {
            return Err(bad("belongs to a file of more than 1 TiB"));
        }
        let file = |name: &str| RemoteFile {
            name: name.to_owned(),
            local_name: name.to_owned(),
            size,
            modified: modified.to_owned(),
        };
        if name.is_empty() {
            return Ok(Source::File(file("")));
        }
        let name = name
            .strip_prefix("./")
            .ok_or_else(|| bad("leads out of its folder"))?;
        let is_ours = name.split('/').any(|part| part.starts_with(OURS));
        if !is_file || is_ours {
            tracing::debug!("passed over on the host: {name:?}");
            continue;
        }
        names::check(name)?;
        files.push(file(name));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Source::Folder(files))
}

/// A download into one local folder.
struct Download<'a> {
    transfer: &'a Transfer<'a>,
    remote_folder: String,
    local_folder: PathBuf,
    /// A hidden folder that collects what is not whole yet.
    staging: PathBuf,
    /// Held while the staging folder is in use.
    _lock: File,
    record: Record,
    /// Folders with names that may not have reached the disk.
    unflushed: BTreeSet<PathBuf>,
    done: Transferred,
}

impl<'a> Download<'a> {
    fn prepare(
        transfer: &'a Transfer<'a>,
        remote_folder: String,
        local_folder: &Path,
    ) -> Result<Self, RemoteError> {
        let local_folder =
            std::path::absolute(local_folder).map_err(local("look at", local_folder))?;
        let staging = local_folder.join(format!("{OURS}download"));
        disk::create_folders(&staging).map_err(local("create", &staging))?;
        let lock_path = staging.join("lock");
        let lock = File::create(&lock_path).map_err(local("create", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RemoteError::Busy { path: local_folder });
            }
            // A file system without locks has nothing to say.
            Err(TryLockError::Error(error)) => tracing::debug!("no lock: {error}"),
        }
        let record = Record::load(&local_folder)?;
        Ok(Self {
            transfer,
            remote_folder,
            local_folder,
            staging,
            _lock: lock,
            record,
            unflushed: BTreeSet::new(),
            done: Transferred::default(),
        })
    }

    fn receive_all(&mut self, files: &[RemoteFile]) -> Result<Transferred, RemoteError> {
        let result = self.try_receive_all(files);
        let goes_on =
            |error: &RemoteError| error.is_lost() || matches!(error, RemoteError::Cancelled);
        if !result.as_ref().is_err_and(goes_on)
            && let Err(error) = fs::remove_dir_all(&self.staging)
        {
            tracing::debug!("cannot remove {}: {error}", self.staging.display());
        }
        let saved = self.save();
        result.and(saved).map(|()| self.done)
    }

    /// Waits until all names are on the disk, and only then writes down which files are ours.
    fn save(&mut self) -> Result<(), RemoteError> {
        for folder in std::mem::take(&mut self.unflushed) {
            disk::flush_folder(&folder);
        }
        self.record.save()
    }

    fn try_receive_all(&mut self, files: &[RemoteFile]) -> Result<(), RemoteError> {
        let wanted = self.wanted(files)?;
        let (large, small): (Vec<&RemoteFile>, Vec<&RemoteFile>) =
            wanted.into_iter().partition(|file| file.size >= LARGE);
        self.receive_small(&small)?;
        for file in large {
            self.receive_large(file)?;
        }
        Ok(())
    }

    /// The files that are not here already.
    fn wanted<'f>(&mut self, files: &'f [RemoteFile]) -> Result<Vec<&'f RemoteFile>, RemoteError> {
        let mut wanted = Vec::new();
        let mut here = Vec::new();
        for file in files {
            let path = self.local_folder.join(&file.local_name);
            self.refuse_links(&path)?;
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_file() => here.push((file, path, metadata.len())),
                Ok(_) => return Err(RemoteError::Occupied { path }),
                Err(e) if e.kind() == io::ErrorKind::NotFound => wanted.push(file),
                Err(e) => return Err(local("look at", &path)(e)),
            }
        }
        let same = self.same(&here)?;
        for ((file, path, _), same) in here.into_iter().zip(same) {
            if same {
                // Whoever wrote it may have been cut off before it was on the disk.
                disk::flush_file(&path).map_err(local("flush", &path))?;
                self.unflushed.extend(path.parent().map(Path::to_owned));
                self.done.skipped += 1;
                self.transfer.advance(file.size);
            } else if self.record.is_ours(&file.local_name, &path)? {
                wanted.push(file);
            } else {
                return Err(RemoteError::Occupied { path });
            }
        }
        Ok(wanted)
    }

    /// For each local file, whether the host has the same.
    fn same(&self, here: &[(&RemoteFile, PathBuf, u64)]) -> Result<Vec<bool>, RemoteError> {
        let mut same = vec![false; here.len()];
        let of_one_size = || {
            (0..)
                .zip(here)
                .filter(|(_, (file, _, size))| file.size == *size)
        };
        let small: Vec<(usize, LocalFile)> = of_one_size()
            .filter(|(_, (file, ..))| file.size < LARGE)
            .map(|(index, (file, path, size))| {
                let file = LocalFile {
                    name: file.name.clone(),
                    path: path.clone(),
                    size: *size,
                };
                (index, file)
            })
            .collect();
        let files: Vec<&LocalFile> = small.iter().map(|(_, file)| file).collect();
        let hashes = small::hashes_of(&files)?;
        let named = files.iter().zip(&hashes);
        let list = small::checksums(named.map(|(file, hash)| (file.name.as_str(), hash.as_str())));
        let found = small::compare(self.transfer, &self.remote_folder, OURS, &list, files.len())?;
        for ((index, _), (is_same, _)) in small.iter().zip(found) {
            if let Some(same) = same.get_mut(*index) {
                *same = is_same;
            }
        }
        for (index, (file, path, size)) in
            of_one_size().filter(|(_, (file, ..))| file.size >= LARGE)
        {
            let chunks = chunks_of(*size);
            let remote = join(&self.remote_folder, &file.name);
            let there = chunks::remote_hashes(self.transfer, &remote, &chunks)?;
            let here = chunks::hashes_of(path, &chunks)?;
            if let Some(same) = same.get_mut(index) {
                *same = here == there;
            }
        }
        Ok(same)
    }

    /// Refuses a path that leads through a symbolic link within the folder: it might lead out.
    fn refuse_links(&self, path: &Path) -> Result<(), RemoteError> {
        let within = path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != self.local_folder);
        for folder in within {
            if folder.is_symlink() {
                return Err(RemoteError::Occupied {
                    path: folder.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn receive_small(&mut self, files: &[&RemoteFile]) -> Result<(), RemoteError> {
        if files.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let sizes: Vec<u64> = files.iter().map(|file| file.size).collect();
        let (arrived, result) = small::receive(
            self.transfer,
            &self.remote_folder,
            &names,
            &sizes,
            &self.staging,
        );
        // Several at a time, of which a file system with a journal makes one write.
        arrived.par_iter().try_for_each(|file| {
            disk::flush_file(&file.path).map_err(local("flush", &file.path))
        })?;
        for arrived in arrived {
            if let Some(file) = files.get(arrived.index) {
                let hashes = (file.size > 0).then_some(arrived.hash);
                self.put_in_place(&arrived.path, file, hashes.into_iter().collect(), file.size)?;
            }
        }
        result
    }

    fn receive_large(&mut self, file: &RemoteFile) -> Result<(), RemoteError> {
        let remote = join(&self.remote_folder, &file.name);
        let short: String = cosmos_core::hash::sha256_of(file.name.as_bytes())
            .chars()
            .take(16)
            .collect();
        let path = self.staging.join(format!("{short}.part"));
        let chunks = chunks_of(file.size);
        let mut hashes: Vec<Option<String>> = vec![None; chunks.len()];
        if path.exists() {
            let there = chunks::remote_hashes(self.transfer, &remote, &chunks)?;
            let here = chunks::hashes_of(&path, &chunks)?;
            for ((kept, here), there) in hashes.iter_mut().zip(here).zip(there) {
                *kept = (there == here).then_some(here);
            }
        }
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let part = options.map_err(local("open", &path))?;
        part.set_len(file.size).map_err(local("write", &path))?;
        let missing: Vec<Chunk> = chunks
            .into_iter()
            .filter(|chunk| hashes.get(chunk.index).is_some_and(Option::is_none))
            .collect();
        let to_receive: u64 = missing.iter().map(|chunk| chunk.length).sum();
        self.transfer.advance(file.size - to_receive);
        let between = Between {
            transfer: self.transfer,
            file: &part,
            path: &path,
            remote: &remote,
        };
        for (index, hash) in between.receive(&missing)? {
            if let Some(kept) = hashes.get_mut(index) {
                *kept = Some(hash);
            }
        }
        let command = Command::new("stat").args(["-L", "-c", "%s %Y", "--", &remote]);
        let now = self.transfer.run(command, &[])?.stdout_text();
        if now != format!("{} {}", file.size, file.modified) {
            return Err(RemoteError::Changed { path: remote });
        }
        // What the host sent beyond the end that it had told.
        part.set_len(file.size).map_err(local("write", &path))?;
        disk::flush_file(&path).map_err(local("flush", &path))?;
        self.put_in_place(
            &path,
            file,
            hashes.into_iter().flatten().collect(),
            to_receive,
        )?;
        self.save()
    }

    /// Gives a whole file that is on the disk its name. Every file in the way was found to be an older download.
    fn put_in_place(
        &mut self,
        from: &Path,
        file: &RemoteFile,
        hashes: Vec<String>,
        received: u64,
    ) -> Result<(), RemoteError> {
        let path = self.local_folder.join(&file.local_name);
        self.refuse_links(&path)?;
        if let Some(parent) = path.parent() {
            disk::create_folders(parent).map_err(local("create", parent))?;
            self.unflushed.insert(parent.to_owned());
        }
        let renamed = if path.is_file() && self.record.is_ours(&file.local_name, &path)? {
            fs::rename(from, &path)
        } else {
            rename_to_free_name(from, &path)
        };
        renamed.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => RemoteError::Occupied { path: path.clone() },
            _ => local("write", &path)(source),
        })?;
        self.record.note(&file.local_name, hashes);
        self.done.files += 1;
        self.done.bytes += received;
        Ok(())
    }
}

/// Reads what a host listed, and unpacks the tar stream of these files into `folder`. How many arrived is
/// returned.
pub fn unpack_listed(listing: &[u8], stream: &[u8], folder: &Path) -> Result<usize, RemoteError> {
    let files = match parse_list(listing)? {
        Source::Folder(files) => files,
        Source::File(file) => vec![file],
    };
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let sizes: Vec<u64> = files.iter().map(|file| file.size).collect();
    let (arrived, result) = small::unpack(&Silent, "", stream, &names, &sizes, folder);
    result.map(|()| arrived.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(output: &str) -> Result<Vec<RemoteFile>, RemoteError> {
        match parse_list(output.as_bytes())? {
            Source::Folder(files) => Ok(files),
            Source::File(file) => Ok(vec![file]),
        }
    }

    #[test]
    fn a_list_has_files_and_passes_over_the_rest() {
        let files = listed(
            "81a4 12 1700000000 ./b c.mp4\0a1ff 3 1700000000 ./link\0\
             41ed 4096 1700000000 ./sub\0\
             81a4 0 1700000001 ./sub/a\0\
             81a4 9 1700000001 ./.cosmos-1/files/x\0",
        )
        .unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), file.size))
            .collect();
        assert_eq!(names, [("b c.mp4", 12), ("sub/a", 0)]);
    }

    #[test]
    fn a_list_from_a_hostile_host_is_refused() {
        for name in [
            "/etc/passwd",
            "../x",
            "./../x",
            "./a/../../x",
            "./a\nb",
            "./a//b",
            "./",
            "x",
            "././x",
            "./a\u{1b}[2J",
        ] {
            let output = format!("81a4 12 1700000000 {name}\0");
            assert!(listed(&output).is_err(), "{name:?}");
        }
        // 2^64-1, 2^53 and one byte more than is taken.
        for size in ["18446744073709551615", "9007199254740992", "1099511627777"] {
            for name in ["./a", ""] {
                let error = listed(&format!("81a4 {size} 1 {name}\0")).unwrap_err();
                assert!(error.to_string().contains("more than 1 TiB"), "{error}");
            }
        }
        assert_eq!(listed("81a4 1099511627776 1 ./a\0").unwrap().len(), 1);
        for output in ["nonsense\0", "81a4 x 1 ./a\0", "81a4 -1 1 ./a\0", "81a4\0"] {
            assert!(listed(output).is_err(), "{output:?}");
        }
        assert!(parse_list(b"81a4 1 1 ./\xff\0").is_err());
    }
}
