//! Looks at a few frames of a shot: with models, as far as there are any, and by measurement.
//!
//! A [`Sampler`] takes what is needed of the frames while they pass on their way to the encoder, and the models
//! look at them on a thread of their own. Nothing in here fails a command: what does not work is an
//! [`Advice`], and less is said about the shot.

mod conclusion;
mod findings;
mod sampler;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;

use cosmos_core::advice::Advice;
use cosmos_core::hash::sha256_of;
use cosmos_core::modality::Modality;
use cosmos_core::picture::Picture;
use image::RgbImage;
use serde::Deserialize;

use self::findings::{FrameFindings, substitutes};
use self::sampler::spread;
use crate::ai::caption::Captioner;
use crate::ai::{Detector, Model, ModelStore, Runtime, RuntimeOptions, Tagger, Task};
use crate::describe::{Evidence, Saying, agreed, average_tags, judge, noun_in};
use crate::look::telling_frames;
use crate::seen::{DetectedObject, Judgement, ModelUsed, Seen, Tag};

pub use self::findings::Findings;
pub use self::sampler::{Sampler, View};

/// Where to look for the engine and the models.
#[derive(Clone, Debug, Default)]
pub struct ModelsOptions {
    /// The folder of models that comes before all others.
    pub models_dir: Option<PathBuf>,
    /// The engine.
    pub runtime: RuntimeOptions,
}

/// Frames of a shot, of those that show something, in which objects are looked for: what is in two of them is in the
/// shot, so that one frame does not decide. The detector takes longer than all other models together.
const MAX_DETECTIONS: usize = 3;
/// Frames of a shot, of those that show something, that are tagged.
const MAX_TAGGED: usize = 3;
/// Frames of a shot that a captioner of at most [`SMALL_CAPTIONER`] bytes captions; a larger one, which takes seconds
/// for each, captions one.
const MAX_CAPTIONS: usize = 3;
const SMALL_CAPTIONER: u64 = 100_000_000;
const NO_TAGS: &str = "no AI model tags the pictures";
const NO_OBJECTS: &str = "no AI model finds objects";
const NO_CAPTION: &str = "no AI model captions the pictures";

/// The models of this machine, as far as they can be used. Clones share those in memory.
#[derive(Clone, Default)]
pub struct Analyzer {
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
    pub fn open(options: &ModelsOptions) -> Self {
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
    pub fn warnings(&self) -> &[Advice] {
        &self.warnings
    }

    fn warn(&mut self, consequence: &str, error: &dyn Display, hint: Option<String>) {
        self.warnings.push(Advice {
            message: format!("{consequence}: {error}"),
            hint: hint.or_else(|| Some("run `cosmos models verify`".into())),
        });
    }

    /// What `picture` shows, by the models and by measurement.
    pub fn describe(&mut self, picture: &Picture) -> Seen {
        let (sampler, views) = Sampler::new(Modality::Color, 1);
        sampler.observe(Modality::Color, 0, picture);
        sampler.close();
        let findings = self.look(&sampler, views);
        sampler.conclude(&findings, self, None, 1.0)
    }

    /// Looks at the frames of `sampler` as they come: all of it is done beside what brings them.
    pub fn look(&mut self, sampler: &Sampler, views: impl IntoIterator<Item = View>) -> Findings {
        let looks = sampler.looks();
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
/// The contents of the models that are in use, in one line.
pub fn fingerprint_of(store: &ModelStore) -> String {
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

/// What was made, and what was seen meanwhile.
pub struct Looked<T> {
    /// What the work made.
    pub made: T,
    /// What the models saw.
    pub findings: Findings,
    /// The models, with their warnings.
    pub analyzer: Analyzer,
}

/// Does `work`, which shows its frames to `sampler`, while the models that `open` gives look at the `views` of them.
///
/// # Errors
/// Those of `work`; the models have none.
pub fn look_beside<T, E>(
    open: impl FnOnce() -> Analyzer + Send,
    sampler: &Sampler,
    views: Receiver<View>,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<Looked<T>, E> {
    let given_up = AtomicBool::new(false);
    let looks_at_models = sampler.subject() == Modality::Color;
    thread::scope(|scope| {
        let given_up = &given_up;
        let looking = scope.spawn(move || {
            let mut analyzer = match looks_at_models {
                true => open(),
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
