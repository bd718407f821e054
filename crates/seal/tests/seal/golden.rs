//! Vectors that have to open for ever. `derived-v1.txt` is made again byte by byte; `opens-v1.txt` holds what depends on
//! a library's way to draw randomness or to compress, and only has to open.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER as HEX;
use samverka_log::{Entry, EntryId, EntryKind, Frontier, LogHead, SignedHeader};
use samverka_seal::{
    AdmissionKey, ChangeContent, CheckCode, Content, Coverage, CoveredEntry, DeviceKeys, DropContent,
    EpochKey, InviteLink, InviteSecret, KnockContext, LocalKey, ParticipantId, PresenceReceiver,
    PresenceSender, Profile, SealedShare, SignedRecord, SnapshotContent, VerifiedRecord, WrappedKey,
    check_content, open_entry, seal_entry,
};

use crate::common::{CountingRng, DOCUMENT, EPOCH, SPACE, fields, hash_of, log_of, record};

const DERIVED: &str = include_str!("../golden/derived-v1.txt");
const OPENS: &str = include_str!("../golden/opens-v1.txt");

#[test]
fn derived_vectors_are_made_again_byte_by_byte() {
    let golden = read(DERIVED);

    let changed: Vec<_> = make_derived()
        .into_iter()
        .filter(|(name, made)| golden.get(name) != Some(made))
        .map(|(name, made)| format!("{name} = {}", HEX.encode(&made)))
        .collect();
    assert!(changed.is_empty(), "these changed:\n{}", changed.join("\n"));
}

#[test]
fn golden_entries_open() {
    let (keys, key) = (device_keys(), epoch_key());
    let (derived, opens) = (read(DERIVED), read(OPENS));
    let change = entry(&derived, "change");
    let snapshot = entry(&opens, "snapshot");

    let opened = open_entry(&change, &key).expect("it opens");
    assert_eq!(opened, change_content(&keys));
    assert_eq!(check_content(&change.header, &opened, &[hash_of(b"a change")], &key), Ok(()));
    assert_eq!(open_entry(&entry(&derived, "drop"), &key), Ok(drop_content()));
    assert_eq!(open_entry(&snapshot, &key), Ok(snapshot_content(&keys)));
    for entry in [change, snapshot] {
        assert_eq!(entry.header.verify(), Ok(()));
    }
}

#[test]
fn golden_keys_open() {
    let (keys, key) = (device_keys(), epoch_key());
    let (derived, opens) = (read(DERIVED), read(OPENS));
    let newer = EpochKey::make(SPACE, &mut CountingRng(0x80));
    let share = SealedShare {
        encapsulated: array(&opens["share.encapsulated"]),
        ciphertext: array(&opens["share.ciphertext"]),
    };
    let wrap = WrappedKey {
        epoch: EPOCH,
        nonce: array(&derived["wrap.nonce"]),
        ciphertext: array(&derived["wrap.ciphertext"]),
    };

    assert_eq!(EpochKey::open_share(SPACE, key.commitment(), &keys, &share).as_ref(), Ok(&key));
    assert_eq!(newer.unwrap(&wrap, key.commitment()), Ok(key));
}

#[test]
fn golden_records_links_profiles_and_frames_open() {
    let (keys, key) = (device_keys(), epoch_key());
    let (derived, opens) = (read(DERIVED), read(OPENS));
    let url = String::from_utf8(derived["link"].clone()).expect("a link is text");

    let verified = SignedRecord::parse(&derived["record"]).and_then(SignedRecord::verify);
    assert_eq!(verified.map(VerifiedRecord::into_signed), Ok(record(&keys, 1)));
    assert_eq!(InviteLink::parse(&url), Ok(link(&keys)));
    assert_eq!(Profile::open(&opens["profile"], &knock_context(&keys), &keys), Ok(profile()));
    let presence = PresenceReceiver::new().open(&key, &derived["presence"]).expect("it opens");
    assert_eq!((presence.log, presence.stamp, presence.payload), (log_of(&keys), 1000, b"here".to_vec()));
    let local = LocalKey::make(&mut CountingRng(0xa0)).open("draft", b"where", &derived["local"]);
    assert_eq!(local.expect("it opens").as_slice(), b"a draft");
}

fn make_derived() -> Vec<(&'static str, Vec<u8>)> {
    let (keys, key) = (device_keys(), epoch_key());
    let mut rng = CountingRng(0xc0);
    let change = seal_entry(
        fields(&keys, EntryKind::Change),
        &change_content(&keys),
        &[hash_of(b"a change")],
        &key,
        &keys,
        &mut rng,
    )
    .expect("it seals");
    let drop = seal_entry(fields(&keys, EntryKind::Drop), &drop_content(), &[], &key, &keys, &mut rng);
    let drop = drop.expect("it seals");
    let newer = EpochKey::make(SPACE, &mut CountingRng(0x80));
    let wrap = newer.wrap(EPOCH, &key, &mut rng).expect("the spaces agree");
    let presence = PresenceSender::new(log_of(&keys)).seal(EPOCH, &key, b"here", 1000, &keys, &mut rng);
    let local = LocalKey::make(&mut CountingRng(0xa0)).seal("draft", b"where", b"a draft", &mut rng);
    let context = knock_context(&keys);
    let code = CheckCode::derive(context.space, context.invite, context.device, context.share_key);
    vec![
        ("device", keys.device().as_bytes().to_vec()),
        ("share-key", keys.share_key().as_bytes().to_vec()),
        ("epoch-commitment", key.commitment().as_bytes().to_vec()),
        ("content-commitment", change.header.fields().content_commitment.as_bytes().to_vec()),
        ("change.header", change.header.bytes().to_vec()),
        ("change.body", change.body.expect("it was just sealed")),
        ("drop.header", drop.header.bytes().to_vec()),
        ("drop.body", drop.body.expect("it was just sealed")),
        ("wrap.nonce", wrap.nonce.to_vec()),
        ("wrap.ciphertext", wrap.ciphertext.to_vec()),
        ("record", record(&keys, 1).bytes().to_vec()),
        ("presence", presence.expect("it is short")),
        ("local", local.expect("it is short")),
        ("invite-key", context.invite.as_bytes().to_vec()),
        ("link", link(&keys).to_url().expect("it is within the limits").as_bytes().to_vec()),
        ("check-code", code.to_string().into_bytes()),
    ]
}

/// What `opens-v1.txt` was made with. Run with `--ignored` to see what today's libraries make of it.
#[test]
#[ignore = "prints new vectors; the committed ones never change"]
fn print_vectors_that_only_have_to_open() {
    let (keys, key) = (device_keys(), epoch_key());
    let mut rng = CountingRng(0xe0);
    let share = key.seal_share(keys.device(), &keys.share_key(), &mut rng).expect("the key is a good one");
    let admission = [AdmissionKey { device: keys.device(), share_key: keys.share_key() }];
    let profile =
        profile().seal(&knock_context(&keys), &admission, &mut rng).expect("it is within the limits");
    let fields = fields(&keys, EntryKind::Snapshot);
    let snapshot =
        seal_entry(fields, &snapshot_content(&keys), &[], &key, &keys, &mut rng).expect("it seals");
    let made = [
        ("share.encapsulated", share.encapsulated.to_vec()),
        ("share.ciphertext", share.ciphertext.to_vec()),
        ("profile", profile),
        ("snapshot.header", snapshot.header.bytes().to_vec()),
        ("snapshot.body", snapshot.body.expect("it was just sealed")),
    ];
    let lines: Vec<_> = made.iter().map(|(name, bytes)| format!("{name} = {}", HEX.encode(bytes))).collect();
    panic!("\n{}\n", lines.join("\n"));
}

fn device_keys() -> DeviceKeys {
    DeviceKeys::make(&mut CountingRng(0))
}

fn epoch_key() -> EpochKey {
    EpochKey::make(SPACE, &mut CountingRng(0x40))
}

fn change_content(keys: &DeviceKeys) -> Content {
    Content::Change(ChangeContent { changes: vec![b"a change".to_vec()], records: vec![record(keys, 1)] })
}

fn drop_content() -> Content {
    Content::Drop(DropContent { reason: "the workshop is over".to_owned() })
}

fn snapshot_content(keys: &DeviceKeys) -> Content {
    let log = log_of(keys);
    let frontier: Frontier =
        [(log, LogHead { next: 9, head: EntryId::from_bytes([8; 32]) })].into_iter().collect();
    let entry = |number, first_seq, changes, records| CoveredEntry { number, first_seq, changes, records };
    let entries = vec![entry(1, 1, 300, 1), entry(200, 70_000, 1, 0)];
    let frontier_beyond = LogHead { next: 201, ..frontier.head(&log) };
    Content::Snapshot(SnapshotContent {
        saved: b"a saved document, long enough to be compressed. ".repeat(20),
        records: vec![record(keys, 1)],
        coverage: Coverage {
            frontier: [(log, frontier_beyond)].into_iter().collect(),
            entries: BTreeMap::from([(log, entries)]),
        },
    })
}

fn link(keys: &DeviceKeys) -> InviteLink {
    InviteLink {
        space: SPACE,
        relays: vec!["https://relay.example".parse().expect("it is an address")],
        admission: vec![AdmissionKey { device: keys.device(), share_key: keys.share_key() }],
        secret: InviteSecret::make(&mut CountingRng(0x60)),
        participant: Some(ParticipantId([6; 16])),
    }
}

fn knock_context(keys: &DeviceKeys) -> KnockContext {
    let invite = InviteSecret::make(&mut CountingRng(0x60)).derive_signer(SPACE).key();
    KnockContext { space: SPACE, invite, device: keys.device(), share_key: keys.share_key() }
}

fn profile() -> Profile {
    Profile {
        name: "The newcomer".to_owned(),
        organisation: "A school".to_owned(),
        role_title: "Rektor".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    }
}

fn entry(golden: &BTreeMap<&str, Vec<u8>>, name: &str) -> Entry {
    let part =
        |part: &str| golden.get(format!("{name}.{part}").as_str()).expect("the vector is there").clone();
    let header = SignedHeader::parse(&part("header")).expect("it is well formed");
    assert_eq!(header.fields().document, DOCUMENT);
    Entry { header, body: Some(part("body")) }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the vector has the right length")
}

fn read(text: &'static str) -> BTreeMap<&'static str, Vec<u8>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, hex) = line.split_once(" = ").expect("name = hex");
            (name, HEX.decode(hex.as_bytes()).expect("hexadecimal"))
        })
        .collect()
}
