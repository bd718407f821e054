//! Reading a space back from the store: at the start, after another process has written, and when something that
//! counted no longer does.

use samverka_log::{EntryId, Frontier, LogId, Receipt};
use samverka_store::{Arrival, Reply, Request, StoreError, Write};

use crate::Replica;
use crate::copies::Copies;
use crate::effect::{Event, RequestId};
use crate::intake::Source;
use crate::replica::Purpose;
use crate::shelf::EntryState;

/// Bytes read at a time.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Entries of one log read at a time.
const RUN_ENTRIES_MAX: usize = 4096;

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loading {
    /// The named values are awaited.
    Values,
    /// Membership logs are read: what follows is then judged once, by everything that is known of who is in.
    Membership,
    /// Entries are read in the order of their arrival.
    Entries {
        /// [`samverka_log::Membership::losses`] once the membership logs were read.
        losses: (usize, usize, u64),
    },
    /// Entries have been read, and the shell still reads documents.
    Documents {
        /// As above.
        losses: (usize, usize, u64),
    },
    /// Entries are read again to build the documents anew; headers and membership are here.
    Rebuild {
        /// As above, when it began.
        losses: (usize, usize, u64),
    },
}

impl Loading {
    /// What membership had taken back when entries began to be judged.
    const fn losses(self) -> Option<(usize, usize, u64)> {
        match self {
            Self::Values | Self::Membership => None,
            Self::Entries { losses } | Self::Documents { losses } | Self::Rebuild { losses } => Some(losses),
        }
    }
}

impl Replica {
    pub(crate) fn begin_load(&mut self) {
        self.loading = Some(Loading::Values);
        self.ask(Request::Values { space: Some(self.space), prefix: String::new() }, Purpose::Load);
    }

    /// Takes the store's answer to a request. Answers have to come in the order of the requests.
    pub fn handle_stored(&mut self, id: RequestId, answer: Result<Reply, StoreError>, now_ms: u64) {
        let Some(purpose) = self.requests.remove(&id) else { return };
        match (purpose, answer) {
            (Purpose::Write { batch, places }, Ok(_)) => {
                let filled = batch.iter().any(|write| matches!(write, Write::Fill { .. }));
                self.written(places, filled, now_ms);
            }
            // It follows one that failed: it goes after it.
            (Purpose::Write { batch, places }, Err(_)) if !self.failed_writes.is_empty() => {
                self.failed_writes.push((batch, places));
            }
            (Purpose::Write { batch, .. }, Err(StoreError::Conflict { .. })) => {
                self.ask(Request::Frontier { space: self.space }, Purpose::Reconcile(batch));
            }
            (Purpose::Write { batch, places }, Err(error)) => {
                self.failed_writes.push((batch, places));
                self.write_failed(&error);
            }
            (Purpose::Reconcile(batch), Ok(Reply::Frontier(stored))) => {
                self.reconcile(batch, &stored, now_ms);
            }
            (Purpose::Load, Ok(Reply::Values(values))) => {
                for (key, value) in values {
                    self.take_value(&key, value);
                }
                self.loading = Some(Loading::Membership);
                self.ask(Request::Frontier { space: self.space }, Purpose::Load);
            }
            (Purpose::Load, Ok(Reply::Frontier(stored))) => {
                for (log, _) in stored.iter().filter(|(log, _)| log.slot.0 == 0) {
                    self.read_log(*log, 0, Purpose::Load);
                }
                self.membership_read();
            }
            (Purpose::Load, Ok(Reply::Entries(entries))) => {
                if let Some(last) = entries.last().map(|entry| entry.header.fields()) {
                    // The answer may have been cut at its size: an empty one says that there is no more.
                    self.read_log(last.log, last.number + 1, Purpose::Load);
                }
                self.take(entries, Source::Store, now_ms);
                self.membership_read();
            }
            (Purpose::Load, Ok(Reply::Arrived(page))) => self.handle_page(page, now_ms),
            (Purpose::Catch, Ok(Reply::Frontier(stored))) => self.catch_up(&stored),
            (Purpose::Catch, Ok(Reply::Value(door))) => self.take_stored_door(door.as_deref()),
            (Purpose::Catch, Ok(Reply::Values(invitations))) => {
                for (key, value) in invitations {
                    self.take_value(&key, value);
                }
            }
            (Purpose::Catch, Ok(Reply::Bodyless(ranges))) => self.bodyless_are(&ranges),
            (Purpose::CatchKnocks, Ok(Reply::Values(knocks))) => self.take_stored_knocks(&knocks),
            (Purpose::Catch, Ok(Reply::Entries(entries))) => {
                self.take(entries, Source::Store, now_ms);
                self.durable = self.saved_frontier();
                self.pump_all(now_ms);
            }
            (Purpose::Send(session), Ok(Reply::Entries(entries))) => {
                self.handle_read(session, entries, now_ms);
            }
            (Purpose::Send(session), Err(error)) => {
                self.close(session, format!("what is to be sent could not be read: {error}"));
            }
            (_, Err(error)) => self.write_failed(&error),
            (_, Ok(_)) => {}
        }
    }

    /// Another process of this device has written to the store: reads what is new there.
    pub fn handle_store_changed(&mut self) {
        if self.loading.is_some() {
            return;
        }
        self.ask(Request::Frontier { space: self.space }, Purpose::Catch);
        self.look_for_bodies();
        let values = |prefix: &str| Request::Values { space: Some(self.space), prefix: prefix.to_owned() };
        let (invitations, refusals, knocks) = (values("invite/"), values("refused/"), values("knock/"));
        self.ask(invitations, Purpose::Catch);
        self.ask(refusals, Purpose::Catch);
        self.ask(knocks, Purpose::CatchKnocks);
        self.ask(Request::Value { space: Some(self.space), key: "door".to_owned() }, Purpose::Catch);
    }

    fn catch_up(&mut self, stored: &Frontier) {
        let mut ranges = stored.missing_in(self.shelf.frontier());
        // Who is in comes first, so that what follows is understood at once.
        ranges.sort_by_key(|range| (range.log.slot.0 != 0, range.log));
        for range in ranges {
            self.read_log(range.log, range.from, Purpose::Catch);
        }
    }

    fn read_log(&mut self, log: LogId, from: u64, purpose: Purpose) {
        let space = self.space;
        let (max_entries, max_bytes) = (RUN_ENTRIES_MAX, PAGE_BYTES);
        self.ask(Request::EntriesOfLog { space, log, from, max_entries, max_bytes }, purpose);
    }

    /// Goes on to everything else once no more of the membership logs is awaited.
    fn membership_read(&mut self) {
        if !self.requests.values().any(|purpose| matches!(purpose, Purpose::Load)) {
            self.loading = Some(Loading::Entries { losses: self.resolver.state().losses() });
            self.read_on(Arrival(0));
        }
    }

    fn read_on(&mut self, after: Arrival) {
        self.ask(
            Request::EntriesByArrival { space: self.space, after, max_bytes: PAGE_BYTES },
            Purpose::Load,
        );
    }

    fn handle_page(&mut self, page: Vec<(Arrival, samverka_log::Entry)>, now_ms: u64) {
        let Some((last, _)) = page.last() else { return self.finish_load(now_ms) };
        let last = *last;
        match self.loading {
            Some(Loading::Rebuild { .. }) => {
                for (_, entry) in page {
                    let id = entry.id();
                    if let Some(known) = self.shelf.known_mut(&id) {
                        known.body = entry.body;
                        self.to_settle.push_back(id);
                    }
                }
                self.settle_in_order();
            }
            _ => {
                self.take(page.into_iter().map(|(_, entry)| entry).collect(), Source::Store, now_ms);
            }
        }
        self.read_on(last);
    }

    /// Whether the store is read for the first time: who this device is in the plan is not known yet.
    pub(crate) const fn is_opening(&self) -> bool {
        matches!(
            self.loading,
            Some(Loading::Values | Loading::Membership | Loading::Entries { .. } | Loading::Documents { .. })
        )
    }

    /// Whether the documents are built anew.
    pub(crate) const fn is_rebuilding(&self) -> bool {
        matches!(self.loading, Some(Loading::Rebuild { .. }))
    }

    fn settle_in_order(&mut self) {
        self.in_order = true;
        self.settle_all();
        self.in_order = false;
    }

    /// Settles what arrived while the store was read, and what is not in the store: its writing failed.
    fn settle_what_is_left(&mut self) {
        let waits =
            |id: &&EntryId| self.shelf.known(id).is_some_and(|known| known.state == EntryState::Waiting);
        let left: Vec<EntryId> = self.shelf.arrival().iter().filter(waits).copied().collect();
        self.to_settle.extend(left);
        self.settle_in_order();
    }

    /// Puts the bodies of entries that are not in the store yet back with their headers.
    fn take_back_unwritten(&mut self) {
        let on_the_way = self.requests.values().filter_map(|purpose| match purpose {
            Purpose::Write { batch, .. } | Purpose::Reconcile(batch) => Some(batch),
            _ => None,
        });
        let batches = on_the_way.chain(self.failed_writes.iter().map(|(batch, _)| batch));
        let mut entries = Vec::new();
        for write in batches.flatten() {
            if let Write::Append { entries: unwritten, .. } | Write::Fill { entries: unwritten, .. } = write {
                entries.extend(unwritten.iter().map(|entry| (entry.id(), entry.body.clone())));
            }
        }
        for (id, body) in entries.into_iter().filter(|(_, body)| body.is_some()) {
            if let Some(known) = self.shelf.known_mut(&id) {
                known.body = body;
            }
        }
    }

    pub(crate) fn waits_for_documents(&self) -> bool {
        matches!(self.loading, Some(Loading::Documents { .. }))
    }

    pub(crate) fn finish_load(&mut self, now_ms: u64) {
        if !self.documents_are_here() {
            if let Some(Loading::Entries { losses }) = self.loading {
                self.loading = Some(Loading::Documents { losses });
            }
            return;
        }
        if self.is_rebuilding() {
            self.settle_what_is_left();
        }
        let loading = self.loading.take();
        if !matches!(loading, Some(Loading::Rebuild { .. })) {
            self.durable = self.shelf.frontier().clone();
            self.introduce_where_greeted();
        }
        // A removal may have become known while this was reading.
        let before = loading.and_then(Loading::losses);
        let moved = before != Some(self.resolver.state().losses()) && self.counts_differently();
        if moved || !self.checkpoint_holds() {
            self.rebuild();
            return;
        }
        self.reapply_pending();
        self.know_logs();
        if !self.pending.is_empty() {
            self.flush_at.get_or_insert(now_ms);
        }
        self.use_snapshots();
        self.events.push_back(Event::MembershipChanged);
        self.events.push_back(Event::StatusChanged);
        self.ask_for_bodies(now_ms);
        self.pump_all(now_ms);
    }

    /// Whether what a checkpoint holds is what its entries say, as they count now.
    fn checkpoint_holds(&self) -> bool {
        self.checkpointed.iter().all(|(id, covered)| {
            self.shelf.known(id).is_some_and(|known| {
                known.state == EntryState::In && self.is_admins_word(known, *covered) == covered.by_admin
            })
        })
    }

    /// Tells the workspace which logs there are: what it took from a checkpoint says only which Automerge actors wrote.
    fn know_logs(&mut self) {
        let logs: Vec<LogId> = self.shelf.frontier().iter().map(|(log, _)| *log).collect();
        if let Some(workspace) = &mut self.workspace {
            let delta = workspace.know_logs(logs);
            self.tell_changed(delta);
        }
    }

    /// Builds the documents anew from the entries: something that counted no longer does, or the other way round.
    pub(crate) fn rebuild(&mut self) {
        if !matches!(self.loading, None | Some(Loading::Entries { .. } | Loading::Documents { .. })) {
            return;
        }
        self.copies = Copies::default();
        self.loading = Some(Loading::Rebuild { losses: self.resolver.state().losses() });
        let documents: Vec<_> = self.graphs.keys().copied().collect();
        self.generation += 1;
        self.graphs.clear();
        self.workspace = None;
        self.checkpointed.clear();
        self.tails.clear();
        self.snapshots.clear();
        self.bodyless.clear();
        self.released.clear();
        self.quarantined.clear();
        self.to_settle.clear();
        self.unreadable.clear();
        self.waiting_for_membership.clear();
        let ids: Vec<EntryId> = self.shelf.arrival().to_vec();
        for id in ids {
            self.set_state(id, EntryState::Waiting);
        }
        self.take_back_unwritten();
        for document in documents {
            self.delete(&crate::checkpoint::key(document));
        }
        self.update_directory();
        self.read_on(Arrival(0));
    }

    /// Another process has appended to a log meanwhile, the same entries from a relay most likely: what it has is
    /// left out, and the rest is written.
    fn reconcile(&mut self, batch: Vec<Write>, stored: &Frontier, now_ms: u64) {
        let mut rest = Vec::new();
        for write in batch {
            let Write::Append { space, log, expect, mut entries } = write else {
                rest.push(write);
                continue;
            };
            let head = stored.head(&log);
            if let Some(last) = entries.last() {
                let last = last.header.fields().number;
                if last < head.next {
                    self.note_durable(log, stored);
                    continue;
                }
            }
            let known = usize::try_from(head.next.saturating_sub(expect.next)).unwrap_or(usize::MAX);
            if head.next < expect.next {
                // It follows one that is on its way again: tried when that is there.
                self.write_failed(&StoreError::Conflict { space, log, stored: head });
                let waits = vec![Write::Append { space, log, expect, entries }];
                let places = crate::replica::places_of(&waits);
                self.failed_writes.push((waits, places));
                continue;
            }
            entries.drain(..known.min(entries.len()));
            if entries.first().is_some_and(|entry| entry.header.fields().previous != head.head) {
                self.write_failed(&StoreError::Conflict { space, log, stored: head });
                continue;
            }
            rest.push(Write::Append { space, log, expect: head, entries });
        }
        self.write(rest);
        self.written(Vec::new(), false, now_ms);
    }

    fn note_durable(&mut self, log: LogId, stored: &Frontier) {
        let (ours, theirs) = (self.shelf.frontier().head(&log), stored.head(&log));
        let head = if ours.next <= theirs.next { ours } else { theirs };
        if head.next > self.durable.head(&log).next {
            self.durable.set(log, head);
        }
    }

    /// What is on the shelf, less what is still on its way to the store.
    fn saved_frontier(&self) -> Frontier {
        let mut saved = self.shelf.frontier().clone();
        let on_the_way = self.requests.values().filter_map(|purpose| match purpose {
            Purpose::Write { places, .. } => Some(places),
            _ => None,
        });
        for (log, _) in on_the_way.chain(self.failed_writes.iter().map(|(_, places)| places)).flatten() {
            saved.set(*log, self.durable.head(log));
        }
        saved
    }

    fn take_value(&mut self, key: &str, value: Vec<u8>) {
        let (kind, name) = key.split_once('/').unwrap_or((key, ""));
        match kind {
            "checkpoint" => self.take_checkpoint(name, &value),
            "relay" => self.take_relay_note(name, &value),
            "receipt" => match Receipt::verify(&value) {
                // Others go by the highest number: it goes on from there, whatever the clock says.
                Ok(own) if own.device == self.keys.device() => {
                    self.receipt_counter = self.receipt_counter.max(own.counter);
                }
                Ok(receipt) => drop(self.receipts.insert(receipt.device, receipt)),
                Err(_) => {}
            },
            "knock" => self.take_stored_knock(&value),
            "invite" => {
                if let Ok(id) = name.parse() {
                    self.invitations.insert(id, value);
                }
            }
            "refused" => self.take_stored_refusal(name, &value),
            "door" => self.door.restore(&value),
            "ticket" => self.take_ticket(&value),
            "fork" => self.take_stored_fork(&value),
            _ => {}
        }
    }
}
