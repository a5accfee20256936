//! What a checked folder holds: frames, their numbers, sequences and the shot they make up.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use cosmos_core::modality::Modality;
use serde::Serialize;

use super::header::ImageHeader;
use super::name::Shown;

/// One image file of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The number in the file name.
    pub number: u64,
    /// The file, below the folder that was checked.
    pub path: PathBuf,
}

/// Frame numbers as file names spell them: `first` to `last`, both included, every `step`.
///
/// Artists say "1 to 120", so this is not a Rust `Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FrameRange {
    first: u64,
    last: u64,
    step: u64,
}

impl FrameRange {
    /// The numbers from `first` to `last`. A `last` off the grid is lowered to it, one below `first` is
    /// raised to it, and a `step` of 0 counts as 1.
    #[must_use]
    pub const fn new(first: u64, last: u64, step: u64) -> Self {
        let step = if step == 0 { 1 } else { step };
        let last = if last < first { first } else { last };
        Self {
            first,
            last: last - (last - first) % step,
            step,
        }
    }

    /// The lowest frame number.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The highest frame number, which belongs to the range.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// The distance between neighbours, at least 1.
    #[must_use]
    pub const fn step(self) -> u64 {
        self.step
    }

    /// How many numbers there are, at least 1 (`u64::MAX` for a range of all numbers, which is one more).
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a range always holds its first number"
    )]
    pub const fn len(self) -> u64 {
        ((self.last - self.first) / self.step).saturating_add(1)
    }

    /// The narrowest range through `numbers`, which ascend: the step is the greatest common divisor of
    /// their differences. `None` without numbers.
    #[must_use]
    pub fn spanning(numbers: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut numbers = numbers.into_iter();
        let first = numbers.next()?;
        let (step, last) = numbers.fold((0, first), |(step, previous), number| {
            (gcd(step, number.saturating_sub(previous)), number)
        });
        Some(Self::new(first, last, step))
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl fmt::Display for FrameRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.len() {
            1 => self.first.to_string(),
            _ if self.step == 1 => format!("{}-{}", self.first, self.last),
            2 => format!("{}, {}", self.first, self.last),
            _ => format!("{}-{} step {}", self.first, self.last, self.step),
        };
        f.pad(&text)
    }
}

/// A set of frame numbers, kept as ranges so that a huge gap costs nothing. It prints as `43, 50-61`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FrameNumbers(Vec<FrameRange>);

impl FrameNumbers {
    /// More ranges than this are not printed but counted.
    const SHOWN_RANGES: usize = 8;

    /// The given numbers, which ascend; neighbours `step` apart are joined.
    #[must_use]
    pub fn collect(numbers: impl IntoIterator<Item = u64>, step: u64) -> Self {
        let mut ranges: Vec<FrameRange> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(range) if number.checked_sub(range.last) == Some(range.step) => {
                    range.last = number;
                }
                _ => ranges.push(FrameRange::new(number, number, step)),
            }
        }
        Self(ranges)
    }

    /// What is missing between `numbers`, which ascend, on the grid of `step`.
    #[must_use]
    pub fn gaps(numbers: impl IntoIterator<Item = u64>, step: u64) -> Self {
        let step = step.max(1);
        let mut previous: Option<u64> = None;
        let mut ranges = Vec::new();
        for number in numbers {
            if let Some(previous) = previous
                && let Some(next) = previous.checked_add(step)
                && next < number
            {
                ranges.push(FrameRange::new(next, number - step, step));
            }
            previous = Some(number);
        }
        Self(ranges)
    }

    /// The ranges, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[FrameRange] {
        &self.0
    }

    /// The lowest number.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.0.first().map(|range| range.first)
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, range| sum.saturating_add(range.len()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for FrameNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().take(Self::SHOWN_RANGES).enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{range}")?;
        }
        if self.0.len() > Self::SHOWN_RANGES {
            write!(f, " ... ({} in all)", self.len())?;
        }
        Ok(())
    }
}

/// How a sequence writes its frame numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// As short as they are: `9`, `10`.
    None,
    /// Zeros in front up to this many digits; longer numbers are written in full (`0009`, `10000`).
    Fixed(usize),
    /// Some padded, some not: `01`, `2`.
    Mixed,
}

impl Padding {
    /// What makes numbers come out with these digit counts.
    pub(super) fn of(numbers: impl IntoIterator<Item = (u64, usize)> + Clone) -> Self {
        let fewest = numbers.clone().into_iter().map(|(_, digits)| digits).min();
        let fewest = fewest.unwrap_or(1);
        let regular = numbers
            .into_iter()
            .all(|(number, digits)| digits == fewest.max(digits_of(number)));
        match (regular, fewest) {
            (false, _) => Self::Mixed,
            (true, 0 | 1) => Self::None,
            (true, width) => Self::Fixed(width),
        }
    }

    /// The fewest digits that a number is written with.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Fixed(width) => width,
            Self::None | Self::Mixed => 1,
        }
    }
}

fn digits_of(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("none"),
            Self::Fixed(width) => f.pad(&width.to_string()),
            Self::Mixed => f.pad("mixed"),
        }
    }
}

/// The frames of one modality, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The part of the file names before the number, without the separator: `shot010_beauty`. Empty for
    /// `0001.png`. Bytes that are not UTF-8 are replaced.
    pub name: String,
    /// The folder that holds the files.
    pub folder: PathBuf,
    /// The frames by ascending number, at least one.
    pub frames: Vec<Frame>,
    /// How the numbers are written.
    pub padding: Padding,
    /// The header that most frames share, as their first frame has it. All share its size and bit depth
    /// when the report is fine.
    pub header: ImageHeader,
    /// What stands before and after the number in a file name.
    pub(super) around: (String, String),
}

impl Sequence {
    /// First and last frame number and the step between them. After `allow_partial`, numbers in between
    /// may be missing.
    #[must_use]
    pub fn range(&self) -> FrameRange {
        FrameRange::spanning(self.numbers()).unwrap_or(FrameRange::new(0, 0, 1))
    }

    /// The frame numbers, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.frames.iter().map(|frame| frame.number)
    }

    /// The name that a frame of this sequence has or would have: `depth.0043.png`.
    #[must_use]
    pub fn file_name(&self, number: u64) -> String {
        let (head, tail) = &self.around;
        format!("{head}{number:0width$}{tail}", width = self.padding.width())
    }

    /// The file names as a pattern: `depth.####.png`.
    #[must_use]
    pub fn pattern(&self) -> String {
        let (head, tail) = &self.around;
        format!("{head}{}{tail}", "#".repeat(self.padding.width()))
    }

    /// The pattern with its folder, fit to print: `renders/shot010/depth/####.png`.
    #[must_use]
    pub fn pattern_in_folder(&self) -> String {
        Shown(&self.folder.join(self.pattern())).to_string()
    }

    /// The pattern as seen from `root`, fit to print: `depth/####.png`. Several sequences of a shot may be called
    /// `####.png`; their folders tell them apart.
    #[must_use]
    pub fn pattern_below(&self, root: &Path) -> String {
        let folder = self.folder.strip_prefix(root).unwrap_or(&self.folder);
        Shown(&folder.join(self.pattern())).to_string()
    }
}

/// A folder of aligned sequences, one a modality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    /// The folder that was checked.
    pub folder: PathBuf,
    /// The sequences, color first.
    pub sequences: BTreeMap<Modality, Sequence>,
    /// Modalities found under another name than their own, and that name (`color`, `beauty`).
    pub aliases: Vec<(Modality, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_print_as_artists_say_them() {
        for (numbers, expected) in [
            (&[1001, 1002, 1003][..], "1001-1003"),
            (&[1, 3, 5, 9], "1-9 step 2"),
            (&[7], "7"),
            (&[1, 5], "1, 5"),
            (&[0, u64::MAX], "0, 18446744073709551615"),
        ] {
            let range = FrameRange::spanning(numbers.iter().copied());
            assert_eq!(range.map(|r| r.to_string()).as_deref(), Some(expected));
        }
        assert_eq!(FrameRange::spanning([]), None);
        assert_eq!(FrameRange::new(1, 120, 1).len(), 120);
        assert_eq!(FrameRange::new(0, u64::MAX, 1).len(), u64::MAX);
    }

    #[test]
    fn gaps_are_numbers_missing_on_the_grid() {
        for (numbers, step, text, count) in [
            (&[1, 2, 4, 10][..], 1, "3, 5-9", 6),
            (&[1, 3, 9, 11], 2, "5, 7", 2),
            (&[1, 3, 13], 2, "5-11 step 2", 4),
            (&[1, 2, 3], 1, "", 0),
            (&[1, u64::MAX], 1, "2-18446744073709551614", u64::MAX - 2),
        ] {
            let gaps = FrameNumbers::gaps(numbers.iter().copied(), step);
            assert_eq!((gaps.to_string().as_str(), gaps.len()), (text, count));
        }
    }

    #[test]
    fn many_ranges_are_counted_rather_than_printed() {
        let odd = FrameNumbers::collect((0..100).map(|n| 10 * n), 1);
        assert_eq!(
            odd.to_string(),
            "0, 10, 20, 30, 40, 50, 60, 70 ... (100 in all)"
        );
    }

    #[test]
    fn padding_is_told_from_the_digits_written() {
        for (written, expected) in [
            (&[(1, 4), (2, 4)][..], Padding::Fixed(4)),
            (&[(9999, 4), (10_000, 5)], Padding::Fixed(4)),
            (&[(9, 1), (10, 2)], Padding::None),
            (&[(1, 2), (2, 1)], Padding::Mixed),
            (&[(0, 1)], Padding::None),
        ] {
            assert_eq!(
                Padding::of(written.iter().copied()),
                expected,
                "{written:?}"
            );
        }
    }
}
