//! Names for shots: short ones made from a description, and safe ones made from what a user typed.
//!
//! Both give a single file name part that is valid on Linux, macOS and Windows. Refuses only a user's name of
//! which nothing usable is left.

use std::collections::HashSet;

use deunicode::deunicode_with_tofu;

/// The name of a shot whose description holds no word.
const FALLBACK: &str = "scene";

/// Characters of a description that are read; a name is made from its first words anyway.
const MAX_READ: usize = 10_000;

/// The longest result of [`sanitize`] in bytes. File systems take 255, and folders get a time stamp and
/// temporary files an ending on top.
pub const MAX_NAME_BYTES: usize = 128;

/// How much a word tells about a shot, most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Things, places and what sets them apart.
    Subject,
    /// What things do, and how: `running` in "running through", `slowly`, everything in "with ...".
    Detail,
    /// Praise and craft that fit any shot: `beautiful`, `cinematic`, `driving`.
    Filler,
    /// Words of grammar: `the`, `over`.
    Grammar,
}

/// Articles, pronouns, auxiliaries, conjunctions and numberless quantities, sorted.
const GRAMMAR: &[&str] = &[
    "a", "all", "also", "am", "an", "and", "another", "any", "are", "as", "be", "been", "being",
    "both", "but", "by", "can", "could", "did", "do", "does", "each", "for", "from", "had", "has",
    "have", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "is", "it", "its", "just",
    "like", "many", "me", "more", "most", "much", "my", "no", "nor", "not", "of", "or", "other",
    "our", "s", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "too", "up", "us", "very", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "whose", "will", "would", "you",
    "your",
];

/// Prepositions that lead to a place, and so back from a side remark to the subject, sorted.
const PLACE: &[&str] = &[
    "above",
    "across",
    "after",
    "against",
    "along",
    "among",
    "around",
    "at",
    "before",
    "behind",
    "below",
    "beneath",
    "beside",
    "between",
    "beyond",
    "down",
    "during",
    "in",
    "inside",
    "into",
    "near",
    "off",
    "on",
    "onto",
    "out",
    "outside",
    "over",
    "past",
    "through",
    "throughout",
    "to",
    "toward",
    "towards",
    "under",
    "underneath",
    "until",
    "upon",
    "via",
    "within",
];

/// Words that open a side remark, sorted.
const ASIDE: &[&str] = &[
    "containing",
    "featuring",
    "having",
    "including",
    "showing",
    "using",
    "wearing",
    "with",
    "without",
];

/// Praise, craft and verbs that fit any shot, sorted.
const FILLER: &[&str] = &[
    "4k",
    "8k",
    "amazing",
    "artistic",
    "atmospheric",
    "awesome",
    "beautiful",
    "beautifully",
    "breathtaking",
    "camera",
    "cinematic",
    "clip",
    "cool",
    "detailed",
    "dramatic",
    "dramatically",
    "driving",
    "epic",
    "excellent",
    "extremely",
    "fantastic",
    "footage",
    "frame",
    "going",
    "good",
    "gorgeous",
    "great",
    "hd",
    "high",
    "highly",
    "hyper",
    "image",
    "impressive",
    "incredible",
    "incredibly",
    "interesting",
    "looking",
    "lovely",
    "magnificent",
    "majestic",
    "masterpiece",
    "moving",
    "nice",
    "perfect",
    "photo",
    "photograph",
    "photorealistic",
    "picture",
    "pretty",
    "professional",
    "quality",
    "realistic",
    "really",
    "render",
    "rendering",
    "resolution",
    "scene",
    "seen",
    "sequence",
    "shot",
    "sitting",
    "spectacular",
    "standing",
    "striking",
    "stunning",
    "stylish",
    "super",
    "taken",
    "tones",
    "uhd",
    "ultra",
    "unreal",
    "vfx",
    "video",
    "view",
    "visible",
    "visual",
    "walking",
    "wonderful",
];

/// Nouns that end like an adverb, sorted.
const NOUNS_IN_LY: &[&str] = &[
    "anomaly",
    "assembly",
    "butterfly",
    "dragonfly",
    "family",
    "firefly",
    "italy",
    "monopoly",
];

/// A word of a description, or a compound of several joined by hyphens, as it would stand in a name.
struct Word {
    text: String,
    weight: Weight,
}

/// A short file name for what `text` describes: lower case ASCII words joined by `_`, never longer than
/// `max_length` bytes, never empty, and never a name that Windows keeps for a device. A `max_length` of 0 is
/// taken as 1.
///
/// Words are chosen by what they tell: first the things and places and what sets them apart; then, if there is
/// room, what things do ("running through ..."), adverbs, and side remarks ("with ..." up to the next place or
/// punctuation). Articles, prepositions and words that fit any shot ("beautiful", "cinematic", "driving") are
/// left out as long as there is anything else. Chosen words keep their order; those that do not fit whole are
/// passed over; only when not even one fits is the first cut. Text in other scripts is transliterated.
///
/// ```
/// use cosmos_core::naming::generate_smart_name;
///
/// assert_eq!(generate_smart_name("A beautiful sunset over the ocean with waves", 20), "sunset_ocean_waves");
/// assert_eq!(generate_smart_name("a modern staircase with dramatic lighting", 20), "modern_staircase");
/// ```
#[must_use]
pub fn generate_smart_name(text: &str, max_length: usize) -> String {
    let max_length = max_length.max(1);
    let words = weigh(text);
    let telling = words.iter().map(|word| word.weight).min();
    // Details may join the subject; filler and grammar stand in only for want of anything better.
    let heaviest = telling.map(|weight| weight.max(Weight::Detail));
    let mut candidates: Vec<(usize, &Word)> = words.iter().enumerate().collect();
    candidates.retain(|(_, word)| Some(word.weight) <= heaviest);
    candidates.sort_by_key(|(_, word)| word.weight);

    let mut room = max_length;
    let mut chosen: Vec<(usize, &str)> = Vec::new();
    for (index, word) in &candidates {
        let needed = word.text.len() + usize::from(!chosen.is_empty());
        if let Some(left) = room.checked_sub(needed) {
            room = left;
            chosen.push((*index, &word.text));
        }
    }
    chosen.sort_unstable();
    let mut name = chosen
        .iter()
        .map(|(_, word)| *word)
        .collect::<Vec<_>>()
        .join("_");
    if name.is_empty() {
        let too_long = candidates.first().map_or(FALLBACK, |(_, word)| &word.text);
        name = too_long.chars().take(max_length).collect();
    }
    let name = name.trim_end_matches('_');
    if !is_reserved_on_windows(name) {
        name.to_owned()
    } else if FALLBACK.len() + 1 + name.len() <= max_length {
        format!("{FALLBACK}_{name}")
    } else {
        name.chars().take(name.len() - 1).collect()
    }
}

/// What folders are called whatever they hold, sorted.
const ANY_FOLDER: &[&str] = &[
    "anim",
    "animation",
    "aov",
    "aovs",
    "beauty",
    "blend",
    "blender",
    "cache",
    "cam",
    "camera",
    "color",
    "comp",
    "composite",
    "cosmos",
    "cycles",
    "data",
    "depth",
    "desktop",
    "documents",
    "downloads",
    "edge",
    "eevee",
    "export",
    "exports",
    "exr",
    "final",
    "folder",
    "frame",
    "frames",
    "hip",
    "houdini",
    "image",
    "images",
    "img",
    "input",
    "inputs",
    "jpg",
    "karma",
    "layer",
    "layers",
    "main",
    "mantra",
    "master",
    "new",
    "out",
    "output",
    "outputs",
    "pass",
    "passes",
    "pictures",
    "png",
    "preview",
    "proj",
    "project",
    "projects",
    "render",
    "rendered",
    "renders",
    "rgb",
    "rgba",
    "scene",
    "segmentation",
    "seq",
    "sequence",
    "shot",
    "shots",
    "take",
    "temp",
    "test",
    "tests",
    "tmp",
    "untitled",
    "version",
    "video",
    "videos",
    "vis",
    "wip",
    "work",
];

/// Whether a folder's or a file's name says what it holds: whether there is a word in it, of at least three letters,
/// other than those that folders are called whatever they hold (`renders`, `shot010`, `v002`).
///
/// ```
/// use cosmos_core::naming::says_something;
///
/// assert!(says_something("sh010_kitchen"));
/// assert!(!says_something("shot010_final_v2"));
/// ```
#[must_use]
pub fn says_something(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() >= 3 && ANY_FOLDER.binary_search(&word).is_err())
}

/// The words of `text`, each once, in order.
fn weigh(text: &str) -> Vec<Word> {
    let head = match text.char_indices().nth(MAX_READ) {
        // The word that the limit cuts is not whole, so it is left out.
        Some((end, _)) => {
            let head = text.get(..end).unwrap_or(text);
            head.rsplit_once(char::is_whitespace)
                .map_or(head, |(whole, _)| whole)
        }
        None => text,
    };
    let ascii = deunicode_with_tofu(head, " ").to_ascii_lowercase();
    let tokens: Vec<&str> = ascii.split_whitespace().collect();
    let mut seen = HashSet::new();
    let mut words = Vec::new();
    let mut aside = false;
    for (index, token) in tokens.iter().enumerate() {
        for piece in
            token.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '\'')
        {
            let core = piece.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let core = core.strip_suffix("'s").unwrap_or(core).replace('\'', "");
            let parts: Vec<&str> = core.split('-').filter(|part| !part.is_empty()).collect();
            let word = parts.join("_");
            if contains(ASIDE, &word) {
                aside = true;
            } else if contains(PLACE, &word) {
                aside = false;
            }
            if !word.is_empty() {
                let leads_to_place = tokens
                    .get(index + 1)
                    .is_some_and(|next| contains(PLACE, next));
                let own = parts
                    .iter()
                    .map(|part| own_weight(part))
                    .min()
                    .unwrap_or(Weight::Grammar);
                let demoted = aside || is_adverb(&word) || (is_participle(&word) && leads_to_place);
                let weight = if demoted {
                    own.max(Weight::Detail)
                } else {
                    own
                };
                if seen.insert(word.clone()) {
                    words.push(Word { text: word, weight });
                }
            }
            aside &= !piece.ends_with([',', '.', ';', ':', '!', '?', '(', ')']);
        }
    }
    words
}

fn own_weight(word: &str) -> Weight {
    if [GRAMMAR, PLACE, ASIDE]
        .iter()
        .any(|list| contains(list, word))
    {
        Weight::Grammar
    } else if contains(FILLER, word) {
        Weight::Filler
    } else {
        Weight::Subject
    }
}

fn is_adverb(word: &str) -> bool {
    word.len() >= 6 && word.ends_with("ly") && !contains(NOUNS_IN_LY, word)
}

/// Whether `word` looks like `running`. Shorter words are rather `king` and `ring`; the few longer nouns among
/// them (`building`) lose little by being taken for verbs.
fn is_participle(word: &str) -> bool {
    word.len() >= 6 && word.ends_with("ing")
}

fn contains(sorted: &[&str], word: &str) -> bool {
    sorted.binary_search(&word).is_ok()
}

/// Whether Windows keeps `name`, or what stands before its first dot, for a device (Microsoft, "Naming Files,
/// Paths, and Namespaces").
fn is_reserved_on_windows(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_lowercase();
    if matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") {
        return true;
    }
    let numbered = stem
        .strip_prefix("com")
        .or_else(|| stem.strip_prefix("lpt"));
    numbered.is_some_and(|port| {
        let mut chars = port.chars();
        matches!(
            (chars.next(), chars.next()),
            (Some('0'..='9' | '¹' | '²' | '³'), None)
        )
    })
}

/// What a safe name neither starts nor ends with.
const ENDS: [char; 3] = ['.', '-', '_'];

/// A user's name holds nothing that a file name can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name {name:?} holds nothing that can name a folder: expected letters or digits")]
pub struct UnusableName {
    /// What was given.
    pub name: String,
}

/// A name that a user chose, made safe as one part of a path: it cannot leave its folder, pass for an option or
/// a hidden file, or be refused by Windows.
///
/// Case and letters of every script are kept, and so are `-`, `_`, single dots and other visible characters
/// beyond ASCII. Everything else (spaces, separators, quotes, punctuation, control characters) becomes `_`, one
/// for a run of them; invisible formatting characters are dropped. Dots, dashes and `_` at either end go, and
/// what exceeds [`MAX_NAME_BYTES`] is cut. Sanitizing twice changes nothing more.
///
/// # Errors
///
/// [`UnusableName`] if nothing is left.
pub fn sanitize(name: &str) -> Result<String, UnusableName> {
    let mut safe = String::new();
    for c in name.chars().filter(|&c| !is_invisible(c)) {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') || is_visible_beyond_ascii(c)
        {
            c
        } else {
            '_'
        };
        if !(matches!(c, '_' | '.') && safe.ends_with(c)) {
            safe.push(c);
        }
    }
    let safe = cut(safe.trim_start_matches(ENDS));
    if safe.is_empty() {
        Err(UnusableName {
            name: name.to_owned(),
        })
    } else if is_reserved_on_windows(safe) {
        Ok(cut(&format!("{FALLBACK}_{safe}")).to_owned())
    } else {
        Ok(safe.to_owned())
    }
}

/// The head of `name` that is no longer than [`MAX_NAME_BYTES`] and ends well.
fn cut(name: &str) -> &str {
    let end = (0..=MAX_NAME_BYTES)
        .rev()
        .find(|&end| name.is_char_boundary(end));
    let head = end.and_then(|end| name.get(..end)).unwrap_or(name);
    head.trim_end_matches(ENDS)
}

fn is_visible_beyond_ascii(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !c.is_control()
}

/// Characters without a shape of their own that can disguise a name: Unicode's format controls, tags and
/// noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_are_sorted() {
        for list in [GRAMMAR, PLACE, ASIDE, FILLER, NOUNS_IN_LY] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn names_of_realistic_descriptions() {
        for (text, expected) in [
            (
                "A beautiful sunset over the ocean with waves",
                "sunset_ocean_waves",
            ),
            (
                "a modern staircase with dramatic lighting",
                "modern_staircase",
            ),
            ("a red car driving on a highway", "red_car_highway"),
            (
                "Futuristic cyberpunk city with neon lights",
                "futuristic_cyberpunk",
            ),
            ("A horse running through a field", "horse_running_field"),
            (
                "a house with a red door in a snowy forest",
                "house_snowy_forest",
            ),
            (
                "Cinematic shot of an old lighthouse at night, highly detailed, 8k",
                "old_lighthouse_night",
            ),
            (
                "Photorealistic render of a kitchen interior",
                "kitchen_interior",
            ),
            (
                "A detective walking in a rain-soaked alley",
                "detective_alley",
            ),
            ("close-up of a watch", "close_up_watch"),
            (
                "Camera slowly pans across a desert canyon",
                "pans_desert_canyon",
            ),
            ("A dragon's lair", "dragon_lair"),
            ("An astronaut standing on Mars", "astronaut_mars"),
            ("a building on a hill", "building_hill"),
            (
                "The robot, with glowing eyes, enters a cave",
                "robot_enters_cave",
            ),
            (
                "With fireworks in the sky, a castle",
                "fireworks_sky_castle",
            ),
            ("shot_010_beauty", "010_beauty"),
            ("Tokyo street at night, wet asphalt", "tokyo_street_night"),
            ("don't look up", "dont_look"),
            ("A king on an ancient throne", "king_ancient_throne"),
            ("city city City", "city"),
            ("Café in Zürich", "cafe_zurich"),
            ("Kölner Dom", "kolner_dom"),
            ("美丽的日落", "mei_li_de_ri_luo"),
            ("Москва ночью", "moskva_nochiu"),
            // Nothing but filler or grammar is still better than no name.
            ("a beautiful scene", "beautiful_scene"),
            ("over and out", "over_and_out"),
        ] {
            assert_eq!(generate_smart_name(text, 20), expected, "{text}");
        }
    }

    #[test]
    fn hostile_descriptions_still_give_a_name() {
        for (text, max_length, expected) in [
            ("", 20, "scene"),
            ("", 3, "sce"),
            ("", 0, "s"),
            ("ocean", 0, "o"),
            ("ocean", 1, "o"),
            ("... --- '' ///", 20, "scene"),
            ("\u{301}\u{301}", 20, "scene"),
            ("\0\u{7f}\u{202e}", 20, "scene"),
            ("../../etc/passwd", 20, "etc_passwd"),
            ("-rf *", 20, "rf"),
            (
                "supercalifragilisticexpialidocious",
                20,
                "supercalifragilistic",
            ),
            ("supercalifragilisticexpialidocious cat", 20, "cat"),
            ("con", 20, "scene_con"),
            ("NUL", 4, "nu"),
            ("com1", 20, "scene_com1"),
            ("lpt9", 5, "lpt"),
            ("console", 3, "co"),
            ("rain-soaked", 5, "rain"),
        ] {
            assert_eq!(
                generate_smart_name(text, max_length),
                expected,
                "{text:?} {max_length}"
            );
        }
        let long = "é🌊 ".repeat(2_000_000);
        assert_eq!(
            generate_smart_name(&long, 20),
            generate_smart_name("é🌊", 20)
        );
    }

    #[test]
    fn a_users_name_is_kept_as_far_as_it_is_safe() {
        for (name, expected) in [
            ("urban_scene", "urban_scene"),
            ("Shot-010.v2", "Shot-010.v2"),
            ("Zürich Nacht", "Zürich_Nacht"),
            ("東京の夜", "東京の夜"),
            ("हिन्दी", "हिन्दी"),
            ("🔥", "🔥"),
            ("../../etc/passwd", "etc_passwd"),
            ("..\\..\\x", "x"),
            ("/abs", "abs"),
            ("a..b", "a.b"),
            (".hidden", "hidden"),
            ("-rf", "rf"),
            ("a\nb\tc\0d", "a_b_c_d"),
            ("a; rm -rf $HOME", "a_rm_-rf_HOME"),
            ("it's \"quoted\"", "it_s_quoted"),
            ("C:\\renders", "C_renders"),
            ("trailing. ", "trailing"),
            ("gpj\u{202e}4pm", "gpj4pm"),
            ("CON", "scene_CON"),
            ("nul.txt", "scene_nul.txt"),
            ("COM¹", "scene_COM¹"),
            ("console", "console"),
        ] {
            assert_eq!(sanitize(name).as_deref(), Ok(expected), "{name:?}");
        }
        for name in ["", " ", ".", "..", "/", "---", "\u{200b}\u{feff}", "\"'`"] {
            let error = sanitize(name).unwrap_err();
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
        }
        assert_eq!(sanitize(&"ü".repeat(500)).unwrap().len(), MAX_NAME_BYTES);
        assert_eq!(
            sanitize(&format!("CON{}a", "-".repeat(200))).unwrap(),
            "scene_CON"
        );
    }

    fn is_smart_name(name: &str) -> bool {
        !name.is_empty()
            && name.split('_').all(|word| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    }

    proptest! {
        #[test]
        fn any_text_gives_a_valid_name(text in any::<String>(), max_length in 0..64_usize) {
            let name = generate_smart_name(&text, max_length);
            prop_assert!(is_smart_name(&name), "{name}");
            prop_assert!(name.len() <= max_length.max(1), "{name}");
            prop_assert!(!is_reserved_on_windows(&name), "{name}");
            prop_assert_eq!(&name, &generate_smart_name(&text, max_length));
        }

        #[test]
        fn words_are_whole_and_in_order(
            words in prop::collection::vec("[b-z]{2,7}|the|with|on|beautiful|running|con|aux", 1..12),
            max_length in 9..40_usize,
        ) {
            let name = generate_smart_name(&words.join(" "), max_length);
            let mut rest = words.iter();
            let name = name.strip_prefix("scene_").filter(|n| is_reserved_on_windows(n)).unwrap_or(&name);
            prop_assert!(name.split('_').all(|part| rest.any(|word| word == part)), "{name}");
        }

        #[test]
        fn a_sanitized_name_stays_in_its_folder(name in any::<String>(), filler in 0..200_usize) {
            let name = format!("{name}{}{name}", "-".repeat(filler));
            if let Ok(safe) = sanitize(&name) {
                let path = std::path::Path::new(&safe);
                prop_assert_eq!(path.file_name().and_then(|n| n.to_str()), Some(safe.as_str()));
                prop_assert_eq!(path.components().count(), 1);
                prop_assert!(!safe.contains("..") && !safe.contains(['/', '\\', ':']));
                prop_assert!(!safe.starts_with(['.', '-']) && !safe.ends_with(['.', ' ']));
                prop_assert!(!safe.chars().any(char::is_control));
                prop_assert!(!is_reserved_on_windows(&safe));
                prop_assert!(safe.len() <= MAX_NAME_BYTES);
                prop_assert_eq!(sanitize(&safe), Ok(safe.clone()));
            }
        }
    }
}
