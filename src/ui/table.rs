//! Tables that fit the terminal: what does not fit is left out or stacked, and no word is broken.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdout};

use comfy_table::{ContentArrangement, presets};
use console::{Term, measure_text_width};

/// A table with a header.
pub struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// The columns that can be done without, the least needed first.
    spare: &'static [&'static str],
}

impl Table {
    /// An empty table. Columns in `spare` are left out where there is no room, the first one first.
    pub fn new<const N: usize>(header: [&'static str; N], spare: &'static [&'static str]) -> Self {
        Self {
            header: header.into(),
            rows: Vec::new(),
            spare,
        }
    }

    /// Adds a row with a cell for each column.
    pub fn add_row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// As wide as it is, unless standard output is a terminal.
    pub fn to_fit(&self) -> String {
        let width = stdout()
            .is_terminal()
            .then(|| usize::from(Term::stdout().size().1));
        self.within(width)
    }

    /// The table in lines of at most `width` columns, if that can be done; of any length without `width`.
    fn within(&self, width: Option<usize>) -> String {
        let mut kept: Vec<usize> = (0..self.header.len()).collect();
        let mut spare = self.spare.iter();
        loop {
            let text = self.of_columns(&kept);
            let widest = text.lines().map(measure_text_width).max().unwrap_or(0);
            if width.is_none_or(|width| widest <= width) {
                return text;
            }
            let Some(name) = spare.next() else {
                return self.stacked();
            };
            kept.retain(|&column| self.header.get(column) != Some(name));
        }
    }

    fn of_columns(&self, kept: &[usize]) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(kept.iter().filter_map(|&column| self.header.get(column)));
        for row in &self.rows {
            table.add_row(kept.iter().filter_map(|&column| row.get(column)));
        }
        table.to_string()
    }

    /// A line for each cell, with an empty one between two rows.
    fn stacked(&self) -> String {
        let label = self.header.iter().map(|name| name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for row in &self.rows {
            if !text.is_empty() {
                text.push('\n');
            }
            for (name, cell) in self.header.iter().zip(row) {
                // Writing to a text does not fail.
                let _ = writeln!(text, "{name:<label$}  {cell}");
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["name", "size", "place"], &["size"]);
        for (name, size, place) in [
            ("color.####.png", "480x270", "renders"),
            ("a.####.png", "64x36", "r"),
        ] {
            table.add_row([name.to_owned(), size.to_owned(), place.to_owned()]);
        }
        table
    }

    fn words(text: &str) -> Vec<&str> {
        let words = text.split_whitespace();
        words
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .collect()
    }

    #[test]
    fn a_table_with_room_has_every_column() {
        for width in [None, Some(80)] {
            let text = table().within(width);
            assert_eq!(
                words(&text),
                [
                    "name",
                    "size",
                    "place",
                    "color.####.png",
                    "480x270",
                    "renders",
                    "a.####.png",
                    "64x36",
                    "r"
                ]
            );
        }
    }

    #[test]
    fn columns_that_can_be_done_without_go_first() {
        let all = table().within(None);
        let width = all.lines().map(measure_text_width).max().unwrap();
        let text = table().within(Some(width - 1));
        assert_eq!(
            words(&text),
            [
                "name",
                "place",
                "color.####.png",
                "renders",
                "a.####.png",
                "r"
            ]
        );
        let is_narrow = |line| measure_text_width(line) < width;
        assert!(text.lines().all(is_narrow), "{text}");
    }

    #[test]
    fn what_fits_in_no_other_way_is_stacked() {
        assert_eq!(
            table().within(Some(22)),
            "name   color.####.png\nsize   480x270\nplace  renders\n\n\
             name   a.####.png\nsize   64x36\nplace  r"
        );
    }
}
