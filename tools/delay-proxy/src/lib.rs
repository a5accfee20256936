//! A relay between a client and a server on this machine, which can delay, cut and stall connections.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Listens on a port of its own for as long as the process lives.
pub struct Relay {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// Time from one side to the other.
    delay: Duration,
    /// Bytes that still pass before all connections are cut.
    left: AtomicU64,
    stalled: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Relay {
    /// Relays to `server` on this machine; what arrives on one side leaves on the other after `delay`.
    pub fn start(server: u16, delay: Duration) -> io::Result<Self> {
        Self::listen(0, server, delay)
    }

    /// The same on a given port; 0 for any.
    pub fn listen(port: u16, server: u16, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            delay,
            left: AtomicU64::new(u64::MAX),
            stalled: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let relay = Self {
            port,
            shared: Arc::clone(&shared),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A connection that cannot be made shows as one that closes at once.
                let _ = shared.connect(client, server);
            }
        });
        Ok(relay)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts all connections once `bytes` more have passed, whatever the direction. New ones are taken again.
    pub fn cut_after(&self, bytes: u64) {
        self.shared.left.store(bytes, Ordering::SeqCst);
    }

    /// Cuts all connections now.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Whether nothing passes any more, though connections stay open.
    pub fn stall(&self, stalled: bool) {
        self.shared.stalled.store(stalled, Ordering::SeqCst);
    }
}

impl Shared {
    fn connect(self: Arc<Self>, client: TcpStream, server: u16) -> io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", server))?;
        for side in [&client, &server] {
            side.set_nodelay(true)?;
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.push(side.try_clone()?);
        }
        for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
            let shared = Arc::clone(&self);
            let (sender, receiver) = channel();
            thread::spawn(move || shared.take(from, &sender));
            thread::spawn(move || pass_on(to, &receiver));
        }
        Ok(())
    }

    /// Reads what arrives and notes when it is to leave.
    fn take(&self, mut from: TcpStream, to: &Sender<(Instant, Vec<u8>)>) {
        let mut block = vec![0; 256 << 10];
        while let Ok(length @ 1..) = from.read(&mut block) {
            while self.stalled.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(20));
            }
            if self.is_used_up(length as u64) {
                self.cut();
                return;
            }
            if to
                .send((Instant::now() + self.delay, block[..length].to_vec()))
                .is_err()
            {
                return;
            }
        }
    }

    /// Counts bytes against what may pass; whether that is now used up.
    fn is_used_up(&self, bytes: u64) -> bool {
        let count = |left: u64| (left != u64::MAX).then(|| left.saturating_sub(bytes));
        match self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count)
        {
            Ok(left) if left <= bytes => {
                self.left.store(u64::MAX, Ordering::SeqCst);
                true
            }
            _ => false,
        }
    }

    fn cut(&self) {
        for side in self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            // Closed already, then.
            let _ = side.shutdown(Shutdown::Both);
        }
    }
}

fn pass_on(mut to: TcpStream, from: &Receiver<(Instant, Vec<u8>)>) {
    for (leaves, bytes) in from {
        thread::sleep(leaves.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    // Closed already, then.
    let _ = to.shutdown(Shutdown::Write);
}
