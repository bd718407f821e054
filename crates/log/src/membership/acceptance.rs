//! Whether an entry counts: a pure function of its header and the membership operations.

use thiserror::Error;

use super::operation::Role;
use super::resolver::Resolver;
use super::state::Membership;
use crate::limits::MEMBERSHIP_HEADS_MAX;
use crate::{DeviceId, EntryId, EntryKind, SignedHeader};

/// Whether an entry counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// It counts.
    Accepted,
    /// It names membership operations that are not here yet.
    Waiting(Vec<EntryId>),
    /// Made before the author heard of losing the right: an admin decides.
    Quarantined(QuarantineReason),
    /// It never counts.
    Refused(RefusalReason),
}

/// Why an entry is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuarantineReason {
    /// Its author was removed or demoted without its author having known.
    #[error("it was made before its author heard of losing the right to write; an admin decides")]
    Late {
        /// The operation that took the right.
        operation: EntryId,
    },
}

/// Why an entry never counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// Its author was not a member, as far as the author knew.
    #[error("its author was not a member")]
    NotAMember,
    /// Its author's role did not allow it.
    #[error("its author's role ({}) does not allow it", .0.word())]
    Role(Role),
    /// What let the author in, or gave them the right, does not count.
    #[error("what let its author in, or gave them the right, does not count")]
    AdmissionVoid,
    /// It names older membership operations than the entry before it in its log.
    #[error("it claims to know less than the entry before it in its log")]
    HeadsWentBack,
    /// The plan document is not dropped by one admin alone.
    #[error("the plan itself is not dropped by one admin alone")]
    DropOfThePlan,
}

/// What decides whether an entry counts, beside the resolver.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// The resolver, with all operations that are here.
    pub resolver: &'a Resolver,
    /// The membership heads of the entry before this one in its log.
    pub previous_heads: Option<&'a [EntryId]>,
}

impl Authority<'_> {
    /// Whether a change, snapshot, drop or entry of an unknown kind counts. Membership entries are the resolver's.
    pub fn acceptance(&self, header: &SignedHeader) -> Acceptance {
        let fields = header.fields();
        let heads = &fields.membership_heads;
        let missing: Vec<EntryId> = heads.iter().filter(|id| !self.resolver.knows(id)).copied().collect();
        if !missing.is_empty() {
            return Acceptance::Waiting(missing);
        }
        if let Some(objection) = self.went_back(heads) {
            return objection;
        }
        let needed = if fields.kind == EntryKind::Drop { Role::Admin } else { Role::Editor };
        let Some((role, granted_by)) = self.resolver.role_at(heads, &fields.log.device) else {
            return Acceptance::Refused(RefusalReason::NotAMember);
        };
        if role < needed {
            return Acceptance::Refused(RefusalReason::Role(role));
        }
        let now = self.resolver.state();
        if fields.kind == EntryKind::Drop && now.plan_document() == Some(fields.document) {
            return Acceptance::Refused(RefusalReason::DropOfThePlan);
        }
        if entitlement_is_void(&granted_by, &now, &fields.log.device, needed) {
            return Acceptance::Refused(RefusalReason::AdmissionVoid);
        }
        self.late(header, needed).first().map_or(Acceptance::Accepted, |operation| {
            Acceptance::Quarantined(QuarantineReason::Late { operation: *operation })
        })
    }

    /// Whether the author of an accepted entry decided who is in when they made it: what they say there as an admin
    /// counts, whatever becomes of them later. An entry that was made before its author heard of losing that right,
    /// and is not among those that the reduction accepts, was not made by an admin.
    pub fn was_admin(&self, header: &SignedHeader) -> bool {
        let fields = header.fields();
        let device = &fields.log.device;
        let then = self.resolver.role_at(&fields.membership_heads, device);
        then.is_some_and(|(role, granted_by)| {
            role == Role::Admin
                && !entitlement_is_void(&granted_by, &self.resolver.state(), device, Role::Admin)
                && self.late(header, Role::Admin).is_empty()
        })
    }

    /// Whether an accepted entry that builds on a late one takes it in: it does where its author had not heard of any
    /// reduction that the other is late for. They built on it in good faith, and their own content cannot stand
    /// without it. Whoever had heard of it takes late entries in by saying so ([`super::Operation::AcceptLate`]).
    ///
    /// A function of the two headers and the operations: who is in by now makes no difference, so that the answer is
    /// the same in whatever order things arrive, and does not change when the builder leaves.
    pub fn takes_in(&self, builder: &SignedHeader, late: &SignedHeader) -> bool {
        let heard = &builder.fields().membership_heads;
        let needed = if late.fields().kind == EntryKind::Drop { Role::Admin } else { Role::Editor };
        !self.late(late, needed).iter().any(|operation| self.resolver.includes(heard, operation))
    }

    /// What is wrong with `heads` after the previous entry's. None of those is forgotten: each is in the past of one
    /// that is named now, or had to give way because only so many can be named. That shows in the header itself: it
    /// names as many as it may, all of them apart from each other and from the one that is left out.
    fn went_back(&self, heads: &[EntryId]) -> Option<Acceptance> {
        let before = self.previous_heads?;
        let left_out: Vec<EntryId> =
            before.iter().filter(|id| !self.resolver.includes(heads, id)).copied().collect();
        if left_out.is_empty() {
            return None;
        }
        let apart = |one: &EntryId, other: &EntryId| {
            !self.resolver.includes(&[*one], other) && !self.resolver.includes(&[*other], one)
        };
        let full = heads.len() == MEMBERSHIP_HEADS_MAX
            && heads.iter().all(|one| heads.iter().all(|other| one == other || apart(one, other)));
        if full {
            let missing: Vec<EntryId> =
                left_out.iter().filter(|id| !self.resolver.knows(id)).copied().collect();
            if !missing.is_empty() {
                return Some(Acceptance::Waiting(missing));
            }
            if left_out.iter().all(|id| heads.iter().all(|head| apart(head, id))) {
                return None;
            }
        }
        Some(Acceptance::Refused(RefusalReason::HeadsWentBack))
    }

    /// The reductions that this entry is late for.
    fn late(&self, header: &SignedHeader, needed: Role) -> Vec<EntryId> {
        let fields = header.fields();
        let now = self.resolver.state();
        let taken_in = now.accepted_late.get(&fields.log).is_some_and(|head| fields.number < head.next);
        if taken_in {
            return Vec::new();
        }
        let member = now.member_of(&fields.log.device);
        now.reductions
            .values()
            .filter(|reduction| reduction.left_with.is_none_or(|role| role < needed))
            .filter(|reduction| {
                reduction.devices.contains(&fields.log.device)
                    || (reduction.member.is_some() && reduction.member == member)
            })
            .filter(|reduction| !self.resolver.includes(&fields.membership_heads, &reduction.operation))
            .filter(|reduction| {
                let limit = reduction.accept_up_to.iter().find(|(log, _)| *log == fields.log);
                limit.is_none_or(|(_, head)| fields.number >= head.next)
            })
            .map(|reduction| reduction.operation)
            .collect()
    }
}

/// Whether what let a device in, or what gave it the role that it used, does not count by what is known now.
fn entitlement_is_void(granted_by: &[EntryId], now: &Membership, device: &DeviceId, needed: Role) -> bool {
    let Some(current) = now.member_of(device).and_then(|id| now.member(&id)) else { return true };
    current.role < needed && granted_by.iter().all(|by| now.void.contains_key(by))
}
