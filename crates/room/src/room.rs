//! The room itself: what it holds, and which verb does what.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use samverka_log::{DocumentId, Entry, Frontier, LogHead, LogId, SignedHeader, SpaceId};
use samverka_protocol::{Code, Frame};
use samverka_store::{Reply, Request, StoreError};

use crate::commit::{Commit, Pending};
use crate::effect::{Counts, Effect, PeerId, RequestId};
use crate::filling::Bodiless;
use crate::gate::Gate;
use crate::incoming::{Content, Incoming};
use crate::knocks::Knocks;
use crate::loading::Loading;
use crate::peer::{Introduction, Peer, Stage};
use crate::receipts::Receipts;
use crate::settings::{CREDIT_BYTES, PEERS_MAX, Settings, UNREAD_BYTES_MAX};
use crate::waiting::Waiting;

/// Frames that a channel may send before the room is loaded: the first one, and what a hasty client adds.
const EARLY_FRAMES_MAX: usize = 16;

/// The relay's live state for one space: who is connected, who may do what, where each log stands.
///
/// Feed it with `handle_*`, then take everything from [`Self::poll_effect`] and carry it out in order, then ask
/// [`Self::poll_timeout`] when to call [`Self::handle_timeout`]. It does not assume that it is the space's only
/// writer: where the store says that somebody else wrote, it reads what they wrote and goes on.
#[derive(Debug)]
pub struct Room {
    pub(crate) space: SpaceId,
    pub(crate) settings: Arc<Settings>,
    pub(crate) state: State,
    pub(crate) gate: Gate,
    /// What the store has.
    pub(crate) durable: Frontier,
    /// What was accepted, durable or not.
    pub(crate) heads: Frontier,
    /// Bytes of entries in the store, about.
    pub(crate) space_bytes: u64,
    pub(crate) commit: Commit,
    pub(crate) waiting: Waiting,
    pub(crate) peers: BTreeMap<PeerId, Peer>,
    pub(crate) knocks: Knocks,
    pub(crate) receipts: Receipts,
    /// Proof of each forked log.
    pub(crate) forks: BTreeMap<LogId, (SignedHeader, SignedHeader)>,
    pub(crate) dropped: BTreeSet<DocumentId>,
    /// Durable entries that have no body and may get one.
    pub(crate) bodiless: Bodiless,
    pub(crate) purposes: BTreeMap<RequestId, Purpose>,
    pub(crate) counts: Counts,
    effects: VecDeque<Effect>,
    requests: u64,
    pub(crate) reads: u64,
    /// When to look again at what waits for memory or time: a large body, or bodies that were asked for.
    pub(crate) look_again_ms: Option<u64>,
}

/// How far the room is.
#[derive(Debug)]
pub(crate) enum State {
    /// Its past is being read; what arrived meanwhile waits.
    Loading(Loading),
    /// The space is not on this relay.
    Missing,
    /// All is known.
    Ready,
    /// The store could not be read; everybody has been sent away.
    Failed,
}

/// What an answer of the store is for.
#[derive(Debug)]
pub(crate) enum Purpose {
    Load,
    Commit,
    Refresh,
    /// The next entries for a channel that is behind.
    CatchUp {
        peer: PeerId,
        read: u64,
        log: Option<LogId>,
    },
    /// Bodies that a channel asked for.
    Wanted {
        peer: PeerId,
        read: u64,
    },
    /// Older entries of a log, to be compared with what somebody sent.
    Compare {
        theirs: VecDeque<Entry>,
        peer: PeerId,
    },
}

impl Room {
    /// A room for a space; it begins by reading its past.
    pub fn new(space: SpaceId, settings: Arc<Settings>) -> Self {
        let mut room = Self::empty(space, settings);
        room.begin_loading();
        room
    }

    fn empty(space: SpaceId, settings: Arc<Settings>) -> Self {
        Self {
            space,
            settings,
            state: State::Loading(Loading::default()),
            gate: Gate::default(),
            durable: Frontier::new(),
            heads: Frontier::new(),
            space_bytes: 0,
            commit: Commit::default(),
            waiting: Waiting::default(),
            peers: BTreeMap::new(),
            knocks: Knocks::default(),
            receipts: Receipts::default(),
            forks: BTreeMap::new(),
            dropped: BTreeSet::new(),
            bodiless: Bodiless::default(),
            purposes: BTreeMap::new(),
            counts: Counts::default(),
            effects: VecDeque::new(),
            requests: 0,
            reads: 0,
            look_again_ms: None,
        }
    }

    /// What takes this room's place when its store was replaced: it knows nothing, and goes on counting.
    pub(crate) fn successor(&mut self) -> Self {
        let mut room = Self::empty(self.space, Arc::clone(&self.settings));
        room.requests = self.requests;
        room.reads = self.reads;
        room.peers = core::mem::take(&mut self.peers);
        room.effects = core::mem::take(&mut self.effects);
        room.counts = self.counts;
        room
    }

    /// A channel was opened to this room.
    pub fn handle_connected(&mut self, peer: PeerId, introduction: Introduction, _now_ms: u64) {
        let full = self.peers.len() >= PEERS_MAX;
        self.peers.insert(peer, Peer::new(introduction));
        if full {
            self.close(peer, Code::Busy, "too many devices are connected to this space");
        }
    }

    /// A channel is gone.
    pub fn handle_disconnected(&mut self, peer: PeerId, now_ms: u64) {
        self.peers.remove(&peer);
        self.commit.forget(peer);
        // A large body that was on its way there may have held others up.
        self.pump_all(now_ms);
    }

    /// Bytes of frames for a channel have gone out to its socket.
    pub fn handle_drained(&mut self, peer: PeerId, bytes: u64, now_ms: u64) {
        if let Some(known) = self.peers.get_mut(&peer) {
            known.outstanding = known.outstanding.saturating_sub(bytes);
            self.pump(peer, now_ms);
        }
    }

    /// A frame arrived on a channel.
    pub fn handle_frame(&mut self, peer: PeerId, incoming: Incoming, now_ms: u64) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        if known.closed {
            return;
        }
        match &mut self.state {
            State::Loading(loading) => {
                known.early_frames += 1;
                if known.early_frames > EARLY_FRAMES_MAX {
                    self.close(peer, Code::Malformed, "frames were sent before the channel was attached");
                } else {
                    loading.early.push((peer, incoming));
                }
            }
            State::Failed => self.close(peer, Code::Internal, "the relay cannot read its store"),
            State::Missing | State::Ready => match incoming.content {
                Content::Entries(entries) => self.push(peer, entries, now_ms),
                Content::Frame(frame) => self.dispatch(peer, *frame, now_ms),
            },
        }
    }

    fn dispatch(&mut self, peer: PeerId, frame: Frame, now_ms: u64) {
        match frame {
            Frame::Attach { device, host, signature, .. } => {
                self.attach(peer, device, &host, signature, now_ms);
            }
            Frame::Create { token, entries, .. } => self.create(peer, &token, entries, now_ms),
            Frame::FrontierIs { frontier, reply, bodies, .. } => {
                self.frontier_is(peer, &frontier, reply, bodies, now_ms);
            }
            Frame::WantBodies { ask, wants, .. } => self.want_bodies(peer, ask, wants, now_ms),
            Frame::Entries { entries, .. } => self.push_unchecked(peer, entries, now_ms),
            Frame::Part { header, offset, total, bytes, .. } => {
                self.push_part(peer, crate::parts::Part { header, offset, total, bytes }, now_ms);
            }
            Frame::Fork { first, second, .. } => self.fork_reported(peer, &first, &second, now_ms),
            Frame::Ephemeral { bytes, .. } => self.ephemeral(peer, &bytes),
            Frame::Receipt { receipt, .. } => self.receipt(peer, receipt, now_ms),
            Frame::Knock { knock, .. } => self.knock(peer, knock, now_ms),
            Frame::KnockClose { device, refused, .. } => self.knock_close(peer, device, refused, now_ms),
            // A relay that forwards tells others what it has; this one has nobody to tell it to.
            Frame::Live { .. } | Frame::Ack { .. } | Frame::Reject { .. } => {}
            // Of a newer version.
            Frame::Unknown { .. } => {}
            Frame::Hello { .. }
            | Frame::Welcome { .. }
            | Frame::Attached { .. }
            | Frame::Refused { .. }
            | Frame::Created { .. }
            | Frame::KnockAnswer { .. }
            | Frame::Knocks { .. }
            | Frame::Ping { .. }
            | Frame::Pong { .. }
            | Frame::Detach { .. }
            | Frame::Lacking { .. }
            | Frame::Bye { .. } => self.close(peer, Code::Malformed, "this frame is not for a relay"),
        }
    }

    /// The store answered a request.
    pub fn handle_stored(&mut self, id: RequestId, result: Result<Reply, StoreError>, now_ms: u64) {
        match self.purposes.remove(&id) {
            None => {}
            Some(Purpose::Load) => self.loaded(result, now_ms),
            Some(Purpose::Commit) => self.committed(&result, now_ms),
            Some(Purpose::Refresh) => self.refreshed(result, now_ms),
            Some(Purpose::CatchUp { peer, read, log }) => self.caught_up(peer, read, log, result, now_ms),
            Some(Purpose::Wanted { peer, read }) => self.wanted_read(peer, read, result, now_ms),
            Some(Purpose::Compare { theirs, peer }) => self.compared(peer, theirs, result, now_ms),
        }
    }

    /// Another process may have written to the space.
    pub fn handle_store_changed(&mut self, now_ms: u64) {
        if matches!(self.state, State::Ready) {
            self.begin_refresh(now_ms);
        }
    }

    /// The time of [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        if matches!(self.state, State::Ready) {
            self.expire_knocks(now_ms);
            self.pass_receipts_on(now_ms);
            self.commit_next(now_ms);
            self.pump_all(now_ms);
        }
    }

    /// When to call [`Self::handle_timeout`], in Unix milliseconds.
    pub fn poll_timeout(&self) -> Option<u64> {
        if !matches!(self.state, State::Ready) {
            return None;
        }
        let times = [
            self.commit.retry_at_ms(),
            self.knocks.next_expiry_ms(),
            self.receipts.due_at_ms(),
            self.look_again_ms,
        ];
        times.into_iter().flatten().min()
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// What happened since this was last asked.
    pub fn take_counts(&mut self) -> Counts {
        core::mem::take(&mut self.counts)
    }

    /// Whether everything that was accepted is durable and acknowledged, and no answer of the store is awaited.
    pub fn is_settled(&self) -> bool {
        let loading = matches!(self.state, State::Loading(_));
        !loading && self.commit.is_empty() && self.purposes.is_empty() && self.effects.is_empty()
    }

    /// Whether the room is of no use without connections: its space is not here, or cannot be read.
    pub fn is_missing(&self) -> bool {
        matches!(self.state, State::Missing | State::Failed)
    }

    /// Whether so much waits for the store that no more frames should be handed in for now.
    pub fn is_congested(&self) -> bool {
        self.commit.is_congested()
    }

    /// How many channels are open.
    pub fn peers(&self) -> usize {
        self.peers.len()
    }

    /// Bytes queued for a channel that have not been reported as drained.
    pub fn outstanding(&self, peer: PeerId) -> u64 {
        self.peers.get(&peer).map_or(0, |peer| peer.outstanding)
    }

    pub(crate) fn request(&mut self, purpose: Purpose, request: Request) {
        let id = RequestId(self.requests);
        self.requests += 1;
        self.purposes.insert(id, purpose);
        self.effects.push_back(Effect::Store { id, request });
    }

    /// Sends a frame to one channel.
    pub(crate) fn send(&mut self, peer: PeerId, frame: &Frame) {
        self.send_bytes(peer, crate::encode(frame));
    }

    /// Queues bytes for a channel, and closes one that sends without ever reading.
    pub(crate) fn send_bytes(&mut self, peer: PeerId, frame: Bytes) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        if known.closed {
            return;
        }
        known.outstanding = known.outstanding.saturating_add(u64::try_from(frame.len()).unwrap_or(u64::MAX));
        let unread = known.outstanding;
        self.effects.push_back(Effect::Send { peer, frame });
        if unread > CREDIT_BYTES + UNREAD_BYTES_MAX {
            self.close(peer, Code::Busy, "answers are not being read");
        }
    }

    /// Tells that a channel has proved its device: what it sends may be checked outside the room.
    pub(crate) fn tell_attached(&mut self, peer: PeerId) {
        self.effects.push_back(Effect::Attached { peer });
    }

    /// Sends the same frame to every channel that `to` picks, encoded once for each channel number.
    pub(crate) fn send_to_all(&mut self, to: impl Fn(PeerId, &Peer) -> bool, frame: impl Fn(u32) -> Frame) {
        let mut encoded: BTreeMap<u32, Bytes> = BTreeMap::new();
        let peers: Vec<_> = self
            .peers
            .iter()
            .filter(|(id, peer)| to(**id, peer))
            .map(|(id, peer)| (*id, peer.channel()))
            .collect();
        for (id, channel) in peers {
            let bytes = encoded.entry(channel).or_insert_with(|| crate::encode(&frame(channel))).clone();
            self.send_bytes(id, bytes);
        }
    }

    /// Says no to what a channel asked; the channel stays.
    pub(crate) fn refuse(&mut self, peer: PeerId, code: Code, detail: &str) {
        let Some(channel) = self.peers.get(&peer).map(Peer::channel) else { return };
        self.send(peer, &Frame::Refused { channel, code, detail: detail.to_owned() });
    }

    /// Ends a connection.
    pub(crate) fn close(&mut self, peer: PeerId, code: Code, detail: &str) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        if !core::mem::replace(&mut known.closed, true) {
            known.fall_silent();
            known.stage = Stage::Stranger;
            known.parts = None;
            self.effects.push_back(Effect::Close { peer, code, detail: detail.to_owned() });
        }
    }

    pub(crate) fn close_all(&mut self, code: Code, detail: &str) {
        let peers: Vec<_> = self.peers.keys().copied().collect();
        for peer in peers {
            self.close(peer, code, detail);
        }
    }

    /// Where a log stands with everything that was accepted.
    pub(crate) fn head(&self, log: &LogId) -> LogHead {
        self.heads.head(log)
    }

    /// Accepted entries that are not durable yet, in order.
    pub(crate) fn undurable(&self) -> impl Iterator<Item = &Pending> {
        self.commit.entries()
    }
}
