//! Coming to a relay that knows less than one does oneself.

use samverka_plan::{Command, Kind};
use serde_json::json;

use samverka_world::World;

const FOUNDER: usize = 0;
const MEMBER: usize = 1;

fn note(text: &str) -> Command {
    let fields = [("text".to_owned(), json!({ "sv": text }))].into();
    Command::Add { kind: Kind::Note, id: None, board: None, fields }
}

fn assert_in_step(world: &World, person: usize, relay: &str) {
    let status = world.replica(person).status();
    let relay = status.relays.iter().find(|known| known.url == relay).expect("the plan lists it");
    assert!(relay.connected && relay.known && relay.lacking == 0, "person {person}: {relay:?}");
}

#[test]
fn any_member_brings_the_plan_to_a_relay_that_does_not_carry_it() {
    let mut world = World::new(1, 4, 2);
    world.restart(MEMBER);
    world.connect(MEMBER, 1);
    world.rest();
    assert_in_step(&world, MEMBER, "http://relay-1");
    // Others find it there, whose admissions the founder alone had signed.
    world.go_offline(FOUNDER);
    world.connect(2, 1);
    world.rest();
    assert_in_step(&world, 2, "http://relay-1");
    world.must(MEMBER, &note("förd dit av en medlem"));
    world.rest();
    assert_eq!(world.replica(2).workspace().expect("ready").ids(Kind::Note).len(), 1);
}

#[test]
fn a_newcomer_proves_to_a_second_relay_that_they_are_in() {
    let mut world = World::new(2, 2, 2);
    world.connect(FOUNDER, 1);
    world.rest();
    world.go_offline(FOUNDER);
    world.connect(FOUNDER, 0);
    let newcomer = world.admit_another(FOUNDER);
    world.go_offline(FOUNDER);
    world.connect(newcomer, 1);
    world.rest();
    assert_in_step(&world, newcomer, "http://relay-1");
}
