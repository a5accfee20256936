//! Files and folders to the host.

use std::fs::File;
use std::path::Path;
use std::thread;

use super::chunks::{self, Between, Chunk, chunks_of};
use super::names::{self, LocalFile, join, part_of};
use super::{LARGE, Transfer, Transferred, local, small};
use crate::progress::{Cancel, Progress, Unit};
use crate::remote::connection::Output;
use crate::remote::{Command, Connection, RemoteError};

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
    for (file, remote_sizes) in large.iter().zip(sizes_of(transfer, folder, &large)?) {
        send_large(transfer, folder, file, remote_sizes, &mut done)?;
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
    let sent = small::send(transfer, folder, &staging, &to_send, &is_staged);
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

/// The sizes of each file on the host under its final name and as a part, `None` where there is none.
type RemoteSizes = (Option<u64>, Option<u64>);

fn sizes_of(
    transfer: &Transfer<'_>,
    folder: &str,
    files: &[&LocalFile],
) -> Result<Vec<RemoteSizes>, RemoteError> {
    const SIZES: &str = r#"for file; do
            if [ -f "$file" ]; then stat -L -c %s -- "$file" || exit; else echo -; fi
        done"#;
    let commands = files.iter().map(|file| {
        let path = join(folder, &file.name);
        let part = part_of(&path);
        Command::script(SIZES).args([path, part])
    });
    let outputs = transfer.run_all(commands.collect(), || format!("looking into {folder}"))?;
    let sizes = |output: Output| {
        let text = output.stdout_text();
        let mut lines = text.lines().map(|line| line.parse().ok());
        (lines.next().flatten(), lines.next().flatten())
    };
    Ok(outputs.into_iter().map(sizes).collect())
}

fn send_large(
    transfer: &Transfer<'_>,
    folder: &str,
    local_file: &LocalFile,
    (final_size, part_size): RemoteSizes,
    done: &mut Transferred,
) -> Result<(), RemoteError> {
    let path = join(folder, &local_file.name);
    let part = part_of(&path);
    let all = chunks_of(local_file.size);
    if final_size == Some(local_file.size) && missing(transfer, local_file, &path, &all)?.is_empty()
    {
        transfer.advance(local_file.size);
        done.skipped += 1;
        return Ok(());
    }
    let missing = match part_size {
        Some(1..) => missing(transfer, local_file, &part, &all)?,
        _ => all,
    };
    let to_send: u64 = missing.iter().map(|chunk| chunk.length).sum();
    transfer.advance(local_file.size - to_send);
    let sent = send_chunks(transfer, local_file, &part, &missing)
        .and_then(|()| put_in_place(transfer, local_file, &part, &path));
    if let Err(error) = sent {
        if leaves_nothing(&error) {
            let command = Command::new("rm").args(["-f", "--", &part]);
            // The error above is the one to report.
            let _ = transfer.connection.run(&command);
        }
        return Err(error);
    }
    done.files += 1;
    done.bytes += to_send;
    Ok(())
}

/// The chunks of `local_file` that the file `remote` does not have.
fn missing(
    transfer: &Transfer<'_>,
    local_file: &LocalFile,
    remote: &str,
    chunks: &[Chunk],
) -> Result<Vec<Chunk>, RemoteError> {
    let (here, there) = thread::scope(|scope| {
        let here = scope.spawn(|| chunks::hashes_of(&local_file.path, chunks));
        let there = chunks::remote_hashes(transfer, remote, chunks);
        (here.join(), there)
    });
    let there = there?;
    let here = here.unwrap_or_else(|_| Ok(Vec::new()))?;
    Ok(chunks
        .iter()
        .filter(|chunk| here.get(chunk.index) != there.get(chunk.index))
        .copied()
        .collect())
}

fn send_chunks(
    transfer: &Transfer<'_>,
    local_file: &LocalFile,
    part: &str,
    chunks: &[Chunk],
) -> Result<(), RemoteError> {
    let file = File::open(&local_file.path).map_err(local("open", &local_file.path))?;
    let between = Between {
        transfer,
        file: &file,
        path: &local_file.path,
        remote: part,
    };
    between.send(chunks)
}

fn put_in_place(
    transfer: &Transfer<'_>,
    local_file: &LocalFile,
    part: &str,
    path: &str,
) -> Result<(), RemoteError> {
    // Not to be made by truncate: what is gone by now was put in place by another process.
    const PLACE: &str = concat!(
        flush!(),
        r#"set -e
        truncate -c -s "$2" -- "$1"
        flush "$1"
        mv -f -T -- "$1" "$3"
        flush "${3%/*}/""#
    );
    let place = Command::script(PLACE).args([part, &local_file.size.to_string(), path]);
    let output = transfer.run(place, &[])?;
    transfer
        .connection
        .expect_success(output, || format!("writing {path}"))?;
    Ok(())
}
