//! Looks at a few frames of a shot: with models, as far as there are any, and by measurement.
//!
//! A [`Sampler`] takes what is needed of the frames while they pass on their way to the encoder, and the models
//! look at them on a thread of their own. Nothing in here fails a command: what does not work is an
//! [`Advice`], and less is said about the shot.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::iter;
use std::mem;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use image::RgbImage;
use image::imageops::{crop_imm, flip_horizontal};
use rayon::prelude::*;
use serde::Deserialize;

use super::small::{shrunk, thumbnail_of_picture};
use super::{Advice, ModelsOptions};
use crate::ai::caption::{Captioner, Concepts};
use crate::ai::{Detector, Model, ModelStore, Runtime, Tagger, Task};
use crate::contact_sheet::Sampling;
use crate::describe::{
    Attributes, Evidence, Saying, Subject, agreed, average_tags, color_of, compose, judge, means,
    merge_objects, merge_tags, noun_in, phrase, steady_objects, subject, things,
};
use crate::error::Error;
use crate::frames::decode::Picture;
use crate::hash::sha256_of;
use crate::look::{
    Camera, DepthShares, Light, Look, MotionFrame, MotionPair, count_labels, frame_pairs, palette,
    telling_frames,
};
use crate::modality::Modality;
use crate::seen::{
    Analysis, Author, DetectedObject, Judgement, ModelUsed, ObjectInFrame, Seen, Tag,
};

/// Frames of a shot that are looked at.
const LOOKS: usize = 5;
/// Frames of a shot, of those that show something, in which objects are looked for: what is in two of them is in the
/// shot, so that one frame does not decide. The detector takes longer than all other models together.
const MAX_DETECTIONS: usize = 3;
/// Frames of a shot, of those that show something, that are tagged.
const MAX_TAGGED: usize = 3;
/// Frames of a shot that a captioner of at most [`SMALL_CAPTIONER`] bytes captions; a larger one, which takes seconds
/// for each, captions one.
const MAX_CAPTIONS: usize = 3;
const SMALL_CAPTIONER: u64 = 100_000_000;
/// The shorter side of pictures that models look at, in pixels: enough for all of their inputs.
const SHORT_SIDE: u32 = 400;
/// The longer side of depth and segmentation frames that are measured, in pixels.
const MEASURED_SIDE: u32 = 320;

const NO_TAGS: &str = "no AI model tags the pictures";
const NO_OBJECTS: &str = "no AI model finds objects";
const NO_CAPTION: &str = "no AI model captions the pictures";

/// A frame that is to be looked at, made small.
pub(super) struct View {
    index: usize,
    picture: RgbImage,
    /// Width and height that the frame had.
    size: (u32, u32),
}

impl View {
    fn new(index: usize, frame: &Picture) -> Self {
        let (width, height) = (frame.width, frame.height);
        let short = width.min(height);
        let picture = if short <= SHORT_SIDE {
            frame.to_rgb()
        } else {
            let side =
                |length: u32| (u64::from(length) * u64::from(SHORT_SIDE) / u64::from(short)) as u32;
            thumbnail_of_picture(frame, (side(width), side(height)), Sampling::Smooth)
        };
        Self {
            index,
            picture,
            size: (width, height),
        }
    }
}

/// What the models see in the frames of a shot.
#[derive(Default)]
pub(super) struct Findings {
    /// Frame by frame, in order.
    frames: Vec<FrameFindings>,
    /// What a captioner that knows only sentences says of those that show something, as far as they agree.
    caption: Option<Saying>,
    /// What all models together take the main thing for; `None` if none was asked.
    judgement: Option<Judgement>,
    /// Why it is not named, or not as the captioner does.
    unsure: Option<String>,
}

impl Findings {
    /// Whether there was nothing to look at.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// What the user should know about it.
    pub(super) fn advice(&self) -> Option<Advice> {
        let message = self.unsure.clone()?;
        let hint = Some("pass --description to say what the shot shows".into());
        Some(Advice { message, hint })
    }
}

/// What the models see in a frame.
struct FrameFindings {
    view: View,
    /// The picture mirrored, and for a single picture also cropped, as it is and mirrored: what models agree on for all
    /// of them does not hang on chance.
    variants: Vec<RgbImage>,
    /// Whether it shows something.
    tells: bool,
    /// `None` where the tagger was not asked.
    tags: Option<Vec<Tag>>,
    /// `None` where none were looked for.
    objects: Option<Vec<DetectedObject>>,
    /// Those in the mirrored frame, where it is looked at too; they bear the others out.
    mirrored: Option<Vec<DetectedObject>>,
    /// `None` where the captioner was not asked, or answered with concepts.
    caption: Option<Saying>,
    /// What the captioner finds in each view of the frame, where it can tell.
    concepts: Vec<Concepts>,
}

impl FrameFindings {
    /// Of a frame that nothing was asked about, which is one of `several`.
    fn new(view: View, several: bool) -> Self {
        Self {
            variants: variants_of(&view.picture, several),
            view,
            tells: true,
            tags: None,
            objects: None,
            mirrored: None,
            caption: None,
            concepts: Vec::new(),
        }
    }

    /// The picture as it is and its variants.
    fn pictures(&self) -> impl Iterator<Item = &RgbImage> {
        iter::once(&self.view.picture).chain(&self.variants)
    }

    fn is_captioned(&self) -> bool {
        self.caption.is_some() || !self.concepts.is_empty()
    }
}

/// The models of this machine, as far as they can be used. Clones share those in memory.
#[derive(Clone, Default)]
pub(super) struct Analyzer {
    tagger: Option<Arc<Tagger>>,
    detector: Option<Arc<Detector>>,
    captioner: Option<Arc<Captioner>>,
    /// Frames that are captioned at most.
    captions: usize,
    /// The confidence from which on a caption is taken, 0 to 1.
    min_confidence: f64,
    runtime: Option<String>,
    models: Vec<ModelUsed>,
    warnings: Vec<Advice>,
}

impl Analyzer {
    /// Loads the engine and the models. What cannot be loaded is among the warnings.
    pub(super) fn open(options: &ModelsOptions) -> Self {
        let mut analyzer = Self::default();
        let loaded = Runtime::load(&options.runtime)
            .and_then(|runtime| Ok((runtime, ModelStore::open(options.models_dir.as_deref())?)));
        let (runtime, store) = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                analyzer.warn("no AI model looks at the pictures", &error, error.hint());
                return analyzer;
            }
        };
        analyzer.runtime = Some(format!(
            "onnxruntime {} ({})",
            runtime.version(),
            runtime.device()
        ));
        if let Some(warning) = runtime.warning() {
            analyzer.warnings.push(Advice {
                message: warning.to_owned(),
                hint: Some(
                    "install an onnxruntime that can use the GPU, or set `device = \"cpu\"`".into(),
                ),
            });
        }
        // Opening takes one thread, and the captioner as long as the other two.
        let captioner = store.captioner();
        let (seeing, captioning) = thread::scope(|scope| {
            let captioning =
                captioner.map(|model| scope.spawn(|| Captioner::open_model(&runtime, model)));
            let seeing = (
                Tagger::open(&runtime, &store),
                Detector::open(&runtime, &store),
            );
            let captioning = captioning.map(|opening| {
                opening
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            (seeing, captioning)
        });
        let (tagger, detector) = seeing;
        match tagger {
            Ok(tagger) => {
                analyzer.models.push(model_used(tagger.model()));
                analyzer.tagger = Some(Arc::new(tagger));
            }
            Err(error) => analyzer.warn(NO_TAGS, &error, error.hint()),
        }
        match detector {
            Ok(detector) => {
                analyzer.models.push(model_used(detector.model()));
                analyzer.detector = Some(Arc::new(detector));
            }
            Err(error) => analyzer.warn(NO_OBJECTS, &error, error.hint()),
        }
        match (captioner, captioning) {
            (Some(model), Some(Ok(captioner))) => {
                analyzer.models.push(model_used(model));
                analyzer.captioner = Some(Arc::new(captioner));
                analyzer.captions = match model.bytes() {
                    0..=SMALL_CAPTIONER => MAX_CAPTIONS,
                    _ => 1,
                };
                analyzer.min_confidence = min_confidence(&model.folder());
            }
            (_, Some(Err(error))) => analyzer.warn(NO_CAPTION, &error, error.hint()),
            _ => {}
        }
        analyzer
    }

    /// What cannot be used, or stopped working.
    pub(super) fn warnings(&self) -> &[Advice] {
        &self.warnings
    }

    fn warn(&mut self, consequence: &str, error: &dyn Display, hint: Option<String>) {
        self.warnings.push(Advice {
            message: format!("{consequence}: {error}"),
            hint: hint.or_else(|| Some("run `cosmos models verify`".into())),
        });
    }

    /// Looks at the frames of `sampler` as they come: all of it is done beside what brings them.
    pub(super) fn look(
        &mut self,
        sampler: &Sampler,
        views: impl IntoIterator<Item = View>,
    ) -> Findings {
        let looks: Vec<usize> = sampler.looks.iter().copied().collect();
        let chosen = |wanted| -> BTreeSet<usize> {
            spread(looks.len(), wanted)
                .filter_map(|look| looks.get(look).copied())
                .collect()
        };
        let several = looks.len() > 1;
        let (searched, captioned) = (chosen(MAX_DETECTIONS), chosen(self.captions));
        let tagged = chosen(MAX_TAGGED);
        let mut frames: Vec<FrameFindings> = Vec::new();
        for view in views {
            let index = view.index;
            let mut frame = FrameFindings::new(view, several);
            if tagged.contains(&index) {
                self.tag(&mut frame);
            }
            if searched.contains(&index) {
                frame.objects = self.objects(&frame.view.picture, frame.view.size);
                if let Some(mirrored) = frame.variants.first().filter(|_| !several) {
                    frame.mirrored = self.objects(mirrored, frame.view.size);
                }
            }
            if captioned.contains(&index) {
                self.caption(&mut frame);
            }
            frames.push(frame);
        }
        frames.sort_by_key(|frame| frame.view.index);
        let pictures: Vec<&RgbImage> = frames.iter().map(|frame| &frame.view.picture).collect();
        let telling = telling_frames(&pictures);
        for (frame, tells) in frames.iter_mut().zip(telling) {
            frame.tells = tells;
        }
        for frame in substitutes(&mut frames, MAX_TAGGED, |it| it.tags.is_some()) {
            self.tag(frame);
        }
        for frame in substitutes(&mut frames, MAX_DETECTIONS, |it| it.objects.is_some()) {
            frame.objects = self.objects(&frame.view.picture, frame.view.size);
        }
        for frame in substitutes(&mut frames, self.captions, FrameFindings::is_captioned) {
            self.caption(frame);
        }
        // One that broke down is not believed in what it had said before.
        let captions: Vec<Saying> = frames
            .iter()
            .filter(|frame| frame.tells && self.captioner.is_some())
            .filter_map(|frame| frame.caption.clone())
            .collect();
        let caption = agreed(&captions);
        let judgement = self.judge(&frames, caption.as_ref());
        let unsure = self.doubt(caption.as_ref(), judgement.as_ref());
        Findings {
            caption,
            frames,
            judgement,
            unsure,
        }
    }

    /// What all models together take the main thing for.
    fn judge(&self, frames: &[FrameFindings], caption: Option<&Saying>) -> Option<Judgement> {
        if self.models.is_empty() {
            return None;
        }
        let telling = || frames.iter().filter(|frame| frame.tells);
        let said: Vec<Tag> = caption
            .and_then(|caption| {
                Some(Tag {
                    label: noun_in(&caption.text)?.to_owned(),
                    score: caption.confidence,
                })
            })
            .into_iter()
            .collect();
        let concepts = telling().flat_map(|frame| &frame.concepts);
        let mut nouns: Vec<&[Tag]> = concepts
            .filter_map(|concepts| concepts.get(NOUN).map(Vec::as_slice))
            .collect();
        if nouns.is_empty() {
            nouns.push(&said);
        }
        let tags: Vec<&[Tag]> = telling()
            .filter_map(|frame| frame.tags.as_deref())
            .collect();
        let objects: Vec<&[DetectedObject]> = telling()
            .flat_map(|frame| [frame.objects.as_deref(), frame.mirrored.as_deref()])
            .flatten()
            .collect();
        Some(judge(&Evidence::of(&nouns, &tags, &objects)))
    }

    /// Why a caption is not taken, or nothing is named.
    fn doubt(&self, caption: Option<&Saying>, judgement: Option<&Judgement>) -> Option<String> {
        if let Some(caption) = caption {
            let confidence = caption.confidence;
            if confidence < self.min_confidence {
                return Some(format!(
                    "the captioner is not sure that `{}` is right ({confidence:.2}, needed {:.2}), so it is not used",
                    caption.text, self.min_confidence
                ));
            }
            let said = noun_in(&caption.text)?;
            let other = judgement?.noun.as_deref()?;
            return (said != other).then(|| {
                format!(
                    "the captioner says `{}`, but the other models see {other}",
                    caption.text
                )
            });
        }
        let judgement = judgement.filter(|_| self.captioner.is_some())?;
        let likeliest = judgement.candidates.first()?;
        judgement.noun.is_none().then(|| {
            format!(
                "the models are not sure what the pictures show (`{}` at best: {:.2}, needed {:.2})",
                likeliest.noun, likeliest.confidence, judgement.needed
            )
        })
    }

    /// Asks the captioner about a frame. One that fails is not asked again.
    fn caption(&mut self, frame: &mut FrameFindings) {
        let Some(captioner) = &self.captioner else {
            return;
        };
        let answer = if captioner.has_concepts() {
            let pictures = frame.pictures();
            let found: Result<Vec<_>, _> = pictures
                .map(|picture| captioner.concepts(picture))
                .collect();
            found.map(|found| frame.concepts = found.into_iter().flatten().collect())
        } else {
            captioner.caption(&frame.view.picture).map(|caption| {
                frame.caption = Some(Saying {
                    text: caption.text,
                    confidence: f64::from(caption.confidence),
                });
            })
        };
        if let Err(error) = answer {
            self.captioner = None;
            self.warn(NO_CAPTION, &error, error.hint());
        }
    }

    /// Finds words for a frame. A tagger that fails is not asked again.
    fn tag(&mut self, frame: &mut FrameFindings) {
        let Some(tagger) = &self.tagger else {
            return;
        };
        let tags: Result<Vec<_>, _> = frame
            .pictures()
            .map(|picture| tagger.tags(picture))
            .collect();
        match tags {
            Ok(tags) => frame.tags = Some(average_tags(&tags)),
            Err(error) => {
                self.tagger = None;
                self.warn(NO_TAGS, &error, error.hint());
            }
        }
    }

    /// The things in the `picture` of a frame that has this `size`, in its pixels. A detector that fails is not asked
    /// again.
    fn objects(&mut self, picture: &RgbImage, size: (u32, u32)) -> Option<Vec<DetectedObject>> {
        let mut objects = match self.detector.as_ref()?.objects(picture) {
            Ok(objects) => objects,
            Err(error) => {
                self.detector = None;
                self.warn(NO_OBJECTS, &error, error.hint());
                return None;
            }
        };
        let share = |size: u32, small: u32| f64::from(size) / f64::from(small.max(1));
        let (x, y) = (
            share(size.0, picture.width()),
            share(size.1, picture.height()),
        );
        for object in &mut objects {
            let [left, top, right, bottom] = object.bounds;
            object.bounds = [left * x, top * y, right * x, bottom * y];
        }
        Some(objects)
    }
}

/// The aspect of a captioner's concepts that says what the main thing is.
const NOUN: &str = "noun";
/// The share of width and height of a picture's middle that is looked at by itself.
const MIDDLE: f64 = 0.88;

/// A picture mirrored and, where it is not one of `several` frames, cropped and both.
fn variants_of(picture: &RgbImage, several: bool) -> Vec<RgbImage> {
    let mut variants = vec![flip_horizontal(picture)];
    if !several {
        let (width, height) = picture.dimensions();
        let side = |length: u32| ((f64::from(length) * MIDDLE) as u32).max(1);
        let (w, h) = (side(width), side(height));
        let middle = crop_imm(picture, (width - w) / 2, (height - h) / 2, w, h).to_image();
        variants.push(flip_horizontal(&middle));
        variants.push(middle);
    }
    variants
}

/// The middles of equal parts of `count`, at most `wanted` of them.
fn spread(count: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let parts = count.min(wanted);
    // The product of a hostile number of frames does not fit into 64 bits.
    let middle = move |part: usize| (2 * part as u128 + 1) * count as u128 / (2 * parts as u128);
    (0..parts).map(move |part| middle(part) as usize)
}

/// Frames that show something, to be looked at in place of those that turned out to show nothing: as many as are left
/// of `wanted`, of those that are not `done`.
fn substitutes(
    frames: &mut [FrameFindings],
    wanted: usize,
    done: impl Fn(&FrameFindings) -> bool,
) -> impl Iterator<Item = &mut FrameFindings> {
    let told = frames.iter_mut().filter(|frame| frame.tells);
    let (looked_at, others): (Vec<_>, Vec<_>) = told.partition(|frame| done(frame));
    let chosen: BTreeSet<usize> =
        spread(others.len(), wanted.saturating_sub(looked_at.len())).collect();
    let others = others.into_iter().enumerate();
    others.filter_map(move |(place, frame)| chosen.contains(&place).then_some(frame))
}

/// The contents of the models that are in use, in one line.
pub(super) fn fingerprint_of(store: &ModelStore) -> String {
    let used = [Task::Tags, Task::Objects].map(|task| store.model(task).ok());
    let captioner = store.captioner();
    let models = used.into_iter().chain([captioner]).flatten();
    models
        .map(|model| model_used(model).sha256)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The confidence from which on a captioner's sentences can be believed, where its maker has measured that and
/// written it as `min_confidence` into its `config.json`; 0 otherwise.
fn min_confidence(folder: &Path) -> f64 {
    #[derive(Deserialize)]
    struct Measured {
        min_confidence: f64,
    }
    fs::read(folder.join("config.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Measured>(&text).ok())
        .map_or(0.0, |measured| measured.min_confidence)
}

fn model_used(model: &Model) -> ModelUsed {
    let entry = &model.entry;
    let graph = entry
        .graph
        .as_ref()
        .and_then(|graph| entry.files.get(graph));
    let hashes: Vec<&str> = entry
        .files
        .values()
        .map(|file| file.sha256.as_str())
        .collect();
    ModelUsed {
        task: entry.task.to_string(),
        name: entry.name.clone(),
        version: entry.version.clone(),
        sha256: graph.map_or_else(
            || sha256_of(hashes.concat().as_bytes()),
            |graph| graph.sha256.clone(),
        ),
    }
}

/// Takes what is needed of a shot's frames while they pass.
pub(super) struct Sampler {
    /// Whose frames the models look at, and the camera is judged by.
    subject: Modality,
    frame_count: usize,
    looks: BTreeSet<usize>,
    pairs: Vec<MotionPair>,
    moving: BTreeSet<usize>,
    views: Mutex<Option<Sender<View>>>,
    taken: Mutex<Taken>,
}

/// What was taken beside the views.
#[derive(Default)]
struct Taken {
    aspect: f64,
    moving: BTreeMap<usize, MotionFrame>,
    depth: Vec<RgbImage>,
    segmentation: Vec<RgbImage>,
}

impl Sampler {
    /// For a shot of `frame_count` frames that is mostly seen by its `subject`; with the views to come.
    pub(super) fn new(subject: Modality, frame_count: usize) -> (Self, Receiver<View>) {
        let (sender, views) = mpsc::channel();
        let pairs = frame_pairs(frame_count);
        let sampler = Self {
            subject,
            frame_count,
            // The middles of equal parts: titles and fades lie at the ends.
            looks: spread(frame_count, LOOKS).collect(),
            moving: pairs
                .iter()
                .flat_map(|pair| [pair.first, pair.second])
                .collect(),
            pairs,
            views: Mutex::new(Some(sender)),
            taken: Mutex::default(),
        };
        (sampler, views)
    }

    /// The frames that are needed, in order.
    pub(super) fn wanted(&self) -> BTreeSet<usize> {
        self.looks.union(&self.moving).copied().collect()
    }

    /// Takes what is needed of a frame.
    pub(super) fn observe(&self, modality: Modality, index: usize, picture: &Picture) {
        let moves = modality == self.subject && self.moving.contains(&index);
        let is_look = self.looks.contains(&index);
        let is_measured = is_look && matches!(modality, Modality::Depth | Modality::Segmentation);
        let is_viewed = is_look && modality == self.subject;
        if !(moves || is_measured || is_viewed) {
            return;
        }
        if moves {
            let small = MotionFrame::new(&shrunk(picture, MotionFrame::SIDE, Sampling::Smooth));
            let mut taken = lock(&self.taken);
            taken.aspect = f64::from(picture.height) / f64::from(picture.width.max(1));
            taken.moving.insert(index, small);
        }
        if is_measured {
            // Colors are copied: they are labels or distances.
            let small = shrunk(picture, MEASURED_SIDE, Sampling::Nearest);
            let mut taken = lock(&self.taken);
            match modality {
                Modality::Depth => taken.depth.push(small),
                _ => taken.segmentation.push(small),
            }
        }
        if is_viewed {
            let view = View::new(index, picture);
            if let Some(views) = &*lock(&self.views) {
                // Nobody looks any more when the work has failed.
                let _ = views.send(view);
            }
        }
    }

    /// No more frames come.
    pub(super) fn close(&self) {
        *lock(&self.views) = None;
    }

    /// What all of it comes to. `number_of` gives the number of the frame at an index; there is none for a single
    /// picture.
    pub(super) fn conclude(
        &self,
        findings: &Findings,
        analyzer: &Analyzer,
        number_of: Option<&dyn Fn(usize) -> u64>,
        frames_per_second: f64,
    ) -> Seen {
        let taken = mem::take(&mut *lock(&self.taken));
        let shifts: Vec<_> = self
            .pairs
            .par_iter()
            .map(|pair| {
                let frames = [pair.first, pair.second].map(|index| taken.moving.get(&index));
                let shift = match frames {
                    [Some(first), Some(second)] => first.shift_to(second),
                    _ => None,
                };
                (pair.second - pair.first, shift)
            })
            .collect();
        let camera =
            Camera::from_shifts(&shifts, self.frame_count, taken.aspect, frames_per_second);
        let measured = Look {
            camera,
            depth: DepthShares::measure(&taken.depth),
            segmentation_labels: (!taken.segmentation.is_empty())
                .then(|| count_labels(&taken.segmentation)),
            ..Look::default()
        };
        let has_color = matches!(self.subject, Modality::Color | Modality::Vis);
        conclude(findings, analyzer, measured, has_color, number_of)
    }
}

fn conclude(
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

/// What was made, and what was seen meanwhile.
pub(super) struct Looked<T> {
    pub made: T,
    pub findings: Findings,
    pub analyzer: Analyzer,
}

/// Does `work`, which shows its frames to `sampler`, while the models look at the `views` of them.
///
/// # Errors
/// Those of `work`; the models have none.
pub(super) fn look_beside<T>(
    options: &ModelsOptions,
    sampler: &Sampler,
    views: Receiver<View>,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<Looked<T>, Error> {
    let given_up = AtomicBool::new(false);
    let looks_at_models = sampler.subject == Modality::Color;
    thread::scope(|scope| {
        let given_up = &given_up;
        let looking = scope.spawn(move || {
            let mut analyzer = match looks_at_models {
                true => Analyzer::open(options),
                // What is no photo-like picture would only be mistaken for one.
                false => Analyzer::default(),
            };
            let views = views
                .into_iter()
                .take_while(|_| !given_up.load(Ordering::Relaxed));
            let findings = analyzer.look(sampler, views);
            (analyzer, findings)
        });
        let made = work();
        given_up.store(made.is_err(), Ordering::Relaxed);
        sampler.close();
        let looked = looking.join();
        let made = made?;
        let (analyzer, findings) = looked.unwrap_or_else(|_| {
            let analyzer = Analyzer {
                warnings: vec![Advice {
                    message: "the AI models broke down, so nothing describes the pictures".into(),
                    hint: Some("run `cosmos models verify`".into()),
                }],
                ..Analyzer::default()
            };
            (analyzer, Findings::default())
        });
        Ok(Looked {
            made,
            findings,
            analyzer,
        })
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spread_lies_in_the_middles_of_equal_parts() {
        for (count, wanted, expected) in [
            (0, 3, vec![]),
            (1, 3, vec![0]),
            (2, 3, vec![0, 1]),
            (3, 3, vec![0, 1, 2]),
            (4, 3, vec![0, 2, 3]),
            (5, 3, vec![0, 2, 4]),
            (5, 1, vec![2]),
            (5, 0, vec![]),
            (usize::MAX, 1, vec![usize::MAX / 2]),
        ] {
            let found: Vec<usize> = spread(count, wanted).collect();
            assert_eq!(found, expected, "{wanted} of {count}");
        }
    }

    #[test]
    fn others_are_looked_at_in_place_of_frames_that_show_nothing() {
        // Looked for objects: the first, the middle and the last of five, chosen by place.
        let substitutes_of = |told: [bool; 5], searched: [bool; 5], wanted: usize| {
            let mut frames: Vec<FrameFindings> = (0..5)
                .map(|index| FrameFindings {
                    view: View {
                        index,
                        picture: RgbImage::new(1, 1),
                        size: (1, 1),
                    },
                    variants: Vec::new(),
                    tells: told[index],
                    tags: None,
                    objects: searched[index].then(Vec::new),
                    mirrored: None,
                    caption: None,
                    concepts: Vec::new(),
                })
                .collect();
            let found = substitutes(&mut frames, wanted, |it| it.objects.is_some());
            found.map(|frame| frame.view.index).collect::<Vec<usize>>()
        };
        let (yes, no) = (true, false);
        let searched = [yes, no, yes, no, yes];
        for (told, expected) in [
            ([yes; 5], vec![]),
            ([yes, no, yes, no, yes], vec![]),
            ([yes, yes, no, yes, yes], vec![3]),
            ([no, yes, no, yes, no], vec![1, 3]),
            ([no, yes, no, no, no], vec![1]),
            ([no; 5], vec![]),
        ] {
            assert_eq!(substitutes_of(told, searched, 3), expected, "{told:?}");
        }
        assert_eq!(substitutes_of([yes; 5], [no; 5], 1), [2]);
    }
}
