//! The resolver against the reference, on random histories.

mod mutants;

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use samverka_log::{Entry, EntryId, Operation, Resolver, VerifiedOperation};
use samverka_testkit::membership::{Arrival, History, Outcome, Reference};

/// Histories in one run.
const HISTORIES: u64 = 20_000;
/// One in so many is small, and every order of its arrival is tried.
const SMALL_ONE_IN: u64 = 100;

#[test]
fn the_resolver_and_the_reference_come_to_the_same() {
    let first = first_seed();
    for seed in first..first + HISTORIES {
        let mut rng = StdRng::seed_from_u64(seed);
        if seed % SMALL_ONE_IN == 0 {
            let history = History::small(&mut rng);
            compare(seed, &history, &history.every_order());
        } else {
            let history = History::random(&mut rng);
            let shuffled = history.shuffled(&mut rng);
            compare(seed, &history, &[history.in_order(), shuffled]);
        }
    }
}

/// The seed of the first history: the same in each run, so that a failure is about what was changed, unless
/// `SAMVERKA_SEED` names another.
#[expect(clippy::print_stderr, reason = "whoever reads a failure has to know the seed")]
fn first_seed() -> u64 {
    let named = std::env::var("SAMVERKA_SEED").ok();
    let seed = named.map_or(1, |named| named.parse().expect("SAMVERKA_SEED is a number"));
    eprintln!("the first history has SAMVERKA_SEED={seed}");
    seed
}

fn compare(seed: u64, history: &History, orders: &[Vec<Arrival>]) {
    let reference = Reference::new(&history.entries, &history.proofs);
    let expected = reference.outcome();
    let operations = operations(history);
    for (nth, order) in orders.iter().enumerate() {
        let resolver = resolver(&operations, history, order, nth % 2 == 1);
        assert_eq!(resolver.len(), reference.len(), "SAMVERKA_SEED={seed}: what waits");
        let state = resolver.state();
        let found = Outcome::from(&*state);
        assert!(
            found == expected,
            "SAMVERKA_SEED={seed} in order {nth}: the resolver comes to something else\n{}",
            told(history, &expected, &found, &resolver)
        );
        if nth == 0 {
            compare_on_the_way(seed, history, &reference, &resolver);
        }
    }
}

/// What it came to for whoever knew an operation and its past.
fn compare_on_the_way(seed: u64, history: &History, reference: &Reference, resolver: &Resolver) {
    for id in history.entries.iter().map(Entry::id) {
        let (found, expected) = (Outcome::from(&*resolver.state_at(&[id])), reference.outcome_at(&[id]));
        assert!(
            found == expected,
            "SAMVERKA_SEED={seed}: at {id:?} it comes to something else\n{}",
            told(history, &expected, &found, resolver)
        );
    }
}

/// What a resolver makes of a history that arrives in an order.
fn resolver(operations: &[VerifiedOperation], history: &History, order: &[Arrival], asks: bool) -> Resolver {
    let mut resolver = Resolver::new();
    for arrival in order {
        match arrival {
            Arrival::Entry(place) => {
                resolver.insert(operations[*place].clone()).expect("there is room");
            }
            Arrival::Proof(place) => {
                let (log, number) = history.proofs[*place];
                resolver.note_fork(log, number);
            }
        }
        if asks {
            // Asking on the way fills what the resolver keeps, which must change nothing.
            resolver.state();
        }
    }
    resolver
}

fn operations(history: &History) -> Vec<VerifiedOperation> {
    let trusted = |entry| VerifiedOperation::trust(entry).expect("a membership entry");
    history.entries.iter().map(trusted).collect()
}

/// A history and where the two part, for whoever reads a failure.
fn told(history: &History, expected: &Outcome, found: &Outcome, resolver: &Resolver) -> String {
    let mut told = format!("proofs {:?}\n", history.proofs);
    let state = resolver.state();
    for entry in &history.entries {
        let fields = entry.header.fields();
        let operation = VerifiedOperation::trust(entry).expect("a membership entry");
        let heads: Vec<String> = fields.membership_heads.iter().map(EntryId::short).collect();
        if !resolver.knows(&entry.id()) {
            continue;
        }
        let verdict = |outcome: &Outcome| if outcome.void.contains(&entry.id()) { "void" } else { "counts" };
        let reason = state.void().find(|(id, _)| **id == entry.id()).map(|(_, reason)| reason);
        told += &format!(
            "{} by {} number {} after {heads:?}: {} expected, {} found {reason:?}\n    {}\n",
            entry.id().short(),
            fields.log.device.short(),
            fields.number,
            verdict(expected),
            verdict(found),
            in_short(operation.operation()),
        );
    }
    told + &parted("members", &expected.members, &found.members)
        + &parted("devices", &expected.devices, &found.devices)
        + &parted("epochs", &expected.epochs, &found.epochs)
        + &parted("invitations", &expected.invitations, &found.invitations)
        + &format!("safe: expected {:?}, found {:?}\n", expected.safe, found.safe)
}

fn parted<K: Ord + Debug, V: PartialEq + Debug>(
    what: &str,
    expected: &BTreeMap<K, V>,
    found: &BTreeMap<K, V>,
) -> String {
    let keys: BTreeSet<&K> = expected.keys().chain(found.keys()).collect();
    let parted = keys.into_iter().filter(|key| expected.get(key) != found.get(key));
    let line = |key: &K| {
        let (expected, found) = (expected.get(key), found.get(key));
        format!("{what} {key:?}:\n    expected {expected:?}\n    found    {found:?}\n")
    };
    parted.map(line).collect()
}

fn in_short(operation: &Operation) -> String {
    match operation {
        Operation::Epoch { shares, wraps, .. } => {
            let to: Vec<String> = shares.iter().map(|share| share.device.short()).collect();
            let of: Vec<String> = wraps.iter().map(|wrap| wrap.epoch.short()).collect();
            format!("Epoch for {to:?} wraps {of:?}")
        }
        Operation::KeyShare { epoch, shares } => {
            let to: Vec<String> = shares.iter().map(|share| share.device.short()).collect();
            format!("KeyShare of {} for {to:?}", epoch.short())
        }
        other => format!("{other:?}"),
    }
}
