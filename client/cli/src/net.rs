//! Relays over WebSockets: the shell around the replica's conversations.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use samverka_protocol::limits::FRAME_BYTES_MAX;
use samverka_replica::{Arrived, Effect, Event, KnockState, ReadAhead, SessionId};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::progress::Progress;
use crate::session::Session;
use crate::values::{now_ms, until_ms};
use crate::words::Word;

/// How often a watching process looks whether another one has written to the store. SQLite has no way to be told
/// across processes, and a person does not notice a fifth of a second.
const STORE_POLL: Duration = Duration::from_millis(200);
/// The first and the longest wait before connecting again.
const RECONNECT_MS: (u64, u64) = (500, 30_000);

/// Messages that are taken together at most: screen and other processes get their turn in between.
const BATCH_MAX: usize = 1_024;
/// A message with more bytes is worth a thread: it holds signatures for a millisecond or more.
const LARGE_BYTES: usize = 16 * 1024;
/// How long a relay may take to close a connection before it is left to itself.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// What comes from the connections.
enum Incoming {
    Opened(SessionId, mpsc::UnboundedSender<Vec<u8>>),
    /// A message, and how many bytes it had.
    Frame(SessionId, Arrived, usize),
    Gone(SessionId, Option<String>),
}

/// How long to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Until every relay that can be reached has everything, and this device too.
    UntilSynced,
    /// Until the knock is posted.
    UntilKnocked,
    /// Until an admin has answered the knock, and everything is here.
    UntilAdmitted,
    /// Until interrupted.
    Watching,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// Relays that were reached.
    pub(crate) reached: Vec<String>,
    /// Relays that were not, with the reason.
    pub(crate) failed: Vec<(String, String)>,
    /// How a knock stands.
    pub(crate) knock: Option<KnockState>,
}

impl Report {
    /// The relays that were not reached, or refused something, with the reason.
    pub(crate) fn failed_json(&self) -> Vec<Json> {
        self.failed.iter().map(|(url, why)| json!({ "relay": url, "reason": why })).collect()
    }
}

struct Peer {
    url: String,
    sender: Option<mpsc::UnboundedSender<Vec<u8>>>,
    done: bool,
    attempts: u32,
}

struct Driver<'s> {
    session: &'s mut Session,
    stay: Stay,
    limit: Duration,
    peers: BTreeMap<SessionId, Peer>,
    /// The relays that were connected to at least once.
    met: BTreeSet<String>,
    next: u64,
    sender: mpsc::UnboundedSender<Incoming>,
    report: Report,
    told: usize,
    /// The newcomer was told that the plan is here.
    seen: bool,
    progress: Progress,
}

/// Talks to all relays of the plan.
pub(crate) fn talk_to_relays(
    session: &mut Session,
    stay: Stay,
    limit: Duration,
    on_event: &mut dyn FnMut(&mut Session, &Event) -> Result<()>,
) -> Result<Report> {
    if session.replica.relays().is_empty() {
        bail!("the plan lists no relay: it lives on this device only");
    }
    // What was told while reading the store is no news.
    session.events.clear();
    // An error means that a provider is installed already, which is as good.
    let _installed = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    // The connections have threads of their own, which read ahead while the replica takes what came before.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(threads())
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (sender, mut incoming) = mpsc::unbounded_channel();
        let mut driver = Driver {
            session,
            stay,
            limit,
            peers: BTreeMap::new(),
            met: BTreeSet::new(),
            next: 0,
            sender,
            report: Report::default(),
            told: 0,
            seen: false,
            progress: Progress::new(stay),
        };
        driver.meet_relays();
        driver.run(&mut incoming, on_event).await?;
        driver.finish(&mut incoming).await
    })
}

impl Driver<'_> {
    /// Connects to relays that are new: all of them at first, later those that the plan has come to list.
    fn meet_relays(&mut self) {
        for url in self.session.replica.relays() {
            if self.met.insert(url.clone()) {
                self.connect(url, Duration::ZERO, 0);
            }
        }
    }

    fn connect(&mut self, url: String, after: Duration, attempts: u32) {
        self.next += 1;
        let id = SessionId(self.next);
        self.peers.insert(id, Peer { url: url.clone(), sender: None, done: false, attempts });
        let (sender, limit) = (self.sender.clone(), self.limit);
        tokio::spawn(async move {
            sleep(after).await;
            let why = carry(id, &url, limit, &sender).await.err().map(|error| format!("{error:#}"));
            // The driver is gone when nobody receives: then nobody needs to know.
            let _gone = sender.send(Incoming::Gone(id, why));
        });
    }

    async fn run(
        &mut self,
        incoming: &mut mpsc::UnboundedReceiver<Incoming>,
        on_event: &mut dyn FnMut(&mut Session, &Event) -> Result<()>,
    ) -> Result<()> {
        let deadline = Instant::now() + self.limit;
        let mut next_look = Instant::now() + STORE_POLL;
        let watching = self.stays();
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        while !self.is_done() {
            let timer = self.session.replica.poll_timeout();
            let due = timer.map(|at| Instant::now() + until_ms(at));
            let wake = [due, watching.then_some(next_look), (!watching).then_some(deadline)];
            let wake = wake.into_iter().flatten().min().unwrap_or(deadline);
            let mut batch = Vec::new();
            tokio::select! {
                received = incoming.recv() => batch.extend(received),
                () = sleep_until(wake) => {}
                _ = &mut interrupted => return Ok(()),
            }
            // Whatever has come meanwhile goes in together: one apply, one write.
            while let (true, Ok(received)) = (batch.len() < BATCH_MAX, incoming.try_recv()) {
                batch.push(received);
            }
            let looked = Instant::now() >= next_look;
            if looked {
                next_look = Instant::now() + STORE_POLL;
            }
            if !batch.is_empty()
                || looked
                || self.session.replica.poll_timeout().is_some_and(|at| at <= now_ms())
            {
                self.turn(batch)?;
            }
            if !watching && Instant::now() >= deadline {
                self.give_up();
            }
            self.carry_out()?;
            self.meet_relays();
            self.tell(on_event)?;
        }
        Ok(())
    }

    /// Gives the replica what has come and what is due, while no other process of this device writes.
    fn turn(&mut self, batch: Vec<Incoming>) -> Result<()> {
        let mut gone = Vec::new();
        let (peers, report, progress) = (&mut self.peers, &mut self.report, &mut self.progress);
        self.session.in_turn(|session| {
            for incoming in batch {
                match incoming {
                    Incoming::Opened(id, sender) => {
                        let Some(peer) = peers.get_mut(&id) else { continue };
                        peer.sender = Some(sender);
                        if !report.reached.contains(&peer.url) {
                            report.reached.push(peer.url.clone());
                        }
                        session.replica.connect(id, &peer.url);
                    }
                    Incoming::Frame(id, arrived, bytes) => {
                        progress.add(bytes, session.output);
                        session.replica.handle_arrived(id, arrived, now_ms(), &mut session.rng);
                    }
                    Incoming::Gone(id, why) => gone.push((id, why)),
                }
            }
            session.replica.handle_timeout(now_ms(), &mut session.rng);
            session.drive()
        })?;
        for (id, why) in gone {
            self.gone(id, why);
        }
        Ok(())
    }

    fn gone(&mut self, id: SessionId, why: Option<String>) {
        let Some(peer) = self.peers.remove(&id) else { return };
        self.session.replica.handle_disconnected(id, now_ms());
        let why = why.unwrap_or_else(|| "it closed the connection".to_owned());
        if self.stays() {
            if peer.attempts == 0 {
                self.session.output.talk(Word::Reconnecting, &[&peer.url, &why]);
            }
            let wait = RECONNECT_MS.0.saturating_mul(1 << peer.attempts.min(6)).min(RECONNECT_MS.1);
            // Jitter by the clock's lowest digits: a relay that comes back is not met by everybody at once.
            let jitter = now_ms() % (wait / 2 + 1);
            self.connect(peer.url, Duration::from_millis(wait / 2 + jitter), peer.attempts + 1);
        } else if !peer.done {
            self.report.failed.push((peer.url, why));
        }
    }

    fn give_up(&mut self) {
        let late: Vec<SessionId> =
            self.peers.iter().filter(|(_, peer)| !peer.done).map(|(id, _)| *id).collect();
        for id in late {
            self.gone(id, Some("it took too long".to_owned()));
        }
    }

    fn carry_out(&mut self) -> Result<()> {
        self.session.drive()?;
        for effect in self.session.take_outbox() {
            match effect {
                Effect::Send { session, frame } => {
                    if let Some(sender) = self.peers.get(&session).and_then(|peer| peer.sender.as_ref()) {
                        // A connection that is gone says so itself; what was to go there goes on the next one.
                        let _gone = sender.send(frame);
                    }
                }
                Effect::Close { session, .. } => {
                    if let Some(peer) = self.peers.get_mut(&session) {
                        peer.sender = None;
                    }
                }
                Effect::Store { .. } => {}
            }
        }
        Ok(())
    }

    fn tell(&mut self, on_event: &mut dyn FnMut(&mut Session, &Event) -> Result<()>) -> Result<()> {
        for event in std::mem::take(&mut self.session.events) {
            match &event {
                Event::Synced(id) => {
                    if let Some(peer) = self.peers.get_mut(id) {
                        peer.done = true;
                        self.told += 1;
                    }
                }
                Event::KnockAnswered { state, session } => {
                    self.report.knock = Some(*state);
                    if let Some(peer) = self.peers.get_mut(session)
                        && (*state != KnockState::Admitted && self.stay != Stay::UntilAdmitted)
                    {
                        peer.done = true;
                    }
                }
                Event::Live(id) => {
                    if let Some(peer) = self.peers.get_mut(id) {
                        peer.attempts = 0;
                    }
                    if self.stay == Stay::UntilAdmitted && !core::mem::replace(&mut self.seen, true) {
                        self.session.output.talk(Word::PlanIsHere, &[]);
                    }
                }
                Event::Refused { session, reason } => self.refused(*session, reason),
                _ => {}
            }
            on_event(self.session, &event)?;
        }
        Ok(())
    }

    /// A relay said no: to one log, and the rest goes on, or to the connection. A process that stays tries that again
    /// in a while, since what the relay lacks (an invitation, the plan itself) may reach it from somebody else.
    fn refused(&mut self, id: SessionId, reason: &str) {
        let stays = self.stays();
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let relays = self.session.replica.status().relays;
        let goes_on = relays.iter().any(|relay| relay.url == peer.url && relay.connected);
        if stays && !goes_on {
            // Without a sender the connection ends, and is made again like any that broke.
            peer.sender = None;
            peer.attempts += 1;
        } else if !stays {
            peer.done = true;
            self.report.failed.push((peer.url.clone(), reason.to_owned()));
        }
    }

    /// Whether this process stays connected.
    const fn stays(&self) -> bool {
        matches!(self.stay, Stay::Watching | Stay::UntilAdmitted)
    }

    fn is_done(&self) -> bool {
        match self.stay {
            Stay::Watching => false,
            Stay::UntilSynced => self.peers.values().all(|peer| peer.done) && !self.is_passing_on(),
            Stay::UntilKnocked => self.report.knock.is_some() || self.peers.values().all(|peer| peer.done),
            Stay::UntilAdmitted => {
                self.told > 0 || matches!(self.report.knock, Some(KnockState::Refused | KnockState::Expired))
            }
        }
    }

    /// Whether something that came from one relay is still on its way to another.
    fn is_passing_on(&self) -> bool {
        let refused = |url: &str| self.report.failed.iter().any(|(failed, _)| failed == url);
        self.peers.len() > 1
            && self
                .session
                .replica
                .status()
                .relays
                .iter()
                .any(|relay| relay.connected && relay.lacking > 0 && !refused(&relay.url))
    }

    /// Lets what was said last go out, closes the connections and keeps what the relays were known to have.
    async fn finish(mut self, incoming: &mut mpsc::UnboundedReceiver<Incoming>) -> Result<Report> {
        self.progress.end();
        for peer in self.peers.values_mut() {
            peer.sender = None;
        }
        let mut open: BTreeSet<SessionId> = self
            .peers
            .iter()
            .filter(|(_, peer)| self.report.reached.contains(&peer.url))
            .map(|(id, _)| *id)
            .collect();
        while !open.is_empty() {
            match timeout(CLOSE_MAX, incoming.recv()).await {
                Ok(Some(Incoming::Gone(id, _))) => drop(open.remove(&id)),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        let ids: Vec<SessionId> = self.peers.keys().copied().collect();
        for id in ids {
            self.session.replica.handle_disconnected(id, now_ms());
        }
        self.session.drive()?;
        Ok(self.report)
    }
}

/// Opens a connection and carries messages until it ends.
async fn carry(
    id: SessionId,
    url: &str,
    limit: Duration,
    driver: &mpsc::UnboundedSender<Incoming>,
) -> Result<()> {
    let address = socket_address(url)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    // Frames are whole messages already: waiting to fill a packet would only cost time.
    let connecting = tokio_tungstenite::connect_async_with_config(address.as_str(), Some(config), true);
    let connected = timeout(limit, connecting).await.map_err(|_| anyhow!("it does not answer"))?;
    // The innermost cause says it all; the ones around it say the same again.
    let (socket, _) = connected.map_err(|error| anyhow!("{}", anyhow::Error::from(error).root_cause()))?;
    let (mut sink, stream) = socket.split();
    let (sender, mut outgoing) = mpsc::unbounded_channel::<Vec<u8>>();
    driver.send(Incoming::Opened(id, sender)).map_err(|_| anyhow!("nobody is there any more"))?;
    let writing = async {
        while let Some(frame) = outgoing.recv().await {
            sink.feed(Message::Binary(frame.into())).await?;
            while let Ok(frame) = outgoing.try_recv() {
                sink.feed(Message::Binary(frame.into())).await?;
            }
            sink.flush().await?;
        }
        sink.close().await
    };
    let ahead = Arc::new(ReadAhead::default());
    let reading = async {
        // More than there are threads: those behind a message that takes long are read meanwhile.
        let mut arrived = stream.map(|message| read(Arc::clone(&ahead), message)).buffered(2 * threads());
        while let Some(arrived) = arrived.next().await {
            if let Some((arrived, bytes)) = arrived?
                && driver.send(Incoming::Frame(id, arrived, bytes)).is_err()
            {
                break;
            }
        }
        Ok::<(), anyhow::Error>(())
    };
    tokio::select! {
        written = writing => written.context("the connection broke")?,
        read = reading => read.context("the connection broke")?,
    }
    Ok(())
}

/// Reads a message: a large one on a thread of its own, beside the one before it.
async fn read(
    ahead: Arc<ReadAhead>,
    message: tokio_tungstenite::tungstenite::Result<Message>,
) -> Result<Option<(Arrived, usize)>> {
    let Message::Binary(frame) = message? else { return Ok(None) };
    let bytes = frame.len();
    let arrived = if bytes > LARGE_BYTES {
        spawn_blocking(move || ahead.read(&frame)).await?
    } else {
        ahead.read(&frame)
    };
    Ok(Some((arrived, bytes)))
}

/// As many threads as there are processors.
fn threads() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// `https://relay` becomes `wss://relay/sync`.
fn socket_address(url: &str) -> Result<String> {
    let (scheme, rest) =
        url.split_once("://").with_context(|| format!("{url} is not an address: https://…"))?;
    let scheme = match scheme {
        "https" | "wss" => "wss",
        "http" | "ws" => "ws",
        other => bail!("{other} is not a relay's scheme: https or http"),
    };
    Ok(format!("{scheme}://{}/sync", rest.trim_end_matches('/')))
}
