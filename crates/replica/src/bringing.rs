//! Bringing a plan's membership to a relay that does not carry the plan, or has not heard that this device is in.
//!
//! A relay lets in whom it knows. It learns who is in from operations that any member may carry, since they prove
//! themselves; so a member does not have to wait until whoever let them in meets the same relay.

use std::collections::{BTreeMap, VecDeque};

use samverka_log::{Entry, EntryId, LogId, LogRange, SlotId};
use samverka_protocol::Frame;
use samverka_store::Request;

use crate::Replica;
use crate::effect::SessionId;
use crate::replica::Purpose;
use crate::session::{CHANNEL, Stage};

/// Bytes of operations in one frame: half of what a frame may hold, since an entry may overshoot it.
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// Operations in one frame.
const BATCH_ENTRIES_MAX: usize = 2048;

/// What is still to be brought to one relay.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bringing {
    /// Runs of membership logs, in an order in which everything comes after what it builds on.
    runs: VecDeque<LogRange>,
    /// Read and not sent.
    batch: Vec<Entry>,
}

impl Replica {
    /// Begins to bring the membership: once on a connection. Answers whether there is any that is durable here: a plan that
    /// was founded a moment ago may still be on its way to the disk.
    pub(crate) fn bring_membership(&mut self, session: SessionId) -> bool {
        let runs = runs(&self.membership_in_order());
        if runs.is_empty() {
            return false;
        }
        self.with(session, |open| {
            open.stage = Stage::Creating;
            open.brought = true;
            open.bringing = Bringing { runs, batch: Vec::new() };
        });
        self.bring_more(session);
        true
    }

    /// Reads the next run, or sends what was read; asks to be let in when everything is there.
    pub(crate) fn bring_more(&mut self, session: SessionId) {
        let Some(open) = self.sessions.get_mut(&session) else { return };
        let bytes: usize = open.bringing.batch.iter().map(Entry::size).sum();
        let is_full = bytes >= BATCH_BYTES_MAX || open.bringing.batch.len() >= BATCH_ENTRIES_MAX;
        match open.bringing.runs.front().copied() {
            Some(run) if !is_full => {
                let left = usize::try_from(run.until - run.from).unwrap_or(usize::MAX);
                let request = Request::EntriesOfLog {
                    space: self.space,
                    log: run.log,
                    from: run.from,
                    max_entries: left.min(BATCH_ENTRIES_MAX - open.bringing.batch.len()),
                    max_bytes: BATCH_BYTES_MAX - bytes,
                };
                let id = self.ask(request, Purpose::Send(session));
                self.with(session, |open| open.reading = Some(id));
            }
            None if open.bringing.batch.is_empty() => self.attach(session),
            _ => {
                let entries = core::mem::take(&mut open.bringing.batch);
                let token = self.hosting_token.clone();
                self.send(session, &Frame::Create { channel: CHANNEL, token, entries });
            }
        }
    }

    /// Takes what was read of the first run.
    pub(crate) fn bring_read(&mut self, session: SessionId, entries: Vec<Entry>) {
        let Some(open) = self.sessions.get_mut(&session) else { return };
        let next = entries.last().map(|entry| entry.header.fields().number + 1);
        match (open.bringing.runs.front_mut(), next) {
            (Some(run), Some(next)) if next < run.until => run.from = next,
            _ => drop(open.bringing.runs.pop_front()),
        }
        open.bringing.batch.extend(entries);
        self.bring_more(session);
    }

    /// Every membership entry that is on the shelf and durable, each after those that it builds on.
    fn membership_in_order(&self) -> Vec<(LogId, u64)> {
        let mut waits: BTreeMap<EntryId, (usize, (LogId, u64))> = BTreeMap::new();
        let mut builders: BTreeMap<EntryId, Vec<EntryId>> = BTreeMap::new();
        for header in self.shelf.iter().map(|known| &known.header) {
            let fields = header.fields();
            if fields.log.slot != SlotId::MEMBERSHIP || !self.durable.covers(&fields.log, fields.number) {
                continue;
            }
            let before = (fields.number > 0).then_some(&fields.previous);
            let mut causes: Vec<EntryId> = fields.membership_heads.iter().chain(before).copied().collect();
            causes.sort_unstable();
            causes.dedup();
            for cause in &causes {
                builders.entry(*cause).or_default().push(header.id());
            }
            waits.insert(header.id(), (causes.len(), (fields.log, fields.number)));
        }
        let mut ready: VecDeque<EntryId> =
            waits.iter().filter(|(_, (causes, _))| *causes == 0).map(|(id, _)| *id).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(id) = ready.pop_front() {
            order.extend(waits.get(&id).map(|(_, place)| *place));
            for builder in builders.remove(&id).unwrap_or_default() {
                if let Some((causes, _)) = waits.get_mut(&builder) {
                    *causes -= 1;
                    if *causes == 0 {
                        // What goes on in the same log comes next, so that runs are long.
                        ready.push_front(builder);
                    }
                }
            }
        }
        order
    }
}

/// Places in an order, with those that follow each other in a log as one range.
fn runs(order: &[(LogId, u64)]) -> VecDeque<LogRange> {
    let mut runs: VecDeque<LogRange> = VecDeque::new();
    for (log, number) in order {
        match runs.back_mut() {
            Some(run) if run.log == *log && run.until == *number => run.until += 1,
            _ => runs.push_back(LogRange { log: *log, from: *number, until: number + 1 }),
        }
    }
    runs
}
