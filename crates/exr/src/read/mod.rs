//! One read of a file, all planes that were asked for.
//!
//! Each block of a needed part is fetched and decompressed once; of its channels only the wanted ones are converted.
//! Parts that hold nothing wanted are not touched. Planes have the size of the display window: where the data window
//! is smaller they hold a fill value, where it is larger it is cut off.

mod blocks;
mod decode;
mod guard;
mod planes;

pub use planes::{Frame, LayerPixels, Plane, Samples};

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use crate::header::{Header, Limits, parse};
use crate::layout::{Layer, Layout};
use crate::source::Source;
use crate::{Error, Result};
use blocks::BlockTable;
use planes::Target;

/// Bytes that are fetched at once from a file.
const BUFFER: usize = 64 << 10;

/// What to read of a file.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Request {
    /// Names of layers, as [`Layout::layer`] takes them.
    pub layers: Vec<String>,
    /// The view of a multi-view file.
    pub view: Option<String>,
    /// Whether blocks are decompressed on rayon's threads. Off by default: a shot has many files, and one thread a file
    /// is faster than many threads on one.
    pub parallel: bool,
    /// The shot's layout, which this frame must have.
    pub expected: Option<Layout>,
    /// What the file may ask for.
    pub limits: Limits,
}

impl Request {
    /// Asks for these layers.
    pub fn layers<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self {
            layers: names.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Chooses a view.
    #[must_use]
    pub fn view(mut self, view: impl Into<String>) -> Self {
        self.view = Some(view.into());
        self
    }

    /// Decompresses on several threads.
    #[must_use]
    pub fn parallel(mut self, parallel: bool) -> Self {
        self.parallel = parallel;
        self
    }

    /// Demands the layers of a shot.
    #[must_use]
    pub fn expect(mut self, shot: Layout) -> Self {
        self.expected = Some(shot);
        self
    }

    /// Sets what the file may ask for.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Reads the header of a file and no pixels.
///
/// # Errors
/// Any of [`Error`] that a header can cause.
pub fn probe(path: impl AsRef<Path>) -> Result<Header> {
    Ok(Reader::open(path)?.header)
}

/// Reads layers of a file.
///
/// # Errors
/// Any of [`Error`]; nothing is returned of a file that is damaged anywhere in what was asked for.
pub fn read(path: impl AsRef<Path>, request: &Request) -> Result<Frame> {
    let path = path.as_ref();
    Reader::from_parts(open(path)?, path, request.limits.clone())?.read(request)
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(BufReader::with_capacity(BUFFER, file))
}

/// A file whose header has been read.
pub struct Reader<R> {
    source: Source<R>,
    header: Header,
    path: PathBuf,
    limits: Limits,
}

impl Reader<BufReader<File>> {
    /// Opens a file and reads its header, within the default [`Limits`].
    ///
    /// # Errors
    /// Any of [`Error`] that a header can cause.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_parts(open(path)?, path, Limits::default())
    }
}

impl<R: Read + Seek> Reader<R> {
    /// Reads the header of anything that can be read and sought; it should be buffered. `path` is for messages and
    /// for the folder of sidecar manifests.
    ///
    /// # Errors
    /// Any of [`Error`] that a header can cause.
    pub fn from_parts(reader: R, path: &Path, limits: Limits) -> Result<Self> {
        let mut source = Source::new(reader, path)?;
        let header = parse(&mut source, &limits)?;
        Ok(Self {
            source,
            header,
            path: path.to_owned(),
            limits,
        })
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Sorts the layers of one view; see [`Layout::new`].
    ///
    /// # Errors
    /// [`Error::View`].
    pub fn layout(&self, view: Option<&str>) -> Result<Layout> {
        Layout::new(&self.path, &self.header, view)
    }

    /// Looks whether the file has room for every block that its header promises; reads no pixels.
    ///
    /// # Errors
    /// [`Error::Truncated`] and what else the tables of blocks can cause.
    pub fn check_blocks(&mut self) -> Result<()> {
        for part in 0..self.header.parts.len() {
            // Deep parts are not read, and say so where a layer of theirs is asked for.
            if self.header.parts[part].kind.is_deep() {
                continue;
            }
            BlockTable::read(&mut self.source, &self.header, part, &self.limits)?;
        }
        Ok(())
    }

    /// Reads layers. Of the request's limits those on blocks and frames apply; the header has been read.
    ///
    /// # Errors
    /// Any of [`Error`]; nothing is returned of a file that is damaged anywhere in what was asked for.
    pub fn read(&mut self, request: &Request) -> Result<Frame> {
        let layout = self.layout(request.view.as_deref())?;
        if let Some(shot) = &request.expected {
            shot.check(&layout)?;
        }
        let mut wanted: Vec<&Layer> = Vec::new();
        for name in &request.layers {
            let layer = layout.layer(name)?;
            if let Some(what) = layer.refusal {
                return Err(Error::Unsupported {
                    path: self.path.clone(),
                    what,
                });
            }
            if !wanted.iter().any(|known| known.name == layer.name) {
                wanted.push(layer);
            }
        }
        let pixels = u64::from(layout.width) * u64::from(layout.height);
        let planes: u64 = wanted.iter().map(|layer| layer.channels.len() as u64).sum();
        let bytes = pixels.saturating_mul(planes).saturating_mul(4);
        let limit = request.limits.frame_bytes.min(self.limits.frame_bytes);
        if bytes > limit {
            let what = "the size of the frame's planes in bytes";
            return Err(Error::OverLimit {
                path: self.path.clone(),
                what,
                value: bytes,
                limit,
            });
        }
        let mut tables = Vec::new();
        for (part, _) in self.header.parts.iter().enumerate() {
            if wanted.iter().any(|layer| layer.part == part) {
                let table =
                    BlockTable::read(&mut self.source, &self.header, part, &request.limits)?;
                tables.push((part, table));
            }
        }
        // The file can hold every block: only now are the planes allocated.
        let mut frame = Frame::new(&layout, &wanted, &self.header, &self.path);
        for (part, table) in tables {
            let targets = Target::of_part(&mut frame, &wanted, part);
            decode::decode(
                &mut self.source,
                &self.header,
                part,
                &table,
                targets,
                request.parallel,
            )?;
        }
        Ok(frame)
    }
}
