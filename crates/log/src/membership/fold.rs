//! From operations to a state.
//!
//! What comes of a set of operations does not depend on the order in which they are applied, as long as the past of
//! each comes before it: a state can be carried on by whatever arrives, and is the same as if all had been there before.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::operation::{Operation, Role, Share, Target};
use super::resolver::Node;
use super::state::{Epoch, Invitation, Member, MemberDevice, Membership, Rank, Reduction};
use super::verified::VoidReason;
use crate::{DeviceId, EntryId, EpochId, MemberId, SpaceId, member_id};

/// Applies one operation to a state. A void one leaves its reason, and its keys, because what was sealed is known.
pub(crate) fn apply(
    state: &mut Membership,
    node: &Node,
    counts: Result<(), VoidReason>,
    is_before: &dyn Fn(&EntryId) -> bool,
) {
    // Somebody who was never in holds no key and can hand none on, whatever they sign.
    if node.was_in() {
        apply_keys(state, node, counts.is_err());
    }
    let id = node.operation.id;
    if let Err(reason) = counts {
        state.void.insert(id, reason);
        return;
    }
    match &node.operation.operation {
        Operation::Genesis { plan_document, .. } => {
            state.plan_document = Some(*plan_document);
            state.founder = Some(member_id(SpaceId::ZERO, node.operation.author()));
            add_member(state, node);
        }
        Operation::AddMember { .. } => add_member(state, node),
        Operation::AddDevice { member, .. } => add_device(state, node, *member),
        Operation::ChangeRole { member, role, accept_up_to } => {
            if *role < Role::Admin {
                let reduction = Reduction {
                    operation: id,
                    devices: BTreeSet::new(),
                    member: Some(*member),
                    left_with: Some(*role),
                    accept_up_to: accept_up_to.clone(),
                };
                state.reductions.insert(node.order(), reduction);
            }
            set_role(state, node, *member, *role, is_before);
        }
        Operation::Remove { target, accept_up_to } => {
            let member = match target {
                Target::Member(member) => Some(*member),
                Target::Device(_) => None,
            };
            let devices = node.removes_devices().copied().collect();
            let accept_up_to = accept_up_to.clone();
            let reduction = Reduction { operation: id, devices, member, left_with: None, accept_up_to };
            state.reductions.insert(node.order(), reduction);
            remove(state, node);
        }
        Operation::Leave => remove(state, node),
        Operation::Invite { .. } | Operation::RevokeInvite { .. } => apply_invitation(state, node),
        Operation::AcceptLate { logs } => {
            for (log, head) in logs {
                let known = state.accepted_late.entry(*log).or_insert(*head);
                // The greater number; of two heads with one number the lesser id, so that it is always the same.
                if (head.next, known.head) > (known.next, head.head) {
                    *known = *head;
                }
            }
        }
        Operation::Unknown { .. } => state.unknown_operation = true,
        Operation::Epoch { .. } | Operation::KeyShare { .. } => {}
    }
}

fn apply_keys(state: &mut Membership, node: &Node, void: bool) {
    match &node.operation.operation {
        Operation::Epoch { suite, commitment, shares, wraps } => {
            let id = EpochId::from(node.operation.id);
            let mut epoch = Epoch {
                commitment: *commitment,
                suite: *suite,
                author: node.operation.author(),
                void,
                shares: shares.clone(),
                wraps: wraps.clone(),
                handed_on: Vec::new(),
            };
            for (order, shares) in state.early_shares.remove(&id).unwrap_or_default() {
                hand_on(&mut epoch, order, &shares);
            }
            state.epochs.insert(id, Arc::new(epoch));
        }
        Operation::KeyShare { epoch, shares } => match state.epochs.get_mut(epoch) {
            Some(epoch) => hand_on(Arc::make_mut(epoch), node.order(), shares),
            // By somebody who had not heard of the epoch: void, and told all the same.
            None => {
                let early = state.early_shares.entry(*epoch).or_default();
                early.insert(node.order(), shares.clone());
            }
        },
        _ => {}
    }
}

/// Adds later shares of a key, in the order of the operations that hand them on.
fn hand_on(epoch: &mut Epoch, order: Rank, shares: &[Share]) {
    let at = epoch.handed_on.partition_point(|(earlier, _)| *earlier < order);
    let later: usize = epoch.handed_on.iter().skip(at).map(|(_, count)| count).sum();
    let from = epoch.shares.len() - later;
    epoch.shares.splice(from..from, shares.iter().cloned());
    epoch.handed_on.insert(at, (order, shares.len()));
}

fn apply_invitation(state: &mut Membership, node: &Node) {
    let id = node.operation.id;
    match &node.operation.operation {
        Operation::Invite { key, role, expires_at_ms, uses } => {
            let invitation = Invitation {
                id,
                key: *key,
                role: *role,
                expires_at_ms: *expires_at_ms,
                uses: *uses,
                author: node.operation.author(),
                revoked_by: state.revocations.get(&id).map(|(_, by)| *by),
                used_by: state.invitation_uses.get(&id).cloned().unwrap_or_default(),
            };
            state.invitations.insert(id, invitation);
        }
        Operation::RevokeInvite { invite } => {
            let by = state.revocations.entry(*invite).or_insert(node.order());
            *by = node.order().min(*by);
            if let Some(invitation) = state.invitations.get_mut(invite) {
                invitation.revoked_by = Some(by.1);
            }
        }
        _ => {}
    }
}

fn add_member(state: &mut Membership, node: &Node) {
    let (id, author) = (node.operation.id, node.operation.author());
    let Some((device, member)) = node.lets_in() else { return };
    let Some((_, role)) = node.gives_role() else { return };
    let invite = match &node.operation.operation {
        Operation::AddMember { invite, .. } => *invite,
        _ => None,
    };
    if let Some(invite) = invite {
        state.invitation_uses.entry(invite).or_default().insert(member);
        if let Some(invitation) = state.invitations.get_mut(&invite) {
            invitation.used_by.insert(member);
        }
    }
    match state.member_mut(&member) {
        // Two admins admitted the same device apart: one member, the least privileged role. The rest is by the more
        // senior one's word.
        Some(member) => {
            member.give_role(id, role);
            if member.devices.get(&device).is_some_and(|device| node.strength() < device.strength) {
                member.added_by = id;
                member.admitted_by = author;
                member.invite = invite;
            }
        }
        None => {
            let removed_by = state.removed_members.get(&member).map(|(_, by)| *by);
            let new = Member {
                id: member,
                role,
                devices: std::collections::BTreeMap::new(),
                added_by: id,
                admitted_by: author,
                invite,
                removed_by,
                role_by: vec![(id, role)],
            };
            state.members.insert(member, Arc::new(new));
        }
    }
    add_device(state, node, member);
}

fn add_device(state: &mut Membership, node: &Node, member: MemberId) {
    let (device, share_key) = match &node.operation.operation {
        Operation::Genesis { share_key, .. } => (node.operation.author(), *share_key),
        Operation::AddMember { device, share_key, .. } | Operation::AddDevice { device, share_key, .. } => {
            (*device, *share_key)
        }
        _ => return,
    };
    let (added_by, strength) = (node.operation.id, node.strength());
    let removed_by = state.removal_of(&device, &member);
    if state.member_of(&device).is_some_and(|owner| owner != member) {
        return;
    }
    if let Some(owner) = state.member_mut(&member) {
        // Made apart from another admission, else it did not count: the more senior author's share key counts.
        let weaker = owner.devices.get(&device).is_some_and(|known| known.strength < strength);
        if !weaker {
            owner.devices.insert(device, MemberDevice { device, share_key, added_by, removed_by, strength });
        }
        state.devices.insert(device, member);
    }
}

fn set_role(
    state: &mut Membership,
    node: &Node,
    member: MemberId,
    role: Role,
    is_before: &dyn Fn(&EntryId) -> bool,
) {
    if let Some(member) = state.member_mut(&member) {
        member.role_by.retain(|(earlier, _)| !is_before(earlier));
        member.give_role(node.operation.id, role);
    }
}

fn remove(state: &mut Membership, node: &Node) {
    let Some(aim) = &node.aim else { return };
    for device in node.removes_devices() {
        let by = state.removed_devices.entry(*device).or_insert(node.order());
        *by = node.order().min(*by);
        mark_removed(state, *device);
    }
    let Target::Member(member) = aim.target else { return };
    let by = state.removed_members.entry(member).or_insert(node.order());
    *by = node.order().min(*by);
    let by = by.1;
    let Some(known) = state.member_mut(&member) else { return };
    known.removed_by = Some(by);
    let devices: Vec<DeviceId> = known.devices.keys().copied().collect();
    for device in devices {
        mark_removed(state, device);
    }
}

fn mark_removed(state: &mut Membership, device: DeviceId) {
    let Some(member) = state.member_of(&device) else { return };
    let removed_by = state.removal_of(&device, &member);
    if let Some(own) = state.member_mut(&member).and_then(|member| member.devices.get_mut(&device)) {
        own.removed_by = removed_by;
    }
}

impl Member {
    /// Takes in one more of the operations that set the role, none of which knows another.
    fn give_role(&mut self, by: EntryId, role: Role) {
        let at = self.role_by.partition_point(|(other, _)| *other < by);
        self.role_by.insert(at, (by, role));
        self.role = self.role_by.iter().map(|(_, role)| *role).min().unwrap_or(role);
    }
}

impl Membership {
    /// The first in order of what removed a device, alone or with its member.
    fn removal_of(&self, device: &DeviceId, member: &MemberId) -> Option<EntryId> {
        let (alone, together) = (self.removed_devices.get(device), self.removed_members.get(member));
        alone.into_iter().chain(together).min().map(|(_, by)| *by)
    }
}
