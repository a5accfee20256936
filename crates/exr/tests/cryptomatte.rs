//! Cryptomattes that Blender wrote, test vectors of the reference implementation, manifests of every kind.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::{Exr, FLOAT, fixture, open};
use cosmos_exr::colors::{BLACK, ColorTable, paint, palette};
use cosmos_exr::cryptomatte::{Manifest, Ranks, canonical, hash_name, murmur3_32};
use cosmos_exr::{Error, Frame, ManifestSource, Reader, Request};

const IMAGE: &str = "blender_multilayer.0001.exr";

fn blender(layer: &str) -> (Frame, Manifest) {
    let mut reader = Reader::open(fixture(IMAGE)).unwrap();
    let layout = reader.layout(None).unwrap();
    let table = layout.layer(layer).unwrap().cryptomatte.clone().unwrap();
    let manifest = Manifest::of(&table, &fixture(IMAGE)).unwrap();
    (reader.read(&Request::layers([layer])).unwrap(), manifest)
}

#[test]
fn hashes_are_those_of_other_implementations() {
    // The Python package mmh3.
    for (name, hash) in [
        ("", 0),
        ("a", 0x3c25_69b2),
        ("ab", 0x9bbf_d75f),
        ("abc", 0xb3dd_93fa),
        ("abcd", 0x43ed_676a),
        ("Robot Arm", 0x964b_4c63),
        ("世界/geo", 0x3c2b_e9f5),
    ] {
        assert_eq!(murmur3_32(name.as_bytes(), 0), hash, "{name}");
    }
    // The unit tests of Cryptomatte for Nuke: floats to twelve digits.
    for (name, float) in [
        ("hello", 6.070_562_710_24e-17_f64),
        ("cube", -4.084_619_125_19e15),
        ("sphere", 2.790_186_043_83e15),
        ("plane", 3.665_576_175_93e-11),
        ("равнина", -1.319_263_121_22e-25),
        ("mädchen", 6.236_129_821_16e25),
    ] {
        let ours = f64::from(f32::from_bits(hash_name(name)));
        assert!((ours / float - 1.0).abs() < 1e-7, "{name}: {ours} {float}");
    }
}

#[test]
fn ids_are_made_fit_for_floats() {
    for (hash, id) in [
        (0x7fd9_7e51, 0x7f59_7e51),
        (0xff80_0000, 0xff00_0000),
        (0x0012_3456, 0x0092_3456),
        (0, 0),
    ] {
        assert_eq!(canonical(hash), id);
        assert_eq!(canonical(id), id);
        assert!(id == 0 || f32::from_bits(id).is_normal());
    }
}

#[test]
fn blenders_objects_are_found_by_name() {
    let (frame, manifest) = blender("CryptoObject");
    let names: Vec<&str> = manifest.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Floor", "Gripper", "Robot Arm"]);
    assert!(manifest.iter().all(|(name, id)| hash_name(name) == id));
    let ranks = Ranks::new(&frame.layers[0]).unwrap();
    assert_eq!(ranks.len(), 4);
    // Sums over all ranks, by numpy over what the OpenEXR library reads.
    let pixels = 64.0 * 48.0;
    for (name, sum) in [("Floor", 859.5), ("Robot Arm", 540.75), ("Gripper", 348.0)] {
        let id = manifest.id(name).unwrap();
        let mask = ranks.coverage(|other| other == id);
        assert!(
            (mask.iter().map(|share| f64::from(*share)).sum::<f64>() - sum).abs() < 1e-3,
            "{name}"
        );
        assert!((ranks.shares()[&id] * pixels - sum).abs() < 1e-3, "{name}");
    }
    let both = manifest.select(ranks.shares().into_keys(), |name| {
        name.starts_with('R') || name.starts_with('G')
    });
    assert_eq!(both, BTreeSet::from([0x964b_4c63, 0xd9f2_20c2]));
    let mask = ranks.coverage(|id| both.contains(&id));
    assert!((mask.iter().sum::<f32>() - 888.75).abs() < 1e-2);
    assert!(
        mask.iter().any(|share| (0.05..0.95).contains(share)),
        "edges are anti-aliased"
    );
}

#[test]
fn a_name_whose_hash_is_no_float_is_found() {
    // Blender writes 7fd97e51 for "Metal" to the manifest and 7f597e51 to the pixels.
    let (frame, manifest) = blender("CryptoMaterial");
    let ranks = Ranks::new(&frame.layers[0]).unwrap();
    let metal = manifest.id("Metal").unwrap();
    assert_eq!(metal, 0x7f59_7e51);
    let sum: f32 = ranks.coverage(|id| id == metal).iter().sum();
    assert!((sum - 888.75).abs() < 1e-2, "{sum}");
    assert_eq!(manifest.name(hash_name("Grüner Stein")), "Grüner Stein");
}

#[test]
fn hard_labels_agree_with_the_object_index() {
    let (frame, manifest) = blender("CryptoObject");
    let index = cosmos_exr::read(fixture(IMAGE), &Request::layers(["IndexOB"])).unwrap();
    let (index, refused) = index.layers[0].planes[0].labels();
    assert_eq!(refused, 0);
    let labels = Ranks::new(&frame.layers[0]).unwrap().hard_labels();
    let expected: BTreeMap<u32, u32> = [("Floor", 1), ("Robot Arm", 2), ("Gripper", 3)]
        .map(|(name, n)| (manifest.id(name).unwrap(), n))
        .into();
    let agreeing = labels
        .ids
        .iter()
        .zip(&index)
        .filter(|(id, n)| expected.get(id).copied().unwrap_or(0) == **n)
        .count();
    // The index pass is not anti-aliased: it takes one sample, so edges differ.
    assert!(
        agreeing as f64 / index.len() as f64 > 0.95,
        "{agreeing} of {}",
        index.len()
    );
    assert!(
        labels
            .ids
            .iter()
            .zip(&labels.coverage)
            .all(|(id, share)| (*id == 0) == (*share == 0.0))
    );
}

#[test]
fn objects_without_a_manifest_go_by_their_hash() {
    let manifest = Manifest::default();
    assert_eq!(manifest.name(0x1a2b_3c4d), "#1a2b3c4d");
    assert_eq!(manifest.id("#1a2b3c4d"), Some(0x1a2b_3c4d));
    assert_eq!(manifest.id("#1a2b3c4"), None);
    assert_eq!(
        manifest.select([0, 1 << 30, 2 << 28], |name| name == "#40000000"),
        BTreeSet::from([1 << 30])
    );
}

#[test]
fn sidecars_are_read_from_the_images_folder_alone() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("shot.0001.exr");
    std::fs::write(
        folder.path().join("names.json"),
        r#"{"Hero": "13851a76", "Tür": "0x00123456"}"#,
    )
    .unwrap();
    let table = |file: &str| {
        let content = Exr::new(&[("crypto00.r", FLOAT), ("crypto00.g", FLOAT)])
            .with("cryptomatte/00a1b2c/name", "string", b"crypto".to_vec())
            .with(
                "cryptomatte/00a1b2c/manif_file",
                "string",
                file.as_bytes().to_vec(),
            );
        open(content.bytes()).unwrap().header().cryptomattes[0].clone()
    };
    assert_eq!(
        table("names.json").manifest,
        ManifestSource::Sidecar("names.json".to_owned())
    );
    let manifest = Manifest::of(&table("./names.json"), &image).unwrap();
    assert_eq!(manifest.id("Hero"), Some(0x1385_1a76));
    assert_eq!(manifest.id("Tür"), Some(0x0092_3456));
    for file in [
        "../names.json",
        "/etc/passwd",
        "sub\\names.json",
        "missing.json",
    ] {
        let error = Manifest::of(&table(file), &image).unwrap_err();
        assert!(
            matches!(error, Error::BadManifest { .. }),
            "{file}: {error}"
        );
    }
}

#[test]
fn damaged_manifests_are_named() {
    for json in [
        "",
        "[]",
        "{\"a\": 1}",
        "{\"a\": \"xyz\"}",
        "{\"a\": \"123456789\"}",
        "{\"a\": \"12",
        "{\"a\":\"-1\"}",
    ] {
        let error = Manifest::parse(json, "crypto", Path::new("a.exr")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("a.exr: manifest of \"crypto\": "),
            "{error}"
        );
    }
}

#[test]
fn manifests_of_a_shot_are_merged() {
    let mut shot = Manifest::of_names(["a", "b"]);
    shot.merge(&Manifest::of_names(["b", "c"]));
    assert_eq!(shot.len(), 3);
    assert_eq!(shot.name(hash_name("c")), "c");
}

#[test]
fn colors_are_stable_distinct_and_never_dark() {
    let names: Vec<String> = (0..1500).map(|n| format!("/world/robot_{n}/geo")).collect();
    let table = ColorTable::new(&names);
    let colors: BTreeSet<_> = table.iter().map(|(_, color)| color).collect();
    assert_eq!(colors.len(), names.len());
    assert!(!colors.contains(&BLACK));
    assert!(
        colors
            .iter()
            .all(|color| color.iter().map(|value| u32::from(*value)).sum::<u32>() > 100)
    );
    // Neither order nor repetition matters.
    let shuffled = names.iter().rev().chain(&names);
    assert_eq!(ColorTable::new(shuffled), table);
    // The same in the next release as well: these were written down once.
    let few = ColorTable::new(["Floor", "Gripper", "Robot Arm"]);
    let few: Vec<_> = few.iter().collect();
    assert_eq!(few, FEW);
}

const FEW: [(&str, [u8; 3]); 3] = [
    ("Floor", [255, 221, 136]),
    ("Gripper", [0, 0, 187]),
    ("Robot Arm", [102, 187, 170]),
];

#[test]
fn most_objects_keep_their_color_when_others_come() {
    let names: Vec<String> = (0..24).map(|n| format!("object {n}")).collect();
    let few = ColorTable::new(&names[..20]);
    let all = ColorTable::new(&names);
    let kept = names[..20]
        .iter()
        .filter(|name| few.color(name) == all.color(name))
        .count();
    assert!(kept >= 16, "{kept}");
    let hashes = names.iter().map(|name| format!("#{:08x}", hash_name(name)));
    let nameless = ColorTable::new(hashes.clone());
    let same = names
        .iter()
        .zip(hashes)
        .filter(|(name, hash)| all.color(name) == nameless.color(hash))
        .count();
    assert!(same >= 16, "{same}");
}

#[test]
fn the_first_colors_are_far_apart() {
    let far = |count: usize| {
        let colors = &palette()[..count];
        let pairs = colors
            .iter()
            .enumerate()
            .flat_map(|(at, a)| colors[..at].iter().map(move |b| (a, b)));
        pairs
            .map(|(a, b)| {
                a.iter()
                    .zip(b)
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum::<u32>()
            })
            .min()
            .unwrap()
    };
    assert_eq!(palette().len(), 1024);
    assert!(far(64) >= 34, "{}", far(64));
    assert!(far(1024) >= 17, "{}", far(1024));
}

#[test]
fn labels_are_painted() {
    let colors = BTreeMap::from([(7, [1, 2, 3]), (9, [4, 5, 6]), (0, [9, 9, 9])]);
    assert_eq!(
        paint(&[7, 7, 9, 0, 8], &colors),
        [1, 2, 3, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]
    );
}
