//! What the relay is compared with: an axum server that passes every message on as it is, and a loop that verifies
//! and stores entries without any server.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::Uri;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use samverka_log::Entry;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Process, started};

/// The argument that makes a bench be the bare server instead.
const BARE: &str = "be-the-bare-server";

/// Everybody in one place: what one sends goes to the others.
type Rooms = Arc<Mutex<HashMap<String, Vec<mpsc::UnboundedSender<Bytes>>>>>;

/// Is the bare server, if this process was started as one.
pub fn serve_if_asked() -> bool {
    let asked = std::env::args().any(|argument| argument == BARE);
    if asked {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(serve());
    }
    asked
}

/// Starts the bare server in a process of its own.
pub fn start() -> (Process, SocketAddr) {
    started(Command::new(std::env::current_exe().expect("this program")).arg(BARE))
}

async fn serve() {
    let rooms = Rooms::default();
    let router = axum::Router::new().route("/sync", get(upgrade)).with_state(rooms);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("listening on http://{}", listener.local_addr().expect("an address"));
    use axum::serve::ListenerExt as _;
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"));
    axum::serve(listener, router).await.expect("it serves");
}

async fn upgrade(
    uri: Uri,
    State(rooms): State<Rooms>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    let room = uri.query().unwrap_or_default().to_owned();
    // Small buffers as at the relay: they are zeroed for every read.
    let upgrade = upgrade.read_buffer_size(4 * 1024).write_buffer_size(4 * 1024);
    upgrade.on_upgrade(move |socket| pass_on(socket, room, rooms))
}

/// Passes on whatever comes, and writes whatever others send: one queue, and one flush for all that is in it.
async fn pass_on(socket: WebSocket, room: String, rooms: Rooms) {
    let (mut sink, mut stream) = socket.split();
    let (queue, mut queued) = mpsc::unbounded_channel::<Bytes>();
    rooms.lock().expect("nobody panics").entry(room.clone()).or_default().push(queue.clone());
    let writing = async move {
        while let Some(first) = queued.recv().await {
            let mut next = Some(first);
            while let Some(bytes) = next {
                if sink.feed(Message::Binary(bytes)).await.is_err() {
                    return;
                }
                next = queued.try_recv().ok();
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    };
    let reading = async move {
        while let Some(Ok(message)) = stream.next().await {
            let Message::Binary(bytes) = message else { continue };
            let rooms = rooms.lock().expect("nobody panics");
            let others = rooms.get(&room).into_iter().flatten().filter(|other| !other.same_channel(&queue));
            // One that has gone gets nothing more.
            others.for_each(|other| drop(other.send(bytes.clone())));
        }
    };
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
}

/// A database with one table and the relay's promise: what is committed is on the disk.
pub struct BareStore {
    connection: rusqlite::Connection,
}

impl BareStore {
    /// A new one.
    pub fn create(path: &Path) -> Self {
        let connection = rusqlite::Connection::open(path).expect("a database");
        let set = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE entry (log BLOB, number INTEGER, header BLOB, body BLOB, PRIMARY KEY (log, number));";
        connection.execute_batch(set).expect("a table");
        Self { connection }
    }

    /// Verifies the entries' signatures and hashes of bodies.
    pub fn verify(entries: &[Entry]) {
        for entry in entries {
            entry.header.verify().expect("sound");
            assert!(entry.header.matches_body(entry.body.as_deref().unwrap_or_default()));
        }
    }

    /// Stores entries in one transaction.
    pub fn append(&mut self, entries: &[Entry]) {
        let transaction = self.connection.transaction().expect("a transaction");
        let sql = "INSERT INTO entry (log, number, header, body) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = transaction.prepare_cached(sql).expect("a statement");
        for entry in entries {
            let fields = entry.header.fields();
            let log = [fields.log.device.as_bytes().as_slice(), &fields.log.slot.0.to_be_bytes()].concat();
            let number = i64::try_from(fields.number).expect("a small number");
            insert.execute((log, number, entry.header.bytes(), &entry.body)).expect("inserted");
        }
        drop(insert);
        transaction.commit().expect("committed");
    }
}
