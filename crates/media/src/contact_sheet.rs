//! A labelled contact sheet: one row a modality, one column a frame, so that a glance shows whether the
//! modalities are aligned and look as they should.
//!
//! Draws only; which frames to show, their decoding and the file are the caller's.

use font8x8::legacy::BASIC_LEGACY;
use image::{Rgb, RgbImage, imageops};

/// Width and height, in pixels, of the box that a sheet's thumbnails are meant to fit.
pub const THUMBNAIL_BOX: (u32, u32) = (240, 180);

/// Width and height of a character at scale 1.
const GLYPH: u32 = 8;
const MARGIN: u32 = 24;
const GAP: u32 = 8;
/// Space between lines of the title, and under it.
const LEADING: u32 = 10;
/// A sheet of one small column still has room for a title.
const MIN_TITLE_WIDTH: u32 = 400;

// Gray without a tint, so that the colors of the frames are judged against nothing.
const BACKGROUND: Rgb<u8> = Rgb([30; 3]);
const CELL: Rgb<u8> = Rgb([42; 3]);
const TITLE: Rgb<u8> = Rgb([240; 3]);
const LABEL: Rgb<u8> = Rgb([205; 3]);
const HEADING: Rgb<u8> = Rgb([150; 3]);

/// A contact sheet being put together.
#[derive(Clone, Debug)]
pub struct ContactSheet {
    title: Vec<String>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    label: String,
    thumbs: Vec<RgbImage>,
}

impl ContactSheet {
    /// A sheet with one column for each frame number in `columns`. The first line of `title` is the
    /// heading, the lines after it are details. Characters that are not ASCII are spelled out.
    #[must_use]
    pub fn new(title: &str, columns: Vec<u64>) -> Self {
        Self {
            title: title.lines().map(to_ascii).collect(),
            columns: columns.iter().map(u64::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row under the rows so far. `thumbs` are drawn as large as they are, one a column; a column
    /// without one stays empty, and thumbs beyond the last column are left out.
    #[must_use]
    pub fn row(mut self, label: &str, thumbs: Vec<RgbImage>) -> Self {
        self.rows.push(Row {
            label: to_ascii(label),
            thumbs,
        });
        self
    }

    /// Draws the sheet.
    #[must_use]
    pub fn render(&self) -> RgbImage {
        let thumbs = || self.rows.iter().flat_map(|row| &row.thumbs);
        let widest_thumb = thumbs().map(RgbImage::width).max().unwrap_or(1);
        let cell_height = thumbs().map(RgbImage::height).max().unwrap_or(1);

        let widest_heading = widest(self.columns.iter().map(String::as_str));
        let heading_scale = if widest_heading * 2 <= widest_thumb {
            2
        } else {
            1
        };
        let cell_width = widest_thumb.max(widest_heading * heading_scale);
        let row_pitch = cell_height.max(GLYPH * 2) + GAP;

        let labels = self.rows.iter().map(|row| row.label.as_str());
        let label_width = widest(labels.chain([CORNER])) * 2;
        let grid_left = MARGIN + label_width + 2 * GAP;
        let grid_width = self.columns.len() as u32 * (cell_width + GAP);
        let grid_right = (grid_left + grid_width).saturating_sub(GAP);
        let inner_width = grid_right.saturating_sub(MARGIN).max(MIN_TITLE_WIDTH);

        let title: Vec<_> = self
            .title
            .iter()
            .zip([TITLE].into_iter().chain(std::iter::repeat(LABEL)))
            .flat_map(|(line, color)| {
                let (scale, parts) = lay_out_line(line, inner_width);
                parts.into_iter().map(move |part| (part, scale, color))
            })
            .collect();
        let title_height: u32 = title
            .iter()
            .map(|(_, scale, _)| GLYPH * scale + LEADING)
            .sum();
        let headings_top = MARGIN + title_height + 2 * GAP;
        let grid_top = headings_top + GLYPH * heading_scale + GAP;
        let grid_height = (self.rows.len() as u32 * row_pitch).saturating_sub(GAP);

        let (width, height) = (inner_width + 2 * MARGIN, grid_top + grid_height + MARGIN);
        let mut sheet = RgbImage::from_pixel(width, height, BACKGROUND);
        let mut top = MARGIN;
        for (line, scale, color) in &title {
            draw_text(&mut sheet, line, (MARGIN, top), *scale, *color);
            top += GLYPH * scale + LEADING;
        }
        draw_text(
            &mut sheet,
            CORNER,
            (MARGIN, headings_top),
            heading_scale,
            HEADING,
        );
        let column_lefts = || (grid_left..).step_by((cell_width + GAP) as usize);
        for (heading, left) in self.columns.iter().zip(column_lefts()) {
            let inset = centered(text_width(heading) * heading_scale, cell_width);
            draw_text(
                &mut sheet,
                heading,
                (left + inset, headings_top),
                heading_scale,
                HEADING,
            );
        }
        for (row, top) in self
            .rows
            .iter()
            .zip((grid_top..).step_by(row_pitch as usize))
        {
            let text_top = top + centered(GLYPH * 2, row_pitch - GAP);
            draw_text(&mut sheet, &row.label, (MARGIN, text_top), 2, LABEL);
            let mut thumbs = row.thumbs.iter();
            for (_, left) in self.columns.iter().zip(column_lefts()) {
                let cell = RgbImage::from_pixel(cell_width, row_pitch - GAP, CELL);
                imageops::replace(&mut sheet, &cell, left.into(), top.into());
                if let Some(thumb) = thumbs.next() {
                    let x = left + centered(thumb.width(), cell.width());
                    let y = top + centered(thumb.height(), cell.height());
                    imageops::replace(&mut sheet, thumb, x.into(), y.into());
                }
            }
        }
        sheet
    }
}

/// Whether `picture` is a sheet that [`ContactSheet::render`] drew: its margin and its title say so.
#[must_use]
pub fn is_contact_sheet(picture: &RgbImage) -> bool {
    let (width, height) = picture.dimensions();
    let is_margin =
        |x: u32, y: u32| x < MARGIN || y < MARGIN || x >= width - MARGIN || y >= height - MARGIN;
    let is_drawn = |(x, y, pixel): (u32, u32, &Rgb<u8>)| !is_margin(x, y) || *pixel == BACKGROUND;
    let is_title = |(x, y)| picture.get_pixel(x, y) == &TITLE;
    let title = || (MARGIN..MARGIN + 2 * GLYPH).flat_map(|y| (MARGIN..width).map(move |x| (x, y)));
    width >= MIN_TITLE_WIDTH + 2 * MARGIN
        && height >= 2 * MARGIN + 2 * GLYPH
        && picture.enumerate_pixels().all(is_drawn)
        && title().any(is_title)
}

/// What the column headings are.
const CORNER: &str = "frame";

/// Indices of `wanted` out of `count` frames, evenly spaced, the first and the last included; all of them
/// if there are not more. One wanted is the first.
#[must_use]
pub fn evenly_spaced(count: usize, wanted: usize) -> Vec<usize> {
    let shown = count.min(wanted);
    let (last, gaps) = (
        count.saturating_sub(1) as u128,
        shown.saturating_sub(1).max(1) as u128,
    );
    (0..shown as u128)
        .map(|i| ((2 * i * last + gaps) / (2 * gaps)) as usize)
        .collect()
}

fn centered(inner: u32, outer: u32) -> u32 {
    outer.saturating_sub(inner) / 2
}

/// Width of `text` at scale 1.
fn text_width(text: &str) -> u32 {
    text.len() as u32 * GLYPH
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> u32 {
    texts.map(text_width).max().unwrap_or(0)
}

/// `text` in the printable ASCII that the font has.
fn to_ascii(text: &str) -> String {
    deunicode::deunicode_with_tofu(text, "?").replace(|c: char| !matches!(c, ' '..='~'), " ")
}

/// The scale of a title line and the parts it is wrapped into to fit `max_width`: large and whole if it
/// fits so, else small.
fn lay_out_line(line: &str, max_width: u32) -> (u32, Vec<String>) {
    if text_width(line) * 2 <= max_width {
        return (2, vec![line.to_owned()]);
    }
    let max_chars = (max_width / GLYPH).max(1) as usize;
    let mut parts = vec![String::new()];
    for word in line.split_inclusive(' ') {
        for piece in word.as_bytes().chunks(max_chars) {
            let piece = String::from_utf8_lossy(piece);
            let visible = piece.trim_end().len();
            match parts.last_mut() {
                Some(part) if visible == 0 || part.len() + visible <= max_chars => {
                    part.push_str(&piece);
                }
                _ => parts.push(piece.into_owned()),
            }
        }
    }
    (1, parts)
}

fn draw_text(sheet: &mut RgbImage, text: &str, origin: (u32, u32), scale: u32, color: Rgb<u8>) {
    for (byte, left) in text
        .bytes()
        .zip((origin.0..).step_by((GLYPH * scale) as usize))
    {
        let Some(glyph) = BASIC_LEGACY.get(usize::from(byte)) else {
            continue;
        };
        for y in 0..GLYPH * scale {
            for x in 0..GLYPH * scale {
                let lit = glyph[(y / scale) as usize] >> (x / scale) & 1 == 1;
                if let Some(pixel) = sheet.get_pixel_mut_checked(left + x, origin.1 + y)
                    && lit
                {
                    *pixel = color;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(width: u32, height: u32, color: [u8; 3]) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb(color))
    }

    fn count(sheet: &RgbImage, color: Rgb<u8>) -> usize {
        sheet.pixels().filter(|&&p| p == color).count()
    }

    #[test]
    fn frames_are_evenly_spaced_between_first_and_last() {
        for (count, wanted, expected) in [
            (0, 6, vec![]),
            (5, 0, vec![]),
            (1, 6, vec![0]),
            (9, 1, vec![0]),
            (9, 2, vec![0, 8]),
            (4, 6, vec![0, 1, 2, 3]),
            (121, 6, vec![0, 24, 48, 72, 96, 120]),
            (10, 4, vec![0, 3, 6, 9]),
            (usize::MAX, 2, vec![0, usize::MAX - 1]),
        ] {
            assert_eq!(
                evenly_spaced(count, wanted),
                expected,
                "{wanted} of {count}"
            );
        }
    }

    #[test]
    fn every_thumb_is_drawn_whole_in_its_place() {
        let colors = [[250, 0, 0], [0, 250, 0], [0, 0, 250], [250, 250, 0]];
        let sheet = ContactSheet::new("shot", vec![1001, 1120])
            .row(
                "color",
                vec![flat(48, 36, colors[0]), flat(48, 36, colors[1])],
            )
            .row(
                "depth",
                vec![flat(48, 36, colors[2]), flat(48, 30, colors[3])],
            )
            .render();
        let first = colors.map(|color| {
            let at = |p: &(u32, u32, &Rgb<u8>)| p.2.0 == color;
            sheet
                .enumerate_pixels()
                .find(at)
                .map(|(x, y, _)| (x, y))
                .unwrap()
        });
        assert_eq!(
            colors.map(|c| count(&sheet, Rgb(c))),
            [1728, 1728, 1728, 1440]
        );
        let [red, green, blue, yellow] = first;
        assert!(red.1 == green.1 && red.0 == blue.0 && green.0 == yellow.0);
        assert!(green.0 >= red.0 + 48 + GAP && blue.1 == red.1 + 36 + GAP);
        assert_eq!(yellow.1, blue.1 + 3, "a lower thumb is centered in its row");
    }

    #[test]
    fn labels_show_which_row_and_column_is_which() {
        let sheet = |title: &str, frame, label| {
            ContactSheet::new(title, vec![frame])
                .row(label, vec![flat(99, 99, [0; 3])])
                .render()
        };
        let base = sheet("shot", 1, "color");
        assert_ne!(base, sheet("shut", 1, "color"));
        assert_ne!(base, sheet("shot", 2, "color"));
        assert_ne!(base, sheet("shot", 1, "depth"));
        assert_eq!(
            sheet("Café 東京", 1, "color"),
            sheet("Cafe Dong Jing ", 1, "color")
        );
    }

    #[test]
    fn a_long_title_is_wrapped_and_not_cut() {
        for title in [
            "word ".repeat(60),
            "spaces    ".repeat(30),
            "x".repeat(300),
            String::new(),
        ] {
            let (scale, lines) = lay_out_line(&title, 400);
            assert!(
                lines
                    .iter()
                    .all(|l| text_width(l.trim_end()) * scale <= 400)
            );
            assert_eq!(lines.concat(), title);
        }
        assert_eq!(lay_out_line("short", 400), (2, vec!["short".to_owned()]));
    }

    #[test]
    fn odd_sheets_render() {
        for (columns, thumb) in [
            (0, (1, 1)),
            (1, (1, 1)),
            (1, (240, 1)),
            (6, (1, 180)),
            (6, (240, 135)),
        ] {
            let mut sheet = ContactSheet::new("t", vec![u64::MAX; columns]);
            for _ in 0..5 {
                sheet = sheet.row(
                    "segmentation",
                    vec![flat(thumb.0, thumb.1, [250, 1, 1]); columns],
                );
            }
            let drawn = count(&sheet.render(), Rgb([250, 1, 1]));
            assert_eq!(
                drawn,
                columns * 5 * (thumb.0 * thumb.1) as usize,
                "{columns} of {thumb:?}"
            );
        }
        let empty = ContactSheet::new("", vec![]).render();
        assert!(empty.pixels().all(|&p| p == BACKGROUND || p == HEADING));
    }
}
