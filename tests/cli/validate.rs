use std::fs;

use cosmos_workflow::modality::Modality;
use serde_json::json;

use crate::support::{Ends, Said, Sandbox, Shot};

#[test]
fn a_fine_shot_is_shown_as_a_table() {
    let sandbox = Sandbox::new();
    Shot::new()
        .frames(1001..=1004)
        .only(&[Modality::Color, Modality::Depth])
        .write(&sandbox.path("shot"));
    let said = sandbox.done("validate shot").out();
    for heading in [
        "sequence", "range", "padding", "size", "bits", "alpha", "problems",
    ] {
        assert!(said.contains(heading), "{heading}: {said}");
    }
    let row = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        line.unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        row("color"),
        "color color.####.png 4 1001-1004 4 64x36 8 no -"
    );
    assert_eq!(
        row("depth"),
        "depth depth.####.png 4 1001-1004 4 64x36 16 no -"
    );
    assert!(said.contains("no problems"), "{said}");
}

#[test]
fn problems_are_printed_with_remedies_and_exit_code_3() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth, Modality::Edge])
        .frames(1..=5)
        .missing(Modality::Depth, 2)
        .range(Modality::Edge, 1..=4)
        .write(&sandbox.path("shot"));
    let before = sandbox.tree();
    let run = sandbox.cosmos("validate shot").assert_code(3);
    run.prints(&[
        "depth: frame 2 is missing",
        "help:  render `depth.0002.png`",
        "edge has frames 1-4 but color has 1-5",
        "2 problems",
    ]);
    assert!(before == sandbox.tree());
}

#[test]
fn json_lists_sequences_problems_and_warnings() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .missing(Modality::Depth, 3)
        .write(&sandbox.path("shot"));
    let report = sandbox.cosmos("validate shot --json").assert_code(3).json();
    assert_eq!(report["ok"], false);
    assert_eq!(report["folder"], "shot");
    let color = &report["sequences"][0];
    for (key, expected) in [
        ("name", json!("color")),
        ("pattern", json!("color.####.png")),
        ("frame_count", json!(4)),
        ("frame_range", json!({"first": 1, "last": 4, "step": 1})),
        ("padding", json!({"fixed": 4})),
        ("width", json!(64)),
        ("height", json!(36)),
        ("bits", json!(8)),
        ("alpha", json!(false)),
        ("format", json!("png")),
    ] {
        assert_eq!(color[key], expected, "{key}");
    }
    let problem = &report["problems"][0];
    assert_eq!(problem["kind"], "missing_frames");
    assert_eq!(problem["modality"], "depth");
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("frame 3 is missing")
    );
    assert!(problem["hint"].as_str().unwrap().contains("depth.0003.png"));
    assert!(
        report["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("121 frames at a time")
    );
}

#[test]
fn a_folder_of_one_sequence_and_a_pattern_are_checked_too() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .named(|_, number| format!("city_{number}.png"))
        .write(&sandbox.path("frames"));
    sandbox
        .done("validate frames")
        .prints(&["city_#.png", "1-4", "no problems"]);
    Shot::new()
        .only(&[Modality::Depth])
        .write(&sandbox.path("frames"));
    sandbox
        .done("validate frames --pattern 'city_#.png'")
        .prints(&["city_#.png", "no problems"]);
}

#[test]
fn strict_and_partial_change_the_verdict() {
    let sandbox = Sandbox::new();
    Shot::new()
        .missing(Modality::Vis, 4)
        .write(&sandbox.path("shot"));
    sandbox.cosmos("validate shot").assert_code(3);
    sandbox
        .done("validate shot --allow-partial")
        .prints(&["dropped", "no problems"]);
    fs::write(sandbox.path("shot/notes.txt"), "").unwrap();
    sandbox
        .done("validate shot --allow-partial")
        .prints(&["warning: 1 file unrelated", "no problems"]);
    sandbox
        .cosmos("validate shot --allow-partial --strict")
        .assert_code(3)
        .prints(&["error: 1 file unrelated", "1 problem"]);
}

#[test]
fn what_the_model_will_do_is_said_for_the_model_that_is_asked_about() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1001..=1130)
        .write(&sandbox.path("shot"));
    for (options, expected) in [
        (
            "",
            [
                "Cosmos-Transfer1 (tier 720): stretched to 1280x704, 2 windows of 121 frames, new windows begin at frame 1122",
                "pads the last one, from frame 1122 on, with 111",
                "121 or 241 frames fill the windows",
            ],
        ),
        (
            "--model transfer2.5 --resolution-tier 480p",
            [
                "Cosmos-Transfer2.5 (tier 480p): stretched to 832x480, 2 windows of 93 frames, new windows begin at frame 1094",
                "tier 480p is not one that NVIDIA publishes",
                "take 720",
            ],
        ),
        (
            "--model cosmos3 --checkpoint Cosmos3-Edge",
            [
                "Cosmos 3 (tier 480): scaled and cropped to 832x480, 2 windows of 121 frames, new windows begin at frame 1122",
                "64x36 is cropped to 832x480 by Cosmos 3, which cuts off 1 column on the left and on the right",
                "render at 832x480",
            ],
        ),
    ] {
        sandbox
            .done(&format!("validate shot {options}"))
            .prints(&expected);
    }
    let report = sandbox
        .done("validate shot --model transfer2.5 --json")
        .json();
    assert_eq!(
        report["cosmos"],
        json!({
            "model": "transfer2.5",
            "tier": "720",
            "working_size": {"width": 1280, "height": 704},
            "resize": "stretch",
            "windows": {
                "frames": 130, "window": 93, "overlap": 1, "count": 2, "padding": 55, "seams": [93],
            },
            "seam_frames": [1094],
        })
    );
    sandbox
        .cosmos("validate shot --resolution-tier 480")
        .assert_code(2)
        .warns(&["resolution_tier is 480, expected 720"]);
}

#[test]
fn a_shot_that_fits_the_model_gets_no_advice() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=93)
        .write(&sandbox.path("shot"));
    let said = sandbox.done("validate shot --model transfer2.5").out();
    assert!(!said.contains("warning"), "{said}");
    fs::write(
        sandbox.path("config.toml"),
        "[cosmos]\nmodel = \"transfer2.5\"\n",
    )
    .unwrap();
    let said = sandbox.done("validate shot").out();
    assert!(
        said.contains("Cosmos-Transfer2.5") && !said.contains("warning"),
        "{said}"
    );
}

#[test]
fn a_single_frame_is_judged_by_what_the_model_makes_of_it() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=1)
        .write(&sandbox.path("shot"));
    for (model, expected) in [
        ("transfer1", "Cosmos-Transfer1 fails on a single frame"),
        (
            "transfer2.5",
            "Cosmos-Transfer2.5 makes a still picture of it",
        ),
        ("cosmos3", "Cosmos 3 makes a still picture of it"),
    ] {
        sandbox
            .done(&format!("validate shot --model {model}"))
            .prints(&[expected]);
    }
}

/// `script` gives the command a terminal, and `stty` its width.
#[test]
fn a_table_fits_the_terminal_and_breaks_no_word() {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    let piped = sandbox.done("validate shot").out();
    assert!(piped.contains("padding"), "{piped}");
    for (columns, has_padding) in [(200, true), (80, false), (40, true)] {
        let typed = format!(
            "stty rows 50 cols {columns}; {} validate shot",
            env!("CARGO_BIN_EXE_cosmos")
        );
        let shown = sandbox
            .program("script")
            .args(["-qec", &typed, "/dev/null"])
            .assert_code(0)
            .out();
        for word in ["segmentation", "segmentation.####.png", "problems"] {
            assert!(shown.contains(word), "{columns}: {shown}");
        }
        assert_eq!(shown.contains("padding"), has_padding, "{columns}: {shown}");
        let table = shown.lines().take_while(|line| !line.contains("Cosmos"));
        for line in table {
            let width = line.trim_end().chars().count();
            assert!(width <= columns, "{columns}: {line}");
        }
    }
}
