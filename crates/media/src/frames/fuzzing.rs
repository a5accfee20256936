//! What fuzzing and property tests feed with bytes: no public API.

use std::io::Cursor;

use super::header::read_from;
use super::jpeg_scan::check_jpeg_data;
use super::plain_png::PlainPngReader;
use super::{Fault, ImageHeader};

/// Reads the header of a frame file and checks the data of a JPEG or PNG.
///
/// # Errors
/// The [`Fault`] that [`read_header`](super::read_header) would find.
pub fn frame(file: &[u8]) -> Result<ImageHeader, Fault> {
    let _ = check_jpeg_data(file);
    let header = read_from(Cursor::new(file));
    // A size that fuzzing has the memory for.
    if header
        .as_ref()
        .is_ok_and(|header| header.width.max(header.height) <= 1024)
    {
        let _ = PlainPngReader::default().read(file, &mut Vec::new());
    }
    header
}
