//! Snapshots that hold something else than their entries say: none of them changes anything.

use samverka_log::{DocumentId, Entry, EntryId, EntryKind, LogHead, Role};
use samverka_plan::{Command, Kind};
use samverka_seal::{ChangeContent, Content, RecordFields, SignedRecord, SnapshotContent};
use serde_json::json;

use crate::shelf::EntryState;
use crate::village::Village;

/// Two who have written in the same board, and who know of each other's.
fn two(seed: u64) -> Village {
    let mut village = Village::new(seed, 1);
    village.set_marks(crate::SnapshotMarks { entries: usize::MAX, bytes: u64::MAX });
    for _ in 0..3 {
        village.promise(0);
        village.write(0, 2);
        village.carry(0, 1);
        village.promise(1);
        village.write(1, 2);
        village.carry(1, 0);
    }
    village
}

fn content(village: &mut Village, person: usize, document: DocumentId) -> SnapshotContent {
    village.people[person].replica.snapshot_content(document).unwrap()
}

fn plan(village: &Village) -> DocumentId {
    village.people[0].replica.workspace().unwrap().plan_document()
}

/// Hands a newcomer all headers and the forged snapshot: nothing may come of it, and the bodies make the plan.
fn changes_nothing(mut village: Village, forger: usize, forged: EntryId) {
    let newcomer = village.newcomer(Role::Editor);
    let snapshot = |entry: &Entry| entry.id() == forged;
    let snapshot: Vec<Entry> = village.entries(forger).into_iter().filter(snapshot).collect();
    assert_eq!(snapshot.len(), 1);
    let document = snapshot[0].header.fields().document;
    village.carry(forger, 0);
    village.hand(newcomer, village.headers(0));
    let replica = &village.people[newcomer].replica;
    let counts = replica
        .shelf
        .iter()
        .filter(|known| known.state == EntryState::In && known.header.fields().document == document);
    assert_eq!(counts.count(), 0, "nothing is taken from it");
    assert!(village.bodyless(newcomer) > 0);
    assert!(replica.checkpointed.is_empty());
    village.carry(0, newcomer);
    let expected = village.picture(0);
    assert_eq!(village.picture(newcomer), expected);
    assert_eq!(village.bodyless(newcomer), 0);
    // One who had everything before it came sees no difference either.
    let before = village.newcomer(Role::Editor);
    let mut others = village.entries(0);
    others.retain(|entry| entry.id() != forged);
    // What its author's log holds after it waits for it.
    village.hand(before, others);
    village.hand(before, snapshot);
    village.carry(0, before);
    assert_eq!(village.picture(before), expected);
}

#[test]
fn an_honest_one_is_taken() {
    let mut village = two(1);
    let board = village.board();
    let honest = content(&mut village, 1, board);
    village.forge(1, board, honest);
    let newcomer = village.newcomer(Role::Editor);
    village.carry(1, 0);
    village.hand(newcomer, village.headers(0));
    let taken = village.people[newcomer].replica.checkpointed.len();
    assert!(taken > 5, "{taken} entries were taken from it");
}

#[test]
fn one_with_a_change_too_many_is_void() {
    let mut village = two(2);
    let (board, now_ms) = (village.board(), village.now_ms);
    let honest = content(&mut village, 1, board);
    let fields = [("text".to_owned(), json!({ "sv": "insmugglad" }))].into();
    let command = Command::Add { kind: Kind::Note, id: None, board: None, fields };
    village.people[1].replica.execute(&command, now_ms, &mut village.rng).unwrap();
    let saved = content(&mut village, 1, board).saved;
    village.people[1].replica.pending.clear();
    let forged = village.forge(1, board, SnapshotContent { saved, ..honest });
    changes_nothing(village, 1, forged);
}

#[test]
fn one_with_a_change_too_few_is_void() {
    let mut village = two(3);
    let board = village.board();
    let saved = content(&mut village, 1, board).saved;
    village.write(1, 1);
    let later = content(&mut village, 1, board);
    let forged = village.forge(1, board, SnapshotContent { saved, ..later });
    changes_nothing(village, 1, forged);
}

#[test]
fn one_with_a_word_that_its_author_did_not_say_is_void() {
    let mut village = two(4);
    let plan = plan(&village);
    let mut forged = content(&mut village, 1, plan);
    let own = village.people[1].keys.device();
    let other = forged.records.iter().position(|record| record.claimed_fields().log.device == own).unwrap();
    let said = forged.records[other].claimed_fields().clone();
    let fields = RecordFields { time_ms: said.time_ms + 1, ..said };
    forged.records[other] = SignedRecord::sign(fields, &village.people[1].keys).unwrap().into_signed();
    let forged = village.forge(1, plan, forged);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_with_another_s_word_changed_is_void() {
    let mut village = two(5);
    let plan = plan(&village);
    let mut forged = content(&mut village, 1, plan);
    let own = village.people[1].keys.device();
    let other = forged.records.iter().position(|record| record.claimed_fields().log.device != own).unwrap();
    let mut bytes = forged.records[other].bytes().to_vec();
    let last = bytes.len() - 70;
    bytes[last] ^= 1;
    forged.records[other] = SignedRecord::parse(&bytes).unwrap();
    let forged = village.forge(1, plan, forged);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_of_somebody_who_knew_other_entries_is_void() {
    let mut village = two(6);
    let board = village.board();
    let mut forged = content(&mut village, 1, board);
    let log = village.people[0].replica.log_id();
    let head = forged.coverage.frontier.head(&log);
    forged.coverage.frontier.set(log, LogHead { head: EntryId::from_bytes([7; 32]), ..head });
    let forged = village.forge(1, board, forged);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_that_knows_of_entries_that_nobody_made_is_not_used() {
    let mut village = two(7);
    let board = village.board();
    let mut forged = content(&mut village, 1, board);
    let log = village.people[0].replica.log_id();
    let head = forged.coverage.frontier.head(&log);
    forged.coverage.frontier.set(log, LogHead { next: head.next + 50, head: EntryId::from_bytes([7; 32]) });
    let forged = village.forge(1, board, forged);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_of_another_document_is_void() {
    let mut village = two(8);
    let (board, plan) = (village.board(), plan(&village));
    let of_the_plan = content(&mut village, 1, plan);
    let forged = village.forge(1, board, of_the_plan);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_by_a_reader_is_void() {
    let mut village = two(9);
    let board = village.board();
    let reader = village.newcomer(Role::Reader);
    village.carry(0, reader);
    let honest = content(&mut village, reader, board);
    let forged = village.forge(reader, board, honest);
    changes_nothing(village, reader, forged);
}

#[test]
fn one_that_covers_what_is_held_back_is_void() {
    let mut village = two(10);
    let board = village.board();
    let third = village.newcomer(Role::Editor);
    village.carry(0, third);
    // The founder removes the third before hearing what they write. The second takes it in all the same.
    village.write(third, 3);
    village.carry(third, 1);
    let honest_for_them = content(&mut village, 1, board);
    let (device, now_ms) = (village.people[third].keys.device(), village.now_ms);
    village.people[0].replica.remove_device(device, now_ms, &mut village.rng).unwrap();
    village.drive(0);
    village.carry(third, 0);
    assert_eq!(village.people[0].replica.quarantined().len(), 3);
    let forged = village.forge(1, board, honest_for_them);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_that_leaves_out_what_counts_is_void() {
    let mut village = two(11);
    let board = village.board();
    let mut forged = content(&mut village, 1, board);
    // The first entry of the other's log, with its change still in the document.
    let log = village.people[0].replica.log_id();
    forged.coverage.entries.get_mut(&log).unwrap().remove(0);
    let forged = village.forge(1, board, forged);
    changes_nothing(village, 1, forged);
}

#[test]
fn one_whose_document_does_not_read_is_void() {
    let mut village = two(12);
    let board = village.board();
    let honest = content(&mut village, 1, board);
    let forged = village.forge(1, board, SnapshotContent { saved: b"not a document".to_vec(), ..honest });
    changes_nothing(village, 1, forged);
}

/// Somebody who writes an entry whose body nobody can open, and shows what it is to hold in a snapshot.
#[test]
fn one_that_tells_what_a_broken_body_was_to_hold_is_found_out_by_the_body() {
    let mut village = two(13);
    let (board, now_ms) = (village.board(), village.now_ms);
    let epoch = village.people[1].replica.membership().safe_epochs()[0];
    let fields = [("text".to_owned(), json!({ "sv": "utan kropp" }))].into();
    let command = Command::Add { kind: Kind::Note, id: None, board: None, fields };
    village.people[1].replica.execute(&command, now_ms, &mut village.rng).unwrap();
    let mut pending = core::mem::take(&mut village.people[1].replica.pending);
    let changes = pending.remove(&board).unwrap().into_changes();
    let entry = broken_entry(&mut village, board, epoch, changes.clone());
    let replica = &mut village.people[1].replica;
    let id = replica.put_own(entry, now_ms);
    village.drive(1);
    let mut forged = content(&mut village, 1, board);
    let log = village.people[1].replica.log_id();
    let covered = forged.coverage.entries.get_mut(&log).unwrap();
    let last = covered.last().unwrap();
    let first_seq = last.first_seq + u64::from(last.changes);
    let number = village.people[1].replica.shelf.known(&id).unwrap().header.fields().number;
    let count = u32::try_from(changes.len()).unwrap();
    covered.push(samverka_seal::CoveredEntry { number, first_seq, changes: count, records: 0 });
    village.forge(1, board, forged);
    village.carry(1, 0);
    let newcomer = village.newcomer(Role::Editor);
    village.hand(newcomer, village.headers(0));
    assert!(village.picture(newcomer).0.contains("utan kropp"), "the header's author did commit to it");
    village.carry(0, newcomer);
    let expected = village.picture(0);
    assert!(!expected.0.contains("utan kropp"));
    assert_eq!(village.picture(newcomer), expected);
    village.restart(newcomer);
    assert_eq!(village.picture(newcomer), expected);
}

/// An entry that commits to changes and has a body that does not open.
fn broken_entry(
    village: &mut Village,
    document: DocumentId,
    epoch: samverka_log::EpochId,
    changes: Vec<Vec<u8>>,
) -> Entry {
    let hashes: Vec<samverka_seal::ChangeHash> = changes
        .iter()
        .map(|raw| samverka_seal::ChangeHash::from_bytes(samverka_plan::decode_change(raw).unwrap().hash))
        .collect();
    let own = &village.people[1];
    let content = Content::Change(ChangeContent { changes, records: Vec::new() });
    let sound = own.replica.seal_content(document, &content, &hashes, epoch, &mut village.rng).unwrap();
    let body = vec![1; sound.body.unwrap().len()];
    let mut fields = sound.header.fields().clone();
    assert_eq!(fields.kind, EntryKind::Change);
    fields.body_hash = samverka_log::body_hash(&body);
    let header = samverka_log::UnsignedHeader::new(fields).unwrap().sign(&own.keys);
    Entry { header, body: Some(body) }
}
