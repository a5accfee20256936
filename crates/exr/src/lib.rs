//! Multilayer OpenEXR as renderers write it, read once and turned into the planes that controls are made of.
//!
//! - [`probe`] reads a [`Header`]: parts, channels, windows, compression, attributes, Cryptomattes.
//! - [`Layout`] sorts the channels into layers by the names that renderers give them, and says for each [`Control`] which
//!   layer makes it, why, and what else might.
//! - [`read()`] decodes each needed block once into planes of the size of the picture.
//! - [`cryptomatte`] gives labels, masks and names; [`colors`] a flat color for each object; [`depth`] one stretch of
//!   inverse depth for a shot; [`beauty`] removes what is no color.
//!
//! Files come from outside: whatever is in them, the functions here return an [`Error`] that names file and place. They
//! allocate no more than [`Limits`] allow, and no planes for blocks that the file cannot hold.
//!
//! ```no_run
//! use cosmos_exr::{Control, Reader, Request, cryptomatte::Ranks};
//!
//! # fn main() -> cosmos_exr::Result<()> {
//! let mut file = Reader::open("shot.0001.exr")?;
//! let layout = file.layout(None)?;
//! let wanted: Vec<String> = Control::ALL.iter().filter_map(|control| layout.choose(*control).layer).collect();
//! let frame = file.read(&Request::layers(&wanted).expect(layout))?;
//! for layer in &frame.layers {
//!     if let Some(ranks) = Ranks::new(layer) {
//!         let labels = ranks.hard_labels();
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod beauty;
pub mod colors;
pub mod cryptomatte;
pub mod depth;
mod error;
mod header;
mod layout;
mod read;
mod source;

pub use error::{Error, Place, Refusal, Result};
pub use header::{
    Attribute, AttributeValue, Channel, Chromaticities, Compression, Cryptomatte, Header, Levels,
    Limits, ManifestSource, Part, PartKind, SampleType, Tiles, Window,
};
pub use layout::{Candidate, Choice, Control, CryptomatteKind, Layer, Layout, Reason, Role};
pub use read::{Frame, LayerPixels, Plane, Reader, Request, Samples, probe, read};
