//! What all that was seen of a shot comes to.

use std::collections::{BTreeMap, BTreeSet};

use super::Analyzer;
use super::findings::{Findings, FrameFindings};
use crate::ai::caption::Concepts;
use crate::describe::{
    Attributes, Subject, average_tags, color_of, compose, means, merge_objects, merge_tags, phrase,
    steady_objects, subject, things,
};
use crate::look::{Light, Look, palette};
use crate::seen::{Analysis, Author, ObjectInFrame, Seen, Tag};

/// What `findings` and what was `measured` come to; `number_of` gives the number of the frame at an index.
pub(super) fn conclude(
    findings: &Findings,
    analyzer: &Analyzer,
    measured: Look,
    has_color: bool,
    number_of: Option<&dyn Fn(usize) -> u64>,
) -> Seen {
    let frames = &findings.frames;
    let numbers = |wanted: bool| -> Vec<u64> {
        let picked = frames.iter().filter(|frame| wanted || !frame.tells);
        let indices = picked.map(|frame| frame.view.index);
        number_of.map_or_else(Vec::new, |number_of| indices.map(number_of).collect())
    };
    let told: Vec<&FrameFindings> = frames.iter().filter(|frame| frame.tells).collect();
    let tagged = told.iter().filter_map(|frame| frame.tags.as_deref());
    let tags = merge_tags(&tagged.collect::<Vec<_>>());
    let in_frames: Vec<_> = told
        .iter()
        .filter_map(|g| {
            let number = number_of.map_or(0, |number_of| number_of(g.view.index));
            Some((number, g.objects.as_deref()?))
        })
        .collect();
    let steady = steady_objects(
        &in_frames.iter().map(|&(_, o)| o).collect::<Vec<_>>(),
        &tags,
    );
    let colored = || told.iter().filter(|_| has_color).map(|g| &g.view.picture);
    let look = Look {
        palette: palette(colored()),
        light: Light::measure(colored()),
        ..measured
    };
    let (judged, style) = named(findings, &told, &steady, look.light).unzip();
    let subject = judged.or_else(|| subject(&tags, &steady));
    let caption = findings
        .caption
        .as_ref()
        .filter(|_| findings.unsure.is_none());
    let (description, described_by) = match (caption, &subject) {
        (Some(caption), _) => (caption.text.clone(), Author::Captioner),
        (None, Some(_)) => {
            let words = compose(subject.as_ref(), style.flatten(), &look);
            (words, Author::Composed)
        }
        (None, None) => (compose(None, None, &look), Author::Measured),
    };
    let warnings = analyzer.warnings.iter().map(|warning| &warning.message);
    let objects = merge_objects(&in_frames).into_iter();
    Seen {
        ai_caption: caption.map(|caption| caption.text.clone()),
        detected_objects: objects
            .map(|found| ObjectInFrame {
                frame: found.frame.filter(|_| number_of.is_some()),
                ..found
            })
            .collect(),
        analysis: Some(Analysis {
            description,
            described_by,
            frames: numbers(true),
            frames_left_out: numbers(false),
            models: analyzer.models.clone(),
            runtime: analyzer.runtime.clone(),
            caption_confidence: findings.caption.as_ref().map(|caption| caption.confidence),
            subject: match (caption, subject) {
                (Some(caption), _) => Some(caption.text.clone()),
                (None, subject) => subject.map(|subject| subject.0),
            },
            judgement: findings.judgement.clone(),
            fallbacks: warnings.chain(&findings.unsure).cloned().collect(),
        }),
        ai_tags: tags.tags,
        look: Some(look),
    }
}

/// What the models together name, in words, and how the pictures were made, where that is sure.
fn named(
    findings: &Findings,
    told: &[&FrameFindings],
    steady: &[(String, usize)],
    light: Option<Light>,
) -> Option<(Subject, Option<&'static str>)> {
    let judgement = findings.judgement.as_ref()?;
    let noun = judgement.noun.as_deref()?;
    let candidate = judgement.candidates.iter().find(|it| it.noun == noun);
    let views: Vec<&Concepts> = told.iter().flat_map(|frame| &frame.concepts).collect();
    let aspects = views.first().map(|first| {
        let aspect = |name: &String| {
            let words: Vec<Vec<Tag>> = views
                .iter()
                .filter_map(|view| view.get(name).cloned())
                .collect();
            (name.clone(), average_tags(&words))
        };
        first.keys().map(aspect).collect::<BTreeMap<_, _>>()
    });
    let score = candidate.map_or(0.0, |candidate| candidate.captioner);
    let mut attributes = Attributes::of(noun, score, &aspects.unwrap_or_default(), light);
    let colors: BTreeSet<Option<String>> = told
        .iter()
        .filter_map(|frame| {
            let share = f64::from(frame.view.picture.width()) / f64::from(frame.view.size.0.max(1));
            let mut objects = frame.objects.clone()?;
            for object in &mut objects {
                object.bounds = object.bounds.map(|edge| edge * share);
            }
            Some(color_of(noun, &frame.view.picture, &objects))
        })
        .collect();
    // Of one color in all frames that it was looked for in, or of none.
    if let [Some(color)] = colors.iter().map(Option::as_deref).collect::<Vec<_>>()[..] {
        attributes.color(color);
    }
    let others = steady.iter().filter(|(label, _)| !means(noun, label));
    let others: Vec<(String, usize)> = others.cloned().collect();
    let text = phrase(noun, &attributes, &things(&others));
    Some((Subject(text), attributes.style))
}
