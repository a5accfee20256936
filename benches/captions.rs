//! Prints what a captioner takes for a picture: see `benches/captions.sh`.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use cosmos_workflow::ai::caption::Captioner;
use cosmos_workflow::ai::{Runtime, RuntimeOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args()
        .filter(|argument| argument != "--bench")
        .collect();
    let [_, captioner, picture, threads, rounds] = arguments.as_slice() else {
        println!("captions CAPTIONER PICTURE THREADS ROUNDS: see benches/captions.sh");
        return Ok(());
    };
    let runtime = Runtime::load(&RuntimeOptions {
        threads: NonZeroUsize::new(threads.parse()?),
        // As Python's does by default.
        spinning: true,
        ..RuntimeOptions::of_process()
    })?;
    let started = Instant::now();
    let captioner = Captioner::open(&runtime, Path::new(captioner))?;
    println!("opened in {:.2} s", started.elapsed().as_secs_f64());
    let picture = image::open(picture)?.into_rgb8();
    for _ in 0..rounds.parse()? {
        let started = Instant::now();
        let caption = captioner.caption(&picture)?;
        println!(
            "{:.3} s, tokens {:?}",
            started.elapsed().as_secs_f64(),
            caption.tokens
        );
    }
    Ok(())
}
