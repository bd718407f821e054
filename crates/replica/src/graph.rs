//! Which entries of one document build on which: public from headers (`after`), so every replica settles the same.
//!
//! An entry is *settled* once everything that it names in `after`, and its log's previous entry of the same document,
//! is settled. Settled entries are either *in* (their content counts) or *out* (void, refused or quarantined: their
//! place in the graph is kept, so that nothing that builds on them jams). The closure of an entry is everything
//! reachable through `after` and through its own log; an Automerge change whose dependencies lie outside its entry's
//! closure is void (design, "Entries").

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{EntryId, LogId, SignedHeader};

use crate::shelf::Covered;

/// A hash of an Automerge change.
pub(crate) type ChangeHash = [u8; 32];

/// Where an entry stands in its document.
#[derive(Clone, Debug)]
struct Node {
    log: LogId,
    number: u64,
    /// What it names in `after`.
    after: Vec<EntryId>,
    /// The same log's entry of this document before it.
    before: Option<EntryId>,
    /// How many were settled before it: causes have lower places than effects.
    place: usize,
}

/// The graph of one document's change entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct DocumentGraph {
    nodes: BTreeMap<EntryId, Node>,
    /// Settled entries that no settled entry names.
    heads: BTreeSet<EntryId>,
    /// The newest settled entry of each log.
    newest: BTreeMap<LogId, EntryId>,
    /// The newest entry of each log that has arrived, settled or not.
    arrived: BTreeMap<LogId, EntryId>,
    /// Everything that has arrived.
    seen: BTreeSet<EntryId>,
    /// For entries that have arrived and are not settled: their log's entry of this document before them.
    before: BTreeMap<EntryId, EntryId>,
    /// Which entry brought a change.
    origin: BTreeMap<ChangeHash, EntryId>,
    /// For each log, by the numbers of its entries that count: the sequence number after their last change.
    sequence: BTreeMap<LogId, BTreeMap<u64, u64>>,
    /// Entries that wait, by one entry that they wait for.
    waiting: BTreeMap<EntryId, Vec<EntryId>>,
}

impl DocumentGraph {
    /// The document's heads: what the next entry names in `after`.
    pub(crate) fn heads(&self) -> Vec<EntryId> {
        self.heads.iter().copied().collect()
    }

    /// Whether an entry is settled.
    pub(crate) fn is_settled(&self, id: &EntryId) -> bool {
        self.nodes.contains_key(id)
    }

    /// Takes note of an entry, in the order of its log; once, however often it is looked at.
    pub(crate) fn arrive(&mut self, header: &SignedHeader) {
        if !self.seen.insert(header.id()) {
            return;
        }
        if let Some(before) = self.arrived.insert(header.fields().log, header.id()) {
            self.before.insert(header.id(), before);
        }
    }

    /// The first entry that has to be settled before this one can be.
    pub(crate) fn missing(&self, header: &SignedHeader) -> Option<EntryId> {
        let before = self.before.get(&header.id());
        header.fields().after.iter().chain(before).find(|id| !self.nodes.contains_key(id)).copied()
    }

    /// Parks an entry until `missing` is settled, or has its body.
    pub(crate) fn wait(&mut self, entry: EntryId, missing: EntryId) {
        let waiting = self.waiting.entry(missing).or_default();
        if !waiting.contains(&entry) {
            waiting.push(entry);
        }
    }

    /// Which entries were parked until one is settled, or has its body.
    pub(crate) fn waiters(&mut self, missing: &EntryId) -> Vec<EntryId> {
        self.waiting.remove(missing).unwrap_or_default()
    }

    /// Settles an entry whose `after` is settled; answers which entries need to be looked at again.
    pub(crate) fn settle(&mut self, header: &SignedHeader) -> Vec<EntryId> {
        let fields = header.fields();
        let before = self.newest.insert(fields.log, header.id());
        self.before.remove(&header.id());
        for id in fields.after.iter().chain(before.as_ref()) {
            self.heads.remove(id);
        }
        self.heads.insert(header.id());
        let (number, place) = (fields.number, self.nodes.len());
        let node = Node { log: fields.log, number, after: fields.after.clone(), before, place };
        self.nodes.insert(header.id(), node);
        self.waiters(&header.id())
    }

    /// Remembers which changes an entry brought.
    pub(crate) fn brought(&mut self, entry: EntryId, changes: impl IntoIterator<Item = ChangeHash>) {
        for change in changes {
            self.origin.entry(change).or_insert(entry);
        }
    }

    /// Remembers which sequence numbers the changes of an entry that counts have.
    pub(crate) fn numbered(&mut self, log: LogId, number: u64, covered: &Covered) {
        if covered.changes > 0 {
            let next = covered.first_seq.saturating_add(u64::from(covered.changes));
            self.sequence.entry(log).or_default().insert(number, next);
        }
    }

    /// The least sequence number that the changes of a log's entry may have.
    pub(crate) fn least_seq(&self, log: &LogId, number: u64) -> u64 {
        let before = self.sequence.get(log).and_then(|numbers| numbers.range(..number).next_back());
        before.map_or(1, |(_, next)| *next)
    }

    /// The entry that brought a change.
    pub(crate) fn origin(&self, change: &ChangeHash) -> Option<EntryId> {
        self.origin.get(change).copied()
    }

    /// Whether `target` is reachable from an entry of `log` with this `after`. The common case, a head that was named,
    /// is answered at once.
    pub(crate) fn reaches(&self, log: &LogId, after: &[EntryId], target: &EntryId) -> bool {
        let Some(goal) = self.nodes.get(target) else { return after.contains(target) };
        goal.log == *log || self.leads_to(after.iter().chain(self.newest.get(log)), target, goal)
    }

    /// Which of `candidates` lie in the closure of `after`, effects before causes: as the closure has it, without
    /// walking all of it.
    pub(crate) fn within_closure<'a>(
        &self,
        after: &[EntryId],
        candidates: impl IntoIterator<Item = &'a EntryId>,
    ) -> Vec<EntryId> {
        let mut found: Vec<(usize, EntryId)> = candidates
            .into_iter()
            .filter_map(|id| self.nodes.get(id).map(|node| (id, node)))
            .filter(|(id, node)| self.leads_to(after, id, node))
            .map(|(id, node)| (node.place, *id))
            .collect();
        found.sort_unstable_by_key(|(place, _)| core::cmp::Reverse(*place));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether a walk back from `starts` comes to `target`, each node once, and none that was settled before the target:
    /// causes have lower places than effects, so nothing back there leads to it. How far it walks is how much was settled
    /// since the target, and not how long the history is.
    fn leads_to<'a>(
        &self,
        starts: impl IntoIterator<Item = &'a EntryId>,
        target: &EntryId,
        goal: &Node,
    ) -> bool {
        let mut seen = BTreeSet::new();
        let mut stack: Vec<EntryId> = starts.into_iter().copied().collect();
        while let Some(id) = stack.pop() {
            if id == *target {
                return true;
            }
            let Some(node) = self.nodes.get(&id) else { continue };
            if node.place < goal.place || !seen.insert(node.place) {
                continue;
            }
            if node.log == goal.log && node.number >= goal.number {
                return true;
            }
            stack.extend(node.after.iter().chain(node.before.as_ref()));
        }
        false
    }

    /// Every settled entry in the closure of `after`, effects before causes.
    pub(crate) fn closure(&self, after: &[EntryId]) -> Vec<EntryId> {
        let mut found = BTreeMap::new();
        let mut stack = after.to_vec();
        while let Some(id) = stack.pop() {
            let Some(node) = self.nodes.get(&id) else { continue };
            if found.insert(node.place, id).is_none() {
                stack.extend(node.after.iter().chain(node.before.as_ref()));
            }
        }
        found.into_values().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;
    use samverka_log::{
        BodyHash, ContentCommitment, DeviceId, DocumentId, EntryKind, EpochId, HeaderFields, Signature,
        Signer, SlotId, SpaceId, UnsignedHeader,
    };

    use super::*;

    /// Signs nothing: the graph looks at what a header says alone.
    struct Hand(u8);

    impl Signer for Hand {
        fn device(&self) -> DeviceId {
            DeviceId::from_bytes([self.0; 32])
        }

        fn sign(&self, _: &[u8]) -> Signature {
            Signature::from_bytes([0; 64])
        }
    }

    fn header(hand: u8, number: u64, after: &[&SignedHeader]) -> SignedHeader {
        let mut after: Vec<EntryId> = after.iter().map(|header| header.id()).collect();
        after.sort_unstable();
        let fields = HeaderFields {
            kind: EntryKind::Change,
            space: SpaceId::from_bytes([1; 32]),
            log: LogId { device: Hand(hand).device(), slot: SlotId(1) },
            number,
            previous: EntryId::from_bytes([u8::from(number > 0); 32]),
            document: DocumentId::from_bytes([2; 16]),
            after,
            epoch: EpochId::from_bytes([3; 32]),
            membership_heads: vec![EntryId::from_bytes([4; 32])],
            content_commitment: ContentCommitment::ZERO,
            body_hash: BodyHash::ZERO,
            body_length: 0,
            extensions: Vec::new(),
        };
        UnsignedHeader::new(fields).unwrap().sign(&Hand(hand))
    }

    #[test]
    fn a_closure_has_effects_before_causes_however_paths_meet() {
        let root = header(1, 0, &[]);
        let (left, right) = (header(2, 0, &[&root]), header(3, 0, &[&root]));
        let middle = header(2, 1, &[&left]);
        let top = header(1, 1, &[&middle, &right]);
        let mut graph = DocumentGraph::default();
        for header in [&root, &left, &right, &middle, &top] {
            graph.arrive(header);
            assert_eq!(graph.missing(header), None);
            graph.settle(header);
        }
        let closure = graph.closure(&[top.id()]);
        let place = |header: &SignedHeader| closure.iter().position(|id| *id == header.id()).unwrap();
        assert_eq!(closure.len(), 5);
        for (effect, cause) in
            [(&top, &middle), (&top, &right), (&middle, &left), (&left, &root), (&right, &root)]
        {
            assert!(place(effect) < place(cause));
        }
    }

    #[test]
    fn what_is_reached_is_what_the_closure_holds() {
        let mut random = samverka_testkit::rng(7);
        for _ in 0..200 {
            let mut graph = DocumentGraph::default();
            let mut headers: Vec<SignedHeader> = Vec::new();
            let mut numbers = [0_u64; 4];
            for _ in 0..24 {
                let hand = random.random_range(0..4_usize);
                let named: Vec<SignedHeader> = (0..random.random_range(0..3))
                    .filter(|_| !headers.is_empty())
                    .map(|_| headers[random.random_range(0..headers.len())].clone())
                    .collect();
                let mut named: Vec<&SignedHeader> = named.iter().collect();
                named.sort_unstable_by_key(|header| header.id());
                named.dedup_by_key(|header| header.id());
                let new = header(u8::try_from(hand).unwrap() + 1, numbers[hand], &named);
                numbers[hand] += 1;
                graph.arrive(&new);
                graph.settle(&new);
                headers.push(new);
            }
            let after: Vec<EntryId> =
                (0..2).map(|_| headers[random.random_range(0..headers.len())].id()).collect();
            let closure = graph.closure(&after);
            let all: BTreeSet<EntryId> = headers.iter().map(SignedHeader::id).collect();
            assert_eq!(graph.within_closure(&after, &all), closure);
            // A log that has written nothing brings nothing of its own.
            let stranger = LogId { device: Hand(9).device(), slot: SlotId(1) };
            for id in &all {
                assert_eq!(graph.reaches(&stranger, &after, id), closure.contains(id));
            }
        }
    }

    #[test]
    fn numbers_of_changes_rise_along_a_log_whenever_its_entries_are_taken_in() {
        let log = LogId { device: Hand(1).device(), slot: SlotId(1) };
        let mut graph = DocumentGraph::default();
        graph.numbered(log, 4, &Covered { first_seq: 7, changes: 2, records: 0, by_admin: false });
        graph.numbered(log, 1, &Covered { first_seq: 1, changes: 3, records: 1, by_admin: false });
        graph.numbered(log, 2, &Covered { first_seq: 0, changes: 0, records: 1, by_admin: false });
        assert_eq!([0, 1, 2, 4, 5].map(|number| graph.least_seq(&log, number)), [1, 1, 4, 4, 9]);
    }
}
