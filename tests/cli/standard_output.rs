//! What is printed arrives, or the command says that it did not.

use std::fs;

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Said, Sandbox, Shot};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    fs::write(sandbox.path("spec.json"), r#"{"prompt": "a street"}"#).unwrap();
    sandbox
}

const COMMANDS: [&str; 13] = [
    "--help",
    "--version",
    "help run",
    "probe --help",
    "completions bash",
    "list",
    "list --json",
    "options transfer2.5",
    "check spec.json",
    "validate frames",
    "convert-sequence frames -o a.mp4 --overwrite",
    "convert-sequence frames -o a.mp4 --overwrite --json",
    "probe a.mp4",
];

#[test]
fn output_that_cannot_be_written_is_an_error_of_every_command() {
    let sandbox = sandbox();
    for command in COMMANDS {
        let said = sandbox
            .cosmos_in_shell("\"$@\" > /dev/full", command)
            .assert_code(1)
            .err();
        assert!(
            said.contains("error: cannot write to standard output: No space left on device"),
            "{command}: {said}"
        );
        assert!(said.contains("help:"), "{command}: {said}");
    }
}

#[test]
fn a_command_that_fails_keeps_its_exit_code_when_its_output_is_lost() {
    let sandbox = sandbox();
    fs::remove_file(sandbox.path("frames/color.0002.png")).unwrap();
    for (code, command) in [
        (3, "validate frames"),
        (2, "show nothing --json"),
        (2, "nosuch --json"),
    ] {
        sandbox
            .cosmos_in_shell("\"$@\" > /dev/full", command)
            .assert_code(code)
            .warns(&["cannot write to standard output"]);
    }
}

#[test]
fn every_command_ends_quietly_when_its_reader_goes_away() {
    let sandbox = sandbox();
    for command in COMMANDS {
        let said = sandbox
            .cosmos_in_shell("{ \"$@\"; echo $? > code; } | true", command)
            .assert_code(0)
            .err();
        assert!(!said.contains("error"), "{command}: {said}");
        let code = fs::read_to_string(sandbox.path("code")).unwrap();
        assert_eq!(code, "0\n", "{command}");
    }
}
