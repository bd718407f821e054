//! One channel of one connection, as the room sees it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use samverka_log::{DeviceId, Entry, LogId, SignedHeader, SlotId};
use samverka_protocol::limits::PART_BYTES_MAX;
use samverka_protocol::{Bodies, Frame};
use samverka_store::Arrival;

use crate::budget::Share;
use crate::parts::Incoming as IncomingParts;
use crate::wants::Wants;

/// How a channel came about: what a device's proof has to name.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// The channel's number on its connection.
    pub channel: u32,
    /// The connection's challenge.
    pub nonce: [u8; 32],
    /// The hosts that the relay answers to on this connection.
    pub hosts: Arc<[String]>,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody in particular yet.
    Stranger,
    /// A device that asked to be let in.
    Knocking(DeviceId),
    /// A device that is in: it fetches, and pushes whatever its authors had a right to.
    Member(DeviceId),
    /// A device that was in: it may push what it made itself, bounded, and fetch nothing.
    Removed(DeviceId),
}

impl Stage {
    /// The device that proved its key.
    pub(crate) const fn device(self) -> Option<DeviceId> {
        match self {
            Self::Member(device) | Self::Removed(device) => Some(device),
            Self::Stranger | Self::Knocking(_) => None,
        }
    }
}

/// What goes out to a channel.
#[derive(Debug)]
pub(crate) enum Flow {
    /// Nothing: it has not said what it has.
    Silent,
    /// It is being brought up to date from the store.
    Behind(Box<Behind>),
    /// It gets everything as it arrives.
    Live,
}

/// Slot-0 logs go first, so that whoever receives an entry knows who was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InOrder {
    content: bool,
    log: LogId,
}

impl InOrder {
    pub(crate) fn new(log: LogId) -> Self {
        Self { content: log.slot != SlotId::MEMBERSHIP, log }
    }

    pub(crate) const fn log(self) -> LogId {
        self.log
    }
}

/// What a channel that is behind still has to get. The entries themselves stay in the store until there is credit.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    /// Everything is missing: the store is read in the order of arrival, from after here.
    pub(crate) scan: Option<Arrival>,
    /// For each log the first missing number, and one past the last.
    pub(crate) missing: BTreeMap<InOrder, (u64, u64)>,
    /// Devices whose receipts it has not got.
    pub(crate) receipts: VecDeque<DeviceId>,
    /// Whether a read is under way, and which: an answer to an older one is of no use.
    pub(crate) reading: Option<u64>,
    /// Read and not sent.
    pub(crate) ready: VecDeque<Entry>,
}

impl Behind {
    /// Takes note that entries of a log are missing from a number on.
    pub(crate) fn note(&mut self, log: LogId, from: u64, until: u64) {
        let range = self.missing.entry(InOrder::new(log)).or_insert((from, until));
        range.0 = range.0.min(from);
        range.1 = range.1.max(until);
    }

    /// Takes note that an entry has been read to be sent.
    pub(crate) fn passed(&mut self, log: LogId, number: u64) {
        let key = InOrder::new(log);
        if let Some(range) = self.missing.get_mut(&key) {
            if range.0 == number {
                range.0 += 1;
            }
            if range.0 >= range.1 {
                self.missing.remove(&key);
            }
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.scan.is_none() && self.missing.is_empty() && self.receipts.is_empty() && self.ready.is_empty()
    }
}

/// A large body on its way out, with its share of the memory for large bodies.
#[derive(Debug)]
pub(crate) struct OutgoingParts {
    pub(crate) header: SignedHeader,
    pub(crate) body: Bytes,
    pub(crate) offset: usize,
    pub(crate) _share: Share,
}

/// One channel.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) introduction: Introduction,
    pub(crate) stage: Stage,
    pub(crate) flow: Flow,
    /// Whether it is owed a `Live` when it has caught up.
    pub(crate) owes_live: bool,
    /// Which bodies it chose to be sent until then.
    pub(crate) bodies: Bodies,
    /// Bodies that it asked for.
    pub(crate) wants: Option<Box<Wants>>,
    /// A large body on its way out, of the stream or of what it asked for: one at a time.
    pub(crate) outgoing: Option<OutgoingParts>,
    /// Bytes queued and not reported as drained.
    pub(crate) outstanding: u64,
    /// Frames that came before the room was loaded.
    pub(crate) early_frames: usize,
    /// What a removed device has pushed.
    pub(crate) pushed_entries: u64,
    pub(crate) pushed_bytes: u64,
    /// A large body on its way in.
    pub(crate) parts: Option<IncomingParts>,
    /// Told to go: nothing more is taken from it.
    pub(crate) closed: bool,
}

impl Peer {
    pub(crate) const fn new(introduction: Introduction) -> Self {
        Self {
            introduction,
            stage: Stage::Stranger,
            flow: Flow::Silent,
            owes_live: false,
            bodies: Bodies::All,
            wants: None,
            outgoing: None,
            outstanding: 0,
            early_frames: 0,
            pushed_entries: 0,
            pushed_bytes: 0,
            parts: None,
            closed: false,
        }
    }

    pub(crate) const fn channel(&self) -> u32 {
        self.introduction.channel
    }

    /// Forgets what was on its way out, and what it is sent from here on is for it to say anew.
    pub(crate) fn fall_silent(&mut self) {
        self.flow = Flow::Silent;
        self.owes_live = false;
        self.bodies = Bodies::All;
        self.outgoing = None;
        if let Some(wants) = &mut self.wants {
            wants.forget();
        }
    }

    /// Whether something is to be sent as soon as it may.
    pub(crate) fn is_owed(&self) -> bool {
        let wants = self.wants.as_ref().is_some_and(|wants| !wants.is_done());
        matches!(self.flow, Flow::Behind(_)) || self.outgoing.is_some() || wants
    }

    /// The next part of the large body that is on its way out.
    pub(crate) fn next_part(&mut self) -> Option<Frame> {
        let channel = self.channel();
        let parts = self.outgoing.as_mut()?;
        let len = PART_BYTES_MAX.min(parts.body.len() - parts.offset);
        let bytes = parts.body.slice(parts.offset..parts.offset + len).to_vec();
        let frame = Frame::Part {
            channel,
            header: (parts.offset == 0).then(|| parts.header.clone()),
            offset: u32::try_from(parts.offset).unwrap_or(u32::MAX),
            total: u32::try_from(parts.body.len()).unwrap_or(u32::MAX),
            bytes,
        };
        parts.offset += len;
        if parts.offset >= parts.body.len() {
            self.outgoing = None;
        }
        Some(frame)
    }

    /// Whether it gets what others write.
    pub(crate) const fn may_fetch(&self) -> bool {
        matches!(self.stage, Stage::Member(_))
    }
}
