//! No size and no content makes a control fail.

use cosmos_derive::{Blur, DeriveError, Edge, Program, Scratch, Strength};
use proptest::prelude::*;

fn frames() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    (1usize..40, 1usize..40).prop_flat_map(|(width, height)| {
        (
            Just(width),
            Just(height),
            prop::collection::vec(any::<u8>(), 3 * width * height),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_frame_has_edges_and_blurs((width, height, rgb) in frames()) {
        let mut scratch = Scratch::default();
        for strength in Strength::ALL {
            let edge = Edge::new(strength).apply(&rgb, width, height, &mut scratch);
            prop_assert_eq!(edge.map(|edge| edge.len()), Ok(width * height));
            for program in [Program::Transfer1, Program::Transfer25, Program::Cosmos3] {
                let vis = Blur::new(program, strength).apply(&rgb, width, height, &mut scratch);
                prop_assert_eq!(vis.map(|vis| vis.len()), Ok(rgb.len()));
            }
        }
    }

    #[test]
    fn what_a_scratch_held_before_does_not_matter((width, height, rgb) in frames(), other in frames()) {
        let mut used = Scratch::default();
        let edge = Edge::new(Strength::VeryLow);
        let blur = Blur::new(Program::Cosmos3, Strength::Low);
        edge.apply(&other.2, other.0, other.1, &mut used).expect("the frame is whole");
        blur.apply(&other.2, other.0, other.1, &mut used).expect("the frame is whole");
        let fresh = || Scratch::default();
        prop_assert_eq!(
            edge.apply(&rgb, width, height, &mut used),
            edge.apply(&rgb, width, height, &mut fresh())
        );
        prop_assert_eq!(
            blur.apply(&rgb, width, height, &mut used),
            blur.apply(&rgb, width, height, &mut fresh())
        );
    }
}

#[test]
fn frames_of_one_color_stay_and_have_no_edges() {
    let rgb = [90, 20, 200].repeat(33 * 21);
    let mut scratch = Scratch::default();
    for strength in Strength::ALL {
        let edge = Edge::new(strength)
            .apply(&rgb, 33, 21, &mut scratch)
            .expect("the frame is whole");
        assert!(edge.iter().all(|&pixel| pixel == 0));
        for program in [Program::Transfer1, Program::Transfer25, Program::Cosmos3] {
            assert_eq!(
                Blur::new(program, strength)
                    .apply(&rgb, 33, 21, &mut scratch)
                    .as_ref(),
                Ok(&rgb)
            );
        }
    }
}

#[test]
fn what_is_no_frame_is_refused() {
    let mut scratch = Scratch::default();
    let edge = Edge::with_thresholds(100, 50);
    assert_eq!(edge, Edge::new(Strength::Low));
    assert_eq!(
        edge.apply(&[], 0, 3, &mut scratch),
        Err(DeriveError::Empty {
            width: 0,
            height: 3
        })
    );
    assert_eq!(
        edge.apply(&[0; 5], 1, 2, &mut scratch),
        Err(DeriveError::Length {
            width: 1,
            height: 2,
            expected: 6,
            found: 5
        })
    );
    let blur = Blur::new(Program::Transfer1, Strength::Medium);
    assert_eq!(
        blur.apply(&[0; 3], usize::MAX, 2, &mut scratch),
        Err(DeriveError::TooLarge {
            width: usize::MAX,
            height: 2
        })
    );
}
