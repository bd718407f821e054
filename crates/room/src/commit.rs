//! From accepted to durable: one write at a time, and everything that gathers meanwhile goes into the next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use samverka_log::{DocumentId, Entry, EntryId, Frontier, LogHead, LogId, SignedHeader};
use samverka_protocol::{Code, Frame};
use samverka_store::{Reply, Request, StoreError, Write};

use crate::effect::PeerId;
use crate::room::{Purpose, Room};
use crate::settings::{PENDING_BYTES_MAX, READ_BYTES, STORE_RETRY_MS};

/// The value of a space that holds how many bytes its entries take, as they were accepted: eight bytes, big-endian.
pub const USAGE_KEY: &str = "usage";

/// An accepted entry that is not durable yet.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) entry: Entry,
    /// Who sent it and waits for the acknowledgement.
    pub(crate) from: PeerId,
}

/// Everything that goes into one write besides entries.
#[derive(Debug, Default)]
struct Extras {
    values: BTreeMap<String, Option<Vec<u8>>>,
    drops: Vec<DocumentId>,
    /// Bodies of durable entries, and who brought them.
    fills: Vec<(Entry, PeerId)>,
    /// Who sent an entry that somebody else had sent already.
    acks: BTreeSet<(PeerId, LogId)>,
    /// What to say once this is durable.
    tell: Vec<(PeerId, Frame)>,
}

impl Extras {
    fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.drops.is_empty()
            && self.fills.is_empty()
            && self.acks.is_empty()
            && self.tell.is_empty()
    }

    /// Puts what could not be written back before what came later.
    fn put_back(&mut self, mut failed: Self) {
        failed.values.append(&mut self.values);
        failed.drops.append(&mut self.drops);
        failed.fills.append(&mut self.fills);
        failed.acks.append(&mut self.acks);
        failed.tell.append(&mut self.tell);
        *self = failed;
    }
}

/// What is on its way into the store.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    queue: VecDeque<Pending>,
    extras: Extras,
    writing: Option<(Vec<Pending>, Extras)>,
    refresh: Option<Refresh>,
    bytes: usize,
    retry_at_ms: Option<u64>,
    founding: bool,
    /// The store said that it is full, and has taken nothing since.
    out_of_room: bool,
}

/// Reading what another process wrote.
#[derive(Debug, Default)]
struct Refresh {
    target: Frontier,
    logs: VecDeque<LogId>,
    foreign: BTreeMap<(LogId, u64), SignedHeader>,
    membership: bool,
}

impl Commit {
    pub(crate) fn push(&mut self, entry: Entry, from: PeerId) {
        self.bytes += entry.size();
        self.queue.push_back(Pending { entry, from });
    }

    pub(crate) fn put(&mut self, key: String, value: Vec<u8>) {
        self.extras.values.insert(key, Some(value));
    }

    pub(crate) fn delete(&mut self, key: String) {
        self.extras.values.insert(key, None);
    }

    pub(crate) fn drop_bodies(&mut self, document: DocumentId) {
        self.extras.drops.push(document);
    }

    pub(crate) fn fill(&mut self, entry: Entry, from: PeerId) {
        self.bytes += entry.size();
        self.extras.fills.push((entry, from));
    }

    /// Whether a body for an entry is on its way into the store.
    pub(crate) fn is_filling(&self, id: EntryId) -> bool {
        self.fills().any(|entry| entry.id() == id)
    }

    /// Whether a body for an entry of a log is on its way into the store.
    pub(crate) fn is_filling_log(&self, log: LogId) -> bool {
        self.fills().any(|entry| entry.header.fields().log == log)
    }

    fn fills(&self) -> impl Iterator<Item = &Entry> {
        let writing = self.writing.iter().flat_map(|(_, extras)| &extras.fills);
        writing.chain(&self.extras.fills).map(|(entry, _)| entry)
    }

    /// Sends a frame once everything queued so far is durable.
    pub(crate) fn tell(&mut self, peer: PeerId, frame: Frame) {
        self.extras.tell.push((peer, frame));
    }

    /// Acknowledges a log once what is queued of it is durable.
    pub(crate) fn acknowledge(&mut self, peer: PeerId, log: LogId) {
        self.extras.acks.insert((peer, log));
    }

    /// The next write begins the space.
    pub(crate) const fn found(&mut self) {
        self.founding = true;
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// A channel is gone: nobody is left to be told.
    pub(crate) fn forget(&mut self, peer: PeerId) {
        self.extras.tell.retain(|(to, _)| *to != peer);
        self.extras.acks.retain(|(to, _)| *to != peer);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.extras.is_empty() && self.writing.is_none() && self.refresh.is_none()
    }

    /// Whether so much waits for the store that nothing more should be taken for a while.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes >= PENDING_BYTES_MAX
    }

    /// Whether what waits for the store is half of what may.
    pub(crate) const fn is_congested(&self) -> bool {
        self.bytes >= PENDING_BYTES_MAX / 2
    }

    /// Whether the store is full: nothing more is taken until what waits has found its place.
    pub(crate) const fn is_out_of_room(&self) -> bool {
        self.out_of_room
    }

    pub(crate) const fn retry_at_ms(&self) -> Option<u64> {
        self.retry_at_ms
    }

    /// Everything that is accepted and not durable, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Pending> {
        self.writing.iter().flat_map(|(entries, _)| entries).chain(&self.queue)
    }

    /// The id of an accepted entry that is not durable.
    pub(crate) fn id_at(&self, log: &LogId, number: u64) -> Option<EntryId> {
        let fits = |pending: &&Pending| {
            let fields = pending.entry.header.fields();
            fields.log == *log && fields.number == number
        };
        self.entries().find(fits).map(|pending| pending.entry.id())
    }

    fn put_back(&mut self) {
        if let Some((entries, extras)) = self.writing.take() {
            for pending in entries.into_iter().rev() {
                self.queue.push_front(pending);
            }
            self.extras.put_back(extras);
        }
    }
}

impl Room {
    /// Hands what has gathered to the store, unless a write is under way.
    pub(crate) fn commit_next(&mut self, now_ms: u64) {
        let waits = self.commit.writing.is_some() || self.commit.refresh.is_some();
        if waits || self.commit.retry_at_ms.is_some_and(|at| now_ms < at) {
            return;
        }
        self.commit.retry_at_ms = None;
        if self.commit.queue.is_empty() && self.commit.extras.is_empty() {
            return;
        }
        let entries: Vec<Pending> = core::mem::take(&mut self.commit.queue).into();
        let extras = core::mem::take(&mut self.commit.extras);
        let batch = self.batch(&entries, &extras);
        self.commit.writing = Some((entries, extras));
        if batch.is_empty() {
            // Only something to say about what is durable already.
            self.committed(&Ok(Reply::Written), now_ms);
        } else {
            self.request(Purpose::Commit, Request::Write(batch));
        }
    }

    fn batch(&self, entries: &[Pending], extras: &Extras) -> Vec<Write> {
        let space = self.space;
        let mut batch = Vec::new();
        if self.commit.founding {
            batch.push(Write::CreateSpace(space));
        }
        let mut runs: BTreeMap<LogId, Vec<Entry>> = BTreeMap::new();
        for pending in entries {
            runs.entry(pending.entry.header.fields().log).or_default().push(pending.entry.clone());
        }
        if !runs.is_empty() || !extras.fills.is_empty() {
            let value = self.space_bytes.to_be_bytes().to_vec();
            batch.push(Write::Put { space: Some(space), key: USAGE_KEY.to_owned(), value });
        }
        for (log, entries) in runs {
            batch.push(Write::Append { space, log, expect: self.durable.head(&log), entries });
        }
        for (key, value) in &extras.values {
            let (space, key) = (Some(space), key.clone());
            batch.push(match value {
                Some(value) => Write::Put { space, key, value: value.clone() },
                None => Write::Delete { space, key },
            });
        }
        if !extras.fills.is_empty() {
            let entries = extras.fills.iter().map(|(entry, _)| entry.clone()).collect();
            batch.push(Write::Fill { space, entries });
        }
        batch.extend(extras.drops.iter().map(|document| Write::DropBodies { space, document: *document }));
        batch
    }

    pub(crate) fn committed(&mut self, result: &Result<Reply, StoreError>, now_ms: u64) {
        match result {
            Ok(_) => self.became_durable(now_ms),
            // Somebody else wrote, or the store knows better where logs stand.
            Err(error @ (StoreError::Conflict { .. } | StoreError::Malformed(_))) => {
                self.commit.put_back();
                if matches!(error, StoreError::Malformed(_)) {
                    // Where reading again does not help, asking again at once does not either.
                    self.commit.retry_at_ms = Some(now_ms.saturating_add(STORE_RETRY_MS));
                }
                self.begin_refresh(now_ms);
            }
            Err(error) => {
                self.commit.put_back();
                self.commit.retry_at_ms = Some(now_ms.saturating_add(STORE_RETRY_MS));
                if matches!(error, StoreError::Full) {
                    self.ran_out_of_room();
                }
            }
        }
    }

    /// Tells whoever waits for an acknowledgement why none comes, once. What was accepted is kept and tried again.
    fn ran_out_of_room(&mut self) {
        if core::mem::replace(&mut self.commit.out_of_room, true) {
            return;
        }
        let entries = self.commit.queue.iter().map(|pending| (pending.from, &pending.entry));
        let fills = self.commit.extras.fills.iter().map(|(entry, from)| (*from, entry));
        let waiting: BTreeSet<(PeerId, LogId)> =
            entries.chain(fills).map(|(from, entry)| (from, entry.header.fields().log)).collect();
        for (peer, log) in waiting {
            self.reject(peer, log, self.durable.head(&log).next, Code::StorageFull);
        }
    }

    fn became_durable(&mut self, now_ms: u64) {
        let Some((entries, extras)) = self.commit.writing.take() else { return };
        self.commit.founding = false;
        self.commit.out_of_room = false;
        let mut acks: BTreeMap<PeerId, BTreeSet<LogId>> = BTreeMap::new();
        for pending in &entries {
            let fields = pending.entry.header.fields();
            self.durable.set(fields.log, LogHead { next: fields.number + 1, head: pending.entry.id() });
            self.commit.bytes = self.commit.bytes.saturating_sub(pending.entry.size());
            self.counts.appended += 1;
            acks.entry(pending.from).or_default().insert(fields.log);
        }
        for (entry, _) in &extras.fills {
            self.commit.bytes = self.commit.bytes.saturating_sub(entry.size());
            self.counts.filled += 1;
        }
        self.filled(&extras.fills);
        for (peer, log) in extras.acks {
            acks.entry(peer).or_default().insert(log);
        }
        for (peer, frame) in extras.tell {
            self.send(peer, &frame);
        }
        for (peer, logs) in acks {
            self.acknowledge(peer, logs);
        }
        self.commit_next(now_ms);
        self.pump_all(now_ms);
    }

    /// Tells an attached channel up to where logs are durable.
    pub(crate) fn acknowledge(&mut self, peer: PeerId, logs: impl IntoIterator<Item = LogId>) {
        // Whoever founds a space is told so instead.
        let attached = self.peers.get(&peer).filter(|peer| peer.stage.device().is_some());
        let Some(channel) = attached.map(crate::peer::Peer::channel) else { return };
        let logs: Vec<_> = logs.into_iter().map(|log| (log, self.durable.head(&log).next)).collect();
        if !logs.is_empty() {
            self.send(peer, &Frame::Ack { channel, logs });
        }
    }

    /// Reads what others have written to the space.
    pub(crate) fn begin_refresh(&mut self, _now_ms: u64) {
        if self.commit.refresh.is_none() && self.commit.writing.is_none() {
            self.commit.refresh = Some(Refresh::default());
            self.request(Purpose::Refresh, Request::Frontier { space: self.space });
        }
    }

    pub(crate) fn refreshed(&mut self, result: Result<Reply, StoreError>, now_ms: u64) {
        match result {
            Ok(Reply::Frontier(target)) => {
                if self.durable.iter().any(|(log, head)| target.head(log).next < head.next) {
                    return self.begin_anew();
                }
                let Some(refresh) = &mut self.commit.refresh else { return };
                refresh.logs = target.missing_in(&self.durable).into_iter().map(|range| range.log).collect();
                refresh.target = target;
            }
            Ok(Reply::Entries(entries)) if !entries.is_empty() => self.take_foreign(&entries),
            _ => {
                self.commit.refresh = None;
                self.commit.retry_at_ms = Some(now_ms.saturating_add(STORE_RETRY_MS));
                return;
            }
        }
        self.refresh_next(now_ms);
    }

    fn refresh_next(&mut self, now_ms: u64) {
        while let Some(refresh) = &mut self.commit.refresh {
            let Some(log) = refresh.logs.front().copied() else { return self.refresh_done(now_ms) };
            let from = self.durable.head(&log).next;
            if from >= refresh.target.head(&log).next {
                refresh.logs.pop_front();
                continue;
            }
            let (space, max_entries, max_bytes) = (self.space, usize::MAX, READ_BYTES);
            return self.request(
                Purpose::Refresh,
                Request::EntriesOfLog { space, log, from, max_entries, max_bytes },
            );
        }
    }

    fn take_foreign(&mut self, entries: &[Entry]) {
        for entry in entries {
            let fields = entry.header.fields();
            self.durable.set(fields.log, LogHead { next: fields.number + 1, head: entry.id() });
            self.space_bytes =
                self.space_bytes.saturating_add(u64::try_from(entry.size()).unwrap_or(u64::MAX));
            if entry.body.is_none() {
                self.bodiless.insert(fields.log, fields.number);
            }
            let membership = self.gate.insert(entry).is_some();
            self.note_drop(&entry.header);
            if let Some(refresh) = &mut self.commit.refresh {
                refresh.membership |= membership;
                refresh.foreign.insert((fields.log, fields.number), entry.header.clone());
            }
        }
        self.fan_out(entries, None);
    }

    /// Puts what was pending on top of what others wrote.
    fn refresh_done(&mut self, now_ms: u64) {
        let Some(refresh) = self.commit.refresh.take() else { return };
        self.heads = self.durable.clone();
        let pending = core::mem::take(&mut self.commit.queue);
        let mut acks: BTreeMap<PeerId, BTreeSet<LogId>> = BTreeMap::new();
        for pending in pending {
            let fields = pending.entry.header.fields();
            let (log, number, id) = (fields.log, fields.number, pending.entry.id());
            let head = self.heads.head(&log);
            if number == head.next && fields.previous == head.head {
                self.heads.set(log, LogHead { next: number + 1, head: id });
                self.commit.queue.push_back(pending);
                continue;
            }
            self.commit.bytes = self.commit.bytes.saturating_sub(pending.entry.size());
            match refresh.foreign.get(&(log, number)) {
                Some(theirs) if theirs.id() == id => {
                    acks.entry(pending.from).or_default().insert(log);
                }
                Some(theirs) => self.note_fork(theirs, &pending.entry.header, now_ms),
                // It follows one that was dropped for a fork just now.
                None => {}
            }
        }
        for (peer, logs) in acks {
            self.acknowledge(peer, logs);
        }
        if refresh.membership {
            self.membership_changed(now_ms);
            self.retry_waiting(now_ms);
        }
        self.commit_next(now_ms);
        self.pump_all(now_ms);
    }

    /// The store has less than was acknowledged here: somebody put an older copy in its place. What is in memory is
    /// worth nothing then; devices connect again and push what the store lacks.
    fn begin_anew(&mut self) {
        self.close_all(Code::Internal, "the relay's store was replaced; connect again");
        *self = self.successor();
        self.begin_loading();
    }
}
