//! Views of things as the screens take them: what `plan` shows of each, and beside it what screens draw with.

use std::collections::BTreeMap;

use samverka_log::DocumentId;
use samverka_plan::{EntityRef, EntityView, Kind, ViewContext};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::answers::json_of;
use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};

/// The board that is meant, where one is.
pub(crate) fn board_of(id: Option<&str>) -> Result<Option<DocumentId>, Failure> {
    id.map(str::parse).transpose().map_err(|error| Failure::malformed(&error))
}

impl OpenPlan {
    /// Who looks, and when.
    pub(crate) fn context(&self, moment: &Moment) -> ViewContext {
        ViewContext { language: self.language, today: moment.today.clone(), me: self.replica.me() }
    }

    /// All things of a kind, of one board or of all.
    pub(crate) fn all(&self, kind: Kind, board: Option<&str>, moment: &Moment) -> Result<Json, Failure> {
        let workspace = self.workspace()?;
        let ids = match board_of(board)? {
            Some(board) if kind.on_board() => workspace.ids_on(board, kind),
            _ => workspace.ids(kind),
        };
        let context = self.context(moment);
        let mut views = Vec::with_capacity(ids.len());
        for id in ids {
            let view = self.shown(&EntityRef::new(kind, id), &context)?;
            views.extend((!view.is_null()).then_some(view));
        }
        Ok(Json::Array(views))
    }

    /// One thing as screens take it; null where there is none.
    pub(crate) fn one(&self, kind: Kind, id: &str, moment: &Moment) -> Result<Json, Failure> {
        self.shown(&EntityRef::new(kind, id), &self.context(moment))
    }

    /// One thing with its fields, whatever its kind.
    pub(crate) fn thing(&self, kind: Kind, id: &str, moment: &Moment) -> Result<Json, Failure> {
        let entity = EntityRef::new(kind, id);
        let view = self.workspace()?.view_of(&entity, &self.context(moment));
        self.with_fields(&entity, json_of(view)?)
    }

    /// All things of a kind with their fields.
    pub(crate) fn things(&self, kind: Kind, board: Option<&str>, moment: &Moment) -> Result<Json, Failure> {
        let workspace = self.workspace()?;
        let ids = match board_of(board)? {
            Some(board) if kind.on_board() => workspace.ids_on(board, kind),
            _ => workspace.ids(kind),
        };
        ids.iter().map(|id| self.thing(kind, id, moment)).collect()
    }

    fn shown(&self, entity: &EntityRef, context: &ViewContext) -> Result<Json, Failure> {
        let workspace = self.workspace()?;
        let Some(view) = workspace.view_of(entity, context) else { return Ok(Json::Null) };
        let fields = || workspace.fields(entity);
        match view {
            EntityView::Note(view) => with(&view, placed(&fields())),
            EntityView::Cluster(view) => {
                let target = view.part_of.clone().unwrap_or_else(|| view.id.clone());
                let mut more = placed(&fields());
                more.insert("titles".to_owned(), json!(view.texts));
                more.insert("target".to_owned(), json!(target));
                with(&view, more)
            }
            EntityView::Commitment(view) => {
                let titles = view.texts.get("title").cloned().unwrap_or_default();
                with(&view, Map::from_iter([("titles".to_owned(), json!(titles))]))
            }
            EntityView::Participant(view) => {
                let organisation = view.organisation.as_ref().map(|org| {
                    workspace.text(&EntityRef::new(Kind::Organisation, org), "name", context.language.tag())
                });
                let called = view.name.clone().unwrap_or_else(|| view.role_title.clone());
                let members: Vec<&str> =
                    view.speakers.iter().map(|speaker| speaker.member.as_str()).collect();
                let more = [
                    ("organisation_name".to_owned(), json!(organisation.unwrap_or_default())),
                    ("members".to_owned(), json!(members)),
                    ("called".to_owned(), json!(called)),
                ];
                with(&view, Map::from_iter(more))
            }
            EntityView::Meta(view) => {
                let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Meta);
                let counts: BTreeMap<&str, usize> =
                    kinds.map(|kind| (kind.container(), workspace.ids_that_go_on(kind).len())).collect();
                let titles = view.texts.get("title").cloned().unwrap_or_default();
                let more = [
                    ("titles".to_owned(), json!(titles)),
                    ("fields".to_owned(), json!(fields())),
                    ("counts".to_owned(), json!(counts)),
                ];
                with(&view, Map::from_iter(more))
            }
            other => self.with_fields(entity, json_of(other)?),
        }
    }

    /// `{kind, id, board, fields, view}`; null where there is no view.
    fn with_fields(&self, entity: &EntityRef, view: Json) -> Result<Json, Failure> {
        if view.is_null() {
            return Ok(view);
        }
        let workspace = self.workspace()?;
        let board = workspace.document_of(entity).filter(|_| entity.kind.on_board());
        Ok(json!({
            "kind": entity.kind,
            "id": entity.id,
            "board": board.map(|board| board.to_string()),
            "fields": workspace.fields(entity),
            "view": view,
        }))
    }
}

/// A view with more beside its fields.
fn with(view: &impl Serialize, more: Map<String, Json>) -> Result<Json, Failure> {
    let mut view = json_of(view)?;
    if let Json::Object(fields) = &mut view {
        fields.extend(more);
    }
    Ok(view)
}

/// Where something lies on the wall, and all its fields.
fn placed(fields: &BTreeMap<String, Json>) -> Map<String, Json> {
    let number = |name: &str| json!(fields.get(name).and_then(Json::as_f64));
    let mut more: Map<String, Json> =
        ["x", "y", "width", "height"].into_iter().map(|name| (name.to_owned(), number(name))).collect();
    more.insert("fields".to_owned(), json!(fields));
    more
}
