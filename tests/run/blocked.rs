//! What a guardrail of the model blocks: neither a result nor a failure of the program.

use serde_json::Value;

use crate::desk::{Desk, files};

/// Runs a new prompt on `model` while the stand-in is in `mode`; it has to be blocked. Returns the prompt, what was
/// said, and the error as JSON, for which it ran once more.
fn blocked(desk: &Desk<'_>, model: &str, mode: &str) -> (String, String, Value) {
    desk.mode(mode);
    let prompt = desk.prompt("city", &["depth"]);
    let words = ["run", &prompt, "--no-upscale", "--model", model];
    let said = desk.ends(4, &words);
    assert_eq!(desk.status(), "blocked");
    assert_eq!(desk.history()[0].0, "blocked");
    assert!(files(&desk.outputs()[0], "mp4").is_empty());
    assert!(desk.outputs()[0].join("run.log").exists());
    let output = desk
        .cosmos(&[&["--json"], words.as_slice()].concat())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let error = serde_json::from_slice(&output.stdout).unwrap();
    (prompt, said, error)
}

#[test]
fn a_blocked_prompt_is_told_with_the_guardrail_and_its_reason() {
    for (model, mode, guardrail, on, change) in [
        (
            "transfer1",
            "blocked=prompt",
            "blocklist",
            "prompt",
            "in a new prompt",
        ),
        (
            "transfer2.5",
            "blocked=prompt",
            "blocklist",
            "prompt",
            "in a new prompt",
        ),
        (
            "transfer2.5",
            "blocked=negative",
            "blocklist",
            "negative_prompt",
            "negative prompt",
        ),
    ] {
        let desk = Desk::new();
        let (prompt, said, error) = blocked(&desk, model, mode);
        let on_what = format!("the blocklist objects to the {}: ", on.replace('_', " "));
        assert!(said.contains("was blocked on 127.0.0.1: "), "{said}");
        assert!(said.contains(&on_what), "{said}");
        assert!(said.contains(change) && said.contains("run.log"), "{said}");
        assert!(!said.contains("program failed"), "{said}");
        let message = desk.run_spec()["error_message"].clone();
        assert!(message.as_str().unwrap().contains(&on_what), "{message}");
        assert_eq!(error["blocked"]["guardrail"], guardrail, "{error}");
        assert_eq!(error["blocked"]["on"], on, "{error}");
        let line = error["blocked"]["line"].as_str().unwrap();
        assert!(said.contains(line), "{line}\n{said}");
        let listed = desk.ends(0, &["list"]);
        assert!(listed.contains("blocked"), "{listed}");
        // What was told is done anew, and by now that has happened once: the user may have changed something.
        desk.mode("");
        desk.ends(0, &["run", &prompt, "--no-upscale", "--model", model]);
        assert_eq!(desk.status(), "completed");
        let states: Vec<String> = desk.history().into_iter().map(|(state, _)| state).collect();
        assert_eq!(states, ["blocked", "blocked", "completed"]);
    }
}

#[test]
fn a_blocked_video_is_told_though_the_program_ends_well() {
    for model in ["transfer1", "transfer2.5"] {
        let desk = Desk::new();
        let (_, said, error) = blocked(&desk, model, "blocked=video");
        let text = "the video content safety filter objects to the generated video: ";
        assert!(said.contains(text), "{said}");
        assert!(said.contains("the input or the seed"), "{said}");
        assert_eq!(error["blocked"]["guardrail"], "video_content_safety_filter");
        assert_eq!(error["blocked"]["on"], "video");
    }
}

#[test]
fn windows_are_told_where_nothing_can_be_drawn() {
    let desk = Desk::new();
    desk.mode("slow=20");
    let prompt = desk.prompt("city", &["depth"]);
    let said = desk.ends(0, &["run", &prompt, "--model", "transfer2.5"]);
    assert_eq!(said.matches("inference  window 1/1  ").count(), 1, "{said}");
    // Of 35 steps none is a line on the terminal, and one in the log.
    assert!(!said.contains("Generating samples"), "{said}");
    let log = std::fs::read_to_string(desk.outputs()[0].join("run.log")).unwrap();
    assert_eq!(log.matches("Generating samples").count(), 1, "{log}");
    assert!(log.contains("| 35/35 ["), "{log}");
}
