//! Writing a snapshot.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use samverka_log::{DocumentId, EpochId, LogId};
use samverka_seal::{Content, Coverage, CoveredEntry, SignedRecord, SnapshotContent};

use crate::Replica;
use crate::effect::Event;
use crate::error::ReplicaError;
use crate::shelf::{Covered, EntryState, Known};
use crate::snapshot::content::Unusable;

/// Why no snapshot was written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    /// What is here of the document does not match its entries.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// It could not be sealed: it is too large, mostly.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
}

impl Replica {
    /// Writes the snapshots that are due on this device. One that cannot be made is told of and passed over: a cache
    /// is missing then, and nothing else.
    pub(crate) fn snapshot_where_due(&mut self, now_ms: u64, rng: &mut impl CryptoRng) {
        let Some(epoch) = self.epoch_for_snapshot() else { return };
        self.look_at_tails = false;
        for document in self.due_for_snapshot(now_ms) {
            if let Err(why) = self.write_snapshot(document, epoch, now_ms, rng) {
                self.snapshot_failed(document);
                let reason = format!("whoever joins will take longer, for no snapshot could be made: {why}");
                self.events.push_back(Event::Notice { reason });
            }
        }
    }

    /// The epoch to seal a snapshot under, if this device may write one now: a safe one whose key is here. There is no
    /// hurry, so none is begun for it. Nor does this device pass on what it has from a snapshot itself and has not held
    /// against the bodies yet.
    pub(crate) fn epoch_for_snapshot(&self) -> Option<EpochId> {
        let quiet = self.is_ready() && self.pending.is_empty() && self.failed_writes.is_empty();
        let verified = |known: &Known| known.state != EntryState::In;
        if !quiet || self.may_write().is_err() || !self.shelf.lacking_bodies().all(verified) {
            return None;
        }
        self.membership().safe_epochs().into_iter().find(|epoch| self.keyring.key(epoch).is_some())
    }

    fn write_snapshot(
        &mut self,
        document: DocumentId,
        epoch: EpochId,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), NotWritten> {
        let content = self.snapshot_content(document)?;
        let workspace = self.workspace.as_mut().ok_or(ReplicaError::NotReady)?;
        let changes = workspace.changes(document);
        // What is here may come from a checkpoint of this device: nothing is passed on that was not checked again.
        self.match_content(document, &content, changes)?;
        let entry = self.seal_content(document, &Content::Snapshot(content), &[], epoch, rng)?;
        let id = self.put_own(entry, now_ms);
        self.to_settle.push_back(id);
        self.settle_all();
        Ok(())
    }

    /// Everything that counts of a document, as a snapshot holds it.
    pub(crate) fn snapshot_content(&mut self, document: DocumentId) -> Result<SnapshotContent, ReplicaError> {
        let workspace = self.workspace.as_mut().ok_or(ReplicaError::NotReady)?;
        let saved = workspace.save(document);
        let entries: BTreeMap<LogId, Vec<CoveredEntry>> = self
            .shelf
            .logs()
            .filter_map(|log| {
                let entries =
                    covered_of_log(self.shelf.log(log).iter().enumerate().filter_map(|(number, id)| {
                        let known = self.shelf.known(id)?;
                        let counts =
                            known.state == EntryState::In && known.header.fields().document == document;
                        Some((u64::try_from(number).ok()?, known.covered.filter(|_| counts)?))
                    }));
                (!entries.is_empty()).then_some((*log, entries))
            })
            .collect();
        let coverage = Coverage { frontier: self.shelf.frontier().clone(), entries };
        let records = self.records_by_log(document, &coverage)?;
        Ok(SnapshotContent { saved, records, coverage })
    }

    /// The records of a document in the order of their logs. Those of one log are here in the order of its entries,
    /// since its entries were settled in order.
    fn records_by_log(
        &self,
        document: DocumentId,
        coverage: &Coverage,
    ) -> Result<Vec<SignedRecord>, ReplicaError> {
        let workspace = self.workspace.as_ref().ok_or(ReplicaError::NotReady)?;
        let mut by_log: BTreeMap<LogId, Vec<SignedRecord>> = BTreeMap::new();
        for record in workspace.records(document) {
            by_log.entry(record.log).or_default().push(SignedRecord::parse(&record.signed)?);
        }
        Ok(coverage.entries.keys().filter_map(|log| by_log.remove(log)).flatten().collect())
    }
}

fn covered_of_log(entries: impl Iterator<Item = (u64, Covered)>) -> Vec<CoveredEntry> {
    let mut least_seq = 1;
    entries
        .map(|(number, covered)| {
            // An entry without changes has no sequence number of its own.
            let first_seq = if covered.changes == 0 { least_seq } else { covered.first_seq };
            least_seq = first_seq.saturating_add(u64::from(covered.changes));
            CoveredEntry { number, first_seq, changes: covered.changes, records: covered.records }
        })
        .collect()
}
