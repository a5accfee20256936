//! What a view does with colors that no witness was shown.

use cosmos_color::{Chromaticities, ColorError, Pixels, Transform, View};
use proptest::prelude::*;

fn plain(view: View) -> Transform {
    Transform::new(view, 0.0, 1.0, &Chromaticities::REC709).expect("the settings are in range")
}

fn shown(transform: &Transform, colors: &[f32]) -> Vec<u8> {
    let mut shown = vec![0; colors.len()];
    transform
        .apply_rgb8(Pixels::Rgb(colors), &mut shown)
        .expect("the colors are whole pixels");
    shown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_layout_shows_the_same(colors in prop::collection::vec(any::<[f32; 4]>(), 0..600)) {
        let rgba: Vec<f32> = colors.iter().flatten().copied().collect();
        let rgb: Vec<f32> = colors.iter().flat_map(|color| &color[..3]).copied().collect();
        let planes = [0, 1, 2].map(|channel| colors.iter().map(|color| color[channel]).collect::<Vec<f32>>());
        for view in View::ALL {
            let transform = plain(view);
            let expected = shown(&transform, &rgb);
            let mut output = vec![0; rgb.len()];
            prop_assert_eq!(transform.apply_rgb8(Pixels::Rgba(&rgba), &mut output), Ok(()));
            prop_assert_eq!(&output, &expected);
            let planes = [&planes[0][..], &planes[1][..], &planes[2][..]];
            prop_assert_eq!(transform.apply_rgb8(Pixels::Planes(planes), &mut output), Ok(()));
            prop_assert_eq!(&output, &expected);
            let mut fine = vec![0; rgb.len()];
            prop_assert_eq!(transform.apply_rgb16(Pixels::Rgb(&rgb), &mut fine), Ok(()));
            for (fine, coarse) in fine.iter().zip(&expected) {
                prop_assert!((f32::from(*fine) / 257.0 - f32::from(*coarse)).abs() < 0.51);
            }
        }
    }

    #[test]
    fn brighter_gray_is_never_darker(one in -20f32..20.0, other in -20f32..20.0, gamma in 0.2f32..5.0) {
        let (dark, bright) = (one.min(other).exp2(), one.max(other).exp2());
        for view in View::ALL {
            let transform = Transform::new(view, 0.0, gamma, &Chromaticities::REC709).expect("the settings are in range");
            let grays = shown(&transform, &[dark, dark, dark, bright, bright, bright]);
            prop_assert!(grays[0] <= grays[3], "{} {:?}", view, grays);
        }
    }

    #[test]
    fn primaries_do_not_matter_where_both_spaces_hold_a_color(color in prop::array::uniform3(0.01f32..4.0)) {
        // Rec.709 to BT.2020, as ITU-R BT.2087 gives it.
        const TO_REC2020: [[f32; 3]; 3] =
            [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]];
        let wide = TO_REC2020.map(|row| row.iter().zip(&color).map(|(weight, value)| weight * value).sum::<f32>());
        for view in [View::Standard, View::Filmic, View::Agx, View::Aces] {
            let source = Transform::new(view, 0.0, 1.0, &Chromaticities::REC2020).expect("the settings are in range");
            for (ours, expected) in shown(&source, &wide).iter().zip(shown(&plain(view), &color)) {
                prop_assert!(ours.abs_diff(expected) <= 1, "{} {:?}", view, color);
            }
        }
    }
}

#[test]
fn what_is_no_number_is_black_and_infinity_the_most() {
    for view in View::ALL {
        let transform = plain(view);
        let black = shown(&transform, &[0.0; 3]);
        assert_eq!(shown(&transform, &[f32::NAN; 3]), black, "{view}");
        assert_eq!(shown(&transform, &[f32::NEG_INFINITY; 3]), black, "{view}");
        assert_eq!(shown(&transform, &[f32::INFINITY; 3]), [255; 3], "{view}");
        assert_eq!(shown(&transform, &[f32::MAX; 3]), [255; 3], "{view}");
        assert_eq!(
            shown(&transform, &[f32::INFINITY, 0.0, f32::NAN])[0],
            255,
            "{view}"
        );
    }
}

#[test]
fn a_stop_of_exposure_doubles_the_light() {
    let colors = [0.02, 0.18, 0.4, 1.0, 0.3, 0.05];
    let twice = colors.map(|value| 2.0 * value);
    for view in View::ALL {
        let brighter = Transform::new(view, 1.0, 1.0, &Chromaticities::REC709)
            .expect("the settings are in range");
        assert_eq!(
            shown(&brighter, &colors),
            shown(&plain(view), &twice),
            "{view}"
        );
    }
}

#[test]
fn raw_shows_the_values_themselves() {
    let values: Vec<f32> = (0..=255)
        .flat_map(|value| [f32::from(value as u8) / 255.0; 3])
        .collect();
    let expected: Vec<u8> = (0..=255).flat_map(|value| [value; 3]).collect();
    assert_eq!(shown(&plain(View::Raw), &values), expected);
    assert_eq!(shown(&plain(View::Raw), &[-0.5, 0.5, 1.5]), [0, 128, 255]);
}

#[test]
fn settings_and_slices_out_of_range_are_refused() {
    let rec709 = Chromaticities::REC709;
    for exposure in [f32::NAN, f32::INFINITY, 65.0] {
        assert!(matches!(
            Transform::new(View::Agx, exposure, 1.0, &rec709),
            Err(ColorError::Exposure(_))
        ));
    }
    for gamma in [f32::NAN, 0.0, -1.0, 101.0] {
        assert!(matches!(
            Transform::new(View::Agx, 0.0, gamma, &rec709),
            Err(ColorError::Gamma(_))
        ));
    }
    let transform = plain(View::Standard);
    let refused = |pixels, length| {
        transform
            .apply_rgb8(pixels, &mut vec![0; length])
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        refused(Pixels::Rgb(&[0.0; 4]), 3),
        Err("the colors are not whole pixels: 4 values of 3 channels".to_owned())
    );
    assert_eq!(
        refused(Pixels::Planes([&[0.0], &[], &[0.0]]), 3),
        Err("the colors are not whole pixels: planes of 1, 0 and 1 values".to_owned())
    );
    assert_eq!(
        refused(Pixels::Rgba(&[0.0; 8]), 7),
        Err("2 pixels need room for 6 values, not 7".to_owned())
    );
}
