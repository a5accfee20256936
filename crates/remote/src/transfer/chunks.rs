//! Large files in chunks of 64 MiB, each with its SHA-256: through one `ssh` where the network is fast, on
//! several channels at a time where the host is far.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use sha2::{Digest, Sha256};

use super::{Transfer, local};
use crate::dialogue::{Dialogue, ExitStatus, Output, Stream};
use crate::pump::{Data, pump};
use crate::{Command, RemoteError};

/// The length of a chunk: long enough that a command's start does not weigh, short enough that a chunk lost
/// in the middle does not hurt.
pub const CHUNK: u64 = 64 << 20;
/// From how many bytes on a file is worth the login of another program, 128 MiB.
const PUMPED: u64 = 128 << 20;
/// What is read from a file at once.
const BLOCK: usize = 1 << 20;

/// Hash of standard input; OpenSSL's is several times faster where processors have instructions for it.
macro_rules! hash {
    () => {
        "if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r; else sha256sum; fi"
    };
}

/// Writes the next `$length` bytes of standard input into the file `$1`, from `$offset` on. The file has to be there:
/// one that another process has put in its place meanwhile must not be made anew, full of holes.
macro_rules! store_chunk {
    () => {
        concat!(
            r#"dd of="$1" bs=256K seek="$offset" count="$length" oflag=seek_bytes "#,
            "iflag=fullblock,count_bytes conv=notrunc,nocreat status=none"
        )
    };
}

/// Hash of the `$length` bytes from `$offset` on of the file `$1`.
macro_rules! hash_chunk {
    () => {
        concat!(
            r#"dd if="$1" bs=32K skip="$offset" count="$length" iflag=skip_bytes,count_bytes status=none | { "#,
            hash!(),
            "; }"
        )
    };
}

/// The hash of each chunk of `$4` bytes from `$2` to `$3` of the file `$1`.
macro_rules! hash_chunks {
    () => {
        concat!(
            r#"offset=$2 length=$4
            while [ "$offset" -lt "$3" ]; do
                [ $((offset + length)) -le "$3" ] || length=$(($3 - offset))
                "#,
            hash_chunk!(),
            r#" || exit
                offset=$((offset + length))
            done"#
        )
    };
}

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub index: usize,
    pub offset: u64,
    pub length: u64,
}

impl Chunk {
    /// The offset of the first byte after it.
    const fn end(self) -> u64 {
        self.offset + self.length
    }
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
    let share = chunks.len().div_ceil(transfer.channels()).max(1);
    let commands = chunks.chunks(share).filter_map(|share| {
        let (first, last) = (share.first()?, share.last()?);
        Some(Command::script(hash_chunks!()).args([
            path,
            &first.offset.to_string(),
            &last.end().to_string(),
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
    /// Sends `chunks`, of which each has its index in `hashes`, to the host, and compares what arrived there.
    pub fn send(self, chunks: &[Chunk], hashes: &[String]) -> Result<(), RemoteError> {
        let carried = self.carry(chunks, Way::Up, None)?;
        self.compare(&carried, Way::Up, |chunk, there| {
            hashes.get(chunk.index) == Some(there)
        })
    }

    /// Fetches `chunks` from the host, and compares what arrived here. Returns their hashes.
    pub fn receive(self, chunks: &[Chunk]) -> Result<Vec<(usize, String)>, RemoteError> {
        let (carried, here) = thread::scope(|scope| {
            let hashing = Hashing::start(scope, self.file);
            let carried = self.carry(chunks, Way::Down, Some(&hashing.sender()));
            let here = hashing.finish().map_err(local("read", self.path));
            carried.and_then(|carried| Ok((carried, here?)))
        })?;
        self.compare(&carried, Way::Down, |chunk, there| {
            here.iter()
                .any(|(index, hash)| *index == chunk.index && hash == there)
        })?;
        Ok(here)
    }

    /// Refuses what `is_same` says no to, given a chunk and its hash on the host.
    fn compare(
        self,
        carried: &[(Vec<Chunk>, Output)],
        way: Way,
        is_same: impl Fn(&Chunk, &String) -> bool,
    ) -> Result<(), RemoteError> {
        for (chunks, output) in carried {
            let there = match way {
                Way::Up => hashes_in(&output.stdout),
                Way::Down => hashes_in(&output.stderr),
            };
            if !chunks
                .iter()
                .zip(&there)
                .all(|(chunk, there)| is_same(chunk, there))
            {
                return Err(RemoteError::Damaged {
                    path: self.remote.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Carries `chunks`, and has those that arrive hashed here. Returns what each command said of its chunks.
    fn carry(
        self,
        chunks: &[Chunk],
        way: Way,
        hashing: Option<&Sender<Chunk>>,
    ) -> Result<Vec<(Vec<Chunk>, Output)>, RemoteError> {
        let is_large =
            |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.length).sum::<u64>() >= PUMPED;
        if !is_large(chunks) || !self.transfer.is_near()? {
            return self.carry_on_channels(chunks, way, hashing);
        }
        let mut carried = Vec::new();
        for run in chunks.chunk_by(|one, next| one.end() == next.offset) {
            let pumped = match is_large(run) {
                true => self.pump(run, way, hashing)?,
                false => None,
            };
            match pumped {
                Some(output) => carried.push((run.to_vec(), output)),
                None => carried.extend(self.carry_on_channels(run, way, hashing)?),
            }
        }
        Ok(carried)
    }

    /// Carries a `run` of chunks without gaps through the system's `ssh`, if that can be had.
    fn pump(
        self,
        run: &[Chunk],
        way: Way,
        hashing: Option<&Sender<Chunk>>,
    ) -> Result<Option<Output>, RemoteError> {
        // Each hash is taken while the next chunk is on its way; one at a time, so that they come in order.
        const RECEIVE: &str = concat!(
            r#"hashing= offset=$2 length=$4
            while [ "$offset" -lt "$3" ]; do
                [ $((offset + length)) -le "$3" ] || length=$(($3 - offset))
                "#,
            store_chunk!(),
            r#" || exit
                [ -z "$hashing" ] || wait "$hashing" || exit
                "#,
            hash_chunk!(),
            r#" &
                hashing=$!
                offset=$((offset + length))
            done
            wait "$hashing""#
        );
        const SEND: &str = concat!(
            "{ ",
            hash_chunks!(),
            r#"; } >&2 &
            hashing=$!
            dd if="$1" bs=256K skip="$2" count=$(($3 - $2)) iflag=skip_bytes,count_bytes status=none || exit
            wait "$hashing""#
        );
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            return Ok(None);
        };
        let Self {
            transfer,
            file,
            path,
            remote,
        } = self;
        let at_first = || {
            let mut file = file.try_clone()?;
            file.seek(SeekFrom::Start(first.offset)).map(|_| file)
        };
        let data = at_first().map_err(local("read", path))?;
        let (script, data) = match way {
            Way::Up => (RECEIVE, Data::Sent(data)),
            Way::Down => (SEND, Data::Received(data)),
        };
        let command = Command::script(script).args([
            remote,
            &first.offset.to_string(),
            &last.end().to_string(),
            &CHUNK.to_string(),
        ]);
        // What is received lies here when the position has passed it.
        let mut to_hash = run.iter().copied().peekable();
        let mut reached = first.offset;
        let on_glance = || {
            // ssh reads on behind the run, and the host passes over that.
            let position = (&*file).stream_position().unwrap_or(reached);
            if way == Way::Down && position > last.end() {
                return Err(RemoteError::Changed {
                    path: remote.to_owned(),
                });
            }
            let position = position.clamp(reached, last.end());
            transfer.advance(position - reached);
            reached = position;
            while let Some(hashing) = hashing
                && let Some(chunk) = to_hash.next_if(|chunk| chunk.end() <= reached)
            {
                // The receiver is gone only when its thread has failed, which its end reports.
                let _ = hashing.send(chunk);
            }
            Ok(())
        };
        let output = pump(
            transfer.connection,
            command,
            data,
            on_glance,
            transfer.cancel,
        )?;
        if let Some(output) = &output {
            if way == Way::Down && reached < last.end() {
                // ssh does not say why it could not write on.
                let more = vec![0; BLOCK.min((last.end() - reached) as usize)];
                let written = file.write_all_at(&more, reached);
                written.map_err(local("write", path))?;
            }
            self.check(output, way, run.len(), reached == last.end())?;
        }
        Ok(output)
    }

    /// Whether a command that carried `count` chunks has done so: it succeeded, hashed them, and all of their
    /// bytes passed.
    fn check(
        self,
        output: &Output,
        way: Way,
        count: usize,
        is_complete: bool,
    ) -> Result<(), RemoteError> {
        let remote = self.remote;
        let (hashes, attempt) = match way {
            Way::Up => (&output.stdout, "writing"),
            Way::Down => (&output.stderr, "reading"),
        };
        if !output.status.success() || hashes_in(hashes).len() != count {
            let attempt = format!("{attempt} {remote}");
            return Err(self.transfer.connection.failure(output, attempt));
        }
        if !is_complete {
            return Err(RemoteError::Changed {
                path: remote.to_owned(),
            });
        }
        Ok(())
    }

    /// Carries `chunks` on as many channels of the open connection as the distance asks for.
    fn carry_on_channels(
        self,
        chunks: &[Chunk],
        way: Way,
        hashing: Option<&Sender<Chunk>>,
    ) -> Result<Vec<(Vec<Chunk>, Output)>, RemoteError> {
        let channels = self.transfer.channels();
        // Those that travel at a time are neighbours, so that a file that is cut off has few gaps.
        let mut carriers: Vec<Carrier<'_>> = (0..channels.min(chunks.len()))
            .map(|channel| Carrier {
                between: self,
                way,
                chunks: every(chunks, channel, channels),
                current: 0,
                carried: 0,
                header: Vec::new(),
                output: Output::default(),
                hashing: hashing.cloned(),
            })
            .collect();
        self.transfer.converse_all(&mut carriers)?;
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
    /// Hashes what has arrived here.
    hashing: Option<Sender<Chunk>>,
}

impl Carrier<'_> {
    /// The next input when sending: for each chunk its place and length on a line, then its data.
    fn give_chunk(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        let Some(chunk) = self.chunks.get(self.current).copied() else {
            return Ok(0);
        };
        if self.carried == 0 && self.header.is_empty() {
            self.header = header(chunk);
            return Ok(self.header.as_slice().read(block).unwrap_or_default());
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
            if data.len() == left
                && let Some(hashing) = &self.hashing
            {
                // As above.
                let _ = hashing.send(chunk);
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
            r#"while read -r offset length; do
                "#,
            store_chunk!(),
            r#" || exit
                "#,
            hash_chunk!(),
            " || exit
            done"
        );
        const SEND: &str = concat!(
            r#"while read -r offset length; do
                dd if="$1" bs=256K skip="$offset" count="$length" iflag=skip_bytes,count_bytes \
                    status=none || exit
                "#,
            hash_chunk!(),
            " >&2 || exit
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
            _ => self.output.keep(stream, bytes),
        }
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        let is_complete = self.current == self.chunks.len();
        self.between
            .check(&self.output, self.way, self.chunks.len(), is_complete)
    }
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
