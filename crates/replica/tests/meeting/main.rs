//! Replicas and rooms together, in seeded worlds.

#![expect(clippy::unreachable, reason = "a test's own invariant")]

mod quarrels;
mod relays;
mod rights;
mod snapshots;
mod world;

use rand::RngExt as _;

use world::World;

/// Worlds in one run. More are run by hand with other seeds.
const WORLDS: u64 = 40;

#[test]
fn people_who_edit_apart_while_wires_break_and_processes_die_end_with_the_same_plan() {
    let first: u64 = std::env::var("SAMVERKA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for seed in first..first + WORLDS {
        one_world(seed);
    }
}

fn one_world(seed: u64) {
    let mut world = World::new(seed, 4, 2);
    for _ in 0..120 {
        let person = world.rng.random_range(0..world.people.len());
        let relay = world.rng.random_range(0..2);
        match world.rng.random_range(0..100) {
            0..45 => world.act(person),
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
    // Everything heals: everybody reaches one relay or the other, and both in the end.
    for relay in 0..2 {
        for person in 0..world.people.len() {
            world.connect(person, relay);
            world.rest();
        }
    }
    world.rest();
    let exports = world.exports();
    for (person, export) in exports.iter().enumerate() {
        assert!(*export == exports[0], "seed {seed}: person {person} has another plan");
        for typed in world.people.iter().flat_map(|person| &person.typed) {
            assert!(export.contains(typed.as_str()), "seed {seed}: {typed} is gone at person {person}");
        }
    }
    for (index, person) in world.people.iter().enumerate() {
        let status = person.replica.as_ref().map(samverka_replica::Replica::status);
        let status = status.unwrap_or_else(|| panic!("person {index} is dead"));
        assert_eq!(status.unsaved, 0, "seed {seed}: person {index}");
        assert_eq!(status.only_here, 0, "seed {seed}: person {index} {status:?}");
        for relay in &status.relays {
            assert_eq!(relay.lacking, 0, "seed {seed}: person {index} {relay:?}");
        }
        for device in &status.devices {
            assert_eq!(device.lacking, 0, "seed {seed}: person {index} thinks {device:?}");
        }
    }
}
