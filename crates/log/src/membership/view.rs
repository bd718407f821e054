//! Who somebody is in a part of the history: single questions, answered without folding all of it into a state.

use std::collections::{BTreeMap, BTreeSet};

use super::bits::Bits;
use super::operation::{Operation, Role, Target};
use super::resolver::{Node, Resolver};
use super::state::Rank;
use super::verdict::Verdicts;
use super::verified::{VerifiedOperation, VoidReason};
use crate::{DeviceId, EntryId, MemberId, member_id};

/// How senior whoever is no admin is: after all who are.
pub(crate) const NO_ADMIN: Rank = (u64::MAX, EntryId::ZERO);

/// Whom an operation takes rights from, as its author saw it.
pub(crate) struct Aim {
    pub(crate) target: Target,
    /// The target's devices, each with what added it.
    pub(crate) devices: BTreeMap<DeviceId, EntryId>,
    /// What the target may do from there on, if anything.
    pub(crate) left_with: Option<Role>,
}

/// A set of operations with the past of each, and which of them do not count there.
pub(crate) struct View<'a> {
    pub(crate) resolver: &'a Resolver,
    pub(crate) past: &'a Bits,
    pub(crate) verdicts: &'a Verdicts,
}

impl View<'_> {
    /// Those of some operations that are here and count.
    fn counting<'a>(&'a self, list: &'a [usize]) -> impl DoubleEndedIterator<Item = (usize, &'a Node)> + 'a {
        let here = list.iter().filter(|index| self.past.has(**index) && !self.verdicts.is_void(**index));
        here.filter_map(|index| Some((*index, self.resolver.node(*index)?)))
    }

    fn any(&self, list: &[usize]) -> bool {
        self.counting(list).next().is_some()
    }

    /// Whose a device is or was.
    pub(crate) fn owner(&self, device: &DeviceId) -> Option<MemberId> {
        self.admission(device).and_then(Node::lets_in).map(|(_, member)| member)
    }

    /// What lets a device in: of several admissions apart the strongest.
    fn admission(&self, device: &DeviceId) -> Option<&Node> {
        let known = self.resolver.known.device(device)?;
        self.counting(&known.admissions).map(|(_, node)| node).min_by_key(|node| node.strength())
    }

    fn is_known(&self, member: &MemberId) -> bool {
        self.resolver.known.person(member).is_some_and(|person| self.any(&person.roles))
    }

    fn is_in(&self, member: &MemberId) -> bool {
        let person = self.resolver.known.person(member);
        self.is_known(member) && person.is_some_and(|person| !self.any(&person.removals))
    }

    /// What a device may do; `None` if it is not in.
    pub(crate) fn role_of(&self, device: &DeviceId) -> Option<Role> {
        let member = self.owner(device).filter(|member| self.is_in(member))?;
        let known = self.resolver.known.device(device)?;
        if self.any(&known.removals) { None } else { self.role(&member) }
    }

    /// What a person may do, or might do last: the least of the roles given by operations of which none knew another.
    fn role(&self, member: &MemberId) -> Option<Role> {
        self.roles(member, self.past)
            .iter()
            .filter_map(|(_, node)| node.gives_role())
            .map(|(_, role)| role)
            .min()
    }

    /// The operations that give a device's person their role.
    pub(crate) fn grants(&self, device: &DeviceId) -> Vec<EntryId> {
        let owner = self.owner(device);
        let roles = owner.map(|member| self.roles(&member, self.past)).unwrap_or_default();
        roles.iter().map(|(_, node)| node.operation.id).collect()
    }

    /// The newest operations in a past that give a person a role.
    fn roles(&self, member: &MemberId, past: &Bits) -> Vec<(usize, &Node)> {
        let mut newest: Vec<(usize, &Node)> = Vec::new();
        let Some(person) = self.resolver.known.person(member) else { return newest };
        if let Some(many) = &person.many_roles {
            let mut left = many.clone();
            left.keep(self.past);
            left.keep(past);
            self.verdicts.take_void_from(&mut left);
            while let Some((index, node)) =
                left.last().and_then(|last| Some((last, self.resolver.node(last)?)))
            {
                newest.push((index, node));
                left.unset(index);
                left.remove(&node.past);
            }
            return newest;
        }
        for (index, node) in self.counting(&person.roles).rev() {
            let known = newest.iter().any(|(_, newer)| newer.past.has(index));
            if past.has(index) && !known {
                newest.push((index, node));
            }
        }
        newest
    }

    /// How senior a person is.
    fn rank(&self, member: &MemberId) -> Rank {
        let roles = self.roles(member, self.past);
        let admin = roles.iter().all(|(_, node)| node.gives_role() == Some((*member, Role::Admin)));
        if !admin {
            return NO_ADMIN;
        }
        roles.iter().map(|(index, node)| self.senior(*index, node)).min().unwrap_or(NO_ADMIN)
    }

    /// How senior an operation makes whom it makes an admin.
    fn senior(&self, index: usize, node: &Node) -> Rank {
        let mut senior = NO_ADMIN;
        let mut seen = BTreeSet::new();
        let mut left = vec![(index, node)];
        while let Some((index, node)) = left.pop() {
            // Where all that is decided here was known to it, it is as it was.
            if !self.verdicts.unsettled.contains(&index) {
                senior = senior.min(node.senior);
                continue;
            }
            senior = senior.min(node.order());
            let Some((member, Role::Admin)) = node.gives_role() else { continue };
            let before = self.roles(&member, &node.past);
            if before.iter().all(|(_, node)| node.gives_role() == Some((member, Role::Admin))) {
                left.extend(before.into_iter().filter(|(index, _)| seen.insert(*index)));
            }
        }
        senior
    }

    /// How senior an operation that comes next makes whom it makes an admin: whoever is one stays as they were.
    pub(crate) fn senior_by(&self, operation: &Operation, order: Rank) -> Rank {
        match operation {
            Operation::ChangeRole { member, role: Role::Admin, .. } => order.min(self.rank(member)),
            _ => order,
        }
    }

    /// How senior an author is.
    pub(crate) fn rank_of(&self, author: &DeviceId) -> Rank {
        self.owner(author).map_or(NO_ADMIN, |member| self.rank(&member))
    }

    /// Whom an operation that comes next takes rights from, if anybody.
    pub(crate) fn aim(&self, operation: &VerifiedOperation) -> Option<Aim> {
        let (target, left_with) = match &operation.operation {
            Operation::Remove { target, .. } => (*target, None),
            // Else whoever left could go on from another device as if they had not.
            Operation::Leave => (Target::Member(self.owner(&operation.author())?), None),
            Operation::ChangeRole { member, role, .. }
                if self.role(member).is_some_and(|before| *role < before) =>
            {
                (Target::Member(*member), Some(*role))
            }
            _ => return None,
        };
        let mut devices = BTreeMap::new();
        let mut aim = |device: DeviceId| {
            devices.extend(self.admission(&device).map(|by| (device, by.operation.id)));
        };
        match target {
            Target::Device(device) => aim(device),
            Target::Member(member) => self.devices(&member).into_iter().for_each(aim),
        }
        Some(Aim { target, devices, left_with })
    }

    /// The role that an operation that comes next needs.
    pub(crate) fn needs(&self, operation: &VerifiedOperation) -> Role {
        let owner = self.owner(&operation.author());
        match &operation.operation {
            Operation::Genesis { .. }
            | Operation::AddMember { .. }
            | Operation::ChangeRole { .. }
            | Operation::Invite { .. }
            | Operation::RevokeInvite { .. }
            | Operation::AcceptLate { .. } => Role::Admin,
            // A device that an admin adds stands against other admissions of it by the admin's seniority.
            Operation::AddDevice { .. } if self.role_of(&operation.author()) == Some(Role::Admin) => {
                Role::Admin
            }
            Operation::Remove { target, .. } if owner.is_none() || !self.is_ones_own(owner, target) => {
                Role::Admin
            }
            Operation::Epoch { .. } | Operation::KeyShare { .. } => Role::Editor,
            Operation::AddDevice { .. }
            | Operation::Remove { .. }
            | Operation::Leave
            | Operation::Unknown { .. } => Role::Relay,
        }
    }

    /// Whether whoever is removed is the author, or a device of theirs that is in: anybody may.
    fn is_ones_own(&self, owner: Option<MemberId>, target: &Target) -> bool {
        match target {
            Target::Member(member) => owner == Some(*member),
            Target::Device(device) => self.owner(device) == owner && !self.is_removed(target),
        }
    }

    fn devices(&self, member: &MemberId) -> BTreeSet<DeviceId> {
        let Some(person) = self.resolver.known.person(member) else { return BTreeSet::new() };
        let added = self.counting(&person.devices).filter_map(|(_, node)| node.lets_in());
        added.map(|(device, _)| device).filter(|device| self.owner(device).as_ref() == Some(member)).collect()
    }

    /// Whether the author of an operation that comes next is entitled to it.
    pub(crate) fn entitled(&self, operation: &VerifiedOperation) -> Result<(), VoidReason> {
        let author = operation.author();
        if let Operation::Genesis { .. } = operation.operation {
            return Ok(());
        }
        let owner = self.owner(&author).ok_or(VoidReason::NotAMember)?;
        let role = self.role_of(&author).ok_or(VoidReason::NoLongerAMember)?;
        let needs = |needed| if role >= needed { Ok(()) } else { Err(VoidReason::Role) };
        match &operation.operation {
            Operation::Genesis { .. } | Operation::Leave | Operation::Unknown { .. } => Ok(()),
            Operation::AddMember { member, device, .. } => {
                needs(Role::Admin)?;
                if *member != member_id(operation.space, *device) {
                    return Err(VoidReason::MemberId);
                }
                self.new_device(device)
            }
            Operation::AddDevice { member, device, .. } => {
                self.target_is_in(member)?;
                if owner != *member {
                    needs(Role::Admin)?;
                    // Whoever holds a device of a senior admin acts with their seniority.
                    self.senior_to(&owner, member)?;
                }
                self.new_device(device)
            }
            Operation::ChangeRole { member, role: wanted, .. } => {
                needs(Role::Admin)?;
                self.target_is_in(member)?;
                let less = self.role(member).is_some_and(|before| *wanted < before);
                if less { self.senior_to(&owner, member) } else { Ok(()) }
            }
            Operation::Remove { target, .. } => {
                let member = match target {
                    Target::Member(member) => Some(*member).filter(|member| self.is_known(member)),
                    Target::Device(device) => self.owner(device),
                };
                // An admin may remove somebody who is out already once more: that is how a bound is put to what a
                // person who left goes on writing.
                let member = member.ok_or(VoidReason::UnknownTarget)?;
                if self.is_ones_own(Some(owner), target) {
                    return Ok(());
                }
                needs(Role::Admin)?;
                self.senior_to(&owner, &member)
            }
            Operation::Invite { .. } | Operation::RevokeInvite { .. } | Operation::AcceptLate { .. } => {
                needs(Role::Admin)
            }
            Operation::Epoch { .. } => needs(Role::Editor),
            Operation::KeyShare { epoch, .. } => {
                needs(Role::Editor)?;
                let known = self.resolver.index_of(&(*epoch).into()).filter(|index| self.past.has(*index));
                let known = known.and_then(|index| self.resolver.node(index));
                known.filter(|node| node.begins_epoch()).map(|_| ()).ok_or(VoidReason::UnknownTarget)
            }
        }
    }

    /// Whether an author who was entitled is so still, after something in the past of the operation turned out void. A
    /// removal by an admin stands where only the admission of whom it is about has become void: else another admission,
    /// made apart, would bring back whom somebody entitled had put out.
    pub(crate) fn entitled_still(&self, node: &Node) -> Result<(), VoidReason> {
        let operation = &node.operation;
        match (self.entitled(operation), &operation.operation) {
            (Err(VoidReason::UnknownTarget), Operation::Remove { .. })
                if node.is_by_admin() && self.role_of(&operation.author()) == Some(Role::Admin) =>
            {
                Ok(())
            }
            (verdict, _) => verdict,
        }
    }

    fn target_is_in(&self, member: &MemberId) -> Result<(), VoidReason> {
        if self.is_in(member) { Ok(()) } else { Err(VoidReason::UnknownTarget) }
    }

    fn is_removed(&self, target: &Target) -> bool {
        let Target::Device(device) = target else { return false };
        self.resolver.known.device(device).is_some_and(|known| self.any(&known.removals))
    }

    fn new_device(&self, device: &DeviceId) -> Result<(), VoidReason> {
        let known = self.resolver.known.device(device);
        let was_in = known.is_some_and(|known| self.any(&known.admissions) || self.any(&known.removals));
        if was_in { Err(VoidReason::DeviceAgain) } else { Ok(()) }
    }

    fn senior_to(&self, own: &MemberId, target: &MemberId) -> Result<(), VoidReason> {
        let theirs = self.rank(target);
        if own == target || theirs == NO_ADMIN || self.rank(own) < theirs {
            Ok(())
        } else {
            Err(VoidReason::NotSenior)
        }
    }
}
