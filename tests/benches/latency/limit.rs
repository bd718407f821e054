//! What an edit's way costs at least on this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use samverka_store::Store as _;
use samverka_store::conformance::chain::{Chain, genesis};
use samverka_store_sqlite::{OpenOptions, SqliteStore};

/// Bytes of an entry with one note, about.
const ENTRY_BYTES: usize = 600;
const BODY_BYTES: usize = 350;
const ROUNDS: usize = 300;

/// For each of some rounds the time for one durable commit and two ways over loopback, in ms, sorted.
pub(crate) fn measure(folder: &Path) -> Vec<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let echo = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut buffer = [0; ENTRY_BYTES];
        while stream.read_exact(&mut buffer).is_ok() {
            stream.write_all(&buffer).expect("it is read");
        }
    });
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let mut store =
        SqliteStore::open(&folder.join("limit.sqlite"), &OpenOptions::default()).expect("a store");
    let mut chain = Chain::new(genesis(1).id().into(), 1, 1);
    let mut ms: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let append = [chain.append(&[&[7; BODY_BYTES]])];
            let began = Instant::now();
            store.write(&append).expect("written");
            let mut buffer = [7; ENTRY_BYTES];
            stream.write_all(&buffer).expect("it is read");
            stream.read_exact(&mut buffer).expect("it comes back");
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    drop(stream);
    echo.join().expect("the echo ends");
    ms.sort_by(f64::total_cmp);
    ms
}
