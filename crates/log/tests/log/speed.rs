//! How fast the resolver is. Prints figures (`--nocapture`); fails only where the cost has grown out of all bounds.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads a clock and prints figures"
)]

use std::time::{Duration, Instant};

use samverka_log::{EntryId, Operation, Resolver, Role, VerifiedOperation};

use crate::people::{Key, Space};

/// Generous: a debug build on a busy machine passes, a quadratic resolver does not.
const BOUND: Duration = Duration::from_secs(20);

fn timed(what: &str, operations: &[VerifiedOperation], ask: bool) {
    let copies = operations.to_vec();
    let start = Instant::now();
    let mut resolver = Resolver::new();
    for operation in copies {
        resolver.insert(operation).expect("it belongs here");
        if ask {
            resolver.state();
        }
    }
    let members = resolver.state().members().count();
    let took = start.elapsed();
    let count = operations.len();
    let rate = f64::from(u32::try_from(count).expect("few")) / took.as_secs_f64();
    println!("{what}: {count} operations, {members} members, {took:?}, {rate:.0} a second");
    assert!(took < BOUND, "{what} took {took:?}");
}

/// A straight history: every tenth operation lets somebody in, the others change a role.
fn straight(count: usize) -> Space {
    let mut space = Space::new();
    let founder = space.founder.clone();
    let mut last = space.genesis;
    let mut newest = Key::numbered(0);
    for step in 1..count {
        let operation = if step % 10 == 1 {
            newest = Key::numbered(u64::try_from(step).expect("few"));
            space.add(&newest, Role::Editor)
        } else {
            let role = if step % 2 == 0 { Role::Reader } else { Role::Editor };
            space.role(&newest, role)
        };
        last = space.act(&founder, &[last], &operation);
    }
    space
}

/// Admins of whom each does one thing knowing only of the admins; the first few are removed apart from it.
fn wide(admins: usize, removals: usize) -> Space {
    let mut space = Space::new();
    let founder = space.founder.clone();
    let keys: Vec<Key> =
        (0..admins).map(|number| Key::numbered(u64::try_from(number).expect("few"))).collect();
    let mut all: EntryId = space.genesis;
    for key in &keys {
        all = space.act(&founder, &[all], &space.add(key, Role::Admin));
    }
    let mut guests = 1_000_000;
    for key in &keys {
        guests += 1;
        space.act(key, &[all], &space.add(&Key::numbered(guests), Role::Editor));
    }
    for key in keys.iter().take(removals) {
        all = space.act(&founder, &[all], &space.remove(key));
    }
    space
}

#[test]
fn ten_thousand_operations_in_a_row_resolve_quickly() {
    let space = straight(10_000);
    timed("straight", &space.operations, false);
    timed("straight, asked each time", &space.operations, true);
    let backwards: Vec<_> = space.operations.iter().rev().cloned().collect();
    timed("straight, backwards", &backwards, false);
}

#[test]
fn a_wide_graph_of_two_thousand_operations_resolves_quickly() {
    timed("wide", &wide(1000, 0).operations, false);
    timed("wide, ten removals", &wide(1000, 10).operations, false);
    let space = wide(100, 0);
    timed("narrower, asked each time", &space.operations, true);
}

#[test]
fn two_long_branches_resolve_quickly() {
    let mut space = Space::new();
    let (founder, other) = (space.founder.clone(), Key::new(2));
    let added = space.act(&founder, &[space.genesis], &space.add(&other, Role::Admin));
    let mut tips = [added, added];
    for step in 0..1000u64 {
        for (branch, key) in [&founder, &other].into_iter().enumerate() {
            let guest = Key::numbered(step * 2 + u64::try_from(branch).expect("few"));
            let operation: Operation = space.add(&guest, Role::Reader);
            tips[branch] = space.act(key, &[tips[branch]], &operation);
        }
    }
    timed("two branches, interleaved", &space.operations, false);
}

#[test]
fn a_long_history_behind_a_void_admission_resolves_quickly() {
    let mut space = Space::new();
    let (founder, removed, guest) = (space.founder.clone(), Key::new(2), Key::new(3));
    let start = space.act(&founder, &[space.genesis], &space.add(&removed, Role::Admin));
    let mut founders = start;
    for step in 0..4900 {
        founders = space.act(&founder, &[founders], &space.add(&Key::numbered(step), Role::Reader));
    }
    space.act(&founder, &[founders], &space.remove(&removed));
    // Let in apart from that removal: all of this has to be looked at, and none of it counts.
    let mut guests = space.act(&removed, &[start], &space.add(&guest, Role::Admin));
    for step in 1_000_000..1_004_900 {
        guests = space.act(&guest, &[guests], &space.add(&Key::numbered(step), Role::Reader));
    }
    timed("behind a void admission", &space.operations, false);
    let backwards: Vec<_> = space.operations.iter().rev().cloned().collect();
    timed("behind a void admission, backwards", &backwards, false);
    assert_eq!(space.resolver().state().void().count(), 4901);
}
