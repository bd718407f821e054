//! A client of a relay, or of the bare server that the relay is compared with.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use samverka_log::{Frontier, RelayKey};
use samverka_protocol::{Bodies, Frame};
use samverka_testkit::people::Device;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::CHANNEL;

/// How long anything may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    outbox: VecDeque<Bytes>,
    host: String,
    relay_key: RelayKey,
    nonce: [u8; 32],
    /// Entries that have come.
    come: usize,
}

impl Client {
    /// Connects to a room of the bare server; a relay pays no heed to the room.
    pub async fn bare(address: SocketAddr, room: u16) -> Self {
        let url = format!("ws://{address}/sync?room={room}");
        let (mut socket, _) = connect_async(url).await.expect("it listens");
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream.set_nodelay(true).expect("a socket");
        }
        let host = address.to_string();
        Self { socket, outbox: VecDeque::new(), host, relay_key: RelayKey::ZERO, nonce: [0; 32], come: 0 }
    }

    /// Connects and greets.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::bare(address, 0).await;
        client.send(&Frame::hello("bench"));
        client.flush().await;
        let Frame::Welcome { relay_key, nonce, .. } = client.next().await else { panic!("no welcome") };
        (client.relay_key, client.nonce) = (relay_key, nonce);
        client
    }

    /// Connects as a device that has everything, attaches and is live.
    pub async fn live(address: SocketAddr, device: &Device) -> Self {
        let mut client = Self::connect(address).await;
        client.attach(device).await;
        client.send(&Frame::FrontierIs {
            channel: CHANNEL,
            frontier: Frontier::new(),
            reply: false,
            bodies: Bodies::All,
        });
        client.flush().await;
        client.until(|frame| matches!(frame, Frame::Live { .. })).await;
        client.come = 0;
        client
    }

    /// Proves a device's key.
    pub async fn attach(&mut self, device: &Device) {
        let signature = device.proof(self.relay_key, &self.host, &self.nonce);
        let (space, host, device) = (device.space, self.host.clone(), device.id());
        self.send(&Frame::Attach { channel: CHANNEL, space, device, host, signature });
        self.flush().await;
        self.until(|frame| matches!(frame, Frame::Attached { .. })).await;
    }

    /// Queues a frame.
    pub fn send(&mut self, frame: &Frame) {
        self.outbox.push_back(frame.encode().into());
    }

    /// Queues an encoded frame.
    pub fn send_bytes(&mut self, frame: Bytes) {
        self.outbox.push_back(frame);
    }

    /// Writes what is queued.
    pub async fn flush(&mut self) {
        while let Some(frame) = self.outbox.pop_front() {
            self.socket.feed(Message::Binary(frame)).await.expect("it takes frames");
        }
        self.socket.flush().await.expect("it takes frames");
    }

    /// The next binary message.
    pub async fn next_bytes(&mut self) -> Bytes {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next());
            match next.await.expect("an answer in time").expect("it goes on") {
                Ok(Message::Binary(bytes)) => return bytes,
                Ok(Message::Close(_)) => panic!("it closed"),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next frame. What a relay says only where something is wrong ends the bench.
    pub async fn next(&mut self) -> Frame {
        let frame = Frame::decode(&self.next_bytes().await).expect("a frame");
        let wrong = matches!(frame, Frame::Reject { .. } | Frame::Refused { .. } | Frame::Bye { .. });
        assert!(!wrong, "{frame:?}");
        if let Frame::Entries { entries, .. } = &frame {
            self.come += entries.len();
        }
        frame
    }

    /// The next frame that fits.
    pub async fn until(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await;
            if fits(&frame) {
                return frame;
            }
        }
    }

    /// Reads until so many entries have come since the client is live, and tells how many have.
    pub async fn entries_until(&mut self, count: usize, mut tell: impl FnMut(usize)) {
        while self.come < count {
            if let Frame::Entries { .. } = self.next().await {
                tell(self.come);
            }
        }
        assert_eq!(self.come, count, "every entry comes once");
    }

    /// Waits until the device's log is durable up to `next`; answers how far it is.
    pub async fn acknowledged(&mut self, device: &Device, next: usize) -> usize {
        loop {
            let Frame::Ack { logs, .. } = self.next().await else { continue };
            let durable = logs.iter().find(|(log, _)| *log == device.log());
            let durable = durable.map(|(_, next)| usize::try_from(*next).expect("a small number"));
            if let Some(durable) = durable.filter(|durable| *durable >= next) {
                return durable;
            }
        }
    }
}
