//! Entries on their way out: from a command to a sealed, signed, durable entry in this slot's log.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use samverka_log::{
    BodyHash, ContentCommitment, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, LogId,
    Operation, Resolver, SpaceId, UnsignedHeader, body_hash,
};
use samverka_plan::{Command, Context, Incoming, Outcome, Produced, decode_change};
use samverka_seal::{ChangeContent, ChangeHash, Content, RecordFields, RecordId, SignedRecord, seal_entry};

use crate::Replica;
use crate::effect::Event;
use crate::error::ReplicaError;
use crate::intake::{append, plan_record};
use crate::shelf::EntryState;

/// How long edits are gathered before they are sealed: a burst of typing becomes one entry.
pub const COALESCE_MS: u64 = 150;

/// What has been done to one document and is not sealed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    changes: Vec<Vec<u8>>,
    /// Records, each with whether it was taken for an admin's when it was stated.
    records: Vec<(SignedRecord, bool)>,
}

#[cfg(test)]
impl Pending {
    pub(crate) fn into_changes(self) -> Vec<Vec<u8>> {
        self.changes
    }
}

impl Replica {
    /// Carries out a command on the local documents, at once. The edit is durable when the entry that [`Self::flush`]
    /// makes of it has been stored; until then [`Self::status`] counts it as unsaved.
    ///
    /// # Errors
    /// [`ReplicaError`]; nothing has changed then.
    pub fn execute(
        &mut self,
        command: &Command,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Outcome, ReplicaError> {
        self.may_write()?;
        if self.loading.is_some() || self.own_log_waits() || self.is_coming_in() {
            return Err(ReplicaError::NotReady);
        }
        let (log, member) = (self.log_id(), self.me().ok_or(ReplicaError::NotAMember)?);
        let workspace = self.workspace.as_mut().ok_or(ReplicaError::NotReady)?;
        let executed = workspace.execute(command, &mut Context { log, member, now_ms, rng })?;
        for produced in executed.documents {
            self.gather(produced)?;
        }
        self.flush_at.get_or_insert(now_ms + COALESCE_MS);
        self.tell_changed(executed.delta);
        self.events.push_back(Event::StatusChanged);
        Ok(executed.outcome)
    }

    /// Seals what is pending and hands it to the store.
    ///
    /// # Errors
    /// [`ReplicaError`] where it could not be sealed; it stays pending.
    pub fn flush(&mut self, now_ms: u64, rng: &mut impl CryptoRng) -> Result<(), ReplicaError> {
        self.flush_at = None;
        // While the documents are built anew, what they build on is not known; it is sealed when that is done.
        if self.pending.is_empty() || self.loading.is_some() {
            return Ok(());
        }
        let epoch = self.epoch_to_write_under(now_ms, rng)?;
        let pending = core::mem::take(&mut self.pending);
        for (document, pending) in pending {
            self.seal_pending(document, pending, epoch, now_ms, rng)?;
        }
        self.checkpoint_where_due(rng)
    }

    /// Whether what this log holds is not all in the documents: the store was lost, and the bodies are on their way
    /// back. A change made now would have the number of another.
    fn own_log_waits(&self) -> bool {
        let own = self.shelf.log(&self.log_id()).iter().rev().filter_map(|id| self.shelf.known(id));
        let mut changes = own.filter(|known| known.header.fields().kind == EntryKind::Change);
        changes.next().is_some_and(|known| matches!(known.state, EntryState::Waiting | EntryState::Bodyless))
    }

    /// Signs a document's records and adds what was produced to what is pending.
    fn gather(&mut self, produced: Produced) -> Result<(), ReplicaError> {
        let log = self.log_id();
        let by_admin = self.resolver.state().is_admin(&log.device);
        let pending = self.pending.entry(produced.document).or_default();
        pending.changes.extend(produced.changes);
        for draft in produced.records {
            let fields = RecordFields {
                space: self.space,
                document: produced.document,
                log,
                id: RecordId(draft.id),
                time_ms: draft.time_ms,
                payload: draft.payload,
            };
            let signed = SignedRecord::sign(fields, &self.keys)?.into_signed();
            if let Some(workspace) = &mut self.workspace {
                workspace.set_signed(produced.document, &draft.id, signed.bytes().to_vec());
            }
            pending.records.push((signed, by_admin));
        }
        Ok(())
    }

    fn seal_pending(
        &mut self,
        document: DocumentId,
        pending: Pending,
        epoch: EpochId,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        let decode =
            |raw: &Vec<u8>| decode_change(raw).map_err(|error| ReplicaError::Change(error.to_string()));
        let hashes = pending.changes.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        let change_hashes: Vec<_> = hashes.iter().map(|change| ChangeHash::from_bytes(change.hash)).collect();
        let (records, taken_for_admins): (Vec<_>, Vec<_>) = pending.records.into_iter().unzip();
        let content = Content::Change(ChangeContent { changes: pending.changes, records });
        let entry = self.seal_content(document, &content, &change_hashes, epoch, rng)?;
        let id = self.put_own(entry, now_ms);
        let Some(header) = self.shelf.known(&id).map(|known| known.header.clone()) else { return Ok(()) };
        let by_admin = !taken_for_admins.is_empty() && self.was_admin(&header);
        self.covers(
            id,
            crate::shelf::Covered {
                first_seq: hashes.first().map_or(0, |change| change.seq),
                changes: u32::try_from(hashes.len()).unwrap_or(u32::MAX),
                records: u32::try_from(taken_for_admins.len()).unwrap_or(u32::MAX),
                by_admin,
            },
        );
        let graph = self.graphs.entry(document).or_default();
        graph.brought(id, hashes.iter().map(|change| change.hash));
        graph.arrive(&header);
        let freed = graph.settle(&header);
        self.to_settle.extend(freed);
        self.set_state(id, EntryState::In);
        self.settle_all();
        if taken_for_admins.iter().any(|taken| *taken != by_admin) {
            // The right came or went between the command and its entry, and everybody else goes by the entry.
            self.rebuild();
        }
        Ok(())
    }

    /// Seals content as the next entry of this slot's log.
    pub(crate) fn seal_content(
        &self,
        document: DocumentId,
        content: &Content,
        change_hashes: &[ChangeHash],
        epoch: EpochId,
        rng: &mut impl CryptoRng,
    ) -> Result<Entry, ReplicaError> {
        let key = self.keyring.key(&epoch).ok_or(ReplicaError::NoKey)?;
        let log = self.log_id();
        let head = self.shelf.frontier().head(&log);
        let fields = HeaderFields {
            kind: content.kind(),
            space: self.space,
            log,
            number: head.next,
            previous: head.head,
            document,
            after: self.graphs.get(&document).map(super::graph::DocumentGraph::heads).unwrap_or_default(),
            epoch,
            membership_heads: self.resolver.heads(&log.device),
            content_commitment: ContentCommitment::ZERO,
            body_hash: BodyHash::ZERO,
            body_length: 0,
            extensions: Vec::new(),
        };
        Ok(seal_entry(fields, content, change_hashes, key, &self.keys, rng)?)
    }

    /// Shelves an entry of our own and asks the store to keep it.
    pub(crate) fn put_own(&mut self, entry: Entry, now_ms: u64) -> EntryId {
        let log = entry.header.fields().log;
        let write = append(self.space, log, vec![entry.clone()]);
        let id = self.shelf.put(entry);
        self.arrived_ms.insert(id, now_ms);
        self.write(vec![write]);
        id
    }

    /// Signs a membership operation as the next entry of this device's membership log, shelves it, resolves it and
    /// asks the store to keep it. The caller holds the device-wide lock of slot 0.
    ///
    /// # Errors
    /// [`ReplicaError::Copied`], [`ReplicaError::Forbidden`] where this device's membership log is full,
    /// [`ReplicaError::Header`], [`ReplicaError::Operation`], [`ReplicaError::TooLong`].
    pub(crate) fn author_membership(
        &mut self,
        operation: &Operation,
        now_ms: u64,
    ) -> Result<EntryId, ReplicaError> {
        if !self.trusts_membership_log() {
            return Err(ReplicaError::Copied);
        }
        let log = LogId::membership(self.keys.device());
        let head = self.shelf.frontier().head(&log);
        Resolver::takes(head.next).map_err(|full| ReplicaError::Forbidden(full.to_string()))?;
        let entry = sign_membership(
            self.space,
            log,
            head,
            self.resolver.heads(&self.keys.device()),
            operation,
            &self.keys,
        )?;
        let id = self.put_own(entry, now_ms);
        self.settle_membership(id);
        self.settle_all();
        Ok(id)
    }
}

/// A signed membership entry.
pub(crate) fn sign_membership(
    space: SpaceId,
    log: LogId,
    head: samverka_log::LogHead,
    membership_heads: Vec<EntryId>,
    operation: &Operation,
    keys: &samverka_seal::DeviceKeys,
) -> Result<Entry, ReplicaError> {
    let body = operation.encode()?;
    let fields = HeaderFields {
        kind: EntryKind::Membership,
        space,
        log,
        number: head.next,
        previous: head.head,
        document: DocumentId::ZERO,
        after: Vec::new(),
        epoch: EpochId::ZERO,
        membership_heads,
        content_commitment: ContentCommitment::ZERO,
        body_hash: body_hash(&body),
        body_length: u32::try_from(body.len()).map_err(|_| ReplicaError::TooLong)?,
        extensions: Vec::new(),
    };
    let header = UnsignedHeader::new(fields)?.sign(keys);
    Ok(Entry { header, body: Some(body) })
}

impl Replica {
    /// After the documents were built anew: what is not sealed yet belongs on top.
    pub(crate) fn reapply_pending(&mut self) {
        let log = self.log_id();
        let by_admin = self.resolver.state().is_admin(&log.device);
        let batch: Vec<Incoming> = self
            .pending
            .iter_mut()
            .map(|(document, pending)| Incoming {
                document: *document,
                log,
                changes: pending.changes.clone(),
                records: pending
                    .records
                    .iter_mut()
                    .map(|(record, taken_for_admins)| {
                        *taken_for_admins = by_admin;
                        plan_record(record, by_admin)
                    })
                    .collect(),
            })
            .collect();
        if let (Some(workspace), false) = (&mut self.workspace, batch.is_empty()) {
            let applied = workspace.apply_batch(batch);
            self.tell_applied(applied);
        }
    }
}

/// Pending edits by document.
pub(crate) type PendingByDocument = BTreeMap<DocumentId, Pending>;
