//! Our controls against those that OpenCV and PyTorch made of the same pictures (`make/witness.py`).

use cosmos_derive::{Blur, Edge, Program, Scratch, Strength};

struct Picture {
    name: &'static str,
    size: (usize, usize),
    rgb: &'static [u8],
    edges: &'static [u8],
}

const PROCEDURAL: Picture = Picture {
    name: "procedural",
    size: (61, 43),
    rgb: include_bytes!("fixtures/procedural-61x43.rgb"),
    edges: include_bytes!("fixtures/procedural-61x43-edge.u8"),
};
const RENDERED: Picture = Picture {
    name: "rendered",
    size: (80, 45),
    rgb: include_bytes!("fixtures/rendered-80x45.rgb"),
    edges: include_bytes!("fixtures/rendered-80x45-edge.u8"),
};

#[test]
fn edges_are_opencv_s_bit_for_bit() {
    let mut scratch = Scratch::default();
    for picture in [&PROCEDURAL, &RENDERED] {
        for (bit, strength) in Strength::ALL.into_iter().enumerate() {
            let (width, height) = picture.size;
            let ours = Edge::new(strength)
                .apply(picture.rgb, width, height, &mut scratch)
                .expect("the frame is whole");
            let theirs: Vec<u8> = picture
                .edges
                .iter()
                .map(|bits| 255 * (bits >> bit & 1))
                .collect();
            let lines = theirs.iter().filter(|&&pixel| pixel == 255).count();
            assert!(
                lines > 0,
                "{} has nothing to compare at {strength}",
                picture.name
            );
            let different = ours
                .iter()
                .zip(&theirs)
                .filter(|(ours, theirs)| ours != theirs)
                .count();
            assert_eq!(
                different, 0,
                "{} at {strength}: of {lines} edge pixels",
                picture.name
            );
        }
    }
}

/// Holds a blur to its witness: no value off by more than one level, and few of them.
fn check(picture: &Picture, program: Program, strength: Strength, theirs: &[u8]) {
    let (width, height) = picture.size;
    let ours = Blur::new(program, strength)
        .apply(picture.rgb, width, height, &mut Scratch::default())
        .expect("the frame is whole");
    assert_eq!(ours.len(), theirs.len());
    let differences = || {
        ours.iter()
            .zip(theirs)
            .map(|(ours, theirs)| ours.abs_diff(*theirs))
    };
    let largest = differences().max().unwrap_or(0);
    let different = differences().filter(|&difference| difference > 0).count();
    assert!(
        largest <= 1 && different * 100 <= ours.len(),
        "{} {program:?} {strength}: largest difference {largest}, {different} of {} values",
        picture.name,
        ours.len()
    );
}

fn check_all(program: Program, rendered: &[u8], procedural: &[u8]) {
    for (strength, theirs) in Strength::ALL
        .into_iter()
        .zip(rendered.chunks_exact(RENDERED.rgb.len()))
    {
        check(&RENDERED, program, strength, theirs);
    }
    check(&PROCEDURAL, program, Strength::Medium, procedural);
}

#[test]
fn vis_of_transfer1_is_opencv_s_and_pytorch_s() {
    check_all(
        Program::Transfer1,
        include_bytes!("fixtures/rendered-80x45-transfer1.rgb"),
        include_bytes!("fixtures/procedural-61x43-transfer1.rgb"),
    );
}

#[test]
fn vis_of_transfer25_is_opencv_s_and_pytorch_s() {
    check_all(
        Program::Transfer25,
        include_bytes!("fixtures/rendered-80x45-transfer25.rgb"),
        include_bytes!("fixtures/procedural-61x43-transfer25.rgb"),
    );
}

#[test]
fn blur_of_cosmos3_is_opencv_s() {
    check_all(
        Program::Cosmos3,
        include_bytes!("fixtures/rendered-80x45-cosmos3.rgb"),
        include_bytes!("fixtures/procedural-61x43-cosmos3.rgb"),
    );
}
