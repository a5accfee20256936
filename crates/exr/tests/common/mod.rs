//! What the tests share: fixtures, the values that other programs read from them, and files built byte by byte.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use cosmos_exr::{Frame, Layout, Limits, Plane, Reader, Request, Result, Samples};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// Opens bytes as a file.
pub fn open(bytes: Vec<u8>) -> Result<Reader<Cursor<Vec<u8>>>> {
    Reader::from_parts(
        Cursor::new(bytes),
        Path::new("memory.exr"),
        Limits::default(),
    )
}

/// One line of `expected.txt`.
pub struct Expected {
    pub reader: String,
    pub file: String,
    pub part: usize,
    pub channel: String,
    pub width: usize,
    pub height: usize,
    pub hash: u64,
    pub values: Vec<u32>,
}

pub fn expected() -> Vec<Expected> {
    let text = std::fs::read_to_string(fixture("expected.txt")).unwrap();
    text.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [reader, file, part, channel, width, height, hash, values] = fields[..] else {
                panic!("{line}")
            };
            let values = match values {
                "-" => Vec::new(),
                values => values
                    .split(' ')
                    .map(|word| u32::from_str_radix(word, 16).unwrap())
                    .collect(),
            };
            Expected {
                reader: reader.to_owned(),
                file: file.to_owned(),
                part: part.parse().unwrap(),
                channel: channel.to_owned(),
                width: width.parse().unwrap(),
                height: height.parse().unwrap(),
                hash: u64::from_str_radix(hash, 16).unwrap(),
                values,
            }
        })
        .collect()
}

/// Samples as the words of `expected.txt`.
pub fn words(plane: &Plane) -> Vec<u32> {
    match &plane.samples {
        Samples::Uint(values) => values.clone(),
        Samples::Float(values) => values
            .iter()
            .map(|value| {
                if value.is_nan() {
                    0x7fc0_0000
                } else {
                    value.to_bits()
                }
            })
            .collect(),
        _ => panic!("a type of samples that the tests do not know"),
    }
}

/// FNV-1a, 64 bits.
pub fn fnv(words: &[u32]) -> u64 {
    words
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// A file built byte by byte: headers, and nothing behind them.
#[derive(Clone, Default)]
pub struct Exr {
    pub parts: Vec<Vec<(String, String, Vec<u8>)>>,
    pub flags: u32,
}

pub const HALF: i32 = 1;
pub const FLOAT: i32 = 2;

pub fn window(x0: i32, y0: i32, x1: i32, y1: i32) -> Vec<u8> {
    [x0, y0, x1, y1]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect()
}

pub fn channel_list(channels: &[(&str, i32)]) -> Vec<u8> {
    let mut list = Vec::new();
    for (name, sample) in channels {
        list.extend_from_slice(name.as_bytes());
        list.push(0);
        for field in [*sample, 0, 1, 1] {
            list.extend_from_slice(&field.to_le_bytes());
        }
    }
    list.push(0);
    list
}

impl Exr {
    /// One part of 8x6 pixels, ZIP.
    pub fn new(channels: &[(&str, i32)]) -> Self {
        Self::default().part(channels, &[])
    }

    pub fn part(mut self, channels: &[(&str, i32)], texts: &[(&str, &str)]) -> Self {
        let mut attributes = vec![
            (
                "channels".to_owned(),
                "chlist".to_owned(),
                channel_list(channels),
            ),
            ("compression".to_owned(), "compression".to_owned(), vec![3]),
            (
                "dataWindow".to_owned(),
                "box2i".to_owned(),
                window(0, 0, 7, 5),
            ),
            (
                "displayWindow".to_owned(),
                "box2i".to_owned(),
                window(0, 0, 7, 5),
            ),
        ];
        for (name, text) in texts {
            attributes.push((
                (*name).to_owned(),
                "string".to_owned(),
                text.as_bytes().to_vec(),
            ));
        }
        self.parts.push(attributes);
        self
    }

    /// Sets an attribute of the last part.
    pub fn with(mut self, name: &str, type_name: &str, value: Vec<u8>) -> Self {
        let attributes = self.parts.last_mut().unwrap();
        attributes.retain(|(known, _, _)| known != name);
        attributes.push((name.to_owned(), type_name.to_owned(), value));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.parts
            .last_mut()
            .unwrap()
            .retain(|(known, _, _)| known != name);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let multi = self.parts.len() > 1;
        let version = 2 | self.flags | if multi { 0x1000 } else { 0 };
        let mut bytes = vec![0x76, 0x2f, 0x31, 0x01];
        bytes.extend_from_slice(&u32::to_le_bytes(version));
        for attributes in &self.parts {
            for (name, type_name, value) in attributes {
                for text in [name, type_name] {
                    bytes.extend_from_slice(text.as_bytes());
                    bytes.push(0);
                }
                bytes.extend_from_slice(&i32::try_from(value.len()).unwrap().to_le_bytes());
                bytes.extend_from_slice(value);
            }
            bytes.push(0);
        }
        if multi {
            bytes.push(0);
        }
        bytes
    }

    pub fn layout(&self) -> Layout {
        open(self.bytes()).unwrap().layout(None).unwrap()
    }
}

/// Files with scan lines and tiles, one part and many, and every compression.
pub const FILES: [&str; 14] = [
    "blender_multilayer.0001.exr",
    "scan_no.exr",
    "scan_rle.exr",
    "scan_zips.exr",
    "scan_zip.exr",
    "scan_piz.exr",
    "scan_pxr24.exr",
    "scan_b44.exr",
    "scan_b44a.exr",
    "scan_dwaa.exr",
    "scan_dwab.exr",
    "tiled_rip.exr",
    "parts.exr",
    "views_parts.exr",
];

/// Reads everything that the first view has.
pub fn read_all(content: Vec<u8>) -> Result<Frame> {
    // A damaged window must not make the tests slow: the largest picture here has 64x48 pixels.
    let mut limits = Limits::default();
    limits.side = 4096;
    limits.frame_bytes = 64 << 20;
    limits.block_bytes = 16 << 20;
    let mut reader = Reader::from_parts(
        Cursor::new(content),
        Path::new("damaged.exr"),
        limits.clone(),
    )?;
    let view = reader.header().views().first().cloned();
    let layout = reader.layout(view.as_deref())?;
    let readable = layout
        .layers
        .iter()
        .filter(|layer| layer.refusal.is_none())
        .map(|layer| layer.name.clone());
    let mut request = Request::layers(readable).limits(limits);
    request.view = view;
    reader.read(&request)
}
