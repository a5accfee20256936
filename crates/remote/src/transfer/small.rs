//! Small files: many at once as one tar stream, with their SHA-256 beside them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use cosmos_core::hash::sha256_of_file;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::names::{LocalFile, join};
use super::{Transfer, local};
use crate::dialogue::{Dialogue, ExitStatus, Output, Script, Stream};
use crate::{Command, RemoteError};

/// Names on one `mv`, in bytes; a command line may have more, but not much more on every system.
const NAMES_A_COMMAND: usize = 16 << 10;
/// The shell function `with_all`, which runs a command with the names that standard input has, many at a time.
macro_rules! with_all {
    () => {
        r#"with_all() {
            command=$1
            set --
            while IFS= read -r name; do
                set -- "$@" "$name"
                if [ $# -ge 200 ]; then "$command" "$@" || return; set --; fi
            done
            [ $# -eq 0 ] || "$command" "$@"
        }
        "#
    };
}
/// The shell function `hash`, which prints the SHA-256 of each file, in that order, at the start of a line. OpenSSL
/// is several times faster where processors have instructions for it.
macro_rules! hash {
    () => {
        r#"hash() {
            if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r "$@"; else sha256sum "$@"; fi
        }
        "#
    };
}

/// The longest name in a tar stream, in bytes: twice what Linux takes as a path (`PATH_MAX`).
const LONGEST_NAME: u64 = 8 << 10;
/// The most that may follow the last entry of a tar stream, in bytes. GNU tar fills up to 10 KiB, or what
/// `TAR_OPTIONS` asks for.
const MOST_PADDING: u64 = 2 << 20;
/// Blocks that wait to be unpacked.
const WAITING_BLOCKS: usize = 64;

/// The SHA-256 of each file, with all processors.
pub fn hashes_of(files: &[&LocalFile]) -> Result<Vec<String>, RemoteError> {
    files
        .par_iter()
        .map(|file| sha256_of_file(&file.path).map_err(local("read", &file.path)))
        .collect()
}

/// A list as `sha256sum --check` reads it. It takes a name with a backslash only when escaped and marked.
pub fn checksums<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut list = String::new();
    for (name, hash) in files {
        let mark = if name.contains('\\') { "\\" } else { "" };
        let name = name.replace('\\', "\\\\");
        list.push_str(&format!("{mark}{hash}  ./{name}\n"));
    }
    list
}

/// For each of `count` files of a [`checksums`] list, whether it is the same in `folder`, and in `staging`
/// within it.
pub fn compare(
    transfer: &Transfer<'_>,
    folder: &str,
    staging: &str,
    list: &str,
    count: usize,
) -> Result<Vec<(bool, bool)>, RemoteError> {
    const COMPARE: &str = r#"export LC_ALL=C
        cd -- "$1" 2>/dev/null || exit 0
        list=$(cat)
        printf '%s\n' "$list" | sha256sum --check 2>/dev/null
        echo --
        cd -- "$2" 2>/dev/null || exit 0
        printf '%s\n' "$list" | sha256sum --check 2>/dev/null
        exit 0"#;
    if count == 0 {
        return Ok(Vec::new());
    }
    let command = Command::script(COMPARE).args([folder, staging]);
    let output = transfer.run(command, list.as_bytes())?;
    let output = transfer
        .connection
        .expect_success(output, || format!("looking into {folder}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (in_folder, in_staging) = text.split_once("--\n").unwrap_or((&text, ""));
    let verdicts =
        |text: &str| -> Vec<bool> { text.lines().map(|line| line.ends_with(": OK")).collect() };
    let (in_folder, in_staging) = (verdicts(in_folder), verdicts(in_staging));
    let at = |verdicts: &[bool], index: usize| verdicts.get(index).copied().unwrap_or(false);
    Ok((0..count)
        .map(|index| (at(&in_folder, index), at(&in_staging, index)))
        .collect())
}

/// Sends `files` (each with its hash) to `folder`, by way of `staging` within it. Those for which `is_staged`
/// lie there already.
///
/// While it is at work that folder has a name of its own, since another process may send the same; left for the next
/// one it has its old name.
pub fn send(
    transfer: &Transfer<'_>,
    folder: &str,
    staging: &str,
    files: &[(&LocalFile, &str)],
    is_staged: &[bool],
) -> Result<(), RemoteError> {
    const DIFFERS: i32 = 67;
    const RECEIVE: &str = concat!(
        with_all!(),
        hash!(),
        flush!(),
        r#"set -e
        mkdir -p -- "$1"
        cd -- "$1"
        leave() {
            [ ! -d "$folder/$3" ] || mv -n -T -- "$folder/$3" "$folder/$2"
            rm -rf -- "$folder/$3"
        }
        folder=$PWD
        mv -T -- "$2" "$3" 2>/dev/null || mkdir -- "$3"
        trap 'leave "$@"' EXIT
        trap 'exit 1' HUP INT TERM
        mkdir -p -- "$3/files"
        cd -- "$3"
        tar -x -f - --no-same-owner
        cd files
        found=$(with_all hash <../names | tr -d '\\' | cut -c 1-64)
        [ "$found" = "$(cat ../hashes)" ] || exit 67
        with_all flush <../names
        cd ../..
        . "./$3/place"
        rm -rf -- "$3"
        find . -maxdepth 1 -type d -name '.cosmos-*.*' -mtime +7 -exec rm -rf -- {} + 2>/dev/null || :"#
    );
    let names: Vec<&str> = files.iter().map(|(file, _)| file.name.as_str()).collect();
    let names_list: String = names.iter().map(|name| format!("./{name}\n")).collect();
    let hashes: String = files.iter().map(|(_, hash)| format!("{hash}\n")).collect();
    let to_send = files.iter().zip(is_staged).filter(|(_, staged)| !**staged);
    let own = format!("{staging}.{:016x}", RandomState::new().hash_one(()));
    let mut sending = SendSmall {
        transfer,
        command: Command::script(RECEIVE).args([folder, staging, &own]),
        files: to_send.map(|((file, _), _)| *file).collect(),
        next: 0,
        last: vec![
            ("names", names_list),
            ("hashes", hashes),
            ("place", place(&own, &names)?),
        ],
        tar: tar::Builder::new(Vec::new()),
        block: Vec::new(),
        at: 0,
        is_over: false,
        output: Output::default(),
    };
    transfer.converse(&mut [&mut sending])?;
    let output = std::mem::take(&mut sending.output);
    if output.status.success() {
        return Ok(());
    }
    if output.status == ExitStatus::Code(DIFFERS) {
        return Err(RemoteError::Damaged {
            path: folder.to_owned(),
        });
    }
    Err(transfer
        .connection
        .failure(&output, format!("writing to {folder}")))
}

/// A shell script that moves `names` from `staging` to the current folder, and has the names flushed.
fn place(staging: &str, names: &[&str]) -> Result<String, RemoteError> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().push(name);
    }
    let mut script = String::new();
    let mut unflushed = BTreeSet::new();
    for (folder, names) in folders {
        // Folders are made with their parents.
        unflushed.extend(Path::new(folder).ancestors());
        let target = format!("./{folder}");
        script.push_str(
            &Command::new("mkdir")
                .args(["-p", "--", &target])
                .to_shell()?,
        );
        script.push('\n');
        let mut rest = names.as_slice();
        while !rest.is_empty() {
            let mut command = Command::new("mv").args(["-f", "-t", &target, "--"]);
            let mut bytes = 0;
            while let Some((name, after)) = rest.split_first()
                && bytes < NAMES_A_COMMAND
            {
                let source = format!("{staging}/files/{name}");
                bytes += source.len();
                command = command.arg(source);
                rest = after;
            }
            script.push_str(&command.to_shell()?);
            script.push('\n');
        }
    }
    for folder in unflushed {
        let command = Command::new("flush").arg(format!("./{}", folder.display()));
        script.push_str(&command.to_shell()?);
        script.push('\n');
    }
    Ok(script)
}

struct SendSmall<'a> {
    transfer: &'a Transfer<'a>,
    command: Command,
    files: Vec<&'a LocalFile>,
    /// The next of `files` to be read.
    next: usize,
    /// What follows the files, last first out.
    last: Vec<(&'static str, String)>,
    tar: tar::Builder<Vec<u8>>,
    block: Vec<u8>,
    /// How much of `block` is gone.
    at: usize,
    is_over: bool,
    output: Output,
}

impl SendSmall<'_> {
    /// Puts the next entry of the archive, or its end, into `block`.
    fn refill(&mut self) -> Result<(), RemoteError> {
        if let Some(file) = self.files.get(self.next) {
            self.next += 1;
            let bytes = fs::read(&file.path).map_err(local("read", &file.path))?;
            self.transfer.advance(bytes.len() as u64);
            append(&mut self.tar, &format!("files/{}", file.name), &bytes)
                .map_err(local("pack", &file.path))?;
        } else if let Some((name, text)) = self.last.pop() {
            append(&mut self.tar, name, text.as_bytes()).map_err(local("pack", Path::new(name)))?;
        } else if !self.is_over {
            self.is_over = true;
            self.tar.finish().map_err(local("pack", Path::new("")))?;
        }
        self.block = std::mem::take(self.tar.get_mut());
        self.at = 0;
        Ok(())
    }
}

fn append(tar: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, bytes)
}

impl Dialogue for SendSmall<'_> {
    fn command(&self) -> Command {
        self.command.clone()
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        if self.at == self.block.len() {
            self.refill()?;
        }
        let mut rest = self.block.get(self.at..).unwrap_or_default();
        let length = rest.read(block).unwrap_or_default();
        self.at += length;
        Ok(length)
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        self.output.keep(stream, bytes);
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        Ok(())
    }
}

/// A file that arrived.
pub struct Arrived {
    /// Which one, of those that were asked for.
    pub index: usize,
    /// Where it lies for now.
    pub path: PathBuf,
    pub hash: String,
}

/// Receives the files of `folder` with `names` and `sizes` into the local folder `staging`. Returns those
/// that arrived whole and verified, also when it then fails.
pub fn receive(
    transfer: &Transfer<'_>,
    folder: &str,
    names: &[&str],
    sizes: &[u64],
    staging: &Path,
) -> (Vec<Arrived>, Result<(), RemoteError>) {
    // The format that `unpack` reads, whatever the host prefers.
    const SEND: &str = r#"cd -- "$1" &&
        exec tar -c -f - --format=gnu --no-recursion --null --verbatim-files-from -T -"#;
    const HASH: &str = concat!(with_all!(), hash!(), r#"cd -- "$1" && with_all hash"#);
    let list =
        |end: &str| -> String { names.iter().map(|name| format!("./{name}{end}")).collect() };
    let (for_tar, for_hash) = (list("\0"), list("\n"));
    let host = transfer.connection.host();
    let mut hashing = Script::new(Command::script(HASH).arg(folder), for_hash.as_bytes(), host);
    let (sender, receiver) = sync_channel(WAITING_BLOCKS);
    let mut receiving = ReceiveSmall {
        command: Command::script(SEND).arg(folder),
        input: for_tar.as_bytes(),
        blocks: Some(sender),
        output: Output::default(),
    };
    let (talked, (mut arrived, unpacked)) = thread::scope(|scope| {
        let unpacking = scope.spawn(|| {
            let blocks = Blocks {
                receiver,
                block: Vec::new(),
                at: 0,
            };
            unpack(
                transfer.progress,
                transfer.task,
                blocks,
                names,
                sizes,
                staging,
            )
        });
        let talked = transfer.converse(&mut [&mut receiving, &mut hashing]);
        receiving.blocks = None;
        let unpacked = unpacking.join().unwrap_or_else(|_| {
            let ended = io::Error::other("the unpacking thread ended");
            (Vec::new(), Err(local("unpack into", staging)(ended)))
        });
        (talked, unpacked)
    });
    let expected = super::chunks::hashes_in(&hashing.output.stdout);
    let count = arrived.len();
    arrived.retain(|file| expected.get(file.index) == Some(&file.hash));
    let is_whole = arrived.len() == names.len();
    let result = match (talked, unpacked) {
        // A failure to unpack also ends the talk.
        (Err(RemoteError::Stopped), Err(error)) => Err(error),
        (Err(error), _) => Err(error),
        (Ok(()), _) if is_whole => Ok(()),
        (Ok(()), _) if !receiving.output.status.success() => Err(transfer
            .connection
            .failure(&receiving.output, format!("reading {folder}"))),
        (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok(())) if count > arrived.len() => Err(RemoteError::Changed {
            path: folder.to_owned(),
        }),
        (Ok(()), Ok(())) => Err(transfer
            .connection
            .failure(&hashing.output, format!("hashing {folder}"))),
    };
    (arrived, result)
}

/// Reads the name of the next entry of a tar stream, which stands in an entry of its own where it is long.
fn long_name(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<String> {
    let mut name = Vec::new();
    if entry.size() > LONGEST_NAME {
        return Err(io::Error::other("the host sent a name that is too long"));
    }
    entry.take(LONGEST_NAME).read_to_end(&mut name)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// Reads what follows the last entry of a tar stream, which the host must be able to send.
fn skip_padding(mut rest: impl Read) -> io::Result<()> {
    // What cannot be read was not sent.
    let _ = io::copy(&mut (&mut rest).take(MOST_PADDING), &mut io::sink());
    match rest.read(&mut [0]) {
        Ok(1..) => Err(io::Error::other("the host sent more than was asked for")),
        _ => Ok(()),
    }
}

/// Writes the entries of a tar stream that were asked for to `staging`, each under its index.
///
/// The library would keep long names and extensions in memory, however large, so entries are read as they come.
pub fn unpack(
    progress: &dyn cosmos_core::progress::Progress,
    task: &str,
    blocks: impl Read,
    names: &[&str],
    sizes: &[u64],
    staging: &Path,
) -> (Vec<Arrived>, Result<(), RemoteError>) {
    let index_of: HashMap<String, usize> = (0..)
        .zip(names)
        .map(|(index, name)| (format!("./{name}"), index))
        .collect();
    let mut arrived = Vec::new();
    let mut archive = tar::Archive::new(blocks);
    let unreadable = local("unpack into", staging);
    let result = (|| {
        let entries = match archive.entries() {
            Ok(entries) => entries.raw(true),
            Err(e) => return Err(unreadable(e)),
        };
        let mut named = None;
        let mut is_here = vec![false; names.len()];
        for entry in entries {
            let mut entry = entry.map_err(local("unpack into", staging))?;
            if entry.header().entry_type().is_gnu_longname() && named.is_none() {
                let name = long_name(&mut entry).map_err(local("unpack into", staging))?;
                named = Some(name);
                continue;
            }
            let name = named
                .take()
                .unwrap_or_else(|| String::from_utf8_lossy(&entry.path_bytes()).into_owned());
            let index = index_of.get(&name).copied();
            // Each once, so that the stream has an end.
            let is_new = index.and_then(|index| is_here.get_mut(index));
            let is_new = is_new.is_some_and(|is_here| !std::mem::replace(is_here, true));
            let (Some(index), true, true) = (index, is_new, entry.header().entry_type().is_file())
            else {
                return Err(RemoteError::BadName {
                    name,
                    problem: "was not asked for, but the host sent it",
                });
            };
            if sizes.get(index) != Some(&entry.size()) {
                return Err(RemoteError::Changed { path: name });
            }
            let path = staging.join(index.to_string());
            let mut file = File::create(&path).map_err(local("create", &path))?;
            let mut hasher = Sha256::new();
            let mut block = vec![0; 256 << 10];
            loop {
                let length = entry
                    .read(&mut block)
                    .map_err(local("unpack into", staging))?;
                let bytes = block.get(..length).unwrap_or_default();
                if bytes.is_empty() {
                    break;
                }
                hasher.update(bytes);
                file.write_all(bytes).map_err(local("write", &path))?;
                progress.advance(task, length as u64);
            }
            let hash = hasher
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            arrived.push(Arrived { index, path, hash });
        }
        Ok(())
    })();
    let result = result
        .and_then(|()| skip_padding(archive.into_inner()).map_err(local("unpack into", staging)));
    (arrived, result)
}

struct ReceiveSmall<'a> {
    command: Command,
    input: &'a [u8],
    blocks: Option<SyncSender<Vec<u8>>>,
    output: Output,
}

impl Dialogue for ReceiveSmall<'_> {
    fn command(&self) -> Command {
        self.command.clone()
    }

    fn give(&mut self, block: &mut [u8]) -> Result<usize, RemoteError> {
        Ok(self.input.read(block).unwrap_or_default())
    }

    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), RemoteError> {
        match (stream, &self.blocks) {
            (Stream::Stdout, Some(blocks)) => {
                blocks
                    .send(bytes.to_vec())
                    .map_err(|_unpacking_ended| RemoteError::Stopped)?;
            }
            (Stream::Stdout, None) => {}
            (Stream::Stderr, _) => self.output.keep(stream, bytes),
        }
        Ok(())
    }

    fn end(&mut self, status: ExitStatus) -> Result<(), RemoteError> {
        self.output.status = status;
        self.blocks = None;
        Ok(())
    }
}

/// What arrives, as something to read from.
struct Blocks {
    receiver: Receiver<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            self.at = 0;
            self.block = self.receiver.recv().unwrap_or_default();
        }
        let length = self.block.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

/// The name of the folder that collects small files on the host: the same for the same files, so that a
/// second try finds what the first one left, and not for others, so that two transfers do not meet.
pub fn staging_of(list: &str) -> String {
    let digest = cosmos_core::hash::sha256_of(list.as_bytes());
    let short: String = digest.chars().take(16).collect();
    format!("{}{short}", super::names::OURS)
}

/// Removes `staging` from `folder` on the host.
pub fn clear(transfer: &Transfer<'_>, folder: &str, staging: &str) {
    let command = Command::new("rm").args(["-rf", "--", &join(folder, staging)]);
    transfer.clear(&command);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_moved_folder_by_folder() {
        let script = place(".s", &["a", "b c", "d/it's", "d/e/f"]).unwrap();
        assert_eq!(
            script,
            "mkdir -p -- ./\nmv -f -t ./ -- .s/files/a '.s/files/b c'\n\
             mkdir -p -- ./d\nmv -f -t ./d -- \".s/files/d/it's\"\n\
             mkdir -p -- ./d/e\nmv -f -t ./d/e -- .s/files/d/e/f\n\
             flush ./\nflush ./d\nflush ./d/e\n"
        );
    }

    fn unpacked(stream: impl Read) -> (usize, Result<(), RemoteError>) {
        let staging = tempfile::tempdir().unwrap();
        let long = "n".repeat(300);
        let names = ["a", long.as_str()];
        let progress = cosmos_core::progress::Silent;
        let (arrived, result) = unpack(&progress, "t", stream, &names, &[1, 1], staging.path());
        for file in &arrived {
            assert_eq!(fs::read(&file.path).unwrap(), b"x");
        }
        (arrived.len(), result)
    }

    fn packed(names: &[&str]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for name in names {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            header.set_path("placeholder").unwrap();
            header.set_cksum();
            // Not a path, from which the library would take the dot.
            let long = format!("./{name}");
            if long.len() >= 100 {
                let mut named = tar::Header::new_gnu();
                named.set_entry_type(tar::EntryType::GNULongName);
                named.set_size(long.len() as u64 + 1);
                named.set_cksum();
                tar.append(&named, format!("{long}\0").as_bytes()).unwrap();
            } else {
                let field = &mut header.as_gnu_mut().unwrap().name;
                field.fill(0);
                field[..long.len()].copy_from_slice(long.as_bytes());
                header.set_cksum();
            }
            tar.append(&header, &b"x"[..]).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn what_was_asked_for_is_unpacked_with_the_padding_of_any_tar() {
        let long = "n".repeat(300);
        let stream = packed(&["a", &long]);
        let padding = io::repeat(0).take(1 << 20);
        let (arrived, result) = unpacked(stream.as_slice().chain(padding));
        result.unwrap();
        assert_eq!(arrived, 2);
    }

    #[test]
    fn a_tar_stream_that_asks_for_memory_or_has_no_end_is_refused() {
        for kind in [
            tar::EntryType::GNULongName,
            tar::EntryType::GNULongLink,
            tar::EntryType::XHeader,
            tar::EntryType::XGlobalHeader,
            tar::EntryType::GNUSparse,
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(1 << 30);
            header.set_cksum();
            let stream = header.as_bytes().as_slice().chain(io::repeat(b'n'));
            let (_, result) = unpacked(stream);
            result.unwrap_err();
        }
        let (arrived, result) = unpacked(packed(&["a"]).as_slice().chain(io::repeat(0)));
        assert_eq!(arrived, 1);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("more than was asked for"), "{error}");
        let (arrived, result) = unpacked(packed(&["a", "a"]).as_slice());
        assert_eq!(arrived, 1);
        assert!(matches!(result, Err(RemoteError::BadName { .. })));
    }

    #[test]
    fn backslashes_are_marked_in_checksums() {
        assert_eq!(
            checksums([("a", "12"), ("b\\c", "34")]),
            "12  ./a\n\\34  ./b\\\\c\n"
        );
    }
}
