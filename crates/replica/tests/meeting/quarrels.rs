//! Worlds in which people come, go, are made admins and are put out again, on both sides of broken wires, while
//! everybody writes and processes die: whoever is in at the end has the same plan and the same members, and what
//! nobody ever questioned is in it.

use std::collections::BTreeSet;

use rand::RngExt as _;
use samverka_log::{MemberId, Role};

use crate::world::World;

/// Worlds in one run. More are run by hand with other seeds (`SAMVERKA_SEED`).
const WORLDS: u64 = 20;
const PEOPLE_MAX: usize = 8;

#[test]
fn people_who_let_in_and_put_out_apart_end_with_the_same_members_and_the_same_plan() {
    let first: u64 = std::env::var("SAMVERKA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for seed in first..first + WORLDS {
        one_world(seed);
    }
}

fn member(world: &World, person: usize) -> Option<MemberId> {
    world.people[person].replica.as_ref()?.me()
}

/// Somebody changes who is in, if they may: what the replica refuses changes nothing.
fn change_members(world: &mut World, questioned: &mut BTreeSet<usize>) {
    let people = world.people.len();
    let (by, whom) = (world.rng.random_range(0..people), world.rng.random_range(0..people));
    let kind = world.rng.random_range(0..10);
    let role = [Role::Reader, Role::Editor, Role::Admin, Role::Admin][world.rng.random_range(0..4)];
    let Some(target) = member(world, whom) else { return };
    let is_admin = |world: &World, person: usize| {
        world.people[person]
            .replica
            .as_ref()
            .is_some_and(|replica| replica.is_ready() && replica.membership().is_admin(&replica.device()))
    };
    if !is_admin(world, by) {
        return;
    }
    match kind {
        0..5 => {
            let done =
                world.with(by, |replica, now, rng| replica.change_role(target, role, now, rng).is_ok());
            if done && role < Role::Admin {
                questioned.insert(whom);
            }
        }
        5..7 => {
            let removes = |world: &mut World| {
                world.with(by, |replica, now, rng| replica.remove_member(target, now, rng).is_ok())
            };
            if by != whom && removes(world) {
                questioned.insert(whom);
            }
        }
        // Some decisions cannot be made (nothing is held back): that changes nothing.
        7..9 => {
            let _ = world.with(by, |replica, now, _| replica.accept_late(target, now).is_ok());
        }
        _ if people < PEOPLE_MAX => {
            world.connect(by, 0);
            world.rest();
            if is_admin(world, by) {
                let newcomer = world.admit_another(by);
                // Whoever let them in may turn out to have had no right to.
                questioned.insert(newcomer);
            }
        }
        _ => {}
    }
}

fn one_world(seed: u64) {
    let mut world = World::new(seed, 4, 2);
    world.somebody_is_removed = true;
    let mut questioned = BTreeSet::new();
    for _ in 0..120 {
        let person = world.rng.random_range(0..world.people.len());
        let relay = world.rng.random_range(0..2);
        match world.rng.random_range(0..100) {
            0..35 => world.act(person),
            35..45 => change_members(&mut world, &mut questioned),
            45..70 => world.connect(person, relay),
            70..80 => world.cut_one(),
            80..85 => world.kill_person(person),
            85..88 => world.kill_relay(relay),
            _ => {
                for _ in 0..world.rng.random_range(1..40) {
                    world.step();
                }
            }
        }
    }
    for _ in 0..3 {
        for relay in 0..2 {
            for person in 0..world.people.len() {
                world.connect(person, relay);
                world.rest();
            }
        }
    }
    check(&world, seed, &questioned);
    for person in 0..world.people.len() {
        world.restart(person);
    }
    check(&world, seed, &questioned);
}

fn check(world: &World, seed: u64, questioned: &BTreeSet<usize>) {
    let founder = world.replica(0);
    let membership = founder.membership();
    let readers: Vec<usize> = (0..world.people.len())
        .filter(|person| membership.may_read(&world.replica(*person).device()))
        .collect();
    assert!(readers.contains(&0) || questioned.contains(&0), "seed {seed}: the founder lost their place");
    let Some(first) = readers.first() else { return };
    let one = world.replica(*first);
    let export = |person: usize| {
        let workspace = world.replica(person).workspace().expect("ready");
        samverka_plan::exchange::json::export_text(workspace)
    };
    let expected = export(*first);
    for person in &readers {
        let replica = world.replica(*person);
        assert_eq!(
            replica.membership(),
            one.membership(),
            "seed {seed}: person {person} knows other members"
        );
        let held_back = |replica: &samverka_replica::Replica| {
            replica.quarantined().iter().map(|late| late.id).collect::<BTreeSet<_>>()
        };
        assert_eq!(held_back(replica), held_back(one), "seed {seed}: person {person} holds back others");
        assert!(export(*person) == expected, "seed {seed}: person {person} has another plan than {first}");
    }
    let unquestioned = (0..world.people.len()).filter(|person| !questioned.contains(person));
    for typed in unquestioned.flat_map(|person| &world.people[person].typed) {
        assert!(expected.contains(typed.as_str()), "seed {seed}: {typed} is gone");
    }
}
