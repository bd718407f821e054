//! Boards and what is on them.

use serde::Serialize;
use serde_json::json;

use samverka_log::DocumentId;

use super::questions::OpenQuestion;
use super::reading::{Position, Reading};
use super::{Texts, ViewContext, follow};
use crate::language::{Language, pick};
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

/// A board, as the plan lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BoardView {
    /// Its document, which it goes by.
    pub id: String,
    /// Its title, in the language asked for or the nearest.
    pub title: String,
    /// Its title in all languages.
    pub texts: Texts,
    /// When it was opened, in Unix milliseconds by the clock of whoever did.
    pub opened_ms: Option<u64>,
}

/// A cluster of notes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ClusterView {
    /// Its id.
    pub id: String,
    /// Its title, in the language asked for or the nearest.
    pub title: String,
    /// Its title in all languages.
    pub texts: Texts,
    /// Its colour.
    pub colour: Option<String>,
    /// The board.
    pub board: String,
    /// The cluster that it is part of in the end; none where it stands by itself.
    pub part_of: Option<String>,
    /// How many notes show in it, those in clusters that became part of it included and archived ones left out.
    pub notes: usize,
    /// Its place on the board.
    pub position: Option<Position>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NoteView {
    /// Its id.
    pub id: String,
    /// Its text in the language asked for, or the nearest.
    pub text: String,
    /// All its texts.
    pub texts: Texts,
    /// The language that it was written in, as a BCP 47 tag.
    pub lang: Option<String>,
    /// `idea`, `concern`, `resource`, `question`, `action_idea`.
    pub note_kind: Option<String>,
    /// The stage whose question it answers.
    pub stage: Option<String>,
    /// The cluster that it shows in, redirections followed.
    pub cluster: Option<String>,
    /// `revealed`, `parked`, `archived`, ….
    pub state: String,
    /// Its colour.
    pub colour: Option<String>,
    /// Its place on the board.
    pub position: Option<Position>,
    /// How long a side of it is, in the board's units.
    pub size: Option<f64>,
    /// The participant who wrote it; of an anonymous note nobody.
    pub author: Option<String>,
    /// The organisation of that participant.
    pub organisation: Option<String>,
    /// The participant for whom it was written.
    pub on_behalf_of: Option<String>,
    /// `named`, `role` or `anonymous`.
    pub identity: Option<String>,
    /// Whether I wrote it.
    pub mine: bool,
    /// Who last changed it (text, place, colour, anything) and when, as far as it is known.
    pub changed: Option<Changed>,
    /// The board.
    pub board: String,
    /// What it was promoted to.
    pub promoted_to: Vec<String>,
    /// Archived by one while another edited it: it stays in the parking place.
    pub archived_and_edited: bool,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// Who last changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Changed {
    /// The member, in hexadecimal; of an anonymous note nobody.
    pub member: Option<String>,
    /// When, by their clock, in Unix milliseconds.
    pub time_ms: u64,
}

/// A stage of a workshop.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StageView {
    /// Its id.
    pub id: String,
    /// What is asked, in the language asked for or the nearest.
    pub prompt: String,
    /// The same in all languages.
    pub texts: Texts,
    /// The board.
    pub board: String,
    /// The way of working.
    pub method: Option<String>,
    /// How long it takes.
    pub minutes: Option<u64>,
    /// `private`, `table` or `all`.
    pub visibility: Option<String>,
    /// `named`, `role` or `anonymous`.
    pub identity: Option<String>,
}

impl Reading<'_> {
    pub(super) fn board(&self) -> BoardView {
        BoardView {
            id: self.id(),
            title: self.text("title"),
            texts: self.texts("title"),
            opened_ms: self.count("opened_ms"),
        }
    }

    pub(super) fn cluster(&self) -> ClusterView {
        let links = self.workspace.board_links();
        let target = links.target(&self.entity.id);
        ClusterView {
            id: self.id(),
            title: self.text("title"),
            texts: self.texts("title"),
            colour: self.word("colour"),
            board: self.document.to_string(),
            notes: links.notes_in(self.workspace, &self.entity.id),
            part_of: Some(target).filter(|target| *target != self.entity.id),
            position: self.position(),
            questions: self.questions(),
        }
    }

    pub(super) fn note(&self) -> NoteView {
        let links = self.workspace.board_links();
        let texts = self.texts("text");
        let (state, archived_and_edited) = self.note_state();
        let identity = self.word("identity");
        let anonymous = identity.as_deref() == Some("anonymous");
        let author = self.word("author").filter(|_| !anonymous);
        let made_by = self.word("made_by");
        let changed = self.workspace.last_change(self.document, &self.entity.id).map(|(member, time_ms)| {
            Changed { member: member.filter(|_| !anonymous).map(|member| member.to_string()), time_ms }
        });
        NoteView {
            id: self.id(),
            text: pick(&texts, self.context.language.tag()),
            texts,
            lang: self.word("lang"),
            note_kind: self.word("kind"),
            stage: self.word("stage"),
            cluster: self.word("cluster").map(|cluster| links.target(&cluster)),
            state,
            colour: self.word("colour"),
            position: self.position(),
            size: self.number("size"),
            organisation: author.as_deref().and_then(|author| links.org_of(self.workspace, author)),
            author,
            on_behalf_of: self.word("on_behalf_of").filter(|_| !anonymous),
            identity,
            mine: made_by.is_some() && made_by == self.context.me.map(|me| me.to_string()),
            changed,
            board: self.document.to_string(),
            promoted_to: self.list("promoted_to"),
            archived_and_edited,
            questions: self.questions(),
        }
    }

    /// Where a note is, and whether it is there because one archived it and another edited it.
    fn note_state(&self) -> (String, bool) {
        let mut states = self.workspace.answers_of(&self.entity, &self.thing, "state");
        if states.len() > 1 && states.iter().any(|state| state.value == json!("archived")) {
            return ("parked".to_owned(), true);
        }
        let state = states.pop().and_then(|state| state.value.as_str().map(str::to_owned));
        (state.unwrap_or_else(|| "revealed".to_owned()), false)
    }

    fn note_place(&self) -> NotePlace {
        NotePlace {
            cluster: self.word("cluster"),
            counts: self.note_state().0 != "archived",
            author: self.word("author"),
        }
    }

    pub(super) fn stage(&self) -> StageView {
        StageView {
            id: self.id(),
            prompt: self.text("prompt"),
            texts: self.texts("prompt"),
            board: self.document.to_string(),
            method: self.word("method"),
            minutes: self.count("minutes"),
            visibility: self.word("visibility"),
            identity: self.word("identity"),
        }
    }
}

/// What others' views show of a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotePlace {
    /// The cluster that it names itself.
    pub(crate) cluster: Option<String>,
    /// Whether it counts as one of its notes.
    pub(crate) counts: bool,
    /// Who wrote it.
    pub(crate) author: Option<String>,
}

impl Workspace {
    /// What others' views show of a note.
    pub(crate) fn note_place(&self, note: &str) -> Option<NotePlace> {
        let context = ViewContext::default();
        Some(self.reading(&EntityRef::new(Kind::Note, note), &context)?.note_place())
    }

    /// What others' views show of all notes. Of one that two boards have, the first board's comes last.
    pub(crate) fn note_places(&self) -> Vec<(String, NotePlace)> {
        let context = ViewContext::default();
        let place = |reading: Reading<'_>| (reading.id(), reading.note_place());
        let mut places: Vec<_> = self.readings(Kind::Note, None, &context).map(place).collect();
        places.reverse();
        places
    }

    /// The cluster that a cluster is part of in the end. Circles, which two people can make apart, end at the
    /// smallest id in them.
    pub fn cluster_target(&self, cluster: &str) -> String {
        follow(cluster, |id| {
            let next = self.single_text(&EntityRef::new(Kind::Cluster, id), "redirect_to");
            next.filter(|next| self.has(&EntityRef::new(Kind::Cluster, next)))
        })
    }

    /// The notes of a board, or of all, as somebody sees them who is nobody in particular.
    pub fn notes(&self, board: Option<DocumentId>, language: Language) -> Vec<NoteView> {
        let context = ViewContext { language, ..ViewContext::default() };
        let boards = board.map_or_else(|| self.boards(), |board| vec![board]);
        let on = |board| self.readings(Kind::Note, Some(board), &context).map(|reading| reading.note());
        boards.into_iter().flat_map(on).collect()
    }

    /// A participant's organisation.
    pub fn org_of(&self, participant: &str) -> Option<String> {
        self.single_text(&EntityRef::new(Kind::Participant, participant), "org")
    }
}
