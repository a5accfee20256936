//! Bytes to [`Header`], with limits and named errors.

use std::io::{Read, Seek};

use super::attribute::{text, window};
use super::{
    Attribute, AttributeValue, Channel, Compression, CryptomatteKeys, Header, Levels, Limits, Part,
    PartKind, SampleType, Tiles, Window,
};
use crate::source::Source;
use crate::{Error, Place, Result};

/// First four bytes of every OpenEXR file.
const MAGIC: [u8; 4] = [0x76, 0x2f, 0x31, 0x01];
/// Flags of the version field.
const TILED: u32 = 0x200;
const DEEP: u32 = 0x800;
const MULTI_PART: u32 = 0x1000;
/// Longest name of an attribute, a type or a channel (the format says 31, or 255 with the flag for long names).
const NAME_BYTES: usize = 255;

/// Most views and Cryptomattes of a file. Nobody writes a tenth of that; many more would make sorting slow.
const VIEWS: u64 = 1024;
/// Most attributes of a file: each costs more memory than it may have bytes.
const ATTRIBUTES: u64 = 65_536;
const CRYPTOMATTES: u64 = 1024;

/// Reads the header from the start of the source and leaves it before the block tables.
pub(crate) fn parse<R: Read + Seek>(source: &mut Source<R>, limits: &Limits) -> Result<Header> {
    let path = source.path().to_owned();
    if source.length() < 4 || source.array(&Place::Start)? != MAGIC {
        return Err(Error::NotExr { path });
    }
    let version = u32::from_le_bytes(source.array(&Place::Start)?);
    if version & 0xff != 2 && version & 0xff != 1 {
        let problem = format!("version {} of the format is not known", version & 0xff);
        return Err(Error::BadHeader {
            path,
            place: Place::Start,
            problem,
        });
    }
    let multi_part = version & MULTI_PART != 0;
    let mut parts: Vec<Part> = Vec::new();
    let mut cryptomattes = Vec::new();
    let (mut attributes, mut channels, mut views) = (0, 0, 0);
    loop {
        let place = Place::Header { part: parts.len() };
        let mut raw = RawPart::default();
        if !raw.read(source, parts.len(), limits, &mut attributes)? {
            // An empty header ends the list of parts.
            if multi_part && !parts.is_empty() {
                break;
            }
            let problem = "has no attributes".to_owned();
            return Err(Error::BadHeader {
                path,
                place,
                problem,
            });
        }
        let keys = std::mem::take(&mut raw.cryptomattes);
        let part = raw
            .check(version, multi_part)
            .map_err(|problem| Error::BadHeader {
                path: path.clone(),
                place: place.clone(),
                problem,
            })?;
        within_limits(&part, limits).map_err(|(what, value, limit)| Error::OverLimit {
            path: path.clone(),
            what,
            value,
            limit,
        })?;
        keys.finish(parts.len(), &mut cryptomattes);
        views += part.multi_view.as_ref().map_or(0, Vec::len);
        channels += part.channels.len();
        parts.push(part);
        let counts = [
            ("the number of parts", parts.len(), limits.parts),
            ("the number of channels", channels, limits.channels),
            ("the number of views", views, VIEWS),
            (
                "the number of Cryptomattes",
                cryptomattes.len(),
                CRYPTOMATTES,
            ),
        ];
        let over = counts
            .into_iter()
            .find(|(_, count, limit)| *count as u64 > *limit);
        if let Some((what, value, limit)) = over {
            let value = value as u64;
            return Err(Error::OverLimit {
                path,
                what,
                value,
                limit,
            });
        }
        if !multi_part {
            break;
        }
    }
    let display = parts.first().map(|part| part.display_window);
    if let Some(part) = parts
        .iter()
        .position(|part| Some(part.display_window) != display)
    {
        let problem = "its display window is not that of part 0".to_owned();
        return Err(Error::BadHeader {
            path,
            place: Place::Header { part },
            problem,
        });
    }
    Ok(Header {
        parts,
        multi_part,
        cryptomattes,
        bytes: source.length(),
        tables_at: source.position(),
    })
}

/// What a part's attributes say before they are checked against each other.
#[derive(Default)]
struct RawPart {
    name: Option<String>,
    view: Option<String>,
    multi_view: Option<Vec<String>>,
    kind: Option<String>,
    compression: Option<u8>,
    channels: Option<Vec<Channel>>,
    data_window: Option<Window>,
    display_window: Option<Window>,
    tiles: Option<Tiles>,
    aspect: Option<f32>,
    chunk_count: Option<i32>,
    attributes: Vec<Attribute>,
    cryptomattes: CryptomatteKeys,
}

impl RawPart {
    /// Reads attributes up to the zero byte that ends them. `false`: there are none.
    fn read<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        part: usize,
        limits: &Limits,
        attributes: &mut u64,
    ) -> Result<bool> {
        let path = source.path().to_owned();
        let place = Place::Header { part };
        let bad = |place: Place, problem: &str| Error::BadHeader {
            path: path.clone(),
            place,
            problem: problem.into(),
        };
        let mut any = false;
        loop {
            let long = || bad(place.clone(), "holds a name of more than 255 bytes");
            let name = source.name(NAME_BYTES, &place)?.ok_or_else(long)?;
            if name.is_empty() {
                return Ok(any);
            }
            any = true;
            *attributes += 1;
            if *attributes > ATTRIBUTES {
                let (what, value) = ("the number of attributes", *attributes);
                return Err(Error::OverLimit {
                    path,
                    what,
                    value,
                    limit: ATTRIBUTES,
                });
            }
            let type_name = source.name(NAME_BYTES, &place)?.ok_or_else(long)?;
            let place = Place::Attribute {
                part,
                name: name.clone(),
            };
            let size = source.i32(&place)?;
            let size = u64::try_from(size)
                .map_err(|_negative| bad(place.clone(), "has a negative size"))?;
            source.require(size, &place)?;
            let total = source.position().saturating_add(size);
            if total > limits.header_bytes {
                let what = "the header's size in bytes";
                return Err(Error::OverLimit {
                    path,
                    what,
                    value: total,
                    limit: limits.header_bytes,
                });
            }
            let bytes = source.bytes(size, &place)?;
            self.take(name, &type_name, &bytes, limits)
                .map_err(|problem| match problem {
                    Problem::Bad(problem) => bad(place, &problem),
                    Problem::TooMany(what, value, limit) => Error::OverLimit {
                        path: path.clone(),
                        what,
                        value,
                        limit,
                    },
                })?;
        }
    }

    fn take(
        &mut self,
        name: String,
        type_name: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<(), Problem> {
        let unfit = || Problem::Bad(format!("does not fit its type, {type_name}"));
        match (name.as_str(), type_name) {
            ("channels", "chlist") => self.channels = Some(channels(bytes, limits.channels)?),
            ("compression", "compression") => {
                self.compression = Some(*bytes.first().ok_or_else(unfit)?)
            }
            ("dataWindow", "box2i") => self.data_window = Some(window(bytes).ok_or_else(unfit)?),
            ("displayWindow", "box2i") => {
                self.display_window = Some(window(bytes).ok_or_else(unfit)?)
            }
            ("tiles", "tiledesc") => self.tiles = Some(tiles(bytes).ok_or_else(unfit)?),
            ("name", "string") => self.name = Some(text(bytes)),
            ("type", "string") => self.kind = Some(text(bytes)),
            ("view", "string") => self.view = Some(text(bytes)),
            ("multiView", "stringvector") => match AttributeValue::decode(type_name, bytes) {
                AttributeValue::Texts(views) => self.multi_view = Some(views),
                _ => return Err(unfit()),
            },
            ("pixelAspectRatio", "float") => {
                self.aspect = Some(f32::from_le_bytes(
                    bytes.try_into().map_err(|_size| unfit())?,
                ));
            }
            ("chunkCount", "int") => {
                self.chunk_count = Some(i32::from_le_bytes(
                    bytes.try_into().map_err(|_size| unfit())?,
                ));
            }
            _ => {
                let value = AttributeValue::decode(type_name, bytes);
                if let AttributeValue::Text(value) = &value
                    && self.cryptomattes.take(&name, value)
                {
                    return Ok(());
                }
                self.attributes.push(Attribute { name, value });
            }
        }
        Ok(())
    }

    /// Puts the part together.
    fn check(self, version: u32, multi_part: bool) -> Result<Part, String> {
        fn needed<T>(value: Option<T>, name: &str) -> Result<T, String> {
            value.ok_or_else(|| format!("has no attribute {name:?}"))
        }
        let kind = match (self.kind.as_deref(), self.tiles) {
            (Some("scanlineimage"), _) => PartKind::ScanLines,
            (Some("tiledimage"), tiles) => PartKind::Tiles(needed(tiles, "tiles")?),
            (Some("deepscanline"), _) => PartKind::DeepScanLines,
            (Some("deeptile"), tiles) => PartKind::DeepTiles(needed(tiles, "tiles")?),
            (Some(other), _) => return Err(format!("is of the unknown type {other:?}")),
            // Files of one part need not say; the flag does. A deep one says both.
            (None, _) if multi_part => return Err("has no attribute \"type\"".to_owned()),
            (None, _) if version & DEEP != 0 => PartKind::DeepScanLines,
            (None, tiles) if version & TILED != 0 => PartKind::Tiles(needed(tiles, "tiles")?),
            (None, _) => PartKind::ScanLines,
        };
        if multi_part && self.name.as_deref().unwrap_or_default().is_empty() {
            return Err("has no name, which a file of several parts needs".to_owned());
        }
        let part = Part {
            name: self.name.filter(|name| !name.is_empty()),
            view: self.view.filter(|view| !view.is_empty()),
            multi_view: self.multi_view,
            kind,
            compression: Compression::from_code(needed(self.compression, "compression")?),
            channels: needed(self.channels, "channels")?,
            data_window: needed(self.data_window, "dataWindow")?,
            display_window: needed(self.display_window, "displayWindow")?,
            pixel_aspect_ratio: self
                .aspect
                .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
                .unwrap_or(1.0),
            attributes: self.attributes,
            chunk_count: self
                .chunk_count
                .map(|count| {
                    u64::try_from(count).map_err(|_negative| format!("has {count} blocks"))
                })
                .transpose()?,
        };
        for (name, window) in [("data", part.data_window), ("display", part.display_window)] {
            if window.width() == 0 || window.height() == 0 {
                return Err(format!(
                    "its {name} window is empty ({:?} to {:?})",
                    window.min, window.max
                ));
            }
        }
        if part.channels.is_empty() {
            return Err("has no channels".to_owned());
        }
        Ok(part)
    }
}

/// What is wrong with one attribute.
enum Problem {
    Bad(String),
    TooMany(&'static str, u64, u64),
}

fn channels(bytes: &[u8], limit: u64) -> Result<Vec<Channel>, Problem> {
    let cut = || Problem::Bad("ends within a channel".to_owned());
    let mut found: Vec<Channel> = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| *byte == 0).ok_or_else(cut)?;
        if end == 0 {
            break;
        }
        if end > NAME_BYTES {
            return Err(Problem::Bad(
                "holds a channel name of more than 255 bytes".to_owned(),
            ));
        }
        let name = text(&rest[..end]);
        let (fields, after) = rest[end + 1..].split_first_chunk::<16>().ok_or_else(cut)?;
        rest = after;
        let number = |at: usize| {
            let four = fields[at..at + 4].try_into().unwrap_or_default();
            i32::from_le_bytes(four)
        };
        let sample = match number(0) {
            0 => SampleType::Uint,
            1 => SampleType::Half,
            2 => SampleType::Float,
            other => {
                return Err(Problem::Bad(format!(
                    "channel {name:?} is of the unknown type {other}"
                )));
            }
        };
        let sampling = match (u32::try_from(number(8)), u32::try_from(number(12))) {
            (Ok(x), Ok(y)) if x > 0 && y > 0 => (x, y),
            _ => {
                return Err(Problem::Bad(format!(
                    "channel {name:?} has a sampling below 1"
                )));
            }
        };
        found.push(Channel {
            name,
            sample,
            sampling,
            linear: fields[4] != 0,
        });
        if found.len() as u64 > limit {
            return Err(Problem::TooMany(
                "the number of channels",
                found.len() as u64,
                limit,
            ));
        }
    }
    let mut names: Vec<&str> = found.iter().map(|channel| channel.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Problem::Bad(format!(
            "channel {:?} is there twice",
            pair[0]
        ))),
        None => Ok(found),
    }
}

fn tiles(bytes: &[u8]) -> Option<Tiles> {
    let bytes: &[u8; 9] = bytes.try_into().ok()?;
    let width = u32::from_le_bytes(bytes[0..4].try_into().ok()?);
    let height = u32::from_le_bytes(bytes[4..8].try_into().ok()?);
    let levels = match bytes[8] & 0x0f {
        0 => Levels::One,
        1 => Levels::MipMap,
        2 => Levels::RipMap,
        _ => return None,
    };
    let round_up = match bytes[8] >> 4 {
        0 => false,
        1 => true,
        _ => return None,
    };
    // OpenEXR takes tile sizes up to the largest positive 32-bit integer.
    let fits = |size: u32| size > 0 && i32::try_from(size).is_ok();
    (fits(width) && fits(height)).then_some(Tiles {
        width,
        height,
        levels,
        round_up,
    })
}

fn within_limits(part: &Part, limits: &Limits) -> Result<(), (&'static str, u64, u64)> {
    let sides = [
        (
            "the width of the data window in pixels",
            part.data_window.width(),
        ),
        (
            "the height of the data window in pixels",
            part.data_window.height(),
        ),
        (
            "the width of the display window in pixels",
            part.display_window.width(),
        ),
        (
            "the height of the display window in pixels",
            part.display_window.height(),
        ),
    ];
    match sides.into_iter().find(|(_, value)| *value > limits.side) {
        Some((what, value)) => Err((what, value, limits.side)),
        None => Ok(()),
    }
}
