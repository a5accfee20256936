//! `create-spec`, `create-run`, `list` and `show` as a user meets them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use image::RgbImage;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder to work in, as a user has one.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = cargo_bin_cmd!("cosmos");
        command
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path())
            .env_remove("COSMOS_CONFIG")
            .args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What the command prints as JSON; it has to succeed.
    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--json"], args].concat());
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The error of a command that has to end with `code`.
    fn refusal(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    }

    /// A render folder with `frames` frames of `size` for each of `modalities`.
    fn render(&self, folder: &str, modalities: &[&str], frames: u32, (width, height): (u32, u32)) {
        std::fs::create_dir_all(self.path(folder)).unwrap();
        for modality in modalities {
            for frame in 1..=frames {
                let picture = RgbImage::from_fn(width, height, |x, y| {
                    image::Rgb([x as u8, y as u8, frame as u8 * 9])
                });
                let name = format!("{folder}/{modality}.{frame:04}.png");
                picture.save(self.path(&name)).unwrap();
            }
        }
    }

    /// A prepared folder, relative to the desk.
    fn prepare(&self, name: &str, modalities: &[&str]) -> String {
        let render = format!("render/{name}");
        self.render(&render, modalities, 6, (64, 36));
        let report = self.json(&["prepare-inference", &render, "--name", name, "--no-ai"]);
        text(&report["output"])
    }

    /// A video, relative to the desk.
    fn video(&self, name: &str, frames: u32, size: (u32, u32), fps: &str) -> String {
        let render = format!("render/{name}");
        self.render(&render, &["color"], frames, size);
        let video = format!("{name}.mp4");
        self.json(&[
            "convert-sequence",
            &render,
            "--output",
            &video,
            "--fps",
            fps,
        ]);
        video
    }

    fn prompt(&self, name: &str) -> String {
        text(&self.json(&["create-spec", name, "a neon city"])["path"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn from_a_prepared_folder_to_a_run_by_the_commands_that_are_printed() {
    let desk = Desk::new();
    desk.render("my render", &["color", "depth", "seg"], 6, (64, 36));
    let prepared = desk.json(&[
        "prepare-inference",
        "my render",
        "--name",
        "city",
        "--description",
        "it's a \"neon\" city; $(touch owned)",
        "--no-ai",
    ]);
    let folder = text(&prepared["output"]);
    let next = shlex::split(prepared["next"].as_str().unwrap()).unwrap();
    let expected = [
        "cosmos",
        "create-spec",
        "city",
        "it's a \"neon\" city; $(touch owned)",
        "--video-path",
        folder.as_str(),
    ];
    assert_eq!(next, expected);

    let words: Vec<&str> = next.iter().skip(1).map(String::as_str).collect();
    let created = desk.json(&words);
    let path = desk.path(created["path"].as_str().unwrap());
    let prompt = read(&path);
    assert_eq!(prompt["name"], "city");
    assert_eq!(prompt["prompt"], expected[3]);
    assert_eq!(prompt["negative_prompt"], "");
    let input = prompt["input_video_path"].as_str().unwrap();
    assert!(input.ends_with("/color.mp4") && desk.path(input).exists());
    assert_eq!(keys(&prompt["control_inputs"]), ["depth", "segmentation"]);
    let id = prompt["id"].as_str().unwrap();
    let timestamp = prompt["timestamp"].as_str().unwrap();
    assert!(
        timestamp.ends_with('Z') && timestamp.len() == 20,
        "{timestamp}"
    );
    let file = path.file_name().unwrap().to_str().unwrap();
    assert!(file.starts_with("city_20") && file.ends_with(&format!("_{id}.json")));
    let day = path
        .parent()
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap();
    assert_eq!(day.replace('-', ""), file["city_".len()..][..8]);
    assert!(path.starts_with(desk.path("inputs/prompts")));

    let next = shlex::split(created["next"].as_str().unwrap()).unwrap();
    assert_eq!(next[..2], ["cosmos", "create-run"]);
    let run = desk.json(&[&next[1], &next[2]]);
    let spec = read(&desk.path(run["path"].as_str().unwrap()));
    assert_eq!(spec["prompt_id"], prompt["id"]);
    assert_eq!(spec["execution_status"], "pending");
    assert_eq!(
        spec["control_weights"],
        json!({"depth": 0.25, "segmentation": 0.25, "vis": 0.0, "edge": 0.0})
    );
    assert_eq!(
        spec["parameters"],
        json!({"num_steps": 35, "guidance_scale": 8.0, "seed": 1})
    );
    let run_id = spec["id"].as_str().unwrap();
    assert!(run_id.starts_with("rs_") && run_id.len() == 15);
    assert!(
        spec["output_path"]
            .as_str()
            .unwrap()
            .ends_with(&format!("outputs/city_{run_id}"))
    );
    for absent in ["start_time", "end_time", "error_message"] {
        assert_eq!(spec[absent], Value::Null);
    }
}

#[test]
fn without_a_description_the_next_command_asks_for_one() {
    let desk = Desk::new();
    desk.render("render", &["color"], 2, (32, 18));
    let config = desk.write("my settings.toml", "[paths]\nlocal_videos_dir = '-odd'\n");
    let output = desk.run(&[
        "--config",
        config.to_str().unwrap(),
        "prepare-inference",
        "render",
        "--no-ai",
    ]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let next = stdout.lines().last().unwrap().strip_prefix("next").unwrap();
    let words = shlex::split(next).unwrap();
    assert_eq!(words[..3], ["cosmos", "--config", config.to_str().unwrap()]);
    assert_eq!(words[5], "describe the result you want");
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    assert!(desk.run(&words).status.success());
}

#[test]
fn the_same_input_gives_the_same_id_and_no_second_file() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "depth"]);
    let create = ["create-spec", "city", "neon", "--video-path", &folder];
    let first = desk.json(&create);
    let again = desk.json(&create);
    assert_eq!(
        (&first["existing"], &again["existing"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(again["path"], first["path"]);
    assert_eq!(again["spec"], first["spec"]);
    let other = desk.json(&["create-spec", "city", "rain", "--video-path", &folder]);
    assert_ne!(other["spec"]["id"], first["spec"]["id"]);

    let prompt = text(&first["path"]);
    let run = desk.json(&["create-run", &prompt, "--num-steps", "50"]);
    let path = desk.path(run["path"].as_str().unwrap());
    // What has become of the run, and what others noted in it, is not forgotten.
    let mut ended = read(&path);
    ended["execution_status"] = json!("failed");
    ended["my_note"] = json!("too dark");
    std::fs::write(&path, ended.to_string()).unwrap();
    let again = desk.json(&["create-run", &prompt, "--num-steps", "50"]);
    assert_eq!(again["path"], run["path"]);
    assert_eq!(again["spec"]["execution_status"], "failed");
    assert_eq!(again["spec"]["my_note"], "too dark");
    let other = desk.json(&["create-run", &prompt, "--num-steps", "50", "--seed", "2"]);
    assert_ne!(other["spec"]["id"], run["spec"]["id"]);
}

#[test]
fn a_prepared_folder_may_be_moved_before_and_work_may_go_on_elsewhere_after() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "depth"]);
    std::fs::rename(desk.path(&folder), desk.path("moved")).unwrap();
    let created = desk.json(&["create-spec", "city", "neon", "--video-path", "./moved/"]);
    let spec = &created["spec"];
    assert_eq!(spec["input_video_path"], "moved/color.mp4");
    assert_eq!(spec["control_inputs"]["depth"], "moved/depth.mp4");

    let deeper = desk.path("somewhere");
    std::fs::create_dir(&deeper).unwrap();
    let file = desk.path(created["path"].as_str().unwrap());
    let mut command = desk.command(&["create-run", file.to_str().unwrap()]);
    let output = command.current_dir(&deeper).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn every_option_of_a_run_is_written_down() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "edge"]);
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &folder])["path"]);
    let run = desk.json(&[
        "create-run",
        &prompt,
        "--weights",
        "0.3",
        "0",
        "0.2",
        "1",
        "--num-steps",
        "50",
        "--guidance-scale",
        "10",
        "--seed",
        "42",
        "--fps",
        "30",
        "--sigma-max",
        "80.5",
        "--blur-strength",
        "very_low",
        "--canny-threshold",
        "high",
        "--output-path",
        "out/x",
        "--verbose",
    ]);
    let spec = &run["spec"];
    assert_eq!(
        spec["control_weights"],
        json!({"vis": 0.3, "edge": 0.0, "depth": 0.2, "segmentation": 1.0})
    );
    assert_eq!(
        spec["parameters"],
        json!({"num_steps": 50, "guidance_scale": 10.0, "seed": 42, "fps": 30, "sigma_max": 80.5,
               "blur_strength": "very_low", "canny_threshold": "high"})
    );
    assert_eq!(spec["output_path"], "out/x");
    let notes: Vec<&str> = run["notes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        notes.contains(&"edge has the weight 0 and is left out"),
        "{notes:?}"
    );
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("vis has no video: Cosmos-Transfer1")),
        "{notes:?}"
    );
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("canny_threshold has no effect")),
        "{notes:?}"
    );
}

#[test]
fn defaults_come_from_the_settings() {
    let desk = Desk::new();
    desk.write(
        "config.toml",
        "[cosmos]\nmodel = 'transfer2.5'\n[execution]\ndefault_num_steps = 20\ndefault_seed = 9\n\
         [paths]\nlocal_runs_dir = 'my runs'\nlocal_outputs_dir = 'my outputs'\n",
    );
    let folder = desk.prepare("city", &["color", "depth"]);
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &folder])["path"]);
    let run = desk.json(&["create-run", &prompt]);
    assert_eq!(run["checked_for"], "transfer2.5");
    // Steps and guidance of the settings are for Transfer1; this model has its own for each control.
    assert_eq!(run["spec"]["parameters"], json!({"seed": 9}));
    let warning = text(&run["warnings"][0]["message"]);
    assert!(
        warning.contains("default_num_steps and default_guidance_scale under [execution] are for Cosmos-Transfer1"),
        "{warning}"
    );
    let run = desk.json(&["create-run", &prompt, "--model", "transfer1"]);
    assert_eq!(
        run["spec"]["parameters"],
        json!({"num_steps": 20, "guidance_scale": 8.0, "seed": 9})
    );
    assert!(run["path"].as_str().unwrap().starts_with("my runs/"));
    assert!(
        run["spec"]["output_path"]
            .as_str()
            .unwrap()
            .starts_with("my outputs/c_rs_")
    );
    let third = desk.json(&["create-run", &prompt, "--model", "cosmos3"]);
    assert_eq!(third["spec"]["model"], "cosmos3");
    assert_eq!(third["spec"]["control_weights"]["depth"], 1.0);
}

#[test]
fn what_the_model_cannot_do_is_refused_before_anything_is_written() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "depth", "edge"]);
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &folder])["path"]);
    for (args, expected) in [
        (
            &["--model", "transfer2.5", "--guidance-scale", "8"][..],
            "Cosmos-Transfer2.5 cannot run this: guidance_scale is 8, expected a whole number from 0 to 7",
        ),
        (
            &["--model", "cosmos3", "--guidance-scale", "7.5"],
            "Cosmos 3 cannot run this: guidance_scale is 7.5, expected a number from 0 to 7",
        ),
        (
            &["--model", "cosmos3", "--weights", "0", "0", "0", "1"],
            "Cosmos 3 cannot run this: the prompt is without a video of segmentation, expected one",
        ),
        (
            &["--model", "cosmos3", "--set", "gidance=3"],
            "Cosmos 3 has no option `gidance`",
        ),
        (
            &["--model", "transfer2.5", "--set", "guidance=3.5"],
            "guidance is 3.5, expected a whole number from 0 to 7",
        ),
        (
            &["--recipe", "lighting"],
            "the recipe lighting is not for Cosmos-Transfer1",
        ),
        (
            &["--model", "transfer2.5", "--recipe", "object"],
            "the recipe object needs a mask for segmentation",
        ),
        (
            &["--mask", "depth=absent.mp4"],
            "the mask of depth is absent.mp4, which does not exist",
        ),
        (
            &["--weights", "0", "0", "0", "0"],
            "the weight is 0 for every control",
        ),
    ] {
        let text = desk.refusal(2, &[&["create-run", &prompt], args].concat());
        assert!(text.contains(expected) && text.contains("help:"), "{text}");
    }
    let without_video = desk.prompt("bare");
    let text = desk.refusal(2, &["create-run", &without_video]);
    assert!(
        text.contains("the prompt is without a video, expected an input video"),
        "{text}"
    );
    assert!(!desk.path("inputs/runs").exists());
}

#[test]
fn create_spec_says_at_once_what_a_run_of_it_would_lack() {
    let desk = Desk::new();
    let said = |model: &str, args: &[&str]| {
        let mut command = desk.command(&[&["create-spec", "c", "p"], args].concat());
        let output = command.env("COSMOS_COSMOS_MODEL", model).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let bare = said("transfer1", &[]);
    assert!(
        bare.contains("the prompt has no video yet, and a run needs one"),
        "{bare}"
    );
    assert!(bare.contains("--video-path FOLDER"), "{bare}");

    let folder = desk.prepare("city", &["color", "depth"]);
    let with_folder = ["--video-path", folder.as_str()];
    let text = said("transfer1", &with_folder);
    assert!(
        text.contains("no video of vis, edge and segmentation: Cosmos-Transfer1 makes it"),
        "{text}"
    );
    assert!(text.contains("create-run --weights"), "{text}");
    let text = said("cosmos3", &with_folder);
    assert!(
        text.contains("no video of segmentation: Cosmos 3 cannot make it"),
        "{text}"
    );
    assert!(text.contains("--control-inputs"), "{text}");

    // Controls alone.
    let depth = json!({"depth": format!("{folder}/depth.mp4")}).to_string();
    let controls = ["--control-inputs", depth.as_str()];
    let text = said("transfer2.5", &controls);
    assert!(
        text.contains("Cosmos-Transfer2.5 cannot run this: the input video is missing"),
        "{text}"
    );
    assert!(text.contains("--video-path"), "{text}");
    let text = said("transfer1", &controls);
    assert!(
        text.contains("there are controls, but no input video"),
        "{text}"
    );

    let whole = desk.prepare("whole", &["color", "depth", "segmentation", "vis", "edge"]);
    let text = said("transfer1", &["--video-path", &whole]);
    assert!(
        !text.contains("warning") && !text.contains("note"),
        "{text}"
    );
    for field in ["control_inputs", "input_video_path", "control_weights"] {
        assert!(!bare.contains(field) && !text.contains(field), "{text}");
    }
}

#[test]
fn values_out_of_range_are_refused_with_what_would_be_right() {
    let desk = Desk::new();
    for (option, value, expected) in [
        ("--num-steps", "0", "0"),
        ("--num-steps", "-5", "-5"),
        ("--num-steps", "abc", "abc"),
        ("--guidance-scale", "-1", "a number, 0 or more"),
        ("--guidance-scale", "nan", "a number, 0 or more"),
        ("--seed", "-1", "-1"),
        ("--fps", "0", "1..=1000"),
        ("--fps", "23.976", "23.976"),
        ("--sigma-max", "201", "a number from 0 to 200"),
        (
            "--blur-strength",
            "max",
            "very_low, low, medium, high or very_high",
        ),
        (
            "--canny-threshold",
            "max",
            "very_low, low, medium, high or very_high",
        ),
        ("--model", "transfer2", "transfer1, transfer2.5 or cosmos3"),
    ] {
        let text = desk.refusal(2, &["create-run", "p.json", option, value]);
        assert!(text.contains(option) && text.contains(expected), "{text}");
    }
    for weights in [
        ["0.3", "1.5", "0", "0"],
        ["0.3", "-0.1", "0", "0"],
        ["a", "0", "0", "0"],
    ] {
        let args = ["create-run", "p.json", "--weights"];
        let text = desk.refusal(2, &[&args[..], &weights].concat());
        assert!(text.contains("expected a number from 0 to 1"), "{text}");
    }
    let text = desk.refusal(2, &["create-run", "p.json", "--weights", "0.5", "0.5"]);
    assert!(
        text.contains("--weights <VIS> <EDGE> <DEPTH> <SEGMENTATION>"),
        "{text}"
    );
}

#[test]
fn a_control_that_does_not_match_the_input_video_is_refused_with_both_numbers() {
    let desk = Desk::new();
    let color = desk.video("color", 6, (64, 36), "24");
    let shorter = desk.video("shorter", 5, (64, 36), "24");
    let other = desk.video("other", 6, (32, 36), "25");
    let create = |controls: Value| {
        let controls = controls.to_string();
        desk.refusal(
            2,
            &[
                "create-spec",
                "c",
                "p",
                "--video-path",
                &color,
                "--control-inputs",
                &controls,
            ],
        )
    };
    let text = create(json!({"depth": shorter}));
    assert!(
        text.contains("the video of depth has 5 frames, expected 6, as in the input video"),
        "{text}"
    );
    // All differences at once.
    let text = create(json!({"depth": shorter, "seg": other}));
    for part in [
        "the video of depth has 5 frames, expected 6",
        "the video of segmentation is 32x36, expected 64x36",
        "the video of segmentation has 25 frames a second, expected 24",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = create(json!({"depth": "absent.mp4"}));
    assert!(
        text.contains("the video of depth is absent.mp4, which does not exist"),
        "{text}"
    );
    let text = create(json!({"normals": shorter}));
    assert!(
        text.contains(
            "--control-inputs: the JSON names `normals`, expected vis, edge, depth or segmentation"
        ),
        "{text}"
    );
    assert!(!desk.path("inputs/prompts").exists());
}

#[test]
fn what_is_no_video_is_refused() {
    let desk = Desk::new();
    desk.write("notes.txt", "hello");
    desk.write("fake.mp4", "hello");
    std::fs::create_dir(desk.path("empty")).unwrap();
    for (code, path, expected) in [
        (
            2,
            "absent.mp4",
            "the input video is absent.mp4, which does not exist",
        ),
        (
            2,
            "notes.txt",
            "the input video is notes.txt, expected an .mp4 file",
        ),
        (1, "fake.mp4", "the input video: fake.mp4 is not a video"),
        (
            2,
            "empty",
            "empty holds no metadata.json, expected a video or a folder that prepare-inference made",
        ),
    ] {
        let text = desk.refusal(code, &["create-spec", "c", "p", "--video-path", path]);
        assert!(text.contains(expected) && text.contains("help:"), "{text}");
    }
    desk.write("empty/metadata.json", r#"{"video_path": 5}"#);
    let text = desk.refusal(2, &["create-spec", "c", "p", "--video-path", "empty"]);
    assert!(
        text.contains("empty/metadata.json: video_path is 5, expected the path of a video"),
        "{text}"
    );
}

#[test]
fn names_and_texts_that_say_nothing_are_refused() {
    let desk = Desk::new();
    let text = desk.refusal(2, &["create-spec", "..", "p"]);
    assert!(text.contains("\"..\""), "{text}");
    let text = desk.refusal(2, &["create-spec", "c", "  "]);
    assert!(text.contains("the prompt is empty"), "{text}");
    let hostile = desk.prompt("../../$(reboot)\nx y");
    assert!(hostile.starts_with("./inputs/prompts/20"), "{hostile}");
    let file = Path::new(&hostile).file_name().unwrap().to_str().unwrap();
    assert!(file.starts_with("reboot_x_y_20"), "{file}");
}

#[test]
fn a_video_that_was_rendered_again_asks_for_a_new_prompt() {
    let desk = Desk::new();
    let video = desk.video("color", 6, (64, 36), "24");
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &video])["path"]);
    assert!(desk.run(&["create-run", &prompt]).status.success());
    std::fs::remove_file(desk.path(&video)).unwrap();
    desk.json(&[
        "convert-sequence",
        "render/color",
        "--output",
        &video,
        "--crf",
        "40",
    ]);
    let text = desk.refusal(2, &["create-run", &prompt]);
    assert!(
        text.contains("the input video is color.mp4, which has changed since the prompt was made"),
        "{text}"
    );
}

#[test]
fn bad_prompt_files_are_refused_by_field_or_by_line_and_column() {
    let desk = Desk::new();
    for (content, expected) in [
        (
            "{\n  \"name\": \"a\",\n  \"prompt\" \"b\"\n}",
            "p.json:3:12: expected `:`",
        ),
        ("", "p.json:1:0: EOF while parsing a value"),
        ("[]", "p.json: found [], expected an object in braces"),
        (
            r#"{"name": "a"}"#,
            "p.json: prompt is missing, expected a text",
        ),
        (
            r#"{"name": 3, "prompt": "b"}"#,
            "p.json: name is 3, expected a name",
        ),
        (
            r#"{"prompt_id": "ps_1", "name": "a"}"#,
            "p.json is a run specification, expected a prompt specification",
        ),
    ] {
        desk.write("p.json", content);
        let text = desk.refusal(2, &["create-run", "p.json"]);
        assert!(text.contains(expected), "{text}\n{expected}");
    }
    let text = desk.refusal(2, &["create-run", "absent.json"]);
    assert!(text.contains("absent.json does not exist"), "{text}");
    let text = desk.refusal(2, &["create-run", "."]);
    assert!(text.contains(". is a folder"), "{text}");
}

#[test]
fn a_prompt_of_the_older_tool_runs() {
    let desk = Desk::new();
    let color = desk.video("color", 6, (64, 36), "24");
    let seg = desk.video("seg", 6, (64, 36), "24");
    desk.write(
        "old.json",
        &json!({
            "id": "ps_abc", "name": "old", "prompt": "p", "negative_prompt": "n",
            "input_video_path": color, "control_inputs": {"seg": seg},
            "timestamp": "2024-12-30T10:00:00.123456Z", "is_upsampled": false
        })
        .to_string(),
    );
    let run = desk.json(&["create-run", "old.json"]);
    assert_eq!(run["spec"]["prompt_id"], "ps_abc");
    // The only one that has a video.
    assert_eq!(run["spec"]["control_weights"]["segmentation"], 1.0);
}

#[test]
fn a_recipe_sets_what_the_user_does_not() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "edge", "vis"]);
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &folder])["path"]);
    let create = |more: &[&str]| {
        let args = ["create-run", &prompt, "--model", "transfer2.5", "--recipe"];
        desk.json(&[&args[..], more].concat())["spec"].clone()
    };
    let spec = create(&["lighting"]);
    assert_eq!(
        spec["control_weights"],
        json!({"vis": 0.2, "edge": 1.0, "depth": 0.0, "segmentation": 0.0})
    );
    assert_eq!(spec["parameters"]["guidance_scale"], 3.0);
    assert_eq!(spec["parameters"]["recipe"], "lighting");
    let spec = create(&[
        "lighting",
        "--guidance-scale",
        "5",
        "--weights",
        "1",
        "0",
        "0",
        "0",
    ]);
    assert_eq!(spec["control_weights"]["vis"], 1.0);
    assert_eq!(spec["parameters"]["guidance_scale"], 5.0);
    let text = desk.refusal(2, &["create-run", &prompt, "--recipe", "lightning"]);
    assert!(text.contains("did you mean lighting?"), "{text}");
}

#[test]
fn options_of_the_program_are_kept_as_it_takes_them() {
    let desk = Desk::new();
    let folder = desk.prepare("city", &["color", "depth"]);
    let prompt = text(&desk.json(&["create-spec", "c", "p", "--video-path", &folder])["path"]);
    let run = desk.json(&[
        "create-run",
        &prompt,
        "--model=cosmos3",
        "--set=control-guidance=2",
        "--set=depth.weight=0.5",
        "--set-raw=brand_new=[1, 2]",
        "--set-raw=--brand-new",
        "--resolution-tier=480",
        "--guardrails=off",
    ]);
    let parameters = &run["spec"]["parameters"];
    assert_eq!(
        parameters["set"],
        json!({"control_guidance": 2.0, "depth.weight": 0.5})
    );
    assert_eq!(
        parameters["set_raw"],
        json!({"brand_new": [1, 2], "--brand-new": true})
    );
    assert_eq!(parameters["guardrails"], false);
    let working = &run["processing"]["working_size"];
    assert_eq!(
        (&working["tier"], &working["size"]["width"]),
        (&json!("480"), &json!(832))
    );
    // The run says so again when its file is read.
    let path = text(&run["path"]);
    assert_eq!(read(&desk.path(&path))["parameters"], *parameters);
    desk.write("config.toml", "[remote]\nhost = 'gpu01'\n");
    let text = desk.refusal(2, &["run", &path, "--draft", "--dry-run"]);
    assert!(
        text.contains("is a run, which has settings of its own"),
        "{text}"
    );
}

#[test]
fn list_and_show_tell_state_age_and_output() {
    let desk = Desk::new();
    let output = desk.run(&["list"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "no prompts and no runs\n"
    );

    desk.write(
        "inputs/prompts/2024-12-30/city_ps_aaa111.json",
        r#"{"id": "ps_aaa111", "name": "city", "prompt": "p", "timestamp": "2024-12-30T10:00:00Z"}"#,
    );
    desk.write(
        "inputs/prompts/2024-12-31/sea_ps_aaa222.json",
        r#"{"id": "ps_aaa222", "name": "sea", "prompt": "p", "timestamp": "2024-12-31T10:00:00Z"}"#,
    );
    desk.write(
        "inputs/runs/2025-01-01/city_rs_bbb333.json",
        r#"{"id": "rs_bbb333", "name": "city", "prompt_id": "ps_aaa111", "execution_status": "success",
            "output_path": "outputs/city", "timestamp": "2025-01-01T10:00:00Z", "extra": 1}"#,
    );
    desk.write("inputs/runs/2025-01-01/broken.json", "{");
    std::fs::create_dir_all(desk.path("outputs/city")).unwrap();

    let output = desk.run(&["list"]);
    assert_eq!(output.status.code(), Some(0));
    let stdout = String::from_utf8(output.stdout).unwrap();
    for part in [
        "rs_bbb333",
        "ps_aaa111",
        "completed",
        "years ago",
        "outputs/city",
    ] {
        assert!(stdout.contains(part), "{part} in {stdout}");
    }
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("broken.json:1:1: EOF"), "{stderr}");
    let list = desk.json(&["list"]);
    let ids: Vec<&Value> = list["specs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["id"])
        .collect();
    assert_eq!(ids, ["rs_bbb333", "ps_aaa222", "ps_aaa111"]);

    let run = desk.json(&["show", "rs_b"]);
    assert_eq!(run["state"], "completed");
    assert_eq!(
        (&run["output"], &run["output_exists"]),
        (&json!("outputs/city"), &json!(true))
    );
    assert_eq!(run["spec"]["extra"], 1);
    let prompt = desk.json(&["show", "city"]);
    assert_eq!(prompt["id"], "ps_aaa111");
    assert_eq!(prompt["runs"][0]["id"], "rs_bbb333");
    let stdout = String::from_utf8(desk.run(&["show", "rs_bbb333"]).stdout).unwrap();
    assert!(stdout.contains("state     completed\nmade "), "{stdout}");

    let text = desk.refusal(2, &["show", "ps_a"]);
    assert!(text.contains("ps_aaa111 (city), ps_aaa222 (sea)"), "{text}");
    let text = desk.refusal(2, &["show", "cty"]);
    assert!(text.contains("no prompt or run is called `cty`"), "{text}");
    assert!(text.contains("did you mean city?"), "{text}");
}
