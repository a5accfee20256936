use crate::support::{Ends, Said, Sandbox};

#[test]
fn every_shell_gets_a_script_with_all_commands() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        sandbox.done(&format!("completions {shell}")).prints(&[
            "prepare-inference",
            "convert-sequence",
            "validate",
            "probe",
            "standardize",
            "allow-partial",
        ]);
    }
    sandbox
        .refused(2, "completions csh")
        .warns(&["csh", "bash, elvish, fish, powershell, zsh"]);
}

#[test]
fn the_script_for_bash_is_one_that_bash_reads() {
    let sandbox = Sandbox::new();
    let script = sandbox.done("completions bash").out();
    std::fs::write(sandbox.path("script"), script).unwrap();
    sandbox
        .program("bash")
        .args(["-c", "source ./script; COMP_WORDS=(cosmos prep) COMP_CWORD=1; _cosmos cosmos prep cosmos; echo ${COMPREPLY[@]}"])
        .assert_code(0)
        .prints(&["prepare-inference"]);
}

#[test]
fn a_shell_completes_the_values_of_an_option() {
    let sandbox = Sandbox::new();
    let script = sandbox.done("completions bash").out();
    std::fs::write(sandbox.path("script"), script).unwrap();
    for (line, values) in [
        ("prepare-inference --fit", "pad crop stretch"),
        ("convert-sequence --codec", "h264 hevc"),
        (
            "convert-sequence --modality",
            "color depth segmentation vis edge",
        ),
        ("create-run --model", "transfer1 transfer2.5 cosmos3"),
        ("create-run --guardrails", "on off"),
        (
            "create-run --blur-strength",
            "very_low low medium high very_high",
        ),
        (
            "standardize --preset",
            "auto ultrafast superfast veryfast faster fast medium slow slower veryslow placebo",
        ),
        ("run --resolution", "720p 1080p 4k cosmos"),
    ] {
        let count = line.split(' ').count() + 1;
        let option = line.split(' ').next_back().unwrap();
        let complete = format!(
            "source ./script; COMP_WORDS=(cosmos {line} '') COMP_CWORD={count}; _cosmos cosmos '' {option}; echo ${{COMPREPLY[@]}}"
        );
        let offered = sandbox
            .program("bash")
            .args(["-c", &complete])
            .assert_code(0)
            .out();
        assert_eq!(offered.trim(), values, "{line}");
    }
    sandbox
        .done("completions zsh")
        .prints(&["lighting", "yuv444p"]);
}

#[test]
fn help_names_each_value_once() {
    let sandbox = Sandbox::new();
    let help = sandbox.done("prepare-inference -h").out();
    assert_eq!(help.matches("pad, crop, stretch").count(), 1, "{help}");
}
