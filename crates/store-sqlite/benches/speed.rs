//! How fast the store reads and writes what clients and relays read and write most: `cargo xtask bench sqlite`.
//! A figure is the best of some rounds, which the machine's other work disturbs least.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at any failure and tells its numbers"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use samverka_log::SpaceId;
use samverka_store::conformance::chain::{Chain, genesis};
use samverka_store::{Arrival, Store, Write};
use samverka_store_sqlite::{OpenOptions, SqliteStore};

/// Entries that a replica reads when it opens; about 4 MB with their headers, for which the goal was set.
const ENTRIES: usize = 10_000;
/// Bytes of a sealed change of one line of text.
const BODY: [u8; 100] = [7; 100];
/// Spaces that write to a relay in one moment: a fifth of the batches that it commits together at most.
const SPACES: u8 = 200;
/// Bytes that a replica reads at a time when it opens.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

/// The shortest of some rounds; each is prepared outside its time.
fn best<T>(mut prepare: impl FnMut() -> T, mut work: impl FnMut(&mut T)) -> Duration {
    let rounds = (0..7).map(|_| {
        let mut prepared = prepare();
        let began = Instant::now();
        work(&mut prepared);
        began.elapsed()
    });
    rounds.min().unwrap_or_default()
}

/// Prints a figure as `cargo xtask bench` reads it.
fn tell(name: &str, time: Duration, more: &str) {
    println!("BENCH {{\"name\": \"{name}\", \"value\": {:.3}, \"unit\": \"ms\"{more}}}", milliseconds(time));
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0_u32;
    let mut fresh = || {
        count += 1;
        open(&folder.path().join(format!("{count}.sqlite")))
    };
    let bodies = vec![BODY.as_slice(); ENTRIES];
    let mut chain = Chain::new(genesis(1).id().into(), 1, 1);
    let space = chain.space();
    let append = [chain.append(&bodies)];
    let stored = best(&mut fresh, |store| store.write(&append).unwrap());
    tell("store: append 10,000 entries in one batch", stored, "");

    let path = folder.path().join("full.sqlite");
    let mut full = open(&path);
    full.write(&append).unwrap();
    let rows =
        best(|| rusqlite::Connection::open(&path).unwrap(), |rows| assert_eq!(read_rows(rows), ENTRIES));
    let limit = format!(
        ", \"goal\": \"at most 15\", \"limit_name\": \"the same rows, not parsed\", \"limit_value\": {:.3}",
        milliseconds(rows)
    );
    let paged = best(|| (), |()| assert_eq!(read(&full, space), ENTRIES));
    tell("store: read 10,000 entries by arrival", paged, &limit);

    let (headers, whole) = Chain::new(space, 2, 1).append_headers(&bodies);
    let (headers, whole) = ([headers], [whole]);
    let begun = || {
        let mut store = fresh();
        store.write(&append).unwrap();
        store.write(&headers).unwrap();
        store
    };
    let filled = best(begun, |store| store.write(&whole).unwrap());
    tell("store: fill 10,000 headers with their bodies in one batch", filled, "");
    full.write(&headers).unwrap();
    let told = best(|| (), |()| assert_eq!(full.bodyless(space, None, usize::MAX).unwrap().len(), 1));
    tell("store: tell which 10,000 of 20,000 entries lack a body", told, "");

    let group = |first: u8| -> Vec<Vec<Write>> {
        let chains = (0..SPACES).map(|n| Chain::new(genesis(n).id().into(), first, 1));
        chains.map(|mut chain| vec![chain.append(&[&BODY])]).collect()
    };
    let batches = group(1);
    let batches: Vec<&[Write]> = batches.iter().map(Vec::as_slice).collect();
    let together = best(&mut fresh, |store| {
        assert!(store.write_group(&batches).iter().all(Result::is_ok));
    });
    tell("store: append in 200 spaces with one commit", together, "");
    let apart = best(&mut fresh, |store| batches.iter().for_each(|batch| store.write(batch).unwrap()));
    tell("store: append in 200 spaces with a commit each", apart, "");
}

fn read(store: &SqliteStore, space: SpaceId) -> usize {
    let (mut after, mut count) = (Arrival(0), 0);
    loop {
        let entries = store.entries_by_arrival(space, after, PAGE_BYTES).unwrap();
        let Some((last, _)) = entries.last() else { return count };
        after = *last;
        count += entries.len();
    }
}

/// The least that reading entries takes: their bytes, copied out of SQLite.
fn read_rows(connection: &mut rusqlite::Connection) -> usize {
    let sql = "SELECT header, body FROM entry ORDER BY arrival";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)));
    rows.unwrap().fold(0, |count, row| {
        black_box(row.unwrap());
        count + 1
    })
}
