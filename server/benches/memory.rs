//! What the relay has in memory with a thousand devices connected that say nothing, and with spaces that nobody is
//! connected to. `cargo xtask bench relay_memory`.
//!
//! The real binary; a hundred spaces of ten devices, each attached and live on a connection of its own. Measured is the
//! process's resident set once it stands still. The limit is a bare axum server with as many WebSockets, which has
//! neither rooms nor a store.

#![expect(clippy::print_stdout, reason = "a bench stops at any failure and tells its numbers")]

mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use support::bare;
use support::client::Client;
use support::figures::Figure;
use support::{Process, Space, quick, start_relay};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const SPACES: u16 = 100;
const DEVICES: u8 = 10;
const MIB: f64 = 1024.0 * 1024.0;
/// Spaces that are brought side by side.
const AT_ONCE: usize = 16;
/// A room that nobody is connected to stays for twenty seconds; a loaded machine may need longer.
const ROOMS_GONE_MAX: Duration = Duration::from_secs(60);

fn main() {
    if bare::serve_if_asked() {
        return;
    }
    tokio::runtime::Runtime::new().expect("a runtime").block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let (relay, address) = start_relay(folder.path(), &[]);
    let empty = settled(&relay).await;
    let spaces = bring(address, 0..SPACES, DEVICES).await;
    let mut clients = Vec::new();
    for device in spaces.iter().flat_map(|space| &space.devices) {
        clients.push(Client::live(address, device).await);
    }
    let connected = settled(&relay).await;
    let rooms_then = rooms(address).await;
    let bare = bare_with(clients.len()).await;
    Figure::new("relay: memory with 1,000 idle devices in 100 spaces", connected / MIB, "MiB")
        .goal("at most 64")
        .limit("bare axum with as many WebSockets", bare / MIB)
        .with("empty_relay_mib", empty / MIB)
        .with("bytes_for_each_device", (connected - empty) / clients.len() as f64)
        .with("rooms", rooms_then)
        .print();
    drop(clients);

    let began = Instant::now();
    while rooms(address).await > 0 {
        assert!(began.elapsed() < ROOMS_GONE_MAX, "rooms stay though nobody is connected");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let left = settled(&relay).await;
    drop(relay);
    let more = if quick() { 400 } else { 2_000 };
    let unvisited = unvisited(folder.path(), more).await;
    let name =
        format!("relay: memory that {} spaces take with nobody connected, started anew", SPACES + more);
    Figure::new(&name, (unvisited - empty).max(0.0) / MIB, "MiB")
        .goal("at most 1")
        .limit("a relay without spaces, all of it", empty / MIB)
        .with("rooms_after_everybody_left", 0)
        .with("resident_mib_after_everybody_left", left / MIB)
        .print();
}

/// What a relay has in memory that was started on a store with so many more spaces.
async fn unvisited(data: &Path, more: u16) -> f64 {
    let (relay, address) = start_relay(data, &[]);
    bring(address, SPACES..SPACES + more, 1).await;
    drop(relay);
    let (relay, _) = start_relay(data, &[]);
    settled(&relay).await
}

async fn bring(relay: SocketAddr, numbers: std::ops::Range<u16>, devices: u8) -> Vec<Space> {
    let mut spaces = Vec::new();
    let mut under_way = JoinSet::new();
    for number in numbers {
        if under_way.len() >= AT_ONCE {
            let space = under_way.join_next().await.expect("there are some");
            spaces.push(space.expect("nobody panics"));
        }
        under_way.spawn(async move {
            let space = Space::new(number, devices);
            space.bring(relay).await;
            space
        });
    }
    spaces.extend(under_way.join_all().await);
    spaces
}

async fn bare_with(connections: usize) -> f64 {
    let (server, address) = bare::start();
    let mut clients = Vec::new();
    for number in 0..u16::try_from(connections).expect("some") {
        clients.push(Client::bare(address, number % SPACES).await);
    }
    settled(&server).await
}

/// Bytes in memory, once they have not changed for a second.
async fn settled(process: &Process) -> f64 {
    let mut last = process.resident_bytes();
    let mut still = 0;
    while still < 4 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = process.resident_bytes();
        still = if now == last { still + 1 } else { 0 };
        last = now;
    }
    last as f64
}

/// Rooms that the relay says it has in memory.
async fn rooms(relay: SocketAddr) -> u64 {
    let mut stream = TcpStream::connect(relay).await.expect("it listens");
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {relay}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let line = answer.lines().find_map(|line| line.strip_prefix("samverka_relay_rooms "));
    line.expect("it counts rooms").trim().parse().expect("a number")
}
