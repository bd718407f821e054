//! How many entries a second the relay takes over eight connections, durable and acknowledged.
//! `cargo xtask bench relay_throughput`.
//!
//! The real binary, eight devices with a connection each, frames of 512 entries with 2,048 under way on each, as replicas
//! send what they wrote offline. Once each device writes in a space of its own; once all are in one space and each
//! gets what the other seven write, which costs the devices (in the bench's own process) as much again. A figure is the
//! best of some rounds.
//!
//! The limit is one process without a server that verifies the same signatures and commits the same bytes to one SQLite
//! table in groups of 512: on one thread, and with as many threads verifying as there are cores.

#![expect(clippy::print_stdout, reason = "a bench stops at any failure and tells its numbers")]

mod support;

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use samverka_log::Entry;
use support::bare::{self, BareStore};
use support::figures::{Figure, most};
use support::load::{Cost, Load};
use support::{BATCH_ENTRIES, BODY_BYTES, IN_FLIGHT_ENTRIES, Space, quick, rounds, start_relay, wanted};

/// Connections, and devices that write.
const CONNECTIONS: u16 = 8;

fn main() {
    if bare::serve_if_asked() {
        return;
    }
    let entries = if quick() { 2_048 } else { 8_192 };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let apart = Load {
        spaces: CONNECTIONS,
        subscribers: 0,
        entries,
        per_frame: BATCH_ENTRIES,
        window: IN_FLIGHT_ENTRIES,
    };
    let total = entries * usize::from(CONNECTIONS);
    let limits = Limits::measure(total);
    let tell = |name: &str, costs: Vec<Cost>, goal: bool| {
        let per_second = most(costs.iter().map(|cost| cost.per_second));
        let figure = Figure::new(name, per_second, "entries/s")
            .limit("a bare loop on one thread verifying and storing", limits.one_thread);
        let figure = if goal {
            figure.goal(&format!("at least {:.0} (60 % of the limit)", 0.6 * limits.one_thread))
        } else {
            figure
        };
        figure
            .with("percent_of_limit", 100.0 * per_second / limits.one_thread)
            .with("limit_on_all_cores", limits.all_cores)
            .with(
                "relay_cpu_us_per_entry",
                costs.iter().map(|cost| cost.cpu_us).fold(f64::INFINITY, f64::min),
            )
            .with("body_bytes", BODY_BYTES)
            .with("entries", total)
            .with("entries_in_a_frame", BATCH_ENTRIES)
            .with("best_of_rounds", costs.len())
            .print();
    };
    let name = "relay: entries taken, 8 connections, a space each";
    if wanted(name) {
        tell(name, (0..rounds(3)).map(|_| runtime.block_on(on_fresh_relay(apart, false))).collect(), true);
    }
    let name = "relay: entries taken, 8 connections, all in one space";
    if wanted(name) {
        tell(name, (0..rounds(3)).map(|_| runtime.block_on(on_fresh_relay(apart, true))).collect(), false);
    }
}

async fn on_fresh_relay(load: Load, together: bool) -> Cost {
    let folder = tempfile::tempdir().expect("a folder");
    let faster = ["--entries-per-second-max", "10000000", "--bytes-per-second-max", "1000000000"];
    let (relay, address) = start_relay(folder.path(), &faster);
    if together { load.in_one_space(&relay, address).await } else { load.on_relay(&relay, address).await }
}

/// Entries a second without a server.
struct Limits {
    one_thread: f64,
    all_cores: f64,
}

impl Limits {
    fn measure(total: usize) -> Self {
        let each = total / usize::from(CONNECTIONS);
        let writers = Space::new(0, u8::try_from(CONNECTIONS).expect("a few")).devices;
        let groups: Vec<Vec<Entry>> = writers
            .into_iter()
            .flat_map(|mut writer| {
                let entries: Vec<_> = (0..each).map(|_| writer.change(BODY_BYTES)).collect();
                entries.chunks(BATCH_ENTRIES).map(<[Entry]>::to_vec).collect::<Vec<_>>()
            })
            .collect();
        let per_second = |work: fn(&mut BareStore, &[Vec<Entry>])| {
            most((0..rounds(3)).map(|_| {
                let folder = tempfile::tempdir().expect("a folder");
                let mut store = BareStore::create(&folder.path().join("bare.sqlite"));
                let began = Instant::now();
                work(&mut store, &groups);
                total as f64 / began.elapsed().as_secs_f64()
            }))
        };
        Self { one_thread: per_second(on_one_thread), all_cores: per_second(on_all_cores) }
    }
}

fn on_one_thread(store: &mut BareStore, groups: &[Vec<Entry>]) {
    for group in groups {
        BareStore::verify(group);
        store.append(group);
    }
}

fn on_all_cores(store: &mut BareStore, groups: &[Vec<Entry>]) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let (verified, to_append) = sync_channel(threads);
        for share in groups.chunks(groups.len().div_ceil(threads)) {
            let verified = verified.clone();
            scope.spawn(move || {
                for group in share {
                    BareStore::verify(group);
                    verified.send(group).expect("the store is there to the end");
                }
            });
        }
        drop(verified);
        to_append.iter().for_each(|group| store.append(group));
    });
}
