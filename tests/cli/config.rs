use std::fs;

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Said, Sandbox, Shot, probe};

const MAKE: &str = "convert-sequence frames -o out.mp4 --overwrite";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .frames(1..=2)
        .size(32, 32)
        .write(&sandbox.path("frames"));
    sandbox
}

fn write(sandbox: &Sandbox, name: &str, text: &str) {
    let path = sandbox.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A file that sets the frame rate, by which it is recognised.
fn rate(sandbox: &Sandbox, name: &str, fps: u32) {
    write(sandbox, name, &format!("[video]\nfps = \"{fps}\"\n"));
}

fn made_rate(sandbox: &Sandbox) -> String {
    let stream = probe(&sandbox.path("out.mp4"));
    stream["r_frame_rate"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_file_of_the_four_places_counts_and_the_environment_and_options_beat_it() {
    let sandbox = sandbox();
    sandbox.cosmos(MAKE).assert_code(0);
    assert_eq!(made_rate(&sandbox), "24/1");

    rate(&sandbox, "home/.config/cosmos/config.toml", 11);
    sandbox.cosmos(MAKE).assert_code(0);
    assert_eq!(made_rate(&sandbox), "11/1");

    rate(&sandbox, "config.toml", 12);
    sandbox.cosmos(MAKE).assert_code(0);
    assert_eq!(made_rate(&sandbox), "12/1");

    rate(&sandbox, "by_variable.toml", 13);
    let by_variable = || {
        let mut command = sandbox.cosmos(MAKE);
        command.env("COSMOS_CONFIG", "by_variable.toml");
        command
    };
    by_variable().assert_code(0);
    assert_eq!(made_rate(&sandbox), "13/1");

    rate(&sandbox, "by_option.toml", 14);
    by_variable()
        .args(["--config", "by_option.toml"])
        .assert_code(0);
    assert_eq!(made_rate(&sandbox), "14/1");

    let mut by_key = by_variable();
    by_key
        .args(["--config", "by_option.toml"])
        .env("COSMOS_VIDEO_FPS", "15");
    by_key.assert_code(0);
    assert_eq!(made_rate(&sandbox), "15/1");

    by_key.args(["--fps", "16"]).assert_code(0);
    assert_eq!(made_rate(&sandbox), "16/1");
}

#[test]
fn all_settings_of_a_video_are_taken_from_the_file() {
    let sandbox = sandbox();
    write(
        &sandbox,
        "config.toml",
        "[video]\nfps = 12\ncodec = \"hevc\"\npixel_format = \"yuv444p\"\ncrf = 30\npreset = \"fast\"\n",
    );
    let report = sandbox
        .done("convert-sequence frames -o out.mp4 --json")
        .json();
    assert_eq!(report["video"]["crf"], 30);
    assert_eq!(report["video"]["preset"], "fast");
    let stream = probe(&sandbox.path("out.mp4"));
    assert_eq!(stream["codec_name"], "hevc");
    assert_eq!(stream["pix_fmt"], "yuv444p");
}

#[test]
fn the_videos_folder_may_lie_in_the_home_folder() {
    let sandbox = sandbox();
    write(
        &sandbox,
        "config.toml",
        "[paths]\nlocal_videos_dir = \"~/my shots\"\n",
    );
    sandbox.done("convert-sequence frames");
    assert_eq!(sandbox.names_in("home/my shots/frames"), ["color.mp4"]);
    fs::rename(sandbox.path("frames"), sandbox.path("color")).unwrap();
    sandbox
        .cosmos("convert-sequence color")
        .env("COSMOS_PATHS_LOCAL_VIDEOS_DIR", "elsewhere")
        .assert_code(0);
    assert_eq!(sandbox.names_in("elsewhere"), ["color"]);
}

#[test]
fn the_shipped_file_changes_nothing() {
    let sandbox = sandbox();
    let plain = sandbox
        .done("convert-sequence frames -o plain.mp4 --threads 1 --json")
        .json();
    fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml"),
        sandbox.path("config.toml"),
    )
    .unwrap();
    let shipped = sandbox
        .done("convert-sequence frames -o shipped.mp4 --threads 1 --json")
        .json();
    assert_eq!(plain["video"]["sha256"], shipped["video"]["sha256"]);
}

#[test]
fn mistakes_are_named_with_their_place_and_the_nearest_right_thing() {
    for (text, parts) in [
        (
            "[video]\n\nfsp = 24\n",
            &[
                "config.toml:3",
                "unknown key `fsp` in [video]",
                "did you mean `fps`?",
            ][..],
        ),
        (
            "[vidoe]\nfps = 24\n",
            &[
                "config.toml:1",
                "unknown section [vidoe]",
                "did you mean [video]?",
            ],
        ),
        (
            "[video]\nhost = \"x\"\n",
            &["config.toml:2", "`host` belongs in [remote]"],
        ),
        ("fps = 24\n", &["config.toml:1", "fps"]),
        (
            "[video]\nfps = \"fast\"\n",
            &["config.toml:2", "fps in [video] is \"fast\"", "expected"],
        ),
        ("[video]\ncrf = 99\n", &["config.toml:2", "crf", "99"]),
        ("[video\n", &["config.toml:1"]),
    ] {
        let sandbox = sandbox();
        write(&sandbox, "config.toml", text);
        let before = sandbox.tree();
        sandbox.cosmos(MAKE).assert_code(2).warns(parts);
        assert!(before == sandbox.tree(), "{text}");
    }
}

#[test]
fn mistakes_in_the_environment_are_named_too() {
    let sandbox = sandbox();
    for (name, value, parts) in [
        (
            "COSMOS_VIDEO_FSP",
            "24",
            &[
                "COSMOS_VIDEO_FSP names no setting",
                "did you mean COSMOS_VIDEO_FPS?",
            ][..],
        ),
        (
            "COSMOS_VIDEO_FPS",
            "fast",
            &["environment variable COSMOS_VIDEO_FPS", "fast"],
        ),
        (
            "REMOTE_PORT",
            "ssh",
            &["environment variable REMOTE_PORT", "ssh"],
        ),
        (
            "COSMOS_CONFIG",
            "gone.toml",
            &["gone.toml does not exist", "$COSMOS_CONFIG", "help:"],
        ),
    ] {
        let before = sandbox.tree();
        sandbox
            .cosmos(MAKE)
            .env(name, value)
            .assert_code(2)
            .warns(parts);
        assert!(before == sandbox.tree(), "{name}");
    }
    sandbox
        .refused(2, "convert-sequence frames --config nowhere.toml")
        .warns(&["nowhere.toml does not exist", "--config"]);
    let mut fine = sandbox.cosmos(MAKE);
    fine.env("REMOTE_HOST", "gpu01")
        .env("REMOTE_PORT", "2222")
        .env("COSMOS_VIDEO_FPS", "");
    fine.assert_code(0);
}
