//! Just enough MP4 and H.264 to read the facts of a video and to write one that every player opens: a gray
//! picture, and then frames that repeat it. 4K costs a few kilobytes and no time.

use std::fs;
use std::io;
use std::path::Path;

/// What a video holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub width: u32,
    pub height: u32,
    pub frames: u32,
    pub rate: Rate,
}

/// Frames a second, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub num: u32,
    pub den: u32,
}

impl Rate {
    pub const fn whole(fps: u32) -> Self {
        Self { num: fps, den: 1 }
    }

    pub fn of(fps: f64) -> Self {
        match fps.fract() == 0.0 {
            true => Self::whole(fps as u32),
            false => Self {
                num: (fps * 1000.0).round() as u32,
                den: 1000,
            },
        }
    }

    pub fn value(self) -> f64 {
        f64::from(self.num) / f64::from(self.den.max(1))
    }
}

/// The facts of the first video track in the file at `path`; `None` if that is no video.
pub fn facts(path: &Path) -> Option<Facts> {
    let bytes = fs::read(path).ok()?;
    let track = inner(inner(&bytes, b"moov", 0)?, b"trak", 0)?;
    let header = inner(track, b"tkhd", 0)?;
    let size = |from_end: usize| {
        let start = header.len().checked_sub(from_end)?;
        // Fixed point with 16 bits after it.
        number(header, start).map(|fixed| fixed >> 16)
    };
    let media = inner(track, b"mdia", 0)?;
    let time_scale = number(inner(media, b"mdhd", 0)?, 12)?;
    let table = inner(inner(media, b"minf", 0)?, b"stbl", 0)?;
    let ticks_per_frame = number(inner(table, b"stts", 0)?, 12)?;
    Some(Facts {
        width: size(8)?,
        height: size(4)?,
        frames: number(inner(table, b"stsz", 0)?, 8)?,
        rate: Rate {
            num: time_scale,
            den: Some(ticks_per_frame).filter(|ticks| *ticks > 0)?,
        },
    })
}

/// The content of the first box called `name` in `bytes` after the first `skip` bytes.
fn inner<'a>(bytes: &'a [u8], name: &[u8; 4], skip: usize) -> Option<&'a [u8]> {
    let mut rest = bytes.get(skip..)?;
    loop {
        let (length, header) = match number(rest, 0)? {
            // A 64-bit length follows the name.
            1 => (usize::try_from(number(rest, 12)?).ok()?, 16),
            length => (usize::try_from(length).ok()?, 8),
        };
        if rest.get(4..8)? == name {
            return rest.get(header..length);
        }
        rest = rest.get(length.max(header)..)?;
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// Writes a video with these facts, whose sides have to be even, to `path`, with so many bytes at its end that players
/// pass over.
pub fn write(path: &Path, facts: Facts, padding: usize) -> io::Result<()> {
    let (wide, high) = (facts.width.div_ceil(16), facts.height.div_ceil(16));
    let samples: Vec<Vec<u8>> = (0..facts.frames)
        .map(|frame| slice(frame, wide * high))
        .collect();
    let brand = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    let data_start = brand.len() + 8;
    let data = boxed(b"mdat", &samples.concat());
    let lengths: Vec<u32> = samples.iter().map(|sample| sample.len() as u32).collect();
    let index = movie(facts, data_start as u32, &lengths);
    let rest = boxed(b"free", &vec![0xa5; padding]);
    fs::write(path, [brand, data, index, rest].concat())
}

fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = content.len() as u32 + 8;
    [&length.to_be_bytes()[..], name, content].concat()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// The index: one video track whose samples lie one after the other from `data_start` on.
fn movie(facts: Facts, data_start: u32, lengths: &[u32]) -> Vec<u8> {
    const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let Facts {
        width,
        height,
        frames,
        rate: Rate { num, den },
    } = facts;
    let length = frames * den;
    let movie_header = [
        &[0, 0, 0, num, length, 0x1_0000, 0x0100_0000, 0, 0][..],
        &UNITY,
        &[0, 0, 0, 0, 0, 0, 2],
    ]
    .concat();
    let track_header = [
        &[3, 0, 0, 1, 0, length, 0, 0, 0, 0][..],
        &UNITY,
        &[width << 16, height << 16],
    ]
    .concat();
    let (sps, pps) = parameter_sets(width, height);
    let configuration = [
        &[1, sps[1], sps[2], sps[3], 0xff, 0xe1, 0, sps.len() as u8][..],
        &sps,
        &[1, 0, pps.len() as u8],
        &pps,
    ]
    .concat();
    let mut entry = words(&[0, 1, 0, 0, 0, 0, (width << 16) | height]);
    entry.extend(words(&[0x48_0000, 0x48_0000, 0, 0x1_0000]));
    entry.extend([0; 30]);
    entry.extend([0, 24, 0xff, 0xff]);
    entry.extend(boxed(b"avcC", &configuration));
    let description = [words(&[0, 1]), boxed(b"avc1", &entry)].concat();
    let table = [
        boxed(b"stsd", &description),
        boxed(b"stts", &words(&[0, 1, frames, den])),
        boxed(b"stss", &words(&[0, 1, 1])),
        boxed(b"stsc", &words(&[0, 1, 1, frames, 1])),
        boxed(b"stsz", &[words(&[0, 0, frames]), words(lengths)].concat()),
        boxed(b"stco", &words(&[0, 1, data_start])),
    ]
    .concat();
    let reference = [words(&[0, 1]), boxed(b"url ", &[0, 0, 0, 1])].concat();
    let information = [
        boxed(b"vmhd", &words(&[1, 0, 0])),
        boxed(b"dinf", &boxed(b"dref", &reference)),
        boxed(b"stbl", &table),
    ]
    .concat();
    let handler = [&words(&[0, 0])[..], b"vide", &[0; 12], b"video\0"].concat();
    let media = [
        boxed(b"mdhd", &words(&[0, 0, 0, num, length, 0x55c4_0000])),
        boxed(b"hdlr", &handler),
        boxed(b"minf", &information),
    ]
    .concat();
    let track = [
        boxed(b"tkhd", &words(&track_header)),
        boxed(b"mdia", &media),
    ]
    .concat();
    let content = [
        boxed(b"mvhd", &words(&movie_header)),
        boxed(b"trak", &track),
    ]
    .concat();
    boxed(b"moov", &content)
}

/// Sequence and picture parameters (ITU-T H.264, 7.3.2): baseline profile, level 5.1, pictures in coding order, and of
/// the last macroblocks only what belongs to the picture.
fn parameter_sets(width: u32, height: u32) -> (Vec<u8>, Vec<u8>) {
    let (wide, high) = (width.div_ceil(16), height.div_ceil(16));
    let surplus = [(wide * 16 - width) / 2, (high * 16 - height) / 2];
    let mut sps = Bits::default();
    sps.put(8, 66).put(8, 0xc0).put(8, 51);
    sps.ue(0).ue(0).ue(2).ue(1).put(1, 0);
    sps.ue(wide - 1).ue(high - 1);
    sps.put(1, 1).put(1, 1);
    match surplus {
        [0, 0] => _ = sps.put(1, 0),
        [right, below] => _ = sps.put(1, 1).ue(0).ue(right).ue(0).ue(below),
    }
    sps.put(1, 0);
    let mut pps = Bits::default();
    pps.ue(0).ue(0).put(2, 0).ue(0).ue(0).ue(0).put(3, 0);
    pps.ue(0).ue(0).ue(0).put(1, 1).put(2, 0);
    (sps.unit(0x67), pps.unit(0x68))
}

/// One frame: the first is an IDR picture without residual, the others skip every macroblock.
fn slice(frame: u32, macroblocks: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    let unit = if frame == 0 {
        bits.ue(0).ue(7).ue(0).put(4, 0).ue(0);
        bits.put(2, 0).ue(0).ue(1);
        for _ in 0..macroblocks {
            // Intra 16x16 predicted from the mean, which is mid gray where there is nothing to average; no
            // change of quantiser and no coefficient.
            bits.ue(3).ue(0).ue(0).put(1, 1);
        }
        bits.unit(0x65)
    } else {
        bits.ue(0).ue(5).ue(0).put(4, frame % 16);
        bits.put(2, 0).put(1, 0).ue(0).ue(1).ue(macroblocks);
        bits.unit(0x41)
    };
    [&(unit.len() as u32).to_be_bytes()[..], &unit].concat()
}

/// Bits, the highest of a byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) -> &mut Self {
        for bit in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = (value >> bit & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.used % 8);
            }
            self.used += 1;
        }
        self
    }

    /// An Exp-Golomb code (9.1). For a signed 0 it is the same.
    fn ue(&mut self, value: u32) -> &mut Self {
        let code = value + 1;
        let length = code.ilog2();
        self.put(length, 0).put(length + 1, code)
    }

    /// A NAL unit with its header byte, closed and without anything that looks like a start code (7.3.1).
    fn unit(mut self, header: u8) -> Vec<u8> {
        self.put(1, 1);
        let mut unit = vec![header];
        let mut zeros = 0;
        for byte in self.bytes {
            if zeros >= 2 && byte <= 3 {
                unit.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            unit.push(byte);
        }
        unit
    }
}
