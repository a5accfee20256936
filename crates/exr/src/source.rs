//! The bytes of a file, read with bounds: nothing is allocated for bytes that the file does not have.

use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::{Error, Place, Result};

/// A file of known length.
pub(crate) struct Source<R> {
    reader: R,
    path: PathBuf,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Source<R> {
    /// Takes a reader that stands anywhere; `path` is only for messages.
    pub(crate) fn new(mut reader: R, path: &Path) -> Result<Self> {
        let length = reader
            .seek(SeekFrom::End(0))
            .and_then(|length| reader.rewind().map(|()| length))
            .map_err(|source| Error::Io {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            reader,
            path: path.to_owned(),
            position: 0,
            length,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Goes to a byte from the start. A place behind the end fails when it is read.
    pub(crate) fn seek(&mut self, to: u64) -> Result<()> {
        if to != self.position {
            // This one keeps what is buffered.
            let by = i64::try_from(to)
                .ok()
                .zip(i64::try_from(self.position).ok())
                .map(|(to, from)| to - from);
            let sought = match by {
                Some(by) => self.reader.seek_relative(by),
                None => self.reader.seek(SeekFrom::Start(to)).map(|_| ()),
            };
            sought.map_err(|source| self.io(source))?;
            self.position = to;
        }
        Ok(())
    }

    /// Fails unless the file has so many bytes from a place on.
    pub(crate) fn require_at(&self, at: u64, bytes: u64, place: &Place) -> Result<()> {
        let needed = at.saturating_add(bytes);
        if needed > self.length {
            return Err(self.truncated(needed, place));
        }
        Ok(())
    }

    /// Fails unless the file has so many more bytes.
    pub(crate) fn require(&self, bytes: u64, place: &Place) -> Result<()> {
        let needed = self.position.saturating_add(bytes);
        if needed > self.length {
            return Err(self.truncated(needed, place));
        }
        Ok(())
    }

    /// Reads exactly so many bytes.
    pub(crate) fn bytes(&mut self, count: u64, place: &Place) -> Result<Vec<u8>> {
        self.require(count, place)?;
        let Ok(size) = usize::try_from(count) else {
            return Err(self.truncated(u64::MAX, place));
        };
        let mut bytes = vec![0; size];
        self.fill(&mut bytes, place)?;
        Ok(bytes)
    }

    /// Reads an array of bytes.
    pub(crate) fn array<const N: usize>(&mut self, place: &Place) -> Result<[u8; N]> {
        self.require(N as u64, place)?;
        let mut bytes = [0; N];
        self.fill(&mut bytes, place)?;
        Ok(bytes)
    }

    /// Reads a little-endian 32-bit integer.
    pub(crate) fn i32(&mut self, place: &Place) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array(place)?))
    }

    /// Reads text up to a zero byte, which is consumed. `None`: there is no zero within `limit` bytes.
    pub(crate) fn name(&mut self, limit: usize, place: &Place) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        loop {
            let [byte] = self.array(place)?;
            if byte == 0 {
                return Ok(Some(crate::header::text(&bytes)));
            }
            if bytes.len() == limit {
                return Ok(None);
            }
            bytes.push(byte);
        }
    }

    fn fill(&mut self, bytes: &mut [u8], place: &Place) -> Result<()> {
        match self.reader.read_exact(bytes) {
            Ok(()) => {
                self.position += bytes.len() as u64;
                Ok(())
            }
            // The file became shorter while it was read.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(self.truncated(self.position + bytes.len() as u64, place))
            }
            Err(source) => Err(self.io(source)),
        }
    }

    fn truncated(&self, needed: u64, place: &Place) -> Error {
        Error::Truncated {
            path: self.path.clone(),
            place: place.clone(),
            needed,
            found: self.length,
        }
    }

    fn io(&self, source: std::io::Error) -> Error {
        Error::Io {
            path: self.path.clone(),
            source,
        }
    }
}
