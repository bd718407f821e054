//! Stores that were copied, or restored from a backup, on devices that cannot know it: no log ever forks.

use std::collections::BTreeMap;

use samverka_log::{Role, SlotId};
use samverka_plan::{Command, Kind};
use samverka_replica::ReplicaError;
use serde_json::json;

use samverka_world::World;

const FOUNDER: usize = 0;
const OTHER: usize = 1;

fn note(text: &str) -> Command {
    let fields = BTreeMap::from([("text".to_owned(), json!({ "sv": text }))]);
    Command::Add { kind: Kind::Note, id: None, board: None, fields }
}

/// Copies all that a device has stored to another. Answers which.
fn copy(world: &mut World, person: usize) -> usize {
    world.copy(person);
    world.people.len() - 1
}

fn everybody_has(world: &mut World, notes: usize) {
    for person in 0..world.people.len() {
        world.connect(person, 0);
    }
    world.rest();
    let exports = world.exports();
    for (person, export) in exports.iter().enumerate() {
        assert!(*export == exports[0], "person {person} has another plan");
        let replica = world.replica(person);
        assert_eq!(replica.workspace().expect("ready").ids(Kind::Note).len(), notes, "person {person}");
        assert_eq!(replica.status().quarantined, 0, "person {person}");
    }
}

#[test]
fn a_copy_and_its_original_write_on_and_neither_forks() {
    let mut world = World::new(1, 2, 1);
    world.must(FOUNDER, &note("före kopian"));
    world.rest();
    world.go_offline(FOUNDER);
    let (early, late) = (copy(&mut world, FOUNDER), copy(&mut world, FOUNDER));
    world.restart_as_browsers_do(FOUNDER, SlotId(7));
    world.connect(FOUNDER, 0);
    world.rest();
    assert_eq!(world.replica(FOUNDER).slot(), SlotId(1), "nobody else has written there");
    world.must(FOUNDER, &note("på originalet"));
    world.rest();

    // One copy writes before it meets the relay, the other after.
    world.restart_as_browsers_do(early, SlotId(8));
    world.must(early, &note("på kopian, utan nät"));
    let other = world.replica(OTHER).me().expect("a member");
    let refused = world.with(early, |replica, now, rng| replica.change_role(other, Role::Reader, now, rng));
    assert!(matches!(refused, Err(ReplicaError::Copied)), "{refused:?}");
    world.restart_as_browsers_do(late, SlotId(9));
    assert_eq!(world.replica(late).offered_slot(), Some(SlotId(1)));
    for copy in [early, late] {
        world.connect(copy, 0);
        world.rest();
        assert_eq!(world.replica(copy).offered_slot(), None);
    }
    assert_eq!(world.replica(early).slot(), SlotId(8));
    assert_eq!(world.replica(late).slot(), SlotId(9), "the original has gone on in the slot of both");
    world.must(late, &note("på kopian"));
    world.must(FOUNDER, &note("på originalet igen"));
    world
        .with(early, |replica, now, rng| replica.change_role(other, Role::Reader, now, rng))
        .expect("it has met a relay");
    world.rest();
    everybody_has(&mut world, 5);
}

#[test]
fn a_backup_from_long_ago_goes_on_beside_what_was_written_since() {
    let mut world = World::new(2, 2, 1);
    world.must(OTHER, &note("i säkerhetskopian"));
    world.rest();
    let restored = copy(&mut world, OTHER);
    world.must(OTHER, &note("efter säkerhetskopian"));
    world.rest();
    world.go_offline(OTHER);
    world.restart_as_browsers_do(restored, SlotId(7));
    world.connect(restored, 0);
    world.rest();
    world.must(restored, &note("efter återställningen"));
    assert_eq!(world.replica(restored).slot(), SlotId(7));
    world.rest();
    everybody_has(&mut world, 3);
}

#[test]
fn what_is_started_again_goes_on_in_its_slot_once_a_relay_knows_no_more_of_it() {
    let mut world = World::new(3, 2, 1);
    world.must(OTHER, &note("före"));
    world.rest();
    for fresh in 7..12 {
        world.restart_as_browsers_do(OTHER, SlotId(fresh));
        world.connect(OTHER, 0);
        world.rest();
        assert_eq!(world.replica(OTHER).slot(), SlotId(1));
        world.must(OTHER, &note("efter"));
        world.rest();
    }
    everybody_has(&mut world, 6);
}
