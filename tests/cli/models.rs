use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::OutputAssertExt;

use crate::support::models::{self, engine, link_shipped, write_detector, write_tagger};
use crate::support::onnx::{F32, Graph, U8};
use crate::support::{Ends, Said, Sandbox};

/// The binary with an engine that works.
fn with_engine(sandbox: &Sandbox, arguments: &str) -> Command {
    let mut command = sandbox.cosmos(arguments);
    command.env("ORT_DYLIB_PATH", engine().library());
    command
}

fn with_library(sandbox: &Sandbox, library: impl AsRef<Path>, arguments: &str) -> Command {
    let mut command = sandbox.cosmos(arguments);
    command.env("ORT_DYLIB_PATH", library.as_ref());
    command
}

/// A shared library made of the C program `code`.
fn compiled(sandbox: &Sandbox, name: &str, code: &str) -> PathBuf {
    let source = sandbox.path("library.c");
    fs::write(&source, code).unwrap();
    let library = sandbox.path(name);
    sandbox
        .program("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .assert_code(0);
    library
}

#[test]
fn the_shipped_models_work() {
    let sandbox = Sandbox::new();
    link_shipped(&sandbox.path("models"));
    let listed = with_engine(&sandbox, "models list --json").assert_code(0);
    let listed = listed.json();
    assert_eq!(listed["runtime"]["version"], engine().version());
    assert_eq!(listed["runtime"]["device"], "cpu");
    assert_eq!(listed["models"][0]["task"], "tags");
    assert_eq!(listed["models"][0]["state"], "present");
    assert_eq!(listed["models"][1]["task"], "objects");

    let verified = with_engine(&sandbox, "models verify --json").assert_code(0);
    for model in verified.json()["models"].as_array().unwrap() {
        assert_eq!(model["state"], "works", "{model}");
        assert_eq!(model["in_use"], true, "{model}");
    }
    with_engine(&sandbox, "models verify")
        .assert_code(0)
        .prints(&[
            "onnxruntime",
            "efficientnet-lite0",
            "ssd-mobilenet-v2-coco",
            "works",
        ]);
}

#[test]
fn a_machine_without_the_engine_is_told_how_to_get_it_and_everything_else_works() {
    let sandbox = Sandbox::new();
    link_shipped(&sandbox.path("models"));
    let listed = sandbox.done("models list --json");
    let listed = listed.warns(&["onnxruntime", "not installed", "scripts/setup.sh"]);
    assert!(listed.json()["runtime"]["library"].is_null());
    assert_eq!(listed.json()["models"][0]["state"], "present");
    let verified = sandbox.refused(1, "models verify --json").json();
    assert_eq!(verified["models"][0]["state"], "intact");
}

#[test]
fn a_library_that_is_not_the_engine_is_refused_in_one_line() {
    let sandbox = Sandbox::new();
    let whole = fs::read(engine().library()).unwrap();
    // The machine in an ELF header: this one is a SPARC.
    let mut foreign = whole.get(..1 << 20).unwrap().to_vec();
    foreign.resize(whole.len(), 0);
    foreign.splice(18..20, [43, 0]);
    let cases: [(&str, &[u8], &str); 5] = [
        ("text.so", b"not a library\n", "not a shared library"),
        ("empty.so", b"", "not a shared library"),
        (
            "short.so",
            whole.get(..4096).unwrap(),
            "cut off (4096 bytes",
        ),
        ("half.so", whole.get(..whole.len() / 2).unwrap(), "cut off"),
        ("foreign.so", &foreign, "it is for sparc64"),
    ];
    for (name, bytes, expected) in cases {
        let library = sandbox.path(name);
        fs::write(&library, bytes).unwrap();
        let run = with_library(&sandbox, &library, "models verify");
        assert_one_line(run, &[name, expected]);
    }
    fs::create_dir(sandbox.path("folder.so")).unwrap();
    let run = with_library(&sandbox, sandbox.path("folder.so"), "models verify");
    assert_one_line(run, &["folder.so", "not a shared library"]);
    let run = with_library(&sandbox, "nowhere/engine.so", "models verify");
    assert_one_line(run, &["nowhere/engine.so", "ORT_DYLIB_PATH"]);
}

#[test]
fn a_library_that_behaves_otherwise_than_the_engine_is_refused_in_one_line() {
    let sandbox = Sandbox::new();
    let with_version = |version: &str| {
        format!(
            "static const void *api(unsigned v) {{ return 0; }} static const char *version(void) {{ return \"{version}\"; }} \
             static struct {{ const void *(*a)(unsigned); const char *(*v)(void); }} base = {{ api, version }}; \
             const void *OrtGetApiBase(void) {{ return &base; }}"
        )
    };
    let cases = [
        ("other.so", "int other(void) { return 1; }".to_owned(), "no function OrtGetApiBase"),
        (
            "null.so",
            "const void *OrtGetApiBase(void) { return 0; }".to_owned(),
            "does not answer as onnxruntime does",
        ),
        ("old.so", with_version("1.10.0"), "is onnxruntime 1.10.0, expected 1.24 or newer"),
        ("hollow.so", with_version("1.99.0"), "does not answer as onnxruntime does"),
        ("garbled.so", with_version("\\xff"), "does not answer as onnxruntime does"),
        (
            "unresolved.so",
            "extern int nowhere(void); const void *OrtGetApiBase(void) { return 0; } int (*p)(void) = nowhere;".to_owned(),
            "nowhere",
        ),
    ];
    for (name, code, expected) in cases {
        let library = compiled(&sandbox, name, &code);
        let run = with_library(&sandbox, library, "models verify");
        assert_one_line(run, &[name, expected]);
    }
}

/// One error with one remedy, and nothing of a panic.
fn assert_one_line(mut command: Command, parts: &[&str]) {
    let run = command.assert().code(1).warns(parts);
    let said = run.err();
    assert!(said.starts_with("error: "), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("\nhelp:  "), "{said}");
}

/// Runs `verify` on the folder `m` and expects its only model to be refused for a reason with all of `parts`.
fn assert_broken(sandbox: &Sandbox, parts: &[&str]) {
    let mut command = with_engine(sandbox, "models verify --models-dir m --json");
    let run = sandbox.leaves_no_trace(1, &mut command).warns(parts);
    assert_eq!(run.json()["models"][0]["state"], "broken");
}

#[test]
fn files_that_are_not_what_the_manifest_says_are_named() {
    let graph = models::tagger([1.0, 2.0, 3.0]);
    let damaged = |damage: &dyn Fn(&Path), parts: &[&str]| {
        let sandbox = Sandbox::new();
        write_tagger(&sandbox.path("m"), &graph);
        damage(&sandbox.path("m/graph.onnx"));
        assert_broken(&sandbox, parts);
    };
    damaged(
        &|file| fs::remove_file(file).unwrap(),
        &["m/graph.onnx is missing", "small-tagger"],
    );
    damaged(
        &|file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        },
        &["m/graph.onnx has", "bytes, expected"],
    );
    damaged(
        &|file| {
            let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n";
            fs::write(file, pointer).unwrap();
        },
        &["m/graph.onnx is a Git LFS pointer", "git lfs pull"],
    );
    damaged(
        &|file| {
            let mut bytes = fs::read(file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(file, bytes).unwrap();
        },
        &["m/graph.onnx has the SHA-256", "expected"],
    );
}

#[test]
fn graphs_that_do_not_do_what_the_manifest_says_are_refused() {
    let logits = [0.0, 1.0, 2.0];
    let input = |shape: &[usize]| Graph::new().input("input", F32, shape);
    let cases = [
        (
            models::detector(&[[0.0; 4]], &[[0.0; 3]]),
            vec![
                "no model for tags",
                "`input` f32 [1, 3, 8, 8]",
                "`image` u8 [1, 8, 8, 3]",
            ],
        ),
        (
            input(&[1, 3, 16, 16]).answer("logits", &[1, 3], &logits),
            vec!["[1, 3, 8, 8]", "[1, 3, 16, 16]"],
        ),
        (
            input(&[1, 3, 8, 8]).answer("logits", &[1, 7], &logits),
            vec!["`logits` f32 [1, 3]", "[1, 7]"],
        ),
        (
            Graph::new()
                .input("input", U8, &[1, 3, 8, 8])
                .answer("logits", &[1, 3], &logits),
            vec!["f32 [1, 3, 8, 8]", "u8 [1, 3, 8, 8]"],
        ),
        (
            models::tagger(logits).opset(99),
            vec!["newer kind of ONNX", "opset"],
        ),
        (
            models::tagger([f32::NAN, 0.0, 0.0]),
            vec!["values that are no numbers"],
        ),
        (
            models::tagger([f32::INFINITY, 0.0, 0.0]),
            vec!["values that are no numbers"],
        ),
    ];
    for (graph, parts) in cases {
        let sandbox = Sandbox::new();
        write_tagger(&sandbox.path("m"), &graph);
        assert_broken(&sandbox, &parts);
    }
    let sandbox = Sandbox::new();
    write_detector(&sandbox.path("m"), &models::tagger(logits));
    assert_broken(
        &sandbox,
        &["no model for objects", "`image` u8 [1, 8, 8, 3]"],
    );
    let sandbox = Sandbox::new();
    let nan = models::detector(&[[0.0, 0.0, f32::NAN, 1.0]], &[[0.0, 0.9, 0.0]]);
    write_detector(&sandbox.path("m"), &nan);
    assert_broken(&sandbox, &["values that are no numbers"]);
}

#[test]
fn a_file_that_is_no_onnx_is_refused_even_if_its_hash_is_right() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("m");
    write_tagger(&folder, &models::tagger([1.0, 2.0, 3.0]));
    fs::write(folder.join("graph.onnx"), "not a graph").unwrap();
    let manifest = folder.join("manifest.toml");
    let mut read = cosmos_workflow::ai::Manifest::read(&folder)
        .unwrap()
        .unwrap();
    let file = cosmos_workflow::ai::ModelFile::of(&folder.join("graph.onnx")).unwrap();
    read.models[0].files.insert("graph.onnx".into(), file);
    read.write(&folder).unwrap();
    assert!(manifest.exists());
    assert_broken(&sandbox, &["m/graph.onnx cannot be loaded"]);
}

#[test]
fn a_manifest_that_cannot_be_used_is_refused_with_its_line() {
    let good = |sandbox: &Sandbox| {
        write_tagger(&sandbox.path("m"), &models::tagger([1.0, 2.0, 3.0]));
        fs::read_to_string(sandbox.path("m/manifest.toml")).unwrap()
    };
    let cases = [
        ("task = \"tags\"", "task = \"smells\"", "line 4"),
        ("task = \"tags\"", "task = \"objects\"", "small-tagger"),
        ("graph.onnx\"", "../graph.onnx\"", "leads out of its folder"),
        ("version = \"1\"", "verison = \"1\"", "verison"),
        ("width = 8", "width = 0", "sides of 1 to 4096"),
        ("scale = 1.0", "scale = 0.0", "scale other than 0"),
        ("[[model]]", "[[model", "line 1"),
    ];
    for (from, to, expected) in cases {
        let sandbox = Sandbox::new();
        let text = good(&sandbox);
        assert!(text.contains(from), "{from} in {text}");
        fs::write(sandbox.path("m/manifest.toml"), text.replace(from, to)).unwrap();
        sandbox
            .refused(1, "models list --models-dir m")
            .warns(&["m/manifest.toml", expected]);
    }
}

#[test]
fn folders_are_searched_in_order_and_the_first_model_for_a_task_is_used() {
    let sandbox = Sandbox::new();
    let graph = models::tagger([1.0, 2.0, 3.0]);
    let user = sandbox.path("home/.local/share/cosmos/models");
    link_shipped(&user);
    let used = |command: &mut Command| -> Vec<String> {
        let report = command.assert().code(0).json();
        let models = report["models"].as_array().unwrap().iter();
        models
            .filter(|model| model["in_use"] == true)
            .map(|model| {
                model["folder"]
                    .as_str()
                    .unwrap()
                    .trim_end_matches('/')
                    .to_owned()
            })
            .collect()
    };
    let user = user.to_str().unwrap().to_owned();
    let captioner = format!("{user}/render_captioner");
    let list = "models list --json";
    assert_eq!(
        used(&mut sandbox.cosmos(list)),
        [&*user, &*user, &*captioner]
    );
    write_tagger(&sandbox.path("models"), &graph);
    assert_eq!(
        used(&mut sandbox.cosmos(list)),
        ["models", &*user, &*captioner]
    );
    write_tagger(&sandbox.path("v"), &graph);
    assert_eq!(
        used(sandbox.cosmos(list).env("COSMOS_MODELS", "v")),
        ["v", &*user, &*captioner]
    );
    write_tagger(&sandbox.path("m"), &graph);
    let mut command = sandbox.cosmos("models list --json --models-dir m");
    assert_eq!(
        used(command.env("COSMOS_MODELS", "v")),
        ["m", &*user, &*captioner]
    );
}

#[test]
fn the_models_that_setup_puts_in_place_are_found_from_every_folder() {
    let sandbox = Sandbox::new();
    let place = sandbox.path("home/.local/share/cosmos/shipped-models");
    link_shipped(&place);
    let report = sandbox.done("models list --json").json();
    let models = report["models"].as_array().unwrap();
    assert_eq!(models.len(), 3);
    for model in models {
        assert_eq!(model["in_use"], true, "{model}");
    }
    // They are not the user's own: the next setup would put them back.
    let name = models[0]["name"].as_str().unwrap();
    sandbox
        .refused(2, &format!("models remove {name}"))
        .warns(&["belongs to"]);
}

#[test]
fn a_folder_that_is_reached_in_two_ways_is_read_once() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &models::tagger([1.0, 2.0, 3.0]));
    let report = sandbox.done("models list --json --models-dir ./models");
    assert_eq!(report.json()["models"].as_array().unwrap().len(), 1);
}

#[test]
fn a_folder_that_is_named_has_to_hold_models() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox
        .refused(2, "models list --models-dir nowhere")
        .warns(&["nowhere does not exist", "--models-dir"]);
    sandbox
        .refused(2, "models list --models-dir empty")
        .warns(&["empty has no manifest.toml"]);
    sandbox
        .leaves_no_trace(
            2,
            sandbox.cosmos("models list").env("COSMOS_MODELS", "empty"),
        )
        .warns(&["empty has no manifest.toml", "$COSMOS_MODELS"]);
    sandbox
        .done("models list")
        .prints(&["no models", "cosmos/models"]);
}

#[test]
fn a_model_is_removed_from_the_folder_that_is_named_and_from_no_other() {
    let sandbox = Sandbox::new();
    let graph = models::tagger([1.0, 2.0, 3.0]);
    write_tagger(&sandbox.path("models"), &graph);
    sandbox.refused(2, "models remove small-tagger").warns(&[
        "small-tagger",
        "belongs to models",
        "--models-dir models",
    ]);
    sandbox
        .refused(2, "models remove big-tagger")
        .warns(&["no model called `big-tagger`", "small-tagger"]);
    fs::write(sandbox.path("models/notes.txt"), "mine").unwrap();
    sandbox
        .cosmos("models remove small-tagger --models-dir models")
        .assert_code(0)
        .prints(&["removed small-tagger"]);
    assert_eq!(sandbox.names_in("models"), ["manifest.toml", "notes.txt"]);
    sandbox.done("models list").prints(&["no models"]);
}

#[test]
fn a_gpu_that_the_engine_cannot_use_is_warned_of_and_the_processor_used() {
    let sandbox = Sandbox::new();
    link_shipped(&sandbox.path("models"));
    let mut command = with_engine(&sandbox, "models verify --json");
    let run = command.env("COSMOS_AI_DEVICE", "cuda").assert().code(0);
    let report = run.warns(&["the GPU is not used"]).json();
    assert_eq!(report["runtime"]["device"], "cpu");
    assert_eq!(report["models"][0]["state"], "works");
}

#[test]
fn threads_are_as_the_settings_say() {
    let sandbox = Sandbox::new();
    let mut command = with_engine(&sandbox, "models list --json");
    let report = command
        .env("COSMOS_AI_THREADS", "3")
        .assert()
        .code(0)
        .json();
    assert_eq!(report["runtime"]["threads"], 3);
    sandbox
        .cosmos("models list")
        .env("COSMOS_AI_THREADS", "65")
        .assert_code(2)
        .warns(&["COSMOS_AI_THREADS", "0 to 64"]);
}

#[test]
fn the_engine_reports_to_nobody() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &models::tagger([1.0, 2.0, 3.0]));
    let before = sandbox.tree();
    with_engine(&sandbox, "models verify")
        .env("ORT_DISABLE_TELEMETRY", "0")
        .assert_code(0);
    // What it would send is collected in the user's cache folder.
    assert_eq!(sandbox.tree(), before);
}
