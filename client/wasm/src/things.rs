//! Views that hold a thing with all its fields: what the wall, the lists and the forms show.

use std::collections::BTreeMap;

use samverka_log::DocumentId;
use samverka_plan::{EntityRef, EntityView, Kind, NoteView, ViewContext, Workspace};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;
use crate::open::OpenPlan;

/// A thing with its fields as exports give them.
#[derive(Debug, Serialize)]
pub(crate) struct Thing {
    kind: Kind,
    id: String,
    board: Option<String>,
    fields: BTreeMap<String, Json>,
}

/// A note with its place on the wall.
#[derive(Debug, Serialize)]
pub(crate) struct NoteCard {
    #[serde(flatten)]
    note: NoteView,
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    fields: BTreeMap<String, Json>,
}

/// A cluster with its place on the wall.
#[derive(Debug, Serialize)]
pub(crate) struct ClusterCard {
    id: String,
    board: Option<String>,
    title: String,
    titles: BTreeMap<String, String>,
    target: String,
    x: Option<f64>,
    y: Option<f64>,
    fields: BTreeMap<String, Json>,
}

/// A participant, and who is behind it.
#[derive(Debug, Serialize)]
pub(crate) struct ParticipantView {
    id: String,
    role_title: String,
    organisation: Option<String>,
    organisation_name: String,
    network_role: Option<String>,
    members: Vec<String>,
    called: String,
    me: bool,
}

/// The board that is meant, where one is.
pub(crate) fn board_of(id: Option<&str>) -> Result<Option<DocumentId>, Failure> {
    id.map(str::parse).transpose().map_err(|error| Failure::malformed(&error))
}

impl OpenPlan {
    pub(crate) fn notes(&self, board: Option<&str>) -> Result<Vec<NoteCard>, Failure> {
        let workspace = self.workspace()?;
        let notes = workspace.notes(board_of(board)?, self.language);
        Ok(notes.into_iter().map(|note| note_card(workspace, note)).collect())
    }

    pub(crate) fn note(&self, id: &str) -> Result<Option<NoteCard>, Failure> {
        let workspace = self.workspace()?;
        let context = ViewContext { language: self.language, ..ViewContext::default() };
        match workspace.view_of(&EntityRef::new(Kind::Note, id), &context) {
            Some(EntityView::Note(note)) => Ok(Some(note_card(workspace, note))),
            _ => Ok(None),
        }
    }

    pub(crate) fn clusters(&self, board: Option<&str>) -> Result<Vec<ClusterCard>, Failure> {
        let ids = self.ids(Kind::Cluster, board)?;
        ids.iter().filter_map(|id| self.cluster(id).transpose()).collect()
    }

    pub(crate) fn cluster(&self, id: &str) -> Result<Option<ClusterCard>, Failure> {
        let Some(thing) = self.thing(Kind::Cluster, id)? else { return Ok(None) };
        let workspace = self.workspace()?;
        let entity = EntityRef::new(Kind::Cluster, id);
        Ok(Some(ClusterCard {
            id: thing.id,
            board: thing.board,
            title: workspace.text(&entity, "title", self.language.tag()),
            titles: workspace.texts(&entity, "title"),
            target: workspace.cluster_target(id),
            x: number(&thing.fields, "x"),
            y: number(&thing.fields, "y"),
            fields: thing.fields,
        }))
    }

    pub(crate) fn things(&self, kind: Kind, board: Option<&str>) -> Result<Vec<Thing>, Failure> {
        let ids = self.ids(kind, board)?;
        ids.iter().filter_map(|id| self.thing(kind, id).transpose()).collect()
    }

    pub(crate) fn thing(&self, kind: Kind, id: &str) -> Result<Option<Thing>, Failure> {
        let workspace = self.workspace()?;
        let entity = EntityRef::new(kind, id);
        if !workspace.has(&entity) {
            return Ok(None);
        }
        let board = workspace.document_of(&entity).filter(|_| kind.on_board());
        let fields = workspace.fields(&entity);
        Ok(Some(Thing { kind, id: entity.id, board: board.map(|board| board.to_string()), fields }))
    }

    fn ids(&self, kind: Kind, board: Option<&str>) -> Result<Vec<String>, Failure> {
        let workspace = self.workspace()?;
        Ok(match board_of(board)? {
            Some(board) if kind.on_board() => workspace.ids_on(board, kind),
            _ => workspace.ids(kind),
        })
    }

    pub(crate) fn participants(&self) -> Result<Vec<ParticipantView>, Failure> {
        let ids = self.workspace()?.participant_ids();
        ids.iter().filter_map(|id| self.participant(id).transpose()).collect()
    }

    pub(crate) fn participant(&self, id: &str) -> Result<Option<ParticipantView>, Failure> {
        let workspace = self.workspace()?;
        let entity = EntityRef::new(Kind::Participant, id);
        if !workspace.has(&entity) {
            return Ok(None);
        }
        let tag = self.language.tag();
        let role_title = workspace.text(&entity, "role_title", tag);
        let organisation = workspace.org_of(id);
        let named = |org: &String| workspace.text(&EntityRef::new(Kind::Organisation, org), "name", tag);
        let members = workspace.members_of(id);
        let name = members
            .iter()
            .filter_map(|member| workspace.profile(member))
            .map(|profile| profile.name.clone())
            .find(|name| !name.is_empty());
        Ok(Some(ParticipantView {
            organisation_name: organisation.as_ref().map(named).unwrap_or_default(),
            organisation,
            network_role: workspace.single_text(&entity, "network_role"),
            called: name.unwrap_or_else(|| role_title.clone()),
            role_title,
            me: self.replica.me().is_some_and(|me| members.contains(&me)),
            members: members.iter().map(ToString::to_string).collect(),
            id: entity.id,
        }))
    }

    pub(crate) fn plan(&self) -> Result<Json, Failure> {
        let workspace = self.workspace()?;
        let meta = EntityRef::meta();
        let tag = self.language.tag();
        let counts: Map<String, Json> = Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Meta)
            .map(|kind| (kind.container().to_owned(), json!(workspace.ids(kind).len())))
            .collect();
        Ok(json!({
            "title": workspace.text(&meta, "title", tag),
            "titles": workspace.texts(&meta, "title"),
            "purpose": workspace.text(&meta, "purpose", tag),
            "fields": workspace.fields(&meta),
            "relays": self.replica.relays(),
            "counts": counts,
            "agreements": workspace.agreements(),
        }))
    }
}

fn note_card(workspace: &Workspace, note: NoteView) -> NoteCard {
    let fields = workspace.fields(&EntityRef::new(Kind::Note, note.id.as_str()));
    NoteCard {
        x: number(&fields, "x"),
        y: number(&fields, "y"),
        width: number(&fields, "width"),
        height: number(&fields, "height"),
        note,
        fields,
    }
}

fn number(fields: &BTreeMap<String, Json>, name: &str) -> Option<f64> {
    fields.get(name)?.as_f64()
}
