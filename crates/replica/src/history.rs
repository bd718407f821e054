//! Looking back: who did what, and whether everything that is stored holds. The shell reads entries from the store
//! and hands them in, so that a long history passes through without being held.

use std::collections::BTreeMap;

use samverka_log::{DocumentId, Entry, EntryId, EntryKind, LogHead, LogId, MemberId, VerifiedOperation};
use samverka_plan::{Deed, deed_of_change, deed_of_record};
use samverka_seal::{Content, open_entry};

use crate::Replica;
use crate::error::ReplicaError;
use crate::shelf::EntryState;

/// What one entry did.
#[derive(Clone, Debug)]
pub struct HistoryItem {
    /// The entry.
    pub id: EntryId,
    /// Its log.
    pub log: LogId,
    /// Its number.
    pub number: u64,
    /// Whose it is, by the key that signed it.
    pub member: Option<MemberId>,
    /// The document; none for membership.
    pub document: Option<DocumentId>,
    /// Why it does not count, if it does not.
    pub left_out: Option<String>,
    /// What it did.
    pub deeds: Vec<Deed>,
}

/// What is wrong with a stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry.
    pub id: EntryId,
    /// Its log.
    pub log: LogId,
    /// Its number.
    pub number: u64,
    /// What is wrong, as a sentence.
    pub reason: String,
}

/// Checks entries one after the other.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    heads: BTreeMap<LogId, LogHead>,
    /// How many entries were checked.
    pub entries: u64,
    /// How many of them were opened.
    pub opened: u64,
    /// Bodies that are not here (pruned).
    pub without_body: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Entries that hold and do not count, with the reason.
    pub left_out: Vec<Fault>,
}

impl Replica {
    /// What an entry did, as far as this device can open it.
    pub fn history_item(&self, entry: &Entry) -> HistoryItem {
        let fields = entry.header.fields();
        let left_out = match self.shelf.known(&entry.id()).map(|known| &known.state) {
            Some(EntryState::Out(reason) | EntryState::Quarantined(reason)) => Some(reason.clone()),
            _ => None,
        };
        HistoryItem {
            id: entry.id(),
            log: fields.log,
            number: fields.number,
            member: self.resolver.state().member_of(&fields.log.device),
            document: (!fields.document.is_zero()).then_some(fields.document),
            left_out,
            deeds: self.deeds(entry),
        }
    }

    fn deeds(&self, entry: &Entry) -> Vec<Deed> {
        let fields = entry.header.fields();
        if fields.kind == EntryKind::Membership {
            let what = VerifiedOperation::trust(entry).map(|operation| operation_name(operation.operation()));
            return what
                .map(|what| Deed { what: what.to_owned(), entities: Vec::new(), time_ms: 0 })
                .into_iter()
                .collect();
        }
        let Some(key) = self.keyring.key(&fields.epoch) else { return Vec::new() };
        let Ok(Content::Change(content)) = open_entry(entry, key) else { return Vec::new() };
        let changes = content.changes.iter().filter_map(|raw| deed_of_change(raw));
        let records = content.records.iter().map(|record| {
            let fields = record.claimed_fields();
            deed_of_record(&fields.payload, fields.time_ms)
        });
        changes.chain(records).collect()
    }

    /// Checks a stored entry: signature, chain, body, content. Entries of a log have to come in order.
    pub fn verify_entry(&self, entry: &Entry, verifier: &mut Verifier) {
        let fields = entry.header.fields();
        let id = entry.id();
        let fault = |reason: String| Fault { id, log: fields.log, number: fields.number, reason };
        verifier.entries += 1;
        let head = verifier.heads.entry(fields.log).or_insert(LogHead::EMPTY);
        if fields.number != head.next || fields.previous != head.head {
            verifier.faults.push(fault("it does not follow the entry before it".to_owned()));
        }
        *head = LogHead { next: fields.number + 1, head: id };
        if entry.header.verify().is_err() {
            verifier.faults.push(fault("its signature does not hold".to_owned()));
        }
        if entry.header.space() != self.space {
            verifier.faults.push(fault("it belongs to another plan".to_owned()));
        }
        let Some(body) = &entry.body else {
            verifier.without_body += 1;
            return;
        };
        if !entry.header.matches_body(body) {
            verifier.faults.push(fault("its body is not the one that its header names".to_owned()));
            return;
        }
        match self.shelf.known(&id).map(|known| &known.state) {
            Some(EntryState::Out(reason) | EntryState::Quarantined(reason)) => {
                verifier.left_out.push(fault(reason.clone()));
            }
            Some(EntryState::In) => {
                if let Some(key) = self.keyring.key(&fields.epoch) {
                    match open_entry(entry, key) {
                        Ok(_) => verifier.opened += 1,
                        Err(error) => verifier.faults.push(fault(error.to_string())),
                    }
                }
            }
            Some(EntryState::Waiting) => {
                verifier.left_out.push(fault("it waits for something that it names".to_owned()));
            }
            Some(EntryState::Unreadable | EntryState::Bodyless | EntryState::Apart) | None => {}
        }
    }

    /// Operations on membership that do not count, with the reason as a sentence.
    pub fn void_operations(&self) -> Vec<(EntryId, String)> {
        self.resolver.state().void().map(|(id, reason)| (*id, reason.to_string())).collect()
    }

    /// The Automerge heads of every document that is here.
    pub fn heads(&mut self) -> BTreeMap<DocumentId, Vec<[u8; 32]>> {
        let Some(workspace) = &mut self.workspace else { return BTreeMap::new() };
        workspace.documents().into_iter().map(|document| (document, workspace.heads(document))).collect()
    }

    /// One document as a file that any Automerge program opens, with the signed records inside it.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`], [`ReplicaError::File`].
    pub fn automerge_file(&mut self, document: DocumentId) -> Result<Vec<u8>, ReplicaError> {
        let workspace = self.workspace.as_mut().ok_or(ReplicaError::NotReady)?;
        Ok(samverka_plan::exchange::automerge::export(workspace, document)?)
    }
}

const fn operation_name(operation: &samverka_log::Operation) -> &'static str {
    use samverka_log::Operation as O;
    match operation {
        O::Genesis { .. } => "genesis",
        O::AddMember { .. } => "add_member",
        O::AddDevice { .. } => "add_device",
        O::ChangeRole { .. } => "change_role",
        O::Remove { .. } => "remove",
        O::Leave => "leave",
        O::Invite { .. } => "invite",
        O::RevokeInvite { .. } => "revoke_invite",
        O::Epoch { .. } => "epoch",
        O::KeyShare { .. } => "key_share",
        O::AcceptLate { .. } => "accept_late",
        O::Unknown { .. } => "unknown",
    }
}
