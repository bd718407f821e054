//! The file itself: whose it is, who may open it at once, what happens when it is damaged, copied or erased from.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::mpsc::sync_channel;
use std::thread;

use samverka_log::LogRange;
use samverka_store::conformance::chain::{Chain, document, genesis};
use samverka_store::{Arrival, Store, StoreError, Write};
use samverka_store_sqlite::{GroupWriter, OpenOptions, Readers, SqliteStore};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
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
fn of_two_connections_that_append_to_one_log_exactly_one_wins() {
    let (_folder, path) = in_a_folder();
    drop(open(&path));
    let chain = chain(1);
    for round in 0..20_u8 {
        let barrier = Barrier::new(4);
        let head = open(&path).frontier(chain.space()).unwrap().head(&chain.log());
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..4_u8)
                .map(|racer| {
                    let (barrier, path, mut chain) = (&barrier, &path, replay(&path, &chain));
                    scope.spawn(move || {
                        assert_eq!(chain.head(), head);
                        let mut store = open(path);
                        barrier.wait();
                        store.write(&[chain.append(&[&[round, racer]])])
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let lost =
            outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict { .. }))).count();
        assert_eq!((won, lost), (1, 3), "{outcomes:?}");
    }
}

/// The chain as it stands in the file.
fn replay(path: &Path, empty: &Chain) -> Chain {
    let mut chain = empty.clone();
    let entries = open(path).entries_of_log(chain.space(), chain.log(), 0, usize::MAX, usize::MAX).unwrap();
    for entry in entries {
        let _again = chain.append(&[&entry.body.unwrap()]);
    }
    chain
}

#[test]
fn many_may_make_the_same_new_file_at_once() {
    for _ in 0..10 {
        let (_folder, path) = in_a_folder();
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for n in 0..8_u8 {
                let (barrier, path) = (&barrier, &path);
                scope.spawn(move || {
                    barrier.wait();
                    let mut store = open(path);
                    store.write(&[chain(n).append(&[b"x"])]).unwrap();
                });
            }
        });
        assert_eq!(open(&path).spaces().unwrap().len(), 8);
    }
}

#[test]
fn a_process_notices_what_another_wrote_and_not_its_own_writes() {
    let (_folder, path) = in_a_folder();
    let (mut one, mut other) = (open(&path), open(&path));
    let mut chain = chain(1);
    let before = one.data_version().unwrap();
    one.write(&[chain.append(&[b"own"])]).unwrap();
    assert_eq!(one.data_version().unwrap(), before);
    other.write(&[chain.append(&[b"other"])]).unwrap();
    assert_ne!(one.data_version().unwrap(), before);
}

#[test]
fn whoever_cannot_get_the_lock_is_told_that_the_store_is_busy() {
    let (_folder, path) = in_a_folder();
    let mut store = SqliteStore::open(&path, &OpenOptions { busy_ms_max: 20 }).unwrap();
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(store.write(&[chain(1).append(&[b"x"])]), Err(StoreError::Busy)));
    holder.execute_batch("ROLLBACK").unwrap();
    store.write(&[chain(1).append(&[b"x"])]).unwrap();
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let (_folder, path) = in_a_folder();
    drop(open(&path));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    for refused in [
        SqliteStore::open(&path, &OpenOptions::default()).err(),
        SqliteStore::open_to_read(&path, &OpenOptions::default()).err(),
    ] {
        assert!(matches!(refused, Some(StoreError::NewerVersion { found: 99, .. })), "{refused:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let (_folder, path) = in_a_folder();
    for sql in [
        "CREATE TABLE theirs (x)",
        "CREATE TABLE theirs (x); PRAGMA user_version = 1",
        "CREATE TABLE theirs (x); PRAGMA user_version = 7; PRAGMA application_id = 5",
    ] {
        let _absent = fs::remove_file(&path);
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&path).unwrap();
        for refused in [
            SqliteStore::open(&path, &OpenOptions::default()).err(),
            SqliteStore::open_to_read(&path, &OpenOptions::default()).err(),
        ] {
            assert!(matches!(refused, Some(StoreError::Foreign)), "{sql}: {refused:?}");
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{sql}");
    }
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let (_folder, path) = in_a_folder();
    fs::write(&path, vec![0x55; 8192]).unwrap();
    let refused = SqliteStore::open(&path, &OpenOptions::default()).err();
    assert!(matches!(refused, Some(StoreError::Corrupt(_))), "{refused:?}");
}

#[test]
fn damage_inside_the_file_is_named_and_never_read_as_entries() {
    let (_folder, path) = in_a_folder();
    let mut store = open(&path);
    let mut chain = chain(1);
    for n in 0..200_u8 {
        store.write(&[chain.append(&[&[n; 500]])]).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..2000].fill(0xa5);
    }
    fs::write(&path, bytes).unwrap();
    let read = SqliteStore::open(&path, &OpenOptions::default())
        .and_then(|store| store.entries_by_arrival(chain.space(), Arrival(0), usize::MAX));
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{:?}", read.map(|entries| entries.len()));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_file_and_what_is_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = in_a_folder();
    let mut store = open(&path);
    store.write(&[chain(1).append(&[b"x"])]).unwrap();
    store.backup(&folder.path().join("backup.sqlite")).unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 3);
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
}

#[test]
fn what_was_dropped_or_removed_is_in_no_file() {
    let (folder, path) = in_a_folder();
    let mut store = open(&path);
    let (mut kept, mut removed) = (chain(1), chain(2));
    let canary = |n: u8| [b"canary-of-the-dropped-".as_slice(), &[b'0' + n]].concat().repeat(600);
    for n in 0..5 {
        store
            .write(&[kept.append(&[&canary(n)]), removed.append(&[&canary(n), b"canary-of-the-dropped-s"])])
            .unwrap();
    }
    assert!(holds_canary(folder.path()));
    store
        .write(&[
            Write::DropBodies { space: kept.space(), document: document(1) },
            Write::RemoveSpace(removed.space()),
        ])
        .unwrap();
    assert!(!holds_canary(folder.path()));
    assert_eq!(store.frontier(kept.space()).unwrap().head(&kept.log()), kept.head());
}

#[test]
fn a_file_of_the_first_version_is_brought_up_to_date() {
    let (_folder, path) = in_a_folder();
    let mut chain = chain(1);
    let (space, log) = chain.place();
    let whole =
        vec![chain.change(1, b"was left out"), chain.change(2, b"was dropped"), chain.change(1, b"kept")];
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../migrations/0001_logs_and_values.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x5361_6d76).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute("INSERT INTO space (no, id) VALUES (1, ?1)", [space.as_bytes().as_slice()]).unwrap();
    old.execute(
        "INSERT INTO log (no, space, device, slot, next, head) VALUES (1, 1, ?1, ?2, 3, ?3)",
        rusqlite::params![
            log.device.as_bytes().as_slice(),
            log.slot.0.to_be_bytes().as_slice(),
            chain.head().head.as_bytes().as_slice()
        ],
    )
    .unwrap();
    for (number, entry) in (0..).zip(&whole) {
        let body = entry.body.as_ref().filter(|_| number == 2);
        old.execute(
            "INSERT INTO entry (space, log, number, header, body) VALUES (1, 1, ?1, ?2, ?3)",
            rusqlite::params![number, entry.header.bytes(), body],
        )
        .unwrap();
    }
    for (key, space) in [(format!("drop/{}", document(2)), 1), ("drop/no document".to_owned(), 1)] {
        let sql = "INSERT INTO value (space, key, value) VALUES (?1, ?2, x'')";
        old.execute(sql, rusqlite::params![space, key]).unwrap();
    }
    drop(old);

    let mut store = open(&path);
    let ranges = store.bodyless(space, None, usize::MAX).unwrap();
    assert_eq!(ranges, [LogRange { log, from: 0, until: 1 }]);
    store.write(&[Write::Fill { space, entries: whole.clone() }]).unwrap();
    let read = store.entries_by_arrival(space, Arrival(0), usize::MAX).unwrap();
    let bodies: Vec<_> = read.into_iter().map(|(_, entry)| entry.body).collect();
    assert_eq!(bodies, [whole[0].body.clone(), None, whole[2].body.clone()]);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

fn holds_canary(folder: &Path) -> bool {
    let needle = b"canary-of-the-dropped-";
    fs::read_dir(folder).unwrap().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_backup_is_whole_while_the_writer_goes_on() {
    let (folder, path) = in_a_folder();
    let options = OpenOptions::default();
    let writer = GroupWriter::start(&path, &options).unwrap();
    let mut growing = chain(1);
    let (done, written) = sync_channel(300);
    for _ in 0..300 {
        let done = done.clone();
        let batch = vec![growing.append(&[&[0; 4000]])];
        writer.write(batch, Box::new(move |result| done.send(result).unwrap()));
    }
    for _ in 0..300 {
        written.recv().unwrap().unwrap();
    }
    let readers = Readers::open(&path, &options).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let copy = folder.path().join("copy.sqlite");
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let (done, written) = sync_channel(1);
                let batch = vec![growing.append(&[&[1; 4000]])];
                writer.write(batch, Box::new(move |result| done.send(result).unwrap()));
                written.recv().unwrap().unwrap();
            }
        });
        readers.read(|store| store.backup(&copy)).unwrap();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let copied = open(&copy);
    assert_eq!(copied.integrity_check().unwrap(), Vec::<String>::new());
    let head = copied.frontier(growing.space()).unwrap().head(&growing.log());
    let entries = copied.entries_by_arrival(growing.space(), Arrival(0), usize::MAX).unwrap();
    assert_eq!(u64::try_from(entries.len()).unwrap(), head.next);
    assert_eq!(entries.last().unwrap().1.id(), head.head);
    let again = readers.read(|store| store.backup(&copy));
    assert!(matches!(again, Err(StoreError::Io(_))), "a backup is not written over: {again:?}");
}

#[test]
fn a_conflict_in_a_group_harms_nobody_else() {
    let (_folder, path) = in_a_folder();
    let writer = GroupWriter::start(&path, &OpenOptions::default()).unwrap();
    let (sender, receiver) = sync_channel(400);
    let mut chains: Vec<Chain> = (0..40).map(chain).collect();
    let submit = |n: usize, batch| {
        let sender = sender.clone();
        writer.write(batch, Box::new(move |result| sender.send((n, result)).unwrap()));
    };
    for (n, chain) in chains.iter_mut().enumerate() {
        let twin = &mut chain.clone();
        submit(n, vec![chain.append(&[b"won"])]);
        // The first half of this batch is sound, and goes with the rest.
        submit(
            n + 100,
            vec![
                Write::Put { space: Some(chain.space()), key: "lost".into(), value: b"lost".to_vec() },
                twin.append(&[b"lost"]),
            ],
        );
        submit(n + 200, vec![chain.append(&[b"goes on"])]);
    }
    drop(writer);
    drop(sender);
    let outcomes: Vec<_> = receiver.iter().collect();
    assert_eq!(outcomes.len(), 120);
    for (n, outcome) in outcomes {
        let conflicts = matches!(outcome, Err(StoreError::Conflict { .. }));
        assert_eq!((outcome.is_ok(), conflicts), (!(100..200).contains(&n), (100..200).contains(&n)), "{n}");
    }
    let store = open(&path);
    for chain in chains {
        assert_eq!(store.frontier(chain.space()).unwrap().head(&chain.log()), chain.head());
        assert_eq!(store.value(Some(chain.space()), "lost").unwrap(), None);
    }
}

#[test]
fn a_reader_cannot_write() {
    let (_folder, path) = in_a_folder();
    drop(open(&path));
    let mut reader = SqliteStore::open_to_read(&path, &OpenOptions::default()).unwrap();
    assert!(matches!(reader.write(&[chain(1).append(&[b"x"])]), Err(StoreError::ReadOnly)));
}
