//! Failures are told apart: what is damaged, what is busy, and that nobody waits for them longer than was asked.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use samverka_store::conformance::chain::{Chain, genesis};
use samverka_store::{Arrival, Store, StoreError, Write};
use samverka_store_sqlite::{OpenOptions, SqliteStore};

fn open(path: &Path, busy_ms_max: u64) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, &OpenOptions { busy_ms_max })
}

fn chain(space: u8) -> Chain {
    Chain::new(genesis(space).id().into(), 1, 1)
}

fn in_a_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    (folder, path)
}

#[test]
fn a_group_that_cannot_get_the_lock_waits_for_it_once() {
    let (_folder, path) = in_a_folder();
    let mut store = open(&path, 200).unwrap();
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let batches: Vec<Vec<Write>> = (0..50).map(|n| vec![chain(n).append(&[b"x"])]).collect();
    let batches: Vec<&[Write]> = batches.iter().map(Vec::as_slice).collect();
    let began = Instant::now();
    let answers = store.write_group(&batches);
    let waited = began.elapsed();
    assert_eq!(answers.len(), 50);
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Busy))), "{answers:?}");
    // Once for each would be ten seconds.
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(store.write_group(&batches).iter().all(Result::is_ok));
}

#[test]
fn opening_waits_for_a_lock_no_longer_than_was_asked() {
    let (_folder, path) = in_a_folder();
    // A store that is no write-ahead log yet, as a backup is.
    let mut store = open(&path, 200).unwrap();
    store.write(&[chain(1).append(&[b"x"])]).unwrap();
    let copy = path.with_extension("copy");
    store.backup(&copy).unwrap();
    let holder = rusqlite::Connection::open(&copy).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let refused = open(&copy, 100).err();
    let waited = began.elapsed();
    assert!(matches!(refused, Some(StoreError::Busy)), "{refused:?}");
    assert!(waited < Duration::from_secs(3), "{waited:?}");
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(open(&copy, 100).unwrap().spaces().unwrap().len(), 1);
}

/// A store with one entry and one value, in which `sql` was carried out.
fn damaged(sql: &str) -> (tempfile::TempDir, SqliteStore) {
    let (folder, path) = in_a_folder();
    let mut store = open(&path, 1000).unwrap();
    let value = Write::Put { space: None, key: "k".into(), value: b"v".to_vec() };
    store.write(&[chain(1).append(&[b"x"]), value]).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    (folder, store)
}

#[test]
fn what_does_not_read_as_what_it_should_be_is_called_damaged() {
    type Read = fn(&SqliteStore) -> Result<(), StoreError>;
    let spaces: Read = |store| store.spaces().map(drop);
    let frontier: Read = |store| store.frontier(chain(1).space()).map(drop);
    let by_arrival: Read =
        |store| store.entries_by_arrival(chain(1).space(), Arrival(0), usize::MAX).map(drop);
    let by_log: Read =
        |store| store.entries_of_log(chain(1).space(), chain(1).log(), 0, usize::MAX, usize::MAX).map(drop);
    let names: Read = |store| store.values(None, "").map(drop);
    let cases: [(&str, Read); 9] = [
        ("UPDATE space SET id = CAST(id || x'00' AS BLOB)", spaces),
        ("UPDATE log SET device = x'00'", frontier),
        ("UPDATE log SET slot = x''", frontier),
        ("UPDATE log SET head = x'00'", frontier),
        ("UPDATE log SET next = -1", frontier),
        ("UPDATE log SET next = -1", by_log),
        ("UPDATE entry SET header = CAST(substr(header, 2) AS BLOB)", by_arrival),
        ("UPDATE entry SET arrival = -5", by_log),
        ("UPDATE value SET key = CAST(x'6bff' AS TEXT)", names),
    ];
    for (sql, read) in cases {
        let (_folder, store) = damaged(sql);
        let answer = read(&store);
        assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{sql}: {answer:?}");
    }
}

#[test]
fn a_log_that_contradicts_its_entries_is_called_damaged_and_left_as_it_is() {
    let (_folder, mut store) = damaged("UPDATE log SET next = 0, head = zeroblob(32)");
    let answer = store.write(&[chain(1).append(&[b"another"])]);
    assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
    let entries = store.entries_by_arrival(chain(1).space(), Arrival(0), usize::MAX).unwrap();
    let bodies: Vec<_> = entries.into_iter().map(|(_, entry)| entry.body).collect();
    assert_eq!(bodies, [Some(b"x".to_vec())]);
}
