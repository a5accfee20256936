//! File name patterns in the notations artists use: `color.####.png`, `color.%04d.png`, `color.$F4.png`.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;

/// File names of one sequence, with a placeholder where the frame number stands.
///
/// `####` and `@@@@` stand for at least as many digits as they are long, `%04d` and `$F4` for at least four,
/// `%d` and `$F` for any number of them. As in Houdini and ffmpeg, a number that outgrows its padding is
/// longer. The last placeholder counts; what looks like one before it is taken as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePattern {
    written: String,
    head: String,
    digits: usize,
    tail: String,
}

impl FramePattern {
    /// The frame number in `name` and the digits it is written with, if `name` fits the pattern.
    #[must_use]
    pub fn frame_number(&self, name: &OsStr) -> Option<(u64, usize)> {
        let digits = name
            .as_encoded_bytes()
            .strip_prefix(self.head.as_bytes())?
            .strip_suffix(self.tail.as_bytes())?;
        if digits.len() < self.digits.max(1) || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some((number, digits.len()))
    }

    /// What stands before and after the number.
    pub(super) fn around(&self) -> (&str, &str) {
        (&self.head, &self.tail)
    }
}

impl fmt::Display for FramePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

/// Why a text is not a frame pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It is empty.
    #[error("the pattern is empty")]
    Empty,
    /// It has wildcards, as a shell would expand them.
    #[error("`{0}` is a wildcard, not a frame pattern")]
    Wildcard(String),
    /// It has no place for a frame number.
    #[error("`{0}` has no place for the frame number")]
    NoPlaceholder(String),
    /// It names a folder.
    #[error("`{0}` has a folder in it; a pattern is a file name")]
    Folder(String),
    /// It asks for more digits than a frame number has.
    #[error("`{0}` asks for {1} digits; a frame number has at most {MAX_DIGITS}")]
    TooManyDigits(String, String),
}

impl PatternError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Folder(_) => {
                "pass the folder as the input and only the file name as the pattern".to_owned()
            }
            _ => "write the frame number as ####, %04d or $F4, in single quotes: 'color.####.png'"
                .to_owned(),
        }
    }
}

/// No padding in use comes near this.
const MAX_DIGITS: usize = 64;

impl FromStr for FramePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.contains(['/', '\\']) {
            return Err(PatternError::Folder(text.to_owned()));
        }
        let Some((start, end, digits)) = last_placeholder(text) else {
            return Err(if text.contains(['*', '?', '[', '{']) {
                PatternError::Wildcard(text.to_owned())
            } else {
                PatternError::NoPlaceholder(text.to_owned())
            });
        };
        if text.contains(['*', '?']) {
            return Err(PatternError::Wildcard(text.to_owned()));
        }
        let digits = digits
            .parse()
            .ok()
            .filter(|&digits: &usize| digits <= MAX_DIGITS)
            .ok_or_else(|| PatternError::TooManyDigits(text.to_owned(), digits))?;
        Ok(Self {
            written: text.to_owned(),
            head: text.get(..start).unwrap_or_default().to_owned(),
            digits,
            tail: text.get(end..).unwrap_or_default().to_owned(),
        })
    }
}

/// Start, end and digit count (as written) of the last placeholder in `text`.
fn last_placeholder(text: &str) -> Option<(usize, usize, String)> {
    let starts = text.char_indices().filter_map(|(start, c)| {
        let rest = text.get(start..)?;
        let after = rest.get(c.len_utf8()..)?;
        let (length, digits) = match c {
            '#' | '@' => {
                let length = rest.len() - rest.trim_start_matches(c).len();
                (length, length.to_string())
            }
            '%' => {
                let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
                let is_padded = digits.is_empty() || digits.starts_with('0');
                if !is_padded || !after.get(digits.len()..)?.starts_with('d') {
                    return None;
                }
                (
                    digits.len() + 2,
                    if digits.is_empty() {
                        "1".to_owned()
                    } else {
                        digits
                    },
                )
            }
            '$' => {
                let (open, after) = match after.strip_prefix('{') {
                    Some(inner) => (1, inner),
                    None => (0, after),
                };
                let after = after.strip_prefix('F')?;
                let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
                if open == 1 && !after.get(digits.len()..)?.starts_with('}') {
                    return None;
                }
                let length = 2 + digits.len() + 2 * open;
                (
                    length,
                    if digits.is_empty() {
                        "1".to_owned()
                    } else {
                        digits
                    },
                )
            }
            _ => return None,
        };
        Some((start, start + length, digits))
    });
    // A run of `#` is found again from each of its characters; the first of those is the whole run.
    starts.fold(
        None,
        |last: Option<(usize, usize, String)>, found| match last {
            Some(last) if found.0 < last.1 => Some(last),
            _ => Some(found),
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(pattern: &str, name: &str) -> Option<u64> {
        let pattern: FramePattern = pattern.parse().expect(pattern);
        pattern
            .frame_number(OsStr::new(name))
            .map(|(number, _)| number)
    }

    #[test]
    fn every_notation_finds_the_number() {
        for (pattern, name, expected) in [
            ("color.####.png", "color.0001.png", Some(1)),
            ("color.####.png", "color.10000.png", Some(10_000)),
            ("color.####.png", "color.001.png", None),
            ("color.####.png", "colour.0001.png", None),
            ("color.####.png", "color.0001.jpg", None),
            ("color.####.png", "color.00a1.png", None),
            ("color.@@@.png", "color.012.png", Some(12)),
            ("color.%04d.png", "color.0042.png", Some(42)),
            ("color.%4d.%d.png", "color.%4d.42.png", Some(42)),
            ("f%d.png", "f7.png", Some(7)),
            ("f%d.png", "f0007.png", Some(7)),
            ("f%d.png", "f.png", None),
            ("color.$F4.png", "color.1001.png", Some(1001)),
            ("color.${F4}_v2.png", "color.1001_v2.png", Some(1001)),
            ("color.$F.png", "color.9.png", Some(9)),
            ("#.png", "18446744073709551616.png", None),
            ("v##_####.png", "v##_0001.png", Some(1)),
            ("100%_####.png", "100%_0001.png", Some(1)),
            ("a[1].####.png", "a[1].0001.png", Some(1)),
        ] {
            assert_eq!(number(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_not_a_pattern_is_refused_with_its_reason() {
        for (text, expected) in [
            ("", "the pattern is empty"),
            (
                "color.*.png",
                "`color.*.png` is a wildcard, not a frame pattern",
            ),
            (
                "color.?###.png",
                "`color.?###.png` is a wildcard, not a frame pattern",
            ),
            (
                "color.[0-9]+.png",
                "`color.[0-9]+.png` is a wildcard, not a frame pattern",
            ),
            (
                "color.{1..9}.png",
                "`color.{1..9}.png` is a wildcard, not a frame pattern",
            ),
            (
                "color..png",
                "`color..png` has no place for the frame number",
            ),
            (
                "color.%4d.png",
                "`color.%4d.png` has no place for the frame number",
            ),
            (
                "a/####.png",
                "`a/####.png` has a folder in it; a pattern is a file name",
            ),
            (
                "%0999d.png",
                "`%0999d.png` asks for 0999 digits; a frame number has at most 64",
            ),
        ] {
            let error = FramePattern::from_str(text).expect_err(text);
            assert_eq!(error.to_string(), expected);
            assert!(!error.hint().is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_parser(text in "[#@%$F{}0-9d.a*\\[é]{0,24}", name in "[0-9.a]{0,12}") {
            if let Ok(pattern) = FramePattern::from_str(&text) {
                let _ = pattern.frame_number(OsStr::new(&name));
                prop_assert_eq!(pattern.to_string(), text);
            }
        }
    }
}
