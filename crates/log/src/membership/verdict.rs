//! Rule 3: what operations that were made apart make of each other.
//!
//! Nearly always nothing: an operation that is entitled in its own past counts. Only where somebody was removed or
//! demoted, or a device was claimed twice, and the other side acted without knowing, something is decided here; and
//! only about operations that do not know all of it. The others were judged with that in their past.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::bits::Bits;
use super::resolver::Resolver;
use super::verified::VoidReason;
use super::view::View;

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

    /// Whether an answer can be carried on to a longer past: nothing that is new there makes anything void, so new
    /// conflicts are just about what somebody who had been removed went on doing.
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
            if new.has(taker) {
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
                !verdicts.is_void(**taker) && self.hits(**taker).is_some_and(|hits| hits.has(index))
            });
            if let Some(reason) = hit_by.and_then(|taker| self.reason(*taker)) {
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

    fn hits(&self, taker: usize) -> Option<&Bits> {
        self.known.conflicts.get(&taker)
    }

    /// Why something is void that a taker makes void.
    fn reason(&self, taker: usize) -> Option<VoidReason> {
        let node = self.node(taker)?;
        let by = node.operation.id;
        let reduces = node.aim.is_some();
        Some(if reduces { VoidReason::AuthorRemoved { by } } else { VoidReason::DeviceClaimed { by } })
    }

    fn decide(&self, past: &Bits) -> Answer {
        let takers = self.takers_in_order(past);
        let parties: Bits = takers.iter().copied().collect();
        let mut order = self.in_order(past);
        order.retain(|index| {
            self.node(*index).is_some_and(|node| node.local.is_ok() && !node.past.covers(&parties))
        });
        // Some had voided something before they turned out void themselves: begin again without them, so that nothing
        // is void through what does not count. The last of them first: what made that one void acted later and counts,
        // while what made an earlier one void may be void itself. Every round adds one, so it ends.
        let mut refuted: BTreeMap<usize, VoidReason> = BTreeMap::new();
        let verdicts = loop {
            let mut round = Round::begin(self, past, &order);
            let effective = round.run(&takers, &refuted);
            let void = &round.verdicts.void;
            match effective.iter().rev().find_map(|index| void.get(index).map(|reason| (*index, *reason))) {
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
            let Some((reason, hits)) = self.resolver.reason(taker).zip(self.resolver.hits(taker)) else {
                continue;
            };
            let mut hits = hits.clone();
            hits.keep(self.past);
            let new: Vec<usize> = hits.iter().filter(|index| self.settled.insert(*index)).collect();
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
