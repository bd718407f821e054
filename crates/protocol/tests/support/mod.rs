//! Well-formed headers without secrets: frames do not look at signatures.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, Frontier, FrontierHash,
    HeaderFields, LogHead, LogId, LogRange, RelayKey, Signature, SignedHeader, Signer, SlotId, SpaceId,
    UnsignedHeader, body_hash,
};
use samverka_protocol::{Bodies, Code, Frame, KnockState, Lack, LackReason, Rights};

struct Nobody(DeviceId);

impl Signer for Nobody {
    fn device(&self) -> DeviceId {
        self.0
    }

    fn sign(&self, _message: &[u8]) -> Signature {
        Signature::from_bytes([0x5a; 64])
    }
}

pub fn header(device: u8, number: u64, body: &[u8]) -> SignedHeader {
    let log = log(device);
    let previous = if number == 0 { EntryId::ZERO } else { EntryId::from_bytes([8; 32]) };
    let fields = HeaderFields {
        kind: EntryKind::Change,
        space: SpaceId::from_bytes([1; 32]),
        log,
        number,
        previous,
        document: DocumentId::from_bytes([2; 16]),
        after: vec![EntryId::from_bytes([3; 32])],
        epoch: EpochId::from_bytes([4; 32]),
        membership_heads: vec![EntryId::from_bytes([5; 32])],
        content_commitment: ContentCommitment::from_bytes([6; 32]),
        body_hash: body_hash(body),
        body_length: u32::try_from(body.len()).expect("test bodies are short"),
        extensions: Vec::new(),
    };
    UnsignedHeader::new(fields).expect("the fields agree").sign(&Nobody(log.device))
}

pub fn entry(device: u8, number: u64, body: &[u8]) -> Entry {
    Entry { header: header(device, number, body), body: Some(body.to_vec()) }
}

pub const fn log(device: u8) -> LogId {
    LogId { device: DeviceId::from_bytes([device; 32]), slot: SlotId(0x0102_0304_0506_0708) }
}

pub fn frontier() -> Frontier {
    [(7, 3), (9, 1)]
        .into_iter()
        .map(|(device, next)| (log(device), LogHead { next, head: EntryId::from_bytes([device + 1; 32]) }))
        .collect()
}

pub const fn range(device: u8, from: u64, until: u64) -> LogRange {
    LogRange { log: log(device), from, until }
}

/// One frame of every kind, in the order of their numbers, what later versions added to one, and a frame of a version
/// that is not known.
pub fn every_kind() -> Vec<(&'static str, Frame)> {
    let (space, device) = (SpaceId::from_bytes([1; 32]), DeviceId::from_bytes([7; 32]));
    let without_body = Entry { body: None, ..entry(7, 1, b"left out") };
    vec![
        ("hello", Frame::Hello { protocol_min: 1, protocol_max: 1, software: "samverka 0.1".to_owned() }),
        (
            "welcome",
            Frame::Welcome {
                protocol: 1,
                relay_key: RelayKey::from_bytes([11; 32]),
                nonce: [12; 32],
                software: "samverka-relay 0.1".to_owned(),
            },
        ),
        (
            "attach",
            Frame::Attach {
                channel: 1,
                space,
                device,
                host: "relay.example:8443".to_owned(),
                signature: Signature::from_bytes([13; 64]),
            },
        ),
        (
            "attached",
            Frame::Attached {
                channel: 1,
                rights: Rights { push: true, fetch: false },
                frontier_hash: FrontierHash::from_bytes([14; 32]),
            },
        ),
        ("refused", Frame::Refused { channel: 1, code: Code::NotAMember, detail: "inte än".to_owned() }),
        ("create", Frame::create(1, "token".to_owned(), vec![entry(7, 0, b"genesis")])),
        ("created", Frame::Created { channel: 1 }),
        (
            "frontier-is",
            Frame::FrontierIs { channel: 1, frontier: frontier(), reply: true, bodies: Bodies::All },
        ),
        ("entries", Frame::Entries { channel: 1, entries: vec![entry(7, 0, b"body"), without_body] }),
        (
            "part",
            Frame::Part {
                channel: 1,
                header: Some(header(7, 2, b"in two parts")),
                offset: 0,
                total: 12,
                bytes: b"in two".to_vec(),
            },
        ),
        ("live", Frame::Live { channel: 1 }),
        ("ack", Frame::Ack { channel: 1, logs: vec![(log(7), 3), (log(9), 1)] }),
        (
            "reject",
            Frame::Reject {
                channel: 1,
                log: log(7),
                number: 3,
                code: Code::Gap,
                detail: "2 is missing".to_owned(),
            },
        ),
        ("fork", Frame::Fork { channel: 1, first: header(7, 1, b"one"), second: header(7, 1, b"other") }),
        ("ephemeral", Frame::Ephemeral { channel: 1, bytes: b"sealed".to_vec() }),
        ("receipt", Frame::Receipt { channel: 1, receipt: b"receipt".to_vec() }),
        ("knock", Frame::Knock { channel: 1, space, knock: b"knock".to_vec() }),
        ("knock-answer", Frame::KnockAnswer { channel: 1, state: KnockState::Admitted }),
        ("knocks", Frame::Knocks { channel: 1, knocks: vec![b"one".to_vec(), b"other".to_vec()] }),
        ("knock-close", Frame::KnockClose { channel: 1, device, refused: true }),
        ("ping", Frame::Ping { token: 0x0102_0304_0506_0708 }),
        ("pong", Frame::Pong { token: 0x0102_0304_0506_0708 }),
        ("detach", Frame::Detach { channel: 1 }),
        ("bye", Frame::Bye { code: Code::GoingAway, detail: "restart".to_owned() }),
        (
            "want-bodies",
            Frame::WantBodies { channel: 1, ask: 5, wants: vec![range(9, 3, 4), range(7, 0, u64::MAX)] },
        ),
        (
            "lacking",
            Frame::Lacking {
                channel: 1,
                ask: 5,
                lacks: vec![
                    Lack { range: range(9, 3, 4), why: LackReason::Withheld },
                    Lack { range: range(7, 0, 2), why: LackReason::Dropped },
                    Lack { range: range(7, 3, u64::MAX), why: LackReason::Absent },
                ],
                last: true,
            },
        ),
        (
            "frontier-is-without-changes",
            Frame::FrontierIs { channel: 1, frontier: frontier(), reply: true, bodies: Bodies::Snapshots },
        ),
        (
            "frontier-is-with-membership-alone",
            Frame::FrontierIs { channel: 1, frontier: frontier(), reply: false, bodies: Bodies::Membership },
        ),
        ("unknown", Frame::Unknown { kind: 200, bytes: b"from a newer version".to_vec() }),
    ]
}
