//! The machine itself: what it holds, how it starts, how it is driven.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rand_core::CryptoRng;
use samverka_log::{
    Acceptance, Authority, DeviceId, DocumentId, EntryId, ForkProof, Frontier, HeaderVerifier, LogId,
    MemberId, Membership, Receipt, Resolver, Role, SignedHeader, SlotId, SpaceId,
};
use samverka_plan::{Delta, Directory, Workspace};
use samverka_seal::{DeviceKeys, PresenceReceiver, PresenceSender};
use samverka_store::{Request, StoreError, Write};

use crate::admission::{Door, Waiting};
use crate::author::PendingByDocument;
use crate::copies::Copies;
use crate::drive::{Together, in_turn};
use crate::effect::{Effect, Event, RequestId, SessionId};
use crate::error::ReplicaError;
use crate::graph::DocumentGraph;
use crate::joining::Ticket;
use crate::keyring::Keyring;
use crate::load::Loading;
use crate::relays::RelayNote;
use crate::session::Session;
use crate::shelf::Shelf;
use crate::slots::Offer;
use crate::snapshot::{SnapshotMarks, Tail};

/// Where logs stand once a batch is durable.
pub(crate) type Places = Vec<(LogId, samverka_log::LogHead)>;

/// Why a request to the store is under way.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// A batch, kept until it is durable; entries become durable up to these places.
    Write { batch: Vec<Write>, places: Places },
    /// A batch that somebody else got ahead of: where the store's logs stand.
    Reconcile(Vec<Write>),
    /// What another process of this device has written.
    Catch,
    /// Who waits at the door, as another process has left it.
    CatchKnocks,
    /// The beginning, or reading everything again.
    Load,
    /// Entries to be sent to a relay.
    Send(SessionId),
}

/// One device's replica of one space. See the crate's doc for how to drive it.
pub struct Replica {
    pub(crate) space: SpaceId,
    pub(crate) keys: DeviceKeys,
    pub(crate) slot: SlotId,
    pub(crate) resolver: Resolver,
    pub(crate) keyring: Keyring,
    pub(crate) shelf: Shelf,
    /// What the store has.
    pub(crate) durable: Frontier,
    /// How often the documents were built anew.
    pub(crate) generation: u64,
    pub(crate) graphs: BTreeMap<DocumentId, DocumentGraph>,
    pub(crate) workspace: Option<Workspace>,
    pub(crate) to_settle: VecDeque<EntryId>,
    pub(crate) waiting_for_membership: BTreeSet<EntryId>,
    pub(crate) unreadable: BTreeSet<EntryId>,
    /// Entries whose content came with a checkpoint.
    pub(crate) checkpointed: BTreeMap<EntryId, crate::shelf::Covered>,
    /// Checkpoints that wait for the plan document to be known.
    pub(crate) copies: Copies,
    /// Of headers from relays.
    pub(crate) verifier: HeaderVerifier,
    /// Late entries that a current editor built on.
    pub(crate) released: BTreeSet<EntryId>,
    /// Entries that are held back.
    pub(crate) quarantined: BTreeSet<EntryId>,
    pub(crate) since_checkpoint: usize,
    /// Snapshots of each document, in the order in which they arrived.
    pub(crate) snapshots: BTreeMap<DocumentId, Vec<EntryId>>,
    /// How work is done that can be done at the same time.
    pub(crate) together: Together,
    /// By headers alone, while bodies are missing.
    pub(crate) shapes: BTreeMap<DocumentId, crate::snapshot::Shape>,
    /// Entries that count and wait for their bodies, or for a snapshot.
    pub(crate) bodyless: BTreeSet<EntryId>,
    /// What a relay may send has changed.
    pub(crate) ask_again: bool,
    /// What of each document no snapshot covers.
    pub(crate) tails: BTreeMap<DocumentId, Tail>,
    pub(crate) marks: SnapshotMarks,
    /// A tail may have become long enough for a snapshot.
    pub(crate) look_at_tails: bool,
    pub(crate) arrived_ms: BTreeMap<EntryId, u64>,
    pub(crate) loading: Option<Loading>,
    /// What is settled just then was read back from the store, in the order in which it arrived.
    pub(crate) in_order: bool,
    pub(crate) pending: PendingByDocument,
    pub(crate) flush_at: Option<u64>,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) relay_notes: BTreeMap<String, RelayNote>,
    pub(crate) relay_hints: Vec<String>,
    pub(crate) hosting_token: String,
    /// Whether an entry has an extension that this version does not know and whose author calls it critical.
    pub(crate) critical_extension: bool,
    pub(crate) eager: bool,
    /// Whether what this device keeps may be older than what it once sent.
    pub(crate) copied: bool,
    /// Whether a relay has said everything that it has.
    pub(crate) met: bool,
    pub(crate) offer: Option<Offer>,
    pub(crate) receipts: BTreeMap<DeviceId, Receipt>,
    pub(crate) receipt_at: Option<u64>,
    /// When relays were last sent what they lacked.
    pub(crate) pumped_ms: u64,
    pub(crate) receipt_counter: u64,
    pub(crate) forks: BTreeMap<LogId, ForkProof>,
    pub(crate) knocks: BTreeMap<DeviceId, Waiting>,
    pub(crate) invitations: BTreeMap<EntryId, Vec<u8>>,
    pub(crate) door: Door,
    /// Another process has opened the door, or closed it.
    pub(crate) look_at_door: bool,
    /// Who was turned away, with when they had knocked.
    pub(crate) refusals: BTreeMap<DeviceId, u64>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) presence: PresenceSender,
    pub(crate) presences: PresenceReceiver,
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) requests: BTreeMap<RequestId, Purpose>,
    pub(crate) next_request: u64,
    /// The last failure of the store, until a write succeeds.
    pub(crate) store_failure: Option<String>,
    /// Writes that failed, in order, to be tried again.
    pub(crate) failed_writes: Vec<(Vec<Write>, Places)>,
}

impl Replica {
    pub(crate) fn empty(space: SpaceId, keys: DeviceKeys, slot: SlotId) -> Self {
        let log = LogId { device: keys.device(), slot };
        Self {
            space,
            keys,
            slot,
            resolver: Resolver::new(),
            keyring: Keyring::default(),
            shelf: Shelf::default(),
            durable: Frontier::new(),
            generation: 0,
            graphs: BTreeMap::new(),
            workspace: None,
            to_settle: VecDeque::new(),
            waiting_for_membership: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            checkpointed: BTreeMap::new(),
            copies: Copies::default(),
            verifier: HeaderVerifier::default(),
            released: BTreeSet::new(),
            quarantined: BTreeSet::new(),
            since_checkpoint: 0,
            snapshots: BTreeMap::new(),
            together: in_turn,
            shapes: BTreeMap::new(),
            bodyless: BTreeSet::new(),
            ask_again: false,
            tails: BTreeMap::new(),
            marks: SnapshotMarks::USUAL,
            look_at_tails: false,
            arrived_ms: BTreeMap::new(),
            loading: None,
            in_order: false,
            pending: BTreeMap::new(),
            flush_at: None,
            sessions: BTreeMap::new(),
            relay_notes: BTreeMap::new(),
            relay_hints: Vec::new(),
            hosting_token: String::new(),
            critical_extension: false,
            eager: false,
            copied: false,
            met: false,
            offer: None,
            receipts: BTreeMap::new(),
            receipt_at: None,
            pumped_ms: 0,
            receipt_counter: 0,
            forks: BTreeMap::new(),
            knocks: BTreeMap::new(),
            invitations: BTreeMap::new(),
            door: Door::default(),
            look_at_door: false,
            refusals: BTreeMap::new(),
            ticket: None,
            presence: PresenceSender::new(log),
            presences: PresenceReceiver::default(),
            effects: VecDeque::new(),
            events: VecDeque::new(),
            requests: BTreeMap::new(),
            next_request: 0,
            store_failure: None,
            failed_writes: Vec::new(),
        }
    }

    /// The space.
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// The log that this replica writes.
    pub const fn log_id(&self) -> LogId {
        LogId { device: self.keys.device(), slot: self.slot }
    }

    /// This device.
    pub const fn device(&self) -> DeviceId {
        self.keys.device()
    }

    /// Whether everything has been read from the store and the plan can be used.
    pub fn is_ready(&self) -> bool {
        self.loading.is_none() && self.workspace.is_some() && !self.is_coming_in()
    }

    /// Whether headers are here and nothing yet of what the plan holds. (Every plan begins with a board.)
    pub(crate) fn is_coming_in(&self) -> bool {
        let is_empty = |workspace: &Workspace| workspace.boards().is_empty();
        !self.shelf.lacking().is_empty() && self.workspace.as_ref().is_some_and(is_empty)
    }

    /// Whether this device has knocked and is not in yet.
    pub const fn is_joining(&self) -> bool {
        self.ticket.is_some()
    }

    /// Who this device belongs to, once it is in.
    pub fn me(&self) -> Option<MemberId> {
        self.resolver.state().member_of(&self.keys.device())
    }

    /// Who is in.
    pub fn membership(&self) -> Arc<Membership> {
        self.resolver.state()
    }

    /// The plan and its boards.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] while nothing of it is here.
    pub fn workspace(&self) -> Result<&Workspace, ReplicaError> {
        self.workspace.as_ref().filter(|_| self.loading.is_none()).ok_or(ReplicaError::NotReady)
    }

    /// The next thing to carry out. Call it until there is none after each `handle_*`, [`Self::execute`] or
    /// [`Self::flush`]; frames that are fed before the first call are applied in one batch.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Whether there is something to carry out.
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called, in Unix milliseconds.
    pub fn poll_timeout(&self) -> Option<u64> {
        let door = self.look_at_door.then_some(0);
        let due = [self.flush_at, self.receipt_at, self.next_forward_ms(), self.next_retry_ms(), door];
        let more = [self.door.closes_at(), self.next_snapshot_ms(), self.next_ask_ms()];
        due.into_iter().chain(more).flatten().min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now_ms: u64, rng: &mut impl CryptoRng) {
        self.door.handle_timeout(now_ms);
        if core::mem::take(&mut self.look_at_door) {
            self.admit_through_door(now_ms, rng);
        }
        if self.flush_at.is_some_and(|at| at <= now_ms)
            && let Err(error) = self.flush(now_ms, rng)
        {
            self.events.push_back(Event::StoreFailed { reason: error.to_string() });
        }
        if self.receipt_at.is_some_and(|at| at <= now_ms) {
            self.send_receipts(now_ms);
        }
        self.snapshot_where_due(now_ms, rng);
        self.retry_attaching(now_ms);
        self.ask_where_due(now_ms);
        self.pump_all(now_ms);
    }

    /// Whether an entry counts, as things stand.
    pub(crate) fn acceptance(&self, header: &SignedHeader) -> Acceptance {
        let fields = header.fields();
        let before = fields.number.checked_sub(1).and_then(|number| self.shelf.at(&fields.log, number));
        let before = before.and_then(|id| self.shelf.known(&id));
        let previous_heads = before.map(|known| known.header.fields().membership_heads.as_slice());
        Authority { resolver: &self.resolver, previous_heads }.acceptance(header)
    }

    /// Whether what an accepted entry states counts as an admin's word.
    pub(crate) fn was_admin(&self, header: &SignedHeader) -> bool {
        Authority { resolver: &self.resolver, previous_heads: None }.was_admin(header)
    }

    /// Passes what came from one relay on to the others at once, rather than waiting for them to get it from its
    /// author: for a process that will be gone in a moment.
    pub const fn set_eager(&mut self) {
        self.eager = true;
    }

    /// Says how work is done that can be done at the same time: for shells with threads. By itself, one after the other.
    pub const fn set_together(&mut self, together: Together) {
        self.together = together;
    }

    /// Says that what this device keeps was copied or restored: it may once have written more of its membership log
    /// than is here, and a second operation of one number would be a fork, which voids both. Until a relay has said
    /// what it has, nothing is written there. (Other logs have no such trouble: a copy takes a new slot.)
    pub const fn distrust_membership_log(&mut self) {
        self.copied = true;
    }

    /// Whether this device's membership log is known to be whole.
    pub const fn trusts_membership_log(&self) -> bool {
        !self.copied || self.met
    }

    /// The token that a relay's host handed out for new plans, where it takes one.
    pub fn set_hosting_token(&mut self, token: String) {
        self.hosting_token = token;
    }

    /// Whether this device may write at all.
    pub(crate) fn may_write(&self) -> Result<(), ReplicaError> {
        let membership = self.resolver.state();
        if membership.has_unknown_operation() || self.critical_extension {
            return Err(ReplicaError::UpdateNeeded);
        }
        match membership.role_of(&self.keys.device()) {
            None => Err(ReplicaError::NotAMember),
            Some(role) if role >= Role::Editor => Ok(()),
            Some(role) => {
                Err(ReplicaError::Role { needed: Role::Editor.word(), role: role.word().to_owned() })
            }
        }
    }

    /// Whether this device decides who is in.
    pub(crate) fn must_be_admin(&self) -> Result<(), ReplicaError> {
        let membership = self.resolver.state();
        if membership.has_unknown_operation() || self.critical_extension {
            return Err(ReplicaError::UpdateNeeded);
        }
        match membership.role_of(&self.keys.device()) {
            Some(Role::Admin) => Ok(()),
            Some(role) => {
                Err(ReplicaError::Role { needed: Role::Admin.word(), role: role.word().to_owned() })
            }
            None => Err(ReplicaError::NotAMember),
        }
    }

    /// Asks the store for something.
    pub(crate) fn ask(&mut self, request: Request, purpose: Purpose) -> RequestId {
        self.next_request += 1;
        let id = RequestId(self.next_request);
        self.requests.insert(id, purpose);
        self.effects.push_back(Effect::Store { id, request });
        id
    }

    /// Asks the store to write a batch, which stays in order with every other.
    pub(crate) fn write(&mut self, batch: Vec<Write>) {
        if batch.is_empty() {
            return;
        }
        let places = places_of(&batch);
        if !self.failed_writes.is_empty() {
            // What follows a failed write waits behind it, so that logs stay whole.
            self.failed_writes.push((batch, places));
            return;
        }
        self.ask(Request::Write(batch.clone()), Purpose::Write { batch, places });
    }

    /// Sets a named value of this space.
    pub(crate) fn put(&mut self, key: &str, value: Vec<u8>) {
        self.write(vec![Write::Put { space: Some(self.space), key: key.to_owned(), value }]);
    }

    /// Removes a named value of this space.
    pub(crate) fn delete(&mut self, key: &str) {
        self.write(vec![Write::Delete { space: Some(self.space), key: key.to_owned() }]);
    }

    /// A batch is durable: entries up to these places, or bodies.
    pub(crate) fn written(&mut self, places: Places, filled: bool, now_ms: u64) {
        if self.failed_writes.is_empty() {
            self.store_failure = None;
        }
        if places.is_empty() && !filled {
            return;
        }
        for (log, head) in places {
            if head.next > self.durable.head(&log).next {
                self.durable.set(log, head);
            }
        }
        self.events.push_back(Event::StatusChanged);
        self.receipt_due(now_ms);
        self.pump_all(now_ms);
    }

    /// Takes note that a write failed. Nothing is forgotten: it is tried again by [`Self::retry_writes`], and until
    /// then the status says that it is not saved.
    pub(crate) fn write_failed(&mut self, error: &StoreError) {
        let reason = error.to_string();
        self.store_failure = Some(reason.clone());
        self.events.push_back(Event::StoreFailed { reason });
        self.events.push_back(Event::StatusChanged);
    }

    /// Tries the writes again that failed (after the disk was full, say).
    pub fn retry_writes(&mut self) {
        for (batch, places) in core::mem::take(&mut self.failed_writes) {
            self.ask(Request::Write(batch.clone()), Purpose::Write { batch, places });
        }
    }

    /// Why the last write failed, while it has not been made good.
    pub fn store_failure(&self) -> Option<&str> {
        self.store_failure.as_deref()
    }

    /// Tells the plan who is who.
    pub(crate) fn update_directory(&mut self) {
        let membership = self.resolver.state();
        if self.workspace.is_none()
            && let Some(document) = membership.plan_document()
        {
            self.workspace = Some(Workspace::new(self.space, document));
            self.events.push_back(Event::Changed(Delta { everything: true, ..Delta::default() }));
        }
        if let Some(workspace) = &mut self.workspace {
            let delta = workspace.set_directory(directory_of(&membership));
            self.tell_changed(delta);
        }
        self.put_copies();
    }
}

pub(crate) fn places_of(batch: &[Write]) -> Places {
    batch
        .iter()
        .filter_map(|write| match write {
            Write::Append { log, entries, .. } => {
                let last = entries.last()?;
                let next = last.header.fields().number + 1;
                Some((*log, samverka_log::LogHead { next, head: last.id() }))
            }
            _ => None,
        })
        .collect()
}

fn directory_of(membership: &Membership) -> Directory {
    let devices = membership
        .members()
        .flat_map(|member| member.devices.keys().map(|device| (*device, member.id)))
        .collect();
    let members = membership
        .members()
        .map(|member| {
            (member.id, samverka_plan::DirectoryMember { role: member.role, is_in: member.is_in() })
        })
        .collect();
    Directory { devices, members, founder: membership.founder() }
}
