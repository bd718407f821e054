//! The resolver: a pure function from the set of operations to who is in.
//!
//! 1. An operation counts only if its author was entitled in the resolved state of its own past.
//! 2. Only a strictly senior admin removes or demotes an admin. Seniority: depth, then id, of what made them admin.
//! 3. Removals (and demotions) apply senior first. Operations of the target that did not know of the removal are
//!    void; whatever was entitled only through a void operation is void too, and so on.
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
//! Cost: an operation that knows everything extends the state of everything in place; one that knows less extends a
//! copy of a kept state; only where branches meet is the whole past folded again, and only when somebody asks.

mod forget;
mod heads;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bits::Bits;
use super::fold;
use super::operation::Operation;
use super::state::{Membership, Rank};
use super::verified::{ResolverError, VerifiedOperation, VoidReason};
use crate::limits::{MEMBERSHIP_LOG_OPERATIONS_MAX, MEMBERSHIP_WAITING_MAX};
use crate::{DeviceId, EntryId, LogId, SpaceId};

/// Along a straight history every so many operations a state is kept; between them it is folded from the last one.
const KEEP_EVERY: u64 = 64;

/// States that are kept at once. A state holds every member, so they are bounded; dropped ones are folded again.
const STATES_MAX: usize = 256;

pub(crate) struct Node {
    pub(crate) operation: VerifiedOperation,
    pub(crate) depth: u64,
    pub(crate) parents: Vec<usize>,
    /// Whether it was entitled in the resolved state of its own past.
    pub(crate) local: Result<(), VoidReason>,
    /// Whom it takes rights from.
    pub(crate) aim: Option<fold::Aim>,
    /// How senior its author was.
    pub(crate) rank: Rank,
    past: Bits,
}

/// What is left to do on the way from a kept state to a wanted one.
enum Step {
    /// One operation, which knows everything before it.
    Apply(usize),
    /// Operations that were made apart, each of which knows everything before all of them.
    Meet(Vec<usize>),
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
    /// The state of everything, once somebody has asked.
    current: RefCell<Option<Arc<Membership>>>,
    states: RefCell<BTreeMap<Vec<EntryId>, Arc<Membership>>>,
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
        let heads: Vec<usize> = self.heads.iter().filter_map(|head| self.index.get(head)).copied().collect();
        let state = self.resolve_maximal(&heads);
        *self.current.borrow_mut() = Some(Arc::clone(&state));
        state
    }

    /// Who was in, as somebody saw it who knew just these operations and their past. Unknown ones are passed over.
    pub fn state_at(&self, heads: &[EntryId]) -> Arc<Membership> {
        if self.heads.iter().all(|head| heads.contains(head)) {
            return self.state();
        }
        self.resolve(&self.places_of(heads))
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
        fold::entitled(&self.state_at(&self.heads(&device)), &probe)
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
        let (id, log, number) = (operation.id, operation.log, operation.number);
        let mut parents: Vec<usize> =
            operation.parents.iter().filter_map(|parent| self.index.get(parent)).copied().collect();
        let mut past = Bits::default();
        let mut depth = 0;
        let forgotten: Vec<&Forgotten> =
            operation.parents.iter().filter_map(|parent| self.forgotten.get(parent)).collect();
        if !forgotten.is_empty() {
            parents = self.maximal(&self.places_of(&operation.parents));
            depth = forgotten.iter().map(|forgotten| forgotten.depth + 1).max().unwrap_or(0);
        }
        for parent in &parents {
            if let Some(node) = self.nodes.get(*parent) {
                past.join(&node.past);
                past.set(*parent);
                depth = depth.max(node.depth + 1);
            }
        }
        self.vouch(log.device, &past);
        // An operation that knows everything that is here goes on from the state of everything, one that is next on a
        // branch from the state of the branch. Nobody else needs that state any more, so it is not copied.
        let is_head = |parent: &usize| {
            self.nodes.get(*parent).is_some_and(|node| self.heads.contains(&node.operation.id))
        };
        let follows = parents.iter().filter(|parent| is_head(parent)).count() == self.heads.len();
        let goes_on = matches!(parents.as_slice(), [parent] if is_head(parent)) && !follows;
        let before = if follows { self.state() } else { self.resolve(&parents.iter().copied().collect()) };
        *self.current.borrow_mut() = None;
        if goes_on {
            let key = self.key(&parents);
            self.states.borrow_mut().remove(&key);
        }
        let index = self.nodes.len();
        let local = self.local(&operation, index, &before);
        if local == Err(VoidReason::Fork) {
            self.suspended.insert(index);
        }
        let aim = fold::aim(&before, &operation);
        let rank = fold::rank(&before, &log.device);
        for parent in parents.iter().filter_map(|parent| self.nodes.get(*parent)) {
            self.heads.remove(&parent.operation.id);
        }
        self.heads.insert(id);
        self.index.insert(id, index);
        self.nodes.push(Node { operation, depth, parents, local, aim, rank, past });
        if follows {
            *self.current.borrow_mut() = Some(self.follow(index, before, false));
        } else if goes_on {
            self.follow(index, before, true);
        }
        let twin = self.places.insert((log, number), id);
        if twin.is_some() {
            self.note_fork(log, number);
        }
    }

    /// Makes the state after the newest operation out of the one `before` it, without a copy where nobody else
    /// holds that.
    fn follow(&self, index: usize, mut before: Arc<Membership>, keep: bool) -> Arc<Membership> {
        let Some(node) = self.nodes.get(index) else { return before };
        let state = Arc::make_mut(&mut before);
        fold::apply(state, node, node.local, &|earlier| self.is_before(earlier, index));
        if keep || node.depth % KEEP_EVERY == 0 {
            self.keep(vec![node.operation.id], &before);
        }
        before
    }

    fn local(
        &self,
        operation: &VerifiedOperation,
        index: usize,
        before: &Membership,
    ) -> Result<(), VoidReason> {
        let forked = self.forks.get(&operation.log).is_some_and(|from| operation.number >= *from);
        if forked && !self.vouched.has(index) {
            return Err(VoidReason::Fork);
        }
        fold::entitled(before, operation)
    }

    /// Everything again, after it was learned that a log forked, or that a forked one was built on.
    fn resolve_anew(&mut self) {
        self.states.borrow_mut().clear();
        *self.current.borrow_mut() = None;
        self.suspended.clear();
        for index in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(index) else { continue };
            let before = self.resolved_past(index);
            let local = self.local(&node.operation, index, &before);
            let aim = fold::aim(&before, &node.operation);
            let rank = fold::rank(&before, &node.operation.author());
            if local == Err(VoidReason::Fork) {
                self.suspended.insert(index);
            }
            if let Some(node) = self.nodes.get_mut(index) {
                node.local = local;
                node.aim = aim;
                node.rank = rank;
            }
        }
    }

    fn resolve(&self, heads: &BTreeSet<usize>) -> Arc<Membership> {
        self.resolve_maximal(&self.maximal(heads))
    }

    /// Those of some operations that are not in the past of another.
    fn maximal(&self, heads: &BTreeSet<usize>) -> Vec<usize> {
        let inner = |head: &usize| heads.iter().any(|other| self.index_before(*head, *other));
        heads.iter().filter(|head| !inner(head)).copied().collect()
    }

    /// The state where these operations meet, none of which is in the past of another.
    fn resolve_maximal(&self, maximal: &[usize]) -> Arc<Membership> {
        let key = self.key(maximal);
        if let Some(known) = self.states.borrow().get(&key) {
            return Arc::clone(known);
        }
        let state = Arc::new(self.compute(maximal));
        self.keep(key, &state);
        state
    }

    fn key(&self, heads: &[usize]) -> Vec<EntryId> {
        let mut key: Vec<EntryId> =
            heads.iter().filter_map(|head| self.nodes.get(*head)).map(|node| node.operation.id).collect();
        key.sort_unstable();
        key
    }

    fn keep(&self, key: Vec<EntryId>, state: &Arc<Membership>) {
        let mut states = self.states.borrow_mut();
        if states.len() >= STATES_MAX {
            states.pop_first();
        }
        states.insert(key, Arc::clone(state));
    }

    /// Walks back to the nearest kept state and comes forward again, without recursion: a long history must not fill
    /// the stack.
    fn compute(&self, heads: &[usize]) -> Membership {
        let mut steps = Vec::new();
        let mut at = heads.to_vec();
        let mut state = loop {
            if let Some(kept) = self.states.borrow().get(&self.key(&at)) {
                break Membership::clone(kept);
            }
            at = match at.as_slice() {
                [] => break Membership::default(),
                [tip] => {
                    steps.push(Step::Apply(*tip));
                    let parents = self.nodes.get(*tip).map(|node| node.parents.iter().copied().collect());
                    self.maximal(&parents.unwrap_or_default())
                }
                several => {
                    let (apart, known) = self.cut(several);
                    steps.push(Step::Meet(apart));
                    known
                }
            };
        };
        while let Some(step) = steps.pop() {
            match step {
                Step::Apply(index) => {
                    if let Some(node) = self.nodes.get(index) {
                        fold::apply(&mut state, node, node.local, &|earlier| self.is_before(earlier, index));
                    }
                }
                Step::Meet(order) => state = fold::resolve(self, &state, &order),
            }
        }
        state
    }

    /// Divides the past of several heads: into what every later operation of it knows, by its heads, and the rest, in
    /// order. Whoever is in the rest knew all of the known part, so nothing that they did is apart from it and nothing
    /// in it is decided anew.
    fn cut(&self, heads: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut apart = Bits::default();
        let mut known: Option<Bits> = None;
        for head in heads {
            let Some(node) = self.nodes.get(*head) else { continue };
            let mut whole = node.past.clone();
            whole.set(*head);
            apart.join(&whole);
            match &mut known {
                Some(known) => known.keep(&whole),
                None => known = Some(whole),
            }
        }
        let mut known = known.unwrap_or_default();
        apart.remove(&known);
        let mut fresh: Vec<usize> = apart.iter().collect();
        let mut rest = fresh.clone();
        while !fresh.is_empty() {
            let mut left_out = known.clone();
            for node in fresh.iter().filter_map(|index| self.nodes.get(*index)) {
                known.keep(&node.past);
            }
            left_out.remove(&known);
            fresh = left_out.iter().collect();
            rest.extend(&fresh);
        }
        rest.sort_by_key(|index| self.nodes.get(*index).map(|node| (node.depth, node.operation.id)));
        // Whatever is newest in the known part, somebody in the rest names.
        let named = rest.iter().filter_map(|index| self.nodes.get(*index)).flat_map(|node| &node.parents);
        let named: BTreeSet<usize> = named.filter(|parent| known.has(**parent)).copied().collect();
        (rest, self.maximal(&named))
    }

    /// The state of everything, folded at once: what [`Self::state`] has to come to.
    #[cfg(test)]
    pub(super) fn flat(&self) -> Membership {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|index| self.nodes.get(*index).map(|node| (node.depth, node.operation.id)));
        fold::resolve(self, &Membership::default(), &order)
    }

    pub(crate) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    pub(crate) fn index_of(&self, id: &EntryId) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub(crate) fn resolved_past(&self, index: usize) -> Arc<Membership> {
        let parents =
            self.nodes.get(index).map(|node| node.parents.iter().copied().collect()).unwrap_or_default();
        self.resolve(&parents)
    }

    /// Whether operation `earlier` is in the past of the operation at `index`.
    pub(crate) fn is_before(&self, earlier: &EntryId, index: usize) -> bool {
        let Some(earlier) = self.index.get(earlier) else { return false };
        self.nodes.get(index).is_some_and(|node| node.past.has(*earlier))
    }

    /// Whether any of these operations is in the past of the one at `index`.
    pub(crate) fn any_before(&self, earlier: &Bits, index: usize) -> bool {
        self.nodes.get(index).is_some_and(|node| node.past.meets(earlier))
    }

    pub(crate) fn index_before(&self, earlier: usize, index: usize) -> bool {
        self.nodes.get(index).is_some_and(|node| node.past.has(earlier))
    }
}
