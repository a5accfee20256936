//! Text on its way to the terminal. Names of files and GPUs, logs and what Docker says come from others, and a
//! terminal obeys what it is shown: it can be made to clear lines, to set the clipboard, to hide text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write, stderr};

/// `text` with every character written out that a terminal would obey, as in `\u{1b}`. Line breaks, tabs and
/// the colors that this program uses stay.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(steers) {
        let (plain, from) = rest.split_at(at);
        shown.push_str(plain);
        let length = color_length(from);
        if length > 0 {
            let (color, after) = from.split_at(length);
            shown.push_str(color);
            rest = after;
            continue;
        }
        let mut characters = from.chars();
        if let Some(character) = characters.next() {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        }
        rest = characters.as_str();
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Whether a terminal does something other than show `character`: control characters, and those that turn the
/// direction of writing around (Unicode Standard Annex 9).
fn steers(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

/// The length of the change of color, weight or slope that `text` begins with; 0 for anything else.
fn color_length(text: &str) -> usize {
    let number = text
        .strip_prefix("\u{1b}[")
        .and_then(|rest| rest.split_once('m'))
        .map(|(number, _)| number)
        .filter(|number| number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit()));
    let is_harmless = |code: u8| matches!(code, 0..=4 | 22..=24 | 31..=37 | 39 | 91..=97);
    match number.and_then(|number| Some((number, number.parse().ok()?))) {
        Some((number, code)) if is_harmless(code) => "\u{1b}[m".len() + number.len(),
        _ => 0,
    }
}

/// Standard error, with everything escaped.
pub struct Escaped;

impl Write for Escaped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        stderr().write_all(shown(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (text, expected) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("\u{1b}]52;c;aGk=\u{7}", "\\u{1b}]52;c;aGk=\\u{7}"),
            ("50%\r100%\u{8}", "50%\\u{d}100%\\u{8}"),
            ("\u{9b}31m\u{202e}gpj", "\\u{9b}31m\\u{202e}gpj"),
            // Concealed, and black on black.
            ("\u{1b}[8mx\u{1b}[30m", "\\u{1b}[8mx\\u{1b}[30m"),
            ("\u{1b}[31;8mx", "\\u{1b}[31;8mx"),
            ("\u{1b}", "\\u{1b}"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn text_and_our_colors_stay() {
        let red = console::style("error:").force_styling(true).bold().red();
        let text = format!("{red} täg\t東\nnext 👩\u{200d}🚀");
        assert_eq!(shown(&text), text);
    }
}
