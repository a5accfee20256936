//! A PNG writer for every kind of PNG there is: colour types, bit depths, palettes, transparent colors and
//! Adam7 interlacing, which image libraries write only in part.

use std::io::Write;

use flate2::Crc;
use flate2::write::ZlibEncoder;

/// Color types by their number in the header (PNG specification, table 11.1).
pub const GRAY: u8 = 0;
pub const RGB: u8 = 2;
pub const INDEXED: u8 = 3;
pub const GRAY_ALPHA: u8 = 4;
pub const RGBA: u8 = 6;

/// Start and step in x and y of the seven passes of Adam7.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

pub struct Png {
    pub size: (u32, u32),
    pub color_type: u8,
    pub bits: u8,
    pub interlaced: bool,
    /// Content of the chunk `PLTE`, if not empty.
    pub palette: Vec<u8>,
    /// Content of the chunk `tRNS`, if not empty.
    pub transparent: Vec<u8>,
}

impl Png {
    /// The file, with the samples of each pixel as `samples` gives them for x and y.
    pub fn encode(&self, samples: impl Fn(u32, u32) -> Vec<u16>) -> Vec<u8> {
        let (width, height) = self.size;
        let mut rows = Vec::new();
        let passes: &[_] = if self.interlaced {
            &PASSES
        } else {
            &[(0, 0, 1, 1)]
        };
        for &(left, top, across, down) in passes {
            for y in (top..height).step_by(down as usize) {
                let pixels = (left..width).step_by(across as usize);
                if left < width {
                    // Every row begins with its filter: none.
                    rows.push(0);
                    rows.extend(self.pack(pixels.flat_map(|x| samples(x, y))));
                }
            }
        }
        let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&rows).unwrap();

        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([self.bits, self.color_type, 0, 0, u8::from(self.interlaced)]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(b"IHDR", &header));
        for (name, content) in [(b"PLTE", &self.palette), (b"tRNS", &self.transparent)] {
            if !content.is_empty() {
                file.extend(chunk(name, content));
            }
        }
        file.extend(chunk(b"IDAT", &zlib.finish().unwrap()));
        file.extend(chunk(b"IEND", &[]));
        file
    }

    fn pack(&self, samples: impl Iterator<Item = u16>) -> Vec<u8> {
        if self.bits == 16 {
            return samples.flat_map(u16::to_be_bytes).collect();
        }
        let per_byte = usize::from(8 / self.bits);
        let samples: Vec<u16> = samples.collect();
        let bytes = samples.chunks(per_byte).map(|group| {
            let filled = group
                .iter()
                .fold(0, |byte, sample| byte << self.bits | *sample as u8 as u32);
            (filled << (self.bits as usize * (per_byte - group.len()))) as u8
        });
        bytes.collect()
    }
}

/// A chunk of a PNG file.
pub fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(content);
    let length = (content.len() as u32).to_be_bytes();
    [&length, name.as_slice(), content, &crc.sum().to_be_bytes()].concat()
}
