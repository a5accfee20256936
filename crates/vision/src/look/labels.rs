//! How many things a segmentation tells apart.

use std::collections::{BTreeMap, BTreeSet};

use image::RgbImage;

/// A color covers at least this share of a frame to count as a label; less is a mixed color at an edge.
const MIN_SHARE: f64 = 0.0005;

/// How many labels the segmentation frames `pictures` have together. They must have been made smaller by
/// copying pixels, so that no color is mixed.
#[must_use]
pub fn count_labels<'a>(pictures: impl IntoIterator<Item = &'a RgbImage>) -> usize {
    let mut labels = BTreeSet::new();
    for picture in pictures {
        let mut counts = BTreeMap::<[u8; 3], usize>::new();
        for pixel in picture.pixels() {
            *counts.entry(pixel.0).or_default() += 1;
        }
        let pixels = f64::from(picture.width()) * f64::from(picture.height());
        let enough = |count: usize| count as f64 >= (pixels * MIN_SHARE).max(1.0);
        labels.extend(
            counts
                .into_iter()
                .filter(|&(_, n)| enough(n))
                .map(|(c, _)| c),
        );
    }
    labels.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn labels_are_counted_once_over_all_frames() {
        let bands = |first: u8| {
            RgbImage::from_fn(100, 100, |x, y| match (x, y) {
                (50, 50) => Rgb([1, 2, 3]),
                _ => Rgb([first + (x / 20) as u8, 0, 0]),
            })
        };
        assert_eq!(count_labels([&bands(0)]), 5, "a stray pixel is no label");
        assert_eq!(count_labels([&bands(0), &bands(3)]), 8);
        assert_eq!(count_labels([]), 0);
        let dot = RgbImage::from_pixel(1, 1, Rgb([9; 3]));
        assert_eq!(count_labels([&dot]), 1);
    }
}
