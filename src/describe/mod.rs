//! Says what a shot shows: what was seen in several frames made one, and a sentence of what is certain enough.
//!
//! Better vague than wrong. A photo classifier is unsure of renders, and says so by low scores or by another
//! word for each frame; then the sentence holds only what was measured.

mod captions;
mod objects;
mod sentence;
mod tags;

pub use captions::{Saying, agreed};
pub use objects::{merge_objects, steady_objects};
pub use sentence::{Subject, compose, subject};
pub use tags::{MergedTags, merge_tags};
