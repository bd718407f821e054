//! Taking the content of entries from a snapshot in the place of their bodies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use samverka_log::{Acceptance, Authority, DocumentId, Entry, EntryId, EntryKind, SignedHeader};
use samverka_plan::{SavedDocument, VerifiedRecord, first_change_hashes};
use samverka_seal::{Content, SnapshotContent, open_entry};

use crate::Replica;
use crate::drive::Piece;
use crate::effect::Event;
use crate::graph::DocumentGraph;
use crate::intake::plan_record;
use crate::shelf::{EntryState, Known};
use crate::snapshot::content::{Matched, Unusable};

const LEFT_OUT: Unusable = Unusable::Void("it leaves out an entry that counts");

/// A snapshot that holds what its entries say, and nothing else.
struct Usable {
    saved: SavedDocument,
    records: Vec<VerifiedRecord>,
    /// The entries that it covers, causes before effects.
    covered: Vec<Matched>,
}

/// The graph of a document by headers alone, and how many of all entries, in the order of their arrival, it has taken.
#[derive(Default)]
pub(crate) struct Shape {
    graph: Arc<DocumentGraph>,
    taken: usize,
}

/// An opened snapshot on its way to being examined.
struct Reading {
    content: SnapshotContent,
    /// The document in it, once it was looked for; none where it does not read.
    saved: Option<Option<SavedDocument>>,
}

impl Reading {
    fn read(&mut self) {
        let content = &self.content;
        self.saved.get_or_insert_with(|| SavedDocument::read(&content.saved).ok());
    }
}

/// How an entry stands by its header alone.
enum Standing {
    Accepted,
    Held,
    Refused,
}

impl Replica {
    /// Takes content from snapshots wherever entries that count lack their bodies: of each document from the one that
    /// covers most and holds.
    pub(crate) fn use_snapshots(&mut self) {
        if self.loading.is_some() || self.workspace.is_none() {
            return;
        }
        let documents: BTreeSet<DocumentId> = self
            .bodyless
            .iter()
            .filter_map(|id| Some(self.shelf.known(id)?.header.fields().document))
            .collect();
        let mut chosen: Vec<(DocumentId, Vec<EntryId>)> = Vec::new();
        for document in documents {
            let candidates = self.candidates(document);
            chosen.extend((!candidates.is_empty()).then_some((document, candidates)));
        }
        let mut read = self.read_together(chosen.iter().filter_map(|(_, candidates)| candidates.first()));
        for (document, candidates) in chosen {
            self.use_snapshot_of(document, candidates, &mut read);
        }
    }

    /// The snapshots of a document that may be of use, the one that covers most first.
    fn candidates(&mut self, document: DocumentId) -> Vec<EntryId> {
        let mut candidates = self.snapshots_to_use(document);
        if candidates.len() > 1 {
            let shape = self.shape_of(document);
            candidates.sort_by_cached_key(|id| core::cmp::Reverse(self.covered_by_header(id, &shape)));
        }
        candidates
    }

    /// Opens and reads snapshots of several documents, which is most of what using them takes and needs nothing else.
    fn read_together<'i>(&self, ids: impl Iterator<Item = &'i EntryId>) -> BTreeMap<EntryId, Reading> {
        let open =
            |id: &EntryId| Some((*id, self.open_snapshot(*id).and_then(|content| self.begin(content)).ok()?));
        let mut readings: BTreeMap<EntryId, Reading> = ids.filter_map(open).collect();
        let pieces = readings.values_mut().map(|reading| Box::new(|| reading.read()) as Piece<'_>);
        (self.together)(pieces.collect());
        readings
    }

    fn begin(&self, content: SnapshotContent) -> Result<Reading, Unusable> {
        self.check_frontier(&content)?;
        Ok(Reading { content, saved: None })
    }

    fn use_snapshot_of(
        &mut self,
        document: DocumentId,
        candidates: Vec<EntryId>,
        read: &mut BTreeMap<EntryId, Reading>,
    ) {
        let shape = self.shape_of(document);
        for id in candidates {
            let reading = read
                .remove(&id)
                .map_or_else(|| self.open_snapshot(id).and_then(|content| self.begin(content)), Ok);
            let usable = reading.and_then(|reading| self.examine(reading, document, &shape));
            match usable.and_then(|usable| self.take_content(document, usable)) {
                Ok(()) => return,
                Err(Unusable::NotYet) => {}
                Err(Unusable::Void(why)) => self.void_snapshot(id, why),
            }
        }
    }

    /// How many entries a snapshot's header says that it covers.
    pub(crate) fn covered_by_header(&self, snapshot: &EntryId, shape: &DocumentGraph) -> usize {
        let after = self.shelf.known(snapshot).map(|known| known.header.fields().after.as_slice());
        shape.closure(after.unwrap_or_default()).len()
    }

    /// The snapshots of a document that are here whole and may be of use.
    pub(crate) fn snapshots_to_use(&self, document: DocumentId) -> Vec<EntryId> {
        let known = self.snapshots.get(&document).into_iter().flatten();
        let usable = known.filter(|id| {
            self.shelf.known(id).is_some_and(|known| {
                known.state == EntryState::Waiting
                    && known.body.is_some()
                    && self.acceptance(&known.header) == Acceptance::Accepted
                    && !self.is_forked(&known.header)
            })
        });
        usable.copied().collect()
    }

    fn void_snapshot(&mut self, id: EntryId, why: &'static str) {
        self.set_state(id, EntryState::Out(why.to_owned()));
        self.forget_body(id);
    }

    /// Which change entries of a document build on which, by their headers alone. It is asked for several times while a
    /// newcomer's headers arrive, so it is kept and goes on from where it was, until no body is missing.
    pub(crate) fn shape_of(&mut self, document: DocumentId) -> Arc<DocumentGraph> {
        let shape = self.shapes.entry(document).or_default();
        let graph = Arc::make_mut(&mut shape.graph);
        let arrival = self.shelf.arrival();
        let new = arrival.get(shape.taken..).unwrap_or_default().iter().rev();
        let mut waiting: Vec<&EntryId> = new.collect();
        shape.taken = arrival.len();
        let mut freed = Vec::new();
        while let Some(id) = freed.pop().or_else(|| waiting.pop().copied()) {
            let Some(header) = self.shelf.known(&id).map(|known| &known.header) else { continue };
            let fields = header.fields();
            if fields.kind != EntryKind::Change || fields.document != document || graph.is_settled(&id) {
                continue;
            }
            graph.arrive(header);
            match graph.missing(header) {
                Some(missing) => graph.wait(id, missing),
                None => freed.extend(graph.settle(header)),
            }
        }
        Arc::clone(&shape.graph)
    }

    /// Checks a snapshot against the headers of what it covers, and against the bodies that are here.
    fn examine(
        &self,
        mut reading: Reading,
        document: DocumentId,
        shape: &DocumentGraph,
    ) -> Result<Usable, Unusable> {
        reading.read();
        let Reading { content, saved } = reading;
        let mut saved = saved.flatten().ok_or(Unusable::Void("its document does not read"))?;
        let matched = self.match_content(document, &content, saved.changes())?;
        let entries = content.coverage.entries_with_records(&content.records).zip(&matched);
        let records = entries
            .flat_map(|((_, _, records), matched)| {
                records.iter().map(|record| plan_record(record, matched.covered.by_admin))
            })
            .collect();
        let covered = self.walk(shape, matched)?;
        Ok(Usable { saved, records, covered })
    }

    pub(crate) fn open_snapshot(&self, id: EntryId) -> Result<SnapshotContent, Unusable> {
        let known = self.shelf.known(&id).ok_or(Unusable::NotYet)?;
        let key = self.keyring.key(&known.header.fields().epoch).ok_or(Unusable::NotYet)?;
        let entry = Entry { header: known.header.clone(), body: known.body.clone() };
        match open_entry(&entry, key) {
            Ok(Content::Snapshot(content)) => Ok(content),
            _ => Err(Unusable::Void("it does not open")),
        }
    }

    /// Whether everything is here that the snapshot's author knew, and is the same.
    fn check_frontier(&self, content: &SnapshotContent) -> Result<(), Unusable> {
        for (log, head) in content.coverage.frontier.iter() {
            let last = head.next.checked_sub(1).and_then(|number| self.shelf.at(log, number));
            if last.ok_or(Unusable::NotYet)? != head.head {
                return Err(Unusable::Void("its author knew other entries than these"));
            }
        }
        Ok(())
    }

    /// Goes through everything that the covered entries build on, causes first, as intake does with bodies: what is
    /// covered has to count, and what counts has to be covered.
    fn walk(&self, shape: &DocumentGraph, matched: Vec<Matched>) -> Result<Vec<Matched>, Unusable> {
        let ends: Vec<EntryId> = matched.iter().map(|matched| matched.id).collect();
        if !ends.iter().all(|id| shape.is_settled(id)) {
            return Err(Unusable::NotYet);
        }
        let matched = matched.into_iter().map(|matched| (matched.id, matched)).collect();
        let mut walk = Walk { matched, graph: DocumentGraph::default(), held: BTreeSet::new() };
        let mut order = Vec::new();
        for id in shape.closure(&ends).into_iter().rev() {
            let Some(header) = self.shelf.known(&id).map(|known| &known.header) else { continue };
            walk.graph.arrive(header);
            match self.standing(header)? {
                Standing::Accepted => self.walk_accepted(&mut walk, id, header)?,
                Standing::Held => drop(walk.held.insert(id)),
                Standing::Refused if walk.matched.contains_key(&id) => {
                    return Err(Unusable::Void("it covers an entry that does not count"));
                }
                Standing::Refused => {}
            }
            walk.graph.settle(header);
            order.push(id);
        }
        if walk.held.iter().any(|id| walk.matched.contains_key(id)) {
            Err(Unusable::Void("it covers an entry that is held back"))
        } else {
            Ok(order.iter().filter_map(|id| walk.matched.remove(id)).collect())
        }
    }

    fn standing(&self, header: &SignedHeader) -> Result<Standing, Unusable> {
        Ok(match self.acceptance(header) {
            Acceptance::Waiting(_) => return Err(Unusable::NotYet),
            Acceptance::Refused(_) => Standing::Refused,
            Acceptance::Quarantined(_) => Standing::Held,
            Acceptance::Accepted if self.is_forked(header) => Standing::Held,
            Acceptance::Accepted => Standing::Accepted,
        })
    }

    fn walk_accepted(&self, walk: &mut Walk, id: EntryId, header: &SignedHeader) -> Result<(), Unusable> {
        if !walk.held.is_empty() {
            let authority = Authority { resolver: &self.resolver, previous_heads: None };
            for late in walk.graph.within_closure(&header.fields().after, &walk.held).into_iter().rev() {
                let taken_in = |late: &Known| authority.takes_in(header, &late.header);
                if self.shelf.known(&late).is_some_and(taken_in) {
                    self.walk_counting(walk, late)?;
                }
            }
        }
        self.walk_counting(walk, id)
    }

    /// An entry that counts if its content holds.
    fn walk_counting(&self, walk: &mut Walk, id: EntryId) -> Result<(), Unusable> {
        if walk.matched.contains_key(&id) {
            walk.held.remove(&id);
            return self.bring(walk, id);
        }
        let known = self.shelf.known(&id).ok_or(Unusable::NotYet)?;
        match known.state {
            EntryState::Out(_) => Ok(()),
            EntryState::In => Err(LEFT_OUT),
            _ if known.body.is_none() => Err(Unusable::NotYet),
            _ => match self.open_change(id, &walk.graph) {
                Ok(Some(_)) => Err(LEFT_OUT),
                Ok(None) => Err(Unusable::NotYet),
                // It is void wherever its body is.
                Err(_) => Ok(()),
            },
        }
    }

    /// Lets a covered entry count, if its changes build on nothing but what its header names.
    fn bring(&self, walk: &mut Walk, id: EntryId) -> Result<(), Unusable> {
        let known = self.shelf.known(&id).ok_or(Unusable::NotYet)?;
        let Some(matched) = walk.matched.get(&id) else { return Ok(()) };
        if matches!(known.state, EntryState::Out(_)) {
            return Err(Unusable::Void("it covers an entry that does not count"));
        }
        if known.body.is_some() && self.open_change(id, &walk.graph).is_err() {
            return Err(Unusable::Void("it covers an entry whose body does not hold"));
        }
        let (fields, mut own) = (known.header.fields(), BTreeSet::new());
        for change in &matched.changes {
            let named = |dependency: &[u8; 32]| {
                own.contains(dependency)
                    || first_change_hashes().contains(dependency)
                    || walk
                        .graph
                        .origin(dependency)
                        .is_some_and(|origin| walk.graph.reaches(&fields.log, &fields.after, &origin))
            };
            if !change.dependencies.iter().all(named) {
                return Err(Unusable::Void("it holds a change that builds on what its header does not name"));
            }
            own.insert(change.hash);
        }
        if matched.covered.changes > 0
            && matched.covered.first_seq < walk.graph.least_seq(&fields.log, fields.number)
        {
            return Err(Unusable::Void("it holds changes that are numbered out of order"));
        }
        walk.graph.numbered(fields.log, fields.number, &matched.covered);
        walk.graph.brought(id, own);
        Ok(())
    }

    /// Takes what a snapshot holds, and lets the entries that it covers count.
    fn take_content(&mut self, document: DocumentId, usable: Usable) -> Result<(), Unusable> {
        let workspace = self.workspace.as_mut().ok_or(Unusable::NotYet)?;
        let delta = workspace
            .take_saved(document, usable.saved, usable.records)
            .map_err(|_| Unusable::Void("it holds another change in the place of one that counts"))?;
        self.events.push_back(Event::Changed(delta));
        self.since_checkpoint += usable.covered.len();
        self.checkpointed.extend(usable.covered.iter().map(|matched| (matched.id, matched.covered)));
        let graph = self.graphs.entry(document).or_default();
        for matched in &usable.covered {
            graph.brought(matched.id, matched.changes.iter().map(|change| change.hash));
        }
        self.to_settle.extend(usable.covered.iter().map(|matched| matched.id));
        self.settle_all();
        let holds = |matched: &Matched| {
            self.shelf.known(&matched.id).is_some_and(|known| known.state == EntryState::In)
        };
        if usable.covered.iter().all(holds) {
            Ok(())
        } else {
            self.rebuild();
            Err(Unusable::Void("not everything that it covers counts"))
        }
    }
}

/// A way through the entries that a snapshot covers and what they build on.
struct Walk {
    matched: BTreeMap<EntryId, Matched>,
    graph: DocumentGraph,
    /// Covered entries that are held back, unless a current editor built on them.
    held: BTreeSet<EntryId>,
}
