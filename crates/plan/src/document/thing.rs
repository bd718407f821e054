//! One thing of a document, read in one pass over its keys.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{AutoCommit, ObjId, ObjType, ReadDoc, ScalarValueRef, Value, ValueRef};
use serde_json::Value as Json;

use super::Proposal;
use crate::schema::{FieldKind, Kind};

/// A thing as it is in the document. What is not of a form that we write is passed over.
pub(crate) struct Thing<'a> {
    doc: &'a AutoCommit,
    object: ObjId,
    kind: Kind,
    /// In order of the keys.
    keys: Vec<(String, Kept)>,
}

/// What a key holds.
enum Kept {
    /// JSON, as it was written, with its place in Automerge's order.
    Json(String, ObjId),
    Text(ObjId),
    /// More than one value, written apart.
    Several(Option<(String, ObjId)>),
}

impl<'a> Thing<'a> {
    pub(super) fn read(doc: &'a AutoCommit, kind: Kind, object: ObjId) -> Self {
        let keys: Vec<(String, Kept)> = doc
            .map_range(&object, ..)
            .filter_map(|item| {
                let json = match &item.value {
                    ValueRef::Scalar(ScalarValueRef::Str(text)) => Some((text.to_string(), item.id())),
                    _ => None,
                };
                let kept = match (json, &item.value) {
                    (json, _) if item.conflict => Kept::Several(json),
                    (Some((json, at)), _) => Kept::Json(json, at),
                    (None, ValueRef::Object(ObjType::Text)) => Kept::Text(item.id()),
                    _ => return None,
                };
                Some((item.key.to_string(), kept))
            })
            .collect();
        debug_assert!(keys.is_sorted_by(|a, b| a.0 < b.0), "Automerge gives keys in order");
        Self { doc, object, kind, keys }
    }

    /// A plain field.
    pub(crate) fn plain(&self, field: &str) -> Option<Json> {
        let place = self.keys.binary_search_by(|(key, _)| key.as_str().cmp(field)).ok()?;
        self.keys.get(place)?.1.json()
    }

    /// What is under a field's keys, by what follows the mark.
    fn under<'k>(&'k self, field: &'k str, mark: &'static str) -> impl Iterator<Item = (&'k str, &'k Kept)> {
        let prefix = field.bytes().chain(mark.bytes());
        let first = self.keys.partition_point(|(key, _)| key.bytes().lt(prefix.clone()));
        let rest = move |key: &'k str| key.strip_prefix(field)?.strip_prefix(mark);
        self.keys
            .get(first..)
            .unwrap_or_default()
            .iter()
            .map_while(move |(key, kept)| Some((rest(key)?, kept)))
    }

    /// The answers to a single-value field, the latest last.
    pub(crate) fn proposals(&self, field: &str) -> Vec<Proposal> {
        let mut proposals: Vec<Proposal> = self
            .under(field, "#")
            .filter_map(|(id, kept)| {
                let (value, ObjId::Id(counter, actor, _)) = (kept.json()?, kept.at()?) else { return None };
                Some(Proposal { id: id.to_owned(), value, order: (*counter, actor.to_bytes().to_vec()) })
            })
            .collect();
        proposals.sort_by(|a, b| a.order.cmp(&b.order));
        proposals
    }

    /// Single-value fields with more than one answer in the document.
    pub(crate) fn contested(&self) -> Vec<&'static str> {
        let fields = self.kind.fields().iter().filter(|(_, kind)| *kind == FieldKind::Single);
        fields.filter(|(field, _)| self.under(field, "#").nth(1).is_some()).map(|(field, _)| *field).collect()
    }

    /// The members of a set or map field; `None` where nothing was ever said of it.
    pub(crate) fn members(&self, field: &str) -> Option<BTreeMap<String, Json>> {
        let mut said = false;
        let members = self
            .under(field, "/")
            .filter_map(|(member, kept)| {
                said = true;
                Some((member.to_owned(), kept.json()?)).filter(|(member, _)| !member.is_empty())
            })
            .collect();
        said.then_some(members)
    }

    /// Texts by language. Where two devices began the same text apart, both are shown: nothing typed is lost.
    pub(crate) fn texts(&self, field: &str) -> BTreeMap<String, String> {
        self.under(field, ".")
            .filter_map(|(language, kept)| {
                let text = match kept {
                    Kept::Text(at) => self.doc.text(at).ok()?,
                    Kept::Several(_) => self.joined(&format!("{field}.{language}")),
                    Kept::Json(..) => return None,
                };
                (!text.is_empty()).then(|| (language.to_owned(), text))
            })
            .collect()
    }

    fn joined(&self, key: &str) -> String {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for (value, at) in self.doc.get_all(&self.object, key).unwrap_or_default() {
            if value == Value::Object(ObjType::Text)
                && let Ok(text) = self.doc.text(&at)
                && !text.is_empty()
                && seen.insert(text.clone())
            {
                parts.push(text);
            }
        }
        parts.join(" / ")
    }

    /// Everything that it holds, by field: known fields by their kind, others as they are.
    pub(crate) fn fields(&self) -> BTreeMap<String, Json> {
        let names: BTreeSet<&str> =
            self.keys.iter().map(|(key, _)| key.split(['#', '/', '.']).next().unwrap_or(key)).collect();
        names.into_iter().filter_map(|name| Some((name.to_owned(), self.field(name)?))).collect()
    }

    /// One field as JSON: a text by language, the latest answer, a plain value, members by id.
    pub(crate) fn field(&self, field: &str) -> Option<Json> {
        match self.kind.field(field) {
            FieldKind::Text => {
                let texts = self.texts(field);
                (!texts.is_empty())
                    .then(|| Json::Object(texts.into_iter().map(|(k, v)| (k, Json::String(v))).collect()))
            }
            FieldKind::Single => self.proposals(field).pop().map(|proposal| proposal.value),
            FieldKind::Plain => self.plain(field),
            FieldKind::Members => {
                let members = self.members(field)?;
                if members.values().all(|value| *value == Json::Bool(true)) {
                    return Some(Json::Array(self.ordered(field, members)));
                }
                Some(Json::Object(members.into_iter().collect()))
            }
        }
    }

    /// Members in the order in which somebody last gave the whole list; those that came since by their ids.
    fn ordered(&self, field: &str, mut members: BTreeMap<String, Json>) -> Vec<Json> {
        let order = self.plain(field);
        let order = order.as_ref().and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        let mut list: Vec<Json> =
            order.filter_map(|id| members.remove_entry(id)).map(|(id, _)| Json::String(id)).collect();
        list.extend(members.into_keys().map(Json::String));
        list
    }
}

impl Kept {
    /// A value that we wrote is JSON in a string; anything else in its place reads as absent.
    fn json(&self) -> Option<Json> {
        match self {
            Self::Json(json, _) | Self::Several(Some((json, _))) => serde_json::from_str(json).ok(),
            Self::Text(_) | Self::Several(None) => None,
        }
    }

    const fn at(&self) -> Option<&ObjId> {
        match self {
            Self::Json(_, at) | Self::Several(Some((_, at))) => Some(at),
            Self::Text(_) | Self::Several(None) => None,
        }
    }
}
