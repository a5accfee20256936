use std::collections::BTreeMap;
use std::fs;

use cosmos_workflow::modality::Modality;
use cosmos_workflow::video::read::VideoReader;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::models::{engine, tagger, write_tagger};
use crate::support::shot::assert_frames;
use crate::support::{Ends, Said, Sandbox, Shot, probe};

fn video(sandbox: &Sandbox, modality: Modality) -> std::path::PathBuf {
    sandbox.prepared().join(format!("{modality}.mp4"))
}

fn metadata(sandbox: &Sandbox) -> Value {
    let text = fs::read_to_string(sandbox.prepared().join("metadata.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_shot_becomes_aligned_videos_metadata_and_a_preview() {
    let sandbox = Sandbox::new();
    Shot::new().frames(1001..=1006).write(&sandbox.path("shot"));
    let run = sandbox.done("prepare-inference shot --name city");
    let folder = sandbox.prepared();
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    run.prints(&[
        "city: 6 frames (1001-1006), 64x36, 24 fps",
        &format!("./inputs/videos/{name}"),
    ]);
    let stamp = name.strip_prefix("city_").unwrap();
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    let (day, time) = stamp.split_once('_').unwrap();
    assert!(digits(day, 8) && digits(time, 6), "{name}");
    assert_eq!(
        sandbox.names_in(&folder),
        [
            "color.mp4",
            "depth.mp4",
            "edge.mp4",
            "metadata.json",
            "preview.png",
            "segmentation.mp4",
            "vis.mp4"
        ]
    );
    for modality in Modality::ALL {
        let video = folder.join(format!("{modality}.mp4"));
        assert_frames(&video, modality, 1001..=1006);
        let stream = probe(&video);
        assert_eq!(stream["r_frame_rate"], "24/1");
        assert_eq!(stream["color_space"], "bt709");
        assert_eq!(stream["color_range"], "tv");
    }
    let preview = image::open(folder.join("preview.png")).unwrap();
    // Six columns and five rows of at least the frames' own size, and not a poster.
    assert!(preview.width() > 6 * 64 && preview.height() > 5 * 36);
    assert!(preview.width() < 4000 && preview.height() < 4000);
}

#[test]
fn layouts_and_aliases_are_found_without_being_told() {
    type Name = fn(Modality, u64) -> String;
    fn alias(modality: Modality) -> &'static str {
        match modality {
            Modality::Color => "beauty",
            Modality::Depth => "z",
            Modality::Segmentation => "mask",
            Modality::Vis => "blur",
            Modality::Edge => "canny",
        }
    }
    let names: [Name; 6] = [
        |m, n| format!("{m}-{n}.png"),
        |m, n| format!("{m}/{n:04}.png"),
        |m, n| format!("{m}/beauty_{m}.{n:04}.png"),
        |m, n| format!("v003/{m}/{n:04}.png"),
        |m, n| format!("sh010_{}_{n:05}.png", alias(m)),
        |m, n| format!("{}/sh010.{n}.png", alias(m)),
    ];
    for (index, name) in names.into_iter().enumerate() {
        let sandbox = Sandbox::new();
        Shot::new()
            .frames(99..=101)
            .named(name)
            .write(&sandbox.path("shot"));
        let run = sandbox.done("prepare-inference shot --name x");
        if index >= 4 {
            run.prints(&[
                "color from `beauty`",
                "depth from `z`",
                "segmentation from `mask`",
                "vis from `blur`",
                "edge from `canny`",
            ]);
        }
        for modality in Modality::ALL {
            assert_frames(&video(&sandbox, modality), modality, 99..=101);
        }
    }
}

#[test]
fn two_sources_of_one_modality_are_an_error_that_names_both() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    Shot::new()
        .only(&[Modality::Depth])
        .named(|_, number| format!("z/{number:04}.png"))
        .write(&sandbox.path("shot"));
    sandbox.refused(3, "prepare-inference shot").warns(&[
        "depth has 2 sources",
        "shot/depth.####.png",
        "shot/z/####.png",
        "help:",
    ]);
}

#[test]
fn color_alone_will_do_but_not_a_shot_without_it() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("beauty"));
    Shot::new()
        .only(&[Modality::Depth, Modality::Edge])
        .write(&sandbox.path("controls"));
    sandbox.refused(3, "prepare-inference controls").warns(&[
        "color is missing in `controls` (found depth, edge)",
        "color.####.png",
    ]);
    sandbox.done("prepare-inference beauty --name x");
    assert_eq!(metadata(&sandbox)["modalities"], json!(["color"]));
    assert_eq!(metadata(&sandbox)["control_inputs"], json!({}));
}

#[test]
fn every_problem_is_reported_at_once() {
    let sandbox = Sandbox::new();
    Shot::new()
        .frames(1..=6)
        .missing(Modality::Depth, 3)
        .range(Modality::Edge, 1..=5)
        .stray_size(Modality::Segmentation, 2, (32, 18))
        .write(&sandbox.path("shot"));
    fs::write(sandbox.path("shot/vis.0004.png"), "").unwrap();
    fs::write(sandbox.path("shot/color.0005.png"), "no picture").unwrap();
    sandbox.refused(3, "prepare-inference shot").warns(&[
        "depth: frame 3 is missing",
        "render `depth.0003.png`",
        "edge has frames 1-5 but color has 1-6",
        "segmentation: `shot/segmentation.0002.png` is 32x18; the sequence is 64x36",
        "vis: `shot/vis.0004.png` is empty",
        "color: `shot/color.0005.png` is not an image (found text)",
        "the frames in `shot` have 5 problems",
    ]);
}

#[test]
fn modalities_of_different_sizes_do_not_go_together() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("shot"));
    Shot::new()
        .only(&[Modality::Depth])
        .size(32, 18)
        .write(&sandbox.path("shot"));
    sandbox.refused(3, "prepare-inference shot").warns(&[
        "depth is 32x18",
        "depth.0001.png",
        "color is 64x36",
        "same resolution",
    ]);
}

#[test]
fn a_partial_shot_keeps_the_frames_that_all_modalities_have() {
    let sandbox = Sandbox::new();
    Shot::new()
        .frames(1..=9)
        .missing(Modality::Depth, 3)
        .range(Modality::Edge, 2..=8)
        .range(Modality::Vis, 1..=10)
        .write(&sandbox.path("shot"));
    fs::write(sandbox.path("shot/segmentation.0006.png"), "").unwrap();
    sandbox
        .done("prepare-inference shot --name x --allow-partial")
        .warns(&[
            "dropped",
            "color: dropped frame 3",
            "missing or unreadable in depth",
            "segmentation.0006.png` is empty",
        ]);
    for modality in Modality::ALL {
        assert_frames(&video(&sandbox, modality), modality, [2, 4, 5, 7, 8]);
    }
    let metadata = metadata(&sandbox);
    assert_eq!(metadata["frame_count"], 5);
    assert_eq!(metadata["source"]["frame_range"]["first"], 2);
    assert_eq!(metadata["source"]["frame_range"]["last"], 8);
    assert!(!metadata["source"]["dropped"].as_array().unwrap().is_empty());
}

#[test]
fn a_partial_shot_without_a_common_frame_is_refused() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .range(Modality::Depth, 11..=14)
        .write(&sandbox.path("shot"));
    sandbox
        .refused(3, "prepare-inference shot --allow-partial")
        .warns(&[
            "no frame is readable in every modality",
            "color 1-4",
            "depth 11-14",
            "help:",
        ]);
}

#[test]
fn unrelated_files_are_a_warning_and_with_strict_an_error() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    fs::write(sandbox.path("shot/notes.txt"), "call Ann").unwrap();
    fs::write(sandbox.path("shot/.DS_Store"), "").unwrap();
    sandbox
        .refused(3, "prepare-inference shot --strict")
        .warns(&[
            "1 file unrelated to the shot: notes.txt",
            "leave out --strict",
        ]);
    sandbox
        .done("prepare-inference shot --name x")
        .warns(&["warning: 1 file unrelated to the shot: notes.txt"]);
}

#[test]
fn metadata_says_what_was_made_of_what() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Segmentation])
        .frames(1..=8)
        .write(&sandbox.path("renders/shot"));
    let printed = sandbox
        .done("prepare-inference renders/shot --name 'Shot 010' --description 'a city' --fps 24000/1001 --crf 20 --preset fast --json")
        .json();
    let metadata = metadata(&sandbox);
    assert_eq!(printed["metadata"], metadata);
    let folder = sandbox.prepared();
    let relative = format!(
        "./inputs/videos/{}",
        folder.file_name().unwrap().to_string_lossy()
    );
    for (key, expected) in [
        ("schema_version", json!(1)),
        ("name", json!("Shot_010")),
        ("description", json!("a city")),
        ("frame_count", json!(8)),
        ("fps", json!(24_000.0 / 1001.0)),
        ("frame_rate", json!("24000/1001")),
        ("resolution", json!([64, 36])),
        ("modalities", json!(["color", "segmentation"])),
        ("video_path", json!(format!("{relative}/color.mp4"))),
        (
            "control_inputs",
            json!({"segmentation": format!("{relative}/segmentation.mp4")}),
        ),
    ] {
        assert_eq!(metadata[key], expected, "{key}");
    }
    assert_eq!(metadata["id"].as_str().unwrap().len(), 12);
    let timestamp = metadata["timestamp"].as_str().unwrap();
    assert!(
        timestamp.ends_with('Z') && timestamp.as_bytes()[10] == b'T',
        "{timestamp}"
    );
    let source = &metadata["source"];
    assert_eq!(source["folder"], "renders/shot");
    assert_eq!(
        source["frame_range"],
        json!({"first": 1, "last": 8, "step": 1})
    );
    assert_eq!(
        source["patterns"],
        json!({"color": "color.####.png", "segmentation": "segmentation.####.png"})
    );
    assert_eq!(source["dropped"], json!([]));
    let encoder = &metadata["encoder"];
    assert_eq!(encoder["codec"], "h264");
    assert_eq!(encoder["pixel_format"], "yuv420p");
    assert_eq!(encoder["color"], "bt709");
    assert_eq!(encoder["color_range"], "limited");
    let warnings = metadata["warnings"].to_string();
    assert!(
        warnings.contains("24000/1001") && warnings.contains("121 frames at a time"),
        "{warnings}"
    );
    for name in ["color", "segmentation"] {
        let bytes = fs::read(folder.join(format!("{name}.mp4"))).unwrap();
        let expected = json!({
            "file": format!("{name}.mp4"),
            "sha256": Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "bytes": bytes.len(),
            "crf": 20,
            "preset": "fast",
            "x264_options": "",
        });
        assert_eq!(metadata["videos"][name], expected);
    }
}

#[test]
fn videos_for_a_model_have_its_size_and_the_report_says_what_it_will_do() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(11..=15)
        .write(&sandbox.path("shot"));
    let printed = sandbox
        .done("prepare-inference shot --no-ai --resolution cosmos --model cosmos3 --checkpoint Cosmos3-Edge --json")
        .json();
    assert_eq!(printed["metadata"]["resolution"], json!([832, 480]));
    let cosmos = &printed["cosmos"];
    for (key, expected) in [
        ("model", json!("cosmos3")),
        ("tier", json!("480")),
        ("working_size", json!({"width": 832, "height": 480})),
        ("resize", json!("cover_crop")),
    ] {
        assert_eq!(cosmos[key], expected, "{key}");
    }
    assert_eq!(cosmos["windows"]["padding"], 116);
    // Frames that were made for the model are not cropped by it.
    let warnings = printed["warnings"].to_string();
    assert!(
        warnings.contains("5 frames only: Cosmos 3") && !warnings.contains("cropped"),
        "{warnings}"
    );
    sandbox
        .done("prepare-inference shot --no-ai --name b --model transfer2.5")
        .prints(&[
            "model     Cosmos-Transfer2.5 (tier 720): stretched to 1280x704, 1 window of 93 frames",
        ]);
}

#[test]
fn the_id_depends_on_the_frames_and_not_on_the_name() {
    let ids: Vec<_> = [(1, "a"), (1, "b"), (2, "a")]
        .into_iter()
        .map(|(first, name)| {
            let sandbox = Sandbox::new();
            Shot::new()
                .frames(first..=first + 2)
                .write(&sandbox.path("shot"));
            sandbox.done(&format!("prepare-inference shot --name {name} --threads 1"));
            metadata(&sandbox)["id"].clone()
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn names_come_from_the_user_the_description_or_the_folder() {
    for (folder, options, expected) in [
        ("shot", "--name City", "City"),
        (
            "shot",
            "--name City --description 'a modern staircase'",
            "City",
        ),
        (
            "shot",
            "--description 'A beautiful sunset over the ocean with waves'",
            "sunset_ocean_waves",
        ),
        (
            "shot",
            "--use-ai --description 'a red car driving on a highway'",
            "red_car_highway",
        ),
        ("Neon Street v2", "", "neon_street_v2"),
        ("Neon Street v2", "--no-ai", "neon_street_v2"),
        ("shot", "--name ../../evil", "evil"),
        ("shot", "--name /etc/passwd", "etc_passwd"),
        ("shot", r"--name 'a\b:c*?'", "a_b_c"),
        ("shot", "--name='--rm -rf'", "rm_-rf"),
        ("shot", "--name .hidden", "hidden"),
        ("shot", "--name straße", "straße"),
        ("shot", "--description 日本", "ri_ben"),
    ] {
        let sandbox = Sandbox::new();
        let shot = Shot::new().only(&[Modality::Color]).frames(1..=2);
        shot.write(&sandbox.path(folder));
        sandbox.done(&format!("prepare-inference '{folder}' {options}"));
        let name = sandbox
            .prepared()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(
            name.starts_with(&format!("{expected}_2")),
            "{options}: {name}"
        );
        assert_eq!(
            name.len(),
            expected.len() + "_20260101_120000".len(),
            "{name}"
        );
        assert_eq!(metadata(&sandbox)["name"], expected);
    }
}

#[test]
fn a_name_of_which_nothing_is_left_is_wrong_usage() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    for name in ["", "..", "///", "' '"] {
        sandbox
            .refused(2, &format!("prepare-inference shot --name={name}"))
            .warns(&["name"]);
    }
}

#[test]
fn without_an_engine_use_ai_says_so_and_goes_on() {
    for (options, says_so) in [
        ("--use-ai", true),
        ("--use-ai=true", true),
        ("", true),
        ("--use-ai=false", false),
        ("--no-ai", false),
        ("--use-ai --no-ai", false),
    ] {
        let sandbox = Sandbox::new();
        Shot::new()
            .only(&[Modality::Color])
            .write(&sandbox.path("shot"));
        let said = sandbox
            .done(&format!("prepare-inference shot {options}"))
            .err();
        assert_eq!(
            said.contains("no AI model looks at the pictures"),
            says_so,
            "{options}: {said}"
        );
    }
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    sandbox
        .refused(2, "prepare-inference shot --use-ai=maybe")
        .warns(&["maybe", "true, false"]);
}

#[test]
fn models_describe_and_name_a_shot_and_no_name_is_given_twice() {
    let sandbox = Sandbox::new();
    write_tagger(&sandbox.path("models"), &tagger([9.0, 0.0, 0.0]));
    Shot::new().write(&sandbox.path("shot"));
    let prepare = |options: &str| -> Value {
        let arguments = format!("prepare-inference shot --models-dir models --json {options}");
        let mut command = sandbox.cosmos(&arguments);
        command.env("ORT_DYLIB_PATH", engine().library());
        command.assert_code(0).json()["metadata"].clone()
    };
    let metadata = prepare("");
    let name = metadata["name"].as_str().unwrap();
    assert_eq!(name, "cat");
    let words = metadata["description"].as_str().unwrap();
    assert!(words.starts_with("A cat, "), "{words}");
    assert_eq!(metadata["ai_tags"][0]["label"], "cat");
    assert_eq!(metadata["ai_caption"], Value::Null);
    // One that stays, and one a frame.
    assert_eq!(metadata["look"]["segmentation_labels"], 5);
    let analysis = &metadata["analysis"];
    assert_eq!(
        analysis["frames"],
        json!([1, 2, 3, 4]),
        "numbered as the files are"
    );
    assert_eq!(analysis["described_by"], "composed");
    let model = &analysis["models"][0];
    assert_eq!(
        (&model["task"], &model["version"]),
        (&json!("tags"), &json!("1"))
    );
    assert_eq!(model["sha256"].as_str().unwrap().len(), 64);
    let folder = metadata["video_path"].as_str().unwrap();
    assert!(
        sandbox.path(folder).exists() && folder.contains(name),
        "{folder}"
    );

    let second = prepare("");
    let numbered = second["name"].as_str().unwrap();
    assert!(
        numbered.ends_with("_2") && numbered.len() <= 20,
        "{numbered}"
    );
    let told = prepare("--description 'a modern staircase'");
    assert_eq!(told["name"], "modern_staircase");
    assert_eq!(told["description"], "a modern staircase");
    assert_eq!(told["ai_tags"][0]["label"], "cat");
    let without = prepare("--no-ai");
    assert_eq!(without["name"], "shot");
    assert_eq!(without["description"], "");
    assert_eq!(without["ai_tags"], json!([]));
    assert_eq!(without.get("analysis"), None);
    sandbox.assert_no_leftovers();
}

#[test]
fn trouble_with_the_models_fails_nothing_and_is_written_down() {
    for (model, told) in [
        (Some([f32::NAN; 3]), "no AI model tags the pictures"),
        (None, "no AI model"),
    ] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("models")).unwrap();
        match model {
            Some(scores) => write_tagger(&sandbox.path("models"), &tagger(scores)),
            None => fs::write(sandbox.path("models/manifest.toml"), "nonsense").unwrap(),
        }
        Shot::new().write(&sandbox.path("shot"));
        let mut command = sandbox.cosmos("prepare-inference shot --models-dir models");
        command.env("ORT_DYLIB_PATH", engine().library());
        command.assert_code(0).warns(&[told, "help:"]);
        let metadata = metadata(&sandbox);
        let fallbacks = metadata["analysis"]["fallbacks"].to_string();
        assert!(fallbacks.contains(told), "{fallbacks}");
        assert_eq!(metadata["analysis"]["described_by"], "measured");
        assert!(
            metadata["description"].as_str().unwrap().contains("tones"),
            "{metadata}"
        );
        sandbox.assert_no_leftovers();
    }
}

#[test]
fn runs_in_the_same_second_do_not_meet() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=1)
        .write(&sandbox.path("shot"));
    for _ in 0..3 {
        sandbox.done("prepare-inference shot --name x");
    }
    assert_eq!(sandbox.names_in("inputs/videos").len(), 3);
}

#[test]
fn options_hold_for_every_modality() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    sandbox.done("prepare-inference shot --name x --fps 12 --resolution 96x96 --fit crop --pixel-format yuv444p --codec hevc");
    for modality in Modality::ALL {
        let stream = probe(&video(&sandbox, modality));
        let facts: BTreeMap<_, _> = ["width", "height", "r_frame_rate", "pix_fmt", "codec_name"]
            .map(|key| (key, stream[key].clone()))
            .into();
        let expected = [
            ("width", json!(96)),
            ("height", json!(96)),
            ("r_frame_rate", json!("12/1")),
            ("pix_fmt", json!("yuv444p")),
            ("codec_name", json!("hevc")),
        ];
        assert_eq!(facts, expected.into(), "{modality}");
    }
    assert_eq!(metadata(&sandbox)["resolution"], json!([96, 96]));
}

#[test]
fn aligned_even_where_sizes_are_odd_and_frames_are_one() {
    for (size, expected) in [((63, 35), json!([64, 36])), ((1, 1), json!([2, 2]))] {
        let sandbox = Sandbox::new();
        Shot::new()
            .size(size.0, size.1)
            .frames(5..=5)
            .write(&sandbox.path("shot"));
        sandbox
            .done("prepare-inference shot --name x")
            .warns(&["odd side", "1 frame only"]);
        let metadata = metadata(&sandbox);
        assert_eq!(metadata["resolution"], expected);
        assert_eq!(metadata["frame_count"], 1);
        for modality in Modality::ALL {
            assert_eq!(probe(&video(&sandbox, modality))["nb_read_frames"], "1");
        }
    }
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let named = |m: Modality, n: u64| match m {
        Modality::Depth => format!("z.{n:04}.png"),
        _ => format!("{m}.{n:04}.png"),
    };
    Shot::new()
        .frames(1001..=1006)
        .named(named)
        .write(&sandbox.path("shot"));
    let before = sandbox.tree();
    let line = "prepare-inference shot --dry-run --no-ai --resolution 33x18 --preset fast";
    sandbox.done(line).prints(&[
        "shot: 6 frames (1001-1006), 24 fps",
        "depth from `z`",
        "depth.mp4",
        "z.####.png",
        "34x18",
        "yuv420p",
        "fast",
        "inputs/videos/shot_<date>_<time>",
        "Cosmos-Transfer1",
        "1 window of 121 frames",
        "nothing was written",
    ]);
    let plan = sandbox.done(&format!("{line} --json")).json();
    assert!(sandbox.tree() == before, "{:?}", sandbox.tree());
    assert_eq!(plan["name"], "shot");
    assert_eq!(plan["frame_range"]["first"], 1001);

    // The videos are those that are then made.
    let real = "prepare-inference shot --no-ai --resolution 33x18 --preset fast --json";
    let made = sandbox.done(real).json();
    let (planned, made) = (&plan["videos"], &made["videos"]);
    assert_eq!(planned.as_array().unwrap().len(), 5);
    for (planned, made) in planned
        .as_array()
        .unwrap()
        .iter()
        .zip(made.as_array().unwrap())
    {
        let path = made["path"].as_str().unwrap();
        assert!(path.ends_with(planned["file"].as_str().unwrap()), "{path}");
        for key in [
            "modality",
            "width",
            "height",
            "frame_count",
            "crf",
            "preset",
            "x264_options",
        ] {
            assert_eq!(planned[key], made[key], "{key}");
        }
    }
}

#[test]
fn a_dry_run_names_a_shot_only_where_no_model_has_to_be_asked() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    for (options, name) in [
        ("", Value::Null),
        ("--name city", json!("city")),
        ("--description 'a gray tower'", json!("gray_tower")),
        ("--use-ai false", json!("shot")),
    ] {
        let plan = sandbox.done(&format!(
            "prepare-inference shot --dry-run --json {options}"
        ));
        assert_eq!(plan.json()["name"], name, "{options}");
    }
    sandbox
        .done("prepare-inference shot --dry-run")
        .prints(&["the AI models", "--name"]);
}

#[test]
fn a_dry_run_refuses_what_a_real_one_refuses() {
    let sandbox = Sandbox::new();
    Shot::new()
        .missing(Modality::Depth, 2)
        .write(&sandbox.path("shot"));
    sandbox
        .refused(3, "prepare-inference shot --dry-run")
        .warns(&["depth", "frame 2"]);
}

#[test]
fn a_folder_that_says_something_names_what_no_model_knows() {
    for (folder, named) in [
        ("sh010_kitchen", Some("sh010_kitchen")),
        ("terrain", Some("terrain")),
        ("renders", None),
        ("shot010_v2", None),
    ] {
        let sandbox = Sandbox::new();
        write_tagger(&sandbox.path("models"), &tagger([0.2, 0.1, 0.0]));
        Shot::new()
            .only(&[Modality::Color])
            .write(&sandbox.path(folder));
        let arguments = format!("prepare-inference {folder} --models-dir models --json");
        let mut command = sandbox.cosmos(&arguments);
        command.env("ORT_DYLIB_PATH", engine().library());
        let metadata = command.assert_code(0).json()["metadata"].clone();
        let name = metadata["name"].as_str().unwrap();
        assert_eq!(metadata["analysis"]["described_by"], "measured");
        match named {
            Some(named) => assert_eq!(name, named),
            None => assert!(!name.contains("render") && !name.contains("shot"), "{name}"),
        }
    }
}

#[test]
fn controls_that_nobody_rendered_are_made_of_color() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("shot");
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .frames(1..=3)
        .write(&folder);
    // A white square on black, of which an edge is its outline.
    for frame in 1..=3 {
        let picture = image::RgbImage::from_fn(64, 36, |x, y| {
            let inside = (20..40).contains(&x) && (10..26).contains(&y);
            image::Rgb([if inside { 255 } else { 0 }; 3])
        });
        picture
            .save(folder.join(format!("color.{frame:04}.png")))
            .unwrap();
    }
    let run = sandbox.done(
        "prepare-inference shot --name sq --derive edge,vis --edge-strength low --model transfer1",
    );
    run.warns(&["at random"]);
    let metadata = metadata(&sandbox);
    assert_eq!(
        metadata["modalities"],
        json!(["color", "depth", "vis", "edge"])
    );
    assert_eq!(
        metadata["source"]["derived"]["edge"],
        json!({"method": "canny", "strength": "low", "model": "transfer1"})
    );
    let picture = |modality| {
        let reader = VideoReader::open(&video(&sandbox, modality)).unwrap();
        reader.picture_at(0.0).unwrap().to_rgb()
    };
    let edge = picture(Modality::Edge);
    let bright = edge.pixels().filter(|p| p.0[0] > 128).count();
    assert!(
        (60..=76).contains(&bright),
        "{bright} bright pixels on the outline of 20x16"
    );
    assert!(edge.get_pixel(30, 18).0[0] < 40, "the inside is black");
    let vis = picture(Modality::Vis);
    assert!(vis.get_pixel(30, 18).0[0] > 128 && vis.get_pixel(2, 2).0[0] < 60);

    // What was rendered stays.
    Shot::new()
        .only(&[Modality::Edge])
        .frames(1..=3)
        .write(&folder);
    let run = sandbox.done("prepare-inference shot --name two --derive edge");
    run.warns(&["edge was rendered"]);
    sandbox
        .cosmos("prepare-inference shot --derive depth")
        .assert_code(2);
}
