//! Lists in messages, cut where they would fill the screen.

use std::fmt::Display;

/// Most entries of a list that a message shows.
const SHOWN: usize = 10;

/// The entries of `all`, separated by commas; of many the first few, and how many more there are.
pub fn shown<T: Display>(all: &[T]) -> String {
    let first: Vec<String> = all.iter().take(SHOWN).map(T::to_string).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {} more", first.join(", "), grouped(more)),
    }
}

/// `number` with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_ends_with_the_number_of_what_is_left_out() {
        let numbers = |count: u32| (1..=count).collect::<Vec<_>>();
        assert_eq!(shown(&numbers(0)), "");
        assert_eq!(shown(&numbers(10)), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10");
        assert!(shown(&numbers(11)).ends_with(", 10 and 1 more"));
        assert!(shown(&numbers(100_000)).ends_with(", 10 and 99,990 more"));
        assert!(shown(&numbers(1_000_010)).ends_with(", 10 and 1,000,000 more"));
    }
}
