//! Entries that this relay has as a header alone, and bodies that are brought to them later.
//!
//! The relay takes no entry without its body, but it may have got one so from another process that writes to its
//! store, or from a store that was begun by somebody who had left bodies out.

use std::collections::BTreeMap;

use samverka_log::{Entry, LogId, LogRange};
use samverka_protocol::Code;

use crate::effect::PeerId;
use crate::peer::Flow;
use crate::room::Room;

/// Ranges of entries without a body that a room keeps in mind. Beyond them nothing is filled until the room is loaded
/// anew; each ask for the rest would be another read for every entry that somebody sends twice.
pub(crate) const BODILESS_RANGES_MAX: usize = 4096;

/// Durable entries without a body that may be filled: for each range its log and first number, and one past the last.
#[derive(Debug, Default)]
pub(crate) struct Bodiless {
    ranges: BTreeMap<(LogId, u64), u64>,
}

impl Bodiless {
    pub(crate) fn load(&mut self, ranges: Vec<LogRange>) {
        self.ranges.extend(ranges.into_iter().map(|range| ((range.log, range.from), range.until)));
    }

    pub(crate) fn contains(&self, log: LogId, number: u64) -> bool {
        self.range_of(log, number).is_some()
    }

    /// Takes note of one more.
    pub(crate) fn insert(&mut self, log: LogId, number: u64) {
        if self.contains(log, number) {
            return;
        }
        if let Some(from) = number.checked_sub(1).and_then(|before| self.range_of(log, before)) {
            self.ranges.insert((log, from), number + 1);
        } else if self.ranges.len() < BODILESS_RANGES_MAX {
            self.ranges.insert((log, number), number + 1);
        }
    }

    /// Takes note that one has its body.
    pub(crate) fn remove(&mut self, log: LogId, number: u64) {
        let Some(from) = self.range_of(log, number) else { return };
        let Some(until) = self.ranges.remove(&(log, from)) else { return };
        if from < number {
            self.ranges.insert((log, from), number);
        }
        if number + 1 < until {
            self.ranges.insert((log, number + 1), until);
        }
    }

    fn range_of(&self, log: LogId, number: u64) -> Option<u64> {
        let ((of, from), until) = self.ranges.range(..=(log, number)).next_back()?;
        (*of == log && number < *until).then_some(*from)
    }
}

impl Room {
    /// Whether a durable entry may be filled with what is brought.
    pub(crate) fn may_fill(&self, entry: &Entry) -> bool {
        let fields = entry.header.fields();
        entry.body.is_some()
            && self.bodiless.contains(fields.log, fields.number)
            && !self.dropped.contains(&fields.document)
    }

    /// Takes a body for an entry that is stored without one; the log is acknowledged when it is durable.
    ///
    /// # Errors
    /// The code that says why it is not taken.
    pub(crate) fn fill(&mut self, peer: PeerId, entry: Entry) -> Result<(), Code> {
        let (log, size) = (entry.header.fields().log, u64::from(entry.header.fields().body_length));
        if self.space_bytes.saturating_add(size) > self.settings.limits.space_bytes_max {
            return Err(Code::Quota);
        }
        if self.commit.is_out_of_room() {
            return Err(Code::StorageFull);
        }
        if self.commit.is_full() {
            return Err(Code::Busy);
        }
        self.space_bytes = self.space_bytes.saturating_add(size);
        self.commit.fill(entry, peer);
        self.commit.acknowledge(peer, log);
        Ok(())
    }

    /// Bodies have become durable: whoever has the header alone is sent the entry again.
    pub(crate) fn filled(&mut self, fills: &[(Entry, PeerId)]) {
        for (entry, from) in fills {
            let fields = entry.header.fields();
            self.bodiless.remove(fields.log, fields.number);
            for (id, peer) in &mut self.peers {
                if !peer.may_fetch() || id == from {
                    continue;
                }
                if matches!(peer.flow, Flow::Live) {
                    peer.flow = Flow::Behind(Box::default());
                }
                if let Flow::Behind(behind) = &mut peer.flow {
                    behind.note(fields.log, fields.number, fields.number + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use samverka_log::{DeviceId, SlotId};

    use super::*;

    #[test]
    fn ranges_grow_are_cut_and_stay_apart() {
        let log = |slot| LogId { device: DeviceId::from_bytes([1; 32]), slot: SlotId(slot) };
        let mut bodiless = Bodiless::default();
        bodiless.load(vec![LogRange { log: log(1), from: 2, until: 6 }]);
        for number in [0, 6, 7, 6] {
            bodiless.insert(log(1), number);
        }
        bodiless.insert(log(2), 3);
        for number in [3, 7, 3, 9] {
            bodiless.remove(log(1), number);
        }
        bodiless.remove(log(0), 0);
        let lacking: Vec<u64> = (0..10).filter(|number| bodiless.contains(log(1), *number)).collect();
        assert_eq!(lacking, [0, 2, 4, 5, 6]);
        assert!(bodiless.contains(log(2), 3) && !bodiless.contains(log(2), 2));
        assert!(!bodiless.contains(log(3), 0));
    }
}
