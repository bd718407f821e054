//! Snapshots among devices that carry entries to each other by hand.

mod hostile;
mod opening;
mod using;

use samverka_log::Role;
use samverka_seal::Content;

use crate::village::{LOW, Village};

#[test]
fn whoever_is_first_in_line_writes_one_when_enough_has_come_since_the_last() {
    let mut village = Village::new(1, 0);
    // The board began with an entry of its own.
    village.write(0, 8);
    village.tick(0);
    assert!(village.snapshots(0).is_empty(), "there is not enough for one");
    village.write(0, 1);
    village.tick(0);
    assert_eq!(village.snapshots(0).len(), 1);
    village.tick(0);
    village.write(0, 9);
    village.tick(0);
    assert_eq!(village.snapshots(0).len(), 1, "there is not enough for another");
    village.write(0, 1);
    village.tick(0);
    assert_eq!(village.snapshots(0).len(), 2);
}

#[test]
fn one_covers_every_entry_with_the_records() {
    let mut village = Village::new(2, 1);
    for _ in 0..4 {
        village.promise(0);
        village.carry(0, 1);
        village.promise(1);
        village.carry(1, 0);
    }
    village.write(0, 10);
    village.tick(0);
    village.carry(0, 1);
    village.tick(1);
    for document in village.people[0].replica.heads().into_keys() {
        let content = village.people[0].replica.snapshot_content(document).unwrap();
        let changes = village.people[0].replica.workspace.as_mut().unwrap().changes(document);
        let matched = village.people[0].replica.match_content(document, &content, changes).unwrap();
        let counted: usize = content.coverage.entries.values().map(Vec::len).sum();
        assert_eq!(matched.len(), counted);
    }
    for entry in village.snapshots(0) {
        let key = village.people[1].replica.keyring.key(&entry.header.fields().epoch).unwrap();
        assert!(matches!(samverka_seal::open_entry(&entry, key), Ok(Content::Snapshot(_))));
    }
}

#[test]
fn many_devices_write_one_between_them() {
    let mut village = Village::new(3, 6);
    village.write(0, 10);
    for person in 1..7 {
        village.carry(0, person);
    }
    let writers: Vec<usize> = (0..7)
        .filter(|person| {
            village.tick(*person);
            !village.snapshots(*person).is_empty()
        })
        .collect();
    assert_eq!(writers.len(), 1, "{writers:?} wrote one");
}

#[test]
fn whoever_is_next_writes_one_where_the_first_in_line_does_not() {
    let mut village = Village::new(4, 3);
    village.write(0, 10);
    for person in 0..4 {
        village.carry(0, person);
        village.tick(person);
    }
    let first = (0..4).find(|person| !village.snapshots(*person).is_empty()).unwrap();
    let mut village = Village::new(4, 3);
    village.write(0, 20);
    let others: Vec<usize> = (0..4).filter(|person| *person != first).collect();
    for person in &others {
        village.carry(0, *person);
        village.tick(*person);
        assert!(village.snapshots(*person).is_empty(), "{person} did not wait for {first}");
    }
    let due = |village: &Village, person: &usize| village.people[*person].replica.poll_timeout().unwrap();
    let next = *others.iter().min_by_key(|person| due(&village, person)).unwrap();
    village.now_ms = due(&village, &next);
    for person in &others {
        village.tick(*person);
        assert_eq!(village.snapshots(*person).len(), usize::from(*person == next));
    }
}

#[test]
fn nobody_writes_one_who_may_not_or_has_something_unsealed() {
    let mut village = Village::new(5, 0);
    village.set_marks(crate::SnapshotMarks { entries: usize::MAX, bytes: u64::MAX });
    let reader = village.newcomer(Role::Reader);
    village.write(0, 50);
    village.carry(0, reader);
    village.tick(reader);
    assert!(village.snapshots(reader).is_empty());
    assert_eq!(village.people[reader].replica.poll_timeout(), None, "a reader waits for nothing");
    village.set_marks(LOW);
    let fields = [("text".to_owned(), serde_json::json!({ "sv": "halvfärdig" }))].into();
    let command =
        samverka_plan::Command::Add { kind: samverka_plan::Kind::Note, id: None, board: None, fields };
    let now_ms = village.now_ms;
    village.people[0].replica.execute(&command, now_ms, &mut village.rng).unwrap();
    village.tick(0);
    assert!(village.snapshots(0).is_empty());
    village.now_ms = village.people[0].replica.poll_timeout().unwrap();
    village.tick(0);
    assert_eq!(village.snapshots(0).len(), 1, "it is written once the edit is sealed");
}
