//! Entries on their way out: what a channel lacks from the store, by credit, and then everything as it arrives. Bodies
//! that it asks for come after that (`wants`).
//!
//! A channel is given at most [`CREDIT_BYTES`] beyond what its socket has taken. One that does not keep up falls back
//! from live to being behind: it is noted which numbers of which logs it lacks, nothing else, and the entries are read
//! from the store again when there is credit.

use std::collections::BTreeMap;

use bytes::Bytes;
use samverka_log::{Entry, Frontier, LogId, SignedHeader};
use samverka_protocol::limits::{EPHEMERAL_BYTES_MAX, WHOLE_BODY_BYTES_MAX};
use samverka_protocol::{Bodies, Code, Frame};
use samverka_store::{Arrival, Reply, Request, StoreError};

use crate::effect::PeerId;
use crate::peer::{Behind, Flow, InOrder, OutgoingParts, Peer, Stage};
use crate::room::{Purpose, Room};
use crate::settings::{CREDIT_BYTES, ENTRIES_FRAME_BYTES, ENTRIES_PER_FRAME_MAX, READ_BYTES};

/// How long to wait for memory for large bodies that other rooms hold.
const STARVED_MS: u64 = 250;

/// What a channel gets next.
pub(crate) enum Step {
    Send(Box<Frame>),
    /// Something else has to happen first.
    Wait,
    /// It has everything.
    Done,
}

impl Room {
    /// A channel says what it has; from here on it is sent what it lacks.
    pub(crate) fn frontier_is(
        &mut self,
        peer: PeerId,
        frontier: &Frontier,
        reply: bool,
        bodies: Bodies,
        now_ms: u64,
    ) {
        let Some(known) = self.peers.get(&peer) else { return };
        let (channel, stage) = (known.channel(), known.stage);
        let Some(device) = stage.device() else {
            return self.refuse(peer, Code::NotAMember, "the channel is not attached");
        };
        if reply {
            let frontier = self.frontier_for(peer);
            self.send(peer, &Frame::FrontierIs { channel, frontier, reply: false, bodies: Bodies::All });
        }
        if !matches!(stage, Stage::Member(_)) {
            return self.send(peer, &Frame::Live { channel });
        }
        let mut behind = Behind { receipts: self.receipts.devices_but(&device), ..Behind::default() };
        behind.scan = (frontier.is_empty() && !self.durable.is_empty()).then(Arrival::default);
        // A scan covers what is durable; the rest is noted.
        let has = if behind.scan.is_some() { &self.durable } else { frontier };
        for range in self.heads.missing_in(has) {
            behind.note(range.log, range.from, range.until);
        }
        if let Some(known) = self.peers.get_mut(&peer) {
            known.flow = Flow::Behind(Box::new(behind));
            known.owes_live = true;
            known.bodies = bodies;
        }
        self.pump(peer, now_ms);
    }

    /// Passes accepted entries on to everybody but the one who sent them.
    pub(crate) fn fan_out(&mut self, entries: &[Entry], except: Option<PeerId>) {
        if entries.is_empty() {
            return;
        }
        let withheld: Vec<bool> = entries.iter().map(|entry| self.gate.is_withheld(&entry.header)).collect();
        // Only where something is kept from others does it matter who sees all.
        let admins = if withheld.contains(&true) { self.admin_peers() } else { Vec::new() };
        // Large bodies go out from the store only, where memory for them is counted.
        let large = entries.iter().any(is_large);
        let mut encoded: BTreeMap<(u32, bool), Vec<Bytes>> = BTreeMap::new();
        let mut sends = Vec::new();
        for (id, peer) in &mut self.peers {
            if !peer.may_fetch() || Some(*id) == except {
                continue;
            }
            if matches!(peer.flow, Flow::Live) && (large || peer.outstanding >= CREDIT_BYTES) {
                peer.flow = Flow::Behind(Box::default());
            }
            match &mut peer.flow {
                Flow::Silent => {}
                Flow::Behind(behind) => {
                    for entry in entries {
                        let fields = entry.header.fields();
                        behind.note(fields.log, fields.number, fields.number + 1);
                    }
                }
                Flow::Live => {
                    let key = (peer.channel(), admins.contains(id));
                    let frames = encoded.entry(key).or_insert_with(|| frames(key, entries, &withheld));
                    sends.extend(frames.iter().map(|frame| (*id, frame.clone())));
                }
            }
        }
        for (peer, frame) in sends {
            self.send_bytes(peer, frame);
        }
    }

    /// Sends once more, with their bodies, the entries of logs that were held back.
    pub(crate) fn release(&mut self, logs: impl Iterator<Item = LogId>, now_ms: u64) {
        let admins = self.admin_peers();
        for log in logs {
            let until = self.head(&log).next;
            for (id, peer) in &mut self.peers {
                if until == 0 || !peer.may_fetch() || admins.contains(id) {
                    continue;
                }
                if matches!(peer.flow, Flow::Live) {
                    peer.flow = Flow::Behind(Box::default());
                }
                if let Flow::Behind(behind) = &mut peer.flow {
                    behind.note(log, 0, until);
                }
            }
        }
        self.pump_all(now_ms);
    }

    /// Passes a message of the moment on to whoever keeps up.
    pub(crate) fn ephemeral(&mut self, from: PeerId, bytes: &[u8]) {
        if !self.peers.get(&from).is_some_and(Peer::may_fetch) {
            return;
        }
        if bytes.len() > EPHEMERAL_BYTES_MAX {
            return self.close(from, Code::TooLarge, "a message of the moment is over the limit");
        }
        let keeps_up = |peer: &Peer| matches!(peer.flow, Flow::Live) && peer.outstanding < CREDIT_BYTES;
        self.send_to_all(
            |id, peer| id != from && peer.may_fetch() && keeps_up(peer),
            |channel| Frame::Ephemeral { channel, bytes: bytes.to_vec() },
        );
    }

    pub(crate) fn pump_all(&mut self, now_ms: u64) {
        self.look_again_ms = None;
        let owed: Vec<PeerId> =
            self.peers.iter().filter(|(_, peer)| peer.is_owed()).map(|(id, _)| *id).collect();
        for peer in owed {
            self.pump(peer, now_ms);
        }
    }

    /// Sends a channel as much of what it is owed as it has credit for.
    pub(crate) fn pump(&mut self, peer: PeerId, now_ms: u64) {
        while self.peers.get(&peer).is_some_and(|known| known.is_owed() && known.outstanding < CREDIT_BYTES) {
            match self.next_step(peer, now_ms) {
                Step::Send(frame) => self.send(peer, &frame),
                Step::Wait | Step::Done => return,
            }
        }
    }

    /// A body that has begun, then what the channel lacks, then what it asked for.
    fn next_step(&mut self, peer: PeerId, now_ms: u64) -> Step {
        let Some(known) = self.peers.get_mut(&peer) else { return Step::Done };
        if let Some(part) = known.next_part() {
            return Step::Send(Box::new(part));
        }
        if let Flow::Behind(behind) = &mut known.flow {
            let mut behind = core::mem::take(behind);
            let step = self.step(peer, &mut behind, now_ms);
            let Some(known) = self.peers.get_mut(&peer) else { return Step::Done };
            if !matches!(step, Step::Done) {
                known.flow = Flow::Behind(behind);
                return step;
            }
            known.flow = Flow::Live;
            if core::mem::take(&mut known.owes_live) {
                known.bodies = Bodies::All;
                return Step::Send(Box::new(Frame::Live { channel: known.channel() }));
            }
        }
        self.next_wanted(peer, now_ms)
    }

    fn step(&mut self, peer: PeerId, behind: &mut Behind, now_ms: u64) -> Step {
        if let Some(first) = behind.ready.front_mut()
            && is_large(first)
        {
            if !self.is_hidden_from(peer, &first.header) {
                return self.begin_ready(peer, behind, now_ms);
            }
            first.body = None;
        }
        if behind.ready.is_empty() && (behind.reading.is_some() || self.read_on(peer, behind)) {
            return Step::Wait;
        }
        if !behind.ready.is_empty() {
            return Step::Send(Box::new(self.next_entries(peer, behind)));
        }
        if let Some(device) = behind.receipts.pop_front() {
            let channel = self.peers.get(&peer).map_or(0, Peer::channel);
            let receipt = self.receipts.of(&device);
            return receipt.map_or_else(
                || self.step(peer, behind, now_ms),
                |receipt| Step::Send(Box::new(Frame::Receipt { channel, receipt })),
            );
        }
        // A range that is left is on its way into the store, and too large to be sent from memory.
        if behind.is_done() { Step::Done } else { Step::Wait }
    }

    /// Asks the store for what comes next, or takes it from memory where it is not in the store yet. Answers whether
    /// the store was asked.
    fn read_on(&mut self, peer: PeerId, behind: &mut Behind) -> bool {
        let (space, max_bytes) = (self.space, READ_BYTES);
        let mut log = None;
        let request = if let Some(after) = behind.scan {
            Request::EntriesByArrival { space, after, max_bytes }
        } else {
            let Some((key, (from, until))) =
                behind.missing.first_key_value().map(|(key, range)| (*key, *range))
            else {
                return false;
            };
            if from >= self.durable.head(&key.log()).next {
                self.take_from_memory(key, from, self.bodies_of(peer), behind);
                return false;
            }
            log = Some(key.log());
            let max_entries = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX);
            Request::EntriesOfLog { space, log: key.log(), from, max_entries, max_bytes }
        };
        self.reads += 1;
        let read = self.reads;
        behind.reading = Some(read);
        self.request(Purpose::CatchUp { peer, read, log }, request);
        true
    }

    fn take_from_memory(&self, key: InOrder, from: u64, bodies: Bodies, behind: &mut Behind) {
        let mut next = from;
        let mut found = false;
        for pending in self.undurable() {
            let fields = pending.entry.header.fields();
            if fields.log != key.log() || fields.number != next {
                continue;
            }
            found = true;
            let chosen = bodies.include(fields.kind);
            if chosen && is_large(&pending.entry) || behind.ready.len() >= ENTRIES_PER_FRAME_MAX {
                break;
            }
            let body = pending.entry.body.as_ref().filter(|_| chosen).cloned();
            behind.ready.push_back(Entry { header: pending.entry.header.clone(), body });
            behind.passed(key.log(), next);
            next += 1;
        }
        if !found {
            // It was taken back (a fork); there is nothing to wait for.
            behind.missing.remove(&key);
        }
    }

    pub(crate) fn caught_up(
        &mut self,
        peer: PeerId,
        read: u64,
        log: Option<LogId>,
        result: Result<Reply, StoreError>,
        now_ms: u64,
    ) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        let Flow::Behind(behind) = &mut known.flow else { return };
        if behind.reading != Some(read) {
            return;
        }
        behind.reading = None;
        let bodies = known.bodies;
        let chosen = |mut entry: Entry| {
            if !bodies.include(entry.header.fields().kind) {
                entry.body = None;
            }
            entry
        };
        match (result, log) {
            (Ok(Reply::Entries(entries)), Some(log)) => {
                if entries.is_empty() {
                    behind.missing.remove(&InOrder::new(log));
                }
                for entry in entries {
                    behind.passed(log, entry.header.fields().number);
                    behind.ready.push_back(chosen(entry));
                }
            }
            (Ok(Reply::Arrived(entries)), None) => {
                behind.scan = entries.last().map(|(arrival, _)| *arrival);
                for (_, entry) in entries {
                    behind.passed(entry.header.fields().log, entry.header.fields().number);
                    behind.ready.push_back(chosen(entry));
                }
            }
            _ => return self.close(peer, Code::Internal, "the relay could not read its store"),
        }
        self.pump(peer, now_ms);
    }

    /// The next frame of entries that were read.
    fn next_entries(&self, peer: PeerId, behind: &mut Behind) -> Frame {
        let channel = self.peers.get(&peer).map_or(0, Peer::channel);
        let sees_all = self.is_admin_peer(peer);
        let mut entries = Vec::new();
        let mut size = 0;
        while let Some(mut entry) = behind.ready.pop_front_if(|entry| {
            let fits = entries.is_empty() || (size + entry.size() <= ENTRIES_FRAME_BYTES);
            fits && entries.len() < ENTRIES_PER_FRAME_MAX && !is_large(entry)
        }) {
            size += entry.size();
            if !sees_all && self.gate.is_withheld(&entry.header) {
                entry.body = None;
            }
            entries.push(entry);
        }
        Frame::Entries { channel, entries }
    }

    /// Sends the first part of the large body that was read; without memory for it, it is read again later.
    fn begin_ready(&mut self, peer: PeerId, behind: &mut Behind, now_ms: u64) -> Step {
        let Some(entry) = behind.ready.pop_front() else { return Step::Wait };
        match self.begin_parts(peer, entry, now_ms) {
            Ok(step) => step,
            Err(header) => {
                // What was read is given back to the store.
                let headers =
                    core::iter::once(*header).chain(behind.ready.drain(..).map(|entry| entry.header));
                let numbers: Vec<_> =
                    headers.map(|header| (header.fields().log, header.fields().number)).collect();
                for (log, number) in numbers {
                    behind.note(log, number, number + 1);
                }
                Step::Wait
            }
        }
    }

    /// Sends the first part of a large body, if there is memory for it to wait in.
    ///
    /// # Errors
    /// The entry's header where there is none; the room looks again in a while.
    pub(crate) fn begin_parts(
        &mut self,
        peer: PeerId,
        entry: Entry,
        now_ms: u64,
    ) -> Result<Step, Box<SignedHeader>> {
        let body = entry.body.unwrap_or_default();
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let Some(share) = self.settings.large_bodies.take(size) else {
            self.look_again_at(now_ms.saturating_add(STARVED_MS));
            return Err(Box::new(entry.header));
        };
        let Some(known) = self.peers.get_mut(&peer) else { return Ok(Step::Done) };
        known.outgoing =
            Some(OutgoingParts { header: entry.header, body: Bytes::from(body), offset: 0, _share: share });
        Ok(known.next_part().map_or(Step::Wait, |part| Step::Send(Box::new(part))))
    }

    /// Looks at what everybody is owed at a time at the latest.
    pub(crate) fn look_again_at(&mut self, at_ms: u64) {
        self.look_again_ms = Some(self.look_again_ms.map_or(at_ms, |earlier| earlier.min(at_ms)));
    }

    fn bodies_of(&self, peer: PeerId) -> Bodies {
        self.peers.get(&peer).map_or(Bodies::All, |peer| peer.bodies)
    }

    /// Whether an entry's body is kept from a channel.
    pub(crate) fn is_hidden_from(&self, peer: PeerId, header: &SignedHeader) -> bool {
        !self.is_admin_peer(peer) && self.gate.is_withheld(header)
    }

    fn is_admin_peer(&self, peer: PeerId) -> bool {
        let device = self.peers.get(&peer).and_then(|peer| peer.stage.device());
        device.is_some_and(|device| self.gate.state().is_admin(&device))
    }

    /// The channels of admins.
    pub(crate) fn admin_peers(&self) -> Vec<PeerId> {
        let state = self.gate.state();
        let is_admin = |peer: &Peer| matches!(peer.stage, Stage::Member(device) if state.is_admin(&device));
        self.peers.iter().filter(|(_, peer)| is_admin(peer)).map(|(id, _)| *id).collect()
    }
}

pub(crate) fn is_large(entry: &Entry) -> bool {
    entry.body.as_ref().is_some_and(|body| body.len() > WHOLE_BODY_BYTES_MAX)
}

/// The frames that carry entries to a live channel.
fn frames((channel, sees_all): (u32, bool), entries: &[Entry], withheld: &[bool]) -> Vec<Bytes> {
    let shown = entries.iter().zip(withheld).map(|(entry, withheld)| {
        let body = if *withheld && !sees_all { None } else { entry.body.clone() };
        Entry { header: entry.header.clone(), body }
    });
    samverka_protocol::batches(channel, shown).iter().map(crate::encode).collect()
}
