//! The tagger and the detector on pictures, through the library, with the engine that `scripts/setup.sh` installs.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

#[path = "cli/support/models.rs"]
#[allow(dead_code, reason = "the tests of the binary need more of it")]
mod models;
#[path = "cli/support/onnx.rs"]
#[allow(dead_code, reason = "the tests of the binary need more of it")]
mod onnx;

use std::path::Path;

use cosmos_workflow::ai::{AiError, Detector, ModelStore, Places, Tagger, Task};
use image::{Rgb, RgbImage};
use models::{engine, shipped};

/// The models of `folder` and of no other.
fn store(folder: &Path) -> ModelStore {
    let places = Places {
        current_dir: folder.join("nowhere"),
        ..Places::default()
    };
    ModelStore::open_in(Some(folder), &places).unwrap()
}

fn tagger() -> Tagger {
    Tagger::open(&engine(), &store(&shipped())).unwrap()
}

fn detector() -> Detector {
    Detector::open(&engine(), &store(&shipped())).unwrap()
}

fn photo(name: &str) -> RgbImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos");
    image::open(folder.join(name)).unwrap().to_rgb8()
}

fn odd_pictures() -> Vec<RgbImage> {
    let plain = |width, height, value| RgbImage::from_pixel(width, height, Rgb([value; 3]));
    vec![
        plain(640, 360, 0),
        plain(640, 360, 255),
        plain(1, 1, 128),
        plain(1, 900, 40),
        plain(900, 1, 40),
        plain(8192, 4320, 90),
    ]
}

/// Expected are the scores of Pillow and Python's onnxruntime 1.32.0 on the same files.
#[test]
fn photos_get_the_words_and_scores_of_the_reference() {
    let tagger = tagger();
    for (name, expected) in [
        (
            "cat.jpg",
            [
                ("tiger cat", 0.370),
                ("Egyptian cat", 0.364),
                ("tabby", 0.191),
            ],
        ),
        (
            "coffee.jpg",
            [("espresso", 0.873), ("consomme", 0.050), ("cup", 0.020)],
        ),
    ] {
        let tags = tagger.tags(&photo(name)).unwrap();
        for (tag, (label, score)) in tags.iter().zip(expected) {
            assert_eq!(tag.label, label, "{tags:?}");
            assert!((tag.score - score).abs() < 0.02, "{tags:?}");
        }
        assert!(tags.is_sorted_by(|a, b| a.score >= b.score));
        assert!(tags.iter().map(|tag| tag.score).sum::<f64>() <= 1.0);
    }
}

/// Expected is the surest box of the reference, in pixels of the photo, where it lies inside.
#[test]
fn things_on_photos_are_found_once_and_where_they_are() {
    let detector = detector();
    for (name, label, score, bounds) in [
        ("cat.jpg", "cat", 0.864, [4.8, 0.0, 319.6, 238.1]),
        ("coffee.jpg", "cup", 0.989, [103.0, 8.9, 249.5, 172.3]),
    ] {
        let objects = detector.objects(&photo(name)).unwrap();
        let found: Vec<_> = objects
            .iter()
            .filter(|object| object.label == label)
            .collect();
        assert_eq!(found.len(), 1, "{objects:?}");
        assert!((found[0].score - score).abs() < 0.02, "{objects:?}");
        for (edge, expected) in found[0].bounds.iter().zip(bounds) {
            assert!((edge - expected).abs() < 3.0, "{objects:?}");
        }
    }
}

#[test]
fn boxes_are_in_pixels_of_the_picture_whatever_its_size() {
    let photo = photo("coffee.jpg");
    let wide = image::imageops::resize(&photo, 1440, 480, image::imageops::FilterType::Triangle);
    let objects = detector().objects(&wide).unwrap();
    let cup = objects.iter().find(|object| object.label == "cup").unwrap();
    for (edge, expected) in cup.bounds.iter().zip([412.0, 17.8, 998.0, 344.6]) {
        assert!((edge - expected).abs() < 20.0, "{cup:?}");
    }
}

#[test]
fn odd_pictures_are_looked_at_like_any_other() {
    let (tagger, detector) = (tagger(), detector());
    for picture in odd_pictures() {
        let tags = tagger.tags(&picture).unwrap();
        assert_eq!(tags.len(), 10);
        assert!(tags.iter().all(|tag| tag.score.is_finite()));
        let (width, height) = picture.dimensions();
        for object in detector.objects(&picture).unwrap() {
            let [left, top, right, bottom] = object.bounds;
            assert!(
                0.0 <= left && left < right && right <= f64::from(width),
                "{object:?}"
            );
            assert!(
                0.0 <= top && top < bottom && bottom <= f64::from(height),
                "{object:?}"
            );
        }
    }
}

#[test]
fn a_picture_without_pixels_is_refused() {
    let nothing = RgbImage::new(0, 0);
    assert!(matches!(
        tagger().tags(&nothing),
        Err(AiError::Picture { .. })
    ));
    assert!(matches!(
        detector().objects(&nothing),
        Err(AiError::Picture { .. })
    ));
}

#[test]
fn the_same_picture_gets_the_same_answer_from_several_threads() {
    let (tagger, detector, photo) = (tagger(), detector(), photo("cat.jpg"));
    let look = || {
        (
            tagger.tags(&photo).unwrap(),
            detector.objects(&photo).unwrap(),
        )
    };
    let once = look();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(look)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), once);
        }
    });
}

#[test]
fn what_a_detector_says_is_clipped_thinned_out_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let graph = models::detector(
        &[
            [-0.5, 0.25, 0.5, 1.5],
            [-0.4, 0.25, 0.5, 1.0],
            [0.5, 0.0, 1.0, 0.5],
        ],
        &[[0.9, 0.8, 0.0], [0.0, 0.7, 0.6], [0.0, 0.5, 0.1]],
    );
    models::write_detector(folder.path(), &graph);
    let detector = Detector::open(&engine(), &store(folder.path())).unwrap();
    let objects = detector.objects(&RgbImage::new(200, 100)).unwrap();
    let found: Vec<_> = objects
        .iter()
        .map(|object| (&*object.label, object.bounds))
        .collect();
    let upper_right = [50.0, 0.0, 200.0, 50.0];
    assert_eq!(found, [("cat", upper_right), ("dog", upper_right)]);
    assert_eq!(detector.model().entry.name, "small-detector");
}

#[test]
fn a_task_without_a_model_is_an_error_that_says_where_was_looked() {
    let folder = tempfile::tempdir().unwrap();
    models::write_tagger(folder.path(), &models::tagger([1.0, 2.0, 3.0]));
    let refused = Detector::open(&engine(), &store(folder.path())).unwrap_err();
    assert!(
        matches!(
            refused,
            AiError::NoModel {
                task: Task::Objects,
                ..
            }
        ),
        "{refused}"
    );
    let folder = folder.path().display().to_string();
    assert!(refused.to_string().contains(&folder), "{refused}");
}
