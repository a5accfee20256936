//! Says what a shot shows: what was seen in several frames made one, and a sentence of what is certain enough.
//!
//! Better vague than wrong. A photo classifier is unsure of renders, and says so by low scores or by another
//! word for each frame; then the sentence holds only what was measured.

mod captions;
mod judgement;
mod nouns;
mod objects;
mod phrase;
mod sentence;
mod tags;

pub use captions::{Saying, agreed};
pub use judgement::{Evidence, judge};
pub use nouns::{means, noun_in};
pub use objects::{merge_objects, steady_objects};
pub use phrase::{Attributes, color_of, phrase};
pub use sentence::{Subject, compose, subject, things};
pub use tags::{MergedTags, average_tags, merge_tags};
