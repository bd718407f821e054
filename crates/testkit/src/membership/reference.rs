//! The rules, one after the other.

use core::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{
    DeviceId, DocumentId, Entry, EntryId, EpochId, LogId, MemberId, Operation, Role, SpaceId, Target,
    member_id,
};

use super::mutant::Mutant;
use super::outcome::{EpochOutcome, InvitationOutcome, Outcome};
use super::set::Set;
use super::view::View;

/// Depth, then id. Also how senior an admin is: the order of what made them one. Less is earlier, and more senior.
pub(crate) type Order = (u64, EntryId);

/// How senior whoever is no admin is: after all who are.
pub(crate) const NO_ADMIN: Order = (u64::MAX, EntryId::ZERO);

/// How an operation stands against others: less is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// By the author's seniority, then by order.
    Ruled(Order, Order),
    /// The most junior author first: [`Mutant::JuniorFirst`].
    Turned(Reverse<Order>, Order),
}

/// Undecided operations that an operation of a ring may depend on and still be the one that counts.
const OPEN_QUESTIONS_MAX: usize = 4;

/// A membership log that is proven to have forked, and the number from which it did.
pub type LogFork = (LogId, u64);

/// One operation with its whole past here.
#[derive(Debug)]
pub(crate) struct Op {
    pub(crate) id: EntryId,
    pub(crate) author: DeviceId,
    pub(crate) number: u64,
    pub(crate) depth: u64,
    pub(crate) past: Set,
    pub(crate) operation: Operation,
}

/// What an operation was where it was made: in the state of its own past.
#[derive(Clone, Debug)]
pub(crate) struct Then {
    /// Whether its author was entitled to it.
    pub(crate) entitled: bool,
    /// Whose device its author's was.
    pub(crate) member: Option<MemberId>,
    /// What its author might do.
    pub(crate) role: Option<Role>,
    /// How senior its author was.
    pub(crate) rank: Order,
    /// Whether it removes its author's own person, or a device of theirs that was in: anybody may.
    pub(crate) about_oneself: bool,
    /// Whom it takes rights from.
    pub(crate) reduces: Option<Reduction>,
}

/// Whom an operation takes rights from.
#[derive(Clone, Debug)]
pub(crate) struct Reduction {
    pub(crate) target: Target,
    /// What the target may do from then on; nothing after a removal.
    pub(crate) left_with: Option<Role>,
    /// The target's devices, as far as the author knew.
    pub(crate) devices: BTreeSet<DeviceId>,
}

/// What becomes of an operation hangs on these.
#[derive(Clone, Copy)]
struct HangsOn {
    /// What hits it, where that counts.
    takers: Set,
    /// What its author's right depends on.
    concerns: Set,
}

/// A history as far as it is here, and what the rules say of it.
#[derive(Debug)]
pub struct Reference {
    pub(crate) space: SpaceId,
    pub(crate) mutant: Option<Mutant>,
    /// Whatever is in the past of one comes before it.
    pub(crate) ops: Vec<Op>,
    /// Of each operation, in the same places.
    pub(crate) then: Vec<Then>,
    /// Operations of forked logs that nobody else built on.
    forked: Set,
}

impl Reference {
    /// A history of these entries, which may be in any order and lack some, and of these proofs of forks.
    ///
    /// # Panics
    /// If an entry is not a membership entry with its body, if there is no genesis or more than 64 operations.
    pub fn new(entries: &[Entry], proofs: &[LogFork]) -> Self {
        Self::with_rules(entries, proofs, None)
    }

    /// The same with a rule got wrong.
    ///
    /// # Panics
    /// As [`Self::new`].
    pub fn with_rules(entries: &[Entry], proofs: &[LogFork], mutant: Option<Mutant>) -> Self {
        let genesis =
            entries.iter().find(|entry| entry.header.is_genesis()).expect("a history has a beginning");
        let mut reference = Self {
            space: genesis.header.space(),
            mutant,
            ops: Vec::new(),
            then: Vec::new(),
            forked: Set::EMPTY,
        };
        while let Some(op) = entries.iter().find_map(|entry| reference.next(entry)) {
            reference.ops.push(op);
        }
        reference.forked = reference.forked(proofs);
        for place in 0..reference.ops.len() {
            let then = reference.judge(place);
            reference.then.push(then);
        }
        reference
    }

    /// How many operations are here with their whole past.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// What everything that is here comes to.
    pub fn outcome(&self) -> Outcome {
        self.outcome_of(self.all())
    }

    /// What it came to for somebody who knew just these operations and their past. Unknown ones are passed over.
    pub fn outcome_at(&self, heads: &[EntryId]) -> Outcome {
        let named = self.all().those(|place| heads.contains(&self.ops[place].id));
        self.outcome_of(named.iter().fold(named, |known, head| known.or(self.ops[head].past)))
    }

    fn all(&self) -> Set {
        (0..self.ops.len()).collect()
    }

    /// The operation of an entry that is not here yet and whose past is.
    fn next(&self, entry: &Entry) -> Option<Op> {
        let fields = entry.header.fields();
        if self.ops.iter().any(|op| op.id == entry.id()) {
            return None;
        }
        let mut parents: BTreeSet<EntryId> = fields.membership_heads.iter().copied().collect();
        if fields.number > 0 {
            parents.insert(fields.previous);
        }
        let places: Set =
            (0..self.ops.len()).filter(|place| parents.contains(&self.ops[*place].id)).collect();
        if places.len() < parents.len() {
            return None;
        }
        let body = entry.body.as_deref().expect("a membership entry comes with its body");
        let (operation, _) = Operation::decode(body).expect("a membership entry's body is an operation");
        Some(Op {
            id: entry.id(),
            author: fields.log.device,
            number: fields.number,
            depth: places.iter().map(|parent| self.ops[parent].depth + 1).max().unwrap_or(0),
            past: places.iter().fold(places, |past, parent| past.or(self.ops[parent].past)),
            operation,
        })
    }

    /// "Two different entries with one number in one membership log, or a proof of it, void every operation of that log
    /// from that number on, in all branches, unless an operation of another device has it in its past."
    fn forked(&self, proofs: &[LogFork]) -> Set {
        if self.is(Mutant::SkipForks) {
            return Set::EMPTY;
        }
        self.all().those(|place| {
            let op = &self.ops[place];
            let proven =
                proofs.iter().any(|(log, from)| *log == LogId::membership(op.author) && *from <= op.number);
            let seen = self.all().iter().any(|one| {
                let one = &self.ops[one];
                let twin = |other: &Op| {
                    other.author == one.author && other.number == one.number && other.id != one.id
                };
                one.author == op.author && one.number <= op.number && self.ops.iter().any(twin)
            });
            let built_on = self.all().iter().any(|other| {
                let other = &self.ops[other];
                other.past.has(place) && (other.author != op.author || self.is(Mutant::VouchForOneself))
            });
            (proven || seen) && (!built_on || self.is(Mutant::SkipVouching))
        })
    }

    /// What an operation was in the state of its own past.
    fn judge(&self, place: usize) -> Then {
        let op = &self.ops[place];
        let view = self.view(self.counting(op.past));
        let member = view.owner(op.author);
        let about_oneself = match &op.operation {
            Operation::Remove { target: Target::Member(target), .. } => member == Some(*target),
            Operation::Remove { target: Target::Device(device), .. } => {
                member == view.owner(*device) && view.may(*device).is_some()
            }
            _ => false,
        };
        Then {
            entitled: !self.forked.has(place) && view.entitles(place),
            member,
            role: view.may(op.author),
            rank: member.map_or(NO_ADMIN, |member| view.rank(member)),
            about_oneself,
            reduces: self.reduction(&view, place),
        }
    }

    fn reduction(&self, view: &View<'_>, place: usize) -> Option<Reduction> {
        let op = &self.ops[place];
        let (target, left_with) = match &op.operation {
            Operation::Remove { target, .. } => (*target, None),
            Operation::Leave => (Target::Member(view.owner(op.author)?), None),
            Operation::ChangeRole { member, role, .. } => {
                let before = view.role(*member)?;
                (*role < before).then_some((Target::Member(*member), Some(*role)))?
            }
            Operation::Genesis { .. }
            | Operation::AddMember { .. }
            | Operation::AddDevice { .. }
            | Operation::Invite { .. }
            | Operation::RevokeInvite { .. }
            | Operation::Epoch { .. }
            | Operation::KeyShare { .. }
            | Operation::AcceptLate { .. }
            | Operation::Unknown { .. } => return None,
        };
        let devices = match target {
            Target::Device(device) => BTreeSet::from([device]),
            Target::Member(member) => view.devices(member),
        };
        Some(Reduction { target, left_with, devices })
    }

    /// Which of a set of operations count: those that are not void (rule 3).
    pub(crate) fn counting(&self, set: Set) -> Set {
        let mut open = set.those(|place| self.then[place].entitled);
        let hangs =
            |place| (place, HangsOn { takers: self.takers(open, place), concerns: self.concerns(place) });
        let hangs_on: BTreeMap<usize, HangsOn> = open.iter().map(hangs).collect();
        let mut counts = Set::EMPTY;
        while !open.is_empty() {
            let before = open;
            for (place, on) in hangs_on.iter().filter(|(place, _)| before.has(**place)) {
                if let Some(verdict) = self.verdict(counts, open, *place, *on) {
                    open = open.without(Set::one(*place));
                    counts = if verdict { counts.with(*place) } else { counts };
                }
            }
            if open == before {
                let strongest = self.strongest_of_a_ring(counts, open, &hangs_on);
                let chosen = strongest.unwrap_or_else(|| open.iter().next().unwrap_or_default());
                open = open.without(Set::one(chosen));
                counts = if strongest.is_some() { counts.with(chosen) } else { counts };
            }
        }
        counts
    }

    /// Whether an operation counts, if that follows from what is decided.
    fn verdict(&self, counts: Set, open: Set, place: usize, on: HangsOn) -> Option<bool> {
        if !on.takers.and(counts).is_empty() {
            return Some(false);
        }
        if on.concerns.and(open).is_empty() {
            if !self.still_entitled(counts, place) {
                return Some(false);
            }
            if on.takers.and(open).is_empty() {
                return Some(true);
            }
        }
        None
    }

    /// Whether the author of an operation is entitled to it in what counts of its past.
    fn still_entitled(&self, counts: Set, place: usize) -> bool {
        self.is(Mutant::SkipCascade) || self.view(counts.and(self.ops[place].past)).still_entitles(place)
    }

    /// "Where some do so, and wait for no others, the strongest of them counts whatever hits it, of those whose author
    /// is entitled whatever becomes of what is undecided and concerns them (and that is at most four operations)."
    fn strongest_of_a_ring(
        &self,
        counts: Set,
        open: Set,
        hangs_on: &BTreeMap<usize, HangsOn>,
    ) -> Option<usize> {
        if self.is(Mutant::RingsAreVoid) {
            return None;
        }
        let waits_for = |place: usize| hangs_on[&place].takers.or(hangs_on[&place].concerns).and(open);
        let reaches = |place: usize| {
            let mut reached = waits_for(place);
            loop {
                let further = reached.iter().fold(reached, |all, next| all.or(waits_for(next)));
                if further == reached {
                    return reached;
                }
                reached = further;
            }
        };
        let ring = open.iter().map(reaches).find(|ring| ring.iter().all(|place| reaches(place) == *ring))?;
        let entitled_anyhow = |place: &usize| {
            let questions = hangs_on[place].concerns.and(open);
            questions.len() <= OPEN_QUESTIONS_MAX
                && questions.subsets().all(|answer| self.still_entitled(counts.or(answer), *place))
        };
        ring.iter().filter(entitled_anyhow).min_by_key(|place| self.strength(*place))
    }

    /// The takers of a set that hit an operation, were they to count.
    fn takers(&self, set: Set, place: usize) -> Set {
        set.those(|taker| {
            self.apart(taker, place)
                && match &self.then[taker].reduces {
                    Some(reduction) => self.reduction_hits(taker, reduction, place),
                    None => self.claim_hits(taker, place),
                }
        })
    }

    fn reduction_hits(&self, taker: usize, reduction: &Reduction, place: usize) -> bool {
        if self.is(Mutant::SkipVoiding)
            || self.is(Mutant::LeavingTakesNothing) && matches!(self.ops[taker].operation, Operation::Leave)
            || self.is(Mutant::DemotionTakesNothing) && reduction.left_with.is_some()
        {
            return false;
        }
        self.is_by_target(taker, reduction, place)
            && reduction
                .left_with
                .is_none_or(|role| self.needs(place) > role || self.is(Mutant::DemotionTakesAll))
    }

    /// "By the target is what was made by a device that was the target's in its own past, or, where the reduction is by
    /// an admin, in the reduction's past."
    fn is_by_target(&self, taker: usize, reduction: &Reduction, place: usize) -> bool {
        let author = self.ops[place].author;
        let as_it_knew = match reduction.target {
            Target::Member(member) => self.then[place].member == Some(member),
            // A device of one's own: it has to have been that in the other's past too, or anybody could claim somebody
            // else's device and put it out.
            Target::Device(device) => author == device && self.then[place].member == self.then[taker].member,
        };
        let as_the_admin_knew = self.is_by_admin(taker)
            && reduction.devices.contains(&author)
            && !self.is(Mutant::ForgetWhatTheAdminKnew);
        as_it_knew || as_the_admin_knew
    }

    /// An admission hits weaker ones that make the device another member's.
    fn claim_hits(&self, taker: usize, place: usize) -> bool {
        let (Some((device, member)), Some((other, another))) = (self.lets_in(taker), self.lets_in(place))
        else {
            return false;
        };
        device == other
            && member != another
            && self.strength(taker) < self.strength(place)
            && !self.is(Mutant::SkipClaims)
    }

    /// What an operation needs its author to be; `Relay` is anybody who is in.
    fn needs(&self, place: usize) -> Role {
        match &self.ops[place].operation {
            Operation::AddDevice { .. } if self.is(Mutant::AdmissionsNeedNothing) => Role::Relay,
            Operation::Remove { .. } if self.is(Mutant::LeavingNeedsAdmin) => Role::Admin,
            Operation::Remove { .. } if self.then[place].about_oneself => Role::Relay,
            // What an admin lets in stands against other admissions by the admin's seniority.
            Operation::AddDevice { .. } if self.then[place].role != Some(Role::Admin) => Role::Relay,
            Operation::AddDevice { .. } => Role::Admin,
            Operation::Leave | Operation::Unknown { .. } => Role::Relay,
            Operation::Epoch { .. } | Operation::KeyShare { .. } => Role::Editor,
            Operation::Genesis { .. }
            | Operation::AddMember { .. }
            | Operation::ChangeRole { .. }
            | Operation::Remove { .. }
            | Operation::Invite { .. }
            | Operation::RevokeInvite { .. }
            | Operation::AcceptLate { .. } => Role::Admin,
        }
    }

    fn outcome_of(&self, set: Set) -> Outcome {
        let counts = self.counting(set);
        let view = self.view(counts);
        let ids = |set: Set| set.iter().map(|place| self.ops[place].id);
        let epochs = self.epochs(set, counts);
        let readers = |epoch: &EpochOutcome| {
            epoch.holders.iter().all(|holder| view.may(*holder).is_some_and(|role| role >= Role::Reader))
        };
        let mut safe: BTreeSet<EpochId> =
            epochs.iter().filter(|(_, epoch)| !epoch.void && readers(epoch)).map(|(id, _)| *id).collect();
        if self.is(Mutant::UseLatestEpoch) {
            let begins = |place: usize| matches!(self.ops[place].operation, Operation::Epoch { .. });
            let latest = counts.those(begins).iter().max_by_key(|place| self.order(*place));
            safe = latest.map(|place| EpochId::from(self.ops[place].id)).into_iter().collect();
        }
        Outcome {
            void: ids(set.without(counts)).collect(),
            members: view.members(),
            devices: view.all_devices(),
            safe,
            epochs,
            invitations: self.invitations(counts),
            plan_document: self.genesis(counts).map(|(_, document)| document),
            founder: self.genesis(counts).map(|(founder, _)| founder),
            unknown_operation: counts
                .iter()
                .any(|place| matches!(self.ops[place].operation, Operation::Unknown { .. })),
        }
    }

    fn genesis(&self, counts: Set) -> Option<(MemberId, DocumentId)> {
        counts.iter().find_map(|place| match &self.ops[place].operation {
            Operation::Genesis { plan_document, .. } => {
                Some((member_id(SpaceId::ZERO, self.ops[place].author), *plan_document))
            }
            _ => None,
        })
    }

    /// "Void Epoch and KeyShare operations still say who knows a key, unless their author never was in as far as its own
    /// past tells."
    fn epochs(&self, set: Set, counts: Set) -> BTreeMap<EpochId, EpochOutcome> {
        let tells = set.those(|place| {
            let told = counts.has(place) || !self.is(Mutant::VoidTellsNothing);
            told && (self.then[place].member.is_some() || self.is(Mutant::StrangersTell))
        });
        let begins = |place: &usize| matches!(self.ops[*place].operation, Operation::Epoch { .. });
        let ids = set.iter().filter(begins).filter(|place| tells.has(*place) || counts.has(*place));
        let epoch = |place: usize| {
            let id = EpochId::from(self.ops[place].id);
            let holders = self.holders(tells, id, &BTreeSet::new());
            (id, EpochOutcome { void: !counts.has(place), holders })
        };
        ids.map(epoch).collect()
    }

    /// Whether one of some operations began an epoch, by somebody who ever was in.
    pub(crate) fn begins(&self, of: Set, epoch: EpochId) -> bool {
        of.iter().any(|place| {
            let op = &self.ops[place];
            let begins = matches!(op.operation, Operation::Epoch { .. }) && EpochId::from(op.id) == epoch;
            begins && self.then[place].member.is_some()
        })
    }

    /// Its author, recipients of its shares, holders of epochs that wrap it.
    fn holders(&self, tells: Set, epoch: EpochId, asked: &BTreeSet<EpochId>) -> BTreeSet<DeviceId> {
        let mut holders = BTreeSet::new();
        let asked: BTreeSet<EpochId> = asked.iter().copied().chain([epoch]).collect();
        for op in tells.iter().map(|place| &self.ops[place]) {
            match &op.operation {
                Operation::Epoch { shares, .. } if EpochId::from(op.id) == epoch => {
                    holders.insert(op.author);
                    holders.extend(shares.iter().map(|share| share.device));
                }
                Operation::Epoch { wraps, .. } if wraps.iter().any(|wrap| wrap.epoch == epoch) => {
                    let wrapping = EpochId::from(op.id);
                    if !asked.contains(&wrapping) && !self.is(Mutant::SkipWraps) {
                        holders.extend(self.holders(tells, wrapping, &asked));
                    }
                }
                Operation::KeyShare { epoch: shared, shares } if *shared == epoch => {
                    holders.extend(shares.iter().map(|share| share.device));
                }
                _ => {}
            }
        }
        holders
    }

    fn invitations(&self, counts: Set) -> BTreeMap<EntryId, InvitationOutcome> {
        let invitation = |place: usize| {
            let op = &self.ops[place];
            let Operation::Invite { role, .. } = op.operation else { return None };
            let revokes = |place: usize| matches!(self.ops[place].operation, Operation::RevokeInvite { invite } if invite == op.id);
            let revoked_by = self.first(counts.those(revokes));
            Some((op.id, InvitationOutcome { role, author: op.author, revoked_by }))
        };
        counts.iter().filter_map(invitation).collect()
    }

    pub(crate) fn view(&self, counts: Set) -> View<'_> {
        View { reference: self, counts }
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    pub(crate) fn order(&self, place: usize) -> Order {
        (self.ops[place].depth, self.ops[place].id)
    }

    /// The first in order of some operations.
    pub(crate) fn first(&self, of: Set) -> Option<EntryId> {
        of.iter().map(|place| self.order(place)).min().map(|(_, id)| id)
    }

    /// Less is stronger: the more senior author, then the first in order.
    pub(crate) fn strength(&self, place: usize) -> Strength {
        let (rank, order) = (self.then[place].rank, self.order(place));
        if self.is(Mutant::JuniorFirst) {
            Strength::Turned(Reverse(rank), order)
        } else {
            Strength::Ruled(rank, order)
        }
    }

    fn apart(&self, one: usize, other: usize) -> bool {
        one != other && !self.ops[one].past.has(other) && !self.ops[other].past.has(one)
    }

    /// Whether somebody did as an admin what takes one.
    pub(crate) fn is_by_admin(&self, place: usize) -> bool {
        self.then[place].role == Some(Role::Admin) && self.needs(place) == Role::Admin
    }

    /// The device that an operation lets in, and as whose.
    pub(crate) fn lets_in(&self, place: usize) -> Option<(DeviceId, MemberId)> {
        match &self.ops[place].operation {
            Operation::Genesis { .. } => {
                let author = self.ops[place].author;
                Some((author, member_id(SpaceId::ZERO, author)))
            }
            Operation::AddMember { member, device, .. } | Operation::AddDevice { member, device, .. } => {
                Some((*device, *member))
            }
            _ => None,
        }
    }

    /// Whom an operation gives which role.
    pub(crate) fn gives_role(&self, place: usize) -> Option<(MemberId, Role)> {
        match &self.ops[place].operation {
            Operation::Genesis { .. } => {
                Some((member_id(SpaceId::ZERO, self.ops[place].author), Role::Admin))
            }
            Operation::AddMember { member, role, .. } | Operation::ChangeRole { member, role, .. } => {
                Some((*member, *role))
            }
            _ => None,
        }
    }
}
