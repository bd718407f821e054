//! What a replica has: for each log the next number and the hash of the newest entry.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{EntryId, FrontierHash, LogId};

/// Where one log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogHead {
    /// The number that the next entry will have: how many there are.
    pub next: u64,
    /// The id of the newest entry; zero while there is none.
    pub head: EntryId,
}

impl LogHead {
    /// A log without entries.
    pub const EMPTY: Self = Self { next: 0, head: EntryId::ZERO };
}

/// Entries `from..until` of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRange {
    /// Which log.
    pub log: LogId,
    /// The first number.
    pub from: u64,
    /// One past the last number.
    pub until: u64,
}

/// What a replica has of a space. Two frontiers say exactly what each lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    logs: BTreeMap<LogId, LogHead>,
}

impl Frontier {
    /// Knows nothing yet.
    pub const fn new() -> Self {
        Self { logs: BTreeMap::new() }
    }

    /// Where a log stands; [`LogHead::EMPTY`] if it is not known.
    pub fn head(&self, log: &LogId) -> LogHead {
        self.logs.get(log).copied().unwrap_or(LogHead::EMPTY)
    }

    /// Sets where a log stands, forwards or backwards.
    pub fn set(&mut self, log: LogId, head: LogHead) {
        if head.next == 0 {
            self.logs.remove(&log)
        } else {
            self.logs.insert(log, head)
        };
    }

    /// All logs in order of their id.
    pub fn iter(&self) -> impl Iterator<Item = (&LogId, &LogHead)> {
        self.logs.iter()
    }

    /// How many logs there are.
    pub fn len(&self) -> usize {
        self.logs.len()
    }

    /// Whether there is no log.
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty()
    }

    /// How many entries this frontier covers.
    pub fn entries(&self) -> u64 {
        self.logs.values().map(|head| head.next).fold(0, u64::saturating_add)
    }

    /// Whether the entry `number` of `log` is covered.
    pub fn covers(&self, log: &LogId, number: u64) -> bool {
        number < self.head(log).next
    }

    /// What `self` has and `other` lacks, in order of log id.
    pub fn missing_in(&self, other: &Self) -> Vec<LogRange> {
        self.logs
            .iter()
            .filter_map(|(log, head)| {
                let from = other.head(log).next;
                (from < head.next).then_some(LogRange { log: *log, from, until: head.next })
            })
            .collect()
    }

    /// `SHA-256("samverka/frontier/v1" ‖ for each log in order: device ‖ slot ‖ next ‖ head)`, compared before the
    /// frontier itself is sent.
    pub fn hash(&self) -> FrontierHash {
        let mut hash = Sha256::new_with_prefix(b"samverka/frontier/v1");
        for (log, head) in &self.logs {
            hash.update(log.device.as_bytes());
            hash.update(log.slot.0.to_be_bytes());
            hash.update(head.next.to_be_bytes());
            hash.update(head.head.as_bytes());
        }
        FrontierHash::from_bytes(hash.finalize().into())
    }
}

impl FromIterator<(LogId, LogHead)> for Frontier {
    fn from_iter<T: IntoIterator<Item = (LogId, LogHead)>>(iter: T) -> Self {
        Self { logs: iter.into_iter().filter(|(_, head)| head.next > 0).collect() }
    }
}
