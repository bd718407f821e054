//! A relay of the world: the front desk of each connection, one room, a disk; and what it does where it is not honest.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_log::{LogHead, LogId, RelayKey};
use samverka_protocol::{Code, Frame, KnockState};
use samverka_room::{Budget, Hosting, Reception, RequestId, Room, RoomLimits, Settings};
use samverka_store::MemoryStore;

use crate::disk::{Disk, Order};

/// What a relay does that an honest one would not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malice {
    /// Keeps entries from some people: those whose bit is set, counted from the founder. Each then knows another part.
    Withholds(u32),
    /// Sends entries out of their order.
    Reorders,
    /// Sends everything twice.
    Repeats,
    /// Changes a bit here and there.
    Garbles,
    /// Names another relay's key, so that proofs made for it could be used elsewhere.
    SwapsKeys,
    /// Acknowledges what it throws away.
    Forgets,
    /// Says what is not so: acknowledgements, refusals, ends, answers to knocks.
    Invents,
}

impl Malice {
    /// One of them, by number.
    pub(crate) const fn pick(number: u32) -> Self {
        match number % 7 {
            0 => Self::Withholds(number / 7),
            1 => Self::Reorders,
            2 => Self::Repeats,
            3 => Self::Garbles,
            4 => Self::SwapsKeys,
            5 => Self::Forgets,
            _ => Self::Invents,
        }
    }
}

pub(crate) struct Relay {
    pub(crate) disk: Disk<RequestId>,
    pub(crate) room: Option<Room>,
    pub(crate) receptions: BTreeMap<u64, Reception>,
    pub(crate) malice: Option<Malice>,
    /// An older state of its disk, to be put back.
    pub(crate) backup: Option<MemoryStore>,
    /// Whether it ever went back to an older state, or lied: what it said then binds nobody.
    pub(crate) broke_its_word: bool,
    /// A frame that is held back so that another overtakes it.
    held_back: Option<(u64, Vec<u8>)>,
}

impl Relay {
    pub(crate) const fn new(disk_delay_ms: u64) -> Self {
        Self {
            disk: Disk::new(Order::Any, disk_delay_ms),
            room: None,
            receptions: BTreeMap::new(),
            malice: None,
            backup: None,
            broke_its_word: false,
            held_back: None,
        }
    }

    /// What goes out on a wire instead of a frame, and on which wire each.
    pub(crate) fn distort(
        &mut self,
        wire: u64,
        person: usize,
        bytes: Vec<u8>,
        rng: &mut StdRng,
    ) -> Vec<(u64, Vec<u8>)> {
        let Some(malice) = self.malice else { return vec![(wire, bytes)] };
        let frame = Frame::decode(&bytes).ok();
        let carries = matches!(frame, Some(Frame::Entries { .. } | Frame::Part { .. }));
        match malice {
            Malice::Withholds(from) if carries && from >> (person % 32) & 1 == 1 => Vec::new(),
            Malice::Reorders if carries => self.reorder(wire, frame, bytes),
            Malice::Repeats => vec![(wire, bytes.clone()), (wire, bytes)],
            Malice::Garbles if rng.random_range(0..4) == 0 => vec![(wire, garbled(bytes, rng))],
            Malice::SwapsKeys => vec![(wire, with_another_key(frame, bytes))],
            Malice::Invents if rng.random_range(0..3) == 0 => {
                vec![(wire, bytes), (wire, invented(rng).encode())]
            }
            _ => vec![(wire, bytes)],
        }
    }

    fn reorder(&mut self, wire: u64, frame: Option<Frame>, bytes: Vec<u8>) -> Vec<(u64, Vec<u8>)> {
        let bytes = match frame {
            Some(Frame::Entries { channel, mut entries }) => {
                entries.reverse();
                Frame::Entries { channel, entries }.encode()
            }
            _ => bytes,
        };
        match self.held_back.take() {
            None => {
                self.held_back = Some((wire, bytes));
                Vec::new()
            }
            Some(earlier) => vec![(wire, bytes), earlier],
        }
    }

    /// What it answers to a frame that it throws away, if it does.
    pub(crate) fn forgets(&self, frame: &Frame) -> Option<Frame> {
        let Frame::Entries { channel, entries } = frame else { return None };
        if self.malice != Some(Malice::Forgets) {
            return None;
        }
        let mut logs: BTreeMap<LogId, u64> = BTreeMap::new();
        for entry in entries {
            logs.insert(entry.header.fields().log, entry.header.fields().number + 1);
        }
        Some(Frame::Ack { channel: *channel, logs: logs.into_iter().collect() })
    }
}

fn garbled(mut bytes: Vec<u8>, rng: &mut StdRng) -> Vec<u8> {
    if !bytes.is_empty() {
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
    }
    bytes
}

fn with_another_key(frame: Option<Frame>, bytes: Vec<u8>) -> Vec<u8> {
    match frame {
        Some(Frame::Welcome { protocol, nonce, software, .. }) => {
            Frame::Welcome { protocol, relay_key: relay_key(200), nonce, software }.encode()
        }
        _ => bytes,
    }
}

fn invented(rng: &mut StdRng) -> Frame {
    let channel = rng.random_range(0..3);
    let log = LogId {
        device: samverka_log::DeviceId::from_bytes(rng.random()),
        slot: samverka_log::SlotId(rng.random_range(0..3)),
    };
    let head = LogHead { next: rng.random(), head: samverka_log::EntryId::from_bytes(rng.random()) };
    match rng.random_range(0..8) {
        0 => Frame::Ack { channel, logs: vec![(log, rng.random())] },
        1 => Frame::Reject { channel, log, number: rng.random(), code: Code::Gap, detail: String::new() },
        2 => Frame::Refused { channel, code: Code::NotAMember, detail: "nej".to_owned() },
        3 => Frame::KnockAnswer { channel, state: KnockState::Admitted },
        4 => Frame::FrontierIs {
            channel,
            frontier: [(log, head)].into_iter().collect(),
            reply: true,
            bodies: samverka_protocol::Bodies::All,
        },
        5 => Frame::Live { channel },
        6 => Frame::Ephemeral { channel, bytes: vec![0; 90] },
        _ => Frame::Bye { code: Code::Busy, detail: String::new() },
    }
}

pub(crate) const fn relay_key(number: u8) -> RelayKey {
    RelayKey::from_bytes([number; 32])
}

/// The settings of the first relay.
pub fn relay_settings() -> Arc<Settings> {
    settings(0)
}

pub(crate) fn settings(relay: usize) -> Arc<Settings> {
    Arc::new(Settings {
        relay_key: relay_key(u8::try_from(relay).unwrap_or(0) + 1),
        software: "world".to_owned(),
        hosting: Hosting::Open,
        large_bodies: Budget::new(64 << 20),
        limits: RoomLimits { entries_per_second_max: u32::MAX, ..RoomLimits::default() },
    })
}
