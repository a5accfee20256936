//! Text and bytes from outside, in any shape: nothing panics, hangs or is taken for what it is not. `fuzz/` feeds
//! the same functions.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

use std::fs;
use std::io::Cursor;

use cosmos_workflow::frames::{FileFormat, fuzzing as frames};
use cosmos_workflow::remote::fuzzing as remote;
use cosmos_workflow::specs::fuzzing as specs;
use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A small picture of each format.
fn picture(format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(31, 17, |x, y| {
        image::Rgb([(x * 37) ^ (y * 101), x * y, x + y].map(|v| v as u8))
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(image)
        .write_to(&mut file, format)
        .unwrap();
    file.into_inner()
}

/// A JSON value; objects have the fields that a specification may have.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        any::<f64>().prop_map(|it| it.to_string()),
        "\"[a-z0-9_./\\-]{0,12}\"",
        "\"\\\\u[0-9a-f]{4}\\PC{0,4}\"".prop_map(|text| text.replace('\u{7f}', "")),
    ];
    let key = select(vec![
        "id",
        "name",
        "prompt",
        "prompt_id",
        "negative_prompt",
        "input_video_path",
        "control_inputs",
        "control_weights",
        "parameters",
        "execution_status",
        "timestamp",
        "video_hashes",
        "video_path",
        "depth",
        "edge",
        "seg",
        "vis",
        "color",
        "num_steps",
        "guidance",
        "seed",
        "model",
        "unknown",
    ]);
    leaf.prop_recursive(3, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|all| {
                let fields = all
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// A tar archive of `entries`: names, sizes that headers claim, contents and types.
fn tar(entries: &[(String, u64, Vec<u8>, u8)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, size, content, kind) in entries {
        let mut header = tar::Header::new_gnu();
        let field = &mut header.as_old_mut().name;
        let length = name.len().min(field.len());
        field[..length].copy_from_slice(&name.as_bytes()[..length]);
        header.set_size(*size);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

/// A line about the host `gpu` with a key in the wire form of its type.
const KNOWN_HOST: &str =
    "gpu ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_may_stand_for_a_frame(
        start in select(vec![
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], b"\xff\xd8\xff\xc4", b"\xff\xd8\xff\xc0\0\x11\x08", b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08", b"RIFF\xff\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8X", b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        if let Ok(header) = frames::frame(&[start, &rest].concat()) {
            prop_assert!((1..=16_384).contains(&header.width) && (1..=16_384).contains(&header.height));
        }
    }

    #[test]
    fn a_frame_may_be_damaged_anywhere(
        format in select(vec![
            ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Tiff, ImageFormat::WebP, ImageFormat::Bmp,
        ]),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..12),
        cut in any::<Index>(),
    ) {
        let mut file = picture(format);
        prop_assert_eq!(frames::frame(&file).unwrap().size(), (31, 17));
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate(cut.index(2 * file.len()));
        if let Ok(header) = frames::frame(&file) {
            prop_assert!((1..=16_384).contains(&header.width) && (1..=16_384).contains(&header.height));
            prop_assert!(header.format != FileFormat::Png || file.starts_with(b"\x89PNG"));
        }
    }

    #[test]
    fn any_json_may_stand_for_a_specification(text in json(), cut in any::<Index>()) {
        for text in [text.as_str(), text.get(..cut.index(text.len() + 1)).unwrap_or_default()] {
            match specs::spec(text) {
                Ok(spec) => prop_assert!(!spec.id().is_empty()),
                Err(error) => prop_assert!(error.to_string().starts_with("spec.json")),
            }
        }
    }

    #[test]
    fn any_json_may_stand_for_metadata(text in json(), noise in "\\PC{0,40}") {
        for text in [text, noise] {
            if let Err(error) = specs::metadata(&text) {
                prop_assert!(error.to_string().starts_with("metadata.json"));
            }
        }
    }

    #[test]
    fn any_text_may_stand_in_an_ssh_config(
        lines in prop::collection::vec(
            (
                select(vec![
                    "Host", "Match", "HostName", "Port", "User", "IdentityFile", "UserKnownHostsFile",
                    "ProxyJump", "ProxyCommand", "Include", "HostKeyAlias", "#", "",
                ]),
                select(vec![" ", "=", " = ", "\t", ""]),
                "[a-z0-9*?!\"\\\\%~/., -]{0,20}|\\PC{0,12}",
            ),
            0..12,
        ),
        host in "[a-z.]{1,8}",
    ) {
        let lines = lines.into_iter().map(|(keyword, between, value)| format!("{keyword}{between}{value}\n"));
        let text: String = lines.collect();
        // A refusal names the file; whether there is one depends on the lines.
        if let Err(error) = remote::ssh_config(&text, &host) {
            prop_assert!(!error.to_string().contains('\n'), "{error}");
        }
    }

    #[test]
    fn any_text_may_stand_in_known_hosts(
        lines in prop::collection::vec(
            "(@revoked |@cert-authority )?([a-z*?!,.\\[\\]:0-9]{0,12}|\\|1\\|[A-Za-z0-9+/=]{0,28}\\|[A-Za-z0-9+/=]{0,28}) (ssh-ed25519|\\PC{0,6}) [A-Za-z0-9+/]{0,24}={0,2}|\\PC{0,60}",
            0..10,
        ),
    ) {
        let text = lines.join("\n");
        let found = remote::known_hosts(&text, "gpu");
        prop_assert!(found <= lines.len());
        let with_ours = format!("{text}\n{KNOWN_HOST}\n");
        prop_assert_eq!(remote::known_hosts(&with_ours, "gpu"), found + 1);
    }

    #[test]
    fn a_host_may_send_anything_for_what_it_listed(
        listing in prop::collection::vec(
            (select(vec!["81a4", "41ed", "a1ff", "x"]), any::<u16>(), "(\\./)?[a-c/.\n]{0,6}"),
            0..5,
        ),
        entries in prop::collection::vec(
            (
                "(\\./)?[a-c/.]{0,6}",
                prop_oneof![0..20_u64, any::<u64>()],
                prop::collection::vec(any::<u8>(), 0..40),
                select(vec![b'0', b'1', b'2', b'5', b'6', b'L', b'x', b'g', b'S']),
            ),
            0..5,
        ),
        noise in prop::collection::vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("staging");
        fs::create_dir(&folder).unwrap();
        let listing: String = listing
            .into_iter()
            .map(|(mode, size, name)| format!("{mode} {size} 1700000000 {name}\0"))
            .collect();
        let mut stream = tar(&entries);
        for (at, byte) in noise.into_iter().filter(|_| !entries.is_empty()) {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        let _ = remote::tar_stream(listing.as_bytes(), &stream, &folder);
        let beside: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
        prop_assert_eq!(beside.len(), 1, "something was written beside the folder");
    }
}

/// The generators above rarely meet what is right; this is.
#[test]
fn what_is_right_is_taken() {
    let prompt =
        r#"{"id": "ps_1", "name": "a", "prompt": "b", "timestamp": "2025-01-01T00:00:00Z"}"#;
    assert_eq!(specs::spec(prompt).unwrap().id(), "ps_1");
    let metadata = r#"{"video_path": "a/color.mp4", "control_inputs": {"depth": "a/depth.mp4"}}"#;
    assert_eq!(specs::metadata(metadata).unwrap().controls.len(), 1);
    remote::ssh_config("Host gpu\n  HostName 10.0.0.1\n", "gpu").unwrap();
    assert_eq!(remote::known_hosts(KNOWN_HOST, "gpu"), 1);
    let folder = tempfile::tempdir().unwrap();
    let stream = tar(&[("./a".into(), 2, b"hi".to_vec(), b'0')]);
    let arrived = remote::tar_stream(b"81a4 2 1700000000 ./a\0", &stream, folder.path());
    assert_eq!(arrived.unwrap(), 1);
}
