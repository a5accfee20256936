//! Pixels against what the OpenEXR library and oiiotool read from the same files.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeMap;

use common::{Expected, expected, fixture, fnv, words};
use cosmos_exr::{Plane, Reader, Request, Role};

/// Planes and their layer's role by part and channel name.
type Planes = BTreeMap<(usize, String), (Plane, Role)>;

/// All channels of a file that can be read, by part and channel name, from one read for each view.
fn read_all(file: &str, parallel: bool) -> (Planes, (u32, u32)) {
    let mut reader = Reader::open(fixture(file)).unwrap();
    let views = match reader.header().views() {
        views if views.is_empty() => vec![None],
        views => views.into_iter().map(Some).collect(),
    };
    let mut planes = BTreeMap::new();
    let mut size = (0, 0);
    for view in views {
        let layout = reader.layout(view.as_deref()).unwrap();
        let readable: Vec<_> = layout
            .layers
            .iter()
            .filter(|layer| layer.refusal.is_none())
            .collect();
        let mut request =
            Request::layers(readable.iter().map(|layer| layer.name.clone())).parallel(parallel);
        request.view = view;
        let frame = reader.read(&request).unwrap();
        size = (frame.width, frame.height);
        for (layer, pixels) in readable.iter().zip(frame.layers) {
            for plane in pixels.planes {
                planes.insert((layer.part, plane.name.clone()), (plane, pixels.role));
            }
        }
    }
    (planes, size)
}

fn by_file(reader: &str) -> BTreeMap<String, Vec<Expected>> {
    let mut files: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    for line in expected().into_iter().filter(|line| line.reader == reader) {
        files.entry(line.file.clone()).or_default().push(line);
    }
    files
}

#[test]
fn every_sample_is_what_the_openexr_library_reads() {
    let mut compared = 0;
    for (file, lines) in by_file("openexr") {
        if file.starts_with("window_") {
            continue;
        }
        for parallel in [false, true] {
            let (planes, size) = read_all(&file, parallel);
            for line in &lines {
                let Some((plane, _)) = planes.get(&(line.part, line.channel.clone())) else {
                    // IDs that a lossy compression destroyed are refused.
                    assert!(
                        file.contains("pxr24") || file.contains("dwa"),
                        "{file} {}",
                        line.channel
                    );
                    assert!(
                        line.channel.starts_with("crypto"),
                        "{file} {}",
                        line.channel
                    );
                    continue;
                };
                assert_eq!(
                    (line.width, line.height),
                    (size.0 as usize, size.1 as usize),
                    "{file}"
                );
                let ours = words(plane);
                if line.values.is_empty() {
                    assert_eq!(fnv(&ours), line.hash, "{file} {}", line.channel);
                    compared += 1;
                    continue;
                }
                let floats = |words: &[u32]| {
                    words
                        .iter()
                        .map(|word| f32::from_bits(*word))
                        .collect::<Vec<_>>()
                };
                for (ours, theirs) in floats(&ours).iter().zip(floats(&line.values)) {
                    // One step of a half: other processors may round the transform otherwise.
                    let close = (ours - theirs).abs() <= theirs.abs() / 1024.0 + 1e-7;
                    assert!(
                        close || (ours.is_nan() && theirs.is_nan()),
                        "{file} {}: {ours} {theirs}",
                        line.channel
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 250, "{compared}");
}

#[test]
fn windows_are_placed_as_oiiotool_places_them() {
    let stored = by_file("openexr");
    let mut filled = 0;
    for (file, lines) in by_file("oiio") {
        let reader = Reader::open(fixture(&file)).unwrap();
        let part = &reader.header().parts[0];
        let (data, display) = (part.data_window, part.display_window);
        let (planes, size) = read_all(&file, false);
        assert_eq!(size, (25, 20), "{file}");
        for line in lines {
            let (plane, role) = &planes[&(0, line.channel.clone())];
            let mut ours = words(plane);
            for (at, word) in ours.iter_mut().enumerate() {
                let x = display.min.0 + (at % line.width) as i32;
                let y = display.min.1 + (at / line.width) as i32;
                let inside = (data.min.0..=data.max.0).contains(&x)
                    && (data.min.1..=data.max.1).contains(&y);
                if !inside {
                    // oiiotool fills with 0; so do we, but for depth.
                    let fill = if *role == Role::Depth {
                        f32::INFINITY.to_bits()
                    } else {
                        0
                    };
                    assert_eq!(*word, fill, "{file} {} at {x}, {y}", line.channel);
                    *word = 0;
                    filled += 1;
                }
            }
            assert_eq!(fnv(&ours), line.hash, "{file} {}", line.channel);
        }
        assert!(stored.contains_key(&file));
    }
    assert!(filled > 1000, "{filled}");
}

#[test]
fn only_what_is_asked_for_comes_back() {
    let frame = cosmos_exr::read(
        fixture("blender_multilayer.0001.exr"),
        &Request::layers(["Depth", "ViewLayer.Depth"]),
    );
    let frame = frame.unwrap();
    assert_eq!(frame.layers.len(), 1);
    assert_eq!(frame.layers[0].planes.len(), 1);
    assert!(!frame.layers[0].is_cropped);
}

#[test]
fn a_damaged_part_that_nobody_asked_for_does_no_harm() {
    let mut content = common::bytes("parts.exr");
    let length = content.len();
    // The last part's blocks stand at the end.
    content[length - 40..].fill(0x55);
    let mut reader = common::open(content).unwrap();
    assert!(reader.read(&Request::layers(["rgba", "depth"])).is_ok());
    assert!(reader.read(&Request::layers(["N"])).is_err());
}
