//! What measurement tells about rendered shots.

use cosmos_workflow::look::{Brightness, Camera, DepthShares, Light, Motion, MotionFrame, Near};
use cosmos_workflow::look::{count_labels, frame_pairs, palette};
use image::{DynamicImage, RgbImage};

use sample_shot::{City, Shot};

fn camera(frames: &[RgbImage]) -> Option<Camera> {
    let small: Vec<_> = frames.iter().map(MotionFrame::new).collect();
    let shifts: Vec<_> = frame_pairs(frames.len())
        .iter()
        .map(|pair| {
            (
                pair.second - pair.first,
                small[pair.first].shift_to(&small[pair.second]),
            )
        })
        .collect();
    let [width, height] = frames.first().map_or([1, 1], |f| [f.width(), f.height()]);
    Camera::from_shifts(
        &shifts,
        frames.len(),
        f64::from(height) / f64::from(width),
        24.0,
    )
}

#[test]
fn the_sample_city_is_what_it_looks_like() {
    let shot = Shot {
        width: 192,
        height: 108,
        frames: 12,
        ..Shot::default()
    };
    let city = City::new(shot.seed);
    let frames: Vec<_> = (0..shot.frames)
        .map(|index| shot.render_frame(&city, index))
        .collect();
    let color: Vec<_> = frames
        .iter()
        .map(|frame| DynamicImage::ImageRgba8(frame.color.clone()).into_rgb8())
        .collect();
    let depth: Vec<_> = frames
        .iter()
        .map(|frame| DynamicImage::ImageLuma16(frame.depth.clone()).into_rgb8())
        .collect();
    let motion = camera(&color).unwrap().motion;
    // It travels along an avenue and turns to the right.
    assert!(motion.contains(&Motion::PushIn), "{motion:?}");
    assert!(motion.contains(&Motion::PanRight), "{motion:?}");
    assert_eq!(
        Light::measure(&color).unwrap().brightness,
        Brightness::Normal
    );
    assert_eq!(DepthShares::measure(&depth).unwrap().near_is, Near::Bright);
    let names: Vec<_> = palette(&color)
        .into_iter()
        .map(|named| named.name)
        .collect();
    assert_eq!(names, ["gray", "brown"]);
    let labels = count_labels(frames.iter().map(|frame| &frame.segmentation));
    assert!((15..60).contains(&labels), "{labels}");
}
