//! Whether a document and its records are what the headers of the entries that they cover committed to.

use std::collections::BTreeMap;

use samverka_log::{DocumentId, EntryId, EntryKind, LogId, actor_id};
use samverka_plan::ChangePlace;
use samverka_seal::{ChangeHash, CoveredEntry, SignedRecord, SnapshotContent};

use crate::Replica;
use crate::intake::is_own_record;
use crate::shelf::{Covered, Known};

/// Why a snapshot is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// It is void, for the reason given.
    #[error("{0}")]
    Void(&'static str),
    /// Something is not here yet that decides about it.
    #[error("something that it builds on is not here yet")]
    NotYet,
}

/// A covered entry with the changes that are its own.
pub(crate) struct Matched {
    pub(crate) id: EntryId,
    pub(crate) covered: Covered,
    pub(crate) changes: Vec<ChangePlace>,
}

impl Replica {
    /// Matches a document's `changes` and a snapshot's records to the covered entries: the hashes and records have to
    /// be those that each header committed to, and nothing may be left over.
    pub(crate) fn match_content(
        &self,
        document: DocumentId,
        content: &SnapshotContent,
        changes: Vec<ChangePlace>,
    ) -> Result<Vec<Matched>, Unusable> {
        let total = changes.len();
        let mut by_actor = by_actor(changes);
        let mut matched = Vec::new();
        let mut used = 0;
        let mut current: Option<(LogId, Vec<ChangePlace>)> = None;
        for (log, entry, records) in content.coverage.entries_with_records(&content.records) {
            if current.as_ref().is_none_or(|(of, _)| *of != log) {
                let actor = actor_id(self.space, document, log);
                current = Some((log, by_actor.remove(&actor).unwrap_or_default()));
            }
            let own = current.as_ref().map_or(&[][..], |(_, changes)| changes);
            let id = self.shelf.at(&log, entry.number).ok_or(Unusable::NotYet)?;
            let known = self.shelf.known(&id).ok_or(Unusable::NotYet)?;
            let changes = numbered(own, &entry).ok_or(Unusable::Void("it lacks a change that it covers"))?;
            self.match_entry(document, known, &entry, changes, records)?;
            used += changes.len();
            let by_admin = !records.is_empty() && self.was_admin(&known.header);
            let CoveredEntry { first_seq, changes: count, records, .. } = entry;
            let covered = Covered { first_seq, changes: count, records, by_admin };
            matched.push(Matched { id, covered, changes: changes.to_vec() });
        }
        if used == total {
            Ok(matched)
        } else {
            Err(Unusable::Void("it holds a change that it does not cover"))
        }
    }

    /// One entry: the hashes of its changes and its records against its header.
    fn match_entry(
        &self,
        document: DocumentId,
        known: &Known,
        entry: &CoveredEntry,
        changes: &[ChangePlace],
        records: &[SignedRecord],
    ) -> Result<(), Unusable> {
        let fields = known.header.fields();
        if fields.kind != EntryKind::Change || fields.document != document {
            return Err(Unusable::Void("it covers an entry that is no change of its document"));
        }
        let key = self.keyring.key(&fields.epoch).ok_or(Unusable::NotYet)?;
        if !records.iter().all(|record| is_own_record(fields, record)) {
            return Err(Unusable::Void("it holds a record in somebody else's name, or of another document"));
        }
        let hashes: Vec<ChangeHash> =
            changes.iter().map(|change| ChangeHash::from_bytes(change.hash)).collect();
        let commitment = key.content_commitment(document, fields.log, entry.number, &hashes, records);
        if commitment == fields.content_commitment {
            Ok(())
        } else {
            Err(Unusable::Void("it holds something else than an entry's author signed"))
        }
    }
}

/// The changes of each actor in the order of their numbers.
fn by_actor(changes: Vec<ChangePlace>) -> BTreeMap<[u8; 16], Vec<ChangePlace>> {
    let mut by_actor: BTreeMap<[u8; 16], Vec<ChangePlace>> = BTreeMap::new();
    for change in changes {
        by_actor.entry(change.actor).or_default().push(change);
    }
    for changes in by_actor.values_mut() {
        changes.sort_by_key(|change| change.seq);
    }
    by_actor
}

/// The changes of an entry, if they are all there.
fn numbered<'a>(own: &'a [ChangePlace], entry: &CoveredEntry) -> Option<&'a [ChangePlace]> {
    let from = own.partition_point(|change| change.seq < entry.first_seq);
    let until = from.checked_add(usize::try_from(entry.changes).ok()?)?;
    let changes = own.get(from..until)?;
    let in_order = changes.iter().zip(entry.first_seq..).all(|(change, seq)| change.seq == seq);
    in_order.then_some(changes)
}
