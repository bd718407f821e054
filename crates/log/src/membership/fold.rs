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

/// Whether an author who was entitled is so still, after something in the past of the operation turned out void. A
/// removal stands where only the admission of whom it is about has become void: else another admission, made apart,
/// would bring back whom somebody entitled had put out.
fn entitled_still(state: &Membership, operation: &VerifiedOperation) -> Result<(), VoidReason> {
    match (entitled(state, operation), &operation.operation) {
        (Err(VoidReason::UnknownTarget), Operation::Remove { .. }) if state.is_admin(&operation.author()) => {
            Ok(())
        }
        (verdict, _) => verdict,
    }
}

fn new_device(state: &Membership, device: &DeviceId) -> Result<(), VoidReason> {
    let was_in = state.devices.contains_key(device) || state.removed_devices.contains_key(device);
    if was_in { Err(VoidReason::DeviceAgain) } else { Ok(()) }
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

/// How senior an author is; whoever is no admin comes after all who are.
pub(crate) fn rank(before: &Membership, author: &DeviceId) -> Rank {
    let own = before.member_of(author).and_then(|member| before.member(&member));
    own.and_then(Member::rank).unwrap_or((u64::MAX, EntryId::ZERO))
}

/// Whom an operation takes rights from, as its author saw it.
pub(crate) struct Aim {
    target: Target,
    /// The target's devices, each with what added it.
    devices: BTreeMap<DeviceId, EntryId>,
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
    let member = match &target {
        Target::Device(device) => before.member_of(device),
        Target::Member(member) => Some(*member),
    };
    let devices = member.and_then(|member| before.member(&member)).map(|member| member.devices.values());
    let aimed =
        |own: &&MemberDevice| target == Target::Device(own.device) || matches!(target, Target::Member(_));
    let devices = devices.into_iter().flatten().filter(aimed).map(|own| (own.device, own.added_by)).collect();
    Some(Aim { target, devices, left_with })
}

/// Resolves operations where branches meet, on top of a `base` that each of them knows whole. `order` is by depth, then
/// id.
pub(crate) fn resolve(resolver: &Resolver, base: &Membership, order: &[usize]) -> Membership {
    let contested = contested(resolver, order);
    let takers = takers_senior_first(resolver, order, &contested);
    // Some had voided something before they turned out void themselves: begin again without them, so that nothing is
    // void through what does not count. Every round adds one, so it ends.
    let mut refuted: BTreeMap<usize, VoidReason> = BTreeMap::new();
    loop {
        let (void, effective) = void_operations(resolver, base, order, &takers, &contested, &refuted);
        match effective.iter().find_map(|index| void.get(index).map(|reason| (*index, *reason))) {
            Some((index, reason)) => refuted.insert(index, reason),
            None => return fold(resolver, base, order, &void),
        };
    }
}

/// Which operations do not count, and which of the `takers` took effect on the way there.
fn void_operations(
    resolver: &Resolver,
    base: &Membership,
    order: &[usize],
    takers: &[usize],
    contested: &Contested,
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
    let mut pending: Vec<usize> = takers.iter().filter(|index| !settled.contains(index)).copied().collect();
    while let Some(at) = pending.iter().position(|index| !void.contains_key(index)) {
        let taker = pending.remove(at);
        let (reason, hit) = void_by(resolver, order, contested, &void, taker);
        let new: Vec<_> = hit.into_iter().filter(|index| settled.insert(*index)).collect();
        void.extend(new.iter().map(|index| (*index, reason)));
        if !new.is_empty() {
            effective.push(taker);
            cascade(resolver, base, order, &new, &settled, &mut void);
        }
    }
    (void, effective)
}

/// For each device that is let in as more than one member's: the operations that do so.
type Contested = BTreeMap<DeviceId, Vec<usize>>;

fn contested(resolver: &Resolver, order: &[usize]) -> Contested {
    let mut admissions = Contested::new();
    for index in order {
        let node = resolver.node(*index).filter(|node| node.local.is_ok());
        if let Some((device, _)) = node.and_then(|node| lets_in(&node.operation.operation)) {
            admissions.entry(device).or_default().push(*index);
        }
    }
    admissions.retain(|_, indices| {
        let members = indices.iter().filter_map(|index| resolver.node(*index));
        let members: BTreeSet<_> = members.filter_map(|node| lets_in(&node.operation.operation)).collect();
        members.len() > 1
    });
    admissions
}

/// The device that an operation lets in, and whose it becomes.
const fn lets_in(operation: &Operation) -> Option<(DeviceId, MemberId)> {
    match operation {
        Operation::AddMember { member, device, .. } | Operation::AddDevice { member, device, .. } => {
            Some((*device, *member))
        }
        _ => None,
    }
}

/// How an operation stands against others made apart from it: by its author's seniority, then order. Less is stronger.
type Strength = (Rank, Rank);

const fn strength(node: &Node) -> Strength {
    (node.rank, (node.depth, node.operation.id))
}

/// Operations that take rights from somebody or claim a device that others claim, the most senior author's first.
fn takers_senior_first(resolver: &Resolver, order: &[usize], contested: &Contested) -> Vec<usize> {
    let claims: BTreeSet<usize> = contested.values().flatten().copied().collect();
    let strong = |index: &usize| {
        let node = resolver.node(*index)?;
        (node.aim.is_some() || claims.contains(index)).then(|| (strength(node), *index))
    };
    let mut takers: Vec<_> = order.iter().filter_map(strong).collect();
    takers.sort();
    takers.into_iter().map(|(_, index)| index).collect()
}

/// What becomes void by an operation that counts, and why.
fn void_by(
    resolver: &Resolver,
    order: &[usize],
    contested: &Contested,
    void: &BTreeMap<usize, VoidReason>,
    taker: usize,
) -> (VoidReason, Vec<usize>) {
    let Some(node) = resolver.node(taker) else { return (VoidReason::Cascade, Vec::new()) };
    let by = node.operation.id;
    match &node.aim {
        Some(_) => (VoidReason::AuthorRemoved { by }, reduced_by(resolver, order, void, taker)),
        None => (VoidReason::DeviceClaimed { by }, outclaimed_by(resolver, contested, taker, node)),
    }
}

/// Weaker admissions of the same device, made apart from this one, that make it another member's.
fn outclaimed_by(resolver: &Resolver, contested: &Contested, claim: usize, node: &Node) -> Vec<usize> {
    let Some((device, member)) = lets_in(&node.operation.operation) else { return Vec::new() };
    let loses = |index: &&usize| {
        resolver.node(**index).is_some_and(|other| {
            lets_in(&other.operation.operation).is_some_and(|(_, others)| others != member)
                && strength(node) < strength(other)
                && !resolver.index_before(claim, **index)
        })
    };
    contested.get(&device).into_iter().flatten().filter(loses).copied().collect()
}

/// Operations of the target that did not know of the reduction, and that it did not know of.
fn reduced_by(
    resolver: &Resolver,
    order: &[usize],
    void: &BTreeMap<usize, VoidReason>,
    reduction: usize,
) -> Vec<usize> {
    let Some(node) = resolver.node(reduction) else { return Vec::new() };
    let Some(aim) = &node.aim else { return Vec::new() };
    // Whoever is no admin takes rights from their own devices only, and a claim that does not count makes none.
    let aimed =
        |by: &EntryId| is_by_admin(node) || resolver.index_of(by).is_some_and(|by| !void.contains_key(&by));
    let mut devices: BTreeSet<DeviceId> =
        aim.devices.iter().filter(|(_, by)| aimed(by)).map(|(device, _)| *device).collect();
    // Devices that the target added apart from the removal are the target's too.
    for index in order.iter().filter(|index| !void.contains_key(index)) {
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
            _ => entitled_still(&state, &node.operation).map_err(|_| VoidReason::Cascade),
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
            add_member(state, node, &add, rank);
        }
        Operation::AddMember { member, role, device, share_key, invite } => {
            let add = Added {
                member: *member,
                device: *device,
                share_key: *share_key,
                role: *role,
                invite: *invite,
            };
            add_member(state, node, &add, rank);
        }
        Operation::AddDevice { member, device, share_key } => {
            add_device(state, node, *member, *device, *share_key);
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
            let devices = remove_aim(state, node);
            let member = match target {
                Target::Member(member) => Some(*member),
                Target::Device(_) => None,
            };
            state.reductions.push(Reduction {
                operation: id,
                devices,
                member,
                left_with: None,
                accept_up_to: accept_up_to.clone(),
            });
        }
        Operation::Leave => {
            remove_aim(state, node);
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

fn add_member(state: &mut Membership, node: &Node, added: &Added, rank: Rank) {
    let operation = &node.operation;
    if let Some(invitation) = added.invite.and_then(|invite| state.invitations.get_mut(&invite)) {
        invitation.used_by.insert(added.member);
    }
    let role_by = (operation.id, added.role, rank);
    match state.member_mut(&added.member) {
        // Two admins admitted the same device apart: one member, the least privileged role. The rest is by the more
        // senior one's word.
        Some(member) => {
            member.role = member.role.min(added.role);
            member.role_by.push(role_by);
            if member.devices.get(&added.device).is_some_and(|device| strength(node) < device.strength) {
                member.added_by = operation.id;
                member.admitted_by = operation.author();
                member.invite = added.invite;
            }
        }
        None => {
            let member = Member {
                id: added.member,
                role: added.role,
                devices: BTreeMap::new(),
                added_by: operation.id,
                admitted_by: operation.author(),
                invite: added.invite,
                removed_by: state.removed_members.get(&added.member).copied(),
                role_by: vec![role_by],
            };
            state.members.insert(added.member, Arc::new(member));
        }
    }
    add_device(state, node, added.member, added.device, added.share_key);
}

fn add_device(state: &mut Membership, node: &Node, member: MemberId, device: DeviceId, share_key: ShareKey) {
    let (added_by, strength) = (node.operation.id, strength(node));
    if let Some(owner) = state.member_of(&device) {
        // Made apart from the other admission, else it did not count: the more senior author's share key counts.
        let known = state.member_mut(&owner).filter(|_| owner == member);
        if let Some(known) = known.and_then(|owner| owner.devices.get_mut(&device))
            && strength < known.strength
        {
            *known = MemberDevice { share_key, added_by, strength, ..known.clone() };
        }
        return;
    }
    let removed_by = state.removed_devices.get(&device).copied();
    if let Some(member) = state.member_mut(&member) {
        let removed_by = removed_by.or(member.removed_by);
        member.devices.insert(device, MemberDevice { device, share_key, added_by, removed_by, strength });
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

/// Removes the target; by an admin, also the devices that they knew as the target's, which an admission made apart may
/// have made somebody else's. Answers which devices it is about, beside those of the target.
fn remove_aim(state: &mut Membership, node: &Node) -> BTreeSet<DeviceId> {
    let Some(aim) = &node.aim else { return BTreeSet::new() };
    let devices: BTreeSet<DeviceId> = match aim.target {
        Target::Member(_) if !is_by_admin(node) => BTreeSet::new(),
        Target::Member(_) | Target::Device(_) => aim.devices.keys().copied().collect(),
    };
    for device in &devices {
        remove(state, Target::Device(*device), node.operation.id);
    }
    remove(state, aim.target, node.operation.id);
    devices
}

const fn is_by_admin(node: &Node) -> bool {
    node.rank.0 < u64::MAX
}

fn remove(state: &mut Membership, target: Target, by: EntryId) {
    match target {
        Target::Member(member) => {
            state.removed_members.entry(member).or_insert(by);
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
