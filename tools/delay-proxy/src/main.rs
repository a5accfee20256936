//! Relays TCP connections on this machine with a delay, for measuring as if the other end were far away.

use std::io;
use std::thread;
use std::time::Duration;

use clap::Parser;
use delay_proxy::Relay;

/// Relay connections on one local port to another, each byte late by half of a round trip, with no limit on
/// the bandwidth.
#[derive(Parser)]
#[command(name = "delay_proxy")]
struct Arguments {
    /// The port to listen on.
    listen: u16,
    /// The port of the server.
    server: u16,
    /// The round trip in milliseconds.
    round_trip: u64,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let delay = Duration::from_micros(arguments.round_trip * 1000 / 2);
    let _relay = Relay::listen(arguments.listen, arguments.server, delay)?;
    loop {
        thread::park();
    }
}
