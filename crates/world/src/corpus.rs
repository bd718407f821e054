//! Sound bytes of every format, from a small world and made by hand: where the corpus of the decoders comes from.

use std::collections::BTreeMap;

use samverka_log::{DocumentId, Entry, EntryKind, Knock, LogId, Receipt, Role, SlotId, SpaceId};
use samverka_plan::{Language, exchange};
use samverka_protocol::Frame;
use samverka_replica::InviteRequest;
use samverka_seal::{
    ChangeContent, Content, DeviceKeys, RecordFields, RecordId, SignedRecord, SnapshotContent,
};
use samverka_store::{Arrival, Store as _};
use samverka_testkit::people::Device;
use samverka_testkit::rng;

use crate::world::World;

/// Items of one kind that are kept.
const ITEMS_MAX: usize = 4;

/// Bytes of an item: a corpus is read a thousand times.
const ITEM_BYTES_MAX: usize = 6_000;

const LINES: &str = "# Trygghet\n- Nya familjer känner ingen\n[ ] Ring hem\n";
const TRELLO: &str = r#"{"lists":[{"id":"a","name":"Att göra"}],"cards":[{"id":"b","idList":"a","name":"Ring hem","due":"2027-03-31T10:00:00.000Z"}]}"#;

/// What goes into the corpus of a decoder, by name; `bad-…` is refused.
///
/// # Panics
/// Where the world in it does not do as it should.
pub fn of(decoder: &str) -> Vec<(String, Vec<u8>)> {
    let items = match decoder {
        "frame" => frames(),
        "relay" => conversation(),
        "header" => of_entries(|entry| Some((kind_of(entry), entry.header.bytes().to_vec()))),
        "operation" => of_entries(|entry| {
            let membership = entry.header.fields().kind == EntryKind::Membership;
            let body = entry.body.clone().filter(|_| membership)?;
            Some((format!("operation-{}", body.first()?), body))
        }),
        "receipt" => values("receipt/", |value| Receipt::verify(value).is_ok()),
        "knock" => knocks(),
        "record" => vec![("record".to_owned(), signed_record().bytes().to_vec())],
        "statement" => vec![("statement".to_owned(), PROFILE.to_vec())],
        "change" => changes().into_iter().map(|raw| ("change".to_owned(), raw)).collect(),
        "body_change" => {
            let content = ChangeContent { changes: changes(), records: vec![signed_record()] };
            vec![("body".to_owned(), Content::Change(content).encode().expect("within limits"))]
        }
        "body_snapshot" => {
            let content = SnapshotContent { saved: document().0, ..SnapshotContent::default() };
            vec![("body".to_owned(), Content::Snapshot(content).encode().expect("within limits"))]
        }
        "saved" => vec![("document".to_owned(), document().0)],
        "import_automerge" => vec![("file".to_owned(), document().1)],
        "link" => vec![("link".to_owned(), link())],
        "presence" => presence(),
        "import_json" => {
            let export = story().export(0).into_bytes();
            vec![("plan".to_owned(), export), ("board".to_owned(), TRELLO.as_bytes().to_vec())]
        }
        "import_table" => {
            let world = story();
            let workspace = world.replica(0).workspace().expect("ready");
            let what = exchange::csv::What::Notes;
            let table = exchange::csv::export(workspace, what, Language::SvFi, "2027-01-20");
            vec![("notes".to_owned(), table.into_bytes()), ("lines".to_owned(), LINES.as_bytes().to_vec())]
        }
        "stored_value" => stored_values(),
        other => panic!("there is no decoder {other}"),
    };
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbered: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, bytes) in items.into_iter().filter(|(_, bytes)| bytes.len() <= ITEM_BYTES_MAX) {
        let count = count.entry(name.clone()).or_default();
        if *count < ITEMS_MAX {
            numbered.push((format!("{name}-{count}"), bytes));
            *count += 1;
        }
    }
    numbered
}

const PROFILE: &[u8] =
    br#"{"n":1,"kind":"profile","name":"roll 1","organisation":"Skolan","role_title":"Rektor","language":"sv-FI"}"#;

/// Two people, one relay, some words.
fn story() -> World {
    let mut world = World::new(1, 2, 1);
    world.keep_frames();
    for turn in 0..12 {
        world.act(turn % 2);
        world.rest();
    }
    world.go_offline(1);
    world.act(1);
    world.connect(1, 0);
    world.admit_another(0);
    world.rest();
    world
}

fn entries() -> Vec<Entry> {
    let world = story();
    let all = world.people[0].disk.store().entries_by_arrival(world.space, Arrival(0), usize::MAX);
    all.expect("it reads").into_iter().map(|(_, entry)| entry).collect()
}

fn of_entries(part: impl Fn(&Entry) -> Option<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    entries().iter().filter_map(part).collect()
}

fn kind_of(entry: &Entry) -> String {
    format!("kind-{}", entry.header.fields().kind.code())
}

fn frames() -> Vec<(String, Vec<u8>)> {
    let named = |bytes: &Vec<u8>| {
        assert!(Frame::decode(bytes).is_ok(), "the world sends frames");
        bytes.first().map(|kind| (format!("kind-{kind}"), bytes.clone()))
    };
    let mut frames: Vec<_> = story().kept_frames().iter().filter_map(named).collect();
    let newer = Frame::Unknown { kind: 200, bytes: vec![1, 2, 3] };
    frames.push(("kind-200".to_owned(), newer.encode()));
    frames
}

/// What one client said to a relay, each message after its length.
fn conversation() -> Vec<(String, Vec<u8>)> {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let messages = [
        Frame::hello("corpus"),
        Frame::Create { channel: 1, token: String::new(), entries: vec![genesis] },
        Frame::Attach {
            channel: 1,
            space: founder.space,
            device: founder.id(),
            host: "relay.example".to_owned(),
            signature: founder.proof(crate::relay::relay_key(1), "relay.example", &[0; 32]),
        },
        Frame::FrontierIs {
            channel: 1,
            frontier: samverka_log::Frontier::new(),
            reply: true,
            bodies: samverka_protocol::Bodies::All,
        },
        Frame::Entries { channel: 1, entries: vec![founder.change(40), founder.change(60)] },
        Frame::Ping { token: 7 },
    ];
    let mut bytes = Vec::new();
    for message in messages {
        let message = message.encode();
        bytes.extend_from_slice(&u16::try_from(message.len()).expect("short").to_be_bytes());
        bytes.extend_from_slice(&message);
    }
    vec![("founding".to_owned(), bytes)]
}

fn knocks() -> Vec<(String, Vec<u8>)> {
    let mut founder = Device::new(1);
    founder.found();
    let knock = Device::new(2).knock(&Device::new(50), founder.space);
    assert!(Knock::verify(&knock).is_ok());
    vec![("knock".to_owned(), knock)]
}

fn values(prefix: &str, sound: impl Fn(&[u8]) -> bool) -> Vec<(String, Vec<u8>)> {
    let world = story();
    let values = world.people[0].disk.store().values(Some(world.space), prefix).expect("it reads");
    let name = prefix.trim_end_matches('/').to_owned();
    values.into_iter().filter(|(_, value)| sound(value)).map(|(_, value)| (name.clone(), value)).collect()
}

fn stored_values() -> Vec<(String, Vec<u8>)> {
    let kinds: [(u8, &str); 4] = [(1, "relay/"), (2, "receipt/"), (4, "invite/"), (8, "checkpoint/")];
    let mut all = vec![("door".to_owned(), vec![6, 0, 0, 0]), ("ticket".to_owned(), vec![0, 1, 0, 0, 0, 0])];
    for (number, prefix) in kinds {
        let with_number = |(name, value): (String, Vec<u8>)| (name, [vec![number], value].concat());
        all.extend(values(prefix, |_| true).into_iter().map(with_number));
    }
    all
}

fn signed_record() -> SignedRecord {
    let keys = DeviceKeys::make(&mut rng(3));
    let fields = RecordFields {
        space: SpaceId::from_bytes([3; 32]),
        document: DocumentId::from_bytes([9; 16]),
        log: LogId { device: keys.device(), slot: SlotId(1) },
        id: RecordId([4; 16]),
        time_ms: 1,
        payload: PROFILE.to_vec(),
    };
    SignedRecord::sign(fields, &keys).expect("a record").into_signed()
}

/// The plan document: as it is saved, and as a file.
fn document() -> (Vec<u8>, Vec<u8>) {
    let mut world = World::new(2, 1, 1);
    world.act(0);
    let document = world.replica(0).membership().plan_document().expect("there is one");
    let file = world.with(0, |replica, _, _| replica.automerge_file(document)).expect("it is written");
    let exported = exchange::automerge::read(&file).expect("it reads");
    assert!(!exported.changes.is_empty());
    (file.clone(), file)
}

fn changes() -> Vec<Vec<u8>> {
    let (_, file) = document();
    exchange::automerge::read(&file).expect("it reads").changes.into_iter().take(ITEMS_MAX).collect()
}

fn link() -> Vec<u8> {
    let mut world = World::new(2, 1, 1);
    let invitation = world.with(0, |replica, now, rng| {
        let expires_at_ms = now + 3_600_000;
        replica.invite(
            &InviteRequest { role: Role::Editor, expires_at_ms, uses: 1, participant: None },
            now,
            rng,
        )
    });
    let link = invitation.expect("an admin may").link.expect("it was made here");
    link.as_bytes().to_vec()
}

fn presence() -> Vec<(String, Vec<u8>)> {
    let mut world = story();
    world.with(0, |replica, now, rng| replica.say(b"{\"cursor\":1}", now, rng)).expect("there is a key");
    let spoken = world.kept_frames().iter().filter_map(|bytes| match Frame::decode(bytes) {
        Ok(Frame::Ephemeral { bytes, .. }) => Some(("presence".to_owned(), bytes)),
        _ => None,
    });
    spoken.collect()
}
