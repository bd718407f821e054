//! Room for what counts: operations that do not count take none of it.
//!
//! Whoever was removed can go on signing operations as if they had not heard of it, under as many keys as they like.
//! None of that counts, and what does not count has no say in what does: a resolver comes to the same without it. So
//! void operations have a limit of their own, and beyond it most of them are forgotten, up to their place in the
//! history, which is needed to understand what builds on them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Forgotten, Resolver};
use crate::EntryId;
use crate::limits::{MEMBERSHIP_FORGOTTEN_MAX, MEMBERSHIP_OPERATIONS_MAX, MEMBERSHIP_VOID_MAX};
use crate::membership::bits::Bits;
use crate::membership::index::Index;
use crate::membership::verdict::Answers;
use crate::membership::verified::ResolverError;
use crate::membership::view::View;

impl Resolver {
    /// Makes room for one more operation.
    pub(super) fn make_room(&mut self) -> Result<(), ResolverError> {
        if self.nodes.len() < self.look_at {
            return Ok(());
        }
        let void = self.void();
        let counting = self.nodes.len() - void.len();
        if counting >= MEMBERSHIP_OPERATIONS_MAX {
            return Err(ResolverError::Full);
        }
        if void.len() >= MEMBERSHIP_VOID_MAX {
            // Half of them, so that this is not done again for each that comes.
            self.forget(&void.iter().skip(MEMBERSHIP_VOID_MAX / 2).copied().collect());
        }
        let left =
            (MEMBERSHIP_OPERATIONS_MAX - counting).min(MEMBERSHIP_VOID_MAX - (self.nodes.len() - counting));
        self.look_at = self.nodes.len() + left.max(1);
        Ok(())
    }

    /// Operations that do not count, in order.
    pub(crate) fn void(&self) -> Vec<usize> {
        let state = self.state();
        let mut void: Vec<_> = self.nodes.iter().enumerate().collect();
        void.retain(|(_, node)| state.void.contains_key(&node.operation.id));
        void.sort_by_key(|(_, node)| (node.depth, node.operation.id));
        void.into_iter().map(|(index, _)| index).collect()
    }

    /// Forgets operations that do not count: whichever in the order of [`Self::void`] come after those that stay, so
    /// that none stays whose author was entitled by one that is gone. What builds on them builds on what they knew.
    pub(crate) fn forget(&mut self, forgotten: &BTreeSet<usize>) {
        let mut moved: Vec<Option<usize>> = Vec::with_capacity(self.nodes.len());
        let mut kept = 0;
        for index in 0..self.nodes.len() {
            let stays = !forgotten.contains(&index);
            moved.push(stays.then_some(kept));
            kept += usize::from(stays);
        }
        let place = |index: usize| moved.get(index).copied().flatten();
        let mut gone = BTreeMap::new();
        for (index, mut node) in core::mem::take(&mut self.nodes).into_iter().enumerate() {
            let past: Bits = node.past.iter().filter_map(place).collect();
            if place(index).is_none() {
                let (id, depth, knew) = (node.operation.id, node.depth, self.newest(&past));
                gone.insert(index, (id, Forgotten { depth, knew }));
                continue;
            }
            let here: Option<Vec<usize>> = node.parents.iter().map(|parent| place(*parent)).collect();
            node.parents = here.unwrap_or_else(|| self.newest(&past));
            node.past = past;
            self.nodes.push(node);
        }
        // What was forgotten before may have known what is forgotten now.
        for known in self.forgotten.values_mut() {
            let places = |index: &usize| match (place(*index), gone.get(index)) {
                (Some(place), _) => vec![place],
                (None, Some((_, forgotten))) => forgotten.knew.clone(),
                (None, None) => Vec::new(),
            };
            let knew: BTreeSet<usize> = known.knew.iter().flat_map(places).collect();
            known.knew = knew.into_iter().collect();
        }
        self.forgotten.extend(gone.into_values());
        while self.forgotten.len() > MEMBERSHIP_FORGOTTEN_MAX {
            self.forgotten.pop_first();
        }
        self.vouched = self.vouched.iter().filter_map(place).collect();
        self.suspended = self.suspended.iter().filter_map(|index| place(*index)).collect();
        self.index_anew();
    }

    /// What of a past is in the past of nothing else in it.
    fn newest(&self, past: &Bits) -> Vec<usize> {
        let mut inner = Bits::default();
        for node in past.iter().filter_map(|index| self.nodes.get(index)) {
            inner.join(&node.past);
        }
        past.iter().filter(|index| !inner.has(*index)).collect()
    }

    /// Everything that follows from the list of operations.
    fn index_anew(&mut self) {
        self.states.borrow_mut().clear();
        self.roles.borrow_mut().clear();
        *self.current.borrow_mut() = None;
        *self.answers.borrow_mut() = Answers::default();
        self.known = Index::default();
        let mut inner = Bits::default();
        for (index, node) in self.nodes.iter().enumerate() {
            inner.join(&node.past);
            self.known.add(self.nodes.get(..=index).unwrap_or_default());
        }
        let ids: Vec<EntryId> = self.nodes.iter().map(|node| node.operation.id).collect();
        self.index = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let heads = ids.iter().enumerate().filter(|(index, _)| !inner.has(*index));
        self.heads = heads.map(|(_, id)| *id).collect();
        let place = |node: &super::Node| ((node.operation.log, node.operation.number), node.operation.id);
        self.places = self.nodes.iter().map(place).collect();
        for index in 0..self.nodes.len() {
            self.senior_anew(index);
        }
    }

    /// How senior an operation makes somebody, now that some before it never were: what its author was and did stays.
    fn senior_anew(&mut self, index: usize) {
        let Some(node) = self.nodes.get(index) else { return };
        let view = View { resolver: self, past: &node.past, verdicts: &self.verdicts(&node.past) };
        let senior = view.senior_by(&node.operation.operation, node.order());
        if let Some(node) = self.nodes.get_mut(index) {
            node.senior = senior;
        }
    }
}
