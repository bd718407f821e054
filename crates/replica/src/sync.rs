//! Conversations with relays: greet, attach, compare frontiers, send what the other lacks, stay live.
//!
//! The relay's word about what it has is asked for anew on every connection and believed over any remembered
//! acknowledgement (design, invariant 3): what it lacks goes there again.

use rand_core::CryptoRng;
use samverka_log::{
    Entry, EntryId, ForkProof, Frontier, FrontierHash, LogHead, LogId, Receipt, SignedHeader, Signer,
    attach_message,
};
use samverka_protocol::{Bodies, Code, Frame, batches};
use samverka_store::{Request, Write};

use crate::Replica;
use crate::arrived::Arrived;
use crate::effect::{Effect, Event, SessionId};
use crate::intake::Source;
use crate::replica::Purpose;
use crate::session::{CHANNEL, Challenge, IN_FLIGHT_ENTRIES_MAX, Session, Stage};

/// How long an entry that came from one relay is kept from being sent to another: most of the time the other has it
/// from its author within that time, and thirty members need not all bring it.
const FORWARD_AFTER_MS: u64 = 2_000;
/// Entries in one batch on the way to a relay.
const BATCH_ENTRIES_MAX: usize = 512;
/// Bytes in one batch on the way to a relay.
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// How long after something new has become durable a receipt says so: a burst of changes is one receipt.
const RECEIPT_AFTER_MS: u64 = 500;
/// How long after a relay did not know this device it is asked again, the first time.
const RETRY_AFTER_MS: u64 = 2_000;
/// What this program calls itself.
const SOFTWARE: &str = concat!("samverka/", env!("CARGO_PKG_VERSION"));

impl Replica {
    /// Begins a conversation with the relay at `url`, to which the shell has opened a WebSocket (`<url>/sync`).
    pub fn connect(&mut self, session: SessionId, url: &str) {
        self.sessions.insert(session, Session::new(url));
        self.send(session, &Frame::hello(SOFTWARE));
    }

    /// Takes note that a connection is gone. Everything that was not acknowledged is sent again on the next one.
    pub fn handle_disconnected(&mut self, session: SessionId, now_ms: u64) {
        if let Some(gone) = self.sessions.remove(&session) {
            self.remember_relay(gone.url, gone.theirs, now_ms);
            // What it was asked for may be had elsewhere.
            self.ask_for_bodies(now_ms);
            self.events.push_back(Event::StatusChanged);
        }
    }

    /// Takes one binary WebSocket message. A malformed one closes the connection; nothing is lost by that.
    pub fn handle_frame(&mut self, session: SessionId, bytes: &[u8], now_ms: u64, rng: &mut impl CryptoRng) {
        if self.sessions.contains_key(&session) {
            self.handle_arrived(session, Arrived::read(bytes), now_ms, rng);
        }
    }

    /// As [`Self::handle_frame`], of a message that was read before.
    pub fn handle_arrived(
        &mut self,
        session: SessionId,
        arrived: Arrived,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) {
        if !self.sessions.contains_key(&session) {
            return;
        }
        match arrived.0 {
            Ok(frame) => self.handle_decoded(session, frame, now_ms, rng),
            Err(error) => {
                self.close(session, format!("the relay sent something that is not a frame: {error}"));
            }
        }
    }

    /// Says something of the moment (presence, a cursor) to whoever is connected. It is sealed, and never stored.
    ///
    /// # Errors
    /// [`crate::ReplicaError`] where there is no key, or it is too long.
    pub fn say(
        &mut self,
        content: &[u8],
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), crate::ReplicaError> {
        let epoch = self.epoch_to_write_under(now_ms, rng)?;
        let key = self.keyring.key(&epoch).ok_or(crate::ReplicaError::NoKey)?;
        let bytes = self.presence.seal(epoch, key, content, now_ms, &self.keys, rng)?;
        for session in self.open_sessions() {
            self.send(session, &Frame::Ephemeral { channel: CHANNEL, bytes: bytes.clone() });
        }
        Ok(())
    }

    fn handle_decoded(&mut self, session: SessionId, frame: Frame, now_ms: u64, rng: &mut impl CryptoRng) {
        match frame {
            Frame::Welcome { protocol, relay_key, nonce, .. } => {
                self.with(session, |open| {
                    open.protocol = protocol;
                    open.challenge = Some(Challenge { relay_key, nonce });
                });
                self.introduce(session);
            }
            Frame::Attached { frontier_hash, .. } => self.handle_attached(session, frontier_hash),
            Frame::Refused { code, detail, .. } => self.handle_refused(session, code, &detail, now_ms),
            Frame::Created { .. } => self.bring_more(session),
            Frame::FrontierIs { frontier, .. } => self.handle_frontier(session, frontier, now_ms),
            Frame::Entries { entries, .. } => self.handle_entries(session, entries, now_ms),
            Frame::Part { header, offset, total, bytes, .. } => {
                let Some(open) = self.sessions.get_mut(&session) else { return };
                match open.parts.take(header, offset, total, &bytes) {
                    Ok(Some(entry)) => self.handle_entries(session, vec![entry], now_ms),
                    Ok(None) => {}
                    Err(error) => self.close(session, format!("the relay sent a broken body: {error}")),
                }
            }
            Frame::Live { .. } => self.handle_live(session, now_ms),
            Frame::Lacking { ask, lacks, last, .. } => {
                self.handle_lacking(session, ask, &lacks, last, now_ms);
            }
            Frame::Ack { logs, .. } => self.handle_ack(session, &logs, now_ms),
            Frame::Reject { log, code, detail, .. } => {
                self.handle_reject(session, log, code, &detail, now_ms);
            }
            Frame::Fork { first, second, .. } => {
                if let Ok(proof) = ForkProof::verify(first, second) {
                    self.take_fork(proof);
                }
            }
            Frame::Ephemeral { bytes, .. } => self.handle_ephemeral(&bytes),
            Frame::Receipt { receipt, .. } => self.handle_receipt(&receipt),
            Frame::KnockAnswer { state, .. } => self.handle_knock_answer(session, state),
            Frame::Knocks { knocks, .. } => self.handle_knocks(&knocks, now_ms, rng),
            Frame::Ping { token } => self.send(session, &Frame::Pong { token }),
            Frame::Bye { code, detail } => self.close(session, said(code, &detail)),
            Frame::Pong { .. }
            | Frame::Unknown { .. }
            | Frame::Hello { .. }
            | Frame::Attach { .. }
            | Frame::Create { .. }
            | Frame::Knock { .. }
            | Frame::KnockClose { .. }
            | Frame::Detach { .. }
            | Frame::WantBodies { .. } => {}
        }
    }

    /// Says to a relay that has greeted who is there: a member, or somebody at the door. Which of the two it is, is known
    /// when everything has been read.
    fn introduce(&mut self, session: SessionId) {
        if self.is_opening() {
            return;
        }
        if self.ticket.is_some() { self.post_knock(session) } else { self.attach(session) }
    }

    /// Everything has been read: goes on with the relays that greeted meanwhile.
    pub(crate) fn introduce_where_greeted(&mut self) {
        let greeted = |open: &Session| open.stage == Stage::Greeting && open.challenge.is_some();
        let sessions: Vec<SessionId> =
            self.sessions.iter().filter(|(_, open)| greeted(open)).map(|(id, _)| *id).collect();
        for session in sessions {
            self.introduce(session);
        }
    }

    /// Proves this device's key to the relay and asks for the space.
    pub(crate) fn attach(&mut self, session: SessionId) {
        let Some(open) = self.sessions.get_mut(&session) else { return };
        let Some(challenge) = &open.challenge else { return };
        let device = self.keys.device();
        let message = attach_message(challenge.relay_key, &open.host, &challenge.nonce, self.space, device);
        let host = open.host.clone();
        open.stage = Stage::Attaching;
        let signature = self.keys.sign(&message);
        self.send(session, &Frame::Attach { channel: CHANNEL, space: self.space, device, host, signature });
    }

    fn handle_attached(&mut self, session: SessionId, theirs: FrontierHash) {
        let (frontier, bodies) = self.greeting(session);
        let same = frontier.hash() == theirs;
        self.with(session, |open| {
            open.stage = Stage::Exchanging;
            open.heading = bodies != Bodies::All;
            if same {
                open.theirs = frontier.clone();
                open.sent = frontier.clone();
            }
        });
        self.send(session, &Frame::FrontierIs { channel: CHANNEL, frontier, reply: true, bodies });
    }

    fn handle_refused(&mut self, session: SessionId, code: Code, detail: &str, now_ms: u64) {
        let is_in = self.resolver.state().role_of(&self.keys.device()).is_some();
        let asked =
            self.sessions.get(&session).is_some_and(|open| open.stage == Stage::Attaching && !open.brought);
        let may_bring = asked && is_in && matches!(code, Code::UnknownSpace | Code::NotAMember);
        if may_bring && self.bring_membership(session) {
            return;
        }
        let not_heard = is_in && matches!(code, Code::NotAMember | Code::UnknownSpace | Code::Busy);
        self.with(session, |open| {
            open.stage = Stage::Refused;
            // Whoever let this device in will tell this relay too: it is asked again, less and less often.
            if not_heard {
                open.retry_at = Some(now_ms + (RETRY_AFTER_MS << open.retries.min(3)));
                open.retries += 1;
            }
        });
        self.events.push_back(Event::Refused { session, reason: said(code, detail) });
    }

    /// Asks again where a relay had not heard that this device is in.
    pub(crate) fn retry_attaching(&mut self, now_ms: u64) {
        let due = |open: &Session| open.retry_at.is_some_and(|at| at <= now_ms);
        let sessions: Vec<SessionId> =
            self.sessions.iter().filter(|(_, open)| due(open)).map(|(id, _)| *id).collect();
        for session in sessions {
            self.with(session, |open| open.retry_at = None);
            self.attach(session);
        }
    }

    /// When to ask or send again.
    pub(crate) fn next_retry_ms(&self) -> Option<u64> {
        self.sessions.values().flat_map(|open| [open.retry_at, open.hold_until]).flatten().min()
    }

    fn handle_frontier(&mut self, session: SessionId, theirs: Frontier, now_ms: u64) {
        self.with(session, |open| {
            open.stage = Stage::Open;
            open.sent = theirs.clone();
            open.theirs = theirs;
            open.cursor = 0;
        });
        self.events.push_back(Event::StatusChanged);
        self.pump(session, now_ms);
    }

    fn handle_entries(&mut self, session: SessionId, entries: Vec<Entry>, now_ms: u64) {
        if let Some(open) = self.sessions.get_mut(&session) {
            for entry in &entries {
                open.note_theirs(&entry.header);
            }
        }
        let bare = entries.iter().any(|entry| entry.body.is_none());
        self.take(entries, Source::Relay, now_ms);
        if bare || core::mem::take(&mut self.ask_again) {
            self.ask_for_bodies(now_ms);
        }
    }

    fn handle_ack(&mut self, session: SessionId, logs: &[(LogId, u64)], now_ms: u64) {
        let heads: Vec<(LogId, LogHead)> = logs
            .iter()
            .filter_map(|(log, next)| {
                let head = self.shelf.at(log, next.checked_sub(1)?)?;
                Some((*log, LogHead { next: *next, head }))
            })
            .collect();
        self.with(session, |open| {
            for (log, head) in heads {
                if head.next > open.theirs.head(&log).next {
                    open.theirs.set(log, head);
                    open.held = 0;
                }
            }
        });
        self.events.push_back(Event::StatusChanged);
        self.pump(session, now_ms);
    }

    fn handle_reject(&mut self, session: SessionId, log: LogId, code: Code, detail: &str, now_ms: u64) {
        // What is missing there is sent again in order, at once.
        let in_order = matches!(code, Code::Gap | Code::MissingParents);
        let later = matches!(code, Code::Busy | Code::StorageFull);
        self.with(session, |open| {
            let theirs = open.theirs.head(&log);
            open.sent.set(log, theirs);
            open.cursor = 0;
            if later {
                open.hold(now_ms);
            } else if !in_order {
                // It would be refused again.
                open.refused.push(log);
            }
        });
        if !in_order && code != Code::Busy {
            self.events.push_back(Event::Refused { session, reason: said(code, detail) });
        }
        self.pump(session, now_ms);
    }

    /// Sends to every relay what it lacks.
    pub(crate) fn pump_all(&mut self, now_ms: u64) {
        self.pumped_ms = now_ms;
        let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
        for session in sessions {
            self.pump(session, now_ms);
        }
    }

    /// Sends to a relay what it lacks, a batch at a time.
    fn pump(&mut self, session: SessionId, now_ms: u64) {
        let Some(open) = self.sessions.get(&session) else { return };
        if open.hold_until.is_some_and(|at| now_ms < at) {
            return;
        }
        self.with(session, |open| open.hold_until = None);
        let Some(open) = self.sessions.get(&session) else { return };
        if open.stage != Stage::Open || open.reading.is_some() || open.in_flight() >= IN_FLIGHT_ENTRIES_MAX {
            return;
        }
        let own = self.keys.device();
        let mut cursor = open.cursor;
        let (mut all_sent, mut all_here) = (true, true);
        let mut next = None;
        for (place, id) in self.shelf.arrival().iter().enumerate().skip(open.cursor) {
            let Some(known) = self.shelf.known(id) else { continue };
            let fields = known.header.fields();
            if open.sent.covers(&fields.log, fields.number) || open.refused.contains(&fields.log) {
                if all_sent && all_here {
                    cursor = place + 1;
                }
                continue;
            }
            if self.shelf.lacks_body_in(&fields.log, open.sent.head(&fields.log).next..=fields.number) {
                // It goes there once its body is here, and those before it.
                all_here = false;
                continue;
            }
            all_sent = false;
            let durable = self.durable.covers(&fields.log, fields.number);
            let in_order = open.sent.head(&fields.log).next == fields.number;
            let forward =
                fields.log.device == own || self.eager || !open.live || self.may_forward(id, now_ms);
            if durable && in_order && forward {
                next = Some((fields.log, fields.number));
                break;
            }
        }
        let synced =
            all_sent && open.live && open.in_flight() == 0 && !open.told_synced && self.has_said_all(open);
        self.with(session, |open| {
            open.cursor = cursor;
            open.told_synced |= synced;
        });
        if let Some((log, from)) = next {
            self.with(session, |open| open.told_synced = false);
            let (max_entries, max_bytes) = (BATCH_ENTRIES_MAX, BATCH_BYTES_MAX);
            let request = Request::EntriesOfLog { space: self.space, log, from, max_entries, max_bytes };
            let id = self.ask(request, Purpose::Send(session));
            self.with(session, |open| open.reading = Some(id));
        } else if synced {
            self.send_receipts(now_ms);
            self.events.push_back(Event::Synced(session));
        }
    }

    fn may_forward(&self, id: &EntryId, now_ms: u64) -> bool {
        self.arrived_ms.get(id).is_none_or(|arrived| now_ms >= arrived + FORWARD_AFTER_MS)
    }

    /// When something that came from one relay may go to another.
    pub(crate) fn next_forward_ms(&self) -> Option<u64> {
        if self.sessions.len() < 2 || self.eager {
            return None;
        }
        // Where something is awaited first, whatever it is, its coming sends what is due.
        let sends = |open: &&Session| {
            let awaits = open.reading.is_some() || open.hold_until.is_some();
            open.stage == Stage::Open && open.live && !awaits && open.in_flight() < IN_FLIGHT_ENTRIES_MAX
        };
        let waiting = self.sessions.values().filter(sends);
        waiting
            .flat_map(|open| {
                self.shelf.arrival().iter().skip(open.cursor).filter(|id| {
                    self.shelf.known(id).is_some_and(|known| {
                        let fields = known.header.fields();
                        let next = open.sent.head(&fields.log).next;
                        fields.number >= next
                            && !open.refused.contains(&fields.log)
                            && !self.shelf.lacks_body_in(&fields.log, next..=fields.number)
                    })
                })
            })
            .filter_map(|id| self.arrived_ms.get(id))
            .map(|arrived| arrived + FORWARD_AFTER_MS)
            // What was due when it was last tried waits for something else, whose coming sends it.
            .filter(|at| *at > self.pumped_ms)
            .min()
    }

    /// Sends what was read from the store for a relay.
    pub(crate) fn handle_read(&mut self, session: SessionId, entries: Vec<Entry>, now_ms: u64) {
        let Some(open) = self.sessions.get_mut(&session) else { return };
        open.reading = None;
        if open.stage == Stage::Creating {
            return self.bring_read(session, entries);
        }
        let entries: Vec<Entry> = entries
            .into_iter()
            .take_while(|entry| {
                let fields = entry.header.fields();
                self.durable.covers(&fields.log, fields.number)
                    && !self.shelf.lacks_body(&fields.log, fields.number)
            })
            .collect();
        for entry in &entries {
            open.note_sent(&entry.header);
        }
        for frame in batches(CHANNEL, entries) {
            self.send(session, &frame);
        }
        self.pump(session, now_ms);
    }

    pub(crate) fn send(&mut self, session: SessionId, frame: &Frame) {
        self.effects.push_back(Effect::Send { session, frame: frame.encode() });
    }

    pub(crate) fn close(&mut self, session: SessionId, reason: String) {
        self.events.push_back(Event::Refused { session, reason: reason.clone() });
        self.effects.push_back(Effect::Close { session, reason });
    }

    pub(crate) fn with(&mut self, session: SessionId, change: impl FnOnce(&mut Session)) {
        if let Some(open) = self.sessions.get_mut(&session) {
            change(open);
        }
    }

    fn open_sessions(&self) -> Vec<SessionId> {
        self.sessions.iter().filter(|(_, open)| open.stage == Stage::Open).map(|(id, _)| *id).collect()
    }

    /// Something new is durable: a receipt will say so.
    pub(crate) fn receipt_due(&mut self, now_ms: u64) {
        if !self.open_sessions().is_empty() {
            self.receipt_at.get_or_insert(now_ms + RECEIPT_AFTER_MS);
        }
    }

    /// Tells every connected relay what this device has, where that is news.
    pub(crate) fn send_receipts(&mut self, now_ms: u64) {
        self.receipt_at = None;
        let frontier = self.whole_frontier();
        let hash = frontier.hash();
        let due: Vec<SessionId> = self
            .open_sessions()
            .into_iter()
            .filter(|session| self.sessions.get(session).is_some_and(|open| open.receipt_sent != Some(hash)))
            .collect();
        if due.is_empty() || self.resolver.state().role_of(&self.keys.device()).is_none() {
            return;
        }
        self.receipt_counter = now_ms.max(self.receipt_counter + 1);
        let receipt = Receipt {
            space: self.space,
            device: self.keys.device(),
            counter: self.receipt_counter,
            frontier,
        };
        let Ok(bytes) = receipt.sign(&self.keys) else { return };
        self.put(&format!("receipt/{}", self.keys.device()), bytes.clone());
        for session in due {
            self.send(session, &Frame::Receipt { channel: CHANNEL, receipt: bytes.clone() });
            self.with(session, |open| open.receipt_sent = Some(hash));
            // For other processes of this device, which see no connection, and for after a crash.
            let open = self.sessions.get(&session).map(|open| (open.url.clone(), open.theirs.clone()));
            if let Some((url, theirs)) = open {
                self.remember_relay(url, theirs, now_ms);
            }
        }
    }

    fn handle_receipt(&mut self, bytes: &[u8]) {
        let Ok(receipt) = Receipt::verify(bytes) else { return };
        let device = receipt.device;
        let newer = self.receipts.get(&device).is_none_or(|known| known.counter < receipt.counter);
        if receipt.space != self.space || !newer || self.resolver.state().member_of(&device).is_none() {
            return;
        }
        self.receipts.insert(device, receipt);
        self.put(&format!("receipt/{device}"), bytes.to_vec());
        self.events.push_back(Event::StatusChanged);
    }

    fn handle_ephemeral(&mut self, bytes: &[u8]) {
        let Ok(epoch) = samverka_seal::PresenceReceiver::epoch_of(bytes) else { return };
        let Some(key) = self.keyring.key(&epoch) else { return };
        let Ok(presence) = self.presences.open(key, bytes) else { return };
        let device = presence.log.device;
        if self.resolver.state().may_read(&device) {
            self.events.push_back(Event::Ephemeral { device, content: presence.payload.to_vec() });
        }
    }

    /// Takes note of a fork that an arriving header proves; `ours` is the entry in its place here.
    pub(crate) fn note_fork(&mut self, theirs: &SignedHeader, ours: EntryId) {
        let same_place = self.shelf.at(&theirs.fields().log, theirs.fields().number);
        let Some(known) = self.shelf.known(&same_place.unwrap_or(ours)) else { return };
        if let Ok(proof) = ForkProof::verify(known.header.clone(), theirs.clone()) {
            self.take_fork(proof);
        }
    }

    fn take_fork(&mut self, proof: ForkProof) {
        let (first, second) = proof.headers();
        if first.space() != self.space {
            return;
        }
        let log = proof.log();
        if self.forks.get(&log).is_some_and(|known| known.number() <= proof.number()) {
            return;
        }
        let mut out = samverka_log::wire::Writer::new();
        out.block(first.bytes()).block(second.bytes());
        let value = out.finish();
        self.write(vec![Write::Put { space: Some(self.space), key: format!("fork/{log}"), value }]);
        for session in self.open_sessions() {
            let (first, second) = (first.clone(), second.clone());
            self.send(session, &Frame::Fork { channel: CHANNEL, first, second });
        }
        self.apply_fork(proof);
        self.rebuild();
    }

    pub(crate) fn take_stored_fork(&mut self, value: &[u8]) {
        let mut input = samverka_log::wire::Reader::new(value);
        let mut header = || SignedHeader::parse(input.block().ok()?).ok();
        if let (Some(first), Some(second)) = (header(), header())
            && let Ok(proof) = ForkProof::verify(first, second)
        {
            self.apply_fork(proof);
        }
    }

    fn apply_fork(&mut self, proof: ForkProof) {
        let log = proof.log();
        if log.slot.0 == 0 {
            self.resolver.note_fork(log, proof.number());
        }
        self.forks.insert(log, proof);
    }

    /// Whether an entry lies at or after a proven fork of its log.
    pub(crate) fn is_forked(&self, header: &SignedHeader) -> bool {
        self.forks.get(&header.fields().log).is_some_and(|proof| header.fields().number >= proof.number())
    }
}

fn said(code: Code, detail: &str) -> String {
    if detail.is_empty() { code.sentence().to_owned() } else { format!("{} ({detail})", code.sentence()) }
}
