//! Worlds in which people come late, when there is a snapshot, and somebody is removed.

use rand::RngExt as _;

use samverka_world::World;

/// Worlds in one run.
const WORLDS: u64 = 30;
const FOUNDER: usize = 0;

#[test]
fn people_who_come_late_and_by_snapshots_end_with_the_same_plan() {
    let first: u64 = std::env::var("SAMVERKA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1000);
    let worlds = (first..first + WORLDS).map(one_world);
    let with_snapshots = worlds.filter(|snapshots| *snapshots > 0).count();
    assert!(with_snapshots > 20, "only {with_snapshots} of {WORLDS} worlds have a snapshot");
}

fn one_world(seed: u64) -> usize {
    let mut world = World::new(seed, 3, 2);
    let removal = world.rng.random_range(0..3) == 0;
    let mut removed = None;
    for turn in 0..120 {
        let person = world.rng.random_range(0..world.people.len());
        let relay = world.rng.random_range(0..2);
        match world.rng.random_range(0..100) {
            0..50 => world.act(person),
            50..70 => world.connect(person, relay),
            70..78 => world.cut_one(),
            78..82 => world.kill_person(person),
            82..84 => world.kill_relay(relay),
            84..88 if world.people.len() < 6 => {
                world.connect(FOUNDER, 0);
                world.rest();
                let late = world.admit_another(FOUNDER);
                // Some of them stop at once, with little of what they need.
                if world.rng.random_range(0..2) == 0 {
                    world.kill_person(late);
                }
            }
            _ => {
                for _ in 0..world.rng.random_range(1..40) {
                    world.step();
                }
            }
        }
        if removal && turn == 80 {
            removed = Some(1);
            world.remove(FOUNDER, 1);
        }
    }
    everybody_meets(&mut world);
    if let Some(removed) = removed {
        // Relays keep the bodies of what is late for admins, even where others have built on it: only once an admin
        // takes it in has everybody the same again.
        world.accept_late(FOUNDER, removed);
        everybody_meets(&mut world);
    }
    let stays = |person: &usize| Some(*person) != removed;
    let exports = world.exports();
    for person in (0..world.people.len()).filter(stays) {
        assert!(exports[person] == exports[FOUNDER], "seed {seed}: person {person} has another plan");
        let status = world.people[person].replica.as_ref().expect("alive").status();
        let open = (status.waiting, status.unsaved, status.bodyless);
        assert_eq!(open, (0, 0, 0), "seed {seed}: person {person} {status:?}");
        if removed.is_none() {
            assert_eq!(status.only_here, 0, "seed {seed}: person {person} {status:?}");
            for relay in &status.relays {
                assert_eq!(relay.lacking, 0, "seed {seed}: person {person} {relay:?}");
            }
        }
    }
    world.snapshots(FOUNDER)
}

fn everybody_meets(world: &mut World) {
    for relay in [0, 1, 0] {
        for person in 0..world.people.len() {
            world.connect(person, relay);
            world.rest();
        }
    }
    world.rest();
}
