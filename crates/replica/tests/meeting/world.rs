//! A small world: real replicas and real rooms as machines, virtual time, wires that break, processes that die at
//! any point between two effects. Everything follows from one seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_log::{EntryKind, RelayKey, Role, SlotId, SpaceId};
use samverka_plan::{Command, Kind, exchange};
use samverka_replica::{
    Effect, Event, InviteRequest, Joining, Opening, Replica, SessionId, Setup, SnapshotMarks, drive_store,
};
use samverka_room::{
    Budget, Hosting, Incoming, Introduction, PeerId, Reaction, Reception, Room, RoomLimits, Settings,
};
use samverka_seal::{DeviceKeys, InviteLink, Profile};
use samverka_store::{MemoryStore, Store as _, handle};
use samverka_testkit::{Arrival, Clock, Wires, rng};
use serde_json::json;

/// One end of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// A person's device.
    Person(usize),
    /// A relay.
    Relay(usize),
}

/// A person's device.
pub(crate) struct Person {
    /// The process; none while it is dead.
    pub(crate) replica: Option<Replica>,
    store: MemoryStore,
    keys: DeviceKeys,
    /// Texts whose command returned: they are durable and must be found again.
    pub(crate) typed: Vec<String>,
}

struct Relay {
    store: MemoryStore,
    room: Option<Room>,
    receptions: BTreeMap<u64, Reception>,
}

/// The world.
pub(crate) struct World {
    clock: Clock,
    /// All randomness.
    pub(crate) rng: StdRng,
    wires: Wires<End>,
    /// Everybody.
    pub(crate) people: Vec<Person>,
    relays: Vec<Relay>,
    space: SpaceId,
    steps: usize,
    /// Whether what somebody did unseen may have to wait for an admin's word.
    pub(crate) somebody_is_removed: bool,
}

/// Marks so low that snapshots come up in a world of some dozen edits.
const MARKS: SnapshotMarks = SnapshotMarks { entries: 8, bytes: u64::MAX };

fn url(relay: usize) -> String {
    format!("http://relay-{relay}")
}

fn profile(person: usize) -> Profile {
    Profile {
        name: format!("Deltagare {person}"),
        organisation: format!("Organisation {person}"),
        role_title: "Kurator".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    }
}

impl World {
    /// A plan with so many people, all admitted, and so many relays.
    pub(crate) fn new(seed: u64, people: usize, relays: usize) -> Self {
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
        let founder = Person { replica: Some(replica), store: MemoryStore::new(), keys, typed: Vec::new() };
        let relays = (0..relays)
            .map(|_| Relay { store: MemoryStore::new(), room: None, receptions: BTreeMap::new() })
            .collect();
        let mut world = Self {
            clock,
            rng,
            wires: Wires::new(40),
            people: vec![founder],
            relays,
            space,
            steps: 0,
            somebody_is_removed: false,
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
    pub(crate) fn admit_another(&mut self, admin: usize) -> usize {
        let now = self.now();
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
        let mut replica = Replica::join(joining, now, &mut self.rng).expect("a knock");
        replica.set_snapshot_marks(MARKS);
        self.people.push(Person {
            replica: Some(replica),
            store: MemoryStore::new(),
            keys,
            typed: Vec::new(),
        });
        self.drive(person);
        self.connect(person, 0);
        self.rest();
        let admitting = self.people[admin].replica.as_mut().expect("the admin lives");
        let device = admitting.knocks(now).first().expect("somebody knocks").device;
        admitting.admit(device, None, now, &mut self.rng).expect("they are let in");
        self.drive(admin);
        self.rest();
        let replica = self.people[person].replica.as_ref().expect("the newcomer lives");
        assert!(replica.is_ready() && !replica.is_joining(), "person {person} did not get in");
        person
    }

    /// A person's replica.
    pub(crate) fn replica(&self, person: usize) -> &Replica {
        self.people[person].replica.as_ref().expect("alive")
    }

    /// Does something with a person's replica and carries out what follows.
    pub(crate) fn with<T>(
        &mut self,
        person: usize,
        act: impl FnOnce(&mut Replica, u64, &mut StdRng) -> T,
    ) -> T {
        let now = self.now();
        let replica = self.people[person].replica.as_mut().expect("alive");
        let result = act(replica, now, &mut self.rng);
        self.drive(person);
        result
    }

    /// Carries out a command and seals it at once.
    pub(crate) fn must(&mut self, person: usize, command: &Command) -> samverka_plan::Outcome {
        self.with(person, |replica, now, rng| {
            let outcome = replica.execute(command, now, rng).expect("they may do this");
            replica.flush(now, rng).expect("there is a key");
            outcome
        })
    }

    /// Cuts whatever a person is connected by, and lets both ends know.
    pub(crate) fn go_offline(&mut self, person: usize) {
        for wire in self.wires.open_of(&End::Person(person)) {
            self.wires.cut(wire, self.now());
        }
        self.rest();
    }

    /// How many snapshots a person has.
    pub(crate) fn snapshots(&self, person: usize) -> usize {
        let stored =
            self.people[person].store.entries_by_arrival(self.space, samverka_store::Arrival(0), usize::MAX);
        let kinds = stored.expect("it reads").into_iter().map(|(_, entry)| entry.header.fields().kind);
        kinds.filter(|kind| *kind == EntryKind::Snapshot).count()
    }

    /// The time.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Connects a person to a relay, if both live and are not connected.
    pub(crate) fn connect(&mut self, person: usize, relay: usize) {
        let now = self.now();
        let ends = [End::Person(person), End::Relay(relay)];
        if self.people[person].replica.is_none() || self.wires.open_between(&ends[0], &ends[1]) {
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
    pub(crate) fn remove(&mut self, admin: usize, person: usize) {
        self.somebody_is_removed = true;
        let now = self.now();
        let gone = self.people[person].keys.device();
        let removing = self.people[admin].replica.as_mut().expect("the admin lives");
        let member = removing.membership().member_of(&gone).expect("they are in");
        removing.remove_member(member, now, &mut self.rng).expect("an admin may");
        self.drive(admin);
    }

    /// An admin takes in what somebody wrote before hearing that they were removed, as far as it is here.
    pub(crate) fn accept_late(&mut self, admin: usize, person: usize) {
        let now = self.now();
        let gone = self.people[person].keys.device();
        let accepting = self.people[admin].replica.as_mut().expect("the admin lives");
        let member = accepting.membership().member_of(&gone).expect("they were in");
        accepting.accept_late(member, now).expect("an admin may");
        self.drive(admin);
    }

    /// Cuts one of the wires, if there is any.
    pub(crate) fn cut_one(&mut self) {
        let open = self.wires.open();
        if !open.is_empty() {
            let wire = open[self.rng.random_range(0..open.len())];
            self.wires.cut(wire, self.now());
        }
    }

    /// Ends a person's process and starts it again from what it had stored.
    pub(crate) fn restart(&mut self, person: usize) {
        self.go_offline(person);
        self.people[person].replica = None;
        self.start(person);
    }

    /// Kills a person's process at a random point between two effects, and starts it again.
    pub(crate) fn kill_person(&mut self, person: usize) {
        for _ in 0..self.rng.random_range(0..4_usize) {
            self.one_effect(person);
        }
        self.people[person].replica = None;
        for wire in self.wires.open_of(&End::Person(person)) {
            self.wires.cut(wire, self.now());
        }
        self.start(person);
    }

    /// Starts a person's process from what the store has.
    fn start(&mut self, person: usize) {
        let keys = self.people[person].keys.clone();
        let opening = Opening { space: self.space, keys, slot: SlotId(1) };
        let mut replica = Replica::open(opening);
        replica.set_snapshot_marks(MARKS);
        self.people[person].replica = Some(replica);
        self.drive(person);
    }

    /// Kills a relay and starts it again: what it had not written is gone.
    pub(crate) fn kill_relay(&mut self, relay: usize) {
        self.relays[relay].room = None;
        self.relays[relay].receptions.clear();
        for wire in self.wires.open_of(&End::Relay(relay)) {
            self.wires.cut(wire, self.now());
        }
    }

    /// A person does something random; what returns is noted.
    pub(crate) fn act(&mut self, person: usize) {
        let now = self.now();
        let text = format!("lapp {person}-{}", self.rng.random_range(0..u32::MAX));
        let Some(replica) = &mut self.people[person].replica else { return };
        if !replica.is_ready() || !replica.membership().may_write(&replica.device()) {
            return;
        }
        let notes = replica.workspace().map(|workspace| workspace.ids(Kind::Note)).unwrap_or_default();
        let command = if notes.is_empty() || self.rng.random_range(0..3) > 0 {
            let fields = BTreeMap::from([("text".to_owned(), json!({ "sv": text }))]);
            Command::Add { kind: Kind::Note, id: None, board: None, fields }
        } else {
            let id = notes[self.rng.random_range(0..notes.len())].clone();
            let state = ["parked", "revealed"][self.rng.random_range(0..2)];
            let entity = samverka_plan::EntityRef::new(Kind::Note, id);
            Command::Edit { entity, fields: BTreeMap::from([("state".to_owned(), json!(state))]) }
        };
        let adds = matches!(command, Command::Add { .. });
        replica.execute(&command, now, &mut self.rng).expect("an editor may do this");
        replica.flush(now, &mut self.rng).expect("there is a key");
        self.drive(person);
        if adds {
            self.people[person].typed.push(text);
        }
    }

    /// Carries out all effects of a person.
    pub(crate) fn drive(&mut self, person: usize) {
        let now = self.now();
        let own = &mut self.people[person];
        let Some(replica) = &mut own.replica else { return };
        let effects = drive_store(replica, &mut own.store, now, &mut self.rng);
        for effect in effects {
            self.carry_out(person, effect);
        }
        let own = &mut self.people[person];
        while let Some(event) = own.replica.as_mut().and_then(Replica::poll_event) {
            let late = matches!(event, Event::LeftOut { .. }) && self.somebody_is_removed;
            assert!(
                late || !matches!(event, Event::LeftOut { .. }),
                "an honest entry was left out: {event:?}"
            );
        }
    }

    fn one_effect(&mut self, person: usize) {
        let now = self.now();
        let own = &mut self.people[person];
        let Some(replica) = &mut own.replica else { return };
        match replica.poll_effect() {
            Some(Effect::Store { id, request }) => {
                let answer = handle(&mut own.store, &request);
                replica.handle_stored(id, answer, now);
            }
            Some(effect) => self.carry_out(person, effect),
            None => {}
        }
    }

    fn carry_out(&mut self, person: usize, effect: Effect) {
        let now = self.now();
        match effect {
            Effect::Send { session, frame } => {
                self.wires.send(session.0, &End::Person(person), frame, now, &mut self.rng);
            }
            Effect::Close { session, .. } => self.wires.cut(session.0, now),
            Effect::Store { .. } => unreachable!("the store's effects were carried out"),
        }
    }

    /// Lets one thing happen: the next arrival, or the next timer.
    pub(crate) fn step(&mut self) -> bool {
        self.step_until(u64::MAX)
    }

    fn step_until(&mut self, horizon_ms: u64) -> bool {
        let now = self.now();
        self.steps += 1;
        assert!(self.steps < 2_000_000, "the world does not come to rest");
        if let Some(arrival) = self.wires.arrive(now) {
            self.handle(arrival);
            return true;
        }
        let timers = self.people.iter().filter_map(|person| person.replica.as_ref()?.poll_timeout());
        let rooms = self.relays.iter().filter_map(|relay| relay.room.as_ref()?.poll_timeout());
        let next = timers.chain(rooms).chain(self.wires.next_ms()).min();
        let Some(next) = next.filter(|next| *next <= horizon_ms) else { return false };
        self.clock.advance_to(next);
        let now = self.now();
        for person in 0..self.people.len() {
            if let Some(replica) = &mut self.people[person].replica {
                replica.handle_timeout(now, &mut self.rng);
            }
            self.drive(person);
        }
        for relay in 0..self.relays.len() {
            if let Some(room) = &mut self.relays[relay].room {
                room.handle_timeout(now);
            }
            self.drive_relay(relay);
        }
        true
    }

    /// Lets everything happen that is under way, but not what is due in days (knocks that run out).
    pub(crate) fn rest(&mut self) {
        let horizon_ms = self.now() + 60_000;
        while self.step_until(horizon_ms) {}
    }

    fn handle(&mut self, arrival: Arrival<End>) {
        let now = self.now();
        match arrival {
            Arrival::Message { wire, to: End::Person(person), bytes } => {
                if let Some(replica) = &mut self.people[person].replica {
                    replica.handle_frame(SessionId(wire), &bytes, now, &mut self.rng);
                }
                self.drive(person);
            }
            Arrival::Broken { wire, to: End::Person(person) } => {
                if let Some(replica) = &mut self.people[person].replica {
                    replica.handle_disconnected(SessionId(wire), now);
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

    fn relay_takes(&mut self, relay: usize, wire: u64, bytes: &[u8]) {
        let now = self.now();
        let own = &mut self.relays[relay];
        let Some(reception) = own.receptions.get_mut(&wire) else { return };
        match reception.handle_frame(bytes, now) {
            Reaction::Nothing | Reaction::Leave { .. } => {}
            Reaction::Send(frame) => {
                self.wires.send(wire, &End::Relay(relay), frame.to_vec(), now, &mut self.rng);
            }
            Reaction::Open { channel, space, frame } => {
                let mut nonce = [0; 32];
                nonce.copy_from_slice(&reception.nonce());
                let room = own.room.get_or_insert_with(|| Room::new(space, settings(relay)));
                let hosts: Arc<[String]> = Arc::from([format!("relay-{relay}")]);
                room.handle_connected(PeerId(wire), Introduction { channel, nonce, hosts }, now);
                room.handle_frame(PeerId(wire), Incoming::new(frame), now);
            }
            Reaction::Pass { frame, .. } => {
                if let Some(room) = &mut own.room {
                    room.handle_frame(PeerId(wire), Incoming::new(frame), now);
                }
            }
            Reaction::Bye { code, detail } => panic!("an honest client was sent away: {code:?} {detail}"),
        }
        self.drive_relay(relay);
    }

    fn drive_relay(&mut self, relay: usize) {
        let now = self.now();
        loop {
            let own = &mut self.relays[relay];
            let Some(room) = &mut own.room else { return };
            let Some(effect) = room.poll_effect() else { break };
            match effect {
                samverka_room::Effect::Send { peer, frame } => {
                    let len = u64::try_from(frame.len()).unwrap_or(u64::MAX);
                    self.wires.send(peer.0, &End::Relay(relay), frame.to_vec(), now, &mut self.rng);
                    room.handle_drained(peer, len, now);
                }
                samverka_room::Effect::Store { id, request } => {
                    let answer = handle(&mut own.store, &request);
                    room.handle_stored(id, answer, now);
                }
                samverka_room::Effect::Attached { .. } => {}
                samverka_room::Effect::Close { peer, code, detail } => {
                    assert!(
                        self.somebody_is_removed,
                        "an honest client {peer:?} was closed: {code:?} {detail}"
                    );
                    self.wires.cut(peer.0, now);
                }
            }
        }
        // A room that loaded before its space was founded is let go, as the relay's shell does.
        let own = &mut self.relays[relay];
        if own.room.as_ref().is_some_and(|room| room.is_missing() && room.peers() == 0) {
            own.room = None;
        }
    }

    /// What each person would export.
    pub(crate) fn exports(&self) -> Vec<String> {
        let workspaces = self.people.iter().map(|person| person.replica.as_ref().expect("alive").workspace());
        workspaces.map(|workspace| exchange::json::export_text(workspace.expect("ready"))).collect()
    }
}

fn settings(relay: usize) -> Arc<Settings> {
    Arc::new(Settings {
        relay_key: RelayKey::from_bytes([u8::try_from(relay).unwrap_or(0) + 1; 32]),
        software: "world".to_owned(),
        hosting: Hosting::Open,
        large_bodies: Budget::new(64 << 20),
        limits: RoomLimits { entries_per_second_max: u32::MAX, ..RoomLimits::default() },
    })
}
