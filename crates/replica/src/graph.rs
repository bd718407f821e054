//! Which entries of one document build on which: public from headers (`after`), so every replica settles the same.
//!
//! An entry is *settled* once everything that it names in `after`, and its log's previous entry of the same document,
//! is settled. Settled entries are either *in* (their content counts) or *out* (void, refused or quarantined: their
//! place in the graph is kept, so that nothing that builds on them jams). The closure of an entry is everything
//! reachable through `after` and through its own log; an Automerge change whose dependencies lie outside its entry's
//! closure is void (design, "Entries").

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{EntryId, LogId, SignedHeader};

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

    /// Parks an entry until `missing` is settled.
    pub(crate) fn wait(&mut self, entry: EntryId, missing: EntryId) {
        let waiting = self.waiting.entry(missing).or_default();
        if !waiting.contains(&entry) {
            waiting.push(entry);
        }
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
        let node = Node { log: fields.log, number: fields.number, after: fields.after.clone(), before };
        self.nodes.insert(header.id(), node);
        self.waiting.remove(&header.id()).unwrap_or_default()
    }

    /// Remembers which changes an entry brought.
    pub(crate) fn brought(&mut self, entry: EntryId, changes: impl IntoIterator<Item = ChangeHash>) {
        for change in changes {
            self.origin.entry(change).or_insert(entry);
        }
    }

    /// The entry that brought a change.
    pub(crate) fn origin(&self, change: &ChangeHash) -> Option<EntryId> {
        self.origin.get(change).copied()
    }

    /// Whether `target` is reachable from an entry of `log` with this `after`. The common case, a head that was named,
    /// is answered at once; else the graph is walked back, each node once.
    pub(crate) fn reaches(&self, log: &LogId, after: &[EntryId], target: &EntryId) -> bool {
        if after.contains(target) {
            return true;
        }
        let Some(goal) = self.nodes.get(target) else { return false };
        if goal.log == *log {
            return true;
        }
        let mut seen = BTreeSet::new();
        let mut stack: Vec<EntryId> = after.iter().chain(self.newest.get(log)).copied().collect();
        while let Some(id) = stack.pop() {
            if id == *target {
                return true;
            }
            if !seen.insert(id) {
                continue;
            }
            let Some(node) = self.nodes.get(&id) else { continue };
            if node.log == goal.log && node.number >= goal.number {
                return true;
            }
            // Everything further back in this log is older than the goal, but its `after` may lead elsewhere.
            stack.extend(node.after.iter().chain(node.before.as_ref()));
        }
        false
    }

    /// Every settled entry in the closure of `after`, newest first.
    pub(crate) fn closure(&self, after: &[EntryId]) -> Vec<EntryId> {
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        let mut stack = after.to_vec();
        while let Some(id) = stack.pop() {
            let Some(node) = self.nodes.get(&id) else { continue };
            if seen.insert(id) {
                order.push(id);
                stack.extend(node.after.iter().chain(node.before.as_ref()));
            }
        }
        order
    }
}
