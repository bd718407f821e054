//! The world itself: who is in it, how time passes, how bytes travel, how processes die.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_log::{EntryId, EntryKind, Role, SlotId, SpaceId};
use samverka_plan::{Command, exchange};
use samverka_replica::{
    Effect, Event, InviteRequest, Joining, Opening, Replica, SessionId, Setup, SnapshotMarks,
};
use samverka_room::{Incoming, Introduction, PeerId, Reaction, Reception, Room};
use samverka_seal::{DeviceKeys, InviteLink};
use samverka_store::{MemoryStore, Store as _};
use samverka_testkit::{Arrival, Clock, Wires, rng};

use crate::disk::Trouble;
use crate::person::{Person, profile};
use crate::relay::{Malice, Relay, settings};

/// How long writes that failed are left alone before a device tries them again, as the apps do.
const RETRY_WRITES_MS: u64 = 1_000;

/// One end of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A person's device.
    Person(usize),
    /// A relay.
    Relay(usize),
}

/// The world.
pub struct World {
    clock: Clock,
    /// All randomness.
    pub rng: StdRng,
    pub(crate) wires: Wires<End>,
    /// Everybody.
    pub people: Vec<Person>,
    pub(crate) relays: Vec<Relay>,
    pub(crate) space: SpaceId,
    steps: usize,
    /// Whether what somebody did unseen may have to wait for an admin's word.
    pub somebody_is_removed: bool,
    /// Whether nothing happens that could make an honest entry or connection be refused.
    pub(crate) calm: bool,
    pub(crate) disk_delay_ms: u64,
    /// Which people cannot reach which relays: bits of each, counted from the first.
    pub(crate) split: (u32, u32),
    /// Whose devices went back to an older state at some time.
    pub(crate) devices_went_back: BTreeSet<usize>,
    /// Entries that another program wrote beside a process, and on whose device.
    pub(crate) written_beside: Vec<(usize, EntryId)>,
    /// Every frame that was sent, where somebody wants them.
    kept_frames: Option<Vec<Vec<u8>>>,
}

/// Marks so low that snapshots come up in a world of some dozen edits.
const MARKS: SnapshotMarks = SnapshotMarks { entries: 8, bytes: u64::MAX };

pub(crate) fn url(relay: usize) -> String {
    format!("http://relay-{relay}")
}

impl World {
    /// A plan with so many people, all admitted, and so many relays; disks answer at once.
    ///
    /// # Panics
    /// Where a machine does not do what it has to: this is a test.
    pub fn new(seed: u64, people: usize, relays: usize) -> Self {
        Self::with_disks(seed, people, relays, 0)
    }

    /// As [`Self::new`], with disks that take up to so long for an answer.
    ///
    /// # Panics
    /// As there.
    pub fn with_disks(seed: u64, people: usize, relays: usize, disk_delay_ms: u64) -> Self {
        let mut rng = rng(seed);
        let clock = Clock::at_the_workshop();
        let keys = DeviceKeys::make(&mut rng);
        let setup = Setup {
            keys: keys.clone(),
            slot: SlotId(1),
            profile: profile(0),
            title: "Ingen ensam".to_owned(),
            relays: (0..relays).map(url).collect(),
        };
        let mut replica = Replica::found(setup, clock.now_ms(), &mut rng).expect("a plan is founded");
        replica.set_snapshot_marks(MARKS);
        let space = replica.space();
        let mut world = Self {
            clock,
            rng,
            wires: Wires::new(40),
            people: vec![Person::new(replica, keys, disk_delay_ms)],
            relays: (0..relays).map(|_| Relay::new(disk_delay_ms)).collect(),
            space,
            steps: 0,
            somebody_is_removed: false,
            calm: true,
            disk_delay_ms,
            split: (0, 0),
            devices_went_back: BTreeSet::new(),
            written_beside: Vec::new(),
            kept_frames: None,
        };
        world.drive(0);
        world.connect(0, 0);
        world.rest();
        for _ in 1..people {
            world.admit_another(0);
        }
        world
    }

    /// An admin lets somebody new in, with both connected to the first relay. Answers who it is.
    ///
    /// # Panics
    /// Where they do not get in.
    pub fn admit_another(&mut self, admin: usize) -> usize {
        let now = self.people[admin].at(self.now());
        let request =
            InviteRequest { role: Role::Editor, expires_at_ms: now + 3_600_000, uses: 1, participant: None };
        let inviting = self.people[admin].replica.as_mut().expect("the admin lives");
        let invite = inviting.invite(&request, now, &mut self.rng).expect("an invitation");
        self.drive(admin);
        self.rest();
        let link = InviteLink::parse(invite.link.as_deref().expect("a link")).expect("a sound link");
        let keys = DeviceKeys::make(&mut self.rng);
        let person = self.people.len();
        let joining = Joining { link, keys: keys.clone(), slot: SlotId(1), profile: profile(person) };
        let mut replica = Replica::join(joining, self.now(), &mut self.rng).expect("a knock");
        replica.set_snapshot_marks(MARKS);
        self.people.push(Person::new(replica, keys.clone(), self.disk_delay_ms));
        self.drive(person);
        self.connect(person, 0);
        self.rest();
        let now = self.people[admin].at(self.now());
        let admitting = self.people[admin].replica.as_mut().expect("the admin lives");
        let mut knocks = admitting.knocks(now).into_iter().map(|knock| knock.device);
        let device = knocks.find(|device| *device == samverka_log::Signer::device(&keys));
        let device = device.expect("somebody knocks");
        admitting.admit(device, None, now, &mut self.rng).expect("they are let in");
        self.drive(admin);
        self.rest();
        let replica = self.people[person].replica.as_ref().expect("the newcomer lives");
        assert!(replica.is_ready() && !replica.is_joining(), "person {person} did not get in");
        person
    }

    /// Keeps every frame that is sent from here on.
    pub fn keep_frames(&mut self) {
        self.kept_frames = Some(Vec::new());
    }

    /// The frames that were kept.
    pub fn kept_frames(&self) -> &[Vec<u8>] {
        self.kept_frames.as_deref().unwrap_or_default()
    }

    fn keep(&mut self, frame: &[u8]) {
        if let Some(kept) = &mut self.kept_frames {
            kept.push(frame.to_vec());
        }
    }

    /// A person's replica.
    ///
    /// # Panics
    /// Where the process is dead.
    pub fn replica(&self, person: usize) -> &Replica {
        self.people[person].replica.as_ref().expect("alive")
    }

    /// Does something with a person's replica and carries out what follows.
    ///
    /// # Panics
    /// Where the process is dead.
    pub fn with<T>(&mut self, person: usize, act: impl FnOnce(&mut Replica, u64, &mut StdRng) -> T) -> T {
        let now = self.people[person].at(self.now());
        let replica = self.people[person].replica.as_mut().expect("alive");
        let result = act(replica, now, &mut self.rng);
        self.drive(person);
        result
    }

    /// Carries out a command and seals it at once.
    ///
    /// # Panics
    /// Where that is refused.
    pub fn must(&mut self, person: usize, command: &Command) -> samverka_plan::Outcome {
        self.with(person, |replica, now, rng| {
            let outcome = replica.execute(command, now, rng).expect("they may do this");
            replica.flush(now, rng).expect("there is a key");
            outcome
        })
    }

    /// Cuts whatever a person is connected by, and lets both ends know.
    pub fn go_offline(&mut self, person: usize) {
        for wire in self.wires.open_of(&End::Person(person)) {
            self.wires.cut(wire, self.now());
        }
        self.rest();
    }

    /// How many snapshots a person has.
    ///
    /// # Panics
    /// Where the store does not read.
    pub fn snapshots(&self, person: usize) -> usize {
        let store = self.people[person].disk.store();
        let stored = store.entries_by_arrival(self.space, samverka_store::Arrival(0), usize::MAX);
        let kinds = stored.expect("it reads").into_iter().map(|(_, entry)| entry.header.fields().kind);
        kinds.filter(|kind| *kind == EntryKind::Snapshot).count()
    }

    /// The time.
    pub const fn now(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Whether a person cannot reach a relay.
    pub(crate) const fn is_cut_off(&self, person: usize, relay: usize) -> bool {
        let (people, relays) = self.split;
        (people >> (person % 32) & 1) != (relays >> (relay % 32) & 1)
    }

    /// Parts the world in two: wires between the halves break, and none is made until it heals.
    pub(crate) fn part(&mut self, people: u32, relays: u32) {
        self.split = (people, relays);
        for wire in self.wires.open() {
            let Some([End::Person(person), End::Relay(relay)]) = self.wires.ends(wire).copied() else {
                continue;
            };
            if self.is_cut_off(person, relay) {
                self.wires.cut(wire, self.now());
            }
        }
    }

    /// Connects a person to a relay, if both live, are not connected, and can reach each other.
    pub fn connect(&mut self, person: usize, relay: usize) {
        let now = self.now();
        let ends = [End::Person(person), End::Relay(relay)];
        let connected = self.wires.open_between(&ends[0], &ends[1]);
        if self.people[person].replica.is_none() || connected || self.is_cut_off(person, relay) {
            return;
        }
        let wire = self.wires.connect(ends[0], ends[1]);
        let mut nonce = [0; 32];
        self.rng.fill(&mut nonce);
        self.relays[relay].receptions.insert(wire, Reception::new(settings(relay), nonce, now));
        if let Some(replica) = &mut self.people[person].replica {
            replica.connect(SessionId(wire), &url(relay));
        }
        self.drive(person);
    }

    /// An admin removes somebody, with what is known here of what they wrote.
    ///
    /// # Panics
    /// Where they may not.
    pub fn remove(&mut self, admin: usize, person: usize) {
        self.somebody_is_removed = true;
        let gone = samverka_log::Signer::device(&self.people[person].keys);
        let member = self.replica(admin).membership().member_of(&gone).expect("they are in");
        self.with(admin, |replica, now, rng| replica.remove_member(member, now, rng)).expect("an admin may");
    }

    /// An admin takes in what somebody wrote before hearing that they were removed, as far as it is here.
    ///
    /// # Panics
    /// Where they may not.
    pub fn accept_late(&mut self, admin: usize, person: usize) {
        let gone = samverka_log::Signer::device(&self.people[person].keys);
        let member = self.replica(admin).membership().member_of(&gone).expect("they were in");
        self.with(admin, |replica, now, _| replica.accept_late(member, now)).expect("an admin may");
    }

    /// Cuts one of the wires, if there is any.
    pub fn cut_one(&mut self) {
        let open = self.wires.open();
        if !open.is_empty() {
            let wire = open[self.rng.random_range(0..open.len())];
            self.wires.cut(wire, self.now());
        }
    }

    /// Ends a person's process and starts it again from what it had stored.
    pub fn restart(&mut self, person: usize) {
        self.go_offline(person);
        self.stop(person);
        self.start(person);
        self.rest();
    }

    /// Ends a person's process, and starts it as one whose store may be a copy, as browsers do: in a new slot, with the
    /// first one held.
    pub fn restart_as_browsers_do(&mut self, person: usize, fresh: SlotId) {
        self.go_offline(person);
        self.stop(person);
        self.people[person].slot = fresh;
        self.people[person].copied = false;
        self.start(person);
        self.rest();
        self.with(person, |replica, _, _| replica.may_be_copy(Some(SlotId(1))));
    }

    /// Kills a person's process at a random point between two effects, and starts it again.
    pub fn kill_person(&mut self, person: usize) {
        for _ in 0..self.rng.random_range(0..4_usize) {
            self.one_effect(person);
        }
        self.stop(person);
        self.start(person);
    }

    /// Ends a person's process where it stands.
    pub(crate) fn stop(&mut self, person: usize) {
        let own = &mut self.people[person];
        own.replica = None;
        own.retry_at = None;
        own.facts.process_died();
        own.disk.crash(&mut self.rng);
        for wire in self.wires.open_of(&End::Person(person)) {
            self.wires.cut(wire, self.now());
        }
    }

    pub(crate) fn opening(&self, keys: &DeviceKeys, slot: SlotId) -> Opening {
        Opening { space: self.space, keys: keys.clone(), slot }
    }

    /// Starts a person's process from what the disk has.
    pub(crate) fn start(&mut self, person: usize) {
        let own = &self.people[person];
        let mut replica = Replica::open(self.opening(&own.keys, own.slot));
        replica.set_snapshot_marks(MARKS);
        if own.copied {
            replica.distrust_membership_log();
        }
        self.people[person].replica = Some(replica);
        self.drive(person);
    }

    /// Kills a relay; it starts again with the next connection, from what it had written.
    pub fn kill_relay(&mut self, relay: usize) {
        self.relays[relay].room = None;
        self.relays[relay].receptions.clear();
        self.relays[relay].disk.crash(&mut self.rng);
        for wire in self.wires.open_of(&End::Relay(relay)) {
            self.wires.cut(wire, self.now());
        }
    }

    /// Puts an older state of its disk back at a relay.
    pub(crate) fn roll_back(&mut self, relay: usize) {
        let Some(backup) = self.relays[relay].backup.clone() else { return };
        self.kill_relay(relay);
        self.relays[relay].disk.replace(backup);
        self.relays[relay].broke_its_word = true;
    }

    pub(crate) fn set_malice(&mut self, relay: usize, malice: Option<Malice>) {
        self.relays[relay].malice = malice;
        self.relays[relay].broke_its_word |= malice.is_some();
    }

    /// The keys of a person's device.
    pub fn keys(&self, person: usize) -> &DeviceKeys {
        &self.people[person].keys
    }

    /// What is on a person's disk.
    pub fn stored_by_person(&self, person: usize) -> &MemoryStore {
        self.people[person].disk.store()
    }

    /// What is on a relay's disk.
    pub fn stored_by_relay(&self, relay: usize) -> &MemoryStore {
        self.relays[relay].disk.store()
    }

    /// Sets a device's clock: by how much it is wrong.
    pub fn set_clock(&mut self, person: usize, skew_ms: i64) {
        self.people[person].skew_ms = skew_ms;
    }

    /// Something is wrong with a disk from here on, or nothing any more.
    pub fn set_trouble(&mut self, end: End, trouble: Option<Trouble>) {
        match end {
            End::Person(person) => self.people[person].disk.set_trouble(trouble),
            End::Relay(relay) => self.relays[relay].disk.set_trouble(trouble),
        }
    }

    pub(crate) fn relay_is_in_trouble(&self, relay: usize) -> bool {
        self.relays[relay].disk.is_in_trouble()
    }

    /// Carries out all effects of a person that are due.
    pub(crate) fn drive(&mut self, person: usize) {
        loop {
            while self.one_effect(person) {}
            let now = self.now();
            let own = &mut self.people[person];
            let Some(replica) = &mut own.replica else { return };
            let at = now.saturating_add_signed(own.skew_ms);
            if let Some((id, answer)) = own.disk.answer(now, &mut self.rng) {
                replica.handle_stored(id, answer, at);
                continue;
            }
            // One that cannot be made costs time at the next start and nothing else.
            let _unmade = replica.checkpoint_where_due(&mut self.rng);
            if !replica.has_effects() {
                break;
            }
        }
        self.hear(person);
    }

    /// Hears what a replica tells.
    fn hear(&mut self, person: usize) {
        let now = self.now();
        let own = &mut self.people[person];
        let Some(replica) = &mut own.replica else { return };
        if replica.store_failure().is_some() {
            own.retry_at.get_or_insert(now + RETRY_WRITES_MS);
        }
        own.copied &= !replica.trusts_membership_log();
        while let Some(event) = replica.poll_event() {
            let may = self.somebody_is_removed || !self.calm;
            assert!(
                may || !matches!(event, Event::LeftOut { .. }),
                "an honest entry was left out at person {person}: {event:?}"
            );
        }
    }

    fn one_effect(&mut self, person: usize) -> bool {
        let now = self.now();
        let own = &mut self.people[person];
        let Some(effect) = own.replica.as_mut().and_then(Replica::poll_effect) else { return false };
        match effect {
            Effect::Store { id, request } => own.disk.ask(id, request, now, &mut self.rng),
            Effect::Send { session, frame } => {
                self.keep(&frame);
                self.wires.send(session.0, &End::Person(person), frame, now, &mut self.rng);
            }
            Effect::Close { session, .. } => self.wires.cut(session.0, now),
        }
        true
    }

    /// Lets one thing happen: the next arrival, or whatever is due next.
    ///
    /// # Panics
    /// Where the world does not come to rest.
    pub fn step(&mut self) -> bool {
        self.step_until(u64::MAX)
    }

    fn step_until(&mut self, horizon_ms: u64) -> bool {
        let now = self.now();
        self.steps += 1;
        assert!(self.steps < 400_000, "the world does not come to rest");
        if let Some(arrival) = self.wires.arrive(now) {
            self.handle(arrival);
            return true;
        }
        let people = self.people.iter().flat_map(|person| [person.wakes_at(), person.disk.next_ms()]);
        let relays = self
            .relays
            .iter()
            .flat_map(|relay| [relay.room.as_ref().and_then(Room::poll_timeout), relay.disk.next_ms()]);
        let next = people.chain(relays).flatten().chain(self.wires.next_ms()).min();
        let Some(next) = next.filter(|next| *next <= horizon_ms) else { return false };
        self.clock.advance_to(next);
        for person in 0..self.people.len() {
            self.wake_person(person);
        }
        for relay in 0..self.relays.len() {
            self.wake_relay(relay);
        }
        true
    }

    fn wake_person(&mut self, person: usize) {
        let now = self.now();
        let own = &mut self.people[person];
        let at = own.at(now);
        let Some(replica) = &mut own.replica else { return };
        let mut moved = own.disk.next_ms().is_some_and(|due| due <= now);
        if own.retry_at.is_some_and(|due| due <= now) {
            own.retry_at = None;
            replica.retry_writes();
            moved = true;
        }
        if replica.poll_timeout().is_some_and(|due| due <= at) {
            replica.handle_timeout(at, &mut self.rng);
            moved = true;
        }
        if moved {
            self.drive(person);
        }
    }

    fn wake_relay(&mut self, relay: usize) {
        let now = self.now();
        let own = &mut self.relays[relay];
        let mut moved = own.disk.next_ms().is_some_and(|due| due <= now);
        if let Some(room) = own.room.as_mut().filter(|room| room.poll_timeout().is_some_and(|at| at <= now)) {
            room.handle_timeout(now);
            moved = true;
        }
        if moved {
            self.drive_relay(relay);
        }
    }

    /// Lets everything happen that is under way, but not what is due in days (knocks that run out).
    pub fn rest(&mut self) {
        self.rest_for(60_000);
    }

    /// Lets so much time pass, and whatever happens in it.
    pub(crate) fn rest_for(&mut self, ms: u64) {
        let horizon_ms = self.now() + ms;
        while self.step_until(horizon_ms) {}
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now() + ms;
        self.rest_for(ms);
        self.clock.advance_to(until);
    }

    fn handle(&mut self, arrival: Arrival<End>) {
        let now = self.now();
        match arrival {
            Arrival::Message { wire, to: End::Person(person), bytes } => {
                let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                let at = self.people[person].at(now);
                if let Some(replica) = &mut self.people[person].replica {
                    replica.handle_frame(SessionId(wire), &bytes, at, &mut self.rng);
                }
                self.drive(person);
                self.drained(wire, len);
            }
            Arrival::Broken { wire, to: End::Person(person) } => {
                let at = self.people[person].at(now);
                if let Some(replica) = &mut self.people[person].replica {
                    replica.handle_disconnected(SessionId(wire), at);
                }
                self.drive(person);
            }
            Arrival::Message { wire, to: End::Relay(relay), bytes } => self.relay_takes(relay, wire, &bytes),
            Arrival::Broken { wire, to: End::Relay(relay) } => {
                let own = &mut self.relays[relay];
                own.receptions.remove(&wire);
                if let Some(room) = &mut own.room {
                    room.handle_disconnected(PeerId(wire), now);
                }
                self.drive_relay(relay);
            }
        }
    }

    /// A socket took bytes: they have reached the other end.
    fn drained(&mut self, wire: u64, len: u64) {
        let now = self.now();
        let Some([_, End::Relay(relay)]) = self.wires.ends(wire).copied() else { return };
        if let Some(room) = &mut self.relays[relay].room {
            room.handle_drained(PeerId(wire), len, now);
        }
        self.drive_relay(relay);
    }

    fn relay_takes(&mut self, relay: usize, wire: u64, bytes: &[u8]) {
        let now = self.now();
        let own = &mut self.relays[relay];
        let Some(reception) = own.receptions.get_mut(&wire) else { return };
        match reception.handle_frame(bytes, now) {
            Reaction::Nothing | Reaction::Leave { .. } => {}
            Reaction::Send(frame) => self.relay_sends(relay, wire, frame.to_vec()),
            Reaction::Open { channel, space, frame } => {
                let mut nonce = [0; 32];
                nonce.copy_from_slice(&reception.nonce());
                let room = own.room.get_or_insert_with(|| Room::new(space, settings(relay)));
                let hosts: Arc<[String]> = Arc::from([format!("relay-{relay}")]);
                room.handle_connected(PeerId(wire), Introduction { channel, nonce, hosts }, now);
                room.handle_frame(PeerId(wire), Incoming::new(frame), now);
            }
            Reaction::Pass { frame, .. } => {
                if let Some(answer) = own.forgets(&frame) {
                    self.relay_sends(relay, wire, answer.encode());
                } else if let Some(room) = &mut own.room {
                    room.handle_frame(PeerId(wire), Incoming::new(frame), now);
                }
            }
            Reaction::Bye { code, detail } => {
                assert!(!self.calm, "an honest client was sent away: {code:?} {detail}");
                self.wires.cut(wire, now);
            }
        }
        self.drive_relay(relay);
    }

    fn relay_sends(&mut self, relay: usize, wire: u64, bytes: Vec<u8>) {
        let now = self.now();
        let Some([End::Person(person), _]) = self.wires.ends(wire).copied() else { return };
        self.keep(&bytes);
        let sent = bytes.len();
        let instead = self.relays[relay].distort(wire, person, bytes, &mut self.rng);
        let goes: usize = instead.iter().filter(|(on, _)| *on == wire).map(|(_, bytes)| bytes.len()).sum();
        for (on, bytes) in instead {
            self.wires.send(on, &End::Relay(relay), bytes, now, &mut self.rng);
        }
        // What a relay swallows of its own frames does not fill its socket.
        let swallowed = u64::try_from(sent.saturating_sub(goes)).unwrap_or(u64::MAX);
        if let Some(room) = self.relays[relay].room.as_mut().filter(|_| swallowed > 0) {
            room.handle_drained(PeerId(wire), swallowed, now);
        }
    }

    pub(crate) fn drive_relay(&mut self, relay: usize) {
        let now = self.now();
        loop {
            let own = &mut self.relays[relay];
            let Some(room) = &mut own.room else { break };
            if let Some(effect) = room.poll_effect() {
                self.carry_out_at_relay(relay, effect);
            } else if let Some((id, answer)) = own.disk.answer(now, &mut self.rng) {
                room.handle_stored(id, answer, now);
            } else {
                break;
            }
        }
        // A room that loaded before its space was founded is let go, as the relay's shell does.
        let own = &mut self.relays[relay];
        if own.room.as_ref().is_some_and(|room| room.is_missing() && room.peers() == 0) {
            own.room = None;
        }
    }

    fn carry_out_at_relay(&mut self, relay: usize, effect: samverka_room::Effect) {
        let now = self.now();
        match effect {
            samverka_room::Effect::Send { peer, frame } => self.relay_sends(relay, peer.0, frame.to_vec()),
            samverka_room::Effect::Store { id, request } => {
                self.relays[relay].disk.ask(id, request, now, &mut self.rng);
            }
            samverka_room::Effect::Attached { .. } => {}
            samverka_room::Effect::Close { peer, code, detail } => {
                assert!(
                    self.somebody_is_removed || !self.calm,
                    "an honest client {peer:?} was closed: {code:?} {detail}"
                );
                self.wires.cut(peer.0, now);
            }
        }
    }

    /// What each person would export.
    ///
    /// # Panics
    /// Where somebody's process is dead or has nothing yet.
    pub fn exports(&self) -> Vec<String> {
        (0..self.people.len()).map(|person| self.export(person)).collect()
    }

    /// What a person would export.
    ///
    /// # Panics
    /// As [`Self::exports`].
    pub fn export(&self, person: usize) -> String {
        exchange::json::export_text(self.replica(person).workspace().expect("ready"))
    }
}
