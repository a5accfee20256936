//! Exact frame rates: what artists type, as the fraction a muxer needs.
//!
//! Refuses anything outside 1/60 to 1000 frames a second, where a slip of the finger is likelier than a wish.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// The shortest rate taken: one frame a minute.
const SLOWEST: (u32, u32) = (1, 60);
/// The highest rate taken, in frames a second.
const FASTEST: u32 = 1000;
/// The whole rates that cameras and renderers slow down to NTSC's 1000/1001.
const NTSC_NOMINAL: [u64; 7] = [24, 30, 48, 60, 96, 120, 240];
/// Decimals beyond this many carry only the noise of a binary floating-point number.
const MAX_DECIMALS: usize = 6;

/// A frame rate as a reduced fraction of frames a second, from 1/60 to 1000.
///
/// Reads whole numbers (`24`), decimals (`12.5`), fractions (`24000/1001`) and the names by which the NTSC
/// rates are known: `23.976`, `23.98`, `29.97`, `59.94` and the like become 1000/1001 of the whole
/// rate they stand for (24, 30, 48, 60, 96, 120 or 240), whether rounded or cut short. Decimals are read to six places.
///
/// ```
/// use cosmos_core::frame_rate::FrameRate;
///
/// let rate: FrameRate = "23.976".parse()?;
/// assert_eq!((rate.num(), rate.den()), (24000, 1001));
/// assert_eq!(rate.to_string(), "24000/1001");
/// # Ok::<(), cosmos_core::frame_rate::FrameRateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameRate {
    num: u32,
    den: u32,
}

impl FrameRate {
    /// 24 frames a second, the default of every command and of the Cosmos models.
    pub const FILM: Self = Self { num: 24, den: 1 };

    /// `num / den` frames a second, reduced.
    ///
    /// # Errors
    ///
    /// [`FrameRateError::OutOfRange`] below 1/60 and above 1000, and for a zero `den`.
    pub fn new(num: u32, den: u32) -> Result<Self, FrameRateError> {
        Self::reduce(u64::from(num), u64::from(den)).ok_or_else(|| FrameRateError::OutOfRange {
            text: format!("{num}/{den}"),
        })
    }

    /// `num / den` in lowest terms, if it is in range and its terms fit.
    fn reduce(num: u64, den: u64) -> Option<Self> {
        let (slow_num, slow_den) = (u64::from(SLOWEST.0), u64::from(SLOWEST.1));
        let in_range = den != 0
            && num.checked_mul(slow_den)? >= den.checked_mul(slow_num)?
            && num <= den.checked_mul(u64::from(FASTEST))?;
        let divisor = gcd(num, den);
        // Video files hold both terms as signed 32-bit numbers.
        let term = |term: u64| {
            i32::try_from(term.checked_div(divisor)?)
                .ok()?
                .try_into()
                .ok()
        };
        in_range.then_some(Self {
            num: term(num)?,
            den: term(den)?,
        })
    }

    /// The numerator of the reduced fraction.
    #[must_use]
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator of the reduced fraction; never zero.
    #[must_use]
    pub const fn den(self) -> u32 {
        self.den
    }

    /// The rate cut, not rounded, to a whole number of frames a second; at least 1.
    #[must_use]
    pub fn cut_to_whole(self) -> u32 {
        (self.num / self.den).max(1)
    }

    /// Frames a second, rounded to the nearest `f64`.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// Whether the rate is no whole number of frames a second. Cosmos cuts such a rate (23.976 becomes 23).
    #[must_use]
    pub const fn is_fractional(self) -> bool {
        self.den != 1
    }
}

impl Default for FrameRate {
    fn default() -> Self {
        Self::FILM
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_fractional() {
            f.pad(&format!("{}/{}", self.num, self.den))
        } else {
            f.pad(&self.num.to_string())
        }
    }
}

/// The text or number is not a frame rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameRateError {
    /// Neither a number nor a fraction.
    #[error(
        "`{text}` is not a frame rate: expected frames a second, such as 24, 23.976 or 24000/1001"
    )]
    NotANumber {
        /// What was given.
        text: String,
    },
    /// A number, but not one that a video plays at.
    #[error(
        "a frame rate of {text} is out of range: expected 1/60 to 1000 frames a second, such as 24"
    )]
    OutOfRange {
        /// What was given.
        text: String,
    },
}

impl FromStr for FrameRate {
    type Err = FrameRateError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let text = s.trim();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (num, den) = parse_ratio(unsigned).ok_or_else(|| FrameRateError::NotANumber {
            text: text.to_owned(),
        })?;
        Some(())
            .filter(|()| unsigned.len() == text.len())
            .and_then(|()| Self::reduce(num, den))
            .ok_or_else(|| FrameRateError::OutOfRange {
                text: text.to_owned(),
            })
    }
}

/// Reads `text` as a fraction or a decimal. Numbers too long for a `u64` come back as the largest one, which
/// is out of range in every position.
fn parse_ratio(text: &str) -> Option<(u64, u64)> {
    match text.split_once('/') {
        Some((num, den)) => Some((parse_digits(num.trim())?, parse_digits(den.trim())?)),
        None => parse_decimal(text),
    }
}

fn parse_digits(text: &str) -> Option<u64> {
    let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn parse_decimal(text: &str) -> Option<(u64, u64)> {
    let Some((whole, decimals)) = text.split_once('.') else {
        return Some((parse_digits(text)?, 1));
    };
    let whole = parse_digits(whole)?;
    parse_digits(decimals)?;
    let places = decimals.len().min(MAX_DECIMALS);
    let scale = 10_u64.pow(u32::try_from(places).ok()?);
    let kept = parse_digits(decimals.get(..places)?)?;
    let round_up = decimals.as_bytes().get(places).is_some_and(|&d| d >= b'5');
    let scaled = whole
        .saturating_mul(scale)
        .saturating_add(kept + u64::from(round_up));
    Some(ntsc(scaled, scale).unwrap_or((scaled, scale)))
}

/// The NTSC rate that `scaled / scale` abbreviates, if any: 1000/1001 of a nominal rate (SMPTE ST 12-1), rounded
/// or cut to the places given. One decimal place is too few to tell.
fn ntsc(scaled: u64, scale: u64) -> Option<(u64, u64)> {
    let nominal = scaled.checked_div(scale)?.checked_add(1)?;
    if scale < 100 || !NTSC_NOMINAL.contains(&nominal) {
        return None;
    }
    let exact = nominal * 1000 * scale;
    let (cut, rounded) = (exact / 1001, (exact + 500) / 1001);
    (scaled == cut || scaled == rounded).then_some((nominal * 1000, 1001))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Serialize for FrameRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a file may hold for a frame rate.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Whole(i64),
    Real(f64),
}

impl<'de> Deserialize<'de> for FrameRate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match TextOrNumber::deserialize(deserializer)? {
            TextOrNumber::Text(text) => text.parse(),
            TextOrNumber::Whole(number) => number.to_string().parse(),
            TextOrNumber::Real(number) => number.to_string().parse(),
        }
        .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_as_artists_type_them() {
        for (text, num, den) in [
            ("24", 24, 1),
            (" 24 ", 24, 1),
            ("24.0", 24, 1),
            ("024", 24, 1),
            ("25", 25, 1),
            ("12.5", 25, 2),
            ("0.5", 1, 2),
            ("1/60", 1, 60),
            ("1000", 1000, 1),
            ("23.976", 24000, 1001),
            ("23.98", 24000, 1001),
            ("23.97", 24000, 1001),
            ("23.9760", 24000, 1001),
            ("23.976024", 24000, 1001),
            ("23.976023976023978", 24000, 1001),
            ("29.97", 30000, 1001),
            ("29.970", 30000, 1001),
            ("47.952", 48000, 1001),
            ("47.95", 48000, 1001),
            ("59.94", 60000, 1001),
            ("119.88", 120_000, 1001),
            ("239.76", 240_000, 1001),
            ("335.66", 16783, 50),
            ("24000/1001", 24000, 1001),
            ("48000 / 2002", 24000, 1001),
            ("48/2", 24, 1),
            // Near the NTSC rates, but not them.
            ("23.9", 239, 10),
            ("23.975", 959, 40),
            ("24.97", 2497, 100),
            ("29.95", 599, 20),
        ] {
            let rate: FrameRate = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((rate.num(), rate.den()), (num, den), "{text}");
            assert_eq!(rate.is_fractional(), den != 1);
        }
    }

    #[test]
    fn what_is_no_rate_is_refused_with_an_example_of_one() {
        for text in [
            "", "abc", "nan", "inf", "24fps", "24,5", "1e2", "/", "24/", "/24", ".5", "24.",
            "--24", "+24", "0x18", "２４",
        ] {
            let error = text.parse::<FrameRate>().unwrap_err();
            assert!(
                matches!(error, FrameRateError::NotANumber { .. }),
                "{text}: {error}"
            );
            assert!(
                error
                    .to_string()
                    .contains("such as 24, 23.976 or 24000/1001")
            );
        }
        for text in [
            "0",
            "-1",
            "-24",
            "-0",
            "0.0",
            "0/1",
            "24/0",
            "0/0",
            "1001",
            "1/61",
            "0.0001",
            "99999999999999999999999",
            "1/99999999999999999999999",
            "99999999999999999999999/99999999999999999999999.5",
            "18446744073709551615.9",
            "4294967291/4294967290",
        ] {
            let error = text.parse::<FrameRate>().unwrap_err();
            assert!(error.to_string().contains("expected"), "{text}: {error}");
            assert!(error.to_string().contains(text), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_may_hold_a_number_or_a_text() {
        for (json, expected) in [
            ("24", "24"),
            ("24.0", "24"),
            ("23.976", "24000/1001"),
            ("\"29.97\"", "30000/1001"),
        ] {
            let rate: FrameRate = serde_json::from_str(json).unwrap();
            assert_eq!(rate.to_string(), expected);
        }
        assert_eq!(serde_json::to_string(&FrameRate::FILM).unwrap(), "\"24\"");
        for json in ["0", "-24", "true", "null", "[]", "1e300"] {
            assert!(serde_json::from_str::<FrameRate>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[-0-9./ ]{0,40}") {
            if let Ok(rate) = text.parse::<FrameRate>() {
                prop_assert!(rate.as_f64() >= 1.0 / 60.0 && rate.as_f64() <= 1000.0);
            }
        }

        #[test]
        fn what_is_printed_reads_back(num in 0_u32.., den in 0_u32..) {
            if let Ok(rate) = FrameRate::new(num, den) {
                prop_assert_eq!(rate.to_string().parse(), Ok(rate));
                prop_assert_eq!(u64::from(rate.num()) * u64::from(den), u64::from(num) * u64::from(rate.den()));
            }
        }

        #[test]
        fn every_decimal_is_exact_or_the_ntsc_rate_beside_it(hundredths in 2_u32..=100_000) {
            let rate: FrameRate = format!("{}.{:02}", hundredths / 100, hundredths % 100).parse().unwrap();
            let off = (rate.as_f64() - f64::from(hundredths) / 100.0).abs();
            prop_assert!(off < 1e-9 || (rate.den() == 1001 && off < 0.01));
        }
    }
}
