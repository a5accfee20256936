//! Carries out a run on the GPU host that `config.toml` names, and prints what the model's program logs.
//!
//! ```sh
//! cargo run --example carry_out_run -- inputs/runs/city.json
//! ```

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::path::Path;

use cosmos_workflow::config::{Config, Environment};
use cosmos_workflow::progress::{Progress, Unit};
use cosmos_workflow::remote::Login;
use cosmos_workflow::workflows::{RunOptions, Stop, WorkflowOrchestrator};

struct Log;

impl Progress for Log {
    fn begin(&self, _task: &str, _total: u64, _unit: Unit) {}

    fn advance(&self, _task: &str, _units: u64) {}

    fn finish(&self, _task: &str) {}

    fn note(&self, line: &str) {
        // Whoever does not want to read it does not have to.
        let _ = writeln!(stderr(), "{line}");
    }

    fn log(&self, line: &str) {
        self.note(line);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os()
        .nth(1)
        .ok_or("usage: carry_out_run FILE")?;
    let environment = Environment::of_process();
    let config = Config::load(None, &environment)?.config;
    // Keys that need a passphrase are passed over, unless COSMOS_SSH_PASSPHRASE has it.
    let login = Login::of_process(|_key| None);
    let cosmos = WorkflowOrchestrator::new(config, login, environment.home.as_deref())?;
    let options = RunOptions::default();
    let report = cosmos.run(Path::new(&file), &options, &Stop::default(), &Log)?;
    for video in report.outputs {
        writeln!(stdout(), "{}", video.path.display())?;
    }
    Ok(())
}
