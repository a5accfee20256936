//! Files and folders to the host.

use std::fs::File;
use std::path::Path;

use cosmos_core::progress::{Cancel, Progress, Unit};

use super::chunks::{self, Between, Chunk, chunks_of};
use super::names::{self, LocalFile, join};
use super::{LARGE, Transfer, Transferred, local, small};
use crate::{Command, Connection, ExitStatus, RemoteError};

/// Uploads the file `local_path` to the absolute path `remote`, or the contents of the folder `local_path`
/// into the folder `remote`. Files of the same names there are replaced; others stay.
///
/// # Errors
/// Every [`RemoteError`]. Where [`RemoteError::is_lost`] says so, the same call over a new connection goes on
/// where this one stopped; after any other error nothing half sent stays on the host.
pub fn upload(
    connection: &Connection,
    local_path: &Path,
    remote: &str,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Transferred, RemoteError> {
    let (parent, name) = names::split(remote)?;
    let is_folder = local_path
        .metadata()
        .map_err(local("look at", local_path))?
        .is_dir();
    let (folder, files) = if is_folder {
        (join(parent, name), names::local_files(local_path)?)
    } else {
        (
            parent.to_owned(),
            vec![names::local_file(name, local_path)?],
        )
    };
    let task = format!("upload {name}");
    let transfer = Transfer {
        connection,
        progress,
        task: &task,
        cancel,
    };
    let total = files.iter().map(|file| file.size).sum();
    progress.begin(&task, total, Unit::Bytes);
    let result = send_all(&transfer, &folder, &files);
    progress.finish(&task);
    result
}

fn send_all(
    transfer: &Transfer<'_>,
    folder: &str,
    files: &[LocalFile],
) -> Result<Transferred, RemoteError> {
    let mut done = Transferred::default();
    let (large, small): (Vec<&LocalFile>, Vec<&LocalFile>) =
        files.iter().partition(|file| file.size >= LARGE);
    send_small(transfer, folder, &small, &mut done)?;
    for file in large {
        send_large(transfer, folder, file, &mut done)?;
    }
    Ok(done)
}

fn send_small(
    transfer: &Transfer<'_>,
    folder: &str,
    files: &[&LocalFile],
    done: &mut Transferred,
) -> Result<(), RemoteError> {
    let hashes = small::hashes_of(files)?;
    let named = files.iter().zip(&hashes);
    let list = small::checksums(named.map(|(file, hash)| (file.name.as_str(), hash.as_str())));
    let staging = small::staging_of(&list);
    let found = small::compare(
        transfer,
        folder,
        &format!("{staging}/files"),
        &list,
        files.len(),
    )?;
    let mut to_send = Vec::new();
    let mut is_staged = Vec::new();
    for ((file, hash), (in_folder, in_staging)) in files.iter().zip(&hashes).zip(found) {
        if in_folder {
            done.skipped += 1;
        } else {
            to_send.push((*file, hash.as_str()));
            is_staged.push(in_staging);
        }
        if in_folder || in_staging {
            transfer.advance(file.size);
        }
    }
    if to_send.is_empty() {
        return Ok(());
    }
    let sent = match small::send(transfer, folder, &staging, &to_send, &is_staged) {
        // Another process has taken what was left there: nothing is, then.
        Err(RemoteError::Damaged { .. }) if is_staged.contains(&true) => {
            let again = transfer.unseen();
            small::send(
                &again,
                folder,
                &staging,
                &to_send,
                &vec![false; to_send.len()],
            )
        }
        sent => sent,
    };
    if let Err(error) = sent {
        if leaves_nothing(&error) {
            small::clear(transfer, folder, &staging);
        }
        return Err(error);
    }
    done.files += to_send.len();
    done.bytes += to_send.iter().map(|(file, _)| file.size).sum::<u64>();
    Ok(())
}

/// Whether a failed transfer is not one to be taken up again.
fn leaves_nothing(error: &RemoteError) -> bool {
    !error.is_lost() && !matches!(error, RemoteError::Cancelled)
}

/// How often a large file is looked at anew because another process was at work on it.
const ATTEMPTS: usize = 5;

fn send_large(
    transfer: &Transfer<'_>,
    folder: &str,
    local_file: &LocalFile,
    done: &mut Transferred,
) -> Result<(), RemoteError> {
    let path = join(folder, &local_file.name);
    let chunks = chunks_of(local_file.size);
    let hashes = chunks::hashes_of(&local_file.path, &chunks)?;
    let content = cosmos_core::hash::sha256_of(hashes.concat().as_bytes());
    let (part, siblings) = names::part_of(&path, &content);
    // What it has come to is shown once.
    let unseen = transfer.unseen();
    for attempt in 0..ATTEMPTS {
        let large = Large {
            transfer: if attempt == 0 { transfer } else { &unseen },
            local_file,
            path: &path,
            part: &part,
            siblings: &siblings,
            chunks: &chunks,
            hashes: &hashes,
        };
        match large.send()? {
            Come::There => done.skipped += 1,
            Come::Sent(bytes) => {
                done.files += 1;
                done.bytes += bytes;
            }
            Come::Moved => continue,
        }
        return Ok(());
    }
    Err(RemoteError::Changed { path })
}

/// A large file on its way: into a hidden file beside its place, and then in one move to that.
///
/// Any number of processes may send the same at once, from here or elsewhere. They fill one hidden file, in which the
/// same bytes go to the same place. The first to see it whole puts it in place, and the others find it there. A hidden
/// file is known by its inode: one of the same name that was made meanwhile has other holes.
struct Large<'a> {
    transfer: &'a Transfer<'a>,
    local_file: &'a LocalFile,
    /// Where it is to be on the host.
    path: &'a str,
    /// The hidden file.
    part: &'a str,
    /// What the names of hidden files for the same place begin with.
    siblings: &'a str,
    chunks: &'a [Chunk],
    hashes: &'a [String],
}

/// What the sending of a large file has come to.
enum Come {
    /// It was there already.
    There,
    /// It is there now, and so many bytes were sent.
    Sent(u64),
    /// Another process has moved the hidden file.
    Moved,
}

/// What is on the host of a large file.
#[derive(Default)]
struct Seen {
    /// The size of what has its name.
    size: Option<u64>,
    /// The inode of the hidden file and its size.
    part: Option<(String, u64)>,
}

impl Large<'_> {
    fn send(&self) -> Result<Come, RemoteError> {
        let Seen { size, part } = self.look()?;
        if size == Some(self.local_file.size) && self.missing(self.path)?.is_empty() {
            self.transfer.advance(self.local_file.size);
            return Ok(Come::There);
        }
        let (inode, is_new) = match part {
            Some((inode, size)) => (inode, size == 0),
            None => (self.create()?, true),
        };
        let sent = self.fill(is_new).and_then(|bytes| {
            let is_placed = self.put_in_place(&inode)?;
            Ok(if is_placed {
                Come::Sent(bytes)
            } else {
                Come::Moved
            })
        });
        let Err(error) = sent else {
            return sent;
        };
        if !leaves_nothing(&error) {
            return Err(error);
        }
        match self.look()?.part {
            Some((now, _)) if now == inode => {
                let command = Command::new("rm").args(["-f", "--", self.part]);
                self.transfer.clear(&command);
                Err(error)
            }
            _ => Ok(Come::Moved),
        }
    }

    fn look(&self) -> Result<Seen, RemoteError> {
        const LOOK: &str = r#"for file; do
                if [ -f "$file" ]; then stat -L -c '%i %s' -- "$file" || echo -; else echo -; fi
            done"#;
        let command = Command::script(LOOK).args([self.path, self.part]);
        let output = self.transfer.run(command, &[])?;
        let output = self
            .transfer
            .connection
            .expect_success(output, || format!("looking at {}", self.path))?;
        let text = output.stdout_text();
        let mut lines = text.lines().map(|line| {
            let (inode, size) = line.split_once(' ')?;
            Some((inode.to_owned(), size.parse().ok()?))
        });
        Ok(Seen {
            size: lines.next().flatten().map(|(_, size)| size),
            part: lines.next().flatten(),
        })
    }

    /// Makes the hidden file, unless another process just did, and returns its inode.
    fn create(&self) -> Result<String, RemoteError> {
        const CREATE: &str = r#"mkdir -p -- "${1%/*}/" && : >>"$1" && exec stat -c %i -- "$1""#;
        let command = Command::script(CREATE).arg(self.part);
        let output = self.transfer.run(command, &[])?;
        let output = self
            .transfer
            .connection
            .expect_success(output, || format!("writing {}", self.path))?;
        Ok(output.stdout_text())
    }

    /// The chunks that the file `remote` on the host does not have.
    fn missing(&self, remote: &str) -> Result<Vec<Chunk>, RemoteError> {
        let there = chunks::remote_hashes(self.transfer, remote, self.chunks)?;
        let is_missing = |chunk: &&Chunk| self.hashes.get(chunk.index) != there.get(chunk.index);
        Ok(self.chunks.iter().filter(is_missing).copied().collect())
    }

    /// Sends what the hidden file lacks, and returns how many bytes that was.
    fn fill(&self, is_new: bool) -> Result<u64, RemoteError> {
        let missing = match is_new {
            true => self.chunks.to_vec(),
            false => self.missing(self.part)?,
        };
        let bytes: u64 = missing.iter().map(|chunk| chunk.length).sum();
        self.transfer.advance(self.local_file.size - bytes);
        let path = &self.local_file.path;
        let file = File::open(path).map_err(local("open", path))?;
        let between = Between {
            transfer: self.transfer,
            file: &file,
            path,
            remote: self.part,
        };
        between.send(&missing, self.hashes)?;
        Ok(bytes)
    }

    /// Gives the hidden file with this `inode` its name, and removes what was given up for the same place a week
    /// ago. Whether it was still there.
    fn put_in_place(&self, inode: &str) -> Result<bool, RemoteError> {
        const MOVED: i32 = 67;
        // Taken under a name of our own first: between a look at a file and its move another can take its name.
        const PLACE: &str = concat!(
            flush!(),
            r#"folder=${4%/*}/ mine=$1.$$
            [ "$(stat -c '%i %s' -- "$1" 2>/dev/null)" = "$2 $3" ] || exit 67
            flush "$1" || exit
            mv -f -T -- "$1" "$mine" 2>/dev/null || exit 67
            if [ "$(stat -c %i -- "$mine")" != "$2" ]; then mv -n -T -- "$mine" "$1"; exit 67; fi
            mv -f -T -- "$mine" "$4" || { mv -n -T -- "$mine" "$1"; exit 1; }
            find "$folder" -maxdepth 1 -type f -name "$5*" -mtime +7 -exec rm -f -- {} + 2>/dev/null
            flush "$folder""#
        );
        let size = self.local_file.size.to_string();
        let place =
            Command::script(PLACE).args([self.part, inode, &size, self.path, self.siblings]);
        let output = self.transfer.run(place, &[])?;
        if output.status == ExitStatus::Code(MOVED) {
            return Ok(false);
        }
        self.transfer
            .connection
            .expect_success(output, || format!("writing {}", self.path))?;
        Ok(true)
    }
}
