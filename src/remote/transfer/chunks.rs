//! Large files in chunks of 64 MiB, each with its SHA-256.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use sha2::{Digest, Sha256};

use super::{Transfer, local};
use crate::remote::connection::{Dialogue, ExitStatus, Output, Stream};
use crate::remote::{Command, RemoteError};

/// The length of a chunk: long enough that a command's start does not weigh, short enough that a chunk lost
/// in the middle does not hurt.
pub const CHUNK: u64 = 64 << 20;
/// What is read from a file at once.
const BLOCK: usize = 1 << 20;

/// Hash of standard input; OpenSSL's is several times faster where processors have instructions for it.
macro_rules! hash {
    () => {
        "if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r; else sha256sum; fi"
    };
}

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub index: usize,
    pub offset: u64,
    pub length: u64,
}

/// The chunks of a file of `size` bytes. An empty file has none.
pub fn chunks_of(size: u64) -> Vec<Chunk> {
    let offsets = (0..size).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX));
    let chunk = |(index, offset)| Chunk {
        index,
        offset,
        length: CHUNK.min(size - offset),
    };
    offsets.enumerate().map(chunk).collect()
}

/// SHA-256 of a part of an open file, in hexadecimal digits. What the file lacks counts as missing.
pub fn hash_of(file: &File, chunk: Chunk) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let (mut offset, mut left) = (chunk.offset, chunk.length);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let length = file.read_at(block.get_mut(..most).unwrap_or_default(), offset)?;
        if length == 0 {
            break;
        }
        hasher.update(block.get(..length).unwrap_or_default());
        offset += length as u64;
        left -= length as u64;
    }
    let digest = hasher.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The hashes of all `chunks` of the file at `path`, in their order, with two threads.
pub fn hashes_of(path: &Path, chunks: &[Chunk]) -> Result<Vec<String>, RemoteError> {
    let file = File::open(path).map_err(local("open", path))?;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((chunk.index, hash_of(&file, *chunk)?));
        }
        Ok::<_, io::Error>(done)
    };
    let mut done = thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut done = work()?;
        done.extend(
            other
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread ended")))?,
        );
        Ok(done)
    })
    .map_err(local("read", path))?;
    done.sort();
    Ok(done.into_iter().map(|(_, hash)| hash).collect())
}

/// Hashes chunks of a file as they are named, beside the transfer.
pub struct Hashing<'scope> {
    chunks: Sender<Chunk>,
    thread: thread::ScopedJoinHandle<'scope, io::Result<Vec<(usize, String)>>>,
}

impl<'scope> Hashing<'scope> {
    pub fn start<'env>(scope: &'scope thread::Scope<'scope, 'env>, file: &'scope File) -> Self {
        let (sender, receiver): (_, Receiver<Chunk>) = channel();
        let thread = scope.spawn(move || {
            receiver
                .iter()
                .map(|chunk| Ok((chunk.index, hash_of(file, chunk)?)))
                .collect()
        });
        Self {
            chunks: sender,
            thread,
        }
    }

    pub fn sender(&self) -> Sender<Chunk> {
        self.chunks.clone()
    }

    /// The hashes by index of the chunk. Every other sender must be gone by now.
    pub fn finish(self) -> io::Result<Vec<(usize, String)>> {
        drop(self.chunks);
        let result = self.thread.join();
        result.unwrap_or_else(|_| Err(io::Error::other("the hashing thread ended")))
    }
}

/// The hashes of `chunks` (in order, without gaps) of a file on the host, each `None` where it is shorter.
pub fn remote_hashes(
    transfer: &Transfer<'_>,
    path: &str,
    chunks: &[Chunk],
) -> Result<Vec<Option<String>>, RemoteError> {
    const HASHES: &str = concat!(
        r#"n=$2
        while [ "$n" -lt "$3" ]; do
            dd if="$1" bs=1M skip=$((n * $4)) count="$4" iflag=skip_bytes,count_bytes status=none | { "#,
        hash!(),
        r#"; } || exit
            n=$((n + 1))
        done"#
    );
    let share = chunks.len().div_ceil(super::CHANNELS).max(1);
    let commands = chunks.chunks(share).filter_map(|share| {
        let (first, last) = (share.first()?, share.last()?);
        Some(Command::script(HASHES).args([
            path,
            &first.index.to_string(),
            &(last.index + 1).to_string(),
            &CHUNK.to_string(),
        ]))
    });
    let outputs = transfer.run_all(commands.collect(), || format!("hashing {path}"))?;
    let hashes: Vec<Option<String>> = outputs
        .iter()
        .flat_map(|output| hashes_in(&output.stdout))
        .collect();
    Ok(chunks
        .iter()
        .map(|chunk| hashes.get(chunk.index).cloned().flatten())
        .collect())
}

/// The hash at the start of each line that `sha256sum` or OpenSSL wrote. A backslash before it says that the
/// name after it is escaped.
pub fn hashes_in(output: &[u8]) -> Vec<Option<String>> {
    let text = String::from_utf8_lossy(output);
    let hash = |line: &str| {
        let hash = line.trim_start_matches('\\').get(..64)?;
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| hash.to_owned())
    };
    text.lines().map(hash).collect()
}

/// A chunk on its way to the host.
pub struct SendChunk<'a> {
    pub transfer: &'a Transfer<'a>,
    pub file: &'a File,
    pub path: &'a Path,
    /// The file on the host that collects the chunks.
    pub part: &'a str,
    pub chunk: Chunk,
    pub sent: u64,
    pub output: Output,
    pub hashing: Sender<Chunk>,
}

impl Dialogue for SendChunk<'_> {
    fn command(&self) -> Command {
        const RECEIVE: &str = concat!(
            r#"mkdir -p -- "${1%/*}/" &&
            dd of="$1" bs=256K seek="$2" oflag=seek_bytes iflag=fullblock conv=notrunc status=none &&
            dd if="$1" bs=256K skip="$2" count="$3" iflag=skip_bytes,count_bytes status=none | { "#,
            hash!(),
            "; }"
        );
        Command::script(RECEIVE).args([
            self.part,
            &self.chunk.offset.to_string(),
            &self.chunk.length.to_string(),
        ])
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        if self.sent == 0 {
            // The receiver is gone only when its thread has failed, which its end reports.
            let _ = self.hashing.send(self.chunk);
        }
        let left = usize::try_from(self.chunk.length - self.sent).unwrap_or(usize::MAX);
        let most = block.len().min(left);
        let length = self
            .file
            .read_at(
                block.get_mut(..most).unwrap_or_default(),
                self.chunk.offset + self.sent,
            )
            .map_err(local("read", self.path))?;
        self.sent += length as u64;
        self.transfer.advance(length as u64);
        Ok(length)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        keep(&mut self.output, stream, bytes);
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        let said_nothing = hashes_in(&self.output.stdout).is_empty();
        let failed =
            !self.output.status.success() || said_nothing || !self.output.stderr.is_empty();
        if failed {
            return Err(self
                .transfer
                .connection
                .failure(&self.output, format!("writing {}", self.part)));
        }
        Ok(())
    }
}

/// A chunk on its way from the host.
pub struct ReceiveChunk<'a> {
    pub transfer: &'a Transfer<'a>,
    /// The file on the host.
    pub remote: &'a str,
    /// The local file that collects the chunks.
    pub file: &'a File,
    pub path: &'a Path,
    pub chunk: Chunk,
    pub received: u64,
    /// Standard error has the hash.
    pub output: Output,
    pub hashing: Sender<Chunk>,
}

impl Dialogue for ReceiveChunk<'_> {
    fn command(&self) -> Command {
        const SEND: &str = concat!(
            r#"dd if="$1" bs=256K skip="$2" count="$3" iflag=skip_bytes,count_bytes status=none &&
            dd if="$1" bs=256K skip="$2" count="$3" iflag=skip_bytes,count_bytes status=none | { "#,
            hash!(),
            "; } >&2"
        );
        Command::script(SEND).args([
            self.remote,
            &self.chunk.offset.to_string(),
            &self.chunk.length.to_string(),
        ])
    }

    fn give(&mut self, _: &mut [u8]) -> Result<usize, RemoteError> {
        Ok(0)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        if stream == Stream::Stderr {
            keep(&mut self.output, stream, bytes);
            return Ok(());
        }
        let length = bytes.len() as u64;
        if self.received + length > self.chunk.length {
            return Err(RemoteError::Changed {
                path: self.remote.to_owned(),
            });
        }
        self.file
            .write_all_at(bytes, self.chunk.offset + self.received)
            .map_err(local("write", self.path))?;
        self.received += length;
        self.transfer.advance(length);
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        if !self.output.status.success() {
            return Err(self
                .transfer
                .connection
                .failure(&self.output, format!("reading {}", self.remote)));
        }
        if self.received != self.chunk.length {
            return Err(RemoteError::Changed {
                path: self.remote.to_owned(),
            });
        }
        // As above.
        let _ = self.hashing.send(self.chunk);
        Ok(())
    }
}

/// Keeps the start of what a command wrote, which is a hash or a complaint.
pub fn keep(output: &mut Output, stream: Stream, bytes: &[u8]) {
    const MOST: usize = 16 << 10;
    let kept = match stream {
        Stream::Stdout => &mut output.stdout,
        Stream::Stderr => &mut output.stderr,
    };
    let room = MOST.saturating_sub(kept.len());
    kept.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_a_file_once() {
        assert!(chunks_of(0).is_empty());
        for size in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5] {
            let chunks = chunks_of(size);
            let mut end = 0;
            for (index, chunk) in chunks.iter().enumerate() {
                assert_eq!((chunk.index, chunk.offset), (index, end));
                assert!(chunk.length > 0 && chunk.length <= CHUNK);
                end += chunk.length;
            }
            assert_eq!(end, size);
        }
    }

    #[test]
    fn hashes_are_read_from_both_programs() {
        let hash = "a1".repeat(32);
        let output = format!("{hash} *stdin\n{hash}  -\n\\{hash}  a\\\\b\nno hash\n");
        let expected = [Some(hash.clone()), Some(hash.clone()), Some(hash), None];
        assert_eq!(hashes_in(output.as_bytes()), expected);
    }
}
