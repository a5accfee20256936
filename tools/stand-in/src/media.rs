//! Videos and pictures: what those that are read hold, the sizes that the models work in, and how results are written.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::mp4::{self, Facts, Rate};

/// Width and height.
pub type Size = (u32, u32);

/// The frames that a program reads of a file, at most.
pub const MAX_FRAMES: u32 = 5000;

/// A tier's sizes for 16:9, 4:3 and 1:1; portrait is landscape turned.
pub struct Tier(pub &'static str, pub [Size; 3]);

impl Tier {
    /// The size for a shape.
    pub fn size(&self, shape: Shape) -> Size {
        let [wide, less, square] = self.1;
        let turned = |(width, height)| (height, width);
        match shape {
            Shape::Wide => wide,
            Shape::LessWide => less,
            Shape::Square => square,
            Shape::LessHigh => turned(less),
            Shape::High => turned(wide),
        }
    }
}

/// What the programs sort pictures into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Wide,
    LessWide,
    Square,
    LessHigh,
    High,
}

impl Shape {
    pub const ALL: [(&'static str, f64, Self); 5] = [
        ("16,9", 16.0 / 9.0, Self::Wide),
        ("4,3", 4.0 / 3.0, Self::LessWide),
        ("1,1", 1.0, Self::Square),
        ("3,4", 3.0 / 4.0, Self::LessHigh),
        ("9,16", 9.0 / 16.0, Self::High),
    ];

    /// The nearest, by the squared difference of width by height.
    pub fn of((width, height): Size) -> Self {
        let ratio = f64::from(width) / f64::from(height.max(1));
        let away = |(_, of, _): &(&str, f64, Self)| (of - ratio).powi(2);
        let nearest = Self::ALL
            .into_iter()
            .min_by(|a, b| away(a).total_cmp(&away(b)));
        nearest.map_or(Self::Wide, |(_, _, shape)| shape)
    }

    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(known, _, _)| *known == name);
        found.map(|(_, _, shape)| shape)
    }
}

/// What is in the file at `path`, of which `name` is how the program knows it. Pictures are videos of one frame, one
/// each second.
pub fn read(path: &Path, name: &str) -> Result<Facts, Failure> {
    if !path.is_file() {
        return Err(Failure::missing(name));
    }
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let facts = match extension.to_lowercase().as_str() {
        "png" | "jpg" | "jpeg" | "webp" => picture_size(path).map(|(width, height)| Facts {
            width,
            height,
            frames: 1,
            rate: Rate::whole(1),
        }),
        _ => mp4::facts(path),
    };
    facts.ok_or_else(|| {
        Failure::error(format!(
            "OSError: the stand-in finds no picture and no MP4 video in '{name}'"
        ))
    })
}

fn picture_size(path: &Path) -> Option<Size> {
    let bytes = fs::read(path).ok()?;
    let pair = |at: usize| {
        let two = bytes.get(at..at + 2)?;
        Some(u32::from(u16::from_be_bytes(two.try_into().ok()?)))
    };
    if bytes.starts_with(b"\x89PNG") {
        return Some((pair(18)?, pair(22)?));
    }
    if !bytes.starts_with(b"\xff\xd8") {
        return None;
    }
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        // Any start of a frame, which are not all of these numbers.
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            return Some((pair(at + 7)?, pair(at + 5)?));
        }
        at += 2 + pair(at + 2)? as usize;
    }
}

/// Writes a gray video, or picture where there is one frame, to `path` without its extension, and says which it is.
pub fn write(stem: &Path, facts: Facts, padding: usize) -> Result<&'static str, Failure> {
    let extension = if facts.frames == 1 { "jpg" } else { "mp4" };
    let mut name = stem.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let path = Path::new(&name);
    match extension {
        "jpg" => fs::write(path, gray_jpeg(facts.width, facts.height)),
        _ => mp4::write(path, facts, padding),
    }
    .map_err(|error| Failure::system(&error, &path.display().to_string()))?;
    Ok(extension)
}

/// A gray picture (ITU-T T.81): every block has a difference of 0 and no other coefficient, each a code of one bit.
fn gray_jpeg(width: u32, height: u32) -> Vec<u8> {
    let sides = [height, width]
        .map(|side| (side as u16).to_be_bytes())
        .concat();
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let table = |class: u8| {
        let mut counts = [0; 16];
        counts[0] = 1;
        [&[class], &counts[..], &[0]].concat()
    };
    let blocks = width.div_ceil(8) * height.div_ceil(8);
    let bits = blocks as usize * 2;
    let mut data = vec![0; bits.div_ceil(8)];
    if let Some(last) = data.last_mut() {
        // What is left of it is filled with ones.
        let used = (bits - 1) % 8 + 1;
        *last = (0xff_u16 >> used) as u8;
    }
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xdb, &[&[0][..], &[16; 64]].concat()),
        segment(0xc0, &[&[8], &sides[..], &[1, 1, 0x11, 0]].concat()),
        segment(0xc4, &table(0)),
        segment(0xc4, &table(0x10)),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        data,
        vec![0xff, 0xd9],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        for (width, height, frames, rate) in [
            (1280, 704, 5, Rate::whole(24)),
            (640, 360, 121, Rate::of(23.976)),
            (642, 362, 2, Rate::whole(30)),
            (3840, 2112, 241, Rate::whole(24)),
            (1280, 704, 1, Rate::whole(1)),
            (66, 50, 1, Rate::whole(1)),
        ] {
            let facts = Facts {
                width,
                height,
                frames,
                rate,
            };
            let stem = folder.path().join("a.b");
            let extension = write(&stem, facts, 100).unwrap();
            let path = folder.path().join(format!("a.b.{extension}"));
            assert_eq!(read(&path, "a").unwrap(), facts);
            if extension == "jpg" {
                let picture = image::open(&path).unwrap();
                assert_eq!((picture.width(), picture.height()), (width, height));
                assert!(
                    picture
                        .to_luma8()
                        .pixels()
                        .all(|p| p.0[0].abs_diff(128) < 2)
                );
            } else {
                let probed = std::process::Command::new("ffprobe")
                    .args([
                        "-v",
                        "error",
                        "-count_frames",
                        "-of",
                        "csv=p=0",
                        "-show_entries",
                    ])
                    .arg("stream=width,height,avg_frame_rate,nb_read_frames")
                    .arg(&path)
                    .output();
                let said = String::from_utf8(probed.unwrap().stdout).unwrap();
                let Rate { num, den } = match rate.den {
                    // 23.976 is shortened.
                    1000 => Rate {
                        num: 2997,
                        den: 125,
                    },
                    _ => rate,
                };
                assert_eq!(
                    said.trim(),
                    format!("{width},{height},{num}/{den},{frames}")
                );
            }
        }
    }

    #[test]
    fn shapes_are_told_by_the_squared_difference() {
        for (size, shape) in [
            ((1920, 1080), Shape::Wide),
            ((1280, 704), Shape::Wide),
            ((1500, 1000), Shape::LessWide),
            ((1000, 860), Shape::Square),
            ((64, 36), Shape::Wide),
            ((720, 960), Shape::LessHigh),
            ((704, 1280), Shape::High),
        ] {
            assert_eq!(Shape::of(size), shape, "{size:?}");
        }
    }
}
