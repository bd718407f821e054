//! One Automerge document: reading and writing entities without ever trusting its shape.
//!
//! Whatever a hostile editor writes into a document, a wrong type or a missing container reads as absent. Containers
//! are reached by the object ids that the shipped first change gave them, never by looking their key up again, so a
//! map put in their place by somebody else is simply not seen.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, AutoCommit, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value, ValueRef,
};
use serde_json::Value as Json;

use crate::history::ChangeNote;
use crate::saved::ChangePlace;
use crate::schema::{EntityRef, ID_BYTES_MAX, Kind};

mod thing;
mod touched;

pub(crate) use thing::Thing;
pub(crate) use touched::made;

/// The actor of the shipped first change.
const FIRST_ACTOR: [u8; 16] = *b"samverka/first/1";

/// Why bytes are not a change or a document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Automerge does not read them.
    #[error("not an Automerge change or document: {0}")]
    Malformed(String),
    /// A saved document does not begin with the shipped first change.
    #[error("the document does not begin as every document of a plan does")]
    OtherBeginning,
    /// Automerge reads a change and does not take it in: it has the number of another change of its actor, say.
    #[error("the change does not fit into the document: {0}")]
    Refused(String),
}

/// What is in the first change: the same in every document of every plan.
struct First {
    bytes: Vec<u8>,
    hash: [u8; 32],
}

fn first() -> &'static First {
    static FIRST: OnceLock<First> = OnceLock::new();
    FIRST.get_or_init(|| {
        let mut doc = AutoCommit::new().with_actor(ActorId::from(FIRST_ACTOR));
        for kind in Kind::ALL {
            doc.put_object(ROOT, kind.container(), ObjType::Map)
                .expect("a map can be put into an empty document");
        }
        doc.commit_with(CommitOptions::default().with_time(0));
        let change = doc.get_last_local_change().expect("the change was just made");
        First { bytes: change.raw_bytes().to_vec(), hash: change.hash().0 }
    })
}

/// The hashes of the changes that every document begins with.
pub fn first_change_hashes() -> [[u8; 32]; 1] {
    [first().hash]
}

/// What a raw change says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedChange {
    /// Its actor; empty where it is not one of ours.
    pub actor: [u8; 16],
    /// Its sequence number, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// What it builds on.
    pub dependencies: Vec<[u8; 32]>,
    /// The note that its author's program left in it: what was done.
    pub message: Option<String>,
    /// When, by its author's clock, in Unix seconds.
    pub time: i64,
}

/// Reads a raw change.
///
/// # Errors
/// [`DocumentError::Malformed`].
pub fn decode_change(raw: &[u8]) -> Result<DecodedChange, DocumentError> {
    let change = parse_change(raw)?;
    Ok(DecodedChange {
        actor: change.actor_id().to_bytes().try_into().unwrap_or_default(),
        seq: change.seq(),
        hash: change.hash().0,
        dependencies: change.deps().iter().map(|hash| hash.0).collect(),
        message: change.message().map(str::to_owned),
        time: change.timestamp(),
    })
}

pub(crate) fn parse_change(raw: &[u8]) -> Result<Change, DocumentError> {
    Change::from_bytes(raw.to_vec()).map_err(|error| DocumentError::Malformed(error.to_string()))
}

/// One answer to a question that has a single value.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// The answer.
    pub value: Json,
    /// Its place in Automerge's order: later answers are greater.
    pub(crate) order: (u64, Vec<u8>),
}

/// A document of a plan.
pub(crate) struct Document {
    doc: AutoCommit,
    /// Changes that Automerge keeps until what they build on is here.
    waiting: Vec<Change>,
    /// The last changes of notes, by their ids.
    last_changes: BTreeMap<String, LastChange>,
}

/// What became of changes.
#[derive(Default)]
pub(crate) struct Went {
    /// Those that are in the document and were not before, ones that had waited among them.
    pub(crate) in_now: Vec<Change>,
    /// Those that are left out, by their places, and why: ones that do not read, and ones that do not fit.
    pub(crate) left_out: Vec<(usize, DocumentError)>,
}

/// The change of a thing that comes last in Automerge's order, as far as changes say what they did.
#[derive(Clone, Debug)]
pub(crate) struct LastChange {
    /// What comes later has a greater one: the greatest counter of its operations, and its actor.
    order: (u64, [u8; 16]),
    /// In Unix seconds.
    pub(crate) time: i64,
}

impl LastChange {
    pub(crate) const fn actor(&self) -> [u8; 16] {
        self.order.1
    }
}

impl Document {
    pub(crate) fn new() -> Self {
        let mut doc = AutoCommit::new();
        let change = parse_change(&first().bytes).expect("the shipped first change is sound");
        doc.apply_changes([change]).expect("the shipped first change applies to an empty document");
        Self { doc, waiting: Vec::new(), last_changes: BTreeMap::new() }
    }

    /// Loads a saved document.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut doc = AutoCommit::load(bytes).map_err(|error| DocumentError::Malformed(error.to_string()))?;
        if doc.get_change_meta_by_hash(&ChangeHash(first().hash)).is_none() {
            return Err(DocumentError::OtherBeginning);
        }
        Ok(Self { doc, waiting: Vec::new(), last_changes: BTreeMap::new() })
    }

    /// Reads who last changed which note, from what the changes of a document that was loaded say.
    pub(crate) fn read_last_changes(&mut self) {
        let last_changes = &mut self.last_changes;
        for change in self.doc.get_changes_meta(&[]) {
            let order = (change.max_op, change.actor.to_bytes().try_into().unwrap_or_default());
            note_last_change(last_changes, order, change.timestamp, change.message.as_deref());
        }
    }

    /// Remembers what a change says that it did to a note; answers which.
    pub(crate) fn note_last_change(&mut self, change: &Change) -> Option<EntityRef> {
        let order = (change.max_op(), change.actor_id().to_bytes().try_into().unwrap_or_default());
        note_last_change(&mut self.last_changes, order, change.timestamp(), change.message())
    }

    pub(crate) fn last_change(&self, note: &str) -> Option<&LastChange> {
        self.last_changes.get(note)
    }

    /// Whether somebody is shown as who last changed a note.
    pub(crate) fn is_last_of(&self, actor: [u8; 16]) -> bool {
        self.last_changes.values().any(|last| last.actor() == actor)
    }

    pub(crate) fn save(&mut self) -> Vec<u8> {
        self.doc.save()
    }

    pub(crate) fn heads(&mut self) -> Vec<[u8; 32]> {
        let mut heads: Vec<[u8; 32]> = self.doc.get_heads().iter().map(|hash| hash.0).collect();
        heads.sort_unstable();
        heads
    }

    /// Applies raw changes; ones whose dependencies are missing wait inside.
    pub(crate) fn apply(&mut self, raw: &[&[u8]]) -> Went {
        let mut went = Went::default();
        let mut changes: Vec<(usize, Change)> = Vec::new();
        for (place, raw) in raw.iter().enumerate() {
            match parse_change(raw) {
                Ok(change) => changes.push((place, change)),
                Err(error) => went.left_out.push((place, error)),
            }
        }
        let known =
            |doc: &mut AutoCommit, change: &Change| doc.get_change_meta_by_hash(&change.hash()).is_some();
        changes.retain(|(_, change)| !known(&mut self.doc, change));
        let mut waiting = core::mem::take(&mut self.waiting);
        // Automerge refuses a batch for any one of its changes; then each goes in by itself.
        if self.doc.apply_changes(changes.iter().map(|(_, change)| change.clone())).is_err() {
            for (place, change) in changes {
                match self.doc.apply_changes([change.clone()]) {
                    Ok(()) => waiting.push(change),
                    Err(error) => went.left_out.push((place, DocumentError::Refused(error.to_string()))),
                }
            }
        } else {
            waiting.extend(changes.into_iter().map(|(_, change)| change));
        }
        (went.in_now, self.waiting) = waiting.into_iter().partition(|change| known(&mut self.doc, change));
        went
    }

    pub(crate) fn change_place(&self, hash: &[u8; 32]) -> Option<([u8; 16], u64)> {
        let change = ReadDoc::get_change_by_hash(&self.doc, &ChangeHash(*hash))?;
        Some((change.actor_id().to_bytes().try_into().ok()?, change.seq()))
    }

    /// Whether it holds changes that wait for others.
    pub(crate) fn lacks_dependencies(&mut self) -> bool {
        !self.doc.get_missing_deps(&[]).is_empty()
    }

    /// All changes but the shipped one, causes before effects.
    pub(crate) fn changes(&mut self) -> Vec<ChangePlace> {
        self.doc
            .get_changes_meta(&[])
            .into_iter()
            .filter(|change| change.hash.0 != first().hash)
            .map(|change| ChangePlace {
                actor: change.actor.to_bytes().try_into().unwrap_or_default(),
                seq: change.seq,
                hash: change.hash.0,
                dependencies: change.deps.iter().map(|hash| hash.0).collect(),
            })
            .collect()
    }

    /// Takes another copy's changes in addition to its own.
    pub(crate) fn absorb(&mut self, mut other: Self) -> Result<(), DocumentError> {
        // The larger of the two is most likely the other: what comes from elsewhere is a whole history.
        let refused = |error: automerge::AutomergeError| DocumentError::Malformed(error.to_string());
        other.doc.merge(&mut self.doc).map_err(refused)?;
        // What waits is in no history, so merging leaves it behind.
        other.doc.apply_changes(self.waiting.iter().cloned()).map_err(refused)?;
        other.waiting.clone_from(&self.waiting);
        other.waiting.retain(|change| other.doc.get_change_meta_by_hash(&change.hash()).is_none());
        *self = other;
        Ok(())
    }

    /// Begins a command's changes in an actor's name.
    pub(crate) fn begin(&mut self, actor: [u8; 16]) {
        let actor = ActorId::from(actor);
        if *self.doc.get_actor() != actor {
            self.doc.set_actor(actor);
        }
    }

    /// Ends a command's changes; answers the change, if anything changed.
    pub(crate) fn commit(&mut self, message: &str, now_ms: u64) -> Option<Change> {
        let seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        let options = CommitOptions::default().with_message(message).with_time(seconds);
        let hash = self.doc.commit_with(options)?;
        self.doc.get_change_by_hash(&hash)
    }

    /// Takes back what was written since [`Self::begin`].
    pub(crate) fn rollback(&mut self) {
        self.doc.rollback();
    }

    fn container(kind: Kind) -> ObjId {
        let place = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
        // The first change puts the containers in order, one operation each, from operation 1.
        ObjId::Id(u64::try_from(place).unwrap_or_default() + 1, ActorId::from(FIRST_ACTOR), 0)
    }

    fn entity(&self, kind: Kind, id: &str) -> Option<ObjId> {
        match self.doc.get(Self::container(kind), id) {
            Ok(Some((Value::Object(ObjType::Map), entity))) => Some(entity),
            _ => None,
        }
    }

    pub(crate) fn has(&self, kind: Kind, id: &str) -> bool {
        self.entity(kind, id).is_some()
    }

    /// The ids of all entities of a kind, in order.
    pub(crate) fn ids(&self, kind: Kind) -> Vec<String> {
        self.doc
            .map_range(Self::container(kind), ..)
            .filter(|item| matches!(item.value, ValueRef::Object(ObjType::Map)))
            .map(|item| item.key.to_string())
            .collect()
    }

    /// Makes an entity where there is none.
    pub(crate) fn make(&mut self, kind: Kind, id: &str) -> Option<ObjId> {
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            return None;
        }
        match self.entity(kind, id) {
            Some(entity) => Some(entity),
            None => self.doc.put_object(Self::container(kind), id, ObjType::Map).ok(),
        }
    }

    pub(crate) fn plain(&self, kind: Kind, id: &str, field: &str) -> Option<Json> {
        self.json(&self.entity(kind, id)?, field)
    }

    pub(crate) fn set_plain(&mut self, kind: Kind, id: &str, field: &str, value: &Json) {
        if self.plain(kind, id, field).as_ref() != Some(value) {
            self.put(kind, id, field, value);
        }
    }

    /// Reads one thing.
    pub(crate) fn thing(&self, kind: Kind, id: &str) -> Option<Thing<'_>> {
        Some(Thing::read(&self.doc, kind, self.entity(kind, id)?))
    }

    /// Reads all things of a kind, in order of their ids.
    pub(crate) fn things(&self, kind: Kind) -> Vec<(String, Thing<'_>)> {
        self.doc
            .map_range(Self::container(kind), ..)
            .filter(|item| matches!(item.value, ValueRef::Object(ObjType::Map)))
            .map(|item| (item.key.to_string(), Thing::read(&self.doc, kind, item.id())))
            .collect()
    }

    /// The answers to a single-value field, the latest last.
    pub(crate) fn proposals(&self, kind: Kind, id: &str, field: &str) -> Vec<Proposal> {
        self.thing(kind, id).map(|thing| thing.proposals(field)).unwrap_or_default()
    }

    pub(crate) fn propose(&mut self, kind: Kind, id: &str, field: &str, proposal: &str, value: &Json) {
        self.put(kind, id, &format!("{field}#{proposal}"), value);
    }

    pub(crate) fn retire(&mut self, kind: Kind, id: &str, field: &str, proposal: &str) {
        self.delete(kind, id, &format!("{field}#{proposal}"));
    }

    /// The members of a set or map field; `None` where nothing was ever said of it.
    pub(crate) fn members(&self, kind: Kind, id: &str, field: &str) -> Option<BTreeMap<String, Json>> {
        self.thing(kind, id)?.members(field)
    }

    /// Adds a member. An empty id says that the set is there and empty.
    pub(crate) fn add_member(&mut self, kind: Kind, id: &str, field: &str, member: &str, value: &Json) {
        let key = format!("{field}/{member}");
        if self.entity(kind, id).and_then(|entity| self.json(&entity, &key)).as_ref() != Some(value) {
            self.put(kind, id, &key, value);
        }
    }

    pub(crate) fn remove_member(&mut self, kind: Kind, id: &str, field: &str, member: &str) {
        self.delete(kind, id, &format!("{field}/{member}"));
    }

    /// Texts by language.
    pub(crate) fn texts(&self, kind: Kind, id: &str, field: &str) -> BTreeMap<String, String> {
        self.thing(kind, id).map(|thing| thing.texts(field)).unwrap_or_default()
    }

    /// Writes a text by the smallest splice, so that what others type in it meanwhile stays.
    pub(crate) fn write_text(&mut self, kind: Kind, id: &str, field: &str, language: &str, text: &str) {
        let Some(entity) = self.entity(kind, id) else { return };
        let key = format!("{field}.{language}");
        let mut existing: Vec<ObjId> = match self.doc.get_all(&entity, key.as_str()) {
            Ok(all) => all
                .into_iter()
                .filter(|(value, _)| *value == Value::Object(ObjType::Text))
                .map(|(_, at)| at)
                .collect(),
            Err(_) => Vec::new(),
        };
        // Begun twice apart: the text on the screen joined both, and what is written now takes their place.
        let existing = if existing.len() == 1 { existing.pop() } else { None };
        let object = match existing {
            Some(object) => object,
            None if text.is_empty() => return,
            None => match self.doc.put_object(&entity, key.as_str(), ObjType::Text) {
                Ok(object) => object,
                Err(_) => return,
            },
        };
        // Fails only for an object that is not a text, and that was just checked.
        let _written = self.doc.update_text(&object, text);
    }

    /// Everything that an entity holds, by field.
    pub(crate) fn fields(&self, kind: Kind, id: &str) -> BTreeMap<String, Json> {
        self.thing(kind, id).map(|thing| thing.fields()).unwrap_or_default()
    }

    /// One field as JSON.
    pub(crate) fn field(&self, kind: Kind, id: &str, field: &str) -> Option<Json> {
        self.thing(kind, id)?.field(field)
    }

    fn put(&mut self, kind: Kind, id: &str, key: &str, value: &Json) {
        if let Some(entity) = self.entity(kind, id) {
            // Fails only for a key or object that does not exist, and that was just checked.
            let _written = self.doc.put(&entity, key, ScalarValue::Str(value.to_string().into()));
        }
    }

    fn delete(&mut self, kind: Kind, id: &str, key: &str) {
        if let Some(entity) = self.entity(kind, id)
            && matches!(self.doc.get(&entity, key), Ok(Some(_)))
        {
            let _deleted = self.doc.delete(&entity, key);
        }
    }

    fn json(&self, entity: &ObjId, key: &str) -> Option<Json> {
        let (value, _) = self.doc.get(entity, key).ok().flatten()?;
        json_of(&value)
    }
}

/// A text as it would be without one's own change of it: `before` and `after` that change, and as it is `now`, with
/// what others did since. Both go from `after`, and are joined by character as two who write apart are.
pub(crate) fn without_own_change(before: &str, after: &str, now: &str) -> String {
    if now == after {
        return before.to_owned();
    }
    let joined = || -> Result<String, automerge::AutomergeError> {
        let mut doc = AutoCommit::new().with_actor(ActorId::from(FIRST_ACTOR));
        let text = doc.put_object(ROOT, "text", ObjType::Text)?;
        doc.update_text(&text, after)?;
        let mut back = doc.fork().with_actor(ActorId::from([0; 16]));
        back.update_text(&text, before)?;
        doc.update_text(&text, now)?;
        doc.merge(&mut back)?;
        doc.text(&text)
    };
    // A text just made takes every change; were it not so, what is there would stay.
    joined().unwrap_or_else(|_| now.to_owned())
}

/// The note that a change says it was about, which is its author's word: the first thing that it names.
fn note_last_change(
    last_changes: &mut BTreeMap<String, LastChange>,
    order: (u64, [u8; 16]),
    time: i64,
    message: Option<&str>,
) -> Option<EntityRef> {
    let said = serde_json::from_str::<ChangeNote>(message?).ok()?;
    let note = said.entities.into_iter().next().filter(|entity| entity.kind == Kind::Note)?;
    if !matches!(said.command.as_str(), "add" | "edit" | "settle") {
        return None;
    }
    let last = LastChange { order, time };
    let known = last_changes.entry(note.id.clone()).or_insert_with(|| last.clone());
    if known.order < last.order {
        *known = last;
    }
    Some(note)
}

/// A value that we wrote is JSON in a string; anything else in its place reads as absent.
fn json_of(value: &Value<'_>) -> Option<Json> {
    match value {
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => serde_json::from_str(text).ok(),
            _ => None,
        },
        Value::Object(_) => None,
    }
}
