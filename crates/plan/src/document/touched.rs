//! Which things a change touched, told by its operations: what it says of itself is its author's word.

use std::collections::BTreeSet;

use automerge::legacy::{Key, ObjectId};
use automerge::{ActorId, Change, ObjId, Prop, ReadDoc};

use super::{Document, FIRST_ACTOR};
use crate::schema::{EntityRef, Kind};

impl Document {
    /// The things that a change in this document touched, whether they are there or not. What somebody hung elsewhere
    /// than where things are is seen nowhere, and is none.
    pub(crate) fn touched(&self, change: &Change) -> BTreeSet<(Kind, String)> {
        let mut touched = BTreeSet::new();
        let mut objects: BTreeSet<(u64, ActorId)> = BTreeSet::new();
        for operation in change.decode().operations {
            let ObjectId::Id(object) = operation.obj else { continue };
            let (counter, actor) = (object.counter(), object.actor());
            match (kind_of(counter, actor), operation.key) {
                (Some(kind), Key::Map(id)) => drop(touched.insert((kind, id.to_string()))),
                _ => drop(objects.insert((counter, actor.clone()))),
            }
        }
        touched.extend(objects.into_iter().filter_map(|(counter, actor)| self.thing_around(counter, actor)));
        touched
    }

    /// The thing that an object is, or is part of.
    fn thing_around(&self, counter: u64, actor: ActorId) -> Option<(Kind, String)> {
        let parents = self.doc.parents(ObjId::Id(counter, actor, 0)).ok()?;
        parents.into_iter().find_map(|parent| match (parent.obj, parent.prop) {
            (ObjId::Id(counter, actor, _), Prop::Map(id)) => {
                Some((kind_of(counter, &actor)?, id.to_string()))
            }
            _ => None,
        })
    }
}

/// The things that a change made or took away, told by its operations alone. The plan or board itself is none.
pub(crate) fn made(change: &Change) -> BTreeSet<EntityRef> {
    let operations = change.decode().operations.into_iter();
    let named = operations.filter_map(|operation| match (operation.obj, operation.key) {
        (ObjectId::Id(object), Key::Map(id)) => {
            let kind = kind_of(object.counter(), object.actor())?;
            (kind != Kind::Meta).then(|| EntityRef::new(kind, id.as_str()))
        }
        _ => None,
    });
    named.collect()
}

/// The kind whose container an object is.
fn kind_of(counter: u64, actor: &ActorId) -> Option<Kind> {
    let place = usize::try_from(counter.checked_sub(1)?).ok()?;
    Kind::ALL.get(place).copied().filter(|_| actor.to_bytes() == FIRST_ACTOR)
}
