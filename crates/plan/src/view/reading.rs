//! Reading the fields of one thing for its view. Whatever has not the form that a field takes reads as absent.

use std::collections::BTreeMap;

use samverka_log::DocumentId;
use serde::Serialize;
use serde_json::Value as Json;

use super::questions::OpenQuestion;
use super::{Texts, ViewContext};
use crate::document::Thing;
use crate::language::pick;
use crate::schema::{EntityRef, FieldKind};
use crate::workspace::Workspace;

/// The texts of a thing by field, then by language: what an `edit` command takes.
pub type FieldTexts = BTreeMap<String, Texts>;

/// A place on a board, in the board's own units; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Position {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// From when to when, as ISO dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Period {
    /// The first day.
    pub start: Option<String>,
    /// The last day.
    pub end: Option<String>,
}

/// One thing, read for whoever looks at it.
pub(super) struct Reading<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) context: &'a ViewContext,
    pub(super) document: DocumentId,
    pub(super) entity: EntityRef,
    pub(super) thing: Thing<'a>,
}

impl Reading<'_> {
    pub(super) fn id(&self) -> String {
        self.entity.id.clone()
    }

    /// A text in the language asked for, or the nearest.
    pub(super) fn text(&self, field: &str) -> String {
        pick(&self.thing.texts(field), self.context.language.tag())
    }

    pub(super) fn texts(&self, field: &str) -> Texts {
        self.thing.texts(field)
    }

    /// All texts of the thing; fields without any are left out.
    pub(super) fn all_texts(&self) -> FieldTexts {
        let fields = self.entity.kind.fields().iter().filter(|(_, kind)| *kind == FieldKind::Text);
        let texts = fields.map(|(field, _)| ((*field).to_owned(), self.thing.texts(field)));
        texts.filter(|(_, texts)| !texts.is_empty()).collect()
    }

    /// A single value or a plain one, as the field is.
    pub(super) fn value(&self, field: &str) -> Option<Json> {
        let value = match self.entity.kind.field(field) {
            FieldKind::Single => {
                self.workspace.answers_of(&self.entity, &self.thing, field).pop().map(|answer| answer.value)
            }
            _ => self.thing.plain(field),
        };
        value.filter(|value| !value.is_null())
    }

    pub(super) fn word(&self, field: &str) -> Option<String> {
        self.value(field)?.as_str().map(str::to_owned)
    }

    pub(super) fn number(&self, field: &str) -> Option<f64> {
        self.value(field)?.as_f64()
    }

    pub(super) fn count(&self, field: &str) -> Option<u64> {
        self.value(field)?.as_u64()
    }

    /// The ids in a set, or the words in a list.
    pub(super) fn list(&self, field: &str) -> Vec<String> {
        match self.thing.field(field) {
            Some(Json::Array(list)) => words(&list),
            Some(Json::Object(map)) => map.into_iter().map(|(id, _)| id).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn period(&self, field: &str) -> Option<Period> {
        let value = self.value(field)?;
        let day = |name| value.get(name).and_then(Json::as_str).map(str::to_owned);
        value.is_object().then(|| Period { start: day("start"), end: day("end") })
    }

    pub(super) fn position(&self) -> Option<Position> {
        Some(Position { x: self.number("x")?, y: self.number("y")? })
    }

    /// As which other participant or organisation the thing goes on.
    pub(super) fn same_as(&self) -> Option<String> {
        Some(self.workspace.same_as(&self.entity)).filter(|target| *target != self.entity.id)
    }

    /// What is not settled about the thing.
    pub(super) fn questions(&self) -> Vec<OpenQuestion> {
        self.workspace.questions_of(&self.entity, &self.thing)
    }

    /// Whether whoever looks may settle it.
    pub(super) fn may_settle(&self) -> bool {
        self.context.me.is_some_and(|me| self.workspace.may_settle(&self.entity, &me))
    }
}

/// The texts of a list of texts.
pub(super) fn words(list: &[Json]) -> Vec<String> {
    list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// A member's id as views give it.
pub(super) fn member_word(member: &samverka_log::MemberId) -> String {
    member.to_string()
}
