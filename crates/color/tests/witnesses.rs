//! Our views against pictures that Blender and OpenColorIO made of the same colors.

use cosmos_color::{Chromaticities, Pixels, Transform, View};

static SAMPLES: &[u8] = include_bytes!("fixtures/samples.f32");

fn samples() -> Vec<f32> {
    SAMPLES
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect()
}

/// The largest difference of a channel for each color, sorted.
fn differences(transform: &Transform, witness: &[u8]) -> Vec<u8> {
    let colors = samples();
    let mut shown = vec![0; colors.len()];
    transform
        .apply_rgb8(Pixels::Rgb(&colors), &mut shown)
        .expect("the fixture is whole pixels");
    assert_eq!(shown.len(), witness.len());
    let mut differences: Vec<u8> = shown
        .chunks_exact(3)
        .zip(witness.chunks_exact(3))
        .map(|(ours, theirs)| {
            ours.iter()
                .zip(theirs)
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .unwrap_or(0)
        })
        .collect();
    differences.sort_unstable();
    differences
}

/// Holds a view to its witness: at most `percentile` levels for 99.9 of 100 colors, at most `most` for any.
fn check(name: &str, transform: &Transform, witness: &[u8], percentile: u8, most: u8) {
    let differences = differences(transform, witness);
    let found = differences[(differences.len() - 1) * 999 / 1000];
    let worst = differences[differences.len() - 1];
    let equal = differences
        .iter()
        .filter(|&&difference| difference == 0)
        .count();
    let summary = format!(
        "{name}: {worst} at most, {found} at the 99.9th percentile, {equal} of {} colors equal",
        differences.len()
    );
    assert!(found <= percentile && worst <= most, "{summary}");
    std::io::Write::write_all(&mut std::io::stderr(), format!("{summary}\n").as_bytes())
        .expect("stderr is open");
}

fn plain(view: View) -> Transform {
    Transform::new(view, 0.0, 1.0, &Chromaticities::REC709).expect("the settings are in range")
}

#[test]
fn standard_is_blender_s() {
    let standard = plain(View::Standard);
    check(
        "Blender 3.4 Standard",
        &standard,
        include_bytes!("fixtures/blender-3.4-standard.u8"),
        1,
        1,
    );
    check(
        "Blender 4.2 Standard",
        &standard,
        include_bytes!("fixtures/blender-4.2-standard.u8"),
        1,
        1,
    );
}

#[test]
fn filmic_is_blender_s() {
    let filmic = plain(View::Filmic);
    check(
        "Blender 3.4 Filmic",
        &filmic,
        include_bytes!("fixtures/blender-3.4-filmic.u8"),
        1,
        1,
    );
    // Blender 4 ships a coarser table, which differs from Blender 3's where saturated light is very bright.
    check(
        "Blender 4.2 Filmic",
        &filmic,
        include_bytes!("fixtures/blender-4.2-filmic.u8"),
        3,
        4,
    );
}

#[test]
fn exposure_and_gamma_are_blender_s() {
    let filmic = Transform::new(View::Filmic, 1.5, 1.3, &Chromaticities::REC709)
        .expect("the settings are in range");
    let witness = include_bytes!("fixtures/blender-3.4-filmic-exposure-1.5-gamma-1.3.u8");
    check(
        "Blender 3.4 Filmic, +1.5 stops, gamma 1.3",
        &filmic,
        witness,
        1,
        1,
    );
}

#[test]
fn agx_is_blender_s() {
    check(
        "Blender 4.2 AgX",
        &plain(View::Agx),
        include_bytes!("fixtures/blender-4.2-agx.u8"),
        1,
        1,
    );
}

#[test]
fn aces_is_opencolorio_s() {
    check(
        "OpenColorIO ACES 1.3",
        &plain(View::Aces),
        include_bytes!("fixtures/ocio-aces.u8"),
        1,
        1,
    );
}
