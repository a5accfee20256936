//! A captioner's graphs: what they are checked for, and how they are run.
//!
//! Refuses graphs with other inputs and outputs than Optimum gives them, and graphs that `config.json` contradicts.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use half::f16;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Outlet, Tensor, TensorElementType, ValueType};

use super::CaptionError;
use super::concepts::Vocabulary;
use super::generate::Decoder;
use super::layout::{DecoderFiles, Files, ModelConfig};
use super::preprocess::{Pixels, Preprocessor};
use crate::ai::ready::Loader;
use crate::ai::{AiError, Task};

const IDS: &str = "input_ids";
const MASK: &str = "attention_mask";
const STATES: &str = "encoder_hidden_states";
const STATES_MASK: &str = "encoder_attention_mask";
const BRANCH: &str = "use_cache_branch";
/// What names of the cache begin with, as an input and as an output.
const PAST: &str = "past_key_values.";
const PRESENT: &str = "present.";
const LOGITS: &str = "logits";
const CONCEPTS: &str = "concepts";

/// A loaded graph with the file it came from.
struct Graph {
    session: Session,
    file: PathBuf,
}

impl Graph {
    fn open(loader: &Loader<'_>, file: &Path) -> Result<Self, CaptionError> {
        Ok(Self {
            session: loader.session(file)?,
            file: file.to_owned(),
        })
    }

    fn wrong(&self, expected: impl Into<String>, found: impl Into<String>) -> CaptionError {
        CaptionError::Ai(AiError::WrongGraph {
            path: self.file.clone(),
            task: Task::Captions,
            expected: expected.into(),
            found: found.into(),
        })
    }

    fn has_input(&self, name: &str) -> bool {
        self.session
            .inputs()
            .iter()
            .any(|input| input.name() == name)
    }

    /// Type and dimensions of the input `name`, of which it must have `rank`; -1 is a dimension left open.
    fn input(
        &self,
        name: &str,
        rank: usize,
    ) -> Result<(TensorElementType, Vec<i64>), CaptionError> {
        self.outlet("input", self.session.inputs(), name, rank)
    }

    fn output(
        &self,
        name: &str,
        rank: usize,
    ) -> Result<(TensorElementType, Vec<i64>), CaptionError> {
        self.outlet("output", self.session.outputs(), name, rank)
    }

    fn outlet(
        &self,
        kind: &str,
        outlets: &[Outlet],
        name: &str,
        rank: usize,
    ) -> Result<(TensorElementType, Vec<i64>), CaptionError> {
        let expected = || format!("the {kind} `{name}` with {rank} dimensions");
        let Some(outlet) = outlets.iter().find(|outlet| outlet.name() == name) else {
            let names: Vec<_> = outlets
                .iter()
                .map(|outlet| format!("`{}`", outlet.name()))
                .collect();
            return Err(self.wrong(expected(), names.join(", ")));
        };
        match outlet.dtype() {
            ValueType::Tensor { ty, shape, .. } if shape.len() == rank => Ok((*ty, shape.to_vec())),
            other => Err(self.wrong(expected(), other.to_string())),
        }
    }

    /// Compares what the configuration says with a dimension, where both say something.
    fn compare(
        &self,
        config: &Path,
        what: &'static str,
        configured: Option<usize>,
        found: Option<&i64>,
    ) -> Result<(), CaptionError> {
        match (configured, found) {
            (Some(configured), Some(&found))
                if found >= 0 && usize::try_from(found) != Ok(configured) =>
            {
                Err(CaptionError::Contradiction {
                    config: config.to_owned(),
                    graph: self.file.clone(),
                    what,
                    configured,
                    found,
                })
            }
            _ => Ok(()),
        }
    }
}

fn run_error(file: &Path, source: ort::Error) -> CaptionError {
    CaptionError::Ai(AiError::Run {
        path: file.to_owned(),
        source,
    })
}

/// The graph that looks.
pub struct Encoder {
    graph: Graph,
    pixels: TensorElementType,
    config: PathBuf,
    hidden: Option<usize>,
    has_concepts: bool,
}

/// What an encoder made of one picture: so many patches of so many values.
pub struct Encoded {
    values: Vec<f32>,
    patches: usize,
    hidden: usize,
    /// What it found before; empty where it says nothing of it.
    pub concepts: Vec<f32>,
}

impl Encoder {
    /// Loads the encoder and compares it with the configurations.
    pub fn open(
        loader: &Loader<'_>,
        files: &Files,
        config: &ModelConfig,
        preprocessor: &Preprocessor,
        concepts: Option<&Vocabulary>,
    ) -> Result<Self, CaptionError> {
        let graph = Graph::open(loader, &files.encoder)?;
        let (pixels, shape) = graph.input("pixel_values", 4)?;
        graph.compare(&files.preprocessor, "channels", Some(3), shape.get(1))?;
        if let Some((height, width)) = preprocessor.fixed_size() {
            let (height, width) = (height as usize, width as usize);
            graph.compare(
                &files.preprocessor,
                "height of a picture",
                Some(height),
                shape.get(2),
            )?;
            graph.compare(
                &files.preprocessor,
                "width of a picture",
                Some(width),
                shape.get(3),
            )?;
            if let Some(side) = config
                .image_size
                .filter(|&side| (side, side) != (height, width))
            {
                return Err(CaptionError::Contradiction {
                    config: files.preprocessor.clone(),
                    graph: files.config.clone(),
                    what: "size of a picture",
                    configured: height,
                    found: i64::try_from(side).unwrap_or(i64::MAX),
                });
            }
        }
        let (_, shape) = graph.output("last_hidden_state", 3)?;
        graph.compare(
            &files.config,
            "encoder's hidden size",
            config.encoder_hidden,
            shape.get(2),
        )?;
        if let (Some(file), Some(concepts)) = (&files.concepts, concepts) {
            let (_, shape) = graph.output(CONCEPTS, 2)?;
            let words = Some(concepts.len());
            graph.compare(file, "number of words", words, shape.get(1))?;
        }
        Ok(Self {
            has_concepts: concepts.is_some(),
            graph,
            pixels,
            config: files.config.clone(),
            hidden: config.encoder_hidden,
        })
    }

    /// Looks at a picture.
    pub fn encode(&mut self, pixels: Pixels) -> Result<Encoded, CaptionError> {
        let file = self.graph.file.clone();
        let failed = |source| run_error(&file, source);
        let shape = [1, 3, pixels.height, pixels.width];
        let input = floats(self.pixels, &shape, pixels.planes).map_err(failed)?;
        let outputs = (self.graph.session)
            .run(ort::inputs!["pixel_values" => input])
            .map_err(failed)?;
        let states = outputs.get("last_hidden_state");
        let (shape, values) = states
            .map_or_else(|| Err(absent("last_hidden_state")), to_f32)
            .map_err(failed)?;
        let concepts = match outputs.get(CONCEPTS).filter(|_| self.has_concepts) {
            Some(concepts) => to_f32(concepts).map_err(failed)?.1,
            None => Vec::new(),
        };
        drop(outputs);
        let [1, patches, hidden] = shape[..] else {
            return Err(self
                .graph
                .wrong("1 picture in `last_hidden_state`", format!("{shape:?}")));
        };
        let found = i64::try_from(hidden).ok();
        self.graph.compare(
            &self.config,
            "encoder's hidden size",
            self.hidden,
            found.as_ref(),
        )?;
        Ok(Encoded {
            values,
            patches,
            hidden,
            concepts,
        })
    }
}

/// The graph or graphs that speak.
pub struct DecoderGraphs {
    graphs: Layout,
    states: TensorElementType,
    cache: Vec<CacheInput>,
    config: PathBuf,
    vocabulary: Option<usize>,
}

enum Layout {
    Merged(Graph),
    Pair { first: Graph, next: Graph },
    Whole(Graph),
}

/// One of the tensors that a decoder remembers the tokens before in.
struct CacheInput {
    /// `0.key`, for an input `past_key_values.0.key` and an output `present.0.key`.
    name: String,
    ty: TensorElementType,
    heads: usize,
    dimension: usize,
}

impl DecoderGraphs {
    /// Loads the decoder and compares it with `config.json`.
    pub fn open(
        loader: &Loader<'_>,
        files: &Files,
        config: &ModelConfig,
    ) -> Result<Self, CaptionError> {
        let graphs = match &files.decoder {
            DecoderFiles::Merged(file) => Layout::Merged(Graph::open(loader, file)?),
            DecoderFiles::Whole(file) => Layout::Whole(Graph::open(loader, file)?),
            DecoderFiles::Pair { first, next } => Layout::Pair {
                first: Graph::open(loader, first)?,
                next: Graph::open(loader, next)?,
            },
        };
        let (first, cached) = match &graphs {
            Layout::Merged(graph) => (graph, Some(graph)),
            Layout::Pair { first, next } => (first, Some(next)),
            Layout::Whole(graph) => (graph, None),
        };
        for graph in [Some(first), cached].into_iter().flatten() {
            check_inputs(graph, cached)?;
            let (_, shape) = graph.output(LOGITS, 3)?;
            graph.compare(
                &files.config,
                "size of the vocabulary",
                config.vocabulary,
                shape.get(2),
            )?;
        }
        let (states, shape) = first.input(STATES, 3)?;
        first.compare(
            &files.config,
            "encoder's hidden size",
            config.encoder_hidden,
            shape.get(2),
        )?;
        let cache = match cached {
            Some(graph) => cache_inputs(graph, first, files, config)?,
            None => Vec::new(),
        };
        Ok(Self {
            graphs,
            states,
            cache,
            config: files.config.clone(),
            vocabulary: config.vocabulary,
        })
    }

    /// The file of the graph that says the first token.
    pub fn file(&self) -> &Path {
        match &self.graphs {
            Layout::Merged(graph) | Layout::Whole(graph) | Layout::Pair { first: graph, .. } => {
                &graph.file
            }
        }
    }

    /// Makes ready to speak about a picture.
    pub fn about<'a>(&'a mut self, encoded: &'a Encoded) -> Speech<'a> {
        Speech {
            decoder: self,
            encoded,
            states: None,
            past: Vec::new(),
        }
    }
}

fn check_inputs(graph: &Graph, cached: Option<&Graph>) -> Result<(), CaptionError> {
    let (ty, _) = graph.input(IDS, 2)?;
    if ty != TensorElementType::Int64 {
        return Err(graph.wrong("64-bit integers for `input_ids`", ty.to_string()));
    }
    for input in graph.session.inputs() {
        let known = [IDS, MASK, STATES, STATES_MASK].contains(&input.name())
            || cached.is_some() && (input.name() == BRANCH || input.name().starts_with(PAST));
        if !known {
            return Err(graph.wrong(
                "no other input than a captioner's decoder has",
                format!("`{}`", input.name()),
            ));
        }
    }
    Ok(())
}

/// The cache that `graph` takes, each part of which `first` must begin.
fn cache_inputs(
    graph: &Graph,
    first: &Graph,
    files: &Files,
    config: &ModelConfig,
) -> Result<Vec<CacheInput>, CaptionError> {
    let dimension = (config.decoder_hidden.zip(config.heads))
        .and_then(|(hidden, heads)| hidden.checked_div(heads));
    let mut cache = Vec::new();
    for input in graph.session.inputs() {
        let Some(name) = input.name().strip_prefix(PAST) else {
            continue;
        };
        let (ty, shape) = graph.input(input.name(), 4)?;
        first.output(&format!("{PRESENT}{name}"), 4)?;
        graph.compare(&files.config, "number of heads", config.heads, shape.get(1))?;
        graph.compare(&files.config, "size of a head", dimension, shape.get(3))?;
        let known = |open: Option<&i64>, configured: Option<usize>| {
            let found = open.and_then(|&found| usize::try_from(found).ok());
            found.or(configured).unwrap_or(1)
        };
        cache.push(CacheInput {
            name: name.to_owned(),
            ty,
            heads: known(shape.get(1), config.heads),
            dimension: known(shape.get(3), dimension),
        });
    }
    let layers = cache
        .iter()
        .filter(|input| input.name.ends_with("key"))
        .count();
    // A decoder that also remembers the picture has two keys a layer.
    let per_layer = if cache.iter().any(|input| input.is_about_picture()) {
        2
    } else {
        1
    };
    let layers = i64::try_from(layers / per_layer).ok();
    graph.compare(
        &files.config,
        "number of layers",
        config.layers,
        layers.as_ref(),
    )?;
    Ok(cache)
}

impl CacheInput {
    fn is_about_picture(&self) -> bool {
        self.name.contains(".encoder.")
    }

    fn empty(&self, rows: usize) -> ort::Result<DynValue> {
        floats(self.ty, &[rows, self.heads, 0, self.dimension], Vec::new())
    }
}

/// A decoder that speaks about one picture.
pub struct Speech<'a> {
    decoder: &'a mut DecoderGraphs,
    encoded: &'a Encoded,
    /// What was seen, once for each sequence.
    states: Option<DynValue>,
    /// In the order of `decoder.cache`; empty before the first answer.
    past: Vec<DynValue>,
}

impl Decoder for Speech<'_> {
    type Error = CaptionError;

    fn logits(
        &mut self,
        sequences: &[Vec<u32>],
        parents: &[usize],
    ) -> Result<Vec<f32>, CaptionError> {
        let file = self.decoder.file().to_owned();
        let failed = |source| run_error(&file, source);
        let rows = sequences.len();
        let states = match self.states.take() {
            Some(states) => states,
            None => self
                .encoded
                .repeated(rows, self.decoder.states)
                .map_err(failed)?,
        };
        let states = self.states.insert(states);
        let continues = !self.past.is_empty();
        if continues && !parents.iter().copied().eq(0..rows) {
            self.past = (self.past.iter())
                .map(|value| gather(value, parents))
                .collect::<ort::Result<_>>()
                .map_err(failed)?;
        }

        let graph = match &mut self.decoder.graphs {
            Layout::Merged(graph) | Layout::Whole(graph) => graph,
            Layout::Pair { next, .. } if continues => next,
            Layout::Pair { first, .. } => first,
        };
        let length = sequences.first().map_or(0, Vec::len);
        let new = if continues { 1 } else { length };
        let ids: Vec<i64> = (sequences.iter())
            .flat_map(|sequence| sequence.iter().skip(sequence.len() - new))
            .map(|&token| i64::from(token))
            .collect();
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::new();
        let ids = Tensor::from_array(([rows, new], ids)).map_err(failed)?;
        inputs.push((IDS.into(), ids.into()));
        if graph.has_input(STATES) {
            inputs.push((STATES.into(), (&*states).into()));
        }
        for (name, width) in [(MASK, length), (STATES_MASK, self.encoded.patches)] {
            if graph.has_input(name) {
                let mask = Tensor::from_array(([rows, width], vec![1_i64; rows * width]));
                inputs.push((name.into(), mask.map_err(failed)?.into()));
            }
        }
        if graph.has_input(BRANCH) {
            let branch = Tensor::from_array(([1], vec![continues])).map_err(failed)?;
            inputs.push((BRANCH.into(), branch.into()));
        }
        for (i, input) in self.decoder.cache.iter().enumerate() {
            let name = format!("{PAST}{}", input.name);
            if !graph.has_input(&name) {
                continue;
            }
            let value = match self.past.get(i) {
                Some(value) => value.into(),
                None => input.empty(rows).map_err(failed)?.into(),
            };
            inputs.push((name.into(), value));
        }
        let mut outputs = graph.session.run(inputs).map_err(failed)?;

        let mut past = std::mem::take(&mut self.past).into_iter();
        for input in &self.decoder.cache {
            let old = past.next();
            let value = match old {
                // It does not change, and what the graph answers in its place is empty.
                Some(old) if input.is_about_picture() => old,
                _ => {
                    let name = format!("{PRESENT}{}", input.name);
                    let value = outputs.remove(&name).ok_or_else(|| failed(absent(&name)))?;
                    converted(value, input.ty).map_err(failed)?
                }
            };
            self.past.push(value);
        }
        let logits = outputs
            .remove(LOGITS)
            .ok_or_else(|| failed(absent(LOGITS)))?;
        drop(outputs);
        let (shape, values) = to_f32(&logits).map_err(failed)?;
        let [found_rows, positions, vocabulary] = shape[..] else {
            return Err(graph.wrong("`logits` with 3 dimensions", format!("{shape:?}")));
        };
        if (found_rows, positions) != (rows, new) || vocabulary == 0 {
            return Err(graph.wrong(
                format!("`logits` for {rows} times {new} tokens"),
                format!("{shape:?}"),
            ));
        }
        let found = i64::try_from(vocabulary).ok();
        graph.compare(
            &self.decoder.config,
            "size of the vocabulary",
            self.decoder.vocabulary,
            found.as_ref(),
        )?;
        if new == 1 {
            return Ok(values);
        }
        Ok((values.chunks_exact(vocabulary))
            .skip(new - 1)
            .step_by(new)
            .flatten()
            .copied()
            .collect())
    }
}

impl Encoded {
    /// The same for each of `rows` sequences.
    fn repeated(&self, rows: usize, ty: TensorElementType) -> ort::Result<DynValue> {
        floats(
            ty,
            &[rows, self.patches, self.hidden],
            self.values.repeat(rows),
        )
    }
}

fn absent(output: &str) -> ort::Error {
    ort::Error::new(format!("there is no output `{output}`"))
}

/// A tensor of the floating-point type that a graph wants.
fn floats(ty: TensorElementType, shape: &[usize], values: Vec<f32>) -> ort::Result<DynValue> {
    Ok(match ty {
        TensorElementType::Float16 => {
            let values: Vec<f16> = values.into_iter().map(f16::from_f32).collect();
            Tensor::from_array((shape.to_vec(), values))?.into_dyn()
        }
        TensorElementType::Float32 => Tensor::from_array((shape.to_vec(), values))?.into_dyn(),
        other => {
            return Err(ort::Error::new(format!(
                "an input of {other}, which is not supported"
            )));
        }
    })
}

fn to_f32(value: &DynValue) -> ort::Result<(Vec<usize>, Vec<f32>)> {
    let (shape, values) = match value.dtype().tensor_type() {
        Some(TensorElementType::Float16) => {
            let (shape, values) = value.try_extract_tensor::<f16>()?;
            (shape, values.iter().copied().map(f32::from).collect())
        }
        _ => {
            let (shape, values) = value.try_extract_tensor::<f32>()?;
            (shape, values.to_vec())
        }
    };
    let shape = shape
        .iter()
        .map(|&length| usize::try_from(length).unwrap_or(0))
        .collect();
    Ok((shape, values))
}

/// `value` in the type `ty`, itself if it has it.
fn converted(value: DynValue, ty: TensorElementType) -> ort::Result<DynValue> {
    if value.dtype().tensor_type() == Some(ty) {
        return Ok(value);
    }
    let (shape, values) = to_f32(&value)?;
    floats(ty, &shape, values)
}

/// The rows `from` of `value`, in that order.
fn gather(value: &DynValue, from: &[usize]) -> ort::Result<DynValue> {
    if value.dtype().tensor_type() == Some(TensorElementType::Float16) {
        gather_as::<f16>(value, from)
    } else {
        gather_as::<f32>(value, from)
    }
}

fn gather_as<T>(value: &DynValue, from: &[usize]) -> ort::Result<DynValue>
where
    T: ort::value::PrimitiveTensorElementType + Copy + std::fmt::Debug + 'static,
{
    let (shape, values) = value.try_extract_tensor::<T>()?;
    let mut shape = shape.to_vec();
    let row = values.len() / from.len().max(1);
    let mut gathered = Vec::with_capacity(values.len());
    for &index in from {
        let start = index * row;
        let row = values.get(start..start + row);
        gathered.extend_from_slice(row.ok_or_else(|| ort::Error::new("the cache lacks a row"))?);
    }
    if let Some(rows) = shape.first_mut() {
        *rows = from.len() as i64;
    }
    Ok(Tensor::from_array((shape, gathered))?.into_dyn())
}
