//! What the same bytes cost at least on this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use samverka_log::{Entry, SpaceId};
use samverka_store::conformance::chain::{Chain, genesis};
use samverka_store::{Arrival, MemoryStore, Store as _};
use samverka_store_sqlite::{OpenOptions, SqliteStore};

use crate::{evict, least};

const ROUNDS: usize = 5;

/// Times in ms.
pub(crate) struct Limits {
    /// One commit of one small entry.
    pub(crate) commit_ms: f64,
    transfer_ms: f64,
    keep_ms: f64,
    verify_ms: f64,
}

impl Limits {
    /// What joining takes at least: every signature is checked, with as many threads as there are cores.
    pub(crate) fn join(&self) -> (&'static str, f64) {
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let name = "the bytes over loopback, every signature on all cores, one commit of all";
        (name, self.transfer_ms + self.verify_ms / cores + self.keep_ms)
    }
}

/// Measures with the entries of a plan.
pub(crate) fn measure(folder: &Path, plan: &MemoryStore, space: SpaceId) -> Limits {
    let entries = plan.entries_by_arrival(space, Arrival(0), usize::MAX).expect("entries");
    let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    let bytes: usize = entries.iter().map(Entry::size).sum();
    let verify_ms = best(|| entries.iter().for_each(|entry| entry.header.verify().expect("sound")));

    // The same number of entries and bytes; whose they are is nothing to a store.
    let mut chain = Chain::new(genesis(1).id().into(), 1, 1);
    let body =
        vec![7; bytes / entries.len() - entries[1].header.bytes().len().min(bytes / entries.len() - 1)];
    let append = [chain.append(&vec![body.as_slice(); entries.len()])];
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        let path = folder.join(format!("limit-{count}.sqlite"));
        SqliteStore::open(&path, &OpenOptions::default()).expect("a store")
    };
    let keep_ms = least(
        &(0..ROUNDS)
            .map(|_| {
                let mut store = fresh();
                timed(|| store.write(&append).expect("written"))
            })
            .collect::<Vec<_>>(),
    );
    let mut store = fresh();
    let mut single = Chain::new(genesis(1).id().into(), 1, 1);
    let commits = (0..ROUNDS * 4).map(|_| {
        let append = [single.append(&[&body])];
        timed(|| store.write(&append).expect("written"))
    });
    Limits {
        commit_ms: least(&commits.collect::<Vec<_>>()),
        transfer_ms: transfer(bytes),
        keep_ms,
        verify_ms,
    }
}

/// Reading every byte of a home that the system has not in memory, in ms.
pub(crate) fn reading(home: &Path, rounds: usize) -> f64 {
    let times = (0..rounds).map(|_| {
        evict(home);
        timed(|| read_all(home))
    });
    least(&times.collect::<Vec<_>>())
}

fn read_all(path: &Path) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder");
        entries.for_each(|entry| read_all(&entry.expect("an entry").path()));
    } else {
        std::hint::black_box(std::fs::read(path).expect("a file"));
    }
}

/// Bytes over loopback, in ms.
fn transfer(bytes: usize) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let sender = std::thread::spawn(move || {
        let all = vec![7; bytes];
        for _ in 0..ROUNDS {
            listener.accept().expect("a connection").0.write_all(&all).expect("it is read");
        }
    });
    let ms = best(|| {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let mut come = Vec::with_capacity(bytes);
        stream.read_to_end(&mut come).expect("they come");
        assert_eq!(come.len(), bytes);
    });
    sender.join().expect("all was sent");
    ms
}

fn best(mut work: impl FnMut()) -> f64 {
    least(&(0..ROUNDS).map(|_| timed(&mut work)).collect::<Vec<_>>())
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1e3
}
