//! Reading this device's own copies of documents ([checkpoints](crate::checkpoint)) when a plan is opened.
//!
//! It is the longest part of opening and needs nothing else of the replica, so a shell that has threads may take it
//! ([`Replica::take_work`]) and hand in what came of it while entries are read ([`Replica::handle_worked`]). Where none
//! does, as in a browser's worker, the replica does it itself once everything else has been read.
//!
//! Entries that a copy covers are settled meanwhile; others are put off until the documents are here.

use core::ops::Range;
use std::collections::{BTreeMap, BTreeSet};

use samverka_log::wire::{Reader, WireError};
use samverka_log::{DocumentId, EntryId};
use samverka_plan::{Delta, OwnCopy};
use samverka_seal::SignedRecord;

use crate::Replica;
use crate::effect::Event;

/// A part of opening a plan that takes long, for whoever has a processor to spare.
pub struct Work {
    pub(crate) document: DocumentId,
    /// The opened checkpoint, and where in it the document and the records are.
    pub(crate) bytes: Vec<u8>,
    pub(crate) saved: Range<usize>,
    pub(crate) records: Range<usize>,
}

/// What came of [`Work`].
pub struct Worked {
    document: DocumentId,
    /// None where it does not read.
    copy: Option<OwnCopy>,
}

impl Work {
    /// Does it: some 60 ms for 2,000 notes.
    pub fn run(self) -> Worked {
        let saved = self.bytes.get(self.saved.clone()).unwrap_or_default();
        let copy = self.read_records().ok().and_then(|records| OwnCopy::read(saved, records).ok());
        Worked { document: self.document, copy }
    }

    /// About how long it takes, in bytes.
    pub const fn size(&self) -> usize {
        self.bytes.len()
    }

    fn read_records(&self) -> Result<Vec<samverka_plan::VerifiedRecord>, WireError> {
        let mut input = Reader::new(self.bytes.get(self.records.clone()).unwrap_or_default());
        let mut records = Vec::new();
        while input.left() > 0 {
            let record = SignedRecord::parse(input.block()?);
            let by_admin = input.u8()? != 0;
            if let Ok(record) = record {
                records.push(crate::intake::plan_record(&record, by_admin));
            }
        }
        Ok(records)
    }
}

/// The copies of documents on their way into the plan.
#[derive(Default)]
pub(crate) struct Copies {
    /// Opened, and nobody reads them yet.
    pub(crate) to_read: Vec<Work>,
    /// The shell reads them.
    away: BTreeSet<DocumentId>,
    /// Read, and not in the plan yet.
    read: BTreeMap<DocumentId, OwnCopy>,
    /// One does not read.
    failed: bool,
    /// Entries that wait until the documents are here.
    put_off: Vec<EntryId>,
}

impl Copies {
    /// Whether documents are not all in the plan yet.
    fn pending(&self) -> bool {
        self.failed || !(self.to_read.is_empty() && self.away.is_empty() && self.read.is_empty())
    }

    fn take(&mut self, worked: Worked) {
        match worked.copy {
            Some(copy) => drop(self.read.insert(worked.document, copy)),
            None => self.failed = true,
        }
    }
}

impl Replica {
    /// What a shell may do beside the replica. Each has to be handed in ([`Self::handle_worked`]); what is not taken the
    /// replica does itself.
    pub fn take_work(&mut self) -> Vec<Work> {
        let work = core::mem::take(&mut self.copies.to_read);
        self.copies.away.extend(work.iter().map(|work| work.document));
        work
    }

    /// For a program that is about to end: leaves what it holds of the plan in memory where it is, for the system to
    /// take back at once. Taking it apart takes a fifth as long as opening it. Keys are wiped all the same, when this is
    /// dropped. Nothing else is to be asked after it.
    pub fn abandon(&mut self) {
        core::mem::forget(self.workspace.take());
        core::mem::forget(core::mem::take(&mut self.shelf));
        core::mem::forget(core::mem::take(&mut self.graphs));
        core::mem::forget(core::mem::take(&mut self.checkpointed));
    }

    /// Whether something that was taken is not handed in yet.
    pub fn awaits_work(&self) -> bool {
        !self.copies.away.is_empty()
    }

    /// Takes what came of work. What is no longer of use is passed over.
    pub fn handle_worked(&mut self, worked: Worked, now_ms: u64) {
        if !self.copies.away.remove(&worked.document) {
            return;
        }
        self.copies.take(worked);
        if self.copies.away.is_empty() && self.waits_for_documents() {
            self.finish_load(now_ms);
        }
    }

    /// Whether an entry has to wait for the documents.
    pub(crate) fn puts_off(&mut self, id: EntryId) -> bool {
        let puts_off = self.copies.pending() && !self.checkpointed.contains_key(&id);
        if puts_off {
            self.copies.put_off.push(id);
        }
        puts_off
    }

    /// Puts the copies into the plan, reading what nobody else does. Answers whether all are there.
    pub(crate) fn documents_are_here(&mut self) -> bool {
        for work in core::mem::take(&mut self.copies.to_read) {
            self.copies.take(work.run());
        }
        if !self.copies.away.is_empty() {
            return false;
        }
        if self.copies.failed {
            // The entries are all there: without the copies it only takes longer.
            self.rebuild();
            return false;
        }
        self.put_copies();
        self.settle_all();
        true
    }

    pub(crate) fn put_copies(&mut self) {
        let here = self.copies.to_read.is_empty() && self.copies.away.is_empty() && !self.copies.failed;
        let Some(workspace) = self.workspace.as_mut().filter(|_| here && !self.copies.read.is_empty()) else {
            return;
        };
        for (document, copy) in core::mem::take(&mut self.copies.read) {
            workspace.take_own(document, copy);
        }
        self.events.push_back(Event::Changed(Delta { everything: true, ..Delta::default() }));
        self.to_settle.extend(core::mem::take(&mut self.copies.put_off));
    }
}
