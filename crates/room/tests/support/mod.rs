//! A room with a store and connections made of values.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use samverka_log::{Entry, Frontier, RelayKey, SpaceId};
use samverka_protocol::{Bodies, Code, Frame};
use samverka_room::{
    Budget, Effect, Hosting, Incoming, Introduction, PeerId, RequestId, Room, RoomLimits, Settings,
};
use samverka_store::{MemoryStore, Request, handle};
use samverka_testkit::people::Device;

pub const RELAY: RelayKey = RelayKey::from_bytes([77; 32]);
pub const HOST: &str = "relay.example";
pub const NONCE: [u8; 32] = [6; 32];
pub const CHANNEL: u32 = 1;

pub struct World {
    pub room: Room,
    pub store: MemoryStore,
    pub now_ms: u64,
    /// What each peer was sent and has not looked at.
    pub inbox: BTreeMap<PeerId, VecDeque<Frame>>,
    pub closed: BTreeMap<PeerId, Code>,
    /// Requests that the store has not been given yet.
    pub requests: VecDeque<(RequestId, Request)>,
    /// Whether writes are held back until the test lets them through.
    pub hold_writes: bool,
    /// Peers whose sockets take nothing.
    pub stuck: Vec<PeerId>,
    pub sent_bytes: BTreeMap<PeerId, u64>,
    peers: u64,
}

pub fn settings() -> Settings {
    Settings {
        relay_key: RELAY,
        software: "test".to_owned(),
        hosting: Hosting::Open,
        large_bodies: Budget::new(32 << 20),
        limits: RoomLimits::default(),
    }
}

impl World {
    pub fn new(space: SpaceId) -> Self {
        Self::with(space, settings(), MemoryStore::default())
    }

    pub fn with(space: SpaceId, settings: Settings, store: MemoryStore) -> Self {
        let mut world = Self {
            room: Room::new(space, Arc::new(settings)),
            store,
            now_ms: 1_000_000,
            inbox: BTreeMap::new(),
            closed: BTreeMap::new(),
            requests: VecDeque::new(),
            hold_writes: false,
            stuck: Vec::new(),
            sent_bytes: BTreeMap::new(),
            peers: 0,
        };
        world.run();
        world
    }

    /// A space with its founder attached and live.
    pub fn founded() -> (Self, Device, PeerId) {
        let mut founder = Device::new(1);
        let genesis = founder.found();
        let mut world = Self::new(founder.space);
        let peer = world.connect();
        world.send(peer, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
        assert!(matches!(world.next(peer), Some(Frame::Created { .. })));
        world.attach(peer, &founder);
        world.go_live(peer, Frontier::new());
        world.inbox.clear();
        (world, founder, peer)
    }

    /// Invites five editors, for a minute; answers who stands in the link.
    pub fn invite(&mut self, founder: &mut Device, at_founder: PeerId) -> Device {
        let invite = Device::new(50);
        let invitation = founder.operation(&samverka_log::Operation::Invite {
            key: invite.invite_key(),
            role: samverka_log::Role::Editor,
            expires_at_ms: self.now_ms + 60_000,
            uses: 5,
        });
        self.push(at_founder, vec![invitation]);
        invite
    }

    pub fn connect(&mut self) -> PeerId {
        let peer = PeerId(self.peers);
        self.peers += 1;
        let introduction =
            Introduction { channel: CHANNEL, nonce: NONCE, hosts: Arc::new([HOST.to_owned()]) };
        self.room.handle_connected(peer, introduction, self.now_ms);
        self.run();
        peer
    }

    pub fn disconnect(&mut self, peer: PeerId) {
        self.room.handle_disconnected(peer, self.now_ms);
        self.run();
    }

    pub fn send(&mut self, peer: PeerId, frame: Frame) {
        self.room.handle_frame(peer, Incoming::new(frame), self.now_ms);
        self.run();
    }

    pub fn push(&mut self, peer: PeerId, entries: Vec<Entry>) {
        self.send(peer, Frame::Entries { channel: CHANNEL, entries });
    }

    /// Asks to attach; answers what the room said.
    pub fn try_attach(&mut self, peer: PeerId, device: &Device) -> Option<Frame> {
        self.inbox.remove(&peer);
        let signature = device.proof(RELAY, HOST, &NONCE);
        self.send(
            peer,
            Frame::Attach {
                channel: CHANNEL,
                space: device.space,
                device: device.id(),
                host: HOST.to_owned(),
                signature,
            },
        );
        self.next(peer)
    }

    pub fn attach(&mut self, peer: PeerId, device: &Device) {
        let answer = self.try_attach(peer, device);
        assert!(matches!(answer, Some(Frame::Attached { .. })), "{answer:?}");
    }

    pub fn go_live(&mut self, peer: PeerId, frontier: Frontier) {
        self.send(peer, Frame::FrontierIs { channel: CHANNEL, frontier, reply: false, bodies: Bodies::All });
    }

    /// A connected, attached and live device.
    pub fn live(&mut self, device: &Device) -> PeerId {
        let peer = self.connect();
        self.attach(peer, device);
        self.go_live(peer, Frontier::new());
        self.inbox.remove(&peer);
        peer
    }

    pub fn next(&mut self, peer: PeerId) -> Option<Frame> {
        self.inbox.get_mut(&peer)?.pop_front()
    }

    /// Everything that a peer was sent since it last looked.
    pub fn all(&mut self, peer: PeerId) -> Vec<Frame> {
        self.inbox.remove(&peer).unwrap_or_default().into()
    }

    /// The entries among everything that a peer was sent.
    pub fn entries(&mut self, peer: PeerId) -> Vec<Entry> {
        let frames = self.all(peer);
        let entries = frames.into_iter().filter_map(|frame| match frame {
            Frame::Entries { entries, .. } => Some(entries),
            _ => None,
        });
        entries.flatten().collect()
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
        self.room.handle_timeout(self.now_ms);
        self.run();
    }

    pub fn release_writes(&mut self) {
        self.hold_writes = false;
        self.run();
    }

    /// A peer's socket takes bytes again.
    pub fn unstick(&mut self, peer: PeerId) {
        self.stuck.retain(|stuck| *stuck != peer);
        let queued = self.room.outstanding(peer);
        self.room.handle_drained(peer, queued, self.now_ms);
        self.run();
    }

    /// Carries out effects and answers requests until nothing is left to do.
    pub fn run(&mut self) {
        loop {
            while let Some(effect) = self.room.poll_effect() {
                self.carry_out(effect);
            }
            let held = |request: &Request| self.hold_writes && matches!(request, Request::Write(_));
            let Some(at) = self.requests.iter().position(|(_, request)| !held(request)) else { return };
            let Some((id, request)) = self.requests.remove(at) else { return };
            let result = handle(&mut self.store, &request);
            self.room.handle_stored(id, result, self.now_ms);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Store { id, request } => self.requests.push_back((id, request)),
            Effect::Close { peer, code, .. } => {
                self.closed.insert(peer, code);
            }
            Effect::Attached { .. } => {}
            Effect::Send { peer, frame } => {
                *self.sent_bytes.entry(peer).or_default() += frame.len() as u64;
                let decoded = Frame::decode(&frame).expect("the room sends frames");
                self.inbox.entry(peer).or_default().push_back(decoded);
                if !self.stuck.contains(&peer) {
                    self.room.handle_drained(peer, frame.len() as u64, self.now_ms);
                }
            }
        }
    }
}
