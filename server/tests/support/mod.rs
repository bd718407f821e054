//! A relay on a free port, and clients over real sockets.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use samverka_log::{Entry, Frontier, RelayKey};
use samverka_protocol::{Bodies, Code, Frame};
use samverka_relay::{Config, Hosting, Relay, RunningRelay};
use samverka_testkit::people::Device;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub const CHANNEL: u32 = 1;
/// How long anything may take that ought to be immediate.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn config(data: &Path) -> Config {
    let mut config = Config::new(data);
    config.listen = "127.0.0.1:0".parse().expect("an address");
    config.hosting = Hosting::Open;
    config
}

pub async fn start(data: &Path) -> RunningRelay {
    Relay::start(config(data)).await.expect("the relay starts")
}

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub host: String,
    pub relay_key: RelayKey,
    pub nonce: [u8; 32],
    pub protocol: u16,
}

impl Client {
    pub async fn connect(relay: &RunningRelay) -> Self {
        Self::connect_to(relay.address()).await
    }

    pub async fn connect_to(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/sync");
        let socket = tokio_tungstenite::connect_async(url).await.expect("the relay takes the connection").0;
        let host = address.to_string();
        let mut client = Self { socket, host, relay_key: RelayKey::ZERO, nonce: [0; 32], protocol: 0 };
        client.send(&Frame::hello("test")).await;
        let Some(Frame::Welcome { protocol, relay_key, nonce, .. }) = client.next().await else {
            panic!("no welcome")
        };
        (client.protocol, client.relay_key, client.nonce) = (protocol, relay_key, nonce);
        client
    }

    /// A client that has attached and is live.
    pub async fn live(relay: &RunningRelay, device: &Device) -> Self {
        let mut client = Self::connect(relay).await;
        client.attach(device).await;
        client.catch_up(Frontier::new()).await;
        client
    }

    pub async fn send(&mut self, frame: &Frame) {
        self.socket.send(Message::binary(frame.encode())).await.expect("the relay takes frames");
    }

    /// The next frame; none once the relay has closed.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("an answer in time")?;
            match message {
                Ok(Message::Binary(bytes)) => {
                    return Some(Frame::decode(&bytes).expect("the relay sends frames"));
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame that fits.
    pub async fn until(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await.expect("the relay goes on");
            if fits(&frame) {
                return frame;
            }
        }
    }

    pub async fn create(&mut self, genesis: Entry) {
        self.send(&Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] }).await;
        self.until(|frame| matches!(frame, Frame::Created { .. })).await;
    }

    pub async fn attach(&mut self, device: &Device) {
        let signature = device.proof(self.relay_key, &self.host, &self.nonce);
        let (space, host) = (device.space, self.host.clone());
        self.send(&Frame::Attach { channel: CHANNEL, space, device: device.id(), host, signature }).await;
        let answer =
            self.until(|frame| matches!(frame, Frame::Attached { .. } | Frame::Refused { .. })).await;
        assert!(matches!(answer, Frame::Attached { .. }), "{answer:?}");
    }

    /// Answers what came before the relay said that this is all.
    pub async fn catch_up(&mut self, frontier: Frontier) -> Vec<Entry> {
        self.send(&Frame::FrontierIs { channel: CHANNEL, frontier, reply: false, bodies: Bodies::All }).await;
        let mut all = Vec::new();
        loop {
            match self.next().await.expect("the relay goes on") {
                Frame::Entries { entries, .. } => all.extend(entries),
                Frame::Live { .. } => return all,
                _ => {}
            }
        }
    }

    pub async fn push(&mut self, entries: Vec<Entry>) {
        self.send(&Frame::Entries { channel: CHANNEL, entries }).await;
    }

    pub async fn acknowledged(&mut self, device: &Device, next: u64) {
        let log = device.log();
        self.until(|frame| matches!(frame, Frame::Ack { logs, .. } if logs.contains(&(log, next)))).await;
    }

    pub async fn bye(&mut self) -> Code {
        let Frame::Bye { code, .. } = self.until(|frame| matches!(frame, Frame::Bye { .. })).await else {
            unreachable!("only a goodbye fits")
        };
        code
    }
}

/// A relay with a space, its founder, and a live client of the founder's.
pub async fn founded(data: &Path) -> (RunningRelay, Device, Client) {
    let relay = start(data).await;
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let mut client = Client::connect(&relay).await;
    client.create(genesis).await;
    client.attach(&founder).await;
    client.catch_up(Frontier::new()).await;
    (relay, founder, client)
}

/// The body of a plain GET.
pub async fn get(relay: &RunningRelay, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(relay.address()).await.expect("the relay listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", relay.address());
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer)
}
