//! What a set of operations comes to, in plain values that the resolver and the reference can both be told in.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{
    DeviceId, DocumentId, EntryId, EpochId, Invitation, Member, MemberId, Membership, Role, ShareKey,
};

/// Everything that follows from a set of membership operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Operations that do not count.
    pub void: BTreeSet<EntryId>,
    /// Everybody who is or was in.
    pub members: BTreeMap<MemberId, MemberOutcome>,
    /// Whose each device is or was, and what it may do now.
    pub devices: BTreeMap<DeviceId, (MemberId, Option<Role>)>,
    /// All keys that are known of.
    pub epochs: BTreeMap<EpochId, EpochOutcome>,
    /// The epochs that may be written under.
    pub safe: BTreeSet<EpochId>,
    /// All invitations that count.
    pub invitations: BTreeMap<EntryId, InvitationOutcome>,
    /// The plan's own document.
    pub plan_document: Option<DocumentId>,
    /// Who began the space.
    pub founder: Option<MemberId>,
    /// Whether an operation of a newer version counts.
    pub unknown_operation: bool,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOutcome {
    /// What they may do, or might do last.
    pub role: Role,
    /// What let them in.
    pub added_by: EntryId,
    /// The device that did.
    pub admitted_by: DeviceId,
    /// The invitation that they came by.
    pub invite: Option<EntryId>,
    /// The first in order that put them out.
    pub removed_by: Option<EntryId>,
    /// Each device with its share key, what added it, and what put it out first.
    pub devices: BTreeMap<DeviceId, (ShareKey, EntryId, Option<EntryId>)>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochOutcome {
    /// Whether the operation that began it does not count.
    pub void: bool,
    /// Every device known to hold it.
    pub holders: BTreeSet<DeviceId>,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationOutcome {
    /// What newcomers may do.
    pub role: Role,
    /// Who made it.
    pub author: DeviceId,
    /// The first in order that took it back.
    pub revoked_by: Option<EntryId>,
}

impl From<&Membership> for Outcome {
    fn from(state: &Membership) -> Self {
        let owned = |device: &DeviceId| {
            state.member_of(device).map(|member| (*device, (member, state.role_of(device))))
        };
        let epoch = |id: &EpochId, void: bool| (*id, EpochOutcome { void, holders: state.holders(id) });
        Self {
            void: state.void().map(|(id, _)| *id).collect(),
            members: state.members().map(|member| (member.id, MemberOutcome::from(member))).collect(),
            devices: state.members().flat_map(|member| member.devices.keys()).filter_map(owned).collect(),
            epochs: state.epochs().map(|(id, known)| epoch(id, known.void)).collect(),
            safe: state.safe_epochs().into_iter().collect(),
            invitations: state
                .invitations()
                .map(|known| (known.id, InvitationOutcome::from(known)))
                .collect(),
            plan_document: state.plan_document(),
            founder: state.founder(),
            unknown_operation: state.has_unknown_operation(),
        }
    }
}

impl From<&Member> for MemberOutcome {
    fn from(member: &Member) -> Self {
        let devices = member.devices.values();
        Self {
            role: member.role,
            added_by: member.added_by,
            admitted_by: member.admitted_by,
            invite: member.invite,
            removed_by: member.removed_by,
            devices: devices.map(|own| (own.device, (own.share_key, own.added_by, own.removed_by))).collect(),
        }
    }
}

impl From<&Invitation> for InvitationOutcome {
    fn from(known: &Invitation) -> Self {
        Self { role: known.role, author: known.author, revoked_by: known.revoked_by }
    }
}
