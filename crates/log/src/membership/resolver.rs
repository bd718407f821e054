//! The resolver: a pure function from the set of operations to who is in.
//!
//! 1. An operation counts only if its author was entitled in the resolved state of its own past.
//! 2. Only a strictly senior admin removes or demotes an admin. Seniority: depth, then id, of what made them admin.
//! 3. Operations of the target of a removal or demotion that counts, made apart from it, are void; whatever was entitled
//!    only through a void operation is void too, and so on. Where such operations hang on each other, the senior's count.
//! 4. Of roles set apart from each other the least privileged wins. A device that was removed is never in again.
//! 5. Of admissions apart that make a device different members', the most senior author's counts; of those that make it
//!    the same member's, the least role, and the most senior author's share key.
//!
//! A device that signs two different operations with one number in its membership log has broken the one rule that
//! makes its word reliable: what it did from that number on, in either branch, is void, **unless an operation of
//! another device has it in its past**. What others have built on stays, and counts as what it is, done apart. Without
//! this exception anybody who was removed could sign a second operation with number 0 and so put out everybody whom
//! they had ever let in; the removal itself has that history in its past and thereby keeps it. It does no harm that
//! somebody vouches for a branch of their own puppet's: both branches are then operations made apart by one author,
//! which rules 1 to 4 bear from any author with two devices.
//!
//! Cost: whether an author is entitled is asked of the few operations about them and about whom they mean (`view`),
//! and what operations apart make of each other is decided where there is a conflict, and kept (`verdict`). The state of
//! everything is folded once and carried on by what arrives, as long as that conflicts with nothing.

mod forget;
mod heads;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bits::Bits;
use super::fold;
use super::index::Index;
use super::operation::{Operation, Role};
use super::state::{Membership, Rank};
use super::verdict::{Answers, Verdicts};
use super::verified::{ResolverError, VerifiedOperation, VoidReason};
use super::view::{Aim, View};
use crate::limits::{MEMBERSHIP_LOG_OPERATIONS_MAX, MEMBERSHIP_WAITING_MAX};
use crate::{DeviceId, EntryId, LogId, MemberId, SpaceId};

/// States of parts of the history that are kept. A state holds every member, so they are few; others are folded again.
const STATES_MAX: usize = 16;

/// Devices of which it is kept what they might do: as many as the largest plans have. Others are looked up again.
const ROLES_MAX: usize = 1_024;

/// What a device might do by the operations that it named, and which of them gave its person that role.
type RoleThen = Option<(Role, Vec<EntryId>)>;

/// An operation that is here with its whole past, and what its author was in that.
pub(crate) struct Node {
    pub(crate) operation: VerifiedOperation,
    pub(crate) depth: u64,
    pub(crate) parents: Vec<usize>,
    pub(crate) past: Bits,
    /// Whether it was entitled in the resolved state of its own past.
    pub(crate) local: Result<(), VoidReason>,
    /// What it needed its author to be.
    pub(crate) needs: Role,
    /// Whom it takes rights from.
    pub(crate) aim: Option<Aim>,
    /// Whose device its author was.
    pub(crate) own: Option<MemberId>,
    /// How senior its author was.
    pub(crate) rank: Rank,
    /// How senior it makes whom it makes an admin.
    pub(crate) senior: Rank,
}

impl Node {
    /// Whether its author was ever in, as far as its own past tells. (Not by why it does not count: whoever never was
    /// in can fork a log, too.)
    pub(crate) const fn was_in(&self) -> bool {
        self.own.is_some()
    }

    /// Whether it begins an epoch of which something is known, even if it does not count.
    pub(crate) fn begins_epoch(&self) -> bool {
        matches!(self.operation.operation, Operation::Epoch { .. }) && self.was_in()
    }
}

/// What is left of an operation that was forgotten because it does not count and there were too many of its kind: what
/// an operation that names it comes after.
struct Forgotten {
    depth: u64,
    /// What it knew of what is here: those that are in the past of no other.
    knew: Vec<usize>,
}

/// Holds the operations of a space and answers who is in. Takes them in any order.
#[derive(Default)]
pub struct Resolver {
    space: Option<SpaceId>,
    nodes: Vec<Node>,
    index: BTreeMap<EntryId, usize>,
    /// Operations whose parents are not all here.
    waiting: BTreeMap<EntryId, VerifiedOperation>,
    /// For a missing parent, which operations look for it.
    wanted: BTreeMap<EntryId, Vec<EntryId>>,
    pub(crate) heads: BTreeSet<EntryId>,
    /// Which operation has a number in a log: a second one proves a fork.
    places: BTreeMap<(LogId, u64), EntryId>,
    forks: BTreeMap<LogId, u64>,
    /// Operations at or after a fork that an operation of another device builds on.
    vouched: Bits,
    /// Operations at or after a fork that none builds on (yet).
    suspended: BTreeSet<usize>,
    /// Operations that were here and made room.
    forgotten: BTreeMap<EntryId, Forgotten>,
    /// As long as fewer operations are here, no limit can have been reached.
    look_at: usize,
    pub(crate) known: Index,
    pub(crate) answers: RefCell<Answers>,
    /// The state of everything, once somebody has asked.
    current: RefCell<Option<Arc<Membership>>>,
    states: RefCell<BTreeMap<Vec<EntryId>, Arc<Membership>>>,
    /// What was last asked of each device: entry after entry of a log names the same heads.
    roles: RefCell<BTreeMap<DeviceId, (Vec<EntryId>, RoleThen)>>,
}

impl core::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Resolver({} operations, {} waiting)", self.nodes.len(), self.waiting.len())
    }
}

impl Resolver {
    /// Knows nothing yet. The first genesis operation says which space it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an operation; one that is here already changes nothing. One whose parents are missing waits, bounded.
    /// Answers whether the resolved state may have changed.
    ///
    /// # Errors
    /// [`ResolverError::Space`], [`ResolverError::LogFull`], [`ResolverError::Full`], [`ResolverError::Waiting`].
    pub fn insert(&mut self, operation: VerifiedOperation) -> Result<bool, ResolverError> {
        if self.knows(&operation.id) || self.waiting.contains_key(&operation.id) {
            return Ok(false);
        }
        Self::takes(operation.number)?;
        match self.space {
            Some(space) if space != operation.space => return Err(ResolverError::Space),
            Some(_) => {}
            None if operation.parents.is_empty() => {
                self.space = Some(operation.space);
                self.waiting.retain(|_, waiting| waiting.space == operation.space);
            }
            None => {}
        }
        let waits = operation.parents.iter().any(|parent| !self.knows(parent));
        if waits && self.waiting.len() >= MEMBERSHIP_WAITING_MAX {
            return Err(ResolverError::Waiting);
        }
        if !waits {
            self.make_room()?;
        }
        let id = operation.id;
        self.waiting.insert(id, operation);
        Ok(self.settle_from(id))
    }

    /// Whether a membership log may have an entry with this number.
    ///
    /// # Errors
    /// [`ResolverError::LogFull`].
    pub const fn takes(number: u64) -> Result<(), ResolverError> {
        if number < MEMBERSHIP_LOG_OPERATIONS_MAX { Ok(()) } else { Err(ResolverError::LogFull) }
    }

    /// Makes room for one more operation, with this number in its log, whose parents are here: what a relay asks before
    /// it keeps one, so that it refuses by the rule by which members' devices do. What does not count takes no room.
    ///
    /// # Errors
    /// [`ResolverError::LogFull`], [`ResolverError::Full`].
    pub fn make_room_for(&mut self, number: u64) -> Result<(), ResolverError> {
        Self::takes(number)?;
        self.make_room()
    }

    /// Takes note that a device signed two operations with this number in its membership log.
    pub fn note_fork(&mut self, log: LogId, number: u64) {
        if self.lower_fork(log, number) {
            self.resolve_anew();
        }
    }

    fn lower_fork(&mut self, log: LogId, number: u64) -> bool {
        let known = self.forks.get(&log).copied();
        let lower = known.is_none_or(|known| number < known);
        if lower {
            self.forks.insert(log, number);
            let mut built_on = Bits::default();
            for node in self.nodes.iter().filter(|node| node.operation.log.device != log.device) {
                built_on.join(&node.past);
            }
            let own = |(_, node): &(usize, &Node)| node.operation.log == log;
            for (index, _) in self.nodes.iter().enumerate().filter(own) {
                if built_on.has(index) {
                    self.vouched.set(index);
                }
            }
        }
        lower
    }

    /// Takes note that an operation of this device, with this past, builds on operations that a fork had suspended.
    fn vouch(&mut self, device: DeviceId, past: &Bits) {
        let built_on = |index: &&usize| {
            past.has(**index)
                && self.nodes.get(**index).is_some_and(|node| node.operation.log.device != device)
        };
        let vouched: Vec<usize> = self.suspended.iter().filter(built_on).copied().collect();
        for index in &vouched {
            self.vouched.set(*index);
        }
        if !vouched.is_empty() {
            self.resolve_anew();
        }
    }

    /// Whether an operation is here with its whole past.
    pub fn knows(&self, id: &EntryId) -> bool {
        self.index.contains_key(id) || self.forgotten.contains_key(id)
    }

    /// How many operations are here with their whole past.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no operation.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The space, once its genesis is here.
    pub const fn space(&self) -> Option<SpaceId> {
        self.space
    }

    /// Operations that wait for their parents.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the past of `heads` (the heads included) has an operation.
    pub fn includes(&self, heads: &[EntryId], operation: &EntryId) -> bool {
        if heads.contains(operation) {
            return self.knows(operation);
        }
        let heads = self.places_of(heads);
        let included =
            |wanted: &usize| heads.iter().any(|head| head == wanted || self.index_before(*wanted, *head));
        match (self.index.get(operation), self.forgotten.get(operation)) {
            (Some(wanted), _) => included(wanted),
            (None, Some(forgotten)) => forgotten.knew.iter().all(included),
            (None, None) => false,
        }
    }

    /// Where operations are in the list; of forgotten ones, where what they knew is.
    fn places_of(&self, ids: &[EntryId]) -> BTreeSet<usize> {
        let mut places = BTreeSet::new();
        for id in ids {
            places.extend(self.index.get(id));
            places.extend(self.forgotten.get(id).into_iter().flat_map(|forgotten| &forgotten.knew));
        }
        places
    }

    /// One operation.
    pub fn operation(&self, id: &EntryId) -> Option<&VerifiedOperation> {
        self.index.get(id).and_then(|index| self.nodes.get(*index)).map(|node| &node.operation)
    }

    /// All operations, in an order in which parents come first.
    pub fn operations(&self) -> impl Iterator<Item = &VerifiedOperation> {
        self.nodes.iter().map(|node| &node.operation)
    }

    /// Who is in, by all operations that are here.
    pub fn state(&self) -> Arc<Membership> {
        if let Some(state) = &*self.current.borrow() {
            return Arc::clone(state);
        }
        let all = Bits::first(self.nodes.len());
        let state = Arc::new(self.fold(&all, &self.verdicts(&all)));
        *self.current.borrow_mut() = Some(Arc::clone(&state));
        state
    }

    /// Who was in, as somebody saw it who knew just these operations and their past. Unknown ones are passed over.
    pub fn state_at(&self, heads: &[EntryId]) -> Arc<Membership> {
        let past = self.closure(heads);
        if past.covers(&Bits::first(self.nodes.len())) {
            return self.state();
        }
        let mut key = heads.to_vec();
        key.sort_unstable();
        if let Some(known) = self.states.borrow().get(&key) {
            return Arc::clone(known);
        }
        let state = Arc::new(self.fold(&past, &self.verdicts(&past)));
        let mut states = self.states.borrow_mut();
        if states.len() >= STATES_MAX {
            states.pop_first();
        }
        states.insert(key, Arc::clone(&state));
        state
    }

    /// What a device might do, as somebody saw it who knew just these operations and their past, and which operations
    /// gave its person that role.
    pub(crate) fn role_at(&self, heads: &[EntryId], device: &DeviceId) -> Option<(Role, Vec<EntryId>)> {
        if let Some((_, then)) = self.roles.borrow().get(device).filter(|(asked, _)| asked == heads) {
            return then.clone();
        }
        let past = self.closure(heads);
        let view = View { resolver: self, past: &past, verdicts: &self.verdicts(&past) };
        let then = view.role_of(device).map(|role| (role, view.grants(device)));
        let mut roles = self.roles.borrow_mut();
        if roles.len() >= ROLES_MAX {
            roles.clear();
        }
        roles.insert(*device, (heads.to_vec(), then.clone()));
        then
    }

    /// These operations with their past.
    fn closure(&self, heads: &[EntryId]) -> Bits {
        let mut past = Bits::default();
        for head in self.places_of(heads) {
            past.set(head);
            if let Some(node) = self.nodes.get(head) {
                past.join(&node.past);
            }
        }
        past
    }

    fn fold(&self, past: &Bits, verdicts: &Verdicts) -> Membership {
        let mut state = Membership::default();
        for index in past.iter() {
            self.apply(&mut state, index, verdicts);
        }
        state
    }

    fn apply(&self, state: &mut Membership, index: usize, verdicts: &Verdicts) {
        let Some(node) = self.nodes.get(index) else { return };
        let counts = verdicts.void.get(&index).map_or(node.local, |reason| Err(*reason));
        fold::apply(state, node, counts, &|earlier| self.is_before(earlier, index));
    }

    /// Whether an operation by this device, made now with all that it can name of what is known here, would count.
    ///
    /// # Errors
    /// [`VoidReason`]: why it would not.
    pub fn would_count(
        &self,
        space: SpaceId,
        device: DeviceId,
        operation: &Operation,
    ) -> Result<(), VoidReason> {
        let probe = VerifiedOperation {
            id: EntryId::ZERO,
            space,
            log: LogId::membership(device),
            number: u64::MAX,
            parents: Vec::new(),
            operation: operation.clone(),
            cosignatures: Vec::new(),
        };
        let past = self.closure(&self.heads(&device));
        View { resolver: self, past: &past, verdicts: &self.verdicts(&past) }.entitled(&probe)
    }

    /// Settles an operation that waits, if its parents are here, and whatever waited for it.
    fn settle_from(&mut self, first: EntryId) -> bool {
        let mut settled = false;
        let mut ready = vec![first];
        while let Some(id) = ready.pop() {
            let Some(operation) = self.waiting.get(&id) else { continue };
            let missing = operation.parents.iter().find(|parent| !self.knows(parent)).copied();
            if let Some(parent) = missing {
                self.wanted.entry(parent).or_default().push(id);
            } else if self.make_room().is_err() {
                self.waiting.remove(&id);
            } else if let Some(operation) = self.waiting.remove(&id) {
                self.settle(operation);
                settled = true;
                ready.extend(self.wanted.remove(&id).unwrap_or_default());
            }
        }
        settled
    }

    /// Gives an operation its place.
    fn settle(&mut self, operation: VerifiedOperation) {
        self.roles.borrow_mut().clear();
        let (id, log, number) = (operation.id, operation.log, operation.number);
        let forgotten = operation.parents.iter().filter_map(|parent| self.forgotten.get(parent));
        let mut depth = forgotten.map(|forgotten| forgotten.depth + 1).max().unwrap_or(0);
        let named = self.places_of(&operation.parents);
        let mut past = Bits::default();
        for node in named.iter().filter_map(|parent| self.nodes.get(*parent)) {
            past.join(&node.past);
            depth = depth.max(node.depth + 1);
        }
        let parents: Vec<usize> = named.iter().filter(|parent| !past.has(**parent)).copied().collect();
        for parent in &parents {
            past.set(*parent);
        }
        self.vouch(log.device, &past);
        for parent in parents.iter().filter_map(|parent| self.nodes.get(*parent)) {
            self.heads.remove(&parent.operation.id);
        }
        self.heads.insert(id);
        self.index.insert(id, self.nodes.len());
        let node = self.judge(operation, depth, parents, past);
        self.place(node);
        self.carry_on();
        let twin = self.places.insert((log, number), id);
        if twin.is_some() {
            self.note_fork(log, number);
        }
    }

    /// What an operation was entitled to in its own past, and what it is there.
    fn judge(&self, operation: VerifiedOperation, depth: u64, parents: Vec<usize>, past: Bits) -> Node {
        let verdicts = self.verdicts(&past);
        let view = View { resolver: self, past: &past, verdicts: &verdicts };
        let forked = self.forks.get(&operation.log).is_some_and(|from| operation.number >= *from);
        let local = if forked && !self.vouched.has(self.nodes.len()) {
            Err(VoidReason::Fork)
        } else {
            view.entitled(&operation)
        };
        let (aim, rank) = (view.aim(&operation), view.rank_of(&operation.author()));
        let own = view.owner(&operation.author());
        let senior = view.senior_by(&operation.operation, (depth, operation.id));
        let needs = view.needs(&operation);
        Node { operation, depth, parents, past, local, needs, aim, own, rank, senior }
    }

    /// Puts an operation at the end of the list.
    fn place(&mut self, node: Node) {
        if node.local == Err(VoidReason::Fork) {
            self.suspended.insert(self.nodes.len());
        }
        self.nodes.push(node);
        self.known.add(&self.nodes);
    }

    /// Makes the state of everything out of the one before the newest operation, if that changes nothing about others.
    fn carry_on(&mut self) {
        let Some(mut state) = self.current.borrow_mut().take() else { return };
        let Some(newest) = self.nodes.len().checked_sub(1) else { return };
        if !self.hits_anything(newest) {
            let verdicts = self.verdicts(&Bits::first(self.nodes.len()));
            self.apply(Arc::make_mut(&mut state), newest, &verdicts);
            *self.current.borrow_mut() = Some(state);
        }
    }

    /// Everything again, after it was learned that a log forked, or that a forked one was built on.
    fn resolve_anew(&mut self) {
        self.states.borrow_mut().clear();
        self.roles.borrow_mut().clear();
        *self.current.borrow_mut() = None;
        *self.answers.borrow_mut() = Answers::default();
        self.suspended.clear();
        self.known = Index::default();
        for node in core::mem::take(&mut self.nodes) {
            let node = self.judge(node.operation, node.depth, node.parents, node.past);
            self.place(node);
        }
    }

    /// The state of everything, folded at once in order: what [`Self::state`] has to come to.
    #[cfg(test)]
    pub(super) fn flat(&self) -> Membership {
        let mut state = Membership::default();
        let all = Bits::first(self.nodes.len());
        let verdicts = self.decided_anew(&all);
        for index in self.in_order(&all) {
            self.apply(&mut state, index, &verdicts);
        }
        state
    }

    pub(crate) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    pub(crate) fn list(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn index_of(&self, id: &EntryId) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// Whether operation `earlier` is in the past of the operation at `index`.
    fn is_before(&self, earlier: &EntryId, index: usize) -> bool {
        self.index.get(earlier).is_some_and(|earlier| self.index_before(*earlier, index))
    }

    fn index_before(&self, earlier: usize, index: usize) -> bool {
        self.nodes.get(index).is_some_and(|node| node.past.has(earlier))
    }
}
