//! Folders and frames that cannot be used: the right exit code, a message with the file and the remedy, and
//! everything as it was.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Cursor;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use assert_cmd::assert::OutputAssertExt;
use cosmos_workflow::modality::Modality;
use image::ImageFormat;

use crate::support::png::{GRAY, Png, RGB, RGBA, chunk};
use crate::support::shot::assert_frames;
use crate::support::{Ends, Said, Sandbox, Shot, noise};

/// Both commands that encode, on the folder `shot`.
const ENCODE: [&str; 2] = [
    "convert-sequence shot -o out.mp4",
    "prepare-inference shot --name x",
];

/// A shot of color alone, which both commands take.
fn shot() -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=6)
        .write(&sandbox.path("shot"));
    sandbox
}

fn refused_by_both(sandbox: &Sandbox, code: i32, parts: &[&str]) {
    for command in ENCODE {
        sandbox.refused(code, command).warns(parts);
    }
}

fn replace(sandbox: &Sandbox, name: &str, content: &[u8]) {
    fs::write(sandbox.path(name), content).unwrap();
}

#[test]
fn an_empty_folder_has_no_frames() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    refused_by_both(
        &sandbox,
        3,
        &["no frames in `shot` (it is empty)", "color.0001.png"],
    );
    let run = sandbox.refused(3, "validate shot");
    run.warns(&["no frames in `shot`"]);
    fs::write(sandbox.path("shot/readme.txt"), "").unwrap();
    refused_by_both(&sandbox, 3, &["no frames in `shot` (found readme.txt)"]);
}

#[test]
fn a_file_is_no_folder() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("shot"), "").unwrap();
    refused_by_both(
        &sandbox,
        2,
        &[
            "`shot` is not a folder",
            "pass the folder that holds the frames",
        ],
    );
}

#[test]
fn a_folder_that_does_not_exist_is_wrong_usage() {
    let sandbox = Sandbox::new();
    refused_by_both(&sandbox, 2, &["folder `shot` does not exist"]);
    fs::create_dir(sandbox.path("shots")).unwrap();
    refused_by_both(
        &sandbox,
        2,
        &["folder `shot` does not exist", "did you mean `shots`?"],
    );
}

#[test]
fn what_may_not_be_read_is_named() {
    let sandbox = shot();
    let path = |name: &str| sandbox.path(name);
    let allow = |name: &str, mode: u32| {
        fs::set_permissions(path(name), Permissions::from_mode(mode)).unwrap();
    };
    for command in ENCODE {
        allow("shot/color.0003.png", 0o000);
        sandbox
            .leaves_no_trace(3, &mut sandbox.cosmos_unprivileged(command))
            .warns(&[
                "color.0003.png",
                "permission denied",
                "check the permissions",
            ]);
        allow("shot/color.0003.png", 0o644);
        for mode in [0o000, 0o444] {
            let before = sandbox.tree();
            allow("shot", mode);
            let run = sandbox.cosmos_unprivileged(command).assert_code(3);
            allow("shot", 0o755);
            run.warns(&["shot", "permission denied", "help:", "permissions"]);
            assert!(before == sandbox.tree());
        }
    }
    fs::create_dir(path("shot/depth")).unwrap();
    allow("shot/depth", 0o000);
    let run = sandbox
        .cosmos_unprivileged("prepare-inference shot")
        .assert_code(3);
    allow("shot/depth", 0o755);
    run.warns(&["shot/depth", "permission denied"]);
}

#[test]
fn gaps_are_listed() {
    let sandbox = shot();
    for number in [2, 4, 5] {
        fs::remove_file(sandbox.path(format!("shot/color.000{number}.png"))).unwrap();
    }
    refused_by_both(
        &sandbox,
        3,
        &[
            "frames 2, 4-5 are missing",
            "found 3 of 1-6",
            "color.0002.png",
            "--allow-partial",
        ],
    );
}

#[test]
fn one_frame_of_another_size_or_depth_is_found_even_if_it_is_the_first() {
    for number in [1, 4] {
        let sandbox = Sandbox::new();
        Shot::new()
            .only(&[Modality::Color])
            .stray_size(Modality::Color, number, (66, 36))
            .write(&sandbox.path("shot"));
        let stray = format!("color.000{number}.png` is 66x36; the sequence is 64x36");
        refused_by_both(&sandbox, 3, &[&stray, "must share one size"]);
    }
    let sandbox = shot();
    let deep = image::ImageBuffer::<image::Rgb<u16>, _>::new(64, 36);
    deep.save(sandbox.path("shot/color.0002.png")).unwrap();
    refused_by_both(
        &sandbox,
        3,
        &[
            "color.0002.png` has 16 bits per channel; the sequence has 8",
            "one bit depth",
        ],
    );
}

/// The file of a frame that does not compress, so that a cut falls into the pixels.
fn noisy_png(seed: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    noise(64, 36, seed)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

#[test]
fn a_frame_that_was_cut_off_is_found_wherever_it_was_cut() {
    let whole = noisy_png(1);
    for per_cent in [10, 50, 99] {
        let sandbox = shot();
        replace(
            &sandbox,
            "shot/color.0004.png",
            &whole[..whole.len() * per_cent / 100],
        );
        refused_by_both(
            &sandbox,
            3,
            &["color.0004.png", "cut off", "render the frame again"],
        );
    }
    for extension in ["jpg", "tif", "webp", "bmp"] {
        let sandbox = Sandbox::new();
        Shot::new()
            .only(&[Modality::Color])
            .named(move |_, number| format!("color.{number}.{extension}"))
            .write(&sandbox.path("shot"));
        let name = format!("shot/color.3.{extension}");
        let whole = fs::read(sandbox.path(&name)).unwrap();
        for per_cent in [10, 50, 95] {
            replace(&sandbox, &name, &whole[..whole.len() * per_cent / 100]);
            refused_by_both(&sandbox, 3, &[&name]);
        }
    }
}

/// Damage that no header shows is met while decoding, when part of the video is written.
#[test]
fn a_frame_that_is_corrupt_inside_is_found_while_decoding() {
    let whole = noisy_png(2);
    let middle = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[middle..middle + 40]
        .iter_mut()
        .for_each(|byte| *byte ^= 0x5a);
    // The check sums agree, but the pixels end half way.
    let half = Png {
        size: (64, 18),
        color_type: RGB,
        bits: 8,
        interlaced: false,
        palette: Vec::new(),
        transparent: Vec::new(),
    };
    let mut short = half.encode(|x, y| vec![x as u16, y as u16, 7]);
    let header: Vec<u8> = [64_u32.to_be_bytes(), 36_u32.to_be_bytes()].concat();
    let header = [header.as_slice(), &[8, RGB, 0, 0, 0]].concat();
    short.splice(8..33, chunk(b"IHDR", &header));
    for content in [flipped, short] {
        let sandbox = shot();
        replace(&sandbox, "shot/color.0005.png", &content);
        refused_by_both(
            &sandbox,
            3,
            &["color.0005.png", "damaged", "render this frame again"],
        );
        for command in ENCODE {
            sandbox.refused(3, &format!("{command} --depth-range auto --threads 1"));
        }
    }
}

#[test]
fn text_and_nothing_are_no_frames() {
    let sandbox = shot();
    replace(
        &sandbox,
        "shot/color.0002.png",
        b"<html>quota exceeded</html>",
    );
    replace(&sandbox, "shot/color.0003.png", b"");
    replace(&sandbox, "shot/color.0005.png", &[0; 4096]);
    refused_by_both(
        &sandbox,
        3,
        &[
            "color.0002.png` is not an image (found text)",
            "color.0003.png` is empty (0 bytes)",
            "color.0005.png` is not an image (found only zero bytes)",
            "render the frame again",
        ],
    );
}

/// No header makes the program ask for the memory that its picture would need.
#[test]
fn absurd_sizes_in_a_header_cost_no_memory() {
    let frame = |width: u32, height: u32| {
        let tiny = Png {
            size: (8, 8),
            color_type: GRAY,
            bits: 8,
            interlaced: false,
            palette: Vec::new(),
            transparent: Vec::new(),
        };
        let mut file = tiny.encode(|_, _| vec![9]);
        let header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        file.splice(
            8..33,
            chunk(b"IHDR", &[header.as_slice(), &[8, GRAY, 0, 0, 0]].concat()),
        );
        file
    };
    for (width, height) in [
        (100_000, 100_000),
        (u32::MAX >> 1, 3),
        (0, 8),
        (16_384, 16_384),
    ] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("shot")).unwrap();
        for number in 1..=3 {
            let path = sandbox.path(format!("shot/color.{number}.png"));
            fs::write(path, frame(width, height)).unwrap();
        }
        for command in ENCODE {
            let script = "ulimit -v 1000000; exec \"$@\"";
            let mut limited = sandbox.cosmos_in_shell(script, &format!("{command} --threads 2"));
            sandbox
                .leaves_no_trace(3, &mut limited)
                .warns(&["color.1.png", &format!("{width}x{height}")]);
        }
    }
}

#[test]
fn frames_in_formats_that_are_not_read_are_named_as_such() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    for number in 1..=3 {
        let path = sandbox.path(format!("shot/color.{number}.dpx"));
        fs::write(path, b"SDPX").unwrap();
    }
    refused_by_both(
        &sandbox,
        3,
        &["DPX", "color.#.dpx", "write the frames as PNG"],
    );
}

#[test]
fn two_files_of_one_number_are_refused() {
    let sandbox = shot();
    fs::copy(
        sandbox.path("shot/color.0002.png"),
        sandbox.path("shot/color.002.png"),
    )
    .unwrap();
    refused_by_both(
        &sandbox,
        3,
        &[
            "frame 2 is in two files",
            "color.0002.png",
            "color.002.png",
            "keep one file a frame",
        ],
    );
}

/// Names with everything that file systems allow.
#[test]
fn names_may_hold_spaces_quotes_newlines_and_bytes_that_are_not_utf_8() {
    for name in [
        "two words".as_bytes(),
        "Straße 日本 🎬".as_bytes(),
        b"it's \"quoted\" & $HOME `id`",
        b"line\nbreak\ttab",
        b"not \xff\xfe utf-8",
        b"-dash",
        b"%d $F ####",
    ] {
        let name = OsStr::from_bytes(name);
        let sandbox = Sandbox::new();
        let frames = sandbox.path(name);
        Shot::new()
            .only(&[Modality::Color])
            .frames(1..=3)
            .write(&frames);
        for number in 1..=3 {
            let old = frames.join(format!("color.{number:04}.png"));
            let mut new = name.to_owned();
            new.push(format!(" color.{number:04}.png"));
            fs::rename(old, frames.join(new)).unwrap();
        }
        let mut output = name.to_owned();
        output.push(" out.mp4");
        let [o, json, dash] = ["--output", "--json", "--"].map(OsStr::new);
        let output_option = {
            let mut option = o.to_owned();
            option.push("=");
            option.push(&output);
            option
        };

        let line = ["validate".as_ref(), dash, name];
        sandbox.done(line).prints(&["no problems"]);
        let line = [
            "convert-sequence".as_ref(),
            "--generate-metadata".as_ref(),
            json,
            &output_option,
            dash,
            name,
        ];
        let report = sandbox.done(line).json();
        assert_eq!(report["video"]["frame_count"], 3, "{name:?}: {report}");
        assert_frames(&sandbox.path(&output), Modality::Color, 1..=3);
        let line = ["convert-sequence".as_ref(), dash, name];
        sandbox.done(line);
        fs::remove_dir_all(sandbox.path("inputs")).unwrap();
        let line = ["prepare-inference".as_ref(), json, dash, name];
        let report = sandbox.done(line).json();
        assert_eq!(report["metadata"]["frame_count"], 3, "{name:?}: {report}");
        assert_frames(
            &sandbox.prepared().join("color.mp4"),
            Modality::Color,
            1..=3,
        );

        // Problems with such names are printed on lines of their own.
        let mut bad = name.to_owned();
        bad.push(" color.0002.png");
        fs::write(frames.join(bad), "").unwrap();
        let line = [
            "convert-sequence".as_ref(),
            "-o".as_ref(),
            "b.mp4".as_ref(),
            dash,
            name,
        ];
        let said = sandbox
            .refused(3, line)
            .warns(&["color.0002.png` is empty"])
            .err();
        let is_ours = |line: &str| {
            ["error:", "warning:", "help:"]
                .iter()
                .any(|label| line.starts_with(label))
        };
        assert!(said.lines().all(is_ours), "{said}");
    }
}

#[test]
fn links_to_frames_and_folders_are_followed() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .write(&sandbox.path("store"));
    fs::create_dir(sandbox.path("shot")).unwrap();
    for name in sandbox.names_in("store") {
        symlink(
            Path::new("../store").join(&name),
            sandbox.path("shot").join(&name),
        )
        .unwrap();
    }
    symlink("shot", sandbox.path("latest")).unwrap();
    symlink("..", sandbox.path("shot/loop")).unwrap();
    symlink("color.0001.png", sandbox.path("shot/self")).unwrap();
    sandbox
        .done("prepare-inference latest --name x")
        .warns(&["unrelated to the shot"]);
    for modality in [Modality::Color, Modality::Depth] {
        assert_frames(
            &sandbox.prepared().join(format!("{modality}.mp4")),
            modality,
            1..=4,
        );
    }
}

#[test]
fn links_that_lead_nowhere_are_named() {
    let sandbox = shot();
    let link = sandbox.path("shot/color.0003.png");
    fs::remove_file(&link).unwrap();
    symlink("/gone/color.0003.png", &link).unwrap();
    refused_by_both(
        &sandbox,
        3,
        &[
            "color.0003.png` is a link to `/gone/color.0003.png`, which does not exist",
            "restore the file",
        ],
    );
    fs::remove_file(&link).unwrap();
    symlink("color.0003.png", &link).unwrap();
    refused_by_both(&sandbox, 3, &["color.0003.png"]);

    let sandbox = Sandbox::new();
    symlink("gone", sandbox.path("shot")).unwrap();
    refused_by_both(&sandbox, 2, &["`shot` does not exist"]);
}

#[test]
fn a_pipe_in_the_place_of_a_frame_does_not_hang() {
    let sandbox = shot();
    fs::remove_file(sandbox.path("shot/color.0003.png")).unwrap();
    sandbox
        .program("mkfifo")
        .arg("shot/color.0003.png")
        .assert_code(0);
    refused_by_both(&sandbox, 3, &["color.0003.png` is a pipe, not a file"]);
}

/// What is no file cannot be read to its end, or only after somebody else has come.
#[test]
fn what_is_no_file_is_refused_at_once_wherever_a_file_is_meant() {
    let sandbox = shot();
    sandbox.program("mkfifo").arg("pipe").assert_code(0);
    let _listener = UnixListener::bind(sandbox.path("socket")).unwrap();
    symlink("/dev/zero", sandbox.path("endless")).unwrap();
    for (name, what) in [
        ("pipe", "pipe"),
        ("socket", "socket"),
        ("endless", "device"),
    ] {
        for command in [
            format!("probe {name}"),
            format!("standardize {name} out.mp4"),
            format!("upscale {name} --prompt x --dry-run"),
            format!("describe {name}"),
            format!("check {name}"),
            format!("show {name}"),
            format!("create-run {name}"),
            format!("--config {name} validate shot"),
        ] {
            let run = sandbox
                .cosmos_in_shell("exec timeout 60 \"$@\"", &command)
                .assert();
            let said = run.out() + &run.err();
            assert!(
                said.contains(&format!("it is a {what}, not a file")),
                "{command}: {said}"
            );
            let code = run.get_output().status.code();
            assert!(matches!(code, Some(1 | 2)), "{command}: {code:?}");
        }
    }
    fs::create_dir_all(sandbox.path("home/.ssh")).unwrap();
    fs::rename(sandbox.path("pipe"), sandbox.path("home/.ssh/config")).unwrap();
    let mut status = sandbox.cosmos_in_shell("exec timeout 60 \"$@\"", "status");
    status.env("COSMOS_REMOTE_HOST", "gpu");
    let run = status.assert();
    assert!(!run.get_output().status.success());
    run.warns(&[".ssh/config", "it is a pipe, not a file"]);
}

/// The shape of a damaged disk or a broken transfer: 512 bytes of zeros, which are codes like any others.
#[test]
fn a_jpeg_with_a_lost_sector_is_damaged() {
    let mut jpeg = Cursor::new(Vec::new());
    noise(160, 120, 3)
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .unwrap();
    let fixture = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jpeg");
        fs::read(folder.join(name)).unwrap()
    };
    for whole in [
        jpeg.into_inner(),
        fixture("progressive.jpg"),
        fixture("restarts.jpg"),
    ] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("shot")).unwrap();
        replace(&sandbox, "shot/color.0001.jpg", &whole);
        sandbox.done("convert-sequence shot -o whole.mp4");
        // Behind the headers.
        let first = whole
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap()
            + 20;
        let last = whole.len() - 600;
        for step in 0..20 {
            let at = first + (last - first) * step / 19;
            let mut damaged = whole.clone();
            damaged[at..at + 512].fill(0);
            replace(&sandbox, "shot/color.0001.jpg", &damaged);
            refused_by_both(
                &sandbox,
                3,
                &[
                    "color.0001.jpg is damaged or cut short",
                    "render this frame again",
                ],
            );
        }
    }
}

#[test]
fn a_png_whose_pixels_have_the_wrong_checksum_is_damaged() {
    // The second is decoded in another way than the first, as all that are unusual.
    for interlaced in [false, true] {
        let png = Png {
            size: (64, 36),
            color_type: RGB,
            bits: 8,
            interlaced,
            palette: Vec::new(),
            transparent: Vec::new(),
        };
        let mut file = png.encode(|x, y| vec![x as u16, y as u16, 7]);
        // The end: four bytes of Adler-32, four of the chunk's checksum, and the 12 of the last chunk.
        let data = file.windows(4).position(|name| name == b"IDAT").unwrap();
        let end = file.len() - 16;
        file[end - 1] ^= 1;
        let chunk = chunk(b"IDAT", &file[data + 4..end]);
        file.splice(data - 4..end + 4, chunk);
        let sandbox = shot();
        replace(&sandbox, "shot/color.0002.png", &file);
        refused_by_both(&sandbox, 3, &["color.0002.png is damaged or cut short"]);
    }
}

#[test]
fn a_picture_that_memory_does_not_suffice_for_is_named_with_its_size() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    let side = 16_384_u32.to_be_bytes();
    let header = [&side, &side, [16, RGBA, 0, 0].as_slice(), &[0]].concat();
    let file = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", &vec![0; 2 << 20]),
        chunk(b"IEND", &[]),
    ];
    replace(&sandbox, "shot/color.0001.png", &file.concat());
    for command in [
        "convert-sequence shot -o out.mp4 --resolution 256x256",
        "describe shot/color.0001.png",
    ] {
        let mut limited = sandbox.cosmos_in_shell("ulimit -v 4000000; exec \"$@\"", command);
        let run = sandbox.leaves_no_trace(1, &mut limited);
        run.warns(&[
            "color.0001.png: its 16384x16384 pixels take",
            "GB of memory",
            "help:",
        ]);
    }
}

#[test]
fn a_folder_of_countless_sequences_is_told_in_one_short_line() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("shot")).unwrap();
    for number in 0..3000 {
        replace(&sandbox, &format!("shot/take{number}_.0001.png"), b"");
    }
    for command in [
        ENCODE[0],
        "convert-sequence shot -o out.mp4 --pattern none.####.png",
    ] {
        let run = sandbox.refused(2, command);
        run.warns(&["and 2,990 more"]);
    }
    let length = sandbox.refused(2, ENCODE[0]).err().len();
    assert!(length < 2000, "{length} bytes");
}

/// A library that stands in for FFmpeg's look-up of encoders and knows no libx264.
const NO_X264: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
typedef const void *lookup(const char *);
const void *avcodec_find_encoder_by_name(const char *name) {
    if (strcmp(name, "libx264") == 0) return 0;
    return ((lookup *)dlsym(RTLD_NEXT, "avcodec_find_encoder_by_name"))(name);
}
"#;

#[test]
fn an_ffmpeg_without_libx264_is_named_with_the_package_that_has_it() {
    let sandbox = shot();
    fs::write(sandbox.path("shim.c"), NO_X264).unwrap();
    sandbox
        .program("cc")
        .args(["-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"])
        .assert_code(0);
    for command in ENCODE {
        let mut without = sandbox.cosmos(command);
        without.env("LD_PRELOAD", sandbox.path("shim.so"));
        sandbox
            .leaves_no_trace(1, &mut without)
            .warns(&["no libx264 encoder", "libx264-dev"]);
    }
    let mut other = sandbox.cosmos("convert-sequence shot -o out.mp4 --codec hevc");
    other
        .env("LD_PRELOAD", sandbox.path("shim.so"))
        .assert_code(0);
}
