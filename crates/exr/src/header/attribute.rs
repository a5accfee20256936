//! Attributes: name, type and value.

use super::Window;

/// An attribute of a part.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of an attribute. Types that say nothing about a control are kept by name and size.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AttributeValue {
    /// `string`.
    Text(String),
    /// `stringvector`.
    Texts(Vec<String>),
    /// `int`.
    Int(i32),
    /// `float`, or `double` rounded.
    Float(f32),
    /// `rational`: numerator and denominator.
    Rational(i32, u32),
    /// `v2i`, `v3i`.
    Ints(Vec<i32>),
    /// `v2f`, `v3f`, `m33f`, `m44f`: matrices row by row.
    Floats(Vec<f32>),
    /// `box2i`.
    Window(Window),
    /// `chromaticities`.
    Chromaticities(Chromaticities),
    /// Any other type, or a value that does not fit its type.
    Other {
        /// Name of the type.
        type_name: String,
        /// Size of the value in bytes.
        bytes: usize,
    },
}

/// CIE x and y of the primaries and the white point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chromaticities {
    /// Red primary.
    pub red: (f32, f32),
    /// Green primary.
    pub green: (f32, f32),
    /// Blue primary.
    pub blue: (f32, f32),
    /// White point.
    pub white: (f32, f32),
}

impl AttributeValue {
    /// Reads a value of the named type.
    pub(crate) fn decode(type_name: &str, bytes: &[u8]) -> Self {
        Self::known(type_name, bytes).unwrap_or_else(|| Self::Other {
            type_name: type_name.to_owned(),
            bytes: bytes.len(),
        })
    }

    fn known(type_name: &str, bytes: &[u8]) -> Option<Self> {
        let count = |wanted: usize| (bytes.len() == wanted * 4).then_some(());
        Some(match type_name {
            "string" => Self::Text(text(bytes)),
            "stringvector" => Self::Texts(texts(bytes)?),
            "int" => {
                count(1)?;
                Self::Int(ints(bytes).next()?)
            }
            "float" => {
                count(1)?;
                Self::Float(floats(bytes).next()?)
            }
            "double" => Self::Float(f64::from_le_bytes(bytes.try_into().ok()?) as f32),
            "rational" => {
                count(2)?;
                let mut both = ints(bytes);
                Self::Rational(both.next()?, both.next()?.cast_unsigned())
            }
            "v2i" | "v3i" => Self::Ints(ints(bytes).collect()),
            "v2f" | "v3f" | "m33f" | "m44f" => Self::Floats(floats(bytes).collect()),
            "box2i" => Self::Window(window(bytes)?),
            "chromaticities" => {
                count(8)?;
                let v: Vec<f32> = floats(bytes).collect();
                let [rx, ry, gx, gy, bx, by, wx, wy] = v[..] else {
                    return None;
                };
                Self::Chromaticities(Chromaticities {
                    red: (rx, ry),
                    green: (gx, gy),
                    blue: (bx, by),
                    white: (wx, wy),
                })
            }
            _ => return None,
        })
    }
}

/// Text of an attribute. Writers differ in whether they end it with a zero byte; old ones use Latin 1.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Most texts of one attribute: each costs more memory than it may have bytes.
const TEXTS: usize = 65_536;

fn texts(mut bytes: &[u8]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        if found.len() == TEXTS {
            return None;
        }
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_le_bytes(*length)).ok()?;
        found.push(text(rest.get(..length)?));
        bytes = &rest[length..];
    }
    Some(found)
}

pub(crate) fn window(bytes: &[u8]) -> Option<Window> {
    if bytes.len() != 16 {
        return None;
    }
    let v: Vec<i32> = ints(bytes).collect();
    let [left, top, right, bottom] = v[..] else {
        return None;
    };
    Some(Window {
        min: (left, top),
        max: (right, bottom),
    })
}

fn ints(bytes: &[u8]) -> impl Iterator<Item = i32> + '_ {
    bytes
        .chunks_exact(4)
        .filter_map(|four| four.try_into().ok())
        .map(i32::from_le_bytes)
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes
        .chunks_exact(4)
        .filter_map(|four| four.try_into().ok())
        .map(f32::from_le_bytes)
}
