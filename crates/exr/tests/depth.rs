//! Depth: counts, percentiles, the stretch; and pictures with values that are no colors.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::fixture;
use cosmos_exr::Request;
use cosmos_exr::beauty::{BRIGHTEST, Repairs, repair};
use cosmos_exr::depth::{DepthRange, DepthSummary, PERCENTILES, SKY, apply_mist};
use proptest::prelude::*;

fn blender(frame: u32) -> Vec<f32> {
    let path = fixture(&format!("blender_multilayer.{frame:04}.exr"));
    let frame = cosmos_exr::read(path, &Request::layers(["Depth"])).unwrap();
    frame.layers[0].planes[0].floats().unwrap().to_vec()
}

#[test]
fn blenders_sky_takes_nothing_of_the_range() {
    let (one, two) = (blender(1), blender(2));
    let mut shot = DepthSummary::of(&one);
    // 1332 pixels at 1e10, by numpy over what the OpenEXR library reads.
    assert_eq!(
        (shot.sky, shot.surface, shot.pixels()),
        (1332, 64 * 48 - 1332, 64 * 48)
    );
    shot.merge(&DepthSummary::of(&two));
    assert!(!shot.is_normalized());
    assert!(DepthSummary::of(&[0.0, 0.25, 1.0]).is_normalized());
    let range = shot.range(PERCENTILES.0, PERCENTILES.1).unwrap();
    let (nearest, farthest) = shot.extremes().unwrap();
    assert!(
        nearest <= range.near() && range.far() <= farthest && farthest < 1000.0,
        "{range:?} {nearest} {farthest}"
    );
    let mut bright = one.clone();
    range.apply(&mut bright);
    for (z, bright) in one.iter().zip(&bright) {
        assert!((0.0..=1.0).contains(bright));
        if *z >= SKY {
            assert_eq!(*bright, 0.0);
        }
    }
    assert!(bright.contains(&1.0), "something is as near as can be");
    let (before, behind) = range.clipped(&shot);
    assert!(before <= 0.011 && behind <= 0.011, "{before} {behind}");
}

#[test]
fn flaws_are_counted_and_become_black() {
    let mut z = [
        2.0,
        8.0,
        4.0,
        f32::INFINITY,
        1e10,
        1e30,
        f32::NAN,
        -3.0,
        f32::NEG_INFINITY,
        0.0,
        -0.0,
        1.0,
        90.0,
    ];
    let found = DepthSummary::of(&z);
    assert_eq!(
        (
            found.surface,
            found.sky,
            found.nan,
            found.negative,
            found.zero
        ),
        (5, 3, 1, 2, 2)
    );
    DepthRange::new(8.0, 2.0).unwrap().apply(&mut z);
    // 1/4 is a third of the way from 1/8 to 1/2.
    let expected = [
        1.0,
        0.0,
        1.0 / 3.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        1.0,
        0.0,
    ];
    for (ours, expected) in z.iter().zip(expected) {
        assert!((ours - expected).abs() < 1e-6, "{ours} {expected}");
    }
}

#[test]
fn what_makes_no_range_makes_none() {
    for depth in [
        vec![],
        vec![f32::INFINITY; 9],
        vec![f32::NAN; 9],
        vec![-1.0; 9],
        vec![5.0; 9],
    ] {
        assert_eq!(
            DepthSummary::of(&depth).range(PERCENTILES.0, PERCENTILES.1),
            None,
            "{depth:?}"
        );
    }
    for (near, far) in [
        (0.0, 1.0),
        (-1.0, 2.0),
        (1.0, 1.0),
        (1.0, f32::INFINITY),
        (f32::NAN, 1.0),
        (1.0, f32::NAN),
    ] {
        assert_eq!(DepthRange::new(near, far), None, "{near} {far}");
    }
}

#[test]
fn one_pixel_before_the_lens_does_not_take_the_range() {
    let mut depth: Vec<f32> = (0..10_000).map(|n| 10.0 + n as f32 / 1000.0).collect();
    depth[77] = 1e-4;
    let range = DepthSummary::of(&depth)
        .range(PERCENTILES.0, PERCENTILES.1)
        .unwrap();
    assert!((9.9..10.2).contains(&range.near()), "{range:?}");
    assert!((19.8..20.1).contains(&range.far()), "{range:?}");
}

#[test]
fn mist_is_turned_round() {
    let mut mist = [0.0, 0.25, 1.0, 1.5, -1.0, f32::NAN];
    apply_mist(&mut mist, false);
    assert_eq!(mist, [1.0, 0.75, 0.0, 0.0, 1.0, 0.0]);
    apply_mist(&mut mist, true);
    assert_eq!(mist, [1.0, 0.75, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn pictures_are_repaired() {
    let frame = cosmos_exr::read(fixture("flaws.exr"), &Request::layers(["RGBA"])).unwrap();
    let mut total = Repairs::default();
    for plane in &frame.layers[0].planes {
        let mut values = plane.floats().unwrap().to_vec();
        let found = repair(&mut values);
        assert!(
            values
                .iter()
                .all(|value| value.is_finite() && *value <= BRIGHTEST)
        );
        total.merge(found);
    }
    assert_eq!((total.nan, total.infinite, total.any()), (1, 2, true));
    assert!(total.negative >= 1);
}

proptest! {
    #[test]
    fn percentiles_are_those_of_the_sorted_values(
        mut depth in prop::collection::vec(prop_oneof![1e-3_f32..1e6, 1.0_f32..20.0, Just(1e10), Just(f32::NAN)], 1..400),
        share in 0.0..=1.0_f64,
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(depth.len());
        let mut summary = DepthSummary::of(&depth[cut..]);
        summary.merge(&DepthSummary::of(&depth[..cut]));
        prop_assert_eq!(&summary, &DepthSummary::of(&depth));
        depth.retain(|z| *z < SKY);
        depth.sort_by(f32::total_cmp);
        match summary.percentile(share) {
            None => prop_assert!(depth.is_empty()),
            Some(z) => {
                let at = share * depth.len() as f64;
                let below = depth[(at - 1.0).floor().clamp(0.0, depth.len() as f64 - 1.0) as usize];
                let above = depth[(at.ceil() as usize).min(depth.len() - 1)];
                prop_assert!(z >= below * 0.994 && z <= above * 1.006, "{} {} {}", below, z, above);
            }
        }
    }

    #[test]
    fn brightness_falls_with_distance(a in 1e-3_f32..1e8, b in 1e-3_f32..1e8, near in 1e-3_f32..1e5, more in 1.01_f32..1e3) {
        let range = DepthRange::new(near, near * more).unwrap();
        let mut pair = [a.min(b), a.max(b)];
        range.apply(&mut pair);
        prop_assert!(pair[0] >= pair[1]);
        prop_assert!((0.0..=1.0).contains(&pair[0]) && (0.0..=1.0).contains(&pair[1]));
    }
}

#[test]
fn the_sky_of_eevee_takes_nothing_of_the_range() {
    let depth = [5.0, 10.0, 20.0, 65_504.0, 65_504.0];
    let summary = DepthSummary::of(&depth);
    assert_eq!((summary.surface, summary.sky), (3, 2));
    assert_eq!(summary.extremes(), Some((5.0, 20.0)));
    let mut bright = depth;
    DepthRange::new(5.0, 20.0).unwrap().apply(&mut bright);
    assert_eq!((bright[0], bright[3]), (1.0, 0.0));
}
