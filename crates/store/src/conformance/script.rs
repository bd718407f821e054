//! How a case asks and judges.

use core::fmt::Debug;

use samverka_log::{Entry, Frontier, LogHead, LogId, LogRange, SpaceId};

use super::chain::Chain;
use super::{Answer, Halt};
use crate::{Arrival, Reply, Request, StoreError, Write, WriteBatch};

/// More bytes than any case stores.
pub(crate) const ALL: usize = usize::MAX;

/// A conversation with a store: the answers that are known, and the next request.
#[derive(Debug)]
pub struct Script<'a> {
    answers: core::slice::Iter<'a, Answer>,
}

impl<'a> Script<'a> {
    pub(crate) fn new(answers: &'a [Answer]) -> Self {
        Self { answers: answers.iter() }
    }

    pub(crate) fn ask(&mut self, request: Request) -> Result<&'a Answer, Halt> {
        self.answers.next().ok_or_else(|| Halt::Asked(Box::new(request)))
    }

    /// A batch that has to succeed.
    pub(crate) fn write(&mut self, batch: WriteBatch) -> Result<(), Halt> {
        match self.ask(Request::Write(batch))? {
            Ok(Reply::Written) => Ok(()),
            other => Err(unexpected("Written", other)),
        }
    }

    /// A batch that has to fail with a conflict.
    pub(crate) fn conflict(&mut self, batch: WriteBatch, chain: &Chain, stored: LogHead) -> Result<(), Halt> {
        match self.ask(Request::Write(batch))? {
            Err(StoreError::Conflict { space, log, stored: told })
                if (*space, *log, *told) == (chain.space(), chain.log(), stored) =>
            {
                Ok(())
            }
            other => Err(unexpected(&format!("Conflict at {stored:?}"), other)),
        }
    }

    /// A batch that has to be refused as malformed.
    pub(crate) fn malformed(&mut self, batch: WriteBatch) -> Result<(), Halt> {
        match self.ask(Request::Write(batch))? {
            Err(StoreError::Malformed(_)) => Ok(()),
            other => Err(unexpected("Malformed", other)),
        }
    }

    pub(crate) fn spaces(&mut self) -> Result<Vec<SpaceId>, Halt> {
        match self.ask(Request::Spaces)? {
            Ok(Reply::Spaces(spaces)) => Ok(spaces.clone()),
            other => Err(unexpected("Spaces", other)),
        }
    }

    pub(crate) fn frontier(&mut self, space: SpaceId) -> Result<Frontier, Halt> {
        match self.ask(Request::Frontier { space })? {
            Ok(Reply::Frontier(frontier)) => Ok(frontier.clone()),
            other => Err(unexpected("Frontier", other)),
        }
    }

    pub(crate) fn of_log(
        &mut self,
        (space, log): (SpaceId, LogId),
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, Halt> {
        match self.ask(Request::EntriesOfLog { space, log, from, max_entries, max_bytes })? {
            Ok(Reply::Entries(entries)) => Ok(entries.clone()),
            other => Err(unexpected("Entries", other)),
        }
    }

    pub(crate) fn arrived(
        &mut self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, Halt> {
        match self.ask(Request::EntriesByArrival { space, after, max_bytes })? {
            Ok(Reply::Arrived(entries)) => Ok(entries.clone()),
            other => Err(unexpected("Arrived", other)),
        }
    }

    /// All entries of a space in the order of their arrival.
    pub(crate) fn all(&mut self, space: SpaceId) -> Result<Vec<Entry>, Halt> {
        Ok(self.arrived(space, Arrival(0), ALL)?.into_iter().map(|(_, entry)| entry).collect())
    }

    /// Which entries lack a body, as log, first number and one past the last.
    pub(crate) fn bodyless(
        &mut self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<(LogId, u64, u64)>, Halt> {
        match self.ask(Request::Bodyless { space, from, max_ranges })? {
            Ok(Reply::Bodyless(ranges)) => {
                Ok(ranges.iter().map(|LogRange { log, from, until }| (*log, *from, *until)).collect())
            }
            other => Err(unexpected("Bodyless", other)),
        }
    }

    pub(crate) fn value(&mut self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, Halt> {
        match self.ask(Request::Value { space, key: key.to_owned() })? {
            Ok(Reply::Value(value)) => Ok(value.clone()),
            other => Err(unexpected("Value", other)),
        }
    }

    /// The names of the values with a prefix.
    pub(crate) fn keys(&mut self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<String>, Halt> {
        match self.ask(Request::Values { space, prefix: prefix.to_owned() })? {
            Ok(Reply::Values(values)) => Ok(values.iter().map(|(key, _)| key.clone()).collect()),
            other => Err(unexpected("Values", other)),
        }
    }
}

/// Fails a case unless two things are the same.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is compared is made for that and read best without a borrow"
)]
pub(crate) fn same<T: Debug + PartialEq>(what: &str, found: T, promised: T) -> Result<(), Halt> {
    if found == promised {
        return Ok(());
    }
    Err(Halt::Failed(format!("{what}: found {}, promised {}", short(&found), short(&promised))))
}

/// Fails a case unless something holds.
pub(crate) fn holds(what: &str, holds: bool) -> Result<(), Halt> {
    if holds { Ok(()) } else { Err(Halt::Failed(what.to_owned())) }
}

pub(crate) fn put(space: Option<SpaceId>, key: &str, value: &[u8]) -> Write {
    Write::Put { space, key: key.to_owned(), value: value.to_vec() }
}

pub(crate) fn delete(space: Option<SpaceId>, key: &str) -> Write {
    Write::Delete { space, key: key.to_owned() }
}

fn unexpected(promised: &str, found: &Answer) -> Halt {
    Halt::Failed(format!("promised {promised}, found {}", short(found)))
}

/// Entries are long; the beginning says enough.
fn short(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let end = text.floor_char_boundary(400);
    text.get(..end).unwrap_or_default().to_owned()
}
