//! How long an edit takes to another person's screen, with thirty-two people in one plan who write one note a second
//! each. `cargo xtask bench latency`.
//!
//! The real relay in a process of its own; four people with whole replicas, a thread and a store on the disk each, as
//! shells run them; the other twenty-eight send what replicas sealed beforehand, and receipts, and open nothing (thirty
//! replicas would share two cores here that in life have machines of their own). Measured is from the moment when the
//! sender's gathering of keystrokes ends (its `COALESCE_MS`) until the note's text can be read from the receiver's
//! view: sealing, a commit on the sender's disk, the relay, opening and applying (the receiver's own commit follows). The
//! quietest window counts.
//!
//! The limit is what no design can save: one commit of the same entry to a store of its own, and twice its bytes over
//! loopback.

#![expect(clippy::print_stdout, reason = "a bench stops at any failure and tells its numbers")]

mod crowd;
mod limit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crowd::Extra;
use samverka_plan::{EntityRef, Kind};
use samverka_replica::{COALESCE_MS, Event};
use samverka_store_sqlite::{OpenOptions, SqliteStore};
use samverka_tests::Relay;
use samverka_tests::person::{self, now_ms, since_epoch};
use serde_json::json;
use tokio::time::Instant;

/// People in the plan.
const PEOPLE: u8 = 32;
/// Those of them with whole replicas.
const WHOLE: u8 = 4;
/// How often each writes.
pub(crate) const EDIT_EVERY: Duration = Duration::from_secs(1);
/// Edits that are not counted: connections and caches have to settle.
const WARM_UP: usize = 3;

/// Somebody with a store on the disk.
type Person = person::Person<SqliteStore>;

/// A note on its way: when its sender's gathering ended, since 1970.
type OnItsWay = Arc<Mutex<BTreeMap<String, Duration>>>;

/// A note that came somewhere: when it was due to be sealed, and how long it took from there.
#[derive(Clone, Copy, Debug)]
struct Arrived {
    place: Place,
    sealed: Duration,
    took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Its sender's socket, sealed and durable.
    Socket,
    /// Another person's view.
    View,
}

fn main() {
    let quick = std::env::var_os("SAMVERKA_BENCH_QUICK").is_some();
    let (windows, window) = if quick { (1, 8) } else { (3, 15) };
    let edits = WARM_UP + windows * window;
    let folder = tempfile::tempdir().expect("a folder");
    let relay = Relay::start(&folder.path().join("relay")).expect("a relay");
    let (people, crowd) = gather(folder.path(), &relay.url(), edits);

    let began = since_epoch();
    let arrived = take_part(people, crowd, &relay.url(), edits);
    let of_window = |number: usize, place: Place| {
        let from = began + EDIT_EVERY * u32::try_from(WARM_UP + number * window).expect("a few");
        let until = from + EDIT_EVERY * u32::try_from(window).expect("a few");
        let inside =
            arrived.iter().filter(|note| note.place == place && (from..until).contains(&note.sealed));
        let mut ms: Vec<f64> = inside.map(|note| note.took.as_secs_f64() * 1e3).collect();
        ms.sort_by(f64::total_cmp);
        ms
    };
    let sent: Vec<_> = (0..windows).map(|number| of_window(number, Place::Socket)).collect();
    let windows: Vec<_> = (0..windows).map(|number| of_window(number, Place::View)).collect();
    let limits = limit::measure(folder.path());
    for (name, share, goal) in [("p50", 0.5, "at most 5"), ("p99", 0.99, "at most 25")] {
        let values: Vec<f64> = windows.iter().map(|window| quantile(window, share)).collect();
        let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let sent: Vec<f64> = sent.iter().map(|window| quantile(window, share)).collect();
        let line = json!({
            "name": format!("edit to another person's view, 32 people writing, {name}"),
            "value": least(&values),
            "unit": "ms",
            "goal": goal,
            "limit_name": "a commit to the disk and two ways over loopback",
            "limit_value": quantile(&limits, share),
            "of_this_until_the_senders_socket_ms": least(&sent),
            "above_coalescing_ms": COALESCE_MS,
            "edits_seen": windows.iter().map(Vec::len).sum::<usize>(),
            "windows_ms": values,
            "window_seconds": window,
            "people": PEOPLE,
            "whole_replicas": WHOLE,
        });
        println!("BENCH {line}");
    }
}

/// A founder lets everybody in through the relay. Those who are not whole are replaced.
fn gather(folder: &Path, relay: &str, edits: usize) -> (Vec<Person>, Vec<Extra>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut founder = Person::found(store(folder, 0), relay);
        founder.connect(relay).await;
        founder.sync().await;
        let link = founder.open_door();
        founder.sync().await;
        let (mut people, mut crowd) = (Vec::new(), Vec::new());
        for number in 1..PEOPLE {
            let mut newcomer = Person::join(store(folder, number), number, &link);
            newcomer.connect(relay).await;
            while !newcomer.is_synced() {
                founder.turn(soon()).await;
                newcomer.turn(soon()).await;
            }
            if number < WHOLE {
                newcomer.disconnect();
                people.push(newcomer);
            } else {
                crowd.push(Extra::replacing(newcomer, number, edits));
            }
        }
        founder.disconnect();
        people.insert(0, founder);
        (people, crowd)
    })
}

fn store(folder: &Path, number: u8) -> SqliteStore {
    let path = folder.join(format!("person-{number}.sqlite"));
    SqliteStore::open(&path, &OpenOptions::default()).expect("a store")
}

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(2)
}

/// When in a second a person writes: one after the other.
pub(crate) fn phase_of(number: u8) -> Duration {
    EDIT_EVERY * u32::from(number) / u32::from(PEOPLE)
}

/// Everybody connects and writes; answers how long the notes of whole replicas took to the other whole replicas.
fn take_part(people: Vec<Person>, crowd: Vec<Extra>, relay: &str, edits: usize) -> Vec<Arrived> {
    let on_its_way = OnItsWay::default();
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let all = crowd.into_iter().map(|extra| extra.run(relay.to_owned(), start));
                futures_util::future::join_all(all).await;
            });
        });
        let threads: Vec<_> = people
            .into_iter()
            .zip(0..)
            .map(|(person, number)| {
                let on_its_way = Arc::clone(&on_its_way);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    let live = live(person, number, relay, start, edits, &on_its_way);
                    runtime.expect("a runtime").block_on(live)
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("nobody panics")).collect()
    })
}

async fn live(
    mut person: Person,
    number: u8,
    relay: &str,
    start: Instant,
    edits: usize,
    on_its_way: &OnItsWay,
) -> Vec<Arrived> {
    person.connect(relay).await;
    let (mut seen, mut arrived) = (BTreeSet::new(), Vec::new());
    let mut next_edit = start + phase_of(number);
    // The last edits of others still have to come.
    let end = start + EDIT_EVERY * u32::try_from(edits + 2).expect("a few");
    let (mut written, mut unsent) = (0, None);
    while Instant::now() < end {
        if written < edits && next_edit <= Instant::now() {
            next_edit += EDIT_EVERY;
            written += 1;
            // The replica seals when this many whole milliseconds have passed.
            let sealed = Duration::from_millis(now_ms() + COALESCE_MS);
            let id = person.write_note(&format!("lapp {written} från {number}: mer tid med barnen"));
            seen.insert(id.clone());
            unsent = Some(sealed);
            on_its_way.lock().expect("nobody panics").insert(id, sealed);
        }
        let until = if written < edits { next_edit.min(end) } else { end };
        let (events, at) = person.turn(until).await;
        if let Some(sealed) = unsent.take_if(|sealed| *sealed <= person.last_sent) {
            arrived.push(Arrived { place: Place::Socket, sealed, took: person.last_sent - sealed });
        }
        for event in events {
            let Event::Changed(delta) = event else { continue };
            let changed: Vec<EntityRef> = if delta.everything {
                let known = on_its_way.lock().expect("nobody panics");
                known.keys().map(|id| EntityRef::new(Kind::Note, id)).collect()
            } else {
                delta.entities.into_iter().filter(|entity| entity.kind == Kind::Note).collect()
            };
            let notes = changed.iter().filter_map(|note| look(&person, note, at, on_its_way, &mut seen));
            arrived.extend(notes);
        }
    }
    let others = usize::from(WHOLE - 1) * edits;
    let seen = arrived.iter().filter(|note| note.place == Place::View).count();
    assert_eq!(seen, others, "every note of the others has come");
    arrived
}

/// A note of another whole replica that can be read for the first time.
fn look(
    person: &Person,
    note: &EntityRef,
    at: Duration,
    on_its_way: &OnItsWay,
    seen: &mut BTreeSet<String>,
) -> Option<Arrived> {
    let sealed = *on_its_way.lock().expect("nobody panics").get(&note.id)?;
    let text = person.replica.workspace().expect("ready").text(note, "text", "sv-FI");
    if text.is_empty() || !seen.insert(note.id.clone()) {
        return None;
    }
    Some(Arrived { place: Place::View, sealed, took: at.saturating_sub(sealed) })
}

/// Of sorted values the one below which this share of them lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * sorted.len() as f64).ceil() - 1.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
    let place = place.max(0.0) as usize;
    sorted[place.min(sorted.len() - 1)]
}
