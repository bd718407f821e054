//! One task for each room in memory: feeds the machine, carries out what it asks.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use samverka_log::SpaceId;
use samverka_room::{Effect, Incoming, Introduction, PeerId, RequestId, Room};
use samverka_store::{Reply, Request, StoreError};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;

use crate::app::{App, now_ms};
use crate::connection::{Link, Outgoing};
use crate::registry::Mailbox;

/// Messages that wait for a room. Each connection has a bounded number of bytes under way besides.
pub(crate) const MAILBOX_MESSAGES: usize = 256;
/// Messages that a room takes before it looks at what it wants done: what arrives together is written together.
const MESSAGES_AT_ONCE: usize = 64;
/// How long a room without connections stays in memory: a phone that changes networks should find it there.
const IDLE: Duration = Duration::from_secs(20);

/// What a room is told.
pub(crate) enum Message {
    /// A connection opened a channel.
    Connected { link: Arc<Link>, introduction: Introduction },
    /// A frame arrived on a channel. The permit is the connection's allowance for frames under way.
    Frame { peer: PeerId, frame: Incoming, _permit: OwnedSemaphorePermit },
    /// Bytes of a channel have gone out to the socket.
    Drained { peer: PeerId, bytes: u64 },
    /// A channel is gone.
    Disconnected { peer: PeerId },
    /// Answer once everything that was taken is durable and its acknowledgements are queued.
    Settle(oneshot::Sender<()>),
}

type Answer = (RequestId, Result<Reply, StoreError>);

struct Actor {
    app: Arc<App>,
    space: SpaceId,
    room: Room,
    links: BTreeMap<PeerId, Arc<Link>>,
    answers: mpsc::UnboundedSender<Answer>,
    settling: Vec<oneshot::Sender<()>>,
    idle_since: Instant,
}

/// Runs a room until nobody has been connected to it for a while.
pub(crate) async fn run(
    app: Arc<App>,
    space: SpaceId,
    mailbox: mpsc::WeakSender<Message>,
    mut messages: mpsc::Receiver<Message>,
) {
    let (answers, mut answered) = mpsc::unbounded_channel();
    let room = Room::new(space, Arc::clone(&app.settings));
    let mut actor = Actor {
        app,
        space,
        room,
        links: BTreeMap::new(),
        answers,
        settling: Vec::new(),
        idle_since: Instant::now(),
    };
    actor.carry_out();
    // Set anew when it rings, or would ring too late: a message costs no timer. One that rings early does no harm.
    let mut alarm = pin!(tokio::time::sleep(IDLE));
    loop {
        let due = Instant::now() + actor.wait();
        if due < alarm.deadline() {
            alarm.as_mut().reset(due);
        }
        tokio::select! {
            biased;
            Some((id, result)) = answered.recv() => {
                actor.room.handle_stored(id, result, now_ms());
                while let Ok((id, result)) = answered.try_recv() {
                    actor.room.handle_stored(id, result, now_ms());
                }
            }
            message = messages.recv(), if !actor.room.is_congested() => {
                let Some(message) = message else { break };
                actor.take(message);
                for _ in 1..MESSAGES_AT_ONCE {
                    if actor.room.is_congested() {
                        break;
                    }
                    let Ok(message) = messages.try_recv() else { break };
                    actor.take(message);
                }
            }
            () = alarm.as_mut() => {
                actor.room.handle_timeout(now_ms());
                alarm.as_mut().reset(Instant::now() + IDLE);
            }
        }
        actor.carry_out();
        if messages.is_empty() && actor.may_end() {
            break;
        }
    }
    actor.end(&mailbox, messages).await;
}

impl Actor {
    fn take(&mut self, message: Message) {
        let now_ms = now_ms();
        match message {
            Message::Connected { link, introduction } => {
                let peer = link.peer();
                self.links.insert(peer, link);
                self.room.handle_connected(peer, introduction, now_ms);
            }
            Message::Frame { peer, frame, _permit } => self.room.handle_frame(peer, frame, now_ms),
            Message::Drained { peer, bytes } => self.room.handle_drained(peer, bytes, now_ms),
            Message::Disconnected { peer } => {
                self.links.remove(&peer);
                self.room.handle_disconnected(peer, now_ms);
            }
            Message::Settle(done) => self.settling.push(done),
        }
        self.idle_since = Instant::now();
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.room.poll_effect() {
            match effect {
                Effect::Send { peer, frame } => {
                    if let Some(link) = self.links.get(&peer) {
                        link.queue(Outgoing::Frame { frame, link: Some(Arc::clone(link)) });
                    }
                }
                Effect::Close { peer, code, detail } => {
                    if let Some(link) = self.links.get(&peer) {
                        tracing::debug!(space.id = %self.space.short(), code = ?code, detail, "connection dismissed");
                        self.app.metrics.connections_dismissed_total.increment();
                        link.queue(Outgoing::Bye { code, detail });
                    }
                }
                Effect::Store { id, request } => self.store(id, request),
                Effect::Attached { peer } => {
                    if let Some(link) = self.links.get(&peer) {
                        link.attached();
                    }
                }
            }
        }
        let counts = self.room.take_counts();
        self.app.metrics.entries_appended_total.add(counts.appended);
        self.app.metrics.bodies_filled_total.add(counts.filled);
        self.app.metrics.bodies_wanted_total.add(counts.wanted);
        self.app.metrics.entries_refused_total.add(counts.refused);
        self.app.metrics.forks_total.add(counts.forks);
        if self.room.is_settled() {
            for done in self.settling.drain(..) {
                // Whoever asked may have lost patience.
                let _gone = done.send(());
            }
        }
    }

    fn store(&self, id: RequestId, request: Request) {
        let answers = self.answers.clone();
        let space = self.space;
        let metrics = Arc::clone(&self.app.metrics);
        self.app.storage.handle(request, move |result| {
            if let Err(error) = &result
                && !matches!(error, StoreError::Conflict { .. })
            {
                metrics.store_failures_total.increment();
                tracing::error!(space.id = %space.short(), error = %error, "a store request failed");
            }
            // The room may have ended; then nobody waits for the answer.
            let _gone = answers.send((id, result));
        });
    }

    /// How long until the room has to be woken.
    fn wait(&self) -> Duration {
        let idle = IDLE.saturating_sub(self.idle_since.elapsed());
        match self.room.poll_timeout() {
            Some(at_ms) => Duration::from_millis(at_ms.saturating_sub(now_ms())).min(IDLE),
            None if self.links.is_empty() => idle,
            None => IDLE,
        }
    }

    fn may_end(&self) -> bool {
        let waited = self.room.is_missing() || self.idle_since.elapsed() >= IDLE;
        self.links.is_empty() && self.room.is_settled() && waited
    }

    /// Leaves the registry first, then passes on what was sent to this room in the meantime.
    async fn end(self, mailbox: &mpsc::WeakSender<Message>, mut messages: mpsc::Receiver<Message>) {
        if let Some(mailbox) = mailbox.upgrade() {
            self.app.registry.forget(&self.app, self.space, &mailbox);
        }
        messages.close();
        let mut next: Option<Mailbox> = None;
        while let Some(message) = messages.recv().await {
            let mailbox = next.get_or_insert_with(|| self.app.registry.room(&self.app, self.space));
            if mailbox.send(message).await.is_err() {
                tracing::warn!(space.id = %self.space.short(), "a room ended before it could be told");
                next = None;
            }
        }
    }
}
