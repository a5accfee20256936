//! `models add`, with the captioners in `fixtures/captioners`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use walkdir::WalkDir;

use crate::support::models::{engine, link_shipped};
use crate::support::onnx::{F32, Graph, I64};
use crate::support::{Ends, Said, Sandbox};

const USER_MODELS: &str = "home/.local/share/cosmos/models";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/captioners")
        .join(name)
}

/// Copies a captioner into the sandbox, where it may be changed.
fn copy(sandbox: &Sandbox, name: &str) -> PathBuf {
    let folder = sandbox.path(name);
    for entry in WalkDir::new(fixture(name)) {
        let path = entry.unwrap().into_path();
        let place = folder.join(path.strip_prefix(fixture(name)).unwrap());
        if path.is_dir() {
            fs::create_dir_all(place).unwrap();
        } else {
            fs::copy(&path, place).unwrap();
        }
    }
    folder
}

/// Sets `pointer` in a JSON file.
fn set(file: &Path, pointer: &str, value: Value) {
    let mut json: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    *json.pointer_mut(pointer).unwrap() = value;
    fs::write(file, json.to_string()).unwrap();
}

/// The binary with an engine that works.
fn cosmos(sandbox: &Sandbox, arguments: &str) -> Command {
    let mut command = sandbox.cosmos(arguments);
    command.env("ORT_DYLIB_PATH", engine().library());
    command
}

fn listed(sandbox: &Sandbox) -> Vec<Value> {
    let list = cosmos(sandbox, "models list --json").assert_code(0).json();
    list["models"].as_array().unwrap().clone()
}

#[test]
fn a_captioner_is_added_as_the_one_in_use_and_works() {
    let sandbox = Sandbox::new();
    for name in ["merged", "pair", "whole", "half", "blip", "blip_other"] {
        copy(&sandbox, name);
        let added = cosmos(&sandbox, &format!("models add {name} --json"))
            .assert_code(0)
            .json();
        assert_eq!(added["name"], name);
        assert_eq!(added["task"], "captions");
        assert_eq!(added["state"], "works");
        let models = listed(&sandbox);
        assert_eq!(models[0]["name"], name);
        let in_use: Vec<_> = models
            .iter()
            .filter(|model| model["in_use"] == true)
            .collect();
        assert_eq!(in_use, [&models[0]]);
        // From here on it has to live by itself.
        fs::remove_dir_all(sandbox.path(name)).unwrap();
    }
    let verified = cosmos(&sandbox, "models verify --json")
        .assert_code(0)
        .json();
    for model in verified["models"].as_array().unwrap() {
        assert_eq!(model["state"], "works", "{model}");
    }
    sandbox.assert_no_leftovers();

    cosmos(&sandbox, "models remove blip_other").assert_code(0);
    assert_eq!(listed(&sandbox)[0]["name"], "blip");
    assert!(!sandbox.path(USER_MODELS).join("blip_other").exists());
}

#[test]
fn only_what_a_captioner_needs_is_copied_and_the_model_card_is_read() {
    let sandbox = Sandbox::new();
    let folder = copy(&sandbox, "merged");
    fs::write(folder.join("README.md"), "---\nlicense: apache-2.0\n---\n").unwrap();
    fs::write(folder.join("decoder_model.onnx"), "not needed").unwrap();
    let mut added = cosmos(
        &sandbox,
        "models add ./merged/ --name 'Tiny captioner' --json",
    );
    let added = added.assert_code(0).json();
    assert_eq!(added["name"], "Tiny_captioner");
    assert_eq!(added["license"], "apache-2.0");
    assert_eq!(
        sandbox.names_in(format!("{USER_MODELS}/Tiny_captioner")),
        [
            "config.json",
            "decoder_model_merged.onnx",
            "encoder_model.onnx",
            "generation_config.json",
            "preprocessor_config.json",
            "tokenizer.json",
        ]
    );
}

#[test]
fn nothing_is_replaced_without_being_asked() {
    let sandbox = Sandbox::new();
    copy(&sandbox, "merged");
    cosmos(&sandbox, "models add merged").assert_code(0);
    let version = listed(&sandbox)[0]["version"].clone();
    sandbox
        .leaves_no_trace(2, &mut cosmos(&sandbox, "models add merged"))
        .warns(&["there is a model called `merged`", "--overwrite"]);
    set(
        &sandbox.path("merged/generation_config.json"),
        "/max_length",
        json!(9),
    );
    cosmos(&sandbox, "models add merged --overwrite").assert_code(0);
    let models = listed(&sandbox);
    assert_eq!(models.len(), 1);
    assert_ne!(models[0]["version"], version);
}

/// The name of the captioner in use.
fn in_use(sandbox: &Sandbox) -> Value {
    let models = listed(sandbox);
    let mut used = models
        .iter()
        .filter(|model| model["task"] == "captions" && model["in_use"] == true);
    used.next().unwrap()["name"].clone()
}

#[test]
fn the_captioner_that_was_added_last_stands_before_the_shipped_one_until_it_is_removed() {
    let sandbox = Sandbox::new();
    link_shipped(&sandbox.path("models"));
    let shipped = in_use(&sandbox);
    for name in ["merged", "blip"] {
        copy(&sandbox, name);
        let added = cosmos(&sandbox, &format!("models add {name} --json"));
        assert_eq!({ added }.assert_code(0).json()["in_use"], true);
        assert_eq!(in_use(&sandbox), name);
    }
    // The table wraps what is long.
    let table = cosmos(&sandbox, "models list").assert_code(0).out();
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not used"), "{words}");
    for (removed, next) in [("blip", "merged".into()), ("merged", shipped)] {
        cosmos(&sandbox, &format!("models remove {removed}")).assert_code(0);
        assert_eq!(in_use(&sandbox), next);
    }
}

#[test]
fn a_folder_that_is_named_for_the_first_captioner_becomes_a_folder_of_models() {
    let sandbox = Sandbox::new();
    copy(&sandbox, "merged");
    fs::create_dir(sandbox.path("m")).unwrap();
    let mut refused = cosmos(&sandbox, "models add nowhere --models-dir m");
    sandbox
        .leaves_no_trace(2, &mut refused)
        .warns(&["nowhere is not a folder"]);
    cosmos(&sandbox, "models add merged --models-dir m").assert_code(0);
    assert_eq!(sandbox.names_in("m"), ["manifest.toml", "merged"]);
    let list = cosmos(&sandbox, "models list --models-dir m --json").assert_code(0);
    assert_eq!(list.json()["models"][0]["in_use"], true);
    let mut refused = cosmos(&sandbox, "models add merged --models-dir elsewhere");
    sandbox
        .leaves_no_trace(2, &mut refused)
        .warns(&["elsewhere does not exist"]);
}

#[test]
fn what_is_no_captioner_is_refused_and_leaves_nothing() {
    type Change = fn(&Path);
    let cases: [(&str, Change, &[&str]); 12] = [
        (
            "merged",
            |folder| set(&folder.join("config.json"), "/model_type", json!("blip-2")),
            &["config.json", "of the type `blip-2`"],
        ),
        (
            "merged",
            |folder| {
                set(
                    &folder.join("generation_config.json"),
                    "/eos_token_id",
                    json!(50256),
                )
            },
            &["tokenizer.json has no token 50256, which is the end token"],
        ),
        (
            "blip",
            |folder| {
                set(
                    &folder.join("config.json"),
                    "/text_config/sep_token_id",
                    json!(30522),
                )
            },
            &["tokenizer.json has no token 30522, which is the end token"],
        ),
        (
            "merged",
            |folder| {
                set(
                    &folder.join("config.json"),
                    "/encoder/hidden_size",
                    json!(768),
                )
            },
            &[
                "config.json says 768 for the encoder's hidden size, but",
                "encoder_model.onnx has 32",
            ],
        ),
        (
            "merged",
            |folder| fs::remove_file(folder.join("tokenizer.json")).unwrap(),
            &["merged has no tokenizer.json"],
        ),
        (
            "merged",
            |folder| {
                let graph = folder.join("decoder_model_merged.onnx");
                let bytes = fs::read(&graph).unwrap();
                fs::write(graph, bytes.get(..bytes.len() / 2).unwrap()).unwrap();
            },
            &["decoder_model_merged.onnx cannot be loaded"],
        ),
        (
            "merged",
            |folder| {
                let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
                fs::write(folder.join("encoder_model.onnx"), pointer).unwrap();
            },
            &["encoder_model.onnx is a Git LFS pointer", "git lfs pull"],
        ),
        (
            "merged",
            |folder| fs::write(folder.join("tokenizer.json"), "{}").unwrap(),
            &["tokenizer.json"],
        ),
        (
            "merged",
            |folder| {
                let from = folder.join("encoder_model.onnx");
                fs::copy(from, folder.join("decoder_model_merged.onnx")).unwrap();
            },
            &[
                "decoder_model_merged.onnx is no model for captions",
                "`input_ids`",
            ],
        ),
        (
            "whole",
            |folder| {
                let decoder = Graph::new()
                    .input("input_ids", I64, &[1, 1])
                    .input("encoder_hidden_states", F32, &[1, 5, 24])
                    .answer("logits", &[1, 1, 290], &[f32::NAN]);
                decoder.write(&folder.join("decoder_model.onnx"));
                set(
                    &folder.join("generation_config.json"),
                    "/num_beams",
                    json!(1),
                );
            },
            &["decoder_model.onnx answered with values that are no numbers"],
        ),
        (
            "whole",
            |folder| {
                let decoder = Graph::new()
                    .input("input_ids", I64, &[1, 1])
                    .input("encoder_hidden_states", F32, &[1, 5, 24])
                    .answer("logits", &[1, 2, 290], &[0.0]);
                decoder.write(&folder.join("decoder_model.onnx"));
                set(
                    &folder.join("generation_config.json"),
                    "/num_beams",
                    json!(1),
                );
            },
            &["decoder_model.onnx is no model for captions", "[1, 2, 290]"],
        ),
        (
            "whole",
            |folder| {
                let decoder = Graph::new().opset(999).answer("logits", &[1], &[0.0]);
                decoder.write(&folder.join("decoder_model.onnx"));
            },
            &["decoder_model.onnx is a newer kind of ONNX"],
        ),
    ];
    for (name, change, expected) in cases {
        let sandbox = Sandbox::new();
        change(&copy(&sandbox, name));
        let mut add = cosmos(&sandbox, &format!("models add {name}"));
        sandbox.leaves_no_trace(1, &mut add).warns(expected);
    }
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("file"), "").unwrap();
    for (what, expected) in [
        ("nowhere", "nowhere is not a folder"),
        ("file", "file is not a folder"),
    ] {
        let mut add = cosmos(&sandbox, &format!("models add {what}"));
        sandbox.leaves_no_trace(2, &mut add).warns(&[expected]);
    }
    let mut add = cosmos(&sandbox, "models add .");
    sandbox
        .leaves_no_trace(1, &mut add)
        .warns(&["has no config.json"]);
}

#[test]
fn a_captioner_that_was_changed_since_is_found_out() {
    let sandbox = Sandbox::new();
    copy(&sandbox, "blip");
    cosmos(&sandbox, "models add blip").assert_code(0);
    let tokenizer = sandbox.path(USER_MODELS).join("blip/tokenizer.json");
    let text = fs::read_to_string(&tokenizer).unwrap();
    fs::write(&tokenizer, text.replacen("[SEP]", "[SEQ]", 1)).unwrap();
    cosmos(&sandbox, "models verify")
        .assert_code(1)
        .warns(&["tokenizer.json has the SHA-256"]);
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/cat.png");
    fs::copy(photo, sandbox.path("cat.png")).unwrap();
    cosmos(&sandbox, "describe cat.png").assert_code(0).warns(&[
        "no AI model captions the pictures",
        "tokenizer.json has the SHA-256",
    ]);
}
