//! Every kind of picture file comes out as the colors it stands for.

use std::fs;

use cosmos_workflow::modality::Modality;

use crate::support::png::{GRAY, GRAY_ALPHA, INDEXED, Png, RGB, RGBA, chunk};
use crate::support::shot::assert_frames;
use crate::support::video::raw;
use crate::support::{Said, Sandbox, Shot, decode};

/// Settings under which nothing is lost but the rounding to limited range.
const LOSSLESS: &str = "--crf 0 --pixel-format yuv444p";

/// A picture of four patches side by side, as a PNG stores them and as they are meant.
struct Kind {
    name: &'static str,
    color_type: u8,
    bits: u8,
    palette: &'static [u8],
    transparent: &'static [u8],
    patches: [&'static [u16]; 4],
    expected: [[u8; 3]; 4],
}

const PALETTE: &[u8] = &[0, 0, 0, 200, 30, 30, 30, 200, 30, 20, 40, 220];
const PALETTE_COLORS: [[u8; 3]; 4] = [[0; 3], [200, 30, 30], [30, 200, 30], [20, 40, 220]];
const FOUR_GRAYS: [[u8; 3]; 4] = [[0; 3], [85; 3], [170; 3], [255; 3]];

impl Kind {
    const fn new(
        name: &'static str,
        color_type: u8,
        bits: u8,
        patches: [&'static [u16]; 4],
        expected: [[u8; 3]; 4],
    ) -> Self {
        let palette = if color_type == INDEXED { PALETTE } else { &[] };
        Self {
            name,
            color_type,
            bits,
            palette,
            transparent: &[],
            patches,
            expected,
        }
    }

    const fn transparent(mut self, content: &'static [u8]) -> Self {
        self.transparent = content;
        self
    }

    fn encode(&self, interlaced: bool) -> Vec<u8> {
        let mut palette = self.palette.to_vec();
        palette.truncate(3 << self.bits.min(8));
        let png = Png {
            size: (67, 33),
            color_type: self.color_type,
            bits: self.bits,
            interlaced,
            palette,
            transparent: self.transparent.to_vec(),
        };
        png.encode(|x, _| self.patches[(x as usize / 16).min(3)].to_vec())
    }
}

/// Each kind, straight and interlaced, as one frame of a sequence.
fn assert_decoded(kinds: &[Kind]) {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("frames")).unwrap();
    let variants: Vec<_> = kinds
        .iter()
        .flat_map(|kind| [(kind, false), (kind, true)])
        .collect();
    for (number, (kind, interlaced)) in variants.iter().enumerate() {
        let path = sandbox.path(format!("frames/frame.{number:03}.png"));
        fs::write(path, kind.encode(*interlaced)).unwrap();
    }
    sandbox.done(&format!("convert-sequence frames -o out.mp4 {LOSSLESS}"));
    let frames = decode(&sandbox.path("out.mp4"));
    assert_eq!(frames.len(), variants.len());
    for (frame, (kind, interlaced)) in frames.iter().zip(variants) {
        for (index, expected) in kind.expected.iter().enumerate() {
            for (x, y) in [(16 * index as u32 + 1, 0), (16 * index as u32 + 14, 32)] {
                let found = frame.get_pixel(x, y).0;
                let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 2);
                assert!(
                    near,
                    "{} (interlaced: {interlaced}), patch {index}: {found:?} instead of {expected:?}",
                    kind.name
                );
            }
        }
    }
}

#[test]
fn png_of_up_to_8_bits_decodes_right() {
    let colors: [[u8; 3]; 4] = [[250, 5, 5], [10, 240, 20], [15, 30, 230], [200, 100, 50]];
    let rgb: [&[u16]; 4] = [
        &[250, 5, 5],
        &[10, 240, 20],
        &[15, 30, 230],
        &[200, 100, 50],
    ];
    let black_third = |mut colors: [[u8; 3]; 4]| {
        colors[2] = [0; 3];
        colors
    };
    assert_decoded(&[
        Kind::new(
            "gray 1",
            GRAY,
            1,
            [&[0], &[1], &[0], &[1]],
            [[0; 3], [255; 3], [0; 3], [255; 3]],
        ),
        Kind::new("gray 2", GRAY, 2, [&[0], &[1], &[2], &[3]], FOUR_GRAYS),
        Kind::new("gray 4", GRAY, 4, [&[0], &[5], &[10], &[15]], FOUR_GRAYS),
        Kind::new("gray 8", GRAY, 8, [&[0], &[85], &[170], &[255]], FOUR_GRAYS),
        Kind::new(
            "gray 4, one transparent",
            GRAY,
            4,
            [&[0], &[5], &[10], &[15]],
            black_third(FOUR_GRAYS),
        )
        .transparent(&[0, 10]),
        Kind::new(
            "gray 8, one transparent",
            GRAY,
            8,
            [&[0], &[85], &[170], &[255]],
            black_third(FOUR_GRAYS),
        )
        .transparent(&[0, 170]),
        Kind::new("rgb 8", RGB, 8, rgb, colors),
        Kind::new("rgb 8, one transparent", RGB, 8, rgb, black_third(colors))
            .transparent(&[0, 15, 0, 30, 0, 230]),
        Kind::new(
            "indexed 1",
            INDEXED,
            1,
            [&[0], &[1], &[1], &[0]],
            [[0; 3], [200, 30, 30], [200, 30, 30], [0; 3]],
        ),
        Kind::new(
            "indexed 2",
            INDEXED,
            2,
            [&[0], &[1], &[2], &[3]],
            PALETTE_COLORS,
        ),
        Kind::new(
            "indexed 4",
            INDEXED,
            4,
            [&[0], &[1], &[2], &[3]],
            PALETTE_COLORS,
        ),
        Kind::new(
            "indexed 8",
            INDEXED,
            8,
            [&[0], &[1], &[2], &[3]],
            PALETTE_COLORS,
        ),
        Kind::new(
            "indexed 8, half transparent",
            INDEXED,
            8,
            [&[0], &[1], &[2], &[3]],
            [[0; 3], [100, 15, 15], [0; 3], [20, 40, 220]],
        )
        .transparent(&[255, 128, 0]),
        Kind::new(
            "gray and alpha 8",
            GRAY_ALPHA,
            8,
            [&[200, 255], &[200, 128], &[200, 0], &[90, 255]],
            [[200; 3], [100; 3], [0; 3], [90; 3]],
        ),
        Kind::new(
            "rgba 8",
            RGBA,
            8,
            [
                &[200, 100, 50, 255],
                &[200, 100, 50, 128],
                &[200, 100, 50, 0],
                &[1, 2, 250, 255],
            ],
            [[200, 100, 50], [100, 50, 25], [0; 3], [1, 2, 250]],
        ),
    ]);
}

#[test]
fn png_of_16_bits_decodes_right() {
    // 0x6411 and the like round to other bytes than they begin with only where that is told below.
    const G: u16 = 200 * 257;
    let rgb: [&[u16]; 4] = [
        &[250 * 257, 5 * 257, 5 * 257],
        &[10 * 257, 240 * 257, 20 * 257],
        &[15 * 257, 30 * 257, 230 * 257],
        &[G, 100 * 257, 50 * 257],
    ];
    let colors: [[u8; 3]; 4] = [[250, 5, 5], [10, 240, 20], [15, 30, 230], [200, 100, 50]];
    let mut without_third = colors;
    without_third[2] = [0; 3];
    let third = &[15, 15, 30, 30, 230, 230];
    let grays: [&[u16]; 4] = [&[0], &[85 * 257], &[170 * 257], &[65_535]];
    assert_decoded(&[
        Kind::new("gray 16", GRAY, 16, grays, FOUR_GRAYS),
        Kind::new(
            "gray 16, one transparent",
            GRAY,
            16,
            grays,
            [[0; 3], [85; 3], [0; 3], [255; 3]],
        )
        .transparent(&[170, 170]),
        Kind::new("rgb 16", RGB, 16, rgb, colors),
        Kind::new("rgb 16, one transparent", RGB, 16, rgb, without_third).transparent(third),
        Kind::new(
            "gray and alpha 16",
            GRAY_ALPHA,
            16,
            [&[G, 65_535], &[G, 32_768], &[G, 0], &[90 * 257, 65_535]],
            [[200; 3], [100; 3], [0; 3], [90; 3]],
        ),
        Kind::new(
            "rgba 16",
            RGBA,
            16,
            [
                &[G, 100 * 257, 50 * 257, 65_535],
                &[G, 100 * 257, 50 * 257, 32_768],
                &[G, G, G, 0],
                &[257, 514, G, 65_535],
            ],
            [[200, 100, 50], [100, 50, 25], [0; 3], [1, 2, 200]],
        ),
    ]);
}

/// One frame of which every column has the 16-bit gray that `gray` gives for it.
fn one_frame(sandbox: &Sandbox, name: &str, (color_type, bits): (u8, u8), gray: fn(u32) -> u16) {
    let png = Png {
        size: (256, 32),
        color_type,
        bits,
        interlaced: false,
        palette: Vec::new(),
        transparent: Vec::new(),
    };
    let channels = if color_type == RGB { 3 } else { 1 };
    fs::create_dir(sandbox.path(name)).unwrap();
    let path = sandbox.path(format!("{name}/{name}.0001.png"));
    fs::write(path, png.encode(|x, _| vec![gray(x); channels])).unwrap();
    sandbox.done(&format!("convert-sequence {name} -o {name}.mp4 --crf 0"));
}

/// 255 and 511 of 65535 are nearly 1 and 2 of 255. Cut to their first bytes they would be 0 and 1.
#[test]
fn samples_of_16_bits_are_rounded_and_not_cut() {
    let sandbox = Sandbox::new();
    one_frame(&sandbox, "color", (RGB, 16), |x| 256 * x as u16 + 255);
    one_frame(&sandbox, "rounded", (RGB, 8), |x| {
        ((256 * x + 255 + 128) / 257) as u16
    });
    let planes = |name: &str| raw(&sandbox.path(name), "yuv420p");
    assert!(planes("color.mp4") == planes("rounded.mp4"));

    // Cut depth would be darker by 0.8 levels on average at its dark end.
    one_frame(&sandbox, "depth", (GRAY, 16), |x| {
        256 * (x as u16 % 32) + 255
    });
    let frame = decode(&sandbox.path("depth.mp4")).remove(0);
    let error = |x: u32| {
        let exact = f64::from(256 * (x % 32) + 255) / 257.0;
        f64::from(frame.get_pixel(x, 16).0[1]) - exact
    };
    let mean = (0..256).map(error).sum::<f64>() / 256.0;
    assert!(mean.abs() < 0.4, "off by {mean} on average");
}

#[test]
fn transparency_shows_the_background_that_was_asked_for() {
    let sandbox = Sandbox::new();
    let shades: [&[u16]; 4] = [
        &[200, 100, 50, 255],
        &[200, 100, 50, 128],
        &[7, 7, 7, 0],
        &[0, 0, 0, 255],
    ];
    let expected = [[200, 100, 50], [100, 114, 25], [0, 128, 0], [0, 0, 0]];
    let kind = Kind::new("rgba", RGBA, 8, shades, expected);
    fs::create_dir(sandbox.path("frames")).unwrap();
    fs::write(sandbox.path("frames/color.1.png"), kind.encode(false)).unwrap();
    sandbox.done(&format!(
        "convert-sequence frames -o out.mp4 --background 008000 {LOSSLESS}"
    ));
    let frame = decode(&sandbox.path("out.mp4")).remove(0);
    for (index, expected) in expected.iter().enumerate() {
        let found = frame.get_pixel(16 * index as u32 + 8, 16).0;
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 2);
        assert!(near, "patch {index} is {found:?} instead of {expected:?}");
    }
}

#[test]
fn other_formats_make_sequences_too() {
    for extension in ["jpg", "JPEG", "tif", "tiff", "webp", "bmp"] {
        let sandbox = Sandbox::new();
        Shot::new()
            .only(&[Modality::Color])
            .frames(8..=12)
            .named(move |_, number| format!("shot_{number}.{extension}"))
            .write(&sandbox.path("frames"));
        sandbox
            .done("convert-sequence frames -o out.mp4")
            .prints(&[&format!("shot_#.{extension}"), "8-12"]);
        assert_frames(&sandbox.path("out.mp4"), Modality::Color, 8..=12);
    }
}

#[test]
fn modalities_may_be_of_different_formats() {
    let sandbox = Sandbox::new();
    Shot::new()
        .named(|modality, number| {
            let extension = match modality {
                Modality::Color => "jpg",
                Modality::Depth => "tif",
                _ => "png",
            };
            format!("{modality}_{number:03}.{extension}")
        })
        .write(&sandbox.path("shot"));
    sandbox.done("prepare-inference shot --name x");
    for modality in Modality::ALL {
        let video = sandbox.prepared().join(format!("{modality}.mp4"));
        assert_frames(&video, modality, 1..=4);
    }
}

#[test]
fn the_content_decides_on_the_format_and_not_the_name() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .named(|_, number| format!("{number}.jpg"))
        .write(&sandbox.path("frames"));
    for number in 1..=4 {
        let name = |extension| sandbox.path(format!("frames/{number}.{extension}"));
        fs::rename(name("jpg"), name("png")).unwrap();
    }
    sandbox
        .done("convert-sequence frames -o out.mp4")
        .warns(&["1.png` is a JPEG file in spite of its name", "help:"]);
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, 1..=4);
}

/// Colors are what the samples say: a profile or a gamma value would turn labels into others.
#[test]
fn gamma_and_text_in_a_png_change_nothing() {
    let sandbox = Sandbox::new();
    let shades: [&[u16]; 4] = [&[0], &[85], &[170], &[255]];
    let plain = Kind::new("gray 8", GRAY, 8, shades, FOUR_GRAYS).encode(false);
    let (head, tail) = plain.split_at(33);
    let gamma = chunk(b"gAMA", &100_000_u32.to_be_bytes());
    let text = chunk(b"tEXt", b"Comment\0a render");
    fs::create_dir(sandbox.path("frames")).unwrap();
    fs::write(sandbox.path("frames/a.1.png"), &plain).unwrap();
    fs::write(
        sandbox.path("frames/a.2.png"),
        [head, &gamma, &text, tail].concat(),
    )
    .unwrap();
    sandbox.done(&format!("convert-sequence frames -o out.mp4 {LOSSLESS}"));
    let frames = decode(&sandbox.path("out.mp4"));
    assert_eq!(frames[0], frames[1]);
}
