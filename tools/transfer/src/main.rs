//! Uploads or downloads a file or folder, for measuring transfers on their own.

use std::error::Error;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use cosmos_workflow::config::{Config, Environment};
use cosmos_workflow::progress::{Cancel, Silent};
use cosmos_workflow::remote::transfer::{download, upload};
use cosmos_workflow::remote::{Connection, Login, Target};

/// Upload or download with the settings of a config file.
#[derive(Parser)]
#[command(name = "transfer")]
struct Arguments {
    /// The config file.
    #[arg(long)]
    config: PathBuf,
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Subcommand)]
enum Direction {
    /// Send LOCAL to REMOTE.
    Upload { local: PathBuf, remote: String },
    /// Fetch REMOTE to LOCAL.
    Download { remote: String, local: PathBuf },
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let environment = Environment::of_process();
    let config = Config::load(Some(&arguments.config), &environment)?.config;
    let target = Target::of_settings(&config.remote, environment.home.as_deref())?;
    let cancel = Cancel::new();
    let connection = Connection::open(&target, &Login::of_process(|_| None), &cancel)?;
    match arguments.direction {
        Direction::Upload { local, remote } => {
            upload(&connection, &local, &remote, &Silent, &cancel)?
        }
        Direction::Download { remote, local } => {
            download(&connection, &remote, &local, &Silent, &cancel)?
        }
    };
    Ok(())
}
