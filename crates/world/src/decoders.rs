//! Every decoder of bytes that a peer, a relay, a member or a file may have made, as functions of bytes alone: what the
//! mutation test and the fuzz targets feed.
//!
//! Each answers whether it took the bytes. What is not taken has to be refused by a sentence, and nothing may panic,
//! take memory beyond the length of what came times a small number, or go on for long.

use core::fmt::Display;
use std::sync::Arc;

use samverka_log::{
    DocumentId, EntryKind, ForkProof, Knock, Operation, Receipt, SignedHeader, SlotId, SpaceId,
};
use samverka_plan::exchange::{automerge, boards, csv, json};
use samverka_plan::{SavedDocument, Statement, Workspace, decode_change};
use samverka_protocol::{Frame, PartAssembler};
use samverka_replica::{Opening, Replica, SessionId, drive_store};
use samverka_room::{Incoming, Introduction, PeerId, Reaction, Reception, Room};
use samverka_seal::{Content, DeviceKeys, InviteLink, PresenceReceiver, SignedRecord};
use samverka_store::{MemoryStore, Store as _, Write, handle};
use samverka_testkit::rng;

use crate::relay::settings;

/// One decoder.
#[derive(Clone, Copy)]
pub struct Decoder {
    /// Its name, which is the name of its corpus too.
    pub name: &'static str,
    /// Feeds it; answers whether it took the bytes.
    pub feed: fn(&[u8]) -> bool,
}

/// All of them.
pub const DECODERS: [Decoder; 18] = [
    Decoder { name: "frame", feed: frame },
    Decoder { name: "header", feed: header },
    Decoder { name: "operation", feed: operation },
    Decoder { name: "receipt", feed: receipt },
    Decoder { name: "knock", feed: knock },
    Decoder { name: "record", feed: record },
    Decoder { name: "statement", feed: statement },
    Decoder { name: "body_change", feed: body_change },
    Decoder { name: "body_snapshot", feed: body_snapshot },
    Decoder { name: "change", feed: change },
    Decoder { name: "saved", feed: saved },
    Decoder { name: "link", feed: link },
    Decoder { name: "presence", feed: presence },
    Decoder { name: "import_json", feed: import_json },
    Decoder { name: "import_table", feed: import_table },
    Decoder { name: "import_automerge", feed: import_automerge },
    Decoder { name: "stored_value", feed: stored_value },
    Decoder { name: "relay", feed: relay },
];

const SPACE: SpaceId = SpaceId::from_bytes([3; 32]);
const PLAN: DocumentId = DocumentId::from_bytes([9; 16]);

/// Whether it was taken; what is refused is refused in words.
fn taken<T, E: Display>(result: Result<T, E>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.to_string().is_empty(), "a refusal without a word");
            None
        }
    }
}

/// A message on a connection, in either direction; large bodies in parts too.
pub fn frame(bytes: &[u8]) -> bool {
    let Some(frame) = taken(Frame::decode(bytes)) else { return false };
    // What a newer version adds to a greeting is passed over.
    if !matches!(frame, Frame::Hello { .. } | Frame::Welcome { .. }) {
        assert_eq!(frame.encode(), bytes, "a frame has one encoding");
    }
    assert_eq!(Frame::decode(&frame.encode()).as_ref(), Ok(&frame));
    if let Frame::Part { header, offset, total, bytes, .. } = frame {
        taken(PartAssembler::new().take(header, offset, total, &bytes));
    }
    true
}

/// A signed header.
pub fn header(bytes: &[u8]) -> bool {
    let Some(header) = taken(SignedHeader::parse(bytes)) else { return false };
    assert_eq!(header.bytes(), bytes);
    taken(header.verify());
    taken(ForkProof::verify(header.clone(), header));
    true
}

/// The body of a membership entry.
pub fn operation(bytes: &[u8]) -> bool {
    let Some((operation, cosignatures)) = taken(Operation::decode(bytes)) else { return false };
    assert_eq!(
        operation.encode_cosigned(&cosignatures).as_deref(),
        Ok(bytes),
        "an operation has one encoding"
    );
    true
}

/// What a device says that it has.
pub fn receipt(bytes: &[u8]) -> bool {
    taken(Receipt::verify(bytes)).is_some()
}

/// A newcomer's knock.
pub fn knock(bytes: &[u8]) -> bool {
    taken(Knock::verify(bytes)).is_some()
}

/// A signed record inside a body.
pub fn record(bytes: &[u8]) -> bool {
    let Some(record) = taken(SignedRecord::parse(bytes)) else { return false };
    assert_eq!(record.bytes(), bytes);
    taken(record.verify());
    true
}

/// What a record states.
pub fn statement(bytes: &[u8]) -> bool {
    Statement::parse(bytes).is_some()
}

/// The plaintext of a change's body, with every change and record in it.
pub fn body_change(bytes: &[u8]) -> bool {
    let Some(content) = taken(Content::decode(EntryKind::Change, bytes)) else { return false };
    if let Content::Change(content) = content {
        for raw in &content.changes {
            taken(decode_change(raw));
        }
    }
    true
}

/// The plaintext of a snapshot's body.
pub fn body_snapshot(bytes: &[u8]) -> bool {
    taken(Content::decode(EntryKind::Snapshot, bytes)).is_some()
}

/// A raw Automerge change.
pub fn change(bytes: &[u8]) -> bool {
    taken(decode_change(bytes)).is_some()
}

/// A saved document, as snapshots carry it.
pub fn saved(bytes: &[u8]) -> bool {
    let Some(mut document) = taken(SavedDocument::read(bytes)) else { return false };
    document.changes();
    true
}

/// An invitation link.
pub fn link(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let Some(link) = taken(InviteLink::parse(text)) else { return false };
    taken(link.to_url().map(|_| ()));
    true
}

/// A message of the moment, as far as it can be read without its key.
pub fn presence(bytes: &[u8]) -> bool {
    taken(PresenceReceiver::epoch_of(bytes)).is_some()
}

/// A plan in a JSON file.
pub fn import_json(bytes: &[u8]) -> bool {
    let workspace = Workspace::new(SPACE, PLAN);
    let plan = taken(json::import(bytes)).is_some();
    let board = taken(boards::import_trello(&workspace, bytes, None, 1, &mut rng(1))).is_some();
    plan || board
}

/// A table, or lines of text.
pub fn import_table(bytes: &[u8]) -> bool {
    let workspace = Workspace::new(SPACE, PLAN);
    let mut table = false;
    for what in [csv::What::Commitments, csv::What::Notes] {
        table |= taken(csv::import(&workspace, what, bytes, None, 1, &mut rng(1))).is_some();
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        taken(boards::import_lines(&workspace, text, None, 1, &mut rng(1)));
    }
    table
}

/// A document in an `.automerge` file.
pub fn import_automerge(bytes: &[u8]) -> bool {
    taken(automerge::read(bytes)).is_some()
}

/// The named values beside the entries in a device's own store: a disk may hold anything. The first byte says which.
pub fn stored_value(bytes: &[u8]) -> bool {
    const NAMES: [&str; 9] = [
        "ticket",
        "relay/http://relay.example",
        "receipt/x",
        "knock/x",
        "invite/x",
        "refused/x",
        "door",
        "fork/x",
        "checkpoint/09090909090909090909090909090909",
    ];
    let Some((which, value)) = bytes.split_first() else { return false };
    let key = NAMES[usize::from(*which) % NAMES.len()].to_owned();
    let mut store = MemoryStore::new();
    let put = Write::Put { space: Some(SPACE), key, value: value.to_vec() };
    if taken(store.write(&[Write::CreateSpace(SPACE), put])).is_none() {
        return false;
    }
    let mut rng = rng(1);
    let keys = DeviceKeys::make(&mut rng);
    let mut replica = Replica::open(Opening { space: SPACE, keys, slot: SlotId(1) });
    drive_store(&mut replica, &mut store, 1, &mut rng);
    replica.connect(SessionId(1), "http://relay.example");
    replica.handle_timeout(2, &mut rng);
    replica.status();
    drive_store(&mut replica, &mut store, 2, &mut rng);
    true
}

/// Messages of one connection to a relay, each after its length in two bytes: greeted, loaded, answered or dismissed.
pub fn relay(bytes: &[u8]) -> bool {
    let mut connection = Connection::new();
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (message, next) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        if !connection.take(message) {
            return false;
        }
        rest = next;
    }
    true
}

struct Connection {
    reception: Reception,
    room: Option<Room>,
    store: MemoryStore,
}

impl Connection {
    fn new() -> Self {
        Self { reception: Reception::new(settings(0), [0; 32], 0), room: None, store: MemoryStore::new() }
    }

    /// Answers whether the connection goes on.
    fn take(&mut self, message: &[u8]) -> bool {
        let peer = PeerId(1);
        match self.reception.handle_frame(message, 1) {
            Reaction::Nothing | Reaction::Leave { .. } => {}
            Reaction::Send(answer) => assert!(Frame::decode(&answer).is_ok(), "a relay sends frames"),
            Reaction::Open { channel, space, frame } => {
                let room = self.room.get_or_insert_with(|| Room::new(space, settings(0)));
                let hosts: Arc<[String]> = Arc::from(["relay.example".to_owned()]);
                room.handle_connected(peer, Introduction { channel, nonce: [0; 32], hosts }, 1);
                room.handle_frame(peer, Incoming::new(frame), 1);
            }
            Reaction::Pass { frame, .. } => {
                if let Some(room) = &mut self.room {
                    room.handle_frame(peer, Incoming::new(frame), 1);
                }
            }
            Reaction::Bye { .. } => return false,
        }
        let Some(room) = &mut self.room else { return true };
        let mut open = true;
        while let Some(effect) = room.poll_effect() {
            match effect {
                samverka_room::Effect::Send { peer, frame } => {
                    assert!(Frame::decode(&frame).is_ok(), "a relay sends frames");
                    room.handle_drained(peer, frame.len() as u64, 1);
                }
                samverka_room::Effect::Store { id, request } => {
                    room.handle_stored(id, handle(&mut self.store, &request), 1);
                }
                samverka_room::Effect::Attached { .. } => {}
                samverka_room::Effect::Close { .. } => open = false,
            }
        }
        open
    }
}
