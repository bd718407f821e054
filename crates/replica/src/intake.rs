//! Entries on their way in: checked, shelved, and settled as soon as everything that they name is.
//!
//! The way is the same for what a relay sends, for what another process of this device wrote, and for what is read
//! back from the store at the start; only the checks that the store's own word makes needless are left out.

use std::collections::BTreeMap;

use samverka_log::{
    Acceptance, Authority, DocumentId, Entry, EntryId, EntryKind, HeaderFields, LogHead, LogId, SpaceId,
    VerifiedOperation, actor_id,
};
use samverka_plan::{Applied, Delta, Incoming, LeftOut, VerifiedRecord, decode_change};
use samverka_seal::{ChangeContent, ChangeHash, Content, SignedRecord, check_content, open_entry};
use samverka_store::Write;

use crate::Replica;
use crate::effect::Event;
use crate::graph::DocumentGraph;
use crate::shelf::{Covered, EntryState, Fit, Known};

/// Where entries come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A relay: everything is checked.
    Relay,
    /// The own store: it was checked before it was written.
    Store,
}

/// What opened content holds, checked and ready for the plan.
pub(crate) struct Opened {
    incoming: Incoming,
    hashes: Vec<[u8; 32]>,
    covered: Covered,
}

impl Replica {
    /// Takes entries in their order. Answers whether any was new.
    pub(crate) fn take(&mut self, entries: Vec<Entry>, source: Source, now_ms: u64) -> bool {
        let (mut new, mut bodies) = (Vec::new(), Vec::new());
        for entry in entries {
            let fields = entry.header.fields();
            if entry.body.is_some() && self.shelf.lacks_body(&fields.log, fields.number) {
                bodies.push(entry);
            } else if self.check(&entry, source) {
                // No extension is known to this version: a critical one forbids writing, never reading.
                self.critical_extension |=
                    entry.header.fields().extensions.iter().any(|extension| extension.critical);
                let id = self.shelf.put(entry);
                if source == Source::Relay {
                    self.arrived_ms.insert(id, now_ms);
                }
                new.push(id);
            }
        }
        if source == Source::Relay {
            self.write_down(&new);
        }
        self.to_settle.extend(new.iter().copied());
        self.settle_all();
        self.fill(bodies, source);
        if !self.is_heading() && !self.is_rebuilding() {
            self.use_snapshots();
        }
        !new.is_empty()
    }

    /// Whether an entry may go on the shelf.
    fn check(&mut self, entry: &Entry, source: Source) -> bool {
        let header = &entry.header;
        if header.space() != self.space {
            return false;
        }
        match self.shelf.fit(header) {
            Fit::Next => {}
            Fit::Duplicate | Fit::Gap => return false,
            Fit::Fork(ours) => {
                self.note_fork(header, ours);
                return false;
            }
        }
        if source == Source::Store {
            return true;
        }
        let body_fits = entry.body.as_ref().is_none_or(|body| header.matches_body(body));
        let sound = header.fields().kind != EntryKind::Membership || VerifiedOperation::trust(entry).is_ok();
        body_fits && sound && self.verifier.verify(header).is_ok()
    }

    /// Asks the store to keep new entries: one atomic batch, a run of entries for each log.
    fn write_down(&mut self, new: &[EntryId]) {
        let mut runs: BTreeMap<LogId, Vec<Entry>> = BTreeMap::new();
        let mut order = Vec::new();
        for known in new.iter().filter_map(|id| self.shelf.known(id)) {
            let entry = Entry { header: known.header.clone(), body: known.body.clone() };
            let log = known.header.fields().log;
            if !runs.contains_key(&log) {
                order.push(log);
            }
            runs.entry(log).or_default().push(entry);
        }
        let mut writes = Vec::new();
        for log in order {
            if let Some(entries) = runs.remove(&log) {
                writes.push(append(self.space, log, entries));
            }
        }
        self.write(writes);
    }

    /// Settles whatever can be settled, then hands the content to the plan in one batch.
    pub(crate) fn settle_all(&mut self) {
        let mut batch = Vec::new();
        let mut generation = self.generation;
        while let Some(id) = self.to_settle.pop_front() {
            self.settle_one(id, &mut batch);
            if generation != self.generation {
                // The documents are built anew from the store: what was gathered for the old ones comes again.
                generation = self.generation;
                batch.clear();
            }
        }
        self.apply(batch);
    }

    fn settle_one(&mut self, id: EntryId, batch: &mut Vec<Incoming>) {
        let Some(known) = self.shelf.known(&id) else { return };
        match known.header.fields().kind {
            EntryKind::Membership => self.settle_membership(id),
            EntryKind::Change => self.settle_change(id, batch),
            EntryKind::Snapshot => self.settle_snapshot(id),
            EntryKind::Drop | EntryKind::Unknown(_) => {
                self.set_state(id, EntryState::Apart);
                self.forget_body(id);
            }
        }
    }

    /// Resolves a membership entry; what is known of who is in may change everything that waits.
    pub(crate) fn settle_membership(&mut self, id: EntryId) {
        let Some(known) = self.shelf.known_mut(&id) else { return };
        known.state = EntryState::Apart;
        let Some(body) = known.body.take() else { return };
        let entry = Entry { header: known.header.clone(), body: Some(body) };
        // The entry was checked when it arrived; the resolver itself refuses only what is over its limit.
        let Ok(operation) = VerifiedOperation::trust(&entry) else { return };
        let before = self.resolver.state().losses();
        match self.resolver.insert(operation) {
            Ok(true) => self.membership_changed(before),
            Ok(false) => {}
            Err(error) => self.set_state(id, EntryState::Out(error.to_string())),
        }
    }

    fn membership_changed(&mut self, losses_before: (usize, usize, u64)) {
        self.update_directory();
        let membership = self.resolver.state();
        let new_keys = self.keyring.update(&membership, self.space, &self.keys);
        self.to_settle.extend(core::mem::take(&mut self.waiting_for_membership));
        if new_keys {
            self.to_settle.extend(core::mem::take(&mut self.unreadable));
        }
        self.check_ticket();
        self.ask_everywhere_again();
        self.events.push_back(Event::MembershipChanged);
        if membership.losses() != losses_before && self.loading.is_none() && self.counts_differently() {
            self.rebuild();
        }
    }

    /// Whether an entry that counts no longer should, or the other way round, or what it states counts as an admin's
    /// word and no longer should, or the other way round.
    pub(crate) fn counts_differently(&self) -> bool {
        self.shelf.iter().filter(|known| known.header.fields().kind == EntryKind::Change).any(|known| {
            let accepted = match known.state {
                EntryState::In => true,
                EntryState::Quarantined(_) => false,
                _ => return false,
            };
            let counts = || self.acceptance(&known.header) == Acceptance::Accepted;
            let moved = || !self.released.contains(&known.header.id()) && counts() != accepted;
            known.covered.is_some_and(|covered| self.is_admins_word(known, covered) != covered.by_admin)
                || moved()
        })
    }

    pub(crate) fn is_admins_word(&self, known: &Known, covered: Covered) -> bool {
        covered.records > 0 && self.was_admin(&known.header)
    }

    fn settle_change(&mut self, id: EntryId, batch: &mut Vec<Incoming>) {
        if self.is_rebuilding() && !self.in_order {
            // What its log has before it may not be back yet: it comes again when everything is.
            return;
        }
        let Some(known) = self.shelf.known(&id) else { return };
        let header = known.header.clone();
        let graph = self.graphs.entry(header.fields().document).or_default();
        if graph.is_settled(&id) {
            return;
        }
        graph.arrive(&header);
        if self.puts_off(id) {
            return;
        }
        let graph = self.graphs.entry(header.fields().document).or_default();
        if let Some(missing) = graph.missing(&header) {
            graph.wait(id, missing);
            return;
        }
        match self.acceptance(&header) {
            Acceptance::Waiting(_) => {
                self.waiting_for_membership.insert(id);
            }
            Acceptance::Refused(why) => self.settle_as(id, EntryState::Out(why.to_string())),
            Acceptance::Quarantined(why) => self.settle_as(id, EntryState::Quarantined(why.to_string())),
            Acceptance::Accepted if self.is_forked(&header) => {
                self.settle_as(
                    id,
                    EntryState::Quarantined("its log has forked; nothing after that counts".into()),
                );
            }
            Acceptance::Accepted => {
                if self.release_what_it_builds_on(&header, batch) {
                    self.settle_accepted(id, batch);
                }
            }
        }
    }

    /// An accepted entry takes in the late ones that its author built on without having heard that they are
    /// ([`Authority::takes_in`]). Theirs would not apply without them. Answers whether they are all here; otherwise the
    /// entry waits for their bodies.
    fn release_what_it_builds_on(
        &mut self,
        header: &samverka_log::SignedHeader,
        batch: &mut Vec<Incoming>,
    ) -> bool {
        if self.quarantined.is_empty() {
            return true;
        }
        let fields = header.fields();
        let Some(graph) = self.graphs.get(&fields.document) else { return true };
        let mut held = graph.within_closure(&fields.after, &self.quarantined);
        let authority = Authority { resolver: &self.resolver, previous_heads: None };
        held.retain(|id| {
            self.shelf.known(id).is_some_and(|known| {
                matches!(known.state, EntryState::Quarantined(_)) && authority.takes_in(header, &known.header)
            })
        });
        let missing = held.iter().find(|id| !self.checkpointed.contains_key(id) && self.is_bodyless(**id));
        if let Some(missing) = missing.copied() {
            self.graphs.entry(fields.document).or_default().wait(header.id(), missing);
            return false;
        }
        for id in held.into_iter().rev() {
            self.release(fields.document, id, batch);
        }
        true
    }

    fn release(&mut self, document: DocumentId, id: EntryId, batch: &mut Vec<Incoming>) {
        if let Some(covered) = self.checkpointed.get(&id).copied() {
            self.covers(id, covered);
            self.forget_body(id);
        } else if let Ok(Some(opened)) = self.open_entry(id) {
            self.take_in(id, opened, batch);
        } else {
            return;
        }
        self.released.insert(id);
        self.quarantined.remove(&id);
        self.set_state(id, EntryState::In);
        let freed = self.graphs.get_mut(&document).map(|graph| graph.waiters(&id));
        self.to_settle.extend(freed.into_iter().flatten());
    }

    fn settle_accepted(&mut self, id: EntryId, batch: &mut Vec<Incoming>) {
        if let Some(covered) = self.checkpointed.get(&id).copied() {
            self.covers(id, covered);
            self.forget_body(id);
            self.settle_as(id, EntryState::In);
            return;
        }
        if self.is_bodyless(id) {
            self.set_state(id, EntryState::Bodyless);
            self.bodyless.insert(id);
            return;
        }
        match self.open_entry(id) {
            Ok(Some(opened)) => {
                self.take_in(id, opened, batch);
                self.settle_as(id, EntryState::In);
            }
            Ok(None) => {
                self.set_state(id, EntryState::Unreadable);
                self.unreadable.insert(id);
            }
            Err(why) => self.settle_as(id, EntryState::Out(why)),
        }
    }

    fn take_in(&mut self, id: EntryId, opened: Opened, batch: &mut Vec<Incoming>) {
        self.graphs.entry(opened.incoming.document).or_default().brought(id, opened.hashes);
        self.covers(id, opened.covered);
        self.forget_body(id);
        self.since_checkpoint += 1;
        batch.push(opened.incoming);
    }

    /// Takes note of what an entry that counts brought.
    pub(crate) fn covers(&mut self, id: EntryId, covered: Covered) {
        let Some(known) = self.shelf.known_mut(&id) else { return };
        known.covered = Some(covered);
        let fields = known.header.fields();
        self.graphs.entry(fields.document).or_default().numbered(fields.log, fields.number, &covered);
    }

    /// Whether an entry came without its body.
    fn is_bodyless(&self, id: EntryId) -> bool {
        self.shelf.known(&id).is_some_and(|known| {
            let fields = known.header.fields();
            known.body.is_none() && self.shelf.lacks_body(&fields.log, fields.number)
        })
    }

    /// Opens an accepted entry and checks what is inside. `None`: the key is not here yet.
    fn open_entry(&self, id: EntryId) -> Result<Option<Opened>, String> {
        let known = self.shelf.known(&id).ok_or("the entry is not here")?;
        match self.graphs.get(&known.header.fields().document) {
            Some(graph) => self.open_change(id, graph),
            None => self.open_change(id, &DocumentGraph::default()),
        }
    }

    /// As [`Self::open_entry`], where `graph` says what was there before the entry.
    pub(crate) fn open_change(&self, id: EntryId, graph: &DocumentGraph) -> Result<Option<Opened>, String> {
        let known = self.shelf.known(&id).ok_or("the entry is not here")?;
        let fields = known.header.fields();
        let Some(key) = self.keyring.key(&fields.epoch) else { return Ok(None) };
        let entry = Entry { header: known.header.clone(), body: known.body.clone() };
        let content = open_entry(&entry, key).map_err(|error| error.to_string())?;
        let Content::Change(change) = &content else {
            return Err("it holds something else than its header says".into());
        };
        let (hashes, first_seq) = self.check_changes(&entry, change, graph)?;
        let change_hashes: Vec<_> = hashes.iter().map(|hash| ChangeHash::from_bytes(*hash)).collect();
        check_content(&entry.header, &content, &change_hashes, key).map_err(|error| error.to_string())?;
        let by_admin = !change.records.is_empty() && self.was_admin(&entry.header);
        let records = records_of(&entry, change, by_admin)?;
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let covered =
            Covered { first_seq, changes: count(hashes.len()), records: count(records.len()), by_admin };
        let Content::Change(change) = content else { return Ok(None) };
        let incoming =
            Incoming { document: fields.document, log: fields.log, changes: change.changes, records };
        Ok(Some(Opened { incoming, hashes, covered }))
    }

    /// Checks that every change is by this log's actor and depends only on what the header says its author had.
    fn check_changes(
        &self,
        entry: &Entry,
        content: &ChangeContent,
        graph: &DocumentGraph,
    ) -> Result<(Vec<[u8; 32]>, u64), String> {
        let header = entry.header.fields();
        let actor = actor_id(header.space, header.document, header.log);
        let least_seq = graph.least_seq(&header.log, header.number);
        let mut hashes: Vec<[u8; 32]> = Vec::with_capacity(content.changes.len());
        let mut first_seq = 0;
        let mut next_seq = None;
        for raw in &content.changes {
            let change =
                decode_change(raw).map_err(|error| format!("it holds a malformed change: {error}"))?;
            if change.actor != actor {
                return Err("it holds a change in somebody else's name".into());
            }
            let named = |dependency: &[u8; 32]| {
                hashes.contains(dependency)
                    || self.closure_has(header.document, graph, &header.log, &header.after, dependency)
            };
            if !change.dependencies.iter().all(named) {
                return Err("it holds a change that builds on something its header does not name".into());
            }
            // Coverage names an entry's changes by their first number and how many there are.
            let in_order = next_seq.map_or(change.seq >= least_seq, |next| change.seq == next);
            let (true, Some(next)) = (in_order, change.seq.checked_add(1)) else {
                return Err("it holds changes that are numbered out of order".into());
            };
            if hashes.is_empty() {
                first_seq = change.seq;
            }
            next_seq = Some(next);
            hashes.push(change.hash);
        }
        Ok((hashes, first_seq))
    }

    /// Whether a change was there before an entry with this `after`: shipped with every document, or brought by an
    /// entry in the closure.
    fn closure_has(
        &self,
        document: DocumentId,
        graph: &DocumentGraph,
        log: &LogId,
        after: &[EntryId],
        change: &[u8; 32],
    ) -> bool {
        if samverka_plan::first_change_hashes().contains(change) {
            return true;
        }
        let origin = graph.origin(change).or_else(|| self.origin_in_checkpoint(document, change));
        origin.is_some_and(|origin| graph.reaches(log, after, &origin))
    }

    /// Which entry brought a change that came with a checkpoint: by its actor and sequence number.
    fn origin_in_checkpoint(&self, document: DocumentId, change: &[u8; 32]) -> Option<EntryId> {
        let (actor, seq) = self.workspace.as_ref()?.change_place(document, change)?;
        let log = self.shelf.logs().find(|log| actor_id(self.space, document, **log) == actor)?;
        self.shelf.log(log).iter().copied().find(|id| {
            self.shelf.known(id).is_some_and(|known| {
                known.header.fields().document == document
                    && known.covered.is_some_and(|covered| {
                        covered.first_seq <= seq && seq < covered.first_seq + u64::from(covered.changes)
                    })
            })
        })
    }

    /// Gives an entry its place in the graph, whatever it counts for, and looks again at what waited for it.
    fn settle_as(&mut self, id: EntryId, state: EntryState) {
        let Some(known) = self.shelf.known(&id) else { return };
        let header = known.header.clone();
        let freed = self.graphs.entry(header.fields().document).or_default().settle(&header);
        self.to_settle.extend(freed);
        if let EntryState::Out(reason) | EntryState::Quarantined(reason) = &state {
            let member = self.resolver.state().member_of(&header.fields().log.device);
            let document = header.fields().document;
            self.events.push_back(Event::LeftOut { member, document, reason: reason.clone() });
        }
        if matches!(state, EntryState::Quarantined(_)) {
            self.quarantined.insert(id);
        }
        self.set_state(id, state);
    }

    pub(crate) fn set_state(&mut self, id: EntryId, state: EntryState) {
        let Some(known) = self.shelf.known_mut(&id) else { return };
        let counts = state == EntryState::In && known.state != EntryState::In;
        if state != EntryState::Bodyless {
            self.bodyless.remove(&id);
        }
        known.state = state;
        if counts {
            self.lengthen_tail(id);
        }
    }

    pub(crate) fn forget_body(&mut self, id: EntryId) {
        if let Some(known) = self.shelf.known_mut(&id) {
            known.body = None;
        }
    }

    /// Applies what was settled: one Automerge apply a document.
    fn apply(&mut self, batch: Vec<Incoming>) {
        if batch.is_empty() {
            return;
        }
        if let Some(workspace) = &mut self.workspace {
            let applied = workspace.apply_batch(batch);
            self.tell_applied(applied);
        }
    }

    /// Tells what changed on the screen, if anything did.
    pub(crate) fn tell_changed(&mut self, delta: Delta) {
        if !delta.is_empty() {
            self.events.push_back(Event::Changed(delta));
        }
    }

    /// Tells what changed on the screen, and what did not go into the documents.
    pub(crate) fn tell_applied(&mut self, applied: Applied) {
        self.tell_changed(applied.delta);
        for LeftOut { document, log, reason } in applied.left_out {
            let member = self.resolver.state().member_of(&log.device);
            self.events.push_back(Event::LeftOut { member, document, reason });
        }
    }
}

/// One append to the store.
pub(crate) fn append(space: SpaceId, log: LogId, entries: Vec<Entry>) -> Write {
    let first = entries.first().map(|entry| entry.header.fields());
    let expect =
        first.map_or(LogHead::EMPTY, |fields| LogHead { next: fields.number, head: fields.previous });
    Write::Append { space, log, expect, entries }
}

/// The records of an entry that say of themselves that they belong there.
///
/// Their own signatures are not checked here: the entry's signature covers them through the body's hash and the
/// content commitment, and it costs 50 µs a record to say the same thing twice. They are checked where records
/// travel without their entry (`.automerge` files, rebuilt documents).
fn records_of(entry: &Entry, content: &ChangeContent, by_admin: bool) -> Result<Vec<VerifiedRecord>, String> {
    let header = entry.header.fields();
    if !content.records.iter().all(|record| is_own_record(header, record)) {
        return Err("it holds a record in somebody else's name, or of another document".to_owned());
    }
    Ok(content.records.iter().map(|record| plan_record(record, by_admin)).collect())
}

/// Whether a record says of itself that it belongs to an entry.
pub(crate) fn is_own_record(entry: &HeaderFields, record: &SignedRecord) -> bool {
    let fields = record.claimed_fields();
    fields.space == entry.space && fields.document == entry.document && fields.log == entry.log
}

/// A record as the plan takes it.
pub(crate) fn plan_record(record: &SignedRecord, by_admin: bool) -> VerifiedRecord {
    let fields = record.claimed_fields();
    VerifiedRecord {
        id: fields.id.0,
        document: fields.document,
        log: fields.log,
        time_ms: fields.time_ms,
        payload: fields.payload.clone(),
        signed: record.bytes().to_vec(),
        by_admin,
    }
}
