//! What views of things on boards show of each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Relation, name};
use crate::schema::{EntityRef, Kind};
use crate::view::follow;
use crate::workspace::Workspace;

/// What views of things on boards show of each other.
#[derive(Default)]
pub(crate) struct BoardLinks {
    /// Clusters that are there.
    clusters: BTreeSet<String>,
    /// Clusters are part of clusters.
    redirects: Relation,
    /// Notes name clusters.
    clustered: Relation,
    /// Those of them that count.
    counted: Relation,
    /// Notes have authors.
    authors: Relation,
    /// Where authors belong.
    orgs: BTreeMap<String, Option<String>>,
}

impl BoardLinks {
    pub(super) fn read(workspace: &Workspace) -> Self {
        let mut links = Self::default();
        for kind in [Kind::Cluster, Kind::Note] {
            for id in workspace.ids(kind) {
                links.renew(workspace, &EntityRef::new(kind, id), &mut BTreeSet::new());
            }
        }
        links
    }

    /// The cluster that a cluster is part of in the end; itself where it is part of none.
    pub(crate) fn target(&self, cluster: &str) -> String {
        follow(cluster, |id| {
            let next = self.redirects.of.get(id).and_then(BTreeSet::first);
            next.filter(|next| self.clusters.contains(*next)).cloned()
        })
    }

    /// How many notes show in a cluster.
    pub(crate) fn notes_in(&self, cluster: &str) -> usize {
        if self.target(cluster) != cluster {
            return 0;
        }
        self.behind(cluster).iter().map(|cluster| self.counted.at(cluster).count()).sum()
    }

    /// A cluster and every one that says that it is part of it, by however many steps.
    fn behind(&self, cluster: &str) -> BTreeSet<String> {
        let mut behind = BTreeSet::from([cluster.to_owned()]);
        let mut next = vec![cluster.to_owned()];
        while let Some(at) = next.pop() {
            for from in self.redirects.at(&at) {
                if behind.insert(from.clone()) {
                    next.push(from.clone());
                }
            }
        }
        behind
    }

    pub(super) fn renew(
        &mut self,
        workspace: &Workspace,
        entity: &EntityRef,
        also: &mut BTreeSet<EntityRef>,
    ) {
        let id = entity.id.as_str();
        match entity.kind {
            Kind::Note => {
                let place = workspace.note_place(id).unwrap_or_default();
                let cluster: BTreeSet<String> = place.cluster.into_iter().collect();
                self.clustered.set(id, cluster.clone());
                let counted = if place.counts { cluster } else { BTreeSet::new() };
                for cluster in self.counted.set(id, counted) {
                    also.insert(EntityRef::new(Kind::Cluster, self.target(&cluster)));
                }
                if let Some(author) = &place.author {
                    let org = || workspace.org_of(author);
                    self.orgs.entry(author.clone()).or_insert_with(org);
                }
                self.authors.set(id, place.author.into_iter().collect());
            }
            Kind::Cluster => {
                let next = workspace.single_text(entity, "redirect_to").into_iter().collect();
                let (was, before) = (self.clusters.contains(id), self.target(id));
                let is = workspace.has(entity);
                if is {
                    self.clusters.insert(id.to_owned());
                } else {
                    self.clusters.remove(id);
                }
                if self.redirects.set(id, next).is_empty() && was == is {
                    return;
                }
                // Whatever leads here leads elsewhere: those clusters, their notes, and both ends.
                let mut clusters = self.behind(id);
                name(also, Kind::Note, clusters.iter().flat_map(|cluster| self.clustered.at(cluster)));
                clusters.extend([before, self.target(id)]);
                name(also, Kind::Cluster, &clusters);
            }
            Kind::Participant => {
                let org = workspace.org_of(id);
                if self.orgs.get(id).is_some_and(|before| *before != org) {
                    self.orgs.insert(id.to_owned(), org);
                    name(also, Kind::Note, self.authors.at(id));
                }
            }
            _ => {}
        }
    }
}
