//! Who is in, by operations that are known to count (rules 1, 2 and 4).

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{DeviceId, MemberId, Operation, Role, ShareKey, Target, member_id};

use super::mutant::Mutant;
use super::outcome::MemberOutcome;
use super::reference::{NO_ADMIN, Order, Reference};
use super::set::Set;

/// A set of operations that count.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) reference: &'a Reference,
    pub(crate) counts: Set,
}

impl View<'_> {
    fn operation(&self, place: usize) -> &Operation {
        &self.reference.ops[place].operation
    }

    fn admissions(&self, device: DeviceId) -> Set {
        self.counts.those(|place| self.reference.lets_in(place).is_some_and(|(let_in, _)| let_in == device))
    }

    /// The strongest of some operations.
    fn strongest(&self, of: Set) -> Option<usize> {
        of.iter().min_by_key(|place| self.reference.strength(*place))
    }

    /// Whose a device is or was.
    pub(crate) fn owner(&self, device: DeviceId) -> Option<MemberId> {
        let admission = self.strongest(self.admissions(device))?;
        self.reference.lets_in(admission).map(|(_, member)| member)
    }

    /// The devices that are or were a person's.
    pub(crate) fn devices(&self, member: MemberId) -> BTreeSet<DeviceId> {
        let let_in = self.counts.iter().filter_map(|place| self.reference.lets_in(place));
        let devices = let_in.map(|(device, _)| device);
        devices.filter(|device| self.owner(*device) == Some(member)).collect()
    }

    /// The operations that let a person in as a person.
    fn beginnings(&self, member: MemberId) -> Set {
        self.counts.those(|place| match self.operation(place) {
            Operation::Genesis { .. } => {
                self.reference.lets_in(place).is_some_and(|(_, founder)| founder == member)
            }
            Operation::AddMember { member: added, .. } => *added == member,
            _ => false,
        })
    }

    fn is_known(&self, member: MemberId) -> bool {
        !self.beginnings(member).is_empty()
    }

    /// What puts a person out.
    fn removals_of(&self, member: MemberId) -> Set {
        self.counts.those(|place| {
            let reduces = self.reference.then[place].reduces.as_ref();
            reduces.is_some_and(|by| by.left_with.is_none() && by.target == Target::Member(member))
        })
    }

    /// What puts a device out, alone or with its person. "A removal by an admin puts out the devices that its author
    /// knew as the target's, whosever they are"; a removal of one device puts out that one, for it counts only where its
    /// author was an admin or the device was the author's own, whosever it seemed to be in what the author knew.
    fn removals_with(&self, device: DeviceId) -> Set {
        let owner = self.owner(device);
        let alone = self.counts.those(|place| {
            let then = &self.reference.then[place];
            let Some(reduction) = &then.reduces else { return false };
            let known = self.reference.is_by_admin(place) && reduction.devices.contains(&device);
            let named = reduction.target == Target::Device(device);
            reduction.left_with.is_none() && (known || named)
        });
        owner.map_or(alone, |owner| alone.or(self.removals_of(owner)))
    }

    fn is_in(&self, member: MemberId) -> bool {
        self.is_known(member) && self.removals_of(member).is_empty()
    }

    /// The operations that give a person their role: those that no later one knew.
    fn roles(&self, member: MemberId) -> Set {
        let gives = |place: usize| self.reference.gives_role(place).is_some_and(|(to, _)| to == member);
        let all = self.counts.those(gives);
        all.those(|place| all.iter().all(|later| !self.reference.ops[later].past.has(place)))
    }

    /// What a person may do, or might do last.
    pub(crate) fn role(&self, member: MemberId) -> Option<Role> {
        let given = self.roles(member);
        let roles = given.iter().filter_map(|place| self.reference.gives_role(place)).map(|(_, role)| role);
        if self.reference.is(Mutant::MostPrivilegedWins) { roles.max() } else { roles.min() }
    }

    /// What a device may do; `None` if it is not in.
    pub(crate) fn may(&self, device: DeviceId) -> Option<Role> {
        let owner = self.owner(device)?;
        let is_in = self.is_in(owner) && self.removals_with(device).is_empty();
        is_in.then(|| self.role(owner)).flatten()
    }

    /// How senior a person is: the order of what made them admin. Naming an admin admin again changes nothing.
    pub(crate) fn rank(&self, member: MemberId) -> Order {
        if self.role(member) != Some(Role::Admin) {
            return NO_ADMIN;
        }
        let made = |place: usize| {
            let before = Self { counts: self.counts.and(self.reference.ops[place].past), ..*self };
            if before.role(member) == Some(Role::Admin) && !self.reference.is(Mutant::RenamedIsJunior) {
                before.rank(member)
            } else {
                self.reference.order(place)
            }
        };
        self.roles(member).iter().map(made).min().unwrap_or(NO_ADMIN)
    }

    /// Whether the author of an operation that comes next is entitled to it.
    pub(crate) fn entitles(&self, place: usize) -> bool {
        let op = &self.reference.ops[place];
        if matches!(op.operation, Operation::Genesis { .. }) {
            return true;
        }
        let (Some(own), Some(role)) = (self.owner(op.author), self.may(op.author)) else { return false };
        let admin = role == Role::Admin;
        match &op.operation {
            Operation::Genesis { .. } | Operation::Leave | Operation::Unknown { .. } => true,
            Operation::AddMember { member, device, .. } => {
                let follows = *member == member_id(self.reference.space, *device);
                admin && self.is_new(*device) && (follows || self.reference.is(Mutant::AnyMemberId))
            }
            Operation::AddDevice { member, device, .. } => {
                let senior = self.is_senior(own, *member) || self.reference.is(Mutant::DeviceForAnybody);
                self.is_in(*member) && self.is_new(*device) && (own == *member || admin && senior)
            }
            Operation::ChangeRole { member, role, .. } => {
                let reduces = self.role(*member).is_some_and(|before| *role < before);
                admin && self.is_in(*member) && (!reduces || own == *member || self.is_senior(own, *member))
            }
            Operation::Remove { target, .. } => self.entitles_to_remove(own, admin, *target),
            Operation::Invite { .. } | Operation::RevokeInvite { .. } | Operation::AcceptLate { .. } => admin,
            Operation::Epoch { .. } => role >= Role::Editor,
            Operation::KeyShare { epoch, .. } => {
                role >= Role::Editor && self.reference.begins(op.past, *epoch)
            }
        }
    }

    fn entitles_to_remove(&self, own: MemberId, admin: bool, target: Target) -> bool {
        let member = match target {
            Target::Member(member) => Some(member).filter(|member| self.is_known(*member)),
            Target::Device(device) => self.owner(device),
        };
        let Some(member) = member else { return false };
        let is_in = match target {
            Target::Member(member) => self.is_in(member),
            Target::Device(device) => self.may(device).is_some(),
        };
        if own == member { is_in || admin } else { admin && self.is_senior(own, member) }
    }

    /// Whether the author is entitled still, after something of the operation's past has turned out void. "A removal by
    /// an admin stands where just the admission of whom it is about is void."
    pub(crate) fn still_entitles(&self, place: usize) -> bool {
        let op = &self.reference.ops[place];
        let nobody = match &op.operation {
            Operation::Remove { target: Target::Member(member), .. } => !self.is_known(*member),
            Operation::Remove { target: Target::Device(device), .. } => self.owner(*device).is_none(),
            _ => false,
        };
        if nobody && !self.reference.is(Mutant::RemovalFallsWithAdmission) {
            return self.reference.is_by_admin(place) && self.may(op.author) == Some(Role::Admin);
        }
        self.entitles(place)
    }

    /// Whether an admin may take rights from somebody: from whoever is no admin, else if strictly senior.
    fn is_senior(&self, own: MemberId, target: MemberId) -> bool {
        let theirs = self.rank(target);
        theirs == NO_ADMIN || self.rank(own) < theirs || self.reference.is(Mutant::SkipSeniority)
    }

    fn is_new(&self, device: DeviceId) -> bool {
        let was_in = !self.admissions(device).is_empty() || !self.removals_with(device).is_empty();
        !was_in || self.reference.is(Mutant::LetBackIn)
    }

    pub(crate) fn members(&self) -> BTreeMap<MemberId, MemberOutcome> {
        let people: BTreeSet<MemberId> = self
            .counts
            .iter()
            .filter_map(|place| self.reference.lets_in(place))
            .map(|(_, member)| member)
            .collect();
        people.into_iter().filter_map(|member| Some((member, self.member(member)?))).collect()
    }

    fn member(&self, member: MemberId) -> Option<MemberOutcome> {
        let beginning = self.strongest(self.beginnings(member))?;
        let invite = match self.operation(beginning) {
            Operation::AddMember { invite, .. } => *invite,
            _ => None,
        };
        let device = |device: DeviceId| {
            let added = self.strongest(self.admissions(device))?;
            let removed_by = self.reference.first(self.removals_with(device));
            Some((device, (self.share_key(added)?, self.reference.ops[added].id, removed_by)))
        };
        Some(MemberOutcome {
            role: self.role(member)?,
            added_by: self.reference.ops[beginning].id,
            admitted_by: self.reference.ops[beginning].author,
            invite,
            removed_by: self.reference.first(self.removals_of(member)),
            devices: self.devices(member).into_iter().filter_map(device).collect(),
        })
    }

    fn share_key(&self, place: usize) -> Option<ShareKey> {
        match self.operation(place) {
            Operation::Genesis { share_key, .. }
            | Operation::AddMember { share_key, .. }
            | Operation::AddDevice { share_key, .. } => Some(*share_key),
            _ => None,
        }
    }

    /// Every device that was let in, whose it is, and what it may do.
    pub(crate) fn all_devices(&self) -> BTreeMap<DeviceId, (MemberId, Option<Role>)> {
        let let_in = self.counts.iter().filter_map(|place| self.reference.lets_in(place));
        let of = |device: DeviceId| Some((device, (self.owner(device)?, self.may(device))));
        let people = self.members();
        let whole = |(_, (member, _)): &(DeviceId, (MemberId, Option<Role>))| people.contains_key(member);
        let_in.filter_map(|(device, _)| of(device)).filter(whole).collect()
    }
}
