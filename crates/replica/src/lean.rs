//! Coming in by headers: a device that has nothing yet asks for headers first, takes what it can from snapshots, asks
//! for the bodies after them at once, and for all others when nothing else is to be done. It goes on with that after a
//! restart, for the store knows what lacks a body.
//!
//! A relay that does not speak of bodies sends everything from the first entry on that lacks one.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{Acceptance, DocumentId, EntryId, EntryKind, Frontier, LogHead, LogId, LogRange};
use samverka_protocol::limits::{ASKS_MAX, WANTS_MAX};
use samverka_protocol::{Bodies, Frame, Lack, LackReason, PROTOCOL_VERSION_LEAN};
use samverka_store::{Request, push_number};

use crate::Replica;
use crate::effect::{Event, SessionId};
use crate::replica::Purpose;
use crate::session::{CHANNEL, Session, Stage};
use crate::shelf::{EntryState, Known};

/// Entries whose bodies are asked for at a time in the background. Opening that many takes about 25 ms, less than
/// anybody notices at the screen.
const PAGE_ENTRIES: usize = 512;
/// Bytes of bodies that are asked for at a time in the background, so that what is new is never far behind them.
const PAGE_BYTES: u64 = 256 * 1024;
/// Ranges that the store is asked for at a time.
const RANGES_MAX: usize = 65_536;
/// How long to wait where a relay has too much to do.
const BUSY_MS: u64 = 2_000;

/// Which numbers of which logs.
pub(crate) type Numbers = BTreeMap<LogId, BTreeSet<u64>>;

impl Replica {
    /// What a relay is told that this device has, and which bodies it is asked to send with the rest.
    pub(crate) fn greeting(&self, session: SessionId) -> (Frontier, Bodies) {
        let speaks = self.sessions.get(&session).is_some_and(Session::speaks_of_bodies);
        let begins = self.shelf.logs().all(|log| log.slot.0 == 0);
        if !speaks {
            (self.whole_frontier(), Bodies::All)
        } else if begins || !self.shelf.lacking().is_empty() {
            (self.durable.clone(), Bodies::Membership)
        } else {
            (self.durable.clone(), Bodies::All)
        }
    }

    /// What is durable here with all bodies: of each log up to the first entry that lacks one.
    pub(crate) fn whole_frontier(&self) -> Frontier {
        let mut whole = self.durable.clone();
        for (log, numbers) in self.shelf.lacking() {
            let Some(first) = numbers.first() else { continue };
            if *first < whole.head(log).next {
                let head = first.checked_sub(1).and_then(|last| self.shelf.at(log, last));
                whole.set(*log, head.map_or(LogHead::EMPTY, |head| LogHead { next: *first, head }));
            }
        }
        whole
    }

    /// Whether headers are on their way from some relay, so that it is too early to choose snapshots.
    pub(crate) fn is_heading(&self) -> bool {
        self.sessions.values().any(|open| open.heading)
    }

    /// A relay has sent everything that it had when asked.
    pub(crate) fn handle_live(&mut self, session: SessionId, now_ms: u64) {
        self.with(session, |open| {
            open.live = true;
            open.heading = false;
        });
        self.met = true;
        self.settle_copy();
        self.use_snapshots();
        self.ask_for_bodies(now_ms);
        self.receipt_due(now_ms);
        self.pump_all(now_ms);
    }

    /// What does not come of what was asked for.
    pub(crate) fn handle_lacking(
        &mut self,
        session: SessionId,
        ask: u32,
        lacks: &[Lack],
        last: bool,
        now_ms: u64,
    ) {
        let Some(open) = self.sessions.get_mut(&session) else { return };
        let Some(asked) = open.asks.get_mut(&ask) else { return };
        for lack in lacks {
            let known =
                asked.get(&lack.range.log).map(|numbers| numbers.range(lack.range.from..lack.range.until));
            let numbers: Vec<u64> = known.into_iter().flatten().copied().collect();
            if lack.why == LackReason::Busy {
                open.ask_again_at = Some(now_ms.saturating_add(BUSY_MS));
                if let Some(asked) = asked.get_mut(&lack.range.log) {
                    asked.retain(|number| !numbers.contains(number));
                }
            } else {
                open.not_there.entry(lack.range.log).or_default().extend(numbers);
            }
        }
        if !last {
            return;
        }
        for (log, numbers) in open.asks.remove(&ask).into_iter().flatten() {
            // Whatever was to come and did not fit is not asked for again here.
            let left = numbers.into_iter().filter(|number| self.shelf.lacks_body(&log, *number));
            open.not_there.entry(log).or_default().extend(left);
        }
        self.use_snapshots();
        self.ask_for_bodies(now_ms);
        self.pump_all(now_ms);
    }

    /// Somebody's standing has changed, and with it what a relay may send.
    pub(crate) fn ask_everywhere_again(&mut self) {
        for open in self.sessions.values_mut() {
            open.not_there.clear();
        }
        self.ask_again = !self.shelf.lacking().is_empty();
    }

    /// Another process of this device may have written bodies that are not here.
    pub(crate) fn look_for_bodies(&mut self) {
        if !self.shelf.lacking().is_empty() {
            self.ask(
                Request::Bodyless { space: self.space, from: None, max_ranges: RANGES_MAX },
                Purpose::Catch,
            );
        }
    }

    /// What lacks a body in the store: anything else has got it from another process of this device, which looked at
    /// it before. What the documents wait for is read.
    pub(crate) fn bodyless_are(&mut self, ranges: &[LogRange]) {
        let last = ranges.last().filter(|_| ranges.len() >= RANGES_MAX).map(|range| (range.log, range.until));
        let told = |place: &(LogId, u64)| last.is_none_or(|last| *place < last);
        let mut numbers = Numbers::new();
        for range in ranges {
            numbers.entry(range.log).or_default().extend(range.from..range.until);
        }
        let filled: Vec<(LogId, u64)> =
            self.lacking_places().filter(|place| told(place) && !holds(&numbers, place)).collect();
        let mut wanted = Vec::new();
        for (log, number) in filled {
            let state =
                self.shelf.at(&log, number).and_then(|id| self.shelf.known(&id)).map(|known| &known.state);
            if matches!(state, Some(EntryState::In | EntryState::Apart | EntryState::Out(_))) {
                self.shelf.has_body_now(&log, number);
            } else {
                push_number(&mut wanted, log, number, usize::MAX);
            }
        }
        for LogRange { log, from, until } in wanted {
            let max_entries = usize::try_from(until - from).unwrap_or(usize::MAX);
            let (space, max_bytes) = (self.space, usize::MAX);
            self.ask(Request::EntriesOfLog { space, log, from, max_entries, max_bytes }, Purpose::Catch);
        }
    }

    /// Asks relays that had too much to do again.
    pub(crate) fn ask_where_due(&mut self, now_ms: u64) {
        let mut due = false;
        for open in self.sessions.values_mut().filter(|open| open.ask_again_at.is_some_and(|at| at <= now_ms))
        {
            open.ask_again_at = None;
            due = true;
        }
        if due {
            self.ask_for_bodies(now_ms);
        }
    }

    /// When to ask again.
    pub(crate) fn next_ask_ms(&self) -> Option<u64> {
        self.sessions.values().filter_map(|open| open.ask_again_at).min()
    }

    /// Asks relays for the bodies that are not here: for those that the documents wait for at once, for others a page
    /// at a time. Tells of each relay whose part in what the documents wait for is done.
    pub(crate) fn ask_for_bodies(&mut self, _now_ms: u64) {
        if self.loading.is_some() || self.is_heading() {
            return;
        }
        let sessions: Vec<SessionId> =
            self.sessions.iter().filter(|(_, open)| open.live).map(|(id, _)| *id).collect();
        let urgent = if self.shelf.lacking().is_empty() {
            self.shapes.clear();
            Vec::new()
        } else {
            self.urgent_bodies()
        };
        for session in sessions {
            self.ask_of(session, &urgent);
            let Some(open) = self.sessions.get_mut(&session) else { continue };
            let waits = open.asks.values().any(|asked| urgent.iter().any(|place| holds(asked, place)));
            if !waits && !open.told_live {
                open.told_live = true;
                self.events.push_back(Event::Live(session));
            }
        }
    }

    fn ask_of(&mut self, session: SessionId, urgent: &[(LogId, u64)]) {
        let Some(open) = self.sessions.get(&session) else { return };
        let quiet = open.asks.is_empty();
        if !open.may_be_asked() || open.asks.len() >= ASKS_MAX {
            return;
        }
        let wanted: Vec<(LogId, u64)> =
            urgent.iter().filter(|place| self.is_to_be_had(open, place)).copied().collect();
        let (ranges, numbers) = if wanted.is_empty() {
            if !quiet {
                return;
            }
            self.page_of(open)
        } else {
            ranges_of(wanted.into_iter())
        };
        if ranges.is_empty() {
            return;
        }
        let ask = open.next_ask;
        self.with(session, |open| {
            open.next_ask = open.next_ask.wrapping_add(1);
            open.asks.insert(ask, numbers);
        });
        self.send(session, &Frame::WantBodies { channel: CHANNEL, ask, wants: ranges });
    }

    /// Whether a relay may have a body that nobody has been asked for.
    fn is_to_be_had(&self, open: &Session, place: &(LogId, u64)) -> bool {
        !holds(&open.not_there, place)
            && !self.sessions.values().any(|other| other.asks.values().any(|asked| holds(asked, place)))
    }

    /// Whether a relay has said of everything that this device lacks whether it has it.
    pub(crate) fn has_said_all(&self, open: &Session) -> bool {
        open.asks.is_empty()
            && (!open.speaks_of_bodies()
                || self.lacking_places().all(|place| !self.is_to_be_had(open, &place)))
    }

    fn lacking_places(&self) -> impl Iterator<Item = (LogId, u64)> {
        self.shelf
            .lacking()
            .iter()
            .flat_map(|(log, numbers)| numbers.iter().map(move |number| (*log, *number)))
    }

    /// The next page of bodies that nothing waits for.
    fn page_of(&self, open: &Session) -> (Vec<LogRange>, Numbers) {
        let mut bytes = 0_u64;
        let length = |(log, number): &(LogId, u64)| {
            let known = self.shelf.at(log, *number).and_then(|id| self.shelf.known(&id));
            known.map_or(0, |known| u64::from(known.header.fields().body_length))
        };
        let to_be_had = self.lacking_places().filter(|place| self.is_to_be_had(open, place));
        let page = to_be_had.take(PAGE_ENTRIES).take_while(|place| {
            let room = bytes < PAGE_BYTES;
            bytes = bytes.saturating_add(length(place));
            room
        });
        ranges_of(page)
    }

    /// The entries whose bodies the documents wait for: the snapshot of each that covers most, and what it does not
    /// cover.
    fn urgent_bodies(&mut self) -> Vec<(LogId, u64)> {
        let mut waiting: BTreeMap<DocumentId, Vec<EntryId>> = BTreeMap::new();
        let unsettled = |known: &&Known| {
            matches!(known.state, EntryState::Waiting | EntryState::Bodyless)
                && known.header.fields().kind == EntryKind::Change
        };
        for known in self.shelf.lacking_bodies().filter(unsettled) {
            waiting.entry(known.header.fields().document).or_default().push(known.header.id());
        }
        let mut urgent = Vec::new();
        for (document, waiting) in waiting {
            let covered = self.best_snapshot(document).map(|id| self.covered_by(id, document, &mut urgent));
            let covered = covered.unwrap_or_default();
            let bare = waiting.iter().filter(|id| !covered.contains(id));
            urgent.extend(bare.filter_map(|id| self.shelf.known(id)).map(place_of));
        }
        urgent
    }

    /// The entries that a snapshot covers, by its own word, or by its header while its body is awaited.
    fn covered_by(
        &mut self,
        snapshot: EntryId,
        document: DocumentId,
        urgent: &mut Vec<(LogId, u64)>,
    ) -> BTreeSet<EntryId> {
        let Some(known) = self.shelf.known(&snapshot) else { return BTreeSet::new() };
        if known.body.is_none() {
            urgent.push(place_of(known));
            let after = known.header.fields().after.clone();
            return self.shape_of(document).closure(&after).into_iter().collect();
        }
        let Ok(content) = self.open_snapshot(snapshot) else { return BTreeSet::new() };
        let logs = content.coverage.entries.iter();
        logs.flat_map(|(log, entries)| entries.iter().filter_map(|entry| self.shelf.at(log, entry.number)))
            .collect()
    }

    /// The snapshot that says to cover most, among those that may be of use and are here or can be had.
    fn best_snapshot(&mut self, document: DocumentId) -> Option<EntryId> {
        let known = self.snapshots.get(&document)?;
        let usable = known.iter().filter(|id| {
            self.shelf.known(id).is_some_and(|known| {
                known.state == EntryState::Waiting
                    && (known.body.is_some() || self.may_come(&place_of(known)))
                    && self.acceptance(&known.header) == Acceptance::Accepted
                    && !self.is_forked(&known.header)
            })
        });
        let usable: Vec<EntryId> = usable.copied().collect();
        if usable.len() < 2 {
            return usable.first().copied();
        }
        let shape = self.shape_of(document);
        usable.into_iter().max_by_key(|id| self.covered_by_header(id, &shape))
    }

    /// Whether some relay may have a body.
    fn may_come(&self, place: &(LogId, u64)) -> bool {
        self.sessions.values().any(|open| open.live && open.may_be_asked() && !holds(&open.not_there, place))
    }
}

impl Session {
    /// Whether the relay answers to who asks for bodies.
    pub(crate) const fn speaks_of_bodies(&self) -> bool {
        self.protocol >= PROTOCOL_VERSION_LEAN
    }

    fn may_be_asked(&self) -> bool {
        self.speaks_of_bodies() && self.stage == Stage::Open && self.ask_again_at.is_none()
    }
}

fn place_of(known: &Known) -> (LogId, u64) {
    let fields = known.header.fields();
    (fields.log, fields.number)
}

fn holds(numbers: &Numbers, (log, number): &(LogId, u64)) -> bool {
    numbers.get(log).is_some_and(|numbers| numbers.contains(number))
}

/// As many places as one frame can ask for.
fn ranges_of(places: impl Iterator<Item = (LogId, u64)>) -> (Vec<LogRange>, Numbers) {
    let (mut ranges, mut numbers) = (Vec::new(), Numbers::new());
    for (log, number) in places {
        if !push_number(&mut ranges, log, number, WANTS_MAX) {
            break;
        }
        numbers.entry(log).or_default().insert(number);
    }
    (ranges, numbers)
}
