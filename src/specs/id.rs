//! Ids made from content.

use serde_json::Value;

use crate::hash::sha256_of;

/// Hexadecimal digits of an id: 48 bits, of which a collision is not to be expected below millions of specs.
const DIGITS: usize = 12;

/// `prefix` and the first digits of the SHA-256 of `content` as compact JSON.
pub(super) fn id_of(prefix: &str, content: &Value) -> String {
    let digest = sha256_of(content.to_string().as_bytes());
    digest
        .chars()
        .take(DIGITS)
        .fold(prefix.to_owned(), |mut id, digit| {
            id.push(digit);
            id
        })
}

/// Whether `id` can be part of a file name and of a container's name.
pub(super) fn is_usable_id(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (1..=64).contains(&id.len())
        && id.bytes().all(is_plain)
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
}
