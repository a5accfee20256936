//! The decoding loop: from logits to tokens, as transformers 4.57 `generate` does it without sampling.
//!
//! A pure function over a [`Decoder`], so it knows nothing of graphs or caches. It ends after
//! [`GenerationOptions::max_length`] tokens whatever the decoder says, and refuses logits that are not numbers.

use super::options::{EarlyStopping, GenerationOptions};

/// What the scores of transformers' beam search use for "as good as impossible".
const IMPOSSIBLE: f32 = -1.0e9;

/// Something that says how likely each token is to follow.
pub trait Decoder {
    /// What keeps it from answering.
    type Error;

    /// The logits of the token after each of `sequences`, one row of the vocabulary's length after another.
    ///
    /// All sequences are equally long, one token longer than in the call before. `parents[i]` is the index that
    /// sequence `i`, less its last token, had in that call; the first call has as many parents, without meaning.
    ///
    /// # Errors
    /// Whatever keeps the decoder from answering.
    fn logits(
        &mut self,
        sequences: &[Vec<u32>],
        parents: &[usize],
    ) -> Result<Vec<f32>, Self::Error>;
}

/// Why nothing was generated.
#[derive(Debug, PartialEq, Eq)]
pub enum GenerateError<E> {
    /// The decoder did not answer.
    Decoder(E),
    /// A logit is not a number, or infinite.
    NotANumber,
    /// There are not as many logits for each sequence.
    Ragged {
        /// Logits there are.
        found: usize,
        /// Sequences that were asked about.
        sequences: usize,
    },
}

/// What a decoder was made to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The tokens, from the start token to the end token, if it came before the greatest length.
    pub tokens: Vec<u32>,
    /// The geometric mean of the probabilities that the model itself gave to the tokens after the first: 0 to 1.
    pub confidence: f32,
}

/// Lets `decoder` speak: greedy for one beam, else by beam search.
///
/// # Errors
/// [`GenerateError`], as soon as the decoder fails or answers with what is no answer.
pub fn generate<D: Decoder>(
    decoder: &mut D,
    options: &GenerationOptions,
) -> Result<Generated, GenerateError<D::Error>> {
    if options.num_beams == 1 {
        greedy(decoder, options)
    } else {
        beam_search(decoder, options)
    }
}

/// A sequence of tokens, with the logarithm of the probability that the model gave it.
#[derive(Clone)]
struct Spoken {
    tokens: Vec<u32>,
    log_probability: f64,
}

impl Spoken {
    fn start(options: &GenerationOptions) -> Self {
        Self {
            tokens: vec![options.start],
            log_probability: 0.0,
        }
    }

    fn then(&self, token: u32, log_probability: f64) -> Self {
        let mut tokens = self.tokens.clone();
        tokens.push(token);
        Self {
            tokens,
            log_probability: self.log_probability + log_probability,
        }
    }

    fn is_finished(&self, options: &GenerationOptions) -> bool {
        self.tokens.len() >= options.max_length
            || self
                .tokens
                .last()
                .is_some_and(|last| options.end.contains(last))
    }

    fn into_generated(self) -> Generated {
        let spoken = self.tokens.len().saturating_sub(1).max(1);
        Generated {
            confidence: (self.log_probability / spoken as f64).exp() as f32,
            tokens: self.tokens,
        }
    }
}

fn greedy<D: Decoder>(
    decoder: &mut D,
    options: &GenerationOptions,
) -> Result<Generated, GenerateError<D::Error>> {
    let mut spoken = [Spoken::start(options)];
    loop {
        let logits = Logits::ask(decoder, &spoken, &[0])?;
        let [so_far] = &mut spoken;
        let mut scores = logits.values.clone();
        process(&mut scores, &so_far.tokens, options);
        // The first of equals, as torch.argmax has it.
        let best = (scores.iter().enumerate())
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map_or(0, |(token, _)| token);
        *so_far = so_far.then(best as u32, logits.log_probability(0, best));
        if so_far.is_finished(options) {
            return Ok(so_far.clone().into_generated());
        }
    }
}

/// A sequence that beam search still extends.
#[derive(Clone)]
struct Beam {
    spoken: Spoken,
    score: f32,
    /// The beam of the step before that it extends.
    parent: usize,
}

/// A sequence that beam search may answer with. It is no more than a place until `finished`.
#[derive(Clone)]
struct Hypothesis {
    spoken: Spoken,
    score: f32,
    finished: bool,
}

/// Beam search with the scores, ties aside, of transformers 4.57 (`GenerationMixin._beam_search`): in single
/// precision, with twice as many candidates as beams, and with finished sequences kept apart from running ones.
fn beam_search<D: Decoder>(
    decoder: &mut D,
    options: &GenerationOptions,
) -> Result<Generated, GenerateError<D::Error>> {
    let beams = options.num_beams;
    let kept = beams * (1 + options.end.len()).max(2);
    // All beams begin alike; the first alone counts, or they would stay alike.
    let mut running: Vec<Beam> = (0..beams)
        .map(|i| Beam {
            spoken: Spoken::start(options),
            score: if i == 0 { 0.0 } else { IMPOSSIBLE },
            parent: i,
        })
        .collect();
    let mut finished = vec![
        Hypothesis {
            spoken: Spoken::start(options),
            score: IMPOSSIBLE,
            finished: false,
        };
        beams
    ];
    let mut improvable = true;
    for new_tokens in 1.. {
        let (spoken, parents): (Vec<_>, Vec<_>) = running
            .iter()
            .map(|beam| (beam.spoken.clone(), beam.parent))
            .unzip();
        let logits = Logits::ask(decoder, &spoken, &parents)?;
        let mut scores = logits.values.clone();
        for (row, beam) in scores.chunks_exact_mut(logits.vocabulary).zip(&running) {
            log_softmax(row);
            process(row, &beam.spoken.tokens, options);
            row.iter_mut().for_each(|score| *score += beam.score);
        }
        let candidates: Vec<(Beam, bool)> = best(&scores, kept)
            .into_iter()
            .filter_map(|at| {
                let (parent, token) = (at / logits.vocabulary, at % logits.vocabulary);
                let log_probability = logits.log_probability(parent, token);
                let spoken = (running.get(parent)?.spoken).then(token as u32, log_probability);
                let ends = spoken.is_finished(options);
                let score = *scores.get(at)?;
                let beam = Beam {
                    spoken,
                    score,
                    parent,
                };
                Some((beam, ends))
            })
            .collect();

        let penalised: Vec<f32> = candidates
            .iter()
            .map(|(beam, ends)| beam.score + impossible_if(*ends))
            .collect();
        running = best(&penalised, beams)
            .into_iter()
            .filter_map(|i| {
                let (beam, _) = candidates.get(i)?;
                let score = *penalised.get(i)?;
                Some(Beam {
                    score,
                    ..beam.clone()
                })
            })
            .collect();

        let full = finished.iter().all(|hypothesis| hypothesis.finished);
        let closed = full && options.early_stopping == EarlyStopping::Yes;
        finished.extend(candidates.iter().enumerate().map(|(rank, (beam, ends))| {
            // Candidates beyond the number of beams are there to go on with, not to end with.
            let finished = *ends && rank < beams;
            Hypothesis {
                spoken: beam.spoken.clone(),
                score: beam.score / length_penalty(new_tokens, options)
                    + impossible_if(closed)
                    + impossible_if(!improvable)
                    + impossible_if(!finished),
                finished,
            }
        }));
        finished.sort_by(|a, b| b.score.total_cmp(&a.score));
        finished.truncate(beams);

        improvable &= can_improve(&running, &finished, new_tokens, options);
        let full = finished.iter().all(|hypothesis| hypothesis.finished);
        let closed = full && options.early_stopping == EarlyStopping::Yes;
        if !improvable || closed || candidates.iter().all(|(_, ends)| *ends) {
            break;
        }
    }
    let best = finished.into_iter().next().map(|best| best.spoken);
    Ok(best
        .unwrap_or_else(|| Spoken::start(options))
        .into_generated())
}

fn impossible_if(condition: bool) -> f32 {
    if condition { IMPOSSIBLE } else { 0.0 }
}

/// What the score of a sequence of `new_tokens` is divided by.
fn length_penalty(new_tokens: usize, options: &GenerationOptions) -> f32 {
    (new_tokens as f64).powf(options.length_penalty) as f32
}

/// Whether the best running beam may still become better than the worst finished one: an estimate, the one of
/// `_check_early_stop_heuristic`.
fn can_improve(
    running: &[Beam],
    finished: &[Hypothesis],
    new_tokens: usize,
    options: &GenerationOptions,
) -> bool {
    let length = match options.early_stopping {
        EarlyStopping::Never if options.length_penalty > 0.0 => options.max_length - 1,
        _ => new_tokens,
    };
    let Some(best) = running.first() else {
        return false;
    };
    let best = best.score / length_penalty(length, options);
    let worst = (finished.iter().map(|hypothesis| hypothesis.score)).fold(f32::INFINITY, f32::min);
    finished.iter().any(|hypothesis| {
        best > if hypothesis.finished {
            worst
        } else {
            IMPOSSIBLE
        }
    })
}

/// The indices of the `count` greatest of `scores`, the greatest first, the first of equals first.
fn best(scores: &[f32], count: usize) -> Vec<usize> {
    let order = |&a: &usize, &b: &usize| match (scores.get(a), scores.get(b)) {
        (Some(x), Some(y)) => y.total_cmp(x).then(a.cmp(&b)),
        _ => a.cmp(&b),
    };
    let mut indices: Vec<usize> = (0..scores.len()).collect();
    if count < indices.len() {
        indices.select_nth_unstable_by(count, order);
        indices.truncate(count);
    }
    indices.sort_unstable_by(order);
    indices
}

/// What a decoder answered, checked.
struct Logits {
    values: Vec<f32>,
    vocabulary: usize,
    /// For each row, the logarithm of the sum of the exponentials.
    normalisers: Vec<f64>,
}

impl Logits {
    fn ask<D: Decoder>(
        decoder: &mut D,
        spoken: &[Spoken],
        parents: &[usize],
    ) -> Result<Self, GenerateError<D::Error>> {
        let sequences: Vec<Vec<u32>> = spoken.iter().map(|s| s.tokens.clone()).collect();
        let values = decoder
            .logits(&sequences, parents)
            .map_err(GenerateError::Decoder)?;
        let vocabulary = values.len() / sequences.len();
        if vocabulary == 0 || values.len() % sequences.len() != 0 {
            return Err(GenerateError::Ragged {
                found: values.len(),
                sequences: sequences.len(),
            });
        }
        // Minus infinity is how a model rules a token out.
        if values.iter().any(|v| v.is_nan() || *v == f32::INFINITY) {
            return Err(GenerateError::NotANumber);
        }
        let normalisers = values.chunks_exact(vocabulary).map(log_sum_exp).collect();
        Ok(Self {
            values,
            vocabulary,
            normalisers,
        })
    }

    fn log_probability(&self, row: usize, token: usize) -> f64 {
        let logit = self.values.get(row * self.vocabulary + token);
        let normaliser = self.normalisers.get(row);
        logit
            .zip(normaliser)
            .map_or(f64::NEG_INFINITY, |(logit, normaliser)| {
                f64::from(*logit) - normaliser
            })
    }
}

fn log_sum_exp(row: &[f32]) -> f64 {
    let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if greatest == f32::NEG_INFINITY {
        return 0.0;
    }
    let sum: f64 = row.iter().map(|v| f64::from((v - greatest).exp())).sum();
    f64::from(greatest) + sum.ln()
}

fn log_softmax(row: &mut [f32]) {
    let normaliser = log_sum_exp(row);
    row.iter_mut()
        .for_each(|v| *v = (f64::from(*v) - normaliser) as f32);
}

/// Applies what the options forbid and favour, in the order of transformers' `_get_logits_processor`.
fn process(row: &mut [f32], tokens: &[u32], options: &GenerationOptions) {
    let rule_out = |row: &mut [f32], tokens: &[u32]| {
        for &token in tokens {
            if let Some(score) = row.get_mut(token as usize) {
                *score = f32::NEG_INFINITY;
            }
        }
    };
    let force = |row: &mut [f32], tokens: &[u32]| {
        row.fill(f32::NEG_INFINITY);
        for &token in tokens {
            if let Some(score) = row.get_mut(token as usize) {
                *score = 0.0;
            }
        }
    };
    if options.repetition_penalty != 1.0 {
        let mut seen = tokens.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for token in seen {
            if let Some(score) = row.get_mut(token as usize) {
                if *score < 0.0 {
                    *score *= options.repetition_penalty;
                } else {
                    *score /= options.repetition_penalty;
                }
            }
        }
    }
    if let Some(before) = options.no_repeat_ngram_size.checked_sub(1)
        && let Some(start) = tokens.len().checked_sub(before)
    {
        let last = tokens.get(start..).unwrap_or_default();
        for seen in tokens.windows(options.no_repeat_ngram_size) {
            if let Some((next, prefix)) = seen.split_last()
                && prefix == last
            {
                rule_out(row, &[*next]);
            }
        }
    }
    if tokens.len() < options.min_length {
        rule_out(row, &options.end);
    }
    if let Some(forced) = options.forced_start
        && tokens.len() == 1
    {
        force(row, &[forced]);
    }
    if !options.forced_end.is_empty() && tokens.len() + 1 == options.max_length {
        force(row, &options.forced_end);
    }
    rule_out(row, &options.suppressed);
    let first = if options.forced_start.is_some() { 2 } else { 1 };
    if tokens.len() == first {
        rule_out(row, &options.suppressed_first);
    }
    if options.renormalize_logits {
        log_softmax(row);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use proptest::prelude::*;

    use super::*;

    /// Says what a hash of the sequence says, and checks that it is asked as promised.
    struct Hashed {
        seed: u64,
        vocabulary: usize,
        before: Vec<Vec<u32>>,
    }

    impl Hashed {
        fn new(seed: u64, vocabulary: usize) -> Self {
            Self {
                seed,
                vocabulary,
                before: Vec::new(),
            }
        }

        fn logits_after(&self, sequence: &[u32]) -> Vec<f32> {
            let logit = |token: usize| {
                let mut hasher = DefaultHasher::new();
                (self.seed, sequence, token).hash(&mut hasher);
                (hasher.finish() % 4096) as f32 / 512.0
            };
            (0..self.vocabulary).map(logit).collect()
        }
    }

    impl Decoder for Hashed {
        type Error = ();

        fn logits(&mut self, sequences: &[Vec<u32>], parents: &[usize]) -> Result<Vec<f32>, ()> {
            assert_eq!(sequences.len(), parents.len());
            for (sequence, &parent) in sequences.iter().zip(parents) {
                let (_, head) = sequence.split_last().unwrap();
                let before = self.before.get(parent).map_or(&[][..], Vec::as_slice);
                assert_eq!(head, before);
            }
            self.before = sequences.to_vec();
            Ok(sequences
                .iter()
                .flat_map(|sequence| self.logits_after(sequence))
                .collect())
        }
    }

    /// Answers with the same row for every sequence.
    struct Constant(Vec<f32>);

    impl Decoder for Constant {
        type Error = ();

        fn logits(&mut self, sequences: &[Vec<u32>], _: &[usize]) -> Result<Vec<f32>, ()> {
            Ok(self.0.repeat(sequences.len()))
        }
    }

    fn options() -> GenerationOptions {
        GenerationOptions {
            start: 0,
            end: vec![1],
            max_length: 8,
            min_length: 0,
            num_beams: 1,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Unlikely,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.0,
            forced_start: None,
            forced_end: Vec::new(),
            suppressed: Vec::new(),
            suppressed_first: Vec::new(),
            renormalize_logits: false,
        }
    }

    proptest! {
        #[test]
        fn captions_keep_to_their_options(
            seed: u64,
            vocabulary in 30_usize..60,
            num_beams in 1_usize..6,
            max_length in 2_usize..14,
            min_length in 0_usize..16,
            no_repeat_ngram_size in 0_usize..4,
            length_penalty in -2.0_f64..2.0,
            early in prop::sample::select(vec![EarlyStopping::Yes, EarlyStopping::Unlikely, EarlyStopping::Never]),
            end in prop::collection::vec(1_u32..30, 0..4),
            suppressed in prop::collection::vec(1_u32..30, 0..4),
        ) {
            let options = GenerationOptions {
                max_length,
                min_length,
                num_beams,
                no_repeat_ngram_size,
                length_penalty,
                early_stopping: early,
                end,
                suppressed,
                ..options()
            };
            let Generated { tokens, confidence } =
                generate(&mut Hashed::new(seed, vocabulary), &options).unwrap();
            prop_assert_eq!(tokens[0], 0);
            prop_assert!((2..=max_length).contains(&tokens.len()));
            prop_assert!((0.0..=1.0).contains(&confidence));
            let ends = |token: &u32| options.end.contains(token);
            let first_end = tokens.iter().skip(1).position(ends);
            match first_end {
                Some(at) => {
                    prop_assert_eq!(at + 2, tokens.len());
                    prop_assert!(tokens.len() > min_length);
                }
                None => prop_assert_eq!(tokens.len(), max_length),
            }
            prop_assert!(!tokens.iter().any(|token| options.suppressed.contains(token)));
            if no_repeat_ngram_size > 0 {
                let mut seen: Vec<_> = tokens.windows(no_repeat_ngram_size).collect();
                let count = seen.len();
                seen.sort();
                seen.dedup();
                prop_assert_eq!(seen.len(), count);
            }
        }

        #[test]
        fn enough_beams_find_the_likeliest_sentence(seed: u64) {
            let options = GenerationOptions {
                num_beams: 27,
                max_length: 4,
                length_penalty: 0.0,
                early_stopping: EarlyStopping::Never,
                ..options()
            };
            let decoder = Hashed::new(seed, 3);
            let mut best = Spoken::start(&options);
            best.log_probability = f64::NEG_INFINITY;
            let mut open = vec![Spoken::start(&options)];
            while let Some(spoken) = open.pop() {
                if spoken.tokens.len() > 1 && spoken.is_finished(&options) {
                    if spoken.log_probability > best.log_probability {
                        best = spoken;
                    }
                    continue;
                }
                let row = decoder.logits_after(&spoken.tokens);
                let normaliser = log_sum_exp(&row);
                for (token, logit) in row.iter().enumerate() {
                    open.push(spoken.then(token as u32, f64::from(*logit) - normaliser));
                }
            }
            let found = generate(&mut Hashed::new(seed, 3), &options).unwrap();
            // Of two that are equally likely, either.
            let best = best.into_generated();
            prop_assert!(
                found == best || found.confidence == best.confidence,
                "{found:?} instead of {best:?}"
            );
        }
    }

    #[test]
    fn confidence_is_the_mean_probability() {
        let even = generate(&mut Constant(vec![0.0; 4]), &options()).unwrap();
        assert!((even.confidence - 0.25).abs() < 1e-6, "{even:?}");
        let sure = generate(&mut Constant(vec![0.0, 60.0, 0.0]), &options()).unwrap();
        assert_eq!(sure.tokens, [0, 1]);
        assert!(sure.confidence > 0.999, "{sure:?}");
        // Ruling the likely word out does not make the model sure of another one.
        let forced = GenerationOptions {
            suppressed: vec![1],
            ..options()
        };
        let unsure = generate(&mut Constant(vec![0.0, 60.0, 0.0]), &forced).unwrap();
        assert!(unsure.confidence < 0.001, "{unsure:?}");
    }

    #[test]
    fn logits_that_are_no_numbers_are_refused() {
        for num_beams in [1, 3] {
            let options = GenerationOptions {
                num_beams,
                ..options()
            };
            for bad in [f32::NAN, f32::INFINITY] {
                let generated = generate(&mut Constant(vec![0.0, bad, 1.0]), &options);
                assert_eq!(generated, Err(GenerateError::NotANumber));
            }
            let generated = generate(&mut Constant(Vec::new()), &options);
            assert!(matches!(
                generated,
                Err(GenerateError::Ragged { found: 0, .. })
            ));
            // A model may rule words out itself.
            let ruled_out = vec![f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
            assert_eq!(
                generate(&mut Constant(ruled_out), &options).unwrap().tokens,
                [0, 1]
            );
        }
    }
}
