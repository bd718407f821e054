//! What has been accepted since the last snapshot, when the next one is due, and who writes it.

use samverka_log::{DeviceId, DocumentId, EntryId};

use crate::Replica;
use crate::shelf::EntryState;

/// From how much on a tail is worth a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotMarks {
    /// Accepted change entries.
    pub entries: usize,
    /// Bytes of their sealed bodies.
    pub bytes: u64,
}

impl SnapshotMarks {
    /// 1,000 entries: opening and checking them takes a newcomer's device some 50 ms, which still feels like at once.
    /// 512 KiB: a second at the 4 Mbit/s of a village's mobile network.
    pub const USUAL: Self = Self { entries: 1_000, bytes: 512 * 1024 };
}

/// A tail has to be at least this part of what the snapshot before it covers: the number of snapshots grows with the
/// logarithm of a plan's life then, and all of them together weigh a few times the last one.
const PART_OF_COVERED: u64 = 4;
/// How many marks a tail passes before anybody writes who is not the first in line.
const OTHERS_FROM: u64 = 2;
/// How many marks a tail passes before whoever sees it writes at once: programs that run for a second only never wait
/// as long as their place in line would have them.
const ALL_FROM: u64 = 4;
/// How long everybody waits for each one before them in line: writing a snapshot and fanning it out takes a second.
const TURN_MS: u64 = 5_000;

/// What counts of one document, and how much of it the best snapshot covers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    /// All accepted change entries.
    all: Weight,
    /// Those that the best snapshot covers.
    covered: Weight,
    /// The accepted snapshot that covers most.
    best: Option<EntryId>,
    /// Accepted snapshots that have not been weighed yet.
    arrived: Vec<EntryId>,
    /// When this device's turn comes to write one.
    turn_at: Option<u64>,
    /// How many entries there were when a snapshot could not be made.
    failed_at: Option<usize>,
}

/// A number of entries and the bytes of their bodies.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    entries: usize,
    bytes: u64,
}

impl Tail {
    fn weight(&self) -> Weight {
        Weight {
            entries: self.all.entries.saturating_sub(self.covered.entries),
            bytes: self.all.bytes.saturating_sub(self.covered.bytes),
        }
    }

    /// How many times the tail passes its mark.
    fn times(&self, marks: SnapshotMarks) -> u64 {
        let part = |covered: u64, mark: u64| mark.max(covered / PART_OF_COVERED).max(1);
        let number = |entries: usize| u64::try_from(entries).unwrap_or(u64::MAX);
        let tail = self.weight();
        let entries = number(tail.entries) / part(number(self.covered.entries), number(marks.entries));
        entries.max(tail.bytes / part(self.covered.bytes, marks.bytes))
    }
}

impl Replica {
    /// Sets from how much on a tail is worth a snapshot; [`SnapshotMarks::USUAL`] unless told otherwise.
    pub fn set_snapshot_marks(&mut self, marks: SnapshotMarks) {
        self.marks = marks;
        self.look_at_tails = true;
    }

    /// An entry counts.
    pub(crate) fn lengthen_tail(&mut self, id: EntryId) {
        let Some(known) = self.shelf.known(&id) else { return };
        let fields = known.header.fields();
        let tail = self.tails.entry(fields.document).or_default();
        tail.all.entries += 1;
        tail.all.bytes = tail.all.bytes.saturating_add(u64::from(fields.body_length));
        self.look_at_tails |= tail.times(self.marks) > 0;
    }

    /// An accepted snapshot is here, and everything that its header says its author had.
    pub(crate) fn shorten_tail(&mut self, id: EntryId) {
        let Some(known) = self.shelf.known(&id) else { return };
        self.tails.entry(known.header.fields().document).or_default().arrived.push(id);
    }

    /// The documents of which this device is to write a snapshot; takes note of when its turn comes for others.
    pub(crate) fn due_for_snapshot(&mut self, now_ms: u64) -> Vec<DocumentId> {
        let documents: Vec<DocumentId> = self.tails.keys().copied().collect();
        let marks = self.marks;
        documents
            .into_iter()
            .filter(|document| {
                self.weigh_arrived(*document);
                let Some(tail) = self.tails.get(document) else { return false };
                let times = tail.times(marks);
                if tail.failed_at.is_some_and(|entries| tail.all.entries < entries + marks.entries) {
                    return false;
                }
                let place = if times == 0 { 0 } else { self.place_in_line(tail.best) };
                let Some(tail) = self.tails.get_mut(document) else { return false };
                match times {
                    0 => tail.turn_at = None,
                    times if place == 0 || times >= ALL_FROM => tail.turn_at = Some(now_ms),
                    times if times >= OTHERS_FROM => {
                        tail.turn_at.get_or_insert(now_ms.saturating_add(TURN_MS.saturating_mul(place)));
                    }
                    _ => {}
                }
                tail.turn_at.is_some_and(|at| at <= now_ms)
            })
            .collect()
    }

    /// When this device's turn comes to write a snapshot of some document.
    pub(crate) fn next_snapshot_ms(&self) -> Option<u64> {
        let look = self.look_at_tails.then_some(0);
        let next = self.tails.values().filter_map(|tail| tail.turn_at).chain(look).min();
        next.filter(|_| self.epoch_for_snapshot().is_some())
    }

    /// A snapshot of a document could not be made: it is not tried again before there is more.
    pub(crate) fn snapshot_failed(&mut self, document: DocumentId) {
        if let Some(tail) = self.tails.get_mut(&document) {
            tail.failed_at = Some(tail.all.entries);
            tail.turn_at = None;
        }
    }

    /// Weighs the snapshots that arrived and keeps the one that covers most.
    fn weigh_arrived(&mut self, document: DocumentId) {
        let arrived =
            self.tails.get_mut(&document).map(|tail| core::mem::take(&mut tail.arrived)).unwrap_or_default();
        for id in arrived {
            let covered = self.weight_of(document, id);
            let Some(tail) = self.tails.get_mut(&document) else { return };
            if tail.best.is_none() || covered.entries > tail.covered.entries {
                (tail.covered, tail.best) = (covered, Some(id));
                (tail.turn_at, tail.failed_at) = (None, None);
            }
        }
    }

    /// What a snapshot's header says that it covers.
    fn weight_of(&self, document: DocumentId, snapshot: EntryId) -> Weight {
        let after = self.shelf.known(&snapshot).map(|known| known.header.fields().after.as_slice());
        let closure = self.graphs.get(&document).zip(after).map(|(graph, after)| graph.closure(after));
        let known = closure.into_iter().flatten().filter_map(|id| self.shelf.known(&id));
        known.filter(|known| known.state == EntryState::In).fold(Weight::default(), |weight, known| Weight {
            entries: weight.entries + 1,
            bytes: weight.bytes.saturating_add(u64::from(known.header.fields().body_length)),
        })
    }

    /// How many editors' devices come before this one in writing the next snapshot. The line is drawn by lot: the
    /// devices whose ids are nearest to the last snapshot's come first. It is the same everywhere, and another one
    /// every time.
    fn place_in_line(&self, best: Option<EntryId>) -> u64 {
        let lot = *best.unwrap_or_else(|| EntryId::from_bytes(*self.space.as_bytes())).as_bytes();
        let distance = |device: &DeviceId| {
            let mut distance = *device.as_bytes();
            for (byte, lot) in distance.iter_mut().zip(lot) {
                *byte ^= lot;
            }
            distance
        };
        let membership = self.membership();
        let own = distance(&self.keys.device());
        let editors = membership.reader_devices().filter(|(device, _)| membership.may_write(device));
        let before = editors.filter(|(device, _)| distance(device) < own).count();
        u64::try_from(before).unwrap_or(u64::MAX)
    }
}
