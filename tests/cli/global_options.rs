use std::fs;

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Said, Sandbox, Shot};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new().write(&sandbox.path("shot"));
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    sandbox
}

const COMMANDS: [&str; 5] = [
    "convert-sequence frames -o a.mp4",
    "prepare-inference shot --name x",
    "validate shot",
    "probe a.mp4",
    "standardize a.mp4 b.mp4",
];

#[test]
fn help_lists_every_command_and_every_command_has_help() {
    let sandbox = Sandbox::new();
    for option in ["--help", "-h"] {
        let said = sandbox.done(option).out();
        for command in COMMANDS {
            let command = command.split(' ').next().unwrap();
            assert!(said.contains(command), "{said}");
            sandbox.done(&format!("{command} {option}")).prints(&[
                "Usage:",
                "--json",
                "--verbose",
                "--config",
            ]);
        }
    }
    sandbox
        .done("--version")
        .prints(&["cosmos", env!("CARGO_PKG_VERSION")]);
    sandbox.cosmos("").assert_code(2).warns(&["Usage: cosmos"]);
    sandbox
        .refused(2, "convert-seqence frames")
        .warns(&["convert-sequence"]);
    sandbox
        .refused(2, "convert-sequence frames --resolutoin 24")
        .warns(&["--resolution"]);
    sandbox
        .refused(2, "convert-sequence")
        .warns(&["<INPUT_DIR>"]);
}

#[test]
fn help_is_a_command_too() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.done("help").out(), sandbox.done("--help").out());
    for command in COMMANDS {
        let command = command.split(' ').next().unwrap();
        assert_eq!(
            sandbox.done(&format!("help {command}")).out(),
            sandbox.done(&format!("{command} --help")).out()
        );
    }
    sandbox
        .refused(2, "help convert-seqence")
        .warns(&["convert-seqence"]);
}

#[test]
fn a_wrong_command_line_is_json_too() {
    let sandbox = Sandbox::new();
    for (line, message, hint) in [
        (
            "--json convert-sequence frames --resolutoin 24",
            "unexpected argument '--resolutoin' found",
            "--resolution",
        ),
        (
            "convert-sequence --json",
            "not provided: <INPUT_DIR>",
            "cosmos help COMMAND",
        ),
        (
            "convert-sequence frames --fit big --json",
            "invalid value 'big' for '--fit <FIT>'",
            "cosmos help COMMAND",
        ),
        ("--json", "a command is missing", "cosmos --help"),
    ] {
        let run = sandbox.cosmos(line).assert_code(2);
        let report = run.json();
        assert_eq!(report["exit_code"], 2, "{line}");
        let said = report["error"].as_str().unwrap();
        assert!(said.contains(message), "{line}: {said}");
        assert!(!said.contains('\n') && !said.starts_with("error"), "{said}");
        let said = report["hint"].as_str().unwrap();
        assert!(said.contains(hint), "{line}: {said}");
        assert!(run.err().contains("Usage:") || run.err().contains("--help"));
    }
    let run = sandbox.cosmos("probe --no-such -- --json").assert_code(2);
    assert_eq!(run.out(), "");
}

#[test]
fn an_option_of_another_command_is_told_with_that_command() {
    let sandbox = Sandbox::new();
    for (line, commands) in [
        (
            "prepare-inference frames --videos-subdir x",
            "--videos-subdir is an option of run, inference and upscale",
        ),
        (
            "describe frames --videos-subdir=x",
            "--videos-subdir is an option of run, inference and upscale",
        ),
        (
            "convert-sequence frames --no-ai",
            "--no-ai is an option of prepare-inference",
        ),
    ] {
        let run = sandbox.refused(2, line).warns(&[commands]);
        assert!(!run.err().contains("similar"), "{}", run.err());
        let report = sandbox.cosmos(&format!("{line} --json")).assert_code(2);
        assert_eq!(report.json()["hint"], commands);
    }
}

/// As the older tool took it.
#[test]
fn a_truth_value_of_an_option_may_stand_apart() {
    let sandbox = sandbox();
    for line in [
        "--use-ai=false shot --name a",
        "--use-ai false shot --name b",
        "shot --name c --use-ai false",
        "shot --name d --use-ai true",
    ] {
        let report = sandbox
            .done(&format!("prepare-inference {line} --json"))
            .json();
        // There are no networks here, which is only said where they are wanted.
        let warnings = report["warnings"].to_string();
        assert_eq!(
            warnings.contains("model"),
            line.ends_with("true"),
            "{line}: {warnings}"
        );
    }
    let refused = sandbox.refused(2, "prepare-inference --use-ai=maybe shot");
    refused.warns(&["--use-ai", "true, false"]);
}

#[test]
fn json_is_all_there_is_on_standard_output() {
    let sandbox = sandbox();
    for command in COMMANDS {
        let run = sandbox
            .cosmos(&format!("{command} --json --verbose"))
            .assert_code(0);
        assert!(run.json().is_object(), "{command}");
    }
}

#[test]
fn errors_are_json_too_with_hint_and_exit_code() {
    let sandbox = sandbox();
    fs::remove_file(sandbox.path("shot/depth.0002.png")).unwrap();
    let report = sandbox.refused(3, "prepare-inference shot --json").json();
    assert_eq!(report["exit_code"], 3);
    assert_eq!(report["problems"][0]["kind"], "missing_frames");
    assert_eq!(report["problems"][0]["modality"], "depth");
    let report = sandbox.refused(2, "convert-sequence nowhere --json").json();
    assert_eq!(report["exit_code"], 2);
    assert!(report["error"].as_str().unwrap().contains("nowhere"));
    let report = sandbox.refused(1, "probe frames --json").json();
    assert_eq!(report["exit_code"], 1);
    assert!(!report["hint"].is_null());
}

/// Where standard error is no terminal nothing is drawn, and what is logged stays off standard output.
#[test]
fn progress_is_quiet_unless_asked_for_and_never_on_standard_output() {
    let sandbox = sandbox();
    let quiet = sandbox
        .cosmos("convert-sequence frames -o a.mp4 --fps 24")
        .assert_code(0);
    assert!(!quiet.err().contains("frames in"), "{}", quiet.err());
    assert!(!quiet.out().contains('\r') && !quiet.out().contains('\x1b'));
    let mut logged = sandbox.cosmos("prepare-inference shot --name x");
    let logged = logged.env("COSMOS_LOG", "info").assert_code(0);
    for modality in Modality::ALL {
        let line = format!("{modality}: 4 frames in");
        assert!(logged.err().contains(&line), "{}", logged.err());
        assert!(!logged.out().contains(&line), "{}", logged.out());
    }
    assert!(!logged.err().contains('\r') && !logged.err().contains('\x1b'));
}

#[test]
fn log_levels_follow_the_variable() {
    let sandbox = sandbox();
    fs::write(sandbox.path("config.toml"), "").unwrap();
    let logs = |level: &str, options: &str| {
        let mut command = sandbox.cosmos(&format!("validate shot {options}"));
        command.env("COSMOS_LOG", level);
        command.assert_code(0).err()
    };
    assert!(logs("debug", "").contains("settings from config.toml"));
    assert_eq!(logs("error", ""), "");
    assert_eq!(logs("error", "--verbose"), "");
    let verbose = sandbox.cosmos("validate shot -v").assert_code(0).err();
    assert!(verbose.contains("settings from config.toml"), "{verbose}");
}

#[test]
fn verbose_errors_tell_their_causes() {
    let sandbox = sandbox();
    fs::write(sandbox.path("a.mp4"), "no video").unwrap();
    let short = sandbox.refused(1, "probe a.mp4").err();
    assert!(!short.contains("caused by:"), "{short}");
    sandbox
        .refused(1, "probe a.mp4 --verbose")
        .warns(&["caused by:"]);
}

/// `cosmos validate shot | head -1` ends like any other command.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = sandbox();
    let said = sandbox
        .cosmos_in_shell("{ \"$@\"; echo $? > code; } | true", "validate shot")
        .assert_code(0)
        .err();
    assert_eq!(said, "");
    assert_eq!(fs::read_to_string(sandbox.path("code")).unwrap(), "0\n");
}

#[test]
fn output_has_no_escape_codes_when_it_is_not_a_terminal() {
    let sandbox = sandbox();
    fs::remove_file(sandbox.path("shot/depth.0002.png")).unwrap();
    let run = sandbox.cosmos("validate shot").assert_code(3);
    assert!(!run.out().contains('\x1b') && !run.err().contains('\x1b'));
    let run = sandbox.cosmos("prepare-inference shot").assert_code(3);
    assert!(!run.out().contains('\x1b') && !run.err().contains('\x1b'));
}
