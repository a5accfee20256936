//! Says what pictures show. The models are loaded once and stay warm.
//!
//! ```sh
//! cargo run --example describe_pictures -- stills/*.png
//! ```

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::path::PathBuf;

use cosmos_workflow::analyzer::{Analyzer, ModelsOptions};
use cosmos_workflow::frames::decode::{DecodeOptions, FrameDecoder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut analyzer = Analyzer::open(&ModelsOptions {
        // Those that come with cosmos; `None` looks where the binary does.
        models_dir: Some(PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/models"
        ))),
        ..ModelsOptions::default()
    });
    let mut decoder = FrameDecoder::default();
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let picture = decoder.decode(&path, &DecodeOptions::default())?;
        let seen = analyzer.describe(&picture);
        let description = seen.analysis.map(|analysis| analysis.description);
        let text = description.unwrap_or_default();
        writeln!(stdout(), "{}: {text}", path.display())?;
    }
    for warning in analyzer.warnings() {
        writeln!(stderr(), "warning: {}", warning.message)?;
    }
    Ok(())
}
