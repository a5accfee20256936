//! Which sequence of a render folder is which modality, and of which shot.

use std::fs;
use std::path::Path;

use cosmos_workflow::modality::Modality;
use serde_json::{Value, json};

use crate::support::shot::assert_frames;
use crate::support::{Ends, Said, Sandbox, Shot};

/// Frames 1 to 4 of `modality`, whose files are called `pattern` with the number for `#`.
fn frames(folder: &Path, modality: Modality, pattern: &str) {
    let pattern = pattern.to_owned();
    Shot::new()
        .only(&[modality])
        .named(move |_, number| pattern.replace('#', &format!("{number:04}")))
        .write(folder);
}

fn shot(sandbox: &Sandbox, passes: &[(Modality, &str)]) {
    for (modality, pattern) in passes {
        frames(&sandbox.path("shot"), *modality, pattern);
    }
}

fn metadata(sandbox: &Sandbox) -> Value {
    let text = fs::read_to_string(sandbox.prepared().join("metadata.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

const PREPARE: &str = "prepare-inference shot --no-ai --name x";
use Modality::{Color, Depth, Edge, Segmentation, Vis};

#[test]
fn two_shots_are_not_one() {
    for passes in [
        [(Color, "shotA_beauty.#.png"), (Depth, "shotB_depth.#.png")],
        [(Color, "shotA/beauty.#.png"), (Depth, "shotB/depth.#.png")],
        [(Color, "shotA/color/#.png"), (Depth, "shotB/depth/#.png")],
        [(Color, "shotA_color/#.png"), (Depth, "shotB_depth/#.png")],
    ] {
        let sandbox = Sandbox::new();
        shot(&sandbox, &passes);
        sandbox.refused(3, "prepare-inference shot").warns(&[
            "color is of shot `shotA`",
            "depth of `shotB`",
            "--shot 'shotA'",
        ]);
        let report = sandbox.cosmos("validate shot --json").assert_code(3).json();
        assert_eq!(report["problems"][0]["kind"], "different_shots");
        sandbox.done(&format!("{PREPARE} --shot shotA"));
        assert_eq!(metadata(&sandbox)["modalities"], json!(["color"]));
    }
}

#[test]
fn one_of_several_shots_is_picked() {
    let sandbox = Sandbox::new();
    shot(
        &sandbox,
        &[
            (Color, "shotA_beauty.#.png"),
            (Depth, "shotA_depth.#.png"),
            (Color, "shotB_beauty.#.png"),
            (Depth, "shotB_depth.#.png"),
            (Edge, "edge.#.png"),
        ],
    );
    sandbox.refused(3, "prepare-inference shot").warns(&[
        "color has 2 sources",
        "--shot",
        "--map color='shotA_beauty.####.png'",
    ]);
    sandbox
        .refused(2, "prepare-inference shot --shot shotC")
        .warns(&["holds no shot called `shotC`", "shotA, shotB"]);
    sandbox.done(&format!("{PREPARE} --shot SHOTB"));
    assert_eq!(
        metadata(&sandbox)["source"]["patterns"],
        json!({
            "color": "shotB_beauty.####.png",
            "depth": "shotB_depth.####.png",
            "edge": "edge.####.png",
        })
    );
}

#[test]
fn names_of_passes_versions_and_layers_make_no_other_shot() {
    for passes in [
        [
            (Color, "sh010_main_beauty_v02.#.png"),
            (Depth, "sh010_depth_raw_v03.#.png"),
        ],
        [(Color, "Image#.png"), (Depth, "ViewLayer_Depth#.png")],
        [(Color, "beauty.#.png"), (Depth, "sh010_depth.#.png")],
        [(Color, "v003/color/#.png"), (Depth, "v003/depth/#.png")],
        [(Color, "color/render.#.png"), (Depth, "depth/frame.#.png")],
    ] {
        let sandbox = Sandbox::new();
        shot(&sandbox, &passes);
        sandbox.done("validate shot");
    }
}

#[test]
fn an_exact_name_beats_one_with_more_words() {
    let sandbox = Sandbox::new();
    shot(
        &sandbox,
        &[
            (Color, "Image#.png"),
            (Vis, "Noisy Image#.png"),
            (Depth, "Depth#.png"),
            (Vis, "Denoising Depth#.png"),
            (Vis, "Denoising Albedo#.png"),
            (Segmentation, "IndexOB#.png"),
            (Vis, "IndexMA#.png"),
            (Vis, "N#.png"),
        ],
    );
    sandbox
        .done(PREPARE)
        .warns(&["20 files unrelated to the shot", "Noisy Image####.png"]);
    for modality in [Color, Depth, Segmentation] {
        assert_frames(
            &sandbox.prepared().join(format!("{modality}.mp4")),
            modality,
            1..=4,
        );
    }
}

#[test]
fn passes_are_known_by_the_names_that_renderers_give_them() {
    for (modality, names) in [
        (
            Color,
            &["Ci", "Cf", "master", "VRay_effectsResult", "FinalImage"][..],
        ),
        (
            Depth,
            &[
                "Mist",
                "distance_to_camera",
                "WorldDepth",
                "VRayZDepth",
                "Pz",
                "Z-depth",
            ],
        ),
        (
            Segmentation,
            &[
                "crypto_object",
                "CryptoMaterial",
                "crypto_asset",
                "IndexMA",
                "objectid",
                "matid",
                "VRayMtlID",
                "VRayWireColor",
                "MultiMatte",
                "instance_segmentation",
            ],
        ),
    ] {
        for name in names {
            let sandbox = Sandbox::new();
            let others = if modality == Color { Edge } else { Color };
            shot(
                &sandbox,
                &[
                    (modality, &format!("sh010_{name}.#.png")),
                    (others, &format!("sh010_{others}.#.png")),
                ],
            );
            let report = sandbox.done("validate shot --json").json();
            let found = report["sequences"].as_array().unwrap();
            let is_found = found.iter().any(|one| one["name"] == modality.name());
            assert!(is_found && found.len() == 2, "{name}: {report}");
        }
    }
}

#[test]
fn the_layout_of_isaac_sim_is_understood() {
    let sandbox = Sandbox::new();
    let passes = [
        (Color, "rgb"),
        (Depth, "depth"),
        (Vis, "segmentation"),
        (Segmentation, "shaded_seg"),
        (Edge, "edges"),
    ];
    for clip in ["clip_0000", "clip_0001"] {
        for (modality, name) in passes {
            let pattern = format!("{clip}/{name}/{name}_#.png");
            frames(&sandbox.path("shot"), modality, &pattern);
        }
    }
    sandbox
        .refused(3, "prepare-inference shot")
        .warns(&["--shot"]);
    for line in [
        "prepare-inference shot --shot clip_0001 --no-ai --name picked",
        "prepare-inference shot/clip_0000 --no-ai --name x",
    ] {
        sandbox.done(line);
    }
    for folder in sandbox.names_in("inputs/videos") {
        let folder = sandbox.path("inputs/videos").join(folder);
        for modality in [Color, Depth, Segmentation, Edge] {
            assert_frames(&folder.join(format!("{modality}.mp4")), modality, 1..=4);
        }
    }
}

#[test]
fn a_plain_sequence_is_color_and_that_is_said() {
    for (pattern, source) in [
        ("#.png", "####.png"),
        ("turn #_v1.png", "turn ####_v1.png"),
        ("Image/#.png", "Image/####.png"),
    ] {
        let sandbox = Sandbox::new();
        shot(&sandbox, &[(Color, pattern)]);
        sandbox.done(PREPARE).prints(&["color from `"]);
        assert_eq!(metadata(&sandbox)["source"]["patterns"]["color"], source);
        assert_frames(&sandbox.prepared().join("color.mp4"), Color, 1..=4);
    }
    // What is called otherwise is not taken for color.
    for pattern in ["normals.#.png", "N#.png"] {
        let sandbox = Sandbox::new();
        shot(&sandbox, &[(Color, pattern)]);
        sandbox
            .refused(3, "prepare-inference shot")
            .warns(&["color is missing"]);
    }
    let sandbox = Sandbox::new();
    frames(&sandbox.path("depth"), Depth, "#.png");
    sandbox
        .refused(3, "prepare-inference depth")
        .warns(&["color is missing"]);
}

#[test]
fn a_suffix_with_digits_makes_no_frames_of_its_own() {
    let sandbox = Sandbox::new();
    shot(&sandbox, &[(Color, "turn #_v1.png")]);
    sandbox.done("convert-sequence shot --output a.mp4");
    assert_frames(&sandbox.path("a.mp4"), Color, 1..=4);
    // Versions alone are frames, as ever.
    let sandbox = Sandbox::new();
    shot(&sandbox, &[(Color, "color_v#.png")]);
    sandbox.done("validate shot").prints(&["1-4"]);
}

#[test]
fn the_user_says_which_sequence_is_which() {
    let sandbox = Sandbox::new();
    shot(
        &sandbox,
        &[
            (Color, "Image/#.png"),
            (Vis, "beauty.#.png"),
            (Depth, "passes/extra/foo.#.png"),
            (Vis, "Depth#.png"),
            (Segmentation, "blobs.#.png"),
        ],
    );
    let map = "--map color=Image --map depth='passes/extra/foo.####.png' --map seg=blobs";
    let run = sandbox.done(&format!("{PREPARE} {map}"));
    run.prints(&["color from `Image`", "segmentation from `blobs`"]);
    for modality in [Color, Depth, Segmentation] {
        assert_frames(
            &sandbox.prepared().join(format!("{modality}.mp4")),
            modality,
            1..=4,
        );
    }
    assert_eq!(
        metadata(&sandbox)["source"]["patterns"],
        json!({
            "color": "Image/####.png",
            "depth": "passes/extra/foo.####.png",
            "segmentation": "blobs.####.png",
        })
    );
    sandbox
        .done(&format!("validate shot {map}"))
        .prints(&["passes/extra/foo.####.png"]);
    for (line, expected) in [
        ("--map depth=Fog", "no sequence in `shot` fits `depth=Fog`"),
        ("--map depth='Depth*.png'", "is a wildcard"),
        ("--map normals=N", "is not a modality"),
        ("--map depth", "is not of the form"),
        (
            "--map depth=Depth --map depth=foo",
            "says twice what depth is",
        ),
    ] {
        sandbox
            .refused(2, &format!("prepare-inference shot {line}"))
            .warns(&[expected]);
    }
}

#[test]
fn a_show_says_once_which_sequence_is_which() {
    let sandbox = Sandbox::new();
    shot(
        &sandbox,
        &[
            (Color, "main.#.png"),
            (Depth, "fog.#.png"),
            (Edge, "ink.#.png"),
        ],
    );
    frames(&sandbox.path("plain"), Color, "color.#.png");
    let config = "[map]\ncolor = \"main\"\ndepth = \"fog.####.png\"\nedge = \"nothing\"\n";
    fs::write(sandbox.path("config.toml"), config).unwrap();
    // What holds for a show need not be in each of its folders.
    sandbox.done("validate plain");
    let names = |report: &Value| -> Vec<String> {
        let found = report["sequences"].as_array().unwrap();
        let name = |one: &Value| format!("{} {}", one["name"], one["pattern"]).replace('"', "");
        found.iter().map(name).collect()
    };
    let report = sandbox.done("validate shot --json").json();
    assert_eq!(
        names(&report),
        ["color main.####.png", "depth fog.####.png"]
    );
    fs::write(sandbox.path("shot/cosmos.toml"), "[map]\nedge = \"ink\"\n").unwrap();
    let report = sandbox.done("validate shot --strict --json").json();
    assert_eq!(
        names(&report),
        [
            "color main.####.png",
            "depth fog.####.png",
            "edge ink.####.png"
        ]
    );
    let report = sandbox.done("validate shot --map vis=ink --json").json();
    assert_eq!(names(&report).len(), 4);

    for (text, expected) in [
        ("[map]\ndepth = \"Fog*\"\n", "cosmos.toml:2"),
        ("[map]\nnormals = \"N\"\n", "cosmos.toml:2"),
        ("map = 3\n", "cosmos.toml:1"),
    ] {
        fs::write(sandbox.path("shot/cosmos.toml"), text).unwrap();
        let run = sandbox.cosmos("validate shot").assert_code(2);
        run.warns(&["error:", expected]);
    }
    fs::write(sandbox.path("shot/cosmos.toml"), "[map]\nedge = \"pen\"\n").unwrap();
    sandbox
        .refused(2, "validate shot")
        .warns(&["no sequence in `shot` fits `edge=pen`", "ink.####.png"]);
}

#[test]
fn a_frame_step_says_how_long_the_video_plays() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Color])
        .named(|_, number| format!("color.{:04}.png", 2 * number))
        .write(&sandbox.path("shot"));
    for line in ["validate shot", "prepare-inference shot --dry-run"] {
        let run = sandbox.done(line);
        let said = run.out() + &run.err();
        assert!(
            said.contains("frame step 2: 4 frames play for 0.17 s at 24 fps"),
            "{said}"
        );
        assert!(said.contains("--fps 12"), "{said}");
    }
}
