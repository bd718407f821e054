//! What views of the plan's things show of each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Relation, name};
use crate::document::Thing;
use crate::schema::{EntityRef, Kind, SAME_AS};
use crate::view::Alike;
use crate::workspace::Workspace;

/// What views of the plan's things show of each other.
#[derive(Default)]
pub(crate) struct PlanLinks {
    /// Commitments serve goals.
    goals: Relation,
    /// Commitments have owners.
    owners: Relation,
    /// Goals have indicators.
    indicators: Relation,
    /// Follow-ups are of goals.
    goals_followed: Relation,
    /// Follow-ups are of commitments.
    commitments_followed: Relation,
    /// Where participants belong.
    orgs: BTreeMap<String, String>,
    /// Participants and organisations that go on as others, and all others with none.
    same_as: BTreeMap<EntityRef, Option<String>>,
    /// Open commitments that look alike.
    alike: Alike,
}

impl PlanLinks {
    pub(super) fn read(workspace: &Workspace) -> Self {
        let mut links = Self::default();
        for kind in [Kind::Goal, Kind::FollowUp, Kind::Participant, Kind::Organisation] {
            for id in workspace.ids(kind) {
                links.renew(workspace, &EntityRef::new(kind, id), &mut BTreeSet::new());
            }
        }
        for (_, entity, thing) in workspace.things(Kind::Commitment) {
            links.set_commitment(workspace, &entity.id, Some(&thing));
        }
        links
    }

    /// The commitments that serve a goal.
    pub(crate) fn serving(&self, goal: &str) -> Vec<String> {
        self.goals.at(goal).cloned().collect()
    }

    /// The follow-ups of a goal or a commitment.
    pub(crate) fn follow_ups_of(&self, entity: &EntityRef) -> Vec<String> {
        let followed = match entity.kind {
            Kind::Goal => &self.goals_followed,
            _ => &self.commitments_followed,
        };
        followed.at(&entity.id).cloned().collect()
    }

    /// Open commitments that look like one that is open too.
    pub(crate) fn similar(&self, commitment: &str) -> Vec<String> {
        self.alike.to(commitment).into_iter().map(str::to_owned).collect()
    }

    pub(super) fn renew(
        &mut self,
        workspace: &Workspace,
        entity: &EntityRef,
        also: &mut BTreeSet<EntityRef>,
    ) {
        match entity.kind {
            Kind::Commitment => self.renew_commitment(workspace, entity, also),
            Kind::Goal => {
                let indicators = workspace.members(entity, "indicators");
                // A goal's own view shows its indicators, and no indicator's shows its goals.
                self.indicators.set(&entity.id, indicators.into_keys().collect());
            }
            Kind::Indicator => name(also, Kind::Goal, self.indicators.at(&entity.id)),
            Kind::FollowUp => {
                let of = |field| {
                    let value = workspace.plain(entity, field);
                    value.and_then(|value| value.as_str().map(str::to_owned)).into_iter().collect()
                };
                name(also, Kind::Goal, &self.goals_followed.set(&entity.id, of("goal")));
                let commitments = self.commitments_followed.set(&entity.id, of("commitment"));
                name(also, Kind::Commitment, &commitments);
            }
            Kind::Organisation => self.renew_same_as(workspace, entity, also),
            Kind::Participant => {
                self.renew_same_as(workspace, entity, also);
                let org = workspace.org_of(&entity.id);
                let before = match &org {
                    Some(org) => self.orgs.insert(entity.id.clone(), org.clone()),
                    None => self.orgs.remove(&entity.id),
                };
                if before != org {
                    name(also, Kind::Commitment, self.owners.at(&entity.id));
                }
            }
            _ => {}
        }
    }

    /// Others of its kind may go on as it, by however many steps. There are few, and it happens seldom.
    fn renew_same_as(&mut self, workspace: &Workspace, entity: &EntityRef, also: &mut BTreeSet<EntityRef>) {
        let next = workspace.plain(entity, SAME_AS).and_then(|next| next.as_str().map(str::to_owned));
        let known = workspace.has(entity).then_some(next);
        let before = match &known {
            Some(next) => self.same_as.insert(entity.clone(), next.clone()),
            None => self.same_as.remove(entity),
        };
        if before != known {
            name(also, entity.kind, &workspace.ids(entity.kind));
        }
    }

    fn renew_commitment(
        &mut self,
        workspace: &Workspace,
        entity: &EntityRef,
        also: &mut BTreeSet<EntityRef>,
    ) {
        let id = entity.id.as_str();
        let alike = |links: &Self| -> BTreeSet<String> { links.similar(id).into_iter().collect() };
        let before = alike(self);
        let goals = self.set_commitment(workspace, id, workspace.thing_of(entity).as_ref());
        name(also, Kind::Goal, &goals);
        name(also, Kind::Commitment, before.symmetric_difference(&alike(self)));
    }

    /// Looks at a commitment, which is there or not. Answers which goals it begins or ceases to serve.
    fn set_commitment(
        &mut self,
        workspace: &Workspace,
        id: &str,
        thing: Option<&Thing<'_>>,
    ) -> BTreeSet<String> {
        let standing = workspace.standing_of(id);
        self.owners.set(id, standing.owner.iter().filter(|_| thing.is_some()).cloned().collect());
        let titled = thing.filter(|_| standing.state.is_open());
        self.alike.set(id, &titled.map(|thing| thing.texts("title")).unwrap_or_default());
        let goals = thing.and_then(|thing| thing.members("goals")).unwrap_or_default();
        self.goals.set(id, goals.into_keys().collect())
    }
}
