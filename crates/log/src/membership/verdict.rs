//! Rule 3: what operations that were made apart make of each other.
//!
//! Nearly always nothing: an operation that is entitled in its own past counts. Only where somebody was removed or
//! demoted, or a device was claimed twice, and the other side acted without knowing, something is decided here; and
//! only about operations that do not know all of it. The others were judged with that in their past.
//!
//! What becomes of an operation follows from what becomes of the takers that hit it and of what concerns it in its past,
//! and from nothing else. So a set that has both of each of its operations comes to the same within any larger one: an
//! answer for part of a history can be carried on, and whoever knew all takers was judged for good by their own past.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::bits::Bits;
use super::resolver::{Node, Resolver};
use super::verified::VoidReason;
use super::view::View;

/// Answers that are kept: one for each branch that goes on, of which there are rarely more than two.
const ANSWERS_MAX: usize = 8;

/// Open operations of which every fate is tried, to see whether one that they concern counts in any case: twice as many
/// cases for each more.
const DOUBTS_MAX: usize = 4;

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

    /// For a question, takes an operation as void or not.
    fn suppose(&mut self, index: usize, void: bool) {
        if void { self.marked.set(index) } else { self.marked.unset(index) }
    }

    fn set_void(&mut self, index: usize, reason: VoidReason) {
        self.void.insert(index, reason);
        self.marked.set(index);
    }
}

/// What was decided about a set of operations, so that it serves for more of the same history.
struct Answer {
    past: Bits,
    verdicts: Arc<Verdicts>,
}

/// Answers, the newest last.
#[derive(Default)]
pub(crate) struct Answers(VecDeque<Answer>);

impl Resolver {
    /// What does not count in a set of operations that has the past of each.
    pub(crate) fn verdicts(&self, past: &Bits) -> Arc<Verdicts> {
        let takers = self.takers_in(past);
        if takers.is_empty() {
            return Arc::default();
        }
        let mut answers = self.answers.borrow_mut();
        // Nothing that is new hits anything: what was decided stands.
        let serves =
            |answer: &Answer| past.covers(&answer.past) && takers.iter().all(|taker| answer.past.has(*taker));
        let known = answers.0.iter().rposition(serves).and_then(|at| answers.0.remove(at));
        let mut answer = known.unwrap_or_else(|| Answer {
            past: past.clone(),
            verdicts: Arc::new(Decision::of(self, past, &takers).verdicts),
        });
        self.extend(&mut answer, past, &takers);
        let verdicts = Arc::clone(&answer.verdicts);
        answers.0.push_back(answer);
        if answers.0.len() > ANSWERS_MAX {
            answers.0.pop_front();
        }
        verdicts
    }

    #[cfg(test)]
    pub(super) fn decided_anew(&self, past: &Bits) -> Verdicts {
        Decision::of(self, past, &self.takers_in(past)).verdicts
    }

    /// Whether an operation makes others void that were here before it.
    pub(crate) fn hits_anything(&self, taker: usize) -> bool {
        self.known.conflicts.contains_key(&taker)
    }

    /// Operations of a past that make others in it void where they count, the strongest first.
    fn takers_in(&self, past: &Bits) -> Vec<usize> {
        let conflicts = self.known.conflicts.iter();
        let here = conflicts.filter(|(taker, hits)| past.has(**taker) && past.meets(hits));
        let mut takers: Vec<_> =
            here.filter_map(|(taker, _)| Some((self.node(*taker)?.strength(), *taker))).collect();
        takers.sort_unstable();
        takers.into_iter().map(|(_, taker)| taker).collect()
    }

    /// Goes on from an answer to a longer past in which no new operation hits anything.
    fn extend(&self, answer: &mut Answer, past: &Bits, takers: &[usize]) {
        let mut new = past.clone();
        new.remove(&answer.past);
        answer.past = past.clone();
        for index in self.in_order(&new) {
            let Some(node) = self.node(index).filter(|node| node.local.is_ok()) else { continue };
            if takers.iter().all(|taker| node.past.has(*taker)) {
                continue;
            }
            let verdicts = Arc::make_mut(&mut answer.verdicts);
            verdicts.unsettled.insert(index);
            let mut hit_by = takers.iter().filter(|taker| self.is_hit_by(index, **taker));
            let hit_by =
                hit_by.find(|taker| !verdicts.is_void(**taker)).and_then(|taker| self.reason(*taker));
            let view = View { resolver: self, past: &node.past, verdicts };
            if let Some(reason) = hit_by {
                verdicts.set_void(index, reason);
            } else if view.entitled_still(node).is_err() {
                verdicts.set_void(index, VoidReason::Cascade);
            }
        }
    }

    fn is_hit_by(&self, index: usize, taker: usize) -> bool {
        self.known.conflicts.get(&taker).is_some_and(|hits| hits.has(index))
    }

    /// Why something is void that a taker makes void.
    fn reason(&self, taker: usize) -> Option<VoidReason> {
        let node = self.node(taker)?;
        let by = node.operation.id;
        let reduces = node.aim.is_some();
        Some(if reduces { VoidReason::AuthorRemoved { by } } else { VoidReason::DeviceClaimed { by } })
    }

    fn concerning(&self, node: &Node) -> Vec<usize> {
        self.known.concerning(self.list(), node)
    }

    /// Operations by depth, then id.
    pub(super) fn in_order(&self, operations: &Bits) -> Vec<usize> {
        let mut order: Vec<usize> = operations.iter().collect();
        order.sort_by_cached_key(|index| self.node(*index).map(Node::order));
        order
    }
}

/// Deciding about one set of operations.
struct Decision<'a> {
    resolver: &'a Resolver,
    verdicts: Verdicts,
    /// By order: what does not know all takers and is not decided yet.
    left: Vec<usize>,
    /// The same, to compare with pasts.
    open: Bits,
    /// For an operation the takers that hit it, the strongest first.
    hit_by: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Decision<'a> {
    fn of(resolver: &'a Resolver, past: &Bits, takers: &[usize]) -> Self {
        let mut left = resolver.in_order(past);
        left.retain(|index| {
            resolver
                .node(*index)
                .is_some_and(|node| node.local.is_ok() && !takers.iter().all(|taker| node.past.has(*taker)))
        });
        let mut hit_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for taker in takers {
            let mut hits = resolver.known.conflicts.get(taker).cloned().unwrap_or_default();
            hits.keep(past);
            for hit in hits.iter() {
                hit_by.entry(hit).or_default().push(*taker);
            }
        }
        let verdicts = Verdicts { unsettled: left.iter().copied().collect(), ..Verdicts::default() };
        let open = left.iter().copied().collect();
        let mut decision = Self { resolver, verdicts, left, open, hit_by };
        while !decision.left.is_empty() {
            if !decision.follow() {
                decision.break_rings();
            }
        }
        decision.give_reasons();
        decision
    }

    /// Decides what follows from what is decided, and answers whether anything did.
    fn follow(&mut self) -> bool {
        let before = self.left.len();
        for index in core::mem::take(&mut self.left) {
            match self.fate(index) {
                Some(counts) => self.decide(index, counts),
                None => self.left.push(index),
            }
        }
        self.left.len() < before
    }

    /// Whether an operation counts, if that is clear.
    fn fate(&self, index: usize) -> Option<bool> {
        let node = self.resolver.node(index)?;
        let takers = self.hit_by.get(&index).map(Vec::as_slice).unwrap_or_default();
        if takers.iter().any(|taker| !self.open.has(*taker) && !self.verdicts.is_void(*taker)) {
            return Some(false);
        }
        let concerning = self.resolver.concerning(node);
        if concerning.iter().any(|earlier| self.open.has(*earlier)) {
            return None;
        }
        match self.is_entitled(node) {
            true if takers.iter().any(|taker| self.open.has(*taker)) => None,
            entitled => Some(entitled),
        }
    }

    /// Whether the author of an operation is entitled to it still, by what is decided about what concerns it. (Something
    /// void may count again, so it is asked even where nothing of that is void.)
    fn is_entitled(&self, node: &Node) -> bool {
        let view = View { resolver: self.resolver, past: &node.past, verdicts: &self.verdicts };
        view.entitled_still(node).is_ok()
    }

    fn decide(&mut self, index: usize, counts: bool) {
        self.open.unset(index);
        if !counts {
            self.verdicts.set_void(index, VoidReason::Cascade);
        }
    }

    /// Where operations wait for each other in a ring, and for nothing else: the strongest whose right does not depend on
    /// what is open counts, whatever hits it. (There is one: the first in order waits for takers only, and is entitled,
    /// else it would be decided.)
    fn break_rings(&mut self) {
        for ring in self.rings() {
            let mut strongest_first: Vec<_> = ring
                .iter()
                .filter_map(|index| Some((self.resolver.node(*index)?.strength(), *index)))
                .collect();
            strongest_first.sort_unstable();
            if let Some((_, index)) = strongest_first.into_iter().find(|(_, index)| self.is_sure(*index)) {
                self.decide(index, true);
                self.left.retain(|other| *other != index);
            }
        }
    }

    /// Whether an author is entitled whatever becomes of what is open and concerns the operation.
    fn is_sure(&mut self, index: usize) -> bool {
        let Some(node) = self.resolver.node(index) else { return false };
        let concerning = self.resolver.concerning(node);
        let open: Vec<usize> =
            concerning.iter().filter(|earlier| self.open.has(**earlier)).copied().collect();
        if open.len() > DOUBTS_MAX {
            return false;
        }
        let cases = 1_usize << open.len();
        let sure = (0..cases).all(|case| {
            for (bit, earlier) in open.iter().enumerate() {
                self.verdicts.suppose(*earlier, case & (1 << bit) != 0);
            }
            self.is_entitled(node)
        });
        for earlier in open {
            self.verdicts.suppose(earlier, false);
        }
        sure
    }

    /// What an open operation waits for.
    fn waits_for(&self, index: usize) -> Vec<usize> {
        let Some(node) = self.resolver.node(index) else { return Vec::new() };
        let mut waits = self.resolver.concerning(node);
        waits.extend(self.hit_by.get(&index).into_iter().flatten());
        waits.retain(|earlier| self.open.has(*earlier));
        waits
    }

    /// Sets of open operations that wait for each other and for no other: the last components of the graph of what
    /// waits for what (Tarjan's way, without recursion: a long history must not fill the stack).
    fn rings(&self) -> Vec<Vec<usize>> {
        let mut rings = Vec::new();
        // When an operation was met, the earliest that it leads back to, and whether its component is done.
        let mut met: BTreeMap<usize, (usize, usize, bool)> = BTreeMap::new();
        let mut component = Vec::new();
        for start in &self.left {
            if met.contains_key(start) {
                continue;
            }
            let mut walk = Vec::new();
            let enter = |index: usize, met: &mut BTreeMap<usize, (usize, usize, bool)>| {
                met.insert(index, (met.len(), met.len(), false));
                (index, self.waits_for(index), false)
            };
            component.push(*start);
            walk.push(enter(*start, &mut met));
            while let Some((index, left, leads_out)) = walk.last_mut() {
                let index = *index;
                if let Some(next) = left.pop() {
                    match met.get(&next).copied() {
                        None => {
                            component.push(next);
                            let entered = enter(next, &mut met);
                            walk.push(entered);
                        }
                        Some((_, _, true)) => *leads_out = true,
                        Some((at, _, false)) => {
                            met.entry(index).and_modify(|(_, back, _)| *back = at.min(*back));
                        }
                    }
                    continue;
                }
                let leads_out = *leads_out;
                walk.pop();
                let Some((at, back, _)) = met.get(&index).copied() else { continue };
                let closes = at == back;
                if let Some((above, _, above_leads_out)) = walk.last_mut() {
                    *above_leads_out |= leads_out || closes;
                    met.entry(*above).and_modify(|(_, to, _)| *to = back.min(*to));
                }
                if closes {
                    let from = component.iter().rposition(|other| *other == index).unwrap_or_default();
                    let members = component.split_off(from);
                    for member in &members {
                        met.entry(*member).and_modify(|(_, _, done)| *done = true);
                    }
                    if !leads_out {
                        rings.push(members);
                    }
                }
            }
        }
        rings
    }

    /// Of what is hit: by the strongest that counts.
    fn give_reasons(&mut self) {
        for (index, takers) in &self.hit_by {
            let counting = takers.iter().find(|taker| !self.verdicts.is_void(**taker));
            if let Some(reason) = counting.and_then(|taker| self.resolver.reason(*taker))
                && self.verdicts.is_void(*index)
            {
                self.verdicts.set_void(*index, reason);
            }
        }
    }
}
