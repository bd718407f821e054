//! Rights in time: what counted when it was said goes on counting, and what did not never does, on every device and
//! after every restart.

use std::collections::BTreeMap;

use samverka_log::{MemberId, Role};
use samverka_plan::{Command, Event, Kind, Language, State};
use serde_json::json;

use samverka_world::World;

const FOUNDER: usize = 0;
const ADMIN: usize = 1;
const OTHER: usize = 2;

fn me(world: &World, person: usize) -> MemberId {
    world.replica(person).me().expect("a member")
}

fn everybody_meets(world: &mut World) {
    for person in 0..world.people.len() {
        world.connect(person, 0);
    }
    world.rest();
}

fn state_at(world: &World, person: usize, commitment: &str) -> State {
    let workspace = world.replica(person).workspace().expect("ready");
    workspace.commitment(commitment, Language::SvFi, "2026-11-24").expect("it is there").state
}

/// The founder makes somebody an admin, who lets a newcomer in; the newcomer promises something.
fn promised_by_a_newcomer(world: &mut World) -> (usize, String) {
    let admin = me(world, ADMIN);
    world.with(FOUNDER, |replica, now, rng| {
        replica.change_role(admin, Role::Admin, now, rng).expect("a founder may");
    });
    everybody_meets(world);
    let newcomer = world.admit_another(ADMIN);
    let title = BTreeMap::from([("title".to_owned(), json!({ "sv": "Ringa familjen" }))]);
    let add = Command::Add { kind: Kind::Commitment, id: None, board: None, fields: title };
    let made = world.must(newcomer, &add);
    let id = made.entities[0].id.clone();
    let promise = Event::Promise { subject_to: None };
    world.must(newcomer, &Command::Commitment { id: id.clone(), event: promise });
    everybody_meets(world);
    (newcomer, id)
}

#[test]
fn whom_an_admin_let_in_keeps_their_word_when_the_admin_is_one_no_longer() {
    let mut world = World::new(1, 3, 1);
    let (newcomer, id) = promised_by_a_newcomer(&mut world);
    assert_eq!(state_at(&world, OTHER, &id), State::Promised);
    let (admin, member) = (me(&world, ADMIN), me(&world, newcomer));
    let participant = world.replica(OTHER).workspace().expect("ready").participant_of(&member);
    assert!(participant.is_some());

    world.with(FOUNDER, |replica, now, rng| {
        replica.change_role(admin, Role::Reader, now, rng).expect("a founder may");
    });
    everybody_meets(&mut world);
    let remembered = |world: &World| {
        for person in 0..world.people.len() {
            assert_eq!(state_at(world, person, &id), State::Promised, "person {person}");
            let workspace = world.replica(person).workspace().expect("ready");
            assert_eq!(workspace.participant_of(&member), participant, "person {person}");
        }
    };
    remembered(&world);
    // From the entries, and from a checkpoint that was made before anybody was demoted or after.
    for person in 0..world.people.len() {
        world.restart(person);
        world.with(person, |replica, _, rng| replica.checkpoint(rng).expect("a checkpoint"));
        world.restart(person);
    }
    remembered(&world);
}

#[test]
fn a_demoted_admin_says_who_somebody_is_no_more_even_unheard_of() {
    let mut world = World::new(2, 3, 1);
    let (admin, other) = (me(&world, ADMIN), me(&world, OTHER));
    world.with(FOUNDER, |replica, now, rng| {
        replica.change_role(admin, Role::Admin, now, rng).expect("a founder may");
    });
    everybody_meets(&mut world);
    let workspace = world.replica(ADMIN).workspace().expect("ready");
    let (own, participant) = (workspace.participant_of(&admin), workspace.participant_of(&other));
    world.go_offline(ADMIN);
    world.with(FOUNDER, |replica, now, rng| {
        replica.change_role(admin, Role::Editor, now, rng).expect("a founder may");
    });
    world.rest();
    // The demoted admin does not know yet, and takes the other's part.
    let takes = Command::Admit {
        member: admin,
        name: "Någon annan".to_owned(),
        organisation: String::new(),
        role_title: String::new(),
        language: "sv-FI".to_owned(),
        participant: participant.clone(),
    };
    world.must(ADMIN, &takes);
    let before = world.replica(ADMIN).workspace().expect("ready").participant_of(&admin);
    assert_eq!(before, participant, "as far as they know it is theirs to say");
    world.with(ADMIN, |replica, _, rng| replica.checkpoint(rng).expect("a checkpoint"));
    everybody_meets(&mut world);
    let said_nothing = |world: &World| {
        for person in 0..world.people.len() {
            let workspace = world.replica(person).workspace().expect("ready");
            assert_eq!(workspace.participant_of(&admin), own, "person {person}");
            assert_eq!(workspace.participant_of(&other), participant, "person {person}");
        }
    };
    said_nothing(&world);
    for person in 0..world.people.len() {
        world.restart(person);
    }
    said_nothing(&world);
}

#[test]
fn what_a_removed_member_did_unseen_is_held_back_after_a_restart_too() {
    let mut world = World::new(3, 3, 1);
    world.somebody_is_removed = true;
    world.go_offline(FOUNDER);
    let note = |text: &str| Command::Add {
        kind: Kind::Note,
        id: None,
        board: None,
        fields: BTreeMap::from([("text".to_owned(), json!({ "sv": text }))]),
    };
    // Seen by the other, not by the founder who removes them.
    world.must(ADMIN, &note("sedd av en enda"));
    world.rest();
    let gone = me(&world, ADMIN);
    world.with(FOUNDER, |replica, now, rng| replica.remove_member(gone, now, rng).expect("a founder may"));
    everybody_meets(&mut world);
    let held_back = |world: &World, person: usize| {
        let replica = world.replica(person);
        assert_eq!(replica.workspace().expect("ready").ids(Kind::Note).len(), 0, "person {person}");
        assert_eq!(replica.quarantined().len(), 1, "person {person}");
    };
    held_back(&world, FOUNDER);
    held_back(&world, OTHER);
    for person in [FOUNDER, OTHER] {
        world.restart(person);
        held_back(&world, person);
    }
    world.connect(FOUNDER, 0);
    world.connect(OTHER, 0);
    world.rest();
    world.with(FOUNDER, |replica, now, _| replica.accept_late(gone, now).expect("an admin may"));
    world.rest();
    for person in [FOUNDER, OTHER] {
        let seen = |world: &World| world.replica(person).workspace().expect("ready").ids(Kind::Note).len();
        assert_eq!(seen(&world), 1, "person {person}");
        world.restart(person);
        assert_eq!(seen(&world), 1, "person {person} after a restart");
    }
}
