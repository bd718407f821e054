//! The entries that this device knows, in the order in which they arrived, with where each stands.

use core::ops::RangeInclusive;
use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{Entry, EntryId, EntryKind, Frontier, LogHead, LogId, SignedHeader};

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Not looked at yet, or waiting for something that it names.
    Waiting,
    /// Its content counts.
    In,
    /// It counts, and this device has no key for it (yet).
    Unreadable,
    /// It counts, and neither its body is here (yet) nor a snapshot that has its content.
    Bodyless,
    /// Made before its author learned of being removed: held back until an admin decides.
    Quarantined(String),
    /// Its author had no right to it, or its content does not hold; it keeps its place and counts for nothing.
    Out(String),
    /// Membership, snapshots, drops and kinds of newer versions: nothing to apply to a document.
    Apart,
}

/// An entry that this device has.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) header: SignedHeader,
    pub(crate) state: EntryState,
    /// Kept only until the content has been applied; the store has it for good, unless the shelf says that the entry
    /// lacks it.
    pub(crate) body: Option<Vec<u8>>,
    /// What an applied change entry brought.
    pub(crate) covered: Option<Covered>,
}

/// What a change entry brought: the sequence numbers of its changes (of its log's actor), how many records, and whether
/// its author decided who is in when they stated them (not looked at where there are none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) first_seq: u64,
    pub(crate) changes: u32,
    pub(crate) records: u32,
    pub(crate) by_admin: bool,
}

/// How an entry fits a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is the next one.
    Next,
    /// It is here already.
    Duplicate,
    /// Entries before it are missing.
    Gap,
    /// Another entry has its number, or its `previous` is not ours: the log has forked.
    Fork(EntryId),
}

/// All known entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    known: BTreeMap<EntryId, Known>,
    arrival: Vec<EntryId>,
    logs: BTreeMap<LogId, Vec<EntryId>>,
    frontier: Frontier,
    /// The numbers of entries that came as headers alone.
    lacking: BTreeMap<LogId, BTreeSet<u64>>,
}

impl Shelf {
    /// What is here, saved or not.
    pub(crate) const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// How an entry fits the log that it names.
    pub(crate) fn fit(&self, header: &SignedHeader) -> Fit {
        let fields = header.fields();
        let head = self.frontier.head(&fields.log);
        if fields.number > head.next {
            return Fit::Gap;
        }
        if fields.number == head.next {
            return if fields.previous == head.head { Fit::Next } else { Fit::Fork(head.head) };
        }
        match self.at(&fields.log, fields.number) {
            Some(id) if id == header.id() => Fit::Duplicate,
            Some(id) => Fit::Fork(id),
            None => Fit::Gap,
        }
    }

    /// Puts the next entry of a log on the shelf.
    pub(crate) fn put(&mut self, entry: Entry) -> EntryId {
        let id = entry.id();
        let fields = entry.header.fields();
        self.frontier.set(fields.log, LogHead { next: fields.number + 1, head: id });
        self.logs.entry(fields.log).or_default().push(id);
        self.arrival.push(id);
        if entry.body.is_none() && fields.kind != EntryKind::Membership {
            self.lacking.entry(fields.log).or_default().insert(fields.number);
        }
        self.known.insert(
            id,
            Known { header: entry.header, state: EntryState::Waiting, body: entry.body, covered: None },
        );
        id
    }

    /// Whether an entry came as a header alone and has not got its body since.
    pub(crate) fn lacks_body(&self, log: &LogId, number: u64) -> bool {
        self.lacking.get(log).is_some_and(|numbers| numbers.contains(&number))
    }

    /// Whether one of some entries of a log lacks its body.
    pub(crate) fn lacks_body_in(&self, log: &LogId, numbers: RangeInclusive<u64>) -> bool {
        self.lacking.get(log).is_some_and(|lacking| lacking.range(numbers).next().is_some())
    }

    /// The logs with entries that lack their bodies, with the numbers.
    pub(crate) const fn lacking(&self) -> &BTreeMap<LogId, BTreeSet<u64>> {
        &self.lacking
    }

    /// Entries that lack their bodies.
    pub(crate) fn lacking_bodies(&self) -> impl Iterator<Item = &Known> {
        let places = self.lacking.iter().flat_map(|(log, numbers)| numbers.iter().map(move |n| (log, *n)));
        places.filter_map(|(log, number)| self.known(&self.at(log, number)?))
    }

    /// The body of an entry is here, or in the store.
    pub(crate) fn has_body_now(&mut self, log: &LogId, number: u64) {
        if let Some(numbers) = self.lacking.get_mut(log) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.lacking.remove(log);
            }
        }
    }

    /// One entry.
    pub(crate) fn known(&self, id: &EntryId) -> Option<&Known> {
        self.known.get(id)
    }

    /// One entry, to change.
    pub(crate) fn known_mut(&mut self, id: &EntryId) -> Option<&mut Known> {
        self.known.get_mut(id)
    }

    /// The entry of a log at a number.
    pub(crate) fn at(&self, log: &LogId, number: u64) -> Option<EntryId> {
        self.logs.get(log)?.get(usize::try_from(number).ok()?).copied()
    }

    /// All entries in the order of their arrival.
    pub(crate) fn arrival(&self) -> &[EntryId] {
        &self.arrival
    }

    /// All entries of one log, in order.
    pub(crate) fn log(&self, log: &LogId) -> &[EntryId] {
        self.logs.get(log).map_or(&[], Vec::as_slice)
    }

    /// All logs.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &LogId> {
        self.logs.keys()
    }

    /// Where every entry stands, in the order of arrival.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.arrival.iter().filter_map(|id| self.known.get(id))
    }
}
