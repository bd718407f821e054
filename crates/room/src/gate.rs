//! Who may do what: the relay's use of the same resolver that every member's device runs.

use samverka_log::{
    Acceptance, Authority, Entry, EntryId, EntryKind, LogId, Membership, Operation, RefusalReason, Resolver,
    Role, SignedHeader, SlotId, VerifiedOperation,
};
use samverka_protocol::Code;

/// What becomes of a well-chained entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is stored and passed on.
    Take,
    /// It names membership operations that are not here.
    Wait,
    /// Its author had no right to write.
    Refuse(Code),
}

/// The membership of a space.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    resolver: Resolver,
    /// Whether anybody has ever lost a right: only then can an entry be late.
    reduced: bool,
}

impl Gate {
    pub(crate) fn state(&self) -> std::sync::Arc<Membership> {
        self.resolver.state()
    }

    /// Takes note that a log forked; in a membership log that makes operations void.
    pub(crate) fn note_fork(&mut self, log: LogId, number: u64) {
        if log.slot == SlotId::MEMBERSHIP {
            self.resolver.note_fork(log, number);
            self.reduced = true;
        }
    }

    /// Whether a header's log belongs to somebody who is or was in, as far as is known here.
    pub(crate) fn knows_author(&self, log: &LogId) -> bool {
        self.state().member_of(&log.device).is_some()
    }

    /// Judges an entry by its author's rights. A well-chained entry of somebody who may write is never refused for
    /// what it is about: it would jam its log, and members mark it void all the same (design, invariant 11).
    pub(crate) fn judge(&mut self, entry: &Entry) -> Verdict {
        if entry.header.fields().kind == EntryKind::Membership {
            return self.judge_operation(entry);
        }
        let authority = Authority { resolver: &self.resolver, previous_heads: None };
        match authority.acceptance(&entry.header) {
            Acceptance::Accepted | Acceptance::Quarantined(_) => Verdict::Take,
            Acceptance::Waiting(_) => Verdict::Wait,
            Acceptance::Refused(RefusalReason::NotAMember | RefusalReason::AdmissionVoid) => {
                Verdict::Refuse(Code::NotAMember)
            }
            Acceptance::Refused(RefusalReason::Role(role)) if role < Role::Editor => {
                Verdict::Refuse(Code::NotEntitled)
            }
            Acceptance::Refused(_) => Verdict::Take,
        }
    }

    fn judge_operation(&mut self, entry: &Entry) -> Verdict {
        let Some(body) = &entry.body else { return Verdict::Refuse(Code::BodyMissing) };
        if Operation::decode(body).is_err() {
            return Verdict::Refuse(Code::Malformed);
        }
        if entry.header.is_genesis() {
            return if self.resolver.is_empty() { Verdict::Take } else { Verdict::Refuse(Code::NotEntitled) };
        }
        let heads = &entry.header.fields().membership_heads;
        if heads.iter().any(|id| !self.resolver.knows(id)) {
            return Verdict::Wait;
        }
        // Whether the operation counts is for the resolver, and may change with what arrives later. Whoever was
        // never in has nothing to say.
        let knew_itself =
            self.resolver.state_at(heads).member_of(&entry.header.fields().log.device).is_some();
        if !knew_itself && !self.knows_author(&entry.header.fields().log) {
            return Verdict::Refuse(Code::NotAMember);
        }
        match self.resolver.make_room_for(entry.header.fields().number) {
            Ok(()) => Verdict::Take,
            Err(_full) => Verdict::Refuse(Code::Quota),
        }
    }

    /// Takes a membership entry in; it was judged, or comes from the store.
    pub(crate) fn insert(&mut self, entry: &Entry) -> Option<Operation> {
        let verified = VerifiedOperation::trust(entry).ok()?;
        let operation = verified.operation().clone();
        self.reduced |= matches!(
            operation,
            Operation::Remove { .. }
                | Operation::ChangeRole { .. }
                | Operation::Leave
                | Operation::Unknown { .. }
        );
        self.resolver.insert(verified).ok()?;
        Some(operation)
    }

    /// Whether an entry's body is for admins only: made by somebody who had lost the right without knowing.
    pub(crate) fn is_withheld(&self, header: &SignedHeader) -> bool {
        if !self.reduced || header.fields().kind == EntryKind::Membership {
            return false;
        }
        let authority = Authority { resolver: &self.resolver, previous_heads: None };
        matches!(authority.acceptance(header), Acceptance::Quarantined(_))
    }

    /// Whether an order to drop a document's bodies is in force: by an admin, and not the plan's own document.
    pub(crate) fn may_drop(&self, header: &SignedHeader) -> bool {
        let authority = Authority { resolver: &self.resolver, previous_heads: None };
        matches!(authority.acceptance(header), Acceptance::Accepted)
    }

    /// Whether everything that an entry names is here.
    pub(crate) fn knows_all(&self, heads: &[EntryId]) -> bool {
        heads.iter().all(|id| self.resolver.knows(id))
    }
}
