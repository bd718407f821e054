//! A line that shows that something long goes on: only for people at a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::net::Stay;
use crate::output::Output;
use crate::words::Word;

/// What is over sooner needs no line.
const SHOWN_AFTER: Duration = Duration::from_millis(500);
/// How often the line changes.
const EVERY: Duration = Duration::from_millis(100);

/// How much has come from the relays.
pub(crate) struct Progress {
    shows: bool,
    is_shown: bool,
    bytes: usize,
    next: Instant,
}

impl Progress {
    /// A line for a sync that ends by itself; none where there is no terminal, or where what arrives is printed.
    pub(crate) fn new(stay: Stay) -> Self {
        let shows = stay != Stay::Watching && io::stderr().is_terminal();
        Self { shows, is_shown: false, bytes: 0, next: Instant::now() + SHOWN_AFTER }
    }

    /// Takes note of what came.
    pub(crate) fn add(&mut self, bytes: usize, output: Output) {
        self.bytes += bytes;
        if !self.shows || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        self.is_shown = true;
        let line = output.say(Word::Fetched, &[&(self.bytes / 1024).to_string()]);
        // Where stderr is gone nobody looks.
        let _gone = write!(io::stderr().lock(), "\r{line}");
    }

    /// Takes the line away.
    pub(crate) fn end(&mut self) {
        if core::mem::take(&mut self.is_shown) {
            let _gone = write!(io::stderr().lock(), "\r{:60}\r", "");
        }
    }
}
