//! How a caption is generated: `generation_config.json`, or where there is none the model's own configuration.
//!
//! Refuses options that would change the words and that the loop does not know. Sampling is not among them: a caption
//! should be the same twice, so the options of sampling are read over.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::CaptionError;

/// Memory and time grow with it, and captions hardly get better after five.
const MOST_BEAMS: usize = 32;

/// The longest caption, in tokens, whatever a configuration asks for: published captioners say 16 to 64.
pub const LONGEST: usize = 512;

/// Whether beam search ends with as many finished sentences as beams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyStopping {
    /// At once.
    Yes,
    /// When better ones are unlikely.
    Unlikely,
    /// When better ones are impossible.
    Never,
}

/// How a caption is generated. Lengths count the start token.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerationOptions {
    /// The token that every sequence begins with.
    pub start: u32,
    /// The tokens that end a sequence.
    pub end: Vec<u32>,
    /// The greatest length, at least 2.
    pub max_length: usize,
    /// No end token before this length.
    pub min_length: usize,
    /// 1 is greedy search.
    pub num_beams: usize,
    /// The power of the length that a finished sequence's score is divided by; above 0 favours long ones.
    pub length_penalty: f64,
    /// When beam search ends.
    pub early_stopping: EarlyStopping,
    /// As many tokens in a row never come twice; 0 allows everything.
    pub no_repeat_ngram_size: usize,
    /// Above 1 makes tokens that were there less likely.
    pub repetition_penalty: f32,
    /// The token after the start token.
    pub forced_start: Option<u32>,
    /// The tokens, one of which comes last in a sequence of the greatest length.
    pub forced_end: Vec<u32>,
    /// Tokens that never come.
    pub suppressed: Vec<u32>,
    /// Tokens that do not come first.
    pub suppressed_first: Vec<u32>,
    /// Whether scores are normalised again after all of this.
    pub renormalize_logits: bool,
}

/// The part of a configuration that is about generating, as it is written.
#[derive(Default, Deserialize)]
struct Written {
    max_length: Option<usize>,
    max_new_tokens: Option<usize>,
    min_length: Option<usize>,
    min_new_tokens: Option<usize>,
    num_beams: Option<usize>,
    length_penalty: Option<f64>,
    early_stopping: Option<WrittenEarlyStopping>,
    no_repeat_ngram_size: Option<usize>,
    repetition_penalty: Option<f32>,
    bos_token_id: Option<u32>,
    eos_token_id: Option<TokenIds>,
    decoder_start_token_id: Option<u32>,
    forced_bos_token_id: Option<u32>,
    forced_eos_token_id: Option<TokenIds>,
    suppress_tokens: Option<Vec<u32>>,
    begin_suppress_tokens: Option<Vec<u32>>,
    renormalize_logits: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a token id or a list of them")]
enum TokenIds {
    One(u32),
    Several(Vec<u32>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true, false or \"never\"")]
enum WrittenEarlyStopping {
    Whether(bool),
    Word(Never),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Never {
    Never,
}

impl From<TokenIds> for Vec<u32> {
    fn from(ids: TokenIds) -> Self {
        match ids {
            TokenIds::One(id) => vec![id],
            TokenIds::Several(ids) => ids,
        }
    }
}

/// Options that change the words and are not known here, each with the value that changes nothing.
const UNKNOWN: [(&str, Option<f64>); 11] = [
    ("bad_words_ids", None),
    ("constraints", None),
    ("diversity_penalty", Some(0.0)),
    ("dola_layers", None),
    ("exponential_decay_length_penalty", None),
    ("force_words_ids", None),
    ("guidance_scale", Some(1.0)),
    ("num_beam_groups", Some(1.0)),
    ("penalty_alpha", Some(0.0)),
    ("sequence_bias", None),
    ("stop_strings", None),
];

/// Tokens and limits that the model's configuration decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelLimits {
    /// Start and end, where they do not come from the generation's configuration.
    pub start_and_end: Option<(u32, u32)>,
    /// The most tokens that the decoder has positions for.
    pub positions: Option<usize>,
}

impl GenerationOptions {
    /// What `file`, whose content is `written`, says.
    ///
    /// # Errors
    /// [`CaptionError::Json`] for a value of another type, [`CaptionError::Setting`] for one out of range,
    /// [`CaptionError::UnknownSetting`] for an option that is not known here.
    pub fn from_written(
        file: &Path,
        written: &Map<String, Value>,
        limits: ModelLimits,
    ) -> Result<Self, CaptionError> {
        for (key, harmless) in UNKNOWN {
            match written.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::Array(items)) if items.is_empty() => {}
                Some(value) if harmless.is_some() && value.as_f64() == harmless => {}
                Some(_) => {
                    return Err(CaptionError::UnknownSetting {
                        file: file.to_owned(),
                        key,
                    });
                }
            }
        }
        let written = Written::deserialize(Value::Object(written.clone()))
            .map_err(|source| CaptionError::json(file, source))?;
        let setting =
            |key: &'static str, found: String, expected: &'static str| CaptionError::Setting {
                file: file.to_owned(),
                key,
                found,
                expected,
            };

        let (start, end) = match limits.start_and_end {
            Some((start, end)) => (start, vec![end]),
            None => {
                let start =
                    (written.decoder_start_token_id.or(written.bos_token_id)).ok_or_else(|| {
                        setting("decoder_start_token_id", "nothing".into(), "a token id")
                    })?;
                let end = written.eos_token_id.map(Vec::from).unwrap_or_default();
                (start, end)
            }
        };
        // `generate` adds the start token to a number of new tokens, and to 20, which it takes for its own default.
        let max_length = match (written.max_new_tokens, written.max_length) {
            (Some(new), _) => new.saturating_add(1),
            (None, None | Some(20)) => 21,
            (None, Some(length)) => length,
        };
        if max_length < 2 {
            return Err(setting("max_length", max_length.to_string(), "2 or more"));
        }
        let num_beams = written.num_beams.unwrap_or(1);
        if !(1..=MOST_BEAMS).contains(&num_beams) {
            return Err(setting("num_beams", num_beams.to_string(), "1 to 32"));
        }
        let repetition_penalty = written.repetition_penalty.unwrap_or(1.0);
        if !(repetition_penalty > 0.0 && repetition_penalty.is_finite()) {
            return Err(setting(
                "repetition_penalty",
                repetition_penalty.to_string(),
                "a number above 0",
            ));
        }
        Ok(Self {
            start,
            end,
            // The last token needs no position, as nothing follows it.
            max_length: max_length
                .min(
                    limits
                        .positions
                        .map_or(LONGEST, |positions| positions.saturating_add(1)),
                )
                .clamp(2, LONGEST),
            min_length: (written.min_new_tokens.map(|new| new.saturating_add(1)))
                .or(written.min_length)
                .unwrap_or(0),
            num_beams,
            length_penalty: written.length_penalty.unwrap_or(1.0),
            early_stopping: match written.early_stopping {
                Some(WrittenEarlyStopping::Whether(true)) => EarlyStopping::Yes,
                Some(WrittenEarlyStopping::Word(Never::Never)) => EarlyStopping::Never,
                Some(WrittenEarlyStopping::Whether(false)) | None => EarlyStopping::Unlikely,
            },
            no_repeat_ngram_size: written.no_repeat_ngram_size.unwrap_or(0),
            repetition_penalty,
            forced_start: written.forced_bos_token_id,
            forced_end: written
                .forced_eos_token_id
                .map(Vec::from)
                .unwrap_or_default(),
            suppressed: written.suppress_tokens.unwrap_or_default(),
            suppressed_first: written.begin_suppress_tokens.unwrap_or_default(),
            renormalize_logits: written.renormalize_logits.unwrap_or(false),
        })
    }
}
