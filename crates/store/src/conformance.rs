//! One suite that every backend runs.
//!
//! A [`Case`] is a conversation: it asks one request at a time and judges the answers. It is told as a pure function
//! of the answers so far ([`Case::next`]), so a backend that answers at once ([`run`]) and one that answers later
//! (IndexedDB, from an event loop) run the very same cases: ask what `next` says, add the answer, call it again.

mod bodies;
mod cases;
pub mod chain;
mod script;

use core::fmt;

pub use cases::CASES;
pub use script::Script;

use crate::{Reply, Request, Store, StoreError, handle};

/// What a backend answered to a request.
pub type Answer = Result<Reply, StoreError>;

/// One behaviour that a backend must have.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What is promised, in words.
    pub name: &'static str,
    pub(crate) tell: fn(&mut Script<'_>) -> Result<(), Halt>,
}

/// What comes next in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask the store this.
    Ask(Request),
    /// The backend behaves as promised.
    Passed,
}

/// What a backend did otherwise than promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The case.
    pub case: &'static str,
    /// How many answers were given before the wrong one showed.
    pub answers: usize,
    /// What was wrong.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (after {} answers): {}", self.case, self.answers, self.what)
    }
}

impl core::error::Error for Failure {}

/// Why a case stopped before its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A request has no answer yet.
    Asked(Box<Request>),
    /// An answer is wrong.
    Failed(String),
}

impl Case {
    /// What to ask next, given the answers so far from a store that was empty before.
    ///
    /// # Errors
    /// [`Failure`] where an answer is not what was promised.
    pub fn next(&self, answers: &[Answer]) -> Result<Next, Failure> {
        let mut script = Script::new(answers);
        match (self.tell)(&mut script) {
            Ok(()) => Ok(Next::Passed),
            Err(Halt::Asked(request)) => Ok(Next::Ask(*request)),
            Err(Halt::Failed(what)) => Err(Failure { case: self.name, answers: answers.len(), what }),
        }
    }

    /// Holds the whole conversation with a store, which has to be empty.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn hold<S: Store>(&self, mut store: S, mut reopen: impl FnMut(S) -> S) -> Result<(), Failure> {
        let mut answers = Vec::new();
        while let Next::Ask(request) = self.next(&answers)? {
            answers.push(handle(&mut store, &request));
            store = reopen(store);
        }
        Ok(())
    }
}

/// Runs every case, each with a new and empty store.
///
/// # Panics
/// With all that is wrong, where the backend does not keep the contract.
pub fn run<S: Store>(make: impl FnMut() -> S) {
    run_reopening(make, |store| store);
}

/// Runs every case, and closes and reopens the store after every request: whatever was answered has to be there.
///
/// # Panics
/// As [`run`].
pub fn run_reopening<S: Store>(mut make: impl FnMut() -> S, mut reopen: impl FnMut(S) -> S) {
    let failures: Vec<String> = CASES
        .iter()
        .filter_map(|case| case.hold(make(), &mut reopen).err())
        .map(|failure| failure.to_string())
        .collect();
    assert!(failures.is_empty(), "the store breaks its contract:\n{}", failures.join("\n"));
}
