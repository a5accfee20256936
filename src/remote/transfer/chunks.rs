//! Large files in chunks of 64 MiB, each with its SHA-256, on several connections at a time.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
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
/// The most connections that share a file.
const MAX_LANES: usize = 4;
/// Chunks that a further connection pays off for: 256 MiB take longer than a login.
const CHUNKS_A_LANE: usize = 4;
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

/// The hashes of `chunks` (in order, without gaps) of a file on the host. Where it is shorter they are those
/// of what is there.
pub fn remote_hashes(
    transfer: &Transfer<'_>,
    path: &str,
    chunks: &[Chunk],
) -> Result<Vec<String>, RemoteError> {
    const HASHES: &str = concat!(
        r#"n=$2
        while [ "$n" -lt "$3" ]; do
            dd if="$1" bs=1M skip=$((n * $4)) count="$4" iflag=skip_bytes,count_bytes status=none | { "#,
        hash!(),
        r#"; } || exit
            n=$((n + 1))
        done"#
    );
    let share = chunks.len().div_ceil(transfer.channels()).max(1);
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
    Ok(outputs
        .iter()
        .flat_map(|output| hashes_in(&output.stdout))
        .collect())
}

/// The hashes at the start of lines that `sha256sum` or OpenSSL wrote, among which a shell may have written
/// others. A backslash before one says that the name after it is escaped.
pub fn hashes_in(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let hash = |line: &str| {
        let hash = line.trim_start_matches('\\').get(..64)?;
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| hash.to_owned())
    };
    text.lines().filter_map(hash).collect()
}

/// A file on both sides of which chunks travel.
#[derive(Clone, Copy)]
pub struct Between<'a> {
    pub transfer: &'a Transfer<'a>,
    pub file: &'a File,
    /// Its local path.
    pub path: &'a Path,
    /// Its path on the host.
    pub remote: &'a str,
}

/// Which way chunks travel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Between<'_> {
    /// Sends `chunks` to the host, and compares what arrived there.
    pub fn send(self, chunks: &[Chunk]) -> Result<(), RemoteError> {
        self.carry(chunks, Way::Up).map(|_| ())
    }

    /// Fetches `chunks` from the host, and compares what arrived here. Returns their hashes.
    pub fn receive(self, chunks: &[Chunk]) -> Result<Vec<(usize, String)>, RemoteError> {
        self.carry(chunks, Way::Down)
    }

    fn carry(self, chunks: &[Chunk], way: Way) -> Result<Vec<(usize, String)>, RemoteError> {
        let lanes = lanes_for(chunks.len());
        // Those that travel at a time are neighbours, so that a file that is cut off has few gaps.
        let share = |lane: usize| every(chunks, lane, lanes);
        let channels = self.transfer.channels();
        let (carried, here) = thread::scope(|scope| {
            let hashing = Hashing::start(scope, self.file);
            let others: Vec<_> = (1..lanes)
                .map(|lane| {
                    let (twin, share, hashing) = (
                        self.transfer.connection.twin(),
                        share(lane),
                        hashing.sender(),
                    );
                    let Transfer {
                        progress,
                        task,
                        cancel,
                        ..
                    } = *self.transfer;
                    let Self {
                        file, path, remote, ..
                    } = self;
                    let work = move || {
                        let connection = match twin.open(cancel) {
                            Ok(connection) => connection,
                            Err(error) => {
                                tracing::debug!("no further connection: {error}");
                                return Ok(None);
                            }
                        };
                        let transfer = Transfer {
                            connection: &connection,
                            progress,
                            task,
                            cancel,
                        };
                        let between = Between {
                            transfer: &transfer,
                            file,
                            path,
                            remote,
                        };
                        between
                            .carry_here(&share, way, channels, &hashing)
                            .map(Some)
                    };
                    (lane, scope.spawn(work))
                })
                .collect();
            let sender = hashing.sender();
            let mut result = self.carry_here(&share(0), way, channels, &sender);
            for (lane, other) in others {
                let other = other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result = result.and_then(|mut carried| {
                    carried.extend(match other? {
                        Some(more) => more,
                        None => self.carry_here(&share(lane), way, channels, &sender)?,
                    });
                    Ok(carried)
                });
            }
            drop(sender);
            let here = hashing.finish().map_err(local("read", self.path));
            result.and_then(|carried| Ok((carried, here?)))
        })?;
        for (chunks, output) in carried {
            let there = match way {
                Way::Up => hashes_in(&output.stdout),
                Way::Down => hashes_in(&output.stderr),
            };
            for (chunk, there) in chunks.iter().zip(there) {
                if !here.contains(&(chunk.index, there)) {
                    return Err(RemoteError::Damaged {
                        path: self.remote.to_owned(),
                    });
                }
            }
        }
        Ok(here)
    }

    /// Carries `chunks` on `channels` of this connection. Returns what each command said of its chunks.
    fn carry_here(
        self,
        chunks: &[Chunk],
        way: Way,
        channels: usize,
        hashing: &Sender<Chunk>,
    ) -> Result<Vec<(Vec<Chunk>, Output)>, RemoteError> {
        let mut carriers: Vec<Carrier<'_>> = (0..channels.min(chunks.len()))
            .map(|channel| Carrier {
                between: self,
                way,
                chunks: every(chunks, channel, channels),
                current: 0,
                carried: 0,
                header: Vec::new(),
                output: Output::default(),
                hashing: hashing.clone(),
            })
            .collect();
        self.transfer.converse(&mut carriers)?;
        Ok(carriers
            .into_iter()
            .map(|carrier| (carrier.chunks, carrier.output))
            .collect())
    }
}

/// Every `step`th of `chunks` from `first` on.
fn every(chunks: &[Chunk], first: usize, step: usize) -> Vec<Chunk> {
    chunks.iter().skip(first).step_by(step).copied().collect()
}

/// How many connections share `chunks`: libssh2 encrypts in steps of 16 bytes, so that one connection keeps one
/// processor busy long before it fills a fast network.
fn lanes_for(chunks: usize) -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    (chunks / CHUNKS_A_LANE).clamp(1, MAX_LANES.min(processors))
}

/// Carries some of the chunks on one channel, one after the other. A command for each chunk would cost a
/// login shell's start, which may do a lot.
struct Carrier<'a> {
    between: Between<'a>,
    way: Way,
    chunks: Vec<Chunk>,
    /// The chunk that is on its way, as an index of `chunks`.
    current: usize,
    /// How much of it is through.
    carried: u64,
    /// What is still to be said before its data: where it goes.
    header: Vec<u8>,
    output: Output,
    hashing: Sender<Chunk>,
}

impl Carrier<'_> {
    /// The next input when sending: for each chunk its place and length on a line, then its data.
    fn give_chunk(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        let Some(chunk) = self.chunks.get(self.current).copied() else {
            return Ok(0);
        };
        if self.carried == 0 && self.header.is_empty() {
            self.header = header(chunk);
            let length = self.header.as_slice().read(block).unwrap_or_default();
            // The receiver is gone only when its thread has failed, which its end reports.
            let _ = self.hashing.send(chunk);
            return Ok(length);
        }
        let left = usize::try_from(chunk.length - self.carried).unwrap_or(usize::MAX);
        let most = block.len().min(left);
        let length = self
            .between
            .file
            .read_at(
                block.get_mut(..most).unwrap_or_default(),
                chunk.offset + self.carried,
            )
            .map_err(local("read", self.between.path))?;
        if length == 0 {
            return Err(RemoteError::Changed {
                path: self.between.path.display().to_string(),
            });
        }
        self.advance(chunk, length);
        Ok(length)
    }

    fn advance(&mut self, chunk: Chunk, length: usize) {
        self.carried += length as u64;
        self.between.transfer.advance(length as u64);
        if self.carried == chunk.length {
            self.current += 1;
            self.carried = 0;
            self.header.clear();
        }
    }

    /// Takes data when receiving.
    fn take_data(&mut self, mut bytes: &[u8]) -> Result<(), RemoteError> {
        while !bytes.is_empty() {
            let Some(chunk) = self.chunks.get(self.current).copied() else {
                return Err(RemoteError::Changed {
                    path: self.between.remote.to_owned(),
                });
            };
            let left = usize::try_from(chunk.length - self.carried).unwrap_or(usize::MAX);
            let (data, rest) = bytes.split_at(left.min(bytes.len()));
            self.between
                .file
                .write_all_at(data, chunk.offset + self.carried)
                .map_err(local("write", self.between.path))?;
            if data.len() == left {
                // As above.
                let _ = self.hashing.send(chunk);
            }
            self.advance(chunk, data.len());
            bytes = rest;
        }
        Ok(())
    }
}

/// Where a chunk begins and how long it is, as the commands below read it.
fn header(chunk: Chunk) -> Vec<u8> {
    format!("{} {}\n", chunk.offset, chunk.length).into_bytes()
}

impl Dialogue for Carrier<'_> {
    fn command(&self) -> Command {
        const RECEIVE: &str = concat!(
            r#"mkdir -p -- "${1%/*}/" || exit
            while read -r offset length; do
                dd of="$1" bs=256K seek="$offset" count="$length" oflag=seek_bytes \
                    iflag=fullblock,count_bytes conv=notrunc status=none || exit
                dd if="$1" bs=32K skip="$offset" count="$length" iflag=skip_bytes,count_bytes status=none | { "#,
            hash!(),
            "; } || exit
            done"
        );
        const SEND: &str = concat!(
            r#"while read -r offset length; do
                dd if="$1" bs=256K skip="$offset" count="$length" iflag=skip_bytes,count_bytes \
                    status=none || exit
                dd if="$1" bs=32K skip="$offset" count="$length" iflag=skip_bytes,count_bytes status=none | { "#,
            hash!(),
            "; } >&2 || exit
            done"
        );
        Command::script(match self.way {
            Way::Up => RECEIVE,
            Way::Down => SEND,
        })
        .arg(self.between.remote)
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        if self.way == Way::Up {
            return self.give_chunk(block);
        }
        // All of it is a few bytes a chunk, and goes at once.
        let headers: Vec<u8> = match self.header.is_empty() {
            true => self
                .chunks
                .iter()
                .flat_map(|chunk| header(*chunk))
                .collect(),
            false => Vec::new(),
        };
        let length = headers.as_slice().read(block).unwrap_or_default();
        self.header = headers;
        Ok(length)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        match (self.way, stream) {
            (Way::Down, Stream::Stdout) => self.take_data(bytes)?,
            _ => keep(&mut self.output, stream, bytes),
        }
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        let (hashes, attempt) = match self.way {
            Way::Up => (&self.output.stdout, "writing"),
            Way::Down => (&self.output.stderr, "reading"),
        };
        let Between {
            transfer, remote, ..
        } = self.between;
        if !self.output.status.success() || hashes_in(hashes).len() != self.chunks.len() {
            let attempt = format!("{attempt} {remote}");
            return Err(transfer.connection.failure(&self.output, attempt));
        }
        if self.current != self.chunks.len() {
            return Err(RemoteError::Changed {
                path: remote.to_owned(),
            });
        }
        Ok(())
    }
}

/// Keeps the start of what a command wrote, which is a hash or a complaint.
pub fn keep(output: &mut Output, stream: Stream, bytes: &[u8]) {
    const MOST: usize = 1 << 20;
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
        let output = format!(
            "welcome\n{hash} *stdin\n{hash}  -\n\\{hash}  a\\\\b\n{}\n",
            "é".repeat(40)
        );
        let expected = [hash.clone(), hash.clone(), hash];
        assert_eq!(hashes_in(output.as_bytes()), expected);
    }
}
