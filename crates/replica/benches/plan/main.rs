//! A plan of 10,000 events, 200 commitments and 2,000 notes: opening it, writing in it, coming into it.
//!
//! The size is that of a large network after a few years: fourteen people, two hundred promises, fifty events on each.
//! Prints `BENCH {json}` lines for `cargo xtask bench`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time and writes a real file")]

mod join;
mod threads;

use std::collections::BTreeMap;
use std::time::Instant;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_log::SlotId;
use samverka_plan::{Command, Event, Kind, Language};
use samverka_replica::{Opening, Replica, Setup, SnapshotMarks, drive_store, drive_store_beside};
use samverka_seal::{DeviceKeys, Profile};
use samverka_store::{Arrival, Store, Write};
use samverka_store_sqlite::{OpenOptions, SqliteStore};
use serde_json::{Value as Json, json};

const NOW_MS: u64 = 1_800_426_600_000;
const NOTES: usize = 2_000;
const COMMITMENTS: usize = 200;
const EVENTS: usize = 10_000;

fn main() {
    // `cargo bench -p samverka-replica --bench plan -- join`: this alone. `open`: opening alone, often, for a profiler.
    let only = |name: &str| std::env::args().any(|word| word == name);
    if only("join") {
        return join_benches(f64::NAN);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.db");
    let mut store = SqliteStore::open(&path, &OpenOptions::default()).expect("a store");
    let mut rng = samverka_testkit::rng(1);
    let keys = DeviceKeys::make(&mut rng);
    let mut replica = found(&keys, &mut rng);
    let space = replica.space();
    store.write(&[Write::CreateSpace(space)]).expect("a space");
    fill(&mut replica, &mut store, &mut rng);
    replica.checkpoint(&mut rng).expect("a checkpoint");
    drive_store(&mut replica, &mut store, NOW_MS, &mut rng);
    drop(replica);

    let (entries, bytes) = stored(&store, space);
    println!("{entries} entries, {bytes} bytes of headers and bodies");
    let limit_ms = median(5, || {
        let started = Instant::now();
        let read = stored(&store, space);
        assert_eq!(read.0, entries);
        started.elapsed().as_secs_f64() * 1e3
    });

    let opening = || Opening { space, keys: keys.clone(), slot: SlotId(1) };
    // Several times in one process, so that the median is of a warm cache.
    let opened = |store: &mut SqliteStore, beside: bool| {
        let (started, before) = (Instant::now(), cpu_ms());
        let spent = || cpu_ms().zip(before).map_or(f64::NAN, |(after, before)| after - before);
        let mut replica = Replica::open(opening());
        let mut rng = samverka_testkit::rng(2);
        if beside {
            drive_store_beside(&mut replica, store, NOW_MS, &mut rng, &mut threads::Threads::default());
        } else {
            drive_store(&mut replica, store, NOW_MS, &mut rng);
        }
        let read_ms = spent();
        view(&replica);
        (started.elapsed().as_secs_f64() * 1e3, spent(), read_ms)
    };
    let times = if only("open") { 40 } else { 9 };
    let mut open_ms = 0.0;
    for beside in [false, true] {
        let mut parts: Vec<(f64, f64, f64)> = (0..times).map(|_| opened(&mut store, beside)).collect();
        parts.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (_, cpu, read) = parts[times / 2];
        parts.sort_by(|a, b| a.0.total_cmp(&b.0));
        (open_ms, ..) = parts[times / 2];
        let how = if beside { "documents read beside it" } else { "one thread" };
        println!(
            "opening, {how}: {open_ms:.0} ms; of this thread {cpu:.0} ms of a processor, {read:.0} before the view"
        );
    }
    bench("opening a plan of 10,000 events from disk, with its view", open_ms, "ms", "at most 150", limit_ms);
    if only("open") {
        return;
    }

    let mut seed = 100;
    let note_ms = median(5, || {
        let started = Instant::now();
        seed += 1;
        let mut rng = samverka_testkit::rng(seed);
        let mut replica = Replica::open(opening());
        drive_store_beside(&mut replica, &mut store, NOW_MS, &mut rng, &mut threads::Threads::default());
        add(&mut replica, Kind::Note, [("text", json!({ "sv": "en lapp till" }))], &mut rng);
        drive_store(&mut replica, &mut store, NOW_MS, &mut rng);
        started.elapsed().as_secs_f64() * 1e3
    });
    bench("note add on that plan: open, write, durable", note_ms, "ms", "at most 150", limit_ms);

    let replay_ms = median(3, || {
        let documents: Vec<(String, Vec<u8>)> = store.values(Some(space), "checkpoint/").expect("values");
        let delete = |(key, _): &(String, Vec<u8>)| Write::Delete { space: Some(space), key: key.clone() };
        store.write(&documents.iter().map(delete).collect::<Vec<_>>()).expect("deleted");
        let started = Instant::now();
        let mut replica = Replica::open(opening());
        drive_store(&mut replica, &mut store, NOW_MS, &mut samverka_testkit::rng(4));
        view(&replica);
        started.elapsed().as_secs_f64() * 1e3
    });
    bench(
        "reading that plan without a checkpoint: every entry opened",
        replay_ms,
        "ms",
        "at most 500",
        limit_ms,
    );

    let verify_ms = median(3, || {
        let started = Instant::now();
        for (_, entry) in store.entries_by_arrival(space, Arrival(0), usize::MAX).expect("entries") {
            entry.header.verify().expect("sound");
        }
        started.elapsed().as_secs_f64() * 1e3
    });
    bench("verifying every signature of that plan, one core", verify_ms, "ms", "at most 500", limit_ms);
    join_benches(limit_ms);
}

/// Coming into that plan, over a room in this process.
fn join_benches(limit_ms: f64) {
    let joining = |marks: SnapshotMarks, rounds: usize| {
        let mut took: Vec<join::Took> = (0..rounds).map(|_| joined(marks)).collect();
        took.sort_by(|a, b| a.view_ms.total_cmp(&b.view_ms));
        took.swap_remove(rounds / 2)
    };
    let none = SnapshotMarks { entries: usize::MAX, bytes: u64::MAX };
    let whole = joining(none, 1);
    println!("joining without a snapshot: {:.0} ms and {} bytes", whole.view_ms, whole.view_bytes);
    let took = joining(SnapshotMarks::USUAL, 3);
    println!(
        "joining with snapshots: {} bytes to the view, {} bytes and {:.0} ms to every body; CPU to the view: {:.0?} ms",
        took.view_bytes, took.all_bytes, took.all_ms, took.view_cpu_ms
    );
    let name = "joining a plan of 10,000 events until the view is complete";
    bench(name, took.view_ms, "ms", "at most 500", limit_ms);
}

/// Somebody comes into the plan, where snapshots were written by these marks.
fn joined(marks: SnapshotMarks) -> join::Took {
    let folder = tempfile::tempdir().expect("a folder");
    let options = OpenOptions::default();
    let mut store = SqliteStore::open(&folder.path().join("plan.db"), &options).expect("a store");
    let mut rng = samverka_testkit::rng(7);
    let mut founder = found(&DeviceKeys::make(&mut rng), &mut rng);
    founder.set_snapshot_marks(marks);
    drive_store(&mut founder, &mut store, NOW_MS, &mut rng);
    fill(&mut founder, &mut store, &mut rng);
    let mut relay = join::Relay::new();
    join::bring(&mut relay, &mut founder, &mut store, &mut rng);
    join::join(&mut relay, &mut founder, &mut store, folder.path(), &mut rng, view)
}

fn found(keys: &DeviceKeys, rng: &mut StdRng) -> Replica {
    let profile = Profile {
        name: "Rektor".to_owned(),
        organisation: "Lindsunds skola".to_owned(),
        role_title: "Rektor".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    };
    let setup = Setup {
        keys: keys.clone(),
        slot: SlotId(1),
        profile,
        title: "Ingen ensam".to_owned(),
        relays: vec!["http://relay.example".to_owned()],
    };
    Replica::found(setup, NOW_MS, rng).expect("a plan")
}

fn fill(replica: &mut Replica, store: &mut SqliteStore, rng: &mut StdRng) {
    let own =
        replica.me().and_then(|me| replica.workspace().ok()?.participant_of(&me)).expect("a participant");
    let mut commitments = Vec::new();
    for number in 0..COMMITMENTS {
        let title = json!({ "sv": format!("Åtagande nummer {number} för familjer i byarna") });
        let fields = [("title", title), ("owner", json!(own)), ("due", json!("2027-03-31"))];
        let id = add(replica, Kind::Commitment, fields, rng);
        happen(replica, &id, Event::Promise { subject_to: None }, rng);
        commitments.push(id);
    }
    for number in 0..NOTES {
        let text = json!({ "sv": format!("Lapp {number}: mer tid med barnen, mindre väntan") });
        add(replica, Kind::Note, [("text", text)], rng);
        settle(replica, store, rng);
    }
    let rest = EVENTS - NOTES - 2 * COMMITMENTS;
    for _ in 0..rest {
        let id = commitments[rng.random_range(0..commitments.len())].clone();
        happen(
            replica,
            &id,
            Event::Log { text: [("sv".to_owned(), "ett steg till".to_owned())].into() },
            rng,
        );
        settle(replica, store, rng);
    }
}

/// What a shell does after every command.
fn settle(replica: &mut Replica, store: &mut SqliteStore, rng: &mut StdRng) {
    drive_store(replica, store, NOW_MS, rng);
    if replica.poll_timeout().is_some_and(|at| at <= NOW_MS) {
        replica.handle_timeout(NOW_MS, rng);
        drive_store(replica, store, NOW_MS, rng);
    }
}

fn add<const N: usize>(
    replica: &mut Replica,
    kind: Kind,
    fields: [(&str, Json); N],
    rng: &mut StdRng,
) -> String {
    let fields = BTreeMap::from(fields.map(|(field, value)| (field.to_owned(), value)));
    let command = Command::Add { kind, id: None, board: None, fields };
    let outcome = replica.execute(&command, NOW_MS, rng).expect("an editor may");
    replica.flush(NOW_MS, rng).expect("there is a key");
    outcome.entities.first().expect("something was made").id.clone()
}

fn happen(replica: &mut Replica, id: &str, event: Event, rng: &mut StdRng) {
    replica.execute(&Command::Commitment { id: id.to_owned(), event }, NOW_MS, rng).expect("the owner may");
    replica.flush(NOW_MS, rng).expect("there is a key");
}

fn view(replica: &Replica) {
    let workspace = replica.workspace().expect("ready");
    assert!(workspace.notes(None, Language::SvFi).len() >= NOTES);
    assert_eq!(workspace.commitments(Language::SvFi, "2027-01-20").len(), COMMITMENTS);
}

fn stored(store: &SqliteStore, space: samverka_log::SpaceId) -> (usize, usize) {
    let entries = store.entries_by_arrival(space, Arrival(0), usize::MAX).expect("entries");
    (entries.len(), entries.iter().map(|(_, entry)| entry.size()).sum())
}

fn median(times: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut figures: Vec<f64> = (0..times).map(|_| measure()).collect();
    figures.sort_by(f64::total_cmp);
    figures[times / 2]
}

/// What this thread has used of a processor, in milliseconds, where the system tells: other programs do not count.
pub(crate) fn cpu_ms() -> Option<f64> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(said.split(' ').next()?.parse::<f64>().ok()? / 1e6)
}

fn bench(name: &str, value: f64, unit: &str, goal: &str, limit: f64) {
    let line = json!({
        "name": name,
        "value": value,
        "unit": unit,
        "goal": goal,
        "limit_name": "reading the same rows from SQLite",
        "limit_value": limit,
    });
    println!("BENCH {line}");
}
