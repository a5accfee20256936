//! Says in a sentence what a picture shows, with a captioner that the user has installed.
//!
//! [`Captioner`] opens a folder as Hugging Face Optimum and transformers.js publish it (vision-encoder-decoder such as
//! ViT-GPT2, or BLIP), checks that its parts belong together, and captions. Preparing the picture, decoding and the
//! order of words are those of transformers 4.57, token for token. Refuses other kinds of models, options that it does
//! not know, graphs that the configuration contradicts, and answers that are no numbers.

mod concepts;
mod error;
mod generate;
mod graphs;
mod install;
mod layout;
mod options;
mod preprocess;
mod resample;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::RgbImage;
use tokenizers::Tokenizer;

use self::concepts::Vocabulary;
use self::generate::{GenerateError, Generated, generate};
use self::graphs::{DecoderGraphs, Encoder};
use self::layout::Files;
use self::options::GenerationOptions;
use self::preprocess::{Pixels, Preprocessor};
use super::graph::checked;
use super::ready::Loader;
use super::{AiError, Model, Runtime};

pub use self::concepts::Concepts;
pub use self::error::CaptionError;
pub use self::install::{AddOptions, add};

/// What a captioner says about a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The sentence, with single spaces and none around it; empty if the captioner ended at once.
    pub text: String,
    /// The tokens that it is made of, start and end token included.
    pub tokens: Vec<u32>,
    /// How sure the captioner is: the geometric mean of the probabilities that it gave to the tokens, 0 to 1.
    pub confidence: f32,
}

/// A captioner, ready to look at pictures one at a time.
pub struct Captioner {
    files: Files,
    preprocessor: Preprocessor,
    options: GenerationOptions,
    tokenizer: Tokenizer,
    vocabulary: Option<Vocabulary>,
    graphs: Mutex<(Encoder, DecoderGraphs)>,
}

impl Captioner {
    /// Checks the files of `model` and loads it.
    ///
    /// # Errors
    /// Every [`CaptionError`].
    pub fn open_model(runtime: &Runtime, model: &Model) -> Result<Self, CaptionError> {
        checked(runtime, model, |loader| Self::load(loader, &model.folder()))
    }

    /// Loads the captioner in `folder` and checks that its files belong together.
    ///
    /// # Errors
    /// Every [`CaptionError`].
    pub fn open(runtime: &Runtime, folder: &Path) -> Result<Self, CaptionError> {
        Self::load(&Loader::of_files(runtime), folder)
    }

    fn load(loader: &Loader<'_>, folder: &Path) -> Result<Self, CaptionError> {
        let files = Files::find(folder)?;
        let (config, options) = layout::read_configs(&files)?;
        let preprocessor = Preprocessor::read(&files.preprocessor)?;
        let tokenizer = Tokenizer::from_file(&files.tokenizer)
            .map_err(|source| tokenizer_error(&files, source))?;
        let start = ("start", &options.start);
        for (role, &id) in std::iter::once(start).chain(options.end.iter().map(|id| ("end", id))) {
            if tokenizer.id_to_token(id).is_none() {
                return Err(CaptionError::NoToken {
                    file: files.tokenizer,
                    role,
                    id,
                });
            }
        }
        let vocabulary = files
            .concepts
            .as_deref()
            .map(Vocabulary::read)
            .transpose()?;
        let encoder = Encoder::open(loader, &files, &config, &preprocessor, vocabulary.as_ref())?;
        let decoder = DecoderGraphs::open(loader, &files, &config)?;
        Ok(Self {
            preprocessor,
            options,
            tokenizer,
            vocabulary,
            graphs: Mutex::new((encoder, decoder)),
            files,
        })
    }

    /// Its files, relative to its folder.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.files.relative()
    }

    /// Says what `picture` shows.
    ///
    /// # Errors
    /// [`AiError::Picture`], [`AiError::Run`], [`AiError::NotFinite`] and [`AiError::WrongGraph`] in a
    /// [`CaptionError::Ai`]; [`CaptionError::Contradiction`] and [`CaptionError::Answer`], where only running a graph
    /// shows that it does not fit; [`CaptionError::Tokenizer`].
    pub fn caption(&self, picture: &RgbImage) -> Result<Caption, CaptionError> {
        let pixels = self.preprocessor.prepare(picture)?;
        let Generated { tokens, confidence } = self.generate(pixels, &self.options)?;
        let text = (self.tokenizer.decode(&tokens, true))
            .map_err(|source| tokenizer_error(&self.files, source))?;
        // Whatever bytes a tokenizer knows, a caption is one line.
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let text = words
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        Ok(Caption {
            text,
            tokens,
            confidence,
        })
    }

    /// Whether [`concepts`](Self::concepts) has an answer.
    #[must_use]
    pub fn has_concepts(&self) -> bool {
        self.vocabulary.is_some()
    }

    /// What the captioner finds in `picture`, before it makes words of it; `None` where it cannot tell.
    ///
    /// # Errors
    /// As [`caption`](Self::caption), but for those of words.
    pub fn concepts(&self, picture: &RgbImage) -> Result<Option<Concepts>, CaptionError> {
        let Some(vocabulary) = &self.vocabulary else {
            return Ok(None);
        };
        let pixels = self.preprocessor.prepare(picture)?;
        let mut graphs = self.graphs.lock().unwrap_or_else(PoisonError::into_inner);
        let encoded = graphs.0.encode(pixels)?;
        let scores = vocabulary.scores(&encoded.concepts).ok_or_else(|| {
            let path = self.files.encoder.clone();
            AiError::NotFinite { path }
        })?;
        Ok(Some(scores))
    }

    fn generate(
        &self,
        pixels: Pixels,
        options: &GenerationOptions,
    ) -> Result<Generated, CaptionError> {
        let mut graphs = self.graphs.lock().unwrap_or_else(PoisonError::into_inner);
        let (encoder, decoder) = &mut *graphs;
        let encoded = encoder.encode(pixels)?;
        let generated = generate(&mut decoder.about(&encoded), options);
        generated.map_err(|error| match error {
            GenerateError::Decoder(error) => error,
            GenerateError::NotANumber => CaptionError::Ai(AiError::NotFinite {
                path: decoder.file().to_owned(),
            }),
            GenerateError::Ragged { found, sequences } => CaptionError::Answer {
                graph: decoder.file().to_owned(),
                found,
                sequences,
            },
        })
    }
}

fn tokenizer_error(files: &Files, source: tokenizers::Error) -> CaptionError {
    CaptionError::Tokenizer {
        file: files.tokenizer.clone(),
        source,
    }
}

impl fmt::Debug for Captioner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captioner")
            .field("files", &self.files)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
