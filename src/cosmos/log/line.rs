//! The form of a line: a message of the program's logger, a state of a progress bar, or anything else.

use std::borrow::Cow;
use std::time::Duration;

/// How much a message of the logger matters, as far as that is of use here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// DEBUG, INFO, SUCCESS: what the program does.
    Normal,
    Warning,
    /// ERROR and CRITICAL.
    Bad,
}

/// A line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// `None` if it is no message of the logger, such as a line of a traceback.
    pub level: Option<Level>,
    /// When it was written, as the time since midnight.
    pub time: Option<Duration>,
    pub message: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// Reads `[MM-DD HH:MM:SS|LEVEL|file:line:function] message`, as all three programs log
    /// (`utils/log.py:get_message_format`); Cosmos 3 has `job=...|` after the time, and a message that every process
    /// may write begins with `[RANK n]`.
    pub fn of(text: &'a str) -> Self {
        let text = plain(text);
        let (level, time, start) = match header(&text) {
            Some((level, time, start)) => (Some(level), time, start),
            None => (None, None, rank_length(&text)),
        };
        let message = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(start..).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(start..).unwrap_or_default().to_owned()),
        };
        Self {
            level,
            time,
            message,
        }
    }

    /// Whether it may tell of a failure: what the program merely does, it may do with any text of the user.
    pub fn may_be_bad(&self) -> bool {
        matches!(self.level, None | Some(Level::Bad))
    }
}

/// Level and time of a message, and where its text begins.
fn header(text: &str) -> Option<(Level, Option<Duration>, usize)> {
    let (head, _) = text.strip_prefix('[')?.split_once("] ")?;
    let mut fields = head.rsplit('|');
    let _place = fields.next()?;
    let level = match fields.next()?.trim() {
        "TRACE" | "DEBUG" | "INFO" | "SUCCESS" => Level::Normal,
        "WARNING" => Level::Warning,
        "ERROR" | "CRITICAL" => Level::Bad,
        _ => return None,
    };
    let time = head
        .split('|')
        .next()
        .and_then(|date| date.split_whitespace().nth(1))
        .and_then(clock);
    let mut start = head.len() + 3;
    if let Some((rank, _)) = text
        .get(start..)
        .and_then(|message| message.strip_prefix("[RANK "))
        .and_then(|rest| rest.split_once(']'))
    {
        start += "[RANK ]".len() + rank.len();
        start += usize::from(text.get(start..).is_some_and(|rest| rest.starts_with(' ')));
    }
    Some((level, time, start))
}

/// The length of `[rank0]: `, by which each line of an exception begins where several processes work together.
fn rank_length(text: &str) -> usize {
    let rank = text
        .strip_prefix("[rank")
        .and_then(|rest| rest.split_once("]: "));
    match rank {
        Some((number, _)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            "[rank]: ".len() + number.len()
        }
        _ => 0,
    }
}

/// `text` without the escape sequences of a terminal, which only an image that is told so writes.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut parts = text.split('\u{1b}');
    kept.extend(parts.next());
    for part in parts {
        let rest = part.strip_prefix('[').and_then(|sequence| {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic())?;
            sequence.get(end + 1..)
        });
        kept.push_str(rest.unwrap_or(part));
    }
    Cow::Owned(kept)
}

/// A state of a progress bar of `tqdm` whose length is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bar<'a> {
    /// What stands before it; may be empty.
    pub name: &'a str,
    pub done: u64,
    pub total: u64,
    /// Since it began.
    pub elapsed: Option<Duration>,
}

impl<'a> Bar<'a> {
    /// Reads `name:  37%|###7      | 13/35 [00:42<01:11,  3.26s/it]`.
    pub fn of(text: &'a str) -> Option<Self> {
        let (name, rest) = split_bar(text)?;
        let (counts, rest) = rest.split_once('[')?;
        let (done, total) = counts.trim().split_once('/')?;
        let elapsed = rest.split(['<', ',', ']']).next();
        Some(Self {
            name,
            done: done.parse().ok()?,
            total: total.parse().ok()?,
            elapsed: elapsed.and_then(clock),
        })
    }
}

/// The name of the progress bar that `text` is a state of, which may be empty; `None` if it is no such line.
#[must_use]
pub fn bar_name(text: &str) -> Option<&str> {
    let (name, rest) = split_bar(text)?;
    // Bytes of a download are counted as `1.2G/4.9G`, so nothing more is asked of them here.
    (rest.contains('/') && rest.contains('[')).then_some(name)
}

/// The name of a bar, and what follows the bar itself.
fn split_bar(text: &str) -> Option<(&str, &str)> {
    let (before, after) = text.split_once("%|")?;
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let name = before.get(..before.len() - digits)?;
    let (_, rest) = after.split_once('|')?;
    Some((name.trim().trim_end_matches(':'), rest))
}

/// Whether `torchrun` begins to report here that a process of its own has failed. What follows is about `torchrun`.
#[must_use]
pub fn begins_launcher_report(text: &str) -> bool {
    text.contains("torch/distributed/elastic/") && text.contains("failed (exitcode: ")
}

/// `[HH:]MM:SS`.
fn clock(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut fields = 0;
    for field in text.trim().split(':') {
        let field: u64 = field.parse().ok()?;
        seconds = seconds.checked_mul(60)?.checked_add(field)?;
        fields += 1;
    }
    (2..=3)
        .contains(&fields)
        .then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_from_what_a_program_prints() {
        for (text, level, time, message) in [
            (
                "[11-25 09:12:01|INFO|cosmos_transfer1/a.py:583:_run_model] Starting latent encoding",
                Some(Level::Normal),
                Some(33121),
                "Starting latent encoding",
            ),
            (
                "[11-25 09:12:01|job=|CRITICAL|a.py:1:<module>] [RANK 0] said [x] y",
                Some(Level::Bad),
                Some(33121),
                "said [x] y",
            ),
            (
                "\u{1b}[32m[11-25 00:00:01\u{1b}[0m|\u{1b}[1mWARNING\u{1b}[0m|a.py:1:f] hm",
                Some(Level::Warning),
                Some(1),
                "hm",
            ),
            (
                "[rank10]:   Traceback (most",
                None,
                None,
                "  Traceback (most",
            ),
            ("[a|b] c", None, None, "[a|b] c"),
            ("", None, None, ""),
        ] {
            let line = Line::of(text);
            assert_eq!(line.level, level, "{text}");
            assert_eq!(line.time, time.map(Duration::from_secs), "{text}");
            assert_eq!(line.message, message);
        }
    }

    #[test]
    fn a_progress_bar_is_read_and_nothing_else_is_taken_for_one() {
        let bar = |name, done, total, elapsed: Option<u64>| Bar {
            name,
            done,
            total,
            elapsed: elapsed.map(Duration::from_secs),
        };
        for (text, expected) in [
            (
                "Generating samples:  37%|███▋      | 13/35 [00:42<01:11,  3.26s/it]",
                Some(bar("Generating samples", 13, 35, Some(42))),
            ),
            (
                "  0%|          | 0/2 [00:00<?, ?it/s]",
                Some(bar("", 0, 2, Some(0))),
            ),
            (
                "Sampling: 100%|##########| 35/35 [1:02:03<00:00,  9.9s/it]",
                Some(bar("Sampling", 35, 35, Some(3723))),
            ),
            (
                "model.pt:  45%|####5     | 1.2G/4.9G [00:10<00:30, 99MB/s]",
                None,
            ),
            ("100% | done", None),
            ("12it [00:03,  4.00it/s]", None),
        ] {
            assert_eq!(Bar::of(text), expected, "{text}");
        }
        assert_eq!(
            bar_name("model.pt:  45%|####5     | 1.2G/4.9G [00:10<00:30, 99MB/s]"),
            Some("model.pt")
        );
        assert_eq!(bar_name("a prompt: 100%|off| today"), None);
    }
}
