use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::specs::SpecKind;

/// Files in memory: their paths, and what they hold where they are videos.
#[derive(Default)]
struct Disk(HashMap<PathBuf, Option<VideoFacts>>);

impl Disk {
    fn with(mut self, path: &str, width: u32, height: u32, frames: u64, fps: &str) -> Self {
        let facts = VideoFacts {
            width,
            height,
            frames,
            fps: fps.parse().unwrap(),
        };
        self.0.insert(Path::new("/specs").join(path), Some(facts));
        self
    }

    fn and(mut self, path: &str) -> Self {
        self.0.insert(Path::new("/specs").join(path), None);
        self
    }
}

impl Files for Disk {
    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn video(&self, path: &Path) -> Result<VideoFacts, String> {
        self.0[path].ok_or_else(|| "no video".to_owned())
    }
}

/// A clip of 121 frames and its controls, all alike.
fn disk() -> Disk {
    ["in.mp4", "depth.mp4", "edge.mp4", "seg.mp4", "vis.mp4"]
        .into_iter()
        .fold(Disk::default(), |disk, path| {
            disk.with(path, 1280, 704, 121, "24")
        })
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn findings_on(disk: &Disk, model: Model, sample: Value) -> Vec<Finding> {
    judge(model, &object(sample), Path::new("/specs"), disk)
}

fn findings(model: Model, sample: Value) -> Vec<Finding> {
    findings_on(&disk(), model, sample)
}

fn t1() -> Value {
    json!({"prompt": "a street", "input_video_path": "in.mp4", "seed": 1,
        "depth": {"input_control": "depth.mp4", "control_weight": 1.0}})
}

fn t2() -> Value {
    json!({"name": "shot", "prompt": "a street", "video_path": "in.mp4", "max_frames": 93,
        "depth": {"control_path": "depth.mp4", "control_weight": 1.0}})
}

fn c3() -> Value {
    json!({"name": "shot", "prompt": "a street", "seed": 1, "num_video_frames_per_chunk": 121,
        "depth": {"control_path": "depth.mp4"}})
}

/// `base` with `changes`: objects are merged, null at the top removes.
fn with(mut base: Value, changes: Value) -> Value {
    for (key, value) in object(changes) {
        let fields = base.as_object_mut().unwrap();
        match (fields.get_mut(&key), value) {
            (_, Value::Null) => drop(fields.remove(&key)),
            (Some(Value::Object(own)), Value::Object(more)) => own.extend(more),
            (_, value) => drop(fields.insert(key, value)),
        }
    }
    base
}

fn bare(model: Model) -> Value {
    match model {
        Model::Transfer1 => t1(),
        Model::Transfer2_5 => t2(),
        Model::Cosmos3 => c3(),
    }
}

#[test]
fn whose_spec_it_is_is_told_from_its_keys() {
    let program = |model| Some(Form::Program { model, or: None });
    for (sample, form) in [
        (t1(), program(Model::Transfer1)),
        (t2(), program(Model::Transfer2_5)),
        (c3(), program(Model::Cosmos3)),
        // One key of another program does not change whose it is.
        (
            with(t2(), json!({"depth": {"input_control": "d.mp4"}})),
            program(Model::Transfer2_5),
        ),
        (
            json!({"input_video_path": "a.mp4", "upscale": {"control_weight": 0.5}}),
            program(Model::Transfer1),
        ),
        (
            json!({"prompt": "a", "vision_path": "a.mp4", "blur": {}}),
            program(Model::Cosmos3),
        ),
        (
            json!({"prompt": "a", "wsm": {"control_path": "a.mp4"}}),
            program(Model::Cosmos3),
        ),
        (
            json!({"prompt_id": "ps_1", "name": "a"}),
            Some(Form::Ours(SpecKind::Run)),
        ),
        (
            json!({"name": "a", "control_weights": {"vis": 1}}),
            Some(Form::Ours(SpecKind::Run)),
        ),
        (
            json!({"name": "a", "prompt": "a", "input_video_path": "a.mp4", "control_inputs": {}}),
            Some(Form::Ours(SpecKind::Prompt)),
        ),
        (
            json!({"prompt": "a", "visual_input": "a.mp4"}),
            Some(Form::Transfer1Batch),
        ),
        (json!({"name": "a", "version": 1}), None),
        (json!({}), None),
    ] {
        assert_eq!(form_of(&object(sample.clone())), form, "{sample}");
    }
    let either = form_of(&object(json!({"prompt": "a", "depth": {}})));
    assert!(
        matches!(either, Some(Form::Program { or: Some(_), .. })),
        "{either:?}"
    );
}

#[test]
fn a_spec_as_it_should_be_has_no_error_and_no_warning() {
    for model in Model::ALL {
        let found = findings(model, bare(model));
        assert!(
            found
                .iter()
                .all(|finding| finding.severity == Severity::Note),
            "{model}: {found:?}"
        );
    }
}

#[test]
fn what_each_program_makes_of_a_spec() {
    use Model::{Cosmos3 as C3, Transfer1 as T1, Transfer2_5 as T2};
    use Severity::{Error, Note, Warning};
    for (model, changes, severity, code, key) in [
        // Keys that it does not know.
        (T1, json!({"cfg": 3}), Warning, "spec.unknown-key", "cfg"),
        (
            T1,
            json!({"lights": {}}),
            Error,
            "spec.unknown-key",
            "lights",
        ),
        (
            T1,
            json!({"depth": {"mask_path": "m.mp4"}}),
            Warning,
            "control.unknown-key",
            "depth.mask_path",
        ),
        (T2, json!({"cfg": 3}), Error, "spec.unknown-key", "cfg"),
        (
            T2,
            json!({"output_dir": "out"}),
            Error,
            "spec.unknown-key",
            "output_dir",
        ),
        (
            T2,
            json!({"depth": {"input_control": "d.mp4"}}),
            Warning,
            "control.unknown-key",
            "depth.input_control",
        ),
        (
            T2,
            json!({"depth": {"preset_edge_threshold": "low"}}),
            Warning,
            "control.unknown-key",
            "depth.preset_edge_threshold",
        ),
        (C3, json!({"cfg": 3}), Error, "spec.unknown-key", "cfg"),
        (
            C3,
            json!({"depth": {"control_weight": 1}}),
            Error,
            "control.unknown-key",
            "depth.control_weight",
        ),
        // Values.
        (
            T1,
            json!({"num_steps": "35"}),
            Error,
            "spec.value",
            "num_steps",
        ),
        (
            T1,
            json!({"depth": {"control_weight": -1}}),
            Error,
            "control.value",
            "depth.control_weight",
        ),
        (
            T1,
            json!({"edge": 0.5}),
            Error,
            "control.not-an-object",
            "edge",
        ),
        (
            T2,
            json!({"guidance": 3.5}),
            Error,
            "spec.value",
            "guidance",
        ),
        (
            T2,
            json!({"resolution": 720}),
            Error,
            "spec.value",
            "resolution",
        ),
        (
            T2,
            json!({"depth": {"control_weight": 1.5}}),
            Error,
            "control.value",
            "depth.control_weight",
        ),
        (
            C3,
            json!({"guidance": 8.0}),
            Error,
            "spec.value",
            "guidance",
        ),
        (C3, json!({"fps": 23.976}), Error, "spec.value", "fps"),
        // Keys without effect.
        (
            T1,
            json!({"canny_threshold": "low"}),
            Warning,
            "spec.no-effect",
            "canny_threshold",
        ),
        (
            T2,
            json!({"sigma_max": "80"}),
            Warning,
            "spec.no-effect",
            "sigma_max",
        ),
        (
            C3,
            json!({"negative_prompt_file": "n.json"}),
            Warning,
            "spec.no-effect",
            "negative_prompt_file",
        ),
        (
            C3,
            json!({"num_frames": 121}),
            Note,
            "length.ignored",
            "num_frames",
        ),
        (
            C3,
            json!({"depth": {"weight": 0.5}}),
            Note,
            "weight.alone",
            "depth.weight",
        ),
        (
            T2,
            json!({"edge": {"control_path": "edge.mp4", "preset_edge_threshold": "low"}}),
            Note,
            "control.not-derived",
            "edge.preset_edge_threshold",
        ),
        // What has to be there.
        (T2, json!({"name": null}), Error, "spec.missing-key", "name"),
        (
            T2,
            json!({"prompt": null}),
            Error,
            "spec.missing-key",
            "prompt",
        ),
        (
            T1,
            json!({"input_video_path": null}),
            Error,
            "input.missing",
            "input_video_path",
        ),
        (
            T1,
            json!({"input_video_path": null, "sigma_max": 80, "edge": {}}),
            Error,
            "control.needs-video",
            "edge.input_control",
        ),
        (
            C3,
            json!({"edge": {}}),
            Error,
            "control.needs-video",
            "edge.control_path",
        ),
        (
            C3,
            json!({"vision_path": "in.mp4", "seg": {}}),
            Error,
            "control.needs-video",
            "seg.control_path",
        ),
        (C3, json!({"seed": null}), Warning, "seed.missing", "seed"),
        (
            C3,
            json!({"num_first_chunk_conditional_frames": 1}),
            Error,
            "input.missing",
            "num_first_chunk_conditional_frames",
        ),
        (
            T1,
            json!({"negative_prompt": ""}),
            Error,
            "prompt.empty",
            "negative_prompt",
        ),
        (
            T2,
            json!({"negative_prompt": ""}),
            Error,
            "prompt.empty",
            "negative_prompt",
        ),
        // Files.
        (
            T1,
            json!({"depth": {"input_control": "no.mp4"}}),
            Error,
            "file.missing",
            "depth.input_control",
        ),
        (
            T1,
            json!({"depth": {"control_weight": "map.pt"}}),
            Error,
            "file.missing",
            "depth.control_weight",
        ),
        (
            T2,
            json!({"depth": {"mask_path": "no.mp4"}}),
            Error,
            "file.missing",
            "depth.mask_path",
        ),
        (
            C3,
            json!({"vision_path": "no.mp4"}),
            Error,
            "file.missing",
            "vision_path",
        ),
        (
            T2,
            json!({"video_path": "in.mkv"}),
            Error,
            "file.ending",
            "video_path",
        ),
        (
            C3,
            json!({"vision_path": "in.mov"}),
            Error,
            "file.ending",
            "vision_path",
        ),
        // Keys that do not go together.
        (
            T2,
            json!({"image_context_path": "s.png", "vis": {}}),
            Error,
            "style.vis",
            "image_context_path",
        ),
        (
            C3,
            json!({"edge": {"control_path": "edge.mp4"}}),
            Warning,
            "guidance.untuned",
            "control_guidance",
        ),
        (
            T1,
            json!({"upscale": {"control_weight": 0.5}}),
            Error,
            "controls.upscale",
            "upscale",
        ),
        (
            T1,
            json!({"use_distilled": true}),
            Error,
            "controls.distilled",
            "depth",
        ),
        (
            T1,
            json!({"regional_prompts": [{"prompt": "a", "region_definitions_path": "a.pt"}]}),
            Error,
            "regions.file",
            "regional_prompts[0]",
        ),
        (
            T1,
            json!({"edge": {"control_weight": "map.pt"}, "depth": {"control_weight": 0}}),
            Warning,
            "weight.zero",
            "depth.control_weight",
        ),
        // Chunks and seeds.
        (
            T2,
            json!({"num_video_frames_per_chunk": 1, "num_conditional_frames": 1}),
            Error,
            "chunk.overlap",
            "num_video_frames_per_chunk",
        ),
        (
            C3,
            json!({"num_video_frames_per_chunk": 93, "seed": 4294967295u32}),
            Error,
            "seed.too-large",
            "seed",
        ),
    ] {
        let sample = with(bare(model), changes.clone());
        let found = findings(model, sample);
        let hit = found
            .iter()
            .find(|finding| finding.code == code && finding.key.as_deref() == Some(key));
        let hit = hit.unwrap_or_else(|| panic!("{model} {changes}: no {code}\n{found:#?}"));
        assert_eq!(hit.severity, severity, "{model} {changes}");
    }
}

#[test]
fn another_programs_word_is_answered_with_the_right_one() {
    let found = findings(
        Model::Transfer2_5,
        with(t2(), json!({"depth": {"input_control": "depth.mp4"}})),
    );
    let hit = found
        .iter()
        .find(|f| f.code == "control.unknown-key")
        .unwrap();
    assert_eq!(
        hit.help.as_deref(),
        Some("did you mean depth.control_path?")
    );
}

#[test]
fn an_address_is_not_looked_for_on_disk() {
    let sample = with(
        c3(),
        json!({"depth": {"control_path": "https://example.com/depth.mp4"}}),
    );
    let found = findings(Model::Cosmos3, sample);
    assert!(
        found.iter().all(|finding| finding.code != "file.missing"),
        "{found:?}"
    );
}

/// The findings about videos, as code and key.
fn about_videos(model: Model, disk: &Disk, changes: Value) -> Vec<(Severity, String)> {
    findings_on(disk, model, with(bare(model), changes))
        .into_iter()
        .filter(|finding| finding.code.starts_with("video."))
        .map(|finding| (finding.severity, finding.code.to_owned()))
        .collect()
}

#[test]
fn videos_of_another_length_size_or_rate_are_told() {
    use Severity::{Error, Note, Warning};
    let depth = |width, height, frames, fps| disk().with("depth.mp4", width, height, frames, fps);
    let (t1, t2) = (Model::Transfer1, Model::Transfer2_5);
    for (model, disk, changes, severity, code) in [
        (
            t1,
            depth(1280, 704, 100, "24"),
            json!({}),
            Warning,
            "video.length",
        ),
        (
            t1,
            depth(1280, 704, 121, "30"),
            json!({}),
            Warning,
            "video.rates-differ",
        ),
        (
            t1,
            depth(640, 352, 121, "24"),
            json!({}),
            Note,
            "video.size",
        ),
        (
            t1,
            depth(704, 704, 121, "24"),
            json!({}),
            Error,
            "video.shape",
        ),
        (
            t1,
            depth(1280, 704, 1, "24"),
            json!({}),
            Error,
            "video.one-frame",
        ),
        (t1, disk(), json!({"fps": 30}), Warning, "video.rate"),
        (
            t2,
            depth(1280, 704, 80, "24"),
            json!({}),
            Warning,
            "video.length",
        ),
        // The second chunk begins with frame 92.
        (
            t2,
            depth(1280, 704, 92, "24"),
            json!({"max_frames": null}),
            Error,
            "video.length",
        ),
        (
            t2,
            depth(1280, 704, 93, "24"),
            json!({"max_frames": null}),
            Warning,
            "video.length",
        ),
        (
            t2,
            disk().with("in.mp4", 1280, 704, 100, "24"),
            json!({"max_frames": null}),
            Note,
            "video.length",
        ),
        (
            t2,
            disk().with("in.mp4", 1280, 704, 121, "23.976"),
            json!({}),
            Warning,
            "video.rate-cut",
        ),
        (
            t2,
            depth(704, 704, 121, "24"),
            json!({}),
            Error,
            "video.shape",
        ),
        (
            t2,
            disk().with("in.mp4", 1280, 704, 1, "24"),
            json!({}),
            Note,
            "video.one-frame",
        ),
        (
            Model::Cosmos3,
            depth(1280, 704, 121, "30"),
            json!({}),
            Warning,
            "video.rate",
        ),
        (
            Model::Cosmos3,
            disk().with("in.mp4", 1280, 704, 90, "24"),
            json!({"vision_path": "in.mp4"}),
            Warning,
            "video.length",
        ),
        (
            Model::Cosmos3,
            disk().with("in.mp4", 704, 704, 121, "24"),
            json!({"vision_path": "in.mp4"}),
            Warning,
            "video.shape",
        ),
        (
            Model::Cosmos3,
            depth(1280, 704, 1, "24"),
            json!({}),
            Error,
            "video.one-frame",
        ),
        (
            Model::Cosmos3,
            depth(1280, 704, 1, "24"),
            json!({"num_frames": 1}),
            Note,
            "video.one-frame",
        ),
        (
            Model::Cosmos3,
            depth(1280, 704, 6000, "24"),
            json!({}),
            Warning,
            "video.too-long",
        ),
        (
            Model::Cosmos3,
            disk().and("in.png"),
            json!({"vision_path": "in.png"}),
            Warning,
            "video.picture",
        ),
        (
            Model::Cosmos3,
            disk().and("depth.mp4"),
            json!({}),
            Error,
            "video.unreadable",
        ),
    ] {
        let found = about_videos(model, &disk, changes);
        assert!(
            found.contains(&(severity, code.to_owned())),
            "{model}: no {code} in {found:?}"
        );
    }
}

#[test]
fn the_largest_seed_follows_from_the_number_of_windows() {
    let too_large = |model, sample| {
        let found = findings(model, sample);
        found
            .into_iter()
            .find(|finding| finding.code == "seed.too-large")
    };
    let chunks = |seed: u32| {
        with(
            c3(),
            json!({"num_video_frames_per_chunk": 93, "seed": seed}),
        )
    };
    let finding = too_large(Model::Cosmos3, chunks(u32::MAX)).expect("two windows");
    assert!(finding.help.unwrap().contains("4294967294"));
    assert_eq!(too_large(Model::Cosmos3, chunks(u32::MAX - 1)), None);
    let transfer1 = with(t1(), json!({"seed": u32::MAX}));
    assert_eq!(too_large(Model::Transfer1, transfer1), None, "one window");
}

#[test]
fn weightings_that_the_cookbook_warns_of_are_told_for_every_program() {
    let codes = |model, sample| -> Vec<&'static str> {
        let mut codes: Vec<_> = findings(model, sample)
            .into_iter()
            .filter(|finding| finding.code.starts_with("weights."))
            .map(|finding| finding.code)
            .collect();
        codes.sort_unstable();
        codes
    };
    let only = |model, controls: Value| with(with(bare(model), json!({"depth": null})), controls);
    assert_eq!(
        codes(Model::Transfer1, only(Model::Transfer1, json!({"seg": {}}))),
        ["weights.segmentation-alone"]
    );
    assert_eq!(
        codes(
            Model::Transfer2_5,
            only(
                Model::Transfer2_5,
                json!({"seg": {}, "vis": {"control_weight": 0.3}})
            )
        ),
        ["weights.without-edge"]
    );
    assert_eq!(
        codes(
            Model::Cosmos3,
            only(
                Model::Cosmos3,
                json!({"seg": {"control_path": "seg.mp4"}, "blur": {"control_path": "vis.mp4", "weight": 0.5}})
            )
        ),
        ["weights.without-edge"]
    );
    assert_eq!(
        codes(
            Model::Transfer2_5,
            with(
                t2(),
                json!({"vis": {"mask_prompt": "a car", "control_weight": 0.5}})
            )
        ),
        ["weights.masked-vis"]
    );
    assert_eq!(
        codes(
            Model::Transfer2_5,
            with(
                t2(),
                json!({"depth": {"control_weight": 0.2}, "vis": {"control_weight": 0.9}})
            )
        ),
        ["weights.high-vis"]
    );
    // A control that weighs nothing guides nothing.
    assert_eq!(
        codes(
            Model::Transfer2_5,
            with(t2(), json!({"depth": {"control_weight": 0.0}, "seg": {}}))
        ),
        ["weights.segmentation-alone"]
    );
    assert!(codes(Model::Transfer2_5, t2()).is_empty());
}

#[test]
fn the_weights_of_a_run_of_ours_are_judged_alike() {
    let weights =
        std::collections::BTreeMap::from([(Modality::Segmentation, 1.0), (Modality::Depth, 0.0)]);
    let found = judge_weights(&weights);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "weights.segmentation-alone");
}

#[test]
fn samples_in_one_run_must_not_share_a_name_or_mix_controls() {
    let (a, b) = (
        object(t2()),
        object(with(t2(), json!({"depth": null, "edge": {}}))),
    );
    let samples = [
        ("a.json".to_owned(), "a".to_owned(), &a),
        ("b.json".to_owned(), "b".to_owned(), &b),
    ];
    let found = judge_together(Model::Transfer2_5, &samples);
    let codes: Vec<_> = found.iter().map(|f| (f.severity, f.code)).collect();
    assert_eq!(
        codes,
        [
            (Severity::Error, "batch.name"),
            (Severity::Warning, "batch.controls")
        ]
    );
    let found = judge_together(Model::Cosmos3, &samples);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(judge_together(Model::Transfer1, &samples).is_empty());
}

#[test]
fn a_line_of_a_batch_is_judged_as_what_it_overrides() {
    let line = object(json!({"prompt": "a", "visual_input": "no.mp4", "seed": 3,
        "control_overrides": {"depth": {"input_control": null, "control_path": "depth.mp4"}}}));
    let found = judge_batch_line(&line, Path::new("/specs"), &disk());
    let codes: Vec<_> = found
        .iter()
        .map(|finding| (finding.code, finding.key.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        codes,
        [
            ("spec.unknown-key", "seed"),
            ("control.unknown-key", "depth.control_path"),
            ("file.missing", "visual_input"),
        ]
    );
}
