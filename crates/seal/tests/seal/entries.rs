use std::collections::BTreeMap;

use proptest::prelude::*;
use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, Extension, Frontier,
    HeaderFields, LogHead, LogId, SignedHeader, SlotId, SpaceId, UnsignedHeader,
};
use samverka_seal::{
    ChangeContent, ChangeHash, Content, ContentError, Coverage, CoveredEntry, DropContent, EpochKey,
    OpenError, SealError, SnapshotContent, check_content, open_entry, seal_entry,
};

use crate::common::{Fixture, SPACE, fields, hash_of, record, rng};

#[test]
fn an_entry_opens_to_what_was_sealed() {
    let (mut fixture, entry, content, hashes) = sealed();

    entry.header.verify().expect("the signature holds");
    let opened = open_entry(&entry, &fixture.epoch_key).expect("it opens");

    assert_eq!(opened, content);
    assert_eq!(check_content(&entry.header, &opened, &hashes, &fixture.epoch_key), Ok(()));
    let again = seal_entry(
        fixture.fields(EntryKind::Change),
        &content,
        &hashes,
        &fixture.epoch_key,
        &fixture.keys,
        &mut fixture.rng,
    );
    assert_ne!(again.expect("it seals").body, entry.body, "every seal has its own nonce");
}

#[test]
fn snapshots_and_drops_open_to_what_was_sealed() {
    let mut fixture = Fixture::new();
    for content in
        [snapshot(&fixture), Content::Drop(DropContent { reason: "the workshop is over".to_owned() })]
    {
        let fields = fixture.fields(content.kind());

        let entry = seal_entry(fields, &content, &[], &fixture.epoch_key, &fixture.keys, &mut fixture.rng);

        let entry = entry.expect("it seals");
        let opened = open_entry(&entry, &fixture.epoch_key).expect("it opens");
        assert_eq!(opened, content);
        assert_eq!(check_content(&entry.header, &opened, &[], &fixture.epoch_key), Ok(()));
        assert!(entry.header.fields().content_commitment.is_zero());
    }
}

#[test]
fn any_flipped_bit_of_the_header_is_noticed() {
    let (fixture, entry, _, _) = sealed();
    let bytes = entry.header.bytes().to_vec();
    for position in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[position / 8] ^= 1 << (position % 8);
        let Ok(header) = SignedHeader::parse(&flipped) else { continue };
        assert!(header.verify().is_err(), "bit {position} is signed");
        let in_signature = position / 8 >= bytes.len() - 64;
        if !in_signature {
            let entry = Entry { header, body: entry.body.clone() };
            assert!(open_entry(&entry, &fixture.epoch_key).is_err(), "bit {position} is bound to the body");
        }
    }
}

#[test]
fn any_flipped_bit_of_the_body_is_noticed() {
    let (fixture, entry, _, _) = sealed();
    let body = entry.body.clone().expect("it was just sealed");
    for position in 0..body.len() * 8 {
        let mut flipped = body.clone();
        flipped[position / 8] ^= 1 << (position % 8);

        let by_hash = Entry { header: entry.header.clone(), body: Some(flipped.clone()) };
        assert_eq!(open_entry(&by_hash, &fixture.epoch_key), Err(OpenError::BodyHash));

        let by_seal = resigned(&fixture, entry.header.fields().clone(), flipped);
        assert_eq!(open_entry(&by_seal, &fixture.epoch_key), Err(OpenError::NotAuthentic), "bit {position}");
    }
}

#[test]
fn no_entry_opens_that_is_cut_short_at_any_place() {
    let (fixture, entry, _, _) = sealed();
    let (header, body) = (entry.header.bytes(), entry.body.clone().expect("it was just sealed"));
    for cut in 0..header.len() {
        assert!(SignedHeader::parse(&header[..cut]).is_err(), "{cut} bytes of a header");
    }
    for cut in 0..body.len() {
        let by_hash = Entry { header: entry.header.clone(), body: Some(body[..cut].to_vec()) };
        assert_eq!(
            open_entry(&by_hash, &fixture.epoch_key),
            Err(OpenError::BodyHash),
            "{cut} bytes of a body"
        );
        // A colluding author signs the shorter one.
        let signed = resigned(&fixture, entry.header.fields().clone(), body[..cut].to_vec());
        assert!(open_entry(&signed, &fixture.epoch_key).is_err(), "{cut} bytes of a body");
    }
}

/// A colluding member may sign any header around a body that somebody sealed. It must not open anywhere else.
#[test]
fn a_body_opens_under_no_other_header() {
    let (fixture, entry, _, _) = sealed();
    let body = entry.body.clone().expect("it was just sealed");
    let original = entry.header.fields().clone();
    let slot = |slot| LogId { slot: SlotId(slot), ..original.log };
    let device = |device| LogId { device, ..original.log };
    let splices = [
        ("document", HeaderFields { document: DocumentId::from_bytes([9; 16]), ..original.clone() }),
        ("epoch", HeaderFields { epoch: EpochId::from_bytes([9; 32]), ..original.clone() }),
        ("slot", HeaderFields { log: slot(6), ..original.clone() }),
        ("device", HeaderFields { log: device(DeviceId::from_bytes([9; 32])), ..original.clone() }),
        ("number", HeaderFields { number: 5, ..original.clone() }),
        ("previous", HeaderFields { previous: EntryId::from_bytes([9; 32]), ..original.clone() }),
        ("after", HeaderFields { after: Vec::new(), ..original.clone() }),
        ("heads", HeaderFields { membership_heads: vec![EntryId::from_bytes([9; 32])], ..original.clone() }),
        ("kind", HeaderFields { kind: EntryKind::Drop, ..original.clone() }),
        (
            "commitment",
            HeaderFields { content_commitment: ContentCommitment::from_bytes([9; 32]), ..original.clone() },
        ),
        ("extensions", HeaderFields { extensions: vec![extension()], ..original.clone() }),
    ];
    for (what, fields) in splices {
        let spliced = resigned(&fixture, fields, body.clone());
        assert_eq!(open_entry(&spliced, &fixture.epoch_key), Err(OpenError::NotAuthentic), "{what}");
    }
}

#[test]
fn a_body_opens_in_no_other_space() {
    let (fixture, entry, _, _) = sealed();
    let elsewhere = SpaceId::from_bytes([9; 32]);
    let body = entry.body.clone().expect("it was just sealed");
    let spliced =
        resigned(&fixture, HeaderFields { space: elsewhere, ..entry.header.fields().clone() }, body);

    let refused = open_entry(&spliced, &fixture.epoch_key);

    assert_eq!(refused, Err(OpenError::Space { header: elsewhere, key: SPACE }));
}

#[test]
fn another_epochs_key_does_not_open_a_body() {
    let (mut fixture, entry, _, _) = sealed();
    let other = EpochKey::make(SPACE, &mut fixture.rng);

    assert_eq!(open_entry(&entry, &other), Err(OpenError::NotAuthentic));
}

#[test]
fn content_that_its_author_did_not_commit_to_is_refused() {
    let (fixture, entry, content, hashes) = sealed();
    let Content::Change(change) = &content else { unreachable!("the fixture makes changes") };
    let check = |content: &Content, hashes: &[ChangeHash]| {
        check_content(&entry.header, content, hashes, &fixture.epoch_key)
    };
    let without_record = Content::Change(ChangeContent { records: Vec::new(), ..change.clone() });
    let other_record = Content::Change(ChangeContent { records: vec![fixture.record(8)], ..change.clone() });
    let swapped: Vec<_> = hashes.iter().rev().copied().collect();

    assert_eq!(check(&content, &hashes), Ok(()));
    assert_eq!(check(&without_record, &hashes), Err(OpenError::Commitment));
    assert_eq!(check(&other_record, &hashes), Err(OpenError::Commitment));
    assert_eq!(check(&content, &swapped), Err(OpenError::Commitment));
    assert_eq!(check(&content, &hashes[..1]), Err(OpenError::Commitment));
    assert_eq!(check(&content, &[hashes[0], hash_of(b"another")]), Err(OpenError::Commitment));
}

#[test]
fn nothing_is_signed_for_a_header_that_does_not_fit() {
    let mut fixture = Fixture::new();
    let (content, hashes) = fixture.content();
    let other_device = samverka_seal::DeviceKeys::make(&mut fixture.rng);
    let fields = fixture.fields(EntryKind::Change);
    let mut seal = |fields: &HeaderFields, hashes: &[ChangeHash]| {
        seal_entry(fields.clone(), &content, hashes, &fixture.epoch_key, &fixture.keys, &mut fixture.rng)
            .expect_err("it does not fit")
    };

    let space = seal(&HeaderFields { space: SpaceId::from_bytes([9; 32]), ..fields.clone() }, &hashes);
    let kind = seal(&HeaderFields { kind: EntryKind::Snapshot, ..fields.clone() }, &hashes);
    let log = LogId { device: other_device.device(), ..fields.log };
    let signer = seal(&HeaderFields { log, ..fields.clone() }, &hashes);
    let missing_hash = seal(&fields, &hashes[..1]);
    let header = seal(&HeaderFields { membership_heads: Vec::new(), ..fields.clone() }, &hashes);

    assert!(matches!(space, SealError::Space { .. }));
    assert!(matches!(kind, SealError::Kind { .. }));
    assert_eq!(signer, SealError::Signer);
    assert_eq!(missing_hash, SealError::Hashes { changes: 2, hashes: 1 });
    assert!(matches!(header, SealError::Header(_)));
}

#[test]
fn an_entry_without_its_body_says_so() {
    let (fixture, entry, _, _) = sealed();

    let opened = open_entry(&Entry { body: None, ..entry }, &fixture.epoch_key);

    assert_eq!(opened, Err(OpenError::NoBody));
}

#[test]
fn texts_are_compressed_and_noise_is_not() {
    let mut fixture = Fixture::new();
    let text = "Vi provar en gemensam morgonstund varje torsdag. ".repeat(100).into_bytes();
    let noise: Vec<u8> = (0..4900_u32).map(|n| hash_of(&n.to_be_bytes()).as_bytes()[0]).collect();
    let mut len = |change: Vec<u8>| {
        let hashes = [hash_of(&change)];
        let content = Content::Change(ChangeContent { changes: vec![change], records: Vec::new() });
        let fields = fixture.fields(EntryKind::Change);
        let entry =
            seal_entry(fields, &content, &hashes, &fixture.epoch_key, &fixture.keys, &mut fixture.rng);
        entry.expect("it seals").header.fields().body_length
    };

    assert!(len(text) < 400);
    assert!((4900..5400).contains(&len(noise)));
}

#[test]
fn bodies_of_nearly_the_same_length_look_alike() {
    let mut fixture = Fixture::new();
    let mut len = |bytes: usize| {
        let content = Content::Drop(DropContent { reason: noise_text(bytes) });
        let fields = fixture.fields(EntryKind::Drop);
        let entry = seal_entry(fields, &content, &[], &fixture.epoch_key, &fixture.keys, &mut fixture.rng);
        entry.expect("it seals").header.fields().body_length
    };

    // 9 bytes of frame, 5 of layout: 206 and 208 bytes inside both become 208, 209 the next step of 16.
    assert_eq!(len(192), 208 + 40);
    assert_eq!(len(194), 208 + 40);
    assert_eq!(len(195), 224 + 40);
}

#[test]
fn coverage_gives_each_entry_its_own_records() {
    let fixture = Fixture::new();
    let Content::Snapshot(snapshot) = snapshot(&fixture) else { unreachable!("it is a snapshot") };

    let covered: Vec<_> = snapshot
        .coverage
        .entries_with_records(&snapshot.records)
        .map(|(_, entry, records)| {
            (entry.number, records.iter().map(|record| record.claimed_id().0[0]).collect())
        })
        .collect();

    assert_eq!(covered, [(1, vec![1, 2]), (2, vec![]), (7, vec![3])] as [(u64, Vec<u8>); 3]);
}

#[test]
fn coverage_that_contradicts_itself_is_refused() {
    let mut fixture = Fixture::new();
    let Content::Snapshot(good) = snapshot(&fixture) else { unreachable!("it is a snapshot") };
    let log = fixture.log();
    let with = |change: &dyn Fn(&mut SnapshotContent)| {
        let mut content = good.clone();
        change(&mut content);
        content
    };
    let entry = CoveredEntry { number: 0, first_seq: 1, changes: 1, records: 0 };
    let wrong = [
        ("missing record", with(&|content| drop(content.records.pop()))),
        (
            "outside",
            with(&|content| content.coverage.frontier.set(log, LogHead { next: 5, head: EntryId::ZERO })),
        ),
        ("no frontier", with(&|content| content.coverage.frontier = Frontier::new())),
        ("order", with(&|content| content.coverage.entries.get_mut(&log).expect("it is there").push(entry))),
        (
            "empty",
            with(&|content| {
                content.coverage.entries.insert(LogId { slot: SlotId(9), ..log }, Vec::new());
            }),
        ),
    ];
    for (what, content) in wrong {
        let content = Content::Snapshot(content);
        let fields = fixture.fields(EntryKind::Snapshot);
        let refused = seal_entry(fields, &content, &[], &fixture.epoch_key, &fixture.keys, &mut fixture.rng);
        assert!(matches!(refused, Err(SealError::Content(ContentError::Coverage(_)))), "{what}: {refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_content_comes_back(
        changes in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..2000), 0..6),
        record_ids in prop::collection::vec(any::<u8>(), 0..4),
        seed in any::<u64>(),
    ) {
        let mut rng = rng(seed);
        let keys = samverka_seal::DeviceKeys::make(&mut rng);
        let key = EpochKey::make(SPACE, &mut rng);
        let hashes: Vec<_> = changes.iter().map(|change| hash_of(change)).collect();
        let records = record_ids.iter().map(|id| record(&keys, *id)).collect();
        let content = Content::Change(ChangeContent { changes, records });

        let entry = seal_entry(fields(&keys, EntryKind::Change), &content, &hashes, &key, &keys, &mut rng).unwrap();

        let opened = open_entry(&entry, &key).unwrap();
        prop_assert_eq!(&opened, &content);
        prop_assert_eq!(check_content(&entry.header, &opened, &hashes, &key), Ok(()));
    }

    #[test]
    fn no_body_of_a_colluding_member_makes_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let fixture = Fixture::new();
        let entry = resigned(&fixture, fixture.fields(EntryKind::Change), body);

        prop_assert_eq!(open_entry(&entry, &fixture.epoch_key), Err(OpenError::NotAuthentic));
    }

    #[test]
    fn every_coverage_comes_back(
        steps in prop::collection::vec((0_u64..500, 0_u64..500, 0_u32..70_000), 1..50),
        slots in prop::collection::btree_set(1_u64.., 1..5),
    ) {
        let mut fixture = Fixture::new();
        let mut coverage = Coverage::default();
        for slot in slots {
            let log = LogId { slot: SlotId(slot), ..fixture.log() };
            let (mut number, mut seq) = (0, 1);
            let entries: Vec<_> = steps.iter().map(|(gap, seq_gap, changes)| {
                let entry = CoveredEntry { number: number + gap, first_seq: seq + seq_gap, changes: *changes, records: 0 };
                (number, seq) = (entry.number + 1, entry.first_seq + u64::from(entry.changes));
                entry
            }).collect();
            coverage.frontier.set(log, LogHead { next: number, head: EntryId::from_bytes([8; 32]) });
            coverage.entries.insert(log, entries);
        }
        let content = Content::Snapshot(SnapshotContent { coverage, ..SnapshotContent::default() });
        let fields = fixture.fields(EntryKind::Snapshot);

        let entry = seal_entry(fields, &content, &[], &fixture.epoch_key, &fixture.keys, &mut fixture.rng).unwrap();

        prop_assert_eq!(open_entry(&entry, &fixture.epoch_key), Ok(content));
    }
}

fn sealed() -> (Fixture, Entry, Content, Vec<ChangeHash>) {
    let mut fixture = Fixture::new();
    let (content, hashes) = fixture.content();
    let fields = fixture.fields(EntryKind::Change);
    let entry = seal_entry(fields, &content, &hashes, &fixture.epoch_key, &fixture.keys, &mut fixture.rng);
    (fixture, entry.expect("it seals"), content, hashes)
}

/// A header around any body, with the right hash and a signature: what a colluding member can make.
fn resigned(fixture: &Fixture, fields: HeaderFields, body: Vec<u8>) -> Entry {
    let body_length = u32::try_from(body.len()).expect("test bodies are small");
    let fields = HeaderFields { body_hash: samverka_log::body_hash(&body), body_length, ..fields };
    let header = UnsignedHeader::new(fields).expect("the header is well formed").sign(&fixture.keys);
    Entry { header, body: Some(body) }
}

fn snapshot(fixture: &Fixture) -> Content {
    let log = fixture.log();
    let entry = |number, first_seq, changes, records| CoveredEntry { number, first_seq, changes, records };
    let entries = vec![entry(1, 1, 3, 2), entry(2, 4, 1, 0), entry(7, 5, 0, 1)];
    let frontier = [(log, LogHead { next: 9, head: EntryId::from_bytes([8; 32]) })].into_iter().collect();
    Content::Snapshot(SnapshotContent {
        saved: b"a saved document".to_vec(),
        records: vec![fixture.record(1), fixture.record(2), fixture.record(3)],
        coverage: Coverage { frontier, entries: BTreeMap::from([(log, entries)]) },
    })
}

fn extension() -> Extension {
    Extension { number: 1, critical: false, value: vec![1] }
}

/// Text that does not compress.
fn noise_text(len: usize) -> String {
    let bytes = (0_u32..).flat_map(|n| *hash_of(&n.to_be_bytes()).as_bytes()).take(len);
    bytes.map(|byte| char::from(b' ' + byte % 64)).collect()
}
