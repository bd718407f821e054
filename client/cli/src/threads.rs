//! Threads that do what takes long when a plan is opened, while the session reads entries.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{available_parallelism, scope, spawn};

use samverka_replica::{Piece, Work, Worked, Workers};

/// Does pieces of work beside each other, one of them on this thread.
pub(crate) fn together(mut pieces: Vec<Piece<'_>>) {
    let own = pieces.pop();
    scope(|scope| {
        for piece in pieces {
            scope.spawn(piece);
        }
        if let Some(own) = own {
            own();
        }
    });
}

/// As many threads as the machine has processors, and no more than there is work.
pub(crate) struct Threads {
    done: (Sender<Worked>, Receiver<Worked>),
}

impl Default for Threads {
    fn default() -> Self {
        Self { done: channel() }
    }
}

impl Workers for Threads {
    fn begin(&mut self, mut work: Vec<Work>) {
        // The longest first: a small plan waits for nothing else then.
        work.sort_by_key(|work| core::cmp::Reverse(work.size()));
        let threads = available_parallelism().map_or(1, NonZero::get).min(work.len());
        let queue = Arc::new(Mutex::new(VecDeque::from(work)));
        for _ in 0..threads {
            let (queue, done) = (Arc::clone(&queue), self.done.0.clone());
            spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some(work) = next() {
                    if done.send(work.run()).is_err() {
                        return;
                    }
                }
            });
        }
    }

    fn next(&mut self) -> Worked {
        self.done.1.recv().expect("the other end is here as well")
    }
}
