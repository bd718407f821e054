//! Who is in, the slow and obvious way: the rules of `SPEC.md` ("Who is in") one after the other, each asked of the
//! whole history again. Nothing is kept, indexed or carried on. At most 64 operations, so that a set of them is a
//! number.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{
    DeviceId, EntryId, MemberId, Membership, Operation, Role, ShareKey, SpaceId, Target, member_id,
};

/// A set of operations: bit `i` is operation `i`.
pub(crate) type Set = u64;

/// Depth, then id. Also how senior an admin is: the order of what made them one.
type Order = (u64, EntryId);

/// How senior whoever is no admin is.
const NO_ADMIN: Order = (u64::MAX, EntryId::ZERO);

/// One signed operation. Those in its past come before it in the list.
pub(crate) struct Op {
    pub(crate) id: EntryId,
    pub(crate) author: DeviceId,
    pub(crate) number: u64,
    pub(crate) depth: u64,
    pub(crate) past: Set,
    pub(crate) operation: Operation,
}

/// A person, as a set of operations tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) role: Role,
    /// The first in order that put them out.
    pub(crate) removed_by: Option<EntryId>,
    pub(crate) added_by: EntryId,
    /// Each device with its share key, what added it and what put it out first, alone or with the person.
    pub(crate) devices: BTreeMap<DeviceId, (ShareKey, EntryId, Option<EntryId>)>,
}

/// A whole history.
pub(crate) struct Model {
    space: SpaceId,
    ops: Vec<Op>,
    /// What is asked again and again, and is always the same.
    asked: Vec<Asked>,
    decided: RefCell<BTreeMap<Set, Set>>,
}

/// What the rules say of an operation in its own past.
#[derive(Default)]
struct Asked {
    local: OnceCell<bool>,
    own: OnceCell<Option<MemberId>>,
    rank: OnceCell<Order>,
    reduces: OnceCell<Option<(Target, Option<Role>)>>,
}

impl Model {
    pub(crate) fn new(space: SpaceId, ops: Vec<Op>) -> Self {
        assert!(ops.len() <= 64, "a set is a number of 64 bits");
        let asked = ops.iter().map(|_| Asked::default()).collect();
        Self { space, ops, asked, decided: RefCell::default() }
    }

    pub(crate) fn all(&self) -> Set {
        (0..self.ops.len()).fold(0, |set, index| set | bit(index))
    }

    /// The ids of operations that do not count.
    pub(crate) fn void_ids(&self) -> BTreeSet<EntryId> {
        list(self.void(self.all())).map(|index| self.ops[index].id).collect()
    }

    pub(crate) fn people(&self) -> BTreeMap<MemberId, Person> {
        let counting = self.all() & !self.void(self.all());
        let admissions = list(counting).filter_map(|index| self.gives_role(index));
        let people: BTreeSet<MemberId> = admissions.map(|(member, _)| member).collect();
        let person = |member: MemberId| Some((member, self.person(counting, member)?));
        people.into_iter().filter_map(person).collect()
    }

    /// The history for whoever reads a failure, with what the resolver said where that differs.
    pub(crate) fn told(&self, state: &Membership) -> String {
        let void = self.void(self.all());
        let line = |index: usize| {
            let op = &self.ops[index];
            let newest =
                |earlier: &usize| list(op.past).all(|other| self.ops[other].past & bit(*earlier) == 0);
            let parents: Vec<usize> = list(op.past).filter(newest).collect();
            let counts = if void & bit(index) == 0 { "counts" } else { "void" };
            let local = if self.local(index) { "" } else { " by its own past" };
            let said = state.void().find(|(id, _)| **id == op.id).map(|(_, reason)| reason);
            format!(
                "\n{index:2} {:?} {}:{} after {parents:?} {counts}{local} (resolver: {said:?})\n   {:?}",
                op.id,
                op.author.short(),
                op.number,
                op.operation
            )
        };
        list(self.all()).map(line).collect()
    }

    // What single operations say.

    fn order(&self, index: usize) -> Order {
        (self.ops[index].depth, self.ops[index].id)
    }

    fn in_order(&self, set: Set) -> Vec<usize> {
        let mut order: Vec<usize> = list(set).collect();
        order.sort_by_key(|index| self.order(*index));
        order
    }

    fn apart(&self, one: usize, other: usize) -> bool {
        one != other && self.ops[one].past & bit(other) == 0 && self.ops[other].past & bit(one) == 0
    }

    fn founder(&self) -> MemberId {
        member_id(SpaceId::ZERO, self.ops[0].author)
    }

    fn gives_role(&self, index: usize) -> Option<(MemberId, Role)> {
        match &self.ops[index].operation {
            Operation::Genesis { .. } => Some((self.founder(), Role::Admin)),
            Operation::AddMember { member, role, .. } | Operation::ChangeRole { member, role, .. } => {
                Some((*member, *role))
            }
            _ => None,
        }
    }

    fn lets_in(&self, index: usize) -> Option<(MemberId, DeviceId, ShareKey)> {
        match &self.ops[index].operation {
            Operation::Genesis { share_key, .. } => {
                Some((self.founder(), self.ops[index].author, *share_key))
            }
            Operation::AddMember { member, device, share_key, .. }
            | Operation::AddDevice { member, device, share_key } => Some((*member, *device, *share_key)),
            _ => None,
        }
    }

    // Who is in, by operations that all count (rule 4).

    /// Of admissions of a device the strongest says whose it is.
    fn admission(&self, counting: Set, device: DeviceId) -> Option<usize> {
        let lets_in = |index: &usize| self.lets_in(*index).is_some_and(|(_, other, _)| other == device);
        list(counting).filter(lets_in).min_by_key(|index| self.strength(*index))
    }

    fn owner(&self, counting: Set, device: DeviceId) -> Option<MemberId> {
        let (member, _, _) = self.lets_in(self.admission(counting, device)?)?;
        Some(member)
    }

    fn devices(&self, counting: Set, member: MemberId) -> BTreeSet<DeviceId> {
        let devices = list(counting).filter_map(|index| self.lets_in(index)).map(|(_, device, _)| device);
        devices.filter(|device| self.owner(counting, *device) == Some(member)).collect()
    }

    /// Roles that somebody was given by operations of which none knew another.
    fn roles(&self, counting: Set, member: MemberId) -> Vec<usize> {
        let of_member = |index: &usize| self.gives_role(*index).is_some_and(|(other, _)| other == member);
        let all: Vec<usize> = list(counting).filter(of_member).collect();
        let newest = |index: &usize| all.iter().all(|newer| self.ops[*newer].past & bit(*index) == 0);
        all.iter().copied().filter(newest).collect()
    }

    fn role(&self, counting: Set, member: MemberId) -> Option<Role> {
        let roles = self.roles(counting, member);
        roles.into_iter().filter_map(|index| self.gives_role(index)).map(|(_, role)| role).min()
    }

    fn is_out(&self, counting: Set, member: MemberId) -> bool {
        self.removals(counting, member) != 0
    }

    fn removals(&self, counting: Set, member: MemberId) -> Set {
        select(counting, |index| match &self.ops[index].operation {
            Operation::Remove { target, .. } => *target == Target::Member(member),
            Operation::Leave => self.own(index) == Some(member),
            _ => false,
        })
    }

    /// A device is put out by its own removal, and by an admin's removal of whose device it was as far as they knew.
    fn device_removals(&self, counting: Set, device: DeviceId) -> Set {
        select(counting, |index| match &self.ops[index].operation {
            Operation::Remove { target: Target::Device(other), .. } => {
                *other == device && self.owner(self.knew(index), device).is_some()
            }
            Operation::Remove { target: Target::Member(member), .. } => {
                self.by_admin(index) && self.owner(self.knew(index), device) == Some(*member)
            }
            Operation::Leave => {
                self.by_admin(index) && self.owner(self.knew(index), device) == self.own(index)
            }
            _ => false,
        })
    }

    fn role_of(&self, counting: Set, device: DeviceId) -> Option<Role> {
        let member = self.owner(counting, device)?;
        let out = self.is_out(counting, member) || self.device_removals(counting, device) != 0;
        if out { None } else { self.role(counting, member) }
    }

    fn person(&self, counting: Set, member: MemberId) -> Option<Person> {
        let admits = |index: &usize| match &self.ops[*index].operation {
            Operation::Genesis { .. } => member == self.founder(),
            Operation::AddMember { member: other, .. } => *other == member,
            _ => false,
        };
        let added_by = list(counting).filter(admits).min_by_key(|index| self.strength(*index))?;
        let removals = self.removals(counting, member);
        let first = |removals: Set| self.in_order(removals).first().map(|index| self.ops[*index].id);
        let device = |device: DeviceId| {
            let admission = self.admission(counting, device)?;
            let (_, _, share_key) = self.lets_in(admission)?;
            let removed_by = first(removals | self.device_removals(counting, device));
            Some((device, (share_key, self.ops[admission].id, removed_by)))
        };
        Some(Person {
            role: self.role(counting, member)?,
            removed_by: first(removals),
            added_by: self.ops[added_by].id,
            devices: self.devices(counting, member).into_iter().filter_map(device).collect(),
        })
    }

    // Seniority (rule 2).

    /// What made somebody an admin; whoever was one before stays as senior as they were.
    fn made_admin(&self, counting: Set, index: usize) -> Order {
        let Some((member, _)) = self.gives_role(index) else { return NO_ADMIN };
        let before = self.roles(counting & self.ops[index].past, member);
        let were = before.iter().all(|earlier| self.gives_role(*earlier) == Some((member, Role::Admin)));
        let earlier = before.into_iter().filter(|_| were).map(|earlier| self.made_admin(counting, earlier));
        earlier.chain([self.order(index)]).min().unwrap_or(NO_ADMIN)
    }

    fn rank(&self, counting: Set, member: MemberId) -> Order {
        if self.role(counting, member) != Some(Role::Admin) {
            return NO_ADMIN;
        }
        let roles = self.roles(counting, member);
        roles.into_iter().map(|index| self.made_admin(counting, index)).min().unwrap_or(NO_ADMIN)
    }

    // What an author knew (rule 1).

    /// What counted in the past of an operation.
    fn knew(&self, index: usize) -> Set {
        let past = self.ops[index].past;
        past & !self.void(past)
    }

    fn own(&self, index: usize) -> Option<MemberId> {
        *self.asked[index].own.get_or_init(|| self.owner(self.knew(index), self.ops[index].author))
    }

    fn authors_rank(&self, index: usize) -> Order {
        let rank = || self.own(index).map_or(NO_ADMIN, |own| self.rank(self.knew(index), own));
        *self.asked[index].rank.get_or_init(rank)
    }

    /// Whether an admin did it as one: whoever leaves does what anybody may.
    fn by_admin(&self, index: usize) -> bool {
        self.authors_rank(index) != NO_ADMIN && self.needs(index) == Role::Admin
    }

    fn needs(&self, index: usize) -> Role {
        let (knew, own) = (self.knew(index), self.own(index));
        match &self.ops[index].operation {
            Operation::Remove { target: Target::Member(member), .. } if own == Some(*member) => Role::Relay,
            Operation::Remove { target: Target::Device(device), .. }
                if self.owner(knew, *device) == own && self.device_removals(knew, *device) == 0 =>
            {
                Role::Relay
            }
            // What an admin lets in stands against other admissions by the admin's seniority.
            Operation::AddDevice { .. } if self.authors_rank(index) == NO_ADMIN => Role::Relay,
            Operation::Leave | Operation::Unknown { .. } => Role::Relay,
            Operation::Epoch { .. } | Operation::KeyShare { .. } => Role::Editor,
            _ => Role::Admin,
        }
    }

    fn strength(&self, index: usize) -> (Order, Order) {
        (self.authors_rank(index), self.order(index))
    }

    fn local(&self, index: usize) -> bool {
        let local = || !self.is_forked(index) && self.entitled(self.knew(index), index).is_ok();
        *self.asked[index].local.get_or_init(local)
    }

    /// Whether two operations have the number of this one or a lower one of the same log, and nobody else builds on it.
    fn is_forked(&self, index: usize) -> bool {
        let own = |op: &&Op| op.author == self.ops[index].author;
        let numbers = self.ops.iter().filter(own).map(|op| op.number);
        let forked = numbers.clone().any(|number| {
            number <= self.ops[index].number && numbers.clone().filter(|other| *other == number).count() > 1
        });
        forked && !self.ops.iter().any(|op| op.past & bit(index) != 0 && op.author != self.ops[index].author)
    }

    /// Whether the author may, by operations that all count: the table of operations.
    fn entitled(&self, counting: Set, index: usize) -> Result<(), Objection> {
        let author = self.ops[index].author;
        if index == 0 {
            return Ok(());
        }
        let role = self.role_of(counting, author).ok_or(Objection::Author)?;
        let own = self.owner(counting, author).ok_or(Objection::Author)?;
        let admin = if role == Role::Admin { Ok(()) } else { Err(Objection::Author) };
        let editor = if role >= Role::Editor { Ok(()) } else { Err(Objection::Author) };
        let is_in = |member: MemberId| {
            let is_in = self.role(counting, member).is_some() && !self.is_out(counting, member);
            if is_in { Ok(()) } else { Err(Objection::Target) }
        };
        let senior_to = |member: MemberId| {
            let theirs = self.rank(counting, member);
            let senior = own == member || theirs == NO_ADMIN || self.rank(counting, own) < theirs;
            if senior { Ok(()) } else { Err(Objection::Author) }
        };
        let new = |device: DeviceId| {
            let was_in =
                self.owner(counting, device).is_some() || self.device_removals(counting, device) != 0;
            if was_in { Err(Objection::Author) } else { Ok(()) }
        };
        match &self.ops[index].operation {
            Operation::Genesis { .. } => Err(Objection::Author),
            Operation::AddMember { member, device, .. } => {
                let follows = *member == member_id(self.space, *device);
                admin?;
                if follows { new(*device) } else { Err(Objection::Author) }
            }
            Operation::AddDevice { member, device, .. } => {
                is_in(*member)?;
                if own != *member {
                    admin?;
                    senior_to(*member)?;
                }
                new(*device)
            }
            Operation::ChangeRole { member, role: wanted, .. } => {
                admin?;
                is_in(*member)?;
                let less = self.role(counting, *member).is_some_and(|before| *wanted < before);
                if less { senior_to(*member) } else { Ok(()) }
            }
            Operation::Remove { target, .. } => {
                let member = match target {
                    Target::Member(member) => {
                        Some(*member).filter(|member| self.role(counting, *member).is_some())
                    }
                    Target::Device(device) => self.owner(counting, *device),
                };
                let member = member.ok_or(Objection::Target)?;
                let again = match target {
                    Target::Device(device) => self.device_removals(counting, *device) != 0,
                    Target::Member(_) => false,
                };
                if own == member && !again {
                    return Ok(());
                }
                admin?;
                senior_to(member)
            }
            Operation::Invite { .. } | Operation::RevokeInvite { .. } | Operation::AcceptLate { .. } => admin,
            Operation::Epoch { .. } | Operation::KeyShare { .. } => editor,
            Operation::Leave | Operation::Unknown { .. } => Ok(()),
        }
    }

    // What operations apart make of each other (rule 3).

    /// What does not count in a set that has the past of each of its operations.
    pub(crate) fn void(&self, set: Set) -> Set {
        if let Some(known) = self.decided.borrow().get(&set) {
            return *known;
        }
        let void = self.decide(set);
        self.decided.borrow_mut().insert(set, void);
        void
    }

    fn decide(&self, set: Set) -> Set {
        let mut void = select(set, |index| !self.local(index));
        let mut open = set & !void;
        let local = void;
        let takers: Vec<(usize, Set)> = list(open)
            .map(|taker| (taker, self.hits(set, taker) & !local))
            .filter(|(_, hits)| *hits != 0)
            .collect();
        while open != 0 {
            let mut decided = 0;
            for index in list(open) {
                let hit_by = takers.iter().filter(|(_, hits)| hits & bit(index) != 0);
                let hit_by = hit_by.fold(0, |set, (taker, _)| set | bit(*taker));
                let past = self.ops[index].past;
                let concerning = self.concerning(index);
                if hit_by & !open & !void != 0 {
                    // Something that counts hits it.
                    void |= bit(index);
                } else if concerning & open != 0 {
                    continue;
                } else if !self.entitled_still(past & !void, concerning & void & !local, index) {
                    void |= bit(index);
                } else if hit_by & open != 0 {
                    continue;
                }
                decided |= bit(index);
                break;
            }
            if decided == 0 {
                decided = self.strongest_in_rings(open, void, &takers);
            }
            assert_ne!(decided, 0, "something can always be decided");
            open &= !decided;
        }
        void
    }

    /// Operations that wait for each other and for nothing else: of each such ring the strongest whose right does not
    /// depend on what is open.
    fn strongest_in_rings(&self, open: Set, void: Set, takers: &[(usize, Set)]) -> Set {
        let waits_for = |index: usize| {
            let hit_by = takers.iter().filter(|(_, hits)| hits & bit(index) != 0);
            hit_by.fold(self.concerning(index), |set, (taker, _)| set | bit(*taker)) & open
        };
        let reaches = |index: usize| {
            let mut reached = waits_for(index);
            loop {
                let more = list(reached).fold(reached, |set, other| set | waits_for(other));
                if more == reached {
                    return reached;
                }
                reached = more;
            }
        };
        let in_ring =
            select(open, |index| list(reaches(index)).all(|other| reaches(other) & bit(index) != 0));
        let strongest = |index: &usize| {
            let sure = select(reaches(*index), |other| self.is_sure(open, void, other));
            list(sure).min_by_key(|other| self.strength(*other))
        };
        list(in_ring).filter_map(|index| strongest(&index)).fold(0, |set, index| set | bit(index))
    }

    /// Whether an author is entitled whatever becomes of what is open and concerns the operation, if that is little.
    fn is_sure(&self, open: Set, void: Set, index: usize) -> bool {
        let concerning = self.concerning(index);
        let doubts: Vec<usize> = list(concerning & open).collect();
        let fates = (0..1_u64 << doubts.len().min(4)).map(|case| {
            let lost = |(place, _): &(usize, &usize)| case & 1 << place != 0;
            doubts.iter().enumerate().filter(lost).fold(void, |void, (_, index)| void | bit(*index))
        });
        let entitled = |void: Set| {
            let lost = select(concerning & void, |earlier| self.local(earlier));
            self.entitled_still(self.ops[index].past & !void, lost, index)
        };
        doubts.len() <= 4 && fates.into_iter().all(entitled)
    }

    /// What the right to an operation can depend on: what its past says of whose the author's device and the devices
    /// that it is about are, and of these people's roles and removals.
    fn concerning(&self, index: usize) -> Set {
        let past = select(self.ops[index].past, |earlier| self.local(earlier));
        let mut devices = BTreeSet::from([self.ops[index].author]);
        let mut people = BTreeSet::new();
        match &self.ops[index].operation {
            Operation::AddMember { device, .. }
            | Operation::Remove { target: Target::Device(device), .. } => {
                devices.insert(*device);
            }
            Operation::AddDevice { member, device, .. } => {
                devices.insert(*device);
                people.insert(*member);
            }
            Operation::ChangeRole { member, .. }
            | Operation::Remove { target: Target::Member(member), .. } => {
                people.insert(*member);
            }
            _ => {}
        }
        let admissions = list(past).filter_map(|other| self.lets_in(other));
        people.extend(
            admissions.filter(|(_, device, _)| devices.contains(device)).map(|(member, _, _)| member),
        );
        let about_device = |device: &DeviceId| {
            select(past, |other| self.lets_in(other).is_some_and(|(_, admitted, _)| admitted == *device))
                | self.device_removals(past, *device)
        };
        let about_person = |member: &MemberId| {
            select(past, |other| self.gives_role(other).is_some_and(|(given, _)| given == *member))
                | self.removals(past, *member)
        };
        devices
            .iter()
            .map(about_device)
            .chain(people.iter().map(about_person))
            .fold(0, |set, more| set | more)
    }

    /// Whether the author of an operation is entitled by what counts of its past, though some of that has been `lost`
    /// to what was made apart.
    fn entitled_still(&self, counting: Set, lost: Set, index: usize) -> bool {
        match (self.entitled(counting, index), &self.ops[index].operation) {
            // An admin's removal stands where just the admission of whom it is about is void.
            (Err(Objection::Target), Operation::Remove { .. }) if lost != 0 => {
                self.by_admin(index) && self.role_of(counting, self.ops[index].author) == Some(Role::Admin)
            }
            (verdict, _) => verdict.is_ok(),
        }
    }

    /// Whom an operation takes rights from as its author saw it, and what it leaves them.
    fn reduces(&self, index: usize) -> Option<(Target, Option<Role>)> {
        *self.asked[index].reduces.get_or_init(|| self.reduces_anew(index))
    }

    fn reduces_anew(&self, index: usize) -> Option<(Target, Option<Role>)> {
        match &self.ops[index].operation {
            Operation::Remove { target, .. } => Some((*target, None)),
            Operation::Leave => Some((Target::Member(self.own(index)?), None)),
            Operation::ChangeRole { member, role, .. } => {
                let less = self.role(self.knew(index), *member).is_some_and(|before| *role < before);
                less.then_some((Target::Member(*member), Some(*role)))
            }
            _ => None,
        }
    }

    /// Admissions, apart, of the device that an operation lets in, that make it another member's.
    fn rivals(&self, set: Set, index: usize) -> Set {
        let Some((member, device, _)) = self.lets_in(index) else { return 0 };
        let rival = |other: usize| {
            let lets_in = self.lets_in(other);
            self.apart(index, other)
                && self.local(other)
                && lets_in.is_some_and(|(owner, admitted, _)| admitted == device && owner != member)
        };
        select(set, rival)
    }

    fn hits(&self, set: Set, taker: usize) -> Set {
        let Some((target, left_with)) = self.reduces(taker) else {
            let weaker = |rival: usize| self.strength(taker) < self.strength(rival);
            return select(self.rivals(set, taker), weaker);
        };
        let knew = self.knew(taker);
        let by_target = |index: usize| {
            let author = self.ops[index].author;
            let as_the_admin_knew = self.by_admin(taker)
                && match target {
                    Target::Device(device) => author == device,
                    Target::Member(member) => self.owner(knew, author) == Some(member),
                };
            let as_they_knew = match target {
                Target::Device(device) => author == device && self.own(index) == self.own(taker),
                Target::Member(member) => self.own(index) == Some(member),
            };
            as_the_admin_knew || as_they_knew
        };
        let hit = |index: usize| {
            by_target(index)
                && self.apart(taker, index)
                && left_with.is_none_or(|role| self.needs(index) > role)
        };
        select(set, hit)
    }
}

/// Why somebody may not: for who they are, or because whom it is about is nobody.
enum Objection {
    Author,
    Target,
}

fn bit(index: usize) -> Set {
    1 << index
}

fn select(set: Set, which: impl Fn(usize) -> bool) -> Set {
    list(set).filter(|index| which(*index)).fold(0, |selected, index| selected | bit(index))
}

fn list(set: Set) -> impl Iterator<Item = usize> + Clone {
    (0..64).filter(move |index| set & bit(*index) != 0)
}
