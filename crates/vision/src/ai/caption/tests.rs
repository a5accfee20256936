//! Captioners with random weights against what transformers said to them: see `fixtures/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::layout::{read_configs, read_json};
use super::options::ModelLimits;
use super::*;
use crate::ai::RuntimeOptions;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn captioners() -> Vec<PathBuf> {
    let folders = fs::read_dir(fixtures().join("captioners")).unwrap();
    let folders: Vec<_> = folders.map(|folder| folder.unwrap().path()).collect();
    assert!(folders.len() >= 6);
    folders
}

fn photo(name: &str) -> RgbImage {
    let file = fixtures().join("photos").join(format!("{name}.png"));
    image::open(file).unwrap().into_rgb8()
}

fn floats(file: &Path) -> Vec<f32> {
    let bytes = fs::read(file).unwrap();
    let (floats, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    floats.iter().copied().map(f32::from_le_bytes).collect()
}

fn runtime() -> Runtime {
    Runtime::load(&RuntimeOptions::of_process()).unwrap()
}

fn open(folder: &Path) -> Result<Captioner, CaptionError> {
    Captioner::open(&runtime(), folder)
}

/// A copy of a captioner that may be changed.
fn copy(name: &str) -> TempDir {
    let copy = TempDir::new().unwrap();
    let from = fixtures().join("captioners").join(name);
    for file in Files::find(&from).unwrap().relative() {
        let to = copy.path().join(&file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to).unwrap();
    }
    copy
}

/// Sets `pointer` in the JSON `file`, or removes it where `value` is null.
fn set(folder: &Path, file: &str, pointer: &str, value: Value) {
    let file = folder.join(file);
    let mut json: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(key);
    } else {
        parent.insert(key.to_owned(), value);
    }
    fs::write(file, json.to_string()).unwrap();
}

#[derive(Deserialize)]
struct Case {
    pixels: String,
    set: Map<String, Value>,
    tokens: Vec<u32>,
    text: String,
}

/// The options of `captioner` with changes to its `generation_config.json`.
fn options(captioner: &Captioner, changes: Map<String, Value>) -> GenerationOptions {
    let files = &captioner.files;
    let (model, configured) = read_configs(files).unwrap();
    let file = files.generation.as_ref().unwrap();
    let mut written: Map<String, Value> = read_json(file).unwrap();
    let config: Map<String, Value> = read_json(&files.config).unwrap();
    let is_blip = config["model_type"] == "blip";
    let end = changes.get("sep_token_id").cloned();
    written.extend(changes);
    let limits = ModelLimits {
        start_and_end: is_blip.then(|| (configured.start, configured.end[0])),
        positions: model.positions,
    };
    let mut options = GenerationOptions::from_written(file, &written, limits).unwrap();
    if let Some(end) = end {
        options.end = serde_json::from_value(end).unwrap();
    }
    options
}

#[test]
fn tokens_are_those_of_transformers() {
    for folder in captioners() {
        let name = folder.display();
        let captioner = open(&folder).unwrap();
        let cases: Vec<Case> = read_json(&folder.join("expected.json")).unwrap();
        let side = captioner.preprocessor.fixed_size().unwrap();
        for case in cases {
            let pixels = Pixels {
                height: side.0 as usize,
                width: side.1 as usize,
                planes: floats(&folder.join(&case.pixels)),
            };
            let asked = format!("{name}, {}, {:?}", case.pixels, case.set);
            let options = options(&captioner, case.set);
            let generated = captioner.generate(pixels, &options).unwrap();
            assert_eq!(generated.tokens, case.tokens, "{asked}");
            let text = captioner.tokenizer.decode(&generated.tokens, true).unwrap();
            assert_eq!(text, case.text, "{asked}");
            assert!((0.0..=1.0).contains(&generated.confidence), "{asked}");
        }
    }
}

#[test]
fn a_photo_is_captioned_as_by_transformers() {
    for folder in captioners() {
        let name = folder.display();
        let captioner = open(&folder).unwrap();
        let cases: Vec<Case> = read_json(&folder.join("expected.json")).unwrap();
        for case in cases.iter().filter(|case| case.set.is_empty()) {
            let picture = photo(case.pixels.strip_suffix(".f32").unwrap());
            let caption = captioner.caption(&picture).unwrap();
            assert_eq!(caption.tokens, case.tokens, "{name}, {}", case.pixels);
            assert!(!caption.text.contains(char::is_control), "{}", caption.text);
        }
    }
}

#[test]
fn pictures_are_prepared_as_by_transformers() {
    let folder = fixtures().join("preprocessing");
    let mut compared = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let preprocessor = Preprocessor::read(&file).unwrap();
        for name in ["cat", "coffee"] {
            let prepared = preprocessor.prepare(&photo(name)).unwrap();
            let expected = floats(&file.with_extension(format!("{name}.f32")));
            let area = prepared.height * prepared.width;
            assert_eq!(prepared.planes.len(), expected.len(), "{}", file.display());
            for (i, (found, expected)) in prepared.planes.iter().zip(&expected).enumerate() {
                // Far less than what one of 255 levels becomes.
                let tolerance = 0.01 * preprocessor.step(i / area);
                let difference = (found - expected).abs();
                assert!(
                    difference <= tolerance,
                    "{} {name} {i}: {difference}",
                    file.display()
                );
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 32);
}

#[test]
fn any_frame_can_be_captioned() {
    let black = RgbImage::new(64, 48);
    let white = RgbImage::from_pixel(31, 47, image::Rgb([255; 3]));
    let pixel = RgbImage::new(1, 1);
    let enormous = RgbImage::new(8192, 4096);
    let strip = RgbImage::new(16384, 1);
    for name in ["merged", "whole", "blip"] {
        let captioner = open(&fixtures().join("captioners").join(name)).unwrap();
        for picture in [&black, &white, &pixel, &enormous] {
            let caption = captioner.caption(picture).unwrap();
            assert!(caption.confidence.is_finite());
        }
        // A processor that keeps the shape would make more of this than any encoder takes.
        let strip = captioner.caption(&strip);
        assert_eq!(strip.is_err(), name == "whole", "{name}");
        let empty = captioner.caption(&RgbImage::new(0, 5)).unwrap_err();
        assert!(
            matches!(empty, CaptionError::Ai(AiError::Picture { .. })),
            "{empty}"
        );
    }
}

#[test]
fn one_captioner_may_be_asked_from_several_threads() {
    let captioner = open(&fixtures().join("captioners/pair")).unwrap();
    let expected = captioner.caption(&photo("cat")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(captioner.caption(&photo("cat")).unwrap(), expected));
        }
    });
}

#[test]
fn graphs_are_found_under_any_published_name() {
    let tests: [(&[&str], &str, &[&str]); 6] = [
        (
            &[
                "encoder_model.onnx",
                "decoder_model.onnx",
                "decoder_model_merged.onnx",
            ],
            "",
            &["encoder_model.onnx", "decoder_model_merged.onnx"],
        ),
        (
            &[
                "encoder_model.onnx",
                "decoder_model.onnx",
                "decoder_with_past_model.onnx",
            ],
            "onnx",
            &[
                "encoder_model.onnx",
                "decoder_model.onnx",
                "decoder_with_past_model.onnx",
            ],
        ),
        (
            &[
                "encoder_model_quantized.onnx",
                "decoder_model_merged_quantized.onnx",
            ],
            "onnx",
            &[
                "encoder_model_quantized.onnx",
                "decoder_model_merged_quantized.onnx",
            ],
        ),
        (
            &[
                "encoder_model_int8.onnx",
                "encoder_model_fp16.onnx",
                "decoder_model_merged_int8.onnx",
            ],
            "",
            &["encoder_model_fp16.onnx", "decoder_model_merged_int8.onnx"],
        ),
        (
            &[
                "encoder_model.onnx",
                "encoder_model.onnx_data",
                "decoder_model.onnx",
            ],
            "",
            &[
                "encoder_model.onnx",
                "decoder_model.onnx",
                "encoder_model.onnx_data",
            ],
        ),
        (
            &["vision_model.onnx", "text_decoder.onnx"],
            "",
            &["vision_model.onnx", "text_decoder.onnx"],
        ),
    ];
    for (there, below, expected) in tests {
        let folder = TempDir::new().unwrap();
        let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
        write("config.json", r#"{"model_type": "blip"}"#);
        write("preprocessor_config.json", "{}");
        write("tokenizer.json", "{}");
        fs::create_dir_all(folder.path().join(below)).unwrap();
        for file in there {
            write(Path::new(below).join(file).to_str().unwrap(), "");
        }
        let mut expected: Vec<PathBuf> = expected
            .iter()
            .map(|file| Path::new(below).join(file))
            .collect();
        expected
            .extend(["config.json", "preprocessor_config.json", "tokenizer.json"].map(Into::into));
        expected.sort();
        let mut found = Files::find(folder.path()).unwrap().relative();
        found.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_folder_of_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    let message = |folder: &Path| open(folder).unwrap_err().to_string();
    let refused = message(folder.path());
    assert!(refused.contains("has no config.json"), "{refused}");

    for model_type in [
        json!("blip-2"),
        json!("vit"),
        json!("florence2"),
        Value::Null,
    ] {
        fs::write(
            folder.path().join("config.json"),
            json!({"model_type": model_type}).to_string(),
        )
        .unwrap();
        let refused = message(folder.path());
        let name = model_type.as_str().unwrap_or_default();
        assert!(
            refused.contains(&format!("of the type `{name}`")),
            "{refused}"
        );
    }
    fs::write(folder.path().join("config.json"), "{\"model_type\": ").unwrap();
    let refused = message(folder.path());
    assert!(refused.contains("config.json: EOF"), "{refused}");

    for file in [
        "preprocessor_config.json",
        "tokenizer.json",
        "encoder_model.onnx",
        "decoder_model_merged.onnx",
    ] {
        let copy = copy("merged");
        fs::remove_file(copy.path().join(file)).unwrap();
        let refused = message(copy.path());
        assert!(refused.contains(&format!("has no {file}")), "{refused}");
    }
}

#[test]
fn a_configuration_that_the_graph_contradicts_is_refused() {
    let tests = [
        (
            "merged",
            "config.json",
            "/encoder/hidden_size",
            json!(48),
            "config.json says 48 for the encoder's hidden size",
        ),
        (
            "pair",
            "config.json",
            "/decoder/n_head",
            json!(3),
            "says 3 for the number of heads, but",
        ),
        (
            "merged",
            "config.json",
            "/decoder/n_embd",
            json!(64),
            "says 16 for the size of a head, but",
        ),
        (
            "merged",
            "config.json",
            "/decoder/n_layer",
            json!(12),
            "says 12 for the number of layers, but",
        ),
        (
            "whole",
            "config.json",
            "/decoder/vocab_size",
            json!(50257),
            "says 50257 for the size of the vocabulary",
        ),
        (
            "blip",
            "config.json",
            "/text_config/vocab_size",
            json!(30524),
            "says 30524 for the size of the vocabulary",
        ),
        (
            "blip",
            "config.json",
            "/vision_config/image_size",
            json!(384),
            "says 48 for the size of a picture",
        ),
        (
            "blip",
            "config.json",
            "/text_config/sep_token_id",
            json!(30000),
            "has no token 30000, which is the end token",
        ),
        (
            "blip",
            "config.json",
            "/text_config/bos_token_id",
            json!(30522),
            "has no token 30522, which is the start token",
        ),
        (
            "merged",
            "generation_config.json",
            "/eos_token_id",
            json!([0, 50256]),
            "has no token 50256, which is the end token",
        ),
        (
            "merged",
            "generation_config.json",
            "/decoder_start_token_id",
            json!(-1),
            "generation_config.json: invalid value",
        ),
        (
            "merged",
            "generation_config.json",
            "/eos_token_id",
            json!("x"),
            "expected a token id or a list of them",
        ),
        (
            "merged",
            "generation_config.json",
            "/num_beams",
            json!(0),
            "`num_beams` is 0, expected 1 to 32",
        ),
        (
            "merged",
            "generation_config.json",
            "/num_beams",
            json!(4_000_000),
            "expected 1 to 32",
        ),
        (
            "merged",
            "generation_config.json",
            "/max_length",
            json!(1),
            "`max_length` is 1, expected 2 or more",
        ),
        (
            "merged",
            "generation_config.json",
            "/repetition_penalty",
            json!(0.0),
            "`repetition_penalty` is 0, expected",
        ),
        (
            "merged",
            "generation_config.json",
            "/bad_words_ids",
            json!([[1, 2]]),
            "`bad_words_ids` is set, which is not supported",
        ),
        (
            "merged",
            "generation_config.json",
            "/early_stopping",
            json!("soon"),
            "expected true, false or \"never\"",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/image_processor_type",
            json!("DonutImageProcessor"),
            "an image processor `DonutImageProcessor`",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/resample",
            json!(9),
            "`resample` is 9, expected 0 to 5",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/size/height",
            json!(0),
            "`size` is 0, expected 1 to 2048 pixels",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/size/width",
            json!(4_000_000_000_u32),
            "expected 1 to 2048 pixels",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/size",
            json!({"longest_edge": 3}),
            "expected a number of pixels",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/image_std",
            json!([0.5, 0.0, 0.5]),
            "`image_std` is 0, expected",
        ),
        (
            "merged",
            "preprocessor_config.json",
            "/size",
            json!({"height": 32, "width": 32}),
            "says 32 for the size of a picture",
        ),
    ];
    for (name, file, pointer, value, expected) in tests {
        let copy = copy(name);
        set(copy.path(), file, pointer, value);
        let refused = open(copy.path()).unwrap_err().to_string();
        assert!(refused.contains(expected), "{file} {pointer}: {refused}");
    }
}

#[test]
fn a_graph_that_does_something_else_is_refused() {
    let exchange: [(&str, &str, &str, &str); 3] = [
        (
            "merged",
            "encoder_model.onnx",
            "decoder_model_merged.onnx",
            "expected the input `pixel_values`",
        ),
        (
            "merged",
            "decoder_model_merged.onnx",
            "encoder_model.onnx",
            "expected the input `input_ids`",
        ),
        (
            "whole",
            "decoder_model.onnx",
            "tokenizer.json",
            "cannot be loaded",
        ),
    ];
    for (name, file, other, expected) in exchange {
        let copy = copy(name);
        fs::copy(copy.path().join(other), copy.path().join(file)).unwrap();
        let refused = open(copy.path()).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let copy = copy("merged");
    fs::write(copy.path().join("tokenizer.json"), "{}").unwrap();
    assert!(matches!(
        open(copy.path()),
        Err(CaptionError::Tokenizer { .. })
    ));
}

#[test]
fn without_a_generation_config_the_model_s_own_counts() {
    let copy = copy("pair");
    fs::remove_file(copy.path().join("generation_config.json")).unwrap();
    set(copy.path(), "config.json", "/decoder/num_beams", json!(3));
    set(copy.path(), "config.json", "/max_length", json!(9));
    let options = open(copy.path()).unwrap().options;
    assert_eq!((options.num_beams, options.max_length), (3, 9));
    assert_eq!((options.start, options.end), (0, vec![0]));
}

#[test]
fn a_caption_ends_however_long_it_may_become() {
    let copy = copy("merged");
    set(
        copy.path(),
        "generation_config.json",
        "/max_length",
        json!(u64::MAX),
    );
    set(
        copy.path(),
        "generation_config.json",
        "/min_length",
        json!(1_000_000),
    );
    let caption = open(copy.path()).unwrap().caption(&photo("cat")).unwrap();
    // The decoder has 64 positions.
    assert_eq!(caption.tokens.len(), 65);
}
