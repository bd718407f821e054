//! From operations in order to a state: entitlement, voiding, application.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bits::Bits;
use super::operation::{Operation, Role, Target};
use super::resolver::{Node, Resolver};
use super::state::{Epoch, Invitation, Member, MemberDevice, Membership, Rank, Reduction};
use super::verified::{VerifiedOperation, VoidReason};
use crate::{DeviceId, EntryId, MemberId, ShareKey, SpaceId, member_id};

/// Whether the author of an operation was entitled to it in a state.
pub(crate) fn entitled(state: &Membership, operation: &VerifiedOperation) -> Result<(), VoidReason> {
    let author = operation.author();
    if let Operation::Genesis { .. } = operation.operation {
        return Ok(());
    }
    let absent =
        if state.was_removed(&author) { VoidReason::NoLongerAMember } else { VoidReason::NotAMember };
    let role = state.role_of(&author).ok_or(absent)?;
    let needs = |needed| if role >= needed { Ok(()) } else { Err(VoidReason::Role) };
    match &operation.operation {
        Operation::Genesis { .. } | Operation::Leave | Operation::Unknown { .. } => Ok(()),
        Operation::AddMember { member, device, .. } => {
            needs(Role::Admin)?;
            if *member != member_id(operation.space, *device) {
                return Err(VoidReason::MemberId);
            }
            new_device(state, device)
        }
        Operation::AddDevice { member, device, .. } => {
            let target =
                state.member(member).filter(|member| member.is_in()).ok_or(VoidReason::UnknownTarget)?;
            if state.member_of(&author) != Some(*member) {
                needs(Role::Admin)?;
                // Whoever holds a device of a senior admin acts with their seniority.
                senior_to(state, &author, target)?;
            }
            new_device(state, device)
        }
        Operation::ChangeRole { member, role: wanted, .. } => {
            needs(Role::Admin)?;
            let target =
                state.member(member).filter(|member| member.is_in()).ok_or(VoidReason::UnknownTarget)?;
            if *wanted < target.role { senior_to(state, &author, target) } else { Ok(()) }
        }
        Operation::Remove { target, .. } => {
            let member = match target {
                Target::Member(member) => state.member(member),
                Target::Device(device) => state.member_of(device).and_then(|member| state.member(&member)),
            };
            // Somebody who is out already may be removed once more: that is how a bound is put to what a person
            // who left goes on writing.
            let member = member.ok_or(VoidReason::UnknownTarget)?;
            if state.member_of(&author) == Some(member.id) {
                return Ok(());
            }
            needs(Role::Admin)?;
            senior_to(state, &author, member)
        }
        Operation::Invite { .. } | Operation::RevokeInvite { .. } | Operation::AcceptLate { .. } => {
            needs(Role::Admin)
        }
        Operation::Epoch { .. } => needs(Role::Editor),
        Operation::KeyShare { epoch, .. } => {
            needs(Role::Editor)?;
            state.epoch(epoch).map(|_| ()).ok_or(VoidReason::UnknownTarget)
        }
    }
}

fn new_device(state: &Membership, device: &DeviceId) -> Result<(), VoidReason> {
    if state.devices.contains_key(device) { Err(VoidReason::DeviceAgain) } else { Ok(()) }
}

fn senior_to(state: &Membership, author: &DeviceId, target: &Member) -> Result<(), VoidReason> {
    let Some(theirs) = target.rank() else { return Ok(()) };
    let own = state.member_of(author).and_then(|member| state.member(&member));
    if own.is_some_and(|own| own.id == target.id) {
        return Ok(());
    }
    match own.and_then(Member::rank) {
        Some(own) if own < theirs => Ok(()),
        _ => Err(VoidReason::NotSenior),
    }
}

/// Whom an operation takes rights from, as its author saw it.
pub(crate) struct Aim {
    /// How senior the author is.
    rank: Rank,
    target: Target,
    /// The target's devices.
    devices: BTreeSet<DeviceId>,
    /// What the target may do from there on, if anything.
    left_with: Option<Role>,
}

/// Whom an operation takes rights from, if anybody, in the state `before` it.
pub(crate) fn aim(before: &Membership, operation: &VerifiedOperation) -> Option<Aim> {
    let own = before.member_of(&operation.author()).and_then(|member| before.member(&member));
    let (target, left_with) = match &operation.operation {
        Operation::Remove { target, .. } => (*target, None),
        // Else whoever left could go on from another device as if they had not.
        Operation::Leave => (Target::Member(own?.id), None),
        Operation::ChangeRole { member, role, .. }
            if before.member(member).is_some_and(|target| *role < target.role) =>
        {
            (Target::Member(*member), Some(*role))
        }
        _ => return None,
    };
    let devices = match &target {
        Target::Device(device) => BTreeSet::from([*device]),
        Target::Member(member) => {
            before.member(member).map(|member| member.devices.keys().copied().collect()).unwrap_or_default()
        }
    };
    let rank = own.and_then(Member::rank).unwrap_or((u64::MAX, EntryId::ZERO));
    Some(Aim { rank, target, devices, left_with })
}

/// Resolves operations where branches meet, on top of a `base` that each of them knows whole. `order` is by depth, then
/// id.
pub(crate) fn resolve(resolver: &Resolver, base: &Membership, order: &[usize]) -> Membership {
    let reductions = reductions_senior_first(resolver, order);
    // Reductions that had voided something before they turned out void themselves: begin again without them, so that
    // nothing is void through a reduction that does not count. Every round adds one, so it ends.
    let mut refuted: BTreeMap<usize, VoidReason> = BTreeMap::new();
    loop {
        let (void, effective) = void_operations(resolver, base, order, &reductions, &refuted);
        match effective.iter().find_map(|index| void.get(index).map(|reason| (*index, *reason))) {
            Some((index, reason)) => refuted.insert(index, reason),
            None => return fold(resolver, base, order, &void),
        };
    }
}

/// Which operations do not count, and which reductions took effect on the way there.
fn void_operations(
    resolver: &Resolver,
    base: &Membership,
    order: &[usize],
    reductions: &[usize],
    refuted: &BTreeMap<usize, VoidReason>,
) -> (BTreeMap<usize, VoidReason>, Vec<usize>) {
    let mut void = refuted.clone();
    for index in order {
        if let Some(Err(reason)) = resolver.node(*index).map(|node| node.local) {
            void.insert(*index, reason);
        }
    }
    // What follows from these stands; what is void only through others may come back when others turn out void.
    let mut settled: BTreeSet<usize> = void.keys().copied().collect();
    let seeds: Vec<usize> = refuted.keys().copied().collect();
    cascade(resolver, base, order, &seeds, &settled, &mut void);
    let mut effective = Vec::new();
    let mut pending: Vec<usize> =
        reductions.iter().filter(|index| !settled.contains(index)).copied().collect();
    while let Some(at) = pending.iter().position(|index| !void.contains_key(index)) {
        let reduction = pending.remove(at);
        let hit = void_by(resolver, order, reduction);
        let new: Vec<_> = hit.into_iter().filter(|index| settled.insert(*index)).collect();
        if let Some(node) = resolver.node(reduction) {
            let reason = VoidReason::AuthorRemoved { by: node.operation.id };
            void.extend(new.iter().map(|index| (*index, reason)));
        }
        if !new.is_empty() {
            effective.push(reduction);
            cascade(resolver, base, order, &new, &settled, &mut void);
        }
    }
    (void, effective)
}

/// Operations that take rights from somebody, the most senior author's first.
fn reductions_senior_first(resolver: &Resolver, order: &[usize]) -> Vec<usize> {
    let aimed = |index: &usize| {
        let node = resolver.node(*index)?;
        Some((node.aim.as_ref()?.rank, node.depth, node.operation.id, *index))
    };
    let mut reductions: Vec<_> = order.iter().filter_map(aimed).collect();
    reductions.sort();
    reductions.into_iter().map(|(_, _, _, index)| index).collect()
}

/// Operations of the target that did not know of the reduction, and that it did not know of.
fn void_by(resolver: &Resolver, order: &[usize], reduction: usize) -> Vec<usize> {
    let Some(aim) = resolver.node(reduction).and_then(|node| node.aim.as_ref()) else { return Vec::new() };
    // Devices that the target added apart from the removal are the target's too.
    let mut devices = aim.devices.clone();
    for index in order {
        if let Some(Operation::AddDevice { member, device, .. }) =
            resolver.node(*index).map(|node| &node.operation.operation)
            && aim.target == Target::Member(*member)
        {
            devices.insert(*device);
        }
    }
    let apart = |index: usize| {
        index != reduction
            && !resolver.index_before(index, reduction)
            && !resolver.index_before(reduction, index)
    };
    let hit = |index: &&usize| {
        resolver.node(**index).is_some_and(|node| {
            devices.contains(&node.operation.author())
                && aim.left_with.is_none_or(|role| needed_role(&node.operation.operation) > role)
                && apart(**index)
        })
    };
    order.iter().filter(hit).copied().collect()
}

const fn needed_role(operation: &Operation) -> Role {
    match operation {
        Operation::Genesis { .. }
        | Operation::AddMember { .. }
        | Operation::ChangeRole { .. }
        | Operation::Remove { .. }
        | Operation::Invite { .. }
        | Operation::RevokeInvite { .. }
        | Operation::AcceptLate { .. } => Role::Admin,
        Operation::Epoch { .. } | Operation::KeyShare { .. } => Role::Editor,
        Operation::AddDevice { .. } | Operation::Leave | Operation::Unknown { .. } => Role::Relay,
    }
}

/// Voids whatever was entitled only through `seeds`, which have become void, or through what is void because of them,
/// and takes back what was void only because something now void still counted. One pass in order is enough:
/// entitlement comes from the past, and the past comes first. What has nothing changed in its past stays as it was, and
/// so do the `settled` ones.
fn cascade(
    resolver: &Resolver,
    base: &Membership,
    order: &[usize],
    seeds: &[usize],
    settled: &BTreeSet<usize>,
    void: &mut BTreeMap<usize, VoidReason>,
) {
    if seeds.is_empty() {
        return;
    }
    let mut changed = Bits::default();
    for index in seeds {
        changed.set(*index);
    }
    let mut walk = Walk::new(resolver, base, order);
    for index in order {
        let Some(node) = resolver.node(*index) else { continue };
        let known = void.get(index).copied();
        let concerned = !settled.contains(index) && resolver.any_before(&changed, *index);
        if !concerned && !walk.reaches(node) {
            continue;
        }
        let state = walk.before(*index, node, void);
        let counts = match known {
            Some(reason) if !concerned => Err(reason),
            None if !concerned => Ok(()),
            _ => entitled(&state, &node.operation).map_err(|_| VoidReason::Cascade),
        };
        if counts.is_ok() != known.is_none() {
            changed.set(*index);
            match counts {
                Ok(()) => void.remove(index),
                Err(reason) => void.insert(*index, reason),
            };
        }
        walk.after(*index, node, state, counts);
    }
}

/// The states along a cascade, so that a straight stretch is folded once and not once for each of its operations.
/// Measured with a debug build on a history of 2,004 operations, half of them behind a void admission: 2.5 s with
/// folding each time and a copied state for each operation, 0.9 s with this alone, 0.04 to 0.07 s with this and
/// without the copies (`Resolver::settle`).
struct Walk<'a> {
    resolver: &'a Resolver,
    base: &'a Membership,
    order: &'a [usize],
    /// How many operations still go on from one, and from nothing else.
    heirs: BTreeMap<usize, usize>,
    after: BTreeMap<usize, Membership>,
}

impl<'a> Walk<'a> {
    fn new(resolver: &'a Resolver, base: &'a Membership, order: &'a [usize]) -> Self {
        let mut heirs = BTreeMap::new();
        for node in order.iter().filter_map(|index| resolver.node(*index)) {
            if let [parent] = node.parents.as_slice() {
                *heirs.entry(*parent).or_default() += 1;
            }
        }
        Self { resolver, base, order, heirs, after: BTreeMap::new() }
    }

    /// Whether the state that an operation goes on from is at hand.
    fn reaches(&self, node: &Node) -> bool {
        matches!(node.parents.as_slice(), [parent] if self.after.contains_key(parent))
    }

    fn before(&mut self, index: usize, node: &Node, void: &BTreeMap<usize, VoidReason>) -> Membership {
        if let [parent] = node.parents.as_slice()
            && let Some(heirs) = self.heirs.get_mut(parent)
            && self.after.contains_key(parent)
        {
            *heirs = heirs.saturating_sub(1);
            let state = if *heirs == 0 { self.after.remove(parent) } else { self.after.get(parent).cloned() };
            if let Some(state) = state {
                return state;
            }
        }
        let resolver = self.resolver;
        let past: Vec<usize> =
            self.order.iter().filter(|earlier| resolver.index_before(**earlier, index)).copied().collect();
        fold(resolver, self.base, &past, void)
    }

    fn after(&mut self, index: usize, node: &Node, mut state: Membership, counts: Result<(), VoidReason>) {
        if self.heirs.contains_key(&index) {
            apply(&mut state, node, counts, &|earlier| self.resolver.is_before(earlier, index));
            self.after.insert(index, state);
        }
    }
}

fn fold(
    resolver: &Resolver,
    base: &Membership,
    order: &[usize],
    void: &BTreeMap<usize, VoidReason>,
) -> Membership {
    let mut state = base.clone();
    for index in order {
        if let Some(node) = resolver.node(*index) {
            let counts = void.get(index).map_or(Ok(()), |reason| Err(*reason));
            apply(&mut state, node, counts, &|earlier| resolver.is_before(earlier, *index));
        }
    }
    state
}

/// Applies one operation to a state. A void one leaves its reason, and its keys, because what was sealed is known.
pub(crate) fn apply(
    state: &mut Membership,
    node: &Node,
    counts: Result<(), VoidReason>,
    is_before: &dyn Fn(&EntryId) -> bool,
) {
    let operation = &node.operation;
    let id = operation.id;
    // Somebody who was never in holds no key and can hand none on, whatever they sign.
    if node.local != Err(VoidReason::NotAMember) {
        apply_keys(state, operation, counts.is_err());
    }
    if let Err(reason) = counts {
        state.void.insert(id, reason);
        return;
    }
    let rank = (node.depth, id);
    match &operation.operation {
        Operation::Genesis { plan_document, share_key, .. } => {
            let member = member_id(SpaceId::ZERO, operation.author());
            state.plan_document = Some(*plan_document);
            state.founder = Some(member);
            let add = Added {
                member,
                device: operation.author(),
                share_key: *share_key,
                role: Role::Admin,
                invite: None,
            };
            add_member(state, operation, &add, rank);
        }
        Operation::AddMember { member, role, device, share_key, invite } => {
            let add = Added {
                member: *member,
                device: *device,
                share_key: *share_key,
                role: *role,
                invite: *invite,
            };
            add_member(state, operation, &add, rank);
        }
        Operation::AddDevice { member, device, share_key } => {
            add_device(state, *member, *device, *share_key, id);
        }
        Operation::ChangeRole { member, role, accept_up_to } => {
            if *role < Role::Admin {
                let accept_up_to = accept_up_to.clone();
                state.reductions.push(Reduction {
                    operation: id,
                    devices: BTreeSet::new(),
                    member: Some(*member),
                    left_with: Some(*role),
                    accept_up_to,
                });
            }
            set_role(state, *member, *role, rank, is_before);
        }
        Operation::Remove { target, accept_up_to } => {
            let (devices, member) = match target {
                Target::Member(member) => (BTreeSet::new(), Some(*member)),
                Target::Device(device) => (BTreeSet::from([*device]), None),
            };
            state.reductions.push(Reduction {
                operation: id,
                devices,
                member,
                left_with: None,
                accept_up_to: accept_up_to.clone(),
            });
            remove(state, *target, id);
        }
        Operation::Leave => {
            if let Some(member) = state.member_of(&operation.author()) {
                remove(state, Target::Member(member), id);
            }
        }
        Operation::Invite { key, role, expires_at_ms, uses } => {
            let invitation = Invitation {
                id,
                key: *key,
                role: *role,
                expires_at_ms: *expires_at_ms,
                uses: *uses,
                author: operation.author(),
                revoked_by: None,
                used_by: BTreeSet::new(),
            };
            state.invitations.insert(id, invitation);
        }
        Operation::RevokeInvite { invite } => {
            if let Some(invitation) = state.invitations.get_mut(invite) {
                invitation.revoked_by = Some(id);
            }
        }
        Operation::AcceptLate { logs } => {
            for (log, head) in logs {
                let known = state.accepted_late.entry(*log).or_insert(*head);
                if known.next < head.next {
                    *known = *head;
                }
            }
        }
        Operation::Unknown { .. } => state.unknown_operation = true,
        Operation::Epoch { .. } | Operation::KeyShare { .. } => {}
    }
}

fn apply_keys(state: &mut Membership, operation: &VerifiedOperation, void: bool) {
    match &operation.operation {
        Operation::Epoch { suite, commitment, shares, wraps } => {
            let epoch = Epoch {
                commitment: *commitment,
                suite: *suite,
                author: operation.author(),
                void,
                shares: shares.clone(),
                wraps: wraps.clone(),
            };
            state.epochs.insert(operation.id.into(), epoch);
        }
        Operation::KeyShare { epoch, shares } => {
            if let Some(epoch) = state.epochs.get_mut(epoch) {
                epoch.shares.extend(shares.iter().cloned());
            }
        }
        _ => {}
    }
}

struct Added {
    member: MemberId,
    device: DeviceId,
    share_key: ShareKey,
    role: Role,
    invite: Option<EntryId>,
}

fn add_member(state: &mut Membership, operation: &VerifiedOperation, added: &Added, rank: Rank) {
    if let Some(invitation) = added.invite.and_then(|invite| state.invitations.get_mut(&invite)) {
        invitation.used_by.insert(added.member);
    }
    let role_by = (operation.id, added.role, rank);
    match state.member_mut(&added.member) {
        // Two admins admitted the same device apart: one member, the least privileged role.
        Some(member) => {
            member.role = member.role.min(added.role);
            member.role_by.push(role_by);
        }
        None => {
            let member = Member {
                id: added.member,
                role: added.role,
                devices: BTreeMap::new(),
                added_by: operation.id,
                admitted_by: operation.author(),
                invite: added.invite,
                removed_by: None,
                role_by: vec![role_by],
            };
            state.members.insert(added.member, Arc::new(member));
        }
    }
    add_device(state, added.member, added.device, added.share_key, operation.id);
}

fn add_device(state: &mut Membership, member: MemberId, device: DeviceId, share_key: ShareKey, by: EntryId) {
    if state.devices.contains_key(&device) {
        return;
    }
    let removed_by = state.removed_devices.get(&device).copied();
    if let Some(member) = state.member_mut(&member) {
        let removed_by = removed_by.or(member.removed_by);
        member.devices.insert(device, MemberDevice { device, share_key, added_by: by, removed_by });
        let member = member.id;
        state.devices.insert(device, member);
    }
}

fn set_role(
    state: &mut Membership,
    member: MemberId,
    role: Role,
    rank: Rank,
    is_before: &dyn Fn(&EntryId) -> bool,
) {
    if let Some(member) = state.member_mut(&member) {
        let (known, apart): (Vec<_>, Vec<_>) =
            member.role_by.drain(..).partition(|(earlier, _, _)| is_before(earlier));
        // An admin who is named admin again stays as senior as they were.
        let still_admin = role == Role::Admin && known.iter().all(|(_, role, _)| *role == Role::Admin);
        let senior = known.iter().map(|(_, _, rank)| *rank).min().filter(|_| still_admin);
        member.role_by = apart;
        member.role_by.push((rank.1, role, senior.map_or(rank, |senior| senior.min(rank))));
        member.role = member.role_by.iter().map(|(_, role, _)| *role).min().unwrap_or(role);
    }
}

fn remove(state: &mut Membership, target: Target, by: EntryId) {
    match target {
        Target::Member(member) => {
            if let Some(member) = state.member_mut(&member) {
                member.removed_by.get_or_insert(by);
                for device in member.devices.values_mut() {
                    device.removed_by.get_or_insert(by);
                }
            }
        }
        Target::Device(device) => {
            state.removed_devices.entry(device).or_insert(by);
            let member = state.member_of(&device).and_then(|member| state.member_mut(&member));
            if let Some(own) = member.and_then(|member| member.devices.get_mut(&device)) {
                own.removed_by.get_or_insert(by);
            }
        }
    }
}
