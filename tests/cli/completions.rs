//! Completion as the shells themselves do it.

use std::fs;
use std::path::Path;

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Said, Sandbox, Shot};

#[test]
fn every_shell_gets_a_script() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        sandbox
            .done(&format!("completions {shell}"))
            .prints(&["cosmos"]);
    }
    for shell in ["elvish", "powershell"] {
        sandbox.done(&format!("completions {shell}")).prints(&[
            "prepare-inference",
            "standardize",
            "allow-partial",
        ]);
    }
    sandbox
        .refused(2, "completions csh")
        .warns(&["csh", "bash, elvish, fish, powershell, zsh"]);
}

/// A sandbox with the scripts of the shells in it, and `cosmos` in the path of [`offered`].
fn with_scripts() -> Sandbox {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.done(&format!("completions {shell}")).out();
        fs::write(sandbox.path(format!("script.{shell}")), script).unwrap();
    }
    sandbox
}

/// What bash offers after `line`, whose last word is being typed.
fn in_bash(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let complete = format!(
        "source ./script.bash; COMP_WORDS=(cosmos {line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _cosmos; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    offered(sandbox, "bash", &["--norc", "-c", &complete])
}

fn in_fish(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let line = line.trim_end_matches("''");
    let complete = format!("source ./script.fish; complete --do-complete \"cosmos {line}\"");
    offered(sandbox, "fish", &["--no-config", "-c", &complete])
}

/// Zsh completes only where a line is edited, so what it would show is taken from the function's own calls.
fn in_zsh(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let complete = format!(
        "compdef() {{ }}; _files() {{ print files }}; _describe() {{ print -l -- ${{(P)3}} }}; \
         source ./script.zsh; words=(cosmos {line}); CURRENT=$#words; _cosmos"
    );
    offered(sandbox, "zsh", &["-f", "-c", &complete])
        .into_iter()
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect()
}

fn offered(sandbox: &Sandbox, shell: &str, arguments: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_BIN_EXE_cosmos")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let run = sandbox
        .program(shell)
        .env("PATH", path)
        .args(arguments)
        .assert_code(0);
    let lines = run.out();
    let lines = lines.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn shells_complete_commands_and_options() {
    let sandbox = with_scripts();
    for shell in [in_bash, in_zsh, in_fish] {
        assert_eq!(shell(&sandbox, "prep"), ["prepare-inference"]);
        assert_eq!(shell(&sandbox, "validate --allow-p"), ["--allow-partial"]);
        assert!(!shell(&sandbox, "''").contains(&"complete".to_owned()));
        assert!(shell(&sandbox, "list ''").contains(&"--json".to_owned()));
    }
}

#[test]
fn shells_complete_the_values_of_options() {
    let sandbox = with_scripts();
    for shell in [in_bash, in_zsh, in_fish] {
        for (line, values) in [
            ("prepare-inference --fit ''", "pad crop stretch"),
            ("convert-sequence --codec ''", "h264 hevc"),
            (
                "convert-sequence --modality ''",
                "color depth segmentation vis edge",
            ),
            ("create-run --model ''", "transfer1 transfer2.5 cosmos3"),
            ("create-run --guardrails ''", "on off"),
            (
                "create-run --blur-strength ''",
                "very_low low medium high very_high",
            ),
            ("standardize --preset very", "veryfast veryslow"),
            ("run --resolution ''", "720p 1080p 4k cosmos"),
            ("completions ''", "bash elvish fish powershell zsh"),
        ] {
            assert_eq!(shell(&sandbox, line).join(" "), values, "{line}");
        }
    }
}

#[test]
fn shells_complete_the_names_and_ids_of_prompts_runs_and_shots() {
    let sandbox = with_scripts();
    Shot::new()
        .only(&[Modality::Color, Modality::Depth])
        .write(&sandbox.path("render"));
    sandbox.done("prepare-inference render --no-ai --name tower");
    let folder = sandbox.prepared();
    let folder = folder.file_name().unwrap().to_str().unwrap();
    let make = |line: String| {
        let made = sandbox.done(&line).json();
        made["spec"]["id"].as_str().unwrap().to_owned()
    };
    let prompt = |name: &str| {
        make(format!(
            "create-spec '{name}' \"a neon city\" --video-path inputs/videos/{folder} --json"
        ))
    };
    let (city, spaced) = (prompt("city"), prompt("neon city"));
    prompt("harbour");
    let run = make("create-run city --json".to_owned());
    for (name, shell) in [
        ("bash", in_bash as fn(&Sandbox, &str) -> Vec<String>),
        ("zsh", in_zsh),
        ("fish", in_fish),
    ] {
        let sorted = |line: &str| {
            let mut words = shell(&sandbox, line);
            words.sort();
            words
        };
        let all = |words: &[&str]| {
            let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            words.sort();
            words
        };
        // A name that is more than a word for a shell has its id in its place.
        let prompts = all(&["city", "harbour", &spaced]);
        assert_eq!(sorted("create-run ''"), prompts, "{name}");
        let both = all(&["city", "harbour", &spaced, &run]);
        for command in ["run", "inference", "upscale", "show", "status", "check"] {
            assert_eq!(sorted(&format!("{command} ''")), both, "{name} {command}");
        }
        for command in ["logs", "cancel"] {
            assert_eq!(
                sorted(&format!("{command} ''")),
                ["city"],
                "{name} {command}"
            );
        }
        assert_eq!(sorted("run ha"), ["harbour"], "{name}");
        assert_eq!(
            sorted(&format!("show {}", &city[..9])),
            [city.as_str()],
            "{name}"
        );
        assert_eq!(sorted("run city har"), ["harbour"], "{name}");
        assert_eq!(sorted("run city --videos-subdir ''"), [folder], "{name}");
        assert_eq!(
            sorted("create-spec a b --video-path ''"),
            [format!("inputs/videos/{folder}")],
            "{name}"
        );
        // The settings of the command line count.
        fs::write(
            sandbox.path("other.toml"),
            "[paths]\nlocal_prompts_dir = \"nowhere\"\n",
        )
        .unwrap();
        assert_eq!(sorted("--config other.toml logs ''"), ["city"], "{name}");
        assert!(
            !sorted("--config other.toml create-run ''").contains(&"city".to_owned()),
            "{name}"
        );
    }
}

#[test]
fn where_only_files_can_stand_the_shell_completes_them_itself() {
    let sandbox = with_scripts();
    fs::write(sandbox.path("Depth 1049.png"), "").unwrap();
    for line in ["describe ''", "probe De", "create-run nosuch"] {
        assert_eq!(in_bash(&sandbox, line), [""; 0], "{line}");
        assert_eq!(in_zsh(&sandbox, line), ["files"], "{line}");
    }
    assert!(in_fish(&sandbox, "describe De").contains(&"Depth 1049.png".to_owned()));
    let script = sandbox.done("completions bash").out();
    assert!(script.contains("-o default"), "{script}");
}

#[test]
fn a_shell_is_not_bothered_with_what_is_wrong() {
    let sandbox = with_scripts();
    fs::write(sandbox.path("config.toml"), "nonsense").unwrap();
    fs::create_dir_all(sandbox.path("inputs/prompts")).unwrap();
    fs::write(sandbox.path("inputs/prompts/a.json"), "{").unwrap();
    for line in ["complete -- cosmos run ''", "complete -- cosmos probe ''"] {
        let run = sandbox.done(line);
        assert_eq!(
            (run.out(), run.err()),
            (String::new(), String::new()),
            "{line}"
        );
    }
}

#[test]
fn help_names_each_value_once() {
    let sandbox = Sandbox::new();
    let help = sandbox.done("prepare-inference -h").out();
    assert_eq!(help.matches("pad, crop, stretch").count(), 1, "{help}");
}
