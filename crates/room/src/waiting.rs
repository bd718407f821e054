//! Entries that name membership operations which have not arrived: kept in order of their logs, within limits.

use std::collections::{BTreeMap, VecDeque};

use samverka_log::{Entry, LogHead, LogId};

use crate::effect::PeerId;
use crate::settings::{WAITING_BYTES_MAX, WAITING_ENTRIES_MAX};

/// Waiting entries, by log.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    logs: BTreeMap<LogId, VecDeque<(PeerId, Entry)>>,
    entries: usize,
    bytes: usize,
}

/// There is no room for another waiting entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Waiting {
    /// Where a log stands with its waiting entries, if it has any.
    pub(crate) fn head(&self, log: &LogId) -> Option<LogHead> {
        let (_, last) = self.logs.get(log)?.back()?;
        Some(LogHead { next: last.header.fields().number.saturating_add(1), head: last.id() })
    }

    /// Keeps an entry.
    ///
    /// # Errors
    /// [`Full`]; the sender has it still.
    pub(crate) fn keep(&mut self, from: PeerId, entry: Entry) -> Result<(), Full> {
        let size = entry.size();
        if self.entries >= WAITING_ENTRIES_MAX || self.bytes.saturating_add(size) > WAITING_BYTES_MAX {
            return Err(Full);
        }
        self.entries += 1;
        self.bytes += size;
        self.logs.entry(entry.header.fields().log).or_default().push_back((from, entry));
        Ok(())
    }

    /// The logs that have waiting entries.
    pub(crate) fn logs(&self) -> Vec<LogId> {
        self.logs.keys().copied().collect()
    }

    /// The first waiting entry of a log.
    pub(crate) fn first(&self, log: &LogId) -> Option<&Entry> {
        self.logs.get(log)?.front().map(|(_, entry)| entry)
    }

    /// Takes the first waiting entry of a log.
    pub(crate) fn take_first(&mut self, log: &LogId) -> Option<(PeerId, Entry)> {
        let queue = self.logs.get_mut(log)?;
        let (from, entry) = queue.pop_front()?;
        if queue.is_empty() {
            self.logs.remove(log);
        }
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(entry.size());
        Some((from, entry))
    }

    /// Forgets a log's waiting entries.
    pub(crate) fn forget(&mut self, log: &LogId) {
        while self.take_first(log).is_some() {}
    }
}
