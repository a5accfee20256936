use std::collections::BTreeSet;
use std::fs;

use cosmos_workflow::modality::Modality;
use image::{ImageBuffer, Luma, Rgb, RgbImage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::models::{engine, tagger, write_tagger};
use crate::support::shot::{PATCH, PATCH_COLORS, assert_frames, assert_patches};
use crate::support::video::{boxes, keyframe_times, raw, size};
use crate::support::{Ends, Said, Sandbox, Shot, decode, flat_patches, noise, probe};

fn color() -> Shot {
    Shot::new().only(&[Modality::Color])
}

fn save(sandbox: &Sandbox, name: &str, picture: &RgbImage) {
    let path = sandbox.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.save(path).unwrap();
}

#[test]
fn frames_come_out_in_numeric_order_whatever_their_names() {
    type Name = fn(Modality, u64) -> String;
    let cases: [(Name, _, &str, &str); 7] = [
        (
            |_, n| format!("frame_{n}.png"),
            1..=12,
            "frame_#.png",
            "1-12",
        ),
        (|_, n| format!("{n:04}.png"), 1..=3, "####.png", "1-3"),
        (
            |_, n| format!("shot010_beauty.{n}.png"),
            1001..=1004,
            "shot010_beauty.####.png",
            "1001-1004",
        ),
        (
            |_, n| format!("city-{n:02}.png"),
            8..=11,
            "city-##.png",
            "8-11",
        ),
        (
            |_, n| format!("f.{n:04}.png"),
            9998..=10_001,
            "f.####.png",
            "9998-10001",
        ),
        (|_, n| format!("f{n:06}.PNG"), 0..=2, "f######.PNG", "0-2"),
        (
            |_, n| {
                if n < 5 {
                    format!("mix.{n:03}.png")
                } else {
                    format!("mix.{n}.png")
                }
            },
            3..=6,
            "mix.#.png",
            "3-6",
        ),
    ];
    for (name, numbers, pattern, range) in cases {
        let sandbox = Sandbox::new();
        color()
            .frames(numbers.clone())
            .named(name)
            .write(&sandbox.path("frames"));
        sandbox
            .done("convert-sequence frames -o out.mp4")
            .prints(&[pattern, range]);
        assert_frames(&sandbox.path("out.mp4"), Modality::Color, numbers);
    }
}

#[test]
fn every_second_frame_is_a_sequence() {
    let sandbox = Sandbox::new();
    color()
        .frames(1..=5)
        .missing(Modality::Color, 2)
        .missing(Modality::Color, 4)
        .write(&sandbox.path("frames"));
    sandbox
        .done("convert-sequence frames -o out.mp4")
        .prints(&["1-5 step 2"]);
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, [1, 3, 5]);
}

#[test]
fn a_pattern_chooses_among_several_sequences() {
    let sandbox = Sandbox::new();
    let shot = Shot::new().only(&[Modality::Color, Modality::Depth]);
    shot.named(|modality, number| format!("take 1 {modality}.{number:04}.png"))
        .write(&sandbox.path("frames"));
    sandbox
        .refused(2, "convert-sequence frames -o out.mp4")
        .warns(&[
            "holds 2 sequences",
            "help:",
            "--pattern 'take 1 color.####.png'",
        ]);
    for pattern in [
        "take 1 depth.####.png",
        "take 1 depth.%04d.png",
        "take 1 depth.$F4.png",
    ] {
        sandbox.done(&format!(
            "convert-sequence frames --pattern '{pattern}' -o out.mp4"
        ));
        assert_frames(&sandbox.path("out.mp4"), Modality::Depth, 1..=4);
        fs::remove_file(sandbox.path("out.mp4")).unwrap();
    }
    sandbox
        .refused(
            2,
            "convert-sequence frames --pattern depth.####.png -o out.mp4",
        )
        .warns(&["no file", "depth.####.png", "'take 1 depth.####.png'"]);
    for (pattern, remedy) in [
        ("*.png", "wildcard"),
        ("depth.png", "no place for the frame number"),
        ("a/####.png", "folder"),
    ] {
        sandbox
            .refused(2, &format!("convert-sequence frames --pattern '{pattern}'"))
            .warns(&[pattern, remedy]);
    }
}

#[test]
fn the_default_place_is_named_after_the_folder() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("renders/city 07"));
    sandbox
        .done("convert-sequence 'renders/city 07/'")
        .prints(&["inputs/videos/city 07/color.mp4"]);
    assert_eq!(sandbox.names_in("inputs/videos/city 07"), ["color.mp4"]);
}

#[test]
fn the_output_may_be_a_folder_or_an_mp4_file_and_nothing_else() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    fs::create_dir(sandbox.path("here")).unwrap();
    sandbox.done("convert-sequence frames --output here");
    sandbox.done("convert-sequence frames -o there/below/");
    sandbox.done("convert-sequence frames -o movie.MP4");
    for name in ["here/color.mp4", "there/below/color.mp4", "movie.MP4"] {
        assert_frames(&sandbox.path(name), Modality::Color, 1..=4);
    }
    sandbox
        .refused(2, "convert-sequence frames -o new/movie.mov")
        .warns(&["new/movie.mov", "MP4"]);
    sandbox
        .refused(1, "convert-sequence frames -o frames/color.0001.png/a.mp4")
        .warns(&["color.0001.png"]);
}

#[test]
fn existing_output_is_replaced_only_when_asked() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    for name in ["color.mp4", "color_metadata.json"] {
        fs::write(sandbox.path(name), "mine").unwrap();
        sandbox
            .refused(
                1,
                "convert-sequence frames -o color.mp4 --generate-metadata",
            )
            .warns(&[name, "already exists", "--overwrite"]);
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    for name in ["color.mp4", "color_metadata.json"] {
        fs::write(sandbox.path(name), "old").unwrap();
    }
    let line = "convert-sequence frames -o color.mp4 --generate-metadata --overwrite";
    sandbox.cosmos(line).assert_code(0);
    assert_frames(&sandbox.path("color.mp4"), Modality::Color, 1..=4);
    assert!(
        fs::read_to_string(sandbox.path("color_metadata.json"))
            .unwrap()
            .starts_with('{')
    );
    sandbox.assert_no_leftovers();
}

/// A run that fails leaves what it was to replace.
#[test]
fn a_failure_keeps_the_output_that_was_to_be_replaced() {
    let sandbox = Sandbox::new();
    color()
        .missing(Modality::Color, 2)
        .write(&sandbox.path("frames"));
    fs::write(sandbox.path("color.mp4"), "old").unwrap();
    sandbox
        .refused(3, "convert-sequence frames -o color.mp4 --overwrite")
        .warns(&["frame 2 is missing"]);
}

#[test]
fn videos_are_h264_in_bt709_and_say_so() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    sandbox.done("convert-sequence frames -o out.mp4");
    let stream = probe(&sandbox.path("out.mp4"));
    for (key, expected) in [
        ("codec_name", "h264"),
        ("pix_fmt", "yuv420p"),
        ("color_space", "bt709"),
        ("color_primaries", "bt709"),
        ("color_transfer", "bt709"),
        ("color_range", "tv"),
        ("r_frame_rate", "24/1"),
        ("nb_read_frames", "4"),
    ] {
        assert_eq!(stream[key], expected, "{key}");
    }
    assert_eq!(size(&sandbox.path("out.mp4")), (64, 36));
    let boxes = boxes(&sandbox.path("out.mp4"));
    let place = |name: &str| boxes.iter().position(|found| found == name).unwrap();
    assert!(place("moov") < place("mdat"), "{boxes:?}");
}

#[test]
fn frame_rates_are_exact_and_a_second_has_a_keyframe() {
    for (given, exact, frames) in [
        ("24", "24/1", 49),
        ("23.976", "24000/1001", 49),
        ("24000/1001", "24000/1001", 49),
        ("30", "30/1", 61),
        ("12.5", "25/2", 26),
        ("1", "1/1", 3),
    ] {
        let sandbox = Sandbox::new();
        color()
            .size(32, 32)
            .frames(1..=frames)
            .write(&sandbox.path("frames"));
        sandbox.done(&format!("convert-sequence frames -o out.mp4 --fps {given}"));
        let video = sandbox.path("out.mp4");
        let stream = probe(&video);
        assert_eq!(stream["r_frame_rate"], exact, "--fps {given}");
        assert_eq!(stream["avg_frame_rate"], exact, "--fps {given}");
        assert_eq!(stream["nb_frames"], frames.to_string(), "--fps {given}");
        assert_eq!(
            stream["nb_read_frames"],
            frames.to_string(),
            "--fps {given}"
        );
        let times = keyframe_times(&video);
        assert_eq!(times[0], 0.0, "--fps {given}");
        let longest = times
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .fold(0.0, f64::max);
        assert!(longest <= 1.0 + 1e-6, "--fps {given}: {times:?}");
        assert_frames(&video, Modality::Color, 1..=frames);
    }
}

#[test]
fn fractional_rates_and_odd_shapes_are_warned_about() {
    let sandbox = Sandbox::new();
    color().size(300, 20).write(&sandbox.path("frames"));
    sandbox
        .done("convert-sequence frames -o out.mp4 --fps 23.976")
        .warns(&[
            "warning: 24000/1001 frames a second is not a whole number: Cosmos-Transfer1 takes it as 23",
            "300x20 is stretched to 1280x704 by Cosmos-Transfer1",
            "4 frames only: Cosmos-Transfer1 works on 121 frames at a time",
        ]);
}

#[test]
fn flat_colors_come_back_within_two_levels() {
    let plain = flat_patches(&PATCH_COLORS);
    for modality in ["color", "segmentation", "vis", "edge"] {
        for resolution in [
            "",
            "--resolution 384x288",
            "--resolution 200x150 --crf 5",
            "--pixel-format yuv444p",
            "--codec hevc",
        ] {
            let sandbox = Sandbox::new();
            for number in 1..=2 {
                save(&sandbox, &format!("frames/{modality}.{number}.png"), &plain);
            }
            sandbox.done(&format!("convert-sequence frames -o out.mp4 {resolution}"));
            for frame in decode(&sandbox.path("out.mp4")) {
                assert_patches(
                    &frame,
                    &PATCH_COLORS,
                    2,
                    &format!("{modality} {resolution}"),
                );
            }
        }
    }
}

#[test]
fn flat_grays_of_16_bits_come_back_within_two_levels() {
    let grays: [u16; 12] = std::array::from_fn(|index| (index * 65_535 / 11) as u16);
    let expected = grays.map(|gray| [((u32::from(gray) + 128) / 257) as u8; 3]);
    let picture = ImageBuffer::from_fn(4 * PATCH, 3 * PATCH, |x, y| {
        Luma([grays[(y / PATCH * 4 + x / PATCH) as usize]])
    });
    for resolution in ["", "--resolution 384x288"] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("frames")).unwrap();
        picture.save(sandbox.path("frames/depth.1.png")).unwrap();
        sandbox.done(&format!("convert-sequence frames -o out.mp4 {resolution}"));
        let frame = decode(&sandbox.path("out.mp4")).remove(0);
        assert_patches(&frame, &expected, 2, "depth");
    }
}

#[test]
fn the_last_column_and_row_of_odd_sizes_are_repeated() {
    for (given, expected, options) in [
        ((63, 36), (64, 36), ""),
        ((64, 35), (64, 36), ""),
        ((63, 35), (64, 36), ""),
        ((1, 1), (2, 2), ""),
        ((63, 35), (63, 35), "--pixel-format yuv444p"),
    ] {
        let sandbox = Sandbox::new();
        let picture = RgbImage::from_fn(given.0, given.1, |x, y| {
            let at_edge = x + 1 == given.0 || y + 1 == given.1;
            Rgb([if at_edge { 220 } else { 30 }; 3])
        });
        save(&sandbox, "frames/color.7.png", &picture);
        let run = sandbox.done(&format!(
            "convert-sequence frames -o out.mp4 --crf 1 {options}"
        ));
        if expected != given {
            run.warns(&[
                &format!("{}x{} has an odd side", given.0, given.1),
                "repeated",
            ]);
        }
        let frame = decode(&sandbox.path("out.mp4")).remove(0);
        assert_eq!(frame.dimensions(), expected);
        let corner = frame.get_pixel(expected.0 - 1, expected.1 - 1).0[1];
        assert!(corner.abs_diff(220) <= 6, "{given:?}: {corner}");
        if given.0 > 2 {
            let inside = frame.get_pixel(given.0 - 4, given.1 - 4).0[1];
            assert!(inside.abs_diff(30) <= 6, "{given:?}: {inside}");
        }
    }
}

#[test]
fn resolutions_by_name_and_by_number() {
    for (given, frames, expected) in [
        ("720p", (64, 36), (1280, 720)),
        ("1080p", (64, 36), (1920, 1080)),
        ("4k", (64, 36), (3840, 2160)),
        ("200x100", (64, 36), (200, 100)),
        ("201x101", (64, 36), (202, 102)),
        ("cosmos", (64, 36), (1280, 704)),
        ("cosmos", (40, 30), (960, 704)),
        ("cosmos", (32, 32), (960, 960)),
        ("cosmos", (36, 64), (704, 1280)),
        ("cosmos", (30, 40), (704, 960)),
    ] {
        let sandbox = Sandbox::new();
        color()
            .size(frames.0, frames.1)
            .frames(1..=1)
            .write(&sandbox.path("frames"));
        sandbox.done(&format!(
            "convert-sequence frames -o out.mp4 --resolution {given}"
        ));
        assert_eq!(size(&sandbox.path("out.mp4")), expected, "{given}");
    }
}

/// Red over green over blue, square.
fn flag() -> RgbImage {
    RgbImage::from_fn(96, 96, |_, y| {
        Rgb([[220, 20, 20], [20, 220, 20], [20, 20, 220]][(y / 32) as usize])
    })
}

#[test]
fn frames_of_another_shape_are_padded_cropped_or_stretched() {
    const RED: [u8; 3] = [220, 20, 20];
    const GREEN: [u8; 3] = [20, 220, 20];
    const BLUE: [u8; 3] = [20, 20, 220];
    const BLACK: [u8; 3] = [0; 3];
    // Left edge, then the middle from top to bottom.
    for (options, left, middle) in [
        ("", BLACK, [RED, GREEN, BLUE]),
        ("--fit pad", BLACK, [RED, GREEN, BLUE]),
        ("--fit pad --background 404040", [64; 3], [RED, GREEN, BLUE]),
        ("--fit crop", GREEN, [GREEN; 3]),
        ("--fit stretch", GREEN, [RED, GREEN, BLUE]),
    ] {
        let sandbox = Sandbox::new();
        save(&sandbox, "frames/color.1.png", &flag());
        sandbox.done(&format!(
            "convert-sequence frames -o out.mp4 --resolution 288x96 {options}"
        ));
        let frame = decode(&sandbox.path("out.mp4")).remove(0);
        let found =
            [(8, 48), (144, 12), (144, 48), (144, 84)].map(|(x, y)| frame.get_pixel(x, y).0);
        for (found, expected) in found.iter().zip([left].iter().chain(&middle)) {
            let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 6);
            assert!(near, "{options}: {found:?} instead of {expected:?}");
        }
    }
}

/// The different pixels of a lossless 4:4:4 video, as they are stored.
fn stored_colors(sandbox: &Sandbox, folder: &str, options: &str) -> BTreeSet<[u8; 3]> {
    sandbox.done(&format!(
        "convert-sequence {folder} -o {folder}.mp4 --crf 0 --pixel-format yuv444p {options}"
    ));
    let video = sandbox.path(format!("{folder}.mp4"));
    let samples = raw(&video, "yuv444p");
    let (y, rest) = samples.split_at(samples.len() / 3);
    let (u, v) = rest.split_at(rest.len() / 2);
    fs::remove_file(video).unwrap();
    y.iter()
        .zip(u)
        .zip(v)
        .map(|((&y, &u), &v)| [y, u, v])
        .collect()
}

#[test]
fn scaling_makes_no_new_labels() {
    let sandbox = Sandbox::new();
    let labels = flat_patches(&PATCH_COLORS);
    save(&sandbox, "labels/segmentation.1.png", &labels);
    save(&sandbox, "beauty/color.1.png", &labels);
    let known = stored_colors(&sandbox, "labels", "");
    assert_eq!(known.len(), PATCH_COLORS.len());
    for options in [
        "--resolution 211x157 --fit stretch",
        "--resolution 50x40 --fit crop",
        "--resolution 301x90",
    ] {
        let scaled = stored_colors(&sandbox, "labels", options);
        assert!(
            scaled.is_subset(&known),
            "{options}: {:?}",
            scaled.difference(&known)
        );
        assert!(stored_colors(&sandbox, "beauty", options).len() > known.len());
    }
}

#[test]
fn encoder_settings_reach_the_encoder() {
    let sandbox = Sandbox::new();
    for number in 1..=4 {
        save(
            &sandbox,
            &format!("frames/color.{number}.png"),
            &noise(96, 64, 1),
        );
    }
    let make = |options: &str| {
        sandbox.done(&format!("convert-sequence frames -o out.mp4 {options}"));
        let video = sandbox.path("out.mp4");
        let (stream, bytes) = (probe(&video), fs::read(&video).unwrap());
        fs::remove_file(video).unwrap();
        (stream, bytes)
    };
    let says = |bytes: &[u8], word: &str| {
        bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };

    let (_, fine) = make("--crf 10 --preset medium");
    let (_, coarse) = make("--crf 40 --preset medium");
    assert!(fine.len() > coarse.len() * 2);
    assert!(says(&fine, "crf=10.0") && says(&coarse, "crf=40.0"));
    let (_, slow) = make("--preset slow");
    assert!(says(&slow, "subme=8") && says(&fine, "subme=7"));
    let (stream, _) = make("--codec hevc");
    assert_eq!(stream["codec_name"], "hevc");
    assert_eq!(stream["color_space"], "bt709");
    let (stream, _) = make("--pixel-format yuv444p");
    assert_eq!(stream["pix_fmt"], "yuv444p");
    let (_, one) = make("--threads 1");
    let (_, again) = make("--threads 1");
    assert!(
        one == again,
        "the same frames and settings give other bytes"
    );
}

#[test]
fn values_that_make_no_sense_are_wrong_usage() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    for (option, value, expected) in [
        ("--fps", "0", "1/60 to 1000"),
        ("--fps", "-1", "1/60 to 1000"),
        ("--fps", "abc", "24000/1001"),
        ("--fps", "24/0", "1/60 to 1000"),
        ("--resolution", "0x0", "1 to 16384"),
        ("--resolution", "7x", "1920x1080"),
        ("--resolution", "100000x100000", "1 to 16384"),
        ("--crf", "52", "0 (best) to 51"),
        ("--crf", "-3", "0 (best) to 51"),
        ("--preset", "quick", "veryfast"),
        ("--codec", "av1", "h264 or hevc"),
        ("--pixel-format", "yuv422p", "yuv420p or yuv444p"),
        ("--fit", "fill", "pad"),
        ("--background", "black", "RRGGBB"),
        ("--depth-range", "9:9", "BLACK:WHITE"),
        ("--depth-range", "lots", "BLACK:WHITE"),
        ("--modality", "normals", "segmentation"),
        ("--threads", "0", "1"),
    ] {
        for command in ["convert-sequence", "prepare-inference"] {
            if (option, command) == ("--modality", "prepare-inference") {
                continue;
            }
            sandbox
                .refused(2, &format!("{command} frames {option} '{value}'"))
                .warns(&[value, option, expected]);
        }
    }
}

/// Frames of one level on the left, which rises from frame to frame, and another on the right.
fn depth_ramp(sandbox: &Sandbox, levels: &[u16], right: u16) {
    fs::create_dir(sandbox.path("frames")).unwrap();
    for (index, &left) in levels.iter().enumerate() {
        let picture =
            ImageBuffer::from_fn(64, 32, |x, _| Luma([if x < 32 { left } else { right }]));
        picture
            .save(sandbox.path(format!("frames/depth.{index}.png")))
            .unwrap();
    }
}

fn left_and_right(sandbox: &Sandbox) -> Vec<[u8; 2]> {
    let frames = decode(&sandbox.path("out.mp4"));
    frames
        .iter()
        .map(|frame| [8, 56].map(|x| frame.get_pixel(x, 16).0[1]))
        .collect()
}

fn assert_levels(found: &[[u8; 2]], expected: &[[u8; 2]], what: &str) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 3);
        assert!(near, "{what}: {found:?} instead of {expected:?}");
    }
}

#[test]
fn depth_is_stretched_over_the_whole_sequence() {
    // All values lie in one step of 8 bits, so that a stretch after the reduction would find nothing.
    let levels = [10_000, 10_050, 10_100, 10_150];
    for (options, expected) in [
        ("", [[39, 40]; 4]),
        (
            "--depth-range auto",
            [[0, 255], [64, 255], [128, 255], [191, 255]],
        ),
        (
            "--depth-range 10000:10100",
            [[0, 255], [128, 255], [255, 255], [255, 255]],
        ),
        (
            "--depth-range 10050:10200 --resolution 128x64",
            [[0, 255], [0, 255], [85, 255], [170, 255]],
        ),
        ("--depth-range 0.0:0.5", [[78, 79]; 4]),
    ] {
        let sandbox = Sandbox::new();
        depth_ramp(&sandbox, &levels, 10_200);
        // Without a stretch there is nothing to see, which is refused.
        sandbox.done(&format!(
            "convert-sequence frames -o out.mp4 --allow-blank {options}"
        ));
        let found: Vec<_> = if options.contains("--resolution") {
            decode(&sandbox.path("out.mp4"))
                .iter()
                .map(|frame| [16, 112].map(|x| frame.get_pixel(x, 32).0[1]))
                .collect()
        } else {
            left_and_right(&sandbox)
        };
        assert_levels(&found, &expected, options);
    }
}

#[test]
fn a_depth_range_leaves_other_modalities_alone() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    sandbox.done("convert-sequence frames -o out.mp4 --depth-range auto");
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, 1..=4);
}

#[test]
fn metadata_describes_the_video_that_lies_beside_it() {
    let sandbox = Sandbox::new();
    let patches = flat_patches(&PATCH_COLORS);
    for number in 1..=6 {
        save(&sandbox, &format!("frames/color.{number}.png"), &patches);
    }
    let printed = sandbox
        .done("convert-sequence frames -o out/city.mp4 --fps 12 --generate-metadata --json")
        .json();
    let text = fs::read_to_string(sandbox.path("out/city_metadata.json")).unwrap();
    let metadata: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(printed["metadata"], metadata);
    let video = fs::read(sandbox.path("out/city.mp4")).unwrap();
    for (key, expected) in [
        ("file_path", json!("out/city.mp4")),
        ("duration", json!(0.5)),
        ("fps", json!(12.0)),
        ("frame_count", json!(6)),
        ("width", json!(4 * PATCH)),
        ("height", json!(3 * PATCH)),
        ("codec", json!("h264")),
        ("file_size", json!(video.len())),
        ("hash", json!(hex(&Sha256::digest(&video)))),
        ("ai_tags", json!([])),
        ("ai_caption", json!(null)),
        ("detected_objects", json!([])),
    ] {
        assert_eq!(metadata[key], expected, "{key}");
    }
    let stats = &metadata["middle_frame_stats"];
    for channel in ["red", "green", "blue"] {
        let counts = stats["histogram"][channel].as_array().unwrap();
        assert_eq!(counts.len(), 256);
        let pixels: u64 = counts.iter().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(pixels, u64::from(12 * PATCH * PATCH));
    }
    assert_eq!(stats["dominant_colors"].as_array().unwrap().len(), 5);
    assert!((60.0..150.0).contains(&stats["brightness"].as_f64().unwrap()));
    assert!(stats["contrast"].as_f64().unwrap() > 30.0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn ai_analysis_goes_into_the_metadata() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger([9.0, 0.0, 0.0]));
    color().write(&sandbox.path("frames"));
    let mut command =
        sandbox.cosmos("convert-sequence frames -o out.mp4 --ai-analysis --models-dir models");
    command.env("ORT_DYLIB_PATH", engine().library());
    // A person sees what was seen without opening the file.
    command
        .assert_code(0)
        .prints(&["shows     A cat, ", "tags      cat 1.00"]);
    let text = fs::read(sandbox.path("out_metadata.json")).unwrap();
    let metadata: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(metadata["ai_tags"][0]["label"], "cat");
    let words = metadata["analysis"]["description"].as_str().unwrap();
    assert!(words.starts_with("A cat, "), "{words}");
    assert_eq!(metadata["look"]["palette"][0]["name"], "gray");
}

#[test]
fn ai_analysis_without_an_engine_says_so_and_measures() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    sandbox
        .done("convert-sequence frames -o out.mp4 --ai-analysis")
        .warns(&["no AI model looks at the pictures"]);
    let text = fs::read_to_string(sandbox.path("out_metadata.json")).unwrap();
    assert!(text.contains("gray tones"), "{text}");
}

#[test]
fn partial_sequences_are_encoded_only_when_asked() {
    let sandbox = Sandbox::new();
    color()
        .frames(1..=6)
        .missing(Modality::Color, 3)
        .write(&sandbox.path("frames"));
    fs::write(sandbox.path("frames/color.0005.png"), "").unwrap();
    sandbox
        .refused(3, "convert-sequence frames -o out.mp4")
        .warns(&[
            "frame 3 is missing",
            "color.0003.png",
            "color.0005.png` is empty",
            "--allow-partial",
        ]);
    sandbox
        .done("convert-sequence frames -o out.mp4 --allow-partial")
        .warns(&["dropped", "frame 5"]);
    assert_frames(&sandbox.path("out.mp4"), Modality::Color, [1, 2, 4, 6]);
}

#[test]
fn unrelated_files_are_a_warning_and_with_strict_an_error() {
    let sandbox = Sandbox::new();
    color().write(&sandbox.path("frames"));
    fs::write(sandbox.path("frames/render.log"), "done").unwrap();
    sandbox
        .refused(3, "convert-sequence frames -o out.mp4 --strict")
        .warns(&["render.log", "help:"]);
    sandbox
        .done("convert-sequence frames -o out.mp4")
        .warns(&["warning:", "render.log"]);
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Depth])
        .write(&sandbox.path("z"));
    let before = sandbox.tree();
    sandbox
        .done("convert-sequence z --dry-run --generate-metadata --fps 23.976")
        .prints(&[
            "depth.####.png: 4 frames (1-4), 24000/1001 fps",
            "color.mp4",
            "64x36",
            "h264",
            "inputs/videos/z/color.mp4",
            "color_metadata.json",
            "nothing was written",
        ]);
    let plan = sandbox.done("convert-sequence z --dry-run --json").json();
    assert!(sandbox.tree() == before, "{:?}", sandbox.tree());
    assert_eq!(plan["video"]["modality"], "depth");
    assert_eq!(plan["video"]["frame_count"], 4);

    sandbox.done("convert-sequence z");
    let again = "convert-sequence z --dry-run";
    sandbox
        .refused(1, again)
        .warns(&["already exists", "--overwrite"]);
    sandbox.done(&format!("{again} --overwrite"));
}
