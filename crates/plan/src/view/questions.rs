//! Questions with more than one answer.

use serde::Serialize;
use serde_json::Value as Json;

use crate::document::Thing;
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

/// A question with more than one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OpenQuestion {
    /// The thing.
    pub entity: EntityRef,
    /// The field.
    pub field: String,
    /// The answers, the one that is shown last.
    pub answers: Vec<Answer>,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Answer {
    /// Its id, to settle by.
    pub id: String,
    /// What it says.
    pub value: Json,
}

impl Workspace {
    /// Every question with more than one answer.
    pub fn open_questions(&self) -> Vec<OpenQuestion> {
        let things = Kind::ALL.into_iter().flat_map(|kind| self.things(kind));
        things.flat_map(|(_, entity, thing)| self.questions_of(&entity, &thing)).collect()
    }

    /// The questions about one thing.
    pub(super) fn questions_of(&self, entity: &EntityRef, thing: &Thing<'_>) -> Vec<OpenQuestion> {
        let mut questions = Vec::new();
        for field in thing.contested() {
            let answers = self.answers_of(entity, thing, field);
            if answers.iter().all(|answer| Some(&answer.value) == answers.first().map(|a| &a.value)) {
                continue;
            }
            let answers =
                answers.into_iter().map(|answer| Answer { id: answer.id, value: answer.value }).collect();
            questions.push(OpenQuestion { entity: entity.clone(), field: field.to_owned(), answers });
        }
        questions
    }
}
