//! What views of things on boards show of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Relation, name};
use crate::schema::{EntityRef, Kind};
use crate::view::{NotePlace, follow};
use crate::workspace::Workspace;

/// What views of things on boards show of each other.
#[derive(Default)]
pub(crate) struct BoardLinks {
    /// Clusters that are there.
    clusters: BTreeSet<String>,
    /// Clusters are part of clusters.
    redirects: Relation,
    /// Read when it is first needed: a list of notes does without it.
    notes: OnceLock<NoteLinks>,
    /// Where authors belong, as far as it was shown.
    orgs: Mutex<BTreeMap<String, Option<String>>>,
}

/// What is shown of notes elsewhere.
#[derive(Default)]
struct NoteLinks {
    /// Notes name clusters.
    clustered: Relation,
    /// Those of them that count.
    counted: Relation,
    /// Notes have authors.
    authors: Relation,
}

impl NoteLinks {
    fn read(workspace: &Workspace) -> Self {
        let mut links = Self::default();
        for (note, place) in workspace.note_places() {
            links.set(&note, place);
        }
        links
    }

    /// Looks at a note. Answers in which clusters it begins or ceases to count.
    fn set(&mut self, note: &str, place: NotePlace) -> BTreeSet<String> {
        let cluster: BTreeSet<String> = place.cluster.into_iter().collect();
        self.clustered.set(note, cluster.clone());
        self.authors.set(note, place.author.into_iter().collect());
        self.counted.set(note, if place.counts { cluster } else { BTreeSet::new() })
    }
}

impl BoardLinks {
    pub(super) fn read(workspace: &Workspace) -> Self {
        let mut links = Self::default();
        for id in workspace.ids(Kind::Cluster) {
            let next = workspace.single_text(&EntityRef::new(Kind::Cluster, &id), "redirect_to");
            links.redirects.set(&id, next.into_iter().collect());
            links.clusters.insert(id);
        }
        links
    }

    /// The organisation of a note's author.
    pub(crate) fn org_of(&self, workspace: &Workspace, author: &str) -> Option<String> {
        let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(org) = orgs.get(author) {
            return org.clone();
        }
        let org = workspace.org_of(author);
        orgs.insert(author.to_owned(), org.clone());
        org
    }

    fn notes(&self, workspace: &Workspace) -> &NoteLinks {
        self.notes.get_or_init(|| NoteLinks::read(workspace))
    }

    /// The cluster that a cluster is part of in the end; itself where it is part of none.
    pub(crate) fn target(&self, cluster: &str) -> String {
        follow(cluster, |id| {
            let next = self.redirects.of.get(id).and_then(BTreeSet::first);
            next.filter(|next| self.clusters.contains(*next)).cloned()
        })
    }

    /// How many notes show in a cluster.
    pub(crate) fn notes_in(&self, workspace: &Workspace, cluster: &str) -> usize {
        if self.target(cluster) != cluster {
            return 0;
        }
        let counted = &self.notes(workspace).counted;
        self.behind(cluster).iter().map(|cluster| counted.at(cluster).count()).sum()
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
                // Unread, it has told nobody yet how many notes a cluster has.
                let Some(notes) = self.notes.get_mut() else { return };
                for cluster in notes.set(id, workspace.note_place(id).unwrap_or_default()) {
                    also.insert(EntityRef::new(Kind::Cluster, self.target(&cluster)));
                }
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
                let clustered = &self.notes(workspace).clustered;
                name(also, Kind::Note, clusters.iter().flat_map(|cluster| clustered.at(cluster)));
                clusters.extend([before, self.target(id)]);
                name(also, Kind::Cluster, &clusters);
            }
            Kind::Participant => {
                let org = workspace.org_of(id);
                let orgs = self.orgs.get_mut().unwrap_or_else(PoisonError::into_inner);
                if orgs.get(id).is_some_and(|shown| *shown != org) {
                    orgs.insert(id.to_owned(), org);
                    name(also, Kind::Note, self.notes(workspace).authors.at(id));
                }
            }
            _ => {}
        }
    }
}
