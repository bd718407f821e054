//! Everybody else in the plan: devices that write what real replicas sealed beforehand, take in what others write
//! without opening it, and say what they have, as real devices do. A replica costs its own machine, not the others';
//! thirty of them on the bench's one would measure that instead.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use samverka_log::{Entry, Frontier, LogHead, Receipt, Signer as _, SpaceId, attach_message};
use samverka_plan::Kind;
use samverka_protocol::{Bodies, Frame};
use samverka_seal::DeviceKeys;
use samverka_store::Store as _;
use samverka_tests::person::now_ms;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{EDIT_EVERY, Person, phase_of};

const CHANNEL: u32 = 1;
/// How long after something new a receipt says so, as in a replica.
const RECEIPT_AFTER: Duration = Duration::from_millis(500);

/// One of the crowd.
pub(crate) struct Extra {
    number: u8,
    space: SpaceId,
    keys: DeviceKeys,
    frontier: Frontier,
    edits: std::vec::IntoIter<Entry>,
}

impl Extra {
    /// Has a person write so many notes offline, one entry each, and takes over from them.
    pub(crate) fn replacing(mut person: Person, number: u8, edits: usize) -> Self {
        person.disconnect();
        let space = person.replica.space();
        let frontier = person.store.frontier(space).expect("a frontier");
        for edit in 0..edits {
            person.write_note(&format!("lapp {edit} från {number}: mer tid med barnen"));
            person.replica.flush(now_ms(), &mut person.rng).expect("there is a key");
            let unsent = person.drive();
            assert!(unsent.is_empty(), "it is offline");
        }
        let log = person.replica.log_id();
        let from = frontier.head(&log).next;
        let entries = person.store.entries_of_log(space, log, from, usize::MAX, usize::MAX).expect("entries");
        assert_eq!(entries.len(), edits, "one {} is one entry", Kind::Note.container());
        Self { number, space, keys: person.keys, frontier, edits: entries.into_iter() }
    }

    /// Takes part until everything is written, beginning at `start`.
    pub(crate) async fn run(mut self, relay: String, start: Instant) {
        let mut socket = self.connect(&relay).await;
        let mut next_edit = start + phase_of(self.number);
        let (mut receipt_at, mut counter) = (None, 0);
        loop {
            let wake = receipt_at.map_or(next_edit, |at: Instant| at.min(next_edit));
            tokio::select! {
                frame = next(&mut socket) => {
                    if let Frame::Entries { entries, .. } = frame {
                        entries.iter().for_each(|entry| self.note(entry));
                        receipt_at.get_or_insert(Instant::now() + RECEIPT_AFTER);
                    }
                }
                () = sleep_until(wake) => {}
            }
            if receipt_at.is_some_and(|at| at <= Instant::now()) {
                receipt_at = None;
                counter = now_ms().max(counter + 1);
                let (space, device, frontier) = (self.space, self.keys.device(), self.frontier.clone());
                let receipt = Receipt { space, device, counter, frontier }.sign(&self.keys).expect("it fits");
                send(&mut socket, &Frame::Receipt { channel: CHANNEL, receipt }).await;
            }
            if next_edit <= Instant::now() {
                next_edit += EDIT_EVERY;
                let Some(entry) = self.edits.next() else { return };
                self.note(&entry);
                receipt_at.get_or_insert(Instant::now() + RECEIPT_AFTER);
                send(&mut socket, &Frame::Entries { channel: CHANNEL, entries: vec![entry] }).await;
            }
        }
    }

    async fn connect(&mut self, relay: &str) -> Socket {
        let url = format!("{}/sync", relay.replace("http://", "ws://"));
        let (mut socket, _) = connect_async(url).await.expect("the relay listens");
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream.set_nodelay(true).expect("a socket");
        }
        send(&mut socket, &Frame::hello("bench")).await;
        let Frame::Welcome { relay_key, nonce, .. } = next(&mut socket).await else { panic!("no welcome") };
        let (space, device, host) = (self.space, self.keys.device(), relay.replace("http://", ""));
        let signature = self.keys.sign(&attach_message(relay_key, &host, &nonce, space, device));
        send(&mut socket, &Frame::Attach { channel: CHANNEL, space, device, host, signature }).await;
        while !matches!(next(&mut socket).await, Frame::Attached { .. }) {}
        let frontier = self.frontier.clone();
        send(
            &mut socket,
            &Frame::FrontierIs { channel: CHANNEL, frontier, reply: false, bodies: Bodies::All },
        )
        .await;
        loop {
            match next(&mut socket).await {
                Frame::Entries { entries, .. } => entries.iter().for_each(|entry| self.note(entry)),
                Frame::Live { .. } => return socket,
                _ => {}
            }
        }
    }

    fn note(&mut self, entry: &Entry) {
        let fields = entry.header.fields();
        self.frontier.set(fields.log, LogHead { next: fields.number + 1, head: entry.id() });
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn send(socket: &mut Socket, frame: &Frame) {
    socket.send(Message::binary(frame.encode())).await.expect("the relay takes frames");
}

async fn next(socket: &mut Socket) -> Frame {
    loop {
        if let Message::Binary(bytes) = socket.next().await.expect("the relay goes on").expect("it holds") {
            let frame = Frame::decode(&bytes).expect("a frame");
            let wrong = matches!(frame, Frame::Reject { .. } | Frame::Refused { .. } | Frame::Bye { .. });
            assert!(!wrong, "{frame:?}");
            return frame;
        }
    }
}
