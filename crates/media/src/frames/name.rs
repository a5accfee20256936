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

/// As [`parse`], with the group of digits before the last one as the frame number, where the last one may be
/// something else: a version (`turn 0001_v1.png`) or glued to what follows (`0001_1080p.png`).
pub(super) fn parse_before_suffix(name: &OsStr) -> Option<FrameName<'_>> {
    let (stem, extension) = split_extension(name);
    let last = parse(name)?;
    let start = last.head.len();
    let is_version = match last.head {
        [.., before, b'v' | b'V'] => !before.is_ascii_alphanumeric(),
        _ => false,
    };
    let is_glued = last.suffix.first().is_some_and(u8::is_ascii_alphabetic);
    if !(is_version || is_glued) {
        return None;
    }
    let before = stem.get(..start)?;
    let end = before.iter().rposition(u8::is_ascii_digit)? + 1;
    let (numbered, _) = before.split_at(end);
    let first = numbered
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |last| last + 1);
    let (head, digits) = numbered.split_at(first);
    Some(FrameName {
        head,
        number: std::str::from_utf8(digits).ok()?.parse().ok()?,
        digits: digits.len(),
        suffix: stem.get(end..)?,
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

/// Names that operating systems and file managers leave behind, hidden files, and our own settings of a folder.
pub(super) fn is_ignored(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
        || [
            "thumbs.db",
            "desktop.ini",
            "@eadir",
            "__macosx",
            "cosmos.toml",
        ]
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

/// Aliases of color that also stand in the names of other passes (`depth_final`, `diffuse_albedo`), and so only count
/// when no other word names a modality.
const VAGUE_WORDS: [&str; 5] = ["final", "image", "finalimage", "master", "diffuse"];

/// Whether `word` also stands in the names of other passes.
pub(super) fn is_vague(word: &str) -> bool {
    VAGUE_WORDS.contains(&word)
}

/// Of how many words of `text` the alias `word` is made; 1 if it is not in it.
pub(super) fn words_of_alias(text: &str, word: &str) -> usize {
    let words = words_in_name(text);
    (1..=JOINED)
        .find(|&count| words.windows(count).any(|joined| joined.concat() == word))
        .unwrap_or(1)
}

/// Passes that are no control. Beside one of these words, a vague one names nothing.
const OTHER_PASSES: &[&str] = &[
    "albedo",
    "ambient",
    "ao",
    "bump",
    "caustics",
    "coat",
    "col",
    "dir",
    "direct",
    "emission",
    "emit",
    "env",
    "filter",
    "gi",
    "gloss",
    "glossy",
    "ind",
    "indirect",
    "light",
    "lighting",
    "motion",
    "n",
    "nn",
    "normal",
    "normals",
    "occlusion",
    "p",
    "position",
    "pref",
    "reflection",
    "reflections",
    "refraction",
    "shadow",
    "sheen",
    "specular",
    "sss",
    "transmission",
    "unlit",
    "uv",
    "vector",
    "vectors",
    "velocity",
];

/// Words of a name are joined up to this many, so that `crypto_object` and `Object ID` are known.
const JOINED: usize = 3;

/// The last word in `text` that names a modality, and the modality. Words end at anything but a letter, and
/// at a change of case (`BeautyDepth`); of several joined ones the longest counts.
pub(super) fn find_modality(text: &str) -> Option<(Modality, String, Certainty)> {
    let words = words_in_name(text);
    let is_whole = |word: &str| {
        let ends_in_word = text.ends_with(char::is_alphanumeric);
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        ends_in_word && letters.flat_map(char::to_lowercase).eq(word.chars())
    };
    let ends = (1..=words.len()).rev();
    let candidates = ends.filter_map(|end| {
        let starts = end.saturating_sub(JOINED)..end;
        starts.into_iter().find_map(|start| {
            let word = words.get(start..end)?.concat();
            Modality::from_word(&word).map(|modality| (modality, word))
        })
    });
    let mut vague = None;
    for (modality, word) in candidates {
        if VAGUE_WORDS.contains(&word.as_str()) {
            vague.get_or_insert((modality, word, Certainty::Vague));
        } else if is_whole(&word) {
            return Some((modality, word, Certainty::Whole));
        } else {
            return Some((modality, word, Certainty::Word));
        }
    }
    vague.filter(|_| !is_other_pass(text))
}

/// Whether a word of `text` names a pass that is no control.
pub(super) fn is_other_pass(text: &str) -> bool {
    let words = words_in_name(text);
    words
        .iter()
        .any(|word| OTHER_PASSES.contains(&word.as_str()))
}

/// Words that say how a pass was made or stored, not of which shot it is.
const NO_SHOT: &[&str] = &[
    "aov",
    "aovs",
    "bit",
    "bits",
    "camera",
    "cam",
    "clean",
    "control",
    "controls",
    "data",
    "denoise",
    "denoised",
    "denoising",
    "exr",
    "far",
    "frame",
    "frames",
    "gray",
    "grey",
    "img",
    "imgs",
    "inv",
    "inverse",
    "inverted",
    "jpeg",
    "jpg",
    "layer",
    "layers",
    "linear",
    "main",
    "near",
    "noisy",
    "norm",
    "normalised",
    "normalized",
    "out",
    "output",
    "pass",
    "passes",
    "png",
    "raw",
    "render",
    "renders",
    "rendered",
    "seq",
    "sequence",
    "shaded",
    "tif",
    "tiff",
    "view",
    "viewlayer",
];

/// The words of `text` that tell the shot: neither a modality, nor a version, nor what passes are called.
pub(super) fn shot_words(text: &str) -> Vec<String> {
    let chunks: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|chunk| !chunk.is_empty())
        .collect();
    let named = |chunks: &[&str]| Modality::from_word(&chunks.concat()).is_some();
    let mut words = Vec::new();
    let mut rest = chunks.as_slice();
    while let [first, others @ ..] = rest {
        let joined = (1..=JOINED.min(rest.len()))
            .rev()
            .find(|&count| rest.get(..count).is_some_and(named));
        if let Some(count) = joined {
            rest = rest.get(count..).unwrap_or_default();
            continue;
        }
        rest = others;
        let parts = words_in_name(first);
        let says_pass =
            |word: &String| Modality::from_word(word).is_some() || NO_SHOT.contains(&word.as_str());
        if says_pass(&first.to_lowercase()) {
            continue;
        }
        if is_version(first) || parts.iter().any(says_pass) && !parts.is_empty() {
            words.extend(
                parts
                    .into_iter()
                    .filter(|word| !says_pass(word) && word != "v"),
            );
        } else {
            words.push((*first).to_owned());
        }
    }
    words
}

/// Whether `word` is `v` and a number.
fn is_version(word: &str) -> bool {
    word.strip_prefix(['v', 'V'])
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The modality that a sequence or folder of this name most likely holds, and the word that says so.
#[must_use]
pub fn modality_in_name(name: &str) -> Option<(Modality, String)> {
    find_modality(name).map(|(modality, word, _)| (modality, word))
}

/// The words of a name in lower case: `sh010_ZDepth` has `sh`, `z` and `depth`.
#[must_use]
pub fn words_in_name(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphabetic())
        .filter(|chunk| !chunk.is_empty())
        .flat_map(camel_words)
        .map(str::to_lowercase)
        .collect()
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
            (
                "Object ID",
                Some((Modality::Segmentation, "objectid", Certainty::Whole)),
            ),
            (
                "sh010_crypto_material",
                Some((Modality::Segmentation, "cryptomaterial", Certainty::Word)),
            ),
            (
                "VRayWireColor",
                Some((Modality::Segmentation, "wirecolor", Certainty::Word)),
            ),
            (
                "shaded_seg",
                Some((Modality::Segmentation, "shadedseg", Certainty::Whole)),
            ),
            ("Mist", Some((Modality::Depth, "mist", Certainty::Whole))),
            (
                "Noisy Image",
                Some((Modality::Color, "image", Certainty::Vague)),
            ),
            ("FinalImageMovieRenderQueue_MotionVectors", None),
            (
                "FinalImageMovieRenderQueue_WorldDepth",
                Some((Modality::Depth, "worlddepth", Certainty::Word)),
            ),
            ("diffuse_albedo", None),
            ("N", None),
            ("city normals", None),
            ("zebra_colorful", None),
            ("", None),
        ] {
            let expected = expected.map(|(m, word, c)| (m, word.to_owned(), c));
            assert_eq!(find_modality(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_left_of_a_name_is_the_shot() {
        for (text, expected) in [
            ("shotA_beauty.", "shotA"),
            ("color.", ""),
            ("sh010_ZDepth_v02", "sh010"),
            ("Denoising Depth", ""),
            ("ViewLayer_IndexOB", ""),
            ("city_crypto_object", "city"),
            ("clip_0000/shaded_seg/shaded_seg_", "clip 0000"),
            ("BeautyDepth", ""),
            ("proj_sh010_depth_main_16bit", "proj sh010"),
        ] {
            assert_eq!(shot_words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_suffix_may_have_digits() {
        for (name, expected) in [
            ("turn 0001_v1.png", Some((1, "turn ", "_v1"))),
            ("0012_1080p.png", Some((12, "", "_1080p"))),
            ("sh010_Image0001.png", None),
            ("sh010.0001.png", None),
            ("sh_v003.png", None),
            ("0001.png", None),
        ] {
            let found = parse_before_suffix(OsStr::new(name));
            let found = found.map(|f| (f.number, f.head.to_owned(), f.suffix.to_owned()));
            let expected = expected.map(|(n, head, suffix)| (n, head.into(), suffix.into()));
            assert_eq!(found, expected, "{name}");
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
