//! Two tasks for each connection: one reads frames into rooms, one writes what rooms send.
//!
//! Reading and writing go on side by side, so that a client that sends much before it reads does not stall both ends;
//! and a frame on its way out, of which there are as many as there are readers, does not wake what waits for one that
//! comes in.
//! What a connection may cost is bounded: frames under way to rooms by [`UNDER_WAY_BYTES_MAX`], frames on the way out
//! by the rooms' credit.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as SocketMessage, WebSocket, close_code};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use samverka_log::HeaderVerifier;
use samverka_protocol::{Code, Frame};
use samverka_room::{Incoming, Introduction, PeerId, Reaction, Reception};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::actor::Message;
use crate::app::{App, Phase, now_ms};
use crate::registry::Mailbox;

/// Bytes of frames that a connection may have under way to rooms, beside one frame of any size.
const UNDER_WAY_BYTES_MAX: u32 = 256 * 1024;
/// Bytes that may wait to be written to one socket, from all its channels.
const QUEUED_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// What a queued frame takes beside its bytes, about, so that a flood of tiny answers is counted as well.
const FRAME_OVERHEAD_BYTES: usize = 64;
/// Bytes written to the socket after which a room is told. A quarter of the rooms' credit: seldom enough to cost
/// little, often enough to keep a catching-up reader busy.
const DRAINED_BYTES_REPORTED: u64 = samverka_room::CREDIT_BYTES / 4;
/// How long one write may make no progress before the client counts as gone.
const WRITE_STALL_MAX: Duration = Duration::from_secs(60);
/// How often the relay asks a silent client for a sign of life, and how long silence may last.
const PING_EVERY: Duration = Duration::from_secs(45);
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// How long a client may take to say hello.
const HELLO_MAX: Duration = Duration::from_secs(20);
/// How long a goodbye may take to go out.
const GOODBYE_MAX: Duration = Duration::from_secs(5);

/// Something to write to a socket.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A frame; the link is told when it has gone out.
    Frame { frame: Bytes, link: Option<Arc<Link>> },
    /// A sign of life is asked for.
    Ping,
    /// The last thing that is written.
    Bye { code: Code, detail: String },
}

impl Outgoing {
    fn size(&self) -> u64 {
        match self {
            Self::Frame { frame, .. } => (frame.len() + FRAME_OVERHEAD_BYTES) as u64,
            Self::Ping | Self::Bye { .. } => 0,
        }
    }

    fn overloaded() -> Self {
        Self::Bye { code: Code::Busy, detail: "answers are not being read".to_owned() }
    }
}

/// What waits to be written to one socket, from all rooms and from the connection itself.
///
/// Rooms give each channel its own credit; a connection may have many channels, so all of it together has a limit as
/// well. A connection that goes over it is doomed: it gets a goodbye and nothing more.
#[derive(Clone, Debug)]
struct Outbox {
    queue: mpsc::UnboundedSender<Outgoing>,
    load: Arc<Load>,
}

#[derive(Debug, Default)]
struct Load {
    bytes: AtomicU64,
    doomed: AtomicBool,
}

impl Outbox {
    fn put(&self, outgoing: Outgoing) {
        if self.load.doomed.load(Ordering::Relaxed) {
            return;
        }
        let bytes = outgoing.size();
        let queued = self.load.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let overloaded = queued > QUEUED_BYTES_MAX;
        let last = overloaded || matches!(outgoing, Outgoing::Bye { .. });
        if last && self.load.doomed.swap(true, Ordering::Relaxed) {
            return;
        }
        let outgoing = if overloaded { Outgoing::overloaded() } else { outgoing };
        // A connection that is gone takes nothing more.
        let _gone = self.queue.send(outgoing);
    }
}

/// A channel of a connection, as its room sees it.
#[derive(Debug)]
pub(crate) struct Link {
    peer: PeerId,
    outbox: Outbox,
    room: Mailbox,
    drained: AtomicU64,
    attached: AtomicBool,
}

impl Link {
    pub(crate) const fn peer(&self) -> PeerId {
        self.peer
    }

    /// Queues something. The room bounds how much for this channel.
    pub(crate) fn queue(&self, outgoing: Outgoing) {
        self.outbox.put(outgoing);
    }

    /// The channel has proved its device, so its entries may be checked beside the room.
    pub(crate) fn attached(&self) {
        self.attached.store(true, Ordering::Relaxed);
    }

    async fn drained(&self, bytes: u64) {
        let total = self.drained.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if total >= DRAINED_BYTES_REPORTED {
            self.drained.fetch_sub(total, Ordering::Relaxed);
            let _gone = self.room.send(Message::Drained { peer: self.peer, bytes: total }).await;
        }
    }
}

/// Runs a connection until either side ends it.
pub(crate) async fn run(socket: WebSocket, app: Arc<App>, hosts: Vec<String>) {
    // None while the last connections are waited for: then there is nothing left to say either.
    let Some(alive) = app.alive.upgrade() else { return };
    let mut nonce = [0; 32];
    if let Err(error) = getrandom::fill(&mut nonce) {
        tracing::error!(error = %error, "no randomness for a challenge");
        return;
    }
    app.metrics.connections.increment();
    app.metrics.connections_total.increment();
    let (sink, stream) = socket.split();
    let (queue, queued) = mpsc::unbounded_channel();
    let outbox = Outbox { queue, load: Arc::default() };
    let mut reader = Reader {
        reception: Reception::new(Arc::clone(&app.settings), nonce, now_ms()),
        introduction: Introduction { channel: 0, nonce, hosts: hosts.into() },
        app: Arc::clone(&app),
        outbox: outbox.clone(),
        under_way: Arc::new(Semaphore::new(UNDER_WAY_BYTES_MAX as usize)),
        links: BTreeMap::new(),
        verifier: HeaderVerifier::default(),
    };
    // Whoever does not read to the end is not written to for longer than this waits.
    let mut writing = JoinSet::new();
    writing.spawn(write(sink, queued, Arc::clone(&outbox.load), Arc::clone(&app)));
    let goodbye = tokio::select! {
        // The socket takes no more, or the last word has been said.
        _ = writing.join_next() => None,
        ending = reader.run(stream) => ending,
    };
    reader.leave_all().await;
    if let Some((code, detail)) = goodbye {
        outbox.put(Outgoing::Bye { code, detail });
        drop((reader, outbox));
        let _late = timeout(GOODBYE_MAX, writing.join_next()).await;
    }
    app.metrics.connections.decrement();
    drop(alive);
}

struct Reader {
    reception: Reception,
    introduction: Introduction,
    app: Arc<App>,
    outbox: Outbox,
    under_way: Arc<Semaphore>,
    links: BTreeMap<u32, Arc<Link>>,
    verifier: HeaderVerifier,
}

type Goodbye = (Code, String);

impl Reader {
    /// Reads until the connection ends; what is returned has to be told to the client.
    async fn run(&mut self, mut stream: SplitStream<WebSocket>) -> Option<Goodbye> {
        let mut stopping = std::pin::pin!(reached(self.app.phase.subscribe(), Phase::Stopping));
        let mut heard = Instant::now();
        let mut greeted = false;
        // Set anew when it rings only: a frame that arrives costs no timer.
        let mut alarm = std::pin::pin!(tokio::time::sleep(HELLO_MAX));
        loop {
            let received = tokio::select! {
                received = stream.next() => Some(received),
                () = stopping.as_mut() => None,
                () = alarm.as_mut() => {
                    let silent = heard.elapsed();
                    if !greeted || silent >= SILENCE_MAX {
                        return Some((Code::Timeout, "nothing was heard".to_owned()));
                    }
                    if silent >= PING_EVERY {
                        self.outbox.put(Outgoing::Ping);
                        alarm.as_mut().reset(Instant::now() + PING_EVERY);
                    } else {
                        alarm.as_mut().reset(heard + PING_EVERY);
                    }
                    continue;
                }
            };
            let Some(received) = received else {
                // Everything that was taken is made durable and acknowledged first.
                reached(self.app.phase.subscribe(), Phase::Closing).await;
                return Some((Code::GoingAway, "the relay is stopping".to_owned()));
            };
            heard = Instant::now();
            let frame = match received? {
                Ok(SocketMessage::Binary(frame)) => frame,
                Ok(SocketMessage::Text(_)) => {
                    return Some(self.dismissed(Code::Malformed, "frames are binary"));
                }
                Ok(SocketMessage::Ping(_) | SocketMessage::Pong(_)) => continue,
                Ok(SocketMessage::Close(_)) => return None,
                Err(error) => return self.broken(&error),
            };
            greeted = true;
            if let Err(goodbye) = self.take(&frame).await {
                return Some(goodbye);
            }
            self.wait_for_rate().await;
        }
    }

    async fn take(&mut self, frame: &Bytes) -> Result<(), Goodbye> {
        self.app.metrics.frames_received_total.increment();
        self.app.metrics.bytes_received_total.add(frame.len() as u64);
        match self.reception.handle_frame(frame, now_ms()) {
            Reaction::Nothing => Ok(()),
            Reaction::Send(frame) => {
                self.outbox.put(Outgoing::Frame { frame, link: None });
                Ok(())
            }
            Reaction::Open { channel, space, frame: first } => {
                let room = self.app.registry.room(&self.app, space);
                let link = Arc::new(Link {
                    peer: self.app.next_peer(),
                    outbox: self.outbox.clone(),
                    room: room.clone(),
                    drained: AtomicU64::new(0),
                    attached: AtomicBool::new(false),
                });
                self.links.insert(channel, Arc::clone(&link));
                let introduction = Introduction { channel, ..self.introduction.clone() };
                send(&room, Message::Connected { link: Arc::clone(&link), introduction }).await?;
                self.pass(&link, first, frame.len()).await
            }
            Reaction::Pass { channel, frame: passed } => match self.links.get(&channel).cloned() {
                Some(link) => self.pass(&link, passed, frame.len()).await,
                None => Err((Code::Internal, "the channel is not open".to_owned())),
            },
            Reaction::Leave { channel } => match self.links.remove(&channel) {
                Some(link) => send(&link.room, Message::Disconnected { peer: link.peer }).await,
                None => Ok(()),
            },
            Reaction::Bye { code, detail } => Err(self.dismissed(code, &detail)),
        }
    }

    async fn pass(&mut self, link: &Arc<Link>, frame: Frame, len: usize) -> Result<(), Goodbye> {
        let permits = u32::try_from(len).unwrap_or(u32::MAX).min(UNDER_WAY_BYTES_MAX);
        let permit =
            Arc::clone(&self.under_way).acquire_many_owned(permits).await.map_err(|_closed| internal())?;
        let attached = link.attached.load(Ordering::Relaxed);
        let frame =
            if attached { Incoming::checked(frame, &mut self.verifier) } else { Incoming::new(frame) };
        let message = Message::Frame { peer: link.peer, frame, _permit: permit };
        send(&link.room, message).await
    }

    /// A client that goes too fast is read from more slowly; its own socket then tells it.
    async fn wait_for_rate(&self) {
        let wait_ms = self.reception.ready_at_ms().saturating_sub(now_ms());
        if wait_ms > 0 {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    fn broken(&self, error: &axum::Error) -> Option<Goodbye> {
        use std::error::Error as _;
        // Only an oversized message is worth an answer: everything else means that nobody listens.
        let too_big = error.source().is_some_and(|source| source.to_string().contains("too long"));
        tracing::debug!(error = %error, "a connection broke");
        too_big.then(|| self.dismissed(Code::TooLarge, "the frame is over the limit"))
    }

    fn dismissed(&self, code: Code, detail: &str) -> Goodbye {
        tracing::debug!(code = ?code, detail, "connection dismissed");
        self.app.metrics.connections_dismissed_total.increment();
        (code, detail.to_owned())
    }

    async fn leave_all(&mut self) {
        for (_, link) in std::mem::take(&mut self.links) {
            let _ended = send(&link.room, Message::Disconnected { peer: link.peer }).await;
        }
    }
}

/// Waits until the server has come so far. An error means that it is gone, which is far enough.
async fn reached(mut phase: watch::Receiver<Phase>, wanted: Phase) {
    let _gone = phase.wait_for(|phase| *phase >= wanted).await;
}

async fn send(room: &Mailbox, message: Message) -> Result<(), Goodbye> {
    room.send(message).await.map_err(|_ended| internal())
}

fn internal() -> Goodbye {
    (Code::Internal, "the room ended; connect again".to_owned())
}

async fn write(
    mut sink: SplitSink<WebSocket, SocketMessage>,
    mut queued: mpsc::UnboundedReceiver<Outgoing>,
    load: Arc<Load>,
    app: Arc<App>,
) {
    while let Some(first) = queued.recv().await {
        let mut next = Some(first);
        // What is queued goes out together: one flush, one packet where it fits.
        while let Some(outgoing) = next {
            let size = outgoing.size();
            match unless_stalled(write_one(&mut sink, outgoing, &app)).await {
                Some(Some(true)) => {
                    load.bytes.fetch_sub(size, Ordering::Relaxed);
                }
                Some(Some(false)) => return,
                Some(None) | None => {
                    app.metrics.connections_dismissed_total.increment();
                    return;
                }
            }
            next = queued.try_recv().ok();
        }
        if !matches!(unless_stalled(sink.flush()).await, Some(Ok(()))) {
            return;
        }
    }
}

/// What comes of a write; none if it makes no progress for too long. One that is done at once, as nearly all are, needs
/// no timer.
async fn unless_stalled<F: Future>(write: F) -> Option<F::Output> {
    let mut write = std::pin::pin!(write);
    let at_once = poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
    match at_once {
        Poll::Ready(output) => Some(output),
        Poll::Pending => timeout(WRITE_STALL_MAX, write).await.ok(),
    }
}

/// Whether there may be more to write; none if the socket failed.
async fn write_one(
    sink: &mut SplitSink<WebSocket, SocketMessage>,
    outgoing: Outgoing,
    app: &App,
) -> Option<bool> {
    match outgoing {
        Outgoing::Frame { frame, link } => {
            let len = frame.len() as u64;
            sink.feed(SocketMessage::Binary(frame)).await.ok()?;
            app.metrics.frames_sent_total.increment();
            app.metrics.bytes_sent_total.add(len);
            if let Some(link) = link {
                link.drained(len).await;
            }
            Some(true)
        }
        Outgoing::Ping => {
            sink.feed(SocketMessage::Ping(Bytes::new())).await.ok()?;
            Some(true)
        }
        Outgoing::Bye { code, detail } => {
            let bye = Frame::Bye { code, detail };
            sink.feed(SocketMessage::Binary(samverka_room::encode(&bye))).await.ok()?;
            let close = CloseFrame { code: close_code::NORMAL, reason: "".into() };
            sink.send(SocketMessage::Close(Some(close))).await.ok()?;
            Some(false)
        }
    }
}
