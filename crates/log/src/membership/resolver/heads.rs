//! What a new entry names of what is here.

use std::collections::BTreeSet;

use super::Resolver;
use crate::limits::MEMBERSHIP_HEADS_MAX;
use crate::membership::bits::Bits;
use crate::{DeviceId, EntryId, LogId};

impl Resolver {
    /// Operations that no other names: what a new entry of `author` names, in ascending order. Where there are more
    /// than an entry may name: those that know what let the author in, gave them their role and what they did last,
    /// then those that know operations that count (nobody crowds these out by operations that do not), then the
    /// greatest ids. An operation that names several brings them together.
    pub fn heads(&self, author: &DeviceId) -> Vec<EntryId> {
        if self.heads.len() <= MEMBERSHIP_HEADS_MAX {
            return self.heads.iter().copied().collect();
        }
        let mut named = BTreeSet::new();
        let mut known = Bits::default();
        let wanted = self.entitling(author).into_iter().chain(self.counting_tips());
        let rest = self.heads.iter().rev().filter_map(|head| self.index.get(head)).copied();
        for operation in wanted.chain(rest) {
            if named.len() == MEMBERSHIP_HEADS_MAX {
                break;
            }
            if known.has(operation) {
                continue;
            }
            let knows = |head: &&EntryId| {
                let head = self.index.get(*head).copied();
                head.is_some_and(|head| head == operation || self.index_before(operation, head))
            };
            let Some(head) = self.heads.iter().rev().find(knows) else { continue };
            if let Some(index) = self.index.get(head).copied()
                && let Some(node) = self.nodes.get(index)
            {
                known.join(&node.past);
                known.set(index);
                named.insert(*head);
            }
        }
        named.into_iter().collect()
    }

    /// What a device needs to be known with an entry of its own: its admission, its role, what it did last.
    fn entitling(&self, author: &DeviceId) -> Vec<usize> {
        let state = self.state();
        let member = state.member_of(author).and_then(|member| state.member(&member));
        let added = member.and_then(|member| member.devices.get(author)).map(|device| device.added_by);
        let role = member.and_then(|member| {
            member.role_by.iter().filter(|(_, role)| *role == member.role).map(|(by, _)| *by).max()
        });
        let log = LogId::membership(*author);
        let last = self.places.range((log, 0)..=(log, u64::MAX)).next_back().map(|(_, id)| *id);
        let needed = [member.map(|member| member.added_by), added, role, last];
        needed.iter().flatten().filter_map(|id| self.index.get(id)).copied().collect()
    }

    /// Operations that count and that no other one that counts knows, the greatest ids first.
    fn counting_tips(&self) -> Vec<usize> {
        let state = self.state();
        let mut known = Bits::default();
        let mut tips = Vec::new();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if state.void.contains_key(&node.operation.id) {
                continue;
            }
            if !known.has(index) {
                tips.push((node.operation.id, index));
            }
            known.join(&node.past);
        }
        tips.sort_unstable_by(|one, other| other.cmp(one));
        tips.into_iter().map(|(_, index)| index).collect()
    }
}
