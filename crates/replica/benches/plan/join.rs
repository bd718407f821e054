//! Coming into a plan: a real room and a real replica, with frames handed from one to the other in this process.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rand::rngs::StdRng;
use samverka_log::{RelayKey, Role, SlotId};
use samverka_replica::{Effect, Event, InviteRequest, Joining, Replica, SessionId, drive_store};
use samverka_room::{
    Budget, Hosting, Incoming, Introduction, PeerId, Reaction, Reception, Room, RoomLimits, Settings,
};
use samverka_seal::{DeviceKeys, InviteLink, Profile};
use samverka_store::{MemoryStore, handle};
use samverka_store_sqlite::{OpenOptions, SqliteStore};

use crate::{NOW_MS, cpu_ms};

const URL: &str = "http://relay.example";

/// A relay that runs in this process.
pub(crate) struct Relay {
    store: MemoryStore,
    room: Option<Room>,
    receptions: BTreeMap<u64, Reception>,
    settings: Arc<Settings>,
}

/// How long it took until a newcomer saw everything, and until they had everything, in milliseconds.
pub(crate) struct Took {
    pub(crate) view_ms: f64,
    pub(crate) all_ms: f64,
    /// What the newcomer's and the relay's thread used of a processor until the view, where the system tells.
    pub(crate) view_cpu_ms: Option<f64>,
    /// Bytes that the relay sent until then, of either.
    pub(crate) view_bytes: usize,
    pub(crate) all_bytes: usize,
}

impl Relay {
    pub(crate) fn new() -> Self {
        let limits = RoomLimits { entries_per_second_max: u32::MAX, ..RoomLimits::default() };
        let settings = Settings {
            relay_key: RelayKey::from_bytes([1; 32]),
            software: "bench".to_owned(),
            hosting: Hosting::Open,
            large_bodies: Budget::new(64 << 20),
            limits,
        };
        Self {
            store: MemoryStore::new(),
            room: None,
            receptions: BTreeMap::new(),
            settings: Arc::new(settings),
        }
    }

    fn open(&mut self, wire: u64) {
        let reception = Reception::new(Arc::clone(&self.settings), [7; 32], NOW_MS);
        self.receptions.insert(wire, reception);
    }

    /// Takes a frame, and answers with those that it sends.
    fn takes(&mut self, wire: u64, bytes: &[u8], out: &mut VecDeque<(u64, Vec<u8>)>) {
        let Some(reception) = self.receptions.get_mut(&wire) else { return };
        match reception.handle_frame(bytes, NOW_MS) {
            Reaction::Send(frame) => out.push_back((wire, frame.to_vec())),
            Reaction::Open { channel, space, frame } => {
                let nonce = reception.nonce();
                let settings = Arc::clone(&self.settings);
                let room = self.room.get_or_insert_with(|| Room::new(space, settings));
                let hosts: Arc<[String]> = Arc::from(["relay.example".to_owned()]);
                room.handle_connected(PeerId(wire), Introduction { channel, nonce, hosts }, NOW_MS);
                room.handle_frame(PeerId(wire), Incoming::new(frame), NOW_MS);
            }
            Reaction::Pass { frame, .. } => {
                if let Some(room) = &mut self.room {
                    room.handle_frame(PeerId(wire), Incoming::new(frame), NOW_MS);
                }
            }
            Reaction::Nothing | Reaction::Leave { .. } | Reaction::Bye { .. } => {}
        }
        self.carry_out(out);
    }

    fn carry_out(&mut self, out: &mut VecDeque<(u64, Vec<u8>)>) {
        let Some(room) = &mut self.room else { return };
        while let Some(effect) = room.poll_effect() {
            match effect {
                samverka_room::Effect::Send { peer, frame } => {
                    out.push_back((peer.0, frame.to_vec()));
                    room.handle_drained(peer, u64::try_from(frame.len()).unwrap_or(u64::MAX), NOW_MS);
                }
                samverka_room::Effect::Store { id, request } => {
                    let answer = handle(&mut self.store, &request);
                    room.handle_stored(id, answer, NOW_MS);
                }
                samverka_room::Effect::Attached { .. } | samverka_room::Effect::Close { .. } => {}
            }
        }
    }
}

/// A device with its store, on one wire.
struct Device<'a> {
    wire: u64,
    replica: &'a mut Replica,
    store: &'a mut SqliteStore,
    /// Frames that have arrived and were not handed in yet.
    inbox: VecDeque<(u64, Vec<u8>)>,
}

impl Device<'_> {
    fn connect(&mut self, relay: &mut Relay, rng: &mut StdRng) {
        relay.open(self.wire);
        self.replica.connect(SessionId(self.wire), URL);
        self.exchange(relay, rng, |_| false);
    }

    /// Lets frames go both ways until nothing is under way, or something happened.
    fn exchange(&mut self, relay: &mut Relay, rng: &mut StdRng, stop: impl Fn(&Event) -> bool) -> usize {
        let mut bytes = 0;
        relay.carry_out(&mut self.inbox);
        loop {
            for effect in drive_store(self.replica, self.store, NOW_MS, rng) {
                if let Effect::Send { frame, .. } = effect {
                    relay.takes(self.wire, &frame, &mut self.inbox);
                }
            }
            while let Some(event) = self.replica.poll_event() {
                if stop(&event) {
                    return bytes;
                }
            }
            if self.inbox.is_empty() && !self.replica.has_effects() {
                return bytes;
            }
            // What has arrived together is fed together.
            for (wire, frame) in core::mem::take(&mut self.inbox) {
                if wire == self.wire {
                    bytes += frame.len();
                    self.replica.handle_frame(SessionId(wire), &frame, NOW_MS, rng);
                }
            }
        }
    }
}

/// Brings everything that the founder has to a relay.
pub(crate) fn bring(relay: &mut Relay, founder: &mut Replica, store: &mut SqliteStore, rng: &mut StdRng) {
    Device { wire: 1, replica: founder, store, inbox: VecDeque::new() }.connect(relay, rng);
}

/// Lets a newcomer in and waits until they see the plan.
pub(crate) fn join(
    relay: &mut Relay,
    founder: &mut Replica,
    founders_store: &mut SqliteStore,
    folder: &Path,
    rng: &mut StdRng,
    view: impl Fn(&Replica),
) -> Took {
    let mut admin = Device { wire: 1, replica: founder, store: founders_store, inbox: VecDeque::new() };
    let request =
        InviteRequest { role: Role::Editor, expires_at_ms: NOW_MS + 1_000_000, uses: 1, participant: None };
    let invite = admin.replica.invite(&request, NOW_MS, rng).expect("an invitation");
    admin.exchange(relay, rng, |_| false);
    let link = InviteLink::parse(invite.link.as_deref().expect("a link")).expect("a sound link");
    let profile = Profile {
        name: "Karin".to_owned(),
        organisation: "Byarådet".to_owned(),
        role_title: "Ordförande".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    };
    let joining = Joining { link, keys: DeviceKeys::make(rng), slot: SlotId(1), profile };
    let mut replica = Replica::join(joining, NOW_MS, rng).expect("a knock");
    let mut store = SqliteStore::open(&folder.join("new.db"), &OpenOptions::default()).expect("a store");
    let mut newcomer = Device { wire: 2, replica: &mut replica, store: &mut store, inbox: VecDeque::new() };
    newcomer.connect(relay, rng);
    // The admin's device hears of the knock on a new connection.
    admin.wire = 3;
    admin.connect(relay, rng);
    let device = admin.replica.knocks(NOW_MS).first().expect("somebody knocks").device;
    admin.replica.admit(device, None, NOW_MS, rng).expect("they are let in");
    admin.exchange(relay, rng, |_| false);

    newcomer.wire = 4;
    let (started, before) = (Instant::now(), cpu_ms());
    relay.open(4);
    newcomer.replica.connect(SessionId(4), URL);
    let view_bytes = newcomer.exchange(relay, rng, |event| matches!(event, Event::Live(_)));
    view(newcomer.replica);
    let view_ms = started.elapsed().as_secs_f64() * 1e3;
    let view_cpu_ms = cpu_ms().zip(before).map(|(after, before)| after - before);
    let rest = newcomer.exchange(relay, rng, |event| matches!(event, Event::Synced(_)));
    let all_ms = started.elapsed().as_secs_f64() * 1e3;
    let status = newcomer.replica.status();
    assert_eq!((status.bodyless, status.waiting), (0, 0), "{status:?}");
    Took { view_ms, all_ms, view_cpu_ms, view_bytes, all_bytes: view_bytes + rest }
}
