//! Reading a file name: where its frame number is, and which modality its words name.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use cosmos_core::modality::Modality;

/// A file name taken apart around its frame number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrameName<'a> {
    /// What stands before the number, separator included.
    pub head: &'a [u8],
    /// The frame number.
    pub number: u64,
    /// The digits it is written with.
    pub digits: usize,
    /// What stands between the number and the extension, mostly nothing.
    pub suffix: &'a [u8],
    /// The extension without its dot, in lower case; empty without one.
    pub extension: String,
}

/// Takes `name` apart. The frame number is the last group of digits in the stem, with or without a separator
/// before it. `None` without one, or when it exceeds a `u64`.
pub(super) fn parse(name: &OsStr) -> Option<FrameName<'_>> {
    let (stem, extension) = split_extension(name);
    let end = stem.iter().rposition(u8::is_ascii_digit)? + 1;
    let (numbered, suffix) = stem.split_at(end);
    let start = numbered
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |last| last + 1);
    let (head, digits) = numbered.split_at(start);
    Some(FrameName {
        head,
        number: std::str::from_utf8(digits).ok()?.parse().ok()?,
        digits: digits.len(),
        suffix,
        extension,
    })
}

/// The stem, and the lower-case extension after the last dot. A dot in front makes no extension.
pub(super) fn split_extension(name: &OsStr) -> (&[u8], String) {
    let bytes = name.as_encoded_bytes();
    match bytes.iter().rposition(|&byte| byte == b'.') {
        None | Some(0) => (bytes, String::new()),
        Some(dot) => {
            let (stem, extension) = bytes.split_at(dot);
            let extension = String::from_utf8_lossy(extension.get(1..).unwrap_or_default());
            (stem, extension.to_lowercase())
        }
    }
}

/// Names that operating systems and file managers leave behind, and hidden files.
pub(super) fn is_ignored(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
        || ["thumbs.db", "desktop.ini", "@eadir", "__macosx"]
            .iter()
            .any(|junk| name.eq_ignore_ascii_case(junk))
}

/// How surely a name tells its modality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Only by a word that renderers also use for anything else (`final`, `image`).
    Vague,
    /// By one of several words.
    Word,
    /// The name is nothing but the modality's name or alias.
    Whole,
}

/// Aliases of color that also stand in the names of other passes (`depth_final`), and so only count when no
/// other word names a modality.
const VAGUE_WORDS: [&str; 2] = ["final", "image"];

/// The last word in `text` that names a modality, and the modality. Words end at anything but a letter, and
/// at a change of case (`BeautyDepth`).
pub(super) fn find_modality(text: &str) -> Option<(Modality, String, Certainty)> {
    let certainty = |word: &str| {
        if VAGUE_WORDS.contains(&word) {
            Certainty::Vague
        } else if word.chars().count() == text.chars().count() {
            Certainty::Whole
        } else {
            Certainty::Word
        }
    };
    let mut candidates = Vec::new();
    for chunk in text.split(|c: char| !c.is_alphabetic()) {
        let words = camel_words(chunk);
        // The whole chunk comes last, so that `IndexOB` is found before its parts are.
        for word in words.into_iter().chain([chunk]) {
            if let Some(modality) = Modality::from_word(word) {
                let word = word.to_lowercase();
                let certainty = certainty(&word);
                candidates.push((modality, word, certainty));
            }
        }
    }
    let certain = candidates
        .iter()
        .rposition(|(_, _, certainty)| *certainty > Certainty::Vague);
    match certain {
        Some(index) => Some(candidates.swap_remove(index)),
        None => candidates.pop(),
    }
}

/// The modality that a sequence or folder of this name most likely holds, and the word that says so.
#[must_use]
pub fn modality_in_name(name: &str) -> Option<(Modality, String)> {
    find_modality(name).map(|(modality, word, _)| (modality, word))
}

/// The words of `ObjectID` (`Object`, `ID`) and `RGBDepth` (`RGB`, `Depth`).
fn camel_words(chunk: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = chunk.char_indices().collect();
    let mut words = Vec::new();
    let mut start = 0;
    for (index, window) in letters.windows(2).enumerate() {
        let [(_, left), (at, right)] = *window else {
            continue;
        };
        let next_is_lower = letters
            .get(index + 2)
            .is_some_and(|(_, next)| next.is_lowercase());
        if right.is_uppercase() && (left.is_lowercase() || next_is_lower) {
            words.extend(chunk.get(start..at));
            start = at;
        }
    }
    words.extend(chunk.get(start..));
    words
}

/// A path or name as messages print it: bytes that are not UTF-8 replaced, control characters escaped, so
/// that a newline in a file name cannot forge a line of output.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0.to_string_lossy()))
    }
}

/// `text` with control characters written as escapes.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_digits_of_the_stem_are_the_frame_number() {
        for (name, head, number, digits, suffix, extension) in [
            ("color.0001.png", "color.", 1, 4, "", "png"),
            (
                "shot010_beauty.1001.PNG",
                "shot010_beauty.",
                1001,
                4,
                "",
                "png",
            ),
            ("render0001.png", "render", 1, 4, "", "png"),
            ("0001.png", "", 1, 4, "", "png"),
            ("frame-9.jpg", "frame-", 9, 1, "", "jpg"),
            ("f_10000.tif", "f_", 10_000, 5, "", "tif"),
            ("0007_depth.png", "", 7, 4, "_depth", "png"),
            ("été 雪 0003.webp", "été 雪 ", 3, 4, "", "webp"),
            ("a\n\"b'2.png", "a\n\"b'", 2, 1, "", "png"),
            ("00000000000000000000000005.bmp", "", 5, 26, "", "bmp"),
            ("x18446744073709551615.png", "x", u64::MAX, 20, "", "png"),
        ] {
            let expected = FrameName {
                head: head.as_bytes(),
                number,
                digits,
                suffix: suffix.as_bytes(),
                extension: extension.to_owned(),
            };
            assert_eq!(parse(OsStr::new(name)), Some(expected), "{name}");
        }
        for name in [
            "color.png",
            "x18446744073709551616.png",
            "color.0001",
            ".5",
            "",
            ".",
        ] {
            let number = parse(OsStr::new(name)).map(|frame| (frame.number, frame.extension));
            assert!(
                number
                    .as_ref()
                    .is_none_or(|(_, extension)| extension.is_empty()),
                "{name}: {number:?}"
            );
        }
    }

    #[test]
    fn the_last_telling_word_names_the_modality() {
        for (text, expected) in [
            ("color.", Some((Modality::Color, "color", Certainty::Word))),
            ("color", Some((Modality::Color, "color", Certainty::Whole))),
            (
                "shot010_beauty",
                Some((Modality::Color, "beauty", Certainty::Word)),
            ),
            (
                "beauty_depth",
                Some((Modality::Depth, "depth", Certainty::Word)),
            ),
            (
                "BeautyDepth",
                Some((Modality::Depth, "depth", Certainty::Word)),
            ),
            (
                "RGBDepth",
                Some((Modality::Depth, "depth", Certainty::Word)),
            ),
            ("depthRGB", Some((Modality::Color, "rgb", Certainty::Word))),
            (
                "ViewLayer_IndexOB",
                Some((Modality::Segmentation, "indexob", Certainty::Word)),
            ),
            (
                "depth_final_v02",
                Some((Modality::Depth, "depth", Certainty::Word)),
            ),
            ("Image", Some((Modality::Color, "image", Certainty::Vague))),
            ("Z", Some((Modality::Depth, "z", Certainty::Whole))),
            ("city normals", None),
            ("zebra_colorful", None),
            ("", None),
        ] {
            let expected = expected.map(|(m, word, c)| (m, word.to_owned(), c));
            assert_eq!(find_modality(text), expected, "{text}");
        }
    }

    #[test]
    fn a_newline_in_a_name_cannot_forge_a_line() {
        let shown = Shown(Path::new("a\nerror: b\u{1b}[31m é")).to_string();
        assert_eq!(shown, "a\\nerror: b\\u{1b}[31m é");
    }

    proptest! {
        #[test]
        fn any_name_is_taken_apart_without_loss(head in "\\PC{0,12}", number: u64, zeros in 0_usize..6) {
            prop_assume!(!head.ends_with(|c: char| c.is_ascii_digit()) && !head.starts_with('.'));
            let digits = format!("{}{number}", "0".repeat(zeros));
            let name = format!("{head}{digits}.png");
            let parsed = parse(OsStr::new(&name)).expect("it has a number");
            prop_assert_eq!(parsed.head, head.as_bytes());
            prop_assert_eq!(parsed.number, number);
            prop_assert_eq!(parsed.digits, digits.len());
            prop_assert_eq!(parsed.extension, "png");
        }

        #[test]
        fn no_text_upsets_the_parsers(text in "\\PC*") {
            let _ = parse(OsStr::new(&text));
            let _ = find_modality(&text);
            prop_assert!(!escaped(&text).contains('\n'));
        }

        #[cfg(unix)]
        #[test]
        fn no_bytes_upset_the_parser(bytes: Vec<u8>) {
            use std::os::unix::ffi::OsStrExt;
            if let Some(parsed) = parse(OsStr::from_bytes(&bytes)) {
                prop_assert!(parsed.digits > 0);
            }
        }
    }
}
