//! The values that choose an encoding, as the command line and `config.toml` spell them.

use std::fmt;
use std::str::FromStr;

use cosmos_core::settings::UnknownValue;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An enum whose values have one name each, for `FromStr`, `Display` and serde alike.
macro_rules! named_values {
    (
        $(#[$meta:meta])*
        $name:ident, $what:literal, $expected:literal { $($(#[$value_meta:meta])* $value:ident = $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$value_meta])* #[serde(rename = $text)] $value,)+
        }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// The name, which is also FFmpeg's.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = UnknownValue;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name().eq_ignore_ascii_case(s.trim()))
                    .ok_or_else(|| UnknownValue { text: s.to_owned(), what: $what, expected: $expected })
            }
        }
    };
}

named_values! {
    /// A video codec that Cosmos can read.
    #[derive(Default)]
    Codec, "codec", "h264 or hevc" {
        /// H.264, which every Cosmos release decodes.
        #[default]
        H264 = "h264",
        /// H.265: smaller, slower, and not decoded everywhere.
        Hevc = "hevc",
    }
}

named_values! {
    /// How the encoder stores color.
    #[derive(Default)]
    PixelFormat, "pixel format", "yuv420p or yuv444p" {
        /// A quarter of the color resolution; plays everywhere.
        #[default]
        Yuv420p = "yuv420p",
        /// Full color resolution.
        Yuv444p = "yuv444p",
    }
}

named_values! {
    /// How hard the encoder works. The names are those of x264, which x265 shares.
    #[expect(missing_docs, reason = "the names are x264's and say it all")]
    Preset, "preset",
    "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo" {
        Ultrafast = "ultrafast",
        Superfast = "superfast",
        Veryfast = "veryfast",
        Faster = "faster",
        Fast = "fast",
        Medium = "medium",
        Slow = "slow",
        Slower = "slower",
        Veryslow = "veryslow",
        Placebo = "placebo",
    }
}

/// A constant rate factor: quality from 0 (best) to 51 (worst), the range of 8-bit x264 and of x265.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Crf(u8);

impl Crf {
    /// The worst quality there is.
    pub const MAX: u8 = 51;

    /// The factor `value`, or nothing above [`Crf::MAX`].
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value <= Self::MAX {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The factor `value`, which must not be above [`Crf::MAX`]; that is checked where it is compiled.
    pub(super) const fn literal(value: u8) -> Self {
        assert!(value <= Self::MAX, "a CRF is at most 51");
        Self(value)
    }

    /// The factor as a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// What holds an encoder's quality at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// Constant rate factor: the encoder weighs what the eye would miss.
    Crf(Crf),
    /// Constant quantizer, on the same scale: every part of every frame alike, which needs no analysis first.
    Qp(Crf),
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crf(value) => write!(f, "crf {value}"),
            Self::Qp(value) => write!(f, "qp {value}"),
        }
    }
}

impl From<Crf> for u8 {
    fn from(crf: Crf) -> Self {
        crf.0
    }
}

impl TryFrom<u8> for Crf {
    type Error = UnknownValue;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        value.to_string().parse()
    }
}

impl fmt::Display for Crf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Crf {
    type Err = UnknownValue;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.trim()
            .parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| UnknownValue {
                text: s.to_owned(),
                what: "CRF",
                expected: "a whole number from 0 (best) to 51",
            })
    }
}

/// A setting that is either given or left to what measured best for each modality. Written `auto` or the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Setting<T> {
    /// What measured best.
    #[default]
    Auto,
    /// This, for every modality.
    Fixed(T),
}

impl<T> Setting<T> {
    /// The given value, else `measured`.
    #[must_use]
    pub fn unwrap_or(self, measured: T) -> T {
        match self {
            Self::Auto => measured,
            Self::Fixed(value) => value,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.pad("auto"),
            Self::Fixed(value) => value.fmt(f),
        }
    }
}

impl<T: FromStr> FromStr for Setting<T> {
    type Err = T::Err;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.trim().eq_ignore_ascii_case("auto") {
            Ok(Self::Auto)
        } else {
            s.parse().map(Self::Fixed)
        }
    }
}

impl<T: fmt::Display> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a file may hold for a setting.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Whole(i64),
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match TextOrNumber::deserialize(deserializer)? {
            TextOrNumber::Text(text) => text.parse(),
            TextOrNumber::Whole(number) => number.to_string().parse(),
        }
        .map_err(D::Error::custom)
    }
}

/// An 8-bit color, written `RRGGBB` in hexadecimal digits, with or without `#` before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// Black, the color behind transparent pixels unless another is asked for.
    pub const BLACK: Self = Self([0; 3]);
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        f.pad(&format!("{red:02x}{green:02x}{blue:02x}"))
    }
}

impl FromStr for Rgb {
    type Err = UnknownValue;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let text = s.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        let is_hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()
            .map(|value| {
                let [_, red, green, blue] = value.to_be_bytes();
                Self([red, green, blue])
            })
            .ok_or_else(|| UnknownValue {
                text: s.to_owned(),
                what: "color",
                expected: "six hexadecimal digits RRGGBB, such as 000000 for black",
            })
    }
}

impl Serialize for Rgb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rgb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back_as_they_are_printed() {
        for codec in Codec::ALL {
            assert_eq!(codec.to_string().to_uppercase().parse(), Ok(*codec));
        }
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(Setting::Fixed(*preset)));
        }
        for crf in 0..=Crf::MAX {
            assert_eq!(crf.to_string().parse::<Crf>().map(Crf::get), Ok(crf));
        }
        assert_eq!("Auto".parse(), Ok(Setting::<Crf>::Auto));
        assert_eq!("#Ff8000".parse(), Ok(Rgb([255, 128, 0])));
        assert_eq!(Rgb([255, 128, 0]).to_string(), "ff8000");
    }

    #[test]
    fn what_is_unknown_is_refused_with_what_is_known() {
        for (message, expected) in [
            (
                "av1".parse::<Codec>().unwrap_err().to_string(),
                "h264 or hevc",
            ),
            (
                "yuv422p".parse::<PixelFormat>().unwrap_err().to_string(),
                "yuv420p or yuv444p",
            ),
            (
                "quick".parse::<Setting<Preset>>().unwrap_err().to_string(),
                "veryfast",
            ),
            (
                "52".parse::<Crf>().unwrap_err().to_string(),
                "0 (best) to 51",
            ),
            (
                "-1".parse::<Crf>().unwrap_err().to_string(),
                "0 (best) to 51",
            ),
            (
                "300".parse::<Crf>().unwrap_err().to_string(),
                "0 (best) to 51",
            ),
            (
                "18.5".parse::<Crf>().unwrap_err().to_string(),
                "0 (best) to 51",
            ),
            ("black".parse::<Rgb>().unwrap_err().to_string(), "RRGGBB"),
            ("+00000".parse::<Rgb>().unwrap_err().to_string(), "RRGGBB"),
            ("éé00".parse::<Rgb>().unwrap_err().to_string(), "RRGGBB"),
        ] {
            assert!(message.contains(expected), "{message}");
        }
    }
}
