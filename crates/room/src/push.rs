//! Entries on their way in: whose they are, where they belong, what becomes of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use samverka_log::limits::{MEMBERSHIP_OPERATIONS_MAX, MEMBERSHIP_VOID_MAX};
use samverka_log::wire::Writer;
use samverka_log::{Entry, EntryId, EntryKind, LogHead, LogId, Operation, SignedHeader, SlotId};
use samverka_protocol::{Code, Frame};
use samverka_store::{Reply, Request, StoreError};

use crate::effect::PeerId;
use crate::gate::Verdict;
use crate::incoming::Checked;
use crate::parts::{self, Part};
use crate::peer::{Peer, Stage};
use crate::room::{Purpose, Room};
use crate::settings::{BROUGHT_BYTES_MAX, FORKS_MAX, REMOVED_BYTES_MAX, REMOVED_ENTRIES_MAX};
use crate::waiting::Full;

/// Older entries that may be compared with the store at a time.
const COMPARES_MAX: usize = 64;

/// Bytes of older entries read at a time to be compared.
const COMPARE_BYTES: usize = 256 * 1024;

/// Who carries entries. Rights are the authors'; the carrier only has to be known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// Somebody who is in, or was.
    Peer(PeerId),
    /// Whoever founds the space, or brings what its membership lacks here.
    Founder(PeerId),
}

impl Source {
    const fn peer(self) -> PeerId {
        match self {
            Self::Peer(peer) | Self::Founder(peer) => peer,
        }
    }
}

/// What became of an entry.
enum Placed {
    Accepted,
    /// It is durable already.
    Durable,
    /// Its place is taken by an entry that only the store remembers: this is what to compare with it. It has its body
    /// only where the store lacks it.
    Old(Box<Entry>),
    /// It is accepted and on its way to being durable.
    OnItsWay,
    /// It waits for membership operations.
    Waits,
    Rejected {
        /// Where the relay's log stands, where that helps; else the entry's number.
        number: u64,
        code: Code,
    },
}

impl Room {
    pub(crate) fn push_unchecked(&mut self, peer: PeerId, entries: Vec<Entry>, now_ms: u64) {
        // Whoever is not attached does not make the relay check signatures.
        let attached = self.peers.get(&peer).is_some_and(|peer| peer.stage.device().is_some());
        if attached {
            self.push(peer, entries.into_iter().map(Checked::new).collect(), now_ms);
        } else {
            self.refuse(peer, Code::NotAMember, "the channel is not attached");
        }
    }

    pub(crate) fn push(&mut self, peer: PeerId, entries: Vec<Checked>, now_ms: u64) {
        match self.peers.get(&peer).map(|peer| peer.stage) {
            Some(Stage::Member(_)) => self.take(Source::Peer(peer), entries, now_ms),
            Some(Stage::Removed(_)) if self.removed_may_push(peer, &entries) => {
                self.take(Source::Peer(peer), entries, now_ms);
            }
            Some(Stage::Removed(_)) => {
                self.close(peer, Code::RateLimited, "a removed device may push its own work, within limits");
            }
            Some(Stage::Stranger | Stage::Knocking(_)) => {
                self.refuse(peer, Code::NotAMember, "the channel is not attached");
            }
            None => {}
        }
    }

    fn removed_may_push(&mut self, peer: PeerId, entries: &[Checked]) -> bool {
        let Some(device) = self.peers.get(&peer).and_then(|known| known.stage.device()) else { return false };
        let limits = (REMOVED_ENTRIES_MAX, REMOVED_BYTES_MAX);
        self.count_pushed(peer, entries.iter().map(|checked| checked.entry.size()), limits)
            && entries.iter().all(|checked| checked.entry.header.fields().log.device == device)
    }

    /// Whether a stranger may bring these operations too.
    pub(crate) fn may_bring(&mut self, peer: PeerId, entries: &[Entry]) -> bool {
        let operations = u64::try_from(MEMBERSHIP_OPERATIONS_MAX + MEMBERSHIP_VOID_MAX).unwrap_or(u64::MAX);
        self.count_pushed(peer, entries.iter().map(Entry::size), (operations, BROUGHT_BYTES_MAX))
    }

    /// Counts what a channel pushes that is no member's; answers whether it is within its limits.
    fn count_pushed(
        &mut self,
        peer: PeerId,
        sizes: impl ExactSizeIterator<Item = usize>,
        (entries_max, bytes_max): (u64, u64),
    ) -> bool {
        let Some(known) = self.peers.get_mut(&peer) else { return false };
        let count = u64::try_from(sizes.len()).unwrap_or(u64::MAX);
        known.pushed_entries = known.pushed_entries.saturating_add(count);
        known.pushed_bytes =
            known.pushed_bytes.saturating_add(u64::try_from(sizes.sum::<usize>()).unwrap_or(u64::MAX));
        known.pushed_entries <= entries_max && known.pushed_bytes <= bytes_max
    }

    pub(crate) fn push_part(&mut self, peer: PeerId, part: Part, now_ms: u64) {
        let budget = self.settings.large_bodies.clone();
        let Some(known) = self.peers.get_mut(&peer) else { return };
        if known.stage.device().is_none() {
            return self.refuse(peer, Code::NotAMember, "the channel is not attached");
        }
        match parts::take(&mut known.parts, part, &budget) {
            Ok(None) => {}
            Ok(Some(entry)) => self.push(peer, vec![Checked::new(entry)], now_ms),
            Err(code) => self.close(peer, code, "a large body could not be taken"),
        }
    }

    /// Takes entries in their order: places each, passes on what was accepted, says what was not.
    pub(crate) fn take(&mut self, source: Source, entries: Vec<Checked>, now_ms: u64) {
        let peer = source.peer();
        let mut accepted = Vec::new();
        let mut rejected = BTreeSet::new();
        let mut durable = BTreeSet::new();
        let mut old: BTreeMap<LogId, VecDeque<Entry>> = BTreeMap::new();
        for checked in entries {
            let log = checked.entry.header.fields().log;
            // One word for each log is enough: what follows a rejected entry has no place either.
            if rejected.contains(&log) {
                self.counts.refused += 1;
                continue;
            }
            match self.place(source, checked, &mut accepted, now_ms) {
                Placed::Accepted if log.slot == SlotId::MEMBERSHIP => self.retry_waiting(now_ms),
                Placed::Accepted | Placed::Waits => {}
                Placed::Durable => {
                    durable.insert(log);
                }
                Placed::Old(entry) => old.entry(log).or_default().push_back(*entry),
                Placed::OnItsWay => self.commit.acknowledge(peer, log),
                Placed::Rejected { number, code } => {
                    self.counts.refused += 1;
                    rejected.insert(log);
                    self.reject(peer, log, number, code);
                }
            }
        }
        self.fan_out(&accepted, Some(peer));
        self.acknowledge(peer, durable);
        for (log, theirs) in old {
            self.compare(peer, log, theirs);
        }
        self.commit_next(now_ms);
    }

    fn place(&mut self, source: Source, checked: Checked, accepted: &mut Vec<Entry>, now_ms: u64) -> Placed {
        let entry = checked.entry;
        let fields = entry.header.fields();
        let (log, number) = (fields.log, fields.number);
        let rejected = |code| Placed::Rejected { number, code };
        if entry.header.space() != self.space {
            return rejected(Code::WrongSpace);
        }
        if let Some(code) = checked.fault {
            return rejected(code);
        }
        let head = self.head(&log);
        if number < head.next {
            return self.place_old(source.peer(), entry, now_ms);
        }
        if let Some(waiting) = self.waiting.head(&log)
            && number >= head.next
        {
            return self.place_waiting(source.peer(), entry, waiting);
        }
        if number > head.next {
            return Placed::Rejected { number: head.next, code: Code::Gap };
        }
        if fields.previous != head.head {
            return rejected(Code::Fork);
        }
        if let Some(code) = self.over_quota(&entry) {
            return rejected(code);
        }
        match self.gate.judge(&entry) {
            Verdict::Refuse(code) => rejected(code),
            Verdict::Wait if matches!(source, Source::Founder(_)) => rejected(Code::MissingParents),
            Verdict::Wait => match self.waiting.keep(source.peer(), entry) {
                Ok(()) => Placed::Waits,
                Err(Full) => rejected(Code::MissingParents),
            },
            Verdict::Take => {
                self.accept(source.peer(), entry, accepted, now_ms);
                Placed::Accepted
            }
        }
    }

    /// An entry whose place is taken: the same one, or proof of a fork.
    fn place_old(&mut self, peer: PeerId, mut entry: Entry, now_ms: u64) -> Placed {
        let fields = entry.header.fields();
        let (log, number) = (fields.log, fields.number);
        let durable = self.durable.head(&log);
        let known: Option<EntryId> =
            if number + 1 == durable.next { Some(durable.head) } else { self.commit.id_at(&log, number) };
        let is_durable = number < durable.next;
        match known {
            Some(id) if id == entry.id() && is_durable => self.place_same(peer, entry),
            Some(id) if id == entry.id() => Placed::OnItsWay,
            _ if is_durable => {
                if !self.may_fill(&entry) {
                    entry.body = None;
                }
                Placed::Old(Box::new(entry))
            }
            _ => {
                self.note_pending_fork(&entry.header, now_ms);
                Placed::Rejected { number, code: Code::Fork }
            }
        }
    }

    /// An entry that is durable, with its body or without.
    fn place_same(&mut self, peer: PeerId, entry: Entry) -> Placed {
        if self.commit.is_filling(entry.id()) {
            return Placed::OnItsWay;
        }
        if !self.may_fill(&entry) {
            return Placed::Durable;
        }
        let number = entry.header.fields().number;
        match self.fill(peer, entry) {
            Ok(()) => Placed::OnItsWay,
            Err(code) => Placed::Rejected { number, code },
        }
    }

    fn note_pending_fork(&mut self, header: &SignedHeader, now_ms: u64) {
        let fields = header.fields();
        let ours = self.undurable().find(|pending| {
            let ours = pending.entry.header.fields();
            ours.log == fields.log && ours.number == fields.number
        });
        if let Some(ours) = ours.map(|pending| pending.entry.header.clone()) {
            self.note_fork(&ours, header, now_ms);
        }
    }

    fn place_waiting(&mut self, peer: PeerId, entry: Entry, waiting: LogHead) -> Placed {
        let fields = entry.header.fields();
        let number = fields.number;
        if number < waiting.next {
            return Placed::Waits;
        }
        if number > waiting.next || fields.previous != waiting.head {
            return Placed::Rejected { number: waiting.next, code: Code::Gap };
        }
        match self.waiting.keep(peer, entry) {
            Ok(()) => Placed::Waits,
            Err(Full) => Placed::Rejected { number, code: Code::MissingParents },
        }
    }

    fn over_quota(&self, entry: &Entry) -> Option<Code> {
        let fields = entry.header.fields();
        let limits = &self.settings.limits;
        let size = u64::try_from(entry.size()).unwrap_or(u64::MAX);
        if fields.number == 0 && self.heads.len() >= limits.logs_max {
            return Some(Code::TooManyLogs);
        }
        if self.space_bytes.saturating_add(size) > limits.space_bytes_max {
            return Some(Code::Quota);
        }
        if self.commit.is_out_of_room() {
            return Some(Code::StorageFull);
        }
        if self.commit.is_full() {
            return Some(Code::Busy);
        }
        let left_out = self.dropped.contains(&fields.document);
        (entry.body.is_none() && !left_out).then_some(Code::BodyMissing)
    }

    /// Gives an entry its place. A membership operation works at once: what follows it in the same frame does not
    /// reach whoever it removed.
    fn accept(&mut self, peer: PeerId, mut entry: Entry, accepted: &mut Vec<Entry>, now_ms: u64) {
        let fields = entry.header.fields();
        let (log, next) = (fields.log, fields.number + 1);
        if self.dropped.contains(&fields.document) && fields.kind != EntryKind::Drop {
            entry.body = None;
        }
        self.heads.set(log, LogHead { next, head: entry.id() });
        self.space_bytes = self.space_bytes.saturating_add(u64::try_from(entry.size()).unwrap_or(u64::MAX));
        if self.note_drop(&entry.header) {
            self.commit.drop_bodies(entry.header.fields().document);
        }
        let operation = self.gate.insert(&entry);
        self.commit.push(entry.clone(), peer);
        accepted.push(entry);
        if let Some(operation) = operation {
            self.fan_out(accepted, Some(peer));
            accepted.clear();
            self.membership_changed(now_ms);
            if let Operation::AcceptLate { logs } = operation {
                self.release(logs.iter().map(|(log, _)| *log), now_ms);
            }
        }
    }

    /// Takes note of an order to drop a document, if it is in force. Answers whether it is, and new.
    pub(crate) fn note_drop(&mut self, header: &SignedHeader) -> bool {
        let fields = header.fields();
        if fields.kind != EntryKind::Drop
            || !self.gate.may_drop(header)
            || !self.dropped.insert(fields.document)
        {
            return false;
        }
        self.commit.put(format!("drop/{}", fields.document), Vec::new());
        true
    }

    /// Looks again at entries that waited for membership operations, as often as one lets others in.
    pub(crate) fn retry_waiting(&mut self, now_ms: u64) {
        let mut accepted = Vec::new();
        let mut look_again = true;
        while core::mem::take(&mut look_again) {
            for log in self.waiting.logs() {
                while self.retry_first(&log, &mut accepted, now_ms) {
                    look_again |= log.slot == SlotId::MEMBERSHIP;
                }
            }
        }
        // Whoever sent them has them; who that was differs, and a duplicate does no harm.
        self.fan_out(&accepted, None);
    }

    /// Accepts the first waiting entry of a log if it no longer has to wait.
    fn retry_first(&mut self, log: &LogId, accepted: &mut Vec<Entry>, now_ms: u64) -> bool {
        let Some(first) = self.waiting.first(log) else { return false };
        if !self.gate.knows_all(&first.header.fields().membership_heads) {
            return false;
        }
        let Some((peer, entry)) = self.waiting.take_first(log) else { return false };
        let (number, previous) = (entry.header.fields().number, entry.header.fields().previous);
        let head = self.head(log);
        let fits = number == head.next && previous == head.head;
        let refused = match self.gate.judge(&entry) {
            _ if !fits => Some(Code::Gap),
            Verdict::Refuse(code) => Some(code),
            Verdict::Wait => Some(Code::MissingParents),
            Verdict::Take => self.over_quota(&entry),
        };
        match refused {
            None => self.accept(peer, entry, accepted, now_ms),
            Some(code) => {
                self.counts.refused += 1;
                self.waiting.forget(log);
                self.reject(peer, *log, number, code);
            }
        }
        refused.is_none()
    }

    pub(crate) fn reject(&mut self, peer: PeerId, log: LogId, number: u64, code: Code) {
        let Some(channel) = self.peers.get(&peer).map(Peer::channel) else { return };
        self.send(peer, &Frame::Reject { channel, log, number, code, detail: String::new() });
    }

    /// Reads what the store has in the places of older entries: the same, or the other branch of a fork.
    fn compare(&mut self, peer: PeerId, log: LogId, theirs: VecDeque<Entry>) {
        let Some(from) = theirs.front().map(|first| first.header.fields().number) else { return };
        let compares = self.purposes.values().filter(|purpose| matches!(purpose, Purpose::Compare { .. }));
        if compares.count() >= COMPARES_MAX {
            return self.reject(peer, log, from, Code::Busy);
        }
        let (space, max_entries, max_bytes) = (self.space, theirs.len(), COMPARE_BYTES);
        let request = Request::EntriesOfLog { space, log, from, max_entries, max_bytes };
        self.request(Purpose::Compare { theirs, peer }, request);
    }

    pub(crate) fn compared(
        &mut self,
        peer: PeerId,
        mut theirs: VecDeque<Entry>,
        result: Result<Reply, StoreError>,
        now_ms: u64,
    ) {
        let Some(log) = theirs.front().map(|first| first.header.fields().log) else { return };
        let Ok(Reply::Entries(ours)) = result else { return };
        if ours.is_empty() {
            return;
        }
        for ours in ours {
            let number = ours.header.fields().number;
            while theirs.front().is_some_and(|theirs| theirs.header.fields().number < number) {
                theirs.pop_front();
            }
            let Some(same_place) = theirs.pop_front_if(|theirs| theirs.header.fields().number == number)
            else {
                continue;
            };
            if same_place.id() != ours.id() {
                self.note_fork(&ours.header, &same_place.header, now_ms);
                self.reject(peer, log, number, Code::Fork);
                return self.commit_next(now_ms);
            }
            if let Placed::Rejected { number, code } = self.place_same(peer, same_place) {
                self.reject(peer, log, number, code);
                return self.commit_next(now_ms);
            }
        }
        if !theirs.is_empty() {
            self.compare(peer, log, theirs);
        } else if self.commit.is_filling_log(log) {
            self.commit.acknowledge(peer, log);
        } else {
            self.acknowledge(peer, [log]);
        }
        self.commit_next(now_ms);
    }

    pub(crate) fn fork_reported(
        &mut self,
        peer: PeerId,
        first: &SignedHeader,
        second: &SignedHeader,
        now_ms: u64,
    ) {
        let may = self.peers.get(&peer).is_some_and(Peer::may_fetch);
        if may && proves_fork(first, second) && first.space() == self.space && self.knows_log(first) {
            self.note_fork(first, second, now_ms);
            self.commit_next(now_ms);
        }
    }

    fn knows_log(&self, header: &SignedHeader) -> bool {
        self.gate.knows_author(&header.fields().log)
    }

    /// Keeps the proof that a log forked and passes it on. The stored branch stays as it is.
    pub(crate) fn note_fork(&mut self, first: &SignedHeader, second: &SignedHeader, now_ms: u64) {
        let (log, number) = (first.fields().log, first.fields().number);
        // Of several proofs the earliest says most: everything from there on is in doubt.
        let known = self.forks.get(&log).map(|(known, _)| known.fields().number);
        if known.map_or(self.forks.len() >= FORKS_MAX, |known| known <= number) {
            return;
        }
        self.counts.forks += 1;
        let mut value = Writer::new();
        value.block(first.bytes()).block(second.bytes());
        self.commit.put(format!("fork/{log}"), value.finish());
        self.forks.insert(log, (first.clone(), second.clone()));
        self.gate.note_fork(log, number);
        self.send_to_all(
            |_, peer| peer.may_fetch(),
            |channel| Frame::Fork { channel, first: first.clone(), second: second.clone() },
        );
        self.membership_changed(now_ms);
    }

    pub(crate) fn tell_forks(&mut self, peer: PeerId) {
        let Some(known) = self.peers.get(&peer) else { return };
        if !known.may_fetch() {
            return;
        }
        let channel = known.channel();
        let frames: Vec<_> = self
            .forks
            .values()
            .map(|(first, second)| Frame::Fork { channel, first: first.clone(), second: second.clone() })
            .collect();
        for frame in frames {
            self.send(peer, &frame);
        }
    }
}

/// Whether two headers show that one log has two entries with one number.
pub(crate) fn proves_fork(first: &SignedHeader, second: &SignedHeader) -> bool {
    let (one, other) = (first.fields(), second.fields());
    first.id() != second.id()
        && one.log == other.log
        && one.number == other.number
        && first.space() == second.space()
        && first.verify().is_ok()
        && second.verify().is_ok()
}
