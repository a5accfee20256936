use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

fn of(model: Model, key: &str) -> &'static ProgramOption {
    program(model).find(key).unwrap().option
}

fn all() -> impl Iterator<Item = &'static ProgramOption> {
    Model::ALL
        .into_iter()
        .flat_map(|model| &program(model).options)
}

#[test]
fn every_option_is_listed_once_with_a_source_and_a_sentence() {
    for model in Model::ALL {
        let mut seen = HashSet::new();
        for option in &program(model).options {
            let place = (option.place, option.key.as_str());
            let name = format!("{model}: {} {}", option.place, option.key);
            assert!(seen.insert(place), "{name} is there twice");
            assert!(!option.source.is_empty(), "{name} has no source");
            assert!(option.help.ends_with('.'), "{name} has no sentence");
            assert_eq!(
                option.place == Place::Control,
                !option.controls.is_empty(),
                "{name}: controls"
            );
            for control in &option.controls {
                assert!(
                    program(model).controls().any(|own| own == control),
                    "{name} names {control}"
                );
            }
        }
    }
}

#[test]
fn every_default_is_one_that_the_program_takes() {
    for option in all().filter(|option| !option.default.is_empty()) {
        let described = option.default.starts_with('(');
        assert!(!described || option.kind == Kind::Text, "{}", option.key);
        let parsed = option.parse(&option.default);
        assert!(
            parsed.is_ok(),
            "{} of {}: {parsed:?}",
            option.key,
            option.model
        );
    }
}

#[test]
fn a_choice_has_choices_and_a_range_is_not_empty() {
    for option in all() {
        if option.kind == Kind::Choice {
            assert!(!option.choices.is_empty(), "{}", option.key);
        }
        if let (Some(min), Some(max)) = (option.min, option.max) {
            assert!(min <= max, "{}", option.key);
        }
    }
}

#[test]
fn dashes_case_and_our_names_of_controls_make_no_difference() {
    let found = program(Model::Transfer1)
        .find("--offload-guardrail-models")
        .unwrap();
    assert_eq!(found.name(), "offload_guardrail_models");
    let found = program(Model::Transfer2_5)
        .find("Segmentation.Control-Weight")
        .unwrap();
    assert_eq!(
        (found.name().as_str(), found.control),
        ("seg.control_weight", Some("seg"))
    );
    let found = program(Model::Cosmos3).find("vis.weight").unwrap();
    assert_eq!(found.name(), "blur.weight");
    let found = program(Model::Cosmos3)
        .find("preset_blur_strength")
        .unwrap();
    assert_eq!(
        found.control,
        Some("blur"),
        "the only control that takes it"
    );
    let found = program(Model::Transfer2_5).find("control_weight").unwrap();
    assert_eq!(found.control, None, "several controls take it");
    assert_eq!(
        program(Model::Transfer1).find("hf_home").unwrap().name(),
        "HF_HOME"
    );
}

#[test]
fn an_unknown_option_is_refused_with_the_nearest_name() {
    for (model, key, nearest) in [
        (Model::Transfer2_5, "num_step", "num_steps"),
        (
            Model::Transfer2_5,
            "depth.input_control",
            "depth.control_path",
        ),
        (
            Model::Transfer2_5,
            "depth.control_wieght",
            "depth.control_weight",
        ),
        (Model::Transfer2_5, "input_video_path", "video_path"),
        (Model::Cosmos3, "depth.control_weight", "depth.weight"),
        (Model::Cosmos3, "control_guidence", "control_guidance"),
        (Model::Cosmos3, "blur_strength", "blur.preset_blur_strength"),
        (Model::Cosmos3, "no_guardrails", "guardrails"),
        (
            Model::Transfer1,
            "depth.control_path",
            "depth.input_control",
        ),
    ] {
        let error = program(model).find(key).unwrap_err();
        assert_eq!(
            error.hint(),
            Some(format!("did you mean {nearest}?")),
            "{model} {key}"
        );
    }
    let error = program(Model::Transfer1).find("qqq").unwrap_err();
    assert_eq!(error.to_string(), "Cosmos-Transfer1 has no option `qqq`");
    assert_eq!(
        error.hint().unwrap(),
        "cosmos options transfer1 shows what there is"
    );
}

#[test]
fn an_option_of_another_control_is_refused_with_that_control() {
    let error = program(Model::Transfer2_5)
        .find("depth.preset_edge_threshold")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Cosmos-Transfer2.5 has no `preset_edge_threshold` in depth, expected it in edge"
    );
    assert_eq!(
        error.hint().unwrap(),
        "did you mean edge.preset_edge_threshold?"
    );
}

#[test]
fn paths_names_and_texts_are_not_set_by_name() {
    for (model, key) in [
        (Model::Transfer1, "input_video_path"),
        (Model::Transfer1, "video_save_folder"),
        (Model::Transfer2_5, "name"),
        (Model::Transfer2_5, "edge.control_path"),
        (Model::Cosmos3, "prompt"),
        (Model::Cosmos3, "output_dir"),
    ] {
        let found = program(model).find(key).unwrap();
        let error = found.settable().unwrap_err();
        assert!(error.to_string().starts_with(&format!("{key} is set by ")));
        assert!(error.hint().is_some());
    }
    assert!(
        program(Model::Cosmos3)
            .find("num_steps")
            .unwrap()
            .settable()
            .is_ok()
    );
}

#[test]
fn text_becomes_the_json_that_the_program_takes() {
    use Model::{Cosmos3, Transfer1, Transfer2_5};
    for (model, key, text, expected) in [
        (Transfer1, "num_steps", "35", json!(35)),
        (Transfer1, "guidance", "7", json!(7.0)),
        (Transfer1, "seg.control_weight", "1", json!(1.0)),
        (Transfer1, "depth.control_weight", "0", json!("0")),
        (
            Transfer1,
            "depth.control_weight",
            "maps/depth.pt",
            json!("maps/depth.pt"),
        ),
        (Transfer1, "use_distilled", "yes", json!(true)),
        (Transfer2_5, "sigma_max", "80", json!("80")),
        (Transfer2_5, "resolution", "480p", json!("480p")),
        (Transfer2_5, "guidance", "3", json!(3)),
        (
            Transfer2_5,
            "edge.preset_edge_threshold",
            "Very-High",
            json!("very_high"),
        ),
        (
            Transfer2_5,
            "guided_generation_foreground_labels",
            "1, 4",
            json!([1, 4]),
        ),
        (
            Transfer2_5,
            "parallel_tokenizer_grid",
            "-1,2",
            json!([-1, 2]),
        ),
        (Transfer2_5, "max_frames", "null", Value::Null),
        (Cosmos3, "resolution", "480", json!("480")),
        (Cosmos3, "aspect_ratio", "16:9", json!("16,9")),
        (
            Cosmos3,
            "guidance_interval",
            "[100, 900.5]",
            json!([100, 900.5]),
        ),
        (Cosmos3, "show_input", "off", json!(false)),
    ] {
        let option = of(model, key);
        assert_eq!(option.parse(text).unwrap(), expected, "{model} {key}");
    }
}

#[test]
fn values_out_of_range_or_of_another_kind_are_refused() {
    use Model::{Cosmos3, Transfer1, Transfer2_5};
    for (model, key, text, expected) in [
        (Transfer2_5, "guidance", "3.5", "a whole number from 0 to 7"),
        (Cosmos3, "guidance", "8", "a number from 0 to 7"),
        (Cosmos3, "guidance", "inf", "a number from 0 to 7"),
        (Cosmos3, "fps", "23.976", "a whole number of 1 or more"),
        (Cosmos3, "resolution", "1080", "256, 480, 704, 720 or 768"),
        (
            Cosmos3,
            "guidance_interval",
            "100",
            "a list of 2 numbers of 0 or more",
        ),
        (Cosmos3, "top_p", "0", "a number above 0 and up to 1"),
        (Transfer2_5, "num_conditional_frames", "3", "0, 1 or 2"),
        (
            Transfer2_5,
            "context_frame_index",
            "0",
            "a whole number of 1 or more",
        ),
        (
            Transfer2_5,
            "vis.preset_blur_strength",
            "none",
            "very_low, low, medium, high or very_high",
        ),
        (
            Transfer1,
            "depth.control_weight",
            "strong",
            "a number of 0 or more or the path of a .pt file",
        ),
        (
            Transfer1,
            "depth.control_weight",
            "-1",
            "a number of 0 or more or the path of a .pt file",
        ),
        (Transfer1, "use_distilled", "maybe", "true or false"),
        (
            Transfer2_5,
            "num_steps",
            "null",
            "a whole number of 1 or more",
        ),
    ] {
        let option = of(model, key);
        let error = option.parse(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{} is {text}, expected {expected}", option.key),
            "{model}"
        );
    }
}

#[test]
fn values_in_a_spec_are_judged_as_the_program_judges_them() {
    use Model::{Cosmos3, Transfer1, Transfer2_5};
    for (model, key, value, taken) in [
        // Transfer1 keeps a text a text and fails when it computes with it.
        (Transfer1, "num_steps", json!("35"), false),
        (Transfer1, "fps", json!(23.976), true),
        (Transfer1, "depth.control_weight", json!(5), true),
        (Transfer1, "depth.control_weight", json!("0.5"), true),
        (Transfer1, "depth.control_weight", Value::Null, false),
        // The other two turn it into a number.
        (Transfer2_5, "num_steps", json!("35"), true),
        (Transfer2_5, "guidance", json!(3.0), true),
        (Transfer2_5, "guidance", json!(3.5), false),
        (Transfer2_5, "sigma_max", json!(80), false),
        (Transfer2_5, "resolution", json!(720), false),
        (Transfer2_5, "num_conditional_frames", json!("1"), false),
        (Transfer2_5, "num_conditional_frames", json!(2), true),
        (Transfer2_5, "num_steps", Value::Null, false),
        (Transfer2_5, "edge.control_weight", json!(1.5), false),
        (Cosmos3, "guidance", json!(7), true),
        (Cosmos3, "guidance", json!(7.5), false),
        (Cosmos3, "num_steps", Value::Null, true),
        (Cosmos3, "resolution", json!(720), false),
        (Cosmos3, "show_input", json!("yes"), true),
    ] {
        let judged = of(model, key).check(&value);
        assert_eq!(judged.is_ok(), taken, "{model} {key} {value}: {judged:?}");
    }
}

#[test]
fn values_become_words_of_the_command_line() {
    use Model::{Cosmos3, Transfer1, Transfer2_5};
    for (model, key, value, words) in [
        (
            Transfer1,
            "use_distilled",
            json!(true),
            vec!["--use_distilled"],
        ),
        (Transfer1, "use_distilled", json!(false), vec![]),
        (Transfer1, "batch_size", json!(2), vec!["--batch_size", "2"]),
        (
            Transfer2_5,
            "keep_going",
            json!(false),
            vec!["--no-keep-going"],
        ),
        (
            Transfer2_5,
            "compile_tokenizer",
            json!("MODERATE"),
            vec!["--compile-tokenizer=MODERATE"],
        ),
        (
            Transfer2_5,
            "parallel_tokenizer_grid",
            json!([2, 1]),
            vec!["--parallel-tokenizer-grid", "2", "1"],
        ),
        (
            Transfer2_5,
            "show_input",
            json!(true),
            vec!["--show-input", "True"],
        ),
        (Cosmos3, "guardrails", json!(false), vec!["--no-guardrails"]),
        (Cosmos3, "num_steps", Value::Null, vec![]),
    ] {
        assert_eq!(of(model, key).words(&value), words, "{model} {key}");
    }
}
