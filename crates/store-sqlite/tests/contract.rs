//! SQLite keeps the storage contract, open or opened anew, alone or through a relay's writer and readers.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::path::{Path, PathBuf};

use samverka_log::{Entry, Frontier, LogId, LogRange, SpaceId};
use samverka_store::conformance;
use samverka_store::conformance::chain::{Chain, genesis};
use samverka_store::{Arrival, MemoryStore, Store, StoreError, Write};
use samverka_store_sqlite::{GroupWriter, OpenOptions, Readers, SqliteStore};
use tempfile::TempDir;

#[test]
fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = fresh_paths(&folder);
    conformance::run(|| open(&paths()));
}

#[test]
fn whatever_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = fresh_paths(&folder);
    let mut make = || {
        let path = paths();
        (open(&path), path)
    };
    conformance::run_reopening(
        || Opened::from(make()),
        |opened| {
            let path = opened.path.clone();
            drop(opened);
            Opened::from((open(&path), path))
        },
    );
}

#[test]
fn a_relays_writer_and_readers_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = fresh_paths(&folder);
    conformance::run(|| Relay::new(&paths()));
}

#[test]
fn sqlite_and_the_memory_store_answer_alike() {
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = open(&folder.path().join("s.sqlite"));
    let mut memory = MemoryStore::new();
    let spaces: Vec<SpaceId> = (1..4).map(|seed| genesis(seed).id().into()).collect();
    let mut chains: Vec<Chain> =
        (0..9_u8).map(|n| Chain::new(spaces[usize::from(n % 3)], n, u64::from(n) + 1)).collect();
    let mut fills: Vec<Write> = Vec::new();
    let mut random = 0x1234_5678_u64;
    for round in 0..400_u32 {
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let chain = &mut chains[usize::try_from(next(9)).unwrap()];
        let (space, before) = (chain.space(), chain.clone());
        let batch = match next(20) {
            0 => vec![Write::RemoveSpace(space)],
            1 => vec![Write::DropBodies { space, document: conformance::chain::document(1) }],
            2..=5 => {
                vec![Write::Put { space: Some(space), key: format!("k/{}", next(6)), value: vec![7; 3] }]
            }
            6..=8 => {
                let (headers, whole) = chain.append_headers(&[&round.to_be_bytes(), b"follows"]);
                fills.push(whole);
                vec![headers]
            }
            9..=10 if !fills.is_empty() => {
                let place = usize::try_from(next(u64::try_from(fills.len()).unwrap())).unwrap();
                vec![fills[place].clone()]
            }
            _ => vec![chain.append(&[&round.to_be_bytes(), b"more"]), Write::CreateSpace(space)],
        };
        let (one, other) = (sqlite.write(&batch), memory.write(&batch));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "round {round}");
        if one.is_err() {
            *chain = before;
        }
        // A removed space begins anew: the chains that were in it are refused from here on, alike in both.
        assert_eq!(all(&sqlite, space), all(&memory, space), "round {round}");
        for from in [None, Some((chain.log(), u64::from(round % 7)))] {
            let ranges = |store: &dyn Store| store.bodyless(space, from, 5).unwrap();
            assert_eq!(ranges(&sqlite), ranges(&memory), "round {round}");
        }
        assert_eq!(sqlite.frontier(space).unwrap(), memory.frontier(space).unwrap());
        assert_eq!(sqlite.values(Some(space), "").unwrap(), memory.values(Some(space), "").unwrap());
    }
    assert_eq!(sqlite.integrity_check().unwrap(), Vec::<String>::new());
}

fn all(store: &impl Store, space: SpaceId) -> Vec<Entry> {
    let entries = store.entries_by_arrival(space, Arrival(0), usize::MAX).unwrap();
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn fresh_paths(folder: &TempDir) -> impl FnMut() -> PathBuf {
    let folder = folder.path().to_owned();
    let mut count = 0_u32;
    move || {
        count += 1;
        folder.join(format!("{count}.sqlite"))
    }
}

/// A store that knows where its file is.
struct Opened {
    store: SqliteStore,
    path: PathBuf,
}

impl From<(SqliteStore, PathBuf)> for Opened {
    fn from((store, path): (SqliteStore, PathBuf)) -> Self {
        Self { store, path }
    }
}

/// A relay's way to a store: one writer, readers beside it.
struct Relay {
    writer: GroupWriter,
    readers: Readers,
}

impl Relay {
    fn new(path: &Path) -> Self {
        let options = OpenOptions::default();
        let writer = GroupWriter::start(path, &options).unwrap();
        Self { writer, readers: Readers::open(path, &options).unwrap() }
    }
}

impl Store for Relay {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.writer.write(batch.to_vec(), Box::new(move |result| sender.send(result).unwrap()));
        receiver.recv().unwrap()
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError> {
        self.readers.read(|store| store.spaces())
    }

    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError> {
        self.readers.read(|store| store.frontier(space))
    }

    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(|store| store.entries_of_log(space, log, from, max_entries, max_bytes))
    }

    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        self.readers.read(|store| store.entries_by_arrival(space, after, max_bytes))
    }

    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError> {
        self.readers.read(|store| store.bodyless(space, from, max_ranges))
    }

    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.read(|store| store.value(space, key))
    }

    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.readers.read(|store| store.values(space, prefix))
    }
}

impl Store for Opened {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        self.store.write(batch)
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError> {
        self.store.spaces()
    }

    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError> {
        self.store.frontier(space)
    }

    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.store.entries_of_log(space, log, from, max_entries, max_bytes)
    }

    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        self.store.entries_by_arrival(space, after, max_bytes)
    }

    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError> {
        self.store.bodyless(space, from, max_ranges)
    }

    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.value(space, key)
    }

    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.store.values(space, prefix)
    }
}
