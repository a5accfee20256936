//! That a guardrail has blocked a job: which one, what it objects to, and the line that says so.
//!
//! A block is no failure of the program. Transfer1 ends with 1 and a `TypeError` then, since it unpacks a result
//! that is not there (`diffusion/inference/transfer.py:demo`); Transfer2.5 ends with 0 and writes no video
//! (`inference.py:Control2WorldInference._generate_sample`). The transfer path of Cosmos 3 asks no guardrail
//! (`inference/inference.py:_generate_transfer_batch`); its words for a block are known here all the same.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::line::{Level, Line};
use crate::specs::Model;

/// Characters of a line that are kept. A guardrail repeats the prompt, which may be long.
const LONGEST: usize = 400;

/// Classes of frames that are kept. The filter knows a dozen.
const CLASSES: usize = 100;

/// What blocks texts and videos (`guardrail/common/presets.py` of each program).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Guardrail {
    /// Lists of words, for texts.
    Blocklist,
    /// Llama Guard 3, for texts.
    LlamaGuard3,
    /// Qwen3Guard, for texts.
    Qwen3Guard,
    /// A classifier of frames, for videos.
    VideoContentSafetyFilter,
}

impl Guardrail {
    /// The name by which the log calls it: that of its class in capitals.
    fn of_log(name: &str) -> Option<Self> {
        match name {
            "BLOCKLIST" => Some(Self::Blocklist),
            "LLAMAGUARD3" => Some(Self::LlamaGuard3),
            "QWEN3GUARD" => Some(Self::Qwen3Guard),
            "VIDEOCONTENTSAFETYFILTER" => Some(Self::VideoContentSafetyFilter),
            _ => None,
        }
    }
}

impl fmt::Display for Guardrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blocklist => "the blocklist",
            Self::LlamaGuard3 => "Llama Guard 3",
            Self::Qwen3Guard => "Qwen3Guard",
            Self::VideoContentSafetyFilter => "the video content safety filter",
        })
    }
}

/// What a guardrail objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// What the result is to show.
    Prompt,
    /// What the result is not to show.
    NegativePrompt,
    /// The generated video.
    Video,
    /// The log does not tell.
    Unknown,
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Prompt => "the prompt",
            Self::NegativePrompt => "the negative prompt",
            Self::Video => "the generated video",
            Self::Unknown => "the prompt or the video",
        })
    }
}

/// A guardrail's objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Which one objects, if the log tells.
    pub guardrail: Option<Guardrail>,
    /// To what.
    pub on: On,
    /// The line of the log that says so, without time and place, cut after 400 characters.
    pub line: String,
    /// What the guardrail sees in how many frames of a video, where the log tells.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub frames: BTreeMap<String, u64>,
}

impl Block {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        let change = match self.on {
            On::Prompt if self.line.ends_with(EMPTY) => "write a prompt: it is empty",
            On::NegativePrompt if self.line.ends_with(EMPTY) => {
                "write a negative prompt, or leave it to the model"
            }
            On::Prompt => "say it in other words in a new prompt",
            On::NegativePrompt => "say it in other words in a new negative prompt",
            On::Video => {
                "change the prompt, the input or the seed, so that the result shows something else"
            }
            On::Unknown => "change the prompt or the input",
        };
        format!("{change}; the same run again would most likely be blocked again")
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.guardrail {
            Some(guardrail) => write!(f, "{guardrail}")?,
            None => f.write_str("a guardrail")?,
        }
        write!(f, " objects to {}: {}", self.on, self.line)?;
        for (index, (class, count)) in self.frames.iter().enumerate() {
            let before = if index == 0 { " (" } else { ", " };
            let frames = if *count == 1 { "frame" } else { "frames" };
            write!(f, "{before}{class} in {count} {frames}")?;
        }
        f.write_str(if self.frames.is_empty() { "" } else { ")" })
    }
}

/// The objection in `lines`, the log of a job of `model` that has ended with `exit_code` and without its video.
pub fn blocked<'a>(
    model: Model,
    exit_code: i64,
    lines: impl Iterator<Item = &'a str>,
) -> Option<Block> {
    let mut blocks = Blocks::new(model);
    lines.for_each(|line| blocks.push(line));
    blocks.found(exit_code)
}

/// What a guardrail says of a text without any (`guardrail/blocklist/blocklist.py:Blocklist.is_safe`).
const EMPTY: &str = "Input is empty";
/// Begins the line in which a guardrail gives its reason (`guardrail/common/presets.py`).
const REASON: &str = "GUARDRAIL BLOCKED: ";
/// Begins a frame's class (`VideoContentSafetyFilter.is_safe_frames` of Transfer2.5).
const FRAME: &str = "Unsafe frame detected in frame_number ";

/// What a program says after a guardrail has objected: how it begins, how it ends, and to what was objected.
const VERDICTS: [(&str, &str, On); 9] = [
    // Transfer1, diffusion/inference/world_generation_pipeline.py:generate; the number of the sample in between.
    ("Input text prompt ", " is not safe", On::Prompt),
    ("All prompts failed safety checks", "", On::Prompt),
    ("Generated video ", " is not safe", On::Video),
    ("All generated videos failed safety checks", "", On::Video),
    // Transfer1, diffusion/inference/transfer.py:demo.
    (
        "Guardrail blocked generation for entire batch.",
        "",
        On::Unknown,
    ),
    // Transfer2.5, inference.py:Control2WorldInference._generate_sample; the text follows.
    ("Guardrail blocked generation. Prompt:", "", On::Prompt),
    (
        "Guardrail blocked generation. Negative prompt:",
        "",
        On::NegativePrompt,
    ),
    // Cosmos 3, inference/common/inference.py:Inference; the name of the sample follows.
    ("Guardrail blocked prompt '", "", On::Prompt),
    ("Guardrail blocked video '", "", On::Video),
];

/// What a log has told about blocks so far.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    model: Model,
    reason: Option<(Option<Guardrail>, String)>,
    verdict: Option<(On, String)>,
    frames: BTreeMap<String, u64>,
    /// The line by which a check of the video began that has not ended.
    checking_video: Option<String>,
}

impl Blocks {
    pub fn new(model: Model) -> Self {
        Self {
            model,
            reason: None,
            verdict: None,
            frames: BTreeMap::new(),
            checking_video: None,
        }
    }

    pub fn push(&mut self, line: &str) {
        let line = Line::of(line);
        let message = line.message.trim();
        match line.level {
            Some(Level::Bad) => self.push_bad(message),
            Some(Level::Warning) => {
                if let Some((_, class)) = message
                    .strip_prefix(FRAME)
                    .and_then(|rest| rest.split_once(": "))
                {
                    let class = shortened(class);
                    if self.frames.len() < CLASSES || self.frames.contains_key(&class) {
                        *self.frames.entry(class).or_default() += 1;
                    }
                }
            }
            Some(Level::Normal) => match message {
                "Running guardrail check on video..." => {
                    self.checking_video = Some(message.to_owned());
                }
                "Passed guardrail on generated video" => self.checking_video = None,
                _ => {}
            },
            None => self.push_raised(message),
        }
    }

    fn push_bad(&mut self, message: &str) {
        if let Some(reason) = message.strip_prefix(REASON) {
            let name = reason.split(':').next().unwrap_or_default();
            self.reason = Some((Guardrail::of_log(name), shortened(reason)));
        } else if let Some((_, _, on)) = VERDICTS
            .iter()
            .find(|(start, end, _)| message.starts_with(start) && message.ends_with(end))
        {
            self.judge(*on, message);
        }
    }

    /// What is raised after a block and ends the program.
    fn push_raised(&mut self, message: &str) {
        let Some(said) = ["Exception: ", "ValueError: "]
            .iter()
            .find_map(|kind| message.strip_prefix(kind))
        else {
            if message.starts_with("Traceback (most recent call last)") {
                self.checking_video = None;
            }
            return;
        };
        if said.starts_with("Guardrail blocked video2world generation.") {
            self.judge(On::Video, said);
        } else {
            self.push_bad(said);
        }
    }

    /// The first verdict that tells what it is about is the one that counts.
    fn judge(&mut self, on: On, message: &str) {
        if self
            .verdict
            .as_ref()
            .is_none_or(|(known, _)| *known == On::Unknown)
        {
            self.verdict = Some((on, shortened(message)));
        }
    }

    /// The objection, if there is one.
    pub fn found(&self, exit_code: i64) -> Option<Block> {
        let (guardrail, on, line) = match (&self.reason, &self.verdict) {
            (Some((guardrail, line)), Some((on, _))) if *on != On::Unknown => {
                (*guardrail, *on, line)
            }
            (Some((guardrail, line)), _) => (*guardrail, usually(*guardrail), line),
            (None, Some((on, line))) => (None, *on, line),
            // A block of Transfer2.5 whose own lines went to a file only (`cosmos_oss/init.py:_console_filter`).
            (None, None) if self.model == Model::Transfer2_5 && exit_code == 0 => {
                let line = self.checking_video.as_ref()?;
                let guardrail = Guardrail::VideoContentSafetyFilter;
                (Some(guardrail), On::Video, line)
            }
            (None, None) => return None,
        };
        let frames = match on {
            On::Video => self.frames.clone(),
            _ => BTreeMap::new(),
        };
        Some(Block {
            guardrail,
            on,
            line: line.clone(),
            frames,
        })
    }
}

/// What `guardrail` looks at, where nothing else tells.
const fn usually(guardrail: Option<Guardrail>) -> On {
    match guardrail {
        Some(Guardrail::Blocklist | Guardrail::LlamaGuard3 | Guardrail::Qwen3Guard) => On::Prompt,
        Some(Guardrail::VideoContentSafetyFilter) => On::Video,
        None => On::Unknown,
    }
}

/// `text` on one line and no longer than is of use.
fn shortened(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    if short.len() < text.len() && text.chars().count() > LONGEST {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of the logger.
    fn logged(level: &str, message: &str) -> String {
        format!("[11-25 09:12:01|{level}|cosmos/presets.py:58:run] {message}")
    }

    fn block_of(model: Model, exit_code: i64, lines: &[(&str, &str)]) -> Option<Block> {
        let lines: Vec<String> = lines
            .iter()
            .map(|(level, message)| match *level {
                "" => (*message).to_owned(),
                level => logged(level, message),
            })
            .collect();
        blocked(model, exit_code, lines.iter().map(String::as_str))
    }

    #[test]
    fn each_programs_words_for_a_block_are_understood() {
        use Guardrail::*;
        use Model::*;
        for (model, code, lines, guardrail, on, line) in [
            (
                Transfer1,
                1,
                vec![
                    (
                        "CRITICAL",
                        "GUARDRAIL BLOCKED: BLOCKLIST: Prompt blocked by censorship: Censored Prompt: a ****",
                    ),
                    ("CRITICAL", "Input text prompt 1 is not safe"),
                    ("CRITICAL", "All prompts failed safety checks"),
                    ("CRITICAL", "Guardrail blocked generation for entire batch."),
                    ("", "Traceback (most recent call last):"),
                    ("", "TypeError: cannot unpack non-iterable NoneType object"),
                ],
                Some(Blocklist),
                On::Prompt,
                "BLOCKLIST: Prompt blocked by censorship: Censored Prompt: a ****",
            ),
            (
                Transfer1,
                1,
                vec![
                    (
                        "CRITICAL",
                        "GUARDRAIL BLOCKED: LLAMAGUARD3: Prompt blocked by Llama Guard 3. Violations: Violent Crimes.",
                    ),
                    ("CRITICAL", "Input text prompt 1 is not safe"),
                ],
                Some(LlamaGuard3),
                On::Prompt,
                "LLAMAGUARD3: Prompt blocked by Llama Guard 3. Violations: Violent Crimes.",
            ),
            (
                Transfer1,
                1,
                vec![
                    (
                        "CRITICAL",
                        "GUARDRAIL BLOCKED: VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
                    ),
                    ("CRITICAL", "Generated video 1 is not safe"),
                    ("CRITICAL", "Guardrail blocked generation for entire batch."),
                ],
                Some(VideoContentSafetyFilter),
                On::Video,
                "VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
            ),
            (
                Transfer1,
                1,
                vec![("CRITICAL", "Guardrail blocked generation for entire batch.")],
                None,
                On::Unknown,
                "Guardrail blocked generation for entire batch.",
            ),
            (
                Transfer2_5,
                0,
                vec![
                    (
                        "CRITICAL",
                        "GUARDRAIL BLOCKED: QWEN3GUARD: Prompt blocked by Qwen3Guard. Safety: Unsafe, Categories: ['Violent']",
                    ),
                    ("CRITICAL", "Guardrail blocked generation. Prompt: a fight"),
                ],
                Some(Qwen3Guard),
                On::Prompt,
                "QWEN3GUARD: Prompt blocked by Qwen3Guard. Safety: Unsafe, Categories: ['Violent']",
            ),
            // The reason went to a file only.
            (
                Transfer2_5,
                0,
                vec![("CRITICAL", "Guardrail blocked generation. Prompt: a fight")],
                None,
                On::Prompt,
                "Guardrail blocked generation. Prompt: a fight",
            ),
            (
                Transfer2_5,
                0,
                vec![
                    ("SUCCESS", "Passed guardrail on prompt"),
                    ("CRITICAL", "GUARDRAIL BLOCKED: BLOCKLIST: Input is empty"),
                    (
                        "CRITICAL",
                        "Guardrail blocked generation. Negative prompt: ",
                    ),
                ],
                Some(Blocklist),
                On::NegativePrompt,
                "BLOCKLIST: Input is empty",
            ),
            (
                Transfer2_5,
                0,
                vec![
                    ("INFO", "Running guardrail check on video..."),
                    (
                        "CRITICAL",
                        "GUARDRAIL BLOCKED: VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
                    ),
                ],
                Some(VideoContentSafetyFilter),
                On::Video,
                "VIDEOCONTENTSAFETYFILTER: unsafe frames detected",
            ),
            (
                Transfer2_5,
                0,
                vec![("INFO", "Running guardrail check on video...")],
                Some(VideoContentSafetyFilter),
                On::Video,
                "Running guardrail check on video...",
            ),
            (
                Transfer2_5,
                1,
                vec![(
                    "",
                    "[rank0]: Exception: Guardrail blocked video2world generation.",
                )],
                None,
                On::Video,
                "Guardrail blocked video2world generation.",
            ),
            (
                Cosmos3,
                1,
                vec![(
                    "",
                    "ValueError: Guardrail blocked prompt 'outputs/a': 'a fight'",
                )],
                None,
                On::Prompt,
                "Guardrail blocked prompt 'outputs/a': 'a fight'",
            ),
        ] {
            let block = block_of(model, code, &lines).unwrap_or_else(|| panic!("{lines:?}"));
            assert_eq!(block.guardrail, guardrail, "{lines:?}");
            assert_eq!(block.on, on, "{lines:?}");
            assert_eq!(block.line, line);
        }
    }

    #[test]
    fn a_log_that_only_mentions_guardrails_tells_of_no_block() {
        use Model::*;
        for (model, code, lines) in [
            (
                Transfer1,
                1,
                vec![("INFO", "Running guardrail checks on all prompts")],
            ),
            // The user's own words.
            (
                Transfer2_5,
                1,
                vec![("INFO", "GUARDRAIL BLOCKED: BLOCKLIST: said the robot")],
            ),
            (
                Transfer2_5,
                0,
                vec![("", "GUARDRAIL BLOCKED: BLOCKLIST: said the robot")],
            ),
            (
                Transfer2_5,
                0,
                vec![("WARNING", "Guardrail checks on video are disabled")],
            ),
            (
                Transfer2_5,
                0,
                vec![
                    ("INFO", "Running guardrail check on video..."),
                    ("SUCCESS", "Passed guardrail on generated video"),
                ],
            ),
            // Ended from outside, or by an error of its own, while it was looking.
            (
                Transfer2_5,
                137,
                vec![("INFO", "Running guardrail check on video...")],
            ),
            (
                Transfer2_5,
                1,
                vec![
                    ("INFO", "Running guardrail check on video..."),
                    ("", "Traceback (most recent call last):"),
                    ("", "torch.OutOfMemoryError: CUDA out of memory."),
                ],
            ),
            (
                Transfer1,
                1,
                vec![("", "TypeError: cannot unpack non-iterable NoneType object")],
            ),
            (
                Cosmos3,
                0,
                vec![(
                    "INFO",
                    "Video content safety classifier is disabled in this release",
                )],
            ),
        ] {
            assert_eq!(block_of(model, code, &lines), None, "{lines:?}");
        }
    }

    #[test]
    fn a_block_says_what_is_seen_and_never_to_switch_a_guardrail_off() {
        let mut lines = vec![("INFO", "Running guardrail check on video...")];
        lines.extend(
            [(
                "WARNING",
                "Unsafe frame detected in frame_number 3: Violence",
            ); 2],
        );
        lines.push(("WARNING", "Unsafe frame detected in frame_number 9: Abuse"));
        let block = block_of(Model::Transfer2_5, 0, &lines).unwrap();
        assert_eq!(
            block.to_string(),
            "the video content safety filter objects to the generated video: Running guardrail check on video... \
             (Abuse in 1 frame, Violence in 2 frames)"
        );
        for on in [On::Prompt, On::NegativePrompt, On::Video, On::Unknown] {
            let hint = Block {
                on,
                ..block.clone()
            }
            .hint();
            assert!(hint.contains("prompt"), "{hint}");
            for word in ["guardrail", "disable", "off"] {
                assert!(!hint.contains(word), "{hint}");
            }
        }
    }

    #[test]
    fn a_long_prompt_is_cut_where_a_character_ends() {
        let text = "ü".repeat(1000);
        let line = logged(
            "CRITICAL",
            &format!("Guardrail blocked generation. Prompt: {text}"),
        );
        let block = blocked(Model::Transfer2_5, 0, [line.as_str()].into_iter()).unwrap();
        assert_eq!(block.line.chars().count(), LONGEST + 3);
    }

    #[test]
    fn classes_without_end_take_no_memory() {
        let mut blocks = Blocks::new(Model::Transfer2_5);
        for number in 0..10_000 {
            blocks.push(&logged(
                "WARNING",
                &format!("{FRAME}{number}: class {number}"),
            ));
        }
        assert_eq!(blocks.frames.len(), CLASSES);
    }
}
