//! Rule 3: what operations that were made apart make of each other.
//!
//! Nearly always nothing: an operation that is entitled in its own past counts. Only where somebody was removed or
//! demoted, or a device was claimed twice, and the other side acted without knowing, something is decided here; and
//! only about operations that do not know all of it. The others were judged with that in their past.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::bits::Bits;
use super::operation::{Operation, Target};
use super::resolver::Resolver;
use super::verified::VoidReason;
use super::view::View;
use crate::DeviceId;

/// Answers that are kept: one for each branch that goes on, of which there are rarely more than two.
const ANSWERS_MAX: usize = 8;

/// What does not count in a set of operations, beside what its own past alone makes void.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) void: BTreeMap<usize, VoidReason>,
    /// The same, to compare with pasts.
    marked: Bits,
    /// Operations that do not know everything that is decided here.
    pub(crate) unsettled: BTreeSet<usize>,
}

impl Verdicts {
    pub(crate) fn is_void(&self, index: usize) -> bool {
        self.marked.has(index)
    }

    pub(crate) fn take_void_from(&self, operations: &mut Bits) {
        operations.remove(&self.marked);
    }

    fn set_void(&mut self, index: usize, reason: VoidReason) {
        self.void.insert(index, reason);
        self.marked.set(index);
    }

    fn set_counting(&mut self, index: usize) {
        self.void.remove(&index);
        self.marked.unset(index);
    }
}

/// What was decided about a set of operations, so that it serves for more of the same history.
struct Answer {
    past: Bits,
    /// How many conflicts there are in it.
    conflicts: u64,
    parties: Bits,
    verdicts: Arc<Verdicts>,
}

/// Answers, the newest last.
#[derive(Default)]
pub(crate) struct Answers(VecDeque<Answer>);

/// The rules' rounds over one set of operations.
struct Round<'a> {
    resolver: &'a Resolver,
    past: &'a Bits,
    /// What is decided, by order.
    order: &'a [usize],
    verdicts: Verdicts,
    /// What follows from these stands; what is void only through others may come back when others turn out void.
    settled: BTreeSet<usize>,
}

impl Resolver {
    /// What does not count in a set of operations that has the past of each, and whether that is as it was decided for
    /// a part of them.
    pub(crate) fn verdicts(&self, past: &Bits) -> (Arc<Verdicts>, bool) {
        let conflicts = self.conflicts_in(past);
        if conflicts == 0 {
            return (Arc::default(), true);
        }
        let mut answers = self.answers.borrow_mut();
        let serves = |answer: &Answer| self.serves(answer, past, conflicts);
        let known = answers.0.iter().rposition(serves).and_then(|at| answers.0.remove(at));
        let as_before = known.is_some();
        let mut answer = known.unwrap_or_else(|| self.decide(past));
        self.extend(&mut answer, past);
        answer.conflicts = conflicts;
        let verdicts = Arc::clone(&answer.verdicts);
        answers.0.push_back(answer);
        if answers.0.len() > ANSWERS_MAX {
            answers.0.pop_front();
        }
        (verdicts, as_before)
    }

    #[cfg(test)]
    pub(super) fn decided_anew(&self, past: &Bits) -> Arc<Verdicts> {
        if self.conflicts_in(past) == 0 { Arc::default() } else { self.decide(past).verdicts }
    }

    fn conflicts_in(&self, past: &Bits) -> u64 {
        self.takers_in(past).map(|(_, hits)| past.shared(hits)).sum()
    }

    /// Operations of a past that take rights or claim a device, with what they may make void, where any of that is in
    /// the past too.
    fn takers_in(&self, past: &Bits) -> impl Iterator<Item = (usize, &Bits)> {
        let conflicts = self.known.conflicts.iter().map(|(taker, hits)| (*taker, hits));
        conflicts.filter(move |(taker, hits)| past.has(*taker) && past.meets(hits))
    }

    /// Whether an answer can be carried on to a longer past: nothing that is new there makes anything void, and new
    /// conflicts are just about what somebody who had been removed went on doing, other than adding devices.
    fn serves(&self, answer: &Answer, past: &Bits, conflicts: u64) -> bool {
        if answer.conflicts > conflicts || !past.covers(&answer.past) {
            return false;
        }
        let mut new = past.clone();
        new.remove(&answer.past);
        let mut found = answer.conflicts;
        for (taker, hits) in self.takers_in(past) {
            let hits_new = new.shared(hits);
            if hits_new == 0 {
                continue;
            }
            let claims = self.node(taker).is_none_or(|node| node.aim.is_none());
            let mut hits = new.iter().filter(|index| hits.has(*index));
            let adds_device = hits.any(|hit| {
                let operation = self.node(hit).map(|node| &node.operation.operation);
                matches!(operation, Some(Operation::AddDevice { .. }))
            });
            if claims || adds_device || new.has(taker) {
                return false;
            }
            found += hits_new;
        }
        found == conflicts
    }

    /// Goes on from an answer to a longer past that it serves.
    fn extend(&self, answer: &mut Answer, past: &Bits) {
        let mut new = past.clone();
        new.remove(&answer.past);
        answer.past = past.clone();
        let order = self.in_order(&new);
        if order.is_empty() {
            return;
        }
        let takers = self.takers_in_order(past);
        answer.parties = takers.iter().copied().collect();
        for index in order {
            let Some(node) = self.node(index).filter(|node| node.local.is_ok()) else { continue };
            let hit_by = takers.iter().find(|taker| {
                let verdicts = &answer.verdicts;
                !verdicts.is_void(**taker) && self.hits(**taker, index, past, verdicts)
            });
            if let Some(by) = hit_by.and_then(|taker| self.node(*taker)) {
                let reason = VoidReason::AuthorRemoved { by: by.operation.id };
                Arc::make_mut(&mut answer.verdicts).set_void(index, reason);
            }
            if node.past.covers(&answer.parties) {
                continue;
            }
            let verdicts = Arc::make_mut(&mut answer.verdicts);
            verdicts.unsettled.insert(index);
            let concerned = !verdicts.is_void(index) && node.past.meets(&verdicts.marked);
            let view = View { resolver: self, past: &node.past, verdicts };
            if concerned && view.entitled_still(&node.operation).is_err() {
                verdicts.set_void(index, VoidReason::Cascade);
            }
        }
    }

    /// Takers with something to hit, the strongest first.
    fn takers_in_order(&self, past: &Bits) -> Vec<usize> {
        let takers = self.takers_in(past);
        let mut takers: Vec<_> =
            takers.filter_map(|(taker, _)| Some((self.node(taker)?.strength(), taker))).collect();
        takers.sort_unstable();
        takers.into_iter().map(|(_, taker)| taker).collect()
    }

    /// Whether a reduction that counts makes an operation void.
    fn hits(&self, taker: usize, hit: usize, past: &Bits, verdicts: &Verdicts) -> bool {
        self.known.conflicts.get(&taker).is_some_and(|hits| hits.has(hit))
            && self
                .node(hit)
                .is_some_and(|node| self.aimed_at(taker, past, verdicts).contains(&node.operation.author()))
    }

    fn decide(&self, past: &Bits) -> Answer {
        let takers = self.takers_in_order(past);
        let parties: Bits = takers.iter().copied().collect();
        let mut order = self.in_order(past);
        order.retain(|index| {
            self.node(*index).is_some_and(|node| node.local.is_ok() && !node.past.covers(&parties))
        });
        // Some had voided something before they turned out void themselves: begin again without them, so that nothing
        // is void through what does not count. Every round adds one, so it ends.
        let mut refuted: BTreeMap<usize, VoidReason> = BTreeMap::new();
        let verdicts = loop {
            let mut round = Round::begin(self, past, &order);
            let effective = round.run(&takers, &refuted);
            let void = &round.verdicts.void;
            match effective.iter().find_map(|index| void.get(index).map(|reason| (*index, *reason))) {
                Some((index, reason)) => refuted.insert(index, reason),
                None => break round.verdicts,
            };
        };
        Answer {
            past: past.clone(),
            conflicts: self.conflicts_in(past),
            parties,
            verdicts: Arc::new(verdicts),
        }
    }

    /// The devices of the target of a reduction: those that its author knew, and those that were added apart by what
    /// counts. Whoever is no admin takes rights from their own devices only, and a claim that does not count makes
    /// none.
    fn aimed_at(&self, reduction: usize, past: &Bits, verdicts: &Verdicts) -> BTreeSet<DeviceId> {
        let Some(node) = self.node(reduction) else { return BTreeSet::new() };
        let Some(aim) = &node.aim else { return BTreeSet::new() };
        let counts = |by: &usize| !verdicts.is_void(*by);
        let known = aim
            .devices
            .iter()
            .filter(|(_, by)| node.is_by_admin() || self.index_of(by).is_some_and(|by| counts(&by)));
        let mut devices: BTreeSet<DeviceId> = known.map(|(device, _)| *device).collect();
        if let Target::Member(member) = aim.target {
            let added = self.known.person(&member).into_iter().flat_map(|person| &person.devices);
            let added = added.filter(|by| past.has(**by) && counts(by));
            devices.extend(added.filter_map(|by| match &self.node(*by)?.operation.operation {
                Operation::AddDevice { device, .. } => Some(*device),
                _ => None,
            }));
        }
        devices
    }

    /// Operations by depth, then id.
    pub(super) fn in_order(&self, operations: &Bits) -> Vec<usize> {
        let mut order: Vec<usize> = operations.iter().collect();
        order.sort_by_cached_key(|index| self.node(*index).map(super::resolver::Node::order));
        order
    }
}

impl<'a> Round<'a> {
    fn begin(resolver: &'a Resolver, past: &'a Bits, order: &'a [usize]) -> Self {
        let verdicts = Verdicts { unsettled: order.iter().copied().collect(), ..Verdicts::default() };
        Self { resolver, past, order, verdicts, settled: BTreeSet::new() }
    }

    /// Lets the takers act, the strongest first, and answers which of them took effect on the way.
    fn run(&mut self, takers: &[usize], refuted: &BTreeMap<usize, VoidReason>) -> Vec<usize> {
        for (index, reason) in refuted {
            self.verdicts.set_void(*index, *reason);
            self.settled.insert(*index);
        }
        let seeds: Vec<usize> = refuted.keys().copied().collect();
        self.cascade(&seeds);
        let mut effective = Vec::new();
        let mut pending: Vec<usize> = takers.to_vec();
        pending.retain(|taker| !self.settled.contains(taker));
        while let Some(at) = pending.iter().position(|taker| !self.verdicts.is_void(*taker)) {
            let taker = pending.remove(at);
            let Some((reason, hits)) = self.void_by(taker) else { continue };
            let new: Vec<usize> = hits.into_iter().filter(|index| self.settled.insert(*index)).collect();
            for index in &new {
                self.verdicts.set_void(*index, reason);
            }
            if !new.is_empty() {
                effective.push(taker);
                self.cascade(&new);
            }
        }
        effective
    }

    /// What becomes void by a taker that counts, and why.
    fn void_by(&self, taker: usize) -> Option<(VoidReason, Vec<usize>)> {
        let node = self.resolver.node(taker)?;
        let by = node.operation.id;
        let mut hits = self.resolver.known.conflicts.get(&taker)?.clone();
        hits.keep(self.past);
        let mut hits: Vec<usize> = hits.iter().collect();
        if node.aim.is_none() {
            return Some((VoidReason::DeviceClaimed { by }, hits));
        }
        let devices = self.resolver.aimed_at(taker, self.past, &self.verdicts);
        hits.retain(|hit| {
            self.resolver.node(*hit).is_some_and(|hit| devices.contains(&hit.operation.author()))
        });
        Some((VoidReason::AuthorRemoved { by }, hits))
    }

    /// Voids whatever was entitled only through `seeds`, which have become void, or through what is void because of
    /// them, and takes back what was void only because something now void still counted. One pass in order is enough:
    /// entitlement comes from the past, and the past comes first. What has nothing changed in its past stays as it was,
    /// and so do the settled ones.
    fn cascade(&mut self, seeds: &[usize]) {
        if seeds.is_empty() {
            return;
        }
        let mut changed: Bits = seeds.iter().copied().collect();
        for index in self.order {
            let Some(node) = self.resolver.node(*index) else { continue };
            if self.settled.contains(index) || !node.past.meets(&changed) {
                continue;
            }
            let view = View { resolver: self.resolver, past: &node.past, verdicts: &self.verdicts };
            let counts = view.entitled_still(&node.operation).is_ok();
            if counts == self.verdicts.is_void(*index) {
                changed.set(*index);
                if counts {
                    self.verdicts.set_counting(*index);
                } else {
                    self.verdicts.set_void(*index, VoidReason::Cascade);
                }
            }
        }
    }
}
