//! What the views of things show of other things, so that a change names everything that looks different.
//!
//! It is worked out when a view first asks for it and kept in step from then on. Until then nobody has seen anything
//! that it is needed for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

mod board;
mod plan;

pub(crate) use board::BoardLinks;
pub(crate) use plan::PlanLinks;

/// What views show of other things.
#[derive(Default)]
pub(crate) struct Links {
    board: OnceLock<BoardLinks>,
    plan: OnceLock<PlanLinks>,
}

impl Links {
    /// Looks at changed things again. Answers whose views look different by that.
    fn renew(&mut self, workspace: &Workspace, entities: &[EntityRef]) -> BTreeSet<EntityRef> {
        let mut also = BTreeSet::new();
        for entity in entities {
            if let Some(board) = self.board.get_mut() {
                board.renew(workspace, entity, &mut also);
            }
            if let Some(plan) = self.plan.get_mut() {
                plan.renew(workspace, entity, &mut also);
            }
            // The plan lists them.
            if matches!(entity.kind, Kind::Organisation | Kind::Relay) {
                also.insert(EntityRef::meta());
            }
        }
        also
    }
}

impl Workspace {
    pub(crate) fn board_links(&self) -> &BoardLinks {
        self.links.board.get_or_init(|| BoardLinks::read(self))
    }

    pub(crate) fn plan_links(&self) -> &PlanLinks {
        self.links.plan.get_or_init(|| PlanLinks::read(self))
    }

    /// Looks at changed things again; answers whose views look different by that.
    pub(crate) fn renew_links(&mut self, entities: &[EntityRef]) -> BTreeSet<EntityRef> {
        let mut links = core::mem::take(&mut self.links);
        let also = links.renew(self, entities);
        self.links = links;
        also
    }

    /// Everything may be different.
    pub(crate) fn forget_links(&mut self) {
        self.links = Links::default();
    }
}

/// Which things belong to which, looked up from either side.
#[derive(Default)]
struct Relation {
    of: BTreeMap<String, BTreeSet<String>>,
    to: BTreeMap<String, BTreeSet<String>>,
}

impl Relation {
    /// Says what one thing belongs to from here on. Answers what that changes anything for.
    fn set(&mut self, one: &str, targets: BTreeSet<String>) -> BTreeSet<String> {
        let before = self.of.remove(one).unwrap_or_default();
        let different: BTreeSet<String> = before.symmetric_difference(&targets).cloned().collect();
        for target in before.difference(&targets) {
            if let Some(ones) = self.to.get_mut(target) {
                ones.remove(one);
                if ones.is_empty() {
                    self.to.remove(target);
                }
            }
        }
        for target in targets.difference(&before) {
            self.to.entry(target.clone()).or_default().insert(one.to_owned());
        }
        if !targets.is_empty() {
            self.of.insert(one.to_owned(), targets);
        }
        different
    }

    /// What belongs to a thing, in order.
    fn at<'a>(&'a self, target: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        self.to.get(target).into_iter().flatten()
    }
}

/// Names things of a kind.
fn name<'a>(also: &mut BTreeSet<EntityRef>, kind: Kind, ids: impl IntoIterator<Item = &'a String>) {
    also.extend(ids.into_iter().map(|id| EntityRef::new(kind, id)));
}
