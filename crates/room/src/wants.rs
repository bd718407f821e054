//! Bodies that a channel asks for: read from the store a page at a time, sent by the credit of the stream and after it.
//!
//! What is kept of an ask is its ranges. Entries that yield no body cost the relay a read and the asker nothing, so each
//! channel has a pace for those; the others are paced by how fast their bodies are taken.

use std::collections::VecDeque;

use samverka_log::{Entry, EntryKind, LogRange};
use samverka_protocol::limits::{ASKS_MAX, LACKS_MAX};
use samverka_protocol::{Code, Frame, Lack, LackReason};
use samverka_store::{Reply, Request, StoreError};

use crate::effect::PeerId;
use crate::peer::Stage;
use crate::rate::Bucket;
use crate::room::{Purpose, Room};
use crate::settings::{ENTRIES_FRAME_BYTES, ENTRIES_PER_FRAME_MAX, READ_BYTES};
use crate::stream::{Step, is_large};

/// What one channel asked for and has not been answered.
#[derive(Debug)]
pub(crate) struct Wants {
    asks: VecDeque<Ask>,
    /// Whether a read is under way, and which.
    reading: Option<u64>,
    /// Read and not sent: the beginning of what is left of the first range.
    ready: VecDeque<Entry>,
    /// Not to be had, of the first ask, and not told.
    lacks: Vec<Lack>,
    /// The pace of entries that were read and yielded no body.
    fruitless: Bucket,
}

#[derive(Debug)]
struct Ask {
    number: u32,
    /// What is left of it.
    ranges: VecDeque<LogRange>,
}

impl Wants {
    const fn new(fruitless: Bucket) -> Self {
        Self { asks: VecDeque::new(), reading: None, ready: VecDeque::new(), lacks: Vec::new(), fruitless }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.asks.is_empty()
    }

    /// Forgets everything but the pace, which whoever asks anew keeps.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.fruitless);
    }

    fn range(&self) -> Option<LogRange> {
        self.asks.front()?.ranges.front().copied()
    }

    /// Takes note that the first range is answered up to a number.
    fn passed(&mut self, until: u64) {
        let Some(ask) = self.asks.front_mut() else { return };
        if let Some(range) = ask.ranges.front_mut() {
            range.from = until;
            if range.from >= range.until {
                ask.ranges.pop_front();
                self.ready.clear();
            }
        }
    }

    /// Takes note that the first range has no bodies up to a number.
    fn lacks(&mut self, until: u64, why: LackReason) {
        let Some(range) = self.range() else { return };
        let until = until.min(range.until);
        self.passed(until);
        if let Some(last) = self.lacks.last_mut()
            && (last.why, last.range.log, last.range.until) == (why, range.log, range.from)
        {
            last.range.until = until;
            return;
        }
        self.lacks.push(Lack { range: LogRange { until, ..range }, why });
    }

    /// Says what was found lacking, if it is time to.
    fn tell(&mut self, channel: u32) -> Option<Frame> {
        let ask = self.asks.front()?;
        let last = ask.ranges.is_empty();
        if !last && self.lacks.len() < LACKS_MAX {
            return None;
        }
        let frame =
            Frame::Lacking { channel, ask: ask.number, lacks: core::mem::take(&mut self.lacks), last };
        if last {
            self.asks.pop_front();
        }
        Some(frame)
    }
}

impl Room {
    /// A channel asks for bodies.
    pub(crate) fn want_bodies(&mut self, peer: PeerId, ask: u32, wants: Vec<LogRange>, now_ms: u64) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        let channel = known.channel();
        let refused = match known.stage {
            Stage::Stranger | Stage::Knocking(_) => {
                return self.refuse(peer, Code::NotAMember, "the channel is not attached");
            }
            Stage::Removed(_) => Some(LackReason::Withheld),
            Stage::Member(_) => {
                let pace = self.settings.limits.entries_per_second_max;
                let queue =
                    known.wants.get_or_insert_with(|| Box::new(Wants::new(Bucket::new(pace, now_ms))));
                (queue.asks.len() >= ASKS_MAX).then_some(LackReason::Busy)
            }
        };
        if let Some(why) = refused {
            let lacks = wants.into_iter().map(|range| Lack { range, why }).collect();
            return self.send(peer, &Frame::Lacking { channel, ask, lacks, last: true });
        }
        if let Some(queue) = &mut known.wants {
            queue.asks.push_back(Ask { number: ask, ranges: wants.into() });
        }
        self.pump(peer, now_ms);
    }

    /// The next frame of what a channel asked for.
    pub(crate) fn next_wanted(&mut self, peer: PeerId, now_ms: u64) -> Step {
        let Some(known) = self.peers.get_mut(&peer) else { return Step::Done };
        let (channel, Some(mut wants)) = (known.channel(), known.wants.take()) else { return Step::Done };
        let step = self.wanted_step(peer, channel, &mut wants, now_ms);
        if let Some(known) = self.peers.get_mut(&peer) {
            known.wants = Some(wants);
        }
        step
    }

    fn wanted_step(&mut self, peer: PeerId, channel: u32, wants: &mut Wants, now_ms: u64) -> Step {
        loop {
            if wants.is_done() {
                return Step::Done;
            }
            if let Some(frame) = wants.tell(channel) {
                return Step::Send(Box::new(frame));
            }
            if wants.ready.front().is_some_and(|entry| is_large(entry) && self.lack_of(peer, entry).is_none())
            {
                return self.begin_wanted(peer, wants, now_ms);
            }
            if !wants.ready.is_empty() {
                let entries = self.wanted_entries(peer, wants, now_ms);
                if !entries.is_empty() {
                    self.counts.wanted += u64::try_from(entries.len()).unwrap_or(u64::MAX);
                    return Step::Send(Box::new(Frame::Entries { channel, entries }));
                }
            } else if wants.reading.is_some() || !self.read_wanted(peer, wants, now_ms) {
                return Step::Wait;
            }
        }
    }

    /// Asks the store for the beginning of the first range, or takes note that there is none. Answers whether there is
    /// something to go on with at once.
    fn read_wanted(&mut self, peer: PeerId, wants: &mut Wants, now_ms: u64) -> bool {
        let Some(range) = wants.range() else { return true };
        let durable = self.durable.head(&range.log).next;
        if range.from >= self.head(&range.log).next {
            wants.lacks(range.until, LackReason::Absent);
            return true;
        }
        // What is accepted and not durable can be read when it is.
        if range.from >= durable {
            return false;
        }
        let ready_at_ms = wants.fruitless.ready_at_ms();
        if ready_at_ms > now_ms {
            self.look_again_at(ready_at_ms);
            return false;
        }
        let (space, log, from) = (self.space, range.log, range.from);
        let max_entries = usize::try_from(range.until.min(durable) - from).unwrap_or(usize::MAX);
        self.reads += 1;
        let read = self.reads;
        wants.reading = Some(read);
        let request = Request::EntriesOfLog { space, log, from, max_entries, max_bytes: READ_BYTES };
        self.request(Purpose::Wanted { peer, read }, request);
        false
    }

    pub(crate) fn wanted_read(
        &mut self,
        peer: PeerId,
        read: u64,
        result: Result<Reply, StoreError>,
        now_ms: u64,
    ) {
        let Some(wants) = self.peers.get_mut(&peer).and_then(|known| known.wants.as_mut()) else { return };
        if wants.reading != Some(read) {
            return;
        }
        wants.reading = None;
        match result {
            Ok(Reply::Entries(entries)) => {
                // The store has less than it said: somebody put another in its place.
                if entries.is_empty() {
                    wants.lacks(u64::MAX, LackReason::Absent);
                }
                wants.ready = entries.into();
            }
            _ => return self.close(peer, Code::Internal, "the relay could not read its store"),
        }
        self.pump(peer, now_ms);
    }

    /// Entries of one frame out of those that were read; what has no body is taken note of.
    fn wanted_entries(&self, peer: PeerId, wants: &mut Wants, now_ms: u64) -> Vec<Entry> {
        let (mut entries, mut size) = (Vec::new(), 0);
        while wants.lacks.len() < LACKS_MAX && entries.len() < ENTRIES_PER_FRAME_MAX {
            let Some(entry) = wants.ready.front() else { break };
            let next = entry.header.fields().number.saturating_add(1);
            if let Some(why) = self.lack_of(peer, entry) {
                wants.ready.pop_front();
                wants.fruitless.take(1, now_ms);
                wants.lacks(next, why);
                continue;
            }
            let fits = entries.is_empty() || size + entry.size() <= ENTRIES_FRAME_BYTES;
            if is_large(entry) || !fits {
                break;
            }
            if let Some(entry) = wants.ready.pop_front() {
                size += entry.size();
                entries.push(entry);
                wants.passed(next);
            }
        }
        entries
    }

    /// Sends the first part of a large body; without memory for it, it is read again later.
    fn begin_wanted(&mut self, peer: PeerId, wants: &mut Wants, now_ms: u64) -> Step {
        let Some(entry) = wants.ready.pop_front() else { return Step::Wait };
        let next = entry.header.fields().number.saturating_add(1);
        match self.begin_parts(peer, entry, now_ms) {
            Ok(step) => {
                self.counts.wanted += 1;
                wants.passed(next);
                step
            }
            Err(_) => {
                wants.ready.clear();
                Step::Wait
            }
        }
    }

    /// Why a channel is not sent an entry's body, if it is not.
    fn lack_of(&self, peer: PeerId, entry: &Entry) -> Option<LackReason> {
        let fields = entry.header.fields();
        let missing = entry.body.is_none();
        // The order to drop a document stays whole until the store has carried it out.
        if self.dropped.contains(&fields.document) && (missing || fields.kind != EntryKind::Drop) {
            return Some(LackReason::Dropped);
        }
        if self.is_hidden_from(peer, &entry.header) {
            return Some(LackReason::Withheld);
        }
        missing.then_some(LackReason::Absent)
    }
}
