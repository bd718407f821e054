//! What is on boards.

use std::collections::BTreeMap;

use samverka_log::DocumentId;
use serde::Serialize;
use serde_json::json;

use super::follow;
use crate::document::Thing;
use crate::language::{Language, pick};
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoteView {
    /// Its id.
    pub id: String,
    /// Its text in the language asked for, or the nearest.
    pub text: String,
    /// All its texts.
    pub texts: BTreeMap<String, String>,
    /// The cluster that it shows in, redirections followed.
    pub cluster: Option<String>,
    /// `revealed`, `parked`, `archived`, ….
    pub state: String,
    /// Its colour.
    pub colour: Option<String>,
    /// The participant who wrote it.
    pub author: Option<String>,
    /// The board.
    pub board: String,
    /// What it was promoted to.
    pub promoted_to: Vec<String>,
    /// Archived by one while another edited it: it stays in the parking place.
    pub archived_and_edited: bool,
}

impl Workspace {
    /// The cluster that a cluster is part of in the end. Circles, which two people can make apart, end at the
    /// smallest id in them.
    pub fn cluster_target(&self, cluster: &str) -> String {
        follow(cluster, |id| {
            let next = self.single_text(&EntityRef::new(Kind::Cluster, id), "redirect_to");
            next.filter(|next| self.has(&EntityRef::new(Kind::Cluster, next)))
        })
    }

    /// The notes of a board, or of all.
    pub fn notes(&self, board: Option<DocumentId>, language: Language) -> Vec<NoteView> {
        let boards = board.map_or_else(|| self.boards(), |board| vec![board]);
        let mut targets: BTreeMap<String, String> = BTreeMap::new();
        let mut notes = Vec::new();
        for board in boards {
            for (board, entity, thing) in self.things_on(board, Kind::Note) {
                let mut view = self.note(board, entity, &thing, language);
                view.cluster = view.cluster.map(|cluster| {
                    let target = || self.cluster_target(&cluster);
                    targets.entry(cluster.clone()).or_insert_with(target).clone()
                });
                notes.push(view);
            }
        }
        notes
    }

    /// A note, in the cluster that it itself names.
    fn note(&self, board: DocumentId, entity: EntityRef, thing: &Thing<'_>, language: Language) -> NoteView {
        let texts = thing.texts("text");
        let mut states = self.answers_of(&entity, thing, "state");
        let archived_and_edited =
            states.len() > 1 && states.iter().any(|state| state.value == json!("archived"));
        let state = states.pop().and_then(|state| state.value.as_str().map(str::to_owned));
        let state = if archived_and_edited { Some("parked".to_owned()) } else { state };
        NoteView {
            text: pick(&texts, language.tag()),
            texts,
            cluster: self.text_of(&entity, thing, "cluster"),
            state: state.unwrap_or_else(|| "revealed".to_owned()),
            colour: thing.plain_text("colour"),
            author: thing.plain_text("author"),
            board: board.to_string(),
            promoted_to: thing.members("promoted_to").unwrap_or_default().into_keys().collect(),
            archived_and_edited,
            id: entity.id,
        }
    }
}
