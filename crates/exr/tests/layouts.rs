//! Which layer becomes what, for files of Blender and for the channel names of other renderers.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{Exr, FLOAT, HALF, channel_list, fixture, open};
use cosmos_exr::{
    Compression, Control, CryptomatteKind, Error, Layout, Reader, Reason, Refusal, Role,
};

fn layout(channels: &[&str]) -> Layout {
    let channels: Vec<(&str, i32)> = channels.iter().map(|name| (*name, FLOAT)).collect();
    Exr::new(&channels).layout()
}

/// Layers taken for color, depth, segmentation, edge and vis.
fn taken(layout: &Layout) -> [Option<String>; 5] {
    Control::ALL.map(|control| layout.choose(control).layer)
}

fn some(names: [&str; 5]) -> [Option<String>; 5] {
    names.map(|name| (!name.is_empty()).then(|| name.to_owned()))
}

#[test]
fn blender_multilayer() {
    let reader = Reader::open(fixture("blender_multilayer.0001.exr")).unwrap();
    let layout = reader.layout(None).unwrap();
    assert_eq!(
        taken(&layout),
        some([
            "ViewLayer.Combined",
            "ViewLayer.Depth",
            "ViewLayer.CryptoObject",
            "",
            ""
        ])
    );
    let role = |name: &str| layout.layer(name).unwrap().role;
    assert_eq!(role("Mist"), Role::Mist);
    assert_eq!(role("Normal"), Role::Normal);
    assert_eq!(role("IndexOB"), Role::ObjectIndex);
    assert_eq!(role("indexma"), Role::MaterialIndex);
    assert_eq!(
        role("CryptoObject"),
        Role::Cryptomatte(CryptomatteKind::Object)
    );
    assert_eq!(
        role("CryptoMaterial"),
        Role::Cryptomatte(CryptomatteKind::Material)
    );
    assert_eq!(layout.layer("CryptoObject").unwrap().channels.len(), 8);
    assert_eq!(
        reader.header().software().as_deref(),
        Some("Blender V2.55.1 and newer")
    );
    let segmentation = layout.choose(Control::Segmentation);
    assert_eq!(segmentation.reason, Reason::BestRole);
    let others: Vec<&str> = segmentation
        .others
        .iter()
        .map(|other| other.layer.as_str())
        .collect();
    assert_eq!(
        others,
        [
            "ViewLayer.IndexOB",
            "ViewLayer.CryptoMaterial",
            "ViewLayer.IndexMA"
        ]
    );
    assert_eq!(layout.choose(Control::Edge).reason, Reason::Missing);
}

#[test]
fn blender_file_output() {
    let reader = Reader::open(fixture("blender_file_output.0001.exr")).unwrap();
    let layout = reader.layout(None).unwrap();
    assert_eq!(taken(&layout), some(["Image", "Depth", "IndexOB", "", ""]));
    let depth = layout.choose(Control::Depth);
    assert_eq!(depth.reason, Reason::BestName);
    assert_eq!(depth.others[0].layer, "Denoising Depth");
}

#[test]
fn exact_names_beat_longer_ones() {
    let noisy = [
        "Noisy Image.R",
        "Noisy Image.G",
        "Noisy Image.B",
        "Denoising Depth.Z",
    ];
    let with = |more: &[&'static str]| layout(&[&noisy[..], more].concat());
    assert_eq!(
        taken(&with(&[])),
        some(["Noisy Image", "Denoising Depth", "", "", ""])
    );
    assert_eq!(with(&[]).choose(Control::Color).reason, Reason::PartOfName);
    let both = with(&["V.Combined.R", "V.Combined.G", "V.Combined.B", "V.Depth.Z"]);
    assert_eq!(taken(&both), some(["V.Combined", "V.Depth", "", "", ""]));
    let mist = with(&["Mist.Z"]);
    assert_eq!(mist.choose(Control::Depth).layer.as_deref(), Some("Mist"));
}

#[test]
fn passes_of_the_pictures_view_layer_come_first() {
    let two = layout(&[
        "Back.Combined.R",
        "Back.Combined.G",
        "Back.Combined.B",
        "Back.Depth.Z",
        "Front.Depth.Z",
        "A.Depth.Z",
    ]);
    assert_eq!(
        two.choose(Control::Depth).layer.as_deref(),
        Some("Back.Depth")
    );
    assert_eq!(two.choose(Control::Depth).others.len(), 2);
    let composite = layout(&[
        "Composite.Combined.R",
        "Composite.Combined.G",
        "Composite.Combined.B",
        "ViewLayer.Combined.R",
        "ViewLayer.Combined.G",
        "ViewLayer.Combined.B",
        "ViewLayer.Depth.Z",
    ]);
    assert_eq!(
        taken(&composite),
        some(["Composite.Combined", "ViewLayer.Depth", "", "", ""])
    );
}

#[test]
fn a_preview_of_a_cryptomatte_is_no_rank() {
    let arnold = Exr::new(&[
        ("crypto_object.R", FLOAT),
        ("crypto_object.G", FLOAT),
        ("crypto_object.B", FLOAT),
        ("crypto_object00.R", FLOAT),
        ("crypto_object00.G", FLOAT),
        ("crypto_object01.R", FLOAT),
        ("crypto_object01.G", FLOAT),
    ])
    .with(
        "cryptomatte/00a1b2c/name",
        "string",
        b"crypto_object".to_vec(),
    )
    .with(
        "cryptomatte/00a1b2c/manif_file",
        "string",
        b"shot.crypto_object.json".to_vec(),
    );
    let file = open(arnold.bytes()).unwrap();
    assert_eq!(file.header().cryptomattes.len(), 1);
    let layout = file.layout(None).unwrap();
    assert_eq!(
        layout.choose(Control::Segmentation).layer.as_deref(),
        Some("crypto_object")
    );
    assert_eq!(
        layout.layer("crypto_object (preview)").unwrap().role,
        Role::Other
    );
}

#[test]
fn parts_name_layers() {
    let layout = Reader::open(fixture("parts.exr"))
        .unwrap()
        .layout(None)
        .unwrap();
    let names: Vec<&str> = layout
        .layers
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(names, ["rgba", "depth", "N"]);
    assert_eq!(taken(&layout), some(["rgba", "depth", "", "", ""]));
}

#[test]
fn a_view_must_be_named_and_known() {
    for file in ["views_parts.exr", "views_channels.exr"] {
        let reader = Reader::open(fixture(file)).unwrap();
        assert_eq!(reader.header().views(), ["left", "right"], "{file}");
        match reader.layout(None) {
            Err(Error::View { views, .. }) => assert_eq!(views, ["left", "right"]),
            other => panic!("{other:?}"),
        }
        let error = reader.layout(Some("middle")).unwrap_err().to_string();
        assert!(
            error.contains("has no view \"middle\" (views: left, right)"),
            "{error}"
        );
        for view in ["left", "right"] {
            let layout = reader.layout(Some(view)).unwrap();
            assert_eq!(layout.layers.len(), 2, "{file} {view}: {:?}", layout.layers);
            assert!(
                layout.choose(Control::Depth).layer.is_some(),
                "{file} {view}"
            );
        }
    }
}

#[test]
fn deep_and_subsampled_files_are_refused_with_a_remedy() {
    for (file, what) in [
        ("deep.exr", Refusal::Deep),
        ("subsampled.exr", Refusal::Subsampled),
    ] {
        let mut reader = Reader::open(fixture(file)).unwrap();
        let layout = reader.layout(None).unwrap();
        let color = layout.choose(Control::Color);
        assert_eq!(
            (color.layer, color.reason),
            (None, Reason::Refused(what)),
            "{file}"
        );
        let name = layout.layers[0].name.clone();
        match reader.read(&cosmos_exr::Request::layers([name])) {
            Err(error @ Error::Unsupported { .. }) => assert!(error.remedy().is_some()),
            other => panic!("{file}: {other:?}"),
        }
    }
}

#[test]
fn ids_in_lossy_compression_are_refused_and_the_next_best_taken() {
    let channels = [
        ("crypto_object00.r", FLOAT),
        ("crypto_object00.g", FLOAT),
        ("IndexOB.X", FLOAT),
    ];
    let file = |code: u8| {
        Exr::new(&channels)
            .with("compression", "compression", vec![code])
            .layout()
    };
    for (code, compression) in [(8, Compression::Dwaa), (9, Compression::Dwab)] {
        let choice = file(code).choose(Control::Segmentation);
        // DWA transforms r, g and b; X stays as it is.
        assert_eq!(choice.layer.as_deref(), Some("IndexOB"));
        assert_eq!(
            choice.others[0].refusal,
            Some(Refusal::LossyIds(compression))
        );
    }
    let pxr24 = file(5).choose(Control::Segmentation);
    assert_eq!(
        pxr24.reason,
        Reason::Refused(Refusal::LossyIds(Compression::Pxr24))
    );
    assert!(pxr24.reason.to_string().contains("IDs in it mean nothing"));
    assert_eq!(
        file(3).choose(Control::Segmentation).layer.as_deref(),
        Some("crypto_object")
    );
    let half = Exr::new(&[("crypto_object00.r", HALF), ("crypto_object00.g", HALF)]).layout();
    assert_eq!(
        half.choose(Control::Segmentation).reason,
        Reason::Refused(Refusal::HalfIds)
    );
}

#[test]
fn a_frame_that_differs_from_the_shot_is_named() {
    let shot = Reader::open(fixture("blender_multilayer.0001.exr"))
        .unwrap()
        .layout(None)
        .unwrap();
    let same = Reader::open(fixture("blender_multilayer.0002.exr"))
        .unwrap()
        .layout(None)
        .unwrap();
    shot.check(&same).unwrap();
    let other = fixture("blender_file_output.0001.exr");
    let error = cosmos_exr::read(
        &other,
        &cosmos_exr::Request::layers(["Depth"]).expect(shot.clone()),
    )
    .unwrap_err();
    match &error {
        Error::LayoutDiffers {
            path,
            missing,
            unexpected,
            ..
        } => {
            assert_eq!(*path, other);
            assert!(missing.contains(&"ViewLayer.Depth.Z".to_owned()));
            assert!(unexpected.contains(&"Image.R".to_owned()));
        }
        other => panic!("{other:?}"),
    }
    let small = Exr::new(&[("R", HALF)]).layout();
    let typed = Exr::new(&[("R", FLOAT)])
        .with("displayWindow", "box2i", common::window(0, 0, 9, 9))
        .layout();
    let error = small.check(&typed).unwrap_err().to_string();
    assert!(
        error.contains("R is float, half in the shot; the picture is 10x10, 8x6 in the shot"),
        "{error}"
    );
}

#[test]
fn layers_are_found_by_part_of_their_name() {
    let layout = layout(&["A.Depth.Z", "B.Depth.Z", "A.Mist.Z"]);
    assert_eq!(layout.layer("Mist").unwrap().name, "A.Mist");
    assert_eq!(layout.layer("a.mist").unwrap().name, "A.Mist");
    assert!(
        matches!(layout.layer("Depth"), Err(Error::AmbiguousLayer { fitting, .. }) if fitting.len() == 2)
    );
    assert!(
        matches!(layout.layer("Normal"), Err(Error::NoSuchLayer { known, .. }) if known.len() == 3)
    );
}

#[test]
fn a_caller_may_name_the_layer() {
    let reader = Reader::open(fixture("blender_multilayer.0001.exr")).unwrap();
    let layout = reader.layout(None).unwrap();
    let choice = layout.choose_named(Control::Depth, "mist").unwrap();
    assert_eq!(choice.layer.as_deref(), Some("ViewLayer.Mist"));
    assert_eq!(choice.reason, Reason::Named);
    assert_eq!(choice.others[0].layer, "ViewLayer.Depth");
    assert!(matches!(
        layout.choose_named(Control::Edge, "lines"),
        Err(Error::NoSuchLayer { .. })
    ));
    let deep = Reader::open(fixture("deep.exr"))
        .unwrap()
        .layout(None)
        .unwrap();
    let name = deep.layers[0].name.clone();
    assert!(matches!(
        deep.choose_named(Control::Color, &name),
        Err(Error::Unsupported { .. })
    ));
}

#[test]
fn odd_headers_are_read() {
    // A channel list out of order, text that ends with a zero byte, a type of attribute that nobody knows.
    let file = Exr::new(&[("Z", FLOAT), ("B", HALF), ("G", HALF), ("R", HALF)])
        .with(
            "channels",
            "chlist",
            channel_list(&[("Z", FLOAT), ("R", HALF), ("G", HALF), ("B", HALF)]),
        )
        .with("Software", "string", b"Karma\0".to_vec())
        .with("thing", "thingtype", vec![1, 2, 3])
        .with(
            "framesPerSecond",
            "rational",
            [24000_i32.to_le_bytes(), 1001_i32.to_le_bytes()].concat(),
        );
    let reader = open(file.bytes()).unwrap();
    assert_eq!(reader.header().software().as_deref(), Some("Karma"));
    assert_eq!(reader.header().frames_per_second(), Some((24000, 1001)));
    assert_eq!(
        taken(&reader.layout(None).unwrap()),
        some(["RGBA", "Z", "", "", ""])
    );
}
