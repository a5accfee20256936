//! Finds a captioner's files in a folder as Optimum and transformers.js publish it, and reads `config.json`.
//!
//! Refuses folders that lack a file, and models that are neither vision-encoder-decoder nor BLIP.

use std::fs;
use std::path::{Path, PathBuf};

use cosmos_core::files;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::CaptionError;
use super::options::{GenerationOptions, ModelLimits};
use crate::ai::AiError;
use crate::ai::models::is_lfs_pointer;

/// How names of graphs end, the most exact first. Of several kinds the first is used.
const VARIANTS: [&str; 4] = ["", "_fp16", "_quantized", "_int8"];

/// How the files beside a graph end that hold its weights, if it is large.
const EXTERNAL_DATA: [&str; 2] = ["onnx_data", "onnx.data"];

/// A captioner's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub folder: PathBuf,
    pub config: PathBuf,
    pub generation: Option<PathBuf>,
    pub preprocessor: PathBuf,
    pub tokenizer: PathBuf,
    pub encoder: PathBuf,
    pub decoder: DecoderFiles,
    /// What the encoder's output `concepts` is about, where it has one.
    pub concepts: Option<PathBuf>,
}

/// How a decoder is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecoderFiles {
    /// One graph with a branch for the first token and one for the others.
    Merged(PathBuf),
    /// A graph for the first token and one for the others.
    Pair { first: PathBuf, next: PathBuf },
    /// One graph that takes all tokens anew.
    Whole(PathBuf),
}

impl Files {
    /// Looks for the files in `folder`, and for the graphs in its folder `onnx` too.
    pub fn find(folder: &Path) -> Result<Self, CaptionError> {
        let needed = |file: &'static str| {
            let path = folder.join(file);
            let missing = CaptionError::Missing {
                folder: folder.to_owned(),
                file,
            };
            path.is_file().then_some(path).ok_or(missing)
        };
        let graph = |names: &[&str], variant: &str| {
            names.iter().find_map(|name| {
                let file = format!("{name}{variant}.onnx");
                [folder.join("onnx").join(&file), folder.join(&file)]
                    .into_iter()
                    .find(|path| path.is_file())
            })
        };
        let decoder = |variant: &str| {
            if let Some(merged) = graph(&["decoder_model_merged"], variant) {
                return Some(DecoderFiles::Merged(merged));
            }
            let first = graph(&["decoder_model", "text_decoder"], variant)?;
            Some(match graph(&["decoder_with_past_model"], variant) {
                Some(next) => DecoderFiles::Pair { first, next },
                None => DecoderFiles::Whole(first),
            })
        };
        let missing = |file| CaptionError::Missing {
            folder: folder.to_owned(),
            file,
        };
        let config = needed("config.json")?;
        // The kind says more about a folder of something else than the first file that it lacks.
        kind(&config)?;
        let encoder = (VARIANTS.iter())
            .find_map(|variant| graph(&["encoder_model", "vision_model"], variant))
            .ok_or_else(|| missing("encoder_model.onnx"))?;
        let decoder = (VARIANTS.iter())
            .find_map(|variant| decoder(variant))
            .ok_or_else(|| missing("decoder_model_merged.onnx or decoder_model.onnx"))?;
        let generation = folder.join("generation_config.json");
        let concepts = folder.join("concepts.json");
        let files = Self {
            concepts: concepts.is_file().then_some(concepts),
            folder: folder.to_owned(),
            config,
            generation: generation.is_file().then_some(generation),
            preprocessor: needed("preprocessor_config.json")?,
            tokenizer: needed("tokenizer.json")?,
            encoder,
            decoder,
        };
        files.refuse_pointers()?;
        Ok(files)
    }

    fn refuse_pointers(&self) -> Result<(), AiError> {
        for file in self.relative() {
            let path = self.folder.join(file);
            let read = |source| AiError::io("read", &path, source);
            if is_lfs_pointer(&path).map_err(read)? {
                let bytes = fs::metadata(&path).map_err(read)?.len();
                return Err(AiError::LfsPointer { path, bytes });
            }
        }
        Ok(())
    }

    /// Every file, relative to the folder.
    pub fn relative(&self) -> Vec<PathBuf> {
        let graphs = match &self.decoder {
            DecoderFiles::Merged(only) | DecoderFiles::Whole(only) => vec![only],
            DecoderFiles::Pair { first, next } => vec![first, next],
        };
        let graphs: Vec<&PathBuf> = std::iter::once(&self.encoder).chain(graphs).collect();
        let weights = graphs
            .iter()
            .flat_map(|graph| EXTERNAL_DATA.map(|end| graph.with_extension(end)))
            .filter(|path| path.is_file());
        [&self.config, &self.preprocessor, &self.tokenizer]
            .into_iter()
            .chain(&self.generation)
            .chain(&self.concepts)
            .chain(graphs.iter().copied())
            .cloned()
            .chain(weights)
            .filter_map(|path| Some(path.strip_prefix(&self.folder).ok()?.to_owned()))
            .collect()
    }
}

/// What kind of captioner a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    VisionEncoderDecoder,
    Blip,
}

fn kind(config: &Path) -> Result<Kind, CaptionError> {
    #[derive(Deserialize)]
    struct Head {
        model_type: Option<String>,
    }
    let head: Head = read_json(config)?;
    match head.model_type.as_deref() {
        Some("vision-encoder-decoder") => Ok(Kind::VisionEncoderDecoder),
        Some("blip") => Ok(Kind::Blip),
        other => Err(CaptionError::UnsupportedKind {
            file: config.to_owned(),
            found: other.unwrap_or_default().to_owned(),
        }),
    }
}

/// What `config.json` says about the graphs. What it leaves out is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelConfig {
    /// Values per patch that the encoder hands to the decoder.
    pub encoder_hidden: Option<usize>,
    /// Sides of a picture in pixels, where the encoder takes no other.
    pub image_size: Option<usize>,
    pub layers: Option<usize>,
    pub heads: Option<usize>,
    pub decoder_hidden: Option<usize>,
    pub vocabulary: Option<usize>,
    /// The most tokens that the decoder has positions for.
    pub positions: Option<usize>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(alias = "vision_config")]
    encoder: Option<WrittenEncoder>,
    #[serde(alias = "text_config")]
    decoder: Option<WrittenDecoder>,
}

#[derive(Default, Deserialize)]
struct WrittenEncoder {
    model_type: Option<String>,
    hidden_size: Option<usize>,
    image_size: Option<Value>,
}

/// The names are those of BERT and of GPT-2, which say the same.
#[derive(Default, Deserialize)]
struct WrittenDecoder {
    hidden_size: Option<usize>,
    n_embd: Option<usize>,
    num_hidden_layers: Option<usize>,
    n_layer: Option<usize>,
    num_attention_heads: Option<usize>,
    n_head: Option<usize>,
    max_position_embeddings: Option<usize>,
    n_positions: Option<usize>,
    vocab_size: Option<usize>,
    bos_token_id: Option<u32>,
    sep_token_id: Option<u32>,
}

/// Encoders with as many learned positions as patches, which therefore take one size only.
const ONE_SIZE: [&str; 4] = ["vit", "deit", "beit", "blip_vision_model"];

/// Reads what `files` say about the model and about generating with it.
pub fn read_configs(files: &Files) -> Result<(ModelConfig, GenerationOptions), CaptionError> {
    let kind = kind(&files.config)?;
    let config: Map<String, Value> = read_json(&files.config)?;
    let written = Written::deserialize(Value::Object(config.clone()))
        .map_err(|source| CaptionError::json(&files.config, source))?;
    let encoder = written.encoder.unwrap_or_default();
    let decoder = written.decoder.unwrap_or_default();
    let one_size = kind == Kind::Blip
        || (encoder.model_type.as_deref()).is_some_and(|kind| ONE_SIZE.contains(&kind));
    let model = ModelConfig {
        encoder_hidden: encoder.hidden_size,
        image_size: (encoder.image_size.filter(|_| one_size))
            .and_then(|side| usize::try_from(side.as_u64()?).ok()),
        layers: decoder.n_layer.or(decoder.num_hidden_layers),
        heads: decoder.n_head.or(decoder.num_attention_heads),
        decoder_hidden: decoder.n_embd.or(decoder.hidden_size),
        vocabulary: decoder.vocab_size,
        positions: decoder.n_positions.or(decoder.max_position_embeddings),
    };
    let limits = ModelLimits {
        // BLIP generates with these whatever generation_config.json says; transformers' BlipTextConfig has the defaults.
        start_and_end: (kind == Kind::Blip).then_some((
            decoder.bos_token_id.unwrap_or(30522),
            decoder.sep_token_id.unwrap_or(102),
        )),
        positions: model.positions,
    };
    let options = match &files.generation {
        Some(file) => GenerationOptions::from_written(file, &read_json(file)?, limits)?,
        None => {
            // As transformers has it: what the whole model says, then what its decoder says.
            let mut merged = (["decoder", "text_config"].iter())
                .find_map(|part| config.get(*part)?.as_object().cloned())
                .unwrap_or_default();
            merged.extend(config.into_iter().filter(|(_, value)| !value.is_null()));
            GenerationOptions::from_written(&files.config, &merged, limits)?
        }
    };
    Ok((model, options))
}

pub fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, CaptionError> {
    let bytes =
        files::read(file, files::MAX_TEXT).map_err(|source| AiError::io("read", file, source))?;
    serde_json::from_slice(&bytes).map_err(|source| CaptionError::json(file, source))
}
