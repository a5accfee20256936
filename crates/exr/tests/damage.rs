//! Damaged files: cut off anywhere, changed anywhere, promising what they do not have.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{Exr, FILES, FLOAT, HALF, bytes, open, read_all, window};
use cosmos_exr::{Error, Place, Request};

#[test]
fn undamaged_files_are_read() {
    for file in FILES {
        read_all(bytes(file)).unwrap();
    }
}

#[test]
fn a_file_cut_off_anywhere_is_named() {
    for file in FILES {
        let whole = bytes(file);
        // Every place within the header and the table, and many within the pixels.
        let step = |at: usize| if at < 2500 { 1 } else { 97 };
        let mut at = 0;
        while at < whole.len() {
            let cut = whole[..at].to_vec();
            match read_all(cut) {
                Err(Error::Truncated { needed, found, .. }) => {
                    assert!(needed > found && found == at as u64)
                }
                Err(Error::NotExr { .. }) => assert!(at < 4),
                // Levels of tiles that are not needed stand at the end.
                Ok(_) => assert!(
                    file == "tiled_rip.exr" || file == "views_parts.exr",
                    "{file} at {at}"
                ),
                Err(other) => panic!("{file} at {at}: {other}"),
            }
            at += step(at);
        }
    }
}

#[test]
fn the_place_of_a_cut_is_told() {
    let whole = bytes("scan_zip.exr");
    let place = |at: usize| match read_all(whole[..at].to_vec()) {
        Err(Error::Truncated { place, .. }) => place,
        other => panic!("{other:?}"),
    };
    assert_eq!(place(6), Place::Start);
    assert_eq!(place(9), Place::Header { part: 0 });
    assert_eq!(
        place(60),
        Place::Attribute {
            part: 0,
            name: "channels".to_owned()
        }
    );
    assert!(matches!(
        place(whole.len() - 1),
        Place::Block { part: 0, block: 2 }
    ));
}

#[test]
fn headers_that_promise_too_much_cost_nothing() {
    let huge = [
        ("dataWindow", window(0, 0, i32::MAX - 1, i32::MAX - 1)),
        ("dataWindow", window(i32::MIN, i32::MIN, i32::MAX, i32::MAX)),
        ("displayWindow", window(i32::MIN, 0, i32::MAX, 100)),
        ("dataWindow", window(0, 0, 65_536, 0)),
    ];
    for (name, value) in huge {
        let file = Exr::new(&[("R", HALF)]).with(name, "box2i", value);
        assert!(
            matches!(open(file.bytes()), Err(Error::OverLimit { .. })),
            "{name}"
        );
    }
    // Within the sides, above the planes: 65,536 x 65,536 x 4 bytes.
    let plane = Exr::new(&[("R", HALF)])
        .with("dataWindow", "box2i", window(0, 0, 65_535, 65_535))
        .with("displayWindow", "box2i", window(0, 0, 65_535, 65_535));
    let error = open(plane.bytes())
        .unwrap()
        .read(&Request::layers(["RGBA"]))
        .unwrap_err();
    assert!(
        matches!(error, Error::OverLimit { value, .. } if value == 16 << 30),
        "{error}"
    );
    // Within all limits, and not there.
    let table = Exr::new(&[("R", HALF)]).with("dataWindow", "box2i", window(0, 0, 30_000, 30_000));
    let error = open(table.bytes())
        .unwrap()
        .read(&Request::layers(["RGBA"]))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Truncated {
                place: Place::BlockTable { part: 0 },
                ..
            }
        ),
        "{error}"
    );
    // An attribute of 2 GiB.
    let mut cut = Exr::new(&[("R", HALF)]).bytes();
    let at = cut
        .windows(9)
        .position(|nine| nine == b"chlist\0\x13\0")
        .unwrap()
        + 7;
    cut[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    assert!(matches!(open(cut), Err(Error::Truncated { .. })));
    // One block of 256 lines with very many channels.
    let names: Vec<String> = (0..4000).map(|n| format!("c{n:04}")).collect();
    let channels: Vec<(&str, i32)> = names.iter().map(|name| (name.as_str(), FLOAT)).collect();
    let mut block = Exr::new(&channels)
        .with("compression", "compression", vec![9])
        .with("dataWindow", "box2i", window(0, 0, 9999, 255))
        .bytes();
    block.extend_from_slice(&[0; 8]);
    let error = open(block)
        .unwrap()
        .read(&Request::layers(["c0000"]))
        .unwrap_err();
    assert!(matches!(error, Error::OverLimit { .. }), "{error}");
}

#[test]
fn a_block_that_cannot_hold_its_pixels_is_refused() {
    // 16 lines of 60,000 pixels from 20 bytes of deflate.
    let mut file = Exr::new(&[("R", FLOAT)])
        .with("dataWindow", "box2i", window(0, 0, 59_999, 15))
        .with("displayWindow", "box2i", window(0, 0, 59_999, 15))
        .bytes();
    let at = file.len() as u64 + 8;
    file.extend_from_slice(&at.to_le_bytes());
    file.extend_from_slice(&0_i32.to_le_bytes());
    file.extend_from_slice(&20_i32.to_le_bytes());
    file.extend_from_slice(&[0; 20]);
    let read = |file: Vec<u8>| {
        open(file)
            .unwrap()
            .read(&Request::layers(["RGBA"]))
            .unwrap_err()
    };
    assert!(matches!(
        read(file.clone()),
        Error::Truncated {
            place: Place::Block { .. },
            ..
        }
    ));
    // With room behind it the block itself is asked.
    file.extend_from_slice(&[0; 4000]);
    let error = read(file).to_string();
    let expected =
        "part 0, block 0: has 20 bytes for 3840000, which are more than ZIP can pack (1032:1)";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn headers_that_contradict_themselves_are_named() {
    let rgb = || Exr::new(&[("R", HALF), ("G", HALF), ("B", HALF)]);
    let problem = |file: Exr| match open(file.bytes()) {
        Err(Error::BadHeader { problem, .. }) => problem,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was read"),
    };
    for name in ["channels", "compression", "dataWindow", "displayWindow"] {
        assert_eq!(
            problem(rgb().without(name)),
            format!("has no attribute {name:?}")
        );
    }
    let empty = problem(rgb().with("dataWindow", "box2i", window(5, 0, 4, 9)));
    assert_eq!(empty, "its data window is empty ((5, 0) to (4, 9))");
    assert_eq!(
        problem(rgb().with("dataWindow", "box2i", vec![1, 2, 3])),
        "does not fit its type, box2i"
    );
    assert_eq!(
        problem(rgb().with("channels", "chlist", vec![0])),
        "has no channels"
    );
    assert_eq!(
        problem(Exr::new(&[("R", HALF), ("R", HALF)])),
        "channel \"R\" is there twice"
    );
    assert_eq!(
        problem(Exr::new(&[("R", 3)])),
        "channel \"R\" is of the unknown type 3"
    );
    assert_eq!(
        problem(rgb().with("channels", "chlist", b"R\0\x01\0".to_vec())),
        "ends within a channel"
    );
    assert_eq!(
        problem(rgb().with("type", "string", b"fractal".to_vec())),
        "is of the unknown type \"fractal\""
    );
    let mut tiled = rgb();
    tiled.flags = 0x200;
    assert_eq!(problem(tiled.clone()), "has no attribute \"tiles\"");
    assert_eq!(
        problem(tiled.with("tiles", "tiledesc", vec![0; 9])),
        "does not fit its type, tiledesc"
    );
    let parts = rgb()
        .with("type", "string", b"scanlineimage".to_vec())
        .part(&[("Z", FLOAT)], &[("name", "z")]);
    assert_eq!(
        problem(parts),
        "has no name, which a file of several parts needs"
    );
    let mut version = rgb().bytes();
    version[4] = 9;
    assert!(
        open(version)
            .err()
            .unwrap()
            .to_string()
            .contains("version 9 of the format is not known")
    );
    assert!(matches!(
        open(b"GIF89a".to_vec()),
        Err(Error::NotExr { .. })
    ));
    assert!(matches!(open(Vec::new()), Err(Error::NotExr { .. })));
}

/// Where the table of a file of one part starts, and its length.
fn table(content: &[u8]) -> (usize, usize) {
    let blocks = 3;
    let first = (0..content.len() - 8)
        .find(|at| {
            let offset = u64::from_le_bytes(content[*at..at + 8].try_into().unwrap());
            offset as usize == at + 8 * blocks
        })
        .unwrap();
    (first, blocks)
}

#[test]
fn wrong_offsets_are_named() {
    let whole = bytes("scan_zip.exr");
    let (at, blocks) = table(&whole);
    let problem = |offset: u64, place: usize| {
        let mut content = whole.clone();
        content[at + place * 8..at + place * 8 + 8].copy_from_slice(&offset.to_le_bytes());
        read_all(content).unwrap_err()
    };
    let text = |offset: u64, place: usize| problem(offset, place).to_string();
    assert_eq!(blocks, 3);
    assert!(
        text(0, 1).ends_with("part 0, block 1: was never written: the render was cut off"),
        "{}",
        text(0, 1)
    );
    assert!(text(9, 1).contains("block 1: starts at byte 9, within the header"));
    let second = u64::from_le_bytes(whole[at + 8..at + 16].try_into().unwrap());
    assert!(
        text(second, 0).contains("block 0: starts where block 1 does"),
        "{}",
        text(second, 0)
    );
    assert!(matches!(problem(u64::MAX, 2), Error::Truncated { .. }));
    assert!(matches!(
        problem(whole.len() as u64 - 2, 2),
        Error::Truncated { .. }
    ));
    let mut size = whole.clone();
    let first = u64::from_le_bytes(whole[at..at + 8].try_into().unwrap()) as usize;
    for stated in [0, -1, i32::MAX] {
        size[first + 4..first + 8].copy_from_slice(&i32::to_le_bytes(stated));
        let error = read_all(size.clone()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("block 0: states {stated} bytes")),
            "{error}"
        );
    }
}

#[test]
fn damaged_pixels_are_named_by_block() {
    let mut content = bytes("scan_zip.exr");
    let length = content.len();
    content[length - 200..length - 100].fill(0xff);
    match read_all(content) {
        Err(
            error @ Error::BadBlock {
                part: 0, block: 2, ..
            },
        ) => {
            assert!(std::error::Error::source(&error).is_some());
            assert_eq!(error.remedy(), Some("render or copy this frame again"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn sizes_inside_a_block_are_checked_before_they_are_allocated() {
    let content = bytes("scan_dwaa.exr");
    // The first block follows the table: line, size, then eleven counters.
    let mut first = None;
    for at in 0..content.len() - 96 {
        let word = |at: usize| u64::from_le_bytes(content[at..at + 8].try_into().unwrap());
        if word(at) as usize == at + 16
            && word(at + 8) > word(at)
            && word(at + 8) < content.len() as u64
        {
            first = Some(at + 16 + 8);
            break;
        }
    }
    let counters = first.unwrap();
    for (counter, name) in [
        (1, "unknown"),
        (6, "runs"),
        (7, "raw runs"),
        (8, "AC"),
        (9, "DC"),
    ] {
        let mut changed = content.clone();
        changed[counters + 8 * counter + 6] = 1;
        let error = read_all(changed).unwrap_err().to_string();
        assert!(
            error.contains("one of its sections is to hold"),
            "{name}: {error}"
        );
    }
    // A run of RLE that gives more than the block has.
    let mut file = Exr::new(&[("R", FLOAT)])
        .with("compression", "compression", vec![1])
        .bytes();
    let at = file.len() as u64 + 6 * 8;
    for row in 0..6_u64 {
        file.extend_from_slice(&(at + row * 12).to_le_bytes());
    }
    for row in 0..6_i32 {
        file.extend_from_slice(&row.to_le_bytes());
        file.extend_from_slice(&4_i32.to_le_bytes());
        file.extend_from_slice(if row == 3 {
            &[100, 0, 20, 0]
        } else {
            &[15, 0, 15, 0]
        });
    }
    let error = read_all(file).unwrap_err().to_string();
    assert!(
        error.ends_with("part 0, block 3: its runs give 122 bytes and not 32"),
        "{error}"
    );
}

#[test]
fn long_lists_in_headers_are_refused() {
    let refused = |file: Exr, list: &str| match open(file.bytes()) {
        Err(Error::OverLimit { what, .. }) => assert_eq!(what, list),
        other => panic!("{list}: {}", other.is_ok()),
    };
    let names: Vec<String> = (0..17_000).map(|n| format!("c{n}")).collect();
    let channels: Vec<(&str, i32)> = names.iter().map(|name| (name.as_str(), FLOAT)).collect();
    refused(Exr::new(&channels), "the number of channels");
    let mut attributes = Exr::new(&[("R", HALF)]);
    attributes.parts[0].extend((0..70_000).map(|n| (format!("a{n}"), String::new(), Vec::new())));
    refused(attributes, "the number of attributes");
    let mut tables = Exr::new(&[("R", HALF)]);
    tables.parts[0].extend((0..2000).map(|n| {
        (
            format!("cryptomatte/{n}/name"),
            "string".to_owned(),
            Vec::new(),
        )
    }));
    refused(tables, "the number of Cryptomattes");
    let view: Vec<u8> = [1, 0, 0, 0, b'v'].repeat(2000);
    refused(
        Exr::new(&[("R", HALF)]).with("multiView", "stringvector", view),
        "the number of views",
    );
    let mut parts = Exr::default();
    for n in 0..1100 {
        let name = n.to_string();
        parts = parts.part(
            &[("R", HALF)],
            &[("type", "scanlineimage"), ("name", &name)],
        );
    }
    refused(parts, "the number of parts");
}
