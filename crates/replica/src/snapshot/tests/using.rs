//! Devices that have headers and snapshots, and bodies later or never.

use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use samverka_log::{AcceptUpTo, Entry, EntryKind, LogId, Operation, Role, Target};
use samverka_store::Store as _;

use crate::shelf::EntryState;
use crate::village::Village;

/// A village where two have written, with snapshots, and a tail after them.
fn with_history(seed: u64) -> Village {
    let mut village = Village::new(seed, 1);
    for _ in 0..4 {
        village.promise(0);
        village.write(0, 4);
        village.carry(0, 1);
        village.promise(1);
        village.write(1, 3);
        village.carry(1, 0);
        village.tick(0);
        village.tick(1);
        village.carry(0, 1);
        village.carry(1, 0);
    }
    village.write(1, 2);
    village.carry(1, 0);
    village
}

#[test]
fn headers_a_snapshot_and_the_bodies_after_it_make_the_same_plan() {
    let mut village = with_history(1);
    let (lean, whole) = (village.newcomer(Role::Editor), village.newcomer(Role::Editor));
    village.carry(0, whole);
    village.hand(lean, village.headers(0));
    let tail = village.bodyless(lean);
    assert!((1..20).contains(&tail), "{tail} entries wait for their bodies, beside those behind them");
    assert!(!village.people[lean].replica.checkpointed.is_empty(), "a snapshot was used");
    let entries = village.entries(0);
    let unsettled = |entry: &Entry| {
        let known = village.people[lean].replica.shelf.known(&entry.id()).unwrap();
        matches!(known.state, EntryState::Waiting | EntryState::Bodyless)
    };
    let wanted: Vec<Entry> = entries.iter().filter(|entry| unsettled(entry)).cloned().collect();
    assert!(wanted.len() < entries.len() / 2, "{} of {} are wanted at once", wanted.len(), entries.len());
    village.hand(lean, wanted);
    assert_eq!(village.bodyless(lean), 0);
    let expected = village.picture(0);
    assert_eq!(village.picture(whole), expected);
    assert_eq!(village.picture(lean), expected);
    // The other bodies come, in whatever order, and change nothing.
    let mut rest = entries;
    rest.shuffle(&mut village.rng);
    village.hand(lean, rest);
    assert_eq!(village.picture(lean), expected);
    assert!(village.people[lean].replica.shelf.lacking().is_empty());
    let own = &village.people[lean];
    assert!(own.store.bodyless(own.replica.space(), None, 10).unwrap().is_empty());
    village.restart(lean);
    assert_eq!(village.picture(lean), expected);
}

#[test]
fn a_device_that_stops_before_the_bodies_have_come_goes_on_from_there() {
    let mut village = with_history(2);
    let lean = village.newcomer(Role::Editor);
    village.hand(lean, village.headers(0));
    village.restart(lean);
    assert!(village.bodyless(lean) > 0);
    village.carry(0, lean);
    village.restart(lean);
    let expected = village.picture(0);
    assert_eq!(village.picture(lean), expected);
}

#[test]
fn whoever_has_not_seen_the_bodies_passes_no_snapshot_on() {
    let mut village = with_history(3);
    let lean = village.newcomer(Role::Editor);
    village.hand(lean, village.headers(0));
    let before = village.snapshots(lean).len();
    for _ in 0..5 {
        village.now_ms += 3_600_000;
        village.tick(lean);
    }
    assert_eq!(village.snapshots(lean).len(), before);
    assert_eq!(village.people[lean].replica.poll_timeout(), None);
}

#[test]
fn a_removal_that_takes_covered_entries_back_is_answered_with_their_bodies() {
    let mut village = with_history(4);
    let lean = village.newcomer(Role::Editor);
    village.hand(lean, village.headers(0));
    let known = village.entries(0);
    village.hand(lean, known.clone());
    // The founder had not seen the second half of what the editor wrote when they removed them.
    let log = village.people[1].replica.log_id();
    let half = village.people[0].replica.shelf.frontier().head(&log).next / 2;
    remove(&mut village, log, half);
    village.carry(0, lean);
    let expected = village.picture(0);
    assert_eq!(village.picture(lean), expected);
    // One who comes later and has headers alone finds no snapshot that holds, and says nothing wrong.
    let later = village.newcomer(Role::Editor);
    village.hand(later, village.headers(0));
    assert!(!village.people[later].replica.quarantined().is_empty() || village.bodyless(later) > 0);
    village.carry(0, later);
    assert_eq!(village.picture(later), expected);
    assert_eq!(
        village.people[later].replica.quarantined().len(),
        village.people[0].replica.quarantined().len()
    );
}

/// The founder removes whoever writes a log, and accepts so many of its entries.
fn remove(village: &mut Village, log: LogId, next: u64) {
    let now_ms = village.now_ms;
    let founder = &mut village.people[0].replica;
    let head = next.checked_sub(1).and_then(|number| founder.shelf.at(&log, number));
    let accepted: AcceptUpTo =
        head.map(|head| (log, samverka_log::LogHead { next, head })).into_iter().collect();
    let target = Target::Device(log.device);
    founder.author_membership(&Operation::Remove { target, accept_up_to: accepted }, now_ms).unwrap();
    founder.rotate(now_ms, &mut village.rng).unwrap();
    village.drive(0);
}

/// Entries of each log stay in order; apart from that anything comes at any time, bodies before or after headers of
/// others, twice or never until the end.
#[test]
fn whatever_comes_when_everybody_has_the_same_plan_in_the_end() {
    for seed in 0..24 {
        let mut village = Village::new(100 + seed, 2);
        for _ in 0..village.rng.random_range(8..30) {
            let (from, to) = (village.rng.random_range(0..3), village.rng.random_range(0..3));
            match village.rng.random_range(0..6) {
                0 => village.promise(from),
                1..=3 => {
                    let notes = village.rng.random_range(1..6);
                    village.write(from, notes);
                }
                _ => village.carry(from, to),
            }
            village.now_ms += 10_000;
            village.tick(from);
        }
        if seed % 3 == 0 {
            let log = village.people[2].replica.log_id();
            let next = village.people[0].replica.shelf.frontier().head(&log).next;
            remove(&mut village, log, next / 2);
        }
        let lean = village.newcomer(Role::Editor);
        for person in [1, 2, 1] {
            village.carry(person, 0);
        }
        let expected = village.picture(0);
        village.carry(0, 1);
        come_in(&mut village, lean, seed);
        assert_eq!(village.picture(1), expected, "seed {seed}");
        assert_eq!(village.picture(lean), expected, "seed {seed}");
    }
}

fn come_in(village: &mut Village, lean: usize, seed: u64) {
    let entries = village.entries(0);
    let mut logs: Vec<Vec<Entry>> = Vec::new();
    for entry in village.headers(0) {
        let log = entry.header.fields().log;
        match logs.iter_mut().find(|other| other[0].header.fields().log == log) {
            Some(other) => other.push(entry),
            None => logs.push(vec![entry]),
        }
    }
    for log in &mut logs {
        log.reverse();
    }
    while !logs.is_empty() {
        let at = village.rng.random_range(0..logs.len());
        let count = village.rng.random_range(1..=logs[at].len());
        let batch: Vec<Entry> = (0..count).filter_map(|_| logs[at].pop()).collect();
        village.hand(lean, batch);
        logs.retain(|log| !log.is_empty());
        if village.rng.random_range(0..4) == 0 {
            let some: Vec<Entry> =
                entries.iter().filter(|_| village.rng.random_range(0..8) == 0).cloned().collect();
            let here = |entry: &Entry| {
                let fields = entry.header.fields();
                village.people[lean].replica.shelf.lacks_body(&fields.log, fields.number)
            };
            let some = some.into_iter().filter(here).collect();
            village.hand(lean, some);
        }
        if village.rng.random_range(0..12) == 0 {
            village.restart(lean);
        }
    }
    let snapshots = entries.iter().filter(|entry| entry.header.fields().kind == EntryKind::Snapshot).count();
    assert!(snapshots > 0 || seed > 0, "the first seed has a snapshot");
    village.hand(lean, entries);
}
