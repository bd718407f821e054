//! Threads that do what takes long beside the replica, as the command line has them.

use std::sync::mpsc::{Receiver, Sender, channel};

use samverka_replica::{Work, Worked, Workers};

/// A thread for each piece of work: a plan and its one board.
pub(crate) struct Threads {
    done: (Sender<Worked>, Receiver<Worked>),
}

impl Default for Threads {
    fn default() -> Self {
        Self { done: channel() }
    }
}

impl Workers for Threads {
    fn begin(&mut self, work: Vec<Work>) {
        for work in work {
            let done = self.done.0.clone();
            std::thread::spawn(move || drop(done.send(work.run())));
        }
    }

    fn next(&mut self) -> Worked {
        self.done.1.recv().expect("this end sends too")
    }
}
